"""``grades.csv``, and the tables that Moodle and Canvas import."""

import csv
import io

from grading.files import printable

COLUMNS = ["student", "lesson", "exercise", "points", "max", "state", "reason"]
REJECTED = "rejected"


def grades(results):
    """Return ``grades.csv``: a row for each student and exercise.

    Parameters
    ----------
    results : list of grading.batch.Result

    Returns
    -------
    str
        A rejected file has one row, without an exercise.
    """
    rows = []
    for result in results:
        student = result.submission.student
        if result.problem:
            reason = f"{result.submission.name}: {result.problem}"
            rows.append([student, result.lesson, "", 0, "", REJECTED, reason])
        rows += [
            [student, result.lesson, m.exercise, m.points, m.most, m.state, m.reason]
            for m in result.marks
        ]
    return _csv(COLUMNS, rows)


def sums(results):
    """Return a table of each student's points, a column for each lesson.

    Parameters
    ----------
    results : list of grading.batch.Result

    Returns
    -------
    str
        Moodle imports it (Grades → Import → CSV file) where students' folders
        bear their username, ID number or email: it looks for nothing else.
    """
    lessons = _lessons(results)
    rows = [
        [student, *(points.get(lesson, "") for lesson in lessons)]
        for student, points in _totals(results).items()
    ]
    return _csv(["Student", *map(_title, lessons)], rows)


def moodle_worksheets(results):
    """Return the worksheets that Moodle's assignments import.

    Parameters
    ----------
    results : list of grading.batch.Result

    Returns
    -------
    dict of str to str
        For each lesson, Moodle's "offline grading worksheet": it finds students by
        the number that stands in the names of the download. Empty where the files
        were no download of Moodle's.
    """
    columns = ["Identifier", "Full name", "Grade", "Maximum Grade"]
    sheets = {}
    for lesson in _lessons(results):
        rows = [
            # The last column has to be there; without a date, Moodle takes what is new.
            [f"Participant {who.account}", who.student, one.points, one.most, ""]
            for one in results
            if one.lesson == lesson and (who := one.submission).platform == "moodle"
        ]
        if rows:
            sheets[lesson] = _csv([*columns, "Last modified (grade)"], rows)
    return sheets


def canvas(results):
    """Return a table for Canvas: Grades → Import.

    Parameters
    ----------
    results : list of grading.batch.Result

    Returns
    -------
    str
        With Canvas' row of the points that are possible. Canvas finds a student by
        the ID, which stands in the names of its own download, else by the name.
    """
    lessons = _lessons(results)
    most = {one.lesson: one.most for one in results if one.lesson}
    ids = {
        one.submission.student: one.submission.account
        for one in results
        if one.submission.platform == "canvas"
    }
    fixed = ["", "", ""]
    rows = [["Points Possible", "", *fixed, *(most[lesson] for lesson in lessons)]]
    rows += [
        [student, ids.get(student, ""), *fixed]
        + [points.get(lesson, "") for lesson in lessons]
        for student, points in _totals(results).items()
    ]
    header = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    return _csv([*header, *map(_title, lessons)], rows)


def _lessons(results):
    return sorted({one.lesson for one in results if one.lesson})


def _totals(results):
    """Add up each student's points, by lesson; someone without any is there, too."""
    totals = {}
    for result in results:
        points = totals.setdefault(result.submission.student, {})
        if result.lesson:
            points[result.lesson] = result.points
    return totals


def _title(lesson):
    return f"Lesson {lesson}"


def _csv(header, rows):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _cell(value):
    """Keep a spreadsheet from taking a student's text for a formula."""
    if isinstance(value, str):
        value = printable(value).strip()
        if value.startswith(("=", "+", "-", "@")):
            return "'" + value
    return value
