"""Folders of their own, and a fake Keras, for the tests of the doctor."""

import os

import pytest

from tests.support.paths import ROOT

# Stands in for Keras where a test needs it to start at once, or not at all.
FAKE_KERAS = """
import types
__version__ = "3.99"
backend = types.SimpleNamespace(
    backend=lambda: {backend!r}, floatx=lambda: "float32"
)
{more}
"""


@pytest.fixture
def own_folders(tmp_path, monkeypatch):
    """Keep the user's own settings and folders out of the findings."""
    for name in list(os.environ):
        if name.startswith(("MOVIELENS_", "COURSE_", "KERAS_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MOVIELENS_HOME", str(tmp_path / "movielens"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


@pytest.fixture
def fake_keras(tmp_path, monkeypatch):
    """Return a function that puts a fake Keras before the real one."""

    def put(backend="tensorflow", more=""):
        package = tmp_path / "fakes" / "keras"
        package.mkdir(parents=True)
        text = FAKE_KERAS.format(backend=backend, more=more)
        (package / "__init__.py").write_text(text)
        path = os.pathsep.join([str(package.parent), str(ROOT)])
        monkeypatch.setenv("PYTHONPATH", path)

    return put
