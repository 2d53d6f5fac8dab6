"""The pages for students and for the class."""

import re
from types import SimpleNamespace

from authoring.project import Project
from authoring.translation.extract import shared_messages
from grading import html_reports
from grading.__main__ import write_results
from grading.batch import Result
from grading.submissions import find_submissions, look_through
from helpers import i18n
from tests.support.downloads import result, write
from tests.support.submission_layouts import (
    KINDS,
    A,
    B,
    C,
)


def test_rejections_are_reported_in_the_language_of_the_class(tmp_path, monkeypatch):
    """Every text that translators get appears in made-up Spanish."""
    found = {text for text, *_ in shared_messages(Project.open())}
    monkeypatch.setenv("COURSE_LANG", "es")
    spanish = SimpleNamespace(gettext=lambda text: made_up(text, found))
    monkeypatch.setattr(i18n, "catalog", lambda name: spanish)
    for name, (members, why) in KINDS.items():
        if why:
            write(tmp_path / "in" / name, members)
    known = {"zip", "gz"}
    for one in find_submissions(tmp_path / "in"):
        assert set(re.findall("[a-z]{2,}", one.problem)) <= known, one.problem
        page = html_reports.student_page("Ñ", [Result(one.bare, problem=one.problem)])
        assert '<html lang="es">' in page
        text = re.sub("<style>.*</style>|<[^>]*>", " ", page, flags=re.DOTALL)
        text = text.replace(one.name, "")
        assert set(re.findall("[a-z]{2,}", text)) <= known, text


def made_up(text, found):
    """Replace all words of a text, if a translator would get to see it."""
    words = re.compile(r"(\{\w+\})|[A-Za-z]+")
    return words.sub(lambda one: one[1] or "ñ", text) if text in found else text


def test_fewer_students_than_files_is_said_before_and_on_the_class_page(tmp_path):
    members = {
        "ada_11111_22222_a.ipynb": A,
        "ada_11111_22223_b.ipynb": B,
        "bo_11112_22224_a.ipynb": C,
    }
    found = look_through(write(tmp_path / "in", members))
    assert found.notes[0].startswith(
        "Fewer students (2) than folders or files (3): ada"
    )
    results = [Result(one.bare, "02", []) for one in found.read()]
    write_results(tmp_path / "out", results, 1.0, found)
    page = (tmp_path / "out" / "class.html").read_text(encoding="utf-8")
    assert "Canvas: 2 students" in page and "Fewer students (2)" in page


def test_pages_escape_everything_and_need_no_network():
    evil = "<script>alert(1)</script>"
    shown = [
        result(evil, reason=f"`{evil}` {evil}"),
        result("b", lesson="", problem=evil),
    ]
    for page in (
        html_reports.student_page(evil, shown),
        html_reports.class_page(shown, 3.0),
    ):
        assert "<script" not in page
        assert "http://" not in page and "https://" not in page
    names = [
        html_reports.file_name(one)
        for one in ("../../etc/x", "é 🦄", "ê 🦄", "A", "a", "")
    ]
    assert len({name.lower() for name in names}) == len(names)
    assert not any("/" in name or name.startswith(".") for name in names)


def test_a_page_tells_of_checks_only_where_some_ran():
    called = "The checks called your functions"
    assert called in html_reports.student_page("a", [result("a")])
    assert called not in html_reports.student_page(
        "b", [result("b", lesson="", problem="x")]
    )
