"""Read predictions, as the leaderboard does."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.competition.tables import MOST_BYTES, InvalidTableError, Table, shown
from helpers.i18n import gettext, gettext_noop
from helpers.movielens.errors import DataError

RATINGS, LISTS = "ratings", "lists"
COLUMNS = {
    RATINGS: ("user_id", "movie_id", "rating"),
    LISTS: ("user_id", "rank", "movie_id"),
}


class InvalidSubmissionError(DataError, ValueError):
    """Predictions that cannot be scored.

    Attributes
    ----------
    reasons : list of str
        What is wrong, with the line and the value of the file.
    """

    def __init__(self, reasons):
        super().__init__(" ".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True, eq=False)
class Submission:
    """Predictions that can be scored.

    Attributes
    ----------
    kind : str
        `RATINGS` or `LISTS`.
    values : numpy.ndarray
        Stars, float, shape (n_pairs,), for each row of ``rate.csv``; or movie ids,
        int, shape (n_users, list length), for each row of ``rank.csv``.
    notes : tuple of str
        What was corrected while reading, for example clipped values.
    """

    kind: str
    values: np.ndarray
    notes: tuple = ()


def read_submission(source, competition):
    """Read predictions, whatever the name of their file.

    Parameters
    ----------
    source : path or bytes
        A CSV file with the columns of `COLUMNS`, in any order, or its content.
    competition : helpers.competition.folder.Competition

    Returns
    -------
    Submission

    Raises
    ------
    InvalidSubmissionError
        With a reason for each kind of error in the file.
    """
    content = source if isinstance(source, bytes) else _content(Path(source))
    try:
        table = Table(content)
    except InvalidTableError as error:
        raise InvalidSubmissionError([str(error)]) from None
    kind = LISTS if "rank" in table.header else RATINGS
    names = COLUMNS[kind]
    if not set(names) <= set(table.header):
        raise InvalidSubmissionError([_wrong_header(table.header)])
    table.numbers(names, ids=COLUMNS[LISTS])
    values = None
    if not table.reasons:
        _refuse_unknown_ids(table, competition)
        values = (_lists if kind == LISTS else _ratings)(table, competition)
    if table.reasons:
        raise InvalidSubmissionError(table.reasons)
    return Submission(kind, values, tuple(table.notes))


def _content(path):
    """Read a file; of one that is too large, just enough to see that."""
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        problem = gettext("It cannot be read: {error}.", error=error.strerror)
        raise InvalidSubmissionError([problem]) from None


def _wrong_header(header):
    return gettext(
        "The header should name the columns, {ratings} or {lists}; it is “{found}”.",
        ratings=",".join(COLUMNS[RATINGS]),
        lists=",".join(COLUMNS[LISTS]),
        found=shown(",".join(header)),
    )


def _refuse_unknown_ids(table, competition):
    known = {
        "user_id": competition.train["user_id"],
        "movie_id": competition.movies["movie_id"],
    }
    templates = {
        "user_id": gettext_noop("Line {line}: there is no user {user_id}."),
        "movie_id": gettext_noop("Line {line}: there is no movie {movie_id}."),
    }
    for name, template in templates.items():
        table.refuse(~np.isin(table.columns[name], known[name]), template)


def _ratings(table, competition):
    """Return the stars in the order of ``rate.csv``; add reasons to the table."""
    found = _pairs(table.columns)
    expected = _pairs(competition.rate)
    table.refuse(
        found.duplicated(),
        gettext_noop("Line {line} repeats user {user_id} and movie {movie_id}."),
    )
    is_asked = found.isin(expected)
    is_known = found.isin(_pairs(competition.train))
    table.refuse(
        is_known,
        gettext_noop(
            "Line {line}: user {user_id} and movie {movie_id} are in train.csv, and "
            "not asked for."
        ),
    )
    table.refuse(
        ~is_asked & ~is_known,
        gettext_noop(
            "Line {line}: user {user_id} and movie {movie_id} are not in rate.csv."
        ),
    )
    missing = ~expected.isin(found)
    if missing.any():
        user, movie = expected[int(np.argmax(missing))]
        table.reasons.append(
            gettext(
                "Missing pairs of rate.csv: {n:,} of {n_pairs:,}; the first is user "
                "{user}, movie {movie}.",
                n=int(missing.sum()),
                n_pairs=len(expected),
                user=user,
                movie=movie,
            )
        )
    if table.reasons:
        return None
    stars = table.columns["rating"][found.get_indexer(expected)]
    smallest, largest, _ = competition.rules.scale
    rating = table.columns["rating"]
    note = table.first(
        (rating < smallest) | (rating > largest),
        gettext_noop(
            "Line {line}: {rating:g} is off the scale {smallest:g} to {largest:g}, and "
            "is clipped to it."
        ),
        smallest=smallest,
        largest=largest,
    )
    table.notes += [note] if note else []
    return np.clip(stars, smallest, largest)


def _lists(table, competition):
    """Return the lists in the order of ``rank.csv``; add reasons to the table."""
    users, ranks = table.columns["user_id"], table.columns["rank"]
    expected = competition.rank["user_id"]
    length = competition.rules.list_length
    table.refuse(
        ~np.isin(users, expected),
        gettext_noop("Line {line}: user {user_id} is not in rank.csv."),
    )
    table.refuse(
        ranks > length,
        gettext_noop("Line {line}: rank {rank} is not one of 1 to {length}."),
        length=length,
    )
    table.refuse(
        pd.MultiIndex.from_arrays([users, ranks]).duplicated(),
        gettext_noop(
            "Line {line}: user {user_id} has rank {rank} twice. Ties are not allowed."
        ),
    )
    pairs = _pairs(table.columns)
    table.refuse(
        pairs.duplicated(),
        gettext_noop("Line {line} repeats user {user_id} and movie {movie_id}."),
    )
    table.refuse(
        pairs.isin(_pairs(competition.train)),
        gettext_noop(
            "Line {line}: user {user_id} has rated movie {movie_id} in train.csv. "
            "Recommend movies that are new to the user."
        ),
    )
    counts = pd.Series(users).value_counts().reindex(expected, fill_value=0)
    short = counts[counts < length]
    if len(short):
        text = gettext(
            "User {user} has {found} movies, not {length}.",
            user=short.index[0],
            found=short.iloc[0],
            length=length,
        )
        if len(short) > 1:
            text += gettext(" ({n:,} such users.)", n=len(short))
        table.reasons.append(text)
    if table.reasons:
        return None
    order = np.lexsort((ranks, pd.Index(expected).get_indexer(users)))
    return table.columns["movie_id"][order].reshape(len(expected), length)


def _pairs(table):
    return pd.MultiIndex.from_arrays([table["user_id"], table["movie_id"]])
