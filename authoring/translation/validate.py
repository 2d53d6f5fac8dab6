"""Check that the translations are complete, and match the English."""

import re

from authoring.instructor import NAME as INSTRUCTOR
from authoring.translation.catalogs import (
    beginning,
    po_path,
    read_catalog,
    same_content,
)
from authoring.translation.code_strings import placeholders
from authoring.translation.extract import (
    GRADER,
    compiled,
    is_plain,
    mo_path,
    modules,
    templates,
    up_to_date,
)
from authoring.translation.sentences import escaping

TRANSLATIONS = "make translations"
DERIVE = "make notebooks"
SHARED = (INSTRUCTOR, "helpers")
# Parts that must be equal in both languages, in any order.
KEPT = {
    "inline code": re.compile(r"(?<!`)(?:``[^`]+``|`[^`\n]+`)(?!`)"),
    "formula": re.compile(r"\$\$.+?\$\$|\$[^$\n]+\$", re.DOTALL),
    # Without links into the same page: they name its headings, which are translated.
    "link": re.compile(r"\]\(([^)\s#][^)\s]*)\)|(https?://[^\s)>\]]+)"),
    "variable": re.compile(r"\{\{ .+? \}\}"),
    "HTML tag": re.compile(r"</?[a-z]+[^<>]*>"),
    "example": re.compile(r"(?m)^\s*(?:>>>|\.\.\.) .*$"),
    "number": re.compile(r"\d+\.\d+"),
}
# Texts that are not translated: commands, codes, and names in data.
COMPUTERS_TEXT = re.compile(
    r"""^(
        .*\ -m\ (pip|venv|jupyter\w*|ipykernel|compileall|helpers)\b.*
      | (export|mv|chmod|unset|Remove-Item|conda|jupyter|cd|echo|install|uv)\b.*
      | (%env|\$env:|\ *--lang|cache\ purge).*
      | too\ late                     # the code of an error
      | There\ is\ no\ such\ function\.|It\ cannot\ use\ that\.  # to the sandbox
      | That\ is\ far\ more\ than\ was\ handed\ over\.
      | Call\ the\ proxy's.*|a\ check\ cannot\ hand\ over.*     # to developers
      | .*@\ git\+.*
      | \s*import\ .*
      | not\ (yet|attempted)          # a verdict's state; its words are said elsewhere
      | module\ .*has\ no\ attribute.*
      | check\(.*
      | IdEncoding\(.*
      | (random|time,\ last|stand-in\ for|Synthetic\ movie|,\ filtered).*  # data
      | Movie\ \{number\}             # a made-up title
      | [\d.]+px\b.*                   # a style
      | college/grad\ student|customer\ service|doctor/health\ care|K-12\ student
      | \(no\ genres\ listed\)|unkonwn\ \(unkonwn\)
      | offset\ points|upper\ left    # Matplotlib's words
      | no\ file\ of\ ours
    )$""",
    re.VERBOSE | re.DOTALL,
)


def problems(project, names=None):
    """List the problems of the translations.

    Parameters
    ----------
    project : authoring.project.Project
    names : list of str, optional
        Check only these lessons' PO files, ``["02_dot_model"]``, and those that all
        share.

    Yields
    ------
    file, problem, fix : str
    """
    if not project.languages:
        return
    found = templates(project)
    for language in project.languages:
        for path, text in up_to_date(project, language, found).items():
            if names and path.stem not in {*names, *SHARED}:
                continue
            file = project.show(path)
            if not path.is_file() or not same_content(path.read_text("utf-8"), text):
                yield file, "is not as its English sources have it", TRANSLATIONS
            for problem in catalog_problems(read_catalog(path, language)):
                yield file, problem, f"translate it in {file}, then {DERIVE}"
        if not names:
            yield from _strays(project, language, found)
            yield from _stale_mo(project, language)
    if not names:
        yield from _escaping(project)


def catalog_problems(catalog):
    """Yield a sentence for each missing, fuzzy or wrong translation of a catalog."""
    for message in catalog:
        if not message.id:
            continue
        where = f"“{beginning(message.id)}”"
        if message.fuzzy:
            yield f"{where} has changed, and its translation is fuzzy"
        elif not message.string:
            yield f"{where} is not translated"
        else:
            for what, english, other in differences(message.id, message.string):
                yield f"{where}: {what} is {english} in English and {other} here"


def differences(english, other):
    """Compare the parts that a translation must not change.

    Parameters
    ----------
    english, other : str

    Yields
    ------
    what, english, other : str
    """
    found = {
        what: (_all(pattern, english), _all(pattern, other))
        for what, pattern in KEPT.items()
    }
    found["placeholder"] = (placeholders(english), placeholders(other))
    found["white space around it"] = (_ends(english), _ends(other))
    for what, (ours, theirs) in found.items():
        if ours != theirs:
            yield what, _shown(ours, theirs), _shown(theirs, ours)


def _all(pattern, text):
    return sorted(
        next(filter(None, match.groups()), match[0]).strip()
        for match in pattern.finditer(text)
    )


def _ends(text):
    """Tell where a text has white space at its ends, whatever its length."""
    return [text[:1].isspace(), text[-1:].isspace(), text[-1:] == "\n"]


def _shown(values, others):
    """Name the parts that one side has more often than the other."""
    own = [str(part) for part in values if values.count(part) > others.count(part)]
    return ", ".join(dict.fromkeys(own)) or "not there"


def _strays(project, language, found):
    for path in sorted(po_path(project, language, "x").parent.glob("*.po")):
        if path.stem not in found:
            yield project.show(path), "belongs to no lesson", "delete it"


def _stale_mo(project, language):
    path = mo_path(project, language)
    if not path.is_file() or path.read_bytes() != compiled(project, language):
        yield project.show(path), "is not as derived now", DERIVE


def _escaping(project):
    """List the texts that cannot be translated, because they are filled too early."""
    for path in modules(project):
        file = project.show(path)
        if not file.startswith("helpers/") and file not in GRADER:
            continue  # authors and instructors read English
        for line, text in escaping(path.read_text("utf-8"), is_plain(project, path)):
            if COMPUTERS_TEXT.match(text):
                continue
            yield (
                f"{file}:{line}",
                f"“{beginning(text)}” cannot be translated",
                'write it as a text with {placeholders}: gettext("… {n} …", n=n)',
            )
