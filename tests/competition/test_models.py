"""The course's models, as rows."""

import dataclasses
import sys
from types import SimpleNamespace

import numpy as np

from competition import models
from helpers.baselines import BiasBaseline
from helpers.competition import Encoded
from helpers.competition.submissions import LISTS, RATINGS
from helpers.splits import pairs
from tests.support.competitions import small


def test_rows_are_the_course_s_models_and_valid():
    competition = small().competition
    rows = models.rows(competition, with_hybrid=False)
    for (kind, _name), values in rows.items():
        if kind == RATINGS:
            assert values.shape == (len(competition.rate),)
            assert values.min() >= 1
            assert values.max() <= 5
        else:
            assert values.shape == (len(competition.rank), 10)
    data = Encoded(competition)
    biases = BiasBaseline().fit(data.train, data.n_users, data.n_movies)
    expected = np.clip(biases.predict(pairs(data.rate)), 1, 5)
    np.testing.assert_allclose(rows[RATINGS, "biases"], expected)
    kinds = {kind: {name for k, name in rows if k == kind} for kind, _ in rows}
    assert kinds[RATINGS] == {"mean", "biases", "EASE"}
    assert kinds[LISTS] == {"popularity", "biases", "EASE"}


def test_the_unit_of_the_stars_makes_no_difference():
    competition = small().competition
    train = competition.train.assign(rating=2 * competition.train["rating"])
    rules = dataclasses.replace(competition.rules, scale=(2.0, 10.0, 2.0))
    doubled = dataclasses.replace(competition, train=train, rules=rules)
    rows = models.rows(competition, with_hybrid=False)
    for (kind, name), values in models.rows(doubled, with_hybrid=False).items():
        expected = rows[kind, name] * (2 if kind == RATINGS else 1)
        np.testing.assert_allclose(values, expected, rtol=1e-5, err_msg=name)


def test_the_hybrid_predicts_both_stars_and_lists(monkeypatch):
    asked = []

    def rate(split, seed):
        asked.append(split)
        return split.test["movie"].to_numpy() / 100

    # Without Keras, which takes its time to import.
    monkeypatch.setitem(
        sys.modules, "benchmarks.course", SimpleNamespace(rate_with_hybrid=rate)
    )
    competition = small().competition
    rows = models.rows(competition)
    n_rate, n_movies = len(competition.rate), len(competition.movies)
    assert len(asked[0].test) == n_rate + len(competition.rank) * n_movies
    movie = Encoded(competition).rate["movie"]
    np.testing.assert_allclose(rows[RATINGS, "hybrid"], np.clip(movie / 100, 1, 5))
    # The highest numbers are the best, but for movies in train.
    assert np.median(rows[LISTS, "hybrid"][:, 0]) > n_movies - 5
