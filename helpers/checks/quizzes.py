"""``quiz("2.a")``: a question to answer before a surprising result."""

from IPython import get_ipython

from helpers.checks.progress import record, recorded
from helpers.checks.runner import LESSONS, lesson_exercises
from helpers.display import Card, inline_html, show_form
from helpers.i18n import gettext

LETTERS = "abcdefgh"


def quiz(number, answer=None):
    """Ask a question; each answer is explained.

    Parameters
    ----------
    number : str
        ``"2.a"``.
    answer : str, optional
        The letter of your choice, where the buttons do not work: ``quiz("2.a", "b")``.
    """
    question = _find(number)
    if question is None:
        return
    if answer is not None:
        _answer(question, str(answer).strip().lower())
        return
    lines = [
        f"({letter}) {gettext(text)}"
        for letter, (text, _) in zip(LETTERS, question.choices, strict=False)
    ]
    by_text = gettext(
        'Answer with `quiz("{number}", "a")`, or another letter.', number=number
    )
    asked = Card("note", f"{number} {gettext(question.text)}", (*lines, by_text))
    shell = get_ipython()
    if shell is None or not hasattr(shell, "kernel"):
        asked.show()
        return
    show_form(form(question), asked.html(), str(asked))


def form(question):
    """Return the buttons that ask a question."""
    import ipywidgets as widgets

    choice = widgets.RadioButtons(
        options=[
            (f"({letter}) {gettext(text)}", letter)
            for letter, (text, _) in zip(LETTERS, question.choices, strict=False)
        ],
        value=None,
        layout=widgets.Layout(width="max-content", max_width="100%"),
    )
    button = widgets.Button(description=gettext("Answer"), button_style="primary")
    below = widgets.Output()

    def answer(_button):
        below.clear_output(wait=True)
        with below:
            _answer(question, choice.value or "")

    button.on_click(answer)
    title = (
        '<div style="max-width:46em;line-height:1.45">'
        f"<b>{question.number}</b> {inline_html(gettext(question.text))}</div>"
    )
    return widgets.VBox([widgets.HTML(title), choice, button, below])


def _answer(question, letter):
    number = question.number
    if len(letter) != 1 or letter not in LETTERS[: len(question.choices)]:
        known = ", ".join(LETTERS[: len(question.choices)])
        Card(
            "note",
            gettext("{number} Choose one.", number=number),
            (gettext("The answers are {known}.", known=known),),
        ).show()
        return
    chosen = LETTERS.index(letter)
    text, explanation = question.choices[chosen]
    is_right = chosen == question.right
    if "right" not in recorded("quizzes", number):
        record("quizzes", number, right=is_right)
    title = f"{number} ({letter}) {gettext('Right.') if is_right else gettext('Not quite.')}"
    Card("correct" if is_right else "not yet", title, (gettext(explanation),)).show()


def _find(number):
    lesson = str(number).partition(".")[0].zfill(2)
    known = lesson_exercises(lesson).questions if lesson in LESSONS else {}
    if number in known:
        return known[number]
    all_known = [
        one for lesson in LESSONS for one in lesson_exercises(lesson).questions
    ]
    Card(
        "note",
        gettext("There is no question {number}.", number=number),
        (gettext("There are: {known}.", known=", ".join(all_known)),),
    ).show()
    return None
