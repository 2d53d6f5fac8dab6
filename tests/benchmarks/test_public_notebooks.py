"""The models of public notebooks."""

import numpy as np

from benchmarks import public_notebooks


def test_a_public_notebook_ranks_one_by_one_as_at_once(tiny):
    model = public_notebooks.build_nadam_model(tiny.n_users, tiny.n_movies, "bias")
    slow = public_notebooks.one_user_at_a_time(model, tiny.n_users, tiny.n_movies)
    fast = public_notebooks.all_users_at_once(model, tiny.n_users, tiny.n_movies)
    np.testing.assert_allclose(slow, fast, atol=1e-6)
