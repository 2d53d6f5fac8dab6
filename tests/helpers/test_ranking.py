"""Rankings: equal to scikit-learn's where both apply, right where it is awkward."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import rankdata
from sklearn.metrics import ndcg_score

from helpers.ranking import (
    coverage_at_k,
    mask_pairs,
    ndcg_at_k,
    recall_at_k,
    recommend,
    relevance_matrix,
    score_all,
    top_n,
)
from helpers.splits import IdEncoding, Split

shapes = st.tuples(st.integers(1, 6), st.integers(2, 12))


@st.composite
def relevance_and_scores(draw):
    shape = draw(shapes)
    relevance = draw(arrays("float64", shape, elements=st.sampled_from([0, 1, 3, 5])))
    # Few distinct scores, so that ties are the rule.
    scores = draw(arrays("float64", shape, elements=st.sampled_from([-2, 0, 0.5, 1])))
    return relevance, scores


@given(relevance_and_scores(), st.integers(1, 15))
@settings(max_examples=300)
def test_ndcg_equals_scikit_learn(data, k):
    relevance, scores = data
    per_user = ndcg_at_k(relevance, scores, k, per_user=True)
    for row, mine in enumerate(per_user):
        if relevance[row].any():
            theirs = ndcg_score(relevance[row : row + 1], scores[row : row + 1], k=k)
            assert mine == pytest.approx(theirs, abs=1e-9)
        else:
            assert np.isnan(mine)


def gain(relevance, scores, k):
    """By definition: tied movies share the mean discount of their places."""
    places = np.arange(1, scores.shape[1] + 1)
    discounts = np.where(places <= k, 1 / np.log2(places + 1), 0)
    sums = np.append(0, np.cumsum(discounts))
    first, last = (rankdata(-scores, way, axis=1) for way in ("min", "max"))
    shared = (sums[last] - sums[first - 1]) / (last - first + 1)
    return np.sum(relevance * shared, axis=1)


@given(relevance_and_scores(), st.integers(1, 15))
@settings(max_examples=300)
def test_ndcg_is_the_gain_over_that_of_the_best_order(data, k):
    relevance, scores = data
    scores[scores == -2] = -np.inf  # masked, which scikit-learn refuses
    with np.errstate(invalid="ignore"):
        expected = gain(relevance, scores, k) / gain(relevance, relevance, k)
    found = ndcg_at_k(relevance, scores, k, per_user=True)
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_ndcg_by_hand():
    # Relevant at places 2 and 3 of three: 1/log2(3) + 1/log2(4) over 1 + 1/log2(3).
    expected = (1 / np.log2(3) + 1 / 2) / (1 + 1 / np.log2(3))
    assert ndcg_at_k([[0, 1, 1]], [[3, 2, 1]], k=3) == pytest.approx(expected)


def test_masked_scores_rank_last():
    relevance = [[1, 0, 0]]
    assert ndcg_at_k(relevance, [[0.1, -np.inf, -np.inf]], k=1) == 1
    assert ndcg_at_k(relevance, [[-np.inf, -5.0, -7.0]], k=2) == 0


def test_zero_instead_of_a_mask_is_another_ranking():
    """A common way: a rating model's worst prediction can be below 0."""
    relevance, scores = np.array([[0, 1.0]]), np.array([[-0.3, -0.2]])
    seen = {"user": [0], "movie": [0]}
    zeroed = scores.copy()
    zeroed[0, 0] = 0
    assert ndcg_at_k(relevance, zeroed, k=1) == 0
    assert ndcg_at_k(relevance, mask_pairs(scores, seen), k=1) == 1
    assert scores[0, 0] == -0.3, "mask_pairs must not change its input"


def test_users_without_test_items_are_left_out():
    relevance, scores = [[1, 0], [0, 0]], [[2, 1], [2, 1]]
    for metric in (ndcg_at_k, recall_at_k):
        assert metric(relevance, scores, k=1) == 1
    assert np.isnan(ndcg_at_k(relevance, scores, k=1, per_user=True)[1])


def test_k_above_the_number_of_movies():
    assert recall_at_k([[1, 0, 1]], [[1, 2, 3]], k=50) == 1
    assert ndcg_at_k([[0, 0, 2]], [[1, 2, 3]], k=50) == 1
    assert top_n([[1, 2, 3]], 50).tolist() == [[2, 1, 0]]


def test_recall_and_coverage_by_hand():
    relevance = [[1, 1, 0, 0], [0, 0, 0, 1]]
    scores = [[4, 1, 3, 2], [4, 3, 2, 1]]
    assert recall_at_k(relevance, scores, k=2) == pytest.approx((1 / 2 + 0) / 2)
    assert coverage_at_k(scores, k=2) == pytest.approx(3 / 4)


def test_ties_go_to_the_lower_index():
    assert top_n([[1, 1, 1, 2]], 3).tolist() == [[3, 0, 1]]


def test_masked_movies_are_never_recommended():
    scores = [[-np.inf, 1.0, -np.inf]]
    assert top_n(scores, 3).tolist() == [[1, -1, -1]]
    assert coverage_at_k(scores, 3) == pytest.approx(1 / 3)
    assert recall_at_k([[1, 0, 0]], scores, 3) == 0


@pytest.mark.parametrize("metric", [ndcg_at_k, recall_at_k])
@pytest.mark.parametrize(
    ("relevance", "scores", "k", "words"),
    [
        ([[1, 0]], [[np.nan, 1]], 1, "1 of 2 scores are NaN"),
        ([[1, 0]], [[1, 2, 3]], 1, "same for both"),
        ([[1, 0]], [[1, 2]], 0, "k is 0"),
        ([[-1, 0]], [[1, 2]], 1, "not negative"),
        ([[np.nan, 0]], [[1, 2]], 1, "finite"),
        ([[0, 0]], [[1, 2]], 1, "No user has anything relevant"),
    ],
)
def test_bad_input_is_named(metric, relevance, scores, k, words):
    with pytest.raises(ValueError, match=words):
        metric(relevance, scores, k)


def test_top_n_refuses_nan():
    with pytest.raises(ValueError, match="NaN"):
        top_n([[1, np.nan]], 1)


class CountingModel:
    """Scores a pair by user * 1000 + movie, and counts its calls."""

    def __init__(self):
        self.calls, self.largest = 0, 0

    def __call__(self, pairs):
        self.calls += 1
        self.largest = max(self.largest, len(pairs["user"]))
        assert pairs["user"].dtype == pairs["movie"].dtype == np.int32
        return (pairs["user"] * 1000.0 + pairs["movie"])[:, None]


@pytest.mark.parametrize("pairs_a_call", [1, 30, 40, 1_000_000])
def test_score_all_is_complete_in_bounded_blocks(pairs_a_call):
    model = CountingModel()
    scores = score_all(model, 7, 11, pairs_a_call=pairs_a_call)
    expected = np.add.outer(1000.0 * np.arange(7), np.arange(11))
    np.testing.assert_array_equal(scores, expected)
    assert scores.dtype == np.float32
    assert model.largest <= max(pairs_a_call, 11)
    if pairs_a_call > 77:
        assert model.calls == 1


def test_score_all_of_some_users():
    scores = score_all(CountingModel(), 7, 3, users=[5, 2])
    assert scores[:, 0].tolist() == [5000, 2000]


def test_score_all_refuses_one_score_a_batch():
    """The published tensordot bug: one number for the whole batch."""
    with pytest.raises(ValueError, match="one score a pair"):
        score_all(lambda pairs: np.float32(0.7), 7, 11)
    with pytest.raises(ValueError, match="NaN"):
        score_all(lambda pairs: np.full(len(pairs["user"]), np.nan), 7, 11)


def test_relevance_matrix_and_titles():
    test = pd.DataFrame({"user": [0, 1], "movie": [2, 0], "rating": [4.0, 2.0]})
    assert relevance_matrix(test, 2, 3).tolist() == [[0, 0, 4], [2, 0, 0]]
    liked = relevance_matrix(test, 2, 3, values=test["rating"] >= 4)
    assert liked.tolist() == [[0, 0, 1], [0, 0, 0]]

    movies = pd.DataFrame(
        {
            "movie_id": [900, 7, 50],  # neither sorted nor dense
            "title": ["Nine hundred", "Seven", "Fifty"],
            "year": [1900, 1995, 1950],
            "genres": ["", "Crime", "Drama"],
        }
    )
    empty = test.iloc[:0]
    encoding = IdEncoding([7, 50, 900])
    split = Split("made up", empty, empty, empty, IdEncoding([1]), encoding)
    table = recommend(np.array([0.1, -np.inf, 0.7]), split, movies, n=3)
    assert table["title"].tolist() == ["Nine hundred", "Seven"]
    assert table.index.tolist() == [1, 2]
