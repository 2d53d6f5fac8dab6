"""What is within reach of submitted code, by bubblewrap's command."""

import os
import sys
from pathlib import PurePosixPath

from grading import sandbox
from helpers.checks.runner import LESSONS
from tests.support.paths import ROOT


def test_an_installed_course_shows_no_answers_either(tmp_path, monkeypatch):
    packages = tmp_path / "lib" / "site-packages"
    (packages / "helpers" / "checks").mkdir(parents=True)
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(sandbox, "find_bubblewrap", lambda: "bwrap")
    monkeypatch.setattr(sandbox, "site_packages", lambda: {str(packages)})
    command = sandbox.bubblewrap(0)
    hidden = "/env/lib/site-packages/helpers/checks"
    assert command[command.index(hidden) - 1] == "--tmpfs"
    # After what would lay the answers over it again.
    assert command.index(hidden) > command.index("/env")


def test_no_check_is_in_the_sandbox(monkeypatch):
    monkeypatch.setattr(sandbox, "find_bubblewrap", lambda: "bwrap")
    command = sandbox.bubblewrap(0)
    inside = [one for one in command if one.startswith("/course/helpers/checks/")]
    hidden = {f"lesson{number}" for number in LESSONS} | {
        "student_side",
        "model_asserts",
        "solved",
    }
    assert hidden <= {one.stem for one in (ROOT / "helpers" / "checks").rglob("*")}
    assert not hidden & {PurePosixPath(one).stem for one in inside}
    # An empty folder is laid over all of them first, and nothing else is put there.
    place = command.index("/course/helpers/checks")
    assert command[place - 1] == "--tmpfs"
    assert place < min(map(command.index, inside))
    assert "/course/helpers" in command[:place]


def test_what_a_killed_grading_left_is_swept(tmp_path):
    gone, alive = (tmp_path / f"{sandbox.GROUP}{n}-0" for n in (2**30, os.getpid()))
    gone.mkdir()
    alive.mkdir()
    sandbox.sweep(tmp_path)
    assert list(tmp_path.iterdir()) == [alive]
