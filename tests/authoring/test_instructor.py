"""The instructor's page."""

from authoring.instructor import PAGE, instructor_page
from authoring.lesson_format import read_lesson
from authoring.project import Project
from authoring.validate import check_instructor_page

PROJECT = Project.open()


def test_the_page_is_as_derived_now():
    assert (PROJECT.root / PAGE).read_text("utf-8") == instructor_page(PROJECT)
    assert check_instructor_page(PROJECT) == []


def test_every_note_of_every_lesson_is_on_the_page():
    page = (PROJECT.root / PAGE).read_text("utf-8")
    for path in PROJECT.sources():
        for cell in read_lesson(path).cells:
            if "instructor" in cell.metadata.get("tags", []):
                for line in cell.source.splitlines():
                    assert line.removeprefix("#").strip() in page


def test_a_stale_page_is_found(small_course):
    assert check_instructor_page(small_course) == []
    (small_course.root / PAGE).write_text("old")
    (finding,) = check_instructor_page(small_course)
    assert "make notebooks" in str(finding)
