"""Lesson 05, yes or no, and lists: checks."""

import numpy as np
import pandas as pd

from helpers.checks.asserts import (
    EXACT,
    NotYet,
    are_distinguishable,
    array,
    close,
    close_at,
    diagnose,
    expect,
    expect_no_error,
    expect_pair,
    format_both,
    has_shape,
    is_array,
    kind,
    number,
)
from helpers.checks.exercise import Lesson
from helpers.checks.model_asserts import predicts_as_called
from helpers.checks.proxies import ModelProxy, SeededGenerator
from helpers.i18n import gettext

lesson = Lesson.read("05")

# --- 5.1 ---------------------------------------------------------------------

lesson["5.1"].forbidden.append("sklearn.metrics.log_loss")


@lesson["5.1"].part()
def maps_scores_to_probabilities(sigmoid, rng):
    shapes = [(2, 3), (int(rng.integers(3, 8)),), (4, 1), (1, 2, 2)]
    for place in rng.permutation(len(shapes)):
        shape = shapes[place]
        scores = rng.uniform(0.3, 3, size=shape) * rng.choice([-1, 1], size=shape)
        scores.flat[0] = -abs(scores.flat[0]) - 1
        scores.flat[-1] = rng.uniform(3, 9)
        power, cut_off = np.exp(scores), scores.clip(0, 1)
        falling = 1 / (1 + power)
        softmax = power / power.sum(), power / power.sum(-1)[..., None]
        mistakes = {
            "That falls where the score rises: look at the sign in the exponent.": falling,
            "That is tanh: it runs from −1 to 1.": np.tanh(scores),
            "Brackets: the 1 is divided by all of (1 + e^(−s)).": 1 + 1 / power,
            "That is a softmax: the scores share one 1.": softmax,
            "That only cuts off what is outside 0…1.": cut_off,
        }
        found = array(sigmoid(scores), shape, "`sigmoid`")
        right = 1 / (1 + np.exp(-scores))
        reason = "That is not 1 / (1 + e^(−s)) for the scores {scores}."
        close(found, right, reason, mistakes, scores=str(scores.round(2).tolist()))
    for score, right in rng.permutation([(800.0, 1.0), (-800.0, 0.0)]).tolist():
        reason = (
            "For a score of {score} that is NaN: e^800 is too large for a float, so it is ∞, and "
            "∞/∞ is NaN. Write the formula as it stands: 1 / (1 + e^(−s))."
        )
        found = array(sigmoid(np.array([score])), (1,), "`sigmoid`", nan=True)
        expect(not np.isnan(found).any(), reason, found, right, score=score)
        close(
            found, np.array([right]), "Large scores come out wrong: 1 or 0, or nearly."
        )


def _forms(rng, liked, probability):
    """Return what "array_like" promises, and how to call it."""
    column, whole = probability.astype("float32")[:, None], liked.astype(int)
    forms = [
        ((liked.astype("float32"), column), "with shape (n, 1)"),
        ((whole, column), "with shape (n, 1)"),
        ((whole.tolist(), probability[:, None].tolist()), "with lists"),
        ((whole.tolist(), probability.tolist()), "with lists"),
    ]
    others = [forms[place] for place in rng.permutation(len(forms))]
    return [((liked, probability), "with arrays of shape (n,)"), *others]


def _cross_entropy(liked, p):
    return -np.mean(liked * np.log(p) + (1 - liked) * np.log(1 - p))


def _mistaken_losses(liked, p):
    yes, no = liked * np.log(p), (1 - liked) * np.log(1 - p)
    n, right = len(liked), _cross_entropy(liked, p)
    swapped, squared = _cross_entropy(1 - liked, p), np.mean((liked - p) ** 2)
    of_yes, of_no = yes.sum() / liked.sum(), no.sum() / (1 - liked).sum()
    base_10 = right / np.log(10)
    return {
        "The minus sign is missing: the logarithm of a probability is negative.": -right,
        "You added the ratings up; the loss is their mean.": right * n,
        "You added the ratings up; the loss is minus their mean.": -right * n,
        "That is the logarithm to base 2. The formula's is natural.": right / np.log(2),
        "That is the logarithm to base 10. The formula's is natural.": base_10,
        "Only the half of the yes counts: what of the ratings with y = 0?": -yes.mean(),
        "Only the half of the no counts: what of the ratings with y = 1?": -no.mean(),
        "Only the ratings with a yes count: what of those with y = 0?": -of_yes,
        "Only the ratings with a no count: what of those with y = 1?": -of_no,
        "Yes and no have changed places: log p belongs to y = 1.": swapped,
        "That is the mean squared error, not the log loss.": squared,
        "Shape (n,) with shape (n, 1) makes (n, n): each rating has met every probability. Bring "
        "both to one shape first.": _cross_entropy(liked, p[:, None]),
    }


@lesson["5.1"].part(points=2)
def is_the_mean_cross_entropy(log_loss, rng):
    apart = False
    while not apart:
        n_yes = int(rng.integers(2, 5))
        n_no = n_yes + int(rng.integers(2, 6))
        liked = np.repeat([1.0, 0.0], [n_yes, n_no])
        # Probabilities far from 0 and 1.
        p = rng.uniform(0.08, 0.42, size=len(liked)) + rng.choice([0, 0.5], len(liked))
        liked, p = rng.permutation([liked, p], axis=1)
        right, mistakes = _cross_entropy(liked, p), _mistaken_losses(liked, p)
        apart = are_distinguishable(right, mistakes)
    for given, how in _forms(rng, liked, p):
        found = log_loss(*given)
        reason = (
            "That is the log loss of each rating. Return the mean over all of them."
        )
        shown = kind(found), "one number"
        expect(np.shape(found) not in {(len(liked),), (len(liked), 1)}, reason, *shown)
        reason = "That is not the mean binary cross-entropy ({how})."
        close(number(found, "`log_loss`"), right, reason, mistakes, **EXACT, how=how)


@lesson["5.1"].part()
def stays_finite(log_loss, rng):
    # Predictions of exactly 0 or 1, right and wrong, for a yes and for a no.
    certain = [(1.0, 1), (0.0, 1), (0.0, 0), (1.0, 0)]
    cases = [*([one] for one in certain), [(0.0, 1), (1.0, 0)], "near"]
    for place in [*rng.permutation(len(cases) - 1), len(cases) - 1]:
        n = int(rng.integers(3, 7))
        liked, p = rng.integers(2, size=n) * 1.0, rng.uniform(0.2, 0.8, size=n)
        tiny = float(10.0 ** -rng.integers(4, 7))
        sure = cases[place]
        if sure == "near":
            sure = [(tiny * rng.uniform(0.3, 0.7), 1)]
        elif rng.integers(2):
            tiny = 1e-7
        p, liked = rng.permutation(np.hstack([[p, liked], np.transpose(sure)]), axis=1)
        found = log_loss(liked, p, **({} if tiny == 1e-7 else {"tiny": tiny}))
        is_finite = not isinstance(found, float) or np.isfinite(found)
        reason = (
            "A probability is exactly 0 or 1, and the loss is no finite number: log 0 is minus "
            "infinity, and 0 · ∞ is undefined. Keep p between `tiny` and 1 − `tiny`."
        )
        expect(is_finite, reason, found, "a finite number")
        # In float32, 1 − 1e-7 is off by a sixth of 1e-7.
        tolerance = 0.2 * len(sure) / len(p) if tiny < 1e-6 else 0.02
        right = _cross_entropy(liked, p.clip(tiny, 1 - tiny))
        mistakes = {
            "`tiny={tiny}` makes no difference here: p should be kept between `tiny` and "
            "1 − `tiny`.": _cross_entropy(liked, p.clip(1e-7, 1 - 1e-7)),
            "You add `tiny` to p and to 1 − p. A p below `tiny` counts as `tiny`: set it to that "
            "(`np.clip`).": -np.mean(
                liked * np.log(p + tiny) + (1 - liked) * np.log(1 - p + tiny)
            ),
        }
        reason = (
            "That is not the log loss for the probabilities {p} and tiny = {tiny}. Keep p "
            "between `tiny` and 1 − `tiny`."
        )
        given = {"p": str(p.round(9).tolist()), "tiny": f"{tiny:g}"}
        found = number(found, "`log_loss`")
        close(found, right, reason, mistakes, atol=tolerance, **given)


# --- 5.2 ---------------------------------------------------------------------


def _two_numbers(found):
    is_list = isinstance(found, (tuple, list, np.ndarray))
    reason, shown = "Return two numbers: `return accuracy, base_rate`.", kind(found)
    expect(is_list and np.shape(found)[:1] == (2,), reason, shown, "a tuple of 2")
    return [number(one, "`accuracy_and_base_rate`") for one in found]


def _model_of(rng, n_yes, n_no, right_yes, right_no):
    """Draw the truth and a model's probabilities, of which so many are right."""
    liked = np.repeat([1.0, 0.0], [n_yes, n_no])
    n, sizes = len(liked), [right_yes, n_yes - right_yes, n_no - right_no, right_no]
    predicted = np.repeat([1, 0, 1, 0], sizes)
    p = np.where(predicted, rng.uniform(0.55, 1, size=n), rng.uniform(0, 0.45, size=n))
    return rng.permutation([liked, p], axis=1)


def _mistaken_accuracies(liked, p):
    predicted, truth = p >= 0.5, liked == 1
    accuracy, n = np.mean(predicted == truth), len(liked)
    right_yes, right_no = np.mean(predicted & truth), np.mean(~predicted & ~truth)
    found_yes = np.mean(predicted[truth])
    return {
        "That is the share of *wrong* answers.": 1 - accuracy,
        "Shape (n,) with shape (n, 1) makes (n, n): every answer was compared with "
        "every truth. Bring both to one shape first.": np.mean(
            predicted[:, None] == truth
        ),
        "That is how often the model predicts a yes, right or wrong.": np.mean(
            predicted
        ),
        "Only a yes that is right counts here. A no can be right, too.": right_yes,
        "Only a no that is right counts here. A yes can be right, too.": right_no,
        "That is the share of right answers where the model predicts a yes. Where it predicts "
        "a no, it can be right, too.": np.mean(truth[predicted]),
        "That is the share of the yes that the model finds. A no can be right, too.": found_yes,
        "You counted them; the share is asked for.": n * accuracy,
    }


def _mistaken_base_rates(liked, p):
    predicted, yes = np.mean(p >= 0.5), np.mean(liked)
    return {
        "That is the share of the rarer answer, {rarer} here. Always giving the "
        "more common one is right more often.": min(yes, 1 - yes),
        "That is what the *model* predicts more often. The base rate needs the truth and "
        "no model.": max(predicted, 1 - predicted),
        "You returned the model's accuracy as the base rate, too. The base rate needs "
        "the truth and no model.": np.mean((p >= 0.5) == (liked == 1)),
        "That is how often the model predicts a yes. The base rate needs no model.": predicted,
        "You counted them; the share is asked for.": len(liked) * max(yes, 1 - yes),
    }


@lesson["5.2"].part(points=2)
def counts_right_answers(accuracy_and_base_rate, rng):
    for yes_is_rare in rng.permutation([True, False]).tolist():
        apart = False
        while not apart:
            n_rare = int(rng.integers(3, 7))
            sizes = [n_rare, n_rare + int(rng.integers(2, 9))]
            n_yes, n_no = sizes if yes_is_rare else sizes[::-1]
            n_right = rng.integers(1, n_yes), rng.integers(1, n_no)
            liked, p = _model_of(rng, n_yes, n_no, *n_right)
            mistakes = _mistaken_accuracies(liked, p), _mistaken_base_rates(liked, p)
            accuracy = float(np.mean((p >= 0.5) == (liked == 1)))
            base_rate = max(n_yes, n_no) / len(liked)
            apart = accuracy != base_rate and are_distinguishable(accuracy, mistakes[0])
            apart = apart and are_distinguishable(base_rate, mistakes[1])
        for given, how in _forms(rng, liked, p):
            found = _two_numbers(accuracy_and_base_rate(*given))
            is_swapped = np.allclose(found, [base_rate, accuracy], atol=1e-4)
            reason = (
                "Right numbers, wrong order: first the accuracy, then the base rate."
            )
            expect(not is_swapped, reason, found, [accuracy, base_rate])
            reason = "The accuracy is not the share of right answers ({how})."
            close(found[0], accuracy, reason, mistakes[0], how=how, **EXACT)
            reason = (
                "The base rate is the share of the more common answer among the *true* ones "
                "({how})."
            )
            rarer = gettext("yes") if yes_is_rare else gettext("no")
            values = {"how": how, "rarer": rarer}
            close(found[1], base_rate, reason, mistakes[1], **values, **EXACT)


@lesson["5.2"].part()
def half_is_a_yes(accuracy_and_base_rate, rng):
    _base_rate_of_good_models(accuracy_and_base_rate, rng)
    for _ in range(2):
        # Of those with exactly 0.5, more are a yes than a no, or fewer.
        n_half = rng.permutation([int(rng.integers(3, 6)), int(rng.integers(1, 3))])
        n_yes, n_no = n_half + rng.integers(1, 5, size=2)
        liked, p = _model_of(rng, n_yes, n_no, n_yes, n_no)
        for value, n in zip((1, 0), n_half, strict=True):
            p[np.flatnonzero(liked == value)[:n]] = 0.5
        found = _two_numbers(accuracy_and_base_rate(liked, p[:, None]))
        mistakes = {
            "A probability of exactly 0.5 came out as a no; *at least* 0.5 is a yes. "
            "(`np.round` sends 0.5 to 0.)": np.mean((p > 0.5) == (liked == 1)),
        }
        reason = "The accuracy is wrong where some probabilities are exactly 0.5."
        close(found[0], np.mean((p >= 0.5) == (liked == 1)), reason, mistakes)


def _base_rate_of_good_models(accuracy_and_base_rate, rng):
    """Check models that beat the base rate, also where yes and no are as common."""
    few, many = int(rng.integers(4, 7)), int(rng.integers(8, 12))
    for n_yes, n_no in rng.permutation([(few, many), (many, few), (few, few)]).tolist():
        right_yes = n_yes - int(rng.integers(1, 3))
        liked, p = _model_of(rng, n_yes, n_no, right_yes, n_no)
        n = n_yes + n_no
        accuracy = (right_yes + n_no) / n
        found = _two_numbers(accuracy_and_base_rate(liked, p))
        close(found[0], accuracy, "The accuracy is not the share of right answers.")
        mistakes = {
            "This model is better than the base rate, and you returned its accuracy as the "
            "base rate, too. The base rate needs the truth and no model.": accuracy,
        }
        reason = (
            "Of {n} ratings {n_yes} are a yes. The base rate is the share of the more "
            "common answer among the *true* ones."
        )
        close(found[1], max(n_yes, n_no) / n, reason, mistakes, n=n, n_yes=n_yes)


# --- 5.3 ---------------------------------------------------------------------


def _auc(yes, no, tie=0.5):
    in_order = (yes[:, None] > no) + tie * (yes[:, None] == no)
    return in_order.mean() if in_order.size else np.nan


def _each_auc(liked, scores, users, tie=0.5):
    parts = [users == user for user in np.unique(users)]
    return np.array(
        [
            _auc(scores[part & (liked == 1)], scores[part & (liked == 0)], tie)
            for part in parts
        ]
    )


def _user_ratings(rng, sizes):
    """Draw ratings of users with so many yes and no each; no two scores are equal."""
    # There are gaps between the users' numbers.
    known = 3 + np.cumsum(rng.integers(2, 6, size=len(sizes)))
    users = np.repeat(known, [n_yes + n_no for n_yes, n_no in sizes])
    liked = np.concatenate([np.repeat([1.0, 0.0], pair) for pair in sizes])
    places = rng.permutation(len(users))
    # Each user has a level of their own, as users who rate generously do.
    level = np.repeat(rng.permutation(len(known)) * 0.7, np.sum(sizes, axis=1))
    scores = level + rng.permutation(len(users)) / len(users)
    # The last user comes first: the order of appearance is never the right one.
    last = np.flatnonzero(users[places] == known[-1])[0]
    places[[0, last]] = places[[last, 0]]
    return liked[places], scores[places], users[places]


def _mistaken_aucs(liked, scores, users):
    right = _each_auc(liked, scores, users)
    known = np.unique(users)
    n_yes, n_no = (
        np.array([np.sum((users == user) & (liked == value)) for user in known])
        for value in (1, 0)
    )
    of_others = [
        _auc(scores[(users == user) & (liked == 1)], scores[liked == 0])
        for user in known
    ]
    overall = np.full(len(known), _auc(scores[liked == 1], scores[liked == 0]))
    order = [np.flatnonzero(known == user)[0] for user in dict.fromkeys(users.tolist())]
    accuracy = [
        np.mean((scores >= 0.5)[users == u] == liked[users == u]) for u in known
    ]
    return {
        "Those are the shares of pairs in the *wrong* order. A pair counts if the yes has the "
        "higher score.": 1 - right,
        "That is the AUC over all ratings, for each user the same. Compare only ratings of the "
        "same user.": overall,
        "Each yes was compared with the no of *all* users. Compare only ratings of the same "
        "user.": np.array(of_others),
        "The AUCs are right, but in the order in which the users come up. Ascending order is "
        "asked for (`np.unique` sorts).": right[order],
        "You counted the pairs in the right order. Their share of all pairs is asked "
        "for.": right * n_yes * n_no,
        "You divided by all pairs of ratings of the user. Only pairs of a yes and a no "
        "count.": right * n_yes * n_no * 2 / ((n_yes + n_no) * (n_yes + n_no - 1)),
        "You divided by the square of the number of ratings. Only pairs of a yes and a no "
        "count.": right * n_yes * n_no / (n_yes + n_no) ** 2,
        "That is each user's accuracy. AUC compares the scores of a yes and a no, without a "
        "threshold.": np.array(accuracy),
    }


def _aucs(found, users, right):
    """Check that there is one number for each user; return them."""
    n_users, reason = len(right), "Return a NumPy array, one AUC for each user."
    one_number = np.ndim(found) == 0 and isinstance(found, (float, np.floating))
    mean = "That is one number. Return the AUC of *each* user; the cell below averages them."
    expect(not one_number, mean, found, gettext("shape {shape}", shape=(n_users,)))
    expect(is_array(found), reason, kind(found), "an array of float")
    found = array(found, what="`auc_of_each_user`", nan=True)
    n_both = int(np.sum(~np.isnan(right)))
    mistakes = {
        "There is one number for each rating. One for each user is asked for.": users.shape,
        "There is one number for each number from 0 to the largest user. Only users who occur "
        "in `users` have a place in the result.": (users.max() + 1,),
    }
    if n_both < n_users:
        reason = (
            "Users whose ratings are all a yes, or all a no, are missing. They have a place in "
            "the result, too, with NaN."
        )
        mistakes[reason] = (n_both,)
    reason = "There should be one AUC for each user who occurs in `users`."
    has_shape(found, (n_users,), reason, mistakes)
    return found


@lesson["5.3"].part(points=2)
def compares_pairs_of_one_user(auc_of_each_user, rng):
    apart = False
    while not apart:
        sizes = rng.integers(2, 6, size=(int(rng.integers(3, 6)), 2))
        liked, scores, users = _user_ratings(rng, sizes)
        right = _each_auc(liked, scores, users)
        mistakes = _mistaken_aucs(liked, scores, users)
        apart = (
            are_distinguishable(right, mistakes) and ((right > 0) & (right < 1)).all()
        )
    whole, column = liked.astype(int), scores.astype("float32")[:, None]
    index = rng.permutation(len(users)) + 50
    series = [pd.Series(one, index=index) for one in (liked.astype("float32"), users)]
    for given, how in (
        ((liked, scores, users), "with arrays of shape (n,)"),
        ((whole.tolist(), scores.tolist(), users.tolist()), "with lists"),
        ((whole, column, users), "with scores of shape (n, 1)"),
        ((series[0], column, series[1]), "with columns of a table"),
    ):
        found = _aucs(auc_of_each_user(*given), users, right)
        reason = "A user with both a yes and a no got NaN ({how})."
        expect(not np.isnan(found).any(), reason, found, right, how=how)
        reason = "Those are not the shares of pairs in the right order, user by user ({how})."
        close(found, right, reason, mistakes, how=how, **EXACT)


@lesson["5.3"].part()
def knows_users_without_pairs(auc_of_each_user, rng):
    both_kinds = rng.integers(1, 4, size=(2, 2)).tolist()
    one_kind = [[int(rng.integers(1, 4)), 0], [0, int(rng.integers(1, 4))]]
    for alone in ([one_kind[0]], [one_kind[1]], one_kind):
        sizes = rng.permutation([*both_kinds, *alone])
        liked, scores, users = _user_ratings(rng, sizes)
        right = _each_auc(liked, scores, users)
        expect_no_error(
            auc_of_each_user.error_of(liked, scores, users),
            "Your code stops with {error} where a user has only a yes, or only a no. The AUC of "
            "such a user is NaN.",
        )
        found = _aucs(auc_of_each_user(liked, scores, users), users, right)
        without = np.isnan(right)
        reason = (
            "A user whose ratings are all a yes, or all a no, has no pair to compare. The "
            "AUC is NaN, and no number."
        )
        expect(np.isnan(found[without]).all(), reason, found, right)
        reason = "The AUCs are wrong where some users have only a yes, or only a no."
        close(found, right, reason, **EXACT)


@lesson["5.3"].part()
def counts_a_tie_as_half(auc_of_each_user, rng):
    apart = False
    while not apart:
        liked, scores, users = _user_ratings(rng, rng.integers(2, 5, size=(3, 2)))
        scores = rng.integers(1, 4, size=len(users)) / 4
        right, lost, won = (_each_auc(liked, scores, users, tie) for tie in (0.5, 0, 1))
        doubled = _each_auc(liked, scores, users, 0.25)
        mistakes = {
            "Pairs with equal scores count as 0 here; each counts one half.": lost,
            "Pairs with equal scores count as 1 here; each counts one half.": won,
            "Pairs with equal scores count one quarter here; each counts one half.": doubled,
        }
        apart = are_distinguishable(right, mistakes)
    found = _aucs(auc_of_each_user(liked, scores, users), users, right)
    reason = (
        "The AUCs are wrong where some scores are equal. Such a pair counts one half."
    )
    close(found, right, reason, mistakes, **EXACT)


# --- 5.4 ---------------------------------------------------------------------

COLUMNS = ["predicted", "observed", "n_ratings"]


def _bins_table(found):
    """Return the three columns of what `calibration` gave, as one array."""
    reason = (
        "Return a data frame, with the columns `predicted`, `observed` and `n_ratings`."
    )
    expect(isinstance(found, pd.DataFrame), reason, kind(found), "a DataFrame")
    columns = list(found.columns)
    missing = [name for name in COLUMNS if name not in columns]
    reason = "The column `{missing}` is missing."
    shown = list(map(str, columns)), COLUMNS
    expect(not missing, reason, *shown, missing="`, `".join(missing))
    names = [name for name in columns if name in COLUMNS]
    are_swapped = names == ["observed", "predicted", "n_ratings"]
    mistakes = {
        "`predicted` and `observed` have changed places: the mean probability, `predicted`, "
        "comes first.": are_swapped,
        "The columns should stand in this order: `predicted`, `observed`, "
        "`n_ratings`.": names != COLUMNS,
    }
    diagnose(mistakes, names, COLUMNS)
    return np.column_stack([found[name].to_numpy("float64") for name in COLUMNS])


def _grouped(p, liked, bins):
    """Return predicted, observed and n_ratings of each bin, as one array."""
    parts = [bins == place for place in np.unique(bins)]
    return np.array(
        [[p[part].mean(), liked[part].mean(), part.sum()] for part in parts]
    )


def _mistaken_bins(p, n_bins):
    known = {
        "Those bins hold about equally many ratings each (quantiles). Bins of equal *width* are "
        "asked for.": pd.qcut(p, n_bins, labels=False, duplicates="drop"),
        "Those bins divide the range from the smallest to the largest probability. They should "
        "divide 0…1, whatever the predictions are.": pd.cut(p, n_bins, labels=False),
        "Those bins come from rounding: a probability just below the middle of a bin has landed "
        "in another one than a probability just above it.": np.round(p * n_bins),
    }
    if n_bins != 10:
        ten = np.minimum((p * 10).astype(int), 9)
        known["There are ten bins; {n_bins} were asked for. Is `n_bins` used?"] = ten
    return known


def _mistaken_tables(p, liked, mistaken_bins):
    return {text: _grouped(p, liked, bins) for text, bins in mistaken_bins.items()}


def _same_table(found, p, liked, n_bins, mistaken_bins=None):
    bins = np.minimum((p * n_bins).astype(int), n_bins - 1)
    expected = _grouped(p, liked, bins)
    mistakes = _mistaken_tables(p, liked, mistaken_bins or _mistaken_bins(p, n_bins))
    _has_a_row_for_each_bin(found, expected, mistakes, n_bins)
    predicted, observed, sizes = expected.T
    counts, shares = observed * sizes, sizes / len(p)
    mistakes = {
        "`n_ratings` counts the yes. It should count all ratings of the bin.": counts,
        "`n_ratings` is a share here. It should count the ratings of the bin.": shares,
    }
    reason = "`n_ratings` should be the number of ratings in each bin."
    close(found[:, 2], sizes, reason, mistakes)
    expect(
        not np.allclose(found[:, [1, 0]], expected[:, :2], atol=1e-4),
        "`predicted` and `observed` have changed places: `predicted` is the mean probability.",
    )
    begin, middle, end = ((np.unique(bins) + part) / n_bins for part in (0, 0.5, 1))
    mistakes = {
        "`predicted` is the middle of each bin. The mean of its predictions is asked "
        "for.": middle,
        "`predicted` is where each bin begins. The mean of its predictions is asked for.": begin,
        "`predicted` is where each bin ends. The mean of its predictions is asked for.": end,
    }
    reason = "`predicted` should be the mean of the probabilities in each bin."
    close(found[:, 0], predicted, reason, mistakes)
    overall = np.full(len(observed), liked.mean())
    mistakes = {
        "`observed` counts the yes; their share is asked for.": counts,
        "`observed` is the same in every bin: the share of yes of all ratings.": overall,
        "`observed` is the share of no here.": 1 - observed,
    }
    reason = "`observed` should be the share of yes among the ratings of each bin."
    close(found[:, 1], observed, reason, mistakes)


def _has_no_empty_bins(found, n_filled):
    has_empty = np.isnan(found).any() or (found[:, 2] == 0).any()
    reason = (
        "There are rows for empty bins. They have no mean and no share: leave them out."
    )
    shown = format_both("{n} rows", n=(len(found), n_filled))
    expect(len(found) <= n_filled or not has_empty, reason, *shown)


def _has_a_row_for_each_bin(found, expected, mistakes, n_bins):
    _has_no_empty_bins(found, len(expected))
    matching = [
        text
        for text, table in mistakes.items()
        if found.shape == table.shape
        and np.allclose(found, table, atol=1e-4)
        and not np.array_equal(table, expected)
    ]
    if len(matching) == 1:
        sizes = found[:, 2].tolist(), expected[:, 2].tolist()
        raise NotYet(
            *matching, *format_both("sizes {sizes}", sizes=sizes), n_bins=n_bins
        )
    reason = "There should be one row for each bin that is not empty."
    shown = format_both("{n} rows", n=(len(found), len(expected)))
    expect(len(found) == len(expected), reason, *shown)
    expect(not np.isnan(found).any(), "There is a NaN (not a number) in the table.")
    in_order = found[np.argsort(found[:, 0])]
    is_right = np.array_equal(in_order, found)
    is_shuffled = not is_right and np.allclose(in_order, expected, atol=1e-4)
    reason = (
        "The rows are right, but not in order: the lowest probabilities come first."
    )
    expect(not is_shuffled, reason, found[:, 0], expected[:, 0])


def _some_bins(rng, n_bins, n_filled):
    """Draw bins, two of them side by side, so that every other division shows."""
    first = int(rng.integers(n_bins - 1))
    others = np.setdiff1d(np.arange(n_bins), [first, first + 1])
    return np.sort([first, first + 1, *rng.permutation(others)[: n_filled - 2]])


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


@lesson["5.4"].part(points=2)
def sorts_into_bins(calibration, rng):
    for n_bins, n_filled in ((10, 5), (int(rng.integers(5, 9)), 3)):
        apart = False
        while not apart:
            bins = _some_bins(rng, n_bins, n_filled)
            p, liked = _spread_over_bins(rng, n_bins, bins)
            right = _grouped(p, liked, (p * n_bins).astype(int))
            mistakes = _mistaken_tables(p, liked, _mistaken_bins(p, n_bins))
            apart = are_distinguishable(right, mistakes)
        given = (liked, p) if n_bins == 10 else (liked, p, n_bins)
        _same_table(_bins_table(calibration(*given)), p, liked, n_bins)


@lesson["5.4"].part()
def takes_every_form(calibration, rng):
    p, liked = _spread_over_bins(rng, 10, _some_bins(rng, 10, 4))
    for given, _ in _forms(rng, liked, p):
        _same_table(_bins_table(calibration(*given)), p, liked, 10)


@lesson["5.4"].part()
def knows_the_edges(calibration, rng):
    for n_bins in (10, int(rng.integers(3, 7))):
        last = 1 - rng.uniform(0.1, 0.9, size=int(rng.integers(1, 4))) / n_bins
        p = rng.permutation([1.0, *last, rng.uniform(0.1, 0.9) / n_bins])
        liked = rng.permutation(np.arange(len(p)) % 2 * 1.0)
        found = _bins_table(calibration(liked, p, n_bins))
        _has_no_empty_bins(found, 2)
        reason = (
            "A rating has got lost: a probability of exactly 1 belongs to the last bin."
        )
        _has_lost_nothing(found, len(p), reason)
        reason = (
            "A probability of exactly 1 has got a bin of its own. It belongs to the last of the "
            "{n_bins}."
        )
        shown = format_both("{n} rows", n=(len(found), 2))
        expect(len(found) <= 2, reason, *shown, n_bins=n_bins)
        _same_table(found, p, liked, n_bins)
    # Quarters are exact in floats, so there is no doubt on which side an edge lies.
    p = rng.permutation([0.0, 0.125, 0.25, 0.375, 0.5, 0.75, 0.8, 0.9])
    liked = rng.permutation([1.0, 1, 1, 0, 0, 0, 0, 1])
    found = _bins_table(calibration(liked, p, 4))
    reason = (
        "A rating has got lost: a probability of exactly 0 belongs to the first bin."
    )
    _has_lost_nothing(found, len(p), reason)
    belongs_below = np.ceil(p * 4).clip(1)
    mistakes = {
        "With four bins, 0.25 has landed in the first. From 0 to *just below* 0.25 is the "
        "first bin; an edge belongs to the bin above it (`right=False` in pd.cut).": belongs_below
    }
    _same_table(found, p, liked, 4, mistakes)
    # A half is exact in floats, and 10 times a half, too; a tenth is not.
    p = rng.permutation([0.42, 0.5, 0.53, 0.91])
    liked = (p == 0.5) * 1.0
    belongs_below = np.where(p == 0.5, 4, p * 10 // 1)
    mistakes = {
        "With ten bins, 0.5 has landed in the one from 0.4 on. From 0.5 to just below 0.6 is the "
        "next. (A tenth is no exact float: `0.5 // 0.1` "
        "is 4. Multiply by `n_bins`.)": belongs_below
    }
    _same_table(_bins_table(calibration(liked, p)), p, liked, 10, mistakes)


def _has_lost_nothing(found, n, reason):
    n_found = np.nansum(found[:, 2])
    expect(n_found == n, reason, gettext("{n:.0f} ratings", n=n_found), f"{n}")


# --- 5.5 ---------------------------------------------------------------------

lesson["5.5"].forbidden.append("helpers.ranking.mask_pairs")


def _scores_and_seen(rng):
    """Draw scores far below 0, and seen pairs in a frame with odd rows and columns.

    One user has seen nothing, the others their best movie and one more. One movie,
    the lowest for all, has been seen by nobody. Also
    tell, for each of the scores, whether it is of a seen pair.
    """
    n_users, n_movies = int(rng.integers(5, 8)), int(rng.integers(8, 11))
    users, movies = rng.permutation(n_users)[:-1], rng.permutation(n_movies)
    pairs = [
        (user, movie) for i, user in enumerate(users) for movie in movies[i : i + 2]
    ]
    scores = rng.uniform(-8, -5, size=(n_users, n_movies))
    scores[:, movies[-1]] -= 4
    # The lowest of all belongs to somebody who has seen something: in that row, what is
    # level with it shows.
    scores[users[0], movies[-1]] -= 4
    for user, movie in pairs[::2]:
        scores[user, movie] += 4
    user, movie = rng.permutation(pairs).T
    n = len(pairs)
    columns = {"timestamp": rng.integers(100, 999, n), "movie": movie, "user": user}
    is_seen = np.zeros(scores.shape, dtype=bool)
    is_seen[user, movie] = True
    return scores, pd.DataFrame(columns, index=rng.permutation(n) + 30), is_seen


@lesson["5.5"].part()
def strikes_out_what_was_seen(strike_out, rng):
    scores, seen, is_seen = _scores_and_seen(rng)
    found = _struck_scores(strike_out(scores, seen), scores.shape)
    struck = ~np.isclose(found, scores, **EXACT)
    rows, columns = is_seen.any(axis=1, keepdims=True), is_seen.any(axis=0)
    mistakes = {
        "All movies of these users are struck out. Only the seen *pairs* should be: row and "
        "column together.": (struck == rows).all(),
        "Movies that one user has seen are struck out for all of them. Only the seen *pairs* "
        "should be: row and column together.": (struck == columns).all(),
        "Every user in `seen` has lost every movie in `seen`. Only the *pairs* should be "
        "struck out: row and column in step.": (struck == rows & columns).all(),
        "Nothing has been struck out: the scores came back as they were.": not struck.any(),
    }
    diagnose(mistakes)
    n_changed = int(struck[~is_seen].sum())
    reason = (
        "Scores of movies that were *not* seen have changed, too. They should stay as they "
        "are, with all their decimals."
    )
    expect(n_changed == 0, reason, gettext("{n} changed", n=n_changed), "0")
    _is_behind(found, scores, is_seen)


@lesson["5.5"].part()
def strikes_out_however_low(strike_out, rng):
    scores, seen, is_seen = _scores_and_seen(rng)
    zeros = np.zeros(scores.shape)
    found = _struck_scores(strike_out(zeros, seen), zeros.shape)
    mistakes = {
        "Scores of movies that were *not* seen have changed, too. They should stay as they "
        "are.": (found[~is_seen] != 0).any(),
        "Where all scores are 0, the seen movies get {value}, and are not below the rest. A "
        "number made of the scores depends on them: which one is below every "
        "score?": (found[is_seen] >= 0).any(),
    }
    diagnose(mistakes, value=float(found[is_seen].max()))
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


def _struck_scores(found, shape):
    found = array(found, shape, "`strike_out`", nan=True)
    expect(
        not np.isnan(found).any(),
        "There is NaN in the scores now. Sorting puts NaN where it likes, and `argmax` takes it "
        "for the best: use a number that is below all the others.",
    )
    return found


def _is_behind(found, scores, is_seen):
    """Check that in each row everything seen is below all the rest."""
    lowest = np.where(is_seen, np.inf, found).min(axis=1, keepdims=True)
    if (~is_seen | (found < lowest)).all():
        return
    values, changed = found[is_seen], ~np.isclose(found, scores)[is_seen]
    are_one = (values == values[0]).all()
    low = f"{float(scores.min()):.4g}"
    mistakes = {
        "Seen movies have the score 0. These scores go down to {low}: 0 puts the seen movies at "
        "the top of the list. Which number is below every score?": (values == 0).all(),
        "Seen movies have the score +∞, in front of all others. (A negative score times −∞ is "
        "+∞.)": np.isposinf(values).all(),
        "At scores down to {low} the struck-out ones are level with the lowest of the rest. "
        "(Floats have some 16 digits: −1e30 − 1 is −1e30.) Which number is below every "
        "score?": are_one and values[0] <= scores.min(),
        "Seen movies have the score {value}. A model whose scores go down to {low} ranks some "
        "unseen movies behind that. Which number is below every score?": are_one,
    }
    diagnose(mistakes, value=float(values[0]), low=low)
    shown = gettext("{n} pairs", n=int(changed.sum())), f"{len(changed)}"
    expect(changed.all(), "Not all seen pairs are struck out.", *shown)
    raise NotYet(
        "Some seen movies still rank in front of unseen ones. The scores go down to {low}: "
        "which number is below every score?",
        low=low,
    )


# --- 5.6 ---------------------------------------------------------------------

lesson["5.6"].forbidden.append("helpers.ranking.ndcg_at_k")


def _dcg(gains, k, discount=None):
    if discount is None:
        discount = 1 / np.log2(np.arange(2, len(gains) + 2))
    return float(np.sum((gains * discount)[:k]))


def _ndcg_and_mistakes(relevance, scores, k):
    """Return NDCG@k, and what typical mistakes give instead."""
    n, order = len(relevance), np.argsort(-scores)
    shown, ideal = relevance[order], np.sort(relevance)[::-1]

    def ndcg(shown=shown, ideal=ideal, k=k, k_ideal=None, discount=None):
        return _dcg(shown, k, discount) / _dcg(ideal, k_ideal or k, discount)

    places = np.arange(1, n + 1)
    old, late = 1 / np.log2(np.maximum(places, 2)), 1 / np.log2(places + 2)
    upside_down, of_scores = ndcg(shown[::-1]), ndcg(np.sort(scores)[::-1])
    of_shown = ndcg(ideal=np.sort(shown[:k])[::-1])
    rated, even = ndcg(1.0 * (shown > 0), 1.0 * (ideal > 0)), ndcg(discount=np.ones(n))
    inverse = ndcg(discount=1 / places)
    as_places = np.sum((relevance / np.log2(order + 2))[order < k]) / _dcg(ideal, k)
    mistakes = {
        "That is the DCG. Divide by what the perfect list would get.": _dcg(shown, k),
        "That counts all places; only the first `k` should count.": ndcg(k=n),
        "The perfect list is not cut after `k` places. With k places, k movies are all that "
        "anybody can show.": ndcg(k_ideal=n),
        "The list that is shown is not cut after `k` places.": ndcg(k=n, k_ideal=k),
        "The “perfect” list starts with the worst movies: `np.sort` sorts "
        "upwards.": ndcg(ideal=ideal[::-1]),
        "The list starts with the movie of the lowest "
        "score: `np.argsort` sorts upwards.": upside_down,
        "You sorted the k movies that are shown. The perfect list is made of *all* movies, also "
        "of those that were not shown.": of_shown,
        "That pays 2^r − 1 for a movie of r stars, as some papers do. Here a movie pays its "
        "stars.": ndcg(2.0**shown - 1, 2.0**ideal - 1),
        "That counts every rated movie as 1. A movie pays its stars.": rated,
        "Place 1 pays 1/log2(2), place 2 pays 1/log2(3): the discount is one place off, the "
        "first two places got the same.": ndcg(discount=old),
        "The discount is one place off: p starts at 1, so the first divisor is log2(2) = "
        "1.": ndcg(discount=late),
        "The discount is 1/p here; it should be 1/log2(p + 1).": inverse,
        "Every place pays the same. The pay should shrink with the place.": even,
        "The movies are not sorted by their scores.": ndcg(relevance),
        "`np.argsort` does not say in which place a movie stands, but which movie stands in a "
        "place.": as_places,
        "The scores themselves do not count: they only decide the order.": of_scores,
    }
    return ndcg(), mistakes


def _one_user(rng, k, whole=False):
    """Draw relevance and scores so that no mistake comes near the right value."""
    known = [1, 2, 3, 4, 5] if whole else [1, 2, 3, 3.5, 4, 4.5, 5]
    while True:
        others = rng.choice(known, size=int(rng.integers(1, 5)))
        # Fewer zeros than places: the mistakes divide by what stands there.
        relevance = rng.permutation([*known, 0, 0, *others])
        scores = (rng.normal(size=len(relevance)) - 0.3).round(3)
        if np.diff(np.sort(scores)).min() < 0.01:
            continue
        right, mistakes = _ndcg_and_mistakes(relevance, scores, k)
        values = np.array(list(mistakes.values()))
        apart = np.diff(np.sort([right, *values])).min()
        if right > 0.2 and np.abs(values - right).min() > 0.004 and apart > 0.001:
            return relevance, scores, right, mistakes


@lesson["5.6"].part(points=3)
def measures_one_list(ndcg_of_one, rng):
    for k in rng.integers(3, 7, size=3).tolist():
        relevance, scores, right, mistakes = _one_user(rng, k)
        found = ndcg_of_one(relevance, scores, k)
        reason = (
            "That is no finite number. (1/log2(p) is infinite in the first place, p = 1; the "
            "discount is 1/log2(p + 1).)"
        )
        expect(not isinstance(found, float) or np.isfinite(found), reason, found, right)
        found = number(found, "`ndcg_of_one`")
        reason = (
            "That is not the NDCG@{k} for relevance {relevance} and scores {scores}."
        )
        values = {"relevance": str(relevance.tolist()), "scores": str(scores.tolist())}
        close(found, right, reason, mistakes, **EXACT, k=k, **values)
        relevance, scores, right, _ = _one_user(rng, k, whole=True)
        whole, order = relevance.astype(int), np.argsort(-scores)
        # What it is where gains are stored as whole stars; it may look like a rounded one.
        discount = 1 / np.log2(np.arange(2, len(whole) + 2))
        gained, possible = (
            np.sum((gains * discount).astype(int)[:k])
            for gains in (whole[order], np.sort(whole)[::-1])
        )
        reason = (
            "It is right for arrays of float, but not for {how}: relevance {relevance} and "
            "scores {scores}, with k = {k}."
        )
        mistakes = {reason: gained / possible}
        values = {"relevance": str(whole.tolist()), "scores": str(scores.tolist())}
        for given, how in (
            ((whole.tolist(), scores.tolist()), "lists"),
            ((whole, scores), "whole stars"),
        ):
            found = number(ndcg_of_one(*given, k), "`ndcg_of_one`")
            close(found, right, reason, mistakes, how=how, k=k, **values)


@lesson["5.6"].part()
def goes_beyond_the_end(ndcg_of_one, rng):
    relevance, scores, *_ = _one_user(rng, 5)
    n = len(relevance)
    for k in (n, n + int(rng.integers(1, 12))):
        reason = (
            "With k = {k} and {n} movies your code stops with {error}. A list that is no longer "
            "than k counts all of its places."
        )
        expect_no_error(ndcg_of_one.error_of(relevance, scores, k), reason, k=k, n=n)
        right, _ = _ndcg_and_mistakes(relevance, scores, k)
        found = number(ndcg_of_one(relevance, scores, k), "`ndcg_of_one`")
        reason = "With k = {k} and {n} movies, all places should count."
        close(found, right, reason, k=k, n=n)


# --- 5.7 ---------------------------------------------------------------------


def _pairs_drawn(sample_negatives, users, rated, k, seed):
    found = sample_negatives(users, rated, k, SeededGenerator(seed))
    expect_pair(found, "Return two arrays: `return user, movie`.")
    for one, name in zip(found, ("user", "movie"), strict=True):
        reason = "`{name}` should be a NumPy array."
        expect(is_array(one), reason, kind(one), "an array", name=name)
        reason = "`{name}` should hold whole numbers: an index cannot be a float."
        shown = kind(one), "dtype int"
        expect(one.dtype.kind in "iu" or one.size == 0, reason, *shown, name=name)
    user, movie = found
    expect(
        user.ndim == movie.ndim == 1 and len(user) == len(movie),
        "`user` and `movie` should be of one length, so that they make pairs. Does each user "
        "come up as often as movies are drawn for them, and is the same thrown away on both "
        "sides?",
        gettext("shapes {user} and {movie}", user=user.shape, movie=movie.shape),
        "equal shapes (m,)",
    )
    user, movie, n_movies = user.astype(int), movie.astype(int), rated.shape[1]
    expect(
        np.isin(user, users).all(),
        "There are users whom nobody asked for. (`user` comes first, then `movie`.)",
        np.setdiff1d(user, users).tolist(),
        gettext("users among {users}", users=np.unique(users).tolist()),
    )
    exists, last = (movie >= 0) & (movie < n_movies), n_movies - 1
    reason = "There are movies that do not exist: the last one is number {last}."
    expect(exists.all(), reason, int(movie.max(initial=0)), last, last=last)
    return user, movie


def _users_and_rated(rng, dtype="float32"):
    n_users = int(rng.integers(6, 8))
    n_movies = n_users + int(rng.integers(2, 4))
    rated = np.zeros((n_users, n_movies), dtype=dtype)
    # The first and the last movie are free for everybody, and no movie is rated by all
    # of the users below.
    middle = 1 + rng.permutation(n_movies - 2)
    for user, row in enumerate(rated):
        row[middle[(user + np.arange(3)) % len(middle)]] = 1
    others = rng.permutation(n_users - 1)[:3]
    return rng.permutation([*others, others[0], n_users - 1]), rated


@lesson["5.7"].part(points=2)
def draws_what_is_not_rated(sample_negatives, rng):
    for dtype in ("float32", "int64"):
        users, rated = _users_and_rated(rng, dtype)
        k, seed = 1500, int(rng.integers(2**31))
        user, movie = _pairs_drawn(sample_negatives, users, rated, k, seed)
        n, most = len(user), len(users) * k
        is_more = n > most
        mistakes = {
            "Not one pair came out.": n == 0,
            "There is at most one movie for each entry of `users`. `k` of them are asked "
            "for.": n <= len(users),
            "Those are too many: `k` draws for each entry of `users` are asked for.": is_more,
        }
        at_most = gettext("at most {n}, with k = {k}", n=most, k=k)
        diagnose(mistakes, gettext("{n} pairs", n=n), at_most)
        wrong = rated[user, movie] != 0
        mistakes = {
            "All of these movies *are* rated by their users. Keep those with a 0 in "
            "`rated`.": wrong.all(),
            "Some of these movies are rated by their users. Look up each pair in `rated`, user "
            "and movie in step, and throw away those with a 1.": wrong.any(),
        }
        shown = gettext("{n} of {n_all} are rated", n=int(wrong.sum()), n_all=n)
        diagnose(mistakes, shown, gettext("none"))
        drawn, free = np.zeros(rated.shape, dtype=bool), rated == 0
        drawn[user, movie] = True
        asked = np.unique(users)
        _misses_nobody(~drawn[asked].any(axis=0), rated.shape)
        missing = (free & ~drawn)[asked]
        reason = (
            "In 1,500 draws a user never met some of the movies that they have not rated. Is "
            "each draw a new one?"
        )
        numbers = {"n": int(missing.sum()), "n_all": int(free[asked].sum())}
        shown = gettext("{n} of {n_all} unrated pairs never came up", **numbers)
        expect(not missing.any(), reason, shown, "each of them comes up")
        shares = free / free.sum(axis=1, keepdims=True)
        _draws_evenly(_counts(movie, rated) / shares[user].sum(axis=0))


def _counts(movie, rated):
    return np.bincount(movie, minlength=rated.shape[1])


def _misses_nobody(never, shape):
    n_users, n_movies = shape
    place = np.arange(n_movies)
    first, last, more = place == 0, place == n_movies - 1, place >= n_users
    is_first, is_last, is_more = ((never == row).all() for row in (first, last, more))
    mistakes = {
        "The last movie is never drawn: `rng.integers(low, high)` leaves `high` out by "
        "itself.": is_last,
        "The first movie is never drawn: movies are numbered from 0.": is_first,
        "Only as many movies are drawn as there are users. The movies are the *columns* of "
        "`rated`.": is_more,
        "Some movies are never drawn, though not all of these users have rated them.": never.any(),
    }
    shown = gettext("never: {movies}", movies=np.flatnonzero(never).tolist())
    diagnose(mistakes, shown)


def _draws_independently(counts):
    """Check that counts scatter as those of a die do, each user's in its own way."""
    n = len(counts[0])
    squares = [np.sum((one - one.mean()) ** 2) / one.mean() for one in counts]
    # Each has n - 1, so 7 or more, on average; that three stay below 2 never happens.
    reason = (
        "The draws are too even: each movie comes up just as often as any other, as if they "
        "went round in turn. Draw each one anew: `rng.integers` with `size`."
    )
    shown = gettext("{counts} times each", counts=counts[0].tolist())
    expect(sum(squares) > 2, reason, shown, "now more, now less, as with a die")
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
    reason = (
        "Some movies are drawn much more often than others. Each should be as likely as any "
        "other that the user has not rated."
    )
    is_even = shares.min() > 0.65 * even and shares.max() < 1.35 * even
    expected = gettext("about {share:.3f} each", share=even)
    expect(is_even, reason, shares.round(3).tolist(), expected)


@lesson["5.7"].part()
def draws_k_for_each(sample_negatives, rng):
    users, rated = _users_and_rated(rng)
    nothing = np.zeros_like(rated)
    # No multiple of the number of movies.
    k, seed = 401, int(rng.integers(2**31))
    user, movie = _pairs_drawn(sample_negatives, users, nothing, k, seed)
    n, right = len(user), k * len(users)
    once_each = n == k * len(np.unique(users))
    mistakes = {
        "Each user was served once. A user who stands in `users` twice should get twice as "
        "many.": once_each,
        "Where nobody has rated anything, nothing is thrown away: k draws for each of the {n} "
        "entries of `users`.": n != right,
    }
    shown = gettext("{n} pairs", n=n), gettext("{n}, with k = {k}", n=right, k=k)
    diagnose(mistakes, *shown, n=len(users))
    per_user = np.bincount(user, minlength=len(rated))
    expected = k * np.bincount(users, minlength=len(rated))
    reason = "Not every user got k movies for each time that they stand in `users`."
    is_right = np.array_equal(per_user, expected)
    expect(is_right, reason, per_user.tolist(), expected.tolist())
    once = [one for one in np.unique(users) if np.sum(users == one) == 1]
    counts = [_counts(movie[user == one], rated) for one in once]
    mistakes = {
        "Each user gets one movie, k times over. Draw k times for each entry of "
        "`users`.": max(map(np.count_nonzero, counts)) == 1,
        "All users get the same draws. Draw for each of them: `size` should be as long as all "
        "pairs together.": all(np.array_equal(one, counts[0]) for one in counts),
    }
    diagnose(mistakes)
    _draws_independently(counts)
    share = _counts(movie, rated) / n
    _misses_nobody(share == 0, rated.shape)
    _draws_evenly(share)


@lesson["5.7"].part()
def uses_the_rng_it_is_given(sample_negatives, rng):
    users, rated = _users_and_rated(rng)
    one, other = rng.choice(2**31, size=2, replace=False).tolist()
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


# --- 5.8 ---------------------------------------------------------------------

TABLES = ["movie_bias", "movie_factors", "when_rated"]


def _model_and_mistakes(rated, tables, user, movie):
    """Return the history model's scores, and what typical mistakes give instead."""
    bias, vector, when_rated = (tables[name] for name in TABLES)

    def history(vectors=when_rated, user=user, movie=movie, own=1.0, power=0.5):
        is_own = own * rated[user, movie][:, None]
        total = rated[user] @ vectors - is_own * vectors[movie]
        number = rated[user].sum(axis=1, keepdims=True) - is_own
        return total / np.maximum(number, 1) ** power

    def score(history, vectors=vector, row=movie, bias_row=movie):
        match = np.sum(history * vectors[row], axis=1, keepdims=True)
        return bias[bias_row] + match

    right = score(history())
    match, n_factors = right - bias[movie], vector.shape[1]
    swapped = history(user=movie % len(rated), movie=user)
    mistakes = {
        "The movie bias is missing.": match,
        "That is the movie bias alone. The match of history and movie vector is "
        "missing.": bias[movie],
        "The bias is taken off. It should be added.": match - bias[movie],
        "The match is taken off. It should be added.": bias[movie] - match,
        "`user` was looked up in the movies' tables: their rows are movies.": (
            score(history(), row=user),
            score(history(), bias_row=user),
            score(history(), row=user, bias_row=user),
        ),
        "User and movie have changed places in `history_vectors(rated, vectors, user, "
        "movie)`.": score(swapped),
        "Those are probabilities, after a sigmoid. The loss applies the sigmoid "
        "itself (`from_logits=True`), so return the scores.": 1 / (1 + np.exp(-right)),
        "It peeks: each pair's own movie is still in the history. `history_vectors` leaves it "
        "out.": score(history(own=0.0)),
        "The two tables of vectors have changed places: `when_rated` is for the movies of the "
        "history, `movie_factors` for the movie of the pair.": score(
            history(vector), when_rated
        ),
        "`when_rated` stands on both sides. The vector of the pair's movie comes from "
        "`movie_factors`.": score(history(), when_rated),
        "`movie_factors` stands on both sides. The vectors of the movies in the history come "
        "from `when_rated`.": score(history(vector)),
        "That is the mean over the factors. A dot product is their sum.": bias[movie]
        + match / n_factors,
        "The sum of the history is not divided by the square root of its number. "
        "`history_vectors` does that.": score(history(power=0.0)),
        "The history is divided by its number, not by the square root of it. "
        "`history_vectors` does what is asked for.": score(history(power=1.0)),
        "All pairs of the batch share one match: it was summed over the batch, too. Which axis "
        "holds the factors?": bias[movie] + match.sum(),
    }
    return right, mistakes


def _history_case(rng, n_users, n_movies, n_factors):
    """Draw ratings, tables and pairs: in the history or not, also of nobody's history."""
    while True:
        rated = (rng.random((n_users, n_movies)) < 0.5).astype("float32")
        nobody, *others = rng.permutation(n_users)
        rated[nobody] = 0
        # Half of the pairs are in the history, and user and movie differ in all of them.
        user = np.array([*rng.choice(others, size=7), nobody])
        movie = rng.integers(n_movies, size=8)
        rated[user[:4], movie[:4]] = 1
        tables = {
            name: rng.normal(size=(n_movies, columns)).astype("float32")
            for name, columns in zip(TABLES, (1, n_factors, n_factors), strict=True)
        }
        right, mistakes = _model_and_mistakes(rated, tables, user, movie)
        if (user != movie).all() and are_distinguishable(right, mistakes):
            pairs = {"user": user.astype("int32"), "movie": movie.astype("int32")}
            return rated, tables, pairs, right, mistakes


def _history_model(HistoryModel, rated, tables, pairs):
    """Make the student's model, and give it these weights."""
    is_class = HistoryModel.type_names()[0] == "type"
    reason = "`HistoryModel` should stay a class: write the body of `call` only."
    expect(is_class, reason, gettext("a function"), "a subclass of keras.Model")
    model = HistoryModel(rated, tables["when_rated"].shape[1])
    reason = "`HistoryModel(…)` should make a Keras model."
    expect(isinstance(model, ModelProxy), reason, kind(model))
    model(pairs)
    for name, table in tables.items():
        model.set_weights(name, [table])
    return model


def _has_history_scores(found, right, mistakes, tables):
    n, n_factors = len(right), tables["when_rated"].shape[1]
    found = array(found, what="`call`", tensor=False)
    shapes = {
        "The product of history and movie vector is not summed: there is one number for each "
        "factor.": (n, n_factors),
        "The shape is (number of pairs,). The bias has the shape (number of pairs, 1), and so "
        "should the sum: `keepdims=True`.": (n,),
        "Each pair has met every other: shape (n,) with shape (n, 1) makes (n, n). Keep the "
        "second axis of the sum: `keepdims=True`.": (n, n),
    }
    reason = "There should be one score for each pair, shape (number of pairs, 1)."
    has_shape(found, (n, 1), reason, shapes)
    reason = (
        "That is not the movie bias + history · movie vector. Does everything come from `self` "
        "and `batch`?"
    )
    close_at(found, right, reason, mistakes, atol=1e-3)


@lesson["5.8"].part(points=2)
def scores_by_history(HistoryModel, rng):
    # As many users as movies: a wrong row exists, and shows in the scores.
    n, n_factors = int(rng.integers(6, 9)), int(rng.integers(3, 6))
    for n_movies in (n, n + int(rng.integers(2, 5))):
        case = _history_case(rng, n, n_movies, n_factors)
        rated, tables, pairs, right, mistakes = case
        model = _history_model(HistoryModel, rated, tables, pairs)
        _has_history_scores(model(pairs), right, mistakes, tables)


@lesson["5.8"].part()
def can_be_compiled(HistoryModel, rng):
    sizes = int(rng.integers(6, 9)), int(rng.integers(9, 12)), int(rng.integers(3, 6))
    rated, tables, pairs, right, mistakes = _history_case(rng, *sizes)
    model = _history_model(HistoryModel, rated, tables, pairs)
    _has_history_scores(model(pairs), right, mistakes, tables)
    predicts_as_called(model, pairs)


# --- 5.9 ---------------------------------------------------------------------

lesson["5.9"].forbidden.append("helpers.baselines.ease_weights")


def _without_diagonal(weights):
    return np.where(np.eye(len(weights)) == 1, 0, weights)


def _weights_and_mistakes(stars, penalty):
    """Return EASE's weights, and what typical mistakes give instead.

    Mistakes that lead to a matrix without an inverse are left out.
    """
    n = stars.shape[1]
    gram, eye = stars.T @ stars, np.eye(n)

    def weights(gram=gram, added=penalty * eye, axis=0):
        if np.linalg.matrix_rank(gram + added) < n:
            return np.full((n, n), np.nan)
        inverse = np.linalg.inv(gram + added)
        diagonal = np.diag(inverse)
        return -inverse / (diagonal if axis == 0 else diagonal[:, None])

    inverse = np.linalg.inv(gram + penalty * eye)
    right = _without_diagonal(weights())
    mistakes = {
        "The diagonal is still there: each movie explains itself. Set it to 0.": weights(),
        "You divided by the diagonal of P along the wrong axis: column j of W is divided by "
        "P[j, j].": _without_diagonal(weights(axis=1)),
        "You divided along the wrong axis, and the diagonal is still there: column j of W is "
        "divided by P[j, j], and the diagonal is 0.": weights(axis=1),
        "The sign is wrong: W is *minus* P over its diagonal.": (-right, -weights()),
        "The penalty was added to all entries. λI has it on the diagonal "
        "only.": _without_diagonal(weights(added=penalty)),
        "That is the inverse P. W is minus P, each column divided by its entry on the "
        "diagonal.": (inverse, _without_diagonal(inverse)),
        "That is minus the inverse P. Divide each column by its entry on the diagonal "
        "of P.": (-inverse, _without_diagonal(-inverse)),
        "That is ridge regression of each movie on all of them, itself included. The formula of "
        "EASE is another one.": (inverse @ gram, _without_diagonal(inverse @ gram)),
        "The penalty enters as its square.": _without_diagonal(
            weights(added=penalty**2 * eye)
        ),
        "The penalty is taken off. It should be added.": _without_diagonal(
            weights(added=-penalty * eye)
        ),
    }
    if len(stars) > n:
        mistakes["The penalty is missing."] = (
            _without_diagonal(weights(added=0)),
            weights(added=0),
        )
    if len(stars) == n:
        mistakes[
            "That is X Xᵀ: users × users. W says how movies explain movies, which takes "
            "XᵀX."
        ] = _without_diagonal(weights(gram=stars @ stars.T))
    return right, {
        text: values for text, values in mistakes.items() if np.isfinite(values).all()
    }


def _stars_of(rng, n_users, n_movies):
    stars = rng.integers(1, 6, size=(n_users, n_movies)) / 5
    return stars * (rng.random(stars.shape) < 0.6)


def _solves(solve_ease, rng, n_users, n_movies):
    apart = False
    while not apart:
        stars = _stars_of(rng, n_users, n_movies)
        penalty = float(rng.uniform(1.5, 4))
        right, mistakes = _weights_and_mistakes(stars, penalty)
        largest = max(np.abs(values).max() for values in mistakes.values())
        # Without the penalty there is an inverse, too, if there are enough users.
        has_inverse = np.linalg.matrix_rank(stars) == min(stars.shape)
        apart = has_inverse and largest < 1e6 and are_distinguishable(right, mistakes)
    found = array(solve_ease(stars, penalty), what="`solve_ease`", nan=True)
    reason = "There is NaN in the weights. The diagonal should be 0."
    expect(not np.isnan(found).any(), reason)
    shapes = {
        "That is users × users: X Xᵀ. W says how movies explain movies, which takes "
        "XᵀX.": (n_users, n_users),
        "Those are the scores of all users. Return the weights W; the next cell multiplies them "
        "with the stars.": (n_users, n_movies),
    }
    reason = "W has a row and a column for each movie."
    has_shape(found, (n_movies, n_movies), reason, shapes)
    reason = "Those are not the weights of EASE: compare each step with the formula."
    close_at(found, right, reason, mistakes, atol=1e-5)


@lesson["5.9"].part(points=2)
def solves_ease(solve_ease, rng):
    n = int(rng.integers(5, 8))
    # More users than movies, as many, and fewer.
    for n_users in (n + int(rng.integers(2, 5)), n, n - 2):
        _solves(solve_ease, rng, n_users, n)


@lesson["5.9"].part()
def takes_float32_and_any_penalty(solve_ease, rng):
    for penalty in rng.permutation([0.5, 20, 300]).tolist():
        stars = _stars_of(rng, 9, int(rng.integers(4, 7))).astype("float32")
        right, mistakes = _weights_and_mistakes(stars.astype("float64"), penalty)
        found = array(solve_ease(stars, penalty), right.shape, "`solve_ease`")
        reason = "With the penalty {penalty} those are not the weights of EASE."
        atol = 1e-3 * float(np.abs(right).max())
        close_at(found, right, reason, atol=atol, penalty=f"{penalty:g}")


# --- 5.10 --------------------------------------------------------------------


def _values_of(mistakes):
    for values in mistakes.values():
        yield from values if isinstance(values, tuple) else (values,)


def _places_and_mistakes(scores, user, movie, sampled):
    """Return the places among the sampled movies, and what typical mistakes give."""
    own = scores[user, movie][:, None]
    others = scores[user[:, None], sampled]
    higher, equal = (others > own).sum(axis=1), (others == own).sum(axis=1)
    right = 1 + higher + equal / 2
    rows = np.arange(len(user))
    of_row = scores[rows % len(scores)][rows[:, None], sampled]
    own_of_row = scores[rows % len(scores), movie][:, None]
    place_of_row = 1 + (of_row > own_of_row).sum(axis=1)
    place_of_row = place_of_row + (of_row == own_of_row).sum(axis=1) / 2
    n_all = (scores[user] > own).sum(axis=1)
    ties = (scores[user] == own).sum(axis=1) - 1
    lower = (others < own).sum(axis=1)
    mistakes = {
        "The first place is 1: you counted the movies in front of it only.": right - 1,
        "That counts from the wrong end: a higher score is nearer to the top.": (
            1 + lower + equal / 2,
            1 + lower,
            lower,
            1 + lower + equal,
        ),
        "A sampled movie with the same score counts as one behind. Count one half for "
        "it.": (1 + higher, higher),
        "A sampled movie with the same score counts as one in front. Count one half for "
        "it.": (1 + higher + equal, higher + equal),
        "The scores are those of user 0, 1, 2, … in turn. Row i of the pairs belongs to "
        "`user[i]`.": (place_of_row, 1 + (of_row > own_of_row).sum(axis=1)),
        "That is the place among *all* movies. Only the sampled ones are in the "
        "list.": (1 + n_all + ties / 2, 1 + n_all, n_all, 1 + n_all + ties),
    }
    return right, mistakes


def _sampled_case(rng, n_sampled, tied):
    """Draw scores, pairs and sampled movies, with ties or without."""
    while True:
        n_users, n_movies = int(rng.integers(4, 6)), 40 + int(rng.integers(9))
        scores = rng.normal(size=(n_users, n_movies))
        if tied:
            scores = rng.integers(0, 6, size=scores.shape) * 1.0
        user = rng.permutation(np.append(np.arange(n_users), rng.integers(n_users)))
        order = rng.permuted(np.tile(np.arange(n_movies), (len(user), 1)), axis=1)
        movie, sampled = order[:, 0], order[:, 1 : n_sampled + 1]
        right, mistakes = _places_and_mistakes(scores, user, movie, sampled)
        # Without ties, the two mistakes about them are none.
        n_right = sum(np.array_equal(one, right) for one in _values_of(mistakes))
        if n_right <= (0 if tied else 2) and len(np.unique(right)) > 3:
            return scores, user, movie, sampled, right, mistakes


def _has_places(found, right, mistakes, n_sampled):
    shapes = {
        "That is one number for each sampled movie. Count along the second axis: one place for "
        "each pair.": (len(right), n_sampled),
    }
    found = array(found, what="`places_among_sampled`")
    reason = "There should be one place for each pair, shape (n,)."
    has_shape(found, right.shape, reason, shapes)
    reason = (
        "Those are not the places: 1, plus the number of sampled movies with a higher score, "
        "plus half the number of those with the same score."
    )
    close_at(found, right, reason, mistakes)


@lesson["5.10"].part(points=2)
def finds_the_places(places_among_sampled, rng):
    # Other numbers than of pairs.
    for n_sampled in rng.permutation([8, 12]).tolist():
        for tied in (False, True):
            case = _sampled_case(rng, n_sampled, tied)
            *given, right, mistakes = case
            found = places_among_sampled(*given)
            _has_places(found, right, mistakes, n_sampled)


@lesson["5.10"].part()
def takes_masked_scores(places_among_sampled, rng):
    scores, user, movie, sampled, *_ = _sampled_case(rng, 8, tied=True)
    # Other movies of these users are masked, in float32, as in the lesson's lists.
    scores = scores.astype("float32")
    for row, one in enumerate(user):
        used = np.concatenate([movie[user == one], sampled[user == one].ravel()])
        free = np.setdiff1d(np.arange(scores.shape[1]), used)
        scores[one, free] = -np.inf if row % 2 else 99
    right, mistakes = _places_and_mistakes(scores, user, movie, sampled)
    found = places_among_sampled(scores, user, movie, sampled)
    _has_places(found, right, mistakes, 8)
