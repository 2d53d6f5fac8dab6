"""Packs what students get: exercises, `helpers`, the environment; no solutions."""

import zipfile

from authoring.derive import as_ipynb, exercise_notebook, in_folder
from authoring.project import AuthoringError

PACKED = (
    "notebooks/**/*.ipynb",
    "helpers/**/*.py",
    "helpers/locale/**/*.mo",
    "environment.yml",
    "LICENSE",
)
SECRET = ("solved", "solutions", "grading")
# Zips know no time before it; a release depends on the files alone.
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


def pack(project, folder):
    """Write the zip for a learning platform.

    Parameters
    ----------
    project : authoring.project.Project
    folder : pathlib.Path

    Returns
    -------
    pathlib.Path

    Raises
    ------
    AuthoringError
        If an exercise is not as derived now: it might hold an answer.
    """
    for path in project.sources():
        _refuse_stale(project, path)
    name = f"{project.repository.rpartition('/')[2]}-{project.release}"
    found = sorted({path for one in PACKED for path in project.root.glob(one)})
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{name}.zip"
    draft = target.with_suffix(".tmp")
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, f"{name}/START.txt", START.format(name=name).encode())
        for path in found:
            inner = path.relative_to(project.root)
            if path.is_file() and not set(inner.parts) & set(SECRET):
                _add(archive, f"{name}/{inner.as_posix()}", path.read_bytes())
    draft.replace(target)
    return target


def _add(archive, name, content):
    member = zipfile.ZipInfo(name, EPOCH)
    member.compress_type = zipfile.ZIP_DEFLATED
    member.external_attr = 0o644 << 16
    archive.writestr(member, content)


def _refuse_stale(project, path):
    for language in ("en", *project.languages):
        folder = in_folder(project.notebooks, language)
        exercise = folder / f"{path.stem}.ipynb"
        expected = as_ipynb(exercise_notebook(project, path, language))
        if not exercise.is_file() or exercise.read_text("utf-8") != expected:
            raise AuthoringError(
                f"{project.show(exercise)} is not what {project.show(path)} gives now, "
                "and might hold an answer. Run `make notebooks` first."
            )
