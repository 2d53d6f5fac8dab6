"""A small competition, made once for all tests of a process."""

import functools
import tempfile
from pathlib import Path

from competition import making

SECRET = "a secret for tests, not to be guessed"
SHAPE = {"n_users": 240, "n_movies": 300, "n_ratings": 12_000}
HOME = tempfile.TemporaryDirectory(prefix="competition-")


@functools.cache
def small_folder():
    """Return the folder of a competition; do not write into it."""
    folder = Path(HOME.name)
    made = making.make(SECRET, shape=SHAPE, with_hybrid=False)
    making.write(made, folder)
    return folder


@functools.cache
def small():
    """Return the competition as the leaderboard reads it."""
    return making.read(small_folder())
