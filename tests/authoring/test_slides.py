"""Decks of slides: made from the lessons of this course, and of a small one."""

import re

import pytest
from bs4 import BeautifulSoup

from authoring.__main__ import main
from authoring.derive import derive, exercise_notebook, is_stale, read_twin, twin_path
from authoring.lesson_format import SENTENCE, SLIDE, read_lesson, split_lines, tags
from authoring.pages import mathml
from authoring.project import AuthoringError, Project
from authoring.site.texts import site_texts
from authoring.slides import first_sentence, slides_of, write_decks

PROJECT = Project.open()
LESSONS = PROJECT.sources()
LANGUAGES = ("en", *PROJECT.languages)
# A line such as `return model` may be in a lesson's text, too.
SHORTEST_GIVEAWAY = 20


@pytest.fixture(scope="module")
def decks(tmp_path_factory):
    """The decks of this course: soups by (lesson, language)."""
    out = tmp_path_factory.mktemp("slides")
    found = {}
    for file in write_decks(PROJECT, [], out):
        language = "en" if file.parent == out else file.parent.name
        soup = BeautifulSoup(file.read_text("utf-8"), "html.parser")
        found[file.stem, language] = soup
    return found


def slides_in(decks):
    for (lesson, language), soup in decks.items():
        for number, slide in enumerate(soup.select(".slides > section"), start=1):
            yield f"{lesson} {language} {number}", slide


def test_there_is_a_deck_of_each_lesson_in_each_language(decks):
    assert set(decks) == {(p.stem, lang) for p in LESSONS for lang in LANGUAGES}
    for (_, language), soup in decks.items():
        assert soup.html["lang"] == language


def test_a_deck_has_12_to_18_slides_as_many_in_each_language(decks):
    for path in LESSONS:
        counts = {
            len(decks[path.stem, language].select(".slides > section"))
            for language in LANGUAGES
        }
        assert len(counts) == 1 and 12 <= counts.pop() <= 18, path.stem


def test_a_deck_loads_nothing(decks):
    for name, soup in decks.items():
        assert not soup.select("link, iframe, script[src], object, video, audio"), name
        assert all(i["src"].startswith("data:image/") for i in soup("img")), name
        for style in soup("style"):
            assert not re.search(r"@import|url\((?!['\"]?data:)", style.text), name


def test_each_slide_has_a_title_and_notes_and_each_picture_a_text(decks):
    for place, slide in slides_in(decks):
        title, notes = slide.find(["h1", "h2"]), slide.select_one("aside.notes")
        assert title.get_text(strip=True), place
        assert notes.get_text(strip=True), place
        assert all(len(image["alt"]) > 10 for image in slide("img")), place


def test_the_instructors_notes_are_the_speakers(decks):
    for path in LESSONS:
        notes = decks[path.stem, "en"].select("aside.notes")
        assert "Misconceptions" in notes[0].text
    (slide,) = (
        slide
        for place, slide in slides_in(decks)
        if place.startswith("01_data en") and "Exercise 1.3" in slide.text
    )
    assert "Common wrong answers" in slide.select_one("aside.notes").text


def test_no_slide_shows_an_answer(decks):
    answers = {
        line
        for path in LESSONS
        for lines in split_lines(read_lesson(path)).answers
        for line in lines
        if len(line) >= SHORTEST_GIVEAWAY
    }
    assert len(answers) > 20
    for place, slide in slides_in(decks):
        shown = "".join(
            part.text
            for part in slide.find_all(recursive=False)
            if part.name != "aside"
        )
        assert not [line for line in answers if line in shown], place


def test_tags_change_no_exercise_and_make_no_twin_stale():
    for path in LESSONS:
        assert not is_stale(read_twin(twin_path(PROJECT, path)))
        for cell in exercise_notebook(PROJECT, path).cells:
            assert SLIDE not in tags(cell)
            assert not any(map(SENTENCE.fullmatch, tags(cell)))


def retag(path, cell, *given):
    """Tag the cell that contains a text; return the lesson's new text."""
    before, marker, after = path.read_text("utf-8").partition(cell)
    assert marker, cell
    head, start, body = before.rpartition("# %%")
    kind, _, body = body.partition("\n")
    kind = kind.partition(" tags=")[0]
    listed = ", ".join(f'"{tag}"' for tag in given)
    line = f"{start}{kind} tags=[{listed}]\n"
    path.write_text(head + line + body + marker + after, "utf-8")


def slides_of_small(course, path, language="en"):
    derive(course, path)
    return slides_of(read_twin(twin_path(course, path)), site_texts(language))


def test_a_question_is_shown_without_the_right_choice(complete):
    course, path = complete
    retag(path, "Which of these numbers", "question", SLIDE)
    slides = slides_of_small(course, path)
    assert slides[1].title == "Question 1.a"
    assert slides[1].text.endswith("1. 2\n1. Two and a half")
    assert "1. Two and a half **Right.** Half of five" in slides[1].notes[-1]
    assert slides[1].tasks[0] == "Exercise 1.1 — the mean (2 minutes)"


@pytest.mark.parametrize(
    ("cell", "given", "said"),
    [
        ("### BEGIN SOLUTION", [SLIDE], "An exercise's solution cannot be a slide"),
        ("import numpy as np", [SLIDE], "without a picture, table or printed text"),
        ("# **Hints**", ["hints", SLIDE], "of hints, cannot be a slide"),
    ],
)
def test_a_cell_that_cannot_be_a_slide_is_named(complete, cell, given, said):
    course, path = complete
    retag(path, cell, *given)
    derive(course, path)
    with pytest.raises(AuthoringError, match=said) as error:
        write_decks(course, [], course.root / "build")
    assert re.match(r"solutions/01_small.py:\d+: ", str(error.value))


def test_too_few_slides_and_old_outputs_are_refused(complete, capsys):
    course, path = complete
    assert main(["--root", str(course.root), "slides", "--lessons", "1"]) == 2
    assert "has 2 slides, with the first and the last" in capsys.readouterr().err
    text = path.read_text("utf-8").replace("4.0])", "5.0])")
    path.write_text(text, "utf-8")
    assert main(["--root", str(course.root), "slides", "--lessons", "1"]) == 2
    assert 'Run `make notebooks LESSONS="01"` first' in capsys.readouterr().err


@pytest.mark.parametrize(
    ("chosen", "shown"),
    [
        ([], "The small one wins. It does so by far, in each of them."),
        (["sentence-0"], ""),
        (["sentence-2"], "It does so by far, in each of them."),
        (["sentence-1-3"], "The small one wins. (We ran it twice.)"),
        (["sentence-4"], "It is small."),
    ],
)
def test_a_tag_chooses_the_sentences_below_a_cell(complete, chosen, shown):
    course, path = complete
    reading = (
        "\n# %% [markdown]\n# *Reading:* the small one wins. It does so by far, in "
        "each of them. (We ran it twice.)\n#\n# - It is small.\n"
    )
    after = 'verdict("the mean", mean(numbers), inside=(2.4, 2.6))\n'
    text = path.read_text("utf-8")
    assert after in text
    path.write_text(text.replace(after, after + reading), "utf-8")
    retag(path, after, SLIDE, *chosen)
    assert slides_of_small(course, path)[1].text == shown


def test_a_sentence_that_is_missing_is_named(complete):
    course, path = complete
    retag(path, "## Means", SLIDE, "sentence-1")
    derive(course, path)
    with pytest.raises(AuthoringError, match="There are only 0 sentences"):
        write_decks(course, [], course.root / "build")


def test_aligned_formulas_are_tables():
    assert "<mtr>" in mathml(r"\begin{aligned} a &= b \\ c &= d \end{aligned}", "block")


@pytest.mark.parametrize(
    "first",
    [
        "The curve is a valley. It falls at first.",  # two short ones
        "By S. Rendle et al. (2020), and in many later articles.",
        "It has an RMSE of 0.94 stars on the test set.",
    ],
)
def test_the_first_sentence(first):
    text = first[0].lower() + first[1:]
    assert first_sentence(f"*Reading the figure:* {text} ¿Y ahora?") == first
