"""Measure the grader's speed and memory, in the real sandbox.

Throughput: each lesson's solution, submitted by many students, two at a time; and one
lesson one at a time and two at a time. Memory: a class of ten and one of eighty, which
should be the same.
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
"""The required submissions of one lesson per minute."""

SCALING_JOBS = (1, 2)
SCALING_STUDENTS = 40

CLASSES = (10, 80)
SAMPLE_LESSON = "03"
"""The lesson for the comparison of jobs and classes; it has models."""


@dataclass(frozen=True)
class Speed:
    """The speed of grading one lesson.

    Attributes
    ----------
    warm_up : float
        Seconds until the sandboxes were ready and the first submission was graded.
    a_minute : float
        Submissions per minute after that.
    is_right : bool
        Whether each submission earned all points.
    """

    warm_up: float
    a_minute: float
    is_right: bool


@dataclass(frozen=True)
class Memory:
    """The largest resident sizes of a grading, in bytes.

    Attributes
    ----------
    trusted : int
        The largest trusted process.
    worker : int
        The largest process in a sandbox.
    """

    trusted: int
    worker: int


def run():
    """Measure the grader, and print the results."""
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
    print(f"{_scaling_table()}\n")
    sizes = {}
    for students in CLASSES:
        print(f"a class of {students} …", flush=True)
        sizes[students] = memory_of(students)
    rows = [
        (str(students), f"{one.trusted / 1e6:.0f} MB", f"{one.worker / 1e6:.0f} MB")
        for students, one in sizes.items()
    ]
    small, large = (sizes[students] for students in CLASSES)
    ratio = (large.trusted / small.trusted, large.worker / small.worker)
    rows.append(("ratio", *(f"{one:.2f}" for one in ratio)))
    print(f"\n{as_table(rows, ['students', 'trusted process', 'largest sandbox'])}")


def _scaling_table():
    found = {}
    for jobs in SCALING_JOBS:
        print(f"lesson {SAMPLE_LESSON}, {jobs} at a time …", flush=True)
        found[jobs] = speed_of(SAMPLE_LESSON, SCALING_STUDENTS, jobs)
    one = found[SCALING_JOBS[0]].a_minute
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


def submissions_of(lesson, students):
    """Yield a lesson's solution as submissions of several students.

    Parameters
    ----------
    lesson : str
        ``"02"``.
    students : int

    Yields
    ------
    grading.submissions.Submission
        All different, so that none is found in the records of another.
    """
    (path,) = (ROOT / "solutions").glob(f"{lesson}_*.ipynb")
    notebook = json.loads(path.read_text(encoding="utf-8"))
    mine = {"cell_type": "code", "metadata": {}, "outputs": []}
    for number in range(students):
        signed = [{**mine, "source": f"# student {number}"}, *notebook["cells"]]
        content = json.dumps({**notebook, "cells": signed}).encode()
        yield Submission(f"student {number}", path.name, content)


def speed_of(lesson, students=STUDENTS, jobs=JOBS):
    """Grade one lesson, submitted by several students.

    Parameters
    ----------
    lesson : str
        ``"02"``.
    students : int
    jobs : int
        The number of threads.

    Returns
    -------
    Speed
    """
    ends = []
    config = GradingConfig(seed=1, lessons=LESSONS, limits=Limits())
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as records:
        results = grade_all(
            submissions_of(lesson, students),
            config,
            Path(records),
            ThreadExecutor(config, jobs),
            lambda result: ends.append(time.perf_counter()),
        )
    # Count from when all sandboxes are ready.
    a_minute = 60 * (students - 1 - jobs) / (ends[-1] - ends[jobs])
    is_right = all(result.points == result.most > 0 for result in results)
    return Speed(ends[0] - started, a_minute, is_right)


def memory_of(students):
    """Grade a class in a process of its own, and measure its memory.

    Returns
    -------
    Memory
    """
    with tempfile.TemporaryDirectory() as folder:
        for submission in submissions_of(SAMPLE_LESSON, students):
            path = Path(folder, "in", submission.student, submission.name)
            path.parent.mkdir(parents=True)
            path.write_bytes(submission.content)
        command = [sys.executable, "-m", "grading", str(Path(folder, "in"))]
        command += ["--out", str(Path(folder, "out")), "--jobs", str(JOBS)]
        grading = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        trusted = worker = 0
        while grading.poll() is None:
            with contextlib.suppress(psutil.Error):
                parent = psutil.Process(grading.pid)
                for process in (parent, *parent.children(recursive=True)):
                    with contextlib.suppress(psutil.Error):
                        size = process.memory_info().rss
                        if "grading.inside.zygote" in process.cmdline():
                            worker = max(worker, size)
                        else:
                            trusted = max(trusted, size)
            time.sleep(0.1)
        if grading.returncode:
            raise RuntimeError(
                f"The grading ended with code {grading.returncode}. Run it to see why: "
                "python -m grading solutions"
            )
    return Memory(trusted, worker)
