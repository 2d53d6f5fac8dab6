"""Import the lessons' dependencies once, and fork for each submission.

No submitted code ever runs in this process. Each fork is isolated
(`grading.inside.isolation`), gets only the socket to the runner, and has ended before
the next one starts.

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

from grading.inside import isolation, stubs, threads, worker

PRELOADED = (
    "helpers.quiet_tensorflow",
    "IPython.core.completerlib",
    "IPython.core.interactiveshell",
    "IPython.core.magics",
    "matplotlib.pyplot",
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
    "sklearn.pipeline",
)
"""Modules to import here, which saves the time in each submission."""


def main(control, limits, exercises):
    """Serve requests until the runner closes the socket.

    Parameters
    ----------
    control : socket.socket
        Each message carries the socket of a submission to start, or asks to end the
        running one.
    limits : dict
        See `grading.inside.isolation.fork_isolated`; ``preload``: whether to import
        the lessons' dependencies before the first submission.
    exercises : dict
        See `grading.inside.stubs.install`.
    """
    # Some shells ignore interrupts in background processes.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # Remove the limit inherited from the runner; each fork gets its own.
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    if limits["preload"]:
        for name in PRELOADED:
            importlib.import_module(name)
    stubs.install(exercises)
    threads.replace_processes()
    if limits["isolated"]:
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
        pipe = sockets[0]
        if not limits["isolated"]:
            # An isolated submission has its own /work.
            folder = tempfile.TemporaryDirectory(prefix="neural-recsys-submission-")

        def run(pipe=pipe, folder=folder):
            if folder is not None:
                os.chdir(folder.name)
            control.close()
            _discard_output()
            worker.serve(socket.socket(fileno=pipe))

        is_isolated = limits["isolated"]
        fork = isolation.fork_isolated if is_isolated else isolation.fork_plainly
        try:
            child = fork(run, limits)
            answer = b"started\n"
        except OSError as error:
            answer = f"refused {error}\n".encode()
        os.close(pipe)
        control.sendall(answer)


def _end(child):
    """Kill a fork and wait for it; the kernel ends all that it has started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def _discard_output():
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    os.close(nowhere)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])), *map(json.loads, sys.argv[2:4]))
