"""Map user and movie ids to the indices of an embedding table."""

import numpy as np
import pandas as pd

from helpers.i18n import gettext
from helpers.movielens.errors import UnknownIdError


class IdEncoding:
    """A mapping between ids and the indices 0…n−1 of an embedding table.

    Parameters
    ----------
    ids : array-like
        Ids, in any order, repeated or not.

    Attributes
    ----------
    ids : numpy.ndarray
        The distinct ids, sorted; the id of index i is ``ids[i]``.

    Raises
    ------
    ValueError
        If an id is missing (NaN).
    """

    def __init__(self, ids):
        ids = np.asarray(ids).ravel()
        if pd.isna(ids).any():
            raise ValueError(
                gettext(
                    "{n_missing} of {n_ids:,} ids are missing (NaN): drop them before "
                    "encoding.",
                    n_missing=int(pd.isna(ids).sum()),
                    n_ids=len(ids),
                )
            )
        self.ids = np.sort(pd.unique(ids))
        self._index = pd.Index(self.ids)

    def __len__(self):
        return len(self.ids)

    def __repr__(self):
        return f"IdEncoding({len(self):,} ids)"

    def encode(self, values):
        """Turn ids into indices.

        Parameters
        ----------
        values : array-like or a single id

        Returns
        -------
        numpy.ndarray of int32, shape of `values`

        Raises
        ------
        UnknownIdError
            If an id was not among those that the encoding was made from.
        """
        values = np.asarray(values)
        indices = self._index.get_indexer(values.ravel())
        if (indices < 0).any():
            unknown = pd.unique(values.ravel()[indices < 0])
            listed = ", ".join(str(value) for value in unknown[:5])
            how_many = gettext("{n:,} unknown ids", n=len(unknown))
            if len(unknown) == 1:
                how_many = gettext("1 unknown id")
            raise UnknownIdError(
                gettext(
                    "{how_many}: {listed}{more}. The encoding knows {n:,} ids, and a "
                    "model has no row for any other (a cold start): drop these "
                    "ratings, or fall back on a baseline.",
                    how_many=how_many,
                    listed=listed,
                    more=", …" * (len(unknown) > 5),
                    n=len(self),
                )
            )
        return indices.astype("int32").reshape(values.shape)

    def decode(self, indices):
        """Turn indices back into ids.

        Parameters
        ----------
        indices : array-like of int, or a single one

        Returns
        -------
        numpy.ndarray, shape of `indices`

        Raises
        ------
        UnknownIdError
            If an index is negative or too large.
        """
        indices = np.asarray(indices)
        if indices.size == 0:
            return self.ids[:0].reshape(indices.shape)
        outside = (indices < 0) | (indices >= len(self))
        if outside.any():
            raise UnknownIdError(
                gettext(
                    "Index {index} is outside 0…{last}: the encoding knows {n:,} ids. "
                    "Was it an id, not an index?",
                    index=indices[outside].flat[0],
                    last=len(self) - 1,
                    n=len(self),
                )
            )
        return self.ids[indices]
