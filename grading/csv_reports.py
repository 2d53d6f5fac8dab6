"""Write ``grades.csv``, and the tables that Moodle and Canvas import."""

import contextlib
import csv
import io
import re
import unicodedata
from collections import Counter, defaultdict

from grading.archives import Rejected
from grading.cells import decoded
from grading.files import name_key, printable, without_number
from helpers.checks.runner import NOT_ATTEMPTED

COLUMNS = ["student", "lesson", "exercise", "points", "max", "state", "reason"]
REJECTED = "rejected"

GRADE = ("grade", "bewertung", "calificación", "calificacion", "note", "nota", "cijfer")
"""The name of the grade column in Moodle's worksheets, in several languages."""
TEAM = ("group", "groups", "gruppe", "grupo", "groupe", "gruppo", "groep")
BEGINS_FORMULA = r"=+\-@＝＋－＠"
FORMULA = re.compile(rf'(?:^|(?<=;))(\s*"?)(?=[{BEGINS_FORMULA}])')


def grades(results):
    """Return ``grades.csv``: a row for each student and exercise.

    Parameters
    ----------
    results : list of grading.batch.Result

    Returns
    -------
    str
        A rejected file has one row without exercise and points.
    """
    rows = []
    for result in results:
        student = result.submission.student
        if result.problem:
            reason = f"{result.submission.name}: {result.problem}"
            rows.append([student, result.lesson, "", "", "", REJECTED, reason])
        rows += [
            [student, result.lesson, m.exercise, m.points, m.most, m.state, m.reason]
            for m in result.marks
        ]
    return table(COLUMNS, rows)


def moodle(results, lesson):
    """Return a table of students' points for Moodle: Grades → Import → CSV file.

    Students who attempted nothing are left out, because importing an empty cell
    deletes the points they have. Moodle matches students by username, ID number or
    email only, so the students' folders must be named by one of these. Names that
    Moodle could confuse are left out too.

    Parameters
    ----------
    results : list of grading.batch.Result
    lesson : str

    Returns
    -------
    str
    """
    totals = _unambiguous(_totals(results))
    rows = [[student, its[lesson]] for student, its in totals.items() if lesson in its]
    return table(["Student", _title(lesson)], rows)


def canvas(results, lesson):
    """Return a table for Canvas: Grades → Import.

    Students who attempted nothing are left out, because importing an empty cell
    deletes the points they have. Canvas matches students by ID, which its own
    downloads contain, or else by name. Names that it could confuse are left out
    unless their IDs are known.

    Parameters
    ----------
    results : list of grading.batch.Result
    lesson : str

    Returns
    -------
    str
    """
    most = next(result.most for result in results if result.lesson == lesson)
    ids = {
        result.submission.student: result.submission.account
        for result in results
        if result.submission.platform == "canvas"
    }
    totals = _unambiguous(_totals(results), ids)
    header = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    fixed = ["", "", ""]
    rows = [["Points Possible", "", *fixed, most]]
    rows += [
        [student, ids.get(student, ""), *fixed, its[lesson]]
        for student, its in totals.items()
        if lesson in its
    ]
    return table([*header, _title(lesson)], rows)


def ambiguous_students(results):
    """Return the students whose names an import could confuse.

    Parameters
    ----------
    results : list of grading.batch.Result

    Returns
    -------
    list of str
    """
    totals = _totals(results)
    ids = {result.submission.student for result in results if result.submission.account}
    found = _unambiguous(totals)
    return [name for name in totals if name not in found and name not in ids]


def graded_lessons(results):
    """Return the lessons in which at least one student attempted an exercise.

    Parameters
    ----------
    results : list of grading.batch.Result

    Returns
    -------
    list of str
    """
    return sorted({result.lesson for result in results if _is_attempted(result)})


# --- Moodle's own worksheet ---


def is_worksheet(content):
    """Tell whether a file is one of Moodle's grading worksheets.

    Parameters
    ----------
    content : bytes

    Returns
    -------
    bool
    """
    try:
        header, *rows = _read_csv(decoded(content))
    except (Rejected, ValueError, csv.Error):
        return False
    if len(header) <= 3 or not rows or not _grade_column(header):
        return False
    return all(re.search(r"\d+$", row[0]) for row in rows if row)


def fill_worksheet(text, results, lesson):
    """Fill points into Moodle's grading worksheet.

    A student is matched by number *and* name, a team by its name in the column of
    groups. Rows without a match stay unchanged.

    Parameters
    ----------
    text : str
        The worksheet.
    results : list of grading.batch.Result
    lesson : str

    Returns
    -------
    (str, list of str)
        The worksheet, and the students who are not in it.
    """
    header, *rows = _read_csv(text)
    grade = _grade_column(header)
    teams = [place for place, name in enumerate(header) if name.casefold() in TEAM]
    people = defaultdict(list)
    for row in rows:
        # Anonymous students have no name here, and are "Participant" in the download.
        for name in {_letters(row[1]), _letters(_kind(row[0]))}:
            people[_number(row[0]), name].append(row)
    missing = []
    for result in results:
        if result.lesson != lesson or not _is_attempted(result):
            continue
        who = result.submission
        name = _letters(re.sub(rf" \({who.account}\)$", "", who.student))
        found = people.get((who.account, name)) or [
            row for row in rows for place in teams if name == _letters(row[place])
        ]
        for row in found:
            row[grade] = result.points
        if not found:
            missing.append(who.student)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue(), missing


def worksheet_maximum(text):
    """Return the maximum grade in Moodle's worksheet, or None.

    Parameters
    ----------
    text : str

    Returns
    -------
    float or None
    """
    header, *rows = _read_csv(text)
    for place, name in enumerate(header):
        if re.search(r"(?i)m[aá]x", name):
            with contextlib.suppress(ValueError, IndexError):
                return float(rows[0][place].replace(",", "."))
    return None


def _read_csv(text):
    header = text.lstrip().partition("\n")[0]
    # Spreadsheets separate by semicolons or tabs when they save it.
    separator = max(",;\t", key=header.count)
    return [row for row in csv.reader(io.StringIO(text), delimiter=separator) if row]


def _grade_column(header):
    names = [name.strip().casefold() for name in header]
    return next((names.index(name) for name in GRADE if name in names), 0)


def _number(identifier):
    return re.search(r"\d*$", identifier.strip())[0]


def _kind(identifier):
    return re.sub(r"\d*$", "", identifier.strip())


def _letters(name):
    """Reduce a name to its letters and digits, which Moodle keeps in folder names."""
    plain = unicodedata.normalize("NFC", name).casefold()
    return "".join(letter for letter in plain if letter.isalnum())


# --- rows and cells ---


def _is_attempted(result):
    return any(mark.state != NOT_ATTEMPTED for mark in result.marks)


def _totals(results):
    """Add up each student's points by lesson, including students without any."""
    totals = {}
    for result in results:
        points = totals.setdefault(result.submission.student, {})
        # Where nothing was attempted, an import must not overwrite earlier points.
        if result.lesson and _is_attempted(result):
            points[result.lesson] = result.points
    return totals


def _unambiguous(totals, ids=()):
    keys = {name: name_key(without_number(name)) for name in totals}
    counts = Counter(keys.values())
    return {
        name: points
        for name, points in totals.items()
        if counts[keys[name]] == 1 or (ids and ids.get(name))
    }


def _title(lesson):
    return f"Lesson {lesson}"


def table(header, rows):
    """Return rows as CSV, with every text cell escaped by `cell`."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([cell(value) for value in row] for row in rows)
    return text.getvalue()


def cell(value):
    """Escape a student's text that a spreadsheet would read as a formula.

    In languages with a decimal comma, spreadsheets split cells at `;`, too.
    """
    if isinstance(value, str):
        return FORMULA.sub(r"\1'", printable(value).strip())
    return value
