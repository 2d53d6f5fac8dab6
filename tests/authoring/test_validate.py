"""`make check` passes the real lessons, and finds each defect of a small one."""

import contextlib
import re
import shutil

import nbformat
import pandas as pd
import pytest

from authoring.derive import derive
from authoring.project import AuthoringError, Project
from authoring.validate import check, check_strays
from tests.support.small_courses import FIRST_HINTS

COURSE = Project.open()
LESSONS = sorted(COURSE.solutions.glob("[0-9]*.py"))


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_lesson_and_its_derived_files_pass_the_check(path):
    assert not [str(finding) for finding in check(COURSE, [path])]


@pytest.mark.skipif(not LESSONS, reason="solutions/ holds no lesson")
def test_no_file_is_left_over_from_a_removed_lesson():
    assert not [str(finding) for finding in check_strays(COURSE)]


def test_check_finds_an_exercise_without_a_check(derived):
    course, _ = derived
    parts = [f'@lesson["1.{number}"].part()\n' for number in (1, 2, 4, 5)]
    (course.checks / "lesson01.py").write_text("\n".join(parts))
    (found,) = [f for f in check(course) if "no check" in f.problem]
    assert found.problem == "Exercise 1.3 has no check"
    assert found.fix == "add one to helpers/checks/lessons/lesson01.py"


SOURCE_DEFECTS = {
    "a number twice": ("Exercise 1.2 —", "Exercise 1.1 —", "where 1.2 is due"),
    "a number of another lesson": ("Exercise 1.5 —", "Exercise 2.5 —", "where 1.5"),
    "no gap": (
        "### BEGIN SOLUTION\nfourths = numbers**4\n### END SOLUTION",
        "fourths = numbers**4",
        "Exercise 1.5 has nothing to fill in",
    ),
    "four exercises": (
        "# ### Exercise 1.5 — the last gap (3 minutes)",
        "# ..",
        "has 4",
    ),
    "no minutes": ("the last gap (3 minutes)", "the last gap", "announces no exercise"),
    "a hyphen": ("1.5 — the", "1.5 - the", "announces no exercise"),
    "no title": ("# # 1 · A small lesson", "# A small lesson", "start with its title"),
    "nothing to remember": ("# ## What to remember", "# ## End", "What to remember"),
    "no reading": ("# ## Where to read on", "# ## End", "Where to read on"),
    "both ways at once": (
        '# %% tags=["solution"]\n',
        '# %% tags=["solution"]\n### BEGIN SOLUTION\n### END SOLUTION\n',
        "dropped as a whole and has solution markers",
    ),
    "an answer in plain view": (
        "# %%\ncubes\n\n# %% [markdown]\n# ### Exercise 1.5",
        "# %%\ncubes\ntotal = sum(float(value) for value in values)\n"
        "return total / len(values)\n\n# %% [markdown]\n# ### Exercise 1.5",
        "in plain view elsewhere: total = sum",
    ),
    "no check": ('check("1.3", squares)\n', "squares\n", '1.3 has no cell check("1.3"'),
    "a check of nothing": (
        "# %%\ncubes\n\n# %% [markdown]\n# ## What",
        '# %%\ncheck("1.6", cubes)\n\n# %% [markdown]\n# ## What',
        'check("1.6", …) is of no exercise',
    ),
    "no hints": (
        FIRST_HINTS,
        "# %% [markdown]\n# **Hints**\n#\n# 1. What is\n",
        "1.1 has no cell tagged `hints`",
    ),
    "no question": (
        '# %% [markdown] tags=["question"]',
        "# %% [markdown]",
        'quiz("1.a") has no cell tagged `question`',
    ),
}


@pytest.mark.parametrize("defect", SOURCE_DEFECTS)
def test_check_finds_a_defect_of_a_source(derived, defect):
    course, path = derived
    old, new, problem = SOURCE_DEFECTS[defect]
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")
    # Without a heading two cells of hints meet, and nothing can be derived.
    with contextlib.suppress(AuthoringError):
        derive(course, path)
    findings = [f for f in check(course) if "older than the code" not in f.problem]
    assert any(problem in f.problem for f in findings), findings
    assert all("edit solutions/01_small.py" in f.fix for f in findings)


@pytest.mark.parametrize("tag", ["badge", "setup"])
@pytest.mark.parametrize("damage", ["edited", "removed"])
def test_check_finds_a_stamp_that_is_not_the_courses(derived, tag, damage):
    course, path = derived
    blocks = re.split(r"(?m)^(?=# %%)", path.read_text("utf-8"))
    number = next(i for i, block in enumerate(blocks) if f'["{tag}"]' in block)
    blocks[number] = (
        blocks[number].replace("v9.9.9", "v1") if damage == "edited" else ""
    )
    path.write_text("".join(blocks), "utf-8")
    stamps = {"badge": "badge", "setup": "set-up"}
    assert any(
        stamps[tag] in f.problem and f.fix == "make notebooks" for f in check(course)
    )


def _edit(change):
    """Make a change of a notebook into one of a file."""

    def edit(file):
        notebook = nbformat.read(file, as_version=4)
        change(notebook, {cell.id: cell for cell in notebook.cells})
        nbformat.write(notebook, file)

    return edit


def _leak(notebook, cells):
    cells["exercise-1-3"].source += "\nsquares = numbers**2"


def _add_secret_cell(notebook, cells):
    cell = nbformat.v4.new_code_cell("assert mean(numbers) == np.mean(numbers)")
    cell.metadata["tags"] = ["solution"]
    notebook.cells.append(cell)


def _add_output(notebook, cells):
    cells["exercise-1-3"].outputs = [nbformat.v4.new_output("stream", text="4")]


def _count(notebook, cells):
    cells["exercise-1-3"].execution_count = 3


def _drop_stub(notebook, cells):
    cells["exercise-1-3"].source = "squares"


def _change_line(notebook, cells):
    cells["exercise-1-1"].source = cells["exercise-1-1"].source.replace("the", "a")


EXERCISE_DEFECTS = {
    "an answer": (_leak, "cell 15: shows a line of the solution: squares = numbers**2"),
    "a solution cell": (_add_secret_cell, "is tagged solution"),
    "its line": (_add_secret_cell, "shows a line of the solution: assert mean"),
    "an output": (_add_output, "cell 15: has outputs"),
    "a count": (_count, "has an execution count"),
    "no stub": (_drop_stub, "the stub is missing: raise NotImplementedError"),
    "another line": (_change_line, "that its solution has not: "),
}


@pytest.mark.parametrize("defect", EXERCISE_DEFECTS)
def test_check_finds_a_defect_of_an_exercise(derived, defect):
    course, _ = derived
    change, problem = EXERCISE_DEFECTS[defect]
    _edit(change)(course.notebooks / "01_small.ipynb")
    found = [str(finding) for finding in check(course)]
    assert any(problem in text for text in found), found
    assert any("is not what solutions/01_small.py derives to" in text for text in found)


def test_check_finds_an_answer_in_the_text_twin(derived):
    course, path = derived
    file = course.notebooks / path.name
    file.write_text(file.read_text("utf-8") + "\n# %%\nsquares = numbers**2\n", "utf-8")
    assert any(
        str(f).startswith(
            "notebooks/01_small.py, cell 26: shows a line of the solution"
        )
        for f in check(course)
    )


def test_check_finds_windows_line_ends(derived):
    course, path = derived
    file = course.notebooks / path.name
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert any("derives to" in f.problem for f in check(course))


def test_check_finds_missing_and_left_over_files(derived):
    course, path = derived
    (course.notebooks / "01_small.ipynb").unlink()
    (course.checks / "lesson02.json").write_text("{}")
    shutil.copy(path, course.notebooks / "02_gone.py")
    found = [str(finding).replace("\n", "") for finding in check(course)]
    assert any("notebooks/01_small.ipynb: is missing" in text for text in found)
    for left in ("notebooks/02_gone.py", "helpers/checks/lessons/lesson02.json"):
        assert any(f"{left}: belongs to no lesson" in text for text in found)


def _fail(notebook, cells):
    cells["exercise-1-3"].outputs = [
        nbformat.v4.new_output("error", ename="ValueError", evalue="no", traceback=[])
    ]


def _show_path(notebook, cells):
    text = "/tmp/ipykernel_123/4.py:1: UserWarning"
    cells["exercise-1-3"].outputs = [nbformat.v4.new_output("stream", text=text)]


def _show_later_scores(notebook, cells):
    board = pd.DataFrame({"lesson": ["01", "04"], "rmse": [1.1, 0.9]})
    data = {"text/html": board.style.to_html()}
    cells["exercise-1-3"].outputs = [nbformat.v4.new_output("display_data", data)]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (_fail, "ended with ValueError: no"),
        (_show_path, "a path of this machine"),
        (_show_later_scores, "its scoreboard shows scores of lesson 04"),
    ],
)
def test_check_finds_a_defect_of_a_twin(complete, change, problem):
    course, path = complete
    _edit(change)(path.with_suffix(".ipynb"))
    assert [f for f in check(course) if problem in f.problem]
