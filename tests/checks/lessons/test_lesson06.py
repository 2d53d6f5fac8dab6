"""The checks of lesson 06, against `tests/student_answers/06.py`."""

import numpy as np
import pytest

from helpers.checks.lessons import lesson06
from tests.support.lesson_checks import LessonChecks


class TestLesson06(LessonChecks):
    lesson = "06"


@pytest.mark.parametrize("twin_comes_first", [True, False])
def test_drawing_a_twin_ends_however_equal_numbers_are_sorted(
    monkeypatch, twin_comes_first
):
    argsort, calls = np.argsort, []

    def last_of_equals_first(values):
        calls.append(values)
        assert len(calls) < 10_000
        return len(values) - 1 - argsort(values[::-1], kind="stable")

    monkeypatch.setattr(np, "argsort", last_of_equals_first)
    lesson06._movies_and_table(np.random.default_rng(1), twin_comes_first)
