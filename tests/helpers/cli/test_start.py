"""`python -m helpers start`: what it brings, and above all what it leaves alone."""

import errno
import json
import os
import shlex
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest

from helpers.cli import start
from helpers.cli.start import StartError, copy_lessons
from tests.support.paths import ROOT

LESSONS = ["01_data.ipynb", "02_dot_model.ipynb", "03_bias.ipynb"]

not_windows = pytest.mark.skipif(os.name == "nt", reason="Windows has none of this")


def write_lesson(path, text):
    cells = [nbformat.v4.new_code_cell(text, id="cell-1")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)


@pytest.fixture
def lessons(tmp_path):
    """The notebooks/ of a course of three lessons, with what else is in there."""
    folder = tmp_path / "course" / "notebooks"
    folder.mkdir(parents=True)
    (tmp_path / "course" / "solutions").mkdir()
    for name in LESSONS:
        write_lesson(folder / name, f"{name}, version 1")
    for other in ("01_data.py", "jupytext.toml"):
        (folder / other).write_text("not a notebook")
    for other in ("01_data-Copy1.ipynb", "Untitled.ipynb"):
        write_lesson(folder / other, "somebody's")
    return folder


@pytest.fixture
def work(tmp_path):
    return tmp_path / "my_work"


def files(folder):
    return sorted(path.name for path in folder.iterdir() if path.name != start.MANIFEST)


def change(path, text):
    """Let the student write into a notebook; return its bytes."""
    write_lesson(path, text)
    return path.read_bytes()


# Which lesson comes, and which stays.


def test_only_the_lessons_are_copied(lessons, work):
    assert copy_lessons(work, source=lessons) == dict.fromkeys(LESSONS, start.NEW)
    assert files(work) == LESSONS
    for name in LESSONS:
        assert (work / name).read_bytes() == (lessons / name).read_bytes()


def test_a_second_run_writes_nothing(lessons, work):
    copy_lessons(work, source=lessons)
    before = {path: path.stat().st_mtime_ns for path in work.iterdir()}
    assert copy_lessons(work, source=lessons) == dict.fromkeys(LESSONS, start.SAME)
    assert {path: path.stat().st_mtime_ns for path in work.iterdir()} == before


def test_an_update_replaces_what_was_not_changed_and_brings_new_lessons(lessons, work):
    copy_lessons(work, source=lessons)
    write_lesson(lessons / "02_dot_model.ipynb", "version 2")
    write_lesson(lessons / "04_dl_model.ipynb", "version 1")
    outcomes = copy_lessons(work, source=lessons)
    assert outcomes["01_data.ipynb"] == start.SAME
    assert outcomes["02_dot_model.ipynb"] == start.UPDATED
    assert outcomes["04_dl_model.ipynb"] == start.NEW
    assert "version 2" in (work / "02_dot_model.ipynb").read_text()
    assert files(work) == [*LESSONS, "04_dl_model.ipynb"]


def test_a_notebook_that_was_only_opened_and_saved_is_not_changed(lessons, work):
    copy_lessons(work, source=lessons)
    path = work / "02_dot_model.ipynb"
    saved = json.loads(path.read_text())
    saved["metadata"]["language_info"] = {"name": "python", "version": "3.12.1"}
    saved["cells"][0]["metadata"] = {"editable": True, "slideshow": {"slide_type": ""}}
    saved["cells"][0]["source"] = ["".join(saved["cells"][0]["source"])]
    path.write_text(json.dumps(saved))
    write_lesson(lessons / path.name, "version 2")
    assert copy_lessons(work, source=lessons)[path.name] == start.UPDATED


@pytest.mark.parametrize("what", ["source", "output"])
def test_a_changed_notebook_is_never_touched(lessons, work, what):
    copy_lessons(work, source=lessons)
    path, new = work / "02_dot_model.ipynb", work / "02_dot_model.new.ipynb"
    notebook = nbformat.read(path, as_version=4)
    if what == "source":
        notebook.cells[0].source += "\nmine"
    else:
        stream = nbformat.v4.new_output("stream", text="my figures")
        notebook.cells[0].outputs = [stream]
    nbformat.write(notebook, path)
    mine = path.read_bytes()
    assert copy_lessons(work, source=lessons)[path.name] == start.YOURS
    assert not new.exists()

    write_lesson(lessons / path.name, "version 2")
    assert copy_lessons(work, source=lessons)[path.name] == start.BESIDE
    assert path.read_bytes() == mine
    assert new.read_bytes() == (lessons / path.name).read_bytes()

    # The same version again: nothing is written twice, nothing piles up.
    written = new.stat().st_mtime_ns
    assert copy_lessons(work, source=lessons)[path.name] == start.WAITING
    assert new.stat().st_mtime_ns == written
    assert files(work) == sorted([*LESSONS, new.name])
    new.unlink()
    assert copy_lessons(work, source=lessons)[path.name] == start.YOURS
    assert not new.exists()
    assert copy_lessons(work, again=True, source=lessons)[path.name] == start.BESIDE
    assert new.exists()

    # The next version takes the place of the one that nobody changed.
    write_lesson(lessons / path.name, "version 3")
    assert copy_lessons(work, source=lessons)[path.name] == start.BESIDE
    assert "version 3" in new.read_text()
    assert path.read_bytes() == mine


def test_a_new_version_that_was_changed_is_not_overwritten_either(lessons, work):
    copy_lessons(work, source=lessons)
    path, new = work / "02_dot_model.ipynb", work / "02_dot_model.new.ipynb"
    mine = change(path, "mine")
    write_lesson(lessons / path.name, "version 2")
    copy_lessons(work, source=lessons)
    also_mine = change(new, "mine in the new one")
    assert copy_lessons(work, source=lessons)[path.name] == start.WAITING
    write_lesson(lessons / path.name, "version 3")
    for _ in range(2):
        assert copy_lessons(work, source=lessons)[path.name] == start.BLOCKED
    assert (path.read_bytes(), new.read_bytes()) == (mine, also_mine)

    new.rename(work / "mine.ipynb")
    assert copy_lessons(work, source=lessons)[path.name] == start.BESIDE
    assert "version 3" in new.read_text()


def test_a_lesson_replaced_by_its_new_version_is_updated_again(lessons, work):
    copy_lessons(work, source=lessons)
    path, new = work / "02_dot_model.ipynb", work / "02_dot_model.new.ipynb"
    change(path, "mine")
    write_lesson(lessons / path.name, "version 2")
    copy_lessons(work, source=lessons)
    new.replace(path)
    assert copy_lessons(work, source=lessons)[path.name] == start.SAME
    write_lesson(lessons / path.name, "version 3")
    assert copy_lessons(work, source=lessons)[path.name] == start.UPDATED
    assert not new.exists()


def test_a_deleted_lesson_stays_deleted_until_again(lessons, work):
    copy_lessons(work, source=lessons)
    path = work / "01_data.ipynb"
    path.unlink()
    write_lesson(lessons / path.name, "version 2")
    for _ in range(2):
        assert copy_lessons(work, source=lessons)[path.name] == start.DELETED
        assert not path.exists()
    assert copy_lessons(work, again=True, source=lessons)[path.name] == start.BACK
    assert path.read_bytes() == (lessons / path.name).read_bytes()


@pytest.mark.parametrize(
    ("content", "set_aside"),
    [
        (None, False),
        ("", True),
        ('{"01_data.ipynb": {"copi', True),
        ("[]", True),
        ("\udcff", True),
        ('{"01_data.ipynb": 3, "02_dot_model.ipynb": {"copied": []}}', False),
    ],
)
def test_without_a_manifest_every_difference_is_the_students(
    lessons, work, content, set_aside
):
    copy_lessons(work, source=lessons)
    manifest = work / start.MANIFEST
    if content is None:
        manifest.unlink()
    else:
        manifest.write_bytes(content.encode("utf-8", "surrogateescape"))
    path = work / "02_dot_model.ipynb"
    mine = path.read_bytes()
    write_lesson(lessons / path.name, "version 2")
    outcomes = copy_lessons(work, source=lessons)
    assert outcomes[path.name] == start.BESIDE
    assert outcomes["01_data.ipynb"] == start.SAME
    assert path.read_bytes() == mine
    assert manifest.with_suffix(".damaged").exists() == set_aside
    # It is a good one again.
    assert set(json.loads(manifest.read_text())) == set(LESSONS)
    assert copy_lessons(work, source=lessons)[path.name] == start.WAITING


@pytest.mark.parametrize("content", [b"", b"\xff\x00", b"[]", b'{"cells": [3]}', None])
def test_what_is_no_notebook_is_the_students_too(lessons, work, content):
    copy_lessons(work, source=lessons)
    path = work / "02_dot_model.ipynb"
    path.unlink()
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    write_lesson(lessons / path.name, "version 2")
    assert copy_lessons(work, source=lessons)[path.name] == start.BESIDE
    assert path.is_dir() if content is None else path.read_bytes() == content


# What it refuses.


@pytest.mark.parametrize(
    ("folder", "says"),
    [
        ("course/notebooks", "the course's own folder"),
        ("course/notebooks/deeper/still", "the course's own folder"),
        ("link", "the course's own folder"),
        ("course/solutions", "the solutions"),
        ("course/solutions/mine", "the solutions"),
        ("course", "belongs to the course itself"),
        ("essay.txt", "is a file"),
        ("essay.txt/deeper", "is a file"),
    ],
)
def test_folders_that_are_not_the_students_are_refused(lessons, tmp_path, folder, says):
    (tmp_path / "essay.txt").write_text("my essay")
    if folder == "link":
        (tmp_path / "link").symlink_to(lessons)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(StartError, match=says) as refusal:
        copy_lessons(tmp_path / folder, source=lessons)
    assert "start my_work" in str(refusal.value)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_folder_without_a_name_is_refused(lessons):
    with pytest.raises(StartError, match="Name a folder"):
        copy_lessons(" ", source=lessons)


@not_windows
def test_a_folder_that_is_not_writable_is_refused(lessons, work):
    work.mkdir()
    work.chmod(0o555)
    if os.access(work, os.W_OK):
        pytest.skip("root may write everywhere")
    with pytest.raises(StartError, match="not writable for you"):
        copy_lessons(work, source=lessons)
    with pytest.raises(StartError, match="not writable for you"):
        copy_lessons(work / "deeper", source=lessons)
    assert list(work.iterdir()) == []


def test_a_full_disk_leaves_nothing_half_written(lessons, work, monkeypatch):
    copy_lessons(work, source=lessons)
    (work / start.MANIFEST).write_text("{}")
    for name in LESSONS:
        (work / name).unlink()
    whole = Path.write_bytes

    def full(path, content):
        if b"03_bias" not in content:
            return whole(path, content)
        whole(path, content[:100])
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        with pytest.raises(StartError, match="The disk is full"):
            copy_lessons(work, source=lessons)
    assert files(work) == LESSONS[:2]
    outcomes = copy_lessons(work, source=lessons)
    assert list(outcomes.values()) == [start.SAME, start.SAME, start.NEW]


def test_a_damaged_lesson_of_the_course_is_not_handed_on(lessons, work):
    (lessons / "02_dot_model.ipynb").write_text("<<<<<<< HEAD")
    with pytest.raises(StartError, match="git checkout -- notebooks/02_dot_model"):
        copy_lessons(work, source=lessons)
    assert not (work / "02_dot_model.ipynb").exists()


# As a student calls it.


def command(*arguments, cwd, **options):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("COURSE_")}
    environment |= {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    return subprocess.run(
        [sys.executable, "-m", "helpers", "start", *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        **options,
    )


@pytest.mark.parametrize("name", ["my_work", "my work", "études 🎬", "it's [bold]:x:"])
def test_the_command_copies_updates_and_says_what_to_do_next(tmp_path, name):
    course = [path.name for path in start.lessons_in(ROOT / "notebooks")]
    done = command(name, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    work = tmp_path / name
    assert files(work) == course
    lines = done.stdout.splitlines()
    assert [line.split() for line in lines[:-1]] == [[n, "new"] for n in course]
    assert lines[-1].startswith("Open your exercises with: ")
    assert lines[-1].endswith(start.shell_quote(name))

    # As after an update: the folder remembers an older version of lesson 01.
    path = work / course[0]
    change(path, "an older version, and then mine")
    (work / course[1]).unlink()
    manifest = json.loads((work / start.MANIFEST).read_text())
    manifest[course[0]]["copied"] = "the older version's"
    (work / start.MANIFEST).write_text(json.dumps(manifest))
    done = command(name, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "beside it: 01_data.new.ipynb" in done.stdout
    assert "nothing was overwritten" in done.stdout
    assert f"start {start.shell_quote(name)} --again" in done.stdout
    assert files(work) == sorted({*course, "01_data.new.ipynb"} - {course[1]})


def test_the_command_explains_a_refusal_without_a_traceback(tmp_path):
    (tmp_path / "essay.txt").write_text("my essay")
    for folder in ("essay.txt", str(ROOT / "notebooks"), str(ROOT / "solutions")):
        done = command(folder, cwd=tmp_path)
        assert done.returncode == 2
        assert "Name a folder of your own" in done.stderr
        assert "Traceback" not in done.stderr
    assert (tmp_path / "essay.txt").read_text() == "my essay"


@not_windows
def test_a_write_that_fails_half_way_leaves_nothing_behind(tmp_path):
    import resource

    def no_long_files():
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    done = command("my_work", cwd=tmp_path, preexec_fn=no_long_files)
    assert done.returncode == 2
    assert "could not be copied" in done.stderr
    assert list((tmp_path / "my_work").iterdir()) == []


@not_windows
@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_lab_opens_the_students_folder(tmp_path):
    shutil.copy(ROOT / "Makefile", tmp_path)
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\nprintf "<%s>" "$@"\n')
    python.chmod(0o755)
    (tmp_path / ".venv" / ".complete").touch()

    def make(*arguments):
        ready = ["make", "--silent", "--old-file=.venv/.complete", "lab", *arguments]
        done = subprocess.run(
            ready, cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert make() == "<-m><jupyterlab><--notebook-dir=notebooks>"
    for name in ("my_work", "my work", "it's 🎬"):
        assert make(f"WORK={name}") == f"<-m><helpers><start><--lab><{name}>"


def test_lab_is_opened_on_the_folder(lessons, work, monkeypatch, capsys):
    monkeypatch.setattr(start, "find_lessons", lambda *_: lessons)
    called = []
    opener = "call" if os.name == "nt" else "execv"
    module = start.subprocess if os.name == "nt" else start.os
    monkeypatch.setattr(module, opener, lambda *arguments: called.append(arguments[-1]))
    start.run(str(work), lab=True)
    assert called == [[sys.executable, "-m", "jupyterlab", f"--notebook-dir={work}"]]
    assert "Open your exercises" in capsys.readouterr().out


def test_the_exercises_in_spanish(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("COURSE_LANG", raising=False)
    assert start.run(str(tmp_path / "work"), lang="es") == 0
    spanish = start.lessons_in(ROOT / "notebooks" / "es")
    assert len(spanish) >= 6
    for lesson in spanish:
        copied = tmp_path / "work" / lesson.name
        assert copied.read_bytes() == lesson.read_bytes()
    monkeypatch.setenv("COURSE_LANG", "es")
    assert start.run(str(tmp_path / "other")) == 0
    assert len(start.lessons_in(tmp_path / "other")) == len(spanish)
    assert start.run(str(tmp_path / "third"), lang="tlh") == 2
    assert "tlh" in capsys.readouterr().err
    for own in ("notebooks", "notebooks/es", "notebooks/es/mine"):
        with pytest.raises(start.StartError):
            start.copy_lessons(ROOT / own, source=start.find_lessons("es"))
        assert not (ROOT / "notebooks" / "es" / "mine").exists()


def test_the_language_is_remembered(tmp_path):
    done = command("es", "--lang", "es", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    spanish = start.lessons_in(ROOT / "notebooks" / "es")
    deleted = tmp_path / "es" / spanish[1].name
    deleted.unlink()
    done = command("es", cwd=tmp_path)
    assert "start es --lang es --again" in done.stdout

    # The command that it prints does what it says.
    lines = done.stdout.splitlines()
    again = next(line for line in lines if "--again" in line).partition(" start ")[2]
    assert command(*shlex.split(again), cwd=tmp_path).returncode == 0
    for lesson in spanish:
        copied = tmp_path / "es" / lesson.name
        assert copied.read_bytes() == lesson.read_bytes()


@pytest.mark.parametrize("manifest", ["kept", "of an older course", "lost", "damaged"])
def test_a_folder_keeps_its_language_in_any_environment(
    tmp_path, monkeypatch, capsys, manifest
):
    """An update of the course comes in that language, too."""
    work = tmp_path / "work"
    assert start.run(str(work), lang="es") == 0
    path = work / start.MANIFEST
    if manifest == "of an older course":
        known = json.loads(path.read_text())
        del known["language"]
        path.write_text(json.dumps(known))
    elif manifest == "lost":
        path.unlink()
    elif manifest == "damaged":
        path.write_text("{")
    before = {one.name: one.read_bytes() for one in start.lessons_in(work)}
    monkeypatch.setenv("COURSE_LANG", "en")
    assert start.run(str(work)) == 0
    assert {one.name: one.read_bytes() for one in start.lessons_in(work)} == before
    assert not list(work.glob("*.new.ipynb"))
    assert json.loads(path.read_text())["language"] == "es"


def test_a_second_language_is_refused_in_the_same_folder(tmp_path, capsys):
    for there, other in (("es", "en"), ("en", "es")):
        work = tmp_path / there
        assert start.run(str(work), lang=there) == 0
        before = {path: path.read_bytes() for path in work.iterdir()}
        capsys.readouterr()
        assert start.run(str(work), lang=other) == 2
        said = capsys.readouterr().err
        assert f"in the language {there}" in said
        assert f"start {start.shell_quote(work)}" in said
        assert f"{start.shell_quote(work)}_{other}" in said
        assert {path: path.read_bytes() for path in work.iterdir()} == before
        assert start.run(str(work), lang=there) == 0


def test_a_refusal_names_the_language_too(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert start.run(str(tmp_path / "file"), lang="es") == 2
    assert "start my_work --lang es" in capsys.readouterr().err


@pytest.mark.parametrize("method", ["read_text", "is_file", "is_dir", "exists"])
def test_a_folder_that_may_not_be_looked_into_is_explained(
    work, monkeypatch, capsys, method
):
    assert start.run(str(work), lang="es") == 0
    original = getattr(Path, method)

    def refuse(path, *arguments, **options):
        if work in (path, *path.parents) and path.name != start.MANIFEST:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return original(path, *arguments, **options)

    (work / start.MANIFEST).unlink()
    monkeypatch.setattr(Path, method, refuse)
    assert start.run(str(work), lang="es") == 2
    said = capsys.readouterr().err
    assert "Permission denied" in said and "--lang es" in said


@pytest.mark.parametrize("written", ["~/my work", "$HOME/my work", "'~/my work'"])
def test_the_folder_is_read_as_a_shell_reads_it(tmp_path, monkeypatch, written):
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert start.run(written) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["my work"]


# In the package.


def test_the_wheel_has_the_exercises_and_no_solution(tmp_path):
    copy = tmp_path / "course"
    copy.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore"):
        shutil.copy(ROOT / name, copy)
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("helpers", "notebooks", "solutions", "authoring"):
        shutil.copytree(ROOT / name, copy / name, ignore=ignored)
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path]
    subprocess.run(build, cwd=copy, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    lessons = start.lessons_in(ROOT / "notebooks")
    assert len(lessons) >= 6
    carried = [name for name in names if "notebooks/" in name]
    names_of = [path.name for path in lessons]
    spanish = [f"helpers/notebooks/es/{name}" for name in names_of]
    assert sorted(carried) == sorted(
        [*spanish, *(f"helpers/notebooks/{name}" for name in names_of)]
    )
    assert "helpers/locale/es/LC_MESSAGES/course.mo" in names
    assert not [name for name in names if "solutions" in name or "authoring" in name]
    tops = {name.split("/")[0] for name in names}
    assert len(tops) == 2
    assert "helpers" in tops
    assert "helpers/checks/solved/02.json" in names
    assert "helpers/checks/lessons/lesson02.json" in names
