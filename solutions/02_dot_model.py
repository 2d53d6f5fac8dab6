# %% [markdown] tags=["badge"]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/neural-recsys-course/neural-recsys-course/blob/v1.0.0/solutions/02_dot_model.ipynb)

# %% [markdown]
# # 2 · The dot model: a vector for everyone
#
# In lesson 01 a user was one number, the bias: generous or strict. But two
# equally strict people may disagree about every single movie. In this lesson a
# user becomes a *vector*, a short list of numbers, and so does a movie; a rating
# is predicted from how well the two lists match. Nobody says what the numbers
# mean. They are learned.
#
# **When you have finished, you can**
#
# - say what an embedding is, and compute one with NumPy alone;
# - build the dot model twice, with Keras' functional API and as a subclass, and
#   predict its number of weights before Keras tells you;
# - recognise the most copied bug of recommender code, and write the test for it;
# - read a training and a validation curve, and stop a model before it memorises;
# - look for a learning rate instead of guessing one.
#
# **Time** 70 minutes to work through, about a minute of computing.
# **Before this** lesson 01, and a first Keras model (what a layer, a loss and an epoch are).

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

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers, ops

from helpers import check, hint, plots, quiz, reveal
from helpers.data import load_movielens
from helpers.metrics import mae, rmse
from helpers.fold_in import what_to_watch
from helpers.scoreboard import add_to_scoreboard, show_scoreboard
from helpers.splits import pairs, random_split
from helpers.bands import verdict

plots.use_course_style()
keras.utils.set_random_seed(2)

# %% [markdown]
# The same ratings and the same split as in lesson 01, so that the figures can
# be compared. `pairs` turns a frame into what our models take: a dictionary with
# the row numbers of users and of movies.

# %%
movielens = load_movielens()
split = random_split(movielens, test=0.2, valid=0.1, seed=0)
train, valid, test = split.train, split.valid, split.test
train_pairs, valid_pairs, test_pairs = pairs(train), pairs(valid), pairs(test)
{name: rows[:4] for name, rows in train_pairs.items()}

# %% [markdown]
# ## An embedding is a table
#
# The word sounds deep. It is a table with one row for each user (or movie), and
# "to embed" is to look a row up. Its numbers start out random and are moved by
# training, like any other weights.
#
# ### Exercise 2.1 — look up rows, twice (5 minutes)
#
# Textbooks draw an embedding as a matrix product: the row number is written as a
# *one-hot* vector (all 0 but for a 1 at that place) and multiplied with the
# table. Write both ways, and see that they agree.


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
    ### BEGIN SOLUTION
    return table[rows]
    ### END SOLUTION


def multiply_one_hot(table, rows):
    """Return the same rows, as a product of one-hot vectors with the table.

    Takes and returns what `look_up` does, but does not look up in the table. (`np.eye(n)`
    is an n × n matrix whose row i is the one-hot vector of i.)
    """
    ### BEGIN SOLUTION
    one_hot = np.eye(len(table))[rows]
    return one_hot @ table
    ### END SOLUTION


# %%
table = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
print(look_up(table, np.array([2, 0])))
print(multiply_one_hot(table, np.array([2, 0])))

# %%
check("2.1", look_up, multiply_one_hot)

# %% [markdown] tags=["hints"]
# **Hints**
#
# 1. What does NumPy return for `table[2]`, and what for `table[[2, 0]]`?
# 2. `np.eye(n)[rows]` has one row for each of `rows`, all 0 but for a single 1. Its
#    second axis has to be as long as the table has rows. Which product turns (n,
#    n_rows) and (n_rows, n_factors) into (n, n_factors)?
#
# ```python
# def multiply_one_hot(table, rows):
#     one_hot = np.eye(...)[...]   # shape (n, n_rows)
#     return ... @ ...
# ```
#
# **Notice**
#
# Both give the same rows, and `multiply_one_hot` did n_rows times as much work for it:
# that is why an embedding layer looks up and does not multiply.

# %% [markdown]
# Both give the same rows. The product says what an embedding *is*, a layer
# without activation on a one-hot input; the look-up is how it is computed,
# because multiplying by a thousand zeros to read one row is a waste.
#
# ## A rating from two vectors
#
# Suppose we knew two things about movies, how much *action* and how much
# *romance* is in them, and for each user how much they care for either.

# %%
cares_for = np.array([[2.0, 0.0], [0.0, 2.0], [1.0, 1.0]])  # Ann, Bo, Cleo
contains = np.array([[2.0, 0.1], [0.2, 2.0], [1.3, 1.2], [0.1, 0.1]])
scores = cares_for @ contains.T

axes = plt.figure(figsize=(7, 3)).add_subplot()
axes.imshow(scores, cmap="cividis")
for (row, column), score in np.ndenumerate(scores):
    axes.text(
        column,
        row,
        f"{score:.1f}",
        ha="center",
        va="center",
        color="white",
        fontweight="bold",
        bbox={"facecolor": "black", "alpha": 0.45, "lw": 0},
    )
axes.set_yticks(range(3), ["Ann (action)", "Bo (romance)", "Cleo (both)"])
axes.set_xticks(range(4), ["Die Hard", "Notting Hill", "Titanic", "a lecture"])
axes.set_title("Score = care × content for action, plus the same for romance")
axes.grid(False)
plt.show()

# %% [markdown]
# *Reading the figure:* row by row. Multiply the two lists element by element and add
# up: the *dot product*. It is large where user and movie are large in the same place.
# Ann's best is Die Hard, Bo's is Notting Hill, and Cleo, who likes both, gets
# Titanic. That is the entire model. What remains is to let training find the
# numbers, with 64 of these *factors* instead of two, and with no names on them.
#
# ## A batch of pairs
#
# A network sees the ratings in *batches*. A batch of 512 pairs gives 512 user
# vectors and 512 movie vectors.
#
# **Before you run anything,** answer this.

# %% [markdown] tags=["question"]
# A batch holds 512 pairs, and a vector 64 numbers. How many scores should the model
# return for the batch?
#
# - [ ] 1
#   - That is what a famous example returns, by mistake. Then all 512 users of the batch
#     get the same score.
# - [ ] 64
#   - 64 is the length of a vector. The dot product adds the 64 products up.
# - [x] 512
#   - One for each pair, and no pair has to do with any other.
# - [ ] 512 × 512
#   - That would score every user of the batch with every movie of the batch. Useful for
#     rankings, but here each user comes with one movie.

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
        One score a pair, for any number of pairs. (In exercise 2.6 a model uses this
        function. Inside `fit` the number of pairs is unknown: no loop over them, no NumPy.)

    Examples
    --------
    >>> one, other = ops.array([[1.0, 2.0], [3.0, 4.0]]), ops.array([[1.0, 1.0], [0.0, 2.0]])
    >>> ops.convert_to_numpy(score_pairs(one, other)).tolist()
    [[3.0], [8.0]]
    """
    ### BEGIN SOLUTION
    return ops.sum(user_vectors * movie_vectors, axis=-1, keepdims=True)
    ### END SOLUTION


# %%
one, other = ops.array([[1.0, 2.0], [3.0, 4.0]]), ops.array([[1.0, 1.0], [0.0, 2.0]])
score_pairs(one, other)

# %%
check("2.2", score_pairs)

# %% [markdown] tags=["hints"]
# **Hints**
#
# 1. Multiply two arrays of shape (512, 64) element by element. Which axis of the result
#    holds the pairs, and which the factors?
# 2. `ops.sum(x, axis=…)` adds up along one axis and drops it; `keepdims=True` keeps it,
#    with length 1.
#
# ```python
# def score_pairs(user_vectors, movie_vectors):
#     return ops.sum(... * ..., axis=..., keepdims=...)
# ```
#
# **Notice**
#
# Row i of the answer depends on row i of the inputs and on nothing else. Keep that
# sentence: the next exercise makes a test of it.

# %% [markdown]
# One score for each of the 512 pairs, and the pairs have nothing to do with each
# other. That sounds too plain to get wrong. Here is how an example that has been
# copied into hundreds of repositories computes it:


# %%
def score_pairs_as_published(user_vectors, movie_vectors):
    return ops.tensordot(user_vectors, movie_vectors, 2)


print(ops.convert_to_numpy(score_pairs_as_published(one, other)))

# %% [markdown]
# ### Exercise 2.3 — write the test that finds it (8 minutes)
#
# Two pairs went in, one number came out. In a model a bias is added afterwards,
# the one number is *broadcast* to the whole batch, shapes fit, the loss falls,
# and nobody notices. So write the test. Each pair's score must be the same,
# whether it is scored alone or in a batch.


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
        when they are flat: `ravel()`.)
    """
    ### BEGIN SOLUTION
    together = ops.convert_to_numpy(score(user_vectors, movie_vectors)).ravel()
    alone = [
        ops.convert_to_numpy(score(user_vectors[i : i + 1], movie_vectors[i : i + 1]))
        for i in range(len(user_vectors))
    ]
    alone = np.concatenate([one_score.ravel() for one_score in alone])
    return len(together) == len(alone) and np.allclose(together, alone, atol=1e-4)
    ### END SOLUTION


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

# %% [markdown] tags=["hints"]
# **Hints**
#
# 1. If the score of pair 3 is its own business, what must happen to it when the other
#    pairs are taken away?
# 2. Score all pairs together. Then score each one alone, in a batch of one
#    (`user_vectors[i : i + 1]`), and compare *all* of them, with a tolerance
#    (`np.allclose(…, atol=1e-4)`). Compare their number, too: one score for eight pairs
#    is wrong.
#
# ```python
# together = ops.convert_to_numpy(score(..., ...)).ravel()
# alone = [... for i in range(...)]
# return len(together) == ... and ...
# ```
#
# **Notice**
#
# The test never looked inside: it works for every model that scores pairs, yours of
# next year included.

# %% [markdown]
# It should say True, False, False. (If it says True in the last line, your test looks
# at the shape only, as everybody did.) `tensordot(…, 2)` multiplies and adds up over
# *two* axes: over the factors, as
# it should, and over the batch. Every user in the batch gets the same score.
# Keep your little test. It works for any model, knows nothing of its inside, and
# takes a second; most bugs in this field need nothing cleverer.

# %% [markdown]
# ## The model, in Keras
#
# Two inputs, two tables, one dot product. In the *functional* style we write
# down how tensors flow from one layer to the next; Keras notes the graph.
#
# ### Exercise 2.4 — build it (8 minutes)
#
# Name the layers `user_factors` and `movie_factors`: from lesson 03 on we find
# them by name. `layers.Embedding(n, k, name=…)` is a table of n rows and k
# columns, `layers.Dot(axes=-1)` is your `score_pairs`, and
# `keras.Model({"user": user, "movie": movie}, output)` makes a model of it.


# %%
def build_dot_model(n_users, n_movies, n_factors=64, l2=0.0):
    """Build the dot model: rating = user vector · movie vector.

    Parameters
    ----------
    n_users, n_movies : int
        Rows of the two tables: indices run from 0 to n - 1.
    n_factors : int
        Columns of both.
    l2 : float
        Both tables get `embeddings_regularizer=keras.regularizers.L2(l2)`,
        which is for later; 0 is none.

    Returns
    -------
    keras.Model
        Functional. Takes ``{"user": int32 (n,), "movie": int32 (n,)}``, returns
        float32 of shape (n, 1). Its embeddings are called `user_factors`,
        `movie_factors`.
    """
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    ### BEGIN SOLUTION
    penalty = keras.regularizers.L2(l2)
    user_vector = layers.Embedding(
        n_users, n_factors, embeddings_regularizer=penalty, name="user_factors"
    )(user)
    movie_vector = layers.Embedding(
        n_movies, n_factors, embeddings_regularizer=penalty, name="movie_factors"
    )(movie)
    rating = layers.Dot(axes=-1, name="rating")([user_vector, movie_vector])
    return keras.Model({"user": user, "movie": movie}, rating, name="dot")
    ### END SOLUTION


# %%
model = build_dot_model(split.n_users, split.n_movies)
plots.draw_model(model, count_weights=False)

# %%
check("2.4", build_dot_model)

# %% [markdown] tags=["hints"]
# **Hints**
#
# 1. Follow one user number through the drawing in your head: a number goes in, 64
#    numbers come out of the table, and where do they meet the movie's?
# 2. `layers.Embedding(n_users, n_factors, embeddings_regularizer=…, name=…)(user)`
#    gives the user's vector. Do the same with the movie, and hand both, as a list, to
#    `layers.Dot(axes=-1)`.
#
# ```python
# user_vector = layers.Embedding(..., ..., name="user_factors")(user)
# movie_vector = layers.Embedding(..., ..., name="movie_factors")(movie)
# rating = layers.Dot(axes=-1)([..., ...])
# return keras.Model({"user": user, "movie": movie}, ...)
# ```
#
# **Notice**
#
# Nothing in this model adds: not a bias, not the mean. Remember that when you look at
# its first predictions.

# %% [markdown]
# *Reading the drawing* from top to bottom: a row number for the user and one for
# the movie, each looked up in its table (64 numbers each), and one number out.
#
# ### Exercise 2.5 — predict the size (3 minutes)
#
# How many weights does the model have? Write the formula, *then* let Keras
# count.


# %%
def count_weights(n_users, n_movies, n_factors):
    """Return the number of trainable weights of the dot model.

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
    ### BEGIN SOLUTION
    return (n_users + n_movies) * n_factors
    ### END SOLUTION


# %%
print(f"by formula {count_weights(split.n_users, split.n_movies, 64):,}")
print(f"by Keras   {model.count_params():,}")

# %%
check("2.5", count_weights)

# %% [markdown] tags=["hints"]
# **Hints**
#
# 1. How many numbers does the users' table hold? And the movies'?
# 2. A table of n rows and k columns holds n · k numbers. The dot product itself has
#    none.
#
# ```python
# return (... + ...) * ...
# ```
#
# **Notice**
#
# Every user and every movie costs the same, n_factors weights, however many ratings
# there are. A movie with one rating has as many weights as Star Wars.

# %% [markdown]
# 168,000 weights for 72,000 training ratings: more than two for each. A model
# like that *can* learn its training set by heart. We will watch it do so.
#
# ## The same model as a subclass
#
# The functional style draws a graph. For models that do something a graph cannot
# say easily (loops, look-ups in other tables, as in lesson 04), one writes a
# class: the layers are made in `__init__`, and `call` uses them.
#
# ### Exercise 2.6 — the same, as a class (6 minutes)
#
# Make the two tables in `__init__`, the users' first, with the names of exercise 2.4, and
# use your `score_pairs` in `call`, which gets the same dictionary of pairs. (L2 is not
# needed here.)


# %%
class DotModel(keras.Model):
    """The dot model as a subclass, without L2.

    Parameters, inputs, outputs and the names of the two layers, `user_factors` and
    `movie_factors`, as for `build_dot_model`.
    """

    def __init__(self, n_users, n_movies, n_factors=64, **kwargs):
        super().__init__(**kwargs)
        ### BEGIN SOLUTION
        self.user_factors = layers.Embedding(n_users, n_factors, name="user_factors")
        self.movie_factors = layers.Embedding(n_movies, n_factors, name="movie_factors")
        ### END SOLUTION

    def call(self, pairs):
        ### BEGIN SOLUTION
        return score_pairs(
            self.user_factors(pairs["user"]), self.movie_factors(pairs["movie"])
        )
        ### END SOLUTION


# %%
subclassed = DotModel(split.n_users, split.n_movies)
few_pairs = {name: rows[:5] for name, rows in train_pairs.items()}
subclassed(few_pairs)  # the first call builds the tables
subclassed.set_weights(model.get_weights())
difference = np.abs(model(few_pairs) - subclassed(few_pairs)).max()
print(f"largest difference between the two: {difference:.1e}")

# %%
check("2.6", DotModel)

# %% [markdown] tags=["hints"]
# **Hints**
#
# 1. Which layers does the model own, and what happens to a batch? The first belongs
#    into `__init__`, the second into `call`.
# 2. Keep both embeddings as attributes (`self.user_factors = …`), users first, and give
#    each its `name=`, too. In `call`, `pairs["user"]` has the row numbers; call the
#    layer with them.
#
# ```python
# def __init__(...):
#     self.user_factors = layers.Embedding(..., name=...)
#     self.movie_factors = ...
# def call(self, pairs):
#     return score_pairs(self.user_factors(...), ...)
# ```
#
# **Notice**
#
# The tables are made once, in `__init__`; `call` only uses them. Layers made in `call`
# would be new, and untrained, in every batch.

# %% [markdown]
# With the same weights they give the same scores, so they are the same model.
# Use the style that reads better; Keras trains both alike.
#
# ## Before training
#
# The tables start with tiny random numbers. Guess first.

# %% [markdown] tags=["question"]
# The tables start with numbers between −0.05 and 0.05. What does the untrained model
# answer, and how large is its RMSE on ratings from 1 to 5 stars?
#
# - [ ] About 3.5 to everything, RMSE about 1.1
#   - Nobody has told it the mean: there is no place for it in the model. It has to be
#     learned.
# - [x] About 0 to everything, RMSE about 3.7
#   - Products of small numbers are tiny. The error is then the rating itself, and the
#     fives count most.
# - [ ] Random stars from 1 to 5, RMSE about 2
#   - The model knows nothing about a scale of stars. It multiplies small numbers.

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
# It answers 0 to everything, so its MAE is the mean rating, about 3.5 stars. The RMSE
# is a little larger, because squaring gives the fives more weight than the ones.
# Always look at this number before you train: it tells you that data and metric
# are connected, and where the curve will start.
#
# ## Training, and watching
#
# `compile` says what to minimise (the mean squared error) and how (Adam). The
# metric is what we want to read: the error in stars. (`steps_per_execution=20` hands 20
# batches at a time to TensorFlow. It computes the same, and halves the waiting: with
# models as small as ours, going back to Python after each batch is half of the work.
# `optimizer.build` makes Adam's own tables beforehand. Keras would do it by itself, but
# in the midst of working out a step, and would then have to work it out again.)


# %%
def train_model(model, learning_rate=0.005, epochs=15, loss="mse", callbacks=()):
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
        epochs=epochs,
        callbacks=list(callbacks),
        verbose=0,
    )


model = build_dot_model(split.n_users, split.n_movies)
history = train_model(model)
plots.plot_history(
    history,
    "The dot model learns, then memorises",
    metric="rmse",
    unit="stars",
    ylim=(0.4, 1.6),
)
# %% [markdown]
# *Reading the figure:* in the first epochs (partly above the frame) both curves
# fall steeply, as the vectors grow from nothing to the size that makes a 3.5. Then
# they part. The
# training error (solid) goes on falling; the validation error (dashed) turns
# and rises. From there on the model learns *these ratings*, not these people.
# That is *overfitting*, and the last epoch is no place to stop.
#
# (In the first epochs the validation error is the lower of the two. No magic: Keras
# averages the training error over an epoch in which the model was still improving,
# and takes the validation error at its end.)

# %%
last = rmse(valid["rating"], model.predict(valid_pairs, batch_size=8192, verbose=0))
best = min(history.history["val_rmse"])
print(f"validation RMSE: best epoch {best:.3f}, last epoch {last:.3f}")

# %% [markdown]
# ## Three ways to hold it back
#
# **Stop early.** Keep the weights of the best validation epoch. A callback does
# it, and spares us the useless epochs.

# %%
stopped = build_dot_model(split.n_users, split.n_movies)
stop_early = keras.callbacks.EarlyStopping(
    monitor="val_rmse", mode="min", patience=2, restore_best_weights=True
)
history = train_model(stopped, epochs=30, callbacks=[stop_early])
print(
    f"stopped after {len(history.epoch)} epochs, best {min(history.history['val_rmse']):.3f}"
)

# %% [markdown]
# **Fewer factors.** A smaller table has less room to memorise. **L2.** Adding
# the sum of the squared weights, times a small number, to the loss makes large
# weights expensive.
#
# And what does that do to *this* model?

# %% [markdown] tags=["question"]
# L2 pulls all weights towards 0. The dot model makes its 3.5 from nothing but weights.
# What does a strong L2 do to its predictions?
#
# - [ ] They come closer to the mean, 3.5
#   - For that the mean would need a place of its own. In this model, weights of 0
#     predict 0 stars.
# - [x] They come out too low
#   - It penalises the 3.5 like everything else, since both are made of the same weights.
# - [ ] Nothing: L2 is only on while training
#   - It is in the loss, and so it decides which weights training ends up with;
#     predictions are made of those.

# %%
quiz("2.c")


# %%
def best_validation_rmse(n_factors=64, l2=0.0):
    keras.utils.set_random_seed(2)
    model = build_dot_model(split.n_users, split.n_movies, n_factors, l2)
    history = train_model(model, epochs=20, callbacks=[stop_early])
    return min(history.history["val_rmse"])


results = {
    "64 factors": min(history.history["val_rmse"]),
    "8 factors": best_validation_rmse(8),
}
for l2 in (1e-5, 1e-4):
    results[f"64 factors, L2 {l2:.0e}"] = best_validation_rmse(l2=l2)
plots.plot_bars(
    results,
    results.values(),
    "Holding the dot model back",
    "best validation RMSE (stars), lower is better",
    from_zero=False,
)

# %% [markdown]
# *Reading the figure:* the first and the third are level (another seed moves either by
# 0.003). Eight factors are too few, and a strong L2 makes it *worse*: it pulls all
# predictions below where they belong. It cannot tell "this user
# loves westerns" from "ratings are about 3.5": both are made of the same
# weights, and it taxes both. Public notebooks use 1e-4 here without a second
# look. Lesson 03 takes the 3.5 out of the vectors, and then L2 does what it
# should.
#
# ## The learning rate is found, not guessed
#
# The learning rate says how far a step of training goes. Too small, and the
# model crawls; too large, and it jumps about. The cheapest way to find a good
# one: from the same start, train one epoch at each of several rates, and see
# where the loss falls fastest.
#
# ### Exercise 2.7 — search a learning rate (8 minutes)
#
# Until now `train_model` did the training for you. This time do it yourself:
# compile the model with Adam at the given rate and the mean squared error, fit it for
# one epoch in batches of 1,024, and return the training loss of that epoch. (`fit`
# returns a history; its `history["loss"]` is a list with one entry an epoch.)


# %%
def loss_after_one_epoch(model, learning_rate, pairs, ratings):
    """Train a model for one epoch; return the training loss (MSE) that `fit` notes for it.

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
    ### BEGIN SOLUTION
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate),
        loss="mse",
        steps_per_execution=20,
    )
    history = model.fit(pairs, ratings, batch_size=1024, epochs=1, verbose=0)
    return history.history["loss"][0]
    ### END SOLUTION


# %%
check("2.7", loss_after_one_epoch)

# %% [markdown] tags=["hints"]
# **Hints**
#
# 1. What does a model need before `fit`, and what does `fit` hand back?
# 2. `model.compile(optimizer=keras.optimizers.Adam(…), loss=…)`, then `history =
#    model.fit(…, batch_size=…, epochs=…)`. `history.history` is a dictionary of lists,
#    with one entry an epoch.
#
# ```python
# model.compile(optimizer=keras.optimizers.Adam(...), loss=...)
# history = model.fit(..., ..., batch_size=..., epochs=..., verbose=0)
# return history.history[...][...]
# ```
#
# **Notice**
#
# One epoch each, all from the same start: that makes the losses comparable, and the
# search cheap.

# %%
learning_rates = [0.001, 0.003, 0.01, 0.03, 0.1, 0.2]
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
axes.set_xlabel("learning rate")
axes.set_ylabel("training loss after one epoch (MSE)")
axes.set_title("Too slow on the left, too wild on the right")
plt.show()

# %% [markdown]
# *Reading the figure:* a valley. (The losses are means over the first epoch, its
# beginning included, so they are large.) Left of it a step is too small to get
# anywhere in one epoch; right of it the steps overshoot. The bottom is the fastest
# for *one* epoch and restless later, so one starts well to the left of it, on the
# upper part of the slope: between 0.003 and 0.01. That is where the 0.005 of this
# lesson comes from.
#
# ## Fast first, then carefully
#
# Large steps early, small ones to settle: a *schedule*. A public notebook trains
# one epoch at 0.001 to warm up, three at 0.01 and six at 0.001, by assigning
# `model.optimizer.lr` in between. In Keras 3 that attribute means nothing:
# Python creates it, the optimizer never reads it, and the rate stays where it
# was. The right name is `model.optimizer.learning_rate`; better still, hand the
# whole schedule to the optimizer.
#
# ### Exercise 2.8 — a stepwise schedule (6 minutes)
#
# `keras.optimizers.schedules.PiecewiseConstantDecay(boundaries, values)` counts
# in *steps*, one a batch, and we think in epochs. Up to and including step
# `boundaries[0]` it gives `values[0]`, and so on; there is one value more than
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
    ### BEGIN SOLUTION
    boundaries = np.cumsum(epochs)[:-1] * steps_an_epoch
    return keras.optimizers.schedules.PiecewiseConstantDecay(
        [int(boundary) - 1 for boundary in boundaries], list(rates)
    )
    ### END SOLUTION


# %% tags=["instructor"]
# "Up to and including": the first epoch has the steps 0 … n-1, so its boundary
# is n - 1. One step late (boundary n) is harmless in training, but not what the
# docstring's example shows, and the check says so; boundaries given in epochs, or one
# too many of them, are the real mistakes. Rates as a NumPy array of float64 also work.

# %%
schedule = stepwise((1, 2, 1), (0.001, 0.01, 0.002), steps_an_epoch=100)
print([round(float(schedule(step)), 4) for step in (0, 99, 100, 299, 300)])

# %%
check("2.8", stepwise)

# %% [markdown] tags=["hints"]
# **Hints**
#
# 1. With 100 steps an epoch and epochs (1, 2, 1): at which step does the second rate
#    begin, and at which the third? Why are there only two boundaries?
# 2. `np.cumsum(epochs)` says after how many epochs each rate ends. The last one needs
#    no boundary. Then count in steps instead of epochs.
#
# ```python
# boundaries = np.cumsum(...)[:-1] * ...
# return keras.optimizers.schedules.PiecewiseConstantDecay(
#     [int(boundary) - 1 for boundary in boundaries], list(...)
# )
# ```
#
# **Notice**
#
# The optimizer asks the schedule at every step, so nobody has to assign anything
# between two calls of `fit`.

# %%
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
# %% [markdown]
# *Reading the figure:* the first epoch, above the frame, hardly moves anything; the
# three fast ones do the work; and when the rate goes down, the validation curve goes
# flat instead of turning up. Where we stop matters less now. The minimum is no lower
# than before: a schedule does not cure overfitting.
#
# ## Which loss: squared or absolute?
#
# We trained on squared errors. Training on the *absolute* error asks for
# something else: the squared error is smallest at the mean of what a user might
# give, the absolute one at the median.

# %%
keras.utils.set_random_seed(2)
absolute = build_dot_model(split.n_users, split.n_movies)
train_model(absolute, epochs=20, loss="mae", callbacks=[stop_early])
for loss, candidate in [("mse", stopped), ("mae", absolute)]:
    guesses = candidate.predict(valid_pairs, batch_size=8192, verbose=0)
    print(
        f"trained on {loss}: validation MAE {mae(valid['rating'], guesses):.3f}, "
        f"RMSE {rmse(valid['rating'], guesses):.3f}"
    )

# %% [markdown]
# On paper each loss should win by its own measure. In practice the squared error
# wins by RMSE and is level by MAE. One likely reason: its gradient shrinks with the
# error, so the last steps are gentle, while the absolute error pulls with the same
# force up to the end. Theory says where an optimum lies, not whether training
# gets there. Measure both, and say which one you trained on.
#
# ## True against predicted
#
# One number hides where the errors are. Take the model that stopped early, and
# look at its predictions for each true rating.

# %%
guesses = stopped.predict(valid_pairs, batch_size=8192, verbose=0)
plots.plot_true_against_predicted(
    valid["rating"], guesses, "Everything is pulled towards the middle"
)
# %% [markdown]
# *Reading the figure:* the boxes rise with the true rating, so the model knows
# something. But they rise far more slowly than the dashed line: movies that got 1 star
# are predicted at about 2.5 in the middle, those that got 5 at about 4. That is no
# bug: when in doubt, the squared error rewards the middle. And nothing keeps the
# predictions on the scale from 1 to 5; in lesson 04 we cut off what leaves it.
#
# ## On the scoreboard
#
# Now, once, the test set.

# %%
guesses = stopped.predict(test_pairs, batch_size=8192, verbose=0)
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
    "test RMSE of the dot model", rmse(test["rating"], guesses), inside=(0.92, 0.96)
)
verdict("test MAE of the dot model", mae(test["rating"], guesses), inside=(0.72, 0.76))

# %% [markdown]
# If you have run lesson 01, its baselines stand beside it: the user and movie
# biases have 0.94. We have trained 168,000 weights to be level with two columns of
# averages, give or take a hundredth. The vectors spend their strength on saying
# "about 3.5, a bit more for good movies", again and again, in 64 factors. The
# next lesson says that once, where it belongs.
#
# ## What would it tell you to watch?
#
# In lesson 01 you rated ten movies, or let an invented student do it. This model has
# never seen you: its table has no row for you. But it has a row for each of your ten
# movies. So keep the movies as they are and look for the *one* user vector that explains
# your ratings best, beginning with the average user's. That is called *fold-in*; it takes
# a moment, and in lesson 06 you will write it yourself.

# %%
what_to_watch(stopped, movielens, split)

# %% [markdown]
# Ten ratings against 64 factors are little evidence, so the search is told to stay near
# the average user unless your ratings insist. Keep this list in mind: each of the next
# lessons has a better model, and asks it the same question.
#
# ## What to remember
#
# - An embedding is a table; embedding something is reading a row.
# - The dot model scores each pair from its own two vectors. Test it: alone or in
#   a batch, the score must be the same.
# - Know the number of weights and the untrained error before you train.
# - The validation curve tells you when to stop; the last epoch is not the best.
# - Search the learning rate; schedule it by handing the schedule over.
# - L2 taxes everything the weights stand for, the mean rating included.
#
# ## Where to read on
#
# - Google's course on [recommendation
#   systems](https://developers.google.com/machine-learning/recommendation):
#   matrix factorization with good drawings.
# - S. Funk, [Netflix Update: Try This at
#   Home](https://sifter.org/simon/journal/20061211.html), 2006: the page that made
#   this model famous.
# - S. Rendle et al., [Neural Collaborative Filtering vs. Matrix Factorization
#   Revisited](https://arxiv.org/abs/2005.09683), 2020: do not underestimate a
#   well-tuned dot product.
#
# **Next:** lesson 03 gives mean, user bias and movie bias a place of their own.

# %% tags=["instructor"]
# Minutes: 70. If time is short, leave out the losses (squared or absolute).
# Misconceptions: "an embedding layer multiplies matrices at run time"; "more
# factors are always better"; "val_loss is the validation error" (with L2 it
# contains the penalty, which is why the lesson reads `val_rmse`).
# Open questions: 512 scores for 512 pairs; the untrained RMSE is the root mean
# square of the ratings, about 3.7; a strong L2 pulls all predictions below 3.5.
