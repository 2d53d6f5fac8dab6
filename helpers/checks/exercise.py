"""Exercises, their parts and their questions.

A check looks at what the student's function *does*, never at its text. It gets
the function behind a `helpers.checks.proxies.FunctionProxy`, calls it with fresh
random values, and reads plain values back. So the same check runs in the student's
own notebook and in the grader, where the function lives in a sandbox.
"""

import functools
import inspect
import json
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Part:
    """A part of an exercise's check, with its own points.

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
    """An exercise: its objects, hints and checks.

    Attributes
    ----------
    number : str
        ``"2.3"``.
    title : str
        As in the lesson's heading.
    takes : list of str
        The names of the objects that the student hands to `check`.
    hints : list of str
        A question, a pointer, a skeleton.
    notice : str
        One thing to notice once it is right.
    forbidden : list of str
        Ready-made functions that do what is asked for: ``"helpers.metrics.mae"``.
        They refuse while this exercise is checked.
    parts : list of Part
    """

    number: str
    title: str
    takes: list
    hints: list
    notice: str
    forbidden: list = field(default_factory=list)
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
    choices : list of (str, str)
        Each answer to choose, and what to say to a student who chose it.
    right : int
        Which of them is right, from 0.
    """

    number: str
    text: str
    choices: list
    right: int


@functools.cache
def exercise_of(name):
    """Return which exercise asks for a function or class of this name.

    Parameters
    ----------
    name : str

    Returns
    -------
    str : ``"2.3"``; empty where there is none, or no texts of the lessons
    """
    for path in sorted((Path(__file__).parent / "lessons").glob("lesson*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        for number, texts in content["exercises"].items():
            if name in texts["takes"]:
                return number
    return ""


class Lesson(dict):
    """The exercises of one lesson, by number.

    Attributes
    ----------
    questions : dict of str to Question
    """

    def __init__(self):
        super().__init__()
        self.questions = {}

    @classmethod
    def read(cls, number):
        """Read the exercises of a lesson, still without checks, and its questions.

        Parameters
        ----------
        number : str
            ``"02"``. `make notebooks` derives its JSON file from the lesson.

        Returns
        -------
        Lesson
        """
        path = Path(__file__).parent / "lessons" / f"lesson{number}.json"
        content = json.loads(path.read_text(encoding="utf-8"))
        lesson = cls()
        for name, texts in content["exercises"].items():
            lesson[name] = Exercise(name, **texts)
        for name, texts in content["questions"].items():
            lesson.questions[name] = Question(name, **texts)
        return lesson
