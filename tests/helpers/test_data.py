"""Does each edition come out in the one tidy form, and does bad data get caught?"""

import csv
import gzip
import io
import re
import shutil

import numpy as np
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


@pytest.fixture(autouse=True)
def no_outside(monkeypatch, tmp_path):
    """Keep the user's own settings and cache out of the tests."""
    for variable in ("COURSE_DATA", "MOVIELENS_SOURCE", "MOVIELENS_URL"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("MOVIELENS_HOME", str(tmp_path / "cache"))


def gini(counts):
    counts = np.sort(np.asarray(counts, dtype=float))
    n = len(counts)
    return (2 * np.arange(1, n + 1) - n - 1) @ counts / (n * counts.sum())


# --- the tidy form ----------------------------------------------------------------


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


# --- the real files ---------------------------------------------------------------


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


# --- bad input --------------------------------------------------------------------


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


# --- what Excel, a Mac or a mirror makes of the files ------------------------------


def rewrite(path, change, encoding="utf-8", newline="\n"):
    text = path.read_bytes().decode("latin-1" if path.name == "u.item" else "utf-8")
    path.write_bytes(change(text).replace("\n", newline).encode(encoding))


def columns_by(sep):
    """Write a comma-separated file as a spreadsheet does in another country."""

    def change(text):
        rows = csv.reader(text.splitlines())
        out = io.StringIO()
        csv.writer(out, delimiter=sep, lineterminator="\n").writerows(rows)
        return out.getvalue()

    return change


def decimal_commas(text):
    return re.sub(r"(?m);(\d)\.(\d);", r";\1,\2;", columns_by(";")(text))


def all_quoted(text):
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows(csv.reader(text.splitlines()))
    return out.getvalue()


def trailing_cells(text):
    return "".join(line + ",,\n" for line in text.splitlines()) + ",,,,,\n,,,,,\n\n"


def trailing_cells_in_rows_only(text):
    first, *rows = text.splitlines()
    return "\n".join([first, *(row + "," for row in rows)]) + "\n"


MENDED = {
    "byte-order mark": {"encoding": "utf-8-sig"},
    "UTF-16": {"encoding": "utf-16"},
    "UTF-16, tabs": {"change": columns_by("\t"), "encoding": "utf-16"},
    "cp1252": {"encoding": "cp1252"},
    "CRLF": {"newline": "\r\n"},
    "CR": {"newline": "\r"},
    "byte-order mark and CRLF": {"encoding": "utf-8-sig", "newline": "\r\n"},
    "semicolons": {"change": columns_by(";")},
    "tabs": {"change": columns_by("\t")},
    "sep=": {"change": lambda text: "sep=;\n" + columns_by(";")(text)},
    "decimal commas": {"change": decimal_commas},
    "quoted": {"change": all_quoted},
    "quoted decimal commas": {
        "change": lambda text: re.sub(r'"(\d)\.(\d)"', r'"\1,\2"', all_quoted(text))
    },
    "trailing cells": {"change": trailing_cells},
    "trailing cells in rows": {"change": trailing_cells_in_rows_only},
    "empty lines": {"change": lambda text: "\n" + text + "\n\n"},
    "spaces": {"change": lambda text: text.replace(",", " , ", 3)},
    "whole ids as decimals": {
        "change": lambda text: re.sub(r"(?m)^(\d+),(\d+),", r"\1.0,\2.0,", text)
    },
}


@pytest.mark.parametrize("how", MENDED)
def test_csv_files_that_went_through_a_spreadsheet(tmp_path, how):
    expected = load_movielens("ml-25m", source=write_csv_edition(tmp_path / "ml-25m"))
    folder = write_csv_edition(tmp_path / "other" / "ml-25m")
    rules = {"change": str} | MENDED[how]
    for name in ("ratings.csv", "movies.csv"):
        if how == "spaces" and name == "movies.csv":
            continue  # a title may have a comma
        rules_of = dict(rules)
        if how == "cp1252":  # has no way to write what is not in Western Europe
            rules_of["change"] = lambda text: text.replace("–", "-")
        rewrite(folder / name, **rules_of)
    found = load_movielens("ml-25m", source=folder)
    pd.testing.assert_frame_equal(found.ratings, expected.ratings)
    pd.testing.assert_frame_equal(found.movies, expected.movies)


@pytest.mark.parametrize("sep", ["\t", ",", ";", "|"])
@pytest.mark.parametrize("encoding", ["latin-1", "utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("quote", ["", '"'])
def test_ml_100k_that_was_saved_anew(tmp_path, sep, encoding, quote):
    expected = load_movielens("ml-100k", source=write_ml_100k(tmp_path / "ml-100k"))
    folder = write_ml_100k(tmp_path / "other" / "ml-100k")

    def change(text):
        rows = [line.split("\t") for line in text.splitlines()]
        lines = (sep.join(f"{quote}{cell}{quote}" for cell in row) for row in rows)
        return "\n".join(lines) + "\n"

    for name in ("u.data", "u1.base", "u1.test"):
        rewrite(folder / name, change, encoding, "\r\n")
    rewrite(folder / "u.item", str, encoding)
    rewrite(folder / "u.user", str, encoding)
    found = load_movielens("ml-100k", source=folder)
    pd.testing.assert_frame_equal(found.ratings, expected.ratings)
    pd.testing.assert_frame_equal(found.movies, expected.movies)
    pd.testing.assert_frame_equal(found.users, expected.users)
    assert found.folds.keys() == {1}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_ml_1m_that_was_saved_anew(tmp_path, encoding):
    expected = load_movielens("ml-1m", source=write_ml_1m(tmp_path / "ml-1m"))
    folder = write_ml_1m(tmp_path / "other" / "ml-1m")
    for path in folder.iterdir():
        text = path.read_bytes().decode("latin-1")
        path.write_bytes((text.replace("\n", "\r\n") + "\r\n").encode(encoding))
    found = load_movielens("ml-1m", source=folder)
    pd.testing.assert_frame_equal(found.ratings, expected.ratings)
    pd.testing.assert_frame_equal(found.movies, expected.movies)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ("1,31,05. Mrz,1260759144", "row 0 has '05. Mrz' as rating"),
        ("1,31,2.5,1.26E+09", r"'1\.26E\+09' as timestamp.*with all its digits"),
        ("1,31,2.5,09.12.1996 10:22", r"'09\.12\.1996 10:22' as timestamp"),
        ("1.5,31,2.5,9", r"'1\.5' as user_id"),
        ("#NAME?,31,2.5,9", r"'#NAME\?' as user_id"),
        ("1,31,2.5", "row 0 has '' as timestamp"),
    ],
)
def test_a_value_that_a_spreadsheet_has_changed_is_named(tmp_path, values, says):
    folder = write_csv_edition(tmp_path / "ml-25m")
    (folder / "ratings.csv").write_text(f"userId,movieId,rating,timestamp\n{values}\n")
    with pytest.raises(CorruptDataError, match=says):
        load_movielens("ml-25m", source=folder)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"<!DOCTYPE html><title>Log in &amp; go</title>", "a web page, “Log in & go”"),
        (b'{"error": "not found"}', "JSON.*not found"),
        (b"version https://git-lfs.github.com/spec/v1\noid", "a pointer of Git LFS"),
        (b"PK\3\4____[Content_Types].xml", "an Excel workbook"),
        (b"", "the table is empty"),
        (b"\xef\xbb\xbf\r\n", "."),
    ],
)
def test_a_table_that_is_something_else(tmp_path, content, what):
    folder = write_csv_edition(tmp_path / "ml-25m")
    (folder / "ratings.csv").write_bytes(content)
    with pytest.raises(DataError, match=f"(?s){what}"):
        load_movielens("ml-25m", source=folder)


def add_what_a_mac_adds(folder):
    (folder / "__MACOSX" / "ml-100k").mkdir(parents=True)
    (folder / "__MACOSX" / "ml-100k" / "._u.data").write_bytes(b"\0\5\x16\7")
    (folder / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
    (folder / "ml-100k" / "._u.item").write_bytes(b"\0\5\x16\7")
    (folder / "ml-100k" / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")


def rename(old, new):
    return lambda folder: (folder / "ml-100k" / old).rename(folder / "ml-100k" / new)


def compress(folder):
    for path in list((folder / "ml-100k").iterdir()):
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()


def put_deeper(folder):
    (folder / "a download" / "of a mirror").mkdir(parents=True)
    (folder / "ml-100k").rename(folder / "a download" / "of a mirror" / "data")
    (folder / "a download" / "docs").mkdir()


ARRANGED = [
    add_what_a_mac_adds,
    rename("u.data", "U.DATA"),
    rename("u.item", "u.item.txt"),
    compress,
    put_deeper,
    lambda folder: (folder / "ml-100k").rename(folder / "Moje dane"),
]


@pytest.mark.parametrize("kind", ["folder", "zip", "tar", "gztar"])
@pytest.mark.parametrize("arrange", ARRANGED)
def test_files_that_lie_elsewhere(tmp_path, arrange, kind):
    expected = load_movielens("ml-100k", source=write_ml_100k(tmp_path / "ml-100k"))
    folder = tmp_path / "all"
    write_ml_100k(folder / "ml-100k")
    arrange(folder)
    source = folder
    if kind != "folder":
        source = shutil.make_archive(str(tmp_path / "packed"), kind, folder)
    found = load_movielens("ml-100k", source=source)
    pd.testing.assert_frame_equal(found.ratings, expected.ratings)
    pd.testing.assert_frame_equal(found.movies, expected.movies)
    assert found.folds.keys() == {1}


def test_two_folders_that_could_be_meant_are_named(tmp_path):
    for name in ("one", "two"):
        write_csv_edition(tmp_path / "all" / name)
    with pytest.raises(SourceNotFoundError, match="several folders: one, two"):
        load_movielens("ml-25m", source=tmp_path / "all")
    write_csv_edition(tmp_path / "all" / "ml-25m")
    assert load_movielens("ml-25m", source=tmp_path / "all").n_ratings == 3


# --- made-up ratings --------------------------------------------------------------


@pytest.fixture(scope="module")
def made_up():
    return synthetic()


def test_synthetic_is_labelled_and_valid(made_up):
    assert made_up.name == "synthetic"
    assert made_up.synthetic
    assert "made-up" in repr(made_up)
    assert made_up.movies["title"].iloc[0] == "Synthetic movie 0001"
    validate_ratings(made_up.ratings, made_up.rating_scale)
    assert (made_up.n_users, made_up.n_movies) == (943, 1682)
    assert made_up.n_ratings == 100_000
    assert made_up.ratings.dtypes.astype(str).tolist() == [
        *("int32", "int32", "float32", "int64")
    ]


def test_synthetic_has_the_long_tail_of_ml_100k(made_up):
    by_movie = made_up.ratings["movie_id"].value_counts()
    by_user = made_up.ratings["user_id"].value_counts()
    # ml-100k: 0.629 and 0.472; its mean rating is 3.53.
    assert gini(by_movie) == pytest.approx(0.629, abs=0.04)
    assert gini(by_user) == pytest.approx(0.472, abs=0.04)
    assert by_user.min() == 20
    assert made_up.ratings["rating"].mean() == pytest.approx(3.53, abs=0.15)


def test_the_figures_of_ml_100k_in_the_test_above():
    ratings = load_movielens("ml-100k", source=real_data("ml-100k")).ratings
    assert gini(ratings["movie_id"].value_counts()) == pytest.approx(0.629, abs=5e-4)
    assert gini(ratings["user_id"].value_counts()) == pytest.approx(0.472, abs=5e-4)
    assert ratings["rating"].mean() == pytest.approx(3.53, abs=5e-3)


def test_synthetic_ratings_follow_their_truth(made_up):
    truth = made_up.truth
    user = made_up.ratings["user_id"].to_numpy() - 1
    movie = made_up.ratings["movie_id"].to_numpy() - 1
    biases = truth["mean"] + truth["user_bias"][user] + truth["movie_bias"][movie]
    factors = (truth["user_factors"][user] * truth["movie_factors"][movie]).sum(axis=1)

    def error(prediction):
        stars = made_up.ratings["rating"]
        return np.sqrt(np.mean((np.clip(prediction, 1, 5) - stars) ** 2))

    # The noise (0.9) and the rounding (0.29) are all that is left.
    assert error(biases + factors) < 0.93
    assert error(biases) > error(biases + factors) + 0.1
    assert error(truth["mean"]) > error(biases) + 0.1


def test_synthetic_users_prefer_what_they_like(made_up):
    truth = made_up.truth
    liking = truth["user_factors"] @ truth["movie_factors"].T
    rated = made_up.ratings[["user_id", "movie_id"]].to_numpy() - 1
    assert liking[rated[:, 0], rated[:, 1]].mean() > liking.mean() + 0.1


def test_synthetic_genres_and_years_tell_of_the_factors(made_up):
    factor = made_up.truth["movie_factors"][:, 0]
    romance = made_up.movies["genres"].str.contains("Romance").to_numpy()
    assert factor[romance].mean() > factor[~romance].mean() + 0.5
    years = made_up.movies["year"].to_numpy(dtype=float)
    assert np.corrcoef(years, factor)[0, 1] < -0.3


def test_synthetic_depends_on_the_seed_alone():
    one, same, other = (synthetic(50, 60, 1500, seed=seed) for seed in (3, 3, 4))
    pd.testing.assert_frame_equal(one.ratings, same.ratings)
    pd.testing.assert_frame_equal(one.movies, same.movies)
    assert not one.ratings.equals(other.ratings)


@pytest.mark.parametrize(
    ("n_users", "n_movies", "n_ratings", "n_factors"),
    [
        (1, 1, 1, 1),
        (5, 7, 35, 2),
        (10, 5, 12, 0),
        (3, 400, 400, 20),
        (600, 30, 9000, 4),
    ],
)
def test_synthetic_at_its_limits(n_users, n_movies, n_ratings, n_factors):
    movielens = synthetic(n_users, n_movies, n_ratings, n_factors)
    validate_ratings(movielens.ratings, movielens.rating_scale)
    assert movielens.n_ratings == n_ratings
    assert (movielens.n_users, movielens.n_movies) == (n_users, n_movies)
    assert movielens.truth["movie_factors"].shape == (n_movies, n_factors)


@pytest.mark.parametrize("n_ratings", [9, 101])
def test_synthetic_refuses_what_has_no_room(n_ratings):
    with pytest.raises(
        ValueError, match=f"10 to 100 ratings.*n_ratings is {n_ratings}"
    ):
        synthetic(10, 10, n_ratings)
