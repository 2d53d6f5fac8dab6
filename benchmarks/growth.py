"""Measure time and memory per rating, from 0.1 to 10 million ratings.

The ratings are synthetic (`helpers.data.synthetic`), with as many users and movies as
MovieLens' editions of that size, in a file like that of ml-25m. Each size runs in a
process of its own, to measure its peak memory.
"""

import contextlib
import math
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil

from benchmarks.measure import measure_missing
from benchmarks.processes import peak_megabytes, run_apart
from benchmarks.results import record

SIZES = {
    "0.1 million": (943, 1_682, 100_001),  # a round number would pass for ml-100k
    "1 million": (6_040, 3_706, 1_000_000),
    "10 million": (69_878, 10_677, 10_000_000),
}
"""Users, movies and ratings, as in ml-100k, ml-1m and ml-10m."""

USERS_SCORED = 1_000
"""Scoring and NDCG process users in blocks of the same cost, so one block is enough."""
TURNS = 5
"""The repetitions of each stage. The fastest turn counts, but the longest wait."""
STEPS_AN_EPOCH = 100
STEPS_TIMED = 100
"""The timed steps of the epoch in batches of 1,024, which all cost the same."""
STAGES = (
    "load",
    "split",
    "shuffle alone",
    "epoch",
    "wait after the epoch",
    "epoch with XLA",
    "epoch in batches of 1,024",
    "score",
    "NDCG",
)


def run(results, progress, quick=False):
    """Measure the sizes that are not in the results yet.

    Parameters
    ----------
    results : benchmarks.results.Results
    progress : rich.progress.Progress
    quick : bool
        Measure only the smallest size.
    """
    sizes = dict.fromkeys(list(SIZES)[: 1 if quick else None], "synthetic")
    measure_missing("growth", sizes, f"{__name__}.measure", results, progress)


def measure(size, split_name):
    """Run all stages with one size, in a process of its own.

    Returns
    -------
    list of dict
        Records: for each of `STAGES`, microseconds and bytes added to the process per
        rating; for scoring and NDCG, per pair of user and movie.
    """
    import keras

    from helpers.data import load_movielens
    from helpers.ranking import mask_pairs, ndcg_at_k, relevance_matrix, score_all
    from helpers.splits import pairs, random_split

    n_users, n_movies, n_ratings = SIZES[size]
    stages = _Stages(n_ratings)
    with tempfile.TemporaryDirectory() as folder:
        # In another process, because making them takes more memory than all stages.
        run_apart("benchmarks.growth.write", folder, n_users, n_movies, n_ratings)
        for _ in range(TURNS):
            with stages.timed("load"):
                movielens = load_movielens("ml-25m", source=folder)
    for _ in range(TURNS):
        with stages.timed("split"):
            split = random_split(movielens, test=0.2, valid=0.1, seed=0)
        with stages.timed("shuffle alone"):
            _shuffled(movielens.ratings["timestamp"].to_numpy())
    train, stars = pairs(split.train), split.train["rating"].to_numpy("float32")
    del movielens

    large = 2 ** round(math.log2(max(1024, len(stars) / STEPS_AN_EPOCH)))
    n = min(len(stars), STEPS_TIMED * 1024)
    for name, n_trained, batch_size, with_xla in (
        ("epoch", len(stars), large, "auto"),
        ("epoch with XLA", len(stars), large, True),
        ("epoch in batches of 1,024", n, 1024, "auto"),
    ):
        keras.utils.clear_session()
        model = _model(split, stars.mean(), with_xla)
        _warm_up(model, train, stars, batch_size)
        some = _first(train, n_trained), stars[:n_trained]
        for _ in range(TURNS):
            _timed_epoch(stages, name, model, *some, batch_size)

    users = np.arange(min(USERS_SCORED, split.n_users))
    some_test = split.test[split.test["user"] < len(users)]
    n_pairs = len(users) * split.n_movies
    model.predict_on_batch(_first(train, 8))
    for _ in range(TURNS):
        with stages.timed("score", n=n_pairs):
            scores = score_all(model, split.n_users, split.n_movies, users=users)
    seen = split.train[split.train["user"] < len(users)]
    relevance = relevance_matrix(some_test, len(users), split.n_movies)
    scores = mask_pairs(scores, seen)
    for _ in range(TURNS):
        with stages.timed("NDCG", n=n_pairs):
            ndcg_at_k(relevance, scores, 10)
    return stages.records(size, split_name)


def write(folder, n_users, n_movies, n_ratings):
    """Write synthetic ratings as the files of an edition.

    Parameters
    ----------
    folder : path
    n_users, n_movies, n_ratings : int
    """
    from helpers.data import synthetic

    made_up = synthetic(n_users, n_movies, n_ratings)
    names = {"user_id": "userId", "movie_id": "movieId"}
    ratings = made_up.ratings.rename(columns=names)
    ratings.to_csv(Path(folder, "ratings.csv"), index=False)
    movies = made_up.movies.rename(columns=names)
    movies["title"] += " (" + movies["year"].astype(str) + ")"
    movies = movies[["movieId", "title", "genres"]]
    movies.to_csv(Path(folder, "movies.csv"), index=False)


def _model(split, mean, with_xla="auto"):
    """Build lesson 03's dot + bias."""
    import keras

    from benchmarks.course import definitions

    build = definitions("03_bias")["build_dot_bias_model"]
    model = build(split.n_users, split.n_movies, float(mean))
    model.compile(
        keras.optimizers.Adam(0.005),
        "mse",
        steps_per_execution=20,
        jit_compile=with_xla,
    )
    return model


def _warm_up(model, train, stars, batch_size):
    """Have Keras trace a step, with a whole batch and with a part of one."""
    model.optimizer.build(model.trainable_variables)
    n = batch_size + batch_size // 2
    model.fit(_first(train, n), stars[:n], batch_size=batch_size, verbose=0)


def _timed_epoch(stages, name, model, train, stars, batch_size):
    """Train an epoch; the time that `fit` takes after its end is a separate stage.

    TensorFlow's autotuner of `tf.data` wakes up 10 ms after the start of an epoch, then
    after intervals that double, and the epoch's iterator waits for it at the end. The
    wake-up for the end may be lost in a race (the autotuner checks whether it is
    cancelled before that is set). Then `fit` sleeps until the next one.
    """
    from keras.callbacks import LambdaCallback

    n, ends = len(stars), []
    clock = LambdaCallback(on_epoch_end=lambda *_: ends.append(time.perf_counter()))
    started = time.perf_counter()
    with stages.memory(name, n):
        model.fit(train, stars, batch_size=batch_size, verbose=0, callbacks=[clock])
    stages.took(name, ends[0] - started, n)
    stages.took(f"wait after the {name}", time.perf_counter() - ends[0], n)


def _shuffled(values):
    """Return values in random order, as every random split has to."""
    return values[np.random.default_rng(0).permutation(len(values))]


def _first(columns, n):
    return {name: values[:n] for name, values in columns.items()}


class _Stages:
    """Record the time and memory of each stage, turn by turn."""

    def __init__(self, n_ratings):
        self.n_ratings = n_ratings
        self.seconds, self.bytes = {}, {}
        self.peak = 0

    @contextlib.contextmanager
    def timed(self, name, n=None):
        """Measure the block; its cost is divided by `n`."""
        with self.memory(name, n):
            started = time.perf_counter()
            yield
            self.took(name, time.perf_counter() - started, n)

    def took(self, name, seconds, n=None):
        """Record the time of a turn."""
        self.seconds.setdefault(name, []).append(seconds / (n or self.n_ratings))

    @contextlib.contextmanager
    def memory(self, name, n=None):
        """Measure only by how much the process grows in the block."""
        self.peak = max(self.peak, peak_megabytes())
        _forget_peak()
        before = psutil.Process().memory_info().rss
        yield
        added = max(0.0, peak_megabytes() * 1e6 - before)
        self.bytes.setdefault(name, []).append(added / (n or self.n_ratings))

    def records(self, size, split_name):
        """Return a record for each stage's fastest turn, and for its most bytes."""
        key = ("growth", size, split_name)
        peak = round(max(self.peak, peak_megabytes()))
        rows = []
        for name, turns in self.seconds.items():
            microseconds = [1e6 * seconds for seconds in turns]
            chosen = max if name.startswith("wait") else min
            rows.append(
                record(
                    *key,
                    f"{name}: µs",
                    chosen(microseconds),
                    spread=statistics.stdev(microseconds),
                    runs=len(turns),
                    peak_mb=peak,
                )
            )
        rows += [
            record(*key, f"{name}: bytes", max(turns), runs=len(turns), peak_mb=peak)
            for name, turns in self.bytes.items()
        ]
        return [*rows, record(*key, "peak_mb", peak, runs=1, peak_mb=peak)]


def _forget_peak():
    """Reset the peak memory, on Linux; elsewhere it is that of all stages."""
    clear = Path("/proc/self/clear_refs")
    if clear.exists():
        clear.write_text("5", encoding="ascii")
