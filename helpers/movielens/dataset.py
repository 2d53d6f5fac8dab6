"""A data set of ratings in the one tidy form that all lessons use."""

from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from helpers.i18n import gettext, gettext_noop

# What a part of a lesson may need, and not all ratings have.
NEEDS = {
    "stars": gettext_noop("ratings on a scale"),
    "time": gettext_noop("the time of each rating"),
    "year": gettext_noop("the year of each movie"),
    "genres": gettext_noop("the genres of each movie"),
    "users": gettext_noop("what is known about the users, such as their age"),
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
    own_ids : dict or None
        For ratings of your own: ``user_id`` and ``movie_id``, each a pandas.Series
        with the ids of the table, indexed by those in `ratings`.
    notes : tuple of str
        What you should know of ratings of your own.
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
    own_ids: dict | None = None
    notes: tuple = ()

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

    def lacks(self, what, quiet=False):
        """Tell whether these ratings lack something; if so, print that, too.

        Parameters
        ----------
        what : str
            ``"stars"``, ``"time"``, ``"year"``, ``"genres"`` or ``"users"``.
        quiet : bool
            Print nothing.

        Returns
        -------
        bool
        """
        if what in ("stars", "time"):
            column = self.ratings["rating" if what == "stars" else "timestamp"]
            is_missing = column.min() == column.max()
        elif what == "users":
            is_missing = self.users is None
        else:
            is_missing = bool(self.movies[what].isin(["", pd.NA]).all())
        if is_missing and not quiet:
            print(
                gettext(
                    "This part needs {what}, and {name} has none: continue below.",
                    what=gettext(NEEDS[what]),
                    name=self.name,
                )
            )
        return bool(is_missing)

    def __repr__(self):
        if self.own_ids is not None:
            line = gettext(
                "{name}: {n_users:,} users, {n_items:,} items, {n_ratings:,} ratings "
                "({density:.2g} % of all pairs), from {source}",
                name=self.name,
                n_users=self.n_users,
                n_items=self.n_movies,
                n_ratings=self.n_ratings,
                density=100 * self.density,
                source=self.source,
            )
            return "\n→ ".join([line, *self.notes])
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
