"""How far predicted ratings are from true ones."""

import numpy as np
from sklearn.metrics import mean_absolute_error, root_mean_squared_error


def mae(true, predicted):
    """Mean absolute error, in stars.

    Parameters
    ----------
    true, predicted : array_like, shape (n,) or (n, 1)
        A Keras model answers in shape (n, 1); both shapes are one column here,
        so that NumPy cannot broadcast one against the other.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If the lengths differ, nothing is there to compare, or a value is
        missing or infinite.
    """
    return float(mean_absolute_error(*_columns(true, predicted)))


def rmse(true, predicted):
    """Root mean squared error, in stars; large errors weigh more than in `mae`.

    Parameters
    ----------
    true, predicted : array_like, shape (n,) or (n, 1)

    Returns
    -------
    float

    Raises
    ------
    ValueError
        As for `mae`.
    """
    return float(root_mean_squared_error(*_columns(true, predicted)))


def _columns(true, predicted):
    columns = []
    for name, values in (("true", true), ("predicted", predicted)):
        values = np.asarray(values, dtype="float64")
        if values.ndim > 2 or (values.ndim == 2 and values.shape[1] != 1):
            raise ValueError(
                f"{name} ratings have shape {values.shape}; expected one number "
                "a pair, shape (n,) or (n, 1)."
            )
        values = values.reshape(-1)
        if not np.isfinite(values).all():
            raise ValueError(
                f"{np.count_nonzero(~np.isfinite(values)):,} of {len(values):,} "
                f"{name} ratings are NaN or infinite. If they come from a model, "
                "it divides by zero somewhere, or its training diverged: look at the "
                "loss, lower the learning rate."
            )
        columns.append(values)
    if len(columns[0]) != len(columns[1]):
        raise ValueError(
            f"{len(columns[0]):,} true ratings but {len(columns[1]):,} predicted; "
            "expected one prediction for each rating, in the same order."
        )
    if len(columns[0]) == 0:
        raise ValueError("There are no ratings to compare: both are empty.")
    return columns
