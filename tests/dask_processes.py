"""A Dask scheduler and workers as a user would start them, on loopback; and a class.

The class is a folder of tiny submissions, each with a number. Checks of an
"instructor's own" ask for it, and write into a journal when they begin and end: that
is how tests know what is graded when, where and how often. A submission whose number
has a file in `held` waits as long; `KILLER` then ends the process of its judge.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil

BIN = Path(sys.executable).parent
ROOT = Path(__file__).parent.parent
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
from helpers.checks.judge import lesson_exercises

BASE = Path(Path(__file__).with_name("where.txt").read_text())

def note(*words):
    with (BASE / "journal").open("a") as file:
        file.write(" ".join(map(str, words)) + "\\n")

@lesson_exercises("02")["2.5"].part(points=1)
def journal(count_weights, rng):
    number = count_weights(-1, 0, 1)
    note("began", number, os.getpid())
    while (BASE / "held" / str(number)).exists():
        time.sleep(0.02)
    if number == KILLER:
        os.kill(os.getpid(), signal.SIGKILL)
    note("ended", number, os.getpid())
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
                start_new_session=True,
            )
        return self.process

    def said(self):
        return (self.base / "said").read_text(encoding="utf-8")

    def hold(self, *numbers):
        for number in numbers:
            (self.base / "held" / str(number)).touch()

    def release(self, *numbers):
        for number in numbers:
            (self.base / "held" / str(number)).unlink()

    def journal(self, word):
        """Which numbers began, or ended, by which process, in order."""
        with contextlib.suppress(FileNotFoundError):
            lines = (self.base / "journal").read_text(encoding="utf-8").splitlines()
            found = [line.split() for line in lines]
            return [(int(n), int(pid)) for first, n, pid in found if first == word]
        return []

    def numbers(self, word):
        return sorted(number for number, _ in self.journal(word))

    def judge_of(self, number):
        """Wait until a submission is being graded; return the worker's process id."""
        wait_for(lambda: number in self.numbers("began"), self)
        return dict(self.journal("began"))[number]

    def records(self):
        return list((self.out / "records").glob("*.json"))


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
            )
        self.processes.append(process)
        return process


def kill_all(process):
    """End a process and what it has started, as a power cut would."""
    if process.poll() is not None:  # by now its number may be somebody else's
        return
    with contextlib.suppress(psutil.Error):
        for child in psutil.Process(process.pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                child.kill()
    process.kill()
    process.wait()


def kill(pid):
    os.kill(pid, signal.SIGKILL)
