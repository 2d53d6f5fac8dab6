"""Compare a score with the band that the lesson's text states.

The third decimal of a metric changes with the machine, the version of Keras and the
seed. So lessons state bands, such as 0.90–0.94, and tests check that scores are inside.
"""

import os

from helpers.data import is_own
from helpers.i18n import gettext

MEASURED_ON = "ml-100k"


def verdict(name, value, inside=None, at_least=None, at_most=None, edition=None):
    """Print whether a score is inside the band that the lesson states.

    The line names the band and not the score, so it is the same on every machine where
    the statement holds.

    Parameters
    ----------
    name : str
        What was measured, for example ``"test RMSE"``.
    value : float
    inside : (float, float), optional
        The band, both ends included.
    at_least, at_most : float, optional
        A one-sided band. Exactly one of the three is needed.
    edition : str, optional
        The ratings it was measured on; by default what `load_movielens()` loads. The
        bands are stated for ml-100k; on other ratings the line only shows the score,
        and on a table of your own it says so.

    Raises
    ------
    ValueError
        If not exactly one band is given.
    """
    given = [band for band in (inside, at_least, at_most) if band is not None]
    if len(given) != 1:
        raise ValueError(
            gettext(
                "verdict() needs exactly one of inside=(low, high), at_least=…, "
                "at_most=…"
            )
        )
    if inside is not None:
        low, high = inside
        band = gettext("inside {low}–{high}", **_written(low=low, high=high))
    elif at_least is not None:
        low, high = at_least, float("inf")
        band = gettext("at least {low}", **_written(low=low))
    else:
        low, high = float("-inf"), at_most
        band = gettext("at most {high}", **_written(high=high))

    edition = edition or os.environ.get("COURSE_DATA") or MEASURED_ON
    shown = {"name": name, "value": value, "band": band, "edition": MEASURED_ON}
    if is_own(edition):
        print(gettext("{name} {value:.3f} ({band}: not for your data)", **shown))
    elif edition != MEASURED_ON:
        print(gettext("{name} {value:.3f} (on {edition}: {band})", **shown))
    elif low <= value <= high:
        print(gettext("{name} {band} ✓", **shown))
    else:
        print(gettext("{name} {value:.4f}, expected {band} ✗", **shown))


def _written(**numbers):
    """Return the ends of a band as text, with equally many decimals."""
    digits = _digits(numbers.values())
    return {name: format(number, f".{digits}f") for name, number in numbers.items()}


def _digits(numbers):
    """Return the number of decimals as written; at least two for fractions."""
    if all(float(number).is_integer() for number in numbers):
        return 0
    return max(2, *(len(repr(float(n)).partition(".")[2]) for n in numbers))
