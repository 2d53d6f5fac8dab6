"""Notebooks in another language."""

import ast
import inspect
import re

import pytest

from authoring.derive import as_ipynb, exercise_notebook, solution_notebook
from authoring.project import Project
from authoring.translation.catalogs import po_path, read_catalog, translations
from authoring.translation.code_strings import placeholders, replace, template_of
from authoring.translation.extract import update_translations
from authoring.translation.translate import Translation, is_note, translate_notebook
from tests.support.translations import spanish_of, translate

COURSE = Project.open()
SOURCES = COURSE.sources()


class Mirror(Translation):
    """Translates everything, to see what comes of it."""

    def __init__(self, path):
        super().__init__("es", {}, {}, COURSE.shown_words(path.stem))

    def __call__(self, text):
        return f'¿"\\{text}'


def texts_that_differ(ours, theirs):
    """Walk two trees side by side, and list the texts in which they differ.

    Nothing else may differ. (Deliberately without `code_strings`, but for how an
    f-string is written as a template.)
    """
    assert type(ours) is type(theirs)
    if isinstance(ours, ast.JoinedStr):
        assert placeholders(template_of(ours)) == placeholders(template_of(theirs))
        if template_of(ours) != template_of(theirs):
            yield template_of(ours), template_of(theirs)
    elif isinstance(ours, ast.Constant) and isinstance(ours.value, str):
        if ours.value != theirs.value:
            yield inspect.cleandoc(ours.value), inspect.cleandoc(theirs.value)
    elif isinstance(ours, ast.AST):
        for name in ours._fields:
            yield from texts_that_differ(getattr(ours, name), getattr(theirs, name))
    elif isinstance(ours, list):
        for one, other in zip(ours, theirs, strict=True):
            yield from texts_that_differ(one, other)
    else:
        assert ours == theirs


def code_of(english, other):
    for ours, theirs in zip(english.cells, other.cells, strict=True):
        if ours.cell_type == "code" and not is_note(ours):
            yield ours, theirs


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
@pytest.mark.parametrize("derived", [solution_notebook, exercise_notebook])
def test_code_is_the_same_but_for_its_texts(path, derived):
    english, mirror = derived(COURSE, path), Mirror(path)
    other = translate_notebook(english, mirror)
    assert [cell.id for cell in english.cells] == [cell.id for cell in other.cells]
    n_texts = 0
    for ours, theirs in code_of(english, other):
        assert replace(ours.source, lambda text: text, mirror.words) == ours.source
        found = list(
            texts_that_differ(ast.parse(ours.source), ast.parse(theirs.source))
        )
        for text, translated in found:
            assert translated == mirror(text)
        n_texts += len(found)
    assert n_texts > 20


@pytest.mark.parametrize("language", COURSE.languages)
@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_the_notebooks_differ_by_their_translations_alone(path, language):
    known = {"en": language}  # the set-up cell
    for name in (path.stem, "helpers"):
        catalog = read_catalog(po_path(COURSE, language, name), language)
        known |= translations(catalog)
    for derived in (solution_notebook, exercise_notebook):
        english, other = derived(COURSE, path), derived(COURSE, path, language)
        for ours, theirs in code_of(english, other):
            trees = ast.parse(ours.source), ast.parse(theirs.source)
            for text, translated in texts_that_differ(*trees):
                if not re.match(r"Exercise \d", text):  # put together from two
                    assert known[text] == translated


def test_an_exercise_in_spanish(course):
    assert not update_translations(course)  # once is enough, and again is the same
    translate(
        course,
        **{
            "Means": "Medias",
            "the mean": "la media",
            "Return the mean of `values`.": "Devuelve la media de `values`.",
        },
    )
    helpers_po = po_path(course, "es", "helpers")
    text = helpers_po.read_text("utf-8")
    forms = {
        "Exercise {number} — {title} ({minutes} minutes)": "Ejercicio {number} — "
        "{title} ({minutes} minutos)",
        "Exercise {number}: {title}": "Ejercicio {number}: {title}",
    }
    for english, spanish in forms.items():
        text = text.replace(
            f'msgid "{english}"\nmsgstr ""', f'msgid "{english}"\nmsgstr "{spanish}"'
        )
    helpers_po.write_text(text, "utf-8")
    said = spanish_of(course)
    assert "## Medias" in said
    assert "### Ejercicio 1.1 — la media (2 minutos)" in said
    assert '"""Devuelve la media de `values`."""' in said
    assert 'raise NotImplementedError("Ejercicio 1.1: la media")' in said
    assert 'setdefault("COURSE_LANG", "es")' in said
    assert "blob/v9.9.9/notebooks/es/01_small.ipynb" in said
    assert "The mean of $n$ numbers" in said  # not translated: English
    assert "SOLUTION" not in said
    assert "Devuelve" not in as_ipynb(
        exercise_notebook(course, course.solutions / "01_small.py")
    )
