"""Prepare for the packages of a lesson, and start TensorFlow.

It starts without its page of notes on CPUs and GPUs.

TensorFlow writes them past Python, before any setting of its own is read, and
a student who meets them in the first cell thinks that something broke. So
while it is imported, file descriptor 2 points to nowhere. Errors still arrive:
they are Python exceptions.
"""

import atexit
import contextlib
import logging
import os
import shutil
import tempfile

from helpers.files import existing, try_to_write
from helpers.storage import user_folder


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


def use_writable_caches():
    """Give packages that must cache something a folder, where theirs is read-only.

    UMAP cannot be imported without one; Matplotlib prints a warning each time.
    """
    for variable in ("NUMBA_CACHE_DIR", "MPLCONFIGDIR"):
        try:
            folder = user_folder(variable, "numba")
            try_to_write(existing(folder.absolute()))
        except OSError:
            with contextlib.suppress(OSError):  # no temporary folder either
                os.environ[variable] = tempfile.mkdtemp(prefix="course-cache-")
                atexit.register(shutil.rmtree, os.environ[variable], True)


use_writable_caches()
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
with _stderr_to_nowhere():
    import keras  # noqa: F401

# A lesson that trains ten small models is told ten times that it should not.
logging.getLogger("tensorflow").setLevel(logging.ERROR)
