"""Convert an executed lesson to the notebook of its web page.

On the page, each exercise shows its stub, with the solution folded below. Cells for
instructors are left out, and every figure has an alternative text.
"""

import ast
import inspect
import re
from html import escape

import nbformat
import plotly.io

from authoring.derive import without_docstrings
from authoring.lesson_format import (
    has_region,
    headings,
    section_of,
    tags,
    without_markers,
)
from authoring.pages import PLOTLY, WIDGET
from authoring.project import AuthoringError
from helpers import plots
from helpers.checks.quizzes import LETTERS
from helpers.checks.runner import lesson_exercises
from helpers.display import inline_html
from helpers.i18n import gettext

LEFT_OUT = {"badge", "setup", "instructor", "hints", "question"}
EXERCISE_ID = re.compile(r"exercise-(\d+)-(\d+)(-\d+)?")
QUIZ = re.compile(r'quiz\("((\d+)\.[a-h])"\)')


def page_notebook(solution, exercise, name, words, links, plotly_script):
    """Return the notebook of a lesson's page.

    Parameters
    ----------
    solution, exercise : nbformat.NotebookNode
        The executed twin, and the exercise of the same lesson.
    name : str
        ``02_dot_model``.
    words : dict of str to str
        The result of `authoring.site.texts.site_texts`.
    links : str
        HTML to insert below the title.
    plotly_script : str
        The relative path of plotly.js.

    Returns
    -------
    nbformat.NotebookNode

    Raises
    ------
    authoring.project.AuthoringError
        If the two notebooks do not match.
    """
    stubs = {cell.id: cell for cell in exercise.cells if cell.cell_type == "code"}
    page = nbformat.v4.new_notebook(metadata=solution.metadata)
    page.metadata.pop("widgets", None)
    for index, cell in enumerate(solution.cells):
        if tags(cell) & LEFT_OUT:
            continue
        if cell.cell_type == "markdown":
            page.cells += _with_links(cell, links) if links else [cell]
            links = links and "" if _has_title(cell) else links
            continue
        outputs = _Outputs(solution, index, name, words, plotly_script).all()
        if has_region(cell):
            if cell.id not in stubs:
                raise AuthoringError(
                    f"{name}: the exercise notebook has no cell {cell.id}. "
                    "Run `make notebooks`."
                )
            page.cells.append(_code(stubs[cell.id].source))
            page.cells.append(_folded(_answer(cell), _answer_name(cell, words)))
            page.cells += outputs
        elif "solution" in tags(cell):
            page.cells.append(_folded(cell.source, words["code"]))
            page.cells += outputs
        elif outputs and outputs[0].cell_type == "code":
            outputs[0].source = cell.source
            outputs[0].metadata["tags"] = []
            page.cells += outputs
        else:
            page.cells += [_code(cell.source), *outputs]
    return page


def title_and_rest(source):
    """Split a lesson's first Markdown into its title and the rest."""
    first, _, rest = source.strip().partition("\n")
    return first.removeprefix("# ").strip(), rest.strip()


def _has_title(cell):
    return any(level == 1 for level, _ in headings(cell))


def _with_links(cell, links):
    if not _has_title(cell):
        return [cell]
    title, rest = title_and_rest(cell.source)
    return [nbformat.v4.new_markdown_cell(f"# {title}\n\n{links}\n\n{rest}")]


def _code(source, outputs=()):
    return nbformat.v4.new_code_cell(source, outputs=list(outputs))


def _folded(code, title):
    return nbformat.v4.new_markdown_cell(
        f'<details class="solution">\n<summary>{escape(title)}</summary>\n\n'
        f"```python\n{code.strip()}\n```\n\n</details>"
    )


def _answer(cell):
    return without_docstrings(without_markers(cell.source))


def _answer_name(cell, words):
    match = EXERCISE_ID.fullmatch(cell.id)
    number = f"{match[1]}.{match[2]}" if match else ""
    return words["answer"].format(number=number).strip()


class _Outputs:
    """Convert a cell's outputs for the page."""

    def __init__(self, notebook, index, name, words, plotly_script):
        self.notebook, self.index, self.name = notebook, index, name
        self.words, self.plotly_script = words, plotly_script
        self.cell = notebook.cells[index]

    def all(self):
        """Return the cells that show the outputs, without their code."""
        kept = [output for output in map(self._converted, self.cell.outputs) if output]
        if not kept:
            return []
        cell = _code("", kept)
        cell.metadata["tags"] = ["remove-input"]
        if any("image/png" in output.get("data", {}) for output in kept):
            cell.metadata["mystnb"] = {"image": {"alt": self._alt()}}
        return [cell]

    def _converted(self, output):
        data = output.get("data")
        if data is None:
            return output
        data.pop(WIDGET, None)
        if PLOTLY in data:
            data.pop("image/jpeg", None)
            data["text/html"] = self._map(data.pop(PLOTLY))
        if match := QUIZ.fullmatch(self.cell.source.strip()):
            data["text/html"] = _quiz(match, data, self.words) or data["text/html"]
        if "text/html" in data:
            data["text/html"] = readable(data["text/html"])
        return output

    def _map(self, figure):
        # Use the page's width, also on a phone.
        figure["layout"].pop("width", None)
        figure["layout"]["autosize"] = True
        drawn = plotly.io.to_html(
            figure,
            include_plotlyjs=False,
            full_html=False,
            div_id=f"map-{self.name}-{self.index}",
            config={"responsive": True, "displaylogo": False},
        )
        title = figure["layout"].get("title", {}).get("text", "")
        return (
            f'<script src="{self.plotly_script}"></script>\n'
            f'<div class="map" role="figure" aria-label="{escape(title)}">{drawn}</div>'
        )

    def _alt(self):
        title = figure_title(self.cell.source)
        title = title or section_of(self.notebook, self.index)
        return self.words["figure"].format(title=title)


def figure_title(code):
    """Return the first title that a cell gives to a figure, or an empty string."""
    for node in ast.walk(ast.parse(code)):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        given = {keyword.arg: keyword.value for keyword in node.keywords}
        if called in ("set_title", "suptitle", "title") and node.args:
            given["title"] = node.args[0]
        elif function := getattr(plots, called, None):
            names = list(inspect.signature(function).parameters)
            given |= dict(zip(names, node.args, strict=False))
        if text := _text(given.get("title")):
            return text
    return ""


def _text(node):
    """Return the text of a string or f-string; placeholders become '…'."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) or "…" for part in node.values)
    return ""


def _quiz(match, data, words):
    """Return the question with each answer's explanation folded below it.

    Return None if the question has changed since the notebook was executed.
    """
    number, lesson = match.groups()
    question = lesson_exercises(lesson.zfill(2)).questions.get(number)
    if question is None or gettext(question.text) not in data.get("text/plain", ""):
        return None
    choices = [
        f"<details><summary>({letter}) {inline_html(gettext(text))}</summary><p><b>"
        f"{words['right' if place == question.right else 'wrong']}</b> "
        f"{inline_html(gettext(explanation))}</p></details>"
        for place, (letter, (text, explanation)) in enumerate(
            zip(LETTERS, question.choices, strict=False)
        )
    ]
    title = f"<p><b>→ {number} {inline_html(gettext(question.text))}</b></p>"
    return f'<div class="quiz">{title}{"".join(choices)}</div>'


def readable(html):
    """Return the HTML of an output, fixed for screen readers."""
    # A card is a live status in a notebook, and plain text on a page.
    html = html.replace(' role="status"', ' class="card-of-check"')
    # Empty headers of tables become cells.
    empty = re.compile(r"<th((?: [^>]*)?)>(?:\s|&nbsp;)*</th>")
    return empty.sub(
        lambda th: "<td" + th[1].replace(' scope="col"', "") + "></td>", html
    )
