"""Build the course's web site from the executed lessons: ``make site``.

Nothing is executed. Neither the build nor the pages load anything from the network, and
the pages can be served from any folder.
"""

import io
import os
import shutil
import tempfile
from dataclasses import dataclass
from html import escape
from pathlib import Path
from unittest.mock import patch

import nbformat
import plotly
from sphinx.application import Sphinx
from sphinx.errors import SphinxError
from sphinx.util.console import nocolor
from sphinx.util.docutils import docutils_namespace, patch_docutils

from authoring.derive import in_folder
from authoring.lesson_format import title_of
from authoring.links import binder_link, colab_link
from authoring.project import LESSON_NAME, AuthoringError
from authoring.site.front import front_page, rewrite_links
from authoring.site.lesson import page_notebook
from authoring.site.texts import site_texts

TEMPLATES = Path(__file__).parent.parent / "templates" / "site"
PLOTLY_SCRIPT = f"scripts/plotly-{plotly.__version__}.min.js"
MAIN = "en"
IN_ALL_LANGUAGES = ("glossary.md",)  # one table with all languages


@dataclass(frozen=True)
class Edition:
    """The course in one language.

    Attributes
    ----------
    language : str
        ``"en"``.
    lessons : dict of str to str
        The title of each lesson, by name: ``02_dot_model``.
    """

    language: str
    lessons: dict

    @property
    def folder(self):
        """str : the language's subfolder of `solutions` and so on; may be empty."""
        return "" if self.language == MAIN else self.language

    @property
    def to_root(self):
        """str : the relative path from this folder to the site's root."""
        return "../" if self.folder else ""


def build_site(project, out):
    """Build the site in a folder, and replace its old content at the end.

    Parameters
    ----------
    project : authoring.project.Project
    out : pathlib.Path

    Returns
    -------
    pathlib.Path : the front page

    Raises
    ------
    AuthoringError
        If a lesson has no executed twin, or if Sphinx reports a problem.
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    editions = find_editions(project)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix="site-") as scratch:
        scratch = Path(scratch)
        draft = scratch / "site"
        for edition in editions:
            source = scratch / "source" / edition.language
            _write_source(project, edition, editions, source)
            language = site_texts(edition.language)["language"]
            print(f"{language}: {len(edition.lessons)} lessons …", flush=True)
            _run_sphinx(project, edition, editions, source, draft / edition.folder)
        for path in _notebooks(project, editions):
            target = draft / path.relative_to(project.root)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        script = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
        (draft / "scripts").mkdir()
        shutil.copyfile(script, draft / PLOTLY_SCRIPT)
        # Otherwise GitHub Pages leaves out folders that start with "_".
        (draft / ".nojekyll").touch()
        shutil.rmtree(out, ignore_errors=True)
        draft.replace(out)
    return out / "index.html"


def find_editions(project):
    """List the languages that the course has executed lessons in, English first."""
    editions = []
    for language in (MAIN, *project.languages):
        folder = in_folder(project.solutions, language)
        lessons = {
            path.stem: title_of(nbformat.read(path, as_version=4))
            for path in sorted(folder.glob("*.ipynb"))
            if LESSON_NAME.fullmatch(path.stem)
        }
        if lessons:
            editions.append(Edition(language, lessons))
    if not editions or editions[0].language != MAIN:
        raise AuthoringError(
            f"No executed lesson in {project.solutions}. Run `make notebooks`."
        )
    return editions


def _notebooks(project, editions):
    return [
        folder / edition.folder / f"{name}.ipynb"
        for edition in editions
        for name in edition.lessons
        for folder in (project.notebooks, project.solutions)
    ]


def _write_source(project, edition, editions, source):
    """Write Sphinx's source: each page as Markdown or as a notebook."""
    words = site_texts(edition.language)
    (source / "lessons").mkdir(parents=True)
    (source / "images").mkdir()
    for name in edition.lessons:
        solution, exercise = (
            nbformat.read(folder / edition.folder / f"{name}.ipynb", as_version=4)
            for folder in (project.solutions, project.notebooks)
        )
        with patch.dict(os.environ, COURSE_LANG=edition.language):
            page = page_notebook(
                solution,
                exercise,
                name,
                words,
                _links(project, edition, name),
                f"../{edition.to_root}{PLOTLY_SCRIPT}",
            )
        nbformat.write(page, source / "lessons" / f"{name}.ipynb")

    docs = _docs(project, edition)
    names = {path.stem for path in docs}
    readme = project.root / _readme(edition)
    fronts = {
        _readme(other): edition.to_root + f"{other.folder}/index.html".lstrip("/")
        for other in editions
    }
    texts = {path: path.read_text("utf-8") for path in docs}
    front = f"# {words['title']}\n"
    if readme.is_file():
        front = front_page(readme.read_text("utf-8"), list(edition.lessons), words)
    texts[source / "index.md"] = front
    for path, text in texts.items():
        folder = "docs" if path in docs else ""
        text, images = rewrite_links(text, folder, project, names, fronts)
        if path.name == "index.md":
            text += _contents(edition, sorted(names), words)
        (source / path.name).write_text(text, "utf-8")
        for image in images:
            shutil.copyfile(image, source / "images" / image.name)


def _docs(project, edition):
    docs = project.root / "docs"
    own = list((docs / edition.folder).glob("*.md"))
    shared = [docs / name for name in IN_ALL_LANGUAGES if (docs / name).is_file()]
    return sorted({*own, *shared})


def _readme(edition):
    """Return ``README.md``, or in another language ``README.es.md``."""
    return f"README.{edition.folder}.md" if edition.folder else "README.md"


def _contents(edition, docs, words):
    """Return the tables of contents, from which Sphinx makes the menu."""
    lessons = [f"lessons/{name}" for name in edition.lessons]
    parts = []
    for caption, entries in ((words["lessons"], lessons), (words["more"], docs)):
        if entries:
            listed = "\n".join(entries)
            parts.append(
                f"\n\n```{{toctree}}\n:hidden:\n:caption: {caption}\n\n{listed}\n```\n"
            )
    return "".join(parts)


def _links(project, edition, name):
    """Return the links below a lesson's title: Colab, Binder, the notebooks' files."""
    words = site_texts(edition.language)
    file = "/".join(filter(None, [edition.folder, f"{name}.ipynb"]))
    to_root = f"../{edition.to_root}"
    colab = colab_link(project, f"notebooks/{file}")
    binder = binder_link(project, f"notebooks/{file}")
    entries = [
        f'<a class="colab" href="{colab}">{escape(words["open"])}</a>',
        f'<a href="{escape(binder)}">{escape(words["binder"])}</a>',
        f'<a href="{to_root}notebooks/{file}" download>{escape(words["exercise"])}</a>',
        f'<a href="{to_root}solutions/{file}" download>{escape(words["solution"])}</a>',
    ]
    return (
        f'<nav class="notebook-links" aria-label="{escape(words["these"])}">'
        + " ".join(entries)
        + "</nav>"
    )


def _run_sphinx(project, edition, editions, source, out):
    warnings = io.StringIO()
    nocolor()
    with patch_docutils(str(source)), docutils_namespace():
        try:
            app = Sphinx(
                srcdir=source,
                confdir=None,
                outdir=out,
                doctreedir=source.parent / f"doctrees-{edition.language}",
                buildername="html",
                confoverrides=_settings(project, edition, editions),
                status=None,
                warning=warnings,
                freshenv=True,
            )
            app.build(force_all=True)
        except SphinxError as error:
            raise AuthoringError(f"Sphinx could not build the site: {error}") from None
    shutil.rmtree(out / "_sources", ignore_errors=True)
    (out / ".buildinfo").unlink(missing_ok=True)
    if said := warnings.getvalue().strip():
        raise AuthoringError(f"Sphinx must not print warnings:\n{said}")


def _settings(project, edition, editions):
    words = site_texts(edition.language)
    others = [
        {
            "code": other.language,
            "name": site_texts(other.language)["language"],
            "way": f"{edition.to_root}{other.folder}/" if other.folder else "../",
            "pages": [f"lessons/{name}" for name in other.lessons]
            + [path.stem for path in _docs(project, other)],
        }
        for other in editions
        if other != edition
    ]
    return {
        "project": words["title"],
        "author": "",
        "copyright": "",
        "language": edition.language,
        "extensions": ["myst_nb", "authoring.site.extension"],
        "nb_execution_mode": "off",
        "nb_merge_streams": True,
        "nb_ipywidgets_js": {},
        "myst_enable_extensions": ["dollarmath", "amsmath"],
        "myst_heading_anchors": 3,
        "html_theme": "sphinx_book_theme",
        "html_title": words["title"],
        "html_favicon": str(TEMPLATES / "favicon.svg"),
        "html_static_path": [str(TEMPLATES / "static")],
        "html_css_files": ["course.css"],
        "templates_path": [str(TEMPLATES / "blocks")],
        "html_math_renderer": "mathml",
        "html_sidebars": {
            "**": [
                "course-title.html",
                "search-button-field.html",
                "sbt-sidebar-nav.html",
            ]
        },
        "html_copy_source": False,
        "html_show_sphinx": False,
        "html_show_copyright": False,
        "html_use_index": False,
        "html_domain_indices": False,
        "html_context": {"other_languages": others, "default_mode": "auto"},
        "html_theme_options": {
            "repository_url": f"https://github.com/{project.repository}",
            "use_repository_button": True,
            "use_download_button": False,
            "use_fullscreen_button": False,
            "home_page_in_toc": True,
            "show_toc_level": 2,
            "search_bar_text": words["search"],
            "article_header_end": [
                "language-switch.html",
                "article-header-buttons.html",
            ],
            "footer_content_items": [],
            "navbar_start": [],
            "navbar_center": [],
            "navbar_end": [],
            "navbar_persistent": [],
        },
    }
