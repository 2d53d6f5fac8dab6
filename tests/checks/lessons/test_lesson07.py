"""The checks of lesson 07, against `tests/student_answers/07.py`."""

from tests.support.lesson_checks import LessonChecks


class TestLesson07(LessonChecks):
    lesson = "07"
