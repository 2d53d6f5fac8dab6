"""Which cells the exercises need: their definitions, and what those refer to.

A lesson trains a dozen models for its figures. The checks need none of them, so
a cell runs only if it defines (or changes) a name that an answer refers to,
directly or through other cells, or if it imports something. Wherever that
cannot be told from its text, the cell runs.
"""

import ast
import builtins
import symtable
from dataclasses import dataclass, field

from IPython.core.inputtransformer2 import TransformerManager

UNCLEAR = {
    *("exec", "eval", "globals", "locals", "vars", "setattr", "__import__"),
    "get_ipython",
}


@dataclass
class Names:
    """What a cell does with names.

    Attributes
    ----------
    bound : set of str
        Defined, assigned or changed at the top level.
    called_on : set of str
        `names` in a statement like ``names.append(…)``.
    used, imported : set of str
    always : bool
        It has to run in any case.
    """

    bound: set = field(default_factory=set)
    called_on: set = field(default_factory=set)
    used: set = field(default_factory=set)
    imported: set = field(default_factory=set)
    always: bool = False


def needed(cells, wanted):
    """Choose the cells to run.

    Parameters
    ----------
    cells : list of str
        Their sources, in order.
    wanted : list of str
        The names of what the exercises ask for.

    Returns
    -------
    list of int
    """
    found = [_names(source) for source in cells]
    modules = {name for names in found for name in names.imported}
    for names in found:
        # `plots.plot_history(…)` draws with `plots`, and changes nothing in it.
        names.bound |= names.called_on - modules
    run = {place for place, names in enumerate(found) if names.always}
    known, queue = set(), [*wanted, *(name for p in run for name in found[p].used)]
    while queue:
        name = queue.pop()
        if name in known:
            continue
        known.add(name)
        for place, names in enumerate(found):
            if name in names.bound:
                run.add(place)
                queue += names.used - known
    return sorted(run)


def _names(source):
    names = Names()
    try:
        source = TransformerManager().transform_cell(source)
        tree = ast.parse(source)
        _read_scope(symtable.symtable(source, "cell", "exec"), names)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # It cannot run either; IPython will say so.
        names.always = True
        return names
    for statement in tree.body:
        _read_changes(statement, names)
    names.always |= bool(names.used & UNCLEAR)
    names.used = {name for name in names.used if not hasattr(builtins, name)}
    return names


def _read_scope(scope, names, is_top=True):
    """Collect global names; a function's own variables are nobody else's."""
    for symbol in scope.get_symbols():
        if not is_top and not symbol.is_global():
            continue
        if symbol.is_referenced():
            names.used.add(symbol.get_name())
        if symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace():
            names.bound.add(symbol.get_name())
        if symbol.is_imported():
            names.imported.add(symbol.get_name())
            names.always = True
    for inner in scope.get_children():
        _read_scope(inner, names, is_top=False)


def _read_changes(statement, names):
    """Add what a top-level statement changes without assigning it."""
    for node in ast.walk(statement):
        # `table[0] = …` changes `table`; `np.random.seed = …` may change anything.
        if isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(
            node.ctx, ast.Load
        ):
            names.bound.add(_root(node))
            names.always |= isinstance(node, ast.Attribute) and _is_flat(statement)
        elif isinstance(node, ast.ImportFrom):
            names.always = True
    called = getattr(getattr(statement, "value", None), "func", None)
    if isinstance(statement, ast.Expr) and isinstance(called, ast.Attribute):
        names.called_on.add(_root(called))
    names.bound.discard(None)
    names.called_on.discard(None)


def _is_flat(statement):
    """Tell whether a statement acts now, and not when a function is called."""
    return not isinstance(
        statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    )


def _root(node):
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None
