"""A whole student: every lesson's exercise notebook, in a real kernel, cell by cell.

At each exercise the student first runs the untouched stub, then a wrong answer,
asks for a hint, then writes a right one, and each time gets the card that is due.
Then on with the course's own answer, as `reveal` hands it back.
"""

import json
import os
import re

import nbformat
import pytest
from nbclient import NotebookClient

from authoring.project import Project
from helpers.checks import answer_key
from helpers.checks.runner import LESSONS, find_exercise, lesson_exercises
from helpers.i18n import gettext
from tests.support.shown import OUTPUT_SECONDS, text_of
from tests.support.student_answers import read_answers

PROJECT = Project.open()
CHECK = re.compile(r'check\("(\d+\.\d+)", (.+)\)')
# What trains between the exercises is tested elsewhere: nbval and `test_colab.py`
# compile the same models.
SHORTEN = """
from tests.support.short_training import shorten_training
shorten_training(is_compiled=False)
"""
QUIZ = re.compile(r'quiz\("(\d+\.[a-h])"\)')


class Student:
    """Someone at a notebook: types code, runs it, reads what it says."""

    def __init__(self, folder):
        self.client = NotebookClient(
            nbformat.v4.new_notebook(),
            timeout=600,
            iopub_timeout=OUTPUT_SECONDS,
            kernel_name="python3",
            resources={"metadata": {"path": str(folder)}},
        )

    def run(self, code):
        """Run a cell and return its outputs' text."""
        cell = nbformat.v4.new_code_cell(code)
        self.client.nb.cells.append(cell)
        self.client.execute_cell(cell, len(self.client.nb.cells) - 1)
        return text_of(cell)

    def start_anew(self, folder):
        """Go on in another folder, with none of the names that are defined."""
        home = f"%env COURSE_HOME={folder / 'home'}"
        self.run(f"%reset -f\n%cd -q {folder}\n{home}")


def up_to_the_last_answer(cells):
    """Leave out what comes after it: the solutions' own tests run that."""
    asks = [i for i, c in enumerate(cells) if re.match(r"(check|quiz)\(", c.source)]
    return cells[: asks[-1] + 1]


@pytest.fixture(scope="module")
def student(tmp_path_factory):
    """One kernel for all lessons, in which TensorFlow is imported once.

    nbval runs each lesson in a kernel of its own, and would miss a lesson's import.
    """
    student = Student(tmp_path_factory.mktemp("kernel"))
    path = [str(PROJECT.root), *filter(None, [os.environ.get("PYTHONPATH")])]
    course = {
        "COURSE_DATA": "synthetic",
        "COURSE_SAMPLE": "8000",
        "PYTHONPATH": os.pathsep.join(path),
    }
    with student.client.setup_kernel(env=os.environ | course):
        student.run(SHORTEN)
        yield student


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_student_works_through_the_lesson(lesson, student, tmp_path):
    (path,) = PROJECT.sources([lesson])
    notebook = nbformat.read(PROJECT.notebooks / f"{path.stem}.ipynb", as_version=4)
    table = read_answers(lesson)
    waiting, met = [], {"exercises": [], "questions": []}
    student.start_anew(tmp_path)
    for cell in up_to_the_last_answer(notebook.cells):
        if cell.cell_type != "code":
            continue
        if "raise NotImplementedError(" in cell.source:
            student.run(cell.source)
            waiting = [None]  # what comes now needs the answer
        elif match := CHECK.fullmatch(cell.source.strip()):
            number = match[1]
            work_through(student, number, cell.source, table)
            for code in filter(None, waiting):
                student.run(code)
            waiting = []
            met["exercises"].append(number)
        elif match := QUIZ.fullmatch(cell.source.strip()):
            answer_a_question(student, match[1], cell.source)
            met["questions"].append(match[1])
        elif waiting:
            waiting.append(cell.source)
        else:
            student.run(cell.source)
    assert "Traceback" not in student.run("progress()" if lesson == "01" else "")
    exercises = lesson_exercises(lesson)
    assert met["exercises"] == list(exercises)
    assert sorted(met["questions"]) == sorted(exercises.questions)
    kept = json.loads((tmp_path / "home" / "progress.json").read_text("utf-8"))
    for number in exercises:
        entry = kept["exercises"][number]
        assert (entry["attempts"], entry["hints"]) == (2, 1)
        assert entry["done"] and "revealed" not in entry
    assert not any(entry["right"] for entry in kept["quizzes"].values())


@pytest.mark.parametrize("language", PROJECT.languages)
def test_the_cards_are_in_the_language_of_the_notebook(language, tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COURSE_DATA", "synthetic")
    monkeypatch.setenv("COURSE_SAMPLE", "8000")
    monkeypatch.setenv("PYTHONPATH", str(PROJECT.root), prepend=os.pathsep)
    monkeypatch.delenv("COURSE_LANG", raising=False)
    path = PROJECT.notebooks / language / "02_dot_model.ipynb"
    student, said = Student(tmp_path), []
    with student.client.setup_kernel():
        for cell in nbformat.read(path, as_version=4).cells:
            is_code = cell.cell_type == "code"
            # What tries the stub would stop here.
            if is_code and not cell.source.startswith("table ="):
                said.append(student.run(cell.source))
            if cell.source.startswith("check("):
                break
        said += [student.run('hint("2.1")'), student.run('quiz("2.a", "a")')]
    text = "\n".join(said)
    monkeypatch.setenv("COURSE_LANG", language)
    lesson = lesson_exercises("02")
    for due in (
        gettext("{number} Not attempted.", number="2.1"),
        gettext(lesson["2.1"].hints[0]),
        gettext(lesson.questions["2.a"].choices[0][1]),
    ):
        assert due in text
    for english in ("Not attempted", lesson["2.1"].hints[0]):
        assert english not in text


def work_through(student, number, check, table):
    wrong, right = (
        next(a for a in table if a.number == number and a.is_right == is_right)
        for is_right in (False, True)
    )
    assert f"○ {number} Not attempted." in student.run(check)
    student.run(wrong.code)
    said = student.run(check)
    assert f"✗ {number} Not yet." in said
    assert wrong.is_told(said), said
    assert f"{number} Hint 1 of 3" in student.run(f'hint("{number}")')
    student.run(right.code)
    said = student.run(check)
    assert f"✓ {number} Correct." in said, said
    assert find_exercise(number).notice in said
    names = ", ".join(find_exercise(number).takes)
    shown = student.run(f'{names} = reveal("{number}")')
    assert answer_key.read(number)["shown"].strip().splitlines()[0] in shown


def answer_a_question(student, number, quiz):
    lesson = number.partition(".")[0].zfill(2)
    question = lesson_exercises(lesson).questions[number]
    assert question.text in student.run(quiz)
    wrong = next(i for i in range(len(question.choices)) if i != question.right)
    for place, verdict in ((wrong, "Not quite."), (question.right, "Right.")):
        said = student.run(f'quiz("{number}", "{"abcdefgh"[place]}")')
        assert verdict in said
        assert question.choices[place][1] in said


def test_an_answer_that_ends_or_blocks_the_kernel_gets_a_card(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PYTHONPATH", str(PROJECT.root), prepend=os.pathsep)
    student = Student(tmp_path)
    with student.client.setup_kernel():
        student.run("from helpers import check\nfrom helpers.checks import api")
        student.run("api.SECONDS_PER_CALL = 1\nmark = 'still here'")
        for line, said in (
            ("exit()", "ends Python"),
            ("quit()", "ends Python"),
            ("import sys; sys.exit()", "ends Python"),
            ("while True: pass", "more than 1 seconds"),
            ("import time; time.sleep(600)", "more than 1 seconds"),
        ):
            student.run(f"def count_weights(*_):\n    {line}")
            assert said in student.run('check("2.5", count_weights)')
        assert "still here" in student.run("mark")
