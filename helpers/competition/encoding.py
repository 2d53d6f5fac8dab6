"""The tables of a competition with the row numbers that models need."""

import numpy as np
import pandas as pd

from helpers.i18n import gettext
from helpers.ids import IdEncoding
from helpers.ranking import top_n


class Encoded:
    """The tables of a competition, with indices for ids.

    Parameters
    ----------
    competition : helpers.competition.folder.Competition

    Attributes
    ----------
    train, rate : pandas.DataFrame
        With the columns ``user`` and ``movie``, int32.
    ranked : numpy.ndarray of int32, shape (n_ranked,)
        The users to recommend movies to.
    users, movies : helpers.ids.IdEncoding
    n_users, n_movies : int
    """

    def __init__(self, competition):
        self.users = IdEncoding(competition.train["user_id"])
        self.movies = IdEncoding(competition.movies["movie_id"])
        self.n_users, self.n_movies = len(self.users), len(self.movies)
        self.train = self._with_indices(competition.train)
        self.rate = self._with_indices(competition.rate)
        self.ranked = self.users.encode(competition.rank["user_id"])
        self._length = competition.rules.list_length

    def _with_indices(self, table):
        return table.assign(
            user=self.users.encode(table["user_id"]),
            movie=self.movies.encode(table["movie_id"]),
        )

    def lists(self, scores):
        """Recommend to each of the `ranked` users the best movies not yet rated.

        Parameters
        ----------
        scores : array_like of float, shape (n_ranked, n_movies)

        Returns
        -------
        numpy.ndarray of int, shape (n_ranked, list length)
            Ids, the best first, as `write_lists` takes them.

        Raises
        ------
        ValueError
            If the scores have another shape.
        """
        scores = np.array(scores, dtype="float64")
        expected = len(self.ranked), self.n_movies
        if scores.shape != expected:
            raise ValueError(
                gettext(
                    "The scores have shape {found}; expected {expected}, a row for "
                    "each user in `ranked`.",
                    found=scores.shape,
                    expected=expected,
                )
            )
        row = pd.Index(self.ranked).get_indexer(self.train["user"])
        is_ranked = row >= 0
        scores[row[is_ranked], self.train["movie"][is_ranked]] = -np.inf
        return self.movies.decode(top_n(scores, self._length))
