"""Lesson 06, the vectors opened: checks."""

import itertools

import numpy as np
import pandas as pd

from helpers.checks.asserts import array, close, expect, kind, number
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
    signs = rng.permutation([1, 1, -1, -1]).tolist()
    for sign, length in zip([*signs, 1, -1], [1] * 4 + [SHORT] * 2, strict=True):
        a, b = _two_vectors(rng, sign)
        a, b = a * length, b * length
        dot, one, other = a @ b, np.linalg.norm(a), np.linalg.norm(b)
        right = dot / one / other
        found = cosine(a, b)
        close(
            number(found, "`cosine`"),
            right,
            "That is not the cosine of {a} and {b}.",
            mistakes=[
                *([(found, ONLY_LONG)] if length == SHORT else []),
                (dot, "That is the dot product. Divide it by both lengths."),
                (
                    dot / (one * other) ** 2,
                    "You divided by the *squares* of the lengths. The length is the square "
                    "root of the sum of squares.",
                ),
                (dot / one, "You divided by the length of `a` only."),
                (dot / other, "You divided by the length of `b` only."),
                (
                    dot / one * other,
                    "Brackets: `x / y * z` divides by y only. Both lengths belong below the line.",
                ),
                (dot / (one + other), "You added the lengths; multiply them."),
                (
                    1 - right,
                    "That is the cosine *distance*, 1 − cosine: 0 for the same direction.",
                ),
                (np.arccos(right), "That is the angle. Its cosine is asked for."),
                (
                    np.corrcoef(a, b)[0, 1],
                    "That is the correlation: it takes the mean off each vector first.",
                ),
                (abs(right), "The sign is lost: opposite directions have −1."),
                (-right, "The sign is the wrong way round: the same direction has 1."),
                *(
                    (right.round(decimals), "That is rounded. Leave it as it is.")
                    for decimals in range(1, 4)
                ),
                (
                    dot / np.abs(a).sum() / np.abs(b).sum(),
                    "These lengths are sums of absolute values; take the root of the sum of "
                    "squares.",
                ),
            ],
            a=_written(a),
            b=_written(b),
        )


def _written(vector):
    return "[{}]".format(", ".join(f"{one:.2g}" for one in vector))


def _two_vectors(rng, sign):
    """Draw two vectors with a cosine of this sign that no mistake hits by chance."""
    while True:
        a, b = rng.normal(size=(2, int(rng.integers(3, 8))))
        a, b = 2.5 * a, 1.7 * b
        right = a @ b / np.linalg.norm(a) / np.linalg.norm(b)
        lengths = np.linalg.norm(a), np.linalg.norm(b)
        apart = abs(np.corrcoef(a, b)[0, 1] - right)
        if 0.2 < sign * right < 0.9 and min(lengths) > 1.3 and apart > 0.05:
            return a, b


# --- 6.2 ---------------------------------------------------------------------


@lesson["6.2"].part(points=2)
def are_the_cosines(cosines_with, rng):
    n, n_factors = rng.permutation(np.arange(3, 12))[:2].tolist()
    rows = rng.permutation([0, n - 1, int(rng.integers(1, n - 1))]).tolist()
    cases = [("float64", 0), ("float32", 0), ("float64", 1), ("float64", 2)]
    for (dtype, n_short), row in zip(cases, [*rows, rows[0]], strict=True):
        table = rng.normal(size=(n, n_factors)) * rng.uniform(1.5, 4, size=(n, 1))
        # One of the others is short, or the asked one as well.
        short = [(row + 1) % n, row][:n_short]
        table[short] *= SHORT
        table = table.astype(dtype)
        length = np.linalg.norm(table, axis=1)
        dot = table @ table[row]
        right = dot / length / length[row]
        found = array(cosines_with(row, table), what="`cosines_with`")
        for shape, explanation in (
            (
                (n, n),
                "That is every row with every row. Only `row` with each of them is asked for.",
            ),
            (
                (n, 1),
                "The cosines stand in a column; the shape should be (n_movies,).",
            ),
            (
                (1, n),
                "The cosines lie in a matrix of one row; the shape should be (n_movies,).",
            ),
            (
                (n - 1,),
                "One cosine is missing. The movie itself belongs to the answer: its own is 1.",
            ),
            (
                (n_factors,),
                "There is one number for each factor: you added up over the movies. Which axis "
                "holds the factors?",
            ),
            (
                (n, n_factors),
                "These are the products, element by element. They still have to be added up "
                "over the factors.",
            ),
        ):
            expect(
                found.shape != shape,
                explanation,
                gettext("shape {shape}", shape=shape),
                gettext("shape {shape}", shape=(n,)),
            )
        expect(
            found.shape == (n,),
            "There should be one cosine for each row of the table.",
            gettext("shape {shape}", shape=found.shape),
            gettext("shape {shape}", shape=(n,)),
        )
        column = table / np.linalg.norm(table, axis=0)
        close(
            found,
            right,
            "Those are not the cosines of the row with each row of the table.",
            mistakes=[
                (found if n_short == 2 else _but_for(found, right, short), ONLY_LONG),
                (dot, "Those are dot products. Divide by the lengths, too."),
                (
                    dot / length,
                    "The length of the row itself is still in there: its own cosine should be 1.",
                ),
                (
                    dot / length[row],
                    "You divided by the length of the row, but not by those of the others.",
                ),
                (
                    dot / length**2,
                    "You divided by the *square* of each row's length.",
                ),
                (
                    dot / length[row] ** 2,
                    "You divided by the square of the row's own length. Each row has a length "
                    "of its own.",
                ),
                (
                    dot / length**2 / length[row] ** 2,
                    "You divided by the squares of the lengths.",
                ),
                (
                    column @ column[row],
                    "The lengths are those of the *columns*: `axis=0` runs over the movies. "
                    "Which axis holds the factors?",
                ),
                (
                    dot / np.linalg.norm(table) ** 2,
                    "Without `axis`, `np.linalg.norm` gives one length for all of the table.",
                ),
                (
                    table @ table[row] / np.linalg.norm(table) / length[row],
                    "Without `axis`, `np.linalg.norm` gives one length for all of the table.",
                ),
                (1 - right, "Those are distances, 1 − cosine."),
                (
                    np.where(np.arange(n) == row, 0, right),
                    "All are right but the row's own: with itself it has cosine 1.",
                ),
                (
                    np.sort(right)[::-1],
                    "Right numbers, but sorted. Leave them in order.",
                ),
                *(
                    (right.round(decimals), "They are rounded. Leave them as they are.")
                    for decimals in range(1, 4)
                ),
            ],
        )


def _but_for(found, right, rows):
    """Return what is right, but for some rows."""
    mixed = right.copy()
    mixed[rows] = found[rows]
    return mixed


# --- 6.3 ---------------------------------------------------------------------


def _movies_and_table(rng, twin_comes_first):
    """Draw movies of which one has the direction, and another the title, of the asked one."""
    n = 14
    for tries in itertools.count():
        rows = rng.choice(np.arange(1, n - 1), size=2, replace=False)
        row, twin = np.sort(rows).tolist()
        if twin_comes_first:
            row, twin = twin, row
        table = rng.normal(size=(n, 3)) * rng.uniform(0.5, 3, size=(n, 1))
        table[twin] = 4 * table[row]
        length = np.linalg.norm(table, axis=1)
        cosine = table @ table[row] / length / length[row]
        dot = table @ table[row]
        others = np.delete(np.arange(n), row)
        gaps = np.diff(np.sort(cosine[others]))
        if np.sum(cosine < -0.05) < 3:
            continue
        order = others[np.argsort(-cosine[others])]
        by_dot = others[np.argsort(-dot[others])]
        if gaps.min() < 0.01 or set(by_dot[:5]) == set(order[:5]):
            continue
        # The movie of the same title, so that only its title can be why it is missing.
        if cosine[order[4]] < 0.05:
            continue
        # Whoever drops the first of a sorted list is to drop the twin. NumPy leaves it open
        # in which order equal ones come: it depends on their places and on the processor.
        unit = table / length[:, None]
        came = [unit @ unit[row], cosine]
        if twin_comes_first:
            firsts = [np.argsort(-one)[0] for one in came]
            firsts += [
                pd.Series(one).sort_values(ascending=False).index[0] for one in came
            ]
        else:
            firsts = [np.argsort(one)[-1] for one in came]
        if set(firsts) == {twin} or tries > 1000:
            break
    # The nearest but one has a single rating, the third just enough, as many others.
    least = int(rng.integers(10, 40))
    ratings = rng.integers(least + 1, 90, size=n)
    ratings[order[[1, 3]]] = 3
    ratings[order[2]] = least
    ratings[row] = 2
    # One has not been rated at all, and `min_ratings` is 0 where nothing is said.
    ratings[order[5]] = 0
    titles = np.array([f"Movie {one}" for one in rng.permutation(n)], dtype=object)
    titles[order[4]] = titles[row]
    movies = pd.DataFrame(
        {
            "movie_id": rng.permutation(np.arange(100, 100 + 7 * n, 7)),
            "title": titles,
            "year": rng.integers(1950, 2000, size=n),
            "genres": rng.choice(["Drama", "War|Comedy", "Action"], size=n),
            "ratings": ratings,
        }
    )
    return row, twin, table, movies, cosine, order, least


@lesson["6.3"].part(points=2)
def lists_the_nearest(most_similar, rng):
    for twin_comes_first in (True, False):
        row, twin, table, movies, cosine, order, _ = _movies_and_table(
            rng, twin_comes_first
        )
        found = most_similar(row, table, movies, n=5)
        _are_the_movies(found, row, twin, movies, cosine, order[:5], order)
        found = most_similar(row, table, movies)
        _are_the_movies(found, row, twin, movies, cosine, order[:8], order)
        # Far enough down for cosines below 0, and beyond the end.
        for n in (12, 20):
            found = most_similar(row, table, movies, n=n)
            _are_the_movies(found, row, twin, movies, cosine, order[:n], order)


@lesson["6.3"].part()
def leaves_out_the_rarely_rated(most_similar, rng):
    for twin_comes_first in (True, False):
        row, twin, table, movies, cosine, order, least = _movies_and_table(
            rng, twin_comes_first
        )
        enough = order[movies["ratings"].to_numpy()[order] >= least]
        for n in (5, 3):
            found = most_similar(row, table, movies, n=n, min_ratings=least)
            if isinstance(found, pd.DataFrame) and "movie_id" in found:
                rows = _rows_of(found, movies)
                expect(
                    rows != order[:n].tolist(),
                    "Movies with fewer than `min_ratings` are still there.",
                    gettext(
                        "ratings {ratings}",
                        ratings=movies["ratings"].to_numpy()[rows].tolist(),
                    ),
                    gettext("at least {n} each", n=least),
                )
                cut_first = [one for one in order[:n] if one in set(enough)]
                expect(
                    rows != cut_first,
                    "There are fewer than `n`: you cut the list first, and left out the rarely "
                    "rated afterwards. The other way round there are enough.",
                    gettext("{n} movies", n=len(rows)),
                    f"{n}",
                )
                more = order[movies["ratings"].to_numpy()[order] > least]
                expect(
                    rows != more[:n].tolist(),
                    "A movie with exactly `min_ratings` ratings is left out. Only those with "
                    "*fewer* should be: `>` or `>=`?",
                )
            _are_the_movies(found, row, twin, movies, cosine, enough[:n], enough)


def _rows_of(found, movies):
    """Return the rows of `movies` that were found, in order."""
    place = {one: row for row, one in enumerate(movies["movie_id"])}
    return [place.get(one, -1) for one in found["movie_id"].tolist()]


def _are_the_movies(found, row, twin, movies, cosine, expected, order):
    expect(
        isinstance(found, pd.DataFrame),
        "Return a data frame: the rows of `movies`, with a column `cosine`.",
        kind(found),
        "a DataFrame",
    )
    missing = [
        name for name in [*movies.columns, "cosine"] if name not in list(found.columns)
    ]
    expect(
        not missing,
        "The column `{missing}` is missing: the rows of `movies` should come back whole, with "
        "`cosine` beside them.",
        [str(name) for name in found.columns],
        [*movies.columns, "cosine"],
        missing="`, `".join(missing),
    )
    rows = _rows_of(found, movies)
    expected, order = [int(one) for one in expected], [int(one) for one in order]
    expect(
        row not in rows or twin in rows or twin not in expected,
        "The movie itself is on the list, and another with just the same direction is missing. "
        "(The first of the sorted list may be either.) Drop the movie by its row.",
    )
    expect(
        row not in rows,
        "The movie itself is on its own list. It is always the most similar: leave it out.",
    )
    expect(
        rows != list(order[::-1][: len(expected)]),
        "Those are the *least* similar movies: which way is the list sorted?",
    )
    title = movies["title"]
    for gone, explanation in (
        (
            [twin],
            "A movie with just the same direction is missing: it was taken for the movie "
            "itself. Take the movie out by its row, not by its place in the list or by its "
            "cosine.",
        ),
        (
            [one for one in order if title[one] == title[row]],
            "Another movie of the same title is missing. Titles come up twice (remakes): take "
            "the movie out by its row.",
        ),
    ):
        others = [one for one in order if one not in gone]
        expect(
            not set(gone) & set(expected)
            or len(rows) < len(expected) - 1
            or rows != others[: len(rows)],
            explanation,
        )
    ratings = movies["ratings"]
    expect(
        min(ratings[expected]) > 0
        or rows != [one for one in order if ratings[one] > 0][: len(expected)],
        "A movie with exactly `min_ratings` ratings is left out: it has none, and "
        "`min_ratings` is 0 where nothing is said. Only those with *fewer* should be: `>` or "
        "`>=`?",
    )
    expect(
        len(rows) == len(expected)
        or rows != [one for one in expected if cosine[one] > 0],
        "Movies with a cosine below 0 are left out, and so the list is shorter than n. Nobody "
        "asked for that: the n most similar ones, whatever their cosine.",
        gettext("{n} movies", n=len(rows)),
        f"{len(expected)}",
    )
    expect(
        len(rows) == len(expected),
        "The list should have n movies.",
        gettext("{n} movies", n=len(rows)),
        f"{len(expected)}",
    )
    expect(
        rows == expected or sorted(rows) != sorted(expected),
        "The right movies, in another order: the most similar one comes first.",
    )
    expect(
        rows == expected,
        "Other movies are closer, by cosine.",
        gettext("rows {rows}", rows=rows),
        gettext("rows {rows}", rows=expected),
    )
    close(
        array(found["cosine"].to_numpy(), what="The column `cosine`"),
        cosine[expected],
        "The movies are right, but the column `cosine` is not theirs.",
        mistakes=[
            (
                cosine[expected].round(decimals),
                "The movies are right, but their cosines are rounded. Leave the decimals: "
                "whoever prints the list can round it.",
            )
            for decimals in (3, 2, 1)
        ],
    )
    same = movies.loc[expected].reset_index(drop=True)
    expect(
        all(found[name].tolist() == same[name].tolist() for name in movies.columns),
        "The columns have got out of step: a title stands beside the wrong numbers.",
    )


# --- 6.4 ---------------------------------------------------------------------


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


def _on_what_was_fitted(vectors, label):
    model = _logistic_regression().fit(vectors, label)
    return _auc(label, model.predict_proba(vectors)[:, 1])


@lesson["6.4"].part(points=2)
def measures_by_auc(probe, rng):
    for strength in rng.permutation([0.8, 1.6]):
        vectors, label, probability = _with_a_signal(rng, strength)
        auc = _auc(label, probability)
        found = number(probe(vectors, label), "`probe`")
        if abs(found - auc) > 1e-9:
            _is_no_other_measure(found, auc, vectors, label, probability)
        close(
            found,
            auc,
            "That is not the ROC AUC of the five-fold predictions of a logistic regression.",
            atol=0.07,
        )
    if abs(found - auc) > 1e-9:
        _has_five_folds(found, auc, vectors, label)


def _with_a_signal(rng, strength):
    """Draw vectors and a label of which the model reads more in what it was fitted on."""
    while True:
        vectors = rng.normal(size=(197, 45))
        signal = strength * (vectors[:, :3] @ [1.0, -0.7, 0.5]) + rng.normal(size=197)
        label = signal > np.quantile(signal, 0.65)
        probability = _cross_validated(vectors, label)
        auc = _auc(label, probability)
        gap = _on_what_was_fitted(vectors, label) - auc
        hard = _auc(label, probability > 0.5)
        if gap > 0.1 and 0.6 < auc < 0.88 and auc - hard > 0.02:
            return vectors, label, probability


def _is_no_other_measure(found, auc, vectors, label, probability):
    """Name what was measured instead, where it is met exactly.

    Other models and other folds may come near these by chance.
    """
    for value, explanation in (
        (
            _auc(label, probability > 0.5),
            "That is the AUC of a bare yes or no. An AUC wants the order that the "
            "*probabilities* make.",
        ),
        (
            float(np.mean((probability > 0.5) == label)),
            "That is the accuracy. The area under the curve is asked for.",
        ),
        (
            1 - auc,
            "That is upside down: the first column is the probability of *False*. Which one is "
            "that of True?",
        ),
        (
            _on_what_was_fitted(vectors, label),
            "The model was asked about the movies that it had been fitted on. "
            "`cross_val_predict` fits without them.",
        ),
    ):
        expect(abs(found - value) > 1e-9, explanation, found, auc)


def _has_five_folds(found, auc, vectors, label):
    """Name another number of folds where its AUC is met exactly: it comes near the right one."""
    for folds in (3, 4, 10):
        value = _auc(label, _cross_validated(vectors, label, folds))
        expect(
            abs(found - value) > 1e-9,
            "That is the AUC of {folds} folds; five are asked for.",
            found,
            auc,
            folds=folds,
        )


@lesson["6.4"].part()
def asks_about_movies_that_were_left_out(probe, rng):
    # All True but one can be told, whatever the folds: each has its share of the AUC.
    for n_true in rng.permutation([5, 12]).tolist():
        label = np.arange(30) < n_true
        vectors = rng.normal(size=(30, 2))
        vectors[:, 0] += np.repeat([-14, 8, -4], [1, n_true - 1, 30 - n_true])
        order = rng.permutation(30)
        found = number(probe(vectors[order], label[order]), "`probe`")
        close(
            found,
            1 - 1 / n_true,
            "Of {n_true} True, all but one can be told by one factor, and that one looks like "
            "the plainest False. Is every movie predicted once, and does each True count the "
            "same?",
            atol=0.035,
            n_true=n_true,
        )
    # More factors than movies, and a label from a die.
    while True:
        vectors = rng.normal(size=(100, 300))
        label = rng.permutation(np.arange(100) % 2 == 0)
        if _auc(label, _cross_validated(vectors, label)) < 0.5:
            break
    found = number(probe(vectors, label), "`probe`")
    expect(
        found < 0.99,
        "On labels from a die your probe says {auc}: it was asked about the movies that it "
        "had been fitted on, and knows them by heart. `cross_val_predict` fits without them.",
        auc=found,
    )
    expect(
        found < 0.66,
        "On labels from a die your probe says {auc}. So the labels of the movies that are left "
        "out reach the model: was something chosen or fitted with all labels, before the folds?",
        found,
        "about 0.5",
        auc=found,
    )


@lesson["6.4"].part()
def fits_a_line_to_scaled_factors(probe, rng):
    cases = [_of_doubles, _of_small_numbers, _with_outliers, _of_a_curve]
    for case in rng.permutation(cases):
        order = rng.permutation(200)
        vectors, label, compare = case(rng)
        compare(number(probe(vectors[order], label[order]), "`probe`"))


def _of_doubles(rng):
    """Draw a label that each movie's double contradicts."""

    def compare(found):
        expect(
            found < 0.35,
            "Each movie here has a double with the opposite label, so a model that has seen the "
            "double is wrong more often than a coin: far below 0.5. Return the AUC of movies "
            "that were left out, as it comes, without `max` or `abs`.",
            found,
            "about 0.1",
        )

    vectors = np.repeat(rng.normal(size=(100, 40)), 2, axis=0)
    return vectors, np.tile([True, False], 100), compare


def _of_small_numbers(rng):
    """Draw vectors where what tells the label is far smaller than what does not."""

    def compare(found):
        expect(
            found > 0.95,
            "One factor tells the label, but its numbers are small, and the model does not see "
            "it. `StandardScaler()` in the pipeline gives all factors the same chance.",
            found,
            "nearly 1",
        )

    label = np.tile([True, False], 100)
    vectors = rng.normal(size=(200, 40))
    vectors[:, 7] = 1e-4 * (vectors[:, 7] + 5 * label)
    return vectors, label, compare


def _with_outliers(rng):
    """Draw twenty factors, each of which tells the label where its outlier is left out."""

    def compare(found):
        expect(
            found > 0.9,
            "Here some factors have an outlier, one movie each, and tell the label where that "
            "movie is left out. Your model does not see it: is the scaling fitted on all "
            "movies? It belongs inside the pipeline.",
            found,
            "nearly 1",
        )

    label = np.tile([True, False], 100)
    vectors = rng.normal(size=(200, 40))
    sign = np.where(label, 1, -1)
    vectors[:, :20] = 0.3 * (vectors[:, :20] + sign[:, None])
    far = rng.choice(200, 20, replace=False)
    vectors[far, np.arange(20)] = 1e4 * sign[far]
    return vectors, label, compare


def _of_a_curve(rng):
    """Draw a label of which a line can see a part, and a curve all."""
    one, other, plain = rng.normal(size=(3, 200))
    noise = rng.normal(size=(200, 40))
    noise[:, :20] *= 0.1
    vectors = noise + np.repeat([one, other, plain], [10, 10, 20], axis=0).T
    label = one * other + rng.uniform(0.4, 0.8) * plain > 0
    auc = _auc(label, _cross_validated(vectors, label))

    def compare(found):
        expect(
            found < auc + 0.1,
            "Your probe reads a label that no straight line can tell: the model is not linear.",
            found,
            auc,
        )
        close(
            found,
            auc,
            "That is not the AUC of a logistic regression.",
            atol=0.1,
        )

    return vectors, label, compare


# --- 6.5 ---------------------------------------------------------------------


def _ridge(q, y, penalty):
    """Solve a ridge regression; `penalty` has a number for each column."""
    return np.linalg.solve(q.T @ q + np.diag(penalty), q.T @ y)


def _new_user(rng, n, shrinkage):
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
        given = rows, ratings, vectors, movie_bias, mean
        right, mistakes = _folded_and_mistakes(*given, shrinkage)
        apart = min(np.abs(value - right).max() for value, _ in mistakes)
        if apart > 0.03:
            return given, right, mistakes


def _folded_and_mistakes(rows, ratings, vectors, movie_bias, mean, shrinkage):
    n, n_factors = len(rows), vectors.shape[1]
    q = np.column_stack([vectors[rows], np.ones(n)])
    y = ratings - mean - movie_bias[rows]
    all_alike = np.full(n_factors + 1, shrinkage)
    but_the_bias = np.append(np.full(n_factors, shrinkage), 1e-9)
    first = np.column_stack([vectors[:n], np.ones(n)])
    right = _ridge(q, y, all_alike)
    vector_alone = _ridge(q[:, :-1], y, all_alike[:-1])
    after = y - q[:, :-1] @ vector_alone
    mistakes = {
        "The bias got no penalty. λ counts for the vector and the bias alike.": _ridge(
            q, y, but_the_bias
        ),
        "The mean is still in there: your vector and bias explain what is left "
        "*after* "
        "mean and movie bias.": _ridge(q, ratings - movie_bias[rows], all_alike),
        "The movies' biases are still in there: a praised movie's five stars say "
        "little about you.": _ridge(q, ratings - mean, all_alike),
        "Mean and movie biases are still "
        "in there. Take both off the ratings first.": _ridge(q, ratings, all_alike),
        "The movies' biases were added; take them off.": _ridge(
            q, ratings - mean + movie_bias[rows], all_alike
        ),
        "There is no bias: append a 1 to each row of Q.": np.append(vector_alone, 0.0),
        "You found the bias after the vector. They have to be found together: append "
        "a 1 to each row of Q.": np.append(vector_alone, after.mean()),
        "λ counts {n} times: it is added once, to the sum of squares, not to their "
        "mean.": _ridge(q, y, all_alike * n),
        "λ is squared. Add λ itself to the diagonal.": _ridge(q, y, all_alike**2),
        "Those are the biases of the *first* movies: `movie_bias[rows]` has those "
        "that were rated.": _ridge(q, ratings - mean - movie_bias[:n], all_alike),
        "Those are the vectors of the *first* movies: `vectors[rows]` has those that "
        "were rated.": _ridge(first, y, all_alike),
        "You used the *first* movies: `vectors[rows]` and `movie_bias[rows]` are "
        "those that were rated.": _ridge(
            first, ratings - mean - movie_bias[:n], all_alike
        ),
        "The 1 stands in front, and was taken for a part of the vector: where is the "
        "bias in your solution?": np.append(np.roll(right, 1)[:-1], right[-2]),
    }
    if shrinkage != 5:
        mistakes.append(
            (
                _ridge(q, y, np.full(n_factors + 1, 5.0)),
                "`shrinkage` was given, and 5 was used all the same.",
            )
        )
    if n > n_factors + 1:
        mistakes.append(
            (
                np.linalg.solve(q.T @ q + shrinkage, q.T @ y),
                "λ is added to every number of QᵀQ. It belongs to the diagonal only: "
                "λ times `np.eye(n_factors + 1)`.",
            )
        )
        mistakes.append(
            (
                np.linalg.lstsq(q, y, rcond=None)[0],
                "That is least squares without a penalty: add λ to the diagonal of QᵀQ.",
            )
        )
    return right, mistakes


@lesson["6.5"].part(points=2)
def solves_the_equation(fold_in, rng):
    for n, shrinkage in ((7, 5.0), (7, 0.8), (4, 2.0)):
        given, right, mistakes = _new_user(rng, n, shrinkage)
        found = (
            fold_in(*given) if shrinkage == 5 else fold_in(*given, shrinkage=shrinkage)
        )
        _is_folded_in(found, right, mistakes, n)


@lesson["6.5"].part()
def takes_a_single_rating(fold_in, rng):
    given, right, _ = _new_user(rng, 4, 1.5)
    rows, ratings, vectors, movie_bias, mean = given
    rows, ratings = rows[-1:], ratings[-1:]
    given = rows, ratings, vectors, movie_bias, mean
    right, mistakes = _folded_and_mistakes(*given, 1.5)
    _is_folded_in(fold_in(*given, 1.5), right, mistakes, 1)


def _is_folded_in(found, right, mistakes, n):
    n_factors = len(right) - 1
    expect(
        isinstance(found, (tuple, list)) and len(found) == 2,
        "Return two things: the vector, and the bias by itself.",
        kind(found),
        "vector, bias",
    )
    expect(
        np.size(found[0]) != 1 or np.size(found[1]) != n_factors,
        "Right parts, wrong order: first the vector, then the bias.",
    )
    vector = array(found[0], what="`fold_in`")
    expect(
        vector.shape != (n_factors, 1),
        "The vector stands in a column; its shape should be (n_factors,). (Are the ratings a "
        "column, too?)",
        gettext("shape {shape}", shape=vector.shape),
        gettext("shape {shape}", shape=(n_factors,)),
    )
    expect(
        vector.shape != (n_factors + 1,),
        "The vector has one number too many: the last one is the bias.",
        gettext("shape {shape}", shape=vector.shape),
        gettext("shape {shape}", shape=(n_factors,)),
    )
    expect(
        vector.shape != (n_factors - 1,),
        "The vector has one number too few. If you cut the bias off the end of the solution: "
        "is there a column of 1s at the end of Q, for the bias to belong to?",
        gettext("shape {shape}", shape=vector.shape),
        gettext("shape {shape}", shape=(n_factors,)),
    )
    expect(
        vector.shape == (n_factors,),
        "The vector should have one number for each factor.",
        gettext("shape {shape}", shape=vector.shape),
        gettext("shape {shape}", shape=(n_factors,)),
    )
    both = np.append(vector, number(found[1], "The bias of `fold_in`"))
    # Whoever finds it by gradient descent stops a little before the end.
    close(
        both,
        right,
        "Vector and bias do not solve the equation. (Found and expected: the vector, then the "
        "bias.)",
        mistakes,
        atol=5e-4,
        n=n,
    )
