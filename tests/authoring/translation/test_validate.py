"""What `make check` finds in a translation."""

import pytest

from authoring.derive import derive
from authoring.translation.extract import compile_translations
from authoring.translation.validate import differences
from authoring.validate import check
from tests.support.translations import translate


@pytest.mark.parametrize(
    ("english", "spanish", "what"),
    [
        ("Kept {n}.", "Guardadas.", "placeholder"),
        ("of {n:.0%}", "de {n}", "placeholder"),
        ("the `axis` of it", "el `eje`", "inline code"),
        ("[here](https://a.org/b)", "[aquí](https://a.org/c)", "link"),
        ("a mean of $n$ numbers", "una media de $m$ números", "formula"),
        ("<details>Why</details>", "<details>Por qué", "HTML tag"),
        ("| {{ minutes }} |", "| {{ minutos }} |", "variable"),
        ("it is 0.94", "es 0,94", "number"),
        ("Sum.\n\n>>> f(1)\n2", "Suma.\n\n>>> f(2)\n2", "example"),
        ("  questions: {n}", "preguntas: {n}", "white space around it"),
    ],
)
def test_what_a_translation_may_not_change_is_named(english, spanish, what):
    assert what in [one for one, *_ in differences(english, spanish)]
    assert not list(differences(english, english))


def test_a_link_into_the_page_follows_the_translated_heading():
    assert not list(differences("[plan](#planning)", "[planifica](#planificar)"))


def test_the_check_names_the_file_and_the_message(course):
    translate(course, Means="Medias de {n}")
    derive(course, course.solutions / "01_small.py")
    found = [str(finding) for finding in check(course)]
    assert any("01_small.po: “Means”: placeholder is not there" in one for one in found)
    assert any("01_small.po: “the mean” is not translated" in one for one in found)
    assert any("course.mo: is not as derived now" in one for one in found)
    compile_translations(course)
    assert not any("course.mo" in str(one) for one in check(course))


def test_a_solution_in_spanish_gives_nothing_away(course):
    path = course.solutions / "01_small.py"
    derive(course, path)
    leak = course.notebooks / "es" / "01_small.py"
    assert not [one for one in check(course) if "shows a line" in str(one)]
    leak.write_text(
        leak.read_text() + "\n# %%\ntotal = sum(float(v) for v in values)\n"
    )
    text = leak.read_text().replace(
        "total = sum(float(v) for v in values)",
        "total = sum(float(value) for value in values)",
    )
    leak.write_text(text)
    assert [one for one in check(course) if "shows a line" in str(one)]
