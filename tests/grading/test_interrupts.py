"""Signals that end a grading."""

import signal
import threading

import pytest

from grading import interrupts
from grading.executors import finished
from tests.support.signals import interruptible

pytest.importorskip("fcntl", reason="sandboxes need Linux")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_signal_is_heard_that_a_destructor_swallows():
    class Future:
        def __del__(self):
            signal.raise_signal(signal.SIGINT)

    with interruptible():
        before = signal.getsignal(signal.SIGINT)
        with interrupts.handled() as heard:
            Future()  # Python drops what is raised in it
            assert heard == [signal.SIGINT]
            with pytest.raises(KeyboardInterrupt):
                next(finished({}))
        assert signal.getsignal(signal.SIGINT) is before


def test_ignored_signals_stay_ignored_and_threads_set_none():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interrupts.handled() as heard:
            signal.raise_signal(signal.SIGHUP)
            assert heard == []
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)

    def set_none():
        with interrupts.handled():
            found.append(True)

    found = []
    thread = threading.Thread(target=set_none)
    thread.start()
    thread.join()
    assert found == [True]
