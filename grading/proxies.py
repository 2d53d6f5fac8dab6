"""The student's functions and models, as a check sees them, over the pipe.

`RemoteFunction` and `RemoteModel` have the methods of `boundary.Function` and
`boundary.Model`, each of which is a question to the process in the sandbox. What
comes back is measured before a check gets to see it.
"""

import dataclasses
import re

import numpy as np
import pandas as pd

from grading.inside.protocol import Handle, TooLargeError, WireError, decode, encode
from grading.session import Died, error_name
from helpers.checks.asserts import NotAttempted, NotYet
from helpers.checks.proxies import (
    Callback,
    CallFailed,
    ConvertedArray,
    FunctionProxy,
    ModelProxy,
    Opaque,
)
from helpers.i18n import gettext, gettext_noop

TOO_MUCH = gettext_noop("`{name}` returned far more than was asked for.")

EXERCISE = re.compile(r"\d{1,2}\.\d{1,2}")

PLAIN = (bool, int, float, str, np.generic, np.ndarray, pd.DataFrame, pd.Series)

# With which a function of a check's may be called from the sandbox.
MOST_NUMBERS = 100_000

# What a method returns, where no student's function decides about it.
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
        # It reads what it makes on this side, and then calls `make_by`.
        and name != "make"
    ]


def _forward(method):
    def ask(self, *arguments, **keywords):
        return self._line.call(self, method, arguments, keywords)

    ask.__name__ = method
    ask.__doc__ = f"Do what `boundary`'s `{method}` does, in the sandbox."
    return ask


class RemoteFunction(FunctionProxy):
    """A function (or class) of the student's that stays in the sandbox.

    Parameters
    ----------
    line : Channel
    handle : int
    name : str
    """

    def __init__(self, line, handle, name):
        super().__init__(None, name)
        self._line, self._handle = line, handle


class RemoteModel(ModelProxy):
    """A Keras model that stays in the sandbox; parameters as `RemoteFunction`."""

    def __init__(self, line, handle, name):
        super().__init__(None, name)
        self._line, self._handle = line, handle


# Whatever `boundary` can ask of a student's object can be asked from here.
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
        self._lent = []

    def objects(self, names, seed, forbidden=()):
        """Return what the exercise takes.

        Parameters
        ----------
        names : sequence of str
        seed : int
            For the start values of models.
        forbidden : sequence of str
            Functions of `helpers` that the exercise's may not call.

        Returns
        -------
        list
            A `RemoteFunction`, None where there is nothing, or something of the
            type of what stands there instead.

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
        objects = [self._object(*one) for one in zip(found, names, strict=True)]
        if all(one is None for one in objects):
            return objects
        # One of several is there: its parts of the check may still earn points.
        return [
            FunctionProxy(None, name) if one is None else one
            for one, name in zip(objects, names, strict=True)
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
        object : of plain values, `RemoteFunction` and `RemoteModel`

        Raises
        ------
        NotAttempted, NotYet
        """
        session = self._session
        self._lent.clear()
        try:
            answer = session.ask(
                "call",
                session.limits.call_seconds,
                self.lend,
                handle=target._handle,
                method=method,
                arguments=encode(self.outbound(arguments)),
                keywords=encode(self.outbound(keywords)),
            )
        except Died as death:
            raise NotYet(str(death)) from None
        if "problem" in answer:
            self._raise(answer, target)
        try:
            value = self._inbound(decode(answer.get("value")), target.name)
        except TooLargeError:
            # Whole and of a known form, so it can go on.
            raise NotYet(TOO_MUCH, name=target.name) from None
        except WireError:
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

    def lend(self, message):
        """Call a function of the check's for the sandbox."""
        place = message["lent"]
        if type(place) is not int or not 0 <= place < len(self._lent):
            return {"error": "There is no such function."}
        try:
            arguments = decode(message.get("arguments"))
            parts = [one for given in arguments for one in _parts(given)]
            if sum(map(np.size, parts)) > MOST_NUMBERS:
                return {"error": "That is far more than was handed over."}
            answer = self._lent[place].function(*arguments)
        except Exception as error:
            # Its own words for what it was asked; hostile values fail in any way.
            is_told = isinstance(error, ValueError)
            return {"error": str(error)[:300] if is_told else "It cannot use that."}
        return {"value": encode(self.outbound(answer))}

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
            raise NotYet(
                gettext_noop("Your code stopped with {error}{where}."),
                error=error_name(answer),
                where=self._session.line(answer),
            )
        raise NotYet(
            gettext_noop("`{name}` could not be used as the check asked."), name=name
        )

    def outbound(self, value):
        """Put handles in the place of what the other side has, and is not to have."""
        if isinstance(value, RemoteFunction):
            return Handle("function", value._handle)
        if isinstance(value, RemoteModel):
            return Handle("model", value._handle)
        if isinstance(value, Callback):
            self._lent.append(value)
            return Handle("lent", len(self._lent) - 1)
        if dataclasses.is_dataclass(value):
            fields = [getattr(value, one.name) for one in dataclasses.fields(value)]
            return Handle("plain", [type(value).__name__, *map(self.outbound, fields)])
        if isinstance(value, (list, tuple)):
            items = [self.outbound(one) for one in value]
            return tuple(items) if isinstance(value, tuple) else items
        if isinstance(value, dict):
            return {key: self.outbound(one) for key, one in value.items()}
        if value is None or isinstance(value, PLAIN):
            return value
        raise TypeError(f"a check cannot hand over a {type(value).__name__}")

    def _inbound(self, value, name):
        if isinstance(value, Handle):
            if value.kind == "function":
                return RemoteFunction(self, value.value, name)
            if value.kind == "model":
                return RemoteModel(self, value.value, name)
            if value.kind == "plain":
                return _converted(value.value)
            kind = value.value if isinstance(value.value, str) else ""
            return Opaque(kind if kind.isidentifier() else "object")
        if isinstance(value, (list, tuple)):
            items = [self._inbound(one, name) for one in value]
            return tuple(items) if isinstance(value, tuple) else items
        if isinstance(value, dict):
            return {key: self._inbound(one, name) for key, one in value.items()}
        return value


def _told(answer, key):
    """Return a name that the sandbox sent along with a problem."""
    about = answer.get("about")
    told = about.get(key) if isinstance(about, dict) else None
    return told if isinstance(told, str) and told.isidentifier() else "…"


def _converted(content):
    """Return an array that was of another type in the sandbox."""
    if isinstance(content, list) and len(content) == 2:
        type_name, values = content
        if isinstance(type_name, str) and isinstance(values, np.ndarray):
            name = type_name if type_name.isidentifier() else "object"
            return ConvertedArray.of(values, name)
    return Opaque("object")


def _parts(value):
    return list(value.values()) if isinstance(value, dict) else [value]
