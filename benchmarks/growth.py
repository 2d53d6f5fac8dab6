"""What a rating costs, in seconds and memory, from 0.1 to 10 million of them.

The ratings are made up (`helpers.data.synthetic`), with as many users and movies as
MovieLens' editions of that size have, and are written as a file like ml-25m's. Each
size has a process of its own, so that its peak of memory is its own.
"""

import math
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil

from benchmarks.processes import TaskFailedError, peak_megabytes, run_apart
from benchmarks.results import record

THREADS = 2
SIZES = {
    "0.1 million": (943, 1_682, 100_001),  # a round number would pass for ml-100k
    "1 million": (6_040, 3_706, 1_000_000),
    "10 million": (69_878, 10_677, 10_000_000),
}
"""Users, movies and ratings, as in ml-100k, ml-1m and ml-10m."""

USERS_SCORED = 1_000
"""Scoring and NDCG go over blocks of users: more blocks cost more of the same."""
STEPS_AN_EPOCH = 100
STEPS_TIMED = 100
"""Of the epoch in batches of 1,024: all its steps cost the same."""
STAGES = ("load", "split", "epoch", "epoch in batches of 1,024", "score", "NDCG")


def run(results, progress, quick=False):
    """Measure what is not in the results yet.

    Parameters
    ----------
    results : benchmarks.results.Results
    progress : rich.progress.Progress
    quick : bool
        Only the smallest size.
    """
    sizes = list(SIZES)[: 1 if quick else None]
    task = progress.add_task("growth", total=len(sizes))
    for size in sizes:
        if not results.has("growth", size, "synthetic"):
            progress.console.print(f"growth: {size} ratings …")
            try:
                rows = run_apart("benchmarks.growth.measure", size, threads=THREADS)
            except TaskFailedError as error:
                rows = [
                    record("growth", size, "synthetic", None, runs=0, note=str(error))
                ]
            results.put(rows)
        progress.advance(task)


def measure(size):
    """Go through all stages with one size; called in a process of its own.

    Returns
    -------
    list of dict
        Records: microseconds a rating for each of `STAGES` (scoring and NDCG: a pair of
        user and movie), and bytes a rating that the stage added to the process.
    """
    import keras

    from helpers.data import load_movielens
    from helpers.ranking import mask_pairs, ndcg_at_k, relevance_matrix, score_all
    from helpers.splits import pairs, random_split

    n_users, n_movies, n_ratings = SIZES[size]
    stages = _Stages(n_ratings)
    with tempfile.TemporaryDirectory() as folder:
        # In a process of its own: drawing takes more memory than anything after it.
        run_apart("benchmarks.growth.write", folder, n_users, n_movies, n_ratings)
        with stages.timed("load"):
            movielens = load_movielens("ml-25m", source=folder)
    with stages.timed("split"):
        split = random_split(movielens, test=0.2, valid=0.1, seed=0)
    train, stars = pairs(split.train), split.train["rating"].to_numpy("float32")
    del movielens

    large = 2 ** round(math.log2(max(1024, len(stars) / STEPS_AN_EPOCH)))
    model = _model(split, stars.mean())
    _warm_up(model, train, stars, large)
    with stages.timed("epoch", n=len(stars)):
        model.fit(train, stars, batch_size=large, verbose=0)
    keras.utils.clear_session()
    small = _model(split, stars.mean())
    _warm_up(small, train, stars, 1024)
    n = min(len(stars), STEPS_TIMED * 1024)
    with stages.timed("epoch in batches of 1,024", n=n):
        small.fit(_first(train, n), stars[:n], batch_size=1024, verbose=0)

    users = np.arange(min(USERS_SCORED, split.n_users))
    some_test = split.test[split.test["user"] < len(users)]
    n_pairs = len(users) * split.n_movies
    model.predict_on_batch(_first(train, 8))
    with stages.timed("score", n=n_pairs):
        scores = score_all(model, split.n_users, split.n_movies, users=users)
    seen = split.train[split.train["user"] < len(users)]
    relevance = relevance_matrix(some_test, len(users), split.n_movies)
    scores = mask_pairs(scores, seen)
    with stages.timed("NDCG", n=n_pairs):
        ndcg_at_k(relevance, scores, 10)
    return stages.records(size)


def write(folder, n_users, n_movies, n_ratings):
    """Write made-up ratings as an edition's files.

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


def _model(split, mean, n_factors=64):
    """Build lesson 03's dot + bias."""
    import helpers.quiet_start  # noqa: F401, I001
    import keras
    from keras import layers

    user = keras.Input((), dtype="int32", name="user")
    movie = keras.Input((), dtype="int32", name="movie")

    def looked_up(index, rows, columns, l2):
        start = "zeros" if columns == 1 else "uniform"
        return layers.Embedding(rows, columns, start, keras.regularizers.L2(l2))(index)

    tables = ((user, split.n_users), (movie, split.n_movies))
    match = layers.Dot(axes=-1)([looked_up(*one, n_factors, 1e-5) for one in tables])
    biases = [looked_up(*one, 1, 1e-6) for one in tables]
    rating = layers.Rescaling(1.0, offset=float(mean))(layers.Add()([match, *biases]))
    model = keras.Model({"user": user, "movie": movie}, rating)
    model.compile(keras.optimizers.Adam(0.005), "mse", steps_per_execution=20)
    return model


def _warm_up(model, train, stars, batch_size):
    """Let Keras trace, with a whole batch and a part of one."""
    model.optimizer.build(model.trainable_variables)
    n = batch_size + batch_size // 2
    model.fit(_first(train, n), stars[:n], batch_size=batch_size, verbose=0)


def _first(columns, n):
    return {name: values[:n] for name, values in columns.items()}


class _Stages:
    """Seconds and memory of each stage."""

    def __init__(self, n_ratings):
        self.n_ratings = n_ratings
        self.seconds, self.bytes = {}, {}
        self.peak = 0

    def timed(self, name, n=None):
        """Measure what happens inside; `n` is what its cost is divided by."""
        return _Stage(self, name, n or self.n_ratings)

    def records(self, size):
        """Return a record for each figure."""
        key = ("growth", size, "synthetic")
        peak = round(max(self.peak, peak_megabytes()))
        rows = [
            record(*key, f"{name}: µs", 1e6 * value, runs=1, peak_mb=peak)
            for name, value in self.seconds.items()
        ]
        rows += [
            record(*key, f"{name}: bytes", value, runs=1, peak_mb=peak)
            for name, value in self.bytes.items()
        ]
        return [*rows, record(*key, "peak_mb", peak, runs=1, peak_mb=peak)]


class _Stage:
    def __init__(self, stages, name, n):
        self.stages, self.name, self.n = stages, name, n

    def __enter__(self):
        self.stages.peak = max(self.stages.peak, peak_megabytes())
        _forget_peak()
        self.before = psutil.Process().memory_info().rss
        self.started = time.perf_counter()

    def __exit__(self, *exception):
        seconds = time.perf_counter() - self.started
        self.stages.seconds[self.name] = seconds / self.n
        added = peak_megabytes() * 1e6 - self.before
        self.stages.bytes[self.name] = max(0.0, added / self.n)


def _forget_peak():
    """Let Linux count the peak from here on; elsewhere it stays that of all stages."""
    clear = Path("/proc/self/clear_refs")
    if clear.exists():
        clear.write_text("5", encoding="ascii")
