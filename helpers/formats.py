"""The file formats of the MovieLens editions, read into one tidy form."""

import numpy as np
import pandas as pd

from helpers.errors import (
    CorruptDataError,
    MissingColumnError,
    SourceNotFoundError,
)
from helpers.language import say
from helpers.sources import MIRROR_FOLDER

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
NO_GENRE = {"unknown", "(no genres listed)"}


def read_edition(name, root):
    """Read an edition's tables.

    Parameters
    ----------
    name : str
    root : pathlib.Path or zipfile.Path
        As `helpers.sources.opened` yields it.

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
    """Find the folder that holds a file: the root, `name` in it, or its only folder."""
    folders = [path for path in root.iterdir() if path.is_dir()]
    candidates = [root, root / name, *(folders if len(folders) == 1 else [])]
    for folder in candidates:
        if (folder / file_name).exists():
            return folder
    found = ", ".join(sorted(path.name for path in root.iterdir())[:8])
    raise SourceNotFoundError(
        say(
            "{root} has no {file_name}, so it is not {name}. It holds: {held}. "
            "Name the folder or zip that holds {name}.",
            root=root,
            file_name=file_name,
            name=name,
            held=found or say("nothing"),
        )
    )


def _read_ml_100k(folder):
    ratings = _read_table(folder / "u.data", RATING_TYPES, sep="\t")
    movies = _read_table(
        folder / "u.item",
        {"movie_id": "int32", "title": "str"}
        | dict.fromkeys(["release_date", "video_date", "url"], "str")
        | dict.fromkeys(ML_100K_GENRES, "int8"),
        sep="|",
        encoding="latin-1",
    )
    flags = movies[ML_100K_GENRES].to_numpy(dtype=bool)
    genres = [np.array(ML_100K_GENRES)[row] for row in flags]
    users = _read_table(
        folder / "u.user",
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
    """Find each row of u1…u5 among the ratings."""
    pairs = pd.MultiIndex.from_frame(ratings[["user_id", "movie_id"]])
    folds = {}
    for fold in FOLDS:
        files = [folder / f"u{fold}.base", folder / f"u{fold}.test"]
        if not all(file.exists() for file in files) or not pairs.is_unique:
            continue
        parts = [_read_table(file, RATING_TYPES, sep="\t") for file in files]
        wanted = pd.MultiIndex.from_frame(pd.concat(parts)[["user_id", "movie_id"]])
        positions = pairs.get_indexer(wanted)
        if not np.array_equal(np.sort(positions), np.arange(len(ratings))):
            raise CorruptDataError(
                say(
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
        dict.fromkeys(["movie_id", "title", "year", "genres"], "str"),
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
            movies["movie_id"].astype("int32"), titles, movies["genres"].str.split(" ")
        ),
        "users": users,
        "folds": {},
    }


def _read_ml_1m(folder):
    # pandas reads a separator of two characters with its slow parser only: read one
    # colon as the separator, and skip the empty columns between.
    ratings = _read_table(folder / "ratings.dat", RATING_TYPES, sep=":", every=2)
    users = _read_table(
        folder / "users.dat",
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
    with _open(folder / "movies.dat") as stream:
        lines = stream.read().decode("latin-1").splitlines()
    rows = [line.split("::") for line in lines]
    if not rows or any(len(row) != 3 for row in rows):
        raise MissingColumnError(
            say(
                "{file} should have 3 columns (id, title, genres) between '::' in each "
                "line. Get the data set again.",
                file=folder / "movies.dat",
            )
        )
    movie_ids, titles, genres = map(list, zip(*rows, strict=True))
    return {
        "ratings": ratings,
        "movies": _tidy_movies(
            pd.Series(movie_ids).astype("int32"),
            pd.Series(titles),
            pd.Series(genres).str.split("|"),
        ),
        "users": users[list(USER_TYPES)],
        "folds": {},
    }


def _read_csv_edition(folder):
    ratings = _read_table(
        folder / "ratings.csv",
        RATING_TYPES,
        sep=",",
        header=["userId", "movieId", "rating", "timestamp"],
    )
    movies = _read_table(
        folder / "movies.csv",
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
    """Part the year from the title, and join the genres.

    A title is like ``Seven (Se7en) (1995)``; some have ``(V)``, a video, behind the
    year, and a series has a span such as ``(2006–2007)``: its first year counts.
    """
    parts = titles.str.strip().str.extract(
        r"^(?P<title>.*?)\s*(?:\((?P<year>\d{4})(?:[-–]\d{0,4})?\)(?:\s*\(V\))?)?$"
    )
    return pd.DataFrame(
        {
            "movie_id": movie_id,
            "title": parts["title"],
            "year": pd.to_numeric(parts["year"]).astype("Int64"),
            "genres": ["|".join(g for g in row if g not in NO_GENRE) for row in genres],
        }
    )


def years_as_shown(years):
    """Return years for a table to read: nothing stands where one is missing.

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


def _open(file):
    if not file.exists():
        raise SourceNotFoundError(
            say(
                "{file} is missing: the data set is incomplete. Get it again.",
                file=file,
            )
        )
    return file.open("rb")


def _read_table(file, types, sep, header=None, every=1, encoding="utf-8", quoting=3):
    """Read the columns `types` of a text table.

    `header` names the same columns as the file's first line does, for a file that has
    one. Without it they are, in this order, every `every`-th column.
    """
    with _open(file) as stream:
        first_line = stream.readline().decode(encoding, errors="replace")
    found = first_line.rstrip("\r\n").split(sep)
    if header is None:
        columns = list(range(0, every * len(types), every))
        missing = list(types)[(len(found) + every - 1) // every :]
    else:
        columns = header
        missing = [name for name in header if name not in found]
    if missing and first_line:
        raise MissingColumnError(
            say(
                "{file} lacks the column {missing}; its first line is {line!r}. Is it "
                "the right file? Get it again.",
                file=file,
                missing=", ".join(missing),
                line=first_line[:80].rstrip(),
            )
        )
    try:
        with _open(file) as stream:
            table = pd.read_csv(
                stream,
                sep=sep,
                header=None if header is None else 0,
                usecols=columns,
                dtype=dict(zip(columns, types.values(), strict=True)),
                encoding=encoding,
                quoting=quoting,
                keep_default_na=False,
                # An empty rating is reported as such; an empty title stays text.
                na_values={
                    column: [""]
                    for column, name in zip(columns, types, strict=True)
                    if name == "rating"
                },
            )
    except pd.errors.EmptyDataError:
        table = pd.DataFrame({column: [] for column in columns})
        table = table.astype(dict(zip(columns, types.values(), strict=True)))
    except (ValueError, OverflowError) as error:
        raise CorruptDataError(
            say(
                "{file} cannot be read as a table: {error}. Get the data set again.",
                file=file,
                error=error,
            )
        ) from error
    return table[columns].set_axis(list(types), axis=1)
