"""Catalogs that follow a changed lesson."""

import re

from authoring.translation.catalogs import read_catalog
from authoring.translation.extract import update_translations
from authoring.validate import check
from tests.support.translations import spanish_of, translate


def test_a_changed_paragraph_is_english_again(course):
    path = translate(course, Means="Medias")
    source = course.solutions / "01_small.py"
    paragraph = "It has all that a lesson has, and needs no ratings."
    text = path.read_text("utf-8")
    text = re.sub(
        rf'(?s)(msgid ""\n"{paragraph}[^\n]*\n(?:"[^\n]*\n)*)msgstr ""',
        lambda found: (
            found[1] + 'msgstr "Tiene de todo: $n$, $\\\\frac{1}{n} \\\\sum_i x_i$."'
        ),
        text,
    )
    path.write_text(text, "utf-8")
    assert "Tiene de todo" in spanish_of(course)

    source.write_text(source.read_text().replace("needs no ratings", "wants none"))
    assert "Tiene de todo" not in spanish_of(course)  # even before the next update
    update_translations(course)
    [changed] = [one for one in read_catalog(path, "es") if one.id and one.fuzzy]
    assert "wants none" in changed.id
    assert changed.string.startswith("Tiene de todo")
    assert "Tiene de todo" not in spanish_of(course)
    assert "wants none" in spanish_of(course)
    problems = [str(finding) for finding in check(course)]
    assert any("fuzzy" in one and "It has all that" in one for one in problems)

    source.write_text(source.read_text().replace("## Means", "## Averages of all"))
    update_translations(course)
    assert "Medias" not in path.read_text("utf-8")
