"""Lesson 03, biases: checks."""

import numpy as np
import pandas as pd

from helpers.checks.asserts import (
    NotYet,
    array,
    close,
    diagnose,
    expect,
    expect_pair,
    has_shape,
    kind,
    number,
)
from helpers.checks.exercise import Lesson
from helpers.checks.model_asserts import (
    all_pairs,
    build,
    factors_can_learn,
    fill_tables,
    has_named_inputs,
    has_no_more_weights,
    has_penalties,
    is_functional,
    learns_from_each_pair,
    makes_new_models,
    nothing_is_frozen,
    predicts_as_called,
    predicts_the_mean,
    scores_alone,
    some_pairs,
    start_at_zero,
    tables_of,
    three_sizes,
    with_the_defaults,
    zero_tables,
)
from helpers.checks.proxies import FunctionProxy, ModelProxy, Opaque
from helpers.i18n import gettext

lesson = Lesson.read("03")

# --- 3.1 ---------------------------------------------------------------------

PARTS = ["mean", "user_bias", "movie_bias", "rest"]


def _some_ratings(rng, n_users, n_movies):
    """Draw ratings, of the last user and the last movie, too; their labels are no places."""
    n = 12
    place = rng.permutation(n)
    while (place == np.arange(n)).any():
        place = rng.permutation(n)
    user = np.append(rng.integers(12, n_users, size=n - 2), [n_users - 1, 1])
    movie = np.append(rng.integers(12, n_movies, size=n - 2), [2, n_movies - 1])
    columns = {
        "timestamp": rng.integers(10**9, size=n),
        "movie": movie,
        "rating": rng.integers(1, 11, size=n) / 2,
        "user": user,
    }
    return pd.DataFrame(columns, index=place)


@lesson["3.1"].part()
def adds_up(take_apart, rng):
    # Fewer users than movies, and both more than a narrow integer counts.
    n_users, n_movies = int(rng.integers(300, 340)), int(rng.integers(400, 440))
    ratings = _some_ratings(rng, n_users, n_movies)
    mean = float(rng.uniform(2.1, 2.9))
    user_bias, movie_bias = rng.normal(size=n_users), rng.normal(size=n_movies)
    found = take_apart(ratings, mean, user_bias, movie_bias)
    _has_the_parts(found, ratings)
    parts = {}
    for name in PARTS:
        what = gettext("The column `{name}`", name=name)
        parts[name] = array(found[name].to_numpy(), what=what, dtype="float")
    user, movie = ratings["user"].to_numpy(), ratings["movie"].to_numpy()
    rating = ratings["rating"].to_numpy()
    of_user, of_movie = user_bias[user], movie_bias[movie]
    mistakes = {
        "You computed a mean of these ratings. The baseline's `mean` is handed "
        "over.": np.full(len(ratings), rating.mean()),
    }
    reason = "The column `mean` should be the mean that was handed over, in every row."
    close(parts["mean"], np.full(len(ratings), mean), reason, mistakes)
    # pandas would align a Series by its index; this is what comes out then.
    labels = ratings.index.to_numpy()
    for name, bias, rows, other in [
        ("user_bias", user_bias, user, movie_bias),
        ("movie_bias", movie_bias, movie, user_bias),
    ]:
        early, swapped = bias[rows - 1], other[rows.clip(max=len(other) - 1)]
        mistakes = {
            "The right values of `{name}` stand in the wrong rows: pandas put "
            "them by index. An array is put by place.": bias[rows][labels],
            "In the column `{name}`, the index label of each row was used as the "
            "row number of its bias. That number is in `ratings`.": bias[labels],
            "`{name}` is read one row too early: row numbers start at 0.": early,
            "The column `{name}` comes from the other array.": swapped,
        }
        reason = "The column `{name}` has other biases than those of the rows' users and movies."
        close(parts[name], bias[rows], reason, mistakes, name=name)
    rest = rating - mean - of_user - of_movie
    without_mean = rating - mean
    mistakes = {
        "The rest has the wrong sign: it is rating minus the others, positive "
        "where somebody liked a movie more than expected.": -rest,
        "The rest still holds the mean. Take off all three parts.": rest + mean,
        "The rest is still the whole rating. Take off all three parts.": rating,
        "The rest still holds the user bias.": rest + of_user,
        "The rest still holds the movie bias.": rest + of_movie,
        "The rest still holds both biases. Take off all three parts.": without_mean,
    }
    close(parts["rest"], rest, "The four parts do not add up to the rating.", mistakes)


def _has_the_parts(found, ratings):
    """Check the type, the columns and the index of the table."""
    reason = "`take_apart` should return a DataFrame."
    expect(isinstance(found, pd.DataFrame), reason, kind(found), "a DataFrame")
    columns = [str(name) for name in found.columns]
    missing = [name for name in PARTS if name not in columns]
    mistakes = {
        "Columns are missing: {missing}.": missing,
        "The four columns should be the parts, in this order, and nothing "
        "else.": columns != PARTS,
    }
    shown = ", ".join(columns) or "no columns", ", ".join(PARTS)
    diagnose(mistakes, *shown, missing=", ".join(missing))
    reason = "There should be one row for each rating."
    shown = gettext("{n} rows", n=len(found)), f"{len(ratings)}"
    expect(len(found) == len(ratings), reason, *shown)
    expect(
        found.index.equals(ratings.index),
        "The rows should have the index of `ratings`, in its order: further down the parts "
        "stand beside the ratings again.",
        list(found.index),
        list(ratings.index),
    )
    expect(
        not found.isna().any().any(),
        "Some parts are NaN. (pandas puts the values of a Series where the *index* is the same. "
        "An array has none: its values are put by place.)",
        found.columns[found.isna().any()].tolist(),
    )


# --- 3.2 ---------------------------------------------------------------------

BIASES = {"user_bias": 1, "movie_bias": 1}
IN_TRAINING = (
    "In training the model answers something else than when it predicts. Is there a Dropout or "
    "noise on the way? The model of this exercise has none."
)


@lesson["3.2"].part(points=2)
def is_the_bias_model(build_bias_model, rng):
    *sizes, _ = three_sizes(rng, more_rows=300)
    mean = float(rng.uniform(2.1, 2.9))
    model = build(build_bias_model(*sizes, mean))
    has_named_inputs(model)
    reason = (
        "The rating should be mean + user bias + movie bias. Raise one bias by 0.5, and the "
        "predictions of that user or movie should rise by 0.5, all others stay."
    )
    tables = _adds_its_parts(model, mean, sizes, BIASES, rng, reason)
    learns_from_each_pair(build_bias_model, model, tables, rng)
    makes_new_models(build_bias_model, (*sizes, mean))


@lesson["3.2"].part()
def has_the_penalty_on_both(build_bias_model, rng):
    *sizes, _ = three_sizes(rng)
    l2 = float(rng.uniform(0.05, 0.2))
    model = build_bias_model(*sizes, 2.5, l2=l2)
    has_penalties(model, rng, sizes, BIASES, dict.fromkeys(BIASES, ("l2", l2)))
    with with_the_defaults():
        model = build_bias_model(*sizes, 2.5)
        has_penalties(model, rng, sizes, BIASES, dict.fromkeys(BIASES, ("l2", 5e-5)))


def _adds_its_parts(model, mean, sizes, columns, rng, reason):
    """Check a model of a mean, biases and perhaps factors; return its new tables."""
    tables = tables_of(model, *sizes, columns)
    nothing_is_frozen(model, tables)
    start_at_zero(tables, BIASES)
    factors = [name for name in columns if name not in BIASES]
    if factors:
        factors_can_learn(tables, factors)
    pairs = some_pairs(rng, *sizes)
    zero_tables(model, tables)
    predicts_the_mean(model, mean, pairs)
    new = fill_tables(model, tables, rng)
    scores_alone(model, pairs)
    pairs = all_pairs(*sizes)
    rows = {name: new[name][pairs[name.partition("_")[0]]] for name in columns}
    of_user, of_movie = rows["user_bias"], rows["movie_bias"]
    right, slips = mean + of_user + of_movie, {}
    if factors:
        match, slips = _match(rows["user_factors"], rows["movie_factors"], right)
        right = right + match
    slips = _slips_with_biases(mean, of_user, of_movie, right) | slips
    close(array(model(pairs), what="The model"), right, reason, slips)
    training = array(model(pairs, training=True), what="The model in training")
    close(training, right, IN_TRAINING)
    has_no_more_weights(model, sum(table.size for table in new.values()))
    predicts_as_called(model, pairs)
    return new


def _match(users, movies, biased):
    """Return the dot products, and what a rating with other products comes to."""
    match = (users * movies).sum(axis=1, keepdims=True)
    cosine = match / np.linalg.norm(users, axis=1, keepdims=True)
    cosine /= np.linalg.norm(movies, axis=1, keepdims=True)
    mean = biased + match / users.shape[1]
    return match, {
        "In it is the cosine of the vectors (`normalize=True`?). The plain product is "
        "asked for.": biased + cosine,
        "In it is the mean of the factors' products, not the sum.": mean,
    }


def _slips_with_biases(mean, of_user, of_movie, right):
    """List what a sum of these parts comes to where one goes wrong."""
    biases, product = of_user + of_movie, of_user * of_movie
    scaled, match = right - mean, right - mean - biases
    positive, averaged = mean + scaled.clip(min=0), mean + biases / 2
    slips = {
        "The mean is missing.": scaled,
        "The mean is added twice.": right + mean,
        "The user bias is missing from the rating.": right - of_user,
        "The movie bias is missing from the rating.": right - of_movie,
        "Both biases are missing from "
        "the rating: they have tables and do nothing.": right - biases,
        "The two biases are multiplied. They should be added.": mean + match + product,
        "The movie bias is taken off instead of added.": right - 2 * of_movie,
        "The user bias is taken off instead of added.": right - 2 * of_user,
        "The deviation is *multiplied* by the mean: the first argument of `Rescaling` "
        "is a factor, `offset` is what it adds.": mean * scaled,
        "The deviation is multiplied by the mean, too: the first argument of "
        "`Rescaling` is a factor, and should be 1.": mean + mean * scaled,
        "There is a ReLU in it: a deviation may be negative.": positive,
    }
    if np.allclose(match, 0, atol=1e-4):
        return slips | {
            "The two biases are averaged. They should be added, with `layers.Add()`.": averaged,
        }
    return slips | {
        "The dot product is missing from the rating.": right - match,
        "The biases are multiplied with the dot product. All parts should be "
        "added.": mean + biases * match,
    }


# --- 3.3 ---------------------------------------------------------------------


@lesson["3.3"].part()
def says_what_stays(share_that_stays, rng):
    # Well away from 0.5, where what stays is as much as what goes, and with training sets
    # far from the example's and its half.
    for times in (rng.uniform(1.6, 4.0), rng.uniform(0.15, 0.5)):
        n_train, n = int(rng.integers(20_000, 35_000)), int(rng.integers(10, 40))
        imaginary = n / times
        l2 = float(imaginary / n_train)
        found = number(share_that_stays(l2, n, n_train), "`share_that_stays`")
        share = n / (n + imaginary)
        reason = (
            "All or nothing? For an L2 of {l2} and {n} ratings some of it stays. (`//` cuts off "
            "all behind the point.)"
        )
        given = {"l2": f"{l2:.3g}", "n": n, "n_train": n_train}
        expect(found not in (0.0, 1.0), reason, found, share, **given)
        is_rounded = any(found == round(share, digits) for digits in range(3, 7))
        reason = "The share is right, but rounded. Return it as it is: rounding is for printing."
        expect(not is_rounded, reason, repr(found), f"{share:.8f}")
        no_number = n / (n + l2), n / (n + l2 * n)
        half, of_all = n / (n + imaginary / 2), n / n_train
        gone, of_one, of_example = 1 - share, 1 / (1 + imaginary), n / (n + l2 * 1e5)
        mistakes = {
            "That is what is taken away. Asked for is the share that stays.": gone,
            "That is in per cent. Return a share from 0 to 1.": 100 * share,
            "That is the number of imaginary ratings, ℓ·N. Go on from there.": imaginary,
            "Nearly all of it stays, because an L2 is no number of ratings. The loss is a *mean* "
            "over all training ratings: with how many has the L2 to be multiplied?": no_number,
            "A factor of 2 too much: the derivative of both squares has it, so it "
            "cancels.": n / (n + 2 * imaginary),
            "A factor of 2 is missing: the derivative of both squares has it, so it "
            "cancels.": half,
            "That is the movie's share of all ratings. But only its own n pull at this "
            "bias, against the imaginary ones.": of_all,
            "That is right for a movie with a single rating. Where is n?": of_one,
            "100,000 was the example's training set. Use `n_train`.": of_example,
        }
        reason = (
            "For an L2 of {l2}, {n} ratings of the movie and {n_train} in the training set, "
            "another share of the bias stays. How many imaginary ratings are there?"
        )
        close(found, share, reason, mistakes, atol=2e-4, **given)


# --- 3.4 ---------------------------------------------------------------------

FACTORS = ("user_factors", "movie_factors")


@lesson["3.4"].part(points=2)
def is_the_dot_bias_model(build_dot_bias_model, rng):
    *sizes, n_factors = three_sizes(rng, more_rows=300)
    mean = float(rng.uniform(2.1, 2.9))
    model = build(build_dot_bias_model(*sizes, mean, n_factors))
    is_functional(model)
    has_named_inputs(model)
    columns = BIASES | dict.fromkeys(FACTORS, n_factors)
    reason = (
        "The rating should be mean + user bias + movie bias + dot product. Raise one bias by "
        "0.5, and the predictions of that user or movie should rise by 0.5, all others stay."
    )
    tables = _adds_its_parts(model, mean, sizes, columns, rng, reason)
    learns_from_each_pair(build_dot_bias_model, model, tables, rng)
    _can_be_cut_apart(build_dot_bias_model, model, tables)
    makes_new_models(build_dot_bias_model, (*sizes, mean, n_factors))


@lesson["3.4"].part()
def has_both_penalties(build_dot_bias_model, rng):
    *sizes, n_factors = three_sizes(rng)
    l2, bias_l2 = rng.permutation([0.07, 0.3]).tolist()

    def are_penalised(model, n_factors, l2, bias_l2):
        columns = BIASES | dict.fromkeys(FACTORS, n_factors)
        expected = dict.fromkeys(BIASES, ("bias_l2", bias_l2))
        expected |= dict.fromkeys(FACTORS, ("l2", l2))
        has_penalties(model, rng, sizes, columns, expected)

    model = build_dot_bias_model(*sizes, 2.5, n_factors, l2=l2, bias_l2=bias_l2)
    are_penalised(model, n_factors, l2, bias_l2)
    with with_the_defaults():
        are_penalised(build_dot_bias_model(*sizes, 2.5), 64, 1.5e-4, 5e-5)


def _can_be_cut_apart(build_dot_bias_model, model, tables):
    """Check that the lesson can make models of parts of this one, as it does in the end."""
    names = ["movie_bias", "movie_factors"]
    movies = np.arange(3, dtype="int32")
    try:
        parts = build_dot_bias_model.make(
            "split_outputs", model=model, names=names, movies=movies
        )
    except NotYet as problem:
        raise NotYet(
            "Further down the lesson makes models that lead from the movie to one of the layers. "
            "With this model that fails. {problem}",
            problem=problem,
        ) from None
    for name in names:
        reason = (
            "The inputs should have the shape `()`, one row number for each pair: for {n} "
            "movies the layer `{name}` does not return the shape of its rows."
        )
        shape = tables[name][movies].shape
        has_shape(parts[name], shape, reason, n=len(movies), name=name)


# --- 3.5 ---------------------------------------------------------------------


@lesson["3.5"].part()
def finds_both_ends(extreme_movies, rng):
    _finds_both_ends(extreme_movies, rng, 13, {"n": int(rng.integers(3, 6))})


@lesson["3.5"].part()
def finds_eight_by_default(extreme_movies, rng):
    _finds_both_ends(extreme_movies, rng, 21, {})
    _stops_at_n(extreme_movies, rng)


def _finds_both_ends(extreme_movies, rng, n_movies, keywords):
    n = keywords.get("n", 8)
    # As many users as movies: the users' biases would fit the titles, too.
    sizes = {"n_users": n_movies, "n_movies": n_movies, "n_factors": 3}
    model = extreme_movies.make("dot_bias_model", **sizes)
    # No ties, and more below zero than above: large is not the same as far from zero.
    bias = rng.permutation(np.linspace(-1.9, 1.4, n_movies)).astype("float32")
    others = rng.permutation(np.linspace(-1.7, 1.5, n_movies)).astype("float32")
    model.set_weights("movie_bias", [bias[:, None]])
    model.set_weights("user_bias", [others[:, None]])
    numbers = rng.permutation(n_movies)
    titles = np.array([gettext("Movie {number}", number=one) for one in numbers])
    upwards = np.argsort(bias)
    # Two different movies may have one title: the best and one in the middle, the worst and
    # its neighbour.
    titles[upwards[n_movies // 2]] = titles[upwards[-1]]
    titles[upwards[1]] = titles[upwards[0]]
    found = extreme_movies(model, titles, **keywords)
    _are_two_series(found, n)
    for name, series in zip(("best", "worst"), found, strict=True):
        _is_one_end(name, series, bias, others, titles, n)


def _stops_at_n(extreme_movies, rng):
    """Check that n movies come back where the n-th bias is that of other movies, too."""
    sizes = {"n_users": 13, "n_movies": 13, "n_factors": 3}
    model = extreme_movies.make("dot_bias_model", **sizes)
    bias = rng.permutation([-1.5, -1.25, *[0.0] * 9, 0.75, 1.0]).astype("float32")
    model.set_weights("movie_bias", [bias[:, None]])
    titles = np.array([gettext("Movie {number}", number=one) for one in range(13)])
    found = extreme_movies(model, titles, n=4)
    for name, series in zip(("best", "worst"), found, strict=True):
        reason = (
            "`{name}` should have {n} movies, also where several movies have the last one's bias "
            "(0, if nobody rated them): any of those will do."
        )
        expect(len(series) == 4, reason, f"{len(series)}", "4", name=name, n=4)
        upwards = np.sort(bias)
        expected = upwards[:4] if name == "worst" else upwards[::-1][:4]
        reason = "`{name}` has other biases than it should where several movies have the same one."
        values = array(series.to_numpy(), what=f"`{name}`")
        close(values, expected, reason, name=name)


def _are_two_series(found, n):
    reason = "`extreme_movies` should return two Series, `best` and `worst`."
    expect_pair(found, reason, "a tuple of two Series")
    reason = "Both answers should be a pandas.Series of biases, with the titles as its index."
    shown = [kind(series) for series in found], "two Series"
    expect(all(isinstance(series, pd.Series) for series in found), reason, *shown)
    for name, series in zip(("best", "worst"), found, strict=True):
        reason = "`{name}` should have {n} movies."
        if series.index.has_duplicates:
            reason = (
                "`{name}` should have {n} movies. (Two different ones may share a title, here as "
                "in MovieLens: looking a title up finds both.)"
            )
        expect(len(series) == n, reason, f"{len(series)}", f"{n}", name=name, n=n)


def _is_one_end(name, series, bias, others, titles, n):
    """Check one of the two lists, `best` or `worst`."""
    upwards, of_users = np.argsort(bias), np.sort(others)
    rows, other_end, of_users = upwards[:n], upwards[::-1][:n], of_users[:n]
    reason = "`{name}` has other biases than the {n} lowest of the layer `movie_bias`."
    turned = (
        "`{name}` has the right movies downwards; it should go from the lowest upwards."
    )
    if name == "best":
        rows, other_end, of_users = other_end, rows, np.sort(others)[::-1][:n]
        reason = (
            "`{name}` has other biases than the {n} highest of the layer `movie_bias`."
        )
        turned = "`{name}` has the right movies upwards; it should go from the highest downwards."
    furthest, first, last = bias[np.argsort(-np.abs(bias))[:n]], bias[:n], bias[-n:]
    exchanged = bias[other_end], bias[other_end[::-1]]
    of_others = of_users, of_users[::-1]
    is_rows = [str(title) for title in series.index] == [str(row) for row in rows]
    found = array(series.to_numpy(), what=f"`{name}`", dtype="float")
    mistakes = {
        turned: bias[rows[::-1]],
        "`best` and `worst` are exchanged.": exchanged,
        "Those are the biases furthest from zero. High and low are two lists.": furthest,
        "Those are the first {n} movies of the table. Sort them before you cut.": first,
        "Those are the last {n} movies of the table. Sort them before you cut.": last,
        "Those are the *users'* biases. A number (`model.layers[…]`) finds another "
        "layer in another model; the name finds the movies'.": of_others,
    }
    close(found, bias[rows], reason, mistakes, name=name, n=n)
    shown, expected = [str(title) for title in series.index], titles[rows].tolist()
    mistakes = {
        "`{name}` has the biases, but row numbers instead of titles.": is_rows,
        "The biases of `{name}` are right, and other movies' titles stand beside them. "
        "Sort titles and biases together.": shown != expected,
    }
    diagnose(mistakes, shown, expected, name=name)


# --- 3.6 ---------------------------------------------------------------------


@lesson["3.6"].part()
def finds_the_flattered(flattered_user, rng):
    tables, expected, misread = _tables_that_tell(rng)
    found = [_one_user(flattered_user, *table) for table in tables]
    mistakes = {
        **{explanation: found == users for explanation, users in misread.items()},
        "For {n} tables of users that is not always the one whose mean flatters them most. "
        "(Rows of `train` are in any order: does each mean meet the bias of the same "
        "user?)": found != expected,
    }
    diagnose(mistakes, found, expected, n=len(tables))


def _deviation(train, mean):
    return _by_user(train).mean() - mean


def _flattery(train, mean, bias):
    return _deviation(train, mean) - bias


def _by_user(train):
    return train.groupby("user")["rating"]


def _sum_of_deviations(train, mean, bias):
    return (train["rating"] - mean).groupby(train["user"]).sum() - bias


# What other measures find, each of them largest for its user.
MISREADINGS = {
    "Those are the users with the highest mean. Their bias is high as well: they are generous, "
    "not flattered.": lambda train, *_: _by_user(train).mean(),
    "Those are the users with the lowest bias. Their mean is low as well: it says the "
    "same.": lambda train, mean, bias: pd.Series(-bias),
    "That is the opposite: the users whose mean makes them look *stricter* than they are. Which "
    "way round is the difference?": lambda *table: -_flattery(*table),
    "Those are the users with the largest differences in either direction. The exercise asks for "
    "the one whose deviation is *above* the "
    "bias.": lambda *table: abs(_flattery(*table)),
    "Those are the users with the largest sums of deviations. Compare means.": _sum_of_deviations,
    "Those are the users of a single rating far above the bias. Take each user's mean "
    "first.": lambda train, mean, bias: _by_user(train).max() - bias,
    "That is right for the median. The mean is asked for.": lambda train, mean, bias: (
        _by_user(train).median() - bias
    ),
    "Those are the users with the largest ratio of deviation and bias. The exercise asks for the "
    "largest difference.": lambda train, mean, bias: _deviation(train, mean) / bias,
    "Those are the users with the smallest ratio of bias and deviation. The exercise asks for the "
    "largest difference.": lambda train, mean, bias: -bias / _deviation(train, mean),
}


def _tables_that_tell(rng):
    """Draw tables of users until each misreading finds others than all the rest do."""
    while True:
        # One has more users than a narrow integer counts.
        sizes = rng.permutation([*rng.integers(12, 40, size=7), 300]).tolist()
        tables = [_users_and_biases(rng, n_users) for n_users in sizes]
        expected = [int(_flattery(*table).idxmax()) for table in tables]
        misread = {
            explanation: [int(measure(*table).idxmax()) for table in tables]
            for explanation, measure in MISREADINGS.items()
        }
        known = {tuple(users) for users in [expected, *misread.values()]}
        if len(known) == len(misread) + 1:
            return tables, expected, misread


def _users_and_biases(rng, n_users):
    """Draw ratings of users, and biases, so that some are flattered nearly alike.

    Rows are in any order, with labels that are no users. The most flattered has one of the
    largest numbers; another user is flattered least, by about as much.
    """
    user = rng.permutation(np.repeat(range(n_users), rng.integers(1, 25, n_users)))
    stars = rng.normal(rng.normal(3.4, 0.6, size=n_users)[user], 0.9).clip(0.5, 5)
    columns = {
        "movie": rng.integers(30, size=len(user)),
        "user": user,
        "rating": np.round(2 * stars) / 2,
    }
    train = pd.DataFrame(columns, index=rng.permutation(len(user)) + 1000)
    mean = float(train["rating"].mean())
    first = int(rng.integers(max(0, n_users - 40), n_users))
    others = rng.permutation(np.delete(np.arange(n_users), first))
    most = rng.uniform(0.8, 1.1)
    near, least = most - 0.004 * np.arange(6), -rng.uniform(0.5, 1.4)
    rest = rng.normal(scale=0.25, size=n_users - 7).clip(-0.4, most - 0.1)
    flattery = np.empty(n_users)
    flattery[[first, *others]] = [*near, least, *rest]
    deviation = train.groupby("user")["rating"].mean().to_numpy() - mean
    return train, mean, deviation - flattery


def _one_user(flattered_user, train, mean, bias):
    value = flattered_user(train, mean, bias)
    found = number(value, "`flattered_user`")
    difference = _flattery(train, mean, bias)
    is_difference = np.isclose(found, [difference.max(), difference.min()], atol=1e-4)
    reason = "That is how much, not who. Return the user: the *place* of the largest difference."
    shown = found, int(difference.idxmax())
    expect(float(found).is_integer() or not is_difference.any(), reason, *shown)
    found = number(value, "`flattered_user`", whole=True)
    shown = found, gettext("a row number from 0 to {last}", last=len(bias) - 1)
    expect(0 <= found < len(bias), "That is no user of this table.", *shown)
    return found


# --- 3.7 ---------------------------------------------------------------------


@lesson["3.7"].part()
def gives_the_rows(movie_part, rng):
    n_users, n_movies, n_factors = three_sizes(rng, more_rows=300)
    model = movie_part.make(
        "dot_bias_model", n_users=n_users, n_movies=n_movies, n_factors=n_factors
    )
    rows = np.concatenate([rng.permutation(n_movies), [0]]).astype("int32")
    for name in rng.permutation(["movie_bias", "movie_factors"]).tolist():
        n_columns = 1 if name == "movie_bias" else n_factors
        table = rng.normal(size=(n_movies, n_columns)).astype("float32")
        model.set_weights(name, [table])
        part = movie_part(model, name)
        _is_model_of_movies(part)
        # As the lesson asks it, more than one batch; then as another model would.
        found = array(part.predict(rows), what="The part")
        reason = "For {n} movies the part up to `{name}` should return {n} rows of {columns}."
        values = {"n": len(rows), "name": name, "columns": n_columns}
        has_shape(found, (len(rows), n_columns), reason, **values)
        own = part.weights(name) if name in part.layer_names() else []
        is_own = len(own) == 1 and own[0].shape == table.shape
        mistakes = (
            {
                "That part has new layers, with weights of their own (`clone_model`?). Use the layer "
                "of `model` itself, by its `output`.": own[0][rows],
            }
            if is_own
            else {}
        )
        reason = "Those are not the rows of `{name}`."
        close(found, table[rows], reason, mistakes, name=name)
        model.set_weights(name, [table + 1])
        reason = (
            "That part is a copy: when the whole model was trained further, it kept the old "
            "weights. Use the layer itself, by its `output`."
        )
        close(array(part(rows), what="The part"), table[rows] + 1, reason)


def _is_model_of_movies(part):
    is_layer = isinstance(part, FunctionProxy) and "Layer" in part.type_names()
    is_tensor = isinstance(part, Opaque) and part.type_name == "KerasTensor"
    mistakes = {
        "Those are the weights themselves. A *model* is asked for, which takes row numbers "
        "and answers with rows.": isinstance(part, np.ndarray | list),
        "That is the layer itself. A *model* is asked for: `keras.Model(…, …)`, from the "
        "movie's input to the layer's output.": is_layer,
        "That is the tensor where the part ends. `keras.Model(…, …)` makes a model of where "
        "it begins and where it ends.": is_tensor,
        "`movie_part` should return a Keras model.": not isinstance(part, ModelProxy),
    }
    diagnose(mistakes, kind(part), "a keras.Model")
    _, names = part.inputs()
    reason = (
        "The part still wants to know the user. A movie's row depends on the movie alone: "
        'begin at `model.input["movie"]`.'
    )
    expect("user" not in names, reason, ", ".join(names), "movie")
