"""One submission → points, by the course's own checks, in the trusted process."""

import re
import time
import zlib
from dataclasses import dataclass, field

import numpy as np

from grading.files import printable
from grading.remote import Line
from grading.session import Died, DiedForGood, Session
from helpers.checks.boundary import Function
from helpers.checks.judge import CORRECT, NOT_YET, judge, lesson_exercises
from helpers.checks.wording import short

LONGEST_REASON = 600
"""A backstop: what a student has put into one was cut before."""


@dataclass(frozen=True)
class Mark:
    """What one exercise earned.

    Attributes
    ----------
    exercise, title : str
    points, most : int
    state : str
        Of `helpers.checks.judge`.
    reason : str
    found, expected : str or None
    """

    exercise: str
    title: str
    points: int
    most: int
    state: str
    reason: str
    found: str | None = None
    expected: str | None = None


@dataclass(frozen=True)
class Marks:
    """What one submission earned.

    Attributes
    ----------
    marks : list of Mark
    notes : dict of int to str
        Cells (from 0) that did not run through, and why.
    seconds : float
    """

    marks: list
    notes: dict = field(default_factory=dict)
    seconds: float = 0.0


class Watch:
    """Is told which exercise is being checked.

    Parameters
    ----------
    marks : sequence of Mark
        Of exercises that have theirs, and are not checked again.
    """

    def __init__(self, marks=()):
        self.marks = {mark.exercise: mark for mark in marks}

    def begins(self, exercise):
        """Learn that an exercise is about to be checked."""

    def ends(self, mark, notes):
        """Learn what it has earned, and what `Marks.notes` are by now."""


def mark(cells, lesson, sandbox, seed, all_cells=False, watch=None):
    """Grade one submission.

    Parameters
    ----------
    cells : list of str
        Its code cells.
    lesson : str
        ``"02"``.
    sandbox : grading.sandbox.Sandbox
    seed : int
        Decides, with the exercise, about the hidden inputs.
    all_cells : bool
        Also run the cells that no exercise needs.
    watch : Watch, optional

    Returns
    -------
    Marks
    """
    watch = watch or Watch()
    started = time.monotonic()
    exercises = lesson_exercises(lesson)
    wanted = [name for exercise in exercises.values() for name in exercise.takes]
    marks = []
    with Session(sandbox, cells, wanted, all_cells) as session:
        for exercise in exercises.values():
            if exercise.number in watch.marks:
                marks.append(watch.marks[exercise.number])
                continue
            watch.begins(exercise)
            verdict = _judge(exercise, session, seed)
            marks.append(
                Mark(
                    exercise.number,
                    exercise.title,
                    verdict["points"],
                    exercise.points,
                    verdict["state"],
                    *(_cut(verdict[part]) for part in ("reason", "found", "expected")),
                )
            )
            watch.ends(marks[-1], _notes(session))
        notes = _notes(session)
    return Marks(marks, notes, round(time.monotonic() - started, 2))


def _notes(session):
    return {place: _cut(note) for place, note in session.notes.items()}


def hidden_seed(seed, exercise):
    """Return the seed of an exercise's hidden inputs: the same for the whole class."""
    return zlib.crc32(f"{seed} {exercise}".encode())


def _judge(exercise, session, seed):
    seed = hidden_seed(seed, exercise.number)
    line = Line(session)
    try:
        session.prepare()
        # Not the seed of the inputs: from that one, they could be told in advance.
        seed_of_models = zlib.crc32(exercise.number.encode())
        objects = line.objects(exercise.takes, seed_of_models, exercise.closed)
    except DiedForGood as death:
        session.stop()
        return _not_yet(f"Not looked at any more. {death}")
    except Died as death:
        session.stop()
        return _not_yet(str(death))
    for name, value in zip(exercise.takes, objects, strict=True):
        is_missing = value is None or type(value) is Function
        if is_missing and (why := _why_missing(name, session)):
            return _not_yet(why)
    verdict = judge(exercise, objects, np.random.default_rng(seed))
    return {
        "points": verdict.points,
        "state": verdict.state,
        "reason": verdict.reason,
        "found": verdict.found if verdict.state != CORRECT else None,
        "expected": verdict.expected if verdict.state != CORRECT else None,
    }


def _why_missing(name, session):
    """Find the cell that should have defined a name and did not run through."""
    # `\s*` would take hours for a cell of a million empty lines.
    definition = re.compile(rf"(?m)^[ \t]*((async +)?def|class) +{name}\b|^{name} *=")
    for place in sorted(session.notes, reverse=True):
        if definition.search(session.cells[place]):
            return f"The cell that defines `{name}` did not run. {session.notes[place]}"
    return None


def _not_yet(reason):
    return {
        "points": 0,
        "state": NOT_YET,
        "reason": reason,
        "found": None,
        "expected": None,
    }


def _cut(text):
    """Make a text of one line that changes nothing but itself where it is shown."""
    return None if text is None else short(printable(text), LONGEST_REASON)
