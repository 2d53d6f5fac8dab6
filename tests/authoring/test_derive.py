"""The files that are derived from a lesson."""

import tomllib

import nbformat
import pytest

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
from authoring.project import Project
from authoring.validate import check
from tests.support.small_courses import make_course

COURSE = Project.open()


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


def test_both_gaps_of_a_function_become_stubs(derived):
    course, path = derived
    stub = 'raise NotImplementedError("Exercise 1.2: two gaps in one function")'
    assert (course.notebooks / path.name).read_text("utf-8").count(stub) == 2


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


def test_changed_code_keeps_the_other_cells_outputs_and_is_stale(complete):
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


def test_a_new_set_up_cell_keeps_its_count_and_is_not_stale(complete):
    course, path = complete
    settings = course.root / "pyproject.toml"
    settings.write_text(settings.read_text().replace("v9.9.9", "v10"))
    course = Project.open(course.root)
    derive(course, path)
    notebook = nbformat.read(path.with_suffix(".ipynb"), as_version=4)
    assert not is_stale(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert "@v10" in code[0].source
    assert code[0].execution_count == 1


def test_changed_words_do_not_make_outputs_stale(complete):
    course, path = complete
    text = path.read_text("utf-8")
    path.write_text(text.replace("A mean is a sum", "A mean is the sum"), "utf-8")
    derive(course, path)
    assert check(course) == []


def test_changed_instructor_notes_do_not_make_outputs_stale(complete):
    course, path = complete
    text = path.read_text("utf-8")
    note = '\n# %% tags=["instructor"]\n# Minutes: {}.\n'
    path.write_text(text + note.format(20), "utf-8")
    derive(course, path)
    assert check(course) == []
    path.write_text(text + note.format(30), "utf-8")
    derive(course, path)
    assert check(course) == []


def test_text_twin_is_never_older_than_its_notebook(complete):
    course, path = complete
    for file in (path, course.notebooks / path.name):
        derive(course, path)
        assert file.stat().st_mtime >= file.with_suffix(".ipynb").stat().st_mtime


@pytest.mark.parametrize(
    "folder", [COURSE.solutions, COURSE.notebooks], ids=COURSE.show
)
def test_jupyterlab_pairs_the_notebooks_as_the_derivation_writes_them(folder):
    settings = tomllib.loads((folder / "jupytext.toml").read_text("utf-8"))
    assert settings == {"formats": "ipynb,py:percent"} | PERCENT


def test_a_lesson_derives_to_these_files(derived):
    course, path = derived
    assert sorted(map(course.show, derived_files(course, path))) == [
        "helpers/checks/lessons/lesson01.json",
        "helpers/checks/solved/01.json",
        "notebooks/01_small.ipynb",
        "notebooks/01_small.py",
        "solutions/01_small.ipynb",
    ]
