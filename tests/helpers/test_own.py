"""Ratings of one's own, in all the forms that people have them in."""

import gzip
import zipfile

import numpy as np
import pandas as pd
import pytest

from helpers.baselines import BiasBaseline, ease_weights
from helpers.data import load_movielens, load_ratings, synthetic
from helpers.movielens.errors import (
    CorruptDataError,
    DataError,
    InvalidRatingsError,
    MissingColumnError,
    SourceNotFoundError,
    UnsafeArchiveError,
)
from helpers.movielens.own import parse_columns
from helpers.ranking import mask_pairs, ndcg_at_k, relevance_matrix
from helpers.splits import global_time_split, pairs, random_split, time_split

TEXT = "userId,isbn,stars,when\nada,0345,4.5,10\nada,034X,1,20\nbob,0345,3,30\n"
NAMED = {"item": "isbn", "time": "when"}


@pytest.fixture(scope="module")
def made_up():
    """Synthetic ratings, as a table that somebody has."""
    ratings = synthetic(n_users=60, n_movies=50, n_ratings=1500).ratings
    return ratings.rename(columns={"movie_id": "item", "timestamp": "time"})


def written(tmp_path, text, name="my.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding) if isinstance(text, str) else text)
    return path


def load(tmp_path, text, **columns):
    return load_ratings(written(tmp_path, text), **columns)


FORMS = {
    "commas": TEXT.encode(),
    "a BOM": TEXT.encode("utf-8-sig"),
    "UTF-16": TEXT.encode("utf-16"),
    "decimal commas": TEXT.replace(",", ";").replace("4.5", "4,5").encode(),
    "tabs": TEXT.replace(",", "\t").encode(),
    "bars, Windows lines": TEXT.replace(",", "|").replace("\n", "\r\n").encode(),
    "for Excel": b"sep=;\n" + TEXT.replace(",", ";").encode(),
    "for Excel, tabs": b'\n"sep=\t"\r\n' + TEXT.replace(",", "\t").encode(),
    "quotation marks": TEXT.replace("ada", '"ada"').replace("4.5", '"4,5"').encode(),
    "gzip": gzip.compress(TEXT.encode()),
    "an empty line, spaces": b"\n" + TEXT.replace(",", ", ").encode() + b"\n",
}


@pytest.mark.parametrize("form", FORMS)
def test_forms_of_a_text_are_found_out(tmp_path, form):
    own = load(tmp_path, FORMS[form], **NAMED)
    assert own.ratings["rating"].tolist() == [4.5, 1, 3]
    assert own.ratings["timestamp"].tolist() == [10, 20, 30]
    assert own.ratings.dtypes.astype(str).tolist() == [
        *["int32", "int32", "float32", "int64"]
    ]
    assert own.movies["title"].tolist() == ["0345", "034X"]
    assert own.own_ids["user_id"].to_dict() == {1: "ada", 2: "bob"}
    assert own.rating_scale == (1, 4.5, 1.5)
    assert own.name == "my"


def test_a_zip_with_one_table(tmp_path):
    path = tmp_path / "books.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("books/ratings.csv", TEXT)
        archive.writestr("books/README.md", "about")
        archive.writestr("__MACOSX/books/._ratings.csv", "x")
    assert load_ratings(path, **NAMED).n_ratings == 3
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("books/more.csv", TEXT)
    with pytest.raises(
        SourceNotFoundError, match=r"2: ratings\.csv, more\.csv\. Unpack"
    ):
        load_ratings(path, **NAMED)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("../up.csv", TEXT)
    with pytest.raises(UnsafeArchiveError):
        load_ratings(path, **NAMED)


def test_parquet_is_read_or_its_package_is_named(tmp_path, monkeypatch):
    frame = pd.DataFrame({"user": [1, 1, 2], "item": [5, 6, 5], "rating": [1, 2, 3]})
    path = written(tmp_path, b"PAR1...", "my.parquet")
    monkeypatch.setattr(pd, "read_parquet", lambda _: frame)
    assert load_ratings(path).n_ratings == 3

    def fail(_):
        raise ImportError

    monkeypatch.setattr(pd, "read_parquet", fail)
    with pytest.raises(DataError, match="pip install pyarrow"):
        load_ratings(path)


def test_a_file_without_names_has_positions(tmp_path):
    own = load(tmp_path, TEXT.split("\n", 1)[1], user="1", item="2", rating="3")
    assert own.n_ratings == 3
    assert own.ratings["timestamp"].eq(0).all()


def test_lessons_run_on_a_frame_as_on_the_edition(made_up):
    own = load_ratings(made_up)
    edition = synthetic(n_users=60, n_movies=50, n_ratings=1500)
    pd.testing.assert_frame_equal(own.ratings, edition.ratings, check_dtype=False)
    assert own.notes == ()
    for split in (random_split, time_split, global_time_split):
        mine, theirs = split(own), split(edition)
        guesses = [
            BiasBaseline().fit(s.train, s.n_users, s.n_movies).predict(pairs(s.test))
            for s in (mine, theirs)
        ]
        np.testing.assert_allclose(*guesses)


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t.assign(rating=2 * t["rating"]),  # 1 to 10
        lambda t: t.assign(rating=(t["rating"] > 3).astype(int)),  # 0 or 1
        lambda t: t.assign(rating=5.0 * t["rating"] - 15),  # -10 to 10
        lambda t: t.drop(columns="rating"),
        lambda t: t.drop(columns="time"),
        lambda t: t.assign(item="book " + t["item"].astype(str)),
        lambda t: t.assign(user_id=t["user_id"].astype("int64") + 10**12),
    ],
)
def test_the_scoreboard_is_computed_for_ratings_of_any_shape(made_up, change):
    own = load_ratings(change(made_up))
    split = random_split(own)
    baseline = BiasBaseline().fit(split.train, split.n_users, split.n_movies)
    assert np.isfinite(baseline.predict(pairs(split.test))).all()
    shape = split.n_users, split.n_movies
    seen = relevance_matrix(split.train, *shape)
    lists = mask_pairs(seen @ ease_weights(seen, 100), split.train)
    assert 0 < ndcg_at_k(relevance_matrix(split.test, *shape), lists, 10) < 1
    assert own.movies["movie_id"].is_unique
    assert set(own.ratings["movie_id"]) <= set(own.movies["movie_id"])


def test_a_scale_from_zero_or_below_is_shifted():
    table = pd.DataFrame({"user": [1, 1, 2], "item": [7, 8, 7], "rating": [-10, 2, 10]})
    own = load_ratings(table)
    assert own.ratings["rating"].tolist() == [8, 20, 28]
    assert own.rating_scale == (8, 28, 8)
    assert "-10 to 10" in "".join(own.notes) and "18 was added" in "".join(own.notes)


@pytest.mark.parametrize(
    ("ratings", "expected", "scale"),
    [
        ([1e-5, 3e-5, 5e-5], [1e-5, 3e-5, 5e-5], (1e-5, 5e-5, 2e-5)),
        ([0, 1e-5, 3e-5], [1e-5, 2e-5, 4e-5], (1e-5, 4e-5, 1e-5)),
        ([-0.05, -0.04999, 0.05], [1e-5, 2e-5, 0.10001], (1e-5, 0.10001, 1e-5)),
        ([0, 0, 0], [1, 1, 1], (1, 1, 1)),
        ([1e-5, 2, 5], [2, 4, 7], (2, 7, 2)),
    ],
)
def test_small_ratings_are_told_apart(ratings, expected, scale):
    table = pd.DataFrame({"user": [1, 1, 2], "item": [7, 8, 7], "rating": ratings})
    own = load_ratings(table)
    np.testing.assert_allclose(own.ratings["rating"], expected, rtol=1e-4)
    np.testing.assert_allclose(own.rating_scale, scale)


@pytest.mark.parametrize("other", ["x7", "0399135782", "042511774X"])
@pytest.mark.parametrize("which", ["ratings", "titles"])
def test_titles_are_found_where_only_one_table_has_ids_that_are_no_numbers(
    other, which
):
    table = pd.DataFrame({"user": [1, 1, 2], "item": [11, 12, 11], "rating": 3})
    books = pd.DataFrame({"item": ["11", "12 "], "title": ["Emma", "Persuasion"]})
    if which == "ratings":
        table = pd.concat([table, pd.DataFrame({"user": [2], "item": other})])
        table["rating"] = 3
        books["item"] = books["item"].astype(int)
    else:
        books.loc[2] = [other, "Ulysses"]
    own = load_ratings(table, titles=books)
    titles = own.movies["title"].tolist()
    assert {"Emma", "Persuasion"} <= set(titles)
    assert len(titles) == (3 if which == "ratings" else 2)
    by_title = own.movies.set_index("title")["movie_id"]
    assert str(own.own_ids["movie_id"][by_title["Persuasion"]]) == "12"


@pytest.mark.parametrize(
    ("title", "expected", "year"),
    [
        ("Emma\nA novel (1815)", "Emma A novel", 1815),
        ("Emma \r\n A novel", "Emma A novel", pd.NA),
        ("Emma  A novel\n", "Emma  A novel", pd.NA),
        ("Emma\n(1815)", "Emma", 1815),
        ("(1815)", "(1815)", pd.NA),
    ],
)
def test_no_title_gets_lost(title, expected, year):
    table = pd.DataFrame({"user": [1, 1, 2], "item": [7, 8, 7], "rating": [3, 4, 5]})
    own = load_ratings(table, titles=pd.DataFrame({"item": [7, 8], "title": title}))
    assert own.movies["title"].tolist() == [expected] * 2
    assert own.movies["year"].tolist() == [year] * 2


def test_what_is_missing_is_said(made_up, capsys):
    own = load_ratings(made_up.drop(columns=["rating", "time"]))
    assert [
        own.lacks(what) for what in ("stars", "time", "year", "genres", "users")
    ] == ([True] * 5)
    assert "This part needs the year of each movie" in capsys.readouterr().out
    time_split(own), global_time_split(own)
    assert capsys.readouterr().out.count("this split takes the file's order") == 2
    assert "implicit feedback" in repr(own) and "no times" in repr(own)
    movielens = synthetic(n_users=60, n_movies=50, n_ratings=1500)
    assert not any(movielens.lacks(what) for what in ("stars", "time", "year", "users"))
    assert not movielens.lacks("genres")
    assert capsys.readouterr().out == ""


def test_titles_years_and_genres(tmp_path):
    table = TEXT.replace("when", "Book-Title").replace("10", "Emma (1815)")
    own = load(tmp_path, table, item="isbn")
    assert own.movies["title"].tolist() == ["Emma", "20"]
    assert own.movies["year"].tolist() == [1815, pd.NA]
    books = pd.DataFrame({"ISBN": ["0345", "9"], "name": ["Emma", "Persuasion"]})
    books = books.assign(year=[1815, 1817], genres=["Novel", "Novel"])
    own = load(tmp_path, TEXT, **NAMED, titles=books)
    assert own.movies.to_numpy().tolist() == [
        *[[1, "Emma", 1815, "Novel"], [2, "034X", pd.NA, ""]]
    ]
    assert "1 of 2 items have no title" in own.notes[-1]
    books.to_csv(tmp_path / "books.csv", index=False)
    again = load(tmp_path, TEXT, **NAMED, titles=str(tmp_path / "books.csv"))
    pd.testing.assert_frame_equal(own.movies, again.movies)


@pytest.mark.parametrize(
    ("times", "expected", "note"),
    [
        ([880_000_000_123, 880_000_001_000], [880_000_000, 880_000_001], ""),
        (["1970-01-01 00:01", "1970-01-02"], [60, 86_400], ""),
        (["31/01/1970", "02/01/1970"], [30 * 86_400, 86_400], ""),
        (["02/01/1970", "01/03/1970"], [31 * 86_400, 2 * 86_400], "month first"),
        (pd.to_datetime(["1970-01-02", "1970-01-01"]), [86_400, 0], ""),
    ],
)
def test_times_are_seconds_milliseconds_or_dates(times, expected, note):
    table = pd.DataFrame({"user": [1, 2], "item": [1, 1], "rating": [1, 2]})
    table = pd.concat(
        [table.assign(date=times), table[:1].assign(item=2, date=times[0])]
    )
    own = load_ratings(table)
    assert own.ratings["timestamp"].tolist() == [*expected, expected[0]]
    assert note in "".join(own.notes)
    assert bool(note) == any("month" in line for line in own.notes)


def test_of_a_repeated_pair_the_last_is_kept():
    table = pd.DataFrame({"user": [1, 1, 2, 2], "item": [7, 7, 7, 8]})
    own = load_ratings(table.assign(rating=[1, 2, 3, 4], time=[9, 5, 5, 5]))
    assert own.ratings["rating"].tolist() == [1, 3, 4]
    assert own.ratings.index.tolist() == [0, 1, 2]
    assert "1 of 4 rows repeat" in own.notes[0]


def test_items_with_one_rating_and_large_tables(made_up, monkeypatch):
    many = pd.DataFrame({"user_id": 1, "item": np.arange(1000, 1100), "rating": 3})
    table = pd.concat([made_up, many.assign(time=7)])
    own = load_ratings(table)
    assert own.n_movies == 150
    assert "100 of 150 items have one rating" in own.notes[0]
    assert load_ratings(table, min_ratings=2).n_movies == 50
    monkeypatch.setattr("helpers.movielens.own.LARGE_MATRIX", 1000)
    assert "min_ratings=10 there are" in load_ratings(table).notes[-1]


@pytest.mark.parametrize(
    ("text", "columns", "error", "says"),
    [
        ("", {}, CorruptDataError, "it is empty"),
        ("user,item,rating\n", {}, InvalidRatingsError, "There are no ratings"),
        (b"%PDF-1.7\0", {}, CorruptDataError, "a PDF"),
        (b"\x1f\x8bxx", {}, CorruptDataError, "cannot be read as a table"),
        (TEXT, {}, None, ""),
        (TEXT, {"user": "usrId"}, MissingColumnError, "user=userId"),
        (
            TEXT,
            {"user": "isbn", "item": "isbn"},
            MissingColumnError,
            "its own|of its own",
        ),
        ("who,what\n1,2\n", {}, MissingColumnError, "lacks a column user; it has who,"),
        (
            TEXT.replace("4.5", "good"),
            {},
            InvalidRatingsError,
            "row 1, which has 'good'",
        ),
        (TEXT.replace("bob", ""), {}, InvalidRatingsError, "row 3, which has ''"),
        (TEXT.replace("30", "soon"), NAMED, InvalidRatingsError, "read as time"),
        (
            TEXT.replace("bob,0345", "ada,2"),
            {},
            InvalidRatingsError,
            "fewer than two users",
        ),
        (TEXT.replace("034X", "0345"), {}, InvalidRatingsError, "fewer than two items"),
        (TEXT.replace("bob,0345", "bob,2"), {}, InvalidRatingsError, "no item has rat"),
        (TEXT, {"min_ratings": 9}, InvalidRatingsError, "with min_ratings=9"),
    ],
)
def test_what_is_wrong_is_said(tmp_path, text, columns, error, says):
    if error is None:
        assert load(tmp_path, text).n_ratings == 3
        return
    with pytest.raises(error, match=says):
        load(tmp_path, text, **columns)


def test_a_name_that_several_columns_have_is_refused(tmp_path):
    text = TEXT.replace("when", "stars")
    with pytest.raises(MissingColumnError, match="my.csv has several columns stars"):
        load(tmp_path, text, item="isbn")
    table = pd.read_csv(written(tmp_path, TEXT)).set_axis(
        ["user", "item", "rating", "rating"], axis=1
    )
    with pytest.raises(MissingColumnError, match="a frame has several columns rating"):
        load_ratings(table)
    assert (
        load_ratings(
            table.set_axis([*"xyxy"], axis=1).assign(
                user=table["user"], item=table["item"], rating=[1, 2, 3]
            )
        ).n_ratings
        == 3
    )


def test_a_file_that_is_not_there(tmp_path):
    written(tmp_path, TEXT, "ratings.csv")
    with pytest.raises(SourceNotFoundError, match="Did you mean 'ratings.csv'"):
        load_ratings(tmp_path / "rating.csv")


def test_lessons_load_it_by_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", str(written(tmp_path, TEXT, "ml-100k.csv")))
    monkeypatch.setenv("COURSE_COLUMNS", "item=isbn rating=")
    own = load_movielens()
    assert own.name == "ml-100k (own)"
    assert own.lacks("stars")


def test_columns_in_one_line():
    assert parse_columns(None) == {}
    assert parse_columns("user=a 'item=my book' min_ratings=5") == {
        "user": "a",
        "item": "my book",
        "min_ratings": 5,
    }
    windows = r"C:\data\my books.csv"
    assert parse_columns(rf'titles="{windows}" user=C:\#1') == {
        "titles": windows,
        "user": r"C:\#1",
    }
    for wrong in ("user", "reader=a", "min_ratings=few", 'user="a'):
        with pytest.raises(MissingColumnError, match="Columns are named like"):
            parse_columns(wrong)
