"""Writes a class of eighty submissions, ten of them hostile; checks what came out.

    python -m tests.support.class_of_eighty write build/class
    make grade SUBMISSIONS=build/class/moodle.zip GRADES=build/class/grades
    python -m tests.support.class_of_eighty compare build/class/grades

The same submissions as in the tests (`submissions.py`), once in a folder for each
student and once in a zip as Moodle gives it. `compare` prints a table of what each
was to earn and did earn, and ends with code 1 where one differs.
"""

import argparse
import csv
import sys
import zipfile
from pathlib import Path

from tests.support.submissions import HOSTILE, ODD_FILES, ORDINARY, full, lesson_cases

TEN = (
    "an infinite loop that swallows interrupts",
    "200 MB of output",
    "a memory bomb of several processes",
    "a fork bomb",
    "os._exit in a call",
    "objects equal to everything",
    "reads other submissions",
    "calls reveal",
    "forges a reply",
    "the network",
)


def the_class():
    """Return the eighty cases."""
    ten = [case for case in HOSTILE if case.name in TEN]
    odd = [one for one in ODD_FILES if not one.rejected or one.name == "invalid JSON"]
    cases = [*lesson_cases(), *ORDINARY, *odd, *ten]
    # One right style of each lesson is enough here; the tests grade both.
    cases = [one for one in cases if not one.name.endswith("right in style 2")]
    cases = [one for one in cases if one.name != "half done"]
    assert len(cases) == 80
    return cases


def write(folder):
    """Write the class; return the paths of the folder and of the zip."""
    inside = folder / "submissions"
    with zipfile.ZipFile(_made(folder / "moodle.zip"), "w") as archive:
        for number, case in enumerate(the_class(), start=1001):
            content = case.bytes()
            _made(inside / case.name / case.file).write_bytes(content)
            name = f"{case.name}_{number}_assignsubmission_file_/{case.file}"
            archive.writestr(name, content)
    return inside, folder / "moodle.zip"


def rows_by_student(grades):
    """Return the rows of ``grades.csv``."""
    rows = {}
    with (grades / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            rows.setdefault(row["student"], []).append(row)
    return rows


def look_at(case, theirs):
    """Return whether a case's rows are as declared, what it was to earn, and did."""
    if case.rejected:
        is_right = case.rejected in theirs[0]["reason"] and len(theirs) == 1
        return is_right, theirs[0]["state"], theirs[0]["state"]
    most = full(case.lesson)
    expected = dict.fromkeys(most, 0) | case.points
    found = {row["exercise"]: int(row["points"]) for row in theirs}
    to_earn = f"{sum(expected.values())} of {sum(most.values())}"
    return found == expected, to_earn, sum(found.values())


def compare(grades):
    """Return a table in Markdown, and how many did not earn what they should."""
    rows = rows_by_student(grades)
    lines, wrong = [], 0
    for case in the_class():
        theirs = rows[case.name]
        is_right, to_earn, earned = look_at(case, theirs)
        wrong += not is_right
        kind = "hostile" if case.name in TEN else ""
        sign = "✓" if is_right else f"✗ {theirs}"
        lines.append(
            f"| {case.name} | {kind} | {case.lesson} | {to_earn} | {earned} | {sign} |"
        )
    heading = [
        "| submission | | lesson | to earn | earned | each exercise as declared |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    return "\n".join([*heading, *lines]), wrong


def _made(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("do", choices=["write", "compare"])
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    if options.do == "write":
        print(*write(options.folder), sep="\n")
        return 0
    table, wrong = compare(options.folder)
    print(f"{table}\n\n{80 - wrong} of 80 earned exactly what was declared.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
