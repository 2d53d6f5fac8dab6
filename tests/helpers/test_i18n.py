"""Texts in the reader's language."""

import numpy as np
import pytest

from authoring.translation.catalogs import as_mo
from helpers import i18n, scoreboard
from helpers.bands import verdict
from helpers.checks.asserts import NotAttempted, NotYet, as_text, close, expect
from helpers.checks.proxies import FunctionProxy
from helpers.checks.runner import find_exercise, run_check
from helpers.display import Card
from helpers.i18n import gettext


@pytest.fixture
def speak(tmp_path, monkeypatch):
    """Let `helpers` speak a made-up Spanish; takes the translations."""

    def use(**said):
        path = tmp_path / "locale" / "es" / "LC_MESSAGES" / "course.mo"
        path.parent.mkdir(parents=True)
        path.write_bytes(as_mo("es", said))
        monkeypatch.setattr(i18n, "FOLDER", tmp_path / "locale")
        monkeypatch.setenv("COURSE_LANG", "es")
        i18n.catalog.cache_clear()

    yield use
    i18n.catalog.cache_clear()


def test_a_text_is_said_in_the_readers_language(speak):
    template = "Kept {n} ratings. Run the next cell to see them."
    assert gettext(template, n=7) == "Kept 7 ratings. Run the next cell to see them."
    speak(**{template: "Guardadas: {n}.", "a": ""})
    assert gettext(template, n=7) == "Guardadas: 7."
    assert gettext("something else, {n}", n=1) == "something else, 1"
    assert gettext("braces {as they are}") == "braces {as they are}"
    assert gettext("") == ""  # for gettext the empty text is the file's header


@pytest.mark.parametrize(
    ("number", "spanish", "english"),
    [
        (999, "999", "999"),
        (-9430, "-9430", "-9,430"),
        (94300, "94\xa0300", "94,300"),
        (-1234567.5, "-1\xa0234\xa0567.50", "-1,234,567.50"),
    ],
)
def test_thousands_are_written_as_in_the_language(speak, number, spanish, english):
    template = "{n:,} of a, b" if isinstance(number, int) else "{n:,.2f} of a, b"
    assert gettext(template, n=number) == f"{english} of a, b"
    speak()
    assert gettext(template, n=number) == f"{spanish} of a, b"


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
    assert as_text(["small random numbers", 0.5]) == "[números pequeños al azar, 0.5]"


def test_a_card_is_in_the_readers_language(speak, capsys):
    exercise = find_exercise("2.5")
    speak(**{exercise.notice: "Fíjate.", "{number} Correct.": "{number} Correcto."})

    def count_weights(n_users, n_movies, n_factors):
        return (n_users + n_movies) * n_factors

    found = run_check(exercise, [count_weights], np.random.default_rng(0))
    Card("correct", gettext("{number} Correct.", number="2.5"), (found.reason,)).show()
    assert capsys.readouterr().out == "✓ 2.5 Correcto.\n  Fíjate.\n"


@pytest.mark.parametrize("text", ["Exercise 2.3: a title", "Ejercicio 2.3: un título"])
def test_a_stub_is_recognised_in_every_language(text):
    def stub(value):
        raise NotImplementedError(text)

    with pytest.raises(NotAttempted, match=r"^2\.3$"):
        FunctionProxy(stub, "stub")(1)


def test_a_verdict_is_in_the_readers_language(speak, capsys):
    speak(**{"inside {low}–{high}": "entre {low} y {high}"})
    verdict("RMSE", 0.93, inside=(0.92, 0.96), edition="ml-100k")
    assert capsys.readouterr().out == "RMSE entre 0.92 y 0.96 ✓\n"


def test_a_model_has_one_row_from_notebooks_in_two_languages(
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
