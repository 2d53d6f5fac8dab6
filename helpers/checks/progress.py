"""What you have done so far, kept on this computer and nowhere else."""

import datetime

from helpers.storage import keep, kept

FILE = "progress.json"


def record(kind, number, **changes):
    """Note something about one exercise or quiz.

    Parameters
    ----------
    kind : str
        ``"exercises"`` or ``"quizzes"``.
    number : str
        ``"2.3"`` or ``"2.a"``.
    **changes : object
        Entries to replace, or, where the value is ``"+1"``, to count up.

    Returns
    -------
    dict
        What is now known about it.
    """
    last = datetime.datetime.now().isoformat(timespec="seconds")

    def change(known):
        known = _without_wrong_forms(known)
        entry = known.setdefault(kind, {}).setdefault(number, {})
        for name, value in changes.items():
            entry[name] = entry.get(name, 0) + 1 if value == "+1" else value
        entry["last"] = last
        return known

    keep(FILE, {}, change)
    return recorded(kind, number)


def recorded(kind, number):
    """Return what is known about one exercise or quiz; an empty dict if nothing."""
    return all_recorded(kind).get(number, {})


def all_recorded(kind):
    """Return what is known about all exercises or quizzes, by number."""
    return _read().get(kind, {})


def _read():
    return _without_wrong_forms(kept(FILE, {}))


def _without_wrong_forms(known):
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
