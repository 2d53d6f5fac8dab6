"""What the grader reads, and what it sends: no sandbox is needed here."""

import ast
import contextlib
import csv
import io
import json
import lzma
import os
import re
import shutil
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from dataclasses import replace
from pathlib import Path, PurePosixPath
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from submission_layouts import (
    DOWNLOADS,
    FIVE,
    FOLDER,
    KINDS,
    A,
    B,
    C,
    D,
    tarred,
)
from submission_layouts import zipped as zip_of
from submissions import (
    COUNT,
    IMPORTS,
    LOOK_UP,
    graded_lessons,
    lesson_file,
    notebook,
)

from authoring.project import Project
from authoring.translation.extract import shared_messages
from grading import __main__ as command
from grading import csv_reports, files, html_reports, sandbox, seccomp, session
from grading.__main__ import load_private_checks, write_results
from grading.batch import Result, _read, choose_seed, note_seed
from grading.grade import Mark, _cut, hidden_seed
from grading.inside import protocol
from grading.inside.protocol import Handle, ProtocolError
from grading.proxies import Channel, RemoteFunction, RemoteModel
from grading.session import Died
from grading.submissions import (
    MOST_BYTES,
    Rejected,
    Submission,
    find_submissions,
    look_through,
    read_cells,
    recognise,
)
from helpers import i18n
from helpers.checks.asserts import NotAttempted, NotYet
from helpers.checks.proxies import Callback, FunctionProxy, ModelProxy
from helpers.checks.runner import LESSONS

CHECKS = Path(sandbox.helpers.__file__).parent / "checks"
GOOD = notebook([IMPORTS, LOOK_UP, COUNT])


def handed_in(content, name="a.ipynb"):
    return Submission("someone", name, content)


# --- reading a file ---


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_rejected(content):
    for name in ("a.ipynb", "a.py"):
        try:
            cells = read_cells(handed_in(content, name))
        except Rejected as problem:
            assert len(str(problem)) > 10
        else:
            assert all(isinstance(cell, str) and cell.strip() for cell in cells)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["cells", "cell_type", "source", "worksheets", "input", "x"]
            ),
            inner | st.just("code"),
            max_size=4,
        )
    ),
    max_leaves=25,
)


@settings(max_examples=300, deadline=None)
@given(JSON)
def test_any_json_is_read_or_rejected(value):
    try:
        cells = read_cells(handed_in(json.dumps(value).encode()))
    except Rejected:
        return
    assert all(isinstance(cell, str) for cell in cells)


def test_code_cells_alone_are_taken():
    content = json.loads(GOOD)
    content["cells"].insert(
        1, {"cell_type": "markdown", "source": "def look_up(): ..."}
    )
    assert len(read_cells(handed_in(json.dumps(content).encode()))) == 3
    text = "# %% [markdown]\n# def x\n# %%\na = 1\n# %% [raw]\nno\n#%% tagged\nb = 2\n"
    assert read_cells(handed_in(text.encode(), "a.py")) == ["a = 1\n", "b = 2\n"]


STUB = "def build_dot_model(n_users):\n    raise NotImplementedError('2.4')\n"


@pytest.mark.parametrize(
    ("between", "cells"),
    [
        ("\n# In[3]:\n\n", 4),
        ("\n# In[ ]:\n", 4),
        ("# %%\n", 4),
        ("#%% two\n", 4),
        ("# <codecell>\n", 4),
        ("\n", 4),
        ("\n# what comes now\n", 4),
    ],
)
def test_a_text_in_python_is_split_into_cells(between, cells):
    parts = ["import numpy as np\n", "raise NotImplementedError\n", STUB, COUNT.strip()]
    found = read_cells(handed_in(between.join(parts).encode(), "a.py"))
    assert len(found) == cells
    for cell, part in zip(found, parts, strict=True):
        assert part.strip() in cell


def test_a_statement_keeps_its_comments_and_what_shares_its_lines():
    text = (
        "# -*- coding: utf-8 -*-\n\n# one\na = 1; b = 2\n"
        "# two\n@dec\ndef f():\n    pass\n    # inside\n\n"
        'x = """\n"""; y = (\n    1)\nif a:\n    pass\nelse:\n    b = 1\n!ls\n# end\n'
    )
    assert read_cells(handed_in(text.encode(), "a.py")) == [
        "# -*- coding: utf-8 -*-\n\n# one\na = 1; b = 2\n",
        "# two\n@dec\ndef f():\n    pass\n",
        '    # inside\n\nx = """\n"""; y = (\n    1)\n',
        "if a:\n    pass\nelse:\n    b = 1\n",
        "!ls\n",
        "# end\n\n",
    ]


def test_a_broken_statement_costs_itself():
    text = f"import numpy as np\ndef broken(:\n    pass\n@dec\n{STUB}{COUNT.strip()}\n"
    found = read_cells(handed_in(text.encode(), "a.py"))
    assert [one.split("(")[0] for one in found] == [
        "import numpy as np\n",
        "def broken",
        "@dec\ndef build_dot_model",
        "def count_weights",
    ]


@pytest.mark.parametrize(
    "encoding",
    ["utf-8-sig", "cp1252", "latin-1", "utf-16", "utf-16-le", "utf-16-be", "utf-32"],
)
@pytest.mark.parametrize("name", ["a.py", "a.ipynb"])
def test_a_text_is_read_whichever_editor_saved_it(name, encoding):
    text = f"# año, naïve, Größe\n{COUNT.strip()}\n"
    if name == "a.ipynb":
        cell = {"cell_type": "code", "source": text}
        text = json.dumps({"cells": [cell]}, ensure_ascii=False)
    (cell,) = read_cells(handed_in(text.encode(encoding), name))
    assert cell.strip() == f"# año, naïve, Größe\n{COUNT.strip()}"


def test_the_encoding_that_a_text_declares_is_believed():
    text = f"# -*- coding: cp1250 -*-\nname = 'žluť'\n{COUNT}"
    cells = read_cells(handed_in(text.encode("cp1250"), "a.py"))
    assert "žluť" in cells[0]
    read_cells(handed_in(b"# coding: hex\nx = '\xe9'\n", "a.py"))


def test_a_lesson_is_recognised_by_its_functions():
    assert recognise(["x = 1", "def look_up(table, rows):\n    pass"]) == "02"
    assert recognise(["count_weights = lambda *_: 7"]) == "02"
    with pytest.raises(Rejected, match="none of the lessons"):
        recognise(["def main():\n    look_up(1, 2)"])


# --- finding the files ---


def names(path):
    return {(one.student, one.name): one for one in find_submissions(path)}


def write(folder, members):
    """Write a download as files and folders."""
    for name, content in members.items():
        path = folder / name
        if content is FOLDER:
            path.mkdir(parents=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return folder


@pytest.mark.parametrize("kind", ["folder", "zip", "tar.gz"])
@pytest.mark.parametrize("row", DOWNLOADS, ids=lambda row: row.name)
def test_one_layout_is_recognised_for_a_whole_download(tmp_path, row, kind):
    path = tmp_path / f"download.{kind}"
    if kind == "folder":
        path = write(tmp_path / "download", row.files)
    elif kind == "zip":
        path.write_bytes(zip_of(row.files))
    else:
        path.write_bytes(tarred(row.files, "w:gz"))
    found = look_through(path, row.chosen)
    assert found.layout.name == row.layout
    theirs = {}
    for one in found.read():
        theirs.setdefault(one.student, []).append(one.name)
    assert set(theirs) == set(row.students)
    for student, ends in row.students.items():
        assert len(theirs[student]) == len(ends)
        assert all(any(name.endswith(end) for name in theirs[student]) for end in ends)
    said = "\n".join([found.summary, *found.notes])
    assert all(text in said for text in row.says), said


def test_a_class_is_told_in_its_language_what_was_rejected(tmp_path, monkeypatch):
    """Whatever is found for translators is told in made-up Spanish."""
    found = {text for text, *_ in shared_messages(Project.open())}
    monkeypatch.setenv("COURSE_LANG", "es")
    spanish = SimpleNamespace(gettext=lambda text: made_up(text, found))
    monkeypatch.setattr(i18n, "_catalog", lambda name: spanish)
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


def test_no_layout_that_does_not_fit_is_taken(tmp_path):
    write(tmp_path / "in", {"ada/02.ipynb": A})
    with pytest.raises(Rejected, match="laid out as Moodle"):
        look_through(tmp_path / "in", "moodle")
    assert look_through(tmp_path / "in", "flat").students == ["02"]


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
    assert "the last one counts: ada/try 10.ipynb" in ada.note
    assert f"ada: {ada.note}" in found.notes
    page = html_reports.student_page("ada", [Result(ada.bare, "02", [])])
    assert "the last one counts" in page
    # The same answers twice, as text and as notebook, are one.
    twins = {
        "cy/a.py": LOOK_UP.encode(),
        "cy/a.ipynb": notebook([*LOOK_UP.split("\n\n\n")]),
    }
    (cy,) = find_submissions(write(tmp_path / "twins", twins))
    assert (cy.name, cy.note) == ("cy/a.ipynb", "")


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
        task = _read(ada, order, "checks")
        assert task.modules == ada.modules
        # Who has other modules may earn other points.
        assert task.key != _read(replace(ada, modules={}), order, "checks").key


def test_canvas_numbers_the_modules_that_are_handed_in_again(tmp_path):
    call = notebook([LOOK_UP, "import utils"])
    members = {
        "ada_11111_22222_02-1.ipynb": call,
        "ada_11111_22223_utils-1.py": b"x = 1\n",
        "bo_11112_22224_02.ipynb": A,
    }
    ada, _ = find_submissions(write(tmp_path / "in", members))
    assert ada.modules == {"utils.py": "x = 1\n"}


def test_the_courses_own_files_are_nobodys_answers(tmp_path):
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
    # Who has done nothing has handed in something all the same.
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


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has such names")
def test_a_name_that_is_no_utf_8_can_be_written_into_a_table(tmp_path):
    (tmp_path / os.fsdecode(b"u_\xff\xfe.py")).write_text(COUNT)
    (found,) = find_submissions(tmp_path)
    assert found.name.encode("utf-8") and found.student.encode("utf-8")
    assert found.content


def test_folders_of_students_and_flat_folders(tmp_path):
    for name in ("Ada/02.ipynb", "Ada/.ipynb_checkpoints/02.ipynb", "Bo/work/x.py"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(GOOD)
    assert set(names(tmp_path / "in")) == {
        ("Ada", "Ada/02.ipynb"),
        ("Bo", "Bo/work/x.py"),
    }

    flat = tmp_path / "flat"
    flat.mkdir()
    for name in (
        "Ada Lovelace - 02_dot_model.ipynb",
        "02_dot_model - Bo.ipynb",
        "cleo.py",
    ):
        (flat / name).write_bytes(GOOD)
    (flat / "notes.txt").write_text("of nobody")
    assert {student for student, _ in names(flat)} == {"Ada Lovelace", "Bo", "cleo"}


def test_names_that_look_alike_stay_apart(tmp_path):
    names = ["aa_honest.py", "aa_honest .py", "aa_honest\u200b.py", "bb.ipynb"]
    for name in names:
        (tmp_path / name).write_bytes(GOOD)
    found = [one.student for one in find_submissions(tmp_path)]
    assert sorted(found) == ["aa_honest", "aa_honest (2)", "aa_honest (3)", "bb"]
    # In a table's cell, too.
    assert len({csv_reports._cell(one) for one in found}) == 4


def packed(**files):
    """A zip's content; `__` in a name is a slash, `_dot_` a dot."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), text)
    return content.getvalue()


def zips_in_places():
    inner = packed(hw_dot_ipynb=GOOD, more__02_dot_py=COUNT, notes_dot_txt="x")
    return {
        "Ada/homework.zip": inner,
        "Bob.zip": packed(hw_dot_ipynb=GOOD),
        "Cyd/empty.zip": packed(notes_dot_txt="x"),
        "Dan/broken.zip": b"PK\x03\x04 no zip",
        "Eve/twice.zip": packed(inner_dot_zip=inner),
        "Fay/hw.ipynb": GOOD,
    }


@pytest.mark.parametrize("as_zip", [False, True])
def test_zips_inside_are_unpacked_or_named(tmp_path, as_zip):
    whole = tmp_path / "class.zip"
    with zipfile.ZipFile(whole, "w") as archive:
        for name, content in zips_in_places().items():
            (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "in" / name).write_bytes(content)
            archive.writestr(name, content)
    found = {}
    for one in find_submissions(whole if as_zip else tmp_path / "in"):
        found.setdefault(one.student, []).append(one)
    assert sorted(found) == ["Ada", "Bob", "Cyd", "Dan", "Eve", "Fay"]
    assert [one.name for one in found["Ada"]] == ["Ada/homework.zip/hw.ipynb"]
    assert "not Ada/homework.zip/more/02.py" in found["Ada"][0].note
    assert found["Ada"][0].content == found["Bob"][0].content == GOOD
    for student, why in {
        "Cyd": "no notebook",
        "Dan": "cannot be read as an archive (zip)",
        "Eve": "an archive (zip) in an archive",
    }.items():
        (one,) = found[student]
        assert why in one.problem


def test_links_pipes_and_large_files_are_refused(tmp_path):
    (tmp_path / "real.ipynb").write_bytes(GOOD)
    (tmp_path / "link.ipynb").symlink_to(tmp_path / "real.ipynb")
    (tmp_path / "folder").symlink_to("/etc", target_is_directory=True)
    os.mkfifo(tmp_path / "pipe.ipynb")
    with (tmp_path / "large.ipynb").open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    problems = {name: one.problem for (_, name), one in names(tmp_path).items()}
    assert problems["real.ipynb"] == ""
    assert "link" in problems["link.ipynb"]
    assert "link" in problems["folder"]
    assert "no regular file" in problems["pipe.ipynb"]
    assert "too large" in problems["large.ipynb"]


def zipped(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_zips_of_the_learning_platforms(tmp_path):
    moodle = {
        "Ada Lovelace_123_assignsubmission_file_/02.ipynb": GOOD,
        "Bo Ek_124_assignsubmission_file_/x.ipynb": GOOD,
        "Cy Do_125_assignsubmission_file_y.ipynb": GOOD,
    }
    canvas = {
        "lovelaceada_12_34_02_dot_model.ipynb": GOOD,
        "ekbo_14_36_x.ipynb": GOOD,
        "ekbo_LATE_13_35_x.ipynb": GOOD,
        "__MACOSX/._x.ipynb": b"",
    }
    classroom = {
        "Lesson 2/Ada - 02_dot_model.ipynb": GOOD,
        "Lesson 2/Bo - 02.ipynb": GOOD,
    }
    for members, students in [
        (moodle, {"Ada Lovelace", "Bo Ek", "Cy Do"}),
        # Two people of one name are two.
        (canvas, {"lovelaceada", "ekbo (13)", "ekbo (14)"}),
        (classroom, {"Ada", "Bo"}),
    ]:
        found = names(zipped(tmp_path / "class.zip", members))
        assert {student for student, _ in found} == students
        assert not any(one.problem for one in found.values())


def test_moodle_counts_people_anew_in_each_assignment(tmp_path):
    path = zipped(
        tmp_path / "class.zip",
        {
            "Lesson 1/Ada Byron_1_assignsubmission_file_/01.ipynb": GOOD,
            "Lesson 2/Ada Byron_7_assignsubmission_file_/02.ipynb": FIVE,
            "Lesson 1/Bo Ek_2_assignsubmission_file_/01.ipynb": GOOD,
            "Lesson 1/Bo Ek_3_assignsubmission_file_/01.ipynb": GOOD,
        },
    )
    found = names(path)
    assert {student for student, _ in found} == {"Ada Byron", "Bo Ek (2)", "Bo Ek (3)"}
    assert {(one.platform, one.account) for one in found.values()} == {
        ("moodle", account) for account in "1273"
    }


def test_zips_that_climb_link_or_explode_are_refused(tmp_path):
    path = zipped(
        tmp_path / "evil.zip",
        {
            "../../climbs.ipynb": GOOD,
            "/absolute.ipynb": GOOD,
            "bomb.ipynb": bytes(MOST_BYTES + 1),
            "good.ipynb": GOOD,
        },
    )
    link = zipfile.ZipInfo("link.ipynb")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    problems = {name: one.problem for (_, name), one in names(path).items()}
    assert "points out" in problems["climbs.ipynb"]
    assert "points out" in problems["absolute.ipynb"]
    assert "too large" in problems["bomb.ipynb"]
    assert "a link" in problems["link.ipynb"]
    assert problems["good.ipynb"] == ""
    assert path.stat().st_size < 100_000


COMPRESSIONS = {
    "stored": lambda files: zip_of(files, zipfile.ZIP_STORED),
    "deflated": lambda files: zip_of(files, zipfile.ZIP_DEFLATED),
    "bzip2": lambda files: zip_of(files, zipfile.ZIP_BZIP2),
    "lzma": lambda files: zip_of(files, zipfile.ZIP_LZMA),
    "tar": lambda files: tarred(files),
    "tar.gz": lambda files: tarred(files, "w:gz"),
    "tar.bz2": lambda files: tarred(files, "w:bz2"),
    "tar.xz": lambda files: tarred(files, "w:xz"),
}


@pytest.mark.parametrize("compression", COMPRESSIONS)
@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=60), st.integers(0, 400))
@example(bytes(4), 393)  # a member without a name
@example(b"\xff" * 60, 30)
@example(b"\xff" * 60, 60)
def test_a_damaged_archive_is_one_rejected_row(compression, junk, place):
    content = bytearray(COMPRESSIONS[compression]({"x.ipynb": GOOD, "y.txt": b"y"}))
    place = place * len(content) // 400
    content[place : place + len(junk)] = junk
    ending = ".zip" if "." not in compression and compression != "tar" else ".tar"
    with tempfile.TemporaryDirectory() as folder:
        for name in ("ada", "bo"):
            Path(folder, "in", name).mkdir(parents=True)
        Path(folder, "in", "ada", "hw" + ending).write_bytes(content)
        Path(folder, "in", "bo", "hw.ipynb").write_bytes(GOOD)
        found = list(find_submissions(Path(folder, "in")))
        assert {one.student for one in found} == {"ada", "bo"}
        for one in found:
            with contextlib.suppress(Rejected):
                read_cells(one)
        whole = Path(folder, "class.zip")
        whole.write_bytes(content)
        with contextlib.suppress(Rejected):
            list(find_submissions(whole))


def test_whatever_an_archive_raises_is_the_problem_of_one_file(tmp_path, monkeypatch):
    write(tmp_path / "in", {"ada/hw.zip": zip_of({"x.ipynb": A}), "bo/x.ipynb": B})

    def broken(*_):
        raise KeyError("a fault of a library")

    monkeypatch.setattr(zipfile, "ZipFile", broken)
    ada, bo = sorted(find_submissions(tmp_path / "in"), key=lambda one: one.student)
    assert "cannot be read as an archive (zip)" in ada.problem
    assert not bo.problem
    monkeypatch.undo()
    for raised in (KeyError, lzma.LZMAError, NotImplementedError, MemoryError):
        monkeypatch.setattr(
            zipfile.ZipFile,
            "open",
            lambda *_, raised=raised: (_ for _ in ()).throw(raised),
        )
        ada, bo = sorted(find_submissions(tmp_path / "in"), key=lambda one: one.student)
        assert ada.problem and not bo.problem


def test_nothing_to_grade_is_said(tmp_path):
    with pytest.raises(Rejected, match="There is no notebook"):
        list(find_submissions(tmp_path))
    with pytest.raises(Rejected, match="There is no .*nowhere"):
        list(find_submissions(tmp_path / "nowhere"))


# --- the wire ---

FRAME = pd.DataFrame(
    {
        "title": ["Alien", None, "Brazil"],
        "rating": [1.5, np.nan, 3.0],
        "n": np.array([1, 2, 3], dtype="int32"),
        "when": pd.to_datetime(["2020-01-01", "2021-01-01", None]),
    },
    index=pd.Index([3, 5, 9], name="movie_id"),
)


@pytest.mark.parametrize(
    "value",
    [
        *(None, True, 7, -1.5, float("inf"), "text é", "", [1, [2.0, "x"]], (1, (2,))),
        {"user": np.arange(3), 4: [None]},
        *(np.zeros((2, 0, 3), "float32"), np.array(5), np.array([True, False])),
        *(np.array(["a", "bc"]), np.array([["a", None]], dtype=object)),
        np.array(["2020-01-01"], dtype="datetime64[ns]"),
        *(Handle("function", 3), Handle("plain", ["Tensor", np.ones(2)])),
    ],
    ids=repr,
)
def test_plain_values_cross(value):
    back = protocol.decode(json.loads(json.dumps(protocol.encode(value))))
    if isinstance(value, Handle) and value.kind == "plain":
        assert back.value[0] == "Tensor"
        np.testing.assert_array_equal(back.value[1], np.ones(2))
        return
    assert type(back) is type(value)
    np.testing.assert_equal(back, value)
    if isinstance(value, np.ndarray):
        assert back.dtype == value.dtype and back.shape == value.shape


def test_tables_cross():
    def there_and_back(table):
        return protocol.decode(json.loads(json.dumps(protocol.encode(table))))

    back = there_and_back(FRAME)
    pd.testing.assert_frame_equal(back, FRAME, check_dtype=False)
    assert back["n"].dtype == "int32" and back["rating"].dtype == "float64"
    pd.testing.assert_series_equal(there_and_back(FRAME["rating"]), FRAME["rating"])
    empty = FRAME.iloc[:0]
    assert there_and_back(empty).shape == empty.shape


def test_what_is_not_plain_stays():
    class Evil:
        def __reduce__(self):
            return os.system, ("true",)

    for value in (Evil(), object, np.array([Evil()]), {1j}, b"bytes"):
        back = protocol.decode(json.loads(json.dumps(protocol.encode(value))))
        flat = back.ravel()[0] if isinstance(back, np.ndarray) else back
        assert isinstance(flat, Handle) and flat.kind == "other"


@settings(max_examples=500, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    [
                        *("float", "list", "tuple", "dict", "array", "items", "frame"),
                        *("series", "plain", "function", "model", "other", "?"),
                    ]
                ),
                inner,
                max_size=2,
            )
        ),
        max_leaves=20,
    )
)
def test_any_value_is_decoded_or_refused(value):
    with contextlib.suppress(ProtocolError):
        protocol.decode(value)


@pytest.mark.parametrize(
    "value",
    [
        {"array": ["object", [1], ""]},
        {"array": ["float64", [10**9, 10**9], ""]},
        {"array": ["float64", [-1], ""]},
        {"array": ["float64", [2], "AAAA"]},
        {"array": ["bool", [1], "BQ=="]},
        {"array": ["float64,int64", [0], ""]},
        {"items": [[3], [1]]},
        {"function": True},
        {"function": "os.system"},
        {"frame": [["a"], [], {"list": []}, None]},
        {"float": "1" * 10 + "x"},
        [1],
        2**70,
        # pandas has no index of that type.
        {"frame": [[], [], protocol.encode(np.ones(2, "float16")), None]},
    ],
    ids=repr,
)
def test_lies_are_refused(value):
    with pytest.raises(ProtocolError):
        protocol.decode(value)


def an_empty_array(*shape):
    return {"array": ["float64", list(shape), ""]}


@pytest.mark.parametrize(
    "value",
    [
        an_empty_array(20_000_000, 0),
        an_empty_array(2**31, 0),
        an_empty_array(0, 2_000, 2_000),
        {"items": [[20_000_000, 0], []]},
        {"items": [[0, 2**31], []]},
        {"frame": [[], [], an_empty_array(2**31, 0), None]},
        {"frame": [[], [], {"items": [[2**31, 0], []]}, None]},
        {"series": [["a"], [an_empty_array(2**31, 0)], an_empty_array(0), None]},
        {"list": [{"list": []}] * 300_000},
        {"tuple": [None] * 300_000},
        {"dict": [[number, None] for number in range(200_000)]},
        {"list": ["x" * 1_000_000] * 3},
        {"list": [an_empty_array(900_000, 0)] * 3},
        {"items": [[2_000], ["x" * 2_000, *[""] * 1_999]]},
        {"dict": [["a", {"list": [1] * 150_000}], ["b", {"list": [1] * 150_000}]]},
        {"plain": {"list": ["Tensor", an_empty_array(20_000_000, 0)]}},
        protocol.encode(np.zeros((1500, 1500))),
    ],
    ids=range(17),
)
def test_more_than_any_check_needs_is_refused(value):
    with pytest.raises(protocol.TooLargeError):
        protocol.decode(value)


def test_what_checks_need_is_far_below_the_limits():
    for value in (
        np.zeros((1000, 1000)),
        [np.zeros(1000)] * 1000,
        ["title"] * 50_000,
        pd.DataFrame({"rating": np.ones(100_000), "title": ["a"] * 100_000}),
    ):
        protocol.decode(json.loads(json.dumps(protocol.encode(value))))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=100), st.booleans())
def test_any_bytes_on_the_line_are_a_message_or_refused(content, with_length):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        if with_length:
            content = struct.pack(">I", len(content)) + content
        theirs.sendall(content)
        theirs.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ProtocolError):
            assert isinstance(protocol.receive(ours, time.monotonic() + 5), dict)


def test_a_message_may_be_late_or_too_large():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        started = time.monotonic()
        with pytest.raises(ProtocolError, match="too late"):
            protocol.receive(ours, started + 0.2)
        # A byte now and then does not buy more time.
        theirs.sendall(b"\0")
        with pytest.raises(ProtocolError, match="too late"):
            protocol.receive(ours, time.monotonic() + 0.2)
        assert time.monotonic() - started < 3
        theirs.sendall(b"\xff\xff\xff\xff" * 2)
        with pytest.raises(ProtocolError, match="too large"):
            protocol.receive(ours, time.monotonic() + 1)


def test_who_drips_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(protocol, "REPLY_SECONDS", 0.3)
    ours, theirs = socket.socketpair()
    dripping = threading.Event()

    def drip():
        theirs.sendall(struct.pack(">I", 10**6))
        while not dripping.wait(0.02):
            with contextlib.suppress(OSError):
                theirs.sendall(b" ")

    with ours, theirs:
        sender = threading.Thread(target=drip)
        sender.start()
        deadline = time.monotonic() + 20
        with pytest.raises(ProtocolError, match="too late"):
            protocol.receive(ours, deadline)
        assert time.monotonic() < deadline - 10
        dripping.set()
        sender.join()


def test_a_small_message_may_not_become_gigabytes():
    ours, theirs = socket.socketpair()
    content = b'{"value": {"list": [' + b"[]," * protocol.MOST_PARTS + b"[]]}}"
    with ours, theirs:
        sender = threading.Thread(
            target=theirs.sendall,
            args=(struct.pack(">I", len(content)) + content,),
            daemon=True,
        )
        sender.start()
        with pytest.raises(ProtocolError, match="too many parts"):
            protocol.receive(ours, time.monotonic() + 60)


def filtered(program, architecture, number, flags=0):
    """Run a seccomp filter, as the kernel would."""
    steps = list(struct.iter_unpack("=HBBI", program))
    place = loaded = 0
    while True:
        code, if_so, if_not, value = steps[place]
        if code == seccomp.RETURN:
            return value
        if code == seccomp.LOAD:
            loaded = {
                seccomp.NUMBER: number,
                seccomp.ARCHITECTURE: architecture,
                seccomp.FLAGS: flags,
            }[value]
            place += 1
        elif code == seccomp.AND:
            loaded &= value
            place += 1
        else:
            holds = {
                seccomp.IS_EQUAL: loaded == value,
                seccomp.IS_AT_LEAST: loaded >= value,
            }[code]
            place += 1 + (if_so if holds else if_not)


@pytest.mark.parametrize("machine", seccomp.MACHINES)
def test_the_filter_refuses_those_calls_and_no_others(machine):
    column, architecture = seccomp.MACHINES[machine]
    blocked = {numbers[column] for numbers in seccomp.BLOCKED.values()}
    program = seccomp.seccomp_filter(machine)
    for number in range(600):
        verdict = seccomp.REFUSE if number in blocked else seccomp.ALLOW
        assert filtered(program, architecture, number) == verdict
    x32 = seccomp.OTHER_NUMBERING + 1
    assert filtered(program, architecture, x32) == seccomp.REFUSE
    assert filtered(program, architecture + 1, 1) == seccomp.REFUSE
    assert seccomp.seccomp_filter("sparc") == b""


@pytest.mark.parametrize("machine", seccomp.MACHINES)
def test_the_filter_refuses_memory_that_nobody_can_add_up(machine):
    column, architecture = seccomp.MACHINES[machine]
    program = seccomp.seccomp_filter(machine)
    shared, private, validated, anonymous, fixed = 0x01, 0x02, 0x03, 0x20, 0x10
    for flags, verdict in (
        (shared, seccomp.ALLOW),
        (private, seccomp.ALLOW),
        (private | anonymous | fixed, seccomp.ALLOW),
        (validated, seccomp.ALLOW),
        (shared | anonymous, seccomp.REFUSE),
        (shared | anonymous | fixed, seccomp.REFUSE),
        (validated | anonymous, seccomp.REFUSE),
    ):
        number = seccomp.MMAP[column]
        assert filtered(program, architecture, number, flags) == verdict
        assert filtered(program, architecture, 1, flags) == seccomp.ALLOW


def test_an_installed_course_shows_no_answers_either(tmp_path, monkeypatch):
    packages = tmp_path / "lib" / "site-packages"
    (packages / "helpers" / "checks").mkdir(parents=True)
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(sandbox, "find_bubblewrap", lambda: "bwrap")
    monkeypatch.setattr(sandbox, "site_packages", lambda: {str(packages)})
    command = sandbox.bubblewrap(0)
    hidden = "/env/lib/site-packages/helpers/checks"
    assert command[command.index(hidden) - 1] == "--tmpfs"
    # After what would lay the answers over it again.
    assert command.index(hidden) > command.index("/env")


def test_no_check_is_in_the_sandbox(monkeypatch):
    monkeypatch.setattr(sandbox, "find_bubblewrap", lambda: "bwrap")
    command = sandbox.bubblewrap(0)
    inside = [one for one in command if one.startswith("/course/helpers/checks/")]
    hidden = {f"lesson{number}" for number in LESSONS} | {
        "student_side",
        "model_asserts",
        "solved",
    }
    assert hidden <= {one.stem for one in CHECKS.rglob("*")}
    assert not hidden & {PurePosixPath(one).stem for one in inside}
    # An empty folder is laid over all of them first, and nothing else is put there.
    place = command.index("/course/helpers/checks")
    assert command[place - 1] == "--tmpfs"
    assert place < min(map(command.index, inside))
    assert "/course/helpers" in command[:place]


def test_what_a_killed_grading_left_is_swept(tmp_path):
    gone, alive = (tmp_path / f"{sandbox.GROUP}{n}-0" for n in (2**30, os.getpid()))
    gone.mkdir()
    alive.mkdir()
    sandbox.sweep(tmp_path)
    assert list(tmp_path.iterdir()) == [alive]


def test_the_judge_has_more_patience_on_a_busy_computer(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    for load, factor in ((0.1, 1), (4.0, 2), (100.0, 3)):
        monkeypatch.setattr(os, "getloadavg", lambda load=load: (load, 0, 0))
        assert session.load_factor() == factor


@pytest.mark.parametrize(
    ("remote", "local"), [(RemoteFunction, FunctionProxy), (RemoteModel, ModelProxy)]
)
def test_a_remote_object_offers_what_a_local_one_does(remote, local):
    for name, value in vars(local).items():
        # `make` reads on this side what `make_by` then makes on the other.
        if callable(value) and not name.startswith("_") and name != "make":
            assert name in vars(remote)
    assert "__call__" in vars(remote)
    assert issubclass(remote, local)


# --- languages ---


@pytest.mark.parametrize("lesson", graded_lessons())
def test_a_lesson_is_recognised_whatever_its_language(lesson):
    """Of a notebook, no word of its prose or its strings is looked at."""
    notebook = json.loads(lesson_file("notebooks", lesson, ".ipynb"))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            tree = ast.parse("".join(cell["source"]))
            for node in ast.walk(tree):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    node.value = "otra cosa"
            cell["source"] = ast.unparse(tree)
        else:
            cell["source"] = "Otro texto."
    cells = read_cells(handed_in(json.dumps(notebook).encode(), "cuaderno.ipynb"))
    assert recognise(cells) == lesson


# --- what is written ---


def result(student, points=1, lesson="02", problem="", reason="well"):
    marks = [Mark("2.1", "look up", points, 2, "correct", reason)] if lesson else []
    return Result(
        Submission(student, f"{student}.ipynb"), lesson, marks, {}, 1.0, problem
    )


def test_a_reason_is_short_and_only_text():
    hostile = "=1+1\x1b[31m\u202e\u200b\r\n\t" + "A" * 5000
    problem = NotYet("Its name is {name}.", hostile, [hostile] * 3, name=hostile)
    for said in (str(problem), problem.found, problem.expected):
        assert len(said) <= 230
    shown = _cut(str(problem))
    assert shown.isprintable()
    assert "Its name is =1+1" in shown
    # What a check says about another's problem is the course's, and stays whole.
    reason = "x" * 300
    assert str(NotYet("{problem}", problem=NotYet(reason))) == reason
    assert csv_reports._cell("\u200b\t=1+1").startswith("'=")
    assert csv_reports._cell("\x1b[31m") == "[31m"


def test_tables_are_no_formulas():
    text = csv_reports.grades([result("=cmd()"), result("Ada", reason="@x\nsecond")])
    assert "\n'=cmd()," in text
    assert "'@x second" in text


def graded(path):
    """As if each submission had earned one point of two."""
    marks = [Mark("2.1", "look up", 1, 2, "correct", "well")]
    return [
        Result(one.bare, "" if one.problem else "02", [] if one.problem else marks)
        for one in find_submissions(path)
    ]


def test_canvas_finds_its_students(tmp_path):
    """Column by column as its importer reads them; see the tables' docstrings."""
    members = {
        "ekbo_LATE_1300_3500_x.ipynb": A,
        "team_one_1301_3501_x.ipynb": B,
        "docy_1302_3502_x.pdf": b"%PDF",
        "cleo.ipynb": C,
    }
    results = graded(write(tmp_path / "in", members))
    header, possible, *rows = csv.reader(csv_reports.canvas(results, "02").splitlines())
    assert header[:5] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    assert possible == ["Points Possible", "", "", "", "", "2"]
    assert {row[0]: (row[1], row[5]) for row in rows} == {
        "ekbo": ("1300", "1"),
        "team_one": ("1301", "1"),
        "cleo": ("", "1"),
    }
    # An empty cell would take away what somebody has in Canvas, or in Moodle.
    assert "docy" not in csv_reports.canvas(results, "02") + csv_reports.moodle(
        results, "02"
    )
    assert "ekbo,1\n" in csv_reports.moodle(results, "02")


def test_what_was_not_attempted_overwrites_no_points():
    not_tried = [Mark("2.1", "look up", 0, 2, "not attempted", "still as it was")]
    results = [
        Result(Submission("ada", "ada.ipynb"), "02", not_tried),
        Result(
            Submission("bo", "bo.ipynb"), "02", [*not_tried, *result("bo", 0).marks]
        ),
    ]
    assert csv_reports.graded_lessons(results[:1]) == []
    for table in (csv_reports.canvas(results, "02"), csv_reports.moodle(results, "02")):
        assert "ada" not in table
        assert table.splitlines()[-1] in ("bo,0", "bo,,,,,0")


def test_nobody_gets_the_points_of_a_name_that_is_alike(tmp_path):
    results = [result(name) for name in ("Ada", "ada (3)", "Ada (2)", "Bo")]
    out = tmp_path / "out"
    later = write_results(out, results, 1.0)
    assert "Ada, ada (3), Ada (2)" in later[0]
    for name in ("gradebook_moodle_02", "gradebook_canvas_02"):
        text = (out / f"{name}.csv").read_text(encoding="utf-8")
        assert "Bo" in text and "da" not in text
    assert "ada (3)" in (out / "grades.csv").read_text(encoding="utf-8")
    # With their numbers, Canvas can tell them.
    numbered = [
        Result(
            Submission(one, one, platform="canvas", account=str(n)),
            "02",
            result(one).marks,
        )
        for n, one in enumerate(("Ada (71)", "Ada (72)"), start=71)
    ]
    assert "Ada (71),71" in csv_reports.canvas(numbered, "02")


WORKSHEET = """\
Identifier,Full name,Email address,Status,Group,Grade,Maximum Grade,Grade can be \
changed,Last modified (grade),Feedback comments
Participant 71,Ada Byron,ada@x,Submitted,Rockets,,2.00,Yes,"Friday, 1 May 2026",
Participant 72,Bo Ek,bo@x,Submitted,Team Rocket,0.50,2.00,Yes,-,"=1+1, well"
Participant 73,Cy Do,cy@x,Submitted,Team Rocket,1.50,2.00,Yes,-,
Participant 74,Zoé Ñu,zo@x,No submission,,1.00,2.00,Yes,-,
Participant 75,Di Fo,di@x,Submitted,,1.25,2.00,Yes,-,
"""


@pytest.mark.parametrize("place", ["inside", "beside", "named", "nowhere"])
def test_moodles_own_worksheet_is_filled_in(tmp_path, place):
    """By number and name; what Moodle has for others stays as it was."""
    members = {
        "Ada Byron_71_assignsubmission_file_/02.ipynb": A,
        "Zoe\u0301 N\u0303u_74_assignsubmission_file_/02.ipynb": B,
        # A team's number is no participant's.
        "Team Rocket_75_assignsubmission_file_/02.ipynb": C,
        "Other_72_assignsubmission_file_/02.ipynb": D,
    }
    folder = tmp_path / "class"
    path = write(folder / "in", members)
    where = {"inside": path, "beside": folder, "named": tmp_path, "nowhere": tmp_path}
    sheet = where[place] / "Grades-Course-Lesson 2-17.csv"
    sheet.write_text(WORKSHEET, encoding="utf-8-sig")
    found = look_through(path)
    worksheets = found.worksheets
    if place == "named":
        worksheets = command._worksheets([sheet])
    out = tmp_path / "out"
    write(out, {"worksheet_moodle_02.csv": b"of an earlier grading"})
    later = write_results(out, graded(path), 1.0, found, worksheets)
    written = out / "worksheet_moodle_02.csv"
    if place == "nowhere":
        assert not written.exists() and "No worksheet for Moodle" in later[0]
        assert "No worksheet for Moodle" in (out / "class.html").read_text()
        return
    assert "Other" in later[0] and "without points for lesson 02" in later[0]
    before = list(csv.reader(WORKSHEET.splitlines()))
    after = list(csv.reader(written.read_text(encoding="utf-8").splitlines()))
    assert [row[5] for row in after] == ["Grade", "1", "1", "1", "1", "1.25"]
    assert [row[:5] + row[6:] for row in after] == [row[:5] + row[6:] for row in before]


def test_participants_without_names_are_found_by_their_numbers(tmp_path):
    sheet = "ID,Status,Grade,Maximum Grade\nParticipant 7,x,,2\nParticipant 8,x,,2\n"
    assert csv_reports.is_worksheet(sheet.encode())
    path = write(
        tmp_path / "in",
        {
            "Participant_7_assignsubmission_file_/x.ipynb": A,
            "Participant_8_assignsubmission_file_/x.pdf": b"%PDF",
        },
    )
    table, missing = csv_reports.fill_worksheet(sheet, graded(path), "02")
    assert missing == []
    assert table.splitlines()[1:] == ["Participant 7,x,1,2", "Participant 8,x,,2"]
    for other in ("", "a,b\n1,2\n", "name,x,y,Grade\nAda,1,2,3\n", "\0"):
        assert not csv_reports.is_worksheet(other.encode())


def test_tables_open_in_a_spreadsheet(tmp_path):
    """With their accents, and with nothing where there is nothing."""
    rejected = result("Zoé", lesson="", problem="It is a PDF; =1+1")
    write_results(tmp_path, [rejected, result("Bo;=1+1")], 1.0)
    content = (tmp_path / "grades.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    zoe, bo = csv.DictReader(content.decode("utf-8-sig").splitlines())
    assert (zoe["student"], zoe["points"], zoe["max"]) == ("Zoé", "", "")
    for separator in (",", ";", "\t"):
        for row in csv.reader(
            content.decode("utf-8-sig").splitlines(), delimiter=separator
        ):
            assert not any(
                cell.lstrip().startswith(("=", "+", "-", "@")) for cell in row
            )
    # What a platform imports begins with its first column.
    for name in ("gradebook_canvas_02.csv", "gradebook_moodle_02.csv"):
        assert (tmp_path / name).read_bytes().startswith(b"Student,")
    # Tables of several lessons have empty cells, which take points away.
    assert len(list(tmp_path.glob("gradebook_*"))) == 2


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("~/class.zip", "HOME/class.zip"),
        ("$HOME/class.zip", "HOME/class.zip"),
        ("${HOME}/class.zip", "HOME/class.zip"),
        ("'my class.zip'", "my class.zip"),
        ('"~/my class"', "HOME/my class"),
        (r"my\ class.zip", "my class.zip"),
        ("my class.zip", "my class.zip"),
        ("Ada's class", "Ada's class"),
        ("../class", "../class"),
        ("$NOWHERE/class", "$NOWHERE/class"),
        ("is 'there'", "is 'there'"),
    ],
)
def test_paths_are_meant_as_a_shell_means_them(tmp_path, monkeypatch, typed, meant):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "is 'there'").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("NOWHERE", raising=False)
    meant = meant.replace("HOME", str(tmp_path / "home"), 1)
    assert files.path_as_typed(typed) == Path(meant)


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_hands_over_what_was_typed(tmp_path):
    root = Path(sandbox.helpers.__file__).parent.parent
    shutil.copy(root / "Makefile", tmp_path)
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\nprintf "<%s>" "$@"\n')
    python.chmod(0o755)
    (tmp_path / ".venv" / ".complete").touch()

    def make(*arguments):
        ready = ["make", "--silent", "--old-file=.venv/.complete", "grade", *arguments]
        done = subprocess.run(
            ready, cwd=tmp_path, capture_output=True, text=True, check=False
        )
        return done.stdout

    assert "Say what to grade" in make()
    begin = "<-m><grading><{}><--out><grades><--jobs><2>"
    for name in ("a b.zip", "~/a.zip", "$HOME/a's", '"a b"', "'a b'"):
        assert make(f"SUBMISSIONS={name}") == begin.format(name)
    more = ["LESSONS=05 06", "LAYOUT=flat", "CHECKS=$HOME/c", "WORKSHEET=~/my w.csv"]
    assert make("SUBMISSIONS=a", *more) == begin.format("a") + (
        "<--lesson><05><--lesson><06><--layout><flat>"
        "<--checks><$HOME/c><--worksheet><~/my w.csv>"
    )
    assert "<--out><~/g>" in make("SUBMISSIONS=a", "GRADES=~/g")


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


def test_an_interrupted_grading_keeps_its_seed(tmp_path):
    seed = choose_seed(tmp_path)
    assert choose_seed(tmp_path) == seed
    assert choose_seed(tmp_path, 9) == 9
    note_seed(tmp_path, 9, finished=True)
    assert len({choose_seed(tmp_path / str(n)) for n in range(5)}) > 1
    assert hidden_seed(1, "2.1") != hidden_seed(1, "2.2") != hidden_seed(2, "2.2")


def test_files_are_written_wholly_or_not_at_all(tmp_path, monkeypatch):
    files.write(tmp_path / "a.csv", "old")
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError))
    with pytest.raises(OSError):
        files.write(tmp_path / "a.csv", "new")
    assert (tmp_path / "a.csv").read_text() == "old"
    assert os.listdir(tmp_path) == ["a.csv"]
    assert files.read_json(tmp_path / "a.csv") is None


def test_private_checks_have_to_be_there(tmp_path):
    assert load_private_checks(None) == ""
    with pytest.raises(Rejected, match="no checks"):
        load_private_checks(tmp_path)


def test_handles_know_their_name():
    calls = SimpleNamespace(call=lambda *a: a)
    target, method, arguments, keywords = RemoteFunction(calls, 3, "f")(1, x=2)
    assert (target.name, method, arguments, keywords) == (
        "f",
        "__call__",
        (1,),
        {"x": 2},
    )


# --- answers of a process that says anything ---

ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["function", "other", "stub", "stopped", "list", "int", "2.1"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["is", "handle", "type", "list", "array", "model", "2.1"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)
KNOWN = {
    "objects": [{"is": "function", "handle": 1}],
    "value": {"list": [1, {"float": "1.5"}]},
    "problem": "stopped",
    "of": "2.1",
    "error": "ValueError",
    "cell": 0,
    "line": 1,
    "callback": 0,
    "arguments": {"tuple": [1]},
    "run": [[0, 0], [1, 0]],
    "needs": {"2.1": [[0, 0]]},
    "uses": {"2.1": ["2.2"]},
    "status": "error",
    "binds": ["f"],
    "missing": "g",
    "about": {"layer": "user", "argument": "x"},
}
ANSWERS = st.fixed_dictionaries(
    {}, optional={name: st.just(known) | ODD for name, known in KNOWN.items()}
)


def answering(answer, monkeypatch):
    """A session at work whose process gives one answer to everything."""

    def receive(*_):
        return {**answer, "n": at_work._number, "token": at_work._token}

    def fork():
        ours, theirs = socket.socketpair()
        theirs.close()
        return ours

    box = SimpleNamespace(limits=sandbox.Limits(), fork=fork)
    box.end = lambda: None
    at_work = session.Session(box, ["def f(x):", "f = 1"], {"2.1": ["f"]})
    monkeypatch.setattr(session, "send", lambda *_: None)
    monkeypatch.setattr(session, "receive", receive)
    monkeypatch.setattr(session, "MOST_CALLBACKS", 3)
    return at_work


@settings(max_examples=300, deadline=None)
@given(ANSWERS)
@example({"objects": [{"is": "other", "type": []}]})
@example({"objects": [{"is": {}, "handle": []}]})
@example({"run": 7})
@example({"run": [[], "0", 0.0, True, 10**30]})
@example({"run": [[0, 0], [0, True], [10**30, 0]], "needs": 7, "uses": []})
@example({"run": [[0, 0]], "needs": {"2.1": [[0, -1]]}, "uses": {"2.1": 7}})
@example({"status": [], "binds": [[], {}, 7], "missing": {}})
@example({"problem": "changed", "about": {"argument": []}})
@example({"value": {"frame": [[], [], {"array": ["float16", [0], ""]}, None]}})
@example({"value": 1})
@example({"value": 1, "callback": [], "arguments": {}})
@example({"problem": [], "of": {}, "cell": "0", "line": {}, "error": []})
def test_any_answer_is_the_students_problem(answer):
    with pytest.MonkeyPatch.context() as patch:
        at_work = answering(answer, patch)
        line = Channel(at_work)
        with contextlib.suppress(Died):
            at_work.prepare()
        with contextlib.suppress(Died):
            at_work.prepare()
            line.objects(["f"], 1)
        for kind, methods in (
            (RemoteFunction, ("__call__", "error_of", "type_names")),
            (RemoteModel, ("__call__", "inputs", "weights", "training", "penalty")),
        ):
            for method in methods:
                with contextlib.suppress(Died, NotYet, NotAttempted):
                    at_work.prepare()
                    arguments = [Callback(lambda values: values)]
                    getattr(kind(line, 0, "f"), method)(*arguments)
        for said in (*at_work.notes.values(), at_work.why_missing("f")):
            assert isinstance(said, str)


def test_a_lent_function_answers_whatever_it_is_asked():
    line = Channel(SimpleNamespace())
    line._to_sandbox(Callback(lambda values, more: values["a"] + more))
    values = {"a": np.arange(3.0)}

    def ask(*arguments, **changed):
        message = {"callback": 0, "arguments": protocol.encode(arguments), **changed}
        return line._run_callback(message)

    assert protocol.decode(ask(values, 1.0)["value"]).tolist() == [1, 2, 3]
    for refused in (
        ask(values, 1.0, callback=1),
        ask(values, 1.0, callback=-1),
        ask(values, 1.0, callback="0"),
        ask(values, 1.0, arguments={"evil": []}),
        ask(values, 1.0, arguments=7),
        ask({"a": np.zeros(200_000)}, 1.0),
        ask(values, "text"),
        ask(values),
        ask(values, np.zeros(7)),
    ):
        assert list(refused) == ["error"]


NAMES = st.sampled_from(
    [
        *("ada", "Bob Ek", "06", "Lesson 5", "x", "final project", "1204417", "a_b_c"),
        *("ada_1234_5678_x", "bo_LATE_1235_5679_x", "cy_1236_text", "anon_q1_77_x"),
        *("Ada_7_assignsubmission_file_", "Bo_8_assignsubmission_onlinetext_"),
        *("HW_ada_attempt_2026-11-27-10-11-12_x", "HW_bo_attempt_2026-11-27-10-11-13"),
        *("Ada - 06", "06 - Bo", "helpers", "27_11_2026", "…", "hw.zip", "ada.ipynb"),
        "_" * 40,
        "9" * 50,
    ]
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.lists(NAMES, min_size=1, max_size=3), min_size=1, max_size=8),
    st.sampled_from([".ipynb", ".pdf"]),
)
def test_whatever_files_are_called_each_is_somebodys(paths, ending):
    with tempfile.TemporaryDirectory() as folder:
        files = set()
        for place, parts in enumerate(paths):
            name = f"{'/'.join(parts)}{ending}"
            path = Path(folder, name)
            with contextlib.suppress(OSError):
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(A.replace(b"'a'", b"'%d'" % place))
                files.add(name)
        found = look_through(folder)
        assert set(found.layout.owners) >= files
        read = list(found.read())
        assert {one.student for one in read} == set(found.students)
        assert all(one.content for one in read if not one.problem)
        shown = [" ".join(one.casefold().split()) for one in found.students]
        assert len(set(shown)) == len(shown)
        # What does not count is named.
        said = "\n".join(found.notes)
        count = {one.name for one in read}
        assert all(name in said for name in files - count) or "more" in said
