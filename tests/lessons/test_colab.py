"""In Colab's shoes: its Python, its versions, one notebook in an empty folder.

Nothing of ours is installed and no repository lies beside the notebook. The first cell
fetches `helpers` as it stands there, from GitHub; git is told to look for that address
in a repository of the working tree. The environment (`colab_constraints.txt`, 3 GB) is
made once, in `build/colab`.

The ratings are made up, and few, and models train for a few steps. `make test-colab`
runs the same on real ratings and in full; there each score must lie inside its band.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urljoin
from urllib.request import urlopen

import nbformat
import pytest
from bs4 import BeautifulSoup
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from authoring.lesson_format import exercises, read_lesson
from authoring.project import Project
from authoring.site import build_site
from tests.support.file_server import serving
from tests.support.paths import ROOT
from tests.support.release_stand_in import make_release
from tests.support.shown import OUTPUT_SECONDS, text_of

COURSE = Project.open()
SHORT_TRAINING = ROOT / "tests" / "support" / "short_training.py"
CONSTRAINTS = ROOT / "tests" / "support" / "colab_constraints.txt"
HOME = COURSE.root / "build" / "colab"
DATA = os.environ.get("COLAB_DATA", "synthetic")
LESSONS = [path.stem for path in COURSE.sources()]
NO_NETWORK = re.compile(r"dns error|error sending request|connect|timed out", re.I)


# The environment.


def find_python():
    """Return a Python 3.12 that runs, or None."""
    candidates = [sys.executable, shutil.which("python3.12")]
    candidates += sorted(Path.home().glob(".pyenv/versions/3.12.*/bin/python3.12"))
    for candidate in filter(None, candidates):
        asked = [candidate, "-c", "import sys, venv; print(sys.version_info[:2])"]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
        if done.stdout.strip() == "(3, 12)":
            return str(candidate)
    return None


@pytest.fixture(scope="module")
def colab():
    """The Python of an environment with Colab's packages, and none of ours."""
    if sys.platform != "linux":
        pytest.skip("Colab is a Linux machine, and this is none")
    base = find_python()
    if base is None:
        pytest.skip("there is no python3.12, which is what Colab has")
    made_with, python = HOME / ".python", HOME / "bin" / "python"
    if not made_with.is_file() or made_with.read_text() != base:
        _uv("venv", "--clear", "--python", base, HOME)
        made_with.write_text(base)
    # Nothing more than the list, whatever an earlier run has installed.
    _uv("pip", "sync", "--python", python, CONSTRAINTS)
    return python


def _uv(*command):
    done = subprocess.run(
        [sys.executable, "-m", "uv", *map(str, command)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        if NO_NETWORK.search(done.stderr):
            pytest.skip(f"Colab's packages cannot be fetched: {done.stderr[-300:]}")
        raise RuntimeError(done.stderr)
    return done.stdout


def packages(python):
    """Return what is installed, as ``name==version``."""
    listed = json.loads(_uv("pip", "list", "--python", python, "--format", "json"))
    return {f"{one['name']}=={one['version']}" for one in listed}


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """The variables of a kernel on Colab, where GitHub has our release."""
    folder = tmp_path_factory.mktemp("github")
    release = make_release(COURSE, folder / "course")
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "COURSE_", "VIRTUAL_ENV", "GIT_", "JUPYTER"))
    }
    sample = {"COURSE_SAMPLE": "8000"} if DATA == "synthetic" else {}
    return (
        kept
        | sample
        | {
            "COURSE_DATA": DATA,
            "COURSE_HOME": str(folder / "home"),
            "TF_CPP_MIN_LOG_LEVEL": "3",
            # What Colab sets for its kernels.
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.{release.as_uri()}.insteadOf",
            "GIT_CONFIG_VALUE_0": f"https://github.com/{COURSE.repository}",
        }
    )


class Notebook:
    """One notebook in an empty folder, and the kernel that runs it."""

    def __init__(self, path, python):
        class ColabsPython(AsyncKernelManager):
            @property
            def kernel_spec(self):
                argv = ["-m", "ipykernel_launcher", "-f", "{connection_file}"]
                return KernelSpec(argv=[str(python), *argv], display_name="Colab")

        self.cells = nbformat.read(path, as_version=4).cells
        self.client = NotebookClient(
            nbformat.v4.new_notebook(cells=self.cells),
            timeout=900,
            startup_timeout=120,
            iopub_timeout=OUTPUT_SECONDS,
            # Else the kernel throws away what is asked of it soon after an error.
            allow_errors=True,
            kernel_manager_class=ColabsPython,
            shutdown_kernel="immediate",
            resources={"metadata": {"path": str(path.parent)}},
        )

    def take_kernel_of(self, other):
        """Run on in the kernel of another notebook, and forget what it defined."""
        self.client.km, self.client.kc = other.client.km, other.client.kc
        self.client.kc.execute("%reset -f")

    def shorten_training(self):
        """Train for a few steps from now on."""
        code = SHORT_TRAINING.read_text("utf-8") + "\nshorten_training()\n"
        # Added for this only: the other cells keep their places.
        self.cells.append(nbformat.v4.new_code_cell(code))
        self.run(len(self.cells) - 1)
        del self.cells[-1]

    def run(self, index):
        """Run one cell, and return what it shows as text."""
        cell = self.cells[index]
        if cell.cell_type != "code":
            return ""
        self.client.execute_cell(cell, index)
        for output in cell.outputs:
            if output.output_type == "error":
                raise CellExecutionError(
                    "\n".join(output.traceback), output.ename, output.evalue
                )
        return text_of(cell)


def to_the_first_gap(notebook, number):
    """Run an exercise notebook until it asks for an answer; then ask for its check."""
    said, places = [], range(len(notebook.cells))
    gap = None
    for index in places:
        try:
            said.append(notebook.run(index))
        except CellExecutionError as error:
            gap = error
            break
    assert gap.ename == "NotImplementedError"
    assert gap.evalue.startswith(f"Exercise {number}: ")
    check = next(i for i in places if notebook.cells[i].source.startswith("check("))
    assert f"○ {number} Not attempted." in notebook.run(check)
    (card,) = notebook.cells[check].outputs
    assert f"○ {number} Not attempted." in card.data["text/html"]
    return said


# A page, a notebook, a kernel.


def test_a_lesson_downloaded_from_the_web_page_runs_alone(colab, environment, tmp_path):
    before = packages(colab)
    build_site(course_of_one_lesson(tmp_path / "source"), tmp_path / "www" / "course")
    with serving(tmp_path / "www") as address:
        place = f"{address}course/lessons/{LESSONS[0]}.html"
        page = BeautifulSoup(read(place), "html.parser")
        link = page.select_one(".notebook-links a[href*='/notebooks/'][download]")
        content = read(urljoin(place, link["href"]))
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "lesson.ipynb").write_bytes(content)

    notebook = Notebook(tmp_path / "empty" / "lesson.ipynb", colab)
    with notebook.client.setup_kernel(env=environment):
        said = to_the_first_gap(notebook, "1.1")
    installed = next(text for text in said if text)
    package = f"git+https://github.com/{COURSE.repository}@{COURSE.release}"
    assert f"Installing, once: neural-recsys-course @ {package}" in installed
    # Beside what else it needs, in the order of the alphabet.
    assert re.search(
        r"^Successfully installed .*\bneural-recsys-course", installed, re.M
    )
    # Colab's packages fit: nothing is upgraded, nothing comes but what it lacks.
    assert before <= packages(colab)
    added = packages(colab) - before
    names = {name.partition("==")[0] for name in added}
    assert names == {"neural-recsys-course", "keras-rs", "usearch", "numkong"}


def course_of_one_lesson(root):
    """Return a course of which `LESSONS` has the first only: its site takes seconds."""
    for place in ("notebooks", "solutions"):
        (root / place).mkdir(parents=True)
        shutil.copy(COURSE.root / place / f"{LESSONS[0]}.ipynb", root / place)
    shutil.copy(COURSE.root / "pyproject.toml", root)
    return Project.open(root)


def read(address):
    with urlopen(address, timeout=30) as answer:
        return answer.read()


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_runs(name, colab, environment, tmp_path):
    for folder in (COURSE.notebooks, COURSE.solutions):
        shutil.copy(folder / f"{name}.ipynb", tmp_path / f"{folder.name}.ipynb")
    exercise = Notebook(tmp_path / "notebooks.ipynb", colab)
    solution = Notebook(tmp_path / "solutions.ipynb", colab)
    with exercise.client.setup_kernel(env=environment):
        to_the_first_gap(exercise, f"{int(name[:2])}.1")
        # The same kernel, with nothing in it: TensorFlow is imported once.
        solution.take_kernel_of(exercise)
        if DATA == "synthetic":
            solution.shorten_training()
        said = [solution.run(index) for index in range(len(solution.cells))]
    text = "\n".join(said)
    for one in exercises(read_lesson(COURSE.solutions / f"{name}.py")):
        assert f"✓ {one.name} Correct." in text
    missed = [line for line in text.splitlines() if line.endswith("✗")]
    if DATA == "ml-100k":
        print(*re.findall(".* ✓$", text, re.M), sep="\n")
        assert missed == []
