"""After each right answer of a student, the lesson's other cells work with it.

A lesson is executed once with its first right answers, once with its second ones, and
so on, in this process and on few made-up ratings: the cells that depend on an answer,
and what these need. Training is cut to a few steps. What counts is that every cell
runs, and that it prints True or False where it does so with our own answers.
"""

import ast
import contextlib
import io
import re
import symtable
from itertools import zip_longest

import keras
import matplotlib.pyplot as plt
import pytest

import helpers.quiet_tensorflow  # noqa: F401
from authoring.lesson_format import exercises, read_lesson
from authoring.project import Project
from helpers.checks.runner import LESSONS, lesson_exercises
from tests.support.shown import without_umap
from tests.support.student_answers import read_answers

PROJECT = Project.open()
FIT = keras.Model.fit
MOST_STEPS = 2


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


class ShortFit:
    """Takes the place of `fit`: a few steps an epoch, a cell's first model compiled.

    To compile takes a second; once is enough to notice what cannot be compiled.
    """

    def __init__(self):
        self.compiled, self.most_epochs = None, 1

    def of(self, model, *arguments, **keywords):
        keywords["epochs"] = min(keywords.get("epochs", 1), self.most_epochs)
        keywords["steps_per_epoch"] = MOST_STEPS
        if keywords.get("validation_data") is not None:
            keywords["validation_steps"] = 1
        if self.compiled is None:
            self.compiled = model
        model.run_eagerly = model is not self.compiled
        return FIT(model, *arguments, **keywords)


def code_cells(lesson):
    """List each code cell's source, and the number of the exercise that ends in it."""
    (path,) = PROJECT.sources([lesson])
    read = read_lesson(path)
    ends = {one.code_cells[-1]: one.name for one in exercises(read)}
    return [
        (without_umap(cell.source), ends.get(index))
        if "import umap" in cell.source
        else (cell.source, ends.get(index))
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


def to_run(cells, lesson, answers):
    """List the cells that depend on these answers, and those that they need."""
    statements = [
        [names_of(one) for one in ast.parse(source).body] for source, _ in cells
    ]
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
    needed = set()
    for place in reversed(range(len(cells))):
        used = set().union(*(names for names, _ in statements[place]))
        bound = set().union(*(names for _, names in statements[place]))
        if place in chosen or bound & needed:
            chosen.add(place)
            needed |= used
    return sorted(chosen)


def execute(lesson, answers, fit, own=False):
    """Execute what depends on some answers; return the True and False of each cell.

    With `own`, execute the same cells with our own answers.
    """
    names, said, cells = {"__name__": "__main__"}, {}, code_cells(lesson)
    for place in to_run(cells, lesson, answers):
        code, number = cells[place]
        if number in answers and not own:
            code += "\n" + answers[number].code
        printed, fit.compiled = io.StringIO(), None
        try:
            with contextlib.redirect_stdout(printed):
                exec(compile(code, "<cell>", "exec"), names)
        except Exception as error:
            tried = "our own answers" if own else ", ".join(map(str, answers.values()))
            raise AssertionError(f"{tried}: {error!r} in\n{code}") from error
        plt.close("all")
        said[place] = re.findall(r"\b(?:True|False)\b", printed.getvalue())
    return said


@pytest.fixture
def fit(tmp_path, monkeypatch):
    """Few ratings and few steps."""
    monkeypatch.setenv("COURSE_HOME", str(tmp_path))
    monkeypatch.setenv("COURSE_DATA", "synthetic")
    monkeypatch.setenv("COURSE_SAMPLE", "8000")
    monkeypatch.setattr(plt, "show", lambda *_, **__: None)
    short = ShortFit()
    monkeypatch.setattr(keras.Model, "fit", lambda *a, **k: short.of(*a, **k))
    return short


def goes_on(lesson, answers, expected, fit):
    said = execute(lesson, answers, fit)
    assert said == {place: expected[place] for place in said}, ", ".join(
        map(str, answers.values())
    )


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_goes_on_after_each_right_answer(lesson, fit):
    if lesson == "07":
        # It plots its five epochs, and resumes training before the last two.
        fit.most_epochs = 5
    first, *more = rounds(lesson)
    expected = execute(lesson, first, fit, own=True)
    for answers in [first, *more]:
        try:
            goes_on(lesson, answers, expected, fit)
        except AssertionError:
            # Two answers may be right, and one still expect more of the other.
            for number, answer in answers.items():
                goes_on(lesson, {number: answer}, expected, fit)
