"""Compare the speed of two ways to do a task, and analyse a Keras training step.

The slow way is that of a public notebook or of scikit-learn, the fast way the course's.
They take turns in one process with two threads, so that both run under the same
conditions. Only the ratio of their times counts.
"""

import statistics
import time
from dataclasses import dataclass, field

from benchmarks.measure import measure_missing
from benchmarks.results import record
from benchmarks.splits import SplitLeftOutError, load_split

TASKS = {
    "dot to the same error": "random80",
    "five models and their lists": "u1-filtered",
    "scoring all users": "u1-filtered",
    "scoring all users, any model": "u1-filtered",
    "NDCG for all users": "u1-filtered",
    "steps": "random80",
}
"""The tasks, and their splits."""


@dataclass
class Comparison:
    """The seconds of two ways to do a task, turn by turn.

    Attributes
    ----------
    slow, fast : list of float
        Seconds of the slow and of the fast way.
    note : str
        The results of both, which should be equal.
    """

    slow: list = field(default_factory=list)
    fast: list = field(default_factory=list)
    note: str = ""

    @property
    def ratios(self):
        """list of float : how many times faster the fast way was in each turn."""
        return [slow / fast for slow, fast in zip(self.slow, self.fast, strict=True)]


def run(results, progress, quick=False):
    """Measure the tasks that are not in the results yet.

    Parameters
    ----------
    results : benchmarks.results.Results
    progress : rich.progress.Progress
    quick : bool
        Measure only the task that takes a few seconds.
    """
    names = ["NDCG for all users"] if quick else TASKS
    tasks = {name: TASKS[name] for name in names}
    measure_missing("speed", tasks, f"{__name__}.measure", results, progress)


def measure(name, split_name):
    """Measure one of `TASKS`; called in a process of its own.

    Returns
    -------
    list of dict : records
    """
    try:
        split = load_split(split_name)
    except SplitLeftOutError as reason:
        return [record("speed", name, split_name, None, runs=0, note=str(reason))]
    if name == "steps":
        return [
            record("speed", "steps", split_name, variant, milliseconds, runs=1)
            for variant, milliseconds in steps(split).items()
        ]
    comparison = {
        "dot to the same error": dot_to_the_same_error,
        "five models and their lists": five_models,
        "scoring all users": scoring_by_vectors,
        "scoring all users, any model": scoring_by_calls,
        "NDCG for all users": ndcg,
    }[name](split)
    # The turns of one task are different models: take the ratio of their sums.
    ratio = statistics.median(comparison.ratios)
    if name == "five models and their lists":
        ratio = sum(comparison.slow) / sum(comparison.fast)
    turns = len(comparison.ratios)
    spread = statistics.pstdev(comparison.ratios)
    slow, fast = sum(comparison.slow) / turns, sum(comparison.fast) / turns
    key = "speed", name, split_name
    note = comparison.note
    return [
        record(*key, "ratio", ratio, spread=spread, runs=turns, note=note),
        record(*key, "slow_s", slow, runs=turns),
        record(*key, "fast_s", fast, runs=turns),
    ]


def dot_to_the_same_error(split, turns=2, epochs=60):
    """Train a dot model as a public notebook does, and the course's way to its error.

    Both are timed up to the epoch with the lowest validation MAE of the notebook's way,
    measured on the same tenth of the training ratings.

    Returns
    -------
    Comparison
    """
    import keras

    from benchmarks.public_notebooks import MAEModel

    comparison = Comparison()
    pairs, stars = _pairs_and_stars(split.train)
    first = int(0.9 * len(stars))  # `validation_split` takes the last tenth
    valid = ([one[first:] for one in pairs], stars[first:])
    pairs, stars = [one[:first] for one in pairs], stars[:first]
    notes = []
    for seed in range(turns):
        keras.utils.set_random_seed(seed)
        model = MAEModel(split.n_users, split.n_movies, deep=False)
        model.compile("adam", "mae", metrics=["mae"])
        clock = _EpochClock()
        model.fit(
            *(pairs, stars),
            batch_size=64,
            epochs=10,
            validation_data=valid,
            callbacks=[clock.callback()],
            verbose=0,
        )
        best = min(clock.errors)
        comparison.slow.append(clock.seconds[clock.errors.index(best)])

        keras.utils.set_random_seed(seed)
        model = MAEModel(split.n_users, split.n_movies, deep=False)
        model.compile(
            keras.optimizers.Adam(0.005),
            "mse",
            metrics=["mae"],
            steps_per_execution=20,
        )
        clock = _EpochClock(good_enough=best)
        # Otherwise Keras builds both while tracing a step, and has to trace it again.
        model([column[:1] for column in pairs])
        model.optimizer.build(model.trainable_variables)
        model.fit(
            *(pairs, stars),
            batch_size=1024,
            epochs=epochs,
            validation_data=valid,
            validation_batch_size=8192,
            callbacks=[clock.callback()],
            verbose=0,
        )
        if min(clock.errors) > best:
            raise RuntimeError(
                f"The course's way came to {min(clock.errors):.4f} in {epochs} epochs, "
                f"not to {best:.4f}."
            )
        comparison.fast.append(clock.seconds[-1])
        notes.append(f"{best:.4f} and {clock.errors[-1]:.4f}")
    comparison.note = "validation MAE " + ", ".join(notes)
    return comparison


def five_models(split):
    """Train five models of a public notebook and rank, its way and in large batches.

    The second way stops when it has reached the validation loss of the first.

    Returns
    -------
    Comparison : one turn for each model
    """
    import keras

    from benchmarks import public_notebooks

    comparison, notes = Comparison(), []
    for kind in ("dot", "bias", "dl", "binary bias", "binary dl"):
        binary = kind.startswith("binary")
        loss = "binary_crossentropy" if binary else "mse"
        pairs, stars = _pairs_and_stars(split.train)
        test, test_stars = _pairs_and_stars(split.test)
        if binary:
            scale = split.movielens.rating_scale
            stars = public_notebooks.liked_of(stars, scale).astype("float32")
            test_stars = public_notebooks.liked_of(test_stars, scale).astype("float32")
        shape = (split.n_users, split.n_movies)

        started = time.perf_counter()
        keras.utils.set_random_seed(0)
        model = public_notebooks.build_nadam_model(*shape, kind)
        model.compile("nadam", loss)
        history = model.fit(
            *(pairs, stars),
            batch_size=512 if kind == "binary bias" else 128,
            epochs=10,
            validation_data=(test, test_stars),
            verbose=0,
        )
        public_notebooks.one_user_at_a_time(model, *shape)
        comparison.slow.append(time.perf_counter() - started)

        started = time.perf_counter()
        keras.utils.set_random_seed(0)
        model = public_notebooks.build_nadam_model(*shape, kind)
        clock = _EpochClock(good_enough=history.history["val_loss"][-1], of="val_loss")
        model.compile(keras.optimizers.Nadam(0.01), loss, steps_per_execution=20)
        model.optimizer.build(model.trainable_variables)
        model.fit(
            *(pairs, stars),
            batch_size=1024,
            epochs=60,
            validation_data=(test, test_stars),
            validation_batch_size=32768,
            callbacks=[clock.callback()],
            verbose=0,
        )
        public_notebooks.all_users_at_once(model, *shape)
        comparison.fast.append(time.perf_counter() - started)
        notes.append(
            f"{kind} {history.history['val_loss'][-1]:.3f} and {min(clock.errors):.3f}"
        )
    comparison.note = "last loss: " + ", ".join(notes)
    return comparison


def scoring_by_vectors(split):
    """Score all users and movies with one ``predict`` a user, and as lesson 07 does.

    The scores of a dot model are the product of its two embedding matrices.

    Returns
    -------
    Comparison
    """

    def product(model):
        def multiply():
            users, movies = (table.numpy() for table in model.weights)
            return users @ movies.T

        return multiply

    return _scoring(split, product)


def scoring_by_calls(split):
    """Score all with one ``predict`` a user, and by `score_all` in a few calls.

    Returns
    -------
    Comparison
    """
    from benchmarks import public_notebooks
    from helpers.ranking import score_all

    def calls(model):
        call = public_notebooks.as_graph(model)
        return lambda: score_all(call, split.n_users, split.n_movies)

    return _scoring(split, calls)


def _scoring(split, way_of, turns=4):
    """Compare both ways; the time of the slow way is extrapolated from some users."""
    import numpy as np

    from benchmarks import public_notebooks

    comparison = Comparison()
    model = public_notebooks.build_nadam_model(split.n_users, split.n_movies, "dot")
    share = max(1, split.n_users // turns)
    at_once = way_of(model)
    # Call both once before timing: Keras and TensorFlow trace in the first call.
    public_notebooks.one_user_at_a_time(model, 2, split.n_movies)
    at_once()
    for _ in range(turns):
        started = time.perf_counter()
        slow = public_notebooks.one_user_at_a_time(model, share, split.n_movies)
        comparison.slow.append((time.perf_counter() - started) * split.n_users / share)
        started = time.perf_counter()
        fast = at_once()
        comparison.fast.append(time.perf_counter() - started)
        np.testing.assert_allclose(slow, fast[:share], atol=1e-5)
    comparison.note = "equal scores"
    return comparison


def ndcg(split, turns=15):
    """Compute NDCG@10 of all users by scikit-learn, and by the course's helper.

    Returns
    -------
    Comparison
    """
    import numpy as np
    from sklearn.metrics import ndcg_score

    from helpers.ranking import ndcg_at_k, relevance_matrix

    comparison = Comparison()
    relevance = relevance_matrix(split.test, split.n_users, split.n_movies)
    scores = np.random.default_rng(0).normal(size=relevance.shape).astype("float32")
    for _ in range(turns):
        started = time.perf_counter()
        theirs = ndcg_score(relevance, scores, k=10)
        comparison.slow.append(time.perf_counter() - started)
        started = time.perf_counter()
        ours = ndcg_at_k(relevance, scores, 10)
        comparison.fast.append(time.perf_counter() - started)
    np.testing.assert_allclose(ours, theirs, rtol=1e-9)
    comparison.note = f"both {ours:.6f}"
    return comparison


def steps(split, n_ratings=32_768):
    """Time a training step of the dot model, with one setting changed at a time.

    Returns
    -------
    dict of str to float : milliseconds per step, without the first epoch
    """
    small = {"batch_size": 64}
    large = {"batch_size": 1024}
    variants = {
        "batch 64": small,
        "batch 64, XLA off": small | {"jit_compile": False},
        "batch 64, XLA on": small | {"jit_compile": True},
        "batch 64, tf.data": small | {"as_dataset": True},
        "batch 64, SGD": small | {"optimizer": "sgd"},
        "batch 64, 20 steps an execution": small | {"steps_per_execution": 20},
        "batch 64, 20 times the movies": small | {"times_movies": 20},
        "batch 1,024": large,
        "batch 1,024, 20 steps an execution": large | {"steps_per_execution": 20},
        "batch 1,024, 20 steps, XLA off": large
        | {"steps_per_execution": 20, "jit_compile": False},
        "batch 1,024, 20 times the movies": large | {"times_movies": 20},
        "batch 8,192": {"batch_size": 8192},
    }
    pairs, stars = _pairs_and_stars(split.train)
    pairs, stars = [one[:n_ratings] for one in pairs], stars[:n_ratings]
    return {
        name: _milliseconds_a_step(split, pairs, stars, **variant)
        for name, variant in variants.items()
    }


def _milliseconds_a_step(
    split,
    pairs,
    stars,
    batch_size,
    jit_compile="auto",
    optimizer="adam",
    steps_per_execution=1,
    as_dataset=False,
    times_movies=1,
    epochs=3,
):
    import keras
    import tensorflow as tf

    from benchmarks.public_notebooks import MAEModel

    keras.utils.set_random_seed(0)
    model = MAEModel(split.n_users, split.n_movies * times_movies, deep=False)
    model.compile(
        optimizer,
        "mse",
        jit_compile=jit_compile,
        steps_per_execution=steps_per_execution,
    )
    clock = _EpochClock(of="loss")
    given = (pairs, stars)
    if as_dataset:
        rows = tf.data.Dataset.from_tensor_slices((tuple(pairs), stars))
        rows = rows.shuffle(len(stars)).batch(batch_size).prefetch(tf.data.AUTOTUNE)
        model.fit(rows, epochs=epochs, callbacks=[clock.callback()], verbose=0)
    else:
        model.fit(
            *given,
            batch_size=batch_size,
            epochs=epochs,
            callbacks=[clock.callback()],
            verbose=0,
        )
    # The first epoch includes tracing; the fastest of the others is least disturbed.
    fastest = min(later - earlier for earlier, later in _neighbours(clock.seconds))
    return 1000 * fastest / -(-len(stars) // batch_size)


def _neighbours(values):
    return zip(values, values[1:], strict=False)


def _pairs_and_stars(part):
    pairs = [part["user"].to_numpy("int32"), part["movie"].to_numpy("int32")]
    return pairs, part["rating"].to_numpy("float32")


class _EpochClock:
    """Record the time and the error at the end of each epoch."""

    def __init__(self, good_enough=None, of="val_mae"):
        self.started = time.perf_counter()
        self.good_enough, self.of = good_enough, of
        self.seconds, self.errors = [], []

    def callback(self):
        import keras

        clock = self

        class AtEpochEnd(keras.callbacks.Callback):
            def on_epoch_end(self, epoch, logs):
                clock.seconds.append(time.perf_counter() - clock.started)
                clock.errors.append(logs[clock.of])
                if clock.good_enough is not None:
                    self.model.stop_training = clock.errors[-1] <= clock.good_enough

        return AtEpochEnd()
