"""Files of a grading, which may be interrupted at any time."""

import json

from helpers.course_home import write_text as write

__all__ = ["read_json", "write"]


def read_json(path):
    """Read JSON; None where there is none that can be read."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
