"""The course's web pages: built as `make site` builds them, and walked in a browser.

`SCREENSHOTS=1` keeps a picture of every page in `build/screenshots`, and looks at the
contrast of every word on every page, which takes minutes.
"""

import itertools
import os
import re
import shutil
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import nbformat
import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import expect

from authoring.lesson_format import exercises, read_lesson, tags
from authoring.project import AuthoringError, Project
from authoring.site import build_site, find_editions
from authoring.site.texts import site_texts
from tests.support.file_server import serving

PROJECT = Project.open()
SUB_PATH = "someone/course/"
SCREENSHOTS = PROJECT.root / "build" / "screenshots"
EDITIONS = find_editions(PROJECT)
LESSONS = [
    f"{edition.folder}/lessons/{name}.html".lstrip("/")
    for edition in EDITIONS
    for name in edition.lessons
]
PAGES = [
    *(f"{edition.folder}/index.html".lstrip("/") for edition in EDITIONS),
    *(f"{path.stem}.html" for path in sorted((PROJECT.root / "docs").glob("*.md"))),
    "search.html",
    *LESSONS,
]
MAP = "lessons/06_embeddings.html"

THOROUGH = bool(os.environ.get("SCREENSHOTS"))
PLAIN_CODE = """
    document.querySelectorAll("pre").forEach(pre => pre.textContent = pre.textContent)
"""
# In a block of code, words of one class have one colour: each is looked at once.
ONE_OF_EACH = """
    document.querySelectorAll("pre").forEach(pre => {
        const seen = new Set();
        pre.querySelectorAll("span[class]").forEach(span => {
            const style = `${span.parentNode.className} > ${span.className}`;
            if (seen.has(style) && !span.children.length)
                span.replaceWith(span.textContent);
            seen.add(style);
        });
    })
"""
# It has all that a lesson has but the map.
EXEMPLARY = "lessons/03_bias.html"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The folder of the built site, at a sub-path as GitHub Pages has it."""
    folder = tmp_path_factory.mktemp("www")
    build_site(PROJECT, folder / SUB_PATH)
    return folder / SUB_PATH


@pytest.fixture(scope="module")
def soups(site):
    return {
        path.relative_to(site).as_posix(): BeautifulSoup(
            path.read_bytes(), "html.parser"
        )
        for path in site.rglob("*.html")
        if "_static" not in path.parts
    }


# What is on the pages.


def test_every_page_is_there_and_no_other(soups):
    searches = {f"{edition.folder}/search.html".lstrip("/") for edition in EDITIONS}
    glossaries = {name for name in soups if name.endswith("/glossary.html")}
    assert set(soups) - searches - glossaries == set(PAGES) - searches


def test_every_page_says_what_it_is(soups):
    seen = set()
    for name, soup in soups.items():
        assert soup.html["lang"] == ("es" if name.startswith("es/") else "en"), name
        assert soup.title.string.strip(), name
        assert soup.find("link", rel="icon") or soup.find("link", rel="shortcut icon")
        if not name.endswith("search.html"):
            described = soup.find("meta", attrs={"name": "description"})["content"]
            assert len(described) > 40, name
            seen.add(described)
    assert len(seen) > 5


def test_every_picture_has_a_text(soups):
    pictures = [
        (name, image) for name, soup in soups.items() for image in soup.find_all("img")
    ]
    assert len(pictures) > 30
    for name, image in pictures:
        assert len(image.get("alt", "")) > 10, (name, image)


@pytest.mark.parametrize("edition", EDITIONS, ids=lambda edition: edition.language)
def test_a_lesson_shows_each_stub_with_its_solution_folded_below(edition, soups):
    for name in edition.lessons:
        page = soups[f"{edition.folder}/lessons/{name}.html".lstrip("/")]
        source = PROJECT.solutions / edition.folder / f"{name}.py"
        known = exercises(read_lesson(PROJECT.solutions / f"{name}.py"))
        folded = page.find_all("details", class_="solution")
        assert len(folded) == sum(len(one.code_cells) for one in known)
        for fold in folded:
            assert not fold.has_attr("open")
            assert "NotImplementedError" not in fold.pre.text
            stub = fold.find_previous("div", class_="cell")
            assert "raise NotImplementedError(" in stub.text
        assert "BEGIN SOLUTION" not in page.text
        for cell in read_lesson(source).cells if source.is_file() else ():
            if "instructor" in tags(cell):
                first = re.sub(r"[*`#]", "", cell.source.strip().splitlines()[0])
                assert first not in page.text


# Hints, notices and questions are what `hint`, `check` and `quiz` show.
LEFT_OUT = {"badge", "instructor", "hints", "question"}


def test_the_whole_text_of_a_lesson_is_there(soups):
    for name in EDITIONS[0].lessons:
        read = _words(soups[f"lessons/{name}.html"].article.text)
        for cell in read_lesson(PROJECT.solutions / f"{name}.py").cells:
            if cell.cell_type != "markdown" or tags(cell) & LEFT_OUT:
                continue
            for line in cell.source.splitlines():
                # Formulas, links, tables and fences look different on a page, and a
                # browser numbers the items of a list itself.
                if not set(line) & set("$[]|<>\\") and "```" not in line:
                    text = _words(re.sub(r"^\d+\. ", "", line))
                    assert text in read, (name, line)


def _words(text):
    return re.sub(r"[\W_]+", "", text)


def test_the_notebooks_are_the_projects_own(site, soups):
    for edition in EDITIONS:
        for name in edition.lessons:
            for folder in ("notebooks", "solutions"):
                path = Path(folder, edition.folder, f"{name}.ipynb")
                assert (site / path).read_bytes() == (PROJECT.root / path).read_bytes()
                place = f"{edition.folder}/lessons/{name}.html".lstrip("/")
                links = soups[place].select(".notebook-links a")
                assert str(site / path) in {
                    os.path.normpath((site / place).parent / link["href"])
                    for link in links
                }
                assert f"/notebooks/{path.relative_to(folder)}" in links[0]["href"]


def test_every_link_leads_somewhere(site, soups):
    base = "http://host/" + SUB_PATH
    ids = {
        name: {tag["id"] for tag in soup.find_all(id=True)}
        for name, soup in soups.items()
    }
    outside, broken = set(), []
    for name, soup in soups.items():
        for tag in soup.find_all(["a", "link", "script", "img"]):
            link = tag.get("href") or tag.get("src")
            if not link or link.startswith("data:"):
                continue
            target = urlsplit(urljoin(base + name, link))
            if target.netloc != "host":
                assert target.scheme == "https" and "." in target.netloc, (name, link)
                assert tag.name == "a", f"{name} loads {link}"
                outside.add(link)
                continue
            path = unquote(target.path.removeprefix("/" + SUB_PATH))
            path = path + "index.html" if path in ("", "es/") else path
            anchor = unquote(target.fragment)
            if not (site / path).is_file() or (
                anchor and path in ids and anchor not in ids[path]
            ):
                broken.append((name, link))
    assert broken == []
    assert len(outside) > 10


def test_a_complaint_of_sphinx_ends_the_build_and_leaves_the_old_site(tmp_path):
    project = _two_languages(tmp_path)
    out = tmp_path / "site"
    out.mkdir()
    (out / "index.html").write_text("old")
    (project.root / "README.md").write_text("# Course\n\n[nowhere](#nowhere)\n")
    with pytest.raises(AuthoringError, match="nowhere"):
        build_site(project, out)
    assert (out / "index.html").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir() if "site-" in path.name] == []


def test_it_needs_the_executed_lessons(tmp_path):
    project = _two_languages(tmp_path)
    for path in project.solutions.glob("*.ipynb"):
        path.unlink()
    with pytest.raises(AuthoringError, match="make notebooks"):
        build_site(project, tmp_path / "site")


def _two_languages(folder):
    """A project of one lesson in English and in Spanish."""
    root = folder / "project"
    (root / "locale" / "es" / "LC_MESSAGES").mkdir(parents=True)
    for place in ("solutions", "notebooks"):
        (root / place / "es").mkdir(parents=True)
        path = PROJECT.root / place / "03_bias.ipynb"
        shutil.copy(path, root / place)
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            if cell.source.startswith("# 3"):
                cell.source = "# 3 · Sesgos\n\nLo que nada tiene que ver con el gusto."
        nbformat.write(notebook, root / place / "es" / path.name)
    (root / "docs").mkdir()
    (root / "docs" / "glossary.md").write_text(
        "# Glossary · Glosario\n\nOne table for both languages: English and Spanish.\n"
    )
    shutil.copy(PROJECT.root / "pyproject.toml", root)
    (root / "README.md").write_text(
        "# Course\n\n[Español](README.es.md)\n\nOne lesson about biases, in two "
        "languages.\n\n## About\n\nIt.\n\n"
        "## Lessons\n\n[Bias](notebooks/03_bias.ipynb), [words](docs/glossary.md)\n"
    )
    (root / "README.es.md").write_text(
        "# Curso\n\n[English](README.md), y una lección sobre sesgos.\n\n"
        "| | minutos |\n| --- | --- |\n| [Sesgos](notebooks/es/03_bias.ipynb) | 60 |\n"
    )
    return Project.open(root)


# In a browser.


class Visit:
    """A page of the site, and all that went wrong on the way to it."""

    def __init__(self, context, base):
        self.base, self.wrong = base, []
        self.page = context.new_page()
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("requestfailed", self._on_failure)
        self.page.on("request", self._on_request)
        self.page.on("response", self._on_response)

    def open(self, name):
        self.page.goto(self.base + name, wait_until="load")
        return self.page

    def _on_console(self, message):
        if message.type == "error":
            self.wrong.append(message.text)

    def _on_request(self, request):
        if not request.url.startswith((self.base, "data:", "blob:")):
            self.wrong.append(f"loaded from elsewhere: {request.url}")

    def _on_failure(self, request):
        # Who leaves a page aborts what it still loads.
        if request.failure != "net::ERR_ABORTED":
            self.wrong.append(f"{request.failure}: {request.url}")

    def _on_response(self, response):
        if response.status >= 400:
            self.wrong.append(f"{response.status} {response.url}")


@pytest.fixture(scope="module")
def served(site):
    """The address at which a plain file server shows the site."""
    folder = site.parents[len(Path(SUB_PATH).parts) - 1]
    with serving(folder) as address:
        yield address + SUB_PATH


@pytest.fixture
def visit(browser, served):
    """Open pages as ``visit(width, theme)`` would see them; nothing may go wrong."""
    opened = []

    def start(width=1280, theme="light", base=served):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=theme
        )
        opened.append((context, Visit(context, base)))
        return opened[-1][1]

    yield start
    for context, visited in opened:
        context.close()
        assert visited.wrong == []


def visits():
    """List each page on a desk and on a telephone, some of them in all ways."""
    for name in PAGES:
        is_short = THOROUGH or name not in LESSONS or name == EXEMPLARY
        for width, theme in itertools.product((1280, 380), ("light", "dark")):
            if is_short or (width == 1280) == (theme == "light"):
                yield name, width, theme


@pytest.mark.parametrize("name, width, theme", visits())
def test_a_page_can_be_read(name, width, theme, visit):
    from axe_playwright_python.sync_playwright import Axe

    page = visit(width, theme).open(name)
    assert page.locator("html").get_attribute("data-theme") == theme
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if THOROUGH:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        label = name.removesuffix(".html").replace("/", "_")
        file = SCREENSHOTS / f"site_{label}_{width}_{theme}.png"
        page.screenshot(path=file, full_page=True)
    # Each word of code is a coloured element: on one page they are looked at.
    if not THOROUGH:
        is_chosen = (name, width) == (EXEMPLARY, 1280)
        page.evaluate(ONE_OF_EACH if is_chosen else PLAIN_CODE)
    look_at_contrast = THOROUGH or name not in LESSONS or name == EXEMPLARY
    if look_at_contrast or width == 1280:
        options = {
            "rules": {"color-contrast": {"enabled": look_at_contrast}},
            # To describe each element that passes would take as long again.
            "resultTypes": ["violations"],
            # It would load the theme's style sheets again, from wrong addresses.
            "preload": False,
        }
        found = Axe().run(page, options=options)
        assert [
            f"{one['id']}: {node['html'][:150]} {node['failureSummary'][:300]}"
            for one in found.response["violations"]
            for node in one["nodes"][:3]
        ] == []


def test_the_map_tells_the_title_of_the_movie_under_the_mouse(visit):
    page = visit().open(MAP)
    drawn = page.locator(".map .plotly-graph-div")
    drawn.scroll_into_view_if_needed()
    page.wait_for_selector(".map .main-svg")
    # The first point, by plotly's own axes.
    place = drawn.evaluate(
        """graph => {
            const {xaxis, yaxis} = graph._fullLayout, {x, y} = graph._fullData[0];
            const box = graph.getBoundingClientRect();
            return [box.x + xaxis._offset + xaxis.d2p(x[0]),
                    box.y + yaxis._offset + yaxis.d2p(y[0])];
        }"""
    )
    page.mouse.move(place[0] - 30, place[1] - 30)
    page.mouse.move(*place, steps=5)
    shown = page.locator(".map .hoverlayer .hovertext").text_content(timeout=10_000)
    hovers = drawn.evaluate("graph => Array.from(graph._fullData[0].text)")
    assert shown in {re.sub("<br>", "", text) for text in hovers}
    assert re.search(r"\(\d{4}\).*ratings: \d+", shown)


def test_formulas_are_drawn(visit, soups):
    page = visit().open(EXEMPLARY)
    formulas = page.locator(".formula math")
    assert formulas.count() == 4
    sum_of_squares = formulas.nth(1).bounding_box()
    assert sum_of_squares["width"] > 250
    # A fraction stands on two lines.
    assert formulas.nth(1).locator("mfrac").first.bounding_box()["height"] > 25
    for lesson in LESSONS:
        text = soups[lesson].article.text
        assert not re.search(r"\\(frac|sum|hat|text|mu|lambda)\b|\$\$", text), lesson


def test_a_solution_unfolds_by_keyboard(visit):
    page = visit().open(MAP)
    fold = page.locator("details.solution").first
    code = fold.locator("pre")
    expect(code).to_be_hidden()
    fold.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(code).to_be_visible()
    assert "np.linalg.norm(a) * np.linalg.norm(b)" in code.inner_text()
    page.keyboard.press("Enter")
    expect(code).to_be_hidden()


@pytest.mark.parametrize("language", ["en", *PROJECT.languages])
def test_a_question_explains_each_of_its_answers(visit, language):
    words = site_texts(language)
    page = visit().open(MAP if language == "en" else f"{language}/{MAP}")
    answers = page.locator(".quiz").first.locator("details")
    said = []
    for number in range(answers.count()):
        answers.nth(number).locator("summary").click()
        reply = answers.nth(number).locator("p")
        expect(reply).to_be_visible()
        said.append(reply.inner_text())
    assert sum(text.startswith(words["right"]) for text in said) == 1
    assert sum(text.startswith(words["wrong"]) for text in said) == len(said) - 1 > 1


def test_search_finds_the_lessons_about_embeddings(visit):
    page = visit().open("search.html?q=embedding")
    page.wait_for_selector("#search-results li a")
    found = page.locator("#search-results li a").evaluate_all(
        "links => links.map(link => link.pathname)"
    )
    for name in ("06_embeddings", "02_dot_model"):
        assert any(f"lessons/{name}.html" in path for path in found), found


def test_both_themes_can_be_chosen(visit):
    page = visit().open("index.html")
    for theme in ("dark", "light"):
        page.locator(".theme-switch-button:visible").click()
        page.locator(f".theme-change-button[data-mode={theme}]:visible").click()
        page.wait_for_selector(f"html[data-theme={theme}]")
    page.locator(".theme-switch-button:visible").click()
    page.locator(".theme-change-button[data-mode=dark]:visible").click()
    page.reload()
    page.wait_for_selector("html[data-theme=dark]")


def test_a_lesson_leads_to_itself_in_the_other_language(browser, visit, tmp_path):
    build_site(_two_languages(tmp_path), tmp_path / "www" / SUB_PATH)
    with serving(tmp_path / "www") as address:
        page = visit(base=address + SUB_PATH).open("lessons/03_bias.html")
        page.locator("a.language-switch").click()
        page.wait_for_url("**/es/lessons/03_bias.html")
        assert page.locator("html").get_attribute("lang") == "es"
        assert page.locator("h1:visible").inner_text().startswith("3 · Sesgos")
        assert (
            page.locator("summary").first.inner_text() == "Solución del ejercicio 3.1"
        )
        page.locator("a.language-switch").click()
        page.wait_for_url("**/course/lessons/03_bias.html")
        page.goto(address + SUB_PATH + "glossary.html")
        page.locator("a.language-switch").click()
        page.wait_for_url("**/es/glossary.html")
        page.goto(address + SUB_PATH)
        page.locator("article").get_by_text("Español").click()
        page.wait_for_url("**/es/index.html")
        assert page.locator("article th").first.inner_text() == "lección"
        page.locator("article").get_by_text("English").click()
        page.wait_for_url("**/course/index.html")
