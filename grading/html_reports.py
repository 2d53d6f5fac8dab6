"""Write a page for each student, and one for the class, as self-contained HTML."""

import hashlib
import re
from collections import Counter
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from helpers.checks.runner import CORRECT, NOT_ATTEMPTED
from helpers.display import SIGNS, inline_html
from helpers.i18n import gettext, language

MOST_REASONS = 5
TEMPLATES = Path(__file__).parent / "templates"


def student_page(student, results):
    """Return the feedback page of one student.

    Parameters
    ----------
    student : str
    results : list of grading.batch.Result
        All results of this student.

    Returns
    -------
    str
    """
    return template("student.html.j2").render(student=student, results=results)


def class_page(results, seconds, notes=()):
    """Return the instructor's page: what failed, why, and how long grading took.

    Parameters
    ----------
    results : list of grading.batch.Result
    seconds : float
        The duration of the grading.
    notes : sequence of str
        How the submissions were read, and what needs attention.

    Returns
    -------
    str
    """
    return template("class.html.j2").render(
        results=results,
        seconds=seconds,
        notes=notes,
        exercises=_exercises(results),
        rejected=[result for result in results if result.problem],
        slowest=sorted(results, key=lambda result: -result.seconds)[:5],
    )


def file_name(student):
    """Return the file name of a student's page: readable, safe and unique.

    Parameters
    ----------
    student : str

    Returns
    -------
    str
    """
    readable = re.sub(r"[^A-Za-z0-9]+", "-", student).strip("-")[:40] or "student"
    digest = hashlib.sha256(student.encode("utf-8", "replace")).hexdigest()[:8]
    return f"{readable}-{digest}.html"


def _exercises(results):
    """Count the states and the most frequent reasons of each exercise."""
    found = {}
    for result in results:
        for mark in result.marks:
            key = (result.lesson, mark.exercise)
            counts = found.setdefault(
                key,
                {"title": mark.title, "states": Counter(), "reasons": Counter()},
            )
            counts["states"][mark.state] += 1
            if mark.state not in (CORRECT, NOT_ATTEMPTED):
                counts["reasons"][mark.reason] += 1
    order = sorted(found, key=lambda key: (key[0], int(key[1].split(".")[1])))
    return {
        key[1]: found[key]
        | {"reasons": found[key]["reasons"].most_common(MOST_REASONS)}
        for key in order
    }


def template(name, folder=TEMPLATES, autoescape=True):
    """Return a Jinja template; others may extend the grader's ``base.html.j2``.

    Parameters
    ----------
    name : str
    folder : pathlib.Path
    autoescape : bool
        Whether values are escaped for HTML.

    Returns
    -------
    jinja2.Template
    """
    environment = Environment(
        loader=FileSystemLoader([folder, TEMPLATES]),
        autoescape=autoescape,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["code"] = lambda text: Markup(inline_html(text))
    environment.filters["translated"] = gettext
    environment.globals |= {"signs": SIGNS, "gettext": gettext, "language": language()}
    return environment.get_template(name)
