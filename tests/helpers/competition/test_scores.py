"""Scores equal those of the course's metrics."""

import numpy as np
import pytest

from helpers.competition import Encoded, practice, score
from helpers.competition.scores import score_by_user, total_score
from helpers.competition.submissions import LISTS, RATINGS, Submission
from helpers.metrics import rmse
from helpers.ranking import ndcg_at_k, relevance_matrix
from tests.support.competitions import small


@pytest.fixture(scope="module")
def trial():
    return practice(small().competition, seed=3)


def test_the_rmse_is_that_of_the_lessons(trial):
    competition, answers = trial
    stars = np.random.default_rng(0).uniform(1, 5, len(competition.rate))
    found = score(Submission(RATINGS, stars), competition, answers)
    assert found == pytest.approx(rmse(answers.ratings, stars))


def test_the_ndcg_is_that_of_the_lessons(trial):
    competition, answers = trial
    data, rng = Encoded(competition), np.random.default_rng(0)
    scores = rng.random((len(data.ranked), data.n_movies))
    lists = data.lists(scores)
    ranked = np.full((data.n_users, data.n_movies), -np.inf)
    place = np.arange(10, 0, -1)
    ranked[data.ranked[:, None], data.movies.encode(lists)] = place
    relevant = answers.relevant.assign(
        user=data.users.encode(answers.relevant["user_id"]),
        movie=data.movies.encode(answers.relevant["movie_id"]),
    )
    shape = data.n_users, data.n_movies
    expected = ndcg_at_k(
        relevance_matrix(relevant, *shape, np.ones(len(relevant))), ranked, 10
    )
    found = score(Submission(LISTS, lists), competition, answers)
    assert 0 < found == pytest.approx(expected)


def test_the_sums_over_users_give_the_score(trial):
    competition, answers = trial
    stars = np.full(len(competition.rate), 3.0)
    submission = Submission(RATINGS, stars)
    table = score_by_user(submission, competition, answers)
    assert table["weight"].sum() == len(stars)
    assert len(table) == competition.rate["user_id"].nunique()
    expected = score(submission, competition, answers)
    assert total_score(RATINGS, *table.sum()) == pytest.approx(expected)


def test_predictions_that_are_not_finite_have_no_score(trial):
    competition, answers = trial
    stars = np.full(len(competition.rate), 3.0)
    stars[::2] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        score(Submission(RATINGS, stars), competition, answers)
