"""Execute the course, lesson by lesson, and show its scoreboard."""

import asyncio
import contextlib
import json
import os
import shutil
import time
from dataclasses import asdict, dataclass
from unittest.mock import patch

import pandas as pd
import psutil
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from authoring.derive import as_ipynb, in_folder, solution_notebook
from authoring.execute import execute_async, kernel_environment
from authoring.lesson_format import section_of, source_line, title_of
from authoring.pages import index_page, lesson_page
from authoring.project import AuthoringError
from helpers.files import expand_path, write_json, write_text
from helpers.i18n import gettext, language
from helpers.movielens.dataset import NEEDS as WHAT

COUNTS = ("parameters", "seconds")
# The environment variables by which a lesson's libraries limit their threads.
THREADS = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS")
# What a lesson as a whole needs; of its parts, the lesson says it itself.
NEEDS = {
    "02": ("stars",),
    "03": ("stars",),
    "04": ("stars",),
    "08": ("time",),
    "09": ("stars",),
}
A_LESSON = 2.5e9  # bytes of memory that a lesson may need
FEWEST = {"users": 50, "items": 50, "ratings": 1_000}  # of a table of your own


@dataclass
class LessonRun:
    """The result of executing one lesson.

    Attributes
    ----------
    name, title : str
    data : str
        The edition of the ratings.
    seconds : float
    peak_memory : int
        The kernel's peak memory in bytes.
    missed : list of str
        Printed lines with scores outside their bands.
    error : str or None
    """

    name: str
    title: str
    data: str
    seconds: float
    peak_memory: int
    missed: list[str]
    error: str | None


@dataclass
class Board:
    """The scoreboard of one split, with formatted scores.

    Attributes
    ----------
    title : str
    columns : list of str
    numeric : list of bool
        Which columns are numeric.
    rows : list of list of str
    """

    title: str
    columns: list[str]
    numeric: list[bool]
    rows: list[list[str]]


def run_course(
    project, data, numbers=None, out=None, strict=False, console=None, workers=1
):
    """Execute lessons from `solutions/` into `build/course/`.

    Parameters
    ----------
    project : authoring.project.Project
    data : str
        The edition of the ratings, or a table of your own, whose columns
        ``$COURSE_COLUMNS`` names.
    numbers : list of str, optional
        Execute only these lessons, and keep the earlier results of the others.
    out : pathlib.Path, optional
    strict : bool
        Whether a score outside its band fails the run.
    console : rich.console.Console, optional
    workers : int
        Execute so many lessons at a time, if there is memory for them.

    Returns
    -------
    int : 0 on success, 1 on failure

    Raises
    ------
    AuthoringError
        If a lesson or the ratings are not available.
    """
    console = console or Console(highlight=False)
    lang = _language(project)
    out = out or in_folder(project.root / "build" / "course", lang)
    home = out / "home"
    paths = project.sources(numbers)
    data, movielens = fetch_ratings(data, console)
    if movielens.own_ids is not None:
        if is_too_small(movielens, console):
            return 1
        paths = [path for path in paths if can_run(path, movielens, console)]
    if not numbers:
        _forget_earlier(out)
    home.mkdir(parents=True, exist_ok=True)

    if not paths:
        return 1
    workers = max(1, min(workers, int(psutil.virtual_memory().available / A_LESSON)))
    environment = kernel_environment(data, home, lang)
    if workers > 1:
        threads = str(max(1, os.cpu_count() // workers))
        environment = dict.fromkeys(THREADS, threads) | environment
    start = time.perf_counter()
    with lesson_display(paths, console) as display:

        def run(path):
            return _run_lesson(project, path, lang, data, out, environment, display)

        runs = asyncio.run(_run_lessons(paths, run, workers))

    boards = read_boards(home)
    index = out / "index.html"
    write_text(index, index_page(_with_earlier(runs, out / "runs.json"), boards))
    seconds = time.perf_counter() - start
    _close(runs, seconds, boards, project.show(index), console)
    failed = any(run.error or (strict and run.missed) for run in runs)
    return 1 if failed else 0


async def _run_lessons(paths, run, workers):
    """Run several lessons at a time, none after an error; return their `LessonRun`s.

    A lesson that shows the scoreboard waits for all lessons before it.
    """
    runs, waiting, running = [], list(paths), {}
    while waiting or running:
        for path in list(waiting):
            earlier = [one for one in (*waiting, *running.values()) if one < path]
            is_ready = not earlier or "show_scoreboard(" not in path.read_text("utf-8")
            if is_ready and len(running) < workers:
                waiting.remove(path)
                running[asyncio.create_task(run(path))] = path
        done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            del running[task]
            runs.append(task.result())
            if runs[-1].error:
                waiting.clear()
    return sorted(runs, key=lambda run: run.name)


def fetch_ratings(data, console):
    """Load the ratings into the cache before the first lesson needs them.

    Returns
    -------
    data : str
        Of a table of your own, the whole path, as lessons run elsewhere.
    movielens : helpers.data.MovieLens

    Raises
    ------
    AuthoringError
        If the ratings are unknown or not available, with the loader's message.
    """
    from helpers.data import is_own, load_movielens
    from helpers.movielens.errors import DataError

    console.print(gettext("Ratings: {data} …", data=escape(data)))
    if is_own(data):
        data = str(expand_path(data).absolute())
    start = time.perf_counter()
    try:
        movielens = load_movielens(data)
    except DataError as error:
        raise AuthoringError(
            gettext("No ratings for DATA={data}: {error}", data=data, error=error)
        ) from error
    console.print(
        gettext(
            "Ratings: {n:,} of {data}, {seconds:.1f} s",
            n=len(movielens.ratings),
            data=escape(movielens.name),
            seconds=time.perf_counter() - start,
        )
    )
    for note in movielens.notes:
        console.print(f"→ {note}", markup=False)
    return data, movielens


def is_too_small(movielens, console):
    """Tell whether a table of your own is too small for the lessons; if so, say why.

    Parameters
    ----------
    movielens : helpers.data.MovieLens
    console : rich.console.Console

    Returns
    -------
    bool
    """
    sizes = movielens.n_users, movielens.n_movies, movielens.n_ratings
    too_small = any(n < few for n, few in zip(sizes, FEWEST.values(), strict=True))
    if too_small:
        line = gettext(
            "{name} is too small for the lessons: it has {n_users:,} users, "
            "{n_items:,} items and {n_ratings:,} ratings, and they need at least "
            "{users:,}, {items:,} and {ratings:,}. python -m helpers recommend makes "
            "lists from smaller tables, too.",
            name=movielens.name,
            n_users=sizes[0],
            n_items=sizes[1],
            n_ratings=sizes[2],
            **FEWEST,
        )
        console.print(f"→ {line}", markup=False)
    return too_small


def can_run(path, movielens, console):
    """Tell whether a table of your own has what a lesson needs; say what it has not.

    Parameters
    ----------
    path : pathlib.Path
        Of the lesson.
    movielens : helpers.data.MovieLens
    console : rich.console.Console

    Returns
    -------
    bool
    """
    missing = [
        gettext(WHAT[what])
        for what in NEEDS.get(path.stem[:2], ())
        if movielens.lacks(what, quiet=True)
    ]
    if missing:
        line = gettext(
            "{lesson} is left out: it needs {missing}, and {name} has none.",
            lesson=path.stem,
            missing=", ".join(missing),
            name=movielens.name,
        )
        console.print(f"→ {line}", markup=False)
    return not missing


def read_boards(home):
    """Read the scoreboard of a run, with one table for each split.

    Parameters
    ----------
    home : pathlib.Path
        The run's ``COURSE_HOME``.

    Returns
    -------
    list of Board
    """
    from helpers.scoreboard import read_scoreboard

    with patch.dict(os.environ, COURSE_HOME=str(home)):
        rows = read_scoreboard()
    boards = []
    for (edition, split), board in rows.groupby(["edition", "split"], sort=False):
        board = board.drop(columns=["edition", "split"]).dropna(
            axis="columns", how="all"
        )
        numeric = [pd.api.types.is_numeric_dtype(board[name]) for name in board]
        lines = [
            [_figure(name, value) for name, value in zip(board, row, strict=True)]
            for row in board.itertuples(index=False)
        ]
        columns = [gettext(name) for name in board]
        boards.append(Board(f"{edition}, {split}", columns, numeric, lines))
    return boards


def _figure(name, value):
    if isinstance(value, str):
        return value
    digits = 0 if name in COUNTS else 3
    return "–" if pd.isna(value) else f"{value:,.{digits}f}"


def missed_verdicts(notebook):
    """List the printed lines of a lesson that end with ``✗``."""
    text = "".join(
        output.text
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "stream" and output.name == "stdout"
    )
    return [line.strip() for line in text.splitlines() if line.rstrip().endswith("✗")]


def _language(project):
    """Return the language that the lessons are executed in.

    Raises
    ------
    AuthoringError
        If the course is not translated into it.
    """
    lang = language()
    if lang not in ("en", *project.languages):
        known = ", ".join(["en", *project.languages])
        raise AuthoringError(f"No lessons in COURSE_LANG={lang}. There are: {known}.")
    return lang


async def _run_lesson(project, path, lang, data, out, environment, display):
    notebook = solution_notebook(project, path, lang)
    # Errors refer to the file in the lesson's language.
    path = in_folder(project.solutions, lang) / path.name
    title = title_of(notebook) or path.stem
    cells = [i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    display.begin(path.stem, len(cells))
    execution = await execute_async(
        notebook,
        folder=path.parent,
        environment=environment,
        on_cell=lambda i: (
            display.cell(path.stem, cells.index(i) + 1, section_of(notebook, i))
            if i in cells
            else None
        ),
    )
    write_text(out / f"{path.stem}.ipynb", as_ipynb(notebook))
    write_text(out / f"{path.stem}.html", lesson_page(notebook, title, path.parent))
    failure = execution.failure
    run = LessonRun(
        name=path.stem,
        title=title,
        data=data,
        seconds=execution.seconds,
        peak_memory=execution.peak_memory,
        missed=missed_verdicts(notebook),
        error=failure and failure.error,
    )
    display.end(run)
    if failure:
        display.print(failure.details, markup=False)
        line = source_line(path, failure.cell)
        display.print(
            gettext(
                "[bold red]{lesson} stopped[/] in code cell {number} of {n_cells}, "
                "under “{section}” ({file}:{line}):\n{error}\n"
                "What was executed is kept in {page}.",
                lesson=path.stem,
                number=cells.index(failure.cell) + 1,
                n_cells=len(cells),
                section=escape(section_of(notebook, failure.cell)),
                file=escape(project.show(path)),
                line=line,
                error=escape(failure.error),
                page=escape(project.show(out / f"{path.stem}.html")),
            )
        )
    return run


def _forget_earlier(out):
    """Remove the files of earlier runs, and keep other files in `out`."""
    shutil.rmtree(out / "home", ignore_errors=True)
    for path in [*out.glob("[0-9][0-9]_*.*"), out / "runs.json", out / "index.html"]:
        path.unlink(missing_ok=True)


def _with_earlier(runs, path):
    """Add the lessons of earlier runs, whose pages still exist."""
    earlier = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    known = earlier | {run.name: asdict(run) for run in runs}
    write_json(path, known)
    return [known[name] for name in sorted(known)]


def _close(runs, seconds, boards, index, console):
    table = Table(title=gettext("Lessons"), title_justify="left")
    table.add_column(gettext("lesson"))
    table.add_column(gettext("seconds"), justify="right")
    table.add_column(gettext("memory"), justify="right")
    table.add_column("")
    for run in runs:
        state = f"[red]{gettext('stopped')}[/]" if run.error else "[green]✓[/]"
        if run.missed and not run.error:
            state = f"[yellow]{gettext('{n} outside', n=len(run.missed))}[/]"
        memory = f"{run.peak_memory / 1e6:,.0f} MB"
        table.add_row(run.name, f"{run.seconds:.0f}", memory, state)
    table.add_section()
    table.add_row(gettext("together"), f"{seconds:.0f}", "", "")
    console.print()
    console.print(table)

    if not boards:
        console.print(gettext("The scoreboard is empty."))
    for board in boards:
        title = gettext("Scoreboard: {split}", split=escape(board.title))
        table = Table(title=title, title_justify="left")
        for name, numeric in zip(board.columns, board.numeric, strict=True):
            table.add_column(
                escape(name), justify="right" if numeric else "left", no_wrap=numeric
            )
        for row in board.rows:
            table.add_row(*map(escape, row))
        console.print(table)

    for run in runs:
        for line in run.missed:
            outside = gettext("outside its band")
            console.print(f"[yellow]{outside}[/] {run.name}: {escape(line)}")
    console.print(
        gettext(
            "Open {page}: every lesson as a page, and the scoreboard.",
            page=escape(index),
        )
    )


@contextlib.contextmanager
def lesson_display(paths, console):
    """Show the course's progress: live in a terminal, otherwise as plain lines.

    Parameters
    ----------
    paths : list of pathlib.Path
        The lessons to execute.
    console : rich.console.Console

    Yields
    ------
    LiveDisplay or PlainDisplay
    """
    if not console.is_terminal:
        yield PlainDisplay(console)
        return
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[note]}"),
        console=console,
    )
    with progress:
        yield LiveDisplay(progress, [path.stem for path in paths])


class LiveDisplay:
    """Show a progress bar for each lesson, with its cell, section and time."""

    def __init__(self, progress, names):
        self.print = progress.console.print
        self._progress = progress
        self._tasks = {
            name: progress.add_task(name, start=False, total=None, note="")
            for name in names
        }

    def begin(self, name, n_cells):
        """Show that a lesson starts."""
        task = self._tasks[name]
        self._progress.start_task(task)
        self._progress.update(task, total=n_cells, note=gettext("starting its kernel"))

    def cell(self, name, number, section):
        """Show that a code cell starts, counted from 1."""
        self._progress.update(
            self._tasks[name], completed=number - 1, note=escape(section)
        )

    def end(self, run):
        """Show that a lesson is over."""
        task = self._tasks[run.name]
        memory = f"{run.peak_memory / 1e6:,.0f} MB"
        if run.error:
            self._progress.update(task, note=f"[red]{gettext('stopped')}[/] {memory}")
        else:
            total = self._progress.tasks[task].total
            self._progress.update(task, completed=total, note=f"[green]✓[/] {memory}")
        self._progress.stop_task(task)


class PlainDisplay:
    """Print a line for each section, for logs and terminals that cannot redraw."""

    def __init__(self, console):
        self.print = console.print
        self._started = {}
        self._section = {}

    def begin(self, name, n_cells):
        """Show that a lesson starts."""
        self._started[name] = time.perf_counter(), n_cells
        self.print(gettext("{lesson}: {n} code cells", lesson=name, n=n_cells))

    def cell(self, name, number, section):
        """Show that a code cell starts, counted from 1."""
        if section != self._section.get(name):
            self._section[name] = section
            start, n_cells = self._started[name]
            self.print(
                gettext(
                    "  {seconds:5.0f} s  {lesson}  cell {number}/{n_cells}  {section}",
                    seconds=time.perf_counter() - start,
                    lesson=name[:2],
                    number=number,
                    n_cells=n_cells,
                    section=section,
                ),
                markup=False,
            )

    def end(self, run):
        """Show that a lesson is over."""
        state = gettext("stopped") if run.error else gettext("done")
        self.print(
            f"  {run.seconds:5.0f} s  {run.name[:2]}  {state}, "
            f"{run.peak_memory / 1e6:,.0f} MB",
            markup=False,
        )
