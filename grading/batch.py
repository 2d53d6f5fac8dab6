"""Many submissions, by a crew; what has been graded is not graded again."""

import contextlib
import hashlib
import json
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

import helpers
from grading import files
from grading.crew import Task
from grading.marking import Mark, Marks
from grading.reader import Rejected, Submission, read_cells, recognise

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Result:
    """What came out for one file.

    Attributes
    ----------
    submission : Submission
        Without its content.
    lesson : str
        Empty where the file was rejected.
    marks : list of Mark
    notes : dict of int to str
    seconds : float
    problem : str
        Why it was rejected; may be empty.
    """

    submission: Submission
    lesson: str = ""
    marks: list = field(default_factory=list)
    notes: dict = field(default_factory=dict)
    seconds: float = 0.0
    problem: str = ""

    @property
    def points(self):
        """int : of all its exercises."""
        return sum(one.points for one in self.marks)

    @property
    def most(self):
        """int : what all its exercises could earn."""
        return sum(one.most for one in self.marks)


@dataclass(frozen=True)
class Order:
    """How a batch is to be graded.

    Attributes
    ----------
    seed : int
        Of the hidden inputs.
    lessons : tuple of str
        Those to choose from.
    all_cells, is_safe : bool
    limits : grading.sandbox.Limits
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
    """Return the seed of this grading, and note it: an interrupted one goes on.

    Parameters
    ----------
    out : pathlib.Path
    seed : int, optional
        By default that of an unfinished grading in `out`, else a fresh one.

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
    """Write down with which seed a grading runs, and whether it has finished."""
    files.write(
        out / "run.json", json.dumps({"seed": seed, "finished": finished}) + "\n"
    )


def grade_all(submissions, order, records, crew, tell=lambda result: None):
    """Grade submissions.

    Parameters
    ----------
    submissions : iterable of Submission
        Read one by one: memory does not grow with the class.
    order : Order
    records : pathlib.Path
        The folder of what has been graded already.
    crew : grading.crew.Threads or grading.cluster.Cluster
        Grades what has not.
    tell : callable
        Gets each `Result`, as soon as it is there.

    Returns
    -------
    list of Result : in the order of the submissions

    Raises
    ------
    SandboxError, CrewError
        If no more can be graded.
    """
    checks = digest_of_checks(order.private)
    results, waiting, problems = {}, {}, {}

    def settle(place, result):
        results[place] = result
        tell(result)

    def to_grade():
        for place, submission in enumerate(submissions):
            bare = submission.bare
            try:
                task = _read(submission, order, checks)
            except Rejected as problem:
                settle(place, Result(bare, problem=str(problem)))
                continue
            if task.key in waiting:
                # Handed in twice, graded once.
                waiting[task.key].append((place, bare))
            elif task.key in problems:
                settle(place, Result(bare, problem=problems[task.key]))
            elif marks := _from_record(files.read_json(_record(records, task))):
                settle(place, _result(bare, task, marks))
            else:
                waiting[task.key] = [(place, bare)]
                yield task

    with contextlib.closing(crew.grade(to_grade())) as graded:
        for task, outcome in graded:
            if marks := _from_record(outcome.get("marks")):
                text = json.dumps(asdict(marks), ensure_ascii=False)
                files.write(_record(records, task), text)
            else:
                problems[task.key] = outcome["problem"]
            for place, bare in waiting.pop(task.key):
                if marks:
                    settle(place, _result(bare, task, marks))
                else:
                    settle(place, Result(bare, problem=outcome["problem"]))
    return [results[place] for place in sorted(results)]


def digest_of_checks(private=""):
    """Return a digest of everything that decides about points."""
    digest = hashlib.sha256(private.encode())
    ours = [*Path(helpers.__file__).parent.rglob("*.py"), *HERE.rglob("*.py")]
    for path in sorted(ours):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _read(submission, order, checks):
    """Return a submission as a task; raise `Rejected` where it cannot be one."""
    try:
        cells = read_cells(submission)
        lesson = recognise(cells, order.lessons)
    except Rejected:
        raise
    except Exception as error:
        # A file that is stranger than we thought is one file, not the whole class.
        raise Rejected(f"It cannot be read ({type(error).__name__}).") from None
    key = json.dumps(
        [
            *(checks, cells, lesson, order.seed, order.all_cells),
            *(order.is_safe, asdict(order.limits), submission.modules),
        ]
    )
    digest = hashlib.sha256(key.encode()).hexdigest()
    return Task(digest, cells, lesson, submission.modules)


def _record(records, task):
    return records / f"{task.key}.json"


def _result(bare, task, marks):
    return Result(bare, task.lesson, marks.marks, marks.notes, marks.seconds)


def _from_record(record):
    try:
        return Marks(
            [Mark(**one) for one in record["marks"]],
            {int(cell): note for cell, note in record["notes"].items()},
            record["seconds"],
        )
    except (TypeError, KeyError, ValueError, AttributeError):
        return None
