"""Check the rules that every lesson relies on."""

import numpy as np
import pandas as pd

from helpers.i18n import gettext
from helpers.movielens.errors import (
    CorruptDataError,
    InvalidRatingsError,
    MissingColumnError,
)

# The number of ratings tells the editions apart.
EDITIONS = {
    100_000: ("ml-100k", "1998"),
    100_836: ("ml-latest-small", "2018"),
    100_004: ("ml-latest-small", "2016"),
    1_000_209: ("ml-1m", "2003"),
    25_000_095: ("ml-25m", "2019"),
    32_000_204: ("ml-32m", "2023"),
}


def validate_ratings(ratings, scale):
    """Check columns, values, the scale and repeated pairs.

    Parameters
    ----------
    ratings : pandas.DataFrame
        With columns user_id, movie_id, rating and timestamp.
    scale : tuple of float
        Smallest rating, largest rating, step.

    Raises
    ------
    MissingColumnError
        If a column is missing.
    InvalidRatingsError
        If there are no ratings, a value is missing, a rating is off the scale, or a
        user rated a movie twice.
    """
    columns = ["user_id", "movie_id", "rating", "timestamp"]
    missing = [column for column in columns if column not in ratings]
    if missing:
        raise MissingColumnError(
            gettext(
                "The ratings lack the column {missing}; they have {columns}. Rename or "
                "add it.",
                missing=", ".join(missing),
                columns=", ".join(map(str, ratings.columns)) or gettext("none"),
            )
        )
    if ratings.empty:
        raise InvalidRatingsError(gettext("There are no ratings: the table is empty."))

    smallest, largest, step = scale
    stars = ratings["rating"].to_numpy()
    has_gap = ratings[columns].isna().any(axis=1).to_numpy()
    _refuse_rows(ratings, has_gap, gettext("lack a value"))
    _refuse_rows(
        ratings,
        (stars < smallest) | (stars > largest) | ((stars - smallest) % step != 0),
        gettext(
            "are off the scale {smallest:g} to {largest:g} in steps of {step:g}",
            smallest=smallest,
            largest=largest,
            step=step,
        ),
    )
    if _has_repeated_pair(ratings):
        _refuse_rows(
            ratings,
            ratings.duplicated(["user_id", "movie_id"]).to_numpy(),
            gettext("repeat a (user, movie) pair"),
        )


def _has_repeated_pair(ratings):
    """Tell whether a pair is repeated; for 32 million, leaner than `duplicated`."""
    users, _ = pd.factorize(ratings["user_id"])
    movies, movie_ids = pd.factorize(ratings["movie_id"])
    pairs = np.sort(users.astype("int64") * len(movie_ids) + movies)
    return bool((pairs[1:] == pairs[:-1]).any())


def _refuse_rows(ratings, wrong, problem):
    if wrong.any():
        first = int(wrong.argmax())
        user, movie, rating = (
            ratings[column].iloc[first] for column in ("user_id", "movie_id", "rating")
        )
        raise InvalidRatingsError(
            gettext(
                "{wrong:,} of {n_ratings:,} ratings {problem}; the first is row "
                "{first} (counted from 0): user {user}, movie {movie}, rating "
                "{rating}. Correct or drop them.",
                wrong=int(wrong.sum()),
                n_ratings=len(ratings),
                problem=problem,
                first=first,
                user=user,
                movie=movie,
                rating=rating,
            )
        )


def identify_edition(name, tables, path):
    """Return the year in which an edition was published, by its number of ratings.

    Parameters
    ----------
    name : str
        The edition that was asked for: ``"ml-100k"``.
    tables : dict of str to pandas.DataFrame
        ``ratings`` and ``movies``.
    path : path
        Where they were read, for messages.

    Returns
    -------
    str : ``"unrecognised"`` if the number is not that of a known edition

    Raises
    ------
    CorruptDataError
        If it is another edition, or a rated movie has no title.
    """
    ratings, movies = tables["ratings"], tables["movies"]
    known_as, edition = EDITIONS.get(len(ratings), (name, "unrecognised"))
    if known_as != name:
        raise CorruptDataError(
            gettext(
                "{path} holds {known_as}, not {name}. Call "
                'load_movielens("{known_as}", '
                "source=...) or name another source.",
                path=path,
                known_as=known_as,
                name=name,
            )
        )
    untitled = np.setdiff1d(ratings["movie_id"].unique(), movies["movie_id"])
    if len(untitled):
        raise CorruptDataError(
            gettext(
                "{path} has no title for {n:,} of the movies rated (the first is "
                "movie {first}): its movie table is incomplete. Get it again.",
                path=path,
                n=len(untitled),
                first=untitled[0],
            )
        )
    return edition
