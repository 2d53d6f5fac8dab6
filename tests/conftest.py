"""Fixtures of several test files."""

import os

import pytest
from hypothesis import settings

from tests.support.small_courses import make_course

# The same examples each time: what fails was broken by the change that is tested. New
# ones are drawn by `HYPOTHESIS=default make test`, which the weekly run does.
settings.register_profile("same examples", derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS", "same examples"))

# Tests compare English words, whatever their author reads.
os.environ.pop("COURSE_LANG", None)

# Their own servers are on this computer, where a web proxy does not find them.
for name in ("no_proxy", "NO_PROXY"):
    known = os.environ.get(name)
    os.environ[name] = f"{known},127.0.0.1" if known else "127.0.0.1"


@pytest.fixture
def small_course(tmp_path):
    """A course of one lesson that has all that a lesson has."""
    return make_course(tmp_path / "course", "01_small.py")
