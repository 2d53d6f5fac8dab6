"""Write a small notebook at the former address of each lesson that has moved.

Links to a lesson's notebook, on Colab for example, outlive its name.
"""

import nbformat

from authoring.derive import METADATA, as_ipynb, in_folder, solution_notebook
from authoring.lesson_format import title_of
from authoring.setup_cell import badge
from authoring.translation.translate import MOVED_HERE, Translation
from helpers.cli.start import MOVED


def moved_files(project):
    """Return the notebooks that link to the lessons which replace another one.

    Parameters
    ----------
    project : authoring.project.Project

    Returns
    -------
    dict of pathlib.Path to str
    """
    lessons = {path.stem: path for path in project.sources()}
    return {
        in_folder(project.notebooks, language) / f"{old}.ipynb": _notebook(
            project, [lessons[name] for name in names], language
        )
        for old, names in MOVED.items()
        if set(names) <= set(lessons)
        for language in ("en", *project.languages)
    }


def _notebook(project, paths, language):
    def translation(name):
        return str if language == "en" else Translation.read(project, language, name)

    folder = in_folder(project.notebooks, language).relative_to(project.root)
    lines = [f"# {translation(paths[0].stem)(MOVED_HERE)}", ""]
    for path in paths:
        link = badge(project, folder.as_posix(), path.stem, translation(path.stem))
        title = title_of(solution_notebook(project, path, language))
        lines.append(f"- [{title}]({path.stem}.ipynb) {link}")
    cell = nbformat.v4.new_markdown_cell("\n".join(lines), id="moved")
    return as_ipynb(nbformat.v4.new_notebook(metadata=METADATA, cells=[cell]))
