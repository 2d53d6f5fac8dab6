"""nbval on a lesson, with the settings of solutions/conftest.py."""

import os
import shutil
import subprocess
import sys

from authoring.__main__ import main
from authoring.project import Project

COURSE = Project.open()


def _run_nbval(course, **environment):
    shutil.copy(COURSE.solutions / "conftest.py", course.solutions)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "solutions",
        "-ra",
        "-p",
        "no:cacheprovider",
    ]
    return subprocess.run(
        [*command, "--nbval-lax", "--nbval-current-env"],
        cwd=course.root,
        env=_clean_environment() | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def _clean_environment():
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    return kept | {"PYTHONUTF8": "1"}


def test_nbval_passes_an_executed_lesson_and_fails_a_changed_verdict(complete):
    course, path = complete
    synthetic = {"COURSE_DATA": "synthetic"}
    run = _run_nbval(course, **synthetic)
    assert run.returncode == 1  # on other ratings a verdict makes no claim
    text = path.read_text("utf-8").replace("inside=(", "edition='ml-100k', inside=(")
    path.write_text(text, "utf-8")
    assert main(["--root", str(course.root), "notebooks"]) == 0
    run = _run_nbval(course, **synthetic)
    assert run.returncode == 0, run.stdout
    assert "17 passed" in run.stdout


def test_nbval_skips_with_the_reason_where_no_ratings_are_to_be_had(complete, tmp_path):
    course, _ = complete
    run = _run_nbval(
        course,
        MOVIELENS_HOME=str(tmp_path / "empty"),
        MOVIELENS_URL="http://127.0.0.1:9",
        PIP_NO_INDEX="1",
        PIP_CONFIG_FILE="/dev/null",
        PIP_FIND_LINKS="",
    )
    assert run.returncode == 0, run.stdout
    assert "17 skipped" in run.stdout
    assert "the lessons need ratings, and there are none" in run.stdout
