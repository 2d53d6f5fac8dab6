"""Pack the zip for students: exercises, `helpers` and the environment, no solutions.

With a date, the zip also contains the answers, and `reveal` shows them from that date
on. This keeps honest students from looking; the JSON itself can be read before.

For rooms without a network, it also contains the packages of this computer's system,
in `offline/`: where the first cell of a notebook finds this folder, it installs what is
missing, and takes made-up ratings, which `helpers` draws.
"""

import datetime
import os
import shutil
import zipfile

from authoring.derive import (
    answers_file,
    as_ipynb,
    exercise_notebook,
    in_folder,
    solution_notebook,
)
from authoring.project import AuthoringError
from authoring.wheelhouse import download_wheels, system

PACKED = (
    "helpers/**/*.py",
    "helpers/checks/lessons/*.json",
    "helpers/locale/**/*.mo",
    "environment.yml",
    "LICENSE",
)
SECRET = ("solved", "solutions", "grading")
ANSWERS = "helpers/checks/solved"
# The earliest time in a zip; a fixed one, so that equal files give equal zips.
EPOCH = (1980, 1, 1, 0, 0, 0)

START = """\
{name}

Unpack this folder, and open notebooks/ in JupyterLab. With conda:

    conda env create -f environment.yml
    conda activate recsys-course
    jupyter lab notebooks

Each exercise has a check that tells what is right or wrong with your answer. Hand in
the notebook as it is.
"""
START_OFFLINE = """
Without a network, on {system}, in this folder:

    python3 -m venv .venv
    .venv/bin/pip install --no-index --find-links offline -r offline/requirements.txt
    .venv/bin/jupyter lab notebooks

In a JupyterLab that is there already, with the same Python, the first cell of each
notebook installs what is missing. The ratings are made up, so your scores are outside
the ranges of the lessons. For real ones, set MOVIELENS_SOURCE to the folder or the zip
of ml-100k before you start JupyterLab.
"""


def pack(project, folder, reveal_from="", offline=False):
    """Write the zip for a learning platform.

    Parameters
    ----------
    project : authoring.project.Project
    folder : pathlib.Path
    reveal_from : str
        The date from which `reveal` shows the answers: ``"2027-01-31"``. Without one,
        the answers are not packed.
    offline : bool
        Also pack the packages that students need, for the system of this computer.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    AuthoringError
        If an exercise is not up to date, because it might contain an answer; or if
        the date is invalid; or if a package could not be downloaded.
    """
    date = _date(reveal_from)
    # Pack only these: the folder may contain other, solved notebooks.
    exercises = [
        _exercise(project, path, language)
        for path in project.sources()
        for language in ("en", *project.languages)
    ]
    name = f"{project.repository.rpartition('/')[2]}-{project.release}"
    others = {path for pattern in PACKED for path in project.root.glob(pattern)}
    found = sorted({*exercises, *others})
    start, target, wheels = START.format(name=name), folder / f"{name}.zip", []
    if offline:
        wheels = download_wheels(project, project.root / "build" / "wheels")
        start += START_OFFLINE.format(system=system())
        target = folder / f"{name}-offline.zip"
    folder.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")  # as it may be large, and end half-way
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, f"{name}/START.txt", start.encode())
        for path in found:
            inner = path.relative_to(project.root)
            if path.is_file() and not set(inner.parts) & set(SECRET):
                _add(archive, f"{name}/{inner.as_posix()}", path.read_bytes())
        for path in wheels:
            member = zipfile.ZipInfo(f"{name}/offline/{path.name}", EPOCH)
            member.external_attr = 0o644 << 16
            with (
                archive.open(member, "w", force_zip64=True) as packed,
                path.open("rb") as file,
            ):
                shutil.copyfileobj(file, packed)
        if date is not None:
            for inner, answers in _answers(project):
                _add(archive, f"{name}/{ANSWERS}/{inner}", answers)
            _add(archive, f"{name}/{ANSWERS}/reveal_from.txt", f"{date}\n".encode())
    os.replace(part, target)
    return target


def _add(archive, name, content):
    member = zipfile.ZipInfo(name, EPOCH)
    member.compress_type = zipfile.ZIP_DEFLATED
    member.external_attr = 0o644 << 16
    archive.writestr(member, content)


def _date(text):
    if not text.strip():
        return None
    try:
        return datetime.date.fromisoformat(text.strip())
    except ValueError:
        raise AuthoringError(
            f"REVEAL_FROM={text} is no date. Write it as 2027-01-31; without one, the "
            "release has no answers in it."
        ) from None


def _answers(project):
    for source in project.sources():
        answers = answers_file(solution_notebook(project, source))
        yield f"{source.stem[:2]}.json", answers.encode()


def _exercise(project, path, language):
    exercise = in_folder(project.notebooks, language) / f"{path.stem}.ipynb"
    expected = as_ipynb(exercise_notebook(project, path, language))
    if not exercise.is_file() or exercise.read_text("utf-8") != expected:
        raise AuthoringError(
            f"{project.show(exercise)} is not what {project.show(path)} gives now, and "
            "might hold an answer. Run `make notebooks` first."
        )
    return exercise
