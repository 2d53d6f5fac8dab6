"""The checks of lesson 01, against `tests/student_answers/01.py`."""

from tests.support.lesson_checks import LessonChecks


class TestLesson01(LessonChecks):
    lesson = "01"
