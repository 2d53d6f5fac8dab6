"""Tables for spreadsheets, Moodle and Canvas."""

import csv
import io

import pytest

from grading import __main__ as command
from grading import csv_reports
from grading.__main__ import write_results
from grading.batch import Result
from grading.grade import Mark
from grading.submissions import (
    Submission,
    find_submissions,
    look_through,
)
from tests.support.downloads import GOOD, graded, result, write
from tests.support.submission_layouts import (
    A,
    B,
    C,
    D,
)


def test_names_that_look_alike_stay_apart(tmp_path):
    names = ["aa_honest.py", "aa_honest .py", "aa_honest\u200b.py", "bb.ipynb"]
    for name in names:
        (tmp_path / name).write_bytes(GOOD)
    found = [one.student for one in find_submissions(tmp_path)]
    assert sorted(found) == ["aa_honest", "aa_honest (2)", "aa_honest (3)", "bb"]
    # In a table's cell, too.
    assert len({csv_reports.cell(one) for one in found}) == 4


def test_tables_are_no_formulas():
    text = csv_reports.grades([result("=cmd()"), result("Ada", reason="@x\nsecond")])
    assert "\n'=cmd()," in text
    assert "'@x second" in text


def test_canvas_finds_its_students(tmp_path):
    """Column by column as its importer reads them; see the tables' docstrings."""
    members = {
        "ekbo_LATE_1300_3500_x.ipynb": A,
        "team_one_1301_3501_x.ipynb": B,
        "docy_1302_3502_x.pdf": b"%PDF",
        "cleo.ipynb": C,
    }
    results = graded(write(tmp_path / "in", members))
    header, possible, *rows = csv.reader(csv_reports.canvas(results, "02").splitlines())
    assert header[:5] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    assert possible == ["Points Possible", "", "", "", "", "2"]
    assert {row[0]: (row[1], row[5]) for row in rows} == {
        "ekbo": ("1300", "1"),
        "team_one": ("1301", "1"),
        "cleo": ("", "1"),
    }
    # An empty cell would take away what somebody has in Canvas, or in Moodle.
    assert "docy" not in csv_reports.canvas(results, "02") + csv_reports.moodle(
        results, "02"
    )
    assert "ekbo,1\n" in csv_reports.moodle(results, "02")


def test_what_was_not_attempted_overwrites_no_points():
    not_tried = [Mark("2.1", "look up", 0, 2, "not attempted", "still as it was")]
    results = [
        Result(Submission("ada", "ada.ipynb"), "02", not_tried),
        Result(
            Submission("bo", "bo.ipynb"), "02", [*not_tried, *result("bo", 0).marks]
        ),
    ]
    assert csv_reports.graded_lessons(results[:1]) == []
    for table in (csv_reports.canvas(results, "02"), csv_reports.moodle(results, "02")):
        assert "ada" not in table
        assert table.splitlines()[-1] in ("bo,0", "bo,,,,,0")


def test_an_ambiguous_name_gets_no_points(tmp_path):
    results = [result(name) for name in ("Ada", "ada (3)", "Ada (2)", "Bo")]
    out = tmp_path / "out"
    later = write_results(out, results, 1.0)
    assert "Ada, ada (3), Ada (2)" in later[0]
    for name in ("gradebook_moodle_02", "gradebook_canvas_02"):
        text = (out / f"{name}.csv").read_text(encoding="utf-8")
        assert "Bo" in text and "da" not in text
    assert "ada (3)" in (out / "grades.csv").read_text(encoding="utf-8")
    # With their numbers, Canvas can tell them.
    numbered = [
        Result(
            Submission(one, one, platform="canvas", account=str(n)),
            "02",
            result(one).marks,
        )
        for n, one in enumerate(("Ada (71)", "Ada (72)"), start=71)
    ]
    assert "Ada (71),71" in csv_reports.canvas(numbered, "02")


WORKSHEET = """\
Identifier,Full name,Email address,Status,Group,Grade,Maximum Grade,Grade can be \
changed,Last modified (grade),Feedback comments
Participant 71,Ada Byron,ada@x,Submitted,Rockets,,2.00,Yes,"Friday, 1 May 2026",
Participant 72,Bo Ek,bo@x,Submitted,Team Rocket,0.50,2.00,Yes,-,"=1+1, well"
Participant 73,Cy Do,cy@x,Submitted,Team Rocket,1.50,2.00,Yes,-,
Participant 74,Zoé Ñu,zo@x,No submission,,1.00,2.00,Yes,-,
Participant 75,Di Fo,di@x,Submitted,,1.25,2.00,Yes,-,
"""


@pytest.mark.parametrize("place", ["inside", "beside", "named", "nowhere"])
def test_moodles_own_worksheet_is_filled_in(tmp_path, place):
    """By number and name; what Moodle has for others stays as it was."""
    members = {
        "Ada Byron_71_assignsubmission_file_/02.ipynb": A,
        "Zoe\u0301 N\u0303u_74_assignsubmission_file_/02.ipynb": B,
        # A team's number is no participant's.
        "Team Rocket_75_assignsubmission_file_/02.ipynb": C,
        "Other_72_assignsubmission_file_/02.ipynb": D,
    }
    folder = tmp_path / "class"
    path = write(folder / "in", members)
    where = {"inside": path, "beside": folder, "named": tmp_path, "nowhere": tmp_path}
    sheet = where[place] / "Grades-Course-Lesson 2-17.csv"
    sheet.write_text(WORKSHEET, encoding="utf-8-sig")
    found = look_through(path)
    worksheets = found.worksheets
    if place == "named":
        worksheets = command.read_worksheets([sheet])
    out = tmp_path / "out"
    write(out, {"worksheet_moodle_02.csv": b"of an earlier grading"})
    later = write_results(out, graded(path), 1.0, found, worksheets)
    written = out / "worksheet_moodle_02.csv"
    if place == "nowhere":
        assert not written.exists() and "No worksheet for Moodle" in later[0]
        assert "No worksheet for Moodle" in (out / "class.html").read_text()
        return
    assert "Other" in later[0] and "without points for lesson 02" in later[0]
    before = list(csv.reader(WORKSHEET.splitlines()))
    after = list(csv.reader(written.read_text(encoding="utf-8").splitlines()))
    assert [row[5] for row in after] == ["Grade", "1", "1", "1", "1", "1.25"]
    assert [row[:5] + row[6:] for row in after] == [row[:5] + row[6:] for row in before]


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_worksheet_is_read_as_a_spreadsheet_saved_it(tmp_path, separator, encoding):
    path = write(
        tmp_path / "in",
        {
            "Ada Byron_71_assignsubmission_file_/02.ipynb": A,
            "Zoé Ñu_74_assignsubmission_file_/02.ipynb": B,
        },
    )
    rows = list(csv.reader(WORKSHEET.splitlines()))
    for name, chosen in (("a.csv", rows[:2]), ("b.csv", [rows[0], rows[4], rows[4]])):
        text = io.StringIO()
        csv.writer(text, delimiter=separator).writerows(chosen)
        (tmp_path / name).write_bytes(text.getvalue().encode(encoding))
    found = look_through(path)
    named = command.read_worksheets([tmp_path / "a.csv", tmp_path / "b.csv"])
    assert [text for _, _, text in named] == [text for _, _, text in found.worksheets]
    notes = write_results(tmp_path / "out", graded(path), 1.0, found, named)
    assert "worksheet_moodle_02_2.csv is b.csv, filled in." in notes
    # Whoever is in it twice has the points in both rows.
    for number, count in ((1, 1), (2, 2)):
        table = tmp_path / "out" / f"worksheet_moodle_02_{number}.csv"
        _, *filled = csv.reader(table.read_text(encoding="utf-8").splitlines())
        assert [row[5] for row in filled] == ["1"] * count


def test_participants_without_names_are_found_by_their_numbers(tmp_path):
    sheet = "ID,Status,Grade,Maximum Grade\nParticipant 7,x,,2\nParticipant 8,x,,2\n"
    assert csv_reports.is_worksheet(sheet.encode())
    path = write(
        tmp_path / "in",
        {
            "Participant_7_assignsubmission_file_/x.ipynb": A,
            "Participant_8_assignsubmission_file_/x.pdf": b"%PDF",
        },
    )
    table, missing = csv_reports.fill_worksheet(sheet, graded(path), "02")
    assert missing == []
    assert table.splitlines()[1:] == ["Participant 7,x,1,2", "Participant 8,x,,2"]
    for other in ("", "a,b\n1,2\n", "name,x,y,Grade\nAda,1,2,3\n", "\0"):
        assert not csv_reports.is_worksheet(other.encode())


def test_tables_open_in_a_spreadsheet(tmp_path):
    """With their accents, and with nothing where there is nothing."""
    rejected = result("Zoé", lesson="", problem="It is a PDF; =1+1")
    write_results(tmp_path, [rejected, result("Bo;=1+1")], 1.0)
    content = (tmp_path / "grades.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    zoe, bo = csv.DictReader(content.decode("utf-8-sig").splitlines())
    assert (zoe["student"], zoe["points"], zoe["max"]) == ("Zoé", "", "")
    for separator in (",", ";", "\t"):
        for row in csv.reader(
            content.decode("utf-8-sig").splitlines(), delimiter=separator
        ):
            assert not any(
                cell.lstrip().startswith(("=", "+", "-", "@")) for cell in row
            )
    # What a platform imports begins with its first column.
    for name in ("gradebook_canvas_02.csv", "gradebook_moodle_02.csv"):
        assert (tmp_path / name).read_bytes().startswith(b"Student,")
    # Tables of several lessons have empty cells, which take points away.
    assert len(list(tmp_path.glob("gradebook_*"))) == 2
