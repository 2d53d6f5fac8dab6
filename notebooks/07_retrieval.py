# %% [markdown] tags=["badge"]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/neural-recsys-course/neural-recsys-course/blob/v1.0.0/notebooks/07_retrieval.ipynb)

# %% [markdown]
# # 7 · Retrieval: ten movies out of a million
#
# The models of the core lessons score every movie for a user and keep the best ten. With a
# million movies that takes too long, and the table of user vectors no longer fits on one
# machine. In this lesson you train a **two-tower** model, which needs no row for a user,
# and search its movie vectors with an approximate nearest-neighbour index.
#
# **When you have finished, you can**
#
# - estimate how much memory a model and its optimizer need;
# - train two towers with in-batch negatives and the logQ correction;
# - search a catalogue without scoring every movie, and measure what the search misses.
#
# **Time** 75 minutes to work through, and about a minute of computing.
# **Before this** lessons 01 to 05.

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
# ## What grows?
#
# Three things can become many: ratings, users, movies. Let us take the model of lesson
# 03, dot + bias, and ask what each of them costs.
#
# - **Ratings** are rows of a file: a user, a movie, a number of stars. Twelve bytes each.
#   They are read again in each epoch, so they cost *time*.
# - **Users and movies** are rows of the tables, and tables must be in *memory*, all
#   of them, all the time.
#
# And a table is not alone. Adam keeps two numbers of its own for each weight: a moving
# mean of its gradients, and one of their squares. Such companions are called *slots*.
#
# ### Exercise 7.1 — memory, on paper (4 minutes)
#
# Dot + bias has a vector of `n_factors` numbers and a bias for each user and for each
# movie. All numbers are float32, four bytes each. How many bytes do the weights and
# the optimizer's slots need together?


# %%
def bytes_to_train(n_users, n_movies, n_factors, slots=2):
    """Bytes of dot + bias, its weights and the optimizer's slots together.

    Each user and each movie has `n_factors` numbers and a bias, all of float32.

    Parameters
    ----------
    n_users, n_movies, n_factors : int
        As large as a shop's: the tables themselves would fit into no memory.
    slots : int
        How many numbers the optimizer keeps for each weight: Adam 2, plain SGD 0.

    Returns
    -------
    int

    Examples
    --------
    >>> bytes_to_train(n_users=3, n_movies=2, n_factors=4, slots=0)
    100
    >>> bytes_to_train(n_users=3, n_movies=2, n_factors=4, slots=2)
    300
    """
    raise NotImplementedError("Exercise 7.1: memory, on paper")


# %%
print(bytes_to_train(n_users=3, n_movies=2, n_factors=4, slots=0))
print(bytes_to_train(n_users=3, n_movies=2, n_factors=4, slots=2))

# %%
check("7.1", bytes_to_train)

# %%
quiz("7.a")

# %% [markdown]
# ## Two towers
#
# The largest part is the users' rows, and lesson 05 has already shown how to be rid of
# them: a user *is* their history. That makes a model of two functions. The **user
# tower** turns a history into a vector, the **movie tower** turns a movie into a vector,
# and the score is their dot product. Movies' vectors can be computed once and kept. A
# new user costs nothing.
#
# Training such a model as in lesson 05 takes sampled negatives, five for each positive.
# Here is a cheaper source of negatives: *the other movies of the batch*. In a batch of
# 512 pairs, each user has one movie that they did watch, and some hundreds that somebody
# else watched. We have their vectors anyway. One product of matrices gives all 512 × 512
# scores, and each row is a question with 512 choices: which of these movies was it? That
# is a softmax, and its loss is the cross-entropy: for row $i$
#
# $$\log \sum_j e^{s_{ij}} - s_{ii}.$$
#
# (A popular movie may be in a batch twice. Then a row has two right answers, and one of
# them counts as wrong. Large systems leave it out of the sum; we let it stand.)
#
# There is a catch. A popular movie is in many batches, so it serves as a negative much
# more often than others, and the model learns to push down what is popular. The
# remedy is called *logQ correction*: subtract from each score the logarithm of
# the share $q_j$ that movie $j$ has of all ratings,
#
# $$s_{ij} = u_i \cdot m_j - \log q_j,$$
#
# in training only. That is a handicap for popular movies: to win in training, their own
# $u \cdot m$ has to become larger, by just as much as they are too often a negative. Used
# without the handicap, it stays larger. What is trained is then, approximately, a
# softmax over *all* movies. (This is lesson 05's question in another form: not whether
# a movie was watched, but which.)
#
# ### Exercise 7.2 — the batch's own negatives (8 minutes)


# %%
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    """Softmax over the movies of the batch, with logQ correction.

    Parameters
    ----------
    user_vectors, movie_vectors : tensor of float32, shape (n, n_factors)
        Row i of both belongs to pair i of the batch. `fit` compiles the loss once for
        batches of every size: there n is unknown, `None`, and tensors have no values.
    movie_share : tensor of float32, shape (n,)
        Share of all ratings that the movie of pair i has.

    Returns
    -------
    tensor, shape () : the mean loss of the pairs

    Examples
    --------
    Vectors of zeros know nothing: two movies of equal share, one bit to guess.

    >>> float(in_batch_loss(ops.zeros((2, 3)), ops.zeros((2, 3)), ops.full((2,), 0.5)))
    0.6931471824645996
    """
    raise NotImplementedError("Exercise 7.2: the batch's own negatives")


# %%
print(float(in_batch_loss(ops.zeros((2, 3)), ops.zeros((2, 3)), ops.full((2,), 0.5))))

# %%
check("7.2", in_batch_loss)

# %% [markdown]
# The towers. The user's is as in lesson 05: the vectors of what they watched, now weighted
# by their stars, and the pair's own movie left out. A movie has a vector and a bias. To
# make it all *one* dot product, the bias is appended to the movie's vector, and a 1
# to the user's: whoever can search by dot product can then search by dot product plus
# bias.


# %%
class TwoTowers(keras.Model):
    """Scores are user vectors · movie vectors."""

    def __init__(self, stars, movie_share, n_factors=32):
        super().__init__()
        self.stars = ops.convert_to_tensor(stars)
        self.movie_share = ops.convert_to_tensor(movie_share)
        self.n_movies = stars.shape[1]
        start = keras.initializers.RandomNormal(stddev=0.05)
        self.when_watched = layers.Embedding(self.n_movies, n_factors, start)
        self.when_watched.build()
        self.movie_factors = layers.Embedding(self.n_movies, n_factors, start)
        self.movie_bias = layers.Embedding(self.n_movies, 1, "zeros")
        self.dropout = layers.Dropout(0.5)

    def user_vectors(self, history, training=False):
        """From stars / 5 of all movies, 0 where unwatched; shape (n, n_factors + 1)."""
        amount = ops.sqrt(ops.maximum(ops.sum(history, axis=1, keepdims=True), 1.0))
        vectors = ops.matmul(history / amount, self.when_watched.embeddings)
        vectors = self.dropout(vectors, training=training)
        return ops.concatenate([vectors, ops.ones_like(amount)], axis=1)

    def movie_vectors(self, movie):
        """From movie indices; shape (n, n_factors + 1)."""
        return ops.concatenate(
            [self.movie_factors(movie), self.movie_bias(movie)], axis=1
        )

    def call(self, batch, training=False):
        history = ops.take(self.stars, batch["user"], axis=0)
        history = history * (1 - ops.one_hot(batch["movie"], self.n_movies))
        return self.user_vectors(history, training), self.movie_vectors(batch["movie"])

    def compute_loss(
        self, x=None, y=None, y_pred=None, sample_weight=None, training=True
    ):
        """What `fit` minimises in place of a loss of Keras."""
        return in_batch_loss(*y_pred, ops.take(self.movie_share, x["movie"]))


# %% [markdown]
# The split is lesson 05's, so that we may compare. The model is trained twice: as it
# should be, and with equal shares for all movies, which takes the correction away.
# (Eight epochs: chosen on the validation ratings.)

# %%
ranked = ranking_split(movielens, fold=1, valid=0.1, filtered=True, seed=0)
known = pd.concat([ranked.train, ranked.valid])
stars = np.zeros((ranked.n_users, ranked.n_movies), dtype="float32")
stars[known["user"], known["movie"]] = known["rating"] / 5
counts = np.bincount(known["movie"], minlength=ranked.n_movies) + 1.0
movie_share = (counts / counts.sum()).astype("float32")
relevance = relevance_matrix(ranked.test, ranked.n_users, ranked.n_movies)


def train_towers(share):
    keras.utils.set_random_seed(5)
    towers = TwoTowers(stars, share)
    towers.compile(keras.optimizers.Adam(0.01), steps_per_execution=10)
    towers.fit(pairs(known), np.zeros(len(known)), batch_size=512, epochs=8, verbose=0)
    return towers


def ndcg_of(scores):
    return ndcg_at_k(relevance, mask_pairs(scores, known), 10)


towers = train_towers(movie_share)
user_vectors = np.asarray(towers.user_vectors(stars))
movie_vectors = np.asarray(towers.movie_vectors(np.arange(ranked.n_movies)))
uncorrected = train_towers(np.full_like(movie_share, 1 / ranked.n_movies))
their_users = np.asarray(uncorrected.user_vectors(stars))
their_movies = np.asarray(uncorrected.movie_vectors(np.arange(ranked.n_movies)))
popular = score_all(
    Popularity().fit(known, ranked.n_movies), ranked.n_users, ranked.n_movies
)
by_name = {
    "two towers": ndcg_of(user_vectors @ movie_vectors.T),
    "popularity": ndcg_of(popular),
    "two towers, uncorrected": ndcg_of(their_users @ their_movies.T),
}
plots.plot_bars(
    by_name,
    by_name.values(),
    "What one logarithm does",
    "NDCG@10",
    highlight=["two towers"],
)
add_to_scoreboard(
    "two towers",
    edition=movielens.name,
    split=ranked.name,
    lesson="07",
    **{"ndcg@10": by_name["two towers"]},
)

# %% tags=["nbval-check-output"]
verdict("NDCG@10 of the two towers", by_name["two towers"], at_least=0.40)
verdict("NDCG@10 without logQ", by_name["two towers, uncorrected"], at_most=0.25)

# %% [markdown]
# One line of the loss, and it decides whether the lists are as good as those of lesson 05's
# network (about 0.42) or much worse than plain popularity. Nothing in the training of
# the second one warns you. It answers another question, "which movie is typical of
# you *rather than of others*?", and answers it well. Only nobody asked.
#
# ## Near enough
#
# Now the last line of the paper: how to find the best ten of a million, without a score
# for each? The vectors of movies are known beforehand, so one can prepare. An
# *approximate nearest-neighbour index* connects each vector with some that are near it,
# and a search walks along these connections, always towards larger products, until it
# finds nothing better. (The method is called HNSW.) It looks at some hundreds of vectors
# instead of all. Sometimes it misses one.
#
# Our 1,300 movies need no index, so we make a shop of 50,000: each movie forty times, a
# little noise added. (Made up, and labelled so: what we want to measure is time, and it
# does not know about taste.)
#
# ### Exercise 7.3 — build an index, and know what it misses (8 minutes)
#
# With `usearch`: `Index(ndim=…, metric="ip", dtype="f32")`, where `ip` is the inner
# product. (Left to itself it takes numbers of 16 bits, and the cosine, which forgets
# lengths, and with them the bias.)
# `index.add(keys, vectors)` adds vectors under numbers, here those of their rows. `index.search(vectors, n).keys` looks
# for them, best first, after setting `index.expansion_search`, the effort: how many
# candidates a search keeps in view. For a single user, usearch returns a single row; you
# should return a table all the same.
#
# The *recall* of a search is the share of the true best n that it found, in whatever
# order, averaged over the users.


# %%
def build_index(movie_vectors):
    """An index of vectors for search by inner product; keys are row numbers.

    Parameters
    ----------
    movie_vectors : numpy.ndarray of float32, shape (n_movies, n_factors)
        The index keeps them as they are, in float32.

    Returns
    -------
    usearch.index.Index
    """
    raise NotImplementedError("Exercise 7.3: build an index, and know what it misses")


def search_index(index, user_vectors, n, effort):
    """The n best movies of each user, best first, as far as the index finds them.

    Parameters
    ----------
    index : usearch.index.Index
    user_vectors : numpy.ndarray of float32, shape (n_users, n_factors)
        Also of a single user.
    n : int
    effort : int
        Of this search: `index.expansion_search`.

    Returns
    -------
    numpy.ndarray of int, shape (n_users, n)
    """
    raise NotImplementedError("Exercise 7.3: build an index, and know what it misses")


def recall_of(found, exact):
    """Mean share of each user's exact list that is in the list found.

    Parameters
    ----------
    found, exact : numpy.ndarray of int, shape (n_users, n)
        Each row holds a movie once at most.

    Returns
    -------
    float

    Examples
    --------
    >>> recall_of(np.array([[3, 1], [5, 6]]), np.array([[1, 3], [6, 9]]))
    0.75
    """
    raise NotImplementedError("Exercise 7.3: build an index, and know what it misses")


# %%
print(recall_of(np.array([[3, 1], [5, 6]]), np.array([[1, 3], [6, 9]])))
few_vectors = np.array([[0.0, 1.0], [3.0, 0.0], [0.0, 2.0]], dtype="float32")
print(search_index(build_index(few_vectors), few_vectors[:1], n=2, effort=8).tolist())

# %%
check("7.3", build_index, search_index, recall_of)

# %%
rng = np.random.default_rng(0)
shop_vectors = np.repeat(movie_vectors, 40, axis=0)[:50_000]
noise = 0.5 * movie_vectors.std(axis=0) * rng.normal(size=shop_vectors.shape)
shop_vectors = (shop_vectors + noise).astype("float32")


def exact_lists(movie_vectors, user_vectors, n):
    """Each user's n best, best first: score all, then sort only the n best."""
    scores = user_vectors @ movie_vectors.T
    best = np.argpartition(-scores, n, axis=1)[:, :n]
    order = np.argsort(-np.take_along_axis(scores, best, axis=1), axis=1)
    return np.take_along_axis(best, order, axis=1)


def best_seconds(function, *arguments, repeats=3):
    """What it returns, and the shortest time it took."""
    seconds = []
    for _ in range(repeats):
        started = time.perf_counter()
        answer = function(*arguments)
        seconds.append(time.perf_counter() - started)
    return answer, min(seconds)


def plain_numbers(axis):
    """Label a logarithmic axis with 1, 2, 5, 10, 20, …"""
    axis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter("{x:g}")
    axis.set_minor_formatter("")


exact, exact_seconds = best_seconds(exact_lists, shop_vectors, user_vectors, 10)


def measure_index(movie_vectors, user_vectors, exact, exact_seconds):
    """Recall@10, and how many times faster than scoring all, by effort."""
    started = time.perf_counter()
    index = build_index(movie_vectors)
    print(f"index of {len(index):,} built in {time.perf_counter() - started:.1f} s")
    measured = []
    for effort in (10, 20, 40, 80, 160, 320):
        found, seconds = best_seconds(search_index, index, user_vectors, 10, effort)
        measured.append((effort, recall_of(found, exact), exact_seconds / seconds))
    return pd.DataFrame(measured, columns=["effort", "recall", "times faster"])


as_they_are = measure_index(shop_vectors, user_vectors, exact, exact_seconds)
as_they_are.round(2)

# %% [markdown]
# Fast, and it misses many: even at the largest effort about four of ten. Without the exact list
# beside it nobody would have noticed. What went wrong? The walk needs *neighbours*: if A is
# near B and B near C, then A should not be far from C. A dot product does not work like
# that. A long vector has large products with everything, so many walks end at the same
# few long vectors.
#
# The remedy is a trick with one more number. Let $M$ be the length of the longest vector.
# Append to each vector the number that makes it just as long,
# $\sqrt{M^2 - \lVert m \rVert^2}$, and to each user a 0. The products are what they
# were (the new number is multiplied by 0), but now all movies lie on one sphere, and the
# largest product is the nearest point on it.


# %%
def equally_long(vectors):
    """Append a number to each vector, so that all are as long as the longest."""
    squares = np.sum(vectors**2, axis=1, keepdims=True)
    missing = np.sqrt(np.maximum(squares.max() - squares, 0))
    return np.concatenate([vectors, missing], axis=1)


def with_zero(vectors):
    return np.concatenate([vectors, np.zeros((len(vectors), 1), "float32")], axis=1)


on_a_sphere = measure_index(
    equally_long(shop_vectors), with_zero(user_vectors), exact, exact_seconds
)

axes = plt.figure().add_subplot()
for label, marker, table in [
    ("as they are", "s--", as_they_are),
    ("equally long", "o-", on_a_sphere),
]:
    axes.plot(table["recall"], table["times faster"], marker, label=label)
for _, row in on_a_sphere.iterrows():
    axes.annotate(
        f"{row['effort']:.0f}",
        (row["recall"], row["times faster"]),
        textcoords="offset points",
        xytext=(5, 4),
    )
axes.set_xlabel("recall@10 against the exact list")
axes.set_ylabel("times faster than scoring all")
axes.set_yscale("log")
plain_numbers(axes.yaxis)
axes.margins(x=0.1)
axes.set_title("Effort buys recall (numbers: effort)")
axes.legend()
plt.show()
on_a_sphere.round(2)

# %% tags=["nbval-check-output"]
verdict("recall@10, equally long", on_a_sphere["recall"].iloc[-1], at_least=0.9)
verdict("recall@10, as they are", as_they_are["recall"].iloc[-1], at_most=0.8)

# %% [markdown]
# *Reading the figure:* along each curve, from left to right, more effort, more recall, less
# speed. The dashed one never gets far. On the other there is no right place, only one
# that somebody chose: a shop that shows ten of a million can live with one of twenty
# missing, for it does not know the true order anyway. But it has to know *that* it is one
# of twenty, and therefore to compute the exact list for some users now and then, as we did.
# With a million vectors scoring all takes twenty times as long; the search hardly
# notices.
#
# ## What would it tell you to watch?
#
# Your ten movies of lesson 01, through the user tower, and into an index. No training,
# no row in any table.

# %%
mine = my_ratings(movielens)
print("an invented student" if mine.attrs["invented"] else "your own ratings")
mine = mine[mine["movie_id"].isin(ranked.movies.ids)]
my_rows = ranked.movies.encode(mine["movie_id"])
my_history = np.zeros((1, ranked.n_movies), dtype="float32")
my_history[0, my_rows] = mine["rating"] / 5
my_vector = np.asarray(towers.user_vectors(my_history))
index = build_index(equally_long(movie_vectors))
found = search_index(index, with_zero(my_vector), n=len(my_rows) + 5, effort=64)
my_scores = np.full(ranked.n_movies, -np.inf)
unseen = np.setdiff1d(found[0], my_rows)
my_scores[unseen] = movie_vectors[unseen] @ my_vector[0]
recommend(my_scores, ranked, movielens.movies, n=5).round(2)

# %% [markdown]
# (The index does not know what you have seen. So one asks it for more, and takes out
# what was seen: five and as many as you have rated. And `score` is a dot product, not a
# number of stars.)
#
# Read it as a critic. The tower adds up what you watched, each film by its stars, so
# that two stars count as a weak *yes* and never as a no. Is there a film on the
# list that resembles one you disliked? How would you tell the tower, and what would you
# measure to know whether it helped?
#
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
