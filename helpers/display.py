"""Show a few lines in the notebook, as an HTML card and as plain text."""

import re
from dataclasses import dataclass
from html import escape

from IPython import get_ipython
from IPython.display import display

from helpers.storage import save_warning

# A sign and a word beside each colour; all three are readable on white and on black.
SIGNS = {
    "correct": ("✓", "#2e8b57"),
    "not yet": ("✗", "#d1603d"),
    "not attempted": ("○", "#7a7f87"),
    "note": ("→", "#4682b4"),
}


@dataclass(frozen=True)
class Card:
    """The output of a command: HTML in a notebook, plain text in a terminal.

    Attributes
    ----------
    kind : str
        A key of `SIGNS`: sign and colour.
    title : str
        In bold, for example ``"2.3 Not yet."``.
    lines : tuple of str
        With code in `backticks`.
    code : str
        Shown below, as it is; may be empty.
    """

    kind: str
    title: str
    lines: tuple = ()
    code: str = ""

    def __str__(self):
        """Return the card as plain text."""
        sign = SIGNS[self.kind][0]
        text = "\n  ".join([f"{sign} {self.title}", *self.lines])
        return text + (f"\n\n{self.code}" if self.code else "")

    def html(self):
        """Return the card as HTML, in the colours of the page around it."""
        sign, color = SIGNS[self.kind]
        parts = [f"<b>{sign} {inline_html(self.title)}</b>"]
        parts += [f"<div>{inline_html(line)}</div>" for line in self.lines]
        if self.code:
            parts.append(
                '<pre tabindex="0" style="margin:.5em 0 0;overflow-x:auto;'
                f'background:none;color:inherit">{escape(self.code)}</pre>'
            )
        return (
            '<div role="status" style="border-left:5px solid '
            f"{color};padding:.3em .8em;margin:.3em 0;max-width:46em;line-height:1.45;"
            f'overflow-wrap:anywhere">{"".join(parts)}</div>'
        )

    def show(self):
        """Display the card: HTML where a front end can, else the text."""
        show(self.html(), str(self))


def show(html, text, **views):
    """Display HTML, or the same as text where a front end shows nothing else.

    A warning follows if progress cannot be saved.

    Parameters
    ----------
    html, text : str
    **views : object
        Other representations, by MIME type.
    """
    if get_ipython() is None:  # plain Python, whose display() prints the dictionary
        print(text)
    else:
        display({**views, "text/html": html, "text/plain": text}, raw=True)
    if line := save_warning():
        print(line)


def show_form(form, html, text):
    """Display a form of widgets; where none can run, HTML or text in its place.

    Parameters
    ----------
    form : ipywidgets.Widget
    html, text : str
    """
    view = {"version_major": 2, "version_minor": 0, "model_id": form.model_id}
    show(html, text, **{"application/vnd.jupyter.widget-view+json": view})


def inline_html(text):
    """Escape a line for HTML; `code` in backticks and *emphasis* become elements."""
    pieces = re.split(r"`([^`]+)`", text)
    return "".join(
        f'<code style="background:none;color:inherit;padding:0">{escape(piece)}</code>'
        if number % 2
        else re.sub(r"(?<!\w)\*(\w(?:[^*]*\w)?)\*(?!\w)", r"<em>\1</em>", escape(piece))
        for number, piece in enumerate(pieces)
    )
