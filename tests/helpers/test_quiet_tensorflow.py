"""TensorFlow starts in silence, and what goes wrong afterwards is still heard."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from helpers import quiet_tensorflow
from tests.support.paths import ROOT

SCRIPT = """
import sys
import helpers.quiet_tensorflow
import keras
import numpy as np

for n in range(3, 11):  # TensorFlow would complain of retracing
    model = keras.Sequential([keras.layers.Dense(1)])
    model.predict(np.zeros((n, 2)), verbose=0)
print("before", file=sys.stderr)
raise ValueError("an error of the student's")
"""


def test_only_what_the_student_wrote_is_heard():
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False
    )
    lines = run.stderr.splitlines()
    assert lines[0] == "before"
    assert lines[-1] == "ValueError: an error of the student's"


# As UMAP does, for each of its functions.
COMPILED = """
import numba

@numba.njit(cache=True)
def add_one(number):
    return number + 1
"""


@pytest.mark.parametrize("home", ["a file", "nowhere", "below a file"])
def test_what_must_cache_something_gets_a_folder(tmp_path, monkeypatch, home):
    """Not even root can write beside the module or in the home folder."""
    (tmp_path / "file").write_text("")
    homes = {"a file": "file", "nowhere": "file/a/b", "below a file": "file/home"}
    package = tmp_path / "compiled"
    package.mkdir()
    (package / "__init__.py").write_text(COMPILED)
    (package / "__pycache__").write_text("no folder")
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("NUMBA_CACHE_DIR", "MPLCONFIGDIR", "XDG_CACHE_HOME")
    }
    path = [str(tmp_path), str(ROOT)]
    environment |= {
        "PYTHONPATH": os.pathsep.join(path),
        "HOME": str(tmp_path / homes[home]),
        "USERPROFILE": str(tmp_path / homes[home]),
        "LOCALAPPDATA": str(tmp_path / homes[home]),
    }
    # What stands in quiet_tensorflow before Keras is all that matters here.
    code = """
import os, sys, types
sys.modules["keras"] = types.ModuleType("keras")
import helpers.quiet_tensorflow
import compiled
import matplotlib
print(compiled.add_one(1))
print(os.environ["NUMBA_CACHE_DIR"])
"""
    run = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.stderr == ""
    two, folder = run.stdout.splitlines()
    assert two == "2"
    assert not Path(folder).exists(), "it is there for as long as Python runs"


def test_a_cache_that_can_be_written_stays_as_it_is(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    for variable in ("NUMBA_CACHE_DIR", "MPLCONFIGDIR"):
        monkeypatch.delenv(variable, raising=False)
    quiet_tensorflow.use_writable_caches()
    assert "NUMBA_CACHE_DIR" not in os.environ
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "mine"))
    quiet_tensorflow.use_writable_caches()
    assert os.environ["NUMBA_CACHE_DIR"] == str(tmp_path / "mine")
    assert list(tmp_path.iterdir()) == []
