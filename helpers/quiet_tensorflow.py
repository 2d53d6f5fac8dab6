"""Import TensorFlow without its log messages about CPUs and GPUs.

TensorFlow writes them from C++, before it reads any setting, and students take them
for errors. So file descriptor 2 is redirected to the null device during the import.
Exceptions are raised as usual.
"""

import atexit
import contextlib
import logging
import os
import shutil
import tempfile

from helpers.files import check_writable, nearest_existing
from helpers.storage import user_folder


@contextlib.contextmanager
def _stderr_discarded():
    kept, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(null)


def use_writable_caches():
    """Set a cache folder for packages whose default one is read-only.

    UMAP cannot be imported without one; Matplotlib prints a warning each time.
    """
    for variable in ("NUMBA_CACHE_DIR", "MPLCONFIGDIR"):
        try:
            folder = user_folder(variable, "numba")
            check_writable(nearest_existing(folder.absolute()))
        except OSError:
            with contextlib.suppress(OSError):  # no temporary folder either
                os.environ[variable] = tempfile.mkdtemp(prefix="course-cache-")
                atexit.register(shutil.rmtree, os.environ[variable], True)


use_writable_caches()
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
with _stderr_discarded():
    import keras  # noqa: F401

# TensorFlow warns about retracing for each small model that a lesson trains.
logging.getLogger("tensorflow").setLevel(logging.ERROR)
