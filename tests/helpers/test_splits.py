"""Are the splits the known ones, disjoint, complete, and free of leaks?"""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import train_test_split

from benchmarks.splits import three_way_split
from helpers.data import load_movielens, load_ratings, synthetic
from helpers.movielens.errors import SplitNotAvailableError
from helpers.splits import (
    global_time_split,
    official_split,
    pairs,
    random_split,
    ranking_split,
    time_split,
)
from tests.support.movielens_files import real_data

SIZE = {"n_users": 80, "n_movies": 120, "n_ratings": 3000}


@pytest.fixture(scope="module")
def movielens():
    return synthetic(**SIZE)


@pytest.fixture(scope="module")
def with_folds():
    """A made-up set that has a fold 1, as ml-100k has: users 1 to 40 are tested on."""
    made_up = synthetic(**SIZE, seed=5)
    rows = np.arange(made_up.n_ratings)
    in_test = (made_up.ratings["user_id"].to_numpy() <= 40) & (rows % 3 == 0)
    made_up.folds[1] = (rows[~in_test], rows[in_test])
    return made_up


@pytest.fixture(scope="module")
def ml_100k():
    return load_movielens("ml-100k", source=real_data("ml-100k"))


SPLITS = {
    "random": random_split,
    "random without valid": lambda data: random_split(data, valid=0),
    "three-way": three_way_split,
    "official": official_split,
    "ranking": lambda data: ranking_split(data, filtered=False),
    "stand-in": lambda data: ranking_split(data, fold=2, filtered=False),
    "time": time_split,
    "global time": global_time_split,
}


@pytest.mark.parametrize("name", SPLITS)
def test_parts_are_disjoint_and_complete(with_folds, name):
    split = SPLITS[name](with_folds)
    parts = [split.train, split.valid, split.test]
    rows = np.concatenate([part.index for part in parts])
    assert sorted(rows) == list(range(with_folds.n_ratings))
    assert len(split.test) > 0
    assert (len(split.valid) == 0) == (name == "random without valid")
    for part in parts:
        pd.testing.assert_frame_equal(
            part[list(with_folds.ratings)], with_folds.ratings.loc[part.index]
        )


@pytest.mark.parametrize("name", SPLITS)
def test_indices_stand_for_the_ids_of_the_whole_edition(with_folds, name):
    split = SPLITS[name](with_folds)
    assert (split.n_users, split.n_movies) == (80, 120)
    for part in (split.train, split.valid, split.test):
        assert part["user"].dtype == part["movie"].dtype == np.int32
        np.testing.assert_array_equal(split.users.decode(part["user"]), part["user_id"])
        np.testing.assert_array_equal(split.movies.ids[part["movie"]], part["movie_id"])


@pytest.mark.parametrize("name", SPLITS)
def test_splits_are_deterministic(with_folds, name):
    one, same = SPLITS[name](with_folds), SPLITS[name](with_folds)
    assert one.name == same.name
    for part in ("train", "valid", "test"):
        pd.testing.assert_frame_equal(getattr(one, part), getattr(same, part))


@pytest.mark.parametrize("name", SPLITS)
def test_splits_do_not_depend_on_the_order_of_the_rows(with_folds, name):
    """A student may have sorted the table."""
    by_movie = with_folds.ratings.sort_values("movie_id", ascending=False)
    moved = dataclasses.replace(with_folds, ratings=by_movie)
    one, other = SPLITS[name](with_folds), SPLITS[name](moved)
    for part in ("train", "valid", "test"):
        pd.testing.assert_frame_equal(getattr(one, part), getattr(other, part))


@pytest.mark.parametrize("make", [random_split, three_way_split, ranking_split])
def test_another_seed_gives_another_split(movielens, make):
    one, other = make(movielens, seed=1), make(movielens, seed=2)
    assert set(one.test.index) != set(other.test.index)


def test_pairs_are_what_a_model_takes(movielens):
    split = random_split(movielens)
    batch = pairs(split.test)
    assert list(batch) == ["user", "movie"]
    np.testing.assert_array_equal(batch["movie"], split.test["movie"])
    assert batch["user"].dtype == np.int32
    assert isinstance(batch["user"], np.ndarray)
    assert batch["user"].shape == (len(split.test),)


def test_random_split_has_the_known_test_part(movielens):
    rest, test = train_test_split(movielens.ratings, test_size=0.2, random_state=0)
    split = random_split(movielens)
    pd.testing.assert_frame_equal(split.test[list(test)], test)
    assert set(split.train.index) | set(split.valid.index) == set(rest.index)
    assert len(split.valid) == 240
    assert split.name == "random 80/20, seed 0"


def test_real_random_split(ml_100k):
    split = random_split(ml_100k)
    assert [len(part) for part in (split.train, split.valid, split.test)] == [
        *(72_000, 8_000, 20_000)
    ]
    # A public notebook was measured on exactly these ratings.
    _, test = train_test_split(ml_100k.ratings, test_size=0.2, random_state=0)
    assert split.test.index.tolist() == test.index.tolist()


def test_three_way_split_has_the_requested_shares(movielens):
    split = three_way_split(movielens)
    sizes = [len(part) for part in (split.train, split.valid, split.test)]
    assert sizes == [2400, 360, 240]
    assert split.name == "random 80/12/8, seed 0"


@pytest.mark.parametrize("fractions", [(0.8, 0.2), (0.8, 0.1, 0.2), (1.0, 0.2, -0.2)])
def test_three_way_split_refuses_odd_shares(movielens, fractions):
    with pytest.raises(ValueError, match="three positive shares"):
        three_way_split(movielens, fractions)


@pytest.mark.parametrize("make", [random_split, time_split, global_time_split])
@pytest.mark.parametrize(
    "shares", [{"test": 0}, {"test": 1}, {"test": 20}, {"valid": -0.1}, {"valid": 1}]
)
def test_shares_outside_their_range(movielens, make, shares):
    with pytest.raises(ValueError, match=f"{next(iter(shares))} should be a share"):
        make(movielens, **shares)


def test_official_split_takes_the_fold(with_folds):
    split = official_split(with_folds, valid=0)
    assert split.test.index.tolist() == with_folds.folds[1][1].tolist()
    assert split.train.index.tolist() == with_folds.folds[1][0].tolist()
    assert split.name == "u1"


def test_filtered_split_keeps_only_what_both_parts_have(with_folds):
    split = official_split(with_folds, filtered=True)
    train = pd.concat([split.train, split.valid])
    for column in ("user_id", "movie_id"):
        assert set(train[column]) == set(split.test[column])
    assert split.n_users == split.test["user_id"].nunique() == 40
    assert split.n_movies == split.test["movie_id"].nunique()
    assert split.name == "u1, filtered"


def own_ratings_with_fold(train, test):
    """Ratings of one's own, with a fold 1 of these pairs of user and movie."""
    pairs_of = pd.DataFrame([*train, *test], columns=["user", "movie"])
    own = load_ratings(pairs_of.assign(rating=3, time=np.arange(len(pairs_of))))
    own.folds[1] = tuple(np.split(np.arange(len(pairs_of)), [len(train)]))
    return own


# Movies 20 and 30 are in one part only; without them users 1 to 3 are, too.
FALLS_APART = [(1, 10), (2, 10), (3, 30)], [(1, 20), (2, 20), (3, 10)]
STAYS = [(4, 40), (5, 50)], [(4, 50), (5, 40)]


def test_filtering_goes_on_until_both_parts_have_the_same():
    train, test = (one + other for one, other in zip(FALLS_APART, STAYS, strict=True))
    own = own_ratings_with_fold(train, test)
    split = official_split(own, valid=0, filtered=True)
    assert split.train[["user_id", "movie_id"]].to_numpy().tolist() == [
        [4, 40],
        [5, 50],
    ]
    assert split.test[["user_id", "movie_id"]].to_numpy().tolist() == [[4, 50], [5, 40]]
    assert (split.n_users, split.n_movies) == (2, 2)


def test_an_empty_part_is_refused():
    own = own_ratings_with_fold(*FALLS_APART)
    for make in (
        lambda: official_split(own, filtered=True),
        lambda: official_split(own, valid=0, filtered=True),
        lambda: global_time_split(own, test=0.95),
        lambda: global_time_split(own, test=0.05),
    ):
        with pytest.raises(ValueError, match="Too few ratings for the split (u1|time)"):
            make()


def test_real_u1_filtered(ml_100k):
    """The figures of the notebook whose filter it is: users once, then movies once."""
    parts = [ml_100k.ratings.iloc[rows] for rows in ml_100k.folds[1]]
    for column in ("user_id", "movie_id"):
        common = set(parts[0][column]) & set(parts[1][column])
        parts = [part[part[column].isin(common)] for part in parts]
    split = official_split(ml_100k, filtered=True)
    known = [
        pd.concat([split.train, split.valid]).sort_index(),
        split.test.sort_index(),
    ]
    for part, found in zip(parts, known, strict=True):
        assert found.index.tolist() == sorted(part.index)
    assert len(split.train) + len(split.valid) == 32_086
    assert len(split.test) == 19_901
    assert (split.n_users, split.n_movies) == (459, 1_335)
    assert ranking_split(ml_100k).name == "u1, filtered"


def test_missing_fold_says_where_to_get_it(movielens, with_folds):
    with pytest.raises(SplitNotAvailableError, match="not the mirror.*ml-100k.zip"):
        official_split(movielens)
    with pytest.raises(SplitNotAvailableError, match=r"no official fold u2.*has: u1"):
        official_split(with_folds, fold=2)


def test_stand_in_has_the_shape_of_u1():
    """Of u1: 459 of 943 users are tested, on 39 ± 14 % of their ratings."""
    movielens = synthetic()
    split = ranking_split(movielens, filtered=False)
    assert split.name == "stand-in for u1"
    per_user = split.test["user_id"].value_counts()
    shares = per_user / movielens.ratings["user_id"].value_counts()[per_user.index]
    assert len(per_user) == pytest.approx(459, abs=3)
    assert shares.mean() == pytest.approx(0.39, abs=0.03)
    assert shares.std() == pytest.approx(0.14, abs=0.03)
    quartiles = shares.quantile([0.25, 0.5, 0.75])
    np.testing.assert_allclose(quartiles, [0.33, 0.43, 0.48], atol=0.03)
    assert ranking_split(movielens).name == "stand-in for u1, filtered"


def test_the_shape_of_u1_in_the_test_above(ml_100k):
    split = official_split(ml_100k)
    per_user = split.test["user_id"].value_counts()
    shares = per_user / ml_100k.ratings["user_id"].value_counts()[per_user.index]
    assert len(per_user) == 459
    quartiles = shares.quantile([0.25, 0.5, 0.75])
    np.testing.assert_allclose(quartiles, [0.33, 0.43, 0.48], atol=0.005)
    assert (round(shares.mean(), 2), round(shares.std(), 2)) == (0.39, 0.14)


def test_time_split_hides_the_future_of_each_user(movielens):
    split = time_split(movielens)
    earlier = pd.concat([split.train, split.valid])
    last_seen = earlier.groupby("user_id")["timestamp"].max()
    first_tested = split.test.groupby("user_id")["timestamp"].min()
    assert (first_tested >= last_seen[first_tested.index]).all()
    last_trained = split.train.groupby("user_id")["timestamp"].max()
    first_valid = split.valid.groupby("user_id")["timestamp"].min()
    assert (first_valid >= last_trained[first_valid.index]).all()


def test_time_split_share_counts_for_each_user(movielens):
    split = time_split(movielens, test=0.25)
    wanted = np.rint(0.25 * movielens.ratings["user_id"].value_counts())
    found = split.test["user_id"].value_counts()
    assert (found.sort_index() == wanted.sort_index()).all()


def test_time_split_breaks_ties_by_file_order(movielens):
    same_time = synthetic(1, 10, 10)
    same_time.ratings["timestamp"] = 7
    split = time_split(same_time, test=0.2, valid=0.2)
    assert split.train.index.tolist() == [0, 1, 2, 3, 4, 5]
    assert split.valid.index.tolist() == [6, 7]
    assert split.test.index.tolist() == [8, 9]


@pytest.mark.parametrize("shares", [(0.99, 0), (0.5, 0.99), (0.2, 0.1)])
def test_time_split_leaves_each_user_something_to_train_on(shares):
    sparse = synthetic(60, 60, 70)
    test, valid = shares
    split = time_split(sparse, test=test, valid=valid)
    assert set(split.train["user_id"]) == set(sparse.ratings["user_id"])
    assert len(split.train) + len(split.valid) + len(split.test) == sparse.n_ratings


def test_time_split_trains_on_the_future_of_others(movielens):
    """So it is no stand-in for `global_time_split`, and its docstring says so."""
    split = time_split(movielens)
    assert split.train["timestamp"].max() > split.test["timestamp"].min()


def test_global_time_split_never_trains_on_the_future(movielens):
    split = global_time_split(movielens)
    assert split.train["timestamp"].max() <= split.valid["timestamp"].min()
    assert split.valid["timestamp"].max() <= split.test["timestamp"].min()


def test_global_time_split_has_the_shares_asked_for(movielens):
    split = global_time_split(movielens, test=0.25, valid=0.2)
    sizes = [len(part) for part in (split.train, split.valid, split.test)]
    assert sizes == [1800, 450, 750]
    assert split.name == "time, last 25 % of all"
    assert len(global_time_split(movielens, valid=0).valid) == 0


def test_global_time_split_breaks_ties_by_file_order():
    same_time = synthetic(1, 10, 10)
    same_time.ratings["timestamp"] = 7
    split = global_time_split(same_time, test=0.2, valid=0.25)
    assert split.train.index.tolist() == [0, 1, 2, 3, 4, 5]
    assert split.valid.index.tolist() == [6, 7]
    assert split.test.index.tolist() == [8, 9]


def test_real_global_time_split_is_mostly_cold_start(ml_100k):
    """87 % of the test ratings come from users without a training rating."""
    split = global_time_split(ml_100k)
    new = ~split.test["user_id"].isin(split.train["user_id"])
    assert new.mean() == pytest.approx(0.87, abs=0.005)
