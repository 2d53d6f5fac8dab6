"""The reader of predictions: what it takes, and what it says of all else."""

import numpy as np
import pandas as pd
import pytest

from helpers.competition import (
    Competition,
    InvalidSubmissionError,
    read_submission,
    write_lists,
    write_ratings,
)
from helpers.competition.folder import Rules
from helpers.competition.submissions import LISTS, RATINGS

MOVIES = pd.DataFrame({"movie_id": range(1, 21), "title": "x", "genres": ""})
TRAIN = pd.DataFrame(
    {"user_id": [1, 1, 2, 3], "movie_id": [1, 2, 1, 5], "rating": [3.0, 4, 5, 1]}
)
RATE = pd.DataFrame({"user_id": [1, 1, 2], "movie_id": [3, 4, 9]})
RANK = pd.DataFrame({"user_id": [3]})
COMPETITION = Competition(TRAIN, MOVIES, None, RATE, RANK, Rules((1.0, 5.0, 1.0)))
STARS = "user_id,movie_id,rating\n1,3,3.5\n1,4,2\n2,9,4.25\n"
LIST = "user_id,rank,movie_id\n" + "".join(f"3,{n},{n + 5}\n" for n in range(1, 11))


def read(text):
    content = text if isinstance(text, bytes) else text.encode()
    return read_submission(content, COMPETITION)


def test_stars_are_in_the_order_of_the_pairs_whatever_that_of_the_rows():
    found = read("rating,movie_id,user_id\n4.25,9,2\n2,4,1\n3.5,3,1\n")
    assert found.kind == RATINGS
    assert found.values.tolist() == [3.5, 2, 4.25]
    assert found.notes == ()


def test_lists_are_in_the_order_of_the_ranks():
    lines = LIST.splitlines()
    found = read("\n".join([lines[0], *lines[:0:-1]]))
    assert found.kind == LISTS
    assert found.values.tolist() == [list(range(6, 16))]


@pytest.mark.parametrize(
    "content",
    [
        STARS.encode("utf-8-sig"),
        STARS.encode("utf-16"),
        STARS.replace("\n", "\r\n").encode(),
        STARS.replace(",", " , ").encode(),
        STARS.replace("user_id", "USER_ID").replace("1,3", "1.0,3.0").encode(),
        # `to_csv` without index=False adds a column without a name.
        b",user_id,movie_id,rating\n0,1,3,3.5\n1,1,4,2\n2,2,9,4.25\n",
        b'"user_id","movie_id","rating"\n"1","3","3.5"\n\n1,4,2\n2,9,4.25',
    ],
)
def test_other_forms_of_the_same_file_are_read(content):
    assert read(content).values.tolist() == [3.5, 2, 4.25]


@pytest.mark.parametrize(
    ("text", "values", "note"),
    [
        (
            STARS.replace(",", ";").replace(".", ","),
            [3.5, 2, 4.25],
            "semicolons between its cells, not commas. | Line 2: the comma in “3,5”",
        ),
        (STARS.replace(",", "\t"), [3.5, 2, 4.25], "tabs between its cells"),
        (
            STARS.replace("3.5", "7").replace("1,4,2", "1,4,-1e9"),
            [5, 1, 4.25],
            "Line 2: 7 is off the scale 1 to 5, and is clipped to it. (2 such lines.)",
        ),
    ],
)
def test_what_is_corrected_is_said(text, values, note):
    found = read(text)
    assert found.values.tolist() == values
    assert note in " | ".join(found.notes)


WRONG_STARS = {
    "": "The file is empty.",
    "1,3,3.5\n1,4,2\n": "The header should name the columns, user_id,movie_id",
    "user_id,movie_id\n1,3\n": "it is “user_id,movie_id”",
    "user_id,movie_id,rating\n": "Missing pairs of rate.csv: 3 of 3",
    STARS.replace("2,9,4.25\n", ""): (
        "Missing pairs of rate.csv: 1 of 3; the first is user 2, movie 9."
    ),
    STARS
    + "1,1,3\n": "Line 5: user 1 and movie 1 are in train.csv, and not asked for.",
    STARS + "2,3,3\n": "Line 5: user 2 and movie 3 are not in rate.csv.",
    STARS + "1,3,3\n": "Line 5 repeats user 1 and movie 3.",
    STARS + "7,3,3\n": "Line 5: there is no user 7.",
    STARS + "1,77,3\n": "Line 5: there is no movie 77.",
    STARS.replace("3.5", "nan"): "Line 2: rating is “nan”, no finite number.",
    STARS.replace("3.5", "inf"): "Line 2: rating is “inf”, no finite number.",
    STARS.replace("3.5", "1e999"): "Line 2: rating is “1e999”, no finite number.",
    STARS.replace("3.5", ""): "Line 2: rating is “”, an empty cell.",
    STARS.replace("3.5", "good"): "Line 2: rating is “good”, no finite number.",
    STARS.replace("3.5", "3,5"): "Line 2 has 4 cells, the header has 3: “1,3,3,5”.",
    STARS.replace("3.5", "05.Mar"): "“05.Mar”, a date: a spreadsheet has changed",
    STARS.replace("3.5", "2026-05-03"): "“2026-05-03”, a date",
    STARS.replace("3.5", "3-May"): "“3-May”, a date",
    STARS.replace("3.5", "=2+2"): "Line 2: rating is “=2+2”, a formula",
    STARS.replace("2,9", "2.5,9"): "Line 4: user_id is “2.5”, no whole number above 0.",
    STARS.replace("2,9", "-2,9"): "Line 4: user_id is “-2”, no whole number above 0.",
    STARS.replace("2,9", "99999999999999999999,9"): "no whole number above 0.",
    STARS.replace("movie_id", "user_id,movie_id", 1): "The header names user_id twice.",
    STARS + '"' + "x" * 200_000: "Line 5 is no CSV: field larger than",
    STARS.replace("3.5", "x" * 5000): "“" + "x" * 40 + "…”",
    "PK\x03\x04": "It is a spreadsheet or an archive, not a CSV file.",
    "%PDF-1.7": "It is a PDF, not a CSV file.",
    "a\0b": "It is a binary file, not a CSV file.",
}


@pytest.mark.parametrize("text", WRONG_STARS)
def test_what_is_wrong_with_stars_is_said(text):
    with pytest.raises(InvalidSubmissionError) as caught:
        read(text)
    assert WRONG_STARS[text] in str(caught.value)


def without(line):
    return "".join(r for r in LIST.splitlines(True) if not r.startswith(line))


WRONG_LISTS = {
    LIST.replace("3,1,6\n", "3,1,5\n"): "Line 2: user 3 has rated movie 5 in train.csv",
    without("3,4,"): "User 3 has 9 movies, not 10.",
    LIST.replace("3,2,", "3,1,"): "Line 3: user 3 has rank 1 twice. Ties",
    LIST.replace("3,2,7", "3,2,6"): "Line 3 repeats user 3 and movie 6.",
    LIST.replace("3,10,", "3,11,"): "Line 11: rank 11 is not one of 1 to 10.",
    LIST.replace("3,1,", "3,0,"): "Line 2: rank is “0”, no whole number above 0.",
    LIST + "1,1,7\n": "Line 12: user 1 is not in rank.csv.",
    LIST.replace("3,1,6", "3,1,99"): "Line 2: there is no movie 99.",
    "user_id,rank,movie_id\n": "User 3 has 0 movies, not 10.",
}


@pytest.mark.parametrize("text", WRONG_LISTS)
def test_what_is_wrong_with_lists_is_said(text):
    with pytest.raises(InvalidSubmissionError) as caught:
        read(text)
    assert WRONG_LISTS[text] in str(caught.value)


def test_all_kinds_of_errors_are_said_at_once():
    with pytest.raises(InvalidSubmissionError) as caught:
        read("user_id,movie_id,rating\n1,3,3.5\n1,3,2\n1,1,2\n")
    assert len(caught.value.reasons) == 3


def test_lines_are_those_of_the_file_blank_ones_and_breaks_in_cells_included():
    text = 'note,user_id,movie_id,rating\n\n"a\nb",1,3,3\n\n,1,4,x\n'
    with pytest.raises(InvalidSubmissionError, match="Line 6: rating is “x”"):
        read(text)


@pytest.mark.parametrize("blank", ["\n", "\n\n\n", "\r\n\r\n", "  \n\n", "\t\n"])
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_blank_lines_at_the_beginning_count(blank, delimiter):
    stars = STARS.replace(",", delimiter)
    assert read(blank + stars).values.tolist() == [3.5, 2, 4.25]
    line = 2 + blank.count("\n")
    with pytest.raises(InvalidSubmissionError, match=f"Line {line}: rating is “x”"):
        read(blank + stars.replace("3.5", "x"))


def test_a_large_file_is_not_parsed(tmp_path):
    path = tmp_path / "x.csv"
    with path.open("wb") as file:
        file.truncate(200 * 2**20)
    with pytest.raises(InvalidSubmissionError, match="larger than 10 MB"):
        read_submission(path, COMPETITION)


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(InvalidSubmissionError, match="cannot be read: No such file"):
        read_submission(tmp_path / "x.csv", COMPETITION)


def test_what_is_written_is_what_is_read(tmp_path):
    stars = write_ratings(COMPETITION, np.array([[1.5], [2.5], [6]]), tmp_path / "s")
    assert stars.values.tolist() == [1.5, 2.5, 5]
    assert "6 is off the scale" in stars.notes[0]
    lists = np.arange(6, 16)[None]
    assert write_lists(COMPETITION, lists, tmp_path / "l").values.tolist() == [
        list(range(6, 16))
    ]
    assert read_submission(tmp_path / "s", COMPETITION).kind == RATINGS


def test_arrays_of_another_shape_are_refused_before_anything_is_written(tmp_path):
    with pytest.raises(InvalidSubmissionError, match="2 predictions for 3 pairs"):
        write_ratings(COMPETITION, [1, 2], tmp_path / "s")
    with pytest.raises(
        InvalidSubmissionError, match=r"shape \(1, 9\); expected \(1, 1"
    ):
        write_lists(COMPETITION, np.zeros((1, 9)), tmp_path / "l")
    assert not list(tmp_path.iterdir())


def test_what_is_refused_is_not_written(tmp_path):
    with pytest.raises(InvalidSubmissionError, match="1 predictions are NaN"):
        write_ratings(COMPETITION, [1, np.nan, 2], tmp_path / "s")
    with pytest.raises(InvalidSubmissionError, match="no movie"):
        write_lists(COMPETITION, np.arange(900, 910)[None], tmp_path / "l")
    assert not list(tmp_path.iterdir())


def test_without_a_path_it_is_only_checked(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert write_ratings(COMPETITION, [1, 2, 3]).kind == RATINGS
    assert not list(tmp_path.iterdir())
