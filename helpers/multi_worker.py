"""Run a function in several processes that connect to each other.

All processes end with the call: after an error, after a worker has died or hung, after
an interrupt, and with this process itself. (A worker's standard input is a pipe from
this process; a worker exits when it closes.)
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

from helpers.files import write_bytes
from helpers.i18n import gettext

COURSE = Path(__file__).parent.parent
LOOPBACK = "127.0.0.1"
LAST_LINES = 12
DEATH_SHOWS_WITHIN = 2  # seconds; 0.02 were measured, with two cores to spare


class WorkerError(RuntimeError):
    """A worker failed, died or took too long; `worker` is its number, from 0."""

    def __init__(self, worker, reason):
        super().__init__(reason)
        self.worker = worker


def run_workers(function, *arguments, n_workers=2, restarts=0, timeout=300):
    """Call a function in several processes at once, and return all results.

    Each worker finds the addresses of all in ``TF_CONFIG``, as TensorFlow's
    `MultiWorkerMirroredStrategy` expects them. What workers print is shown here, line
    by line.

    Parameters
    ----------
    function : callable
        Called as ``function(worker, *arguments)`` with the worker's number, from 0.
        cloudpickle sends it to the other process, with all functions and values of
        the notebook that it uses.
    *arguments : object
        Anything that can be pickled.
    n_workers : int
        They share the computer's cores.
    restarts : int
        How often to start all workers again, from the beginning, after one has *died*.
        After an exception of the function there is no restart.
    timeout : float
        Seconds, for all attempts together.

    Returns
    -------
    list
        The result of each worker, in order.

    Raises
    ------
    WorkerError
        If a worker raised an exception, died, or did not finish in time.
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
                return _run_once(task, n_workers, deadline)
            except _WorkerDiedError as death:
                if restarts <= 0:
                    raise WorkerError(death.worker, str(death)) from None
                restarts -= 1
                print(gettext("{what} Starting all again.", what=death), flush=True)


class _WorkerDiedError(WorkerError):
    """A worker that ended without a result and without an exception."""


def _run_once(task, n_workers, deadline):
    started = []
    cores = max(1, (os.cpu_count() or 1) // n_workers)
    with contextlib.ExitStack() as stack:
        stack.callback(_end_all, started)
        addresses = [f"{LOOPBACK}:{port}" for port in _free_ports(n_workers)]
        for worker in range(n_workers):
            environment = _environment(worker, addresses, cores)
            errors = stack.enter_context(
                open(task.with_name(f"errors_{worker}"), "w+b")
            )
            command = [sys.executable, "-m", "helpers.multi_worker", str(task)]
            command.append(str(worker))
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
                start_new_session=True,  # an interrupt reaches this process alone
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
    """Return when all workers have a result; raise as soon as one cannot."""
    workers = range(len(started))
    while True:
        # Poll exit codes first: an exited worker has already written its result.
        codes = [process.poll() for process, _, _ in started]
        done = [n for n in workers if _file(task, "result", n).exists()]
        failed = [n for n in workers if _file(task, "error", n).exists()]
        for worker in workers:
            if codes[worker] is not None and worker not in {*done, *failed}:
                _, errors, _ = started[worker]
                reason = _how_it_died(worker, codes[worker], errors)
                raise _WorkerDiedError(worker, reason)
        # A killed process closes its sockets before it can be waited for, so wait
        # before reporting the failure of a worker that was connected to it.
        if failed:
            deadline = min(deadline, time.monotonic() + DEATH_SHOWS_WITHIN)
        all_are_done = len(done) + len(failed) == len(started)
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
            worker = min(set(workers) - set(done))
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
    """Return n different ports that are free now."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(n)]
        for each in sockets:
            each.bind((LOOPBACK, 0))
        return [each.getsockname()[1] for each in sockets]


def _environment(worker, addresses, cores):
    # The workers import from the same places as this process.
    path = [str(COURSE), *sys.path]
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(filter(None, path)),
        "PYTHONIOENCODING": "utf-8",
        "CUDA_VISIBLE_DEVICES": "-1",  # two processes cannot share a GPU
        "TF_NUM_INTRAOP_THREADS": str(cores),
        "TF_NUM_INTEROP_THREADS": str(cores),
    }
    # gRPC would connect through a web proxy. It reads `no_proxy` only where
    # `no_grpc_proxy` is not set.
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


def _exit_with_parent():
    """Exit as soon as the other end of standard input is closed."""

    def wait():
        sys.stdin.buffer.read()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def _work(task, worker, quiet):
    """Run the function as one worker, and write its result or its traceback."""
    _exit_with_parent()
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
    write_bytes(_file(task, kind, worker), content)
    # Stay alive until the parent ends us: other workers would fail too, and hide the
    # cause.
    threading.Event().wait()


if __name__ == "__main__":
    _work(Path(sys.argv[1]), int(sys.argv[2]), "quiet" in sys.argv[3:])
