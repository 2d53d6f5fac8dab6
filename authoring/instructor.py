"""INSTRUCTOR.md: a short guide, and what the lessons' `instructor` cells say."""

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
        Derived from the lessons alone: minutes, exercises, and the notes in the
        order in which they stand, each with the exercise it belongs to.
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
            before = [one for one in known if one.cell < index]
            is_end = not any(one.cell > index for one in known) and _is_general(cell)
            about = "" if is_end or not before else before[-1].name
            notes.append((about, _text(cell)))
    return {
        "title": title_of(notebook),
        "file": path.stem,
        "exercises": known,
        "minutes": sum(one.minutes for one in known),
        "notes": notes,
    }


def _is_general(cell):
    return bool(re.search(r"\bMinutes: ", _text(cell)))


def _text(cell):
    """Return a note's text; in a code cell it stands in comments."""
    if cell.cell_type == "markdown":
        return cell.source.strip()
    return re.sub(r"(?m)^# ?", "", cell.source).strip()
