"""Python, its packages and Keras, as the doctor examines them."""

import json
import os
import re
import shlex
import subprocess
import sys

import pytest
from packaging.requirements import Requirement

from helpers.cli.diagnostics import FIX, NOTE, OK, finding, python

pytestmark = pytest.mark.usefixtures("own_folders")


def test_the_real_keras_starts_with_tensorflow():
    found = python.keras()
    assert found.state == OK, found
    assert "starts with tensorflow" in found.found


@pytest.mark.parametrize("version", [(3, 10, 1), (3, 14, 0), (4, 0, 0)])
def test_another_python_is_in_the_way(monkeypatch, version):
    monkeypatch.setattr(sys, "version_info", version)
    found = python.python()
    assert found.state == FIX
    assert "needs 3.11 to 3.13" in found.found
    assert found.fix


def test_versions_outside_their_ranges_and_missing_packages(monkeypatch):
    wanted = ["numpy>=99", "pandas>=2", "no-such-package>=1,<2"]
    monkeypatch.setattr(python, "requirements", lambda: list(map(Requirement, wanted)))
    found = python.packages()
    assert found.state == FIX
    assert re.search(r"numpy \d\S+ \(needs >=99\)", found.found)
    assert "no-such-package is missing" in found.found
    assert "pandas" not in found.found + found.fix
    assert "-m pip install 'numpy>=99' 'no-such-package<2,>=1'" in found.fix


def test_the_declared_requirements_are_read():
    names = {entry.name for entry in python.requirements()}
    assert {"tensorflow", "keras", "numpy", "pandas", "psutil"} <= names
    assert "pytest" not in names


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("raise ImportError('numpy is too old')", "ImportError: numpy is too old"),
        ("import os, signal; os.kill(os.getpid(), 4)", r"\(AVX\)"),
        ("import os, signal; os.kill(os.getpid(), 9)", "want of memory"),
        ("import os, signal; os.kill(os.getpid(), 11)", "signal 11"),
        ("raise SystemExit(3)", "code 3"),
        ("import time; time.sleep(60)", "did not start within"),
    ],
)
def test_a_keras_that_does_not_start(fake_keras, monkeypatch, more, says):
    if "kill" in more and os.name == "nt":
        pytest.skip("Windows has no such signals")
    fake_keras(more=more)
    if "sleep" in more:
        monkeypatch.setattr(python, "KERAS_SECONDS", 2)
    found = python.keras()
    assert found.state == FIX
    assert re.search(says, found.found)
    assert found.fix


def test_another_backend_is_in_the_way_wherever_it_was_set(fake_keras, monkeypatch):
    fake_keras("torch", more="print('noise')")
    found = python.keras()
    assert found.state == FIX
    assert "starts with torch" in found.found
    assert found.fix == finding.setup_command(), "no setting is to blame"
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    assert "unset KERAS_BACKEND" in python.keras().fix or os.name == "nt"


def test_missing_bytecode_that_cannot_be_kept_is_reported(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path))
    assert python.bytecode().state == OK
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    found = python.bytecode()
    assert found.state == NOTE
    assert "PYTHONDONTWRITEBYTECODE" in found.found
    assert "-m compileall -q" in found.fix


@pytest.mark.skipif(os.name == "nt", reason="what is printed there is for PowerShell")
@pytest.mark.parametrize("reason", ["read-only", "PYTHONDONTWRITEBYTECODE"])
def test_the_printed_command_compiles_keras(fake_keras, tmp_path, reason, monkeypatch):
    fake_keras()
    package = tmp_path / "fakes" / "keras"
    if reason == "read-only":
        (package / "__pycache__").write_text("no folder")
    else:
        monkeypatch.setenv(reason, "1")
    # TensorFlow, which would take minutes, is not there.
    code = (
        "import importlib.util as u; from helpers.cli.diagnostics import python; "
        "known = "
        "u.find_spec; u.find_spec = lambda name: known(name) if name != 'tensorflow' "
        "else None; found = python.bytecode(); print(found.state); print(found.fix)"
    )
    look = f"{sys.executable} -c {shlex.quote(code)}"

    def run(command):
        done = subprocess.run(
            ["sh", "-ec", command], capture_output=True, text=True, check=True
        )
        return done.stdout.splitlines()

    state, fix = run(look)
    assert state == NOTE
    assert run(f"{fix}\n{look}")[-2:] == [OK, ""]


@pytest.mark.skipif(os.name == "nt", reason="what is printed there is for PowerShell")
def test_the_real_keras_starts_again_after_its_fix(tmp_path, monkeypatch):
    (tmp_path / "keras.json").write_text('{"backend": "no_such_backend"}')
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    found = python.keras()
    assert found.state == FIX
    fix = found.fix.partition("  #")[0]
    assert fix.startswith("mv ")
    subprocess.run(["sh", "-ec", fix], check=True)
    assert python.keras().state == OK
    assert json.loads((tmp_path / "keras.json.old").read_text())
