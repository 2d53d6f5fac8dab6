"""MAE and RMSE: right numbers, and a clear no to what is not a list of pairs."""

import numpy as np
import pytest
from sklearn.metrics import mean_absolute_error, root_mean_squared_error

from helpers.metrics import mae, rmse


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
