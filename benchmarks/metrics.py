"""Compute the metrics of a model's predictions, in the same way for all models."""

import numpy as np

from helpers.metrics import mae, rmse
from helpers.ranking import mask_pairs, ndcg_at_k, relevance_matrix

PLACES = (10, 20, 30, 100)


def measured(split, answers):
    """Compute the metrics of a model's predictions.

    Parameters
    ----------
    split : benchmarks.splits.BenchSplit
    answers : dict
        Any of ``stars``, shape (n_test,): the predicted ratings; ``median``, the same
        shape: predictions on the scale, for the MAE only; ``likes``, shape
        (n_test,): the probability of a rating above half of the scale;
        ``scores``, shape (n_users, n_movies): the scores to rank by.

    Returns
    -------
    dict of str to float
        rmse, mae, mae_rounded (of ratings rounded to the scale, which lowers it); bce;
        ndcg@10 and so on, without training pairs, with the ratings as relevance.
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
    """Tell which ratings are above half of the scale: 3 of 1…5 is not.

    Parameters
    ----------
    stars : numpy.ndarray of float
    scale : tuple of float
        The smallest rating, the largest rating, and the step.

    Returns
    -------
    numpy.ndarray of bool, same shape
    """
    smallest, largest, _ = scale
    return (stars - smallest) / (largest - smallest) > 0.5
