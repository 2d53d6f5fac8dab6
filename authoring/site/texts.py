"""The texts of the web site's own elements."""

from helpers.i18n import catalog, gettext_noop

TEXTS = {
    "language": gettext_noop("English"),  # its translation names the other language
    "title": gettext_noop("Neural recommender systems"),
    "open": gettext_noop("Open the exercises on Colab"),
    "binder": gettext_noop("On Binder"),
    "exercise": gettext_noop("Exercise notebook"),
    "solution": gettext_noop("Solution notebook"),
    "these": gettext_noop("This lesson as a notebook"),
    "answer": gettext_noop("Solution of exercise {number}"),
    "code": gettext_noop("The solution's code"),
    "figure": gettext_noop("Figure: {title}"),
    "lessons": gettext_noop("Lessons"),
    "more": gettext_noop("More"),
    "search": gettext_noop("Search the course"),
    "lesson": gettext_noop("lesson"),
    "question": gettext_noop("Question {number}"),
    "right": gettext_noop("Right."),
    "wrong": gettext_noop("Not quite."),
}


def site_texts(language):
    """Return the texts in a language, by the names of `TEXTS`."""
    translated = catalog(language).gettext
    return {name: translated(text) for name, text in TEXTS.items()}
