"""Limits of one fork where there is no control group."""

import os
import subprocess
import sys

import psutil
import pytest

from grading import grade
from grading import sandbox as sandbox_module
from grading.inside import isolation
from grading.sandbox import Sandbox
from tests.support.sandboxes import bubblewrap_or_skip
from tests.support.submissions import HOSTILE, UNSEEN_BOMBS

pytest.importorskip("fcntl", reason="sandboxes need Linux")


@pytest.fixture(scope="module")
def bare_box(tmp_path_factory):
    """A sandbox as where nobody may make control groups."""
    bubblewrap_or_skip()
    if psutil.virtual_memory().available < 6 * 2**30:
        pytest.skip("less than 6 GB of memory are free: a bomb could hit others")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sandbox_module, "CGROUPS", tmp_path_factory.mktemp("groups"))
        with Sandbox() as box:
            yield box
            assert box._group.prefix == []


@pytest.mark.parametrize("name", UNSEEN_BOMBS)
def test_memory_is_limited_without_a_control_group(bare_box, name):
    (case,) = [one for one in HOSTILE if one.name == name]
    found = grade.mark(case.cells, "02", bare_box, 1)
    assert {one.exercise: one.points for one in found.marks if one.points} == {"2.1": 2}
    assert found.notes


def test_a_fork_bomb_is_ended_before_its_time_is_up(bare_box):
    (case,) = [one for one in HOSTILE if one.name == "a fork bomb"]
    found = grade.mark(case.cells, "02", bare_box, 1)
    assert {
        one.exercise: one.points for one in found.marks if one.points
    } == case.points
    (note,) = found.notes.values()
    assert "ended Python itself" in note


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_a_process_that_hides_counts_in_full(tmp_path):
    """Its share of what it shares cannot be seen, so all of it is taken for its own."""
    read, write = os.pipe()
    children = []
    try:
        for hides in (False, True):
            code = f"""
import ctypes, os, time
held = b"x" * 2**26
if {hides}:
    ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
os.write({write}, b"x")
time.sleep(600)
"""
            command = [sys.executable, "-c", code]
            children.append(subprocess.Popen(command, pass_fds=[write]))
        assert os.read(read, 1) + os.read(read, 1) == b"xx"
        for child in children:
            name = str(child.pid)
            size = isolation.memory_of_one(name)
            assert 2**26 < size < 2**28
            assert isolation.memory_of({name}, 2**30) == size
            assert 2**26 < isolation.memory_of({name}, 0) <= size
        hidden = str(children[1].pid)
        if os.geteuid():
            assert isolation.fair_share(hidden, size) == size
        assert isolation.memory_of({str(2**22 + 1)}, 0) == 0
    finally:
        for child in children:
            child.kill()
            child.wait()
        os.close(read)
        os.close(write)
