"""Where ratings come from; the best predictions, compared with simulations."""

import numpy as np
import pandas as pd
import pytest

from competition import data
from helpers.competition.folder import Rules
from helpers.data import synthetic
from helpers.movielens.errors import InvalidRatingsError, MissingColumnError
from helpers.movielens.synthetic import NOISE, true_scores, watch_rates

RULES = Rules((1.0, 5.0, 1.0))


@pytest.fixture(scope="module")
def world():
    return synthetic(n_users=60, n_movies=80, n_ratings=2400)


def test_the_expected_rating_is_the_mean_of_many_drawn_ones(world):
    user, movie = np.array([0, 5, 59, 7]), np.array([3, 70, 79, 0])
    rng = np.random.default_rng(0)
    score = true_scores(world.truth, user, movie)
    drawn = score + NOISE * rng.standard_normal((200_000, 4))
    mean = np.clip(np.rint(drawn), 1, 5).mean(axis=0)
    found = data.expected_ratings(world.truth, user, movie, RULES.scale)
    assert found == pytest.approx(mean, abs=0.02)


def test_the_best_lists_are_those_of_many_simulated_users(world):
    """Draw the hidden ratings of a user many times, and count the relevant movies."""
    user, n_ratings = 4, 40
    rates = watch_rates(world.truth, [user])[0].astype("float64")
    score = true_scores(world.truth, np.full(80, user), np.arange(80))
    rng = np.random.default_rng(0)
    times = rng.standard_exponential((40_000, 80)) / rates
    rated = np.argsort(times, axis=1)[:, :n_ratings]
    is_hidden = rng.random(rated.shape) < RULES.share
    counts, chances = np.zeros(80), np.zeros(80)
    np.add.at(counts, rated[is_hidden], 1)
    np.add.at(chances, rated[~is_hidden], 1)
    is_relevant = (score + NOISE * rng.standard_normal((40_000, 80)) >= 3.5).mean(
        axis=0
    )
    expected = counts / (40_000 - chances) * is_relevant
    none = {"user": np.array([], dtype=int), "movie": np.array([], dtype=int)}
    best = data.best_lists(world.truth, np.array([user]), np.array([40]), none, RULES)[
        0
    ]
    ideal = np.sort(expected)[::-1][:10]
    assert len(set(best)) == 10
    assert expected[best] == pytest.approx(ideal, abs=0.02)


def test_movies_in_train_are_not_listed(world):
    users, n_ratings = np.array([4]), np.array([40])
    none = {"user": np.array([], dtype=int), "movie": np.array([], dtype=int)}
    first = data.best_lists(world.truth, users, n_ratings, none, RULES)[0]
    seen = {"user": np.array([0, 0]), "movie": first[:2]}
    best = data.best_lists(world.truth, users, n_ratings, seen, RULES)[0]
    assert best[:8].tolist() == first[2:].tolist()


def test_own_ratings_are_read_by_the_names_of_their_columns(tmp_path):
    path = tmp_path / "my.csv"
    path.write_text("userId;Item;Stars\nada;x;0.5\nada;y;3.0\nbob;x;2.5\n")
    source = data.load_source(str(path), seed=0)
    assert source.scale == (0.5, 3.0, 0.5)
    assert source.movies["title"].tolist() == ["x", "y"]
    assert source.ratings["movie_id"].tolist() == [1, 2, 1]
    assert source.truth is None


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        ("user,item\n1,2\n1,3\n2,2\n", InvalidRatingsError, "name their column"),
        ("user,rating\n1,2\n", MissingColumnError, "lacks a column item"),
        ("user,item,rating\n1,2,good\n1,3,4\n", InvalidRatingsError, "lack a value"),
    ],
)
def test_own_ratings_that_cannot_be_used_are_refused(tmp_path, text, error, says):
    path = tmp_path / "my.csv"
    path.write_text(text)
    with pytest.raises(error, match=says):
        data.load_source(str(path), seed=0)


def test_synthetic_ratings_follow_from_the_seed():
    shape = {"n_users": 30, "n_movies": 40, "n_ratings": 900}
    first, same = (data.load_source("synthetic", 2**200 + 1, shape) for _ in "ab")
    other = data.load_source("synthetic", 2**200 + 2, shape)
    pd.testing.assert_frame_equal(first.ratings, same.ratings)
    assert not first.ratings["rating"].equals(other.ratings["rating"])
    assert "zip_code" not in first.users
