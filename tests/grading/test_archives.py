"""Folders, zips and tars, broken and hostile ones too."""

import contextlib
import io
import lzma
import os
import stat
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grading.submissions import (
    MOST_BYTES,
    Rejected,
    find_submissions,
    read_cells,
)
from tests.support.downloads import GOOD, names, write, zipped
from tests.support.submission_layouts import A, B, tarred
from tests.support.submission_layouts import zipped as zip_of
from tests.support.submissions import COUNT


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has such names")
def test_a_name_that_is_no_utf_8_can_be_written_into_a_table(tmp_path):
    (tmp_path / os.fsdecode(b"u_\xff\xfe.py")).write_text(COUNT)
    (found,) = find_submissions(tmp_path)
    assert found.name.encode("utf-8") and found.student.encode("utf-8")
    assert found.content


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


@pytest.mark.parametrize("as_zip", [False, True])
@pytest.mark.parametrize(
    "form", ["{}/02.ipynb", "class/{}/02.ipynb", "{}_7{}_assignsubmission_file_/x/2.py"]
)
def test_a_students_name_may_begin_with_a_dot(tmp_path, form, as_zip):
    students = (".dot", "..", "...", "_x", "ada")[:: -1 if as_zip else 1]
    if "assign" not in form:
        students = [name for name in students if name != ".."]
    members = {form.format(name, number): GOOD for number, name in enumerate(students)}
    # These are no students.
    home = form.partition("{}")[0]
    for name in (".ipynb_checkpoints", ".virtual_documents", "__MACOSX"):
        members[f"{home}{name}/2.ipynb"] = A
    for name in (".git/config", ".DS_Store", "._ada_1_assignsubmission_file_x"):
        members[home + name] = b"x"
    path = (zipped if as_zip else write)(tmp_path / "in", members)
    assert len(names(path)) == len(students)


@pytest.mark.parametrize("compression", COMPRESSIONS)
@settings(max_examples=30)
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


def test_an_error_in_an_archive_rejects_only_that_file(tmp_path, monkeypatch):
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
