"""Hidden ratings: a share of each user's, at random, without a trace."""

import numpy as np
import pandas as pd
import pytest

from helpers.competition.splits import held_out, practice
from tests.support.competitions import small


def test_a_share_of_each_user_is_hidden_and_one_rating_stays():
    users = pd.Series([1] * 10 + [2] * 1 + [3] * 2, index=range(100, 113))
    for seed in range(20):
        hidden = held_out(users, 0.3, np.random.default_rng(seed))
        assert hidden[:10].sum() == 3
        assert hidden[10:].tolist()[0] is False
        assert hidden[11:].sum() <= 1
    everything = held_out(users, 0.99, np.random.default_rng(0))
    assert (~everything).sum() == 3


def test_each_rating_is_as_likely_to_be_hidden():
    users = pd.Series([1] * 10)
    rng = np.random.default_rng(0)
    share = np.mean([held_out(users, 0.3, rng) for _ in range(500)], axis=0)
    assert share == pytest.approx(np.full(10, 0.3), abs=0.08)


def test_practice_hides_what_it_asks_for_and_keeps_the_rest():
    competition = small().competition
    trial, answers = practice(competition, seed=1)
    keys = ["user_id", "movie_id"]
    left = pd.MultiIndex.from_frame(trial.train[keys])
    asked = pd.MultiIndex.from_frame(trial.rate)
    relevant = pd.MultiIndex.from_frame(answers.relevant)
    assert not left.isin(asked).any()
    assert not left.isin(relevant).any()
    known = competition.train.set_index(keys)["rating"]
    assert known[asked].to_numpy().tolist() == answers.ratings.tolist()
    assert known[relevant].min() >= competition.rules.relevant_from
    hidden = len(known) - len(left)
    assert hidden / len(known) == pytest.approx(competition.rules.share, abs=0.01)


def test_seeds_differ_and_repeat():
    competition = small().competition
    first, same, other = (practice(competition, seed)[0].rate for seed in (0, 0, 1))
    assert first.equals(same)
    assert not first.equals(other)
