"""A Dask scheduler and workers as a user would start them, on loopback; and a class.

The class is a folder of tiny submissions, each with a number; they need no Keras.
Checks of an "instructor's own" ask for it, and write into a journal when they begin
and end: that is how tests know what is graded when, where and how often. A submission
whose number has a file in `held` waits as long; `KILLER` then ends the process that
has started the runner of its checks: a worker, or a grader.
"""

import contextlib
import csv
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil

from grading.sandbox import PRELOAD
from tests.support.paths import ROOT
from tests.support.signals import kill_all, listen

BIN = Path(sys.executable).parent
KILLER = 13

SUBMISSION = """
def count_weights(n_users, n_movies, n_factors):
    if n_users < 0:
        return {number}
    return (n_users + n_movies) * n_factors
"""

CHECKS = """
import os, signal, time
from pathlib import Path
from helpers.checks.runner import lesson_exercises

BASE = Path(Path(__file__).with_name("where.txt").read_text())

def note(*words):
    with (BASE / "journal").open("a") as file:
        file.write(" ".join(map(str, words)) + "\\n")

@lesson_exercises("02")["2.5"].part(points=1)
def journal(count_weights, rng):
    number = count_weights(-1, 0, 1)
    note("began", number, os.getppid(), os.getpid())
    while (BASE / "held" / str(number)).exists():
        time.sleep(0.02)
    if number == KILLER:
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(60)
    note("ended", number, os.getppid(), os.getpid())
"""


class Class:
    """Submissions, checks, and what came of them, in a folder."""

    def __init__(self, base, numbers, copies=()):
        self.base, self.out = base, base / "out"
        self.process = None
        (base / "in").mkdir(parents=True)
        (base / "held").mkdir()
        for name in [*numbers, *copies]:
            number = int(str(name).partition(" ")[0])
            text = SUBMISSION.format(number=number)
            (base / "in" / f"s{name}.py").write_text(text, encoding="utf-8")
        checks = base / "checks"
        checks.mkdir()
        code = CHECKS.replace("KILLER", str(KILLER))
        (checks / "journal.py").write_text(code, encoding="utf-8")
        (checks / "where.txt").write_text(str(base), encoding="utf-8")

    def command(self, *more):
        return [
            *(sys.executable, "-m", "grading", str(self.base / "in")),
            *("--out", str(self.out), "--checks", str(self.base / "checks"), *more),
        ]

    def start(self, *more):
        """Start to grade; what it says goes to the file `said`."""
        with (self.base / "said").open("ab") as said:
            self.process = subprocess.Popen(
                self.command(*more),
                cwd=ROOT,
                stdout=said,
                stderr=said,
                env={**os.environ, PRELOAD: "0"},
                start_new_session=True,
                preexec_fn=listen,
            )
        return self.process

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process is not None:
            kill_all(self.process)

    def said(self):
        return (self.base / "said").read_text(encoding="utf-8")

    def hold(self, *numbers):
        for number in numbers:
            (self.base / "held" / str(number)).touch()

    def release(self, *numbers):
        for number in numbers:
            (self.base / "held" / str(number)).unlink()

    def journal(self, word):
        """Which numbers began, or ended, in order: (number, parent, runner)."""
        with contextlib.suppress(FileNotFoundError):
            lines = (self.base / "journal").read_text(encoding="utf-8").splitlines()
            found = [line.split() for line in lines]
            return [tuple(map(int, rest)) for first, *rest in found if first == word]
        return []

    def numbers(self, word):
        return sorted(number for number, *_ in self.journal(word))

    def judge_of(self, number):
        """Wait until a submission is being graded; return the worker's process id."""
        return self._last(number)[1]

    def runner_of(self, number):
        """Do the same for the runner that the worker has started."""
        return self._last(number)[2]

    def _last(self, number):
        wait_for(lambda: number in self.numbers("began"), self)
        return {one[0]: one for one in self.journal("began")}[number]

    def records(self):
        return list((self.out / "records").glob("*.json"))


def sandboxes_of(pid):
    """All that runs in the sandboxes below a process, and they themselves."""
    return [
        one
        for one in psutil.Process(pid).children(recursive=True)
        if any("grading.inside" in word for word in one.cmdline())
    ]


def is_alive(process):
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def finished(process, a_class, code=0):
    found = process.wait(300)
    assert found == code, a_class.said()
    assert "Traceback" not in a_class.said()


def rows_of(a_class):
    """The points of 2.5 by student, or why there are none."""
    with (a_class.out / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        return {
            row["student"]: int(row["points"]) if row["exercise"] else row["reason"]
            for row in csv.DictReader(file)
            if row["exercise"] in ("2.5", "")
        }


def wait_for(is_so, about=None, seconds=240):
    end = time.monotonic() + seconds
    while not (found := is_so()):
        has_ended = about is not None and about.process.poll() is not None
        if (has_ended and not is_so()) or time.monotonic() > end:
            said = about.said() if about else ""
            raise AssertionError(f"waited in vain\n{said}")
        time.sleep(0.05)
    return found


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Dask:
    """Processes of a cluster; all of them are ended at the end."""

    def __init__(self, folder, allowed_failures=0):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.address = f"tcp://127.0.0.1:{self.port}"
        self.environment = {
            **os.environ,
            PRELOAD: "0",
            "DASK_CONFIG": str(folder),
            "DASK_TEMPORARY_DIRECTORY": str(folder),
            "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": str(allowed_failures),
        }
        self.processes = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.processes:
            kill_all(process)

    def scheduler(self):
        return self._start(
            *("scheduler", "--host", "127.0.0.1", "--port", str(self.port)),
            *("--no-dashboard", "--dashboard-address", "127.0.0.1:0"),
        )

    def worker(self, *options, **environment):
        options = options or ("--nthreads", "1", "--nworkers", "1")
        where = ("--host", "127.0.0.1", "--no-dashboard", "--memory-limit", "0")
        return self._start("worker", self.address, *where, *options, **environment)

    def judges(self):
        """The process ids of the workers themselves, without their nannies."""
        return [
            child.pid
            for process in self.processes
            for child in psutil.Process(process.pid).children(recursive=True)
            if any("multiprocessing" in word for word in child.cmdline())
            and not any("resource_tracker" in word for word in child.cmdline())
        ]

    def log(self):
        return (self.folder / "log").read_text(encoding="utf-8")

    def _start(self, *words, **environment):
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [str(BIN / "dask"), *words],
                cwd=self.folder,
                stdout=log,
                stderr=log,
                env={**self.environment, **environment},
                start_new_session=True,
                preexec_fn=listen,
            )
        self.processes.append(process)
        return process


def kill(pid):
    os.kill(pid, signal.SIGKILL)
