"""The checks of lesson 05, against `tests/student_answers/05.py`."""

from tests.support.lesson_checks import LessonChecks


class TestLesson05(LessonChecks):
    lesson = "05"
