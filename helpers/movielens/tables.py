"""Find columns in a table of any common form: CSV, TSV, Parquet, gzip, zip."""

import codecs
import csv
import difflib
import gzip
import io
import re
import zlib
from pathlib import Path

import pandas as pd

from helpers.files import expand_path
from helpers.i18n import gettext
from helpers.movielens.errors import (
    CorruptDataError,
    MissingColumnError,
    SourceNotFoundError,
)
from helpers.movielens.sources import DAMAGED_MEMBER, opened, what_it_is

TEXTS = (".csv", ".tsv", ".txt", ".dat", ".data", ".inter")
SUFFIXES = (*TEXTS, ".parquet", ".gz", ".zip")
SEPARATORS = (",", ";", "\t", "|")
LINES = 50  # that decide about the separator
# How columns are called, in lower case and without spaces and signs.
ALIASES = {
    "user": ("userid", "user", "reader", "readerid", "customer", "customerid"),
    "item": ("movieid", "movie", "itemid", "item", "isbn", "bookid", "productid"),
    "rating": ("rating", "stars", "score", "bookrating"),
    "time": ("timestamp", "time", "date", "datetime"),
    "title": ("title", "booktitle", "movietitle", "name"),
    "year": ("year", "releaseyear", "yearofpublication"),
    "genres": ("genres", "genre"),
}


def is_table(name):
    """Tell whether a name is like that of a file with a table."""
    return Path(str(name)).suffix.lower() in SUFFIXES


def label_of(source):
    """Return the name of a table in messages."""
    if isinstance(source, pd.DataFrame):
        return gettext("a frame")
    return Path(source).name


def read_columns(source, named, needed):
    """Read the columns of a table that are known.

    Parameters
    ----------
    source : path or pandas.DataFrame
        A text with a first line of names; its encoding and separator are found out.
    named : dict of str
        Role -> name of its column; None: a common name, if there is one; "": none.
        If all names are numbers, the file has no names, and these are positions from 1.
    needed : tuple of str
        Roles that the table must have.

    Returns
    -------
    pandas.DataFrame
        A column for each role that was found, called like it. Columns of a text are
        text, and a missing value is empty.

    Raises
    ------
    SourceNotFoundError, CorruptDataError, MissingColumnError
    """
    if isinstance(source, pd.DataFrame):
        found = _find(list(map(str, source.columns)), named, needed, label_of(source))
        table = source.set_axis(list(map(str, source.columns)), axis=1)
        return table[list(found.values())].set_axis(list(found), axis=1)
    path = expand_path(source)
    if not path.is_file():
        raise _not_there(path)
    content = _content(path)
    if content[:4] == b"PAR1":
        return _read_parquet(content, path, named, needed)
    return _read_text(_decoded(content, path), path, named, needed)


def _not_there(path):
    near = [file.name for file in path.parent.glob("*") if is_table(file)]
    close = difflib.get_close_matches(path.name, near, n=1)
    hint = gettext(" Did you mean {close!r}?", close=close[0]) if close else ""
    return SourceNotFoundError(
        gettext("There is no file {path}.{hint} Name another.", path=path, hint=hint)
    )


def _content(path):
    """Return the bytes of a file, or of the only table in a zip; without gzip."""
    content = path.read_bytes()
    if content.startswith(b"PK\3\4") and b"[Content_Types].xml" not in content[:2000]:
        with opened(path) as root:
            members = [m for m in _files(root) if is_table(m.name)]
            if len(members) != 1:
                raise SourceNotFoundError(
                    gettext(
                        "{path} should hold one table, and it holds {n}: {names}. "
                        "Unpack it, and name the file.",
                        path=path,
                        n=len(members),
                        names=", ".join(m.name for m in members[:8]) or gettext("none"),
                    )
                )
            try:
                content = members[0].read_bytes()
            except DAMAGED_MEMBER as error:
                raise _no_table(path, f"{type(error).__name__}: {error}") from error
    if content.startswith(b"\x1f\x8b"):
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error) as error:
            raise _no_table(path, error) from error
    return content


def _files(folder):
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from () if entry.name == "__MACOSX" else _files(entry)
        elif not entry.name.startswith("."):
            yield entry


def _decoded(content, path):
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace")
    if b"\0" in content[: 2**16]:
        raise _no_table(path, what_it_is(path))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")  # what Excel writes on Windows


def _read_text(text, path, named, needed):
    first, _, rest = text.lstrip("\r\n ").partition("\n")
    if re.fullmatch('"?sep=."?', first.strip("\r ")):  # what Excel is told by
        text = rest
    text = text.lstrip("\r\n ")
    lines = [line for line in text[: 2**16].splitlines() if line.strip()][:LINES]
    if not lines:
        raise _no_table(path, gettext("it is empty"))
    separator = max(SEPARATORS, key=lambda sep: _agreement(lines, sep))
    names = [cell.strip() for cell in next(csv.reader(lines[:1], delimiter=separator))]
    given = [name for name in named.values() if name]
    has_names = not given or not all(name.isdecimal() for name in given)
    if not has_names:
        names = [str(place + 1) for place in range(len(names))]
        named = {role: name or "" for role, name in named.items()}
    found = _find(names, named, needed, path)
    try:
        table = pd.read_csv(
            io.StringIO(text),
            sep=separator,
            header=None,
            names=names if len(set(names)) == len(names) else None,
            skiprows=int(has_names),
            usecols=[names.index(name) for name in found.values()],
            dtype=str,
            keep_default_na=False,
            index_col=False,
        )
    except (ValueError, csv.Error) as error:
        raise _no_table(path, error) from error
    order = sorted(found, key=lambda role: names.index(found[role]))
    return table.set_axis(order, axis=1)


def _agreement(lines, separator):
    """Return how many lines have as many cells as the first, and how many cells."""
    try:
        counts = [len(row) for row in csv.reader(lines, delimiter=separator)]
    except csv.Error:
        return (0, 0)
    return (counts.count(counts[0]) if counts[0] > 1 else 0, counts[0])


def _read_parquet(content, path, named, needed):
    try:
        table = pd.read_parquet(io.BytesIO(content))
    except ImportError as error:
        raise CorruptDataError(
            gettext(
                "{path} is Parquet, which pandas reads with the package pyarrow: run "
                "`pip install pyarrow`, or save the table as CSV.",
                path=path,
            )
        ) from error
    except (ValueError, OSError) as error:
        raise _no_table(path, error) from error
    return read_columns(table, named, needed)


def _find(names, named, needed, label):
    """Return the column of each role that has one; refuse what is not there."""
    plain = {re.sub(r"[\W_]", "", name.split(":")[0].lower()): name for name in names}
    found = {}
    for role, name in named.items():
        if name is None:
            known = [plain[alias] for alias in ALIASES[role] if alias in plain]
            name = next((k for k in known if k not in named.values()), "")
        elif name and name not in names:
            raise _no_column(label, role, name, names)
        if name:
            found[role] = name
    for role in needed:
        if role not in found:
            raise _no_column(label, role, None, names)
    if twice := [name for name in found.values() if names.count(name) > 1]:
        raise MissingColumnError(
            gettext(
                "{label} has several columns {name}: rename all but one.",
                label=label,
                name=twice[0],
            )
        )
    if len(set(found.values())) < len(found):
        raise MissingColumnError(
            gettext(
                "Each of {roles} needs a column of its own; they are {names}.",
                roles=", ".join(found),
                names=", ".join(found.values()),
            )
        )
    return found


def _no_column(label, role, name, names):
    close = difflib.get_close_matches(name or role, names, n=1)
    return MissingColumnError(
        gettext(
            "{label} lacks a column {name}; it has {names}. Name the right one: "
            "{role}={example}.",
            label=label,
            name=name or role,
            names=", ".join(names[:20]),
            role=role,
            example=(close or ["…"])[0],
        )
    )


def _no_table(path, reason):
    return CorruptDataError(
        gettext(
            "{path} cannot be read as a table: {reason}. Save it as CSV with one "
            "rating in each line, and a first line of names.",
            path=path,
            reason=reason,
        )
    )
