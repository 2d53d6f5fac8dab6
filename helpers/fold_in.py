"""Fold-in: fit a vector for a new user, and keep the rest of the model as it is.

Retraining the model for one new user would be wasteful. *Fold-in* keeps the movie
vectors and the network fixed, and optimizes only the user's own row of the user
embeddings. The name comes from latent semantic indexing (Berry, Dumais & O'Brien
1995, https://doi.org/10.1137/1037127). For a dot product it is a ridge regression,
which lesson 06 solves by hand.
"""

import contextlib

import numpy as np
import pandas as pd
from scipy.optimize import minimize

from helpers.i18n import gettext
from helpers.my_ratings import my_ratings
from helpers.ranking import recommend, score_all

# The row of the user embeddings that is overwritten, and restored afterwards.
ROW = 0


def what_to_watch(model, movielens, split, n=5):
    """Recommend movies to you, by your own ratings of lesson 01.

    Parameters
    ----------
    model : keras.Model
        Trained on `split`; as for `score_new_user`.
    movielens : helpers.data.MovieLens
    split : helpers.splits.Split
    n : int

    Returns
    -------
    pandas.DataFrame
        The n movies with the highest predicted rating among those that you did
        not rate: ``title``, ``year``, ``predicted`` (stars).
    """
    mine = my_ratings(movielens)
    print(
        gettext(
            "For an invented student (rate ten movies in lesson 01, and it is for you):"
        )
        if mine.attrs["invented"]
        else gettext("For you:")
    )
    mine = mine[mine["movie_id"].isin(split.movies.ids)]
    rows = split.movies.encode(mine["movie_id"])
    scores = score_new_user(model, rows, mine["rating"], split.n_movies)
    scores[rows] = -np.inf
    best = recommend(scores, split, movielens.movies, n)
    best = best.rename(columns={"score": "predicted"}).round({"predicted": 1})
    best.index = pd.RangeIndex(1, len(best) + 1, name="place")
    return best[["title", "year", "predicted"]]


def score_new_user(model, movies, ratings, n_movies, shrinkage=5.0):
    """Predict all ratings of a user who is not in the training data.

    Parameters
    ----------
    model : keras.Model
        Takes ``{"user": int32 (n,), "movie": int32 (n,)}``; its user embeddings are
        called `user_factors` and, if there is one, `user_bias`. Its weights are
        unchanged when the function returns.
    movies : array_like of int, shape (n,)
        Rows of the movies that the user rated.
    ratings : array_like of float, shape (n,), in stars
    n_movies : int
    shrinkage : float
        Strength of the L2 penalty on the distance from the average user. Without
        ratings the new user is the average of all users.

    Returns
    -------
    numpy.ndarray of float32, shape (n_movies,)

    Raises
    ------
    ValueError
        If the model has no `user_factors`, or a movie is not in its table.
    """
    import tensorflow as tf

    tables = _user_tables(model)
    movies = np.asarray(movies, dtype="int32")
    ratings = np.asarray(ratings, dtype="float32")
    if len(movies) and not 0 <= movies.min() <= movies.max() < n_movies:
        raise ValueError(
            gettext(
                "Movies are rows from 0 to {last}, found {movies}.",
                last=n_movies - 1,
                movies=movies,
            )
        )
    pairs = {"user": np.full(len(movies), ROW, "int32"), "movie": movies}
    widths = [table.shape[1] for table in tables]
    average = np.concatenate([table.numpy().mean(axis=0) for table in tables])

    def write(vector):
        parts = np.split(vector, np.cumsum(widths)[:-1])
        for table, part in zip(tables, parts, strict=True):
            row = tf.constant([[ROW]])
            table.assign(tf.tensor_scatter_nd_update(table.value, row, [part]))

    @tf.function  # a graph: called some fifty times below
    def squared_error():
        with tf.GradientTape() as tape:
            error = tf.reshape(model(pairs, training=False), [-1]) - ratings
            loss = tf.reduce_sum(error**2)
        gradients = tape.gradient(loss, [table.value for table in tables])
        of_row = [tf.convert_to_tensor(gradient)[ROW] for gradient in gradients]
        return loss, tf.concat(of_row, axis=0)

    def loss_and_gradient(vector):
        write(vector.astype("float32"))
        loss, gradient = squared_error()
        distance = vector - average
        return (
            float(loss) + shrinkage * distance @ distance,
            gradient.numpy().astype("float64") + 2 * shrinkage * distance,
        )

    with _weights_kept(tables):
        best = average
        if len(movies):
            best = minimize(loss_and_gradient, average, jac=True, method="L-BFGS-B").x
        write(best.astype("float32"))
        return score_all(model, 1, n_movies, users=[ROW])[0]


def _user_tables(model):
    """Return the weights of the user embeddings."""
    tables = [
        layer.weights[0]
        for name in ("user_factors", "user_bias")
        for layer in model.layers
        if layer.name == name
    ]
    if not tables:
        raise ValueError(
            gettext(
                "A new user needs a model with an embedding called user_factors; this "
                "one has {names}.",
                names=", ".join(layer.name for layer in model.layers),
            )
        )
    return tables


@contextlib.contextmanager
def _weights_kept(tables):
    """Restore the weights afterwards."""
    kept = [table.numpy() for table in tables]
    try:
        yield
    finally:
        for table, values in zip(tables, kept, strict=True):
            table.assign(values)
