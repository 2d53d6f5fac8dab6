"""Memory, disk and the working folder, as the doctor examines them."""

import os
import shutil
import subprocess
from collections import namedtuple
from pathlib import Path

import psutil
import pytest

from helpers import files
from helpers.cli.diagnostics import FIX, OK, computer
from tests.support.paths import ROOT

pytestmark = pytest.mark.usefixtures("own_folders")


def test_too_little_memory_is_in_the_way(monkeypatch):
    memory = namedtuple("memory", "available")
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory(1.4e9))
    found = computer.memory()
    assert found.state == FIX
    assert "1.4 GB free" in found.found
    monkeypatch.setattr(computer.Path, "read_text", lambda path: "max\n")
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory(1.6e9))
    assert computer.memory().state == OK
    # A container is allowed less than the computer has.
    monkeypatch.setattr(computer.Path, "read_text", lambda path: "1000000000\n")
    assert computer.memory().state == FIX


@pytest.mark.parametrize(
    ("texts", "free"),
    [
        ({"memory.max": "2e9"}, "4.0"),  # no number of bytes
        ({"max": "max", "current": "1900000000", "stat": "inactive_file 7"}, "4.0"),
        ({"max": "2000000000", "current": "1900000000", "stat": ""}, "0.1"),
        (
            {
                "max": "2000000000",
                "current": "1900000000",
                "stat": "anon 5\ninactive_file 1500000000\nactive_file 9",
            },
            "1.6",
        ),
        ({"max": "1000", "current": "2000", "stat": ""}, "0.0"),
        (
            {
                "limit_in_bytes": "2000000000",
                "usage_in_bytes": "1500000000",
                "stat": "inactive_file 1\ntotal_inactive_file 100000000\n",
            },
            "0.6",
        ),
    ],
)
def test_what_a_container_uses_is_not_free(monkeypatch, texts, free):
    def read(path):
        kind = path.name.removeprefix("memory.")
        is_old = path.parent.name == "memory"
        if kind not in texts or is_old != ("limit_in_bytes" in texts):
            raise FileNotFoundError(path)
        return texts[kind] + "\n"

    memory = namedtuple("memory", "available")
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory(4e9))
    monkeypatch.setattr(computer.Path, "read_text", read)
    found = computer.memory()
    assert f"{free} GB free" in found.found
    assert found.state == (OK if float(free) >= 1.5 else FIX)


@pytest.mark.parametrize(
    ("free", "set_up", "state"),
    [(2.9e9, False, FIX), (3.1e9, False, OK), (1e9, True, OK), (1e8, True, FIX)],
)
def test_room_is_needed_for_the_set_up_and_little_afterwards(
    monkeypatch, free, set_up, state
):
    usage = namedtuple("usage", "free")
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage(free))
    if not set_up:
        monkeypatch.setattr(computer.importlib.util, "find_spec", lambda name: None)
    assert computer.disk().state == state


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such rights")
def test_a_folder_that_cannot_be_written_to_is_in_the_way():
    assert computer.working_folder().state == OK
    here = Path.cwd()
    here.chmod(0o555)
    if os.access(here, os.W_OK):
        pytest.skip("root may write everywhere")
    found = computer.working_folder()
    assert found.state == FIX
    assert "helpers start" in found.fix


@pytest.mark.skipif(os.name == "nt", reason="what is printed there is for PowerShell")
def test_the_printed_command_frees_disk_space(tmp_path, monkeypatch):
    cache = tmp_path / "pip"
    (cache / "http-v2").mkdir(parents=True)
    (cache / "http-v2" / "large").write_bytes(bytes(1000))
    monkeypatch.setenv("PIP_CACHE_DIR", str(cache))
    usage = namedtuple("usage", "free")
    monkeypatch.setattr(
        shutil,
        "disk_usage",
        lambda _: usage(
            1e9 - 1e6 * sum(p.stat().st_size for p in cache.rglob("*large"))
        ),
    )
    found = computer.disk()
    assert found.state == FIX
    subprocess.run(["sh", "-ec", found.fix], check=True)
    assert computer.disk().state == OK


@pytest.mark.skipif(os.name == "nt", reason="what is printed there is for PowerShell")
def test_a_folder_of_your_own_can_be_written(tmp_path, monkeypatch):
    """The folder that you are in was deleted: nobody can write there, not even root."""
    here = Path.cwd()
    (tmp_path / "me").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setattr(
        "helpers.files.check_writable", refuse_below(here, files.check_writable)
    )
    found = computer.working_folder()
    assert found.state == FIX
    subprocess.run(["sh", "-ec", f"{found.fix}\nls 01_data.ipynb"], check=True)
    monkeypatch.chdir(tmp_path / "me" / "recsys")
    assert computer.working_folder().state == OK


def refuse_below(folder, write):
    def check_writable(path):
        if Path(path) == folder:
            raise PermissionError(f"{path} is read-only")
        write(path)

    return check_writable
