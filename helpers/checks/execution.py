"""What a check does to the process that it shares with the student's notebook.

Their code runs under a time limit, what it prints is kept for the card, and random
states, warnings and Keras' settings are afterwards as they were.
"""

import contextlib
import io
import random
import signal
import sys
import threading
import time
import warnings
from dataclasses import dataclass, field

import numpy as np
from IPython import get_ipython

MOST_PRINTED = 2_000
"""Characters of what the student's code prints; more is dropped."""


class OutOfTime(BaseException):
    """The time is over. Not an `Exception`, which the student's code may catch.

    Parameters
    ----------
    seconds : float
    """

    def __init__(self, seconds):
        super().__init__(seconds)
        self.seconds = seconds


class Printed(io.StringIO):
    """Keeps the beginning of what is printed."""

    def write(self, text):
        """Keep as much of the text as there is room for; return its length."""
        room = MOST_PRINTED - self.tell()
        super().write(text[: max(room, 0)])
        return len(text)


@dataclass
class Conditions:
    """How the student's code is called.

    Attributes
    ----------
    seconds : float or None
        By the clock, for one call. None where something else limits it.
    printed : Printed
    """

    seconds: float | None = None
    printed: Printed = field(default_factory=Printed)


_conditions = Conditions()


@contextlib.contextmanager
def in_a_notebook(seconds):
    """Limit each call below to some seconds; yield what the calls print."""
    global _conditions
    before, _conditions = _conditions, Conditions(seconds)
    try:
        yield _conditions.printed
    finally:
        _conditions = before


@contextlib.contextmanager
def as_called_by_a_check():
    """Keep prints and warnings out of the notebook, and Keras at its defaults.

    Raises
    ------
    OutOfTime
    """
    with (
        contextlib.redirect_stdout(_conditions.printed),
        warnings.catch_warnings(),
        np.errstate(all="ignore"),
        _exit_raises(),
        _default_precision(),
        _time_limit(_conditions.seconds),
    ):
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def _time_limit(seconds):
    """Raise `OutOfTime` below when the time is over.

    Where other programs keep the processor busy, it is over when the code has had half
    of its seconds, or has waited three times as long.

    On Windows it is raised when Python runs its next line: a `time.sleep` or a call of
    compiled code ends first. A student's bare `except:` in an endless loop catches it
    everywhere; then only a restart of the kernel helps.
    """
    if seconds is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    started, worked_before = time.monotonic(), time.process_time()

    def stop(*_):
        has_worked = time.process_time() - worked_before > seconds / 2
        if has_worked or time.monotonic() - started > 3 * seconds:
            raise OutOfTime(seconds)

    before = signal.signal(_ALARM, stop)
    disarm = _ring_every_second(seconds)
    try:
        yield
    finally:
        disarm()
        signal.signal(_ALARM, before)


def _ring_every_second(first):
    """Send the alarm after `first` seconds, then each second; return what ends that."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, first, 1)
        return lambda: signal.setitimer(signal.ITIMER_REAL, 0)
    is_over = threading.Event()

    def ring():
        seconds = first
        while not is_over.wait(seconds):
            signal.raise_signal(_ALARM)
            seconds = 1

    threading.Thread(target=ring, daemon=True).start()
    return is_over.set


_ALARM = getattr(signal, "SIGALRM", None) or signal.SIGBREAK


@contextlib.contextmanager
def _exit_raises():
    """Let IPython's `exit` and `quit` raise SystemExit, and not end the kernel."""
    shell = get_ipython()
    if shell is None:
        yield
        return

    def ask_exit():
        raise SystemExit

    shell.ask_exit = ask_exit
    try:
        yield
    finally:
        with contextlib.suppress(AttributeError):
            del shell.ask_exit


@contextlib.contextmanager
def _default_precision():
    """Compute in float32, whatever policy the notebook has set."""
    keras = sys.modules.get("keras")
    if keras is None:
        yield
        return
    policy, floatx = keras.config.dtype_policy(), keras.config.floatx()
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")
    try:
        yield
    finally:
        keras.config.set_floatx(floatx)
        keras.config.set_dtype_policy(policy)


@contextlib.contextmanager
def random_states_kept():
    """Leave the random states of Python, NumPy, Keras and TensorFlow as they were."""
    python, numpy = random.getstate(), np.random.get_state()
    with _keras_state_kept(), _tensorflow_state_kept():
        try:
            yield
        finally:
            random.setstate(python)
            np.random.set_state(numpy)


@contextlib.contextmanager
def _keras_state_kept():
    """Keep the generator behind `keras.random`, which has no public name."""
    if "keras" not in sys.modules:
        yield
        return
    from keras.src.backend.common import global_state

    generator = global_state.get_global_attribute("global_seed_generator")
    state = None if generator is None else np.array(generator.state)
    try:
        yield
    finally:
        global_state.set_global_attribute("global_seed_generator", generator)
        if generator is not None:
            generator.state.assign(state)


@contextlib.contextmanager
def _tensorflow_state_kept():
    """Keep what TensorFlow draws the seeds of its operations from."""
    module = sys.modules.get("tensorflow.python.eager.context")
    context = module.context() if module else None
    if getattr(context, "_rng", None) is None:
        yield
        return
    seed, generator, state = context._seed, context._rng, context._rng.getstate()
    try:
        yield
    finally:
        is_used = context._rng is not generator or generator.getstate() != state
        generator.setstate(state)
        context._seed, context._rng = seed, generator
        if is_used:
            # An operation with the same seed would go on where the last one stopped.
            context.clear_kernel_cache()
