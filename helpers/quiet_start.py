"""Start TensorFlow without its page of notes on CPUs and GPUs.

TensorFlow writes them past Python, before any setting of its own is read, and
a student who meets them in the first cell thinks that something broke. So
while it is imported, file descriptor 2 points to nowhere. Errors still arrive:
they are Python exceptions.
"""

import contextlib
import logging
import os


@contextlib.contextmanager
def _stderr_to_nowhere():
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
with _stderr_to_nowhere():
    import keras  # noqa: F401

# A lesson that trains ten small models is told ten times that it should not.
logging.getLogger("tensorflow").setLevel(logging.ERROR)
