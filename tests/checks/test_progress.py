"""What was done is kept, where something can be kept."""

import os
import shlex
import subprocess
import sys

import pytest

import helpers.quiet_tensorflow  # noqa: F401
from helpers import check, hint, progress, quiz, reveal
from helpers.checks.runner import LESSONS, lesson_exercises
from helpers.storage import update
from tests.support.exercise_2_5 import kept, right, wrong
from tests.support.paths import ROOT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"exercises": []}',
        '{"exercises": {"2.5": 7}}',
        '{"exercises": {"2.5": {"attempts": "many", "hints": -3}}}',
    ],
)
def test_a_corrupt_progress_file_is_set_aside(text, home, capsys):
    (home / "progress.json").write_text(text, encoding="utf-8")
    check("2.5", wrong)
    hint("2.5")
    progress()
    assert "2.5" in capsys.readouterr().out
    entry = kept(home)["exercises"]["2.5"]
    assert (entry["attempts"], entry["hints"]) == (1, 1)
    if text in ("", "{", "[]"):
        assert (home / "progress.damaged").read_text("utf-8") == text


def test_progress_lists_every_exercise(capsys):
    progress()
    said = capsys.readouterr().out
    for lesson in LESSONS:
        for number, exercise in lesson_exercises(lesson).items():
            assert f"{number} {exercise.title}" in said


# Where nothing can be kept.
def below_a_file(folder):
    (folder / "file").write_text("")
    return folder / "file" / "home"


def a_file(folder):
    (folder / "file").write_text("")
    return folder / "file"


def no_name_for_a_file(folder):
    return folder / ("x" * 300)


def progress_is_a_folder(folder):
    """One that cannot be set aside either."""
    (folder / "progress.json" / "a").mkdir(parents=True)
    (folder / "progress.damaged").write_text("")
    return folder


def a_link_to_nowhere(folder):
    (folder / "link").symlink_to(folder / "loop")
    (folder / "loop").symlink_to(folder / "link")
    return folder / "link"


BROKEN_HOMES = [
    below_a_file,
    a_file,
    no_name_for_a_file,
    progress_is_a_folder,
    pytest.param(
        a_link_to_nowhere,
        marks=pytest.mark.skipif(os.name == "nt", reason="links need a right there"),
    ),
]


@pytest.fixture(params=BROKEN_HOMES)
def broken_home(request, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_HOME", str(request.param(tmp_path)))
    yield
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "repaired"))
    update("anything.json", [], lambda value: value)


def test_each_command_answers_where_nothing_can_be_kept(broken_home, capsys):
    def said(command, *arguments):
        returned = command(*arguments)
        lines = capsys.readouterr().out.splitlines()
        assert sum("What you do here is not kept" in line for line in lines) == 1
        assert "COURSE_HOME=" in lines[-1]
        return "\n".join(lines[:-1]), returned

    assert "✗ 2.5 Not yet." in said(check, "2.5", wrong)[0]
    assert "✓ 2.5 Correct." in said(check, "2.5", right)[0]
    assert "Hint 1 of 3" in said(hint, "2.5")[0]
    assert "Hint 2 of 3" in said(hint, "2.5")[0]
    assert said(reveal, "2.5")[1](3, 4, 2) == 14
    assert "Right." in said(quiz, "2.a", "c")[0]
    shown = said(progress)[0]
    assert "Lesson 02: 1 of" in shown
    assert "attempts: 2, hints: 2" in shown


def test_progress_says_so_in_a_new_session_too(broken_home, capsys):
    progress()
    assert capsys.readouterr().out.count("is not kept") == 1


@pytest.mark.skipif(os.name == "nt", reason="there is no sh")
def test_what_is_proposed_keeps_the_progress(tmp_path):
    """In a Python and in a notebook, the command that stands in the line works."""
    (tmp_path / "file").write_text("")
    environment = os.environ | {
        "COURSE_HOME": str(tmp_path / "file" / "home"),
        "PYTHONPATH": str(ROOT),
    }
    code = "from helpers import quiz; quiz('2.a', 'c')"
    python = f"{sys.executable} -c {shlex.quote(code)}"

    def run(command):
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        assert "Right." in done.stdout
        return done.stdout

    export = run(python).strip().splitlines()[-1].rpartition(": ")[2]
    assert "not kept" not in run(f"{export}\n{python}")
    assert (tmp_path / "recsys-course" / "progress.json").exists()

    magic = run(python.replace(" -c ", " -m IPython -c ")).strip()
    magic = magic.splitlines()[-1].rpartition(": ")[2]
    assert magic.startswith("%env COURSE_HOME=")
    twice = f"{code}\n{magic}\n{code}"
    said = run(f"{sys.executable} -m IPython -c {shlex.quote(twice)}")
    assert said.count("not kept") == 1


def test_what_was_done_before_is_written_later(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_HOME", str(below_a_file(tmp_path)))
    check("2.5", wrong)
    quiz("2.a", "b")
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "repaired"))
    capsys.readouterr()
    check("2.5", right)
    assert "not kept" not in capsys.readouterr().out
    entry = kept(tmp_path / "repaired")["exercises"]["2.5"]
    assert (entry["attempts"], entry["done"]) == (2, True)
    assert kept(tmp_path / "repaired")["quizzes"]["2.a"]["right"] is False
