"""The decks of slides, opened as files: each slide fits, and nothing is loaded.

`SCREENSHOTS=1` keeps a picture of every slide in `build/screenshots`.
"""

import os

import pytest

from authoring.project import Project
from authoring.slides import write_decks

PROJECT = Project.open()
SCREENSHOTS = PROJECT.root / "build" / "screenshots" / "slides"
OVERFLOW = """
    () => {
        const slide = Reveal.getCurrentSlide();
        return Math.max(slide.scrollHeight - slide.clientHeight,
                        slide.scrollWidth - slide.clientWidth);
    }
"""


@pytest.fixture(scope="module")
def decks(tmp_path_factory):
    return write_decks(PROJECT, [], tmp_path_factory.mktemp("slides"))


@pytest.fixture
def context(browser):
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    yield context
    context.close()


def open_deck(context, deck):
    """Open a deck; return its page, and the list of addresses that it asks for."""
    asked = []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.goto(deck.as_uri())
    page.wait_for_function("Reveal.isReady()")
    return page, asked


def test_each_slide_fits_and_nothing_is_loaded(context, decks):
    for deck in decks:
        page, asked = open_deck(context, deck)
        name = f"{deck.parent.name}-{deck.stem}"
        for number in range(page.evaluate("Reveal.getTotalSlides()")):
            page.evaluate(f"Reveal.slide({number})")
            assert page.evaluate(OVERFLOW) <= 0, f"{name}, slide {number + 1}"
            if os.environ.get("SCREENSHOTS"):
                page.screenshot(path=SCREENSHOTS / f"{name}-{number + 1:02}.png")
        assert {url for url in asked if not url.startswith("data:")} == {deck.as_uri()}
        page.close()


def test_the_notes_open_in_a_second_window(context, decks):
    page, asked = open_deck(context, decks[0])
    with context.expect_page() as opened:
        page.keyboard.press("s")
    notes = opened.value.locator(".speaker-controls-notes .value")
    notes.get_by_text("Misconceptions").first.wait_for()
    page.keyboard.press("ArrowRight")
    notes.get_by_text("a row for each user").first.wait_for()
    assert all(url.startswith(("file:", "data:", "blob:", "about:")) for url in asked)
