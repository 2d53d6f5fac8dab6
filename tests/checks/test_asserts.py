"""Types and numbers that a check asks for."""

import keras
import numpy as np
import pandas as pd
import pytest
from keras import ops

import helpers.quiet_tensorflow  # noqa: F401
from helpers.checks.asserts import NotYet, are_distinguishable, array, close, number
from helpers.checks.proxies import FunctionProxy, Tensor


def call(function, *arguments, **keywords):
    return FunctionProxy(function, "answer")(*arguments, **keywords)


RIGHT = np.array([[1.0, 2.0]])


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ([[1.0, 2.0]], "list"),
        (pd.DataFrame(RIGHT), "DataFrame"),
        (pd.Series([1.0]), "Series"),
        (pd.Index([1.0]), "Index"),
        (ops.convert_to_tensor(RIGHT), "EagerTensor"),
        (1.0, "float"),
        ("text", "str"),
        (lambda: 1.0, "a function"),
        (ValueError, "a class"),
        (keras.layers.Dense(1), "a Dense"),
        (keras.Sequential(), "a Keras model"),
    ],
)
def test_only_an_array_is_an_array(value, named):
    with pytest.raises(NotYet) as caught:
        array(call(lambda: value))
    assert named in caught.value.found
    np.testing.assert_array_equal(array(call(lambda: RIGHT)), RIGHT)


@pytest.mark.parametrize("value", [RIGHT, RIGHT.tolist(), 1.0])
def test_only_a_tensor_is_a_tensor(value):
    with pytest.raises(NotYet, match="should return a tensor"):
        array(call(lambda: value), tensor=True)
    found = call(lambda given: given, Tensor(RIGHT))
    np.testing.assert_array_equal(array(found, tensor=True), RIGHT)


@pytest.mark.parametrize(
    ("own", "asked", "is_right"),
    [
        ("float32", "float32", True),
        ("float64", "float32", False),
        ("float32", "float", True),
        ("int64", "float", False),
        ("uint8", "int", True),
        ("float64", "int", False),
        ("bool", "int", False),
    ],
)
def test_a_required_dtype_is_checked(own, asked, is_right):
    value = np.ones(3, own)
    if is_right:
        assert array(value, dtype=asked).tolist() == [1, 1, 1]
        return
    with pytest.raises(NotYet) as caught:
        array(value, dtype=asked)
    assert own in caught.value.found and asked in caught.value.expected


@pytest.mark.parametrize(
    "value", [2, 2.0, np.float32(2), np.int64(2), np.array(2.0), ops.ones(()) * 2]
)
def test_a_scalar_is_a_number(value):
    assert number(call(lambda: value)) == 2


@pytest.mark.parametrize(
    "value",
    [
        [2],
        np.array([2]),
        np.ones((1, 1)),
        pd.Series([2]),
        "2",
        {"a": 2},
        ops.ones((1,)),
    ],
)
def test_an_array_of_one_element_is_no_number(value):
    with pytest.raises(NotYet, match="one number"):
        number(call(lambda: value))


@pytest.mark.parametrize("value", [2.0, np.float64(2), True, np.array(2.0)])
def test_a_whole_number_is_an_int(value):
    with pytest.raises(NotYet, match="an int"):
        number(call(lambda: value), whole=True)


def test_a_rounded_number_is_called_rounded_and_shown_with_its_decimals():
    right = np.array([0.123456, 2.5])
    with pytest.raises(NotYet, match="right, but rounded") as caught:
        close(right.round(4), right, "no", atol=1e-6, rtol=1e-6)
    assert caught.value.found != caught.value.expected
    with pytest.raises(NotYet, match="^no$"):
        close(right + 0.001, right, "no")


def test_found_and_expected_never_look_alike():
    with pytest.raises(NotYet) as caught:
        close(1.00001, 1.0, "no", atol=0, rtol=1e-7)
    assert (caught.value.found, caught.value.expected) == ("1.00001", "1")


@pytest.mark.parametrize(
    ("right", "mistakes", "apart"),
    [
        (0.123456, {"half": (0.5, 0.5)}, True),
        (0.123456, {"half": 0.5, "a half": 0.5001}, False),
        (0.123456, {"near": 0.12346}, False),
        (0.5, {"more": 0.7}, False),  # rounding would not show
    ],
)
def test_mistakes_are_told_apart(right, mistakes, apart):
    assert are_distinguishable(right, mistakes) == apart


def test_a_number_rounded_within_the_tolerance_is_called_rounded():
    with pytest.raises(NotYet, match="rounded"):
        close(0.8014, 0.80137, "wrong")
    close(0.8014, 0.8014, "wrong")
    close(0.80, 0.8014, "wrong", atol=0.07)  # may be another number
