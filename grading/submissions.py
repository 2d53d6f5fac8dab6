"""A download → who has handed in what, which file of it counts, and why others do not.

It is looked through once before anything is graded, so that what was found is said
first, and once more while it is graded: memory does not grow with the class.
"""

import contextlib
import functools
import hashlib
import itertools
import json
import re
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

import helpers
from grading import archives
from grading.archives import MOST_BYTES, Rejected, advising
from grading.cells import (
    Submission,
    decoded,
    is_blank,
    read_cells,
    recognise,
)
from grading.csv_reports import is_worksheet
from grading.files import printable
from grading.layouts import (
    BLACKBOARD,
    CANVAS_TEXT,
    LAYOUTS,
    MOODLE,
    Entry,
    recognise_layout,
    stem,
)
from helpers.checks.runner import LESSONS
from helpers.i18n import gettext

__all__ = [
    "MOST_BYTES",
    "Download",
    "Rejected",
    "Submission",
    "find_submissions",
    "look_through",
    "read_cells",
    "recognise",
]

LONGEST_NAME = 200
MOST_MODULES, MOST_MODULE_BYTES = 20, 200_000
MOST_ROWS = 20
"""Of files that one student has handed in and that are none of the course."""
MOST_NAMED = 10
COURSE = Path(helpers.__file__).parent.parent
COURSE_FOLDERS = ("helpers", "grading", "authoring", "benchmarks", "tests", "docs")


@dataclass
class Download:
    """What was handed in.

    Attributes
    ----------
    layout : grading.layouts.Layout
    submissions : list of Submission
        Those that count and those that are rejected, without contents, in the order
        of students and names.
    notes : list of str
        What the instructor should know before it is graded.
    worksheets : list of (str, str, str)
        Moodle's own grading worksheets: the folder, the name and the text of each.
    """

    layout: object
    submissions: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    worksheets: list = field(default_factory=list)
    _path: Path = None
    _leave_out: Path = None
    _files: list = field(default_factory=list)

    @property
    def students(self):
        """list of str : in the order of their names."""
        return sorted({one.student for one in self.submissions})

    @property
    def summary(self):
        """str : the layout and how many students there are."""
        count = len(self.students)
        text = f"{self.layout.label}: {count} student{'s' if count != 1 else ''}"
        if self.layout.other:
            text += (
                f". If that is wrong, --layout {self.layout.other} "
                f"({LAYOUTS[self.layout.other]}) takes them otherwise."
            )
        return text

    def read(self):
        """Read what counts.

        Yields
        ------
        Submission : with its content, or with the reason why there is none
        """
        needed, waiting = {}, defaultdict(list)
        for place, submission in enumerate(self.submissions):
            if submission.problem:
                yield submission
                continue
            name, modules = self._files[place]
            needed[place] = {name, *modules.values()}
            for one in needed[place]:
                waiting[one].append(place)
        found = defaultdict(dict)
        for file in archives.walk(
            self._path, self._leave_out, set(waiting), is_platforms
        ):
            for place in () if file.is_folder else waiting.get(file.name, ()):
                found[place][file.name] = file
                needed[place].discard(file.name)
                if not needed[place]:
                    yield self._complete(place, found.pop(place))
        for place in (one for one, missing in needed.items() if missing):
            problem = gettext("It could not be read any more.")
            yield replace(self.submissions[place], problem=problem)

    def _complete(self, place, files):
        name, modules = self._files[place]
        texts = {key: decoded(files[one].content) for key, one in modules.items()}
        file = files[name]
        return replace(
            self.submissions[place],
            content=file.content,
            problem=file.problem,
            modules=texts,
        )


def find_submissions(path, **options):
    """Read what was handed in, and what of it counts.

    Parameters
    ----------
    path : path
    **options : object
        See `look_through`.

    Yields
    ------
    Submission
    """
    yield from look_through(path, **options).read()


def look_through(path, layout="", lessons=LESSONS, leave_out=None):
    """Find out what was handed in, and by whom.

    Parameters
    ----------
    path : path
        A folder, an archive or one notebook; archives in it are opened, too.
    layout : str
        Of `grading.layouts.LAYOUTS`; by default, the one that is recognised.
    lessons : sequence of str
        Those to grade.
    leave_out : pathlib.Path, optional
        A folder in it that is not looked at.

    Returns
    -------
    Download

    Raises
    ------
    Rejected
        If there is nothing at all to grade.
    """
    path = Path(path)
    if not path.exists():
        raise Rejected(f"There is no {path}. Name a folder, a zip or a notebook.")
    seen, packed, worksheets = _see(path, leave_out)
    if not seen:
        raise Rejected(f"There is no notebook (.ipynb or .py) in {path}.")
    entries = [one.entry for one in seen]
    found = recognise_layout(entries, packed, path.resolve().name, layout)
    if found is None:
        raise Rejected(f"Nothing in {path} is laid out as {LAYOUTS[layout]} does.")
    download = Download(found, _path=path, _leave_out=leave_out)
    if found.name == "moodle":
        download.worksheets = worksheets or _beside(path)
    students = _students(found.owners)
    theirs = defaultdict(list)
    for one in seen:
        if one.name in found.owners:
            theirs[students[one.name]].append(one)
    for student in sorted(theirs):
        _Choice(download, student, theirs[student], lessons).choose()
    _take_notes(download, seen, students)
    return download


def is_platforms(names):
    """Tell whether the names in an archive are those of a platform's download."""
    patterns = (MOODLE, BLACKBOARD, CANVAS_TEXT)
    return any(
        pattern.fullmatch(name.split("/")[0]) for name in names for pattern in patterns
    )


# --- each file ---


@dataclass(frozen=True)
class _Seen:
    """A file that has been looked at.

    Attributes
    ----------
    entry : grading.layouts.Entry
    problem : str
        Why there are no answers in it; may be empty.
    digest : str
        Of its cells.
    imports : frozenset of str
        Modules that it imports.
    size : int
    is_blank : bool
        Whether no exercise in it was attempted.
    """

    entry: Entry
    problem: str = ""
    digest: str = ""
    imports: frozenset = frozenset()
    size: int = 0
    is_blank: bool = False

    @property
    def name(self):
        return self.entry.name

    @property
    def lesson(self):
        return self.entry.lesson


def _see(path, leave_out):
    """Look at each file once; return them, the names of archives, and worksheets."""
    seen, folders, packed, worksheets = [], [], set(), []
    for file in archives.walk(path, leave_out, is_download=is_platforms):
        if file.is_folder:
            folders.append(file.name)
            if file.is_archive:
                packed.add(file.name)
        elif file.name.lower().endswith(".csv") and is_worksheet(file.content):
            worksheets.append(_worksheet(file.name, file.content))
        else:
            seen.append(_look_at(file))
    full = {
        "/".join(parts[:end])
        for parts in (one.entry.parts for one in seen)
        for end in range(1, len(parts) + 1)
    }
    # An empty folder; of empty ones in each other, the innermost.
    above = {name.rpartition("/")[0] for name in folders}
    seen += [
        _Seen(
            Entry(name, is_folder=True),
            advising(
                gettext("There is nothing in this archive.")
                if name in packed
                else gettext("There is nothing in this folder.")
            ),
        )
        for name in folders
        if name not in full and name not in above
    ]
    return seen, packed, worksheets


def _look_at(file):
    name, content = file.name, file.content
    submission = Submission("", name, content, file.problem)
    cells, lesson, problem = [], "", ""
    try:
        cells = read_cells(submission)
        lesson = recognise(cells)
    except Rejected as error:
        problem = str(error)
    except Exception as error:
        # A file that is stranger than we thought is one file, not the whole class.
        problem = gettext("It cannot be read ({error}).", error=type(error).__name__)
    is_empty = not (content.strip() or file.problem)
    is_script = name.lower().endswith(".py") and bool(cells or is_empty)
    receipt = re.match(rb"[^\n]*\(([^()\s]+)\)\s*\n", content[:500])
    is_receipt = receipt and name.lower().endswith(".txt")
    entry = Entry(
        name,
        lesson,
        is_module=is_script and not lesson,
        receipt=receipt[1].decode("utf-8", "replace") if is_receipt else "",
    )
    blank = bool(lesson) and is_blank(cells, lesson)
    return _Seen(entry, problem, _digest(cells), _imports(cells), len(content), blank)


def _digest(cells):
    cells = [text for cell in cells if (text := cell.strip())]
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest() if cells else ""


def _imports(cells):
    found = re.findall(r"(?m)^[ \t]*(?:from|import) +([\w., ]+)", "\n".join(cells))
    words = {word for one in found for word in re.split(r"[,\s]+", one)}
    return frozenset(word.split(".")[0] for word in words)


def _worksheet(name, content):
    return name.rpartition("/")[0], name, content.decode("utf-8-sig")


def _beside(path):
    """Return Moodle's worksheets that lie beside the download."""
    found = []
    for one in sorted(path.resolve().parent.glob("*.csv")):
        try:
            content = archives.read_file(one)
        except Rejected:
            continue
        if is_worksheet(content):
            found.append(_worksheet(one.name, content))
    return found


# --- what of a student's files counts ---


class _Choice:
    """Chooses, of one student's files, what is graded."""

    def __init__(self, download, student, files, lessons):
        self._download, self._student, self._lessons = download, student, lessons
        self._owners = download.layout.owners
        course = _of_course([one.name for one in files])
        self._files = [one for one in files if one.name not in course]
        self._others = [one for one in files if one.name in course]

    def choose(self):
        answers, modules = self._answers()
        graded = [one for one in answers if one.lesson in self._lessons]
        for lesson in sorted({one.lesson for one in graded}):
            self._last([one for one in graded if one.lesson == lesson], modules)
        rejected = [one for one in self._files if not one.lesson and self._is_try(one)]
        if graded or rejected:
            for one in rejected[:MOST_ROWS]:
                self._reject(one, one.problem)
            return
        if answers:
            found = ", ".join(sorted({one.lesson for one in answers}))
            self._reject(
                answers[-1],
                gettext(
                    "It is of lesson {found}; graded are {lessons}.",
                    found=found,
                    lessons=", ".join(self._lessons),
                ),
            )
            return
        self._reject_all()

    def _answers(self):
        files = [one for one in self._files if one.lesson]
        imported = frozenset().union(*(one.imports for one in files))
        modules = [
            one
            for one in self._files
            if one.entry.is_module
            or (one.lesson and _is_python(one) and self._names(one) & imported)
        ]
        answers = [one for one in files if one not in modules] or files
        if len(answers) < 2:
            return answers, modules
        # Solutions of ours beside the student's, and exercises as they were handed out.
        for is_ours in (_is_solution, lambda one: one.is_blank):
            own = [one for one in answers if is_ours(one)]
            if len(own) < len(answers):
                answers = [one for one in answers if one not in own]
        return answers, modules

    def _names(self, file):
        """Return by which names a text in Python could be imported."""
        return {stem(part) for part in self._owners[file.name].rest.split("/")}

    def _is_try(self, file):
        """Tell whether a file that cannot be read was certainly meant as an answer."""
        name = _base(file).lower()
        endings = (".rar", ".7z")
        is_packed = archives.is_packed(name) or name.endswith(endings)
        return ".ipynb" in name or is_packed

    def _last(self, files, modules):
        files = sorted(files, key=self._order)
        last = files[-1]
        others = [one for one in files if one.digest != last.digest]
        note = ""
        if others:
            note = gettext(
                "Of {count} files for lesson {lesson}, the last one counts: {name}; "
                "not {others}.",
                count=len(others) + 1,
                lesson=last.lesson,
                name=printable(last.name),
                others=_some([one.name for one in others]),
            )
            self._download.notes.append(f"{self._student}: {note}")
        self._add(last, note=note, modules=self._beside(last, modules))

    def _order(self, file):
        """Sort later files after earlier ones, and notebooks after texts in Python."""
        owner = self._owners[file.name]
        names = _natural(owner.group), owner.order, _natural(owner.rest), file.name
        return not _is_python(file), *names

    def _beside(self, file, modules):
        """Return the student's modules that lie beside a notebook or below."""
        folder = PurePosixPath(self._owners[file.name].rest).parent
        found = {}
        for one in modules:
            path = PurePosixPath(self._owners[one.name].rest)
            if not path.is_relative_to(folder) or one.size > MOST_MODULE_BYTES:
                continue
            path = path.relative_to(folder)
            if self._owners[one.name].platform == "canvas":
                # What is handed in again gets a number.
                path = path.with_stem(re.sub(r"-\d+$", "", path.stem))
            if all(part.isidentifier() for part in path.with_suffix("").parts):
                found[path.as_posix()] = one.name
        return dict(itertools.islice(sorted(found.items()), MOST_MODULES))

    def _reject_all(self):
        files = self._files
        if not files:
            self._reject(
                self._others[0],
                advising(
                    gettext("It is a file of the course itself, and no exercise.")
                ),
            )
            return
        files = sorted(files, key=lambda one: (one.entry.is_module, one.size == 0))
        problem = files[0].problem
        if files[1:]:
            problem += gettext(" (and {count} more)", count=len(files) - 1)
        self._reject(files[0], problem)

    def _reject(self, file, problem):
        self._add(file, problem=problem)

    def _add(self, file, problem="", note="", modules=None):
        owner = self._owners[file.name]
        submission = Submission(
            self._student,
            _shown_name(file.name),
            problem=problem,
            platform=owner.platform,
            account=owner.account,
            group=owner.group,
            note=note,
        )
        self._download.submissions.append(submission)
        self._download._files.append((file.name, modules or {}))


def _is_python(file):
    return file.name.lower().endswith(".py")


def _base(file):
    return file.name.rpartition("/")[2]


def _natural(name):
    """Sort ``06 (10)`` after ``06 (2)``, and both after ``06``."""
    words = re.split(r"(\d+)", stem(name).casefold())
    return [
        (len(one.lstrip("0")), one) if one.isdecimal() else (-1, one)
        for one in words
        if one
    ]


def _shown_name(name):
    # A name that is no UTF-8 is in no table that is written.
    name = printable(name.encode("utf-8", "replace").decode("utf-8"))
    return f"… {name[2 - LONGEST_NAME :]}" if len(name) > LONGEST_NAME else name


# --- the course's own files ---


def _of_course(names):
    """Return which files are the course's own, by where they lie."""
    folders = defaultdict(list)
    for name in names:
        parts = name.split("/")
        for place, part in enumerate(parts[:-1]):
            if part in COURSE_FOLDERS:
                folder = "/".join(parts[: place + 1])
                is_known = COURSE.joinpath(*parts[place:]).is_file()
                folders[folder].append((name, is_known))
                break
    return {
        name
        for found in folders.values()
        if sum(is_known for _, is_known in found) * 2 >= len(found)
        for name, _ in found
    }


def _is_solution(file):
    return "solutions" in file.entry.parts and file.digest in _solutions()


@functools.cache
def _solutions():
    """Return the digests of the course's own solutions."""
    found = set()
    for path in sorted(COURSE.joinpath("solutions").rglob("*")):
        if path.suffix in (".ipynb", ".py") and path.is_file():
            with contextlib.suppress(Rejected):
                content = path.read_bytes()
                found.add(_digest(read_cells(Submission("", path.name, content))))
    return found


# --- names of students ---


def _students(owners):
    """Name the students so that no two become one, nor get each other's points.

    Returns
    -------
    dict of str to str : by the names of files
    """
    people = {name: _name(owner) for name, owner in owners.items()}
    accounts = defaultdict(set)
    for owner in owners.values():
        # Moodle counts people anew in each assignment.
        group = owner.group if owner.platform == "moodle" else ""
        accounts[owner.platform, _name(owner), group].add(owner.account)
    twice = {key[:2] for key, numbers in accounts.items() if len(numbers) > 1}
    for name, owner in owners.items():
        if owner.platform and (owner.platform, _name(owner)) in twice:
            people[name] = f"{_name(owner)} ({owner.account})"
    shown = {}
    for student in sorted(
        set(people.values()), key=lambda one: (one != _clean(one), one)
    ):
        clean, number = _clean(student), 1
        while _alike(other := f"{clean} ({number})" if number > 1 else clean) in {
            _alike(one) for one in shown.values()
        }:
            number += 1
        shown[student] = other
    return {name: shown[student] for name, student in people.items()}


def _name(owner):
    # Accents are written in two ways, by computers and not by people.
    return unicodedata.normalize("NFC", owner.student)


def _clean(student):
    # What a table's cell and a page show of it.
    return printable(student)[:100].strip() or "nameless"


def _alike(student):
    """Return what spreadsheets and platforms take for the same name."""
    return " ".join(unicodedata.normalize("NFKC", student).casefold().split())


# --- what is said before it is graded ---


def _take_notes(download, seen, students):
    owners = download.layout.owners
    units = defaultdict(set)
    for name, owner in owners.items():
        if owner.unit:
            units[owner.group, students[name]].add(owner.unit)
    names = {owner.unit for owner in owners.values() if owner.unit}
    several = {key: its for key, its in units.items() if len(its) > 1}
    if several and not _is_usual(download.layout.name, owners, several):
        whose = "; ".join(
            f"{student}: {_some(sorted(its))}"
            for (_, student), its in itertools.islice(
                sorted(several.items()), MOST_NAMED
            )
        )
        download.notes.insert(
            0,
            f"Fewer students ({len(download.students)}) than folders or files "
            f"({len(names)}): {whose}.",
        )
    nobodys = [one.name for one in seen if one.name not in owners]
    if nobodys:
        download.notes.append(f"Not looked at, as nobody's: {_some(nobodys)}.")
    alike = Counter(_alike(re.sub(r" \(\d+\)$", "", one)) for one in download.students)
    if twins := [
        one
        for one in download.students
        if alike[_alike(re.sub(r" \(\d+\)$", "", one))] > 1
    ]:
        download.notes.append(f"Names that are alike: {_some(twins)}.")


def _is_usual(layout, owners, several):
    """Tell whether it is Moodle's folder for files and its folder for texts."""
    return layout == "moodle" and all(
        len({re.sub(r"_assignsubmission_[a-z]+", "", unit) for unit in units}) == 1
        for units in several.values()
    )


def _some(names):
    shown = ", ".join(_shown_name(one) for one in names[:MOST_NAMED])
    more = len(names) - MOST_NAMED
    if more <= 0:
        return shown
    return gettext("{names} and {count} more", names=shown, count=more)
