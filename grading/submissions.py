"""Find out who submitted what, which files count, and why others do not.

A download is read twice: once before grading, to report what was found, and once while
grading, so that memory does not grow with the class.
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
    TEXT,
    Submission,
    decoded,
    form_of,
    is_blank,
    read_cells,
    recognise,
)
from grading.csv_reports import is_worksheet
from grading.files import name_key, printable, without_number
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
"""The most rows for one student's files that cannot be read."""
MOST_NAMED = 10
COURSE = Path(helpers.__file__).parent.parent
COURSE_FOLDERS = ("helpers", "grading", "authoring", "benchmarks", "tests", "docs")


@dataclass
class Download:
    """The submissions in a download.

    Attributes
    ----------
    layout : grading.layouts.Layout
    submissions : list of Submission
        The files that count and those that are rejected, without contents, sorted by
        student and name.
    notes : list of str
        Notes for the instructor to read before grading.
    worksheets : list of (str, str, str)
        Moodle's grading worksheets: the folder, the name and the text of each.
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
        """list of str : sorted names."""
        return sorted({submission.student for submission in self.submissions})

    @property
    def summary(self):
        """str : the layout and the number of students."""
        count = len(self.students)
        text = (
            gettext("{layout}: 1 student", layout=self.layout.label)
            if count == 1
            else gettext("{layout}: {n} students", layout=self.layout.label, n=count)
        )
        if other := self.layout.other:
            text += gettext(
                ". If that is wrong, --layout {other} ({label}) takes them otherwise.",
                other=other,
                label=gettext(LAYOUTS[other]),
            )
        return text

    def read(self):
        """Read the submissions that count.

        Yields
        ------
        Submission : with its content, or with the reason why it has none
        """
        needed, waiting = {}, defaultdict(list)
        for place, submission in enumerate(self.submissions):
            if submission.problem:
                yield submission
                continue
            name, modules = self._files[place]
            needed[place] = {name, *modules.values()}
            for file_name in needed[place]:
                waiting[file_name].append(place)
        found = defaultdict(dict)
        for file in archives.walk(
            self._path, self._leave_out, set(waiting), is_platforms
        ):
            for place in () if file.is_folder else waiting.get(file.name, ()):
                found[place][file.name] = file
                needed[place].discard(file.name)
                if not needed[place]:
                    yield self._complete(place, found.pop(place))
        problem = gettext("It could not be read any more.")
        for place, missing in needed.items():
            if missing:
                yield replace(self.submissions[place], problem=problem)

    def _complete(self, place, files):
        name, modules = self._files[place]
        texts = {path: decoded(files[own].content) for path, own in modules.items()}
        file = files[name]
        return replace(
            self.submissions[place],
            content=file.content,
            problem=file.problem,
            modules=texts,
        )


def find_submissions(path, **options):
    """Read the submissions in a download.

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
    """Find the submissions in a download, and their students.

    Parameters
    ----------
    path : path
        A folder, an archive or one notebook; archives in it are opened, too.
    layout : str
        A key of `grading.layouts.LAYOUTS`; by default, the layout is recognised.
    lessons : sequence of str
        The lessons to grade.
    leave_out : pathlib.Path, optional
        A folder in it to skip.

    Returns
    -------
    Download

    Raises
    ------
    Rejected
        If there is nothing to grade.
    """
    path = Path(path)
    if not path.exists():
        raise Rejected(f"There is no {path}. Name a folder, a zip or a notebook.")
    seen, packed, worksheets = _scan(path, leave_out)
    if not seen:
        raise Rejected(f"There is no notebook (.ipynb or .py) in {path}.")
    entries = [file.entry for file in seen]
    found = recognise_layout(entries, packed, path.resolve().name, layout)
    if found is None:
        raise Rejected(f"Nothing in {path} is laid out as {LAYOUTS[layout]} does.")
    download = Download(found, _path=path, _leave_out=leave_out)
    if found.name == "moodle":
        download.worksheets = worksheets or _beside(path)
    students = unique_students(found.owners)
    theirs = defaultdict(list)
    for file in seen:
        if file.name in found.owners:
            theirs[students[file.name]].append(file)
    for student in sorted(theirs):
        _Choice(download, student, theirs[student], lessons).choose()
    _take_notes(download, seen, students)
    return download


def is_platforms(names):
    """Tell whether the names in an archive have a learning platform's form."""
    patterns = (MOODLE, BLACKBOARD, CANVAS_TEXT)
    return any(
        pattern.fullmatch(name.split("/")[0]) for name in names for pattern in patterns
    )


# --- each file ---


@dataclass(frozen=True)
class _ScannedFile:
    """A file that was read once.

    Attributes
    ----------
    entry : grading.layouts.Entry
    problem : str
        Why it contains no answers; may be empty.
    digest : str
        A digest of its cells.
    imports : frozenset of str
        The modules that it imports.
    size : int
    is_blank : bool
        Whether no exercise in it was attempted.
    form : int
        See `grading.cells.form_of`.
    """

    entry: Entry
    problem: str = ""
    digest: str = ""
    imports: frozenset = frozenset()
    size: int = 0
    is_blank: bool = False
    form: int = TEXT

    @property
    def name(self):
        return self.entry.name

    @property
    def lesson(self):
        return self.entry.lesson


def _scan(path, leave_out):
    """Read each file once; return the files, the names of archives, and worksheets."""
    seen, folders, packed, worksheets = [], [], set(), []
    for file in archives.walk(path, leave_out, is_download=is_platforms):
        if file.is_folder:
            folders.append(file.name)
            if file.is_archive:
                packed.add(file.name)
        elif file.name.lower().endswith(".csv") and is_worksheet(file.content):
            worksheets.append(_worksheet(file.name, file.content))
        else:
            seen.append(_scan_file(file))
    for name in empty_folders(folders, [file.name for file in seen]):
        problem = (
            gettext("There is nothing in this archive, or only hidden files.")
            if name in packed
            else gettext("There is nothing in this folder, or only hidden files.")
        )
        entry = Entry(name, is_folder=True)
        seen.append(_ScannedFile(entry, advising(problem)))
    return seen, packed, worksheets


def empty_folders(folders, files):
    """Return the folders without files; of nested ones, the innermost.

    Parameters
    ----------
    folders, files : list of str
        Their paths.

    Returns
    -------
    list of str
    """
    full = {
        "/".join(parts[:end])
        for parts in (name.split("/") for name in files)
        for end in range(1, len(parts) + 1)
    }
    parents = {name.rpartition("/")[0] for name in folders}
    return [name for name in folders if name not in full and name not in parents]


def _scan_file(file):
    name, content = file.name, file.content
    submission = Submission("", name, content, file.problem)
    cells, lesson, problem, form = [], "", "", TEXT
    try:
        cells = read_cells(submission)
        form = form_of(name, decoded(content))
        lesson = recognise(cells)
    except Rejected as error:
        problem = str(error)
    except Exception as error:
        # An unforeseen error in one file must not stop the whole class.
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
    return _ScannedFile(
        entry, problem, _digest(cells), _imports(cells), len(content), blank, form
    )


def _digest(cells):
    cells = [text for cell in cells if (text := cell.strip())]
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest() if cells else ""


def _imports(cells):
    found = re.findall(r"(?m)^[ \t]*(?:from|import) +([\w., ]+)", "\n".join(cells))
    words = {word for names in found for word in re.split(r"[,\s]+", names)}
    return frozenset(word.split(".")[0] for word in words)


def _worksheet(name, content):
    return name.rpartition("/")[0], name, decoded(content)


def _beside(path):
    """Return Moodle's worksheets in the download's folder."""
    found = []
    for table in sorted(path.resolve().parent.glob("*.csv")):
        try:
            content = archives.read_file(table)
        except Rejected:
            continue
        if is_worksheet(content):
            found.append(_worksheet(table.name, content))
    return found


# --- which of a student's files count ---


class _Choice:
    """Choose which files of one student are graded."""

    def __init__(self, download, student, files, lessons):
        self._download, self._student, self._lessons = download, student, lessons
        self._owners = download.layout.owners
        course = _of_course([file.name for file in files])
        self._files = [file for file in files if file.name not in course]
        self._others = [file for file in files if file.name in course]

    def choose(self):
        answers, modules = self._answers()
        graded = [file for file in answers if file.lesson in self._lessons]
        failed = [file for file in self._files if self._is_failed_answer(file)]
        rejected = {file: file.problem for file in failed}
        if failed:
            # A text beside an unreadable notebook may be a report with some code.
            problem = gettext(
                "It is a text; {name} has precedence, and cannot be read.",
                name=printable(failed[0].name),
            )
            rejected |= {file: problem for file in graded if file.form == TEXT}
            graded = [file for file in graded if file.form != TEXT]
        for lesson in sorted({file.lesson for file in graded}):
            self._last([file for file in graded if file.lesson == lesson], modules)
        for file, problem in list(rejected.items())[:MOST_ROWS]:
            self._reject(file, problem)
        if graded or rejected:
            return
        if answers:
            found = ", ".join(sorted({file.lesson for file in answers}))
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
        files = [file for file in self._files if file.lesson]
        imported = frozenset().union(*(file.imports for file in files))
        modules = [
            file
            for file in self._files
            if file.entry.is_module
            or (file.lesson and _is_python(file) and self._names(file) & imported)
        ]
        answers = [file for file in files if file not in modules] or files
        if len(answers) < 2:
            return answers, modules
        # If others remain, leave out the course's solutions and untouched exercises.
        for is_ours in (_is_solution, lambda file: file.is_blank):
            answers = [file for file in answers if not is_ours(file)] or answers
        return answers, modules

    def _names(self, file):
        """Return the names by which a Python file could be imported."""
        return {stem(part) for part in self._owners[file.name].rest.split("/")}

    def _is_failed_answer(self, file):
        """Tell whether a file that cannot be read was certainly meant as an answer."""
        name = _base(file).lower()
        is_packed = archives.is_packed(name) or name.endswith((".rar", ".7z"))
        return not file.lesson and (".ipynb" in name or is_packed)

    def _last(self, files, modules):
        files = sorted(files, key=self._order)
        last = files[-1]
        others = [file for file in files if file.digest != last.digest]
        note = ""
        if others:
            note = gettext(
                "Of {count} files for lesson {lesson}, this one counts: {name}; not "
                "{others}.",
                count=len(others) + 1,
                lesson=last.lesson,
                name=printable(last.name),
                others=_some([file.name for file in others]),
            )
            self._download.notes.append(f"{self._student}: {note}")
        self._add(last, note=note, modules=self._beside(last, modules))

    def _order(self, file):
        """Return a sort key: texts, Python, notebooks; later ones last in each."""
        owner = self._owners[file.name]
        names = natural(owner.group), owner.order, natural(owner.rest), file.name
        return file.form, *names

    def _beside(self, file, modules):
        """Return the student's modules in a notebook's folder or below it."""
        folder = PurePosixPath(self._owners[file.name].rest).parent
        found = {}
        for module in modules:
            path = PurePosixPath(self._owners[module.name].rest)
            if not path.is_relative_to(folder) or module.size > MOST_MODULE_BYTES:
                continue
            path = path.relative_to(folder)
            if self._owners[module.name].platform == "canvas":
                # Canvas numbers files that are submitted again.
                path = path.with_stem(re.sub(r"-\d+$", "", path.stem))
            if all(part.isidentifier() for part in path.with_suffix("").parts):
                found[path.as_posix()] = module.name
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
        files = sorted(files, key=lambda file: (file.entry.is_module, file.size == 0))
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
            shown_name(file.name),
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


def natural(name):
    """Return a key that sorts ``06 (10)`` after ``06 (2)``, and both after ``06``."""
    words = re.split(r"(\d+)", stem(name).casefold())
    return [
        (len(word.lstrip("0")), word) if word.isdecimal() else (-1, word)
        for word in words
        if word
    ]


def shown_name(name):
    """Return the path of a file as tables and pages show it."""
    # Names with invalid UTF-8 cannot be written to a table.
    name = printable(name.encode("utf-8", "replace").decode("utf-8"))
    return f"… {name[2 - LONGEST_NAME :]}" if len(name) > LONGEST_NAME else name


# --- the course's own files ---


def _of_course(names):
    """Return which files are the course's own, by their paths."""
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


def unique_students(owners):
    """Give each student a name that is unique, even for spreadsheets and platforms.

    Returns
    -------
    dict of str to str : the student's name, by file name
    """
    people = {name: _name(owner) for name, owner in owners.items()}
    accounts = defaultdict(set)
    for owner in owners.values():
        # Moodle's numbers for people differ between assignments.
        group = owner.group if owner.platform == "moodle" else ""
        accounts[owner.platform, _name(owner), group].add(owner.account)
    twice = {key[:2] for key, numbers in accounts.items() if len(numbers) > 1}
    for name, owner in owners.items():
        if owner.platform and (owner.platform, _name(owner)) in twice:
            people[name] = f"{_name(owner)} ({owner.account})"
    shown, used = {}, set()
    for student in sorted(
        set(people.values()), key=lambda name: (name != _clean(name), name)
    ):
        clean, number = _clean(student), 1
        unique = clean
        while name_key(unique) in used:
            number += 1
            unique = f"{clean} ({number})"
        used.add(name_key(unique))
        shown[student] = unique
    return {name: shown[student] for name, student in people.items()}


def _name(owner):
    # Unicode has two encodings of accented letters; use one.
    return unicodedata.normalize("NFC", owner.student)


def _clean(student):
    """Return a name as tables and pages show it."""
    return printable(student)[:100].strip() or "nameless"


# --- notes for the instructor ---


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
            gettext(
                "Fewer students ({students}) than folders or files ({files}): {whose}.",
                students=len(download.students),
                files=len(names),
                whose=whose,
            ),
        )
    ignored = [file.name for file in seen if file.name not in owners]
    if ignored:
        download.notes.append(
            gettext("Not looked at, as nobody's: {files}.", files=_some(ignored))
        )
    download.notes += note_on_names(download.students)


def note_on_names(students):
    """Return a note on names that could be confused, in a list; empty without any."""
    keys = {student: name_key(without_number(student)) for student in students}
    counts = Counter(keys.values())
    twins = [student for student, key in keys.items() if counts[key] > 1]
    if not twins:
        return []
    return [gettext("Names that are alike: {names}.", names=_some(twins))]


def _is_usual(layout, owners, several):
    """Tell whether all these folders are Moodle's, for a student's files and texts."""
    return layout == "moodle" and all(
        len({re.sub(r"_assignsubmission_[a-z]+", "", unit) for unit in units}) == 1
        for units in several.values()
    )


def _some(names):
    shown = ", ".join(map(shown_name, names[:MOST_NAMED]))
    more = len(names) - MOST_NAMED
    if more <= 0:
        return shown
    return gettext("{names} and {count} more", names=shown, count=more)
