"""Many submissions, in parallel; what has been graded is not graded again."""

import hashlib
import json
import queue
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path

import helpers
from grading import files
from grading.marking import Mark, Marks, mark
from grading.reader import Rejected, Submission, read_cells, recognise
from grading.sandbox import Sandbox, SandboxError

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


def grade_all(submissions, order, records, jobs=2, tell=lambda result: None):
    """Grade submissions.

    Parameters
    ----------
    submissions : iterable of Submission
        Read one by one: memory does not grow with the class.
    order : Order
    records : pathlib.Path
        The folder of what has been graded already.
    jobs : int
        How many at the same time.
    tell : callable
        Gets each `Result`, as soon as it is there.

    Returns
    -------
    list of Result : in the order of the submissions

    Raises
    ------
    SandboxError
        If there is no sandbox to be had.
    """
    checks = digest_of_checks(order.private)
    slots = queue.SimpleQueue()
    for slot in range(jobs):
        slots.put(slot)
    waiting = queue.Queue(maxsize=2 * jobs)
    results = {}
    failures = []

    def work():
        slot = slots.get()
        # Started in the thread that uses it: bubblewrap ends with its parent thread.
        with Sandbox(slot, order.limits, order.is_safe) as sandbox:
            while (item := waiting.get()) is not None:
                place, submission = item
                if failures:
                    continue
                try:
                    result = _grade(submission, order, sandbox, records, checks)
                except SandboxError as error:
                    failures.append(error)
                    continue
                except Exception as error:
                    result = Result(
                        submission.bare,
                        problem=f"It could not be graded ({type(error).__name__}: "
                        f"{error}). That is a fault of the grader, not of the student.",
                    )
                results[place] = result
                tell(result)

    with ThreadPoolExecutor(jobs) as pool:
        workers = [pool.submit(work) for _ in range(jobs)]
        try:
            for item in enumerate(submissions):
                waiting.put(item)
                if failures:
                    break
        except BaseException as error:
            failures.append(error)
            raise
        finally:
            for _ in workers:
                waiting.put(None)
    for worker in workers:
        worker.result()
    if failures:
        raise failures[0]
    return [results[place] for place in sorted(results)]


def digest_of_checks(private=""):
    """Return a digest of everything that decides about points."""
    digest = hashlib.sha256(private.encode())
    ours = [*Path(helpers.__file__).parent.rglob("*.py"), *HERE.rglob("*.py")]
    for path in sorted(ours):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _grade(submission, order, sandbox, records, checks):
    bare = submission.bare
    try:
        cells = read_cells(submission)
        lesson = recognise(cells, order.lessons)
    except Rejected as problem:
        return Result(bare, problem=str(problem))
    except Exception as error:
        # A file that is stranger than we thought is one file, not the whole class.
        return Result(bare, problem=f"It cannot be read ({type(error).__name__}).")
    key = json.dumps(
        [
            *(checks, cells, lesson, order.seed, order.all_cells),
            *(order.is_safe, asdict(order.limits)),
        ]
    )
    path = records / f"{hashlib.sha256(key.encode()).hexdigest()}.json"
    marks = _from_record(files.read_json(path))
    if marks is None:
        marks = mark(cells, lesson, sandbox, order.seed, order.all_cells)
        files.write(path, json.dumps(asdict(marks), ensure_ascii=False))
    return Result(bare, lesson, marks.marks, marks.notes, marks.seconds)


def _from_record(record):
    try:
        return Marks(
            [Mark(**one) for one in record["marks"]],
            {int(cell): note for cell, note in record["notes"].items()},
            record["seconds"],
        )
    except (TypeError, KeyError, ValueError, AttributeError):
        return None
