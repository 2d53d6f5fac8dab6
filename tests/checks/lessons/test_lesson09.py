"""The checks of lesson 09, against `tests/student_answers/09.py`."""

from tests.support.lesson_checks import LessonChecks


class TestLesson09(LessonChecks):
    lesson = "09"
