"""JupyterLab and its kernel, as the doctor examines them."""

import json
import sys

import pytest

from helpers.cli.diagnostics import FIX, NOTE, OK, jupyter

pytestmark = pytest.mark.usefixtures("own_folders")


def test_a_kernel_of_another_python_is_in_the_way(monkeypatch, tmp_path):
    kernel = tmp_path / "jupyter" / "kernels" / "python3"
    kernel.mkdir(parents=True)
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    spec = {"display_name": "Python 3", "language": "python"}
    other = str(tmp_path / "elsewhere" / "bin" / "python")
    for program, state in [("python", OK), (sys.executable, OK), (other, FIX)]:
        spec["argv"] = [program, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        (kernel / "kernel.json").write_text(json.dumps(spec))
        found = jupyter.kernel()
        assert found.state == state, found
    assert other in found.found
    assert str(kernel) in found.found
    assert "remove -f python3" in found.fix


def test_a_missing_jupyterlab_is_in_the_way_but_not_on_colab(monkeypatch):
    monkeypatch.setattr(jupyter, "installed", lambda name: None)
    monkeypatch.delenv("TERM_PROGRAM", raising=False)
    assert jupyter.jupyterlab().state == FIX
    monkeypatch.setenv("COLAB_RELEASE_TAG", "release")
    assert jupyter.jupyterlab().state == NOTE
