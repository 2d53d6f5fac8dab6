"""What is to be translated, file by file, and the PO files brought up to date."""

from authoring.catalogs import po_path, read_catalog, template_catalog, update
from authoring.derive import solution_notebook
from authoring.strings import left_out
from authoring.translate import FORMS, messages_of


def templates(project):
    """List all that is to be translated.

    Parameters
    ----------
    project : authoring.project.Project

    Returns
    -------
    dict of str to babel.messages.catalog.Catalog
        By the name of the PO file: a lesson's, or ``"helpers"``.
    """
    found = {
        path.stem: template_catalog(lesson_messages(project, path))
        for path in project.sources()
    }
    found["helpers"] = template_catalog(helpers_messages(project))
    return found


def lesson_messages(project, path):
    """Yield (text, file, comment) of all that a reader of a lesson sees."""
    notebook = solution_notebook(project, path)
    words = project.shown_words(path.stem)
    yield from messages_of(notebook, project.show(path), words)


def helpers_messages(project):
    """Yield (text, file, comment) of what belongs to no single lesson."""
    for form in FORMS:
        yield form, "authoring/translate.py", "in every lesson"


def update_translations(project):
    """Bring all PO files up to date with the English.

    Parameters
    ----------
    project : authoring.project.Project

    Returns
    -------
    list of pathlib.Path : the files that changed
    """
    if not project.languages:
        return []
    return [
        path
        for name, template in templates(project).items()
        for language in project.languages
        if update(path := po_path(project, language, name), language, template)
    ]


def progress(project):
    """Say how far each PO file is; yield one line for each."""
    for language in project.languages:
        for name in [*(path.stem for path in project.sources()), "helpers"]:
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
