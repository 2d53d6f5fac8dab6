"""The zip that students get."""

import os
import subprocess
import sys
import zipfile

import pytest

from authoring.derive import derived_files
from authoring.lesson_format import read_lesson, split_lines
from authoring.project import AuthoringError, Project
from authoring.release import pack
from helpers.checks.runner import LESSONS

PROJECT = Project.open()


@pytest.fixture(scope="module")
def without_answers(tmp_path_factory):
    return pack(PROJECT, tmp_path_factory.mktemp("release"))


def test_a_release_holds_what_students_need_and_no_answer(without_answers, tmp_path):
    with zipfile.ZipFile(without_answers) as archive:
        content = {
            name.partition("/")[2]: archive.read(name) for name in archive.namelist()
        }
    assert {"environment.yml", "START.txt", "helpers/checks/runner.py"} <= set(content)
    for source in PROJECT.sources():
        assert f"notebooks/{source.stem}.ipynb" in content
        assert f"helpers/checks/lessons/lesson{source.stem[:2]}.json" in content
    assert not any(
        name.startswith(("solutions", "grading", "tests", "INSTRUCTOR"))
        or "solved" in name
        for name in content
    )
    for source in PROJECT.sources():
        text = content[f"notebooks/{source.stem}.ipynb"].decode()
        split = split_lines(read_lesson(source))
        public = set(split.public)
        for line in split.secret:
            if len(line) >= 40 and line not in public:
                assert line.replace('"', '\\"') not in text
    assert without_answers.read_bytes() == pack(PROJECT, tmp_path).read_bytes()


def unpacked(path, folder):
    """Unpack a release; return the folder in it."""
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)
    (inside,) = (path for path in folder.iterdir() if path.is_dir())
    return inside


def revealed(release, **environment):
    """Call `reveal` in a Python that can import only the release."""
    # The answer to an exercise whose lesson needs no Keras: it is there at once.
    code = (
        "import pandas as pd\nfrom helpers import reveal\n"
        "ratings = pd.DataFrame({'user_id': [1, 2, 3], 'movie_id': [7, 7, 8]})\n"
        "print(reveal('1.1', force=True)(ratings))"
    )
    environment = {"COURSE_HOME": str(release.parent / "home"), **environment}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=release,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_reveal_opens_on_the_date_of_the_release(without_answers, tmp_path):
    release = unpacked(pack(PROJECT, tmp_path, "2999-01-31"), tmp_path / "dated")
    assert len(list(release.glob("helpers/checks/solved/*.json"))) == len(LESSONS)
    done = revealed(release, COURSE_REVEAL_FROM="2020-01-01")
    assert "opens the answers on 2999-01-31" in done.stdout
    assert "0.5" not in done.stdout.split()

    date = release / "helpers" / "checks" / "solved" / "reveal_from.txt"
    assert date.read_text() == "2999-01-31\n"
    date.write_text("2020-01-31\n")
    done = revealed(release)
    assert done.stdout.split()[-1] == "0.5", done.stderr

    done = revealed(unpacked(without_answers, tmp_path / "without"))
    assert "has no answers in it" in done.stdout


def test_a_date_that_is_none_is_refused(tmp_path):
    with pytest.raises(AuthoringError, match="2027-01-31"):
        pack(PROJECT, tmp_path, "31.1.2027")
    assert list(tmp_path.iterdir()) == []


def test_a_students_own_notebook_is_not_released(small_course, tmp_path):
    (source,) = small_course.sources()
    for path, text in derived_files(small_course, source).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (small_course.notebooks / f"{source.stem}-Copy1.ipynb").write_text("{}")
    with zipfile.ZipFile(pack(small_course, tmp_path / "out")) as archive:
        names = [name for name in archive.namelist() if name.endswith(".ipynb")]
    assert [name.rpartition("/")[2] for name in names] == [f"{source.stem}.ipynb"]


def test_a_stale_exercise_is_not_released(small_course, tmp_path):
    (source,) = small_course.sources()
    exercise = small_course.notebooks / f"{source.stem}.ipynb"
    exercise.parent.mkdir(exist_ok=True)
    exercise.write_text("{}")
    with pytest.raises(AuthoringError, match="make notebooks"):
        pack(small_course, tmp_path)
