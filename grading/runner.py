"""Run checks in a process of their own, one for each thread that grades.

A check works on values from a submission, which may be too much for it. So checks do
not run in the process that keeps the results of the class. The kernel kills a runner
whose check computes for too long, and limits its memory; the thread that waits for it
then starts another runner, which goes on with the next exercise.

    python -m grading.runner PIPE_FD PARENT_PID
"""

import contextlib
import ctypes
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import asdict, replace
from multiprocessing.connection import Connection
from pathlib import Path

from grading import grade
from grading.instructor_checks import load_private_checks
from grading.sandbox import (
    ROOT,
    START_SECONDS,
    Limits,
    Sandbox,
    SandboxError,
    remove_groups,
)
from helpers.checks.runner import NOT_YET
from helpers.i18n import gettext

END_SECONDS = 20
"""How long an idle runner may take to end its sandbox."""

OUT_OF_MEMORY = 77
"""The exit code of a runner that ran out of memory."""

PARENT_DEATH_SIGNAL = 1


class RunnerDied(Exception):  # noqa: N818
    """A runner ended in the middle of its work.

    Attributes
    ----------
    is_too_long, is_out_of_memory : bool
        The cause, where it is certain.
    """

    def __init__(self, code=None):
        super().__init__(f"ended with code {code}")
        self.is_too_long = code == -signal.SIGPROF or code is None
        self.is_out_of_memory = code == OUT_OF_MEMORY


class Runner:
    """Start and use a runner process.

    Only the thread that starts it may use it, except for `kill`. The process ends with
    that thread.

    Parameters
    ----------
    config : grading.batch.GradingConfig
    checks : pathlib.Path, optional
        The folder of an instructor's own checks.
    """

    def __init__(self, config, checks=None):
        self._limits = config.limits
        self._pipe, theirs = multiprocessing.Pipe()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        threads = ("OMP", "OPENBLAS", "MKL", "NUMEXPR")
        parent = str(os.getpid())
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "grading.runner", str(theirs.fileno()), parent],
                stdin=subprocess.DEVNULL,
                stderr=self._errors,
                pass_fds=[theirs.fileno()],
                env={
                    **os.environ,
                    "PYTHONPATH": path,
                    # Each thread's stack counts as memory.
                    **{f"{name}_NUM_THREADS": "1" for name in threads},
                },
                # Ctrl-C must reach the parent process only.
                start_new_session=True,
            )
        folder = None if checks is None else str(Path(checks).resolve())
        self._send({"config": asdict(config), "checks": folder})

    def grade(self, task, marks, seconds):
        """Check the exercises of a submission that have no mark yet.

        Parameters
        ----------
        task : grading.executors.Task
        marks : list of dict
            The marks so far.
        seconds : float
            The time limit for the submission.

        Yields
        ------
        dict
            For each exercise ``{"begins": mark}``, with the mark to give if the runner
            dies, then ``{"mark": mark, "notes": notes}``. At the end
            ``{"done": True}``, ``{"stop": why}`` or ``{"problem": why}``.

        Raises
        ------
        RunnerDied
        """
        self._send({"task": asdict(task), "marks": marks, "seconds": seconds})
        while True:
            event = self._receive(START_SECONDS + 4 * self._limits.submission_seconds)
            yield event
            if not event.keys() & {"begins", "mark"}:
                return

    def kill(self):
        """Kill the runner, and with it everything in its sandbox."""
        self._process.kill()

    def close(self):
        """Let an idle runner end by itself; `kill` a busy one first."""
        self._pipe.close()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._errors.close()
        remove_groups(self._process.pid)

    def _send(self, message):
        # If the runner has died, `_receive` raises.
        with contextlib.suppress(OSError):
            self._pipe.send_bytes(json.dumps(message).encode())

    def _receive(self, seconds):
        try:
            if self._pipe.poll(seconds):
                return json.loads(self._pipe.recv_bytes())
        except (EOFError, OSError):
            raise RunnerDied(self._process.wait()) from None
        self.kill()
        raise RunnerDied


# --- in the runner ---


class _Observer(grade.Observer):
    """Report each exercise to the parent process, and limit the time of its check."""

    def __init__(self, pipe, marks, seconds):
        super().__init__([grade.Mark(**mark) for mark in marks])
        self._pipe, self._seconds = pipe, seconds

    def begins(self, exercise):
        mark = grade.Mark(
            exercise.number, exercise.title, 0, exercise.points, NOT_YET, ""
        )
        _tell(self._pipe, begins=asdict(mark))
        # A CPU-time alarm whose default action kills the process: it works even if
        # Python cannot handle signals, and does not depend on the computer's load.
        signal.setitimer(signal.ITIMER_PROF, self._seconds)

    def ends(self, mark, notes):
        signal.setitimer(signal.ITIMER_PROF, 0)
        _tell(self._pipe, mark=asdict(mark), notes=notes)


def main(pipe, parent):
    """Serve requests until the parent process closes the pipe.

    Parameters
    ----------
    pipe : multiprocessing.connection.Connection
    parent : int
        The parent's process id.
    """
    _end_with(parent)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, set())
    # If the computer runs out of memory, kill this process rather than its parent.
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")
    setup = json.loads(pipe.recv_bytes())
    config, limits = setup["config"], Limits(**setup["config"]["limits"])
    problem = _load_checks(setup["checks"], config["private"])
    with Sandbox(limits, config["is_safe"]) as sandbox, contextlib.suppress(EOFError):
        _limit_memory(limits.check_memory)
        while True:
            request = json.loads(pipe.recv_bytes())
            answer = {"stop": problem} if problem else None
            _tell(pipe, **(answer or _grade(pipe, request, config, sandbox)))


def _grade(pipe, request, config, sandbox):
    task, limits = request["task"], Limits(**config["limits"])
    sandbox.limits = replace(limits, submission_seconds=request["seconds"])
    observer = _Observer(pipe, request["marks"], limits.check_seconds)
    try:
        grade.mark(
            task["cells"],
            task["lesson"],
            sandbox,
            config["seed"],
            config["all_cells"],
            task["modules"],
            observer=observer,
        )
    except SandboxError as error:
        return {"stop": str(error)}
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except Exception as error:
        return {
            "problem": gettext(
                "It could not be graded ({error}). That is a fault of the grader, not "
                "of the student.",
                error=f"{type(error).__name__}: {error}",
            )
        }
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return {"done": True}


def _load_checks(folder, digest):
    """Load an instructor's own checks; return the problem, or an empty string."""
    try:
        if load_private_checks(folder and Path(folder)) == digest:
            return ""
    except Exception as error:
        return (
            "The checks of --checks cannot be loaded once more "
            f"({type(error).__name__}: {error})."
        )
    return (
        "The checks of --checks are not the same when they are loaded once more. Did "
        "somebody change them, or do they read a file that is not in their folder?"
    )


def _limit_memory(more):
    """Limit this process's memory to a number of bytes more than it has now."""
    status = Path("/proc/self/status")
    if not status.exists():
        return
    (now,) = [
        1024 * int(line.split()[1])
        for line in status.read_text().splitlines()
        if line.startswith("VmData:")
    ]
    import resource  # not on Windows

    # Set the soft limit only: the sandbox has its own limit, and removes this one.
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (now + more, most))


def _end_with(parent):
    """Have the kernel kill this process when the thread that started it ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit()


def _tell(pipe, **event):
    try:
        pipe.send_bytes(json.dumps(event).encode())
    except OSError:
        raise EOFError from None


if __name__ == "__main__":
    main(Connection(int(sys.argv[1])), int(sys.argv[2]))
