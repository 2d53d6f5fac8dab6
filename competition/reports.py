"""Write the leaderboard as CSV tables and self-contained HTML."""

from pathlib import Path

from competition.making import BEST
from grading import csv_reports, files
from grading.html_reports import template
from helpers.competition.submissions import LISTS, RATINGS
from helpers.i18n import gettext, gettext_noop

TEMPLATES = Path(__file__).parent / "templates"
MEASURES = {RATINGS: "RMSE", LISTS: "NDCG@10"}
MODELS = {
    BEST: gettext_noop("best possible"),
    "mean": gettext_noop("mean rating"),
    "popularity": gettext_noop("most popular movies"),
    "biases": gettext_noop("user and movie biases"),
    "EASE": gettext_noop("EASE"),
    "hybrid": gettext_noop("hybrid network"),
}
BOARD = (
    *("measure", "rank", "name", "score", "low", "high", "to_best", "public_score"),
    *("file", "tries", "flags"),
)
FILES = ("team", "file", "kind", "state", "notes")
# Excel reads a table as UTF-8 only if it starts with a byte order mark.
MARK = "\ufeff"


def write(out, boards, flags, entries, notes, rules, reveal):
    """Write two tables, the page for the class, and the page for the instructor.

    Parameters
    ----------
    out : pathlib.Path
    boards : list of competition.boards.Board
    flags : dict of str to dict of str to list of str
        By kind and team, see `competition.flags.flags`.
    entries : list of competition.entries.File
    notes : list of str
        How the files were read.
    rules : helpers.competition.folder.Rules
    reveal : bool
    """
    board = [_row(b.kind, row, flags) for b in boards for row in b.rows]
    files.write(out / "leaderboard.csv", MARK + csv_reports.table(BOARD, board))
    table = [
        [file.team, file.name, _kind(file), _state(file), " ".join(file.notes)]
        for file in entries
    ]
    files.write(out / "files.csv", MARK + csv_reports.table(FILES, table))
    for name, is_instructors in (("leaderboard", False), ("instructor", True)):
        page = template("leaderboard.html.j2", TEMPLATES).render(
            boards=boards,
            measures=MEASURES,
            models=MODELS,
            flags=flags if is_instructors else {},
            is_instructors=is_instructors,
            entries=entries,
            notes=notes,
            rules=rules,
            reveal=reveal,
        )
        files.write(out / f"{name}.html", page)


def _row(kind, row, flags):
    one = row.scored
    found = [] if one.is_model else flags.get(kind, {}).get(one.name, [])
    numbers = (row.score, row.low, row.high, row.to_best, one.public)
    return [
        MEASURES[kind],
        row.rank or "",
        gettext(MODELS[one.name]) if one.is_model else one.name,
        *("" if n is None else f"{n:.4f}" for n in numbers),
        one.file.name if one.file else "",
        row.n_tries or "",
        " ".join(found),
    ]


def _kind(file):
    return MEASURES[file.submission.kind] if file.submission else ""


def _state(file):
    if file.submission is None:
        return "rejected"
    return "scored" if file.counts else "not counted"
