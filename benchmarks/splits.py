"""The splits on which the course, the seeds and the peers meet.

====================  =========================================================
random80              ml-100k, seed 003's: 80 % to train on, 20 % to test on
u1                    ml-100k, GroupLens' own first fold
seed001               u1 as seed 001 filters it: only users and movies of both parts
seed001-all-users     the same test set; the users whom that filter threw away train
latest2016-80-12-8    ml-latest-small, edition of 2016, seed 004's: random 80/12/8
latest2018-80-20      ml-latest-small, edition of 2018: random 80/20
====================  =========================================================
"""

import os
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from sklearn.model_selection import train_test_split

from helpers.data import MovieLens, load_movielens
from helpers.ids import IdEncoding
from helpers.movielens.errors import DataError, SplitNotAvailableError
from helpers.splits import Split, official_split, random_split


class SplitLeftOutError(Exception):
    """The ratings of a split are not to be had here; the message says why."""


@dataclass(frozen=True, eq=False)
class BenchSplit:
    """Ratings to train on, ratings to test on.

    Attributes
    ----------
    name : str
    train, test : pandas.DataFrame
        user_id, movie_id, rating, timestamp, and the indices ``user`` and ``movie``
        (int32, from 0).
    n_users, n_movies : int
        Rows that a table of users, of movies needs.
    users, movies : IdEncoding
        Index to id and back.
    movielens : MovieLens
        The edition, with what is known about movies and users.
    """

    name: str
    train: pd.DataFrame
    test: pd.DataFrame
    users: IdEncoding
    movies: IdEncoding
    movielens: MovieLens

    @property
    def n_users(self):
        """Rows that a table of users needs."""
        return len(self.users)

    @property
    def n_movies(self):
        """Rows that a table of movies needs."""
        return len(self.movies)


def load_split(name):
    """Load the ratings, and part them.

    Where ``$MOVIELENS_SOURCE`` is set, it names the folder in which the editions lie
    side by side (``ml-100k/`` or ``ml-100k.zip`` and so on), or one of them. Nothing
    else is tried then, as everywhere in the course.

    Parameters
    ----------
    name : str
        A key of `SPLITS`.

    Returns
    -------
    BenchSplit

    Raises
    ------
    SplitLeftOutError
        If the edition, or its official fold, is not to be had here.
    """
    edition, year, part = SPLITS[name]
    try:
        movielens = load_movielens(edition, source=_own_source(edition), progress=False)
        if movielens.edition != year and not movielens.synthetic:
            raise SplitLeftOutError(
                f"This is the edition of {movielens.edition}, not of {year}. Name a "
                f"folder that holds the edition of {year}: MOVIELENS_SOURCE=folder"
            )
        return part(name, movielens)
    except (DataError, SplitNotAvailableError) as error:
        raise SplitLeftOutError(" ".join(str(error).split())) from error


def part_of(name, split, movielens):
    """Take over one of the course's own splits; its validation part trains, too.

    Parameters
    ----------
    name : str
    split : helpers.splits.Split
    movielens : MovieLens

    Returns
    -------
    BenchSplit
    """
    train = pd.concat([split.train, split.valid])
    return BenchSplit(name, train, split.test, split.users, split.movies, movielens)


def without_test(split, share, seed=0):
    """Cut a validation part out of the training ratings, and drop the test ratings.

    Parameters
    ----------
    split : BenchSplit
    share : float
        Of the training ratings.
    seed : int

    Returns
    -------
    BenchSplit
        What is called `test` is the validation part.
    """
    train, valid = train_test_split(split.train, test_size=share, random_state=seed)
    return BenchSplit(
        f"{split.name}, validation",
        train,
        valid,
        split.users,
        split.movies,
        split.movielens,
    )


def _own_source(edition):
    folder = os.environ.get("MOVIELENS_SOURCE")
    if not folder:
        return None
    beside = Path(folder, f"{edition}.zip")
    return beside if beside.is_file() else folder


def _random80(name, movielens):
    # The seed joins the movies' table with the ratings, in this order: its frame is
    # sorted by movie, and a random state means other rows than on the ratings' own.
    merged = movielens.movies[["movie_id"]].sort_values("movie_id")
    merged = merged.merge(movielens.ratings, on="movie_id")
    train, test = train_test_split(merged, test_size=0.2, random_state=0)
    users, movies = IdEncoding(merged["user_id"]), IdEncoding(merged["movie_id"])
    train, test = (_with_indices(part, users, movies) for part in (train, test))
    return BenchSplit(name, train, test, users, movies, movielens)


def _u1(name, movielens):
    return part_of(name, official_split(movielens, fold=1, valid=0), movielens)


def _seed001(name, movielens):
    split = official_split(movielens, fold=1, valid=0, filtered=True)
    return part_of(name, split, movielens)


def _seed001_all_users(name, movielens):
    """Keep the filter's movies and test ratings, so that figures can be compared."""
    filtered = official_split(movielens, fold=1, valid=0, filtered=True)
    train, _ = (movielens.ratings.iloc[rows] for rows in movielens.folds[1])
    train = train[train["movie_id"].isin(filtered.movies.ids)]
    users = IdEncoding(train["user_id"])
    train, test = (
        _with_indices(part, users, filtered.movies) for part in (train, filtered.test)
    )
    return BenchSplit(name, train, test, users, filtered.movies, movielens)


def _three_way(name, movielens):
    split = three_way_split(movielens, (0.80, 0.12, 0.08), seed=0)
    # The seed trains on its 80 %, and looks at the 12 % while it does.
    return BenchSplit(
        name, split.train, split.test, split.users, split.movies, movielens
    )


def _latest_80_20(name, movielens):
    return part_of(name, random_split(movielens, 0.2, valid=0, seed=0), movielens)


def _with_indices(part, users, movies):
    return part.assign(
        user=users.encode(part["user_id"]), movie=movies.encode(part["movie_id"])
    )


SPLITS = {
    "random80": ("ml-100k", "1998", _random80),
    "u1": ("ml-100k", "1998", _u1),
    "seed001": ("ml-100k", "1998", _seed001),
    "seed001-all-users": ("ml-100k", "1998", _seed001_all_users),
    "latest2016-80-12-8": ("ml-latest-small", "2016", _three_way),
    "latest2018-80-20": ("ml-latest-small", "2018", _latest_80_20),
}
"""Split -> edition, the year it was published in, how to part it."""


def three_way_split(movielens, fractions=(0.80, 0.12, 0.08), seed=0):
    """Split the ratings at random, by the shares of all three parts.

    Parameters
    ----------
    movielens : MovieLens
    fractions : tuple of float
        Shares of train, valid and test; together 1.
    seed : int

    Returns
    -------
    Split

    Raises
    ------
    ValueError
        If the shares are not positive, or do not add up to 1.
    """
    if len(fractions) != 3 or min(fractions) <= 0 or abs(sum(fractions) - 1) > 1e-9:
        raise ValueError(
            f"fractions should be three positive shares of 1 in all, not {fractions}"
        )
    _, valid, test = fractions
    split = random_split(movielens, test=test, valid=valid / (1 - test), seed=seed)
    shares = "/".join(f"{100 * share:g}" for share in fractions)
    return Split(**vars(split) | {"name": f"random {shares}, seed {seed}"})
