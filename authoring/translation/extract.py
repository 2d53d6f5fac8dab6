"""What is to be translated, file by file, and the PO files brought up to date."""

import re
from collections import Counter

from authoring.derive import solution_notebook
from authoring.translation.catalogs import (
    as_mo,
    po_path,
    read_catalog,
    template_catalog,
    translations,
    updated,
)
from authoring.translation.code_strings import left_out
from authoring.translation.sentences import PLAIN, messages
from authoring.translation.translate import FORMS, messages_of
from helpers.files import write_bytes, write_text

# What an author's commands show to a reader: `make course`, and its pages.
SHOWN = ("authoring/course.py", "authoring/pages.py", "authoring/execute.py")
# What the grader says to a student.
GRADER = ("grading/session.py", "grading/grade.py", "grading/proxies.py")
# The same, and what it says to an instructor, who reads English.
GRADER_FOR_BOTH = (
    *("grading/archives.py", "grading/batch.py", "grading/cells.py"),
    *("grading/cluster.py", "grading/executors.py", "grading/submissions.py"),
    "grading/runner.py",
)
PAGES = ("authoring/templates/index.html.j2", "grading/templates/student.html.j2")
SAID_IN_A_PAGE = re.compile(r'\bgettext\("([^"]+)"')


def templates(project):
    """List all that is to be translated.

    What stands in two lessons, or in a lesson and elsewhere, is translated once.

    Parameters
    ----------
    project : authoring.project.Project

    Returns
    -------
    dict of str to babel.messages.catalog.Catalog
        By the name of the PO file: a lesson's, or ``"helpers"``.
    """
    lessons = {
        path.stem: list(lesson_messages(project, path)) for path in project.sources()
    }
    shared = list(shared_messages(project))
    known = {text for text, *_ in shared}
    counts = Counter(
        text for found in lessons.values() for text in {text for text, *_ in found}
    )
    known |= {text for text, count in counts.items() if count > 1}
    templates = {
        name: template_catalog(one for one in found if one[0] not in known)
        for name, found in lessons.items()
    }
    for found in lessons.values():
        shared += [one for one in found if one[0] in known]
    templates["helpers"] = template_catalog(shared)
    return templates


def po_names(project):
    """List the names of the PO files: the lessons', and ``"helpers"``."""
    return [*(path.stem for path in project.sources()), "helpers"]


def lesson_messages(project, path):
    """Yield (text, file, comment) of all that a reader of a lesson sees."""
    notebook = solution_notebook(project, path)
    words = project.shown_words(path.stem)
    yield from messages_of(notebook, project.show(path), words)
    checks = (
        project.root / "helpers" / "checks" / "lessons" / f"lesson{path.stem[:2]}.py"
    )
    if checks.is_file():
        yield from _messages_of_module(project, checks)


def shared_messages(project):
    """Yield (text, file, comment) of what belongs to no single lesson."""
    for form in FORMS:
        yield form, "authoring/translation/translate.py", "in every lesson"
    for path in modules(project):
        if not re.fullmatch(r"lesson\d\d", path.stem):
            yield from _messages_of_module(project, path)
    for page in PAGES:
        if (path := project.root / page).is_file():
            for text in SAID_IN_A_PAGE.findall(path.read_text("utf-8")):
                yield text, page, "a page"


def modules(project):
    """List the modules that say something to a reader."""
    own = sorted((project.root / "helpers").rglob("*.py"))
    names = (*SHOWN, *GRADER, *GRADER_FOR_BOTH)
    return own + [path for name in names if (path := project.root / name).is_file()]


def is_plain(project, path):
    """Tell whether a module's sentences stand in it without `gettext`."""
    return bool(PLAIN.fullmatch(project.show(path)))


def _messages_of_module(project, path):
    file = project.show(path)
    for text in messages(path.read_text("utf-8"), is_plain(project, path)):
        yield text, file, "said by the course"


def up_to_date(project, language, found=None):
    """Bring a language's PO files up to date, as text.

    Parameters
    ----------
    project : authoring.project.Project
    language : str
    found : dict, optional
        What `templates` returned.

    Returns
    -------
    dict of pathlib.Path to str
    """
    found = found or templates(project)
    paths = {name: po_path(project, language, name) for name in found}
    # A message that moves to another file takes its translation with it.
    known = {}
    for path in paths.values():
        known |= translations(read_catalog(path, language))
    return {
        path: updated(path, language, found[name], known)
        for name, path in paths.items()
    }


def update_translations(project):
    """Bring all PO files up to date with the English; return those that changed."""
    found = templates(project) if project.languages else {}
    return [
        path
        for language in project.languages
        for path, text in up_to_date(project, language, found).items()
        if write_text(path, text)
    ]


def mo_path(project, language):
    """Return where `helpers` finds what it says in a language."""
    folder = project.root / "helpers" / "locale" / language / "LC_MESSAGES"
    return folder / "course.mo"


def compiled(project, language):
    """Derive what `helpers` says in a language.

    Parameters
    ----------
    project : authoring.project.Project
    language : str

    Returns
    -------
    bytes
        All of ``helpers.po``, and of each lesson's what its checks say.
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
    """Write what `helpers` reads; return the files that changed."""
    return [
        path
        for language in project.languages
        if write_bytes(path := mo_path(project, language), compiled(project, language))
    ]


def progress(project):
    """Say how far each PO file is; yield one line for each."""
    for language in project.languages:
        for name in po_names(project):
            path = po_path(project, language, name)
            found = [one for one in read_catalog(path, language) if one.id]
            fuzzy = sum(one.fuzzy for one in found)
            done = sum(bool(one.string) and not one.fuzzy for one in found)
            yield (
                f"{project.show(path)}: {done} of {len(found)} translated"
                + (f", {fuzzy} fuzzy" if fuzzy else "")
            )


def strings_left_out(project, numbers=None):
    """Say which strings in the lessons' code are not translated; yield lines."""
    for path in project.sources(numbers):
        words = project.shown_words(path.stem)
        found = set()
        for cell in solution_notebook(project, path).cells:
            if cell.cell_type == "code":
                found |= set(left_out(cell.source, words))
        yield f"{project.show(path)}: {', '.join(map(repr, sorted(found)))}"
