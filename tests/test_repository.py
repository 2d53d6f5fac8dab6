"""What holds of the repository as a whole: links, badges, who imports whom."""

import ast
import re
import subprocess
import tomllib
from urllib.parse import unquote

import nbformat
import pytest
import yaml

import helpers
from authoring.project import Project
from helpers.cli.start import MOVED
from tests.support.paths import ROOT

COURSE = Project.open()
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PACKAGES = {"helpers", "authoring", "grading", "competition", "benchmarks", "tests"}

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
NOTEBOOKS = sorted(
    [*COURSE.solutions.glob("**/*.ipynb"), *COURSE.notebooks.glob("**/*.ipynb")]
)
LINK = re.compile(r"""\]\(<?([^()\s>]+(?:\([^()\s]*\))?)>?(?:\s+"[^"]*")?\)""")
HTML_LINK = re.compile(r"""(?:href|src)=["']([^"']+)["']""")
COLAB = "https://colab.research.google.com/github/"


def markdown_of(path):
    """Return a page's Markdown, or that of a notebook's cells; code left out."""
    if path.suffix == ".ipynb":
        notebook = nbformat.read(path, as_version=4)
        cells = [c.source for c in notebook.cells if c.cell_type == "markdown"]
        text = "\n\n".join(cells)
    else:
        text = path.read_text("utf-8")
    text = re.sub(r"(?ms)^\s*(```|~~~).*?^\s*\1", "", text)
    return re.sub(r"`[^`\n]*`", "", text)


def links_of(path):
    text = markdown_of(path)
    return LINK.findall(text) + HTML_LINK.findall(text)


def anchors_of(path):
    """Return the anchors that GitHub makes of a page's headings."""
    headings = re.findall(r"(?m)^#{1,6}\s+(.+?)\s*$", markdown_of(path))
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}


def broken_links(path):
    """List a page's links into the repository that lead nowhere."""
    broken = []
    for link in links_of(path):
        if re.match(r"[a-z][a-z0-9+.-]*:", link):
            continue
        target, _, anchor = link.partition("#")
        file = (path.parent / target).resolve() if target else path
        if not file.exists() or (
            anchor and file.suffix == ".md" and anchor not in anchors_of(file)
        ):
            broken.append(link)
    return broken


def wrong_badges(path):
    """List a page's Colab links that open no notebook of this release."""
    home = f"{COLAB}{COURSE.repository}/blob/{COURSE.release}/"
    return [
        link
        for link in links_of(path)
        if link.startswith(COLAB)
        and not (
            link.startswith(home)
            and link.endswith(".ipynb")
            and (ROOT / link.removeprefix(home)).is_file()
        )
    ]


@pytest.mark.parametrize("path", [*PAGES, *NOTEBOOKS], ids=COURSE.show)
def test_links_lead_somewhere(path):
    assert broken_links(path) == []


def test_pictures_of_the_readme_are_described_and_small():
    text = (ROOT / "README.md").read_text("utf-8")
    pictures = dict(re.findall(r"!\[([^\]]*)\]\((docs/[^)]+)\)", text))
    assert {"docs/card.png", "docs/map.png"} <= set(pictures.values())
    for said, name in pictures.items():
        assert len(said) > 40, f"say what is to be seen on {name}"
        assert (ROOT / name).stat().st_size < 150_000, name


@pytest.mark.parametrize("path", [*PAGES, *NOTEBOOKS], ids=COURSE.show)
def test_badges_open_a_notebook_of_this_release(path):
    assert wrong_badges(path) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=COURSE.show)
def test_each_notebook_has_its_own_badge(path):
    if path.stem in MOVED:
        return  # it has those of other lessons
    badges = [link for link in links_of(path) if link.startswith(COLAB)]
    assert badges[0].endswith(f"/{COURSE.show(path)}")


@pytest.mark.parametrize("language", COURSE.languages)
def test_the_translated_readme_corresponds_to_the_english_one(language):
    english = (ROOT / "README.md").read_text("utf-8")
    other = (ROOT / f"README.{language}.md").read_text("utf-8")

    def levels(text):
        return re.findall(r"(?m)^(#+) ", text)

    def commands(text):
        """Return what stands in indented blocks: names of files are the reader's."""
        lines = re.findall(r"(?m)^    (\S.*)$", text)
        return [line.split()[:2] for line in lines]

    def links(path):
        """Return where a page's links lead; the two pages name one another."""
        found = map(unquote, links_of(path))
        folder = rf"\b(notebooks|solutions)/{language}\b|(?<=INSTRUCTOR)\.{language}\b"
        own = {re.sub(folder, r"\1", link) for link in found}
        return sorted(link for link in own if not link.startswith("README"))

    assert levels(other) == levels(english)
    assert commands(other) == commands(english)
    assert links(ROOT / f"README.{language}.md") == links(ROOT / "README.md")
    assert f"README.{language}.md" in english
    assert "README.md" in other


def test_broken_links_and_badges_are_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "# One heading: it\n[a](gone.md) [b](page.md#one-heading-it) [c](#two)\n"
        '<img src="no.png"> `[code](code.md)` [web](https://example.org/x)\n'
        f"[![x](https://example.org/y.svg)]({COLAB}a/b/blob/v1/notebooks/01_data.ipynb)"
        f"\n[d]({COLAB}{COURSE.repository}/blob/{COURSE.release}/notebooks/99.ipynb)\n"
        f"[e]({COLAB}{COURSE.repository}/blob/{COURSE.release}/pyproject.toml)\n"
    )
    assert broken_links(page) == ["gone.md", "#two", "no.png"]
    names = [link.rpartition("/")[2] for link in wrong_badges(page)]
    assert names == ["01_data.ipynb", "99.ipynb", "pyproject.toml"]


def test_release_and_version_are_the_same_everywhere():
    version = PYPROJECT["project"]["version"]
    # A copy of the course may name its release as it likes: autumn-2026.
    if re.match(r"v\d", COURSE.release):
        assert f"v{version}" == COURSE.release
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert citation["version"] == version
    assert citation["repository-code"].endswith(f"/{COURSE.repository}")
    assert citation["cff-version"] == "1.2.0"
    assert citation["references"][0]["doi"] == "10.1145/2827872"


def imported_packages(text):
    """Return which of our own packages a Python source imports."""
    names = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(node.module)
    return {name.split(".")[0] for name in names} & PACKAGES


@pytest.mark.parametrize(
    ("folder", "allowed"),
    [
        ("helpers", {"helpers"}),
        ("grading", {"grading", "helpers"}),
        # The hybrid on the leaderboard is the one that the benchmarks train.
        ("competition", {"competition", "grading", "benchmarks", "helpers"}),
        ("authoring", {"authoring", "helpers"}),
        ("benchmarks", {"benchmarks", "grading", "helpers", "tests"}),
        ("solutions", {"helpers"}),
        ("notebooks", {"helpers"}),
    ],
)
def test_arrows_run_one_way(folder, allowed):
    for path in (ROOT / folder).rglob("*.py"):
        text = path.read_text("utf-8")
        if folder in ("solutions", "notebooks"):  # which may have magics
            text = re.sub(r"(?m)^(\s*)[%!].*$", r"\1pass", text)
        assert imported_packages(text) <= allowed, path
    assert imported_packages("import grading.x\nfrom helpers import y") == {
        "grading",
        "helpers",
    }


def test_helpers_lists_its_modules():
    listed = set(re.findall(r"(?m)^`helpers\.(\w+)`  ", helpers.__doc__))
    modules = {
        path.stem
        for path in (ROOT / "helpers").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").is_file()
    }
    assert listed == {name for name in modules if not name.startswith("__")}


def test_no_file_names_a_registry_or_a_folder_of_an_authors_machine():
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("this is no git checkout: its files cannot be told from others")
    forbidden = ["pypi" + ".org", "python" + "hosted", str(ROOT), "/home/" + "runner"]
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if not path.is_file():
            continue
        content = path.read_bytes()
        assert not [f for f in forbidden if f.encode() in content], name


@pytest.mark.parametrize(
    "name",
    [
        ".pre-commit-config.yaml",
        ".github/workflows/site.yml",
        ".github/workflows/test.yml",
        "environment.yml",
    ],
)
def test_yaml_files_can_be_read(name):
    assert isinstance(yaml.safe_load((ROOT / name).read_text("utf-8")), dict)
