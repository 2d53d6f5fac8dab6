"""The pages for students and for the class."""

import functools
import gettext as stdlib_gettext
import io
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from authoring.project import Project
from authoring.translation.extract import compiled, shared_messages
from grading import html_reports
from grading.__main__ import write_results
from grading.batch import Result
from grading.grade import Mark
from grading.layouts import LAYOUTS
from grading.submissions import Submission, find_submissions, look_through
from helpers import i18n
from helpers.checks.runner import lesson_exercises
from tests.support.downloads import GOOD, graded, result, write
from tests.support.submission_layouts import (
    KINDS,
    A,
    B,
    C,
)


@pytest.fixture
def made_up_spanish(monkeypatch):
    """Every text that translators get appears in made-up Spanish."""
    monkeypatch.setenv("COURSE_LANG", "es")
    spanish = SimpleNamespace(gettext=made_up)
    monkeypatch.setattr(i18n, "catalog", lambda name: spanish)


def made_up(text):
    """Replace all words of a text, if a translator would get to see it."""
    if text not in texts_for_translators():
        return text
    words = re.compile(r"(\{\w+(?::[^{}]*)?\})|[A-Za-z]+")
    return words.sub(lambda one: one[1] or "ñ", text)


@functools.cache
def texts_for_translators():
    return {text for text, *_ in shared_messages(Project.open())}


def english_of(page):
    """List the English words on a page in made-up Spanish."""
    assert '<html lang="es">' in page
    text = re.sub("<style>.*</style>|<[^>]*>", " ", page, flags=re.DOTALL)
    return set(re.findall("[A-Za-z]{2,}", text))


@pytest.mark.usefixtures("made_up_spanish")
def test_rejections_are_reported_in_the_language_of_the_class(tmp_path):
    for name, (members, why) in KINDS.items():
        if why:
            write(tmp_path / "in" / name, members)
    known = {"zip", "gz"}
    for one in find_submissions(tmp_path / "in"):
        assert set(re.findall("[a-z]{2,}", one.problem)) <= known, one.problem
        page = html_reports.student_page("Ñ", [Result(one.bare, problem=one.problem)])
        assert english_of(page.replace(one.name, "")) <= known, page


@pytest.mark.usefixtures("made_up_spanish")
def test_no_text_of_the_pages_is_english_in_a_spanish_class():
    marks = [
        Mark("2.1", "ñ", 1, 2, "correct", "ñ"),
        Mark("2.2", "ñ", 0, 2, "not yet", "ñ", "1", "2"),
        Mark("2.3", "ñ", 0, 2, "not attempted", "ñ"),
    ]
    bare = Submission("Ñ", "ñ", note="ñ")
    results = [Result(bare, "02", marks, {0: "ñ"}), Result(bare, problem="ñ")]
    assert english_of(html_reports.student_page("Ñ", results)) == set()
    assert english_of(html_reports.class_page(results, 3.0, ["ñ"])) == set()


NAMED = {
    *("Moodle", "Canvas", "Blackboard", "Google", "Classroom"),
    *("layout", "flat", "folders", "project", "lessons", "csv"),
    *("assignsubmission", "file", "xlsx", "text", "ipynb"),
}
"""What stays as it is: names of products, options, and parts of files' names."""


@pytest.mark.usefixtures("made_up_spanish")
@pytest.mark.parametrize("name", LAYOUTS)
def test_notes_on_a_download_are_in_the_language_of_the_class(tmp_path, name):
    forms = {
        "moodle": "Ñ_{0}_assignsubmission_file/1.ipynb",
        "canvas": "ñ_{0}1111_2222{0}_1.ipynb",
        "blackboard": "1_ñ{0}_ñ_2026-01-0{0}-10-00-00_1.ipynb",
        "classroom": "Ñ{0} - 1.ipynb",
        "lessons": "02/Ñ{0}/1.ipynb",
        "folders": "Ñ{0}/1.ipynb",
        "flat": "Ñ{0}.ipynb",
        "project": "1/{0}.ipynb",
    }
    members = {forms[name].format(number): GOOD for number in (1, 2, 3)}
    found = look_through(write(tmp_path / "1", members), name)
    results = graded(tmp_path / "1")
    notes = [found.summary, *found.notes]
    for student in ("Ñ", "nobody", None):
        table = ("", "ñ.csv", f"1,2,3,Grade,Max\n1,{student},3,,9\n")
        tables = [table] if student else []
        notes += write_results(tmp_path / "2", results, 1.0, found, tables)
    assert len(notes) >= (4 if name == "moodle" else 1)
    for text in notes:
        assert set(re.findall("[A-Za-z]{2,}", text)) <= NAMED, text


def test_pages_of_a_spanish_class_are_in_spanish(monkeypatch):
    monkeypatch.setenv("COURSE_LANG", "es")
    spanish = stdlib_gettext.GNUTranslations(io.BytesIO(compiled(Project.open(), "es")))
    monkeypatch.setattr(i18n, "catalog", lambda name: spanish)
    title = lesson_exercises("02")["2.1"].title
    marks = [Mark("2.1", title, 0, 2, "not yet", "1", "1", "2")]
    bare = Submission("Ñ", "ñ")
    results = [Result(bare, "02", marks, {0: "1"}), Result(bare, problem="1")]
    assert spanish.gettext(title) != title
    for page, translated in (
        (html_reports.student_page("Ñ", results), "Comentarios para Ñ"),
        (html_reports.class_page(results, 3.0), "La clase"),
    ):
        assert spanish.gettext(title) in page
        assert f"<h1>{translated}</h1>" in page
        for file in Path(html_reports.__file__).parent.glob("templates/*.j2"):
            for text in re.findall(r'gettext\("(.*?)"', file.read_text("utf-8")):
                for part in re.findall(
                    r"[A-Za-z][A-Za-z ]{3,}", re.sub("{.*?}", "0", text)
                ):
                    assert not re.search(rf"\b{part}\b", page), part


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


def test_pages_of_students_who_are_gone_are_removed(tmp_path):
    write(tmp_path, {"feedback/notes.html": b"the instructor's own"})
    for students in (["ada", "bo", "Zoé"], ["ada", "cy"]):
        write_results(tmp_path, [result(name) for name in students], 1.0)
    found = {path.name for path in (tmp_path / "feedback").iterdir()}
    assert found == {"notes.html", *map(html_reports.file_name, ("ada", "cy"))}


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
