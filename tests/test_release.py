"""The instructor's page, and the zip that students get."""

import zipfile

import pytest

from authoring.gate import check_instructor_page
from authoring.instructor import PAGE, instructor_page
from authoring.lessons import read_lesson, split_lines
from authoring.project import AuthoringError, Project
from authoring.release import pack

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


def test_a_release_holds_what_students_need_and_no_answer(tmp_path):
    path = pack(PROJECT, tmp_path)
    with zipfile.ZipFile(path) as archive:
        content = {
            name.partition("/")[2]: archive.read(name) for name in archive.namelist()
        }
    assert {"environment.yml", "START.txt", "helpers/checks/judge.py"} <= set(content)
    for source in PROJECT.sources():
        assert f"notebooks/{source.stem}.ipynb" in content
    assert not any(
        name.startswith(("solutions", "grading", "tests", "INSTRUCTOR"))
        or "solved" in name
        for name in content
    )
    for source in PROJECT.sources():
        text = content[f"notebooks/{source.stem}.ipynb"].decode()
        split = split_lines(read_lesson(source))
        public = set(split.public)
        for line in split.secret:
            if len(line) >= 40 and line not in public:
                assert line.replace('"', '\\"') not in text
    assert path.read_bytes() == pack(PROJECT, tmp_path / "again").read_bytes()


def test_a_stale_exercise_is_not_released(small_course, tmp_path):
    (source,) = small_course.sources()
    exercise = small_course.notebooks / f"{source.stem}.ipynb"
    exercise.parent.mkdir(exist_ok=True)
    exercise.write_text("{}")
    with pytest.raises(AuthoringError, match="make notebooks"):
        pack(small_course, tmp_path)
