"""Read and write `benchmarks/results.json`, a list of records.

A record is written as soon as it is measured, so that an interrupted run can be
resumed. The file is replaced atomically.
"""

import json
from pathlib import Path

from helpers.files import write_text

PATH = Path(__file__).parent / "results.json"
KEYS = (
    *("kind", "model", "split", "metric", "value", "spread", "runs"),
    *("fit_s", "cpu_s", "score_s", "peak_mb", "note"),
)


def record(kind, model, split, metric, value=None, **rest):
    """Make a record.

    Parameters
    ----------
    kind : str
        course, notebook or peer; speed or growth; computer.
    model, split, metric : str
    value : float, optional
        The mean over the runs; None if the model was left out, and `note` says why.
    **rest
        ``spread`` (standard deviation over the runs), ``runs``, ``fit_s`` and ``cpu_s``
        (of fitting, medians), ``score_s`` (of the first run), ``peak_mb`` (largest),
        ``note``.

    Returns
    -------
    dict : with all of `KEYS`; unknown values are None

    Raises
    ------
    ValueError
        If a key is unknown.
    """
    if unknown := set(rest) - set(KEYS):
        raise ValueError(f"A record has no {sorted(unknown)}; it has {KEYS}.")
    given = {"kind": kind, "model": model, "split": split, "metric": metric}
    return dict.fromkeys(KEYS) | given | {"value": value} | rest


class Results:
    """The records of a file, which is updated with them.

    Parameters
    ----------
    path : pathlib.Path
        The file, which need not exist yet.
    fresh : bool
        Ignore the file's records.
    """

    def __init__(self, path=PATH, fresh=False):
        self.path = Path(path)
        self.records = []
        if self.path.exists() and not fresh:
            self.records = json.loads(self.path.read_text("utf-8"))

    def has(self, kind, model, split, runs=1):
        """Tell whether there is a result of at least this many runs."""
        return any(
            _key(row) == (kind, model, split)
            and row["value"] is not None
            and row["runs"] >= runs
            for row in self.records
        )

    def put(self, records):
        """Replace the records of one model on one split."""
        (key,) = {_key(row) for row in records}
        kept = [row for row in self.records if _key(row) != key]
        self.records = kept + list(records)
        self._write()

    def find(self, **wanted):
        """Return the records that have these values."""
        return [
            row
            for row in self.records
            if all(row[key] == value for key, value in wanted.items())
        ]

    def value(self, kind, model, split, metric):
        """Return the value of one record, or None."""
        found = self.find(kind=kind, model=model, split=split, metric=metric)
        return found[0]["value"] if found else None

    def _write(self):
        # Sort, because models finish in a different order in each run.
        self.records.sort(key=_key)
        rows = ",\n".join(json.dumps(row, ensure_ascii=False) for row in self.records)
        write_text(self.path, f"[\n{rows}\n]\n")


def _key(row):
    return row["kind"], row["model"], row["split"]
