"""Proxies of the student's functions and models, called with plain values.

Numbers, text, arrays, frames, and lists of these are copied. For a Keras model or a
function that the student's code returns, the check gets a proxy: `ModelProxy` or
`FunctionProxy`. Tensors become arrays.

The grader has proxies with the same methods for objects in another process, so a check
can only do what these methods offer.
"""

import contextlib
import dis
import functools
import importlib
import inspect
import re
import sys
import types
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.checks.asserts import NotAttempted, NotYet
from helpers.checks.errors import describe_error, error_message
from helpers.checks.execution import OutOfTime, as_called_by_a_check
from helpers.i18n import gettext, gettext_noop

CALL_PROBLEMS = {
    "nothing": gettext_noop("`{name}` returned nothing. Is there a `return`?"),
    "model_nothing": gettext_noop(
        "The model's `call` returned nothing. Is there a `return`?"
    ),
    "changed": gettext_noop(
        "`{name}` changes its argument `{argument}`. A function leaves what it is given "
        "as it was: work on a copy, or make a new object."
    ),
    "forbidden": gettext_noop(
        "Your code calls a ready-made function that does just what is asked for here. "
        "Write it yourself: while this exercise is checked, that one is closed."
    ),
    "no_layer": gettext_noop(
        "There is no layer called `{layer}` in your model: lessons find layers by name."
    ),
    "raised": gettext_noop("Calling it raised {error_type}: {message}{advice}"),
    "stopped": gettext_noop(
        "Your code stopped with {error_type} in line {line} of its cell, `{text}`{inside}: "
        "{message}{advice}"
    ),
    "exit": gettext_noop(
        "Your code ends Python (`exit`, `quit` or `sys.exit`). A function comes back "
        "with `return`."
    ),
    "too_long": gettext_noop(
        "`{name}` was stopped: it ran for more than {seconds} seconds."
    ),
}
"""What can go wrong while the student's code is called, by its code."""


class CallFailed(NotYet):
    """The student's code could not be called, or gave nothing to look at.

    Parameters
    ----------
    code : str
        A key of `CALL_PROBLEMS`. The grader's sandbox sends it instead of a text.
    error : BaseException, optional
        What the student's code raised.
    found, expected, **values : object
        As for `NotYet`.
    """

    def __init__(self, code, error=None, found=None, expected=None, **values):
        super().__init__(CALL_PROBLEMS[code], found, expected, **values)
        self.code, self.error, self.values = code, error, values


class ConvertedArray(np.ndarray):
    """What the student's code returned as something else than an array.

    Attributes
    ----------
    type_name : str
        What it was: ``"EagerTensor"``, ``"Index"``.
    """

    type_name = ""

    @classmethod
    def of(cls, values, type_name):
        """Return the values, marked with the type that they had."""
        converted = np.array(values).view(cls)
        converted.type_name = type_name
        return converted


@dataclass(frozen=True)
class Tensor:
    """An array that is to arrive as a Keras tensor.

    Attributes
    ----------
    values : numpy.ndarray
    """

    values: np.ndarray


@dataclass(frozen=True)
class SeededGenerator:
    """A `numpy.random.Generator` that is to arrive freshly seeded.

    Attributes
    ----------
    seed : int
    """

    seed: int


@dataclass(frozen=True)
class Callback:
    """A function of the check, which the student's code may call.

    It runs on the check's side, so the student's code cannot inspect it.

    Attributes
    ----------
    function : callable
        Gets arrays, or dictionaries of them; returns an array or a `Tensor`, or
        raises ValueError.
    """

    function: object


@dataclass(frozen=True)
class Opaque:
    """A value that a check has no use for.

    Attributes
    ----------
    type_name : str
    """

    type_name: str


class FunctionProxy:
    """A function (or class) of the student's, to be called with plain values.

    Attributes
    ----------
    name : str
    forbidden : sequence of str
        Functions that do what the exercise asks for: ``"helpers.metrics.mae"``,
        ``"sklearn.metrics.mean_absolute_error"``. While the student's code runs, they refuse.
    """

    def __init__(self, function, name, forbidden=()):
        self._function = function
        self.name = name
        self.forbidden = forbidden

    def __call__(self, *arguments, **keywords):
        """Call the student's code.

        Raises
        ------
        NotAttempted
            If it is the untouched stub.
        CallFailed
            If it raises (the text names the error and its line), returns nothing, or
            changes what it was given.
        """
        if is_empty(self._function):
            raise NotAttempted
        sent = [to_student(value) for value in arguments]
        named = {key: to_student(value) for key, value in keywords.items()}
        given = dict(enumerate(arguments)) | keywords
        received = dict(enumerate(sent)) | named
        trainable = {place: _trainable_layers(one) for place, one in given.items()}
        with _forbidding(self.forbidden):
            value = _run(self._function, sent, named, self.name)
        if value is None:
            raise CallFailed("nothing", name=self.name)
        for place, argument in given.items():
            is_same_model = trainable[place] == _trainable_layers(argument)
            if _differs(argument, received[place]) or not is_same_model:
                shown = _name_of_argument(self._function, place)
                raise CallFailed("changed", name=self.name, argument=shown)
        return to_check(value, gettext("what `{name}` returned", name=self.name))

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
            with _forbidding(self.forbidden):
                _run(self._function, sent, named, self.name)
        except CallFailed as failed:
            if not isinstance(failed.error, Exception):
                raise
            return _names_of(type(failed.error))
        return []

    def make(self, name, **arguments):
        """Make something of `helpers.checks.student_side` where the student's code is.

        Parameters
        ----------
        name : str
            Of the function there that makes it.
        **arguments : object
            Plain values; what the student's code has made, too.

        Returns
        -------
        object : a `ModelProxy`, to be handed to the student's code, or plain values
        """
        from helpers.checks import student_side

        source = inspect.getsource(getattr(student_side, name))
        return self.make_by(source, name, **arguments)

    def make_by(self, source, name, **arguments):
        """Do the same by the source of the function that makes it.

        So the grader can keep what `helpers.checks.student_side` knows out of the sandbox
        until it is handed to the student's code.
        """
        names = {"__name__": name}  # not a line of the notebook in a traceback
        exec(source, names)
        sent = {key: to_student(value) for key, value in arguments.items()}
        return to_check(_run(names[name], [], sent, self.name), name)

    def type_names(self):
        """Return the names of the object's class and of its base classes.

        For a class: "type", its own name, and those of its base classes. Those of a
        notebook's own are ``"__main__.Name"``.
        """
        if isinstance(self._function, type):
            return ["type", *_names_of(self._function)]
        return _names_of(type(self._function))


class ModelProxy:
    """A Keras model on the student's side, behind what a check may ask of it."""

    def __init__(self, model, name):
        self._model = model
        self.name = name

    def __call__(self, pairs, training=False):
        """Return the model's answers to a dictionary of arrays (or an array), as an array.

        With ``training=None`` it is left to the model, as where a lesson just calls it.
        """
        keywords = {} if training is None else {"training": training}
        answer = _run(self._model, [_arrays(pairs)], keywords, self.name)
        if answer is None:
            raise CallFailed("model_nothing")
        return _as_output(answer, gettext("the output of {name}", name=self.name))

    def predict(self, pairs):
        """Return the same by way of `predict`: compiled, as in training."""
        return _as_output(
            _run(self._model.predict, [_arrays(pairs)], {"verbose": 0}, self.name),
            gettext("the output of {name}", name=self.name),
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
        """Return the number of weights that are learned; a constant may be one, too."""
        return int(sum(np.prod(one.shape) for one in self._model.trainable_weights))

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
            `losses` (list) of the last `fit`, `is_clipped` (bool): the optimizer clips
            gradients, and `frozen`: the names of layers whose weights training would
            leave as they are.
        """
        optimizer = getattr(self._model, "optimizer", None)
        history = getattr(self._model, "history", None)
        return {
            "compiled": optimizer is not None,
            "optimizer": None if optimizer is None else _names_of(type(optimizer))[0],
            "is_clipped": any(
                getattr(optimizer, name, None) is not None
                for name in ("clipnorm", "clipvalue", "global_clipnorm")
            ),
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
        raise CallFailed(
            "no_layer",
            found=", ".join(self.layer_names()) or "no layers",
            expected=name,
            layer=name,
        )


def _arrays(pairs):
    if isinstance(pairs, dict):
        return {key: np.asarray(value) for key, value in pairs.items()}
    return np.asarray(pairs)


def _as_output(value, name):
    """Return a model's output: arrays, as a model returns nothing but tensors."""
    output = to_check(value, name)
    if isinstance(output, dict):
        return {key: _as_output(part, name) for key, part in output.items()}
    if isinstance(output, (list, tuple)):
        return type(output)(_as_output(part, name) for part in output)
    return np.asarray(output) if isinstance(output, np.ndarray) else output


def is_function(value):
    """Tell whether a value is a function, a class, or works like one.

    A Keras model can be called, too, but where a function is asked for it is what that
    function returns.
    """
    return callable(value) and not _is_keras(value, "Model")


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


def map_values(function, value):
    """Apply a function to the values in a list, tuple or dictionary.

    Parameters
    ----------
    function : callable
    value : object

    Returns
    -------
    object : a new list, tuple or dictionary; anything else, as it is
    """
    if isinstance(value, dict):
        return {key: function(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        items = [function(item) for item in value]
        return tuple(items) if isinstance(value, tuple) else items
    return value


def to_student(value):
    """Turn a check's value into what the student's code is to receive."""
    if isinstance(value, Tensor):
        from keras import ops

        return ops.convert_to_tensor(value.values)
    if isinstance(value, SeededGenerator):
        return np.random.default_rng(value.seed)
    if isinstance(value, Callback):
        return _callable_by_students(value.function)
    if isinstance(value, FunctionProxy):
        return value._function
    if isinstance(value, ModelProxy):
        return value._model
    if isinstance(value, (np.ndarray, pd.DataFrame, pd.Series)):
        return value.copy()
    return map_values(to_student, value)


def to_check(value, name):
    """Turn what the student's code returned into a plain value or a handle."""
    if isinstance(value, np.generic):
        return value.item()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (np.ndarray, pd.DataFrame, pd.Series)):
        return value.copy()
    if isinstance(value, (list, tuple, dict)):
        return map_values(lambda item: to_check(item, name), value)
    if isinstance(value, (set, frozenset)):
        return [to_check(item, name) for item in value]
    if isinstance(value, pd.Index):
        return ConvertedArray.of(value.to_numpy(), type(value).__name__)
    if _is_keras(value, "Model"):
        return ModelProxy(value, name)
    if callable(value):
        return FunctionProxy(value, name)
    if hasattr(value, "__array__") and not _is_keras(value, "KerasTensor"):
        return ConvertedArray.of(value, type(value).__name__)
    return Opaque(type(value).__name__)


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
    """The student's code calls a function that has the answer in it."""


@contextlib.contextmanager
def _forbidding(names):
    """Make ready-made functions refuse, under whatever name they were imported."""
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
    # What a decorator wraps around it has variables of its own, and cannot be replaced.
    found = inspect.unwrap(found) if callable(found) else None
    return found if isinstance(found, types.FunctionType) else None


def _refuse(*_, **__):
    # This code runs as that of another module's function, whose names it sees.
    from helpers.checks.proxies import WriteItYourself

    raise WriteItYourself


def _run(function, arguments, keywords, name):
    try:
        with as_called_by_a_check():
            return function(*arguments, **keywords)
    except (NotYet, NotAttempted):
        raise
    except WriteItYourself:
        raise CallFailed("forbidden") from None
    except SystemExit as error:
        raise CallFailed("exit", error) from None
    except OutOfTime as error:
        raise CallFailed("too_long", error, name=name, seconds=error.seconds) from None
    except NotImplementedError as error:
        _raise_if_stub(error)
        raise _as_call_failed(error) from None
    except Exception as error:
        raise _as_call_failed(error) from None


def _raise_if_stub(error):
    if stub := STUB.match(error_message(error)):
        raise NotAttempted(stub[1]) from None


# "Exercise 2.3: its title", in whatever language the notebook is written.
STUB = re.compile(r"\w+ (\d+\.\d+): ")


def _as_call_failed(error):
    """Name an error of the student's code and the line where it came up."""
    values = describe_error(error)
    return CallFailed("stopped" if "line" in values else "raised", error, **values)


def _trainable_layers(value):
    """Return which layers of a model can be trained; None for another value."""
    if not isinstance(value, ModelProxy):
        return None
    return [(layer.name, layer.trainable) for layer in value._model.layers]


def _name_of_argument(function, place):
    """Return the name of an argument by its place or keyword."""
    if isinstance(place, str):
        return place
    try:
        return list(inspect.signature(function).parameters)[place]
    except (TypeError, ValueError, IndexError):
        return str(place + 1)


def _differs(before, after):
    """Tell whether a value has changed; missing values are equal to each other."""
    if isinstance(before, np.ndarray):
        if not isinstance(after, np.ndarray) or before.shape != after.shape:
            return True
        return before.dtype != after.dtype or not pd.Series(before.ravel()).equals(
            pd.Series(after.ravel())
        )
    if isinstance(before, (pd.DataFrame, pd.Series)):
        return not before.equals(after)
    if isinstance(before, (list, tuple)):
        return len(before) != len(after) or any(map(_differs, before, after))
    if isinstance(before, dict):
        return before.keys() != after.keys() or any(
            _differs(before[key], after[key]) for key in before
        )
    is_plain = isinstance(before, (bool, int, float, str))
    return is_plain and before != after and not (before != before and after != after)
