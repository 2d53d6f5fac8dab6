"""Ctrl-C, a closed terminal, `kill`: each ends a grading in good order."""

import contextlib
import signal
import threading

ENDING = ("SIGINT", "SIGTERM", "SIGHUP")

_heard = []


class Interrupted(KeyboardInterrupt):
    """A signal that is to end the grading has come.

    Parameters
    ----------
    number : int
        The signal's.
    """

    def __init__(self, number):
        super().__init__(number)
        self.number = number


@contextlib.contextmanager
def heard():
    """Raise `Interrupted` at the first signal; those after it change nothing.

    A signal that is ignored stays so: `nohup` asks for that.

    Yields
    ------
    list of int
        The number of the signal that has come, if one has.
    """
    _heard.clear()
    if threading.current_thread() is not threading.main_thread():
        yield _heard
        return

    def hear(number, frame):
        if not _heard:
            _heard.append(number)
            raise Interrupted(number)

    numbers = [getattr(signal, name) for name in ENDING if hasattr(signal, name)]
    before = {
        number: signal.signal(number, hear)
        for number in numbers
        if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield _heard
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def raise_if_lost():
    """Raise `Interrupted` if a signal has come and its exception got lost.

    Python drops what is raised in a destructor, and a signal may come in one.
    """
    if _heard:
        raise Interrupted(_heard[0])
