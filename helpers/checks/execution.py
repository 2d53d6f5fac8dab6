"""Execute the student's code inside a check.

The code runs under a time limit, and its output is captured. Random states, warnings
and Keras' settings are restored afterwards.
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
"""Characters of captured output; the rest is dropped."""


class OutOfTime(BaseException):
    """The time limit is reached.

    Not an `Exception`, as the student's code may catch those.

    Parameters
    ----------
    seconds : float
    """

    def __init__(self, seconds):
        super().__init__(seconds)
        self.seconds = seconds


class Printed(io.StringIO):
    """A text stream that keeps the beginning of what is written."""

    def write(self, text):
        """Keep as much of the text as fits; return its full length."""
        room = MOST_PRINTED - self.tell()
        super().write(text[: max(room, 0)])
        return len(text)


@dataclass
class Conditions:
    """The conditions under which the student's code is called.

    Attributes
    ----------
    seconds : float or None
        Time limit for one call; None in the grader, which has limits of its own.
    printed : Printed
    """

    seconds: float | None = None
    printed: Printed = field(default_factory=Printed)


_conditions = Conditions()


@contextlib.contextmanager
def in_a_notebook(seconds):
    """Limit the time of each call in this context; yield the captured output."""
    global _conditions
    before, _conditions = _conditions, Conditions(seconds)
    try:
        yield _conditions.printed
    finally:
        _conditions = before


@contextlib.contextmanager
def as_called_by_a_check():
    """Capture output, silence warnings, and use Keras' default settings.

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
    """Raise `OutOfTime` in this context when the limit is reached.

    On a busy computer the limit counts once the code has used half of its seconds as
    CPU time, or three times its seconds have passed.

    On Windows it is raised when Python executes its next line, after a `time.sleep` or
    a call of compiled code has returned. A bare `except:` in an endless loop catches it
    on every system; then only a restart of the kernel helps.
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
    cancel = _signal_every_second(seconds)
    try:
        yield
    finally:
        cancel()
        signal.signal(_ALARM, before)


def _signal_every_second(first):
    """Send the signal after `first` seconds, then each second; return a stop function."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, first, 1)
        return lambda: signal.setitimer(signal.ITIMER_REAL, 0)
    is_over = threading.Event()

    def send():
        seconds = first
        while not is_over.wait(seconds):
            signal.raise_signal(_ALARM)
            seconds = 1

    threading.Thread(target=send, daemon=True).start()
    return is_over.set


_ALARM = getattr(signal, "SIGALRM", None) or signal.SIGBREAK


@contextlib.contextmanager
def _exit_raises():
    """Let IPython's `exit` and `quit` raise SystemExit instead of ending the kernel."""
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
    """Compute in float32, regardless of the notebook's dtype policy."""
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
    """Restore the random states of Python, NumPy, Keras and TensorFlow afterwards."""
    python, numpy = random.getstate(), np.random.get_state()
    with _keras_state_kept(), _tensorflow_state_kept():
        try:
            yield
        finally:
            random.setstate(python)
            np.random.set_state(numpy)


@contextlib.contextmanager
def _keras_state_kept():
    """Restore the generator of `keras.random`, which has no public name."""
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
    """Restore the generator of the seeds of TensorFlow's operations."""
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
            # Cached operations with the same seed would continue their sequence.
            context.clear_kernel_cache()
