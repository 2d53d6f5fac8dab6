"""An instructor's own checks: executed here, and shipped elsewhere."""

import hashlib
import importlib.util

from grading.submissions import Rejected
from helpers.checks.runner import LESSONS, lesson_exercises

MOST_BYTES = 64 * 2**20
"""Of a folder that is shipped to each worker of a cluster."""


def load_private_checks(folder):
    """Execute an instructor's own checks, in this process.

    Parameters
    ----------
    folder : pathlib.Path or None
        Each ``*.py`` in it adds parts to the exercises of the course:
        ``lesson_exercises("02")["2.1"].part(points=1)`` decorates a check.

    Returns
    -------
    str : a digest of them

    Raises
    ------
    Rejected
        If there are none.
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
    # Their data decide about points, too.
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        if path.suffix not in (".py", ".pyc"):
            digest.update(path.read_bytes())
    for exercise in _exercises():
        digest.update(repr(exercise.points).encode())
    return digest.hexdigest()


def pack(folder):
    """Return a folder's files, to be executed on another computer.

    Parameters
    ----------
    folder : pathlib.Path or None

    Returns
    -------
    dict of str to bytes
        By their paths in the folder, with ``/``.

    Raises
    ------
    Rejected
        If they are too large to be sent around.
    """
    if folder is None:
        return {}
    paths = [one for one in sorted(folder.rglob("*")) if one.is_file()]
    paths = [one for one in paths if one.suffix != ".pyc"]
    size = sum(one.stat().st_size for one in paths)
    if size > MOST_BYTES:
        raise Rejected(
            f"The checks' folder {folder} holds {size / 2**20:.0f} MB, and all of it "
            f"goes to each worker: at most {MOST_BYTES // 2**20} MB. Move out of it "
            "what the checks do not read, or grade without --scheduler."
        )
    return {one.relative_to(folder).as_posix(): one.read_bytes() for one in paths}


def unpack(files, folder):
    """Write what `pack` returned into a folder.

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
    return [one for lesson in LESSONS for one in lesson_exercises(lesson).values()]
