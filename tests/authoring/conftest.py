"""A small course with everything derived, and one with its twin executed."""

import pytest

from authoring.__main__ import main
from authoring.derive import derive
from authoring.validate import check
from tests.support.small_courses import make_course


@pytest.fixture
def derived(small_course):
    """The small course, all derived, nothing executed; and its lesson's path."""
    path = small_course.sources()[0]
    derive(small_course, path)
    return small_course, path


@pytest.fixture(scope="session")
def executed_twin(tmp_path_factory):
    """The text of the small lesson's twin, executed by a real kernel."""
    course = make_course(tmp_path_factory.mktemp("executed") / "course", "01_small.py")
    assert main(["--root", str(course.root), "notebooks"]) == 0
    return (course.solutions / "01_small.ipynb").read_text("utf-8")


@pytest.fixture
def complete(derived, executed_twin):
    """The small course with everything as it should be: `make check` finds nothing."""
    course, path = derived
    path.with_suffix(".ipynb").write_text(executed_twin, "utf-8")
    assert check(course) == []
    return course, path
