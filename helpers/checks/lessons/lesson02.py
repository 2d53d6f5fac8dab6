"""Lesson 02, the dot model: checks."""

import numpy as np

from helpers.checks.asserts import (
    NotAttempted,
    NotYet,
    array,
    close,
    expect,
    kind,
    number,
)
from helpers.checks.exercise import Lesson
from helpers.checks.model_asserts import (
    built,
    factors_can_learn,
    filled,
    has_l2,
    has_named_inputs,
    has_no_more_weights,
    is_functional,
    l2_of_each,
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
from helpers.checks.proxies import Callback, FunctionProxy, ModelProxy, Tensor
from helpers.i18n import gettext

lesson = Lesson.read("02")

# --- 2.1 ---------------------------------------------------------------------


def _tables_and_rows(rng):
    """Draw tables and row numbers: repeated, and in no order.

    There are more of them than columns, and another number of them than rows. The last
    row is asked for in one table only; one has more rows than a narrow integer counts.
    """
    drawn = []
    for n_rows, last in [
        (int(rng.integers(5, 10)), True),
        (int(rng.integers(5, 10)), False),
        (int(rng.integers(300, 400)), True),
    ]:
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
        found = array(look_up(table, rows), what="`look_up`")
        _same_rows(found, table, rows, "look_up")


@lesson["2.1"].part()
def multiplies(multiply_one_hot, rng):
    for table, rows in _tables_and_rows(rng):
        found = array(multiply_one_hot(table, rows), what="`multiply_one_hot`")
        _same_rows(found, table, rows, "multiply_one_hot")
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
    is_dense, is_sparse = (
        np.allclose(product, one, equal_nan=True) for one in (dense, table[rows])
    )
    below_zero = np.signbit(product) & (product == 0)
    differs = below_zero | ~np.isclose(product, dense, equal_nan=True)
    place = int(differs.any(axis=1).argmax())
    expect(
        (is_dense or is_sparse) and not below_zero.any(),
        "`multiply_one_hot` does not return what a product returns where the table holds −0.0 "
        "(the sum of a product is 0.0) or an infinity (0 · ∞ is NaN). Build the one-hot "
        "vectors and multiply them with the table.",
        gettext(
            "row {row}: {value}", row=int(rows[place]), value=product[place].tolist()
        ),
        gettext(
            "row {row}: {value}", row=int(rows[place]), value=dense[place].tolist()
        ),
    )


def _same_rows(found, table, rows, name):
    n_factors = table.shape[1]
    expect(
        found.shape != (n_factors, len(rows)),
        "`{name}` returns the rows lying on their side. Each row number should give one row.",
        gettext("shape {shape}", shape=found.shape),
        gettext("shape {shape}", shape=(len(rows), n_factors)),
        name=name,
    )
    expect(
        found.shape == (len(rows), n_factors),
        "`{name}` should return one row of the table for each row number.",
        gettext("shape {shape}", shape=found.shape),
        gettext(
            "shape {shape}, for {n_rows} row numbers and {n_factors} factors",
            shape=(len(rows), n_factors),
            n_rows=len(rows),
            n_factors=n_factors,
        ),
        name=name,
    )
    close(
        found,
        table[rows],
        "`{name}` returned other rows than those asked for: {rows}.",
        mistakes={
            "`{name}` is off by "
            "one: rows are numbered from 0, so row 0 is the first.": table[rows - 1],
            "`{name}` returns the right rows in another order.": table[np.sort(rows)],
        },
        name=name,
        rows=rows.tolist(),
    )


# --- 2.2 ---------------------------------------------------------------------


@lesson["2.2"].part()
def scores_each_pair(score_pairs, rng):
    n, n_factors = (int(one) for one in rng.permutation(np.arange(4, 9))[:2])
    users, movies = rng.normal(size=(2, n, n_factors)).astype("float32")
    found = array(
        score_pairs(Tensor(users), Tensor(movies)),
        what="`score_pairs`",
        tensor=True,
        dtype="float32",
    )
    products = users * movies
    pairs = products.sum(axis=1, keepdims=True)
    if found.size == 1 or (found.size == n and np.ptp(found) < 1e-5):
        one_score = found.ravel()[0]
        expected = gettext(
            "{n} scores: {pairs}",
            n=n,
            pairs=pairs.astype("float64").round(2).ravel().tolist(),
        )
        expect(
            not np.isclose(one_score, pairs.sum(), rtol=1e-3, atol=1e-3),
            "All {n} pairs got one score. Each pair should have its own: you added up over the "
            "batch as well as over the factors. Which axis holds the factors?",
            one_score,
            expected,
            n=n,
        )
        raise NotYet(
            "All {n} pairs got one score. Each pair should have its own.",
            one_score,
            expected,
            n=n,
        )
    over_the_pairs = (
        "You added up over the pairs: there is one number for each factor. Which axis holds "
        "the factors?"
    )
    column = gettext("shape {shape}", shape=(n, 1))
    for shape, explanation in [
        (
            (n, n),
            "That is a score for each user with *each* movie, {n} × {n}. Only row i with row i "
            "is asked for.",
        ),
        (
            (n, n_factors),
            "There is a number for each factor of each pair. They still have to be added up "
            "over the factors.",
        ),
        ((n_factors,), over_the_pairs),
        ((1, n_factors), over_the_pairs),
        (
            (n,),
            "The scores should stand in a column. `keepdims=True` keeps the axis that "
            "was added up.",
        ),
    ]:
        expect(
            found.shape != shape,
            explanation,
            gettext("shape {shape}", shape=shape),
            column,
            n=n,
        )
    expect(
        found.shape == (n, 1),
        "For {n} pairs there should be {n} scores, in a column.",
        gettext("shape {shape}", shape=found.shape),
        column,
        n=n,
    )
    close(
        found,
        pairs,
        "The shape is right, the numbers are not: a score is the sum of the products of the "
        "two vectors' numbers.",
        mistakes={
            "You took the mean over the factors; a dot product is the sum.": pairs
            / n_factors,
            "You added the two vectors; a dot product multiplies them first.": (
                users + movies
            ).sum(axis=1, keepdims=True),
            "That is the cosine. Here the vectors keep their lengths.": pairs
            / np.linalg.norm(users, axis=1, keepdims=True)
            / np.linalg.norm(movies, axis=1, keepdims=True),
        },
    )
    alone = score_pairs(Tensor(users[:1]), Tensor(movies[:1]))
    close(
        array(alone, (1, 1), "For a single pair `score_pairs`", tensor=True),
        pairs[:1],
        "A pair gets another score when it is alone in its batch.",
    )
    close(
        np.asarray(works_for_any_batch(score_pairs, users, movies)),
        pairs,
        "Compiled, as in `fit`, `score_pairs` gives other scores than when it is called directly.",
    )


# --- 2.3 ---------------------------------------------------------------------

SOME_OF_THE_PAIRS = (
    "Your test says True where only some of the pairs lean on the others, or all of them in one "
    "direction: compare every pair alone, in both directions (`abs`), with a tolerance of 1e-4."
)


def _lent(score):
    """Lend a function of two arrays of vectors, each pair in its row."""

    def given(users, movies):
        # A view: of whatever shapes these are, nothing large is made.
        users, movies = np.broadcast_arrays(users, movies)
        if users.ndim != 2 or not 0 < users.size <= 10_000:
            raise ValueError(
                gettext(
                    "`score` takes two tensors of shape (n, n_factors), n at least 1, and got "
                    "shape {shape}",
                    shape=users.shape,
                )
            )
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


@lesson["2.3"].part()
def finds_the_bug(scores_each_pair_alone, rng):
    function = scores_each_pair_alone
    n, n_factors = int(rng.integers(5, 9)), int(rng.integers(3, 6))
    # Scores of a few units, so that a relative tolerance of 1e-4 is none of 0.0008.
    vectors = rng.uniform(-1, 1, size=(2, n, n_factors)).astype("float32")
    # Right, and not to be known by a formula.
    weights = rng.uniform(0.5, 1.5, size=n_factors) * rng.choice([-1, 1], n_factors)
    rights = {
        "dot": _dot,
        "distance": lambda users, movies: (
            -np.sqrt(_dot(users - movies, users - movies))
        ),
        "weighted": lambda users, movies: _dot(users * weights, movies),
    }
    wrongs = {
        # One number for the whole batch; the same, once a bias of shape (n, 1) was added.
        "published": lambda users, movies: np.tensordot(users, movies, 2),
        "in_a_model": lambda users, movies: np.full(
            (len(users), 1), np.tensordot(users, movies, 2)
        ),
        "swapped": _swapped,
        "leaning": lambda users, movies: (
            _dot(users, movies) - 0.1 * np.mean(_dot(users, movies)) - 0.1
        ),
    }
    off, one_place = 8e-4, np.eye(n)
    shifts = [
        np.ones(n),
        -np.ones(n),
        1 - one_place[-1],
        one_place[-1] - 1,
        *one_place,
        *-one_place,
        np.resize([1, -1], n),
    ]
    shifted = {
        f"shifted_{place}": _shifted((off * one).tolist())
        for place, one in enumerate(shifts)
    }
    noisy = {"noisy": _shifted(np.resize([5e-5, -5e-5], n).tolist())}

    def says(score):
        said = function(_lent(score), *map(Tensor, vectors))
        expect(
            np.ndim(said) == 0 and np.asarray(said).dtype == bool,
            "Your test should return True or False.",
            kind(said),
            "a bool",
        )
        return bool(said)

    scores = rights | wrongs | shifted | noisy
    # In an order that nobody can count along with.
    said = {name: says(scores[name]) for name in rng.permutation(list(scores)).tolist()}
    right, wrong, off_by_little = (
        {name: said[name] for name in names} for names in (rights, wrongs, shifted)
    )
    expect(
        not all(said.values()),
        "Your test says True to everything, the published bug included.",
    )
    expect(
        any(said.values()),
        "Your test says False to everything, a correct dot product included. (Do you compare "
        "floats with `==`? Allow 1e-4. Or arrays of two shapes?)",
    )
    expect(
        any(right.values()) or not all(wrong.values()),
        "Your test is the wrong way round: it says True where the scores depend on the batch.",
    )
    expect(
        right["dot"],
        "Your test says False to a correct dot product, whose scores are the same alone and in "
        "a batch.",
    )
    expect(
        all(right.values()),
        "Your test says False to a function that is right, if another one than the dot product: "
        "minus the distance of the two vectors, or a product with weights. Compare "
        "the scores of a batch with those of each pair alone, both from `score`.",
    )
    expect(
        not wrong["published"],
        "Your test accepts the published bug, one number for {n} pairs.",
        n=n,
    )
    expect(
        not all(off_by_little.values())
        or not all(wrong[name] for name in wrong if name != "published"),
        "Your test looks at the shape only: it accepts the published bug as soon as its one "
        "number stands {n} times in a column. Compare the scores, too.",
        n=n,
    )
    expect(
        not wrong["in_a_model"] and not wrong["swapped"],
        SOME_OF_THE_PAIRS,
    )
    expect(
        not wrong["leaning"],
        "Your test is too tolerant: it accepts scores from which 0.1 and a tenth of the batch's "
        "mean were taken off. Allow 1e-4, not more.",
    )
    expect(
        not all(off_by_little.values()),
        "Your test is too tolerant: it accepts scores that are off by 0.0008 as soon as a pair "
        "is not alone. Allow 1e-4, not more, and compare with pairs that are really *alone*.",
    )
    expect(not any(off_by_little.values()), SOME_OF_THE_PAIRS)
    expect(
        said["noisy"],
        "Your test is too strict: it rejects a right function whose scores differ by 0.00005, "
        "as rounding may do. Do not compare floats with `==`: allow 1e-4.",
    )


# --- 2.4 and 2.6 -------------------------------------------------------------

FACTORS = ("user_factors", "movie_factors")


@lesson["2.4"].part(points=2)
def is_the_dot_model(build_dot_model, rng):
    sizes = three_sizes(rng, more_rows=300)
    model = build_dot_model(*sizes)
    is_dot_model(model, sizes, rng)
    is_functional(model)
    has_named_inputs(model)


@lesson["2.4"].part()
def has_the_penalty(build_dot_model, rng):
    n_users, n_movies, n_factors = three_sizes(rng)
    l2 = float(rng.uniform(0.05, 0.2))
    model = built(build_dot_model(n_users, n_movies, n_factors, l2=l2))
    nothing_is_frozen(model)
    tables = tables_of(model, n_users, n_movies, dict.fromkeys(FACTORS, n_factors))
    has_l2(
        l2_of_each(model, tables, rng),
        dict.fromkeys(FACTORS, l2),
        dict.fromkeys(FACTORS, "l2"),
    )
    with with_the_defaults():
        model = built(build_dot_model(n_users, n_movies))
        tables = tables_of(model, n_users, n_movies, dict.fromkeys(FACTORS, 64))
        filled(model, tables, rng)
        expect(
            model.penalty() < 1e-8,
            "Without `l2` the model should have no penalty, and it has one.",
            model.penalty(),
            0.0,
        )


def is_dot_model(model, sizes, rng):
    """Check that a model is the dot model of these sizes."""
    n_users, n_movies, n_factors = sizes
    columns = dict.fromkeys(FACTORS, n_factors)
    tables = tables_of(built(model), n_users, n_movies, columns)
    nothing_is_frozen(model, tables)
    factors_can_learn(tables, columns)
    tables = filled(model, tables, rng)
    pairs = some_pairs(rng, n_users, n_movies)
    found = scores_alone(model, pairs)
    user_vectors = tables["user_factors"][pairs["user"]]
    movie_vectors = tables["movie_factors"][pairs["movie"]]
    products = user_vectors * movie_vectors
    dot = products.sum(axis=1, keepdims=True)
    close(
        found,
        dot,
        "The answer is not the dot product of the two vectors.",
        mistakes={
            "There is a sigmoid at the end; stars want the bare product.": 1
            / (1 + np.exp(-dot)),
            "There is a ReLU at the end; a product may be negative.": dot.clip(min=0),
            "That is the mean of the products, not the sum.": products.mean(
                axis=1, keepdims=True
            ),
            "That is the cosine "
            "(`normalize=True`?). The plain product is asked for.": dot
            / np.linalg.norm(user_vectors, axis=1, keepdims=True)
            / np.linalg.norm(movie_vectors, axis=1, keepdims=True),
        },
    )
    training = array(model(pairs, training=True), what="The model in training")
    close(
        training,
        dot,
        "In training the model answers something else than the dot product. Is there a Dropout "
        "or noise on the way? The model of this exercise has none.",
    )
    for name, table in tables.items():
        model.set_weights(name, [20 * table])
    close(
        array(model(pairs), what="The model"),
        400 * dot,
        "Large scores are cut or squeezed on the way: with vectors twenty times as long, the "
        "score should be four hundred times as large. Is there a clip, or a squashing function?",
        atol=1e-1,
    )
    for name, table in tables.items():
        model.set_weights(name, [table])
    has_no_more_weights(model, (n_users + n_movies) * n_factors)
    predicts_as_called(model, pairs)


# --- 2.5 ---------------------------------------------------------------------


@lesson["2.5"].part()
def counts(count_weights, rng):
    sizes = rng.choice(np.arange(4, 60), size=3, replace=False)
    n_users, n_movies, n_factors = (int(one) for one in sizes)
    found = number(
        count_weights(n_users, n_movies, n_factors), "`count_weights`", whole=True
    )
    tables = (n_users + n_movies) * n_factors
    _is_count(
        found,
        tables,
        "For {n_users} users, {n_movies} movies and {n_factors} factors that is "
        "not the number of weights of two tables.",
        mistakes={
            "That multiplies users by movies. There is no table of all pairs: one for "
            "the users, one for the movies.": n_users * n_movies * n_factors,
            "That counts a bias for each "
            "user and movie. They come in lesson 03.": tables + n_users + n_movies,
            "One too many: a dot product has no weight of its own.": tables + 1,
            "Each row holds more than one number.": n_users + n_movies,
            "The movies' rows are as long as the users'.": n_users * n_factors
            + n_movies,
            "The users' rows are as long as the movies'.": n_users
            + n_movies * n_factors,
        },
        n_users=n_users,
        n_movies=n_movies,
        n_factors=n_factors,
    )


def _is_count(found, expected, reason, mistakes, **values):
    """Compare whole numbers, and show all of their digits."""
    for count, explanation in mistakes:
        expect(found != count, explanation, f"{found}", f"{expected}", **values)
    expect(found == expected, reason, f"{found}", f"{expected}", **values)


MADE_IN_CALL = (
    "The layers have to be made once, in `__init__`, and kept as attributes (`self.user_factors "
    "= …`). Layers made in `call` are new, and untrained, in every batch."
)


@lesson["2.6"].part(points=2)
def is_the_same_model(DotModel, rng):
    sizes = three_sizes(rng, more_rows=300)
    classes = DotModel.type_names()
    expect(
        classes[0] == "type" and "Model" in classes,
        "`DotModel` should be a class that derives from `keras.Model`: "
        "`class DotModel(keras.Model):`, with `__init__` and `call`.",
        "a function"
        if classes[0] != "type"
        else gettext("a class from `{name}`", name=classes[2]),
        "a subclass of keras.Model",
    )
    model = DotModel(*sizes)
    expect(
        isinstance(model, ModelProxy),
        "`DotModel(…)` should make a Keras model.",
        kind(model),
    )
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
    expect(
        any("factors" in name for name in model.layer_names())
        or model.n_weights() > 0
        or not isinstance(first, np.ndarray),
        MADE_IN_CALL,
    )
    again = model(pairs)
    expect(
        np.array_equal(first, again),
        "The same pairs get other scores when the model is called a second time.",
        again,
        first,
    )
    is_dot_model(model, sizes, rng)
    names = model.layer_names()
    expect(
        names.index("user_factors") < names.index("movie_factors"),
        "Make the users' table first: further down the weights of the other model are copied in, "
        "in order.",
        names,
        ["user_factors", "movie_factors"],
    )
    with with_the_defaults():
        n_users, n_movies, _ = sizes
        model = built(DotModel(n_users, n_movies))
        tables_of(model, n_users, n_movies, dict.fromkeys(FACTORS, 64))


# --- 2.7 ---------------------------------------------------------------------

BATCH = 1024


@lesson["2.7"].part(points=2)
def trains_one_epoch(loss_after_one_epoch, rng):
    # Some batches, the last of them not full, and none far smaller than the others.
    n = BATCH * int(rng.integers(1, 4)) + int(rng.integers(300, BATCH - 50))
    n_users, n_movies = n + int(rng.integers(1, 4)), n + int(rng.integers(4, 8))
    n_factors = int(rng.integers(3, 6))
    model = loss_after_one_epoch.make(
        "dot_model_with_offset",
        n_users=n_users,
        n_movies=n_movies,
        n_factors=n_factors,
    )
    tables = {
        name: rng.normal(scale=0.5, size=(rows, n_factors)).astype("float32")
        for name, rows in (("user_factors", n_users), ("movie_factors", n_movies))
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
    found = number(
        loss_after_one_epoch(model, rate, pairs, ratings), "`loss_after_one_epoch`"
    )
    after = model(pairs)[:, 0]
    expect(
        np.abs(after - before).max() > 1e-6,
        "`model` was not trained: it predicts what it did before. Compile and fit the model "
        "that is handed over.",
    )
    trained = model.training()
    _was_fitted(trained, rate, n)
    _is_loss_of_the_epoch(
        found, trained["losses"][-1], before - ratings, after - ratings
    )
    _moved_as_by_adam(model, tables, pairs, before - ratings, rate)


def _was_fitted(trained, rate, n):
    """Check what the model says about its training."""
    expect(
        trained["compiled"] and trained["epochs"] > 0 and trained["losses"],
        "The weights of `model` have changed, but no epoch was recorded: use its own `compile` "
        "and `fit`, which makes the batches and records the loss.",
    )
    expect(
        trained["optimizer"] == "Adam",
        "The model was trained with another optimizer than the one asked for: "
        "`keras.optimizers.Adam(learning_rate)`.",
        trained["optimizer"],
        "Adam",
    )
    expect(
        trained["epochs"] == 1,
        "That trained for another number of epochs: one is asked for.",
        trained["epochs"],
        1,
    )
    close(
        trained["learning_rate"],
        rate,
        "The model was trained at another learning rate than the one asked for.",
        atol=1e-7,
    )
    steps = -(-n // BATCH)
    expect(
        trained["steps"] == steps,
        "One epoch over {n} ratings in batches of 1,024 does not take that number of steps.",
        gettext("{n} steps", n=trained["steps"]),
        f"{steps}",
        n=n,
    )


def _is_loss_of_the_epoch(found, loss, errors_before, errors_after):
    """Check what was returned against what `fit` noted, and that against the errors."""
    before, after = (
        float(np.mean(errors**2)) for errors in (errors_before, errors_after)
    )
    for digits in range(5):
        expect(
            found != round(loss, digits) or abs(found - loss) < 1e-6,
            "The loss is right, but rounded. Return it as it is: rounding is for printing.",
            repr(found),
            f"{loss:.6f}",
        )
    absolute = [float(np.mean(np.abs(one))) for one in (errors_after, errors_before)]
    expect(
        not absolute[0] < found < absolute[1],
        'That is the mean absolute error: the loss should be `"mse"`, and that is what is to '
        "be returned.",
        found,
        loss,
    )
    close(
        found,
        loss,
        "That is not the training loss (MSE) that `fit` noted for the epoch.",
        mistakes={
            "That is the root of the loss. The MSE itself is asked for.": np.sqrt(loss),
            "That is the error *after* the epoch. Asked for is the mean over its "
            "batches, as `fit` notes it.": after,
            "That is the error *before* training. Asked for is the mean over the "
            "batches of the epoch, as `fit` notes it.": before,
        },
        atol=1e-3,
    )
    expect(
        after < loss < before,
        "The loss of the epoch should be the mean squared error: it lies between the one "
        "before and the one after it.",
        loss,
        gettext("between {after:.4g} and {before:.4g}", after=after, before=before),
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
        expect(
            not is_still[pairs[name]].any(),
            "Some rows of `{name}_factors` are where they were, though there are ratings of "
            "them: train on all `pairs` and `ratings`.",
            gettext("{n} rows", n=int(is_still[pairs[name]].sum())),
            "none",
            name=name,
        )
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


def _changes_at_the_right_step(stepwise, epochs, rng):
    known = [0.001, 0.01, 0.003, 0.03]
    rates = tuple(float(one) for one in rng.permutation(known)[: len(epochs)])
    steps = int(rng.integers(20, 60))
    schedule = stepwise(epochs, rates, steps)
    expect(
        isinstance(schedule, FunctionProxy)
        and "LearningRateSchedule" in schedule.type_names(),
        "Return Keras' schedule, so that an optimizer can use it.",
        kind(schedule)
        if not isinstance(schedule, FunctionProxy)
        else schedule.type_names()[0],
        "PiecewiseConstantDecay",
    )

    def at(step):
        return number(schedule(int(step)), "The schedule")

    ends = np.cumsum(epochs) * steps
    starts = np.concatenate([[0], ends[:-1]])
    probes = np.concatenate(
        [
            [start, start + 2, (start + end) // 2, end - 3, end - 1]
            for start, end in zip(starts, ends, strict=True)
        ]
    )
    found = np.array([at(step) for step in probes])
    expected = np.repeat(rates, 5)

    def as_if(boundaries):
        return np.asarray(rates)[
            np.searchsorted(boundaries, probes, side="left").clip(max=len(rates) - 1)
        ]

    def where(step):
        return gettext("at step {step} of {n_steps}", step=step, n_steps=ends[-1])

    wrong = (
        int(np.flatnonzero(~np.isclose(found, expected, rtol=1e-3))[0])
        if not np.allclose(found, expected, rtol=1e-3)
        else None
    )
    if wrong is None:
        # What only bears the name of a schedule is none to an optimizer.
        moved = stepwise.make(
            "moves_of_a_weight", schedule=schedule, steps=probes[2::5].tolist()
        )
        close(
            np.asarray(moved),
            rates,
            "In compiled training, this schedule gives other rates than when it is called "
            "directly.",
            atol=1e-5,
        )
        return
    for boundaries, explanation in [
        (
            ends[:-1],
            "The rate changes one step late: the schedule gives a rate 'up to and including' "
            "its boundary, and steps count from 0. The first {steps} steps are 0 … {steps} - 1: "
            "take 1 off each boundary.",
        ),
        (
            ends[:-1] - 2,
            "The rate changes one step early: 'up to and including' a boundary means that only "
            "1 is to be taken off.",
        ),
        (
            np.cumsum(epochs)[:-1],
            "The boundaries are counted in epochs; the schedule counts in "
            "steps, {steps} of which make an epoch.",
        ),
        (
            np.asarray(epochs)[:-1] * steps,
            "Each boundary says when a rate ends, counted from the "
            "beginning of training: the second is after the first *and* the second part.",
        ),
        (
            np.asarray(epochs)[:-1],
            "The boundaries are counted in epochs, and each from its own "
            "beginning; the schedule counts in steps from the beginning of training.",
        ),
    ]:
        expect(
            not np.allclose(found, as_if(boundaries), rtol=1e-3),
            explanation,
            f"{found[wrong]:.4g} {where(probes[wrong])}",
            f"{expected[wrong]:.4g}",
            steps=steps,
        )
    raise NotYet(
        "For epochs {epochs}, {steps} steps each, some steps have another rate than the one "
        "asked for.",
        f"{found[wrong]:.4g} {where(probes[wrong])}",
        f"{expected[wrong]:.4g}",
        epochs=str(epochs),
        steps=steps,
    )
