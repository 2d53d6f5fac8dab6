"""Files of teams, in the layouts of downloads."""

import zipfile

import pytest

from competition.entries import read_entries
from grading.archives import Rejected
from helpers.competition.submissions import RATINGS
from helpers.competition.writing import write_lists, write_ratings
from tests.support.competitions import small


@pytest.fixture(scope="module")
def valid(tmp_path_factory):
    """The content of a file of stars, and of one of lists."""
    made, folder = small(), tmp_path_factory.mktemp("valid")
    (folder / "stars.csv").write_text("")
    stars, lists = folder / "stars.csv", folder / "lists.csv"
    write_ratings(made.competition, made.rows[RATINGS, "biases"].values, stars)
    write_lists(made.competition, made.rows["lists", "EASE"].values, lists)
    return stars.read_bytes(), lists.read_bytes()


def handed_in(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def found(path, tries=5, layout=""):
    files, notes = read_entries(path, small().competition, tries, layout)
    table = {}
    for file in files:
        state = "rejected" if file.submission is None else file.counts
        table.setdefault(file.team, []).append((file.name.rpartition("/")[2], state))
    return table, notes


LAYOUTS = {
    "a folder per team": "{team}/mine.csv",
    "a file per team": "{team}.csv",
    "Moodle": "{team}_{n}_assignsubmission_file_/mine.csv",
    "Canvas": "{team}_{n}_9{n}_mine.csv",
    "Blackboard": "Project_{team}_attempt_2026-11-27-10-11-1{n}_mine.csv",
    "Classroom": "{team} - mine.csv",
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_download_of_any_platform_is_read(tmp_path, valid, name):
    files = {
        LAYOUTS[name].format(team=team, n=n): valid[n % 2]
        for n, team in enumerate(["adalove", "bobby", "eve"], start=1)
    }
    table, _ = found(handed_in(tmp_path / "x", files))
    assert set(table) == {"adalove", "bobby", "eve"}
    assert all(states[0][1] is True for states in table.values())
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file, content in files.items():
            archive.writestr(file, content)
    assert found(path)[0] == table


def test_the_last_files_of_each_kind_count(tmp_path, valid):
    stars, lists = valid
    files = {f"ada/{n}.csv": stars for n in (1, 2, 10)} | {
        "ada/11.csv": b"nothing",
        "ada/0.csv": lists,
        "bob/x.csv": stars,
    }
    table, notes = found(handed_in(tmp_path, files), tries=2)
    assert table["ada"] == [
        *[("0.csv", True), ("1.csv", False), ("2.csv", True), ("10.csv", True)],
        ("11.csv", "rejected"),
    ]
    assert "2 teams" in notes[0]


def test_nobody_disappears(tmp_path, valid):
    files = {"ada/x.csv": valid[0], "bob/x.pdf": b"%PDF-1.7", "eve/x.csv": b""}
    folder = handed_in(tmp_path, files)
    (folder / "dora").mkdir()
    table, _ = found(folder)
    assert set(table) == {"ada", "bob", "dora", "eve"}
    assert table["dora"] == [("dora", "rejected")]


def test_a_large_file_is_refused_with_no_word_on_notebooks(tmp_path, valid):
    files = {"ada/x.csv": valid[0], "bob/x.csv": bytes(21 * 2**20)}
    files, _ = read_entries(handed_in(tmp_path, files), small().competition, 5)
    (note,) = files[1].notes
    assert note == "The file is too large (21 MB; at most 20)."


def test_names_that_differ_in_case_are_two_teams_and_noted(tmp_path, valid):
    files = {"ada/x.csv": valid[0], "Ada/x.csv": valid[0]}
    table, notes = found(handed_in(tmp_path, files))
    assert set(table) == {"Ada", "ada (2)"}
    assert "Names that are alike: Ada, ada (2)." in notes


def test_a_worksheet_of_moodle_is_nobodys_file(tmp_path, valid):
    sheet = b"Identifier,Full name,Status,Grade\nParticipant 12,Ada,,\n"
    name = "Ada Love_12_assignsubmission_file_/x.csv"
    folder = handed_in(tmp_path, {name: valid[0], "Grades.csv": sheet})
    assert list(found(folder)[0]) == ["Ada Love"]


@pytest.mark.parametrize("path", ["missing", "empty"])
def test_nothing_to_read_is_said(tmp_path, path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(Rejected, match=path):
        found(tmp_path / path)


def test_a_layout_can_be_chosen(tmp_path, valid):
    folder = handed_in(tmp_path, {"ada/x.csv": valid[0], "ada/y.csv": valid[0]})
    assert set(found(folder, layout="flat")[0]) == {"x", "y"}
