"""The set-up cell, in an environment without `helpers`, outside the repository.

What it installs from is a git repository made here of the working tree, which
stands in for the tagged release.
"""

import os
import re
import shutil
import subprocess
import sysconfig
import venv
import zipfile
from pathlib import Path

import nbformat
import pytest

from authoring.derive import derive
from authoring.lesson_format import read_lesson
from authoring.project import Project
from authoring.setup_cell import setup
from helpers.cli.start import lessons_in
from tests.support.paths import FIXTURES
from tests.support.release_stand_in import make_release

COURSE = Project.open()
NOTEBOOKS = sorted(
    path
    for folder in (COURSE.notebooks, COURSE.solutions)
    for path in lessons_in(folder)
)

PROVE = """
import helpers
print("helpers from", helpers.__file__)
"""


@pytest.mark.parametrize("path", NOTEBOOKS, ids=COURSE.show)
def test_every_notebooks_first_code_cell_is_the_set_up(path):
    notebook = nbformat.read(path, as_version=4)
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    # So what is shown below of the one holds for all.
    assert first.source == setup(COURSE)


@pytest.fixture(scope="module")
def bare_python(tmp_path_factory):
    """A new environment with pip, where all but `helpers` can be imported."""
    folder = tmp_path_factory.mktemp("bare") / "venv"
    venv.create(folder, with_pip=True)
    scripts = "Scripts" if os.name == "nt" else "bin"
    python = folder / scripts / f"python{'.exe' if os.name == 'nt' else ''}"
    here = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    there = _run(python, "import sysconfig; print(sysconfig.get_path('purelib'))")
    # A .pth's folders are searched, but not the .pth files in them: so this
    # brings the dependencies and leaves this repository out.
    pth = Path(there.stdout.strip()) / "dependencies.pth"
    pth.write_text("\n".join(sorted(here)))
    return python


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    """The pip requirement of a tagged release in a git repository of our own."""
    folder = make_release(COURSE, tmp_path_factory.mktemp("remote") / "course")
    return _requirement(folder, COURSE.release)


def _requirement(folder, tag):
    # pip takes a file URL after "@" with a host only.
    url = folder.as_uri().replace("file:///", "file://localhost/")
    return f"neural-recsys-course @ git+{url}@{tag}"


def _run(python, code, cwd=None, **environment):
    left_out = ("PYTHON", "COURSE_", "PIP_")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(left_out)}
    # hatchling is at hand: building needs no download.
    own = {"PIP_NO_BUILD_ISOLATION": "0", "PYTHONUTF8": "1"}
    return subprocess.run(
        [str(python), "-c", code],
        cwd=cwd,
        env=kept | own | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_alone_it_says_what_it_needs_where_nothing_can_be_installed(
    bare_python, tmp_path
):
    nowhere = _requirement(tmp_path / "nowhere", "v1")
    done = _run(bare_python, setup(COURSE), tmp_path, COURSE_PACKAGE=nowhere)
    assert done.returncode == 1
    assert f"Installing, once: {nowhere}" in done.stdout
    assert "nowhere" in done.stdout.split("Installing, once:")[1][len(nowhere) :]
    assert "RuntimeError: The course's helpers could not be installed" in done.stderr


@pytest.mark.parametrize(
    "folder", ["notebooks", "solutions", "notebooks/deeper", "my_work"]
)
def test_inside_a_checkout_it_installs_nothing(bare_python, tmp_path, folder):
    copy = tmp_path / "checkout"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(COURSE.root / "helpers", copy / "helpers", ignore=ignored)
    (copy / folder).mkdir(parents=True)
    done = _run(bare_python, setup(COURSE) + PROVE, copy / folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"helpers from {copy / 'helpers' / '__init__.py'}\n"


def test_without_a_network_it_installs_what_came_with_the_course(tmp_path):
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    release = tmp_path / "release"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(COURSE.root / "helpers", release / "helpers", ignore=ignored)
    (release / "notebooks").mkdir()
    (release / "offline").mkdir()
    (release / "offline" / "requirements.txt").write_text("keras==0.1\n")
    code = f"{setup(COURSE)}\nprint(os.environ.get('COURSE_DATA'))\nimport keras"

    done = _run(python, code, release / "notebooks")
    assert done.returncode == 1
    assert "its requirements.txt begins with them" in done.stderr

    name = "keras-0.1"
    with zipfile.ZipFile(
        release / "offline" / f"{name}-py3-none-any.whl", "w"
    ) as wheel:
        info = f"{name}.dist-info"
        wheel.writestr("keras.py", "print('a stand-in')")
        about = "Metadata-Version: 2.1\nName: keras\nVersion: 0.1\n"
        wheel.writestr(f"{info}/METADATA", about)
        about = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        wheel.writestr(f"{info}/WHEEL", about)
        wheel.writestr(f"{info}/RECORD", "")
    # Also where the folder of the course is the kernel's.
    for folder in (release / "notebooks", release):
        done = _run(python, code, folder)
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout.splitlines()[-2:] == ["synthetic", "a stand-in"]
    assert "Installing" not in done.stdout
    # Real ratings, where the student names them.
    done = _run(python, code, release, MOVIELENS_SOURCE="ml-100k.zip")
    assert done.stdout.splitlines() == ["None", "a stand-in"]


def test_alone_it_installs_the_release(bare_python, release, tmp_path):
    # A folder of that name, as anyone may have, is not the course's.
    (tmp_path / "helpers").mkdir()
    code = setup(COURSE) + PROVE
    done = _run(bare_python, code, tmp_path, COURSE_PACKAGE=release)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Successfully installed neural-recsys-course" in done.stdout
    installed = Path(done.stdout.split("helpers from ")[1].strip())
    assert installed.is_relative_to(bare_python.parent.parent)

    modules = ", ".join(
        f"helpers.{path.stem}"
        for path in sorted((COURSE.root / "helpers").glob("*.py"))
        if path.stem != "__init__"
    )
    again = _run(bare_python, f"{code}\nimport {modules}", tmp_path)
    assert again.returncode == 0, again.stderr
    assert again.stdout == f"helpers from {installed}\n"

    # The exercises came with it.
    start = "from helpers.cli.start import run; run('my work')"
    copied = _run(bare_python, start, tmp_path)
    assert copied.returncode == 0, copied.stderr
    names = {path.name for path in lessons_in(COURSE.notebooks)}
    assert {path.name for path in (tmp_path / "my work").glob("*.ipynb")} == names


def test_exercise_has_the_notebooks_badge_and_the_solution_its_own(derived):
    course, path = derived
    link = "github/someone/some-course/blob/v9.9.9/{}/01_small.ipynb"
    for folder in ("notebooks", "solutions"):
        first = read_lesson(course.root / folder / path.name).cells[0]
        assert link.format(folder) in first.source


def test_a_new_release_is_stamped_in_place(derived):
    course, path = derived
    before = path.read_text("utf-8")
    settings = course.root / "pyproject.toml"
    settings.write_text(settings.read_text().replace("v9.9.9", "v10.0.0"))
    derive(Project.open(course.root), path)
    assert path.read_text("utf-8") == before.replace("v9.9.9", "v10.0.0")


def test_stamping_leaves_what_the_author_wrote(derived):
    _, path = derived
    blocks = re.split(r"(?m)^(?=# %%)", path.read_text("utf-8"))
    own = ('tags=["badge"]', 'tags=["setup"]')
    kept = [block for block in blocks if not any(tag in block for tag in own)]
    assert len(kept) == len(blocks) - 2
    assert "".join(kept) == (FIXTURES / "01_small.py").read_text("utf-8")


def test_a_header_of_jupytext_is_dropped(small_course):
    path = small_course.sources()[0]
    header = "# ---\n# jupyter:\n#   kernelspec:\n#     name: mine\n# ---\n\n"
    path.write_text(header + path.read_text("utf-8"), "utf-8")
    derive(small_course, path)
    assert path.read_text("utf-8").startswith('# %% [markdown] tags=["badge"]\n')
