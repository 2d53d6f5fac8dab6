# %% [markdown] tags=["badge"]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/neural-recsys-course/neural-recsys-course/blob/v1.0.0/notebooks/04_dl_model.ipynb) [![Open in Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/neural-recsys-course/neural-recsys-course/v1.0.0?labpath=notebooks%2F04_dl_model.ipynb)

# %% [markdown]
# # 4 · Deep models: does a network help?
#
# In matrix factorization a user and a movie meet in a dot product, a formula that
# somebody chose. A neural network could learn from the ratings how two vectors make a
# rating. Models that do so are called **neural collaborative filtering** ([He et al.,
# 2017](https://arxiv.org/abs/1708.05031)). In this lesson you build one and compare it
# with the dot product. Then you give a larger model more than two vectors: genres and
# ages, and the list of what else each user has rated.
#
# Such a model has many parts, and a better score does not say which of them earned it.
# So you take parts away and train again, which is called an **ablation**. It answers
# the question in the title.
#
# **When you have finished, you can**
#
# - build a network on top of two embeddings, and choose its size;
# - prove that a "deep" model without activations is not deep, and cannot personalize;
# - turn genres, years, ages and occupations into inputs, missing values included;
# - use each user's history as implicit feedback, without leaking the answer;
# - write the forward pass of a hybrid model with parts that can be left out;
# - run an ablation, and say how sure you are of each difference;
# - say what a network adds to a dot product on these ratings, and what it does not.
#
# **Time** 95 minutes to work through, about a minute of computing.
# **Before this** lessons 01 to 03.

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
# *Concatenate* the user's vector and the movie's vector, that is, put them side by
# side, and send the result through a stack of `Dense` layers. Each layer multiplies its
# input by a matrix, adds a vector of constants and applies an **activation**, a
# non-linear function such as ReLU, max(0, x). A stack of this kind is a **multilayer
# perceptron** (MLP). The last layer has a single output and no activation.
#
# ### Exercise 4.1 — build a deep model (8 minutes)
#
# Start with two embeddings, and concatenate them with `layers.Concatenate()`, the
# user's vector first. They have no L2 this time, as **dropout** takes its place: in
# training it sets a random share of the values to 0, so that the network cannot rely on
# any single one; in prediction it does nothing. Dropout follows the concatenation. Then
# comes one `Dense` layer for each entry of `hidden`, of that width and with the
# activation, each followed by dropout. The model ends with `Dense(1)` and adds the
# mean, as in lesson 03.


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
    raise NotImplementedError("Exercise 4.1: build a deep model")


# %%
deep = build_deep_model(n_users, n_movies, mean)
plots.draw_model(deep)

# %%
check("4.1", build_deep_model)


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
        validation_batch_size=8192,
        epochs=epochs,
        callbacks=[stop_early],
        verbose=0,
    )


deep_history = train_model(deep, epochs=15)
plots.plot_history(
    deep_history, "A deep model on two vectors", metric="rmse", unit="stars"
)
# %% [markdown]
# *Reading the figure:* the training error starts *above* the validation error. It is an
# average over an epoch in which the model was still improving, and it is measured with
# dropout, which is off during validation.
#
# ## The deep model that is not deep
#
# One of the public notebooks in the course's
# [benchmark](https://github.com/neural-recsys-course/neural-recsys-course/blob/v1.0.0/docs/benchmarks.md)
# builds its "deep" model from two embeddings, `Dense(50)`, `Dense(50)`, `Dense(50)` and
# `Dense(1)`. The next cell trains the same stack. Its loss falls, and nothing warns you
# that something is missing.

# %%
as_published = build_deep_model(
    n_users, n_movies, mean, hidden=(50, 50, 50), activation=None, dropout=0.0
)
history = train_model(as_published, epochs=3)
print("loss by epoch:", np.round(history.history["loss"], 3))

# %% [markdown]
# ### Exercise 4.2 — prove that it is not deep (8 minutes)
#
# Without an activation a dense layer computes $x W + c$, and two of them in a row
# compute $(x W_1 + c_1) W_2 + c_2$. Write that as *one* layer $x W + c$. Then do the
# same for any number of layers. Keras calls $W$ the *kernel* of a layer and $c$ its *bias*,
# which is not the same as the biases of lesson 03.


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
    raise NotImplementedError("Exercise 4.2: prove that it is not deep")


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

# %% [markdown]
# The four layers have 8,401 weights, and one layer with 65 weights gives the same
# predictions. A stack of linear layers is one linear layer, however wide. Worse, a
# linear function of two vectors put side by side is a function of the user *plus* a
# function of the movie,
#
# $$[p_u, q_i]\,W + c = p_u W_{\text{user}} + q_i W_{\text{movie}} + c ,$$
#
# which is a user bias plus a movie bias. What does that mean for its recommendations?

# %%
quiz("4.a")

# %% [markdown]
# ### Exercise 4.3 — the test for taste (7 minutes)
#
# If Ann prefers Alien to Brazil by half a star and Bo prefers Brazil, then user and
# movie **interact**: the effect of one depends on the other. In a sum of biases they
# cannot, because everybody prefers Alien to Brazil by the same amount. So take two
# users and two movies, and compare the two preferences.


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
    raise NotImplementedError("Exercise 4.3: the test for taste")


# %%
for name, model in [("as published", as_published), ("with ReLU", deep)]:
    values = [
        interaction(model, u, u + 1, m, m + 7) for u in range(6) for m in range(6)
    ]
    print(f"{name:13} mean size of the interaction {np.mean(np.abs(values)):.5f} stars")

# %%
check("4.3", interaction)

# %%
n_lists = min(n_users, 200)
for name, model in [("as published", as_published), ("with ReLU", deep)]:
    best_first = np.argsort(-score_all(model, n_lists, n_movies), axis=1)
    different = len(np.unique(best_first[:, :10], axis=0))
    print(f"{name:13} {n_lists} users, {different} different lists of ten movies")

# %% [markdown]
# The linear stack gives the first 200 users, like all others, the same list in the same
# order. It is a bias model, so it cannot personalize. With an activation between the layers
# the network can represent interactions, and there are many different lists. Still, some
# users share theirs with somebody else. How good the lists are is the subject of lesson 05.
#
# ## How large?
#
# The network above has 64 hidden units. The next cell trains one with 8 on the same two
# vectors. Guess first.

# %%
quiz("4.b")

# %%
keras.utils.set_random_seed(4)
small = build_deep_model(n_users, n_movies, mean, hidden=(8,))
curves = {
    "8 units": train_model(small, epochs=15).history["val_rmse"],
    "64 units": deep_history.history["val_rmse"],
}

axes = plt.figure().add_subplot()
for (name, curve), style in zip(curves.items(), ["-", "--"], strict=True):
    axes.plot(np.arange(1, len(curve) + 1), curve, style, label=name)
axes.set_xlabel("epoch")
axes.set_ylabel("validation RMSE (stars)")
axes.set_title("Validation RMSE of two networks")
axes.legend()
plt.show()

# %% [markdown]
# *Reading the figure:* look at the scale of the y axis. The best epochs are within a
# hundredth of each other. Each network was trained once, so this run does not show what
# the size is worth.
#
# ## Does deep beat dot?
#
# The test ratings are those of lessons 01 to 03, so the scores can be compared.
# Remember from lesson 01 that another test set of this size would move an RMSE by about
# ±0.005.

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
# It does not. In this run the network is ahead of the plain dot product of lesson 02
# (about 0.94), which has no biases, but not of dot + bias of lesson 03 (about 0.915).
# One run is not enough to say how far apart the models are. In the course's
# [benchmark](https://github.com/neural-recsys-course/neural-recsys-course/blob/v1.0.0/docs/benchmarks.md),
# which trains each model with five random seeds on its own 80/20 split, the network has
# 0.928 ± 0.005 (mean and standard deviation). There it is level with the plain dot
# product, which has 0.928 ± 0.001, and behind dot + bias, which has 0.909 ± 0.001. The
# linear stack is behind even the bias baseline (0.942). It, too, is a sum of biases,
# but without shrinkage, and it was trained for a few epochs only.
#
# A network on two vectors could in principle learn the biases and the product. But a
# dot product has *matching* built in, and a network has to discover it, factor by
# factor, from 72,000 ratings. [Rendle et al. (2020)](https://arxiv.org/abs/2005.09683)
# repeated the experiments of the paper that made neural collaborative filtering
# popular, which predict whether somebody rates a movie at all. There, too, a dot
# product with well-chosen settings was clearly better than the network.
#
# Two vectors were all that this network had to work with. What if it is given more?
#
# ## Everything else we know
#
# A movie has genres and a year, a user has an age and an occupation. These are
# **metadata**, or side information: what is known besides the ratings. A network takes
# any list of numbers, so the work is to make good lists. Genres get one column each, with
# a 1 where the genre applies. This is called a **multi-hot** encoding.
#
# ### Exercise 4.4 — genres as columns (3 minutes)
#
# Write the multi-hot encoding. An empty text has no label at all.


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
    raise NotImplementedError("Exercise 4.4: genres as columns")


# %%
movies = movielens.movies.set_index("movie_id").loc[split.movies.ids]
movielens.lacks("genres")  # then there are no columns
genres = multi_hot(movies["genres"])
genres.head(3)

# %%
check("4.4", multi_hot)

# %% [markdown]
# Numbers are **standardised**: subtract the mean and divide by the standard deviation.
# Otherwise a year near 2000 would dominate a genre of 0 or 1. A missing value becomes a
# 0, which is the average, and a second column marks it as missing.
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
    raise NotImplementedError("Exercise 4.5: numbers, missing ones included")


# %%
if movielens.lacks("year"):
    years = np.zeros((n_movies, 1))  # the same for all
else:
    years = standardise(movies["year"].astype("float64"))
movie_features = np.hstack([genres, years]).astype("float32")
users = movielens.users
if users is None:  # some editions have no data about their users
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

# %% [markdown]
# ## What else did they rate?
#
# The stars are **explicit feedback**: users say how much they liked a movie. *Which*
# movies they rated, whatever the stars, is **implicit feedback**. It tells us something
# on its own: a user who has rated six Hitchcock films probably likes suspense. SVD++
# ([Koren, 2008](https://doi.org/10.1145/1401890.1401944)), a matrix factorization of the
# Netflix Prize, uses this. Every movie gets a second vector $y_j$, which is used when the
# movie is in somebody's history. If $N(u)$ is the set of movies that user $u$ rated,
# the user's vector becomes
#
# $$p_u + \frac{1}{\sqrt{|N(u)|}} \sum_{j \in N(u)} y_j .$$
#
# We change two things. First, we use the same idea in the other direction as well, and
# describe a movie by who rated it. Second, we leave each pair's own movie out of the
# user's history, for this reason: in training, the history of a pair contains *that
# very movie*; at test time it never does. So the inputs of training and test would not
# match. If the history held stars, this would even be a leak, as the entry is the
# target itself. In lesson 05, which asks whether a movie was watched, a 1 in the
# history would already be the answer.
#
# ### Exercise 4.6 — a history that does not peek (12 minutes)
#
# `rated` is the 0/1 matrix of the *training* ratings. For each pair, sum the vectors of
# all movies that the user rated, except the pair's own movie, and divide by the square
# root of how many were summed, or by 1 if there were none. Two Keras operations are useful:
# `ops.matmul(rated, vectors)` gives the full sum of every user, and
# `ops.take(table, rows, axis=0)` reads rows. The line that reads the pair's own entry
# from the matrix is given.
#
# > **Note.** The model calls your function inside `fit`, which compiles it once for
# > batches of every size. At that time the number of rows is unknown (`who.shape[0]` is
# > `None`) and tensors have no values yet. Use Keras operations on whole tensors, without
# > NumPy and without a loop over the pairs.


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
    raise NotImplementedError("Exercise 4.6: a history that does not peek")


# %%
tiny = ops.array([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]), ops.array([[2.0], [4.0], [9.0]])
history_vectors(*tiny, ops.array([0, 0, 1]), ops.array([1, 2, 2]))

# %%
check("4.6", history_vectors)

# %% [markdown]
# ## The hybrid
#
# Now you put everything together in a **hybrid model**, which combines ids, implicit
# feedback and metadata. The next cell draws it.

# %%
boxes = {  # x, y, text, color
    "u": (0.25, 2, "user u: bias, vector,\nhistory (movies rated)", "#E8F2F9"),
    "i": (0.69, 2, "movie i: bias, vector,\nhistory (rated by whom)", "#E8F2F9"),
    "b": (0.10, 1, "bias of u\n+ bias of i", "#E8F2F9"),
    "pq": (0.36, 1, "dot product\nof the two vectors", "#E8F2F9"),
    "net": (0.65, 1, "network,\n64 hidden units", "#FDF1D8"),
    "x": (0.92, 1, "metadata\nof u and i", "#F2F2F2"),
    "r": (0.36, 0, "rating = mean + biases + dot product + network", "#E8F2F9"),
}
arrows = ["u-b", "i-b", "u-pq", "i-pq", "u-net", "i-net", "b-r", "pq-r", "net-r"]
axes = plt.figure(figsize=(7.5, 3.4)).add_subplot()
for x, y, text, color in boxes.values():
    frame = {"boxstyle": "round,pad=0.5", "fc": color, "ec": plots.BLUE}
    axes.text(x, y, text, ha="center", va="center", fontsize=9, bbox=frame, zorder=3)
for arrow in [*arrows, "x-net"]:
    (x, y, *_), (to_x, to_y, *_) = (boxes[name] for name in arrow.split("-"))
    aside = (0.1, 0) if y == to_y else (0, 0.24)  # from the side, or from above
    start, end = np.subtract((x, y), aside), np.add((to_x, to_y), aside)
    look = {"arrowstyle": "->", "color": plots.GREY, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", end, start, arrowprops=look)
axes.set(xlim=(0, 1), ylim=(-0.3, 2.3))
axes.axis("off")
axes.set_title("The parts of the hybrid")
plt.show()

# %% [markdown]
# *Reading the figure:* blue is a matrix factorization with histories. Yellow is the
# network, which you can leave out. The metadata (grey) enter through it only.
#
# ### Exercise 4.7 — the forward pass of the hybrid (15 minutes)
#
# The model is a subclass of `keras.Model`. Its `__init__` is given. It creates the tables,
# where `table` is short for an embedding with our initial values and L2, and stores what
# is known about users and movies as constant tensors. You write `call`, the **forward
# pass**, which makes ratings of pairs:
#
# 1. Look up both vectors. Where the model has histories (`self.rated` is not `None`), add
#    one to each vector with your `history_vectors`, as the table below says. `.embeddings` is
#    the whole table of an embedding, as a tensor.
# 2. Add up the mean, both biases and the dot product of the two vectors.
# 3. Where the model has a network (`self.has_network`), add its output. It takes five things
#    side by side, in this order: the user's vector and the movie's vector (with their
#    histories, where there are any), their product element by element, the user's features
#    and the movie's features (`ops.take` reads rows, as in 4.6). Dropout, the hidden layer,
#    dropout again and the output layer follow.
#
# | history | `rated` | `vectors` | `who` | `what` |
# | --- | --- | --- | --- | --- |
# | of a user | `self.rated` | `self.when_rated.embeddings`: second vectors of the movies | the user | the movie |
# | of a movie | `self.rated_by` | `self.when_rating.embeddings`: second vectors of the users | the movie | the user |
#
# With histories and without a network (`hidden=0`), this is SVD++ in both directions.


# %%
class HybridModel(keras.Model):
    """Add up biases, a dot product and a network, over ids, histories and metadata.

    Parameters
    ----------
    mean : float
    rated : array of float32, shape (n_users, n_movies), or None
        Training ratings as 0/1; None for a model without histories.
    user_features, movie_features : arrays of float32, one row for each index
        Inputs of the network; they may have no columns.
    n_factors : int
    hidden : int
        Hidden units of the network; 0 for a model without a network.
    l2 : float
        Of all tables of vectors and biases.

    Examples
    --------
    Before training, a model without a network predicts about the mean.

    >>> features = np.zeros((2, 1), "float32")
    >>> model = HybridModel(3.5, None, features, features, hidden=0)
    >>> ratings = model({"user": np.array([0, 1]), "movie": np.array([1, 1])})
    >>> ops.convert_to_numpy(ratings).round(1).tolist()
    [[3.5], [3.5]]
    """

    def __init__(
        self,
        mean,
        rated,
        user_features,
        movie_features,
        n_factors=32,
        hidden=64,
        l2=2e-4,
    ):
        super().__init__(name="hybrid")
        n_users, n_movies = len(user_features), len(movie_features)

        def table(n_rows, n_columns, name):
            start = keras.initializers.RandomNormal(stddev=0.05 if n_columns > 1 else 0)
            weights = layers.Embedding(
                n_rows, n_columns, start, keras.regularizers.L2(l2), name=name
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
        self.has_network = hidden > 0
        if self.has_network:
            self.dropout = layers.Dropout(0.3)
            self.hidden = layers.Dense(hidden, activation="relu", name="hidden")
            self.output_layer = layers.Dense(1, name="output")

    def call(self, pairs, training=False):
        """Rate pairs.

        Parameters
        ----------
        pairs : dict of str to tensor
            ``{"user": int32 (n,), "movie": int32 (n,)}``
        training : bool or None
            Dropout takes place where this is True, and only there.

        Returns
        -------
        tensor of float32, shape (n, 1)
        """
        raise NotImplementedError("Exercise 4.7: the forward pass of the hybrid")


# %%
rated = np.zeros((n_users, n_movies), dtype="float32")
rated[train["user"], train["movie"]] = 1

untrained = HybridModel(mean, rated, user_features, movie_features)
untrained({name: rows[:4] for name, rows in train_pairs.items()})

# %%
check("4.7", HybridModel)

# %% [markdown]
# > **Note.** In the last epochs the weights move back and forth from batch to batch. An
# > *exponential moving average* (EMA) of the weights is steadier. In the training function
# > below the optimizer keeps one with `use_ema`, and a callback swaps it in at the end of
# > each epoch. You need not change anything there.
#
# ## The ablation
#
# An ablation takes a model apart: each variant lacks some of its parts. The next cell trains
# five. All have biases and a dot product of ids. To these come a network, histories (which
# gives SVD++), both, or both and the metadata, which enter through the network (which gives
# the hybrid). All have a learning rate of 0.01 and at most 15 epochs. We tried L2 penalties of
# 2e-4 and 4e-4 for each, and took the better one on the validation ratings: 2e-4 for the ids
# alone, 4e-4 for the others. Guess first.

# %%
quiz("4.c")


# %%
def train_hybrid(model, learning_rate=0.006, epochs=30, patience=2):
    """Fit with averaged weights, stop at the best validation epoch."""
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate, use_ema=True, ema_momentum=0.96),
        loss="mse",
        metrics=[keras.metrics.RootMeanSquaredError(name="rmse")],
    )
    model({name: rows[:1] for name, rows in train_pairs.items()})  # builds its layers
    model.optimizer.build(model.trainable_variables)
    return model.fit(
        train_pairs,
        train["rating"].to_numpy(),
        validation_data=(valid_pairs, valid["rating"].to_numpy()),
        batch_size=4096,
        validation_batch_size=16384,
        epochs=epochs,
        callbacks=[
            keras.callbacks.SwapEMAWeights(swap_on_epoch=True),
            keras.callbacks.EarlyStopping(
                monitor="val_rmse",
                mode="min",
                patience=patience,
                restore_best_weights=True,
            ),
        ],
        verbose=0,
    )


no_users, no_movies = user_features[:, :0], movie_features[:, :0]  # no columns
variants = {  # L2, histories, metadata of users and of movies, hidden units
    "ids, no network": (2e-4, None, no_users, no_movies, 0),
    "ids + network": (4e-4, None, no_users, no_movies, 64),
    "ids + histories, no network (SVD++)": (4e-4, rated, no_users, no_movies, 0),
    "ids + histories + network": (4e-4, rated, no_users, no_movies, 64),
    "hybrid: ids, metadata, histories": (
        4e-4,
        rated,
        user_features,
        movie_features,
        64,
    ),
}
ids, ids_network, svd_pp, histories_network, full = variants


def train_variant(l2, known, of_users, of_movies, hidden):
    """Train a variant; return the model and its test predictions."""
    keras.utils.set_random_seed(4)
    model = HybridModel(mean, known, of_users, of_movies, hidden=hidden, l2=l2)
    history = train_hybrid(model, learning_rate=0.01, epochs=15, patience=1)
    guesses = np.ravel(model(test_pairs))
    print(
        f"L2 {l2}, {model.count_params():,} weights: {len(history.epoch)} epochs, "
        f"validation RMSE {min(history.history['val_rmse']):.3f}"
    )
    return model, np.clip(guesses, *movielens.rating_scale[:2])


guesses_of, sizes = {}, {}
for name, options in variants.items():
    hybrid, guesses_of[name] = train_variant(*options)
    sizes[name] = hybrid.count_params()

# %% [markdown]
# > **Note.** `[:, :0]` is a table without columns. `np.clip` keeps predictions on the
# > scale, since nobody can give 5.3 stars.

# %%
for name, guesses in guesses_of.items():
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
best = guesses_of[full]
verdict("test RMSE of the hybrid", rmse(test["rating"], best), inside=(0.88, 0.90))
verdict("test MAE of the hybrid", mae(test["rating"], best), inside=(0.685, 0.715))

# %% [markdown]
# Which of these differences are real? Another test set would move all scores by about
# ±0.005, but it would move them *together*, because the models are wrong about the same
# ratings. So compare two models pair by pair, on the same ratings. A **paired bootstrap**
# does so. It draws as many users as there are, with replacement, computes the difference
# of the two RMSEs for the ratings of these users, and repeats this two thousand times.
# The middle 95 % of the differences are an interval for the difference on other users. We
# draw users and not ratings, because the ratings of one user are not independent. With
# `by="movie"` the function draws movies, which we need at the end.


# %%
def compare(before, after, rows=slice(None), by="user", n_resamples=2000):
    """Compare two models by a paired bootstrap over users or movies of the test set.

    Parameters
    ----------
    before, after : array of float, shape (n_test,)
        Predictions for the test set.
    rows : index of some of the test ratings
    by : str, "user" or "movie"
        What is drawn.
    n_resamples : int

    Returns
    -------
    dict
        The difference of the test RMSEs, after minus before, and the ends of its 95 %
        interval; all in stars.
    """
    of_ratings = pd.DataFrame(
        {
            by: test[by],
            "before": (before - test["rating"]) ** 2,
            "after": (after - test["rating"]) ** 2,
            "n": 1,
        }
    )
    sums_of = of_ratings[rows].groupby(by).sum().to_numpy()

    def difference(sums):
        sum_before, sum_after, n = sums.T
        return np.sqrt(sum_after / n) - np.sqrt(sum_before / n)

    n = len(sums_of)
    # How often each one is drawn: who is drawn twice counts twice.
    drawn = np.random.default_rng(4).multinomial(n, np.full(n, 1 / n), size=n_resamples)
    low, high = np.quantile(difference(drawn @ sums_of), [0.025, 0.975])
    change = difference(sums_of.sum(axis=0))
    return {"RMSE changes by": change, "95 % from": low, "95 % to": high}


def compare_all(steps):
    """Return a table with a comparison for each pair of models."""
    names = ["from this model", "to this model"]
    return pd.DataFrame(
        [compare(guesses_of[before], guesses_of[after]) for before, after in steps],
        index=pd.MultiIndex.from_tuples(steps, names=names),
    ).round(4)


steps = [
    (ids, ids_network),
    (ids, svd_pp),
    (svd_pp, histories_network),
    (histories_network, full),
    (svd_pp, full),
]
compare_all(steps)

# %% [markdown]
# A negative number is an improvement. If an interval contains 0, this test set cannot
# tell the two models apart. From top to bottom:
#
# - **A network on the ids** makes no difference that we can show. (Give it an L2 of 2e-4, the
#   value of the model without a network: it makes the error larger by about 0.007.)
# - **Histories lower the error by about three hundredths, without any network.** This is
#   the largest step, and the model is SVD++, a matrix factorization of 2008, in both
#   directions.
# - **A network beside the histories** makes the error a little larger here, by 0.004. These
#   intervals do not include another random seed, which moves one model by about 0.001 and a
#   difference of two by more (see the note below).
# - **Metadata**, which enter through that network, more than make up for it: about 0.007.
# - **Network and metadata together** lower the error of SVD++ by less than 0.003. The interval
#   contains 0, if only just: the hybrid may be better than SVD++ by up to 0.006, or not at
#   all. SVD++ trained for all 15 epochs, while the hybrid was stopped earlier. With
#   more epochs for SVD++ the difference may be smaller.
#
# *ids, no network* is dot + bias with half as many factors as in lesson 03, one L2 for all
# tables and at most 15 epochs. It ends at 0.922, and lesson 03's at 0.915. So histories are
# worth 0.027 to 0.034, depending on which of the two you start from.
#
# ## Tune the baseline, too
#
# All models had the better of two L2 penalties. It is easy to be less careful with a
# baseline. The next cell trains SVD++ with half its L2, the value for the ids alone.

# %%
untuned = "SVD++, half the L2"
model, guesses_of[untuned] = train_variant(2e-4, *variants[svd_pp][1:])
add_to_scoreboard(
    untuned,
    edition=movielens.name,
    split=split.name,
    lesson="04",
    rmse=rmse(test["rating"], guesses_of[untuned]),
    mae=mae(test["rating"], guesses_of[untuned]),
    parameters=model.count_params(),
)
compare_all([(untuned, svd_pp), (untuned, full), (svd_pp, full)])

# %% [markdown]
# Compared with an SVD++ that nobody tuned, the hybrid gains between 0.007 and 0.008, and the
# interval does not contain 0. About two thirds of that lead disappears when SVD++ gets
# the L2 that suits it. That share is uncertain: the gain from the better L2 may be
# anything from 0.002 to 0.009 (first row). [Rendle et al.
# (2019)](https://arxiv.org/abs/1905.01395) found this in published results: with
# careful tuning, simple baselines were ahead of many later models.
#
# ## Where did it get better?
#
# One average hides a lot. Split the test ratings by how many training ratings the
# movie has.

# %%
baseline_guesses = baseline.predict(test_pairs)
shown = [ids, untuned, svd_pp, full]
squared = pd.DataFrame(
    {"user + movie bias": (baseline_guesses - test["rating"]) ** 2}
    | {name: (guesses_of[name] - test["rating"]) ** 2 for name in shown}
)
n_ratings = np.bincount(train["movie"], minlength=n_movies)[test["movie"]]
groups = pd.cut(
    n_ratings,
    [-1, 9, 49, 199, np.inf],
    labels=["0–9", "10–49", "50–199", "200 and more"],
)
by_group = squared.groupby(groups, observed=True)
error = np.sqrt(by_group.mean())
noise = 1.96 * by_group.sem() / (2 * error)  # the derivative of a root: 1 / (2 root)

axes = plt.figure(figsize=(7.5, 5)).add_subplot()
place = np.arange(len(error))
for offset, name in zip(np.linspace(-0.24, 0.24, 5), error, strict=True):
    axes.errorbar(
        place + offset, error[name], noise[name], fmt="o", ms=7, capsize=3, label=name
    )
counts = by_group.size()
axes.set_xticks(place, [f"{group}\nn = {n:,}" for group, n in counts.items()])
axes.set_xlim(-0.5, len(error) - 0.5)
axes.set_xlabel("training ratings of the movie; n is the number of test ratings")
axes.set_ylabel("test RMSE (stars)")
axes.set_title("Movies with few ratings have the largest errors")
axes.legend()
plt.show()

print("test ratings of movies without a training rating:", np.sum(n_ratings == 0))
changes = {
    group: {"test ratings": n, "movies": test["movie"][groups == group].nunique()}
    | compare(guesses_of[svd_pp], guesses_of[full], groups == group, by="movie")
    for group, n in counts.items()
}
pd.DataFrame(changes).T.astype({"test ratings": int, "movies": int}).round(3)

# %% [markdown]
# *Reading the figure:* points are test RMSEs. Bars are rough 95 % intervals, as if all
# ratings were independent. Models in one group share the ratings, so the bars overstate
# the noise of a difference. For movies with fewer than ten ratings, the ids alone
# are behind the plain biases, and SVD++ is not clearly ahead of them.
#
# The table isolates the step from SVD++ to the hybrid. This time the bootstrap draws movies,
# because metadata shift all ratings of a movie together. For movies with fewer than ten
# training ratings the hybrid's RMSE is lower by about 0.08, and the interval is far from 0,
# although the group has only 717 test ratings of 372 movies. In the other groups the
# differences are a few thousandths, and their intervals contain 0.
#
# A movie without any training rating is the **cold start** of an item. Only 58 test
# ratings are of that kind, too few to measure how much the metadata help.
#
# ## So does a network help?
#
# Averaged over all test ratings, not that we can show. On the ids alone it changes next
# to nothing, beside the histories it makes the error a little larger, and only with the
# metadata, which it brings in, does it make up for that: this test set does not tell
# the hybrid from SVD++. Histories do help, and a dot product can use them.
#
# A network may help where a movie has few ratings. There the hybrid, with its network and its
# metadata, is ahead on this test set. That is one group of four and one random seed, so
# take it as a hint. How much a network would add with texts or images as inputs, these
# ratings cannot tell.
#
# > **Elsewhere in this course.** Metadata do not need a network: a *factorization
# > machine* ([Rendle, 2010](https://doi.org/10.1109/ICDM.2010.127)) adds them to the
# > vectors of the dot product. In the course's
# > [benchmark](https://github.com/neural-recsys-course/neural-recsys-course/blob/v1.0.0/docs/benchmarks.md),
# > on a split of the same size, one with histories has an RMSE of 0.874 and the hybrid
# > 0.885. That machine averages over many draws of its parameters, and it trains on the
# > validation ratings, too. So the two numbers do not isolate the network, but a good
# > result is possible without one. The benchmark's best rating model is an *ordinal
# > regression*, which predicts a probability for each number of stars. Retrained on
# > training and validation ratings, it has an RMSE of 0.876, and 0.872 as an average of
# > four. Without its network, in [one run on our
# > split](https://github.com/neural-recsys-course/neural-recsys-course/blob/v1.0.0/benchmarks/TRIED.md),
# > the error rose from 0.882 to 0.893. But nobody tuned that model without the network.
#
# > **Note.** The intervals show how much depends on *which users* are in the test set.
# > They do not include the randomness of training. Another random seed moves the
# > hybrid's RMSE by about 0.001, the benchmark's standard deviation over five seeds,
# > and a difference of two models by more.
#
# ## What would it tell you to watch?
#
# For a new user the hybrid needs not only a vector and a bias, but also a history and
# metadata. You take the row of the first user. Your ten movies become the history of
# that row. Your age and occupation are unknown to the model, so you get the average of
# all users' features. Then vector and bias are fitted to your ratings by fold-in, as in
# lessons 02 and 03.

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
# Compare the list with that of lesson 03. This model has used *which* movies you rated as
# well as your stars.
#
# ## What to remember
#
# - Between dense layers there must be an activation. Without one, a deep model is a user
#   bias plus a movie bias and gives all users the same list.
# - To test a model for interactions, take two users and two movies and compare
#   preferences.
# - On two vectors alone, our network does not beat a dot product with biases.
# - Who rated what, the implicit feedback, lowers the error most. A dot product can use it
#   (SVD++). With equal care for both, the test set does not tell SVD++ from the hybrid.
# - Network and metadata may help where a movie has few ratings.
# - A history must not contain the pair that it helps to predict.
# - A better score does not say which part earned it. Remove one part at a time, tune the
#   baseline as well, and compare on the same test ratings with a paired bootstrap.
#
# ## Where to read on
#
# - H.-T. Cheng et al., [Wide & Deep Learning for Recommender
#   Systems](https://arxiv.org/abs/1606.07792), 2016: a linear model and a network,
#   trained together.
# - J. Lian et al., [xDeepFM](https://arxiv.org/abs/1803.05170), 2018: a network with
#   explicit products of its inputs.
# - S. Rendle, [Factorization Machines](https://doi.org/10.1109/ICDM.2010.127), 2010:
#   histories and metadata in a dot product, without a network.
# - M. Ferrari Dacrema, P. Cremonesi and D. Jannach, [Are We Really Making Much
#   Progress?](https://arxiv.org/abs/1907.06902), 2019: neural recommenders against
#   well-tuned baselines.
#
# **Next:** lesson 05 stops predicting stars and asks which movies should be on the list.
