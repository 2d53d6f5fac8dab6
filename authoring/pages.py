"""The executed lessons as web pages that can be read without a network.

Pictures and interactive figures are embedded, formulas become MathML, which
browsers draw by themselves. Nothing is loaded from elsewhere.
"""

import copy
from html import escape

import plotly.io
from jinja2 import Environment, PackageLoader, pass_context, select_autoescape
from latex2mathml.converter import convert as to_mathml
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from authoring.lesson_format import tags
from helpers.i18n import gettext, language

PLOTLY = "application/vnd.plotly.v1+json"
WIDGET = "application/vnd.jupyter.widget-view+json"

LESSON_TEMPLATE = """\
{% extends "lab/index.html.j2" %}
{% block html_head_js_requirejs %}{% endblock %}
{% block html_head_js_mathjax %}{% endblock %}
{% block html_head_js_mermaidjs %}{% endblock %}
{% block html_head_css %}
<style>
  main { max-width: 60rem; margin: 0 auto; padding: 1rem; }
  .to-index { font-family: system-ui, sans-serif; }
  .jp-InputPrompt, .jp-OutputPrompt { display: none; }
  math[display="block"] { margin: 0.75rem 0; }
</style>
{% endblock %}
{% block body_header %}{{ super() }}
<p class="to-index"><a href="index.html">← {{ resources.to_index }}</a></p>
{% endblock %}
"""


class MathRenderer(IPythonRenderer):
    """Markdown with its formulas as MathML instead of a script's work."""

    def inline_math(self, body):
        """Write a formula inside a sentence."""
        return mathml(body, "inline")

    def block_math(self, body):
        """Write a formula on a line of its own."""
        return mathml(body, "block")

    def latex_environment(self, name, body):
        """Write an ``align`` and the like."""
        return mathml(f"\\begin{{{name}}}{body}\\end{{{name}}}", "block")


class PageExporter(HTMLExporter):
    """nbconvert's page, without what it would load from the network."""

    raw_template = LESSON_TEMPLATE

    @pass_context
    def markdown2html(self, context, source):
        """Turn a cell's Markdown into HTML."""
        renderer = MathRenderer(
            escape=False,
            attachments=context.get("cell", {}).get("attachments", {}),
            embed_images=True,
            path=context.get("resources", {}).get("metadata", {}).get("path", ""),
            anchor_link_text=self.anchor_link_text,
        )
        return MarkdownWithMath(renderer=renderer).render(source)


def lesson_page(notebook, title, folder):
    """Turn an executed lesson into one self-contained page.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
    title : str
    folder : pathlib.Path
        Where the lesson's own pictures are looked for.

    Returns
    -------
    str : HTML
    """
    notebook = copy.deepcopy(notebook)
    notebook.cells = [c for c in notebook.cells if not tags(c) & {"badge", "setup"}]
    notebook.metadata["title"] = title
    notebook.metadata.pop("widgets", None)
    has_plotly = False
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if PLOTLY in data:
                data["text/html"] = plotly.io.to_html(
                    data[PLOTLY], include_plotlyjs=not has_plotly, full_html=False
                )
                has_plotly = True
            if data.pop(WIDGET, None) and "text/html" not in data:
                text = gettext(
                    "Here the notebook shows a control that you can use; a page cannot."
                )
                data["text/html"] = f"<p><em>{text}</em></p>"
    resources = {
        "metadata": {"path": str(folder), "name": title},
        "to_index": gettext("All lessons"),
    }
    html, _ = PageExporter().from_notebook_node(notebook, resources)
    return html


def index_page(lessons, boards):
    """Write the page that all lessons' pages are opened from.

    Parameters
    ----------
    lessons : list of dict
        The fields of `authoring.course.LessonRun` of each.
    boards : list of authoring.course.Board

    Returns
    -------
    str : HTML
    """
    environment = Environment(
        loader=PackageLoader("authoring"), autoescape=select_autoescape(["html.j2"])
    )
    return environment.get_template("index.html.j2").render(
        lessons=lessons, boards=boards, gettext=gettext, language=language()
    )


def mathml(body, display):
    """Turn a formula into MathML.

    Parameters
    ----------
    body : str
        In LaTeX, without dollar signs.
    display : str
        ``"inline"`` or ``"block"``.

    Returns
    -------
    str : HTML
    """
    try:
        return to_mathml(body.strip(), display=display)
    except Exception:  # its errors share no base class; the formula stays readable
        return f"<code>{escape(body)}</code>"
