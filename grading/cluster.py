"""A crew of workers of a Dask cluster, wherever they are.

The judge sits in the worker, and starts the runners there. What crosses is plain:
the cells' text to the worker, the marks back. This process alone writes records, so
what has one is never sent again; what was under way when something died has none.

Dask decides where a submission is graded, and grades it elsewhere when its worker
dies. It does not say which of the submissions on that worker was to blame: whatever
it gives up is tried again here, alone.
"""

import contextlib
import hashlib
import json
import logging
import os
import queue
import socket
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from unittest.mock import patch

from distributed import Client, KilledWorker, WorkerPlugin, get_worker
from distributed.client import CancelledError

from grading import instructor_checks, interrupts
from grading.batch import digest_of_checks
from grading.executors import PULSE, ExecutorError, SandboxPool, Task
from grading.sandbox import SandboxError, find_bubblewrap
from helpers.i18n import gettext, language

NAME = "neural-recsys-grading"
CONNECT_SECONDS = 5
ANSWER_SECONDS = 30
GOES_ON = "What is graded is kept: the same command goes on from there."


@dataclass(frozen=True)
class Setup:
    """What a worker has to know before it can grade.

    Attributes
    ----------
    order : grading.batch.GradingConfig
    files : dict of str to bytes
        An instructor's own checks, see `grading.instructor_checks.pack`.
    course : str
        The digest of the course's code that decides about points.
    language : str
        In which reasons are written.
    """

    order: object
    files: dict
    course: str
    language: str

    @property
    def token(self):
        """str : tells one setup from another."""
        return hashlib.sha256(
            json.dumps([asdict(self.order), self.course, self.language]).encode()
        ).hexdigest()


# --- in the worker ---


class GradingPlugin(WorkerPlugin):
    """What a worker grades with; Dask hands it to those that join later, too.

    Parameters
    ----------
    setup : Setup
    """

    name = NAME

    def __init__(self, setup):
        self._setup = setup
        self.token = setup.token
        self.problem = ""
        self.team = None

    def setup(self, worker):
        """Get ready; what is in the way is told to who sends a submission."""
        # There, Dask cleans up after workers that were killed.
        self._folder = tempfile.TemporaryDirectory(
            dir=worker.local_directory, ignore_cleanup_errors=True
        )
        checks = None
        try:
            order = self._setup.order
            self.problem = unfit(self._setup.course, order.is_safe)
            if self._setup.files:
                checks = Path(self._folder.name)
                instructor_checks.unpack(self._setup.files, checks)
        except Exception as error:
            self.problem = f"it does not get ready ({type(error).__name__}: {error})"
        self._language = patch.dict(os.environ, COURSE_LANG=self._setup.language)
        self._language.start()
        self.team = SandboxPool(self._setup.order, checks)

    def teardown(self, worker):
        """End the runners, and leave the process as it was."""
        self.team.close()
        self._language.stop()
        self._folder.cleanup()


def unfit(course, is_safe):
    """Say what keeps this computer from grading.

    Parameters
    ----------
    course : str
        The digest that its course has to have.
    is_safe : bool
        In sandboxes.

    Returns
    -------
    str : empty where nothing does
    """
    if digest_of_checks() != course:
        return (
            "it has another version of the course, which might give other points. "
            "Install the same one there as here, and start the worker again."
        )
    if is_safe:
        try:
            find_bubblewrap()
        except SandboxError as error:
            return str(error)
    return ""


def grade(token, task):
    """Grade one submission, in the worker.

    Parameters
    ----------
    token : str
        Of the setup that is meant.
    task : str
        What `grading.executors.Task` holds, as JSON.

    Returns
    -------
    dict
        An outcome, see `grading.executors`, or ``{"other": token}``: of the setup that
        is there, empty for none.
    """
    worker = get_worker()
    judge = worker.plugins.get(NAME)
    if judge is None or judge.token != token:
        return {"other": judge.token if judge else ""}
    if judge.problem:
        return {"stop": _cannot(worker.address, socket.gethostname(), judge.problem)}
    outcome = judge.team.grade(Task(**json.loads(task)))
    if "stop" in outcome:
        outcome["stop"] = _cannot(worker.address, socket.gethostname(), outcome["stop"])
    return outcome


def _end_at_once(token, dask_worker):
    """End what a worker is grading."""
    judge = dask_worker.plugins.get(NAME)
    if judge is not None and judge.token == token and judge.team is not None:
        judge.team.close(at_once=True)


def _cannot(address, host, problem):
    return f"The worker {address} ({host}) cannot grade: {problem}\n{GOES_ON}"


# --- in the process that hands out submissions ---


class _LostError(Exception):
    """The connection to the scheduler is gone, or was never there."""


@dataclass
class _Pending:
    """A submission under way."""

    task: object
    attempt: int = 1
    alone: bool = False
    future: object = None


class Cluster:
    """A crew of Dask workers.

    Parameters
    ----------
    order : grading.batch.GradingConfig
    address : str
        The scheduler's, ``"tcp://host:8786"``.
    checks : pathlib.Path, optional
        The folder of an instructor's own checks, which this process has loaded.
    patience : float
        Seconds to wait for a scheduler or a worker where there is none any more.
    say : callable
        Gets what happens, in words.

    Raises
    ------
    grading.submissions.Rejected
        If the checks are too large to be sent around.
    """

    def __init__(
        self, order, address, checks=None, patience=300, gettext=lambda text: None
    ):
        self._setup = Setup(
            order, instructor_checks.pack(checks), digest_of_checks(), language()
        )
        self._address = address
        self._patience, self._say = patience, gettext
        self._client = None
        self._flying, self._suspects = {}, []
        self._landed = queue.SimpleQueue()
        self._missing_since = None
        self._is_ready = False

    def grade(self, tasks):
        """Grade.

        Parameters
        ----------
        tasks : iterable of grading.executors.Task

        Yields
        ------
        (grading.executors.Task, dict) : each with its outcome, as soon as it is there

        Raises
        ------
        CrewError
            If there is no scheduler or no worker, or one that cannot grade.
        """
        for name in ("distributed", *_loggers_below("distributed")):
            # Deaths are told by `gettext`, once each; Dask would tell all they lead to.
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        try:
            try:
                self._connect()
            except _LostError as error:
                raise ExecutorError(
                    f"No Dask scheduler answers at {self._address}: {error}\n"
                    "Start one (dask scheduler) and workers (dask worker ADDRESS "
                    "--nthreads 1), give the address that it prints, and see that "
                    "no firewall is between. Without --scheduler, this computer "
                    "grades, and needs none."
                ) from None
            yield from self._grade(iter(tasks))
        finally:
            self._disconnect(is_for_good=True)

    def _grade(self, tasks):
        ahead = next(tasks, None)
        while ahead or self._flying or self._suspects:
            try:
                room = self._room()
                # No more at a time than there are threads: what dies with a worker
                # was at work there, and did not only stand in line.
                while ahead and self._may_send(ahead, room):
                    self._send(_Pending(ahead, alone=ahead.alone))
                    ahead = next(tasks, None)
                if self._suspects and room and not ahead and not self._flying:
                    self._send_again(self._suspects[0], alone=True)
                    del self._suspects[0]
                yield from self._come_in()
            except _LostError:
                self._connect_again()

    def _may_send(self, task, room):
        is_one_alone = any(flight.alone for flight in self._flying.values())
        if task.alone:
            return room > 0 and not self._flying
        return len(self._flying) < room and not is_one_alone

    def _room(self):
        """Return how many can be graded at the same time; say so where none can."""
        if self._client.status != "running":
            raise _LostError
        try:
            room = sum(self._client.nthreads().values())
        except (OSError, CancelledError, ValueError) as error:
            raise _LostError(str(error)) from None
        if room:
            if self._missing_since is not None:
                self._say(f"Going on, {room} at a time.")
            self._missing_since = None
        else:
            self._miss("There is no worker", "start one (dask worker ADDRESS)")
        return room

    def _miss(self, what, remedy):
        now = time.monotonic()
        if self._missing_since is None:
            self._missing_since = now
            self._say(f"{what}. Waiting, at most {self._patience:g} seconds.")
        elif now - self._missing_since > self._patience:
            raise ExecutorError(
                f"{what} at {self._address}, for {self._patience:g} seconds now "
                f"(--patience): {remedy}. {GOES_ON}"
            )

    def _send(self, flight):
        # What Dask knows by a key it does not compute again.
        again = f"-{flight.attempt}" if flight.attempt > 1 else ""
        try:
            flight.future = self._client.submit(
                grade,
                *(self._setup.token, json.dumps(asdict(flight.task))),
                key=f"{NAME}-{flight.task.key}{again}",
            )
        except RuntimeError as error:
            raise _LostError(str(error)) from None
        self._flying[flight.task.key] = flight
        flight.future.add_done_callback(self._landed.put)

    def _send_again(self, flight, alone=None):
        alone = flight.alone if alone is None else alone
        self._send(_Pending(flight.task, flight.attempt + 1, alone))

    def _come_in(self):
        """Yield tasks that have come back, with their outcome; or nothing for now."""
        try:
            future = self._landed.get(timeout=PULSE)
        except queue.Empty:
            interrupts.raise_if_lost()
            return
        flights = [one for one in self._flying.values() if one.future is future]
        # Of a connection that is no more, perhaps.
        if not flights:
            return
        (flight,) = flights
        outcome = self._outcome(flight)
        if outcome is None:
            return
        if "stop" in outcome:
            raise ExecutorError(outcome["stop"])
        if "other" in outcome:
            self._make_ready_again(outcome["other"])
            self._send_again(flight)
            return
        del self._flying[flight.task.key]
        if "suspect" in outcome:
            self._suspects.append(flight)
        else:
            yield flight.task, outcome

    def _outcome(self, flight):
        future = flight.future
        try:
            if future.status == "error":
                error = future.exception(timeout=ANSWER_SECONDS)
                if not isinstance(error, KilledWorker):
                    raise ExecutorError(
                        "A worker cannot grade: its answer was "
                        f"{type(error).__name__}: {error}\nIs the same version of the "
                        f"course installed there as here? {GOES_ON}"
                    )
                return _killed(error) if flight.alone else {"suspect": True}
            return future.result(timeout=ANSWER_SECONDS)
        except TimeoutError:
            # Its worker died before it could hand over what it had: it is graded anew.
            future.add_done_callback(self._landed.put)
            return None
        except (OSError, CancelledError) as error:
            raise _LostError(str(error)) from None

    def _make_ready_again(self, token):
        """Hand the setup out anew, where another grading has taken it away."""
        if token:
            # What is there now is not ours to take away.
            self._is_ready = False
            raise ExecutorError(
                "Another grading has taken over the workers at this address. A cluster "
                f"does one grading at a time. {GOES_ON}"
            )
        self._register()

    # --- connections ---

    def _connect(self):
        try:
            self._client = Client(
                self._address, timeout=CONNECT_SECONDS, set_as_default=False
            )
        except (OSError, ValueError) as error:
            raise _LostError(str(error)) from None
        self._examine()
        self._register()

    def _examine(self):
        """Ask each worker that is there whether it can grade."""
        course, is_safe = self._setup.course, self._setup.order.is_safe

        # Defined here, so that it travels as it is: a worker without the course, or
        # with an old one, can answer, too.
        def ask():
            import socket

            try:
                from grading.cluster import unfit

                return socket.gethostname(), unfit(course, is_safe)
            except Exception as error:
                return socket.gethostname(), (
                    f"this course is not installed there ({type(error).__name__}: "
                    f"{error}). Install the same version as here."
                )

        try:
            answers = self._client.run(ask, on_error="return")
        except (OSError, CancelledError) as error:
            raise _LostError(str(error)) from None
        problems = []
        for address, answer in answers.items():
            if isinstance(answer, OSError):
                # It is about to be found dead.
                continue
            if isinstance(answer, Exception):
                answer = "?", f"{type(answer).__name__}: {answer}"
            if answer[1]:
                problems.append(_cannot(address, *answer))
        if problems:
            raise ExecutorError("\n".join(problems))

    def _register(self):
        try:
            self._client.register_plugin(GradingPlugin(self._setup), name=NAME)
        except (OSError, CancelledError) as error:
            raise _LostError(str(error)) from None
        self._is_ready = True

    def _connect_again(self):
        """Find the scheduler again, and send anew whatever has no outcome yet."""
        self._disconnect()
        while True:
            self._miss("The scheduler does not answer", "start it again, with workers")
            try:
                self._connect()
                for flight in list(self._flying.values()):
                    self._send_again(flight)
                break
            except _LostError:
                self._disconnect()
                time.sleep(PULSE)
        self._say("The scheduler answers again.")
        self._missing_since = None

    def _disconnect(self, is_for_good=False):
        client, self._client = self._client, None
        if client is None:
            return
        with contextlib.suppress(Exception):
            if is_for_good and self._is_ready and client.status == "running":
                if self._flying:
                    # Nobody waits for them any more; without this they go on.
                    client.run(_end_at_once, self._setup.token)
                client.unregister_worker_plugin(NAME)
        with contextlib.suppress(Exception):
            client.close(timeout=CONNECT_SECONDS)


def _killed(error):
    deaths = 2 * (error.allowed_failures + 1)
    return {
        "problem": gettext(
            "Whichever worker graded it died, {count} in all, also when no other "
            "submission was being graded. So it was not graded: look at it by hand.",
            count=deaths,
        ),
        "is_deadly": True,
    }


def _loggers_below(name):
    return [
        one for one in logging.root.manager.loggerDict if one.startswith(f"{name}.")
    ]
