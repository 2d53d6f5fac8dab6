"""Match files to students, by recognising the layout of a whole download.

A platform's file names are recognised only at one depth of folders, and only if most
names there have the platform's form. Names inside a student's own folder are ignored.
"""

import os
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace

from helpers.i18n import gettext, gettext_noop

LAYOUTS = {
    "moodle": "Moodle",
    "canvas": "Canvas",
    "blackboard": "Blackboard",
    "classroom": gettext_noop("Google Classroom, a file called after its student"),
    "lessons": gettext_noop("a folder per lesson, in it the students"),
    "folders": gettext_noop("a folder per student"),
    "flat": gettext_noop("a file per student"),
    "project": gettext_noop("all files of one student"),
}
KINDS = {
    "folder": gettext_noop("a folder"),
    "file": gettext_noop("a file"),
    "archive": gettext_noop("an archive"),
}
FLAT = ("canvas", "classroom")
"""Platforms whose downloads contain no folders."""
DEEPEST = 3
MOST_DIGITS_OF_A_LESSON = 2

# A team's name has no number.
MOODLE = re.compile(
    r"(?P<student>.+?)(?:_(?P<account>\d+))?_assignsubmission_[a-z]+(?:_(?P<rest>.*))?"
)
CANVAS_ANONYMOUS = re.compile(
    r"(?:LATE_)?(?P<student>anon_[^\W_]+)_(?:(?P<file>\d{1,18})_(?P<rest>.+)|(?:text|link)\.html)"
)
CANVAS_TEXT = re.compile(
    r"(?P<student>.+?)(?:_LATE)?_(?P<account>\d+)_(?P<rest>(?:text|link)\.html)"
)
BLACKBOARD = re.compile(
    r"(?P<title>.+)_[^\W\d_]+_(?P<time>\d{4}(?:-\d\d){5})(?:_(?P<rest>.+)|\.txt)"
)
COPY = re.compile(r"(?i)^(copy of|kopie von|copie de|copia de)\s+")
DASH = re.compile(r"\s+[-–—]\s+")

# Words that describe a file and do not name a person.
NOT_A_PERSON = """
    lesson lessons lektion leccion lección hw homework hausaufgabe tarea deberes
    assignment assign aufgabe exercise exercises ejercicio ejercicios uebung übung
    ex week woche semana unit unidad module lab task sheet blatt part session day
    topic notebook notebooks cuaderno submission submissions abgabe abgaben entrega
    entregas solution solutions solucion solución lösung loesung answer answers
    respuesta final finished done copy kopie copia of von de the my mein meine mi
    version v new neu nuevo untitled project projekt proyecto course curso kurs
    neural recsys recommender work src code data helpers tests docs download
    downloads class klasse clase grading grades inbox in out file files colab export
    ipynb py checkpoint readme license roster notes list liste lista classlist
    gradebook participants students feedback index manifest instructions start
    worksheet all dot model bias dl binary embeddings scaling retrieval sequences
"""
GENERAL = frozenset(NOT_A_PERSON.split())
ENDINGS = frozenset(
    """
    ipynb py txt json md csv zip tar tgz tbz tbz2 txz gz bz2 xz lzma rar 7z pdf html htm
    doc docx xls xlsx ppt pptx odt ods rtf pages epub url webloc png jpg jpeg gif heic
    """.split()  # noqa: SIM905 (to be read)
)
TABLES = (".csv", ".tsv", ".xlsx", ".xls", ".ods", ".log", ".md")


@dataclass(frozen=True)
class Owner:
    """The student whom a file belongs to.

    Attributes
    ----------
    student : str
        The name as it is written in the download.
    account : str
        The platform's number for the student; may be empty.
    platform : str
        ``"moodle"``, ``"canvas"``, ``"blackboard"``, or empty.
    group : str
        The folder of this download, if there are several; else empty.
    rest : str
        The student's own name for the file.
    unit : str
        The folder or file of the download that has the student's name.
    order : tuple
        A sort key: later submissions of one student have greater ones.
    """

    student: str
    account: str = ""
    platform: str = ""
    group: str = ""
    rest: str = ""
    unit: str = ""
    order: tuple = ()


@dataclass
class Layout:
    """The layout of a download.

    Attributes
    ----------
    name : str
        A key of `LAYOUTS`.
    label : str
        A description.
    owners : dict of str to Owner
        The owner of each file, by name; files of no student are missing.
    other : str
        Another layout that fits; may be empty.
    """

    name: str
    label: str
    owners: dict = field(default_factory=dict)
    other: str = ""


@dataclass(frozen=True)
class Entry:
    """The facts about a file from which a layout is recognised.

    Attributes
    ----------
    name : str
    lesson : str
        Empty if the file belongs to no lesson.
    is_folder : bool
        An empty folder.
    is_module : bool
        A Python file that belongs to no lesson.
    receipt : str
        The username in a receipt of Blackboard; may be empty.
    """

    name: str
    lesson: str = ""
    is_folder: bool = False
    is_module: bool = False
    receipt: str = ""

    @property
    def parts(self):
        """tuple of str : the parts of the path."""
        return tuple(self.name.split("/"))


def is_person(name):
    """Tell whether the name of a folder or file could be a person's name."""
    words = [word for word in re.split(r"[\W_]+", stem(name).casefold()) if word]
    numbers = [word for word in words if word.isdigit()]
    letters = [word.strip("0123456789") for word in words if not word.isdigit()]
    if any(word and word not in GENERAL for word in letters):
        return True
    # A student number: too long for a day, month, year or lesson.
    if any(len(number) > 4 and not number.startswith("20") for number in numbers):
        return True
    is_one_number = not letters and len(numbers) == 1
    return is_one_number and len(numbers[0]) > MOST_DIGITS_OF_A_LESSON


def is_lesson(name):
    """Tell whether the name of a folder could be that of a lesson."""
    return not is_person(name) and bool(re.search(r"\d", name))


def stem(name):
    """Return the name of a file without its endings."""
    while True:
        rest, _, ending = name.rpartition(".")
        if not rest or ending.casefold() not in ENDINGS:
            return name
        name = rest


def recognise_layout(entries, packed, root, wanted=""):
    """Recognise the layout of a download, and the owner of each file.

    Parameters
    ----------
    entries : list of Entry
    packed : set of str
        The folders in their names that are archives.
    root : str
        The name of the download.
    wanted : str
        The layout to use; by default, it is recognised.

    Returns
    -------
    Layout or None
        None if the download does not have the wanted layout.
    """
    tree = _Tree(entries, packed, root)
    if wanted:
        return _FORCED[wanted](tree, is_forced=True)
    for layout in (_moodle, _blackboard, _canvas, _classroom):
        if found := layout(tree):
            return found
    return _by_folders(tree)


class _Tree:
    def __init__(self, entries, packed, root):
        self.entries, self.packed, self.root = entries, packed, root

    def unit(self, entry, depth):
        return "/".join(entry.parts[: depth + 1])

    def is_file(self, entry, depth):
        """Tell whether a path has a file or an archive at a depth."""
        is_last = len(entry.parts) == depth + 1 and not entry.is_folder
        return is_last or self.unit(entry, depth) in self.packed

    def units(self, depth, below=""):
        """Return the entries of each folder or file at a depth."""
        found = defaultdict(list)
        for entry in self.entries:
            if len(entry.parts) > depth and entry.name.startswith(below):
                found[self.unit(entry, depth)].append(entry)
        return found

    def is_somebodys(self, unit, entries, depth):
        """Tell whether a folder or file could be one student's whole submission."""
        name = unit.rpartition("/")[2]
        if not is_person(name):
            return False
        return not all(entry.is_module for entry in entries)


# --- learning platforms ---


def _moodle(tree, is_forced=False):
    def owner(entry, depth):
        match = MOODLE.fullmatch(entry.parts[depth])
        return match and Owner(
            _spaced(match["student"]),
            match["account"] or "",
            "moodle",
            rest="/".join(entry.parts[depth + 1 :]) or match["rest"] or "",
        )

    layout = _of_platform(tree, "moodle", owner, is_forced)
    if layout:
        units = {owner.unit for owner in layout.owners.values()}
        files = {entry.name for entry in tree.entries}
        is_flat = len(units & (files | tree.packed)) * 2 > len(units)
        layout.label = (
            gettext("{platform}, files", platform=layout.label)
            if is_flat
            else gettext("{platform}, folders per student", platform=layout.label)
        )
    return layout


def _canvas(tree, is_forced=False):
    def owner(entry, depth):
        if not tree.is_file(entry, depth):
            return None
        name = entry.parts[depth]
        match = CANVAS_ANONYMOUS.fullmatch(name) or CANVAS_TEXT.fullmatch(name)
        found = match.groupdict() if match else _canvas_parts(name)
        if not found or not (is_forced or is_person(found["student"])):
            return None
        return Owner(
            _spaced(found["student"], keep="_"),
            found.get("account") or "",
            "canvas",
            rest="/".join(entry.parts[depth + 1 :]) or found.get("rest") or "",
            order=(int(found.get("file") or 0),),
        )

    layout = _of_platform(tree, "canvas", owner, is_forced)
    if not layout or is_forced:
        return layout
    numbered = {
        owner for owner in layout.owners.values() if owner.platform and owner.account
    }
    people = {(owner.account, owner.student) for owner in numbered}
    files = {(owner.unit, owner.order) for owner in numbered if owner.order != (0,)}
    # Canvas gives each number to one person or one file; dates occur repeatedly.
    accounts = Counter(account for account, _ in people)
    numbers = Counter(order for _, order in files)
    if any(n > 1 for n in (*accounts.values(), *numbers.values())):
        return None
    return layout


def _canvas_parts(name):
    """Split ``lovelaceada_LATE_123_456_06.ipynb``; a group may be called `team_1`."""
    words = name.split("_")
    places = [
        place
        for place in range(1, len(words) - 2)
        if all(
            re.fullmatch(r"[1-9]\d{0,17}", word) for word in words[place : place + 2]
        )
        and not _is_date(words[place - 1 : place + 3])
    ]
    long = [
        place for place in places if min(map(len, words[place : place + 2])) > 2
    ] or places
    if not long:
        return None
    place = long[0]
    student = words[:place]
    if len(student) > 1 and student[-1] == "LATE":
        student = student[:-1]
    return {
        "student": "_".join(student),
        "account": words[place],
        "file": words[place + 1],
        "rest": "_".join(words[place + 2 :]),
    }


def _is_date(words):
    before, first, second, after = [re.sub(r"\..*", "", word) for word in words]
    years = r"(19|20)\d\d"
    if re.fullmatch(years, first) and int(second) <= 12:
        return after.isdigit() and int(after) <= 31
    is_day = int(first) <= 31 and int(second) <= 31
    return is_day and bool(re.match(years, after) or re.fullmatch(years, before))


def _blackboard(tree, is_forced=False):
    usernames = {entry.receipt for entry in tree.entries if entry.receipt}

    def match(entry, depth):
        if not tree.is_file(entry, depth):
            return None
        return BLACKBOARD.fullmatch(entry.parts[depth])

    titles = {
        found["title"]
        for entry in tree.entries
        for depth in range(min(DEEPEST, len(entry.parts)))
        if (found := match(entry, depth))
    }
    common = _common_beginning(titles)

    def owner(entry, depth):
        found = match(entry, depth)
        if not found:
            return None
        title = found["title"]
        known = [name for name in usernames if title.endswith(f"_{name}")]
        username = max(known, key=len, default="") or (
            title[len(common) :] if common else title.rpartition("_")[2]
        )
        return Owner(
            username,
            username,
            "blackboard",
            rest="/".join(entry.parts[depth + 1 :]) or found["rest"] or "",
            order=(found["time"],),
        )

    return _of_platform(tree, "blackboard", owner, is_forced)


def _common_beginning(titles):
    """Return the common beginning of all titles, up to the `_` before the username."""
    common = os.path.commonprefix(list(titles))
    return common[: common.rfind("_") + 1]


def _classroom(tree, is_forced=False):
    def owner(entry, depth):
        if not tree.is_file(entry, depth):
            return None
        name = COPY.sub("", stem(entry.parts[depth]))
        words = [word for word in DASH.split(name) if is_person(word)]
        if not words or not DASH.search(name):
            return None
        rest = "/".join(entry.parts[depth + 1 :]) or entry.parts[depth]
        return Owner(words[0], rest=rest)

    return _of_platform(tree, "classroom", owner, is_forced)


def _of_platform(tree, name, owner, is_forced):
    """Return the layout if most names at one depth have the platform's form."""
    best = None
    for depth in range(DEEPEST):
        if best is None and _fits(tree, owner, depth, name in FLAT, is_forced):
            best = depth
    if best is None:
        return None
    layout = Layout(name, gettext(LAYOUTS[name]))
    for entry in tree.entries:
        depth = min(best, len(entry.parts) - 1)
        found = owner(entry, best) if len(entry.parts) > best else None
        if found or _is_handed_in(tree, [entry], depth):
            _add(layout, tree, entry, depth, found or _called_so(entry, depth))
    layout.other = "" if name in ("moodle", "blackboard") else "flat"
    return layout


def _fits(tree, owner, depth, is_flat, is_forced):
    """Tell whether most names at a depth have the platform's form.

    Below the top level, this must hold in each folder, because names in a student's
    own folder may look like a platform's by chance.
    """
    matches, others = defaultdict(set), Counter()
    for unit, entries in tree.units(depth).items():
        above = unit.rpartition("/")[0]
        found = {owner(entry, depth) for entry in entries} - {None}
        if found:
            matches[above] |= {(who.student, who.account) for who in found}
            others[above] -= 1
        elif _is_handed_in(tree, entries, depth):
            others[above] += 1
    if is_forced or not matches:
        return bool(matches)
    if any(count > 0 for count in others.values()):
        return False
    is_everything = len(tree.units(depth - 1)) == 1 if depth else True
    return all(
        len(people) > 1
        or (is_everything and not is_flat)
        or not is_person(above.rpartition("/")[2])
        for above, people in matches.items()
        if above
    )


def _is_handed_in(tree, entries, depth):
    """Tell whether an entry among the students' files belongs to a student, too."""
    entry = entries[0]
    if tree.is_file(entry, depth) and len(entry.parts) == depth + 1:
        is_list = entry.name.lower().endswith(TABLES) or not is_person(entry.parts[-1])
        return bool(entry.lesson) or not is_list
    name = entry.parts[depth]
    is_numbered = re.fullmatch(r"[\W\d_]+", name)
    return (
        any(entry.lesson for entry in entries) or bool(is_numbered) or is_person(name)
    )


# --- folders, archives and files that have students' names ---


def _by_folders(tree):
    depth = _unwrapped(tree)
    units = tree.units(depth)
    people = [
        unit for unit, inside in units.items() if tree.is_somebodys(unit, inside, depth)
    ]
    if not people:
        people = [unit for unit in units if is_person(unit.rpartition("/")[2])]
    folders = [unit for unit, inside in units.items() if not _is_plain(inside, depth)]
    if _has_lessons(tree, folders, depth):
        return _lessons(tree, depth)
    if _is_course(units) or (not people and not _answers_twice(units)):
        return _project(tree, depth)
    layout = _folders(tree, depth)
    if not layout.other and any(map(is_person, tree.entries[0].parts[:depth])):
        layout.other = "project"
    return layout


def _unwrapped(tree):
    """Return the depth below the outer folders that belong to no student."""
    depth = 0
    while len(units := tree.units(depth)) == 1:
        ((unit, inside),) = units.items()
        if _is_plain(inside, depth):
            return depth
        below = tree.units(depth + 1)
        people = [
            unit
            for unit, its in below.items()
            if tree.is_somebodys(unit, its, depth + 1)
        ]
        lessons = [unit for unit, its in below.items() if not _is_plain(its, depth + 1)]
        if (
            is_person(unit.rpartition("/")[2])
            and len(people) < 2
            and not _has_lessons(tree, lessons, depth + 1)
        ):
            return depth
        if not below:
            return depth
        depth += 1
    return depth


def _is_plain(entries, depth):
    """Tell whether entries are a plain file, and not a folder or an archive."""
    return len(entries[0].parts) == depth + 1 and not entries[0].is_folder


def _has_lessons(tree, folders, depth):
    """Tell whether the folders are lessons that contain students."""
    if not folders or not all(
        is_lesson(folder.rpartition("/")[2]) for folder in folders
    ):
        return False
    below = {
        unit: inside
        for folder in folders
        for unit, inside in tree.units(depth + 1, f"{folder}/").items()
    }
    people = [
        unit for unit, its in below.items() if tree.is_somebodys(unit, its, depth + 1)
    ]
    return bool(people) and len(people) * 2 >= len(below)


def _is_course(units):
    return any(
        entry.name == f"{unit}/__init__.py"
        for unit, inside in units.items()
        if unit.rpartition("/")[2] == "helpers"
        for entry in inside
    )


def _answers_twice(units):
    """Tell whether two folders or files contain answers to the same lesson."""
    lessons = Counter(
        lesson
        for inside in units.values()
        for lesson in {entry.lesson for entry in inside if entry.lesson}
    )
    return any(n > 1 for n in lessons.values())


def _lessons(tree, depth=None, is_forced=False):
    if depth is None:
        depth = _depth_of_many(tree)
    layout = Layout("lessons", gettext(LAYOUTS["lessons"]), other="folders")
    for entry in tree.entries:
        if len(entry.parts) > depth + 1:
            _add(layout, tree, entry, depth + 1, _called_so(entry, depth + 1))
        elif is_forced or _is_handed_in(tree, [entry], len(entry.parts) - 1):
            last = len(entry.parts) - 1
            _add(layout, tree, entry, last, _called_so(entry, last))
    return layout


def _folders(tree, depth=None, is_forced=False):
    if depth is None:
        depth = _depth_of_many(tree)
    layout = Layout("folders", "")
    kinds = Counter()
    for unit, inside in tree.units(depth).items():
        if not is_forced and not _is_handed_in(tree, inside, depth):
            continue
        kinds[
            "file"
            if _is_plain(inside, depth)
            else "archive"
            if unit in tree.packed
            else "folder"
        ] += 1
        for entry in inside:
            _add(layout, tree, entry, depth, _called_so(entry, depth))
    if set(kinds) == {"file"}:
        layout.name = "flat"
    shown = [gettext(KINDS[kind]) for kind in KINDS if kind in kinds]
    layout.label = gettext("{kinds} per student", kinds=gettext(" or ").join(shown))
    units = tree.units(depth)
    if len(units) == 1 and sum(bool(entry.lesson) for entry in tree.entries) > 1:
        layout.other = "flat"
    elif not any(is_person(unit.rpartition("/")[2]) for unit in units) or (
        len(units) > 1 == sum(bool(entry.lesson) for entry in tree.entries)
    ):
        layout.other = "project"
    return layout


def _flat(tree, is_forced=True):
    layout = Layout("flat", gettext(LAYOUTS["flat"]))
    for entry in tree.entries:
        last = len(entry.parts) - 1
        _add(layout, tree, entry, last, _called_so(entry, last))
    return layout


def _project(tree, depth=0, is_forced=False):
    layout = Layout("project", gettext(LAYOUTS["project"]))
    above = tree.entries[0].parts[:depth]
    names = [name for name in (*reversed(above), stem(tree.root)) if is_person(name)]
    student = names[0] if names else stem(tree.root)
    for entry in tree.entries:
        owner = Owner(student, rest="/".join(entry.parts[depth:]))
        layout.owners[entry.name] = owner
    if sum(bool(entry.lesson) for entry in tree.entries) > 1:
        layout.other = (
            "folders" if any("/" in name for name in layout.owners) else "flat"
        )
    return layout


_FORCED = {
    "moodle": _moodle,
    "canvas": _canvas,
    "blackboard": _blackboard,
    "classroom": _classroom,
    "lessons": _lessons,
    "folders": _folders,
    "flat": _flat,
    "project": _project,
}


def _depth_of_many(tree):
    """Return the depth of the first folder with more than one entry."""
    depth = 0
    while len(units := tree.units(depth)) == 1:
        (inside,) = units.values()
        if _is_plain(inside, depth) or not tree.units(depth + 1):
            break
        depth += 1
    return depth


def _called_so(entry, depth):
    name = entry.parts[depth]
    is_file = len(entry.parts) == depth + 1 and not entry.is_folder
    student = COPY.sub("", stem(name)) if is_file else name
    rest = "/".join(entry.parts[depth + 1 :]) or name
    return Owner(student, rest=rest)


def _add(layout, tree, entry, depth, owner):
    unit = tree.unit(entry, depth)
    if owner.student == unit.rpartition("/")[2] and unit in tree.packed:
        owner = Owner(stem(owner.student), rest=owner.rest)
    group = unit.rpartition("/")[0]
    layout.owners[entry.name] = replace(owner, group=group, unit=unit)


def _spaced(student, keep=""):
    return student.strip() if keep else student.replace("_", " ").strip()
