"""Lesson 02, the dot model: checks, hints and questions."""

import numpy as np

from helpers.checks.boundary import Function, Lent, Model, Tensor
from helpers.checks.exercise import (
    Lesson,
    NotAttempted,
    NotYet,
    array,
    close,
    expect,
    kind,
    number,
)
from helpers.checks.models import (
    built,
    factors_can_learn,
    filled,
    has_no_more_weights,
    nothing_is_frozen,
    one_table,
    scores_alone,
    some_pairs,
    tables_of,
    three_sizes,
)
from helpers.language import say

lesson = Lesson()

# --- 2.1 ---------------------------------------------------------------------

look_up_rows = lesson.exercise(
    "2.1",
    "look up rows, twice",
    takes=("look_up", "multiply_one_hot"),
    notice="Both give the same rows, and `multiply_one_hot` did n_rows times as much work "
    "for it: that is why an embedding layer looks up and does not multiply.",
    hints=(
        "What does NumPy return for `table[2]`, and what for `table[[2, 0]]`?",
        "`np.eye(n)[rows]` has one row for each of `rows`, all 0 but for a single 1. Its "
        "second axis has to be as long as the table has rows. Which product turns (n, n_rows) "
        "and (n_rows, n_factors) into (n, n_factors)?",
        "def multiply_one_hot(table, rows):\n"
        "    one_hot = np.eye(...)[...]   # shape (n, n_rows)\n"
        "    return ... @ ...",
    ),
)


def _table_and_rows(rng):
    n_rows, n_columns = int(rng.integers(5, 10)), int(rng.integers(2, 5))
    table = rng.normal(size=(n_rows, n_columns))
    # Repeated, out of order, first and last row included. More of them than columns, and
    # never as many as rows.
    rows = np.concatenate([rng.permutation(n_rows)[:4], [0, n_rows - 1, n_rows - 1]])
    if len(rows) == n_rows:
        rows = np.append(rows, 1)
    return table, rows


@look_up_rows.part()
def looks_up(look_up, rng):
    table, rows = _table_and_rows(rng)
    found = array(look_up(table, rows), what="`look_up`")
    _same_rows(found, table, rows, "look_up")


@look_up_rows.part()
def multiplies(multiply_one_hot, rng):
    table, rows = _table_and_rows(rng)
    found = array(multiply_one_hot(table, rows), what="`multiply_one_hot`")
    _same_rows(found, table, rows, "multiply_one_hot")
    # 0 · ∞ is not a number: a real product cannot hide that it multiplied. In a column
    # with an infinity, all rows but its own are spoilt.
    table, rows = _table_and_rows(rng)
    n_rows, n_columns = table.shape
    spoilt = rng.permutation(n_columns)[: n_columns - 1]
    table[rng.integers(n_rows, size=len(spoilt)), spoilt] = rng.choice(
        [-np.inf, np.inf]
    )
    with np.errstate(invalid="ignore"):
        expected = np.eye(n_rows)[rows] @ table
    product = np.asarray(multiply_one_hot(table, rows), dtype="float64")
    expect(
        product.shape == expected.shape
        and np.allclose(product, expected, atol=1e-4, equal_nan=True),
        "`multiply_one_hot` gives the right rows, but by looking them up again. Build the "
        "one-hot vectors and multiply them with the table.",
    )


def _same_rows(found, table, rows, name):
    n_factors = table.shape[1]
    expect(
        found.shape != (n_factors, len(rows)),
        "`{name}` returns the rows lying on their side. Each row number should give one row.",
        say("shape {shape}", shape=found.shape),
        say("shape {shape}", shape=(len(rows), n_factors)),
        name=name,
    )
    expect(
        found.shape == (len(rows), n_factors),
        "`{name}` should return one row of the table for each row number.",
        say("shape {shape}", shape=found.shape),
        say(
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
        mistakes=[
            (
                table[rows - 1],
                "`{name}` is off by one: rows are numbered from 0, so row 0 is the first.",
            ),
            (
                table[np.sort(rows)],
                "`{name}` returns the right rows in another order.",
            ),
        ],
        name=name,
        rows=rows.tolist(),
    )


# --- 2.2 ---------------------------------------------------------------------

score_a_batch = lesson.exercise(
    "2.2",
    "score a batch of pairs",
    takes="score_pairs",
    notice="Row i of the answer depends on row i of the inputs and on nothing else. Keep that "
    "sentence: the next exercise makes a test of it.",
    hints=(
        "Multiply two arrays of shape (512, 64) element by element. Which axis of the result "
        "holds the pairs, and which the factors?",
        "`ops.sum(x, axis=…)` adds up along one axis and drops it; `keepdims=True` keeps it, "
        "with length 1.",
        "def score_pairs(user_vectors, movie_vectors):\n"
        "    return ops.sum(... * ..., axis=..., keepdims=...)",
    ),
)


@score_a_batch.part()
def scores_each_pair(score_pairs, rng):
    users, movies = rng.normal(size=(2, 6, 3)).astype("float32")
    found = array(score_pairs(Tensor(users), Tensor(movies)), what="`score_pairs`")
    products = users * movies
    pairs = products.sum(axis=1, keepdims=True)
    if found.size == 1 or (found.size == 6 and np.ptp(found) < 1e-5):
        raise NotYet(
            "All six pairs got one score. Each pair should have its own: you added up over the "
            "batch as well as over the factors. Which axis holds the factors?",
            found.ravel()[0],
            say(
                "six scores: {pairs}",
                pairs=pairs.astype("float64").round(2).ravel().tolist(),
            ),
        )
    for shape, explanation in [
        (
            (6, 6),
            "That is a score for each user with *each* movie, 6 × 6. Only row i with row i "
            "is asked for.",
        ),
        (
            (6, 3),
            "That is the product, element by element. It still has to be added up over the "
            "factors.",
        ),
        (
            (3,),
            "You added up over the pairs: there is one number for each factor. Which axis "
            "holds the factors?",
        ),
        (
            (1, 3),
            "You added up over the pairs: there is one number for each factor. Which axis "
            "holds the factors?",
        ),
        (
            (6,),
            "The scores should stand in a column. `keepdims=True` keeps the axis that "
            "was added up.",
        ),
    ]:
        expect(
            found.shape != shape,
            explanation,
            say("shape {shape}", shape=shape),
            "shape (6, 1)",
        )
    expect(
        found.shape == (6, 1),
        "For six pairs there should be six scores, in a column.",
        say("shape {shape}", shape=found.shape),
        "shape (6, 1)",
    )
    close(
        found,
        pairs,
        "The shape is right, the numbers are not: a score is the sum of the products of the "
        "two vectors' numbers.",
        mistakes=[
            (
                pairs / 3,
                "You took the mean over the factors; a dot product is the sum.",
            ),
            (
                (users + movies).sum(axis=1, keepdims=True),
                "You added the two vectors; a dot product multiplies them first.",
            ),
            (
                pairs
                / np.linalg.norm(users, axis=1, keepdims=True)
                / np.linalg.norm(movies, axis=1, keepdims=True),
                "That is the cosine. Here the vectors keep their lengths.",
            ),
        ],
    )


# --- 2.3 ---------------------------------------------------------------------

test_for_the_bug = lesson.exercise(
    "2.3",
    "write the test that finds it",
    takes="scores_each_pair_alone",
    notice="The test never looked inside: it works for every model that scores pairs, yours of "
    "next year included.",
    hints=(
        "If the score of pair 3 is its own business, what must happen to it when the other "
        "pairs are taken away?",
        "Score all pairs together. Then score each one alone, in a batch of one "
        "(`user_vectors[i : i + 1]`), and compare *all* of them, with a tolerance "
        "(`np.allclose(…, atol=1e-4)`). Compare their number, too: one score for eight pairs is "
        "wrong.",
        "together = ops.convert_to_numpy(score(..., ...)).ravel()\n"
        "alone = [... for i in range(...)]\n"
        "return len(together) == ... and ...",
    ),
)


SOME_OF_THE_PAIRS = (
    "Your test accepts a function where only some of the pairs lean on the others, or all of them "
    "in one direction: compare every pair alone, in both directions (`abs`), with a tolerance of "
    "1e-4."
)


def _lent(score):
    """Lend a function of two arrays of vectors, each pair in its row."""

    def given(users, movies):
        # A view: of whatever shapes these are, nothing large is made.
        users, movies = np.broadcast_arrays(users, movies)
        if users.size > 10_000:
            raise ValueError(say("{n} numbers are too many here", n=users.size))
        return Tensor(np.asarray(score(users, movies), dtype="float32"))

    return Lent(given)


def _dot(users, movies):
    return np.sum(users * movies, axis=-1, keepdims=True)


def _swapped(users, movies):
    """Score so that only the first pair's is right."""
    scores = _dot(users, movies)
    return np.concatenate([scores[:1], scores[1:][::-1]])


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

    return _lent(score)


@test_for_the_bug.part()
def finds_the_bug(scores_each_pair_alone, rng):
    function = scores_each_pair_alone
    vectors = [Tensor(one) for one in rng.normal(size=(2, 6, 4)).astype("float32")]
    # Right, and not to be known by a formula.
    weights = rng.uniform(0.5, 1.5, size=4) * rng.choice([-1, 1], size=4)
    lent = {
        "dot": _lent(_dot),
        "distance": _lent(
            lambda users, movies: -np.sqrt(_dot(users - movies, users - movies))
        ),
        "weighted": _lent(lambda users, movies: _dot(users * weights, movies)),
        # One number for the whole batch; the same, once a bias of shape (n, 1) was added.
        "published": _lent(lambda users, movies: np.tensordot(users, movies, 2)),
        "in_a_model": _lent(
            lambda users, movies: np.full(
                (len(users), 1), np.tensordot(users, movies, 2)
            )
        ),
        "swapped": _lent(_swapped),
        "leaning": _lent(
            lambda users, movies: (
                _dot(users, movies) - 0.1 * np.mean(_dot(users, movies))
            )
        ),
    }
    rights = ("dot", "distance", "weighted")

    def says(score):
        return bool(number(function(score, *vectors), "Your test"))

    # In an order that nobody can count along with.
    said = {name: says(lent[name]) for name in rng.permutation(list(lent)).tolist()}
    right = [said[name] for name in rights]
    wrong = {name: said[name] for name in said if name not in rights}
    shift = np.eye(6)[[0, 5, 3]] * 0.003
    shifted = [
        says(_shifted(one.tolist()))
        for one in (
            np.full(6, 0.003),
            np.full(6, -0.003),
            0.003 - shift[1],
            shift[1] - 0.003,
            *shift,
            *-shift,
            np.resize([0.003, -0.003], 6),
        )
    ]
    noisy = says(_shifted([5e-5, -5e-5] * 3))
    expect(
        not (all(right) and all(wrong.values())),
        "Your test says True to everything, the published bug included.",
    )
    expect(
        any(right) or any(wrong.values()),
        "Your test says False to everything, a correct dot product included. (Do you compare "
        "floats with `==`? Allow 1e-4. Or arrays of two shapes?)",
    )
    expect(
        any(right) or not all(wrong.values()),
        "Your test is the wrong way round: it says True where the scores depend on the batch.",
    )
    expect(
        all(right),
        "Your test rejects a function that is right, if another one than the dot product: "
        "minus the distance of the two vectors, or a product with weights. Do not compute the scores yourself: compare `score` with `score`, and with a "
        "tolerance of 1e-4, not with `==`.",
    )
    expect(
        not wrong["published"],
        "Your test accepts the published bug, one number for six pairs.",
    )
    expect(
        not all(shifted)
        or not all(wrong[name] for name in wrong if name != "published"),
        "Your test looks at the shape only: it accepts the published bug as soon as its one "
        "number stands six times in a column. Compare the scores, too.",
    )
    expect(
        not wrong["in_a_model"] and not wrong["swapped"],
        SOME_OF_THE_PAIRS,
    )
    expect(
        not wrong["leaning"],
        "Your test is too patient: it accepts scores from which a tenth of the batch's mean was "
        "taken off. Allow 1e-4, not more.",
    )
    expect(
        not all(shifted),
        "Your test is too patient: it accepts scores that are off by 0.003 as soon as a pair is "
        "not alone. Allow 1e-4, not more, and compare with pairs that are really *alone*.",
    )
    expect(not any(shifted), SOME_OF_THE_PAIRS)
    expect(
        noisy,
        "Your test is too strict: it rejects a right function whose scores differ by 0.00005, "
        "as rounding may do. Do not compare floats with `==`: allow 1e-4.",
    )


# --- 2.4 and 2.6 -------------------------------------------------------------

build_it = lesson.exercise(
    "2.4",
    "build it",
    takes="build_dot_model",
    notice="Nothing in this model adds: not a bias, not the mean. Remember that when you look at "
    "its first predictions.",
    hints=(
        "Follow one user number through the drawing in your head: a number goes in, 64 numbers "
        "come out of the table, and where do they meet the movie's?",
        "`layers.Embedding(n_users, n_factors, embeddings_regularizer=…, name=…)(user)` gives "
        "the user's vector. Do the same with the movie, and hand both, as a list, to "
        "`layers.Dot(axes=-1)`.",
        'user_vector = layers.Embedding(..., ..., name="user_factors")(user)\n'
        'movie_vector = layers.Embedding(..., ..., name="movie_factors")(movie)\n'
        "rating = layers.Dot(axes=-1)([..., ...])\n"
        'return keras.Model({"user": user, "movie": movie}, ...)',
    ),
)


@build_it.part(points=2)
def is_the_dot_model(build_dot_model, rng):
    sizes = three_sizes(rng)
    model = build_dot_model(*sizes)
    is_dot_model(model, sizes, rng)
    expect(
        model.penalty() < 1e-8,
        "Without `l2` the model should have no penalty, and it has one.",
        model.penalty(),
        0.0,
    )


@build_it.part()
def has_the_penalty(build_dot_model, rng):
    sizes = three_sizes(rng)
    model = build_dot_model(*sizes, l2=0.1)
    expect(
        isinstance(model, Model),
        "`build_dot_model` should return a Keras model.",
        kind(model),
    )
    model({"user": [0], "movie": [0]})
    nothing_is_frozen(model)
    squares = [
        float(np.sum(model.weights(name)[0] ** 2))
        for name in ("user_factors", "movie_factors")
    ]
    close(
        model.penalty(),
        0.1 * sum(squares),
        "`l2` should tax the squares of both tables: "
        "`embeddings_regularizer=keras.regularizers.L2(l2)`.",
        mistakes=[
            (
                0.0,
                "`l2` does nothing yet: both tables want an `embeddings_regularizer`.",
            ),
            (0.1 * squares[0], "Only the users' table has the penalty."),
            (0.1 * squares[1], "Only the movies' table has the penalty."),
        ],
        atol=1e-6,
    )


def is_dot_model(model, sizes, rng):
    """Check that a model is the dot model of these sizes."""
    n_users, n_movies, n_factors = sizes
    columns = {"user_factors": n_factors, "movie_factors": n_factors}
    tables = tables_of(built(model), n_users, n_movies, columns)
    nothing_is_frozen(model)
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
        mistakes=[
            (
                1 / (1 + np.exp(-dot)),
                "There is a sigmoid at the end; stars want the bare product.",
            ),
            (dot.clip(min=0), "There is a ReLU at the end; a product may be negative."),
            (
                products.mean(axis=1, keepdims=True),
                "That is the mean of the products, not the sum.",
            ),
            (
                dot
                / np.linalg.norm(user_vectors, axis=1, keepdims=True)
                / np.linalg.norm(movie_vectors, axis=1, keepdims=True),
                "That is the cosine (`normalize=True`?). The plain product is asked for.",
            ),
        ],
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


# --- 2.5 ---------------------------------------------------------------------

predict_the_size = lesson.exercise(
    "2.5",
    "predict the size",
    takes="count_weights",
    notice="Every user and every movie costs the same, n_factors weights, however many ratings "
    "there are. A movie with one rating has as many weights as Star Wars.",
    hints=(
        "How many numbers does the users' table hold? And the movies'?",
        "A table of n rows and k columns holds n · k numbers. The dot product itself has none.",
        "return (... + ...) * ...",
    ),
)


@predict_the_size.part()
def counts(count_weights, rng):
    sizes = rng.choice(np.arange(4, 60), size=3, replace=False)
    n_users, n_movies, n_factors = (int(one) for one in sizes)
    found = number(count_weights(n_users, n_movies, n_factors), "`count_weights`")
    tables = (n_users + n_movies) * n_factors
    close(
        found,
        tables,
        "For {n_users} users, {n_movies} movies and {n_factors} factors that is "
        "not the number of weights of two tables.",
        mistakes=[
            (
                n_users * n_movies * n_factors,
                "That multiplies users by movies. There is no table of all pairs: one for the "
                "users, one for the movies.",
            ),
            (
                tables + n_users + n_movies,
                "That counts a bias for each user and movie. They come in lesson 03.",
            ),
            (
                tables + 1,
                "One too many: a dot product has no weight of its own.",
            ),
            (n_users + n_movies, "Each row holds more than one number."),
            (
                n_users * n_factors + n_movies,
                "The movies' rows are as long as the users'.",
            ),
            (
                n_users + n_movies * n_factors,
                "The users' rows are as long as the movies'.",
            ),
        ],
        atol=0.5,
        n_users=n_users,
        n_movies=n_movies,
        n_factors=n_factors,
    )


same_as_a_class = lesson.exercise(
    "2.6",
    "the same, as a class",
    takes="DotModel",
    notice="The tables are made once, in `__init__`; `call` only uses them. Layers made in "
    "`call` would be new, and untrained, in every batch.",
    hints=(
        "Which layers does the model own, and what happens to a batch? The first belongs into "
        "`__init__`, the second into `call`.",
        "Keep both embeddings as attributes (`self.user_factors = …`), users first. In `call`, "
        '`pairs["user"]` has the row numbers; call the layer with them.',
        "def __init__(...):\n"
        "    self.user_factors = layers.Embedding(...)\n"
        "    self.movie_factors = ...\n"
        "def call(self, pairs):\n"
        "    return score_pairs(self.user_factors(...), ...)",
    ),
)


MADE_IN_CALL = (
    "The layers have to be made once, in `__init__`, and kept as attributes (`self.user_factors "
    "= …`). Layers made in `call` are new, and untrained, in every batch."
)


@same_as_a_class.part(points=2)
def is_the_same_model(DotModel, rng):
    sizes = three_sizes(rng)
    classes = DotModel.type_names()
    expect(
        classes[0] == "type" and "Model" in classes,
        "`DotModel` should be a class that derives from `keras.Model`: "
        "`class DotModel(keras.Model):`, with `__init__` and `call`.",
        "a function"
        if classes[0] != "type"
        else say("a class from `{name}`", name=classes[2]),
        "a subclass of keras.Model",
    )
    model = DotModel(*sizes)
    expect(
        isinstance(model, Model),
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
    expect(
        np.array_equal(first, model(pairs)),
        "The same pairs get other scores when the model is called a second time. {why}",
        why=MADE_IN_CALL,
    )
    is_dot_model(model, sizes, rng)
    try:
        compiled = array(model.predict(pairs), what="`predict`")
    except NotYet as problem:
        raise NotYet(
            "Called by itself the model is right, but `predict` and `fit` compile it, and there "
            "it fails: in `call` everything has to be `ops` or layers, no NumPy. {problem}",
            problem=problem,
        ) from None
    close(
        compiled,
        model(pairs),
        "`predict`, where the model is compiled, gives other scores than a plain call. Is "
        "something in `call` worked out only once?",
    )
    names = model.layer_names()
    expect(
        names.index("user_factors") < names.index("movie_factors"),
        "Make the users' table first: further down the weights of the other model are copied in, "
        "in order.",
        names,
        ["user_factors", "movie_factors"],
    )


# --- 2.7 ---------------------------------------------------------------------

search_a_rate = lesson.exercise(
    "2.7",
    "search a learning rate",
    takes="loss_after_one_epoch",
    notice="One epoch each, all from the same start: that makes the losses comparable, and the "
    "search cheap.",
    hints=(
        "What does a model need before `fit`, and what does `fit` hand back?",
        "`model.compile(optimizer=keras.optimizers.Adam(…), loss=…)`, then `history = "
        "model.fit(…, epochs=…)`. `history.history` is a dictionary of lists, with one entry "
        "an epoch.",
        "model.compile(optimizer=keras.optimizers.Adam(...), loss=...)\n"
        "history = model.fit(..., ..., batch_size=..., epochs=..., verbose=0)\n"
        "return history.history[...][...]",
    ),
)


@search_a_rate.part(points=2)
def trains_one_epoch(loss_after_one_epoch, rng):
    n, n_factors = int(rng.integers(14, 20)), int(rng.integers(3, 6))
    n_users, n_movies = n + int(rng.integers(1, 4)), n + int(rng.integers(4, 8))
    model = loss_after_one_epoch.make(
        "dot_model", n_users=n_users, n_movies=n_movies, n_factors=n_factors
    )
    tables = {
        name: rng.normal(scale=0.5, size=(rows, n_factors)).astype("float32")
        for name, rows in (("user_factors", n_users), ("movie_factors", n_movies))
    }
    for name, table in tables.items():
        model.set_weights(name, [table])
    # Nobody twice: how optimizers add up the gradients of a row that is there twice in a
    # batch, Keras decides.
    pairs = {
        "user": rng.permutation(n_users)[:n].astype("int32"),
        "movie": rng.permutation(n_movies)[:n].astype("int32"),
    }
    ratings = rng.integers(1, 6, size=n).astype("float32")
    users = tables["user_factors"][pairs["user"]]
    movies = tables["movie_factors"][pairs["movie"]]
    before = np.sum(users * movies, axis=1)
    rate = float(rng.uniform(0.004, 0.03))
    try:
        found = loss_after_one_epoch(model, rate, pairs, ratings)
    except NotYet as problem:
        if "indices[" in str(problem) or "is not in [0" in str(problem):
            raise NotYet(
                "The model was asked for users or movies that it does not have: did you train "
                "on the notebook's own pairs instead of `pairs` and `ratings`?"
            ) from None
        raise
    trained = model.training()
    expect(
        trained["compiled"] and trained["steps"] > 0,
        "The model that was handed over has not been trained. Compile and fit `model` itself.",
    )
    after = model(pairs)[:, 0]
    expect(
        np.abs(after - before).max() > 1e-6,
        "The model says that it was trained, but it predicts what it did before.",
    )
    expect(
        trained["epochs"] > 0,
        "The model was trained without `fit` (`train_on_batch`?). `fit` is expected here: it "
        "makes the batches, and its history has the loss of the epoch.",
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
    if isinstance(found, (list, tuple, dict)) or not np.isscalar(found):
        raise NotYet(
            "Return one number: the history's list has one entry an epoch.",
            kind(found),
            "a float",
        )
    squared = float(np.mean((before - ratings) ** 2))
    mistakes = [
        (
            np.sqrt(squared),
            "That is the root of the loss. The MSE itself is asked for.",
        ),
        (
            float(np.mean(np.abs(before - ratings))),
            'That is the mean absolute error: the loss should be `"mse"`.',
        ),
        (
            float(np.mean((after - ratings) ** 2)),
            "That is the error *after* the epoch. The loss of the history is the mean over the "
            "batches of the epoch.",
        ),
    ]
    found = number(found, "`loss_after_one_epoch`")
    if trained["losses"]:
        loss = trained["losses"][-1]
        for digits in range(4):
            expect(
                found != round(loss, digits) or abs(found - loss) < 1e-6,
                "The loss is right, but rounded. Return it as it is: rounding is for printing.",
                repr(found),
                f"{loss:.6f}",
            )
    close(
        found,
        trained["losses"][-1] if trained["losses"] else squared,
        "That is not the training loss (MSE) of the epoch.",
        mistakes,
        atol=1e-3,
    )
    # All ratings fit into one batch, so its loss is the one before training.
    close(
        found,
        squared,
        "The loss is of something else than the mean squared error over all of the ratings "
        "handed over, in batches of 1,024. (Did you train on all of them?)",
        mistakes,
        atol=2e-2,
    )
    _moved_as_by_adam(model, tables, pairs, before - ratings, rate)


def _moved_as_by_adam(model, tables, pairs, errors, rate):
    """Check that the tables are where one step of Adam takes them.

    Its first step moves each weight by the rate, against the sign of its gradient. What
    a model says about its training can be made up; this cannot, but by training it.
    """
    for name, other in (("user", "movie"), ("movie", "user")):
        own, theirs = tables[f"{name}_factors"], tables[f"{other}_factors"]
        slope = np.zeros_like(own)
        slope[pairs[name]] = errors[:, None] * theirs[pairs[other]]
        moved = one_table(model, f"{name}_factors") - own
        is_clear = (np.abs(slope) > 1e-2) | (slope == 0)
        expect(
            np.allclose(
                moved[is_clear], -rate * np.sign(slope[is_clear]), atol=0.05 * rate
            ),
            "The model's weights are not where one epoch takes them, with Adam at the rate "
            "asked for and the mean squared error as the loss. Train `model` itself, as it "
            "was handed over, once.",
        )


# --- 2.8 ---------------------------------------------------------------------

schedule_the_rate = lesson.exercise(
    "2.8",
    "a stepwise schedule",
    takes="stepwise",
    notice="The optimizer asks the schedule at every step, so nobody has to assign anything "
    "between two calls of `fit`.",
    hints=(
        "With 100 steps an epoch and epochs (1, 2, 1): at which step does the second rate "
        "begin, and at which the third? Why are there only two boundaries?",
        "`np.cumsum(epochs)` says after how many epochs each rate ends. The last one needs no "
        "boundary. Then count in steps instead of epochs.",
        "boundaries = np.cumsum(...)[:-1] * ...\n"
        "return keras.optimizers.schedules.PiecewiseConstantDecay(\n"
        "    [int(boundary) - 1 for boundary in boundaries], list(...)\n"
        ")",
    ),
)


@schedule_the_rate.part(points=2)
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
        isinstance(schedule, Function)
        and "LearningRateSchedule" in schedule.type_names(),
        "Return Keras' schedule, so that an optimizer can use it.",
        kind(schedule)
        if not isinstance(schedule, Function)
        else schedule.type_names()[0],
        "PiecewiseConstantDecay",
    )

    def at(step):
        return float(schedule(int(step)))

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
        return say("at step {step} of {n_steps}", step=step, n_steps=ends[-1])

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
            array(moved, np.shape(rates), "The optimizer"),
            rates,
            "Return Keras' schedule, so that an optimizer can use it.",
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
        "The rate changes at the wrong step: epochs {epochs}, {steps} steps each.",
        f"{found[wrong]:.4g} {where(probes[wrong])}",
        f"{expected[wrong]:.4g}",
        epochs=str(epochs),
        steps=steps,
    )


# --- questions ---------------------------------------------------------------

lesson.question(
    "2.a",
    "A batch holds 512 pairs, and a vector 64 numbers. How many scores should the model return "
    "for the batch?",
    (
        "1",
        "That is what a famous example returns, by mistake. Then all 512 users of the batch get "
        "the same score.",
    ),
    ("64", "64 is the length of a vector. The dot product adds the 64 products up."),
    ("512", "One for each pair, and no pair has to do with any other."),
    (
        "512 × 512",
        "That would score every user of the batch with every movie of the batch. Useful "
        "for rankings, but here each user comes with one movie.",
    ),
    right=2,
)

lesson.question(
    "2.b",
    "The tables start with numbers between −0.05 and 0.05. What does the untrained model answer, "
    "and how large is its RMSE on ratings from 1 to 5 stars?",
    (
        "About 3.5 to everything, RMSE about 1.1",
        "Nobody has told it the mean: there is no place "
        "for it in the model. It has to be learned.",
    ),
    (
        "About 0 to everything, RMSE about 3.7",
        "Products of small numbers are tiny. The error is "
        "then the rating itself, and the fives count most.",
    ),
    (
        "Random stars from 1 to 5, RMSE about 2",
        "The model knows nothing about a scale of stars. It multiplies small numbers.",
    ),
    right=1,
)

lesson.question(
    "2.c",
    "L2 pulls all weights towards 0. The dot model makes its 3.5 from nothing but weights. What "
    "does a strong L2 do to its predictions?",
    (
        "They come closer to the mean, 3.5",
        "For that the mean would need a place of its own. In "
        "this model, weights of 0 predict 0 stars.",
    ),
    (
        "They come out too low",
        "It taxes the 3.5 like everything else, since both are made of the "
        "same weights.",
    ),
    (
        "Nothing: L2 is only on while training",
        "It is in the loss, and so it decides which weights "
        "training ends up with; predictions are made of those.",
    ),
    right=1,
)
