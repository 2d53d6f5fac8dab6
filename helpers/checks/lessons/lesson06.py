"""Lesson 06, the vectors opened: checks."""

import functools
from types import SimpleNamespace

import numpy as np
import pandas as pd

from helpers.checks.asserts import (
    ROUNDED,
    are_distinguishable,
    array,
    close,
    diagnose,
    expect,
    has_shape,
    kind,
    number,
)
from helpers.checks.exercise import Lesson
from helpers.i18n import gettext

lesson = Lesson.read("06")

# --- 6.1 ---------------------------------------------------------------------


SHORT = 1e-11
"""How long vectors are that hardly anybody has rated; far from all 0."""

ONLY_LONG = (
    "For long vectors that is right, for very short ones it is not. Is a small number added to "
    "the lengths? No vector here is all 0, so there is no need of one."
)


@lesson["6.1"].part()
def is_the_cosine(cosine, rng):
    for sign in rng.permutation([1, 1, -1, -1]):
        a, b = _two_vectors(rng, sign)
        found = number(cosine(a, b), "`cosine`")
        named = {"a": _written(a), "b": _written(b)}
        reason = "That is not the cosine of {a} and {b}."
        close(found, _cosine(a, b), reason, _mistaken_cosines(a, b), **named)
    for sign in (1, -1):
        a, b = SHORT * np.array(_two_vectors(rng, sign))
        close(number(cosine(a, b), "`cosine`"), _cosine(a, b), ONLY_LONG)


def _cosine(a, b):
    return a @ b / np.linalg.norm(a) / np.linalg.norm(b)


def _mistaken_cosines(a, b):
    dot, right, of_a, of_b = a @ b, _cosine(a, b), np.linalg.norm(a), np.linalg.norm(b)
    distance = 1 - right
    return {
        "That is the dot product. Divide it by both lengths.": dot,
        "You divided by the *squares* of the lengths. The length is the square root of the sum of "
        "squares.": dot / (of_a * of_b) ** 2,
        "You divided by the length of `a` only.": dot / of_a,
        "You divided by the length of `b` only.": dot / of_b,
        "Brackets: `x / y * z` divides by y only. Both lengths belong below the "
        "line.": dot / of_a * of_b,
        "You added the lengths; multiply them.": dot / (of_a + of_b),
        "That is the cosine *distance*, 1 − cosine: 0 for the same direction.": distance,
        "That is the angle. Its cosine is asked for.": np.arccos(right),
        "That is the correlation: it takes the mean off each vector "
        "first.": np.corrcoef(a, b)[0, 1],
        "The sign is lost: opposite directions have −1.": abs(right),
        "The sign is the wrong way round: the same direction has 1.": -right,
        ROUNDED: _rounded(right),
        "These lengths are sums of absolute values; take the root of the sum of "
        "squares.": dot / np.abs(a).sum() / np.abs(b).sum(),
    }


def _rounded(right):
    return tuple(np.round(right, decimals) for decimals in (3, 2, 1))


def _written(vector):
    return "[{}]".format(", ".join(f"{one:.2g}" for one in vector))


def _two_vectors(rng, sign):
    """Draw two vectors with a cosine of this sign that no mistake hits by chance."""
    while True:
        a, b = rng.normal(size=(2, int(rng.integers(3, 8))))
        a, b = 2.5 * a, 1.7 * b
        right = _cosine(a, b)
        shorter = min(np.linalg.norm(a), np.linalg.norm(b))
        apart = abs(np.corrcoef(a, b)[0, 1] - right)
        if 0.2 < sign * right < 0.9 and shorter > 1.3 and apart > 0.05:
            return a, b


# --- 6.2 ---------------------------------------------------------------------


@lesson["6.2"].part(points=2)
def are_the_cosines(cosines_with, rng):
    n, n_factors = rng.permutation(np.arange(3, 12))[:2].tolist()
    rows = rng.permutation([0, n - 1, int(rng.integers(1, n - 1))]).tolist()
    for row, dtype in zip(rows, ("float64", "float32", "float64"), strict=True):
        table = _vectors(rng, n, n_factors).astype(dtype)
        found = _cosines_found(cosines_with, row, table)
        reason = "Those are not the cosines of the row with each row of the table."
        close(found, _cosines(row, table), reason, _mistaken_rows(row, table))
    # One of the others is short, or the row that is asked for as well.
    for n_short in (1, 2):
        table = _vectors(rng, n, n_factors)
        table[[(row + 1) % n, row][:n_short]] *= SHORT
        found = _cosines_found(cosines_with, row, table)
        close(found, _cosines(row, table), ONLY_LONG)


def _vectors(rng, n, n_factors):
    return rng.normal(size=(n, n_factors)) * rng.uniform(1.5, 4, size=(n, 1))


def _cosines(row, table):
    length = np.linalg.norm(table, axis=1)
    return table @ table[row] / length / length[row]


def _cosines_found(cosines_with, row, table):
    n, n_factors = table.shape
    in_a_column, in_a_row = (n, 1), (1, n)
    found = array(cosines_with(row, table), what="`cosines_with`")
    reason = "There should be one cosine for each row of the table."
    mistakes = {
        "That is every row with every row. Only `row` with each of them is asked "
        "for.": (n, n),
        "The cosines stand in a column; the shape should be (n_movies,).": in_a_column,
        "The cosines lie in a matrix of one row; the shape should be (n_movies,).": in_a_row,
        "One cosine is missing. The movie itself belongs to the answer: its own is "
        "1.": (n - 1,),
        "There is one number for each factor: you added up over the movies. Which axis holds "
        "the factors?": (n_factors,),
        "These are the products, element by element. They still have to be added up over the "
        "factors.": table.shape,
    }
    has_shape(found, (n,), reason, mistakes)
    return found


def _mistaken_rows(row, table):
    """Return what mistakes make of the cosines of one row with each."""
    length, of_all = np.linalg.norm(table, axis=1), np.linalg.norm(table)
    dot, right = table @ table[row], _cosines(row, table)
    by_row = dot / length[row]
    one_length = dot / of_all**2, by_row / of_all
    of_columns = np.linalg.norm(table, axis=0)
    column, unit = table / of_columns, table[row] / length[row]
    but_its_own = np.where(np.arange(len(table)) == row, 0, right)
    return {
        "Those are dot products. Divide by the lengths, too.": dot,
        "The length of the row itself is still in there: its own cosine should be "
        "1.": dot / length,
        "You divided by the length of the row, but not by those of the others.": by_row,
        "You divided by the *square* of each row's length.": dot / length**2,
        "You divided by the square of the row's own length. Each row has a length of its "
        "own.": by_row / length[row],
        "You divided by the squares of the lengths.": right / length / length[row],
        "The lengths are those of the *columns*: `axis=0` runs over the movies. Which axis holds "
        "the factors?": (column @ column[row], column @ unit),
        "Without `axis`, `np.linalg.norm` gives one length for all of the table.": one_length,
        "Those are distances, 1 − cosine.": 1 - right,
        "All are right but the row's own: with itself it has cosine 1.": but_its_own,
        "Right numbers, but sorted. Leave them in order.": np.sort(right)[::-1],
        ROUNDED: _rounded(right),
    }


# --- 6.3 ---------------------------------------------------------------------


def _movies_and_table(rng, twin_comes_first):
    """Draw movies of which one has the direction, and another the title, of the asked one."""
    n = 14
    case = _vectors_with_a_twin(rng, n, twin_comes_first)
    order = np.argsort(-case.cosine)
    order = order[order != case.row]
    # The nearest but one has a single rating, the third just enough, as many others.
    case.least = int(rng.integers(10, 40))
    ratings = rng.integers(case.least + 1, 90, size=n)
    ratings[order[[1, 3]]] = 3
    ratings[order[2]] = case.least
    ratings[case.row] = 2
    # One has not been rated at all, and `min_ratings` is 0 where nothing is said.
    ratings[order[5]] = 0
    titles = np.array([f"Movie {number}" for number in rng.permutation(n)], object)
    titles[order[4]] = titles[case.row]
    case.order, case.namesake = order.tolist(), order[4]
    case.movies = pd.DataFrame(
        {
            "movie_id": rng.permutation(np.arange(100, 100 + 7 * n, 7)),
            "title": titles,
            "year": rng.integers(1950, 2000, size=n),
            "genres": rng.choice(["Drama", "War|Comedy", "Action"], size=n),
            "ratings": ratings,
        }
    )
    return case


def _vectors_with_a_twin(rng, n, twin_comes_first):
    """Draw vectors in which no mistake leads to the list that another one gives."""
    tries = 0
    while True:
        tries += 1
        row, twin = np.sort(rng.choice(np.arange(1, n - 1), 2, replace=False)).tolist()
        if twin_comes_first:
            row, twin = twin, row
        table = rng.normal(size=(n, 3)) * rng.uniform(0.5, 3, size=(n, 1))
        table[twin] = 4 * table[row]
        all_cosines = _cosines(row, table)
        dot, cosine = np.delete([table @ table[row], all_cosines], row, axis=1)
        nearest = np.sort(cosine)[::-1]
        if (
            np.sum(cosine < -0.05) < 3
            or np.diff(-nearest).min() < 0.01
            # The movie of the same title, so that only its title can be why it is missing.
            or nearest[4] < 0.05
            # By dot product, one comes up that no list by cosine has so far up.
            or cosine[np.argsort(-dot)[:5]].min() > nearest[6]
        ):
            continue
        # An answer that drops the first of a sorted list is to drop the twin. NumPy leaves
        # open in which order equal ones come: by their places, and by the processor.
        unit = table / np.linalg.norm(table, axis=1, keepdims=True)
        came = [unit @ unit[row], all_cosines]
        if twin_comes_first:
            firsts = [np.argsort(-one)[0] for one in came]
            in_order = [pd.Series(one).sort_values(ascending=False) for one in came]
            firsts += [one.index[0] for one in in_order]
        else:
            firsts = [np.argsort(one)[-1] for one in came]
        if set(firsts) == {twin} or tries > 1000:
            return SimpleNamespace(row=row, twin=twin, table=table, cosine=all_cosines)


@lesson["6.3"].part(points=2)
def lists_the_nearest(most_similar, rng):
    for twin_comes_first in (True, False):
        case = _movies_and_table(rng, twin_comes_first)
        # By default 8. Then far enough down for cosines below 0, and beyond the end.
        for named in ({"n": 5}, {}, {"n": 12}, {"n": 20}):
            found = most_similar(case.row, case.table, case.movies, **named)
            _are_the_movies(found, case, case.order, named.get("n", 8))


@lesson["6.3"].part()
def leaves_out_the_rarely_rated(most_similar, rng):
    for twin_comes_first in (True, False):
        case = _movies_and_table(rng, twin_comes_first)
        order, ratings = case.order, case.movies["ratings"].to_numpy()
        enough = [movie for movie in order if ratings[movie] >= case.least]
        more = [movie for movie in order if ratings[movie] > case.least]
        for n in (5, 3):
            named = {"n": n, "min_ratings": case.least}
            found = most_similar(case.row, case.table, case.movies, **named)
            rows = _rows_found(found, case.movies)
            came = gettext("ratings {ratings}", ratings=ratings[rows].tolist())
            wanted = gettext("at least {n} each", n=case.least)
            reason = "Movies with fewer than `min_ratings` are still there."
            expect(rows != order[:n], reason, came, wanted)
            cut_first = [movie for movie in order[:n] if movie in enough]
            reason = (
                "There are fewer than `n`: you cut the list first, and left out the rarely "
                "rated afterwards. The other way round there are enough."
            )
            n_movies = gettext("{n} movies", n=len(rows))
            expect(rows != cut_first, reason, n_movies, f"{n}")
            expect(
                rows != more[:n],
                "A movie with exactly `min_ratings` ratings is left out. Only those with "
                "*fewer* should be: `>` or `>=`?",
            )
            _are_the_movies(found, case, enough, n)


def _are_the_movies(found, case, order, n):
    """Check that these are the first n of the movies in `order`."""
    movies, expected = case.movies, order[:n]
    rows = _rows_found(found, movies)

    def is_missing(movie):
        others = [other for other in order if other != movie]
        is_long = len(rows) >= len(expected) - 1
        return movie in expected and is_long and rows == others[: len(rows)]

    rated = [movie for movie in order if movies["ratings"][movie] > 0]
    is_there, upwards = case.row in rows, rows == order[::-1][:n]
    twin_is_missing = is_missing(case.twin)
    instead_of_twin = is_there and case.twin in expected and case.twin not in rows
    mistakes = {
        "The movie itself is on the list, and another with just the same direction is missing. "
        "(The first of the sorted list may be either.) Drop the movie by its row.": instead_of_twin,
        "The movie itself is on its own list. It is always the most similar: leave it out.": is_there,
        "Those are the *least* similar movies: which way is the list sorted?": upwards,
        "A movie with just the same direction is missing: it was taken for the movie itself. "
        "Take the movie out by its row, not by its place in the list or by its cosine.": twin_is_missing,
        "Another movie of the same title is missing. Titles come up twice (remakes): take the "
        "movie out by its row.": is_missing(case.namesake),
        "A movie with exactly `min_ratings` ratings is left out: it has none, and "
        "`min_ratings` is 0 where nothing is said. Only those with *fewer* should be: `>` or "
        "`>=`?": not set(expected) <= set(rated) and rows == rated[:n],
    }
    diagnose(mistakes)
    is_other_length = len(rows) != len(expected)
    positive = [movie for movie in expected if case.cosine[movie] > 0]
    is_cut_at_zero = is_other_length and rows == positive
    mistakes = {
        "Movies with a cosine below 0 are left out, and so the list is shorter than n. Nobody "
        "asked for that: the n most similar ones, whatever their cosine.": is_cut_at_zero,
        "The list should have n movies.": is_other_length,
    }
    diagnose(mistakes, gettext("{n} movies", n=len(rows)), f"{len(expected)}")
    reason = "The right movies, in another order: the most similar one comes first."
    expect(rows == expected or sorted(rows) != sorted(expected), reason)
    shown = [gettext("rows {rows}", rows=one) for one in (rows, expected)]
    expect(rows == expected, "Other movies are closer, by cosine.", *shown)
    came = array(found["cosine"].to_numpy(), what="The column `cosine`")
    cosine = case.cosine[expected]
    reason = "The movies are right, but the column `cosine` is not theirs."
    close(came, cosine, reason, {ROUNDED: _rounded(cosine)})
    same = movies.loc[expected]
    expect(
        all(found[name].tolist() == same[name].tolist() for name in movies.columns),
        "The columns have got out of step: a title stands beside the wrong numbers.",
    )


def _rows_found(found, movies):
    """Return which rows of `movies` a data frame has, or say what came instead."""
    reason = "Return a data frame: the rows of `movies`, with a column `cosine`."
    expect(isinstance(found, pd.DataFrame), reason, kind(found), "a DataFrame")
    wanted = [*movies.columns, "cosine"]
    missing = [name for name in wanted if name not in list(found.columns)]
    names = [str(name) for name in found.columns]
    reason = (
        "The column `{missing}` is missing: the rows of `movies` should come back whole, with "
        "`cosine` beside them."
    )
    expect(not missing, reason, names, wanted, missing="`, `".join(missing))
    place = {movie_id: row for row, movie_id in enumerate(movies["movie_id"])}
    return [place.get(movie_id, -1) for movie_id in found["movie_id"].tolist()]


# --- 6.4 ---------------------------------------------------------------------


def _on_one_thread(check):
    """Make a check compute on one thread: more take longer for tables this small."""

    @functools.wraps(check)
    def limited(probe, rng):
        _logistic_regression()  # loads what has threads
        from threadpoolctl import threadpool_limits

        with threadpool_limits(1):
            check(probe, rng)

    return limited


def _logistic_regression():
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))


def _cross_validated(vectors, label, folds=5):
    """Return the probability of True for each, from a model fitted without it."""
    from sklearn.model_selection import cross_val_predict

    return cross_val_predict(
        _logistic_regression(), vectors, label, cv=folds, method="predict_proba"
    )[:, 1]


def _auc(label, score):
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(label, score))


@lesson["6.4"].part(points=2)
@_on_one_thread
def measures_by_auc(probe, rng):
    for strength in rng.permutation([0.8, 1.6]):
        vectors, label, auc, mistakes = _with_a_signal(rng, strength)
        found = number(probe(vectors, label), "`probe`")
        if abs(found - auc) < 1e-9:
            continue
        mistakes |= _mistaken_folds(vectors, label)
        # Only where they are met exactly: other folds may come near these by chance.
        named = {
            why: np.any(np.abs(found - np.array(values)) < 1e-9)
            for why, values in mistakes.items()
        }
        diagnose(named, found, auc)
        reason = "That is not the ROC AUC of the five-fold predictions of a logistic regression."
        close(found, auc, reason, atol=0.07)
    if abs(found - auc) < 1e-9:
        return
    for folds in (3, 4, 10):
        value = _auc(label, _cross_validated(vectors, label, folds))
        reason = "That is the AUC of {folds} folds; five are asked for."
        expect(abs(found - value) > 1e-9, reason, found, auc, folds=folds)


def _with_a_signal(rng, strength):
    """Draw vectors and a label of which the model reads more in what it was fitted on.

    With fewer movies, the AUC would depend too much on how they fall into the folds.
    """
    while True:
        vectors = rng.normal(size=(497, 110))
        signal = strength * (vectors[:, :3] @ [1.0, -0.7, 0.5]) + rng.normal(size=497)
        label = signal > np.quantile(signal, 0.65)
        probability = _cross_validated(vectors, label)
        auc, hard = _auc(label, probability), _auc(label, probability > 0.5)
        if not max(0.6, hard + 0.02) < auc < 0.88:
            continue
        model = _logistic_regression().fit(vectors, label)
        fitted = _auc(label, model.predict_proba(vectors)[:, 1])
        if fitted > auc + 0.1:
            break
    accuracy = np.mean((probability > 0.5) == label)
    mistakes = {
        "That is the AUC of a bare yes or no. An AUC wants the order that the *probabilities* make.": hard,
        "That is the accuracy. The area under the curve is asked for.": accuracy,
        "That is upside down: the first column is the probability of *False*. Which one is that of "
        "True?": 1 - auc,
        "The model was asked about the movies that it had been fitted on. `cross_val_predict` fits "
        "without them.": fitted,
    }
    return vectors, label, auc, mistakes


def _mistaken_folds(vectors, label):
    from sklearn.model_selection import KFold, cross_val_score

    model, uneven = _logistic_regression(), KFold(5)
    return {
        "That is the mean of five AUCs, one for each fold. The AUC of all predictions together "
        "is asked for: `cross_val_predict`.": [
            cross_val_score(model, vectors, label, cv=folds, scoring="roc_auc").mean()
            for folds in (5, uneven)
        ],
        "These folds are cut without a look at the label. Each should have its share of True: "
        "`cv=5` does that.": _auc(label, _cross_validated(vectors, label, uneven)),
    }


@lesson["6.4"].part()
@_on_one_thread
def asks_about_movies_that_were_left_out(probe, rng):
    # All True but one can be told, whatever the folds: each has its share of the AUC. (A
    # second factor, of noise, would change that for some folds.)
    for n_true in rng.permutation([5, 12]).tolist():
        label = np.arange(30) < n_true
        vectors = rng.normal(size=(30, 1))
        vectors[:, 0] += np.repeat([-14, 8, -4], [1, n_true - 1, 30 - n_true])
        order = rng.permutation(30)
        found = number(probe(vectors[order], label[order]), "`probe`")
        reason = (
            "Of {n_true} True, all but one can be told by one factor, and that one looks like the "
            "plainest False. Is every movie predicted once, and does each True count the same?"
        )
        close(found, 1 - 1 / n_true, reason, atol=0.035, n_true=n_true)
    # More factors than movies, and a label from a die. (Not so far below 0.5 that its mirror
    # image, for which another part has the words, would be too large.)
    while True:
        vectors = rng.normal(size=(100, 300))
        label = rng.permutation(np.arange(100) % 2 == 0)
        if 0.38 < _auc(label, _cross_validated(vectors, label)) < 0.5:
            break
    found = number(probe(vectors, label), "`probe`")
    expect(
        found < 0.99,
        "On labels from a die your probe says {auc}: it was asked about the movies that it "
        "had been fitted on, and knows them by heart. `cross_val_predict` fits without them.",
        auc=found,
    )
    reason = (
        "On labels from a die your probe says {auc}. So the labels of the movies that are left "
        "out reach the model: was something chosen or fitted with all labels, before the folds?"
    )
    expect(found < 0.66, reason, found, "about 0.5", auc=found)


@lesson["6.4"].part()
@_on_one_thread
def fits_a_line_to_scaled_factors(probe, rng):
    labels = _labels_to_read(rng)
    for case in rng.permutation(len(labels)):
        vectors, label, expected, limits = labels[case]
        order = rng.permutation(200)
        found = number(probe(vectors[order], label[order]), "`probe`")
        outside = {why: not low < found < high for why, (low, high) in limits.items()}
        diagnose(outside, found, expected)


def _labels_to_read(rng):
    """Draw vectors and labels, each with what is expected, and limits of the AUC."""
    label = np.tile([True, False], 100)
    with_doubles = np.repeat(rng.normal(size=(100, 40)), 2, axis=0)
    small, outliers, curve = rng.normal(size=(3, 200, 40))
    # What tells the label is far smaller than what does not.
    small[:, 7] = 1e-4 * (small[:, 7] + 5 * label)
    # Each of twenty factors tells the label where its outlier is left out.
    sign = np.where(label, 1, -1)
    outliers[:, :20] = 0.3 * (outliers[:, :20] + sign[:, None])
    far = rng.choice(200, 20, replace=False)
    outliers[far, np.arange(20)] = 1e4 * sign[far]
    # A line can see a part of this label, and a curve all.
    one, other, plain = rng.normal(size=(3, 200))
    curve[:, :20] *= 0.1
    curve += np.repeat([one, other, plain], [10, 10, 20], axis=0).T
    curved = one * other + rng.uniform(0.4, 0.8) * plain > 0
    auc = _auc(curved, _cross_validated(curve, curved))
    doubles = {
        "Each movie here has a double with the opposite label, so a model that has seen the "
        "double is wrong more often than a coin: far below 0.5. Return the AUC of movies "
        "that were left out, as it comes, without `max` or `abs`.": (-1, 0.35)
    }
    not_scaled = {
        "One factor tells the label, but its numbers are small, and the model does not see "
        "it. `StandardScaler()` in the pipeline gives all factors the same "
        "chance.": (0.95, 2)
    }
    scaled_at_once = {
        "Here some factors have an outlier, one movie each, and tell the label where that "
        "movie is left out. Your model does not see it: is the scaling fitted on all "
        "movies? It belongs inside the pipeline.": (0.9, 2)
    }
    not_this_line = {
        "Your probe reads a label that no straight line can tell: the model is not "
        "linear.": (-1, auc + 0.1),
        "That is not the AUC of a logistic regression.": (auc - 0.1, 2),
    }
    return [
        (with_doubles, label, "about 0.1", doubles),
        (small, label, "nearly 1", not_scaled),
        (outliers, label, "nearly 1", scaled_at_once),
        (curve, curved, auc, not_this_line),
    ]


# --- 6.5 ---------------------------------------------------------------------


def _ridge(q, y, penalty):
    """Solve a ridge regression; `penalty` is one number, or one for each column."""
    return np.linalg.solve(q.T @ q + penalty * np.eye(q.shape[1]), q.T @ y)


def _new_user(rng, n, *penalties):
    """Draw a new user so that no mistake comes near the right answer."""
    n_movies, n_factors = int(rng.integers(9, 16)), int(rng.integers(2, 5))
    while True:
        rows = rng.permutation(n_movies)[:n]
        if (rows == np.arange(n)).any():
            continue
        vectors = rng.normal(size=(n_movies, n_factors))
        movie_bias = rng.normal(size=n_movies) * 0.7
        mean = float(rng.uniform(2.5, 3.9))
        ratings = rng.integers(1, 6, size=n) * 1.0
        given = rows, ratings, vectors, movie_bias, mean, *penalties
        right, mistakes = _folded_and_mistakes(*given)
        wrong = np.vstack([np.atleast_2d(value) for value in mistakes.values()])
        if np.abs(wrong - right).max(axis=1).min() > 0.03:
            return given, right, mistakes


def _folded_and_mistakes(
    rows, ratings, vectors, movie_bias, mean, vector_penalty, bias_penalty
):
    n, n_factors = len(rows), vectors.shape[1]

    def penalties(of_vector, of_bias):
        return np.append(np.full(n_factors, of_vector), of_bias)

    right_ones = penalties(vector_penalty, bias_penalty)
    q = np.column_stack([vectors[rows], np.ones(n)])
    q_of_first = np.column_stack([vectors[:n], np.ones(n)])
    above_mean, bias = ratings - mean, movie_bias[rows]
    y, y_of_first = above_mean - bias, above_mean - movie_bias[:n]
    right = _ridge(q, y, right_ones)
    alone = _ridge(q[:, :-1], y, vector_penalty)
    one_in_front = _ridge(np.roll(q, 1, axis=1), y, right_ones)
    moved = np.append(np.roll(right, 1)[:-1], right[-2])
    mistakes = {
        "The bias got no penalty. `bias_penalty` is the last number on the "
        "diagonal.": _ridge(q, y, penalties(vector_penalty, 1e-9)),
        "The bias got the penalty of the vector. `bias_penalty` is the last number on the "
        "diagonal.": _ridge(q, y, vector_penalty),
        "The vector got the penalty of the bias. `vector_penalty` stands on the diagonal once "
        "for each factor.": _ridge(q, y, bias_penalty),
        "The two penalties are exchanged.": _ridge(
            q, y, penalties(bias_penalty, vector_penalty)
        ),
        "The mean is still in there: your vector and bias explain what is left *after* mean and "
        "movie bias.": _ridge(q, ratings - bias, right_ones),
        "The movies' biases are still in there: a praised movie's five stars say little about "
        "you.": _ridge(q, above_mean, right_ones),
        "Mean and movie biases are still in there. Take both off the ratings "
        "first.": _ridge(q, ratings, right_ones),
        "The movies' biases were added; take them off.": _ridge(
            q, above_mean + bias, right_ones
        ),
        "There is no bias: append a 1 to each row of Q.": np.append(alone, 0.0),
        "You found the bias after the vector. They have to be found together: append a 1 to each "
        "row of Q.": np.append(alone, np.mean(y - q[:, :-1] @ alone)),
        "The penalties count {n} times: they are added once, to the sum of squares, not to their "
        "mean.": _ridge(q, y, right_ones * n),
        "The penalties are squared. Add them as they are.": _ridge(q, y, right_ones**2),
        "Those are the biases of the *first* movies: `movie_bias[rows]` has those that were "
        "rated.": _ridge(q, y_of_first, right_ones),
        "Those are the vectors of the *first* movies: `vectors[rows]` has those that were "
        "rated.": _ridge(q_of_first, y, right_ones),
        "You used the *first* movies: `vectors[rows]` and `movie_bias[rows]` are those that were "
        "rated.": _ridge(q_of_first, y_of_first, right_ones),
        "The 1 stands in front, and was taken for a part of the vector: where is the bias in your "
        "solution?": (moved, one_in_front),
        "The 1 stands in front, but the bias's penalty at the end: both belong in the same "
        "place.": np.roll(one_in_front, -1),
    }
    if n > n_factors + 1:
        everywhere = tuple(
            np.linalg.solve(q.T @ q + one, q.T @ y)
            for one in (right_ones, right_ones[:, None])
        )
        mistakes |= {
            "The penalties are added to more than the diagonal of QᵀQ: `np.diag` makes a matrix "
            "with zeros everywhere else.": everywhere,
            "That is least squares without a penalty: add the penalties to the diagonal of "
            "QᵀQ.": _ridge(q, y, 0),
        }
    return right, mistakes


@lesson["6.5"].part(points=2)
def solves_the_equation(fold_in, rng):
    for n, *penalties in ((7, 5.0, 1.6), (7, 0.7, 3.0), (4, 2.0, 0.5)):
        given, right, mistakes = _new_user(rng, n, *penalties)
        _is_folded_in(fold_in(*given), right, mistakes, n)


@lesson["6.5"].part()
def takes_a_single_rating(fold_in, rng):
    (rows, ratings, *others), _, _ = _new_user(rng, 4, 1.5, 0.4)
    given = rows[-1:], ratings[-1:], *others
    right, mistakes = _folded_and_mistakes(*given)
    _is_folded_in(fold_in(*given), right, mistakes, 1)


def _is_folded_in(found, right, mistakes, n):
    n_factors = len(right) - 1
    longer, shorter = (n_factors + 1,), (n_factors - 1,)
    is_pair = isinstance(found, (tuple, list)) and len(found) == 2
    reason = "Return two things: the vector, and the bias by itself."
    expect(is_pair, reason, kind(found), "vector, bias")
    reason = "Right parts, wrong order: first the vector, then the bias."
    expect(np.size(found[0]) != 1 or np.size(found[1]) != n_factors, reason)
    vector = array(found[0], what="`fold_in`")
    reason = "The vector should have one number for each factor."
    of_shape = {
        "The vector stands in a column; its shape should be (n_factors,). (Are the ratings a "
        "column, too?)": (n_factors, 1),
        "The vector has one number too many: the last one is the bias.": longer,
        "The vector has one number too few. If you cut the bias off the end of the solution: "
        "is there a column of 1s at the end of Q, for the bias to belong to?": shorter,
    }
    has_shape(vector, (n_factors,), reason, of_shape)
    found = np.append(vector, number(found[1], "The bias of `fold_in`"))
    reason = (
        "Vector and bias do not solve the equation. (Found and expected: the vector, then the "
        "bias.)"
    )
    # An answer that finds it by gradient descent stops a little before the end.
    close(found, right, reason, mistakes, atol=5e-4, n=n)


# --- 6.6 ---------------------------------------------------------------------


@lesson["6.6"].part(points=3)
def is_the_rmse_of_each_multiple(rmse_of_fold_in, rng):
    # Numbers of users and of multiples differ, so that no two axes can be exchanged.
    for n_users, n_multiples in rng.permutation([(3, 2), (4, 3), (1, 2)]).tolist():
        given, right, mistakes = _users_to_fold_in(rng, n_users, n_multiples)
        found = array(rmse_of_fold_in(*given), what="`rmse_of_fold_in`")
        reason = "There should be one RMSE for each multiple."
        of_shape = {
            "There is one number in all; there should be one for each multiple.": (),
            "There is one number for each user. Put the errors of all users together, for one "
            "RMSE of each multiple.": (n_users,),
            "There is one RMSE for each multiple and user. Put the errors of all users together, "
            "for one RMSE of each multiple.": (n_multiples, n_users),
        }
        has_shape(found, (n_multiples,), reason, of_shape)
        reason = "That is not the RMSE on the held-out ratings of all users."
        # An answer to 6.5 that takes steps downhill stops a little before the end.
        close(found, right, reason, mistakes, atol=3e-4)


def _users_to_fold_in(rng, n_users, n_multiples):
    """Draw users so that no mistake comes near the right answer."""
    while True:
        n_movies, n_factors = int(rng.integers(12, 18)), int(rng.integers(2, 5))
        vectors = rng.normal(size=(n_movies, n_factors))
        movie_bias = rng.normal(size=n_movies) * 0.7
        users = []
        for n_held_out in rng.permutation([2, 3, 5, 6])[:n_users].tolist():
            n = int(rng.integers(3, 6))
            rows = rng.permutation(n_movies)[: n + n_held_out]
            ratings = rng.integers(1, 6, size=len(rows)) * 1.0
            users.append((rows[:n], ratings[:n], rows[n:], ratings[n:]))
        n_train = int(rng.integers(150, 400))
        vector_l2, bias_l2 = rng.permutation([2.5, 0.6]) / n_train
        multiples = rng.permutation([0.3, 2.2, 6.0])[:n_multiples].tolist()
        mean = float(rng.uniform(2.5, 3.9))
        l2 = float(vector_l2), float(bias_l2), n_train
        given = multiples, users, vectors, movie_bias, mean, *l2
        right, mistakes = _rmse_and_mistakes(*given)
        wrong = [np.atleast_2d(value) for value in mistakes.values()]
        apart = np.abs(np.vstack(wrong) - right).max(axis=1).min()
        if apart > 0.005 and are_distinguishable(right, {}):
            return given, right, mistakes


def _rmse_and_mistakes(
    multiples, users, vectors, movie_bias, mean, vector_l2, bias_l2, n_train
):
    def errors_of(user, penalties, tested=slice(2, 4), without=(), limits=None):
        rows, ratings, *_ = user
        q = np.column_stack([vectors, np.ones(len(vectors))])
        per_column = np.append(np.full(vectors.shape[1], penalties[0]), penalties[1])
        solution = _ridge(q[rows], ratings - mean - movie_bias[rows], per_column)
        movies, stars = user[tested]
        parts = {
            "mean": mean,
            "bias": solution[-1],
            "movie_bias": movie_bias[movies],
            "vector": vectors[movies] @ solution[:-1],
        }
        guess = sum(part for name, part in parts.items() if name not in without)
        return stars - (guess if limits is None else guess.clip(*limits))

    def all_errors(penalty_of=lambda multiple, user: multiple * l2 * n_train, **named):
        return [
            [errors_of(user, penalty_of(multiple, user), **named) for user in users]
            for multiple in multiples
        ]

    def rmse(errors):
        return np.array([np.sqrt(np.mean(np.concatenate(one) ** 2)) for one in errors])

    def with_penalties(penalty_of):
        return rmse(all_errors(penalty_of))

    l2 = np.array([vector_l2, bias_l2])
    errors = all_errors()
    right = rmse(errors)
    of_users = np.array([[np.sqrt(np.mean(e**2)) for e in one] for one in errors])
    mse_of_users = np.array([[np.mean(e**2) for e in one] for one in errors])
    of_all = [np.concatenate(one) for one in errors]
    only = np.array([1, 0]), np.array([0, 1])
    mistakes = {
        "That is the mean squared error. Take the root.": right**2,
        "That is the mean absolute error. The root of the mean *square* is asked "
        "for.": np.array([np.mean(np.abs(e)) for e in of_all]),
        "That is the square root of the *sum* of squares. Take their mean.": np.array(
            [np.sqrt(np.sum(e**2)) for e in of_all]
        ),
        "Those are errors on the known ratings, which the users were folded in with. The test is "
        "on the held-out ones.": rmse(all_errors(tested=slice(0, 2))),
        "Are the predictions clipped? Leave them as they are, also above 5 stars.": tuple(
            rmse(all_errors(limits=limits)) for limits in ((1, 5), (0.5, 5))
        ),
        "The user's bias is missing from the prediction.": rmse(
            all_errors(without=["bias"])
        ),
        "The movies' biases are missing from the prediction.": rmse(
            all_errors(without=["movie_bias"])
        ),
        "The mean is missing from the prediction.": rmse(all_errors(without=["mean"])),
        "The dot product is missing from the prediction.": rmse(
            all_errors(without=["vector"])
        ),
        "N is missing: the penalties that match training are ℓ·N.": with_penalties(
            lambda multiple, user: multiple * l2
        ),
        "N is the number of ratings that the *model* was trained on, not that of the "
        "user.": with_penalties(lambda multiple, user: multiple * l2 * len(user[0])),
        "Vector and bias got the same ℓ. Each has its own.": (
            with_penalties(lambda multiple, user: multiple * l2[[0, 0]] * n_train),
            with_penalties(lambda multiple, user: multiple * l2[[1, 1]] * n_train),
        ),
        "The two penalties are exchanged.": with_penalties(
            lambda multiple, user: multiple * l2[::-1] * n_train
        ),
        "The multiples are not used: each of them gives other "
        "penalties.": with_penalties(lambda multiple, user: l2 * n_train),
        "You divided by the multiple.": with_penalties(
            lambda multiple, user: l2 * n_train / multiple
        ),
        "Only one of the two penalties is multiplied. Multiply both.": tuple(
            with_penalties(
                lambda multiple, user, which=which: multiple**which * l2 * n_train
            )
            for which in only
        ),
    }
    if len(users) > 1:
        mistakes |= {
            "You averaged the RMSEs of the users. Put the errors of all users together, and take "
            "one root.": of_users.mean(axis=1),
            "You averaged the mean squared errors of the users, so that each user counts the same. "
            "Each held-out *rating* should.": np.sqrt(mse_of_users.mean(axis=1)),
            "Those are the errors of one user only.": tuple(of_users[:, [0, -1]].T),
        }
    return right, mistakes
