"""What the grader reads, and what it sends: no sandbox is needed here."""

import ast
import contextlib
import csv
import io
import json
import os
import re
import socket
import stat
import struct
import sys
import threading
import time
import zipfile
from pathlib import Path, PurePosixPath
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from submissions import (
    COUNT,
    IMPORTS,
    LOOK_UP,
    graded_lessons,
    lesson_file,
    notebook,
)

from grading import files, pages, sandbox, session, syscalls, tables
from grading.__main__ import keep_the_best, load_private_checks
from grading.batch import Result, choose_seed, note_seed
from grading.inside import plan, wire
from grading.inside.wire import Handle, WireError
from grading.marking import Mark, _cut, hidden_seed
from grading.reader import (
    MOST_BYTES,
    Rejected,
    Submission,
    find_submissions,
    read_cells,
    recognise,
)
from grading.remote import Line, RemoteFunction, RemoteModel
from grading.session import Died
from helpers.checks.boundary import Function, Lent, Model
from helpers.checks.exercise import NotAttempted, NotYet
from helpers.checks.judge import LESSONS, lesson_exercises

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


def test_a_lesson_is_recognised_by_its_functions():
    assert recognise(["x = 1", "def look_up(table, rows):\n    pass"]) == "02"
    assert recognise(["count_weights = lambda *_: 7"]) == "02"
    with pytest.raises(Rejected, match="none of the lessons"):
        recognise(["def main():\n    look_up(1, 2)"])


# --- finding the files ---


def names(path):
    return {(one.student, one.name): one for one in find_submissions(path)}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has such names")
def test_a_name_that_is_no_utf_8_can_be_written_into_a_table(tmp_path):
    (tmp_path / os.fsdecode(b"u_\xff\xfe.py")).write_text("x = 1")
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
    (flat / "notes.txt").write_text("no notebook")
    assert {student for student, _ in names(flat)} == {"Ada Lovelace", "Bo", "cleo"}


def test_names_that_look_alike_stay_apart(tmp_path):
    names = ["aa_honest.py", "aa_honest .py", "aa_honest\u200b.py", "bb.ipynb"]
    for name in names:
        (tmp_path / name).write_bytes(GOOD)
    found = [one.student for one in find_submissions(tmp_path)]
    assert sorted(found) == ["aa_honest", "aa_honest (2)", "aa_honest (3)", "bb"]
    # In a table's cell, too.
    assert len({tables._cell(one) for one in found}) == 4


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
    assert [one.name for one in found["Ada"]] == [
        "Ada/homework/hw.ipynb",
        "Ada/homework/more/02.py",
    ]
    assert found["Ada"][0].content == found["Bob"][0].content == GOOD
    for student, why in {
        "Cyd": "no notebook",
        "Dan": "cannot be read as a zip",
        "Eve": "a zip in a zip",
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
            "Lesson 2/Ada Byron_7_assignsubmission_file_/02.ipynb": GOOD,
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


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60), st.integers(0, 400))
@example(bytes(4), 393)  # a member without a name
def test_a_damaged_zip_stops_nothing(junk, place):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a/x.ipynb", GOOD)
        archive.writestr("b/y.ipynb", GOOD)
    content = bytearray(buffer.getvalue())
    place = place * len(content) // 400
    content[place : place + len(junk)] = junk
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "class.zip")
        with open(path, "wb") as file:
            file.write(content)
        try:
            found = list(find_submissions(path))
        except Rejected:
            return
        for one in found:
            try:
                read_cells(one)
            except Rejected:
                continue


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
    back = wire.decode(json.loads(json.dumps(wire.encode(value))))
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
        return wire.decode(json.loads(json.dumps(wire.encode(table))))

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
        back = wire.decode(json.loads(json.dumps(wire.encode(value))))
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
    with contextlib.suppress(WireError):
        wire.decode(value)


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
        {"frame": [[], [], wire.encode(np.ones(2, "float16")), None]},
    ],
    ids=repr,
)
def test_lies_are_refused(value):
    with pytest.raises(WireError):
        wire.decode(value)


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
        wire.encode(np.zeros((1500, 1500))),
    ],
    ids=range(17),
)
def test_more_than_any_check_needs_is_refused(value):
    with pytest.raises(wire.TooLargeError):
        wire.decode(value)


def test_what_checks_need_is_far_below_the_limits():
    for value in (
        np.zeros((1000, 1000)),
        [np.zeros(1000)] * 1000,
        ["title"] * 50_000,
        pd.DataFrame({"rating": np.ones(100_000), "title": ["a"] * 100_000}),
    ):
        wire.decode(json.loads(json.dumps(wire.encode(value))))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=100), st.booleans())
def test_any_bytes_on_the_line_are_a_message_or_refused(content, with_length):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        if with_length:
            content = struct.pack(">I", len(content)) + content
        theirs.sendall(content)
        theirs.shutdown(socket.SHUT_WR)
        with contextlib.suppress(WireError):
            assert isinstance(wire.receive(ours, time.monotonic() + 5), dict)


def test_a_message_may_be_late_or_too_large():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        started = time.monotonic()
        with pytest.raises(WireError, match="too late"):
            wire.receive(ours, started + 0.2)
        # A byte now and then does not buy more time.
        theirs.sendall(b"\0")
        with pytest.raises(WireError, match="too late"):
            wire.receive(ours, time.monotonic() + 0.2)
        assert time.monotonic() - started < 3
        theirs.sendall(b"\xff\xff\xff\xff" * 2)
        with pytest.raises(WireError, match="too large"):
            wire.receive(ours, time.monotonic() + 1)


def test_who_drips_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(wire, "REPLY_SECONDS", 0.3)
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
        with pytest.raises(WireError, match="too late"):
            wire.receive(ours, deadline)
        assert time.monotonic() < deadline - 10
        dripping.set()
        sender.join()


def test_a_small_message_may_not_become_gigabytes():
    ours, theirs = socket.socketpair()
    content = b'{"value": {"list": [' + b"[]," * wire.MOST_PARTS + b"[]]}}"
    with ours, theirs:
        sender = threading.Thread(
            target=theirs.sendall,
            args=(struct.pack(">I", len(content)) + content,),
            daemon=True,
        )
        sender.start()
        with pytest.raises(WireError, match="too many parts"):
            wire.receive(ours, time.monotonic() + 60)


def filtered(program, architecture, number, flags=0):
    """Run a seccomp filter, as the kernel would."""
    steps = list(struct.iter_unpack("=HBBI", program))
    place = loaded = 0
    while True:
        code, if_so, if_not, value = steps[place]
        if code == syscalls.RETURN:
            return value
        if code == syscalls.LOAD:
            loaded = {
                syscalls.NUMBER: number,
                syscalls.ARCHITECTURE: architecture,
                syscalls.FLAGS: flags,
            }[value]
            place += 1
        elif code == syscalls.AND:
            loaded &= value
            place += 1
        else:
            holds = {
                syscalls.IS_EQUAL: loaded == value,
                syscalls.IS_AT_LEAST: loaded >= value,
            }[code]
            place += 1 + (if_so if holds else if_not)


@pytest.mark.parametrize("machine", syscalls.MACHINES)
def test_the_filter_refuses_those_calls_and_no_others(machine):
    column, architecture = syscalls.MACHINES[machine]
    blocked = {numbers[column] for numbers in syscalls.BLOCKED.values()}
    program = syscalls.seccomp_filter(machine)
    for number in range(600):
        verdict = syscalls.REFUSE if number in blocked else syscalls.ALLOW
        assert filtered(program, architecture, number) == verdict
    x32 = syscalls.OTHER_NUMBERING + 1
    assert filtered(program, architecture, x32) == syscalls.REFUSE
    assert filtered(program, architecture + 1, 1) == syscalls.REFUSE
    assert syscalls.seccomp_filter("sparc") == b""


@pytest.mark.parametrize("machine", syscalls.MACHINES)
def test_the_filter_refuses_memory_that_nobody_can_add_up(machine):
    column, architecture = syscalls.MACHINES[machine]
    program = syscalls.seccomp_filter(machine)
    shared, private, validated, anonymous, fixed = 0x01, 0x02, 0x03, 0x20, 0x10
    for flags, verdict in (
        (shared, syscalls.ALLOW),
        (private, syscalls.ALLOW),
        (private | anonymous | fixed, syscalls.ALLOW),
        (validated, syscalls.ALLOW),
        (shared | anonymous, syscalls.REFUSE),
        (shared | anonymous | fixed, syscalls.REFUSE),
        (validated | anonymous, syscalls.REFUSE),
    ):
        number = syscalls.MMAP[column]
        assert filtered(program, architecture, number, flags) == verdict
        assert filtered(program, architecture, 1, flags) == syscalls.ALLOW


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
    hidden = {f"lesson{number}" for number in LESSONS} | {"given", "models", "solved"}
    assert hidden <= {one.stem for one in CHECKS.iterdir()}
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
        assert session._busyness() == factor


@pytest.mark.parametrize(
    ("remote", "local"), [(RemoteFunction, Function), (RemoteModel, Model)]
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


# --- the plan ---


def test_only_needed_cells_run():
    cells = [
        "import numpy as np",
        "table = [1]",
        "model = train(table)",
        "def helper(x):\n    return x + len(table)",
        "table.append(2)",
        "def wanted(model, history):\n    return helper(model)",
        "history = model.fit()\nnp.show(history)",
        "print(wanted(1))",
    ]
    assert plan.needed(cells, ["wanted"]) == [1, 3, 4, 5]
    unclear = ["exec('f = 1')", "np.seed = 3", "%magic", "a =", "from x import *"]
    assert plan.needed(unclear, ["f"]) == [0, 1, 2, 3, 4]
    assert plan.needed(["if True:\n    def f():\n        return 1"], ["f"]) == [0]


def test_a_cell_needs_what_stands_before_it_and_a_function_what_comes_later():
    cells = [
        "name = 'a'\nlimit = len(name)",
        "for name in range(3):\n    slow_training(name)",
        "def f(x):\n    return g(x) + limit",
        "def g(x):\n    return later * x",
        "later = sum(name for name in (1, 2))",
        "import heavy\nheavy.map(later)",
        "f(1).append(2)",
        "lambda: name",
    ]
    assert plan.needed(cells, ["f"]) == [0, 2, 3, 4]
    # With a method, a model may be changed.
    changed = ["m = build()", "m.get_layer('x').set(1)", "def f():\n    return m"]
    assert plan.needed(changed, ["f"]) == [0, 1, 2]


@pytest.mark.parametrize("lesson", graded_lessons())
def test_no_lesson_trains_while_it_is_graded(lesson):
    content = lesson_file("solutions", lesson, ".ipynb")
    cells = read_cells(handed_in(content))
    exercises = lesson_exercises(lesson).values()
    wanted = [name for exercise in exercises for name in exercise.takes]
    chosen = [cells[place] for place in plan.needed(cells, wanted)]
    # Imports, and a cell for each function, of which an exercise may ask for two.
    assert len(exercises) < len(chosen) <= len(wanted) + 1
    outside = "\n".join(line for cell in chosen for line in cell.splitlines(True))
    assert not re.search(r"(?m)^\S.*\.fit\(", outside)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(max_size=30), max_size=5))
def test_any_text_can_be_planned(cells):
    assert set(plan.needed(cells, ["f"])) <= set(range(len(cells)))


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
    assert tables._cell("\u200b\t=1+1").startswith("'=")
    assert tables._cell("\x1b[31m") == "[31m"


def test_tables_are_no_formulas():
    text = tables.grades([result("=cmd()"), result("Ada", reason="@x\nsecond")])
    assert "\n'=cmd()," in text
    assert "'@x second" in text


def test_learning_platforms_find_their_students(tmp_path):
    """Column by column as their importers read them; see the tables' docstrings."""
    path = zipped(
        tmp_path / "class.zip",
        {
            "Ada Byron_71_assignsubmission_file_/02.ipynb": GOOD,
            "ekbo_LATE_13_35_x.ipynb": GOOD,
            "cleo.ipynb": GOOD,
        },
    )
    marks = [Mark("2.1", "look up", 1, 2, "correct", "well")]
    results = [Result(one.bare, "02", marks) for one in find_submissions(path)]

    sheets = tables.moodle_worksheets(results)
    assert list(sheets) == ["02"]
    (row,) = csv.DictReader(sheets["02"].splitlines())
    assert row == {
        "Identifier": "Participant 71",
        "Full name": "Ada Byron",
        "Grade": "1",
        "Maximum Grade": "2",
        "Last modified (grade)": "",
    }
    header, possible, *rows = csv.reader(tables.canvas(results).splitlines())
    assert header[:5] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    assert possible == ["Points Possible", "", "", "", "", "2"]
    assert {row[0]: (row[1], row[5]) for row in rows} == {
        "Ada Byron": ("", "1"),
        "ekbo": ("13", "1"),
        "cleo": ("", "1"),
    }
    assert "ekbo,1\n" in tables.sums(results)


def test_pages_escape_everything_and_need_no_network():
    evil = "<script>alert(1)</script>"
    shown = [
        result(evil, reason=f"`{evil}` {evil}"),
        result("b", lesson="", problem=evil),
    ]
    for page in (pages.student_page(evil, shown), pages.class_page(shown, 3.0)):
        assert "<script" not in page
        assert "http://" not in page and "https://" not in page
    names = [
        pages.file_name(one) for one in ("../../etc/x", "é 🦄", "ê 🦄", "A", "a", "")
    ]
    assert len({name.lower() for name in names}) == len(names)
    assert not any("/" in name or name.startswith(".") for name in names)


def test_the_best_of_several_files_counts():
    kept = keep_the_best([result("a", 1), result("a", 2), result("b", 0)])
    assert [(one.submission.student, one.points) for one in kept] == [
        ("a", 2),
        ("b", 0),
    ]


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
            st.sampled_from(["is", "handle", "type", "list", "array", "model", "x"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)
KNOWN = {
    "objects": [{"is": "function", "handle": 1}],
    "value": {"list": [1, {"float": "1.5"}]},
    "changed": [0],
    "problem": "stopped",
    "of": "2.1",
    "layer": "user",
    "error": "ValueError",
    "cell": 0,
    "line": 1,
    "lent": 0,
    "arguments": {"tuple": [1]},
    "run": [0],
    "status": "ok",
}
ANSWERS = st.fixed_dictionaries(
    {}, optional={name: st.just(known) | ODD for name, known in KNOWN.items()}
)


def answering(answer, monkeypatch):
    """A session at work whose process gives one answer to everything."""

    def receive(*_):
        return {**answer, "n": at_work._number, "token": at_work._token}

    nothing = SimpleNamespace(close=lambda: None)
    box = SimpleNamespace(limits=sandbox.Limits(), fork=lambda: nothing)
    box.end = lambda: None
    at_work = session.Session(box, ["def f(x):", "f = 1"], ["f"])
    monkeypatch.setattr(session, "send", lambda *_: None)
    monkeypatch.setattr(session, "receive", receive)
    monkeypatch.setattr(session, "MOST_LENT", 3)
    return at_work


@settings(max_examples=300, deadline=None)
@given(ANSWERS)
@example({"objects": [{"is": "other", "type": []}]})
@example({"objects": [{"is": {}, "handle": []}]})
@example({"run": 7})
@example({"run": [[], "0", 0.0, True, 10**30]})
@example({"value": {"frame": [[], [], {"array": ["float16", [0], ""]}, None]}})
@example({"value": 1, "changed": [[], {}, 0]})
@example({"value": 1, "lent": [], "arguments": {}})
@example({"problem": [], "of": {}, "cell": "0", "line": {}, "error": []})
def test_any_answer_is_the_students_problem(answer):
    with pytest.MonkeyPatch.context() as patch:
        at_work = answering(answer, patch)
        line = Line(at_work)
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
                    arguments = [Lent(lambda values: values)]
                    getattr(kind(line, 0, "f"), method)(*arguments)
        for notes in at_work.notes.values():
            assert isinstance(notes, str)


def test_a_lent_function_answers_whatever_it_is_asked():
    line = Line(SimpleNamespace())
    line._outbound(Lent(lambda values, more: values["a"] + more))
    values = {"a": np.arange(3.0)}

    def ask(*arguments, **changed):
        message = {"lent": 0, "arguments": wire.encode(arguments), **changed}
        return line._lend(message)

    assert wire.decode(ask(values, 1.0)["value"]).tolist() == [1, 2, 3]
    for refused in (
        ask(values, 1.0, lent=1),
        ask(values, 1.0, lent=-1),
        ask(values, 1.0, lent="0"),
        ask(values, 1.0, arguments={"evil": []}),
        ask(values, 1.0, arguments=7),
        ask({"a": np.zeros(200_000)}, 1.0),
        ask(values, "text"),
        ask(values),
        ask(values, np.zeros(7)),
    ):
        assert list(refused) == ["error"]
