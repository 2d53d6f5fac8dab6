"""The errors of the data helpers, one small family under `DataError`."""


class DataError(Exception):
    """Anything that can go wrong between a data set's name and its ratings."""


class UnknownDatasetError(DataError, ValueError):
    """No data set goes by this name."""


class SourceNotFoundError(DataError, FileNotFoundError):
    """The folder or zip that the user named is not there, or lacks the files."""


class CorruptDataError(DataError):
    """A file is there, but it is not what it should be."""


class UnsafeArchiveError(DataError):
    """A zip holds a member that points outside the zip."""


class MissingColumnError(DataError):
    """A table lacks a column."""


class InvalidRatingsError(DataError, ValueError):
    """The ratings break a rule that every lesson relies on."""


class SourcesUnreachableError(DataError):
    """None of the places that could hold the data set delivered it."""


class SplitNotAvailableError(DataError):
    """The data set came without the official folds."""


class UnknownIdError(DataError, KeyError):
    """An id (or an index) that the encoding has never seen."""

    # KeyError prints the repr of its argument, quotes and \n included.
    __str__ = Exception.__str__
