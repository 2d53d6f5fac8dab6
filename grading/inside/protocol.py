"""Send plain values over the pipe as length-prefixed JSON.

There is no pickle, and there are no arrays of objects. A value is a number, text, a
list, tuple or dictionary of these, an array of a numeric type, or a frame. All other
objects are sent as handles: numbers that have a meaning only for their sender.

Both sides use this module. The trusted side takes all it reads for hostile: on any
bytes, `decode` and `receive` raise `ProtocolError` and nothing else.
"""

import base64
import json
import math
import struct
import time
from dataclasses import dataclass

import numpy as np
import pandas as pd

MOST_BYTES = 64 * 2**20
"""The longest message; an array of 8 million float32 just fits."""

REPLY_SECONDS = 10
"""The time from a message's first byte to its last, not for computing the answer."""

MOST_DEPTH, MOST_ITEMS, MOST_TEXT = 12, 200_000, 100_000

MOST_ELEMENTS = 2_000_000
"""The limit for all arrays of one value; the course's checks need about 10,000.

Dimensions of 0 count as 1: an array without columns may have billions of rows, which
take no memory but a long time to loop over. A character counts as one element, and a
Python object as `OBJECT` elements.
"""

OBJECT = MOST_ELEMENTS // MOST_ITEMS

MOST_PARTS = 2_000_000
"""The limit for one message: 64 MB of empty lists would need gigabytes of memory."""

TOO_LARGE = "a message too large"

LENGTH = struct.Struct(">I")

NUMERIC = {
    "bool",
    *(f"{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64)),
    *(f"float{bits}" for bits in (16, 32, 64)),
    "datetime64[ns]",
    "datetime64[us]",
    "datetime64[ms]",
    "datetime64[s]",
}


class ProtocolError(Exception):
    """A message cannot be read, is too large, or came too late."""


class TooLargeError(ProtocolError):
    """A value is well-formed, but larger than any check needs."""

    def __init__(self):
        super().__init__("a value too large")


@dataclass(frozen=True)
class Handle:
    """A reference to an object that stays with its owner.

    Attributes
    ----------
    kind : str
        ``"function"``, ``"model"``, ``"callback"`` (a check's function), ``"plain"``
        or ``"other"``.
    value : object
        The object's number; for ``"plain"``, a list of a dataclass's name in
        `helpers.checks.proxies` and its fields; for ``"other"``, the type's name.
    """

    kind: str
    value: object


def encode(value, depth=0):
    """Turn a plain value into one that JSON can hold.

    Parameters
    ----------
    value : object
        A plain value or a `Handle`; anything else becomes a handle ``"other"``.

    Returns
    -------
    object
    """
    if depth > MOST_DEPTH:
        return {"other": "something nested too deeply"}
    if value is None or isinstance(value, bool):
        return value
    # Use the base class's methods, because a subclass may override them.
    if isinstance(value, int):
        value = int.__int__(value)
        return value if abs(value) < 2**64 else {"other": "int"}
    if isinstance(value, float):
        return {"float": float.__repr__(value)}
    if isinstance(value, str):
        return str.__str__(value)[:MOST_TEXT].encode("utf-8", "replace").decode()
    if isinstance(value, Handle):
        inner = encode(value.value, depth + 1) if value.kind == "plain" else value.value
        return {value.kind: inner}
    if isinstance(value, np.generic):
        value = np.asarray(value)
    if isinstance(value, np.ndarray):
        return _encode_array(value, depth)
    if isinstance(value, (pd.DataFrame, pd.Series)):
        return _encode_table(value, depth)
    if isinstance(value, (list, tuple)):
        name = "tuple" if isinstance(value, tuple) else "list"
        return {name: [encode(item, depth + 1) for item in value[:MOST_ITEMS]]}
    if isinstance(value, dict):
        pairs = list(value.items())[:MOST_ITEMS]
        return {
            "dict": [[encode(k, depth + 1), encode(v, depth + 1)] for k, v in pairs]
        }
    return {"other": type(value).__name__[:60]}


def _encode_array(array, depth):
    array = np.asarray(array)
    if array.dtype.name in NUMERIC:
        array = np.ascontiguousarray(array).reshape(array.shape)
        data = base64.b64encode(array.tobytes()).decode("ascii")
        return {"array": [array.dtype.name, list(array.shape), data]}
    if array.dtype.kind in "OU" and array.size <= MOST_ITEMS:
        items = [encode(item, depth + 1) for item in array.ravel().tolist()]
        return {"items": [list(array.shape), items]}
    return {"other": "ndarray"}


def _encode_table(table, depth):
    frame = table.to_frame() if isinstance(table, pd.Series) else table
    columns = [
        _encode_column(frame.iloc[:, place], depth) for place in range(frame.shape[1])
    ]
    names = [encode(name, depth + 1) for name in frame.columns.tolist()]
    index = _encode_column(frame.index.to_series(), depth)
    index_name = encode(frame.index.name, depth + 1)
    kind = "series" if isinstance(table, pd.Series) else "frame"
    if kind == "series":
        names = [encode(table.name, depth + 1)]
    return {kind: [names, columns, index, index_name]}


def _encode_column(column, depth):
    if column.dtype.name in NUMERIC:
        return _encode_array(column.to_numpy(), depth)
    values = [
        None if item is pd.NA else item for item in column.astype(object).tolist()
    ]
    return _encode_array(_objects(values), depth)


def _objects(values):
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def decode(value):
    """Turn a value from JSON back into a plain value.

    Parameters
    ----------
    value : object
        A result of `json.loads`; untrusted.

    Returns
    -------
    object
        A plain value; a `Handle` for an object that stays with its sender.

    Raises
    ------
    ProtocolError
    """
    try:
        return _Decoder().decode(value)
    except ProtocolError:
        raise
    except (RecursionError, MemoryError):
        raise TooLargeError from None
    except Exception as error:
        # On hostile values, NumPy and pandas may raise any exception.
        raise ProtocolError(
            f"a value of a wrong form ({type(error).__name__})"
        ) from None


class _Decoder:
    """Decode one value, and limit the number of its elements."""

    def __init__(self):
        self._left = MOST_ELEMENTS

    def _count(self, elements):
        self._left -= elements
        if self._left < 0:
            raise TooLargeError

    def decode(self, value, depth=0):
        if depth > MOST_DEPTH + 4:
            raise ProtocolError("a value nested too deeply")
        self._count(OBJECT)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            self._count(len(value))
            return value
        if isinstance(value, int):
            if abs(value) >= 2**64:
                raise ProtocolError("a number too large")
            return value
        if not isinstance(value, dict) or len(value) != 1:
            raise ProtocolError("a value of an unknown form")
        ((kind, content),) = value.items()
        if kind == "float":
            return float(_text(content))
        if kind in ("list", "tuple"):
            items = [self.decode(item, depth + 1) for item in _items(content)]
            return tuple(items) if kind == "tuple" else items
        if kind == "dict":
            return {
                _key(self.decode(name, depth + 1)): self.decode(item, depth + 1)
                for name, item in _items(content)
            }
        if kind == "array":
            return self._array(*content)
        if kind == "items":
            return self._object_array(*content, depth)
        if kind in ("frame", "series"):
            return self._table(kind, *content, depth)
        if kind == "plain":
            return Handle(kind, self.decode(content, depth + 1))
        if kind in ("function", "model", "callback"):
            if not isinstance(content, int) or isinstance(content, bool):
                raise ProtocolError("a handle that is no number")
            return Handle(kind, content)
        if kind == "other":
            return Handle(kind, _text(content)[:60])
        raise ProtocolError("a value of an unknown kind")

    def _array(self, dtype, shape, data):
        if dtype not in NUMERIC:
            raise ProtocolError("an array of a type that is not allowed")
        shape, kind = self._shape(shape), np.dtype(dtype)
        content = base64.b64decode(_text(data), validate=True)
        if math.prod(shape) * kind.itemsize != len(content):
            raise ProtocolError("an array whose size is not that of its content")
        array = np.frombuffer(content, dtype=kind).reshape(shape)
        if dtype == "bool" and array.view("uint8").max(initial=0) > 1:
            raise ProtocolError("truth values that are none")
        return array.copy()

    def _object_array(self, shape, items, depth):
        shape = self._shape(shape)
        values = [self.decode(item, depth + 1) for item in _items(items)]
        if math.prod(shape) != len(values):
            raise ProtocolError("an array whose size is not that of its content")
        if values and all(isinstance(item, str) for item in values):
            # NumPy stores each text with the length of the longest.
            self._count(max(map(len, values)) * len(values))
            return np.array(values).reshape(shape)
        return _objects(values).reshape(shape)

    def _shape(self, shape):
        shape = tuple(_items(shape))
        if len(shape) > 8 or not all(type(n) is int and n >= 0 for n in shape):
            raise ProtocolError("a shape that is none")
        self._count(math.prod(max(n, 1) for n in shape))
        return shape

    def _table(self, kind, names, columns, index, index_name, depth):
        names = [_key(self.decode(name, depth + 1)) for name in _items(names)]
        columns = [
            np.asarray(self.decode(column, depth + 1)) for column in _items(columns)
        ]
        index = np.asarray(self.decode(index, depth + 1))
        if len(names) != len(columns) or any(
            column.ndim != 1 or len(column) != len(index)
            for column in [index, *columns]
        ):
            raise ProtocolError("a table whose columns have several lengths")
        index = pd.Index(_narrow(index), name=_key(self.decode(index_name, depth + 1)))
        series = [
            pd.Series(_narrow(column), index=index, copy=True) for column in columns
        ]
        if kind == "series":
            (column,) = series
            return column.rename(names[0])
        frame = pd.DataFrame(dict(enumerate(series)), index=index)
        frame.columns = names
        return frame


def _narrow(column):
    """Let pandas choose the type of text columns, as it does without a pipe."""
    return column.astype(object) if column.dtype.kind == "U" else column


def _items(value):
    if not isinstance(value, list):
        raise ProtocolError("a list was expected")
    return value


def _text(value):
    if not isinstance(value, str):
        raise ProtocolError("text was expected")
    return value


def _key(value):
    if isinstance(value, tuple):
        return tuple(_key(item) for item in value)
    if value is not None and not isinstance(value, (bool, int, float, str)):
        raise ProtocolError("a name that is none")
    return value


def send(pipe, message, deadline=None):
    """Write one message.

    Parameters
    ----------
    pipe : socket.socket
    message : dict
        Values that JSON can hold, such as `encode` returns.
    deadline : float, optional
        A time of `time.monotonic`.

    Raises
    ------
    ProtocolError
    """
    content = json.dumps(message).encode("utf-8")
    if len(content) > MOST_BYTES:
        raise ProtocolError(TOO_LARGE)
    try:
        pipe.settimeout(_left(deadline))
        pipe.sendall(LENGTH.pack(len(content)) + content)
    except TimeoutError:
        raise ProtocolError("too late") from None
    except OSError:
        raise ProtocolError("nobody there") from None


def receive(pipe, deadline=None):
    """Read one message.

    Parameters
    ----------
    pipe : socket.socket
    deadline : float, optional
        A time of `time.monotonic`.

    Returns
    -------
    dict

    Raises
    ------
    ProtocolError
    """
    try:
        return _receive(pipe, deadline)
    except MemoryError:
        raise ProtocolError(TOO_LARGE) from None


def _receive(pipe, deadline):
    first = _read(pipe, 1, deadline)
    if deadline is not None:
        deadline = min(deadline, time.monotonic() + REPLY_SECONDS)
    (length,) = LENGTH.unpack(first + _read(pipe, LENGTH.size - 1, deadline))
    if length > MOST_BYTES:
        raise ProtocolError(TOO_LARGE)
    content = _read(pipe, length, deadline)
    if sum(map(content.count, (b",", b"[", b"{"))) > MOST_PARTS:
        raise ProtocolError("a message of too many parts")
    try:
        message = json.loads(content)
    except (ValueError, RecursionError):
        raise ProtocolError("a message that is no JSON") from None
    if not isinstance(message, dict):
        raise ProtocolError("a message of a wrong form")
    return message


def _read(pipe, length, deadline):
    content = bytearray()
    while len(content) < length:
        try:
            pipe.settimeout(_left(deadline))
            piece = pipe.recv(min(length - len(content), 2**20))
        except TimeoutError:
            raise ProtocolError("too late") from None
        except OSError:
            raise ProtocolError("nobody there") from None
        if not piece:
            raise ProtocolError("nobody there")
        content += piece
    return bytes(content)


def _left(deadline):
    if deadline is None:
        return None
    left = deadline - time.monotonic()
    if left <= 0:
        raise ProtocolError("too late")
    return left
