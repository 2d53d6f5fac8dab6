"""What the five public notebooks train, as they train it; the words are our own.

Batch sizes, optimizers, epochs, sizes of tables and the ranking of one user at a time
are theirs, and so are their faults: see each docstring. Two things are not here. Seed
000 leaves its training to the reader. And of seed 002's dense model we have no record
of how long it was trained.

A seed's model is a function of a split and a random seed, as a peer is; what it returns
answers with a dictionary (see `benchmarks.metrics.measured`).
"""

from functools import partial

import helpers.quiet_tensorflow  # noqa: F401

# isort: split
import keras
import numpy as np
import tensorflow as tf
from keras import layers

from benchmarks.metrics import liked_of
from helpers.ranking import score_all


def seed003(split, seed, *, deep):
    """Subclassed, 64 factors, mean absolute error, batches of 64, ten epochs.

    Its deep model has one hidden layer between two dropouts of a half. Both learn the
    mean of the ratings in every vector, as there are no biases.
    """
    keras.utils.set_random_seed(seed)
    model = Seed003Model(split.n_users, split.n_movies, deep)
    model.compile(optimizer="adam", loss="mae")
    model.fit(
        _inputs(split.train),
        split.train["rating"].to_numpy("float32"),
        batch_size=64,
        epochs=10,
        validation_split=0.1,
        verbose=0,
    )
    return lambda: {"stars": model.predict(_inputs(split.test), verbose=0)}


class Seed003Model(keras.Model):
    """Two tables with a row too many, and a dot product or a network on top."""

    def __init__(self, n_users, n_movies, deep, n_factors=64):
        super().__init__()
        self.user_factors = layers.Embedding(n_users + 1, n_factors)
        self.movie_factors = layers.Embedding(n_movies + 1, n_factors)
        self.head = layers.Dot(axes=1)
        if deep:
            self.head = keras.Sequential(
                [
                    layers.Concatenate(),
                    layers.Dropout(0.5),
                    layers.Dense(64, activation="relu"),
                    layers.Dropout(0.5),
                    layers.Dense(1),
                ]
            )

    def call(self, inputs, training=False):
        """Take two columns of indices, return one rating a row."""
        vectors = [self.user_factors(inputs[0]), self.movie_factors(inputs[1])]
        if isinstance(self.head, keras.Sequential):
            for layer in self.head.layers:
                vectors = layer(vectors)
            return vectors
        return self.head(vectors)


def seed001(split, seed, *, kind, one_by_one=None):
    """Functional, 50 factors, Nadam, ten epochs, validated on the test set.

    "dl" has no activation between its layers; a "binary" model is asked for more than
    half of the scale. None of them ever sees a movie that was not rated.

    Parameters
    ----------
    split : benchmarks.splits.BenchSplit
    seed : int
    kind : str
        ``dot``, ``bias``, ``dl``, ``binary bias`` or ``binary dl``.
    one_by_one : bool, optional
        Rank as the seed does, with one ``predict`` a user. That takes a minute, and
        gives what one call for all users gives; by default, only the first run does it.
    """
    keras.utils.set_random_seed(seed)
    model = build_seed001(split.n_users, split.n_movies, kind)
    binary = kind.startswith("binary")
    target, test_target = (
        _target(part, split.movielens.rating_scale, binary)
        for part in (split.train, split.test)
    )
    model.compile(optimizer="nadam", loss="binary_crossentropy" if binary else "mse")
    model.fit(
        _inputs(split.train),
        target,
        batch_size=512 if kind == "binary bias" else 128,
        epochs=10,
        validation_data=(_inputs(split.test), test_target),
        verbose=0,
    )

    def answer():
        says = model.predict(_inputs(split.test), verbose=0)
        slowly = seed == 0 if one_by_one is None else one_by_one
        rank = one_user_at_a_time if slowly else all_users_at_once
        scores = rank(model, split.n_users, split.n_movies)
        return {"likes" if binary else "stars": says, "scores": scores}

    return answer


def build_seed001(n_users, n_movies, kind, n_factors=50):
    """Build one of seed 001's five models.

    Returns
    -------
    keras.Model : takes two columns of indices, returns one number a row
    """
    user, movie = keras.Input((1,), dtype="int32"), keras.Input((1,), dtype="int32")

    vectors = [
        _looked_up(user, n_users, n_factors),
        _looked_up(movie, n_movies, n_factors),
    ]
    if kind.endswith("dl"):
        values = layers.Concatenate()(vectors)
        for _ in range(3):
            values = layers.Dense(50)(values)
        score = layers.Dense(1)(values)
    else:
        score = layers.Dot(axes=1)(vectors)
    if kind.endswith("bias"):
        biases = [_looked_up(user, n_users, 1), _looked_up(movie, n_movies, 1)]
        score = layers.Add()([score, *biases])
    if kind.startswith("binary"):
        score = layers.Activation("sigmoid")(score)
    return keras.Model([user, movie], score)


def one_user_at_a_time(model, n_users, n_movies):
    """Score as seed 001 does: one ``predict`` a user, in Keras' batches of 32.

    Returns
    -------
    numpy.ndarray of float32, shape (n_users, n_movies)
    """
    movies = np.arange(n_movies)
    return np.stack(
        [
            model.predict([np.full(n_movies, user), movies], verbose=0)[:, 0]
            for user in range(n_users)
        ]
    )


def all_users_at_once(model, n_users, n_movies):
    """Score the same in a few large calls.

    Returns
    -------
    numpy.ndarray of float32, shape (n_users, n_movies)
    """
    return score_all(as_graph(model), n_users, n_movies)


def as_graph(model):
    """Return the model's call as a graph, for `helpers.ranking.score_all`.

    Op by op, it would wait for Python, and keep every result.
    """

    @tf.function(reduce_retracing=True)
    def call(pairs):
        return model([pairs["user"][:, None], pairs["movie"][:, None]])

    return call


def seed002(split, seed, *, bias):
    """Fifty factors with L2 1e-4, Adam at a rate that changes twice, batches of 64."""
    keras.utils.set_random_seed(seed)
    user, movie = keras.Input((1,), dtype="int32"), keras.Input((1,), dtype="int32")

    l2 = keras.regularizers.L2(1e-4)
    score = layers.Dot(axes=1)(
        [
            _looked_up(user, split.n_users, 50, l2),
            _looked_up(movie, split.n_movies, 50, l2),
        ]
    )
    if bias:
        score = layers.Add()(
            [
                score,
                _looked_up(user, split.n_users, 1),
                _looked_up(movie, split.n_movies, 1),
            ]
        )
    model = keras.Model([user, movie], score)
    model.compile(optimizer="adam", loss="mse")
    # What it meant: the attribute that it assigns sets nothing in Keras 3.
    for epochs, rate in (
        (1, 0.001),
        (10 if bias else 3, 0.01),
        (5 if bias else 6, 0.001),
    ):
        model.optimizer.learning_rate = rate
        model.fit(
            _inputs(split.train),
            split.train["rating"].to_numpy("float32"),
            batch_size=64,
            epochs=epochs,
            shuffle=rate != 0.001 or epochs == 1,
            verbose=0,
        )
    return lambda: {"stars": model.predict(_inputs(split.test), verbose=0)}


def seed004(split, seed, *, complex_):
    """Five factors and biases, Adam at 0.01, five epochs; tables up to the largest id.

    The complex model puts two dense layers without activation in the dot's place.
    """
    keras.utils.set_random_seed(seed)
    user, movie = keras.Input((1,), dtype="int32"), keras.Input((1,), dtype="int32")
    rows_of_users = int(split.users.ids.max()) + 1
    rows_of_movies = int(split.movies.ids.max()) + 1

    vectors = [_looked_up(user, rows_of_users, 5), _looked_up(movie, rows_of_movies, 5)]
    if complex_:
        score = layers.Dense(1)(layers.Dense(5)(layers.Concatenate()(vectors)))
    else:
        score = layers.Dot(axes=1)(vectors)
    biases = [_looked_up(user, rows_of_users, 1), _looked_up(movie, rows_of_movies, 1)]
    model = keras.Model([user, movie], layers.Add()([score, *biases]))
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss="mse")
    train, test = (
        [part["user_id"].to_numpy()[:, None], part["movie_id"].to_numpy()[:, None]]
        for part in (split.train, split.test)
    )
    stars = split.train["rating"].to_numpy("float32")
    model.fit(train, stars, batch_size=64, epochs=5, verbose=0)
    return lambda: {"stars": model.predict(test, verbose=0)}


def _looked_up(index, rows, columns, l2=None):
    return layers.Flatten()(
        layers.Embedding(rows, columns, embeddings_regularizer=l2)(index)
    )


def _inputs(part):
    return [part["user"].to_numpy("int32"), part["movie"].to_numpy("int32")]


def _target(part, scale, binary):
    stars = part["rating"].to_numpy("float32")
    return liked_of(stars, scale).astype("float32") if binary else stars


MODELS = {
    "003": {
        "seed 003: dot": partial(seed003, deep=False),
        "seed 003: deep": partial(seed003, deep=True),
    },
    "001": {
        "seed 001: dot": partial(seed001, kind="dot"),
        "seed 001: dot + bias": partial(seed001, kind="bias"),
        "seed 001: deep": partial(seed001, kind="dl"),
        "seed 001: binary + bias": partial(seed001, kind="binary bias"),
        "seed 001: binary deep": partial(seed001, kind="binary dl"),
    },
    "002": {
        "seed 002: dot": partial(seed002, bias=False),
        "seed 002: dot + bias": partial(seed002, bias=True),
    },
    "004": {
        "seed 004: dot + bias": partial(seed004, complex_=False),
        "seed 004: complex": partial(seed004, complex_=True),
    },
}
"""Seed -> the name of a model in the tables -> the model."""
