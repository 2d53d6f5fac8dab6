"""Does each edition come out in the one tidy form, and does bad data get caught?"""

import pandas as pd
import pytest

from helpers.data import load_movielens, synthetic, validate_ratings
from helpers.movielens.errors import (
    CorruptDataError,
    DataError,
    InvalidRatingsError,
    MissingColumnError,
    SourceNotFoundError,
    UnknownDatasetError,
)
from tests.support.movielens_files import (
    RATINGS,
    TEST_ROWS,
    real_data,
    write_csv_edition,
    write_ml_1m,
    write_ml_100k,
    zip_folder,
)

pytestmark = pytest.mark.usefixtures("no_outside")


def test_ml_100k_is_read_in_file_order_with_tidy_columns(tmp_path):
    movielens = load_movielens("ml-100k", source=write_ml_100k(tmp_path / "ml-100k"))
    ratings, movies, users = movielens.ratings, movielens.movies, movielens.users
    assert list(ratings.itertuples(index=False, name=None)) == RATINGS
    assert ratings.dtypes.astype(str).to_dict() == {
        "user_id": "int32",
        "movie_id": "int32",
        "rating": "float32",
        "timestamp": "int64",
    }
    assert movies["title"].tolist() == ["Café, The", "Two Friends", "unknown"]
    assert movies["year"].fillna(0).tolist() == [1995, 1986, 0]
    assert movies["year"].dtype == "Int64"
    assert movies["genres"].tolist() == ["Action|Comedy", "Children's", ""]
    assert users["zip_code"].tolist() == ["85711", "94043", "T8H1N"]
    assert users["age"].tolist() == [24, 53, 23]
    train, test = movielens.folds[1]
    assert test.tolist() == TEST_ROWS
    assert train.tolist() == [0, 2, 3, 5]


def test_summary_tells_size_density_and_origin(tmp_path):
    folder = write_ml_100k(tmp_path / "ml-100k")
    movielens = load_movielens("ml-100k", source=folder)
    assert repr(movielens) == (
        "ml-100k (unrecognised edition): 3 users, 3 movies, 6 ratings "
        f"(66.7 % of all pairs), from {folder}"
    )


def test_parent_folder_and_zip_give_the_same_as_the_folder(tmp_path):
    folder = write_ml_100k(tmp_path / "there" / "ml-100k")
    archive = zip_folder(folder, tmp_path / "any-name.zip")
    zipped = tmp_path / "only zips"
    zipped.mkdir()
    zip_folder(folder, zipped / "ml-100k.zip")
    expected = load_movielens("ml-100k", source=folder)
    for source in (folder.parent, archive, zipped, str(archive)):
        found = load_movielens("ml-100k", source=source)
        pd.testing.assert_frame_equal(found.ratings, expected.ratings)
        pd.testing.assert_frame_equal(found.movies, expected.movies)
        assert found.folds.keys() == {1}


@pytest.mark.parametrize("name", ["ml-latest-small", "ml-25m", "ml-32m"])
def test_csv_editions(tmp_path, name):
    movielens = load_movielens(name, source=write_csv_edition(tmp_path / name))
    assert movielens.ratings["rating"].tolist() == [2.5, 5.0, 0.5]
    assert movielens.movies["title"].tolist() == [
        "Dangerous Minds",
        'Amélie, or "Poulain" (Fabuleux destin)',
        "Babylon 5",
        "Death Note",
    ]
    assert movielens.movies["year"].fillna(0).tolist() == [1995, 2001, 0, 2006]
    assert movielens.movies["genres"].tolist()[1:3] == ["Comedy|Romance", ""]
    assert movielens.users is None
    assert movielens.folds == {}
    assert movielens.rating_scale == (0.5, 5.0, 0.5)
    assert movielens.n_movies == 2


def test_ml_1m(tmp_path):
    movielens = load_movielens("ml-1m", source=write_ml_1m(tmp_path / "ml-1m"))
    assert movielens.ratings["movie_id"].tolist() == [1193, 661]
    assert movielens.ratings["timestamp"].tolist() == [978300760, 978302109]
    assert movielens.movies["title"].tolist() == [
        "James: Giant Peach",
        "Misérables, Les",
    ]
    assert movielens.movies["genres"].tolist() == ["Animation|Children's", "Drama"]
    assert movielens.users.values.tolist() == [
        [1, 1, "F", "K-12 student", "48067"],
        [2, 56, "M", "self-employed", "70072-1234"],
    ]


def test_name_comes_from_course_data_and_source_from_the_environment(
    tmp_path, monkeypatch
):
    write_csv_edition(tmp_path / "ml-25m")
    monkeypatch.setenv("MOVIELENS_SOURCE", str(tmp_path))
    monkeypatch.setenv("COURSE_DATA", "ml-25m")
    assert load_movielens().name == "ml-25m"
    monkeypatch.setenv("COURSE_DATA", "synthetic")
    assert load_movielens().synthetic


def test_without_a_name_it_is_ml_100k(tmp_path):
    folder = write_ml_100k(tmp_path / "ml-100k")
    assert load_movielens(source=folder).name == "ml-100k"


def test_real_ml_100k():
    movielens = load_movielens("ml-100k", source=real_data("ml-100k"))
    assert repr(movielens).startswith(
        "ml-100k: 943 users, 1,682 movies, 100,000 ratings (6.3 % of all pairs), from "
    )
    assert movielens.edition == "1998"
    titles = movielens.movies.set_index("movie_id")
    assert titles.loc[50, ["title", "year"]].tolist() == ["Star Wars", 1977]
    assert titles.loc[12, "title"] == "Usual Suspects, The"
    assert titles.loc[543, "title"] == "Misérables, Les"
    assert titles.loc[1412, "title"].endswith("Giving")
    assert titles.loc[1412, "year"] == 1995
    assert titles.index[titles["year"].isna()].tolist() == [267]
    assert not titles["title"].str.contains(r"\(\d{4}\)|\s$").any()
    assert [len(rows) for rows in movielens.folds[1]] == [80_000, 20_000]


def test_real_ml_latest_small():
    source = real_data("ml-latest-small.zip")
    movielens = load_movielens("ml-latest-small", source=source)
    assert movielens.edition == "2018"
    assert (movielens.n_users, movielens.n_ratings) == (610, 100_836)
    assert len(movielens.movies) == 9_742
    assert "2018 edition" in repr(movielens)


def test_real_edition_under_a_wrong_name_is_refused():
    with pytest.raises(CorruptDataError, match="holds ml-latest-small, not ml-25m"):
        load_movielens("ml-25m", source=real_data("ml-latest-small.zip"))


@pytest.mark.parametrize(
    ("name", "hint"),
    [("ml100k", "ml-100k"), ("ML-1M", "ml-1m"), ("synthtic", "synthetic")],
)
def test_unknown_name_lists_the_known_ones(name, hint):
    with pytest.raises(UnknownDatasetError) as caught:
        load_movielens(name)
    assert f"Did you mean {hint!r}?" in str(caught.value)
    assert "ml-latest-small" in str(caught.value)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("size", ["lots", "-3", "5", "4e3", " "])
def test_a_sample_of_no_size_names_the_variable(monkeypatch, size):
    monkeypatch.setenv("COURSE_SAMPLE", size)
    with pytest.raises(DataError, match="COURSE_SAMPLE says"):
        load_movielens("synthetic")


@pytest.mark.parametrize("size", [20, 49, 50, 4000])
def test_a_sample_has_the_size_asked_for(monkeypatch, size):
    monkeypatch.setenv("COURSE_SAMPLE", f" {size}")
    assert load_movielens("synthetic").n_ratings == size


def test_source_that_is_not_there(tmp_path):
    with pytest.raises(SourceNotFoundError, match="no folder or zip .*nowhere"):
        load_movielens("ml-100k", source=tmp_path / "nowhere")


def test_source_without_the_editions_files_tells_what_it_holds(tmp_path):
    folder = write_csv_edition(tmp_path / "films")
    with pytest.raises(SourceNotFoundError, match=r"no u\.data.*movies\.csv"):
        load_movielens("ml-100k", source=folder)


def test_source_that_lacks_one_file(tmp_path):
    folder = write_ml_100k(tmp_path / "ml-100k")
    (folder / "u.item").unlink()
    with pytest.raises(SourceNotFoundError, match=r"u\.item is missing"):
        load_movielens("ml-100k", source=folder)


@pytest.mark.parametrize(
    ("ratings", "error", "message"),
    [
        (
            [*RATINGS, (1, 30, 6, 9)],
            InvalidRatingsError,
            "1 of 7 ratings are off.*row 6",
        ),
        (
            [(1, 10, 0, 9), *RATINGS[:1]],
            InvalidRatingsError,
            "row 0 .*user 1, movie 10",
        ),
        ([*RATINGS, (1, 30, 3.5, 9)], InvalidRatingsError, "steps of 1"),
        (
            [*RATINGS, (1, 30, "", 9)],
            InvalidRatingsError,
            "1 of 7 ratings lack a value",
        ),
        ([*RATINGS, (3, 20, 1, 9)], InvalidRatingsError, "repeat a .* pair.*row 6"),
        ([], InvalidRatingsError, "the table is empty"),
        ([*RATINGS, (1, 30, "five", 9)], CorruptDataError, "cannot be read as a table"),
        ([*RATINGS, ("", 30, 5, 9)], CorruptDataError, "cannot be read as a table"),
        ([*RATINGS, (1, 30)], DataError, "."),
        (
            [row[:3] for row in RATINGS],
            MissingColumnError,
            "lacks the column timestamp",
        ),
        ([*RATINGS, (1, 99, 5, 9)], CorruptDataError, "no title for 1 .*movie 99"),
    ],
    ids=[
        *("six", "zero", "half", "gap", "twice", "empty", "word", "no id"),
        *("cut line", "no column", "no title"),
    ],
)
def test_broken_ratings_file(tmp_path, ratings, error, message):
    folder = write_ml_100k(tmp_path / "ml-100k", ratings=ratings, folds=False)
    with pytest.raises(error, match=f"(?s){message}"):
        load_movielens("ml-100k", source=folder)


def test_csv_without_a_column(tmp_path):
    folder = write_csv_edition(tmp_path / "ml-25m")
    (folder / "ratings.csv").write_text("userId,movieId,stars,timestamp\n1,31,2.5,9\n")
    with pytest.raises(
        MissingColumnError, match=r"ratings\.csv lacks the column rating"
    ):
        load_movielens("ml-25m", source=folder)


def test_fold_that_does_not_fit_the_ratings(tmp_path):
    folder = write_ml_100k(tmp_path / "ml-100k")
    (folder / "u1.test").write_text("1\t10\t5\t105\n1\t10\t5\t105\n")
    with pytest.raises(CorruptDataError, match=r"u1\.base and u1\.test"):
        load_movielens("ml-100k", source=folder)


def test_validate_ratings_accepts_good_and_names_a_missing_column():
    ratings = synthetic(30, 40, 300).ratings
    validate_ratings(ratings, (1, 5, 1))
    with pytest.raises(MissingColumnError, match="lack the column timestamp"):
        validate_ratings(ratings.drop(columns="timestamp"), (1, 5, 1))


def test_validate_ratings_counts_all_wrong_rows():
    ratings = synthetic(30, 40, 300).ratings
    ratings.loc[[7, 90, 299], "rating"] = 9
    with pytest.raises(InvalidRatingsError, match="3 of 300 .*row 7 "):
        validate_ratings(ratings, (1, 5, 1))
