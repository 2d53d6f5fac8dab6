"""Imports what lessons import, once, and forks for each submission.

No submitted code ever runs in this process. Each fork lives behind walls of its
own (`grading.inside.isolation`), gets nothing but the socket to the judge, and is
gone before the next one starts.

    python -m grading.inside.zygote CONTROL_SOCKET_FD LIMITS_AS_JSON EXERCISES_AS_JSON
"""

import contextlib
import gc
import importlib
import json
import os
import resource
import signal
import socket
import sys
import tempfile

os.environ.setdefault("MPLBACKEND", "agg")

import helpers.quiet_tensorflow  # noqa: F401, I001

import IPython.core.interactiveshell  # noqa: F401
import matplotlib.pyplot  # noqa: F401

from grading.inside import stubs, worker, threads, isolation

# What is imported here costs a submission nothing.
for _name in (
    "helpers",
    "helpers.baselines",
    "helpers.data",
    "helpers.metrics",
    "helpers.my_ratings",
    "helpers.plots",
    "helpers.ranking",
    "helpers.scoreboard",
    "helpers.splits",
    "helpers.bands",
    "sklearn.metrics",
    "sklearn.linear_model",
):
    importlib.import_module(_name)


def main(control, limits, exercises):
    """Serve until the judge hangs up.

    Parameters
    ----------
    control : socket.socket
        Each message comes with the socket of a submission to start, or asks to
        end the one that runs.
    limits : dict
        See `grading.inside.isolation.fork_behind_walls`.
    exercises : dict
        See `grading.inside.stubs.install`.
    """
    # However the grader was started: some shells ignore interrupts in the background.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # The limit of the process that runs the checks; each fork gets its own.
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    stubs.install(exercises)
    threads.replace_processes()
    if limits["walls"]:
        isolation.hide_from_forks()
    gc.freeze()
    child = folder = None
    control.sendall(b"ready\n")
    while True:
        message, sockets, _, _ = socket.recv_fds(control, 16, 1)
        if not message:
            if child is not None:
                _end(child)
            return
        if child is not None:
            _end(child)
            child = None
        if folder is not None:
            folder.cleanup()
            folder = None
        if not sockets:
            control.sendall(b"ended\n")
            continue
        line = sockets[0]
        if not limits["walls"]:
            # Behind walls, a submission has a folder of its own anyway.
            folder = tempfile.TemporaryDirectory(prefix="neural-recsys-submission-")

        def run(line=line, folder=folder):
            if folder is not None:
                os.chdir(folder.name)
            control.close()
            _be_quiet()
            worker.serve(socket.socket(fileno=line))

        try:
            fork = (
                isolation.fork_behind_walls
                if limits["walls"]
                else isolation.fork_plainly
            )
            child = fork(run, limits)
            answer = b"started\n"
        except OSError as error:
            answer = f"refused {error}\n".encode()
        os.close(line)
        control.sendall(answer)


def _end(child):
    """Kill a fork, and wait: the kernel then ends everything it has started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def _be_quiet():
    """Whatever is printed goes nowhere, however much it is."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    os.close(nowhere)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])), *map(json.loads, sys.argv[2:4]))
