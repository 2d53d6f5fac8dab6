"""The course's own models, as rows of the leaderboard."""

import numpy as np
import pandas as pd

from helpers.baselines import (
    EASE_PENALTY,
    BiasBaseline,
    MeanBaseline,
    Popularity,
    ease_weights,
)
from helpers.competition.encoding import Encoded
from helpers.competition.submissions import LISTS, RATINGS
from helpers.data import MovieLens
from helpers.ranking import relevance_matrix, score_all

RESIDUAL_PENALTY = 1000
"""The L2 penalty of EASE on what the biases leave, if the scale is 1 to 5."""


def rows(competition, with_hybrid=True):
    """Fit the course's models.

    Parameters
    ----------
    competition : helpers.competition.folder.Competition
    with_hybrid : bool
        The hybrid of lesson 04 needs Keras, and a minute.

    Returns
    -------
    dict of (str, str) to numpy.ndarray
        By kind and name of the model: stars, or lists of movie ids.
    """
    data = Encoded(competition)
    size = data.n_users, data.n_movies
    biases = BiasBaseline().fit(data.train, *size)
    popularity = Popularity().fit(data.train, data.n_movies)
    smallest, largest, _ = competition.rules.scale
    stars = relevance_matrix(data.train, *size, data.train["rating"] / largest)
    left = relevance_matrix(
        data.train, *size, data.train["rating"] - biases.predict(data.train)
    ).astype("float64")
    # Residuals grow with the scale, and the penalty was chosen for 1 to 5.
    as_on_five_stars = left * 4 / (largest - smallest)
    correction = left @ ease_weights(as_on_five_stars, RESIDUAL_PENALTY)
    base = biases.predict(data.rate)
    found = {
        (RATINGS, "mean"): MeanBaseline().fit(data.train).predict(data.rate),
        (RATINGS, "biases"): base,
        (RATINGS, "EASE"): base + correction[data.rate["user"], data.rate["movie"]],
        (LISTS, "popularity"): data.lists(
            score_all(popularity, *size, users=data.ranked)
        ),
        (LISTS, "biases"): data.lists(score_all(biases, *size, users=data.ranked)),
        (LISTS, "EASE"): data.lists(
            stars[data.ranked] @ ease_weights(stars.astype("float64"), EASE_PENALTY)
        ),
    }
    if with_hybrid:
        predicted, scores = _hybrid(competition, data)
        found[RATINGS, "hybrid"] = predicted
        found[LISTS, "hybrid"] = data.lists(scores)
    return {
        (kind, name): np.clip(values, smallest, largest) if kind == RATINGS else values
        for (kind, name), values in found.items()
    }


def _hybrid(competition, data):
    """Train the hybrid of lesson 04; predict all pairs that are asked for, at once."""
    from benchmarks.course import rate_with_hybrid
    from benchmarks.splits import BenchSplit

    ranked = pd.DataFrame(
        {
            "user": np.repeat(data.ranked, data.n_movies),
            "movie": np.tile(np.arange(data.n_movies), len(data.ranked)),
        }
    )
    movielens = MovieLens(
        "competition",
        competition.train,
        competition.movies,
        competition.users,
        "",
        competition.rules.scale,
    )
    test = pd.concat([data.rate[["user", "movie"]], ranked])
    split = BenchSplit(
        "", data.train, data.train[:0], test, data.users, data.movies, movielens
    )
    predicted = rate_with_hybrid(split, seed=0)
    n_rate = len(data.rate)
    return predicted[:n_rate], predicted[n_rate:].reshape(-1, data.n_movies)
