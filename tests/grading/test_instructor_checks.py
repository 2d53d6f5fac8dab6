"""An instructor's own checks."""

import os
from types import SimpleNamespace

import pytest

from grading import instructor_checks
from grading.__main__ import load_private_checks
from grading.batch import GradingConfig, digest_of_checks
from grading.executors import Task
from grading.sandbox import Limits
from grading.submissions import Rejected
from helpers.checks.runner import find_exercise
from tests.support.submissions import COUNT


def test_private_checks_have_to_be_there(tmp_path):
    assert load_private_checks(None) == ""
    with pytest.raises(Rejected, match="no checks"):
        load_private_checks(tmp_path)


def test_private_checks_travel_as_files_and_are_taken_back(tmp_path, monkeypatch):
    pytest.importorskip("distributed", reason="the extra cluster is not here")
    from grading.cluster import GradingPlugin, Setup

    monkeypatch.setenv("COURSE_LANG", "es")
    theirs = tmp_path / "checks"
    (theirs / "data").mkdir(parents=True)
    (theirs / "data" / "size.txt").write_text("7")
    (theirs / "__pycache__").mkdir()
    (theirs / "__pycache__" / "x.pyc").write_bytes(b"x")
    (theirs / "more.py").write_text(
        "from pathlib import Path\n"
        "from helpers.checks.runner import lesson_exercises\n"
        "size = int((Path(__file__).parent / 'data' / 'size.txt').read_text())\n"
        "@lesson_exercises('02')['2.5'].part(points=size)\n"
        "def more(count_weights):\n    pass\n"
    )
    files = instructor_checks.pack(theirs)
    assert set(files) == {"more.py", "data/size.txt"}
    parts = find_exercise("2.5").parts
    before = list(parts)
    digest = instructor_checks.load_private_checks(theirs)
    parts[:] = before
    worker = SimpleNamespace(local_directory=str(tmp_path))
    limits = Limits()
    task = Task("key", [COUNT], "02")
    for given, problem in (digest, ""), ("other", "not the same"):
        order = GradingConfig(1, ("02",), limits, private=given)
        plugin = GradingPlugin(Setup(order, files, digest_of_checks(), "en"))
        plugin.setup(worker)
        assert plugin.problem == ""
        outcome = plugin.pool.grade(task)
        if problem:
            assert problem in outcome["stop"]
        else:
            (mark,) = [
                one for one in outcome["marks"]["marks"] if one["exercise"] == "2.5"
            ]
            assert (mark["points"], mark["most"]) == (8, 8)
        plugin.teardown(worker)
        # What checks do to a process they do in the runner's.
        assert parts == before
        assert os.environ["COURSE_LANG"] == "es"
        assert set(os.listdir(tmp_path)) == {"checks"}
