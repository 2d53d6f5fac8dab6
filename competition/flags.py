"""Say what an instructor should look at. A flag says what was found, nothing else."""

from collections import defaultdict
from itertools import combinations

import numpy as np
from scipy import stats

from competition.making import BEST
from helpers.competition.scores import total_score
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
SAME_STARS = 0.01
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
    for first, others in _groups(board.kind, teams, models).items():
        found[first].append(
            gettext(
                "The predictions are nearly or exactly those of {teams}. The same "
                "method with the same settings gives the same file, too.",
                teams=", ".join(sorted(others)),
            )
        )
    return {name: its for name, its in found.items() if its}


def _beyond_reach(kind, team, models):
    """Compare with the best possible, or with what any model could reach."""
    best = models.get(BEST) or _best_model(kind, models)
    score, limit = (
        total_score(kind, one.gain.sum(), one.weight.sum()) for one in (team, best)
    )
    sign = -1 if kind == RATINGS else 1
    if best.name != BEST:
        if sign * (score - limit * OUT_OF_REACH[kind]) <= 0:
            return []
        return [
            gettext(
                "The score on all answers, {score:.3f}, is far beyond the {limit:.3f} "
                "of the course's best model. Public ratings can be looked up.",
                score=score,
                limit=limit,
            )
        ]
    better = sign * (team.gain - best.gain)
    error = better.std() * len(better) ** 0.5
    distance = better.sum() / error if error else 0
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
                "The score on the public third is better than on the rest by more than "
                "chance, compared with a model of the course (p = {p:.0e}).",
                p=test.pvalue,
            )
        )
    return found


def _groups(kind, teams, models):
    """Return for each team the others with the same predictions.

    Not compared are files that equal a model's of the course: many will hand in that.
    """
    own = [
        team
        for team in teams
        if not any(_is_alike(kind, team, model) for model in models.values())
    ]
    base = None if kind == LISTS else models["biases"].predictions.values
    found = defaultdict(list)
    for first, second in combinations(own, 2):
        if _is_alike(kind, first, second, base):
            found[first.name].append(second.name)
            found[second.name].append(first.name)
    return found


def _is_alike(kind, first, second, base=None):
    """Compare lists; or stars, and what is left of them beside a multiple of `base`."""
    mine, other = first.predictions.values, second.predictions.values
    if kind == LISTS:
        return (mine == other).all(axis=1).mean() > SAME_LISTS
    if np.abs(mine - other).mean() < SAME_STARS:
        return True
    known = np.column_stack([np.ones(len(mine)), *([] if base is None else [base])])
    both = np.column_stack([mine, other])
    left = both - known @ np.linalg.lstsq(known, both, rcond=None)[0]
    has_spread = left.std(axis=0).min() > SAME_STARS
    return bool(has_spread and np.corrcoef(left.T)[0, 1] > ALIKE)
