"""What a student meets: `check`, `hint`, `reveal`, `quiz` and `progress`."""

import json
import os
import shlex
import subprocess
import sys

import keras
import pytest

import helpers.quiet_tensorflow  # noqa: F401
from helpers import check, display, hint, progress, quiz, reveal
from helpers.checks import api, quizzes, solutions
from helpers.checks.exercise import Lesson
from helpers.checks.runner import LESSONS, lesson_exercises
from helpers.storage import keep
from tests.support.paths import ROOT


def right(n_users, n_movies, n_factors):
    return (n_users + n_movies) * n_factors


def wrong(n_users, n_movies, n_factors):
    return n_users * n_movies * n_factors


def stub(n_users, n_movies, n_factors):
    raise NotImplementedError("Exercise 2.5: predict the size")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_HOME", str(tmp_path))
    monkeypatch.delenv("COURSE_REVEAL_FROM", raising=False)
    return tmp_path


def kept(home):
    return json.loads((home / "progress.json").read_text(encoding="utf-8"))


def test_check_tells_its_three_states_and_counts_attempts(home, capsys):
    check("2.5", stub)
    assert "○ 2.5 Not attempted." in capsys.readouterr().out
    assert not (home / "progress.json").exists()
    check("2.5", wrong)
    said = capsys.readouterr().out
    assert "✗ 2.5 Not yet." in said
    assert "Found: " in said and "Expected: " in said
    assert 'hint("2.5")' in said
    check("2.5", right)
    assert "✓ 2.5 Correct." in capsys.readouterr().out
    entry = kept(home)["exercises"]["2.5"]
    assert entry["attempts"] == 2
    assert entry["done"] is True


def test_what_was_once_right_stays_done(home):
    check("2.5", right)
    check("2.5", wrong)
    assert kept(home)["exercises"]["2.5"]["done"] is True


def test_hints_step_up_and_stay_at_the_last(home, capsys):
    said = []
    for _ in range(4):
        hint("2.5")
        said.append(capsys.readouterr().out)
    assert ["Hint 1 of 3" in said[0], "Hint 2 of 3" in said[1]] == [True, True]
    assert said[2] == said[3]
    assert len(set(said)) == 3
    assert kept(home)["exercises"]["2.5"]["hints"] == 3


def test_after_the_last_hint_check_names_reveal(capsys):
    for _ in range(3):
        hint("2.5")
    check("2.5", wrong)
    assert 'count_weights = reveal("2.5")' in capsys.readouterr().out
    for _ in range(3):
        hint("2.1")
    check("2.1", right, right)
    assert 'look_up, multiply_one_hot = reveal("2.1")' in capsys.readouterr().out


def test_reveal_wants_an_attempt_first(capsys):
    assert reveal("2.5") is None
    assert "Try it first" in capsys.readouterr().out
    check("2.5", stub)
    assert reveal("2.5") is None
    assert reveal("2.1") == (None, None)
    check("2.5", wrong)
    assert reveal("2.5")(3, 4, 2) == 14


def test_reveal_by_force_shows_the_answer_and_marks_it(home, capsys):
    function = reveal("2.5", force=True)
    assert "(n_users + n_movies) * n_factors" in capsys.readouterr().out
    check("2.5", function)
    progress()
    assert "correct, after reveal" in capsys.readouterr().out


def test_who_solved_it_alone_may_compare(home, capsys):
    check("2.5", right)
    reveal("2.5")
    assert "revealed" not in kept(home)["exercises"]["2.5"]
    progress()
    assert "after reveal" not in capsys.readouterr().out


def test_a_closed_answer_leaves_the_students_own_in_place(monkeypatch):
    class Shell:
        user_ns = {"count_weights": wrong, "look_up": right}

    monkeypatch.setattr("helpers.checks.api.get_ipython", Shell)
    assert reveal("2.5") is wrong
    assert reveal("2.1") == (right, None)


def test_a_revealed_function_sees_the_notebook_and_leaves_it_alone():
    notebook = {"number_of_cats": 3}
    (function,) = solutions.build("2.5", notebook)
    assert function.__globals__["number_of_cats"] == 3
    assert set(notebook) == {"number_of_cats"}


@pytest.mark.parametrize(
    ("date", "is_open"), [("2020-01-01", True), ("2999-12-31", False), ("soon", False)]
)
def test_an_instructor_closes_reveal_until_a_date(date, is_open, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_REVEAL_FROM", date)
    assert (reveal("2.5", force=True) is not None) == is_open
    said = capsys.readouterr().out
    if not is_open:
        assert date in said
        assert "n_factors" not in said


def test_a_course_without_answers_says_so(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(solutions, "FOLDER", tmp_path / "none")
    assert reveal("2.5", force=True) is None
    assert "your instructor keeps them" in capsys.readouterr().out


def test_a_course_setting_closes_it_too(monkeypatch, tmp_path, capsys):
    (tmp_path / "02.json").write_text((solutions.FOLDER / "02.json").read_text("utf-8"))
    (tmp_path / "reveal_from.txt").write_text("2999-01-01\n")
    monkeypatch.setattr(solutions, "FOLDER", tmp_path)
    assert reveal("2.5", force=True) is None
    assert "2999-01-01" in capsys.readouterr().out
    monkeypatch.setenv("COURSE_REVEAL_FROM", "2020-01-01")
    assert reveal("2.5", force=True) is None  # the later date counts


@pytest.mark.parametrize("command", [check, hint, reveal, quiz])
@pytest.mark.parametrize("number", ["9.1", "2.99", "", "two", "2", 9.5, None])
def test_an_unknown_number_lists_the_known_ones(command, number, capsys):
    command(number)
    said = capsys.readouterr().out
    assert "There is no" in said
    assert "Traceback" not in said


def test_a_number_without_quotes_is_understood(home, capsys):
    check(2.5, right)
    assert "2.5 Correct" in capsys.readouterr().out
    assert list(kept(home)["exercises"]) == ["2.5"]


def test_a_missing_object_is_asked_for(capsys):
    check("2.5")
    assert 'check("2.5", count_weights)' in capsys.readouterr().out
    check("2.5", right, right)
    assert "takes 1, and got 2" in capsys.readouterr().out


def test_a_question_is_answered_by_letter_and_the_first_answer_counts(home, capsys):
    quiz("2.a")
    said = capsys.readouterr().out
    assert "(d) 512 × 512" in said
    assert 'quiz("2.a", "a")' in said
    quiz("2.a", "B")
    assert "Not quite" in capsys.readouterr().out
    quiz("2.a", " c ")
    assert "Right." in capsys.readouterr().out
    assert kept(home)["quizzes"]["2.a"]["right"] is False
    quiz("2.a", "512")
    assert "a, b, c, d" in capsys.readouterr().out


def test_the_buttons_of_a_question_answer_too(home, capsys):
    form = quizzes._form(lesson_exercises("02").questions["2.a"])
    _title, choice, button, _below = form.children
    button.click()
    assert "Choose one" in capsys.readouterr().out
    choice.value = "c"
    button.click()
    assert "Right." in capsys.readouterr().out
    assert kept(home)["quizzes"]["2.a"]["right"] is True


@pytest.mark.parametrize("lesson", LESSONS)
def test_each_choice_of_each_question_is_explained(lesson, capsys):
    for number, question in lesson_exercises(lesson).questions.items():
        right_ones = 0
        for letter, (_, explanation) in zip("abcdefgh", question.choices, strict=False):
            quiz(number, letter)
            said = capsys.readouterr().out
            assert explanation in said
            right_ones += "Right." in said
        assert right_ones == 1


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


def test_commands_do_not_wait_for_tensorflow():
    code = "import sys, helpers; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_half_done_exercise_is_not_yet(capsys):
    def look_up(table, rows):
        return table[rows]

    check("2.1", look_up, ...)
    assert "Half done" in capsys.readouterr().out


def test_parts_get_only_what_they_ask_for():
    lesson = Lesson()
    exercise = lesson.exercise("1.1", "x", takes=("f", "g"), notice="", hints=())

    @exercise.part(points=3)
    def asks_for_one(g):
        assert g == 2

    exercise.parts[0].run({"f": 1, "g": 2}, rng=None)
    assert exercise.points == 3


def test_cards_are_readable_on_white_and_on_black():
    def luminance(color):
        channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [
            c / 12.92 if c <= 0.04 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for sign, color in display.SIGNS.values():
        assert sign
        # WCAG asks 3:1 of what is no text: the stripe at the left.
        assert 1.05 / (luminance(color) + 0.05) >= 3, color
        assert (luminance(color) + 0.05) / 0.05 >= 3, color


def test_an_endless_loop_gets_a_card_and_counts(home, capsys, monkeypatch):
    monkeypatch.setattr(api, "SECONDS_PER_CALL", 0.2)

    def never_ends(n_users, n_movies, n_factors):
        while True:
            pass

    check("2.5", never_ends)
    said = capsys.readouterr().out
    assert "✗ 2.5 Not yet." in said and "more than 0.2 seconds" in said
    assert kept(home)["exercises"]["2.5"]["attempts"] == 1


def test_a_check_that_is_stopped_gets_a_card_and_counts(home, capsys):
    def interrupted(n_users, n_movies, n_factors):
        raise KeyboardInterrupt

    check("2.5", interrupted)
    assert "You stopped the check" in capsys.readouterr().out
    assert kept(home)["exercises"]["2.5"]["attempts"] == 1


def test_what_an_answer_prints_is_in_the_card(capsys):
    def chatty(n_users, n_movies, n_factors):
        print("1/1 ━━━━━━ 0s", "\n\n n_users is", n_users)
        for number in range(100):
            print("line", number)
        return right(n_users, n_movies, n_factors)

    check("2.5", chatty)
    said = capsys.readouterr().out
    assert "✓ 2.5 Correct." in said
    assert "n_users is" in said and "line 0\nline 1\n" in said
    assert "line 2" not in said and "━" not in said


@pytest.mark.parametrize("given", ["text", 12, keras.Sequential([])])
def test_what_is_no_function_is_no_attempt(home, capsys, given):
    check("2.5", given)
    said = capsys.readouterr().out
    assert "Give the check the function itself" in said
    assert not (home / "progress.json").exists()
    assert reveal("2.5") is None
    assert "Try it first" in capsys.readouterr().out


def test_the_last_hint_promises_what_reveal_keeps(capsys):
    for _ in range(3):
        hint("2.5")
    assert "When you have filled it in and checked it" in capsys.readouterr().out
    check("2.5", wrong)
    assert reveal("2.5")(3, 4, 2) == 14


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
    keep("anything.json", [], lambda value: value)


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
