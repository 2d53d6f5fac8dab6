"""Run submissions on the workers of a Dask cluster.

A plugin in each worker starts the runners. Cells are sent to a worker as text, and
marks come back. Only this process writes records, so a submission that has a record
is never sent again, and one that was lost with a worker has none.

Dask moves the tasks of a dead worker to another one, and gives a task up after several
deaths. It cannot tell which task killed the worker, so a task that Dask gives up is
sent again while nothing else is being graded.
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
    """What a worker needs before it can grade.

    Attributes
    ----------
    config : grading.batch.GradingConfig
    files : dict of str to bytes
        An instructor's own checks, see `grading.instructor_checks.pack`.
    course : str
        The digest of the course's code that decides about points.
    language : str
        The language of the feedback.
    """

    config: object
    files: dict
    course: str
    language: str

    @property
    def token(self):
        """str : a digest that identifies this setup."""
        return hashlib.sha256(
            json.dumps([asdict(self.config), self.course, self.language]).encode()
        ).hexdigest()


# --- in the worker ---


class GradingPlugin(WorkerPlugin):
    """The grading state of a worker; Dask installs it on workers that join later, too.

    Parameters
    ----------
    setup : Setup
    """

    name = NAME

    def __init__(self, setup):
        self._setup = setup
        self.token = setup.token
        self.problem = ""
        self.pool = None

    def setup(self, worker):
        """Prepare the worker, and keep any problem for the answer to the first task."""
        # In its own directory, Dask cleans up after killed workers.
        self._folder = tempfile.TemporaryDirectory(
            dir=worker.local_directory, ignore_cleanup_errors=True
        )
        checks = None
        try:
            config = self._setup.config
            self.problem = unfit(self._setup.course, config.is_safe)
            if self._setup.files:
                checks = Path(self._folder.name)
                instructor_checks.unpack(self._setup.files, checks)
        except Exception as error:
            self.problem = f"it does not get ready ({type(error).__name__}: {error})"
        self._language = patch.dict(os.environ, COURSE_LANG=self._setup.language)
        self._language.start()
        self.pool = SandboxPool(self._setup.config, checks)

    def teardown(self, worker):
        """End the runners, and restore the process's environment."""
        self.pool.close()
        self._language.stop()
        self._folder.cleanup()


def unfit(course, is_safe):
    """Return the reason why this computer cannot grade.

    Parameters
    ----------
    course : str
        The required digest of the course.
    is_safe : bool
        Whether a sandbox is required.

    Returns
    -------
    str : empty if it can grade
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
    """Grade one submission in the worker.

    Parameters
    ----------
    token : str
        The token of the expected setup.
    task : str
        A `grading.executors.Task` as JSON.

    Returns
    -------
    dict
        An outcome, see `grading.executors`; or ``{"other": token}`` with the token of
        the setup that the worker has instead, empty if it has none.
    """
    worker = get_worker()
    plugin = worker.plugins.get(NAME)
    if plugin is None or plugin.token != token:
        return {"other": plugin.token if plugin else ""}
    if plugin.problem:
        return {"stop": _cannot(worker.address, socket.gethostname(), plugin.problem)}
    outcome = plugin.pool.grade(Task(**json.loads(task)))
    if "stop" in outcome:
        outcome["stop"] = _cannot(worker.address, socket.gethostname(), outcome["stop"])
    return outcome


def _end_at_once(token, dask_worker):
    """End the runners of a worker immediately."""
    plugin = dask_worker.plugins.get(NAME)
    if plugin is not None and plugin.token == token and plugin.pool is not None:
        plugin.pool.close(at_once=True)


def _cannot(address, host, problem):
    return f"The worker {address} ({host}) cannot grade: {problem}\n{GOES_ON}"


# --- in the client ---


class _LostError(Exception):
    """The connection to the scheduler is lost, or could not be made."""


@dataclass
class _Pending:
    """A submission that was sent and has no outcome yet."""

    task: object
    attempt: int = 1
    alone: bool = False
    future: object = None


class Cluster:
    """An executor that uses the workers of a Dask cluster.

    Parameters
    ----------
    config : grading.batch.GradingConfig
    address : str
        The scheduler's address, ``"tcp://host:8786"``.
    checks : pathlib.Path, optional
        The folder of an instructor's own checks, which this process has loaded.
    patience : float
        Seconds to wait for a scheduler or a worker to come back.
    say : callable
        Gets progress messages.

    Raises
    ------
    grading.submissions.Rejected
        If the checks are too large to send.
    """

    def __init__(
        self, config, address, checks=None, patience=300, say=lambda text: None
    ):
        self._setup = Setup(
            config, instructor_checks.pack(checks), digest_of_checks(), language()
        )
        self._address = address
        self._patience, self._say = patience, say
        self._client = None
        self._pending, self._suspects = {}, []
        self._finished = queue.SimpleQueue()
        self._missing_since = None
        self._is_ready = False

    def grade(self, tasks):
        """Grade tasks.

        Parameters
        ----------
        tasks : iterable of grading.executors.Task

        Yields
        ------
        (grading.executors.Task, dict) : a task and its outcome, as soon as it is there

        Raises
        ------
        ExecutorError
            If there is no scheduler or no worker, or if a worker cannot grade.
        """
        for name in list(logging.root.manager.loggerDict):
            if name.partition(".")[0] == "distributed":
                # `say` reports a death once; Dask would log all its consequences, too.
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
        while ahead or self._pending or self._suspects:
            try:
                room = self._room()
                # Send no more tasks than there are threads, so that every task that is
                # lost with a worker was running there, not waiting.
                while ahead and self._may_send(ahead, room):
                    self._send(_Pending(ahead, alone=ahead.alone))
                    ahead = next(tasks, None)
                if self._suspects and room and not ahead and not self._pending:
                    self._send_again(self._suspects[0], alone=True)
                    del self._suspects[0]
                yield from self._receive()
            except _LostError:
                self._connect_again()

    def _may_send(self, task, room):
        is_one_alone = any(pending.alone for pending in self._pending.values())
        if task.alone:
            return room > 0 and not self._pending
        return len(self._pending) < room and not is_one_alone

    def _room(self):
        """Return how many threads the workers have, and report it if there are none."""
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

    def _send(self, pending):
        # Dask does not compute a key twice, so a second attempt needs another key.
        again = f"-{pending.attempt}" if pending.attempt > 1 else ""
        try:
            pending.future = self._client.submit(
                grade,
                *(self._setup.token, json.dumps(asdict(pending.task))),
                key=f"{NAME}-{pending.task.key}{again}",
            )
        except RuntimeError as error:
            raise _LostError(str(error)) from None
        self._pending[pending.task.key] = pending
        pending.future.add_done_callback(self._finished.put)

    def _send_again(self, pending, alone=None):
        alone = pending.alone if alone is None else alone
        self._send(_Pending(pending.task, pending.attempt + 1, alone))

    def _receive(self):
        """Yield a finished task with its outcome, or nothing yet."""
        try:
            future = self._finished.get(timeout=PULSE)
        except queue.Empty:
            interrupts.raise_if_lost()
            return
        pending = next(
            (sent for sent in self._pending.values() if sent.future is future), None
        )
        if pending is None:  # a future of an earlier connection
            return
        outcome = self._outcome(pending)
        if outcome is None:
            return
        if "stop" in outcome:
            raise ExecutorError(outcome["stop"])
        if "other" in outcome:
            self._make_ready_again(outcome["other"])
            self._send_again(pending)
            return
        del self._pending[pending.task.key]
        if "suspect" in outcome:
            self._suspects.append(pending)
        else:
            yield pending.task, outcome

    def _outcome(self, pending):
        future = pending.future
        try:
            if future.status == "error":
                error = future.exception(timeout=ANSWER_SECONDS)
                if not isinstance(error, KilledWorker):
                    raise ExecutorError(
                        "A worker cannot grade: its answer was "
                        f"{type(error).__name__}: {error}\nIs the same version of the "
                        f"course installed there as here? {GOES_ON}"
                    )
                return _killed(error) if pending.alone else {"suspect": True}
            return future.result(timeout=ANSWER_SECONDS)
        except TimeoutError:
            # The worker died before it delivered the result: Dask computes it again.
            future.add_done_callback(self._finished.put)
            return None
        except (OSError, CancelledError) as error:
            raise _LostError(str(error)) from None

    def _make_ready_again(self, token):
        """Install the setup again where another grading has removed it."""
        if token:
            # The workers now have another grading's setup: do not remove it.
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
        """Ask each worker whether it can grade."""
        course, is_safe = self._setup.course, self._setup.config.is_safe

        # A local function is pickled by value, so a worker can run it even without
        # the course, or with an old version of it.
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
                # The worker is dead, and the scheduler will notice soon.
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
        """Reconnect to the scheduler, and send all pending tasks again."""
        self._disconnect()
        while True:
            self._miss("The scheduler does not answer", "start it again, with workers")
            try:
                self._connect()
                for pending in list(self._pending.values()):
                    self._send_again(pending)
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
                if self._pending:
                    # Without this, the workers would go on with abandoned tasks.
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
