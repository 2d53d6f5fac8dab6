"""Load an instructor's own checks, and send them to the workers of a cluster."""

import hashlib
import importlib.util

from grading.submissions import Rejected
from helpers.checks.runner import LESSONS, lesson_exercises

MOST_BYTES = 64 * 2**20
"""The largest folder of checks that is sent to each worker of a cluster."""


def load_private_checks(folder):
    """Execute an instructor's own checks in this process.

    Parameters
    ----------
    folder : pathlib.Path or None
        Each ``*.py`` in it adds parts to the course's exercises:
        ``lesson_exercises("02")["2.1"].part(points=1)`` decorates a check.

    Returns
    -------
    str : a digest of the checks

    Raises
    ------
    Rejected
        If the folder contains no checks.
    """
    if folder is None:
        return ""
    paths = sorted(folder.glob("*.py"))
    if not paths:
        raise Rejected(f"There are no checks (*.py) in {folder}.")
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
        spec = importlib.util.spec_from_file_location(f"private_{path.stem}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    # The data that checks read decide about points, too.
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        if path.suffix not in (".py", ".pyc"):
            digest.update(path.read_bytes())
    for exercise in _exercises():
        digest.update(repr(exercise.points).encode())
    return digest.hexdigest()


def pack(folder):
    """Read a folder's files, to send them to another computer.

    Parameters
    ----------
    folder : pathlib.Path or None

    Returns
    -------
    dict of str to bytes
        The files' contents, by path in the folder with ``/``.

    Raises
    ------
    Rejected
        If the files are too large to send.
    """
    if folder is None:
        return {}
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    paths = [path for path in paths if path.suffix != ".pyc"]
    size = sum(path.stat().st_size for path in paths)
    if size > MOST_BYTES:
        raise Rejected(
            f"The checks' folder {folder} holds {size / 2**20:.0f} MB, and all of it "
            f"goes to each worker: at most {MOST_BYTES // 2**20} MB. Move out of it "
            "what the checks do not read, or grade without --scheduler."
        )
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def unpack(files, folder):
    """Write the files that `pack` returned into a folder.

    Parameters
    ----------
    files : dict of str to bytes
    folder : pathlib.Path
    """
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _exercises():
    return [
        exercise for lesson in LESSONS for exercise in lesson_exercises(lesson).values()
    ]
