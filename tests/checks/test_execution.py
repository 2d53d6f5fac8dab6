"""Time limit, prints, random states and settings around a call of a check."""

import contextlib
import random
import signal
import time
import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf

import helpers.quiet_tensorflow  # noqa: F401
from helpers.checks.execution import (
    MOST_PRINTED,
    OutOfTime,
    as_called_by_a_check,
    in_a_notebook,
    random_states_kept,
)


def never_ends():
    while True:
        pass


def sleeps():
    time.sleep(600)


def catches_everything():
    while True:
        with contextlib.suppress(Exception):
            never_ends()


def catches_once():
    try:
        never_ends()
    except:  # noqa: E722
        never_ends()


@pytest.mark.skipif(
    not hasattr(signal, "setitimer"), reason="Windows has no timer that ends a sleep"
)
@pytest.mark.parametrize(
    "endless", [never_ends, sleeps, catches_everything, catches_once]
)
def test_what_never_ends_is_stopped(endless):
    before = signal.getsignal(signal.SIGALRM)
    with in_a_notebook(0.2), pytest.raises(OutOfTime), as_called_by_a_check():
        endless()
    assert signal.getsignal(signal.SIGALRM) == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_what_never_ends_is_stopped_where_there_is_no_timer(monkeypatch):
    monkeypatch.delattr(signal, "setitimer", raising=False)
    with in_a_notebook(0.2), pytest.raises(OutOfTime), as_called_by_a_check():
        never_ends()


def test_outside_of_a_notebook_nothing_is_limited():
    with in_a_notebook(0.1):
        pass
    with as_called_by_a_check():
        time.sleep(0.3)


def test_only_the_beginning_of_what_is_printed_is_kept():
    with in_a_notebook(60) as printed, as_called_by_a_check():
        for _ in range(1000):
            print("a line of text")
    assert printed.getvalue().startswith("a line of text\n")
    assert len(printed.getvalue()) == MOST_PRINTED


def test_a_check_computes_in_float32_and_restores_the_policy():
    policy, floatx = keras.config.dtype_policy(), keras.config.floatx()
    try:
        keras.config.set_floatx("float16")
        keras.config.set_dtype_policy("mixed_float16")
        with as_called_by_a_check():
            layer = keras.layers.Dense(1)
            assert layer(np.ones((1, 1))).dtype == "float32"
            assert keras.config.floatx() == "float32"
        assert keras.config.dtype_policy().name == "mixed_float16"
        assert keras.config.floatx() == "float16"
    finally:
        keras.config.set_floatx(floatx)
        keras.config.set_dtype_policy(policy)


def test_warnings_of_the_students_code_are_not_shown():
    with warnings.catch_warnings(record=True) as shown, as_called_by_a_check():
        warnings.warn("a warning", stacklevel=1)
        np.array([1.0]) / 0
    assert not shown


def draw():
    """Draw from every generator that a notebook has without making one."""
    return [
        random.random(),
        float(np.random.rand()),
        float(keras.random.normal(())),
        float(tf.random.normal(())),
    ]


def begin_again():
    """Set all random states; before Keras 3.13 the seed alone leaves Keras' own."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(7)


@pytest.mark.parametrize("reseeds", [True, False])
def test_random_states_are_as_before(reseeds):
    begin_again()
    expected = draw()
    begin_again()
    with random_states_kept():
        if reseeds:
            keras.utils.set_random_seed(1)
        draw()
        keras.layers.Dense(3).build((None, 2))
    assert draw() == expected


def test_random_states_are_as_before_where_keras_has_not_drawn_yet():
    begin_again()
    with random_states_kept():
        pass
    expected = float(keras.random.normal(()))
    begin_again()
    with random_states_kept():
        keras.random.normal(())
    assert float(keras.random.normal(())) == expected
