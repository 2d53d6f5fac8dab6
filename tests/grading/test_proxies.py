"""A student's functions and models, as a check sees them over the pipe."""

from types import SimpleNamespace

import numpy as np
import pytest

from grading.inside import protocol
from grading.proxies import Channel, RemoteFunction, RemoteModel
from helpers.checks.asserts import NotYet
from helpers.checks.proxies import Callback, FunctionProxy, ModelProxy


@pytest.mark.parametrize(
    ("remote", "local"), [(RemoteFunction, FunctionProxy), (RemoteModel, ModelProxy)]
)
def test_a_remote_object_offers_what_a_local_one_does(remote, local):
    for name, value in vars(local).items():
        # `make` reads on this side what `make_by` then makes on the other.
        if callable(value) and not name.startswith("_") and name != "make":
            assert name in vars(remote)
    assert "__call__" in vars(remote)
    assert issubclass(remote, local)


def test_handles_know_their_name():
    calls = SimpleNamespace(call=lambda *a: a)
    target, method, arguments, keywords = RemoteFunction(calls, 3, "f")(1, x=2)
    assert (target.name, method, arguments, keywords) == (
        "f",
        "__call__",
        (1,),
        {"x": 2},
    )


@pytest.mark.parametrize(
    ("says", "shown"),
    [
        ("f() got an unexpected keyword argument 'l2'", True),
        ("D.__init__() missing 1 required positional argument: 'n'", True),
        (
            "In layer 'D', you forgot to call `super().__init__()`"
            " in the `__init__()` method. Go add it!",
            True,
        ),
        ("unsupported operand type(s) for +: 'int' and 'str'", False),
        ("f() takes [0.5, 3.0]", False),
        (["f() takes 1"], False),
    ],
)
def test_only_messages_without_values_are_shown(says, shown):
    answer = {"problem": "stopped", "error": "TypeError", "says": says}
    asked = SimpleNamespace(ask=lambda *_, **__: answer, line=lambda _: " there")
    asked.limits = SimpleNamespace(call_seconds=1)
    with pytest.raises(NotYet) as problem:
        RemoteFunction(Channel(asked), 0, "f")()
    message = f": {says[:-1] if says[-1] == '!' else says}" if shown else ""
    assert str(problem.value) == f"Your code stopped with TypeError there{message}."


def test_a_forwarded_function_answers_every_call():
    line = Channel(SimpleNamespace())
    line.to_sandbox(Callback(lambda values, more: values["a"] + more))
    values = {"a": np.arange(3.0)}

    def ask(*arguments, **changed):
        message = {"callback": 0, "arguments": protocol.encode(arguments), **changed}
        return line.run_callback(message)

    assert protocol.decode(ask(values, 1.0)["value"]).tolist() == [1, 2, 3]
    for refused in (
        ask(values, 1.0, callback=1),
        ask(values, 1.0, callback=-1),
        ask(values, 1.0, callback="0"),
        ask(values, 1.0, arguments={"evil": []}),
        ask(values, 1.0, arguments=7),
        ask({"a": np.zeros(200_000)}, 1.0),
        ask(values, "text"),
        ask(values),
        ask(values, np.zeros(7)),
    ):
        assert list(refused) == ["error"]
