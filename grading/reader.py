"""Files, folders and zips → students' code, or a reason why there is none.

A notebook is read as what it is, JSON with cells in it: no ids, no metadata, no
valid version is asked for, and nothing but the source of code cells is taken.
Which lesson it is, its functions tell; who handed it in, the name of its folder
or file, in the ways in which Moodle, Canvas and Google Classroom write it.
"""

import io
import json
import os
import re
import stat
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from grading.files import printable
from helpers.checks.judge import LESSONS, lesson_exercises

MOST_BYTES = 20 * 2**20
MOST_ZIPPED = 5000
MOST_CELLS, MOST_CODE = 2000, 2 * 2**20
KINDS = (".ipynb", ".py")
PACKED = ".zip"
LONGEST_NAME = 200

PLATFORMS = {
    "moodle": re.compile(
        r"(?P<student>.+?)_(?P<account>\d+)_assignsubmission_"
        r"\w*?(?:file|onlinetext)_?.*"
    ),
    "canvas": re.compile(r"(?P<student>[^_/]+?)(?:_LATE)?_(?P<account>\d+)_\d+_.+"),
}
COPY = re.compile(r"(?i)^(copy of|kopie von|copie de|copia de)\s+")


class Rejected(Exception):
    """A file that cannot be graded; its text says why."""


@dataclass(frozen=True)
class Submission:
    """One file that was handed in.

    Attributes
    ----------
    student : str
    name : str
        Of the file, inside what was named on the command line.
    content : bytes
        Empty where it could not even be read.
    problem : str
        Why it could not; may be empty.
    platform, account : str
        The learning platform (``"moodle"``, ``"canvas"``) and the number by which
        it knows the student, where the file's name tells; else empty.
    """

    student: str
    name: str
    content: bytes = b""
    problem: str = ""
    platform: str = ""
    account: str = ""

    @property
    def bare(self):
        """Submission : the same, without its content."""
        return replace(self, content=b"", problem="")


def find_submissions(path):
    """List what was handed in.

    Parameters
    ----------
    path : path
        A folder of notebooks, a folder of a folder for each student, a zip of
        either, or one notebook. A zip inside of these is unpacked, too.

    Yields
    ------
    Submission : in the order of their names

    Raises
    ------
    Rejected
        If there is nothing at all to grade.
    """
    path = Path(path)
    if not path.exists():
        raise Rejected(f"There is no {path}. Name a folder, a zip or a notebook.")
    if path.is_dir():
        found = _in_folder(path)
    elif zipfile.is_zipfile(path):
        found = _in_zip(lambda: path)
    else:
        found = [(path.name, lambda: _read_file(path))]
    names = [name for name, _ in found]
    if not names:
        raise Rejected(f"There is no notebook (.ipynb or .py) in {path}.")
    people = _people(names)
    for name, read in found:
        student, platform, account = people[name]
        about = {"platform": platform, "account": account}
        # A name that is no UTF-8 is in no table that is written.
        name = printable(name.encode("utf-8", "replace").decode("utf-8"))
        if len(name) > LONGEST_NAME:
            name = f"… {name[2 - LONGEST_NAME :]}"
        try:
            yield Submission(student, name, read(), **about)
        except Rejected as problem:
            yield Submission(student, name, problem=str(problem), **about)


def read_cells(submission):
    """Return the code cells of a submission.

    Parameters
    ----------
    submission : Submission

    Returns
    -------
    list of str

    Raises
    ------
    Rejected
    """
    if submission.problem:
        raise Rejected(submission.problem)
    if not submission.content.strip():
        raise Rejected("The file is empty.")
    try:
        text = submission.content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Rejected("The file is no text, so it is no notebook.") from None
    if submission.name.lower().endswith(".py"):
        cells = _percent_cells(text)
    else:
        cells = _notebook_cells(text)
    if len(cells) > MOST_CELLS or sum(map(len, cells)) > MOST_CODE:
        raise Rejected("The notebook has too much code to be one of the course.")
    return cells


def recognise(cells, lessons=LESSONS):
    """Tell which lesson the cells are of, by the functions they define.

    Parameters
    ----------
    cells : list of str
    lessons : sequence of str
        Those to choose from.

    Returns
    -------
    str : ``"02"``

    Raises
    ------
    Rejected
        If they define nothing that an exercise asks for.
    """
    defined = set()
    for cell in cells:
        defined |= set(re.findall(r"(?m)^(?:async\s+def|def|class)\s+(\w+)", cell))
        defined |= set(re.findall(r"(?m)^(\w+)\s*=[^=]", cell))
    score = Counter()
    for lesson in lessons:
        for exercise in lesson_exercises(lesson).values():
            score[lesson] += sum(name in defined for name in exercise.takes)
    best, count = max(score.items(), key=lambda one: one[1], default=("", 0))
    if not count:
        raise Rejected(
            "No function or class of an exercise is defined in it, so it is none of "
            f"the lessons {', '.join(lessons)}. Is it the right notebook, and saved?"
        )
    return best


def _notebook_cells(text):
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError, MemoryError):
        raise Rejected("The file is no valid JSON, so it is no notebook.") from None
    if not isinstance(notebook, dict):
        raise Rejected("The file is JSON, but no notebook.")
    cells = notebook.get("cells")
    if cells is None and isinstance(notebook.get("worksheets"), list):
        # nbformat 3
        sheets = [one for one in notebook["worksheets"] if isinstance(one, dict)]
        cells = [
            cell
            for sheet in sheets
            if isinstance(sheet.get("cells"), list)
            for cell in sheet["cells"]
        ]
    if not isinstance(cells, list):
        raise Rejected("The file is JSON, but it has no cells: it is no notebook.")
    code = [
        _text(cell.get("source", cell.get("input")))
        for cell in cells
        if isinstance(cell, dict) and cell.get("cell_type") == "code"
    ]
    code = [source for source in code if source.strip()]
    if not code:
        raise Rejected("The notebook has no code in it.")
    return code


def _text(source):
    if isinstance(source, list):
        source = "".join(one for one in source if isinstance(one, str))
    if not isinstance(source, str):
        return ""
    # Half of a surrogate pair is valid JSON, and no text.
    return source.encode("utf-8", "replace").decode("utf-8")


def _percent_cells(text):
    cells = []
    for block in re.split(r"(?m)^(?=# ?%%)", text):
        heading, _, code = block.partition("\n")
        if not heading.startswith(("# %%", "#%%")):
            cells.append(block)
        elif not re.search(r"\[(markdown|md|raw)\]", heading):
            cells.append(code)
    cells = [one for one in cells if one.strip()]
    if not cells:
        raise Rejected("The file has no code in it.")
    return cells


# --- where they are ---


def _is_notebook(name):
    parts = PurePosixPath(name).parts
    hidden = any(p.startswith((".", "__MACOSX", "._")) for p in parts)
    return name.lower().endswith((*KINDS, PACKED)) and not hidden


def _in_folder(folder):
    found = []
    for parent, folders, files in os.walk(folder, followlinks=False):
        folders.sort()
        for file in sorted(files):
            path = Path(parent, file)
            name = path.relative_to(folder).as_posix()
            if _is_notebook(name):
                found += _unpacked(name, lambda path=path: _read_file(path))
        # A link to a folder is not followed; it is named, so that nobody wonders.
        for one in folders:
            path = Path(parent, one)
            if path.is_symlink() and not one.startswith("."):
                name = path.relative_to(folder).as_posix()
                found.append((name, lambda path=path: _read_file(path)))
    return sorted(found, key=lambda one: one[0])


def _read_file(path):
    try:
        # Neither follow a link nor wait for a pipe that calls itself a notebook.
        flags = (
            os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        )
        handle = os.open(path, flags)
    except OSError:
        raise Rejected(
            "It is a link, or cannot be opened. Hand in the file itself."
        ) from None
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(file.fileno())
        if path.is_symlink() or not stat.S_ISREG(found.st_mode):
            raise Rejected("It is no regular file. Hand in the notebook itself.")
        content = file.read(MOST_BYTES + 1)
    return _not_too_large(content, found.st_size)


def _not_too_large(content, size):
    if len(content) > MOST_BYTES:
        raise Rejected(
            f"The file is too large ({size / 2**20:.0f} MB; at most "
            f"{MOST_BYTES // 2**20}). Clear its outputs and save it again."
        )
    return content


def _unpacked(name, read, is_inside=False):
    """List what a file holds: itself, or, of a zip, what is in it.

    Parameters
    ----------
    name : str
    read : callable
        Returns its content, or raises `Rejected`.
    is_inside : bool
        It lies in a zip that lies somewhere itself.

    Returns
    -------
    list of (str, callable)
        Never empty: whoever handed in a zip that holds nothing is told so.
    """
    if not name.lower().endswith(PACKED):
        return [(name, read)]

    def problem(text):
        def refuse():
            raise Rejected(text)

        return [(name, refuse)]

    if is_inside:
        return problem("It is a zip in a zip. Hand in the notebook itself.")
    try:
        # Read anew for each file in it: memory does not grow with the class.
        found = _in_zip(lambda: io.BytesIO(read()), is_inside=True)
    except Rejected as error:
        return problem(str(error))
    if not found:
        return problem("There is no notebook (.ipynb or .py) in this zip.")
    folder = name[: -len(PACKED)]
    if folder.endswith("/") or not folder:
        folder = name
    return [(f"{folder}/{inner}", read_inner) for inner, read_inner in found]


def _in_zip(opened, is_inside=False):
    """List a zip's notebooks; `opened` returns its path, or a file of its content."""
    try:
        with zipfile.ZipFile(opened()) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError) as error:
        raise Rejected(f"It cannot be read as a zip: {error}") from None
    most = MOST_ZIPPED // 10 if is_inside else MOST_ZIPPED
    if len(members) > most:
        raise Rejected(f"The zip holds more than {most:,} files.")
    found = []
    for member in members:
        # Not `member.is_dir()`, which fails on a damaged zip's member without a name.
        is_folder = member.filename.endswith("/")
        name = _harmless(member.filename.replace("\\", "/"))
        if not is_folder and _is_notebook(name):
            found += _unpacked(
                name, lambda member=member: _read_member(opened(), member), is_inside
            )
    return sorted(found, key=lambda one: one[0])


def _harmless(name):
    """Return a zipped name as one that stays where it is put."""
    parts = [part for part in name.split("/") if part not in ("", ".", "..")]
    return "/".join(parts) or "nameless"


def _read_member(path, member):
    name = member.filename.replace("\\", "/")
    if ".." in name.split("/") or name.startswith("/") or re.match(r"[A-Za-z]:", name):
        raise Rejected("Its name in the zip points out of the zip.")
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG):
        raise Rejected("In the zip it is a link, not a file. Hand in the file itself.")
    if member.flag_bits & 1:
        raise Rejected("In the zip it is encrypted.")
    try:
        # The size that the zip states may be a lie: count what comes out.
        with zipfile.ZipFile(path) as archive, archive.open(member) as file:
            content = file.read(MOST_BYTES + 1)
    except (
        *(zipfile.BadZipFile, zlib.error, OSError, EOFError),
        *(ValueError, RuntimeError, NotImplementedError, MemoryError),
    ):
        raise Rejected("It cannot be read from the zip: it is damaged.") from None
    return _not_too_large(content, max(member.file_size, len(content)))


# --- who they are from ---


def _people(names):
    """Find out, for each name of a file, whose it is.

    Returns
    -------
    dict of str to (str, str, str) : student, platform, account
    """
    people = {name: _person(name) for name in names}
    others = _students([name for name, person in people.items() if person is None])
    for name, student in others.items():
        people[name] = (student, "", "")
    accounts = {}
    for name, (student, platform, account) in people.items():
        # Moodle counts people anew in each assignment: a folder of its own.
        folder = name.partition(student)[0] if platform == "moodle" else ""
        accounts.setdefault((student, platform, folder), set()).add(account)
    # Two people of one name are two.
    twice = {one[:2] for one, numbers in accounts.items() if len(numbers) > 1}
    for name, (student, platform, account) in people.items():
        if (student, platform) in twice:
            people[name] = (f"{student} ({account})", platform, account)
    return people


def _person(name):
    """Return what a learning platform has written into a name, or None."""
    for part in name.split("/"):
        for platform, pattern in PLATFORMS.items():
            if match := pattern.fullmatch(part):
                return _clean(match["student"]), platform, match["account"]
    return None


def _students(names):
    """Name the students by their folders or files; no two of these become one.

    Names that differ only in what cannot be seen get a number.
    """
    found = _names_of_students(names)
    shown = {}
    # A file called “Ada (2)” keeps its name; what is like another's gets the next.
    for student in sorted(
        set(found.values()), key=lambda one: (one != _clean(one), one)
    ):
        clean, number = _clean(student), 1
        while (
            other := clean if number == 1 else f"{clean} ({number})"
        ) in shown.values():
            number += 1
        shown[student] = other
    return {name: shown[student] for name, student in found.items()}


def _names_of_students(names):
    tops = {name.split("/")[0] for name in names if "/" in name}
    # One folder around everything says nothing about anybody.
    if len(tops) == 1 and all("/" in name for name in names):
        (top,) = tops
        inner = {name: name.split("/", 1)[1] for name in names}
        if len(names) > 1 or "/" in inner[names[0]]:
            known = _names_of_students(list(inner.values()))
            return {name: known[inner[name]] for name in names}
        return {names[0]: top}
    return {name: _student(name) for name in names}


def _student(name):
    first, *rest = name.split("/")
    if rest:
        return first
    stem = COPY.sub("", PurePosixPath(first).stem)
    # Classroom: “Ada Lovelace - 02_dot_model.ipynb”, or the other way round.
    parts = re.split(r"\s+[-–—]\s+", stem)
    people = [one for one in parts if not re.match(r"(?i)\d\d?[_ ]|lesson", one)]
    return people[0] if len(parts) > 1 and people else stem


def _clean(student):
    # What a table's cell and a page show of it.
    return printable(student)[:100].strip() or "nameless"
