"""Both folders: equal for equal secrets; nothing for students gives answers away."""

import numpy as np
import pandas as pd
import pytest

from competition import making, secret
from helpers.competition import Encoded, practice, score
from helpers.competition.submissions import LISTS, RATINGS, Submission
from helpers.movielens.errors import SourceNotFoundError
from tests.support.competitions import SECRET, SHAPE, small, small_folder

TINY = {"n_users": 40, "n_movies": 60, "n_ratings": 1200}


@pytest.fixture(scope="module")
def competition():
    return small().competition


@pytest.fixture
def quick_secret(monkeypatch):
    """Without the cost that makes guessing slow."""
    monkeypatch.setitem(secret.COST, "n", 2**10)


def contents(folder):
    return {
        path.relative_to(folder): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_secret_gives_the_same_files_and_another_one_others(tmp_path, quick_secret):
    for name, key in (("a", SECRET), ("b", SECRET), ("c", SECRET + "!")):
        making.write(making.make(key, shape=TINY, with_hybrid=False), tmp_path / name)
    first, same, other = (contents(tmp_path / name) for name in "abc")
    assert first == same
    assert first.keys() == other.keys()
    rules = making.Path("students/competition.json")
    assert [name for name in first if first[name] == other[name]] == [rules]


def test_another_competition_is_not_overwritten(tmp_path, quick_secret):
    for _ in "ab":  # the same one again changes nothing
        making.write(making.make(SECRET, shape=TINY, with_hybrid=False), tmp_path)
    before = contents(tmp_path)
    other = making.make(SECRET + "!", shape=TINY, with_hybrid=False)
    with pytest.raises(making.OtherCompetitionError, match="another competition"):
        making.write(other, tmp_path)
    assert contents(tmp_path) == before


def test_a_secret_is_checked_before_anything_else():
    with pytest.raises(secret.SecretError):
        making.make("short", "no such data")


def test_all_ratings_are_there_once_and_a_share_of_each_user_is_hidden(competition):
    made = small()
    n_rate, n_rank = competition.rate["user_id"].nunique(), len(competition.rank)
    assert n_rate + n_rank == SHAPE["n_users"]
    assert n_rate == n_rank
    assert len(competition.rate) == pytest.approx(0.3 * 12_000 / 2, rel=0.2)
    assert len(made.answers.ratings) == len(competition.rate)
    train = competition.train["user_id"].value_counts()
    hidden = competition.rate["user_id"].value_counts()
    share = hidden / (hidden + train.reindex(hidden.index))
    assert share.between(0.25, 0.35).all()


def test_users_to_rate_and_users_to_rank_are_disjoint(competition):
    assert not set(competition.rate["user_id"]) & set(competition.rank["user_id"])
    relevant = set(small().answers.relevant["user_id"])
    assert relevant <= set(competition.rank["user_id"])


def test_a_third_of_both_groups_is_public(competition):
    public = small().public
    for table in (competition.rate, competition.rank):
        assert np.isin(table["user_id"].unique(), list(public)).mean() == pytest.approx(
            1 / 3, abs=0.01
        )


def test_ids_and_rows_say_nothing(competition):
    made = small()
    for table in (competition.train, competition.rate):
        keys = table[["user_id", "movie_id"]]
        pd.testing.assert_frame_equal(
            keys, keys.sort_values(list(keys)).reset_index(drop=True)
        )
    ids = np.arange(1, SHAPE["n_movies"] + 1)
    assert competition.movies["movie_id"].tolist() == ids.tolist()
    titles = competition.movies["title"]
    assert titles.tolist() == [f"Synthetic movie {i:04}" for i in ids]
    # Neither how often a movie is relevant nor its popularity follows from its number.
    counts = made.answers.relevant["movie_id"].value_counts().reindex(ids, fill_value=0)
    assert abs(np.corrcoef(ids, counts)[0, 1]) < 0.2


def test_the_popularity_in_rate_csv_helps_no_more_than_that_in_train(competition):
    made, data = small(), Encoded(competition)

    def by_popularity(*tables):
        pairs = pd.concat([table["movie_id"] for table in tables])
        counts = pairs.value_counts().reindex(data.movies.ids, fill_value=0)
        lists = data.lists(np.tile(counts.to_numpy(), (len(data.ranked), 1)))
        return score(Submission(LISTS, lists), competition, made.answers)

    train, rate = competition.train, competition.rate
    assert by_popularity(rate) < by_popularity(train) + 0.01
    assert by_popularity(train, rate) < by_popularity(train) + 0.01


def test_genres_carry_signal(competition):
    """Users like the same genres in both halves of their ratings."""
    train = competition.train
    residual = train["rating"] - train.groupby("user_id")["rating"].transform("mean")
    genre = competition.movies["genres"].str.split("|").str[0].to_numpy()
    rng = np.random.default_rng(0)
    half = rng.random(len(train)) < 0.5

    def agreement(genre):
        keys = [train["user_id"], pd.Series(genre[train["movie_id"] - 1])]
        first, second = (
            residual[part].groupby([key[part] for key in keys]).mean()
            for part in (half, ~half)
        )
        return pd.concat([first, second], axis=1).corr().iloc[0, 1]

    by_chance = [agreement(rng.permutation(genre)) for _ in range(19)]
    assert agreement(genre) > max(by_chance)


def test_the_models_are_in_order_and_below_the_best_possible():
    made = small()
    scores = {
        key: score(row, made.competition, made.answers)
        for key, row in made.rows.items()
    }
    stars = [scores[RATINGS, n] for n in (making.BEST, "EASE", "biases", "mean")]
    assert stars == sorted(stars)
    assert stars[1] - stars[0] > 0.05
    names = (making.BEST, "EASE", "popularity", "biases")
    lists = [scores[LISTS, name] for name in names]
    assert lists == sorted(lists, reverse=True)


def test_a_practice_split_has_the_shape_of_the_hidden_test(competition):
    trial, answers = practice(competition)
    assert set(trial.rate["user_id"]) <= set(competition.rate["user_id"])
    assert trial.rank.equals(competition.rank)
    assert len(trial.train) + len(trial.rate) < len(competition.train)
    assert len(answers.ratings) == len(trial.rate)


def test_real_ratings_have_no_best_score(tmp_path, quick_secret):
    path = tmp_path / "my.csv"
    train = small().competition.train
    train.to_csv(path, index=False)
    made = making.make(SECRET, str(path), with_hybrid=False)
    assert made.competition.rules.is_public
    assert making.BEST not in {name for _, name in made.rows}
    assert len(made.competition.train) < len(train)


def test_a_folder_without_a_competition_is_named(tmp_path):
    with pytest.raises(SourceNotFoundError, match="no competition in"):
        making.read(tmp_path)
    assert (small_folder() / "students" / "rate.csv").is_file()
