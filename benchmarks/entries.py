"""List which models run on which splits, and how often.

An entry trains a model on a split and returns a function that predicts; its result is a
dictionary, see `benchmarks.metrics.measured`. The kind of an entry names its module:
``course``, ``notebook`` (public notebooks) or ``peer``. The module is imported only
when it is needed, so that a peer's memory does not include TensorFlow.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

KINDS = ("course", "notebook", "peer")
RATED = ("random80", "u1", "latest2016-80-12-8", "latest2018-80-20")
RANKED = ("u1-filtered", "u1-filtered-all-users")
SEQUENCES = ("sequences",)
CONFIRMING = ("random80-again", "u3")
"""Splits that no setting was chosen on, for the best models only."""
CONFIRMED = {"hybrid", "ordinal regression", "ordinal regression, four averaged"}
CONFIRMED |= {"Gaussian process", "ordinal regression + Gaussian process"}
CONFIRMED |= {"FM with histories (myFM)"}
RUNS = 5
DETERMINISTIC = {"user + movie bias (Surprise)", "item-kNN (LensKit)", "EASE (NumPy)"}
DETERMINISTIC |= {"user + movie bias", "popularity", "EASE", "EASE, last 10"}
DETERMINISTIC |= {"Gaussian process", "Markov chain", "item-kNN (implicit)"}
"""Models without randomness, which run once."""

SLOW = {
    *("ordinal regression", "ordinal regression, four averaged", "hybrid"),
    *("autoencoder", "EASE", "EASE + autoencoder", "sampled negatives"),
    *("ordinal regression + Gaussian process", "EASE + four autoencoders"),
    *("GRU (KerasRS tutorial)", "SASRec (KerasRS tutorial)"),
    *("SVD++ (Surprise)", "FM (myFM)", "FM with histories (myFM)"),
    *(f"64 factors, MAE loss: {kind}" for kind in ("dot", "deep")),
    *(f"50 factors, L2: {kind}" for kind in ("dot", "dot + bias")),
    *(f"50 factors, Nadam: {kind}" for kind in ("dot", "dot + bias", "deep")),
    *(f"50 factors, Nadam: {kind}" for kind in ("binary + bias", "binary deep")),
}
"""Models that take more than about 15 seconds a run; `--quick` skips them."""


@dataclass(frozen=True)
class Entry:
    """One model on one split.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    model : str
        The name in the tables.
    split : str
        A key of `benchmarks.splits.SPLITS`.
    runs : int
        The number of runs, with random seeds 0, 1, …
    train : callable
        Takes a split and a random seed, returns a function that predicts.
    """

    kind: str
    model: str
    split: str
    runs: int
    train: Callable

    @property
    def key(self):
        """tuple of str : a unique key."""
        return self.kind, self.model, self.split

    @property
    def is_slow(self):
        """bool : whether a run takes more than about 15 seconds."""
        return self.model in SLOW


def all_entries(kinds=KINDS):
    """List all entries of some kinds, the slow ones first.

    Returns
    -------
    list of Entry
    """
    found = [entry for kind in kinds for entry in OF_KIND[kind]()]
    return sorted(found, key=lambda entry: not entry.is_slow)


def find_entry(kind, model, split):
    """Find one entry; only the module of its kind is imported.

    Raises
    ------
    LookupError
        If there is no such entry.
    """
    for entry in all_entries([kind]):
        if entry.key == (kind, model, split):
            return entry
    raise LookupError(f"There is no {kind} {model!r} on {split}.")


def _course():
    from benchmarks import course

    yield from _of_module(course, "course", _predicted)


def _notebooks():
    from benchmarks import public_notebooks

    for split, models in public_notebooks.MODELS.items():
        for model, train in models.items():
            yield from _on_each([split], "notebook", model, train)


def _peers():
    from benchmarks import peers

    yield from _of_module(peers, "peer", _with_settings)


def _of_module(module, kind, train_with):
    for splits, models, answers in (
        (RATED, module.RATERS, "stars"),
        (RANKED, module.RANKERS, "scores"),
        (SEQUENCES, module.SEQUENCERS, "scores"),
    ):
        for model, function in models.items():
            more = CONFIRMING if model in CONFIRMED else ()
            train = partial(train_with, function, answers)
            yield from _on_each((*splits, *more), kind, model, train)


def _on_each(splits, kind, model, train):
    runs = 1 if model in DETERMINISTIC else RUNS
    for split in splits:
        yield Entry(kind, model, split, runs, train)


def _predicted(function, answers, split, seed):
    """Train a model of the course, which predicts in the same call."""
    found = function(split, seed)
    return lambda: found if isinstance(found, dict) else {answers: found}


def _with_settings(function, answers, split, seed):
    from benchmarks.settings import setting_of

    found = function(split, seed, **setting_of(function.__name__, split))
    return lambda: {answers: found()}


OF_KIND = {"course": _course, "notebook": _notebooks, "peer": _peers}
"""For each kind, the function that yields its entries."""
