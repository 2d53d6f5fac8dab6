"""Split ratings into training, validation and test sets, with indices for ids.

>>> split = random_split(load_movielens(), seed=0)
>>> model.fit(pairs(split.train), split.train.rating)
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

from helpers.i18n import gettext
from helpers.ids import IdEncoding
from helpers.movielens.errors import SplitNotAvailableError

# Share of a test user's ratings that u1 puts into its test part: the quantiles
# 0, 1/10, 1/4, 1/2, 3/4, 9/10 and 1, measured on u1.
U1_QUANTILES = (0.0, 0.10, 0.25, 0.50, 0.75, 0.90, 1.0)
U1_TEST_SHARES = (0.01, 0.17, 0.33, 0.43, 0.48, 0.51, 0.81)
U1_USERS_SHARE = 459 / 943


@dataclass(frozen=True, eq=False, repr=False)
class Split:
    """Ratings split into training, validation and test sets.

    Attributes
    ----------
    name : str
    train, valid, test : pandas.DataFrame
        user_id, movie_id, rating, timestamp, and the indices ``user`` and ``movie``
        (int32). The row labels are those of `MovieLens.ratings`, which number the
        ratings in file order; how that table is sorted makes no difference. `valid`
        may be empty.
    users, movies : IdEncoding
    """

    name: str
    train: pd.DataFrame
    valid: pd.DataFrame
    test: pd.DataFrame
    users: IdEncoding
    movies: IdEncoding

    @property
    def n_users(self):
        """Number of rows that a table of users needs."""
        return len(self.users)

    @property
    def n_movies(self):
        """Number of rows that a table of movies needs."""
        return len(self.movies)

    def __repr__(self):
        return gettext(
            "{name}: {n_train:,} train, {n_valid:,} valid, {n_test:,} test ratings; "
            "{n_users:,} users, {n_movies:,} movies",
            name=self.name,
            n_train=len(self.train),
            n_valid=len(self.valid),
            n_test=len(self.test),
            n_users=self.n_users,
            n_movies=self.n_movies,
        )


def pairs(frame):
    """Return the inputs of a model for a part of a split.

    Parameters
    ----------
    frame : pandas.DataFrame
        With the columns user and movie.

    Returns
    -------
    dict : ``user`` and ``movie``, int32 arrays of shape (n_ratings,)
    """
    return {
        "user": frame["user"].to_numpy(dtype="int32"),
        "movie": frame["movie"].to_numpy(dtype="int32"),
    }


def random_split(movielens, test=0.2, valid=0.1, seed=0):
    """Split the ratings at random.

    The test part is split off first, by scikit-learn's ``train_test_split`` on the
    ratings in file order, so that the defaults give a split that others report on, too.

    Parameters
    ----------
    movielens : MovieLens
    test, valid : float
        Share of all ratings, and of the ratings that are left; 0 leaves `valid` empty.
    seed : int

    Returns
    -------
    Split
        Indices cover every user and movie of the edition.

    Raises
    ------
    ValueError
        If a share is not inside 0…1, or leaves a part of the split empty.
    """
    _check_shares(test, valid)
    ratings = _in_file_order(movielens)
    # Split row numbers, and fetch whole rows once: fetching them in random order takes
    # most of the time once the ratings no longer fit the processor's cache.
    train, test_part = train_test_split(
        np.arange(len(ratings)), test_size=test, random_state=seed
    )
    train, valid_part = _cut_valid(train, valid, seed)
    parts = (ratings.take(rows) for rows in (train, valid_part, test_part))
    name = f"random {100 * (1 - test):g}/{100 * test:g}, seed {seed}"
    return _split(name, *parts, ratings)


def official_split(movielens, fold=1, valid=0.1, filtered=False, seed=0):
    """Return one of GroupLens' own folds, u1 to u5.

    Parameters
    ----------
    movielens : MovieLens
        ml-100k, from GroupLens' zip.
    fold : int
        1…5.
    valid : float
        Share of the fold's training ratings, split off at random.
    filtered : bool
        Keep only the users and movies that occur in both parts of the fold, as several
        public notebooks do. This is a leak: the training set then depends on the test
        set. Use it only to compare ranking scores with theirs.
    seed : int
        For the validation part.

    Returns
    -------
    Split
        Indices cover every user and movie of the edition; if filtered, those kept.

    Raises
    ------
    SplitNotAvailableError
        If the data set came without this fold.
    """
    if fold not in movielens.folds:
        known = ", ".join(f"u{number}" for number in movielens.folds) or gettext("none")
        raise SplitNotAvailableError(
            gettext(
                "{movielens!r} has no official fold u{fold} (it has: {known}). Only "
                "ml-100k has folds, and only GroupLens' zip brings them, not the "
                "mirror: download ml-100k.zip from grouplens.org and call "
                'load_movielens("ml-100k", source="path/to/ml-100k.zip"), or use '
                "ranking_split, which has a stand-in.",
                movielens=movielens,
                fold=fold,
                known=known,
            )
        )
    ratings = _in_file_order(movielens)
    train, test = (ratings.iloc[rows] for rows in movielens.folds[fold])
    return _fold_split(f"u{fold}", movielens, train, test, valid, filtered, seed)


def ranking_split(movielens, fold=1, valid=0.1, filtered=True, seed=0):
    """Return an official fold for ranking, or a stand-in of the same shape.

    Unlike a random split, u1 tests on the first half of the users only, and hides 39 %
    of the ratings of each, give or take 14 %. Where there is no such fold, the stand-in
    takes the same users and draws their ratings so that these shares are the same.

    Parameters
    ----------
    movielens : MovieLens
    fold, valid, filtered, seed
        As in `official_split`; the leak described there holds here, too.

    Returns
    -------
    Split
        Its name says which of the two it is: ``u1, filtered`` or ``stand-in for u1,
        filtered``.
    """
    if fold in movielens.folds:
        return official_split(movielens, fold, valid, filtered, seed)
    ratings = _in_file_order(movielens)
    rng = np.random.default_rng((seed, fold))
    users, user = np.unique(ratings["user_id"], return_inverse=True)
    share = np.interp(rng.random(len(users)), U1_QUANTILES, U1_TEST_SHARES)
    place = (np.arange(len(users)) - (fold - 1) * len(users) // 5) % len(users)
    share[place >= round(U1_USERS_SHARE * len(users))] = 0
    n_test = np.rint(share * np.bincount(user)).astype(int)
    in_test = _place_in_group(user, rng.random(len(user))) < n_test[user]
    name, train, test = f"stand-in for u{fold}", ratings[~in_test], ratings[in_test]
    return _fold_split(name, movielens, train, test, valid, filtered, seed)


def time_split(movielens, test=0.2, valid=0.1):
    """Test on each user's last ratings, validate on those before.

    This hides what a user rates later, but not what the others do: each user has a
    cut-off of their own, so the training set holds ratings that are later than many
    test ratings. Ji et al. (ACM TOIS 41(3), 2023, arXiv 2010.11060) call that a data
    leak; `global_time_split` has none. Ratings of the same second count in file order.

    Parameters
    ----------
    movielens : MovieLens
    test : float
        Share of each user's ratings.
    valid : float
        Share of the user's ratings that are left. Each user keeps one to train on.

    Returns
    -------
    Split
    """
    _check_shares(test, valid)
    ratings = _in_file_order(movielens)
    _say_if_no_time(movielens)
    user = np.unique(ratings["user_id"], return_inverse=True)[1]
    n = np.bincount(user)
    n_test = np.minimum(np.rint(test * n), n - 1).astype(int)
    left = n - n_test
    n_valid = np.minimum(np.rint(valid * left), left - 1).astype(int)
    place = _place_in_group(user, ratings["timestamp"].to_numpy())
    in_train = place < (left - n_valid)[user]
    in_test = place >= left[user]
    return _split(
        f"time, last {100 * test:g} % of each user",
        ratings[in_train],
        ratings[~in_train & ~in_test],
        ratings[in_test],
        ratings,
    )


def global_time_split(movielens, test=0.2, valid=0.1):
    """Test on the last ratings of the whole data set, validate on those before.

    One cut-off in time holds for everybody, as for a system in use: no training rating
    is later than a validation rating, and none of these later than a test rating. Many
    users of the test part may have no training ratings (a cold start). Ratings of the
    same second count in file order.

    Parameters
    ----------
    movielens : MovieLens
    test, valid : float
        Share of all ratings, and of the ratings that are left.

    Returns
    -------
    Split
        Indices cover every user and movie of the edition.
    """
    _check_shares(test, valid)
    _say_if_no_time(movielens)
    ratings = _in_file_order(movielens).sort_values("timestamp", kind="stable")
    n_left = len(ratings) - round(test * len(ratings))
    n_train = n_left - round(valid * n_left)
    name = f"time, last {100 * test:g} % of all"
    parts = ratings[:n_train], ratings[n_train:n_left], ratings[n_left:]
    _refuse_empty(name, parts[0], parts[2])
    return _split(name, *parts, ratings)


def _in_file_order(movielens):
    """Return the ratings in the order of their labels: the table may be sorted."""
    return movielens.ratings.sort_index(kind="stable")


def _say_if_no_time(movielens):
    if movielens.own_ids and movielens.ratings["timestamp"].eq(0).all():
        print(gettext("Your ratings have no time: this split takes the file's order."))


def _place_in_group(group, key):
    """Return the rank, from 0, of each row among its group's rows sorted by `key`."""
    return pd.Series(key).groupby(group).rank(method="first").to_numpy(dtype=int) - 1


def _fold_split(name, movielens, train, test, valid, filtered, seed):
    known = movielens.ratings
    if filtered:
        name += ", filtered"
        n_before = -1
        # Without some users a movie may be in one part only, and the other way round.
        while n_before != len(train) + len(test):
            n_before = len(train) + len(test)
            for column in ("user_id", "movie_id"):
                common = np.intersect1d(train[column], test[column])
                train = train[train[column].isin(common)]
                test = test[test[column].isin(common)]
        known = pd.concat([train, test])
    _refuse_empty(name, train, test)
    train, valid_part = _cut_valid(train, valid, seed)
    return _split(name, train, valid_part, test, known)


def _refuse_empty(name, *parts):
    if any(part.empty for part in parts):
        raise ValueError(gettext("Too few ratings for the split {name}.", name=name))


def _cut_valid(train, valid, seed):
    _check_shares(valid=valid)
    if valid == 0:
        return train, train[:0]
    return train_test_split(train, test_size=valid, random_state=seed)


def _check_shares(test=0.5, valid=0.0):
    for name, share in (("test", test), ("valid", valid)):
        if not 0 <= share < 1 or (name == "test" and share == 0):
            raise ValueError(
                gettext(
                    "{name} should be a share of the ratings, more than 0 and less "
                    "than 1 (valid may be 0), such as 0.2; it is {share}.",
                    name=name,
                    share=share,
                )
            )


def _split(name, train, valid, test, known):
    users, movies = IdEncoding(known["user_id"]), IdEncoding(known["movie_id"])
    parts = [
        part.assign(
            user=users.encode(part["user_id"]), movie=movies.encode(part["movie_id"])
        )
        for part in (train, valid, test)
    ]
    return Split(name, *parts, users, movies)
