"""Score what the teams handed in, and rank the teams."""

from dataclasses import dataclass, replace

import numpy as np

from competition.entries import File
from competition.making import BEST
from competition.significance import Bootstrap, ranks
from helpers.competition.scores import score_by_user, total_score
from helpers.competition.submissions import LISTS, RATINGS


@dataclass(frozen=True, eq=False)
class Scored:
    """Predictions with their score of each user.

    Attributes
    ----------
    name : str
        The team, or the model.
    file : competition.entries.File or None
        None for a model.
    predictions : helpers.competition.submissions.Submission
    gain, weight : numpy.ndarray of float, shape (n_users,)
        See `helpers.competition.scores.score_by_user`.
    public : float
        The score on the public third.
    """

    name: str
    file: File | None
    predictions: object
    gain: np.ndarray
    weight: np.ndarray
    public: float

    @property
    def is_model(self):
        """bool : whether this is a row of the course, and no team's."""
        return self.file is None


@dataclass(frozen=True)
class Row:
    """A row of the leaderboard.

    Attributes
    ----------
    scored : Scored
    score, low, high : float
        The score that counts, and its 95 % interval.
    to_best : float or None
        How much worse than the best possible; None if that is not known.
    rank : int or None
        None for models.
    n_tries : int
    """

    scored: Scored
    score: float
    low: float
    high: float
    to_best: float | None
    rank: int | None = None
    n_tries: int = 0


@dataclass(frozen=True)
class Board:
    """The leaderboard of one kind of predictions.

    Attributes
    ----------
    kind : str
    rows : list of Row
        Teams and models, best first.
    is_public : numpy.ndarray of bool, shape (n_users,)
    """

    kind: str
    rows: list
    is_public: np.ndarray


def lower_is_better(kind):
    """Tell whether small scores are good: RMSE, not NDCG."""
    return kind == RATINGS


def boards(made, files, reveal):
    """Score and rank all teams.

    The file with the best public score represents its team. With `reveal`, it is scored
    on the hidden rest, so that choosing it among several does not make it look better.

    Parameters
    ----------
    made : competition.making.Made
        As `competition.making.read` returns it.
    files : list of competition.entries.File
    reveal : bool

    Returns
    -------
    list of Board
        One for each kind that at least one team handed in.
    """
    return [
        _board(kind, made, files, reveal)
        for kind in (RATINGS, LISTS)
        if any(file.counts and file.submission.kind == kind for file in files)
    ]


def _board(kind, made, files, reveal):
    table = made.competition.rate if kind == RATINGS else made.competition.rank
    is_public = np.isin(np.unique(table["user_id"]), list(made.public))

    def scored(name, predictions, file=None):
        by_user = score_by_user(predictions, made.competition, made.answers)
        gain, weight = (by_user.sort_index()[c].to_numpy() for c in ("gain", "weight"))
        public = total_score(kind, gain[is_public].sum(), weight[is_public].sum())
        return Scored(name, file, predictions, gain, weight, float(public))

    models = [scored(name, rows) for (k, name), rows in made.rows.items() if k == kind]
    tries = [
        scored(file.team, file.submission, file)
        for file in files
        if file.counts and file.submission.kind == kind
    ]
    best = {}
    for one in tries:
        known = best.get(one.name)
        if known is None or _is_better(kind, one.public, known.public):
            best[one.name] = one
    part = ~is_public if reveal else is_public
    rows = _rows(kind, list(best.values()), models, part)
    counts = {name: sum(one.name == name for one in tries) for name in best}
    rows = [
        row if row.scored.is_model else replace(row, n_tries=counts[row.scored.name])
        for row in rows
    ]
    sign = 1 if lower_is_better(kind) else -1
    rows.sort(key=lambda row: (sign * row.score, row.rank or 0, row.scored.name))
    return Board(kind, rows, is_public)


def _rows(kind, teams, models, part):
    everybody = [*teams, *models]
    bootstrap = Bootstrap(
        kind,
        np.array([one.gain[part] for one in everybody]),
        np.array([one.weight[part] for one in everybody]),
    )
    of_teams = ranks(bootstrap.of(slice(len(teams))), lower_is_better(kind)).tolist()
    best = [
        s
        for one, s in zip(everybody, bootstrap.scores, strict=True)
        if one.name == BEST and one.is_model
    ]
    return [
        Row(
            one,
            float(score),
            float(low),
            float(high),
            abs(float(score - best[0])) if best else None,
            rank,
        )
        for one, score, (low, high), rank in zip(
            everybody,
            bootstrap.scores,
            bootstrap.intervals(),
            [*of_teams, *[None] * len(models)],
            strict=True,
        )
    ]


def _is_better(kind, score, other):
    return score < other if lower_is_better(kind) else score > other
