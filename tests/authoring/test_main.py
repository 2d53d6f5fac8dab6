"""The commands of `python -m authoring`."""

import nbformat

from authoring.__main__ import main
from authoring.derive import is_stale


def test_executed_twin_shows_outputs_and_is_not_executed_again(complete, capsys):
    course, path = complete
    notebook = nbformat.read(path.with_suffix(".ipynb"), as_version=4)
    shown = [
        o.text for c in notebook.cells for o in c.get("outputs", []) if "text" in o
    ]
    assert shown == ["the mean inside 2.40–2.60 ✓\n"]
    capsys.readouterr()
    assert main(["--root", str(course.root), "notebooks"]) == 0
    # The fixture derives lesson by lesson; the instructor's page is of all lessons.
    assert capsys.readouterr().out == "wrote INSTRUCTOR.md\n"


def test_a_lesson_that_fails_says_where_and_keeps_its_twin(complete, capsys):
    course, path = complete
    before = path.with_suffix(".ipynb").read_text("utf-8")
    text = path.read_text("utf-8")
    path.write_text(text.replace("squares = numbers**2", "squares = nobody"), "utf-8")
    assert main(["--root", str(course.root), "notebooks"]) == 2
    message = capsys.readouterr().err
    line = path.read_text("utf-8").split("\nsquares = nobody")[0].count("\n")
    assert f"solutions/01_small.py:{line}, under “Exercise 1.3" in message
    assert "NameError: name 'nobody' is not defined" in message
    after = nbformat.reads(path.with_suffix(".ipynb").read_text("utf-8"), as_version=4)
    assert "the mean inside" in before
    assert not any(
        o.output_type == "error" for c in after.cells for o in c.get("outputs", [])
    )
    assert is_stale(after)


def test_check_command_prints_findings_and_fails(derived, capsys):
    course, path = derived
    (course.notebooks / path.name).unlink()
    assert main(["--root", str(course.root), "check"]) == 1
    out = capsys.readouterr().out
    assert "notebooks/01_small.py: is missing\n    fix: make notebooks" in out
