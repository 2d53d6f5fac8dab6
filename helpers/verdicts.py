"""Figures stated as bands.

Another machine, another version of Keras, another seed: the third decimal of a
metric always moves. A lesson that promises "0.9127" is wrong tomorrow; one
that promises "inside 0.90–0.94" is a claim that a test can hold it to.
"""

import os

MEASURED_ON = "ml-100k"


def verdict(name, value, inside=None, at_least=None, at_most=None, edition=None):
    """Print whether a figure lies where the lesson says it does.

    The line tells the band, not the figure, so it is the same on every machine
    where the claim holds.

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
        The ratings it was measured on; by default what `load_movielens()`
        loads. The bands are stated for ml-100k: on other ratings the line
        tells the figure and makes no claim.

    Raises
    ------
    ValueError
        If not exactly one band is given.
    """
    given = [band for band in (inside, at_least, at_most) if band is not None]
    if len(given) != 1:
        raise ValueError(
            "verdict() needs exactly one of inside=(low, high), at_least=…, at_most=…"
        )
    if inside is not None:
        low, high = inside
        band = f"inside {low:.{_digits(inside)}f}–{high:.{_digits(inside)}f}"
    elif at_least is not None:
        low, high = at_least, float("inf")
        band = f"at least {at_least:.{_digits([at_least])}f}"
    else:
        low, high = float("-inf"), at_most
        band = f"at most {at_most:.{_digits([at_most])}f}"

    edition = edition or os.environ.get("COURSE_DATA") or MEASURED_ON
    if edition != MEASURED_ON:
        print(f"{name} {value:.3f} (on {MEASURED_ON}: {band})")
    elif low <= value <= high:
        print(f"{name} {band} ✓")
    else:
        print(f"{name} {value:.4f}, expected {band} ✗")


def _digits(numbers):
    """As many decimals as the author wrote, and two at least for fractions."""
    if all(float(number).is_integer() for number in numbers):
        return 0
    return max(2, *(len(repr(float(n)).partition(".")[2]) for n in numbers))
