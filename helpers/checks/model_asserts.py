"""What several lessons' checks ask of a model that rates pairs."""

import contextlib

import numpy as np

from helpers.checks.asserts import (
    NotYet,
    array,
    close,
    diagnose,
    expect,
    has_shape,
    kind,
    shape_of,
)
from helpers.checks.proxies import ModelProxy
from helpers.i18n import gettext


def three_sizes(rng, more_rows=0):
    """Draw three sizes, two apart at least, so that no two can be mixed up unseen.

    Parameters
    ----------
    rng : numpy.random.Generator
    more_rows : int
        So many users and movies more: 300 are too many for the row numbers of a narrow
        type of integers.

    Returns
    -------
    n_users, n_movies, n_factors : int
    """
    known = np.arange(4, 12, 2) + int(rng.integers(2))
    n_users, n_movies, n_factors = (int(one) for one in rng.permutation(known)[:3])
    return n_users + more_rows, n_movies + more_rows, n_factors


def some_pairs(rng, n_users, n_movies):
    """Draw six pairs, the last user with the last movie among them."""
    user, movie = (
        np.append(rng.integers(n, size=5), n - 1) for n in (n_users, n_movies)
    )
    return {"user": user.astype("int32"), "movie": movie.astype("int32")}


def all_pairs(n_users, n_movies):
    """Return each user with each movie."""
    user, movie = np.divmod(np.arange(n_users * n_movies), n_movies)
    return {"user": user.astype("int32"), "movie": movie.astype("int32")}


def build(model):
    """Check that this is a model, and call it once: the first call makes the tables."""
    expect(
        isinstance(model, ModelProxy),
        "That should be a Keras model: `return keras.Model({…}, …)`.",
        kind(model),
        "a keras.Model",
    )
    model({"user": np.zeros(1, "int32"), "movie": np.zeros(1, "int32")})
    return model


@contextlib.contextmanager
def with_the_defaults():
    """Say of what is not right below that it is so with the default arguments."""
    try:
        yield
    except NotYet as problem:
        raise NotYet(
            "With the default arguments of the exercise's `def` line: {problem}",
            problem.found,
            problem.expected,
            problem=problem,
        ) from None


def is_functional(model):
    """Check that this is no subclass, whose weights and inputs come with its first call."""
    way, _ = model.inputs()
    expect(
        way,
        "That is a subclass. Here the model should be functional, so that it has its weights and "
        'its `input` before it is called: `keras.Model({"user": user, "movie": movie}, …)`.',
    )


def has_named_inputs(model):
    """Check that a functional model can be asked for its inputs by name."""
    way, names = model.inputs()
    expect(
        way in ("", "dict") and (not way or sorted(names) == ["movie", "user"]),
        "The lessons ask a model for its inputs by name. Make it with a dictionary: "
        '`keras.Model({"user": user, "movie": movie}, …)`.',
        gettext("a {kind} of inputs", kind=way) if way != "dict" else ", ".join(names),
        "a dictionary with user and movie",
    )


def one_table(model, name):
    """Return the weights of an embedding."""
    weights = model.weights(name)
    expect(
        len(weights) == 1 and weights[0].ndim == 2,
        "`{name}` should be an embedding, with one table as its weights.",
        list(map(shape_of, weights)),
        "one table",
        name=name,
    )
    return weights[0]


def tables_of(model, n_users, n_movies, columns):
    """Return a model's tables, and check their sizes.

    Parameters
    ----------
    model : helpers.checks.proxies.ModelProxy
    n_users, n_movies : int
    columns : dict of str to int
        How many columns which table has. Names begin with "user" or "movie".

    Returns
    -------
    dict of str to numpy.ndarray
    """
    tables = {name: one_table(model, name) for name in columns}
    for name, table in tables.items():
        rows, other = n_users, n_movies
        if name.startswith("movie"):
            rows, other = n_movies, n_users
        n_columns, n_more = columns[name], len(table) - rows
        swapped, small = len(table) == other, n_more == -1
        diagnose(
            {
                "`{name}` has as many rows as the other table should have.": swapped,
                "`{name}` is too small by one: the largest index has no row.": small,
                "`{name}` has a row too many. Row numbers start at 0 here, so n rows are enough; a "
                "spare one is never trained, and turns up in lists of similar movies "
                "later.": n_more == 1,
                "`{name}` has the wrong size for {n_users} users, {n_movies} movies and "
                "{n_columns}.": table.shape != (rows, n_columns),
            },
            shape_of(table),
            gettext("shape {shape}", shape=(rows, n_columns)),
            name=name,
            n_users=n_users,
            n_movies=n_movies,
            n_columns="one column"
            if n_columns == 1
            else gettext("{n} factors", n=n_columns),
        )
    return tables


def fill_tables(model, tables, rng):
    """Put large, different numbers into the tables, so that every slip shows.

    Biases go so far to both sides that ratings leave every scale of stars.
    """
    new = {name: rng.normal(size=table.shape) for name, table in tables.items()}
    for name, table in new.items():
        if table.shape[1] == 1:
            far = rng.permutation(np.linspace(-4, 4, len(table)))
            table[:] = far[:, None] + 0.2 * np.tanh(table)
        new[name] = table.astype("float32")
    for name, table in new.items():
        model.set_weights(name, [table])
    return new


def zero_tables(model, tables):
    """Put zeros into the tables."""
    for name, table in tables.items():
        model.set_weights(name, [np.zeros_like(table)])


def start_at_zero(tables, names):
    """Check that these tables hold nothing before training."""
    for name in names:
        expect(
            np.abs(tables[name]).max() < 1e-8,
            "`{name}` does not start at zero. A bias that has seen no rating should say "
            'nothing: give its embedding the start `"zeros"`.',
            tables[name].ravel(),
            "zeros",
            name=name,
        )


def nothing_is_frozen(model, tables=None):
    """Check that training can move every table.

    Parameters
    ----------
    model : helpers.checks.proxies.ModelProxy
    tables : collection of str, optional
        Names of layers; all by default. Others may hold a constant.
    """
    frozen = [
        name for name in model.training()["frozen"] if tables is None or name in tables
    ]
    expect(
        not frozen,
        "Frozen (`trainable=False`?): {names}. Training would leave it as it started, and "
        "no L2 counts it.",
        names=gettext(" and ").join(f"`{name}`" for name in frozen),
    )


def factors_can_learn(tables, names):
    """Check that the factors start small, and not all at one number."""
    expect(
        any(np.ptp(tables[name]) > 1e-6 for name in names),
        "All factors start at one and the same number. At zero the product and its gradient "
        "are 0, so they never move; at another number all factors of a user stay equal, and "
        "64 do the work of one. Leave the embedding its own start, small random numbers.",
        {name: tables[name].ravel()[:4] for name in names},
        "small random numbers",
    )
    for name in names:
        expect(
            np.sqrt(np.mean(tables[name] ** 2)) < 4,
            "`{name}` starts with huge numbers: the first predictions are far off every scale of "
            "stars. Leave the embedding its own start, small random numbers.",
            tables[name].ravel()[:4],
            "small random numbers",
            name=name,
        )


def predicts_the_mean(model, mean, pairs):
    """Check that a model whose weights are all 0 predicts the mean."""
    found = array(model(pairs), what="The model").ravel()
    expected = np.full(found.shape, mean)
    sigmoids = expected + 0.5, 1 / (1 + np.exp(-expected))
    close(
        found,
        expected,
        "With all weights at 0 the model should predict the mean that it was given. Is a "
        "number of your own in it?",
        mistakes={
            "With all weights at 0 the model predicts 0 stars. It should predict the mean that it "
            "was given, a constant. (A weight that starts at the mean is learned, and does not "
            "stay there.)": expected * 0,
            "The mean is added twice.": expected * 2,
            "The mean is taken off instead of added.": -expected,
            "There is a sigmoid in it. A rating in stars wants none.": sigmoids,
        },
    )


def scores_alone(model, pairs):
    """Score pairs, and check that each one's score is its own business.

    Returns
    -------
    numpy.ndarray, shape (n, 1)
    """
    n = len(pairs["user"])
    together = array(model(pairs), what="The model", dtype="float32")
    one_by_one = (
        model({name: rows[i : i + 1] for name, rows in pairs.items()}) for i in range(n)
    )
    alone = np.vstack([np.reshape(score, (1, -1))[:, :1] for score in one_by_one])
    expect(
        together.size > 1 and np.ptp(together) >= 1e-6,
        "All pairs of a batch get the same score. (`tensordot(…, 2)` adds up over the batch, "
        "too; your test of exercise 2.3 finds it.)",
        together,
        alone,
    )
    has_shape(
        together,
        (n, 1),
        "For n pairs the model should return shape (n, 1).",
        mistakes={
            "That is a table of all pairs with each other; the model should return shape (n, 1). "
            "(Where shape (n,) meets shape (n, 1), every row is combined with every "
            "other.)": (n, n),
        },
    )
    close(
        together,
        alone,
        "A pair's score depends on the other pairs of its batch: alone it is another one. "
        "(`tensordot(…, 2)` does that: it adds up over the batch, too.)",
    )
    return together


def predicts_as_called(model, pairs):
    """Check that a model gives the same scores where Keras compiles it, as in `fit`."""
    # One batch of Keras' 32 rows and a part of another: no number of rows is a constant.
    pairs = {name: np.resize(rows, 40) for name, rows in pairs.items()}
    called = model(pairs)
    try:
        compiled = array(model.predict(pairs), np.shape(called), "`predict`")
    except NotYet as problem:
        raise NotYet(
            "Called by itself the model is right, but `predict` and `fit` compile it, and there "
            "it fails. Tensors have no values then, and the number of rows is not known: `ops` "
            "and layers can do with that; NumPy, or a loop over the rows, cannot. {problem}",
            problem=problem,
        ) from None
    close(
        compiled,
        called,
        "`predict`, where the model is compiled, gives other scores than a plain call.",
    )


def learns_from_each_pair(function, model, tables, rng):
    """Check that the mean squared error of each pair moves the tables' rows of the pair.

    Parameters
    ----------
    function : helpers.checks.proxies.FunctionProxy
        Any function of the student's.
    model : helpers.checks.proxies.ModelProxy
    tables : dict of str to numpy.ndarray
        Its weights: biases, factors or both, which make up its rating as a sum.
    rng : numpy.random.Generator
    """
    pairs = {"user": np.array([0, 0, 2, 1, 3]), "movie": np.array([0, 1, 0, 3, 2])}
    pairs = {name: rows.astype("int32") for name, rows in pairs.items()}
    stars = rng.uniform(6, 9, size=(len(pairs["user"]), 1)).astype("float32")
    errors = array(model(pairs), what="The model") - stars
    found = function.make("gradients_of_ratings", model=model, pairs=pairs, stars=stars)

    def slope(name, counts):
        own, other = ("user", "movie") if name.startswith("user") else ("movie", "user")
        of_each = np.ones_like(errors)
        if tables[name].shape[1] > 1:
            of_each = tables[f"{other}_factors"][pairs[other]]
        total = np.zeros(tables[name].shape)
        np.add.at(total, pairs[own], counts * errors * of_each)
        return 2 * total / counts.sum()

    of_user, of_movie = (rows[:, None] > 0 for rows in pairs.values())
    for name in tables:
        gradient = found[name][0]
        right = slope(name, np.ones_like(of_user))
        mistakes = {
            "Row 0 is hidden from training (`mask_zero=True`?): the loss leaves out the pair of "
            "user 0 and movie 0. Rows count from 0 here, so row 0 is a user, or a movie, like "
            "any other.": (
                slope(name, of_user | of_movie),
                slope(name, of_user & of_movie),
            ),
            "The errors do not reach `{name}`: training would leave it as it started. Is there "
            "a `stop_gradient` on the way?": 0 * right,
        }
        gradient = 0 * right if gradient is None else np.asarray(gradient)
        reason = (
            "In training the errors of the pairs do not move `{name}` as they should: the "
            "gradient of the mean squared error is another one."
        )
        close(gradient, right, reason, mistakes, atol=1e-3, rtol=1e-3, name=name)


def makes_new_models(function, arguments):
    """Check that each call makes a model of its own, and leaves random states alone.

    Parameters
    ----------
    function : helpers.checks.proxies.FunctionProxy
        Makes a model.
    arguments : sequence
    """
    first, second = (build(function(*arguments)) for _ in range(2))
    # Layers without a name of their own are numbered on, from one model to the next.
    both = set(first.layer_names()) & set(second.layer_names())
    names = [name for name in sorted(both) if first.weights(name)]
    for name in names:
        first.set_weights(name, [one + 1 for one in first.weights(name)])
    is_shared = any(
        np.array_equal(one, other)
        for name in names
        for one, other in zip(first.weights(name), second.weights(name), strict=True)
    )
    expect(
        not is_shared,
        "Two calls gave one and the same model, or two that share their weights: the second run "
        "of an experiment would go on with what the first one has trained. Make new layers in "
        "every call, and keep none of them.",
    )
    expect(
        not function.make("sets_a_seed", function=function, arguments=list(arguments)),
        "The function sets a seed: then all models start with the same weights, whatever seed "
        "was set before. Leave that to the cells that call it.",
    )


def has_no_more_weights(model, expected):
    """Check the number of weights."""
    found = model.n_weights()
    diagnose(
        {
            "The model has more weights than it should: is there a layer too many, or a constant "
            "that is learned?": found > expected,
            "The model has fewer weights than it should.": found < expected,
        },
        gettext("{n} weights", n=found),
        f"{expected}",
    )


def l2_of_each(model, tables, rng):
    """Measure how strongly the loss penalizes the squares of each table.

    Returns
    -------
    dict of str to float
    """
    strengths = {}
    for name, table in tables.items():
        zero_tables(model, tables)
        full = fill_tables(model, {name: table}, rng)[name]
        model({"user": np.zeros(1, "int32"), "movie": np.zeros(1, "int32")})
        strengths[name] = model.penalty() / float(np.sum(full.astype("float64") ** 2))
    return strengths


def has_l2(strengths, expected, parameters):
    """Check the strengths of a model's L2, table by table.

    Parameters
    ----------
    strengths, expected : dict of str to float
    parameters : dict of str to str
        Which parameter each table's strength comes from.
    """
    names = set(parameters.values())
    expect(
        max(strengths.values()) > 1e-6,
        "Still without any effect: {names}. Each table wants an `embeddings_regularizer`.",
        "no penalty",
        names=gettext(" and ").join(f"`{one}`" for one in sorted(names)),
    )
    for name, strength in strengths.items():
        own = parameters[name]
        others = [
            parameter
            for other, parameter in parameters.items()
            if parameter != own and np.isclose(strength, expected[other], rtol=1e-3)
        ]
        found, wanted = (
            gettext("{strength:.3g} · squares", strength=one)
            for one in (strength, expected[name])
        )
        is_right = np.isclose(strength, expected[name], rtol=1e-3)
        diagnose(
            {
                "`{name}` has no L2; other tables have one.": strength <= 1e-6,
                "`{name}` is penalized with `{other}`; it should be `{own}`.": others,
                "The loss should have `{parameter}` times the sum of all squares of `{name}`: "
                "`keras.regularizers.L2({parameter})`, once.": not is_right,
            },
            found if strength > 1e-6 else "no penalty",
            wanted,
            name=name,
            other="".join(others[:1]),
            own=own,
            parameter=own,
        )


def works_for_any_batch(function, *arguments, constants=(), where=None):
    """Check that a function of tensors can be compiled for any number of rows.

    Ask this of a function that works on these arguments when it is just called.

    Parameters
    ----------
    function : helpers.checks.proxies.FunctionProxy or helpers.checks.proxies.ModelProxy
    *arguments : numpy.ndarray or dict of numpy.ndarray
        Each with the rows of one batch.
    constants : sequence of helpers.checks.proxies.Tensor
        Arguments that come before these, and whose size is known.
    where : helpers.checks.proxies.FunctionProxy, optional
        Any function of the student's, where `function` is a model.

    Returns
    -------
    numpy.ndarray : what it returns then
    """
    try:
        return (where or function).make(
            "call_in_graph",
            function=function,
            arguments=list(arguments),
            constants=list(constants),
        )
    except NotYet as problem:
        raise NotYet(
            "It works on one batch, but `fit` compiles it once for batches of every size: "
            "the number of rows is unknown then (`None`), and tensors have no values yet. "
            "{problem}",
            problem=problem,
        ) from None


def has_penalties(model, rng, sizes, columns, expected):
    """Check the L2 of each table, and that training can move it.

    Parameters
    ----------
    model : object
        What the student's function returned.
    rng : numpy.random.Generator
    sizes : tuple of int
        The numbers of users and of movies.
    columns : dict of str to int
        As for `tables_of`.
    expected : dict of str to (str, float)
        By table: the parameter that its strength comes from, and the strength.
    """
    tables = tables_of(build(model), *sizes, columns)
    nothing_is_frozen(model, tables)
    parameters = {name: parameter for name, (parameter, _) in expected.items()}
    strengths = {name: strength for name, (_, strength) in expected.items()}
    has_l2(l2_of_each(model, tables, rng), strengths, parameters)
