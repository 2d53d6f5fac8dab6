"""Write predictions to hand in, and check them with the leaderboard's reader."""

from pathlib import Path

import numpy as np
import pandas as pd

from helpers.competition.submissions import (
    COLUMNS,
    RATINGS,
    InvalidSubmissionError,
    read_submission,
)
from helpers.files import write_text
from helpers.i18n import gettext


def write_ratings(competition, stars, path=None):
    """Check predicted stars with `read_submission`, write them, and return that.

    Parameters
    ----------
    competition : helpers.competition.folder.Competition
    stars : array_like of float, shape (n_pairs,) or (n_pairs, 1)
        For each row of ``competition.rate``.
    path : path, optional
        Without it, they are only checked. Nothing is written if they are refused.

    Returns
    -------
    Submission

    Raises
    ------
    InvalidSubmissionError
    """
    stars = np.asarray(stars, dtype="float64").reshape(-1)
    if len(stars) != len(competition.rate):
        raise InvalidSubmissionError(
            [
                gettext(
                    "{found:,} predictions for {expected:,} pairs in `rate`.",
                    found=len(stars),
                    expected=len(competition.rate),
                )
            ]
        )
    if wrong := np.count_nonzero(~np.isfinite(stars)):
        raise InvalidSubmissionError(
            [
                gettext(
                    "{n:,} predictions are NaN or infinite. Did the training diverge?",
                    n=wrong,
                )
            ]
        )
    table = competition.rate.assign(rating=stars)
    return _write(competition, table[list(COLUMNS[RATINGS])], path)


def write_lists(competition, lists, path=None):
    """Check recommended movies with `read_submission`, write them, and return that.

    Parameters
    ----------
    competition : helpers.competition.folder.Competition
    lists : array_like of int, shape (n_users, list length)
        Movie *ids*, the best first, for each row of ``competition.rank``.
    path : path, optional
        Without it, they are only checked. Nothing is written if they are refused.

    Returns
    -------
    Submission

    Raises
    ------
    InvalidSubmissionError
    """
    lists = np.asarray(lists)
    expected = len(competition.rank), competition.rules.list_length
    if lists.shape != expected:
        raise InvalidSubmissionError(
            [
                gettext(
                    "The lists have shape {found}; expected {expected}.",
                    found=lists.shape,
                    expected=expected,
                )
            ]
        )
    n_users, length = expected
    table = pd.DataFrame(
        {
            "user_id": np.repeat(competition.rank["user_id"].to_numpy(), length),
            "rank": np.tile(np.arange(1, length + 1), n_users),
            "movie_id": lists.ravel(),
        }
    )
    return _write(competition, table, path)


def _write(competition, table, path):
    text = table.to_csv(index=False)
    submission = read_submission(text.encode(), competition)
    if path is not None:
        write_text(Path(path), text)
    return submission
