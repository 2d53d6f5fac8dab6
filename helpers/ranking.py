"""Score all pairs, mask seen movies, rank, and measure rankings."""

import numpy as np
import pandas as pd

from helpers.i18n import gettext
from helpers.movielens.formats import years_as_shown


def score_all(model, n_users, n_movies, users=None, pairs_a_call=131_072):
    """Score users against all movies, in a few large calls.

    A call for each user spends most of its time on overhead. Here the model scores a
    block of users × all movies at once. Blocks hold at most `pairs_a_call` pairs, so
    memory does not grow with the number of users.

    Parameters
    ----------
    model : callable
        Takes ``{"user": int32 array (n,), "movie": int32 array (n,)}`` and
        returns n scores, shape (n,) or (n, 1). A Keras model is one, a baseline
        of this course is one.
    n_users, n_movies : int
    users : array_like of int, optional
        Score these user indices only; all by default.
    pairs_a_call : int
        Pairs in one call to the model.

    Returns
    -------
    numpy.ndarray, float32, shape (number of users, n_movies)

    Raises
    ------
    ValueError
        If the model does not return one score a pair, or returns NaN.
    """
    users = np.arange(n_users) if users is None else np.asarray(users)
    movies = np.arange(n_movies, dtype="int32")
    scores = np.empty((len(users), n_movies), dtype="float32")
    users_a_call = max(1, pairs_a_call // n_movies)
    for start in range(0, len(users), users_a_call):
        block = users[start : start + users_a_call].astype("int32")
        pairs = {
            "user": np.repeat(block, n_movies),
            "movie": np.tile(movies, len(block)),
        }
        answer = np.asarray(model(pairs))
        if answer.size != len(pairs["user"]):
            raise ValueError(
                gettext(
                    "The model returned shape {shape} for {n_pairs:,} pairs; expected "
                    "one score a pair.",
                    shape=answer.shape,
                    n_pairs=len(pairs["user"]),
                )
            )
        scores[start : start + len(block)] = answer.reshape(len(block), n_movies)
    _refuse_nan(scores)
    return scores


def mask_pairs(scores, seen):
    """Return a copy of `scores` with the seen pairs at −inf.

    Movies that the user has already rated should not be recommended. Minus infinity
    and not 0, as a model may score an unseen movie below 0.

    Parameters
    ----------
    scores : array, shape (n_users, n_movies)
    seen : pandas.DataFrame or dict
        With `user` and `movie`, indices into `scores`.

    Returns
    -------
    numpy.ndarray, same shape, float
    """
    masked = np.array(scores, dtype=np.result_type(scores, "float32"))
    masked[np.asarray(seen["user"]), np.asarray(seen["movie"])] = -np.inf
    return masked


def top_n(scores, n):
    """Return each row's n best columns, best first; ties go to the lower index.

    Parameters
    ----------
    scores : array, shape (n_users, n_movies)
        Masked pairs (−inf) are never returned.
    n : int

    Returns
    -------
    numpy.ndarray, int, shape (n_users, min(n, n_movies))
        Movie indices; −1 where a user has fewer than n unmasked movies.
    """
    scores = np.atleast_2d(np.asarray(scores, dtype="float64"))
    _refuse_nan(scores)
    best = np.argsort(-scores, axis=1, kind="stable")[:, :n]
    return np.where(np.isneginf(np.take_along_axis(scores, best, axis=1)), -1, best)


def recommend(scores, split, movies, n=10):
    """Return one user's n best movies with their titles.

    Parameters
    ----------
    scores : array, shape (n_movies,)
        One user's row, seen movies at −inf.
    split : helpers.splits.Split
        Whose encoding turns columns back into movie ids.
    movies : pandas.DataFrame
        With movie_id, title, year, genres.

    Returns
    -------
    pandas.DataFrame
        title, year (empty where it is not known), genres, score; the index is the
        rank, from 1.
    """
    scores = np.asarray(scores)
    best = top_n(scores, n)[0]
    best = best[best >= 0]
    table = movies.set_index("movie_id").loc[split.movies.decode(best)]
    table = table[["title", "year", "genres"]].assign(
        year=years_as_shown(table["year"]), score=scores[best]
    )
    table.index = pd.RangeIndex(1, len(table) + 1, name="rank")
    return table


def relevance_matrix(test, n_users, n_movies, values=None):
    """Return the test ratings as a users × movies matrix, 0 where there is none.

    Parameters
    ----------
    test : pandas.DataFrame
        With `user`, `movie`, `rating`.
    values : array_like, optional
        What counts instead of the rating, for example ``test.rating >= 4``.

    Returns
    -------
    numpy.ndarray, float32, shape (n_users, n_movies)
    """
    relevance = np.zeros((n_users, n_movies), dtype="float32")
    values = test["rating"] if values is None else values
    relevance[test["user"], test["movie"]] = np.asarray(values)
    return relevance


def ndcg_at_k(relevance, scores, k, per_user=False):
    """Return the normalized discounted cumulative gain of the first k places.

    A relevant movie at place p gains its relevance divided by log2(p + 1); the sum
    is divided by that of the best possible order. Equal to scikit-learn's
    `ndcg_score`, ties included (tied movies share the discount of their places),
    with two exceptions: users with nothing relevant are left out of the mean, where
    scikit-learn counts them as 0, and −inf is a score.
    Järvelin & Kekäläinen, "Cumulated gain-based evaluation of IR techniques",
    ACM TOIS 20(4), 2002; ties as in McSherry & Najork, ECIR 2008.

    Parameters
    ----------
    relevance : array, shape (n_users, n_movies), not negative
        For example the test ratings, 0 where there is none.
    scores : array, same shape
    k : int
        Places that count; more than there are movies means all of them.
    per_user : bool
        Return one value a user instead of the mean.

    Returns
    -------
    float from 0 to 1, or array, shape (n_users,), NaN for users with nothing
    relevant.

    Raises
    ------
    ValueError
        If shapes differ, k < 1, relevance is negative, a score is NaN, or no
        user has anything relevant.
    """
    relevance, scores = _checked(relevance, scores, k)
    k = min(k, relevance.shape[1])
    discount = 1 / np.log2(np.arange(k) + 2)
    # Sorted whole: NumPy's partition is slow where most values are equal, here 0.
    ideal = np.sort(relevance, axis=1)[:, : -k - 1 : -1] @ discount
    with np.errstate(invalid="ignore"):
        ndcg = _gain_with_ties(relevance, scores, discount) / ideal
    if per_user:
        return np.where(ideal > 0, ndcg, np.nan)
    return _mean(ndcg, ideal > 0)


def recall_at_k(relevance, scores, k):
    """Return the share of a user's relevant movies in the first k places.

    Parameters, errors and the users that are left out of the mean: as for
    `ndcg_at_k`; every relevance above 0 counts alike, ties go to the lower index.
    """
    relevance, scores = _checked(relevance, scores, k)
    best = top_n(scores, k)
    hits = (np.take_along_axis(relevance, best, axis=1) > 0) & (best >= 0)
    relevant = np.count_nonzero(relevance > 0, axis=1)
    with np.errstate(invalid="ignore"):
        return _mean(hits.sum(axis=1) / relevant, relevant > 0)


def coverage_at_k(scores, k):
    """Return the share of all movies that are in at least one user's first k places.

    Parameters
    ----------
    scores : array, shape (n_users, n_movies), masked pairs at −inf
    k : int

    Returns
    -------
    float from 0 to 1
    """
    recommended = np.unique(top_n(scores, k))
    return np.count_nonzero(recommended >= 0) / np.asarray(scores).shape[1]


def _gain_with_ties(relevance, scores, discount):
    """Sum up gain × discount over the first places only: sorting all is slow.

    `tests/helpers/test_ranking.py` has the definition, in a few lines.
    """
    rows, k = np.arange(len(scores))[:, None], len(discount)
    first = np.argpartition(scores, -k, axis=1)[:, -k:]
    first = first[rows, np.argsort(-scores[rows, first], axis=1)]
    ranked, gains = scores[rows, first], relevance[rows, first]
    # Movies tied with the last place may be outside the list: they share its gain.
    tie = scores == ranked[:, -1:]
    of_tie = np.sum(relevance, axis=1, where=tie) / np.count_nonzero(tie, axis=1)
    gains = np.where(ranked == ranked[:, -1:], of_tie[:, None], gains)
    # A group is a run of equal scores within one row; a new row starts one too.
    starts_group = np.ones(ranked.shape, dtype=bool)
    starts_group[:, 1:] = ranked[:, 1:] != ranked[:, :-1]
    starts = np.flatnonzero(starts_group)
    sizes = np.diff(np.append(starts, ranked.size))
    group_gain = np.add.reduceat(gains.ravel(), starts)
    group_discount = np.add.reduceat(np.tile(discount, len(ranked)), starts)
    return np.bincount(starts // k, weights=group_gain * group_discount / sizes)


def _checked(relevance, scores, k):
    relevance = np.atleast_2d(np.asarray(relevance, dtype="float64"))
    scores = np.atleast_2d(np.asarray(scores, dtype="float64"))
    if relevance.shape != scores.shape:
        raise ValueError(
            gettext(
                "Relevance has shape {shape}, scores have {other}; expected users × "
                "movies, the same for both.",
                shape=relevance.shape,
                other=scores.shape,
            )
        )
    if k < 1:
        raise ValueError(
            gettext("k is {k}; expected a number of places, 1 or more.", k=k)
        )
    if not np.isfinite(relevance).all() or (relevance < 0).any():
        raise ValueError(
            gettext("Relevance must be finite and not negative; 0 is irrelevant.")
        )
    _refuse_nan(scores)
    return relevance, scores


def _refuse_nan(scores):
    missing = np.isnan(scores)
    if missing.any():
        raise ValueError(
            gettext(
                "{n_bad:,} of {size:,} scores are NaN, and NaN has no place in a "
                "ranking. If they come from a model, its training diverged: look at "
                "the loss, lower the learning rate.",
                n_bad=np.count_nonzero(missing),
                size=missing.size,
            )
        )


def _mean(values, counts):
    if not counts.any():
        raise ValueError(
            gettext(
                "No user has anything relevant, so there is nothing to measure. Is the "
                "test set empty, or indexed by another split's encoding?"
            )
        )
    return float(values[counts].mean())
