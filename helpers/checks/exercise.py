"""What a check is written with: exercises, their parts, and the answer "not yet".

A check looks at what the student's function *does*, never at its text. It gets
the function behind a `helpers.checks.proxies.FunctionProxy`, calls it with fresh
random values, and reads plain values back: so the same check runs in the
student's own notebook and in a grader, where the function lives in a sandbox.
"""

import inspect
from dataclasses import dataclass, field

import numpy as np

from helpers.checks.formatting import short, show
from helpers.i18n import gettext


class NotYet(Exception):
    """The answer is not right yet; its text says why.

    Parameters
    ----------
    reason : str
        A template, in English; `values` fill its ``{placeholders}``. It is said in
        the reader's language, and so are values, `found` and `expected` that are
        texts of the course.
    found, expected : object, optional
        What the student's code gave, and what it should have given.
    **values : object
    """

    def __init__(self, reason, found=None, expected=None, **values):
        values = {
            # What another check says has been cut, where it had to be.
            name: str(value) if isinstance(value, NotYet) else short(show(value))
            for name, value in values.items()
        }
        super().__init__(gettext(reason, **values))
        self.found = None if found is None else short(show(found))
        self.expected = None if expected is None else short(show(expected))


class NotAttempted(Exception):
    """The stub has not been touched."""


@dataclass(frozen=True)
class Part:
    """One thing that an exercise asks for, worth points of its own.

    Attributes
    ----------
    check : callable
        Takes some of the exercise's objects, by name, and `rng`; raises
        `NotYet`, or returns.
    points : int
    """

    check: object
    points: int

    def run(self, objects, rng):
        """Call the check with those of the `objects` that it names."""
        known = {**objects, "rng": rng}
        self.check(
            **{name: known[name] for name in inspect.signature(self.check).parameters}
        )


@dataclass(frozen=True)
class Exercise:
    """One exercise: what it takes, its hints, and its checks.

    Attributes
    ----------
    number : str
        ``"2.3"``.
    title : str
        As in the lesson's heading.
    takes : tuple of str
        The names of the objects that the student hands to `check`.
    notice : str
        One thing to notice once it is right.
    hints : tuple of str
        A question, a pointer, a skeleton.
    closed : tuple of str
        Ready-made functions that do what is asked for: ``"helpers.metrics.mae"``.
        They refuse while this exercise is checked.
    parts : list of Part
    """

    number: str
    title: str
    takes: tuple
    notice: str
    hints: tuple
    closed: tuple = ()
    parts: list = field(default_factory=list)

    @property
    def points(self):
        """int : the most that the exercise can earn."""
        return sum(part.points for part in self.parts)

    @property
    def call(self):
        """str : what the student writes to have it checked."""
        return f'check("{self.number}", {", ".join(self.takes)})'

    def part(self, points=1):
        """Decorate a function as one part of this exercise's check."""

        def add(check):
            self.parts.append(Part(check, points))
            return check

        return add


@dataclass(frozen=True)
class Question:
    """A question to answer before a surprising result.

    Attributes
    ----------
    number : str
        ``"2.a"``.
    text : str
    choices : tuple of (str, str)
        What one can answer, and what to say to who did.
    right : int
        Which of them is right, from 0.
    """

    number: str
    text: str
    choices: tuple
    right: int


class Lesson(dict):
    """The exercises of one lesson, by number.

    Attributes
    ----------
    questions : dict of str to Question
    """

    def __init__(self):
        super().__init__()
        self.questions = {}

    def question(self, number, text, *choices, right):
        """Add a question; parameters as the attributes of `Question`."""
        self.questions[number] = Question(number, text, choices, right)

    def exercise(self, number, title, *, takes, notice, hints, closed=()):
        """Add an exercise; parameters as the attributes of `Exercise`."""
        names = (takes,) if isinstance(takes, str) else tuple(takes)
        self[number] = Exercise(
            number, title, names, notice, tuple(hints), tuple(closed)
        )
        return self[number]


def expect(condition, reason, found=None, expected=None, **values):
    """Raise `NotYet` unless the condition holds."""
    if not condition:
        raise NotYet(reason, found, expected, **values)


def number(value, what="Your function", whole=False):
    """Return one finite number, or say what came instead.

    A number is a scalar of Python, NumPy or Keras; an array of one element is an array.

    Parameters
    ----------
    value : object
        As it came over the boundary.
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
        As it came over the boundary.
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
            gettext("shape {shape}", shape=found.shape),
            gettext("shape {shape}", shape=shape),
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
        gettext("dtype {dtype}", dtype=own.dtype),
        gettext("dtype {dtype}", dtype=dtype),
        what=what,
    )
    return own if own.dtype.kind in "iu" else found


def is_array(value):
    """Tell whether a NumPy array came, and no list, Series or tensor.

    Parameters
    ----------
    value : object
        As it came over the boundary.
    """
    return isinstance(value, np.ndarray) and not getattr(value, "type_name", "")


def close(found, expected, reason, mistakes=(), atol=1e-4, rtol=1e-4, **values):
    """Compare numbers, and name the mistake where it is a known one.

    Parameters
    ----------
    found, expected : float or numpy.ndarray, of one shape
    reason : str
        What to say when nothing more is known.
    mistakes : sequence of (value, str)
        What a typical mistake would have given, and what to say then.
    atol, rtol : float
        How far off a right answer may be: absolutely, and as a share of what is expected.
    **values : object
        Fill the ``{placeholders}`` of the reason and of the explanations.

    Raises
    ------
    NotYet
        If `found` and `expected` differ by more than that.
    """
    if _same(found, expected, atol, rtol):
        return
    shown = _told_apart_in_print(found, expected)
    for value, explanation in mistakes:
        if _same(found, value, atol, rtol):
            raise NotYet(explanation, *shown, **values)
    rounded = [np.round(expected, digits) for digits in (2, 3, 4)]
    if any(np.any(one) and _same(found, one, 1e-6, rtol=0) for one in rounded):
        raise NotYet(
            "That is right, but rounded. Return it with all its decimals; the cell that "
            "prints it rounds.",
            *shown,
        )
    raise NotYet(reason, *shown, **values)


def _told_apart_in_print(found, expected):
    """Return both as they are to be shown, with more digits where they look alike."""
    if show(found) != show(expected) or np.shape(found) != np.shape(expected):
        return found, expected
    differs = ~np.isclose(found, expected, rtol=1e-6, atol=1e-9, equal_nan=True)
    place = int(np.argmax(differs))
    both = [f"{float(np.ravel(one)[place]):.8g}" for one in (found, expected)]
    if np.ndim(found) == 0:
        return both
    return [gettext("number {place}: {value}", place=place, value=one) for one in both]


def told_apart(right, mistakes):
    """Tell whether no mistake gives the right numbers, or those of another mistake.

    Rounding to four decimals is one, for a `close` with an `rtol` of 1e-5. Where it is not
    so, a check draws again.

    Parameters
    ----------
    right : float or numpy.ndarray
    mistakes : sequence of (value, str)
        As for `close`.

    Returns
    -------
    bool
    """
    if _same(np.round(right, 4), right, 1e-6, rtol=1.5e-5):
        return False
    known = [(right, "")]
    for value, explanation in mistakes:
        for other, because in known:
            if explanation != because and _same(value, other, 1e-5, rtol=2e-3):
                return False
        known.append((value, explanation))
    return True


def close_at(
    found, expected, reason, mistakes=(), atol=1e-4, rows=None, columns=None, **values
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


def kind(value):
    """Name a value's type and size, for a message."""
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
