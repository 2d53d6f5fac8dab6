"""A course folder of its own for each test of the checks."""

import pytest


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_HOME", str(tmp_path))
    monkeypatch.delenv("COURSE_REVEAL_FROM", raising=False)
    return tmp_path
