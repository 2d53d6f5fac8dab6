"""What holds of every lesson's checks; `tests/checks/lessons/` has a file for each.

Each answer is tried with several seeds, with other inputs each time. `make test-seeds`
tries a hundred, which takes hours where a check builds or trains models.
"""

import functools
import os
import re

import keras
import numpy as np

import helpers.quiet_tensorflow  # noqa: F401
from authoring import lesson_format
from authoring.lesson_format import exercises
from authoring.project import Project
from helpers.checks import answer_key
from helpers.checks.runner import (
    CORRECT,
    NOT_ATTEMPTED,
    NOT_YET,
    find_exercise,
    lesson_exercises,
    run_check,
)
from tests.support.student_answers import names_before, objects_of, read_answers

PROJECT = Project.open()
read_lesson = functools.cache(lesson_format.read_lesson)
SEEDS = int(os.environ.get("CHECK_SEEDS", 8))
SEEDS_OF_MODELS = int(os.environ.get("CHECK_SEEDS", 2))
MODELS = {
    *("2.2", "2.3", "2.4", "2.6", "2.7", "2.8", "3.2", "3.4", "3.5", "3.7"),
    *("4.1", "4.2", "4.3", "4.6", "4.7", "6.4"),
    *("7.2", "7.3", "7.4", "7.5", "9.2", "9.3"),
}

NONSENSE = {
    "text": "text",
    "list": [],
    "dict": {},
    "array": np.array([]),
    "nan": np.nan,
    "nested": [[None]],
    "object": object(),
}


def verdicts_on(answer):
    """Yield what the check says of an answer, with other random inputs each time."""
    with_models = answer.number in MODELS
    for seed in range(SEEDS_OF_MODELS if with_models else SEEDS):
        if with_models:
            keras.utils.set_random_seed(seed)  # start values, dropout
        exercise, rng = find_exercise(answer.number), np.random.default_rng(seed)
        yield run_check(exercise, objects_of(answer), rng)


def parametrize(metafunc):
    """Give a test of `LessonChecks` its lesson, or what its lesson has of each kind."""
    lesson, names = metafunc.cls.lesson, metafunc.fixturenames
    numbers = list(lesson_exercises(lesson))
    if "lesson" in names:
        metafunc.parametrize("lesson", [lesson])
    if "number" in names:
        metafunc.parametrize("number", numbers)
    if "value" in names:
        metafunc.parametrize("value", NONSENSE.values(), ids=NONSENSE)
    for name, is_right in (("right_answer", True), ("wrong_answer", False)):
        if name in names:
            found = [a for a in read_answers(lesson) if a.is_right == is_right]
            metafunc.parametrize(name, found, ids=str)


class LessonChecks:
    """The tests of one lesson's checks; a subclass names the `lesson`."""

    def test_a_wrong_answer_is_told_why(self, wrong_answer):
        assert wrong_answer.says, (
            f"{wrong_answer}: the table does not tell what the check should say"
        )
        for verdict in verdicts_on(wrong_answer):
            said = f"{verdict.reason} {verdict.found} {verdict.expected}"
            assert verdict.state == NOT_YET, said
            assert wrong_answer.is_told(said), said

    def test_a_right_answer_is_accepted(self, right_answer):
        for verdict in verdicts_on(right_answer):
            assert verdict.state == CORRECT, (
                f"{verdict.reason} {verdict.found} {verdict.expected}"
            )
            assert verdict.points == find_exercise(right_answer.number).points

    def test_the_solution_is_accepted_and_handed_back_by_reveal(self, number):
        verdict = run_check(find_exercise(number), answer_key.build(number, {}))
        assert verdict.state == CORRECT, (
            f"{verdict.reason} {verdict.found} {verdict.expected}"
        )

    def test_an_untouched_stub_is_not_attempted(self, number):
        path = PROJECT.notebooks / f"{_stem(number)}.py"
        cells = {
            f"{e.lesson}.{e.number}": e for e in exercises(read_lesson(_source(number)))
        }
        stub = cells[number].stub
        source = next(
            cell.source
            for cell in read_lesson(path).cells
            if cell.cell_type == "code" and stub in cell.source
        )
        names = names_before(number)
        # Where lines are given before the gap, a body of `...` is still a body.
        is_bare = re.search(r'"""\n\s*' + re.escape(stub), source)
        for text in (stub, "...", "return None", "pass", "return ...")[
            : 5 if is_bare else 1
        ]:
            code = source.replace(stub, text)
            exec(compile(code, "<cell>", "exec"), names)
            objects = [names[name] for name in find_exercise(number).takes]
            if any(isinstance(one, type) for one in objects) and text != stub:
                continue  # a class that does nothing is a class all the same
            verdict = run_check(find_exercise(number), objects)
            assert verdict.state == NOT_ATTEMPTED, f"{text}: {verdict.reason}"
            assert verdict.points == 0
        for value in (None, ...):
            objects = [value] * len(find_exercise(number).takes)
            assert run_check(find_exercise(number), objects).state == NOT_ATTEMPTED

    def test_the_table_holds_enough_answers(self, number):
        found = [a for a in read_answers(self.lesson) if a.number == number]
        wrong = [answer for answer in found if not answer.is_right]
        assert len({answer.says for answer in wrong}) >= 3
        assert len(found) - len(wrong) >= 2

    def test_what_is_no_function_is_named(self, number):
        exercise = find_exercise(number)
        verdict = run_check(exercise, [3.5] * len(exercise.takes))
        assert verdict.state == NOT_YET
        assert re.search("the (function|class) itself", verdict.reason)

    def test_nonsense_gets_a_sentence(self, number, value):
        exercise = find_exercise(number)
        verdict = run_check(exercise, [lambda *_, **__: value] * len(exercise.takes))
        assert verdict.state == NOT_YET
        assert verdict.points < exercise.points
        assert len(verdict.reason) > 20

    def test_an_error_of_the_student_is_named_with_its_line(self, number):
        exercise = find_exercise(number)
        names = {}
        code = "def broken(*_, **__):\n    numbers = [1, 2]\n    return numbers[7]\n"
        exec(compile(code, "<cell>", "exec"), names)
        verdict = run_check(exercise, [names["broken"]] * len(exercise.takes))
        assert verdict.state == NOT_YET
        if "stopped with" in verdict.reason:
            assert "IndexError in line 3" in verdict.reason
        assert "Traceback" not in verdict.reason

    def test_a_check_takes_what_the_answer_defines(self, number):
        assert find_exercise(number).takes == answer_key.read(number)["names"]

    def test_questions_have_choices_with_a_reply_each(self, lesson):
        questions = lesson_exercises(lesson).questions
        assert len(questions) >= 2
        for question in questions.values():
            assert 3 <= len(question.choices) <= 6
            explanations = [explanation for _, explanation in question.choices]
            assert min(map(len, explanations)) > 20
            assert len(set(explanations)) == len(explanations)

    def test_hints_step_up_and_give_nothing_away(self, number):
        hints = find_exercise(number).hints
        assert len(hints) == 3
        assert "?" in hints[0]
        assert "..." in hints[2]
        answer = [
            line.strip()
            for line in answer_key.read(number)["shown"].splitlines()
            if len(line.strip()) >= 25
            and not line.strip().startswith(("def ", "class "))
            and not line.strip().endswith("(")
        ]
        for line in answer:
            assert not any(line in hint for hint in hints), f"a hint says {line}"


def _source(number):
    lesson = number.partition(".")[0]
    (path,) = PROJECT.sources([lesson])
    return path


def _stem(number):
    return _source(number).stem
