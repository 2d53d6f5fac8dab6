"""What you have done so far, kept on this computer and nowhere else."""

import datetime

from helpers.course_home import course_home, read_json, write_json


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
    kept = _read()
    entry = kept.setdefault(kind, {}).setdefault(number, {})
    for name, value in changes.items():
        entry[name] = entry.get(name, 0) + 1 if value == "+1" else value
    entry["last"] = datetime.datetime.now().isoformat(timespec="seconds")
    write_json(_path(), kept)
    return entry


def recorded(kind, number):
    """Return what is known about one exercise or quiz; an empty dict if nothing."""
    return all_recorded(kind).get(number, {})


def all_recorded(kind):
    """Return what is known about all exercises or quizzes, by number."""
    return _read().get(kind, {})


def _read():
    """Read the file, without whatever in it has the wrong form."""
    kept = read_json(_path(), {})
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
        for kind, entries in kept.items()
        if isinstance(entries, dict)
    }


_COUNTS = ("attempts", "hints")


def _path():
    return course_home() / "progress.json"
