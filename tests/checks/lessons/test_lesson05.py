"""The checks of lesson 05, against `tests/student_answers/05.py`."""

import numpy as np

from helpers.checks.runner import CORRECT, find_exercise, run_check
from tests.support.lesson_checks import LessonChecks
from tests.support.student_answers import objects_of, read_answers


class TestLesson05(LessonChecks):
    lesson = "05"


def test_ease_is_checked_also_where_a_mistake_has_no_inverse():
    """With fewer users than movies and the penalty in all entries: one draw of four."""
    answer = next(a for a in read_answers("05") if a.number == "5.9" and a.is_right)
    for seed in range(60):
        rng = np.random.default_rng(seed)
        result = run_check(find_exercise("5.9"), objects_of(answer), rng)
        assert result.state == CORRECT, (seed, result.reason)
