"""A small course of its own, to derive and execute in tests."""

import shutil

from authoring.project import Project
from tests.support.paths import FIXTURES

PYPROJECT = """\
[tool.course]
repository = "someone/some-course"
release = "v9.9.9"
"""

# How the cell with the hints of its first exercise begins, in 01_small.py.
FIRST_HINTS = '# %% [markdown] tags=["hints"]\n# **Hints**\n#\n# 1. What is\n'


def make_course(folder, *lessons):
    """Write a course of these fixture lessons, and return it as a Project."""
    (folder / "solutions").mkdir(parents=True)
    (folder / "pyproject.toml").write_text(PYPROJECT)
    for lesson in lessons:
        shutil.copy(FIXTURES / lesson, folder / "solutions")
    return Project.open(folder)
