# %% [markdown] tags=["badge"]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/neural-recsys-course/neural-recsys-course/blob/v1.0.0/solutions/01_data.ipynb)

# %% [markdown]
# # 1 · Data: what is in a rating?
#
# A recommender system answers one question: *of all the movies this person has
# not seen, which should we show?* All it has to go by is a table of who rated
# what. Before we train anything on that table we look at it, because nearly
# every mistake in this field is made here, in the data, and not one of them
# raises an error.
#
# **When you have finished, you can**
#
# - load MovieLens and say how much of it is missing, and why that matters;
# - read a long tail, and know what it does to averages;
# - join two tables where a public notebook gets every title wrong;
# - turn ids into row numbers, and split ratings without leaking the test set;
# - compute MAE and RMSE by hand, and set the baseline that every network of
#   this course has to beat.
#
# **Time** 60 minutes to work through, about 15 seconds of computing.
# **Before this** some Python and pandas; nothing about recommenders.

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
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from helpers import check, hint, plots, progress, quiz, reveal
from helpers.baselines import BiasBaseline, MeanBaseline
from helpers.data import load_movielens
from helpers.metrics import mae, rmse
from helpers.my_ratings import my_ratings, rate_movies
from helpers.scoreboard import add_to_scoreboard, show_scoreboard
from helpers.splits import IdEncoding, pairs, random_split, time_split
from helpers.bands import verdict

plots.use_course_style()

# %% [markdown]
# ## Real people, real ratings
#
# MovieLens is a web site where people rate movies and get recommendations. Its
# makers at the University of Minnesota publish what was rated, for research. We
# use the smallest classic edition, collected in 1997 and 1998; nearly every
# figure you will read in a paper has been measured on one of these files.
#
# The first time, the next cell downloads 5 MB from the publishers (or, if they cannot
# be reached, takes the same ratings from a Python package that carries them). After
# that it reads a copy on your own disk.
#
# This course grew out of five public notebooks about these data. You will meet their
# mistakes as bugs to find: they are instructive ones, and none raises an error.

# %%
movielens = load_movielens()
movielens

# %%
ratings, movies = movielens.ratings.copy(), movielens.movies.copy()
ratings.head()

# %% [markdown]
# One row is one *interaction*: this user gave this movie so many stars, at that
# second. (The timestamp counts seconds since 1970.) The movies have a table of
# their own.

# %%
movies.head()

# %% [markdown]
# ## A matrix with holes
#
# Picture the ratings as a matrix: a row for each user, a column for each movie,
# a number of stars in each cell. A recommender fills in the cells that are
# empty. So how many are?
#
# All exercises of this course work alike: replace the line `raise NotImplementedError`
# by your own code, run the cell, then run the `check` below it. A check calls your
# function with fresh numbers and says what is right, or what is not right yet; run it
# as often as you like. One rule holds for every exercise: a function leaves what it is
# given as it was; it works on a copy, or makes something new. If you are stuck, `hint("1.1")` helps in three steps, and after a
# try of your own `density = reveal("1.1")` shows an answer and lets you go on with it.
# Now and then a `quiz` asks for a guess before a result appears, and `progress()`, at the
# end of the lesson, lists what you have done. All of that stays on this computer.
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
        With the columns `user_id` and `movie_id`, one row a rating. Other columns
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
    ### BEGIN SOLUTION
    n_users = ratings["user_id"].nunique()
    n_movies = ratings["movie_id"].nunique()
    return len(ratings) / (n_users * n_movies)
    ### END SOLUTION


# %% [markdown]
# First try it on the example of the docstring, where you can count the cells
# yourself: it must say 0.5. Then on the real thing.

# %%
print(density(pd.DataFrame({"user_id": [1, 1, 2], "movie_id": [7, 8, 9]})))
print(f"{density(ratings):.1%} of the matrix is filled")

# %%
check("1.1", density)

# %% [markdown] tags=["hints"]
# **Hints**
#
# 1. Draw the matrix of the docstring's example. How many cells has it, and how many of
#    them hold a rating?
# 2. The matrix has a row for each user and a column for each movie.
#    `ratings["user_id"].nunique()` counts the different users, however large their ids
#    are.
#
# ```python
# n_users = ratings[...].nunique()
# n_movies = ...
# return len(...) / (... * ...)
# ```
#
# **Notice**
#
# The function counts the users and movies that *occur*. A movie that nobody rated has
# no column here, so on a catalogue with such movies the matrix would be emptier still.

# %% tags=["nbval-check-output"]
verdict("share of filled cells", density(ratings), inside=(0.06, 0.07))

# %% [markdown]
# About one cell in sixteen, and this is a *dense* edition: each of its users
# rated at least 20 movies, because the publishers dropped everybody else. In a
# real shop it is one cell in thousands.
#
# Here is the matrix itself. A dot is a rating; users and movies are sorted, the
# busiest first.

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
axes.set_title("Every rating there is: a crowded corner, an empty rest")
plt.show()

# %% [markdown]
# *Reading the figure:* the top left corner is nearly solid; the lower right,
# where quiet users would meet unknown movies, is nearly white. We are asked to
# recommend from all of it, but we learn mostly from the corner.

# %% [markdown]
# ## How many ratings does a user give?
#
# Guess before you run the next figure.

# %% [markdown] tags=["question"]
# The average user here gave about 106 ratings. How many did the *typical* user give,
# the one in the middle when all are sorted?
#
# - [x] About 65
#   - A few enthusiasts with hundreds of ratings pull the mean up, and leave the median
#     where it is. With a long tail, the mean describes nobody.
# - [ ] About 106
#   - Mean and median agree only where the spread is the same on both sides. Can a user
#     be 300 ratings below the mean? And 300 above it?
# - [ ] About 150
#   - For that, many users would have to lie far *below* the mean. But nobody can go
#     below 20 ratings here, while there is much room above.

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
axes.set_title("Most users rate little, a few rate hundreds")
axes.legend()
plt.show()
ratings_a_user.describe().round(1)

# %% [markdown]
# The typical user is far below the mean. The median user gave about 65 ratings, and a
# few enthusiasts pull
# the mean up. Keep that in mind whenever a metric is "averaged over ratings":
# the busiest tenth of the users then counts for about a third of it.

# %% [markdown]
# ## Popularity and its long tail
#
# ### Exercise 1.2 — count popularity (4 minutes)
#
# We call a movie's number of ratings its *popularity*. Count it, the most
# popular first.


# %%
def popularity(ratings):
    """Number of ratings of each movie, most popular first.

    Parameters
    ----------
    ratings : pandas.DataFrame
        With the column `movie_id`, one row a rating. Other columns may be missing.

    Returns
    -------
    pandas.Series of int
        Indexed by movie id (int), in descending order of the counts. Only movies that
        occur; those with equal counts in any order.

    Examples
    --------
    >>> list(popularity(pd.DataFrame({"movie_id": [5, 9, 9]})).items())
    [(9, 2), (5, 1)]
    """
    ### BEGIN SOLUTION
    return ratings["movie_id"].value_counts()
    ### END SOLUTION


# %%
print(list(popularity(pd.DataFrame({"movie_id": [5, 9, 9]})).items()))
counts = popularity(ratings)
popular_tenth = counts.iloc[: len(counts) // 10]
print(f"most popular: {counts.iloc[0]} ratings; in the middle: {counts.median():.0f}")
print(f"the top tenth gets {popular_tenth.sum() / counts.sum():.0%} of all ratings")
print(f"{(counts < 5).mean():.0%} of the movies have fewer than five")

# %%
check("1.2", popularity)

# %% [markdown] tags=["hints"]
# **Hints**
#
# 1. In the column `movie_id`, how often does a movie's id stand there?
# 2. pandas has a method that counts how often each value of a column occurs, and sorts
#    the counts, the largest first. Its name says just that.
#
# ```python
# return ratings[...].value_...()   # one method of the column is enough
# ```
#
# **Notice**
#
# It counts what it is handed and nothing else. In lesson 05 you will hand it the
# training ratings only: a popularity that has seen the test set knows the future.

# %%
axes = plt.figure().add_subplot()
axes.fill_between(np.arange(1, len(counts) + 1), counts.to_numpy(), color=plots.SKY)
axes.axvline(len(popular_tenth), color=plots.RED, ls="--")
axes.text(len(popular_tenth) * 1.1, counts.max() * 0.9, "← the top tenth")
axes.set_xlabel("movie, by popularity (1 = most popular)")
axes.set_ylabel("ratings")
axes.set_title("The long tail")
plt.show()

# %% [markdown]
# *Reading the figure:* a steep head and a long, thin tail. Four ratings in ten
# go to one movie in ten; one movie in five has fewer than five ratings,
# so whatever we say about *those* we say from next to nothing. Later lessons
# come back to this picture again and again.

# %% [markdown]
# ## Which movies are they? A join that goes wrong
#
# To read the list we need titles. One of the public notebooks joins the table of
# movies to the ratings like this, on the movie's id. It runs without a warning.

# %%
wrong = ratings.join(movies[["title"]], on="movie_id")
wrong.head(3)

# %% [markdown]
# Do these titles look right? Nobody can tell; they are all real movies. So test
# the join on something you know. Which title has the movie with the lowest id, in
# `movies`, and which one did the join give to it?

# %%
lowest = movies["movie_id"].min()
print("in movies:   ", movies.loc[movies["movie_id"] == lowest, "title"].item())
print("by the join: ", wrong.loc[wrong["movie_id"] == lowest, "title"].iloc[0])

# %% [markdown]
# ### Exercise 1.3 — find the bug, and join correctly (8 minutes)
#
# What did `join` compare `movie_id` with? Look at `movies.index`, and read in
# pandas' documentation which column `DataFrame.join(…, on=…)` matches *on the
# other side*. Then write a join that cannot go wrong: it must keep every rating,
# in order, and complain if the titles table lists a movie twice.


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
    ### BEGIN SOLUTION
    return ratings.merge(
        movies[["movie_id", "title"]],
        on="movie_id",
        how="left",
        validate="many_to_one",
    )
    ### END SOLUTION


# %% tags=["instructor"]
# Common wrong answers: set_index on the wrong table; an inner merge (it loses
# ratings of unknown movies); `movies.title[ratings.movie_id - 1]`, which works
# on ml-100k by luck, where ids run from 1 without a gap, and on no other edition.

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

# %% [markdown] tags=["hints"]
# **Hints**
#
# 1. What does `movies.index` look like, and what does `ratings["movie_id"]` look like?
#    Which of the two did `join` hold against which?
# 2. `ratings.merge(movies, on=…)` compares columns of both tables. `how=` decides which
#    rows stay, and `validate=` refuses keys that are not what you claim: here many
#    ratings belong to one movie.
#
# ```python
# return ratings.merge(
#     movies[[...]],  # the key and the title
#     on=...,
#     how=...,        # keep every rating
#     validate=...,   # each movie once in `movies`
# )
# ```
#
# **Notice**
#
# The order of `movies`, its index and the gaps in its ids no longer matter: the join
# compares ids with ids. And it says so when that promise is broken, instead of
# guessing.

# %% [markdown]
# The first line should read `['Brazil', nan, 'Alien']`: three ratings in, three
# out, the unknown movie without a title. The second should be a refusal. Now the
# real tables.

# %%
titled = with_titles(ratings, movies)
print(titled.loc[titled["movie_id"] == lowest, "title"].iloc[0])
mismatched = (titled["title"].to_numpy() != wrong["title"].to_numpy()).mean()
print(f"the wrong join gave {mismatched:.0%} of all ratings a wrong title")

# %% [markdown]
# `join` matches against the other table's **index**, which here is the row
# number: movie 1 got the title in row 1, which is the second one. Nothing fails;
# every title is off by one row (and on an edition whose ids have gaps, by
# thousands of rows). A join is a claim about keys: `validate="many_to_one"` makes pandas
# check it.
#
# Now the list can be trusted. (We count ids, and look the titles up afterwards: there
# are two movies called Cape Fear, and counting titles would make them one.)

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

# %% [markdown] tags=["question"]
# The scale goes from 1 to 5 stars. What is the mean of all ratings?
#
# - [ ] About 2.5
#   - That is half of 5. But the scale begins at 1, so not even its middle is 2.5.
# - [ ] About 3
#   - That would be the middle of the scale, and the mean if people rated movies drawn
#     by lot. How do people come to see a movie?
# - [x] About 3.5
#   - People pick what they expect to like, and rate what they have seen: the ratings
#     that would be low are mostly the missing ones.
# - [ ] About 4.5
#   - Nearly all fives? There are many, but four stars are more common, and threes abound.

# %%
quiz("1.b")

# %%
axes = plt.figure().add_subplot()
share = ratings["rating"].value_counts(normalize=True).sort_index()
axes.bar(share.index, 100 * share, width=0.8 * np.diff(share.index).min())
mean_rating = ratings["rating"].mean()
axes.axvline(mean_rating, color=plots.RED, ls="--", label=f"mean {mean_rating:.2f}")
axes.set_xlabel("rating (stars)")
axes.set_ylabel("share of all ratings (%)")
axes.set_title("Four stars is the commonest opinion")
axes.legend()
plt.show()

# %% [markdown]
# The mean is about 3.5, well above the middle of the scale, and one reason is that
# nobody picks movies at random: we watch what we expect to like, and then rate what
# we have watched. Statisticians say
# that the ratings are *missing not at random*. It has a consequence that will
# hit us in lesson 05: the empty cells of the matrix are not like the full ones.
#
# ## When were the movies released?
#
# The year was taken from the end of each title. Where a title has none, a table
# has to put something there.

# %%
years = movies["year"]
print(f"{years.isna().sum()} of {len(movies):,} movies have no year")
axes = plt.figure().add_subplot()
axes.hist(years.dropna().astype(int), bins=range(1920, int(years.max()) + 2))
axes.set_xlabel("year of release")
axes.set_ylabel("movies")
axes.set_title(f"Releases by year ({years.isna().sum()} without a year, not drawn)")
plt.show()

# %% [markdown]
# *Reading the figure:* most of the catalogue came out in the few years before
# the ratings were collected. A movie without a year is counted in the title and
# drawn nowhere. One of the public notebooks fills in 1920 instead, and shows silent
# films that never existed. Here it is a single movie; on other editions it is dozens.
# A missing value that looks like a value is worse than a gap.

# %% [markdown]
# ## From ids to row numbers
#
# A network keeps one row of numbers for each user and each movie, in a table.
# To find a row it needs a *row number* from 0 to n−1; an id will not do. Ids
# start at 1, or have gaps: the 2016 edition has 9,066 rated movies, and the
# largest id is 163,949. A table as long as the largest id wastes 94 % of its
# rows, and a table with one row for each movie, read at the largest id, is out of
# range: on some machines an error, on others silently a row of zeros.
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
    ### BEGIN SOLUTION
    known_ids, rows = np.unique(np.asarray(ids), return_inverse=True)
    return rows, known_ids
    ### END SOLUTION


# %%
rows, known_ids = ids_to_rows([50, 7, 50, 1000])
print(rows, known_ids, known_ids[rows])

# %%
check("1.4", ids_to_rows)

# %% [markdown] tags=["hints"]
# **Hints**
#
# 1. In the docstring's example, which ids are there, in ascending order? At which place
#    of that list stands 50?
# 2. `np.unique` returns the different values in ascending order. One of its options
#    also returns, for each value that came in, its place in that list.
#
# ```python
# known_ids, rows = np.unique(..., return_...=True)
# return ..., ...
# ```
#
# **Notice**
#
# `known_ids` belongs to the model from now on: without it, nobody can say whose row
# number 3 is, and the same ids numbered on another day may get other rows.

# %% [markdown]
# From here on the course uses `IdEncoding`, which does the same and keeps a
# promise that a bare array does not: asked for an id it has never seen, it says
# so. A model has no row for such a user. That is called a *cold start*, and the
# right time to notice it is now.

# %%
movie_encoding = IdEncoding(ratings["movie_id"])
print(movie_encoding.encode([lowest]), "of", len(movie_encoding))
try:
    movie_encoding.encode([lowest, 999_999])  # a movie that came out later
except KeyError as error:
    print(type(error).__name__, "·", error)

# %% [markdown]
# ## Splitting: what may a model know?
#
# To find out how good a model is we hide some ratings, train on the others, and
# compare its guesses with what we hid. Three parts, three purposes:
#
# | part | used for | how often may I look? |
# | --- | --- | --- |
# | training | fitting the weights | always |
# | validation | choosing: how many epochs, how many factors, which model | often |
# | test | one honest figure at the end | once |
#
# A choice made by looking at the test set is a choice that *fits* the test set.
# Most of the five public notebooks have only two parts, and choose on the second.
#
# `random_split` makes the three parts. It also adds two columns to each, `user` and
# `movie`: the row numbers of the section before.

# %%
split = random_split(movielens, test=0.2, valid=0.1, seed=0)
for name, part in [
    ("training", split.train),
    ("validation", split.valid),
    ("test", split.test),
]:
    print(f"{name:>13}: {len(part):6,} ratings, mean {part['rating'].mean():.3f}")

# %% [markdown]
# Splitting at random answers "can it fill holes in the matrix?". It also lets
# the model peek into the future: it learns from what you rated *after* the
# movie it is asked about. `time_split` hides each user's last ratings instead,
# which is what a running system faces.

# %%
by_time = time_split(movielens, test=0.2, valid=0.1)
for name, one in [("random", split), ("by time", by_time)]:
    baseline = MeanBaseline().fit(one.train)
    error = rmse(one.valid["rating"], baseline.predict(pairs(one.valid)))
    print(
        f"{name:>8}: mean of the validation ratings {one.valid['rating'].mean():.2f}, "
        f"RMSE of always guessing the training mean {error:.3f}"
    )

# %% [markdown]
# A user's late ratings are lower than the early ones, so guessing
# the training mean is further off. Neither split is the true one: they ask different
# questions. A figure without its split means nothing, and comparing figures
# across splits means less.
#
# ### Exercise 1.5 — find the leak (7 minutes)
#
# Sometimes the test set holds a movie that the training set does not, and a
# model can say nothing about it. Here is how a public notebook deals with that:
#
# ```python
# users = set(train["user_id"]) & set(test["user_id"])
# movies = set(train["movie_id"]) & set(test["movie_id"])
# train = train[train["user_id"].isin(users) & train["movie_id"].isin(movies)]
# test = test[test["user_id"].isin(users) & test["movie_id"].isin(movies)]
# ```
#
# On its own split it throws 60 % of the training ratings away (on ours only one in a
# hundred), and worse: *which* ones, it decides by looking at the test set. The model
# never meets a movie that nobody
# rates later. Which of the four lines leaks?

# %% [markdown] tags=["question"]
# Which of the four lines leaks: which one lets the *training* depend on the test set?
#
# - [ ] Line 1, `users = …`
#   - It looks at the test set, but only makes a set. Who uses that set, and for what?
# - [ ] Line 2, `movies = …`
#   - A set on its own changes nothing, even one made from the test ratings. Look for
#     the line in which it decides about training ratings.
# - [x] Line 3, `train = …`
#   - It leaves training ratings out because of what stands in the test set. The other
#     three change nothing that a model learns from.
# - [ ] Line 4, `test = …`
#   - It filters the test set by what both have in common. That makes the questions
#     easier, which has to be said, but the model has not seen them.

# %%
quiz("1.c")

# %% [markdown]
# Now write a version that does not leak: the test set has to adapt to the training
# set, never the other way round.


# %%
def keep_answerable(train, test):
    """Leave out test ratings that no model trained on `train` can answer.

    Parameters
    ----------
    train, test : pandas.DataFrame
        With the columns `user_id` and `movie_id`.

    Returns
    -------
    train : pandas.DataFrame
        All of the training ratings, in the order in which they came.
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
    ### BEGIN SOLUTION
    known_user = test["user_id"].isin(train["user_id"])
    known_movie = test["movie_id"].isin(train["movie_id"])
    return train, test[known_user & known_movie]
    ### END SOLUTION


# %%
kept_train, kept_test = keep_answerable(split.train, split.test)
print(f"training: {len(split.train):,} → {len(kept_train):,} ratings")
print(f"test:     {len(split.test):,} → {len(kept_test):,} ratings")

# %%
check("1.5", keep_answerable)

# %% [markdown] tags=["hints"]
# **Hints**
#
# 1. Imagine that the test ratings are collected only next year. Which of the four lines
#    could you run today?
# 2. Ask of each test rating whether its user occurs in `train["user_id"]`, and its
#    movie in `train["movie_id"]`: `.isin` answers with a column of True and False.
#    `train` itself is not filtered at all.
#
# ```python
# known_user = test["user_id"].isin(...)
# known_movie = ...
# return ..., test[... & ...]
# ```
#
# **Notice**
#
# The training ratings went through untouched: whatever the test set looks like, the
# model is the same. That sentence is the test for a leak.

# %% [markdown]
# It is line 3 that leaks: it filters `train` by sets that were made from `test`. In
# your version every training rating stays; a few dozen test ratings go. And whoever reports
# a figure on the smaller test set says so, because what was left out were the
# hardest questions. (We leave nothing out: our tables have a row for each movie
# of the edition, and an untrained row simply guesses badly.)

# %% [markdown]
# ## How wrong is a guess? MAE and RMSE
#
# Two measures, both in stars. The **mean absolute error** is the average size of
# an error. The **root mean squared error** squares the errors first, averages,
# and takes the root: being two stars off counts four times as much as one.
#
# $$\text{MAE} = \frac1n\sum_{k=1}^{n} |r_k-\hat r_k| \qquad
# \text{RMSE} = \sqrt{\frac1n\sum_{k=1}^{n} (r_k-\hat r_k)^2}$$
#
# where $r_k$ is the true rating of pair $k$ and $\hat r_k$ the predicted one.
#
# ### Exercise 1.6 — errors by hand (6 minutes)
#
# With NumPy, without scikit-learn's ready-made functions (the check closes them). One catch: a Keras model answers in a
# *column*, shape (n, 1), while the true ratings have shape (n,). Your functions
# must give the right number for both.


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
    ### BEGIN SOLUTION
    return float(np.mean(np.abs(np.ravel(true) - np.ravel(predicted))))
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    return float(np.sqrt(np.mean((np.ravel(true) - np.ravel(predicted)) ** 2)))
    ### END SOLUTION


# %%
from sklearn.metrics import mean_absolute_error, root_mean_squared_error

true, predicted = np.array([4, 2, 5]), np.array([[3], [2], [1]])
print(mae_by_hand(true, predicted), mean_absolute_error(true, predicted))
print(rmse_by_hand(true, predicted), root_mean_squared_error(true, predicted))
print(mae_by_hand(true, predicted.ravel()), rmse_by_hand(true, predicted.ravel()))
print("without care:", np.mean(np.abs(true - predicted)))

# %%
check("1.6", mae_by_hand, rmse_by_hand)

# %% [markdown] tags=["hints"]
# **Hints**
#
# 1. What is `(true - predicted).shape` when one of the two has shape (3,) and the other
#    (3, 1)? What should it be?
# 2. `np.ravel` makes one dimension of anything: of a column, of a list, of a column of
#    a table. Do it to both, then subtract. Which of the two measures takes a root, and
#    of what?
#
# ```python
# difference = np.ravel(...) - np.ravel(...)
# # MAE:  mean of the absolute differences
# return float(np.mean(...))
# # RMSE: root of the mean of the squares
# return float(np.sqrt(...))
# ```
#
# **Notice**
#
# The RMSE is never below the MAE, and the further apart the two are, the more of the
# error comes from a few guesses that are far off.

# %% [markdown]
# The last line that was printed is what happens without care. `true - predicted` with shapes
# (3,) and (3, 1) is not three differences but a 3 × 3 table of all of them:
# NumPy *broadcasts*. The mean of that table looks like an error, and is not one.
# With 20,000 test ratings the table has 400 million cells, which at least makes
# the mistake audible, when your machine starts to swap.
#
# The helpers `mae` and `rmse` of this course wrap scikit-learn's and take care
# of that.

# %% [markdown]
# ## The bar that every model has to clear
#
# The simplest guess is the mean of all training ratings. A better one notices
# that some people are generous and some movies are good. For user $u$ and movie
# $i$ it predicts
#
# $$\hat r_{ui} = \mu + b_u + b_i$$
#
# where $\mu$ is the mean, $b_u$ the *user bias* (how far this user rates above
# the mean) and $b_i$ the *movie bias*. If a movie has a single rating, of 5
# stars, is its bias +1.5? Most of that is luck. So we *shrink*: divide the sum
# of the deviations not by the number of ratings $n$ but by $n + \lambda$.
#
# ### Exercise 1.7 — a bias that doubts itself (8 minutes)
#
# Given each rating's deviation from what was expected, and whom it belongs to,
# return one shrunk bias for each of the n groups. (`np.bincount` with `weights`
# adds up by group in one call.) Someone without ratings gets 0.


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
    ### BEGIN SOLUTION
    total = np.bincount(group, weights=deviation, minlength=n_groups)
    size = np.bincount(group, minlength=n_groups)
    return total / (size + shrinkage)
    ### END SOLUTION


# %%
shrunk_bias([1.0, 2.0, 1.5], [0, 0, 2], n_groups=4, shrinkage=1)

# %%
check("1.7", shrunk_bias)

# %% [markdown] tags=["hints"]
# **Hints**
#
# 1. A movie has two ratings, 1 and 2 stars above the mean. With a shrinkage of 1 it
#    counts as if there were a third, exactly at the mean. What is the mean of the
#    three?
# 2. `np.bincount(group, weights=deviation, minlength=n_groups)` adds up by group. And
#    without `weights`, what does it count? `minlength` makes room for groups that do
#    not occur.
#
# ```python
# total = np.bincount(..., weights=..., minlength=...)
# size = np.bincount(..., minlength=...)
# return ... / (... + ...)
# ```
#
# **Notice**
#
# The shrinkage takes care of those without ratings, too: 0 over λ is 0, and no group
# needs a special case. That is why it has to be above 0.

# %% [markdown]
# How much doubt is right? That is a choice, so the validation set answers it:
# movie biases from the training ratings, errors on the validation ratings, for
# a few amounts of shrinkage.

# %%
train, valid, test = split.train, split.valid, split.test
mean = train["rating"].mean()
for shrinkage in [0.001, 1, 3, 10, 30, 100]:
    movie_bias = shrunk_bias(
        train["rating"] - mean, train["movie"], split.n_movies, shrinkage
    )
    guess = mean + movie_bias[valid["movie"]]
    print(f"λ = {shrinkage:<6} validation RMSE {rmse(valid['rating'], guess):.4f}")

# %% [markdown]
# A little doubt (λ = 3) helps, by 0.003 stars; a lot of it hurts. The gain is small
# because it only touches the tail: for a movie with 300 ratings,
# 300 or 303 in the denominator is the same thing. In lesson 03 you will see the
# same shrinkage rescue a *ranking*, where it matters a great deal.
#
# `BiasBaseline` does this for movies and users in turn, ten times over, since each
# depends on the other; by then nothing moves any more. These are the figures to beat:

# %%
baselines = {
    "mean": MeanBaseline().fit(train),
    "user + movie bias": BiasBaseline().fit(train, split.n_users, split.n_movies),
}
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
# Two columns of averages take the error from 1.13 to about 0.94 stars, in a few
# milliseconds. Remember that number. The public notebooks train networks with a
# hundred thousand weights; run again on this very split, some of them end up *above*
# it. Their authors could not notice: none had a baseline.

# %% [markdown]
# ## Now you
#
# Ten movies, ten opinions. Give your own and press the button: you are then a
# user whom no model has seen, and in the later lessons each model has to tell you
# what to watch. If you rate nothing, an invented student with very plain tastes
# stands in for you. What you enter stays on this computer.

# %%
rate_movies(movielens)

# %%
mine = my_ratings(movielens)
print("an invented student's ratings" if mine.attrs["invented"] else "your ratings")
mine

# %% [markdown]
# Last, a look at what you have done so far: it is kept from lesson to lesson.

# %%
progress()

# %% [markdown]
# ## What to remember
#
# - A rating matrix is nearly empty, and *what* is missing is no accident.
# - Popularity has a long tail: most movies have few ratings, and any figure
#   about them is mostly luck until it is shrunk.
# - `join` matches the index, `merge` matches columns; let pandas check the keys.
# - Models need row numbers, learned once and kept with the model.
# - The test set adapts to the training set, never the other way round.
# - No figure means anything without a baseline. Ours is 0.94 stars.
#
# ## Where to read on
#
# - F. M. Harper and J. A. Konstan, [The MovieLens Datasets: History and
#   Context](https://doi.org/10.1145/2827872), 2015: who these users were.
# - Y. Koren, R. Bell and C. Volinsky, [Matrix Factorization Techniques for
#   Recommender Systems](https://doi.org/10.1109/MC.2009.263), 2009: biases and
#   factors, from the winners of the Netflix Prize.
# - B. Marlin and R. Zemel, [Collaborative Prediction and Ranking with Non-Random
#   Missing Data](https://doi.org/10.1145/1639714.1639717), 2009: what it does
#   that people rate what they like.
#
# **Next:** lesson 02 gives every user and every movie a vector of numbers, and
# learns the numbers.

# %% tags=["instructor"]
# Minutes: 60. The two bug hunts (1.3, 1.5) carry the lesson; do them in pairs.
# Misconceptions: "density 6 % means the data are bad"; "the test set should
# contain only movies that the model knows, so filter both"; "RMSE is always the
# better metric". Open question (which line leaks?): the third; the second line
# makes the set that it uses.
