"""How fast the grader is, and how much memory it takes, in the real sandbox.

Throughput: each lesson's solution, handed in by many students, two at a time; and one
lesson's one at a time and two at a time. Memory: a class of ten and one of
eighty, watched from outside; it should be the same for both.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.tables import as_table
from grading.batch import GradingConfig, grade_all
from grading.executors import ThreadExecutor
from grading.sandbox import Limits
from grading.submissions import Submission
from helpers.checks.runner import LESSONS

ROOT = Path(__file__).parent.parent
JOBS = 2
STUDENTS = 12
TARGET = 10
"""Submissions a minute, of one lesson."""

CREWS = (1, 2)
CREW_STUDENTS = 40

CLASSES = (10, 80)
WATCHED = "03"
"""The lesson that both crews and both classes get: one with models in it."""


@dataclass(frozen=True)
class Speed:
    """What grading one lesson took.

    Attributes
    ----------
    warm_up : float
        Seconds until the sandboxes stood and the first submission was graded.
    a_minute : float
        Submissions after that.
    is_right : bool
        Whether each earned all points.
    """

    warm_up: float
    a_minute: float
    is_right: bool


@dataclass(frozen=True)
class Memory:
    """The largest resident sizes of a grading, in bytes.

    Attributes
    ----------
    judge : int
        Of the largest trusted process.
    worker : int
        Of the largest process in a sandbox.
    """

    judge: int
    worker: int


def run():
    """Measure, and print."""
    print(
        f"Grading, {JOBS} at a time on {os.cpu_count()} processors "
        f"(load before: {os.getloadavg()[0]:.1f})\n"
    )
    rows = []
    for lesson in LESSONS:
        print(f"lesson {lesson} …", flush=True)
        one = speed_of(lesson)
        rows.append(
            (
                lesson,
                f"{one.warm_up:.1f} s",
                f"{one.a_minute:.0f}",
                f"{one.a_minute / TARGET:.1f} ×",
                "all points" if one.is_right else "POINTS LOST",
            )
        )
    columns = ["lesson", "warm-up", "a minute", f"of {TARGET} asked for", "each earned"]
    print(f"\n{as_table(rows, columns)}\n")
    print(f"{_crews_table()}\n")
    sizes = {}
    for students in CLASSES:
        print(f"a class of {students} …", flush=True)
        sizes[students] = memory_of(students)
    rows = [
        (str(students), f"{one.judge / 1e6:.0f} MB", f"{one.worker / 1e6:.0f} MB")
        for students, one in sizes.items()
    ]
    small, large = (sizes[students] for students in CLASSES)
    ratio = (large.judge / small.judge, large.worker / small.worker)
    rows.append(("ratio", *(f"{one:.2f}" for one in ratio)))
    print(f"\n{as_table(rows, ['students', 'trusted process', 'largest sandbox'])}")


def _crews_table():
    found = {}
    for jobs in CREWS:
        print(f"lesson {WATCHED}, {jobs} at a time …", flush=True)
        found[jobs] = speed_of(WATCHED, CREW_STUDENTS, jobs)
    one = found[CREWS[0]].a_minute
    rows = [
        (
            str(jobs),
            f"{speed.warm_up:.1f} s",
            f"{speed.a_minute:.0f}",
            f"{speed.a_minute / one:.2f} ×",
            "all points" if speed.is_right else "POINTS LOST",
        )
        for jobs, speed in found.items()
    ]
    columns = ["at a time", "warm-up", "a minute", "of one's", "each earned"]
    return f"\n{as_table(rows, columns)}"


def handed_in(lesson, students):
    """Yield a lesson's solution as so many students would hand it in.

    Parameters
    ----------
    lesson : str
        ``"02"``.
    students : int

    Yields
    ------
    grading.submissions.Submission
        No two alike, so that none is taken from the records of another.
    """
    (path,) = (ROOT / "solutions").glob(f"{lesson}_*.ipynb")
    notebook = json.loads(path.read_text(encoding="utf-8"))
    mine = {"cell_type": "code", "metadata": {}, "outputs": []}
    for number in range(students):
        signed = [{**mine, "source": f"# student {number}"}, *notebook["cells"]]
        content = json.dumps({**notebook, "cells": signed}).encode()
        yield Submission(f"student {number}", path.name, content)


def speed_of(lesson, students=STUDENTS, jobs=JOBS):
    """Grade one lesson, handed in by so many students.

    Parameters
    ----------
    lesson : str
        ``"02"``.
    students : int
    jobs : int
        How many at the same time.

    Returns
    -------
    Speed
    """
    ends = []
    order = GradingConfig(seed=1, lessons=LESSONS, limits=Limits())
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as records:
        results = grade_all(
            handed_in(lesson, students),
            order,
            Path(records),
            ThreadExecutor(order, jobs),
            lambda result: ends.append(time.perf_counter()),
        )
    # When all sandboxes stand, whoever's was first.
    a_minute = 60 * (students - 1 - jobs) / (ends[-1] - ends[jobs])
    is_right = all(one.points == one.most > 0 for one in results)
    return Speed(ends[0] - started, a_minute, is_right)


def memory_of(students):
    """Grade a class in a process of its own, and watch it.

    Returns
    -------
    Memory
    """
    with tempfile.TemporaryDirectory() as folder:
        for one in handed_in(WATCHED, students):
            path = Path(folder, "in", one.student, one.name)
            path.parent.mkdir(parents=True)
            path.write_bytes(one.content)
        command = [sys.executable, "-m", "grading", str(Path(folder, "in"))]
        command += ["--out", str(Path(folder, "out")), "--jobs", str(JOBS)]
        grading = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        judge = worker = 0
        while grading.poll() is None:
            with contextlib.suppress(psutil.Error):
                process = psutil.Process(grading.pid)
                for one in (process, *process.children(recursive=True)):
                    with contextlib.suppress(psutil.Error):
                        size = one.memory_info().rss
                        if "grading.inside.zygote" in one.cmdline():
                            worker = max(worker, size)
                        else:
                            judge = max(judge, size)
            time.sleep(0.1)
        if grading.returncode:
            raise RuntimeError(
                f"The grading ended with code {grading.returncode}. Run it to see why: "
                "python -m grading solutions"
            )
    return Memory(judge, worker)
