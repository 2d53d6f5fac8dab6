"""Signals for tests that are about them, however the tests themselves were started.

A shell starts what it puts into the background (`make test &`, `nohup make test`) with
interrupts ignored, and all that is started from there inherits it.
"""

import contextlib
import signal

import psutil

ENDING = [
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP")
    if hasattr(signal, name)
]


def listen():
    """Let a process be ended by signals; a `preexec_fn`."""
    for number in ENDING:
        signal.signal(number, signal.SIG_DFL)


@contextlib.contextmanager
def interruptible():
    """Let this process raise KeyboardInterrupt at SIGINT, as in a terminal."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def ended(process):
    """End a process, and all that it has started, however the test ends."""
    try:
        yield process
    finally:
        kill_all(process)


def kill_all(process):
    """End a process and what it has started, as a power cut would."""
    if process.poll() is not None:  # by now its number may be somebody else's
        return
    with contextlib.suppress(psutil.Error):
        for child in psutil.Process(process.pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                child.kill()
    process.kill()
    process.wait()
