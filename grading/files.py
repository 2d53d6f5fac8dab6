"""Files of a grading, which may be interrupted at any time."""

import json

from helpers.course_home import write_text as write

__all__ = ["printable", "read_json", "write"]


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
