"""Read, update and write the translations as gettext PO files.

``locale/es/LC_MESSAGES/02_dot_model.po`` contains the messages of lesson 02, and
``helpers.po`` all others. Translators edit them with Poedit, Weblate or an editor;
`make translations` updates them from the English sources. The files contain no dates,
versions or line numbers, so that they change only with messages and translations.
"""

import io
import re

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po, write_po

from authoring.project import AuthoringError

HEADER = """\
# The course in another language. CONTRIBUTING.md says how to translate; the terms
# are those of docs/glossary.md.
msgid ""
msgstr ""
"Project-Id-Version: neural-recsys-course\\n"
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"""
WIDTH = 88


class PlainCatalog(Catalog):
    """A catalog whose header contains only the language and the encoding."""

    @property
    def mime_headers(self):
        """list of (str, str) : the header's lines."""
        return [
            tuple(line[1:-4].split(": ", 1))
            for line in HEADER.format(language=self.locale_identifier).splitlines()
            if line.startswith('"')
        ]


def po_path(project, language, name):
    """Return the path of the catalog of a lesson, or of ``"helpers"``."""
    return project.locale / language / "LC_MESSAGES" / f"{name}.po"


def template_catalog(messages):
    """Return an untranslated catalog.

    Parameters
    ----------
    messages : iterable of (str, str, str)
        Each message, its file, and a comment for translators. Equal messages become
        one entry.

    Returns
    -------
    babel.messages.catalog.Catalog
    """
    catalog = PlainCatalog()
    for text, file, comment in messages:
        catalog.add(text, locations=[(file, 0)], auto_comments=[comment])
    return catalog


def read_catalog(path, language):
    """Read a PO file; return an empty catalog if it does not exist.

    Raises
    ------
    AuthoringError
        If it is not a valid PO file.
    """
    if not path.is_file():
        return PlainCatalog(locale=language)
    try:
        with path.open("rb") as file:
            return read_po(file, locale=language, charset="utf-8", abort_invalid=True)
    except (PoFileError, ValueError) as error:
        raise AuthoringError(f"{path.name} is no PO file: {error}") from error


def updated(path, language, template, known=()):
    """Return the text of a PO file, updated from the English messages.

    Known messages keep their translations. A new message that resembles a removed one
    gets that one's translation, marked fuzzy: readers see English until a translator
    has reviewed it. Removed messages are dropped.

    Parameters
    ----------
    path : pathlib.Path
    language : str
    template : babel.messages.catalog.Catalog
    known : dict of str to str, optional
        Translations in other files, for messages that have moved to this one.

    Returns
    -------
    str
    """
    catalog = read_catalog(path, language)
    guesses = _guesses(catalog, template, language)
    catalog.update(template, no_fuzzy_matching=True)
    for message in catalog:
        if message.id and not message.string and message.id in known:
            message.string = known[message.id]
        elif message.id in guesses and not message.string:
            message.string, message.flags = guesses[message.id], {"fuzzy"}
        message.flags &= {"fuzzy"}
        if message.id and not message.string:
            message.flags.discard("fuzzy")
    file = io.BytesIO()
    write_po(
        file,
        catalog,
        width=WIDTH,
        omit_header=True,
        include_lineno=False,
        ignore_obsolete=True,
    )
    body = file.getvalue().decode("utf-8").strip("\n")
    return HEADER.format(language=language) + (f"\n{body}\n" if body else "")


def _guesses(catalog, template, language):
    """Return a translation for each new message that resembles a removed one."""
    gone, new = Catalog(locale=language), Catalog()
    for message in catalog:
        if message.id and message.string and message.id not in template:
            gone.add(message.id, message.string)
    for message in template:
        if message.id and message.id not in catalog:
            new.add(message.id)
    gone.update(new)
    return {entry.id: entry.string for entry in gone if entry.id and entry.string}


def translations(catalog):
    """Return the translations that readers see, without fuzzy and empty ones.

    Parameters
    ----------
    catalog : babel.messages.catalog.Catalog

    Returns
    -------
    dict of str to str
    """
    return {
        message.id: message.string
        for message in catalog
        if message.id and message.string and not message.fuzzy
    }


def same_content(text, other):
    """Tell whether two PO texts are equal except for line breaks."""
    return _content(text) == _content(other)


def _content(text):
    catalog = read_po(io.BytesIO(text.encode("utf-8")), charset="utf-8")
    return [
        (entry.id, entry.string, entry.fuzzy, entry.auto_comments, entry.locations)
        for entry in catalog
        if entry.id
    ]


def as_mo(language, texts):
    """Return translations as a MO file; equal texts give equal bytes.

    Parameters
    ----------
    language : str
    texts : dict of str to str

    Returns
    -------
    bytes
    """
    catalog = PlainCatalog(locale=language)
    for text in sorted(texts):
        catalog.add(text, texts[text])
    file = io.BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def beginning(text):
    """Return the first words of a message, to refer to it."""
    words = re.sub(r"\s+", " ", text).strip()
    return words if len(words) <= 60 else words[:57].rsplit(" ", 1)[0] + " …"
