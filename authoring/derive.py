"""Derive all files of a lesson from its `solutions/NN_name.py`.

* `solutions/NN_name.ipynb`: the executed twin, with outputs;
* `notebooks/NN_name.ipynb` and `.py`: the exercise, without the answers;
* `solutions/es/` and `notebooks/es/`: the same in Spanish, and so for each language
  in `locale/`;
* `helpers/checks/solved/NN.json`: the answers, for `reveal`;
* `helpers/checks/lessons/lessonNN.json`: titles, hints, notices and questions.

The derived files depend on the source only: they contain no times, versions or random
ids.
"""

import ast
import copy
import hashlib
import json
import os

import jupytext
import nbformat
from nbgrader.preprocessors import ClearSolutions
from traitlets.config import Config

from authoring.check_texts import as_json, check_texts
from authoring.lesson_format import (
    SECRET_TAGS,
    SENTENCE,
    SLIDE,
    exercises,
    has_region,
    read_lesson,
    split_lines,
    tags,
    without_markers,
)
from authoring.project import AuthoringError
from authoring.setup_cell import badge, setup, update_generated_cells
from authoring.translation.catalogs import po_path
from authoring.translation.translate import Translation, is_note, translate_notebook
from helpers.files import write_text

# With the kernel's exact version, the files would differ between computers.
METADATA = {
    "kernelspec": {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    },
    "language_info": {"name": "python"},
}
# The same settings as in the folders' jupytext.toml, which JupyterLab reads.
PERCENT = {
    "notebook_metadata_filter": "-all",
    "cell_metadata_filter": "tags,-all",
}


def solution_notebook(project, path, language="en"):
    """Read a lesson as a notebook with fixed cell ids and no outputs.

    Parameters
    ----------
    project : authoring.project.Project
    path : pathlib.Path
        ``solutions/NN_name.py``.
    language : str
        In every language, the cells have the ids of the English ones.

    Returns
    -------
    nbformat.NotebookNode

    Raises
    ------
    AuthoringError
        If the lesson's solution markers do not pair.
    """
    notebook = read_lesson(path)
    try:
        split_lines(notebook)
    except AuthoringError as error:
        raise AuthoringError(f"{project.show(path)}, {error}") from None
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    _fix_ids(notebook)
    return _in_language(project, path, notebook, "solutions", language)


def exercise_notebook(project, path, language="en"):
    """Read a lesson without its answers.

    Parameters
    ----------
    project : authoring.project.Project
    path : pathlib.Path
        ``solutions/NN_name.py``.
    language : str

    Returns
    -------
    nbformat.NotebookNode
    """
    notebook = solution_notebook(project, path)
    for exercise in exercises(notebook):
        clear = ClearSolutions(
            config=Config(
                ClearSolutions={
                    "code_stub": {"python": exercise.stub},
                    "begin_solution_delimeter": "### BEGIN SOLUTION",
                    "end_solution_delimeter": "### END SOLUTION",
                    "enforce_metadata": False,
                }
            )
        )
        for index in exercise.code_cells:
            cell = notebook.cells[index]
            clear.preprocess_cell(cell, {"language": "python"}, index)
    notebook.cells = [c for c in notebook.cells if not tags(c) & SECRET_TAGS]
    for number, cell in enumerate(notebook.cells, start=1):
        # Which cells become slides does not change the exercise notebook.
        given = cell.metadata.pop("tags", [])
        if kept := [t for t in given if t != SLIDE and not SENTENCE.fullmatch(t)]:
            cell.metadata["tags"] = kept
        if "badge" in tags(cell):
            cell.source = badge(project, "notebooks", path.stem)
        if has_region(cell):
            raise AuthoringError(
                f"{project.show(path)}, cell {number}: a solution before the first "
                "heading of the form '### Exercise 2.3 — its title (3 minutes)'."
            )
    return _in_language(project, path, notebook, "notebooks", language)


def _in_language(project, path, notebook, folder, language):
    """Translate a notebook, and update its badge and set-up cell."""
    if language == "en":
        return notebook
    translation = Translation.read(project, language, path.stem)
    try:
        notebook = translate_notebook(notebook, translation)
    except AuthoringError as error:
        file = po_path(project, language, path.stem)
        raise AuthoringError(f"{project.show(file)}: {error}") from error
    for cell in notebook.cells:
        if "badge" in tags(cell):
            place = f"{folder}/{language}"
            cell.source = badge(project, place, path.stem, translation)
        elif "setup" in tags(cell):
            cell.source = setup(project, language)
    return notebook


def answers_file(notebook):
    """Return a lesson's answers as JSON, for `helpers.checks.answer_key`.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        The lesson with its solution markers.

    Returns
    -------
    str
        The ``imports`` that answers use; and for each exercise ``code``, ``shown``
        (without docstrings) and ``names`` (of its functions and classes).
    """
    answers = {}
    for exercise in exercises(notebook):
        sources = [notebook.cells[index].source for index in exercise.code_cells]
        code = without_markers("\n\n".join(sources))
        answers[exercise.name] = {
            "code": code + "\n",
            "shown": without_docstrings(code),
            "names": [
                node.name
                for node in ast.parse(code).body
                if isinstance(node, ast.FunctionDef | ast.ClassDef)
            ],
        }
    used = {
        node.id
        for answer in answers.values()
        for node in ast.walk(ast.parse(answer["code"]))
        if isinstance(node, ast.Name)
    }
    content = {"imports": _imports(notebook, used), "exercises": answers}
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def without_docstrings(code):
    """Return code without the docstrings of its functions and classes."""
    lines = code.splitlines()
    for node in reversed(list(ast.walk(ast.parse(code)))):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node):
            text = node.body[0]
            lines[text.lineno - 1 : text.end_lineno] = [None] * (
                text.end_lineno - text.lineno + 1
            )
    return "\n".join(line for line in lines if line is not None) + "\n"


def _imports(notebook, used):
    """Return the lesson's top-level imports that bind one of the used names."""
    found = []
    for cell in notebook.cells:
        if cell.cell_type != "code" or "setup" in tags(cell):
            continue
        for node in ast.parse(cell.source).body:
            if not isinstance(node, ast.Import | ast.ImportFrom):
                continue
            bound = {(name.asname or name.name).split(".")[0] for name in node.names}
            if bound & used or bound == {"helpers"}:
                found.append(ast.unparse(node))
    return "\n".join(found) + "\n"


def as_ipynb(notebook):
    """Return the text of a notebook's ``.ipynb``; cells keep only their tags."""
    notebook = copy.deepcopy(notebook)
    kept = {
        name: notebook.metadata[name]
        for name in ("course", "widgets")
        if name in notebook.metadata
    }
    notebook.metadata = nbformat.from_dict(METADATA | kept)
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict(
            {"tags": cell.metadata.tags} if tags(cell) else {}
        )
    nbformat.validate(notebook)
    return nbformat.writes(notebook, version=nbformat.NO_CONVERT) + "\n"


def as_percent(notebook):
    """Return the text of a notebook's ``.py`` twin, without a header."""
    notebook = copy.deepcopy(notebook)
    notebook.metadata = nbformat.from_dict({"jupytext": PERCENT})
    return jupytext.writes(notebook, fmt="py:percent")


def executed_hash(notebook):
    """Return the SHA-256 of a notebook's code, without the set-up cell and notes."""
    code = [
        cell.source
        for cell in notebook.cells
        if cell.cell_type == "code" and "setup" not in tags(cell) and not is_note(cell)
    ]
    return hashlib.sha256("\0".join(code).encode("utf-8")).hexdigest()


def in_folder(folder, language):
    """Return the subfolder of a language; English files are in `folder` itself."""
    return folder if language == "en" else folder / language


def twin_path(project, path, language="en"):
    """Return the path of the twin of ``solutions/NN_name.py``."""
    return in_folder(project.solutions, language) / f"{path.stem}.ipynb"


def twin(project, path, language="en"):
    """Derive a lesson's twin without executing it.

    Cells whose code has not changed keep the outputs of the twin on disk, and so does
    the set-up cell, which shows nothing in a checkout of the course.

    Parameters
    ----------
    project : authoring.project.Project
    path : pathlib.Path
        ``solutions/NN_name.py``.
    language : str

    Returns
    -------
    nbformat.NotebookNode
        Its ``metadata.course.executed_source_sha256`` is the hash of the executed
        code; it is missing if the twin was never executed.
    """
    notebook = solution_notebook(project, path, language)
    before = read_twin(twin_path(project, path, language))
    if before is None:
        return notebook
    if "course" in before.metadata:
        notebook.metadata["course"] = before.metadata["course"]
    if "widgets" in before.metadata:
        notebook.metadata["widgets"] = before.metadata["widgets"]
    left = [cell for cell in before.cells if cell.cell_type == "code"]
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        match = next(
            (
                old
                for old in left
                if old.source == cell.source or "setup" in tags(old) & tags(cell)
            ),
            None,
        )
        if match is not None:
            left.remove(match)
            cell.outputs = match.outputs
            cell.execution_count = match.execution_count
    return notebook


def read_twin(path):
    """Read the ``.ipynb`` of a lesson; return None if it does not exist."""
    path = path.with_suffix(".ipynb")
    if not path.is_file():
        return None
    return nbformat.read(path, as_version=4)


def is_stale(notebook):
    """Tell whether a twin's outputs belong to an earlier version of its code."""
    executed = notebook.metadata.get("course", {}).get("executed_source_sha256")
    return executed != executed_hash(notebook)


def derived_files(project, path):
    """Derive all files of a lesson, as text.

    Parameters
    ----------
    project : authoring.project.Project
    path : pathlib.Path
        ``solutions/NN_name.py``.

    Returns
    -------
    dict of pathlib.Path to str
    """
    solution = solution_notebook(project, path)
    files = {project.answers / f"{path.stem[:2]}.json": answers_file(solution)}
    for language in ("en", *project.languages):
        exercise = exercise_notebook(project, path, language)
        target = in_folder(project.notebooks, language) / path.name
        twin_file = twin_path(project, path, language)
        files[twin_file] = as_ipynb(twin(project, path, language))
        files[target.with_suffix(".ipynb")] = as_ipynb(exercise)
        files[target] = as_percent(exercise)
        if language != "en":
            translated = solution_notebook(project, path, language)
            files[twin_file.with_suffix(".py")] = as_percent(translated)
    texts = check_texts(project, path, solution)
    files[project.checks / f"lesson{path.stem[:2]}.json"] = as_json(texts)
    return files


def derive(project, path):
    """Update a lesson's badge and set-up cell, and write all derived files.

    Parameters
    ----------
    project : authoring.project.Project
    path : pathlib.Path
        ``solutions/NN_name.py``.

    Returns
    -------
    list of pathlib.Path : the files that changed
    """
    changed = []
    if write_text(path, update_generated_cells(project, path)):
        changed.append(path)
    for file, text in derived_files(project, path).items():
        if write_text(file, text):
            changed.append(file)
    for language in ("en", *project.languages):
        for folder in (project.solutions, project.notebooks):
            make_newest(in_folder(folder, language) / path.name)
    return changed


def make_newest(text_twin):
    """Touch a ``.py`` older than its ``.ipynb``: JupyterLab refuses such pairs."""
    notebook = text_twin.with_suffix(".ipynb")
    if notebook.stat().st_mtime > text_twin.stat().st_mtime:
        os.utime(text_twin)


def write_twin(path, notebook):
    """Write an executed twin, with the hash of its code."""
    notebook.metadata["course"] = {"executed_source_sha256": executed_hash(notebook)}
    write_text(path.with_suffix(".ipynb"), as_ipynb(notebook))
    make_newest(path)


def _fix_ids(notebook):
    names = {
        index: f"exercise-{exercise.lesson}-{exercise.number}"
        for exercise in exercises(notebook)
        for index in exercise.code_cells
    }
    used = {}
    for index, cell in enumerate(notebook.cells):
        generated = tags(cell) & {"badge", "setup"}
        name = names.get(index) or (generated and generated.pop()) or _digest(cell)
        used[name] = used.get(name, 0) + 1
        cell.id = name if used[name] == 1 else f"{name}-{used[name]}"


def _digest(cell):
    content = f"{cell.cell_type}\n{cell.source}".encode()
    return hashlib.sha256(content).hexdigest()[:12]
