"""Lesson 09, scaling: checks."""

import itertools

import numpy as np

from helpers.checks.asserts import (
    NotYet,
    array,
    close,
    close_at,
    diagnose,
    expect,
    kind,
    number,
)
from helpers.checks.exercise import Lesson
from helpers.checks.proxies import CallFailed, SeededGenerator
from helpers.i18n import gettext

lesson = Lesson.read("09")

# --- 9.1 ---------------------------------------------------------------------


@lesson["9.1"].part()
def covers_the_file(plan_blocks, rng):
    size, n_blocks = int(rng.integers(5, 9)), int(rng.integers(7, 12))
    left_over, large = int(rng.integers(2, size - 1)), int(rng.integers(12_000, 15_000))
    for n_ratings, block_size in [
        (n_blocks * size + left_over, size),
        (n_blocks * size, size),
        (size, size),
        (size - 2, size),
        (n_blocks, 1),
        (n_blocks * large + left_over, large),
    ]:
        plan = _plan(plan_blocks(n_ratings, block_size, _dice(rng)))
        _is_a_plan(plan, n_ratings, block_size)


@lesson["9.1"].part()
def in_random_order(plan_blocks, rng):
    size = int(rng.integers(3, 9))
    n_ratings = 24 * size + 1
    dice = [_dice(rng) for _ in range(5)]
    plans = [_plan(plan_blocks(n_ratings, size, one)) for one in dice]
    again = _plan(plan_blocks(n_ratings, size, dice[0]))
    _is_a_plan(plans[0], n_ratings, size)
    in_order = sorted(plans[0])
    is_mixed = any(plan not in (in_order, in_order[::-1]) for plan in plans)
    reason = "The blocks are in the file's order, or in its reverse. Their order should be random."
    expect(is_mixed, reason, str(plans[0][:4]))
    expect(
        plans[0] == again,
        "The same `rng` gave two different plans. Take all randomness from the `rng` that you "
        "are given, and from nothing else.",
        gettext("{one}, then {another}", one=str(plans[0][:3]), another=str(again[:3])),
    )
    expect(
        any(plan != plans[0] for plan in plans),
        "Different generators gave the same plan: `rng` is not used, or replaced by one with a "
        "seed of its own. Then every epoch would have the same order.",
        str(plans[0][:4]),
    )
    n_ratings = 3 * size + 1
    short = [_plan(plan_blocks(n_ratings, size, _dice(rng))) for _ in range(100)]
    expect(
        any(plan[-1] != (3 * size, n_ratings) for plan in short),
        "The left-over block is always the last one. Its place should be random, like that of the "
        "others.",
    )
    # One in 24 is missed by a right answer in two of a hundred plans, half of them never.
    n_orders = len({tuple(plan) for plan in short})
    reason = "Four blocks have 24 orders, and each should be as likely as any other."
    shown = gettext("{n} different orders in 100 plans", n=n_orders)
    expect(n_orders > 12, reason, shown)


def _dice(rng):
    return SeededGenerator(int(rng.integers(2**31)))


def _plan(blocks):
    """Return a plan, or say what came instead of a list of pairs of int."""
    is_list = isinstance(blocks, list) and blocks
    reason = (
        "`plan_blocks` should return a list of pairs (first row, row after the last)."
    )
    expect(is_list, reason, kind(blocks), "[(0, 4), (4, 8), …]")
    reason = (
        "`plan_blocks` should return a list of pairs (first row, row after the last): each "
        "a tuple of two int."
    )
    for block in blocks:
        shown = str(block) if isinstance(block, (tuple, list)) else kind(block)
        is_pair = isinstance(block, tuple) and list(map(type, block)) == [int, int]
        expect(is_pair, reason, gettext("in the list: {block}", block=shown), "(0, 4)")
    return blocks


def _last_of(blocks):
    """Show the end of a plan, where most mistakes are."""
    last = ", ".join(map(str, blocks[-2:]))
    return f"…, {last}" if len(blocks) > 2 else last


def _is_a_plan(plan, n_ratings, size):
    starts = range(0, n_ratings, size)
    right = [(start, min(start + size, n_ratings)) for start in starts]
    found = sorted(plan)
    if found == right:
        return
    shown, values = (_last_of(found), _last_of(right)), {"n": n_ratings, "size": size}
    one_length = [(start, size) for start in starts]
    lengths = [(start, stop - start) for start, stop in right]
    too_short = [(start, stop - 1) for start, stop in right]
    is_turned = found == sorted((stop, start) for start, stop in right)
    mistakes = {
        "The last block is missing: of {n} ratings in blocks of {size}, some are never "
        "read.": found == right[:-1],
        "A slice ends *before* its second number, so the last row of each block is left "
        "out.": found == too_short,
        "The last block ends after the file does: {n} ratings, in blocks of "
        "{size}.": found == [(start, start + size) for start in starts],
        "The second number should be the row after the block's last, not the block's "
        "length.": found in (one_length, lengths),
        "The first row of a block comes first, then the row after its last.": is_turned,
    }
    diagnose(mistakes, *shown, **values)
    for start, stop in found:
        is_empty, is_backwards = start == stop, start > stop
        mistakes = {
            "One of the blocks is empty ({n} ratings, blocks of {size}).": is_empty,
            "One of the blocks ends before it begins ({n} ratings, blocks of {size}).": is_backwards,
        }
        diagnose(mistakes, str((start, stop)), **values)
    for block, following in itertools.pairwise(found):
        both = gettext("{one} and {another}", one=str(block), another=str(following))
        reason = "Some ratings are in two blocks ({n} ratings, blocks of {size})."
        expect(block[1] <= following[0], reason, both, **values)
    reason = "These are not the blocks of {n} ratings in pieces of {size}."
    raise NotYet(reason, *shown, **values)


# --- 9.2 ---------------------------------------------------------------------


_SLOTS = ("table", "m", "v")


@lesson["9.2"].part(points=2)
def takes_a_step(lazy_adam_step, rng):
    for with_last in rng.permutation([True, False]):
        sent, t, rate = _step_to_take(rng, with_last)
        _takes_one_step(lazy_adam_step, sent, t, rate)


def _step_to_take(rng, with_last):
    """Draw what a step gets; with or without the last row of the table."""
    n_rows, n_factors = int(rng.integers(8, 12)), int(rng.integers(2, 5))
    table, m = rng.normal(size=(2, n_rows, n_factors))
    v = rng.uniform(0.5, 2.0, size=(n_rows, n_factors))
    rows = rng.permutation(n_rows - 1)[: n_rows - 3]
    if with_last:
        rows[0] = n_rows - 1
    rows = np.concatenate([rows, rows[:2], rows[:1], rows[3:4]])
    gradients = rng.normal(size=(len(rows), n_factors))
    # A row whose gradients cancel each other has been touched all the same.
    gradients[-1] = -gradients[3]
    mixed = rng.permutation(len(rows))
    t, rate = int(rng.integers(2, 6)), float(rng.uniform(0.05, 0.3))
    return (table, m, v, rows[mixed], gradients[mixed]), t, rate


def _takes_one_step(lazy_adam_step, sent, t, rate):
    table, m, v, rows, gradients = sent
    found = _after_step(lazy_adam_step(*sent, t, rate), table.shape)
    summed = _summed(rows, gradients, len(table))
    expected = _lazy_step(table, m, v, rows, t, rate, summed)
    reason = "The order is another one: return the table first, then m, then v."
    expect(not np.allclose(found[:2], expected[1:]), reason)
    mistakes = _mistaken_steps(*sent, t, rate)
    same = {why: np.allclose(found, one, rtol=1e-6) for why, one in mistakes.items()}
    diagnose(same)
    others = np.setdiff1d(np.arange(len(table)), rows)
    for name, now, before in zip(_SLOTS, found, sent[:3], strict=True):
        reason = "Rows that are not in `rows` have changed in `{name}`."
        close_at(now[others], before[others], reason, atol=1e-6, name=name)
    for place in (1, 2, 0):
        reason = "`{name}` is wrong after the step."
        close_at(found[place], expected[place], reason, atol=1e-6, name=_SLOTS[place])
    by_default, _, _ = _after_step(lazy_adam_step(*sent, t=t), table.shape)
    reason = "`table` is wrong after a step without `rate`: it is 0.01 then."
    right, _, _ = _lazy_step(table, m, v, rows, t, 0.01, summed)
    close_at(by_default, right, reason, atol=1e-6)


def _mistaken_steps(table, m, v, rows, gradients, t, rate):
    """Return table, m and v after each mistaken step."""
    state = table, m, v
    step = *state, rows, t, rate
    summed = _summed(rows, gradients, len(table))
    squares = _summed(rows, gradients**2, len(table))
    dense = _lazy_step(*state, np.arange(len(table)), t, rate, summed)
    uncorrected = _lazy_step(*state, rows, 10**6, rate, summed)
    later = _lazy_step(*state, rows, t + 1, rate, summed)
    uphill = _lazy_step(*state, rows, t, -rate, summed)
    last = np.zeros_like(table)
    last[rows] = gradients
    counts = np.maximum(np.bincount(rows, minlength=len(table)), 1)[:, None]
    cancels = np.isclose(summed, 0, atol=1e-12)
    not_cancelled = _lazy_step(*step, np.where(cancels, np.nan, summed))
    new_table, new_m, new_v = _lazy_step(*step, summed)
    corrected_m, corrected_v, touched = new_m.copy(), new_v.copy(), np.unique(rows)
    corrected_m[touched] /= 1 - 0.9**t
    corrected_v[touched] /= 1 - 0.999**t
    return {
        "Rows that no rating of the batch touches have changed, too. That is the dense Adam; a "
        "lazy one leaves them alone.": dense,
        "Of a row that is in `rows` several times only the last gradient counts. Add them up "
        "first: `np.add.at`.": _lazy_step(*step, last),
        "A row that is in `rows` several times is updated once for each time. Add up its gradients "
        "first, and update it once.": _one_by_one(*step, gradients),
        "A row that is in `rows` several times has the *sum* of its gradients, not their "
        "mean.": _lazy_step(*step, summed / counts),
        "v takes the square of the *sum* of a row's gradients, not the sum of their "
        "squares.": _lazy_step(*step, summed, squares=squares),
        "A row whose gradients cancel each other out has been touched, too: its slots shrink, and "
        "it moves. Go by `rows`, not by where the sum is 0.": not_cancelled,
        "m and v are right, but used as they are. Divide m by `1 - 0.9**t` and v by `1 - 0.999**t` "
        "before the step: they started at 0.": uncorrected,
        "`t` already counts from 1; you counted it up once more.": later,
        "The weights went uphill: a step goes *against* the gradient.": uphill,
        "The rate of the call is not used.": _lazy_step(*step[:5], 0.01, summed),
        "Divide by the *root* of v.": _lazy_step(*step, summed, power=1),
        "The table is right. But the corrected m and v are for the step alone: return the slots as "
        "they were before the division.": (new_table, corrected_m, corrected_v),
        "m and v are right; the table has not moved.": (table, new_m, new_v),
    }


@lesson["9.2"].part()
def takes_a_tiny_step(lazy_adam_step, rng):
    n_factors = int(rng.integers(2, 4))
    table, zeros = rng.normal(size=(4, n_factors)), np.zeros((4, n_factors))
    tiny, cancelled = rng.permutation(4)[:2]
    cancel = rng.normal(size=(1, n_factors))
    gradients = np.concatenate([cancel, np.full((1, n_factors), 3e-7), -cancel])
    rows = np.array([cancelled, tiny, cancelled])
    rate = float(rng.uniform(0.05, 0.3))
    after = lazy_adam_step(table, zeros, zeros, rows, gradients, t=1, rate=rate)
    new_table, _, _ = _after_step(after, table.shape, nan=True)
    expect(
        not np.isnan(new_table[cancelled]).all(),
        "A row whose gradients cancel each other out, at the first step, becomes NaN: 0 / 0. That "
        "is what the 1e-7 in the formula is for.",
    )
    g = np.zeros_like(table)
    g[tiny] = 3e-7
    reason = (
        "The step, divided by the rate, is wrong where a gradient is 3e-7, hardly more than the "
        "1e-7 of the formula."
    )
    mistakes = {
        "Wrong where a gradient is as small as the 1e-7: it is added to the root, not under "
        "it.": g / np.sqrt(g**2 + 1e-7),
        "Wrong where a gradient is as small as the 1e-7: there it matters that v is divided by "
        "`1 - 0.999**t` first, and the 1e-7 added to the root of that. (Keras adds it before "
        "dividing.)": g / (g + 1e-7 / np.sqrt(1 - 0.999)),
        "That is a step with 1e-8; the formula has 1e-7.": g / (g + 1e-8),
    }
    close_at((table - new_table) / rate, g / (g + 1e-7), reason, mistakes, atol=1e-3)


def _after_step(found, shape, nan=False):
    """Return table, m and v, or say what came instead."""
    are_three = isinstance(found, (tuple, list)) and len(found) == 3
    reason = "`lazy_adam_step` should return three arrays: the table, m and v."
    expect(are_three, reason, kind(found), "table, m, v")
    whats = [gettext("`lazy_adam_step`, for `{name}`,", name=name) for name in _SLOTS]
    return [
        array(one, shape, what, dtype="float", nan=nan)
        for one, what in zip(found, whats, strict=True)
    ]


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


# --- 9.3 ---------------------------------------------------------------------


@lesson["9.3"].part(points=2)
def trains_a_step(training_step, rng):
    training_step.error_of()  # an empty function is a stub
    given, strengths = _steps_case(rng)
    tables, batches, ratings = (given[k] for k in ("tables", "batches", "ratings"))
    rate, momentum = given["rate"], given["momentum"]
    came = training_step.make("run_steps", training_step=training_step, **given)
    if came["changed"]:
        raise CallFailed("changed", name=training_step.name, argument="batch")
    before = {name: table.astype("float64") for name, table in tables.items()}
    moves = {name: np.zeros_like(table) for name, table in before.items()}
    for step, (pairs, stars) in enumerate(zip(batches, ratings, strict=True)):
        slopes = _gradients(before, pairs, stars, strengths)
        of_errors = _gradients(before, pairs, stars, [0.0, 0.0, 0.0])
        without = {
            name: before[name] + momentum * moves[name] - rate * of_errors[name]
            for name in before
        }
        moves = {name: momentum * moves[name] - rate * slopes[name] for name in before}
        after = {name: before[name] + moves[name] for name in before}
        both = after, without
        _is_loss(came["losses"][step], before, both, pairs, stars, strengths)
        _is_one_step(came, step, both, moves)
        before = after
    expect(
        not came["in_a_graph"],
        "Called by hand it works, but not inside `tf.function`, where tensors have no numbers yet: "
        "no `float(…)`, no NumPy, no `fit` and no `train_on_batch`. Return the tensor.",
        came["in_a_graph"],
    )


def _steps_case(rng):
    """Draw what `run_steps` takes, so that each mistake shows in the first loss."""
    while True:
        n, n_factors = int(rng.integers(5, 9)), int(rng.integers(3, 6))
        n_users, n_movies = rng.choice(range(8, 14), 2, replace=False).tolist()
        sizes = {"user_factors": n_users, "movie_factors": n_movies}
        tables = {
            name: rng.normal(scale=0.5, size=(rows, n_factors)).astype("float32")
            for name, rows in sizes.items()
        }
        batches = [
            {
                "user": rng.integers(n_users, size=n).astype("int32"),
                "movie": rng.integers(n_movies, size=n).astype("int32"),
            }
            for _ in range(2)
        ]
        ratings = list(rng.integers(1, 6, size=(2, n)).astype("float32"))
        rate, momentum = float(rng.uniform(0.03, 0.06)), float(rng.uniform(0.4, 0.9))
        strengths = rng.uniform([0.05, 0.2, 0.4], [0.15, 0.3, 0.5]).tolist()
        given = {"tables": tables, "batches": batches, "ratings": ratings}
        given |= {"rate": rate, "momentum": momentum, "penalties": strengths}
        before = {name: table.astype("float64") for name, table in tables.items()}
        first = before, batches[0], ratings[0], strengths
        slopes = _gradients(*first), _gradients(*first[:3], [0.0, 0.0, 0.0])
        both = [
            {name: before[name] - rate * one[name] for name in before} for one in slopes
        ]
        right, mistakes = _loss_and_mistakes(before, both, *first[1:])
        values = [right, *(one for why in mistakes.values() for one in np.ravel(why))]
        values = np.sort(values)
        # `close` takes numbers for equal that differ by one in ten thousand.
        if (np.diff(values) > 3e-4 * values[1:]).all():
            return given, strengths


def _is_one_step(came, step, both, moves):
    """Check the optimizer and the tables; `step` counts from 0, as `came` does.

    `both` are the tables after a step of the whole loss, and of the errors alone.
    """
    after, without = both
    n_steps = came["steps"][step]
    mistakes = {
        "The loss is right, but the optimizer has made no step. Hand the gradients to "
        "`optimizer.apply`, with the weights that they belong to.": n_steps <= step,
        "The loss is right, but that was more than one step.": n_steps > step + 1,
    }
    counted = "steps the optimizer has counted: {n}"
    diagnose(mistakes, gettext(counted, n=n_steps), gettext(counted, n=step + 1))
    for name in after:
        uphill = after[name] - 2 * moves[name]
        reason = (
            "The loss is right, but `{name}` is not where one step of the optimizer takes it. "
            "(Did the model predict, and were its losses added, inside the `with`? Were all "
            "gradients applied?)"
        )
        mistakes = {
            "The weights went uphill: hand over the gradients as they are, the optimizer takes "
            "care of the sign.": uphill,
            "The loss is right, but the weights moved as if layers added nothing to it: add up "
            "`model.losses` inside the `with`, or they have no gradient.": without[
                name
            ],
        }
        close_at(came["tables"][step][name], after[name], reason, mistakes, name=name)


def _is_loss(came, before, both, pairs, stars, strengths):
    """Check what a step returned; `before` are the tables, and `both` as above."""
    expect(came is not None, "`training_step` returned nothing. Return the loss.")
    reason = (
        "The loss should be one number. `model.losses` is a list with one for each layer that "
        "adds something: add them up with `sum`."
    )
    expect(np.size(came) == 1, reason, kind(came), "one number")
    right, mistakes = _loss_and_mistakes(before, both, pairs, stars, strengths)
    reason = (
        "The loss is wrong. It should be the mean squared error in training mode, plus what "
        "layers add to it, before the step."
    )
    found = array(came, (), "`training_step`", tensor=True)
    close(found, right, reason, mistakes, atol=1e-5)


def _loss_and_mistakes(before, both, pairs, stars, strengths):
    """Return the loss of a step, and what typical mistakes give instead."""
    after, _ = both
    score, score_after = _scores(before, pairs), _scores(after, pairs)
    # The model doubles its scores in training.
    squares, untrained = (_mean_square(one - stars) for one in (2 * score, score))
    broadcast = _mean_square((2 * score)[:, None] - stars)
    after_training = [
        _mean_square(one - stars) for one in (score_after, 2 * score_after)
    ]
    *l2, of_scores = penalties = _penalties(before, pairs, strengths)
    penalty, penalty_after = sum(penalties), sum(_penalties(after, pairs, strengths))
    in_a_table, errors_summed = broadcast + penalty, squares * len(stars) + penalty
    too_late = tuple(one + penalty_after for one in after_training)
    l2_too_late = tuple(
        squares + sum(_penalties(one, pairs, strengths)[:2]) + of_scores for one in both
    )
    not_training = untrained + penalty, untrained + sum(l2)
    # The L2 of one table, or what the layer of the scores adds, or two of these.
    some = [*l2, of_scores, l2[0] + of_scores, l2[1] + of_scores]
    return squares + penalty, {
        "Predictions of shape (n, 1) minus ratings of shape (n,) make a table of n × n "
        "differences. Take the predictions' only column first: `[:, 0]`.": in_a_table,
        "Predictions of shape (n, 1) minus ratings of shape (n,) make a table of n × n "
        "differences. Take the predictions' only column first: `[:, 0]`. "
        "(And `model.losses` is missing.)": broadcast,
        "What layers add to the loss is missing (here an L2): add up `model.losses`.": squares,
        "The L2 is counted, but not what a layer adds when it is called (`add_loss`): add up "
        "`model.losses` after the call of the model.": squares + sum(l2),
        "Only some of the layers' losses are counted: add up *all* of "
        "`model.losses`.": tuple(squares + one for one in some),
        "The squared errors are those before the step, but `model.losses` was added up after it. "
        "Add it to the loss inside the `with`: outside of it, it has no gradient.": l2_too_late,
        "That is the loss *after* the step; the one before it is asked for.": too_late,
        "These are predictions outside training mode, where dropout does not drop anything. "
        "Call the model itself, with `training=True`.": not_training,
        "The model was not in training mode (`training=True`), and what layers add to the loss "
        "is missing (`model.losses`).": untrained,
        "That is the sum of the squared errors; the mean is asked for.": errors_summed,
    }


def _mean_square(errors):
    return np.mean(errors**2)


def _scores(tables, pairs):
    user = tables["user_factors"][pairs["user"]]
    return np.sum(user * tables["movie_factors"][pairs["movie"]], axis=1)


def _penalties(tables, pairs, strengths):
    """Return what the L2 of each table, and the layer of the scores, add to the loss."""
    amounts = [np.sum(table**2) for table in tables.values()]
    amounts.append(_mean_square(_scores(tables, pairs)))
    return list(np.multiply(strengths, amounts))


def _gradients(tables, pairs, stars, strengths):
    """Return the gradients of the loss."""
    user, movie = tables.values()
    score = _scores(tables, pairs)
    of_scores = 2 * (2 * (2 * score - stars) + strengths[2] * score) / len(stars)
    of_user, of_movie = 2 * strengths[0] * user, 2 * strengths[1] * movie
    np.add.at(of_user, pairs["user"], of_scores[:, None] * movie[pairs["movie"]])
    np.add.at(of_movie, pairs["movie"], of_scores[:, None] * user[pairs["user"]])
    return {"user_factors": of_user, "movie_factors": of_movie}


# --- 9.4 ---------------------------------------------------------------------


@lesson["9.4"].part()
def weighs_by_size(average_gradients, rng):
    n_workers, n_weights = int(rng.integers(3, 6)), int(rng.integers(6, 9))
    gradients = rng.normal(size=(n_workers, n_weights))
    sizes = _sizes_of_shares(rng, n_workers)
    total = sizes @ gradients
    per_worker = total / n_workers
    found, right = _combined(average_gradients, gradients, sizes), total / sizes.sum()
    reason = "That is not the mean gradient of all ratings, for shares of {sizes}."
    mistakes = {
        "That is the mean of the means: the smallest share counts as much as the largest. "
        "Weigh each by its size.": gradients.mean(axis=0),
        "That is the sum of the means, and grows with the number of "
        "workers.": gradients.sum(axis=0),
        "That is the sum over all ratings; divide it by their number.": total,
        "Divide by the number of ratings, not by the number of workers.": per_worker,
    }
    close(found, right, reason, mistakes, atol=1e-6, sizes=sizes.tolist())


@lesson["9.4"].part()
def leaves_out_empty_shares(average_gradients, rng):
    n_weights = int(rng.integers(6, 9))
    gradients = rng.normal(size=(5, n_weights))
    sizes = rng.permutation([0, 0, *_sizes_of_shares(rng, 3)])
    gradients[sizes == 0] = np.nan
    right = sizes[sizes > 0] @ gradients[sizes > 0] / sizes.sum()
    reason = "Wrong where a share is empty: shares of {sizes}."
    for given in (sizes.tolist(), tuple(sizes.tolist())):
        found = _combined(average_gradients, gradients, given)
        close(found, right, reason, atol=1e-6, sizes=sizes.tolist())


def _sizes_of_shares(rng, n_workers):
    """Draw different sizes: one rating, more than eight bits can count, others."""
    others = rng.choice(np.arange(2, 250), n_workers - 2, replace=False)
    return rng.permutation([1, int(rng.integers(300, 900)), *others])


def _combined(average_gradients, gradients, sizes):
    found = average_gradients(gradients, sizes)
    is_float = isinstance(found, np.ndarray) and found.dtype.kind == "f"
    expect(
        not (0 in sizes and is_float and np.isnan(found).any()),
        "A worker had no rating, its mean was NaN, and now the gradient is. (0 · NaN is NaN.) "
        "Leave empty shares out.",
        found,
    )
    return array(found, gradients.shape[1:], "`average_gradients`", dtype="float")


# --- 9.5 ---------------------------------------------------------------------


@lesson["9.5"].part()
def enough_machines(shards_needed, rng):
    for size in (int(rng.integers(20, 90)), int(rng.integers(6, 12)) * 10**9):
        n_full = int(rng.integers(3, 9))
        for n_bytes, expected in (
            (size * n_full, n_full),
            (size * n_full + 1, n_full + 1),
            (size * n_full - 1, n_full),
            (size - 1, 1),
        ):
            found = number(shards_needed(n_bytes, size), "`shards_needed`", whole=True)
            too_few, too_many = found == expected - 1, found == expected + 1
            mistakes = {
                "One too few: {n_bytes} bytes do not fit into so few shards of {size}. Round up.": too_few,
                "One too many for {n_bytes} bytes and shards of {size}.": too_many,
                "Wrong for {n_bytes} bytes and shards of {size}.": found != expected,
            }
            diagnose(mistakes, found, expected, n_bytes=n_bytes, size=size)


@lesson["9.5"].part()
def places_without_gaps(locate_rows, rng):
    n_shards = int(rng.integers(3, 7))
    # So long that pieces of neighbouring rows are longer than there are shards.
    n_rows = n_shards * (n_shards + int(rng.integers(2, 5)))
    n_rows += int(rng.integers(1, n_shards))
    rows = np.arange(n_rows)
    shard, local_row = _places(locate_rows, rows, n_shards)
    expect(
        not np.array_equal([shard, local_row], np.divmod(rows, n_shards)),
        "The two are the wrong way round: the shard first, then the row there.",
    )
    used, known = np.unique(shard).tolist(), list(range(n_shards))
    reason = "There are {n_shards} shards, numbered from 0; you used others."
    expect(set(used) <= set(known), reason, used, known, n_shards=n_shards)
    expect(
        np.ptp(shard) == 0 or (np.diff(shard) < 0).any(),
        "Neighbouring rows are on one shard. So the shards are not equally full for tables of "
        "every length: deal the rows out, one to each in turn.",
        shard,
    )
    places = {*zip(shard.tolist(), local_row.tolist(), strict=True)}
    expect(len(places) == n_rows, "Two rows of the table have one and the same place.")
    some = rng.permutation(np.repeat(rows, 2))[: n_rows // 2]
    for asked in [some, *rows[:, None]]:
        again = _places(locate_rows, asked, n_shards)
        expect(
            np.array_equal(again, [shard[asked], local_row[asked]]),
            "A row's place depends on which other rows were asked for. It has to follow from its "
            "number alone, or nobody will find it again.",
        )
    for n in range(1, n_rows + 1):
        _is_dealt(shard[:n], local_row[:n], n_shards)
    # Far down in a table as large as a shop's, each shard has its next row again.
    for turn in rng.choice(10**8 // n_shards, size=3, replace=False):
        rows = rng.permutation(turn * n_shards + np.arange(n_shards))
        shard, local_row = _places(locate_rows, rows, n_shards)
        is_next = sorted(shard) == known and (local_row == turn).all()
        reason = (
            "Right at the beginning of a table, wrong further down, at rows {rows}."
        )
        text = "shards {shard}, rows {local_row}"
        came = gettext(text, shard=shard, local_row=local_row)
        wanted = gettext("each shard once, and row {turn} there", turn=turn)
        expect(is_next, reason, came, wanted, rows=rows)


def _is_dealt(shard, local_row, n_shards):
    """Check the places of the first rows of a table."""
    values = {"n_rows": len(shard), "n_shards": n_shards}
    counts = np.bincount(shard, minlength=n_shards)
    wanted = "none more than one row more than another"
    reason = "Some shards hold more than others ({n_rows} rows on {n_shards} shards)."
    expect(np.ptp(counts) <= 1, reason, counts.tolist(), wanted, **values)
    for place, count in enumerate(counts.tolist()):
        rows = np.sort(local_row[shard == place]).tolist()
        reason = (
            "A shard's own rows should be numbered from 0, without gaps ({n_rows} rows on "
            "{n_shards} shards)."
        )
        expect(rows == list(range(count)), reason, rows, list(range(count)), **values)


def _places(locate_rows, rows, n_shards):
    found = locate_rows(rows, n_shards)
    are_two = type(found) in (tuple, list, np.ndarray) and len(found) == 2
    reason = "`locate_rows` should return two arrays: the shard, and the row there."
    expect(are_two, reason, kind(found), "shard, local_row")
    return [
        array(one, rows.shape, "`locate_rows`", dtype="int").astype("int64")
        for one in found
    ]
