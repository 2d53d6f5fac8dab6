"""Files of a grading, which may be interrupted at any time."""

import json
import os
import shlex
from pathlib import Path

from helpers.files import write_text as write

__all__ = ["path_as_typed", "printable", "read_json", "write"]


def printable(text):
    """Return a text in one line, without characters that command or cannot be seen.

    Parameters
    ----------
    text : str
        Of anybody's making.

    Returns
    -------
    str
    """
    line = " ".join(text.split())
    return "".join(one for one in line if one.isprintable())


def read_json(path):
    """Read JSON; None where there is none that can be read."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def path_as_typed(text):
    """Return a path as a shell would have, where `make` has handed it over as it is.

    Parameters
    ----------
    text : str
        With ``~``, ``$HOME`` or quotes in it, perhaps.

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
