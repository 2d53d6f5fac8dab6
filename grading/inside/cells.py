"""Split a cell's text into the statements that a kernel would execute.

Both `slicing` and `kernel` use this module, so that a statement has the same number in
both. Every statement keeps its line number in the cell.
"""

import ast
import re

from IPython.core.inputtransformer2 import TransformerManager

TEXT_MAGICS = {
    *("!", "sx", "system", "bash", "sh", "script", "cmd", "python", "python2"),
    *("python3", "pypy", "perl", "ruby", "R", "html", "HTML", "svg", "SVG", "latex"),
    *("javascript", "js", "markdown", "sql", "bigquery", "shell", "mermaid"),
}
"""Cell magics whose body is for another program; such cells are skipped."""

FILE_MAGICS = {"writefile", "file"}
BODY_MAGICS = {"time", "capture", "prun", "memit", "mprun", "lprun", "snakeviz"}
"""Magics that execute code in the notebook's own namespace."""

REPEATING_MAGICS = {"timeit"}
"""Magics that execute code as the body of a function."""

CELL_MAGIC = re.compile(r"%%(?P<name>!|[\w.]+)(?P<line>.*)")
OPTIONS = re.compile(r"\s*(--?\w+(=\S+|\s*\d+)?(\s+|$))*")


def statements(source):
    """Parse a cell.

    Parameters
    ----------
    source : str

    Returns
    -------
    list of ast.stmt
        Empty if the cell is not Python.

    Raises
    ------
    SyntaxError, ValueError, RecursionError, MemoryError
    """
    lines = source.split("\n")
    first = next(
        (place for place, line in enumerate(lines) if not _is_idle(line)), len(lines)
    )
    found = CELL_MAGIC.fullmatch(lines[first].rstrip()) if first < len(lines) else None
    if found is None:
        return [
            inner
            for statement in _parsed(source)
            for inner in _without_line_magic(statement)
        ]
    name, line = found["name"], found["line"].strip()
    if name in TEXT_MAGICS:
        return []
    if name in FILE_MAGICS:
        text = "\n".join(lines[first + 1 :])
        return _made(f"get_ipython().run_cell_magic({name!r}, {line!r}, {text!r})")
    # Replace the magic by blank lines, so that all other lines keep their numbers.
    body = "\n" * (first + 1) + "\n".join(lines[first + 1 :])
    if name in REPEATING_MAGICS:
        setup = line[OPTIONS.match(line).end() :]
        return _in_a_function([*_made(setup), *statements(body)], first + 1)
    before = []
    if name == "capture":
        before = [
            made
            for word in line.split()
            if word.isidentifier()
            for made in _made(f"{word} = get_ipython().nothing_captured()", first + 1)
        ]
    elif name not in BODY_MAGICS:
        # An unknown magic may be from an extension that is not installed. Run it as a
        # statement of its own, so that its error does not affect the cell's body.
        call = f"get_ipython().run_cell_magic({name!r}, {line!r}, '')"
        before = _made(call, first + 1)
    return [*before, *statements(body)]


def names_in_text(source):
    """Find the names that a text defines at top level, even if it cannot be parsed.

    Parameters
    ----------
    source : str

    Returns
    -------
    set of str
    """
    functions = re.findall(r"(?m)^(?:async\s+def|def|class)\s+(\w+)", source)
    return {*functions, *re.findall(r"(?m)^(\w+)\s*=[^=]", source)}


def _is_idle(line):
    return not line.strip() or line.lstrip().startswith("#")


def _parsed(source):
    # IPython drops leading empty lines.
    above = len(source) - len(source.lstrip("\n"))
    try:
        tree = ast.parse(TransformerManager().transform_cell(source[above:]))
    except SyntaxError as error:
        if error.lineno is not None:
            error.lineno += above
        raise
    return ast.increment_lineno(tree, above).body


def _made(source, line=1):
    """Parse generated code, and give it a line number of the cell."""
    found = ast.parse(source).body
    for statement in found:
        _move(statement, line)
    return found


def _move(statement, line):
    for node in ast.walk(statement):
        if hasattr(node, "lineno"):
            node.lineno = node.end_lineno = line


def _in_a_function(body, line):
    """Wrap statements in a function, so that their names stay local, and call it."""
    if not body:
        return []
    function, call = _made("def _timed():\n    pass\n_timed()", line)
    function.body = body
    return [function, call]


def _without_line_magic(statement):
    """Return the code after `%time`, with or without ``x =`` before it."""
    magic = _line_magic(getattr(statement, "value", None))
    if magic is None:
        return [statement]
    name, text = magic
    if name not in BODY_MAGICS | REPEATING_MAGICS:
        return [statement]
    code = text[OPTIONS.match(text).end() :]
    inner = _made(TransformerManager().transform_cell(code), statement.lineno)
    if name in REPEATING_MAGICS:
        return _in_a_function(inner, statement.lineno)
    if isinstance(statement, ast.Expr):
        return inner
    if len(inner) == 1 and isinstance(inner[0], ast.Expr):
        statement.value = inner[0].value
    return [statement]


def _line_magic(value):
    """Return the name and the text of ``get_ipython().run_line_magic("…", "…")``."""
    if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Attribute):
        return None
    if value.func.attr != "run_line_magic" or len(value.args) != 2:
        return None
    texts = [getattr(argument, "value", None) for argument in value.args]
    return texts if all(isinstance(text, str) for text in texts) else None
