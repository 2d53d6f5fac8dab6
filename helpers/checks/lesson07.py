"""Lesson 07, scaling: checks, hints and questions."""

import numpy as np

from helpers.checks.boundary import Dice, Tensor
from helpers.checks.exercise import (
    Lesson,
    NotYet,
    array,
    close,
    close_at,
    expect,
    kind,
    number,
)
from helpers.language import say

lesson = Lesson()

# --- 7.1 ---------------------------------------------------------------------

memory_on_paper = lesson.exercise(
    "7.1",
    "memory, on paper",
    takes="bytes_to_train",
    notice="The number of ratings is not in it. Memory grows with who and what there is, not "
    "with what they did.",
    hints=(
        "How many numbers stand in the row of one user, the bias included? How many such rows "
        "are there, movies included?",
        "Each weight is stored once, and then once more for each slot: `1 + slots` numbers, of "
        "four bytes.",
        "n_weights = (... + ...) * (... + 1)\nreturn 4 * ... * (1 + ...)",
    ),
)


@memory_on_paper.part()
def counts_bytes(bytes_to_train, rng):
    for slots in rng.permutation([0, 1, 2]).tolist():
        n_users, n_movies = (int(one) for one in rng.integers(50, 400, size=2))
        n_factors = int(rng.integers(5, 40))
        found = number(
            bytes_to_train(
                n_users=n_users, n_movies=n_movies, n_factors=n_factors, slots=slots
            ),
            "`bytes_to_train`",
        )
        rows, columns, copies = n_users + n_movies, n_factors + 1, 1 + slots
        sizes = {
            "n_users": n_users,
            "n_movies": n_movies,
            "n_factors": n_factors,
            "slots": slots,
        }
        right = 4 * rows * columns * copies
        mistakes = [
            (
                4 * rows * n_factors * copies,
                "The biases are missing: each row has one number more than factors.",
            ),
            (
                4 * (rows * n_factors + 1) * copies,
                "There is a bias for *each* user and *each* movie, not one in all.",
            ),
            (
                rows * columns * copies,
                "That is how many numbers there are. Each takes four bytes.",
            ),
            (
                8 * rows * columns * copies,
                "float32 takes four bytes; eight are those of a float64.",
            ),
            (
                4 * rows * columns * slots,
                "Those are the slots alone. The weights themselves need memory, too.",
            ),
            (
                4 * rows * columns,
                "Those are the weights alone. The optimizer keeps `slots` more numbers for "
                "each of them.",
            ),
            (
                4 * rows * columns * 3,
                "That is right for Adam alone. Another optimizer has another number of `slots`.",
            ),
            (
                4 * rows * (columns + n_factors * slots),
                "The biases are weights like others: they have slots, too.",
            ),
            (
                4 * (rows * columns + slots),
                "`slots` numbers for *each* weight, not `slots` in all.",
            ),
            (
                4 * n_users * n_movies * columns * copies,
                "A row for each user *and* one for each movie: users plus movies, not a row "
                "for each pair.",
            ),
        ]
        unknown = "Wrong for {n_users} users, {n_movies} movies, {n_factors} factors and {slots} slots."
        for wrong, explanation in [*mistakes, (found, unknown)]:
            expect(
                found == right or found != wrong,
                explanation,
                f"{found:,.0f}",
                f"{right:,.0f}",
                **sizes,
            )


# --- 7.2 ---------------------------------------------------------------------

blocks_in_random_order = lesson.exercise(
    "7.2",
    "blocks in random order",
    takes="plan_blocks",
    notice="Only the *order* of the blocks is random, so the disk still reads long stretches. "
    "Inside a block the ratings are mixed in memory, where jumping costs nothing.",
    hints=(
        "Where does each block begin, for 10 ratings in blocks of 4? What do these numbers have "
        "in common?",
        "`np.arange(0, n_ratings, block_size)` has the beginnings. Shuffle them with "
        "`rng.permutation`. A block ends `block_size` later, but never after the end of the file.",
        "starts = rng.permutation(np.arange(0, ..., ...))\n"
        "return [(int(s), min(..., ...)) for s in starts]",
    ),
)


@blocks_in_random_order.part()
def covers_the_file(plan_blocks, rng):
    size = int(rng.integers(5, 9))
    n_blocks = int(rng.integers(7, 12))
    left_over = int(rng.integers(2, size - 1))
    for n_ratings in (n_blocks * size + left_over, n_blocks * size, size - 2):
        plan = _plan(plan_blocks(n_ratings, size, Dice(int(rng.integers(2**31)))))
        _is_a_plan(plan, n_ratings, size)


@blocks_in_random_order.part()
def in_random_order(plan_blocks, rng):
    one, *others = (int(seed) for seed in rng.choice(2**31, size=6, replace=False))
    first, again, different, *rest = (
        _plan(plan_blocks(97, 4, Dice(seed))).tolist() for seed in (one, one, *others)
    )
    expect(
        first != sorted(first) and first != sorted(first, reverse=True),
        "The blocks are in the file's order. Their order should be random.",
        first[:4],
    )
    expect(
        first == again,
        "The same `rng` gave two different plans. Take all randomness from the `rng` that you "
        "are given, and none from `np.random` or `random`.",
    )
    expect(
        first != different,
        "Two different generators gave the same plan: `rng` is not used, or replaced by one "
        "with a seed of its own. Then every epoch would have the same order.",
    )
    follow = sum(a[1] == b[0] for a, b in zip(first, first[1:], strict=False))
    expect(
        follow <= len(first) / 2,
        "Most blocks still follow the one before them in the file. Each should come at a random "
        "place: shuffle them.",
        first[:4],
    )
    expect(
        len({plan[-1][0] == 96 for plan in (first, different, *rest)}) > 1
        or first[-1][0] != 96,
        "The left-over block is always the last one. Its place should be random, like that of the "
        "others.",
    )


def _plan(blocks):
    """Return a plan as an array of shape (n_blocks, 2), or say what came instead."""
    try:
        found = array(blocks, what="`plan_blocks`").astype(int)
    except (NotYet, TypeError, ValueError):
        found = np.empty(0)
    expect(
        found.ndim == 2 and found.shape[1] == 2 and len(found),
        "`plan_blocks` should return a list of pairs (first row, row after the last).",
        kind(blocks),
        "[(0, 4), (4, 8), …]",
    )
    return found


def _last_of(blocks):
    """Show the end of a plan, where most mistakes are."""
    last = ", ".join(str(tuple(one)) for one in blocks[-2:].tolist())
    return f"…, {last}" if len(blocks) > 2 else last


def _is_a_plan(plan, n_ratings, size):
    starts = np.arange(0, n_ratings, size)
    right = np.stack([starts, np.minimum(starts + size, n_ratings)], axis=1)
    found = plan[np.lexsort(plan.T[::-1])]
    shown = _last_of(found), _last_of(right)
    for wrong, explanation in [
        (
            right[:-1],
            "The last block is missing: of {n} ratings in blocks of {size}, some are never read.",
        ),
        (
            np.stack([right[:, 0], right[:, 1] - 1], axis=1),
            "A slice ends *before* its second number, so the last row of each block is left out.",
        ),
        (
            np.stack([starts, starts + size], axis=1),
            "The last block ends after the file does: {n} ratings, in blocks of {size}.",
        ),
        (
            np.stack([starts, np.full_like(starts, size)], axis=1),
            "The second number should be the row after the block's last, not the block's length.",
        ),
    ]:
        expect(
            np.array_equal(right, wrong) or not np.array_equal(found, wrong),
            explanation,
            *shown,
            n=n_ratings,
            size=size,
        )
    expect(
        (found[:, 1] > found[:, 0]).all(),
        "One of the blocks is empty ({n} ratings, blocks of {size}).",
        *shown,
        n=n_ratings,
        size=size,
    )
    covered = np.concatenate([np.arange(start, stop) for start, stop in found])
    expect(
        len(np.unique(covered)) == len(covered),
        "Some ratings are in two blocks ({n} ratings, blocks of {size}).",
        *shown,
        n=n_ratings,
        size=size,
    )
    expect(
        np.array_equal(found, right),
        "These are not the blocks of {n} ratings in pieces of {size}.",
        *shown,
        n=n_ratings,
        size=size,
    )


# --- 7.3 ---------------------------------------------------------------------

a_lazy_step = lesson.exercise(
    "7.3",
    "a lazy step",
    takes="lazy_adam_step",
    notice="Summing first is not a detail: `table[rows] -= …` with a row three times in `rows` "
    "changes it once, silently, with the last of the three.",
    hints=(
        "What does NumPy do at `m[rows] = …` if a number is in `rows` twice?",
        "`np.unique(rows, return_inverse=True)` gives each row once, and for each gradient where "
        "its row stands among these; `np.add.at(sums, place, gradients)` adds up, duplicates "
        "included.",
        "table, m, v = ..., ..., ...   # copies\n"
        "touched, place = np.unique(..., return_inverse=...)\n"
        "gradient = np.zeros((len(touched), ...))\n"
        "np.add.at(gradient, ..., ...)\n"
        "m[touched] = 0.9 * m[touched] + 0.1 * ...\n"
        "v[touched] = ...\n"
        "table[touched] -= rate * ...",
    ),
)


@a_lazy_step.part(points=2)
def takes_a_step(lazy_adam_step, rng):
    n_rows, n_factors = int(rng.integers(7, 11)), int(rng.integers(2, 5))
    table, m = rng.normal(size=(2, n_rows, n_factors))
    v = rng.uniform(0.5, 2.0, size=(n_rows, n_factors))
    rows = rng.permutation(n_rows)[: n_rows - 2]
    rows = np.concatenate([rows, rows[:2], rows[:1], rows[3:4]])
    gradients = rng.normal(size=(len(rows), n_factors))
    # A row whose gradients cancel each other has been touched all the same.
    gradients[-1] = -gradients[3]
    mixed = rng.permutation(len(rows))
    rows, gradients = rows[mixed], gradients[mixed]
    t, rate = int(rng.integers(2, 6)), float(rng.uniform(0.05, 0.3))
    sent = (table, m, v, rows, gradients)
    found = _three_arrays(lazy_adam_step(*sent, t, rate))
    names = ("table", "m", "v")
    found = {
        name: array(one, (n_rows, n_factors), f"`{name}`")
        for name, one in zip(names, found, strict=True)
    }
    for place, name in enumerate(names):
        expect(
            place not in lazy_adam_step.changed,
            "You changed the `{name}` that was handed over. Work on copies: `{name}.copy()`.",
            name=name,
        )
    step = (table, m, v, rows, t, rate)
    summed = _summed(rows, gradients, n_rows)
    expected = dict(zip(names, _lazy_step(*step, summed), strict=True))
    expect(
        not (
            np.allclose(found["table"], expected["m"])
            and np.allclose(found["m"], expected["v"])
        ),
        "The order is another one: return the table first, then m, then v.",
    )
    rest = np.setdiff1d(np.arange(n_rows), rows)
    before = dict(zip(names, (table, m, v), strict=True))
    for name in names:
        expect(
            np.allclose(found[name][rest], before[name][rest], atol=1e-12),
            "Rows that no rating of the batch touches have changed in `{name}`. That is the "
            "dense Adam; a lazy one leaves them alone.",
            found[name][rest[0]],
            before[name][rest[0]],
            name=name,
        )
    last = np.zeros((n_rows, n_factors))
    last[rows] = gradients
    counts = np.maximum(np.bincount(rows, minlength=n_rows), 1)[:, None]
    corrected = {name: expected[name].copy() for name in names}
    touched = np.unique(rows)
    corrected["m"][touched] /= 1 - 0.9**t
    corrected["v"][touched] /= 1 - 0.999**t
    not_cancelled = np.where(np.isclose(summed, 0, atol=1e-12), np.nan, summed)
    for mistaken, explanation in [
        (
            _lazy_step(*step, last),
            "Of a row that is in `rows` several times only the last gradient counts. Add them up "
            "first: `np.add.at`.",
        ),
        (
            _one_by_one(*step, gradients),
            "A row that is in `rows` several times is updated once for each time. Add up its "
            "gradients first, and update it once.",
        ),
        (
            _lazy_step(*step, summed / counts),
            "A row that is in `rows` several times has the *sum* of its gradients, not their mean.",
        ),
        (
            _lazy_step(*step, summed, squares=_summed(rows, gradients**2, n_rows)),
            "v takes the square of the *sum* of a row's gradients, not the sum of their squares.",
        ),
        (
            _lazy_step(*step, not_cancelled),
            "A row whose gradients cancel each other out has been touched, too: its slots shrink, "
            "and it moves. Go by `rows`, not by where the sum is 0.",
        ),
        (
            _lazy_step(table, m, v, rows, 10**6, rate, summed),
            "m and v are right, but used as they are. Divide m by `1 - 0.9**t` and v by "
            "`1 - 0.999**t` before the step: they started at 0.",
        ),
        (
            _lazy_step(table, m, v, rows, t + 1, rate, summed),
            "`t` already counts from 1; you counted it up once more.",
        ),
        (
            _lazy_step(table, m, v, rows, t, -rate, summed),
            "The weights went uphill: a step goes *against* the gradient.",
        ),
        (
            _lazy_step(table, m, v, rows, t, 0.01, summed),
            "The rate of the call is not used.",
        ),
        (
            _lazy_step(*step, summed, power=1),
            "Divide by the *root* of v.",
        ),
        (
            (expected["table"], corrected["m"], corrected["v"]),
            "The table is right. But the corrected m and v are for the step alone: return the "
            "slots as they were before the division.",
        ),
        (
            (table, expected["m"], expected["v"]),
            "m and v are right; the table has not moved.",
        ),
    ]:
        same = all(
            np.allclose(found[name], one, rtol=1e-6)
            for name, one in zip(names, mistaken, strict=True)
        )
        expect(not same, explanation)
    for name in ("m", "v", "table"):
        close_at(
            found[name], expected[name], "`{name}` is wrong after the step.", name=name
        )


@a_lazy_step.part()
def takes_a_tiny_step(lazy_adam_step, rng):
    n_factors = int(rng.integers(2, 4))
    table, zeros = rng.normal(size=(4, n_factors)), np.zeros((4, n_factors))
    cancel = rng.normal(size=(1, n_factors))
    gradients = np.concatenate([cancel, np.full((1, n_factors), 3e-7), -cancel])
    rows = np.array([2, 0, 2])
    found = _three_arrays(lazy_adam_step(table, zeros, zeros, rows, gradients, 1, 0.1))
    moved = np.asarray(found[0], dtype="float64")
    expect(
        np.isfinite(moved).all(),
        "A row whose gradients cancel each other out, at the first step, becomes NaN: 0 / 0. That "
        "is what the 1e-7 in the formula is for.",
        moved.ravel(),
    )
    expected, _, _ = _lazy_step(
        table, zeros, zeros, rows, 1, 0.1, _summed(rows, gradients, 4)
    )
    close_at(
        moved,
        expected,
        "Wrong where a gradient is as small as the 1e-7: it is added to the root, not under it.",
        atol=1e-5,
    )


def _three_arrays(found):
    expect(
        isinstance(found, (tuple, list)) and len(found) == 3,
        "`lazy_adam_step` should return three arrays: the table, m and v.",
        kind(found),
        "table, m, v",
    )
    return found


def _summed(rows, gradients, n_rows):
    """Add up the gradients of each row of the table."""
    sums = np.zeros((n_rows, gradients.shape[1]))
    np.add.at(sums, rows, gradients)
    return sums


def _lazy_step(table, m, v, rows, t, rate, gradients, squares=None, power=0.5):
    """Return table, m and v after a step; `gradients` has a row for each of the table.

    Rows with a NaN count as untouched. `squares` and `power` are for mistakes.
    """
    table, m, v = table.copy(), m.copy(), v.copy()
    touched = np.unique(rows)
    touched = touched[np.isfinite(gradients[touched]).all(axis=1)]
    squares = gradients**2 if squares is None else squares
    m[touched] += 0.1 * (gradients[touched] - m[touched])
    v[touched] += 0.001 * (squares[touched] - v[touched])
    corrected = m[touched] / (1 - 0.9**t)
    spread = (v[touched] / (1 - 0.999**t)) ** power
    table[touched] -= rate * corrected / (spread + 1e-7)
    return table, m, v


def _one_by_one(table, m, v, rows, t, rate, gradients):
    """Return what comes out when each entry is a step of its own."""
    for row, gradient in zip(rows, gradients, strict=True):
        alone = np.zeros_like(table)
        alone[row] = gradient
        table, m, v = _lazy_step(table, m, v, [row], t, rate, alone)
    return table, m, v


# --- 7.4 ---------------------------------------------------------------------

a_training_step = lesson.exercise(
    "7.4",
    "a training step",
    takes="training_step",
    notice="Three lines that `fit` hides, and each can be forgotten without an error: "
    "`training=True`, the layers' own losses, and one dimension.",
    hints=(
        "What has to happen *inside* the `with tf.GradientTape()`, and what after it?",
        "Inside: `model(batch, training=True)`, its only column (`[:, 0]`), the mean of the "
        "squares, plus `sum(model.losses)`. After it: `tape.gradient(loss, "
        "model.trainable_variables)`, and `optimizer.apply(gradients, …)`.",
        "with tf.GradientTape() as ...:\n"
        "    predicted = model(..., training=...)[:, 0]\n"
        "    loss = ops.mean(...) + sum(...)\n"
        "gradients = tape.gradient(..., model.trainable_variables)\n"
        "optimizer.apply(..., model.trainable_variables)\n"
        "return ...",
    ),
)


@a_training_step.part(points=2)
def trains_a_step(training_step, rng):
    training_step.error_of()  # an empty function is a stub
    n, n_factors = int(rng.integers(5, 8)), int(rng.integers(3, 6))
    n_users, n_movies = n + int(rng.integers(1, 4)), n + int(rng.integers(4, 8))
    tables = {
        name: rng.normal(scale=0.5, size=(rows, n_factors)).astype("float32")
        for name, rows in (("user_factors", n_users), ("movie_factors", n_movies))
    }
    # Nobody twice, as in 2.7.
    pairs = {
        "user": rng.permutation(n_users)[:n].astype("int32"),
        "movie": rng.permutation(n_movies)[:n].astype("int32"),
    }
    ratings = rng.integers(1, 6, size=n).astype("float32")
    rate = float(rng.uniform(0.05, 0.1))
    taxes = [float(one) for one in rng.uniform([0.05, 0.2], [0.15, 0.3])]
    came = training_step.make(
        "after_a_step",
        training_step=training_step,
        tables=tables,
        pairs=pairs,
        ratings=ratings,
        rate=rate,
        taxes=taxes,
    )
    moved = {name: array(came[name]) for name in tables}
    expect(
        came["loss"] is not None,
        "`training_step` returned nothing. Return the loss.",
    )
    expect(
        np.size(came["loss"]) == 1,
        "The loss should be one number. `model.losses` is a list with one for each layer that "
        "adds something: add them up with `sum`.",
        kind(came["loss"]),
        "one number",
    )
    loss = number(came["loss"], "`training_step`")
    user, movie = (
        tables[name][pairs[part]].astype("float64")
        for name, part in (("user_factors", "user"), ("movie_factors", "movie"))
    )
    score = np.sum(user * movie, axis=1)
    # The model doubles its scores in training.
    error, undoubled = 2 * score - ratings, score - ratings
    penalties = _penalties(taxes, tables)
    penalty = sum(penalties)
    expected = {
        name: table.astype("float64") * (1 - 2 * rate * tax)
        for tax, (name, table) in zip(taxes, tables.items(), strict=True)
    }
    slope = 2 * rate * 2 * error[:, None] / len(ratings)
    expected["user_factors"][pairs["user"]] -= slope * movie
    expected["movie_factors"][pairs["movie"]] -= slope * user
    score_after = np.sum(
        expected["user_factors"][pairs["user"]]
        * expected["movie_factors"][pairs["movie"]],
        axis=1,
    )
    squares = float(np.mean(error**2))
    broadcast = float(np.mean((2 * score[:, None] - ratings[None]) ** 2))
    close(
        loss,
        squares + penalty,
        "The loss is wrong. It should be the mean squared error in training mode, plus what "
        "layers add to it, before the step.",
        mistakes=[
            (
                broadcast + penalty,
                "Predictions of shape (n, 1) minus ratings of shape (n,) make a table of n × n "
                "differences. Take the predictions' only column first: `[:, 0]`.",
            ),
            (
                broadcast,
                "Predictions of shape (n, 1) minus ratings of shape (n,) make a table of n × n "
                "differences. Take the predictions' only column first: `[:, 0]`. "
                "(And `model.losses` is missing.)",
            ),
            (
                squares,
                "What layers add to the loss is missing (here an L2): add up `model.losses`.",
            ),
            *(
                (
                    squares + one,
                    "Only one of the layers' losses is counted: add up *all* of `model.losses`.",
                )
                for one in penalties
            ),
            *(
                (
                    np.mean((scores - ratings) ** 2) + sum(_penalties(taxes, expected)),
                    "That is the loss *after* the step; the one before it is asked for.",
                )
                for scores in (score_after, 2 * score_after)
            ),
            (
                np.mean(undoubled**2) + penalty,
                "The model was not in training mode: dropout would not have dropped anything. "
                "Call it with `training=True`.",
            ),
            (
                np.mean(undoubled**2),
                "The model was not in training mode (`training=True`), and what layers add to "
                "the loss is missing (`model.losses`).",
            ),
            (
                squares * len(ratings) + penalty,
                "That is the sum of the squared errors; the mean is asked for.",
            ),
        ],
        atol=1e-5,
    )
    expect(
        any(np.abs(moved[name] - tables[name]).max() > 1e-7 for name in tables),
        "The loss is right, but no weight has moved. Hand the gradients to `optimizer.apply`.",
    )
    for name in tables:
        ahead = 2 * expected[name] - tables[name]
        close_at(
            moved[name],
            expected[name],
            "The loss is right, but `{name}` is not where one step of the optimizer takes it. (Did "
            "the model predict, and were its losses added, inside the `with`? Were all gradients "
            "applied?)",
            mistakes=[
                (
                    2 * tables[name] - expected[name],
                    "The weights went uphill: hand over the gradients as they are, the optimizer "
                    "takes care of the sign.",
                ),
                (ahead, "That was more than one step."),
            ],
            atol=1e-4,
            name=name,
        )
    expect(
        not came["in_a_graph"],
        "Called by hand it works, but not inside `tf.function`, where tensors have no numbers yet: "
        "no `float(…)`, no NumPy, no `fit` and no `train_on_batch`. Return the tensor.",
        came["in_a_graph"],
    )


def _penalties(taxes, tables):
    """Return what the L2 of each table adds to the loss."""
    return [
        tax * np.sum(table.astype("float64") ** 2)
        for tax, table in zip(taxes, tables.values(), strict=True)
    ]


# --- 7.5 ---------------------------------------------------------------------

one_gradient_of_many = lesson.exercise(
    "7.5",
    "one gradient out of many",
    takes="combine",
    notice="With equal shares it is the plain mean, so the mistake shows only where a batch does not "
    "divide evenly. Such mistakes live long.",
    hints=(
        "Worker A has the mean over 2 ratings, worker B over 1. How much should A's count?",
        "Times its size, each mean is a sum again. Add up the sums, and divide by the number of "
        "all ratings. And 0 · NaN is NaN: leave empty shares out first.",
        "sizes = np.asarray(...)\ncounted = sizes > 0\nreturn ...[counted] @ gradients[...] / ...",
    ),
)


@one_gradient_of_many.part()
def weighs_by_size(combine, rng):
    n_workers, n_weights = int(rng.integers(3, 6)), int(rng.integers(6, 9))
    gradients = rng.normal(size=(n_workers, n_weights))
    sizes = rng.permutation(np.arange(1, 9))[:n_workers]
    found = array(combine(gradients, sizes), what="`combine`")
    weights = sizes / sizes.sum()
    expect(
        found.shape == (n_weights,),
        "`combine` should return one number for each weight.",
        say("shape {shape}", shape=found.shape),
        say("shape {shape}", shape=(n_weights,)),
    )
    close(
        found,
        weights @ gradients,
        "That is not the mean gradient of all ratings, for shares of {sizes}.",
        mistakes=[
            (
                gradients.mean(axis=0),
                "That is the mean of the means: a worker with one rating has as much say as one "
                "with eight. Weigh each by its size.",
            ),
            (
                gradients.sum(axis=0),
                "That is the sum of the means, and grows with the number of workers.",
            ),
            (
                sizes @ gradients,
                "That is the sum over all ratings; divide it by their number.",
            ),
            (
                sizes @ gradients / n_workers,
                "Divide by the number of ratings, not by the number of workers.",
            ),
        ],
        sizes=sizes.tolist(),
    )


@one_gradient_of_many.part()
def leaves_out_empty_shares(combine, rng):
    gradients = rng.normal(size=(4, 5))
    sizes = rng.permutation([0, 3, 1, 4])
    gradients[sizes == 0] = np.nan
    found = np.asarray(combine(gradients, sizes.tolist()), dtype="float64")
    expect(
        not np.isnan(found).any(),
        "A worker had no rating, its mean was NaN, and now the whole gradient is. (0 · NaN is "
        "NaN.) Leave empty shares out.",
        found,
    )
    close(
        found,
        sizes[sizes > 0] @ gradients[sizes > 0] / sizes.sum(),
        "Wrong where a share is empty: shares of {sizes}.",
        sizes=sizes.tolist(),
    )


# --- 7.6 ---------------------------------------------------------------------

cut_up_a_table = lesson.exercise(
    "7.6",
    "cut up a table",
    takes=("machines_for", "place_of"),
    notice="Neighbouring rows lie on different machines, and that is good: new users, who come in "
    "a row and are all active at once, do not all knock at one door.",
    hints=(
        "Deal out cards, numbered from 0, to players 0, 1 and 2, one after the other: who gets "
        "card 7, and which of their cards is it?",
        "The remainder of a division tells the player (`%`), the whole part how many cards they "
        "had before (`//`). For the number of machines round *up*.",
        "def place_of(rows, n_machines):\n    return rows % ..., ...",
    ),
)


@cut_up_a_table.part()
def enough_machines(machines_for, rng):
    size = int(rng.integers(20, 90))
    n_full = int(rng.integers(3, 9))
    for n_bytes, expected in (
        (size * n_full, n_full),
        (size * n_full + 1, n_full + 1),
        (size * n_full - 1, n_full),
        (size - 1, 1),
    ):
        found = number(machines_for(n_bytes, size), "`machines_for`")
        values = {"n_bytes": n_bytes, "size": size}
        expect(
            found != expected - 1,
            "One too few: {n_bytes} bytes do not fit into so few machines of {size}. Round up.",
            found,
            expected,
            **values,
        )
        expect(
            found != expected + 1,
            "One too many for {n_bytes} bytes and machines of {size}: where it divides evenly, "
            "nothing is left over.",
            found,
            expected,
            **values,
        )
        close(
            found,
            expected,
            "Wrong for {n_bytes} bytes and machines of {size}: a whole number is asked for, rounded "
            "up.",
            **values,
        )


@cut_up_a_table.part()
def places_without_gaps(place_of, rng):
    n_machines = int(rng.integers(3, 7))
    n_rows = n_machines * int(rng.integers(4, 8)) + int(rng.integers(1, n_machines))
    machine, local_row = _places(place_of, np.arange(n_rows), n_machines)
    values = {"n_rows": n_rows, "n_machines": n_machines}
    expect(
        machine.min() >= 0 and machine.max() < n_machines,
        "There are {n_machines} machines, numbered from 0; you used others. Machine first, then "
        "the row there.",
        sorted({int(one) for one in machine}),
        list(range(n_machines)),
        **values,
    )
    expect(
        len({*zip(machine.tolist(), local_row.tolist(), strict=True)}) == n_rows,
        "Two rows of the table have one and the same place.",
    )
    counts = np.bincount(machine.astype(int), minlength=n_machines)
    expect(
        np.ptp(counts) <= 1,
        "Some machines hold more than others: {n_rows} rows on {n_machines} machines.",
        counts.tolist(),
        say("none more than one row more than another"),
        **values,
    )
    for one in range(n_machines):
        rows = np.sort(local_row[machine == one])
        expect(
            np.array_equal(rows, np.arange(len(rows))),
            "A machine's own rows should be numbered from 0, without gaps.",
            rows.tolist(),
            list(range(len(rows))),
        )
    some = rng.permutation(n_rows)[: n_rows // 2]
    again = _places(place_of, some, n_machines)
    expect(
        np.array_equal(again, [machine[some], local_row[some]]),
        "A row's place depends on which other rows were asked for. It has to follow from its "
        "number alone, or nobody will find it again.",
    )


def _places(place_of, rows, n_machines):
    found = place_of(rows, n_machines)
    expect(
        isinstance(found, (tuple, list, np.ndarray)) and len(found) == 2,
        "`place_of` should return two arrays: the machine, and the row there.",
        kind(found),
        "machine, local_row",
    )
    return [array(one, rows.shape, "`place_of`") for one in found]


# --- 7.7 ---------------------------------------------------------------------

batch_as_negatives = lesson.exercise(
    "7.7",
    "the batch's own negatives",
    takes="in_batch_loss",
    notice="Subtracting log q is a handicap for popular movies, in training: to win there, their own "
    "products have to become larger. Used without the handicap, they stay larger.",
    hints=(
        "In the table of scores, user i in row i and movie j in column j: where do the right "
        "answers stand? And along which axis lies a movie's share?",
        "`ops.matmul(user_vectors, ops.transpose(movie_vectors))` is the table. An array of "
        "shape (n,) is subtracted from each *row* of it, column by column, as it should be. "
        "`ops.logsumexp(scores, axis=1)` and `ops.diagonal(scores)` are the two parts.",
        "scores = ops.matmul(..., ops.transpose(...))\n"
        "scores = scores - ...\n"
        "return ops.mean(... - ops.diagonal(...))",
    ),
)


@batch_as_negatives.part(points=2)
def computes_the_loss(in_batch_loss, rng):
    n, n_factors = int(rng.integers(5, 9)), int(rng.integers(2, 5))
    users, movies = rng.normal(size=(2, n, n_factors)).astype("float32")
    share = rng.permutation(np.geomspace(0.01, 0.6, n)).astype("float32")
    given = in_batch_loss(Tensor(users), Tensor(movies), Tensor(share))
    expect(
        np.size(given) == 1,
        "`in_batch_loss` should return one number, the mean over the pairs.",
        kind(given),
        "one number",
    )
    found = number(given, "`in_batch_loss`")
    scores = users.astype("float64") @ movies.T
    close(
        found,
        _softmax_loss(scores - np.log(share)).mean(),
        "The loss is wrong. For each row: logsumexp of its corrected scores, minus the corrected "
        "score of its own movie; then the mean.",
        mistakes=[
            (
                _softmax_loss(scores).mean(),
                "The correction has no effect. Either it is missing, or it was subtracted from "
                "whole rows: the share belongs to the *movie*, and movies are the columns.",
            ),
            (
                _softmax_loss(scores + np.log(share)).mean(),
                "The logarithm was added; subtract it.",
            ),
            (
                _softmax_loss(scores - share).mean(),
                "You subtracted the share itself; its logarithm is asked for.",
            ),
            (
                _softmax_loss(scores - np.log(share)).sum(),
                "That is the sum over the pairs; the mean is asked for.",
            ),
            (
                -_softmax_loss(scores - np.log(share)).mean(),
                "The sign is the wrong way round: a loss is small where the right movie's score "
                "is large.",
            ),
            (
                _softmax_loss((scores - np.log(share)).T).mean(),
                "That is a choice among *users* for each movie. Each row is a user, and the "
                "softmax runs along it: `axis=1`.",
            ),
            (
                _softmax_loss(scores.T - np.log(share)).mean(),
                "The table is lying on its side: users belong in the rows, movies in the columns.",
            ),
            (
                _softmax_loss(
                    scores
                    / np.linalg.norm(users, axis=1, keepdims=True)
                    / np.linalg.norm(movies, axis=1)
                    - np.log(share)
                ).mean(),
                "Those are cosines. Here the vectors keep their lengths.",
            ),
            (
                np.mean(
                    np.log(
                        np.sum(np.exp(scores - np.log(share)) * (1 - np.eye(n)), axis=1)
                    )
                    - np.diagonal(scores - np.log(share))
                ),
                "The right movie belongs into the sum, too: a choice among all n movies of the batch.",
            ),
            (
                np.mean(
                    np.log(np.sum(np.exp(scores - np.log(share)), axis=1))
                    - np.diagonal(scores)
                ),
                "The right movie's own score has to be corrected, too: take the diagonal of the "
                "corrected table.",
            ),
        ],
        atol=1e-3,
    )


@batch_as_negatives.part()
def survives_large_scores(in_batch_loss, rng):
    users, movies = rng.normal(scale=20, size=(2, 6, 4)).astype("float32")
    share = np.full(6, 0.1, "float32")
    scores = users.astype("float64") @ movies.T - np.log(share)
    largest = scores.max(axis=1, keepdims=True)
    right = largest[:, 0] + np.log(np.exp(scores - largest).sum(axis=1))
    found = in_batch_loss(Tensor(users), Tensor(movies), Tensor(share))
    expect(
        np.isfinite(np.asarray(found, dtype="float64")).all(),
        "With scores of some hundreds the loss is not finite: exp(100) is too large for a float32. "
        "`ops.logsumexp` takes care of that.",
        found,
    )
    close(
        number(found, "`in_batch_loss`"),
        np.mean(right - np.diagonal(scores)),
        "The loss is wrong where scores are large.",
        atol=0.05,
    )


@batch_as_negatives.part()
def can_be_trained_with(in_batch_loss, rng):
    in_batch_loss.error_of()  # an empty function is a stub
    users, movies = rng.normal(size=(2, 5, 3)).astype("float32")
    share = rng.permutation(np.geomspace(0.05, 0.4, 5)).astype("float32")
    slope = in_batch_loss.make(
        "slope_of",
        loss=in_batch_loss,
        user_vectors=users,
        movie_vectors=movies,
        movie_share=share,
    )["slope"]
    expect(
        slope is not None,
        "No gradient flows from this loss to the vectors, so nothing could be trained with it. "
        "Stay with tensors (`ops.…`): no NumPy, no `float(…)`.",
    )
    scores = users.astype("float64") @ movies.T - np.log(share)
    chances = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    close(
        array(slope),
        (chances - np.eye(5)) @ movies / 5,
        "The gradient of the loss is not that of a softmax with logQ correction.",
        atol=1e-3,
    )


def _softmax_loss(scores):
    """Return the cross-entropy of each row, whose right answer is on the diagonal."""
    return np.log(np.exp(scores).sum(axis=1)) - np.diagonal(scores)


# --- 7.8 ---------------------------------------------------------------------

near_enough = lesson.exercise(
    "7.8",
    "build an index, and know what it misses",
    takes=("build_index", "search_index", "recall_of"),
    notice="The index never says that it missed something. Only the exact list knows, so keep one "
    "for some users.",
    hints=(
        "What does an index need to know beforehand, and what only when it searches? And does "
        "the order inside a list matter for recall?",
        '`Index(ndim=movie_vectors.shape[1], metric="ip", dtype="f32")`, then `add` with '
        "`np.arange(…)` as keys. `np.isin(exact[i], found[i])` tells which of user i's exact "
        "list were found.",
        'index = Index(ndim=..., metric="ip", dtype="f32")\n'
        "index.add(np.arange(...), ...)\n"
        "...\n"
        "index.expansion_search = ...\n"
        "keys = index.search(..., ...).keys\n"
        "return np.reshape(keys, (..., ...)).astype(int)",
    ),
)


@near_enough.part(points=2)
def finds_the_best(build_index, search_index, rng):
    build_index.error_of()  # an empty function is a stub
    search_index.error_of()
    n_movies, n_users, n = int(rng.integers(50, 70)), int(rng.integers(6, 9)), 5
    movies = rng.normal(size=(n_movies, 6)).astype("float32")
    # Lengths of all sizes: that is what the cosine forgets.
    movies *= rng.uniform(0.3, 3.0, size=(n_movies, 1)).astype("float32")
    users = rng.normal(size=(n_users, 6)).astype("float32")
    effort = int(rng.integers(70, 90))
    came = build_index.make(
        "searched",
        build_index=build_index,
        search_index=search_index,
        movie_vectors=movies,
        user_vectors=users,
        n=n,
        effort=effort,
    )
    expect(
        came["type"] == "Index",
        "`build_index` should return the index of usearch. (Is there a `return`?)",
        came["type"],
        "Index",
    )
    expect(
        came["size"] == n_movies,
        "The index should hold all movies: `index.add(np.arange(len(movie_vectors)), "
        "movie_vectors)`.",
        came["size"],
        n_movies,
    )
    expect(came["found"] is not None, "`search_index` returned nothing.")
    found = array(came["found"], what="`search_index`")
    expect(
        found.shape == (n_users, n),
        "`search_index` should return a row for each user, with n movies.",
        say("shape {shape}", shape=found.shape),
        say("shape {shape}", shape=(n_users, n)),
    )
    scores = users @ movies.T
    expect(
        np.array_equal(found, found.astype(int))
        and found.min() >= 0
        and found.max() <= n_movies,
        "`search_index` should return movies' numbers: the `keys` of what the search found, not "
        "its distances.",
        found[0],
        np.argsort(-scores[0])[:n],
    )
    found = found.astype(int)
    exact = np.argsort(-scores, axis=1)[:, :n]
    lengths = np.linalg.norm(movies, axis=1)
    by_cosine = np.argsort(-scores / lengths, axis=1)[:, :n]
    by_distance = np.argsort(lengths**2 - 2 * scores, axis=1)[:, :n]
    known = [
        (exact, None),
        (
            by_cosine,
            "These are the movies with the largest *cosine*, usearch's default. Lengths count here: "
            '`metric="ip"`.',
        ),
        (
            by_distance,
            "These are the nearest by distance. The largest inner product is asked for: "
            '`metric="ip"`.',
        ),
        (
            np.argsort(scores, axis=1)[:, :n],
            "These are the worst movies of each user, not the best.",
        ),
    ]
    if _recall(found - 1, exact) > max(_recall(found, exact), 0.7):
        raise NotYet(
            "The keys should be the movies' row numbers, from 0: `np.arange(…)`."
        )
    _, explanation = max(known, key=lambda one: _recall(found, one[0]))
    if explanation is not None:
        raise NotYet(explanation)
    expect(
        _recall(found, exact) >= 0.8,
        "Among a few dozen movies, and with an effort that large, the search should find nearly "
        "all of the best ones.",
        say("recall {recall:.2f}", recall=_recall(found, exact)),
        say("recall {recall:.2f}", recall=1.0),
    )
    expect(found.max() < n_movies, "There is no movie of that number.", found.max())
    in_order = np.take_along_axis(scores, found, axis=1)
    expect(
        (np.diff(in_order, axis=1) <= 1e-3).all(),
        "The lists should begin with the best movie, as the search returns them.",
        in_order[0],
    )
    expect(
        set(came["efforts"]) == {effort},
        "A search did not use the effort of the call: set `index.expansion_search` *before* you "
        "search.",
        came["efforts"],
        effort,
    )
    one = array(came["one"], what="`search_index`")
    expect(
        one.shape == (1, n),
        "For a single user there should be a table with one row, too. (usearch returns a bare row "
        "then: `np.reshape` helps.)",
        say("shape {shape}", shape=one.shape),
        say("shape {shape}", shape=(1, n)),
    )


@near_enough.part()
def measures_recall(recall_of, rng):
    n_users, n = int(rng.integers(4, 7)), int(rng.integers(5, 8))
    exact = np.stack([rng.permutation(40)[:n] for _ in range(n_users)])
    found = exact.copy()
    for row, misses in enumerate(rng.permutation(np.arange(n_users) % n)):
        found[row, : misses + (row == 0)] = 50 + np.arange(misses + (row == 0))
        found[row] = rng.permutation(found[row])
    result = number(recall_of(found, exact), "`recall_of`")
    hits = np.array([np.isin(e, f).sum() for e, f in zip(exact, found, strict=True)])
    close(
        result,
        np.mean(hits / n),
        "That is not the mean share of the exact lists that was found.",
        mistakes=[
            (
                np.mean(found == exact),
                "You compared place by place. A movie counts wherever it stands in the list.",
            ),
            (
                100 * np.mean(hits / n),
                "A share lies between 0 and 1; you returned it in percent.",
            ),
            (1 - np.mean(hits / n), "That is the share that was *missed*."),
            (
                np.mean(hits / (2 * n - hits)),
                "You divided by all different movies of both lists. Recall divides by the exact "
                "list alone.",
            ),
            (np.mean(hits > 0), "That counts users with at least one hit."),
            (
                np.isin(exact, found).mean(),
                "A movie counts only where it is in the *same* user's list.",
            ),
        ],
        atol=1e-6,
    )


def _recall(found, exact):
    return np.mean([np.isin(e, f).mean() for e, f in zip(exact, found, strict=True)])


# --- questions ---------------------------------------------------------------

lesson.question(
    "7.a",
    "A batch has 1,024 ratings. Users and movies become ten times as many, the batch stays as it is. "
    "How long does a step with Adam take, once the tables are large?",
    (
        "As long as before: it looks up 1,024 rows, as before",
        "It *looks up* 1,024 rows. But what does Adam do with its two moving means of all the "
        "others? A figure further down, under “What a step touches”, tells.",
    ),
    (
        "About three times as long: the square root of ten",
        "Nothing here grows with a square root. Count what Adam has to touch in one step.",
    ),
    (
        "About ten times as long",
        "Each step shrinks the moving means of *all* rows, and moves all rows by them. The "
        "figure under “What a step touches” shows the straight line.",
    ),
    (
        "About a hundred times as long: users × movies",
        "Tables have a row for each user and each movie, not for each pair. Ten times of both is "
        "ten times the rows.",
    ),
    right=2,
)

lesson.question(
    "7.b",
    "Dot + bias in batches of 1,024, first with one worker and then with two, a core for each. How "
    "long does an epoch take with two?",
    (
        "Half as long: each has half of the work",
        "Half of the *computing*, yes. What do they have to send each other at each step?",
    ),
    (
        "Somewhat more than half: a little is lost by sending",
        "A little? Count: a step computes with 1,024 rows, and sends the gradient of all tables.",
    ),
    (
        "About as long",
        "That would be a coincidence: what is saved and what is sent have nothing to do with each "
        "other.",
    ),
    (
        "Longer",
        "A step of this model computes next to nothing, and then the two wait for each other. See "
        "by how much.",
    ),
    right=3,
)

lesson.question(
    "7.c",
    "The shop needs ten machines, only to hold its tables. Which part of it all could one do "
    "*without*?",
    (
        "The ratings: a sample of them would do",
        "They cost time, and lie on a disk. They need none of the machines' memory.",
    ),
    (
        "The users' table: a hundred million rows",
        "It is 99 % of the memory. And lesson 05 had a model without one: there a user *is* what "
        "they watched.",
    ),
    (
        "The articles' table: a million rows",
        "It is one hundredth of the whole, and without it there is nothing to recommend.",
    ),
    (
        "Adam's slots: SGD needs none",
        "Two thirds of the memory, true; but what is left is still 26 GB, nearly all for one "
        "table.",
    ),
    right=1,
)
