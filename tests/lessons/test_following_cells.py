"""After each right answer of a student, the lesson's other cells work with it.

A lesson is executed once with our own answers, in this process and on few made-up
ratings; then the cells that depend on an answer again, with its first right answers,
with its second ones, and so on. Training is cut to a few steps. What counts is that
every cell runs, and that it prints True or False where it does so with our own answers.
"""

import ast
import contextlib
import io
import os
import re
import symtable
from itertools import zip_longest
from unittest.mock import patch

import keras
import matplotlib.pyplot as plt
import pytest

import helpers.quiet_tensorflow  # noqa: F401
from authoring.lesson_format import exercises, read_lesson
from authoring.project import Project
from helpers.checks.runner import LESSONS, lesson_exercises
from tests.support.short_training import ShortFit
from tests.support.student_answers import read_answers

PROJECT = Project.open()


def rounds(lesson):
    """List the answers to try together: at most one for each exercise."""
    by_number = {}
    for answer in read_answers(lesson):
        if answer.is_right:
            by_number.setdefault(answer.number, []).append(answer)
    return [
        {answer.number: answer for answer in together if answer}
        for together in zip_longest(*by_number.values())
    ]


def code_cells(lesson):
    """List each code cell's source, and the number of the exercise that ends in it."""
    (path,) = PROJECT.sources([lesson])
    read = read_lesson(path)
    ends = {one.code_cells[-1]: one.name for one in exercises(read)}
    return [
        (cell.source, ends.get(index))
        for index, cell in enumerate(read.cells)
        if cell.cell_type == "code" and not re.match(r"(check|quiz)\(", cell.source)
    ]


def names_of(statement):
    """Return the global names that a statement uses, and those that it binds."""
    top = symtable.symtable(ast.unparse(statement), "cell", "exec")
    used = {one.get_name() for one in top.get_symbols() if one.is_referenced()}
    bound = {
        one.get_name()
        for one in top.get_symbols()
        if one.is_assigned() or one.is_imported()
    }
    scopes = list(top.get_children())
    while scopes:
        scope = scopes.pop()
        scopes += scope.get_children()
        used |= {one.get_name() for one in scope.get_symbols() if one.is_global()}
    return used, bound


def dependent_cells(statements, cells, lesson, answers):
    """Return the places of the cells that some answers change."""
    chosen, changed = set(), set()
    for place, (_, number) in enumerate(cells):
        for used, bound in statements[place]:
            if used & changed:
                chosen.add(place)
                changed |= bound
            else:
                changed -= bound
        if number in answers:
            chosen.add(place)
            changed |= set(lesson_exercises(lesson)[number].takes)
    return chosen


def needed_cells(statements, chosen):
    """Add to the chosen cells those that they need."""
    chosen, needed = set(chosen), set()
    for place in reversed(range(len(statements))):
        used = set().union(*(names for names, _ in statements[place]))
        bound = set().union(*(names for _, names in statements[place]))
        if place in chosen or bound & needed:
            chosen.add(place)
            needed |= used
    return chosen


class Lesson:
    """A lesson's code cells, executed once with our own answers.

    For a student's answers, only the cells that depend on them are executed again. They
    find all other names as our own answers left them.
    """

    def __init__(self, lesson, fit):
        self.lesson, self.fit = lesson, fit
        self.cells = code_cells(lesson)
        self.statements = [
            [names_of(one) for one in ast.parse(source).body]
            for source, _ in self.cells
        ]
        self.before, self.expected = {}, {}
        chosen = self._dependent(lesson_exercises(lesson))
        names = {"__name__": "__main__"}
        for place in sorted(needed_cells(self.statements, chosen)):
            self.before[place] = dict(names)
            self.expected[place] = self._run(place, {}, names)

    def _dependent(self, answers):
        return dependent_cells(self.statements, self.cells, self.lesson, answers)

    def _run(self, place, answers, names):
        """Execute a cell; return each True and False that it prints."""
        code, number = self.cells[place]
        if number in answers:
            code += "\n" + answers[number].code
        printed = io.StringIO()
        # With our own answers, nbval and `test_colab.py` compile the same models.
        self.fit.compiled = None if answers else False
        try:
            with contextlib.redirect_stdout(printed):
                exec(compile(code, "<cell>", "exec"), names)
        except Exception as error:
            tried = ", ".join(map(str, answers.values())) or "our own answers"
            raise AssertionError(f"{tried}: {error!r} in\n{code}") from error
        plt.close("all")
        return re.findall(r"\b(?:True|False)\b", printed.getvalue())

    def check(self, answers):
        """Execute what depends on some answers, and compare what it prints."""
        chosen = self._dependent(answers)
        names, changed, said = {"__name__": "__main__"}, {}, {}
        for place, before in self.before.items():
            if place in chosen:
                names.update(before | changed)
                said[place] = self._run(place, answers, names)
                changed = {
                    name: value
                    for name, value in names.items()
                    if name not in before or before[name] is not value
                }
            else:
                for _, bound in self.statements[place]:
                    changed = {k: v for k, v in changed.items() if k not in bound}
        expected = {place: self.expected[place] for place in said}
        assert said == expected, ", ".join(map(str, answers.values()))


@pytest.fixture
def fit(tmp_path, monkeypatch):
    """Few ratings and few steps; what a lesson sets in the environment is undone."""
    monkeypatch.setattr(plt, "show", lambda *_, **__: None)
    short = ShortFit()
    monkeypatch.setattr(keras.Model, "fit", lambda *a, **k: short.of(*a, **k))
    course = {
        "COURSE_HOME": str(tmp_path),
        "COURSE_DATA": "synthetic",
        "COURSE_SAMPLE": "8000",
    }
    with patch.dict(os.environ, course):
        yield short


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_goes_on_after_each_right_answer(lesson, fit):
    cells = Lesson(lesson, fit)
    for answers in rounds(lesson):
        try:
            cells.check(answers)
        except AssertionError:
            # Two answers may be right, and one still expect more of the other.
            for number, answer in answers.items():
                cells.check({number: answer})
