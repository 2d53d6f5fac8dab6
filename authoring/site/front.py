"""Convert the README to the front page, and the links of all Markdown pages."""

import re
from pathlib import PurePosixPath

from authoring.project import LESSON_NAME

LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s]+)\)")
IMAGES = (".png", ".svg", ".jpg", ".gif")
LESSON_FOLDERS = ("notebooks", "solutions")


def front_page(readme, lessons, words):
    """Convert a README to the front page, with the lessons' section first.

    Parameters
    ----------
    readme : str
    lessons : list of str
        The lessons' names, to find their table.
    words : dict of str to str
        The result of `authoring.site.texts.site_texts`.

    Returns
    -------
    str : Markdown
    """
    first, *sections = re.split(r"(?m)^(?=## )", readme)
    table = f"/{lessons[0]}.ipynb)"
    sections.sort(key=lambda section: table not in section)
    # A table's header must not be empty, for screen readers.
    return re.sub(r"(?m)^\| +\|", f"| {words['lesson']} |", first + "".join(sections))


def rewrite_links(text, folder, project, pages, fronts):
    """Rewrite the relative links of a Markdown file for the web page.

    Links to files that have no page lead to the repository.

    Parameters
    ----------
    text : str
    folder : str
        The file's folder in the project: ``"docs"`` or ``""``.
    project : authoring.project.Project
    pages : set of str
        The names of the pages in `docs`: ``glossary``.
    fronts : dict of str to str
        The relative path to each language's front page, by its README.

    Returns
    -------
    text : str
    images : list of pathlib.Path
        The page's pictures, which belong into its folder `images`.
    """
    images = []

    def rewrite(match):
        mark, label, target = match.groups()
        if re.match(r"[a-z]+:|#", target):
            return match[0]
        path, _, anchor = target.partition("#")
        path = _normal(folder, path)
        anchor = f"#{anchor}" if anchor else ""
        if path.endswith(IMAGES) and mark:
            images.append(project.root / path)
            target = f"images/{PurePosixPath(path).name}"
        elif path in fronts:
            return f'<a href="{fronts[path]}">{label}</a>'
        elif page := _page(path, pages):
            target = f"{page}{anchor}"
        else:
            kind = "tree" if (project.root / path).is_dir() else "blob"
            place = f"{project.repository}/{kind}/{project.release}/{path}{anchor}"
            target = f"https://github.com/{place}"
        return f"{mark}[{label}]({target})"

    return LINK.sub(rewrite, text), images


def _normal(folder, path):
    parts = []
    for part in PurePosixPath(folder, path).parts:
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def _page(path, pages):
    path = PurePosixPath(path)
    if path.parts[0] in LESSON_FOLDERS and LESSON_NAME.fullmatch(path.stem):
        return f"lessons/{path.stem}.ipynb"
    if path.suffix == ".md" and path.stem in pages and path.parts[0] == "docs":
        return path.name
    return None
