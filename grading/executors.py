"""Who grades: a runner for each thread, and the threads of this process.

A crew's ``grade`` takes tasks one by one, as it has room for them, and yields each
with its outcome, a dict of plain values with one of these keys:

``marks``
    what `grading.grade.Marks` holds, by name
``problem``
    why this one submission could not be graded; with ``is_deadly`` where trying it
    again would end processes again
``stop``
    why none can be, here; crews raise it, as their own error
"""

import contextlib
import threading
import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from grading import interrupts
from grading.runner import Runner, RunnerDied
from grading.sandbox import SandboxError
from grading.session import Patience
from helpers.i18n import gettext

PULSE = 1
MOST_STARTS = 3
"""Of a runner that ends before it has begun with anything."""


class ExecutorError(Exception):
    """No more can be graded; its text says why, and what to do."""


@dataclass(frozen=True)
class Task:
    """A submission that has been read and is to be graded.

    Attributes
    ----------
    key : str
        The same for what earns the same: of the code, the seed, the checks.
    cells : list of str
    lesson : str
    modules : dict of str to str
        The student's own modules beside the notebook, by their paths.
    alone : bool
        To be graded while nothing else is: a grader has died with it.
    """

    key: str
    cells: list
    lesson: str
    modules: dict = field(default_factory=dict)
    alone: bool = False


class SandboxPool:
    """Grades, with a runner of its own for each thread that asks it to.

    Parameters
    ----------
    order : grading.batch.GradingConfig
    checks : pathlib.Path, optional
        The folder of an instructor's own checks.
    """

    def __init__(self, order, checks=None):
        self._order, self._checks = order, checks
        self._own = threading.local()
        self._seats = []
        self._opening = threading.Lock()
        self._is_closed = False

    def grade(self, task):
        """Grade one submission.

        What ends the runner costs the exercise that was being checked; at once where
        it is certain that the check took too long, else at the second time.

        Parameters
        ----------
        task : Task

        Returns
        -------
        dict : an outcome, see this module
        """
        started = time.monotonic()
        patience = Patience(self._order.limits.submission_seconds)
        marks, notes, died_before, starts = [], {}, None, 0
        while True:
            begun = None
            left = patience.left()
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
                    marks.append(begun | {"reason": _why_lost(death, self._order)})
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
            Also those at work. Else they end with their submission.
        """
        with self._opening:
            self._is_closed = True
        for runner, at_work in self._seats:
            if at_once:
                runner.kill()
            _close(runner, at_work)

    @contextlib.contextmanager
    def _runner(self):
        # Started in the thread that uses it: it ends with its parent thread.
        if getattr(self._own, "seat", None) is None:
            with self._opening:
                if self._is_closed:
                    raise RunnerDied
                self._own.seat = Runner(self._order, self._checks), threading.Lock()
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


def _why_lost(death, order):
    if death.is_too_long:
        return gettext(
            "The check was stopped: with what your code returned, it computed for more "
            "than {seconds} seconds. Is that much more than was asked for?",
            seconds=f"{order.limits.check_seconds:g}",
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
    """A crew of threads of this process, each with a runner.

    Parameters
    ----------
    order : grading.batch.GradingConfig
    jobs : int
        How many at the same time.
    checks : pathlib.Path, optional
        The folder of an instructor's own checks.
    """

    def __init__(self, order, jobs=2, checks=None):
        self._order, self._jobs, self._checks = order, jobs, checks

    def grade(self, tasks):
        """Grade.

        Parameters
        ----------
        tasks : iterable of Task

        Yields
        ------
        (Task, dict) : each with its outcome, as soon as it is there

        Raises
        ------
        SandboxError
            If there is no sandbox to be had.
        """
        team = SandboxPool(self._order, self._checks)
        flying = {}
        with ThreadPoolExecutor(self._jobs) as pool:
            try:
                for task in tasks:
                    room = 1 if task.alone else self._jobs
                    while len(flying) >= room:
                        yield from landed(flying)
                    flying[pool.submit(team.grade, task)] = task
                    while task.alone and flying:
                        yield from landed(flying)
                while flying:
                    yield from landed(flying)
                team.close()
            finally:
                # What is still under way is graded when the same command goes on.
                team.close(at_once=True)


def landed(flying):
    """Yield the tasks that are done by now, with their outcomes."""
    done, _ = wait(flying, timeout=PULSE, return_when=FIRST_COMPLETED)
    interrupts.raise_if_lost()
    for job in done:
        task, outcome = flying.pop(job), job.result()
        if "stop" in outcome:
            raise SandboxError(outcome["stop"])
        yield task, outcome
