"""Paths as they were typed, and files written whole."""

import os
from pathlib import Path

import pytest

from grading import files


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("~/class.zip", "HOME/class.zip"),
        ("$HOME/class.zip", "HOME/class.zip"),
        ("${HOME}/class.zip", "HOME/class.zip"),
        ("'my class.zip'", "my class.zip"),
        ('"~/my class"', "HOME/my class"),
        (r"my\ class.zip", "my class.zip"),
        ("my class.zip", "my class.zip"),
        ("Ada's class", "Ada's class"),
        ("../class", "../class"),
        ("$NOWHERE/class", "$NOWHERE/class"),
        ("is 'there'", "is 'there'"),
    ],
)
def test_paths_are_meant_as_a_shell_means_them(tmp_path, monkeypatch, typed, meant):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "is 'there'").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("NOWHERE", raising=False)
    meant = meant.replace("HOME", str(tmp_path / "home"), 1)
    assert files.path_as_typed(typed) == Path(meant)


def test_files_are_written_wholly_or_not_at_all(tmp_path, monkeypatch):
    files.write(tmp_path / "a.csv", "old")
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError))
    with pytest.raises(OSError):
        files.write(tmp_path / "a.csv", "new")
    assert (tmp_path / "a.csv").read_text() == "old"
    assert os.listdir(tmp_path) == ["a.csv"]
    assert files.read_json(tmp_path / "a.csv") is None
