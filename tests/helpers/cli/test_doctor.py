"""`python -m helpers doctor`: it reports problems, and never fails itself."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.cli import doctor
from helpers.cli.diagnostics import CHECKS, FIX, NOTE, OK, Finding
from tests.support.paths import ROOT

pytestmark = pytest.mark.usefixtures("own_folders")

LABELS = [what for what, _ in CHECKS]


def run_doctor(*options, **environment):
    path = os.environ.get("PYTHONPATH", "")
    known = {"PYTHONPATH": path if str(ROOT) in path else str(ROOT), "PYTHONUTF8": "1"}
    return subprocess.run(
        [sys.executable, *options, "-m", "helpers", "doctor"],
        env=os.environ | known | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def states(output):
    """Read the table's plain lines: what was examined -> its sign."""
    labels = "|".join(LABELS)
    lines = re.findall(rf"(?m)^. (ok|note|fix) +({labels})  ", output)
    return {what: state for state, what in lines}


def test_every_examination_is_in_the_table_and_none_fails(fake_keras):
    fake_keras()
    done = run_doctor()
    found = states(done.stdout)
    assert list(found) == LABELS
    assert done.stderr == ""
    assert "could not be examined" not in done.stdout
    # The computer that runs the tests may be short of memory.
    assert done.returncode == (1 if FIX in found.values() else 0)
    for what in set(LABELS) - {"memory", "disk", "environment", "bytecode", "kernel"}:
        assert found[what] == OK, done.stdout


def test_each_problem_is_named_with_its_fix(fake_keras, tmp_path):
    fake_keras("jax")
    Path("random.py").write_text("raise ValueError('not the random you expect')")
    (tmp_path / "movielens").mkdir()
    (tmp_path / "movielens" / "ml-100k.zip").write_bytes(b"half of it")
    done = run_doctor(KERAS_BACKEND="jax")
    assert done.returncode == 1
    found = states(done.stdout)
    for what in ("Keras", "ratings", "file names"):
        assert found[what] == FIX, done.stdout
    assert f"{tmp_path / 'movielens' / 'ml-100k.zip'}" in done.stdout
    if os.name != "nt":
        assert "\n    unset KERAS_BACKEND" in done.stdout
    assert "\n    mv random.py my_random.py" in done.stdout
    assert "Not ready: " in done.stdout


def test_without_any_package_it_still_runs(fake_keras):
    fake_keras(more="raise ImportError('no keras')")
    done = run_doctor("-S")  # leaves site-packages out
    assert done.returncode == 1
    assert done.stderr == ""
    found = states(done.stdout)
    assert list(found) == LABELS
    assert found["packages"] == found["Keras"] == found["kernel"] == FIX
    assert found["ratings"] == NOTE
    assert "could not be examined (ModuleNotFoundError" in done.stdout


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pty")
def test_on_a_terminal_it_draws_a_table(fake_keras):
    fake_keras()
    code = f"import pty; pty.spawn([{sys.executable!r}, '-m', 'helpers', 'doctor'])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"TERM": "xterm", "COLUMNS": "70", "PYTHONUTF8": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    text = done.stdout.decode()
    assert "Traceback" not in text
    assert "\x1b[32m✓ ok" in text
    assert "───" in text


def test_an_examination_that_fails_is_a_finding():
    def fails():
        raise RuntimeError("first line\nsecond line")

    broken, fine = doctor.run_checks([("a", fails), ("b", lambda: Finding(OK, "well"))])
    assert broken.state == NOTE
    assert broken.what == "a"
    assert "RuntimeError: first line second line" in broken.found
    assert (fine.state, fine.what) == (OK, "b")


@pytest.mark.parametrize(("state", "code"), [(OK, 0), (NOTE, 0), (FIX, 1)])
def test_the_exit_code_says_whether_something_is_in_the_way(
    monkeypatch, capsys, state, code
):
    found = [
        Finding(state, "so [and] so", "do this", "a"),
        Finding(OK, "well", "", "b"),
    ]
    monkeypatch.setattr(doctor, "run_checks", lambda: found)
    assert doctor.run() == code
    assert "To fix a:\n    do this\n" in capsys.readouterr().out
