"""What outlives a lesson, and what is kept where nothing can be written."""

import errno
import json
import os

import pytest

from helpers.scoreboard import add_to_scoreboard, read_scoreboard
from helpers.storage import course_home, save_warning

pytestmark = pytest.mark.usefixtures("own_home")


PLACE = {"edition": "ml-100k", "split": "random", "lesson": "02"}


# Where nothing can be written.
def test_what_waits_is_added_to_what_is_there(
    nothing_can_be_written, tmp_path, monkeypatch
):
    """The folder that is named at last has rows of an earlier session."""
    add_to_scoreboard("dot", **PLACE, rmse=0.94)
    there = tmp_path / "repaired" / "scoreboard.json"
    there.parent.mkdir()
    there.write_text(json.dumps([{**PLACE, "model": "mean", "rmse": 1.12}]))
    monkeypatch.setenv("COURSE_HOME", str(there.parent))
    assert read_scoreboard()["model"].tolist() == ["mean", "dot"]
    assert len(json.loads(there.read_text())) == 1
    add_to_scoreboard("deep", **PLACE, rmse=0.92)
    assert len(json.loads(there.read_text())) == 3
    assert not save_warning()


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path, monkeypatch, capsys):
    add_to_scoreboard("mean", **PLACE, rmse=1.12)
    before = (course_home() / "scoreboard.json").read_bytes()

    def full(*_):
        raise OSError(errno.EDQUOT, "Disk quota exceeded")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        add_to_scoreboard("dot", **PLACE, rmse=0.94)
    assert "Disk quota exceeded" in capsys.readouterr().out
    assert (course_home() / "scoreboard.json").read_bytes() == before
    assert [path.name for path in course_home().iterdir()] == ["scoreboard.json"]
    assert len(read_scoreboard()) == 2
    add_to_scoreboard("deep", **PLACE, rmse=0.92)
    assert capsys.readouterr().out == ""
    assert len(read_scoreboard()) == 3
