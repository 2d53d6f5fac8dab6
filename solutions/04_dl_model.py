# %% [markdown] tags=["badge"]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/neural-recsys-course/neural-recsys-course/blob/v1.0.0/solutions/04_dl_model.ipynb)

# %% [markdown]
# # 4 · Deep models: does a network help?
#
# Until now a user and a movie met in a dot product, a formula that somebody
# chose. Why not let a neural network find out how two vectors make a rating? The
# answer of this lesson comes in two halves. Fed with nothing but the two vectors,
# a network is hardly better than the dot product. Fed with things a dot product
# cannot take (genres, ages, the list of what else somebody has rated), it is.
#
# **When you have finished, you can**
#
# - build a network on top of two embeddings, and size it;
# - prove that a published "deep" model is not deep, and cannot recommend;
# - say what a deep model adds to a dot product, with figures;
# - turn genres, years, ages and occupations into inputs, missing values included;
# - give a model each user's history, without letting it peek at the answer;
# - build the best model of this course for predicting ratings.
#
# **Time** 75 minutes to work through, about a minute and a half of computing.
# **Before this** lessons 01 to 03.

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
import pandas as pd
from keras import layers, ops

from helpers import check, hint, plots, quiz, reveal
from helpers.baselines import BiasBaseline
from helpers.data import load_movielens
from helpers.metrics import mae, rmse
from helpers.fold_in import what_to_watch
from helpers.my_ratings import my_ratings
from helpers.ranking import score_all
from helpers.scoreboard import add_to_scoreboard, show_scoreboard
from helpers.splits import pairs, random_split
from helpers.bands import verdict

plots.use_course_style()
keras.utils.set_random_seed(4)

movielens = load_movielens()
split = random_split(movielens, test=0.2, valid=0.1, seed=0)
train, valid, test = split.train, split.valid, split.test
train_pairs, valid_pairs, test_pairs = pairs(train), pairs(valid), pairs(test)
n_users, n_movies = split.n_users, split.n_movies
mean = float(train["rating"].mean())
titles = (
    movielens.movies.set_index("movie_id").loc[split.movies.ids, "title"].to_numpy()
)

# %% [markdown]
# ## Two vectors into a network
#
# Put the user's vector and the movie's vector side by side (*concatenate* them),
# and send the result through a stack of `Dense` layers. Each one multiplies its
# input by a matrix, adds a constant and applies an *activation*, a bend such as
# ReLU, max(0, x). The last one has a single output and no activation.
#
# ### Exercise 4.1 — build a deep model (8 minutes)
#
# Two embeddings, without L2 this time; then `layers.Concatenate()`, the user's vector
# first, dropout, and for each entry of `hidden` one `Dense` of that width, with its
# activation, followed by dropout; then `Dense(1)`, and the mean, as in lesson 03.


# %%
def build_deep_model(
    n_users, n_movies, mean, hidden=(64,), activation="relu", dropout=0.3, n_factors=32
):
    """Rating = mean + network(user vector, movie vector).

    Parameters
    ----------
    n_users, n_movies, n_factors : int
    mean : float, in stars
    hidden : sequence of int
        Widths of the hidden layers, first to last; widths may repeat.
    activation : str or None
        Of the hidden layers.
    dropout : float, at least 0 and below 1
        Share of the values that is dropped after the concatenation and after
        each hidden layer's activation, in training only.

    Returns
    -------
    keras.Model
        Takes ``{"user": int32 (n,), "movie": int32 (n,)}``, returns float32 of
        shape (n, 1). Embeddings: `user_factors`, `movie_factors`; dense layers:
        `hidden_1`, `hidden_2`, …, `output`. No layer has a regularizer (L2).
    """
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    ### BEGIN SOLUTION
    both = layers.Concatenate(name="both")(
        [
            layers.Embedding(n_users, n_factors, name="user_factors")(user),
            layers.Embedding(n_movies, n_factors, name="movie_factors")(movie),
        ]
    )
    values = layers.Dropout(dropout)(both)
    for number, width in enumerate(hidden, start=1):
        values = layers.Dense(width, activation, name=f"hidden_{number}")(values)
        values = layers.Dropout(dropout)(values)
    deviation = layers.Dense(1, name="output")(values)
    rating = layers.Rescaling(1.0, offset=mean, name="rating")(deviation)
    return keras.Model({"user": user, "movie": movie}, rating, name="deep")
    ### END SOLUTION


# %%
deep = build_deep_model(n_users, n_movies, mean)
plots.draw_model(deep)

# %%
check("4.1", build_deep_model)

# %% [markdown] tags=["hints"]
# **Hints**
#
# 1. Two vectors of n_factors numbers stand side by side. How long is the result, and
#    what does each `Dense` make of it?
# 2. `layers.Concatenate()` takes a list. Keep the tensor in one variable (`values`),
#    and let a loop over `hidden` replace it: dense, dropout, dense, dropout. The last
#    `Dense` has no activation.
#
# ```python
# values = layers.Dropout(...)(layers.Concatenate()([..., ...]))
# for number, width in enumerate(..., start=...):
#     values = layers.Dense(..., ..., name=f"hidden_{number}")(...)
#     values = layers.Dropout(...)(...)
# deviation = layers.Dense(..., name=...)(values)
# ```
#
# **Notice**
#
# Nothing in it says that user and movie should be *multiplied*. Whatever the network
# knows about matching it has to find out from ratings.


# %%
def train_model(model, learning_rate=0.002, epochs=30, patience=2):
    """Fit on the training pairs, stop at the best validation epoch."""
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate),
        loss="mse",
        metrics=[keras.metrics.RootMeanSquaredError(name="rmse")],
        steps_per_execution=20,
    )
    model({name: rows[:1] for name, rows in train_pairs.items()})  # builds its layers
    model.optimizer.build(model.trainable_variables)
    stop_early = keras.callbacks.EarlyStopping(
        monitor="val_rmse", mode="min", patience=patience, restore_best_weights=True
    )
    return model.fit(
        train_pairs,
        train["rating"].to_numpy(),
        validation_data=(valid_pairs, valid["rating"].to_numpy()),
        batch_size=1024,
        epochs=epochs,
        callbacks=[stop_early],
        verbose=0,
    )


history = train_model(deep)
plots.plot_history(history, "A deep model on two vectors", metric="rmse", unit="stars")
# %% [markdown]
# *Reading the figure:* the training error is *above* the validation error at first, for
# two reasons: it is an average over an epoch in which the model was still improving,
# and dropout, which is on while training and off while validating, handicaps it.
#
# ## The deep model that is not deep
#
# Here is the network of a public notebook: embeddings, then `Dense(50)`,
# `Dense(50)`, `Dense(50)`, `Dense(1)`. It trains, its loss falls, its name is
# "deep learning model". Something is missing.

# %%
as_published = build_deep_model(
    n_users, n_movies, mean, hidden=(50, 50, 50), activation=None, dropout=0.0
)
history = train_model(as_published, epochs=6)

# %% [markdown]
# ### Exercise 4.2 — prove that it is not deep (8 minutes)
#
# Without an activation a dense layer is $x W + c$, and two of them in a row are
# $(x W_1 + c_1) W_2 + c_2$. Write that as *one* layer $x W + c$, then do it for
# any number of layers.


# %%
def collapse(layers_weights):
    """One linear layer that does what a stack of linear layers does.

    Parameters
    ----------
    layers_weights : list of (kernel, bias), one or more
        First layer first; a kernel is an array of shape (n_in, n_out), a bias one of
        shape (n_out,).

    Returns
    -------
    kernel : numpy.ndarray, shape (n_in of the first, n_out of the last)
    bias : numpy.ndarray, shape (n_out of the last,)

    Examples
    --------
    Times 2 plus 1, then times 3 plus 5, is times 6 plus 8.

    >>> kernel, bias = collapse([(np.array([[2.0]]), np.array([1.0])),
    ...                          (np.array([[3.0]]), np.array([5.0]))])
    >>> kernel.tolist(), bias.tolist()
    ([[6.0]], [8.0])
    """
    ### BEGIN SOLUTION
    kernel, bias = layers_weights[0]
    for next_kernel, next_bias in layers_weights[1:]:
        kernel, bias = kernel @ next_kernel, bias @ next_kernel + next_bias
    return kernel, bias
    ### END SOLUTION


# %%
names = ("hidden_1", "hidden_2", "hidden_3", "output")
stack = [tuple(as_published.get_layer(name).get_weights()) for name in names]
kernel, bias = collapse(stack)
(user_table,) = as_published.get_layer("user_factors").get_weights()
(movie_table,) = as_published.get_layer("movie_factors").get_weights()
both = np.hstack([user_table[valid["user"]], movie_table[valid["movie"]]])
by_one_layer = mean + both @ kernel + bias
by_four_layers = as_published.predict(valid_pairs, batch_size=8192, verbose=0)
print("weights in four layers:", sum(k.size + b.size for k, b in stack))
print("weights in one:        ", kernel.size + bias.size)
print("largest difference:    ", np.abs(by_one_layer - by_four_layers).max())

# %%
check("4.2", collapse)

# %% [markdown] tags=["hints"]
# **Hints**
#
# 1. Multiply (x W₁ + c₁) W₂ + c₂ out. What stands behind x, and what is left without
#    any x?
# 2. Two layers make one; that one and the third make one again. Start with the first
#    layer and let a loop take in the others. The bias so far goes through the next
#    kernel, too.
#
# ```python
# kernel, bias = layers_weights[...]
# for next_kernel, next_bias in layers_weights[...]:
#     kernel, bias = ..., bias @ ... + ...
# return kernel, bias
# ```
#
# **Notice**
#
# Whatever the widths between, the collapsed kernel has as many rows as there are inputs
# and as many columns as there are outputs. Depth has left no trace.

# %% [markdown]
# Eight thousand weights, and sixty-five do the same. Linear layers one after another
# are one linear layer, however wide. And it is worse than a waste. A linear function of two
# vectors put side by side is a function of the user *plus* a function of the
# movie:
#
# $$[p_u, q_i]\,W + c = p_u W_{\text{user}} + q_i W_{\text{movie}} + c$$
#
# A user bias plus a movie bias. And what follows from that?

# %% [markdown] tags=["question"]
# A “deep” model without activations is a user bias plus a movie bias. What does it
# recommend?
#
# - [ ] To each user what suits them, only less precisely
#   - To suit one user better than another, a movie must score higher with one than with
#     the other *beyond* what all movies do there. In a sum nothing does.
# - [x] To everybody the same movies, in the same order
#   - The user's part is the same for all movies, so it cannot change their order. What
#     is left to sort by is the movie's part, the same for all users.
# - [ ] Random movies, since it has learned nothing
#   - It has learned something: which movies are good. Its error is near that of the
#     bias baseline.
# - [ ] Generous users get other movies than strict ones
#   - A generous user's scores are higher, all of them by the same amount. The order
#     stays.

# %%
quiz("4.a")

# %% [markdown]
# ### Exercise 4.3 — the test for taste (7 minutes)
#
# If Ann prefers Alien to Brazil by half a star and Bo prefers Brazil, then user
# and movie *interact*. In a sum they cannot: everybody prefers Alien to Brazil
# by the same amount. So take two users and two movies, and see whether the
# preference is the same.


# %%
def interaction(model, one_user, other_user, one_movie, other_movie):
    """How differently two users prefer one movie to another, by a model.

    Parameters
    ----------
    model : callable
        Takes ``{"user": int32 (n,), "movie": int32 (n,)}``, returns scores of
        shape (n, 1) or (n,).
    one_user, other_user, one_movie, other_movie : int

    Returns
    -------
    float
        (score of one_user for one_movie - for other_movie) minus the same of
        other_user. It is 0 for every sum of user and movie biases.

    Examples
    --------
    >>> product = lambda pairs: pairs["user"] * pairs["movie"]
    >>> interaction(product, one_user=3, other_user=1, one_movie=5, other_movie=4)
    2.0
    """
    ### BEGIN SOLUTION
    scores = model(
        {
            "user": np.array([one_user, one_user, other_user, other_user], "int32"),
            "movie": np.array([one_movie, other_movie] * 2, "int32"),
        }
    )
    one, other, one_again, other_again = np.ravel(scores)
    return float((one - other) - (one_again - other_again))
    ### END SOLUTION


# %%
for name, model in [("as published", as_published), ("with ReLU", deep)]:
    values = [
        interaction(model, u, u + 1, m, m + 7) for u in range(6) for m in range(6)
    ]
    print(f"{name:13} mean size of the interaction {np.mean(np.abs(values)):.5f} stars")

# %%
check("4.3", interaction)

# %% [markdown] tags=["hints"]
# **Hints**
#
# 1. For how many pairs do you need a score? Write them down: which user with which
#    movie?
# 2. Make two arrays of four row numbers each, dtype int32, and call the model once.
#    `np.ravel` makes (4, 1) and (4,) the same.
#
# ```python
# scores = np.ravel(model({
#     "user": np.array([one_user, one_user, ...], "int32"),
#     "movie": np.array([one_movie, other_movie, ...], "int32"),
# }))
# return float((... - ...) - (... - ...))
# ```
#
# **Notice**
#
# Like the test of exercise 2.3, this one never looks inside: four scores are enough,
# from whatever model.

# %%
for name, model in [("as published", as_published), ("with ReLU", deep)]:
    best_first = np.argsort(-score_all(model, n_users, n_movies), axis=1)
    different = len(np.unique(best_first[:, :10], axis=0))
    print(f"{name:13} {n_users} users, {different} different lists of ten movies")

# %% [markdown]
# The published model gives every user on earth the same list, in the same order. It
# ends up a hundredth *behind* the bias baseline, because it *is* a bias model, only
# without the shrinkage. (Its author ranked with it and got a result near zero; lesson
# 05 shows what models for stars do to lists.) An activation between the layers is
# what lets a network see that this user
# *and* that movie go together. Not very strongly, though: the network with ReLU has a
# few hundred different lists for 943 people. Some movies please nearly everybody; more
# on that, too, in lesson 05.
#
# ## How large, how much dropout?
#
# Three networks on the same two vectors. Guess first.

# %% [markdown] tags=["question"]
# A network with 8 hidden units, one with 256, and one with 256 and strong dropout, each
# trained for eight epochs: by how much will their best validation errors differ?
#
# - [ ] The largest is several hundredths better: it can express more
#   - It can, but it has nothing to express it with: the input is the same two vectors.
# - [ ] The largest without dropout is far worse, since it overfits
#   - It does overfit, sooner or later. The *best* epoch comes before that, and it is
#     about as good as the others'.
# - [x] By less than a hundredth
#   - What limits these networks is not their size; it is what they are told.

# %%
quiz("4.b")

# %%
curves = {}
for name, hidden, dropout in [
    ("8 units, dropout 0", (8,), 0.0),
    ("256 units, dropout 0", (256,), 0.0),
    ("256 units, dropout 0.5", (256,), 0.5),
]:
    keras.utils.set_random_seed(4)
    candidate = build_deep_model(n_users, n_movies, mean, hidden, dropout=dropout)
    curves[name] = train_model(candidate, epochs=8, patience=8).history["val_rmse"]

axes = plt.figure().add_subplot()
for (name, curve), style in zip(curves.items(), ["-", "--", "-."], strict=True):
    axes.plot(np.arange(1, len(curve) + 1), curve, style, label=name)
axes.set_xlabel("epoch")
axes.set_ylabel("validation RMSE (stars)")
axes.set_title("Neither size nor dropout matters much")
axes.legend()
plt.show()

# %% [markdown]
# *Reading the figure:* look at the scale of the y axis. All three come within half a
# hundredth of each other, and which one is ahead, or turns first, changes with the
# seed. Thirty times as many hidden units bought nothing in these eight epochs.
# (Strong dropout goes on improving, slowly: after thirty epochs it stands a hundredth
# lower, still behind dot + bias.) What limits the network is not
# its size; it is what we tell it: two vectors.
#
# ## Does deep beat dot?

# %%
baseline = BiasBaseline().fit(train, n_users, n_movies)
deep_guesses = deep.predict(test_pairs, batch_size=8192, verbose=0)
linear_guesses = as_published.predict(test_pairs, batch_size=8192, verbose=0)
for lesson, name, guesses, parameters in [
    ("01", "user + movie bias", baseline.predict(test_pairs), n_users + n_movies + 1),
    ("04", "deep, linear by mistake", linear_guesses, as_published.count_params()),
    ("04", "deep on two vectors", deep_guesses, deep.count_params()),
]:
    add_to_scoreboard(
        name,
        edition=movielens.name,
        split=split.name,
        lesson=lesson,
        rmse=rmse(test["rating"], guesses),
        mae=mae(test["rating"], guesses),
        parameters=parameters,
    )
show_scoreboard(movielens.name, split.name)

# %% tags=["nbval-check-output"]
verdict(
    "test RMSE, linear by mistake",
    rmse(test["rating"], linear_guesses),
    inside=(0.93, 0.96),
)
verdict("test RMSE of deep", rmse(test["rating"], deep_guesses), inside=(0.91, 0.95))

# %% [markdown]
# Hardly. The network is ahead of lesson 02's bare dot product (about 0.94), which has
# no place for biases. It is one or two hundredths behind dot + bias (0.915), which
# has: and a network on
# two vectors could in principle learn both. But a dot product has the idea of
# *matching* built in; a network has to discover it, factor by factor, from 72,000
# ratings. (One could tune ours further; it would come closer, and not past. Papers that
# claimed the opposite had tuned the network and not the dot product.)
#
# So what are networks for? For taking in what a dot product has no place for.
#
# ## Everything else we know
#
# A movie has genres and a year; a user has an age, an occupation. A network takes
# any list of numbers, so the work is to make good lists. **Genres**: one column
# for each, 1 where it applies (*multi-hot*).
#
# ### Exercise 4.4 — genres as columns (5 minutes)


# %%
def multi_hot(labels, separator="|"):
    """One column a label, 1.0 where a row has it, else 0.0.

    Parameters
    ----------
    labels : pandas.Series of str
        Labels joined by `separator`; an empty text has none. Its index may hold the
        same value twice.
    separator : str
        One character.

    Returns
    -------
    pandas.DataFrame of float32, one row for each row of `labels`, same index
        Columns are the labels that occur, in the order of `sorted`. Labels that
        differ in case are different labels, capitals first.

    Examples
    --------
    >>> multi_hot(pd.Series(["Drama|War", "", "Comedy"])).to_numpy().tolist()
    [[0.0, 1.0, 1.0], [0.0, 0.0, 0.0], [1.0, 0.0, 0.0]]
    """
    ### BEGIN SOLUTION
    return labels.str.get_dummies(sep=separator).astype("float32")
    ### END SOLUTION


# %%
movies = movielens.movies.set_index("movie_id").loc[split.movies.ids]
genres = multi_hot(movies["genres"])
genres.head(3)

# %%
check("4.4", multi_hot)

# %% [markdown] tags=["hints"]
# **Hints**
#
# 1. What are all labels that occur? Which of them does one row have?
# 2. pandas can do it in one go: look for a method of `labels.str` that makes *dummies*.
#    By hand: split each text, collect all labels, sort them, and ask of every row
#    whether the label is in its *list* (in its text, Drama is in Melodrama, too).
#
# ```python
# return labels.str.get_dummies(...).astype(...)
# ```
#
# **Notice**
#
# A row without labels is all zeros, and needs no column of its own.

# %% [markdown]
# **Numbers** go in *standardised*: minus the mean, over the standard deviation,
# so that a year near 2,000 does not drown a genre of 0 or 1. And where a value is
# missing we say two things: 0, "nothing special", and a second column that says
# "missing".
#
# ### Exercise 4.5 — numbers, missing ones included (6 minutes)


# %%
def standardise(values):
    """A number as two inputs: its z-score, and whether it is missing.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        only NaN marks a missing value; at least two different
        values are there.

    Returns
    -------
    numpy.ndarray of float32, shape (n, 2)
        Column 0: (value - mean) / standard deviation of the values that are
        there (divided by n, as NumPy does), 0 for those that are not.
        Column 1: 1 where the value is missing, else 0.

    Examples
    --------
    >>> standardise([1.0, np.nan, 3.0]).tolist()
    [[-1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]
    """
    ### BEGIN SOLUTION
    values = np.asarray(values, dtype="float64")
    missing = np.isnan(values)
    z = (values - np.nanmean(values)) / np.nanstd(values)
    return np.column_stack([np.where(missing, 0, z), missing]).astype("float32")
    ### END SOLUTION


# %%
years = standardise(movies["year"].astype("float64"))
movie_features = np.hstack([genres, years]).astype("float32")
users = movielens.users
if users is None:  # some editions know nothing about their users
    user_features = np.zeros((n_users, 1), "float32")
else:
    users = users.set_index("user_id").loc[split.users.ids]
    user_features = np.hstack(
        [
            standardise(users["age"].astype("float64")),
            (users["gender"] == "F").to_numpy()[:, None],
            multi_hot(users["occupation"]),
        ]
    ).astype("float32")
print("a movie is", movie_features.shape[1], "numbers, a user", user_features.shape[1])

# %%
check("4.5", standardise)

# %% [markdown] tags=["hints"]
# **Hints**
#
# 1. What does `np.mean` answer if one of the values is NaN?
# 2. `np.isnan` finds the missing ones; `np.nanmean` and `np.nanstd` leave them out.
#    `np.where(…, 0, …)` fills in, `np.column_stack` puts two columns side by side.
#
# ```python
# missing = np.isnan(...)
# z = (... - np.nanmean(...)) / np.nanstd(...)
# return np.column_stack([np.where(missing, ..., ...), ...]).astype(...)
# ```
#
# **Notice**
#
# A 0 in the first column says two things, “average” or “unknown”; the second column
# says which.

# %% [markdown]
# ## What else did they rate?
#
# The best description of a user is not their age. It is the *list of what they
# rated*, whatever the stars: somebody who has rated six Hitchcocks tells us a lot
# by that alone. In SVD++, a model of the Netflix Prize, each movie has a second
# vector, used when it occurs in somebody's history; a user's history is the sum of
# those vectors over the square root of their number. The same works the other way
# round: a movie is described by who rated it.
#
# One trap. The history of a training pair contains *that very movie*, so the
# answer sheet lies next to the question: the fact that it was rated is there in
# training, and never at test time. With 0s and 1s the harm is small (we measured
# 0.002 stars); put the *stars* into the history, and the target itself is in the
# input: 0.015 stars worse, while the training error looks wonderful. And in
# lesson 05, where "was it watched?" is the question, the history would *be* the answer.
# So each pair's own movie is left out of its history, from the start.
#
# ### Exercise 4.6 — a history that does not peek (10 minutes)
#
# `rated` is the 0/1 matrix of the *training* ratings. For each pair, sum the
# vectors of all movies that the user rated, except the pair's own movie, and
# divide by the square root of how many were summed (at least 1). Two Keras
# operations are of use: `ops.matmul(rated, vectors)` has the full sum of every
# user, and `ops.take(table, rows, axis=0)` reads rows. The line that reads the
# own entry out of the matrix is given.
#
# The model calls your function inside `fit`, which compiles it once for batches of every
# size. The number of rows is unknown then (`who.shape[0]` is `None`), and tensors have no
# values yet: use Keras operations on whole tensors, with no loop over the pairs and no NumPy.


# %%
def history_vectors(rated, vectors, who, what):
    """Sum of the vectors of what each one rated, the pair's own left out.

    Parameters
    ----------
    rated : tensor of float32, shape (n_who, n_what)
        1 where there is a training rating, else 0.
    vectors : tensor of float32, shape (n_what, n_factors)
    who, what : tensor of int32, shape (n,)
        The pairs: row and column of `rated`.

    Returns
    -------
    tensor of float32, shape (n, n_factors)
        The sum over the square root of its number of terms; 0 where the own
        movie was the only one.

    Examples
    --------
    User 0 rated movies 0 and 1. Asked about movie 1, only movie 0 counts; asked
    about movie 2, which they have not rated, both do. User 1 rated nothing but
    movie 2: asked about it, nothing is left.

    >>> rated = ops.array([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    >>> vectors = ops.array([[2.0], [4.0], [9.0]])
    >>> who, what = ops.array([0, 0, 1]), ops.array([1, 2, 2])
    >>> ops.convert_to_numpy(history_vectors(rated, vectors, who, what)).round(4).tolist()
    [[2.0], [4.2426], [0.0]]
    """
    # 1 where the pair itself is in the history, else 0, shape (n, 1): entry
    # (row, column) of a matrix is entry row * columns + column of its flat form.
    own = ops.take(ops.reshape(rated, (-1,)), who * rated.shape[1] + what)[:, None]
    ### BEGIN SOLUTION
    total = ops.take(ops.matmul(rated, vectors), who, axis=0)
    number = ops.take(ops.sum(rated, axis=1, keepdims=True), who, axis=0)
    rest = total - own * ops.take(vectors, what, axis=0)
    return rest / ops.sqrt(ops.maximum(number - own, 1.0))
    ### END SOLUTION


# %%
tiny = ops.array([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]), ops.array([[2.0], [4.0], [9.0]])
history_vectors(*tiny, ops.array([0, 0, 1]), ops.array([1, 2, 2]))

# %%
check("4.6", history_vectors)

# %% [markdown] tags=["hints"]
# **Hints**
#
# 1. The full sum of a user's history is easy. By how much is it too large for a pair
#    whose own movie is in it, and for one whose movie is not?
# 2. `ops.take(ops.matmul(rated, vectors), who, axis=0)` is the full sum for each pair.
#    Take off `own` times the movie's vector; `own` is 0 or 1. The number of terms goes
#    down by `own`, too, and should not fall below 1 (`ops.maximum`).
#
# ```python
# total = ops.take(ops.matmul(...), who, axis=0)
# number = ops.take(ops.sum(rated, axis=1, keepdims=True), ..., axis=0)
# rest = total - ... * ops.take(vectors, ..., axis=0)
# return rest / ops.sqrt(ops.maximum(..., 1.0))
# ```
#
# **Notice**
#
# The whole history is one matrix product, made once for all users; each pair then takes
# its own movie off. No loop, and nothing peeks.

# %% [markdown]
# ## The hybrid
#
# Now everything together, as a subclass: biases and a dot product for what they
# are good at, a network for the rest. The vectors are an id's own vector *plus*
# its history. What is known about users and movies is kept inside the model, as
# constant tables that are read by row number, so that the model still takes the
# same pairs as all the others.
#
# Read the class in three parts. `__init__` makes the tables (`table` is a short way to
# make an embedding with our start values and L2; `build` because we read its weights
# directly). The first half of `call` puts the two vectors together. The second half
# adds up what lesson 03 had (mean, biases, dot product) and the output of a small
# network, which sees the vectors, their product element by element, and the metadata.


# %%
class HybridModel(keras.Model):
    """Biases + dot product + network, over ids, histories and metadata.

    Parameters
    ----------
    mean : float
    rated : array of float32, shape (n_users, n_movies), or None
        Training ratings as 0/1; None for a model without histories.
    user_features, movie_features : arrays of float32, one row an index
    n_factors, hidden : int
    """

    def __init__(
        self, mean, rated, user_features, movie_features, n_factors=32, hidden=64
    ):
        super().__init__(name="hybrid")
        n_users, n_movies = len(user_features), len(movie_features)

        def table(n_rows, n_columns, name):
            start = keras.initializers.RandomNormal(stddev=0.05 if n_columns > 1 else 0)
            weights = layers.Embedding(
                n_rows, n_columns, start, keras.regularizers.L2(2e-4), name=name
            )
            weights.build()
            return weights

        self.mean = mean
        self.user_bias = table(n_users, 1, "user_bias")
        self.movie_bias = table(n_movies, 1, "movie_bias")
        self.user_factors = table(n_users, n_factors, "user_factors")
        self.movie_factors = table(n_movies, n_factors, "movie_factors")
        self.user_features = ops.convert_to_tensor(user_features)
        self.movie_features = ops.convert_to_tensor(movie_features)
        self.rated = None if rated is None else ops.convert_to_tensor(rated)
        if rated is not None:
            self.rated_by = ops.transpose(self.rated)
            self.when_rated = table(n_movies, n_factors, "movie_when_rated")
            self.when_rating = table(n_users, n_factors, "user_when_rating")
        self.dropout = layers.Dropout(0.3)
        self.hidden = layers.Dense(hidden, activation="relu", name="hidden")
        self.output_layer = layers.Dense(1, name="output")

    def call(self, pairs, training=False):
        user, movie = pairs["user"], pairs["movie"]
        user_vector, movie_vector = self.user_factors(user), self.movie_factors(movie)
        if self.rated is not None:
            user_vector += history_vectors(
                self.rated, self.when_rated.embeddings, user, movie
            )
            movie_vector += history_vectors(
                self.rated_by, self.when_rating.embeddings, movie, user
            )
        match = user_vector * movie_vector
        everything = [
            user_vector,
            movie_vector,
            match,
            ops.take(self.user_features, user, axis=0),
            ops.take(self.movie_features, movie, axis=0),
        ]
        values = self.dropout(ops.concatenate(everything, axis=-1), training=training)
        values = self.dropout(self.hidden(values), training=training)
        return (
            self.mean
            + self.user_bias(user)
            + self.movie_bias(movie)
            + ops.sum(match, axis=-1, keepdims=True)
            + self.output_layer(values)
        )


# %% [markdown]
# One more thing, for the training. In the last epochs the weights jump about the
# minimum with every batch. Keeping a running average of them, and predicting with
# *that*, costs nothing and is steadier: the optimizer does it with `use_ema`, and
# a callback swaps the average in at the end of each epoch. ("EMA": exponential
# moving average.)
#
# The next cell trains four variants: with metadata or without, with histories or
# without. Guess first.

# %% [markdown] tags=["question"]
# The hybrid gets metadata (genres, year, age, occupation) and histories (who rated
# what, without stars). Which of the two lowers the error more?
#
# - [ ] Metadata: genres and age say what people like
#   - They say a little. But what a genre says about a movie, the people who watched it
#     have said already, and more precisely.
# - [x] Histories, by far
#   - A list of what somebody chose to watch is the best description of them, even
#     without any star.
# - [ ] Each the same, and together twice as much
#   - They overlap: once one knows the histories, the metadata add next to nothing.
# - [ ] Neither: the ids' vectors have learned all of it
#   - The vectors are learned from stars alone, and for a movie with few ratings that is
#     not much to go by.

# %%
quiz("4.c")


# %%
def train_hybrid(model, epochs=30):
    """Fit with averaged weights, stop at the best validation epoch."""
    model.compile(
        optimizer=keras.optimizers.Adam(0.006, use_ema=True, ema_momentum=0.96),
        loss="mse",
        metrics=[keras.metrics.RootMeanSquaredError(name="rmse")],
        steps_per_execution=20,
    )
    model({name: rows[:1] for name, rows in train_pairs.items()})  # builds its layers
    model.optimizer.build(model.trainable_variables)
    return model.fit(
        train_pairs,
        train["rating"].to_numpy(),
        validation_data=(valid_pairs, valid["rating"].to_numpy()),
        batch_size=4096,
        validation_batch_size=8192,
        epochs=epochs,
        callbacks=[
            keras.callbacks.SwapEMAWeights(swap_on_epoch=True),
            keras.callbacks.EarlyStopping(
                monitor="val_rmse", mode="min", patience=2, restore_best_weights=True
            ),
        ],
        verbose=0,
    )


rated = np.zeros((n_users, n_movies), dtype="float32")
rated[train["user"], train["movie"]] = 1

variants = {
    "ids only": (None, user_features[:, :0], movie_features[:, :0]),
    "ids + metadata": (None, user_features, movie_features),
    "ids + histories": (rated, user_features[:, :0], movie_features[:, :0]),
    "hybrid: ids, metadata, histories": (rated, user_features, movie_features),
}
hybrid_guesses, sizes = {}, {}
for name, (known, of_users, of_movies) in variants.items():
    keras.utils.set_random_seed(4)
    hybrid = HybridModel(mean, known, of_users, of_movies)
    history = train_hybrid(hybrid)
    guesses = hybrid.predict(test_pairs, batch_size=8192, verbose=0)
    hybrid_guesses[name] = np.clip(guesses, *movielens.rating_scale[:2])
    sizes[name] = hybrid.count_params()
    print(
        f"{name}: {len(history.epoch)} epochs, "
        f"validation RMSE {min(history.history['val_rmse']):.3f}"
    )

# %% [markdown]
# (`[:, :0]` is a table without columns: nothing is known. And `np.clip` keeps predictions
# on the scale, since nobody can give 5.3 stars; it is worth less than a thousandth.)

# %%
for name, guesses in hybrid_guesses.items():
    add_to_scoreboard(
        name,
        edition=movielens.name,
        split=split.name,
        lesson="04",
        rmse=rmse(test["rating"], guesses),
        mae=mae(test["rating"], guesses),
        parameters=sizes[name],
    )
show_scoreboard(movielens.name, split.name)

# %% tags=["nbval-check-output"]
best = hybrid_guesses["hybrid: ids, metadata, histories"]
verdict("test RMSE of the hybrid", rmse(test["rating"], best), inside=(0.88, 0.90))
verdict("test MAE of the hybrid", mae(test["rating"], best), inside=(0.685, 0.715))

# %% [markdown]
# There it is. The hybrid is ahead of dot + bias by as much as that was ahead of the dot
# model. Read the four rows against each other, all four with biases and dot product
# inside. *Ids only* is no better than the deep model: the network beside the dot product
# just overfits sooner. Metadata help while there is nothing better; once the
# *histories* are in, they add next to nothing. What a genre says about a movie, a few
# dozen people have already said by watching it. The 1s of the matrix, without any
# star, carry that much.
#
# ## Where did it get better?
#
# One average hides a lot. Split the test ratings by how many training ratings the
# movie has.

# %%
n_ratings = np.bincount(train["movie"], minlength=n_movies)[test["movie"]]
groups = pd.cut(
    n_ratings,
    [-1, 9, 49, 199, np.inf],
    labels=["0–9", "10–49", "50–199", "200 and more"],
)
squared = pd.DataFrame(
    {"user + movie bias": (baseline.predict(test_pairs) - test["rating"]) ** 2}
    | {
        name: (np.ravel(guesses) - test["rating"]) ** 2
        for name, guesses in hybrid_guesses.items()
    }
)
by_group = np.sqrt(squared.groupby(groups, observed=True).mean())
axes = plt.figure(figsize=(7, 4)).add_subplot()
place = np.arange(len(by_group))
for offset, (name, column) in zip(
    np.linspace(-0.4, 0.4, 5), by_group.items(), strict=True
):
    axes.plot(place + offset / 3, column, "o", ms=9, label=name)
axes.set_xticks(place, by_group.index)
axes.set_xlabel("training ratings of the movie")
axes.set_ylabel("test RMSE (stars)")
axes.set_title("Better everywhere, most of all where ratings are few")
axes.legend()
plt.show()

# %% [markdown]
# *Reading the figure:* every model is worst where there is least to go by, on the
# left. There the hybrid also gains most over the biases: a movie's own average rests on a
# handful of people, and *who* they are says a good deal more. (On the right it gains,
# too: where much is known, there is more taste to be learned.) For a movie that nobody
# has rated yet, all that is known of it are its metadata; only 58 test ratings are of
# that kind, too few to measure how much they help.
#
# ## What would it tell you to watch?
#
# The hybrid wants more of a user than a vector: a history and a few facts. So you borrow
# the seat of the first user: your ten movies become the history of that row, and as we
# know nothing else about you, you get the average of all users' features. Vector and bias
# are then fitted to your ratings, as before.

# %%
mine = my_ratings(movielens)
my_rows = split.movies.encode(mine["movie_id"])
with_my_history = rated.copy()
with_my_history[0] = 0
with_my_history[0, my_rows] = 1
with_my_features = user_features.copy()
with_my_features[0] = user_features.mean(axis=0)

guest = HybridModel(mean, with_my_history, with_my_features, movie_features)
guest({name: rows[:1] for name, rows in train_pairs.items()})  # builds the tables
guest.set_weights(hybrid.get_weights())
what_to_watch(guest, movielens, split)

# %% [markdown]
# Compare the list with the one of lesson 03. What is new on it is there because of *which*
# movies you rated, not only because of your stars.
#
# ## What to remember
#
# - Between dense layers there must be an activation. Without it a deep model is a
#   user bias plus a movie bias, and gives everybody the same list.
# - Test for interaction: two users, two movies, one difference of differences.
# - On two vectors alone, a network does not beat a dot product with biases.
# - What a network is good for is taking in more: metadata a little, histories a
#   lot.
# - A history must not contain the pair that it helps to predict.
#
# ## Where to read on
#
# - H.-T. Cheng et al., [Wide & Deep Learning for Recommender
#   Systems](https://arxiv.org/abs/1606.07792), 2016: memory and generalisation in
#   one model.
# - J. Lian et al., [xDeepFM](https://arxiv.org/abs/1803.05170), 2018:
#   interactions made explicit.
# - Y. Koren, [Factorization Meets the
#   Neighborhood](https://doi.org/10.1145/1401890.1401944), 2008: SVD++.
# - M. Ferrari Dacrema, P. Cremonesi and D. Jannach, [Are We Really Making Much
#   Progress?](https://arxiv.org/abs/1907.06902), 2019: an uncomfortable answer.
#
# **Next:** lesson 05 stops predicting stars and asks what we wanted all along:
# which movies go on the list?

# %% tags=["instructor"]
# Minutes: 75. 4.2 and 4.3 belong together; let students argue why the list is
# the same for all before they run the cell.
# Misconceptions: "more layers can express more" (not linear ones); "dropout is
# why training error is higher, so dropout is bad"; "metadata must help a lot".
# Open questions: the linear model recommends the same movies to all; the three
# sizes differ by less than 0.005.
