"""A class of sixty, graded in one run: its tables and pages, in both languages."""

import csv
import re

import pytest

from competition.__main__ import main
from tests.support import class_of_sixty
from tests.support.competitions import small, small_folder


@pytest.fixture(scope="module")
def sixty(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sixty")
    return class_of_sixty.write(
        small(), folder / "class.zip", megabytes=21
    ), folder / "class.zip"


@pytest.fixture(scope="module")
def out(sixty, tmp_path_factory):
    """The folder of the leaderboard at the end of the competition."""
    return leaderboard(sixty[1], tmp_path_factory.mktemp("out"), "--reveal")


@pytest.fixture(scope="module")
def spanish(sixty, tmp_path_factory):
    """The same before the end, in Spanish."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_LANG", "")
        return leaderboard(sixty[1], tmp_path_factory.mktemp("es"), "--lang", "es")


def leaderboard(path, out, *options):
    command = ["leaderboard", str(path), "--folder", str(small_folder())]
    assert main([*command, "--out", str(out), *options]) == 0
    return out


def test_every_verdict_on_sixty_teams_is_as_declared(sixty, out):
    found = list(class_of_sixty.verdicts(sixty[0], out))
    assert [(case.team, wrong) for case, wrong in found if wrong] == []
    kinds = [case.kind for case, _ in found]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "ordinary": 35,
        "broken": 20,
        "cheating": 5,
    }


def test_no_cell_is_a_formula(out):
    for name in ("leaderboard.csv", "files.csv"):
        with (out / name).open(encoding="utf-8-sig", newline="") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]


def test_only_the_instructor_s_page_has_flags(out):
    for_class = (out / "leaderboard.html").read_text("utf-8")
    for_instructor = (out / "instructor.html").read_text("utf-8")
    words = "better than the best possible"
    assert words in for_instructor
    assert words not in for_class
    for page in (for_class, for_instructor):
        assert "The scores are final" in page
        assert "it is a line" not in page
        assert "http" not in page.replace("http-equiv", "")
        assert "can be looked up" not in page.replace("nobody can", "")


def test_the_preliminary_pages_show_public_scores_only(spanish, out):
    page = (spanish / "leaderboard.html").read_text("utf-8")
    assert "Los resultados son provisionales" in page
    first, last = (
        class_of_sixty.rows_of(folder / "leaderboard.csv", "name")["Team 03"][0]
        for folder in (spanish, out)
    )
    assert first["score"] == first["public_score"] == last["public_score"]
    assert last["score"] != last["public_score"]


def test_the_pages_are_in_spanish(spanish):
    page = (spanish / "instructor.html").read_text("utf-8")
    assert '<html lang="es">' in page
    text = re.sub(r"<[^>]+>|“[^”]*”|«[^»]*»", " ", page.partition("</style>")[2])
    # The teams have English names: these stand in front of their files.
    text = re.sub(r"[\w ]+, [\w ]+_\d+_assign\S+", "", text)
    english = r"\b(line|rated|score|better|than|users?|there|is|not|those|of)\b"
    assert re.findall(english, text) == []


def test_names_are_escaped(tmp_path):
    folder = tmp_path / "in" / "<script>alert(1)<"
    folder.mkdir(parents=True)
    (folder / "x.csv").write_text("a,b\n1,2\n")
    out = leaderboard(tmp_path / "in", tmp_path / "out")
    page = (out / "leaderboard.html").read_text("utf-8")
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;" in page
