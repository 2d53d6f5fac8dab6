"""Every check, against the tables of answers in `tests/student_answers/`."""

import html
import os
import re
from collections import Counter

import keras
import numpy as np
import pytest

import helpers.quiet_tensorflow  # noqa: F401
from authoring.lesson_format import exercises, read_lesson
from authoring.project import Project
from helpers import display
from helpers.checks import solutions
from helpers.checks.asserts import NotYet, close, told_apart
from helpers.checks.lessons import lesson06
from helpers.checks.runner import (
    CORRECT,
    LESSONS,
    NOT_ATTEMPTED,
    NOT_YET,
    find_exercise,
    lesson_exercises,
    run_check,
)
from tests.support.paths import STUDENT_ANSWERS
from tests.support.student_answers import (
    all_answers,
    all_exercises,
    names_before,
    objects_of,
)

PROJECT = Project.open()
ANSWERS = all_answers()

# How often each answer is tried, with other inputs each time. `make test-seeds` tries
# each a hundred times, which takes hours where a check builds or trains models.
SEEDS = int(os.environ.get("CHECK_SEEDS", 8))
SEEDS_OF_MODELS = int(os.environ.get("CHECK_SEEDS", 2))
MODELS = {
    *("2.2", "2.3", "2.4", "2.6", "2.7", "2.8", "3.2", "3.4", "3.5", "3.7"),
    *("4.1", "4.2", "4.3", "4.6", "6.4", "7.3", "7.4", "7.7", "7.8"),
}


def verdicts_on(answer):
    """Yield what the check says of an answer, with other random inputs each time."""
    with_models = answer.number in MODELS
    for seed in range(SEEDS_OF_MODELS if with_models else SEEDS):
        if with_models:
            keras.utils.set_random_seed(seed)  # start values, dropout
        exercise, rng = find_exercise(answer.number), np.random.default_rng(seed)
        yield run_check(exercise, objects_of(answer), rng)


def by_number(number, is_right):
    return [a for a in ANSWERS if a.number == number and a.is_right == is_right]


@pytest.mark.parametrize("answer", [a for a in ANSWERS if not a.is_right], ids=str)
def test_a_wrong_answer_is_told_why(answer):
    assert answer.says, f"{answer}: the table does not tell what the check should say"
    for verdict in verdicts_on(answer):
        said = f"{verdict.reason} {verdict.found} {verdict.expected}"
        assert verdict.state == NOT_YET, said
        assert answer.is_told(said), said


@pytest.mark.parametrize("answer", [a for a in ANSWERS if a.is_right], ids=str)
def test_a_right_answer_is_accepted(answer):
    for verdict in verdicts_on(answer):
        assert verdict.state == CORRECT, (
            f"{verdict.reason} {verdict.found} {verdict.expected}"
        )
        assert verdict.points == find_exercise(answer.number).points


@pytest.mark.parametrize("number", all_exercises())
def test_the_solution_is_accepted_and_handed_back_by_reveal(number):
    verdict = run_check(find_exercise(number), solutions.build(number, {}))
    assert verdict.state == CORRECT, (
        f"{verdict.reason} {verdict.found} {verdict.expected}"
    )


@pytest.mark.parametrize("number", all_exercises())
def test_an_untouched_stub_is_not_attempted(number):
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


@pytest.mark.parametrize("number", all_exercises())
def test_the_tables_hold_enough_answers(number):
    wrong, right = by_number(number, False), by_number(number, True)
    assert len({answer.says for answer in wrong}) >= 3
    assert len(right) >= 2


@pytest.mark.parametrize("number", all_exercises())
def test_what_is_no_function_is_named(number):
    exercise = find_exercise(number)
    verdict = run_check(exercise, [3.5] * len(exercise.takes))
    assert verdict.state == NOT_YET
    assert "the function itself" in verdict.reason


@pytest.mark.parametrize("number", all_exercises())
@pytest.mark.parametrize(
    "value",
    ["text", [], {}, np.array([]), np.nan, [[None]], object()],
    ids=["text", "list", "dict", "array", "nan", "nested", "object"],
)
def test_nonsense_gets_a_sentence(number, value):
    exercise = find_exercise(number)
    verdict = run_check(exercise, [lambda *_, **__: value] * len(exercise.takes))
    assert verdict.state == NOT_YET
    assert verdict.points < exercise.points
    assert len(verdict.reason) > 20


@pytest.mark.parametrize("number", all_exercises())
def test_an_error_of_the_student_is_named_with_its_line(number):
    exercise = find_exercise(number)
    names = {}
    code = "def broken(*_, **__):\n    numbers = [1, 2]\n    return numbers[7]\n"
    exec(compile(code, "<cell>", "exec"), names)
    verdict = run_check(exercise, [names["broken"]] * len(exercise.takes))
    assert verdict.state == NOT_YET
    if "stopped with" in verdict.reason:
        assert "IndexError in line 3" in verdict.reason
    assert "Traceback" not in verdict.reason


@pytest.mark.parametrize("lesson", LESSONS)
def test_checks_and_headings_agree(lesson):
    (path,) = PROJECT.sources([lesson])
    in_lesson = {found.name: found.title for found in exercises(read_lesson(path))}
    in_checks = {
        number: exercise.title for number, exercise in lesson_exercises(lesson).items()
    }
    assert in_checks == in_lesson
    for number, exercise in lesson_exercises(lesson).items():
        assert list(exercise.takes) == solutions.read(number)["names"]


@pytest.mark.parametrize("lesson", LESSONS)
def test_every_exercise_and_question_is_asked_in_its_lesson(lesson):
    (path,) = PROJECT.sources([lesson])
    code = "\n".join(c.source for c in read_lesson(path).cells if c.cell_type == "code")
    for number, exercise in lesson_exercises(lesson).items():
        assert f'check("{number}", {", ".join(exercise.takes)})' in code
    questions = lesson_exercises(lesson).questions
    assert sorted(re.findall(r'quiz\("(.+?)"\)', code)) == sorted(questions)
    assert len(questions) >= 2
    for question in questions.values():
        assert 3 <= len(question.choices) <= 6
        assert 0 <= question.right < len(question.choices)
        explanations = [explanation for _, explanation in question.choices]
        assert min(map(len, explanations)) > 20
        assert len(set(explanations)) == len(explanations)


@pytest.mark.parametrize("number", all_exercises())
def test_hints_step_up_and_give_nothing_away(number):
    hints = find_exercise(number).hints
    assert len(hints) == 3
    assert "?" in hints[0]
    assert "..." in hints[2]
    answer = [
        line.strip()
        for line in solutions.read(number)["shown"].splitlines()
        if len(line.strip()) >= 25
        and not line.strip().startswith(("def ", "class "))
        and not line.strip().endswith("(")
    ]
    for line in answer:
        assert not any(line in hint for hint in hints), f"a hint says {line}"


def test_a_check_that_breaks_is_no_traceback():
    class Strange:
        def __array__(self, *_, **__):
            raise RuntimeError("no array today")

    verdict = run_check(find_exercise("2.2"), [lambda *_: Strange()])
    assert verdict.state == NOT_YET
    assert "Traceback" not in verdict.reason


def test_a_seed_that_overwrites_the_function_is_noticed(monkeypatch):
    monkeypatch.setattr(np.random, "seed", 42)
    verdict = run_check(find_exercise("2.5"), solutions.build("2.5", {}))
    assert "np.random.seed" in verdict.reason


def test_a_card_says_the_same_in_both_forms():
    card = display.Card(
        "not yet", "2.3 Not yet.", ("Use `a < b`, not <b>.", "Found: 3"), "x = a < b"
    )
    text = html.unescape(re.sub("<[^>]+>", " ", card.html()))
    words = re.findall(r"\w+", text)
    assert Counter(words) == Counter(re.findall(r"\w+", str(card)))
    assert "✗" in card.html() and "✗" in str(card)
    assert "<b>.</div>" not in card.html()


def test_every_table_belongs_to_a_lesson():
    files = {path.stem for path in STUDENT_ANSWERS.glob("*.py")}
    assert files <= set(LESSONS)
    assert {answer.number for answer in ANSWERS} <= set(all_exercises())


def _source(number):
    lesson = number.partition(".")[0]
    (path,) = PROJECT.sources([lesson])
    return path


def _stem(number):
    return _source(number).stem


def test_a_rounded_number_is_called_rounded_and_shown_with_its_decimals():
    right = np.array([0.123456, 2.5])
    with pytest.raises(NotYet, match="right, but rounded") as caught:
        close(right.round(4), right, "no", atol=1e-6, rtol=1e-6)
    assert caught.value.found != caught.value.expected
    with pytest.raises(NotYet, match="^no$"):
        close(right + 0.001, right, "no")


def test_found_and_expected_never_look_alike():
    with pytest.raises(NotYet) as caught:
        close(1.00001, 1.0, "no", atol=0, rtol=1e-7)
    assert (caught.value.found, caught.value.expected) == ("1.00001", "1")


@pytest.mark.parametrize(
    ("right", "mistakes", "apart"),
    [
        (0.123456, [(0.5, "half"), (0.5, "half")], True),
        (0.123456, [(0.5, "half"), (0.5001, "a half")], False),
        (0.123456, [(0.12346, "near")], False),
        (0.5, [(0.7, "more")], False),  # rounding would not show
    ],
)
def test_mistakes_are_told_apart(right, mistakes, apart):
    assert told_apart(right, mistakes) == apart


@pytest.mark.parametrize("twin_comes_first", [True, False])
def test_drawing_a_twin_ends_however_equal_numbers_are_sorted(
    monkeypatch, twin_comes_first
):
    argsort, calls = np.argsort, []

    def last_of_equals_first(values):
        calls.append(values)
        assert len(calls) < 10_000
        return len(values) - 1 - argsort(values[::-1], kind="stable")

    monkeypatch.setattr(np, "argsort", last_of_equals_first)
    lesson06._movies_and_table(np.random.default_rng(1), twin_comes_first)
