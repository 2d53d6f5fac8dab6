"""The exceptions of the data helpers; all are subclasses of `DataError`."""


class DataError(Exception):
    """A data set could not be loaded."""


class UnknownDatasetError(DataError, ValueError):
    """There is no data set of this name."""


class SourceNotFoundError(DataError, FileNotFoundError):
    """The folder or zip that was named does not exist, or lacks the files."""


class CorruptDataError(DataError):
    """A file exists, but is damaged or not the expected one."""


class UnsafeArchiveError(DataError):
    """A zip has a member whose path is outside the zip."""


class MissingColumnError(DataError):
    """A table lacks a column."""


class InvalidRatingsError(DataError, ValueError):
    """The ratings break a rule that every lesson relies on."""


class SourcesUnreachableError(DataError):
    """The data set could not be downloaded from any source."""


class SplitNotAvailableError(DataError):
    """The data set has no official folds."""


class UnknownIdError(DataError, KeyError):
    """An id or index is not in the encoding."""

    # KeyError prints the repr of its argument, quotes and \n included.
    __str__ = Exception.__str__
