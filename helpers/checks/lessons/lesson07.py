"""Lesson 07, retrieval: checks."""

import numpy as np

from helpers.checks.asserts import (
    EXACT,
    NotYet,
    are_distinguishable,
    array,
    as_text,
    close,
    close_at,
    diagnose,
    expect,
    has_shape,
    is_array,
    kind,
    number,
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
def adds_up_the_history(user_tower, rng):
    history, vectors = _histories(rng)
    amount = history.sum(axis=1, keepdims=True)
    total, root = history @ vectors, np.sqrt(np.maximum(amount, 1))
    watched = (history > 0).astype("float64")
    n_watched = np.maximum(watched.sum(axis=1, keepdims=True), 1)
    lengths = np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-12)
    close_at(
        _user_vectors(user_tower, history, vectors),
        total / root,
        "The vectors are wrong. For each user: the movies' vectors times the entries of `history`, "
        "added up, and divided by the root of the sum of the entries.",
        {
            "You added up and did not divide.": total,
            "You divided by the sum of the entries; divide by its root.": total
            / root**2,
            "You divided by the root of the *number* of movies; the entries of `history` are to be "
            "added up.": total / np.sqrt(n_watched),
            "Each movie counts alike there. Its vector has to be multiplied by its entry of "
            "`history`.": (
                watched @ vectors / root,
                watched @ vectors / np.sqrt(n_watched),
            ),
            "You divided by the root of the sum of all users; each user has their own "
            "sum.": total / np.sqrt(history.sum()),
            "A sum below 1 counts as 1: `ops.maximum(…, 1.0)`.": total
            / np.sqrt(amount),
            "The sum of a user below 1 counts as 1, others stay as they are. You added "
            "1.": total / np.sqrt(amount + 1),
            "Those vectors have length 1.": total / lengths,
            "The root comes last: the sum counts as 1 if it is below 1, and then you take the "
            "root.": total * np.sqrt(np.maximum(amount, 1)),
        },
        atol=1e-4,
    )


@lesson["7.2"].part()
def works_without_ratings_and_compiled(user_tower, rng):
    user_tower.error_of()  # an empty function is a stub
    history, vectors = _histories(rng)
    history[int(rng.integers(len(history)))] = 0
    found = _user_vectors(user_tower, history, vectors)
    expect(
        np.isfinite(found).all(),
        "A user without any rating gets NaN. A sum below 1 counts as 1, also a sum of 0.",
    )
    right = (
        history @ vectors / np.sqrt(np.maximum(history.sum(axis=1, keepdims=True), 1))
    )
    close(
        found,
        right,
        "The vectors are wrong where a user has not rated anything.",
        atol=1e-4,
    )
    close(
        np.asarray(works_for_any_batch(user_tower, history, vectors)),
        found,
        "Compiled, as `fit` does it, the vectors are others.",
        atol=1e-4,
    )


def _histories(rng):
    """Draw stars / 5 of users, two of whom have a sum below 1, and vectors of movies."""
    n_users, n_movies = int(rng.integers(5, 8)), int(rng.integers(9, 13))
    stars = rng.integers(1, 6, size=(n_users, n_movies))
    history = (stars * (rng.random(stars.shape) < 0.5)).astype("float32") / 5
    history[:2] = 0
    history[0, int(rng.integers(n_movies))] = 0.4
    history[1, int(rng.integers(n_movies))] = 0.6
    history[2, :4] = 0.2, 0.6, 1, 0.8
    vectors = rng.normal(size=(n_movies, int(rng.integers(3, 6)))).astype("float32")
    return history, vectors


def _user_vectors(user_tower, history, vectors):
    found = array(
        user_tower(Tensor(history), Tensor(vectors)), what="`user_tower`", tensor=True
    )
    shape = len(history), vectors.shape[1]
    mistakes = {
        "The bias or a 1 is appended later, by the model. `user_tower` returns the sum "
        "alone.": (shape[0], shape[1] + 1),
        "You added up over the users, or transposed a matrix.": shape[::-1],
    }
    has_shape(found, shape, "There should be one vector for each user.", mistakes)
    return found


# --- 7.3 ---------------------------------------------------------------------


@lesson["7.3"].part(points=2)
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
            "The matrix is transposed: users belong in the rows, movies in the "
            "columns.": _softmax_loss(scores.T - log_share),
            "Those are cosines. Here the vectors keep their lengths.": of_cosines,
            "The right movie belongs into the sum, too: a choice among all n movies of the "
            "batch.": np.mean(others_alone),
            "The right movie's own score has to be corrected, too: take the diagonal of the "
            "corrected matrix.": np.mean(half_corrected),
        },
        atol=1e-3,
    )


@lesson["7.3"].part()
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


@lesson["7.3"].part()
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


# --- 7.4 ---------------------------------------------------------------------


_NOTHING_CHANGED = (
    "Nothing changed. Where the column has the same movie as the row, off the diagonal, the "
    "score should be −1e9."
)


@lesson["7.4"].part(points=2)
def masks_accidental_hits(mask_accidental_hits, rng):
    scores, movie = _a_batch(rng)
    masked = _masked(mask_accidental_hits, scores, movie)
    same, diagonal = movie[:, None] == movie, np.eye(len(movie), dtype=bool)
    hits, found = same & ~diagonal, masked < -1e8
    before = np.triu(np.ones_like(same), 1)
    gap = np.abs(np.subtract.outer(np.arange(len(movie)), np.arange(len(movie))))
    is_number_near = np.abs(np.subtract.outer(movie, movie)) <= 1
    factors = masked[hits] / scores[hits]
    changed = ~np.isclose(masked, scores, atol=1e-4)
    known = {
        _NOTHING_CHANGED: not changed.any(),
        "The diagonal has to stay: it holds the positives.": found[diagonal].any(),
        "You masked the *other* movies. Accidental hits are the entries with the same "
        "movie.": (found == ~same).all(),
        "The scores of accidental hits were multiplied by a large number. A negative score becomes "
        "a large positive one: set them to −1e9 instead.": abs(factors[0]) > 1e3
        and np.allclose(factors, factors[0], rtol=1e-3),
        "A 0 is an ordinary score. Only a very negative one, −1e9, has no weight in the "
        "softmax.": (masked[hits] == 0).all(),
        "−1e9 has to be negative: e to the power of it is then 0.": (
            masked[hits] > 1e8
        ).all(),
        "The mask covers one half of the matrix only. Both pairs with the movie have an accidental "
        "hit.": any((found == half).all() for half in (hits & before, hits & before.T)),
        "Movies whose numbers are next to each other are taken for one: compare the integers "
        "themselves. (A float16 rounds large numbers.)": (
            found == (is_number_near & ~diagonal)
        ).all(),
        "You masked whole columns (or rows). Only the entries where row *and* column have the same "
        "movie are accidental hits.": found.sum() > hits.sum() and found[hits].all(),
        "Only movies next to each other are compared. The same movie may be anywhere in the "
        "batch.": (found == (hits & (gap == 1))).all(),
        "The hits of movie 0 are not masked. Movies count from 0, so 0 is one like "
        "others.": (found == (hits & (movie != 0))).all(),
    }
    right = np.where(hits, -1e9, scores)
    is_wrong = ((found != hits) | (changed & ~hits)).any(axis=1)
    if is_wrong.any():
        row = int(np.argmax(is_wrong))
        label = gettext("row {row}", row=row)
        shown = [f"{label}: {as_text(one[row])}" for one in (masked, right)]
        diagnose(known, *shown)
        reason = "Accidental hits should be −1e9, and all other entries as they were."
        raise NotYet(reason, *shown)


@lesson["7.4"].part()
def masks_where_it_is_compiled(mask_accidental_hits, rng):
    mask_accidental_hits.error_of()  # an empty function is a stub
    scores, movie = _a_batch(rng)
    masked = _masked(mask_accidental_hits, scores, movie)
    expect((masked < -1e8).any(), _NOTHING_CHANGED)
    try:
        compiled = mask_accidental_hits.make(
            "matrix_in_graph",
            function=mask_accidental_hits,
            matrix=scores,
            vector=movie,
        )
    except NotYet as problem:
        raise NotYet(
            "It works on one batch, but `fit` compiles it once for batches of every size: the "
            "number of rows is unknown then (`None`), and tensors have no values yet. {problem}",
            problem=problem,
        ) from None
    reason = "Compiled, as `fit` does it, the scores are others."
    expect(np.allclose(compiled, masked, atol=1e-3, rtol=1e-5), reason)
    loss, slopes = mask_accidental_hits.make(
        "masked_softmax", function=mask_accidental_hits, matrix=scores, vector=movie
    )
    reason = (
        "No gradient flows through your function, so the towers could not be trained. Stay with "
        "tensors (`ops.…`): no NumPy, no `float(…)`."
    )
    expect(slopes is not None, reason)
    reason = "With your scores the loss, or its gradient, is not finite. Use −1e9."
    expect(np.isfinite(loss) and np.isfinite(np.asarray(slopes)).all(), reason)


def _a_batch(rng):
    """Draw scores and the movies of a batch: one three times, and movie 0 twice.

    Two others have numbers that are one number as float16. Of the scores of accidental
    hits, some are negative.
    """
    n = int(rng.integers(8, 11))
    movie = rng.choice(np.arange(20, 4000, 2), size=n, replace=False).astype("int32")
    movie[[0, 3, 4]] = movie[0]
    movie[[1, n - 1]] = 0
    movie[[2, 5]] = 4 * int(rng.integers(1030, 2000)) + np.array([0, 1])
    scores = rng.normal(scale=3, size=(n, n)).astype("float32")
    scores[0, 3:5] = np.abs(scores[0, 3:5]) * [1, -1]
    return scores, movie


def _masked(mask_accidental_hits, scores, movie):
    found = mask_accidental_hits(Tensor(scores), Tensor(movie))
    reason = "`mask_accidental_hits` returned NaN. Is −∞ multiplied by 0?"
    expect(not is_array(found) or not np.isnan(found).any(), reason)
    what = "`mask_accidental_hits`"
    if is_array(found) and np.isneginf(found).any():
        found = np.maximum(found, -1e30)
    else:
        found = array(found, what=what, tensor=True)
    has_shape(found, scores.shape, "There should be as many scores as before.")
    return found


# --- 7.5 ---------------------------------------------------------------------


@lesson["7.5"].part(points=2)
def finds_the_best(build_index, search_index, rng):
    build_index.error_of()  # an empty function is a stub
    search_index.error_of()
    n_movies, n_users = int(rng.integers(50, 70)), int(rng.integers(8, 12))
    n, n_factors = int(rng.integers(11, 18)), int(rng.integers(5, 9))
    movies = rng.normal(size=(n_movies, n_factors)).astype("float32")
    # Lengths of all sizes: that is what the cosine forgets.
    movies *= rng.uniform(0.3, 3.0, size=(n_movies, 1)).astype("float32")
    users = rng.normal(size=(n_users, n_factors)).astype("float32")
    efforts = [int(rng.integers(70, 90)), int(rng.integers(20, 40))]
    given = {"build_index": build_index, "search_index": search_index}
    given |= {"movie_vectors": movies, "user_vectors": users, "n": n}
    came = build_index.make("build_and_search", **given, efforts=efforts)
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
        np.isclose(numbers, 1 - nearest, atol=1e-3).mean() < 0.5,
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


@lesson["7.5"].part()
def measures_recall(recall_of, rng):
    apart = False
    while not apart:
        found, exact = _found_and_exact_lists(rng)
        right, mistakes = _recall(found, exact), _mistaken_recalls(found, exact)
        apart = are_distinguishable(right, mistakes)
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


# --- 7.6 ---------------------------------------------------------------------

lesson["7.6"].forbidden.append("helpers.ranking.recall_at_k")


@lesson["7.6"].part(points=2)
def finds_relevant_candidates(candidate_recall, rng):
    apart = False
    while not apart:
        candidates, relevance = _candidates(rng)
        right, mistakes = _candidate_recalls(candidates, relevance)
        apart = are_distinguishable(right, mistakes)
    found = number(candidate_recall(candidates, relevance), "`candidate_recall`")
    close(
        found,
        right,
        "That is not the mean share of the relevant movies that are among the candidates.",
        mistakes,
        **EXACT,
    )


def _candidates(rng):
    """Draw candidates and graded relevance; one user has nothing relevant, one has one."""
    n_users, n_movies = int(rng.integers(6, 9)), int(rng.integers(25, 32))
    n = int(rng.integers(8, 12))
    candidates = np.stack([rng.permutation(n_movies)[:n] for _ in range(n_users)])
    stars = rng.integers(1, 6, size=(n_users, n_movies)).astype("float32")
    share = rng.uniform(0.1, 0.6, size=(n_users, 1))
    relevance = stars * (rng.random(stars.shape) < share)
    nothing, one = rng.permutation(n_users)[:2]
    relevance[[nothing, one]] = 0
    relevance[np.arange(n_users), candidates[:, 0]] = 0.5
    relevance[np.arange(n_users), candidates[:, 1]] = 0
    relevance[nothing] = 0
    return candidates, relevance


def _candidate_recalls(candidates, relevance):
    def shares(gains):
        found = np.take_along_axis(gains, candidates, axis=1).sum(axis=1)
        return found, gains.sum(axis=1)

    hits, n_relevant = shares((relevance > 0) * 1.0)
    counted, n = n_relevant > 0, candidates.shape[1]
    recall = hits[counted] / n_relevant[counted]
    of_stars = np.divide(*(one[counted] for one in shares(relevance)))
    of_some = []
    for least in (1, 4):
        some, n_some = shares((relevance >= least) * 1.0)
        of_some += [np.mean((some / np.maximum(n_some, 1))[n_some > 0])]
    first_row = (relevance[:, candidates[0]] > 0).sum(axis=1)[counted] / n_relevant[
        counted
    ]
    return recall.mean(), {
        "Users without a relevant movie have to be left out of the mean; you counted them as "
        "0.": recall.sum() / len(relevance),
        "You counted users without a relevant movie as 1.": (
            recall.sum() + np.sum(~counted)
        )
        / len(relevance),
        "You divided by the number of candidates. That is the precision; recall divides by the "
        "number of relevant movies.": (np.mean(hits / n), np.mean(hits[counted] / n)),
        "You divided by the number of candidates where there are more relevant movies. Recall "
        "divides by *all* relevant ones.": np.mean(
            hits[counted] / np.minimum(n_relevant, n)[counted]
        ),
        "That is the share over all users together. Compute it for each user, then the "
        "mean.": hits.sum() / n_relevant.sum(),
        "You added up the stars. Each relevant movie counts alike: `relevance > "
        "0`.": of_stars.mean(),
        "You counted only movies with some more stars; everything above 0 is "
        "relevant.": tuple(of_some),
        "That counts users with at least one hit.": (
            np.mean(hits > 0),
            np.mean(hits[counted] > 0),
        ),
        "That is the share that was missed.": 1 - recall.mean(),
        "You took the first user's candidates for everybody.": first_row.mean(),
    }


@lesson["7.6"].part()
def counts_each_user(candidate_recall, rng):
    """Check it for one user, for all candidates, and for few."""
    n_movies = int(rng.integers(9, 14))
    relevance = np.zeros((1, n_movies), "float32")
    relevant = rng.permutation(n_movies)[: int(rng.integers(3, 6))]
    relevance[0, relevant] = rng.integers(1, 6, size=len(relevant))
    everything = rng.permutation(n_movies)[None]
    others = np.setdiff1d(np.arange(n_movies), relevant)[None, :2]
    for candidates, right, reason in [
        (everything, 1, "With all movies as candidates, the recall is 1."),
        (others, 0, "If no candidate is relevant, the recall is 0."),
        (relevant[None, :1], 1 / len(relevant), "Wrong for one candidate of one user."),
    ]:
        found = number(candidate_recall(candidates, relevance), "`candidate_recall`")
        close(found, right, reason, **EXACT)


# --- 7.7 ---------------------------------------------------------------------


@lesson["7.7"].part(points=2)
def crosses(cross, rng):
    n, n_inputs = int(rng.integers(4, 8)), int(rng.integers(3, 6))
    x0, x = rng.normal(size=(2, n, n_inputs)).astype("float32")
    kernel = rng.normal(size=(n_inputs, n_inputs)).astype("float32")
    bias = rng.normal(size=n_inputs).astype("float32")
    linear = x @ kernel + bias
    close_at(
        _crossed(cross, x0, x, kernel, bias),
        x0 * linear + x,
        "That is not x₀ ⊙ (x W + b) + x.",
        {
            "The x at the end is missing.": x0 * linear,
            "At the end you added x₀; add x, the output of the layer before.": x0
            * linear
            + x0,
            "x and x₀ have changed places: the matrix multiplies x.": (
                x * (x0 @ kernel + bias) + x,
                x * (x0 @ kernel + bias) + x0,
                x0 * (x0 @ kernel + bias) + x,
            ),
            "The kernel is transposed: x W, as in a dense layer.": x0
            * (x @ kernel.T + bias)
            + x,
            "The bias belongs into the parentheses: it is multiplied by x₀, too.": x0
            * (x @ kernel)
            + bias
            + x,
            "The bias is missing.": x0 * (x @ kernel) + x,
            "That is a dense layer plus x. Multiply by x₀ element by element.": linear
            + x,
            "You added x₀ to the dense layer; multiply.": x0 + linear + x,
            "You multiplied by x. The first factor is x₀, the inputs of the network.": x
            * linear
            + x,
            "There is no activation in this layer.": x0 * np.maximum(linear, 0) + x,
        },
        atol=1e-4,
    )


@lesson["7.7"].part()
def crosses_any_batch(cross, rng):
    cross.error_of()  # an empty function is a stub
    n_users, n, n_inputs = (int(rng.integers(low, low + 3)) for low in (2, 4, 3))
    x0, x = rng.normal(size=(2, n_users, n, n_inputs)).astype("float32")
    kernel = rng.normal(size=(n_inputs, n_inputs)).astype("float32")
    bias = rng.normal(size=n_inputs).astype("float32")
    found = _crossed(cross, x0, x, kernel, bias)
    reason = "It works for a batch of rows, but not for users × candidates × inputs."
    close_at(found, x0 * (x @ kernel + bias) + x, reason, atol=1e-4)


def _crossed(cross, *given):
    found = array(cross(*map(Tensor, given)), what="`cross`", tensor=True)
    has_shape(found, given[0].shape, "The result should have the shape of x₀.")
    return found


# --- 7.8 ---------------------------------------------------------------------


@lesson["7.8"].part(points=2)
def reranks(rerank, rng):
    # A partition happens to be in order, and how often depends on the processor.
    for n, n_candidates in (
        (int(rng.integers(3, 6)), int(rng.integers(12, 15))),
        (int(rng.integers(7, 9)), int(rng.integers(12, 15))),
        (int(rng.integers(600, 700)), 1000),
    ):
        n_users = int(rng.integers(9, 11))
        movies = np.arange(20, 40 + 2 * n_candidates)
        candidates = np.stack(
            [rng.permutation(movies)[:n_candidates] for _ in range(n_users)]
        )
        scores = np.stack([rng.permutation(n_candidates) for _ in range(n_users)]) - 4.5
        scores[:, 0] = -9  # the first stage's first is the second stage's last
        found = array(rerank(candidates, scores, n), what="`rerank`", dtype="int")
        shapes = {
            "Return n movies for each user; you returned all candidates.": candidates.shape,
            "You sorted or cut along the users.": (n, n_candidates),
        }
        has_shape(found, (n_users, n), "Return n movies for each user.", shapes)
        order = np.argsort(-scores, axis=1)
        lists, right = np.take_along_axis(candidates, order, axis=1), None
        right = lists[:, :n]
        places = {
            "Those are places among the candidates. Return the movies at these "
            "places.": order[:, :n],
            "Those are the worst: sort by −scores.": lists[:, ::-1][:, :n],
            "The order is reversed: best first.": right[:, ::-1],
            "That is the list of the first stage.": candidates[:, :n],
            "That is the order of the first stage: sort all candidates by their new score, then "
            "take n.": np.take_along_axis(
                candidates[:, :n], np.argsort(-scores[:, :n], axis=1), axis=1
            ),
            "You sorted by the numbers of the movies.": (
                np.sort(candidates, axis=1)[:, :n],
                np.sort(right, axis=1),
                -np.sort(-candidates, axis=1)[:, :n],
            ),
            "You took the order of the first user for everybody.": candidates[
                :, order[0]
            ][:, :n],
            "You read all lists from the first user's candidates.": candidates[0][
                order[:, :n]
            ],
        }
        reason = "Those are not the n candidates with the highest scores, best first."
        if np.array_equal(np.sort(found, axis=1), np.sort(right, axis=1)):
            reason = "Those are the n best, but not in order: best first."
        close_at(found, right, reason, places, atol=1e-6)
    _reranks_all(rerank, rng)


def _reranks_all(rerank, rng):
    """Check it where all candidates are wanted, some with equal scores in any order."""
    n_users, n = int(rng.integers(4, 7)), int(rng.integers(8, 11))
    candidates = np.stack(
        [rng.permutation(np.arange(20, 60))[:n] for _ in range(n_users)]
    )
    scores = rng.permuted(np.tile(np.arange(n) // 2 * 0.5, (n_users, 1)), axis=1)
    try:
        found = rerank(candidates, scores, n)
    except CallFailed as problem:
        raise NotYet(
            "It works for a few of the candidates, but not for all of them: n may be as large as "
            "their number. {problem}",
            problem=problem,
        ) from None
    found = array(found, what="`rerank`", dtype="int")
    has_shape(found, (n_users, n), "Return n movies for each user.")
    reason = "Where scores are equal, a movie is in the list twice, and another one is missing."
    for row, movies in zip(found, candidates, strict=True):
        known = np.isin(row, movies).all() and len(np.unique(row)) < n
        expect(not known, reason, row, movies)
    of_movie = np.zeros((n_users, 60))
    np.put_along_axis(of_movie, candidates, scores, axis=1)
    inside = np.clip(found, 0, 59)
    in_order = np.take_along_axis(of_movie, inside, axis=1)
    right = np.sort(scores, axis=1)[:, ::-1]
    is_list = np.array_equal(np.sort(found, axis=1), np.sort(candidates, axis=1))
    reason = "With n = {n} candidates those are not all of them, best first."
    expect(is_list and np.array_equal(in_order, right), reason, found[0], n=n)
