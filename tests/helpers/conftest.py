"""Folders and settings of their own, for the tests that ask for them."""

import pytest

from helpers.storage import save_warning, update


@pytest.fixture
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("COURSE_DATA", raising=False)


@pytest.fixture
def nothing_can_be_written(tmp_path, monkeypatch):
    """A course home that not even root can make, and a way to repair it."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "file" / "home"))
    yield
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "repaired"))
    update("anything.json", [], lambda value: value)
    assert not save_warning()


@pytest.fixture
def no_outside(monkeypatch, tmp_path):
    """Keep the user's own settings and cache out of the tests."""
    for variable in ("COURSE_DATA", "MOVIELENS_SOURCE", "MOVIELENS_URL"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("MOVIELENS_HOME", str(tmp_path / "cache"))
