"""A class of one thousand, graded over two Dask workers, one of which is killed.

    python -m tests.support.class_of_thousand run build/thousand

does all of it: writes the submissions, starts a scheduler and two workers on loopback,
grades, kills one worker on the way (`kill -9`), and compares. Or step by step, with
a cluster of your own:

    python -m tests.support.class_of_thousand write build/thousand
    dask scheduler --host 127.0.0.1
    dask worker tcp://127.0.0.1:8786 --nthreads 1 --nworkers 2
    make grade SUBMISSIONS=build/thousand/submissions GRADES=build/thousand/grades \
        SCHEDULER=tcp://127.0.0.1:8786
    python -m tests.support.class_of_thousand compare build/thousand

The submissions are those of the tests (`submissions.py`), with their declared points:
right, wrong, blank and hostile, of all lessons; most are small. Each is signed, so that
no two are alike and none is taken from the records of another.
"""

import argparse
import json
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from itertools import cycle
from pathlib import Path

from tests.support.class_of_eighty import look_at, rows_by_student
from tests.support.dask_processes import Dask, kill, wait_for
from tests.support.paths import ROOT
from tests.support.submissions import (
    HOSTILE,
    ODD_FILES,
    ORDINARY,
    UNDESERVED,
    lesson_cases,
    notebook,
)

SIZE = 1000
KILL_AFTER = 300

# Of the hostile ones, those that do not make the judge wait for an alarm; two that do
# are in the class once each.
SLOW = ("infinite loop", "swallows interrupts", "sleeps", "bomb", "flood", "output")
SLOW_ONES = ("an infinite loop", "a fork bomb")


def the_class():
    """Return one thousand cases, each with a name of its own."""
    lessons = [one for one in lesson_cases() if one.file.endswith(".ipynb")]
    hostile = [
        one
        for one in (*HOSTILE, *UNDESERVED)
        if one.points is not None and not any(word in one.name for word in SLOW)
    ]
    odd = [one for one in ODD_FILES if isinstance(one.bytes(), bytes)]
    kinds = {
        "a lesson's": (lessons, 120),
        "small": (ORDINARY, 620),
        "hostile": (hostile, 180),
        "an odd file": (odd, 78),
        "slow": ([one for one in HOSTILE if one.name in SLOW_ONES], 2),
    }
    cases = []
    for kind, (known, count) in kinds.items():
        for case, _ in zip(cycle(known), range(count), strict=False):
            number = len(cases) + 1
            cases.append((kind, _signed(case, number)))
    assert len(cases) == SIZE
    return cases


def _signed(case, number):
    name = f"{number:04} {case.name}"
    if case.rejected:
        return replace(case, name=name)
    signature = f"# student {number}"
    if case.content is None:
        content = notebook([signature, *case.cells])
    else:
        found = json.loads(case.content.decode("utf-8-sig"))
        cells = found["cells"] if "cells" in found else found["worksheets"][0]["cells"]
        source = "source" if "cells" in found else "input"
        cells.insert(0, {"cell_type": "code", source: signature})
        content = json.dumps(found).encode()
    return replace(case, name=name, content=content)


def write(folder):
    """Write the class, a folder a student; return the folder of it all."""
    inside = folder / "submissions"
    for _, case in the_class():
        path = inside / case.name / case.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(case.bytes())
    return inside


def compare(folder):
    """Print what became of each kind; return how many are not as declared."""
    grades = folder / "grades"
    rows = rows_by_student(grades)
    right, wrong = Counter(), Counter()
    for kind, case in the_class():
        theirs = rows.pop(case.name, [])
        is_right = bool(theirs) and look_at(case, theirs)[0]
        (right if is_right else wrong)[kind] += 1
        if not is_right:
            print(f"✗ {case.name}: {look_at(case, theirs) if theirs else 'LOST'}")
    print("| kind | submissions | earned exactly what was declared |\n|---|---|---|")
    for kind in {**right, **wrong}:
        print(f"| {kind} | {right[kind] + wrong[kind]} | {right[kind]} |")
    graded, pages = right.total() + wrong.total(), len(list(grades.glob("feedback/*")))
    print(
        f"\n{pages} pages, {len(rows)} of people whom nobody knows; {right.total()} of "
        f"{SIZE} as declared."
    )
    is_whole = graded == pages == SIZE and not rows
    return wrong.total() + (not is_whole)


def run(folder):
    """Grade over two workers, kill one on the way, compare."""
    write(folder)
    records = folder / "grades" / "records"
    with Dask(folder / "dask", allowed_failures=3) as dask:
        dask.scheduler()
        dask.worker("--nthreads", "1", "--nworkers", "2")
        wait_for(lambda: dask.log().count("Registered to") == 2)
        command = [sys.executable, "-m", "grading", str(folder / "submissions")]
        command += ["--out", str(folder / "grades"), "--scheduler", dask.address]
        started = time.monotonic()
        grading = subprocess.Popen(command, cwd=ROOT)
        wait_for(lambda: len(list(records.glob("*.json"))) >= KILL_AFTER, seconds=3600)
        victim = dask.judges()[0]
        kill(victim)
        print(f"killed worker {victim} after {time.monotonic() - started:.0f} s")
        code = grading.wait()
        seconds = time.monotonic() - started
        print(f"code {code} after {seconds:.0f} s, {60 * SIZE / seconds:.0f} a minute")
    return code or compare(folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("do", choices=["write", "compare", "run"])
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    folder = options.folder.resolve()
    if options.do == "write":
        print(write(folder))
        return 0
    return 1 if {"compare": compare, "run": run}[options.do](folder) else 0


if __name__ == "__main__":
    sys.exit(main())
