"""The benchmark's targets, and whether the results reach them."""

from collections.abc import Callable
from dataclasses import dataclass

RMSE_SAMPLING, NDCG_SAMPLING = 0.005, 0.011
"""The sampling error of a score on a test set of this size; closer scores are level."""


@dataclass(frozen=True)
class Target:
    """One target.

    Attributes
    ----------
    what : str
        A description.
    bound : float
    at_most : bool
        Whether the value should be at most, or at least, the bound.
    find : callable
        Takes `benchmarks.results.Results`, returns (model, value), or None if nothing
        was measured.
    """

    what: str
    bound: float
    at_most: bool
    find: Callable

    def verdict(self, results):
        """Return whether the target is reached, and by how much.

        Returns
        -------
        model : str
        value : float or None
        verdict : str
            ``reached, by 0.003``, ``not reached, 0.004 short``, or ``not measured``.
        """
        found = self.find(results)
        if found is None:
            return "", None, "not measured"
        model, value = found
        margin = self.bound - value if self.at_most else value - self.bound
        amount = f"{abs(margin):.3f}" if self.bound < 5 else f"{abs(margin):,.1f}"
        if margin >= 0:
            return model, value, f"reached, by {amount}"
        return model, value, f"**not reached**, {amount} short"


def best_of(results, kind, split, metric, lowest=True):
    """Find the best model of a kind.

    Returns
    -------
    (str, float) or None
        Its name and value; None if nothing was measured.
    """
    found = [
        (row["model"], row["value"])
        for row in results.find(kind=kind, split=split, metric=metric)
        if row["value"] is not None
    ]
    if not found:
        return None
    return (min if lowest else max)(found, key=lambda pair: pair[1])


def level(value, other, metric):
    """Tell whether two scores differ by no more than the sampling error."""
    sampling = NDCG_SAMPLING if metric.startswith("ndcg") else RMSE_SAMPLING
    return abs(value - other) <= sampling


def _course(split, metric):
    lowest = not metric.startswith("ndcg")
    return lambda results: best_of(results, "course", split, metric, lowest)


def _speed(name, split):
    def find(results):
        value = results.value("speed", name, split, "ratio")
        return None if value is None else ("", value)

    return find


def _growth(stage):
    """Return a function that finds the largest growth of the cost of a rating."""

    def find(results):
        costs = [
            results.value("growth", size, "synthetic", stage)
            for size in ("0.1 million", "1 million", "10 million")
        ]
        if None in costs:
            return None
        return "", max(costs[1] / costs[0], costs[2] / costs[1])

    return find


def _peak(results):
    value = results.value("growth", "10 million", "synthetic", "peak_mb")
    return None if value is None else ("", value / 1000)


ACCURACY = (
    Target("ml-100k, random 80/20: RMSE", 0.88, True, _course("random80", "rmse")),
    Target("ml-100k, random 80/20: MAE", 0.695, True, _course("random80", "mae")),
    Target(
        "beyond it, myFM with histories: RMSE", 0.874, True, _course("random80", "rmse")
    ),
    Target("beyond it, a goal: RMSE", 0.868, True, _course("random80", "rmse")),
    Target("u1: RMSE", 0.90, True, _course("u1", "rmse")),
    Target("beyond it, a goal: RMSE", 0.876, True, _course("u1", "rmse")),
    Target(
        "ml-latest-small, 80/20: RMSE", 0.82, True, _course("latest2018-80-20", "rmse")
    ),
    Target("beyond it, a goal: RMSE", 0.795, True, _course("latest2018-80-20", "rmse")),
    Target(
        "u1 filtered, its own training pairs: NDCG@10",
        0.45,
        False,
        _course("u1-filtered", "ndcg@10"),
    ),
    Target(
        "beyond it, a goal: NDCG@10", 0.475, False, _course("u1-filtered", "ndcg@10")
    ),
    Target(
        "the same, all users train: NDCG@10",
        0.50,
        False,
        _course("u1-filtered-all-users", "ndcg@10"),
    ),
    Target(
        "beyond it, a goal: NDCG@10",
        0.515,
        False,
        _course("u1-filtered-all-users", "ndcg@10"),
    ),
)
SPEED = (
    Target(
        "a dot model to the same validation error: times faster",
        8,
        False,
        _speed("dot to the same error", "random80"),
    ),
    Target(
        "five models with their lists: times faster",
        20,
        False,
        _speed("five models and their lists", "u1-filtered"),
    ),
    Target(
        "scoring all users × movies: times faster",
        1000,
        False,
        _speed("scoring all users", "u1-filtered"),
    ),
    Target(
        "NDCG of all users against scikit-learn's: times faster",
        5,
        False,
        _speed("NDCG for all users", "u1-filtered"),
    ),
)
GROWTH = (
    *(
        Target(
            f"{stage}: seconds a rating, at ten times the ratings",
            1.25,
            True,
            _growth(f"{stage}: µs"),
        )
        for stage in ("load", "split", "epoch", "score", "NDCG")
    ),
    Target("10 million ratings train: GB", 8, True, _peak),
)
