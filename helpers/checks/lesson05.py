"""Lesson 05, yes or no, and lists: checks, hints and questions."""

import numpy as np
import pandas as pd

from helpers.checks.boundary import Dice
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

# --- 5.1 ---------------------------------------------------------------------

yes_or_no = lesson.exercise(
    "5.1",
    "yes or no",
    takes="to_yes_no",
    notice="3.5 stars are a no at the default cut, and nobody would see it in a figure: "
    "whoever cuts has to say where.",
    hints=(
        "What does NumPy give for `np.array([3, 4, 5]) >= 4`?",
        "A list does not know `>=`: make an array of it first, with `np.asarray`. Then compare "
        "with `liked_from`, and turn True and False into numbers with `.astype(…)`.",
        "def to_yes_no(ratings, liked_from=4):\n"
        "    is_yes = np.asarray(...) >= ...\n"
        "    return is_yes.astype(...)",
    ),
)


def _stars(rng):
    """Draw stars so that every half star from 1 to 5 is among them."""
    return rng.permutation(np.append(np.arange(1, 5.5, 0.5), rng.integers(1, 6, 4)))


def _answers_in_numbers(found, n):
    """Return what `to_yes_no` gave, if it is an array of n floats."""
    expect(
        not isinstance(found, pd.Series),
        "Return a NumPy array: a Series brings its index along, and pandas would later match "
        "it by label, not by place. `np.asarray` leaves the index behind.",
        kind(found),
        "an array of float32",
    )
    expect(
        isinstance(found, np.ndarray),
        "Return a NumPy array: further down its `.mean()` is asked for.",
        kind(found),
        "an array of float32",
    )
    expect(
        found.dtype.kind != "b",
        "These are True and False. The docstring asks for numbers, 1.0 and 0.0 as float32: "
        "that is what a loss takes.",
        kind(found),
        "dtype float32",
    )
    expect(
        found.dtype.kind == "f",
        "The docstring asks for 1.0 and 0.0, as float32.",
        kind(found),
        "dtype float32",
    )
    return array(found, (n,), "`to_yes_no`")


@yes_or_no.part()
def cuts_at_four(to_yes_no, rng):
    stars = _stars(rng)
    found = to_yes_no(stars)
    expect(
        0 not in to_yes_no.changed,
        "`to_yes_no` changes the ratings that it is given. They are needed later: work on "
        "a copy.",
    )
    found = _answers_in_numbers(found, len(stars))

    def said(condition):
        return condition.astype("float64")

    close_at(
        found,
        said(stars >= 4),
        say(
            "From 4 stars on it should be a yes. The stars were {stars}.",
            stars=stars.tolist(),
        ),
        mistakes=[
            (
                said(stars > 4),
                "4 stars came out as a no. *At least* `liked_from` is a yes: `>` or `>=`?",
            ),
            (said(stars < 4), "That is the wrong way round: 5 stars came out as a no."),
            *(
                (
                    said(wrong),
                    "That says yes to 3.5 stars. Do not scale or round the stars: compare "
                    "them with `liked_from` itself.",
                )
                for wrong in (stars > 3, stars >= 3, stars > 2.5, stars >= 2.5)
            ),
            (np.zeros(len(stars)), "Not one rating came out as a yes."),
            (np.ones(len(stars)), "Every rating came out as a yes."),
        ],
    )


@yes_or_no.part()
def cuts_anywhere(to_yes_no, rng):
    stars = _stars(rng)
    for liked_from in (3, 2.5, 5, 3.5, 3.7, 4.5):
        for given in (
            stars,
            stars.tolist(),
            pd.Series(stars.astype("float32"), index=rng.permutation(len(stars)) + 50),
        ):
            found = _answers_in_numbers(to_yes_no(given, liked_from), len(stars))
            close_at(
                found,
                (stars >= liked_from).astype("float64"),
                say(
                    "With `liked_from={liked_from}` all ratings from {liked_from} stars on "
                    "should be a yes. The stars were {stars}.",
                    liked_from=liked_from,
                    stars=stars.tolist(),
                ),
                mistakes=[
                    (
                        stars >= 4,
                        say(
                            "`liked_from={liked_from}` was asked for, and the cut is still "
                            "at 4. Is `liked_from` used?",
                            liked_from=liked_from,
                        ),
                    ),
                    (
                        np.floor(stars) >= liked_from,
                        "Half stars have lost their half: 4.5 stars are more than 4.",
                    ),
                    (
                        stars > liked_from,
                        "Ratings of exactly `liked_from` stars came out as a no: `>` or `>=`?",
                    ),
                ],
            )


# --- 5.2 ---------------------------------------------------------------------

surprise_by_hand = lesson.exercise(
    "5.2",
    "surprise, by hand",
    takes=("sigmoid", "surprise"),
    notice="A certain and wrong answer costs 16 here, and only because of `tiny`. Without it a "
    "single such answer would make the loss of all the others infinite.",
    hints=(
        "What is log 0? And in which of the two halves of the formula does a rating with y = 1 "
        "count, in which one with y = 0?",
        "Bring both to the shape (n,) with `np.ravel`. Keep p inside with `np.clip`. "
        "`np.log` is the natural logarithm, the one of the formula.",
        "liked, p = np.ravel(...), np.clip(np.ravel(...), ..., ...)\n"
        "halves = liked * ... + (1 - liked) * ...\n"
        "return -np.mean(...)",
    ),
)


@surprise_by_hand.part()
def squeezes(sigmoid, rng):
    for shape in ((2, 3), (5,), (4, 1)):
        scores = rng.uniform(0.3, 3, size=shape) * rng.choice([-1, 1], size=shape)
        scores.flat[0] = -abs(scores.flat[0]) - 1
        found = sigmoid(scores)
        expect(
            0 not in sigmoid.changed,
            "`sigmoid` changes the scores that it is given. Compute new ones instead.",
        )
        found = array(found, shape, "`sigmoid`")
        power = np.exp(scores)
        close(
            found,
            1 / (1 + np.exp(-scores)),
            "That is not 1 / (1 + e^(−s)) for the scores {scores}.",
            mistakes=[
                (
                    1 / (1 + power),
                    "That falls where the score rises: look at the sign in the exponent.",
                ),
                (np.tanh(scores), "That is tanh: it runs from −1 to 1."),
                (
                    1 / 1 + np.exp(-scores),
                    "Brackets: the 1 is divided by all of (1 + e^(−s)).",
                ),
                (power / power.sum(), "That is a softmax: the scores share one 1."),
                (
                    scores.clip(0, 1),
                    "That cuts off what is outside 0…1; a sigmoid squeezes.",
                ),
            ],
            scores=str(scores.round(2).tolist()),
        )


def _answers(rng, n_yes, n_no):
    """Draw yes and no in random order, with probabilities that are far from 0 and 1."""
    liked = rng.permutation(np.repeat([1.0, 0.0], [n_yes, n_no]))
    return liked, rng.uniform(0.08, 0.42, size=len(liked)) + rng.choice(
        [0, 0.5], size=len(liked)
    )


def _cross_entropy(liked, p):
    return -np.mean(liked * np.log(p) + (1 - liked) * np.log(1 - p))


@surprise_by_hand.part(points=2)
def is_surprised(surprise, rng):
    liked, p = _answers(rng, 2, 5)
    yes, no = liked * np.log(p), (1 - liked) * np.log(1 - p)
    right = _cross_entropy(liked, p)
    crossed = -np.mean(
        np.log(p)[:, None] * liked + np.log(1 - p)[:, None] * (1 - liked)
    )
    mistakes = [
        (-right, "The sign is missing: surprise is positive, logarithms are not."),
        (right * 7, "You added the ratings up; the loss is their mean."),
        (-right * 7, "You added the ratings up; the loss is minus their mean."),
        (
            right / np.log(2),
            "That is the logarithm to base 2. The formula's is natural.",
        ),
        (
            -np.mean(yes),
            "Only the half of the yes counts: what of the ratings with y = 0?",
        ),
        (
            -np.mean(no),
            "Only the half of the no counts: what of the ratings with y = 1?",
        ),
        (
            -yes.sum() / 2,
            "Only the ratings with a yes count: what of those with y = 0?",
        ),
        (-no.sum() / 5, "Only the ratings with a no count: what of those with y = 1?"),
        (
            _cross_entropy(1 - liked, p),
            "Yes and no have changed places: log p belongs to y = 1.",
        ),
        (
            np.mean((liked - p) ** 2),
            "That is the mean squared error, not the surprise.",
        ),
        (
            right / np.log(10),
            "That is the logarithm to base 10. The formula's is natural.",
        ),
        (
            crossed,
            "Shape (n,) with shape (n, 1) makes (n, n): each rating has met every "
            "probability. Bring both to one shape first.",
        ),
    ]
    for given, how in (
        ((liked, p), "with arrays of shape (n,)"),
        ((liked.astype("float32"), p.astype("float32")[:, None]), "with shape (n, 1)"),
        ((liked.astype(int).tolist(), p[:, None].tolist()), "with lists"),
    ):
        found = surprise(*given)
        expect(
            not isinstance(found, (np.ndarray, list)) or np.size(found) != 7,
            "That is the surprise of each rating; return the mean of all of them.",
            kind(found),
            "one number",
        )
        close(
            number(found, "`surprise`"),
            right,
            "That is not the mean binary cross-entropy ({how}).",
            mistakes,
            how=how,
        )


@surprise_by_hand.part()
def keeps_away_from_infinity(surprise, rng):
    order = rng.permutation(5)
    liked = np.array([1.0, 0.0, 1.0, 0.0, 1.0])
    for certain, tiny, tolerance in (
        ([1.0, 0.0, 0.3, 0.6, 0.9], 1e-7, 1e-3),
        ([0.0, 0.0, 0.3, 0.6, 0.9], 1e-7, 0.1),
        ([1.0, 1.0, 0.3, 0.6, 0.9], 1e-7, 0.1),
        ([0.0, 1.0, 0.3, 0.6, 0.9], 1e-4, 0.01),
        ([1e-6, 0.2, 0.3, 0.6, 0.9], 1e-4, 0.01),
    ):
        p = np.array(certain)
        extra = {} if tiny == 1e-7 else {"tiny": tiny}
        found = surprise(liked[order], p[order], **extra)
        finite = np.isscalar(found) and np.isfinite(found)
        expect(
            finite or not np.isscalar(found),
            "A model said exactly 0 or 1, and the loss is no finite number: log 0 is minus "
            "infinity, and 0 · ∞ is nothing at all. Keep p between `tiny` and 1 − `tiny`.",
            found,
            "a finite number",
        )
        close(
            number(found, "`surprise`"),
            _cross_entropy(liked, p.clip(tiny, 1 - tiny)),
            "With probabilities {p} and tiny = {tiny} the surprise is "
            "another one. Keep p between `tiny` and 1 − `tiny`.",
            mistakes=[
                (
                    _cross_entropy(liked, p.clip(1e-7, 1 - 1e-7)),
                    "`tiny={tiny}` was asked for and made no difference: p should be "
                    "kept between `tiny` and 1 − `tiny`.",
                )
            ],
            atol=tolerance,
            p=str(p[order].tolist()),
            tiny=f"{tiny:g}",
        )


# --- 5.3 ---------------------------------------------------------------------

accuracy_and_its_worth = lesson.exercise(
    "5.3",
    "accuracy, and what it is worth",
    takes="accuracy_and_base_rate",
    notice="The base rate needs no model at all. An accuracy without it says nothing: 0.9 is "
    "poor where nine in ten are a yes.",
    hints=(
        "Somebody always answers “no”. How often are they right if 30 % are a yes? And how "
        "would you answer, without looking, if 70 % are?",
        "`np.ravel` brings both to the shape (n,). `probability >= 0.5` is the answer; "
        "compare it with `liked == 1` and take the mean. The commoner answer is the larger one "
        "of two shares.",
        "says_yes = np.ravel(...) >= ...\n"
        "share_of_yes = ...\n"
        "return np.mean(says_yes == ...), max(share_of_yes, ...)",
    ),
)


def _two_numbers(found):
    expect(
        isinstance(found, (tuple, list, np.ndarray)) and len(found) == 2,
        "Return two numbers: `return accuracy, base_rate`.",
        kind(found),
        "a tuple of 2",
    )
    return [number(one, "`accuracy_and_base_rate`") for one in found]


@accuracy_and_its_worth.part(points=2)
def counts_right_answers(accuracy_and_base_rate, rng):
    # Of 3 yes one is found, of 8 no five: no two of the shares below are equal.
    liked = np.repeat([1.0, 0.0], [3, 8])
    says = np.array([1, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0])
    order = rng.permutation(11)
    liked, says = liked[order], says[order]
    p = rng.uniform(0.05, 0.4, size=11) + 0.52 * says
    for turn in (False, True):
        y, q = (1 - liked, 1 - p) if turn else (liked, p)
        said = q >= 0.5
        accuracy, base_rate = 6 / 11, 8 / 11
        crossed = np.mean(said[:, None] == (y == 1))
        for given in (
            (y, q),
            (y.astype("float32"), q.astype("float32")[:, None]),
            (y.astype(int).tolist(), q[:, None].tolist()),
        ):
            found = _two_numbers(accuracy_and_base_rate(*given))
            expect(
                not np.allclose(found, [base_rate, accuracy], atol=1e-4),
                "Right numbers, wrong order: first the accuracy, then the base rate.",
                found,
                [accuracy, base_rate],
            )
            close(
                found[0],
                accuracy,
                "The accuracy is not the share of right answers.",
                mistakes=[
                    (1 - accuracy, "That is the share of *wrong* answers."),
                    (
                        crossed,
                        "Shape (n,) with shape (n, 1) makes (n, n): every answer was compared "
                        "with every truth. Bring both to one shape first.",
                    ),
                    (
                        np.mean(said),
                        "That is how often the model says yes, right or wrong.",
                    ),
                    (
                        np.mean(said & (y == 1)),
                        "Only a yes that is right counts here. A no can be right, too.",
                    ),
                    (11 * accuracy, "You counted them; the share is asked for."),
                ],
            )
            close(
                found[1],
                base_rate,
                "The base rate is the share of the commoner answer among the *true* ones.",
                mistakes=[
                    (
                        y.mean(),
                        "The base rate is the share of yes here; but no is the commoner "
                        "answer. Who always says the commoner one is right more often.",
                    ),
                    (
                        1 - y.mean(),
                        "The base rate is the share of no here; but yes is the commoner "
                        "answer. Who always says the commoner one is right more often.",
                    ),
                    (
                        max(said.mean(), 1 - said.mean()),
                        "That is what the *model* says more often. The base rate needs the "
                        "truth and no model.",
                    ),
                    (8, "You counted them; the share is asked for."),
                ],
            )


@accuracy_and_its_worth.part()
def half_is_a_yes(accuracy_and_base_rate, rng):
    _base_rate_of_good_models(accuracy_and_base_rate, rng)
    liked = np.array([1.0, 1, 1, 0, 0, 1, 0])
    p = np.array([0.5, 0.5, 0.5, 0.5, 0.2, 0.7, 0.6])
    order = rng.permutation(7)
    found = _two_numbers(accuracy_and_base_rate(liked[order], p[order, None]))
    close(
        found[0],
        5 / 7,
        "The accuracy is wrong where some probabilities are exactly 0.5.",
        mistakes=[
            (
                3 / 7,
                "A probability of exactly 0.5 came out as a no; *at least* 0.5 is a yes. "
                "(`np.round` sends 0.5 to 0.)",
            )
        ],
    )


def _base_rate_of_good_models(accuracy_and_base_rate, rng):
    """Check models that beat the base rate, also where yes and no are as common."""
    for n_yes, n_no, slips in ((3, 8, 1), (7, 4, 1), (5, 5, 2)):
        n = n_yes + n_no
        liked = np.repeat([1.0, 0.0], [n_yes, n_no])
        says = liked.copy()
        says[:slips] = 0
        p = rng.uniform(0.05, 0.4, size=n) + 0.52 * says
        order = rng.permutation(n)
        accuracy, base_rate = 1 - slips / n, max(n_yes, n_no) / n
        found = _two_numbers(accuracy_and_base_rate(liked[order], p[order]))
        close(found[0], accuracy, "The accuracy is not the share of right answers.")
        close(
            found[1],
            base_rate,
            "Of {n} ratings {n_yes} are a yes. The base rate is the share of the commoner "
            "answer among the *true* ones.",
            mistakes=[
                (
                    accuracy,
                    "This model is better than the base rate, and you returned its accuracy "
                    "as the base rate, too. The base rate needs the truth and no model.",
                ),
                (
                    says.mean(),
                    "That is how often the model says yes. The base rate needs the truth and "
                    "no model.",
                ),
            ],
            n=n,
            n_yes=n_yes,
        )


# --- 5.4 ---------------------------------------------------------------------

said_and_true = lesson.exercise(
    "5.4",
    "said and true",
    takes="calibration",
    notice="Look at `size` before you believe a row: a share of yes among five ratings says "
    "little about the model.",
    hints=(
        "In which bin is 0.37, and what has that to do with 0.37 · 10? Where does 1.0 · 10 lead?",
        "Number the bins with the whole part of p · n_bins, and bring the last number down "
        "by `np.minimum`. Then `groupby` that number: a bin that is empty does not even come up.",
        'frame = pd.DataFrame({"said": ..., "true": ...})\n'
        "bins = np.minimum((... * n_bins).astype(int), ...)\n"
        "table = frame.groupby(...).mean()\n"
        'table["size"] = ...',
    ),
)


def _bins_table(found, rows=None):
    """Return the three columns of what `calibration` gave, as one array."""
    expect(
        isinstance(found, pd.DataFrame),
        "Return a data frame, with the columns `said`, `true` and `size`.",
        kind(found),
        "a DataFrame",
    )
    missing = [
        name for name in ("said", "true", "size") if name not in list(found.columns)
    ]
    expect(
        not missing,
        "The column `{missing}` is missing.",
        [str(name) for name in found.columns],
        ["said", "true", "size"],
        missing="`, `".join(missing),
    )
    names = [one for one in found.columns if one in ("said", "true", "size")]
    expect(
        names != ["true", "said", "size"],
        "`said` and `true` have changed places: the mean probability, `said`, comes first.",
        names,
        ["said", "true", "size"],
    )
    expect(
        names == ["said", "true", "size"],
        "The columns should stand in this order: `said`, `true`, `size`.",
        names,
        ["said", "true", "size"],
    )
    values = [
        pd.to_numeric(found[name]).to_numpy("float64")
        for name in ("said", "true", "size")
    ]
    return np.column_stack(values)


def _grouped(p, liked, bins):
    """Return said, true and size of each bin, as one array."""
    return np.array(
        [
            [p[bins == one].mean(), liked[bins == one].mean(), np.sum(bins == one)]
            for one in np.unique(bins)
        ]
    )


def _same_table(found, p, liked, n_bins):
    bins = np.minimum((p * n_bins).astype(int), n_bins - 1)
    expected = _grouped(p, liked, bins)
    filled = len(expected)
    expect(
        not (
            len(found) > filled and (np.isnan(found).any() or (found[:, 2] == 0).any())
        ),
        "There are rows for empty bins. They have no mean and no share: leave them out.",
        say("{n} rows", n=len(found)),
        say("{n} rows", n=filled),
    )
    for wrong, explanation in (
        (
            pd.qcut(p, n_bins, labels=False, duplicates="drop"),
            "Those bins hold about equally many ratings each (quantiles). Bins of equal "
            "*width* are asked for.",
        ),
        (
            pd.cut(p, n_bins, labels=False),
            "Those bins divide the range from the smallest to the largest probability. They "
            "should divide 0…1, whatever the model says.",
        ),
        (
            np.round(p * n_bins).astype(int),
            "Those bins come from rounding: 0.19 has landed with 0.21. From 0.1 to just "
            "below 0.2 is one bin.",
        ),
        (
            np.minimum((p * 10).astype(int), 9),
            "There are ten bins; {n_bins} were asked for. Is `n_bins` used?",
        ),
    ):
        guess = _grouped(p, liked, wrong)
        expect(
            len(guess) == filled
            and np.allclose(guess[:, 2], expected[:, 2])
            or len(found) != len(guess)
            or not np.allclose(found[:, 2], guess[:, 2]),
            explanation,
            say("sizes {sizes}", sizes=found[:, 2].tolist()),
            say("sizes {sizes}", sizes=expected[:, 2].tolist()),
            n_bins=n_bins,
        )
    expect(
        len(found) == filled,
        "There should be one row for each bin that is not empty.",
        say("{n} rows", n=len(found)),
        say("{n} rows", n=filled),
    )
    expect(
        not np.isnan(found).any(),
        "There is a NaN (not a number) in the table.",
    )
    order = np.argsort(expected[:, 0])
    backwards = np.argsort(found[:, 0])
    expect(
        np.array_equal(backwards, order)
        or not np.allclose(found[backwards], expected, atol=1e-4),
        "The rows are right, but not in order: the lowest probabilities come first.",
        found[:, 0],
        expected[:, 0],
    )
    close(
        found[:, 2],
        expected[:, 2],
        "`size` should say how many ratings are in each bin.",
        mistakes=[
            (
                expected[:, 1] * expected[:, 2],
                "`size` counts the yes. It should count all ratings of the bin.",
            ),
            (
                expected[:, 2] / len(p),
                "`size` is a share here. It should count the ratings of the bin.",
            ),
        ],
    )
    expect(
        not np.allclose(found[:, [1, 0]], expected[:, :2], atol=1e-4),
        "`said` and `true` have changed places: the mean probability is what is said.",
    )
    numbers = np.unique(bins)
    close(
        found[:, 0],
        expected[:, 0],
        "`said` should be the mean of the probabilities in each bin.",
        mistakes=[
            (
                (numbers + 0.5) / n_bins,
                "`said` is the middle of each bin. What the model said there, on average, is "
                "asked for.",
            ),
            (
                numbers / n_bins,
                "`said` is where each bin begins. What the model said there, on average, is "
                "asked for.",
            ),
            (
                (numbers + 1) / n_bins,
                "`said` is where each bin ends. What the model said there, on average, is "
                "asked for.",
            ),
        ],
    )
    close(
        found[:, 1],
        expected[:, 1],
        "`true` should be the share of yes among the ratings of each bin.",
        mistakes=[
            (
                expected[:, 1] * expected[:, 2],
                "`true` counts the yes; their share is asked for.",
            ),
            (
                np.full(filled, liked.mean()),
                "`true` is the same in every bin: the share of yes of all ratings.",
            ),
            (1 - expected[:, 1], "`true` is the share of no here."),
        ],
    )


def _spread_over_bins(rng, n_bins, bins):
    """Draw probabilities that fill these bins from end to end, but for their edges."""
    probability, liked = [], []
    for place, one in enumerate(bins):
        inside = np.concatenate([[0.08, 0.92], rng.uniform(0.1, 0.35, size=place + 1)])
        probability.extend((one + inside) / n_bins)
        # One yes fewer than no in the first bins, then more.
        liked.extend(np.arange(len(inside)) < 1 + place // 2)
    order = rng.permutation(len(liked) - 1)
    # The fullest bin comes up first, so that the order of appearance is not the right one.
    order = np.append(len(liked) - 1, order)
    return np.array(probability)[order], np.array(liked, dtype="float64")[order]


@said_and_true.part(points=2)
def sorts_into_bins(calibration, rng):
    for n_bins, bins in ((10, [1, 3, 4, 6, 7]), (5, [0, 1, 3])):
        p, liked = _spread_over_bins(rng, n_bins, bins)
        given = (liked, p) if n_bins == 10 else (liked, p, n_bins)
        _same_table(_bins_table(calibration(*given)), p, liked, n_bins)


@said_and_true.part()
def takes_every_form(calibration, rng):
    p, liked = _spread_over_bins(rng, 10, [0, 2, 5, 8])
    for given in (
        (liked.astype("float32"), p.astype("float32")[:, None]),
        (liked.astype(int).tolist(), p.tolist()),
        (liked.astype(int).tolist(), p[:, None].tolist()),
    ):
        _same_table(_bins_table(calibration(*given)), p, liked, 10)


@said_and_true.part()
def knows_the_edges(calibration, rng):
    for n_bins, p in ((10, [0.91, 1.0, 0.97, 0.33]), (4, [1.0, 0.1])):
        p = np.array(p)
        liked = np.arange(len(p)) % 2 * 1.0
        found = _bins_table(calibration(liked, p, n_bins))
        rows = 2
        expect(
            not (len(found) > rows and np.isnan(found).any()),
            "There are rows for empty bins. They have no mean and no share: leave them out.",
            say("{n} rows", n=len(found)),
            say("{n} rows", n=rows),
        )
        expect(
            np.nansum(found[:, 2]) == len(p),
            "A rating has got lost: a probability of exactly 1 belongs to the last bin.",
            say("{n:.0f} ratings", n=np.nansum(found[:, 2])),
            f"{len(p)}",
        )
        expect(
            len(found) == rows,
            "A probability of exactly 1 has got a bin of its own, an eleventh one. It belongs "
            "to the last of the ten.",
            say("{n} rows", n=len(found)),
            say("{n} rows", n=rows),
        )
        _same_table(found, p, liked, n_bins)
    # Quarters are exact in floats, so there is no doubt on which side an edge lies.
    p = rng.permutation([0.0, 0.125, 0.25, 0.375, 0.5, 0.75, 0.8, 0.9])
    liked = rng.permutation([1.0, 1, 1, 0, 0, 0, 0, 1])
    found = _bins_table(calibration(liked, p, 4))
    expect(
        np.nansum(found[:, 2]) == len(p),
        "A rating has got lost: a probability of exactly 0 belongs to the first bin.",
        say("{n:.0f} ratings", n=np.nansum(found[:, 2])),
        f"{len(p)}",
    )
    lower = np.ceil(p * 4).clip(1)
    expect(
        len(found) != 4
        or not np.allclose(found[:, 2], _grouped(p, liked, lower)[:, 2]),
        "With four bins, 0.25 has landed in the first. From 0 to *just below* 0.25 is the "
        "first bin; an edge belongs to the bin above it (`right=False` in pd.cut).",
        say("sizes {sizes}", sizes=found[:, 2].tolist()),
        say("sizes {sizes}", sizes=[2.0, 2.0, 1.0, 3.0]),
    )
    _same_table(found, p, liked, 4)
    # A half is exact in floats, and 10 times a half, too; a tenth is not.
    p = rng.permutation([0.42, 0.5, 0.53, 0.91])
    liked = (p == 0.5) * 1.0
    found = _bins_table(calibration(liked, p))
    expect(
        len(found) != 3
        or not np.allclose(found[:, 2], [2, 1, 1])
        or not np.isclose(found[0, 0], 0.46, atol=1e-4),
        "With ten bins, 0.5 has landed in the one from 0.4 on. From 0.5 to just below 0.6 is "
        "the next. (A tenth is no exact float: `0.5 // 0.1` is 4. Multiply by `n_bins`.)",
        say("sizes {sizes}", sizes=[2, 1, 1]),
        say("sizes {sizes}", sizes=[1, 2, 1]),
    )
    _same_table(found, p, liked, 10)


# --- 5.5 ---------------------------------------------------------------------

find_the_leak = lesson.exercise(
    "5.5",
    "a mask that holds",
    takes="strike_out",
    closed=("helpers.ranking.mask_pairs",),
    notice="Minus infinity is below every number that a model can say, so nobody has to know "
    "how the model counts.",
    hints=(
        "Which number is smaller than every score that any model could give?",
        "Copy the matrix first: `scores[...] = …` writes into the one that you were given. Rows "
        "and columns of all the pairs can be given at once, as two lists in step.",
        "def strike_out(scores, seen):\n"
        "    struck = ...  # a copy\n"
        "    struck[..., ...] = ...\n"
        "    return ...",
    ),
)


def _scores_and_seen(rng):
    """Draw scores far below 0, and seen pairs in a frame with odd rows and columns.

    One user has seen nothing, the others their best movie and one more. One movie,
    the lowest for all, has been seen by nobody.
    """
    users, movies = rng.permutation(6)[:5], rng.permutation(8)
    pairs = [
        (user, movies[i + step]) for i, user in enumerate(users) for step in (0, 1)
    ]
    scores = rng.uniform(-8, -5, size=(6, 8))
    scores[:, movies[7]] -= 4
    # The lowest of all belongs to somebody who has seen something: in that row, what is
    # level with it shows.
    scores[users[0], movies[7]] -= 4
    for user, movie in pairs[::2]:
        scores[user, movie] += 4
    user, movie = rng.permutation(pairs).T
    seen = pd.DataFrame(
        {"timestamp": rng.integers(100, 999, 10), "movie": movie, "user": user},
        index=rng.permutation(10) + 30,
    )
    return scores, seen


@find_the_leak.part()
def strikes_out_what_was_seen(strike_out, rng):
    scores, seen = _scores_and_seen(rng)
    found = strike_out(scores, seen)
    _leaves_alone(strike_out)
    found = _struck_scores(found, scores.shape)
    is_seen = np.zeros(scores.shape, dtype=bool)
    is_seen[seen["user"], seen["movie"]] = True
    kept = np.isclose(found, scores, rtol=1e-5, atol=1e-6)
    rows = np.broadcast_to(is_seen.any(axis=1)[:, None], scores.shape)
    columns = np.broadcast_to(is_seen.any(axis=0), scores.shape)
    for struck, explanation in (
        (
            rows,
            "All movies of these users are struck out. Only the seen *pairs* should be: row and "
            "column together.",
        ),
        (
            columns,
            "Movies that one user has seen are struck out for all of them. Only the seen "
            "*pairs* should be: row and column together.",
        ),
        (
            rows & columns,
            "Every user in `seen` has lost every movie in `seen`. Only the *pairs* should be "
            "struck out: row and column in step.",
        ),
    ):
        expect((kept == struck).any(), explanation)
    expect(
        not kept.all(),
        "Nothing has been struck out: the scores came back as they were.",
    )
    expect(
        kept[~is_seen].all(),
        "Scores of movies that were *not* seen have changed, too. They should stay as they "
        "are, with all their decimals.",
        say("{n} changed", n=int((~kept[~is_seen]).sum())),
        "0",
    )
    _is_behind(found, scores, is_seen)


@find_the_leak.part()
def strikes_out_however_low(strike_out, rng):
    scores, seen = _scores_and_seen(rng)
    is_seen = np.zeros(scores.shape, dtype=bool)
    is_seen[seen["user"], seen["movie"]] = True
    zeros = np.zeros(scores.shape)
    found = _struck_scores(strike_out(zeros, seen), zeros.shape)
    expect(
        (found[~is_seen] == 0).all(),
        "Scores of movies that were *not* seen have changed, too. They should stay as they are.",
    )
    expect(
        (found[is_seen] < 0).all(),
        "Where all scores are 0, the seen movies get {value}, and are not below the rest. A "
        "number made of the scores depends on them: which one is below every score?",
        value=float(found[is_seen].max()),
    )
    for scale in (1.0, 300.0, 1e6, 1e30):
        for dtype in ("float64", "float32"):
            low = (scores * scale).astype(dtype)
            found = _struck_scores(strike_out(low, seen), low.shape)
            expect(
                np.isclose(found, low, rtol=1e-5)[~is_seen].all(),
                "Scores of movies that were *not* seen have changed, too. They should stay as "
                "they are.",
            )
            _is_behind(found, low, is_seen)


def _leaves_alone(strike_out):
    expect(
        0 not in strike_out.changed,
        "You changed the matrix that was given to you. Make a copy first: whoever called "
        "`strike_out` still needs the scores.",
    )
    expect(
        1 not in strike_out.changed,
        "You changed the data frame `seen` that was given to you. Make a copy first.",
    )


def _struck_scores(found, shape):
    try:
        found = np.asarray(found, dtype="float64")
    except (TypeError, ValueError):
        raise NotYet(
            "`strike_out` should return a matrix of numbers.", kind(found)
        ) from None
    expect(
        found.shape == shape,
        "`strike_out` should return all scores, in the shape they came in.",
        say("shape {shape}", shape=found.shape),
        say("shape {shape}", shape=shape),
    )
    expect(
        not np.isnan(found).any(),
        "Seen movies are NaN now. Sorting puts NaN where it likes, and `argmax` takes it for "
        "the best: use a number that is below all the others.",
    )
    return found


def _is_behind(found, scores, is_seen):
    """Check that in each row everything seen is below all the rest."""
    lowest = np.where(is_seen, np.inf, found).min(axis=1, keepdims=True)
    behind = np.where(is_seen, found < lowest, True)
    if behind.all():
        return
    values = found[is_seen]
    example = f"{float(scores.min()):.4g}"
    expect(
        not (values == 0).all(),
        "Seen movies have the score 0. These scores go down to {low}: 0 puts the seen movies "
        "at the top of the list. Which number is below every score?",
        low=example,
    )
    expect(
        not np.isposinf(values).all(),
        "Plus infinity puts the seen movies in front. Which way is the list sorted?",
    )
    expect(
        (values != values[0]).any() or values[0] > scores.min(),
        "At scores down to {low} the struck-out ones are level with the lowest of the rest. "
        "(Floats have some 16 digits: −1e30 − 1 is −1e30.) Which number is below every score?",
        low=example,
    )
    expect(
        (values != values[0]).any(),
        "Seen movies have the score {value}. A model whose scores go down to {low} ranks some "
        "unseen movies behind that. Which number is below every score?",
        value=float(values[0]),
        low=example,
    )
    changed = ~np.isclose(found, scores)
    expect(
        changed[is_seen].all(),
        "Not all seen pairs are struck out.",
        say("{n} pairs", n=int(changed[is_seen].sum())),
        f"{int(is_seen.sum())}",
    )
    raise NotYet(
        "Some seen movies still rank in front of unseen ones. The scores go down to {low}: "
        "which number is below every score?",
        low=example,
    )


# --- 5.6 ---------------------------------------------------------------------

one_list = lesson.exercise(
    "5.6",
    "NDCG of one list",
    takes="ndcg_of_one",
    closed=("helpers.ranking.ndcg_at_k",),
    notice="The scores themselves never count, only the order they make: double them all, and "
    "nothing changes. RMSE sees just the opposite.",
    hints=(
        "Which movie stands in place 1 of the list, and which would stand there in the perfect "
        "list? What does each of the two get for it?",
        "`np.argsort(-scores)` lists the movies, best first. The discount of place p is "
        "1 / log2(p + 1), with p from 1. Cut both lists after k places: the one that is shown, "
        "and the perfect one. For a k beyond the end there are just fewer places.",
        "places = np.arange(1, len(relevance) + 1)\n"
        "discount = (1 / np.log2(...))[:k]\n"
        "gained = np.sum(relevance[np.argsort(...)][:k] * ...)\n"
        "possible = np.sum(np.sort(relevance)[...][:k] * ...)\n"
        "return ... / ...",
    ),
)


def _dcg(gains, k, discount=None):
    discount = (
        1 / np.log2(np.arange(2, len(gains) + 2)) if discount is None else discount
    )
    return float(np.sum((gains * discount)[:k]))


def _ndcg_and_mistakes(relevance, scores, k):
    """Return NDCG@k, and what typical mistakes give instead."""
    n = len(relevance)
    shown, ideal = relevance[np.argsort(-scores)], np.sort(relevance)[::-1]
    places = np.arange(1, n + 1)
    old = 1 / np.log2(np.maximum(places, 2))
    late = 1 / np.log2(places + 2)
    right = _dcg(shown, k) / _dcg(ideal, k)
    as_places = np.argsort(-scores)
    seen_places = as_places < k
    candidates = [
        (_dcg(shown, k), "That is the DCG. Divide by what the perfect list would get."),
        (
            _dcg(shown, n) / _dcg(ideal, n),
            "That counts all places; only the first `k` should count.",
        ),
        (
            _dcg(shown, k) / _dcg(ideal, n),
            "The perfect list is not cut after `k` places. With k places, k movies are all "
            "that anybody can show.",
        ),
        (
            _dcg(shown, n) / _dcg(ideal, k),
            "The list that is shown is not cut after `k` places.",
        ),
        (
            _dcg(shown, k) / _dcg(ideal[::-1], k),
            "The “perfect” list starts with the worst movies: `np.sort` sorts upwards.",
        ),
        (
            _dcg(shown[::-1], k) / _dcg(ideal, k),
            "The list starts with the movie of the lowest score: `np.argsort` sorts upwards.",
        ),
        (
            _dcg(shown, k) / _dcg(np.sort(shown[:k])[::-1], k),
            "You sorted the k movies that are shown. The perfect list is made of *all* "
            "movies, also of those that were not shown.",
        ),
        (
            _dcg(2.0**shown - 1, k) / _dcg(2.0**ideal - 1, k),
            "That pays 2^r − 1 for a movie of r stars, as some papers do. Here a movie pays its "
            "stars.",
        ),
        (
            _dcg(1.0 * (shown > 0), k) / _dcg(1.0 * (ideal > 0), k),
            "That counts every rated movie as 1. A movie pays its stars.",
        ),
        (
            _dcg(shown, k, old) / _dcg(ideal, k, old),
            "Place 1 pays 1/log2(2), place 2 pays 1/log2(3): the discount is one place off, the "
            "first two places got the same.",
        ),
        (
            _dcg(shown, k, late) / _dcg(ideal, k, late),
            "The discount is one place off: p starts at 1, so the first divisor is log2(2) = 1.",
        ),
        (
            _dcg(shown, k, 1 / places) / _dcg(ideal, k, 1 / places),
            "The discount is 1/p here; it should be 1/log2(p + 1).",
        ),
        (
            shown[:k].sum() / ideal[:k].sum(),
            "Every place pays the same. The pay should shrink with the place.",
        ),
        (
            _dcg(relevance, k) / _dcg(ideal, k),
            "The movies are not sorted by their scores.",
        ),
        (
            np.sum((relevance / np.log2(as_places + 2))[seen_places]) / _dcg(ideal, k),
            "`np.argsort` does not say in which place a movie stands, but which movie stands "
            "in a place.",
        ),
        (
            _dcg(np.sort(scores)[::-1], k) / _dcg(ideal, k),
            "The scores themselves do not count: they only decide the order.",
        ),
    ]
    return right, candidates


def _one_user(rng, k):
    """Draw relevance and scores so that no mistake comes near the right value."""
    stars = np.array([5, 4, 3.5, 2, 1, 3, 4.5, 0, 0])
    while True:
        relevance, scores = rng.permutation(stars), rng.normal(size=9).round(3) - 0.3
        if np.diff(np.sort(scores)).min() < 0.01:
            continue
        right, mistakes = _ndcg_and_mistakes(relevance, scores, k)
        values = np.sort([right, *(value for value, _ in mistakes)])
        apart = np.abs(np.array([value for value, _ in mistakes]) - right).min()
        if right > 0.2 and apart > 0.004 and np.diff(values).min() > 0.001:
            return relevance, scores, right, mistakes


@one_list.part(points=3)
def measures_one_list(ndcg_of_one, rng):
    for k in (5, 3, 6):
        relevance, scores, right, mistakes = _one_user(rng, k)
        found = ndcg_of_one(relevance, scores, k)
        for place, name in enumerate(("relevance", "scores")):
            expect(
                place not in ndcg_of_one.changed,
                "You changed `{name}`, which was given to you: `.sort()` sorts in place. "
                "`np.sort` makes a copy.",
                name=name,
            )
        expect(
            not np.isscalar(found) or np.isfinite(found),
            "That is no finite number. Where is the first place, p = 1? 1/log2(p) would divide "
            "by 0; the discount is 1/log2(p + 1).",
            found,
            right,
        )
        close(
            number(found, "`ndcg_of_one`"),
            right,
            "That is not the NDCG@{k} for relevance {relevance} and scores {scores}.",
            mistakes,
            k=k,
            relevance=str(relevance.tolist()),
            scores=str(scores.tolist()),
        )
        found = ndcg_of_one(relevance.tolist(), scores.tolist(), k)
        close(
            number(found, "`ndcg_of_one`"),
            right,
            "With lists instead of arrays the answer is another one.",
        )


@one_list.part()
def goes_beyond_the_end(ndcg_of_one, rng):
    relevance, scores, *_ = _one_user(rng, 5)
    errors = ndcg_of_one.error_of(relevance, scores, 20)
    expect(
        not errors,
        "With k = 20 and only 9 movies your code stops with {error}. A list that is shorter "
        "than k counts all of its places.",
        error=(errors or [""])[0],
    )
    found = number(ndcg_of_one(relevance, scores, 20), "`ndcg_of_one`")
    right, _ = _ndcg_and_mistakes(relevance, scores, 20)
    close(
        found,
        right,
        "With k = 20 and only 9 movies, all nine places should count.",
    )


# --- 5.7 ---------------------------------------------------------------------

draw_negatives = lesson.exercise(
    "5.7",
    "draw negatives",
    takes="sample_negatives",
    notice="Nobody has said no to these movies. They are only *mostly* a no, and drawn afresh "
    "each epoch, so that a wrong one does not stay.",
    hints=(
        "You want k movies for each entry of `users`. How often does each user have to come up, "
        "so that users and movies stand side by side?",
        "`np.repeat(users, k)` and `rng.integers(0, n_movies, size=…)`: the upper end is left "
        "out. Which of these pairs are 0 in `rated`? Keep those, on both sides.",
        "user = np.repeat(...)\n"
        "movie = rng.integers(0, ..., size=...)\n"
        "unrated = rated[..., ...] == 0\n"
        "return user[...], ...",
    ),
)


def _pairs_drawn(sample_negatives, users, rated, k, seed):
    found = sample_negatives(users, rated, k, Dice(seed))
    expect(
        0 not in sample_negatives.changed,
        "You changed `users`, which was given to you. Make a copy first.",
    )
    expect(
        1 not in sample_negatives.changed,
        "You changed `rated`, which was given to you: it holds training ratings, and should "
        "hold nothing else.",
    )
    expect(
        isinstance(found, (tuple, list)) and len(found) == 2,
        "Return two arrays: `return user, movie`.",
        kind(found),
        "a tuple of 2",
    )
    for one, name in zip(found, ("user", "movie"), strict=True):
        expect(
            isinstance(one, np.ndarray),
            "`{name}` should be a NumPy array: `np.array(…)` makes one of a list.",
            kind(one),
            "an array",
            name=name,
        )
    user, movie = (array(one, what="`sample_negatives`") for one in found)
    expect(
        user.ndim == movie.ndim == 1 and len(user) == len(movie),
        "`user` and `movie` should be of one length, so that they make pairs. Does each user "
        "come up as often as movies are drawn for them, and is the same thrown away on both "
        "sides?",
        say("shapes {user} and {movie}", user=user.shape, movie=movie.shape),
        "equal shapes (m,)",
    )
    for one, name in zip(found, ("user", "movie"), strict=True):
        expect(
            np.asarray(one).dtype.kind in "iu" or len(user) == 0,
            "`{name}` should hold whole numbers: an index cannot be a float.",
            kind(one),
            "dtype int",
            name=name,
        )
    user, movie = user.astype(int), movie.astype(int)
    expect(
        np.isin(user, users).all(),
        "There are users whom nobody asked for. (First `user`, then `movie`?)",
        np.setdiff1d(user, users).tolist(),
        say("users among {users}", users=np.unique(users).tolist()),
    )
    n_movies = rated.shape[1]
    expect(
        (movie >= 0).all() and (movie < n_movies).all(),
        "There are movies that do not exist: the last one is number {last}.",
        int(movie.max(initial=0)),
        n_movies - 1,
        last=n_movies - 1,
    )
    return user, movie


def _users_and_rated(rng, dtype):
    n_users, n_movies = 6, 9
    rated = np.zeros((n_users, n_movies), dtype=dtype)
    # The first and the last movie are free for everybody, and no movie is rated by all
    # of the users below.
    middle = 1 + rng.permutation(n_movies - 2)
    for user, row in enumerate(rated):
        row[middle[(user + np.arange(3)) % 7]] = 1
    users = rng.permutation([4, 1, 5, 2, 1])
    return users, rated


def _seeds(rng, n):
    return [int(seed) for seed in rng.choice(2**31, size=n, replace=False)]


@draw_negatives.part(points=2)
def draws_what_is_not_rated(sample_negatives, rng):
    for dtype, seed in zip(("float32", "int64"), _seeds(rng, 2), strict=True):
        users, rated = _users_and_rated(rng, dtype)
        k = 1500
        user, movie = _pairs_drawn(sample_negatives, users, rated, k, seed)
        expect(len(user) > 0, "Not one pair came out.")
        expect(
            len(user) > len(users),
            "There is at most one movie for each entry of `users`. `k` of them are asked for.",
            say("{n} pairs", n=len(user)),
            say("at most {n}, with k = {k}", n=len(users) * k, k=k),
        )
        wrong = rated[user, movie] != 0
        expect(
            not wrong.all(),
            "All of these movies *are* rated by their users. Keep those with a 0 in `rated`.",
        )
        expect(
            not wrong.any(),
            "Some of these movies are rated by their users. Look up each pair in `rated`, user "
            "and movie in step, and throw away those with a 1.",
            say("{n} of {n_all} are rated", n=int(wrong.sum()), n_all=len(wrong)),
            say("none"),
        )
        expect(
            len(user) <= len(users) * k,
            "Those are too many: `k` draws for each entry of `users` are asked for.",
            say("{n} pairs", n=len(user)),
            say("at most {n}", n=len(users) * k),
        )
        drawn = np.zeros(rated.shape, dtype=bool)
        drawn[user, movie] = True
        never = ~drawn[np.unique(users)].any(axis=0)
        _misses_nobody(never, rated.shape)
        missing = (~drawn & (rated == 0))[np.unique(users)]
        expect(
            not missing.any(),
            "In 1,500 draws a user never met some of the movies that they have not rated. Is "
            "each draw a new one?",
            say(
                "{n} of {n_all} unrated pairs never came up",
                n=int(missing.sum()),
                n_all=int((rated == 0)[np.unique(users)].sum()),
            ),
            "each of them comes up",
        )
        chances = np.sum(rated[users] == 0, axis=0)
        _draws_evenly(np.bincount(movie, minlength=rated.shape[1]) / chances)


def _misses_nobody(never, shape):
    n_users, n_movies = shape
    last = np.arange(n_movies) == n_movies - 1
    expect(
        not (never == last).all(),
        "The last movie is never drawn: `rng.integers(low, high)` leaves `high` out by itself.",
    )
    expect(
        not (never == (np.arange(n_movies) == 0)).all(),
        "The first movie is never drawn: movies are numbered from 0.",
    )
    expect(
        not (never == (np.arange(n_movies) >= n_users)).all(),
        "Only as many movies are drawn as there are users. The movies are the *columns* of "
        "`rated`.",
    )
    expect(
        not never.any(),
        "Some movies are never drawn, though nobody has rated them all.",
        say("never: {movies}", movies=np.flatnonzero(never).tolist()),
    )


def _draws_independently(counts):
    """Check that counts scatter as those of a die do, each user's in its own way."""
    n = len(counts[0])
    squares = [np.sum((one - one.mean()) ** 2) / one.mean() for one in counts]
    # Each has n - 1 = 8 on average; that three together stay below 2 never happens.
    expect(
        sum(squares) > 2,
        "The draws are too even: each movie comes up just as often as any other, as if they "
        "went round in turn. Draw each one anew: `rng.integers` with `size`.",
        say("{counts} times each", counts=counts[0].tolist()),
        "now more, now less, as with a die",
    )
    for place, one in enumerate(counts):
        for other in counts[:place]:
            expect(
                not any(np.array_equal(np.roll(one, step), other) for step in range(n)),
                "Two users' draws are the same ones, shifted. Draw for each of them anew: "
                "`size` should be as long as all pairs together.",
            )


def _draws_evenly(shares):
    """Check that the movies come up about equally often, where they may."""
    shares = shares / shares.sum()
    even = 1 / len(shares)
    expect(
        shares.min() > 0.65 * even and shares.max() < 1.35 * even,
        "Some movies are drawn much more often than others. Each should be as likely as any "
        "other that the user has not rated.",
        shares.round(3).tolist(),
        say("about {share:.3f} each", share=even),
    )


@draw_negatives.part()
def draws_k_for_each(sample_negatives, rng):
    users, rated = _users_and_rated(rng, "float32")
    nothing = np.zeros_like(rated)
    k = 400
    (seed,) = _seeds(rng, 1)
    user, movie = _pairs_drawn(sample_negatives, users, nothing, k, seed)
    expect(
        len(user) != k * len(np.unique(users)),
        "Each user was served once. A user who stands in `users` twice should get twice as many.",
        say("{n} pairs", n=len(user)),
        f"{len(users) * k}",
    )
    expect(
        len(user) == len(users) * k,
        "Where nobody has rated anything, nothing is thrown away: k draws for each of the "
        "{n} entries of `users`.",
        say("{n} pairs", n=len(user)),
        say("{n}, with k = {k}", n=len(users) * k, k=k),
        n=len(users),
    )
    n_users = len(rated)
    expect(
        np.array_equal(
            np.bincount(user, minlength=n_users),
            k * np.bincount(users, minlength=n_users),
        ),
        "Not every user got k movies for each time that they stand in `users`.",
        np.bincount(user, minlength=n_users).tolist(),
        (k * np.bincount(users, minlength=n_users)).tolist(),
    )
    once = [one for one in np.unique(users) if np.sum(users == one) == 1]
    counts = [np.bincount(movie[user == one], minlength=9) for one in once]
    expect(
        max(np.count_nonzero(one) for one in counts) > 1,
        "Each user gets one movie, k times over. Draw k times for each entry of `users`.",
    )
    expect(
        not all(np.array_equal(one, counts[0]) for one in counts),
        "All users get the same draws. Draw for each of them: `size` should be as long as all "
        "pairs together.",
    )
    _draws_independently(counts)
    share = np.bincount(movie, minlength=rated.shape[1]) / len(movie)
    _misses_nobody(share == 0, rated.shape)
    _draws_evenly(share)


@draw_negatives.part()
def uses_the_rng_it_is_given(sample_negatives, rng):
    users, rated = _users_and_rated(rng, "float32")
    one, other = _seeds(rng, 2)
    first, again, different = (
        np.vstack(_pairs_drawn(sample_negatives, users, rated, 40, seed))
        for seed in (one, one, other)
    )
    expect(
        np.array_equal(first, again),
        "The same `rng` gave two different draws. Take all randomness from the `rng` that you "
        "are given (`rng.integers`), and none from `np.random`: else nobody can repeat your "
        "experiment.",
    )
    expect(
        not np.array_equal(first, different),
        "Two different generators gave the same draws: `rng` is not used, or replaced by one "
        "with a seed of its own. Then every epoch would get the same negatives.",
    )


# --- questions ---------------------------------------------------------------

lesson.question(
    "5.a",
    "A list should not show what the user has seen. For which of these scores is 0 *not* below "
    "all of them, so that a seen movie set to 0 may come out on top?",
    (
        "Predicted stars, from 1 to 5",
        "For stars 0 is at the bottom: the published mask works there, and that is why nobody "
        "noticed.",
    ),
    (
        "Probabilities, after a sigmoid",
        "A probability is never below 0, so 0 is at the bottom here, too. Look at the score "
        "before its sigmoid.",
    ),
    (
        "Scores before the sigmoid (logits)",
        "Half of them or more are below 0, wherever the model says no. A seen movie at 0 would "
        "stand in front of all of these.",
    ),
    (
        "Numbers of ratings (popularity)",
        "A count is never below 0. At worst a seen movie is level with one that nobody has "
        "rated.",
    ),
    right=2,
)

lesson.question(
    "5.b",
    "Six ways to make lists: four models (stars or yes/no, dot + bias or deep), popularity and "
    "chance. Put the six in order: which one comes out on top, by NDCG@10?",
    (
        "The deep models: they have the most layers",
        "They are as good as the others at a yes or no. A list is another question, and more "
        "layers do not ask it.",
    ),
    (
        "The yes/no models: what is liked is what a list needs",
        "They can tell a liked from a disliked movie, *if* it was watched. Have they ever seen "
        "one that was not?",
    ),
    (
        "The models for stars: their AUC was even a little higher",
        "AUC was measured among rated movies. On the list they meet all the others, too.",
    ),
    (
        "Popularity: the same list for all",
        "It is the only one of the six that knows what people watch. Run on, and see by how much.",
    ),
    (
        "Nothing beats chance: the test ratings are few",
        "Few they are, but people's choices are far from chance: they watch what everybody "
        "watches.",
    ),
    right=3,
)
