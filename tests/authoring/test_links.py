"""The links that open notebooks, and a copy of the course with its own."""

import tomllib
from urllib.parse import parse_qs, urlsplit

import nbformat
import pytest
import yaml

from authoring.__main__ import main
from authoring.derive import derive, is_stale, twin, twin_path, write_twin
from authoring.links import binder_link, hub_link
from authoring.project import AuthoringError, Project
from authoring.translation.extract import update_translations
from tests.support.paths import ROOT
from tests.support.small_courses import PYPROJECT, make_course
from tests.support.translations import spanish_of, translate

OLD = "https://github.com/someone/some-course"
PAGE = f"""\
[docs]({OLD}/blob/v9.9.9/docs/page.md#x) [folder]({OLD}/tree/v9.9.9/docs) <{OLD}>.
[other]({OLD}-two/blob/v9.9.9/x) [later]({OLD}/blob/v9.9.91/x)
[Binder](https://mybinder.org/v2/gh/someone/some-course/v9.9.9?labpath=x.ipynb)
"""
CITATION = f"cff-version: 1.2.0\nversion: 9.9.9\nrepository-code: {OLD}\n"


@pytest.fixture
def course(tmp_path):
    """A course in two languages, executed, with pages and a lesson that link."""
    course = make_course(tmp_path / "course", "01_small.py")
    settings = f'[project]\nversion = "9.9.9"\n\n{PYPROJECT}'
    (course.root / "pyproject.toml").write_text(settings)
    (course.root / "README.md").write_text(PAGE)
    (course.root / "docs").mkdir()
    (course.root / "docs" / "page.md").write_text(PAGE)
    (course.root / "CITATION.cff").write_text(CITATION)
    (path,) = course.sources()
    text = path.read_text("utf-8")
    link = f"[its page]({OLD}/blob/v9.9.9/docs/page.md)"
    path.write_text(text.replace("It has all that", f"See {link}. It has all that"))
    (course.locale / "es" / "LC_MESSAGES").mkdir(parents=True)
    update_translations(course)
    po = translate(course, Means="Medias")
    before, start, after = po.read_text("utf-8").partition("See [its")
    said = f'msgstr "Mira [su página]({OLD}/blob/v9.9.9/docs/page.md)."'
    po.write_text(before + start + after.replace('msgstr ""', said, 1))
    derive(course, path)
    for language in ("en", "es"):
        notebook = twin(course, path, language)
        write_twin(twin_path(course, path, language), notebook)
    return course


def run(course, *options):
    return main(["--root", str(course.root), "links", *options])


def test_a_copy_has_its_own_links_everywhere_and_executes_nothing(course, capsys):
    assert run(course, "--repository", "me/my.course", "--release", "v2.1") == 0
    assert "me/my.course v2.1: changed " in capsys.readouterr().out
    page = (course.root / "README.md").read_text()
    assert page == (course.root / "docs" / "page.md").read_text()
    new = PAGE.replace("/blob/v9.9.9/docs", "/blob/v2.1/docs")
    new = new.replace("/tree/v9.9.9/", "/tree/v2.1/").replace("/v9.9.9?", "/v2.1?")
    new = new.replace("someone/some-course", "me/my.course")
    assert page == new.replace("me/my.course-two", "someone/some-course-two")

    settings = tomllib.loads((course.root / "pyproject.toml").read_text())
    assert settings["project"]["version"] == "2.1"
    assert settings["tool"]["course"] == {
        "repository": "me/my.course",
        "release": "v2.1",
    }
    citation = yaml.safe_load((course.root / "CITATION.cff").read_text())
    assert citation["version"] == "2.1"  # not the number
    assert citation["repository-code"] == "https://github.com/me/my.course"

    lessons = [*course.root.glob("solutions/**/*.*"), *course.notebooks.rglob("*.*")]
    assert len(lessons) == 8
    for path in lessons:
        text = path.read_text("utf-8")
        assert "some-course" not in text and "v9.9.9" not in text, path
        assert "me/my.course/blob/v2.1/" in text, path
    copied = Project.open(course.root)
    assert "Mira [su página](https://github.com/me/my.course/blob/v2.1" in (
        spanish_of(copied)
    )
    for path in course.root.glob("solutions/**/*.ipynb"):
        assert not is_stale(nbformat.read(path, as_version=4))


def test_a_release_that_is_no_version_leaves_the_version(course):
    assert run(course, "--release", "autumn-2026") == 0
    text = (course.root / "pyproject.toml").read_text()
    assert 'version = "9.9.9"' in text and 'release = "autumn-2026"' in text
    assert 'repository = "someone/some-course"' in text


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--repository", "https://github.com/me/mine"], "Write owner/name"),
        (["--repository", "mine"], "Write owner/name"),
        (["--release", "my release"], "RELEASE=my release cannot be a tag"),
        (["--release", "a/../b"], "cannot be a tag"),
        (["--release", "v2", "--hub", "hub.example.edu"], "HUB=https://hub.exam"),
    ],
)
def test_what_cannot_be_in_a_link_is_refused_and_nothing_is_written(
    small_course, capsys, options, said
):
    assert run(small_course, *options) == 2
    assert said in capsys.readouterr().err
    assert (small_course.root / "pyproject.toml").read_text() == PYPROJECT


def test_without_a_change_the_links_are_listed(small_course, capsys):
    before = (small_course.solutions / "01_small.py").read_bytes()
    assert run(small_course, "--hub", "https://hub.example.edu/teaching/") == 0
    assert (small_course.solutions / "01_small.py").read_bytes() == before
    colab, binder, hub = map(urlsplit, capsys.readouterr().out.splitlines())
    path = "/github/someone/some-course/blob/v9.9.9/notebooks/01_small.ipynb"
    assert colab.path == path
    assert binder.path == "/v2/gh/someone/some-course/v9.9.9"
    assert parse_qs(binder.query) == {"labpath": ["notebooks/01_small.ipynb"]}
    assert hub.hostname == "hub.example.edu"
    assert hub.path == "/teaching/hub/user-redirect/git-pull"
    assert parse_qs(hub.query) == {
        "repo": ["https://github.com/someone/some-course"],
        "urlpath": ["lab/tree/some-course/notebooks/01_small.ipynb"],
    }


def test_what_has_no_address_is_no_hub(small_course):
    with pytest.raises(AuthoringError, match="HUB=ftp://x is not the address"):
        hub_link(small_course, "notebooks/01_small.ipynb", "ftp://x")


def test_each_readme_opens_each_lesson_on_binder():
    course = Project.open()
    for language, folder in (("", "notebooks"), (".es", "notebooks/es")):
        text = (ROOT / f"README{language}.md").read_text("utf-8")
        for source in course.sources():
            link = binder_link(course, f"{folder}/{source.stem}.ipynb")
            assert f"[Binder]({link})" in text
    assert (ROOT / "environment.yml").is_file()  # what Binder installs
