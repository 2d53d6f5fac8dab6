"""Grade many submissions, and keep a record of each so that none is graded twice."""

import contextlib
import hashlib
import json
import secrets
import tempfile
from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import helpers
from grading import files
from grading.executors import ExecutorError, Task
from grading.grade import Mark, Marks
from grading.submissions import Rejected, Submission, read_cells, recognise
from helpers.i18n import gettext, language

HERE = Path(__file__).parent
MOST_DEATHS = 2
"""How often the grader may die with one submission; the second time, it ran alone."""


@dataclass(frozen=True)
class Result:
    """The result of one submitted file.

    Attributes
    ----------
    submission : Submission
        Without its content.
    lesson : str
        Empty if the file was rejected.
    marks : list of Mark
    notes : dict of int to str
    seconds : float
    problem : str
        Why the file was rejected; empty if it was not.
    """

    submission: Submission
    lesson: str = ""
    marks: list = field(default_factory=list)
    notes: dict = field(default_factory=dict)
    seconds: float = 0.0
    problem: str = ""

    @property
    def points(self):
        """int : the points of all exercises."""
        return sum(mark.points for mark in self.marks)

    @property
    def most(self):
        """int : the maximum points of all exercises."""
        return sum(mark.most for mark in self.marks)


@dataclass(frozen=True)
class GradingConfig:
    """How to grade a batch.

    Attributes
    ----------
    seed : int
        The seed of the hidden inputs.
    lessons : tuple of str
        The lessons to grade.
    limits : grading.sandbox.Limits
    all_cells : bool
        Also run cells that no exercise needs.
    is_safe : bool
        Run submissions in a sandbox.
    private : str
        The digest of an instructor's own checks.
    """

    seed: int
    lessons: tuple
    limits: object
    all_cells: bool = False
    is_safe: bool = True
    private: str = ""


def choose_seed(out, seed=None):
    """Choose the seed of this grading, and write it down for a resumed one.

    Parameters
    ----------
    out : pathlib.Path
    seed : int, optional
        By default, that of an unfinished grading in `out`, else a fresh one.

    Returns
    -------
    int
    """
    known = files.read_json(out / "run.json") or {}
    if seed is None and not known.get("finished", True):
        seed = known.get("seed")
    if not isinstance(seed, int):
        seed = secrets.randbelow(2**31)
    note_seed(out, seed, finished=False)
    return seed


def note_seed(out, seed, finished):
    """Write a grading's seed, and whether it has finished, to ``run.json``."""
    files.write(
        out / "run.json", json.dumps({"seed": seed, "finished": finished}) + "\n"
    )


def grade_all(submissions, config, records, executor, tell=lambda result: None):
    """Grade submissions.

    Parameters
    ----------
    submissions : iterable of Submission
        Read one by one, so that memory does not grow with the class.
    config : GradingConfig
    records : pathlib.Path
        The folder of earlier results.
    executor : grading.executors.ThreadExecutor or grading.cluster.Cluster
        Grades the submissions that have no record yet.
    tell : callable
        Gets each `Result` as soon as it is there.

    Returns
    -------
    list of Result : in the order of the submissions

    Raises
    ------
    SandboxError, ExecutorError
        If grading cannot go on.
    """
    with _locked(records), tempfile.TemporaryFile() as spool:
        batch = _Batch(config, records, spool, tell)
        try:
            with contextlib.closing(executor.grade(batch.tasks(submissions))) as graded:
                for task, outcome in graded:
                    batch.take(task, outcome)
        finally:
            batch.end()
    return [batch.results[place] for place in sorted(batch.results)]


class _Batch:
    """The state of one grading: results, records and submissions under way.

    Parameters
    ----------
    config, records, tell
        See `grade_all`.
    spool : file
        Holds postponed tasks, so that memory does not grow with the class.
    """

    def __init__(self, config, records, spool, tell):
        self.results = {}
        self._config, self._records = config, records
        self._spool, self._tell = spool, tell
        self._checks = digest_of_checks(config.private)
        self._waiting, self._problems = {}, {}
        self._deaths = {}
        self._seconds = Counter()

    def tasks(self, submissions):
        """Yield the tasks: the first file of every student before any second file.

        Submissions that were being graded when a grader died come last, one at a time.
        """
        turns, later, suspects = Counter(), [], []
        for place, submission in enumerate(submissions):
            bare = submission.bare
            try:
                task = as_task(submission, self._config, self._checks)
            except Rejected as problem:
                self._settle(place, Result(bare, problem=str(problem)))
                continue
            turn = turns[bare.student]
            turns[bare.student] += 1
            if turn:
                later.append((turn, place, bare, self._postpone(task)))
            else:
                yield from self._offer(place, bare, task, suspects)
        for _, place, bare, where in sorted(later, key=lambda entry: entry[:2]):
            yield from self._offer(place, bare, self._fetch(where), suspects)
        for place, bare, where in suspects:
            yield from self._offer(place, bare, self._fetch(where))

    def take(self, task, outcome):
        """Record the outcome of a task."""
        handed_in = self._waiting.pop(task.key)
        marks = _from_record(outcome.get("marks"))
        if marks:
            text = json.dumps(asdict(marks), ensure_ascii=False)
            files.write(_record(self._records, task), text)
            self._note_deaths(task.key, 0)
        else:
            problem = self._problems[task.key] = outcome["problem"]
            is_deadly = outcome.get("is_deadly", False)
            self._note_deaths(task.key, MOST_DEATHS if is_deadly else 0, problem)
        del self._deaths[task.key]
        for place, bare in handed_in:
            if marks:
                self._settle_marks(place, bare, task, marks)
            else:
                self._settle(place, Result(bare, problem=outcome["problem"]))

    def end(self):
        """Restore the death counts of unfinished tasks: this grader has not died."""
        for key, deaths in self._deaths.items():
            self._note_deaths(key, deaths)

    def _offer(self, place, bare, task, suspects=None):
        """Yield a task, unless it is graded, rejected or postponed."""
        known = files.read_json(_tried(self._records, task.key)) or {}
        if task.key in self._waiting:
            # The same file again: grade it once.
            self._waiting[task.key].append((place, bare))
        elif marks := _from_record(files.read_json(_record(self._records, task))):
            self._settle_marks(place, bare, task, marks)
        elif problem := self._problem(bare, task, known):
            self._settle(place, Result(bare, problem=problem))
        elif known.get("deaths") and suspects is not None:
            suspects.append((place, bare, self._postpone(replace(task, alone=True))))
        else:
            deaths = self._deaths[task.key] = known.get("deaths", 0)
            # Count first: if the task kills this process, the next one knows.
            self._note_deaths(task.key, deaths + 1)
            self._waiting[task.key] = [(place, bare)]
            yield task

    def _problem(self, bare, task, known):
        if task.key in self._problems:
            return self._problems[task.key]
        if known.get("deaths", 0) >= MOST_DEATHS:
            return known.get("problem") or gettext(
                "The grader ended twice while this was being graded, the second time "
                "with nothing else. So it was not graded: look at it by hand. (To have "
                "it tried again, delete {file}.)",
                file=_tried(self._records, task.key).name,
            )
        seconds = self._config.limits.student_seconds
        if self._seconds[bare.student, task.lesson] >= seconds:
            return gettext(
                "It was not graded: other files of this student for lesson {lesson} "
                "have taken all of the {seconds} seconds that there are for one "
                "student and lesson.",
                lesson=task.lesson,
                seconds=f"{seconds:g}",
            )
        return ""

    def _settle_marks(self, place, bare, task, marks):
        self._seconds[bare.student, task.lesson] += marks.seconds
        values = marks.marks, marks.notes, marks.seconds
        self._settle(place, Result(bare, task.lesson, *values))

    def _settle(self, place, result):
        self.results[place] = result
        self._tell(result)

    def _note_deaths(self, key, deaths, problem=""):
        path = _tried(self._records, key)
        if deaths:
            files.write(path, json.dumps({"deaths": deaths, "problem": problem}))
        else:
            path.unlink(missing_ok=True)

    def _postpone(self, task):
        content = json.dumps(asdict(task)).encode()
        start = self._spool.seek(0, 2)
        self._spool.write(content)
        return start, len(content)

    def _fetch(self, where):
        start, length = where
        self._spool.seek(start)
        return Task(**json.loads(self._spool.read(length)))


@contextlib.contextmanager
def _locked(records):
    """Lock a folder of records, and remove temporary files of a killed grading.

    The kernel releases the lock when this process ends, even if it is killed.
    """
    records.mkdir(parents=True, exist_ok=True)
    with (records / ".lock").open("a") as file:
        try:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ExecutorError(
                f"Another grading is at work in {records.parent}. Wait for its end, or "
                "choose another folder (--out)."
            ) from None
        except (ImportError, OSError):
            # Windows, and some network drives, have no such lock.
            yield
            return
        for left in records.glob("*.tmp"):
            left.unlink(missing_ok=True)
        yield


def digest_of_checks(private=""):
    """Return a digest of all code and data that decide about points."""
    digest = hashlib.sha256(private.encode())
    course = Path(helpers.__file__).parent
    # What exercises take, and the answers that may replace a student's wrong ones.
    derived = (course / "checks").rglob("*.json")
    ours = [*course.rglob("*.py"), *HERE.rglob("*.py"), *derived]
    for path in sorted(ours):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def as_task(submission, config, checks):
    """Turn a submission into a task; raise `Rejected` if it cannot be graded."""
    try:
        cells = read_cells(submission)
        lesson = recognise(cells, config.lessons)
    except Rejected:
        raise
    except Exception as error:
        # An unforeseen error in one file must not stop the whole class.
        raise Rejected(
            gettext("It cannot be read ({error}).", error=type(error).__name__)
        ) from None
    options = [config.seed, config.all_cells, config.is_safe, asdict(config.limits)]
    # Feedback is recorded in the language of the class.
    options.append(language())
    key = json.dumps([checks, cells, lesson, *options, submission.modules])
    digest = hashlib.sha256(key.encode()).hexdigest()
    return Task(digest, cells, lesson, submission.modules)


def _record(records, task):
    return records / f"{task.key}.json"


def _tried(records, key):
    return records / f"{key}.trying"


def _from_record(record):
    try:
        return Marks(
            [Mark(**mark) for mark in record["marks"]],
            {int(cell): note for cell, note in record["notes"].items()},
            record["seconds"],
        )
    except (TypeError, KeyError, ValueError, AttributeError):
        return None
