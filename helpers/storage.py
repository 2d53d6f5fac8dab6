"""The folder in which the course saves progress, scores and your ratings."""

import copy
import errno
import os
import sys
from pathlib import Path

import pooch

from helpers.files import (
    expand_path,
    export_command,
    read_json,
    writable_folder,
    write_json,
)
from helpers.i18n import gettext

_pending = {}
"""File name -> (default, changes) that could not be written yet."""

_problem = None
"""The error of the last attempt; None if everything is written."""


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
            errno.ENOENT, gettext("your user account has no home folder"), str(folder)
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


def load(name, default):
    """Read a saved file, with the changes that could not be written yet.

    Parameters
    ----------
    name : str
        Of a file: ``"progress.json"``.
    default : dict or list
        Returned if nothing is saved, or it cannot be read.

    Returns
    -------
    The value, with the type of `default`.
    """
    global _problem
    try:
        value = read_json(course_home() / name, default)
        if not _pending:
            _problem = None
    except OSError as error:
        _problem = error
        value = default
    value = copy.deepcopy(value)
    for change in _pending.get(name, (default, ()))[1]:
        value = change(value)
    return value


def update(name, default, change):
    """Change a saved file, now or as soon as it can be written.

    Until then `load` applies the change, and `save_warning` returns a warning.

    Parameters
    ----------
    name : str
        Of a file: ``"progress.json"``.
    default : dict or list
        The value to change if nothing is saved yet.
    change : callable
        Takes the value and returns the changed one.
    """
    _pending.setdefault(name, (default, []))[1].append(change)
    _write_pending()


def _write_pending():
    global _problem
    for name, (default, _) in list(_pending.items()):
        value = load(name, default)
        try:
            write_json(course_home() / name, value)
        except OSError as error:
            _problem = error
            return
        del _pending[name]
        _problem = None


def save_warning():
    """Return a warning if changes could not be saved, with the command that helps.

    Returns
    -------
    str
        Empty if everything has been written.
    """
    _write_pending()
    if _problem is None:
        return ""
    reason = " ".join(str(_problem).split())
    folder = writable_folder("recsys-course")
    if folder is None:
        return gettext("→ What you do here is not kept ({reason}).", reason=reason)
    return gettext(
        "→ What you do here is not kept ({reason}). To keep it, run this first, each "
        "time: {command}",
        reason=reason,
        command=set_variable_command("COURSE_HOME", folder),
    )


def set_variable_command(variable, value):
    """Return the command that sets a variable, in a notebook or in a shell."""
    if "IPython" in sys.modules and sys.modules["IPython"].get_ipython():
        return f"%env {variable}={value}"
    return export_command(variable, value)
