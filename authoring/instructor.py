"""Write INSTRUCTOR.md: a short guide, and the lessons' `instructor` cells.

The guide is a Markdown template. In another language (INSTRUCTOR.es.md), its units come
from ``instructor.po``, and the cells from the PO files of their lessons.
"""

import re
from pathlib import Path

from jinja2 import Environment

from authoring.lesson_format import exercises, read_lesson, tags, title_of
from authoring.translation.code_strings import LETTER
from authoring.translation.markdown_units import pieces
from authoring.translation.translate import Translation, translate_markdown

PAGE = "INSTRUCTOR.md"
# The name of its PO file.
NAME = "instructor"
TEMPLATE = Path(__file__).parent / "templates" / "INSTRUCTOR.md.j2"
# A line of the template with nothing but a statement, such as {% endfor %}.
STATEMENT = re.compile(r"(?m)^(\{%.*%\}\n)")
VARIABLE = re.compile(r"\{\{.*?\}\}")


def page_path(project, language="en"):
    """Return the path of the instructor's page: INSTRUCTOR.md, INSTRUCTOR.es.md."""
    name = PAGE if language == "en" else f"INSTRUCTOR.{language}.md"
    return project.root / name


def instructor_page(project, language="en"):
    """Return the instructor's page.

    Parameters
    ----------
    project : authoring.project.Project
    language : str

    Returns
    -------
    str
        The guide; and the minutes, exercises and notes of each lesson, in order.
    """
    source = TEMPLATE.read_text("utf-8")
    if language != "en":
        translation = Translation.read(project, language, NAME)
        source = "".join(
            part if STATEMENT.match(part) else _translated(part, translation)
            for part in STATEMENT.split(source)
        )
    environment = Environment(
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    return environment.from_string(source).render(
        lessons=[_lesson(project, path, language) for path in project.sources()],
        folder="" if language == "en" else f"/{language}",
    )


def instructor_messages():
    """Yield the messages of the guide: (text, file, comment)."""
    section = ""
    for part in STATEMENT.split(TEMPLATE.read_text("utf-8")):
        for piece in [] if STATEMENT.match(part) else pieces(part):
            if piece.kind == "heading":
                section = piece.text
            if LETTER.search(VARIABLE.sub("", piece.text)):
                comment = f"{section} · {piece.kind}"
                yield piece.text, "authoring/templates/INSTRUCTOR.md.j2", comment


def _translated(part, translation):
    text = translate_markdown(part, translation)
    # Joined units do not end with a line break.
    return text if text.endswith("\n") or not part.endswith("\n") else text + "\n"


def _lesson(project, path, language):
    notebook = read_lesson(path)
    if language == "en":
        translate = str
    else:
        translate = Translation.read(project, language, path.stem)
    known = exercises(notebook)
    notes = []
    for index, cell in enumerate(notebook.cells):
        if "instructor" in tags(cell):
            before = [exercise for exercise in known if exercise.cell < index]
            is_end = len(before) == len(known) and _is_general(cell)
            about = "" if is_end or not before else before[-1].name
            notes.append((about, translate_markdown(note_text(cell), translate)))
    return {
        "title": translate(title_of(notebook)),
        "file": path.stem,
        "exercises": [
            (exercise.name, translate(exercise.title), exercise.minutes)
            for exercise in known
        ],
        "minutes": sum(exercise.minutes for exercise in known),
        "notes": notes,
    }


def _is_general(cell):
    return bool(re.search(r"\bMinutes: ", note_text(cell)))


def note_text(cell):
    """Return a note's text; in a code cell, it is in comments."""
    if cell.cell_type == "markdown":
        return cell.source.strip()
    return re.sub(r"(?m)^# ?", "", cell.source).strip()
