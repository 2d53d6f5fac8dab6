"""Lesson 07, retrieval: checks."""

import numpy as np

from helpers.checks.asserts import (
    NotYet,
    array,
    close,
    diagnose,
    expect,
    has_shape,
    kind,
    number,
    told_apart,
)
from helpers.checks.exercise import Lesson
from helpers.checks.model_asserts import works_for_any_batch
from helpers.checks.proxies import CallFailed, Tensor
from helpers.i18n import gettext

lesson = Lesson.read("07")

# --- 7.1 ---------------------------------------------------------------------


_WRONG_BYTES = "Wrong for {n_users} users, {n_movies} movies, {n_factors} factors and {slots} slots."


@lesson["7.1"].part()
def counts_bytes(bytes_to_train, rng):
    slots = rng.permutation(4)
    n_users, n_movies = rng.integers(50, 400, size=(2, 4))
    n_factors = rng.integers(5, 40, size=4)
    sizes = [
        {"n_users": a, "n_movies": b, "n_factors": c, "slots": d}
        for a, b, c, d in np.transpose([n_users, n_movies, n_factors, slots]).tolist()
    ]
    found = [_bytes_found(bytes_to_train, **size) for size in sizes]
    mistakes = _mistaken_bytes(n_users, n_movies, n_factors, slots)
    known = {why: values.tolist() == found for why, values in mistakes.items()}
    for size, n_bytes in zip(sizes, found, strict=True):
        right = _right_bytes(**size)
        if n_bytes != right:
            whys = known | {_WRONG_BYTES: True}
            diagnose(whys, f"{n_bytes:,}", f"{right:,}", **size)
    _counts_by_default(bytes_to_train, rng)
    _counts_a_shop(bytes_to_train, rng)


def _right_bytes(n_users, n_movies, n_factors, slots=2):
    return 4 * (n_users + n_movies) * (n_factors + 1) * (1 + slots)


def _mistaken_bytes(n_users, n_movies, n_factors, slots):
    rows, copies = n_users + n_movies, 1 + slots
    weights, factors = 4 * rows * (n_factors + 1), 4 * rows * n_factors
    right, slots_alone = weights * copies, weights * slots
    without_biases, one_bias = factors * copies, (factors + 4) * copies
    of_pairs = 4 * n_users * n_movies * (n_factors + 1) * copies
    slots_of_factors = weights + factors * slots
    return {
        "The biases are missing: each row has one number more than factors.": without_biases,
        "There is a bias for *each* user and *each* movie, not one in all.": one_bias,
        "That is how many numbers there are. Each takes four bytes.": right // 4,
        "float32 takes four bytes; eight are those of a float64.": 2 * right,
        "Those are the slots alone. The weights themselves need memory, too.": slots_alone,
        "Those are the weights alone. The optimizer keeps `slots` more numbers for each of them.": weights,
        "That is right for Adam alone. Another optimizer has another number of "
        "`slots`.": 3 * weights,
        "Each weight is stored once, and once more for each slot: `1 + slots` numbers. You counted "
        "`2 + slots`.": weights * (2 + slots),
        "The biases are weights like others: they have slots, too.": slots_of_factors,
        "`slots` numbers for *each* weight, not `slots` in all.": weights + 4 * slots,
        "A row for each user *and* one for each movie: users plus movies, not a row for each pair.": of_pairs,
    }


def _bytes_found(bytes_to_train, *sizes, **named):
    return number(bytes_to_train(*sizes, **named), "`bytes_to_train`", whole=True)


def _counts_by_default(bytes_to_train, rng):
    n_users, n_movies, n_factors = sizes = rng.integers(50, 400, size=3).tolist()
    found, right = _bytes_found(bytes_to_train, *sizes), _right_bytes(*sizes)
    reason = (
        "Wrong for `bytes_to_train({n_users}, {n_movies}, {n_factors})`: where nothing is said "
        "of `slots`, there are 2."
    )
    named = {"n_users": n_users, "n_movies": n_movies, "n_factors": n_factors}
    expect(found == right, reason, f"{found:,}", f"{right:,}", **named)


def _counts_a_shop(bytes_to_train, rng):
    """Check it for tables that no address space holds: trying to make them fails at once."""
    sizes = {
        "n_users": int(rng.integers(2 * 10**13, 3 * 10**13)),
        "n_movies": int(rng.integers(10**10, 10**11)),
        "n_factors": int(rng.integers(5, 20)),
        "slots": int(rng.integers(3)),
    }
    try:
        found = _bytes_found(bytes_to_train, **sizes)
    except CallFailed as problem:
        raise NotYet(
            "It works for small tables, but not for {n_users} users and {n_movies} movies. "
            "{problem}",
            problem=problem,
            **sizes,
        ) from None
    right = _right_bytes(**sizes)
    expect(found == right, _WRONG_BYTES, f"{found:,}", f"{right:,}", **sizes)


# --- 7.2 ---------------------------------------------------------------------


@lesson["7.2"].part(points=2)
def computes_the_loss(in_batch_loss, rng):
    n, n_factors = int(rng.integers(5, 9)), int(rng.integers(2, 5))
    users, movies = rng.normal(size=(2, n, n_factors)).astype("float32")
    share = rng.permutation(np.geomspace(0.01, 0.6, n)).astype("float32")
    scores, log_share = users.astype("float64") @ movies.T, np.log(share)
    corrected = scores - log_share
    right = _softmax_loss(corrected)
    of_each, of_right = np.exp(corrected), np.diagonal(corrected)
    lengths = [np.linalg.norm(one, axis=1) for one in (users, movies)]
    of_cosines = _softmax_loss(scores / np.outer(*lengths) - log_share)
    others_alone = np.log(np.sum(of_each * (1 - np.eye(n)), axis=1)) - of_right
    half_corrected = np.log(of_each.sum(axis=1)) - np.diagonal(scores)
    close(
        _one_number(in_batch_loss(Tensor(users), Tensor(movies), Tensor(share))),
        right,
        "The loss is wrong. For each row: logsumexp of its corrected scores, minus the corrected "
        "score of its own movie; then the mean.",
        {
            "The correction has no effect. Either it is missing, or it was subtracted from whole "
            "rows: the share belongs to the *movie*, and movies are the "
            "columns.": _softmax_loss(scores),
            "The logarithm was added; subtract it.": _softmax_loss(scores + log_share),
            "You subtracted the share itself; its logarithm is asked "
            "for.": _softmax_loss(scores - share),
            "That is the sum over the pairs; the mean is asked for.": n * right,
            "The sign is the wrong way round: a loss is small where the right movie's score is "
            "large.": -right,
            "That is a choice among *users* for each movie. Each row is a user, and the softmax "
            "runs along it: `axis=1`.": _softmax_loss(corrected.T),
            "The table is transposed: users belong in the rows, movies in the "
            "columns.": _softmax_loss(scores.T - log_share),
            "Those are cosines. Here the vectors keep their lengths.": of_cosines,
            "The right movie belongs into the sum, too: a choice among all n movies of the "
            "batch.": np.mean(others_alone),
            "The right movie's own score has to be corrected, too: take the diagonal of the "
            "corrected table.": np.mean(half_corrected),
        },
        atol=1e-3,
    )


@lesson["7.2"].part()
def survives_large_scores(in_batch_loss, rng):
    users, movies = rng.normal(scale=20, size=(2, 6, 4)).astype("float32")
    share = np.full(6, 0.1, "float32")
    found = in_batch_loss(Tensor(users), Tensor(movies), Tensor(share))
    expect(
        not isinstance(found, np.ndarray) or np.isfinite(found).all(),
        "With scores of some hundreds the loss is not finite: between exp and log, numbers become "
        "too large or too small for a float32. `ops.logsumexp` takes care of that.",
        found,
    )
    close(
        _one_number(found),
        _softmax_loss(users.astype("float64") @ movies.T - np.log(share)),
        "The loss is wrong where scores are large.",
        atol=0.05,
    )


@lesson["7.2"].part()
def can_be_trained_with(in_batch_loss, rng):
    in_batch_loss.error_of()  # an empty function is a stub
    n, n_factors = int(rng.integers(5, 9)), int(rng.integers(2, 5))
    users, movies = rng.normal(size=(2, n, n_factors)).astype("float32")
    share = rng.permutation(np.geomspace(0.05, 0.4, n)).astype("float32")
    found = _one_number(in_batch_loss(Tensor(users), Tensor(movies), Tensor(share)))
    close(
        np.asarray(works_for_any_batch(in_batch_loss, users, movies, share)),
        found,
        "Compiled, as `fit` does it, the loss is another one.",
        atol=1e-3,
    )
    given = {"user_vectors": users, "movie_vectors": movies, "movie_share": share}
    slopes = in_batch_loss.make("gradients_of", loss=in_batch_loss, **given)
    scores = users.astype("float64") @ movies.T - np.log(share)
    chances = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    errors = (chances - np.eye(n)) / n
    for name, slope, right in (
        ("user_vectors", slopes[0], errors @ movies),
        ("movie_vectors", slopes[1], errors.T @ users),
    ):
        expect(
            slope is not None,
            "No gradient flows from this loss to `{name}`, so they could not be trained. Stay with "
            "tensors (`ops.…`): no NumPy, no `float(…)`.",
            name=name,
        )
        reason = "The gradient of the loss by `{name}` is not that of a softmax with logQ correction."
        close(np.asarray(slope), right, reason, atol=1e-3, name=name)


def _one_number(found):
    """Return the loss, or say what came instead."""
    reason = "`in_batch_loss` should return one number, the mean over the pairs."
    expect(np.size(found) == 1, reason, kind(found), "one number")
    return array(found, (), "`in_batch_loss`", tensor=True)


def _softmax_loss(scores):
    """Return the mean cross-entropy of the rows, whose right answers are on the diagonal."""
    largest = scores.max(axis=1, keepdims=True)
    sums = largest[:, 0] + np.log(np.exp(scores - largest).sum(axis=1))
    return np.mean(sums - np.diagonal(scores))


# --- 7.3 ---------------------------------------------------------------------


@lesson["7.3"].part(points=2)
def finds_the_best(build_index, search_index, rng):
    build_index.error_of()  # an empty function is a stub
    search_index.error_of()
    n_movies, n_users = int(rng.integers(50, 70)), int(rng.integers(8, 12))
    n, n_factors = int(rng.integers(3, 8)), int(rng.integers(5, 9))
    movies = rng.normal(size=(n_movies, n_factors)).astype("float32")
    # Lengths of all sizes: that is what the cosine forgets.
    movies *= rng.uniform(0.3, 3.0, size=(n_movies, 1)).astype("float32")
    users = rng.normal(size=(n_users, n_factors)).astype("float32")
    efforts = [int(rng.integers(70, 90)), int(rng.integers(8, 40))]
    given = {"build_index": build_index, "search_index": search_index}
    given |= {"movie_vectors": movies, "user_vectors": users, "n": n}
    came = build_index.make("searched", **given, efforts=efforts)
    _is_an_index(came, movies)
    _are_the_best(came["found"], users @ movies.T, n)
    expect(came["efforts"], "`search_index` does not call `index.search`.")
    reason = "With `exact=True` the index is not used: each vector is compared with all others."
    expect(not any(came["exact"]), reason)
    reason = (
        "A search did not use the effort of the call: set `index.expansion_search` *before* you "
        "search."
    )
    expect(set(came["efforts"]) == set(efforts), reason, came["efforts"], efforts)
    has_shape(
        array(came["one"], what="`search_index`", dtype="int"),
        (1, n),
        "For a single user there should be a table with one row, too. (usearch returns a bare row "
        "then: `np.reshape` helps.)",
    )
    if came["changed"] is not None:
        name = "build_index" if came["changed"] == "movie_vectors" else "search_index"
        raise CallFailed("changed", name=name, argument=came["changed"])


def _is_an_index(came, movies):
    """Check what `build_index` returned: all movies, by number, as they are."""
    reason = "`build_index` should return the index of usearch. (Is there a `return`?)"
    expect(came["is_index"], reason, came["type"], "Index")
    allowed = {
        "The index should hold all movies: `index.add(np.arange(len(movie_vectors)), "
        "movie_vectors)`.": ("size", len(movies)),
        'The index does not go by the inner product: `metric="ip"`. (Left to itself it takes '
        "the cosine, which forgets lengths.)": ("metric", "IP"),
        'The index rounds the vectors: `dtype="f32"`. (Left to itself it takes numbers of 16 '
        "bits.)": ("dtype", "F32", "F64"),
    }
    for reason, (name, *values) in allowed.items():
        expect(came[name] in values, reason, came[name], values[0])
    for row, (held, movie) in enumerate(zip(came["held"], movies, strict=True)):
        expect(
            held is not None,
            "The keys should be the movies' row numbers, from 0: `np.arange(…)`. There is nothing "
            "under {row}.",
            row=row,
        )
        vector = np.ravel(held)
        reason = "Under {row} the index holds another vector than that of row {row}."
        expect(np.array_equal(vector, movie), reason, vector, movie, row=row)


def _are_the_best(found, scores, n):
    """Check what `search_index` returned for all users."""
    expect(found is not None, "`search_index` returned nothing.")
    exact = np.argsort(-scores, axis=1)[:, :n]
    nearest = np.take_along_axis(scores, exact, axis=1)
    numbers = array(found, what="`search_index`")
    reason = "`search_index` should return a row for each user, with n movies."
    has_shape(numbers, exact.shape, reason)
    expect(
        not np.allclose(numbers, 1 - nearest, atol=1e-3),
        "Those are the distances of the movies that the search found. `search_index` should "
        "return their numbers, the `keys`.",
        numbers[0],
        exact[0],
    )
    rows = array(found, what="`search_index`", dtype="int").astype("int64")
    n_movies = scores.shape[1]
    extreme = rows.min() if rows.min() < 0 else rows.max()
    known = gettext("from 0 to {last}", last=n_movies - 1)
    reason = "There is no movie of that number."
    expect(0 <= extreme < n_movies, reason, extreme, known)
    recall = _recall(rows, exact)
    expect(
        recall >= 0.8,
        "Among a few dozen movies, and with an effort that large, the search should find nearly "
        "all of the best ones.",
        gettext("recall {recall:.2f}", recall=recall),
        gettext("recall {recall:.2f}", recall=1.0),
    )
    in_order = np.take_along_axis(scores, rows, axis=1)
    reason = "The lists should begin with the best movie, as the search returns them."
    expect((np.diff(in_order, axis=1) <= 1e-3).all(), reason, in_order[0])


@lesson["7.3"].part()
def measures_recall(recall_of, rng):
    apart = False
    while not apart:
        found, exact = _found_and_exact_lists(rng)
        right, mistakes = _recall(found, exact), _mistaken_recalls(found, exact)
        apart = told_apart(right, mistakes)
    share = number(recall_of(found, exact), "`recall_of`")
    reason = "That is not the mean share of the exact lists that was found."
    close(share, right, reason, mistakes, atol=1e-6)


def _found_and_exact_lists(rng):
    """Draw lists. What a user misses or gets wrongly may be right for somebody else."""
    n_users, n = int(rng.integers(4, 7)), int(rng.integers(7, 10))
    exact = np.stack([rng.permutation(40)[:n] for _ in range(n_users)])
    exact[1] = rng.permutation(exact[0])  # what the first user misses, the second finds
    found = exact.copy()
    for row, misses in enumerate([2, 0, *rng.integers(1, n, size=n_users - 2)]):
        of_others = rng.choice(np.setdiff1d(exact, exact[row]))
        found[row, :misses] = [of_others, *range(50, 50 + n)][:misses]
        found[row] = rng.permutation(found[row])
    return found, exact


def _mistaken_recalls(found, exact):
    n, right = exact.shape[1], _recall(found, exact)
    hits = np.array([np.isin(e, f).sum() for e, f in zip(exact, found, strict=True)])
    anybodys = np.isin(exact, found).mean(), np.isin(found, exact).mean()
    return {
        "You compared place by place. A movie counts wherever it stands in the "
        "list.": np.mean(found == exact),
        "A share lies between 0 and 1; you returned it in percent.": 100 * right,
        "That is the share that was *missed*.": 1 - right,
        "You divided by all different movies of both lists. Recall divides by the exact list "
        "alone.": np.mean(hits / (2 * n - hits)),
        "That counts users with at least one hit.": np.mean(hits > 0),
        "A movie counts only where it is in the *same* user's list.": anybodys,
    }


def _recall(found, exact):
    return np.mean([np.isin(e, f).mean() for e, f in zip(exact, found, strict=True)])
