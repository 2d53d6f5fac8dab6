"""Make a competition: one folder for students, one for the instructor."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from competition import data, models, secret
from helpers.competition.folder import (
    Answers,
    Competition,
    Rules,
    load_competition,
    write_competition,
)
from helpers.competition.splits import hide
from helpers.competition.submissions import (
    LISTS,
    RATINGS,
    read_submission,
)
from helpers.competition.writing import write_lists, write_ratings
from helpers.files import write_text
from helpers.movielens.errors import DataError, SourceNotFoundError

STUDENTS, INSTRUCTOR = "students", "instructor"
BEST = "best possible"
PUBLIC_SHARE = 1 / 3


class OtherCompetitionError(DataError):
    """The folder has another competition, which might have been handed out."""


@dataclass(frozen=True, eq=False)
class Made:
    """A competition with its answers.

    Attributes
    ----------
    competition : helpers.competition.folder.Competition
    answers : helpers.competition.folder.Answers
    public : frozenset of int
        The users that the public score is computed from.
    rows : dict of (str, str) to numpy.ndarray
        Predictions by kind and name: the course's models, and `BEST` if it is known.
    """

    competition: Competition
    answers: Answers
    public: frozenset
    rows: dict


def make(key, source="synthetic", shape=None, with_hybrid=True):
    """Make a competition from a secret.

    Parameters
    ----------
    key : str
        The secret.
    source : str
        See `competition.data.load_source`.
    shape : dict, optional
        Sizes of synthetic ratings.
    with_hybrid : bool
        See `competition.models.rows`.

    Returns
    -------
    Made

    Raises
    ------
    competition.secret.SecretError
    helpers.movielens.errors.DataError
    """
    secret.check(key)
    loaded = data.load_source(source, secret.seed(key, f"data {source}"), shape)
    renamed, old = _with_new_ids(loaded, secret.generator(key, "ids"))
    smallest, largest, _ = loaded.scale
    rules = Rules(
        loaded.scale,
        relevant_from=smallest + 0.75 * (largest - smallest),
        is_public=loaded.truth is None,
    )
    users = np.sort(renamed.ratings["user_id"].unique())
    shuffled = secret.generator(key, "users").permutation(users)
    rate_users, rank_users = np.array_split(shuffled, 2)
    everything = Competition(
        renamed.ratings, renamed.movies, renamed.users, None, None, rules
    )
    competition, answers = hide(everything, rate_users, secret.generator(key, "split"))
    # A third of each half: of the users in random order, the first.
    public = frozenset(
        int(user)
        for part in (rate_users, rank_users)
        for user in part[: round(PUBLIC_SHARE * len(part))]
    )
    rows = models.rows(competition, with_hybrid)
    if loaded.truth is not None:
        counts = renamed.ratings["user_id"].value_counts()
        rows |= _best(competition, loaded.truth, old, counts)
    return Made(competition, answers, public, rows)


def _with_new_ids(source, rng):
    """Give users and movies new ids in random order; return their old rows, too."""
    tables = {"ratings": source.ratings, "movies": source.movies, "users": source.users}
    old = {}
    for name in ("user_id", "movie_id"):
        ids = rng.permutation(np.sort(source.ratings[name].unique()))
        old[name] = ids - 1
        new = pd.Series(np.arange(1, len(ids) + 1), index=ids)
        for table_name, table in tables.items():
            if table is not None and name in table:
                table = table[table[name].isin(ids)]
                table = table.assign(**{name: table[name].map(new)})
                keys = [c for c in ("user_id", "movie_id") if c in table]
                tables[table_name] = table.sort_values(keys).reset_index(drop=True)
    if source.truth is not None:
        # The old numbers are in the titles.
        movies = tables["movies"]
        numbers = movies["movie_id"].astype(str).str.zfill(4)
        tables["movies"] = movies.assign(title="Synthetic movie " + numbers)
    return replace(source, **tables), old


def _best(competition, truth, old, counts):
    rate, rank, rules = competition.rate, competition.rank, competition.rules
    user, movie = (old[name][rate[name] - 1] for name in ("user_id", "movie_id"))
    stars = data.expected_ratings(truth, user, movie, rules.scale)
    users = rank["user_id"].to_numpy()
    train = competition.train[competition.train["user_id"].isin(users)]
    seen = {
        "user": np.searchsorted(users, train["user_id"]),
        "movie": old["movie_id"][train["movie_id"] - 1],
    }
    n_ratings = counts.reindex(users).to_numpy()
    best = data.best_lists(truth, old["user_id"][users - 1], n_ratings, seen, rules)
    new = np.argsort(old["movie_id"]) + 1
    return {(RATINGS, BEST): stars, (LISTS, BEST): new[best]}


def write(made, folder):
    """Write the folders `STUDENTS` and `INSTRUCTOR`.

    Parameters
    ----------
    made : Made
    folder : pathlib.Path

    Raises
    ------
    OtherCompetitionError
        If there is another competition in the folder.
    """
    competition, answers = made.competition, made.answers
    known = folder / STUDENTS / "train.csv"
    if known.is_file() and known.read_text("utf-8") != competition.train.to_csv(
        index=False
    ):
        raise OtherCompetitionError(
            f"There is another competition in {folder}: with that secret or data, its "
            "students' files would change. Name another folder, COMPETITION=folder, or "
            "delete this one."
        )
    write_competition(competition, folder / STUDENTS)
    inside = folder / INSTRUCTOR
    table = competition.rate.assign(rating=answers.ratings)
    write_text(inside / "ratings.csv", table.to_csv(index=False))
    write_text(inside / "relevant.csv", answers.relevant.to_csv(index=False))
    public = pd.DataFrame({"user_id": sorted(made.public)})
    write_text(inside / "public.csv", public.to_csv(index=False))
    for (kind, name), values in made.rows.items():
        writer = write_ratings if kind == RATINGS else write_lists
        path = inside / kind / f"{name}.csv"
        writer(competition, values, path)


def read(folder):
    """Read the folders that `write` has written.

    Parameters
    ----------
    folder : pathlib.Path

    Returns
    -------
    Made
        Its rows are submissions, `helpers.competition.submissions.Submission`.

    Raises
    ------
    helpers.movielens.errors.DataError
        If there are no such folders.
    """
    folder = Path(folder)
    inside = folder / INSTRUCTOR
    if not (inside / "ratings.csv").is_file():
        raise SourceNotFoundError(
            f"There is no competition in {folder}: no {inside / 'ratings.csv'}. Make "
            "it with `make competition`, or name its folder: COMPETITION=folder."
        )
    competition = load_competition(folder / STUDENTS)
    answers = Answers(
        pd.read_csv(inside / "ratings.csv")["rating"].to_numpy("float64"),
        pd.read_csv(inside / "relevant.csv"),
    )
    public = frozenset(pd.read_csv(inside / "public.csv")["user_id"].tolist())
    rows = {
        (kind, path.stem): read_submission(path, competition)
        for kind in (RATINGS, LISTS)
        for path in sorted((inside / kind).glob("*.csv"))
    }
    return Made(competition, answers, public, rows)
