"""``grades.csv``, and the tables that Moodle and Canvas import."""

import contextlib
import csv
import io
import re
import unicodedata
from collections import Counter

from grading.files import printable
from helpers.checks.runner import NOT_ATTEMPTED

COLUMNS = ["student", "lesson", "exercise", "points", "max", "state", "reason"]
REJECTED = "rejected"

GRADE = ("grade", "bewertung", "calificación", "calificacion", "note", "nota", "cijfer")
"""The column of a grading worksheet, in Moodle's languages."""
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
        A rejected file has one row, without an exercise and without points.
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
    return _csv(COLUMNS, rows)


def moodle(results, lesson):
    """Return a table of students' points for Moodle: Grades → Import → CSV file.

    Parameters
    ----------
    results : list of grading.batch.Result
    lesson : str

    Returns
    -------
    str
        Of those who have attempted something: an empty cell takes away what a student
        has. Moodle imports it where students' folders bear their username, ID number
        or email: it looks for nothing else. Names that it could take for each other
        are not in it.
    """
    totals = _unmistakable(_totals(results))
    rows = [[student, its[lesson]] for student, its in totals.items() if lesson in its]
    return _csv(["Student", _title(lesson)], rows)


def canvas(results, lesson):
    """Return a table for Canvas: Grades → Import.

    Parameters
    ----------
    results : list of grading.batch.Result
    lesson : str

    Returns
    -------
    str
        Of those who have attempted something: an empty cell takes away what a student
        has. With Canvas' row of the points that are possible. Canvas finds a student by
        the ID, which stands in the names of its own download, else by the name: names
        that it could take for each other are in it only with their IDs.
    """
    most = next(one.most for one in results if one.lesson == lesson)
    ids = {
        one.submission.student: one.submission.account
        for one in results
        if one.submission.platform == "canvas"
    }
    totals = _unmistakable(_totals(results), ids)
    header = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    fixed = ["", "", ""]
    rows = [["Points Possible", "", *fixed, most]]
    rows += [
        [student, ids.get(student, ""), *fixed, its[lesson]]
        for student, its in totals.items()
        if lesson in its
    ]
    return _csv([*header, _title(lesson)], rows)


def mistakable(results):
    """Return the students that an import by name could take for each other.

    Parameters
    ----------
    results : list of grading.batch.Result

    Returns
    -------
    list of str
    """
    totals = _totals(results)
    ids = {one.submission.student for one in results if one.submission.account}
    found = _unmistakable(totals)
    return [one for one in totals if one not in found and one not in ids]


def graded_lessons(results):
    """Return the lessons in which somebody has points or has tried to.

    Parameters
    ----------
    results : list of grading.batch.Result

    Returns
    -------
    list of str
    """
    return sorted({one.lesson for one in results if _is_attempted(one)})


# --- Moodle's own worksheet ---


def is_worksheet(content):
    """Tell whether a file is a grading worksheet that Moodle has made.

    Parameters
    ----------
    content : bytes

    Returns
    -------
    bool
    """
    try:
        header, *rows = _read_csv(content.decode("utf-8-sig"))
    except (ValueError, csv.Error):
        return False
    has_numbers = all(re.search(r"\d+$", row[0]) for row in rows if row)
    return len(header) > 3 and bool(rows) and has_numbers and _grade_column(header) > 0


def fill_worksheet(text, results, lesson):
    """Fill points into the grading worksheet that Moodle hands out.

    Parameters
    ----------
    text : str
        The worksheet.
    results : list of grading.batch.Result
    lesson : str

    Returns
    -------
    (str, list of str)
        The worksheet, every row that nobody's points belong to as it was; and the
        students whose points are not in it. A student is found by the number *and* the
        name, a team by its name in the column of groups.
    """
    header, *rows = _read_csv(text)
    grade = _grade_column(header)
    teams = [place for place, one in enumerate(header) if one.casefold() in TEAM]
    people = {(_number(row[0]), _letters(row[1])): row for row in rows}
    # Of those who are anonymous there is no name, and "Participant" in the download.
    people |= {(_number(row[0]), _letters(_kind(row[0]))): row for row in rows}
    missing = []
    for result in results:
        if result.lesson != lesson or not _is_attempted(result):
            continue
        who = result.submission
        name = _letters(re.sub(rf" \({who.account}\)$", "", who.student))
        row = people.get((who.account, name))
        members = [
            one for one in rows for place in teams if name == _letters(one[place])
        ]
        found = [row] if row else members
        for one in found:
            one[grade] = result.points
        if not found:
            missing.append(who.student)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue(), missing


def worksheet_maximum(text):
    """Return the maximum grade in a worksheet of Moodle's, or None.

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
    return [row for row in csv.reader(io.StringIO(text)) if row]


def _grade_column(header):
    names = [one.strip().casefold() for one in header]
    return next((names.index(one) for one in GRADE if one in names), 0)


def _number(identifier):
    return re.search(r"\d*$", identifier.strip())[0]


def _kind(identifier):
    return re.sub(r"\d*$", "", identifier.strip())


def _letters(name):
    """Return what is left of a name when Moodle has made it a folder's."""
    plain = unicodedata.normalize("NFC", name).casefold()
    return "".join(one for one in plain if one.isalnum())


# --- rows and cells ---


def _is_attempted(result):
    return any(one.state != NOT_ATTEMPTED for one in result.marks)


def _totals(results):
    """Add up each student's points, by lesson; someone without any is there, too."""
    totals = {}
    for result in results:
        points = totals.setdefault(result.submission.student, {})
        # Where nothing was attempted, an import must not overwrite earlier points.
        if result.lesson and _is_attempted(result):
            points[result.lesson] = result.points
    return totals


def _unmistakable(totals, ids=()):
    def alike(name):
        plain = unicodedata.normalize("NFKC", re.sub(r" \(\d+\)$", "", name))
        return " ".join(plain.casefold().split())

    counts = Counter(map(alike, totals))
    return {
        name: points
        for name, points in totals.items()
        if counts[alike(name)] == 1 or (ids and ids.get(name))
    }


def _title(lesson):
    return f"Lesson {lesson}"


def _csv(header, rows):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([cell(value) for value in row] for row in rows)
    return text.getvalue()


def cell(value):
    """Keep a spreadsheet from taking a student's text for a formula.

    Where the language of the computer has a decimal comma, it splits at `;`.
    """
    if isinstance(value, str):
        return FORMULA.sub(r"\1'", printable(value).strip())
    return value
