"""Writes files wholly or not at all: a grading may be interrupted at any time."""

import json
import os
import tempfile


def write(path, text):
    """Write text (UTF-8), wholly or not at all.

    Parameters
    ----------
    path : pathlib.Path
    text : str
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def read_json(path):
    """Read JSON; None where there is none that can be read."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
