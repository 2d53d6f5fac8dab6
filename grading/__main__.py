"""``python -m grading SUBMISSIONS --out grades/``."""

import argparse
import contextlib
import importlib.util
import sys
import time
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)

from grading import csv_reports, files, html_reports, interrupts
from grading.batch import GradingConfig, choose_seed, grade_all, note_seed
from grading.cells import decoded
from grading.executors import ExecutorError, ThreadExecutor
from grading.instructor_checks import load_private_checks
from grading.layouts import LAYOUTS
from grading.sandbox import Limits, SandboxError
from grading.submissions import Rejected, look_through
from helpers.checks.runner import LESSONS
from helpers.files import expand_path
from helpers.i18n import gettext

CLUSTER = "distributed"
"""The package that the extra `cluster` installs."""


def main(arguments=None):
    """Grade a folder of submissions; return the exit code."""
    options = parser().parse_args(arguments)
    console = Console(stderr=True)
    with interrupts.handled() as signals:
        try:
            return _grade(options, console)
        except (Rejected, SandboxError, ExecutorError) as error:
            # Do not wrap lines: users copy commands from the message.
            console.print(str(error), markup=False, highlight=False, soft_wrap=True)
            return 2
        except (KeyboardInterrupt, OSError):
            if not signals:
                raise
            # The terminal itself may be gone.
            with contextlib.suppress(OSError):
                console.print("Interrupted. The same command goes on from there.")
            return 128 + signals[0]


def parser():
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m grading", description="Grade a class, each file in a sandbox."
    )
    parser.add_argument(
        "submissions",
        type=expand_path,
        help="a folder, a zip of a learning platform, or a file",
    )
    parser.add_argument(
        "--out", type=expand_path, default=Path("grades"), help="default: grades/"
    )
    parser.add_argument(
        "--layout",
        choices=LAYOUTS,
        default="",
        help="how the submissions are laid out; by default, that is recognised",
    )
    parser.add_argument(
        "--worksheet",
        type=expand_path,
        action="append",
        metavar="FILE",
        help="a grading worksheet of Moodle's, to be filled in (repeat it); those that "
        "lie in or beside the submissions are found",
    )
    parser.add_argument(
        "--jobs", type=int, default=2, help="how many at once on this computer (2)"
    )
    parser.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="of a Dask cluster (tcp://host:8786); by default, or with `threads`, this "
        "computer grades",
    )
    parser.add_argument(
        "--patience",
        type=float,
        default=300,
        metavar="SECONDS",
        help="for a scheduler or a worker to come back (%(default)g)",
    )
    parser.add_argument(
        "--seed", type=int, help="of the hidden inputs; fresh for each grading"
    )
    parser.add_argument(
        "--checks",
        type=expand_path,
        help="a folder of your own checks: *.py, each is executed",
    )
    parser.add_argument(
        "--lesson", action="append", metavar="NN", help="only this lesson (repeat it)"
    )
    parser.add_argument(
        "--all-cells",
        action="store_true",
        help="also run the cells that no exercise needs",
    )
    parser.add_argument(
        "--seconds",
        type=float,
        default=Limits.cell_seconds,
        help="for one cell, and for one call by a check (%(default)g)",
    )
    parser.add_argument(
        "--unsafe-no-sandbox",
        action="store_true",
        help="run submissions as your own programs, with all your rights",
    )
    return parser


def _grade(options, console):
    started = time.monotonic()
    lessons = _lessons(options.lesson)
    private = load_private_checks(options.checks)
    out = options.out
    for name in ("jobs", "seconds"):
        if not getattr(options, name) > 0:
            raise Rejected(f"--{name} must be more than 0.")
    try:
        seed = choose_seed(out, options.seed)
    except OSError as error:
        raise Rejected(f"{out} cannot be written to: {error.strerror}.") from None
    limits = Limits(cell_seconds=options.seconds, call_seconds=options.seconds)
    config = GradingConfig(
        seed, lessons, limits, options.all_cells, not options.unsafe_no_sandbox, private
    )
    if options.unsafe_no_sandbox:
        console.print("Without a sandbox: submissions may do whatever you may.")
    download = look_through(options.submissions, options.layout, lessons, out)
    worksheets = read_worksheets(options.worksheet) or download.worksheets
    for text in (download.summary, *download.notes):
        console.print(text, markup=False, highlight=False, soft_wrap=True)
    results = _with_progress(options, config, console, download)
    results.sort(key=lambda result: (result.submission.student, result.lesson))
    seconds = time.monotonic() - started
    notes = write_results(out, results, seconds, download, worksheets)
    for text in notes:
        console.print(text, markup=False, highlight=False, soft_wrap=True)
    note_seed(out, seed, finished=True)
    rejected = sum(bool(result.problem) for result in results)
    graded = len(results) - rejected
    console.print(
        f"{graded} graded, {rejected} rejected, in {seconds:.0f} s "
        f"({60 * len(results) / seconds:.0f} a minute), seed {seed}. "
        f"See {out}/class.html",
        highlight=False,
    )
    return 0


def read_worksheets(paths):
    """Read the worksheets of Moodle that were named, or raise `Rejected`."""
    found = []
    for path in paths or ():
        try:
            content = path.read_bytes()
        except OSError as error:
            raise Rejected(f"{path} cannot be read: {error.strerror}.") from None
        if not csv_reports.is_worksheet(content):
            raise Rejected(
                f"{path} is no grading worksheet of Moodle's: it has no column "
                "Grade, or not a number for each participant."
            )
        found.append(("", path.name, decoded(content)))
    return found


def _lessons(numbers):
    if not numbers:
        return LESSONS
    chosen = tuple(number.zfill(2) for number in numbers)
    if unknown := sorted(set(chosen) - set(LESSONS)):
        raise Rejected(
            f"There is no lesson {', '.join(unknown)}; there are {', '.join(LESSONS)}."
        )
    return chosen


def _with_progress(options, config, console, download):
    count = len(download.submissions)
    columns = (
        TextColumn("[progress.description]{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("starting the sandboxes", total=count)

        def tell(result):
            what = "rejected" if result.problem else f"{result.points} of {result.most}"
            name = result.submission.student.encode("ascii", "replace").decode()[:24]
            name = name.replace("[", "(")  # rich reads square brackets as markup
            progress.update(task, advance=1, description=f"{name}: {what}")

        def say(text):
            progress.console.print(text, markup=False, highlight=False, soft_wrap=True)

        return grade_all(
            download.read(),
            config,
            options.out / "records",
            choose_executor(options, config, max(1, min(options.jobs, count)), say),
            tell,
        )


def choose_executor(options, config, jobs, say):
    """Return the executor: threads on this computer, or a Dask cluster."""
    address, checks = options.scheduler, options.checks
    if address in (None, "threads"):
        return ThreadExecutor(config, jobs, checks)
    if importlib.util.find_spec(CLUSTER) is None:
        raise Rejected(
            f"--scheduler needs {CLUSTER}, which is not here: "
            'pip install "neural-recsys-course[cluster]". Without --scheduler, this '
            "computer grades."
        )
    from grading.cluster import Cluster

    return Cluster(config, address, checks, options.patience, say)


def write_results(out, results, seconds, download=None, worksheets=()):
    """Write all tables and pages.

    Parameters
    ----------
    out : pathlib.Path
    results : list of grading.batch.Result
    seconds : float
    download : grading.submissions.Download, optional
    worksheets : list of (str, str, str)
        Moodle's grading worksheets to fill in.

    Returns
    -------
    list of str
        Notes for the instructor to read before importing points.
    """
    gradebook_notes = _write_gradebooks(out, results, worksheets)
    by_student = {}
    for result in results:
        by_student.setdefault(result.submission.student, []).append(result)
    feedback = out / "feedback"
    names = {student: html_reports.file_name(student) for student in by_student}
    # Remove the pages of students who are not in the submissions any more.
    for old in feedback.glob("*-????????.html"):
        if old.name not in names.values():
            old.unlink()
    for student, theirs in by_student.items():
        page = html_reports.student_page(student, theirs)
        files.write(feedback / names[student], page)
    notes = [download.summary, *download.notes] if download else []
    notes += gradebook_notes
    files.write(out / "class.html", html_reports.class_page(results, seconds, notes))
    # Excel reads a table as UTF-8 only if it starts with a byte order mark.
    files.write(out / "grades.csv", "\ufeff" + csv_reports.grades(results))
    return gradebook_notes


def _write_gradebooks(out, results, worksheets):
    # Remove the tables of an earlier grading, so that nobody imports them by mistake.
    for old in (*out.glob("worksheet_moodle*.csv"), *out.glob("gradebook_*.csv")):
        old.unlink()
    lessons = csv_reports.graded_lessons(results)
    for lesson in lessons:
        for platform in (csv_reports.canvas, csv_reports.moodle):
            name = f"gradebook_{platform.__name__}_{lesson}.csv"
            files.write(out / name, platform(results, lesson))
    notes = []
    if alike := csv_reports.ambiguous_students(results):
        notes.append(
            gettext(
                "Not in the gradebooks, as an import could take them for each other: "
                "{names}.",
                names=", ".join(alike),
            )
        )
    if all(result.submission.platform != "moodle" for result in results):
        return notes
    if not worksheets:
        return [
            *notes,
            gettext(
                "No worksheet for Moodle: the names in its download do not tell a "
                "team's number from a participant's. Download the grading worksheet of "
                "the assignment, name it with --worksheet or put it beside the "
                "submissions, and it is filled in."
            ),
        ]
    return notes + _fill_worksheets(out, results, worksheets, lessons)


def _fill_worksheets(out, results, worksheets, lessons):
    notes = []
    groups = {result.submission.group for result in results}
    for lesson in lessons:
        for number, (group, name, text) in enumerate(worksheets, start=1):
            theirs = [
                result
                for result in results
                if group not in groups or result.submission.group == group
            ]
            table, missing = csv_reports.fill_worksheet(text, theirs, lesson)
            attempts = [own for own in theirs if own.lesson == lesson and own.marks]
            if not attempts or len(missing) == len(attempts):
                continue
            maximum, most = csv_reports.worksheet_maximum(text), attempts[0].most
            if maximum not in (None, most):
                notes.append(
                    gettext(
                        "In {name} the maximum grade is {maximum:g}; lesson {lesson} "
                        "has {most} points. Change that of the assignment before the "
                        "import.",
                        name=name,
                        maximum=maximum,
                        lesson=lesson,
                        most=most,
                    )
                )
            ending = f"_{number}" if len(worksheets) > 1 else ""
            written = f"worksheet_moodle_{lesson}{ending}.csv"
            files.write(out / written, table)
            if ending:
                text = gettext(
                    "{written} is {name}, filled in.", written=written, name=name
                )
                notes.append(text)
            if missing:
                notes.append(
                    gettext(
                        "Not in {name}, so without points for lesson {lesson} in "
                        "Moodle: {names}.",
                        name=name,
                        lesson=lesson,
                        names=", ".join(missing),
                    )
                )
    if not list(out.glob("worksheet_moodle*.csv")):
        names = ", ".join(name for _, name, _ in worksheets)
        notes.append(
            gettext(
                "No student of this download is in {names}: it is not filled in.",
                names=names,
            )
        )
    return notes


if __name__ == "__main__":
    sys.exit(main())
