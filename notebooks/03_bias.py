# %% [markdown] tags=["badge"]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/neural-recsys-course/neural-recsys-course/blob/v1.0.0/notebooks/03_bias.ipynb) [![Open in Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/neural-recsys-course/neural-recsys-course/v1.0.0?labpath=notebooks%2F03_bias.ipynb)

# %% [markdown]
# # 3 · Biases: generous users and good movies
#
# The matrix factorization of lesson 02 describes every rating by a dot product of latent
# factors. But much of a rating has little to do with how well a user and a movie match.
# Some people give five stars to nearly everything, and some movies are liked by nearly
# everybody. In this lesson these effects get weights of their own: a **user bias** and a
# **movie bias**. Each is a single number, so you can read it in stars. With them, the
# model is the *biased* matrix factorization of [Koren, Bell and Volinsky
# (2009)](https://doi.org/10.1109/MC.2009.263), still a standard baseline.
#
# **When you have finished, you can**
#
# - split a rating into mean, user bias, movie bias and the rest;
# - build a model with biases, and show that its L2 penalty *is* the shrinkage of
#   lesson 01;
# - explain why the movies with the highest mean rating are not the best movies;
# - tell a generous user from one who picks good movies;
# - extract a part of a trained model by the names of its layers.
#
# **Time** 60 minutes to work through, about a minute of computing.
# **Before this** lessons 01 and 02.

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
from keras import layers

from helpers import check, hint, plots, quiz, reveal
from helpers.baselines import BiasBaseline
from helpers.data import load_movielens
from helpers.metrics import bootstrap_rmse, mae, rmse
from helpers.fold_in import what_to_watch
from helpers.scoreboard import add_to_scoreboard, show_scoreboard
from helpers.splits import pairs, random_split
from helpers.bands import verdict

plots.use_course_style()
keras.utils.set_random_seed(3)

movielens = load_movielens()
split = random_split(movielens, test=0.2, valid=0.1, seed=0)
train, valid, test = split.train, split.valid, split.test
train_pairs, valid_pairs, test_pairs = pairs(train), pairs(valid), pairs(test)

titles = (
    movielens.movies.set_index("movie_id").loc[split.movies.ids, "title"].to_numpy()
)
print(f"{len(titles):,} titles, in the order of the table's rows: {titles[0]}, …")

# %% [markdown]
# ## Taking a rating apart
#
# In lesson 01 we fitted a mean $\mu$, a bias $b_u$ for each user and a bias $b_i$ for
# each movie. What they leave of a rating is its **residual**, here called the rest. It is
# for the latent factors to explain:
#
# $$r_{ui} = \mu + b_u + b_i + \text{rest}_{ui}$$
#
# ### Exercise 3.1 — take ratings apart (5 minutes)


# %%
def take_apart(ratings, mean, user_bias, movie_bias):
    """Split each rating into mean, user bias, movie bias and rest.

    Parameters
    ----------
    ratings : pandas.DataFrame
        With `user` and `movie` (row numbers of the bias arrays) and `rating`.
    mean : float
    user_bias, movie_bias : numpy.ndarray of float, shapes (n_users,), (n_movies,)

    Returns
    -------
    pandas.DataFrame
        Columns `mean`, `user_bias`, `movie_bias`, `rest`, in this order, of float,
        with the index of `ratings`; the four add up to the rating.

    Examples
    --------
    >>> one = pd.DataFrame({"user": [0], "movie": [1], "rating": [5.0]})
    >>> take_apart(one, 3.5, np.array([-0.5]), np.array([0.0, 1.0])).values.tolist()
    [[3.5, -0.5, 1.0, 1.0]]
    """
    raise NotImplementedError("Exercise 3.1: take ratings apart")


# %%
baseline = BiasBaseline().fit(train, split.n_users, split.n_movies)
parts = take_apart(train, baseline.mean, baseline.user_bias, baseline.movie_bias)
parts.assign(rating=train["rating"], title=titles[train["movie"]]).head(5).round(2)

# %%
check("3.1", take_apart)

# %% [markdown]
# Read the first row aloud: the mean is 3.53, the user bias takes off 0.54, the movie
# bias takes off another 0.59, and the rest, −1.40, is taste and chance together. How
# large is each part, over all ratings? We measure it by its variance, the mean squared
# deviation. The variances of parts that are nearly uncorrelated nearly add up to the
# variance of the whole.

# %%
variance = parts[["movie_bias", "user_bias", "rest"]].var()
plots.plot_bars(
    ["movie bias", "user bias", "rest"],
    100 * variance / variance.sum(),
    "Where the variation of the ratings comes from",
    "share (%)",
    highlight=["rest"],
)
print(f"variance of the parts, added up: {variance.sum():.2f}")
print(f"variance of the ratings:         {train['rating'].var():.2f}")
for name, ratings, inputs in [
    ("training set", train, train_pairs),
    ("test set", test, test_pairs),
]:
    left = np.mean((ratings["rating"] - baseline.predict(inputs)) ** 2)
    explained = 1 - left / ratings["rating"].var()
    print(f"explained by the biases, {name}: {explained:.0%}")

# %% [markdown]
# *Reading the figure:* the two biases account for nearly a third of the sum of the
# three variances. The last two lines compare the error that they leave with the
# variance of the ratings: they explain about a third on the training set, to which they
# were fitted, and 30 % on the test set.
#
# No vector is needed for that part, and a model that spends its factors on it has fewer
# left for the rest. How much of the rest the factors can explain is measured below.
#
# ## Biases as embeddings
#
# A bias is an embedding with one column. We start with a model that has biases and
# nothing else. Training should find nearly the same numbers as `BiasBaseline` of lesson 01,
# which computes them by a formula.
#
# ### Exercise 3.2 — a bias-only model in Keras (8 minutes)
#
# The mean is a constant, given to the model: `layers.Rescaling(1.0, offset=mean)`
# adds it. Call the tables `user_bias` and `movie_bias`, start them at `"zeros"`, and
# give both an L2 regularizer. `layers.Add()` takes a list. Make the model with
# `keras.Model({"user": user, "movie": movie}, rating)`, because a later cell needs the
# inputs by name.


# %%
def build_bias_model(n_users, n_movies, mean, l2=5e-5):
    """Build the model: rating = mean + user bias + movie bias.

    Parameters
    ----------
    n_users, n_movies : int
    mean : float, in stars
        Mean of the training ratings: a constant, which is not learned.
    l2 : float
        Weight of the squared biases in the loss.

    Returns
    -------
    keras.Model
        Takes ``{"user": int32 (n,), "movie": int32 (n,)}``, returns float32 of
        shape (n, 1). Its embeddings, `user_bias` and `movie_bias`, have one column,
        start at zero, and both have `keras.regularizers.L2(l2)`.
    """
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    raise NotImplementedError("Exercise 3.2: a bias-only model in Keras")


# %%
def train_model(model, learning_rate=0.005, epochs=40):
    """Fit on the training pairs, stop at the best validation epoch."""
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate),
        loss="mse",
        metrics=[keras.metrics.RootMeanSquaredError(name="rmse")],
        steps_per_execution=20,
    )
    model.optimizer.build(model.trainable_variables)
    stop_early = keras.callbacks.EarlyStopping(
        monitor="val_rmse", mode="min", patience=3, restore_best_weights=True
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


mean = float(train["rating"].mean())
bias_only = build_bias_model(split.n_users, split.n_movies, mean)
before = bias_only.predict(valid_pairs, batch_size=8192, verbose=0)
print(f"RMSE before training {rmse(valid['rating'], before):.3f}")
history = train_model(bias_only, learning_rate=0.02)
bias_guesses = bias_only.predict(valid_pairs, batch_size=8192, verbose=0)
print(f"RMSE after           {rmse(valid['rating'], bias_guesses):.3f}")
closed_form = rmse(valid["rating"], baseline.predict(valid_pairs))
print(f"BiasBaseline         {closed_form:.3f}")

# %%
check("3.2", build_bias_model)

# %% tags=["nbval-check-output"]
trained = rmse(valid["rating"], bias_guesses)
verdict(
    "trained biases against the formula",
    trained - closed_form,
    inside=(-0.01, 0.01),
)

# %% [markdown]
# Before training, the RMSE is already 1.12, against 3.7 for the model of lesson 02, which
# had to learn the mean first. After training it is level with the formula. Whenever a
# formula exists, this comparison is worth making: it tests the whole training code.
#
# ## L2 is shrinkage
#
# Lesson 01 shrinks a bias by dividing by $n + \lambda$ instead of $n$. Here the loss
# has an L2 penalty with weight $\ell$. The two are the same. With $N$ training ratings
# the loss is
#
# $$\frac1N \sum_{u,i} (r_{ui} - \mu - b_u - b_i)^2
# + \ell\sum_u b_u^2 + \ell\sum_i b_i^2.$$
#
# Take one movie with $n$ ratings, hold everything else fixed, and set the derivative with
# respect to its $b_i$ to zero:
#
# $$-\frac2N \sum_u (r_{ui} - \mu - b_u - b_i) + 2\ell\, b_i = 0.$$
#
# The sum has $n$ terms, one for each rating of the movie. Multiply by $N/2$, and solve for
# the bias: $b_i = \sum_u (r_{ui} - \mu - b_u) / (n + \ell N)$.
#
# ### Exercise 3.3 — how many imaginary ratings is an L2 penalty worth? (5 minutes)
#
# Read $n + \ell N$ as in lesson 01: in addition to its $n$ real ratings, the movie has
# $\ell N$ imaginary ones that are exactly what the mean and the user's bias predict. A
# penalty of 5e-5 looks tiny. How many imaginary ratings is it here, and what share of
# the bias does it leave to a movie with $n$ ratings?


# %%
def share_that_stays(l2, n_ratings, n_train):
    """Return what shrinkage leaves of a bias: 1 is all of it, 0 is nothing.

    Parameters
    ----------
    l2 : float, above 0
        Weight of the squared bias in a loss that is a mean over ratings.
    n_ratings : int, 1 or more
        Ratings of this user or movie.
    n_train : int
        All ratings in the training set.

    Returns
    -------
    float from 0 to 1, not rounded

    Examples
    --------
    With 100,000 ratings an L2 of 1e-4 is ten imaginary ratings.

    >>> round(share_that_stays(1e-4, n_ratings=30, n_train=100_000), 4)
    0.75
    """
    raise NotImplementedError("Exercise 3.3: how many imaginary ratings is an L2 penalty worth?")


# %%
user_bias = bias_only.get_layer("user_bias").get_weights()[0][:, 0]
movie_bias = bias_only.get_layer("movie_bias").get_weights()[0][:, 0]
deviation = train["rating"] - mean - user_bias[train["user"]]
raw = deviation.groupby(train["movie"]).agg(["mean", "size"])
share = movie_bias[raw.index] / raw["mean"]
for n in (1, 3, 10, 30, 100):
    by_formula = share_that_stays(5e-5, n, len(train))
    such = share[(raw["size"] == n) & (raw["mean"].abs() > 0.3)]
    print(
        f"{n:4} ratings: {by_formula:.0%} by the formula, {such.median():.0%} trained "
        f"(movies: {len(such)})"
    )

# %%
check("3.3", share_that_stays)

# %% [markdown]
# The trained model shrinks nearly as the formula says. Each trained value is a median
# over movies with that many ratings (those whose bias before shrinkage is within 0.3
# stars of 0 are left out), and the last row is a single movie. On our training set an ℓ
# of 5e-5 is worth 3.6 imaginary ratings. That is close to the λ of `BiasBaseline`, 3
# for movies and 5 for users, and that is why the two errors agree. It also shows why an
# L2 weight cannot be copied from one data set to another: on ten times as many ratings,
# the same ℓ stands for ten times as many imaginary ones.
#
# ## Dot + bias
#
# ### Exercise 3.4 — put them together (8 minutes)
#
# Now add the dot product back:
#
# $$\hat r_{ui} = \mu + b_u + b_i + p_u \cdot q_i$$
#
# The model has four tables, named as before. The vectors get an L2 weight of their own.


# %%
def build_dot_bias_model(
    n_users, n_movies, mean, n_factors=64, l2=1.5e-4, bias_l2=5e-5
):
    """Build the model: rating = mean + user bias + movie bias + user vector · movie vector.

    Parameters
    ----------
    n_users, n_movies, n_factors : int
    mean : float, in stars
        A constant, which is not learned.
    l2, bias_l2 : float
        Weights of the squared factors and of the squared biases in the loss.

    Returns
    -------
    keras.Model
        Functional, with inputs of shape (). Takes ``{"user": int32 (n,), "movie": int32
        (n,)}``, returns float32 of shape (n, 1). Embeddings: `user_factors`,
        `movie_factors` (n_factors columns), `user_bias`, `movie_bias` (one column,
        starting at zero).
    """
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    raise NotImplementedError("Exercise 3.4: put them together")


# %%
model = build_dot_bias_model(split.n_users, split.n_movies, mean)
plots.draw_model(model)

# %%
check("3.4", build_dot_bias_model)

# %% [markdown]
# The model has only a few more weights than the one without biases. How much lower is
# its error? Guess first.

# %%
quiz("3.a")

# %%
history = train_model(model)
plots.plot_history(
    history,
    "Dot + bias: the validation curve levels off",
    metric="rmse",
    unit="stars",
)
# %% [markdown]
# *Reading the figure:* the curves start below 1.1, not at 3.7. The training error keeps
# falling. The validation error levels off, and early stopping ends the training. In
# lesson 02 it rose again without a penalty, and a strong penalty raised its lowest
# value, because it also shrank the factors that had to express the mean. Here the
# penalty acts only on deviations from the mean.

# %%
guesses = model.predict(test_pairs, batch_size=8192, verbose=0)
for name, lesson, predicted, weights in [
    (
        "bias only (Keras)",
        "03",
        bias_only.predict(test_pairs, batch_size=8192, verbose=0),
        bias_only.count_params(),
    ),
    ("dot + bias", "03", guesses, model.count_params()),
]:
    add_to_scoreboard(
        name,
        edition=movielens.name,
        split=split.name,
        lesson=lesson,
        rmse=rmse(test["rating"], predicted),
        mae=mae(test["rating"], predicted),
        parameters=weights,
    )
show_scoreboard(movielens.name, split.name)

# %% tags=["nbval-check-output"]
verdict("test RMSE of dot + bias", rmse(test["rating"], guesses), inside=(0.905, 0.93))
verdict("test MAE of dot + bias", mae(test["rating"], guesses), inside=(0.71, 0.735))

# %% [markdown]
# The standard error of an RMSE is about 0.005 here (lesson 01). For the difference of
# two models on the same ratings, a paired bootstrap is more precise. It draws whole
# users, as in lesson 01.

# %%
true, of_biases = test["rating"], baseline.predict(test_pairs)
gain = rmse(true, of_biases) - rmse(true, guesses)
drawn_biases, drawn_model = bootstrap_rmse(test["user"], true, of_biases, guesses)
gains = drawn_biases - drawn_model
share = 1 - (rmse(true, guesses) / rmse(true, of_biases)) ** 2
print(f"gain over the biases alone: {gain:.3f} ± {gains.std():.3f}")
print(f"of the squared error that they leave: {share:.0%}")

# %% [markdown]
# The test RMSE is about 0.915. The biases alone have 0.942 (lesson 01), and the factors
# alone about 0.94 (lesson 02). The gain is small in stars, but many times its standard
# error. The latent factors explain about 6 % of the squared error that the biases leave. The
# rest is chance, and taste that this model does not capture from 72,000 ratings.
#
# For comparison: the [Netflix Prize](https://en.wikipedia.org/wiki/Netflix_Prize) paid a
# million dollars for lowering an RMSE from 0.9525 to 0.8567, and that took three years.
#
# ## The best movies, the wrong way
#
# Which movies are the best, and which the worst? A first idea is to sort them by their
# mean rating.

# %%
quiz("3.b")

# %%
of_movie = train.groupby("movie")["rating"].agg(["mean", "size"])
of_movie["title"] = titles[of_movie.index]
by_mean = of_movie.sort_values("mean", ascending=False, kind="stable")
pd.concat([by_mean.head(5), by_mean.tail(5)])

# %% [markdown]
# Look at the column `size`: most of these movies have one rating. If that is a 5, the
# mean is 5.0, and no movie with a hundred ratings comes near that. A mean of few
# ratings varies a lot, so the extreme means are mostly means of few ratings.

# %%
axes = plt.figure().add_subplot()
axes.scatter(of_movie["size"], of_movie["mean"] - mean, s=8, alpha=0.5)
axes.axhline(0, color="black", lw=0.8)
axes.set_xscale("log")
axes.set_xlabel("training ratings of the movie (log scale)")
axes.set_ylabel("raw bias (stars)")
axes.set_title("Means of few ratings spread widely")
plt.show()

# %% [markdown]
# *Reading the figure:* on the right, with hundreds of ratings, the means lie within about a
# star of the overall mean. On the left they spread over the entire scale, and much of that
# is chance. Such a figure is called a **funnel plot**.
#
# > **Note.** A movie with one rating can only have a mean of 1, 2, … or 5 stars, hence the
# > stripes. The cloud also rises to the right: movies with many ratings are liked more, on
# > average.
#
# ### Exercise 3.5 — the best movies, the right way (6 minutes)
#
# Get the trained movie biases from the dot + bias model by the name of their layer, and
# list the highest and the lowest. `layer.get_weights()` returns a list of arrays.


# %%
def extreme_movies(model, titles, n=8):
    """Return the movies with the highest and with the lowest trained bias.

    Parameters
    ----------
    model : keras.Model
        With an embedding called `movie_bias`, one column.
    titles : numpy.ndarray of str, shape (n_movies,)
        In the order of the embedding's rows. Two movies may have the same title.
    n : int

    Returns
    -------
    best, worst : pandas.Series of float, in stars, length n
        Indexed by title; `best` from the highest bias downwards, `worst` from
        the lowest upwards.
    """
    raise NotImplementedError("Exercise 3.5: the best movies, the right way")


# %%
n_ratings = np.bincount(train["movie"], minlength=split.n_movies)
labels = np.array([f"{t} ({n})" for t, n in zip(titles, n_ratings, strict=True)])
best, worst = extreme_movies(model, labels)
shown = pd.concat([best, worst[::-1]])
plots.plot_bars(
    shown.index,
    shown,
    "Highest and lowest movie bias (number of ratings)",
    "bias (stars)",
    highlight=list(worst.index),
)
of_movie["trained bias"] = model.get_layer("movie_bias").get_weights()[0][
    of_movie.index
]
of_movie["raw bias"] = of_movie["mean"] - mean
examples = of_movie[of_movie["title"].isin(["Aiqing wansui", "Casablanca"])]
examples[["title", "size", "raw bias", "trained bias"]].round(2)

# %%
check("3.5", extreme_movies)

# %% [markdown]
# *Reading the figure:* the films at the top have between 77 and 216 ratings. The worst
# have 15 to 59 ratings: enough to keep most of a bias under a penalty that is worth 3.6
# imaginary ratings. No film with only a handful of ratings is among the extremes,
# although many of them have a mean of 5.0 or of 1.0.
#
# The table shows why. The penalty shrinks the bias of the movie with one rating to a
# small part of its raw value, and leaves that of Casablanca almost as it was. The raw
# bias in this table is the movie's mean minus the overall mean. It still contains the
# users' biases, so the ratio is not exactly that of exercise 3.3. In lesson 01
# shrinkage lowered the RMSE by only 0.003 stars. At the top of a *list* its effect is
# far larger, because a list picks the extremes.
#
# ## Generous users, and users who pick good movies
#
# A user's mean rating is a fair guide to how strict they are, but it can mislead:
# someone who rates only masterpieces has a high mean. The user bias corrects for the
# quality of the movies.
#
# ### Exercise 3.6 — mean or bias? (7 minutes)
#
# For each user, take the mean deviation of their ratings from the overall mean, minus
# their bias. Return the user for whom this difference is largest: the one who looks more
# generous than they are. We use the bias-only model, in which only biases explain a
# rating.


# %%
def flattered_user(train, mean, user_bias):
    """Return the user whose mean rating flatters them most.

    Parameters
    ----------
    train : pandas.DataFrame
        With `user` and `rating`, in any order; every user has a rating.
    mean : float
        Mean of all ratings.
    user_bias : numpy.ndarray of float, shape (n_users,)

    Returns
    -------
    int
        The `user`, a row number of `user_bias`, with the largest difference
        (mean of own ratings - mean) - user bias.

    Examples
    --------
    User 0 is as generous as the mean says, user 2 as strict; user 1 is flattered.

    >>> stars = [5.0, 5.0, 5.0, 4.0, 4.0, 3.0, 2.0]
    >>> train = pd.DataFrame({"user": [0, 0, 1, 1, 1, 2, 2], "rating": stars})
    >>> flattered_user(train, 3.5, np.array([1.4, -0.1, -1.1]))
    1
    """
    raise NotImplementedError("Exercise 3.6: mean or bias?")


# %%
someone = flattered_user(train, mean, user_bias)
theirs = train[train["user"] == someone]
their_deviation = theirs["rating"].mean() - mean
merit = movie_bias[theirs["movie"]].mean()
print(
    f"user row {someone}, {len(theirs)} ratings, on average {theirs['rating'].mean():.2f} stars"
)
print(f"above the mean by          {their_deviation:+.2f}")
print(f"  bias of their movies     {merit:+.2f}")
print(f"  own bias                 {user_bias[someone]:+.2f}")
print(f"  removed by shrinkage     {their_deviation - merit - user_bias[someone]:+.2f}")

# %%
check("3.6", flattered_user)

# %%
axes = plt.figure().add_subplot()
axes.hist(user_bias, bins=40)
axes.axvline(user_bias[someone], color=plots.RED, label="this user's bias")
axes.axvline(
    their_deviation, color=plots.RED, ls="--", label="this user's mean deviation"
)
axes.set_xlabel("deviation from the mean (stars)")
axes.set_ylabel("users")
axes.set_title("User biases, and one user with a flattering mean")
axes.legend()
plt.show()

# %% [markdown]
# *Reading the figure:* most users are within half a star of the mean. Ours seems to be an
# enthusiast (dashed line), but nearly all of that is the choice of movies. Their own bias
# (solid line) is close to 0.
#
# On the left, a user with a bias of −1 gives 3 stars where others give 4. A user bias
# moves *all* scores of a user by the same amount, so it never changes the order of that
# user's list. User biases matter for predicting ratings. The order of a list does not
# depend on them directly, but in training they keep the users' strictness out of the
# movie biases, on which that order does depend.
#
# ## Taking the model apart
#
# The layers of a trained model have names, and any tensor inside can be the output of
# another model that shares the weights. This is how to look inside a model.

# %%
for layer in model.layers:
    print(f"{layer.name:15} {type(layer).__name__:12} {layer.output.shape}")

# %% [markdown]
# ### Exercise 3.7 — a model inside the model (6 minutes)
#
# Make a model that takes a movie's row number and returns the row of the named embedding.
# `model.input["movie"]` is the input, `model.get_layer(name).output` the output.


# %%
def movie_part(model, layer_name):
    """Return the part of a model that leads from the movie to one of its layers.

    Parameters
    ----------
    model : keras.Model
        Functional, with the inputs `user` and `movie`.
    layer_name : str
        An embedding of movies.

    Returns
    -------
    keras.Model
        Takes int32 of shape (n,), returns the embedding's rows, (n, columns). It has
        the layers of `model`, not copies of them.
    """
    raise NotImplementedError("Exercise 3.7: a model inside the model")


# %%
some_rows = np.array([0, 1, 2], dtype="int32")
for name in ("movie_bias", "movie_factors"):
    by_model = movie_part(model, name).predict(some_rows, verbose=0)
    (table,) = model.get_layer(name).get_weights()
    print(
        f"{name}: shape {by_model.shape}, equal to the weights: "
        f"{np.array_equal(by_model, table[some_rows])}"
    )

# %%
check("3.7", movie_part)

# %% [markdown]
# A common version of this code uses `model.layers[8]`. That works until somebody adds a
# layer. Then index 8 is another layer, possibly of a matching shape, and the figure that
# follows shows something else. A name keeps its meaning.
#
# ## What would it tell you to watch?
#
# As in lesson 02, the model now recommends movies to you. In this **fold-in**, a vector
# and a bias are fitted to your ten ratings, and everything else stays as it is.

# %%
what_to_watch(model, movielens, split)

# %% [markdown]
# Which of the five are also in the figure of the highest biases? Those would rank high
# for an average user, too. The others are here because of your vector. A penalty keeps
# it near the average user's, so it moves each movie only a little, but that can be
# enough to change the top of the list.
#
# ## What to remember
#
# - User and movie biases account for 30 % of the variance of the ratings. They need one
#   column of weights, not sixty-four.
# - Give the mean its own term, and the model starts at the baseline's error.
# - In a loss that is a mean over N ratings, an L2 weight ℓ is shrinkage by ℓ·N imaginary
#   ratings.
# - Do not rank by a raw mean: the top is where the mean is least certain.
# - A user bias changes errors, never the order of that user's list.
# - Address layers by name.
#
# ## Where to read on
#
# - Y. Koren, [Factor in the Neighbors](https://doi.org/10.1145/1644873.1644874), 2010:
#   section 2.1 estimates biases with shrinkage, as lesson 01 does.
# - S. Rendle, L. Zhang and Y. Koren, [On the Difficulty of Evaluating
#   Baselines](https://arxiv.org/abs/1905.01395), 2019: well-tuned simple models
#   are better than many later ones.
# - H. Wainer, [The Most Dangerous
#   Equation](https://www.americanscientist.org/article/the-most-dangerous-equation),
#   2007: what goes wrong when averages of small groups are compared.
#
# **Next:** lesson 04 replaces the dot product with a neural network. Does it help?
