"""What is measured of an answer, the same for everyone."""

import numpy as np

from helpers.metrics import mae, rmse
from helpers.ranking import mask_pairs, ndcg_at_k, relevance_matrix

PLACES = (10, 20, 30, 100)


def measured(split, answers):
    """Measure what a model answered.

    Parameters
    ----------
    split : benchmarks.splits.BenchSplit
    answers : dict
        Any of ``stars``, shape (n_test,): the predicted ratings; ``median``, the same
        shape: predictions for the MAE alone, on the scale; ``likes``, shape
        (n_test,): the probability of more than half of the scale, as seed 001 cuts it;
        ``scores``, shape (n_users, n_movies): to rank by.

    Returns
    -------
    dict of str to float
        rmse, mae, mae_rounded (stars rounded to the scale first: it flatters); bce;
        ndcg@10 and so on, training pairs masked, the stars as relevance.
    """
    figures = {}
    true = split.test["rating"].to_numpy("float64")
    if "stars" in answers:
        smallest, largest, step = split.movielens.rating_scale
        stars = np.clip(np.ravel(answers["stars"]), smallest, largest)
        figures["rmse"] = rmse(true, stars)
        figures["mae"] = mae(true, stars)
        figures["mae_rounded"] = mae(true, np.round(stars / step) * step)
    if "median" in answers:
        figures["mae_rounded"] = mae(true, np.ravel(answers["median"]))
    if "likes" in answers:
        liked = liked_of(true, split.movielens.rating_scale)
        p = np.clip(np.ravel(answers["likes"]).astype("float64"), 1e-7, 1 - 1e-7)
        figures["bce"] = float(-np.mean(np.log(np.where(liked, p, 1 - p))))
    if "scores" in answers:
        relevance = relevance_matrix(split.test, split.n_users, split.n_movies)
        scores = mask_pairs(answers["scores"], split.train)
        for k in PLACES:
            figures[f"ndcg@{k}"] = ndcg_at_k(relevance, scores, k)
    return figures


def liked_of(stars, scale):
    """Say yes above half of the scale, as seed 001 does: 3 of 1…5 is a no.

    Parameters
    ----------
    stars : numpy.ndarray of float
    scale : tuple of float
        Smallest rating, largest rating, step.

    Returns
    -------
    numpy.ndarray of bool, same shape
    """
    smallest, largest, _ = scale
    return (stars - smallest) / (largest - smallest) > 0.5
