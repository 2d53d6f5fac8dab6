"""The checks of lesson 02, against `tests/student_answers/02.py`."""

from tests.support.lesson_checks import LessonChecks


class TestLesson02(LessonChecks):
    lesson = "02"
