"""The course and its files, as the doctor examines them."""

import pytest

from helpers.cli.diagnostics import FIX, NOTE, OK, course, finding
from helpers.movielens import sources
from tests.support.paths import ROOT

pytestmark = pytest.mark.usefixtures("own_folders")


def test_ratings_none_whole_and_damaged(monkeypatch, tmp_path):
    found = course.ratings()
    assert found.state == OK
    assert "none yet" in found.found

    folder = tmp_path / "movielens"
    folder.mkdir()
    whole = folder / "ml-1m.zip"
    whole.write_bytes(b"whole")
    sha256 = sources.pooch.file_hash(whole, alg="sha256")
    monkeypatch.setitem(sources.ZIP_SHA256, "ml-1m", sha256)
    found = course.ratings()
    assert found.state == OK
    assert "ml-1m, whole" in found.found

    damaged = folder / sources.MIRROR_WHEEL
    damaged.write_bytes(b"half")
    found = course.ratings()
    assert found.state == FIX
    assert str(damaged) in found.found
    assert str(whole) not in found.found
    assert found.fix.startswith(("rm ", "del "))
    assert finding.shell_quote(damaged) in found.fix
    assert damaged.read_bytes() == b"half"


@pytest.mark.parametrize("variable", ["MOVIELENS_SOURCE", "COURSE_DATA"])
def test_a_variable_that_names_nothing_is_in_the_way(monkeypatch, tmp_path, variable):
    monkeypatch.setenv(variable, str(tmp_path / "nowhere"))
    found = course.ratings()
    assert found.state == FIX
    assert variable in found.found
    assert variable in found.fix


def test_a_table_of_ones_own_is_found(monkeypatch, tmp_path):
    path = tmp_path / "books.csv"
    path.write_text("")
    monkeypatch.setenv("COURSE_DATA", str(path))
    found = course.ratings()
    assert found.state == OK
    assert str(path) in found.found


def test_a_course_home_that_cannot_be_one(monkeypatch, tmp_path):
    assert course.course_home().state == OK
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "file"))
    found = course.course_home()
    assert found.state == FIX
    assert "COURSE_HOME" in found.fix


@pytest.mark.parametrize("content", ['{"exercises": {', "[1]", "\udcff"])
def test_damaged_progress_is_reported_and_not_changed(tmp_path, content):
    assert course.progress().state == OK
    path = tmp_path / "home" / "progress.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    found = course.progress()
    assert found.state == NOTE
    assert str(path) in found.fix
    assert path.exists()
    path.write_text('{"exercises": {"2.1": {}, "2.2": {}}}')
    assert "2 exercises" in course.progress().found


def test_closed_answers_are_reported(monkeypatch):
    assert course.answers().state == OK
    monkeypatch.setenv("COURSE_REVEAL_FROM", "2999-01-31")
    found = course.answers()
    assert found.state == NOTE
    assert "2999-01-31" in found.found


def test_the_helpers_of_another_folder_are_reported(monkeypatch, tmp_path):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    assert course.helpers().state == OK
    other = tmp_path / "other"
    (other / "helpers").mkdir(parents=True)
    (other / "helpers" / "__init__.py").touch()
    (other / "helpers" / "storage.py").touch()
    monkeypatch.setenv("PYTHONPATH", str(other))
    found = course.helpers()
    assert found.state == NOTE
    assert str(other) in found.found
