"""Start a function in several processes that find each other, and end them all.

What starts here ends here, whatever happens: an error, a worker that dies or hangs, the
stop button, even the end of this process. (A worker's standard input is a pipe from
here; when that closes, the worker leaves.)
"""

import contextlib
import json
import os
import pickle
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import cloudpickle

from helpers.i18n import gettext

COURSE = Path(__file__).parent.parent
LOOPBACK = "127.0.0.1"
LAST_LINES = 12
DEATH_SHOWS_WITHIN = 2  # seconds; 0.02 were measured, with two cores to spare


class WorkerError(RuntimeError):
    """A worker failed, died or took too long; the text says which, and why.

    Attributes
    ----------
    worker : int
        Which one, from 0.
    """

    def __init__(self, worker, reason):
        super().__init__(reason)
        self.worker = worker


def run_workers(function, *arguments, n_workers=2, cores=None, restarts=0, timeout=300):
    """Call a function in several processes at once, and return all their answers.

    Each worker finds the addresses of all in ``TF_CONFIG``, as TensorFlow's
    `MultiWorkerMirroredStrategy` expects them. What workers print is shown here, line
    by line.

    Parameters
    ----------
    function : callable
        Called as ``function(worker, *arguments)`` with the worker's number, from 0. It
        travels to the other process, one of a notebook too, with all the functions
        and values of the notebook that it uses.
    *arguments : object
        Anything that can be pickled.
    n_workers : int
    cores : int, optional
        How many each of them may compute on; by default they share all there are.
    restarts : int
        How often to start all of them again, from the beginning, when one has *died*.
        An error of the function's own is not tried again.
    timeout : float
        Seconds, for all attempts together.

    Returns
    -------
    list
        What each worker returned, in their order.

    Raises
    ------
    WorkerError
        If a worker raised an error, died, or did not come to an end in time.
    ValueError
        If `n_workers` is less than 1.
    """
    if n_workers < 1:
        raise ValueError(
            gettext("n_workers should be 1 or more; it is {n}.", n=n_workers)
        )
    deadline = time.monotonic() + timeout
    while True:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            task = Path(folder, "task.pkl")
            task.write_bytes(cloudpickle.dumps((function, arguments)))
            try:
                return _run_once(task, n_workers, cores, deadline)
            except _WorkerDiedError as death:
                if restarts <= 0:
                    raise WorkerError(death.worker, str(death)) from None
                restarts -= 1
                print(gettext("{what} Starting all again.", what=death), flush=True)


class _WorkerDiedError(WorkerError):
    """It ended without an answer and without an error of its own."""


def _run_once(task, n_workers, cores, deadline):
    started = []
    cores = cores or max(1, (os.cpu_count() or 1) // n_workers)
    with contextlib.ExitStack() as stack:
        stack.callback(_end_all, started)
        addresses = [f"{LOOPBACK}:{port}" for port in _free_ports(n_workers)]
        for worker in range(n_workers):
            environment = _environment(worker, addresses, cores)
            errors = stack.enter_context(
                open(task.with_name(f"errors_{worker}"), "w+b")
            )
            command = [
                sys.executable,
                "-m",
                "helpers.multi_worker",
                str(task),
                str(worker),
            ]
            if "helpers.quiet_tensorflow" in sys.modules:
                command.append("quiet")
            process = subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,  # the stop button ends them by us alone
            )
            shown = threading.Thread(target=_show, args=(process.stdout,), daemon=True)
            shown.start()
            started.append((process, errors, shown))
        _wait_for_all(started, task, deadline)
    return [
        pickle.loads(_file(task, "result", worker).read_bytes())
        for worker in range(n_workers)
    ]


def _wait_for_all(started, task, deadline):
    """Return when all have answered; raise as soon as one will not."""
    everybody = range(len(started))
    while True:
        # Deaths before answers: who has ended has written all that it ever will.
        codes = [process.poll() for process, _, _ in started]
        answered = [one for one in everybody if _file(task, "result", one).exists()]
        failed = [one for one in everybody if _file(task, "error", one).exists()]
        for worker in everybody:
            if codes[worker] is not None and worker not in {*answered, *failed}:
                _, errors, _ = started[worker]
                reason = _how_it_died(worker, codes[worker], errors)
                raise _WorkerDiedError(worker, reason)
        # A partner sees the closed connections of a process that is being killed, and
        # fails, before the system says to us that it has died: so nobody is to blame
        # as long as that may still come.
        if failed:
            deadline = min(deadline, time.monotonic() + DEATH_SHOWS_WITHIN)
        all_are_done = len(answered) + len(failed) == len(started)
        is_late = time.monotonic() > deadline
        if failed and (all_are_done or is_late):
            worker = failed[0]
            raise WorkerError(
                worker,
                gettext(
                    "Worker {worker} stopped with an error, and all were ended.\n"
                    "{reason}",
                    worker=worker,
                    reason=_file(task, "error", worker).read_text(encoding="utf-8"),
                ),
            )
        if all_are_done:
            return
        if is_late:
            worker = min(set(everybody) - set(answered))
            raise WorkerError(
                worker,
                gettext(
                    "Worker {worker} did not come to an end in time, and all were "
                    "ended. Is it waiting for another one? `timeout=` gives more time.",
                    worker=worker,
                ),
            )
        time.sleep(0.05)


def _how_it_died(worker, code, errors):
    if code < 0:
        with contextlib.suppress(ValueError):
            return gettext(
                "Worker {worker} was killed ({signal}).",
                worker=worker,
                signal=signal.Signals(-code).name,
            )
    errors.seek(0)
    lines = errors.read().decode("utf-8", "replace").splitlines()
    return gettext(
        "Worker {worker} ended with code {code}. Its last lines:\n{lines}",
        worker=worker,
        code=code,
        lines="\n".join(lines[-LAST_LINES:]),
    )


def _end_all(started):
    for process, _, _ in started:
        if process.poll() is None:
            process.kill()
    for process, _, shown in started:
        process.wait()
        shown.join(timeout=5)
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                pipe.close()


def _show(lines):
    for line in lines:
        print(line, end="", flush=True)


def _free_ports(n):
    """Let the system choose ports, all of them before the first is given back."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(n)]
        for one in sockets:
            one.bind((LOOPBACK, 0))
        return [one.getsockname()[1] for one in sockets]


def _environment(worker, addresses, cores):
    # What can be imported here can be imported there.
    path = [str(COURSE), *sys.path]
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(filter(None, path)),
        "PYTHONIOENCODING": "utf-8",
        "CUDA_VISIBLE_DEVICES": "-1",  # two processes cannot share one
        "TF_NUM_INTRAOP_THREADS": str(cores),
        "TF_NUM_INTEROP_THREADS": str(cores),
    }
    # gRPC would look for the others behind a web proxy. Where this variable is set, it
    # reads no other one of exceptions.
    exceptions = environment.get("no_grpc_proxy") or environment.get("no_proxy")
    environment["no_grpc_proxy"] = ",".join(filter(None, [exceptions, LOOPBACK]))
    if len(addresses) > 1:
        environment["TF_CONFIG"] = json.dumps(
            {
                "cluster": {"worker": addresses},
                "task": {"type": "worker", "index": worker},
            }
        )
    return environment


def _file(task, kind, worker):
    return task.with_name(f"{kind}_{worker}")


def _leave_with_parent():
    """Leave as soon as nobody holds the other end of standard input."""

    def wait():
        sys.stdin.buffer.read()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def _work(task, worker, quiet):
    """Be one of the workers: what the other process starts."""
    _leave_with_parent()
    if quiet:
        import helpers.quiet_tensorflow  # noqa: F401
    try:
        function, arguments = cloudpickle.loads(task.read_bytes())
        content, kind = pickle.dumps(function(worker, *arguments)), "result"
    except Exception as error:
        import traceback

        lines = traceback.format_exception(error)[-LAST_LINES:]
        content, kind = "".join(lines).encode(), "error"
    sys.stdout.flush()
    unfinished = _file(task, "unfinished", worker)
    unfinished.write_bytes(content)
    unfinished.replace(_file(task, kind, worker))
    # The others may still need something of this one, or die of its end and hide why
    # it failed; who started it knows when not.
    threading.Event().wait()


if __name__ == "__main__":
    _work(Path(sys.argv[1]), int(sys.argv[2]), "quiet" in sys.argv[3:])
