"""The gate on the real lessons, and the derivation and the gate themselves."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib

import nbformat
import pytest

from authoring.__main__ import main
from authoring.derive import (
    PERCENT,
    derive,
    derived_files,
    exercise_notebook,
    is_stale,
    solution_notebook,
    twin,
    write_twin,
)
from authoring.lesson_format import exercises, read_lesson, split_lines, tags
from authoring.project import AuthoringError, Project
from authoring.validate import check, check_strays
from tests.support.paths import FIXTURES
from tests.support.small_courses import make_course

COURSE = Project.open()
LESSONS = sorted(COURSE.solutions.glob("[0-9]*.py"))


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_lesson_and_all_derived_from_it_pass_the_gate(path):
    assert not [str(finding) for finding in check(COURSE, [path])]


@pytest.mark.skipif(not LESSONS, reason="solutions/ holds no lesson")
def test_no_file_is_left_over_from_a_lesson_that_is_no_more():
    assert not [str(finding) for finding in check_strays(COURSE)]


# The derivation, on a small course.


@pytest.fixture
def derived(small_course):
    """The small course, all derived, nothing executed; and its lesson's path."""
    path = small_course.sources()[0]
    derive(small_course, path)
    return small_course, path


@pytest.fixture(scope="module")
def executed_twin(tmp_path_factory):
    """The text of the small lesson's twin, executed by a real kernel."""
    course = make_course(tmp_path_factory.mktemp("executed") / "course", "01_small.py")
    assert main(["--root", str(course.root), "notebooks"]) == 0
    return (course.solutions / "01_small.ipynb").read_text("utf-8")


@pytest.fixture
def complete(derived, executed_twin):
    """The small course with everything as it should be: the gate finds nothing."""
    course, path = derived
    path.with_suffix(".ipynb").write_text(executed_twin, "utf-8")
    assert check(course) == []
    return course, path


def test_two_builds_are_the_same_byte_for_byte(tmp_path):
    builds = []
    for name in ("one", "another"):
        course = make_course(tmp_path / name, "01_small.py")
        derive(course, course.sources()[0])
        builds.append(
            {
                file.relative_to(course.root): file.read_bytes()
                for file in course.root.rglob("*")
                if file.is_file()
            }
        )
    assert len(builds[0]) == 7
    assert builds[0] == builds[1]
    assert not any(b"\r" in content for content in builds[0].values())


def test_deriving_again_changes_nothing(derived):
    course, path = derived
    assert derive(course, path) == []


def test_answers_are_cut_out_and_the_stub_names_its_exercise(derived):
    course, path = derived
    notebook = exercise_notebook(course, path)
    text = "\n".join(cell.source for cell in notebook.cells)
    for gone in (
        "SOLUTION",
        "total = sum",
        "sorted(values)",
        "numbers**",
        "fixed four",
    ):
        assert gone in path.read_text("utf-8")
        assert gone not in text
    names = {}
    exec(
        notebook.cells[[c.id for c in notebook.cells].index("exercise-1-1")].source,
        names,
    )
    with pytest.raises(NotImplementedError, match=r"^Exercise 1\.1: the mean$"):
        names["mean"]([1.0])
    assert names["mean"].__doc__ == "Return the mean of `values`."


def test_hints_and_questions_are_derived_for_the_checks_and_cut_out(derived):
    course, path = derived
    texts = json.loads((course.checks / "lesson01.json").read_text("utf-8"))
    assert list(texts["exercises"]) == ["1.1", "1.2", "1.3", "1.4", "1.5"]
    assert texts["exercises"]["1.1"] == {
        "title": "the mean",
        "takes": ["mean"],
        "hints": [
            "What is a mean?",
            "A sum over a count: `sum` and `len`.",
            "sum(...)  # all of them\n\nlen(...)",
        ],
        "notice": "It is 2.5, which is none of the numbers.",
    }
    assert texts["questions"] == {
        "1.a": {
            "text": "Which of these numbers is the mean of 1 and 4?",
            "choices": [
                ["2", "That is the number of numbers."],
                ["Two and a half", "Half of five, so it is between the two."],
            ],
            "right": 1,
        }
    }
    for name in ("01_small.ipynb", "01_small.py"):
        exercise = (course.notebooks / name).read_text("utf-8")
        assert "quiz(" in exercise and "check(" in exercise
        for gone in ("Hints", "sum(...)", "Which of these", "Half of five"):
            assert gone not in exercise
    twin = path.with_suffix(".ipynb").read_text("utf-8")
    assert "**Hints**" in twin and "Half of five" in twin


FIRST_HINTS = '# %% [markdown] tags=["hints"]\n# **Hints**\n#\n# 1. What is\n'
QUIZ = '# %%\nquiz("1.a")\n'
MALFORMED = {
    "one hint": (
        "# 2. A sum over a count: `sum` and `len`.\n",
        "",
        "two numbered hints",
    ),
    "no skeleton": (
        "# ```python\n# sum(...)  # all of them\n#\n# len(...)\n# ```\n",
        "",
        "a ```python block",
    ),
    "three items": (
        "# ```python\n# sum(",
        "# 3. It divides.\n#\n# ```python\n# sum(",
        "Found: .*item “It divides.…”",
    ),
    "no notice": (
        "# It is 2.5, which is none\n# of the numbers.\n",
        "",
        "what to notice",
    ),
    "hints in code": (
        FIRST_HINTS,
        FIRST_HINTS.replace(" [markdown]", ""),
        "a code cell",
    ),
    "hints too early": (
        "# %%\nimport numpy",
        FIRST_HINTS + "\n# %%\nimport numpy",
        "Exercise 2.3",
    ),
    "hints twice": (
        "# ### Exercise 1.2 — two gaps in one function (1 minute)",
        "# Two gaps in one function",
        "1.1 has a cell with this tag already",
    ),
    "nothing right": ("# - [x] Two", "# - [ ] Two", r"'- \[x\] 512'"),
    "all right": ("# - [ ] 2\n", "# - [x] 2\n", r"'- \[x\] 512'"),
    "no reply": ("#   - That is the number of numbers.\n", "", "what to say to it"),
    "no box": ("# - [ ] 2\n", "# - 2\n", "item “2…”"),
    "no text": (
        "# Which of these numbers\n# is the mean of 1 and 4?\n",
        "",
        "the question, then",
    ),
    "no quiz": (QUIZ, "", 'is quiz\\("2.a"\\)'),
}


@pytest.mark.parametrize("defect", MALFORMED)
def test_a_malformed_cell_of_hints_or_of_a_question_is_named(small_course, defect):
    path = small_course.sources()[0]
    derive(small_course, path)
    before = (small_course.checks / "lesson01.json").read_bytes()
    old, new, problem = MALFORMED[defect]
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(AuthoringError, match=problem) as caught:
        derive(small_course, path)
    line = int(re.match(r"solutions/01_small\.py:(\d+): ", str(caught.value))[1])
    marker = path.read_text("utf-8").splitlines()[line - 1]
    assert re.fullmatch(r'# %%.* tags=\["(hints|question)"\]', marker)
    assert (small_course.checks / "lesson01.json").read_bytes() == before


def test_gate_finds_an_exercise_without_a_check(derived):
    course, _ = derived
    parts = [f'@lesson["1.{number}"].part()\n' for number in (1, 2, 4, 5)]
    (course.checks / "lesson01.py").write_text("\n".join(parts))
    assert [f.problem for f in check(course) if "no check" in f.problem] == [
        "Exercise 1.3 has no check in helpers/checks/lessons/lesson01.py"
    ]


def test_both_gaps_of_a_function_become_stubs(derived):
    course, path = derived
    stub = 'raise NotImplementedError("Exercise 1.2: two gaps in one function")'
    assert (course.notebooks / path.name).read_text("utf-8").count(stub) == 2


def test_exercise_has_the_notebooks_badge_and_the_solution_its_own(derived):
    course, path = derived
    link = "github/someone/some-course/blob/v9.9.9/{}/01_small.ipynb"
    for folder in ("notebooks", "solutions"):
        first = read_lesson(course.root / folder / path.name).cells[0]
        assert link.format(folder) in first.source


def test_a_new_release_is_stamped_in_place(derived):
    course, path = derived
    before = path.read_text("utf-8")
    settings = course.root / "pyproject.toml"
    settings.write_text(settings.read_text().replace("v9.9.9", "v10.0.0"))
    derive(Project.open(course.root), path)
    assert path.read_text("utf-8") == before.replace("v9.9.9", "v10.0.0")


def test_stamping_leaves_what_the_author_wrote(derived):
    _, path = derived
    blocks = re.split(r"(?m)^(?=# %%)", path.read_text("utf-8"))
    own = ('tags=["badge"]', 'tags=["setup"]')
    kept = [block for block in blocks if not any(tag in block for tag in own)]
    assert len(kept) == len(blocks) - 2
    assert "".join(kept) == (FIXTURES / "01_small.py").read_text("utf-8")


def test_a_header_of_jupytext_is_dropped(small_course):
    path = small_course.sources()[0]
    header = "# ---\n# jupyter:\n#   kernelspec:\n#     name: mine\n# ---\n\n"
    path.write_text(header + path.read_text("utf-8"), "utf-8")
    derive(small_course, path)
    assert path.read_text("utf-8").startswith('# %% [markdown] tags=["badge"]\n')


def test_inserting_a_cell_changes_no_other_cells_id(derived):
    course, path = derived
    before = [cell.id for cell in solution_notebook(course, path).cells]
    text = path.read_text("utf-8")
    path.write_text(
        text.replace(
            "# %% [markdown]\n# ## Means",
            "# %%\nnew = 1\n\n# %% [markdown]\n# ## Means",
        ),
        "utf-8",
    )
    after = [cell.id for cell in solution_notebook(course, path).cells]
    assert len(after) == len(before) + 1
    assert [i for i in after if i in before] == before
    assert len(set(after)) == len(after)


def test_metadata_say_nothing_of_the_machine(complete):
    course, path = complete
    for file in (path.with_suffix(".ipynb"), course.notebooks / "01_small.ipynb"):
        notebook = nbformat.read(file, as_version=4)
        notebook.metadata.pop("course", None)
        assert notebook.metadata == {
            "kernelspec": {
                "display_name": "Python 3",
                "language": "python",
                "name": "python3",
            },
            "language_info": {"name": "python"},
        }
        assert all(set(cell.metadata) <= {"tags"} for cell in notebook.cells)


def test_executed_twin_shows_outputs_and_is_not_executed_again(complete, capsys):
    course, path = complete
    notebook = nbformat.read(path.with_suffix(".ipynb"), as_version=4)
    shown = [
        o.text for c in notebook.cells for o in c.get("outputs", []) if "text" in o
    ]
    assert shown == ["the mean inside 2.40–2.60 ✓\n"]
    capsys.readouterr()
    assert main(["--root", str(course.root), "notebooks"]) == 0
    # The fixture derives lesson by lesson; the instructor's page is of all lessons.
    assert capsys.readouterr().out == "wrote INSTRUCTOR.md\n"


def test_changed_code_keeps_the_other_cells_outputs_and_is_known_as_stale(complete):
    course, path = complete
    text = path.read_text("utf-8")
    path.write_text(text.replace("total = sum(", "total = +sum("), "utf-8")
    derive(course, path)
    notebook = twin(course, path)
    assert is_stale(notebook)
    by_id = {cell.id: cell for cell in notebook.cells}
    assert by_id["exercise-1-1"].execution_count is None
    assert by_id["exercise-1-3"].outputs
    problems = [finding.problem for finding in check(course)]
    assert problems == ["its outputs are older than the code of solutions/01_small.py"]
    write_twin(path, notebook)
    assert check(course) == []


def test_changed_words_do_not_make_outputs_stale(complete):
    course, path = complete
    text = path.read_text("utf-8")
    path.write_text(text.replace("A mean is a sum", "A mean is the sum"), "utf-8")
    derive(course, path)
    assert check(course) == []


def test_a_lesson_that_fails_says_where_and_keeps_its_twin(complete, capsys):
    course, path = complete
    before = path.with_suffix(".ipynb").read_text("utf-8")
    text = path.read_text("utf-8")
    path.write_text(text.replace("squares = numbers**2", "squares = nobody"), "utf-8")
    assert main(["--root", str(course.root), "notebooks"]) == 2
    message = capsys.readouterr().err
    line = path.read_text("utf-8").split("\nsquares = nobody")[0].count("\n")
    assert f"solutions/01_small.py:{line}, under “Exercise 1.3" in message
    assert "NameError: name 'nobody' is not defined" in message
    after = nbformat.reads(path.with_suffix(".ipynb").read_text("utf-8"), as_version=4)
    assert "the mean inside" in before
    assert not any(
        o.output_type == "error" for c in after.cells for o in c.get("outputs", [])
    )
    assert is_stale(after)


def test_text_twin_is_never_older_than_its_notebook(complete):
    course, path = complete
    for file in (path, course.notebooks / path.name):
        derive(course, path)
        assert file.stat().st_mtime >= file.with_suffix(".ipynb").stat().st_mtime


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("    ### END SOLUTION\n\n\n# %% tags", "\n\n# %% tags", "without ### END"),
        ("    ### BEGIN SOLUTION\n    total", "    total", "END SOLUTION without"),
        ("### BEGIN SOLUTION\nsquares", "# BEGIN SOLUTION\nsquares", "exactly"),
        ("# In any book", "# ### BEGIN SOLUTION\n# In any book", "exactly"),
        ("# ### Exercise 1.1 — the mean (2 minutes)", "#", "before the first heading"),
    ],
)
def test_markers_that_do_not_pair_stop_the_derivation(small_course, old, new, problem):
    path = small_course.sources()[0]
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(AuthoringError, match=problem) as caught:
        derive(small_course, path)
    assert "solutions/01_small.py, cell" in str(caught.value)
    assert not small_course.notebooks.exists()


# The gate: each defect in a source, in a twin, in an exercise must be found.

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
def test_gate_finds_a_defect_of_a_source(derived, defect):
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
def test_gate_finds_a_stamp_that_is_not_the_courses(derived, tag, damage):
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
def test_gate_finds_a_defect_of_an_exercise(derived, defect):
    course, _ = derived
    change, problem = EXERCISE_DEFECTS[defect]
    _edit(change)(course.notebooks / "01_small.ipynb")
    found = [str(finding) for finding in check(course)]
    assert any(problem in text for text in found), found
    assert any("is not what solutions/01_small.py derives to" in text for text in found)


def test_gate_finds_an_answer_in_the_text_twin(derived):
    course, path = derived
    file = course.notebooks / path.name
    file.write_text(file.read_text("utf-8") + "\n# %%\nsquares = numbers**2\n", "utf-8")
    assert any(
        str(f).startswith(
            "notebooks/01_small.py, cell 26: shows a line of the solution"
        )
        for f in check(course)
    )


def test_gate_finds_windows_line_ends(derived):
    course, path = derived
    file = course.notebooks / path.name
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert any("derives to" in f.problem for f in check(course))


def test_gate_finds_missing_and_left_over_files(derived):
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


@pytest.mark.parametrize(
    ("change", "problem"),
    [(_fail, "ended with ValueError: no"), (_show_path, "a path of this machine")],
)
def test_gate_finds_a_defect_of_a_twin(complete, change, problem):
    course, path = complete
    _edit(change)(path.with_suffix(".ipynb"))
    assert [f for f in check(course) if problem in f.problem]


def test_check_command_prints_findings_and_fails(derived, capsys):
    course, path = derived
    (course.notebooks / path.name).unlink()
    assert main(["--root", str(course.root), "check"]) == 1
    out = capsys.readouterr().out
    assert "notebooks/01_small.py: is missing\n    fix: make notebooks" in out


def test_lessons_reader_tells_public_from_secret(small_course):
    notebook = read_lesson(small_course.sources()[0])
    split = split_lines(notebook)
    assert [exercise.name for exercise in exercises(notebook)] == [
        f"1.{number}" for number in range(1, 6)
    ]
    assert len(split.answers) == 6
    assert split.secret["squares = numbers**2"] == 1
    assert "cubes" in split.public
    assert sum("instructor" in tags(cell) for cell in notebook.cells) == 1


@pytest.mark.parametrize(
    "folder", [COURSE.solutions, COURSE.notebooks], ids=COURSE.show
)
def test_jupyterlab_pairs_the_notebooks_as_the_derivation_writes_them(folder):
    settings = tomllib.loads((folder / "jupytext.toml").read_text("utf-8"))
    assert settings == {"formats": "ipynb,py:percent"} | PERCENT


# nbval, as `make test` runs it on the real lessons.


def _run_nbval(course, **environment):
    shutil.copy(COURSE.solutions / "conftest.py", course.solutions)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "solutions",
        "-ra",
        "-p",
        "no:cacheprovider",
    ]
    return subprocess.run(
        [*command, "--nbval-lax", "--nbval-current-env"],
        cwd=course.root,
        env=_clean_environment() | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def _clean_environment():
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    return kept | {"PYTHONUTF8": "1"}


def test_nbval_passes_an_executed_lesson_and_fails_one_whose_verdict_moved(complete):
    course, path = complete
    synthetic = {"COURSE_DATA": "synthetic"}
    run = _run_nbval(course, **synthetic)
    assert run.returncode == 1  # on other ratings a verdict makes no claim
    text = path.read_text("utf-8").replace("inside=(", "edition='ml-100k', inside=(")
    path.write_text(text, "utf-8")
    assert main(["--root", str(course.root), "notebooks"]) == 0
    run = _run_nbval(course, **synthetic)
    assert run.returncode == 0, run.stdout
    assert "17 passed" in run.stdout


def test_nbval_skips_with_the_reason_where_no_ratings_are_to_be_had(complete, tmp_path):
    course, _ = complete
    run = _run_nbval(
        course,
        MOVIELENS_HOME=str(tmp_path / "empty"),
        MOVIELENS_URL="http://127.0.0.1:9",
        PIP_NO_INDEX="1",
        PIP_CONFIG_FILE="/dev/null",
        PIP_FIND_LINKS="",
    )
    assert run.returncode == 0, run.stdout
    assert "17 skipped" in run.stdout
    assert "the lessons need ratings, and there are none" in run.stdout


def test_a_lesson_derives_to_these_files(derived):
    course, path = derived
    assert sorted(map(course.show, derived_files(course, path))) == [
        "helpers/checks/lessons/lesson01.json",
        "helpers/checks/solved/01.json",
        "notebooks/01_small.ipynb",
        "notebooks/01_small.py",
        "solutions/01_small.ipynb",
    ]
