"""Assertions for checks: each raises `NotYet` with the reason, or returns."""

import numpy as np

from helpers.i18n import gettext, gettext_noop

MOST_TEXT = 200
# How far off, for `close`, where a right answer is off by rounding only.
EXACT = {"atol": 1e-6, "rtol": 1e-5}
ROUNDED = gettext_noop(
    "That is right, but rounded. Return it with all its decimals; the cell that prints it "
    "rounds."
)


class NotYet(Exception):
    """The answer is not right yet; its text says why.

    Parameters
    ----------
    reason : str
        A template, in English; `values` fill its ``{placeholders}``. It is
        translated, and so are values, `found` and `expected` that are texts of the
        course.
    found, expected : object, optional
        What the student's code gave, and what it should have given.
    **values : object
    """

    def __init__(self, reason, found=None, expected=None, **values):
        values = {
            # What another check says has been cut, where it had to be.
            name: str(value) if isinstance(value, NotYet) else truncate(as_text(value))
            for name, value in values.items()
        }
        super().__init__(gettext(reason, **values))
        self.found = None if found is None else truncate(as_text(found))
        self.expected = None if expected is None else truncate(as_text(expected))


class NotAttempted(Exception):
    """The stub has not been touched."""


def expect(condition, reason, found=None, expected=None, **values):
    """Raise `NotYet` unless the condition holds."""
    if not condition:
        raise NotYet(reason, found, expected, **values)


def diagnose(mistakes, found=None, expected=None, **values):
    """Raise `NotYet` with the first reason that holds.

    Parameters
    ----------
    mistakes : dict of str to bool
        What to say, and whether it is so. All are computed before any is said: where
        one makes sense only after another was ruled out, call it twice.
    found, expected : object, optional
        As for `NotYet`.
    **values : object
        Fill the ``{placeholders}`` of all reasons.
    """
    for reason, holds in mistakes.items():
        expect(not holds, reason, found, expected, **values)


def number(value, what="Your function", whole=False):
    """Return one finite number, or say what came instead.

    A number is a scalar of Python, NumPy or Keras; an array of one element is an array.

    Parameters
    ----------
    value : object
        As the proxy returned it.
    what : str
        The beginning of the sentence.
    whole : bool
        The docstring asks for an int.

    Returns
    -------
    float or int
    """
    if isinstance(value, (list, tuple, dict, str)) or np.ndim(value):
        raise NotYet("{what} should return one number.", kind(value), what=what)
    try:
        found = _as_numbers(value).item()
    except (TypeError, ValueError):
        raise NotYet(
            "{what} should return one number.", kind(value), what=what
        ) from None
    expect(np.isfinite(found), "{what} returned no finite number.", found, what=what)
    if not whole:
        return found
    expect(
        np.asarray(value).dtype.kind in "iu",
        "{what} should return an int.",
        kind(value),
        "an int",
        what=what,
    )
    return int(value)


def array(value, shape=None, what="Your function", tensor=False, dtype=None, nan=False):
    """Return an array of numbers, or say what came instead.

    What the docstring asks for is what has to come: a NumPy array or a tensor, and no
    list, pandas.Series or table, which the lesson's next cell may not be able to use.

    Parameters
    ----------
    value : object
        As the proxy returned it.
    shape : tuple of int, optional
    what : str
        The beginning of the sentence.
    tensor : bool
        The docstring asks for a Keras tensor.
    dtype : str, optional
        What the docstring asks for: a name, or ``"int"`` or ``"float"`` of any width.
    nan : bool
        Let NaN through: the check has more to say about it.

    Returns
    -------
    numpy.ndarray
        Of float64, or of the integers that came where `dtype` is of integers.
    """
    name = getattr(value, "type_name", "")
    is_tensor = isinstance(value, np.ndarray) and name.endswith("Tensor")
    if tensor and not is_tensor:
        raise NotYet("{what} should return a tensor.", kind(value), what=what)
    if not tensor and not is_array(value):
        raise NotYet(
            "{what} should return an array of numbers.",
            kind(value),
            "a NumPy array",
            what=what,
        )
    try:
        found = _as_numbers(value)
    except (TypeError, ValueError):
        raise NotYet(
            "{what} should return an array of numbers.", kind(value), what=what
        ) from None
    if shape is not None:
        expect(
            found.shape == shape,
            "{what} returned the wrong shape.",
            *format_both("shape {shape}", shape=(found.shape, shape)),
            what=what,
        )
    has_nan = bool(np.isnan(found).any())
    expect(nan or not has_nan, "{what} returned NaN (not a number).", what=what)
    if dtype is None:
        return found
    own = np.asarray(value)
    kinds = {"int": "iu", "float": "f"}
    is_right = own.dtype.kind in kinds[dtype] if dtype in kinds else own.dtype == dtype
    expect(
        is_right,
        "{what} returned the wrong dtype.",
        *format_both("dtype {dtype}", dtype=(own.dtype, dtype)),
        what=what,
    )
    return own if own.dtype.kind in "iu" else found


def is_array(value):
    """Tell whether a NumPy array came, and no list, Series or tensor.

    Parameters
    ----------
    value : object
        As the proxy returned it.
    """
    return isinstance(value, np.ndarray) and not getattr(value, "type_name", "")


def close(found, expected, reason, mistakes=None, atol=1e-4, rtol=1e-4, **values):
    """Compare numbers, and name the mistake where it is a known one.

    Parameters
    ----------
    found, expected : float or numpy.ndarray, of one shape
    reason : str
        What to say when nothing more is known.
    mistakes : dict of str to value
        What to say, and what that mistake would have given; a tuple of values where
        several do.
    atol, rtol : float
        How far off a right answer may be: absolutely, and as a share of what is expected.
    **values : object
        Fill the ``{placeholders}`` of the reason and of the explanations.

    Raises
    ------
    NotYet
        If `found` and `expected` differ by more than that, or `found` is rounded.
    """
    is_close = _same(found, expected, atol, rtol)
    # Where more than that is allowed, a number of two decimals may be another one.
    if is_close and not (atol <= 1e-3 and _is_rounded(found, expected, 1e-9)):
        return
    shown = _distinguishable_texts(found, expected)
    for explanation, value in _each(mistakes):
        if not is_close and _same(found, value, atol, rtol):
            raise NotYet(explanation, *shown, **values)
    if is_close or _is_rounded(found, expected, 1e-6):
        raise NotYet(ROUNDED, *shown)
    raise NotYet(reason, *shown, **values)


def _is_rounded(found, expected, atol):
    """Tell whether that is what was expected, with two to four decimals."""
    rounded = [np.round(expected, digits) for digits in (2, 3, 4)]
    return not _same(found, expected, 1e-5, rtol=0) and any(
        np.any(one) and _same(found, one, atol, rtol=0) for one in rounded
    )


def _distinguishable_texts(found, expected):
    """Return both as they are to be shown, with more digits where they look alike."""
    if as_text(found) != as_text(expected) or np.shape(found) != np.shape(expected):
        return found, expected
    differs = ~np.isclose(found, expected, rtol=1e-6, atol=1e-9, equal_nan=True)
    place = int(np.argmax(differs))
    both = [f"{float(np.ravel(one)[place]):.8g}" for one in (found, expected)]
    if np.ndim(found) == 0:
        return both
    return [gettext("number {place}: {value}", place=place, value=one) for one in both]


def are_distinguishable(right, mistakes):
    """Tell whether no mistake gives the right numbers, or those of another mistake.

    Rounding to four decimals is one, for a `close` with an `rtol` of 1e-5. Where it is not
    so, a check draws again.

    Parameters
    ----------
    right : float or numpy.ndarray
    mistakes : dict of str to value
        As for `close`.

    Returns
    -------
    bool
    """
    if _same(np.round(right, 4), right, 1e-6, rtol=1.5e-5):
        return False
    known = [(right, "")]
    for explanation, value in _each(mistakes):
        for other, because in known:
            if explanation != because and _same(value, other, 1e-5, rtol=2e-3):
                return False
        known.append((value, explanation))
    return True


def close_at(
    found, expected, reason, mistakes=None, atol=1e-4, rows=None, columns=None, **values
):
    """Compare as `close` does; of what differs, show the first place and not all of it.

    Parameters
    ----------
    rows : list of str, optional
        Names of the rows.
    columns : list of str, optional
        Names of the columns.
    **values : object
        As for `close`.
    """
    try:
        close(found, expected, reason, mistakes, atol, **values)
    except NotYet as problem:
        found = np.asarray(found, dtype="float64")
        expected = np.asarray(expected, dtype="float64")
        if found.shape == expected.shape and found.ndim:
            differs = ~np.isclose(found, expected, rtol=1e-4, atol=atol, equal_nan=True)
            place = tuple(int(one) for one in np.argwhere(differs)[0])
            row = place[0]
            where = gettext("row {row}", row=row) if rows is None else rows[row]
            if len(place) > 1:
                where = (
                    gettext("row {row}, column {column}", row=place[0], column=place[1])
                    if columns is None
                    else gettext(
                        "row {row}, column “{name}”",
                        row=place[0],
                        name=columns[place[1]],
                    )
                )
            problem.found = f"{where}: {found[place]:.4g}"
            problem.expected = f"{where}: {expected[place]:.4g}"
        raise


def _each(mistakes):
    """Yield each explanation with each of its values."""
    for explanation, values in (mistakes or {}).items():
        for value in values if isinstance(values, tuple) else (values,):
            yield explanation, value


def format_both(template, **pair):
    """Fill a text for `found`, and for `expected`: ``format_both("{n} rows", n=(3, 5))``."""
    ((name, values),) = pair.items()
    return [gettext(template, **{name: value}) for value in values]


def expect_pair(value, reason, expected="a tuple of 2"):
    """Check that a function returned two values, and return them."""
    is_pair = isinstance(value, (tuple, list)) and len(value) == 2
    expect(is_pair, reason, kind(value), expected)
    return value


def shape_of(value):
    """Name the shape of an array, for a message: "shape (3, 2)"."""
    return gettext("shape {shape}", shape=np.shape(value))


def kind(value):
    """Name a value's type and size, for a message."""
    # Proxies of functions and models: what is behind them.
    if hasattr(value, "layer_names"):
        return gettext("a Keras model")
    if hasattr(value, "type_names"):
        name = value.type_names()[0].removeprefix("__main__.")
        if name == "function":
            return gettext("a function")
        if name == "type":
            return gettext("a class")
        return _with_article(name)
    name = getattr(value, "type_name", "") or type(value).__name__
    if isinstance(value, np.ndarray) and name != "ndarray":
        return gettext(
            "a {type} of shape {shape}, dtype {dtype}",
            type=name,
            shape=value.shape,
            dtype=value.dtype,
        )
    if isinstance(value, np.ndarray):
        return gettext(
            "an array of shape {shape}, dtype {dtype}",
            shape=value.shape,
            dtype=value.dtype,
        )
    if isinstance(value, (list, tuple, dict)):
        return gettext("a {type} of {n}", type=name, n=len(value))
    return _with_article(name)


def _with_article(name):
    if name[0] in "AEIOUaeiou":
        return gettext("an {type}", type=name)
    return gettext("a {type}", type=name)


def _as_numbers(value):
    """Return an array of float64; NumPy alone would also read "0.5", a text."""
    found = np.asarray(value)
    if found.dtype.kind in "USO" and any(isinstance(one, str) for one in found.flat):
        raise TypeError("text")
    return np.asarray(found, dtype="float64")


def _same(found, expected, atol, rtol=1e-4):
    found = np.asarray(found, dtype="float64")
    expected = np.asarray(expected, dtype="float64")
    if found.shape != expected.shape:
        return False
    if found.ndim == 0 and np.isfinite(found) and np.isfinite(expected):
        return bool(abs(found - expected) <= atol + rtol * abs(expected))
    return np.allclose(found, expected, rtol=rtol, atol=atol, equal_nan=True)


def truncate(text, most=MOST_TEXT):
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


def as_text(value):
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
            names=", ".join(as_text(one) for one in value[:6]),
            n=len(value),
        )
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(as_text(one) for one in value)}]"
    if isinstance(value, np.ndarray):
        if value.ndim == 0:
            return as_text(value.item())
        if value.size <= 12:
            return np.array2string(value, precision=4, separator=", ").replace("\n", "")
        first = np.array2string(value.ravel()[:4], precision=4, separator=", ")
        return gettext(
            "{first}, …] (shape {shape})", first=first[:-1], shape=value.shape
        )
    return str(value)


def expect_no_error(errors, reason, **values):
    """Raise `NotYet` if the student's code raised an error.

    Parameters
    ----------
    errors : list of str
        As `error_of` returns them.
    reason : str
        What to say; ``{error}`` stands for the name of the error.
    **values : object
        Fill the other ``{placeholders}``.
    """
    expect(not errors, reason, error=errors[0] if errors else "", **values)


def has_shape(found, shape, reason, mistakes=None, **values):
    """Compare the shape of an array, and name the mistake where it is a known one.

    Parameters
    ----------
    found : numpy.ndarray
    shape : tuple of int
        What is expected.
    reason : str
        What to say when nothing more is known.
    mistakes : dict of str to tuple of int
        What to say, and the shape that this mistake would have given; a list of shapes
        where several do.
    **values : object
        Fill the ``{placeholders}`` of the reason and of the explanations.

    Raises
    ------
    NotYet
        If the array has another shape.
    """
    if np.shape(found) == shape:
        return
    for explanation, shapes in (mistakes or {}).items():
        if np.shape(found) in (shapes if isinstance(shapes, list) else [shapes]):
            reason = explanation
            break
    expected = gettext("shape {shape}", shape=shape)
    raise NotYet(reason, shape_of(found), expected, **values)
