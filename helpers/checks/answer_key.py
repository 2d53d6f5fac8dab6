"""The course's own answers, for `reveal`.

`solved/NN.json` is derived from `solutions/NN_name.py` by `make notebooks`. A release
for a class leaves it out, or withholds the answers until a date.
"""

import datetime
import json
import os
from pathlib import Path

from helpers.i18n import gettext

FOLDER = Path(__file__).parent / "solved"


def closed():
    """Return why answers cannot be shown; None if they can.

    An instructor sets the environment variable ``COURSE_REVEAL_FROM`` to a date,
    or writes one into ``solved/reveal_from.txt``: ``2027-01-31``. If both are
    given, the later one counts.

    Returns
    -------
    str or None
    """
    if not any(FOLDER.glob("*.json")):
        return gettext(
            "This copy of the course has no answers in it: your instructor keeps them."
        )
    setting = FOLDER / "reveal_from.txt"
    dates = [
        os.environ.get("COURSE_REVEAL_FROM", ""),
        setting.read_text(encoding="utf-8") if setting.is_file() else "",
    ]
    opens = []
    for text in filter(None, map(str.strip, dates)):
        try:
            opens.append(datetime.date.fromisoformat(text))
        except ValueError:
            return gettext(
                "The date from which answers are open reads “{text}”; it should look "
                "like 2027-01-31. Tell your instructor.",
                text=text,
            )
    if opens and max(opens) > datetime.date.today():
        return gettext(
            "Your instructor opens the answers on {date}. `hint` still works.",
            date=max(opens),
        )
    return None


def read(number):
    """Return the answer to one exercise.

    Parameters
    ----------
    number : str

    Returns
    -------
    dict
        ``code`` (all of the cell), ``shown`` (without docstrings), ``names``.
    """
    return lesson_answers(number)["exercises"][number]


def build(number, notebook):
    """Execute an answer with a copy of the notebook's names.

    Parameters
    ----------
    number : str
    notebook : dict
        The names that the notebook's earlier cells have defined.

    Returns
    -------
    list
        The working objects, in the order of the exercise.
    """
    names = dict(notebook)
    for place, code in enumerate(sources(number)):
        exec(compile(code, f"<answer {number} {place}>", "exec"), names)
    return [names[name] for name in read(number)["names"]]


def sources(number):
    """Return all code that an answer needs: imports, earlier answers, and its own.

    Parameters
    ----------
    number : str

    Returns
    -------
    list of str
    """
    lesson = lesson_answers(number)
    known = list(lesson["exercises"])
    earlier = known[: known.index(number) + 1]
    codes = [lesson["exercises"][one]["code"] for one in earlier]
    return [lesson["imports"], *codes]


def lesson_answers(number):
    """Read the answers of an exercise's lesson, with the imports that they need."""
    lesson = number.partition(".")[0].zfill(2)
    return json.loads((FOLDER / f"{lesson}.json").read_text(encoding="utf-8"))
