"""Parse a lesson: its exercises, its headings, and its secret lines."""

import re
from collections import Counter
from dataclasses import dataclass, field

import jupytext

from authoring.project import AuthoringError

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
SECRET_TAGS = {"solution", "instructor", "hints", "question"}
SLIDE = "slide"  # the tag of a cell that becomes a slide
SENTENCE = re.compile(r"sentence((?:-\d+)+)")  # the tag that chooses its sentences
HEADING = re.compile(r"(#{1,6})\s+(.*\S)")
EXERCISE = re.compile(r"### Exercise (\d+)\.(\d+) — (.+?) \((\d+) minutes?\)")
FENCE = re.compile(r"\s*(```|~~~)")


@dataclass
class Exercise:
    """One exercise: its heading and its code cells.

    Attributes
    ----------
    lesson, number : int
        2 and 3 for exercise 2.3.
    title : str
    minutes : int
    cell : int
        The index of the markdown cell with its heading.
    code_cells : list of int
        The indices of the code cells with something to fill in.
    """

    lesson: int
    number: int
    title: str
    minutes: int
    cell: int
    code_cells: list[int] = field(default_factory=list)

    @property
    def name(self):
        """str : ``2.3``."""
        return f"{self.lesson}.{self.number}"

    @property
    def message(self):
        """str : the error message of the stub."""
        return f"Exercise {self.name}: {self.title}"

    @property
    def stub(self):
        """str : the line that replaces the answer."""
        plain = not set(self.message) & set('"\\')
        quoted = f'"{self.message}"' if plain else repr(self.message)
        return f"raise NotImplementedError({quoted})"


def read_lesson(path):
    """Read a lesson's text twin.

    Parameters
    ----------
    path : pathlib.Path
        A ``.py`` in jupytext's percent format.

    Returns
    -------
    nbformat.NotebookNode
    """
    return jupytext.reads(path.read_text(encoding="utf-8"), fmt="py:percent")


def tags(cell):
    """Return the tags of a cell as a set of str."""
    return set(cell.metadata.get("tags", []))


def headings(cell):
    """List a markdown cell's headings, without those in code blocks.

    Returns
    -------
    list of (int, str) : level and text
    """
    found, fenced = [], False
    for line in cell.source.splitlines():
        if FENCE.match(line):
            fenced = not fenced
        elif not fenced and (match := HEADING.fullmatch(line.rstrip())):
            found.append((len(match[1]), match[2]))
    return found


def section_of(notebook, index):
    """Return the last heading above the cell with this index, or ''."""
    for cell in reversed(notebook.cells[: index + 1]):
        if cell.cell_type == "markdown" and (found := headings(cell)):
            return found[-1][1]
    return ""


def title_of(notebook):
    """Return the lesson's title: its first heading of level 1, or ''."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for level, text in headings(cell):
                if level == 1:
                    return text
    return ""


def source_line(path, index):
    """Return the line of a ``.py`` where the cell with this index starts.

    Parameters
    ----------
    path : pathlib.Path
    index : int

    Returns
    -------
    int : counted from 1
    """
    seen = -1
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        if re.match(r"# %%( |$)", line):
            seen += 1
            if seen == index:
                return number
    return 1


def without_markers(code):
    """Return the code of an answer without its two markers."""
    lines = code.splitlines()
    return "\n".join(line for line in lines if line.strip() not in (BEGIN, END))


def has_region(cell):
    """Tell whether a code cell has a part for the student to write."""
    return cell.cell_type == "code" and "BEGIN SOLUTION" in cell.source


def exercises(notebook):
    """List the exercises of a lesson, each with its code cells.

    Returns
    -------
    list of Exercise : in the lesson's order
    """
    found = []
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            for line in cell.source.splitlines():
                if match := EXERCISE.fullmatch(line.strip()):
                    lesson, number, title, minutes = match.groups()
                    found.append(
                        Exercise(int(lesson), int(number), title, int(minutes), index)
                    )
        elif has_region(cell) and found:
            found[-1].code_cells.append(index)
    return found


@dataclass
class LineVisibility:
    """A lesson's public and secret lines, stripped and without empty ones.

    Attributes
    ----------
    public : list of str
        The lines that a student may see, in order.
    secret : collections.Counter
        The number of times that a line occurs in answers or instructor's cells.
    answers : list of list of str
        The lines of each answer.
    """

    public: list[str]
    secret: Counter
    answers: list[list[str]]


def split_lines(notebook):
    """Separate a lesson's public lines from its secret ones.

    Deliberately independent of `authoring.derive`, because `authoring.validate`
    compares the results of both.

    Raises
    ------
    AuthoringError
        If the markers of a cell do not pair.
    """
    split = LineVisibility([], Counter(), [])
    for index, cell in enumerate(notebook.cells):
        inside = False
        for line in cell.source.splitlines():
            line = line.strip()
            if line == BEGIN and cell.cell_type == "code":
                if inside:
                    raise AuthoringError(f"cell {index + 1}: {BEGIN} twice in a row")
                inside = True
                split.answers.append([])
            elif line == END and cell.cell_type == "code":
                if not inside:
                    raise AuthoringError(f"cell {index + 1}: {END} without {BEGIN}")
                inside = False
            elif "BEGIN SOLUTION" in line or "END SOLUTION" in line:
                raise AuthoringError(
                    f"cell {index + 1}: write the markers exactly as {BEGIN} and "
                    f"{END}, in a code cell, each on its own line"
                )
            elif not line:
                continue
            elif inside:
                split.secret[line] += 1
                split.answers[-1].append(line)
            elif tags(cell) & SECRET_TAGS:
                split.secret[line] += 1
            else:
                split.public.append(line)
        if inside:
            raise AuthoringError(f"cell {index + 1}: {BEGIN} without {END}")
    return split
