# %% [markdown] tags=["badge"]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/neural-recsys-course/neural-recsys-course/blob/v1.0.0/notebooks/06_embeddings.ipynb) [![Open in Binder](https://mybinder.org/badge_logo.svg)](https://mybinder.org/v2/gh/neural-recsys-course/neural-recsys-course/v1.0.0?labpath=notebooks%2F06_embeddings.ipynb)

# %% [markdown]
# # 6 · Embeddings: what did the vectors learn?
#
# A trained recommender system is a few tables of numbers that nobody wrote by hand. In
# this lesson you open them. Do similar movies lie close together? Is there a direction
# for "old", or for "children's film"? How much of what you see would also appear with
# other ratings, and how much is chance? At the end you turn your own ten ratings into a
# vector, and ask four kinds of models what to watch.
#
# **When you have finished, you can**
#
# - read the embedding tables of a trained model by name, and say what each row is;
# - find similar movies by cosine, and say when the answer is worthless;
# - explain what makes a vector long or short;
# - draw 32 dimensions in two by PCA and t-SNE (and UMAP, if you like), and say what each
#   drawing keeps;
# - measure whether genre and year can be read from the vectors (a *linear probe*);
# - compute a vector for a user the model has never seen, without training again, and
#   choose its penalty.
#
# **Time** 85 minutes to work through, less than one minute of computing.
# **Before this** lessons 01 to 05.

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
from IPython.display import display
from keras import layers
from matplotlib.colors import BoundaryNorm, LogNorm
from matplotlib.patheffects import withStroke
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.manifold import TSNE, trustworthiness
from sklearn.metrics import r2_score, roc_auc_score
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from helpers import check, hint, plots, quiz, reveal
from helpers.baselines import BiasBaseline, ease_weights
from helpers.cli.recommend import Recommender
from helpers.data import load_movielens
from helpers.my_ratings import my_ratings
from helpers.scoreboard import read_scoreboard, show_scoreboard
from helpers.splits import pairs, random_split
from helpers.storage import course_home
from helpers.bands import verdict

plots.use_course_style()
keras.utils.set_random_seed(6)

movielens = load_movielens()
split = random_split(movielens, test=0.2, valid=0.1, seed=0)
train, valid = split.train, split.valid
n_users, n_movies = split.n_users, split.n_movies
most_stars = movielens.rating_scale[1]
examples, valid_examples = train, valid
if movielens.lacks("stars", quiet=True):
    print("No ratings: the model learns 1 for each pair, and −1 for a random one.")
    rng = np.random.default_rng(6)
    examples, valid_examples = (
        pd.concat([part, part.assign(rating=-1, movie=rng.permutation(part["movie"]))])
        for part in (train, valid)
    )
mean = float(examples["rating"].mean())

# %% [markdown]
# This frame lists the movies in the order in which the model numbers them: row $i$ of a
# movie table belongs to row $i$ here. The column `ratings` counts *training* ratings
# only, because the vectors are learned from nothing else.

# %%
movies = movielens.movies.set_index("movie_id").loc[split.movies.ids]
movies = movies.assign(
    ratings=np.bincount(train["movie"], minlength=n_movies)
).reset_index()
# In ml-100k 20 ratings, and fewer in a table with few movies that have so many.
enough = min(20, movies["ratings"].nlargest(100).min())
movies.head(3)

# %% [markdown]
# ## A model to look into
#
# The model is the dot + bias model of lesson 03 with half as many factors, that is
# **matrix factorization** with a bias for each user and each movie. Its only input is
# who gave which movie how many stars, so this is **collaborative filtering**. Each user
# and each movie has a vector of 32 **latent factors**, numbers that are learned from
# the ratings and that nobody has named. A table of such vectors, one in each row, is
# called an **embedding**. The L2 penalties are those of lesson 03.


# %%
FACTORS_L2, BIAS_L2 = 1.5e-4, 5e-5


def trained_model(seed, ratings=examples):
    keras.utils.set_random_seed(seed)
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    parts = {}
    for name, of, rows in [("user", user, n_users), ("movie", movie, n_movies)]:
        for kind, columns, l2 in [("factors", 32, FACTORS_L2), ("bias", 1, BIAS_L2)]:
            parts[f"{name}_{kind}"] = layers.Embedding(
                rows,
                columns,
                "uniform" if columns > 1 else "zeros",
                embeddings_regularizer=keras.regularizers.L2(l2),
                name=f"{name}_{kind}",
            )(of)
    match = layers.Dot(axes=-1)([parts["user_factors"], parts["movie_factors"]])
    deviation = layers.Add()([match, parts["user_bias"], parts["movie_bias"]])
    rating = layers.Rescaling(1.0, offset=mean, name="rating")(deviation)
    model = keras.Model({"user": user, "movie": movie}, rating, name="dot_bias")
    model.compile(
        keras.optimizers.Adam(0.005), "mse", metrics=["mse"], steps_per_execution=36
    )
    model.optimizer.build(model.trainable_variables)
    model.fit(
        pairs(ratings),
        ratings["rating"].to_numpy(),
        validation_data=(pairs(valid_examples), valid_examples["rating"].to_numpy()),
        batch_size=1024,
        epochs=30,
        callbacks=[
            keras.callbacks.EarlyStopping(
                monitor="val_mse", mode="min", patience=3, restore_best_weights=True
            )
        ],
        verbose=0,
    )
    return model


model = trained_model(seed=6)
tables = {
    layer.name: layer.get_weights()[0].astype("float64")
    for layer in model.layers
    if isinstance(layer, layers.Embedding)
}
for name, table in tables.items():
    print(f"{name:14} {table.shape}")
movie_vectors = tables["movie_factors"]
print(movies.loc[0, "title"], "·", movie_vectors[0, :6].round(2), "…")

# %% [markdown]
# The model has four tables, a vector and a bias for each user and for each movie. A
# single number of a vector means nothing by itself: if all vectors, of users and of
# movies, are rotated in the same way, every prediction stays the same. What can carry a
# meaning is how the vectors lie relative to each other.
#
# > **Note.** A common version of this code uses the movie ids as row numbers. They start
# > at 1, so row 0 belongs to no movie. It is never trained, and still turns up in maps
# > and in lists of similar movies.
#
# ## Similar movies point in the same direction
#
# The model predicts from the dot product of a user's vector and a movie's vector. So if
# the same users like two movies better than the biases predict, the vectors of the two
# movies point in similar directions. **Cosine similarity** measures this: the cosine of
# the angle between two vectors is 1 for the same direction, 0 for a right angle and −1
# for opposite directions,
#
# $$\cos(a, b) = \frac{a\cdot b}{\lVert a\rVert\,\lVert b\rVert} .$$
#
# ### Exercise 6.1 — the cosine of two vectors (4 minutes)


# %%
def cosine(a, b):
    """Cosine of the angle between two vectors.

    Parameters
    ----------
    a, b : numpy.ndarray of float, shape (n_factors,)
        Neither of them is all 0, but either may be very short.

    Returns
    -------
    float from -1 to 1

    Examples
    --------
    >>> round(float(cosine(np.array([1.0, 0.0]), np.array([2.0, 2.0]))), 4)
    0.7071
    """
    raise NotImplementedError("Exercise 6.1: the cosine of two vectors")


# %%
print(cosine(np.array([1.0, 0.0]), np.array([2.0, 2.0])))

# %%
check("6.1", cosine)


# %%
def find(text, place=1):
    """Return the row of the most rated movie whose title contains a text.

    If no title does, as in other data, return the movie at this place by number of
    ratings.
    """
    hits = movies[movies["title"].str.contains(text, case=False, regex=False)]
    if len(hits):
        return hits["ratings"].idxmax()
    return movies["ratings"].nlargest(place).index[-1]


for one, other in [("Star Wars", "Empire Strikes"), ("Star Wars", "Pretty Woman")]:
    a, b = find(one), find(other, place=2)
    print(
        f"{movies.title[a]} – {movies.title[b]}: "
        f"{cosine(movie_vectors[a], movie_vectors[b]):.2f}"
    )

# %% [markdown]
# ### Exercise 6.2 — one against all (5 minutes)
#
# Now compute the cosines of one movie with every row of the table. One matrix product does
# it, without a loop.


# %%
def cosines_with(row, table):
    """Cosine of one row of a table with each of its rows.

    Parameters
    ----------
    row : int
    table : numpy.ndarray of float, shape (n_movies, n_factors)
        No row is all 0, but some may be very short.

    Returns
    -------
    numpy.ndarray of float, shape (n_movies,) : 1 at `row` itself

    Examples
    --------
    >>> table = np.array([[1.0, 0.0], [2.0, 2.0], [-3.0, 0.0]])
    >>> cosines_with(1, table).round(4).tolist()
    [0.7071, 1.0, -0.7071]
    """
    raise NotImplementedError("Exercise 6.2: one against all")


# %%
print(cosines_with(1, np.array([[1.0, 0.0], [2.0, 2.0], [-3.0, 0.0]])).round(4))

# %%
check("6.2", cosines_with)

# %% [markdown]
# Now compare Star Wars with all other movies. Most of them have nothing in common with it.
# How close would the closest of them come by chance alone?

# %%
quiz("6.a")

# %%
favourite = find("Star Wars")
similarity = cosines_with(favourite, movie_vectors)
rng = np.random.default_rng(6)
direction = movie_vectors[favourite] / np.linalg.norm(movie_vectors[favourite])
covariance = movie_vectors.T @ movie_vectors / n_movies
axes = plt.figure().add_subplot()
axes.hist(np.delete(similarity, favourite), bins=60)
for kind, spread, color in [
    ("random directions", np.eye(32), plots.ORANGE),
    ("random, spread like our vectors", covariance, plots.RED),
]:
    root = np.linalg.cholesky(spread)
    highest = []
    for _ in range(100):
        drawn = rng.normal(size=(n_movies - 1, 32)) @ root.T
        highest.append(np.max(drawn @ direction / np.linalg.norm(drawn, axis=1)))
    print(
        f"{kind}: the highest cosine is {np.median(highest):.2f} (median of 100 draws), "
        f"and in 95 % of the draws below {np.quantile(highest, 0.95):.2f}"
    )
    axes.axvline(np.median(highest), color=color, linestyle="--", label=kind)
axes.set_xlabel(f"cosine with {movies.title[favourite]}")
axes.set_ylabel("movies")
axes.set_title(f"Cosine of each movie with {movies.title[favourite]}")
axes.margins(y=0.5)
axes.legend(title="highest cosine by chance", loc="upper left")
plt.show()

# %% [markdown]
# *Reading the figure:* most cosines lie between −0.5 and 0.4. Far off on the right is a
# small bar of two movies; the dashed lines mark the highest cosine that chance
# produces.
#
# If all directions are equally likely, the highest of so many cosines is about 0.55. But
# the vectors of a trained model use some directions more than others, and random vectors
# with the same covariance reach about 0.7. So by itself a 0.6 in a list of similar movies
# is no evidence of similarity, while a 0.9 is far above chance. This holds for movies with
# many ratings. For the others you will see below how misleading a high cosine can be.
#
# ### Exercise 6.3 — most similar, with titles (6 minutes)
#
# Return the n movies with the highest cosine, without the movie itself. Leave out those
# with fewer than `min_ratings` ratings.


# %%
def most_similar(row, table, movies, n=8, min_ratings=0):
    """The movies closest to one, by cosine.

    Parameters
    ----------
    row : int
        Row of `table` and of `movies`.
    table : numpy.ndarray of float, shape (n_movies, n_factors)
    movies : pandas.DataFrame, n_movies rows in the same order, index 0, 1, …
        With the columns `title` and `ratings` (a count).
    n : int
    min_ratings : int
        Movies with fewer ratings are left out.

    Returns
    -------
    pandas.DataFrame
        The rows of `movies`, all columns, with a column `cosine`, most similar
        first. The movie itself is not among them; another one of the same
        direction or title may be. Fewer than n where there are no more.

    Examples
    --------
    >>> table = np.array([[1.0, 0.0], [2.0, 2.0], [5.0, 0.1], [0.0, 1.0]])
    >>> four = pd.DataFrame({"title": list("abcd"), "ratings": [9, 5, 1, 9]})
    >>> most_similar(0, table, four, n=2)["title"].tolist()
    ['c', 'b']
    >>> most_similar(0, table, four, n=2, min_ratings=5)["title"].tolist()
    ['b', 'd']
    >>> most_similar(2, table, four, n=2, min_ratings=5)["title"].tolist()
    ['a', 'b']
    """
    raise NotImplementedError("Exercise 6.3: most similar, with titles")


# %%
tiny = np.array([[1.0, 0.0], [2.0, 2.0], [5.0, 0.1], [0.0, 1.0]])
four = pd.DataFrame({"title": list("abcd"), "ratings": [9, 5, 1, 9]})
for row, least in [(0, 0), (0, 5), (2, 5)]:
    print(most_similar(row, tiny, four, n=2, min_ratings=least)["title"].tolist())

# %%
check("6.3", most_similar)

# %%
shown = ["title", "year", "genres", "ratings", "cosine"]
similar = most_similar(favourite, movie_vectors, movies, min_ratings=50)[shown].round(2)
similar.astype({"year": "string"}).fillna({"year": ""})  # "": not known

# %% [markdown]
# The two sequels come out on top, with cosines above 0.9, although the model has seen
# neither title nor genre nor cast, only who gave how many stars. From the third place
# on, this test cannot tell the cosines from chance. It is a strict test, because it
# compares them with the *highest* of all movies. Some of these movies are plausible
# neighbours all the same, others are a surprise.
#
# > **Note.** What a cosine means depends on how the vectors were regularized. Steck,
# > Ekanadham and Kallus ([2024](https://arxiv.org/abs/2403.05440)) show this for linear
# > models close to ours. With a separate L2 penalty on each table, as here, the cosines
# > of the best solution are unique. Our training stops early, before the best solution,
# > so the random start still shows. With other penalties they need not be unique: there
# > are equally good solutions with other cosines.
#
# ## Where it fails, and why
#
# Now the same for a movie with three training ratings.

# %%
obscure = (movies["ratings"] - 3).abs().idxmin()
lengths = np.linalg.norm(movie_vectors, axis=1)
print(
    f"{movies.title[obscure]}: a vector of length {lengths[obscure]:.2f}; "
    f"that of {movies.title[favourite]} is {lengths[favourite]:.2f} long"
)
similar = most_similar(obscure, movie_vectors, movies)[shown].round(2)
similar.astype({"year": "string"}).fillna({"year": ""})

# %% [markdown]
# These cosines are higher than most of the list above. But three ratings count for
# little against the L2 penalty, so the vector is short. Set the derivative with respect
# to $q_i$ to zero, as lesson 03 did for a bias: $\ell N q_i = \sum_u e_{ui}\, p_u$,
# where $e_{ui}$ is the error of the rating of user $u$. So the vector of a movie is a
# weighted sum of the vectors of its users, here of just three. **A cosine carries no
# measure of uncertainty.**
#
# How reliable are the neighbours of a movie, then? We train the same model again, in two
# ways:
#
# - *from another random start* on the same ratings, which tests how much the neighbours
#   depend on the initial weights and the order of the batches;
# - *on two random halves of the training ratings*, which have no rating in common. This
#   tests how much the neighbours depend on the data as well.
#
# The tables of two trainings cannot be compared number by number, because the factors
# come out rotated. But *neighbours* can: which movies are close to each other does not
# depend on the axes.

# %%
quiz("6.b")


# %%
def retrained(seed, ratings=examples):
    layer = trained_model(seed, ratings).get_layer("movie_factors")
    return layer.get_weights()[0].astype("float64")


shuffled = examples.sample(frac=1, random_state=6)
half = len(examples) // 2
second_vectors = retrained(66)
half_vectors = retrained(67, shuffled[:half]), retrained(68, shuffled[half:])
well_known = np.flatnonzero(movies["ratings"] >= enough)


def neighbours(row, table):
    others = well_known[well_known != row]
    return set(others[np.argsort(-cosines_with(row, table)[others])[:10]])


# %%
groups = pd.cut(
    movies["ratings"],
    [-1, 2, 9, 49, 149, np.inf],
    labels=["0–2", "3–9", "10–49", "50–149", "150+"],
)
agreement = {}
axes = plt.figure().add_subplot()
for name, (one, other) in {
    "another start, same ratings": (movie_vectors, second_vectors),
    "two halves of the ratings": half_vectors,
}.items():
    means, errors, labels = [], [], []
    for group, rows in movies.groupby(groups, observed=True).groups.items():
        some = rng.choice(rows, min(150, len(rows)), replace=False)
        again = [len(neighbours(r, one) & neighbours(r, other)) for r in some]
        means.append(np.mean(again))
        errors.append(2 * np.std(again) / np.sqrt(len(again)))
        labels.append(f"{group} (n = {len(some)})")
    agreement[name] = means
    axes.errorbar(means, range(len(means)), xerr=errors, fmt="o", label=name)
    for place, value in enumerate(means):
        axes.annotate(
            f"{value:.1f}", (value, place), (0, 6), textcoords="offset points"
        )
axes.axvline(100 / len(well_known), color=plots.GREY, linestyle=":", label="chance")
axes.set_yticks(range(len(labels)), labels)
axes.invert_yaxis()
axes.margins(y=0.15)
axes.set_xlim(0, 10)
axes.set_xlabel("neighbours found again, of ten")
axes.set_ylabel("training ratings of the movie")
axes.set_title("Neighbours found again")
axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.22))
plt.show()
# %% tags=["nbval-check-output"]
same_ratings, other_ratings = agreement.values()
verdict("neighbours found again, few ratings", same_ratings[0], at_most=3.3)
verdict("neighbours found again, many ratings", same_ratings[-1], at_least=4.0)
verdict("neighbours found again, two halves", other_ratings[-1], at_most=1.5)

# %% [markdown]
# *Reading the figure:* the mean over the movies of a group, with two standard errors.
# Neighbours are taken from the movies with 20 ratings or more. The dotted line is what two
# random lists of ten have in common on average.
#
# From another start, about half of the ten neighbours come back, and fewer for movies
# with fewer than ten ratings. Between two halves of the ratings hardly any do: half of
# *one* neighbour at best, for movies with 150 ratings and more. Two starts agree on
# much that other ratings do not confirm, perhaps because both were trained on the same
# noise. Each half has only half of the data, so the neighbours of the full model are
# probably more reliable than that, but these data cannot tell by how much.
#
# Is nothing reliable, then? Here are the nearest neighbours of Star Wars with their
# cosines in all four trainings.

# %%
trainings = {
    "all ratings": movie_vectors,
    "another start": second_vectors,
    "first half": half_vectors[0],
    "second half": half_vectors[1],
}
nearest = most_similar(favourite, movie_vectors, movies, n=6, min_ratings=50)
pd.DataFrame(
    {
        name: cosines_with(favourite, table)[nearest.index]
        for name, table in trainings.items()
    },
    index=nearest["title"],
).round(2)

# %% [markdown]
# The two sequels and *Raiders of the Lost Ark* stay near 0.7 or above in both halves.
# The other three do not, and the cosine of *The Frighteners* falls from 0.60 to 0.12
# and −0.22. With all ratings, its cosine was as high as that of *Raiders*, and a second
# start confirmed both. Only training on other ratings tells them apart.
#
# ## Long vectors, short vectors
#
# A cosine ignores the *length* of a vector. What does the length depend on?

# %%
quiz("6.c")

# %%
movies["length"] = lengths
movies["spread"] = train.groupby("movie")["rating"].std().reindex(movies.index)
if not movielens.lacks("stars"):
    about_100 = movies[movies["ratings"].between(80, 150)]
    print(
        f"{len(about_100)} movies have 80 to 150 ratings. "
        f"Their vectors are {about_100['length'].min():.1f} to "
        f"{about_100['length'].max():.1f} long. Correlation of this length with the "
        f"standard deviation of the ratings: {about_100['length'].corr(about_100['spread']):.2f}"
    )
axes = plt.figure().add_subplot()
axes.scatter(movies["ratings"].clip(lower=0.7), lengths, s=8, alpha=0.5)
axes.set_xscale("log")
axes.xaxis.set_major_formatter("{x:,.0f}")
axes.set_xlabel("training ratings of the movie (log scale)")
axes.set_ylabel("length of its vector")
axes.set_title("The more ratings, the longer the vector")
plt.show()

# %% [markdown]
# *Reading the figure:* each point is a movie. Vectors get longer with the number of
# ratings, but at equal numbers they still differ by a factor of two or more.
#
# Among movies with about a hundred ratings, the vectors are longer where opinions differ
# more. So the length reflects two things: how much evidence there is, and how much people
# disagree about the movie. A dot product uses the
# length, and a movie with a long vector can move up or down your list by more. A cosine
# ignores it.
#
# ## Thirty-two dimensions on paper
#
# Nobody can see 32 dimensions. Three methods reduce them to two:
#
# - **PCA** projects the points onto the two directions in which they vary most. The
#   projection is linear, so nothing is torn apart, but distances can only shrink: movies
#   that are far apart may coincide.
# - **t-SNE** tries to keep near neighbours near, and gives up much of the rest. Points
#   that are close on the map were mostly close before. Distances between clusters and
#   their sizes mean little.
# - **UMAP** has the same aim with another loss function, and is popular for large data
#   sets.
#
# How much of the large-scale structure t-SNE and UMAP keep depends mostly on where they
# start ([Kobak and Linderman, 2021](https://doi.org/10.1038/s41587-020-00809-z)). We start
# both from the PCA, and draw only the movies with at least 20 ratings.
#
# UMAP compiles its code when it is first used, which takes many times as long as the map
# itself. Set `WITH_UMAP = True` below to draw its map as well.

# %%
chosen = movies[movies["ratings"] >= enough].reset_index()
vectors = movie_vectors[chosen["index"]]
pca = PCA(n_components=2).fit(vectors)
in_pca = f"PCA ({pca.explained_variance_ratio_.sum():.0%} of the variance)"
tsne = TSNE(metric="cosine", init="pca", max_iter=500, random_state=6)
with threadpool_limits(1):  # more threads would take longer for tables this small
    maps = {in_pca: pca.transform(vectors), "t-SNE": tsne.fit_transform(vectors)}

# %%
WITH_UMAP = False
if WITH_UMAP:
    import umap

    reducer = umap.UMAP(metric="cosine", init="pca", random_state=6, n_jobs=1)
    maps["UMAP"] = reducer.fit_transform(vectors)

# %%
if not movielens.lacks("year"):
    years = chosen["year"].astype(float)
    fifths = np.unique(years.quantile([0, 0.2, 0.4, 0.6, 0.8, 1]))
    figure, panels = plt.subplots(1, len(maps), figsize=(1 + 3.3 * len(maps), 3.8))
    for panel, (name, points) in zip(panels, maps.items(), strict=True):
        dots = panel.scatter(
            *points.T, c=years, norm=BoundaryNorm(fifths, 256), s=9, cmap="cividis"
        )
        panel.set_title(name)
        panel.axis("off")
    figure.colorbar(dots, ax=panels, format="%d", label="year of release")
    plt.show()
for name, points in maps.items():
    trust = trustworthiness(vectors, points, n_neighbors=10, metric="cosine")
    print(f"trustworthiness of {name}: {trust:.2f}")

# %% [markdown]
# *Reading the figure:* the same movies in each map, coloured by year. Old movies (dark) are
# more frequent towards one side and new ones (bright) towards the other, with much overlap.
#
# So the vectors have something to do with the age of a movie, although the model was never
# given a date. The next section measures how much. Do *not* read more into the shapes: they
# depend on the method and its settings. More than 70 % of the variance is not on the map of
# the PCA. That map also depends on the lengths of the vectors, and our t-SNE map
# only on their directions.
#
# The **trustworthiness** of a map says how far you may believe its neighbours. It is 1 if the
# ten nearest movies on the map are the ten nearest in 32 dimensions, here by cosine, and
# about 0.5 for a map of random points. A neighbour that is far away in 32 dimensions costs
# more than one that is nearly among the ten.
# With t-SNE it is 0.94 and with the PCA 0.77, so the neighbours on the t-SNE map are
# more reliable. The comparison favours it a little, because only t-SNE was fitted by
# cosine.
#
# Now explore the t-SNE map yourself. Hover over the points, and look for a corner that
# you know.

# %%
islands = maps["t-SNE"]
plots.embedding_map(islands, chosen, "A map of movies (t-SNE)", color="ratings")

# %% [markdown]
# On paper, and on web pages that cannot show the interactive map, here is the same map as
# a picture, with the titles of twenty well-known movies.

# %%
titles = chosen["title"].str.replace(r"^(.*), (The|A|An)$", r"\2 \1", regex=True)
axes = plt.figure(figsize=(10, 6.4)).add_subplot()
dots = axes.scatter(
    *islands.T, s=10, c=chosen["ratings"], norm=LogNorm(), cmap="cividis", alpha=0.7
)
labelled = []
label_size = np.ptp(islands, axis=0) * [0.25, 0.04]
for row in chosen["ratings"].sort_values(ascending=False).index:
    is_apart = np.abs(islands[labelled] - islands[row]) > label_size
    if len(labelled) < 20 and is_apart.any(axis=1).all():
        labelled.append(row)
        axes.annotate(
            titles[row],
            islands[row],
            fontsize=9,
            textcoords="offset points",
            xytext=(0, 5),
            ha="center",
            path_effects=[withStroke(linewidth=3, foreground="white")],
        )
axes.scatter(*islands[labelled].T, s=22, color=plots.RED)
axes.axis("off")
axes.figure.colorbar(
    dots, ticks=[20, 50, 100, 200, 400], format="%d", label="training ratings"
).minorticks_off()
axes.set_title("A map of movies (t-SNE)")
plt.show()

# %% [markdown]
# ## Is it there, or do we see it because we look for it?
#
# People see patterns in any cloud of points. A **linear probe** measures whether a
# pattern is there: it is a linear model that predicts a label, such as a genre, from the
# vectors. It is fitted on some movies and tested on *others*. For comparison, the same
# probe is run on shuffled labels, where nothing is to be found.
#
# ### Exercise 6.4 — probe a label (7 minutes)
#
# `cross_val_predict(model, x, y, cv=5, method="predict_proba")` predicts every movie
# with a model that was fitted without it, and returns one column for False and one for
# True. Use the model `make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))`,
# so that the scaling is not fitted on the left-out movies either. Return the ROC AUC of
# all predictions together (`roc_auc_score(label, score)`).


# %%
def probe(vectors, label):
    """How well a linear model reads a yes/no label from vectors.

    Parameters
    ----------
    vectors : numpy.ndarray of float, shape (n, n_factors)
    label : numpy.ndarray of bool, shape (n,)
        At least five True and five False.

    Returns
    -------
    float
        ROC AUC in five-fold cross-validation: 0.5 is chance, 1 is perfect. Each
        fold has its share of True; nothing that is fitted or chosen, scaling
        included, has seen the fold that is predicted. As it comes: below 0.5, too.

    Examples
    --------
    A label that can be read off the first number, and one that cannot.

    >>> one_to_forty = np.arange(40.0)[:, None]
    >>> probe(one_to_forty, np.arange(40) >= 20) > 0.9
    True
    >>> probe(one_to_forty, np.arange(40) % 2 == 0) < 0.6
    True
    """
    raise NotImplementedError("Exercise 6.4: probe a label")


# %%
one_to_forty = np.arange(40.0)[:, None]
print(
    probe(one_to_forty, np.arange(40) >= 20),
    probe(one_to_forty, np.arange(40) % 2 == 0),
)

# %%
check("6.4", probe)

# %%
genres = chosen["genres"].str.get_dummies(sep="|").astype(bool)
frequent = genres.columns[genres.sum() >= 30]
if len(frequent) and not movielens.lacks("genres"):
    found, by_chance, by_popularity = {}, {}, {}
    popularity = np.log(chosen[["ratings"]].to_numpy())
    with threadpool_limits(1):  # faster for tables this small, as above
        for genre in frequent:
            label = genres[genre].to_numpy()
            found[genre] = probe(vectors, label)
            by_popularity[genre] = probe(popularity, label)
            by_chance[genre] = [
                probe(vectors, rng.permutation(label)) for _ in range(5)
            ]
    found = dict(sorted(found.items(), key=lambda item: -item[1]))
    by_chance = {genre: by_chance[genre] for genre in found}
    axes = plt.figure(figsize=(7, 0.3 * len(found) + 1.4)).add_subplot()
    places = range(len(found))
    low = np.array([min(scores) for scores in by_chance.values()])
    high = np.array([max(scores) for scores in by_chance.values()])
    axes.hlines(
        places,
        low,
        high,
        color=plots.GREY,
        alpha=0.35,
        linewidth=9,
        label="shuffled, 5 times",
    )
    axes.axvline(0.5, color=plots.GREY, linestyle=":")
    axes.scatter(found.values(), places, zorder=3, label="true labels")
    axes.scatter(
        [by_popularity[genre] for genre in found],
        places,
        marker="|",
        color=plots.RED,
        label="popularity alone",
    )
    for place, score in zip(places, found.values(), strict=True):
        axes.annotate(
            f"{score:.2f}", (score, place), (7, -4), textcoords="offset points"
        )
    axes.set_yticks(places, [f"{genre} ({genres[genre].sum()})" for genre in found])
    axes.invert_yaxis()
    axes.margins(x=0.12)
    axes.set_xlabel("AUC of a linear probe (0.5 = chance)")
    axes.set_ylabel("genre (number of movies)")
    axes.set_title("Which genres can be read from the vectors?")
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=3)
    plt.show()
    above = [genre for genre in found if found[genre] > max(by_chance[genre])]
    print(f"above all of their own shuffles: {len(above)} of {len(found)} genres")
    print("not above:", ", ".join(genre for genre in found if genre not in above))

    weakest, label = list(found)[-1], genres[list(found)[-1]].to_numpy()
    draw = np.random.default_rng(6)
    with threadpool_limits(1):
        more = np.array([probe(vectors, draw.permutation(label)) for _ in range(40)])
    reached = np.sum(more >= found[weakest])
    print(f"{weakest}: {reached} of 40 more shuffles reach its {found[weakest]:.2f}")
# %%
if not movielens.lacks("year"):
    dated = chosen["year"].notna().to_numpy()
    year = chosen["year"][dated].astype(float).to_numpy()
    line = make_pipeline(StandardScaler(), RidgeCV(np.logspace(0, 4, 9)))
    of_chance = []
    with threadpool_limits(1):
        predicted = cross_val_predict(line, vectors[dated], year, cv=5)
        for _ in range(5):
            mixed = rng.permutation(year)
            by_mixed = cross_val_predict(line, vectors[dated], mixed, cv=5)
            of_chance.append(r2_score(mixed, by_mixed))
    print(f"years: R² = {r2_score(year, predicted):.2f}")
    print(f"shuffled five times: {min(of_chance):.2f} to {max(of_chance):.2f}")
    along = chosen["title"][dated].to_numpy()[np.argsort(predicted)]
    print("predicted oldest:", " · ".join(along[:6]))
    print("predicted newest:", " · ".join(along[-6:]))

# %% tags=["nbval-check-output"]
if len(frequent) and not movielens.lacks("genres"):
    of_shuffled = np.mean(list(by_chance.values()))
    verdict("best genre probe", max(found.values()), at_least=0.75)
    verdict("probe of shuffled labels", of_shuffled, inside=(0.35, 0.65))

# %% [markdown]
# Nearly all genres can be read from the vectors better than from any shuffled labels,
# the best of them with an AUC of about 0.8. For *Mystery* the probe is no better than
# with shuffled labels: more than half of 40 further shuffles reach its AUC. The red
# marks are probes of one number, the logarithm of the movie's number of ratings. For
# most genres it says little. But for *War*, popularity alone does better than the
# vectors, so their AUC may be an effect of popularity and is no evidence about war.
#
# There is also a direction for a movie's age, but a weak one: it explains 15 % of the
# variance of the years, where shuffled years give about 0. Look at the titles at its
# two ends: most fit, and Fargo, of 1996, does not. The vectors hold what helps to
# predict ratings, and genre and age are in them only as far as they help.
#
# Single neighbours were unreliable, and yet the probes find something. A probe combines
# hundreds of movies, so the noise in single vectors largely averages out.
#
# ## You, as a vector
#
# For this model you are a **cold-start user**: it was trained without your ratings, and
# its tables have no row for you. Training it again for one new user would be wasteful, and
# is not needed. **Fold-in** keeps all tables as they are and computes only what is
# new, the vector $p$ and the bias $b$ that explain your ten ratings best. For a dot
# product this is a least-squares fit with an L2 penalty, called *ridge regression*, which
# has an exact solution:
#
# $$\begin{pmatrix} p \\ b \end{pmatrix} = (Q^\top Q + \Lambda)^{-1} Q^\top (r - \mu - b_i)$$
#
# Each row of $Q$ is the vector of a movie that you rated, with a 1 appended. The 1 is
# multiplied by $b$ for every movie, so $b$ is your bias. $r$ are your
# ratings, $\mu$ is the mean, and $b_i$ are the biases of those movies. $\Lambda$ is a
# diagonal matrix with the penalties: $\lambda_p$ for each of the 32 numbers of the
# vector, and $\lambda_b$, at the end, for the bias. The larger they are, the closer $p$
# and $b$ stay to zero.
#
# ### Exercise 6.5 — fold in a new user (9 minutes)
#
# Do not invert the matrix. Write the equation as $(Q^\top Q + \Lambda)\,x = Q^\top (r - \mu -
# b_i)$, and let `np.linalg.solve` find $x$. Its last number is the bias.


# %%
def fold_in(rows, ratings, vectors, movie_bias, mean, vector_penalty, bias_penalty):
    """Vector and bias of a new user, all else kept as it is.

    Parameters
    ----------
    rows : numpy.ndarray of int, shape (n,), one or more
        The movies that the user rated.
    ratings : numpy.ndarray of float, shape (n,), in stars
    vectors : numpy.ndarray of float, shape (n_movies, n_factors)
    movie_bias : numpy.ndarray of float, shape (n_movies,)
    mean : float
    vector_penalty, bias_penalty : float, above 0
        The penalty for each number of the vector, and that for the bias.

    Returns
    -------
    vector : numpy.ndarray of float, shape (n_factors,)
    bias : float

    Examples
    --------
    One rating, 0.6 stars above mean + movie bias. Vector and bias share what the
    penalties leave of it, and the smaller penalty gets the larger share.

    >>> vectors, movie_bias = np.array([[9.0, 9.0], [1.0, 0.0]]), np.array([0.0, 0.3])
    >>> vector, bias = fold_in(
    ...     np.array([1]), np.array([4.4]), vectors, movie_bias, 3.5, 1.0, 2.0
    ... )
    >>> vector.round(4).tolist(), round(float(bias), 4)
    ([0.24, 0.0], 0.12)
    """
    raise NotImplementedError("Exercise 6.5: fold in a new user")


# %%
vector, bias = fold_in(
    np.array([1]),
    np.array([4.4]),
    np.array([[9.0, 9.0], [1.0, 0.0]]),
    np.array([0.0, 0.3]),
    mean=3.5,
    vector_penalty=1.0,
    bias_penalty=2.0,
)
print(vector.round(4).tolist(), round(float(bias), 4))

# %%
check("6.5", fold_in)

# %% [markdown]
# ### Exercise 6.6 — which penalty? λ = ℓ · N (11 minutes)
#
# Which penalties are right for a new user? Lesson 03 has the answer. The loss that our
# model was trained with is a *mean* squared error over the $N$ training ratings, plus
# $\ell_p \sum_u \lVert p_u\rVert^2 + \ell_b \sum_u b_u^2$ and the same for the movies.
# Multiply it by $N$, which moves no minimum, and keep the terms of one user:
#
# $$\sum_{i\ \text{rated by}\ u} (r_{ui} - \mu - b_i - b_u - p_u \cdot q_i)^2
# + \ell_p N \lVert p_u\rVert^2 + \ell_b N\, b_u^2 .$$
#
# This is the ridge regression of exercise 6.5, with $\lambda_p = \ell_p N$ and
# $\lambda_b = \ell_b N$. $N$ counts the ratings of *all* users. These penalties treat a
# new user as training has treated everybody else.
#
# Whether they are also best for ratings that are not known yet is a question for the
# data. Compute the RMSE on held-out ratings with multiples of these penalties: 1 means
# $\ell_p N$ and $\ell_b N$, 2 means twice as much of both. So for each multiple: fold in every
# user with the known ratings, predict the held-out ones, and put all errors into one RMSE.


# %%
def rmse_of_fold_in(
    multiples, users, vectors, movie_bias, mean, vector_l2, bias_l2, n_train
):
    """RMSE of folded-in users on their held-out ratings, for several penalties.

    Parameters
    ----------
    multiples : list of float, above 0
        Each says by how much the penalties that match training are multiplied.
    users : list of tuple (rows, ratings, held_out_rows, held_out_ratings)
        For each user, four arrays: the first two are known, and the user is folded in
        with them. The other two are only for the test. One rating or more in each.
    vectors : numpy.ndarray of float, shape (n_movies, n_factors)
    movie_bias : numpy.ndarray of float, shape (n_movies,)
    mean : float
    vector_l2, bias_l2 : float, above 0
        The weights ℓ of the L2 penalties, as the model was trained with them.
    n_train : int
        Number of ratings that the model was trained on.

    Returns
    -------
    numpy.ndarray of float, shape (n_multiples,)
        For each multiple, the RMSE over the held-out ratings of all users together,
        not rounded. Predictions are mean + both biases + dot product, not clipped.

    Examples
    --------
    One user. Both penalties are 0.01 · 100 = 1, and then twice as large.

    >>> user = np.array([0]), np.array([5.0]), np.array([1]), np.array([4.0])
    >>> vectors, no_bias = np.array([[1.0], [1.0]]), np.zeros(2)
    >>> rmse_of_fold_in(
    ...     [1, 2], [user], vectors, no_bias, 3.0, vector_l2=0.01, bias_l2=0.01, n_train=100
    ... ).round(4).tolist()
    [0.3333, 0.0]
    """
    raise NotImplementedError("Exercise 6.6: which penalty? λ = ℓ · N")


# %%
one_user = np.array([0]), np.array([5.0]), np.array([1]), np.array([4.0])
print(
    rmse_of_fold_in(
        [1, 2],
        [one_user],
        np.array([[1.0], [1.0]]),
        np.zeros(2),
        mean=3.0,
        vector_l2=0.01,
        bias_l2=0.01,
        n_train=100,
    ).round(4)
)

# %%
check("6.6", rmse_of_fold_in)

# %% [markdown]
# Now fold in users of this data set as if they were new: with nothing but their
# *validation* ratings, six for the median user, and tested on their test ratings. No table
# was fitted to either of them; the validation ratings only chose the epoch.
#
# > **Note.** These users are not entirely new to the movie vectors, because their *training*
# > ratings helped to make them. So the RMSE may be a little too low, for all penalties.
#
# The cell also tests the derivation. If each user is folded in with their *training*
# ratings and the penalties that match, the result should be the vector that training has
# found.

# %%
movie_bias = tables["movie_bias"][:, 0]


def ratings_of_users(frame):
    return {
        user: (rated["movie"].to_numpy(), rated["rating"].to_numpy(dtype="float64"))
        for user, rated in frame.groupby("user")
    }


if not movielens.lacks("stars"):
    known, held_out = ratings_of_users(valid), ratings_of_users(split.test)
    users = [(*known[user], *held_out[user]) for user in known if user in held_out]
    multiples = np.array([1 / 30, 1 / 10, 1 / 4, 1 / 2, 1, 2, 4, 10, 30])
    by_multiple = rmse_of_fold_in(
        multiples,
        users,
        movie_vectors,
        movie_bias,
        mean,
        FACTORS_L2,
        BIAS_L2,
        len(train),
    )
    for of, l2 in [("vector", FACTORS_L2), ("bias", BIAS_L2)]:
        print(f"penalty that matches training, {of}: {l2 * len(train):.1f}")
    print(
        f"{len(users)} users, known ratings (median): {np.median([len(u[0]) for u in users])}"
    )
    for multiple in (0.5, 1, 2):
        penalties = multiple * FACTORS_L2 * len(train), multiple * BIAS_L2 * len(train)
        distance = [
            np.linalg.norm(
                fold_in(*rated, movie_vectors, movie_bias, mean, *penalties)[0]
                - tables["user_factors"][user]
            )
            for user, rated in ratings_of_users(train).items()
        ]
        print(
            f"{multiple} × ℓN: median distance to the trained vector {np.median(distance):.2f}"
        )
    lengths_of_users = np.linalg.norm(tables["user_factors"], axis=1)
    print(f"median length of a trained vector {np.median(lengths_of_users):.2f}")
    axes = plt.figure().add_subplot()
    axes.plot(multiples, by_multiple, marker="o")
    for multiple, value in zip(multiples, by_multiple, strict=True):
        axes.annotate(
            f"{value:.3f}",
            (multiple, value),
            (0, 7),
            textcoords="offset points",
            ha="center",
            path_effects=[withStroke(linewidth=3, foreground="white")],
        )
    axes.axvline(1, color=plots.GREY, linestyle=":", label="ℓN, as in training")
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.margins(y=0.15)
    axes.set_xlabel("penalty, as a multiple of ℓN (log scale)")
    axes.set_ylabel("RMSE on held-out ratings (stars)")
    axes.set_title("Which penalty for a new user?")
    axes.legend()
    plt.show()

# %% tags=["nbval-check-output"]
if not movielens.lacks("stars"):
    at_match = by_multiple[multiples == 1][0]
    verdict("RMSE of fold-in with λ = ℓN", at_match, inside=(0.94, 0.98))
    verdict("…above the lowest RMSE", at_match - by_multiple.min(), at_most=0.004)
    verdict("…with a tenth of λ, above it", by_multiple[1] - at_match, at_least=0.01)

# %% [markdown]
# *Reading the figure:* one point for each multiple of the two penalties. The dotted line
# marks the penalties that match training, 10.8 for the vector and 3.6 for the bias.
#
# The derivation holds. With $\lambda = \ell N$ the fold-in nearly gives back the vectors
# that training has found: the median distance is about 0.1, and the vectors are about 0.6
# long. With half or twice the penalty the distance is two to four times as large. A small
# distance remains, probably because training stopped early and its steps are noisy.
#
# For ratings that are not known yet, $\ell N$ does well too, without any search. Far
# smaller penalties are clearly worse, because six ratings cannot determine 33 numbers. Far
# larger ones leave little of the user: the prediction is close to mean + movie bias. In
# between the curve is flat: from half to twice $\ell N$ the RMSE changes by a few
# thousandths. Nothing guarantees that $\ell N$ is best here: the $\ell$ of lesson 03 is for
# training, where the median user has about 50 ratings.
#
# Now it is your turn.

# %%
mine = my_ratings(movielens)
print("an invented student" if mine.attrs["invented"] else "your own ratings")
my_rows = split.movies.encode(mine["movie_id"])
my_vector, my_bias = fold_in(
    my_rows,
    mine["rating"].to_numpy(),
    movie_vectors,
    movie_bias,
    mean,
    vector_penalty=FACTORS_L2 * len(train),
    bias_penalty=BIAS_L2 * len(train),
)
user_lengths = np.linalg.norm(tables["user_factors"], axis=1)
print(f"your bias is {my_bias:+.2f} stars")
print(
    f"your vector is {np.linalg.norm(my_vector):.2f} long; "
    f"the median user's is {np.median(user_lengths):.2f}"
)
mine.assign(
    explained=mean + my_bias + movie_bias[my_rows] + movie_vectors[my_rows] @ my_vector
).round(1)

# %% [markdown]
# The column `explained` holds what the model now predicts for your ten movies. It does not
# reproduce your ratings exactly, and it should not: ten ratings are little evidence for
# 33 unknowns, and the penalty keeps them small.
#
# ## What should you watch?
#
# Four kinds of models recommend five movies to you:
#
# - popularity;
# - biases only;
# - dot + bias, trained for stars (explicit feedback);
# - EASE (the linear autoencoder of lesson 05), trained on *which* movies people rate
#   (implicit feedback), weighted by the stars.
#
# EASE has one weight for each pair of movies. `ease_weights` solves it by the formula of
# lesson 05, here from stars / 5 and with a penalty of 100. Your scores are your own row of
# stars / 5, times the matrix of weights. So EASE needs no fold-in: a new user is just a new
# row of input.

# %%
rows_of_stars = np.zeros((n_users, n_movies))
rows_of_stars[train["user"], train["movie"]] = train["rating"] / most_stars
movie_to_movie = ease_weights(rows_of_stars, penalty=100)
my_row = np.zeros(n_movies)
my_row[my_rows] = mine["rating"] / most_stars
bias_only = BiasBaseline().fit(examples, n_users, n_movies)
my_scores = {
    "popularity": movies["ratings"].to_numpy(dtype="float64"),
    "biases only": bias_only.movie_bias,
    "dot + bias, for stars": movie_bias + movie_vectors @ my_vector,
    "EASE": my_row @ movie_to_movie,
}
lists = {}
for name, scores in my_scores.items():
    scores = np.array(scores, dtype="float64")
    scores[my_rows] = -np.inf
    lists[name] = np.argsort(-scores, kind="stable")[:5]
for name in ["dot + bias, for stars", "EASE"]:
    same = [len(np.intersect1d(lists[name], lists[o])) for o in list(lists)[:2]]
    print(
        f"{name}: {same[0]} of 5 are on the popularity list, {same[1]} on the biases list"
    )
pd.DataFrame(
    {name: movies.title[rows].to_numpy() for name, rows in lists.items()},
    index=pd.RangeIndex(1, 6, name="place"),
)

# %% [markdown]
# Read the columns critically:
#
# - **popularity** and **biases only** rank the movies in the same order for everybody:
#   by the number of ratings, and by the movie biases.
# - **dot + bias** is personal. Which of its movies does everybody rate highly, and which
#   are there because of your ratings? With ten ratings, the biases still decide much of
#   the list.
# - **EASE** is personal, too. How many of its movies are popular with everybody? If the
#   list fits you well, ask yourself whether it will ever show you anything else.
#
# Change your ratings in lesson 01 and come back. Which list changes most? Which would you
# rather get? Which would a shop rather show you? These are different questions, and no
# metric of this course answers all of them.
#
# ## A recommender to keep
#
# Until now part of the ratings was hidden, so that we could measure the models. A
# recommender that you keep is trained on *all* ratings, and then none is left to measure
# its lists. `Recommender` trains EASE, the best model of lists in lesson 05. The next cell
# shows ten movies for the first user, and writes the lists of all users to a file in
# `course_home()`, the folder of the scoreboard.

# %%
recommender = Recommender(movielens)
everybody = recommender.lists(range(len(recommender.users)), n=10)
everybody.to_csv(course_home() / "lists.csv", index=False)
print(f"lists.csv: {len(everybody):,} rows, {everybody['user'].nunique():,} users")
recommender.lists([0], n=10)

# %% [markdown]
# The same works with a table of your own. `python -m helpers recommend my_ratings.csv --for
# USER --all lists.csv` makes both lists from it in a terminal. In a notebook,
# `Recommender(load_ratings("my_ratings.csv"))` does, with `load_ratings` of `helpers.data`.
#
# ## The scoreboard of the course
#
# The scoreboard holds the models of the lessons that have run on this machine. If nothing
# is shown, run lessons 01 to 05 first. Remember from lesson 01 that another test set moves
# an RMSE by about ±0.005.

# %%
board = read_scoreboard(edition=movielens.name)
show_scoreboard(movielens.name, split.name)

# %% [markdown]
# The ranking models have a table for each split. Scores on different splits cannot be
# compared with each other, and scores on a stand-in for u1 cannot be compared with
# published ones.

# %%
rankings = board[board["ndcg@10"].notna()]
for name in rankings["split"].unique():
    display(show_scoreboard(movielens.name, name, sort_by="ndcg@10"))

# %% [markdown]
# ## A quiz on lessons 01 to 06
#
# Answer each before you open it.
#
# **1.** A model reports a test RMSE of 0.94 on ml-100k. What do you ask first?
# <details><summary>Answer</summary>On which split, and what is the RMSE of the bias
# baseline there? On ours it is 0.94, so the model may have learned nothing beyond the
# biases. (Lesson 01)</details>
#
# **2.** A network's validation error has its minimum at epoch 6 of 20. Which weights
# do you keep, and which error do you report?
# <details><summary>Answer</summary>Those of epoch 6, and the error on the *test* set,
# measured once. The minimum itself was chosen on the validation set, so it is a little
# too good. (Lesson 02)</details>
#
# **3.** A movie has a raw mean of 5.0 stars. Is it the best one?
# <details><summary>Answer</summary>Look at the number of its ratings. With one or two, it
# is probably luck, and shrinkage brings the mean down. (Lesson 03)</details>
#
# **4.** Three dense layers without an activation, on user and movie vectors side by side.
# What can they express?
# <details><summary>Answer</summary>A user bias plus a movie bias, so the same order of
# movies for all users. (Lesson 04)</details>
#
# **5.** Your model has the best RMSE of all, and its lists are worse than popularity. How
# can both be true?
# <details><summary>Answer</summary>RMSE is measured on movies that were rated, and a list
# is made of movies that were not. A model trained on rated movies only has not learned to
# tell the two apart. (Lesson 05)</details>
#
# **6.** Two movies with three ratings each have a cosine of 0.97. Are they alike?
# <details><summary>Answer</summary>You cannot tell. Three ratings are too few to fix the
# direction of a vector, and training on other ratings would give another one. (This
# lesson)</details>
#
# ## What to remember
#
# - A single number of a vector means nothing. Directions and neighbours can.
# - A cosine carries no measure of uncertainty. Leave out movies with few ratings, and
#   check the rest on two halves of the ratings. Another seed tests only the initial
#   weights and the order of the batches.
# - A vector gets longer with the number of ratings, and with how much opinions differ.
# - A map shows neighbours, not distances. Check what you see in it with a probe, and the
#   probe with shuffled labels.
# - A new user needs no new training, only a fold-in. The penalty that matches training is
#   ℓ·N.
#
# ## Where to read on
#
# - H. Steck, C. Ekanadham and N. Kallus, [Is Cosine-Similarity of Embeddings Really About
#   Similarity?](https://arxiv.org/abs/2403.05440), 2024: what regularization does to a
#   cosine.
# - M. Wattenberg, F. Viégas and I. Johnson, [How to Use t-SNE
#   Effectively](https://distill.pub/2016/misread-tsne/), 2016: play with it for ten
#   minutes.
# - D. Kobak and G. Linderman, [Initialization is critical for preserving global data
#   structure in both t-SNE and UMAP](https://doi.org/10.1038/s41587-020-00809-z), 2021.
# - H.-J. Xue et al., [Deep Matrix Factorization
#   Models](https://doi.org/10.24963/ijcai.2017/447), 2017: a user as their row of the
#   matrix, like our histories.
# - W.-C. Kang and J. McAuley, [Self-Attentive Sequential
#   Recommendation](https://arxiv.org/abs/1808.09781), 2018: the order of what you
#   watched.
# - NVIDIA, [How to Build a Deep Learning Powered Recommender System, Part
#   2](https://developer.nvidia.com/blog/how-to-build-a-winning-recommendation-system-part-2-deep-learning-for-recommender-systems/),
#   2021: an overview of the architectures that industry uses.
#
# **Next:** lesson 07 is about retrieval: how to find candidates among a million movies
# without scoring all of them.
