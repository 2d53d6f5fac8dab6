"""Each test of a lesson's checks, for each answer or exercise of that lesson."""

from tests.support.lesson_checks import LessonChecks, parametrize


def pytest_generate_tests(metafunc):
    """Call `parametrize` for what is common to all lessons."""
    if metafunc.cls and issubclass(metafunc.cls, LessonChecks):
        parametrize(metafunc)
