"""The pages that are not lessons: the front page (the README) and those in `docs/`."""

import re
from pathlib import PurePosixPath

from authoring.project import LESSON_NAME

LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s]+)\)")
IMAGES = (".png", ".svg", ".jpg", ".gif")
LESSON_FOLDERS = ("notebooks", "solutions")


def front_page(readme, lessons, words):
    """Return a README as a front page: what it is, the lessons, all the rest.

    Parameters
    ----------
    readme : str
    lessons : list of str
        Names of the lessons, to know their table by.
    words : dict of str to str
        One language of `authoring.site.words.WORDS`.

    Returns
    -------
    str : Markdown
    """
    first, *sections = re.split(r"(?m)^(?=## )", readme)
    table = f"/{lessons[0]}.ipynb)"
    sections.sort(key=lambda section: table not in section)
    # An empty header heads nothing.
    return re.sub(r"(?m)^\| +\|", f"| {words['lesson']} |", first + "".join(sections))


def rewrite_links(text, folder, project, pages, fronts):
    """Let the relative links of a Markdown file work on the web page.

    Parameters
    ----------
    text : str
    folder : str
        Where the file is, from the project's folder: ``"docs"`` or ``""``.
    project : authoring.project.Project
    pages : set of str
        The names of the pages in `docs`: ``glossary``.
    fronts : dict of str to str
        Each language's README, and the way from here to the front page made of it.

    Returns
    -------
    text : str
        To other files of the project links lead to the repository.
    images : list of pathlib.Path
        Pictures that the page shows, wanted in its folder `images`.
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
