"""Texts in the reader's language, which ``COURSE_LANG`` names.

Texts are written in English where they are needed. `gettext` looks up the translation
in a file that `make notebooks` compiles from ``locale/``; without one, English stays.
"""

import functools
import gettext as stdlib_gettext
import os
import string
from pathlib import Path

FOLDER = Path(__file__).parent / "locale"


def gettext(template, /, **values):
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
    text = catalog(language()).gettext(template) if template else ""
    return _Filled().vformat(text, (), values) if values else text


class _Filled(string.Formatter):
    """Fill placeholders; in Spanish, ``{n:,}`` is 9430 or, with a space, 94 300."""

    def format_field(self, value, spec):
        text = super().format_field(value, spec)
        if not spec.startswith(",") or language() != "es":
            return text
        whole = text.partition(".")[0]
        return text.replace(",", "" if len(whole.strip("-")) < 6 else "\xa0")


def gettext_noop(text):
    """Mark a text for translation, and return it as it is."""
    return text


def language():
    """Return the reader's language, ``"en"`` unless ``COURSE_LANG`` names another."""
    return os.environ.get("COURSE_LANG") or "en"


@functools.cache
def catalog(lang):
    """Return the translations into a language; empty ones where there are none."""
    return stdlib_gettext.translation("course", FOLDER, [lang], fallback=True)
