"""Intervals and ranks, where the right answer is known."""

import numpy as np
import pytest

from competition.significance import Bootstrap, ranks
from helpers.competition.submissions import LISTS, RATINGS


def errors(shift, n_users=200, seed=0):
    """Return the gain and weight of teams: errors of mean 1, and of others."""
    common = np.random.default_rng(seed).standard_normal(n_users) ** 2
    gain = np.array([common + s for s in shift])
    return gain, np.ones_like(gain)


def test_an_interval_covers_the_true_score_in_nineteen_of_twenty_samples():
    ndcg = np.random.default_rng(1).beta(2, 5, (1000, 150))
    low, high = Bootstrap(LISTS, ndcg, np.ones_like(ndcg)).intervals().T
    covered = ((low <= 2 / 7) & (high >= 2 / 7)).mean()
    assert covered == pytest.approx(0.95, abs=0.03)


def test_scores_are_those_of_all_users():
    gain, weight = errors([0, 3])
    found = Bootstrap(RATINGS, gain, 2 * weight).scores
    assert found == pytest.approx(np.sqrt(gain.mean(axis=1) / 2))


def test_a_small_but_steady_difference_is_told_apart_as_it_is_paired():
    gain, weight = errors([0, 0.01])
    gain[1] += 0.001 * np.random.default_rng(2).standard_normal(200)
    assert ranks(Bootstrap(RATINGS, gain, weight), True).tolist() == [1, 2]
    assert ranks(Bootstrap(LISTS, gain, weight), False).tolist() == [2, 1]


def test_teams_that_differ_by_chance_have_equal_ranks():
    rng = np.random.default_rng(3)
    gain = 1 + rng.standard_normal((30, 200)) ** 2
    found = ranks(Bootstrap(RATINGS, gain, np.ones_like(gain)), True)
    # 435 comparisons: at 5 % each without a correction, some 20 would differ.
    assert np.count_nonzero(found > 1) <= 2


def test_equal_files_and_single_teams_share_the_first_rank():
    gain, weight = errors([0, 0, 1])
    assert ranks(Bootstrap(RATINGS, gain, weight), True).tolist() == [1, 1, 3]
    one = Bootstrap(RATINGS, gain, weight).of(slice(1))
    assert ranks(one, True).tolist() == [1]


def test_users_without_relevant_movies_do_not_count():
    gain, weight = np.array([[1.0, 0.5] + 8 * [0]]), np.array([[1.0, 1] + 8 * [0]])
    found = Bootstrap(LISTS, np.tile(gain, 20), np.tile(weight, 20))
    assert found.scores[0] == pytest.approx(0.75)
    assert found.intervals()[0, 0] > 0.5
