"""`make course`, on small lessons with real kernels and made-up ratings."""

import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pandas as pd
import psutil
import pytest
from rich.console import Console

from authoring.__main__ import main
from authoring.course import can_run, fetch_ratings, run_course
from helpers.data import synthetic
from tests.support.signals import ended, listen
from tests.support.small_courses import make_course

RATINGS = "synthetic"


def run(course, *arguments):
    """Run ``python -m authoring course`` on a course; return its exit code."""
    return main(["--root", str(course.root), "course", "--data", RATINGS, *arguments])


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """Two lessons, executed once: the course, the exit code, what was printed."""
    root = tmp_path_factory.mktemp("course") / "course"
    course = make_course(root, "01_small.py", "02_figures.py")
    home = root / "build" / "course" / "home"
    home.mkdir(parents=True)
    (home / "scoreboard.json").write_text('[{"model": "of an earlier run"}]')
    (home.parent / "07_gone.html").write_text("of an earlier run")
    console = Console(file=io.StringIO(), width=120)
    code = run_course(course, RATINGS, console=console)
    return course, code, console.file.getvalue()


def page(course, name):
    return (course.root / "build" / "course" / name).read_text("utf-8")


@pytest.mark.parametrize(
    ("left_out", "kept"),
    [
        (["time"], {"01", "02", "03", "04", "05", "06", "07", "09"}),
        (["genres", "title"], {f"{n:02}" for n in range(1, 10)}),
        (["rating"], {"01", "05", "06", "07", "08"}),
        (["rating", "time"], {"01", "05", "06", "07"}),
    ],
)
def test_lessons_that_need_more_than_a_table_has_are_named(
    tmp_path, monkeypatch, left_out, kept
):
    table = synthetic(n_users=30, n_movies=40, n_ratings=900)
    table = table.ratings.merge(table.movies).rename(columns={"timestamp": "time"})
    table.drop(columns=left_out).to_csv(tmp_path / "my table.csv", index=False)
    monkeypatch.chdir(tmp_path)
    console = Console(file=io.StringIO(), width=200)
    data, ratings = fetch_ratings("my table.csv", console)
    assert data == str(tmp_path / "my table.csv")
    paths = [Path(f"{n:02}_lesson.py") for n in range(1, 10)]
    run = {path.stem[:2] for path in paths if can_run(path, ratings, console)}
    assert run == kept
    printed = console.file.getvalue()
    assert "Ratings: 900 of my table" in printed
    assert printed.count("is left out: it needs") == 9 - len(kept)
    assert all(note in printed for note in ratings.notes)


@pytest.mark.parametrize(
    ("shape", "found"),
    [
        ((2, 60), "2 users, 60 items and 120 ratings"),
        ((60, 3), "60 users, 3 items and 180 ratings"),
        ((55, 60), "55 users, 60 items and 990 ratings"),
        ((60, 60), None),
    ],
)
def test_a_table_that_is_too_small_for_the_lessons_is_refused(
    tmp_path, capsys, shape, found
):
    course = make_course(tmp_path / "course", "01_small.py")
    pairs = [(u, i) for u in range(shape[0]) for i in range(shape[1])]
    if shape[0] == 55:
        pairs = [(u, i) for u, i in pairs if (u + i) % 60 < 18]
    table = tmp_path / "few.csv"
    pd.DataFrame(pairs, columns=["user", "item"]).to_csv(table, index=False)
    code = main(["--root", str(course.root), "course", "--data", str(table)])
    printed = " ".join(capsys.readouterr().out.split())
    assert code == (found is not None)
    assert ("few is too small for the lessons: it has" in printed) == bool(found)
    assert (found or "01_small: ") in printed


def test_lessons_are_executed_in_order_and_shown_with_cell_section_and_time(executed):
    course, code, printed = executed
    assert code == 0
    assert not (course.root / "build" / "course" / "07_gone.html").exists()
    assert printed.index("01_small: 16 code cells") < printed.index("02_figures: 3")
    assert re.search(r"\d s  01  cell 3/16  Exercise 1\.1 — the mean", printed)
    assert "Ratings: 100,000 of synthetic" in printed


def test_closing_tells_seconds_memory_and_the_scoreboard(executed):
    _, _, printed = executed
    row = re.search(r"02_figures │ +(\d+) │ +(\d+) MB", printed)
    # A Python with pandas and plotly holds more than 30 MB.
    assert int(row[2]) > 30
    assert re.search(r"dot <model> .* 0\.938 .* 168,128", printed)
    assert "of an earlier run" not in printed


def test_a_figure_outside_its_band_is_a_warning_and_an_error_if_strict(executed):
    course, _, printed = executed
    line = "02_figures: test RMSE 1.5000, expected inside 0.90–0.94 ✗"
    assert f"outside its band {line}" in printed
    assert "test MAE" not in printed
    assert run(course, "--lessons", "2", "--strict") == 1


def test_index_opens_every_lesson_and_shows_the_scoreboard(executed):
    course, _, _ = executed
    index = page(course, "index.html")
    assert '<a href="01_small.html">1 · A small lesson</a>' in index
    assert '<a href="02_figures.ipynb">' in index
    assert "dot &lt;model&gt;" in index
    assert "0.938" in index
    assert "expected inside 0.90–0.94 ✗" in index
    for target in re.findall(r'href="([^"]+)"', index):
        assert (course.root / "build" / "course" / target).is_file()


def test_pages_load_nothing_from_elsewhere(executed):
    course, _, _ = executed
    for name in ("index.html", "01_small.html", "02_figures.html"):
        text = page(course, name)
        loads = r"""<(?:script|link|img|iframe)[^>]+(?:src|href)=["']?(?:https?:)?//"""
        assert not re.search(loads, text), name
        assert not re.search(r"@import|url\(['\"]?https?:", text), name
    # Scripts may fetch too; that of the figures is too long to be read here.
    hosts = r"cdnjs|unpkg|jsdelivr|cloudflare"
    assert not re.search(hosts, page(course, "01_small.html"))


def test_formulas_are_drawn_by_the_browser_itself(executed):
    course, _, _ = executed
    text = page(course, "01_small.html")
    assert "<mfrac>" in text
    assert "\\frac" not in text


def test_interactive_figures_share_one_embedded_library(executed):
    course, _, _ = executed
    text = page(course, "02_figures.html")
    assert text.count("Plotly.newPlot(") >= 2
    assert len(text) > 3_000_000
    assert text.count("plotly.js v") == 1
    assert "Here the notebook shows a control" in text
    assert "Run this cell first" not in text


def test_kernel_is_this_python_with_the_courses_environment(executed):
    course, _, _ = executed
    path = course.root / "build" / "course" / "02_figures.ipynb"
    notebook = nbformat.read(path, as_version=4)
    shown = [o for c in notebook.cells for o in c.get("outputs", [])][0].text
    assert shown == f"{sys.executable}\nsynthetic 3\n"


def test_another_kernel_named_python3_is_not_used(tmp_path, monkeypatch):
    spec = tmp_path / "share" / "kernels" / "python3"
    spec.mkdir(parents=True)
    (spec / "kernel.json").write_text(
        json.dumps({"argv": ["/nowhere/python"], "display_name": "", "language": ""})
    )
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "share"))
    assert run(make_course(tmp_path / "course", "01_small.py")) == 0


def test_some_lessons_keep_what_is_there_of_the_others(executed, capsys):
    course, _, _ = executed
    assert run(course, "--lessons", "1") == 0
    assert "dot <model>" in capsys.readouterr().out
    index = page(course, "index.html")
    assert 'href="01_small.html"' in index
    assert 'href="02_figures.html"' in index


def test_a_failing_lesson_stops_the_course_and_keeps_what_was_executed(
    tmp_path, capsys
):
    course = make_course(tmp_path / "course", "03_fails.py", "04_dies.py")
    assert run(course) == 1
    printed = capsys.readouterr().out
    flat = " ".join(printed.split())
    line = (course.solutions / "03_fails.py").read_text().split("numbers = ")[0]
    place = f"(solutions/03_fails.py:{line.count(chr(10))})"
    assert f"03_fails stopped in code cell 2 of 3, under “The trouble” {place}" in flat
    assert "IndexError: list index out of range" in flat
    assert "04_dies" not in printed
    out = course.root / "build" / "course"
    notebook = nbformat.read(out / "03_fails.ipynb", as_version=4)
    outputs = [cell.get("outputs", []) for cell in notebook.cells]
    assert outputs[1][0].text == "this was executed\n"
    assert outputs[3][0].ename == "IndexError"
    assert outputs[4] == []
    assert "this was executed" in page(course, "03_fails.html")
    assert "Stopped: IndexError" in page(course, "index.html")


def test_a_kernel_that_dies_is_named_as_that(tmp_path, capsys):
    course = make_course(tmp_path / "course", "04_dies.py")
    assert run(course) == 1
    flat = " ".join(capsys.readouterr().out.split())
    assert "04_dies stopped in code cell 1 of 1" in flat
    assert "The kernel died" in flat


WAIT_FOR = """\
# %%
import time
from pathlib import Path

end = time.monotonic() + 60
while not Path("{file}").exists() and time.monotonic() < end:
    time.sleep(0.1)
assert Path("{file}").exists()
"""
WRITE = """\
# %%
from pathlib import Path

Path("{file}").touch()
"""


def test_two_lessons_run_at_a_time_but_none_shows_a_scoreboard_too_early(tmp_path):
    course = make_course(tmp_path / "course")
    sources = {
        "01_waits_for_02": WAIT_FOR.format(file="02") + "time.sleep(2)\n",
        "02_writes": WRITE.format(file="02"),
        "03_board": '# %%\nassert True  # show_scoreboard("synthetic", "random")\n',
        "04_waits_for_none": WRITE.format(file="04"),
    }
    for name, source in sources.items():
        title = f"# %% [markdown]\n# # {name[1]} · A lesson\n\n"
        (course.solutions / f"{name}.py").write_text(title + source)
    console = Console(file=io.StringIO(), width=120)
    assert run_course(course, RATINGS, console=console, workers=2) == 0
    printed = console.file.getvalue()
    starts = [printed.index(f"{name}: 1 code cell") for name in sources]
    assert starts[0] < starts[1] < starts[3] < starts[2]
    assert printed.index("s  01  done") < starts[2]
    rows = re.findall(r"│ (0\d)_\w+ +│", printed)
    assert rows == ["01", "02", "03", "04"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send")
@pytest.mark.parametrize("workers", [1, 2])
def test_an_interrupt_ends_the_kernels_and_keeps_what_was_executed(tmp_path, workers):
    course = make_course(tmp_path / "course", "05_waits.py")
    for number in range(6, 5 + workers):
        shutil.copy(
            course.solutions / "05_waits.py", course.solutions / f"0{number}_waits.py"
        )
    command = [sys.executable, "-m", "authoring", "--root", course.root, "course"]
    process = subprocess.Popen(
        [*command, "--data", RATINGS, "--workers", str(workers)],
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=listen,
    )
    with ended(process):
        begun = 0
        for line in process.stdout:
            begun += "cell 1/1" in line
            if begun == workers:
                break
        time.sleep(2)
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        printed, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert printed.count("Interrupted.") == workers
    assert len(children) >= workers
    assert not psutil.wait_procs(children, timeout=10)[1]
    assert "about to wait" in page(course, "05_waits.html")


def test_live_display_names_lesson_cell_and_section(tmp_path):
    course = make_course(tmp_path / "course", "01_small.py")
    console = Console(file=io.StringIO(), width=120, force_terminal=True)
    assert run_course(course, RATINGS, console=console) == 0
    plain = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", console.file.getvalue())
    assert re.search(r"01_small .*\d/16 0:00:\d\d .*Exercise 1\.\d", plain)
    assert re.search(r"01_small .*16/16 0:00:\d\d ✓ \d+ MB", plain)


def test_unknown_lessons_and_ratings_are_answered_with_the_known_ones(
    small_course, capsys
):
    assert run(small_course, "--lessons", "1 07") == 2
    assert "No lesson 07. There are: 01_small." in capsys.readouterr().err
    assert run(small_course, "--data", "ml-100") == 2
    message = capsys.readouterr().err
    assert "No ratings for DATA=ml-100" in message
    assert "ml-latest-small" in message
    assert not (small_course.root / "build" / "course" / "01_small.html").exists()


def test_a_course_without_lessons_says_so(tmp_path, capsys):
    assert run(make_course(tmp_path / "course")) == 2
    assert "No lesson (NN_name.py) in" in capsys.readouterr().err
