"""The tables of answers in `tests/answers/NN.py`: what students write, right and wrong.

Each answer is a cell, headed by a line that says what it is:

    # %% 2.2 wrong · adds up over the batch, too
    # says: All six pairs got one score
    def score_pairs(user_vectors, movie_vectors):
        ...

    # %% 2.2 right · with einsum
    def score_pairs(user_vectors, movie_vectors):
        ...

A wrong one says which words the check has to answer with; where Keras 3.8 notices a
mistake later than 3.15 does, one text for each: `one | other`. A cell has the names of
the lesson's imports, and those of the answers to all earlier exercises.
"""

import functools
import re
from dataclasses import dataclass
from pathlib import Path

from helpers.checks import solutions
from helpers.checks.runner import LESSONS, find_exercise, lesson_exercises

FOLDER = Path(__file__).parent / "answers"
HEADING = re.compile(r"# %% (\d+\.\d+) (right|wrong) · (.+)")


@dataclass(frozen=True)
class Answer:
    number: str
    is_right: bool
    name: str
    says: str
    code: str

    def is_told(self, said):
        """Whether one of the texts that the check should say stands in what it said."""
        return any(text in said for text in self.says.split(" | "))

    def __str__(self):
        return f"{self.number} {'right' if self.is_right else 'wrong'} · {self.name}"


def read_answers(lesson):
    path = FOLDER / f"{lesson}.py"
    if not path.is_file():
        return []
    found = []
    for block in re.split(r"(?m)^(?=# %% )", path.read_text(encoding="utf-8")):
        if not block.startswith("# %% "):
            continue
        heading, _, code = block.partition("\n")
        match = HEADING.fullmatch(heading.strip())
        if match is None:
            raise ValueError(f"{path.name}: cannot read the heading {heading!r}")
        number, state, name = match.groups()
        says = ""
        if said := re.match(r"# says: (.+)\n", code):
            says, code = said[1].strip(), code[said.end() :]
        found.append(Answer(number, state == "right", name, says, code.strip() + "\n"))
    return found


def all_answers():
    return [answer for lesson in LESSONS for answer in read_answers(lesson)]


def names_before(number):
    """The names a notebook has when this exercise's cell is run, its stubs solved."""
    return dict(_names_before(number))


@functools.cache
def _names_before(number):
    lesson = solutions._lesson(number)
    names = {"__name__": "__main__"}
    exec(lesson["imports"], names)
    for known, answer in lesson["exercises"].items():
        if known == number:
            break
        exec(answer["code"], names)
    return names


def objects_of(answer):
    """Run the answer's cell and return the objects that the check takes."""
    names = names_before(answer.number)
    exec(compile(answer.code, "<cell>", "exec"), names)
    return [names[name] for name in find_exercise(answer.number).takes]


def all_exercises():
    return [number for lesson in LESSONS for number in lesson_exercises(lesson)]
