"""The answers that `reveal` shows, and when."""

import pytest

import helpers.quiet_tensorflow  # noqa: F401
from helpers import hint, reveal
from helpers.checks import answer_key
from tests.support.exercise_2_5 import right, wrong


def test_a_closed_answer_leaves_the_students_own_in_place(monkeypatch):
    class Shell:
        user_ns = {"count_weights": wrong, "look_up": right}

    monkeypatch.setattr("helpers.checks.api.get_ipython", Shell)
    assert reveal("2.5") is wrong
    assert reveal("2.1") == (right, None)


def test_a_revealed_function_sees_the_notebook_and_leaves_it_alone():
    notebook = {"number_of_cats": 3}
    (function,) = answer_key.build("2.5", notebook)
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
    monkeypatch.setattr(answer_key, "FOLDER", tmp_path / "none")
    assert reveal("2.5", force=True) is None
    assert "your instructor keeps them" in capsys.readouterr().out


def test_a_course_setting_closes_it_too(monkeypatch, tmp_path, capsys):
    known = (answer_key.FOLDER / "02.json").read_text("utf-8")
    (tmp_path / "02.json").write_text(known)
    (tmp_path / "reveal_from.txt").write_text("2999-01-01\n")
    monkeypatch.setattr(answer_key, "FOLDER", tmp_path)
    assert reveal("2.5", force=True) is None
    assert "2999-01-01" in capsys.readouterr().out
    monkeypatch.setenv("COURSE_REVEAL_FROM", "2020-01-01")
    assert reveal("2.5", force=True) is None  # the later date counts
