"""The folder that students get."""

import shutil

import pandas as pd
import pytest

from helpers.competition import load_competition
from helpers.competition.folder import write_competition
from helpers.movielens.errors import DataError, SourceNotFoundError
from tests.support.competitions import small, small_folder


def test_what_is_written_is_what_is_read(tmp_path):
    competition = small().competition
    write_competition(competition, tmp_path)
    found = load_competition(tmp_path)
    for name in ("train", "movies", "users", "rate", "rank"):
        pd.testing.assert_frame_equal(getattr(found, name), getattr(competition, name))
    assert found.rules == competition.rules
    assert repr(found) == repr(competition)
    assert "120 users to recommend movies to" in repr(found)


def test_movies_without_genres_or_year_and_no_users_are_read(tmp_path):
    shutil.copytree(small_folder() / "students", tmp_path, dirs_exist_ok=True)
    (tmp_path / "movies.csv").write_text("movie_id,title,year,genres\n1,x,,\n")
    (tmp_path / "users.csv").unlink()
    found = load_competition(tmp_path)
    assert found.movies["genres"].tolist() == [""]
    assert found.movies["year"].isna().all()
    assert found.users is None


def test_texts_that_look_like_missing_values_or_numbers_stay(tmp_path):
    shutil.copytree(small_folder() / "students", tmp_path, dirs_exist_ok=True)
    titles = ["None", "NA", "null", "nan", "N/A", "1984", "007", ""]
    rows = "".join(f"{n},{title},,None\n" for n, title in enumerate(titles, 1))
    (tmp_path / "movies.csv").write_text("movie_id,title,year,genres\n" + rows)
    (tmp_path / "users.csv").write_text(
        "user_id,age,gender,occupation,zip_code\n1,24,M,None,00501\n"
    )
    found = load_competition(tmp_path)
    assert found.movies["title"].tolist() == titles
    assert found.movies["genres"].eq("None").all()
    assert found.movies["year"].isna().all()
    assert found.users.to_numpy().tolist() == [[1, 24, "M", "None", "00501"]]


def test_missing_files_are_named(tmp_path):
    with pytest.raises(SourceNotFoundError, match=r"lacks competition.json, train.csv"):
        load_competition(tmp_path)


def test_a_damaged_file_is_said(tmp_path):
    shutil.copytree(small_folder() / "students", tmp_path, dirs_exist_ok=True)
    (tmp_path / "competition.json").write_text("{")
    with pytest.raises(DataError, match="cannot be read"):
        load_competition(tmp_path)
