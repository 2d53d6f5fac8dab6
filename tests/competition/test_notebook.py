"""The notebook for students: it runs from top to bottom, and writes valid files."""

import shutil

import nbformat
import pytest
from nbclient import NotebookClient

from competition import notebook
from helpers.competition import load_competition, read_submission
from helpers.competition.submissions import LISTS, RATINGS
from tests.support.competitions import small_folder
from tests.support.shown import OUTPUT_SECONDS, text_of


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("students")
    shutil.copytree(small_folder() / "students", folder, dirs_exist_ok=True)
    notebook.write(folder, is_public=False)
    return folder


def test_it_runs_and_writes_files_that_the_leaderboard_can_read(folder):
    book = nbformat.read(folder / "project.ipynb", as_version=4)
    nbformat.validate(book)
    NotebookClient(
        book,
        timeout=120,
        iopub_timeout=OUTPUT_SECONDS,
        resources={"metadata": {"path": str(folder)}},
    ).execute()
    competition = load_competition(folder)
    kinds = [
        read_submission(folder / f"my_{name}.csv", competition).kind
        for name in ("ratings", "lists")
    ]
    assert kinds == [RATINGS, LISTS]
    shown = "\n".join(map(text_of, (c for c in book.cells if c.cell_type == "code")))
    assert "RMSE" in shown
    assert "NDCG@10" in shown


def test_it_is_the_same_each_time_and_says_whether_ratings_are_public(tmp_path):
    for name, is_public in (("a", False), ("b", False), ("c", True)):
        notebook.write(tmp_path / name, is_public)
    first, same, public = (
        (tmp_path / name / "project.ipynb").read_text("utf-8") for name in "abc"
    )
    assert first == same
    assert "nobody can look them up" in first
    assert "These ratings are public" in public


def test_it_is_translated_and_its_code_is_not(tmp_path, monkeypatch):
    notebook.write(tmp_path / "en", is_public=False)
    monkeypatch.setenv("COURSE_LANG", "es")
    notebook.write(tmp_path / "es", is_public=False)
    english, spanish = (
        nbformat.read(tmp_path / name / "project.ipynb", as_version=4).cells
        for name in ("en", "es")
    )
    assert len(english) == len(spanish)
    for one, other in zip(english, spanish, strict=True):
        is_setup = 'setdefault("COURSE_LANG"' in one.source
        is_same = one.source == other.source
        assert is_same == (one.cell_type == "code" and not is_setup), one.source
