"""Whose file is it: the layouts of downloads."""

import contextlib
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grading.submissions import Rejected, look_through
from tests.support.downloads import GOOD, names, write, zipped
from tests.support.submission_layouts import (
    DOWNLOADS,
    FIVE,
    A,
    tarred,
)
from tests.support.submission_layouts import zipped as zip_of


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


def test_no_layout_that_does_not_fit_is_taken(tmp_path):
    write(tmp_path / "in", {"ada/02.ipynb": A})
    with pytest.raises(Rejected, match="laid out as Moodle"):
        look_through(tmp_path / "in", "moodle")
    assert look_through(tmp_path / "in", "flat").students == ["02"]


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


@settings(max_examples=200)
@given(
    st.lists(st.lists(NAMES, min_size=1, max_size=3), min_size=1, max_size=8),
    st.sampled_from([".ipynb", ".pdf"]),
)
def test_every_file_belongs_to_a_student_under_any_name(paths, ending):
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
