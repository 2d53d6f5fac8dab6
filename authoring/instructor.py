"""Write INSTRUCTOR.md: a short guide, and the lessons' `instructor` cells."""

import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

from authoring.lesson_format import exercises, read_lesson, tags, title_of

PAGE = "INSTRUCTOR.md"


def instructor_page(project):
    """Return the instructor's page.

    Parameters
    ----------
    project : authoring.project.Project

    Returns
    -------
    str
        The minutes, exercises and notes of each lesson, in order.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    lessons = [_lesson(path) for path in project.sources()]
    return environment.get_template("INSTRUCTOR.md.j2").render(lessons=lessons)


def _lesson(path):
    notebook = read_lesson(path)
    known = exercises(notebook)
    notes = []
    for index, cell in enumerate(notebook.cells):
        if "instructor" in tags(cell):
            before = [exercise for exercise in known if exercise.cell < index]
            is_end = len(before) == len(known) and _is_general(cell)
            about = "" if is_end or not before else before[-1].name
            notes.append((about, _text(cell)))
    return {
        "title": title_of(notebook),
        "file": path.stem,
        "exercises": known,
        "minutes": sum(exercise.minutes for exercise in known),
        "notes": notes,
    }


def _is_general(cell):
    return bool(re.search(r"\bMinutes: ", _text(cell)))


def _text(cell):
    """Return a note's text; in a code cell, it is in comments."""
    if cell.cell_type == "markdown":
        return cell.source.strip()
    return re.sub(r"(?m)^# ?", "", cell.source).strip()
