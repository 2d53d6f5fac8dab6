"""Functions and models that a check hands to the student's code.

Each function here makes one, on the student's side; `boundary.Function.make`
names it.
"""

import keras
import numpy as np
from keras import layers, ops

from helpers.language import say


def dot_scores():
    """Return a scoring function as it should be: (n, 1), each pair on its own."""
    return lambda users, movies: ops.sum(users * movies, axis=-1, keepdims=True)


def distance_scores():
    """Return another right one: minus the distance of the two vectors."""
    return lambda users, movies: (
        -ops.sqrt(ops.sum((users - movies) ** 2, axis=-1, keepdims=True))
    )


def tensordot_scores():
    """Return the published bug: one number for the whole batch."""
    return lambda users, movies: ops.tensordot(users, movies, 2)


def tensordot_scores_in_a_model():
    """Return the published bug once a bias of shape (n, 1) has been added."""
    return lambda users, movies: (
        ops.tensordot(users, movies, 2) + ops.zeros((users.shape[0], 1))
    )


def scores_minus_their_mean():
    """Return scores that lean on the rest of the batch, by a little."""

    def score(users, movies):
        scores = ops.sum(users * movies, axis=-1, keepdims=True)
        return scores - 0.1 * ops.mean(scores)

    return score


def scores_of_the_next():
    """Return scores of which only the first is right; the others are swapped."""

    def score(users, movies):
        scores = ops.sum(users * movies, axis=-1, keepdims=True)
        return ops.concatenate([scores[:1], ops.flip(scores[1:], axis=0)], axis=0)

    return score


def scores_shifted(shifts):
    """Return scores that are shifted, place by place, where a pair is not alone.

    Parameters
    ----------
    shifts : list of float
        For as many pairs; of fewer, the last one has the last shift.
    """

    def score(users, movies):
        scores = ops.sum(users * movies, axis=-1, keepdims=True)
        n = int(users.shape[0])
        if n < 2:
            return scores
        own = np.asarray([*shifts[: n - 1], shifts[-1]], dtype="float32")
        return scores + ops.convert_to_tensor(own[:, None])

    return score


def dot_model(n_users, n_movies, n_factors):
    """Return an untrained dot model with embeddings of noticeable size."""
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    start = keras.initializers.RandomNormal(stddev=0.5)
    user_vector = layers.Embedding(n_users, n_factors, start, name="user_factors")(user)
    movie_vector = layers.Embedding(n_movies, n_factors, start, name="movie_factors")(
        movie
    )
    rating = layers.Dot(axes=-1)([user_vector, movie_vector])
    return keras.Model({"user": user, "movie": movie}, rating)


def dot_bias_model(n_users, n_movies, n_factors):
    """Return an untrained dot + bias model, its layers in an order of its own."""
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    start = keras.initializers.RandomNormal(stddev=0.5)
    of_movie = layers.Embedding(n_movies, 1, start, name="movie_bias")(movie)
    movie_vector = layers.Embedding(n_movies, n_factors, start, name="movie_factors")(
        movie
    )
    user_vector = layers.Embedding(n_users, n_factors, start, name="user_factors")(user)
    of_user = layers.Embedding(n_users, 1, start, name="user_bias")(user)
    match = layers.Dot(axes=-1, name="match")(
        [layers.Dropout(0.1)(user_vector), movie_vector]
    )
    deviation = layers.Add(name="deviation")([match, of_user, of_movie])
    rating = layers.Rescaling(1.0, offset=3.0, name="rating")(deviation)
    return keras.Model({"user": user, "movie": movie}, rating)


def table_scores(values, in_a_column):
    """Return a model that is nothing but a table of scores, users by movies.

    It takes what a Keras model takes: arrays of row numbers, one for each pair.
    """
    values = np.asarray(values)

    def score(pairs):
        user, movie = np.asarray(pairs["user"]), np.asarray(pairs["movie"])
        for name, rows in (("user", user), ("movie", movie)):
            if rows.ndim != 1 or rows.dtype.kind not in "iu":
                raise ValueError(
                    say(
                        "`{name}` should be an array of whole numbers, shape (n,); it is of "
                        "shape {shape}, {dtype}",
                        name=name,
                        shape=rows.shape,
                        dtype=rows.dtype,
                    )
                )
        if user.shape != movie.shape:
            raise ValueError(
                say(
                    "{n_user} users and {n_movie} movies make no pairs",
                    n_user=len(user),
                    n_movie=len(movie),
                )
            )
        scores = values[user, movie]
        return scores[:, None] if in_a_column else scores

    return score


def history_model(history_vectors, rated, vectors):
    """Return a model that answers a pair with its history, as the hybrid uses it."""

    class Histories(keras.Model):
        def call(self, pairs):
            return history_vectors(rated, vectors, pairs["user"], pairs["movie"])

    return Histories()
