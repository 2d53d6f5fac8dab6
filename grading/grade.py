"""One submission → points, by the course's own checks, in the trusted process."""

import time
import zlib
from dataclasses import dataclass, field

import numpy as np

from grading.files import printable
from grading.proxies import Channel
from grading.session import Died, DiedForGood, Session
from helpers.checks import solutions
from helpers.checks.asserts import short
from helpers.checks.proxies import FunctionProxy
from helpers.checks.runner import (
    CORRECT,
    NOT_ATTEMPTED,
    NOT_YET,
    lesson_exercises,
    run_check,
)
from helpers.i18n import gettext

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
        Of `helpers.checks.runner`.
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


def mark(cells, lesson, sandbox, seed, all_cells=False, modules=None, watch=None):
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
        Also run the statements that no exercise needs.
    modules : dict of str to str, optional
        The student's own modules beside the notebook: ``"utils.py"`` → its text.
    watch : Watch, optional

    Returns
    -------
    Marks
    """
    watch = watch or Watch()
    started = time.monotonic()
    exercises = lesson_exercises(lesson)
    wanted = {number: exercise.takes for number, exercise in exercises.items()}
    marks = []
    with Session(sandbox, cells, wanted, all_cells, modules) as session:
        for exercise in exercises.values():
            if exercise.number in watch.marks:
                marks.append(watch.marks[exercise.number])
                continue
            watch.begins(exercise)
            verdict = _judge(exercise, session, seed, marks)
            marks.append(
                Mark(
                    exercise.number,
                    exercise.title,
                    verdict["points"],
                    exercise.points,
                    verdict["state"],
                    *(cut(verdict[part]) for part in ("reason", "found", "expected")),
                )
            )
            watch.ends(marks[-1], _notes(session))
        notes = _notes(session)
    return Marks(marks, notes, round(time.monotonic() - started, 2))


def _notes(session):
    return {place: cut(note) for place, note in session.notes.items()}


def hidden_seed(seed, exercise):
    """Return the seed of an exercise's hidden inputs: the same for the whole class."""
    return zlib.crc32(f"{seed} {exercise}".encode())


def stand_ins(session, marks, exercise):
    """Return the course's answers for earlier exercises that this one needs.

    An answer goes into the sandbox only here: after its own exercise has been judged
    for good, and where the submission's answer to that is not right.

    Parameters
    ----------
    session : grading.session.Session
    marks : list of Mark
        Of all exercises before this one.
    exercise : helpers.checks.exercise.Exercise

    Returns
    -------
    dict of str to (list of str, list of str)
        Sources and names, by exercise.
    """
    wrong = {one.exercise for one in marks if one.state != CORRECT}
    needed = [number for number in session.uses(exercise.number) if number in wrong]
    try:
        return {
            number: (solutions.sources(number), solutions.read(number)["names"])
            for number in needed
        }
    except (OSError, KeyError):
        # This copy of the course has no answers in it.
        return {}


def _judge(exercise, session, seed, marks):
    seed = hidden_seed(seed, exercise.number)
    line = Channel(session)
    try:
        given = stand_ins(session, marks, exercise)
        session.prepare(given)
        # Not the seed of the inputs: from that one, they could be told in advance.
        seed_of_models = zlib.crc32(exercise.number.encode())
        objects = line.objects(exercise.takes, seed_of_models, exercise.forbidden)
    except DiedForGood as death:
        session.stop()
        return _not_yet(gettext("Not looked at any more. {why}", why=str(death)))
    except Died as death:
        session.stop()
        return _not_yet(str(death))
    for name, value in zip(exercise.takes, objects, strict=True):
        is_missing = value is None or type(value) is FunctionProxy
        if is_missing and (why := session.why_missing(name)):
            return _not_yet(why)
    session.missing.clear()
    verdict = run_check(exercise, objects, np.random.default_rng(seed))
    is_right = verdict.state == CORRECT
    reasons = [verdict.reason]
    if verdict.state == NOT_YET:
        reasons += _causes(exercise, session)
    if given and verdict.state != NOT_ATTEMPTED:
        reasons.append(
            gettext(
                "The course's answer stood in for {exercises}, which your answer uses.",
                exercises=", ".join(given),
            )
        )
    return {
        "points": verdict.points,
        "state": verdict.state,
        "reason": " ".join(reasons),
        "found": None if is_right else verdict.found,
        "expected": None if is_right else verdict.expected,
    }


def _causes(exercise, session):
    """Say which statements did not run through that the answer needs."""
    known = [session.why_missing(name) for name in session.missing]
    if any(known):
        return [next(filter(None, known))]
    failed = session.failed_for(exercise.number)
    if not failed:
        return []
    return [
        gettext(
            "A statement that your answer may depend on did not run through. {what}",
            what=failed[0],
        )
    ]


def _not_yet(reason):
    return {
        "points": 0,
        "state": NOT_YET,
        "reason": reason,
        "found": None,
        "expected": None,
    }


def cut(text):
    """Make a text of one line that changes nothing but itself where it is shown."""
    return None if text is None else short(printable(text), LONGEST_REASON)
