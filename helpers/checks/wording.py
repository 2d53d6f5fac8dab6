"""Short texts of values, for a card of a few lines."""

import numpy as np


def show(value):
    """Write a value so that it fits into a sentence.

    Parameters
    ----------
    value : object
        Text stays as it is; numbers get four digits; long arrays are cut.

    Returns
    -------
    str
    """
    if isinstance(value, str):
        return value
    if isinstance(value, (float, np.floating)):
        return f"{value:.4g}"
    if isinstance(value, (list, tuple)) and len(value) > 6:
        return (
            f"[{', '.join(show(one) for one in value[:6])}, …] ({len(value)} of them)"
        )
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(show(one) for one in value)}]"
    if isinstance(value, np.ndarray):
        if value.ndim == 0:
            return show(value.item())
        if value.size <= 12:
            return np.array2string(value, precision=4, separator=", ").replace("\n", "")
        first = np.array2string(value.ravel()[:4], precision=4, separator=", ")
        return f"{first[:-1]}, …] (shape {value.shape})"
    return str(value)
