"""The commands that install packages, typed."""

import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from helpers.cli.diagnostics import finding
from tests.support.paths import ROOT

pytestmark = pytest.mark.usefixtures("own_folders")

STAND_IN = """\
Metadata-Version: 2.1
Name: stand-in
Version: 1.0
"""


@pytest.fixture
def stand_in(tmp_path):
    """A package to install without a network, and the settings for it."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    with zipfile.ZipFile(wheels / "stand_in-1.0-py3-none-any.whl", "w") as wheel:
        info = "stand_in-1.0.dist-info"
        wheel.writestr("stand_in.py", "")
        wheel.writestr(f"{info}/METADATA", STAND_IN)
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    return {
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(wheels),
        "PIP_CONFIG_FILE": os.devnull,
        "UV_NO_INDEX": "1",
        "UV_FIND_LINKS": str(wheels),
        "PYTHONPATH": str(ROOT),
    }


@pytest.mark.skipif(os.name == "nt", reason="what is printed there is for PowerShell")
@pytest.mark.parametrize("made", ["with pip", "without pip", "without pip, with uv"])
def test_packages_are_installed_also_where_pip_is_missing(tmp_path, stand_in, made):
    if "uv" in made and not shutil.which("uv"):
        pytest.skip("uv is not installed")
    venv.create(tmp_path / "venv", symlinks=True, with_pip=made == "with pip")
    own = tmp_path / "venv" / "bin" / "python"
    path = "/usr/bin:/bin"
    if "uv" in made:
        path += os.pathsep + str(Path(shutil.which("uv")).parent)
    settings = os.environ | stand_in | {"PATH": path}

    def run(command):
        return subprocess.run(
            ["sh", "-ec", command],
            cwd=tmp_path,
            env=settings,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()

    ask = (
        "from helpers.cli.diagnostics.finding import *; "
        "print(pip_command('install stand-in'))"
    )
    command = run(f'{own} -c "{ask}"')
    assert ("uv pip" in command) == ("uv" in made)
    run(command)
    run(f"{own} -c 'import stand_in'")


@pytest.mark.skipif(os.name == "nt", reason="what is printed there is for PowerShell")
def test_an_environment_is_made_for_the_installed_course(
    tmp_path, stand_in, monkeypatch
):
    monkeypatch.setattr(finding, "DISTRIBUTION", "stand-in")
    make, _, doctor = finding.environment_command(sys.executable).rpartition("; ")
    environment = os.environ | stand_in
    subprocess.run(["sh", "-ec", make], env=environment, check=True)
    assert doctor == ".venv/bin/python -m helpers doctor"
    subprocess.run([".venv/bin/python", "-c", "import stand_in"], check=True)
