"""Pack the zip for students: exercises, `helpers` and the environment, no solutions.

With a date, the zip also contains the answers, and `reveal` shows them from that date
on. This keeps honest students from looking; the JSON itself can be read before.
"""

import datetime
import io
import zipfile

from authoring.derive import (
    answers_file,
    as_ipynb,
    exercise_notebook,
    in_folder,
    solution_notebook,
)
from authoring.project import AuthoringError
from helpers.files import write_bytes

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


def pack(project, folder, reveal_from=""):
    """Write the zip for a learning platform.

    Parameters
    ----------
    project : authoring.project.Project
    folder : pathlib.Path
    reveal_from : str
        The date from which `reveal` shows the answers: ``"2027-01-31"``. Without one,
        the answers are not packed.

    Returns
    -------
    pathlib.Path

    Raises
    ------
    AuthoringError
        If an exercise is not up to date, because it might contain an answer; or if
        the date is invalid.
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
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, f"{name}/START.txt", START.format(name=name).encode())
        for path in found:
            inner = path.relative_to(project.root)
            if path.is_file() and not set(inner.parts) & set(SECRET):
                _add(archive, f"{name}/{inner.as_posix()}", path.read_bytes())
        if date is not None:
            for inner, answers in _answers(project):
                _add(archive, f"{name}/{ANSWERS}/{inner}", answers)
            _add(archive, f"{name}/{ANSWERS}/reveal_from.txt", f"{date}\n".encode())
    target = folder / f"{name}.zip"
    write_bytes(target, content.getvalue())
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
