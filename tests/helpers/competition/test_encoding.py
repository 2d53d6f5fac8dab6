"""Indices for ids, and lists from scores."""

import numpy as np
import pandas as pd
import pytest

from helpers.competition import Encoded
from tests.support.competitions import small


@pytest.fixture(scope="module")
def data():
    return Encoded(small().competition)


def test_indices_are_those_of_the_ids(data):
    competition = small().competition
    for table in (data.train, data.rate):
        assert (data.users.decode(table["user"]) == table["user_id"]).all()
        assert (data.movies.decode(table["movie"]) == table["movie_id"]).all()
    assert (
        data.users.decode(data.ranked).tolist() == competition.rank["user_id"].tolist()
    )


def test_lists_are_the_best_movies_that_the_user_has_not_rated(data):
    rng = np.random.default_rng(0)
    scores = -rng.random((len(data.ranked), data.n_movies))
    before = scores.copy()
    lists = data.lists(scores)
    assert (scores == before).all()
    train = small().competition.train
    for row in (0, 50, len(lists) - 1):
        user = data.users.decode(data.ranked[row])
        seen = set(train.loc[train["user_id"] == user, "movie_id"])
        order = data.movies.decode(np.argsort(-scores[row]))
        assert lists[row].tolist() == [m for m in order if m not in seen][:10]
    assert isinstance(lists, np.ndarray)
    assert not pd.isna(lists).any()


def test_scores_of_all_users_are_refused(data):
    with pytest.raises(ValueError, match="a row for each user in `ranked`"):
        data.lists(np.zeros((data.n_users, data.n_movies)))
