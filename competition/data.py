"""The ratings of a competition; and, for synthetic ones, the best predictions."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from helpers.data import load_movielens, synthetic
from helpers.movielens.errors import InvalidRatingsError
from helpers.movielens.synthetic import NOISE, true_scores, watch_rates
from helpers.ranking import mask_pairs, top_n

SYNTHETIC = "synthetic"


@dataclass(frozen=True, eq=False)
class Source:
    """Ratings before ids are changed and some are hidden.

    Attributes
    ----------
    ratings, movies : pandas.DataFrame
    users : pandas.DataFrame or None
    scale : tuple of float
        Smallest rating, largest rating, step.
    truth : dict or None
        The parameters of synthetic ratings; row i belongs to id i + 1.
    """

    ratings: pd.DataFrame
    movies: pd.DataFrame
    users: pd.DataFrame | None
    scale: tuple
    truth: dict | None = None


def load_source(data, seed, shape=None):
    """Draw synthetic ratings, or load others.

    Parameters
    ----------
    data : str
        ``"synthetic"``, an edition of MovieLens, or the path of a table of your own,
        as `helpers.data.load_movielens` takes it.
    seed : int
        Of synthetic ratings.
    shape : dict, optional
        Sizes of synthetic ratings; by default, those of ml-100k.

    Returns
    -------
    Source

    Raises
    ------
    helpers.movielens.errors.DataError
    """
    if data == SYNTHETIC:
        movielens = synthetic(seed=seed, **(shape or {}))
    else:
        movielens = load_movielens(data)
    if movielens.notes:
        print(repr(movielens))
    if movielens.rating_scale[0] == movielens.rating_scale[1]:
        raise InvalidRatingsError(
            f"{data}: there is one rating only, {movielens.rating_scale[0]:g}. A "
            "competition needs ratings on a scale: name their column in COURSE_COLUMNS."
        )
    users = movielens.users
    return Source(
        movielens.ratings,
        movielens.movies,
        None if users is None else users.drop(columns="zip_code"),
        movielens.rating_scale,
        movielens.truth,
    )


# --- the best predictions, from the parameters of synthetic ratings ---


def expected_ratings(truth, user, movie, scale):
    """Return the expectation of each rating, rounded and clipped as it is.

    No predictions have a smaller expected squared error.

    Parameters
    ----------
    truth : dict
    user, movie : numpy.ndarray of int, shape (n,)
        Rows of the tables in `truth`.
    scale : tuple of float

    Returns
    -------
    numpy.ndarray of float, shape (n,)
    """
    score = true_scores(truth, user, movie).astype("float64")
    levels = np.arange(scale[0], scale[1] + 1)
    # P(rating > k) is that of more than k + 1/2 before rounding.
    above = stats.norm.sf((levels[:-1, None] + 0.5 - score) / NOISE)
    return levels[0] + above.sum(axis=0)


def best_lists(truth, users, n_ratings, seen, rules):
    """Return for each user the movies that are most likely to be relevant.

    A movie is relevant if the user rated it, the rating is hidden, and it is high. A
    user's movies are the first of a race (see `helpers.movielens.synthetic`); given
    its length t, a movie of rate w is in it with probability 1 − exp(−w·t), whatever
    the others. t is chosen so that these add up to the user's number of ratings.

    Parameters
    ----------
    truth : dict
    users, n_ratings : numpy.ndarray of int, shape (n_users,)
        Rows of the tables in `truth`, and how many ratings each of the users has.
    seen : dict
        ``user``, ``movie``: training pairs, as rows of the lists and of movies.
    rules : helpers.competition.folder.Rules

    Returns
    -------
    numpy.ndarray of int, shape (n_users, list length)
        Rows of the tables of movies, the best first.
    """
    rates = watch_rates(truth, users).astype("float64")
    low, high = np.full((2, len(users)), [[-40.0], [40.0]])
    for _ in range(60):
        middle = (low + high) / 2
        is_short = -np.expm1(-rates * np.exp(middle)[:, None]).sum(axis=1) < n_ratings
        low, high = np.where(is_short, middle, low), np.where(is_short, high, middle)
    rated = -np.expm1(-rates * np.exp(low)[:, None])
    # Of the movies not in train: hidden ones, among those hidden or not rated at all.
    hidden = rules.share * rated / (1 - (1 - rules.share) * rated)
    n_users, n_movies = rates.shape
    user = np.repeat(users, n_movies)
    score = true_scores(truth, user, np.tile(np.arange(n_movies), n_users))
    high_enough = stats.norm.sf((rules.relevant_from - 0.5 - score) / NOISE)
    relevant = hidden * high_enough.reshape(n_users, n_movies)
    return top_n(mask_pairs(relevant, seen), rules.list_length)
