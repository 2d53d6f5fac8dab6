# %% [markdown] tags=["badge"]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/neural-recsys-course/neural-recsys-course/blob/v1.0.0/notebooks/09_scaling.ipynb)

# %% [markdown]
# # 9 · Scaling: more ratings than memory, more work than one machine
#
# This lesson is optional. It is about training: ratings that do not fit into memory, tables
# with so many rows that an ordinary optimizer spends its time on rows that a batch does not
# use, and several workers that train one model. You estimate first and measure then, on
# your own computer.
#
# **When you have finished, you can**
#
# - train on ratings that stay on the disk, and say what their order does;
# - say why Adam touches every row of every table, and write the update that does not;
# - write a training step of your own, and run it on several workers with equal results;
# - resume a training that was interrupted, and survive the loss of a worker.
#
# **Time** 70 minutes to work through, and about two minutes of computing.
# **Before this** lessons 01 to 05, and exercise 7.1.

# %% tags=["setup"]
# Run this cell first: it finds the course's helpers, or installs them where the
# notebook was opened on its own (Colab, Binder, a download).
import os
import subprocess
import sys
from pathlib import Path

os.environ.setdefault("COURSE_LANG", "en")
try:
    import helpers.storage  # noqa: F401
except ImportError:
    sys.modules.pop("helpers", None)  # another folder of that name
    here = [f for f in Path.cwd().parents if (f / "helpers/storage.py").is_file()]
    if here:
        sys.path.insert(0, str(here[0]))
    else:
        github = "https://github.com/neural-recsys-course/neural-recsys-course"
        package = f"neural-recsys-course @ git+{github}@v1.0.0"
        package = os.environ.get("COURSE_PACKAGE", package)
        print("Installing, once:", package, flush=True)
        command = [sys.executable, "-m", "pip", "install", package]
        pipe, join = subprocess.PIPE, subprocess.STDOUT
        with subprocess.Popen(command, stdout=pipe, stderr=join, text=True) as pip:
            for line in pip.stdout:
                print(line, end="", flush=True)
        if pip.returncode:
            raise RuntimeError(
                "The course's helpers could not be installed; pip's reason is above. "
                "Is the network there? Then run this cell again. Else download the "
                "whole course and open this notebook inside its folder."
            ) from None

# %%
import helpers.quiet_tensorflow  # TensorFlow starts without its page of notes

import tempfile
import time

import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import tensorflow as tf
from keras import layers, ops
from matplotlib import ticker
from usearch.index import Index

from helpers import check, hint, plots, quiz, reveal
from helpers.baselines import Popularity
from helpers.data import load_movielens, synthetic
from helpers.metrics import rmse
from helpers.my_ratings import my_ratings
from helpers.ranking import (
    mask_pairs,
    ndcg_at_k,
    recommend,
    relevance_matrix,
    score_all,
)
from helpers.scoreboard import add_to_scoreboard
from helpers.splits import pairs, random_split, ranking_split
from helpers.bands import verdict
from helpers.multi_worker import run_workers

plots.use_course_style()
keras.utils.set_random_seed(7)
kept_until_the_end = tempfile.TemporaryDirectory(prefix="scaling-")
work = Path(kept_until_the_end.name)  # for what this lesson writes

# %%
movielens = load_movielens()
split = random_split(movielens, seed=0)
train, valid, test = split.train, split.valid, split.test
n_users, n_movies = split.n_users, split.n_movies
mean = float(train["rating"].mean())
split

# %% [markdown]
# ## What a step costs
#
# Lesson 07 counted the bytes of dot + bias and of its optimizer. Here is the function
# again.


# %%
def bytes_to_train(n_users, n_movies, n_factors, slots=2):
    """Bytes of dot + bias, its weights and the optimizer's slots (exercise 7.1)."""
    n_weights = (n_users + n_movies) * (n_factors + 1)
    return 4 * n_weights * (1 + slots)


# %% [markdown]
# Now a model, to see whether the paper is right, and three sizes on paper. ml-32m is the
# largest MovieLens; the last line is a shop.


# %%
def build_model(n_users, n_movies, mean, n_factors=16, table=layers.Embedding):
    """Dot + bias; `table` is the kind of embedding layer it uses."""
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    match = layers.Dot(axes=-1)(
        [
            table(n_users, n_factors, name="user_factors")(user),
            table(n_movies, n_factors, name="movie_factors")(movie),
        ]
    )
    user_bias = table(n_users, 1, "zeros", name="user_bias")(user)
    movie_bias = table(n_movies, 1, "zeros", name="movie_bias")(movie)
    deviation = layers.Add()([match, user_bias, movie_bias])
    rating = layers.Rescaling(1.0, offset=mean)(deviation)
    return keras.Model({"user": user, "movie": movie}, rating)


model = build_model(n_users, n_movies, mean)
optimizer = keras.optimizers.Adam(0.01)
optimizer.build(model.trainable_variables)
held = sum(
    np.asarray(v).nbytes for v in model.variables + optimizer.variables if len(v.shape)
)
print(f"held in memory: {held:,} bytes")
print(f"on paper:       {bytes_to_train(n_users, n_movies, 16):,} bytes")
pd.DataFrame(
    {
        name: {
            "ratings (GB)": 12 * ratings / 1e9,
            "model and Adam (GB)": bytes_to_train(users, movies, 64) / 1e9,
        }
        for name, users, movies, ratings in [
            ("ml-100k", 943, 1_682, 100_000),
            ("ml-32m", 200_948, 84_432, 32_000_204),
            ("a shop", 100_000_000, 1_000_000, 10_000_000_000),
        ]
    }
).T.round(3)

# %% [markdown]
# The paper is right to the byte. And look at the shop: its *ratings*, ten thousand
# million of them, are 120 gigabytes that can stay on a disk. Its *tables* are eighty
# gigabytes that cannot, and nearly all of them are the users'. Remember that when we come
# to the end.
#
# **Time** is next. One step of training looks up the rows of one batch, computes, and
# changes the rows.

# %%
quiz("9.a")

# %% [markdown]
# Now measured, on made-up ratings in three sizes. (`synthetic` draws them from factors
# that it knows, with MovieLens' long tail.) From one line to the next everything
# grows: ratings, users, movies. Batches have 1,024 ratings.

# %%
rows = []
for users, movies, ratings in [
    (500, 800, 20_000),
    (1_500, 2_500, 80_000),
    (4_000, 6_500, 320_000),
]:
    made_up = synthetic(users, movies, ratings, seed=1).ratings
    x = {
        "user": made_up["user_id"].to_numpy(dtype="int32") - 1,
        "movie": made_up["movie_id"].to_numpy(dtype="int32") - 1,
    }
    y = made_up["rating"].to_numpy(dtype="float32")
    model = build_model(users, movies, 3.5)
    model.compile(keras.optimizers.Adam(0.01), loss="mse", steps_per_execution=20)
    epochs = []
    for _ in range(3):  # the first one builds the graph, too
        started = time.perf_counter()
        model.fit(x, y, batch_size=1024, verbose=0)
        epochs.append(time.perf_counter() - started)
    seconds = min(epochs)
    rows.append(
        {
            "users": users,
            "movies": movies,
            "ratings": ratings,
            "ratings (MB)": 12 * ratings / 1e6,
            "model and Adam (MB)": bytes_to_train(users, movies, 16) / 1e6,
            "epoch (s)": round(seconds, 2),
            "a rating (µs)": round(1e6 * seconds / ratings, 1),
        }
    )
pd.DataFrame(rows)

# %% [markdown]
# An epoch takes longer with the ratings, and so it should. Now the last column: a single
# rating costs some millionths of a second, and the *smallest* set is not the cheapest,
# since few ratings share the cost of getting started. Whether the tables cost time is hard
# to tell here, they are still small. We will make them large in a moment, under "What a
# step touches".
#
# ## Ratings that stay on the disk
#
# First the ratings. NumPy can open a file *without reading it* (`mmap_mode="r"`): what
# you take a slice of is read, the rest stays where it is. So one reads a **block**, some
# thousands of rows at once, trains on it, and forgets it.
#
# But the file has an order. Logs are sorted by time, exports often by user or by movie,
# and a model that sees the movies one after the other learns something else than one that
# sees them mixed. To mix a whole file one would have to read it jumping from row to row,
# which a disk hates. The usual compromise: take the *blocks* in random order, and
# mix the ratings inside each block.
#
# ### Exercise 9.1 — blocks in random order (5 minutes)
#
# Plan one epoch. Each rating has to be in exactly one block, the last block of the file
# is what is left over, and the order of the blocks is a new one for each epoch.


# %%
def plan_blocks(n_ratings, block_size, rng):
    """Cut a file into blocks, and shuffle the blocks.

    Parameters
    ----------
    n_ratings, block_size : int
        At least 1; a block may be larger than the file.
    rng : numpy.random.Generator
        Where all randomness comes from. Each order of the blocks is as likely as any
        other.

    Returns
    -------
    list of tuple (int, int)
        First row of a block and the row after its last, as a slice takes them.

    Examples
    --------
    >>> sorted(plan_blocks(10, 4, np.random.default_rng(0)))
    [(0, 4), (4, 8), (8, 10)]
    """
    raise NotImplementedError("Exercise 9.1: blocks in random order")


# %%
print(sorted(plan_blocks(10, 4, np.random.default_rng(0))))
print(plan_blocks(10, 4, np.random.default_rng(0)), "as planned")

# %%
check("9.1", plan_blocks)

# %% [markdown]
# The file: the training ratings, sorted by movie, as a warehouse might hand them over.
# `tf.data` turns a Python generator of blocks into a stream of batches, and reads the
# next block while the model still computes (`prefetch`).

# %%
in_file = train.sort_values(["movie", "user"])
np.save(work / "pairs.npy", in_file[["user", "movie"]].to_numpy(dtype="int32"))
np.save(work / "stars.npy", in_file["rating"].to_numpy(dtype="float32"))


def read_in_blocks(block_size, seed, shuffled=True):
    """Batches of 1,024 from the disk, one epoch of them; memory holds few blocks."""

    def blocks():
        rng = np.random.default_rng(seed)
        the_pairs = np.load(work / "pairs.npy", mmap_mode="r")
        stars = np.load(work / "stars.npy", mmap_mode="r")
        plan = plan_blocks(len(stars), block_size, rng)
        for start, stop in plan if shuffled else sorted(plan):
            order = np.arange(stop - start)
            if shuffled:
                rng.shuffle(order)
            block = the_pairs[start:stop][order]
            yield {"user": block[:, 0], "movie": block[:, 1]}, stars[start:stop][order]

    numbers = tf.TensorSpec((None,), "int32")
    signature = {"user": numbers, "movie": numbers}, tf.TensorSpec((None,), "float32")
    stream = tf.data.Dataset.from_generator(blocks, output_signature=signature)
    stream = stream.rebatch(1024).prefetch(2)
    # A generator cannot tell how much is to come, and `fit` likes to know.
    n_batches = -(-len(train) // 1024)
    return stream.apply(tf.data.experimental.assert_cardinality(n_batches))


curves = {}
for name, block_size, shuffled in [
    ("in the file's order", 8_192, False),
    ("blocks of 8,192, shuffled", 8_192, True),
    ("all shuffled", len(train), True),
]:
    keras.utils.set_random_seed(7)
    model = build_model(n_users, n_movies, mean)
    model.compile(keras.optimizers.Adam(0.01), loss="mse", steps_per_execution=10)
    curves[name] = []
    for epoch in range(3):
        stream = read_in_blocks(block_size, epoch, shuffled)
        model.fit(stream, shuffle=False, verbose=0)
        predicted = model.predict(pairs(valid), batch_size=8192, verbose=0)
        curves[name].append(rmse(valid["rating"], predicted))
pd.DataFrame(curves, index=pd.RangeIndex(1, 4, name="epoch")).round(3)

# %% tags=["nbval-check-output"]
lost = min(curves["in the file's order"]) - min(curves["all shuffled"])
verdict("validation RMSE lost by the file's order", lost, inside=(0.005, 0.05))

# %% [markdown]
# Compare the best epoch of each column. The file's order costs one to two hundredths of a
# star, and you remember from lesson 03 what two hundredths are: as much as all the taste
# vectors together brought. Shuffled blocks win a part of it back, and in
# memory there were never more than two or three of them. Larger blocks come closer to the
# last column, and cost more memory. (Try 32,768.) Nothing failed, nothing warned: whoever
# streams a sorted file gets a slightly worse model, and never learns of it.
#
# ## What a step touches
#
# Now to the tables. A batch of 1,024 ratings looks up at most 1,024 rows of a table, so only
# those have a gradient. TensorFlow knows that, and hands over just these rows:

# %%
model = build_model(n_users, n_movies, mean)
with tf.GradientTape() as tape:
    few = {name: values[:1024] for name, values in pairs(train).items()}
    loss = ops.mean(ops.square(model(few)[:, 0] - train["rating"].to_numpy()[:1024]))
gradient = tape.gradient(loss, model.trainable_variables)[0]
print(
    f"{type(gradient).__name__}: {gradient.values.shape[0]} entries, for "
    f"{len(np.unique(gradient.indices))} different rows of a table of {n_users}"
)

# %% [markdown]
# `IndexedSlices`: a list of row numbers, and a row of gradients for each. A user who is in
# the batch three times is in the list three times; so there can be more entries than the
# table has rows.
#
# What does Adam do with it? Its two slots are *moving* means, so at each step each of them
# shrinks a little, those of rows without a gradient, too, and while a slot is not yet zero
# its row still moves. So every row of every table is read and written at every step. Such
# an update is called *dense*. It is what the formula says, and Keras does what the
# formula says.
#
# A *lazy* Adam (or *sparse* one) leaves the rows alone that the batch does not touch. For
# those that it does, with their gradient $g$ at step $t$ (counted from 1) and the learning
# rate $\eta$:
#
# $$m \leftarrow 0.9\,m + 0.1\,g, \qquad v \leftarrow 0.999\,v + 0.001\,g^2,$$
# $$w \leftarrow w - \eta\,
# \frac{m / (1 - 0.9^t)}{\sqrt{v / (1 - 0.999^t)} + 10^{-7}}$$
#
# (The divisions by $1 - 0.9^t$ and $1 - 0.999^t$ make up for slots that started at 0; the
# $10^{-7}$ keeps a row without any gradient from dividing by 0.)
#
# ### Exercise 9.2 — a lazy step (10 minutes)
#
# In NumPy. There is one trap in it, and you have just read about it: a row that occurs
# several times has *one* gradient, the sum, and is updated once.


# %%
def lazy_adam_step(table, m, v, rows, gradients, t, rate=0.01):
    """One step of Adam for the rows that a batch has touched.

    Parameters
    ----------
    table, m, v : numpy.ndarray of float, shape (n_rows, n_factors)
        The weights and their two slots.
    rows : numpy.ndarray of int, shape (n,), n at least 1
        In any order. May hold a row several times.
    gradients : numpy.ndarray of float, shape (n, n_factors)
        Belonging to `rows`.
    t : int
        The number of this step, from 1.
    rate : float

    Returns
    -------
    table, m, v : numpy.ndarray of float, shape (n_rows, n_factors)
        After the step: new arrays, those handed over stay as they are. Rows that are
        not in `rows` are as before.

    Examples
    --------
    >>> zeros = np.zeros((3, 1))
    >>> rows, gradients = np.array([2, 0, 2]), np.array([[1.0], [-3.0], [1.0]])
    >>> table, m, v = lazy_adam_step(zeros, zeros, zeros, rows, gradients, t=1)
    >>> table.round(4).ravel().tolist(), m.round(4).ravel().tolist()
    ([0.01, 0.0, -0.01], [-0.3, 0.0, 0.2])
    """
    raise NotImplementedError("Exercise 9.2: a lazy step")


# %%
zeros = np.zeros((3, 1))
rows, gradients = np.array([2, 0, 2]), np.array([[1.0], [-3.0], [1.0]])
table, m, v = lazy_adam_step(zeros, zeros, zeros, rows, gradients, t=1)
print(table.round(4).ravel().tolist(), m.round(4).ravel().tolist())

# %%
check("9.2", lazy_adam_step)

# %% [markdown]
# The same for Keras. An optimizer of Keras has one method that changes one table,
# `update_step`; ours does what you have just written, in TensorFlow's words, and
# leaves everything that is not a list of rows to Keras.
#
# There is a second, hidden cost. Keras' `Embedding` first asks for the whole table and
# then takes rows out of it; as the table is about to be changed, TensorFlow has to
# *copy* it. `tf.gather` on the variable itself reads only the rows. And a third: an L2
# on the table is a sum over all rows, so its gradient touches them all. `Lookup` taxes
# the rows that were looked up instead.


# %%
class LazyAdam(keras.optimizers.Adam):
    """Adam that changes only the rows that have a gradient."""

    def update_step(self, gradient, variable, learning_rate):
        if not isinstance(gradient, tf.IndexedSlices):
            return super().update_step(gradient, variable, learning_rate)
        rows, place = tf.unique(gradient.indices)
        g = tf.math.unsorted_segment_sum(gradient.values, place, tf.size(rows))
        number = self._get_variable_index(variable)
        slot_m, slot_v = self._momentums[number].value, self._velocities[number].value
        m = 0.9 * tf.gather(slot_m, rows) + 0.1 * g
        v = 0.999 * tf.gather(slot_v, rows) + 0.001 * g**2
        slot_m.scatter_update(tf.IndexedSlices(m, rows))
        slot_v.scatter_update(tf.IndexedSlices(v, rows))
        t = tf.cast(self.iterations + 1, "float32")
        step = (m / (1 - 0.9**t)) / (tf.sqrt(v / (1 - 0.999**t)) + 1e-7)
        variable.scatter_sub(tf.IndexedSlices(learning_rate * step, rows))
        return None


class Lookup(layers.Embedding):
    """An embedding that reads, and taxes, only the rows it looks up."""

    tax = 0.0  # times the mean square of the vectors looked up

    def call(self, rows):
        vectors = tf.gather(self.embeddings.value, rows)
        if self.tax:
            self.add_loss(self.tax * ops.mean(ops.sum(ops.square(vectors), axis=-1)))
        return vectors


# %% [markdown]
# What we write, we have to test. You have a test: your own step. Both take the same
# gradients, with a row that occurs twice.

# %%
rng = np.random.default_rng(0)
start, gradients = rng.normal(size=(5, 3)), rng.normal(size=(3, 3))
rows, zeros = np.array([4, 1, 4]), np.zeros((5, 3))
variable = keras.Variable(start.astype("float32"))
optimizer = LazyAdam(0.01)
optimizer.build([variable])
slices = tf.IndexedSlices(tf.constant(gradients, "float32"), tf.constant(rows), (5, 3))
optimizer.apply([slices], [variable])
yours, _, _ = lazy_adam_step(start, zeros, zeros, rows, gradients, t=1)
difference = np.abs(ops.convert_to_numpy(variable) - yours).max()
print(f"largest difference: {difference:.1e}")

# %% [markdown]
# A rounding error of float32. Now the time: one step for a batch of 1,024, with tables
# from a thousand to a quarter of a million rows each. For comparison there is plain SGD,
# which has no slots at all.

# %%
def milliseconds_a_step(table, optimizer, n_rows):
    """Time of a step, the best of some, batch of 1,024, two tables of `n_rows`."""
    model = build_model(n_rows, n_rows, 3.5, table=table)
    optimizer.build(model.trainable_variables)

    @tf.function
    def step(pairs, stars):
        with tf.GradientTape() as tape:
            loss = ops.mean(ops.square(model(pairs)[:, 0] - stars))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply(gradients, model.trainable_variables)

    rng = np.random.default_rng(0)
    times = []
    for _ in range(11):
        user, movie = rng.integers(n_rows, size=(2, 1024)).astype("int32")
        batch = {"user": tf.constant(user), "movie": tf.constant(movie)}
        started = time.perf_counter()
        step(batch, tf.ones(1024))
        times.append(1000 * (time.perf_counter() - started))
    return min(times[1:])  # the first builds the graph


sizes = [1_000, 8_000, 64_000, 256_000]
steps = {
    name: [milliseconds_a_step(table, make(0.01), n) for n in sizes]
    for name, table, make in [
        ("Adam, Embedding", layers.Embedding, keras.optimizers.Adam),
        ("SGD, Embedding", layers.Embedding, keras.optimizers.SGD),
        ("LazyAdam, Embedding", layers.Embedding, LazyAdam),
        ("LazyAdam, Lookup", Lookup, LazyAdam),
    ]
}


def plain_numbers(axis):
    """Label a logarithmic axis with 1, 2, 5, 10, 20, …"""
    axis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter("{x:g}")
    axis.set_minor_formatter("")


axes = plt.figure().add_subplot()
for (name, values), marker in zip(steps.items(), "os^D", strict=True):
    axes.loglog(sizes, values, marker + "-", label=name)
plain_numbers(axes.yaxis)
axes.set_xlabel("rows of each table")
axes.set_ylabel("one step of 1,024 ratings (ms)")
axes.set_title("The batch is always the same. The tables are not.")
axes.legend()
plt.show()
pd.DataFrame(steps, index=pd.Index(sizes, name="rows")).round(2)

# %% tags=["nbval-check-output"]
ratio = steps["Adam, Embedding"][-1] / steps["LazyAdam, Lookup"][-1]
verdict("how many times faster a lazy step is at 256,000 rows", ratio, at_least=5)

# %% [markdown]
# *Reading the figure:* on the left the curves are close together: with small tables a step
# costs what starting it costs. Adam's curve then turns up and becomes a straight line, in
# proportion to the rows: there is the answer to the question above. Plain SGD has no
# slots, and still it rises: that is the copy. Only the last curve is (nearly) flat: a
# step there costs what the *batch* costs, however large the catalogue.
#
# One lever is not in the figure, and it is a single word: with
# `model.compile(..., jit_compile=True)` TensorFlow's compiler, XLA, merges the many small
# operations of a step into a few, which go through the tables less often. Compiling takes
# a second or so, and again for each new size of batch. So lesson 03's fit took 3.1
# seconds with it instead of 2.2 when we tried, but one epoch of 7 million ratings 2.4
# seconds instead of 4.9. On small data leave it; on large data try it.
#
# Is the lazy one as good? It is not the same algorithm: a row that rests keeps its old
# momentum until it is touched again. Each with and without the tax:

# %%
class TaxedLookup(Lookup):
    tax = 0.1


results = {}
for name, table, make in [
    ("Adam", Lookup, keras.optimizers.Adam),
    ("Adam, taxed", TaxedLookup, keras.optimizers.Adam),
    ("LazyAdam", Lookup, LazyAdam),
    ("LazyAdam, taxed", TaxedLookup, LazyAdam),
]:
    keras.utils.set_random_seed(7)
    model = build_model(n_users, n_movies, mean, table=table)
    model.compile(
        make(0.01),
        loss="mse",
        metrics=[keras.metrics.RootMeanSquaredError(name="rmse")],
        steps_per_execution=20,
    )
    history = model.fit(
        pairs(train),
        train["rating"],
        validation_data=(pairs(valid), valid["rating"]),
        batch_size=1024,
        epochs=5,
        verbose=0,
    )
    results[name] = min(history.history["val_rmse"])
    print(f"{name:16} best validation RMSE {results[name]:.3f}")

# %% tags=["nbval-check-output"]
verdict("validation RMSE of LazyAdam, taxed", results["LazyAdam, taxed"], inside=(0.90, 0.94))
lost = results["LazyAdam, taxed"] - results["Adam, taxed"]
verdict("RMSE lost by being lazy", lost, inside=(-0.01, 0.01))

# %% [markdown]
# Without a tax the lazy one is a little worse; with it, both are better, and level. A model
# of this kind needs a tax anyway, as lesson 02 taught.
#
# ## A training step of your own
#
# `fit` is comfortable as long as a step is what Keras thinks a step is. On several
# machines it is not. So here is what is inside, in this order:
#
# - the model predicts, in training mode (where dropout does drop), while a *tape* records;
# - the loss is the error, *plus* what the layers add to it (L2, our tax);
# - the tape computes the gradients, and the optimizer applies them.
#
# ### Exercise 9.3 — a training step (8 minutes)
#
# `tf.GradientTape`, as in the cell above that looked at a gradient. What layers add to
# the loss stands in `model.losses`, a list, after the model was called. And look at
# shapes before you subtract: predictions are a column.


# %%
def training_step(model, optimizer, batch, ratings):
    """Train one step on a batch, with the mean squared error.

    Parameters
    ----------
    model : keras.Model
        Gives predictions of shape (n, 1).
    optimizer : keras.optimizers.Optimizer
        Any; it may not have seen the model's weights yet.
    batch : dict
        ``user`` and ``movie``, tensors of int32, shape (n,).
    ratings : tensor of float32, shape (n,)

    Returns
    -------
    tensor, shape () : the loss *before* the step, with all that layers add to it. (A
        tensor and no Python number, so that `tf.function` can compile the step.)
    """
    raise NotImplementedError("Exercise 9.3: a training step")


# %%
model = build_model(n_users, n_movies, mean, table=TaxedLookup)
optimizer = LazyAdam(0.01)
few = {name: tf.constant(values[:1024]) for name, values in pairs(train).items()}
few_ratings = tf.constant(train["rating"].to_numpy(dtype="float32")[:1024])
for step in range(1, 5):
    loss = training_step(model, optimizer, few, few_ratings)
    print(f"step {step}: loss {float(loss):.4f}")

# %%
check("9.3", training_step)

# %% [markdown]
# The loss goes down: four steps on the same 1,024 ratings. That is all of `fit`, but for
# the batches, the history and the comfort. With `tf.function` around it, it is as fast,
# too: then TensorFlow traces the step once and no longer comes back to Python for each
# line.
#
# ## Several workers
#
# The simplest way to use more machines: each *worker* has a copy of the whole model,
# takes a share of each batch, computes its gradient, and all of them add up theirs before
# any of them moves. (The adding is called *all-reduce*.) As all start with equal weights
# and make equal steps, the copies stay equal. That is *data parallelism*.
#
# ### Exercise 9.4 — one gradient out of many (5 minutes)
#
# Each worker hands in the *mean* gradient over its share. A batch is not always divisible,
# so shares differ; a worker may even have got nothing, and the mean of nothing is NaN. What
# is the mean gradient of the whole batch?


# %%
def combine(gradients, sizes):
    """The gradient of a whole batch, out of those of its shares.

    Parameters
    ----------
    gradients : numpy.ndarray of float, shape (n_workers, n_weights)
        Mean gradient of each share; NaN where the share is empty.
    sizes : array_like of int, shape (n_workers,)
        Ratings in each share, not all 0.

    Returns
    -------
    numpy.ndarray of float, shape (n_weights,)

    Examples
    --------
    >>> combine(np.array([[1.0, 0.0], [4.0, 3.0]]), [2, 1]).tolist()
    [2.0, 1.0]
    """
    raise NotImplementedError("Exercise 9.4: one gradient out of many")


# %%
print(combine(np.array([[1.0, 0.0], [4.0, 3.0]]), [2, 1]).tolist())

# %%
check("9.4", combine)

# %% [markdown]
# On real gradients: a batch of 1,000 ratings, cut into shares of 700 and 300.

# %%
model = build_model(n_users, n_movies, mean)


def movie_bias_gradient(first, last):
    """Mean gradient of all movie biases over some training ratings."""
    with tf.GradientTape() as tape:
        some = {name: values[first:last] for name, values in pairs(train).items()}
        stars = train["rating"].to_numpy(dtype="float32")[first:last]
        loss = ops.mean(ops.square(model(some)[:, 0] - stars))
    gradient = tape.gradient(loss, model.get_layer("movie_bias").trainable_weights)[0]
    return tf.convert_to_tensor(gradient).numpy()[:, 0]


of_all = movie_bias_gradient(0, 1000)
shares = np.stack([movie_bias_gradient(0, 700), movie_bias_gradient(700, 1000)])
print("combined:  largest difference", f"{np.abs(combine(shares, [700, 300]) - of_all).max():.1e}")
print("plain mean: largest difference", f"{np.abs(shares.mean(axis=0) - of_all).max():.1e}")

# %% [markdown]
# Keras' optimizers *add* the gradients of all workers. So in the step below each worker
# divides the sum of its errors by the size of the *whole* batch, and the sum of these is
# the mean: your formula, with the division moved.
#
# And now for real: two workers, two processes of Python that know each other by nothing
# but an address. `tf.distribute.MultiWorkerMirroredStrategy` connects them. (Keras'
# `fit` has not worked under this strategy since Keras 3, which is one more reason to have
# a step of one's own.) Three words of it are in the function below:
#
# - what is built inside `strategy.scope()` exists in each worker, and is kept equal;
# - `strategy.run(f)` calls `f` in each worker, with that worker's share;
# - `strategy.reduce("SUM", …)` adds up what the workers returned.
#
# The function runs in *each* of the processes. `run_workers` of our helpers starts these,
# shows what they print, and ends them all whatever happens. It can also limit each to one
# core, for a fair comparison. `Besides` is a place for what shall happen besides training:
# nothing, so far. We will need it when the power goes.


# %%
class Besides:
    """What happens besides training: nothing, so far."""

    def first_epoch(self, state):
        return 0

    def before_step(self, worker, epoch, step):
        pass

    def after_epoch(self, worker, epoch, state):
        pass


def meet_the_others(n_workers):
    """Connect this process with the other workers; once in its life."""
    if n_workers == 1:
        return tf.distribute.get_strategy()  # the one without any others
    return tf.distribute.MultiWorkerMirroredStrategy()


def train_on_worker(
    worker, strategy, build, data, epochs, batch_size, rate=0.01, besides=None
):
    """What each worker does. Returns losses, weights, seconds an epoch."""
    user, movie, stars = data
    besides = besides or Besides()
    n_workers = strategy.num_replicas_in_sync
    keras.utils.set_random_seed(7)  # all start with equal weights
    with strategy.scope():
        model = build()
        optimizer = keras.optimizers.Adam(rate)
        optimizer.build(model.trainable_variables)
    state = model.trainable_variables + optimizer.variables

    def step_on_a_share(batch, ratings):
        with tf.GradientTape() as tape:
            predicted = model(batch, training=True)[:, 0]
            loss = ops.sum(ops.square(predicted - ratings)) / batch_size
        gradients = tape.gradient(loss, model.trainable_variables)
        # Whole tables are added up between the processes, not lists of rows.
        gradients = [tf.convert_to_tensor(one) for one in gradients]
        optimizer.apply(gradients, model.trainable_variables)  # adds up all workers'
        return loss

    @tf.function
    def step(batch, ratings):
        losses = strategy.run(step_on_a_share, args=(batch, ratings))
        return strategy.reduce("SUM", losses, axis=None)

    losses, seconds = [], []
    for epoch in range(besides.first_epoch(state), epochs):
        order = np.random.default_rng(epoch).permutation(len(stars))
        of_epoch, started = [], time.perf_counter()
        for number in range(len(stars) // batch_size):  # what is left over is left out
            besides.before_step(worker, epoch, number)
            whole = order[number * batch_size : (number + 1) * batch_size]
            mine = whole[worker::n_workers]  # this worker's share
            batch = {"user": user[mine], "movie": movie[mine]}
            of_epoch.append(float(step(batch, stars[mine])))
        seconds.append(time.perf_counter() - started)
        losses.append(np.mean(of_epoch))
        if worker == 0:
            print(f"  epoch {epoch + 1}: loss {losses[-1]:.4f}", flush=True)
        besides.after_epoch(worker, epoch, state)
    weights = [ops.convert_to_numpy(one) for one in model.trainable_variables]
    return losses, weights, min(seconds)


# %%
quiz("9.b")

# %%
data = (
    train["user"].to_numpy(dtype="int32"),
    train["movie"].to_numpy(dtype="int32"),
    train["rating"].to_numpy(dtype="float32"),
)


def small_model():
    return build_model(n_users, n_movies, mean)


def heavy_model(width=1024):
    """More to send, but very much more to compute: a wide network on two vectors."""
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    values = layers.Concatenate()(
        [layers.Embedding(n_users, 16)(user), layers.Embedding(n_movies, 16)(movie)]
    )
    for _ in range(2):
        values = layers.Dense(width, activation="relu")(values)
    rating = layers.Rescaling(1.0, offset=mean)(layers.Dense(1)(values))
    return keras.Model({"user": user, "movie": movie}, rating)


def train_both(worker, n_workers):
    few = tuple(part[:16_384] for part in data)
    strategy = meet_the_others(n_workers)
    return (
        train_on_worker(worker, strategy, small_model, data, 3, 1024),
        train_on_worker(worker, strategy, heavy_model, few, 2, 4096, rate=0.001),
    )


answers = {}
for n_workers in (1, 2):
    print(f"{n_workers} worker{'s' if n_workers > 1 else ''}")
    answers[n_workers] = run_workers(train_both, n_workers, n_workers=n_workers, cores=1)


# %%
def largest_difference(these, those):
    """Of all weights, in millionths."""
    return 1e6 * max(np.abs(a - b).max() for a, b in zip(these, those, strict=True))


alone, together, other = answers[1][0][0], answers[2][0][0], answers[2][1][0]
print("losses, 1 worker: ", np.round(alone[0], 6))
print("losses, 2 workers:", np.round(together[0], 6))

# %% tags=["nbval-check-output"]
verdict(
    "largest difference of a weight, 2 workers against 1 (millionths)",
    largest_difference(alone[1], together[1]),
    at_most=10,
)
verdict(
    "largest difference between the two workers (millionths)",
    largest_difference(together[1], other[1]),
    at_most=10,
)
verdict(
    "largest difference of a loss (millionths)",
    largest_difference(alone[0], together[0]),
    at_most=10,
)

# %% [markdown]
# Equal, down to rounding: two workers do not learn *something like* what one learns, they
# learn the same. (In another order of adding, a float32 rounds differently. That
# is all.) The third line is there for a reason: with Adam the weights alone would not
# tell that somebody forgot to divide by the size of the *whole* batch, since Adam divides
# by the size of the gradients anyway. The loss would tell. And the time?

# %%
seconds = pd.DataFrame(
    {
        kind: {f"{n} worker(s)": answers[n][0][place][2] for n in (1, 2)}
        for place, kind in enumerate(["dot + bias", "wide network"])
    }
)
seconds.loc["times faster with 2"] = seconds.iloc[0] / seconds.iloc[1]
seconds.round(2)

# %% [markdown]
# Seconds an epoch, one core for each worker. For dot + bias, two workers are *slower* than
# one: a step computes next to nothing, and then they wait for each other, since an
# exchange has its price however little is sent. For the wide network there is more
# to send, but thousands of times more to compute, and where two cores are free, two workers
# win. (On a busy computer nobody wins. Look at the third line, and believe it more than
# us.)
#
# So count before you buy: **compute per byte sent**. A recommender's tables have very many
# weights, and very little to compute for each; they are the worst case for copies of
# everything. That is why nobody copies tables of a hundred million rows. They are cut up
# instead; we come to that.
#
# ## When the power goes
#
# A training of three minutes may fail. One of three weeks *will*: a machine restarts,
# somebody needs it more. What has to be kept, so that one can go on as if nothing had
# happened? The weights, the optimizer's slots (without them Adam starts anew), and where
# one was. Keras has a callback for it, `BackupAndRestore`. We pull the plug at the
# beginning of the fourth epoch:


# %%
class PowerCutError(Exception):
    """The plug was pulled."""


class PullThePlug(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 3:
            raise PowerCutError


def fit(*callbacks):
    keras.utils.set_random_seed(7)
    model = build_model(n_users, n_movies, mean)
    model.compile(
        keras.optimizers.Adam(0.01),
        loss="mse",
        metrics=[keras.metrics.RootMeanSquaredError(name="rmse")],
        steps_per_execution=20,
    )
    return model.fit(
        pairs(train),
        train["rating"],
        validation_data=(pairs(valid), valid["rating"]),
        batch_size=1024,
        epochs=5,
        verbose=0,
        callbacks=list(callbacks),
    )


whole = fit()
try:
    fit(keras.callbacks.BackupAndRestore(work / "backup"), PullThePlug())
except PowerCutError:
    kept = sorted(one.name for one in (work / "backup").iterdir())
    print("The power is gone. On the disk:", ", ".join(kept))
rest = fit(keras.callbacks.BackupAndRestore(work / "backup"))

axes = plt.figure().add_subplot()
epochs = np.arange(1, 6)
axes.plot(epochs, whole.history["val_rmse"], "o-", label="without an interruption")
axes.plot(
    np.array(rest.epoch) + 1, rest.history["val_rmse"], "s--", label="after the power cut"
)
axes.set_xlabel("epoch")
axes.set_ylabel("validation RMSE (stars)")
axes.set_title("It goes on where it was")
axes.set_xticks(epochs)
axes.legend()
plt.show()

# %% tags=["nbval-check-output"]
gap = abs(whole.history["val_rmse"][-1] - rest.history["val_rmse"][-1])
verdict("what the interruption cost, in RMSE", gap, at_most=0.01)

# %% [markdown]
# *Reading the figure:* the second training starts with epoch 4, and lies on the first
# one. (Upwards: this model is not taxed, and overfits. So does its copy.) Note that the model was built *before* it was restored: a backup holds numbers, not
# layers.
#
# With several workers it is worse: if one dies, the others cannot go on. At best they get an
# error from the all-reduce, at worst they wait in it for ever. So one does three things. One worker writes a checkpoint after each epoch (all
# have equal weights, so one is enough). It writes under another name first and renames
# then, so that there is never half a checkpoint. And somebody watches from outside, ends
# those who are left, and starts all again: `restarts=1` below. For what happens besides training
# our worker has left room. Soon after the second epoch has begun, worker 1 will kill itself,
# without a word, as if the power had gone.


# %%
class Checkpoints(Besides):
    """Keeps the state after each epoch; lets worker 1 die once."""

    def __init__(self, folder):
        self.file, self.unfinished = folder / "state.npz", folder / "unfinished.npz"

    def first_epoch(self, state):
        if not self.file.exists():
            return 0
        with np.load(self.file) as kept:
            for number, variable in enumerate(state):
                variable.assign(kept[f"variable_{number}"])
            return int(kept["epochs"])

    def before_step(self, worker, epoch, step):
        alive = self.file.with_name("worker_1_is_alive")
        if worker == 1 and epoch == 1 and step == 3 and alive.exists():
            alive.unlink()
            os.kill(os.getpid(), 9)  # SIGKILL: no farewell, nothing is tidied up

    def after_epoch(self, worker, epoch, state):
        if worker == 0:
            numbers = {
                f"variable_{i}": ops.convert_to_numpy(one) for i, one in enumerate(state)
            }
            np.savez(self.unfinished, epochs=epoch + 1, **numbers)
            self.unfinished.replace(self.file)
            print(f"  on the disk: the state after epoch {epoch + 1}", flush=True)


def train_with_checkpoints(worker, checkpoints):
    strategy = meet_the_others(2)
    return train_on_worker(
        worker, strategy, small_model, data, 3, 1024, besides=checkpoints
    )


folder = Path(tempfile.mkdtemp(dir=work))
(folder / "worker_1_is_alive").touch()
survived = run_workers(
    train_with_checkpoints, Checkpoints(folder), n_workers=2, cores=1, restarts=1
)

# %% tags=["nbval-check-output"]
verdict(
    "largest difference of a weight, with and without a death (millionths)",
    largest_difference(together[1], survived[0][1]),
    at_most=10,
)

# %% [markdown]
# The same weights as above, where nobody died. What was lost is the part of an
# epoch since the last checkpoint, and that is the choice one has: checkpoints often, and
# time to write them, or seldom, and work to do again.
#
# ## A hundred million users, on paper
#
# Back to the shop: a hundred million users, a million articles, 64 factors. The tables need
# 79 GB with Adam, and no machine of ours has that. So the tables are cut up, *sharded*:
# each machine holds some rows, and whoever needs a row asks the machine that has
# it. Who has it must follow from the row's number alone, without looking it up anywhere
# (the list of who has what would be as long as the table). And each machine numbers
# its own rows from 0, without gaps, or it would waste memory.
#
# ### Exercise 9.5 — cut up a table (6 minutes)


# %%
def machines_for(n_bytes, bytes_a_machine):
    """The fewest machines that can hold `n_bytes`, each `bytes_a_machine` at most.

    Parameters
    ----------
    n_bytes, bytes_a_machine : int
        At least 1.

    Returns
    -------
    int

    Examples
    --------
    >>> machines_for(100, 50), machines_for(101, 50)
    (2, 3)
    """
    raise NotImplementedError("Exercise 9.5: cut up a table")


def place_of(rows, n_machines):
    """Where each row of a table is.

    Parameters
    ----------
    rows : numpy.ndarray of int, shape (n,)
        Some of a table's rows, in any order.
    n_machines : int

    Returns
    -------
    machine : numpy.ndarray of int, shape (n,), from 0 to n_machines - 1
    local_row : numpy.ndarray of int, shape (n,)
        Which of its own rows it is, from 0. Both follow from a row's number alone.
        For the rows 0, 1, …, n - 1 of a table, whatever its n, no machine has a gap in
        its numbers, and none has more than one row more than another.
    """
    raise NotImplementedError("Exercise 9.5: cut up a table")


# %%
print(machines_for(100, 50), machines_for(101, 50))
machine, local_row = place_of(np.arange(7), 3)
print(machine.tolist(), local_row.tolist())

# %%
check("9.5", machines_for, place_of)

# %%
rows_of_a_batch = np.random.default_rng(0).integers(100_000_000, size=8_192)
machine, _ = place_of(rows_of_a_batch, 10)
print("a batch asks each of ten machines for", np.bincount(machine.astype(int), minlength=10), "rows")

# %% [markdown]
# Evenly: no machine is asked for much more than another. The rest of the paper:

# %%
shop = {"n_users": 100_000_000, "n_movies": 1_000_000, "n_factors": 64}
needed = bytes_to_train(**shop)
batch = 8_192
paper = {
    "tables with Adam (GB)": needed / 1e9,
    "machines of 16 GB, half of it for tables": machines_for(needed, 8 * 10**9),
    "a dense gradient of all tables, each step (GB)": bytes_to_train(**shop, slots=0) / 1e9,
    "rows that a batch touches (MB)": 2 * batch * 65 * 4 / 1e6,
    "scores to compare a batch with all articles": batch * 1_000_000,
    "… with the batch's own articles": batch * batch,
    "seconds to score all for all, at 10 thousand million scores a second": 1e14 / 1e10,
}
for what, amount in paper.items():
    print(f"{what:70} {amount:>14,.0f}")

# %% [markdown]
# Read it line by line; each is a decision that real systems have taken.
#
# - Ten machines for the tables, only to hold them: **shards**.
# - 26 GB to all-reduce for each step, or 4 MB of rows that the batch has touched: **sparse
#   updates**, and no copies.
# - A softmax over all articles for each rating of a batch, or one over those that happen
#   to be in the batch: **sampled softmax**.
# - Three hours to score everything for everybody, once: nobody does. One **searches**.

# %% [markdown]
# ## What to remember
#
# - Ratings cost time and may stay on a disk; tables cost memory, and an optimizer's
#   slots come on top. Do it on paper first.
# - Streams have an order. Shuffle blocks, and inside blocks.
# - A dense optimizer's step grows with the catalogue, a lazy one's with the batch.
# - Several workers learn exactly what one learns. Whether they do so *faster* is a
#   matter of computing per byte sent, and tables are the bad case.
# - Keep weights, slots and place; write elsewhere, then rename; let somebody watch.
# - Negatives from the batch are free, once popularity is divided out.
# - An index finds nearly the best, fast. Measure the *nearly*.
#
# ## Where to read on
#
# - P. Covington, J. Adams and E. Sargin, [Deep Neural Networks for YouTube
#   Recommendations](https://doi.org/10.1145/2959100.2959190), 2016: two stages, first
#   search, then order.
# - X. Yi et al., [Sampling-Bias-Corrected Neural Modeling for Large Corpus Item
#   Recommendations](https://doi.org/10.1145/3298689.3346996), 2019: two towers and
#   logQ.
# - M. Naumov et al., [Deep Learning Recommendation Model for Personalization and
#   Recommendation Systems](https://arxiv.org/abs/1906.00091), 2019: tables cut up,
#   networks copied.
# - Y. Bachrach et al., [Speeding Up the Xbox Recommender System Using a Euclidean
#   Transformation for Inner-Product Spaces](https://doi.org/10.1145/2645710.2645741),
#   2014: vectors that are made equally long.
# - Y. Malkov and D. Yashunin, [Efficient and Robust Approximate Nearest Neighbor Search
#   Using Hierarchical Navigable Small World
#   Graphs](https://arxiv.org/abs/1603.09320), 2016: the index.
# - S. Rendle et al., [Neural Collaborative Filtering vs. Matrix Factorization
#   Revisited](https://arxiv.org/abs/2005.09683), 2020: why the score stays a dot product.
#
# **Next:** that was the course. Build something: your own ratings, another data set, a
# model from the lists above, and a baseline beside it.
