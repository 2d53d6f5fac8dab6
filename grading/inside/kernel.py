"""Run a submission's statements in IPython's shell, as in a notebook.

There is no system shell, screen or keyboard. Code that asks for one does nothing, or
fails immediately.
"""

import ast
import asyncio
import contextlib
import importlib
import inspect
import io
import linecache
import os
import re
import sys
import types
from dataclasses import dataclass

from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import CapturedIO
from IPython.utils.text import SList
from traitlets.config import Config

import helpers.checks
from grading.inside import slicing
from grading.inside.cells import names_in_text, statements
from helpers.checks import proxies

CELL = "<cell {}>"
SILENT_MAGICS = (
    *("pip", "conda", "mamba", "micromamba", "uv", "sx", "system", "config"),
    *("matplotlib", "gui", "autoreload", "load_ext", "reload_ext", "tensorboard"),
    *("tensorflow_version", "lsmagic", "notebook", "pdb", "debug", "pylab"),
)


@dataclass(frozen=True)
class Checked:
    """The arguments of a call of ``check`` in the notebook.

    Attributes
    ----------
    moment : int
        The number of statements that had run.
    objects : tuple
    names : dict
        The notebook's namespace at that moment.
    """

    moment: int
    objects: tuple
    names: dict


class Kernel:
    """Hold a notebook's namespace, and run its statements.

    Parameters
    ----------
    wanted : dict of str to sequence of str
        The names that each exercise takes.
    """

    def __init__(self, wanted):
        self._shell = _shell()
        self.names = self._shell.user_ns
        self.names["__name__"] = "__main__"
        self._streams = sys.stdout, sys.stderr
        self._folder = os.getcwd()
        self._wanted = {number: tuple(names) for number, names in wanted.items()}
        self._given = {}
        self._cells = {}
        self._moment = 0
        self._defined, self._functions, self._checked = {}, {}, {}
        self._set_aside = {}
        helpers.checks.check = helpers.checks.api.check = self._check

    def write_modules(self, modules):
        """Write a submission's own modules into its working folder.

        Parameters
        ----------
        modules : dict of str to str
            Their sources, by path: ``"utils.py"``, ``"tools/__init__.py"``.
        """
        for name, source in modules.items():
            path = os.path.join(self._folder, *name.split("/"))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(source)
        if self._folder not in sys.path:
            sys.path.insert(0, self._folder)

    def give(self, number, sources, names):
        """Replace the notebook's answer to an exercise by the course's.

        Parameters
        ----------
        number : str
        sources : list of str
        names : list of str
            The names that the notebook gets, even if it binds them to other values.
        """
        answer = {"__name__": "__main__"}
        for place, source in enumerate(sources):
            file = f"<answer {number} {place}>"
            _remember(file, source)
            exec(compile(source, file, "exec"), answer)
        self._given |= {name: answer[name] for name in names}
        self.names.update(self._given)

    def run(self, place, source, number=None):
        """Run one statement of a cell.

        Parameters
        ----------
        place : int
            The cell's position.
        source : str
            The cell's text.
        number : int, optional
            The statement's number; by default, run all of them.

        Raises
        ------
        BaseException
            Any exception of the statement.
        """
        for statement in self._statements(place, source, number):
            self._run(statement, CELL.format(place))

    def bound_by(self, place, source, number=None):
        """Return the names that a statement binds.

        For a cell that cannot be parsed, return those that its text binds.

        Parameters
        ----------
        place, source, number
            As for `run`.

        Returns
        -------
        list of str
        """
        try:
            found = self._statements(place, source, number)
            names = (slicing.bindings(statement)[0] for statement in found)
            return sorted(set().union(*names))
        except Exception:
            return sorted(names_in_text(source) | _imported(source))

    def _statements(self, place, source, number):
        if place not in self._cells:
            _remember(CELL.format(place), source)
            self._cells[place] = statements(source)
        found = self._cells[place]
        return found if number is None else found[number : number + 1]

    def _run(self, statement, file):
        self._moment += 1
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            # An earlier statement may have written a module.
            importlib.invalidate_caches()
        tree = self._shell.transform_ast(ast.Module([statement], []))
        compiler = self._shell.compile
        try:
            with compiler.extra_flags(ast.PyCF_ALLOW_TOP_LEVEL_AWAIT):
                code = compiler(tree, file, "exec")
            if code.co_flags & inspect.CO_COROUTINE:
                asyncio.run(eval(code, self.names))
            else:
                exec(code, self.names)
        finally:
            # The student's code may have set `sys.stdout = None`.
            sys.stdout, sys.stderr = self._streams
            self._note(statement)

    def _note(self, statement):
        """Remember the functions, because later statements may rebind their names."""
        with contextlib.suppress(Exception):
            _, defined = slicing.bindings(statement)
            self._defined |= dict.fromkeys(defined, self._moment)
        for name in set().union(*self._wanted.values()):
            value = self.names.get(name)
            if _is_answer(value):
                self._functions[name] = value
        if self._given:
            self.names.update(self._given)
            for module in self._own_modules():
                for name in self._given.keys() & vars(module).keys():
                    setattr(module, name, self._given[name])

    def _own_modules(self):
        return [
            module
            for module in list(sys.modules.values())
            if isinstance(module, types.ModuleType)
            and str(getattr(module, "__file__", "")).startswith(self._folder + os.sep)
        ]

    def _check(self, number, *objects):
        """Remember the arguments of the notebook's own ``check``."""
        names = self._wanted.get(str(number), ())
        if objects and len(objects) == len(names) and all(map(callable, objects)):
            self._checked[str(number)] = Checked(
                self._moment, objects, dict(self.names)
            )

    def answers(self, names):
        """Return the objects that an exercise takes, and restore the names they need.

        The arguments of the notebook's last ``check`` count, with the values that its
        names had then, unless a ``def`` or an import came later. Without a ``check``,
        the last function of that name counts.

        Parameters
        ----------
        names : sequence of str

        Returns
        -------
        list
        """
        for name, value in self._set_aside.items():
            if value is inspect.Parameter.empty:
                self.names.pop(name, None)
            else:
                self.names[name] = value
        takes = tuple(names)
        numbers = [number for number, own in self._wanted.items() if own == takes]
        checked = self._checked.get(numbers[0]) if numbers else None
        if checked and any(self._is_newer(name, checked) for name in names):
            checked = None
        before = {
            name: value
            for name, value in self._functions.items()
            if not _is_answer(self.names.get(name))
        }
        if checked:
            before |= {
                name: value
                for name, value in checked.names.items()
                if not self._is_newer(name, checked)
                and self.names.get(name, inspect.Parameter.empty) is not value
            }
        before |= self._given
        self._set_aside = {
            name: self.names.get(name, inspect.Parameter.empty) for name in before
        }
        self.names.update(before)
        if checked:
            return list(checked.objects)
        return [self.names.get(name) for name in names]

    def _is_newer(self, name, checked):
        return self._defined.get(name, 0) > checked.moment


def _shell():
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.cache_size = 0
    shell = InteractiveShell.instance(config=config)
    shell.system = shell.system_raw = shell.system_piped = _no_system(shell)
    shell.getoutput = lambda *_, **__: SList([])
    shell.enable_gui = shell.enable_matplotlib = lambda *_, **__: None
    shell.ask_exit = lambda: None
    shell.nothing_captured = lambda: CapturedIO(io.StringIO(), io.StringIO())
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind] |= dict.fromkeys(SILENT_MAGICS, _nothing)
    return shell


def _no_system(shell):
    def system(*_, **__):
        shell.user_ns["_exit_code"] = 127

    return system


def _nothing(line="", cell=None):
    """Do nothing."""
    return SList([])


def _is_answer(value):
    """Tell whether a value is a function or class, and not a built Keras model."""
    return callable(value) and not proxies._is_keras(value, "Layer")


def _imported(source):
    """Find the names that a text imports, even if it cannot be parsed."""
    lists = re.findall(r"(?m)^(?:from .+ )?import +(\([^)]*\)|.+)", source)
    names = [name for names in lists for name in names.strip("()").split(",")]
    return {name.split()[-1].partition(".")[0] for name in names if name.split()}


def _remember(file, source):
    """Make a source without a file available to `inspect` and TensorFlow."""
    lines = source.splitlines(keepends=True)
    linecache.cache[file] = (len(source), None, lines, file)


def place_of(error):
    """Return an error's class, and the last line of a cell in its traceback.

    Parameters
    ----------
    error : BaseException

    Returns
    -------
    dict
        ``error``; if known, ``cell``, ``line``, and ``missing``: the undefined name;
        ``says``: the message, if it is about a call or `__init__` itself.
    """
    place = {"error": type(error).__name__[:60]}
    step = error.__traceback__
    while step is not None:
        name = step.tb_frame.f_code.co_filename
        if name.startswith("<cell ") and name[6:-1].isdigit():
            place |= {"cell": int(name[6:-1]), "line": step.tb_lineno}
        last, step = step.tb_frame, step.tb_next
    with contextlib.suppress(Exception):
        if type(error) is NameError:
            # Keras raises a new NameError, with the name only in its message.
            known = error.name or str(error).split("'")[1]
            place["missing"] = known[:60]
        if type(error) is TypeError and "cell" not in place:
            place["says"] = str(error)[:200]
        if type(error) is RuntimeError and "`super().__init__()`" in str(error):
            # Keras notices that only when the model is called.
            code = type(last.f_locals["self"]).__init__.__code__
            place |= {"says": str(error)[:200], "line": code.co_firstlineno}
            place["cell"] = int(code.co_filename[6:-1])
        if isinstance(error, SyntaxError) and type(error.lineno) is int:
            place.setdefault("line", error.lineno)
    return place
