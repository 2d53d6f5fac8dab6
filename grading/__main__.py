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

from grading import files, interrupts, pages, tables
from grading.batch import Order, choose_seed, grade_all, note_seed
from grading.crew import CrewError, Threads
from grading.private import load_private_checks
from grading.reader import Rejected, find_submissions
from grading.sandbox import Limits, SandboxError
from helpers.checks.judge import LESSONS

CLUSTER = "distributed"
"""What the extra `cluster` brings."""


def main(arguments=None):
    """Grade; return the exit code."""
    options = _parser().parse_args(arguments)
    console = Console(stderr=True)
    with interrupts.heard() as heard:
        try:
            return _grade(options, console)
        except (Rejected, SandboxError, CrewError) as error:
            # Commands in it are to be copied: no line is broken.
            console.print(str(error), markup=False, highlight=False, soft_wrap=True)
            return 2
        except (KeyboardInterrupt, OSError):
            if not heard:
                raise
            # Perhaps with the terminal that this would be written to.
            with contextlib.suppress(OSError):
                console.print("Interrupted. The same command goes on from there.")
            return 128 + heard[0]


def _parser():
    parser = argparse.ArgumentParser(
        prog="python -m grading", description="Grade a class, each file in a sandbox."
    )
    parser.add_argument(
        "submissions",
        type=Path,
        help="a folder, a zip of a learning platform, or a file",
    )
    parser.add_argument(
        "--out", type=Path, default=Path("grades"), help="default: grades/"
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
        type=Path,
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
    seed = choose_seed(out, options.seed)
    limits = Limits(cell_seconds=options.seconds, call_seconds=options.seconds)
    order = Order(
        seed, lessons, limits, options.all_cells, not options.unsafe_no_sandbox, private
    )
    if options.unsafe_no_sandbox:
        console.print("Without a sandbox: submissions may do whatever you may.")
    submissions = list(_without_content(options.submissions))
    results = _with_progress(options, order, console, len(submissions))
    results = keep_the_best(results)
    seconds = time.monotonic() - started
    write_results(out, results, seconds)
    note_seed(out, seed, finished=True)
    rejected = sum(bool(one.problem) for one in results)
    graded = len(results) - rejected
    console.print(
        f"{graded} graded, {rejected} rejected, in {seconds:.0f} s "
        f"({60 * len(results) / seconds:.0f} a minute), seed {seed}. "
        f"See {out}/class.html",
        highlight=False,
    )
    return 0


def _without_content(path):
    for one in find_submissions(path):
        yield one.name


def _lessons(numbers):
    if not numbers:
        return LESSONS
    chosen = tuple(number.zfill(2) for number in numbers)
    if unknown := sorted(set(chosen) - set(LESSONS)):
        raise Rejected(
            f"There is no lesson {', '.join(unknown)}; there are {', '.join(LESSONS)}."
        )
    return chosen


def _with_progress(options, order, console, count):
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
            # Square brackets would be markup.
            name = name.replace("[", "(")
            progress.update(task, advance=1, description=f"{name}: {what}")

        def say(text):
            progress.console.print(text, markup=False, highlight=False, soft_wrap=True)

        return grade_all(
            find_submissions(options.submissions),
            order,
            options.out / "records",
            _crew(options, order, max(1, min(options.jobs, count)), say),
            tell,
        )


def _crew(options, order, jobs, say):
    address, checks = options.scheduler, options.checks
    if address in (None, "threads"):
        return Threads(order, jobs, checks)
    if importlib.util.find_spec(CLUSTER) is None:
        raise Rejected(
            f"--scheduler needs {CLUSTER}, which is not here: "
            'pip install "neural-recsys-course[cluster]". Without --scheduler, this '
            "computer grades."
        )
    from grading.cluster import Cluster

    return Cluster(order, address, checks, options.patience, say)


def keep_the_best(results):
    """Let one file count for a student and lesson: the one with the most points.

    Parameters
    ----------
    results : list of grading.batch.Result

    Returns
    -------
    list of grading.batch.Result
    """
    best = {}
    for result in results:
        key = (result.submission.student, result.lesson)
        if result.lesson and (key not in best or result.points > best[key].points):
            best[key] = result
    return [
        one
        for one in results
        if not one.lesson or best[one.submission.student, one.lesson] is one
    ]


def write_results(out, results, seconds):
    """Write all tables and pages.

    Parameters
    ----------
    out : pathlib.Path
    results : list of grading.batch.Result
    seconds : float
    """
    by_student = {}
    for result in results:
        by_student.setdefault(result.submission.student, []).append(result)
    for student, theirs in by_student.items():
        page = pages.student_page(student, theirs)
        files.write(out / "feedback" / pages.file_name(student), page)
    files.write(out / "class.html", pages.class_page(results, seconds))
    files.write(out / "gradebook_canvas.csv", tables.canvas(results))
    files.write(out / "gradebook_moodle.csv", tables.sums(results))
    for lesson, sheet in tables.moodle_worksheets(results).items():
        files.write(out / f"worksheet_moodle_{lesson}.csv", sheet)
    files.write(out / "grades.csv", tables.grades(results))


if __name__ == "__main__":
    sys.exit(main())
