"""The folder where the course keeps what outlives a lesson."""

import json
import os
import tempfile
from pathlib import Path

import pooch

from helpers.language import say


def course_home():
    """Return the folder of the scoreboard and of your own ratings.

    Returns
    -------
    pathlib.Path
        ``$COURSE_HOME`` where it is set, else a folder of your user account.
        It is created if it is not there yet.
    """
    home = Path(os.environ.get("COURSE_HOME") or pooch.os_cache("neural-recsys-course"))
    home.mkdir(parents=True, exist_ok=True)
    return home


def write_json(path, value):
    """Write `value` as JSON, wholly or not at all.

    Parameters
    ----------
    path : pathlib.Path
    value : anything that JSON can hold
    """
    write_text(path, json.dumps(value, indent=1, ensure_ascii=False))


def write_text(path, text):
    """Write `text` (UTF-8, LF) wholly or not at all; leave an equal file alone.

    Parameters
    ----------
    path : pathlib.Path
        Its folder is created if it is not there yet.
    text : str

    Returns
    -------
    bool : whether the file changed
    """
    return write_bytes(path, text.encode("utf-8"))


def write_bytes(path, content):
    """Write bytes as `write_text` does; return whether the file changed."""
    if path.is_file() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    return True


def read_json(path, default):
    """Read JSON; a file that cannot be read is set aside, not fatal.

    Parameters
    ----------
    path : pathlib.Path
    default : anything
        What to return where there is no file, or a damaged one.

    Returns
    -------
    The file's value, or `default`. It has the type of `default`.
    """
    if not path.exists():
        return default
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(value, type(default)):
            raise TypeError(
                say("expected a {default_type}", default_type=type(default).__name__)
            )
        return value
    except (ValueError, TypeError) as error:
        aside = path.with_suffix(".damaged")
        os.replace(path, aside)
        print(
            say(
                "{name} could not be read ({error}); it is now {aside}.",
                name=path.name,
                error=error,
                aside=aside,
            )
        )
        return default
