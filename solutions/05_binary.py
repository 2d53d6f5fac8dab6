# %% [markdown] tags=["badge"]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/neural-recsys-course/neural-recsys-course/blob/v1.0.0/solutions/05_binary.ipynb)

# %% [markdown]
# # 5 · Binary: from stars to a list
#
# Nobody opens a streaming service to learn that a movie will be a 3.7. They want
# a list, and a list needs no stars, only an order. In this lesson we first turn
# ratings into a yes or no, then into a ranking, and there the greatest surprise of the
# course is waiting. Its reason has been sitting in the data since lesson 01.
#
# **When you have finished, you can**
#
# - turn ratings into yes and no, and say what the cut decides;
# - read accuracy against its base rate, ROC AUC, and a calibration plot;
# - build the full score matrix, mask what was seen, and compute NDCG by hand;
# - say why a good RMSE and a good list are two things;
# - train with sampled negatives, and hold the network against a formula;
# - see what a list does to the long tail.
#
# **Time** 75 minutes to work through, about a minute of computing.
# **Before this** lessons 01 to 04.

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
from sklearn.metrics import roc_auc_score

from helpers import check, hint, plots, quiz, reveal
from helpers.baselines import Popularity
from helpers.data import load_movielens
from helpers.my_ratings import my_ratings
from helpers.ranking import (
    coverage_at_k,
    mask_pairs,
    ndcg_at_k,
    recommend,
    relevance_matrix,
    score_all,
    top_n,
)
from helpers.scoreboard import add_to_scoreboard
from helpers.splits import pairs, ranking_split
from helpers.bands import verdict

plots.use_course_style()
keras.utils.set_random_seed(5)

# %% [markdown]
# For rankings we use another split, the one that a public notebook made its
# figures on: the official fold u1, with only the users and movies that occur in both
# parts. (Where your copy of the ratings has no official folds, a stand-in of
# the same shape takes its place; the line below says which.) You know from lesson
# 01 what is wrong with that filter. All models get the same advantage from it, so we
# may compare them with each other, and with the published figures, and promise nobody
# that it will be as good in the shop.

# %%
movielens = load_movielens()
split = ranking_split(movielens, fold=1, valid=0.1, filtered=True, seed=0)
train, valid, test = split.train, split.valid, split.test
n_users, n_movies = split.n_users, split.n_movies
split

# %% [markdown]
# ## Where goes the cut?
#
# 4 and 5 stars are a yes, 1 and 2 a no. And 3? On this site a 3 means "it passed
# the time", and the mean is 3.5, so a 3 is *below* average. We say no. The public
# notebook says the same without saying it: it scales the stars to 0…1, and asks
# for *more* than 0.5, which 3 stars just miss.
#
# ### Exercise 5.1 — yes or no (4 minutes)


# %%
def to_yes_no(ratings, liked_from=4):
    """1.0 for each rating of at least `liked_from` stars, else 0.0.

    Parameters
    ----------
    ratings : array_like of float, shape (n,), in stars
        An array, a list or a column of a table.
    liked_from : float

    Returns
    -------
    numpy.ndarray of float32, shape (n,)

    Examples
    --------
    >>> to_yes_no([1, 3, 3.5, 4, 5]).tolist()
    [0.0, 0.0, 0.0, 1.0, 1.0]
    """
    ### BEGIN SOLUTION
    return (np.asarray(ratings) >= liked_from).astype("float32")
    ### END SOLUTION


# %%
for cut in (3, 4, 5):
    share = to_yes_no(train["rating"], cut).mean()
    print(f"yes from {cut} stars: {share:.0%} of the ratings are a yes")

# %%
check("5.1", to_yes_no)

# %% [markdown] tags=["hints"]
# **Hints**
#
# 1. What does NumPy give for `np.array([3, 4, 5]) >= 4`?
# 2. A list does not know `>=`: make an array of it first, with `np.asarray`. Then
#    compare with `liked_from`, and turn True and False into numbers with `.astype(…)`.
#
# ```python
# def to_yes_no(ratings, liked_from=4):
#     is_yes = np.asarray(...) >= ...
#     return is_yes.astype(...)
# ```
#
# **Notice**
#
# 3.5 stars are a no at the default cut, and nobody would see it in a score: say where
# you cut.

# %% [markdown]
# The cut decides what the model is about. From 3 stars on, nearly everything is
# a yes, and the model learns "not hated"; from 5 on, it learns "loved". Whoever
# says "accuracy 82 %" has to say where the cut was.
#
# ## A probability, and its loss
#
# For a yes or no a model should answer with a probability. A *sigmoid* squeezes
# any score $s$ into 0…1, and *binary cross-entropy* measures how surprised the
# model is by the truth $y$:
#
# $$p = \frac{1}{1+e^{-s}} \qquad
# \text{BCE} = -\frac1n\sum_i \big[y_i \log p_i + (1-y_i)\log(1-p_i)\big]$$
#
# ### Exercise 5.2 — surprise, by hand (6 minutes)
#
# With NumPy. The logarithm of 0 is infinite, so keep
# $p$ between `tiny` and 1 − `tiny`.


# %%
def sigmoid(scores):
    """Squeeze scores into 0…1.

    Parameters
    ----------
    scores : numpy.ndarray of float, any shape

    Returns
    -------
    numpy.ndarray of float, same shape

    Examples
    --------
    >>> sigmoid(np.array([0.0, 2.0])).round(3).tolist()
    [0.5, 0.881]
    """
    ### BEGIN SOLUTION
    return 1 / (1 + np.exp(-scores))
    ### END SOLUTION


def surprise(liked, probability, tiny=1e-7):
    """Mean binary cross-entropy.

    Parameters
    ----------
    liked : array_like of 0 or 1, shape (n,)
    probability : array_like of float from 0 to 1, shape (n,) or (n, 1)
    tiny : float
        A probability below it counts as `tiny`, one above 1 − `tiny` as 1 − `tiny`.

    Returns
    -------
    float

    Examples
    --------
    >>> round(surprise([1, 0], [[0.9], [0.2]]), 4)
    0.1643
    """
    ### BEGIN SOLUTION
    liked, p = np.ravel(liked), np.clip(np.ravel(probability), tiny, 1 - tiny)
    return float(-np.mean(liked * np.log(p) + (1 - liked) * np.log(1 - p)))
    ### END SOLUTION


# %%
print(surprise([1, 0], [[0.9], [0.2]]), "confident and right")
print(surprise([1, 0], [0.5, 0.5]), "no idea")
print(surprise([1, 0], [0.1, 0.8]), "confident and wrong")

# %%
check("5.2", sigmoid, surprise)

# %% [markdown] tags=["hints"]
# **Hints**
#
# 1. What is log 0? And in which of the two halves of the formula does a rating with y =
#    1 count, in which one with y = 0?
# 2. Bring both to the shape (n,) with `np.ravel`. Keep p inside with `np.clip`.
#    `np.log` is the natural logarithm, the one of the formula.
#
# ```python
# liked, p = np.ravel(...), np.clip(np.ravel(...), ..., ...)
# halves = liked * ... + (1 - liked) * ...
# return -np.mean(...)
# ```
#
# **Notice**
#
# A certain and wrong answer costs 16 here, and only because of `tiny`. Without it a
# single such answer would make the loss of all the others infinite.

# %% [markdown]
# "No idea" costs log 2 = 0.693 a rating. Being confidently wrong costs more than
# being confidently right saves: the loss wants honest probabilities.
#
# ## Four models to compare
#
# You have built all of their parts; here they are as one function, with or
# without a network, for stars or for yes and no.


# %%
def build_model(deep, binary, n_factors=32):
    """Dot + bias, or a deep model; stars, or the probability of a yes."""
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")

    def embedded(index, rows, columns, name):
        start = "zeros" if columns == 1 else "uniform"
        penalty = keras.regularizers.L2(1e-4 if columns == 1 else 3e-4)
        if deep:
            penalty = None  # dropout takes its place
        return layers.Embedding(rows, columns, start, penalty, name=name)(index)

    user_vector = embedded(user, n_users, n_factors, "user_factors")
    movie_vector = embedded(movie, n_movies, n_factors, "movie_factors")
    if deep:
        values = layers.Concatenate()([user_vector, movie_vector])
        values = layers.Dropout(0.3)(values)
        values = layers.Dense(50, activation="relu")(values)
        score = layers.Dense(1)(layers.Dropout(0.3)(values))
    else:
        score = layers.Add()(
            [
                layers.Dot(axes=-1)([user_vector, movie_vector]),
                embedded(user, n_users, 1, "user_bias"),
                embedded(movie, n_movies, 1, "movie_bias"),
            ]
        )
    if binary:
        base_rate = to_yes_no(train["rating"]).mean()
        start_score = float(np.log(base_rate / (1 - base_rate)))
        score = layers.Rescaling(1.0, offset=start_score)(score)
        answer = layers.Activation("sigmoid", name="probability")(score)
    else:
        answer = layers.Rescaling(1.0, offset=float(train["rating"].mean()))(score)
    return keras.Model({"user": user, "movie": movie}, answer)


models = {}
for name, deep, binary in [
    ("stars: dot + bias", False, False),
    ("stars: deep", True, False),
    ("yes/no: dot + bias", False, True),
    ("yes/no: deep", True, True),
]:
    keras.utils.set_random_seed(5)
    model = build_model(deep, binary)
    model.compile(
        optimizer=keras.optimizers.Adam(0.003 if deep else 0.015),
        loss="binary_crossentropy" if binary else "mse",
        metrics=[
            keras.metrics.BinaryCrossentropy(name="bce")
            if binary
            else keras.metrics.MeanSquaredError(name="mse")
        ],
        steps_per_execution=20,
    )
    model.optimizer.build(model.trainable_variables)
    measured = "val_bce" if binary else "val_mse"
    target, valid_target = (
        (to_yes_no if binary else np.asarray)(part["rating"])[:, None]
        for part in (train, valid)
    )
    history = model.fit(
        pairs(train),
        target,
        validation_data=(pairs(valid), valid_target),
        batch_size=1024,
        epochs=50,
        callbacks=[
            keras.callbacks.EarlyStopping(
                monitor=measured, mode="min", patience=2, restore_best_weights=True
            )
        ],
        verbose=0,
    )
    models[name] = model
    print(
        f"{name:28} {len(history.epoch):2} epochs, "
        f"{measured} {min(history.history[measured]):.3f}"
    )

# %% [markdown]
# ## How good is a yes?
#
# ### Exercise 5.3 — accuracy, and what it is worth (5 minutes)
#
# Accuracy is the share of right answers, counting a probability of at least 0.5 as
# a yes. Next to it belongs the *base rate*: the accuracy of somebody who always
# gives the commoner answer.


# %%
def accuracy_and_base_rate(liked, probability):
    """Share of right answers, and that of always giving the commoner one.

    Parameters
    ----------
    liked : array_like of 0 or 1, shape (n,)
    probability : array_like of float from 0 to 1, shape (n,) or (n, 1)
        At least 0.5 is a yes.

    Returns
    -------
    accuracy, base_rate : float, float

    Examples
    --------
    >>> accuracy_and_base_rate([0, 0, 1, 0], [[0.1], [0.6], [0.4], [0.2]])
    (0.5, 0.75)
    """
    ### BEGIN SOLUTION
    liked = np.ravel(liked)
    says_yes = np.ravel(probability) >= 0.5
    share_of_yes = float(np.mean(liked))
    return float(np.mean(says_yes == (liked == 1))), max(share_of_yes, 1 - share_of_yes)
    ### END SOLUTION


# %%
print(accuracy_and_base_rate([0, 0, 1, 0], [[0.1], [0.6], [0.4], [0.2]]))

# %%
check("5.3", accuracy_and_base_rate)

# %% [markdown] tags=["hints"]
# **Hints**
#
# 1. Somebody always answers “no”. How often are they right if 30 % are a yes? And how
#    would you answer, without looking, if 70 % are?
# 2. `np.ravel` brings both to the shape (n,). `probability >= 0.5` is the answer;
#    compare it with `liked == 1` and take the mean. The more common answer is the
#    larger one of two shares.
#
# ```python
# says_yes = np.ravel(...) >= ...
# share_of_yes = ...
# return np.mean(says_yes == ...), max(share_of_yes, ...)
# ```
#
# **Notice**
#
# The base rate needs no model at all. An accuracy without it says nothing: 0.9 is poor
# where nine in ten are a yes.

# %%
liked_test = to_yes_no(test["rating"])
auc = {}
for name, model in models.items():
    answers = model.predict(pairs(test), batch_size=8192, verbose=0)
    auc[name] = roc_auc_score(liked_test, np.ravel(answers))
    if name.startswith("yes/no"):
        accuracy, base_rate = accuracy_and_base_rate(liked_test, answers)
        print(
            f"{name:28} accuracy {accuracy:.3f} (base rate {base_rate:.3f}), "
            f"AUC {auc[name]:.3f}, BCE {surprise(liked_test, answers):.3f}"
        )
    else:
        print(f"{name:28} AUC {auc[name]:.3f}")

# %% tags=["nbval-check-output"]
verdict("AUC of yes/no, dot + bias", auc["yes/no: dot + bias"], inside=(0.74, 0.80))

# %% [markdown]
# An accuracy of about 0.7 sounds good until one sees that saying "yes" to everything
# gets more than half of them. **ROC AUC** needs no threshold and has the same scale
# for every base rate: it is the chance that a liked movie, picked at random, has a
# higher score than a disliked one. 0.5 is guessing. The models for stars can be
# measured by it too, since an order is all it needs, and they are no worse, even a
# little ahead: the cut threw away that a 5 is more than a 4.
#
# ## Can one believe the probabilities?
#
# If a model says 0.8 a hundred times, some eighty of these should be a yes. That is
# *calibration*.
#
# ### Exercise 5.4 — said and true (7 minutes)
#
# Put the predictions into ten bins of equal width: from 0 to just below 0.1, from 0.1 to
# just below 0.2, …, from 0.9 to 1. For each bin that is not empty: the mean probability
# said, the share of yes among its ratings, and how many there are.


# %%
def calibration(liked, probability, n_bins=10):
    """What a model says and what is true, bin by bin.

    Parameters
    ----------
    liked : array_like of 0 or 1, shape (n,)
    probability : array_like of float from 0 to 1, shape (n,) or (n, 1)
    n_bins : int
        Bins of equal width; a probability of exactly 1 belongs to the last.

    Returns
    -------
    pandas.DataFrame
        One row for each bin that is not empty, the lowest probabilities first, with the
        columns `said` (mean probability), `true` (share of yes) and `size` (number of
        ratings), in this order; any index.

    Examples
    --------
    >>> calibration([0, 1, 1, 1], [0.11, 0.13, 0.95, 1.0]).round(3).values.tolist()
    [[0.12, 0.5, 2.0], [0.975, 1.0, 2.0]]
    """
    ### BEGIN SOLUTION
    frame = pd.DataFrame({"said": np.ravel(probability), "true": np.ravel(liked)})
    bins = np.minimum((frame["said"] * n_bins).astype(int), n_bins - 1)
    table = frame.groupby(bins).mean()
    table["size"] = frame.groupby(bins).size()
    return table.reset_index(drop=True)
    ### END SOLUTION


# %%
print(calibration([0, 1, 1, 1], [0.11, 0.13, 0.95, 1.0]).round(3).values.tolist())

# %%
check("5.4", calibration)

# %% [markdown] tags=["hints"]
# **Hints**
#
# 1. In which bin is 0.37, and what has that to do with 0.37 · 10? Where does 1.0 · 10
#    lead?
# 2. Number the bins with the whole part of p · n_bins, and bring the last number down
#    by `np.minimum`. Then `groupby` that number: a bin that is empty does not even come
#    up.
#
# ```python
# frame = pd.DataFrame({"said": ..., "true": ...})
# bins = np.minimum((... * n_bins).astype(int), ...)
# table = frame.groupby(...).mean()
# table["size"] = ...
# ```
#
# **Notice**
#
# Look at `size` before you believe a row: a share of yes among five ratings says little
# about the model.

# %%
axes = plt.figure(figsize=(5.2, 4.2)).add_subplot()
axes.plot([0, 1], [0, 1], "--", color=plots.GREY, label="perfectly calibrated")
axes.axhline(liked_test.mean(), color="black", ls=":", lw=1, label="base rate")
for name, marker in [("yes/no: dot + bias", "o-"), ("yes/no: deep", "s-")]:
    answers = models[name].predict(pairs(test), batch_size=8192, verbose=0)
    bins = calibration(liked_test, answers)
    axes.plot(bins["said"], bins["true"], marker, label=name)
axes.set_xlabel("probability that the model says")
axes.set_ylabel("share of yes among these ratings")
axes.set_title("Said and true")
axes.legend()
plt.show()

# %% [markdown]
# *Reading the figure:* the deep model says about what is true. Dot + bias is too timid:
# where it says 0.35, a quarter are a yes, and where it says 0.65, seven in ten. Its L2
# pulls all scores towards the base rate. That does not touch the *order*, and AUC has not
# noticed; whoever uses the number as a probability would.
#
# ## From scores to lists
#
# Now the list. Score *every* movie for every user, strike out what the user has
# already rated, sort, show the top.
#
# **Seen movies must go.** The public notebook does it by setting their scores to 0
# in the matrix of predictions. For stars that is below everything; but then it
# does the same with other models.

# %% [markdown] tags=["question"]
# A list should not show what the user has seen. For which of these scores is 0 *not*
# below all of them, so that a seen movie set to 0 may come out on top?
#
# - [ ] Predicted stars, from 1 to 5
#   - For stars 0 is at the bottom: the published mask works there, and that is why
#     nobody noticed.
# - [ ] Probabilities, after a sigmoid
#   - A probability is never below 0, so 0 is at the bottom here, too. Look at the score
#     before its sigmoid.
# - [x] Scores before the sigmoid (logits)
#   - Half of them or more are below 0, wherever the model says no. A seen movie at 0
#     would stand in front of all of these.
# - [ ] Numbers of ratings (popularity)
#   - A count is never below 0. At worst a seen movie is level with one that nobody has
#     rated.

# %%
quiz("5.a")

# %% [markdown]
# ### Exercise 5.5 — a mask that holds (6 minutes)
#
# Write a mask that is right for any scores, however low, and leaves the matrix it was
# given as it was.


# %%
def strike_out(scores, seen):
    """A copy of the scores, with everything seen ranked behind all the rest.

    Parameters
    ----------
    scores : numpy.ndarray of float, shape (n_users, n_movies)
        Any finite values.
    seen : pandas.DataFrame
        With the columns `user` and `movie`: row and column in `scores`.

    Returns
    -------
    numpy.ndarray of float, same shape
        A new one, without NaN.

    Examples
    --------
    >>> scores = np.array([[-2000.0, -1.0]])
    >>> seen = pd.DataFrame({"user": [0], "movie": [1]})
    >>> int(strike_out(scores, seen).argmax()), scores.tolist()
    (0, [[-2000.0, -1.0]])
    """
    ### BEGIN SOLUTION
    struck = np.array(scores, dtype="float64")
    struck[seen["user"], seen["movie"]] = -np.inf
    return struck
    ### END SOLUTION


# %%
scores = np.array([[-2000.0, -1.0]])
seen = pd.DataFrame({"user": [0], "movie": [1]})
print(int(strike_out(scores, seen).argmax()), scores.tolist())

# %%
check("5.5", strike_out)

# %% [markdown] tags=["hints"]
# **Hints**
#
# 1. Which number is smaller than every score that any model could give?
# 2. Copy the matrix first: `scores[...] = …` writes into the one that you were given.
#    Rows and columns of all the pairs can be given at once, as two lists in step.
#
# ```python
# def strike_out(scores, seen):
#     struck = ...  # a copy
#     struck[..., ...] = ...
#     return ...
# ```
#
# **Notice**
#
# Minus infinity is below every number that a model can say, so nobody has to know how
# the model counts.

# %% [markdown]
# From here on we use the course's own `mask_pairs`, which does the same, and
# `score_all`, which sends all users × movies through a model in a few large calls.
# (The public notebook calls `predict` once for each user, and waits a minute a
# model.)
#
# ## How good is a list? NDCG
#
# A good list has what the user liked near the top. **DCG** pays for each relevant
# movie, here by its test rating, and the pay shrinks with the place $p$:
# divided by $\log_2(p+1)$, so 1, 0.63, 0.5, 0.43, … **NDCG** divides by what the
# perfect list would get. 1 is perfect.
#
# ### Exercise 5.6 — NDCG of one list (10 minutes)


# %%
def ndcg_of_one(relevance, scores, k):
    """NDCG@k of one user.

    Parameters
    ----------
    relevance : array_like of float, shape (n_movies,)
        The test rating of each movie, 0 where there is none; not all 0.
    scores : array_like of float, shape (n_movies,)
        All different.
    k : int
        Places that count; all of them where there are fewer movies.

    Returns
    -------
    float from 0 to 1

    Examples
    --------
    The list starts with an irrelevant movie and one of 3 stars; the best list of
    two would have had those of 5 and 4.

    >>> round(ndcg_of_one([3, 5, 0, 4], [3.0, 2.0, 4.0, 1.0], k=2), 4)
    0.2516
    """
    ### BEGIN SOLUTION
    relevance, scores = np.asarray(relevance), np.asarray(scores)
    discount = 1 / np.log2(np.arange(2, len(relevance) + 2))[:k]
    gained = relevance[np.argsort(-scores)][:k] @ discount
    possible = np.sort(relevance)[::-1][:k] @ discount
    return float(gained / possible)
    ### END SOLUTION


# %%
print(ndcg_of_one([3, 5, 0, 4], [3.0, 2.0, 4.0, 1.0], k=2))
print(ndcg_at_k([[3, 5, 0, 4]], [[3.0, 2.0, 4.0, 1.0]], k=2), "by the course's helper")

# %%
check("5.6", ndcg_of_one)

# %% [markdown] tags=["hints"]
# **Hints**
#
# 1. Which movie stands in place 1 of the list, and which would stand there in the
#    perfect list? What does each of the two get for it?
# 2. `np.argsort(-scores)` lists the movies, best first. The discount of place p is 1 /
#    log2(p + 1), with p from 1. Cut both lists after k places: the one that is shown,
#    and the perfect one. For a k beyond the end there are just fewer places.
#
# ```python
# places = np.arange(1, len(relevance) + 1)
# discount = (1 / np.log2(...))[:k]
# gained = np.sum(relevance[np.argsort(...)][:k] * ...)
# possible = np.sum(np.sort(relevance)[...][:k] * ...)
# return ... / ...
# ```
#
# **Notice**
#
# The scores themselves never count, only the order they make: double them all, and
# nothing changes. RMSE sees just the opposite.

# %% [markdown]
# ## The surprise
#
# Six ways to make lists: the four models, popularity (the same list for all, minus
# what each has seen) and chance. The test ratings say what is relevant: a movie that
# the user watched and gave 5 stars earns 5, one with 1 star earns 1, and one that the
# user has not rated earns nothing.
#
# **Before you run it,** write down your order of the six. Which is best?

# %% [markdown] tags=["question"]
# Six ways to make lists: four models (stars or yes/no, dot + bias or deep), popularity
# and chance. Put the six in order: which one comes out on top, by NDCG@10?
#
# - [ ] The deep models: they have the most layers
#   - They are as good as the others at a yes or no. A list is another question, and
#     more layers do not ask it.
# - [ ] The yes/no models: what is liked is what a list needs
#   - They can tell a liked from a disliked movie, *if* it was watched. Have they ever
#     seen one that was not?
# - [ ] The models for stars: their AUC was even a little higher
#   - AUC was measured among rated movies. On the list they meet all the others, too.
# - [x] Popularity: the same list for all
#   - It is the only one of the six that knows what people watch. Run on, and see by how
#     much.
# - [ ] Nothing beats chance: the test ratings are few
#   - Few they are, but people's choices are far from chance: they watch what everybody
#     watches.

# %%
quiz("5.b")

# %%
relevance = relevance_matrix(test, n_users, n_movies)
relevance_of_liked = relevance_matrix(test, n_users, n_movies, values=liked_test)
known = pd.concat([train, valid])
popularity = Popularity().fit(known, n_movies)


dice = np.random.default_rng(5)


def chance(batch):
    return dice.random(len(batch["user"]))


lists = {}
for name, model in {**models, "popularity": popularity, "chance": chance}.items():
    lists[name] = mask_pairs(score_all(model, n_users, n_movies), known)

ranking = pd.DataFrame(
    {
        f"NDCG@{k}": {name: ndcg_at_k(relevance, s, k) for name, s in lists.items()}
        for k in (10, 20, 30, 100)
    }
    | {
        "NDCG@10, liked only": {
            name: ndcg_at_k(relevance_of_liked, s, 10) for name, s in lists.items()
        }
    }
).sort_values("NDCG@10", ascending=False)
plots.plot_bars(
    ranking.index,
    ranking["NDCG@10"],
    "Whose list is best?",
    "NDCG@10",
    highlight=["popularity"],
)
ranking.round(3)

# %% tags=["nbval-check-output"]
verdict(
    "NDCG@10 of popularity", ranking.loc["popularity", "NDCG@10"], inside=(0.24, 0.30)
)
best_model = ranking.drop("popularity")["NDCG@10"].max()
verdict("NDCG@10 of the best of the four models", best_model, at_most=0.25)

# %% [markdown]
# Popularity wins, and not by a little. Models that can tell a liked from a disliked
# movie, with an AUC of more than 0.75, make worse lists than a piece of paper with a few
# dozen titles on it. And the deep ones, as good as the others at a yes or no, make
# the worst lists of the four. Is the metric broken? It does count a movie with 1 star
# for something;
# but count only movies with 4 and 5 stars (the last column), and popularity still wins. So
# look at what the models recommend.

# %%
n_ratings = np.bincount(known["movie"], minlength=n_movies)
for name, scores in lists.items():
    typical = np.median(n_ratings[top_n(scores, 10)])
    print(f"{name:28} a movie in its top ten has typically {typical:4.0f} ratings")

# %%
shown = recommend(lists["stars: deep"][0], split, movielens.movies, n=10)
shown.assign(ratings=n_ratings[top_n(lists["stars: deep"][0], 10)[0]]).round(2)

# %% [markdown]
# Among well-known and praised movies there is now and then one that hardly anybody
# has seen. A model that was trained on stars puts it on the list as soon as its few
# viewers were delighted, the deep ones above all: they have no L2 that shrinks a
# vector with two
# ratings back to the average. And they may even be right: *if* you watched it, you would
# like it. But you will not watch it, and so it is not among your test ratings. The
# models were asked "how will this user rate the
# movie, **given that they rate it**?", and were trained on nothing else. In lesson
# 01 we saw that the empty cells are not like the full ones. Not one empty cell
# was in the training data: these models have never seen a movie that was *not*
# watched.
#
# ## Show it what was not watched
#
# So we take the *fact* of a rating as the yes, and for the no we draw movies that
# the user has not rated: *sampled negatives*. Some of them the user would love,
# but most not; drawn afresh in every epoch, the errors wash out.
#
# ### Exercise 5.7 — draw negatives (8 minutes)
#
# For each entry of `users` draw `k` random movies; throw away the draws that the
# user has rated. (So a user with many ratings gets a few less. That is fine.)


# %%
def sample_negatives(users, rated, k, rng):
    """Random movies that these users have not rated.

    Parameters
    ----------
    users : numpy.ndarray of int, shape (n,)
        A user for each positive pair; users repeat.
    rated : numpy.ndarray, shape (n_users, n_movies)
        1 where there is a training rating, else 0.
    k : int
        Draws for each entry of `users`, each from all movies: one may come up twice.
    rng : numpy.random.Generator
        The only source of chance.

    Returns
    -------
    user, movie : numpy.ndarray of int, equal shapes (at most n * k,)
        Pairs that are 0 in `rated`.

    Examples
    --------
    >>> rated = np.array([[1, 0, 1, 0]])
    >>> user, movie = sample_negatives(np.array([0]), rated, 50, np.random.default_rng(0))
    >>> set(user.tolist()), set(movie.tolist())
    ({0}, {1, 3})
    """
    ### BEGIN SOLUTION
    user = np.repeat(users, k)
    movie = rng.integers(0, rated.shape[1], size=len(user))
    unrated = rated[user, movie] == 0
    return user[unrated], movie[unrated]
    ### END SOLUTION


# %%
user, movie = sample_negatives(
    np.array([0]), np.array([[1, 0, 1, 0]]), 50, np.random.default_rng(0)
)
print(set(user.tolist()), set(movie.tolist()))

# %%
check("5.7", sample_negatives)

# %% [markdown] tags=["hints"]
# **Hints**
#
# 1. You want k movies for each entry of `users`. How often does each user have to come
#    up, so that users and movies stand side by side?
# 2. `np.repeat(users, k)` and `rng.integers(0, n_movies, size=…)`: the upper end is
#    left out. Which of these pairs are 0 in `rated`? Keep those, on both sides.
#
# ```python
# user = np.repeat(...)
# movie = rng.integers(0, ..., size=...)
# unrated = rated[..., ...] == 0
# return user[...], ...
# ```
#
# **Notice**
#
# Nobody has said no to these movies. They are only *mostly* a no, and drawn afresh each
# epoch, so that a wrong one does not stay.

# %%
rated = np.zeros((n_users, n_movies), dtype="float32")
rated[known["user"], known["movie"]] = 1
user, movie = sample_negatives(
    known["user"].to_numpy(), rated, 5, np.random.default_rng(0)
)
print(
    f"{len(known):,} positives, {len(user):,} negatives, "
    f"of which rated: {rated[user, movie].sum():.0f}"
)

# %% [markdown]
# The model: a movie bias, and a dot product of the movie's vector with the user's
# *history*, as in lesson 04: the sum of the vectors of what the user has watched, the
# pair's own movie left out, over the square root of their number. There is no user
# vector of its own: here a user *is* what they have watched. The score goes through a
# sigmoid inside the loss (`from_logits=True`). (Some negatives are movies of the test
# set: we cannot know, and must not look.)


# %%
class WatchModel(keras.Model):
    """Score = movie bias + history of the user · movie vector."""

    def __init__(self, rated, n_factors=32):
        super().__init__(name="watch")
        self.rated = ops.convert_to_tensor(rated)
        penalty = keras.regularizers.L2(1e-5)
        start = keras.initializers.RandomNormal(stddev=0.05)
        n_movies = rated.shape[1]
        self.movie_bias = layers.Embedding(n_movies, 1, "zeros", penalty)
        self.movie_factors = layers.Embedding(n_movies, n_factors, start, penalty)
        self.when_watched = layers.Embedding(n_movies, n_factors, start, penalty)
        self.when_watched.build()

    def call(self, batch):
        user, movie = batch["user"], batch["movie"]
        sums = ops.matmul(self.rated, self.when_watched.embeddings)
        number = ops.take(ops.sum(self.rated, axis=1, keepdims=True), user, axis=0)
        place = user * self.rated.shape[1] + movie
        own = ops.take(ops.reshape(self.rated, (-1,)), place)[:, None]
        history = ops.take(sums, user, axis=0) - own * self.when_watched(movie)
        history = history / ops.sqrt(ops.maximum(number - own, 1.0))
        match = ops.sum(history * self.movie_factors(movie), axis=-1, keepdims=True)
        return self.movie_bias(movie) + match


# %% [markdown]
# One detail of the labels. That somebody watched a movie and gave it 1 star is a
# yes to "watched", but a weak one to "recommend". We let a rating of $r$ stars
# count as $r/5$ of a yes: cross-entropy takes fractions, too.


# %%
def train_watch_model(positives, rated, epochs):
    """Fit on positives and fresh negatives; yields the model after each epoch."""
    keras.utils.set_random_seed(5)
    rng = np.random.default_rng(5)
    model = WatchModel(rated)
    model.compile(
        optimizer=keras.optimizers.Adam(0.005),
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
        steps_per_execution=20,
    )
    for _ in range(epochs):
        user, movie = sample_negatives(positives["user"].to_numpy(), rated, 5, rng)
        both = {
            "user": np.concatenate([positives["user"], user]).astype("int32"),
            "movie": np.concatenate([positives["movie"], movie]).astype("int32"),
        }
        label = np.concatenate([positives["rating"] / 5, np.zeros(len(user))])
        model.fit(both, label.astype("float32"), batch_size=4096, verbose=0)
        yield model


rated_in_training = np.zeros((n_users, n_movies), dtype="float32")
rated_in_training[train["user"], train["movie"]] = 1
relevant_in_validation = relevance_matrix(valid, n_users, n_movies)
curve = [
    ndcg_at_k(
        relevant_in_validation,
        mask_pairs(score_all(model, n_users, n_movies), train),
        k=10,
    )
    for model in train_watch_model(train, rated_in_training, epochs=20)
]

axes = plt.figure().add_subplot()
axes.plot(np.arange(1, 21), curve, "o-")
axes.xaxis.get_major_locator().set_params(integer=True)
axes.set_xlabel("epoch")
axes.set_ylabel("validation NDCG@10")
start = score_all(Popularity().fit(train, n_movies), n_users, n_movies)
start = ndcg_at_k(relevant_in_validation, mask_pairs(start, train), k=10)
axes.axhline(start, color=plots.ORANGE, ls="--", label="popularity")
axes.legend()
axes.set_title("The lists get better for many epochs")
plt.show()

# %% [markdown]
# *Reading the figure:* it starts near popularity (dashed), since a movie's bias is
# learned first, and climbs, ever more slowly, to half as much again. It wobbles, since the
# validation set is small. The values are low because most of what a user would like is
# in the *test* set, and counts as a miss here. We stop after twenty epochs for the sake
# of your time, train once more on training and validation ratings together, and look
# at the test set.

# %%
*_, watch_model = train_watch_model(known, rated, epochs=20)
watch_scores = score_all(watch_model, n_users, n_movies)
lists["sampled negatives"] = mask_pairs(watch_scores, known)
by_name = {name: ndcg_at_k(relevance, s, 10) for name, s in lists.items()}
by_name = dict(sorted(by_name.items(), key=lambda item: -item[1]))
plots.plot_bars(
    by_name,
    by_name.values(),
    "Whose list is best now?",
    "NDCG@10",
    highlight=["popularity"],
)
# %% tags=["nbval-check-output"]
verdict("NDCG@10 with sampled negatives", by_name["sampled negatives"], at_least=0.40)

# %% [markdown]
# From below popularity to one and a half times popularity. The model has changed a
# little (a history instead of a user vector), but what made the difference is another
# *question*. That is the most important figure of this course.
#
# ## A rival without a network
#
# Before you are proud of a network, ask what a formula can do. Write the training
# ratings as a matrix $X$ of users × movies: stars divided by 5, and 0 where there is no
# rating. Then look for a matrix $W$ of movies × movies such that $XW$ comes close to
# $X$: each movie is explained by the *other* movies that the user rated. (The diagonal
# of $W$ has to be 0. Otherwise each movie would explain itself, perfectly and to
# no use.) With an L2 penalty $\lambda$ on $W$ there is an exact solution, found by
# Steck in 2019:
#
# $$P = (X^\top X + \lambda I)^{-1}, \qquad W_{ij} = -P_{ij} / P_{jj}
# \quad (i \neq j)$$
#
# Rows in, the same rows out: this is an *autoencoder*, a linear one without a hidden
# layer. There are no epochs and no learning rate. Only $\lambda$ has to be chosen, and
# the validation ratings choose it.


# %%
def star_matrix(ratings):
    """Stars / 5 of all users and movies; 0 where there is no rating."""
    stars = np.zeros((n_users, n_movies))
    stars[ratings["user"], ratings["movie"]] = ratings["rating"] / 5
    return stars


def solve_linear_autoencoder(stars, penalty):
    """Weights from movie to movie that explain `stars` best, none to itself."""
    inverse = np.linalg.inv(stars.T @ stars + penalty * np.eye(stars.shape[1]))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0)
    return weights


train_stars, known_stars = star_matrix(train), star_matrix(known)
in_validation = {}
for penalty in [10, 30, 100, 300, 1000]:
    scores = train_stars @ solve_linear_autoencoder(train_stars, penalty)
    scores = mask_pairs(scores, train)
    in_validation[penalty] = ndcg_at_k(relevant_in_validation, scores, 10)
best_penalty = max(in_validation, key=in_validation.get)
scores = known_stars @ solve_linear_autoencoder(known_stars, best_penalty)
lists["linear autoencoder"] = mask_pairs(scores, known)
by_name["linear autoencoder"] = ndcg_at_k(relevance, lists["linear autoencoder"], 10)
print("validation NDCG@10 by penalty:", {k: round(v, 3) for k, v in in_validation.items()})
for name in ("popularity", "sampled negatives", "linear autoencoder"):
    print(f"test NDCG@10 of {name}: {by_name[name]:.3f}")
# %% tags=["nbval-check-output"]
verdict(
    "NDCG@10 of the linear autoencoder", by_name["linear autoencoder"], at_least=0.42
)

# %% [markdown]
# A few seconds, and level with the network or ahead of it. (The sampling error is
# about 0.011, so two hundredths are worth a second look, and one is not.) You have met
# a sore point of the field: many published networks were compared with weak baselines,
# and lose against simple methods that somebody took the trouble to tune (Ferrari
# Dacrema and others, below).
#
# So what is a network for? $W$ has one number for each two movies: here not quite two
# million, for a shop with a million articles a million millions, and the time for the
# inverse grows with the *third* power. A network's tables grow with the number of
# movies alone. It can also take in what $X$ has no place for: a genre, a text, the hour
# of the day. Two things to try in a new cell: a 1 in place of the stars,
# `(known_stars > 0) * 1.0`, and a diagonal that nobody sets to 0.
#
# ## What a list does to the tail
#
# Two more things a list should be asked: which share of the catalogue does it
# ever show (*coverage*), and how popular are the movies on it?

# %%
overview = pd.DataFrame(
    {
        name: {
            "NDCG@10": by_name[name],
            "coverage@10": coverage_at_k(scores, 10),
            "median popularity": np.median(n_ratings[top_n(scores, 10)]),
        }
        for name, scores in lists.items()
    }
).T.sort_values("NDCG@10", ascending=False)
for name, scores in lists.items():
    add_to_scoreboard(
        name,
        edition=movielens.name,
        split=split.name,
        lesson="05",
        **{"ndcg@10": by_name[name], "coverage@10": coverage_at_k(scores, 10)},
        **({"auc": auc[name]} if name in auc else {}),
    )
overview.round(3)

# %%
axes = plt.figure().add_subplot()
axes.scatter(overview["coverage@10"], overview["NDCG@10"], s=60)
for name, row in overview.iterrows():
    axes.annotate(
        name,
        (row["coverage@10"], row["NDCG@10"]),
        fontsize=9,
        textcoords="offset points",
        xytext=(7, -11 if name.startswith("stars") else 3),
    )
axes.set_xlabel("coverage@10: share of all movies on at least one list")
axes.set_ylabel("NDCG@10")
axes.set_title("Good lists, and lists that show the catalogue")
axes.set_xlim(-0.05, 1.2)  # room for the names on the right
axes.set_xticks(np.linspace(0, 1, 6))
axes.margins(y=0.12)
plt.show()

# %% [markdown]
# *Reading the figure:* chance shows nearly everything and is useless; popularity is
# decent and shows some fifty blockbusters to everybody; the deep models show even fewer
# different movies than that. Sampled negatives are better *and* show about six times
# as much as popularity, but still less than a quarter of all movies. And their movies
# are no more popular than those of yes/no, dot + bias, a model with less than half the
# NDCG: they are not the popular ones, they are the right ones for each user. A shop that trains
# on what its own lists made people watch will see the head grow and the tail
# wither. NDCG does not see that; you have to look.
#
# ## What would it tell you to watch?
#
# In the lessons before, a new user needed a vector, and it had to be fitted. Here a user
# *is* what they have watched, so there is nothing to fit: you borrow the seat of the first
# user, and the ten movies of lesson 01 become the history of that row. (The stars you
# gave play no part. Only that you have seen them.)

# %%
mine = my_ratings(movielens)
mine = mine[mine["movie_id"].isin(split.movies.ids)]
my_rows = split.movies.encode(mine["movie_id"])
with_my_history = rated.copy()
with_my_history[0] = 0
with_my_history[0, my_rows] = 1

guest = WatchModel(with_my_history)
guest({name: rows[:1] for name, rows in pairs(train).items()})  # builds the tables
guest.set_weights(watch_model.get_weights())
my_scores = score_all(guest, n_users, n_movies, users=[0])[0]
my_scores[my_rows] = -np.inf
recommend(my_scores, split, movielens.movies, n=5).round(2)

# %% [markdown]
# (The score is the one before the sigmoid: only its order means something.) Not what
# you would give most stars, but what people who watched your ten movies watched,
# too. Have you seen some of them? That is the best one can say of such a list, and the
# worst: it is not wrong, and it is no discovery.
#
# ## What to remember
#
# - A cut turns stars into yes and no; say where it is, and what 3 stars mean.
# - Accuracy means nothing without its base rate; AUC compares orders; calibration
#   tells whether a probability can be believed.
# - Mask with −∞. Score all pairs in a few calls.
# - A model that never saw an unwatched movie cannot rank them. Good RMSE, bad list.
# - Sampled negatives ask the right question: what will be watched?
# - Ask what a formula can do before you praise a network, and tune both.
# - Look at coverage and popularity, too.
#
# ## Where to read on
#
# - Y. Hu, Y. Koren and C. Volinsky, [Collaborative Filtering for Implicit Feedback
#   Datasets](https://doi.org/10.1109/ICDM.2008.22), 2008: all unwatched movies as
#   weak negatives, without sampling.
# - P. Cremonesi, Y. Koren and R. Turrin, [Performance of Recommender Algorithms on
#   Top-N Tasks](https://doi.org/10.1145/1864708.1864721), 2010: RMSE and lists do
#   not agree.
# - X. He et al., [Neural Collaborative
#   Filtering](https://arxiv.org/abs/1708.05031), 2017: sampled negatives with a
#   network.
# - H. Steck, [Embarrassingly Shallow Autoencoders for Sparse
#   Data](https://arxiv.org/abs/1905.03375), 2019: one formula that is hard to beat.
# - M. Ferrari Dacrema, P. Cremonesi and D. Jannach, [Are We Really Making Much
#   Progress?](https://arxiv.org/abs/1907.06902), 2019: networks against tuned
#   baselines.
#
# **Next:** lesson 06 opens the tables and looks at what the vectors have learned.

# %% tags=["instructor"]
# Minutes: 75. The heart is the prediction before "The surprise": collect the
# orders that students write down. If time is short, leave out calibration.
# Misconceptions: "a higher AUC means better lists"; "a movie without a rating is
# a dislike"; "negatives must be real dislikes".
# Open questions: 0 is not below all scores of models with logits or of centred
# scores; popularity is best of the six, and the deep models are worse than dot + bias.
