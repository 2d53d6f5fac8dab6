"""Lesson 08, sequences: checks."""

import numpy as np

from helpers.checks.asserts import (
    EXACT,
    are_distinguishable,
    array,
    close,
    close_at,
    diagnose,
    expect,
    expect_pair,
    has_shape,
    number,
)
from helpers.checks.exercise import Lesson
from helpers.checks.model_asserts import works_for_any_batch
from helpers.checks.proxies import Tensor
from helpers.i18n import gettext

lesson = Lesson.read("08")

# --- 8.1 ---------------------------------------------------------------------

lesson["8.1"].forbidden.append("helpers.ranking.ndcg_at_k")


def _ndcg_and_mistakes(scores, histories, held_out, k):
    """Return each user's NDCG, and what typical mistakes give instead."""
    rows = np.arange(len(scores))

    def ndcg(seen=-np.inf, column_0=-np.inf, tie=None, sign=1, first=1, k=k, paid=None):
        masked = sign * np.array(scores, dtype="float64")
        if column_0 is not None:
            masked[:, 0] = column_0
        if seen is not None:
            for row, history in zip(masked, histories, strict=True):
                row[history] = seen
        own = masked[rows, held_out][:, None]
        n_tied = (masked == own).sum(axis=1) - 1
        behind = n_tied / 2 if tie is None else tie(n_tied)
        place = first + (masked > own).sum(axis=1) + behind
        with np.errstate(divide="ignore", invalid="ignore"):
            value = 1 / np.log2(place + 1) if paid is None else paid(place)
        return np.where(place <= k, value, 0.0)

    mistakes = {
        "The movies of the history are still ranked. The user has seen them.": ndcg(
            seen=None
        ),
        "Column 0 is ranked, but it is not a movie.": ndcg(column_0=None),
        "The history and column 0 are still ranked.": ndcg(seen=None, column_0=None),
        "What is not to be ranked has a score that hidden movies can be below: scores may be "
        "negative. Only −∞ is below all.": (
            # Where all scores are far below 0, a 0 is the same as +∞.
            ndcg(seen=np.inf, column_0=np.inf),
            ndcg(seen=np.inf),
            ndcg(column_0=np.inf),
        ),
        "The hidden movie itself is counted among those with its score. Only *other* ones "
        "count.": ndcg(tie=lambda n: (n + 1) / 2),
        "That counts from the wrong end: a higher score is nearer to the top.": ndcg(
            sign=-1
        ),
        "All places count. Beyond place k the value is 0.": ndcg(k=np.inf),
        "Place k does not count. It should: the list has k places.": ndcg(k=k - 0.75),
        "Place k + 1 counts, but the list has k places only.": ndcg(k=k + 1),
        "The places start at 0, and the formula at 1.": ndcg(first=0, k=k - 1),
        "That is the hit rate: 1 in each place. NDCG pays less further down.": ndcg(
            paid=np.ones_like
        ),
        "That is the reciprocal rank, 1/p. NDCG is 1/log2(p + 1).": ndcg(
            paid=lambda place: 1 / place
        ),
        "That is 1/log2(p + 2): place 1 should be worth 1.": ndcg(
            paid=lambda place: 1 / np.log2(place + 2)
        ),
        "That is the natural logarithm. The formula has log2.": ndcg(
            paid=lambda place: 1 / np.log(place + 1)
        ),
    }
    ties = {
        "Other movies with the same score count as behind. Count one half for "
        "each.": ndcg(tie=lambda n: 0 * n),
        "Other movies with the same score count as in front. Count one half for "
        "each.": ndcg(tie=lambda n: n),
        "Half the number of the others with the same score is rounded: one such movie counts "
        "½.": (ndcg(tie=lambda n: n // 2), ndcg(tie=lambda n: (n + 1) // 2)),
    }
    return ndcg(), mistakes, ties


def _ranking_case(rng, tied, level=0.0):
    """Draw scores around a level, histories, hidden movies, so that each mistake shows."""
    while True:
        n_users, n_rows, k = 9, int(rng.integers(16, 22)), int(rng.integers(3, 7))
        order = rng.permuted(np.tile(np.arange(1, n_rows), (n_users, 1)), axis=1)
        sizes = rng.integers(2, 6, size=n_users)
        histories = [row[:n] for row, n in zip(order, sizes, strict=True)]
        held_out = order[:, -1]
        scores = rng.permuted(
            np.tile(np.linspace(-2, 2, n_rows) + level, (n_users, 1)), axis=1
        ).round(3)
        if tied:
            scores = rng.integers(-4, 5, size=scores.shape) * 1.0
        scores[: n_users // 2, 0] = 9
        right, mistakes, ties = _ndcg_and_mistakes(scores, histories, held_out, k)
        if are_distinguishable(right, mistakes | ties if tied else mistakes):
            return scores, histories, held_out, k, right, mistakes | ties


def _has_ndcg(ndcg_of_next, case, **values):
    scores, histories, held_out, k, right, mistakes = case
    found = array(ndcg_of_next(scores, histories, held_out, k), what="`ndcg_of_next`")
    shapes = {
        "Return one value for each user; the next cells take the mean.": [(), (1,)],
    }
    reason = "There should be one value for each user, shape (n_users,)."
    has_shape(found, right.shape, reason, shapes)
    reason = (
        "Those are not the values 1/log2(p + 1) up to place k = {k}, and 0 beyond it."
    )
    close_at(found, right, reason, mistakes, k=k, **values)


@lesson["8.1"].part(points=2)
def ranks_the_hidden_movie(ndcg_of_next, rng):
    for dtype, level in (("float64", -1000.0), ("float32", 0.0)):
        scores, *others = _ranking_case(rng, tied=False, level=level)
        _has_ndcg(ndcg_of_next, (scores.astype(dtype), *others))


@lesson["8.1"].part()
def counts_ties_one_half(ndcg_of_next, rng):
    _has_ndcg(ndcg_of_next, _ranking_case(rng, tied=True))


@lesson["8.1"].part()
def has_ten_places_by_default(ndcg_of_next, rng):
    n_rows = 30
    scores = np.tile(np.arange(n_rows, 0, -1.0), (n_rows - 3, 1))
    histories = [np.array([1, 2])] * len(scores)
    held_out = rng.permutation(np.arange(3, n_rows))
    right, mistakes, _ = _ndcg_and_mistakes(scores, histories, held_out, 10)
    found = ndcg_of_next(scores, histories, held_out)
    found = array(found, right.shape, "`ndcg_of_next`")
    reason = "Without `k`, ten places should count."
    close_at(found, right, reason, mistakes)


# --- 8.2 ---------------------------------------------------------------------


def _chain_and_mistakes(histories, n_rows, shrinkage):
    """Return the transition probabilities, and what typical mistakes give instead."""

    def count(pairs):
        counts = np.zeros((n_rows, n_rows))
        for first, second in pairs:
            np.add.at(counts, (first, second), 1)
        return counts

    neighbours = [(one[:-1], one[1:]) for one in histories]
    counts, together = count(neighbours), np.concatenate(histories)
    later = count(
        (one[place], one[place + 1 :]) for one in histories for place in range(len(one))
    )
    across = count([(together[:-1], together[1:])])

    def chain(counts=counts, share=None, total=None, shrinkage=shrinkage, below=None):
        share = counts.sum(axis=0) / counts.sum() if share is None else share
        total = counts.sum(axis=1, keepdims=True) if total is None else total
        below = total + shrinkage if below is None else below
        return (counts + shrinkage * share) / below

    popularity = np.bincount(together, minlength=n_rows) / len(together)
    from_share = counts.sum(axis=1) / counts.sum()
    total = counts.sum(axis=1, keepdims=True)
    mistakes = {
        "The direction is wrong: row i should hold what comes *after* movie i.": chain(
            counts.T
        ),
        "That counts all later movies of a history. Only the one directly after counts "
        "here.": chain(later),
        "The last movie of a user and the first one of the next user are no pair. Count inside "
        "each history.": chain(across),
        "A pair that comes several times was counted once. (`counts[i, j] += 1` with arrays of "
        "indices adds 1 to each pair only once; `np.add.at` adds all.)": chain(
            np.minimum(counts, 1)
        ),
        "The shrinkage is missing.": counts / np.maximum(total, 1),
        "λ stands below the line only. Above it, λq is added to the counts.": counts
        / (total + shrinkage),
        "λ is not multiplied with the shares q.": (
            counts + counts.sum(axis=0) / counts.sum()
        )
        / (total + shrinkage),
        "That pulls towards equal shares. q is the popularity as a next movie.": chain(
            share=np.full(n_rows, 1 / n_rows)
        ),
        "q is the share of each movie among the *next* ones. The first movie of a history is "
        "not a next one.": chain(share=popularity),
        "q is the share of each movie among the *next* ones: add up over the rows, not over the "
        "columns.": (chain(share=from_share), chain(share=from_share[:, None])),
        "q is not divided by the number of all pairs.": chain(share=counts.sum(axis=0)),
        "Those are not divided: probabilities of a row add up to 1.": counts
        + shrinkage * counts.sum(axis=0) / counts.sum(),
        "Each column was divided by its own sum. A *row* should add up to 1.": (
            chain(total=counts.sum(axis=0)),
            chain(total=counts.sum(axis=1)),
        ),
    }
    return chain(), mistakes


def _chain_case(rng, shrinkage):
    while True:
        n_rows = int(rng.integers(6, 9))
        histories = [
            rng.permutation(np.arange(1, n_rows))[: int(rng.integers(3, n_rows))]
            for _ in range(7)
        ]
        histories.insert(int(rng.integers(1, 7)), rng.integers(1, n_rows, size=1))
        right, mistakes = _chain_and_mistakes(histories, n_rows, shrinkage)
        if are_distinguishable(right, mistakes):
            return histories, n_rows, right, mistakes


def _has_chain(found, n_rows, right, mistakes):
    what = "`transition_probabilities`"
    found = array(found, what=what, nan=True)
    reason = "There is NaN in it: a movie without a successor has a sum of 0, and λ alone below."
    expect(not np.isnan(found).any(), reason)
    reason = "There should be a row and a column for each movie number below `n_rows`."
    has_shape(found, (n_rows, n_rows), reason)
    reason = "Those are not (c + λq) / (Σc + λ): compare each part with the formula."
    close_at(found, right, reason, mistakes)


@lesson["8.2"].part(points=2)
def counts_what_comes_next(transition_probabilities, rng):
    for _ in range(2):
        shrinkage = float(rng.uniform(1.5, 4))
        histories, n_rows, right, mistakes = _chain_case(rng, shrinkage)
        found = transition_probabilities(histories, n_rows, shrinkage)
        _has_chain(found, n_rows, right, mistakes)
    # As often as λ, all pairs come again: nothing else changes.
    times = 300
    found = transition_probabilities(histories * times, n_rows, times * shrinkage)
    reason = (
        "It is wrong where a pair comes some hundreds of times. (Does the dtype of the counts "
        "hold numbers above 255?)"
    )
    close_at(
        array(found, (n_rows, n_rows), "`transition_probabilities`"), right, reason
    )


@lesson["8.2"].part()
def has_rows_for_unseen_movies(transition_probabilities, rng):
    histories, n_rows, *_ = _chain_case(rng, 2.0)
    n_rows += 2
    right, mistakes = _chain_and_mistakes(histories, n_rows, 1.0)
    _has_chain(transition_probabilities(histories, n_rows), n_rows, right, mistakes)


# --- 8.3 ---------------------------------------------------------------------


def _padded(movies, length, left=True):
    movies = list(movies)[-length:]
    zeros = [0] * (length - len(movies))
    return np.array(zeros + movies if left else movies + zeros)


def _has_pieces(inputs_and_targets, history, length):
    found = inputs_and_targets(history, length)
    expect_pair(found, "Return two arrays: `return inputs, targets`.")
    recent, first = history[-length - 1 :], history[: length + 1]
    right = _padded(recent[:-1], length), _padded(recent[1:], length)
    names = "inputs", "targets"
    arrays = [
        array(one, what=f"`{name}`", dtype="int")
        for one, name in zip(found, names, strict=True)
    ]
    shapes = {
        "With {n} movies and a length of {length} there are as many numbers as movies. Fill up "
        "with zeros, or cut.": [(len(history),), (len(history) - 1,)],
        "`{name}` is one too long: the inputs are without the last movie, the targets without "
        "the first.": (length + 1,),
        "`{name}` is one too short. For `length` inputs and targets you need `length` + 1 "
        "movies.": (length - 1,),
    }
    values = {"n": len(history), "length": length}
    for one, name in zip(arrays, names, strict=True):
        reason = "`{name}` should have the shape (length,)."
        has_shape(one, (length,), reason, shapes, name=name, **values)
    is_swapped = [
        np.array_equal(a, b) for a, b in zip(arrays, right[::-1], strict=True)
    ]
    expect(not all(is_swapped), "Inputs and targets have changed places.")
    for one, name, expected in zip(arrays, names, right, strict=True):
        reason = (
            "The dtype {dtype} of `{name}` does not hold movie numbers like {movie}."
        )
        is_cut = np.array_equal(one, expected.astype(one.dtype))
        is_right = np.array_equal(one, expected)
        movie = int(expected.max())
        expect(
            is_right or not is_cut, reason, dtype=str(one.dtype), name=name, movie=movie
        )
    mistakes = (
        {
            "The last movie is among the inputs: it is the last target, and the network would "
            "see it.": (right[1], _padded(history, length)),
            "The zeros are on the right. They should be on the left, so that the last movie is "
            "in the last column.": _padded(recent[:-1], length, left=False),
            "Those are the first movies of the history. The last ones count.": _padded(
                first[:-1], length
            ),
            "There is a movie too few: take the last `length` + 1 movies.": _padded(
                history[-length:][:-1], length
            ),
            "The movies are in reverse order.": _padded(recent[:-1][::-1], length),
        },
        {
            "The targets are not shifted: each target should be the movie *after* the "
            "input.": right[0],
            "The zeros are on the right. They should be on the left, so that the last movie is "
            "in the last column.": _padded(recent[1:], length, left=False),
            "Those are the first movies of the history. The last ones count.": _padded(
                first[1:], length
            ),
            "There is a movie too few: take the last `length` + 1 movies.": _padded(
                history[-length:][1:], length
            ),
            "The movies are in reverse order.": _padded(recent[1:][::-1], length),
            "Only the last position has a target. Each input has one: the movie after "
            "it.": _padded(recent[-1:], length),
            "The first movie is a target there, with padding as its input. Where the input is "
            "padding, the target is 0, too.": _padded(recent, length),
            "Shifting the inputs alone leaves the last position without its target (`np.roll` "
            "brings what was in front): the most recent movie is missing.": (
                np.roll(right[0], -1),
                np.append(right[0][1:], 0),
            ),
            "The first movie is a target there, and the last target is none: `np.roll` brings "
            "what was in front to the end.": np.roll(_padded(recent, length), -1),
        },
    )
    reason = "`{name}` are not the ones of the history {history} with length {length}."
    for one, name, expected, known in zip(arrays, names, right, mistakes, strict=True):
        values = {"name": name, "history": str(history.tolist()), "length": length}
        close(one, expected, reason, known, **values)


@lesson["8.3"].part(points=2)
def shifts_and_pads(inputs_and_targets, rng):
    length = int(rng.integers(5, 8))
    for n in (length - 2, length + 1, length + 4, length, 2):
        history = rng.permutation(np.arange(300, 1700))[:n]
        _has_pieces(inputs_and_targets, history, length)


# --- 8.4 ---------------------------------------------------------------------


def _softmax(values, axis=-1):
    power = np.exp(values - values.max(axis=axis, keepdims=True))
    return power / power.sum(axis=axis, keepdims=True)


def _loss_and_mistakes(targets, logits):
    losses, counts = _cross_entropy(targets, logits), targets != 0
    each = (losses * counts).sum(axis=1) / counts.sum(axis=1)
    right = losses[counts].mean()
    mistakes = {
        "That is the mean over all positions: padding counts, too.": losses.mean(),
        "The padding is left out of the sum, but not of the number that you divide by.": (
            losses * counts
        ).mean(),
        "That is the sum. Divide by the number of positions that count.": losses[
            counts
        ].sum(),
        "That is the sum divided by the number of sequences. Divide by the number of positions "
        "that count.": losses[counts].sum() / len(targets),
        "That is the mean of each sequence's mean. Here each *position* counts the "
        "same.": each.mean(),
        "That is the mean over the padding: the mask is the wrong way round.": losses[
            ~counts
        ].mean(),
        "The minus sign is missing.": -right,
        "The classes are off by one: the logit of movie m is in column m, so take the targets as "
        "they are.": _cross_entropy(targets - 1, logits)[counts].mean(),
        "Column 0 is missing in the softmax. It runs over all `n_rows` "
        "columns.": _cross_entropy(targets - 1, logits[..., 1:])[counts].mean(),
    }
    return right, mistakes


def _cross_entropy(targets, logits):
    """Return minus the log of each target's probability; below 0, target 0 is taken."""
    targets = np.maximum(targets, 0)[..., None]
    highest = logits.max(axis=-1, keepdims=True)
    total = np.log(np.exp(logits - highest).sum(axis=-1)) + highest[..., 0]
    return total - np.take_along_axis(logits, targets, axis=-1)[..., 0]


def _loss_case(rng):
    while True:
        n, length, n_rows = 4, int(rng.integers(6, 8)), int(rng.integers(5, 9))
        targets = rng.integers(1, n_rows, size=(n, length))
        for row, n_padded in zip(targets, rng.permutation([0, 1, 3, 4]), strict=True):
            row[:n_padded] = 0
        logits = rng.normal(size=(n, length, n_rows)) * 2
        right, mistakes = _loss_and_mistakes(targets, logits)
        if are_distinguishable(right, mistakes):
            return targets.astype("int32"), logits.astype("float32"), right, mistakes


@lesson["8.4"].part(points=2)
def averages_what_counts(sequence_loss, rng):
    targets, logits, right, mistakes = _loss_case(rng)
    found = sequence_loss(Tensor(targets), Tensor(logits))
    shapes = {
        "That is a loss for each position. Return one number for the batch.": targets.shape,
        "That is a loss for each sequence. Return one number for the batch.": (
            len(targets),
        ),
    }
    has_shape(found, (), "`sequence_loss` should return one number.", shapes)
    reason = (
        "That is not the mean cross-entropy over the positions with a target. (Does the "
        "cross-entropy know that it gets logits?)"
    )
    close(number(found, "`sequence_loss`"), right, reason, mistakes, **EXACT)


@lesson["8.4"].part()
def can_be_compiled(sequence_loss, rng):
    targets, logits, right, _ = _loss_case(rng)
    found = sequence_loss(Tensor(targets), Tensor(logits))
    reason = "That is not the mean cross-entropy over the positions with a target."
    close(number(found, "`sequence_loss`"), right, reason, **EXACT)
    compiled = works_for_any_batch(sequence_loss, targets, logits)
    reason = (
        "Compiled, as in `fit`, it gives another loss than when it is called directly."
    )
    close(float(np.asarray(compiled)), right, reason, **EXACT)
    _survives_large_logits(sequence_loss, targets, rng)


def _survives_large_logits(sequence_loss, targets, rng):
    """Check it where no probability but the highest is a float32 above 0."""
    logits = rng.permuted(
        np.linspace(-600, 600, 7) + rng.normal(size=(*targets.shape, 7)), axis=-1
    ).astype("float32")
    targets = np.minimum(targets, 6)
    found = sequence_loss(Tensor(targets), Tensor(logits))
    reason = (
        "With logits of some hundreds the loss is not finite: between exp and log, numbers become "
        "too large or too small for a float32. Compute it from the logits: `from_logits=True`, or "
        "`ops.log_softmax`."
    )
    expect(np.isfinite(np.asarray(found)).all(), reason, float(np.ravel(found)[0]))
    reason = (
        "With logits of some hundreds the loss is too small: a probability was clipped before the "
        "logarithm, and so has no gradient. Compute the loss from the logits: `from_logits=True`, "
        "or `ops.log_softmax`."
    )
    right = _cross_entropy(targets, logits.astype("float64"))[targets != 0].mean()
    close(number(found, "`sequence_loss`"), right, reason)


# --- 8.5 ---------------------------------------------------------------------


def _padded_sequences(rng):
    """Draw sequences; more, or fewer, than they are long."""
    n, length = rng.permutation([int(rng.integers(3, 5)), int(rng.integers(5, 8))])
    movies = rng.integers(1, 20, size=(n, length))
    for row, n_padded in zip(movies, rng.permutation(n), strict=True):
        row[: min(n_padded, length - 2)] = 0
    return movies.astype("int32")


def _mask_and_mistakes(movies):
    position, is_movie = np.arange(movies.shape[1]), movies != 0
    past = (position[:, None] >= position[None, :])[None]
    seen, looking = is_movie[:, None, :], is_movie[:, :, None]
    everywhere = np.ones_like(past & seen)
    mistakes = {
        "The mask is upside down: True where a position may *not* look.": ~(
            past & seen
        ),
        "That allows the future: the next movie is to the right, and s ≤ t is to the "
        "left.": past.transpose(0, 2, 1) & seen,
        "A position should see itself, too: s ≤ t, not s < t.": past
        & seen
        & (position[:, None] != position),
        "The padding is still visible.": past & everywhere,
        "The causal mask is missing: a position may look at later ones.": (
            seen & everywhere,
            seen & looking,
        ),
        "The padding is applied to the position t that looks. It should be the position s that is "
        "looked at.": past & looking,
        "t and s have changed places: the second axis looks, the third is looked at.": (
            past & seen
        ).transpose(0, 2, 1),
    }
    return past & seen, mistakes


def _has_mask(found, right, mistakes):
    n, length, _ = right.shape
    found = array(found, what="`attention_mask`", tensor=True)
    shapes = {
        "That is one mask for all sequences. Each has its own padding: shape (n, length, "
        "length).": [(length, length), (1, length, length)],
        "That is the padding alone. Each position t has its own row: shape (n, length, "
        "length).": [(n, length), (n, 1, length)],
    }
    has_shape(found, right.shape, "The shape should be (n, length, length).", shapes)
    reason = "That is not True exactly where s ≤ t and position s is not padding."
    close(
        found,
        right.astype(float),
        reason,
        {
            text: tuple(
                one.astype(float) for one in (v if isinstance(v, tuple) else (v,))
            )
            for text, v in mistakes.items()
        },
    )


@lesson["8.5"].part(points=2)
def allows_the_past(attention_mask, rng):
    for _ in range(2):
        movies = _padded_sequences(rng)
        found = attention_mask(Tensor(movies))
        right, mistakes = _mask_and_mistakes(movies)
        _has_mask(found, right, mistakes)
        array(found, what="`attention_mask`", tensor=True, dtype="bool")


@lesson["8.5"].part()
def masks_any_batch(attention_mask, rng):
    movies = _padded_sequences(rng)
    right, mistakes = _mask_and_mistakes(movies)
    _has_mask(attention_mask(Tensor(movies)), right, mistakes)
    compiled = np.asarray(works_for_any_batch(attention_mask, movies))
    reason = (
        "Compiled, as in `fit`, it gives another mask than when it is called directly."
    )
    expect(np.array_equal(compiled, right), reason)


# --- 8.6 ---------------------------------------------------------------------


def _attention_and_mistakes(queries, keys, values, allowed):
    d = queries.shape[-1]
    match = queries @ keys.transpose(0, 2, 1)

    def weights(match=match, scale=d**0.5, allowed=allowed, forbidden=-1e9, axis=-1):
        return _softmax(np.where(allowed, match / scale, forbidden), axis)

    whole = np.ones_like(allowed)
    right = weights()
    of_weights = {
        "The matches are not divided by √d.": weights(scale=1.0),
        "The matches are divided by d. The formula has √d.": weights(scale=float(d)),
        "The matches are multiplied by √d.": weights(scale=d**-0.5),
        "The mask has no effect: positions look at what is not allowed.": weights(
            allowed=whole
        ),
        "The mask works after the softmax, so that the weights of a row no longer add up to 1. "
        "Put it before.": weights(allowed=whole) * allowed,
        "Forbidden matches were set to 0. A softmax gives them a weight all the same: use a large "
        "negative number.": (
            weights(forbidden=0.0),
            _softmax(match * allowed / d**0.5),
        ),
        "The mask is the wrong way round.": weights(allowed=~allowed),
        "Positions look at the past only, though `allowed` lets them look further. What is allowed "
        "is up to `allowed`.": (
            weights(allowed=np.tril(allowed)),
            weights(allowed=np.tril(whole)),
        ),
        "The softmax runs over the wrong axis: each *row* should add up to 1, over s.": weights(
            axis=1
        ),
        "Queries and keys have changed places.": weights(match.transpose(0, 2, 1)),
        "Those are the matches. The softmax is missing.": np.where(
            allowed, match / d**0.5, -1e9
        ),
    }
    of_outputs = {
        "The weights are transposed: out at t is the mean over s.": right.transpose(
            0, 2, 1
        )
        @ values,
        "Those are means of the keys. The values should be averaged.": right @ keys,
        "Those are means of the queries. The values should be averaged.": right
        @ queries,
        "Those are the values themselves, without the weights.": values,
    }
    return right, of_weights, right @ values, of_outputs


def _attention_case(rng, empty=False):
    while True:
        n, length, d = int(rng.integers(2, 4)), int(rng.integers(4, 6)), 3
        length, d = rng.permutation([length, d + 3 * int(rng.integers(2))])
        tensors = rng.normal(size=(3, n, length, d)).astype("float32") * 1.5
        allowed = rng.random((n, length, length)) < 0.6
        allowed |= np.eye(length, dtype=bool)
        allowed[0, 1:, 0] = False
        allowed[-1, 1, :2] = True, False  # no position has to see itself
        if empty:
            allowed[0, 0] = False
        right, of_weights, outputs, of_outputs = _attention_and_mistakes(
            *tensors, allowed
        )
        rows = allowed.any(axis=-1)
        if empty or (
            are_distinguishable(right, of_weights)
            and are_distinguishable(outputs, of_outputs)
        ):
            return tensors, allowed, rows, (right, of_weights), (outputs, of_outputs)


def _two_tensors(found, length, d, n):
    expect_pair(found, "Return two tensors: `return outputs, weights`.")
    outputs, weights = found
    names = "outputs", "weights"
    arrays = [
        array(one, what=f"`{name}`", tensor=True, nan=True)
        for one, name in zip((outputs, weights), names, strict=True)
    ]
    shapes = (n, length, d), (n, length, length)
    is_swapped = (
        all(a.shape == b for a, b in zip(arrays, shapes[::-1], strict=True))
        and length != d
    )
    expect(not is_swapped, "First the outputs, then the weights.")
    for one, shape, name in zip(arrays, shapes, names, strict=True):
        reason = "`{name}` has the wrong shape."
        has_shape(one, shape, reason, name=name)
    return arrays


@lesson["8.6"].part(points=2)
def attends_to_what_is_allowed(attention, rng):
    for _ in range(2):
        tensors, allowed, _, of_weights, of_outputs = _attention_case(rng)
        found = attention(*map(Tensor, tensors), Tensor(allowed))
        n, length, d = tensors[0].shape
        outputs, weights = _two_tensors(found, length, d, n)
        reason = "There is NaN in the result."
        expect(not np.isnan(outputs).any() and not np.isnan(weights).any(), reason)
        reason = "Those are not the weights softmax(q · k / √d) over what is allowed."
        close_at(weights, of_weights[0], reason, of_weights[1])
        reason = "The outputs are not the values, averaged with the weights."
        close_at(outputs, of_outputs[0], reason, of_outputs[1])


@lesson["8.6"].part()
def stays_finite(attention, rng):
    tensors, allowed, rows, of_weights, of_outputs = _attention_case(rng, empty=True)
    found = attention(*map(Tensor, tensors), Tensor(allowed))
    n, length, d = tensors[0].shape
    outputs, weights = _two_tensors(found, length, d, n)
    mistakes = {
        "A position that may look at nothing gets NaN: that is what a softmax makes of −∞ only. "
        "Use a large negative number instead.": not np.isfinite(weights).all(),
        "A position that may look at nothing gets an output that is not "
        "finite.": not np.isfinite(outputs).all(),
    }
    diagnose(mistakes, gettext("NaN or ∞"), gettext("finite numbers"))
    reason = "The weights are wrong where another position may look at nothing."
    close(weights[rows], of_weights[0][rows], reason)
    compiled = works_for_any_batch(attention, *tensors, allowed)
    reason = (
        "Compiled, as in `fit`, it gives other weights than when it is called directly."
    )
    close(np.asarray(compiled[1])[rows], of_weights[0][rows], reason)
    _survives_large_matches(attention, rng)


def _survives_large_matches(attention, rng):
    """Check it where the matches of a row are all some hundreds above 0, or below."""
    n, length, d = 2, 5, int(rng.integers(3, 6))
    keys = np.abs(rng.normal(scale=12, size=(n, length, d))) + 4
    queries = np.abs(rng.normal(scale=12, size=(n, length, d))) + 4
    queries[:, ::2] *= -1
    values = rng.normal(size=(n, length, d))
    match = queries @ keys.transpose(0, 2, 1)
    allowed = rng.random(match.shape) < 0.4
    allowed |= match == match.max(axis=-1, keepdims=True)
    allowed &= match != match.min(axis=-1, keepdims=True)
    right = _softmax(np.where(allowed, match / d**0.5, -1e9))
    tensors = (one.astype("float32") for one in (queries, keys, values))
    found = attention(*map(Tensor, tensors), Tensor(allowed))
    _, weights = _two_tensors(found, length, d, n)
    total = weights.sum(axis=-1)
    reason = (
        "With matches of some hundreds the weights of a row do not add up to 1: exponentials become "
        "too large or too small for a float32. `ops.softmax` takes care of that; by hand, subtract "
        "the largest match of the row first."
    )
    expect(np.allclose(total, 1, atol=1e-3), reason, total[0], np.ones(length))
    reason = (
        "A forbidden match gets a weight where the allowed ones are far below 0. Set it to a number "
        "that no match is below, such as −1e9."
    )
    expect((weights[~allowed] < 1e-3).all(), reason, weights[~allowed].max(), 0)
    reason = "The weights are wrong where matches are some hundreds."
    close_at(weights, right, reason, atol=1e-3)
