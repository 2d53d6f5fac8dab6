"""Bring a table of somebody's own ratings into the form of MovieLens."""

import shlex
import warnings

import numpy as np
import pandas as pd

from helpers.i18n import gettext
from helpers.movielens.errors import InvalidRatingsError, MissingColumnError
from helpers.movielens.formats import split_titles
from helpers.movielens.tables import is_table, label_of, read_columns

ROLES = ("user", "item", "rating", "time")
OPTIONS = (*ROLES, "titles", "min_ratings")
# Lessons on lists keep a matrix of users × items, four bytes for each pair.
LARGE_MATRIX = 2_000_000_000  # bytes
SECONDS_END = 100_000_000_000  # in the year 5138; larger times are milliseconds


def parse_columns(text):
    """Read the names of columns from one line: ``user=reader "item=book id"``.

    Parameters
    ----------
    text : str or None

    Returns
    -------
    dict : arguments of `helpers.data.load_ratings`

    Raises
    ------
    MissingColumnError
        If a word is not like ``user=name``.
    """
    lexer = shlex.shlex(text or "", posix=True)
    # Not `shlex.split`, which takes the backslashes of a path on Windows away.
    lexer.whitespace_split, lexer.commenters, lexer.escape = True, "", ""
    try:
        words = [word.partition("=") for word in lexer]
    except ValueError:  # a quotation mark without its partner
        words = [(text, "", "")]
    named = {key: value for key, _, value in words}
    for key, sign, value in words:
        if not sign or key not in OPTIONS or (key[0] == "m" and not value.isdecimal()):
            raise MissingColumnError(
                gettext(
                    "Columns are named like user=reader_id item=isbn rating=stars "
                    "min_ratings=5, with quotation marks around a name with spaces; "
                    "{word!r} is not. Known: {known}.",
                    word=key + sign + value,
                    known=", ".join(OPTIONS),
                )
            )
    if "min_ratings" in named:
        named["min_ratings"] = int(named["min_ratings"])
    return named


def read_own(source, columns, titles=None, min_ratings=1):
    """Read ratings, and say what is unusual about them.

    Parameters
    ----------
    source : path or pandas.DataFrame
    columns : dict of str
        Role (``user``, ``item``, ``rating``, ``time``) -> name of its column, or None.
    titles, min_ratings
        As for `helpers.data.load_ratings`.

    Returns
    -------
    dict
        ratings, movies, source, rating_scale, own_ids and notes, as in
        `helpers.data.MovieLens`.

    Raises
    ------
    helpers.movielens.errors.DataError
    """
    label, notes = label_of(source), []
    is_column = isinstance(titles, str) and not is_table(titles)
    also = {"title": titles if is_column else None, "year": None, "genres": None}
    if any(str(name).isdecimal() for name in columns.values()):
        also = {role: name or "" for role, name in also.items()}
    table = read_columns(source, columns | also, ("user", "item"))
    table = _typed(table, label, notes)
    table = _without_repeats(table, notes)
    _refuse_hopeless(table, label)
    counts = table.groupby("item")["user"].transform("size")
    table = table[counts >= min_ratings]
    _refuse_hopeless(table, label, min_ratings)
    _say_what_is_unusual(table, notes)

    user_id, users = _numbered(table["user"])
    movie_id, items = _numbered(table["item"])
    if titles is not None and not is_column:
        about = read_columns(titles, {"item": None} | also, ("item", "title"))
        about["item"] = _ids(about["item"], "item", label_of(titles))
    else:
        about = table
    scale = _scale(table["rating"])
    if scale[0] <= 0:
        decimals = _decimals(table["rating"])
        shift = round(scale[2] - scale[0], decimals)
        notes.append(
            gettext(
                "The ratings are {smallest:g} to {largest:g}, and 0 stands for no "
                "rating in the lessons: {shift:g} was added to each. No error changes.",
                smallest=scale[0],
                largest=scale[1],
                shift=shift,
            )
        )
        shifted = table["rating"].astype("float64") + shift
        table = table.assign(rating=shifted.round(decimals))
        ends = (round(end + shift, decimals) for end in scale[:2])
        scale = (*ends, scale[2])
    return {
        "ratings": pd.DataFrame(
            {
                "user_id": user_id,
                "movie_id": movie_id,
                "rating": table["rating"].to_numpy("float32"),
                "timestamp": table["time"].to_numpy("int64"),
            }
        ),
        "movies": _movies(about, items, notes),
        "source": label,
        "rating_scale": scale,
        "own_ids": {"user_id": users, "movie_id": items},
        "notes": tuple(notes),
    }


def _scale(ratings):
    """Return the smallest rating, the largest, and the smallest step between two."""
    decimals = _decimals(ratings)
    levels = np.unique(np.round(ratings.astype("float64"), decimals))
    step = np.round(np.diff(levels).min(), decimals) if len(levels) > 1 else 1
    return float(levels[0]), float(levels[-1]), float(step)


def _decimals(ratings):
    """Return how many decimals tell ratings apart: 4, and more if all are small."""
    largest = ratings.abs().max()
    return 4 if largest >= 1 or largest == 0 else 3 - int(np.floor(np.log10(largest)))


def _typed(table, label, notes):
    """Return the table with ids, ratings and times of the right types."""
    table = table.reset_index(drop=True)
    if table.empty:
        raise InvalidRatingsError(
            gettext("There are no ratings: {label} is empty.", label=label)
        )
    rating, time = np.float32(1), np.int64(0)
    if "rating" in table:
        rating = _numbers(table["rating"], label)
    else:
        notes.append(
            gettext(
                "There is no column of ratings, so this is implicit feedback: lessons "
                "on lists can use it, and those on stars cannot. If there is one, name "
                "it: rating=…"
            )
        )
    if "time" in table:
        time = _seconds(table["time"], label, notes)
    else:
        notes.append(
            gettext(
                "There are no times: what needs them says so, and splits by time take "
                "the order of the rows. If there is a column, name it: time=…"
            )
        )
    ids = {role: _ids(table[role], role, label) for role in ("user", "item")}
    return table.assign(**ids, rating=rating, time=time)


def _ids(values, role, label):
    """Return ids without spaces around them: whole numbers, or else text."""
    codes, distinct = pd.factorize(values)
    distinct = pd.Series(distinct)
    if pd.api.types.is_float_dtype(distinct) and (distinct % 1 == 0).all():
        distinct = distinct.astype("int64")  # missing values had made them floats
    text = distinct.astype(str).str.strip()
    _refuse(values, (codes < 0) | (text == "").to_numpy()[codes], role, label)
    # A leading zero is part of an id, as in an ISBN.
    if text.str.fullmatch(r"-?[1-9]\d{0,17}|0").all():
        text = text.astype("int64")
    return text.to_numpy()[codes]


def _numbers(values, label):
    codes, distinct = pd.factorize(values)
    distinct = pd.Series(distinct)
    if not pd.api.types.is_numeric_dtype(distinct):
        distinct = distinct.astype(str).str.strip()
        distinct = distinct.str.replace(r"^([-+]?\d+),(\d+)$", r"\1.\2", regex=True)
        distinct = pd.to_numeric(distinct, errors="coerce")
    numbers = distinct.to_numpy("float32", na_value=np.nan)[codes]
    _refuse(values, ~np.isfinite(numbers) | (codes < 0), "rating", label)
    return numbers


def _seconds(values, label, notes):
    """Return whole seconds since 1970, from seconds, milliseconds or dates."""
    if not pd.api.types.is_datetime64_any_dtype(values):
        seconds = pd.to_numeric(values, errors="coerce").astype("float64")
        if seconds.notna().all():
            while seconds.abs().max() > SECONDS_END:
                seconds = seconds / 1000
            return np.floor(seconds).astype("int64").to_numpy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of formats that do not fit
        iso, month_first, day_first = (
            pd.to_datetime(values, errors="coerce", utc=True, **how)
            for how in ({"format": "ISO8601"}, {}, {"dayfirst": True})
        )
    dates = max(iso, month_first, day_first, key=lambda dates: dates.notna().sum())
    both = month_first.notna().all() and day_first.notna().all()
    if both and not iso.notna().all() and not month_first.equals(day_first):
        notes.append(
            gettext(
                "Dates such as {date} were read with the month first. If that is "
                "wrong, write them as 2027-01-31.",
                date=values.iloc[0],
            )
        )
    _refuse(values, dates.isna().to_numpy(), "time", label)
    return ((dates - pd.Timestamp(0, tz="UTC")) // pd.Timedelta(1, "s")).to_numpy()


def _refuse(values, wrong, role, label):
    if wrong.any():
        row = int(wrong.argmax())
        raise InvalidRatingsError(
            gettext(
                "{n:,} of {n_rows:,} rows of {label} lack a value that can be read as "
                "{role}; the first is row {row}, which has {value!r}. Correct these "
                "rows or leave them out, or name another column: {role}=…",
                n=int(wrong.sum()),
                n_rows=len(values),
                label=label,
                role=role,
                row=row + 1,
                value=str(values.iloc[row]),
            )
        )


def _without_repeats(table, notes):
    """Keep the last rating of each pair, in the order of the rows."""
    by_time = table.sort_values("time", kind="stable")
    repeats = by_time.duplicated(["user", "item"], keep="last").sort_index()
    if repeats.any():
        notes.append(
            gettext(
                "{n:,} of {n_rows:,} rows repeat a pair of user and item: only the "
                "last of each pair is kept.",
                n=int(repeats.sum()),
                n_rows=len(table),
            )
        )
    return table[~repeats]


def _refuse_hopeless(table, label, min_ratings=1):
    """Refuse ratings that show nothing in common between users."""
    problem = None
    if table["user"].nunique() < 2:
        problem = gettext("it has fewer than two users")
    elif table["item"].nunique() < 2:
        problem = gettext("it has fewer than two items")
    elif table["item"].is_unique:
        problem = gettext("no item has ratings of two users")
    if problem and min_ratings > 1:
        problem += gettext(" with min_ratings={n}", n=min_ratings)
    if problem:
        raise InvalidRatingsError(
            gettext(
                "Nothing can be learned from {label}: {problem}, and collaborative "
                "filtering needs items that several users have in common. Are these "
                "the right columns? Name them: user=… item=…",
                label=label,
                problem=problem,
            )
        )


def _say_what_is_unusual(table, notes):
    if table["rating"].nunique() == 1 and table["rating"].iloc[0] != 1:
        notes.append(gettext("All ratings are the same: this is implicit feedback."))
    counts = table["item"].value_counts()
    n_single = int((counts == 1).sum())
    if n_single > len(counts) / 2:
        notes.append(
            gettext(
                "{n:,} of {n_items:,} items have one rating, from which little can be "
                "learned. min_ratings=2 leaves them out.",
                n=n_single,
                n_items=len(counts),
            )
        )
    n_users = table["user"].nunique()
    if 4 * n_users * len(counts) > LARGE_MATRIX:
        notes.append(
            gettext(
                "A matrix of {n_users:,} users × {n_items:,} items, which lessons 04 "
                "to 08 keep in memory, takes {size:.1f} GB. A larger min_ratings makes "
                "it smaller; with min_ratings=10 there are {n_left:,} items.",
                n_users=n_users,
                n_items=len(counts),
                size=4e-9 * n_users * len(counts),
                n_left=int((counts >= 10).sum()),
            )
        )


def _numbered(ids):
    """Return ids as int32, and a table of what they stand for."""
    distinct, rows = np.unique(ids.to_numpy(), return_inverse=True)
    numbers = np.arange(1, len(distinct) + 1)
    fits = distinct.dtype.kind == "i" and np.abs(distinct).max() < 2**31
    numbers = (distinct if fits else numbers).astype("int32")
    return numbers[rows], pd.Series(distinct, index=numbers)


def _movies(about, items, notes):
    """Return the table of movies; `items` has own ids by those of the ratings."""
    own = pd.Series(items.to_numpy()).astype(str)
    about = about.drop_duplicates("item").set_index("item")
    # Compare texts: 12 is a number in one table, and a text in another that has 12X.
    about.index = about.index.astype(str)
    about = about.reindex(own)
    titles = about["title"].reset_index(drop=True) if "title" in about else own
    untitled = titles.isna() | (titles.astype(str).str.strip() == "")
    if untitled.any():
        notes.append(
            gettext(
                "{n:,} of {n_items:,} items have no title; their ids stand for it.",
                n=int(untitled.sum()),
                n_items=len(items),
            )
        )
    movies = split_titles(titles.astype(str).where(~untitled, own))
    if "year" in about:
        years = pd.to_numeric(about["year"], errors="coerce").reset_index(drop=True)
        movies["year"] = years.where(years % 1 == 0).astype("Int64")
    genres = about["genres"].reset_index(drop=True) if "genres" in about else None
    movies["genres"] = "" if genres is None else genres.fillna("").astype(str)
    movies["genres"] = movies["genres"].replace("(no genres listed)", "")
    return movies.assign(movie_id=items.index.to_numpy())[
        ["movie_id", "title", "year", "genres"]
    ]
