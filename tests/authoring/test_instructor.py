"""The instructor's page."""

import re

import pytest

from authoring.instructor import (
    NAME,
    instructor_messages,
    instructor_page,
    page_path,
)
from authoring.lesson_format import read_lesson, title_of
from authoring.project import Project
from authoring.translation.catalogs import po_path
from authoring.translation.extract import update_translations
from authoring.validate import check_instructor_pages

PROJECT = Project.open()
LANGUAGES = ("en", *PROJECT.languages)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_as_derived_now(language):
    page = page_path(PROJECT, language).read_text("utf-8")
    assert page == instructor_page(PROJECT, language)


def test_every_note_of_every_lesson_is_on_the_page():
    page = instructor_page(PROJECT)
    for path in PROJECT.sources():
        for cell in read_lesson(path).cells:
            if "instructor" in cell.metadata.get("tags", []):
                for line in cell.source.splitlines():
                    assert line.removeprefix("#").strip() in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_links_lead_to_files_and_headings(language):
    page = instructor_page(PROJECT, language)
    headings = re.findall(r"(?m)^#+ (.+)$", page.lower())
    anchors = {re.sub(r"[^\w -]", "", one).replace(" ", "-") for one in headings}
    for link in re.findall(r"\]\(([^)\s]+)\)", page):
        if link.startswith("#"):
            assert link[1:] in anchors
        elif not link.startswith("https://"):
            assert (PROJECT.root / link).is_file(), link


@pytest.mark.parametrize("language", PROJECT.languages)
def test_another_language_keeps_code_and_tables(language):
    pages = [
        re.sub(r"(?s)\A<!--.*?-->", "", instructor_page(PROJECT, which))
        for which in ("en", language)
    ]
    code, other = (re.findall(r"(?m)^ {4,}.*$", page) for page in pages)
    assert code == other and len(code) > 10
    table, other = (
        [row.count("|") for row in re.findall(r"(?m)^\|.*$", page)] for page in pages
    )
    assert table == other and len(table) > 50


def test_a_message_is_a_paragraph_without_code_and_statements():
    found = [text for text, *_ in instructor_messages()]
    assert "Planning a term" in found
    assert "**On {{ about }}.** {{ text }}" in found
    assert not [text for text in found if "{%" in text or text == "make release"]


def test_a_page_in_spanish(small_course):
    (small_course.locale / "es" / "LC_MESSAGES").mkdir(parents=True)
    update_translations(small_course)
    for name, english, spanish in (
        (NAME, "The lessons", "Las lecciones"),
        (NAME, "| | together | {{ lesson.minutes }} |", "| | | {{ lesson.minutes }} |"),
        ("01_small", "the mean", "la media"),
    ):
        path = po_path(small_course, "es", name)
        entry = f'msgid "{english}"\nmsgstr ""'
        text = path.read_text("utf-8")
        assert entry in text
        path.write_text(text.replace(entry, f'{entry[:-1]}{spanish}"'), "utf-8")
    page = instructor_page(small_course, "es")
    assert "\n# Las lecciones\n\n## " in page
    assert "| 1.1 | la media | 2 |\n" in page
    assert re.search(r"\n\| \| \| \d+ \|\n", page)
    assert "](notebooks/es/01_small.ipynb)" in page
    assert title_of(read_lesson(small_course.sources()[0])) in page  # not translated


def test_a_stale_or_missing_page_is_found(small_course):
    assert check_instructor_pages(small_course) == []
    page = page_path(small_course)
    page.write_text("old")
    (finding,) = check_instructor_pages(small_course)
    assert "make notebooks" in str(finding)
    page.write_text(instructor_page(small_course), "utf-8")
    assert check_instructor_pages(small_course) == []
    (small_course.locale / "es" / "LC_MESSAGES").mkdir(parents=True)
    (finding,) = check_instructor_pages(small_course)
    assert "INSTRUCTOR.es.md: is not as derived now" in str(finding)
