"""Recommend items to the users of your own table of ratings, by EASE."""

import difflib
import sys

import numpy as np
import pandas as pd
from scipy import sparse

from helpers.baselines import EASE_PENALTY, ease_weights
from helpers.data import load_ratings
from helpers.files import expand_path, write_text
from helpers.i18n import gettext
from helpers.ids import IdEncoding
from helpers.movielens.errors import DataError, UnknownIdError
from helpers.movielens.own import parse_columns
from helpers.ranking import mask_pairs, top_n

MOST_ITEMS = 5_000  # EASE inverts a matrix of items × items: 1 GB, half a minute
BLOCK = 1_000  # users whose scores are in memory at once


def run(path, columns="", user=None, all_lists=None, n=10, penalty=EASE_PENALTY):
    """Print a user's list, write those of all users, or both.

    Parameters
    ----------
    path : path
        A table of ratings, as `helpers.data.load_ratings` takes it.
    columns : str
        See `helpers.movielens.own.parse_columns`.
    user : str, optional
        An id of the table.
    all_lists : path, optional
        The CSV file to write: user, rank, item, title, score.
    n : int
        Places on a list.
    penalty : float
        Of EASE; a larger one makes lists more like those of the most popular items.

    Returns
    -------
    int
        The exit code: 0, or 2 if something about the table or the user is wrong.
    """
    try:
        recommender = Recommender(load_ratings(path, **parse_columns(columns)), penalty)
        print(recommender.ratings)
        if user is not None:
            lists = recommender.lists(recommender.rows_of(user), n)
            if lists.empty:
                print(gettext("{user} has rated all items.", user=user))
            else:
                print(lists[["rank", "title", "score"]].to_string(index=False))
        if all_lists:
            out = expand_path(all_lists)
            lists = recommender.lists(range(len(recommender.users)), n)
            write_text(out, lists.to_csv(index=False, lineterminator="\n"))
            print(gettext("Wrote {n:,} rows to {out}.", n=len(lists), out=out))
    except np.linalg.LinAlgError:
        print(
            gettext("With so small a --penalty, EASE has no solution."), file=sys.stderr
        )
        return 2
    except (DataError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


class Recommender:
    """EASE, the best model of lists in lesson 05, trained on all ratings of a table.

    Parameters
    ----------
    ratings : helpers.data.MovieLens
    penalty : float
    """

    def __init__(self, ratings, penalty=EASE_PENALTY):
        self.ratings = ratings
        table = ratings.ratings
        self.own_ids = ratings.own_ids or {
            name: pd.Series(table[name].unique(), table[name].unique())
            for name in ("user_id", "movie_id")
        }
        self.users = IdEncoding(table["user_id"])
        counts = table["movie_id"].value_counts()
        if len(counts) > MOST_ITEMS:
            print(
                gettext(
                    "Only the {n:,} items with the most ratings are recommended.",
                    n=MOST_ITEMS,
                )
            )
        self.items = IdEncoding(counts.index[:MOST_ITEMS])
        table = table[table["movie_id"].isin(self.items.ids)]
        self.popularity = counts[self.items.ids].to_numpy() / len(self.users)
        place = (
            self.users.encode(table["user_id"]),
            self.items.encode(table["movie_id"]),
        )
        stars = table["rating"].to_numpy("float64") / ratings.rating_scale[1]
        shape = len(self.users), len(self.items)
        self.stars = sparse.csr_array((stars, place), shape=shape)
        self.weights = ease_weights(self.stars, penalty)

    def rows_of(self, user):
        """Return the row of a user's own id, as an array of one; or raise an error."""
        known = self.own_ids["user_id"]
        found = known.index[known.astype(str) == str(user).strip()]
        if len(found):
            return self.users.encode(found)
        close = difflib.get_close_matches(str(user), known.astype(str), n=3)
        raise UnknownIdError(
            gettext(
                "{user!r} is none of the {n:,} users of {source}. Take one of those: "
                "{examples}.",
                user=user,
                n=len(known),
                source=self.ratings.source,
                examples=", ".join(close or known.astype(str)[:3]),
            )
        )

    def lists(self, rows, n):
        """Recommend items that a user has not rated, to each of some users.

        Parameters
        ----------
        rows : sequence of int
            Of `stars`.
        n : int

        Returns
        -------
        pandas.DataFrame
            user, rank (from 1), item, title, score; fewer than n rows for a user who
            has rated nearly all items.
        """
        blocks = [
            self._block(np.asarray(rows[start : start + BLOCK]), n)
            for start in range(0, len(rows), BLOCK)
        ]
        return pd.concat(blocks, ignore_index=True)

    def _block(self, rows, n):
        stars = self.stars[rows]
        scores = stars @ self.weights
        # EASE knows nothing of a user whose items were all left out.
        scores[np.diff(stars.indptr) == 0] = self.popularity
        user, item = stars.nonzero()
        scores = mask_pairs(scores, {"user": user, "movie": item})
        best = top_n(scores, n)
        user, place = np.nonzero(best >= 0)
        movie_ids = self.items.decode(best[user, place])
        own, movies = self.own_ids, self.ratings.movies.set_index("movie_id")
        return pd.DataFrame(
            {
                "user": own["user_id"][self.users.decode(rows[user])].to_numpy(),
                "rank": place + 1,
                "item": own["movie_id"][movie_ids].to_numpy(),
                "title": movies["title"][movie_ids].to_numpy(),
                "score": scores[user, best[user, place]].round(4),
            }
        )
