"""The splits on which all models are compared."""

import pytest
from sklearn.model_selection import train_test_split

from benchmarks import splits
from helpers.data import synthetic


def test_tuning_never_sees_a_test_rating(tiny):
    cut = splits.without_test(tiny, 0.2)
    seen = set(cut.train.index) | set(cut.test.index)
    assert seen == set(tiny.train.index) and not seen & set(tiny.test.index)


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
