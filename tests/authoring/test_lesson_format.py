"""A lesson's exercises, and what belongs to their answers."""

import pytest

from authoring.derive import derive
from authoring.lesson_format import exercises, read_lesson, split_lines, tags
from authoring.project import AuthoringError


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("    ### END SOLUTION\n\n\n# %% tags", "\n\n# %% tags", "without ### END"),
        ("    ### BEGIN SOLUTION\n    total", "    total", "END SOLUTION without"),
        ("### BEGIN SOLUTION\nsquares", "# BEGIN SOLUTION\nsquares", "exactly"),
        ("# In any book", "# ### BEGIN SOLUTION\n# In any book", "exactly"),
        ("# ### Exercise 1.1 — the mean (2 minutes)", "#", "before the first heading"),
    ],
)
def test_markers_that_do_not_pair_stop_the_derivation(small_course, old, new, problem):
    path = small_course.sources()[0]
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(AuthoringError, match=problem) as caught:
        derive(small_course, path)
    assert "solutions/01_small.py, cell" in str(caught.value)
    assert not small_course.notebooks.exists()


def test_lessons_reader_tells_public_from_secret(small_course):
    notebook = read_lesson(small_course.sources()[0])
    split = split_lines(notebook)
    assert [exercise.name for exercise in exercises(notebook)] == [
        f"1.{number}" for number in range(1, 6)
    ]
    assert len(split.answers) == 6
    assert split.secret["squares = numbers**2"] == 1
    assert "cubes" in split.public
    assert sum("instructor" in tags(cell) for cell in notebook.cells) == 1
