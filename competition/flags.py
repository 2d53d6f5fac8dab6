"""Say what an instructor should look at. A flag says what was found, nothing else."""

from itertools import combinations

import numpy as np
from scipy import stats

from competition.making import BEST
from competition.significance import Bootstrap
from helpers.competition.submissions import LISTS, RATINGS
from helpers.i18n import gettext

STANDARD_ERRORS = 4
"""So much better than the best possible is a score by chance in 1 of 30,000 cases."""
CHANCE = 1e-6
MOST_EXACT = 0.9
ALIKE = 0.999
"""The correlation of two files' differences from the biases; that of two trainings of
one network with different seeds is below 0.99."""
SAME_LISTS = 0.9
OUT_OF_REACH = {RATINGS: 0.8, LISTS: 1.5}
"""A score on public ratings out of a model's reach, relative to the course's best: in
twenty years of papers, the RMSE on MovieLens fell by less than a tenth."""


def flags(board, made):
    """Return what was found, by team.

    Parameters
    ----------
    board : competition.boards.Board
    made : competition.making.Made

    Returns
    -------
    dict of str to list of str
    """
    teams = [row.scored for row in board.rows if not row.scored.is_model]
    models = {row.scored.name: row.scored for row in board.rows if row.scored.is_model}
    found = {team.name: [] for team in teams}
    for team in teams:
        found[team.name] += _beyond_reach(board.kind, team, models)
        found[team.name] += _public_only(board, team, models, made)
    for first, second in combinations(teams, 2):
        if share := _alike(board.kind, first, second, models):
            for one, other in ((first, second), (second, first)):
                found[one.name].append(
                    gettext(
                        "The predictions are {share} those of {team}. The same "
                        "method with the same settings gives the same file, too.",
                        share=share,
                        team=other.name,
                    )
                )
    return {name: its for name, its in found.items() if its}


def _beyond_reach(kind, team, models):
    """Compare with the best possible, or with what any model could reach."""
    best = models.get(BEST) or _best_model(kind, models)
    bootstrap = Bootstrap(
        kind, np.array([team.gain, best.gain]), np.array([team.weight, best.weight])
    )
    score, limit = bootstrap.scores
    sign = -1 if kind == RATINGS else 1
    if best.name != BEST:
        limit *= OUT_OF_REACH[kind]
        if sign * (score - limit) <= 0:
            return []
        return [
            gettext(
                "The score on all answers, {score:.3f}, is far beyond that of the "
                "course's best model, {model}. Public ratings can be looked up.",
                score=score,
                model=best.name,
            )
        ]
    distance = sign * bootstrap.z(0, 1)
    if distance < STANDARD_ERRORS:
        return []
    return [
        gettext(
            "The score on all answers, {score:.3f}, is better than the best possible, "
            "{limit:.3f}, by {n:.0f} standard errors.",
            score=score,
            limit=limit,
            n=distance,
        )
    ]


def _best_model(kind, models):
    def score(model):
        return model.gain.sum() / model.weight.sum()

    return (min if kind == RATINGS else max)(models.values(), key=score)


def _public_only(board, team, models, made):
    """Compare the public third with the rest."""
    found = []
    public, hidden = board.is_public, ~board.is_public
    if board.kind == RATINGS:
        is_public = made.competition.rate["user_id"].isin(made.public).to_numpy()
        exact = np.abs(team.predictions.values - made.answers.ratings) < 0.005
        shares = exact[is_public].mean(), exact[~is_public].mean()
        if max(shares) > MOST_EXACT:
            found.append(
                gettext(
                    "Exactly as in the answers are {public:.0%} of the predictions in "
                    "the public third, and {hidden:.0%} of the others.",
                    public=shares[0],
                    hidden=shares[1],
                )
            )
    model = _best_model(board.kind, models)
    is_scored = team.weight > 0
    better = np.divide(
        team.gain - model.gain,
        team.weight,
        out=np.zeros(len(is_scored)),
        where=is_scored,
    )
    if board.kind == RATINGS:
        better = -better
    test = stats.ttest_ind(
        better[public & is_scored],
        better[hidden & is_scored],
        equal_var=False,
        alternative="greater",
    )
    if test.pvalue < CHANCE:
        found.append(
            gettext(
                "The score on the public third is better than on the rest, compared "
                "with {model}, by more than chance (p = {p:.0e}).",
                model=model.name,
                p=test.pvalue,
            )
        )
    return found


def _alike(kind, first, second, models):
    """Return how alike two files are, in words; "" if they are not."""
    mine, other = first.predictions.values, second.predictions.values
    equal = (mine == other).all(axis=1) if kind == LISTS else np.isclose(mine, other)
    if equal.all():
        return gettext("exactly")
    if kind == LISTS:
        is_alike = equal.mean() > SAME_LISTS
    else:
        base = models["biases"].predictions.values
        mine, other = mine - base, other - base
        if not (mine.std() and other.std()):
            return ""
        is_alike = np.corrcoef(mine, other)[0, 1] > ALIKE
    return gettext("nearly") if is_alike else ""
