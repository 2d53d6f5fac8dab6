"""Read the folder of a class competition."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.files import write_text
from helpers.i18n import gettext
from helpers.movielens.errors import DataError, SourceNotFoundError

RULES = "competition.json"
# Columns whose values are texts, even if they look like numbers or missing values.
TEXTS = ("title", "genres", "gender", "occupation", "zip_code")
TABLES = ("train", "movies", "users", "rate", "rank")


@dataclass(frozen=True)
class Rules:
    """What a submission has to look like, and how it is scored.

    Attributes
    ----------
    scale : tuple of float
        Smallest rating, largest rating, step.
    share : float
        Share of each user's ratings that is hidden.
    relevant_from : float
        A hidden rating of at least so many stars makes a movie relevant in a list.
    list_length : int
    is_public : bool
        Whether the ratings are published somewhere, so that they can be looked up.
    """

    scale: tuple
    share: float = 0.3
    relevant_from: float = 4.0
    list_length: int = 10
    is_public: bool = False


@dataclass(frozen=True, eq=False, repr=False)
class Competition:
    """The tables of a competition. No user is both in `rate` and in `rank`.

    Attributes
    ----------
    train : pandas.DataFrame
        user_id, movie_id, rating and, where known, timestamp (seconds since 1970).
    movies : pandas.DataFrame
        movie_id, title, year, genres.
    users : pandas.DataFrame or None
        What is known about the users.
    rate : pandas.DataFrame
        user_id, movie_id: the pairs to predict stars for.
    rank : pandas.DataFrame
        user_id: the users to recommend ten movies to.
    rules : Rules
    """

    train: pd.DataFrame
    movies: pd.DataFrame
    users: pd.DataFrame | None
    rate: pd.DataFrame
    rank: pd.DataFrame
    rules: Rules

    def __repr__(self):
        return gettext(
            "{n_train:,} ratings to train on, {n_rate:,} pairs to rate, {n_rank:,} "
            "users to recommend movies to",
            n_train=len(self.train),
            n_rate=len(self.rate),
            n_rank=len(self.rank),
        )


@dataclass(frozen=True, eq=False)
class Answers:
    """What a competition hides.

    Attributes
    ----------
    ratings : numpy.ndarray of float, shape (n_pairs,)
        The stars of each row of `Competition.rate`.
    relevant : pandas.DataFrame
        user_id, movie_id: the movies that a list should contain.
    """

    ratings: np.ndarray
    relevant: pd.DataFrame


def load_competition(folder="."):
    """Read the folder that the instructor handed out.

    Parameters
    ----------
    folder : path

    Returns
    -------
    Competition

    Raises
    ------
    SourceNotFoundError
        If a file is missing.
    DataError
        If a file cannot be read.
    """
    folder = Path(folder)
    required = (RULES, *(f"{name}.csv" for name in TABLES if name != "users"))
    if missing := [name for name in required if not (folder / name).is_file()]:
        raise SourceNotFoundError(
            gettext(
                "{folder} lacks {missing}. Unpack the whole competition into one "
                "folder, and open the notebook there.",
                folder=folder.resolve(),
                missing=", ".join(missing),
            )
        )
    try:
        rules = json.loads((folder / RULES).read_text("utf-8"))
        rules["scale"] = tuple(rules["scale"])
        tables = {
            name: pd.read_csv(
                path,
                dtype=dict.fromkeys(TEXTS, str),
                keep_default_na=False,
                na_values=[""],
            )
            for name in TABLES
            if (path := folder / f"{name}.csv").is_file()
        }
        movies = tables["movies"].astype({"year": "Int64"})
        tables["movies"] = movies.fillna({"title": "", "genres": ""})
        return Competition(**{"users": None} | tables, rules=Rules(**rules))
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(
            gettext(
                "The competition in {folder} cannot be read ({error}). Unpack it "
                "again.",
                folder=folder.resolve(),
                error=error,
            )
        ) from error


def write_competition(competition, folder):
    """Write the files that `load_competition` reads.

    Parameters
    ----------
    competition : Competition
    folder : pathlib.Path
    """
    for name in TABLES:
        table = getattr(competition, name)
        if table is not None:
            write_text(folder / f"{name}.csv", table.to_csv(index=False))
    rules = json.dumps(asdict(competition.rules), indent=1)
    write_text(folder / RULES, rules + "\n")
