"""Hide a part of the ratings, as the competition does."""

from dataclasses import replace

import numpy as np
import pandas as pd

from helpers.competition.folder import Answers


def practice(competition, seed=0):
    """Make a small competition from the training ratings, with known answers.

    The same function that hid the test ratings hides a part of the training ratings:
    of the users in ``rate.csv`` to predict stars, of those in ``rank.csv`` to
    recommend movies. Scores are worse than on the hidden test: there is less left to
    train on, and for NDCG, a recommended movie that is really hidden counts as wrong.
    That halves it, for all models alike.

    Parameters
    ----------
    competition : Competition
    seed : int

    Returns
    -------
    Competition, Answers
    """
    return hide(
        competition,
        competition.rate["user_id"].unique(),
        np.random.default_rng(seed),
    )


def hide(competition, rate_users, rng):
    """Hide a share of each user's training ratings.

    Parameters
    ----------
    competition : Competition
        Its `rate` and `rank` are not used.
    rate_users : array_like of int
        Users to predict stars for; for all others, movies are recommended.
    rng : numpy.random.Generator

    Returns
    -------
    Competition, Answers
    """
    rules = competition.rules
    ratings = competition.train.sort_values(["user_id", "movie_id"])
    hidden = held_out(ratings["user_id"], rules.share, rng)
    is_rated = ratings["user_id"].isin(rate_users).to_numpy()
    to_rate = ratings[hidden & is_rated]
    to_rank = ratings[hidden & ~is_rated]
    relevant = to_rank[to_rank["rating"] >= rules.relevant_from]
    users = pd.DataFrame({"user_id": ratings.loc[~is_rated, "user_id"].unique()})
    hiding = replace(
        competition,
        train=ratings[~hidden].reset_index(drop=True),
        rate=to_rate[["user_id", "movie_id"]].reset_index(drop=True),
        rank=users,
    )
    return hiding, Answers(
        to_rate["rating"].to_numpy("float64"),
        relevant[["user_id", "movie_id"]].reset_index(drop=True),
    )


def held_out(users, share, rng):
    """Choose a share of each user's ratings at random; each user keeps one.

    Parameters
    ----------
    users : pandas.Series
        The user of each rating.
    share : float
    rng : numpy.random.Generator

    Returns
    -------
    numpy.ndarray of bool, shape (n_ratings,)
    """
    by_user = pd.Series(rng.permutation(len(users)), index=users.index).groupby(users)
    count = by_user.transform("size")
    n_hidden = np.minimum(np.rint(share * count), count - 1)
    return (by_user.rank() <= n_hidden).to_numpy()
