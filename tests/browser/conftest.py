"""A browser, and a JupyterLab for it: one of each for all tests of a file."""

import shutil
from pathlib import Path

import pytest

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "chrome")
# No sandbox, as root may have none; and nothing that calls home.
ARGUMENTS = ["--no-sandbox", "--disable-background-networking", "--disable-sync"]


@pytest.fixture(scope="module")
def browser():
    """Start Chromium; without one, skip.

    For one file only: Playwright runs an event loop, in which other tests of the
    same worker could start none.
    """
    api = pytest.importorskip("playwright.sync_api", reason="playwright is missing")
    with api.sync_playwright() as playwright:
        own = playwright.chromium.executable_path  # where `playwright install` puts it
        found = (
            own
            if Path(own).exists()
            else next(filter(None, map(shutil.which, CHROMIUMS)), None)
        )
        if found is None:
            pytest.skip(
                "there is no Chromium: apt-get install chromium, or "
                "python -m playwright install chromium"
            )
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def lab(browser, tmp_path_factory):
    """Start `make lab` on a new folder, with synthetic ratings."""
    from tests.browser.server import running_lab

    with running_lab(tmp_path_factory.mktemp("lab"), COURSE_SAMPLE="20000") as lab:
        yield lab


@pytest.fixture
def notebook(browser, lab):
    """A page of 1280 by 900 pixels, to open a notebook on."""
    from tests.browser.lab_page import LabPage

    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(30_000)
    page = LabPage(context.new_page(), lab)
    yield page
    page.end_kernel()
    context.close()
