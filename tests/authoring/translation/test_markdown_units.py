"""Markdown, cut into the units that are translated."""

import pytest

from authoring.derive import solution_notebook
from authoring.project import Project
from authoring.translation.markdown_units import join, pieces

COURSE = Project.open()
SOURCES = COURSE.sources()


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_markdown_is_cut_and_joined_without_loss(path):
    for cell in solution_notebook(COURSE, path).cells:
        if cell.cell_type == "markdown":
            joined = join(pieces(cell.source))
            assert _words(joined) == _words(cell.source)
            again = join(pieces(joined))
            assert again == joined  # one paragraph a line, and stays so


def _words(text):
    """List the words without the marks of a quote, one on each of its lines."""
    return [word for word in text.split() if word != ">"]


def test_markdown_is_cut_where_a_translator_would():
    text = "## A *title*\n\nOne\nparagraph.\n- first\n  goes on\n- second\n\n"
    text += "```python\nx = 1  # not this\n```\n$$\\mu$$\n| a | b |\n| --- | --- |\n"
    text += "\nAfter a list:\n\n    make code\n    make more\n\n"
    text += "- an item\n\n    its second paragraph\n\n      its code\n"
    found = [(piece.kind, piece.text) for piece in pieces(text) if piece.text]
    assert found == [
        ("heading", "A *title*"),
        ("paragraph", "One paragraph."),
        ("item", "first goes on"),
        ("item", "second"),
        ("row", "| a | b |"),
        ("paragraph", "After a list:"),
        ("item", "an item"),
        ("paragraph", "its second paragraph"),
    ]
