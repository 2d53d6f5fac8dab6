"""``grades.csv``, and the tables that Moodle and Canvas import."""

import csv
import io

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


def moodle(results):
    """Return a table for Moodle: Grades → Import → CSV file.

    Parameters
    ----------
    results : list of grading.batch.Result

    Returns
    -------
    str
        ``Full name``, and a column for each lesson. (Moodle asks which of its
        columns belongs to which.)
    """
    lessons = _lessons(results)
    rows = [
        [student, *(points.get(lesson, "") for lesson in lessons)]
        for student, points in _totals(results).items()
    ]
    return _csv(["Full name", *map(_title, lessons)], rows)


def canvas(results):
    """Return a table for Canvas: Grades → Import.

    Parameters
    ----------
    results : list of grading.batch.Result

    Returns
    -------
    str
        With Canvas' row of the points that are possible. Canvas finds a student by
        ID, or by the login: both stay empty where the files did not tell.
    """
    lessons = _lessons(results)
    most = {one.lesson: one.most for one in results if one.lesson}
    fixed = ["", "", "", ""]
    rows = [["Points Possible", *fixed, *(most[lesson] for lesson in lessons)]]
    rows += [
        [student, *fixed, *(points.get(lesson, "") for lesson in lessons)]
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
        value = " ".join(value.split())
        if value.startswith(("=", "+", "-", "@")):
            return "'" + value
    return value
