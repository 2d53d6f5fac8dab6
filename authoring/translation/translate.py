"""Translate a derived English notebook, cell by cell.

Texts without a translation, or with a fuzzy one, stay English.
"""

import copy
import re
from dataclasses import replace as changed

from authoring.lesson_format import EXERCISE, tags
from authoring.setup_cell import BADGE, BINDER
from authoring.translation.catalogs import po_path, read_catalog, translations
from authoring.translation.code_strings import LETTER, replace, texts
from authoring.translation.markdown_units import join, pieces

# The forms of exercises' headings and stubs; titles are translated separately.
HEADING = "Exercise {number} — {title} ({minutes} minutes)"
HEADING_OF_ONE = "Exercise {number} — {title} ({minutes} minute)"
STUB = "Exercise {number}: {title}"
# The title of a notebook at the former address of a lesson.
MOVED_HERE = "This lesson has moved"
FORMS = (HEADING, HEADING_OF_ONE, STUB, BADGE, BINDER, MOVED_HERE)

STUB_MESSAGE = re.compile(r"Exercise (\d+\.\d+): (.+)")
BLOCK = re.compile(r"(?<=```python\n).*?(?=\n```)", re.DOTALL)
GENERATED = {"badge", "setup"}


class Translation:
    """A lesson's translations, and those that all lessons share.

    Parameters
    ----------
    language : str
    lesson, shared : dict of str to str
    words : collection of str
        See `authoring.translation.code_strings.texts`.
    """

    def __init__(self, language, lesson, shared, words=()):
        self.language = language
        self.words = words
        self._lesson, self._shared = lesson, shared

    @classmethod
    def read(cls, project, language, name):
        """Read the translations of a lesson: ``"02_dot_model"``."""
        return cls(
            language,
            translations(read_catalog(po_path(project, language, name), language)),
            translations(read_catalog(po_path(project, language, "helpers"), language)),
            project.shown_words(name),
        )

    def __call__(self, text):
        """Return the translation of a message, or the message itself."""
        if heading := EXERCISE.fullmatch(f"### {text}"):
            lesson, number, title, minutes = heading.groups()
            form = HEADING if text.endswith("minutes)") else HEADING_OF_ONE
            return self._filled(
                form, number=f"{lesson}.{number}", title=title, minutes=minutes
            )
        if stub := STUB_MESSAGE.fullmatch(text):
            return self._filled(STUB, number=stub[1], title=stub[2])
        return self._lesson.get(text) or self._shared.get(text) or text

    def _filled(self, form, *, title, **values):
        form = self._shared.get(form, form)
        return form.format(title=self._lesson.get(title, title), **values)


def translate_notebook(notebook, translation):
    """Return a copy of a notebook in another language.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        The English one; its badge and set-up cell are not translated.
    translation : Translation

    Returns
    -------
    nbformat.NotebookNode
    """
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        if tags(cell) & GENERATED:
            continue
        if cell.cell_type == "markdown":
            cell.source = translate_markdown(cell.source, translation)
        elif is_note(cell):
            text = translate_markdown(_of_comment(cell.source), translation)
            cell.source = _as_comment(text, cell.source)
        elif cell.cell_type == "code":
            cell.source = replace(cell.source, translation, translation.words)
    return notebook


def messages_of(notebook, file, words=()):
    """List the messages of a lesson.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        The solution, in English.
    file : str
        The file to name as the messages' place.
    words : collection of str

    Yields
    ------
    text, file, comment : str
    """
    section = ""
    for cell in notebook.cells:
        if tags(cell) & GENERATED:
            continue
        if cell.cell_type == "markdown" or is_note(cell):
            source = cell.source if not is_note(cell) else _of_comment(cell.source)
            for piece in pieces(source):
                if piece.kind == "heading":
                    section = piece.text
                if LETTER.search(piece.text):
                    yield _message(piece.text), file, f"{section} · {piece.kind}"
        elif cell.cell_type == "code":
            for text in texts(cell.source, words):
                yield _message(text.message), file, f"{section} · {text.kind} in code"


def _message(text):
    """Return the part of a text to translate: of an exercise's heading, the title."""
    if heading := EXERCISE.fullmatch(f"### {text}"):
        return heading[3]
    if stub := STUB_MESSAGE.fullmatch(text):
        return stub[2]
    return text


def is_note(cell):
    """Tell whether a cell is an instructor's note in the comments of a code cell."""
    lines = cell.source.splitlines()
    return (
        cell.cell_type == "code"
        and "instructor" in tags(cell)
        and all(line.startswith("#") for line in lines)
    )


def translate_markdown(source, translation):
    """Return a Markdown text in another language.

    Parameters
    ----------
    source : str
    translation : callable
        Takes a message, returns its translation, or the message itself.

    Returns
    -------
    str
        The text itself, with its line breaks, if nothing is translated.
    """
    # A hint's skeleton; no other block of code has a translation.
    source = BLOCK.sub(lambda block: translation(block[0]), source)
    translated = [
        changed(piece, text=translation(piece.text)) if piece.text else piece
        for piece in pieces(source)
    ]
    return join(translated) if translated != pieces(source) else source


def _of_comment(source):
    return re.sub(r"(?m)^# ?", "", source)


def _as_comment(text, source):
    if text == _of_comment(source):
        return source
    return "\n".join(f"# {line}".rstrip() for line in text.splitlines())
