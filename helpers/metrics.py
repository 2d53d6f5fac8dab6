"""Error metrics of predicted ratings."""

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
