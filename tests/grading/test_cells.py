"""Files that are handed in → cells, and the lesson that they are of."""

import ast
import json
import time

import jupytext
import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grading.submissions import Rejected, read_cells, recognise
from tests.support.downloads import GOOD, handed_in
from tests.support.submissions import (
    COUNT,
    LOOK_UP,
    graded_lessons,
    lesson_file,
)


@settings(max_examples=300)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_rejected(content):
    for name in ("a.ipynb", "a.py", "a.md"):
        try:
            cells = read_cells(handed_in(content, name))
        except Rejected as problem:
            assert len(str(problem)) > 10
        else:
            assert all(isinstance(cell, str) and cell.strip() for cell in cells)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["cells", "cell_type", "source", "worksheets", "input", "x"]
            ),
            inner | st.just("code"),
            max_size=4,
        )
    ),
    max_leaves=25,
)


@settings(max_examples=300)
@given(JSON)
def test_any_json_is_read_or_rejected(value):
    try:
        cells = read_cells(handed_in(json.dumps(value).encode()))
    except Rejected:
        return
    assert all(isinstance(cell, str) for cell in cells)


@pytest.mark.parametrize("lesson", graded_lessons())
def test_a_lesson_as_a_text_has_the_cells_of_its_notebook(lesson):
    notebook, text = (
        read_cells(handed_in(lesson_file("solutions", lesson, ending), f"a{ending}"))
        for ending in (".ipynb", ".py")
    )
    assert [cell.strip() for cell in text] == [cell.strip() for cell in notebook]


def test_code_cells_alone_are_taken():
    content = json.loads(GOOD)
    content["cells"].insert(
        1, {"cell_type": "markdown", "source": "def look_up(): ..."}
    )
    assert len(read_cells(handed_in(json.dumps(content).encode()))) == 3
    text = "# %% [markdown]\n# def x\n# %%\na = 1\n# %% [raw]\nno\n#%% tagged\nb = 2\n"
    assert read_cells(handed_in(text.encode(), "a.py")) == ["a = 1\n", "b = 2\n"]


@pytest.mark.parametrize("form", ["md", "Rmd", "md:myst"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_markdown_has_the_cells_of_the_notebook_that_it_was_written_from(form, newline):
    cells = [LOOK_UP, 'text = """\n```python\n"""', COUNT.strip()]
    kernel = {"name": "python3", "display_name": "x", "language": "python"}
    written = nbformat.v4.new_notebook(metadata={"kernelspec": kernel})
    for number, code in enumerate(cells):
        written.cells.append(nbformat.v4.new_markdown_cell("It's *prose*."))
        written.cells.append(nbformat.v4.new_code_cell(code.strip()))
        written.cells[-1].metadata.tags = ["x"] * number
    text = jupytext.writes(written, form).replace("\n", newline)
    found = read_cells(handed_in(text.encode(), "a.md"))
    assert [cell.strip() for cell in found] == [cell.strip() for cell in cells]


def test_markdown_with_many_fences_is_read_in_linear_time():
    def seconds(count):
        started = time.process_time()
        with pytest.raises(Rejected):
            read_cells(handed_in(b"~~~python\n```python\n---\n:a:\n" * count, "a.md"))
        return time.process_time() - started

    few, many = (min(seconds(n) for _ in range(3)) for n in (10_000, 40_000))
    assert many < 9 * few


STUB = "def build_dot_model(n_users):\n    raise NotImplementedError('2.4')\n"


@pytest.mark.parametrize(
    ("between", "cells"),
    [
        ("\n# In[3]:\n\n", 4),
        ("\n# In[ ]:\n", 4),
        ("# %%\n", 4),
        ("#%% two\n", 4),
        ("# <codecell>\n", 4),
        ("\n", 4),
        ("\n# what comes now\n", 4),
    ],
)
def test_a_text_in_python_is_split_into_cells(between, cells):
    parts = ["import numpy as np\n", "raise NotImplementedError\n", STUB, COUNT.strip()]
    found = read_cells(handed_in(between.join(parts).encode(), "a.py"))
    assert len(found) == cells
    for cell, part in zip(found, parts, strict=True):
        assert part.strip() in cell


def test_a_statement_keeps_its_comments_and_what_shares_its_lines():
    text = (
        "# -*- coding: utf-8 -*-\n\n# one\na = 1; b = 2\n"
        "# two\n@dec\ndef f():\n    pass\n    # inside\n\n"
        'x = """\n"""; y = (\n    1)\nif a:\n    pass\nelse:\n    b = 1\n!ls\n# end\n'
    )
    assert read_cells(handed_in(text.encode(), "a.py")) == [
        "# -*- coding: utf-8 -*-\n\n# one\na = 1; b = 2\n",
        "# two\n@dec\ndef f():\n    pass\n",
        '    # inside\n\nx = """\n"""; y = (\n    1)\n',
        "if a:\n    pass\nelse:\n    b = 1\n",
        "!ls\n",
        "# end\n\n",
    ]


def test_a_broken_statement_costs_itself():
    text = f"import numpy as np\ndef broken(:\n    pass\n@dec\n{STUB}{COUNT.strip()}\n"
    found = read_cells(handed_in(text.encode(), "a.py"))
    assert [one.split("(")[0] for one in found] == [
        "import numpy as np\n",
        "def broken",
        "@dec\ndef build_dot_model",
        "def count_weights",
    ]


@pytest.mark.parametrize(
    "encoding",
    ["utf-8-sig", "cp1252", "latin-1", "utf-16", "utf-16-le", "utf-16-be", "utf-32"],
)
@pytest.mark.parametrize("name", ["a.py", "a.ipynb"])
def test_a_text_is_read_whichever_editor_saved_it(name, encoding):
    text = f"# año, naïve, Größe\n{COUNT.strip()}\n"
    if name == "a.ipynb":
        cell = {"cell_type": "code", "source": text}
        text = json.dumps({"cells": [cell]}, ensure_ascii=False)
    (cell,) = read_cells(handed_in(text.encode(encoding), name))
    assert cell.strip() == f"# año, naïve, Größe\n{COUNT.strip()}"


def test_the_encoding_that_a_text_declares_is_believed():
    text = f"# -*- coding: cp1250 -*-\nname = 'žluť'\n{COUNT}"
    cells = read_cells(handed_in(text.encode("cp1250"), "a.py"))
    assert "žluť" in cells[0]
    read_cells(handed_in(b"# coding: hex\nx = '\xe9'\n", "a.py"))


def test_a_lesson_is_recognised_by_its_functions():
    assert recognise(["x = 1", "def look_up(table, rows):\n    pass"]) == "02"
    assert recognise(["count_weights = lambda *_: 7"]) == "02"
    with pytest.raises(Rejected, match="none of the lessons"):
        recognise(["def main():\n    look_up(1, 2)"])


def test_a_lesson_is_recognised_below_many_empty_lines():
    """In a time that grows with their number, not with its square."""

    def seconds(n_lines):
        started = time.process_time()
        assert recognise(["\n" * n_lines + COUNT]) == "02"
        return time.process_time() - started

    assert recognise(["\n \n\tcheck('6.1',\n cosine)"]) == "06"
    few, many = (min(seconds(n) for _ in range(3)) for n in (20_000, 80_000))
    assert many < 9 * few


@pytest.mark.parametrize("lesson", graded_lessons())
def test_a_lesson_is_recognised_whatever_its_language(lesson):
    """Of a notebook, no word of its prose or its strings is looked at."""
    notebook = json.loads(lesson_file("notebooks", lesson, ".ipynb"))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            tree = ast.parse("".join(cell["source"]))
            for node in ast.walk(tree):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    node.value = "otra cosa"
            cell["source"] = ast.unparse(tree)
        else:
            cell["source"] = "Otro texto."
    cells = read_cells(handed_in(json.dumps(notebook).encode(), "cuaderno.ipynb"))
    assert recognise(cells) == lesson
