"""The course's models: the lessons' own, and the best of their kind.

`RATERS` and `RANKERS` are what the benchmarks run. Their functions take a split and a
seed. Of the split they use the training ratings, the *pairs* of the test ratings (what
is to be predicted), and what is known about users and movies; never a test rating, and
a test pair is no part of a history.
"""

import ast
from functools import cache, partial
from pathlib import Path

import helpers.quiet_tensorflow  # noqa: F401

# isort: split
import keras
import numpy as np
from sklearn.model_selection import train_test_split

from benchmarks import best_models
from helpers.baselines import BiasBaseline, Popularity
from helpers.ranking import score_all
from helpers.splits import pairs

LESSONS = Path(__file__).parents[1] / "solutions"
DEFINES = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
BATCH = 8192
PENALTY = 300
"""Of the linear autoencoder; chosen on validation parts, see `TRIED.md`."""


@cache
def _compiled(lesson):
    """Compile a lesson's imports, functions and classes, and nothing that runs."""
    source = LESSONS / f"{lesson}.py"
    module = ast.parse(source.read_text(encoding="utf-8"), str(source))
    module.body = [node for node in module.body if isinstance(node, DEFINES)]
    return compile(module, str(source), "exec")


def definitions(lesson, **known):
    """Take a lesson's own functions and classes, without running the lesson.

    Parameters
    ----------
    lesson : str
        Name of its file in ``solutions/``, such as ``04_dl_model``.
    **known
        What its functions expect to find around them, such as ``train_pairs``.

    Returns
    -------
    dict
        Name -> function, class or module.
    """
    names = {"__name__": lesson, **known}
    exec(_compiled(lesson), names)
    return names


def _known_to_lessons(split):
    """Cut the validation part that the lessons stop by; name things as they do."""
    train, valid = train_test_split(split.train, test_size=0.1, random_state=0)
    return {
        "train": train,
        "valid": valid,
        "train_pairs": pairs(train),
        "valid_pairs": pairs(valid),
        "n_users": split.n_users,
        "n_movies": split.n_movies,
    }


def _predict(model, split):
    """Predict the test ratings, and keep them on the scale."""
    guesses = model.predict(pairs(split.test), batch_size=BATCH, verbose=0)[:, 0]
    return np.clip(guesses, *split.movielens.rating_scale[:2]).astype("float32")


def rate_with_biases(split, seed):
    """Lesson 01: mean + user bias + movie bias."""
    baseline = BiasBaseline().fit(split.train, split.n_users, split.n_movies)
    return baseline.predict(pairs(split.test)).astype("float32")


def rate_with_dot(split, seed):
    """Lesson 02: the dot product, stopped at its best validation epoch."""
    lesson = definitions("02_dot_model", **_known_to_lessons(split))
    keras.utils.set_random_seed(seed)
    model = lesson["build_dot_model"](split.n_users, split.n_movies)
    stop_early = keras.callbacks.EarlyStopping(
        monitor="val_rmse", mode="min", patience=2, restore_best_weights=True
    )
    lesson["train_model"](model, epochs=30, callbacks=[stop_early])
    return _predict(model, split)


def rate_as_taught(split, seed, lesson, build):
    """Build and train a model with a lesson's own two functions.

    Parameters
    ----------
    split : benchmarks.splits.BenchSplit
    seed : int
    lesson : str
        Name of its file in ``solutions/``.
    build : str
        Its function that takes n_users, n_movies and the mean rating.
    """
    known = _known_to_lessons(split)
    taught = definitions(lesson, **known)
    keras.utils.set_random_seed(seed)
    mean = float(known["train"]["rating"].mean())
    model = taught[build](split.n_users, split.n_movies, mean)
    taught["train_model"](model)
    return _predict(model, split)


def rate_with_hybrid(split, seed):
    """Lesson 04: biases, dot product and network over ids, histories, metadata."""
    known = _known_to_lessons(split)
    train = known["train"]
    lesson = definitions("04_dl_model", **known)
    keras.utils.set_random_seed(seed)
    model = lesson["HybridModel"](
        float(train["rating"].mean()), _rated(train, split), *_features(lesson, split)
    )
    lesson["train_hybrid"](model)
    return _predict(model, split)


def rate_with_steps(split, seed, n_models=1):
    """Answer with the hybrid of steps, or with the mean of several.

    The first finds the number of epochs on a validation part; then each is trained on
    all training ratings. A median is best for the MAE: it stands in another column.

    Returns
    -------
    dict : ``stars`` and ``median``, as `benchmarks.metrics.measured` takes them
    """
    levels = np.unique(split.train["rating"]).astype("float32")
    shares = split.train["rating"].value_counts(normalize=True).sort_index().to_numpy()
    lesson = definitions("04_dl_model")
    features = _features(lesson, split)

    def trained(number, train, epochs, validation=None):
        keras.utils.set_random_seed(100 * seed + number)
        model = best_models.StepsModel(
            lesson["history_vectors"], _rated(train, split), *features, shares
        )
        epochs = best_models.train_steps_model(
            model, levels, pairs(train), train["rating"], epochs, validation
        )
        return model, epochs

    train, valid = train_test_split(split.train, test_size=0.1, random_state=0)
    _, epochs = trained(0, train, 40, (pairs(valid), valid["rating"]))
    models = (trained(1 + n, split.train, epochs)[0] for n in range(n_models))
    said = [m.predict(pairs(split.test), batch_size=BATCH, verbose=0) for m in models]
    said = np.mean(said, axis=0)
    return {
        "stars": best_models.expected(said, levels),
        "median": best_models.median(said, levels),
    }


def _rated(train, split):
    rated = np.zeros((split.n_users, split.n_movies), dtype="float32")
    rated[train["user"], train["movie"]] = 1
    return rated


def _features(lesson, split):
    """Describe users and movies as lesson 04 does."""
    multi_hot, standardise = lesson["multi_hot"], lesson["standardise"]
    movies = split.movielens.movies.set_index("movie_id").loc[split.movies.ids]
    years = standardise(movies["year"].astype("float64"))
    of_movies = np.hstack([multi_hot(movies["genres"]), years]).astype("float32")
    users = split.movielens.users
    if users is None:
        return np.zeros((split.n_users, 1), "float32"), of_movies
    users = users.set_index("user_id").loc[split.users.ids]
    of_users = [
        standardise(users["age"].astype("float64")),
        (users["gender"] == "F").to_numpy()[:, None],
        multi_hot(users["occupation"]),
    ]
    return np.hstack(of_users).astype("float32"), of_movies


def rank_by_popularity(split, seed):
    """Lesson 05: the number of training ratings, the same for all."""
    popularity = Popularity().fit(split.train, split.n_movies)
    return score_all(popularity, split.n_users, split.n_movies).astype("float32")


def rank_with_sampled_negatives(split, seed, epochs=20):
    """Lesson 05: watched or not, against movies drawn at random."""
    lesson = definitions("05_binary", n_users=split.n_users, n_movies=split.n_movies)
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    rated, watched = _rated(split.train, split), pairs(split.train)
    model = lesson["WatchModel"](rated)
    model.compile(
        keras.optimizers.Adam(0.005),
        keras.losses.BinaryCrossentropy(from_logits=True),
        steps_per_execution=20,
    )
    for _ in range(epochs):
        user, movie = lesson["sample_negatives"](watched["user"], rated, 5, rng)
        both = {
            "user": np.concatenate([watched["user"], user]).astype("int32"),
            "movie": np.concatenate([watched["movie"], movie]).astype("int32"),
        }
        label = np.concatenate([split.train["rating"] / 5, np.zeros(len(user))])
        model.fit(both, label.astype("float32"), batch_size=4096, verbose=0)
    return score_all(model, split.n_users, split.n_movies)


def rank_with_autoencoder(split, seed):
    """Stars in, stars out, through a narrow layer and dropout."""
    stars = _stars(split)
    keras.utils.set_random_seed(seed)
    start = (stars.sum(axis=0) + 0.5) / stars.sum()
    model = best_models.build_autoencoder(len(stars), start)
    best_models.train_autoencoder(model, stars)
    return model.predict(stars, verbose=0)


def rank_with_linear_autoencoder(split, seed):
    """Lesson 05: stars times a matrix of movies × movies, found by a formula."""
    solve = definitions("05_binary")["solve_linear_autoencoder"]
    stars = _stars(split)
    return (stars @ solve(stars.astype("float64"), PENALTY)).astype("float32")


def rank_with_both_autoencoders(split, seed):
    """Add both up, each user's scores made equally wide."""
    both = [
        rank(split, seed)
        for rank in (rank_with_autoencoder, rank_with_linear_autoencoder)
    ]
    return sum(s / (s.std(axis=1, keepdims=True) + 1e-9) for s in both)


def _stars(split):
    lesson = definitions("05_binary", n_users=split.n_users, n_movies=split.n_movies)
    return lesson["star_matrix"](split.train).astype("float32")


RATERS = {
    "user + movie bias": rate_with_biases,
    "dot": rate_with_dot,
    "dot + bias": partial(
        rate_as_taught, lesson="03_bias", build="build_dot_bias_model"
    ),
    "deep": partial(rate_as_taught, lesson="04_dl_model", build="build_deep_model"),
    "hybrid": rate_with_hybrid,
    "steps": rate_with_steps,
    "steps, four averaged": partial(rate_with_steps, n_models=4),
}
"""Name -> function of a split and a seed; float32 predictions, shape (n_test,)."""

RANKERS = {
    "popularity": rank_by_popularity,
    "sampled negatives": rank_with_sampled_negatives,
    "autoencoder": rank_with_autoencoder,
    "linear autoencoder": rank_with_linear_autoencoder,
    "both autoencoders": rank_with_both_autoencoders,
}
"""Name -> function of a split and a seed; float32 scores, shape (n_users, n_movies)."""
