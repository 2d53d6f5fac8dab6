"""Read a CSV file as students write it, and say which line is wrong and why."""

import csv
import io
import re
from functools import cached_property

import numpy as np
import pandas as pd

from helpers.i18n import gettext, gettext_noop

MOST_BYTES = 10 * 2**20
MOST_SHOWN = 40
LARGEST_ID = 2**31
SIGNATURES = {
    b"PK": gettext_noop("It is a spreadsheet or an archive, not a CSV file."),
    b"\xd0\xcf\x11\xe0": gettext_noop("It is a spreadsheet, not a CSV file."),
    b"%PDF": gettext_noop("It is a PDF, not a CSV file."),
}
COMMA = re.compile(r"-?\d+,\d+")
DATE = re.compile(
    r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*|\d{1,2}[-. ]+[^\W\d]{3,}.*|[^\W\d]{3,}[-. ]+\d+"
)


class InvalidTableError(ValueError):
    """A file that is no table; the message says why."""


class Table:
    """A CSV file with a header, and what is wrong with it.

    Parameters
    ----------
    content : bytes

    Attributes
    ----------
    header : list of str
        In lower case, without spaces around the names.
    columns : dict of str to numpy.ndarray
        The columns that `numbers` has read.
    reasons : list of str
        Why it cannot be used.
    notes : list of str
        What was corrected.

    Raises
    ------
    InvalidTableError
        If it is no CSV file with a header.
    """

    def __init__(self, content):
        self.reasons, self.notes, self.columns = [], [], {}
        self._read(_text(content))

    def _read(self, text):
        first = re.search(r"\S.*|$", text)[0]
        delimiter = next((d for d in (",", ";", "\t") if d in first), ",")
        self._text, self._delimiter = text, delimiter
        reader = self._reader()
        try:
            rows = [row for row in reader if _is_filled(row)]
        except csv.Error as error:
            line = reader.line_num
            problem = gettext("Line {line} is no CSV: {error}.", line=line, error=error)
            raise InvalidTableError(problem) from None
        if not rows:
            raise InvalidTableError(gettext("The file is empty."))
        self.header = [name.strip().lower() for name in rows[0]]
        self._rows = rows[1:]
        if delimiter != ",":
            names = {";": gettext("semicolons"), "\t": gettext("tabs")}
            self.notes.append(
                gettext(
                    "It has {names} between its cells, not commas.",
                    names=names[delimiter],
                )
            )

    def _reader(self):
        return csv.reader(
            io.StringIO(self._text, newline=""), delimiter=self._delimiter
        )

    @cached_property
    def _lines(self):
        """List of int : the line on which each row ends."""
        reader = self._reader()
        return [reader.line_num for row in reader if _is_filled(row)][1:]

    def numbers(self, names, ids):
        """Read columns of finite numbers into `columns`; add reasons if that fails.

        Parameters
        ----------
        names : sequence of str
        ids : collection of str
            Those of `names` with whole numbers above 0.
        """
        twice = [name for name in names if self.header.count(name) > 1]
        if twice:
            problem = gettext("The header names {name} twice.", name=twice[0])
            self.reasons.append(problem)
            return
        try:
            columns = list(zip(self.header, *self._rows, strict=True))
        except ValueError:
            self._refuse_ragged_rows()
            return
        for name in names:
            cells = columns[self.header.index(name)][1:]
            values = self._as_numbers(name, cells)
            if name in ids and not self.reasons:
                is_id = (values % 1 == 0) & (values > 0) & (values < LARGEST_ID)
                self._refuse_cells(
                    name, cells, ~is_id, gettext("no whole number above 0")
                )
                values = np.where(is_id, values, 0).astype("int64")
            self.columns[name] = values

    def refuse(self, wrong, template, **values):
        """Add a reason with the first of the rows that are wrong, if there is one.

        Parameters
        ----------
        wrong : numpy.ndarray of bool, shape (n_rows,)
        template : str
            With ``{line}``, and the names of columns that were read.
        **values : object
            Fill other placeholders.
        """
        text = self.first(wrong, template, **values)
        if text:
            self.reasons.append(text)

    def first(self, rows, template, **values):
        """Describe the first of some rows, and count them; "" if there is none."""
        count = int(np.count_nonzero(rows))
        if not count:
            return ""
        first = int(np.argmax(rows))
        values |= {name: column[first] for name, column in self.columns.items()}
        text = gettext(template, line=self._lines[first], **values)
        if count > 1:
            text += gettext(" ({n:,} such lines.)", n=count)
        return text

    def _refuse_ragged_rows(self):
        n = len(self.header)
        sizes = np.array([len(row) for row in self._rows], dtype=int)
        row = self._rows[int(np.argmax(sizes != n))]
        text = gettext_noop(
            "Line {line} has {found} cells, the header has {expected}: “{row}”. Is "
            "there a decimal comma? Write 3.5 with a point."
        )
        row, found = shown(",".join(row)), len(row)
        self.refuse(sizes != n, text, found=found, expected=n, row=row)

    def _as_numbers(self, name, cells):
        """Return a column as floats; a decimal comma is read as a point."""
        values = pd.to_numeric(np.array(cells, dtype=object), errors="coerce")
        values = values.astype("float64")
        wrong, commas = ~np.isfinite(values), np.zeros(len(cells), dtype=bool)
        for row in np.flatnonzero(wrong):
            if COMMA.fullmatch(cells[row].strip()):
                values[row] = float(cells[row].replace(",", "."))
                commas[row] = True
        if commas.any():
            note = gettext_noop(
                "Line {line}: the comma in “{cell}” is read as a point."
            )
            cell = cells[int(np.argmax(commas))]
            self.notes.append(self.first(commas, note, cell=cell))
        wrong &= ~commas
        if wrong.any():
            self._refuse_cells(name, cells, wrong, _kind(cells[int(np.argmax(wrong))]))
        return np.where(wrong, 0.0, values)

    def _refuse_cells(self, name, cells, wrong, kind):
        if wrong.any():
            cell = shown(cells[int(np.argmax(wrong))])
            text = gettext_noop("Line {line}: {name} is “{cell}”, {kind}.")
            self.refuse(wrong, text, name=name, cell=cell, kind=kind)


def _text(content):
    if len(content) > MOST_BYTES:
        raise InvalidTableError(
            gettext(
                "The file is larger than {most} MB: these are no predictions.",
                most=MOST_BYTES // 2**20,
            )
        )
    for signature, problem in SIGNATURES.items():
        if content.startswith(signature):
            raise InvalidTableError(gettext(problem))
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    text = content.decode(encoding, errors="replace")
    if "\0" in text:
        raise InvalidTableError(gettext("It is a binary file, not a CSV file."))
    return text


def _is_filled(row):
    """Tell whether a row is more than a line of spaces."""
    return len(row) > 1 or bool("".join(row).strip())


def _kind(cell):
    """Say what a cell is that is no finite number."""
    cell = cell.strip()
    if not cell:
        return gettext("an empty cell")
    if cell.startswith(("=", "+", "@")):
        return gettext("a formula; write its value")
    if DATE.fullmatch(cell):
        return gettext("a date: a spreadsheet has changed the number")
    return gettext("no finite number")


def shown(cell):
    """Return a cell of a stranger's file on one line, printable, not too long."""
    line = "".join(c for c in " ".join(cell.split()) if c.isprintable())
    return line if len(line) <= MOST_SHOWN else f"{line[:MOST_SHOWN]}…"
