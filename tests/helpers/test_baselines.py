"""The baselines recover what was put into the ratings."""

import numpy as np
import pandas as pd
import pytest

from helpers.baselines import BiasBaseline, MeanBaseline, Popularity
from helpers.metrics import rmse


@pytest.fixture
def additive():
    """Ratings that are exactly mean + user bias + movie bias, a third missing."""
    rng = np.random.default_rng(0)
    user_bias, movie_bias = rng.normal(0, 0.4, 60), rng.normal(0, 0.6, 90)
    user, movie = np.divmod(np.arange(60 * 90), 90)
    keep = rng.random(len(user)) < 0.66
    frame = pd.DataFrame({"user": user[keep], "movie": movie[keep]})
    frame["rating"] = 3.5 + user_bias[frame["user"]] + movie_bias[frame["movie"]]
    return frame, user_bias, movie_bias


def as_pairs(frame):
    return {"user": frame["user"].to_numpy(), "movie": frame["movie"].to_numpy()}


def test_biases_are_recovered(additive):
    frame, user_bias, movie_bias = additive
    fitted = BiasBaseline(user_shrinkage=0, movie_shrinkage=0, sweeps=50).fit(
        frame, 60, 90
    )
    assert rmse(frame["rating"], fitted.predict(as_pairs(frame))) < 1e-6
    centred = movie_bias - movie_bias.mean()
    np.testing.assert_allclose(
        fitted.movie_bias - fitted.movie_bias.mean(), centred, atol=1e-5
    )


def test_a_bias_is_additive(additive):
    frame, *_ = additive
    fitted = BiasBaseline().fit(frame, 60, 90)
    before = fitted.predict(as_pairs(frame))
    fitted.user_bias[7] += 0.25
    moved = fitted.predict(as_pairs(frame)) - before
    np.testing.assert_allclose(moved, np.where(frame["user"] == 7, 0.25, 0))


@pytest.mark.parametrize(
    "fit",
    [
        lambda frame: MeanBaseline().fit(frame),
        lambda frame: BiasBaseline().fit(frame, 60, 90),
        lambda frame: Popularity().fit(frame, 90),
    ],
)
def test_the_order_of_the_rows_does_not_count(additive, fit):
    frame, *_ = additive
    pairs = as_pairs(frame)
    moved = frame.sort_values("movie", ascending=False, ignore_index=True)
    np.testing.assert_allclose(fit(moved)(pairs), fit(frame)(pairs))


def test_shrinkage_is_the_closed_form():
    frame = pd.DataFrame({"user": 0, "movie": [0, 0, 1], "rating": [5.0, 4.0, 3.0]})
    fitted = BiasBaseline(user_shrinkage=1e12, movie_shrinkage=2, sweeps=1)
    fitted.fit(frame, 1, 3)
    np.testing.assert_allclose(fitted.movie_bias, [1 / 4, -1 / 3, 0])


def test_unrated_rows_stay_at_zero_without_shrinkage(additive):
    frame, *_ = additive
    fitted = BiasBaseline(0, 0).fit(frame, 61, 91)
    assert fitted.user_bias[60] == 0
    assert fitted.movie_bias[90] == 0


def test_mean_and_popularity():
    frame = pd.DataFrame({"user": [0, 1, 1], "movie": [2, 2, 0], "rating": [1, 2, 6]})
    pairs = {"user": [5, 5, 5], "movie": [0, 1, 2]}
    assert MeanBaseline().fit(frame).predict(pairs).tolist() == [3, 3, 3]
    assert Popularity().fit(frame, 3)(pairs).tolist() == [1, 0, 2]
    assert Popularity().fit(frame[["movie"]], 3)(pairs).tolist() == [1, 0, 2]
    assert MeanBaseline().fit(frame[["rating"]]).mean == 3


@pytest.mark.parametrize(
    "fit",
    [
        lambda frame: MeanBaseline().fit(frame),
        lambda frame: BiasBaseline().fit(frame, 1, 1),
        lambda frame: Popularity().fit(frame, 1),
    ],
)
def test_an_empty_training_set_is_an_error(fit):
    empty = pd.DataFrame({"user": [], "movie": [], "rating": []})
    with pytest.raises(ValueError, match="training set is empty"):
        fit(empty)
