"""The libraries that the course is compared with."""

import numpy as np

from benchmarks import peers
from helpers.ranking import relevance_matrix


def test_ease_is_the_constrained_least_squares_that_it_says(tiny):
    scores = peers.ease(tiny, 0, l2=10.0, power=1.0)()
    watched = relevance_matrix(tiny.train, tiny.n_users, tiny.n_movies)
    # Column by column: ridge regression of a movie on all others.
    for movie in (0, 7):
        others = np.delete(np.arange(tiny.n_movies), movie)
        x, y = watched[:, others], watched[:, movie]
        weights = np.linalg.solve(x.T @ x + 10 * np.eye(len(others)), x.T @ y)
        np.testing.assert_allclose(scores[:, movie], x @ weights, atol=1e-3)
