"""The checks of lesson 03, against `tests/student_answers/03.py`."""

from tests.support.lesson_checks import LessonChecks


class TestLesson03(LessonChecks):
    lesson = "03"
