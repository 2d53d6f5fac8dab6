"""A Sphinx extension: formulas as MathML, and descriptions for search engines."""

from html import escape

from docutils import nodes

from authoring.pages import mathml

DESCRIPTION_LENGTH = 200


def setup(app):
    """Register the extension with Sphinx."""
    app.add_html_math_renderer(
        "mathml", (_inline_formula, None), (_formula_on_a_line, None)
    )
    app.connect("html-page-context", _describe)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _inline_formula(translator, node):
    translator.body.append(mathml(node.astext(), "inline"))
    raise nodes.SkipNode


def _formula_on_a_line(translator, node):
    formula = mathml(node.astext(), "block")
    # On a narrow screen, a wide formula scrolls in a box of its own.
    translator.body.append(f'<div class="formula" tabindex="0">{formula}</div>\n')
    raise nodes.SkipNode


def _describe(app, pagename, templatename, context, doctree):
    """Add the first paragraph of each page as its description."""
    if doctree is None:
        return
    for paragraph in doctree.findall(nodes.paragraph):
        text = " ".join(paragraph.astext().split())
        if text:
            if len(text) > DESCRIPTION_LENGTH:
                text = text[:DESCRIPTION_LENGTH].rsplit(" ", 1)[0] + " …"
            context["metatags"] += (
                f'<meta name="description" content="{escape(text)}">\n'
            )
            return
