"""What the grader reads, and what it sends: no sandbox is needed here."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from grading import html_reports, sandbox
from grading.batch import Result, as_task
from grading.submissions import (
    Rejected,
    find_submissions,
    look_through,
    read_cells,
    recognise,
)
from helpers.checks.runner import LESSONS
from tests.support.downloads import write, zipped
from tests.support.paths import ROOT
from tests.support.submission_layouts import (
    FIVE,
    HTML,
    KINDS,
    PDF,
    REPORT,
    SCRIPT,
    A,
)
from tests.support.submission_layouts import zipped as zip_of
from tests.support.submissions import (
    COUNT,
    IMPORTS,
    LOOK_UP,
    graded_lessons,
    lesson_file,
    notebook,
)

CHECKS = ROOT / "helpers" / "checks"


def test_whatever_was_handed_in_there_is_a_row(tmp_path):
    for name, (members, _) in KINDS.items():
        (tmp_path / "in" / name).mkdir(parents=True)
        write(tmp_path / "in" / name, members)
    found = {}
    for one in find_submissions(tmp_path / "in"):
        found.setdefault(one.student, []).append(one)
    assert set(found) == set(KINDS)
    for name, (_, why) in KINDS.items():
        (one,) = found[name]
        assert (why in one.problem) if why else one.content, (name, one.problem)
        if not why:
            assert recognise(read_cells(one)) == "02"


def test_of_several_files_for_a_lesson_the_last_counts(tmp_path):
    members = {f"ada/try {number}.ipynb": str(number) for number in (2, 9, 10)}
    members = {
        name: notebook([IMPORTS, LOOK_UP, f"n = {text}"])
        for name, text in members.items()
    }
    path = write(
        tmp_path / "in", {**members, "ada/try 11.py": COUNT.encode(), "bo/x.ipynb": A}
    )
    found = look_through(path)
    ada, bo = found.read()
    assert (ada.name, bo.note) == ("ada/try 10.ipynb", "")
    assert "this one counts: ada/try 10.ipynb" in ada.note
    assert f"ada: {ada.note}" in found.notes
    page = html_reports.student_page("ada", [Result(ada.bare, "02", [])])
    assert "this one counts" in page
    # The same answers twice, as text and as notebook, are one.
    twins = {
        "cy/a.py": LOOK_UP.encode(),
        "cy/a.ipynb": notebook([*LOOK_UP.split("\n\n\n")]),
    }
    (cy,) = find_submissions(write(tmp_path / "twins", twins))
    assert (cy.name, cy.note) == ("cy/a.ipynb", "")


BESIDE = {
    **dict.fromkeys(("README.md", "zz.md", "zz.txt", "01.Rmd", "zz"), REPORT),
    **dict.fromkeys(("02 (3).qmd", "02.ipynb/zz.md", "a/README.md"), REPORT),
    **{name: LOOK_UP.encode() for name in ("zz.py", "02 (9).py", "zz.py.txt", "z.txt")},
    **{f"02.{kind}": content for kind, content in (("pdf", PDF), ("html", HTML))},
}


@pytest.mark.parametrize("ours", ["hw1.ipynb", "02.ipynb.txt", "a.json"])
def test_a_notebook_has_precedence_whatever_its_name(tmp_path, ours):
    for place, (name, content) in enumerate(BESIDE.items()):
        write(tmp_path / f"student {place}", {ours: A, name: content})
    # An archive is read like a folder.
    packed = zip_of({ours: A, "zz/README.md": REPORT})
    write(tmp_path / "packed", {"hand-in.zip": packed})
    found = list(find_submissions(tmp_path))
    assert len(found) == len({one.student for one in found}) == len(BESIDE) + 1
    for one in found:
        assert (one.content, one.problem) == (A, ""), one
    # Of the others, a Python file has it.
    write(tmp_path / "none", {"02.py": SCRIPT, "zz.md": REPORT, "zz.Rmd": REPORT})
    (one,) = (one for one in find_submissions(tmp_path) if one.student == "none")
    assert one.name == "none/02.py"


def test_a_text_counts_not_beside_a_notebook_that_cannot_be_read(tmp_path):
    """It is named, but earns no 0."""
    path = write(tmp_path / "in", {"ada/02.ipynb": A[:200], "ada/README.md": REPORT})
    write(path, {"bo/README.md": REPORT})
    notebook, text, alone = find_submissions(path)
    assert (alone.student, alone.problem) == ("bo", "")
    assert "its end is missing" in notebook.problem
    assert text.problem == (
        "It is a text; ada/02.ipynb has precedence, and cannot be read."
    )


def test_a_students_own_modules_come_along(tmp_path):
    call = notebook([IMPORTS, LOOK_UP, "import utils, pkg.more\nfrom count import *"])
    modules = {
        "utils.py": "naïve = 1\n",
        "count.py": COUNT,
        "pkg/__init__.py": "",
        "pkg/more.py": "def build_dot_model(n):\n    return n\n",
    }
    others = {
        "helpers/__init__.py": "",
        "helpers/ids.py": "x = 1",
        "no-name.py": "x = 1",
        "large.py": f"x = {'1' * 200_000!r}",
        "../elsewhere.py": "x = 1",
    }
    members = {
        f"ada/work/{name}": text.encode("cp1252")
        for name, text in {**modules, **others}.items()
    }
    members = {
        name.replace("work/../", ""): content for name, content in members.items()
    }
    members |= {"ada/work/02.ipynb": call, "bo/x.ipynb": A}
    members["cy.zip"] = zip_of({"a_b/02.ipynb": call, "a_b/utils.py": b"x = 1\n"})
    order = SimpleNamespace(
        lessons=LESSONS, seed=1, all_cells=False, is_safe=True, limits=sandbox.Limits()
    )
    for path in (
        write(tmp_path / "in", members),
        zipped(tmp_path / "in.zip", members),
    ):
        ada, bo, cy = sorted(find_submissions(path), key=lambda one: one.student)
        assert ada.modules == modules
        assert (bo.modules, list(cy.modules)) == ({}, ["utils.py"])
        task = as_task(ada, order, "checks")
        assert task.modules == ada.modules
        # A submission with other modules may earn other points.
        assert task.key != as_task(replace(ada, modules={}), order, "checks").key


def test_canvas_numbers_the_modules_that_are_handed_in_again(tmp_path):
    call = notebook([LOOK_UP, "import utils"])
    members = {
        "ada_11111_22222_02-1.ipynb": call,
        "ada_11111_22223_utils-1.py": b"x = 1\n",
        "bo_11112_22224_02.ipynb": A,
    }
    ada, _ = find_submissions(write(tmp_path / "in", members))
    assert ada.modules == {"utils.py": "x = 1\n"}


def test_the_courses_own_files_are_not_submissions(tmp_path):
    """A student hands in the whole folder; lessons 02 and 05 were worked on."""
    root = "ada/neural-recsys-course-1.0.0"
    members = {f"{root}/START.txt": b"Unpack", f"{root}/notebooks/02 mine.ipynb": A}
    for folder in ("helpers", "tests"):
        for path in (CHECKS.parent.parent / folder).rglob("*.py"):
            name = path.relative_to(CHECKS.parent.parent).as_posix()
            members[f"{root}/{name}"] = path.read_bytes()
    # A file of another version of the course.
    members[f"{root}/helpers/checks/lesson99.py"] = COUNT.encode()
    for lesson in graded_lessons():
        for ending in (".ipynb", ".py"):
            for folder in ("notebooks", "solutions"):
                name = f"{root}/{folder}/{lesson}{ending}"
                members[name] = lesson_file(folder, lesson, ending)
    members[f"{root}/notebooks/05.ipynb"] = FIVE
    # An unchanged exercise is a submission, too.
    members["bo/02.ipynb"] = lesson_file("notebooks", "02", ".ipynb")
    members["cy/mine.ipynb"] = lesson_file("solutions", "02", ".ipynb")
    path = write(tmp_path / "in", members)
    found = [(one.student, one.name, one.problem) for one in find_submissions(path)]
    assert found == [
        ("ada", f"{root}/notebooks/02 mine.ipynb", ""),
        ("ada", f"{root}/notebooks/05.ipynb", ""),
        ("bo", "bo/02.ipynb", ""),
        ("cy", "cy/mine.ipynb", ""),
    ]
    found = find_submissions(path, lessons=("05",))
    assert [(one.student, bool(one.problem)) for one in found] == [
        ("bo", True),
        ("cy", True),
        ("ada", False),
    ]


@pytest.mark.parametrize("lesson", graded_lessons())
def test_an_exercise_as_it_was_handed_out_is_no_last_try(tmp_path, lesson):
    """Not even of another version of the course, or with another name."""
    blank = lesson_file("notebooks", lesson, ".ipynb")
    older = blank.replace(b"Exercise", b"Task").replace(b"import ", b"import  ")
    solved = lesson_file("solutions", lesson, ".ipynb")
    members = {"ada/a mine.ipynb": solved, "ada/b.ipynb": blank, "ada/c.ipynb": older}
    members["bo/x.ipynb"] = A
    one, _ = find_submissions(write(tmp_path / "in", members))
    assert (one.name, one.note) == ("ada/a mine.ipynb", "")


def test_the_grades_of_an_earlier_run_are_no_submissions(tmp_path):
    out = tmp_path / "in" / "grades"
    write(tmp_path / "in", {"ada/02.ipynb": A, "grades/records/1.json": b"{}"})
    assert look_through(tmp_path / "in", leave_out=out).students == ["ada"]


def test_nothing_to_grade_is_said(tmp_path):
    with pytest.raises(Rejected, match="There is no notebook"):
        list(find_submissions(tmp_path))
    with pytest.raises(Rejected, match="There is no .*nowhere"):
        list(find_submissions(tmp_path / "nowhere"))
