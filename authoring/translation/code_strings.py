"""Find and replace the strings in a lesson's code that readers see.

These are docstrings, arguments of functions that display text (`SHOWING`), and all
other strings of two words or more, except arguments that a library interprets
(`NOT_SHOWN`). A single word is usually a key; the few that readers see are listed in
``[tool.course.shown]`` of ``pyproject.toml``.

An f-string is a template: ``f"mean {error:.2f}"`` is the text ``mean {error:.2f}``.
"""

import ast
import inspect
import re
from dataclasses import dataclass

from authoring.project import AuthoringError

SHOWING = {
    *("print", "verdict", "title", "suptitle", "xlabel", "ylabel", "annotate", "text"),
    *("set_title", "set_xlabel", "set_ylabel", "set_xticks", "set_yticks", "legend"),
    *("add_to_scoreboard", "NotImplementedError", "ValueError", "AssertionError"),
    *("plot_history", "plot_bars", "embedding_map"),
}
SHOWING_KEYWORDS = {"label", "title", "xlabel", "ylabel", "labels", "unit"}
# Arguments that a library interprets.
NOT_SHOWN = {
    *("color", "ha", "va", "fontweight", "textcoords", "xycoords", "loc", "ls", "fmt"),
    *("linestyle", "marker", "metric", "monitor", "mode", "lesson", "edition", "split"),
    *("end", "sep", "style", "cmap", "bbox", "dtype", "axis", "orient", "arrowprops"),
    *("boxprops", "medianprops", "highlight_color", "weight", "capsize", "scale"),
}
NOT_SHOWN_CALLS = {
    *("contains", "query", "eval", "compile", "split", "replace", "strip", "lacks"),
}

LETTER = re.compile(r"[^\W\d_]")
WORD = re.compile(r"[^\W\d_]{2,}")
PROSE = re.compile(r"(?=.*[^\W\d_]{2,}).*\S\s+\S", re.DOTALL)
THOUSANDS = re.compile(r":,(?=\}$)|(?<=:),(?=\.\d+f\}$)")
PLACEHOLDER = re.compile(r"\{\{|\}\}|(\{(?:[^{}]|\{[^{}]*\})*\})")
LINE = 88


@dataclass(frozen=True)
class Text:
    """One string of a code cell that readers see.

    Attributes
    ----------
    message : str
        The text to translate: of a docstring, a string, or a template.
    kind : str
        ``"docstring"``, ``"string"`` or ``"template"``.
    start, end : int
        The position in the cell, in bytes of UTF-8.
    """

    message: str
    kind: str
    start: int
    end: int


def texts(source, words=()):
    """List the strings in a code cell that readers see.

    Parameters
    ----------
    source : str
        Python code.
    words : collection of str
        Single words that readers see.

    Returns
    -------
    list of Text : in the order of their positions
    """
    return sorted(_Finder(source, words).found, key=lambda text: text.start)


def left_out(source, words=()):
    """List the strings with letters that `texts` leaves out, for authors to review."""
    finder = _Finder(source, words)
    return sorted(finder.others)


def replace(source, translate, words=()):
    """Replace each text of a code cell by its translation.

    Parameters
    ----------
    source : str
        Python code.
    translate : callable
        Takes a message, returns its translation, or the message itself.
    words : collection of str
        See `texts`.

    Returns
    -------
    str
        The code; unchanged where nothing is translated.
    """
    content = source.encode("utf-8")
    for text in reversed(texts(source, words)):
        new = translate(text.message)
        if new != text.message:
            old = content[text.start : text.end].decode("utf-8")
            line = content[: text.start].decode("utf-8").rpartition("\n")[2]
            code = _written(text, new, old, column=len(line))
            content = content[: text.start] + code.encode() + content[text.end :]
    return content.decode("utf-8")


def placeholders(template):
    """List the ``{placeholders}`` of a template, sorted, without escaped braces.

    A comma between thousands, as in ``{n:,}``, is left out: the translation of a lesson
    may do without it, as it is a decimal sign in Spanish.
    """
    found = (match[1] for match in PLACEHOLDER.finditer(template) if match[1])
    return sorted(THOUSANDS.sub("", one) for one in found)


def template_of(node):
    """Return an f-string's template.

    Parameters
    ----------
    node : ast.JoinedStr

    Returns
    -------
    str
        Expressions in braces are formatted by `ast.unparse`.
    """
    parts = []
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(part.value.replace("{", "{{").replace("}", "}}"))
            continue
        conversion = f"!{chr(part.conversion)}" if part.conversion != -1 else ""
        spec = f":{template_of(part.format_spec)}" if part.format_spec else ""
        parts.append(f"{{{ast.unparse(part.value)}{conversion}{spec}}}")
    return "".join(parts)


class _Finder(ast.NodeVisitor):
    def __init__(self, source, words):
        self.found, self.others = [], set()
        self._words = words
        self._starts = [0]
        for line in source.encode("utf-8").splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))
        self._shown = False
        self.visit(ast.parse(source))

    def visit_FunctionDef(self, node):  # noqa: N802
        self._definition(node)

    def visit_ClassDef(self, node):  # noqa: N802
        self._definition(node)

    def visit_Call(self, node):  # noqa: N802
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name in NOT_SHOWN_CALLS:
            return
        self.visit(node.func)
        for argument in node.args:
            self._visit_as(argument, name in SHOWING)
        for keyword in node.keywords:
            if keyword.arg in NOT_SHOWN:
                continue
            shown = keyword.arg in SHOWING_KEYWORDS
            self._visit_as(keyword.value, shown)

    def visit_Subscript(self, node):  # noqa: N802
        self._visit_as(node.value, False)
        self._visit_as(node.slice, False)

    def visit_Constant(self, node):  # noqa: N802
        if not isinstance(node.value, str) or not LETTER.search(node.value):
            return
        is_seen = (
            PROSE.search(node.value)
            or node.value in self._words
            or (self._shown and WORD.search(node.value))
        )
        if is_seen:
            self._add(node.value, "string", node)
        else:
            self.others.add(node.value)

    def visit_JoinedStr(self, node):  # noqa: N802
        plain = "".join(p.value for p in node.values if isinstance(p, ast.Constant))
        template = template_of(node)
        if WORD.search(plain) and (self._shown or re.search(r"\s", plain)):
            self._add(template, "template", node)
        elif WORD.search(plain):
            self.others.add(template)

    def _definition(self, node):
        body = node.body
        if ast.get_docstring(node) is not None:
            text = body[0].value
            message = inspect.cleandoc(text.value)
            self._add(message, "docstring", text)
            body = body[1:]
        for part in [*node.decorator_list, *body]:
            self._visit_as(part, False)
        if isinstance(node, ast.FunctionDef):
            self._visit_as(node.args, False)

    def _visit_as(self, node, shown):
        before, self._shown = self._shown, shown
        self.visit(node)
        self._shown = before

    def _add(self, message, kind, node):
        start = self._starts[node.lineno - 1] + node.col_offset
        end = self._starts[node.end_lineno - 1] + node.end_col_offset
        self.found.append(Text(message, kind, start, end))


def _written(text, new, old, column):
    """Return the Python code of a translation, to replace `old`."""
    if text.kind == "docstring":
        indent = "\n" + " " * column
        body = new.replace("\\", "\\\\").replace('"""', '\\"""')
        lines = [line.rstrip() for line in body.splitlines()]
        body = indent.join(lines).replace(indent + "\n", "\n\n")
        body = re.sub(r"\n +(?=\n)", "\n", body)
        last = indent if old.rstrip('"').endswith(("\n", " ")) else ""
        return f'"""{body}{last}"""'
    if text.kind == "template" and placeholders(new) != placeholders(text.message):
        raise AuthoringError(f"the placeholders of {text.message!r} and {new!r} differ")
    # A string that spans several lines is in brackets, and can be split into lines.
    width = LINE - column if "\n" in old else None
    parts = _broken(new, width, text.kind == "template")
    return ("\n" + " " * column).join(
        _quoted(part, is_template=text.kind == "template") for part in parts
    )


def _broken(text, width, is_template):
    """Split a text into lines between words, without breaking placeholders."""
    if width is None:
        return [text]
    pattern = r"(?:\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}|\S)+\s*|\s+" if is_template else None
    words = re.findall(pattern or r"\S+\s*|\s+", text)
    lines = [""]
    for word in words:
        if lines[-1] and len(lines[-1] + word.rstrip()) > width - 4:
            lines.append("")
        lines[-1] += word
    return lines


def _quoted(text, is_template):
    if is_template and placeholders(text):
        return 'f"' + _escaped(text) + '"'
    plain = text.replace("{{", "{").replace("}}", "}") if is_template else text
    return '"' + _escaped(plain) + '"'


def _escaped(text):
    text = text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")
    # Inside placeholders, `ast.unparse` uses single quotes.
    return text.replace('"', '\\"')
