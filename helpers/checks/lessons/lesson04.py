"""Lesson 04, deep models: checks."""

import contextlib
import functools
import itertools

import numpy as np
import pandas as pd

from helpers.checks.asserts import (
    ROUNDED,
    NotYet,
    array,
    close,
    close_at,
    diagnose,
    expect,
    has_shape,
    is_array,
    kind,
    number,
    shape_of,
)
from helpers.checks.exercise import Lesson
from helpers.checks.model_asserts import (
    all_pairs,
    build,
    fill_tables,
    has_no_more_weights,
    makes_new_models,
    nothing_is_frozen,
    predicts_the_mean,
    scores_alone,
    some_pairs,
    tables_of,
    three_sizes,
    with_the_defaults,
    works_for_any_batch,
)
from helpers.checks.proxies import Callback, Tensor
from helpers.i18n import gettext, gettext_noop

lesson = Lesson.read("04")
lesson["4.6"].forbidden.append("helpers.histories.history_vectors")


# --- 4.1 ---------------------------------------------------------------------


FACTORS = ("user_factors", "movie_factors")
BENDS = {"tanh": np.tanh, "relu": lambda x: x.clip(min=0), None: lambda x: x}


@lesson["4.1"].part(points=2)
def is_a_network_on_two_vectors(build_deep_model, rng):
    n_users, n_movies, n_factors = three_sizes(rng)
    hidden = rng.permutation([3, 5, 7]).tolist()
    mean = float(rng.uniform(2.1, 2.9))
    keywords = {"activation": "tanh", "dropout": 0.4, "n_factors": n_factors}
    model = build(build_deep_model(n_users, n_movies, mean, hidden=hidden, **keywords))
    tables, stack = _weights_of(model, n_users, n_movies, n_factors, hidden)
    nothing_is_frozen(model)
    _can_learn(tables, stack)
    _set_stack(model, _zeros_like(stack))
    pairs = some_pairs(rng, n_users, n_movies)
    predicts_the_mean(model, mean, pairs)
    tables, stack = fill_tables(model, tables, rng), _fill_stack(model, stack, rng)
    # Without a word about training, as the lesson calls it, and with one, as `predict` does.
    predictions = [
        array(model(pairs, training=training), what="The model")
        for training in (False, None, False, None)
    ]
    expect(
        all(np.allclose(predictions[0], other) for other in predictions[1:]),
        "Asked twice, the model gives two answers: dropout is on while predicting. Leave "
        "`training` alone, and Keras switches it on for training only.",
        predictions[1],
        predictions[3],
    )
    scores_alone(model, pairs)
    _answers_as(model, tables, stack, "tanh", mean)
    penalty = model.penalty()
    reason = (
        "The model adds a penalty to the loss (a regularizer, such as L2). Here dropout is all "
        "that keeps it from overfitting: leave the regularizers out."
    )
    expect(penalty == 0, reason, penalty, 0)
    sizes = sum(weight.size for weights in stack.values() for weight in weights)
    has_no_more_weights(model, (n_users + n_movies) * n_factors + sizes)
    makes_new_models(build_deep_model, (n_users, n_movies, mean))


@lesson["4.1"].part()
def follows_its_activation(build_deep_model, rng):
    n_users, n_movies, n_factors = three_sizes(rng)
    mean = float(rng.uniform(2.1, 2.9))
    # Two layers of one width, and no dropout, as the lesson's next cells want them.
    width = int(rng.integers(4, 9))
    for hidden, activation, keywords in [
        ((width, width + 2, width), "relu", {}),
        ((width, width), None, {"activation": None, "dropout": 0.0}),
    ]:
        keywords["n_factors"] = n_factors
        model = build(build_deep_model(n_users, n_movies, mean, hidden, **keywords))
        tables, stack = _weights_of(model, n_users, n_movies, n_factors, hidden)
        tables = fill_tables(model, tables, rng)
        # So large that ratings leave every scale of stars.
        stack = _fill_stack(model, stack, rng, times=5)
        _answers_as(model, tables, stack, activation, mean)
    pairs = all_pairs(n_users, n_movies)
    reason = "`dropout` was 0, and in training values are dropped all the same."
    expect(np.allclose(model(pairs, training=True), model(pairs), rtol=1e-3), reason)
    if not model.inputs()[0]:  # a class of the student's own
        compiled = works_for_any_batch(model, pairs, where=build_deep_model)
        reason = "Compiled, as in training, the model gives other numbers."
        expect(np.allclose(compiled, model(pairs), rtol=1e-3), reason)


@lesson["4.1"].part()
def drops_while_training(build_deep_model, rng):
    n_users, n_movies, n_factors = three_sizes(rng)
    hidden, share = (5, 8), float(rng.choice([0.36, 0.42]))
    keywords = {"dropout": share, "n_factors": n_factors}
    model = build(build_deep_model(n_users, n_movies, 2.5, hidden, **keywords))
    tables, stack = _weights_of(model, n_users, n_movies, n_factors, hidden)
    pairs = {
        "user": rng.integers(n_users, size=400).astype("int32"),
        "movie": rng.integers(n_movies, size=400).astype("int32"),
    }
    # A single 1 goes through the network, from the vectors or from a hidden layer on. Where it
    # survives it is 1 / (1 - share) to the power of the dropouts on its way.
    ways = [
        _dropouts_on_the_way(model, tables, stack, begin, pairs, share)
        for begin in (*FACTORS, "hidden_1", "hidden_2")
    ]
    expect(
        any(ways),
        "Called with `training=True`, the model drops nothing: is there a `layers.Dropout`, and "
        "does the next layer take what comes out of it?",
    )
    from_user, from_movie, after_first, after_second = ways
    for place, found in {
        "the concatenation (the user's half)": from_user - after_first,
        "the concatenation (the movie's half)": from_movie - after_first,
        "`hidden_1`": after_first - after_second,
        "`hidden_2`": after_second,
    }.items():
        mistakes = {
            "There should be dropout after {place}, and there is none.": found < 1,
            "After {place} values are dropped more than once.": found > 1,
        }
        diagnose(mistakes, gettext("{n} dropouts", n=found), "1", place=place)
    _drops_after_the_activation(build_deep_model, pairs)
    with with_the_defaults():
        model = build(build_deep_model(n_users, n_movies, 2.5))
        tables, stack = _weights_of(model, n_users, n_movies, 32, (64,))
        _dropouts_on_the_way(model, tables, stack, "hidden_1", pairs, 0.3)


def _drops_after_the_activation(build_deep_model, pairs):
    """Check a model whose hidden layer gives sigmoid(0) = 0.5, whatever goes in."""
    n_users, n_movies = int(max(pairs["user"])) + 1, int(max(pairs["movie"])) + 1
    model = build(build_deep_model(n_users, n_movies, 2.5, (3,), "sigmoid", 0.5))
    weights = _zeros_like(_stack_of(model, (3,), 64))
    weights["output"][0][0] = 1
    _set_stack(model, weights)
    found = np.unique(np.round(model(pairs, training=True), 3))
    reason = (
        "Dropout comes before a hidden layer's activation. It should come after it: what is "
        "dropped is a 0 for the next layer."
    )
    expect(len(found) > 1, reason, found, [2.5, 3.5])


def _dropouts_on_the_way(model, tables, stack, begin, pairs, share):
    for name, table in tables.items():
        ones = np.zeros_like(table)
        ones[:, 0] = name == begin
        model.set_weights(name, [ones])
    names, weights = list(stack), _zeros_like(stack)
    weights["output"][1][0] = 0.7
    if begin in stack:
        weights[begin][1][0] = 1
        first = names.index(begin) + 1
    else:
        half = len(weights["hidden_1"][0]) // 2
        weights["hidden_1"][0][half if begin == "movie_factors" else 0, 0] = 1
        first = 1
    for name in names[first:]:
        weights[name][0][0, 0] = 1
    _set_stack(model, weights)
    found = array(model(pairs, training=True), what="The model").ravel() - 2.5 - 0.7
    # More of them than other kinds of noise hit by chance.
    expect(
        np.isclose(found[:, None], [-0.7, -3.2], atol=1e-3).sum() < len(found) / 10,
        "In training whole predictions are dropped: there is dropout after the output, too. "
        "Nothing should come between the output and the mean.",
        found.min() + 3.2,
    )
    alive = found[np.abs(found) > 0.01]
    reason = "Of a 1 that goes in, nothing comes out at the other end in training."
    expect(len(alive) > 0, reason)
    factor = 1 / (1 - share)
    for times in range(6):
        if np.allclose(alive, factor**times, rtol=1e-3):
            return times
    raise NotYet(
        "What training does to the values is not dropout with the share `dropout`. Is a number "
        "typed in, or is it another kind of layer?",
        gettext("what survives is multiplied by {factor}", factor=f"{alive[0]:.3g}"),
        gettext("{factor} for each dropout on its way", factor=f"{factor:.3g}"),
    )


def _weights_of(model, n_users, n_movies, n_factors, hidden):
    """Return the tables and the dense layers' weights by name, and check their sizes."""
    tables = tables_of(model, n_users, n_movies, dict.fromkeys(FACTORS, n_factors))
    return tables, _stack_of(model, hidden, 2 * n_factors)


def _stack_of(model, hidden, n_inputs):
    """Return the dense layers' weights by name, and check their sizes."""
    names = [f"hidden_{place}" for place in range(1, len(hidden) + 1)] + ["output"]
    known = model.layer_names()
    for name in names:
        reason = (
            "There is no layer called `{name}` in the model. Has it another name, or is it "
            "made, but its output not used? Each layer takes what comes out of the one before."
        )
        expect(name in known, reason, ", ".join(known), name, name=name)
    stack = {name: model.weights(name) for name in names}
    for name, weights in stack.items():
        is_dense = [weight.ndim for weight in weights] == [2, 1]
        reason = "`{name}` should be a `Dense` layer with a kernel and a bias."
        shapes = list(map(shape_of, weights))
        expect(is_dense, reason, shapes, "two arrays", name=name)
    *widths, n_out = (len(bias) for _, bias in stack.values())
    are_others, hidden = widths != list(hidden), list(hidden)
    wrong_order = are_others and sorted(widths) == sorted(hidden)
    mistakes = {
        "The hidden layers have the widths of `hidden` in the wrong order: first to last.": wrong_order,
        "The hidden layers should have the widths that `hidden` says.": are_others,
    }
    diagnose(mistakes, widths, hidden)
    expect(n_out == 1, "`output` should give one number for each pair.", n_out, 1)
    reason = (
        "`{name}` takes another number of inputs than it should: both vectors side by side "
        "go into the first layer, and each layer's values into the next."
    )
    for name, n_in in zip(names, [n_inputs, *hidden], strict=True):
        n = len(stack[name][0])
        expect(n == n_in, reason, gettext("{n} inputs", n=n), f"{n_in}", name=name)
    return stack


def _can_learn(tables, stack):
    """Check that training has something to start from."""
    expect(
        any(np.ptp(table) > 1e-9 for table in tables.values()),
        "Both embeddings start with one and the same number everywhere. Then no user differs "
        "from another, and a ReLU behind zeros passes on no gradient: leave the start to Keras.",
    )
    for name, (kernel, _) in stack.items():
        expect(
            name == "output" or np.ptp(kernel) > 1e-9,
            "All weights of `{name}` start at {start}. Then all its units learn the same, or, "
            "from 0, nothing: leave a kernel's start to Keras, which draws it.",
            name=name,
            start=float(kernel.flat[0]),
        )


def _set_stack(model, stack):
    for name, weights in stack.items():
        model.set_weights(name, weights)


def _zeros_like(stack):
    return {name: list(map(np.zeros_like, weights)) for name, weights in stack.items()}


def _fill_stack(model, stack, rng, times=1):
    new = {
        name: [rng.normal(size=weight.shape).astype("float32") for weight in weights]
        for name, weights in stack.items()
    }
    new["output"][0] *= times
    _set_stack(model, new)
    return new


def _answers_as(model, tables, stack, activation, mean):
    """Compare a model with what its weights should make of all pairs."""
    pairs = all_pairs(*(len(tables[name]) for name in FACTORS))
    user = tables["user_factors"][pairs["user"]]
    movie = tables["movie_factors"][pairs["movie"]]

    def network(*vectors, bend=BENDS[activation], at_the_end=BENDS[None], skip=()):
        values = np.hstack(vectors)
        for name, (kernel, bias) in stack.items():
            values = values @ kernel + bias
            if name != "output" and name not in skip:
                values = bend(values)
        return mean + at_the_end(values)

    right = network(user, movie)
    user_twice, movie_twice = network(user, user), network(movie, movie)
    mistakes = {
        "The mean is missing.": right - mean,
        "The mean is added twice.": right + mean,
        "The movie's vector comes first. Put the user's first: exercise 4.2 works "
        "with the weights in this order.": network(movie, user),
        "The user's vector is there twice, the movie's not at all.": user_twice,
        "The movie's vector is there twice, the user's not at all.": movie_twice,
    }
    if activation is not None:
        linear = network(user, movie, bend=BENDS[None])
        bent_at_the_end = network(user, movie, at_the_end=BENDS[activation])
        mistakes |= {
            "There is no activation between the dense layers. Then all of them are one linear "
            "layer: a sum of something of the user and something of the movie, and the two "
            "never interact.": linear,
            "`output` has an activation, too. A deviation in stars may be negative and large: "
            "leave its values as they are.": bent_at_the_end,
        }
        for name in stack:
            text = "`{name}` has no activation; every hidden layer should have one."
            mistakes[gettext(text, name=name)] = network(user, movie, skip={name})
        text = "Only `hidden_1` has an activation; every hidden layer should have one."
        mistakes[text] = network(user, movie, skip=set(list(stack)[1:]))
    text = (
        "The hidden layers bend by {other}, though `activation` was {activation}. Is a "
        "name typed in?"
    )
    for other, bend in BENDS.items():
        explanation = gettext(text, other=other, activation=activation)
        mistakes[explanation] = network(user, movie, bend=bend)
    found = array(model(pairs), right.shape, what="The model", dtype="float32")
    reason = (
        "The weights have the right sizes, but the model makes something else of them than mean "
        "+ network(user vector, movie vector). Which layer takes what comes out of which?"
    )
    close(found, right, reason, mistakes, atol=1e-3)


# --- 4.2 ---------------------------------------------------------------------


@lesson["4.2"].part()
def collapses_a_stack(collapse, rng):
    many = (2 + rng.permutation(6)).tolist()
    square = int(rng.integers(3, 6))
    for widths in (many, many[:3], [*many[2:5], 1], [square] * 4):
        stack = _linear_layers(rng, widths)
        _is_collapsed(collapse, stack, gettext("{n} layers", n=len(stack)))
    stack = _linear_layers(rng, [3, 2])
    reason = "A stack of one layer is a stack, too: it should come back as it is."
    expect(not collapse.error_of(stack), reason, collapse.error_of(stack)[:1])
    _is_collapsed(collapse, stack, "a single layer")


def _linear_layers(rng, widths):
    return [
        (rng.normal(size=(n_in, n_out)), rng.normal(size=n_out))
        for n_in, n_out in zip(widths, widths[1:], strict=False)
    ]


def _is_collapsed(collapse, stack, name):
    found = collapse(stack)
    is_pair = isinstance(found, (tuple, list)) and len(found) == 2
    reason = "`collapse` should return two arrays, the kernel and the bias."
    expect(is_pair, reason, kind(found), "(kernel, bias)")
    is_swapped = [np.ndim(one) for one in found] == [1, 2]
    reason = "Right parts, wrong order: first the kernel, then the bias."
    expect(not is_swapped, reason, "(bias, kernel)", "(kernel, bias)")
    kernels = [one for one, _ in stack]
    kernel = functools.reduce(np.matmul, kernels)
    is_square = len({one.shape for one in kernels}) == 1
    backwards = functools.reduce(np.matmul, kernels[::-1]) if is_square else kernel
    found_kernel = array(found[0], what="The first of the two, the kernel,")
    found_bias = array(found[1], what="The second of the two, the bias,")
    widths = [len(kernels[0]), *(len(bias) for _, bias in stack)]
    reason = (
        "For {layers} of widths {widths} the kernel has the wrong shape. Are *all* layers in "
        "it?"
    )
    has_shape(found_kernel, kernel.shape, reason, layers=name, widths=widths)
    reason = "For {layers} the kernel is not the product of all kernels, first to last."
    mistakes = {
        "The kernels are multiplied in the wrong order. In x W₁ W₂ the first layer's "
        "stands on the left.": backwards,
    }
    close(found_kernel, kernel, reason, mistakes, layers=name)
    # What each layer's bias adds: it has gone through all kernels behind it.
    shares = [
        functools.reduce(np.matmul, [bias, *kernels[place:]])
        for place, (_, bias) in enumerate(stack, start=1)
    ]
    right = sum(shares)
    reason = "For {layers} the bias has the wrong shape."
    has_shape(found_bias, right.shape, reason, layers=name)
    first, last = shares[0], shares[-1]
    without_first, without_last = right - first, right - last
    reason = (
        "For {layers} the kernel is right, the bias is not. Each layer's bias goes through all "
        "kernels *behind* it."
    )
    mistakes = {
        "The kernel is right, the bias is lost: it is all zeros.": right * 0,
        "The bias is that of the last layer alone. The earlier ones go through "
        "the kernels behind them, and do not vanish.": last,
        "Only the first layer's bias is there; each layer adds one of its own.": first,
        "The last layer's bias is missing.": without_last,
        "The first layer's bias is missing: it goes through all other kernels.": without_first,
    }
    close(found_bias, right, reason, mistakes, layers=name)


# --- 4.3 ---------------------------------------------------------------------


def _table_of_scores(values, in_a_column=True):
    """Return a callback that looks up scores in a table, users by movies.

    It takes what a Keras model takes: arrays of row numbers, one for each pair.
    """

    def score(pairs):
        user, movie = np.asarray(pairs["user"]), np.asarray(pairs["movie"])
        for name, rows in (("user", user), ("movie", movie)):
            if rows.ndim != 1 or rows.dtype.kind not in "iu":
                message = gettext(
                    "`{name}` should be an array of whole numbers, shape (n,); it is of "
                    "shape {shape}, {dtype}",
                    name=name,
                    shape=rows.shape,
                    dtype=rows.dtype,
                )
                raise ValueError(message)
        if user.shape != movie.shape:
            message = "{n_user} users and {n_movie} movies make no pairs"
            raise ValueError(gettext(message, n_user=len(user), n_movie=len(movie)))
        scores = values[user, movie]
        return scores[:, None] if in_a_column else scores

    return Callback(score)


@lesson["4.3"].part()
def measures_an_interaction(interaction, rng):
    for sign, in_a_column in [(1, True), (-1, False)]:
        # More rows than a narrow type of integers can count.
        shape = rng.permutation([7, 70_000])
        table = rng.uniform(-1, 1, size=shape)
        users, movies = (_a_low_and_a_high_row(rng, n) for n in shape)
        # Four scores whose differences are all of different sizes, and no round numbers.
        a, b, c, d = rng.permutation([[4.1, 1.2, 2.7, 3.3], [3.2, 0.7, 1.1, 2.9]])[0]
        a, b, c, d = 0.1 * (np.array([a, b, c, d]) + rng.uniform(-0.05, 0.05, size=4))
        a, b, c, d = np.round([a, b, c, d], 3) + [0.0004, 0, 0, 0]
        if sign < 0:
            a, b, c, d = b, a, d, c
        table[users[0], movies], table[users[1], movies] = [a, b], [c, d]
        model = _table_of_scores(table, in_a_column)
        _is_the_interaction(interaction(model, *users, *movies), a, b, c, d)


def _a_low_and_a_high_row(rng, n):
    return rng.permutation([rng.integers(n // 2), rng.integers(n // 2, n)]).tolist()


@lesson["4.3"].part()
def finds_none_in_a_sum(interaction, rng):
    for more in rng.permutation([0, rng.uniform(2, 3), rng.uniform(-3, -2)]):
        sums = rng.normal(size=(7, 1)) + rng.normal(size=11)
        users, movies = _a_low_and_a_high_row(rng, 7), _a_low_and_a_high_row(rng, 11)
        # Whoever says 0 to everything has found nothing.
        sums[users[0], movies[0]] += more
        found = interaction(_table_of_scores(sums), *users, *movies)
        reason = (
            "The check added {more} stars for the first user and the first movie to a sum of a "
            "user bias and a movie bias: the interaction should be exactly that."
        )
        close(number(found, "`interaction`"), more, reason, more=f"{more:.3g}")


@lesson["4.3"].part()
def takes_a_keras_model(interaction, rng):
    model = interaction.make("dot_model", n_users=7, n_movies=11, n_factors=3)
    users, movies = rng.choice(7, 2, replace=False), rng.choice(11, 2, replace=False)
    tables = [rng.normal(size=(n_rows, 3)).astype("float32") for n_rows in (7, 11)]
    for name, table in zip(FACTORS, tables, strict=True):
        model.set_weights(name, [table])
    scores = (tables[0][users] @ tables[1][movies].T).ravel()
    found = interaction(model, *users.tolist(), *movies.tolist())
    _is_the_interaction(found, *scores)


def _is_the_interaction(found, a, b, c, d):
    right = (a - b) - (c - d)
    half, rounded = right / 2, tuple(np.round(right, digits) for digits in range(4))
    without_bracket, both = a - b - c - d, (a - b) + (c - d)
    scores = zip("abcd", (a, b, c, d), strict=True)
    close(
        number(found, "`interaction`"),
        right,
        "That is not how differently the two prefer one movie to the other. The scores are "
        "{a} and {b} for one user, {c} and {d} for the other.",
        mistakes={
            "The size is right, the sign is not: the first user's preference minus the "
            "second's, each for `one_movie` over `other_movie`.": -right,
            "That is the first user's preference. Take off the second's.": a - b,
            "That is the second user's preference. Take it off the first's.": c - d,
            "That compares the two users on one movie only.": a - c,
            "That compares two of the four scores. All four are needed.": a - d,
            "The two preferences are added. Where both users agree, nothing should be left.": both,
            "That is the sum of the scores. Take differences.": a + b + c + d,
            "That is half of it: is there a mean where a difference was meant?": half,
            "A bracket is missing: in a - b - (c - d) the last score is *added*.": without_bracket,
            ROUNDED: rounded,
        },
        **{name: f"{score:.3g}" for name, score in scores},
    )


# --- 4.4 ---------------------------------------------------------------------


@lesson["4.4"].part()
def has_a_column_for_each(multi_hot, rng):
    _is_multi_hot(multi_hot, rng, "|", {})
    _is_multi_hot(multi_hot, rng, "|", {}, an_index_repeats=True)


@lesson["4.4"].part()
def takes_another_separator(multi_hot, rng):
    separator = str(rng.choice([";", "/", ",", "+", "."]))
    _is_multi_hot(multi_hot, rng, separator, {"separator": separator})


def _is_multi_hot(multi_hot, rng, separator, keywords, an_index_repeats=False):
    # Some labels are part of others; "" is in all of them.
    rows = [["War"], ["Star Wars", "Drama"], [], ["Melodrama", "Comedy"], ["Drama"], []]
    rows += [["Film-Noir", "Action", "War"], ["Noir", "musical"]]
    rows += [["MeloDrama", "War", "MeloDrama"]]
    rows = [rows[place] for place in rng.permutation(len(rows))]
    rows = [rng.permutation(row).tolist() for row in rows]
    index = rng.permutation(np.arange(40, 40 + len(rows)))
    if an_index_repeats:
        first, *_, last = [place for place, row in enumerate(rows) if row]
        index[last] = index[first]
    labels = pd.Series([separator.join(row) for row in rows], index=index)
    columns = sorted({label for row in rows for label in row})
    found = multi_hot(labels, **keywords)
    _has_columns(found, columns, separator)
    expect(
        len(found) == len(labels),
        "There should be one row for each text, also for those without labels, and where an "
        "index label comes twice.",
        gettext("{n} rows", n=len(found)),
        f"{len(labels)}",
    )
    expect(
        found.index.tolist() == index.tolist(),
        "The rows should have the index of `labels`, in the same order: they stand beside other "
        "columns later.",
        found.index.tolist(),
        index.tolist(),
    )
    times = np.array([[row.count(label) for label in columns] for row in rows])
    expected = np.minimum(times, 1.0)
    inside = np.array([[label in text for label in columns] for text in labels])
    together = np.array([expected[index == one].max(axis=0) for one in index])
    numbers = array(found.to_numpy(), what="`multi_hot`")
    reason = "Some entries are wrong: 1 where the row has the label, else 0."
    mistakes = {
        "Rows with the same index value got each other's labels, too. An index "
        "need not be unique: go by the rows' positions.": together,
        "A label is found inside another one: “War” in “Star Wars”, “Noir” in "
        "“Film-Noir”. Split the text, and compare whole labels.": inside,
        "A label that stands twice in a text counts twice. 1 says that it is there.": times,
        "0 and 1 are exchanged.": 1 - expected,
    }
    close_at(numbers, expected, reason, mistakes, columns=columns)
    reason = (
        "The numbers are right; as inputs of a network they should be of type float32."
    )
    dtypes = ", ".join(sorted({str(dtype) for dtype in found.dtypes}))
    expect(dtypes == "float32", reason, dtypes, "float32")


def _has_columns(found, columns, separator):
    reason = "`multi_hot` should return a DataFrame, its columns named by the labels."
    expect(isinstance(found, pd.DataFrame), reason, kind(found), "a DataFrame")
    names = [str(name) for name in found.columns]
    are_letters = len(names) > 1 and max(map(len, names)) <= 1
    is_joined = any(separator in name for name in names)
    lower, are_others = [name.lower() for name in names], sorted(names) != columns
    mistakes = {
        "The columns are single letters: the texts were split between any two of them. As a "
        "regular expression “|” means “nothing, or nothing”, which is everywhere: "
        "`regex=False` takes it as it stands.": are_letters and "" in names,
        "The columns are single letters: a text is a sequence of them. Split it first.": are_letters,
        "Some texts have not been taken apart at “{separator}”: that is the separator here.": is_joined,
        "There is a column without a name: splitting an empty text gives one label, “”. An "
        "empty text has none.": "" in names,
        "There should be one column for each label that occurs.": are_others,
        "Capitals and small letters are sorted as one. In the order of Python's `sorted` all "
        "capitals come first.": lower == sorted(lower),
        "The columns should stand in alphabetical order, "
        "that of Python's `sorted`.": names != columns,
    }
    diagnose(mistakes, ", ".join(names), ", ".join(columns), separator=separator)


# --- 4.5 ---------------------------------------------------------------------


@lesson["4.5"].part()
def scales_and_marks(standardise, rng):
    _is_standardised(standardise, _with_gaps(rng), "an array")


@lesson["4.5"].part()
def takes_lists_and_series(standardise, rng):
    values = _with_gaps(rng)
    _is_standardised(standardise, values.tolist(), "a list")
    index = rng.permutation(np.arange(30, 30 + len(values)))
    _is_standardised(standardise, pd.Series(values, index=index), "a Series")
    _is_standardised(standardise, values[~np.isnan(values)], "an array without gaps")


def _with_gaps(rng):
    """Draw sixteen numbers and three gaps.

    One number is exactly 0, some are below; one is exactly the mean, and one is more than
    three deviations away from it.
    """
    while True:
        # In eighths, so that sum and mean are exact.
        most = rng.permutation(np.arange(-30, 31))[:14]
        far = int(rng.integers(150, 170)) * int(rng.choice([-1, 1]))
        far -= int(np.fmod(most.sum() + far, 15))
        mean = (most.sum() + far) // 15
        values = np.append(most, [far, mean])
        z = (values - values.mean()) / values.std()
        zero = most[0]
        is_far_from_zero = abs(zero - mean) > 5 and 1 < np.sum(values < zero) < 13
        if values.mean() != mean or mean in most or not is_far_from_zero:
            continue
        if np.abs(z).max() > 3.2:
            return rng.permutation(np.append((values - zero) / 8, [np.nan] * 3))


def _is_standardised(standardise, given, what):
    values = np.asarray(given, dtype="float64")
    missing = np.isnan(values)
    there = values[~missing]
    found = standardise(given)
    numbers = _two_columns(found, missing)
    right = np.where(missing, 0, (values - there.mean()) / there.std())
    average_too = missing | (np.abs(right) < 1e-9)
    reason = "For {what}: column 1 should be 1 where a value is missing, else 0."
    mistakes = {
        "A value that is exactly the mean has the z-score 0, and it was taken for a missing "
        "one. Ask the values themselves: `np.isnan`.": average_too,
        "A value of 0 was taken for a missing one. "
        "Missing is only what is NaN.": missing | (values == 0),
        "Values of 0 and below were taken for missing ones. "
        "Missing is only what is NaN.": missing | (values <= 0),
        "Column 1 is the wrong way round: 1 is for the missing ones.": ~missing,
        "The columns are exchanged: the z-score comes first.": right,
    }
    close_at(numbers[:, 1], missing.astype(float), reason, mistakes, what=what)
    reason = (
        "For {what}: column 0 is not (value - mean) / standard deviation of the values "
        "that are there."
    )
    mistakes = _mistaken_z(values, missing, right)
    close_at(numbers[:, 0], right, reason, mistakes, what=what)
    array(found, what="`standardise`", dtype="float32")


def _two_columns(found, missing):
    """Return what `standardise` gave, if it is two columns without NaN."""
    n = len(missing)
    expected = gettext("an array of shape {shape}", shape=(n, 2))
    reason = "`standardise` should return a NumPy array."
    expect(is_array(found), reason, kind(found), expected)
    reason = "For {n} values there should be {n} rows of two numbers."
    mistakes = {
        "The two columns lie on their side: one row for each value, please.": (2, n),
    }
    has_shape(found, (n, 2), reason, mistakes, n=n)
    numbers = np.asarray(found, dtype="float64")
    is_nan = np.isnan(numbers)
    whole, there = is_nan.all(axis=0).any(), is_nan[~missing].any()
    mistakes = {
        "A whole column is NaN. The mean of values of which one is NaN is NaN: leave the "
        "missing ones out of it.": whole,
        "Values that are there have become NaN.": there,
        "Where a value is missing there is still NaN; one NaN in a batch, and all weights are. "
        "It should be 0.": is_nan.any(),
    }
    diagnose(mistakes, numbers[:, 0])
    return numbers


def _mistaken_z(values, missing, right):
    there = values[~missing]
    mean, deviation = there.mean(), there.std()
    zeros, imputed = np.where(missing, 0, values), np.where(missing, mean, values)

    def z(mean, deviation):
        return np.where(missing, 0, (values - mean) / deviation)

    all_zeros = (zeros - zeros.mean()) / zeros.std()
    centred, variance = z(mean, 1), there.var()
    ends = z(there.min(), np.ptp(there))
    rounded = tuple(right.round(digits) for digits in range(4))
    cut = {
        gettext(
            "Values far from the mean were cut off at {limit} deviations. Nobody asked for that: "
            "leave the z-scores as they are.",
            limit=f"{limit:g}",
        ): right.clip(-limit, limit)
        for limit in (1, 1.5, 1.96, 2, 2.5, 2.6, 3)
    }
    return {
        "That divides by n - 1: pandas' `std` does, NumPy's divides by n. (`ddof=0` makes pandas "
        "do so, too.)": z(mean, there.std(ddof=1)),
        "The missing values were taken for 0 in mean and deviation. Leave them out of "
        "both.": (all_zeros, z(zeros.mean(), zeros.std())),
        "The missing values were taken for the mean before the deviation was computed, and so it "
        "came out too small. Leave "
        "them out of it.": (z(mean, imputed.std()), z(mean, imputed.std(ddof=1))),
        "The mean is off, but nothing is divided by the standard deviation.": centred,
        **cut,
        ROUNDED: rounded,
        "Nothing was taken off: the mean is still in it.": z(0, deviation),
        "That divides by the variance; the deviation is its root.": z(mean, variance),
        "That runs from 0 to 1. Asked for is the z-score: mean 0, deviation 1.": ends,
        "A missing value should give 0, “nothing special”. Here it was set to 0 before the mean "
        "was taken off, which makes it very special.": (zeros - mean) / deviation,
    }


# --- 4.6 ---------------------------------------------------------------------


@lesson["4.6"].part(points=2)
def sums_without_the_own(history_vectors, rng):
    rated, vectors, who, what = _histories(rng)
    first, second, *_ = np.flatnonzero(rated[who, what])
    # A batch may be a single pair: the model is built by one.
    for places in (slice(None), [first], [second]):
        given = [rated, vectors, who[places], what[places]]
        _are_histories(history_vectors(*map(Tensor, given)), *given)


def _are_histories(found, rated, vectors, who, what):
    own, total, n = _parts_of_histories(rated, vectors, who, what)
    rest, left = total - own * vectors[what], n - own
    always_off, mean = total - vectors[what], rest / np.maximum(left, 1)

    def by_root(values, number):
        return values / np.sqrt(np.maximum(number, 1))

    by_all = by_root(rest, len(vectors))

    close_at(
        _as_histories(found, rated, vectors, who),
        by_root(rest, left),
        "Some histories are wrong: the sum of the vectors of all *other* movies that the user "
        "rated, over the square root of their number.",
        mistakes={
            "It peeks: each pair's own movie is still in its history. `own` says where to take it "
            "off.": by_root(total, n),
            "The own movie is taken off the number, but "
            "not off the sum: it peeks.": by_root(total, left),
            "The own movie is taken off the sum, but "
            "still counted in the number.": by_root(rest, n),
            "The own movie is taken off always. A pair that is not in `rated` has nothing to take "
            "off: that is what `own` is for.": by_root(always_off, n - 1),
            "The own vector is taken off always. A pair that is not in `rated` has nothing to take "
            "off: that is what `own` is for.": by_root(always_off, left),
            "The number goes down by 1 always. It should go down by `own`, which is 0 for a pair "
            "that is not in `rated`.": by_root(rest, n - 1),
            "That is the mean: divided by the number. Asked for is the square root of it.": mean,
            "The sum is right. Divide it by the square root of its number of terms.": rest,
            "You added 1 to the number. “At least 1” is the larger of the two: "
            "`ops.maximum`.": by_root(rest, left + 1),
            "That divides by the number of all movies, rated or not.": by_all,
            "That divides by the number of factors. Count the movies in the "
            "history.": by_root(rest, vectors.shape[1]),
        },
        atol=1e-3,
    )


@lesson["4.6"].part()
def works_in_a_model(history_vectors, rng):
    rated, vectors, who, what = _histories(rng)
    tensors = Tensor(rated), Tensor(vectors)
    found = works_for_any_batch(history_vectors, who, what, constants=tensors)
    _are_histories(found, rated, vectors, who, what)
    own, _, n = _parts_of_histories(rated, vectors, who, what)
    root = np.sqrt(np.maximum(n - own, 1))
    gradient = _gradient_of_histories(history_vectors, *tensors, who, what)
    expect(
        gradient is not None,
        "No gradient comes back to `vectors`, so training would never change them. Use Keras' "
        "operations (`ops.…`) all the way, without NumPy.",
    )
    expect(
        np.isfinite(gradient).all(),
        "The histories are right, but their gradient is NaN, and so would be all weights after "
        "the first step of training. Is something divided by 0, and replaced afterwards? "
        "`ops.where` takes the gradient of both sides.",
        gradient,
    )
    expected = ((rated[who] - own * np.eye(len(vectors))[what]) / root).sum(axis=0)
    expected = np.repeat(expected[:, None], vectors.shape[1], axis=1)
    if not np.allclose(gradient, expected, rtol=1e-4, atol=1e-3):
        left = np.ravel(n > own)
        of_others = _gradient_of_histories(
            history_vectors, *tensors, who[left], what[left]
        )
        expect(
            not np.allclose(of_others, expected, rtol=1e-4, atol=1e-3),
            "The histories are right, but not their gradient by `vectors`, which training goes by: "
            "it is off where nothing is left. Do you divide by a tiny number there? Divide by at "
            "least 1.",
        )
    reason = "The histories are right, but not their gradient by `vectors`, which training goes by."
    close_at(np.asarray(gradient), expected, reason, atol=1e-3)


def _gradient_of_histories(history_vectors, rated, vectors, *pairs):
    given = {"history_vectors": history_vectors, "pairs": tuple(map(Tensor, pairs))}
    given |= {"rated": rated, "vectors": vectors}
    return history_vectors.make("gradient_of_histories", **given)["gradient"]


def _parts_of_histories(rated, vectors, who, what):
    """Return which pairs are in their history, its sum and its number of terms."""
    own = rated[who, what][:, None]
    return own, rated[who] @ vectors, rated[who].sum(axis=1, keepdims=True)


def _histories(rng, sizes=(6, 8)):
    """Draw a matrix, and pairs of all kinds: in it or not, the only one, none at all."""
    n_who, n_what = (int(one) for one in rng.permutation(sizes))
    n_factors = int(rng.integers(2, 6))
    rated = np.zeros((n_who, n_what), "float32")
    users, movies = rng.permutation(n_who), rng.permutation(n_what)
    several, single, nobody, other = users[:4]
    rated[several, movies[:-1]] = 1
    rated[single, movies[0]] = 1
    rated[other, movies[1:]] = 1
    vectors = rng.uniform(0.5, 2.0, size=(n_what, n_factors)).astype("float32")
    vectors *= rng.choice([-1, 1], size=vectors.shape).astype("float32")
    who = [several, several, several, several, other, other, single, single, nobody]
    what = movies[[0, -1, 1, 1, 2, 0, 0, 1, 0]]
    return rated, vectors, *rng.permutation([who, what], axis=1).astype("int32")


def _as_histories(value, rated, vectors, who):
    """Return an array of one row a pair, or say what stands there instead."""
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        expect(
            np.isfinite(value).all(),
            "Somewhere is 0 / 0, or the root of a number below 0: where the own movie was the "
            "only one, nothing is left to count. Divide by the root of *at least 1*, after the "
            "own movie is taken off.",
            np.asarray(value),
        )
    found = array(value, what="`history_vectors`", tensor=True, dtype="float32")
    n_factors = vectors.shape[1]
    reason = "The shape should be (number of pairs, number of factors)."
    mistakes = {
        "That is one row for each user. Each *pair* wants one: "
        "`ops.take(…, who, axis=0)`.": (len(rated), n_factors),
    }
    has_shape(found, (len(who), n_factors), reason, mistakes)
    return found


# --- 4.7 ---------------------------------------------------------------------


BIASES = ("user_bias", "movie_bias")
HISTORIES = ("movie_when_rated", "user_when_rating")
INPUTS = (
    gettext_noop("the user's vector"),
    gettext_noop("the movie's vector"),
    gettext_noop("the product"),
    gettext_noop("the user's features"),
    gettext_noop("the movie's features"),
)


@lesson["4.7"].part(points=3)
def sums_its_parts(HybridModel, rng):
    expect(
        {"type", "Model"} <= set(HybridModel.type_names()),
        "`HybridModel` should be a class that derives from `keras.Model`, as it is given.",
        expected="a subclass of keras.Model",
    )
    _has_its_parts(_Hybrid(HybridModel, rng, []))
    # As many users as movies: what is read from the wrong table exists, and shows.
    _has_its_parts(_Hybrid(HybridModel, rng, ["histories"], sizes=(7, 7)))
    # As in the lesson, the network on ids has features without columns.
    _has_its_parts(_Hybrid(HybridModel, rng, ["network"], n_features=(0, 0)))
    _has_its_parts(_Hybrid(HybridModel, rng, ["histories", "network"]))


def _has_its_parts(hybrid):
    with hybrid.named():
        found = hybrid.ratings()
        if "network" in hybrid.parts:
            # Without a word about training, too, as where the model is just called.
            for again in (hybrid.ratings(), hybrid.ratings(training=None)):
                expect(
                    np.array_equal(again, found),
                    "Asked twice, the model gives two answers: dropout is on while predicting. "
                    "Hand `training` on: `self.dropout(…, training=training)`.",
                    again,
                    found,
                )
        close_at(
            found,
            hybrid.expected(),
            "That is another sum than mean + biases + dot product + network. Compare each part "
            "with the text of the exercise.",
            hybrid.mistakes(),
            atol=1e-3,
        )


@lesson["4.7"].part()
def drops_in_training_only(HybridModel, rng):
    hybrid = _Hybrid(HybridModel, rng, ["network"], all_inputs_are_one=True)
    pairs = {name: rng.choice(rows, 400) for name, rows in hybrid.pairs.items()}
    hybrid.pairs = {name: rows.astype("int32") for name, rows in pairs.items()}
    with hybrid.named():
        found = _dropouts_in_training(hybrid, None)
        mistakes = {
            "With `training=True` nothing is dropped after the hidden layer.": found
            < 1,
            "After the hidden layer values are dropped more than once.": found > 1,
        }
        diagnose(mistakes, gettext("{n} dropouts", n=found), "1")
        for name, start in zip(INPUTS, hybrid.starts(), strict=True):
            found = _dropouts_in_training(hybrid, start) - 1
            mistakes = {
                "With `training=True` nothing of {name} is dropped before the hidden layer. "
                "Dropout follows the concatenation.": found < 1,
                "Before the hidden layer {name} is dropped more than once.": found > 1,
            }
            given = gettext("{n} dropouts", n=found)
            diagnose(mistakes, given, "1", name=gettext(name))


def _dropouts_in_training(hybrid, place):
    """Count the dropouts on the way of a 1 through the network.

    It comes from this place of the network's inputs; from the hidden layer if None.
    """
    hidden, output = (
        [np.zeros_like(one) for one in hybrid.weights[name]]
        for name in ("hidden", "output")
    )
    if place is None:
        hidden[1][0] = 1
    else:
        hidden[0][place, 0] = 1
    output[0][0], output[1][0] = 1, 0.7
    hybrid.set_weights({"hidden": hidden, "output": output})
    without = hybrid.mean + 1 + 0.7  # a dot product of 1
    found = hybrid.ratings(training=True).ravel() - without
    expect(
        found.min() > -1e-3,
        "In training more is dropped than inputs of the network and values of its hidden layer. "
        "Mean, biases, dot product and the network's output stay whole.",
        found.min() + without,
        gettext("at least {value}", value=f"{without:.4g}"),
    )
    alive = found[found > 1e-3]
    reason = "Of a 1 that goes in, nothing comes out at the other end in training."
    expect(len(alive) > 0, reason)
    for times in range(6):
        if np.allclose(alive, 1 / 0.7**times, rtol=1e-3):
            return times
    raise NotYet("What training does to the values is not the dropout of `__init__`.")


@lesson["4.7"].part()
def can_be_trained(HybridModel, rng):
    hybrid = _Hybrid(HybridModel, rng, ["histories", "network"])
    with hybrid.named():
        model, pairs = hybrid.model, hybrid.pairs
        compiled = works_for_any_batch(model, pairs, where=HybridModel)
        reason = "Compiled, as in training, the model gives other numbers."
        close(np.asarray(compiled), hybrid.expected(), reason, atol=1e-3)
        few = {name: rows[::9] for name, rows in pairs.items()}
        scores_alone(model, few)
        found = HybridModel.make("gradients_of_ratings", model=model, pairs=pairs)
        for name, weights in hybrid.weights.items():
            reason = (
                "No gradient reaches `{name}`, so training would never change it. Use Keras' "
                "operations all the way, and layers as they are."
            )
            are_there = all(gradient is not None for gradient in found[name])
            expect(are_there, reason, name=name)
            for place, weight in enumerate(weights):
                way = rng.normal(size=weight.shape)
                ahead, behind = (
                    hybrid.expected(moved={name: (place, step * way)}).sum()
                    for step in (1e-5, -1e-5)
                )
                close(
                    float(np.sum(found[name][place] * way)),
                    (ahead - behind) / 2e-5,
                    "The ratings are right, but not their gradient by `{name}`, which training "
                    "goes by. Is a part cut off from it, by `stop_gradient` or NumPy?",
                    atol=1e-2,
                    rtol=1e-3,
                    name=name,
                )


class _Hybrid:
    """A model of the student's with random weights, and what it should say."""

    def __init__(
        self,
        HybridModel,
        rng,
        parts,
        n_features=None,
        all_inputs_are_one=False,
        sizes=(6, 8),
    ):
        self.parts = parts
        self.rated, *_ = _histories(rng, sizes)
        n_users, n_movies = self.rated.shape
        self.n_factors, *some = (int(n) for n in rng.permutation([3, 4, 5]))
        self.mean = float(rng.uniform(2.1, 2.9))
        self.features = [
            rng.normal(size=shape).astype("float32")
            for shape in zip(self.rated.shape, n_features or some, strict=True)
        ]
        if all_inputs_are_one:
            self.features = [np.ones_like(one) for one in self.features]
        self.pairs = all_pairs(n_users, n_movies)
        n_hidden = int(rng.integers(6, 9))
        with self.named():
            self.model = HybridModel(
                self.mean,
                self.rated if "histories" in parts else None,
                *self.features,
                n_factors=self.n_factors,
                hidden=n_hidden if "network" in parts else 0,
            )
            build(self.model)
            names = [*FACTORS, *BIASES, *(HISTORIES if "histories" in parts else ())]
            if "network" in parts:
                self._takes_all_inputs()
                names += ["hidden", "output"]
            weights = {name: self.model.weights(name) for name in names}
        if all_inputs_are_one:
            for name, (table, *_) in weights.items():
                table[:] = 0
                table[:, 0] = name in FACTORS
        else:
            weights = {
                name: [rng.normal(size=one.shape).astype("float32") for one in some]
                for name, some in weights.items()
            }
        self.weights = {}
        self.set_weights(weights)

    @contextlib.contextmanager
    def named(self):
        """Say of what is not right which parts the model has."""
        texts = {
            (): "Without histories and without a network: {problem}",
            ("histories",): "With histories and without a network: {problem}",
            ("network",): "Without histories and with a network: {problem}",
            ("histories", "network"): "With histories and with a network: {problem}",
        }
        try:
            yield
        except NotYet as problem:
            reason = texts[tuple(self.parts)]
            found, wanted = problem.found, problem.expected
            raise NotYet(reason, found, wanted, problem=problem) from None

    def set_weights(self, weights):
        for name, new in weights.items():
            self.model.set_weights(name, new)
        self.weights |= weights

    def ratings(self, training=False):
        """Return what the model says of the pairs."""
        n = len(self.pairs["user"])
        found = array(
            self.model(self.pairs, training=training),
            what="The model",
            dtype="float32",
        )
        reason = "For n pairs the model should return shape (n, 1)."
        mistakes = {
            "That is a table of all pairs with each other; the model should return shape (n, 1). "
            "(Where shape (n,) meets shape (n, 1), every row is combined with every "
            "other: `keepdims=True`.)": (n, n),
        }
        has_shape(found, (n, 1), reason, mistakes)
        return found

    def sizes(self):
        """Return the number of columns of each of the network's inputs."""
        return [self.n_factors] * 3 + [one.shape[1] for one in self.features]

    def starts(self):
        """Return where each of the network's inputs starts."""
        return np.cumsum([0, *self.sizes()[:-1]])

    def _takes_all_inputs(self):
        weights = self.model.weights("hidden")
        reason = "The model has a network, but `call` does not use its hidden layer."
        expect(weights, reason)
        found, sizes = len(weights[0]), self.sizes()
        missing = sum(sizes) - found
        mistakes = {
            "The features of user and movie are missing among the network's "
            "inputs.": sum(sizes[3:]),
            "One of the vectors or their product is missing among the network's "
            "inputs.": sizes[0],
            "The user's features are missing among the network's inputs.": sizes[3],
            "The movie's features are missing among the network's inputs.": sizes[4],
        }
        mistakes = {text: 0 < missing == n for text, n in mistakes.items()}
        mistakes |= {
            "The hidden layer takes another number of inputs than it should: two vectors, their "
            "product, and the features of user and movie.": missing != 0,
        }
        wanted = gettext("{n} inputs", n=sum(sizes))
        diagnose(mistakes, gettext("{n} inputs", n=found), wanted)

    def histories(self, weights, peeks=False, given=((0, 0, 0), (1, 1, 1))):
        """Return what is added to the users' vectors, and what to the movies'.

        `given` says what `history_vectors` gets for each: 0 for what belongs to a user's
        history, 1 for a movie's, of the matrices, the tables and the orders of a pair.
        """
        pair = self.pairs["user"], self.pairs["movie"]
        tables = [weights[name][0] for name in HISTORIES]
        sums = []
        for matrix, table, order in given:
            rated, vectors = (self.rated, self.rated.T)[matrix], tables[table]
            who, what = pair[:: -1 if order else 1]
            own, total, n = _parts_of_histories(rated, vectors, who, what)
            own = own * (not peeks)
            rest = total - own * vectors[what]
            sums.append(rest / np.sqrt(np.maximum(n - own, 1)))
        return sums

    def expected(
        self,
        add=(1, 1),
        peeks=False,
        in_sum=1,
        in_network=1,
        swapped=False,
        given=((0, 0, 0), (1, 1, 1)),
        moved=None,
        **changed,
    ):
        """Return the ratings that follow from the weights, or from a mistake.

        Parameters
        ----------
        add : how often each history is added
        peeks : whether the own pair is in them
        in_sum, in_network : how often they are added there
        swapped : whether each goes to the other's vector
        given : as for `histories`
        moved : for one layer, which weight to move, and by how much
        **changed : as for `_sum`
        """
        weights = {
            name: [one.astype("float64") for one in some]
            for name, some in self.weights.items()
        }
        for name, (place, step) in (moved or {}).items():
            weights[name][place] = weights[name][place] + step
        rows = self.pairs["user"], self.pairs["movie"]
        bare = [weights[name][0][row] for name, row in zip(FACTORS, rows, strict=True)]
        histories = 0, 0
        if "histories" in self.parts:
            histories = self.histories(weights, peeks, given)
        if swapped:
            histories = histories[::-1]
        vectors, of_network = (
            [
                one + times * n * history
                for one, n, history in zip(bare, add, histories, strict=True)
            ]
            for times in (in_sum, in_network)
        )
        return self._sum(weights, vectors, of_network, **changed)

    def _sum(
        self,
        weights,
        vectors,
        of_network,
        mean=1,
        biases=(1, 1),
        dot=1,
        network=1,
        order=range(5),
        bend=BENDS["relu"],
        third=np.multiply,
    ):
        rows = self.pairs["user"], self.pairs["movie"]
        of_users, of_movies = (
            n * weights[name][0][row]
            for name, row, n in zip(BIASES, rows, biases, strict=True)
        )
        match = np.multiply(*vectors).sum(axis=1, keepdims=True)
        ratings = mean * self.mean + of_users + of_movies + dot * match
        if "network" not in self.parts:
            return ratings
        features = [one[row] for one, row in zip(self.features, rows, strict=True)]
        inputs = [*of_network, third(*of_network), *features]
        values = np.hstack([inputs[place] for place in order])
        (kernel, bias), (kernel_out, bias_out) = weights["hidden"], weights["output"]
        return ratings + network * (
            bend(values @ kernel + bias) @ kernel_out + bias_out
        )

    def mistakes(self):
        """Return what to say of mistakes, and the ratings that each gives."""
        of = self.expected
        mistakes = {
            "The mean is missing.": of(mean=0),
            "The mean is added twice.": of(mean=2),
            "Both biases are missing.": of(biases=(0, 0)),
            "The user's bias is missing.": of(biases=(0, 1)),
            "The movie's bias is missing.": of(biases=(1, 0)),
            "The dot product of the two vectors is missing.": of(dot=0),
        }
        if "histories" in self.parts:
            mistakes |= {
                "The histories are not added to the vectors.": of(add=(0, 0)),
                "The user's history is not added to the user's vector.": of(add=(0, 1)),
                "The movie's history is not added to the movie's vector.": of(
                    add=(1, 0)
                ),
                "Each history is added to the wrong vector: the user's belongs to the user's "
                "vector, the movie's to the movie's.": of(swapped=True),
                "It peeks: the pair's own movie is still in the history. Use your "
                "`history_vectors` of exercise 4.6, which leaves it out.": of(
                    peeks=True
                ),
                "The histories are added twice.": of(add=(2, 2)),
            }
            if len(set(self.rated.shape)) == 1:
                mistakes |= self._mistaken_histories()
        if "network" in self.parts:
            without = of(mean=0, biases=(0, 0), dot=0)
            others = itertools.permutations(range(5))
            mistakes |= {
                "The network's output is not added.": of(network=0),
                "That is the network's output alone. Add it to the sum of the other "
                "parts.": without,
                "The network's output is added twice.": of(network=2),
                "The third input of the network should be the *product* of the two "
                "vectors.": (of(third=np.add), of(third=np.subtract)),
                "The hidden layer has lost its ReLU.": of(bend=BENDS[None]),
                "The network's inputs are in another order: user's vector, movie's vector, "
                "product, user's features, movie's features.": tuple(
                    of(order=order) for order in others
                ),
            }
        if len(self.parts) == 2:
            mistakes |= {
                "The histories are missing in the network's inputs: it should take the "
                "same vectors as the dot product.": of(in_network=0),
                "The histories are missing in the dot product: it should take the same "
                "vectors as the network.": of(in_sum=0),
            }
        return mistakes

    def _mistaken_histories(self):
        """Return the same for what `history_vectors` is given, if all shapes are equal."""
        user, movie = (0, 0, 0), (1, 1, 1)
        others = list(itertools.product((0, 1), repeat=3))
        return {
            "In a movie's history, movie and user change places: `self.rated_by`, "
            "`self.when_rating.embeddings`, movie, user.": self.expected(
                given=(user, (1, 1, 0))
            ),
            "The movie's history gets other things than it should: `self.rated_by`, "
            "`self.when_rating.embeddings`, movie, user.": tuple(
                self.expected(given=(user, other)) for other in others if other != movie
            ),
            "The user's history gets other things than it should: `self.rated`, "
            "`self.when_rated.embeddings`, user, movie.": tuple(
                self.expected(given=(other, movie)) for other in others if other != user
            ),
        }
