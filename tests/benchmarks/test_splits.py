"""The splits on which all models are compared."""

import pytest
from sklearn.model_selection import train_test_split

from benchmarks import splits
from helpers.data import synthetic


def test_tuning_never_sees_a_test_rating(tiny):
    cut = splits.without_test(tiny, 0.2)
    seen = set(cut.train.index) | set(cut.test.index)
    assert seen == set(tiny.train.index) and not seen & set(tiny.test.index)


def test_sequences_hide_the_last_movie_and_tuning_the_one_before():
    movielens = synthetic(n_users=6, n_movies=15, n_ratings=70)
    _, _, make_split = splits.SPLITS["sequences"]
    split = make_split("sequences", movielens)
    cut = splits.without_test(split, 0.2)
    for user, ratings in movielens.ratings.groupby("user_id"):
        in_order = ratings.sort_values("timestamp", kind="stable")["movie_id"].tolist()
        parts = (cut.train, cut.test, split.test)
        train, valid, test = (part[part["user_id"] == user] for part in parts)
        assert [*train["movie_id"], *valid["movie_id"], *test["movie_id"]] == in_order
        assert len(valid) == len(test) == 1


def test_an_edition_with_its_year_in_the_name_is_found_first(tmp_path, monkeypatch):
    monkeypatch.setenv("MOVIELENS_SOURCE", str(tmp_path))
    for name in ("ml-latest-small.zip", "ml-latest-small-2016"):
        (tmp_path / name).mkdir()
    found = [splits._own_source("ml-latest-small", year) for year in ("2016", "2018")]
    assert [path.name for path in found] == [
        "ml-latest-small-2016",
        "ml-latest-small.zip",
    ]


def test_random80_is_drawn_from_the_merged_frame():
    movielens = synthetic(n_users=30, n_movies=25, n_ratings=300)
    _, _, make_split = splits.SPLITS["random80"]
    split = make_split("random80", movielens)
    merged = movielens.movies.merge(movielens.ratings, on="movie_id")
    _, test = train_test_split(merged, test_size=0.2, random_state=0)
    assert split.test[["user_id", "movie_id"]].to_numpy().tolist() == (
        test[["user_id", "movie_id"]].to_numpy().tolist()
    )


def test_a_split_whose_ratings_are_not_here_says_why(tmp_path, monkeypatch):
    monkeypatch.setenv("MOVIELENS_SOURCE", str(tmp_path))
    with pytest.raises(splits.SplitLeftOutError, match="ml-latest-small"):
        splits.load_split("latest2018-80-20")
