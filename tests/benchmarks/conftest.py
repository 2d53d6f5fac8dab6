"""A split of a few made-up ratings, and models that train briefly on it."""

import keras
import pytest
import tensorflow as tf

from benchmarks import measure, splits
from helpers.data import synthetic
from helpers.splits import random_split


@pytest.fixture(scope="module")
def tiny():
    movielens = synthetic(n_users=6, n_movies=15, n_ratings=70)
    split = random_split(movielens, test=0.2, valid=0)
    return splits.part_of("u1-filtered", split, movielens)


@pytest.fixture
def briefly(monkeypatch):
    """One epoch, step by step: a graph takes longer to make than these few steps."""
    fit = keras.Model.fit

    def one_epoch(*args, **more):
        return fit(*args, **more | {"epochs": 1})

    monkeypatch.setattr(keras.Model, "fit", one_epoch)
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.fixture
def on_tiny(monkeypatch, tiny):
    """Every split is the tiny one, and nothing gets a process of its own."""
    monkeypatch.setattr(measure, "load_split", lambda name: tiny)

    def in_this_process(function, *arguments):
        return getattr(measure, function.rpartition(".")[2])(*arguments)

    monkeypatch.setattr(measure, "run_apart", in_this_process)
