"""Call the student's functions and models in the sandbox, over the pipe.

`RemoteFunction` and `RemoteModel` have the methods of `FunctionProxy` and `ModelProxy`
in `helpers.checks.proxies`. Each call is a request to the process in the sandbox. The
size and form of each answer are verified before a check receives it.
"""

import dataclasses
import re

import numpy as np
import pandas as pd

from grading.inside.protocol import Handle, ProtocolError, TooLargeError, decode, encode
from grading.session import Died, error_name
from helpers.checks.asserts import NotAttempted, NotYet
from helpers.checks.proxies import (
    Callback,
    CallFailed,
    ConvertedArray,
    FunctionProxy,
    ModelProxy,
    Opaque,
    map_values,
)
from helpers.i18n import gettext, gettext_noop

TOO_MUCH = gettext_noop("`{name}` returned far more than was asked for.")

EXERCISE = re.compile(r"\d{1,2}\.\d{1,2}")

SAFE = re.compile(
    r"[\w.<>]+\(\) (?:takes|missing|got) [\w ,':]+|"
    r"[\w ',]+ `super\(\)\.__init__\(\)` [\w ]+ `__init__\(\)` method\. Go add it!"
)
"""Messages of errors that contain no value, and so no hidden input."""

PLAIN = (bool, int, float, str, np.generic, np.ndarray, pd.DataFrame, pd.Series)

# The most numbers with which the sandbox may call a check's function.
MOST_NUMBERS = 100_000

# The return types of methods that do not return a student's value.
RETURNS = {
    "n_weights": int,
    "penalty": float,
    "layer_names": list,
    "weights": list,
    "training": dict,
    "type_names": list,
    "error_of": list,
}


def _public_methods(kind):
    return [
        name
        for name, value in vars(kind).items()
        if callable(value)
        and (name == "__call__" or not name.startswith("_"))
        # `make` reads a source on this side, and then calls `make_by`.
        and name != "make"
    ]


def _forward(method):
    def ask(self, *arguments, **keywords):
        return self._channel.call(self, method, arguments, keywords)

    ask.__name__ = method
    ask.__doc__ = f"Call the proxy's `{method}` in the sandbox."
    return ask


class RemoteFunction(FunctionProxy):
    """A function or class of the student's that stays in the sandbox.

    Parameters
    ----------
    channel : Channel
    handle : int
    name : str
    """

    def __init__(self, channel, handle, name):
        super().__init__(None, name)
        self._channel, self._handle = channel, handle


class RemoteModel(ModelProxy):
    """A Keras model that stays in the sandbox; see `RemoteFunction`."""

    def __init__(self, channel, handle, name):
        super().__init__(None, name)
        self._channel, self._handle = channel, handle


# Forward every public method of the local proxies.
for _here, _there in ((RemoteFunction, FunctionProxy), (RemoteModel, ModelProxy)):
    for _name in _public_methods(_there):
        setattr(_here, _name, _forward(_name))


class Channel:
    """Calls over the pipe for one exercise.

    Parameters
    ----------
    session : grading.session.Session
    """

    def __init__(self, session):
        self._session = session
        self._callbacks = []

    def objects(self, names, seed, forbidden=()):
        """Return the objects that the exercise takes.

        Parameters
        ----------
        names : sequence of str
        seed : int
            The seed of the models' initial weights.
        forbidden : sequence of str
            Functions of `helpers` that the student's code may not call.

        Returns
        -------
        list
            For each name a `RemoteFunction`; None if it is missing; or an empty value
            of the type that it has instead.

        Raises
        ------
        Died
        """
        seconds = self._session.limits.call_seconds
        about = {"names": list(names), "forbidden": list(forbidden), "seed": seed}
        answer = self._session.ask("objects", seconds, **about)
        found = answer.get("objects")
        if not isinstance(found, list) or len(found) != len(names):
            self._session.stop()
            raise Died(gettext("Your notebook sent a message of a wrong form."))
        objects = [
            self._object(description, name)
            for description, name in zip(found, names, strict=True)
        ]
        if all(value is None for value in objects):
            return objects
        # If only some are missing, the check of the others may still earn points.
        return [
            FunctionProxy(None, name) if value is None else value
            for value, name in zip(objects, names, strict=True)
        ]

    def _object(self, found, name):
        if not isinstance(found, dict):
            return None
        if found.get("is") == "function" and type(found.get("handle")) is int:
            return RemoteFunction(self, found["handle"], name)
        if found.get("is") == "other":
            plain = {"int": 0, "float": 0.0, "str": "", "list": [], "dict": {}}
            kind = found.get("type")
            return plain.get(kind, object()) if isinstance(kind, str) else object()
        return None

    def call(self, target, method, arguments, keywords):
        """Call a method of a handle.

        Returns
        -------
        object : plain values, `RemoteFunction` and `RemoteModel`

        Raises
        ------
        NotAttempted, NotYet
        """
        session = self._session
        self._callbacks.clear()
        try:
            answer = session.ask(
                "call",
                session.limits.call_seconds,
                self.run_callback,
                handle=target._handle,
                method=method,
                arguments=encode(self.to_sandbox(arguments)),
                keywords=encode(self.to_sandbox(keywords)),
            )
        except Died as death:
            raise NotYet(str(death)) from None
        if "problem" in answer:
            self._raise(answer, target)
        try:
            value = self._from_sandbox(decode(answer.get("value")), target.name)
        except TooLargeError:
            # The message was complete and well-formed, so the session can go on.
            raise NotYet(TOO_MUCH, name=target.name) from None
        except ProtocolError:
            session.stop()
            raise NotYet(
                gettext_noop("Your notebook sent a message of a wrong form.")
            ) from None
        if not isinstance(value, RETURNS.get(method, object)):
            raise NotYet(
                gettext_noop("`{name}` could not be asked for its `{method}`."),
                name=target.name,
                method=method,
            )
        return value

    def run_callback(self, message):
        """Call a check's function for the sandbox."""
        place = message["callback"]
        if type(place) is not int or not 0 <= place < len(self._callbacks):
            return {"error": "There is no such function."}
        try:
            arguments = decode(message.get("arguments"))
            parts = [part for argument in arguments for part in _parts(argument)]
            if sum(map(np.size, parts)) > MOST_NUMBERS:
                return {"error": "That is far more than was handed over."}
            answer = self._callbacks[place].function(*arguments)
        except Exception as error:
            # A ValueError is the function's own message. Hostile values may raise any.
            is_message = isinstance(error, ValueError)
            return {"error": str(error)[:300] if is_message else "It cannot use that."}
        return {"value": encode(self.to_sandbox(answer))}

    def _raise(self, answer, target):
        problem, name = answer["problem"], target.name
        if problem == "stub":
            number = str(answer.get("of"))
            raise NotAttempted(number if EXERCISE.fullmatch(number) else "")
        if problem in ("nothing", "model_nothing", "forbidden", "exit"):
            raise CallFailed(problem, name=name)
        if problem == "changed":
            raise CallFailed(problem, name=name, argument=_told(answer, "argument"))
        if problem == "no_layer":
            raise CallFailed(problem, layer=_told(answer, "layer"))
        if problem == "too_long":
            seconds = self._session.limits.call_seconds
            raise CallFailed(problem, name=name, seconds=seconds)
        if problem == "too large":
            raise NotYet(TOO_MUCH, name=name)
        if problem == "stopped":
            says = str(answer.get("says"))
            about = f": {says.rstrip('.!')}" if SAFE.fullmatch(says) else ""
            raise NotYet(
                gettext_noop("Your code stopped with {error}{where}."),
                error=error_name(answer),
                where=self._session.line(answer) + about,
            )
        raise NotYet(
            gettext_noop("`{name}` could not be used as the check asked."), name=name
        )

    def to_sandbox(self, value):
        """Replace objects of the sandbox, and callbacks, by handles."""
        if isinstance(value, RemoteFunction):
            return Handle("function", value._handle)
        if isinstance(value, RemoteModel):
            return Handle("model", value._handle)
        if isinstance(value, Callback):
            self._callbacks.append(value)
            return Handle("callback", len(self._callbacks) - 1)
        if dataclasses.is_dataclass(value):
            fields = [getattr(value, field.name) for field in dataclasses.fields(value)]
            return Handle(
                "plain", [type(value).__name__, *map(self.to_sandbox, fields)]
            )
        if isinstance(value, (list, tuple, dict)):
            return map_values(self.to_sandbox, value)
        if value is None or isinstance(value, PLAIN):
            return value
        raise TypeError(f"a check cannot hand over a {type(value).__name__}")

    def _from_sandbox(self, value, name):
        if isinstance(value, Handle):
            if value.kind == "function":
                return RemoteFunction(self, value.value, name)
            if value.kind == "model":
                return RemoteModel(self, value.value, name)
            if value.kind == "plain":
                return _converted(value.value)
            kind = value.value if isinstance(value.value, str) else ""
            return Opaque(kind if kind.isidentifier() else "object")
        return map_values(lambda item: self._from_sandbox(item, name), value)


def _told(answer, key):
    """Return a name that the sandbox sent with a problem, if it is well-formed."""
    about = answer.get("about")
    told = about.get(key) if isinstance(about, dict) else None
    return told if isinstance(told, str) and told.isidentifier() else "…"


def _converted(content):
    """Return an array that had another type in the sandbox."""
    if isinstance(content, list) and len(content) == 2:
        type_name, values = content
        if isinstance(type_name, str) and isinstance(values, np.ndarray):
            name = type_name if type_name.isidentifier() else "object"
            return ConvertedArray.of(values, name)
    return Opaque("object")


def _parts(value):
    return list(value.values()) if isinstance(value, dict) else [value]
