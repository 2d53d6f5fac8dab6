"""Who runs on which split, and how often.

A contestant trains on a split and returns a function that answers with a dictionary
(see `benchmarks.metrics.measured`). Its `kind` names the module it is from: ``course``,
``seed`` or ``peer``. That module is imported only where it is needed, so that a peer's
memory holds no TensorFlow.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

KINDS = ("course", "seed", "peer")
RATED = ("random80", "u1", "latest2016-80-12-8", "latest2018-80-20")
RANKED = ("seed001", "seed001-all-users")
SPLITS_OF_SEEDS = {
    "003": ("random80",),
    "001": ("seed001",),
    "002": ("latest2018-80-20",),
    "004": ("latest2016-80-12-8",),
}
RUNS = 5
DETERMINISTIC = {"user + movie bias (Surprise)", "item-kNN (LensKit)", "EASE (NumPy)"}
DETERMINISTIC |= {"user + movie bias", "popularity"}
"""Models that draw nothing at random: a second run would give the same."""

SLOW = {
    *("steps", "steps, four averaged", "hybrid"),
    *("autoencoder", "linear autoencoder", "both autoencoders", "sampled negatives"),
    "SVD++ (Surprise)",
    "FM (myFM)",
    "FM with histories (myFM)",
    "seed 003: dot",
    "seed 003: deep",
    "seed 002: dot",
    "seed 002: dot + bias",
    *(f"seed 001: {kind}" for kind in ("dot", "dot + bias", "deep")),
    *(f"seed 001: {kind}" for kind in ("binary + bias", "binary deep")),
}
"""Models that take more than about 15 seconds a run: `--quick` leaves them out."""


@dataclass(frozen=True)
class Entry:
    """One model on one split.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    model : str
        Its name in the tables.
    split : str
        A key of `benchmarks.splits.SPLITS`.
    runs : int
        With seeds 0, 1, …
    train : callable
        Takes a split and a seed, returns a function that answers.
    """

    kind: str
    model: str
    split: str
    runs: int
    train: Callable

    @property
    def key(self):
        """What tells it from all others."""
        return self.kind, self.model, self.split

    @property
    def is_slow(self):
        """Whether a run takes more than about 15 seconds."""
        return self.model in SLOW


def all_entries(kinds=KINDS):
    """List all contestants of these kinds, the slow ones first.

    Returns
    -------
    list of Entry
    """
    found = [one for kind in kinds for one in OF_KIND[kind]()]
    return sorted(found, key=lambda one: not one.is_slow)


def find_entry(kind, model, split):
    """Find one contestant; only its own kind's module is imported.

    Raises
    ------
    LookupError
        If there is none of this name on this split.
    """
    for one in all_entries([kind]):
        if one.key == (kind, model, split):
            return one
    raise LookupError(f"There is no {kind} {model!r} on {split}.")


def _course():
    from benchmarks import course

    for splits, models, answers in (
        (RATED, course.RATERS, "stars"),
        (RANKED, course.RANKERS, "scores"),
    ):
        for model, function in models.items():
            train = partial(_answered_at_once, function, answers)
            yield from _on_each(splits, "course", model, train)


def _seeds():
    from benchmarks import public_notebooks

    for seed, models in public_notebooks.MODELS.items():
        for model, train in models.items():
            yield from _on_each(SPLITS_OF_SEEDS[seed], "seed", model, train)


def _peers():
    from benchmarks import peers

    for splits, models, answers in (
        (RATED, peers.RATERS, "stars"),
        (RANKED, peers.RANKERS, "scores"),
    ):
        for model, function in models.items():
            train = partial(_with_settings, function, answers)
            yield from _on_each(splits, "peer", model, train)


def _on_each(splits, kind, model, train):
    runs = 1 if model in DETERMINISTIC else RUNS
    for split in splits:
        yield Entry(kind, model, split, runs, train)


def _answered_at_once(function, answers, split, seed):
    """Train a model of the course: it answers in the same breath."""
    found = function(split, seed)
    return lambda: found if isinstance(found, dict) else {answers: found}


def _with_settings(function, answers, split, seed):
    from benchmarks.settings import setting_of

    found = function(split, seed, **setting_of(function.__name__, split))
    return lambda: {answers: found()}


OF_KIND = {"course": _course, "seed": _seeds, "peer": _peers}
"""Kind -> the function that yields its contestants."""
