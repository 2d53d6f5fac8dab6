# %% [markdown] tags=["badge"]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/neural-recsys-course/neural-recsys-course/blob/v1.0.0/notebooks/08_sequences.ipynb) [![Open in Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/neural-recsys-course/neural-recsys-course/v1.0.0?labpath=notebooks%2F08_sequences.ipynb)

# %% [markdown]
# # 8 · Sequences: does order matter?
#
# Somebody who has just watched *Star Wars* may want *Return of the Jedi* next, whatever
# they watched last year. In this lesson a model reads the movies in the order in which
# a user rated them, and predicts the next one. You build the parts of two well-known
# networks for this, GRU4Rec and SASRec, and compare them with simple models. Then you test
# what the order is worth, and ask where it comes from.
#
# **When you have finished, you can**
#
# - split sequences by leave-one-out, and compute NDCG@10 of the next item;
# - compare with a Markov chain and with EASE on the last few movies;
# - pad sequences, mask them, and compute the loss over what is left;
# - explain a GRU, and write masked self-attention by hand;
# - show by shuffling how much a model owes to the order;
# - say whose order it is, and test models that were not trained on the future.
#
# **Time** 70 minutes to work through, about two minutes of computing. **Before this**
# lessons 01 to 05.

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

import time

import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from keras import layers, ops

from helpers import check, hint, plots, quiz, reveal
from helpers.baselines import ease_weights
from helpers.data import load_movielens
from helpers.ids import IdEncoding
from helpers.metrics import bootstrap_mean
from helpers.scoreboard import add_to_scoreboard
from helpers.bands import verdict

plots.use_course_style()
keras.utils.set_random_seed(8)

# %% [markdown]
# ## Why sequences?
#
# All models so far take what a user rated as a *set*: the same movies in another order
# give the same list. A **sequential recommender** takes them in order and predicts the
# next one (**next-item prediction**). A shop often knows nothing about a visitor but
# the clicks of the current visit, and recommends from these alone (**session-based
# recommendation**). For this task Hidasi et al. proposed a recurrent network in 2016,
# [GRU4Rec](https://arxiv.org/abs/1511.06939). Kang and McAuley took the self-attention
# of the Transformer instead, in [SASRec](https://arxiv.org/abs/1808.09781) (2018). Both
# are still the models that new ones are compared with, and you build a small version of
# both.
#
# We sort each user's ratings by time. Every rating counts alike: the stars do not
# matter in this lesson, only which movie was rated when. Movies are numbered from 1
# here, because we need the number 0 for something else.

# %%
movielens = load_movielens()
ratings = movielens.ratings.sort_index(kind="stable")
ratings = ratings.sort_values(["user_id", "timestamp"], kind="stable")
n_of_user = ratings.groupby("user_id")["movie_id"].transform("size")
ratings = ratings[n_of_user > 2]  # one to train on, one to validate, one to test
users, movies = IdEncoding(ratings["user_id"]), IdEncoding(ratings["movie_id"])
ratings = ratings.assign(
    user=users.encode(ratings["user_id"]),
    movie=movies.encode(ratings["movie_id"]) + 1,
    hours=ratings["timestamp"] / 3600,
)
n_rows = len(movies) + 1  # movies 1, 2, …, and row 0
sequences = [one.to_numpy() for _, one in ratings.groupby("user")["movie"]]
lengths = np.array([len(one) for one in sequences])
same_second = ratings.groupby("user")["timestamp"].diff() == 0
print(
    f"{len(sequences)} sequences, {np.median(lengths):.0f} movies is the median length"
)
print(f"{same_second.mean():.0%} of the ratings: same second as the one before")

# %% [markdown]
# Half of the ratings have the same timestamp as the one before. Their order is not
# known: we take that of the file, which GroupLens has shuffled. So a test of the order
# cannot be a precise one here.
#
# ## Leave one out
#
# For the test we hide each user's last movie. This is **leave-one-out by time**. The
# models see all movies before it, the **history**, and rank all movies that are not in
# the history. For choices such as a penalty or the number of epochs we hide the last
# movie but one, in the same way, and train on what comes before.
#
# > **Note.** This split cuts each user at another moment, so the models learn from
# > ratings that are later than many test ratings (Ji et al., lesson 05). Nevertheless,
# > it is the most common split in papers on sequences ([Gusak et al.,
# > 2025](https://arxiv.org/abs/2507.16289)). At the end of the lesson we cut all users
# > at the same moment.

# %%
histories = [one[:-1] for one in sequences]
held_out = np.array([one[-1] for one in sequences])
earlier = [one[:-2] for one in sequences]
next_to_last = np.array([one[-2] for one in sequences])

# %% [markdown]
# With a single hidden movie, NDCG is simple. The best possible list puts it first, so
# the ideal DCG is 1. A user whose hidden movie is at place $p$ of their list has
#
# $$\text{NDCG@}k = \frac{1}{\log_2(p + 1)} \quad \text{if } p \le k, \text{ else } 0 .$$
#
# ### Exercise 8.1 — NDCG of the next movie (6 minutes)
#
# Rank each user's hidden movie among all movies that are not in the history. As in
# exercise 5.10, another movie with the same score counts one half. Write it yourself,
# without `ndcg_at_k` of the helpers.


# %%
def ndcg_of_next(scores, histories, held_out, k=10):
    """NDCG@k of one hidden movie for each user.

    Parameters
    ----------
    scores : numpy.ndarray of float, shape (n_users, n_rows)
        Column m belongs to movie m. Column 0 is not a movie and is not ranked.
    histories : list of numpy.ndarray of int
        The movies that each user has seen, which are not ranked either.
    held_out : numpy.ndarray of int, shape (n_users,)
        Each user's hidden movie; it is not in the history.
    k : int
        Places that count. The place of a hidden movie is 1, plus the number of ranked
        movies with a higher score, plus half the number of others with the same score.

    Returns
    -------
    numpy.ndarray of float, shape (n_users,)

    Examples
    --------
    The user has seen movie 1. Of the other four, only movie 4 scores higher than the
    hidden movie 2, which is in place 2: 1 / log2(3).

    >>> scores = np.array([[9.0, 8.0, 5.0, 4.0, 7.0, 3.0]])
    >>> ndcg_of_next(scores, [np.array([1])], np.array([2])).round(3).tolist()
    [0.631]
    """
    raise NotImplementedError("Exercise 8.1: NDCG of the next movie")


# %%
scores = np.array([[9.0, 8.0, 5.0, 4.0, 7.0, 3.0]])
print(ndcg_of_next(scores, [np.array([1])], np.array([2])).round(3).tolist())

# %%
check("8.1", ndcg_of_next)

# %% [markdown]
# ## Baselines without a network
#
# Four models need no training by gradient descent.
#
# - **Popularity**: the number of ratings.
# - **EASE** (lesson 05): a row with a 1 for each movie of the history, times the
#   weights. It ignores the order.
# - **First-order Markov chain**: which movie comes next depends on the last one only.
#   We count how often each movie came directly after each other one.
# - **EASE on the last n movies**: the same formula, but the row has a 1 only for the n
#   most recent movies. This is a model with a short memory. It knows which movies are
#   recent, but not their order.
#
# For the Markov chain let $c_{ij}$ be the number of times that movie $j$ came directly
# after movie $i$, in the history of any user. A movie with few ratings has few
# successors, so we use shrinkage again (lesson 01), towards the popularity of $j$ as a
# successor of any movie:
#
# $$p_{ij} = \frac{c_{ij} + \lambda\, q_j}{\sum_{j'} c_{ij'} + \lambda}
# \qquad q_j = \frac{\sum_i c_{ij}}{\sum_{i, j'} c_{ij'}}$$
#
# ### Exercise 8.2 — a Markov chain (6 minutes)
#
# Compute the table of all $p_{ij}$. Count pairs inside each history only, as often as they
# occur.


# %%
def transition_probabilities(histories, n_rows, shrinkage=1.0):
    """Probability of each next movie, given the last one: a first-order Markov chain.

    Parameters
    ----------
    histories : list of numpy.ndarray of int
        Each user's movies in order of time, each movie once.
    n_rows : int
        Movies have numbers below `n_rows`.
    shrinkage : float
        λ, more than 0.

    Returns
    -------
    numpy.ndarray of float, shape (n_rows, n_rows)
        Row i holds the probabilities of all movies after movie i.

    Examples
    --------
    Movie 1 is followed by movie 2 twice, movie 2 by movie 3 once. Rows 1 and 2:

    >>> histories = [np.array([1, 2]), np.array([1, 2, 3])]
    >>> transition_probabilities(histories, n_rows=4, shrinkage=1.0)[1:3].round(3).tolist()
    [[0.0, 0.0, 0.889, 0.111], [0.0, 0.0, 0.333, 0.667]]
    """
    raise NotImplementedError("Exercise 8.2: a Markov chain")


# %%
few = [np.array([1, 2]), np.array([1, 2, 3])]
print(transition_probabilities(few, n_rows=4, shrinkage=1.0)[1:3].round(3).tolist())

# %%
check("8.2", transition_probabilities)

# %% [markdown]
# EASE needs a row for each history.


# %%
def rows_of_ones(histories, last=None):
    """1 for each movie of a history, or for the last ones only."""
    rows = np.zeros((len(histories), n_rows))
    for row, history in zip(rows, histories, strict=True):
        row[history[-last:] if last else history] = 1
    return rows


# %%
quiz("8.a")

# %% [markdown]
# The baselines have settings, too: λ of the Markov chain, and the penalty and the number
# of movies of EASE. As for the networks, the next-to-last movies decide.

# %%
for shrinkage in (1, 30, 200, 1000):
    chain = transition_probabilities(earlier, n_rows, shrinkage)
    scores = chain[[one[-1] for one in earlier]]
    mean = ndcg_of_next(scores, earlier, next_to_last).mean()
    print(f"Markov chain, λ = {shrinkage:4}: validation NDCG@10 {mean:.3f}")
by_penalty = {}
for penalty in (30, 100, 300, 1000, 3000):
    weights = ease_weights(rows_of_ones(earlier), penalty)
    by_penalty[penalty] = {
        f"last {last}" if last else "all movies": ndcg_of_next(
            rows_of_ones(earlier, last) @ weights, earlier, next_to_last
        ).mean()
        for last in (3, 10, 30, None)
    }
pd.DataFrame(by_penalty).T.rename_axis("EASE, penalty").round(3)

# %% [markdown]
# Small values of λ all give the same lists: counts are whole numbers, and λq stays
# below 1, so it only orders the movies with equal counts. A large λ overrules the
# counts, and its NDCG is slightly lower. We take λ = 1. For EASE on all movies we take
# a penalty of 100, and for the short memory 10 movies and a penalty of 1000. The
# neighbours of this value in the table are lower by 0.015 at most, so other numbers
# near 10 should do about as well.
#
# Each baseline becomes a function from histories to scores.


# %%
def fit_baselines(training):
    """Return functions that score all movies, given histories."""
    counts = np.bincount(np.concatenate(training), minlength=n_rows)
    counts = counts.astype("float32")
    chain = transition_probabilities(training, n_rows, shrinkage=1.0)
    rows = rows_of_ones(training)
    of_all, of_last = (ease_weights(rows, penalty) for penalty in (100, 1000))
    return {
        "popularity": lambda given: np.tile(counts, (len(given), 1)),
        "EASE": lambda given: rows_of_ones(given) @ of_all,
        "Markov chain": lambda given: chain[[one[-1] for one in given]],
        "EASE, last 10": lambda given: rows_of_ones(given, last=10) @ of_last,
    }


# %%
baselines = fit_baselines(histories)
ndcg = {
    name: ndcg_of_next(score(histories), histories, held_out)
    for name, score in baselines.items()
}
for name, values in ndcg.items():
    error = values.std() / np.sqrt(len(values))
    print(f"{name:14} NDCG@10 {values.mean():.3f} (standard error {error:.3f})")

# %% tags=["nbval-check-output"]
verdict("NDCG@10 of popularity", ndcg["popularity"].mean(), inside=(0.04, 0.05))
verdict("NDCG@10 of EASE, last 10", ndcg["EASE, last 10"].mean(), inside=(0.09, 0.105))

# %% [markdown]
# The Markov chain looks at one movie and has about the NDCG of EASE, which looks at all
# of them. EASE with the short memory has the highest. The standard error of each value
# is about 0.005 to 0.008, so small differences mean nothing here. Below we compare the
# models user by user.
#
# ## A batch of sequences: padding
#
# A network takes rectangular batches, but histories have different lengths. So we cut
# them into pieces (also called *windows*) of `length` = 25 movies, and fill shorter
# ones with zeros. This is **padding**, and 0 is the number of no movie. We put the
# zeros on the *left*, as SASRec does, so that the most recent movie is always in the
# last column. This is a convention. With zeros on the right, one has to look up the
# last movie's column for each user.
#
# Both networks of this lesson therefore see at most the last 25 movies, in training and
# in the test. Most histories are longer, so the networks, too, have a short memory. And
# in training a piece starts from nothing: its first targets are predicted from one or
# two movies.
#
# A piece gives one prediction for each of its inputs. At each position the input is a
# movie and the target is the next one, so the targets are the inputs, shifted by one:
#
# | position | 1 | 2 | 3 | 4 | 5 |
# | --- | --- | --- | --- | --- | --- |
# | input | 0 | 0 | 12 | 7 | 31 |
# | target | 0 | 0 | 7 | 31 | 5 |
#
# ### Exercise 8.3 — inputs and targets (5 minutes)
#
# Make both rows from the most recent movies of one history.


# %%
def inputs_and_targets(history, length):
    """The most recent movies as a padded input, and each one's next movie as the target.

    Parameters
    ----------
    history : numpy.ndarray of int, shape (n,)
        Two movies or more, in order of time, with numbers from 1.
    length : int
        The last `length` + 1 movies count, or all if there are fewer.

    Returns
    -------
    inputs, targets : numpy.ndarray of int, shape (length,)
        Zeros on the left if the history is too short.

    Examples
    --------
    >>> inputs, targets = inputs_and_targets(np.array([12, 7, 31, 5]), length=5)
    >>> inputs.tolist(), targets.tolist()
    ([0, 0, 12, 7, 31], [0, 0, 7, 31, 5])
    """
    raise NotImplementedError("Exercise 8.3: inputs and targets")


# %%
inputs, targets = inputs_and_targets(np.array([12, 7, 31, 5]), length=5)
print(inputs.tolist(), targets.tolist())

# %%
check("8.3", inputs_and_targets)

# %%
LENGTH = 25


def training_pieces(histories, length=LENGTH):
    """Cut each history into pieces; return the inputs and targets of all."""
    pairs = []
    for history in histories:
        for end in range(len(history), 1, -length):
            pairs.append(inputs_and_targets(history[:end], length))
    inputs, targets = (
        np.stack(one).astype("int32") for one in zip(*pairs, strict=True)
    )
    return inputs, targets


def last_movies(histories, length=LENGTH):
    """The padded input that ends with the last movie of each history."""
    rows = np.zeros((len(histories), length), dtype="int32")
    for row, history in zip(rows, histories, strict=True):
        recent = history[-length:]
        row[length - len(recent) :] = recent
    return rows


train_inputs, train_targets = training_pieces(histories)
print(f"{len(train_inputs):,} pieces; {(train_targets == 0).mean():.0%} is padding")

figure, panels = plt.subplots(1, 2, figsize=(8.4, 3.2), sharey=True)
for axes, rows, title in [
    (panels[0], train_inputs, "inputs"),
    (panels[1], train_targets, "targets: the same, one to the left"),
]:
    shown = np.where(rows[:16] == 0, np.nan, rows[:16])
    axes.imshow(shown, aspect="auto", cmap="viridis", interpolation="none")
    axes.set_title(title)
    axes.set_xlabel("position (the most recent movie is on the right)")
    axes.grid(visible=False)
panels[0].set_ylabel("piece of a history")
plt.show()

# %% [markdown]
# *Reading the figure:* each row is a piece of a history, each colour a movie number,
# and white is padding. Shift a row of inputs to the left by one, add the next movie on
# the right, and you get its targets.
#
# ## The loss over padded sequences
#
# At each position the network returns one score (a logit) for every row of the movie
# table. The softmax makes them probabilities, and the loss is minus the logarithm of
# that of the target: cross-entropy with 1,683 classes. Padded positions have no target
# and must not count, neither in the sum nor in the number that it is divided by.
#
# ### Exercise 8.4 — masked cross-entropy (6 minutes)
#
# Average the cross-entropy over all positions of the batch whose target is a movie.


# %%
def sequence_loss(targets, logits):
    """Mean cross-entropy over the positions of a batch that are not padded.

    Parameters
    ----------
    targets : tensor of int32, shape (n, length)
        The next movie, or 0 where there is none (padding). At least one is a movie.
    logits : tensor of float32, shape (n, length, n_rows)
        Scores before the softmax.

    Returns
    -------
    tensor of float32, shape ()

    Examples
    --------
    Two classes with equal scores: each position that counts costs log 2.

    >>> targets = ops.convert_to_tensor([[0, 1, 1]])
    >>> logits = ops.convert_to_tensor([[[9.0, 0.0], [0.0, 0.0], [0.0, 0.0]]])
    >>> round(float(sequence_loss(targets, logits)), 3)
    0.693
    """
    raise NotImplementedError("Exercise 8.4: masked cross-entropy")


# %%
targets = ops.convert_to_tensor([[0, 1, 1]])
logits = ops.convert_to_tensor([[[9.0, 0.0], [0.0, 0.0], [0.0, 0.0]]])
print(round(float(sequence_loss(targets, logits)), 3))

# %%
check("8.4", sequence_loss)

# %% [markdown]
# ## GRU4Rec: a recurrent network
#
# A **recurrent network** reads the movies one after the other, and keeps a vector $h$,
# the **state**, of what it has read. The **GRU** (*gated recurrent unit*, [Cho et al.,
# 2014](https://arxiv.org/abs/1406.1078)) computes two numbers between 0 and 1 for each
# component of the state. The **update gate** $z$ says how much of the old state to
# keep, and the **reset gate** $r$ how much of it enters the proposal $\tilde h$:
#
# $$\begin{aligned}
# z_t &= \sigma(W_z x_t + U_z h_{t-1}) &
# r_t &= \sigma(W_r x_t + U_r h_{t-1}) \\
# \tilde h_t &= \tanh\big(W x_t + U (r_t \odot h_{t-1})\big) &
# h_t &= z_t \odot h_{t-1} + (1 - z_t) \odot \tilde h_t
# \end{aligned}$$
#
# Here $x_t$ is the vector of the movie at position $t$, $\sigma$ is the sigmoid, and
# $\odot$ multiplies component by component. The matrices $W$ and $U$, with and without
# an index, are learned (the biases are left out). The state $h_t$ depends on the movies
# up to $t$ only, so it may predict the next one. The scores of all movies are the dot
# products of the state with the vectors of the movies, plus a bias for each movie:
#
# $$s_{tj} = h_t \cdot e_j + b_j$$
#
# The table of the $e_j$ is also the table of the inputs. These are **tied weights**:
# about half the parameters. The biases start at the logarithm of each movie's share, so
# the network starts at popularity and learns the rest.
#
# > **Note.** The GRU4Rec of the paper differs: it scores only the movies of the other
# > sessions in the batch (in-batch negatives, lesson 07), with a ranking loss. We have
# > 1,682 movies and can score all of them. And Keras' own GRU multiplies by $r_t$ after
# > the matrix $U$, not before it. So do not take our results for those of the original:
# > [Hidasi and Czapp (2023)](https://arxiv.org/abs/2307.14956) compared six
# > re-implementations of GRU4Rec with it, and found large differences. For sessions,
# > compare with nearest neighbours, too ([Ludewig and Jannach,
# > 2018](https://arxiv.org/abs/1803.09587)).

# %%
N_FACTORS = 64


class NextMovie(keras.Model):
    """What both networks share: movie vectors in, scores of all movies out."""

    def __init__(self, training):
        super().__init__()
        small = keras.initializers.RandomNormal(stddev=0.05)
        self.movies = layers.Embedding(n_rows, N_FACTORS, small)
        self.movies.build()
        counts = np.bincount(np.concatenate(training), minlength=n_rows) + 1
        self.biases = layers.Embedding(n_rows, 1, "zeros")
        self.biases.build()
        self.biases.set_weights([np.log(counts / counts.sum())[:, None]])

    def vectors(self, movies):
        return self.movies(movies) * N_FACTORS**0.5

    def scores(self, states):
        """Score all rows of the table; states (…, n_factors), scores (…, n_rows)."""
        table = ops.transpose(self.movies.embeddings)
        return ops.matmul(states, table) + self.biases.embeddings[:, 0]

    def call(self, movies, training=False):
        return self.scores(self.states(movies, training))

    def score_next(self, histories):
        """Score all movies after the last one of each history."""
        states = self.states(last_movies(histories), training=False)[:, -1]
        return ops.convert_to_numpy(self.scores(states))


class GRU4Rec(NextMovie):
    """A GRU over the movies so far."""

    learning_rate, epochs = 0.004, 4

    def __init__(self, training):
        super().__init__(training)
        # The fast kernel of NVIDIA GPUs (cuDNN) needs the padding on the right.
        self.gru = layers.GRU(N_FACTORS, return_sequences=True, use_cudnn=False)
        self.dropout = layers.Dropout(0.2)

    def states(self, movies, training):
        vectors = self.dropout(self.vectors(movies), training=training)
        return self.gru(vectors, mask=ops.not_equal(movies, 0))


def train(kind, histories, seed=8):
    """Train a network on these histories; print its loss and its seconds."""
    keras.utils.set_random_seed(seed)
    start = time.time()
    model = kind(histories)
    model.compile(keras.optimizers.Adam(kind.learning_rate), sequence_loss)
    inputs, targets = training_pieces(histories)
    # With all variables created here, TensorFlow traces the training step once only.
    model(inputs[:1])
    model.optimizer.build(model.trainable_variables)
    log = model.fit(inputs, targets, batch_size=64, epochs=kind.epochs, verbose=0)
    seconds = time.time() - start
    loss = log.history["loss"]
    print(f"{kind.__name__}: loss {loss[0]:.2f} → {loss[-1]:.2f}, {seconds:.0f} s")
    return model


gru = train(GRU4Rec, histories)
ndcg["GRU4Rec"] = ndcg_of_next(gru.score_next(histories), histories, held_out)
print(f"NDCG@10 of GRU4Rec: {ndcg['GRU4Rec'].mean():.3f}")

# %% [markdown]
# The network has a higher NDCG than popularity and EASE, and about that of EASE on the
# last ten movies. Below we compare the second network with all of them, with intervals.
#
# > **Note.** The learning rate and the number of epochs were chosen on the next-to-last
# > movies. Nearly all of the time goes into two things: the GRU has 25 steps, one after
# > the other, and each of 109,000 positions gets 1,683 scores.
#
# ## Self-attention: look at all movies so far
#
# A GRU has to carry everything in one state from step to step. **Self-attention** lets
# each position look at all movies directly. Each position makes three vectors out of
# its movie vector, by multiplying it with three matrices: a **query** (what it looks
# for), a **key** (what it can be found by) and a **value** (what it passes on). The dot
# product of the query at $t$ with the key at $s$ says how well they match. A softmax
# over $s$ makes these matches **attention weights**, which add up to 1, and the output
# is the mean of the values with these weights ([Vaswani et al.,
# 2017](https://arxiv.org/abs/1706.03762)):
#
# $$a_{ts} = \operatorname{softmax}_s\!\left(\frac{q_t \cdot k_s}{\sqrt d}\right)
# \qquad \text{out}_t = \sum_s a_{ts}\, v_s$$
#
# where $d$ is the length of the vectors. One thing has to be prevented: position $t$
# predicts the movie at $t + 1$, which is also an input, one position to the right. If
# it may look there, it copies the answer. A **causal mask** allows only $s \le t$.
#
# Suppose that you forget the causal mask in training.

# %%
quiz("8.b")

# %% [markdown]
# ### Exercise 8.5 — who may look where (4 minutes)
#
# Combine the causal mask with the padding: nobody looks at a padded position.


# %%
def attention_mask(movies):
    """Which positions each position of a sequence may look at.

    Parameters
    ----------
    movies : tensor of int32, shape (n, length)
        Sequences, padded with zeros on the left.

    Returns
    -------
    tensor of bool, shape (n, length, length)
        Entry [b, t, s] is True if s ≤ t and position s of sequence b is not padding. Then
        position t may look at position s.

    Examples
    --------
    >>> mask = attention_mask(ops.convert_to_tensor([[0, 12, 7]]))
    >>> ops.convert_to_numpy(mask).astype(int).tolist()
    [[[0, 0, 0], [0, 1, 0], [0, 1, 1]]]
    """
    raise NotImplementedError("Exercise 8.5: who may look where")


# %%
mask = attention_mask(ops.convert_to_tensor([[0, 12, 7]]))
print(ops.convert_to_numpy(mask).astype(int).tolist())

# %%
check("8.5", attention_mask)

# %% [markdown]
# ### Exercise 8.6 — masked attention (6 minutes)
#
# Write the formula above, with a mask. Forbidden entries must get a weight of 0, and
# the others of a row must add up to 1. So the mask has to work *before* the softmax.


# %%
def attention(queries, keys, values, allowed):
    """Scaled dot-product attention with a mask.

    Parameters
    ----------
    queries, keys, values : tensor of float32, shape (n, length, d)
    allowed : tensor of bool, shape (n, length, length)
        Entry [b, t, s]: whether position t may look at position s.

    Returns
    -------
    outputs : tensor of float32, shape (n, length, d)
    weights : tensor of float32, shape (n, length, length)
        0 where it is not allowed; each row adds up to 1. A row in which nothing is
        allowed may hold any finite numbers.

    Examples
    --------
    All matches are 0, so each position takes the mean of what it may look at.

    >>> zeros = ops.zeros((1, 2, 1))
    >>> values = ops.convert_to_tensor([[[4.0], [8.0]]])
    >>> allowed = ops.convert_to_tensor([[[True, False], [True, True]]])
    >>> outputs, weights = attention(zeros, zeros, values, allowed)
    >>> ops.convert_to_numpy(outputs).tolist()
    [[[4.0], [6.0]]]
    """
    raise NotImplementedError("Exercise 8.6: masked attention")


# %%
zeros = ops.zeros((1, 2, 1))
values = ops.convert_to_tensor([[[4.0], [8.0]]])
allowed = ops.convert_to_tensor([[[True, False], [True, True]]])
outputs, weights = attention(zeros, zeros, values, allowed)
print(ops.convert_to_numpy(outputs).tolist())

# %%
check("8.6", attention)

# %% [markdown]
# ## SASRec
#
# Attention itself does not know where a movie is: it takes a weighted mean, and a mean
# has no order. So a **position vector** is added to each movie vector. Then SASRec
# stacks blocks of two parts: attention, and a small network applied to each position by
# itself. Each part is added to its input (a **residual connection**), with layer
# normalization and dropout. We use one block.
#
# > **Note.** The SASRec of the paper has two blocks and longer histories, and a binary
# > loss with one sampled negative for each position. The loss matters more than it
# > seems. For years BERT4Rec ([Sun et al., 2019](https://arxiv.org/abs/1904.06690)),
# > which fills gaps in a sequence and looks to both sides, was reported to be better
# > than SASRec. [Klenitskiy and Vasilev (2023)](https://arxiv.org/abs/2309.07602)
# > trained both with the same softmax over all items, and SASRec was ahead. [Petrov and
# > Macdonald (2023)](https://arxiv.org/abs/2308.07192) trace the gap to the sampling of
# > negatives. With a million items the softmax over all is too expensive. Then one
# > draws many negatives, and corrects for how they were drawn (lesson 07).


# %%
class SASRec(NextMovie):
    """One block of self-attention over the movies so far."""

    learning_rate, epochs = 0.003, 3

    def __init__(self, training):
        super().__init__(training)
        small = keras.initializers.RandomNormal(stddev=0.05)
        self.positions = layers.Embedding(LENGTH, N_FACTORS, small)
        self.positions.build()
        self.query, self.key, self.value = (
            layers.Dense(N_FACTORS, use_bias=False) for _ in range(3)
        )
        self.hidden = layers.Dense(N_FACTORS, activation="relu")
        self.output_layer = layers.Dense(N_FACTORS)
        self.norms = [layers.LayerNormalization() for _ in range(3)]
        self.dropout = layers.Dropout(0.2)

    def allowed(self, movies):
        return attention_mask(movies)

    def attend(self, movies, vectors):
        normed = self.norms[0](vectors)
        return attention(
            self.query(normed),
            self.key(normed),
            self.value(normed),
            self.allowed(movies),
        )

    def states(self, movies, training):
        vectors = self.vectors(movies) + self.positions.embeddings
        vectors = self.dropout(vectors, training=training)
        attended, _ = self.attend(movies, vectors)
        vectors = vectors + self.dropout(attended, training=training)
        changed = self.output_layer(self.hidden(self.norms[1](vectors)))
        vectors = vectors + self.dropout(changed, training=training)
        return self.norms[2](vectors)


sasrec = train(SASRec, histories)
ndcg["SASRec"] = ndcg_of_next(sasrec.score_next(histories), histories, held_out)
print(f"NDCG@10 of SASRec: {ndcg['SASRec'].mean():.3f}")

# %% [markdown]
# And without the causal mask? Everything else stays as it is, but we train for a few
# epochs more.


# %%
class NoCausalMask(SASRec):
    """Each position looks at all movies of its piece, also at the next one."""

    epochs = 5

    def allowed(self, movies):
        is_movie = ops.not_equal(movies, 0)[:, None, :]
        return ops.repeat(is_movie, movies.shape[1], axis=1)


unmasked = train(NoCausalMask, histories)
value = ndcg_of_next(unmasked.score_next(histories), histories, held_out).mean()
print(f"NDCG@10 of SASRec without the causal mask: {value:.3f}")

# %% [markdown]
# The loss falls far below that of SASRec, and the NDCG is clearly lower. A low training
# loss is no sign of a good model if the inputs contain the answer.
#
# Which movies does SASRec look at? We take the shortest history, so that the picture is
# readable.

# %%
shortest = last_movies([min(histories, key=len)])
mask = ops.convert_to_numpy(attention_mask(shortest))[0]
vectors = sasrec.vectors(shortest) + sasrec.positions.embeddings
weights = ops.convert_to_numpy(sasrec.attend(shortest, vectors)[1])[0]
figure, panels = plt.subplots(1, 2, figsize=(8.4, 3.6), sharey=True)
for axes, shown, title in [
    (panels[0], mask, "mask: causal, without padding"),
    (panels[1], np.where(mask, weights, 0), "attention weights"),
]:
    picture = axes.imshow(shown, cmap="Blues", extent=(0, 25, 25, 0))
    axes.set_title(title)
    axes.set_xlabel("looked at: position s")
    axes.grid(visible=False)
    figure.colorbar(picture, ax=axes, shrink=0.75)
panels[0].set_ylabel("looking: position t")
plt.show()

full = train_inputs[(train_inputs != 0).all(axis=1)][:200]
if len(full):
    vectors = sasrec.vectors(full) + sasrec.positions.embeddings
    weights = ops.convert_to_numpy(sasrec.attend(full, vectors)[1])[:, -1].mean(axis=0)
    print(f"weight of the last five of 25 movies: {weights[-5:].sum():.0%} (even: 20%)")

# %% [markdown]
# *Reading the figure:* each row is a position, and what it looks at is to the left of
# it. The white columns of the mask are padding. The weights of a row add up to 1. From
# about position 15 on, this user's rows look mostly at the movies from there on;
# perhaps the kind of movie changed. That is one user. For 200 full pieces, the printed
# line says how much of its weight the last position gives to the five most recent
# movies, hardly more than an even distribution would. So on average the attention of
# this small network depends little on how recent a movie is. The most recent movie
# comes in by another way: by the residual connection, which adds its own vector.
#
# ## Which one is best?
#
# With the hidden movie of 943 users, a mean NDCG@10 of 0.1 has a standard error of
# about 0.008. A paired bootstrap over users (lesson 05) compares two models on the same
# users. It does not cover the randomness of training. `bootstrap_mean` returns a mean
# over users and the ends of its 95 % interval.


# %%
def with_interval(values):
    """Return the mean over users with its 95 % interval, as text."""
    return "{:+.3f} ({:+.3f} to {:+.3f})".format(*bootstrap_mean(values, seed=8))


order = sorted(ndcg, key=lambda name: ndcg[name].mean())
axes = plt.figure(figsize=(7, 3)).add_subplot()
for place, name in enumerate(order):
    color = plots.ORANGE if name in ("GRU4Rec", "SASRec") else plots.BLUE
    mean, low, high = bootstrap_mean(ndcg[name], seed=8)
    axes.hlines(place, low, high, color=color)
    axes.plot(mean, place, "o", color=color)
axes.set_yticks(range(len(order)), order)
axes.set_xlim(0, None)
axes.set_xlabel("NDCG@10 of the next movie, with its 95 % interval")
axes.set_title("Networks (orange) and simple models (blue)")
plt.show()
compared = [
    ("EASE, last 10", "EASE"),
    ("EASE, last 10", "Markov chain"),
    ("Markov chain", "EASE"),
    ("SASRec", "EASE"),
    ("SASRec", "Markov chain"),
    ("SASRec", "EASE, last 10"),
    ("SASRec", "GRU4Rec"),
]
for one, other in compared:
    print(f"{one} − {other}: {with_interval(ndcg[one] - ndcg[other])}")
for name, values in ndcg.items():
    add_to_scoreboard(
        name,
        edition=movielens.name,
        split="leave-one-out by time",
        lesson="08",
        **{"ndcg@10": values.mean()},
    )

# %% tags=["nbval-check-output"]
best_network = max(ndcg["GRU4Rec"].mean(), ndcg["SASRec"].mean())
verdict("NDCG@10 of the better network", best_network, at_least=0.085)

# %% [markdown]
# *Reading the figure:* both networks and EASE on the last ten movies are at about the
# same level. Whether intervals overlap is no test; the paired differences, on the same
# users, are. The short memory is ahead of EASE on all movies and of the Markov chain.
# SASRec is ahead of EASE on all movies and, more narrowly, of the Markov chain. For
# SASRec against EASE on the last ten movies, the interval contains 0.
#
# These intervals do not cover the randomness of training, and you trained one network of
# each kind. We trained more of them once, with the code of this lesson on ml-100k
# (five seeds each):
#
# | network | mean NDCG@10 | standard deviation over seeds | lowest and highest |
# | --- | --- | --- | --- |
# | GRU4Rec | 0.103 | 0.006 | 0.095, 0.110 |
# | SASRec | 0.091 | 0.005 | 0.085, 0.096 |
#
# For each user we took the mean over the seeds, and then the paired bootstrap over users:
#
# | difference | mean | 95 % interval |
# | --- | --- | --- |
# | GRU4Rec − SASRec | +0.012 | +0.004 to +0.020 |
# | GRU4Rec − EASE, last 10 | +0.004 | −0.009 to +0.017 |
# | SASRec − EASE, last 10 | −0.008 | −0.022 to +0.004 |
# | GRU4Rec − Markov chain | +0.024 | +0.011 to +0.036 |
# | SASRec − Markov chain | +0.012 | −0.001 to +0.024 |
# | GRU4Rec − EASE | +0.031 | +0.016 to +0.045 |
# | SASRec − EASE | +0.018 | +0.005 to +0.032 |
#
# So with these settings GRU4Rec is ahead of SASRec, by more than the choice of users
# explains. Neither network is ahead of EASE on the last ten movies, as far as this test
# can show. GRU4Rec is ahead of the Markov chain. For SASRec the interval of that
# difference contains 0: the one network that you trained is one of the better seeds.
# This does not show which architecture is better. With pieces of 50 movies and five
# epochs, about twice the time, SASRec had a mean of 0.097 (four seeds). [Betello et al.
# (2024)](https://arxiv.org/abs/2408.03873) also find that SASRec is not always ahead of
# GRU4Rec, but that it is when both have many parameters.
#
# ## Does the order matter?
#
# Now the question of the title. A control experiment answers it: put each history in
# random order, train again, and test again. The hidden movie stays the same. If the
# order carries nothing, the NDCG stays as it was. Klenitskiy et al. (2024, below) do something
# similar with 15 data sets: they keep the trained network, and shuffle only the histories
# of the test. We do that further down.

# %%
quiz("8.c")

# %%
rng = np.random.default_rng(8)
shuffled = [rng.permutation(one) for one in histories]
chain = transition_probabilities(shuffled, n_rows)
of_shuffled = {
    "Markov chain": chain[[one[-1] for one in shuffled]],
    "EASE, last 10": baselines["EASE, last 10"](shuffled),
    "SASRec": train(SASRec, shuffled).score_next(shuffled),
}
without_order = {
    name: ndcg_of_next(scores, histories, held_out)
    for name, scores in of_shuffled.items()
}
for name, values in without_order.items():
    print(f"{name}: in order − shuffled {with_interval(ndcg[name] - values)}")
pd.DataFrame(
    {
        "in order": {name: ndcg[name].mean() for name in without_order},
        "shuffled": {name: one.mean() for name, one in without_order.items()},
    }
).round(3)

# %% tags=["nbval-check-output"]
verdict(
    "NDCG@10 of SASRec on shuffled histories",
    without_order["SASRec"].mean(),
    at_most=0.065,
)

# %% [markdown]
# Without the order the network loses about half of its NDCG, and is about as good as
# popularity. Part of this may be the training: the learning rate and the number of
# epochs were chosen for histories in order. The Markov chain loses about half, too, and
# EASE on "the last ten" now takes ten random movies. But EASE on all movies never used
# the order, and has 0.072. SASRec and EASE on the last ten movies are ahead of this
# list, which uses no order at all, by only 0.02 to 0.03 (the intervals above reach from
# 0.008 to 0.040).
#
# Shuffling destroys several things at once: which movie was the last one, which ones
# are recent, and the order of these. To tell them apart, we leave the networks as they
# are, and change only the histories of the test: the last movie stays and the nine
# before it are shuffled; or the last ten are shuffled; or all.

# %%
changed = {
    "in order": histories,
    "nine before the last shuffled": [
        np.concatenate([one[:-10], rng.permutation(one[-10:-1]), one[-1:]])
        for one in histories
    ],
    "last ten shuffled": [
        np.concatenate([one[:-10], rng.permutation(one[-10:])]) for one in histories
    ],
    "all shuffled": shuffled,
}
rows = {
    name: {
        how: ndcg_of_next(model.score_next(given), histories, held_out)
        for how, given in changed.items()
    }
    for name, model in {"GRU4Rec": gru, "SASRec": sasrec}.items()
}
kinds = list(changed)
for name, row in rows.items():
    for before, after in [(0, 1), (0, 2), (2, 3)]:
        difference = row[kinds[before]] - row[kinds[after]]
        print(f"{name}: {kinds[before]} − {kinds[after]} {with_interval(difference)}")
pd.DataFrame.from_dict(rows, orient="index").map(np.mean).round(3)

# %% [markdown]
# With the last movie in its place, shuffling the nine before it changes little: SASRec
# loses a few thousandths at most, and for GRU4Rec the interval contains 0, but it would
# also allow a loss of a tenth. As soon as the last movie is another one, both networks
# lose about a quarter or more. With all movies shuffled, GRU4Rec loses more still; for
# SASRec the interval of this step contains 0. So these networks use *which movie was
# the last one*, and which ones are recent. That they make little use of the order of
# the recent movies says something about these networks, too: our SASRec starts with
# position vectors that are small beside the movie vectors, and trains for three epochs.
# And half of the ratings have no known order to begin with. EASE on the last ten movies
# does not know which one was the last, and no network is ahead of it.
#
# Klenitskiy et al. (2024) found the same direction on MovieLens with 20 million
# ratings: with all histories of the test shuffled, the NDCG@10 of both networks fell by
# about two thirds. On seven of their 15 data sets they found no significant change.
#
# > **Note.** The last two columns ask the networks about histories of another kind than
# > those they were trained on. A network that had been trained on such histories might
# > do a little better.
#
# ## Whose order is it?
#
# So the recent movies say much about the next one. But what is this order? A rating is
# given when somebody visits the site, not when they watch the movie. Look at how long
# each user's ratings took from the first to the last.

# %%
by_user = ratings.groupby("user")["hours"]
span = (by_user.max() - by_user.min()).to_numpy()
within_an_hour = span < 1
axes = plt.figure(figsize=(7, 3)).add_subplot()
axes.hist(np.log10(np.maximum(span, 0.01)), bins=40, color=plots.BLUE)
axes.axvline(0, color=plots.RED)
marks = [1 / 60, 1, 24, 24 * 30]
axes.set_xticks(np.log10(marks), ["a minute", "an hour", "a day", "a month"])
axes.set_xlabel("time from a user's first rating to the last (log scale)")
axes.set_ylabel("users")
axes.set_title("How long a user's ratings took")
plt.show()
gap = by_user.apply(lambda hours: hours.iloc[-1] - hours.iloc[-2]).to_numpy()
groups = {
    "all ratings within an hour": within_an_hour,
    "ratings over a longer time": ~within_an_hour,
    "hidden movie: same second as the one before": gap == 0,
    "hidden movie: later": gap > 0,
}
groups = {group: chosen for group, chosen in groups.items() if chosen.any()}
print(f"{within_an_hour.mean():.0%} of the users: all ratings within an hour")
pd.DataFrame(
    {
        group: {"users": chosen.sum()}
        | {name: values[chosen].mean() for name, values in ndcg.items()}
        for group, chosen in groups.items()
    }
).T.round(3)

# %%
for name in ("EASE, last 10", "SASRec"):
    difference = ndcg[name] - ndcg["EASE"]
    for group, chosen in groups.items():
        print(f"{name} − EASE, {group}: {with_interval(difference[chosen])}")

# %% [markdown]
# *Reading the figure:* there are two kinds of users. More than half gave all of their
# ratings within an hour (the red line). Most of the others came back, hours, days or
# months later.
#
# The table compares groups of users. EASE on the last ten movies is ahead of EASE on
# all of them by about 0.03 among those who rated within an hour. Among the others it is
# about 0.02, and the lower end of the interval is just above 0. Hidden movies that were
# rated in the same second as the one before have a higher mean NDCG with *every* model,
# also with EASE on all movies, and the short memory helps in both groups. So equal
# timestamps alone do not explain what the last movies are worth, and single visits
# alone do not either. SASRec is ahead of EASE where the hidden movie came later, and
# where the ratings took longer; in the other two groups its intervals contain 0. This
# does not show that the groups differ: that would take an interval of the difference
# between two groups. And of eight intervals of 95 %, one may well miss the true value.
#
# Still, more than half of the users gave all ratings within an hour, and nobody watched
# these movies one after the other within that hour. MovieLens shows its users pages of
# titles to rate ([Harper and Konstan, 2015](https://doi.org/10.1145/2827872)), and
# ratings that are sent together come from one page. So a part of "what comes next" is
# probably *what the site showed next*.
#
# This has been found before. Woolridge et al. (2021, below) counted equal timestamps in
# several data sets, MovieLens among them, and call such histories pseudo-sequences.
# They also found that shuffling hardly changed the results of a leading model. That is
# unlike here, and unlike Klenitskiy et al.; the protocols differ. Fan et al. (2024,
# below) show how the site's own recommendations shape what is rated. A model that
# predicts this order well has learned something about the site. Whether it would help
# somebody choose tonight's movie is another question.
#
# > **Note.** The groups were formed after the fact, and they differ in other ways, too,
# > such as in the number of ratings. So these differences are a hint at the reason, not
# > a proof.
#
# ## One cut in time for everybody
#
# Leave-one-out also has a fault of its own: the models are trained on ratings of the
# future. In a running system, a model is trained on everything before a moment, and
# then meets users whose histories go on. We cut all ratings at one moment (lesson 05),
# with 80 % of them before it. The models are trained on what is before the cut. Then
# they predict up to ten of each user's ratings after it, drawn at random, each from
# *all* that the user rated before that rating. Histories go on growing after the cut,
# and the models stay as they are. A new user has a history as soon as there is one
# rating.

# %%
cut = np.sort(ratings["timestamp"])[int(0.8 * len(ratings))]
n_before = ratings["timestamp"].lt(cut).groupby(ratings["user"]).sum().to_numpy()
past = [one[:n] for one, n in zip(sequences, n_before, strict=True) if n > 1]
rng = np.random.default_rng(8)
events = [
    (user, place)
    for user, one in enumerate(sequences)
    for place in rng.permutation(np.arange(max(1, n_before[user]), len(one)))[:10]
]
who = np.array([user for user, _ in events])
given = [sequences[user][:place] for user, place in events]
hidden = np.array([sequences[user][place] for user, place in events])
is_known = n_before[np.unique(who)] > 0
print(f"{len(past)} users to train on; {len(hidden):,} ratings to predict")
print(
    f"{len(is_known)} test users, {is_known.sum()} of them with ratings before the cut"
)

scorers = fit_baselines(past) | {"SASRec": train(SASRec, past).score_next}
after_cut = {}
for name, score in scorers.items():
    values = pd.Series(ndcg_of_next(score(given), given, hidden))
    after_cut[name] = values.groupby(who).mean().to_numpy()
for one, other in compared[:-1]:
    print(f"{one} − {other}: {with_interval(after_cut[one] - after_cut[other])}")
table = {name: bootstrap_mean(values, seed=8) for name, values in after_cut.items()}
pd.DataFrame.from_dict(table, orient="index", columns=["NDCG@10", "from", "to"]).round(
    3
)

# %% [markdown]
# The order of the models is similar: popularity is last, then come the Markov chain and
# EASE (EASE is now the better of the two), then SASRec, and EASE on the last ten movies
# is first. EASE on the last ten is ahead of EASE on all movies, and the interval of the
# difference is above 0. So its lead does not come from models that were trained on the
# future. SASRec is ahead of the Markov chain. Its intervals against both kinds of EASE
# contain 0. But do not compare the values with those above: there are other users in
# this test, most of them new, and each of them has up to ten hidden movies. (We leave
# out GRU4Rec to save time.)
#
# > **Note.** One leak is left. We chose the settings, the ten movies among them, on
# > each user's next-to-last movie, and about three in ten of these are later than the
# > cut. A strict test chooses them before the cut, too. [Gusak et al.
# > (2025)](https://arxiv.org/abs/2507.16289) compare ways to split sequences by time.
#
# This test does not say whose order it is, either. After the cut, too, users rate
# movies on the pages of the same site.
#
# ## What to remember
#
# - A sequential recommender predicts the next item from the ones before it.
#   Leave-one-out by time is the usual test, and it leaks the future.
# - Compare a network with a Markov chain and with EASE on the last few items.
# - Pad and mask, and divide the loss by the number of real targets.
# - A GRU carries a state from movie to movie. Self-attention looks at all of them, and
#   needs a causal mask and position vectors.
# - Shuffle the histories to see what the order is worth. Then shuffle only a part, to
#   see what matters: for the networks here, mainly which movie was the last one.
# - Ask where the order comes from. In MovieLens, more than half of the users gave all
#   their ratings within an hour, so it is hardly the order in which they watched.
#
# ## Where to read on
#
# - B. Hidasi et al., [Session-based Recommendations with Recurrent Neural
#   Networks](https://arxiv.org/abs/1511.06939), 2016: GRU4Rec.
# - W. Kang and J. McAuley, [Self-Attentive Sequential
#   Recommendation](https://arxiv.org/abs/1808.09781), 2018: SASRec.
# - KerasRS, [examples](https://keras.io/keras_rs/examples): GRU4Rec and SASRec on
#   MovieLens, with ready-made layers.
# - D. Woolridge, S. Wilner and M. Glick, [Sequence or
#   Pseudo-Sequence?](https://ceur-ws.org/Vol-2955/paper8.pdf), 2021: many timestamps in
#   data sets are equal, so that the order is not known.
# - Y. Fan et al., [Our Model Achieves Excellent Performance on MovieLens: What Does it
#   Mean?](https://arxiv.org/abs/2307.09985), 2024: how the site's own recommendations
#   made the ratings.
# - A. Klenitskiy and A. Vasilev, [Turning Dross Into Gold
#   Loss](https://arxiv.org/abs/2309.07602), 2023: SASRec and BERT4Rec with the same loss.
# - A. Klenitskiy et al., [Does It Look Sequential?](https://arxiv.org/abs/2408.12008),
#   2024: shuffling, on 15 data sets.
#
# **Next:** lesson 09 is about scale: what grows with the data, and how several workers
# train one model.
