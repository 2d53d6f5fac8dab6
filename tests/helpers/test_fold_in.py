import helpers.quiet_tensorflow  # noqa: F401, I001
import keras
import numpy as np
import pytest
from keras import layers

from helpers.checks import answer_key
from helpers.fold_in import score_new_user, what_to_watch
from helpers.splits import random_split
from helpers.data import synthetic

N_USERS, N_MOVIES, MEAN = 7, 30, 3.5


def set_randomly(model, rng, size=0.4):
    model({"user": np.array([0]), "movie": np.array([0])})
    for layer in model.layers:
        layer.set_weights(
            [rng.normal(scale=size, size=w.shape) for w in layer.get_weights()]
        )
    return {layer.name: layer.get_weights() for layer in model.layers}


def dot_bias_model():
    (build,) = answer_key.build("3.4", {})
    return build(N_USERS, N_MOVIES, MEAN, n_factors=4)


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def test_it_is_the_ridge_regression_of_lesson_06(rng):
    model = dot_bias_model()
    weights = set_randomly(model, rng)
    movies = rng.choice(N_MOVIES, 10, replace=False)
    ratings = rng.integers(1, 6, size=10).astype("float32")
    found = score_new_user(model, movies, ratings, N_MOVIES, shrinkage=5.0)

    vectors, movie_bias = weights["movie_factors"][0], weights["movie_bias"][0][:, 0]
    known = np.column_stack([vectors[movies], np.ones(10)])
    average = np.append(
        weights["user_factors"][0].mean(axis=0), weights["user_bias"][0].mean()
    )
    rest = ratings - MEAN - movie_bias[movies] - known @ average
    away = np.linalg.solve(known.T @ known + 5 * np.eye(5), known.T @ rest)
    row = average + away
    expected = MEAN + movie_bias + vectors @ row[:4] + row[4]
    np.testing.assert_allclose(found, expected, atol=2e-3)


@pytest.mark.parametrize("number", ["2.4", "2.6", "3.4", "4.1"])
def test_every_lesson_model_is_scored_and_stays_unchanged(number, rng):
    (build,) = answer_key.build(number, {})
    sizes = (N_USERS, N_MOVIES) if number.startswith("2") else (N_USERS, N_MOVIES, MEAN)
    model = build(*sizes, n_factors=4)
    before = set_randomly(model, rng)
    movies, ratings = np.arange(8), np.array([5, 5, 5, 5, 1, 1, 1, 1], "float32")
    generous = score_new_user(model, movies, ratings, N_MOVIES, shrinkage=0.5)
    strict = score_new_user(model, movies, 6 - ratings, N_MOVIES, shrinkage=0.5)
    assert generous.shape == (N_MOVIES,)
    # A user who loved the first four and hated the others gets other predictions than
    # one with the opposite taste.
    gap = (generous - strict)[:8]
    assert gap[:4].mean() > gap[4:].mean()
    for layer in model.layers:
        for old, new in zip(before[layer.name], layer.get_weights(), strict=True):
            np.testing.assert_allclose(old, new, rtol=1e-6)


def test_a_table_may_be_a_layer_on_one_hot_vectors(rng):
    (build,) = answer_key.build("2.4", {})
    model = build(N_USERS, N_MOVIES, n_factors=4)
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    one_hot = keras.ops.one_hot(user, N_USERS)
    rows = layers.Dense(4, use_bias=False, name="user_factors")(one_hot)
    others = layers.Embedding(N_MOVIES, 4, name="movie_factors")(movie)
    dense = keras.Model(
        {"user": user, "movie": movie}, layers.Dot(axes=-1)([rows, others])
    )
    before = set_randomly(model, rng)
    for name in ("user_factors", "movie_factors"):
        dense.get_layer(name).set_weights(before[name])
    found, expected = (
        score_new_user(one, [1, 2], [5.0, 1.0], N_MOVIES) for one in (dense, model)
    )
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_without_ratings_the_new_user_is_the_average_one(rng):
    model = dot_bias_model()
    weights = set_randomly(model, rng)
    found = score_new_user(model, [], [], N_MOVIES)
    row = weights["user_factors"][0].mean(axis=0)
    expected = (
        MEAN
        + weights["user_bias"][0].mean()
        + weights["movie_bias"][0][:, 0]
        + weights["movie_factors"][0] @ row
    )
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_more_ratings_pull_further_away(rng):
    model = dot_bias_model()
    set_randomly(model, rng)
    nobody = score_new_user(model, [], [], N_MOVIES)
    doubtful = score_new_user(model, [3], [5.0], N_MOVIES, shrinkage=50.0)
    trusting = score_new_user(model, [3], [5.0], N_MOVIES, shrinkage=0.5)
    assert abs(trusting - 5.0)[3] < abs(doubtful - 5.0)[3] < abs(nobody - 5.0)[3]


def test_the_model_is_as_before_even_if_something_breaks(rng, monkeypatch):
    model = dot_bias_model()
    before = set_randomly(model, rng)

    def broken(*_, **__):
        raise RuntimeError("interrupted")

    monkeypatch.setattr("helpers.fold_in.score_all", broken)
    with pytest.raises(RuntimeError):
        score_new_user(model, [1, 2], [5.0, 1.0], N_MOVIES)
    np.testing.assert_array_equal(
        model.get_layer("user_factors").get_weights()[0],
        np.asarray(before["user_factors"][0], "float32"),
    )


def test_unknown_movies_and_other_models_are_refused(rng):
    with pytest.raises(ValueError, match="rows from 0 to 29"):
        score_new_user(dot_bias_model(), [1, 30], [3.0, 3.0], N_MOVIES)
    with pytest.raises(ValueError, match="user_factors"):
        score_new_user(keras.Sequential([layers.Dense(1)]), [1], [3.0], N_MOVIES)


def test_what_to_watch_leaves_out_what_was_rated(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_HOME", str(tmp_path))
    small = synthetic(n_users=30, n_movies=60, n_ratings=900, seed=1)
    split = random_split(small, seed=0)
    (build,) = answer_key.build("3.4", {})
    model = build(split.n_users, split.n_movies, 3.5, n_factors=4)
    best = what_to_watch(model, small, split, n=5)
    assert "invented student" in capsys.readouterr().out
    assert list(best.index) == [1, 2, 3, 4, 5]
    assert best["predicted"].is_monotonic_decreasing
    from helpers.my_ratings import my_ratings

    assert not set(best["title"]) & set(my_ratings(small)["title"])
