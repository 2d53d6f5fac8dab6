"""The models of the public notebooks, trained as there, in code of our own.

Batch sizes, optimizers, epochs, table sizes and ranking one user at a time are those of
the notebooks, including their faults, which the docstrings name. Two models are
missing: one notebook leaves training to the reader, and the training time of one dense
model is unknown.

A model is a function of a split and a random seed. It returns a function that predicts;
its result is a dictionary, see `benchmarks.metrics.measured`.
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


def train_mae_model(split, seed, *, deep):
    """Train a subclassed model: 64 factors, MAE loss, batches of 64, ten epochs.

    The deep model has one hidden layer between two dropouts of 0.5. Without biases,
    every vector has to learn the mean rating.
    """
    keras.utils.set_random_seed(seed)
    model = MAEModel(split.n_users, split.n_movies, deep)
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


class MAEModel(keras.Model):
    """Two embeddings, each with one row too many, and a dot product or a network."""

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


def train_nadam_model(split, seed, *, kind, one_by_one=None):
    """Train a functional model: 50 factors, Nadam, ten epochs.

    It validates on the test set. The layers of "dl" have no activations. A "binary"
    model predicts whether a rating is above half of the scale. No model is trained on
    unrated movies.

    Parameters
    ----------
    split : benchmarks.splits.BenchSplit
    seed : int
    kind : str
        ``dot``, ``bias``, ``dl``, ``binary bias`` or ``binary dl``.
    one_by_one : bool, optional
        Rank as the notebook does, with one ``predict`` a user. That takes a minute, and
        gives the same as one call for all users; by default, only in the first run.
    """
    keras.utils.set_random_seed(seed)
    model = build_nadam_model(split.n_users, split.n_movies, kind)
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
        predicted = model.predict(_inputs(split.test), verbose=0)
        slowly = seed == 0 if one_by_one is None else one_by_one
        rank = one_user_at_a_time if slowly else all_users_at_once
        scores = rank(model, split.n_users, split.n_movies)
        return {"likes" if binary else "stars": predicted, "scores": scores}

    return answer


def build_nadam_model(n_users, n_movies, kind, n_factors=50):
    """Build one of the five models that `train_nadam_model` trains.

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
    """Score all movies with one ``predict`` a user, in Keras' batches of 32.

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
    """Score all users and movies in a few large calls.

    Returns
    -------
    numpy.ndarray of float32, shape (n_users, n_movies)
    """
    return score_all(as_graph(model), n_users, n_movies)


def as_graph(model):
    """Compile the model's call to a graph, for `helpers.ranking.score_all`.

    Executed eagerly, it would be slower and keep every intermediate result.
    """

    @tf.function(reduce_retracing=True)
    def call(pairs):
        return model([pairs["user"][:, None], pairs["movie"][:, None]])

    return call


def train_l2_model(split, seed, *, bias):
    """Train 50 factors with L2 1e-4, batches of 64, and two changes of Adam's rate."""
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
    # The notebook assigns an attribute that has no effect in Keras 3; this is its aim.
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


def train_five_factor_model(split, seed, *, deep):
    """Train five factors and biases with Adam at 0.01, for five epochs.

    The embeddings have a row for every number up to the largest id. The deep model has
    two dense layers without activations instead of the dot product.
    """
    keras.utils.set_random_seed(seed)
    user, movie = keras.Input((1,), dtype="int32"), keras.Input((1,), dtype="int32")
    rows_of_users = int(split.users.ids.max()) + 1
    rows_of_movies = int(split.movies.ids.max()) + 1

    vectors = [_looked_up(user, rows_of_users, 5), _looked_up(movie, rows_of_movies, 5)]
    if deep:
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


_L2_MODELS = {
    "50 factors, L2: dot": partial(train_l2_model, bias=False),
    "50 factors, L2: dot + bias": partial(train_l2_model, bias=True),
}
MODELS = {
    "random80": {
        "64 factors, MAE loss: dot": partial(train_mae_model, deep=False),
        "64 factors, MAE loss: deep": partial(train_mae_model, deep=True),
    },
    "u1-filtered": {
        f"50 factors, Nadam: {name}": partial(train_nadam_model, kind=kind)
        for name, kind in (
            ("dot", "dot"),
            ("dot + bias", "bias"),
            ("deep", "dl"),
            ("binary + bias", "binary bias"),
            ("binary deep", "binary dl"),
        )
    },
    "latest2018-80-20": _L2_MODELS,
    "latest2016-80-12-8": _L2_MODELS
    | {
        "5 factors: dot + bias": partial(train_five_factor_model, deep=False),
        "5 factors: deep": partial(train_five_factor_model, deep=True),
    },
}
"""For the split of each notebook, the models by their names in the tables.

Two notebooks used the edition of 2016; one of them runs on that of 2018, too.
"""
