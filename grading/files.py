"""Read and write a grading's files, make text safe to show, and compare names."""

import json
import re
import unicodedata

from helpers.files import write_text as write

__all__ = ["name_key", "printable", "read_json", "without_number", "write"]


def printable(text):
    """Return text on one line, without control and invisible characters.

    Parameters
    ----------
    text : str
        Untrusted.

    Returns
    -------
    str
    """
    line = " ".join(text.split())
    return "".join(character for character in line if character.isprintable())


def name_key(name):
    """Return a key that is equal for names which spreadsheets and platforms confuse."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def without_number(name):
    """Return a name without the number that tells it from an equal one: ``Ada (2)``."""
    return re.sub(r" \(\d+\)$", "", name)


def read_json(path):
    """Read a JSON file; return None if that fails."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
