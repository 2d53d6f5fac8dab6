"""The checks of lesson 04, against `tests/student_answers/04.py`."""

from tests.support.lesson_checks import LessonChecks


class TestLesson04(LessonChecks):
    lesson = "04"
