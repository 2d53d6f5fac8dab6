"""Read the student's code from one submitted file, or say why that is impossible.

A notebook is read as plain JSON, and only the source of its code cells is used, so
missing ids, metadata or version numbers do no harm. The lesson is recognised by the
functions that the notebook defines, not by the file's name.
"""

import ast
import codecs
import json
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import pairwise

from grading.archives import Rejected, advising
from grading.inside.cells import names_in_text
from helpers.checks.runner import LESSONS, lesson_exercises
from helpers.i18n import gettext, gettext_noop

MOST_CELLS, MOST_CODE = 2000, 2 * 2**20
TEXT, PYTHON, NOTEBOOK = range(3)
"""The forms of a file; of a student's files for a lesson, one of the highest counts."""

PDF, PICTURE, LINKED = (
    gettext_noop("a PDF"),
    gettext_noop("a picture"),
    gettext_noop("a link"),
)
RAR = gettext_noop("a RAR archive, which cannot be opened here")
SEVEN_ZIP = gettext_noop("a 7-Zip archive, which cannot be opened here")
OFFICE = gettext_noop("a document of an office program")
KINDS = {
    b"%PDF": PDF,
    b"Rar!": RAR,
    b"7z\xbc\xaf": SEVEN_ZIP,
    b"PK": OFFICE,
    b"\xd0\xcf\x11\xe0": OFFICE,
    b"{\\rtf": OFFICE,
    b"\x89PNG": PICTURE,
    b"\xff\xd8\xff": PICTURE,
    b"GIF8": PICTURE,
    b"version https://git-lfs": gettext_noop("a pointer of Git LFS"),
}
ENDINGS = {
    ".pdf": PDF,
    ".rar": RAR,
    ".7z": SEVEN_ZIP,
    **dict.fromkeys((".doc", ".docx", ".odt", ".pages"), OFFICE),
    **dict.fromkeys((".url", ".webloc"), LINKED),
}
TYPED = re.compile(r"(?i)(^|[_/])(onlinetext|text)_?\.html?$")
LINK = re.compile(r"(?i)_link\.html?$")
MARK = re.compile(r"(?m)^(?=# ?%%|# In ?\[[ \d*]*\]|# <codecell>)")
PROSE = re.compile(r"\[(markdown|md|raw)\]")
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})\s*(.*)")
PYTHON_FENCE = re.compile(r"(?i)\{?\.?(i?python\d?|py)(?![-\w])|\{code-cell\}")
"""Of Jupytext, nbconvert, R Markdown, Quarto, Pandoc and MyST."""
CELL_OPTIONS = re.compile(r"\A(?:---\n.*?\n---\n|(?::[\w-]+:[^\n]*\n)+)", re.DOTALL)
STATEMENT = re.compile(r"(?m)^(?=(?:@|async def |def |class |import |from ))")
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


@dataclass(frozen=True)
class Submission:
    """One submitted file.

    Attributes
    ----------
    student : str
    name : str
        The file's path in the download.
    content : bytes
        Empty if the file could not be read.
    problem : str
        Why the file could not be read; empty if it could.
    platform, account : str
        The learning platform (``"moodle"``, ``"canvas"``) and its number for the
        student, if the file's name contains them; else empty.
    group : str
        The download that the file is from, if there are several; else empty.
    note : str
        Why this file was chosen among several, for the student; may be empty.
    modules : dict of str to str
        The source of the student's own modules beside the notebook, by path:
        ``"utils.py"``, ``"pkg/__init__.py"``.
    """

    student: str
    name: str
    content: bytes = b""
    problem: str = ""
    platform: str = ""
    account: str = ""
    group: str = ""
    note: str = ""
    modules: dict = field(default_factory=dict)

    @property
    def bare(self):
        """Submission : a copy without the content."""
        return replace(self, content=b"", problem="", modules={})


def read_cells(submission):
    """Return the code cells of a submission.

    Parameters
    ----------
    submission : Submission

    Returns
    -------
    list of str

    Raises
    ------
    Rejected
    """
    if submission.problem:
        raise Rejected(submission.problem)
    if not submission.content.strip():
        raise Rejected(advising(gettext("The file is empty.")))
    if kind := kind_of(submission.name, submission.content):
        raise Rejected(advising(gettext("It is {kind}, and no notebook.", kind=kind)))
    text = decoded(submission.content).replace("\r\n", "\n").replace("\r", "\n")
    readers = {NOTEBOOK: _notebook_cells, PYTHON: _script_cells, TEXT: _text_cells}
    cells = readers[form_of(submission.name, text)](text)
    if len(cells) > MOST_CELLS or sum(map(len, cells)) > MOST_CODE:
        raise Rejected(
            gettext("The notebook has too much code to be one of the course.")
        )
    return cells


def form_of(name, text):
    """Tell in which form a file contains code: `NOTEBOOK`, `PYTHON` or `TEXT`."""
    name = name.lower().rpartition("/")[2]
    if text.lstrip().startswith("{"):
        return NOTEBOOK
    if re.search(r"\.py(\.\w+)?$", name):
        return PYTHON
    return NOTEBOOK if ".ipynb" in name else TEXT


def kind_of(name, content):
    """Name the kind of a file that cannot contain readable code.

    Parameters
    ----------
    name : str
    content : bytes

    Returns
    -------
    str : ``"a PDF"``, in the reader's language; empty if the file may contain code
    """
    for magic, kind in KINDS.items():
        if content.startswith(magic):
            return gettext(kind)
    beginning = content[:1000].lstrip(codecs.BOM_UTF8).lstrip().lower()
    is_page = beginning.startswith((b"<!doctype html", b"<html", b"<head", b"<body"))
    if is_page or name.lower().endswith((".html", ".htm")):
        if TYPED.search(name):
            return gettext("a text that was typed into the learning platform")
        return gettext(LINKED) if LINK.search(name) else gettext("a web page (HTML)")
    if beginning.startswith(b"{"):
        return ""
    return next(
        (gettext(kind) for end, kind in ENDINGS.items() if name.lower().endswith(end)),
        "",
    )


def decoded(content):
    """Decode text in any of the encodings that editors use.

    Parameters
    ----------
    content : bytes

    Returns
    -------
    str

    Raises
    ------
    Rejected
        If the content is not text.
    """
    for encoding in _encodings(content):
        try:
            text = content.decode(encoding)
        except (LookupError, ValueError):
            continue
        # Some encodings decode any bytes, so refuse control characters.
        if not CONTROL.search(text):
            return text.removeprefix("\ufeff")
    raise Rejected(advising(gettext("The file is no text, so it is no notebook.")))


def _encodings(content):
    for mark, encoding in (
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if content.startswith(mark):
            yield encoding
    if b"\0" in content:
        # In UTF-16, every other byte of mostly ASCII text is 0.
        yield "utf-16-le" if content[1:200:2].count(0) else "utf-16-be"
    yield "utf-8"
    declared = re.match(
        rb"(?:[^\n]*\n)?[ \t]*#[^\n]*coding[:=][ \t]*([-\w.]+)", content
    )
    if declared:
        yield declared[1].decode("ascii", "replace")
    yield from ("cp1252", "latin-1")


def recognise(cells, lessons=LESSONS):
    """Recognise the lesson by the names that the cells define and check.

    Parameters
    ----------
    cells : list of str
    lessons : sequence of str
        The lessons to choose from.

    Returns
    -------
    str : ``"02"``

    Raises
    ------
    Rejected
        If the cells define nothing that an exercise asks for.
    """
    defined = set().union(*map(names_in_text, cells))
    checked = {number for number, _ in _checked(cells)}
    score = Counter()
    for lesson in lessons:
        for number, exercise in lesson_exercises(lesson).items():
            score[lesson] += sum(name in defined for name in exercise.takes)
            score[lesson] += number in checked
    best, count = max(score.items(), key=lambda pair: pair[1], default=("", 0))
    if not count:
        raise Rejected(
            gettext(
                "No function or class of an exercise is defined in it, so it is none "
                "of the lessons {lessons}. Is it the right notebook, and saved?",
                lessons=", ".join(lessons),
            )
        )
    return best


def is_blank(cells, lesson):
    """Tell whether all exercises still have their untouched stubs.

    Parameters
    ----------
    cells : list of str
    lesson : str

    Returns
    -------
    bool
        True for stubs of another version or language, too.
    """
    exercises = lesson_exercises(lesson).values()
    wanted = {name for exercise in exercises for name in exercise.takes}
    if any(name not in wanted for _, name in _checked(cells)):
        return False
    found = []
    for cell in cells:
        if not wanted & names_in_text(cell):
            continue
        try:
            tree = ast.parse(cell)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
        found += [node for node in tree.body if getattr(node, "name", "") in wanted]
        # A wanted name that is bound otherwise, as by `name = …`, is an answer.
        defined = {getattr(node, "name", "") for node in tree.body}
        if wanted & names_in_text(cell) - defined:
            return False
    return all(map(_is_stub, found))


def _checked(cells):
    """Find the calls of `check`: the exercise's number and the first argument."""
    # Not `\s*` before it: from each empty line, that would try all others below it.
    call = r"""(?m)^[^\S\n]*check\(\s*["'](\d+\.\d+)["']\s*,\s*(\w+)"""
    return [found for cell in cells for found in re.findall(call, cell)]


def _is_stub(definition):
    body = definition.body
    if isinstance(definition, ast.ClassDef):
        return any(_is_stub(node) for node in body if hasattr(node, "body"))
    last, parts = body[-1], ast.walk(definition)
    is_raised = isinstance(last, ast.Raise) and "NotImplementedError" in ast.dump(last)
    return is_raised and not any(isinstance(part, ast.Return) for part in parts)


def _answer(cells):
    """Tell whether cells define something that an exercise asks for."""
    defined = set().union(*map(names_in_text, cells))
    exercises = [one for lesson in LESSONS for one in lesson_exercises(lesson).values()]
    return any(name in defined for exercise in exercises for name in exercise.takes)


def _notebook_cells(text):
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError, MemoryError) as error:
        raise Rejected(_json_problem(text, error)) from None
    if not isinstance(notebook, dict):
        raise Rejected(advising(gettext("The file is JSON, but no notebook.")))
    cells = notebook.get("cells")
    if cells is None and isinstance(notebook.get("worksheets"), list):
        # nbformat 3
        sheets = [sheet for sheet in notebook["worksheets"] if isinstance(sheet, dict)]
        cells = [
            cell
            for sheet in sheets
            if isinstance(sheet.get("cells"), list)
            for cell in sheet["cells"]
        ]
    if not isinstance(cells, list):
        problem = gettext("The file is JSON, but it has no cells: it is no notebook.")
        raise Rejected(advising(problem))
    code = [
        _text(cell.get("source", cell.get("input")))
        for cell in cells
        if isinstance(cell, dict) and cell.get("cell_type") == "code"
    ]
    code = [source for source in code if source.strip()]
    if not code:
        raise Rejected(gettext("The notebook has no code in it."))
    return code


def _json_problem(text, error):
    if re.search("(?m)^<{7} ", text):
        return gettext("Git left a merge conflict in it: resolve it first.")
    is_at_end = not text[getattr(error, "pos", 0) :].strip()
    if is_at_end or "Unterminated" in str(error):
        return gettext(
            "The file is no valid JSON: its end is missing. Save or download it again."
        )
    return gettext(
        "The file is no valid JSON (line {line}), so it is no notebook.",
        line=getattr(error, "lineno", 1),
    )


def _text(source):
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    if not isinstance(source, str):
        return ""
    # JSON may contain half of a surrogate pair, which UTF-8 cannot encode.
    return source.encode("utf-8", "replace").decode("utf-8")


def _text_cells(text):
    """Return the Python cells of a Markdown text, or those of a script."""
    cells = _fenced_cells(text)
    if _answer(cells):
        return cells
    if _answer([text]) and (MARK.search(text) or _parsed(text)):
        return _script_cells(text)
    kind = gettext("a text")
    raise Rejected(advising(gettext("It is {kind}, and no notebook.", kind=kind)))


def _fenced_cells(text):
    cells, lines, fence, is_python = [], [], "", False
    for line in text.split("\n"):
        if fence:
            # The end is at least as long as the beginning.
            if line.strip().startswith(fence) and not line.strip().strip(fence[0]):
                code = CELL_OPTIONS.sub("", "\n".join([*lines, ""]))
                cells += [code] if is_python and code.strip() else []
                fence = ""
            lines.append(line)
        elif opening := FENCE.match(line):
            fence, lines = opening[1], []
            is_python = bool(PYTHON_FENCE.match(opening[2]))
    return cells


def _script_cells(text):
    """Split a Python file at its cell markers, or else by statement."""
    blocks = MARK.split(text)
    if len(blocks) == 1:
        cells = _statements(text)
    else:
        cells = [blocks[0]]
        for block in blocks[1:]:
            heading, _, code = block.partition("\n")
            if not PROSE.search(heading):
                cells.append(code)
    cells = [cell for cell in cells if cell.strip()]
    if not cells:
        raise Rejected(gettext("The file has no code in it."))
    return cells


def _statements(text):
    """Return each top-level statement, with the comments above it."""
    tree = _parsed(text)
    if tree is None:
        return _definitions(text)
    ends = [0]
    for node in tree.body:
        decorators = getattr(node, "decorator_list", [])
        begin = min(part.lineno for part in (node, *decorators))
        # Keep statements that share a line together.
        if begin <= ends[-1] and len(ends) > 1:
            ends.pop()
        ends.append(node.end_lineno)
    lines = [f"{line}\n" for line in text.split("\n")]
    return ["".join(lines[a:b]) for a, b in pairwise([*ends, len(lines)])]


def _parsed(text):
    # Shell commands and magics are not Python.
    plain = re.sub(r"(?m)^[!%].*", "pass", text)
    try:
        return ast.parse(plain)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _definitions(text):
    """Split where definitions and imports begin: a syntax error costs only its part."""
    cells, decorators = [], ""
    for block in STATEMENT.split(text):
        if block.startswith("@") and block.count("\n") <= 1:
            decorators += block
        else:
            cells.append(decorators + block)
            decorators = ""
    return [*cells, decorators]
