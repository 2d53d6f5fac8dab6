"""Error metrics of predicted ratings, and how much a score varies with the users."""

import numpy as np
from sklearn.metrics import mean_absolute_error, root_mean_squared_error

from helpers.i18n import gettext


def mae(true, predicted):
    """Return the mean absolute error, in stars.

    Parameters
    ----------
    true, predicted : array_like, shape (n,) or (n, 1)
        A Keras model returns shape (n, 1). Both are flattened, so that NumPy does not
        broadcast one against the other.

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
    """Return the root mean squared error, in stars.

    Large errors weigh more than in `mae`. Parameters and errors: as for `mae`.
    """
    return float(root_mean_squared_error(*_columns(true, predicted)))


def bootstrap_rmse(user, true, *predicted, n_draws=500, seed=0):
    """Return the RMSE of each model on users drawn with replacement.

    All models are scored on the same users (Efron & Tibshirani, 1993, chapter 6).

    Parameters
    ----------
    user : array_like, shape (n,)
        The user of each rating.
    true, *predicted : array_like, shape (n,) or (n, 1)

    Returns
    -------
    list of ndarray, shape (n_draws,)
    """
    users, place = np.unique(user, return_inverse=True)
    draws = np.random.default_rng(seed).integers(
        0, len(users), size=(n_draws, len(users))
    )
    sizes = np.bincount(place)[draws].sum(axis=1)
    squared = (np.square(np.subtract(*_columns(true, each))) for each in predicted)
    return [
        np.sqrt(np.bincount(place, weights=each)[draws].sum(axis=1) / sizes)
        for each in squared
    ]


def bootstrap_mean(values, n_draws=5000, seed=0):
    """Return the mean over users with its 95 % interval, as three floats.

    Pass a model's scores, or the differences of two models on the same users: shape
    (n_users,), where NaN is left out. The interval is the percentile interval (Efron &
    Tibshirani, 1993, chapter 13).
    """
    values = np.asarray(values, dtype="float64")
    values = values[~np.isnan(values)]
    draws = np.random.default_rng(seed).integers(
        len(values), size=(n_draws, len(values))
    )
    return values.mean(), *np.quantile(values[draws].mean(axis=1), [0.025, 0.975])


def _columns(true, predicted):
    columns = []
    for name, values in (("true", true), ("predicted", predicted)):
        values = np.asarray(values, dtype="float64")
        if values.ndim > 2 or (values.ndim == 2 and values.shape[1] != 1):
            raise ValueError(
                gettext(
                    "{name} ratings have shape {shape}; expected one number a pair, "
                    "shape (n,) or (n, 1).",
                    name=name,
                    shape=values.shape,
                )
            )
        values = values.reshape(-1)
        if not np.isfinite(values).all():
            raise ValueError(
                gettext(
                    "{n_bad:,} of {n_values:,} {name} ratings are NaN or infinite. "
                    "If they come from a model, it divides by zero somewhere, or its "
                    "training diverged: look at the loss, lower the learning rate.",
                    n_bad=np.count_nonzero(~np.isfinite(values)),
                    n_values=len(values),
                    name=name,
                )
            )
        columns.append(values)
    if len(columns[0]) != len(columns[1]):
        raise ValueError(
            gettext(
                "{n_true:,} true ratings but {n_predicted:,} predicted; expected one "
                "prediction for each rating, in the same order.",
                n_true=len(columns[0]),
                n_predicted=len(columns[1]),
            )
        )
    if len(columns[0]) == 0:
        raise ValueError(gettext("There are no ratings to compare: both are empty."))
    return columns
