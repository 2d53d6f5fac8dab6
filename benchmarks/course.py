"""The course's models: those of the lessons, and the best ones of their kinds.

The benchmarks run the functions in `RATERS`, `RANKERS` and `SEQUENCERS`, which take a
split and a random seed. They use the training ratings, the *pairs* of the test ratings,
and the metadata of users and movies. They never use test ratings, and histories do not
include test pairs.
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
from helpers.baselines import EASE_PENALTY, BiasBaseline, Popularity
from helpers.ranking import relevance_matrix, score_all
from helpers.splits import pairs

LESSONS = Path(__file__).parents[1] / "solutions"
DEFINES = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)
BATCH = 8192


@cache
def _compiled(lesson):
    """Compile only a lesson's imports, functions, classes and constants."""
    source = LESSONS / f"{lesson}.py"
    module = ast.parse(source.read_text(encoding="utf-8"), str(source))
    module.body = [node for node in module.body if _defines(node)]
    return compile(module, str(source), "exec")


def _defines(node):
    if isinstance(node, ast.Assign):
        is_constant = isinstance(node.value, ast.Constant)
        return is_constant and ast.unparse(node.targets[0]).isupper()
    return isinstance(node, DEFINES)


def definitions(lesson, **known):
    """Return a lesson's functions, classes and constants, without running the lesson.

    Parameters
    ----------
    lesson : str
        The name of its file in ``solutions/``, such as ``04_dl_model``.
    **known
        Global variables that its functions use, such as ``train_pairs``.

    Returns
    -------
    dict
        Functions, classes, constants and modules, by name.
    """
    names = {"__name__": lesson, **known}
    exec(_compiled(lesson), names)
    return names


def _known_to_lessons(split):
    """Return the lessons' variables, with a validation part for early stopping."""
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
    """Predict the test ratings, clipped to the scale."""
    guesses = model.predict(pairs(split.test), batch_size=BATCH, verbose=0)[:, 0]
    return np.clip(guesses, *split.movielens.rating_scale[:2]).astype("float32")


def rate_with_biases(split, seed):
    """Predict mean + user bias + movie bias, as in lesson 01."""
    baseline = BiasBaseline().fit(split.train, split.n_users, split.n_movies)
    return baseline.predict(pairs(split.test)).astype("float32")


def rate_with_dot(split, seed):
    """Train lesson 02's matrix factorization, stopped at its best validation epoch."""
    lesson = definitions("02_dot_model", **_known_to_lessons(split))
    keras.utils.set_random_seed(seed)
    model = lesson["build_dot_model"](split.n_users, split.n_movies)
    stop_early = keras.callbacks.EarlyStopping(
        monitor="val_rmse", mode="min", patience=2, restore_best_weights=True
    )
    lesson["train_model"](model, epochs=30, callbacks=[stop_early])
    return _predict(model, split)


def rate_as_taught(split, seed, lesson, build):
    """Build and train a model with a lesson's own functions.

    Parameters
    ----------
    split : benchmarks.splits.BenchSplit
    seed : int
    lesson : str
        The name of its file in ``solutions/``.
    build : str
        The name of its function of n_users, n_movies and the mean rating.
    """
    known = _known_to_lessons(split)
    taught = definitions(lesson, **known)
    keras.utils.set_random_seed(seed)
    mean = float(known["train"]["rating"].mean())
    model = taught[build](split.n_users, split.n_movies, mean)
    taught["train_model"](model)
    return _predict(model, split)


def rate_with_hybrid(split, seed):
    """Train lesson 04's hybrid: biases, dot product and network, with metadata."""
    known = _known_to_lessons(split)
    train = known["train"]
    lesson = definitions("04_dl_model", **known)
    keras.utils.set_random_seed(seed)
    model = lesson["HybridModel"](
        float(train["rating"].mean()), _rated(train, split), *_features(lesson, split)
    )
    lesson["train_hybrid"](model)
    return _predict(model, split)


def rate_with_ordinal_regression(split, seed, n_models=1):
    """Train an ordinal regression model, or average several.

    The number of epochs is chosen on a validation part; then each model is trained on
    all training ratings. The median of the predicted distribution minimises the MAE,
    so it is returned, too.

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
        model = best_models.OrdinalModel(
            lesson["history_vectors"], _rated(train, split), *features, shares
        )
        epochs = best_models.train_ordinal_model(
            model, levels, pairs(train), train["rating"], epochs, validation
        )
        return model, epochs

    train, valid = train_test_split(split.train, test_size=0.1, random_state=0)
    _, epochs = trained(0, train, 40, (pairs(valid), valid["rating"]))
    models = (trained(1 + n, split.train, epochs)[0] for n in range(n_models))
    predicted = np.mean(
        [m.predict(pairs(split.test), batch_size=BATCH, verbose=0) for m in models],
        axis=0,
    )
    return {
        "stars": best_models.expected(predicted, levels),
        "median": best_models.median(predicted, levels),
    }


def rate_with_gaussian_process(split, seed):
    """Add to the biases what a Gaussian process predicts from similar pairs."""
    train, shape = split.train, (split.n_users, split.n_movies)
    baseline = BiasBaseline().fit(train, *shape)
    values = train["rating"].to_numpy() - baseline.predict(pairs(train))
    rated, left_over = _rated(train, split), relevance_matrix(train, *shape, values)
    of_users, of_movies = _features(definitions("04_dl_model"), split)
    predicted = best_models.fit_gaussian_process(
        best_models.similarities(rated, left_over, of_users, 0.15, 0.25, 0.1),
        best_models.similarities(rated.T, left_over.T, of_movies, 0.1, 0.1, 0.2),
        pairs(train),
        values,
    )
    places = split.test["user"], split.test["movie"]
    return (baseline.predict(pairs(split.test)) + predicted[places]).astype("float32")


def rate_with_both(split, seed):
    """Blend the ordinal regression and the Gaussian process, with validated weights."""
    ordinal = rate_with_ordinal_regression(split, seed, n_models=4)["stars"]
    return 0.7 * ordinal + 0.3 * rate_with_gaussian_process(split, seed)


def _rated(train, split):
    rated = np.zeros((split.n_users, split.n_movies), dtype="float32")
    rated[train["user"], train["movie"]] = 1
    return rated


def _features(lesson, split):
    """Return the features of users and movies, as in lesson 04."""
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
    """Score movies by their number of training ratings, as in lesson 05."""
    popularity = Popularity().fit(split.train, split.n_movies)
    return score_all(popularity, split.n_users, split.n_movies).astype("float32")


def rank_with_sampled_negatives(split, seed, epochs=20):
    """Train lesson 05's model of watched movies, with sampled negatives."""
    sizes = {"n_users": split.n_users, "n_movies": split.n_movies}
    lesson = definitions("05_binary", liked_stars=4, **sizes)
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    rated, watched = _rated(split.train, split), pairs(split.train)
    model = lesson["HistoryModel"](rated)
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
    """Train an autoencoder of the users' ratings, with dropout."""
    stars = _stars(split)
    keras.utils.set_random_seed(seed)
    start = (stars.sum(axis=0) + 0.5) / stars.sum()
    model = best_models.build_autoencoder(len(stars), start)
    best_models.train_autoencoder(model, stars)
    return model.predict(stars, verbose=0)


def rank_with_ease(split, seed):
    """Solve lesson 05's EASE, a linear autoencoder."""
    solve = definitions("05_binary", liked_stars=4)["solve_ease"]
    stars = _stars(split)
    return (stars @ solve(stars.astype("float64"), EASE_PENALTY)).astype("float32")


def rank_with_both_autoencoders(split, seed):
    """Add the scores of EASE and the autoencoder, scaled to equal spreads per user."""
    both = [rank(split, seed) for rank in (rank_with_autoencoder, rank_with_ease)]
    return sum(map(_equally_spread, both))


def rank_with_several_autoencoders(split, seed, n_models=4):
    """Add EASE to autoencoders of several random seeds, which count twice together."""
    seeds = range(n_models * seed, n_models * (seed + 1))
    trained = [_equally_spread(rank_with_autoencoder(split, one)) for one in seeds]
    ease = _equally_spread(rank_with_ease(split, seed))
    return 2 * _equally_spread(sum(trained)) + ease


def _equally_spread(scores):
    return scores / (scores.std(axis=1, keepdims=True) + 1e-9)


def rank_next(split, seed, model):
    """Rank each user's next movie with a model of lesson 08.

    Parameters
    ----------
    split : benchmarks.splits.BenchSplit
        With the training ratings in order of time.
    seed : int
    model : str
        The lesson's name for it.
    """
    lesson = definitions("08_sequences", n_rows=split.n_movies + 1)
    of_users = split.train.groupby("user")["movie"]
    histories = [movies.to_numpy() + 1 for _, movies in of_users]
    if model in lesson:
        score = lesson["train"](lesson[model], histories, seed).score_next
    else:
        score = lesson["fit_baselines"](histories)[model]
    return score(histories)[:, 1:]  # the lesson has a row 0, for padding


def _stars(split):
    scaled = split.train["rating"] / 5
    return relevance_matrix(split.train, split.n_users, split.n_movies, scaled)


RATERS = {
    "user + movie bias": rate_with_biases,
    "dot": rate_with_dot,
    "dot + bias": partial(
        rate_as_taught, lesson="03_bias", build="build_dot_bias_model"
    ),
    "deep": partial(rate_as_taught, lesson="04_dl_model", build="build_deep_model"),
    "hybrid": rate_with_hybrid,
    "ordinal regression": rate_with_ordinal_regression,
    "ordinal regression, four averaged": partial(
        rate_with_ordinal_regression, n_models=4
    ),
    "Gaussian process": rate_with_gaussian_process,
    "ordinal regression + Gaussian process": rate_with_both,
}
"""By name: functions of a split and a random seed that return predictions (n_test,)."""

RANKERS = {
    "popularity": rank_by_popularity,
    "sampled negatives": rank_with_sampled_negatives,
    "autoencoder": rank_with_autoencoder,
    "EASE": rank_with_ease,
    "EASE + autoencoder": rank_with_both_autoencoders,
    "EASE + four autoencoders": rank_with_several_autoencoders,
}
"""Functions of a split and a random seed, by name; they return all users' scores."""

SEQUENCERS = {"popularity": rank_by_popularity}
SEQUENCERS |= {
    model: partial(rank_next, model=model)
    for model in ("EASE", "Markov chain", "EASE, last 10", "GRU4Rec", "SASRec")
}
"""As `RANKERS`, for the next movie."""
