"""Files written whole."""

import os

import pytest

from grading import files


def test_files_are_written_wholly_or_not_at_all(tmp_path, monkeypatch):
    files.write(tmp_path / "a.csv", "old")
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError))
    with pytest.raises(OSError):
        files.write(tmp_path / "a.csv", "new")
    assert (tmp_path / "a.csv").read_text() == "old"
    assert os.listdir(tmp_path) == ["a.csv"]
    assert files.read_json(tmp_path / "a.csv") is None
