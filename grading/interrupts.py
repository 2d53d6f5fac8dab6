"""End a grading cleanly on Ctrl-C, `kill` or a closed terminal."""

import contextlib
import signal
import threading

SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")

_received = []


class Interrupted(KeyboardInterrupt):
    """A signal asked this process to end.

    Parameters
    ----------
    number : int
        The signal's number.
    """

    def __init__(self, number):
        super().__init__(number)
        self.number = number


@contextlib.contextmanager
def handled():
    """Raise `Interrupted` at the first signal, and ignore later ones.

    Signals that are ignored already, as under `nohup`, stay ignored.

    Yields
    ------
    list of int
        Empty, or the number of the signal that was received.
    """
    _received.clear()
    if threading.current_thread() is not threading.main_thread():
        yield _received
        return

    def handle(number, frame):
        if not _received:
            _received.append(number)
            raise Interrupted(number)

    numbers = [getattr(signal, name) for name in SIGNALS if hasattr(signal, name)]
    before = {
        number: signal.signal(number, handle)
        for number in numbers
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield _received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def raise_if_lost():
    """Raise `Interrupted` again if its exception was lost.

    Python drops exceptions in destructors, and a signal may arrive during one.
    """
    if _received:
        raise Interrupted(_received[0])
