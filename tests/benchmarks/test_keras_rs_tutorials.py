"""The recipes of KerasRS' tutorials."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks import keras_rs_tutorials, peers
from benchmarks.metrics import measured
from benchmarks.settings import setting_of

TUTORIALS = [
    (kind, name)
    for kind in ("RATERS", "RANKERS", "SEQUENCERS")
    for name in getattr(peers, kind)
    if "KerasRS" in name
]


@pytest.mark.parametrize(("kind", "name"), TUTORIALS)
def test_a_tutorial_is_trained_and_measured(kind, name, tiny, briefly):
    train = getattr(peers, kind)[name]
    answer = train(tiny, 0, **setting_of(train.__name__, tiny))
    figures = measured(tiny, {"stars" if kind == "RATERS" else "scores": answer()})
    assert all(np.isfinite(value) for value in figures.values())


def test_each_movie_has_its_own_score():
    queries, movies = np.eye(2, 3, dtype="float32"), np.arange(12.0).reshape(4, 3)
    scores = keras_rs_tutorials._scores_of_all(queries, movies.astype("float32"))
    np.testing.assert_allclose(scores, queries @ movies.T)


def test_a_movie_without_genres_has_a_mean_vector(tiny):
    movies = tiny.movielens.movies.assign(genres="")
    bare = replace(tiny, movielens=replace(tiny.movielens, movies=movies))
    _, genres = keras_rs_tutorials._of_movies(bare)
    assert (genres.max(axis=1) > 0).all()


def test_padding_does_not_change_a_state():
    """The causal mask is all that hides it."""
    table = keras_rs_tutorials.layers.Embedding(9, 50)
    read = keras_rs_tutorials._self_attention(table)
    short, long = keras_rs_tutorials._padded([[3, 5], [3, 5, 7, 8]], 200)
    states = np.asarray(read(np.stack([short, long])))
    np.testing.assert_allclose(states[0, :2], states[1, :2], atol=1e-5)
