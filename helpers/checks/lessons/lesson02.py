"""Lesson 02, matrix factorization: checks."""

import numpy as np

from helpers.checks.asserts import (
    NotAttempted,
    NotYet,
    array,
    close,
    diagnose,
    expect,
    expect_no_error,
    has_shape,
    kind,
    number,
    shape_of,
)
from helpers.checks.exercise import Lesson
from helpers.checks.model_asserts import (
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
    one_table,
    predicts_as_called,
    scores_alone,
    some_pairs,
    tables_of,
    three_sizes,
    with_the_defaults,
    works_for_any_batch,
)
from helpers.checks.proxies import (
    Callback,
    FunctionProxy,
    ModelProxy,
    Tensor,
)
from helpers.i18n import gettext

lesson = Lesson.read("02")

# --- 2.1 ---------------------------------------------------------------------


def _tables_and_rows(rng):
    """Draw tables and row numbers: repeated, and in no order.

    There are more of them than columns, and another number of them than rows. The last
    row is asked for in one table only; one has more rows than a narrow integer counts.
    """
    drawn = []
    few, as_few, many = *rng.integers(5, 10, size=2), rng.integers(300, 400)
    for n_rows, last in [(few, True), (as_few, False), (many, True)]:
        known = rng.permutation(n_rows - 1)[:4]
        rows = np.array([*np.sort(known)[::-1], 0, *known[:2], 0])
        if last:
            rows[rng.integers(4)] = n_rows - 1
        if len(rows) == n_rows:
            rows = np.append(rows, 1)
        drawn.append((rng.normal(size=(n_rows, int(rng.integers(2, 5)))), rows))
    return [drawn[place] for place in rng.permutation(len(drawn))]


@lesson["2.1"].part()
def looks_up(look_up, rng):
    for table, rows in _tables_and_rows(rng):
        _same_rows(look_up(table, rows), table, rows, "look_up")


@lesson["2.1"].part()
def multiplies(multiply_one_hot, rng):
    for table, rows in _tables_and_rows(rng):
        _same_rows(multiply_one_hot(table, rows), table, rows, "multiply_one_hot")
    # Only a product adds up: −0 + 0 is 0. One that is no sparse product also has 0 · ∞,
    # which is no number.
    table, rows = _tables_and_rows(rng)[0]
    once, never = len(table), len(table) + 1  # more rows: asked for once, not at all
    table, rows = np.abs(table), np.append(rows, once)
    table = np.vstack([table, *table[:2]])
    table[rows[0]] = -0.0
    table[[once, never], [0, 1]] = np.inf
    product = np.asarray(multiply_one_hot(table, rows), dtype="float64")
    with np.errstate(invalid="ignore"):
        dense = np.eye(len(table))[rows] @ table
    is_dense = np.allclose(product, dense, equal_nan=True)
    is_sparse = np.allclose(product, table[rows], equal_nan=True)
    below_zero = np.signbit(product) & (product == 0)
    differs = below_zero | ~np.isclose(product, dense, equal_nan=True)
    place = int(differs.any(axis=1).argmax())
    row = int(rows[place])
    expect(
        (is_dense or is_sparse) and not below_zero.any(),
        "`multiply_one_hot` does not return what a product returns where the table holds −0.0 "
        "(the sum of a product is 0.0) or an infinity (0 · ∞ is NaN). Build the one-hot "
        "vectors and multiply them with the table.",
        gettext("row {row}: {value}", row=row, value=product[place].tolist()),
        gettext("row {row}: {value}", row=row, value=dense[place].tolist()),
    )


def _same_rows(found, table, rows, name):
    found = array(found, what=f"`{name}`")
    shape = len(rows), table.shape[1]
    is_turned, is_other = found.shape == shape[::-1], found.shape != shape
    mistakes = {
        "`{name}` returns the rows transposed. Each row number should give one row.": is_turned,
        "`{name}` should return one row of the table for each row number.": is_other,
    }
    text = "shape {shape}, for {n_rows} row numbers and {n_factors} factors"
    wanted = gettext(text, shape=shape, n_rows=shape[0], n_factors=shape[1])
    diagnose(mistakes, shape_of(found), wanted, name=name)
    reason = "`{name}` returned other rows than those asked for: {rows}."
    mistakes = {
        "`{name}` is off by "
        "one: rows are numbered from 0, so row 0 is the first.": table[rows - 1],
        "`{name}` returns the right rows in another order.": table[np.sort(rows)],
    }
    close(found, table[rows], reason, mistakes, name=name, rows=rows.tolist())


# --- 2.2 ---------------------------------------------------------------------


@lesson["2.2"].part()
def scores_each_pair(score_pairs, rng):
    n, n_factors = (int(size) for size in rng.permutation(np.arange(4, 9))[:2])
    users, movies = rng.normal(size=(2, n, n_factors)).astype("float32")
    found = score_pairs(Tensor(users), Tensor(movies))
    found = array(found, what="`score_pairs`", tensor=True, dtype="float32")
    pairs = (users * movies).sum(axis=1, keepdims=True)
    sums = (users + movies).sum(axis=1, keepdims=True)
    _is_a_column_of_scores(found, pairs, n_factors)
    lengths = np.linalg.norm(users, axis=1) * np.linalg.norm(movies, axis=1)
    mean, cosine = pairs / n_factors, pairs / lengths[:, None]
    close(
        found,
        pairs,
        "The shape is right, the numbers are not: a score is the sum of the products of the "
        "two vectors' numbers.",
        mistakes={
            "You took the mean over the factors; a dot product is the sum.": mean,
            "You added the two vectors; a dot product multiplies them first.": sums,
            "That is the cosine. Here the vectors keep their lengths.": cosine,
        },
    )
    alone = score_pairs(Tensor(users[:1]), Tensor(movies[:1]))
    alone = array(alone, (1, 1), "For a single pair `score_pairs`", tensor=True)
    close(alone, pairs[:1], "A pair gets another score when it is alone in its batch.")
    reason = "Compiled, as in `fit`, `score_pairs` gives other scores than when it is called directly."
    close(np.asarray(works_for_any_batch(score_pairs, users, movies)), pairs, reason)


def _is_a_column_of_scores(found, pairs, n_factors):
    n = len(pairs)
    if found.size == 1 or (found.size == n and np.ptp(found) < 1e-5):
        score = found.ravel()[0]
        scores = pairs.astype("float64").round(2).ravel().tolist()
        mistakes = {
            "All {n} pairs got one score. Each pair should have its own: you added up over the "
            "batch as well as over the factors. Which axis holds the "
            "factors?": np.isclose(score, pairs.sum(), rtol=1e-3, atol=1e-3),
            "All {n} pairs got one score. Each pair should have its own.": True,
        }
        wanted = gettext("{n} scores: {pairs}", n=n, pairs=scores)
        diagnose(mistakes, score, wanted, n=n)
    reason = "For {n} pairs there should be {n} scores, in a column."
    mistakes = {
        "That is a score for each user with *each* movie, {n} × {n}. Only row i with row i "
        "is asked for.": (n, n),
        "There is a number for each factor of each pair. They still have to be added up "
        "over the factors.": (n, n_factors),
        "You added up over the pairs: there is one number for each factor. Which axis holds "
        "the factors?": [(n_factors,), (1, n_factors)],
        "The scores should stand in a column. `keepdims=True` keeps the axis that "
        "was added up.": (n,),
    }
    has_shape(found, (n, 1), reason, mistakes, n=n)


# --- 2.3 ---------------------------------------------------------------------


SOME_OF_THE_PAIRS = (
    "Your test says True where only some of the pairs lean on the others, or all of them in one "
    "direction: compare every pair alone, in both directions (`abs`), with a tolerance of 1e-4."
)


def _score_callback(score):
    """Return a callback that scores two arrays of vectors, row by row."""

    def given(users, movies):
        # A view: of whatever shapes these are, nothing large is made.
        users, movies = np.broadcast_arrays(users, movies)
        if users.ndim != 2 or not 0 < users.size <= 10_000:
            message = (
                "`score` takes two tensors of shape (n, n_factors), n at least 1, and got "
                "shape {shape}"
            )
            raise ValueError(gettext(message, shape=users.shape))
        return Tensor(np.asarray(score(users, movies), dtype="float32"))

    return Callback(given)


def _dot(users, movies):
    return np.sum(users * movies, axis=-1, keepdims=True)


def _swapped(users, movies):
    """Score so that only the first pair's is right."""
    scores = _dot(users, movies)
    return np.concatenate([scores[:1], np.roll(scores[1:], 1)])


def _shifted(shifts):
    """Shift scores, place by place, where a pair is not alone.

    Of fewer pairs than there are shifts, the last one has the last shift.
    """

    def score(users, movies):
        scores = _dot(users, movies)
        n = len(users)
        if n < 2:
            return scores
        return scores + np.asarray([*shifts[: n - 1], shifts[-1]])[:, None]

    return score


def _counted(chosen):
    """Return the right scores, but only these, in this order, where a pair is not alone."""

    def score(users, movies):
        scores = _dot(users, movies)
        return scores if len(users) < 2 else np.concatenate(chosen(scores))

    return score


def _scores_to_test(rng, n, n_factors):
    """Make functions that score pairs, right ones and wrong ones, of n pairs.

    Returns
    -------
    rights, wrongs, shifted, noisy, counted : dict of str to callable
        Those of `shifted` are off by 0.0008 where a pair is not alone, and those of
        `noisy` by as little as rounding; of `counted`, there are too few or too many.
    """
    # Right, and not to be known by a formula. (u and m: the users' and movies' vectors.)
    weights = rng.uniform(0.5, 1.5, size=n_factors) * rng.choice([-1, 1], n_factors)
    rights = {
        "dot": _dot,
        "distance": lambda u, m: -np.sqrt(_dot(u - m, u - m)),
        # Another score where users and movies are exchanged.
        "weighted": lambda u, m: _dot(u * weights, m + weights),
    }
    wrongs = {
        # One number for the whole batch; the same, once a bias of shape (n, 1) was added.
        "published": lambda u, m: np.tensordot(u, m, 2),
        "in_a_model": lambda u, m: np.full((len(u), 1), np.tensordot(u, m, 2)),
        "swapped": _swapped,
        "leaning": lambda u, m: _dot(u, m) - 0.1 * np.mean(_dot(u, m)) - 0.1,
    }
    first, last = np.eye(n), np.eye(n)[-1]
    shifts = [np.ones(n), -np.ones(n), 1 - last, last - 1, *first, *-first]
    shifts.append(np.resize([1, -1], n))
    shifted = {
        f"shifted_{place}": _shifted((8e-4 * shift).tolist())
        for place, shift in enumerate(shifts)
    }
    noisy = {"noisy": _shifted(np.resize([5e-5, -5e-5], n).tolist())}
    counted = {
        "first": _counted(lambda scores: [scores[:1]]),
        "fewer": _counted(lambda scores: [scores[:-1]]),
        "more": _counted(lambda scores: [scores, scores[-1:]]),
    }
    return rights, wrongs, shifted, noisy, counted


@lesson["2.3"].part()
def finds_the_bug(scores_each_pair_alone, rng):
    # An even number: where a test scores two at a time, nobody is left alone at the end.
    n, n_factors = int(rng.choice([6, 8])), int(rng.integers(3, 6))
    # Scores of a few units, so that a relative tolerance of 1e-4 is none of 0.0008.
    vectors = rng.uniform(-1, 1, size=(2, n, n_factors)).astype("float32")

    def says(score):
        said = scores_each_pair_alone(_score_callback(score), *map(Tensor, vectors))
        is_bool = np.ndim(said) == 0 and np.asarray(said).dtype == bool
        reason = "Your test should return True or False."
        expect(is_bool, reason, kind(said), "a bool")
        return bool(said)

    *kinds, counted = _scores_to_test(rng, n, n_factors)
    scores = {name: score for of in (*kinds, counted) for name, score in of.items()}
    said, failed = {}, []
    # In an order that nobody can count along with.
    for name in rng.permutation(list(scores)).tolist():
        try:
            said[name] = says(scores[name])
        except NotYet as problem:
            # Said last: a test that cannot compare so many scores may have other faults.
            if name not in counted:
                raise
            said[name] = True
            failed.append(problem)
    _tells_right_from_wrong(*({name: said[name] for name in of} for of in kinds), n)
    expect(
        not failed,
        "Your test should say False where `score` returns more or fewer than {n} scores for "
        "{n} pairs. {problem}",
        n=n,
        problem=failed[0] if failed else "",
    )
    expect(
        not any(said[name] for name in counted),
        "Your test says True where `score` returns more or fewer than {n} scores for {n} pairs, "
        "each of them right. Count the scores, too, when they are flat.",
        n=n,
    )


def _tells_right_from_wrong(right, wrong, shifted, noisy, n):
    """Check what a test of scores says of each function of `_scores_to_test`."""
    said = [*right.values(), *wrong.values(), *shifted.values(), *noisy.values()]
    published, *others = wrong.values()
    is_fooled_by_shape = all(shifted.values()) and all(others)
    mistakes = {
        "Your test says True to everything, the published bug included.": all(said),
        "Your test says False to everything, a correct dot product included. (Do you compare "
        "floats with `==`? Allow 1e-4. Or arrays of two shapes?)": not any(said),
        "Your test is the wrong way round: it says True where the scores depend on the "
        "batch.": not any(right.values()) and all(wrong.values()),
        "Your test says False to a correct dot product, whose scores are the same alone and in "
        "a batch.": not right["dot"],
        "Your test says False to a function that is right, if another one than the dot product: "
        "minus the distance of the two vectors, or a product with weights. Compare "
        "the scores of a batch with those of each pair alone, both from "
        "`score`.": not all(right.values()),
        "Your test accepts the published bug, one number for {n} pairs.": published,
        "Your test looks at the shape only: it accepts the published bug as soon as its one "
        "number stands {n} times in a column. Compare the scores, too.": is_fooled_by_shape,
    }
    diagnose(mistakes, n=n)
    expect(not wrong["in_a_model"] and not wrong["swapped"], SOME_OF_THE_PAIRS)
    mistakes = {
        "Your test is too tolerant: it accepts scores from which 0.1 and a tenth of the batch's "
        "mean were taken off. Allow 1e-4, not more.": wrong["leaning"],
        "Your test is too tolerant: it accepts scores that are off by 0.0008 as soon as a pair "
        "is not alone. Allow 1e-4, not more, and compare with pairs that are really "
        "*alone*.": all(shifted.values()),
        SOME_OF_THE_PAIRS: any(shifted.values()),
        "Your test is too strict: it rejects a right function whose scores differ by 0.00005, "
        "as rounding may do. Do not compare floats with `==`: allow "
        "1e-4.": not noisy["noisy"],
    }
    diagnose(mistakes)


# --- 2.4 and 2.6 -------------------------------------------------------------


FACTORS = ("user_factors", "movie_factors")


@lesson["2.4"].part(points=2)
def is_the_dot_model(build_dot_model, rng):
    sizes = three_sizes(rng, more_rows=300)
    model = build_dot_model(*sizes)
    is_dot_model(build_dot_model, model, sizes, rng)
    is_functional(model)
    has_named_inputs(model)
    makes_new_models(build_dot_model, sizes)


@lesson["2.4"].part()
def has_the_penalty(build_dot_model, rng):
    *sizes, n_factors = three_sizes(rng)
    columns, l2 = dict.fromkeys(FACTORS, n_factors), float(rng.uniform(0.05, 0.2))
    model = build_dot_model(*sizes, n_factors, l2=l2)
    has_penalties(model, rng, sizes, columns, dict.fromkeys(FACTORS, ("l2", l2)))
    with with_the_defaults():
        model = build(build_dot_model(*sizes))
        fill_tables(model, tables_of(model, *sizes, dict.fromkeys(FACTORS, 64)), rng)
        reason = "Without `l2` the model should have no penalty, and it has one."
        expect(model.penalty() < 1e-8, reason, model.penalty(), 0.0)


def is_dot_model(function, model, sizes, rng):
    """Check that a model, made by this function, is the matrix factorization of these sizes."""
    n_users, n_movies, n_factors = sizes
    columns = dict.fromkeys(FACTORS, n_factors)
    tables = tables_of(build(model), n_users, n_movies, columns)
    nothing_is_frozen(model, tables)
    factors_can_learn(tables, columns)
    tables = fill_tables(model, tables, rng)
    pairs = some_pairs(rng, n_users, n_movies)
    found = scores_alone(model, pairs)
    users, movies = (tables[f"{name}_factors"][rows] for name, rows in pairs.items())
    dot = (users * movies).sum(axis=1, keepdims=True)
    lengths = np.linalg.norm(users, axis=1) * np.linalg.norm(movies, axis=1)
    sigmoid, cosine = 1 / (1 + np.exp(-dot)), dot / lengths[:, None]
    mistakes = {
        "There is a sigmoid at the end; stars want the bare product.": sigmoid,
        "There is a ReLU at the end; a product may be negative.": dot.clip(min=0),
        "That is the mean of the products, not the sum.": dot / n_factors,
        "That is the cosine (`normalize=True`?). The plain product is asked for.": cosine,
    }
    close(found, dot, "The answer is not the dot product of the two vectors.", mistakes)
    close(
        array(model(pairs, training=True), what="The model in training"),
        dot,
        "In training the model answers something else than the dot product. Is there a Dropout "
        "or noise on the way? The model of this exercise has none.",
    )
    for name, table in tables.items():
        model.set_weights(name, [20 * table])
    reason = (
        "Large scores are cut or squeezed on the way: with vectors twenty times as long, the "
        "score should be four hundred times as large. Is there a clip, or a squashing function?"
    )
    close(array(model(pairs), what="The model"), 400 * dot, reason, atol=1e-1)
    for name, table in tables.items():
        model.set_weights(name, [table])
    has_no_more_weights(model, (n_users + n_movies) * n_factors)
    predicts_as_called(model, pairs)
    learns_from_each_pair(function, model, tables, rng)


# --- 2.5 ---------------------------------------------------------------------


@lesson["2.5"].part()
def counts(count_weights, rng):
    sizes = rng.choice(np.arange(4, 60), size=3, replace=False).tolist()
    n_users, n_movies, n_factors = sizes
    found = number(count_weights(*sizes), "`count_weights`", whole=True)
    tables, rows = (n_users + n_movies) * n_factors, n_users + n_movies
    with_biases = tables + rows
    short_movies = n_users * n_factors + n_movies
    short_users = n_users + n_movies * n_factors
    mistakes = {
        "That multiplies users by movies. There is no table of all pairs: one for "
        "the users, one for the movies.": n_users * n_movies * n_factors,
        "That counts a bias for each user and movie. They come in lesson 03.": with_biases,
        "One too many: a dot product has no weight of its own.": tables + 1,
        "Each row holds more than one number.": rows,
        "The movies' rows are as long as the users'.": short_movies,
        "The users' rows are as long as the movies'.": short_users,
    }
    reason = (
        "For {n_users} users, {n_movies} movies and {n_factors} factors that is not the number of "
        "weights of two tables."
    )
    named = {"n_users": n_users, "n_movies": n_movies, "n_factors": n_factors}
    close(found, tables, reason, mistakes, atol=0, rtol=0, **named)


MADE_IN_CALL = (
    "The layers have to be made once, in `__init__`, and kept as attributes (`self.user_factors "
    "= …`). Layers made in `call` are new, and untrained, in every batch."
)


@lesson["2.6"].part(points=2)
def is_the_same_model(DotModel, rng):
    sizes = three_sizes(rng, more_rows=300)
    types = DotModel.type_names()
    is_class = types[0] == "type"
    expect(
        is_class and "Model" in types,
        "`DotModel` should be a class that derives from `keras.Model`: "
        "`class DotModel(keras.Model):`, with `__init__` and `call`.",
        gettext("a class from `{name}`", name=types[2]) if is_class else "a function",
        "a subclass of keras.Model",
    )
    model = DotModel(*sizes)
    reason = "`DotModel(…)` should make a Keras model."
    expect(isinstance(model, ModelProxy), reason, kind(model))
    pairs = some_pairs(rng, *sizes[:2])
    try:
        first = model(pairs)
    except NotAttempted:
        raise NotYet(
            "Half done: `__init__` is written, `call` is still a stub. It gets the pairs, and "
            "should return their scores."
        ) from None
    except NotYet as problem:
        expect("add new elements of state" not in str(problem), MADE_IN_CALL)
        raise
    has_factors = any("factors" in name for name in model.layer_names())
    is_array = isinstance(first, np.ndarray)
    expect(has_factors or model.n_weights() > 0 or not is_array, MADE_IN_CALL)
    again = model(pairs)
    reason = "The same pairs get other scores when the model is called a second time."
    expect(np.array_equal(first, again), reason, again, first)
    _uses_new_weights(model, pairs, first)
    is_dot_model(DotModel, model, sizes, rng)
    names = model.layer_names()
    reason = (
        "Make the users' table first: further down the weights of the other model are copied in, "
        "in order."
    )
    user, movie = map(names.index, FACTORS)
    expect(user < movie, reason, names, FACTORS)
    with with_the_defaults():
        model = build(DotModel(*sizes[:2]))
        tables_of(model, *sizes[:2], dict.fromkeys(FACTORS, 64))


def _uses_new_weights(model, pairs, first):
    """Check that scores change with the tables, of a model that gave the first ones."""
    if not set(FACTORS) <= set(model.layer_names()) or np.ptp(first) < 1e-6:
        return
    tables = {name: one_table(model, name) for name in FACTORS}
    for name, table in tables.items():
        model.set_weights(name, [table + 1])
    is_same = np.array_equal(model(pairs), first)
    for name, table in tables.items():
        model.set_weights(name, [table])
    expect(
        not is_same,
        "With other weights in its tables the model gives the same scores as before: it does "
        "not use weights that are set later. (Is there a `tf.function` on `call`? Keras compiles "
        "the model itself.)",
    )


# --- 2.7 ---------------------------------------------------------------------


BATCH = 1024
AFTER_EPOCH = (
    "That is the error *after* the epoch. Asked for is the mean over its batches, as `fit` "
    "notes it."
)


@lesson["2.7"].part(points=2)
def trains_one_epoch(loss_after_one_epoch, rng):
    # Some batches, the last of them not quite full: batches of 1,000 would be one more.
    n = BATCH * int(rng.integers(1, 4)) + int(rng.integers(985, BATCH - 8))
    n_users, n_movies = n + int(rng.integers(1, 4)), n + int(rng.integers(4, 8))
    n_factors = int(rng.integers(3, 6))
    sizes = {"n_users": n_users, "n_movies": n_movies, "n_factors": n_factors}
    model = loss_after_one_epoch.make("dot_model_with_offset", **sizes)
    tables = {
        name: rng.normal(scale=0.5, size=(rows, n_factors)).astype("float32")
        for name, rows in zip(FACTORS, (n_users, n_movies), strict=True)
    }
    for name, table in tables.items():
        model.set_weights(name, [table])
    # Nobody twice: so each row moves as the batch that it is in says, whatever the order.
    pairs = {
        "user": rng.permutation(n_users)[:n].astype("int32"),
        "movie": rng.permutation(n_movies)[:n].astype("int32"),
    }
    ratings = rng.integers(1, 6, size=n).astype("float32")
    before = model(pairs)[:, 0]
    rate = float(rng.uniform(0.02, 0.05))
    found = loss_after_one_epoch(model, rate, pairs, ratings)
    found = number(found, "`loss_after_one_epoch`")
    after = model(pairs)[:, 0]
    expect(
        np.abs(after - before).max() > 1e-6,
        "`model` was not trained: it predicts what it did before. Compile and fit the model "
        "that is handed over.",
    )
    trained, errors = model.training(), (before - ratings, after - ratings)
    if not trained["losses"]:  # older versions of Keras drop them in `evaluate`
        after_all = float(np.mean(errors[1] ** 2))
        expect(not np.isclose(found, after_all, rtol=1e-4), AFTER_EPOCH, found)
    _was_fitted(trained, rate, n)
    _is_loss_of_the_epoch(found, trained["losses"][-1], errors)
    _moved_as_by_adam(model, tables, pairs, errors[0], rate)


def _was_fitted(trained, rate, n):
    """Check what the model says about its training."""
    expect(
        trained["compiled"] and trained["epochs"] > 0 and trained["losses"],
        "The weights of `model` have changed, but no epoch was recorded: use its own `compile` "
        "and `fit`, which makes the batches and records the loss.",
    )
    reason = (
        "The model was trained with another optimizer than the one asked for: "
        "`keras.optimizers.Adam(learning_rate)`."
    )
    expect(trained["optimizer"] == "Adam", reason, trained["optimizer"], "Adam")
    reason = (
        "The gradients are clipped (`clipnorm`, `clipvalue` or `global_clipnorm`). Nothing but "
        "the rate is asked for: `keras.optimizers.Adam(learning_rate)`."
    )
    expect(not trained["is_clipped"], reason)
    reason = "That trained for another number of epochs: one is asked for."
    expect(trained["epochs"] == 1, reason, trained["epochs"], 1)
    reason = "The model was trained at another learning rate than the one asked for."
    close(trained["learning_rate"], rate, reason, atol=1e-7)
    steps = -(-n // BATCH)
    taken = gettext("{n} steps", n=trained["steps"])
    reason = "One epoch over {n} ratings in batches of 1,024 does not take that number of steps."
    expect(trained["steps"] == steps, reason, taken, f"{steps}", n=n)


def _is_loss_of_the_epoch(found, loss, errors):
    """Check what was returned against what `fit` noted, and that against the errors.

    These are the errors before the epoch, and those after it.
    """
    before, after = (float(np.mean(one**2)) for one in errors)
    between = gettext(
        "between {after:.4g} and {before:.4g}", after=after, before=before
    )
    most, least = (float(np.mean(np.abs(one))) for one in errors)
    rounded = [round(loss, digits) for digits in range(5)]
    is_rounded = found in rounded and abs(found - loss) >= 1e-6
    reason = (
        "The loss is right, but rounded. Return it as it is: rounding is for printing."
    )
    expect(not is_rounded, reason, repr(found), f"{loss:.6f}")
    reason = (
        'That is the mean absolute error: the loss should be `"mse"`, and that is what is to '
        "be returned."
    )
    expect(not least < found < most, reason, found, between)
    reason = "That is not the training loss (MSE) that `fit` noted for the epoch."
    mistakes = {
        "That is the root of the loss. The MSE itself is asked for.": np.sqrt(loss),
        AFTER_EPOCH: after,
        "That is the error *before* training. Asked for is the mean over the "
        "batches of the epoch, as `fit` notes it.": before,
    }
    close(found, loss, reason, mistakes, atol=1e-3)
    expect(
        after < loss < before,
        "The loss of the epoch should be the mean squared error: it lies between the one "
        "before and the one after it.",
        loss,
        between,
    )


def _moved_as_by_adam(model, tables, pairs, errors, rate):
    """Check that the tables are where one epoch of Adam takes them.

    A row has a gradient in one of the batches only, and keeps moving with what Adam
    remembers of it. What a model says about its training can be made up; this cannot,
    but by training it.
    """
    n = len(errors)
    steps = -(-n // BATCH)
    ways = np.array([_way_of_adam(step, steps) for step in range(1, steps + 1)])
    sizes = [BATCH] * (steps - 1) + [n - BATCH * (steps - 1)]
    for name, other in (("user", "movie"), ("movie", "user")):
        own, theirs = tables[f"{name}_factors"], tables[f"{other}_factors"]
        slope = np.zeros_like(own)
        slope[pairs[name]] = errors[:, None] * theirs[pairs[other]]
        moved = (one_table(model, f"{name}_factors") - own) / rate
        is_still = (moved == 0).all(axis=1)
        n_still = int(is_still[pairs[name]].sum())
        reason = (
            "Some rows of `{name}_factors` are where they were, though there are ratings of "
            "them: train on all `pairs` and `ratings`."
        )
        expect(not n_still, reason, gettext("{n} rows", n=n_still), "none", name=name)
        # Where the error is small, its sign may change while the level moves; where the
        # gradient is, Adam's epsilon counts.
        slope = slope[pairs[name]]
        is_clear = (np.abs(slope) > 0.15).all(axis=1) & (np.abs(errors) > 0.5)
        wanted = -np.sign(slope[is_clear]) * ways[:, None, None]
        is_there = np.isclose(moved[pairs[name]][is_clear], wanted, atol=0.06)
        found = is_there.all(axis=2).mean(axis=1)
        expect(
            np.allclose(found, np.divide(sizes, n), atol=0.05)
            and is_still.sum() == len(own) - n,
            "The model's weights are not where one epoch takes them, with Adam at the rate "
            "asked for, batches of 1,024 and the mean squared error as the loss. Train `model` "
            "itself, as it was handed over, once.",
        )


def _way_of_adam(step, steps):
    """Return how far Adam moves a weight whose only gradient comes at one of the steps.

    In learning rates, after all the steps.
    """
    mean = square = way = 0.0
    for now in range(1, steps + 1):
        gradient = float(now == step)
        mean += 0.1 * (gradient - mean)
        square += 0.001 * (gradient - square)
        if square:
            way += mean / (1 - 0.9**now) / np.sqrt(square / (1 - 0.999**now))
    return way


# --- 2.8 ---------------------------------------------------------------------


@lesson["2.8"].part(points=2)
def changes_at_the_right_step(stepwise, rng):
    three = tuple(rng.choice([(1, 2, 4), (1, 4, 2), (2, 4, 1), (2, 3, 1)]).tolist())
    _changes_at_the_right_step(stepwise, three, rng)
    for epochs in [(2, 3), (1, 2, 4, 1)]:
        try:
            _changes_at_the_right_step(stepwise, epochs, rng)
        except NotYet as problem:
            raise NotYet(
                "It works with three rates, but not with {n}: it should take as many as there "
                "are. {problem}",
                problem.found,
                problem.expected,
                n=len(epochs),
                problem=problem,
            ) from None
    lists = [*three], _rates(rng, 3), 20
    expect_no_error(
        stepwise.error_of(*lists),
        "It works for tuples, but stops with {error} when given lists. The docstring promises "
        "any sequence.",
    )
    _changes_at_the_right_step(stepwise, [*three], rng)


def _rates(rng, n):
    """Draw rates; three or more go neither up nor down, as sorted ones would."""
    while True:
        rates = rng.permutation([0.001, 0.01, 0.003, 0.03])[:n].tolist()
        if n < 3 or sorted(rates) not in (rates, rates[::-1]):
            return rates


def _changes_at_the_right_step(stepwise, epochs, rng):
    """Check the schedule for these epochs, and for rates that come as a sequence like them."""
    rates = type(epochs)(_rates(rng, len(epochs)))
    steps = int(rng.integers(20, 60))
    schedule = stepwise(epochs, rates, steps)
    is_function = isinstance(schedule, FunctionProxy)
    types = schedule.type_names() if is_function else [kind(schedule)]
    reason = "Return Keras' schedule, so that an optimizer can use it."
    expect("LearningRateSchedule" in types, reason, types[0], "PiecewiseConstantDecay")
    ends = np.cumsum(epochs) * steps
    starts = np.concatenate([[0], ends[:-1]])
    probes = [starts, starts + 2, (starts + ends) // 2, ends - 3, ends - 1]
    probes = np.ravel(probes, order="F")
    found = np.array([number(schedule(int(step)), "The schedule") for step in probes])
    expected = np.repeat(rates, 5)
    if not np.allclose(found, expected, rtol=1e-3):
        _explain_schedule(found, expected, probes, epochs, rates, steps)
    # What only bears the name of a schedule is none to an optimizer.
    middles = probes[2::5].tolist()
    moved = stepwise.make("learning_rates", schedule=schedule, steps=middles)
    reason = "In compiled training, this schedule gives other rates than when it is called directly."
    close(np.asarray(moved), rates, reason, atol=1e-5)


def _explain_schedule(found, expected, probes, epochs, rates, steps):
    """Name the mistake that gives these rates at these steps."""
    first, ends = np.asarray(epochs)[:-1], np.cumsum(epochs) * steps

    def is_as_if(boundaries):
        places = np.searchsorted(boundaries, probes).clip(max=len(rates) - 1)
        return np.allclose(found, np.asarray(rates)[places], rtol=1e-3)

    place = int(np.flatnonzero(~np.isclose(found, expected, rtol=1e-3))[0])
    step = gettext("at step {step} of {n_steps}", step=probes[place], n_steps=ends[-1])
    mistakes = {
        "The rate changes one step late: the schedule gives a rate 'up to and including' its "
        "boundary, and steps count from 0. The first {steps} steps are 0 … {steps} - 1: take 1 "
        "off each boundary.": is_as_if(ends[:-1]),
        "The rate changes one step early: 'up to and including' a boundary means that only "
        "1 is to be taken off.": is_as_if(ends[:-1] - 2),
        "The boundaries are counted in epochs; the schedule counts in "
        "steps, {steps} of which make an epoch.": is_as_if(np.cumsum(first)),
        "Each boundary says when a rate ends, counted from the beginning of training: the "
        "second is after the first *and* the second part.": is_as_if(first * steps),
        "The boundaries are counted in epochs, and each from its own beginning; the schedule "
        "counts in steps from the beginning of training.": is_as_if(first),
        "For epochs {epochs}, {steps} steps each, some steps have another rate than the one "
        "asked for.": True,
    }
    found, expected = f"{found[place]:.4g} {step}", f"{expected[place]:.4g}"
    diagnose(mistakes, found, expected, epochs=str(epochs), steps=steps)
