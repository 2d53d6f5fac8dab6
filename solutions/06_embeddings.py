# %% [markdown] tags=["badge"]
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/neural-recsys-course/neural-recsys-course/blob/v1.0.0/solutions/06_embeddings.ipynb)

# %% [markdown]
# # 6 · Embeddings: what did the vectors learn?
#
# A trained recommender is a few tables of numbers that nobody wrote. In this lesson we
# open them. Do similar movies lie close together? Is there a direction for "old", or
# for "children"? When may you trust what you see, and when is it a cloud in the shape
# of a dog? At the end you, with your ten ratings, become a vector yourself, and ask
# four kinds of models what to watch.
#
# **When you have finished, you can**
#
# - read the tables of a trained model by name, and know what each row is;
# - find similar movies by cosine, and say when the answer is worthless;
# - explain what the length of a vector tells, and what its direction;
# - draw 32 dimensions in two, by three methods, without being fooled by them;
# - ask with a number whether genre and year are in the vectors (a *linear probe*);
# - fit a vector for a user the model has never seen, without training again.
#
# **Time** 75 minutes to work through, about a minute of computing.
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

import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import display
from keras import layers
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.manifold import TSNE
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from helpers import check, hint, plots, quiz, reveal
from helpers.baselines import BiasBaseline
from helpers.data import load_movielens
from helpers.my_ratings import my_ratings
from helpers.scoreboard import read_scoreboard, show_scoreboard
from helpers.splits import pairs, random_split
from helpers.bands import verdict

plots.use_course_style()
keras.utils.set_random_seed(6)

movielens = load_movielens()
split = random_split(movielens, test=0.2, valid=0.1, seed=0)
train, valid = split.train, split.valid
n_users, n_movies = split.n_users, split.n_movies
mean = float(train["rating"].mean())

# %% [markdown]
# Every row of the tables belongs to a movie, and this is the list of them, in the
# order of the rows. Popularity is counted on the *training* ratings, the only ones
# that the vectors know of.

# %%
movies = movielens.movies.set_index("movie_id").loc[split.movies.ids]
movies = movies.assign(
    ratings=np.bincount(train["movie"], minlength=n_movies)
).reset_index()
movies.head(3)

# %% [markdown]
# ## A model to look into
#
# The dot + bias model of lesson 03, with 32 factors, trained for stars.


# %%
def trained_model(seed):
    keras.utils.set_random_seed(seed)
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    parts = {}
    for name, of, rows in [("user", user, n_users), ("movie", movie, n_movies)]:
        for kind, columns, l2 in [("factors", 32, 1.5e-4), ("bias", 1, 5e-5)]:
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
        keras.optimizers.Adam(0.005), "mse", metrics=["mse"], steps_per_execution=20
    )
    model.optimizer.build(model.trainable_variables)
    model.fit(
        pairs(train),
        train["rating"].to_numpy(),
        validation_data=(pairs(valid), valid["rating"].to_numpy()),
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
    layer.name: layer.get_weights()[0]
    for layer in model.layers
    if isinstance(layer, layers.Embedding)
}
for name, table in tables.items():
    print(f"{name:14} {table.shape}")
movie_vectors = tables["movie_factors"]
print(movies.loc[0, "title"], "·", movie_vectors[0, :6].round(2), "…")

# %% [markdown]
# Four tables. (Row 0 is the first movie. In a public notebook whose ids start at 1,
# row 0 belongs to no movie, was never trained, and turns up in its map and in its
# lists of similar movies.) The numbers of one row mean nothing by themselves; what
# means something is how rows relate.
#
# ## Similar = same direction
#
# Two movies that are liked by the same people end up with vectors that point the
# same way. The *cosine* of the angle between them is 1 for the same direction, 0 for
# a right angle and −1 for opposites:
#
# $$\cos(a, b) = \frac{a\cdot b}{\lVert a\rVert\,\lVert b\rVert}$$
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
    ### BEGIN SOLUTION
    return (a @ b) / (np.linalg.norm(a) * np.linalg.norm(b))
    ### END SOLUTION


# %%
print(cosine(np.array([1.0, 0.0]), np.array([2.0, 2.0])))

# %%
check("6.1", cosine)

# %% [markdown] tags=["hints"]
# **Hints**
#
# 1. What must happen to the dot product of two vectors, so that it does not grow when
#    one of them gets longer?
# 2. `a @ b` is the dot product, `np.linalg.norm(a)` the length of a vector. Mind the
#    brackets: it is divided by both lengths.
#
# ```python
# def cosine(a, b):
#     return (...) / (np.linalg.norm(...) * ...)
# ```
#
# **Notice**
#
# Make one of the vectors ten times as long: the cosine stays. It has thrown the lengths
# away, and further down you will see what is in them.


# %%
def find(text, place=1):
    """Row of the most rated movie whose title contains a text.

    Where none does, as in other data: the movie at this place by number of ratings.
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
# The same for one movie against every row of the table, without a loop. One matrix
# product does it.


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
    ### BEGIN SOLUTION
    unit = table / np.linalg.norm(table, axis=1, keepdims=True)
    return unit @ unit[row]
    ### END SOLUTION


# %%
print(cosines_with(1, np.array([[1.0, 0.0], [2.0, 2.0], [-3.0, 0.0]])).round(4))

# %%
check("6.2", cosines_with)

# %% [markdown] tags=["hints"]
# **Hints**
#
# 1. If every row of the table had length 1, what would be left of the formula?
# 2. `np.linalg.norm(table, axis=…, keepdims=True)` has the length of each row, in a
#    column, so that the table can be divided by it. Then one product with the row does
#    the rest.
#
# ```python
# unit = table / np.linalg.norm(..., axis=..., keepdims=True)
# return unit @ ...
# ```
#
# **Notice**
#
# Once all rows have length 1, the cosine *is* the dot product. Whoever keeps such a
# table can ask for neighbours with one product.

# %% [markdown]
# Now Star Wars against all 1,700. Most movies have nothing to do with it; how near do they
# come all the same?

# %% [markdown] tags=["question"]
# Take 1,700 random directions in 32 dimensions. How large is the highest cosine that
# one of them has with Star Wars, by pure chance?
#
# - [ ] Nearly 0: random directions have nothing in common
#   - On average it is 0. But they scatter by 1/√32 = 0.18, and the best of 1,700 is far
#     out.
# - [ ] About 0.18
#   - That is how far a typical one is from 0, 1/√32. You look at the best of 1,700.
# - [x] About 0.6
#   - A typical one is 0.18 from 0, and the best of 1,700 is some three and a half times
#     as far out. So a 0.5 in a list of similar movies may be nothing at all.
# - [ ] About 0.95
#   - In two or three dimensions, yes. In 32 there is so much room that nobody comes
#     that close by chance.

# %%
quiz("6.a")

# %%
favourite = find("Star Wars")
similarity = cosines_with(favourite, movie_vectors)
axes = plt.figure().add_subplot()
axes.hist(similarity, bins=60)
axes.set_xlabel(f"cosine with {movies.title[favourite]}")
axes.set_ylabel("movies")
axes.set_title("Most movies have little to do with it")
plt.show()

# %% [markdown]
# *Reading the figure:* a hill around 0, and far off on the right two small bars; the
# one at 1 is the movie itself. In 32
# dimensions random directions have cosines of about ±0.18, and the best of 1,700 of them
# reaches 0.6. So up to there a cosine may be luck; a 0.9 is not.
#
# ### Exercise 6.3 — most similar, with titles (6 minutes)
#
# Return the n movies with the highest cosine, without the movie itself, and leave
# out those with fewer than `min_ratings`.


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
    ### BEGIN SOLUTION
    found = movies.assign(cosine=cosines_with(row, table)).drop(index=row)
    found = found[found["ratings"] >= min_ratings]
    return found.sort_values("cosine", ascending=False).head(n)
    ### END SOLUTION


# %%
tiny = np.array([[1.0, 0.0], [2.0, 2.0], [5.0, 0.1], [0.0, 1.0]])
four = pd.DataFrame({"title": list("abcd"), "ratings": [9, 5, 1, 9]})
for row, least in [(0, 0), (0, 5), (2, 5)]:
    print(most_similar(row, tiny, four, n=2, min_ratings=least)["title"].tolist())

# %%
check("6.3", most_similar)

# %% [markdown] tags=["hints"]
# **Hints**
#
# 1. In which order do you have to leave out, sort and cut, so that n movies remain
#    where there are enough?
# 2. `movies.assign(cosine=…)` makes a copy with a new column. `.drop(index=row)` takes
#    the movie itself out, by its row and not by its place or title. Then filter, sort,
#    `.head(n)`.
#
# ```python
# found = movies.assign(cosine=cosines_with(..., ...)).drop(index=...)
# found = found[found["ratings"] ...]
# return found.sort_values(..., ascending=...).head(...)
# ```
#
# **Notice**
#
# `min_ratings` hides the rumours, it does not fix them: the next section shows how
# little a cosine of a rare movie is worth.

# %%
shown = ["title", "year", "genres", "ratings", "cosine"]
similar = most_similar(favourite, movie_vectors, movies, min_ratings=50)[shown].round(2)
similar.astype({"year": "string"}).fillna({"year": ""})  # "": not known

# %% [markdown]
# The two sequels come out on top, at 0.9, although the model has seen neither title nor
# genre nor cast: only who gave how many stars. From the third place on the cosines
# are at the edge of what chance can do: some of these movies fit all the same, others
# are adventurous.
#
# ## Where it fails, and why
#
# Now the same for a movie that three people have rated.

# %%
obscure = movies.index[movies["ratings"] == 3][0]
print(movies.title[obscure])
similar = most_similar(obscure, movie_vectors, movies)[shown].round(2)
similar.astype({"year": "string"}).fillna({"year": ""})

# %% [markdown]
# The numbers look no less confident. But L2 has shrunk a vector with three ratings to
# almost nothing, and the direction that is left was decided by three people and by the
# random start. **A cosine does not know how sure it is.** So let us ask the data: train
# the model a second
# time from another random start. What is real is found twice.
#
# The two tables cannot be compared number by number, because the factors come in
# another order and turned. But *neighbours* can: which movies are close to each other
# does not depend on the axes.

# %% [markdown] tags=["question"]
# You train a second time, from another random start. Of the ten nearest neighbours of a
# movie with more than 150 ratings, how many are found again?
#
# - [ ] All ten: the ratings are the same
#   - The ratings are, the start is not, and many ways to place 1,700 movies explain the
#     ratings about equally well.
# - [x] About five
#   - The ratings hold some of them in place. The others depend on the start, though
#     they were printed with the same two decimals.
# - [ ] About one in ten movies finds a single one: the factors come out turned
#   - That is what chance would give. Turning does not matter: it leaves all cosines as
#     they are.

# %%
quiz("6.b")

# %%
second_vectors = trained_model(seed=66).get_layer("movie_factors").get_weights()[0]
well_known = np.flatnonzero(movies["ratings"] >= 20)


def neighbours(row, table):
    others = well_known[well_known != row]
    return set(others[np.argsort(-cosines_with(row, table)[others])[:10]])


groups = pd.cut(
    movies["ratings"],
    [-1, 2, 9, 49, 149, np.inf],
    labels=["0–2", "3–9", "10–49", "50–149", "150+"],
)
agreement = {}
rng = np.random.default_rng(6)
for group, rows in movies.groupby(groups, observed=True).groups.items():
    some = rng.choice(rows, min(60, len(rows)), replace=False)
    agreement[group] = np.mean(
        [
            len(neighbours(r, movie_vectors) & neighbours(r, second_vectors))
            for r in some
        ]
    )
plots.plot_bars(
    agreement,
    agreement.values(),
    "Neighbours found again after training a second time",
    "of the ten nearest, by number of ratings of the movie",
)
# %% tags=["nbval-check-output"]
first, *_, last = agreement.values()
verdict("neighbours found again, few ratings", first, at_most=3.3)
verdict("neighbours found again, many ratings", last, at_least=4.0)

# %% [markdown]
# *Reading the figure:* chance would find a tenth of *one* neighbour again. From ten ratings
# on, about half of the ten nearest come back; with three to nine ratings, four; below,
# two. Even half is not much. So treat any list of neighbours as a sketch, and one for a
# movie with a rating or two as a rumour: it is printed with the same two decimals.
#
# ## Long vectors, short vectors
#
# A cosine throws the *length* away. What is in it?

# %% [markdown] tags=["question"]
# L2 pulls every vector towards 0. Which movies have the longest vectors all the same?
#
# - [ ] Those with the highest mean rating
#   - Being liked by all is what the movie's bias is for. It needs no vector.
# - [x] Those with the most ratings
#   - Every rating pulls at the vector, and L2 pulls back. With three ratings L2 wins.
# - [ ] Those with the fewest ratings, which can be fitted best
#   - Without L2 that could be so. With it, three ratings are too few to pull a vector
#     far.

# %%
quiz("6.c")

# %%
length = np.linalg.norm(movie_vectors, axis=1)
axes = plt.figure().add_subplot()
axes.scatter(movies["ratings"].clip(lower=0.7), length, s=8, alpha=0.5)
axes.set_xscale("log")
axes.set_xlabel("training ratings of the movie (log scale)")
axes.set_ylabel("length of its vector")
axes.set_title("The more ratings, the longer the vector")
plt.show()

# %% [markdown]
# *Reading the figure:* L2 keeps a vector short until enough ratings pull at it. Length is,
# roughly, how much there is to say about a movie. So a dot product (length included) ranks by
# taste *and* evidence, a cosine by taste alone, however thin.
#
# ## Thirty-two dimensions on paper
#
# Nobody can see 32 dimensions. Three ways to squeeze them into two:
#
# - **PCA** looks from the side where the cloud is widest. It is a straight
#   projection: distances shrink, nothing is torn.
# - **t-SNE** keeps near neighbours near, and lets everything else go. Neighbours are
#   mostly real; clusters may be; distances between clusters, and sizes, are not.
# - **UMAP** has the same aim, is faster on large sets, and keeps a little more of the
#   large picture.
#
# We draw the movies with at least 20 ratings, for the reason that you have just seen.

# %%
import umap

chosen = movies[movies["ratings"] >= 20].reset_index()
vectors = movie_vectors[chosen["index"]]
pca = PCA(n_components=2).fit(vectors)
maps = {
    f"PCA ({pca.explained_variance_ratio_.sum():.0%} of the variance)": pca.transform(
        vectors
    ),
    "t-SNE": TSNE(metric="cosine", init="random", random_state=6).fit_transform(
        vectors
    ),
    "UMAP": umap.UMAP(metric="cosine", random_state=6, n_jobs=1).fit_transform(vectors),
}

# %%
figure, panels = plt.subplots(1, 3, figsize=(11, 3.8))
for panel, (name, points) in zip(panels, maps.items(), strict=True):
    dots = panel.scatter(
        *points.T, c=chosen["year"].astype(float).clip(lower=1960), s=9, cmap="cividis"
    )
    panel.set_title(name)
    panel.axis("off")
figure.colorbar(dots, ax=panels, label="year of release (1960 and before: darkest)")
plt.show()

# %% [markdown]
# *Reading the figure:* the same movies three times, coloured by year. In all three,
# dark and light are not mixed evenly: the model has found out something about age, and
# it has never been told a date. Do *not* read more into the shapes: they change with
# every seed.
#
# Now look around in it yourself. Hover over the points; find a corner that you
# know.

# %%
islands = maps["t-SNE"]
plots.embedding_map(
    islands, chosen, "A map of movies, by taste (t-SNE)", color="ratings"
)

# %% [markdown]
# Where the interactive map cannot run (on paper, or on some web pages), here is the
# same as a picture, with the names of the most rated movies.

# %%
axes = plt.figure(figsize=(10, 6.4)).add_subplot()
axes.scatter(*islands.T, s=10, c=np.log10(chosen["ratings"]), cmap="cividis", alpha=0.7)
labelled = []
label_size = np.ptp(islands, axis=0) * [0.18, 0.03]
for row in chosen["ratings"].sort_values(ascending=False).index:
    is_apart = np.abs(islands[labelled] - islands[row]) > label_size
    if len(labelled) < 40 and is_apart.any(axis=1).all():
        labelled.append(row)
        axes.annotate(
            chosen.title[row][:22],
            islands[row],
            fontsize=7.5,
            textcoords="offset points",
            xytext=(4, 2),
        )
axes.axis("off")
axes.set_title("A map of movies, by taste (t-SNE; bright = many ratings)")
plt.show()

# %% [markdown]
# ## Is it there, or do we see it because we look for it?
#
# People see patterns in any cloud. A *linear probe* answers with a number: how well
# can a straight line, fitted on the vectors of some movies, tell the genre or the year
# of *others*? And, for honesty, how well if the labels are shuffled?
#
# ### Exercise 6.4 — probe a label (7 minutes)
#
# `cross_val_predict(model, x, y, cv=5, method="predict_proba")` predicts every movie
# from a model that was fitted without it, and returns one column for False and one for
# True. Let the model be `make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))`,
# so that not even the scaling sees the movies that are left out. Return the ROC AUC of
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
    ### BEGIN SOLUTION
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    probability = cross_val_predict(model, vectors, label, cv=5, method="predict_proba")
    return float(roc_auc_score(label, probability[:, 1]))
    ### END SOLUTION


# %%
one_to_forty = np.arange(40.0)[:, None]
print(
    probe(one_to_forty, np.arange(40) >= 20),
    probe(one_to_forty, np.arange(40) % 2 == 0),
)

# %%
check("6.4", probe)

# %% [markdown] tags=["hints"]
# **Hints**
#
# 1. A line in 32 dimensions can tell any few movies apart, by heart. On which movies
#    does it have to prove itself?
# 2. `cross_val_predict(…)` gives a matrix of two columns, for False and for True.
#    `roc_auc_score` wants the label and the score for True.
#
# ```python
# model = make_pipeline(StandardScaler(), LogisticRegression(...))
# probability = cross_val_predict(..., ..., ..., cv=..., method=...)
# return roc_auc_score(..., probability[:, ...])
# ```
#
# **Notice**
#
# On shuffled labels your probe says about 0.5, however many factors there are. That is
# what makes its other answers worth something.

# %%
genres = chosen["genres"].str.get_dummies(sep="|")
frequent = genres.columns[genres.sum() >= 30]
found = {genre: probe(vectors, genres[genre].to_numpy() == 1) for genre in frequent}
found = dict(sorted(found.items(), key=lambda item: -item[1]))
rarest = genres[frequent].sum().idxmin()
by_chance = [probe(vectors, rng.permutation(genres[rarest] == 1)) for _ in range(10)]
found["(shuffled labels)"] = float(np.mean(by_chance))
print(f"{rarest}, shuffled ten times: {min(by_chance):.2f} to {max(by_chance):.2f}")
plots.plot_bars(
    found,
    found.values(),
    "Which genres can be read from the vectors?",
    "AUC of a linear probe (0.5 = chance)",
    highlight=["(shuffled labels)"],
)
# %%
dated = chosen["year"].notna().to_numpy()
year = chosen["year"][dated].astype(float).to_numpy()
line = make_pipeline(StandardScaler(), RidgeCV(np.logspace(0, 4, 9)))
guessed = cross_val_predict(line, vectors[dated], year, cv=5)
explained = 1 - np.sum((year - guessed) ** 2) / np.sum((year - year.mean()) ** 2)
print(f"years: {explained:.0%} of the variance can be read from the vectors")
along = chosen["title"][dated].to_numpy()[np.argsort(guessed)]
print("guessed oldest:", " · ".join(along[:6]))
print("guessed newest:", " · ".join(along[-6:]))

# %% tags=["nbval-check-output"]
genre_scores = [score for name, score in found.items() if name != "(shuffled labels)"]
verdict("best genre probe", max(genre_scores), at_least=0.75)
verdict("probe of shuffled labels", found["(shuffled labels)"], inside=(0.35, 0.65))

# %% [markdown]
# Most genres are in there, clearly above what shuffled labels give; others are not to be
# told from chance. So is a direction for age, if only a faint one: look at the titles at
# its two ends. The vectors hold what *predicts ratings*; genre and age are in them as
# far as they do, and no further.
#
# ## You, as a vector
#
# The models have never seen you. Training again for one new user would be absurd, and
# is not needed: keep the movies as they are and find the one vector $p$ and bias $b$
# that explain your ten ratings best. This is called *fold-in*, and for a dot product
# it is a ridge regression with an exact solution:
#
# $$\begin{pmatrix} p \\ b \end{pmatrix} = (Q^\top Q + \lambda I)^{-1} Q^\top (r - \mu - b_i)$$
#
# Each row of $Q$ is the vector of a movie that you rated, with a 1 appended: what is
# multiplied by it is the same for all movies, and so it is your bias. $r$ are your
# ratings, $\mu$ is the mean, $b_i$ the biases of those movies, and $\lambda$ says how
# little we trust ten ratings.
#
# ### Exercise 6.5 — fold in a new user (10 minutes)
#
# Solve the equation with `np.linalg.solve` (no inverse is needed).


# %%
def fold_in(rows, ratings, vectors, movie_bias, mean, shrinkage=5.0):
    """Vector and bias of a new user, all else kept as it is.

    Parameters
    ----------
    rows : numpy.ndarray of int, shape (n,), one or more
        The movies that the user rated.
    ratings : numpy.ndarray of float, shape (n,), in stars
    vectors : numpy.ndarray of float, shape (n_movies, n_factors)
    movie_bias : numpy.ndarray of float, shape (n_movies,)
    mean : float
    shrinkage : float, above 0
        The λ of the ridge regression, for the vector and the bias alike.

    Returns
    -------
    vector : numpy.ndarray of float, shape (n_factors,)
    bias : float

    Examples
    --------
    One rating, 0.6 stars above mean + movie bias. Vector and bias share the
    credit, and shrinkage keeps a third of it.

    >>> vectors, movie_bias = np.array([[9.0, 9.0], [1.0, 0.0]]), np.array([0.0, 0.3])
    >>> vector, bias = fold_in(
    ...     np.array([1]), np.array([4.4]), vectors, movie_bias, mean=3.5, shrinkage=1.0
    ... )
    >>> vector.round(4).tolist(), round(bias, 4)
    ([0.2, 0.0], 0.2)
    """
    ### BEGIN SOLUTION
    known = np.column_stack([vectors[rows], np.ones(len(rows))])
    left_over = np.asarray(ratings) - mean - movie_bias[rows]
    penalty = shrinkage * np.eye(known.shape[1])
    solution = np.linalg.solve(known.T @ known + penalty, known.T @ left_over)
    return solution[:-1], float(solution[-1])
    ### END SOLUTION


# %%
vector, bias = fold_in(
    np.array([1]),
    np.array([4.4]),
    np.array([[9.0, 9.0], [1.0, 0.0]]),
    np.array([0.0, 0.3]),
    mean=3.5,
    shrinkage=1.0,
)
print(vector.round(4).tolist(), round(bias, 4))

# %%
check("6.5", fold_in)

# %% [markdown] tags=["hints"]
# **Hints**
#
# 1. What is left of a rating when the mean and the movie's bias are gone, and which two
#    things of yours are to explain that?
# 2. `np.column_stack([vectors[rows], np.ones(len(rows))])` is Q. With n factors, Q.T @
#    Q + λI is (n + 1) × (n + 1). `np.linalg.solve(A, y)` finds x with A @ x = y; the
#    last number of x is the bias.
#
# ```python
# q = np.column_stack([vectors[...], ...])
# left_over = ratings - ... - movie_bias[...]
# solution = np.linalg.solve(q.T @ q + ... * np.eye(...), q.T @ ...)
# return solution[...], solution[...]
# ```
#
# **Notice**
#
# No movie has moved. That is why it takes a millisecond, and why it can be done for
# every visitor of a web site.

# %%
mine = my_ratings(movielens)
print("an invented student" if mine.attrs["invented"] else "your own ratings")
my_rows = split.movies.encode(mine["movie_id"])
movie_bias = tables["movie_bias"][:, 0]
my_vector, my_bias = fold_in(
    my_rows, mine["rating"].to_numpy(), movie_vectors, movie_bias, mean
)
lengths = np.linalg.norm(tables["user_factors"], axis=1)
print(f"your bias is {my_bias:+.2f} stars")
print(
    f"your vector is {np.linalg.norm(my_vector):.2f} long; "
    f"the median user's is {np.median(lengths):.2f}"
)
mine.assign(
    explained=mean + my_bias + movie_bias[my_rows] + movie_vectors[my_rows] @ my_vector
).round(1)

# %% [markdown]
# Your ten ratings against what the model now thinks of them. It does not reproduce them
# exactly, and it should not: ten numbers are little evidence for 33, and the
# shrinkage keeps it modest.
#
# ## What should you watch?
#
# Four kinds of models give you five movies each: popularity, biases, dot + bias trained
# for stars, and one that is trained on *watching*, like the network of lesson 05. For this
# last one we take a simpler model with the same question, EASE: one weight for each pair
# of movies, "who liked this also liked that", fitted by a formula to all users at
# once (the name says it: *embarrassingly shallow autoencoder*),
# with 200 as its shrinkage and no movie allowed to explain itself. (It is on lesson 05's
# reading list.)

# %%
liked = train[train["rating"] >= 4]
watched = np.zeros((n_users, n_movies), dtype="float32")
watched[liked["user"], liked["movie"]] = 1
enough = np.flatnonzero(movies["ratings"] >= 5)
overlap = watched[:, enough].T @ watched[:, enough]
precision = np.linalg.inv(overlap + 200 * np.eye(len(enough), dtype="float32"))
movie_to_movie = -precision / np.diag(precision)
np.fill_diagonal(movie_to_movie, 0)

# %% [markdown]
# A few lines, no epochs, no learning rate: on the official fold of lesson 05
# published figures put this model (0.436) level with the best others. A fair ending
# for a course on neural
# networks: check the simple thing first.

# %%
my_likes = np.zeros(n_movies, dtype="float32")
my_likes[my_rows[mine["rating"].to_numpy() >= 4]] = 1
ease_scores = np.full(n_movies, -np.inf)
ease_scores[enough] = my_likes[enough] @ movie_to_movie
bias_only = BiasBaseline().fit(train, n_users, n_movies)
my_scores = {
    "popularity": movies["ratings"].to_numpy(dtype="float64"),
    "biases only": bias_only.movie_bias,
    "dot + bias, for stars": movie_bias + movie_vectors @ my_vector,
    "liked or not (EASE)": ease_scores,
}
lists = {}
for name, scores in my_scores.items():
    scores = np.array(scores, dtype="float64")
    scores[my_rows] = -np.inf
    lists[name] = np.argsort(-scores)[:5]
for name in ["dot + bias, for stars", "liked or not (EASE)"]:
    same = [len(np.intersect1d(lists[name], lists[o])) for o in list(lists)[:2]]
    print(
        f"{name}: {same[0]} of 5 are in the popular list, {same[1]} in the praised one"
    )
pd.DataFrame(
    {name: movies.title[rows].to_numpy() for name, rows in lists.items()},
    index=pd.RangeIndex(1, 6, name="place"),
)

# %% [markdown]
# Read the columns as a critic:
#
# - **popularity** and **biases only** give the same list to everybody. One shows what
#   is watched, the other what is praised.
# - **dot + bias** is yours: look which of its movies are praised by everybody, and which
#   are there because of you. With ten ratings the biases still do much of the talking.
# - **liked or not** knows only which movies you gave 4 stars or more. Look how much of
#   popularity is left in it; and if it fits you well, ask yourself whether it will ever
#   show you anything else.
#
# Change your ratings in lesson 01 and come back: which list changes most? Which would
# you rather get? Which would a shop rather show you? These are not the same
# question, and no metric of this course decides it.
#
# ## The scoreboard of the course
#
# All that you have trained, from the mean to the hybrid. (Lessons that have not run on
# this machine are missing. If nothing is shown, run lessons 01 to 05 first.)

# %%
board = read_scoreboard(edition=movielens.name)
stars = board[board["rmse"].notna() & (board["split"] == split.name)]
if len(stars):
    stars = stars.sort_values("rmse", ascending=False)
    plots.plot_bars(
        stars["lesson"] + " · " + stars["model"],
        stars["rmse"],
        "From the mean to the hybrid",
        "test RMSE (stars), lower is better",
        from_zero=False,
    )
show_scoreboard(movielens.name, split.name)

# %%
rankings = board[board["ndcg@10"].notna()]
for name in rankings["split"].unique():
    display(show_scoreboard(movielens.name, name, sort_by="ndcg@10"))

# %% [markdown]
# ## A quiz on the whole course
#
# Answer each before you open it.
#
# **1.** A model reports a test RMSE of 0.94 on ml-100k. Your first question?
# <details><summary>Answer</summary>On which split, and what does the bias baseline have there? On
# ours it has 0.94: the model may have learned nothing about taste. (Lesson 01)</details>
#
# **2.** A network's validation error has its minimum at epoch 6 of 20. Which weights
# do you keep, and which number do you report?
# <details><summary>Answer</summary>Those of epoch 6, and the error on the *test* set, measured once: the
# minimum itself was chosen on the validation set and is a little too good. (Lesson 02)</details>
#
# **3.** A movie has a raw mean of 5.0 stars. Is it the best one?
# <details><summary>Answer</summary>Count its ratings. With one or two, it is the luckiest one. Shrink.
# (Lesson 03)</details>
#
# **4.** Three dense layers without an activation, on user and movie vectors side by side.
# What can they express?
# <details><summary>Answer</summary>A user bias plus a movie bias; the same order of movies for all users.
# (Lesson 04)</details>
#
# **5.** Your model has the best RMSE of all, and its lists are worse than popularity. How
# can both be true?
# <details><summary>Answer</summary>RMSE asks about movies that were rated; a list is made of movies that
# were not. A model that never saw an unwatched movie cannot order them. (Lesson 05)</details>
#
# **6.** Two movies with three ratings each have a cosine of 0.97. Are they alike?
# <details><summary>Answer</summary>Nobody knows. Train again with another seed and look whether they still
# are. (This lesson)</details>
#
# ## What to remember
#
# - Rows of a table mean nothing alone; directions and neighbours do.
# - A cosine does not know how much evidence is behind it. Filter by ratings, or train
#   twice.
# - Length is evidence, direction is taste.
# - A map shows neighbours, not distances. What you see in it, check with a probe, and
#   the probe with shuffled labels.
# - A new user needs no new training: fold in.
#
# ## Where to read on
#
# - NVIDIA's series on deep learning for recommender systems, and Google's course on
#   [recommendation systems](https://developers.google.com/machine-learning/recommendation):
#   what comes after a model, in production.
# - H.-J. Xue et al., [Deep Matrix Factorization
#   Models](https://doi.org/10.24963/ijcai.2017/447), 2017: a user as their row of the
#   matrix, like our histories.
# - M. Wattenberg, F. Viégas and I. Johnson, [How to Use t-SNE
#   Effectively](https://distill.pub/2016/misread-tsne/), 2016: play with it for ten
#   minutes.
# - W. Kang and J. McAuley, [Self-Attentive Sequential
#   Recommendation](https://arxiv.org/abs/1808.09781), 2018: the order of what you watched.
# - X. Yi et al., [Sampling-Bias-Corrected Neural Modeling for Large Corpus Item
#   Recommendations](https://doi.org/10.1145/3298689.3346996), 2019: two towers, at the
#   scale of YouTube.
#
# **Next:** lesson 07 asks what happens when there is more than a single machine can hold: what
# grows, how several workers learn one model, and how to find the best of a million movies
# without scoring them all.

# %% tags=["instructor"]
# Minutes: 75. If time is short, show one of the three maps.
# Misconceptions: "clusters in t-SNE are groups of movies"; "a dimension of the
# embedding means something"; "cosine 0.97 is strong evidence".
# Open question (which would you rather get?): no right answer; look for the words
# popularity bias, filter bubble, exploration.
