"""Downloads of a learning platform, and results as if they had been graded."""

import zipfile

from grading.batch import Result
from grading.grade import Mark
from grading.submissions import Submission, find_submissions
from tests.support.submission_layouts import FOLDER
from tests.support.submissions import (
    COUNT,
    IMPORTS,
    LOOK_UP,
    notebook,
)

GOOD = notebook([IMPORTS, LOOK_UP, COUNT])


def handed_in(content, name="a.ipynb"):
    return Submission("someone", name, content)


def names(path):
    return {(one.student, one.name): one for one in find_submissions(path)}


def write(folder, members):
    """Write a download as files and folders."""
    for name, content in members.items():
        path = folder / name
        if content is FOLDER:
            path.mkdir(parents=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return folder


def zipped(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def result(student, points=1, lesson="02", problem="", reason="well"):
    marks = [Mark("2.1", "look up", points, 2, "correct", reason)] if lesson else []
    return Result(
        Submission(student, f"{student}.ipynb"), lesson, marks, {}, 1.0, problem
    )


def graded(path):
    """As if each submission had earned one point of two."""
    marks = [Mark("2.1", "look up", 1, 2, "correct", "well")]
    return [
        Result(one.bare, "" if one.problem else "02", [] if one.problem else marks)
        for one in find_submissions(path)
    ]
