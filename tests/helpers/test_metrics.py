"""MAE and RMSE: right numbers, and a clear no to what is not a list of pairs."""

import numpy as np
import pytest
from sklearn.metrics import mean_absolute_error, root_mean_squared_error

from helpers.metrics import bootstrap_mean, bootstrap_rmse, mae, rmse


def test_worked_example():
    assert mae([4, 2, 5], [3, 2, 1]) == pytest.approx(5 / 3)
    assert rmse([4, 2, 5], [3, 2, 1]) == pytest.approx(np.sqrt(17 / 3))


@pytest.mark.parametrize("shape", [(-1,), (-1, 1)])
def test_a_column_is_not_broadcast(shape):
    rng = np.random.default_rng(0)
    true, predicted = rng.normal(size=50), rng.normal(size=50)
    assert mae(true, predicted.reshape(shape)) == pytest.approx(
        mean_absolute_error(true, predicted)
    )
    assert rmse(true, predicted.reshape(shape)) == pytest.approx(
        root_mean_squared_error(true, predicted)
    )


@pytest.mark.parametrize("metric", [mae, rmse])
@pytest.mark.parametrize(
    ("true", "predicted", "words"),
    [
        ([1, 2, 3], [1, 2], "3 true ratings but 2 predicted"),
        ([], [], "both are empty"),
        ([1, 2], [1, np.nan], "1 of 2 predicted ratings are NaN"),
        ([1, np.inf], [1, 2], "1 of 2 true ratings are NaN or infinite"),
        ([1, 2], [[1, 2], [3, 4]], r"shape \(2, 2\)"),
    ],
)
def test_bad_input_is_named(metric, true, predicted, words):
    with pytest.raises(ValueError, match=words):
        metric(true, predicted)


def test_drawn_users_bring_all_their_ratings_and_are_the_same_for_all_models():
    user = np.repeat([7, 3, 9], [1, 2, 3])
    true = np.arange(6.0)
    first, second = bootstrap_rmse(user, true, true + user, (true - 2 * user)[:, None])
    squares = {
        np.sqrt(np.repeat([49, 9, 81], np.array([1, 2, 3]) * counts).mean())
        for counts in np.ndindex(4, 4, 4)
        if sum(counts) == 3
    }
    assert len(first) == 500
    assert len(np.unique(first.round(6))) == 10
    assert all(np.isclose(value, list(squares)).any() for value in first)
    np.testing.assert_allclose(second, 2 * first)


def test_ratings_of_one_user_are_not_independent():
    rng = np.random.default_rng(0)
    error = np.repeat(rng.normal(size=50), 40)
    users, alone = np.repeat(np.arange(50), 40), np.arange(2000)
    (clustered,) = bootstrap_rmse(users, 0 * error, error)
    (independent,) = bootstrap_rmse(alone, 0 * error, error)
    assert clustered.std() > 3 * independent.std()


def test_the_interval_holds_the_true_mean_95_times_in_100():
    rng = np.random.default_rng(0)
    inside = 0
    for _ in range(400):
        mean, low, high = bootstrap_mean(rng.normal(1, size=200), n_draws=400)
        assert low < mean < high
        inside += low < 1 < high
    assert 0.9 < inside / 400 < 0.98


def test_users_without_a_score_are_left_out():
    scores = np.array([0.1, np.nan, 0.5, 0.3, np.nan])
    assert bootstrap_mean(scores) == bootstrap_mean(scores[[0, 2, 3]])
