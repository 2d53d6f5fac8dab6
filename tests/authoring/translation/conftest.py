"""A small course with an empty Spanish catalog."""

import pytest

from authoring.derive import derive
from authoring.translation.extract import update_translations
from tests.support.small_courses import make_course


@pytest.fixture
def course(tmp_path):
    """Return a small course with an empty Spanish."""
    project = make_course(tmp_path / "course", "01_small.py")
    (project.locale / "es" / "LC_MESSAGES").mkdir(parents=True)
    update_translations(project)
    derive(project, project.solutions / "01_small.py")
    return project
