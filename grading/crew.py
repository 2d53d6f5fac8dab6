"""Who grades: a warm sandbox for each thread, and the threads of this process.

A crew's ``grade`` takes tasks one by one, as it has room for them, and yields each
with its outcome, a dict of plain values with one of these keys:

``marks``
    what `grading.marking.Marks` holds, by name
``problem``
    why this one submission could not be graded
``stop``
    why none can be, here; crews raise it, as their own error
"""

import contextlib
import threading
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, field

from grading.marking import mark
from grading.sandbox import Sandbox, SandboxError


class CrewError(Exception):
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
    """

    key: str
    cells: list
    lesson: str
    modules: dict = field(default_factory=dict)


class Team:
    """Grades, with a sandbox of its own for each thread that asks it to.

    Parameters
    ----------
    order : grading.batch.Order
    """

    def __init__(self, order):
        self._order = order
        self._own = threading.local()
        self._seats = []
        self._is_closed = False

    def grade(self, cells, lesson, modules=None):
        """Grade one submission.

        Parameters
        ----------
        cells : list of str
        lesson : str
        modules : dict of str to str, optional

        Returns
        -------
        dict : an outcome, see this module
        """
        order = self._order
        try:
            with self._sandbox() as sandbox:
                marks = mark(
                    cells, lesson, sandbox, order.seed, order.all_cells, modules
                )
        except SandboxError as error:
            return {"stop": str(error)}
        except Exception as error:
            return {
                "problem": f"It could not be graded ({type(error).__name__}: {error}). "
                "That is a fault of the grader, not of the student."
            }
        return {"marks": asdict(marks)}

    def close(self):
        """End the sandboxes that rest; one at work ends with its submission."""
        self._is_closed = True
        for seat in self._seats:
            _close(seat)

    @contextlib.contextmanager
    def _sandbox(self):
        # Started in the thread that uses it: bubblewrap ends with its parent thread.
        if not hasattr(self._own, "seat"):
            sandbox = Sandbox(self._order.limits, self._order.is_safe)
            self._own.seat = sandbox, threading.Lock()
            self._seats.append(self._own.seat)
        sandbox, at_work = self._own.seat
        try:
            with at_work:
                yield sandbox
        finally:
            if self._is_closed:
                _close(self._own.seat)


def _close(seat):
    sandbox, at_work = seat
    if at_work.acquire(blocking=False):
        try:
            sandbox.close()
        finally:
            at_work.release()


class Threads:
    """A crew of threads of this process.

    Parameters
    ----------
    order : grading.batch.Order
    jobs : int
        How many at the same time.
    """

    def __init__(self, order, jobs=2):
        self._order, self._jobs = order, jobs

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
        team = Team(self._order)
        flying = {}
        with contextlib.closing(team), ThreadPoolExecutor(self._jobs) as pool:
            try:
                for task in tasks:
                    while len(flying) == self._jobs:
                        yield from _landed(flying)
                    job = pool.submit(team.grade, task.cells, task.lesson, task.modules)
                    flying[job] = task
                while flying:
                    yield from _landed(flying)
            except KeyboardInterrupt:
                # What is under way cannot be stopped; so let it count.
                while flying:
                    yield from _landed(flying)
                raise


def _landed(flying):
    done, _ = wait(flying, return_when=FIRST_COMPLETED)
    for job in done:
        task, outcome = flying.pop(job), job.result()
        if "stop" in outcome:
            raise SandboxError(outcome["stop"])
        yield task, outcome
