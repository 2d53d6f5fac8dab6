"""Find the messages in a Python module, and texts that cannot be translated.

Texts in ``gettext("…")`` and ``gettext_noop("…")`` of `helpers.i18n` are messages.
In the modules that checks are written in (`PLAIN`), sentences stand without either:
every text of two words or more is one.

An f-string, or a sum of texts, is filled before it can be looked up, so it cannot be
translated. `escaping` lists these.
"""

import ast
import re

from authoring.translation.code_strings import PROSE, WORD, template_of

PLAIN = re.compile(
    r"helpers/checks/(lessons/lesson\d\d|model_asserts|asserts|proxies)\.py"
)
MARKS = {"gettext", "gettext_noop"}
# Functions whose arguments are never shown.
SILENT = {"compile", "match", "search", "sub", "split", "startswith", "endswith"}
# HTML, CSS, and commands.
MARKUP = re.compile(r"<[a-z/]|:[a-z-]+;|font-weight|^[\w.*-]+( -[\w-]+)+")


def messages(source, is_plain):
    """List the messages of a module.

    Parameters
    ----------
    source : str
        Python code.
    is_plain : bool
        Whether its sentences are messages without `gettext`.

    Returns
    -------
    list of str : in the order of their positions
    """
    return _Reader(source, is_plain).messages


def escaping(source, is_plain):
    """List texts that readers may see, but that cannot be translated.

    Returns
    -------
    list of (int, str) : line and text
    """
    return _Reader(source, is_plain).escaping


class _Reader(ast.NodeVisitor):
    def __init__(self, source, is_plain):
        self.messages, self.escaping = [], []
        self._is_plain = is_plain
        self.visit(ast.parse(source))

    def visit_Expr(self, node):  # noqa: N802
        if not isinstance(node.value, ast.Constant):  # a docstring
            self.visit(node.value)

    def visit_Compare(self, node):  # noqa: N802
        for one in (node.left, *node.comparators):
            if not isinstance(one, ast.Constant):
                self.visit(one)

    def visit_Call(self, node):  # noqa: N802
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name in MARKS:
            self._said(node.args[0])
            rest = [*node.args[1:], *(keyword.value for keyword in node.keywords)]
        elif name in SILENT:
            return
        else:
            self.visit(node.func)
            rest = [*node.args, *(keyword.value for keyword in node.keywords)]
        for one in rest:
            self.visit(one)

    def visit_Constant(self, node):  # noqa: N802
        if not isinstance(node.value, str) or not PROSE.search(node.value):
            return
        if self._is_plain:
            self.messages.append(node.value)
        elif not MARKUP.search(node.value):
            self.escaping.append((node.lineno, node.value))

    def visit_JoinedStr(self, node):  # noqa: N802
        texts = [p.value for p in node.values if isinstance(p, ast.Constant)]
        plain = " ".join(texts)
        is_spaced = re.search(r"\s", "".join(texts))
        if is_spaced and WORD.search(plain) and not MARKUP.search(plain):
            self.escaping.append((node.lineno, template_of(node)))
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                self.visit(part.value)

    def visit_BinOp(self, node):  # noqa: N802
        for one in (node.left, node.right):
            is_text = isinstance(one, ast.Constant) and isinstance(one.value, str)
            if is_text and isinstance(node.op, ast.Add) and PROSE.search(one.value):
                if not MARKUP.search(one.value):
                    self.escaping.append((one.lineno, one.value))
            else:
                self.visit(one)

    def _said(self, node):
        if isinstance(node, ast.IfExp):
            self._said(node.body)
            self._said(node.orelse)
        elif isinstance(node, ast.Constant):
            self.messages.append(node.value)
