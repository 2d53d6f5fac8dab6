# %% [markdown] tags=["badge"]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/neural-recsys-course/neural-recsys-course/blob/v1.0.0/notebooks/02_dot_model.ipynb) [![Open in Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/neural-recsys-course/neural-recsys-course/v1.0.0?labpath=notebooks%2F02_dot_model.ipynb)

# %% [markdown]
# # 2 · Matrix factorization: a vector for each user and each movie
#
# In lesson 01 a user was one number, the bias, which says how generous or strict they
# are. But two equally strict people may disagree about every single movie. In this
# lesson each user becomes a *vector*, a short list of numbers, and so does each movie.
# A rating is predicted from how well the two lists match. This model is called matrix
# factorization, and most models of this course grow out of it.
#
# **When you have finished, you can**
#
# - write down the model and the objective of matrix factorization, and say what its
#   latent factors are;
# - say what an embedding is, and compute one with NumPy alone;
# - build the model twice, with Keras' functional API and as a subclass, and predict its
#   number of weights before Keras counts them;
# - test that a model scores each pair of a batch separately;
# - read a training and a validation curve, and stop a model before it overfits;
# - find a learning rate by a search, and change it during training with a schedule.
#
# **Time** 70 minutes to work through, about a minute of computing.
# **Before this** lesson 01, the matrix product, and a first Keras model (what a layer, a
# loss and an epoch are).

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

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers, ops

from helpers import check, hint, plots, quiz, reveal
from helpers.baselines import BiasBaseline
from helpers.data import load_movielens
from helpers.metrics import bootstrap_rmse, mae, rmse
from helpers.fold_in import what_to_watch
from helpers.scoreboard import add_to_scoreboard, show_scoreboard
from helpers.splits import pairs, random_split
from helpers.bands import verdict

plots.use_course_style()
keras.utils.set_random_seed(2)

# %% [markdown]
# The ratings and the split are those of lesson 01, so that the scores can be compared.
# `pairs` turns a frame into the input of our models, a dictionary with the row numbers
# of the users and of the movies.

# %%
movielens = load_movielens()
split = random_split(movielens, test=0.2, valid=0.1, seed=0)
train, valid, test = split.train, split.valid, split.test
train_pairs, valid_pairs, test_pairs = pairs(train), pairs(valid), pairs(test)
print({name: rows[:4] for name, rows in train_pairs.items()})
empty = 1 - len(train) / (split.n_users * split.n_movies)
print(f"{split.n_users} users × {split.n_movies:,} movies, {len(train):,} ratings")
print(f"{100 * empty:.0f} % of the table is empty")

# %% [markdown]
# ## A table as a product
#
# Write the training ratings as a matrix $R$, with a row for each user and a column for
# each movie. Nearly all of it is empty. **Matrix factorization** approximates $R$ by the
# product of two thin matrices,
#
# $$R \approx P\,Q^\top, \qquad
# \hat r_{ui} = p_u \cdot q_i = \sum_{f=1}^{k} p_{uf}\, q_{if}.$$
#
# $P$ has a row $p_u$ of $k$ numbers for each user $u$, and $Q$ has a row $q_i$ of $k$
# numbers for each movie $i$. The predicted rating $\hat r_{ui}$ is the **dot product** of
# the two rows, which multiplies them element by element and adds up. $P$ and $Q$ have no
# empty cells, so their product has a prediction for every empty cell of $R$.

# %%
rng = np.random.default_rng(311)
P = rng.uniform(0.4, 2.0, size=(8, 2)).round(1)
Q = rng.uniform(0.4, 2.0, size=(10, 2)).round(1)
R = np.where(rng.random((8, 10)) < 0.4, (P @ Q.T).clip(1, 5).round(), np.nan)
user, movie = 2, 6
R[user, movie] = np.nan

panels = plt.figure(figsize=(8.2, 3.4)).subplots(1, 3, width_ratios=[10, 2, 10])
for axes, table, row, column in [
    (panels[0], R, user, movie),
    (panels[1], P, user, slice(None)),
    (panels[2], Q.T, slice(None), movie),
]:
    shade = np.where(np.isnan(table), 0.0, 0.15)
    shade[row, column] = 0.55
    axes.pcolormesh(shade, cmap="Blues", vmin=0, vmax=1, edgecolors="lightgrey")
    for (y, x), value in np.ndenumerate(table):
        text = "" if np.isnan(value) else f"{value:g}"
        axes.text(x + 0.5, y + 0.5, text, ha="center", va="center")
    axes.set(aspect="equal", xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    axes.invert_yaxis()
panels[0].text(movie + 0.5, user + 0.5, "?", ha="center", va="center")
panels[0].set_title("R, the known ratings")
panels[0].set_xlabel("10 movies")
panels[0].set_ylabel("8 users")
panels[1].set_title("≈ P")
panels[1].set_xlabel("2 factors")
panels[2].set_title("× Qᵀ")
panels[2].set_xlabel("10 movies")
plt.show()
print(f"{P[user]} · {Q[movie]} = {P[user] @ Q[movie]:.1f}")

# %% [markdown]
# *Reading the figure:* the dark row of $P$ belongs to a user, the dark column of
# $Q^\top$ to a movie. Their dot product, printed below the figure, fills the dark cell of
# $R$. Our table has 943 × 1,682 cells, and $k$ will be 64 instead of 2.
#
# The $k$ numbers of a row are called **latent factors**. They are called latent, or
# hidden, because nobody names or measures them: they are learned from the ratings.
# Nothing else is used about a user or a movie, so this is collaborative filtering, like
# the biases of lesson 01. $P$ and $Q$ are chosen to make the squared error on the known
# ratings small,
#
# $$\min_{P,\,Q} \sum_{(u,i) \in K} (r_{ui} - p_u \cdot q_i)^2
# + \lambda \left(\lVert P \rVert^2 + \lVert Q \rVert^2\right),$$
#
# where $K$ holds the pairs whose rating is known. The second term is a penalty on large
# numbers, and $\lambda \ge 0$ sets its strength. We begin without it, and find out later
# in this lesson what it does.
#
# The model became famous with the Netflix Prize. In October 2006 Netflix published 100
# million ratings and offered a million dollars for an RMSE 10 % below that of its own
# system. In December of that year Simon Funk, who was tied for third place, [explained on
# his website](https://sifter.org/simon/journal/20061211.html) how he had fitted such a
# model by gradient descent. In 2009 Koren, Bell and Volinsky, of the team that won the
# prize, described the model and its extensions in [an
# article](https://doi.org/10.1109/MC.2009.263) that is still the standard introduction.
#
# ## A rating from two factors
#
# To see how a product of factors can predict taste, suppose that the two factors had
# names, *action* and *romance*. We know how much of each a movie contains, and how much
# each user cares for it.

# %%
cares_for = np.array([[2.0, 0.0], [0.0, 2.0], [1.0, 1.0]])  # Ann, Bo, Cleo
contains = np.array([[2.0, 0.1], [0.2, 2.0], [1.3, 1.2], [0.1, 0.1]])
scores = cares_for @ contains.T

axes = plt.figure(figsize=(6, 2.8)).add_subplot()
axes.imshow(scores, cmap="cividis", aspect="auto")
for (row, column), score in np.ndenumerate(scores):
    color = "black" if score > 2 else "white"
    axes.text(column, row, f"{score:.1f}", ha="center", va="center", color=color)
axes.set_yticks(range(3), ["Ann (action)", "Bo (romance)", "Cleo (both)"])
axes.set_xticks(range(4), ["Die Hard", "Notting Hill", "Titanic", "a lecture"])
axes.set_title("Scores by dot product")
axes.grid(False)
plt.show()

# %% [markdown]
# *Reading the figure:* row by row. A score is large where user and movie are large in the
# same factor. Ann's best movie is Die Hard and Bo's is Notting Hill. Cleo likes both, and
# gets Titanic.
#
# That is the entire model. Training has to find such numbers by itself, and the factors
# it finds have no names.
#
# ## An embedding is a table
#
# In Keras, $P$ and $Q$ are embeddings. An **embedding** is a table with one row of
# numbers for each user (or movie), and *to embed* a user means to look up their row. The
# numbers start out random and are changed by training, like any other weights.
#
# ### Exercise 2.1 — look up rows, twice (5 minutes)
#
# Textbooks often draw an embedding as a matrix product. The row number is written as a
# **one-hot vector**, which is 0 everywhere but for a 1 at that place, and multiplied with
# the table. Write both ways, and see that they agree.


# %%
def look_up(table, rows):
    """Return rows of a table, by indexing.

    Parameters
    ----------
    table : numpy.ndarray of float, shape (n_rows, n_factors)
    rows : numpy.ndarray of int, shape (n,)
        From 0 to n_rows - 1, in any order; a row may be there more than once.

    Returns
    -------
    numpy.ndarray, shape (n, n_factors)

    Examples
    --------
    >>> look_up(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1, 1, 0])).tolist()
    [[3.0, 4.0], [3.0, 4.0], [1.0, 2.0]]
    """
    raise NotImplementedError("Exercise 2.1: look up rows, twice")


def multiply_one_hot(table, rows):
    """Return the same rows, as a product of one-hot vectors with the table.

    Takes and returns what `look_up` does, but does not look up in the table. (`np.eye(n)`
    is an n × n matrix whose row i is the one-hot vector of i.)
    """
    raise NotImplementedError("Exercise 2.1: look up rows, twice")


# %%
table = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
print(look_up(table, np.array([2, 0])))
print(multiply_one_hot(table, np.array([2, 0])))

# %%
check("2.1", look_up, multiply_one_hot)

# %% [markdown]
# Both ways give the same rows. The product says what an embedding *is*, a dense layer
# without bias or activation on a one-hot input. The look-up is how it is computed,
# because multiplying by a thousand zeros to read one row is a waste.
#
# ## A batch of pairs
#
# A network sees the ratings in **batches**, some hundreds or a thousand at a time. A
# batch of 512 pairs gives 512 user vectors and 512 movie vectors.
#
# **Before you run anything,** answer this.

# %%
quiz("2.a")

# %% [markdown]
# ### Exercise 2.2 — score a batch of pairs (5 minutes)
#
# Write the dot product for a whole batch, with Keras operations: `ops.sum` takes
# `axis` and `keepdims`, as NumPy's does.


# %%
def score_pairs(user_vectors, movie_vectors):
    """Score each (user, movie) pair of a batch.

    Parameters
    ----------
    user_vectors, movie_vectors : tensor, shape (n_pairs, n_factors), float32
        Row i of one belongs to row i of the other.

    Returns
    -------
    tensor, shape (n_pairs, 1), float32
        One score per pair, for any number of pairs. (In exercise 2.6 a model uses this
        function. Inside `fit` the number of pairs is unknown: no loop over them, no NumPy.)

    Examples
    --------
    >>> one, other = ops.array([[1.0, 2.0], [3.0, 4.0]]), ops.array([[1.0, 1.0], [0.0, 2.0]])
    >>> ops.convert_to_numpy(score_pairs(one, other)).tolist()
    [[3.0], [8.0]]
    """
    raise NotImplementedError("Exercise 2.2: score a batch of pairs")


# %%
one, other = ops.array([[1.0, 2.0], [3.0, 4.0]]), ops.array([[1.0, 1.0], [0.0, 2.0]])
score_pairs(one, other)

# %%
check("2.2", score_pairs)

# %% [markdown]
# Each of the 512 pairs gets its own score. The operation is simple, and still easy to get
# wrong. The example on collaborative filtering in the Keras documentation computed it like
# this ([source](https://github.com/keras-team/keras-io/blob/ff6a507b2737777a8845ff9a2f1caf7f53ce3e78/examples/structured_data/collaborative_filtering_movielens.py)):


# %%
def score_pairs_as_published(user_vectors, movie_vectors):
    return ops.tensordot(user_vectors, movie_vectors, 2)


print(ops.convert_to_numpy(score_pairs_as_published(one, other)))

# %% [markdown]
# Two pairs went in, and one number came out. With a 2 as its last argument, `tensordot`
# sums over *two* axes, over the factors, as it should, and over the batch. In the example a
# bias is added afterwards, and **broadcasting** repeats the one number for the whole batch.
# So all shapes fit, and the loss falls, since the biases still learn. A reader reported it
# in March 2021 ([keras-io issue 397](https://github.com/keras-team/keras-io/issues/397)).
# The answer, in 2023, was that the implementation "holds good", because its output has the
# right shape. The values need a test, too.
#
# ### Exercise 2.3 — write the test that finds it (8 minutes)
#
# Write that test. Each pair's score must be the same, whether the pair is scored alone or
# in a batch.


# %%
def scores_each_pair_alone(score, user_vectors, movie_vectors):
    """Tell whether a scoring function treats the pairs of a batch separately.

    Parameters
    ----------
    score : callable
        Takes two tensors of shape (n, n_factors), n at least 1, returns a tensor with
        the scores. A right one returns shape (n, 1); a wrong one any shape, (n, 1)
        included.
    user_vectors, movie_vectors : tensor, shape (n_pairs, n_factors), n_pairs > 1

    Returns
    -------
    bool
        True if there are n_pairs scores *and* each is within 1e-4 of the score of that
        pair on its own. (`user_vectors[i : i + 1]` is a batch of one. Count the scores
        when they are flat: `ops.convert_to_numpy(scores).ravel()`.)
    """
    raise NotImplementedError("Exercise 2.3: write the test that finds it")


# %%
def score_pairs_in_a_model(user_vectors, movie_vectors):
    """The published way, as it looks once a bias of shape (n, 1) is added to it."""
    return score_pairs_as_published(user_vectors, movie_vectors) + ops.zeros(
        (ops.shape(user_vectors)[0], 1)
    )


some_users = keras.random.normal((8, 64), seed=0)
some_movies = keras.random.normal((8, 64), seed=1)
for function in (score_pairs, score_pairs_as_published, score_pairs_in_a_model):
    answer = scores_each_pair_alone(function, some_users, some_movies)
    print(f"{function.__name__:26} {answer}")

# %%
check("2.3", scores_each_pair_alone)

# %% [markdown]
# Your test should print True, False, False. If it prints True in the last line, it
# compares only the number of scores, not their values.

# %% [markdown]
# ## The model in Keras
#
# The model has two inputs, two tables and a dot product. In Keras' *functional* style
# we write down how tensors flow from one layer to the next, and Keras builds a graph of
# the layers.
#
# ### Exercise 2.4 — build it (8 minutes)
#
# Name the layers `user_factors` and `movie_factors`: from lesson 03 on we find
# them by name. `layers.Embedding(n, k, name=…)` is a table of n rows and k
# columns, `layers.Dot(axes=-1)` is your `score_pairs`, and
# `keras.Model({"user": user, "movie": movie}, output)` makes a model of it.


# %%
def build_dot_model(n_users, n_movies, n_factors=64, l2=0.0):
    """Build the dot-product model: rating = user vector · movie vector.

    Parameters
    ----------
    n_users, n_movies : int
        Rows of the two tables: indices run from 0 to n - 1.
    n_factors : int
        Columns of both.
    l2 : float
        Both tables get `embeddings_regularizer=keras.regularizers.L2(l2)`; 0 means
        none. Keras' loss is a mean over the ratings, and the objective above is a sum,
        so l2 is λ divided by the number of training ratings.

    Returns
    -------
    keras.Model
        Functional. Takes ``{"user": int32 (n,), "movie": int32 (n,)}``, returns
        float32 of shape (n, 1). Its embeddings are called `user_factors`,
        `movie_factors`.
    """
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    raise NotImplementedError("Exercise 2.4: build it")


# %%
model = build_dot_model(split.n_users, split.n_movies)
plots.draw_model(model, count_weights=False)

# %%
check("2.4", build_dot_model)

# %% [markdown]
# *Reading the drawing:* from top to bottom. The row numbers of the user and of the movie
# go in, each is looked up in its table (64 numbers each), and one number comes out.
#
# ### Exercise 2.5 — predict the size (3 minutes)
#
# How many weights does the model have? Write the formula, *then* let Keras
# count.


# %%
def count_weights(n_users, n_movies, n_factors):
    """Return the number of trainable weights of the dot-product model.

    Parameters
    ----------
    n_users, n_movies, n_factors : int

    Returns
    -------
    int

    Examples
    --------
    >>> count_weights(n_users=3, n_movies=4, n_factors=2)
    14
    """
    raise NotImplementedError("Exercise 2.5: predict the size")


# %%
print(f"by formula {count_weights(split.n_users, split.n_movies, 64):,}")
print(f"by Keras   {model.count_params():,}")

# %%
check("2.5", count_weights)

# %% [markdown]
# The model has 168,000 weights for 72,000 training ratings, more than two for each. With
# so many weights it can memorize its training set.
#
# ## The same model as a subclass
#
# The functional style draws a graph of layers. Some models need more than a graph, for
# example a loop, or a look-up in another table as in lesson 04. They are written as a
# class, with the layers made in `__init__` and used in `call`.
#
# ### Exercise 2.6 — the same, as a class (6 minutes)
#
# Make the two tables in `__init__`, the users' first, with the names of exercise 2.4, and
# use your `score_pairs` in `call`, which gets the same dictionary of pairs. L2 is not
# needed here.


# %%
class DotModel(keras.Model):
    """The dot-product model as a subclass, without L2.

    Parameters, inputs, outputs and the names of the two layers, `user_factors` and
    `movie_factors`, as for `build_dot_model`.
    """

    def __init__(self, n_users, n_movies, n_factors=64, **kwargs):
        super().__init__(**kwargs)
        raise NotImplementedError("Exercise 2.6: the same, as a class")

    def call(self, pairs):
        raise NotImplementedError("Exercise 2.6: the same, as a class")


# %%
subclassed = DotModel(split.n_users, split.n_movies)
few_pairs = {name: rows[:5] for name, rows in train_pairs.items()}
subclassed(few_pairs)  # the first call builds the tables
subclassed.set_weights(model.get_weights())
difference = np.abs(model(few_pairs) - subclassed(few_pairs)).max()
print(f"largest difference between the two: {difference:.1e}")

# %%
check("2.6", DotModel)

# %% [markdown]
# With the same weights both give the same scores, so they are the same model. Use the
# style that reads better; Keras trains both in the same way.
#
# ## Before training
#
# The tables start with small random numbers. Guess first.

# %%
quiz("2.b")

# %%
untrained = model.predict(valid_pairs, batch_size=8192, verbose=0)
print(f"predictions between {untrained.min():.4f} and {untrained.max():.4f}")
print(
    f"MAE {mae(valid['rating'], untrained):.2f}, RMSE {rmse(valid['rating'], untrained):.2f}"
)

# %% tags=["nbval-check-output"]
verdict("RMSE before training", rmse(valid["rating"], untrained), inside=(3.5, 3.9))

# %% [markdown]
# All predictions are close to 0, so the MAE is the mean rating, about 3.5 stars. The RMSE
# is a little larger, because squaring gives the fives more weight than the ones. Look at
# this number before you train any model: it shows that data and metric fit together, and
# where the training curve will start.
#
# ## Training
#
# `compile` says what to minimize (the mean squared error, MSE) and how (Adam). The metric
# is what we want to read, the RMSE in stars.
#
# > **Note.** `steps_per_execution=20` hands 20 batches at a time to TensorFlow. The
# > result is the same, and an epoch takes less time, because with a model as small as
# > ours the return to Python after each batch takes a good part of it.
# > `optimizer.build` creates Adam's own tables beforehand. Otherwise Keras creates them
# > during the first step, and has to compile the step twice.


# %%
def train_model(model, learning_rate=0.005, epochs=10, loss="mse", callbacks=()):
    """Compile and fit a model on the training pairs; return Keras' history."""
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate),
        loss=loss,
        metrics=[keras.metrics.RootMeanSquaredError(name="rmse")],
        steps_per_execution=20,
    )
    model.optimizer.build(model.trainable_variables)
    return model.fit(
        train_pairs,
        train["rating"].to_numpy(),
        validation_data=(valid_pairs, valid["rating"].to_numpy()),
        batch_size=1024,
        validation_batch_size=8192,
        epochs=epochs,
        callbacks=list(callbacks),
        verbose=0,
    )


model = build_dot_model(split.n_users, split.n_movies)
history = train_model(model)
plots.plot_history(
    history,
    "Matrix factorization overfits",
    metric="rmse",
    unit="stars",
    ylim=(0.4, 1.6),
)
# %% [markdown]
# *Reading the figure:* in the first epochs, partly above the frame, both curves fall
# steeply, while the vectors grow until their products reach about 3.5. Then the curves
# part. The training error (solid) keeps falling, and the validation error (dashed)
# turns and rises. From there on the model fits the training ratings better and the
# validation ratings worse. This is **overfitting**.
#
# > **Note.** In the first epochs the validation error is the lower of the two. Keras
# > averages the training error over an epoch in which the model is still improving, and
# > measures the validation error at its end.

# %%
last = rmse(valid["rating"], model.predict(valid_pairs, batch_size=8192, verbose=0))
best = min(history.history["val_rmse"])
print(f"validation RMSE: best epoch {best:.3f}, last epoch {last:.3f}")

# %% [markdown]
# The last epoch is worse than the best one by about three hundredths of a star.
#
# ## Three ways to reduce overfitting
#
# **Early stopping** ends the training when the validation error has stopped improving,
# here for two epochs (`patience=2`), and keeps the weights of the best epoch. A callback
# does this. The function below sets the random seed, because we want to compare several
# runs.


# %%
stop_early = keras.callbacks.EarlyStopping(
    monitor="val_rmse", mode="min", patience=2, restore_best_weights=True
)


def train_and_stop(seed=2, n_factors=64, l2=0.0, loss="mse"):
    """Train a model until its validation RMSE stops improving; return it."""
    keras.utils.set_random_seed(seed)
    model = build_dot_model(split.n_users, split.n_movies, n_factors, l2)
    train_model(model, epochs=40, loss=loss, callbacks=[stop_early])
    return model


def best_rmse(model):
    """Return the validation RMSE of the epoch whose weights were kept."""
    return min(model.history.history["val_rmse"])


stopped = train_and_stop()
n_epochs = len(stopped.history.epoch)
print(f"after {n_epochs} epochs: validation RMSE {best_rmse(stopped):.3f}")

# %% [markdown]
# **Fewer factors** leave less room for memorizing.
#
# **Regularization** makes large weights expensive: it turns on the penalty of the
# objective, $\lambda\,(\lVert P \rVert^2 + \lVert Q \rVert^2)$, which is called an **L2
# penalty**. A model that is trained with it is *regularized*. The penalty pulls all
# weights towards 0. This is **shrinkage**, as for the biases in lesson 01. What does it
# do to *this* model?

# %%
quiz("2.c")

# %% [markdown]
# We train the model with 64 factors once more, with another random seed. A difference
# between two versions means little if it is no larger than the difference between two
# seeds of one version.

# %%
scores = {
    "64 factors": [best_rmse(stopped), best_rmse(train_and_stop(seed=3))],
    "16 factors": [best_rmse(train_and_stop(n_factors=16))],
    "64 factors, L2 1e-4": [best_rmse(train_and_stop(l2=1e-4))],
}

axes = plt.figure(figsize=(7, 2.2)).add_subplot()
for row, values in enumerate(scores.values()):
    axes.plot(values, [row] * len(values), "o", color=plots.BLUE, alpha=0.6)
    said = ", ".join(f"{value:.3f}" for value in sorted(values))
    axes.annotate(said, (np.mean(values), row - 0.35), ha="center")
axes.set_yticks(range(len(scores)), list(scores))
axes.set_ylim(len(scores) - 0.5, -0.8)
axes.set_xlabel("validation RMSE (stars), lower is better")
axes.set_title("Early stopping, fewer factors and L2")
plt.show()

# %% [markdown]
# *Reading the figure:* each point is one training. The penalty of 1e-4 is strong here:
# multiplied by the 72,000 ratings, it is λ = 7.2. It raises the RMSE by far more than
# the two seeds of the first row differ. Sixteen factors do about as well as 64, with a
# quarter of the weights. Which of the two is better, so few runs cannot tell.
#
# The penalty cannot distinguish "this user loves westerns" from "ratings are about
# 3.5". Both are made of the same weights, and it penalizes both. [fast.ai's first
# course](https://github.com/fastai/courses/blob/master/deeplearning1/nbs/lesson4.ipynb)
# trained this model with a penalty of 1e-4, noted that it did not work well, and added
# biases. Lesson 03 does the same, and there the penalty no longer shrinks the mean.
#
# ## Finding a learning rate
#
# The **learning rate** says how far a step of training moves the weights. If it is too
# small, training is slow. If it is too large, the steps overshoot. A cheap way to find a
# good one is to start from the same weights, train one epoch at each of several rates, and
# see where the loss falls fastest. This is a coarse form of the *learning-rate range test*
# ([Smith 2017](https://arxiv.org/abs/1506.01186)).
#
# ### Exercise 2.7 — train for one epoch (8 minutes)
#
# Until now `train_model` did the training for you. This time do it yourself. Compile the
# model with Adam at the given rate and the mean squared error, fit it for one epoch in
# batches of 1,024, and return the training loss of that epoch. `fit` returns a history
# object whose `history["loss"]` is a list with one entry per epoch.


# %%
def loss_after_one_epoch(model, learning_rate, pairs, ratings):
    """Train a model for one epoch; return the training loss (MSE) that `fit` reports for it.

    That is the mean over the batches of the epoch, each before its own step.

    Parameters
    ----------
    model : keras.Model
        Not trained yet; it is trained here.
    learning_rate : float
        For `keras.optimizers.Adam`.
    pairs : dict of numpy.ndarray
        ``{"user": int32 (n,), "movie": int32 (n,)}``
    ratings : numpy.ndarray of float, shape (n,), in stars

    Returns
    -------
    float : as it is, not rounded
    """
    raise NotImplementedError("Exercise 2.7: train for one epoch")


# %%
check("2.7", loss_after_one_epoch)

# %%
learning_rates = [0.001, 0.003, 0.01, 0.03, 0.1]
losses = []
for rate in learning_rates:
    keras.utils.set_random_seed(2)
    fresh = build_dot_model(split.n_users, split.n_movies)
    losses.append(
        loss_after_one_epoch(fresh, rate, train_pairs, train["rating"].to_numpy())
    )
print([f"{loss:.2f}" for loss in losses])
axes = plt.figure().add_subplot()
axes.plot(learning_rates, losses, "o-")
axes.set_xscale("log")
axes.set_yscale("log")
axes.set_xticks(learning_rates, learning_rates)
axes.set_yticks([5, 10, 20, 40], [5, 10, 20, 40])
axes.minorticks_off()
axes.set_xlabel("learning rate")
axes.set_ylabel("training loss after one epoch (MSE)")
axes.set_title("Slow on the left, overshooting on the right")
plt.show()

# %% [markdown]
# *Reading the figure:* the curve is a valley. On the left the steps are too small to get
# far in one epoch, and on the right they overshoot. The lowest point, 0.03, is the fastest
# rate for *one* epoch, and close to the rates that overshoot. Choose a rate well to the
# left of it, where the curve has begun to fall, between 0.003 and 0.01. The 0.005 of this
# lesson was found in this way.
#
# > **Note.** The losses are large because each is a mean over the whole first epoch,
# > including its beginning.
#
# ## A learning-rate schedule
#
# Large steps make fast progress early, and small steps settle later. A plan of learning
# rates is called a **schedule**. fast.ai's notebook, cited above, trains one epoch at 0.001
# to warm up, three at 0.01 and six at 0.001. It assigns `model.optimizer.lr` in between,
# the name that Keras used in 2016. Try the assignment in Keras 3.

# %%
optimizer = keras.optimizers.Adam(0.001)
optimizer.lr = 0.01
print(f"learning rate: {float(optimizer.learning_rate):.3f}")

# %% [markdown]
# The rate has not changed, and no error was raised. Python created a new attribute,
# `lr`, which the optimizer never reads. The name in Keras 3 is `learning_rate`. A whole
# schedule is best passed to the optimizer when it is made.
#
# ### Exercise 2.8 — turn epochs into a schedule (6 minutes)
#
# `keras.optimizers.schedules.PiecewiseConstantDecay(boundaries, values)` counts in
# *steps*, one per batch, from 0, and we think in epochs. Up to and including step
# `boundaries[0]` it gives `values[0]`, and so on, so it needs one more value than
# boundaries.


# %%
def stepwise(epochs, rates, steps_an_epoch):
    """Make a learning-rate schedule: constant for some epochs, then another rate.

    Parameters
    ----------
    epochs : sequence of int
        How many epochs each rate lasts, for example ``(1, 3, 6)``.
    rates : sequence of float, as long as `epochs`
    steps_an_epoch : int

    Returns
    -------
    keras.optimizers.schedules.PiecewiseConstantDecay
        Callable with a step number.

    Examples
    --------
    >>> schedule = stepwise((1, 2, 1), (0.001, 0.01, 0.002), steps_an_epoch=100)
    >>> [round(float(schedule(step)), 4) for step in (0, 99, 100, 299, 300)]
    [0.001, 0.001, 0.01, 0.01, 0.002]
    """
    raise NotImplementedError("Exercise 2.8: turn epochs into a schedule")


# %%
schedule = stepwise((1, 2, 1), (0.001, 0.01, 0.002), steps_an_epoch=100)
print([round(float(schedule(step)), 4) for step in (0, 99, 100, 299, 300)])

# %%
check("2.8", stepwise)

# %%
keras.utils.set_random_seed(2)
steps_an_epoch = int(np.ceil(len(train) / 1024))
schedule = stepwise((1, 3, 6), (0.001, 0.01, 0.001), steps_an_epoch)
scheduled = build_dot_model(split.n_users, split.n_movies)
history = train_model(
    scheduled, learning_rate=schedule, epochs=10, callbacks=[stop_early]
)
plots.plot_history(
    history,
    "One epoch at 0.001, three at 0.01, the rest at 0.001",
    metric="rmse",
    unit="stars",
    ylim=(0.4, 1.6),
)
print(f"best validation RMSE {min(history.history['val_rmse']):.3f}")
# %% [markdown]
# *Reading the figure:* the first epoch lies above the frame, and the fast epochs bring
# most of the progress. When the rate goes down, the validation error falls once more,
# and then it stays flat instead of turning up, so it matters less when we stop. The
# lowest error is about that of the constant rate. The training error keeps falling:
# small steps slow down overfitting, but do not prevent it.
#
# > **Note.** We trained on squared errors. Some of the public notebooks train on *absolute*
# > errors instead, which `train_and_stop(loss="mae")` does. The expected squared error is
# > smallest at the mean of the ratings that a user might give, the expected absolute error at
# > their median. So each loss should win by its own metric. Does it? Try it in a new cell,
# > and report which loss you trained on.
#
# ## True against predicted
#
# An RMSE does not say where the errors are. Take the model that stopped early, and look
# at its predictions for each true rating.

# %%
guesses = stopped.predict(valid_pairs, batch_size=8192, verbose=0).ravel()
true = valid["rating"].to_numpy()
stars = np.unique(true)
axes = plt.figure().add_subplot()
axes.boxplot(
    [guesses[true == star] for star in stars],
    positions=stars,
    widths=0.6 * np.diff(stars).min(),
    whis=(5, 95),
    showfliers=False,
    manage_ticks=False,
)
axes.plot(stars[[0, -1]], stars[[0, -1]], "--", color=plots.RED, label="perfect")
axes.set_xticks(stars)
axes.set_xlabel("true rating (stars)")
axes.set_ylabel("predicted rating (stars)")
axes.set_title("Predictions for each true rating")
axes.legend(loc="upper left")
plt.show()
print(f"{np.mean((guesses < 1) | (guesses > 5)):.1%} are outside 1 to 5")
# %% [markdown]
# *Reading the figure:* a box holds the middle half of the predictions and the whiskers
# 90 % of them. The boxes rise with the true rating, but far more slowly than the dashed
# line. Movies that got 1 star are predicted at about 2.5, those that got 5 at about 4.
#
# It looks as if the model were too cautious. But the figure sorts by the *true* rating.
# Part of each rating is chance, and where it is a 5, chance has more often raised it
# than lowered it. Even the best possible prediction, the mean of the ratings that this
# user might give this movie, would rise too slowly here. The useful question is the
# reverse one. When the model predicts 2, what is the rating on average?

# %%
nearest = (2 * guesses.clip(1, 5)).round() / 2  # half stars
groups = valid["rating"].groupby(nearest).agg(["mean", "sem", "size"])
axes = plt.figure(figsize=(5, 4)).add_subplot()
axes.errorbar(groups.index, groups["mean"], 2 * groups["sem"], fmt="o")
axes.plot([1, 5], [1, 5], "--", color=plots.RED, label="perfect")
axes.set_xlabel("predicted rating (stars)")
axes.set_ylabel("mean true rating (stars)")
axes.set_title("True rating for each prediction")
axes.legend()
plt.show()

# %% [markdown]
# *Reading the figure:* the bars are two standard errors. At 3.5 and 4 the predictions
# are about right. Towards both ends they are too *extreme*: where the model predicts 2,
# the mean rating is higher, and where it predicts 5, it is lower. The model is not too
# cautious but too bold, a sign that its vectors have fitted chance as well as taste.
# Shrinkage can correct this, once the mean has a term of its own (lesson 03).
#
# Nothing keeps the predictions on the scale from 1 to 5, and a few leave it. In lesson 04 we
# clip them.
#
# ## On the scoreboard
#
# Now, once, the test set.

# %%
guesses = stopped.predict(test_pairs, batch_size=8192, verbose=0).ravel()
add_to_scoreboard(
    "dot",
    edition=movielens.name,
    split=split.name,
    lesson="02",
    rmse=rmse(test["rating"], guesses),
    mae=mae(test["rating"], guesses),
    parameters=stopped.count_params(),
)
show_scoreboard(movielens.name, split.name)

# %% tags=["nbval-check-output"]
verdict(
    "test RMSE of matrix factorization",
    rmse(test["rating"], guesses),
    inside=(0.92, 0.96),
)
verdict(
    "test MAE of matrix factorization",
    mae(test["rating"], guesses),
    inside=(0.72, 0.76),
)

# %% [markdown]
# Is this better than the user and movie biases of lesson 01? With another test set
# either RMSE would move by about ±0.005. Scores that differ by less cannot be told
# apart, unless by a *paired* comparison. As in lesson 01, draw users with replacement,
# the same ones for both models, and see how much the difference varies.
# `bootstrap_rmse` does what `draw_users` did there.

# %%
baseline = BiasBaseline().fit(train, split.n_users, split.n_movies)
true, of_biases = test["rating"], baseline.predict(test_pairs)
gain = rmse(true, of_biases) - rmse(true, guesses)
drawn_biases, drawn_factors = bootstrap_rmse(test["user"], true, of_biases, guesses)
gains = drawn_biases - drawn_factors
print(f"RMSE of the biases {rmse(true, of_biases):.3f}")
print(f"gain of matrix factorization {gain:.4f} ± {gains.std():.4f}")

# %% [markdown]
# The gain is about one standard error, and in the figure above another seed moved the
# validation RMSE by about as much. So by RMSE, this test set cannot tell the model with
# 168,000 weights from the user and movie biases. Much of what the vectors have learned
# is "about 3.5, and a little more for good movies", expressed by 64 factors. The next
# lesson gives the mean and the biases their own terms.
#
# ## What would it tell you to watch?
#
# In lesson 01 you rated ten movies, or let an invented student do it. You are a cold-start
# user: the model has never seen your ratings, and $P$ has no row for you. But $Q$ has rows
# for your ten movies. *Fold-in* keeps $Q$ as it is, and looks for the user vector that
# explains your ratings best, starting from the average user's. In lesson 06 you will write
# it yourself.

# %%
what_to_watch(stopped, movielens, split)

# %% [markdown]
# Ten ratings are little evidence for 64 factors, so a penalty keeps your vector near the
# average user's. Keep this list in mind: the next lessons ask better models the same
# question.
#
# ## What to remember
#
# - Matrix factorization predicts a rating by the dot product of two learned vectors of
#   latent factors: $\hat r_{ui} = p_u \cdot q_i$.
# - An embedding is a table, and embedding something is looking up a row.
# - Test that a model gives a pair the same score alone and in a batch.
# - Know the number of weights and the untrained error before you train.
# - Stop at the best validation epoch. The last one is usually overfitted.
# - Search for the learning rate, and pass a schedule to the optimizer.
# - An L2 penalty shrinks everything that the weights express, here even the mean rating.
# - Compare a new model with a baseline, paired, before you call it better.
#
# ## Where to read on
#
# - Y. Koren, R. Bell and C. Volinsky, [Matrix Factorization Techniques for Recommender
#   Systems](https://doi.org/10.1109/MC.2009.263), 2009: the standard introduction.
# - S. Funk, [Netflix Update: Try This at
#   Home](https://sifter.org/simon/journal/20061211.html), 2006: the page that made
#   this model famous.
# - Google's course on [recommendation
#   systems](https://developers.google.com/machine-learning/recommendation):
#   matrix factorization with good drawings.
# - S. Rendle et al., [Neural Collaborative Filtering vs. Matrix Factorization
#   Revisited](https://arxiv.org/abs/2005.09683), 2020: a well-tuned dot product is hard to
#   beat.
#
# **Next:** lesson 03 gives the mean, the user bias and the movie bias their own terms.
