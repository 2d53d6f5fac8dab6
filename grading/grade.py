"""Grade one submission by the course's checks, in the trusted process."""

import re
import time
import zlib
from dataclasses import dataclass, field, replace

import numpy as np

from grading.files import printable
from grading.proxies import Channel
from grading.session import Died, DiedForGood, Session, Stray, is_name
from helpers.checks import answer_key
from helpers.checks.asserts import truncate
from helpers.checks.exercise import exercise_of
from helpers.checks.proxies import FunctionProxy
from helpers.checks.runner import (
    CORRECT,
    NOT_ATTEMPTED,
    NOT_YET,
    CheckResult,
    lesson_exercises,
    run_check,
)
from helpers.i18n import gettext

BINDS = re.compile(
    r"(?m)^[^\S\n]*(?:(?:async +)?(?:def|class) +(\w+)|(\w+) *=(?=[^=]))"
)
DEFINED = re.compile(r"(?m)^(?:async +def|def|class) +(\w+)")
CHECK = re.compile(r"""\bcheck\(\s*["'](\d+\.\d+)["']""")
MAGIC = re.compile(r"(?:[^\S\n]*(?:#.*)?\n)*(%%(?!time\b|capture\b)[\w.!]+)")
RUN = re.compile(r"(?m)^\s*%(?:run|load)\b|\bexec\(")  # code of another file

LONGEST_REASON = 600
"""A last limit: text from the student inside a reason is shortened before."""


@dataclass(frozen=True)
class Mark:
    """The points and feedback of one exercise.

    Attributes
    ----------
    exercise, title : str
    points, most : int
    state : str
        A constant of `helpers.checks.runner`.
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
    """The marks of one submission.

    Attributes
    ----------
    marks : list of Mark
    notes : dict of int to str
        Why a cell failed, by its position from 0.
    seconds : float
    """

    marks: list
    notes: dict = field(default_factory=dict)
    seconds: float = 0.0


class Observer:
    """Receive a call before and after the check of each exercise.

    Parameters
    ----------
    marks : sequence of Mark
        The marks of exercises that are not to be checked again.
    """

    def __init__(self, marks=()):
        self.marks = {mark.exercise: mark for mark in marks}

    def begins(self, exercise):
        """Handle the start of a check."""

    def ends(self, mark, notes):
        """Handle the mark of an exercise, and the `Marks.notes` so far."""


def mark(cells, lesson, sandbox, seed, all_cells=False, modules=None, observer=None):
    """Grade one submission.

    Parameters
    ----------
    cells : list of str
        The code cells.
    lesson : str
        ``"02"``.
    sandbox : grading.sandbox.Sandbox
    seed : int
        The seed of the hidden inputs, together with the exercise.
    all_cells : bool
        Also run the statements that no exercise needs.
    modules : dict of str to str, optional
        The source of the student's own modules, by path: ``"utils.py"``.
    observer : Observer, optional

    Returns
    -------
    Marks
    """
    observer = observer or Observer()
    started = time.monotonic()
    exercises = lesson_exercises(lesson)
    wanted = {number: exercise.takes for number, exercise in exercises.items()}
    marks = []
    with Session(sandbox, cells, wanted, all_cells, modules) as session:
        for exercise in exercises.values():
            if exercise.number in observer.marks:
                marks.append(observer.marks[exercise.number])
                continue
            observer.begins(exercise)
            result = _check_exercise(exercise, session, seed, marks)
            marks.append(
                Mark(
                    exercise.number,
                    exercise.title,
                    result.points,
                    exercise.points,
                    result.state,
                    *map(cut, (result.reason, result.found, result.expected)),
                )
            )
            observer.ends(marks[-1], _notes(session))
        notes = _notes(session)
    return Marks(marks, notes, round(time.monotonic() - started, 2))


def _notes(session):
    return {place: cut(note) for place, note in session.notes.items()}


def hidden_seed(seed, exercise):
    """Return the seed of an exercise's hidden inputs, the same for the whole class."""
    return zlib.crc32(f"{seed} {exercise}".encode())


def stand_ins(session, marks, exercise):
    """Return the course's answers to earlier exercises that this one needs.

    This is the only place where answers enter the sandbox: after the mark of their own
    exercise is final, and only if the submission's answer to it is not correct.

    Parameters
    ----------
    session : grading.session.Session
    marks : list of Mark
        The marks of all earlier exercises.
    exercise : helpers.checks.exercise.Exercise

    Returns
    -------
    dict of str to (list of str, list of str)
        Sources and names, by exercise.
    """
    wrong = {mark.exercise for mark in marks if mark.state != CORRECT}
    needed = [number for number in session.uses(exercise.number) if number in wrong]
    try:
        return {
            number: (answer_key.sources(number), answer_key.read(number)["names"])
            for number in needed
        }
    except (OSError, KeyError):
        # This copy of the course contains no answers.
        return {}


def _check_exercise(exercise, session, seed, marks):
    seed = hidden_seed(seed, exercise.number)
    channel = Channel(session)
    try:
        given = stand_ins(session, marks, exercise)
        session.prepare(given)
        # Another seed than that of the inputs, which the sandbox must not know.
        about = exercise.takes, zlib.crc32(exercise.number.encode()), exercise.forbidden
        try:
            objects = channel.objects(*about)
        except Stray:
            # A process that an earlier exercise left behind has answered; it has ended.
            session.prepare()
            objects = channel.objects(*about)
    except Died as death:
        session.stop()
        why = str(death)
        if isinstance(death, DiedForGood):
            why = gettext("Not looked at any more. {why}", why=why)
        return CheckResult(NOT_YET, why)
    pairs = zip(exercise.takes, objects, strict=True)
    missing = [name for name, one in pairs if one is None or type(one) is FunctionProxy]
    for name in missing:
        if why := session.why_missing(name):
            return CheckResult(NOT_YET, why)
    session.missing.clear()
    result = run_check(exercise, objects, np.random.default_rng(seed))
    if missing and result.state == NOT_ATTEMPTED:
        return CheckResult(*_nothing_there(missing[0], exercise.number, session))
    reasons = [result.reason]
    if result.state == NOT_YET:
        reasons += _causes(exercise, session)
    if given and result.state != NOT_ATTEMPTED:
        reasons.append(
            gettext(
                "The course's answer stood in for {exercises}, which your answer uses.",
                exercises=", ".join(given),
            )
        )
    return replace(result, reason=" ".join(reasons))


def _causes(exercise, session):
    """Name a failed statement that the answer needs."""
    known = [session.why_missing(name) for name in session.missing]
    if any(known):
        return [next(filter(None, known))]
    if name := next(filter(is_name, session.missing), ""):
        return [gettext("No cell that ran defines `{name}`.", name=name)]
    failed = session.failed_for(exercise.number)
    if not failed:
        return []
    return [
        gettext(
            "A statement that your answer may depend on did not run through. {what}",
            what=failed[0],
        )
    ]


def _nothing_there(name, number, session):
    """Say whether something was written for a name, and why it has no value."""
    cells, notes = session.cells, session.notes
    for cell in cells:
        if not any(name in found for found in BINDS.findall(cell)):
            continue
        if not (magic := MAGIC.match(cell)):
            return NOT_ATTEMPTED, gettext("`{name}` is empty, or `None`.", name=name)
        return NOT_YET, gettext(
            "A cell with `{magic}` does not keep `{name}`.", magic=magic[1], name=name
        )
    reasons = [gettext("There is no `{name}` in the code of this notebook.", name=name)]
    parts = CHECK.split("\n".join(cells))
    before = dict(zip(parts[1::2], parts[::2], strict=False)).get(number, "")
    names = [one[:60] for one in DEFINED.findall(before)[-9:] if not exercise_of(one)]
    reasons += [gettext("Should `{other}` be it?", other=one) for one in names[-1:]]
    runs = [place for place, cell in enumerate(cells) if RUN.search(cell)]
    reasons += [notes[place] for place in runs if place in notes]
    return NOT_YET if names or runs else NOT_ATTEMPTED, " ".join(reasons)


def cut(text):
    """Shorten a text to one safe line."""
    return None if text is None else truncate(printable(text), LONGEST_REASON)
