"""How pytest runs the lessons: each cell a test, by nbval.

    make test       or      pytest solutions

Cells tagged ``nbval-check-output`` must print what the committed notebook shows;
all others must run. The lessons share a scoreboard of their own, as in a course (where
tests run side by side: those of one worker). Of the translated lessons one is
executed: code differs in its strings only, which other tests compare.
"""

import functools
import os
import tempfile
from pathlib import Path
from unittest.mock import patch

import pytest

from helpers.data import load_movielens
from helpers.movielens.errors import SourcesUnreachableError

FOLDER = Path(__file__).parent
# The quickest; it has figures, checks, questions, the form, verdicts, a scoreboard.
TRANSLATED_LESSON = "01_data"
HOME = tempfile.TemporaryDirectory(prefix="course-home-")


def pytest_ignore_collect(collection_path):
    """Leave all translated lessons out, but for one."""
    is_translated = collection_path.parent.parent == FOLDER
    if is_translated and collection_path.suffix == ".ipynb":
        return collection_path.stem != TRANSLATED_LESSON or None
    return None


@functools.cache
def unreachable():
    """Return why the ratings are not to be had; None if they are."""
    try:
        load_movielens()
    except SourcesUnreachableError as error:
        return f"the lessons need ratings, and there are none: {error}"
    return None


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_setup(item):
    """Start a lesson's kernel, at its first cell, in the course's environment."""
    course = {
        "COURSE_HOME": HOME.name,
        "COURSE_LANG": "en" if item.path.parent == FOLDER else item.path.parent.name,
        "PLOTLY_RENDERER": "plotly_mimetype",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    with patch.dict(os.environ, course):
        if reason := unreachable():
            pytest.skip(reason)
        return (yield)
