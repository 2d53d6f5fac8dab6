"""The checks of lesson 08, against `tests/student_answers/08.py`."""

from tests.support.lesson_checks import LessonChecks


class TestLesson08(LessonChecks):
    lesson = "08"
