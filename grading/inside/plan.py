"""Which cells the exercises need: their definitions, and what those refer to.

A lesson trains a dozen models for its figures. The checks need none of them, so
a cell runs only if it defines (or changes) a name that an answer refers to,
directly or through other cells. What a cell computes at once can come from cells
before it alone; what it defines may also use what comes after. Wherever that cannot
be told from its text, the cell runs.
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

COMPREHENSIONS = {"listcomp", "setcomp", "dictcomp", "genexpr"}


@dataclass
class Names:
    """What a cell does with names.

    Attributes
    ----------
    bound : set of str
        Defined, assigned or changed at the top level.
    called_on : set of str
        `names` in a statement like ``names.append(…)``.
    used : set of str
        As soon as the cell runs.
    used_later : set of str
        When its functions are called.
    imported : set of str
    always : bool
        It has to run in any case.
    """

    bound: set = field(default_factory=set)
    called_on: set = field(default_factory=set)
    used: set = field(default_factory=set)
    used_later: set = field(default_factory=set)
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
    run, done = set(), set()
    # A name, and before which cell it has to be there.
    queue = [(name, len(cells)) for name in wanted]

    def add(place):
        run.add(place)
        queue.extend((name, place) for name in found[place].used)
        queue.extend((name, len(cells)) for name in found[place].used_later)

    for place, names in enumerate(found):
        if names.always:
            add(place)
    while queue:
        name, end = request = queue.pop()
        if request in done:
            continue
        done.add(request)
        for place in range(end):
            if name in found[place].bound and place not in run:
                add(place)
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
    names.always |= bool((names.used | names.used_later) & UNCLEAR)
    for used in (names.used, names.used_later):
        used -= {name for name in used if hasattr(builtins, name)}
    return names


def _read_scope(scope, names, is_top=True, later=False):
    """Collect global names; a function's own variables are nobody else's."""
    for symbol in scope.get_symbols():
        if not is_top and not symbol.is_global():
            continue
        if symbol.is_referenced():
            (names.used_later if later else names.used).add(symbol.get_name())
        if symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace():
            names.bound.add(symbol.get_name())
        if symbol.is_imported():
            names.imported.add(symbol.get_name())
    for inner in scope.get_children():
        is_function = (
            inner.get_type() == "function" and inner.get_name() not in COMPREHENSIONS
        )
        _read_scope(inner, names, is_top=False, later=later or is_function)


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
            # What `*` brings, nobody can tell.
            names.always |= any(alias.name == "*" for alias in node.names)
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
    """Return the name of what changes: `model` in `model.get_layer(…).trainable`."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        if isinstance(node, ast.Call) and not isinstance(node.func, ast.Attribute):
            return None  # what a function returned, not the function
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None
