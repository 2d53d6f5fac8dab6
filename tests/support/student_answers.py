"""The answers in `tests/student_answers/NN.py`: what students write, right and wrong.

Each answer is a cell, headed by a line that says what it is:

    # %% 2.2 wrong · adds up over the batch, too
    # says: All six pairs got one score
    def score_pairs(user_vectors, movie_vectors):
        return np.sum(user_vectors * movie_vectors)

    # %% 2.2 right · with einsum
    def score_pairs(user_vectors, movie_vectors):
        ...

A wrong one says which words the check has to answer with; where Keras 3.8 notices a
mistake later than 3.15 does, one text for each: `one | other`. A cell has the names of
the lesson's imports, and those of the answers to all earlier exercises.

An answer that differs in a few places from another one of its exercise says only where.
That one is the first right answer that is written out, or what `base` names:

    # %% 2.2 wrong · the mean over the factors
    # says: a mean over the factors
    # base: right · with einsum
    # replace: np.sum( → np.mean(

Each `replace` has to fit exactly once. `\\n` in it is the end of a line, and nothing
behind the arrow takes the text away.
"""

import functools
import re
from dataclasses import dataclass, replace

from helpers.checks import answer_key
from helpers.checks.runner import LESSONS, find_exercise, lesson_exercises
from tests.support.paths import STUDENT_ANSWERS

HEADING = re.compile(r"(\d+\.\d+) (right|wrong) · (.+)")
ROWS = re.compile(r"(?:# (?:says|base|replace): .*\n)*")


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

    @property
    def heading(self):
        return f"{'right' if self.is_right else 'wrong'} · {self.name}"

    def __str__(self):
        return f"{self.number} {self.heading}"


@functools.cache
def read_answers(lesson):
    path = STUDENT_ANSWERS / f"{lesson}.py"
    if not path.is_file():
        return []
    text = path.read_text(encoding="utf-8")
    blocks = [_read(block) for block in re.split(r"(?m)^# %% ", text)[1:]]
    written = {}
    for answer, rows in blocks:
        if "# replace: " not in rows:
            written.setdefault(answer.number, {})[answer.heading] = answer.code
    return [_written_out(*block, written) for block in blocks]


def _read(block):
    """Return an answer as it stands there, and the rows above its code."""
    heading, _, rest = block.partition("\n")
    match = HEADING.fullmatch(heading.strip())
    if match is None:
        raise ValueError(f"cannot read the heading {heading!r}")
    number, state, name = match.groups()
    rows = ROWS.match(rest)[0]
    code = rest[len(rows) :].strip() + "\n"
    says = "".join(_values(rows, "says"))
    return Answer(number, state == "right", name, says, code), rows


def _written_out(answer, rows, written):
    """Return an answer with all of its code."""
    replacements = _values(rows, "replace")
    if not replacements:
        return answer
    bases = written[answer.number]
    [base] = _values(rows, "base") or [next(x for x in bases if x.startswith("right"))]
    code = bases[base]
    for row in replacements:
        old, arrow, new = row.replace(r"\n", "\n").partition(" →")
        if not arrow or code.count(old) != 1:
            raise ValueError(f"{answer}: {old!r} fits {code.count(old)} times")
        code = code.replace(old, new.removeprefix(" "))
    return replace(answer, code=code)


def _values(rows, key):
    """Return what the rows with this key say."""
    return re.findall(rf"(?m)^# {key}: (.*?) *$", rows)


def all_answers():
    return [answer for lesson in LESSONS for answer in read_answers(lesson)]


def names_before(number):
    """The names a notebook has when this exercise's cell is run, its stubs solved."""
    return dict(_names_before(number))


@functools.cache
def _names_before(number):
    lesson = answer_key.lesson_answers(number)
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
