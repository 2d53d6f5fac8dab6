"""Translate the small lesson in tests, and read it in Spanish."""

from authoring.derive import exercise_notebook
from authoring.translation.catalogs import po_path


def translate(project, **said):
    """Write translations into the small lesson's PO file; check that they fit."""
    path = po_path(project, "es", "01_small")
    text = path.read_text("utf-8")
    for english, spanish in said.items():
        entry = f'msgid "{english}"\nmsgstr ""'
        assert entry in text, english
        text = text.replace(entry, f'msgid "{english}"\nmsgstr "{spanish}"')
    path.write_text(text, "utf-8")
    return path


def spanish_of(project, derived=exercise_notebook):
    notebook = derived(project, project.solutions / "01_small.py", "es")
    return "\n\n".join(cell.source for cell in notebook.cells)
