"""Select the statements that the exercises need, by static analysis.

A lesson trains a dozen models for its figures, which the checks do not need. So a
statement runs only if it binds, or may change, a name that an answer refers to,
directly or through other statements. What a statement uses immediately can only come
from earlier statements; what a function uses may also come from later ones. If the text
does not show whether a statement is needed, it runs.
"""

import ast
import builtins
import re
from dataclasses import dataclass, field

from grading.inside.cells import statements

UNCLEAR = {
    *("exec", "eval", "globals", "locals", "vars", "__import__", "__main__"),
    "get_ipython",
}
SYSTEM = {"os", "sys", "shutil", "builtins"}
"""Modules through which a statement may affect all others."""

HARMLESS_MODULES = {
    *("helpers", "matplotlib", "seaborn", "plotly", "keras", "tensorflow", "sklearn"),
    *("pandas", "numpy", "scipy", "math", "copy", "json", "time", "tqdm", "IPython"),
    *("umap", "itertools", "collections", "functools", "statistics", "pprint"),
}
"""Modules whose functions do not change their arguments…"""

CHANGING = {
    *("fill_diagonal", "put", "put_along_axis", "place", "copyto", "putmask", "at"),
    *("shuffle", "eval", "exec"),
}
"""… except for these functions."""

DRAWING_MODULES = {"helpers", "matplotlib", "time", "IPython"}
"""Modules whose functions change no global settings when called with constants."""

HARMLESS_BUILTINS = {
    *("print", "len", "range", "zip", "enumerate", "sorted", "sum", "min", "max"),
    *("isinstance", "issubclass", "float", "int", "str", "list", "dict", "set"),
    *("tuple", "bool", "abs", "round", "any", "all", "repr", "type", "frozenset"),
    *("reversed", "display", "hasattr", "getattr", "callable", "id", "iter", "format"),
}
SCALARS = {"len", "int", "float", "str", "bool", "round", "range", "repr", "format"}
"""Builtins that return immutable values."""

HARMLESS_METHODS = {
    *("sum", "mean", "std", "min", "max", "astype", "copy", "reshape", "items"),
    *("keys", "values", "get", "join", "split", "strip", "lower", "upper", "format"),
    *("groupby", "head", "tail", "merge", "to_numpy", "isin", "unique", "nunique"),
    *("value_counts", "sample", "query", "assign", "dot", "argmax", "argmin"),
    *("argsort", "tolist", "numpy", "count", "index", "startswith", "endswith"),
    *("round", "describe", "predict", "evaluate", "summary", "nlargest", "idxmax"),
    *("to_dict", "to_list", "get_layer", "get_weights", "contains", "count_params"),
}
TRAINING_METHODS = {
    *("fit", "predict", "evaluate", "fit_transform", "transform", "score", "plot"),
    *("scatter", "hist", "bar", "train_on_batch", "compile", "encode", "merge"),
}
"""Methods that do not change their arguments, except the callbacks of `fit`."""

FILE = re.compile(r"[^\s:*?<>|]*\.\w{1,8}")
NUMBER = re.compile(r"\d{1,2}\.\d{1,2}")
WORD = re.compile(r"[^\W\d]\w*")


@dataclass
class Effects:
    """The effects of a statement on the notebook's names.

    Fields with ``later`` take effect when a function that the statement defines is
    called; the others, when the statement runs.

    Attributes
    ----------
    bound, imported, defined : set of str
        Names that get a value; by an import; by ``def`` or ``class``.
    fixed : set of str
        Bound names whose values are immutable.
    bound_later : set of str
        Names that functions bind, by ``global``.
    used, used_later : set of str
        Names that are read.
    changed, changed_later : set of str
        Names whose values may change in place, or whatever they refer to.
    named : set of str
        Changed names that are the root of an assignment: `f` in ``f.cache = {}``.
    methods, methods_later : set of str
        Names of attributes that are read.
    alias : dict of str to set of str
        For a name, the names whose values may share parts with its value.
    calls : list of (str, list)
        Functions that are called by name, with the names in each argument, by
        position or keyword.
    functions : dict of str to (list of str, set of str)
        For each function defined here, its parameters, and those that it may change.
    members : dict of str to set of str
        For each class defined here, its methods.
    check : str
        The exercise that the statement checks; empty if none.
    always : bool
        Whether the statement has to run in any case.
    """

    bound: set = field(default_factory=set)
    imported: set = field(default_factory=set)
    defined: set = field(default_factory=set)
    fixed: set = field(default_factory=set)
    bound_later: set = field(default_factory=set)
    used: set = field(default_factory=set)
    used_later: set = field(default_factory=set)
    changed: set = field(default_factory=set)
    changed_later: set = field(default_factory=set)
    named: set = field(default_factory=set)
    methods: set = field(default_factory=set)
    methods_later: set = field(default_factory=set)
    alias: dict = field(default_factory=dict)
    calls: list = field(default_factory=list)
    functions: dict = field(default_factory=dict)
    members: dict = field(default_factory=dict)
    check: str = ""
    always: bool = False


def choose(cells, wanted, everything=False):
    """Choose the statements to run.

    Parameters
    ----------
    cells : list of str
        The cells' sources, in order.
    wanted : dict of str to list of str
        The names that each exercise asks for.
    everything : bool
        Choose all statements.

    Returns
    -------
    dict
        ``run``: pairs of a cell and a statement's number, in order; ``needs``: for each
        exercise, the statements that its names depend on; ``uses``: for each exercise,
        the other exercises that its names depend on.
    """
    places, found = _read_all(cells)
    notebook = _Notebook(found)
    run, needs, uses = set(), {}, {}
    for number, names in wanted.items():
        chosen, own, asked_for = notebook.needed(names, number)
        run |= chosen
        needs[number] = [places[index] for index in sorted(own)]
        uses[number] = [
            other
            for other, theirs in wanted.items()
            if other != number and asked_for & set(theirs)
        ]
    if everything:
        run = set(range(len(places)))
    run = [places[index] for index in sorted(run)]
    return {"run": run, "needs": needs, "uses": uses}


def bindings(statement):
    """Return the names that a statement binds, and those of them that it defines.

    Parameters
    ----------
    statement : ast.stmt

    Returns
    -------
    bound, defined : set of str
    """
    effects = read(statement, {})
    return effects.bound, effects.defined | effects.imported


def read(statement, modules):
    """Return a statement's `Effects`.

    Parameters
    ----------
    statement : ast.stmt
    modules : dict of str to str
        The imported names of the whole notebook, and their modules.
    """
    reader = _Reader(modules)
    reader.visit(statement)
    effects = reader.effects
    effects.always |= bool((effects.used | effects.used_later) & UNCLEAR)
    effects.always |= _sets_something_up(statement, modules)
    effects.check = _checked(statement)
    if effects.always and effects.used & UNCLEAR:
        # The code that is executed may be in a string.
        words = {
            word
            for node in ast.walk(statement)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
            for word in WORD.findall(node.value[:10_000])
        }
        effects.bound |= words
        effects.used |= words
    return effects


def _read_all(cells):
    """Read all statements; a cell with a syntax error counts as one statement."""
    places, parsed = [], []
    for cell, source in enumerate(cells):
        try:
            own = statements(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            own = [None]
        places += [[cell, number] for number in range(len(own))]
        parsed += own
    modules = {}
    for statement in filter(None, parsed):
        modules |= _imports(statement)
    found = _effects(parsed, modules)
    used = set().union(*(own.used | own.used_later for own in found))
    used -= set().union(vars(builtins), *(own.bound | own.bound_later for own in found))
    if used and not any("*" in own.imported or own.used & UNCLEAR for own in found):
        # A name without a value cannot change, such as `np` without its import.
        found = _effects(parsed, modules | {name: name for name in used})
    return places, found


def _effects(parsed, modules):
    found = []
    for statement in parsed:
        try:
            effects = None if statement is None else read(statement, modules)
        except Exception:
            # Run a statement that cannot be analysed: that only takes time.
            effects = None
        found.append(Effects(always=True) if effects is None else effects)
    return found


class _Notebook:
    """All statements of a notebook, and the dependencies of their names."""

    def __init__(self, found):
        self._found = found
        self._by_name = {}
        self._functions, self._classes = {}, {}
        for place, effects in enumerate(found):
            for name in effects.bound:
                self._by_name.setdefault(name, set()).add(place)
            for name, (parameters, changed) in effects.functions.items():
                self._functions.setdefault(name, []).append((parameters, changed))
            for kind, methods in effects.members.items():
                for method in methods:
                    self._classes.setdefault(method, set()).add(kind)
        self._fixed = set().union(*(effects.fixed for effects in found))
        self._fixed -= set().union(*(own.bound - own.fixed for own in found))
        self._fixed |= set(vars(builtins)) - set(self._by_name)
        self._fixed -= set().union(*(effects.bound_later for effects in found))
        self._alias = {}
        self._leads_to, self._own_changes = {}, {}
        for effects in found:
            self._note(effects)
        self._changes = [self._changes_of(effects) for effects in found]
        for place, names in enumerate(self._changes):
            for name in names:
                self._by_name.setdefault(name, set()).add(place)

    def _note(self, effects):
        for name, others in effects.alias.items():
            self._alias.setdefault(name, set()).update(others)
        later = effects.used_later | self._kinds(effects.methods_later)
        for name in effects.bound:
            self._own_changes.setdefault(name, set()).update(effects.changed_later)
            leads = self._leads_to.setdefault(name, set())
            leads |= later | effects.alias.get(name, set())

    def _kinds(self, methods):
        return set().union(*(self._classes.get(method, ()) for method in methods))

    def _changes_of(self, effects):
        """Return all names whose values a statement may change."""
        changed = set(effects.changed)
        arguments = set()
        for function, given in effects.calls:
            arguments |= set().union(*(names for _, names in given))
            changed |= self._changed_arguments(function, given)
        reached = _closure(effects.used | self._kinds(effects.methods), self._leads_to)
        called = set().union(*(self._own_changes.get(name, ()) for name in reached))
        for name in called:
            # It may keep references to its arguments.
            self._alias.setdefault(name, set()).update(arguments)
        reached = _closure(changed | called, self._alias)
        return (reached - self._fixed) | (effects.named & effects.changed)

    def _changed_arguments(self, function, given):
        known = self._functions.get(function)
        itself = {function} & self._by_name.keys()
        if known is None:
            # It may be a method, or a closure over names of the notebook.
            return itself.union(*(names for _, names in given))
        changed = set()
        for parameters, their_changes in known:
            filled = set()
            for place, names in given:
                in_range = isinstance(place, int) and place < len(parameters)
                name = parameters[place] if in_range else place
                filled.add(name)
                if name not in parameters or name in their_changes:
                    changed |= names
            if their_changes - filled:
                # It may change its own default arguments.
                changed |= itself
        return changed

    def needed(self, names, number):
        """Return the statements that one exercise needs.

        Returns
        -------
        run : set of int
            All statements to run for it.
        own : set of int
            Those that its names depend on, without the statements that always run.
        names : set of str
            All names that it depends on.
        """
        run, done = set(), set()
        end = len(self._found)
        queue = [(name, end) for name in names]

        def add(place, until):
            effects = self._found[place]
            shared = set().union(*effects.alias.values()) if effects.alias else set()
            run.add(place)
            queue.extend(
                (name, until if name in shared else place) for name in effects.used
            )
            queue.extend((name, end) for name in effects.used_later)

        def follow():
            while queue:
                name, until = request = queue.pop()
                if request in done:
                    continue
                done.add(request)
                for place in self._by_name.get(name, ()):
                    again = (place, until)
                    if place < until and (place not in run or again not in done):
                        done.add(again)
                        add(place, until)

        follow()
        own = set(run)
        for place, effects in enumerate(self._found):
            if effects.always or effects.check == number:
                add(place, place)
        follow()
        return run, own, {name for name, _ in done if isinstance(name, str)}


def _closure(names, leads_to):
    found, queue = set(names), list(names)
    while queue:
        for name in leads_to.get(queue.pop(), ()):
            if name not in found:
                found.add(name)
                queue.append(name)
    return found


@dataclass
class _Scope:
    """The names of a function, class or comprehension."""

    local: set
    is_class: bool = False
    parameters: tuple = ()
    changed: set = field(default_factory=set)
    returned: set = field(default_factory=set)
    alias: dict = field(default_factory=dict)


class _Reader(ast.NodeVisitor):
    """Collect the effects of one top-level statement."""

    def __init__(self, modules):
        self.effects = Effects()
        self._modules = modules
        self._scopes = []
        self._depth = 0

    # --- names ---

    def _is_global(self, name):
        return not any(name in scope.local for scope in self._scopes)

    def _use(self, name):
        if self._is_global(name):
            later = self._depth > 0
            (self.effects.used_later if later else self.effects.used).add(name)

    def _bind(self, name, values=()):
        """Record an assignment whose value may share parts with those of `values`."""
        for scope in reversed(self._scopes):
            if name in scope.local:
                scope.alias.setdefault(name, set()).update(values)
                return
        if self._depth:
            self.effects.changed_later.add(name)
            self.effects.bound_later.add(name)
        else:
            self.effects.bound.add(name)
        self._share(name, values)

    def _share(self, name, values):
        outer = {value for value in values if self._is_global(value)}
        self.effects.alias.setdefault(name, set()).update(outer - {name})

    def _change(self, names, is_named=False):
        if is_named:
            self.effects.named |= names
        for name in names:
            owner = next(
                (scope for scope in reversed(self._scopes) if name in scope.local), None
            )
            if owner is not None:
                owner.changed.add(name)
                # A local name, such as a loop variable, may refer to a global's value.
                reached = _closure({name}, owner.alias)
                owner.changed |= reached & owner.local
                outer = {other for other in reached if self._is_global(other)}
            else:
                outer = {name}
            later = self._depth > 0
            changed = self.effects.changed_later if later else self.effects.changed
            changed |= outer

    # --- what binds ---

    def visit_Name(self, node):  # noqa: N802
        if isinstance(node.ctx, ast.Load):
            self._use(node.id)
        elif isinstance(node.ctx, ast.Store) or hasattr(builtins, node.id):
            self._bind(node.id)

    def visit_Assign(self, node):  # noqa: N802
        for target in node.targets:
            self._assign(target, node.value)
            if isinstance(target, ast.Name) and not self._scopes:
                is_fixed = _is_scalar(node.value)
                (self.effects.fixed.add if is_fixed else self._unfix)(target.id)
        self.generic_visit(node)

    def visit_AnnAssign(self, node):  # noqa: N802
        if node.value is not None:
            self._assign(node.target, node.value)
            self.generic_visit(node)

    def visit_NamedExpr(self, node):  # noqa: N802
        self._assign(node.target, node.value)
        self.visit(node.value)

    def visit_AugAssign(self, node):  # noqa: N802
        root = _root(node.target)
        if root is not None:
            self._use(root)
            self._change({root})
            self._share_with(root, self._parts(node.value))
        self.generic_visit(node)

    def visit_For(self, node):  # noqa: N802
        self._assign(node.target, node.iter)
        self.generic_visit(node)

    visit_AsyncFor = visit_For  # noqa: N815

    def visit_withitem(self, node):
        if node.optional_vars is not None:
            self._assign(node.optional_vars, node.context_expr)
        self.generic_visit(node)

    def visit_Match(self, node):  # noqa: N802
        values = self._parts(node.subject)
        for inner in ast.walk(node):
            for name in (getattr(inner, "name", None), getattr(inner, "rest", None)):
                if isinstance(inner, ast.pattern) and name:
                    self._bind(name, values)
        self.generic_visit(node)

    def visit_ExceptHandler(self, node):  # noqa: N802
        if node.name:
            self._bind(node.name)
        self.generic_visit(node)

    def visit_Import(self, node):  # noqa: N802
        self._import(node)

    def visit_ImportFrom(self, node):  # noqa: N802
        self._import(node)

    def _unfix(self, name):
        self.effects.fixed.discard(name)

    def _import(self, node):
        for name, module in _imports(node).items():
            self._bind(name)
            if not self._scopes:
                self.effects.imported.add(name)
                self.effects.fixed.add(name)
            top = module.partition(".")[0]
            self.effects.always |= name == "*" or top in UNCLEAR | {"__future__"}
            # An earlier statement may have written the module.
            self._use(f"{top}.py")
        self.effects.bound.discard("*")

    def _assign(self, target, value):
        parts = self._parts(value)
        for node in ast.walk(target):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self._bind(node.id, parts)
            elif isinstance(node, (ast.Attribute, ast.Subscript)):
                self._store(node, parts)

    def _store(self, node, parts=()):
        if isinstance(node.ctx, ast.Load):
            return
        root = _root(node)
        if root is not None:
            self._change({root}, is_named=True)
            self._share_with(root, parts)
            # `np.random.seed = …` may change anything.
            is_module = root in self._modules and self._is_global(root)
            if is_module and isinstance(node, ast.Attribute) and not self._depth:
                self.effects.always = True

    def _share_with(self, name, parts):
        for scope in reversed(self._scopes):
            if name in scope.local:
                scope.alias.setdefault(name, set()).update(parts)
                return
        self._share(name, parts)

    # --- scopes ---

    def visit_FunctionDef(self, node):  # noqa: N802
        for part in (*node.decorator_list, *_defaults(node.args), *_hints(node)):
            self.visit(part)
        for decorator in node.decorator_list:
            if not self._is_harmless(decorator):
                self._change(_roots(decorator), is_named=True)
        kept = (*node.decorator_list, *_defaults(node.args))
        self._bind(node.name, set().union(*map(_roots, kept)))
        if not self._scopes:
            self.effects.defined.add(node.name)
        scope = self._function(node, node.body)
        returned = _closure(scope.returned, scope.alias) - scope.local
        self._share_with(node.name, returned)
        if not self._scopes:
            if all(map(self._is_imported, node.decorator_list)):
                self.effects.fixed.add(node.name)
            # A decorator may replace the function by another.
            if not node.decorator_list:
                parameters = list(scope.parameters)
                changed = _closure(scope.changed, scope.alias) & set(parameters)
                self.effects.functions[node.name] = (parameters, changed)

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_Return(self, node):  # noqa: N802
        if node.value is not None and self._scopes:
            self._scopes[-1].returned |= self._parts(node.value)
        self.generic_visit(node)

    visit_Yield = visit_Return  # noqa: N815

    def visit_Lambda(self, node):  # noqa: N802
        for part in _defaults(node.args):
            self.visit(part)
        self._function(node, [node.body])

    def _function(self, node, body):
        parameters = tuple(parameter.arg for parameter in _parameters(node.args))
        scope = _Scope(set(parameters) | _locals(body), parameters=parameters)
        # Methods do not see the names of their class.
        outer = [scope for scope in self._scopes if not scope.is_class]
        before, self._scopes = self._scopes, [*outer, scope]
        self._depth += 1
        for part in body:
            self.visit(part)
        self._depth -= 1
        self._scopes = before
        return scope

    def visit_ClassDef(self, node):  # noqa: N802
        above = [*node.bases, *node.keywords, *node.decorator_list]
        for part in above:
            self.visit(part)
        for part in node.decorator_list:
            if not self._is_harmless(part):
                self._change(_roots(part), is_named=True)
        for part in (*node.bases, *node.keywords):
            # A base class may be changed by `__init_subclass__` or a metaclass.
            self._change(_roots(part) - set(self._modules), is_named=True)
        self._bind(node.name, set().union(*map(_roots, above)))
        if not self._scopes:
            self.effects.defined.add(node.name)
            methods = {part.name for part in node.body if hasattr(part, "name")}
            self.effects.members[node.name] = methods
            if all(map(_holds_nothing, node.body)):
                self.effects.fixed.add(node.name)
        self._scopes.append(_Scope(_locals(node.body), is_class=True))
        for part in node.body:
            self.visit(part)
        self._scopes.pop()

    def _comprehension(self, node):
        scope = _Scope(set())
        for generator in node.generators:
            scope.local |= _roots(generator.target)
        self._scopes.append(scope)
        for generator in node.generators:
            self._assign(generator.target, generator.iter)
        self.generic_visit(node)
        self._scopes.pop()

    visit_ListComp = visit_SetComp = visit_DictComp = _comprehension  # noqa: N815
    visit_GeneratorExp = _comprehension  # noqa: N815

    # --- what changes ---

    def visit_Attribute(self, node):  # noqa: N802
        self._store(node)
        later = self._depth > 0
        (self.effects.methods_later if later else self.effects.methods).add(node.attr)
        self.generic_visit(node)

    def visit_Subscript(self, node):  # noqa: N802
        self._store(node)
        self.generic_visit(node)

    def visit_Constant(self, node):  # noqa: N802
        # One statement may write a file that another one reads.
        if isinstance(node.value, str) and _is_file(node.value):
            name = node.value.rpartition("/")[2]
            self._use(name)
            self._change({name})

    def visit_Call(self, node):  # noqa: N802
        self.generic_visit(node)
        is_plain = not any(isinstance(argument, ast.Starred) for argument in node.args)
        given = [
            (place if is_plain else "*", argument)
            for place, argument in enumerate(node.args)
        ]
        given += [(keyword.arg, keyword.value) for keyword in node.keywords]
        given = [(place, self._mutable(_roots(value))) for place, value in given]
        names = set().union(*(roots for _, roots in given))
        if any(keyword.arg in ("out", "inplace") for keyword in node.keywords):
            self._change(names)
        function = node.func
        if self._is_harmless(function):
            return
        if isinstance(function, ast.Name) and self._is_global(function.id):
            is_certain = function.id in ("setattr", "delattr", "next")
            if is_certain or self._depth or not all(map(self._is_global, names)):
                self._change(names)
            else:
                self.effects.calls.append((function.id, given))
            return
        if isinstance(function, ast.Attribute):
            receiver = self._mutable(_roots(function.value))
            if function.attr in HARMLESS_METHODS:
                if any(keyword.arg == "inplace" for keyword in node.keywords):
                    self._change(receiver)
                return
            self._change(receiver)
            self._change(receiver & {_root(function.value)}, is_named=True)
            if function.attr in TRAINING_METHODS:
                names = set().union(
                    *(roots for place, roots in given if place == "callbacks")
                )
            for name in receiver:
                self._share_with(name, names)
        self._change(names)

    def _is_imported(self, node):
        return _roots(node) <= set(self._modules)

    def _mutable(self, names):
        return {
            name
            for name in names
            if not self._is_module(name) and not hasattr(builtins, name)
        }

    def _is_harmless(self, function):
        """Tell whether a function changes neither its arguments nor the notebook."""
        if isinstance(function, ast.Call):
            return self._is_harmless(function.func)
        root = _root(function)
        if root is None or not self._is_global(root):
            return False
        if root in self._modules:
            last = getattr(function, "attr", self._modules[root].rpartition(".")[2])
            top = self._modules[root].partition(".")[0]
            return top in HARMLESS_MODULES and last not in CHANGING
        return isinstance(function, ast.Name) and root in HARMLESS_BUILTINS

    def _parts(self, value):
        """Return the names whose values may share parts with an expression's value."""
        if isinstance(value, (ast.Constant, ast.Compare, ast.JoinedStr)):
            return set()
        if isinstance(value, ast.Name):
            return set() if self._is_module(value.id) else {value.id}
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
            module = self._modules.get(value.func.id, "")
            if value.func.id in SCALARS or module.partition(".")[0] == "helpers":
                return set()
        return set().union(*map(self._parts, ast.iter_child_nodes(value)))

    def _is_module(self, name):
        return self._is_global(name) and name in self._modules


def _is_scalar(value):
    """Tell whether an expression gives a number, a string, or a tuple of these."""
    if isinstance(value, ast.Tuple):
        return all(map(_is_scalar, value.elts))
    if isinstance(value, ast.UnaryOp):
        return _is_scalar(value.operand)
    if isinstance(value, ast.BinOp):
        return _is_scalar(value.left) and _is_scalar(value.right)
    is_call = isinstance(value, ast.Call) and isinstance(value.func, ast.Name)
    if is_call and value.func.id in SCALARS:
        return True
    return isinstance(value, (ast.Constant, ast.Compare, ast.JoinedStr))


def _holds_nothing(node):
    """Tell whether a statement in a class body adds no mutable value to the class."""
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        return node.value is None or _is_scalar(node.value)
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Expr, ast.Pass))


def _roots(node):
    """Return all names in an expression."""
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _root(node):
    """Return the leftmost name: `model` in `model.get_layer(…).trainable`."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        if isinstance(node, ast.Call) and not isinstance(node.func, ast.Attribute):
            return None  # the function's result, not the function
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def _is_file(text):
    is_short = len(text) < 200
    return is_short and FILE.fullmatch(text) and not NUMBER.fullmatch(text)


def _defaults(arguments):
    return [*arguments.defaults, *filter(None, arguments.kw_defaults)]


def _hints(function):
    hints = [argument.annotation for argument in _parameters(function.args)]
    return [hint for hint in (*hints, function.returns) if hint is not None]


def _parameters(arguments):
    return [
        *arguments.posonlyargs,
        *arguments.args,
        *arguments.kwonlyargs,
        *filter(None, (arguments.vararg, arguments.kwarg)),
    ]


def _locals(body):
    """Return the names that the statements of a function or class bind."""
    bound, declared = set(), set()
    queue = list(body)
    while queue:
        node = queue.pop()
        if isinstance(node, (ast.Global, ast.Nonlocal)):
            declared |= set(node.names)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            bound.add(node.name)
            queue += node.decorator_list
            continue
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            bound.add(node.id)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            bound |= set(_imports(node))
        elif isinstance(node, ast.ExceptHandler) and node.name:
            bound.add(node.name)
        elif isinstance(node, ast.pattern):
            names = (getattr(node, "name", None), getattr(node, "rest", None))
            bound |= set(filter(None, names))
        elif isinstance(node, ast.Lambda):
            continue
        elif isinstance(
            node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
        ):
            queue += [generator.iter for generator in node.generators]
            continue
        queue += ast.iter_child_nodes(node)
    return bound - declared


def _imports(statement):
    """Return the names that a statement imports, and what they refer to."""
    found = {}
    for node in ast.walk(statement):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                found[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                found[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return found


def _sets_something_up(statement, modules):
    """Tell whether a statement may change a global setting.

    ``os.chdir(…)``, ``sys.path.append(…)``, ``tf.config.run_functions_eagerly(True)``:
    a call of a module's function as a statement, with no names of the notebook.
    """
    if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Call):
        return False
    root = _root(statement.value.func)
    top = modules.get(root, "").partition(".")[0]
    if top in SYSTEM:
        return True
    is_free = all(name in modules for name in _roots(statement))
    return bool(top) and top not in DRAWING_MODULES and is_free


def _checked(statement):
    """Return the number if a statement is ``check("2.3", …)``, else an empty string."""
    call = getattr(statement, "value", None)
    if not isinstance(statement, ast.Expr) or not isinstance(call, ast.Call):
        return ""
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    number = getattr(call.args[0], "value", "") if call.args else ""
    return str(number) if name == "check" and NUMBER.fullmatch(str(number)) else ""
