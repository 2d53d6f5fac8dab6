"""The folder where the course keeps what outlives a lesson."""

import copy
import errno
import os
import sys
from pathlib import Path

import pooch

from helpers.files import expand_path, export, read_json, writable_folder, write_json
from helpers.i18n import gettext

_waiting = {}
"""File name -> (default, changes) that could not be written so far."""

_problem = None
"""Why; None where all is written."""


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
        return gettext("→ What you do here is not kept ({reason}).", reason=reason)
    return gettext(
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
