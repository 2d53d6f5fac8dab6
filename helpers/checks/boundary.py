"""Between a check and the student's objects: plain values in, plain values out.

Numbers, text, arrays, frames, and lists of these cross as copies. A Keras model
or a function that the student's code returns stays where it is, behind a
handle: `Model` or `Function`. Tensors arrive as arrays.

Everything here also has to work when the two sides are in different processes,
so a check can only do what these handles offer.
"""

import contextlib
import dis
import functools
import importlib
import inspect
import io
import os
import re
import sys
import traceback
import types
import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.checks.exercise import NotAttempted, NotYet
from helpers.language import say


@dataclass(frozen=True)
class Tensor:
    """An array that is to arrive as a Keras tensor.

    Attributes
    ----------
    values : numpy.ndarray
    """

    values: np.ndarray


@dataclass(frozen=True)
class Dice:
    """A `numpy.random.Generator` that is to arrive freshly seeded.

    Attributes
    ----------
    seed : int
    """

    seed: int


@dataclass(frozen=True)
class Lent:
    """A function of the check's own, which the student's code may call.

    It runs where the check runs: whoever calls it learns what it answers, and nothing
    of how.

    Attributes
    ----------
    function : callable
        Gets arrays, or dictionaries of them; returns an array or a `Tensor`, or
        raises ValueError.
    """

    function: object


@dataclass(frozen=True)
class Other:
    """A value that a check has no use for.

    Attributes
    ----------
    type_name : str
    """

    type_name: str


class Function:
    """A function (or class) of the student's, to be called with plain values.

    Attributes
    ----------
    name : str
    closed : sequence of str
        Functions of `helpers` that do what the exercise asks for:
        ``"helpers.metrics.mae"``. While the student's code runs, they refuse.
    changed : list of int
        Which arguments (from 0) the last call changed in place.
    """

    def __init__(self, function, name, closed=()):
        self._function = function
        self.name = name
        self.closed = closed
        self.changed = []

    def __call__(self, *arguments, **keywords):
        """Call the student's code.

        Raises
        ------
        NotAttempted
            If it is the untouched stub.
        NotYet
            If it raises; the text names the error and its line.
        """
        if is_empty(self._function):
            raise NotAttempted
        sent = [to_student(value) for value in arguments]
        named = {key: to_student(value) for key, value in keywords.items()}
        with _closing(self.closed):
            value = _run(self._function, sent, named)
        self.changed = [
            place
            for place, (before, after) in enumerate(zip(arguments, sent, strict=True))
            if _differs(before, after)
        ]
        if value is None:
            raise NotYet(
                "`{name}` returned nothing. Is there a `return`?", name=self.name
            )
        return to_check(value, say("what `{name}` returned", name=self.name))

    def error_of(self, *arguments, **keywords):
        """Call the student's code, and name the error that it raises.

        Returns
        -------
        list of str : the names of the error's class and of its base classes;
            empty where the call went through
        """
        if is_empty(self._function):
            raise NotAttempted
        sent = [to_student(value) for value in arguments]
        named = {key: to_student(value) for key, value in keywords.items()}
        try:
            with _closing(self.closed), _quietly():
                self._function(*sent, **named)
        except NotImplementedError as error:
            _raise_if_stub(error)
            return _names_of(type(error))
        except Exception as error:
            return _names_of(type(error))
        return []

    def make(self, name, **arguments):
        """Make something of `helpers.checks.given` where the student's code is.

        Parameters
        ----------
        name : str
            Of the function there that makes it.
        **arguments : object
            Plain values; what the student's code has made, too.

        Returns
        -------
        object : a `Model`, to be handed to the student's code, or plain values
        """
        from helpers.checks import given

        source = inspect.getsource(getattr(given, name))
        return self.make_by(source, name, **arguments)

    def make_by(self, source, name, **arguments):
        """Do the same by the source of the function that makes it.

        So the grader can keep what `helpers.checks.given` knows out of the sandbox
        until it is handed to the student's code.
        """
        names = {}
        exec(source, names)
        sent = {key: to_student(value) for key, value in arguments.items()}
        return to_check(_run(names[name], [], sent), name)

    def type_names(self):
        """Return the names of the object's class and of its base classes.

        For a class: "type", its own name, and those of its base classes. Those of a
        notebook's own are ``"__main__.Name"``.
        """
        if isinstance(self._function, type):
            return ["type", *_names_of(self._function)]
        return _names_of(type(self._function))


class Model:
    """A Keras model on the student's side, behind what a check may ask of it."""

    def __init__(self, model, name):
        self._model = model
        self.name = name

    def __call__(self, pairs, training=False):
        """Return the model's answers to a dictionary of arrays (or an array), as an array.

        With ``training=None`` it is left to the model, as where a lesson just calls it.
        """
        keywords = {} if training is None else {"training": training}
        answer = _run(self._model, [_arrays(pairs)], keywords)
        if answer is None:
            raise NotYet("The model's `call` returned nothing. Is there a `return`?")
        return to_check(answer, say("the output of {name}", name=self.name))

    def predict(self, pairs):
        """Return the same by way of `predict`: compiled, as in training."""
        return to_check(
            _run(self._model.predict, [_arrays(pairs)], {"verbose": 0}),
            say("the output of {name}", name=self.name),
        )

    def inputs(self):
        """Return how the model takes its inputs.

        Returns
        -------
        kind : str
            ``"dict"``, ``"list"`` or ``"one"``; empty for a subclass.
        names : list of str
        """
        if not _is_keras(self._model, "Functional"):
            return "", []
        inputs = self._model.input
        names = [one.name for one in self._model.inputs]
        if isinstance(inputs, dict):
            return "dict", list(inputs)
        return ("list" if isinstance(inputs, (list, tuple)) else "one"), names

    def layer_names(self):
        """Return the layers' names, in order."""
        return [layer.name for layer in self._model.layers]

    def weights(self, layer):
        """Return the weights of the layer with this name, as arrays."""
        return [np.array(weight) for weight in self._layer(layer).get_weights()]

    def set_weights(self, layer, weights):
        """Replace the weights of the layer with this name."""
        self._layer(layer).set_weights(weights)

    def n_weights(self):
        """Return the number of weights."""
        return int(self._model.count_params())

    def penalty(self):
        """Return what regularizers add to the loss."""
        return float(sum(np.asarray(loss) for loss in self._model.losses))

    def training(self):
        """Return how the model was trained.

        Returns
        -------
        dict
            `compiled` (bool), `optimizer` (the name of its class, or None),
            `steps` (int), `learning_rate` (float or None), `epochs` (int) and
            `losses` (list) of the last `fit`, and `frozen`: the names of layers
            whose weights training would leave as they are.
        """
        optimizer = getattr(self._model, "optimizer", None)
        history = getattr(self._model, "history", None)
        return {
            "compiled": optimizer is not None,
            "optimizer": None if optimizer is None else _names_of(type(optimizer))[0],
            "steps": 0 if optimizer is None else int(optimizer.iterations),
            "learning_rate": None
            if optimizer is None
            else float(optimizer.learning_rate),
            "epochs": len(getattr(history, "epoch", ())),
            "losses": list(getattr(history, "history", {}).get("loss", [])),
            "frozen": [
                layer.name
                for layer in self._model.layers
                if layer.weights and not layer.trainable_weights
            ],
        }

    def _layer(self, name):
        for layer in self._model.layers:
            if layer.name == name:
                return layer
        raise NotYet(
            "There is no layer called `{name}` in your model: lessons find layers by name.",
            found=", ".join(self.layer_names()) or "no layers",
            expected=name,
            name=name,
        )


def _arrays(pairs):
    if isinstance(pairs, dict):
        return {key: np.asarray(value) for key, value in pairs.items()}
    return np.asarray(pairs)


def is_empty(value):
    """Tell whether a value is nothing yet: `None`, `...`, or a body that does nothing."""
    if value is None or value is Ellipsis:
        return True
    if isinstance(value, types.FunctionType):
        work = [
            step for step in dis.get_instructions(value) if step.opname not in _IDLE
        ]
        returned = [
            step.argval
            for step in dis.get_instructions(value)
            if step.opname in ("LOAD_CONST", "RETURN_CONST")
        ]
        return not work and all(one is None or one is Ellipsis for one in returned)
    return False


# What `pass`, `...` and `return None` compile to, in Python 3.11 to 3.13.
_IDLE = {"RESUME", "NOP", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST", "POP_TOP"}


def to_student(value):
    """Turn a check's value into what the student's code is to receive."""
    if isinstance(value, Tensor):
        from keras import ops

        return ops.convert_to_tensor(value.values)
    if isinstance(value, Dice):
        return np.random.default_rng(value.seed)
    if isinstance(value, Lent):
        return _callable_by_students(value.function)
    if isinstance(value, Function):
        return value._function
    if isinstance(value, Model):
        return value._model
    if isinstance(value, (np.ndarray, pd.DataFrame, pd.Series)):
        return value.copy()
    if isinstance(value, (list, tuple)):
        return type(value)(to_student(one) for one in value)
    if isinstance(value, dict):
        return {key: to_student(one) for key, one in value.items()}
    return value


def to_check(value, name):
    """Turn what the student's code returned into a plain value or a handle."""
    if isinstance(value, np.generic):
        return value.item()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (np.ndarray, pd.DataFrame, pd.Series)):
        return value.copy()
    if isinstance(value, (list, tuple)):
        plain = [to_check(one, name) for one in value]
        return tuple(plain) if isinstance(value, tuple) else plain
    if isinstance(value, dict):
        return {key: to_check(one, name) for key, one in value.items()}
    if isinstance(value, (set, frozenset)):
        return [to_check(one, name) for one in value]
    if isinstance(value, pd.Index):
        return value.to_numpy()
    if _is_keras(value, "Model"):
        return Model(value, name)
    if callable(value):
        return Function(value, name)
    if hasattr(value, "__array__") and not _is_keras(value, "KerasTensor"):
        return np.array(value)
    return Other(type(value).__name__)


def _callable_by_students(function):
    """Wrap a check's function: tensors go in, and one comes out if it gives one."""

    # Its name would tell a test of the student's whether it is a right one.
    def given(*arguments):
        if any(hasattr(one, "graph") for one in arguments):
            return _in_a_graph(given, arguments)
        return to_student(function(*map(_arrays, arguments)))

    return given


def _in_a_graph(function, arguments):
    """Call a function of arrays where tensors have no numbers yet (`vectorized_map`)."""
    import tensorflow as tf

    return tf.numpy_function(
        lambda *arrays: np.asarray(function(*arrays)), arguments, "float32"
    )


def _is_keras(value, class_name):
    """Tell whether a value is of a Keras class, without importing Keras."""
    return any(
        base.__name__ == class_name
        and base.__module__.split(".")[0] == "keras"
        and _is_where_it_says(base)
        for base in type(value).__mro__
    )


def _is_where_it_says(kind):
    """Tell whether a class is found under its name: anyone can call theirs `Adam`."""
    module = sys.modules.get(kind.__module__)
    return getattr(module, kind.__name__, None) is kind


def _names_of(kind):
    return [
        base.__name__
        if base.__module__ != "__main__" and _is_where_it_says(base)
        else f"__main__.{base.__name__}"
        for base in kind.__mro__
    ]


class WriteItYourself(Exception):  # noqa: N818
    """The student's code calls a function of `helpers` that has the answer in it."""


@contextlib.contextmanager
def _closing(names):
    """Make functions of `helpers` refuse, under whatever name they were imported."""
    found = [_find_function(name) for name in names]
    before = [(one, one.__code__) for one in found if one is not None]
    for one, _ in before:
        one.__code__ = _refuse.__code__
    try:
        yield
    finally:
        for one, code in before:
            one.__code__ = code


def _find_function(name):
    module, *path = re.fullmatch(r"(\w+\.\w+)\.(.+)", name).groups()
    found = functools.reduce(
        lambda owner, part: getattr(owner, part, None),
        path[0].split("."),
        importlib.import_module(module),
    )
    return found if isinstance(found, types.FunctionType) else None


def _refuse(*_, **__):
    # This code runs as that of another module's function, whose names it sees.
    from helpers.checks.boundary import WriteItYourself

    raise WriteItYourself


def _run(function, arguments, keywords):
    try:
        with _quietly():
            return function(*arguments, **keywords)
    except NotImplementedError as error:
        _raise_if_stub(error)
        raise _as_not_yet(error) from None
    except (NotYet, NotAttempted):
        raise
    except WriteItYourself:
        raise NotYet(
            "Your code calls a function of `helpers` that does just what is asked for "
            "here. Write it yourself: while this exercise is checked, that one is closed."
        ) from None
    except Exception as error:
        raise _as_not_yet(error) from None


@contextlib.contextmanager
def _quietly():
    """Keep what the student prints, and NumPy's warnings, out of the card."""
    with (
        contextlib.redirect_stdout(io.StringIO()),
        warnings.catch_warnings(),
        np.errstate(all="ignore"),
    ):
        warnings.simplefilter("ignore")
        yield


def _raise_if_stub(error):
    if stub := STUB.match(_plain(error)):
        raise NotAttempted(stub[1]) from None


# "Exercise 2.3: its title", in whatever language the notebook is written.
STUB = re.compile(r"\w+ (\d+\.\d+): ")


def _as_not_yet(error):
    """Name an error of the student's code and the line where it came up."""
    lines = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        # A cell's code is in no file; everything else is.
        if not os.path.isfile(frame.filename)
        and not frame.filename.startswith(("<frozen", "<__array"))
    ]
    message = _plain(error) or "no message"
    if not lines:
        return NotYet(
            "Calling it raised {error}: {message}",
            error=type(error).__name__,
            message=message,
        )
    return NotYet(
        "Your code stopped with {error} in line {line} of its cell, `{text}`: {message}",
        error=type(error).__name__,
        message=message,
        line=lines[-1].lineno,
        text=lines[-1].line or "…",
    )


# What Keras and TensorFlow wrap around the sentence that says what is wrong.
_WRAPPING = re.compile(
    r"Graph execution error|Detected at node|Exception encountered when calling|"
    r"Arguments received by|<stack traces|File \"|\[\[|\u2022"
)


def _plain(error):
    """Return the sentence of an error's message that says what is wrong."""
    text = re.sub(r"(\x1b|\\x1b)\[[0-9;]*m", "", str(error))
    text = re.sub(r"\{\{.*?\}\}|\[Op:.*?\]| name: *$", "", text)
    lines = [" ".join(line.split()) for line in text.splitlines()]
    lines = [line for line in lines if line]
    telling = [line for line in lines if not _WRAPPING.search(line)] or lines
    message = telling[0] if telling else ""
    if len(message) > 160:
        sentence = message[:160].rpartition(". ")[0]
        message = f"{sentence}." if sentence else f"{message[:159].strip()}…"
    return message


def _differs(before, after):
    if isinstance(before, np.ndarray):
        return not np.array_equal(before, after, equal_nan=before.dtype.kind == "f")
    if isinstance(before, (pd.DataFrame, pd.Series)):
        return not before.equals(after)
    if isinstance(before, (list, tuple)):
        return len(before) != len(after) or any(map(_differs, before, after))
    return False
