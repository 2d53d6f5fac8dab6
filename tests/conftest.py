"""Fixtures of several test files."""

import os

import pytest
from small_courses import make_course

# Tests compare English words, whatever their author reads.
os.environ.pop("COURSE_LANG", None)


@pytest.fixture
def small_course(tmp_path):
    """A course of one lesson that has all that a lesson has."""
    return make_course(tmp_path / "course", "01_small.py")
