"""Read the hints, notices and questions of a lesson, and its exercises' titles.

They are in Markdown cells that only the solution keeps. A cell tagged
`hints` belongs to the exercise whose heading is above it, and a cell tagged `question`
to the ``quiz("2.a")`` below it. An exercise's title is that of its heading, and what
it takes are the arguments of its ``check("2.3", score_pairs)``.
"""

import ast
import json
import re

from authoring.lesson_format import FENCE, exercises, source_line, tags
from authoring.project import AuthoringError
from authoring.translation.markdown_units import pieces

HEADING_FORM = "a heading of the form '### Exercise 2.3 — its title (3 minutes)'"
HINTS_FORM = (
    "A cell tagged `hints` is Markdown: **Hints**, two numbered hints, a ```python "
    "block with a skeleton, **Notice**, and a paragraph with what to notice."
)
QUESTION_FORM = (
    "A cell tagged `question` is Markdown: the question, then each choice, '- [ ] 64', "
    "or '- [x] 512' for the one that is right, and below each what to say to it, "
    "'  - 64 is the length of a vector.'"
)


def check_texts(project, path, notebook):
    """Read the texts of a lesson's exercises and questions.

    Parameters
    ----------
    project : authoring.project.Project
    path : pathlib.Path
        ``solutions/NN_name.py``.
    notebook : nbformat.NotebookNode
        The solution, in English.

    Returns
    -------
    dict
        ``exercises`` and ``questions``, by number: what `helpers.checks.exercise`
        makes its `Exercise` and `Question` of. What is not written yet is empty.

    Raises
    ------
    AuthoringError
        If a cell has not its form or place; the message says which.
    """
    known, hints, questions = exercises(notebook), {}, {}
    for index, cell in enumerate(notebook.cells):
        try:
            if "hints" in tags(cell):
                _add(hints, _exercise_above(known, index), read_hints(cell))
            elif "question" in tags(cell):
                number = _quiz_below(notebook.cells[index:])
                _add(questions, number, read_question(cell))
        except AuthoringError as error:
            place = f"{project.show(path)}:{source_line(path, index)}"
            raise AuthoringError(f"{place}: {error}") from None
    takes = dict(calls(notebook.cells, "check"))
    return {
        "exercises": {
            one.name: {
                "title": one.title,
                "takes": takes.get(one.name, []),
                **hints.get(one.name, {"hints": [], "notice": ""}),
            }
            for one in known
        },
        "questions": questions,
    }


def as_json(texts):
    """Return the texts as `helpers.checks.exercise.Lesson` reads them."""
    return json.dumps(texts, indent=1, ensure_ascii=False) + "\n"


def sentences(texts):
    """List what a student gets to read of the texts.

    Parameters
    ----------
    texts : dict
        What `check_texts` returned.

    Returns
    -------
    list of str
    """
    found = []
    for exercise in texts["exercises"].values():
        found += [exercise["title"], *exercise["hints"], exercise["notice"]]
    for question in texts["questions"].values():
        found += [question["text"], *sum(question["choices"], [])]
    return found


def calls(cells, function):
    """List the calls of `check` or `quiz` in cells of a lesson.

    Returns
    -------
    list of (str, list of str) : the number, and the code of the other arguments
    """
    return [
        (node.args[0].value, [ast.unparse(one) for one in node.args[1:]])
        for cell in cells
        if cell.cell_type == "code"
        for node in ast.walk(ast.parse(cell.source))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") == function
        and node.args
        and isinstance(node.args[0], ast.Constant)
    ]


def read_hints(cell):
    """Read a cell tagged `hints`.

    Returns
    -------
    dict : ``hints``, a list of three, and ``notice``

    Raises
    ------
    AuthoringError
        If it has another form.
    """
    match blocks(cell):
        case [
            ("paragraph", "**Hints**"),
            ("item", question),
            ("item", pointer),
            ("code", skeleton),
            ("paragraph", "**Notice**"),
            ("paragraph", notice),
        ]:
            return {"hints": [question, pointer, skeleton], "notice": notice}
    raise AuthoringError(f"{HINTS_FORM} {_found(cell)}")


def read_question(cell):
    """Read a cell tagged `question`.

    Returns
    -------
    dict : ``text``, ``choices``, a list of choice and reply, and which is ``right``

    Raises
    ------
    AuthoringError
        If it has another form.
    """
    text, *rest = blocks(cell) or [("nothing", "")]
    choices, replies = rest[::2], rest[1::2]
    boxes = [kind for kind, _ in choices]
    if (
        text[0] == "paragraph"
        and sorted(set(boxes)) == ["[ ]", "[x]"]
        and boxes.count("[x]") == 1
        and [kind for kind, _ in replies] == ["item"] * len(boxes)
    ):
        pairs = zip(choices, replies, strict=True)
        return {
            "text": text[1],
            "choices": [[choice, reply] for (_, choice), (_, reply) in pairs],
            "right": boxes.index("[x]"),
        }
    raise AuthoringError(f"{QUESTION_FORM} {_found(cell)}")


def blocks(cell):
    """List the paragraphs, list items and code blocks of a Markdown cell.

    Returns
    -------
    list of (str, str)
        What it is and its text. An item with a box is called by it: ``"[x]"``.
    """
    found, code = [], None
    for piece in pieces(cell.source) if cell.cell_type == "markdown" else []:
        if not piece.text and FENCE.match(piece.before):
            if code is not None:
                found.append(("code", "\n".join(code)))
            code = [] if code is None else None
        elif code is not None:
            code.append(piece.before)
        elif piece.text:
            box = re.search(r"\[[ x]\]", piece.before)
            found.append((box[0] if box else piece.kind, piece.text))
    return found


def _found(cell):
    found = [f"{kind} “{text[:20]}…”" for kind, text in blocks(cell)]
    return f"Found: {', '.join(found) or f'a {cell.cell_type} cell'}."


def _exercise_above(known, index):
    above = [one.name for one in known if one.cell < index]
    if not above:
        raise AuthoringError(f"A cell tagged `hints` stands above {HEADING_FORM}.")
    return above[-1]


def _quiz_below(cells):
    code = [cell for cell in cells if cell.cell_type == "code"]
    numbers = [number for number, _ in calls(code[:1], "quiz")]
    if len(numbers) != 1:
        raise AuthoringError(
            'The next code cell below a cell tagged `question` is quiz("2.a").'
        )
    return numbers[0]


def _add(texts, number, text):
    if number in texts:
        raise AuthoringError(
            f"{number} has a cell with this tag already. Another exercise begins with "
            f"{HEADING_FORM}."
        )
    texts[number] = text
