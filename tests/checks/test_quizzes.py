"""Questions: answered by letter or by a click, and explained."""

import pytest

import helpers.quiet_tensorflow  # noqa: F401
from helpers import hint, quiz, reveal
from helpers.checks import quizzes
from helpers.checks.runner import LESSONS, lesson_exercises
from tests.support.exercise_2_5 import kept


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
    form = quizzes.form(lesson_exercises("02").questions["2.a"])
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
