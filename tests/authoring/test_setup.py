"""`make setup` and what it installs from: the lock, the ranges, the conda file."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from helpers.cli.diagnostics.python import NEWEST, OLDEST
from tests.support.paths import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
PYTHONS = ["3.11", "3.12", "3.13"]

needs_sh = pytest.mark.skipif(os.name == "nt", reason="there is no sh on Windows")
needs_make = pytest.mark.skipif(
    os.name == "nt" or shutil.which("make") is None, reason="make is not installed"
)


def ranges(*extras):
    """Return pyproject's requirements: name to SpecifierSet."""
    lines = list(PROJECT["dependencies"])
    for extra in extras:
        lines += PROJECT["optional-dependencies"][extra]
    parsed = [Requirement(line) for line in lines]
    return {canonicalize_name(entry.name): entry.specifier for entry in parsed}


# The lock.


def test_lock_pins_a_version_inside_each_declared_range():
    pins = {}
    for name, version in re.findall(r"(?m)^([a-z0-9._-]+)==([^ ;]+)", LOCK):
        pins.setdefault(name, []).append(version)
    for name, allowed in ranges("lab", "author", "grade", "site").items():
        assert name in pins, f"{name} is not in requirements.lock: run `make lock`"
        for version in pins[name]:
            assert version in allowed, f"{name} {version}: run `make lock`"


def test_the_bench_has_a_lock_of_its_own_and_students_have_no_peers():
    lock = (ROOT / "benchmarks/requirements.lock").read_text("utf-8")
    pins = re.findall(r"(?m)^([a-z0-9._-]+)==([^ ;]+)", lock)
    for name, allowed in ranges("bench").items():
        found = [version for pinned, version in pins if pinned == name]
        assert found, f"{name} is not in benchmarks/requirements.lock: run `make lock`"
        assert all(version in allowed for version in found), name
    assert "://" not in lock and "scikit-surprise" not in LOCK and "torch" not in LOCK


def test_every_pin_has_hashes_and_no_registry_is_named():
    entries = re.split(r"(?m)^(?=[a-z0-9._-]+==)", LOCK)[1:]
    assert len(entries) > 100
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in LOCK
    assert "--index" not in LOCK
    assert "make lock" in LOCK.splitlines()[1]


# The conda file, and the Pythons.


def test_conda_file_has_the_ranges_of_pyproject():
    file = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    lines = []
    for entry in file["dependencies"]:
        lines += entry["pip"] if isinstance(entry, dict) else [entry]
    parsed = [Requirement(line) for line in lines]
    found = {canonicalize_name(entry.name): entry.specifier for entry in parsed}
    assert found.pop("python") == SpecifierSet(PROJECT["requires-python"])
    assert found.pop("pip") == SpecifierSet()
    assert found == ranges("lab")


def test_the_same_pythons_are_named_everywhere():
    allowed = SpecifierSet(PROJECT["requires-python"])
    assert [f"3.{n}" for n in range(8, 30) if f"3.{n}.0" in allowed] == PYTHONS
    script = (ROOT / "authoring" / "setup.sh").read_text("utf-8")
    assert "(3, 11) <= sys.version_info[:2] <= (3, 13)" in script
    doctors = [".".join(map(str, pair)) for pair in (OLDEST, NEWEST)]
    assert doctors == [PYTHONS[0], PYTHONS[-1]]
    workflow = yaml.safe_load((ROOT / ".github/workflows/test.yml").read_text("utf-8"))
    for job in ("locked", "windows"):
        assert workflow["jobs"][job]["strategy"]["matrix"]["python"] == PYTHONS


def test_the_dev_container_sets_the_course_up():
    file = ROOT / ".devcontainer" / "devcontainer.json"
    container = json.loads(file.read_text("utf-8"))
    version = container["image"].rpartition(":")[2]
    assert version in PYTHONS
    assert container["updateContentCommand"] == f"make setup PYTHON=python{version}"
    settings = container["customizations"]["vscode"]["settings"]
    python = settings["python.defaultInterpreterPath"]
    assert python == "${containerWorkspaceFolder}/.venv/bin/python"


def test_workflow_and_makefile_run_the_same_tests():
    workflow = (ROOT / ".github/workflows/test.yml").read_text("utf-8")
    makefile = (ROOT / "Makefile").read_text("utf-8").replace("\\\n\t", "")
    recipe = re.search(r"(?m)^PYTEST = (.*)$", makefile)[1]
    workers = re.search(r"(?m)^WORKERS = (.*)$", makefile)[1]
    recipe = recipe.replace("$(WORKERS)", workers)
    assert f"run: python {recipe}\n" in workflow
    assert re.search(r"(?m)^\t\$\(RUN\) \$\(PYTEST\)$", makefile)


# setup.sh, on a small lock of its own.


@pytest.fixture
def folder(tmp_path):
    """A project's folder with a lock that has uv and pip alone."""
    (tmp_path / "authoring").mkdir()
    for name in ("Makefile", "pyproject.toml", "authoring/setup.sh"):
        shutil.copy(ROOT / name, tmp_path / name)
    entries = re.split(r"(?m)^(?=[a-z0-9._-]+==)", LOCK)
    kept = [entry for entry in entries if entry.startswith(("uv==", "pip=="))]
    assert len(kept) == 2
    (tmp_path / "requirements.lock").write_text("".join(kept))
    return tmp_path


@pytest.fixture
def bin_folder(tmp_path):
    """A PATH with the tools that setup.sh uses, and no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in ("sh", "sed", "awk", "cut", "rm", "touch", "cat", "make", "dirname"):
        if found := shutil.which(tool):
            (folder / tool).symlink_to(found)
    return folder


def fake_python(path, script):
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def run(command, folder, **environment):
    left_out = ("PYTHON", "VIRTUAL_ENV", "MAKE")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(left_out)}
    return subprocess.run(
        command,
        cwd=folder,
        env=kept | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@needs_sh
def test_without_a_fit_python_it_says_which_are(folder, bin_folder):
    fake_python(bin_folder / "python3.13", "echo 'no such version' >&2; exit 127")
    fake_python(bin_folder / "python3", "exit 1")  # another version, or no venv
    done = run(["sh", "authoring/setup.sh"], folder, PATH=str(bin_folder))
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("No Python 3.11, 3.12 or 3.13 with venv was found")
    assert "make setup PYTHON=uv" in line
    assert not (folder / ".venv").exists()


@needs_sh
def test_uv_installs_a_python_of_its_own(folder, bin_folder):
    command = ["sh", "authoring/setup.sh"]
    environment = {"PATH": str(bin_folder), "PYTHON": "uv"}
    done = run(command, folder, **environment)
    assert done.returncode == 1
    assert "pipx install uv" in done.stderr

    # Offline: nothing that uv found before is taken for what it could not install.
    fake_python(bin_folder / "uv", "[ $2 = find ] && echo old || exit 2")
    done = run(command, folder, **environment)
    assert done.returncode == 1
    assert "uv could not install Python 3.12" in done.stderr

    own = bin_folder / "uvs_python"
    fake_python(own, 'test "$1" = -c || { echo "ran $*"; exit 3; }')
    fake_python(bin_folder / "uv", f"[ $2 = install ] || echo {own}")
    done = run(command, folder, **environment)
    assert done.returncode == 3
    assert done.stdout.splitlines()[-1] == "ran -m venv --clear .venv"


@needs_sh
def test_a_named_python_that_is_not_fit_is_not_replaced_by_another(folder):
    done = run(["sh", "authoring/setup.sh"], folder, PYTHON="/nowhere/python3.12")
    assert done.returncode == 1
    assert "PYTHON=/nowhere/python3.12 is not a Python 3.11" in done.stderr
    assert not (folder / ".venv").exists()


@needs_make
def test_setup_installs_once_and_again_only_when_it_must(folder, bin_folder):
    # A version manager's stand-in for a Python that is not there comes first.
    fake_python(bin_folder / "python3.13", "exit 127")
    fake_python(bin_folder / "python3.12", f'exec "{sys.executable}" "$@"')
    make = ["make", "setup"]
    path = f"{bin_folder}"

    first = run(make, folder, PATH=path)
    if "No matching distribution" in first.stderr:
        pytest.skip("uv is not to be had: no package registry is reached")
    assert first.returncode == 0, first.stdout + first.stderr
    assert "Making .venv with Python 3." in first.stdout
    python = folder / ".venv" / "bin" / "python"
    listed = run([python, "-m", "pip", "list", "--format=freeze"], folder).stdout
    # Up to Python 3.11 venv itself brings setuptools.
    names = set(re.sub(r"==.*", "", listed).split())
    assert names - {"setuptools"} == {"pip", "uv"}
    probe = "import sys; print(*sys.path, sep='\\n')"
    assert str(folder) in run([python, "-c", probe], "/").stdout.splitlines()

    second = run(make, folder, PATH=path)
    assert second.returncode == 0
    assert "Making" not in second.stdout
    assert "nstall" not in second.stdout + second.stderr

    # Interrupted half-way: no installer is there, and no word of completion.
    (folder / ".venv" / ".complete").unlink()
    for name in ("pip*", "uv*"):
        for broken in folder.glob(f".venv/lib/*/site-packages/{name}"):
            shutil.rmtree(broken)
    third = run(make, folder, PATH=path)
    assert third.returncode == 0, third.stdout + third.stderr
    assert "Making" not in third.stdout
    assert run([python, "-m", "pip", "--version"], folder).returncode == 0
    assert (folder / ".venv" / ".complete").is_file()

    # A changed lock is followed.
    lock = folder / "requirements.lock"
    entries = re.split(r"(?m)^(?=[a-z0-9._-]+==)", LOCK)
    added = next(entry for entry in entries if entry.startswith("six=="))
    lock.write_text(lock.read_text() + added)
    later = (folder / ".venv" / ".complete").stat().st_mtime + 5
    os.utime(lock, (later, later))
    fourth = run(make, folder, PATH=path, PYTHONDONTWRITEBYTECODE="1")
    assert fourth.returncode == 0, fourth.stdout + fourth.stderr
    assert list(folder.glob(".venv/lib/*/site-packages/__pycache__/six.*.pyc"))


@needs_make
def test_help_is_the_default_and_lists_every_target():
    done = run(["make"], ROOT)
    assert done.returncode == 0
    makefile = (ROOT / "Makefile").read_text("utf-8").replace("\\\n", " ")
    phony = re.search(r"(?m)^\.PHONY: (.*)$", makefile)[1].split()
    assert len(phony) >= 10
    for target in phony:
        assert re.search(rf"(?m)^  {target} +\w", done.stdout), target
