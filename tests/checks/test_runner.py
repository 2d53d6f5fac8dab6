"""Checks are found and run, and a check that breaks is no traceback."""

import numpy as np

from helpers.checks import answer_key
from helpers.checks.runner import LESSONS, NOT_YET, find_exercise, run_check
from tests.support.paths import STUDENT_ANSWERS
from tests.support.student_answers import all_answers, all_exercises


def test_a_check_that_breaks_is_no_traceback():
    class Strange:
        def __array__(self, *_, **__):
            raise RuntimeError("no array today")

    verdict = run_check(find_exercise("2.2"), [lambda *_: Strange()])
    assert verdict.state == NOT_YET
    assert "Traceback" not in verdict.reason


def test_a_seed_that_overwrites_the_function_is_noticed(monkeypatch):
    monkeypatch.setattr(np.random, "seed", 42)
    verdict = run_check(find_exercise("2.5"), answer_key.build("2.5", {}))
    assert "np.random.seed" in verdict.reason


def test_every_table_belongs_to_a_lesson():
    files = {path.stem for path in STUDENT_ANSWERS.glob("*.py")}
    assert files <= set(LESSONS)
    assert {answer.number for answer in all_answers()} <= set(all_exercises())


def test_the_old_name_of_the_module_works_for_one_release():
    from helpers.checks import judge, runner

    assert judge.lesson_exercises is runner.lesson_exercises
    assert judge.judge is runner.run_check
    assert judge.Verdict is runner.CheckResult
