"""Validate the lessons and all files that are derived from them."""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import nbformat

from authoring.check_texts import calls, check_texts
from authoring.derive import (
    derived_files,
    in_folder,
    is_stale,
    read_twin,
    twin_path,
)
from authoring.instructor import instructor_page, page_path
from authoring.lesson_format import (
    EXERCISE,
    SECRET_TAGS,
    exercises,
    has_region,
    headings,
    read_lesson,
    split_lines,
    tags,
)
from authoring.moved import moved_files
from authoring.project import AuthoringError
from authoring.setup_cell import badge, setup
from authoring.translation import validate
from authoring.translation.catalogs import po_path
from authoring.translation.code_strings import replace
from authoring.translation.translate import Translation

LEAST_EXERCISES = 5
LAST_SECTIONS = ("What to remember", "Where to read on")
# A short answer, such as `return model`, may occur elsewhere, too.
SHORTEST_GIVEAWAY = 40
MAKE = "make notebooks"
# The first column of a scoreboard is the number of the lesson.
SCOREBOARD_ROW = re.compile(r'<td id="\w+_row\d+_col0"[^>]*>(\d\d)</td>')


@dataclass(frozen=True)
class Problem:
    """A problem in a lesson or a derived file.

    Attributes
    ----------
    file : str
        The path in the project's folder.
    cell : int or None
        The cell's number in the notebook, from 1.
    problem : str
    fix : str
        How an author fixes it.
    """

    file: str
    cell: int | None
    problem: str
    fix: str

    def __str__(self):
        place = self.file if self.cell is None else f"{self.file}, cell {self.cell}"
        return f"{place}: {self.problem}\n    fix: {self.fix}"


def check(project, paths=None):
    """Check lessons, their twins and their exercises.

    Nothing is written or executed.

    Parameters
    ----------
    project : authoring.project.Project
    paths : list of pathlib.Path, optional
        Check only these ``solutions/NN_name.py``, and the translations that lessons
        share. By default, check all, and also that every file belongs to a lesson.

    Returns
    -------
    list of Problem
    """
    findings = []
    for path in paths or project.sources():
        try:
            findings += check_form(project, path)
            findings += check_questions_and_hints(project, path)
            findings += check_derived(project, path)
            for language in ("en", *project.languages):
                findings += check_twin(project, path, language)
                findings += check_exercise(project, path, language)
        except AuthoringError as error:
            where, _, problem = str(error).partition(": ")
            findings.append(Problem(where, None, problem, f"edit {project.show(path)}"))
    if not paths:
        findings += check_moved(project)
        findings += check_strays(project)
        findings += check_instructor_pages(project)
    names = [path.stem for path in paths or ()]
    findings += [
        Problem(file, None, problem, fix)
        for file, problem, fix in validate.problems(project, names)
    ]
    return findings


def check_instructor_pages(project):
    """Check that the instructor's page is up to date, if there is one."""
    if not page_path(project).is_file():
        return []
    findings = []
    for language in ("en", *project.languages):
        page = page_path(project, language)
        expected = instructor_page(project, language)
        if not page.is_file() or page.read_text("utf-8") != expected:
            problem = "is not as derived now"
            findings.append(Problem(project.show(page), None, problem, MAKE))
    return findings


def check_form(project, path):
    """Check a lesson's own text: its sections, and its exercises' headings."""
    file, notebook = project.show(path), read_lesson(path)
    edit = f"edit {file}"

    def finding(index, problem, fix=edit):
        return Problem(file, None if index is None else index + 1, problem, fix)

    findings = []
    split_lines(notebook)
    findings += _check_generated_cells(project, path, notebook, finding)

    first = next((c for c in notebook.cells if "badge" not in tags(c)), None)
    if first is None or not first.source.startswith("# "):
        findings.append(finding(None, "does not start with its title, '# …'"))
    present = [
        text
        for cell in notebook.cells
        if cell.cell_type == "markdown"
        for _, text in headings(cell)
    ]
    for section in LAST_SECTIONS:
        if section not in present:
            findings.append(finding(None, f"has no section '## {section}'"))

    found = exercises(notebook)
    if len(found) < LEAST_EXERCISES:
        problem = f"has {len(found)} exercises; a lesson has {LEAST_EXERCISES} or more"
        findings.append(finding(None, problem))
    lesson = int(path.stem[:2])
    for position, exercise in enumerate(found, start=1):
        if (exercise.lesson, exercise.number) != (lesson, position):
            problem = (
                f"Exercise {exercise.name} stands where {lesson}.{position} is due: "
                "numbers are unique and in order"
            )
            findings.append(finding(exercise.cell, problem))
        if not exercise.code_cells:
            problem = (
                f"Exercise {exercise.name} has nothing to fill in: no ### BEGIN "
                "SOLUTION between it and the next exercise"
            )
            findings.append(finding(exercise.cell, problem))
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            findings += [
                finding(
                    index,
                    f"'{line}' announces no exercise: the form is "
                    "'### Exercise 2.3 — its title (3 minutes)'",
                )
                for line in cell.source.splitlines()
                if re.match(r"#+\s*Exercise\b", line)
                and not EXERCISE.fullmatch(line.strip())
            ]
        if has_region(cell) and tags(cell) & SECRET_TAGS:
            problem = "is dropped as a whole and has solution markers too: choose one"
            findings.append(finding(index, problem))
    return findings


def check_questions_and_hints(project, path):
    """Check that each exercise has a check and hints, and each quiz its question."""
    file, notebook = project.show(path), read_lesson(path)
    texts = check_texts(project, path, notebook)
    checks = project.checks / f"lesson{path.stem[:2]}.py"
    problems, without_check = [], []
    code = checks.read_text("utf-8") if checks.is_file() else None
    for name, found in texts["exercises"].items():
        if not found["takes"]:
            problems.append(f'Exercise {name} has no cell check("{name}", …)')
        if not found["hints"]:
            problems.append(f"Exercise {name} has no cell tagged `hints`")
        if code is not None and f'lesson["{name}"].part(' not in code:
            without_check.append(name)
    for number, _ in calls(notebook.cells, "check"):
        if number not in texts["exercises"]:
            problems.append(f'check("{number}", …) is of no exercise in this lesson')
    for number, _ in calls(notebook.cells, "quiz"):
        if number not in texts["questions"]:
            problems.append(f'quiz("{number}") has no cell tagged `question` above it')
    where = project.show(checks)
    return [Problem(file, None, problem, f"edit {file}") for problem in problems] + [
        Problem(file, None, f"Exercise {name} has no check", f"add one to {where}")
        for name in without_check
    ]


def check_derived(project, path):
    """Derive a lesson's files, and compare them with those on disk, byte by byte."""
    findings = []
    for file, text in derived_files(project, path).items():
        if not file.is_file():
            findings.append(Problem(project.show(file), None, "is missing", MAKE))
        elif file.read_bytes() != text.encode("utf-8"):
            problem = f"is not what {_sources(project, path, file)} derives to"
            findings.append(Problem(project.show(file), None, problem, MAKE))
    return findings


def _sources(project, path, file):
    """Name the files that a derived file is made from, where a change belongs."""
    for language in project.languages:
        if file.parent.name == language:
            catalog = project.show(po_path(project, language, path.stem))
            return f"{project.show(path)} with {catalog}"
    return project.show(path)


def check_moved(project):
    """Check that the former addresses of lessons lead to the lessons."""
    return [
        Problem(project.show(file), None, "does not link to the lessons", MAKE)
        for file, text in moved_files(project).items()
        if not file.is_file() or file.read_bytes() != text.encode("utf-8")
    ]


def check_twin(project, path, language="en"):
    """Check that a twin's outputs belong to its code, and can be published."""
    twin_file = twin_path(project, path, language)
    notebook = read_twin(twin_file)
    if notebook is None:
        return []  # check_derived says so
    file, findings = project.show(twin_file), []
    if is_stale(notebook):
        problem = f"its outputs are older than the code of {project.show(path)}"
        findings.append(Problem(file, None, problem, MAKE))
    again = f"fix the cell, then {MAKE} EXECUTE=all"
    for number, cell in enumerate(notebook.cells, start=1):
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                problem = f"ended with {output.ename}: {output.evalue}"
                findings.append(Problem(file, number, problem, again))
            if later := _later_scores(path.stem[:2], output):
                problem = f"its scoreboard shows scores of lesson {later}"
                findings.append(Problem(file, number, problem, again))
            for place in (str(project.root), str(Path.home()), "/ipykernel_"):
                # Short paths such as "/" or "/tmp" do not identify this computer.
                if len(place) > 4 and place in _text_of(output):
                    problem = f"its output shows a path of this machine ({place}…)"
                    findings.append(Problem(file, number, problem, again))
    return findings


def _later_scores(lesson, output):
    """Return the number of a later lesson whose scores a scoreboard shows, or None."""
    rows = SCOREBOARD_ROW.findall(output.get("data", {}).get("text/html", ""))
    return max((row for row in rows if row > lesson), default=None)


def check_exercise(project, path, language="en"):
    """Check that an exercise contains no answers, and only lines of its lesson.

    The files on disk are compared line by line, independently of the code that wrote
    them; a translated exercise is compared with the translated lesson.
    """
    stubs = {found.stub for found in exercises(read_lesson(path)) if found.code_cells}
    own = {badge(project, "notebooks", path.stem)}
    if language != "en":
        translation = Translation.read(project, language, path.stem)
        stubs = {replace(stub, translation) for stub in stubs}
        own = {
            badge(project, f"notebooks/{language}", path.stem, translation),
        }
        path = twin_path(project, path, language).with_suffix(".py")
        if not path.is_file():
            return []  # check_derived says so
    split = split_lines(read_lesson(path))
    findings = []
    target = in_folder(project.notebooks, language) / path.name

    def read_ipynb(file):
        return nbformat.read(file, as_version=4)

    for file, read in (
        (target.with_suffix(".ipynb"), read_ipynb),
        (target, read_lesson),
    ):
        if file.is_file():
            findings += _check_exercise_file(
                project.show(file), read(file), split, stubs, own
            )
    findings += _check_giveaways(project, path, split)
    return findings


def check_strays(project):
    """Check that every file in both folders belongs to a lesson."""
    stems = {path.stem for path in project.sources()}
    moved = moved_files(project)
    return [
        Problem(project.show(file), None, "belongs to no lesson", "delete it")
        for language in ("en", *project.languages)
        for folder in (project.solutions, project.notebooks)
        for file in sorted(in_folder(folder, language).glob("[0-9]*"))
        if file.suffix in (".py", ".ipynb")
        and file.stem not in stems
        and file not in moved
    ] + [
        Problem(project.show(file), None, "belongs to no lesson", "delete it")
        for folder in (project.answers, project.checks)
        for file in sorted(folder.glob("*.json"))
        if file.stem.removeprefix("lesson") not in {stem[:2] for stem in stems}
    ]


def _check_generated_cells(project, path, notebook, finding):
    code = [i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    first = notebook.cells[0] if notebook.cells else None
    if first is None or "badge" not in tags(first):
        yield finding(None, "its first cell is not the badge", MAKE)
    elif first.source != badge(project, "solutions", path.stem):
        yield finding(0, "its badge links another release or lesson", MAKE)
    if not code or "setup" not in tags(notebook.cells[code[0]]):
        yield finding(None, "its first code cell is not the set-up", MAKE)
    elif notebook.cells[code[0]].source != setup(project):
        yield finding(code[0], "its set-up cell is not the course's", MAKE)


def _check_exercise_file(file, notebook, split, stubs, own):
    findings, seen_stubs = [], set()
    allowed, seen = Counter(split.public), Counter()
    for number, cell in enumerate(notebook.cells, start=1):

        def finding(problem, number=number):
            findings.append(Problem(file, number, problem, MAKE))

        if cell.get("outputs"):
            finding("has outputs")
        if cell.get("execution_count") is not None:
            finding("has an execution count")
        if wrong := tags(cell) & SECRET_TAGS:
            finding(f"is tagged {', '.join(sorted(wrong))}: not for students")
        for line in map(str.strip, cell.source.splitlines()):
            if line in stubs:
                seen_stubs.add(line)
            elif line and line not in own:
                seen[line] += 1
                if seen[line] > allowed[line]:
                    secret = line in split.secret or "SOLUTION" in line
                    finding(
                        f"shows a line of the solution: {line}"
                        if secret
                        else f"has a line that its solution has not: {line}"
                    )
    for stub in sorted(stubs - seen_stubs):
        findings.append(Problem(file, None, f"the stub is missing: {stub}", MAKE))
    return findings


def _check_giveaways(project, path, split):
    public = "\n".join(split.public) + "\n"
    for answer in split.answers:
        text = "\n".join(answer) + "\n"
        if len(text) >= SHORTEST_GIVEAWAY and text in public:
            yield Problem(
                project.show(path),
                None,
                f"an answer stands in plain view elsewhere: {answer[0]}",
                f"edit {project.show(path)}: bracket it there too, or put it otherwise",
            )


def _text_of(output):
    if output.output_type == "stream":
        return output.text
    if output.output_type == "error":
        return "\n".join(output.traceback)
    return "\n".join(str(value) for value in output.data.values())
