"""The splits on which all models are compared.

=====================  ========================================================
random80               ml-100k: random 80/20, drawn from a frame sorted by movie
u1                     ml-100k: GroupLens' first fold
u1-filtered            u1 with only the users and movies that occur in both parts
u1-filtered-all-users  the same test set; all users of u1 train
latest2016-80-12-8     ml-latest-small, edition of 2016: random 80/12/8
latest2018-80-20       ml-latest-small, edition of 2018: random 80/20
sequences              ml-100k: each user's last movie hidden, as in lesson 08
random80-again         as random80, drawn with another random state
u3                     ml-100k: GroupLens' third fold
=====================  ========================================================

The last two only confirm results: no setting was chosen on them.
"""

import os
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pandas as pd
from sklearn.model_selection import train_test_split

from helpers.data import MovieLens, load_movielens
from helpers.ids import IdEncoding
from helpers.movielens.errors import DataError, SplitNotAvailableError
from helpers.splits import Split, official_split, random_split


class SplitLeftOutError(Exception):
    """The ratings of a split are not available; the message says why."""


@dataclass(frozen=True, eq=False, repr=False)
class BenchSplit(Split):
    """A split without a validation part, and the edition that it is from.

    Attributes
    ----------
    movielens : MovieLens
        The edition, with its tables of movies and users.
    """

    movielens: MovieLens


def load_split(name):
    """Load the ratings of an edition, and split them.

    If ``$MOVIELENS_SOURCE`` is set, it names one edition, or the folder that contains
    the editions (``ml-100k/`` or ``ml-100k.zip`` and so on). Then no other source is
    tried. Two editions of one name have the year in theirs: ``ml-latest-small-2016/``.

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
        If the edition or its official fold is not available.
    """
    edition, year, make_split = SPLITS[name]
    try:
        movielens = load_movielens(
            edition, source=_own_source(edition, year), progress=False
        )
        if movielens.edition != year and not movielens.synthetic:
            raise SplitLeftOutError(
                f"This is the edition of {movielens.edition}, not of {year}. Name a "
                f"folder that holds the edition of {year}: MOVIELENS_SOURCE=folder"
            )
        return make_split(name, movielens)
    except (DataError, SplitNotAvailableError) as error:
        raise SplitLeftOutError(" ".join(str(error).split())) from error


def part_of(name, split, movielens):
    """Make a `BenchSplit` of a split of the course; its validation part trains, too.

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
    return _bench_split(name, train, split.test, split.users, split.movies, movielens)


def without_test(split, share, seed=0):
    """Replace the test ratings by a part of the training ratings.

    Of sequences, this is the last training rating of each user, whatever the share.

    Parameters
    ----------
    split : BenchSplit
    share : float
        The share of the training ratings to test on.
    seed : int

    Returns
    -------
    BenchSplit
    """
    if split.name == "sequences":
        train, valid = _last_apart(split.train)
    else:
        train, valid = train_test_split(split.train, test_size=share, random_state=seed)
    return replace(split, name=f"{split.name}, validation", train=train, test=valid)


def _bench_split(name, train, test, users, movies, movielens):
    return BenchSplit(name, train, train.iloc[:0], test, users, movies, movielens)


def _own_source(edition, year):
    folder = os.environ.get("MOVIELENS_SOURCE")
    if not folder:
        return None
    names = (f"{edition}-{year}", f"{edition}-{year}.zip", f"{edition}.zip")
    inside = (Path(folder, name) for name in names)
    return next((path for path in inside if path.exists()), folder)


def _random80(name, movielens, state=0):
    # The public notebook with this split joins the ratings to the table of movies, so
    # its random state draws from a frame that is sorted by movie.
    merged = movielens.movies[["movie_id"]].sort_values("movie_id")
    merged = merged.merge(movielens.ratings, on="movie_id")
    train, test = train_test_split(merged, test_size=0.2, random_state=state)
    users, movies = IdEncoding(merged["user_id"]), IdEncoding(merged["movie_id"])
    train, test = (_with_indices(part, users, movies) for part in (train, test))
    return _bench_split(name, train, test, users, movies, movielens)


def _fold(name, movielens, fold):
    return part_of(name, official_split(movielens, fold, valid=0), movielens)


def _u1_filtered(name, movielens):
    split = official_split(movielens, fold=1, valid=0, filtered=True)
    return part_of(name, split, movielens)


def _u1_filtered_all_users(name, movielens):
    """Keep the movies and test ratings of `u1-filtered`, to compare results."""
    filtered = official_split(movielens, fold=1, valid=0, filtered=True)
    train, _ = (movielens.ratings.iloc[rows] for rows in movielens.folds[1])
    train = train[train["movie_id"].isin(filtered.movies.ids)]
    users = IdEncoding(train["user_id"])
    train, test = (
        _with_indices(part, users, filtered.movies) for part in (train, filtered.test)
    )
    return _bench_split(name, train, test, users, filtered.movies, movielens)


def _three_way(name, movielens):
    split = three_way_split(movielens, (0.80, 0.12, 0.08), seed=0)
    # The public notebook with this split trains on 80 %, and validates on 12 %.
    return part_of(name, replace(split, valid=split.valid.iloc[:0]), movielens)


def _latest_80_20(name, movielens):
    return part_of(name, random_split(movielens, 0.2, valid=0, seed=0), movielens)


def _sequences(name, movielens):
    ratings = movielens.ratings.sort_index(kind="stable")
    ratings = ratings.sort_values(["user_id", "timestamp"], kind="stable")
    users, movies = IdEncoding(ratings["user_id"]), IdEncoding(ratings["movie_id"])
    train, test = _last_apart(_with_indices(ratings, users, movies))
    return _bench_split(name, train, test, users, movies, movielens)


def _last_apart(ratings):
    """Return the ratings, in order of time, without and with each user's last one."""
    is_last = ~ratings.duplicated("user_id", keep="last")
    return ratings[~is_last], ratings[is_last]


def _with_indices(part, users, movies):
    return part.assign(
        user=users.encode(part["user_id"]), movie=movies.encode(part["movie_id"])
    )


SPLITS = {
    "random80": ("ml-100k", "1998", _random80),
    "u1": ("ml-100k", "1998", partial(_fold, fold=1)),
    "u1-filtered": ("ml-100k", "1998", _u1_filtered),
    "u1-filtered-all-users": ("ml-100k", "1998", _u1_filtered_all_users),
    "latest2016-80-12-8": ("ml-latest-small", "2016", _three_way),
    "latest2018-80-20": ("ml-latest-small", "2018", _latest_80_20),
    "sequences": ("ml-100k", "1998", _sequences),
    "random80-again": ("ml-100k", "1998", partial(_random80, state=1)),
    "u3": ("ml-100k", "1998", partial(_fold, fold=3)),
}
"""For each split, the edition, its year, and the function that makes the split."""


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
