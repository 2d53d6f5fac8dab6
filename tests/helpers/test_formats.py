"""What a spreadsheet, a Mac or a mirror makes of MovieLens' files."""

import csv
import gzip
import io
import re
import shutil

import pandas as pd
import pytest

from helpers.data import load_movielens
from helpers.movielens.errors import (
    CorruptDataError,
    DataError,
    SourceNotFoundError,
)
from tests.support.movielens_files import (
    write_csv_edition,
    write_ml_1m,
    write_ml_100k,
    zip_folder,
)

pytestmark = pytest.mark.usefixtures("no_outside")


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
    "sep= and a tab": {"change": lambda text: "sep=\t\n" + columns_by("\t")(text)},
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


EDITIONS = {"ml-100k": write_ml_100k, "ml-1m": write_ml_1m, "ml-25m": write_csv_edition}
TABLES = [
    *(("ml-100k", name) for name in ("u.data", "u.item", "u.user", "u1.base")),
    *(("ml-1m", name) for name in ("ratings.dat", "movies.dat", "users.dat")),
    *(("ml-25m", name) for name in ("ratings.csv", "movies.csv")),
]


@pytest.mark.parametrize("kind", ["folder", "zip", "gzip in a folder"])
@pytest.mark.parametrize(("name", "file"), TABLES)
@pytest.mark.parametrize(
    "value", [b"x", b"99999999999", b"9" * 30, b"\xef\xbb\xbf\xff"]
)
def test_an_id_that_cannot_be_read_is_named(tmp_path, name, file, value, kind):
    folder = EDITIONS[name](tmp_path / name)
    *before, last = (folder / file).read_bytes().splitlines(keepends=True)
    rest = last.lstrip(b"0123456789")
    start = b"" if value.startswith(b"\xef") else b"".join(before)
    (folder / file).write_bytes(start + value + rest)
    source = folder
    if kind == "zip":
        source = zip_folder(folder, tmp_path / "my.zip")
    elif kind != "folder":
        content = gzip.compress((folder / file).read_bytes())
        (folder / file).unlink()
        (folder / f"{file}.gz").write_bytes(content)
    # With names in its first line, the file lacks them if it begins with the value.
    with pytest.raises(DataError, match=f"{file}.*(cannot be read|lacks the column)"):
        load_movielens(name, source=source)


@pytest.mark.parametrize(("name", "file"), TABLES)
def test_a_file_whose_end_is_missing_is_named(tmp_path, name, file):
    folder = EDITIONS[name](tmp_path / name)
    content = gzip.compress((folder / file).read_bytes())
    (folder / file).unlink()
    (folder / f"{file}.gz").write_bytes(content[:-9])
    with pytest.raises(CorruptDataError, match=rf"{file}\.gz cannot .*EOFError"):
        load_movielens(name, source=folder)
    (folder / f"{file}.gz").unlink()
    (folder / file).mkdir()
    with pytest.raises(CorruptDataError, match=rf"{file} cannot .*IsADirectoryError"):
        load_movielens(name, source=folder)


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
