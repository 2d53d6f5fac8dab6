"""Run submissions in threads of this process, each with a runner of its own.

An executor's ``grade`` takes tasks from an iterator as it can run them, and yields each
with its outcome, a dict with one of these keys:

``marks``
    the fields of `grading.grade.Marks`
``problem``
    why this submission could not be graded; ``is_deadly`` is set if another attempt
    would kill processes again
``stop``
    why this computer cannot grade at all; executors raise it as an error
"""

import contextlib
import threading
import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from grading import interrupts
from grading.runner import Runner, RunnerDied
from grading.sandbox import SandboxError
from grading.session import Timeout
from helpers.i18n import gettext

PULSE = 1
MOST_STARTS = 3
"""How often to start a runner that ends before its first exercise."""


class ExecutorError(Exception):
    """Grading cannot go on; the message says why, and what to do."""


@dataclass(frozen=True)
class Task:
    """A submission that has been read and can be graded.

    Attributes
    ----------
    key : str
        A digest of all that decides about the points: code, seed and checks.
    cells : list of str
    lesson : str
    modules : dict of str to str
        The source of the student's own modules, by path.
    alone : bool
        Grade it while nothing else runs, because a grader has died with it.
    """

    key: str
    cells: list
    lesson: str
    modules: dict = field(default_factory=dict)
    alone: bool = False


class SandboxPool:
    """Grade submissions with one runner for each calling thread.

    Parameters
    ----------
    config : grading.batch.GradingConfig
    checks : pathlib.Path, optional
        The folder of an instructor's own checks.
    """

    def __init__(self, config, checks=None):
        self._config, self._checks = config, checks
        self._own = threading.local()
        self._seats = []
        self._opening = threading.Lock()
        self._is_closed = False

    def grade(self, task):
        """Grade one submission.

        If the runner dies, the exercise that was being checked is lost: at the first
        death if the check certainly took too long, else at the second.

        Parameters
        ----------
        task : Task

        Returns
        -------
        dict : an outcome, see the module's docstring
        """
        started = time.monotonic()
        timeout = Timeout(self._config.limits.submission_seconds)
        marks, notes, died_before, starts = [], {}, None, 0
        while True:
            begun = None
            left = timeout.left()
            try:
                with self._runner() as runner:
                    for event in runner.grade(task, marks, left):
                        begun = event.get("begins")
                        if "mark" in event:
                            marks.append(event["mark"])
                            notes = event["notes"]
            except SandboxError as error:
                return {"stop": str(error)}
            except RunnerDied as death:
                if self._is_closed:
                    return {"stop": "The grading has ended."}
                if begun is None:
                    starts += 1
                    if starts == MOST_STARTS:
                        return {"stop": f"The process for checks {death}."}
                elif death.is_too_long or died_before == begun["exercise"]:
                    marks.append(begun | {"reason": why_lost(death, self._config)})
                else:
                    died_before = begun["exercise"]
                continue
            if "done" not in event:
                return event
            taken = round(time.monotonic() - started, 2)
            return {"marks": {"marks": marks, "notes": notes, "seconds": taken}}

    def close(self, at_once=False):
        """End the runners.

        Parameters
        ----------
        at_once : bool
            Kill busy runners, too. Otherwise they end after their submission.
        """
        with self._opening:
            self._is_closed = True
        for runner, at_work in self._seats:
            if at_once:
                runner.kill()
            _close(runner, at_work)

    @contextlib.contextmanager
    def _runner(self):
        # Start it in the thread that uses it: a runner ends with its parent thread.
        if getattr(self._own, "seat", None) is None:
            with self._opening:
                if self._is_closed:
                    raise RunnerDied
                self._own.seat = Runner(self._config, self._checks), threading.Lock()
                self._seats.append(self._own.seat)
        seat = runner, at_work = self._own.seat
        try:
            with at_work:
                yield runner
        except RunnerDied:
            self._own.seat = None
            with self._opening:
                self._seats.remove(seat)
            runner.close()
            raise
        finally:
            if self._is_closed:
                _close(*seat)


def _close(runner, at_work):
    if at_work.acquire(blocking=False):
        try:
            runner.close()
        finally:
            at_work.release()


def why_lost(death, config):
    """Tell a student why the process of a check ended, as far as that is certain."""
    if death.is_too_long:
        return gettext(
            "The check was stopped: with what your code returned, it computed for more "
            "than {seconds} seconds. Is that much more than was asked for?",
            seconds=f"{config.limits.check_seconds:g}",
        )
    if death.is_out_of_memory:
        return gettext(
            "The check was stopped: with what your code returned, it needed more "
            "memory than a check may have. Is that much more than was asked for?"
        )
    return gettext(
        "The process of the check ended, twice, with what your code returned."
    )


class ThreadExecutor:
    """An executor that uses threads of this process, each with a runner.

    Parameters
    ----------
    config : grading.batch.GradingConfig
    jobs : int
        The number of threads.
    checks : pathlib.Path, optional
        The folder of an instructor's own checks.
    """

    def __init__(self, config, jobs=2, checks=None):
        self._config, self._jobs, self._checks = config, jobs, checks

    def grade(self, tasks):
        """Grade tasks.

        Parameters
        ----------
        tasks : iterable of Task

        Yields
        ------
        (Task, dict) : a task and its outcome, as soon as it is there

        Raises
        ------
        SandboxError
            If the sandbox does not start.
        """
        sandboxes = SandboxPool(self._config, self._checks)
        pending = {}
        with ThreadPoolExecutor(self._jobs) as pool:
            try:
                for task in tasks:
                    room = 1 if task.alone else self._jobs
                    while len(pending) >= room:
                        yield from finished(pending)
                    pending[pool.submit(sandboxes.grade, task)] = task
                    while task.alone and pending:
                        yield from finished(pending)
                while pending:
                    yield from finished(pending)
                sandboxes.close()
            finally:
                # Running the same command again grades what is lost here.
                sandboxes.close(at_once=True)


def finished(pending):
    """Yield the tasks that have finished, with their outcomes."""
    done, _ = wait(pending, timeout=PULSE, return_when=FIRST_COMPLETED)
    interrupts.raise_if_lost()
    for job in done:
        task, outcome = pending.pop(job), job.result()
        if "stop" in outcome:
            raise SandboxError(outcome["stop"])
        yield task, outcome
