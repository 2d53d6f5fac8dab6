"""Read what the teams of a class handed in, in any layout that the grader reads."""

from collections import defaultdict
from dataclasses import dataclass, replace

from grading import archives
from grading.csv_reports import is_worksheet
from grading.layouts import Entry, recognise_layout
from grading.submissions import (
    empty_folders,
    is_platforms,
    natural,
    note_on_names,
    shown_name,
    unique_students,
)
from helpers.competition.submissions import (
    InvalidSubmissionError,
    Submission,
    read_submission,
)
from helpers.i18n import gettext

MOST_REJECTED = 20
"""The most rejected files of one team that are listed."""


@dataclass(frozen=True, eq=False)
class File:
    """One file of a team.

    Attributes
    ----------
    team, name : str
    submission : helpers.competition.submissions.Submission or None
        None if the file was rejected.
    notes : tuple of str
        Why it was rejected, or what was corrected in it.
    counts : bool
        Whether it is among the team's last tries.
    """

    team: str
    name: str
    submission: Submission | None = None
    notes: tuple = ()
    counts: bool = False


def read_entries(path, competition, tries, layout=""):
    """Read the files of all teams.

    Parameters
    ----------
    path : pathlib.Path
        A folder, an archive, or a file.
    competition : helpers.competition.folder.Competition
    tries : int
        How many files of each kind count for a team: its last ones.
    layout : str
        A key of `grading.layouts.LAYOUTS`; by default, the layout is recognised.

    Returns
    -------
    files : list of File
        Sorted by team and order.
    notes : list of str
        How they were read.

    Raises
    ------
    grading.archives.Rejected
        If there is nothing to read.
    """
    if not path.exists():
        raise archives.Rejected(f"There is no {path}. Name a folder or a zip.")
    found, packed = _scan(path, competition)
    if not found:
        raise archives.Rejected(f"There is no file in {path}.")
    entries = [Entry(name, "competition", is_folder) for name, (is_folder, _) in found]
    recognised = recognise_layout(entries, packed, path.resolve().name, layout)
    if recognised is None:
        raise archives.Rejected(f"Nothing in {path} is laid out as {layout} says.")
    owners = recognised.owners
    teams = unique_students(owners)
    by_team = defaultdict(list)
    for name, (_, file) in found:
        if owner := owners.get(name):
            order = natural(owner.group), owner.order, natural(owner.rest), name
            by_team[teams[name]].append((order, file))
    files = []
    for team in sorted(by_team):
        theirs = [file for _, file in sorted(by_team[team], key=lambda pair: pair[0])]
        files += _counted([replace(file, team=team) for file in theirs], tries)
    count = len(by_team)
    notes = [gettext("{layout}: {n} teams.", layout=recognised.label, n=count)]
    return files, [*notes, *note_on_names(list(by_team))]


def _scan(path, competition):
    """Return (name, (is_folder, File)) of each file, and the names of archives."""
    found, folders, packed = [], [], set()
    for file in archives.walk(path, is_download=is_platforms):
        if file.is_folder:
            folders.append(file.name)
            packed |= {file.name} if file.is_archive else set()
            continue
        read = _read(file, competition)
        if read.submission or not is_worksheet(file.content):
            found.append((file.name, (False, read)))
    for name in empty_folders(folders, [name for name, _ in found]):
        note = gettext("There is nothing in this folder.")
        found.append((name, (True, File("", shown_name(name), notes=(note,)))))
    return found, packed


def _read(file, competition):
    name = shown_name(file.name)
    if file.problem:
        return File("", name, notes=(archives.without_advice(file.problem),))
    try:
        submission = read_submission(file.content, competition)
    except InvalidSubmissionError as error:
        return File("", name, notes=tuple(error.reasons))
    return File("", name, submission, submission.notes)


def _counted(files, tries):
    """Mark the last tries of each kind; drop rejected files if there are very many."""
    kinds = defaultdict(list)
    for file in files:
        kinds[file.submission and file.submission.kind].append(file)
    last = [file for kind, its in kinds.items() if kind for file in its[-tries:]]
    rejected = kinds[None][:MOST_REJECTED]
    return [
        replace(file, counts=file in last)
        for file in files
        if file.submission or file in rejected
    ]
