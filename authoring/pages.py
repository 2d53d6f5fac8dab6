"""Write executed lessons as self-contained web pages.

Pictures and interactive figures are embedded, and formulas are MathML, which browsers
render without a script. Pages load nothing from the network.
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
    """Render Markdown with its formulas as MathML."""

    def inline_math(self, body):
        """Render a formula inside a sentence."""
        return mathml(body, "inline")

    def block_math(self, body):
        """Render a formula on a line of its own."""
        return mathml(body, "block")

    def latex_environment(self, name, body):
        """Render an environment such as ``align``."""
        return mathml(f"\\begin{{{name}}}{body}\\end{{{name}}}", "block")


class PageExporter(HTMLExporter):
    """Export nbconvert's page without scripts from the network."""

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
    """Render an executed lesson as a self-contained page.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
    title : str
    folder : pathlib.Path
        The folder of the lesson's own pictures.

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
    """Render the page that links all lessons' pages, with the scoreboards.

    Parameters
    ----------
    lessons : list of dict
        The fields of each `authoring.course.LessonRun`.
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
    """Convert a formula to MathML.

    Parameters
    ----------
    body : str
        LaTeX without dollar signs.
    display : str
        ``"inline"`` or ``"block"``.

    Returns
    -------
    str : HTML
    """
    body = body.replace("{aligned}", "{align*}")  # latex2mathml knows only the second
    try:
        return to_mathml(body.strip(), display=display)
    except Exception:  # its errors have no common base class; show the LaTeX
        return f"<code>{escape(body)}</code>"
