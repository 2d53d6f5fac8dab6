"""The folder where the course keeps what outlives a lesson."""

import copy
import errno
import json
import os
import sys
import tempfile
from pathlib import Path

import pooch

from helpers.language import say
from helpers.terminal import export

_waiting = {}
"""File name -> (default, changes) that could not be written so far."""

_problem = None
"""Why; None where all is written."""


def expand_path(path):
    """Return a path as a shell would hand it over: ``~/work``, ``$HOME/work``.

    No shell has read a path that stands in a notebook, in a settings file or in a
    variable of `make`.

    Parameters
    ----------
    path : str or path
        May be in quotation marks. A name that exists as it is written stays as it is.

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


def user_folder(variable, name):
    """Return the folder that a variable names, else one of your user account.

    Parameters
    ----------
    variable : str
        An environment variable: ``"COURSE_HOME"``.
    name : str
        Of the folder in your user account's cache.

    Returns
    -------
    pathlib.Path : it need not exist yet

    Raises
    ------
    OSError
        If the variable is not set, and your user account has no home folder.
    """
    chosen = os.environ.get(variable, "").strip()
    if chosen:
        return expand_path(chosen)
    folder = Path(pooch.os_cache(name))
    if not folder.is_absolute():  # "~" itself: nothing is known to stand for it
        raise FileNotFoundError(
            errno.ENOENT, say("your user account has no home folder"), str(folder)
        )
    return folder


def course_home():
    """Return the folder of the scoreboard and of your own ratings.

    Returns
    -------
    pathlib.Path
        ``$COURSE_HOME`` where it is set, else a folder of your user account.
        It is created if it is not there yet.

    Raises
    ------
    OSError
        If it cannot be created.
    """
    home = user_folder("COURSE_HOME", "neural-recsys-course")
    home.mkdir(parents=True, exist_ok=True)
    return home


def kept(name, default):
    """Return what the course home keeps under a name, with all changes to it.

    Parameters
    ----------
    name : str
        Of a file: ``"progress.json"``.
    default : dict or list
        What to return where nothing is kept, or nothing can be read.

    Returns
    -------
    The value, with the type of `default`.
    """
    global _problem
    try:
        value = read_json(course_home() / name, default)
        if not _waiting:
            _problem = None
    except OSError as error:
        _problem = error
        value = default
    value = copy.deepcopy(value)
    for change in _waiting.get(name, (default, ()))[1]:
        value = change(value)
    return value


def keep(name, default, change):
    """Change what the course home keeps under a name.

    Where it cannot be written, the change is made again on what is there as soon as
    something can be written; until then `kept` makes it, and `not_kept` says so.

    Parameters
    ----------
    name : str
        Of a file: ``"progress.json"``.
    default : dict or list
        What to change where nothing is kept yet.
    change : callable
        Takes the value and returns the changed one.
    """
    _waiting.setdefault(name, (default, []))[1].append(change)
    _write_what_waits()


def _write_what_waits():
    global _problem
    for name, (default, _) in list(_waiting.items()):
        value = kept(name, default)
        try:
            write_json(course_home() / name, value)
        except OSError as error:
            _problem = error
            return
        del _waiting[name]
        _problem = None


def not_kept():
    """Say in one line that what you do is not kept, and how to keep it.

    Returns
    -------
    str
        Empty where all has been written.
    """
    _write_what_waits()
    if _problem is None:
        return ""
    reason = " ".join(str(_problem).split())
    folder = writable_folder("recsys-course")
    if folder is None:
        return say("→ What you do here is not kept ({reason}).", reason=reason)
    return say(
        "→ What you do here is not kept ({reason}). To keep it, run this first, each "
        "time: {command}",
        reason=reason,
        command=set_variable("COURSE_HOME", folder),
    )


def set_variable(variable, value):
    """Tell what to type to set an environment variable, here: in a notebook or a shell.

    Parameters
    ----------
    variable : str
    value : str or path

    Returns
    -------
    str
    """
    if "IPython" in sys.modules and sys.modules["IPython"].get_ipython():
        return f"%env {variable}={value}"
    return export(variable, value)


def writable_folder(name):
    """Find a place for a folder of this name, where files can be written now.

    Parameters
    ----------
    name : str

    Returns
    -------
    pathlib.Path or None
        In the folder that you are in, your home, or the system's temporary folder;
        it need not exist yet.
    """
    for parent in (os.getcwd, Path("~").expanduser, tempfile.gettempdir):
        try:
            folder = Path(parent(), name)
            try_to_write(folder if os.path.lexists(folder) else folder.parent)
        except (OSError, RuntimeError):  # the latter: an account without a home
            continue
        return folder
    return None


def try_to_write(folder):
    """Write a file that vanishes at once; raise `OSError` where that fails.

    Parameters
    ----------
    folder : path
    """
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(bytes(8192))  # the inode itself may have room for a few bytes


def existing(folder):
    """Return the folder, or the nearest one above it that is there.

    Parameters
    ----------
    folder : pathlib.Path

    Returns
    -------
    pathlib.Path
    """
    return next(f for f in (folder, *folder.parents) if os.path.lexists(f))


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

    Raises
    ------
    OSError
        If the file can neither be read nor be set aside.
    """
    if not os.path.lexists(path):
        return default
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(value, type(default)):
            raise TypeError(
                say("expected a {default_type}", default_type=type(default).__name__)
            )
        return value
    except (ValueError, TypeError, OSError) as error:
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
