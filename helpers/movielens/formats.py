"""Read the file formats of the MovieLens editions into one tidy form."""

import codecs
import contextlib
import csv
import gzip
import io
import itertools
import re
from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers.i18n import gettext
from helpers.movielens.errors import (
    CorruptDataError,
    MissingColumnError,
    SourceNotFoundError,
)
from helpers.movielens.sources import DAMAGED_MEMBER, MIRROR_FOLDER, what_it_is

RATING_TYPES = {
    "user_id": "int32",
    "movie_id": "int32",
    "rating": "float32",
    "timestamp": "int64",
}
USER_TYPES = {
    "user_id": "int32",
    "age": "int32",
    "gender": "str",
    "occupation": "str",
    "zip_code": "str",
}
FOLDS = range(1, 6)

ML_100K_GENRES = [
    *["unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime"],
    *["Documentary", "Drama", "Fantasy", "Film-Noir", "Horror", "Musical", "Mystery"],
    *["Romance", "Sci-Fi", "Thriller", "War", "Western"],
]
ML_1M_OCCUPATIONS = [
    *["other", "academic/educator", "artist", "clerical/admin", "college/grad student"],
    *["customer service", "doctor/health care", "executive/managerial", "farmer"],
    *["homemaker", "K-12 student", "lawyer", "programmer", "retired"],
    *["sales/marketing", "scientist", "self-employed", "technician/engineer"],
    *["tradesman/craftsman", "unemployed", "writer"],
]
MOST_LEVELS = 4  # of folders in which the files are looked for
MOST_FOLDERS = 200  # on each level: it may be somebody's home
MOST_BYTES = (
    100_000_000  # of a table that is repaired: no spreadsheet holds a larger one
)
NO_GENRE = {"unknown", "(no genres listed)"}


def read_edition(name, root):
    """Read an edition's tables.

    Parameters
    ----------
    name : str
    root : pathlib.Path or zipfile.Path
        As `helpers.movielens.sources.opened` yields it.

    Returns
    -------
    dict : ratings, movies, users and folds, as in `helpers.data.MovieLens`
    """
    if name == "ml-100k":
        mirrored = root.joinpath(*MIRROR_FOLDER.split("/"), "ml-100k.inter")
        if mirrored.exists():
            return _read_mirror(mirrored.parent)
        return _read_ml_100k(_folder_of(root, name, "u.data"))
    if name == "ml-1m":
        return _read_ml_1m(_folder_of(root, name, "ratings.dat"))
    return _read_csv_edition(_folder_of(root, name, "ratings.csv"))


def _folder_of(root, name, file_name):
    """Return the folder of a file: the root, `name` in it, or a subfolder of these."""
    level = [root]
    for _ in range(MOST_LEVELS):
        holding = [folder for folder in level if _find(folder, file_name).exists()]
        named = [folder for folder in holding if folder.name == name]
        if len(named or holding) == 1:
            return (named or holding)[0]
        if holding:
            raise SourceNotFoundError(
                gettext(
                    "{root} has {file_name} in several folders: {folders}. Name one.",
                    root=root,
                    file_name=file_name,
                    folders=", ".join(sorted(folder.name for folder in holding)[:8]),
                )
            )
        level = [inner for folder in level for inner in _folders_in(folder)]
        level = level[:MOST_FOLDERS]
    found = ", ".join(sorted(path.name for path in _entries(root))[:8])
    raise SourceNotFoundError(
        gettext(
            "{root} has no {file_name}, so it is not {name}. It holds: {held}. "
            "Name the folder or zip that holds {name}.",
            root=root,
            file_name=file_name,
            name=name,
            held=found or gettext("nothing"),
        )
    )


def _folders_in(folder):
    """List subfolders, without those that macOS adds to a zip."""
    return [
        inner
        for inner in _entries(folder)
        if inner.is_dir()
        and (inner.name == "." or not inner.name.startswith((".", "__MACOSX")))
    ]


def _entries(folder):
    try:
        return list(folder.iterdir())
    except OSError:  # not for us to read
        return []


def _find(folder, name):
    """Return a file, also with another case, or with ``.txt`` or ``.gz`` added."""
    if (folder / name).exists():
        return folder / name
    wanted = [(name + ending).lower() for ending in ("", ".txt", ".gz")]
    like = [path for path in _entries(folder) if path.name.lower() in wanted]
    return like[0] if len(like) == 1 else folder / name


def _read_ml_100k(folder):
    ratings = _read_table(_find(folder, "u.data"), RATING_TYPES, sep="\t")
    movies = _read_table(
        _find(folder, "u.item"),
        {"movie_id": "int32", "title": "str"}
        | dict.fromkeys(["release_date", "video_date", "url"], "str")
        | dict.fromkeys(ML_100K_GENRES, "int8"),
        sep="|",
        encoding="latin-1",
    )
    flags = movies[ML_100K_GENRES].to_numpy(dtype=bool)
    genres = [np.array(ML_100K_GENRES)[row] for row in flags]
    users = _read_table(
        _find(folder, "u.user"),
        USER_TYPES,
        sep="|",
    )
    return {
        "ratings": ratings,
        "movies": _tidy_movies(movies["movie_id"], movies["title"], genres),
        "users": users,
        "folds": _read_folds(folder, ratings),
    }


def _read_folds(folder, ratings):
    """Return the positions of the rows of u1…u5 among the ratings."""
    pairs = pd.MultiIndex.from_frame(ratings[["user_id", "movie_id"]])
    folds = {}
    for fold in FOLDS:
        files = [_find(folder, f"u{fold}.{part}") for part in ("base", "test")]
        if not all(file.exists() for file in files) or not pairs.is_unique:
            continue
        parts = [_read_table(file, RATING_TYPES, sep="\t") for file in files]
        wanted = pd.MultiIndex.from_frame(pd.concat(parts)[["user_id", "movie_id"]])
        positions = pairs.get_indexer(wanted)
        if not np.array_equal(np.sort(positions), np.arange(len(ratings))):
            raise CorruptDataError(
                gettext(
                    "u{fold}.base and u{fold}.test in {folder} do not hold each "
                    "rating of u.data exactly once. Get the data set again.",
                    fold=fold,
                    folder=folder,
                )
            )
        folds[fold] = tuple(np.split(positions, [len(parts[0])]))
    return folds


def _read_mirror(folder):
    ratings = _read_table(
        folder / "ml-100k.inter",
        RATING_TYPES,
        sep="\t",
        header=["user_id:token", "item_id:token", "rating:float", "timestamp:float"],
    )
    movies = _read_table(
        folder / "ml-100k.item",
        {"movie_id": "int32"} | dict.fromkeys(["title", "year", "genres"], "str"),
        sep="\t",
        header=[
            "item_id:token",
            "movie_title:token_seq",
            "release_year:token",
            "class:token_seq",
        ],
    )
    # The mirror took what stands in the last brackets for the year, "(V)" included,
    # and misspells the one movie without a title.
    titles = movies["title"] + " (" + movies["year"] + ")"
    titles = titles.replace("unkonwn (unkonwn)", "unknown")
    users = _read_table(
        folder / "ml-100k.user",
        USER_TYPES,
        sep="\t",
        header=[
            "user_id:token",
            "age:token",
            "gender:token",
            "occupation:token",
            "zip_code:token",
        ],
    )
    return {
        "ratings": ratings,
        "movies": _tidy_movies(
            movies["movie_id"], titles, movies["genres"].str.split(" ")
        ),
        "users": users,
        "folds": {},
    }


def _read_ml_1m(folder):
    # pandas reads a separator of two characters with its slow parser only: read one
    # colon as the separator, and skip the empty columns between.
    ratings = _read_table(_find(folder, "ratings.dat"), RATING_TYPES, sep=":", every=2)
    users = _read_table(
        _find(folder, "users.dat"),
        {
            "user_id": "int32",
            "gender": "str",
            "age": "int32",
            "occupation": "int32",
            "zip_code": "str",
        },
        sep=":",
        every=2,
    )
    names = pd.Series(ML_1M_OCCUPATIONS)
    users["occupation"] = users["occupation"].map(names)
    file = _find(folder, "movies.dat")
    with _open(file) as stream:
        text = _decoded(stream.read(), _encoding(file, "latin-1"))
    lines = map(str.strip, io.StringIO(text, newline=None))
    rows = [line.split("::") for line in lines if line]
    if not rows or any(len(row) != 3 for row in rows):
        raise MissingColumnError(
            gettext(
                "{file} should have 3 columns (id, title, genres) between '::' in each "
                "line. Get the data set again.",
                file=file,
            )
        )
    movie_ids, titles, genres = map(list, zip(*rows, strict=True))
    numbers = _numbers(file, "movie_id", "int32", pd.Series(movie_ids).str.strip())
    return {
        "ratings": ratings,
        "movies": _tidy_movies(
            numbers.astype("int32"),
            pd.Series(titles),
            pd.Series(genres).str.split("|"),
        ),
        "users": users[list(USER_TYPES)],
        "folds": {},
    }


def _read_csv_edition(folder):
    ratings = _read_table(
        _find(folder, "ratings.csv"),
        RATING_TYPES,
        sep=",",
        header=["userId", "movieId", "rating", "timestamp"],
    )
    movies = _read_table(
        _find(folder, "movies.csv"),
        {"movie_id": "int32", "title": "str", "genres": "str"},
        sep=",",
        header=["movieId", "title", "genres"],
        quoting=0,
    )
    return {
        "ratings": ratings,
        "movies": _tidy_movies(
            movies["movie_id"], movies["title"], movies["genres"].str.split("|")
        ),
        "users": None,
        "folds": {},
    }


def _tidy_movies(movie_id, titles, genres):
    """Split titles into title and year, and join the genres."""
    return pd.DataFrame(
        {
            "movie_id": movie_id,
            **split_titles(titles),
            "genres": ["|".join(g for g in row if g not in NO_GENRE) for row in genres],
        }
    )


def split_titles(titles):
    """Split titles into title and year.

    A title is like ``Seven (Se7en) (1995)``; some have ``(V)``, a video, behind the
    year, and a series has a span such as ``(2006–2007)``: its first year counts.

    Parameters
    ----------
    titles : pandas.Series of str

    Returns
    -------
    pandas.DataFrame
        title; year, Int64, missing where a title has none.
    """
    one_line = titles.str.strip().str.replace(r"\s*[\r\n]\s*", " ", regex=True)
    # What is nothing but a year in brackets is the title.
    parts = one_line.str.extract(
        r"^(?P<title>.+?|)\s*"
        r"(?:\((?P<year>\d{4})(?:[-–]\d{0,4})?\)(?:\s*\(V\))?)?$"
    )
    return parts.assign(year=pd.to_numeric(parts["year"]).astype("Int64"))


def years_as_shown(years):
    """Return years as text, empty where a year is missing.

    Parameters
    ----------
    years : pandas.Series
        With whole numbers, missing where a movie's year is not known.

    Returns
    -------
    pandas.Series
        Of `int` and ``""``.
    """
    return years.astype(object).where(years.notna(), "")


@contextlib.contextmanager
def _open(file):
    """Open a file; that it, or the zip around it, is damaged is `CorruptDataError`."""
    if not file.exists():
        raise SourceNotFoundError(
            gettext(
                "{file} is missing: the data set is incomplete. Get it again.",
                file=file,
            )
        )
    unpack = gzip.open if file.name.lower().endswith(".gz") else contextlib.nullcontext
    try:
        with file.open("rb") as stream, unpack(stream) as content:
            yield content
    except DAMAGED_MEMBER as error:
        raise _no_table(file, f"{type(error).__name__}: {error}") from error


def _decoded(content, encoding):
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")  # what Excel writes on Windows


def _encoding(file, expected):
    """Return the encoding of a text that another program may have saved."""
    with _open(file) as stream:
        head = stream.read(2**16)
        if head.startswith(codecs.BOM_UTF8):
            return "utf-8-sig"
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        if expected != "utf-8":
            # Any bytes can be read as Latin-1; but hardly any are UTF-8 by chance.
            with contextlib.suppress(UnicodeDecodeError):
                (head + stream.read()).decode("utf-8")
                return "utf-8"
    return expected


class _Form(NamedTuple):
    """The dialect of a text table."""

    encoding: str
    sep: str
    quoting: int
    skipped: int  # lines, with the one of the names
    columns: list  # positions of the columns that are read
    is_rounded: bool  # some numbers are like 8.8E+08, as Excel shows long ones


def _form_of(file, types, sep, header, every, encoding, quoting):
    """Return the dialect of a table, by its first line."""
    encoding = _encoding(file, encoding)
    with _open(file) as stream:
        lines = stream.read(2**16).decode(encoding, errors="replace").splitlines()
    skipped, line = 0, ""
    for line in lines:
        # Excel is told by such a line what separates the columns.
        if line.strip() and not re.fullmatch('"?sep=."?', line.strip(" ")):
            break
        skipped += 1
    for found_sep, found_quoting in itertools.product(
        dict.fromkeys([sep, ",", ";", "\t", "|"]), dict.fromkeys([quoting, 0])
    ):
        cells = _cells([line], found_sep, found_quoting)[0]
        step = every if found_sep == sep else 1
        if header is not None and set(header) <= set(cells):
            columns = [cells.index(name) for name in header]
        elif header is None and len(cells) > step * (len(types) - 1):
            columns = list(range(0, step * len(types), step))
        else:
            continue
        if any(len(cell) > 1 and cell[0] == cell[-1] == '"' for cell in cells):
            continue  # a cell in quotation marks: they are part of the form
        skipped += header is not None
        is_rounded = any(re.search(r"\d[Ee]\+\d", row) for row in lines)
        return _Form(encoding, found_sep, found_quoting, skipped, columns, is_rounded)
    cells = _cells([line], sep, quoting)[0]
    missing = list(types)[(len(cells) + every - 1) // every :]
    if header is not None:
        missing = [name for name in header if name not in cells]
    raise MissingColumnError(
        gettext(
            "{file} lacks the column {missing}; its first line is {line!r}. It is "
            "{what}. Is it the right file? Get it again.",
            file=file,
            missing=", ".join(missing),
            line=line[:80],
            what=what_it_is(file),
        )
    )


def _cells(lines, sep, quoting):
    reader = csv.reader(lines, delimiter=sep, quoting=quoting)
    return [[cell.strip() for cell in row] for row in reader]


def _read_table(file, types, sep, header=None, every=1, encoding="utf-8", quoting=3):
    """Read the columns `types` of a text table.

    `header` names the same columns as the file's first line does, for a file that has
    one. Without it they are, in this order, every `every`-th column.
    """
    with _open(file) as stream:
        is_empty = not stream.read(2**16).strip()
    if is_empty:
        return pd.DataFrame({name: [] for name in types}).astype(types)
    form = _form_of(file, types, sep, header, every, encoding, quoting)
    if form.is_rounded and "str" not in types.values():
        return _read_repaired(file, types, form, "")
    try:
        with _open(file) as stream:
            table = pd.read_csv(
                stream,
                sep=form.sep,
                header=None,
                index_col=False,
                skiprows=form.skipped,
                usecols=form.columns,
                dtype=dict(zip(form.columns, types.values(), strict=True)),
                encoding=form.encoding,
                quoting=form.quoting,
                keep_default_na=False,
                # An empty rating is reported as such; an empty title stays text.
                na_values={
                    column: [""]
                    for column, name in zip(form.columns, types, strict=True)
                    if name == "rating"
                },
            )
        return table[form.columns].set_axis(list(types), axis=1)
    except pd.errors.EmptyDataError:
        return pd.DataFrame({name: [] for name in types}).astype(types)
    except (ValueError, OverflowError) as error:
        return _read_repaired(file, types, form, error)


def _read_repaired(file, types, form, error):
    """Read a table that a spreadsheet has saved; name the value that is no number."""
    with _open(file) as stream:
        content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise _no_table(file, error)
    text = _decoded(content, form.encoding)
    lines = list(io.StringIO(text, newline=None))[form.skipped :]
    try:
        rows = [row for row in _cells(lines, form.sep, form.quoting) if any(row)]
    except csv.Error as problem:
        raise _no_table(file, problem) from problem
    table = {}
    for column, (name, kind) in zip(form.columns, types.items(), strict=True):
        values = pd.Series([row[column] if column < len(row) else "" for row in rows])
        if kind != "str":
            values = _numbers(file, name, kind, values)
        table[name] = values
    return pd.DataFrame(table).astype(types)


def _numbers(file, name, kind, values):
    is_whole = kind.startswith("int")
    # A comma is the decimal sign in many countries.
    pattern = r"-?\d+([.,]0+)?" if is_whole else r"-?\d+([.,]\d+)?"
    is_missing = (values == "") & (name == "rating")
    wrong = ~(values.str.fullmatch(pattern) | is_missing)
    numbers = pd.to_numeric(values.mask(wrong).str.replace(",", "."))
    if is_whole:
        wrong |= ~numbers.between(np.iinfo(kind).min, np.iinfo(kind).max)
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        found = gettext(
            "row {row} has {value!r} as {name}, and {expected} was expected",
            row=row,
            value=values[row],
            name=name,
            expected=gettext("a whole number with all its digits")
            if is_whole
            else gettext("a number"),
        )
        raise _no_table(file, found)
    return numbers


def _no_table(file, reason):
    return CorruptDataError(
        gettext(
            "{file} cannot be read as a table: {reason}. Get the data set again.",
            file=file,
            reason=reason,
        )
    )
