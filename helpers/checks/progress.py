"""Your progress, saved on this computer only."""

import datetime

from helpers.storage import load, update

FILE = "progress.json"


def record(kind, number, *, is_attempt=False, **changes):
    """Record changes to the progress of one exercise or question.

    Parameters
    ----------
    kind : str
        ``"exercises"`` or ``"quizzes"``.
    number : str
        ``"2.3"`` or ``"2.a"``.
    is_attempt : bool
        Count one attempt more.
    **changes : object
        Entries to replace.

    Returns
    -------
    dict
        The progress of it.
    """
    last = datetime.datetime.now().isoformat(timespec="seconds")

    def change(known):
        known = _well_formed(known)
        entry = known.setdefault(kind, {}).setdefault(number, {})
        if is_attempt:
            entry["attempts"] = entry.get("attempts", 0) + 1
        entry |= {**changes, "last": last}
        return known

    update(FILE, {}, change)
    return recorded(kind, number)


def recorded(kind, number):
    """Return the progress of one exercise or question; may be empty."""
    return all_recorded(kind).get(number, {})


def all_recorded(kind):
    """Return the progress of all exercises or questions, by number."""
    return _read().get(kind, {})


def _read():
    return _well_formed(load(FILE, {}))


def _well_formed(known):
    return {
        kind: {
            number: {
                name: value
                for name, value in entry.items()
                if name not in _COUNTS or (isinstance(value, int) and value >= 0)
            }
            for number, entry in entries.items()
            if isinstance(entry, dict)
        }
        for kind, entries in known.items()
        if isinstance(entries, dict)
    }


_COUNTS = ("attempts", "hints")
