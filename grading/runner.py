"""The process that checks run in: one of its own for each thread that grades.

What a check gets to see was made by a submission, and may be more than it can cope
with. So no check runs where the results of a class are kept. The kernel ends a runner
whose check computes for too long, and lets it have only so much memory; the thread that
waits for it then starts another one, which goes on with the next exercise.

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
"""For a runner that has nothing to do to end its sandbox."""

OUT_OF_MEMORY = 77
"""The exit code of a runner that has used up its memory."""

PARENT_DEATH_SIGNAL = 1


class RunnerDied(Exception):  # noqa: N818
    """A runner ended in the middle of its work.

    Attributes
    ----------
    is_too_long, is_out_of_memory : bool
        Why, where that is certain.
    """

    def __init__(self, code=None):
        super().__init__(f"ended with code {code}")
        self.is_too_long = code == -signal.SIGPROF or code is None
        self.is_out_of_memory = code == OUT_OF_MEMORY


class Runner:
    """A runner, as the thread that has started it sees it.

    To be used by that thread alone, but for `kill`; it ends with its thread.

    Parameters
    ----------
    order : grading.batch.GradingConfig
    checks : pathlib.Path, optional
        The folder of an instructor's own checks.
    """

    def __init__(self, order, checks=None):
        self._limits = order.limits
        self._pipe, theirs = multiprocessing.Pipe()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        threads = ("OMP", "OPENBLAS", "MKL", "NUMEXPR")
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        with theirs:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "grading.runner"),
                    *(str(theirs.fileno()), str(os.getpid())),
                ],
                stdin=subprocess.DEVNULL,
                stderr=self._errors,
                pass_fds=[theirs.fileno()],
                env={
                    **os.environ,
                    "PYTHONPATH": path,
                    # A stack for each core counts as memory.
                    **{f"{name}_NUM_THREADS": "1" for name in threads},
                },
                # A terminal's Ctrl-C is for the process that decides what to do then.
                start_new_session=True,
            )
        folder = None if checks is None else str(Path(checks).resolve())
        self._send({"order": asdict(order), "checks": folder})

    def grade(self, task, marks, seconds):
        """Have the exercises of a submission checked that have no mark yet.

        Parameters
        ----------
        task : grading.executors.Task
        marks : list of dict
            Those that there are.
        seconds : float
            For the submission.

        Yields
        ------
        dict
            ``{"begins": mark}``, of an exercise, with what it would earn if nothing
            came of it; ``{"mark": mark, "notes": notes}``, of the same one; at last
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
        """End it at once, whatever it does, and all that runs in its sandbox."""
        self._process.kill()

    def close(self):
        """End it: politely if it has nothing to do, else `kill` it first."""
        self._pipe.close()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._errors.close()
        remove_groups(self._process.pid)

    def last_lines(self):
        """Return the end of what it has complained about."""
        self._errors.seek(0)
        lines = self._errors.read()[-4000:].decode("utf-8", "replace").splitlines()
        return "\n".join(lines[-6:])

    def _send(self, message):
        # Where nobody is there any more, `_receive` says so.
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


class _Watch(grade.Watch):
    """Tells the parent process about each exercise, and sets the alarm for it."""

    def __init__(self, pipe, marks, seconds):
        super().__init__([grade.Mark(**one) for one in marks])
        self._pipe, self._seconds = pipe, seconds

    def begins(self, exercise):
        mark = grade.Mark(
            exercise.number, exercise.title, 0, exercise.points, NOT_YET, ""
        )
        _tell(self._pipe, begins=asdict(mark))
        # The kernel's own alarm, and its own way to end a process: nothing that keeps
        # Python busy puts it off, and a busy computer does not bring it nearer.
        signal.setitimer(signal.ITIMER_PROF, self._seconds)

    def ends(self, mark, notes):
        signal.setitimer(signal.ITIMER_PROF, 0)
        _tell(self._pipe, mark=asdict(mark), notes=notes)


def main(pipe, parent):
    """Serve until the parent process hangs up.

    Parameters
    ----------
    pipe : multiprocessing.connection.Connection
    parent : int
        Its process id.
    """
    _end_with(parent)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, set())
    # If the computer runs out of memory all the same, this goes before its parent.
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")
    setup = json.loads(pipe.recv_bytes())
    order, limits = setup["order"], Limits(**setup["order"]["limits"])
    problem = _load_checks(setup["checks"], order["private"])
    with Sandbox(limits, order["is_safe"]) as sandbox, contextlib.suppress(EOFError):
        _limit_memory(limits.check_memory)
        while True:
            request = json.loads(pipe.recv_bytes())
            answer = {"stop": problem} if problem else None
            _tell(pipe, **(answer or _grade(pipe, request, order, sandbox)))


def _grade(pipe, request, order, sandbox):
    task, limits = request["task"], Limits(**order["limits"])
    sandbox.limits = replace(limits, submission_seconds=request["seconds"])
    watch = _Watch(pipe, request["marks"], limits.check_seconds)
    try:
        grade.mark(
            task["cells"],
            task["lesson"],
            sandbox,
            order["seed"],
            order["all_cells"],
            task["modules"],
            watch=watch,
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
    """Load an instructor's own checks; return what is in the way, or nothing."""
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
    """Let this process have only so many bytes more than it has now."""
    status = Path("/proc/self/status")
    if not status.exists():
        return
    (now,) = [
        1024 * int(line.split()[1])
        for line in status.read_text().splitlines()
        if line.startswith("VmData:")
    ]
    import resource  # Windows has none

    # The soft limit alone: the sandbox, which has its own, takes this one off.
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (now + more, most))


def _end_with(parent):
    """Have the kernel end this process when the thread that has started it ends."""
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
