"""Baselines that every model is compared with.

Each baseline is fitted on a frame with the columns `user`, `movie` (indices
from 0) and `rating`, and is then called with pairs like a Keras model:
``baseline({"user": users, "movie": movies})``.
"""

import numpy as np

from helpers.i18n import gettext

EASE_PENALTY = 300  # in lesson 05, within 0.002 of the best NDCG@10 on validation


class MeanBaseline:
    """Predict the mean rating of the training set for every pair."""

    def fit(self, train):
        """Fit to `train`, a frame with the column `rating`; return self."""
        self.mean = float(_column(train, "rating", "float64").mean())
        return self

    def predict(self, pairs):
        """Return float array, shape (n,): the same mean rating for each pair."""
        return np.full(len(pairs["user"]), self.mean)

    __call__ = predict


class BiasBaseline:
    """Predict mean + user bias + movie bias, each bias shrunk towards 0.

    A user who rates half a star above the mean has a bias of +0.5. A bias that is
    estimated from few ratings is noisy, so the sum of residuals is divided by the
    number of ratings *plus* a constant (shrinkage): with one rating the bias stays
    near 0, with hundreds it hardly changes. See Koren, Bell & Volinsky, "Matrix
    factorization techniques for recommender systems", IEEE Computer 42(8), 2009, and
    Koren, "Factor in the neighbors", ACM TKDD 4(1), 2010, section 2.1.

    Parameters
    ----------
    user_shrinkage, movie_shrinkage : float, unit: ratings
        Number of pseudo-ratings with residual 0 that are added to each.
    sweeps : int
        User biases depend on movie biases and vice versa: each sweep solves for
        both in turn, in closed form.
    """

    def __init__(self, user_shrinkage=5.0, movie_shrinkage=3.0, sweeps=10):
        self.user_shrinkage = user_shrinkage
        self.movie_shrinkage = movie_shrinkage
        self.sweeps = sweeps

    def fit(self, train, n_users, n_movies):
        """Fit to a frame with columns `user`, `movie`, `rating`; return self.

        Sets `mean` (float), `user_bias` (n_users,) and `movie_bias` (n_movies,).
        """
        user, movie = train["user"].to_numpy(), train["movie"].to_numpy()
        ratings = _column(train, "rating", "float64")
        self.mean = float(ratings.mean())
        self.user_bias, self.movie_bias = np.zeros(n_users), np.zeros(n_movies)
        for _ in range(self.sweeps):
            left_over = ratings - self.mean - self.user_bias[user]
            self.movie_bias = _shrunk_mean(
                left_over, movie, n_movies, self.movie_shrinkage
            )
            left_over = ratings - self.mean - self.movie_bias[movie]
            self.user_bias = _shrunk_mean(left_over, user, n_users, self.user_shrinkage)
        return self

    def predict(self, pairs):
        """Return float array, shape (n,): predicted stars."""
        return (
            self.mean
            + self.user_bias[np.asarray(pairs["user"])]
            + self.movie_bias[np.asarray(pairs["movie"])]
        )

    __call__ = predict


class Popularity:
    """Score a movie by its number of ratings *in the training set*."""

    def fit(self, train, n_movies):
        """Fit to a frame with the column `movie`; return self.

        Sets `counts`, int array, shape (n_movies,).
        """
        movies = _column(train, "movie", "int64")
        self.counts = np.bincount(movies, minlength=n_movies)
        return self

    def predict(self, pairs):
        """Return float array, shape (n,): a score to rank by, not stars."""
        return self.counts[np.asarray(pairs["movie"])].astype("float64")

    __call__ = predict


def ease_weights(stars, penalty):
    """Solve EASE, a linear autoencoder, in closed form, as exercise 5.9 does.

    Steck, "Embarrassingly shallow autoencoders for sparse data", WWW 2019.

    Parameters
    ----------
    stars : numpy.ndarray of float, shape (n_users, n_movies)
        0 where there is no rating.
    penalty : float

    Returns
    -------
    numpy.ndarray of float64, shape (n_movies, n_movies)
        ``stars @ weights`` scores every movie for every user; the diagonal is 0.
    """
    inverse = np.linalg.inv(stars.T @ stars + penalty * np.eye(stars.shape[1]))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    return weights


def _shrunk_mean(values, group, n_groups, shrinkage):
    sums = np.bincount(group, weights=values, minlength=n_groups)
    return sums / np.maximum(np.bincount(group, minlength=n_groups) + shrinkage, 1e-9)


def _column(train, name, dtype):
    """Return a column as an array; refuse an empty training set."""
    if len(train) == 0:
        raise ValueError(
            gettext("There is nothing to learn from: the training set is empty.")
        )
    return train[name].to_numpy(dtype)
