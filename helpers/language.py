"""What the course says, in the language that the reader chose: ``COURSE_LANG``.

Every text is written in English, where it is needed. `say` looks its translation up, in
a file that `make notebooks` derives from ``locale/``; without one it stays English.
"""

import functools
import gettext
import os
from pathlib import Path

FOLDER = Path(__file__).parent / "locale"


def say(template, /, **values):
    """Return a text in the reader's language, its placeholders filled.

    Parameters
    ----------
    template : str
        In English: ``"Kept {n} ratings."``
    **values : object
        Fill the ``{placeholders}``. Without any, braces are just braces.

    Returns
    -------
    str
    """
    # gettext's own entry for "" is the file's header.
    text = _catalog(language()).gettext(template) if template else ""
    return text.format(**values) if values else text


def phrase(text):
    """Mark a text that is said later, where it is shown; return it as it is."""
    return text


def language():
    """Return the reader's language, ``"en"`` unless ``COURSE_LANG`` names another."""
    return os.environ.get("COURSE_LANG") or "en"


@functools.cache
def _catalog(name):
    return gettext.translation("course", FOLDER, [name], fallback=True)
