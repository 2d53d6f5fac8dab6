"""Paths as a shell expands them, and files that are written atomically."""

import json
import os
import shlex
import subprocess
import tempfile
import threading
from pathlib import Path

from helpers.i18n import gettext


def shell_quote(word):
    """Quote a word, or a path, for the shell."""
    word = str(word)
    return subprocess.list2cmdline([word]) if os.name == "nt" else shlex.quote(word)


def export_command(variable, value):
    """Return the shell command that sets an environment variable."""
    if os.name == "nt":
        return f"$env:{variable} = '{value}'"
    return f"export {variable}={shell_quote(value)}"


def expand_path(path):
    """Expand a path as a shell does: ``~/work``, ``$HOME/work``.

    For paths from a notebook, a settings file or a variable of `make`, which no shell
    has expanded.

    Parameters
    ----------
    path : str or path
        May be in quotation marks. A path that exists as written is not expanded.

    Returns
    -------
    pathlib.Path
    """
    text = os.fspath(path)
    if os.path.lexists(text) and not text.startswith("~"):
        return Path(text)
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1]
    return Path(os.path.expanduser(os.path.expandvars(text)))


def writable_folder(name):
    """Find a writable place for a folder of this name.

    Returns
    -------
    pathlib.Path or None
        In the folder that you are in, your home, or the system's temporary folder;
        it need not exist yet.
    """
    for parent in (os.getcwd, Path("~").expanduser, tempfile.gettempdir):
        try:
            folder = Path(parent(), name)
            check_writable(folder if os.path.lexists(folder) else folder.parent)
        except (OSError, RuntimeError):  # the latter: an account without a home
            continue
        return folder
    return None


def check_writable(folder):
    """Write a temporary file into a folder; raise `OSError` if that fails."""
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(bytes(8192))  # the inode itself may have room for a few bytes


def nearest_existing(folder):
    """Return the folder, or the nearest one above it that exists, if there is one."""
    above = (f for f in (folder, *folder.parents) if os.path.lexists(f))
    return next(above, folder)


def write_json(path, value):
    """Write `value` as JSON, as `write_text` does."""
    write_text(path, json.dumps(value, indent=1, ensure_ascii=False))


def write_text(path, text):
    """Write `text` (UTF-8, LF) atomically; do not touch an equal file.

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
    # Not a `tempfile`, which only its owner may read; each thread has its own.
    draft = path.with_name(f".{os.getpid()}-{threading.get_ident()}.tmp")
    try:
        draft.write_bytes(content)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    return True


def read_json(path, default):
    """Read JSON; rename a file that cannot be read, and return the default.

    Parameters
    ----------
    path : pathlib.Path
    default : anything
        What to return where there is no file, or a damaged one.

    Returns
    -------
    The file's value, or `default`. It has the type of `default`.

    Raises
    ------
    OSError
        If the file can neither be read nor renamed.
    """
    if not os.path.lexists(path):
        return default
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(value, type(default)):
            raise TypeError(
                gettext(
                    "expected a {default_type}", default_type=type(default).__name__
                )
            )
        return value
    except (ValueError, TypeError, OSError) as error:
        aside = path.with_suffix(".damaged")
        os.replace(path, aside)
        print(
            gettext(
                "{name} could not be read ({error}); it is now {aside}.",
                name=path.name,
                error=error,
                aside=aside,
            )
        )
        return default
