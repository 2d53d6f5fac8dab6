"""The course in another language: derived, looked up, and held to the English."""

import ast
import inspect
import re
import subprocess
import sys

import numpy as np
import pytest

from authoring.derive import as_ipynb, derive, exercise_notebook, solution_notebook
from authoring.project import AuthoringError, Project
from authoring.translation.catalogs import as_mo, po_path, read_catalog, translations
from authoring.translation.code_strings import placeholders, replace, template_of, texts
from authoring.translation.extract import (
    compile_translations,
    mo_path,
    modules,
    shared_messages,
    update_translations,
)
from authoring.translation.markdown_units import join, pieces
from authoring.translation.sentences import escaping, messages
from authoring.translation.translate import Translation, is_note, translate_notebook
from authoring.translation.validate import COMPUTERS_TEXT, differences
from authoring.validate import check
from helpers import i18n, scoreboard
from helpers.bands import verdict
from helpers.checks.asserts import NotAttempted, NotYet, close, expect, show
from helpers.checks.proxies import FunctionProxy
from helpers.checks.runner import LESSONS, find_exercise, run_check
from helpers.display import Card
from helpers.i18n import gettext
from tests.support.small_courses import make_course

COURSE = Project.open()
SOURCES = COURSE.sources()


@pytest.fixture
def speak(tmp_path, monkeypatch):
    """Let `helpers` speak a made-up Spanish; takes the translations."""

    def use(**said):
        path = tmp_path / "locale" / "es" / "LC_MESSAGES" / "course.mo"
        path.parent.mkdir(parents=True)
        path.write_bytes(as_mo("es", said))
        monkeypatch.setattr(i18n, "FOLDER", tmp_path / "locale")
        monkeypatch.setenv("COURSE_LANG", "es")
        i18n._catalog.cache_clear()

    yield use
    i18n._catalog.cache_clear()


@pytest.fixture
def course(tmp_path):
    """Return a small course with an empty Spanish."""
    project = make_course(tmp_path / "course", "01_small.py")
    (project.locale / "es" / "LC_MESSAGES").mkdir(parents=True)
    update_translations(project)
    derive(project, project.solutions / "01_small.py")
    return project


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


# What the course says.


def test_a_text_is_said_in_the_readers_language(speak):
    template = "Kept {n} ratings. Run the next cell to see them."
    assert gettext(template, n=7) == "Kept 7 ratings. Run the next cell to see them."
    speak(**{template: "Guardadas: {n}.", "a": ""})
    assert gettext(template, n=7) == "Guardadas: 7."
    assert gettext("something else, {n}", n=1) == "something else, 1"
    assert gettext("braces {as they are}") == "braces {as they are}"
    assert gettext("") == ""  # for gettext the empty text is the file's header


def test_another_language_than_the_courses_is_english(monkeypatch):
    monkeypatch.setenv("COURSE_LANG", "tlh")
    assert gettext("For you:") == "For you:"


def test_a_check_answers_in_the_readers_language(speak):
    speak(
        **{
            "`{name}` has no L2; other tables have one.": "`{name}` no tiene L2.",
            "small random numbers": "números pequeños al azar",
            "shape {shape}": "forma {shape}",
            "Your test": "Tu prueba",
            "{what} is far off by {by}.": "{what} falla por {by}.",
        }
    )
    problem = NotYet(
        "`{name}` has no L2; other tables have one.",
        [gettext("shape {shape}", shape=(3, 2)), "{a: 1}"],
        "small random numbers",
        name="user_bias",
    )
    assert str(problem) == "`user_bias` no tiene L2."
    assert problem.found == "[forma (3, 2), {a: 1}]"
    assert problem.expected == "números pequeños al azar"
    with pytest.raises(NotYet, match=r"^Tu prueba falla por \{0\.5\}\.$"):
        expect(False, "{what} is far off by {by}.", what="Your test", by="{0.5}")
    with pytest.raises(NotYet, match=r"^Tu prueba falla por 2\.$"):
        mistakes = {"{what} is far off by {by}.": 3.0}
        close(3.0, 1.0, "no {by}", mistakes, what="Your test", by=2)
    assert show(["small random numbers", 0.5]) == "[números pequeños al azar, 0.5]"


def test_a_card_is_in_the_readers_language(speak, capsys):
    exercise = find_exercise("2.5")
    speak(**{exercise.notice: "Fíjate.", "{number} Correct.": "{number} Correcto."})

    def count_weights(n_users, n_movies, n_factors):
        return (n_users + n_movies) * n_factors

    found = run_check(exercise, [count_weights], np.random.default_rng(0))
    Card("correct", gettext("{number} Correct.", number="2.5"), (found.reason,)).show()
    assert capsys.readouterr().out == "✓ 2.5 Correcto.\n  Fíjate.\n"


@pytest.mark.parametrize("text", ["Exercise 2.3: a title", "Ejercicio 2.3: un título"])
def test_a_stub_is_known_in_every_language(text):
    def stub(value):
        raise NotImplementedError(text)

    with pytest.raises(NotAttempted, match=r"^2\.3$"):
        FunctionProxy(stub, "stub")(1)


def test_a_verdict_is_in_the_readers_language(speak, capsys):
    speak(**{"inside {low}–{high}": "entre {low} y {high}"})
    verdict("RMSE", 0.93, inside=(0.92, 0.96), edition="ml-100k")
    assert capsys.readouterr().out == "RMSE entre 0.92 y 0.96 ✓\n"


def test_a_model_has_one_row_whichever_notebook_put_it_there(
    speak, tmp_path, monkeypatch
):
    monkeypatch.setenv("COURSE_HOME", str(tmp_path))
    place = {"edition": "e", "split": "s", "lesson": "03"}
    scoreboard.add_to_scoreboard("dot + bias", rmse=0.95, **place)
    speak(**{"dot + bias": "producto + sesgos"})
    scoreboard.add_to_scoreboard("producto + sesgos", rmse=0.92, **place)
    scoreboard.add_to_scoreboard("mine", rmse=0.99, **place)
    assert list(scoreboard.read_scoreboard()["model"]) == ["producto + sesgos", "mine"]
    monkeypatch.setenv("COURSE_LANG", "en")
    board = scoreboard.read_scoreboard().set_index("model")["rmse"]
    assert board.to_dict() == {"dot + bias": 0.92, "mine": 0.99}


# What is found.


def test_the_sentences_of_a_check_are_found():
    source = '''
"""A docstring of the module."""
def part(f, rng):
    """A docstring of no interest."""
    expect("in the text" not in str(f), "One reason, {n}.", "as found", n=1)
    close(1, 2, "Another reason.", mistakes=[(0, "a known mistake")], key="word")
'''
    assert messages(source, is_plain=True) == [
        *("One reason, {n}.", "as found", "Another reason.", "a known mistake"),
    ]
    assert escaping(source, is_plain=True) == []
    spoken = (
        'x = gettext("Kept {n}.", n=1) if gettext("yes") else gettext_noop("not seen")'
    )
    assert set(messages(spoken, is_plain=False)) == {"Kept {n}.", "yes", "not seen"}


@pytest.mark.parametrize(
    "source",
    [
        'expect(ok, f"`{name}` is off by one.")',
        'close(1, 2, "It is wrong.", mistakes=[(3, f"the mean of {n}")])',
        'raise NotYet("a reason", f"shape {found.shape}")',
        'expect(ok, "The same as " + OTHER)',
        'Card("note", f"{number} Not yet.")',
    ],
)
def test_a_sentence_that_no_translation_reaches_is_named(source):
    assert escaping(source, is_plain=True)


@pytest.mark.parametrize("name", ["gettext", "gettext_noop"])
def test_ruff_refuses_a_message_that_is_filled_too_early(name):
    source = f'{name}(f"Kept {{n}} ratings.")'
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--stdin-filename",
        "helpers/x.py",
    ]
    found = subprocess.run(
        [*command, "-"], input=source, cwd=COURSE.root, capture_output=True, text=True
    )
    assert "INT001" in found.stdout


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        ('print("of", n)', ["of"]),
        ('axes.set_title("Means")', ["Means"]),
        ('axes.plot(x, label="training")', ["training"]),
        ('verdict(f"RMSE of {name}", 1, at_most=2)', ["RMSE of {name}"]),
        ('results = {"64 factors": best["64 factors"]}', ["64 factors"] * 2),
        ('def f():\n    """Say why."""\n    x["movie_id"]', ["Say why."]),
        ('axes.annotate("no", xy, textcoords="offset points")', ["no"]),
        ('frame["rating"].rename("ratings")', []),
        ('f"hidden_{number}"', []),
        ('titles.str.contains("Star Wars")', []),
        ('{"popularity": 1}["popularity"]', ["popularity"] * 2),
    ],
)
def test_what_a_reader_sees_of_code_is_found(source, seen):
    words = {"popularity"}
    assert [text.message for text in texts(source, words)] == seen


SPEAK_TO_STUDENTS = (
    *("session", "grade", "proxies", "executors", "runner", "cluster"),
    *("submissions", "archives", "cells", "batch"),
)


def test_every_module_that_speaks_is_looked_at():
    found = {path.relative_to(COURSE.root).as_posix() for path in modules(COURSE)}
    assert {f"helpers/checks/lessons/lesson{number}.py" for number in LESSONS} <= found
    assert {"helpers/movielens/sources.py", "authoring/course.py"} <= found
    assert {f"grading/{name}.py" for name in SPEAK_TO_STUDENTS} <= found
    assert "Not graded." in {text for text, *_ in shared_messages(COURSE)}


@pytest.mark.parametrize("name", ["session", "grade", "proxies"])
def test_what_the_grader_says_to_a_student_can_be_translated(name):
    source = (COURSE.root / "grading" / f"{name}.py").read_text("utf-8")
    found = [text for _, text in escaping(source, is_plain=False)]
    assert [text for text in found if not COMPUTERS_TEXT.fullmatch(text)] == []
    assert len(messages(source, is_plain=False)) >= 3


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_markdown_is_cut_and_joined_without_loss(path):
    for cell in solution_notebook(COURSE, path).cells:
        if cell.cell_type == "markdown":
            joined = join(pieces(cell.source))
            assert _words(joined) == _words(cell.source)
            again = join(pieces(joined))
            assert again == joined  # one paragraph a line, and stays so


def _words(text):
    """List the words, without the mark at the start of each line of a quote."""
    return [word for word in text.split() if word != ">"]


def test_markdown_is_cut_where_a_translator_would():
    text = "## A *title*\n\nOne\nparagraph.\n- first\n  goes on\n- second\n\n"
    text += "```python\nx = 1  # not this\n```\n$$\\mu$$\n| a | b |\n| --- | --- |\n"
    found = [(piece.kind, piece.text) for piece in pieces(text) if piece.text]
    assert found == [
        ("heading", "A *title*"),
        ("paragraph", "One paragraph."),
        ("item", "first goes on"),
        ("item", "second"),
        ("row", "| a | b |"),
    ]


# What is derived.


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


def test_a_template_keeps_its_placeholders_and_its_lines():
    source = 'print(\n    f"of {n:,} ratings "\n    f"{share:.0%} are \\"new\\""\n)\n'
    [text] = texts(source)
    assert text.message == 'of {n:,} ratings {share:.0%} are "new"'
    assert placeholders(text.message) == ["{n:,}", "{share:.0%}"]
    new = replace(
        source, lambda _: "{share:.0%} de las {n:,} valoraciones son «nuevas»"
    )
    node = ast.parse(new).body[0].value.args[0]
    assert template_of(node) == "{share:.0%} de las {n:,} valoraciones son «nuevas»"
    with pytest.raises(AuthoringError, match="placeholders"):
        replace(source, lambda _: "{share:.0%} de {m:,}")


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


def test_hints_and_questions_are_translated_for_checks_and_in_the_solution(course):
    path = translate(
        course,
        **{
            "the mean": "la media",
            "What is a mean?": "¿Qué es una media?",
            "squares = ...": "cuadrados = ...",
            "It is 2.5, which is none of the numbers.": "Es 2.5.",
            "Two and a half": "Dos y medio",
            "That is the number of numbers.": "Cuántos son.",
        },
    )
    catalog = read_catalog(path, "es")
    assert catalog.get("2") is None  # a choice that reads the same in every language
    compile_translations(course)
    compiled = mo_path(course, "es").read_bytes()
    solution = spanish_of(course, solution_notebook)
    for said in ("¿Qué es una media?", "cuadrados = ...", "Es 2.5.", "Dos y medio"):
        assert said.encode() in compiled
        assert said in solution
        assert said not in spanish_of(course)
    assert b"la media" in compiled
    assert "- [ ] 2\n  - Cuántos son.\n- [x] Dos y medio\n" in solution


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


def test_what_helpers_says_is_compiled_the_same_each_time(course):
    po = po_path(course, "es", "helpers")
    text = po.read_text("utf-8")
    po.write_text(
        text.replace(
            'msgid "Open in Colab"\nmsgstr ""',
            'msgid "Open in Colab"\nmsgstr "Abrir en Colab"',
        ),
        "utf-8",
    )
    assert compile_translations(course) == [mo_path(course, "es")]
    assert compile_translations(course) == []
    content = mo_path(course, "es").read_bytes()
    assert b"Abrir en Colab" in content
    assert b"Babel" not in content


# What the gate says.


@pytest.mark.parametrize(
    ("english", "spanish", "what"),
    [
        ("Kept {n}.", "Guardadas.", "placeholder"),
        ("of {n:,}", "de {n}", "placeholder"),
        ("the `axis` of it", "el `eje`", "inline code"),
        ("[here](https://a.org/b)", "[aquí](https://a.org/c)", "link"),
        ("a mean of $n$ numbers", "una media de $m$ números", "formula"),
        ("<details>Why</details>", "<details>Por qué", "HTML tag"),
        ("it is 0.94", "es 0,94", "number"),
        ("Sum.\n\n>>> f(1)\n2", "Suma.\n\n>>> f(2)\n2", "example"),
        ("  questions: {n}", "preguntas: {n}", "white space around it"),
    ],
)
def test_what_a_translation_may_not_change_is_named(english, spanish, what):
    assert what in [one for one, *_ in differences(english, spanish)]
    assert not list(differences(english, english))


def test_the_gate_names_the_file_and_the_message(course):
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
