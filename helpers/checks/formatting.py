"""Short texts of values, for a card of a few lines."""

import numpy as np

from helpers.i18n import gettext

MOST_TEXT = 200


def short(text, most=MOST_TEXT):
    """Cut a text of the student's making: it stands in a sentence, or beside one.

    Parameters
    ----------
    text : str
    most : int
        Characters.

    Returns
    -------
    str
    """
    return text if len(text) <= most else f"{text[: most - 2]} …"


def show(value):
    """Write a value so that it fits into a sentence.

    Parameters
    ----------
    value : object
        The course's own texts are translated, others stay as they are; numbers get
        four digits; long arrays are cut.

    Returns
    -------
    str
    """
    if isinstance(value, str):
        return gettext(value)
    if isinstance(value, (float, np.floating)):
        return f"{value:.4g}"
    if isinstance(value, (list, tuple)) and len(value) > 6:
        return gettext(
            "[{names}, …] ({n} of them)",
            names=", ".join(show(one) for one in value[:6]),
            n=len(value),
        )
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(show(one) for one in value)}]"
    if isinstance(value, np.ndarray):
        if value.ndim == 0:
            return show(value.item())
        if value.size <= 12:
            return np.array2string(value, precision=4, separator=", ").replace("\n", "")
        first = np.array2string(value.ravel()[:4], precision=4, separator=", ")
        return gettext(
            "{first}, …] (shape {shape})", first=first[:-1], shape=value.shape
        )
    return str(value)
