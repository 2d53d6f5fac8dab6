"""The links that open a notebook elsewhere, and how to change them for a copy.

All of them are made from ``repository`` and ``release`` in ``[tool.course]`` of
``pyproject.toml``: the badges, the set-up cells, the tables of the READMEs, and the
links of lessons to pages of the repository.
"""

import re
from urllib.parse import quote, urlsplit

from authoring.project import AuthoringError, Project
from helpers.files import write_text

# GitHub's names, and tags that are a part of an address as they are.
REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9_.-]*[A-Za-z0-9_-]")
RELEASE = re.compile(r"(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._-]*(?<!\.lock)(?<!\.)")
VERSION = re.compile(r"v(\d+(?:\.\d+)*)")


def colab_link(project, notebook):
    """Return the link that opens ``notebooks/02_dot_model.ipynb`` on Colab."""
    place = f"{project.repository}/blob/{project.release}/{notebook}"
    return f"https://colab.research.google.com/github/{place}"


def binder_link(project, notebook):
    """Return the link that opens a notebook on Binder, with ``environment.yml``."""
    place = f"{project.repository}/{project.release}"
    return f"https://mybinder.org/v2/gh/{place}?labpath={quote(notebook, safe='')}"


def hub_link(project, notebook, hub):
    """Return the link that copies the course to a JupyterHub, and opens a notebook.

    The hub needs nbgitpuller, which merges the default branch into what the student
    has: it follows branches, not tags.

    Parameters
    ----------
    project : authoring.project.Project
    notebook : str
    hub : str
        ``https://hub.example.edu``.

    Raises
    ------
    AuthoringError
        If `hub` is not an address.
    """
    address = urlsplit(hub)
    if address.scheme not in ("http", "https") or not address.hostname:
        raise AuthoringError(
            f"HUB={hub} is not the address of a JupyterHub. Write it as in your "
            "browser: HUB=https://hub.example.edu"
        )
    name = project.repository.rpartition("/")[2]
    source = quote(f"https://github.com/{project.repository}", safe="")
    opened = quote(f"lab/tree/{name}/{notebook}", safe="")
    place = f"{address.scheme}://{address.netloc}{address.path.rstrip('/')}"
    return f"{place}/hub/user-redirect/git-pull?repo={source}&urlpath={opened}"


def restamp(project, repository, release):
    """Change the repository and the release in all sources that name them.

    The derived files still have to be derived anew.

    Parameters
    ----------
    project : authoring.project.Project
    repository : str
        ``owner/name`` on GitHub; empty: as it is.
    release : str
        A git tag; empty: as it is. One like ``v1.2`` also sets the version.

    Returns
    -------
    new : authoring.project.Project
    changed : list of pathlib.Path
    reword : function of str to str
        Changes the links in any other text, such as a translation.

    Raises
    ------
    AuthoringError
        If `repository` or `release` has another form. Then nothing is written.
    """
    repository = repository.strip() or project.repository
    release = release.strip() or project.release
    if not REPOSITORY.fullmatch(repository):
        raise AuthoringError(
            f"REPOSITORY={repository} is not a repository on GitHub. Write owner/name, "
            "as in https://github.com/owner/name."
        )
    if not RELEASE.fullmatch(release):
        raise AuthoringError(
            f"RELEASE={release} cannot be a tag in these links. Write letters, digits, "
            "dots, hyphens and underscores: RELEASE=v1.2"
        )

    def reword(text):
        return _links_of(project).sub(
            lambda link: (
                f"{link['site']}{repository}"
                + (f"{link['kind']}{release}" if link["kind"] else "")
            ),
            text,
        )

    files = dict.fromkeys(_pages(project), reword)
    settings = {"repository": repository, "release": release}
    version = VERSION.fullmatch(release)
    versions = {"version": version[1]} if version else {}

    def configured(text):
        return _set(text, settings | versions, '{name} = "{value}"')

    def cited(text):
        return _set(reword(text), versions, '{name}: "{value}"')

    files |= {
        project.root / "pyproject.toml": configured,
        project.root / "CITATION.cff": cited,
    }
    changed = [
        path
        for path, change in files.items()
        if path.is_file() and write_text(path, change(path.read_text("utf-8")))
    ]
    return Project.open(project.root), changed, reword


def _pages(project):
    """List the texts that people edit and that may have links."""
    root = project.root
    return [*root.glob("*.md"), *root.glob("docs/**/*.md"), *project.sources()]


def _links_of(project):
    """Match addresses of the repository, with the release if they name it."""
    repository, release = re.escape(project.repository), re.escape(project.release)
    return re.compile(
        rf"(?P<site>github\.com/|/github/|/gh/){repository}(?![\w-])"
        rf"(?:(?P<kind>/blob/|/tree/|/){release}(?![\w.-]))?"
    )


def _set(text, values, form):
    """Set the first line of each name, at the beginning of a line."""
    for name, value in values.items():
        start = re.escape(form.format(name=name, value="").rstrip('"'))
        line = form.format(name=name, value=value)
        text = re.sub(rf"(?m)^{start}.*$", lambda _, line=line: line, text, count=1)
    return text
