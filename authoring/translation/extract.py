"""Collect the messages to translate, and update the PO files."""

import re
from collections import Counter

from babel.messages.extract import extract_from_file
from jinja2.ext import babel_extract

from authoring.check_texts import check_texts, sentences
from authoring.derive import solution_notebook
from authoring.instructor import NAME as INSTRUCTOR
from authoring.instructor import instructor_messages
from authoring.translation.catalogs import (
    as_mo,
    po_path,
    read_catalog,
    template_catalog,
    translations,
    updated,
)
from authoring.translation.code_strings import LETTER, left_out
from authoring.translation.sentences import PLAIN, messages
from authoring.translation.translate import FORMS, messages_of
from helpers.files import write_bytes, write_text

# Modules whose messages readers see in `make course`, on its pages and on the site.
SHOWN = (
    *("authoring/course.py", "authoring/pages.py", "authoring/execute.py"),
    "authoring/site/texts.py",
)
# Modules of the grader whose messages are for students only.
GRADER = ("grading/session.py", "grading/grade.py", "grading/proxies.py")
# Modules of the grader with messages for students, and English ones for instructors.
GRADER_FOR_BOTH = (
    *("grading/archives.py", "grading/batch.py", "grading/cells.py"),
    *("grading/cluster.py", "grading/executors.py", "grading/submissions.py"),
    *("grading/runner.py", "grading/layouts.py", "grading/__main__.py"),
)
# Modules of the class competition: what its pages say, to teams and instructors.
COMPETITION = (
    "competition/entries.py",
    "competition/flags.py",
    "competition/reports.py",
)
KEYWORDS = {"gettext": None}
PAGES = (
    "authoring/templates/index.html.j2",
    "grading/templates/student.html.j2",
    "grading/templates/class.html.j2",
    "competition/templates/leaderboard.html.j2",
    "competition/templates/project.md.j2",
)


def templates(project):
    """Collect all messages to translate.

    A message that occurs in two lessons, or in a lesson and elsewhere, is translated
    only once, in ``helpers.po``. For this, the instructor's guide counts as a lesson.

    Parameters
    ----------
    project : authoring.project.Project

    Returns
    -------
    dict of str to babel.messages.catalog.Catalog
        The messages by the name of their PO file: a lesson's, ``"instructor"`` or
        ``"helpers"``.
    """
    lessons = {
        path.stem: list(lesson_messages(project, path)) for path in project.sources()
    }
    lessons[INSTRUCTOR] = list(instructor_messages())
    shared = list(shared_messages(project))
    known = {text for text, *_ in shared}
    counts = Counter(
        text for found in lessons.values() for text in {text for text, *_ in found}
    )
    known |= {text for text, count in counts.items() if count > 1}
    templates = {
        name: template_catalog(entry for entry in found if entry[0] not in known)
        for name, found in lessons.items()
    }
    for found in lessons.values():
        shared += [entry for entry in found if entry[0] in known]
    templates["helpers"] = template_catalog(shared)
    return templates


def po_names(project):
    """List the names of the PO files, in the order of `templates`."""
    return [*(path.stem for path in project.sources()), INSTRUCTOR, "helpers"]


def lesson_messages(project, path):
    """Yield the messages of a lesson and its checks: (text, file, comment)."""
    notebook = solution_notebook(project, path)
    words = project.shown_words(path.stem)
    yield from messages_of(notebook, project.show(path), words)
    checks = project.checks / f"lesson{path.stem[:2]}.py"
    file = project.show(checks.with_suffix(".json"))
    for text in sentences(check_texts(project, path, notebook)):
        if LETTER.search(text):
            yield text, file, "said by the course"
    if checks.is_file():
        yield from _messages_of_module(project, checks)


def shared_messages(project):
    """Yield the messages that belong to no single lesson: (text, file, comment)."""
    for form in FORMS:
        yield form, "authoring/translation/translate.py", "in every lesson"
    for path in modules(project):
        if not re.fullmatch(r"lesson\d\d", path.stem):
            yield from _messages_of_module(project, path)
    for page in PAGES:
        if (path := project.root / page).is_file():
            for _, text, *_ in extract_from_file(
                babel_extract, path, keywords=KEYWORDS
            ):
                yield text, page, "a page"


def modules(project):
    """List the modules with messages for readers."""
    own = sorted((project.root / "helpers").rglob("*.py"))
    names = (*SHOWN, *GRADER, *GRADER_FOR_BOTH, *COMPETITION)
    return own + [path for name in names if (path := project.root / name).is_file()]


def is_plain(project, path):
    """Tell whether a module's sentences are messages without `gettext`."""
    return bool(PLAIN.fullmatch(project.show(path)))


def _messages_of_module(project, path):
    file = project.show(path)
    for text in messages(path.read_text("utf-8"), is_plain(project, path)):
        yield text, file, "said by the course"


def up_to_date(project, language, found=None, reword=None):
    """Return the updated texts of a language's PO files.

    Parameters
    ----------
    project : authoring.project.Project
    language : str
    found : dict, optional
        The result of `templates`.
    reword : function of str to str, optional
        What was done to the English messages since, for example to their links: it is
        done to the translations, too.

    Returns
    -------
    dict of pathlib.Path to str
    """
    found = found or templates(project)
    paths = {name: po_path(project, language, name) for name in found}
    # A message that moves to another file keeps its translation.
    known = {}
    for path in paths.values():
        known |= translations(read_catalog(path, language))
    if reword:
        known |= {reword(text): reword(said) for text, said in known.items()}
    return {
        path: updated(path, language, found[name], known)
        for name, path in paths.items()
    }


def update_translations(project, reword=None):
    """Update all PO files from the English messages; return those that changed."""
    found = templates(project) if project.languages else {}
    return [
        path
        for language in project.languages
        for path, text in up_to_date(project, language, found, reword).items()
        if write_text(path, text)
    ]


def mo_path(project, language):
    """Return the path of the MO file that `helpers` reads."""
    folder = project.root / "helpers" / "locale" / language / "LC_MESSAGES"
    return folder / "course.mo"


def compiled(project, language):
    """Compile the translations that `helpers`, `grading` and `competition` need.

    Parameters
    ----------
    project : authoring.project.Project
    language : str

    Returns
    -------
    bytes
        A MO file with all of ``helpers.po``, and the messages of the lessons' checks.
    """
    texts = {}
    for name in po_names(project):
        catalog = read_catalog(po_path(project, language, name), language)
        said = translations(catalog)
        for message in catalog:
            files = [file for file, _ in message.locations]
            is_ours = name == "helpers" or any(
                f.startswith(("helpers/", "grading/")) for f in files
            )
            if message.id in said and is_ours:
                texts[message.id] = said[message.id]
    return as_mo(language, texts)


def compile_translations(project):
    """Write the MO files that `helpers` reads; return those that changed."""
    return [
        path
        for language in project.languages
        if write_bytes(path := mo_path(project, language), compiled(project, language))
    ]


def progress(project):
    """Yield a line for each PO file with the number of translated messages."""
    for language in project.languages:
        for name in po_names(project):
            path = po_path(project, language, name)
            found = [entry for entry in read_catalog(path, language) if entry.id]
            fuzzy = sum(entry.fuzzy for entry in found)
            done = sum(bool(entry.string) and not entry.fuzzy for entry in found)
            yield (
                f"{project.show(path)}: {done} of {len(found)} translated"
                + (f", {fuzzy} fuzzy" if fuzzy else "")
            )


def strings_left_out(project, numbers=None):
    """Yield a line for each lesson with the strings that are not translated."""
    for path in project.sources(numbers):
        words = project.shown_words(path.stem)
        found = set()
        for cell in solution_notebook(project, path).cells:
            if cell.cell_type == "code":
                found |= set(left_out(cell.source, words))
        yield f"{project.show(path)}: {', '.join(map(repr, sorted(found)))}"
