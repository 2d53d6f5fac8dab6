"""Read and write a grading's files, and make text safe to show."""

import json
import os
import shlex
from pathlib import Path

from helpers.files import write_text as write

__all__ = ["path_as_typed", "printable", "read_json", "write"]


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


def read_json(path):
    """Read a JSON file; return None if that fails."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def path_as_typed(text):
    """Expand a path as a shell does, because `make` passes it on unexpanded.

    Parameters
    ----------
    text : str
        May contain ``~``, ``$HOME`` or quotes.

    Returns
    -------
    pathlib.Path
    """
    if os.path.lexists(text):
        return Path(text)
    try:
        words = shlex.split(text)
    except ValueError:
        words = []
    word = words[0] if len(words) == 1 else text
    return Path(os.path.expanduser(os.path.expandvars(word)))
