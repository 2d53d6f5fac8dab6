"""Draw ratings with MovieLens' long tail from *known* factors."""

import numpy as np
import pandas as pd
from scipy import stats

from helpers.i18n import gettext
from helpers.movielens.dataset import MovieLens
from helpers.movielens.errors import DataError

MIN_RATINGS_A_USER = 20  # as in MovieLens, which keeps no user with fewer
GENRES = (
    *("Action", "Romance", "Comedy", "Drama", "Sci-Fi", "Musical"),
    *("Thriller", "Documentary", "Horror", "Children's", "Western", "Fantasy"),
)
OCCUPATIONS = ("student", "engineer", "educator", "artist", "writer", "other")
# Shapes of gamma distributions that fit ml-100k: ratings of a movie, of a user.
POPULARITY_SHAPE, ACTIVITY_SHAPE = 0.47, 0.7
# Standard deviation of a rating around its expectation, before it is rounded; stars.
NOISE = 0.9
# How far a user's taste decides what they watch. With much less, no recommender
# could be better than a list of the most popular.
TASTE = 2.0
FIRST_DAY = 880_000_000  # seconds since 1970: November 1997
SMALLEST_SAMPLE = 20  # ratings: one for each movie


def synthetic(n_users=943, n_movies=1682, n_ratings=100_000, n_factors=4, seed=0):
    """Draw ratings with MovieLens' long tail from *known* factors.

    A rating is mean + user bias + movie bias + user factors · movie factors + noise
    (standard deviation 0.9), rounded and clipped to 1…5. Who rates what depends on
    the movie's popularity, the user's activity and, mildly, on what the user likes.

    Parameters
    ----------
    n_users, n_movies, n_ratings : int
        Each user has 20 ratings or more where there are enough, each movie one.
    n_factors : int
        Length of the factors; 0 leaves the biases only.
    seed : int

    Returns
    -------
    MovieLens
        With `truth`, a dict of float32 arrays: ``mean`` (a float), ``user_bias``
        (n_users,), ``movie_bias`` (n_movies,), ``user_factors`` (n_users, n_factors),
        ``movie_factors`` (n_movies, n_factors), and ``popularity`` (n_movies,), each
        movie's weight in `watch_rates`. Row i belongs to the id i + 1.

    Raises
    ------
    ValueError
        If there cannot be so many ratings, or not one for each user and movie.
    """
    if n_ratings < max(n_users, n_movies) or n_ratings > n_users * n_movies:
        raise ValueError(
            gettext(
                "{n_users:,} users and {n_movies:,} movies have room for {least:,} to "
                "{most:,} ratings, so that each has one; n_ratings is {n_ratings:,}.",
                n_users=n_users,
                n_movies=n_movies,
                least=max(n_users, n_movies),
                most=n_users * n_movies,
                n_ratings=n_ratings,
            )
        )
    rng = np.random.default_rng(seed)
    # p·q sums n products: this keeps its standard deviation at 0.6 for any n.
    spread = np.float32(0.6 / max(n_factors, 1) ** 0.5) ** 0.5
    truth = {
        "mean": 2.92,
        "user_bias": rng.normal(0, 0.45, n_users).astype("float32"),
        "movie_bias": rng.normal(0, 0.55, n_movies).astype("float32"),
        "user_factors": _normal(rng, n_users, n_factors) * spread,
        "movie_factors": _normal(rng, n_movies, n_factors) * spread,
    }
    n_by_user = _activity(rng, n_users, n_movies, n_ratings)
    user, movie = _who_rates_what(rng, n_by_user, truth)
    shuffled = rng.permutation(n_ratings)
    user, movie = user[shuffled], movie[shuffled]
    ratings = pd.DataFrame(
        {
            "user_id": user + 1,
            "movie_id": movie + 1,
            "rating": _rate(rng, user, movie, truth),
            "timestamp": _when(rng, user, n_users),
        }
    )
    return MovieLens(
        name="synthetic",
        ratings=ratings,
        movies=_movies(rng, truth),
        users=_users(rng, n_users),
        source=gettext("made-up ratings, seed {seed}", seed=seed),
        rating_scale=(1.0, 5.0, 1.0),
        edition=gettext("seed {seed}", seed=seed),
        synthetic=True,
        truth=truth,
    )


def _normal(rng, *shape):
    return rng.standard_normal(shape, dtype="float32")


def _activity(rng, n_users, n_movies, n_ratings):
    """Return the number of ratings of each user: a minimum and a share of the rest."""
    least = min(MIN_RATINGS_A_USER, n_ratings // n_users)
    counts = np.full(n_users, least)
    weights = rng.gamma(ACTIVITY_SHAPE, size=n_users)
    while (left := n_ratings - counts.sum()) > 0:
        weights[counts >= n_movies] = 0
        share = np.floor(left * weights / weights.sum()).astype(int)
        if share.sum() == 0:
            share[np.argsort(-weights)[:left]] = 1
        counts = np.minimum(counts + share, n_movies)
    return counts


def sample(n_ratings):
    """Draw a set of a size to choose: a small one makes grading fast.

    Parameters
    ----------
    n_ratings : str
        The value of ``$COURSE_SAMPLE``.

    Returns
    -------
    MovieLens

    Raises
    ------
    DataError
        If it is no whole number, or too small.
    """
    wanted = int(n_ratings) if n_ratings.strip().isdecimal() else 0
    if wanted < SMALLEST_SAMPLE:
        raise DataError(
            gettext(
                "COURSE_SAMPLE says how many ratings to make up, {smallest} or more, "
                "such as 4000; it is {value!r}.",
                smallest=SMALLEST_SAMPLE,
                value=n_ratings,
            )
        )
    size = max(SMALLEST_SAMPLE, int((8 * wanted) ** 0.5))
    return synthetic(n_users=size // 2, n_movies=size, n_ratings=wanted)


def _who_rates_what(rng, n_by_user, truth, block=500):
    """Draw each user's movies, and set the popularity of all in `truth`.

    A weighted draw without replacement is a race: each movie's time is exponential
    with its weight as the rate, and the first n to arrive are drawn (Efraimidis and
    Spirakis, 2006, "Weighted random sampling with a reservoir").
    """
    n_users, n_movies = len(n_by_user), len(truth["movie_bias"])
    truth["popularity"] = _popularity(rng, truth["movie_bias"])
    ends = np.cumsum(n_by_user)
    # Each movie has one user who is sure to rate it, so that none stays unseen.
    slots = rng.choice(ends[-1], n_movies, replace=False)
    first_rater = np.searchsorted(ends, slots, side="right")

    # Users of like activity share a block: its width is that of the most active.
    by_activity = np.argsort(n_by_user, kind="stable")
    users, movies = [], []
    for start in range(0, n_users, block):
        rows = by_activity[start : start + block]
        times = rng.standard_exponential((len(rows), n_movies), dtype="float32")
        times /= watch_rates(truth, rows)
        place = np.full(n_users, -1)
        place[rows] = np.arange(len(rows))
        sure = np.flatnonzero(place[first_rater] >= 0)
        times[place[first_rater[sure]], sure] = -1

        most = n_by_user[rows].max()
        first = np.argpartition(times, most - 1, axis=1)[:, :most]
        order = np.argsort(np.take_along_axis(times, first, axis=1), axis=1)
        first = np.take_along_axis(first, order, axis=1)
        drawn = np.arange(most) < n_by_user[rows][:, None]
        users.append(np.repeat(rows, n_by_user[rows]).astype("int32"))
        movies.append(first[drawn].astype("int32"))
    return np.concatenate(users), np.concatenate(movies)


def watch_rates(truth, users):
    """Return how fast each user comes to each movie; popular and liked ones are first.

    Parameters
    ----------
    truth : dict
        That of a `synthetic` set.
    users : array_like of int
        Rows of the tables in `truth`.

    Returns
    -------
    numpy.ndarray of float32, shape (len(users), n_movies)
        Rates of exponential distributions, up to a factor for each user.
    """
    liking = TASTE * truth["user_factors"][users] @ truth["movie_factors"].T
    liking += 0.5 * truth["movie_bias"]
    return truth["popularity"] * np.exp(liking)


def _popularity(rng, movie_bias):
    """Draw a weight for each movie; good movies tend to be popular ones."""
    standard = (movie_bias - movie_bias.mean()) / (movie_bias.std() or 1)
    mixed = 0.4 * standard + np.sqrt(1 - 0.4**2) * _normal(rng, len(movie_bias))
    weights = stats.gamma.ppf(stats.norm.cdf(mixed), POPULARITY_SHAPE)
    return np.maximum(weights, 1e-6).astype("float32")


def true_scores(truth, user, movie):
    """Return the expected ratings before noise, rounding and clipping, in stars.

    Parameters
    ----------
    truth : dict
    user, movie : array_like of int, shape (n,)
        Rows of the tables in `truth`.

    Returns
    -------
    numpy.ndarray of float32, shape (n,)
    """
    score = np.einsum(
        "ij,ij->i", truth["user_factors"][user], truth["movie_factors"][movie]
    )
    score += truth["mean"] + truth["user_bias"][user] + truth["movie_bias"][movie]
    return score


def _rate(rng, user, movie, truth):
    score = true_scores(truth, user, movie)
    score += np.float32(NOISE) * _normal(rng, len(user))
    return np.clip(np.rint(score), 1, 5)


def _when(rng, user, n_users):
    """Draw timestamps: each user rates for some hours, once."""
    arrival = FIRST_DAY + rng.integers(0, 200 * 86_400, n_users)
    return arrival[user] + rng.integers(0, 5 * 3600, len(user))


def _movies(rng, truth):
    factors = truth["movie_factors"]
    n_movies = len(factors)
    # A factor's two ends are two genres; a movie has those of its strongest two.
    strongest = np.argsort(-np.abs(factors), axis=1)[:, :2]
    positive = np.take_along_axis(factors, strongest, axis=1) > 0
    names = np.array(GENRES)[(2 * strongest + positive) % len(GENRES)]
    # The first factor is also a taste for the old or the new.
    taste = np.tanh(factors[:, :1].sum(axis=1))
    age = rng.exponential(8, n_movies) + 10 * (1 + taste)
    digits = max(4, len(str(n_movies)))
    return pd.DataFrame(
        {
            "movie_id": np.arange(1, n_movies + 1, dtype="int32"),
            "title": [f"Synthetic movie {i:0{digits}}" for i in range(1, n_movies + 1)],
            "year": pd.array(np.clip(1998 - age, 1925, 1998).astype(int), "Int64"),
            "genres": ["|".join(dict.fromkeys(row)) for row in names],
        }
    )


def _users(rng, n_users):
    return pd.DataFrame(
        {
            "user_id": np.arange(1, n_users + 1, dtype="int32"),
            "age": np.clip(rng.normal(34, 12, n_users), 7, 73).astype("int32"),
            "gender": rng.choice(["M", "F"], n_users, p=[0.7, 0.3]),
            "occupation": rng.choice(OCCUPATIONS, n_users),
            "zip_code": ["00000"] * n_users,
        }
    )
