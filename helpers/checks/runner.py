"""Run an exercise's check on the student's objects."""

import importlib
import inspect
from dataclasses import dataclass

import numpy as np

from helpers.checks.asserts import NotAttempted, NotYet, truncate
from helpers.checks.execution import random_states_kept
from helpers.checks.proxies import FunctionProxy, is_empty, is_function
from helpers.i18n import gettext

NOT_ATTEMPTED, NOT_YET, CORRECT = "not attempted", "not yet", "correct"
LESSONS = ("01", "02", "03", "04", "05", "06", "07", "08", "09")


@dataclass(frozen=True)
class CheckResult:
    """The result of a check.

    Attributes
    ----------
    state : str
        `NOT_ATTEMPTED`, `NOT_YET` or `CORRECT`.
    reason : str
        Why it is not right yet, or what to notice now that it is.
    found, expected : str or None
    points : int
        Points of the parts that are right.
    is_attempt : bool
        Whether the student's own code was called.
    """

    state: str
    reason: str
    found: str | None = None
    expected: str | None = None
    points: int = 0
    is_attempt: bool = True


def find_exercise(number):
    """Return the exercise with this number.

    Parameters
    ----------
    number : str
        ``"2.3"``.

    Returns
    -------
    helpers.checks.exercise.Exercise

    Raises
    ------
    ValueError
        If there is none; the message lists the exercises. Or if it is a number that
        stands for two of them, as Python reads 5.10 as 5.1.
    """
    is_text, number = isinstance(number, str), str(number)
    lesson = number.partition(".")[0].zfill(2)
    if lesson not in LESSONS:
        raise ValueError(
            gettext(
                "There is no exercise {number}. Exercises are named by lesson and "
                'number, as in check("2.3", …); the lessons are 1 to {last}.',
                number=number,
                last=int(LESSONS[-1]),
            )
        )
    known = lesson_exercises(lesson)
    if number not in known:
        raise ValueError(
            gettext(
                "There is no exercise {number}. Lesson {lesson} has {known}.",
                number=number,
                lesson=lesson,
                known=", ".join(known),
            )
        )
    if not is_text and f"{number}0" in known:
        raise ValueError(
            gettext(
                'Write the number in quotation marks: "{number}" or "{longer}". Without '
                "them, both are the same to Python.",
                number=number,
                longer=f"{number}0",
            )
        )
    return known[number]


def lesson_exercises(lesson):
    """Return the exercises of a lesson.

    Parameters
    ----------
    lesson : str
        ``"02"``.

    Returns
    -------
    dict of str to helpers.checks.exercise.Exercise
    """
    return importlib.import_module(f"helpers.checks.lessons.lesson{lesson}").lesson


def run_check(exercise, objects, rng=None):
    """Run all parts of an exercise's check.

    Parameters
    ----------
    exercise : helpers.checks.exercise.Exercise
    objects : sequence
        The student's objects, in the order of ``exercise.takes``.
    rng : numpy.random.Generator, optional
        Draws the inputs; fresh ones by default.

    Returns
    -------
    CheckResult
        With the first reason why it is not correct.
    """
    rng = rng or np.random.default_rng()
    if all(is_empty(one) for one in objects):
        return CheckResult(NOT_ATTEMPTED, _start_here(exercise))
    if not callable(np.random.seed):
        return CheckResult(
            NOT_YET,
            gettext(
                "Somewhere in this notebook stands `np.random.seed = …`. That replaces NumPy's "
                "function by a number, and seeds nothing. Take the line out and restart the "
                "kernel."
            ),
        )
    reached = {}
    for name, value in zip(exercise.takes, objects, strict=True):
        if not is_function(value) and not is_empty(value):
            reason = gettext(
                "Give the check the function itself: `{call}`, without calling it.",
                call=exercise.call,
            )
            expected = gettext("the function `{name}`", name=name)
            if name[0].isupper():
                reason = gettext(
                    "Give the check the class itself, and no object that was made with it: "
                    "`{call}`. (Has its name been given to an object? Run the cell of the class "
                    "again.)",
                    call=exercise.call,
                )
                expected = gettext("the class `{name}`", name=name)
            found = gettext("a {type}", type=type(value).__name__)
            return CheckResult(NOT_YET, reason, found, expected, is_attempt=False)
        if not isinstance(value, FunctionProxy):
            value = FunctionProxy(value, name, exercise.forbidden)
        reached[name] = value
    problem, points, stubs = None, 0, []
    for part in exercise.parts:
        with random_states_kept():
            result = _run_part(exercise, part, reached, rng)
        if result is None:
            points += part.points
            continue
        if result.state == NOT_ATTEMPTED:
            stubs += [name for name in _asked_for(part, reached) if name not in stubs]
        problem = problem or result
    if problem is None:
        return CheckResult(CORRECT, gettext(exercise.notice), points=points)
    if problem.state == NOT_ATTEMPTED and points:
        problem = CheckResult(
            NOT_YET,
            gettext(
                "Half done: one part is right, another is a stub. {what_next}",
                what_next=_still_a_stub(stubs),
            ),
        )
    return CheckResult(
        problem.state, problem.reason, problem.found, problem.expected, points
    )


def _asked_for(part, reached):
    """Return which of the exercise's objects a part looks at."""
    return [
        name for name in inspect.signature(part.check).parameters if name in reached
    ]


def _still_a_stub(names):
    shown = gettext(" and ").join(f"`{name}`" for name in names)
    return gettext(
        "Now replace the `raise NotImplementedError` in {shown}, run that cell, "
        "then this one.",
        shown=shown,
    )


def _run_part(exercise, part, reached, rng):
    try:
        part.run(reached, rng)
    except NotAttempted as stub:
        other = str(stub)
        if other in ("", exercise.number):
            return CheckResult(NOT_ATTEMPTED, _start_here(exercise))
        return CheckResult(
            NOT_YET,
            gettext(
                "Your code uses exercise {other}, and that one is still a stub. Do it "
                'first, or go on with `reveal("{other}", force=True)`.',
                other=other,
            ),
        )
    except NotYet as problem:
        return CheckResult(NOT_YET, str(problem), problem.found, problem.expected)
    except Exception as error:
        return CheckResult(
            NOT_YET,
            gettext(
                "The check could make nothing of what your code returned ({error_type}: "
                "{error}). Compare it with the docstring: type, shape, names of columns.",
                error_type=type(error).__name__,
                error=truncate(str(error)),
            ),
        )
    return None


def _start_here(exercise):
    names = gettext(" and ").join(f"`{name}`" for name in exercise.takes)
    return gettext(
        "Nothing to look at yet: replace the `raise NotImplementedError` in "
        '{names}, run that cell, then this one. `hint("{number}")` helps you to '
        "begin.",
        names=names,
        number=exercise.number,
    )
