"""How a check calls the student's code, and the messages when that fails."""

import sys

import keras
import numpy as np
import pandas as pd
import pytest

import helpers.quiet_tensorflow  # noqa: F401
from helpers.checks.proxies import CallFailed, FunctionProxy, is_function


def call(function, *arguments, **keywords):
    return FunctionProxy(function, "answer")(*arguments, **keywords)


def failure(function, *arguments, **keywords):
    with pytest.raises(CallFailed) as caught:
        call(function, *arguments, **keywords)
    return caught.value


# Arguments that are changed.
def sorts(table):
    table.sort_values("a", inplace=True)
    return 1


def adds_a_column(table):
    table["b"] = 0
    return 1


def drops_the_index(table):
    table.reset_index(drop=True, inplace=True)
    return 1


def sets_the_type(table):
    table["a"] = table["a"].astype("float64")
    return 1


def adds(values):
    values += 1
    return 1


def reshapes(values):
    values.shape = (-1, 1)
    return 1


def appends(values):
    values.append(1)
    return 1


def deletes(values):
    values.pop(0)
    return 1


TABLE = pd.DataFrame({"a": [2, 1, 3]}, index=[4, 5, 6])


@pytest.mark.parametrize(
    ("function", "given"),
    [
        (sorts, TABLE),
        (adds_a_column, TABLE),
        (drops_the_index, TABLE),
        (sets_the_type, TABLE),
        (adds, np.arange(3)),
        (adds, np.array([np.nan, 1.0])),
        (adds, pd.Series([1, 2])),
        (reshapes, np.arange(4.0)),
        (appends, [1, 2]),
        (deletes, {0: 1}),
        (lambda lists: lists[0].append(3) or 1, [[1], [2]]),
        (lambda pairs: pairs.update(user=1) or 1, {"user": np.arange(2)}),
        (lambda pairs: adds(pairs["user"]), {"user": np.arange(2)}),
    ],
)
def test_an_argument_that_is_changed_is_named(function, given):
    name = next(iter(function.__code__.co_varnames))
    assert f"its argument `{name}`" in str(failure(function, given))

    def with_keyword(one, *, other):
        return function(other)

    assert "its argument `other`" in str(failure(with_keyword, 1, other=given))


@pytest.mark.parametrize(
    "given",
    [
        TABLE,
        np.array([np.nan, 1.0]),
        np.array([None, np.nan, "a"], dtype=object),
        np.array(["2020", "NaT"], dtype="datetime64[s]"),
        pd.Series([np.nan, None, pd.NA]),
        [float("nan"), 1, "a"],
        {"a": np.array([np.nan])},
    ],
)
def test_an_unchanged_argument_is_fine(given):
    assert call(lambda value: 1, given) == 1


def test_a_layer_that_is_frozen_counts_as_a_change():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    handle = call(lambda: model)

    def freeze(part):
        part.layers[-1].trainable = False
        return 1

    assert "its argument `part`" in str(failure(freeze, handle))
    model.layers[-1].trainable = True
    assert call(lambda part: 1, handle) == 1


# Errors, and where they came up.
def test_a_line_of_a_compiled_module_is_not_the_students():
    # NumPy's generators are compiled: their traceback names lines of a .pyx file.
    names = {"__name__": "__main__"}
    code = "def answer(rng):\n    return rng.integers(5, 2)\n"
    exec(compile(code, "<cell>", "exec"), names)
    said = str(failure(names["answer"], np.random.default_rng(0)))
    assert "in line 2 of its cell" in said
    said = str(failure(np.random.default_rng(0).integers, 5, 2))
    assert "of its cell" not in said and "ValueError" in said


@pytest.mark.parametrize("ends", [sys.exit, exit, quit, lambda: sys.exit("bye")])
def test_a_function_that_exits_python_is_reported(ends, monkeypatch):
    # Outside of IPython, `exit` closes the standard input before it raises.
    monkeypatch.setattr(sys, "stdin", None)
    assert failure(lambda: ends()).code == "exit"


def test_nothing_returned_comes_before_what_was_changed():
    assert failure(lambda values: values.sort(), np.array([2, 1])).code == "nothing"


def test_a_model_is_no_function():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    assert not is_function(model)
    assert all(map(is_function, [len, keras.Model, lambda: 1, keras.layers.Dot(1)]))
