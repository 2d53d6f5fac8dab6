# %% [markdown] tags=["badge"]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/neural-recsys-course/neural-recsys-course/blob/v1.0.0/solutions/09_scaling.ipynb) [![Open in Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/neural-recsys-course/neural-recsys-course/v1.0.0?labpath=solutions%2F09_scaling.ipynb)

# %% [markdown]
# # 9 · Scaling: large files, large tables, several workers
#
# This lesson is optional. It is about the systems side of training: ratings that do not fit
# into memory, embedding tables with so many rows that an ordinary optimizer spends its time
# on rows that a batch does not use, and several workers that train one model. You measure
# each of them on your own computer.
#
# **When you have finished, you can**
#
# - train on ratings that stay on the disk, and shuffle them;
# - explain why Adam updates every row of every table, and write an update that changes
#   only the rows of a batch;
# - write a training step, compile it, and run it on several workers with equal results;
# - resume an interrupted training, and recover from the failure of a worker;
# - shard an embedding table, and say when that is necessary.
#
# **Time** 70 minutes to work through, about a minute of computing.
# **Before this** lessons 01 to 03. This lesson needs Keras with the TensorFlow backend: it
# uses `tf.data`, `tf.GradientTape` and `tf.distribute`.

# %% tags=["setup"]
# Run this cell first: it finds the course's helpers, or installs them where the
# notebook was opened on its own (Colab, a download). For rooms without a network,
# the packages and made-up ratings come with the course.
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

os.environ.setdefault("COURSE_LANG", "en")
above = [Path.cwd(), *Path.cwd().parents]
here = next((f for f in above if (f / "helpers/storage.py").is_file()), None)
missing = []
try:
    import helpers.storage  # noqa: F401
except ImportError:
    sys.modules.pop("helpers", None)  # another folder of that name
    if here:
        sys.path.insert(0, str(here))
    else:
        github = "https://github.com/neural-recsys-course/neural-recsys-course"
        package = f"neural-recsys-course @ git+{github}@v1.0.0"
        missing = [os.environ.get("COURSE_PACKAGE", package)]
if here and (wheels := here / "offline").is_dir():
    if "MOVIELENS_SOURCE" not in os.environ:
        os.environ.setdefault("COURSE_DATA", "synthetic")
    if importlib.util.find_spec("keras") is None:
        missing = ["--no-index", "--find-links", str(wheels)]
        missing += ["--requirement", str(wheels / "requirements.txt")]
if missing:
    print("Installing, once:", missing[-1], flush=True)
    command = [sys.executable, "-m", "pip", "install", *missing]
    pipe, join = subprocess.PIPE, subprocess.STDOUT
    with subprocess.Popen(command, stdout=pipe, stderr=join, text=True) as pip:
        for line in pip.stdout:
            print(line, end="", flush=True)
    if pip.returncode:
        raise RuntimeError(
            "The course's helpers could not be installed; pip's reason is above. Is "
            "the network there? Then run this cell again. Else download the whole "
            "course and open this notebook inside its folder. (What is in offline/ "
            "fits one system and Python: its requirements.txt begins with them.)"
        )

# %%
import helpers.quiet_tensorflow  # TensorFlow starts without its page of notes

import math
import tempfile
import time

import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import tensorflow as tf
from keras import layers, ops
from keras_rs.layers import DistributedEmbedding, FeatureConfig, TableConfig
from matplotlib import ticker

from helpers import check, hint, plots, quiz, reveal
from helpers.bands import verdict
from helpers.data import load_movielens
from helpers.metrics import rmse
from helpers.multi_worker import run_workers
from helpers.splits import pairs, random_split

if keras.backend.backend() != "tensorflow":
    raise RuntimeError(
        "This lesson needs Keras with the TensorFlow backend. Restart the kernel with "
        "KERAS_BACKEND=tensorflow."
    )

plots.use_course_style()
keras.utils.set_random_seed(7)
temporary_folder = tempfile.TemporaryDirectory(prefix="scaling-")
work = Path(temporary_folder.name)  # for what this lesson writes

# %%
movielens = load_movielens()
split = random_split(movielens, seed=0)
train, valid = split.train, split.valid
n_users, n_movies = split.n_users, split.n_movies
mean = float(train["rating"].mean())
split

# %% [markdown]
# The model is the one of lesson 03: matrix factorization with biases. Its embedding layer
# is an argument, because we will replace it.


# %%
def build_model(n_users, n_movies, mean, n_factors=16, embedding=layers.Embedding):
    """Matrix factorization with biases; `embedding` is the layer of its tables."""
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    match = layers.Dot(axes=-1)(
        [
            embedding(n_users, n_factors, name="user_factors")(user),
            embedding(n_movies, n_factors, name="movie_factors")(movie),
        ]
    )
    user_bias = embedding(n_users, 1, "zeros", name="user_bias")(user)
    movie_bias = embedding(n_movies, 1, "zeros", name="movie_bias")(movie)
    deviation = layers.Add()([match, user_bias, movie_bias])
    rating = layers.Rescaling(1.0, offset=mean)(deviation)
    return keras.Model({"user": user, "movie": movie}, rating)


# %% [markdown] tags=["slide"]
# ## Memory-mapped ratings and shuffling
#
# Ten billion ratings (10¹⁰), at 12 bytes each, are 120 GB. They can stay on a disk.
# NumPy opens a file as a **memory map** (`mmap_mode="r"`): the operating system reads
# only the parts that you index. So a training program reads one **block** of some thousand
# rows, trains on it, and reads the next.
#
# But the file has an order. Logs are sorted by time, exports often by user or by movie.
# Stochastic gradient descent assumes that each batch is a random sample of the ratings, and
# a batch with the ratings of a few movies is not. Reading the rows in random order would
# mean one disk access for each. The usual compromise is a **block shuffle**: take the
# blocks in random order, and shuffle the ratings inside each block in memory.
#
# ### Exercise 9.1 — blocks in random order (5 minutes)
#
# Plan one epoch. Each rating is in exactly one block. All blocks have the same size, except
# the last one of the file, which may be shorter. The order of the blocks is random.


# %%
def plan_blocks(n_ratings, block_size, rng):
    """Cut a file into blocks, and shuffle the blocks.

    Parameters
    ----------
    n_ratings, block_size : int
        At least 1; a block may be larger than the file.
    rng : numpy.random.Generator
        The only source of randomness. Each order of the blocks is as likely as any
        other.

    Returns
    -------
    list of tuple (int, int)
        The first row of each block and the row after its last, as in a slice.

    Examples
    --------
    >>> sorted(plan_blocks(10, 4, np.random.default_rng(0)))
    [(0, 4), (4, 8), (8, 10)]
    """
    ### BEGIN SOLUTION
    starts = rng.permutation(np.arange(0, n_ratings, block_size))
    return [(int(s), min(int(s) + block_size, n_ratings)) for s in starts]
    ### END SOLUTION


# %%
print(sorted(plan_blocks(10, 4, np.random.default_rng(0))))
print(plan_blocks(10, 4, np.random.default_rng(0)), "as planned")

# %%
check("9.1", plan_blocks)

# %% [markdown] tags=["hints"]
# **Hints**
#
# 1. Where does each block begin, for 10 ratings in blocks of 4? What do these numbers
#    have in common?
# 2. `np.arange(0, n_ratings, block_size)` has the beginnings. Shuffle them with
#    `rng.permutation`. A block ends `block_size` later, but never after the end of the
#    file.
#
# ```python
# starts = rng.permutation(np.arange(0, ..., ...))
# return [(int(s), min(..., ...)) for s in starts]
# ```
#
# **Notice**
#
# Only the *order* of the blocks is random, so the disk still reads long stretches.
# Inside a block the ratings are shuffled in memory, where random access is cheap.

# %% [markdown]
# We write the training ratings to a file, sorted by movie. `tf.data` turns a Python
# generator of blocks into a stream of batches. The first `prefetch` reads the next
# block while the model still computes, the second prepares the next batches.

# %% tags=["slide", "sentence-2"]
in_file = train.sort_values(["movie", "user"])
np.save(work / "pairs.npy", in_file[["user", "movie"]].to_numpy(dtype="int32"))
np.save(work / "stars.npy", in_file["rating"].to_numpy(dtype="float32"))


def read_in_blocks(block_size, seed, shuffled=True):
    """Stream one epoch from the disk in batches of 1,024."""

    def blocks():
        rng = np.random.default_rng(seed)
        pairs_on_disk = np.load(work / "pairs.npy", mmap_mode="r")
        stars = np.load(work / "stars.npy", mmap_mode="r")
        plan = plan_blocks(len(stars), block_size, rng)
        for start, stop in plan if shuffled else sorted(plan):
            order = np.arange(stop - start)
            if shuffled:
                rng.shuffle(order)
            block = pairs_on_disk[start:stop][order]
            yield {"user": block[:, 0], "movie": block[:, 1]}, stars[start:stop][order]

    numbers = tf.TensorSpec((None,), "int32")
    signature = {"user": numbers, "movie": numbers}, tf.TensorSpec((None,), "float32")
    stream = tf.data.Dataset.from_generator(blocks, output_signature=signature)
    stream = stream.prefetch(1).rebatch(1024).prefetch(2)
    # A generator has no length, and `fit` needs one.
    n_batches = math.ceil(len(train) / 1024)
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
    # With its slots created here, TensorFlow traces the training step once only.
    model.optimizer.build(model.trainable_variables)
    curves[name] = []
    for epoch in range(3):
        stream = read_in_blocks(block_size, epoch, shuffled)
        model.fit(stream, shuffle=False, verbose=0)
        predicted = model.predict_on_batch(pairs(valid))
        curves[name].append(rmse(valid["rating"], predicted))
pd.DataFrame(curves, index=pd.RangeIndex(1, 4, name="epoch")).round(3)

# %% tags=["nbval-check-output"]
lost = min(curves["in the file's order"]) - min(curves["all shuffled"])
verdict("validation RMSE lost by the file's order", lost, inside=(0.005, 0.05))

# %% [markdown] tags=["slide"]
# Compare the lowest validation RMSE of each column, as a column may rise again when the
# model overfits. In this run, training in the file's order costs one to two hundredths
# of a star. Shuffled blocks are in between, but a difference of about a hundredth may
# be chance: we trained once with each. What does not depend on chance is the memory.
# Only two or three blocks are in memory at a time. Larger blocks should come closer to
# the last column, and they need more memory.
#
# ## Dense and sparse optimizer updates
#
# A batch of 1,024 ratings looks up at most 1,024 rows of a table, so only those rows have a
# gradient. TensorFlow represents it without the other rows:

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

# %% [markdown] tags=["slide", "sentence-4-8-10"]
# `IndexedSlices` holds row numbers (`indices`), and a gradient for each (`values`). A user
# with three ratings in the batch has three entries.
#
# What does Adam do with it? It keeps two numbers for each weight, its **optimizer
# state** or **slots**: moving averages of the gradient and of the squared gradient. At
# each step *all* slots decay, also those of rows without a gradient, and as long as a
# row's slots are not zero, the row moves. So every step reads and writes every row of
# every table. This is a **dense update**.
#
# A **sparse update** changes only the rows of the batch. Adam with sparse updates is called
# *lazy* Adam. For the rows of the batch, with gradient $g$ at step $t$ (counted from 1) and
# learning rate $\eta$:
#
# $$m \leftarrow 0.9\,m + 0.1\,g, \qquad v \leftarrow 0.999\,v + 0.001\,g^2,$$
# $$w \leftarrow w - \eta\,
# \frac{m / (1 - 0.9^t)}{\sqrt{v / (1 - 0.999^t)} + 10^{-7}}$$
#
# The divisions by $1 - 0.9^t$ and $1 - 0.999^t$ correct for slots that started at 0. The
# $10^{-7}$ avoids a division by 0.

# %% [markdown]
# ### Exercise 9.2 — a lazy Adam step (10 minutes)
#
# Write the step in NumPy. A row that occurs several times in the batch has *one* gradient,
# the sum of its entries, and is updated once.


# %%
def lazy_adam_step(table, m, v, rows, gradients, t, rate=0.01):
    """One step of Adam for the rows of a batch.

    Parameters
    ----------
    table, m, v : numpy.ndarray of float, shape (n_rows, n_factors)
        The weights and their two slots.
    rows : numpy.ndarray of int, shape (n,), n at least 1
        In any order. May hold a row several times.
    gradients : numpy.ndarray of float, shape (n, n_factors)
        One gradient for each entry of `rows`.
    t : int
        The number of this step, from 1.
    rate : float

    Returns
    -------
    table, m, v : numpy.ndarray of float, shape (n_rows, n_factors)
        After the step: new arrays; the arguments do not change. Rows that are not in
        `rows` are as before.

    Examples
    --------
    >>> zeros = np.zeros((3, 1))
    >>> rows, gradients = np.array([2, 0, 2]), np.array([[1.0], [-3.0], [1.0]])
    >>> table, m, v = lazy_adam_step(zeros, zeros, zeros, rows, gradients, t=1)
    >>> table.round(4).ravel().tolist(), m.round(4).ravel().tolist()
    ([0.01, 0.0, -0.01], [-0.3, 0.0, 0.2])
    """
    ### BEGIN SOLUTION
    touched, place = np.unique(rows, return_inverse=True)
    gradient = np.zeros((len(touched), table.shape[1]))
    np.add.at(gradient, place, gradients)
    table, m, v = table.copy(), m.copy(), v.copy()
    m[touched] = 0.9 * m[touched] + 0.1 * gradient
    v[touched] = 0.999 * v[touched] + 0.001 * gradient**2
    step = (m[touched] / (1 - 0.9**t)) / (np.sqrt(v[touched] / (1 - 0.999**t)) + 1e-7)
    table[touched] -= rate * step
    return table, m, v
    ### END SOLUTION


# %%
zeros = np.zeros((3, 1))
rows, gradients = np.array([2, 0, 2]), np.array([[1.0], [-3.0], [1.0]])
table, m, v = lazy_adam_step(zeros, zeros, zeros, rows, gradients, t=1)
print(table.round(4).ravel().tolist(), m.round(4).ravel().tolist())

# %%
check("9.2", lazy_adam_step)

# %% [markdown] tags=["hints"]
# **Hints**
#
# 1. What does NumPy do at `m[rows] = …` if a number is in `rows` twice?
# 2. `np.unique(rows, return_inverse=True)` gives each row once, and for each gradient
#    the place of its row among these; `np.add.at(sums, place, gradients)` adds up,
#    duplicates included.
#
# ```python
# table, m, v = ..., ..., ...   # copies
# touched, place = np.unique(..., return_inverse=...)
# gradient = np.zeros((len(touched), ...))
# np.add.at(gradient, ..., ...)
# m[touched] = 0.9 * m[touched] + 0.1 * ...
# v[touched] = ...
# table[touched] -= rate * ...
# ```
#
# **Notice**
#
# `table[rows] -= …` with a row three times in `rows` changes it once, with the last of
# the three entries, and NumPy does not warn. So sum first.

# %% [markdown]
# Now the same in Keras. An optimizer changes one table in its method `update_step`. Ours
# handles `IndexedSlices` and leaves all other gradients to Keras' Adam.
#
# The optimizer alone is not enough, because two more operations touch the whole table:
#
# - Keras' `Embedding` reads the variable as a tensor before it takes rows out of it. As the
#   variable is about to change, TensorFlow *copies* the table. `tf.gather` on the variable
#   reads only the rows.
# - An L2 penalty on the table is a sum over all rows, so all rows have a gradient.
#   `Lookup` can penalize the rows that were looked up instead.


# %%
class LazyAdam(keras.optimizers.Adam):
    """Adam with sparse updates: it changes only the rows that have a gradient."""

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
    """An embedding layer that reads, and penalizes, only the rows it looks up."""

    l2 = 0.0  # times the mean squared length of the vectors looked up

    def call(self, rows):
        vectors = tf.gather(self.embeddings.value, rows)
        if self.l2:
            self.add_loss(self.l2 * ops.mean(ops.sum(ops.square(vectors), axis=-1)))
        return vectors


class RegularizedLookup(Lookup):
    l2 = 0.1


# %% [markdown]
# We test `LazyAdam` with your function: both get the same gradients, and one row occurs
# twice.

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
# That is a rounding error of float32. Now let us measure the time.

# %% [markdown] tags=["question", "slide"]
# A batch has 1,024 ratings. Users and movies become ten times as many, the batch stays
# as it is. How long does a step with Adam take, once the tables are large?
#
# - [ ] As long as before: it looks up 1,024 rows, as before
#   - It *looks up* 1,024 rows. But Adam also updates the slots of all other rows. The
#     next cell measures it.
# - [ ] Twice as long: there are two tables
#   - Both tables have ten times the rows. Count the rows that Adam changes in one step.
# - [x] Four to ten times as long
#   - Each step updates the slots of *all* rows, and moves all rows. The next cell measures
#     it.
# - [ ] About a hundred times as long: users × movies
#   - Tables have a row for each user and each movie, not for each pair. Ten times of
#     both is ten times the rows.

# %%
quiz("9.a")


# %% tags=["slide", "sentence-1-2"]
def milliseconds_per_step(embedding, optimizer, n_rows):
    """Time a step on 1,024 rows of one table of `n_rows`: the best of ten."""
    layer = embedding(n_rows, 16)
    layer.build()
    optimizer.build(layer.trainable_variables)

    @tf.function
    def step(rows):
        with tf.GradientTape() as tape:
            loss = ops.mean(ops.square(layer(rows) - 1.0))
        gradients = tape.gradient(loss, layer.trainable_variables)
        optimizer.apply(gradients, layer.trainable_variables)
        return loss

    rng = np.random.default_rng(0)
    times = []
    for _ in range(11):
        rows = tf.constant(rng.integers(n_rows, size=1024), "int32")
        started = time.perf_counter()
        float(step(rows))
        times.append(1000 * (time.perf_counter() - started))
    return min(times[1:])  # the first call builds the graph


sizes = [1_000, 16_000, 256_000]
steps = {
    name: [milliseconds_per_step(embedding, make(0.01), n) for n in sizes]
    for name, embedding, make in [
        ("Adam, Embedding", layers.Embedding, keras.optimizers.Adam),
        ("LazyAdam, Embedding", layers.Embedding, LazyAdam),
        ("LazyAdam, Lookup", Lookup, LazyAdam),
    ]
}

axes = plt.figure().add_subplot()
for (name, values), marker in zip(steps.items(), "o^D", strict=True):
    axes.loglog(sizes, values, marker + "-", label=name)
axes.yaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
axes.yaxis.set_major_formatter("{x:g}")
axes.yaxis.set_minor_formatter("")
axes.set_xlabel("rows of the table")
axes.set_ylabel("one step on 1,024 rows (ms, CPU)")
axes.set_title("Time of a step, by the size of the table")
axes.legend()
plt.show()
pd.DataFrame(steps, index=pd.Index(sizes, name="rows")).round(2)

# %% tags=["nbval-check-output"]
ratio = steps["Adam, Embedding"][-1] / steps["LazyAdam, Lookup"][-1]
verdict("how many times faster a sparse step is at 256,000 rows", ratio, at_least=5)

# %% [markdown]
# *Reading the figure:* with small tables, the overhead of a step dominates. With larger
# ones, the time of Adam grows with the rows: in our runs, a step takes six to seven times
# as long with 256,000 rows as with 16,000. `LazyAdam` with Keras' `Embedding` grows as
# well, because of the copy. With `Lookup` it grows little, because the rows that it
# reads and writes depend on the batch alone.
#
# Sparse updates are a different algorithm, since a row that is not in the batch keeps
# its old slots. Is the result as good? Both models have a penalty, but not that of
# lesson 03: a row is penalized each time it is looked up.


# %% tags=["slide"]
def fit(make_optimizer):
    """Train with an optimizer; return the validation RMSE."""
    keras.utils.set_random_seed(7)
    model = build_model(n_users, n_movies, mean, embedding=RegularizedLookup)
    model.compile(
        make_optimizer(0.01), loss="mse", steps_per_execution=20, jit_compile=False
    )
    model.optimizer.build(model.trainable_variables)
    model.fit(pairs(train), train["rating"], batch_size=1024, epochs=5, verbose=0)
    return rmse(valid["rating"], model.predict_on_batch(pairs(valid)))


scores = {"Adam": fit(keras.optimizers.Adam), "LazyAdam": fit(LazyAdam)}
for name, score in scores.items():
    print(f"{name:8} validation RMSE {score:.3f}")

# %% tags=["nbval-check-output"]
verdict("validation RMSE of LazyAdam", scores["LazyAdam"], inside=(0.90, 0.94))
lost = scores["LazyAdam"] - scores["Adam"]
verdict("validation RMSE lost by sparse updates", lost, inside=(-0.01, 0.01))

# %% [markdown] tags=["slide", "sentence-1-2-3-4-5"]
# The two scores differ by a few thousandths at most (one seed each). This is a weak
# test: each batch contains more than half of all users, so a row waits for a few steps
# only. Of a table with a hundred million rows, a row may be in one batch of many
# thousands. Adam then goes on moving it for some steps after each use, and `LazyAdam`
# does not. So test it again on your own data.
#
# ## A custom training step
#
# `fit` runs the same step for every model. Several workers need a different one, so here is
# what a step does:
#
# - the model predicts in training mode (where dropout is active), while a **gradient tape**
#   records the operations;
# - the loss is the error *plus* what layers add to it, such as the L2 penalty;
# - the tape computes the gradients, and the optimizer applies them.
#
# ### Exercise 9.3 — a training step (8 minutes)
#
# Use `tf.GradientTape` as in the cell that looked at a gradient. After the model was called,
# `model.losses` is the list of what its layers add to the loss. Look at shapes before you
# subtract: predictions have shape (n, 1).


# %%
def training_step(model, optimizer, batch, ratings):
    """Train one step on a batch, with the mean squared error.

    Parameters
    ----------
    model : keras.Model
        Gives predictions of shape (n, 1).
    optimizer : keras.optimizers.Optimizer
        Possibly not built yet: `optimizer.apply(gradients, weights)` builds it when it is
        called for the first time.
    batch : dict
        ``user`` and ``movie``, tensors of int32, shape (n,).
    ratings : tensor of float32, shape (n,)

    Returns
    -------
    tensor, shape () : the loss *before* the step, with all that layers add to it. (A
        tensor and no Python number, so that `tf.function` can compile the step.)
    """
    ### BEGIN SOLUTION
    with tf.GradientTape() as tape:
        predicted = model(batch, training=True)[:, 0]
        loss = ops.mean(ops.square(predicted - ratings)) + sum(model.losses)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply(gradients, model.trainable_variables)
    return loss
    ### END SOLUTION


# %%
model = build_model(n_users, n_movies, mean, embedding=RegularizedLookup)
optimizer = LazyAdam(0.01)
few = {name: tf.constant(values[:1024]) for name, values in pairs(train).items()}
few_ratings = tf.constant(train["rating"].to_numpy(dtype="float32")[:1024])
for step in range(1, 5):
    loss = training_step(model, optimizer, few, few_ratings)
    print(f"step {step}: loss {float(loss):.4f}")

# %%
check("9.3", training_step)

# %% [markdown] tags=["hints"]
# **Hints**
#
# 1. What has to happen *inside* the `with tf.GradientTape()`, and what after it?
# 2. Inside: `model(batch, training=True)`, its only column (`[:, 0]`), the mean of the
#    squares, plus `sum(model.losses)`. After it: `tape.gradient(loss,
#    model.trainable_variables)`, and `optimizer.apply(gradients, …)`.
#
# ```python
# with tf.GradientTape() as ...:
#     predicted = model(..., training=...)[:, 0]
#     loss = ops.mean(...) + sum(...)
# gradients = tape.gradient(..., model.trainable_variables)
# optimizer.apply(..., model.trainable_variables)
# return ...
# ```
#
# **Notice**
#
# You can forget three things here without an error: `training=True`, the layers' own
# losses, and the column `[:, 0]`.

# %% [markdown]
# The loss falls: these are four steps on the same 1,024 ratings.
#
# ### Compilation with XLA
#
# `tf.function` traces a step once into a graph, and later calls run the graph without
# Python. `fit` does the same. With `jit_compile=True`, TensorFlow's compiler **XLA** also
# compiles the graph: it fuses many small operations into a few, which read and write the
# tables less often. Compilation takes seconds, and is repeated for each new shape of a batch.
#
# In Keras it is an argument of `model.compile`, and its default is `jit_compile="auto"`.
# With TensorFlow, "auto" means: *off* if the computer has only CPUs; *on* as soon as
# TensorFlow sees a GPU, unless the model trains under a `tf.distribute` strategy, contains a
# layer that does not support XLA, or `enable_op_determinism` is on. (We read this in the
# source of Keras 3.15, `Trainer._resolve_auto_jit_compile`; Macs with a GPU are another
# exception.) What does it mean here, and does `LazyAdam` give the same weights with XLA?


# %%
def new_state():
    """A model and its optimizer, always with the same weights."""
    keras.utils.set_random_seed(7)
    model = build_model(n_users, n_movies, mean, embedding=RegularizedLookup)
    optimizer = LazyAdam(0.01)
    optimizer.build(model.trainable_variables)
    return model, optimizer


def weights_of(model):
    return [ops.convert_to_numpy(one) for one in model.trainable_variables]


model.compile(optimizer, loss="mse")
print('jit_compile="auto" on this computer:', model.jit_compile)

after, times = {}, {}
for name, jit_compile in [("graph", False), ("XLA", True)]:
    model, optimizer = new_state()
    compiled_step = tf.function(training_step, jit_compile=jit_compile)
    seconds = []
    for _ in range(10):
        started = time.perf_counter()
        float(compiled_step(model, optimizer, few, few_ratings))
        seconds.append(time.perf_counter() - started)
    after[name] = weights_of(model)
    times[name] = {
        "first call (s)": round(seconds[0], 2),
        "later calls (ms)": round(1000 * min(seconds[1:]), 2),
    }
pd.DataFrame(times).T


# %% tags=["nbval-check-output"]
def largest_difference(these, those):
    """The largest difference of a weight, in units of 10⁻⁶."""
    return 1e6 * max(np.abs(a - b).max() for a, b in zip(these, those, strict=True))


verdict(
    "largest difference of a weight after ten steps, with and without XLA (millionths)",
    largest_difference(after["graph"], after["XLA"]),
    at_most=100,
)

# %% [markdown] tags=["slide"]
# The weights agree up to rounding. Look at the later calls in both rows: if they are not
# shorter with XLA, as in our run, XLA saves nothing. The step is small, and most of it
# looks up rows.
#
# > **Note.** We tested `LazyAdam` under XLA on a CPU, and not on a GPU, where XLA may
# > reject `tf.unique`, whose number of rows depends on the data. So `fit` above says
# > `jit_compile=False`, because "auto" would use XLA on a GPU.
#
# ## Checkpoints and failures
#
# A training run of several days is likely to be interrupted. To continue, you need a
# **checkpoint**: the weights, the optimizer's slots, and the number of finished epochs.
# With `fit`, Keras' callback `keras.callbacks.BackupAndRestore("backup")` saves and
# restores all of them. A custom training step needs its own checkpoints. They are
# written to a temporary name and renamed when they are complete, so a crash of the
# program does not leave half a checkpoint. (Against a power failure the file must also
# be flushed to the disk, with `os.fsync`.) Checkpoints have a second use: many services
# do not train from the beginning, but continue each day with the new ratings.


# %%
class Checkpoints:
    """Save the state of a training after each epoch, and restore it."""

    def __init__(self, folder):
        self.file, self.unfinished = folder / "state.npz", folder / "unfinished.npz"

    def save(self, state, epochs):
        numbers = {
            f"variable_{i}": ops.convert_to_numpy(v) for i, v in enumerate(state)
        }
        np.savez(self.unfinished, epochs=epochs, **numbers)
        self.unfinished.replace(self.file)
        print(f"  on the disk: the state after epoch {epochs}", flush=True)

    def restore(self, state):
        """Set the variables, and return the number of finished epochs."""
        if not self.file.exists():
            return 0
        with np.load(self.file) as kept:
            for i, variable in enumerate(state):
                variable.assign(kept[f"variable_{i}"])
            return int(kept["epochs"])


# %% [markdown]
# A test: train some steps, save, and train one more step. Then restore the checkpoint
# into a new model and train the same step. The first time we also restore the slots,
# the second time only the weights.

# %% tags=["slide"]
checkpoints = Checkpoints(Path(tempfile.mkdtemp(dir=work)))
model, optimizer = new_state()
for _ in range(3):
    training_step(model, optimizer, few, few_ratings)
checkpoints.save(model.trainable_variables + optimizer.variables, epochs=1)
training_step(model, optimizer, few, few_ratings)
uninterrupted = weights_of(model)

differences = {}
for name, with_slots in [("the weights and slots", True), ("the weights alone", False)]:
    model, optimizer = new_state()
    slots = optimizer.variables if with_slots else []
    checkpoints.restore(model.trainable_variables + slots)
    training_step(model, optimizer, few, few_ratings)
    differences[name] = largest_difference(uninterrupted, weights_of(model))
    print(f"restored {name}: largest difference {differences[name]:,.0f} millionths")

# %% tags=["nbval-check-output"]
verdict(
    "largest difference of a weight after a restart (millionths)",
    differences["the weights and slots"],
    at_most=10,
)
verdict(
    "the same without the optimizer's slots (millionths)",
    differences["the weights alone"],
    at_least=100,
)

# %% [markdown] tags=["slide"]
# Without its slots Adam starts again: in its first step, each weight that it updates
# moves by the learning rate, 0.01, whatever the size of the gradient. The uninterrupted
# step may go the other way, so the difference can be larger than 0.01.
#
# ## Data parallelism
#
# The simplest way to train on several machines: each **worker** has a copy of the whole model
# and takes a share of each batch. It computes the gradient of its share, and before any
# weight changes, the gradients of all workers are added up (**all-reduce**). All copies start
# with equal weights and make equal steps, so they stay equal.
#
# ### Exercise 9.4 — average the workers' gradients (5 minutes)
#
# Each worker sends the *mean* gradient of its share. A batch cannot always be divided
# evenly, so shares may have different sizes; an empty share has the mean NaN. What is
# the mean gradient of the whole batch?


# %%
def average_gradients(gradients, sizes):
    """The gradient of a whole batch, from those of its shares.

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
    >>> average_gradients(np.array([[1.0, 0.0], [4.0, 3.0]]), [2, 1]).tolist()
    [2.0, 1.0]
    """
    ### BEGIN SOLUTION
    sizes = np.asarray(sizes)
    counted = sizes > 0
    return sizes[counted] @ gradients[counted] / sizes.sum()
    ### END SOLUTION


# %%
print(average_gradients(np.array([[1.0, 0.0], [4.0, 3.0]]), [2, 1]).tolist())

# %%
check("9.4", average_gradients)

# %% [markdown] tags=["hints"]
# **Hints**
#
# 1. Worker A has the mean over 2 ratings, worker B over 1. How much should A's count?
# 2. Times its size, each mean is a sum again. Add up the sums, and divide by the number
#    of all ratings. And 0 · NaN is NaN: leave empty shares out first.
#
# ```python
# sizes = np.asarray(...)
# counted = sizes > 0
# return ...[counted] @ gradients[...] / ...
# ```
#
# **Notice**
#
# With equal shares it is the plain mean, so the mistake shows only where a batch does
# not divide evenly.

# %% [markdown]
# On real gradients: a batch of 1,000 ratings in shares of 700 and 300.

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
weighted = average_gradients(shares, [700, 300])
print(f"weighted mean: largest difference {np.abs(weighted - of_all).max():.1e}")
print(
    f"plain mean:    largest difference {np.abs(shares.mean(axis=0) - of_all).max():.1e}"
)

# %% [markdown]
# Keras' optimizers *add* the gradients of all workers. So in the step below each worker
# divides the sum of its squared errors by the size of the *whole* batch. This is your
# formula with the division done first.
#
# The two workers are two Python processes on this computer, connected by
# `tf.distribute.MultiWorkerMirroredStrategy`. The function below runs in each of them:
#
# - variables created inside `strategy.scope()` exist in each worker and are kept equal;
# - `strategy.run(f)` calls `f` in each worker with that worker's share;
# - `strategy.reduce("SUM", …)` adds up what the workers returned.
#
# If a worker fails, the others cannot continue: they get an error from the all-reduce,
# or wait in it. So one worker writes checkpoints (all have equal weights, so one is
# enough), and a supervisor outside ends all workers when one has failed, and restarts
# them from the last checkpoint. Here the supervisor is `run_workers` of the course's
# helpers. It starts the processes, gives each an equal part of the cores, and shows
# what they print. Early in the second epoch we kill worker 1 (with SIGKILL, the
# operating system ends a process at once).
#
# > **Note.** Keras 3's own `fit` does not support this strategy
# > ([keras issue 20585](https://github.com/keras-team/keras/issues/20585), open in 2026),
# > so the custom step is not optional here. Keras 3 has its own way, too:
# > `keras.distribution.DataParallel` and `ModelParallel`, for the JAX backend. There `fit`
# > needs no custom step, and a `LayoutMap` shards a table.


# %%
def make_strategy(n_workers):
    """Connect with the other workers; call it once in a process."""
    if n_workers == 1:
        return tf.distribute.get_strategy()  # the default: one worker
    return tf.distribute.MultiWorkerMirroredStrategy()


def simulate_failure(folder, worker, epoch, step):
    """Kill worker 1 early in the second epoch, once, if `folder` has a file `kill`."""
    if worker == 1 and epoch == 1 and step == 3 and (folder / "kill").exists():
        (folder / "kill").unlink()
        os.kill(os.getpid(), 9)  # SIGKILL: no Python code runs after it


def train_on_worker(worker, strategy, build, data, epochs, batch_size, rate, folder):
    """Train as one of the workers. Returns losses, weights, seconds per epoch."""
    user, movie, stars = data
    checkpoints = Checkpoints(folder)
    n_workers = strategy.num_replicas_in_sync
    keras.utils.set_random_seed(7)  # all workers start with equal weights
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
        # The all-reduce adds up whole tables, not lists of rows.
        gradients = [tf.convert_to_tensor(one) for one in gradients]
        # This includes the all-reduce.
        optimizer.apply(gradients, model.trainable_variables)
        return loss

    @tf.function
    def step(batch, ratings):
        losses = strategy.run(step_on_a_share, args=(batch, ratings))
        return strategy.reduce("SUM", losses, axis=None)

    losses, seconds = [], []
    for epoch in range(checkpoints.restore(state), epochs):
        order = np.random.default_rng(epoch).permutation(len(stars))
        of_epoch, started = [], time.perf_counter()
        for number in range(len(stars) // batch_size):  # drops an incomplete batch
            simulate_failure(folder, worker, epoch, number)
            whole = order[number * batch_size : (number + 1) * batch_size]
            mine = whole[worker::n_workers]  # this worker's share
            batch = {"user": user[mine], "movie": movie[mine]}
            of_epoch.append(float(step(batch, stars[mine])))
        seconds.append(time.perf_counter() - started)
        losses.append(np.mean(of_epoch))
        if worker == 0:
            print(f"  epoch {epoch + 1}: loss {losses[-1]:.4f}", flush=True)
            checkpoints.save(state, epoch + 1)
    return losses, weights_of(model), min(seconds)


# %% [markdown] tags=["question", "slide"]
# Matrix factorization with biases, in batches of 1,024: first one process with all cores of
# this computer, then two workers with half of the cores each. How long does an epoch take
# with two?
#
# - [ ] Half as long: each has half of the work
#   - And half of the cores. Two computers would halve the time for computing, at best.
# - [ ] About as long: the same work on the same cores
#   - That is right for the computing. But what do the workers send each other at each step?
# - [ ] Slightly longer: a little is lost by sending
#   - Count: a step computes with 1,024 rows, and sends the gradient of all tables.
# - [x] Much longer
#   - A step of this model computes very little, and then each worker waits for the
#     other. The cells below measure it.

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


def wide_model(width=1024):
    """More weights to send, and very much more to compute: a wide network."""
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    values = layers.Concatenate()(
        [layers.Embedding(n_users, 16)(user), layers.Embedding(n_movies, 16)(movie)]
    )
    for _ in range(2):
        values = layers.Dense(width, activation="relu")(values)
    rating = layers.Rescaling(1.0, offset=mean)(layers.Dense(1)(values))
    return keras.Model({"user": user, "movie": movie}, rating)


def train_both(worker, n_workers, folder):
    few = tuple(part[:4_096] for part in data)
    strategy = make_strategy(n_workers)
    return (
        train_on_worker(
            worker, strategy, small_model, data, 3, 1024, 0.01, folder / "small"
        ),
        train_on_worker(
            worker, strategy, wide_model, few, 2, 2048, 0.001, folder / "wide"
        ),
    )


folder = Path(tempfile.mkdtemp(dir=work))
for place in ("one/small", "one/wide", "two/small", "two/wide"):
    (folder / place).mkdir(parents=True)
(folder / "two" / "small" / "kill").touch()
print("1 worker")
one = train_both(0, 1, folder / "one")
print("2 workers")
two = run_workers(train_both, 2, folder / "two", n_workers=2, restarts=1)

alone, together, other = one[0], two[0][0], two[1][0]
print("losses, 1 worker: ", np.round(alone[0], 6))
print("losses, 2 workers:", np.round(together[0], 6), "after the restart")

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
    largest_difference(alone[0][1:], together[0]),
    at_most=10,
)

# %% [markdown]
# In spite of the failure, two workers end with the same weights as one, up to rounding
# in float32: only the work since the last checkpoint was repeated. This holds for
# *synchronous* training without dropout or batch normalization, which would draw or
# compute different numbers on a share than on the whole batch. The losses are compared
# too, because with Adam the weights alone hardly show whether the gradients were
# divided by the right number: Adam divides by the size of the gradients anyway.
#
# Here the whole batch stays at 1,024, and each worker gets half of it. Usually each
# worker keeps its batch size, so that it has enough to compute. Then the whole batch
# grows with the workers, there are fewer steps, and the learning rate has to be chosen
# anew: Goyal et al. (below) multiply it by the number of workers, after a slow start.
# That is another training, which ends with other weights.
#
# And the time? These are the seconds of the fastest epoch, without the restart. Both
# runs use the same cores, so a slowdown is what the communication costs.

# %% tags=["slide"]
seconds = pd.DataFrame(
    {
        "matrix factorization": {"1 worker": one[0][2], "2 workers": two[0][0][2]},
        "wide network": {"1 worker": one[1][2], "2 workers": two[0][1][2]},
    }
)
seconds.loc["slowdown with 2"] = seconds.iloc[1] / seconds.iloc[0]
seconds.round(2)

# %% [markdown]
# For matrix factorization two workers need several times as long as one process. The
# gradients of its tables take 0.2 MB, which is sent in far less time than a step loses.
# So most of the loss is the fixed cost of an all-reduce, which has to be paid in each
# step, however small. The wide network sends 25 times as much, but it computes tens of
# thousands of times as much for each rating. So it should lose much less, and on two
# computers, with twice the cores, it can win. In our run two workers take about as long
# as one, or slightly longer. Its run has only a few long steps, so the time varies:
# repeat the cell before you compare.
#
# With larger models the bytes count, too. So estimate the **computation per byte
# sent**, and the number of messages, before you add workers. Embedding tables have very
# many weights and little to compute for each, so plain data parallelism is a poor fit
# for them. Our step sends whole tables; a library may send only the rows of the batch.
#
# ## Sharded embedding tables
#
# An online service with 10⁹ users, 10⁸ items and 128 factors: what do its tables need?

# %%
n_rows, n_factors, batch = 10**9 + 10**8, 128, 8_192
weights = 4 * n_rows * n_factors  # bytes, float32
pd.Series(
    {
        "weights (GB)": weights / 1e9,
        "weights and Adam's slots (GB)": 3 * weights / 1e9,
        "dense gradient to all-reduce, each step (GB)": weights / 1e9,
        "rows of one batch (GB)": 2 * batch * n_factors * 4 / 1e9,
    }
).round(3)

# %% [markdown] tags=["slide", "sentence-25-26-27"]
# Two thirds of this are the slots of Adam. Large systems often use an optimizer that
# needs less. **Row-wise AdaGrad** keeps one number for each *row*, the sum of its mean
# squared gradients, and divides the step of the whole row by its root. For these tables
# that is 4.4 GB in place of 1,126 GB, and the update is sparse. TorchRec calls it
# `RowWiseAdagrad`. (Your lazy Adam is `torch.optim.SparseAdam` in PyTorch.)
#
# Does the table have to be that large? With the **hashing trick**, the row of an id is
# `hash(id) % n_rows`. Several ids share a row, nobody keeps a list of ids, and a new id
# has a row at once. Two small tables, one for the remainder and one for the quotient,
# give each id a combination of its own ([Shi et al.,
# 2020](https://arxiv.org/abs/1909.02107)). Numbers of 16 or 8 bits make a trained table
# smaller. And a model with a user tower (lesson 07) needs no table of users. Each of
# these may cost quality: measure it on rare ids.
#
# One server with 256 GB of memory does not hold these tables. There are servers with 2
# TB that do, and smaller models fit into any server. So these are the reasons to
# distribute a table:
#
# - **Accelerator memory.** Training runs on GPUs or TPUs, and a data-centre GPU such as the
#   NVIDIA H100 has 80 GB.
# - **Bandwidth.** A lookup computes almost nothing, so it is as fast as the memory. The
#   H100 reads its own memory at about 3 TB per second, but a server's memory, over the
#   PCIe bus, at some 60 GB per second.
# - **Throughput.** Many accelerators train on many batches at once. The last two rows
#   of the table show the difference between sending dense gradients and sending rows.
#
# So large systems **shard** their tables: each device holds some of the rows. A device that
# needs a row asks the one that holds it, and sends the row's gradient back. This is **model
# parallelism**. Usually it is combined with data parallelism for the dense layers:
#
# | property | data parallelism | sharded tables |
# | --- | --- | --- |
# | each device holds | all weights | a part of the rows |
# | sent in each step | gradients of all weights (all-reduce) | the batch's rows and their gradients (all-to-all: each device sends something else to each other device) |
# | suits | dense layers | embedding tables |
#
# The shard of a row follows from the row's number alone, since a list of places would be as
# long as the table. And each shard numbers its own rows from 0 without gaps, because gaps
# would waste memory.

# %% [markdown]
# ### Exercise 9.5 — shard a table (6 minutes)
#
# Complete two functions. `shards_needed` counts the shards that a table needs.
# `locate_rows` says on which shard a row is, and which number it has there.


# %%
def shards_needed(n_bytes, bytes_per_shard):
    """The fewest shards that can hold `n_bytes`, each `bytes_per_shard` at most.

    Parameters
    ----------
    n_bytes, bytes_per_shard : int
        At least 1.

    Returns
    -------
    int

    Examples
    --------
    >>> shards_needed(100, 50), shards_needed(101, 50)
    (2, 3)
    """
    ### BEGIN SOLUTION
    return (n_bytes + bytes_per_shard - 1) // bytes_per_shard
    ### END SOLUTION


def locate_rows(rows, n_shards):
    """Where each row of a table is.

    Parameters
    ----------
    rows : numpy.ndarray of int, shape (n,)
        Some of a table's rows, in any order.
    n_shards : int

    Returns
    -------
    shard : numpy.ndarray of int, shape (n,), from 0 to n_shards - 1
    local_row : numpy.ndarray of int, shape (n,)
        The number of the row within its shard, from 0. Both follow from a row's number
        alone. For the rows 0, 1, …, n - 1 of a table, whatever its n, no shard has a
        gap in its numbers, and the sizes of two shards differ by one row at most.

    Examples
    --------
    >>> shard, local_row = locate_rows(np.arange(7), 3)
    >>> sorted(np.bincount(shard).tolist())
    [2, 2, 3]
    """
    ### BEGIN SOLUTION
    return rows % n_shards, rows // n_shards
    ### END SOLUTION


# %%
print(shards_needed(100, 50), shards_needed(101, 50))
shard, local_row = locate_rows(np.arange(7), 3)
print(shard.tolist(), local_row.tolist())

# %%
check("9.5", shards_needed, locate_rows)

# %% [markdown] tags=["hints"]
# **Hints**
#
# 1. Deal cards, numbered from 0, to players 0, 1 and 2 in turn. Who gets card 7, and
#    how many cards did they have before?
# 2. The remainder of a division is the player (`%`), the whole part the number of cards
#    that they had before (`//`). For the number of shards round *up*.
#
# ```python
# def locate_rows(rows, n_shards):
#     return rows % ..., ...
# ```
#
# **Notice**
#
# Neighbouring rows are on different shards. That balances the load: new users have
# neighbouring rows, and many of them are active at the same time.

# %%
print(
    "accelerators of 80 GB, half of it for tables:",
    shards_needed(3 * weights, 40 * 10**9),
)
shard, _ = locate_rows(np.random.default_rng(0).integers(n_rows, size=8_192), 43)
counts = np.bincount(shard.astype(int), minlength=43)
print(f"rows of a batch on each of 43 shards: {counts.min()} to {counts.max()}")

# %% [markdown]
# The rows of this batch are drawn uniformly, so the shards differ by chance only. A
# step waits for the busiest one. Real batches follow a long tail: the most popular
# items are in every batch, and the shards that hold them would be busier. Some systems
# copy the most popular rows to every device.
#
# You would not write this by hand. **KerasRS** has `keras_rs.layers.DistributedEmbedding`: you
# describe the tables and the features that read them, and the layer places the tables. On
# TPUs with SparseCore it shards them over the chips, and each table has an optimizer of its
# own. On CPUs and GPUs it has the same interface without that acceleration, and shards only if
# you set a `keras.distribution`; here it runs unsharded. The layer is a preview, so its
# interface may change. For PyTorch, [TorchRec](https://docs.pytorch.org/torchrec/) shards tables on GPUs.

# %%
features = {
    name: FeatureConfig(
        name=name,
        table=TableConfig(f"{name}_factors", vocabulary_size=size, embedding_dim=16),
        input_shape=(1024,),
        output_shape=(1024, 16),
    )
    for name, size in [("user", n_users), ("movie", n_movies)]
}
vectors = DistributedEmbedding(features)(few)
print({name: tuple(values.shape) for name, values in vectors.items()})

# %% [markdown]
# ## What to remember
#
# - Ratings can stay on a disk: read them in blocks, shuffle the blocks, and shuffle inside
#   the blocks.
# - The time of a dense update grows with the table, that of a sparse update with the batch.
#   Look for other operations that touch the whole table: copies, and the L2 penalty.
# - A custom training step needs training mode, the layers' own losses, and matching shapes.
# - Synchronous data parallelism without dropout or batch normalization learns what one
#   worker learns. Whether it is faster depends on the computation per byte sent.
# - Save weights, slots and epoch; rename a checkpoint when it is complete; let a supervisor
#   restart the workers.
# - Shard large embedding tables, and replicate the dense layers.
#
# ## Where to read on
#
# - P. Goyal et al., [Accurate, Large Minibatch SGD](https://arxiv.org/abs/1706.02677), 2017:
#   data parallelism on 256 GPUs, and what to do with the learning rate.
# - M. Naumov et al., [Deep Learning Recommendation Model for Personalization and
#   Recommendation Systems](https://arxiv.org/abs/1906.00091), 2019: tables sharded, networks
#   copied.
# - D. Mudigere et al., [Software-Hardware Co-design for Fast and Scalable Training of Deep
#   Learning Recommendation Models](https://arxiv.org/abs/2104.05158), 2022: tables sharded by
#   rows, by columns and by table, for a model with 12 trillion weights.
# - The [guide to KerasRS](https://keras.io/keras_rs/), with examples of
#   `DistributedEmbedding`.
#
# **Next:** this was the last lesson. Build something: your own ratings, another data set, a
# model from the reading lists, and a baseline beside it.

# %% tags=["instructor"]
# Minutes: 70. The exercises take 34, the rest is reading, two quizzes and the
# measurements. If time is short, leave out "Memory-mapped ratings and shuffling" and
# 9.1.
#
# The workers need about 1 GB of memory each; where a computer has less, show the
# solution's outputs. Times differ between computers: let students argue with their own.
#
# Misconceptions: "an optimizer updates only what has a gradient"; "two workers are twice
# as fast"; "with more workers the model becomes another one"; "sharding is for tables
# that do not fit into a server".
#
# Open questions, each for 2 points:
#
# How could the table of users become ten times smaller, and how would you notice what it
# costs? 2: share rows between users (hashing), fewer factors or smaller numbers, and a
# comparison on validation ratings, best by how many ratings a user has; 1: one of the
# two; 0: "buy more memory".
#
# How often should a training of several days write a checkpoint? 2: weighs the time to
# write one against the expected work lost, which is half an interval for each failure;
# 1: only one of the two sides; 0: "as often as possible".
#
# Written questions, in five sentences each, no code:
#
# 1. With two workers on the same cores, an epoch of matrix factorization took several times
# as long, but an epoch of the wide network hardly longer. Explain the difference,
# and say what large systems do with their tables instead. Model answer: In each step the workers
# compute the gradients of their shares, and then exchange the gradients of all weights.
# Matrix factorization computes very little for a batch, so most of the time is spent on
# the exchange. The wide network computes tens of thousands of times more, so the exchange matters
# less. What counts is the computation per byte sent, and embedding tables have many
# weights and little to compute for each. So large systems shard the tables and send only
# the rows of a batch and their gradients.
#
# Rubric: 2 for an exchange in each step, computation per byte, and shards or sparse
# updates; 1 for "sending takes time" without comparing it with the computing; 0 for "two
# workers learn something else".
#
# 2. A colleague replaces Adam by LazyAdam in a model with Keras' Embedding and
# `embeddings_regularizer="l2"`, and finds that a step takes as long as before. What is
# the reason, and what would you change? Model answer: LazyAdam saves time only for
# gradients that are lists of rows. The L2 penalty is a sum over all rows of the table, so
# the gradient of every row is different from zero, and the gradient is dense. Besides,
# the Embedding layer copies the whole table in each step. I would penalize only the
# vectors that were looked up, and read them with `tf.gather` from the variable. Then I
# would measure a step with two sizes of the table, and compare the validation error.
#
# Rubric: 2 for the dense gradient of the penalty and a penalty on the looked-up rows; 1
# for one of them, or for the copy alone; 0 for "LazyAdam is slower on CPUs".
