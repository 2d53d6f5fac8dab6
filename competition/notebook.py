"""Write the notebook that students start from."""

import json
import re
from pathlib import Path

from grading.html_reports import template
from helpers.files import write_text
from helpers.i18n import language

TEMPLATES = Path(__file__).parent / "templates"
LESSONS = Path(__file__).parents[1] / "notebooks"
NAME = "project.ipynb"
CODE = re.compile(r"^```python\n(.*?)\n```$", re.DOTALL | re.MULTILINE)
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def write(folder, is_public):
    """Write the notebook, in the reader's language.

    Parameters
    ----------
    folder : path
        The students' folder.
    is_public : bool
        See `helpers.competition.folder.Rules`.
    """
    notebook = {
        "cells": _cells(is_public),
        "metadata": {"kernelspec": KERNEL, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    text = json.dumps(notebook, indent=1, ensure_ascii=False)
    write_text(Path(folder) / NAME, text + "\n")


def _cells(is_public):
    text = template("project.md.j2", TEMPLATES, autoescape=False).render(
        is_public=is_public
    )
    cells = []
    # `split` returns text and code in turn.
    for number, part in enumerate(CODE.split(text)):
        if number % 2:
            cells.append(_cell("code", part))
        else:
            headings = re.split(r"(?m)^(?=## )", part.strip())
            cells += [_cell("markdown", one.strip()) for one in headings if one.strip()]
    cells.insert(1, _setup_cell())
    return [cell | {"id": f"project-{n:02}"} for n, cell in enumerate(cells)]


def _cell(kind, source):
    cell = {"cell_type": kind, "metadata": {}, "source": source}
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})


def _setup_cell():
    """Return the set-up cell of a lesson, which finds or installs `helpers`."""
    own = LESSONS / language() / "01_data.ipynb"
    lesson = own if own.is_file() else LESSONS / "01_data.ipynb"
    cells = json.loads(lesson.read_text("utf-8"))["cells"]
    setup = next(c for c in cells if "setup" in c["metadata"].get("tags", ()))
    return _cell("code", "".join(setup["source"]))
