"""Made-up ratings: valid, and with the shape of MovieLens."""

import numpy as np
import pandas as pd
import pytest

from helpers.data import load_movielens, synthetic, validate_ratings
from tests.support.movielens_files import real_data

pytestmark = pytest.mark.usefixtures("no_outside")


def gini(counts):
    counts = np.sort(np.asarray(counts, dtype=float))
    n = len(counts)
    return (2 * np.arange(1, n + 1) - n - 1) @ counts / (n * counts.sum())


@pytest.fixture(scope="module")
def made_up():
    return synthetic()


def test_synthetic_is_labelled_and_valid(made_up):
    assert made_up.name == "synthetic"
    assert made_up.synthetic
    assert "made-up" in repr(made_up)
    assert made_up.movies["title"].iloc[0] == "Synthetic movie 0001"
    validate_ratings(made_up.ratings, made_up.rating_scale)
    assert (made_up.n_users, made_up.n_movies) == (943, 1682)
    assert made_up.n_ratings == 100_000
    assert made_up.ratings.dtypes.astype(str).tolist() == [
        *("int32", "int32", "float32", "int64")
    ]


def test_synthetic_has_the_long_tail_of_ml_100k(made_up):
    by_movie = made_up.ratings["movie_id"].value_counts()
    by_user = made_up.ratings["user_id"].value_counts()
    # ml-100k: 0.629 and 0.472; its mean rating is 3.53.
    assert gini(by_movie) == pytest.approx(0.629, abs=0.04)
    assert gini(by_user) == pytest.approx(0.472, abs=0.04)
    assert by_user.min() == 20
    assert made_up.ratings["rating"].mean() == pytest.approx(3.53, abs=0.15)


def test_the_figures_of_ml_100k_in_the_test_above():
    ratings = load_movielens("ml-100k", source=real_data("ml-100k")).ratings
    assert gini(ratings["movie_id"].value_counts()) == pytest.approx(0.629, abs=5e-4)
    assert gini(ratings["user_id"].value_counts()) == pytest.approx(0.472, abs=5e-4)
    assert ratings["rating"].mean() == pytest.approx(3.53, abs=5e-3)


def test_synthetic_ratings_follow_their_truth(made_up):
    truth = made_up.truth
    user = made_up.ratings["user_id"].to_numpy() - 1
    movie = made_up.ratings["movie_id"].to_numpy() - 1
    biases = truth["mean"] + truth["user_bias"][user] + truth["movie_bias"][movie]
    factors = (truth["user_factors"][user] * truth["movie_factors"][movie]).sum(axis=1)

    def error(prediction):
        stars = made_up.ratings["rating"]
        return np.sqrt(np.mean((np.clip(prediction, 1, 5) - stars) ** 2))

    # The noise (0.9) and the rounding (0.29) are all that is left.
    assert error(biases + factors) < 0.93
    assert error(biases) > error(biases + factors) + 0.1
    assert error(truth["mean"]) > error(biases) + 0.1


def test_synthetic_users_prefer_what_they_like(made_up):
    truth = made_up.truth
    liking = truth["user_factors"] @ truth["movie_factors"].T
    rated = made_up.ratings[["user_id", "movie_id"]].to_numpy() - 1
    assert liking[rated[:, 0], rated[:, 1]].mean() > liking.mean() + 0.1


def test_synthetic_genres_and_years_tell_of_the_factors(made_up):
    factor = made_up.truth["movie_factors"][:, 0]
    romance = made_up.movies["genres"].str.contains("Romance").to_numpy()
    assert factor[romance].mean() > factor[~romance].mean() + 0.5
    years = made_up.movies["year"].to_numpy(dtype=float)
    assert np.corrcoef(years, factor)[0, 1] < -0.3


def test_synthetic_depends_on_the_seed_alone():
    one, same, other = (synthetic(50, 60, 1500, seed=seed) for seed in (3, 3, 4))
    pd.testing.assert_frame_equal(one.ratings, same.ratings)
    pd.testing.assert_frame_equal(one.movies, same.movies)
    assert not one.ratings.equals(other.ratings)


@pytest.mark.parametrize(
    ("n_users", "n_movies", "n_ratings", "n_factors"),
    [
        (1, 1, 1, 1),
        (5, 7, 35, 2),
        (10, 5, 12, 0),
        (3, 400, 400, 20),
        (600, 30, 9000, 4),
    ],
)
def test_synthetic_at_its_limits(n_users, n_movies, n_ratings, n_factors):
    movielens = synthetic(n_users, n_movies, n_ratings, n_factors)
    validate_ratings(movielens.ratings, movielens.rating_scale)
    assert movielens.n_ratings == n_ratings
    assert (movielens.n_users, movielens.n_movies) == (n_users, n_movies)
    assert movielens.truth["movie_factors"].shape == (n_movies, n_factors)


@pytest.mark.parametrize("n_ratings", [9, 101])
def test_synthetic_refuses_what_has_no_room(n_ratings):
    with pytest.raises(
        ValueError, match=f"10 to 100 ratings.*n_ratings is {n_ratings}"
    ):
        synthetic(10, 10, n_ratings)
