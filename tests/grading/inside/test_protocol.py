"""Values and messages that cross the pipe, or are refused."""

import contextlib
import json
import os
import socket
import struct
import threading
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grading.inside import protocol
from grading.inside.protocol import Handle, ProtocolError

FRAME = pd.DataFrame(
    {
        "title": ["Alien", None, "Brazil"],
        "rating": [1.5, np.nan, 3.0],
        "n": np.array([1, 2, 3], dtype="int32"),
        "when": pd.to_datetime(["2020-01-01", "2021-01-01", None]),
    },
    index=pd.Index([3, 5, 9], name="movie_id"),
)


@pytest.mark.parametrize(
    "value",
    [
        *(None, True, 7, -1.5, float("inf"), "text é", "", [1, [2.0, "x"]], (1, (2,))),
        {"user": np.arange(3), 4: [None]},
        *(np.zeros((2, 0, 3), "float32"), np.array(5), np.array([True, False])),
        *(np.array(["a", "bc"]), np.array([["a", None]], dtype=object)),
        np.array(["2020-01-01"], dtype="datetime64[ns]"),
        *(Handle("function", 3), Handle("plain", ["Tensor", np.ones(2)])),
    ],
    ids=repr,
)
def test_plain_values_cross(value):
    back = protocol.decode(json.loads(json.dumps(protocol.encode(value))))
    if isinstance(value, Handle) and value.kind == "plain":
        assert back.value[0] == "Tensor"
        np.testing.assert_array_equal(back.value[1], np.ones(2))
        return
    assert type(back) is type(value)
    np.testing.assert_equal(back, value)
    if isinstance(value, np.ndarray):
        assert back.dtype == value.dtype and back.shape == value.shape


def test_tables_cross():
    def there_and_back(table):
        return protocol.decode(json.loads(json.dumps(protocol.encode(table))))

    back = there_and_back(FRAME)
    pd.testing.assert_frame_equal(back, FRAME, check_dtype=False)
    assert back["n"].dtype == "int32" and back["rating"].dtype == "float64"
    pd.testing.assert_series_equal(there_and_back(FRAME["rating"]), FRAME["rating"])
    empty = FRAME.iloc[:0]
    assert there_and_back(empty).shape == empty.shape


def test_what_is_not_plain_stays():
    class Evil:
        def __reduce__(self):
            return os.system, ("true",)

    for value in (Evil(), object, np.array([Evil()]), {1j}, b"bytes"):
        back = protocol.decode(json.loads(json.dumps(protocol.encode(value))))
        flat = back.ravel()[0] if isinstance(back, np.ndarray) else back
        assert isinstance(flat, Handle) and flat.kind == "other"


@settings(max_examples=500)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    [
                        *("float", "list", "tuple", "dict", "array", "items", "frame"),
                        *("series", "plain", "function", "model", "other", "?"),
                    ]
                ),
                inner,
                max_size=2,
            )
        ),
        max_leaves=20,
    )
)
def test_any_value_is_decoded_or_refused(value):
    with contextlib.suppress(ProtocolError):
        protocol.decode(value)


@pytest.mark.parametrize(
    "value",
    [
        {"array": ["object", [1], ""]},
        {"array": ["float64", [10**9, 10**9], ""]},
        {"array": ["float64", [-1], ""]},
        {"array": ["float64", [2], "AAAA"]},
        {"array": ["bool", [1], "BQ=="]},
        {"array": ["float64,int64", [0], ""]},
        {"items": [[3], [1]]},
        {"function": True},
        {"function": "os.system"},
        {"frame": [["a"], [], {"list": []}, None]},
        {"float": "1" * 10 + "x"},
        [1],
        2**70,
        # pandas has no index of that type.
        {"frame": [[], [], protocol.encode(np.ones(2, "float16")), None]},
    ],
    ids=repr,
)
def test_lies_are_refused(value):
    with pytest.raises(ProtocolError):
        protocol.decode(value)


def an_empty_array(*shape):
    return {"array": ["float64", list(shape), ""]}


@pytest.mark.parametrize(
    "value",
    [
        an_empty_array(20_000_000, 0),
        an_empty_array(2**31, 0),
        an_empty_array(0, 2_000, 2_000),
        {"items": [[20_000_000, 0], []]},
        {"items": [[0, 2**31], []]},
        {"frame": [[], [], an_empty_array(2**31, 0), None]},
        {"frame": [[], [], {"items": [[2**31, 0], []]}, None]},
        {"series": [["a"], [an_empty_array(2**31, 0)], an_empty_array(0), None]},
        {"list": [{"list": []}] * 300_000},
        {"tuple": [None] * 300_000},
        {"dict": [[number, None] for number in range(200_000)]},
        {"list": ["x" * 1_000_000] * 3},
        {"list": [an_empty_array(900_000, 0)] * 3},
        {"items": [[2_000], ["x" * 2_000, *[""] * 1_999]]},
        {"dict": [["a", {"list": [1] * 150_000}], ["b", {"list": [1] * 150_000}]]},
        {"plain": {"list": ["Tensor", an_empty_array(20_000_000, 0)]}},
        protocol.encode(np.zeros((1500, 1500))),
    ],
    ids=range(17),
)
def test_more_than_any_check_needs_is_refused(value):
    with pytest.raises(protocol.TooLargeError):
        protocol.decode(value)


def test_what_checks_need_is_far_below_the_limits():
    for value in (
        np.zeros((1000, 1000)),
        [np.zeros(1000)] * 1000,
        ["title"] * 50_000,
        pd.DataFrame({"rating": np.ones(100_000), "title": ["a"] * 100_000}),
    ):
        protocol.decode(json.loads(json.dumps(protocol.encode(value))))


@settings(max_examples=200)
@given(st.binary(max_size=100), st.booleans())
def test_any_bytes_on_the_line_are_a_message_or_refused(content, with_length):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        if with_length:
            content = struct.pack(">I", len(content)) + content
        theirs.sendall(content)
        theirs.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ProtocolError):
            assert isinstance(protocol.receive(ours, time.monotonic() + 5), dict)


def test_a_message_may_be_late_or_too_large():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        started = time.monotonic()
        with pytest.raises(ProtocolError, match="too late"):
            protocol.receive(ours, started + 0.2)
        # A byte now and then does not buy more time.
        theirs.sendall(b"\0")
        with pytest.raises(ProtocolError, match="too late"):
            protocol.receive(ours, time.monotonic() + 0.2)
        assert time.monotonic() - started < 3
        theirs.sendall(b"\xff\xff\xff\xff" * 2)
        with pytest.raises(ProtocolError, match="too large"):
            protocol.receive(ours, time.monotonic() + 1)


def test_a_slow_sender_is_stopped_at_the_deadline(monkeypatch):
    monkeypatch.setattr(protocol, "REPLY_SECONDS", 0.3)
    ours, theirs = socket.socketpair()
    dripping = threading.Event()

    def drip():
        theirs.sendall(struct.pack(">I", 10**6))
        while not dripping.wait(0.02):
            with contextlib.suppress(OSError):
                theirs.sendall(b" ")

    with ours, theirs:
        sender = threading.Thread(target=drip)
        sender.start()
        deadline = time.monotonic() + 20
        with pytest.raises(ProtocolError, match="too late"):
            protocol.receive(ours, deadline)
        assert time.monotonic() < deadline - 10
        dripping.set()
        sender.join()


def test_a_small_message_may_not_become_gigabytes():
    ours, theirs = socket.socketpair()
    content = b'{"value": {"list": [' + b"[]," * protocol.MOST_PARTS + b"[]]}}"
    with ours, theirs:
        sender = threading.Thread(
            target=theirs.sendall,
            args=(struct.pack(">I", len(content)) + content,),
            daemon=True,
        )
        sender.start()
        with pytest.raises(ProtocolError, match="too many parts"):
            protocol.receive(ours, time.monotonic() + 60)
