"""Score predictions: RMSE of stars, NDCG@10 of lists."""

import numpy as np
import pandas as pd

from helpers.competition.submissions import LISTS, RATINGS
from helpers.i18n import gettext


def score(predictions, competition, answers):
    """Return the score of predictions: RMSE (stars) or NDCG@10 (0 to 1).

    Parameters
    ----------
    predictions : helpers.competition.submissions.Submission
    competition : helpers.competition.folder.Competition
    answers : helpers.competition.folder.Answers

    Returns
    -------
    float
    """
    table = score_by_user(predictions, competition, answers)
    return total_score(predictions.kind, table["gain"].sum(), table["weight"].sum())


def total_score(kind, gain, weight):
    """Return the score from sums over users, which may be arrays.

    Parameters
    ----------
    kind : str
        `RATINGS` or `LISTS`.
    gain, weight : float or numpy.ndarray
        Sums of the columns of `score_by_user`.

    Returns
    -------
    float or numpy.ndarray
    """
    return np.sqrt(gain / weight) if kind == RATINGS else gain / weight


def score_by_user(predictions, competition, answers):
    """Return what each user adds to the score.

    Parameters
    ----------
    predictions, competition, answers
        As in `score`.

    Returns
    -------
    pandas.DataFrame
        By user: ``gain``, the sum of squared errors or the NDCG; ``weight``, the number
        of pairs, or 1 for a user with relevant movies and 0 for one without.

    Raises
    ------
    ValueError
        If predicted stars are not finite.
    """
    if predictions.kind == LISTS:
        return _ndcg_by_user(predictions.values, competition, answers)
    errors = (predictions.values - answers.ratings) ** 2
    if not np.isfinite(errors).all():  # sums of pandas would leave them out
        raise ValueError(gettext("Some predictions are NaN or infinite."))
    by_user = pd.Series(errors).groupby(competition.rate["user_id"].to_numpy())
    return pd.DataFrame({"gain": by_user.sum(), "weight": by_user.size().astype(float)})


def _ndcg_by_user(lists, competition, answers):
    """See `helpers.ranking.ndcg_at_k`, which needs the scores of all movies."""
    users = competition.rank["user_id"].to_numpy()
    relevant = pd.MultiIndex.from_frame(answers.relevant)
    length = lists.shape[1]
    listed = pd.MultiIndex.from_arrays([np.repeat(users, length), lists.ravel()])
    hits = listed.isin(relevant).reshape(lists.shape)
    discount = 1 / np.log2(np.arange(length) + 2)
    n_relevant = answers.relevant["user_id"].value_counts().reindex(users, fill_value=0)
    ideal = np.append(0, np.cumsum(discount))[np.minimum(n_relevant, length)]
    gain = np.divide(hits @ discount, ideal, out=np.zeros(len(users)), where=ideal > 0)
    return pd.DataFrame(
        {"gain": gain, "weight": (ideal > 0).astype(float)}, index=users
    )
