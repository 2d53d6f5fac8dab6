"""`benchmarks/results.json`: a list of records, and nothing else.

A record is written as soon as it is measured, so an interrupted run goes on where it
was. The file is replaced in one step: whoever reads it never sees half of it.
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
        course, seed or peer; speed or growth; computer.
    model, split, metric : str
    value : float, optional
        Mean over the runs; None where the model was left out, and `note` says why.
    **rest
        ``spread`` (standard deviation over the runs), ``runs``, ``fit_s`` and ``cpu_s``
        (of fitting, medians), ``score_s`` (of the first run), ``peak_mb`` (largest),
        ``note``.

    Returns
    -------
    dict : with all of `KEYS`; what is not known is None

    Raises
    ------
    ValueError
        If there is no such key.
    """
    if unknown := set(rest) - set(KEYS):
        raise ValueError(f"A record has no {sorted(unknown)}; it has {KEYS}.")
    given = {"kind": kind, "model": model, "split": split, "metric": metric}
    return dict.fromkeys(KEYS) | given | {"value": value} | rest


class Results:
    """The records of a file, kept in step with it.

    Parameters
    ----------
    path : pathlib.Path
        Need not exist yet.
    fresh : bool
        Forget what the file holds.
    """

    def __init__(self, path=PATH, fresh=False):
        self.path = Path(path)
        self.records = []
        if self.path.exists() and not fresh:
            self.records = json.loads(self.path.read_text("utf-8"))

    def has(self, kind, model, split, runs=1):
        """Whether this was measured, with so many runs or more."""
        return any(
            _key(one) == (kind, model, split)
            and one["value"] is not None
            and one["runs"] >= runs
            for one in self.records
        )

    def put(self, records):
        """Add records, all of one model on one split, in place of its older ones."""
        (key,) = {_key(one) for one in records}
        kept = [one for one in self.records if _key(one) != key]
        self.records = kept + list(records)
        self._write()

    def find(self, **wanted):
        """List the records that have these values."""
        return [
            one
            for one in self.records
            if all(one[key] == value for key, value in wanted.items())
        ]

    def value(self, kind, model, split, metric):
        """Return the one value asked for, or None."""
        found = self.find(kind=kind, model=model, split=split, metric=metric)
        return found[0]["value"] if found else None

    def _write(self):
        # Models end in another order each time; those of one model stay as they are.
        self.records.sort(key=_key)
        rows = ",\n".join(json.dumps(one, ensure_ascii=False) for one in self.records)
        write_text(self.path, f"[\n{rows}\n]\n")


def _key(one):
    return one["kind"], one["model"], one["split"]
