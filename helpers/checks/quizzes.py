"""``quiz("2.a")``: a question to answer before a surprising result."""

from IPython import get_ipython

from helpers.checks.cards import Card, inline_html, show_form
from helpers.checks.judge import LESSONS, lesson_exercises
from helpers.checks.progress import record, recorded

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
        f"({letter}) {text}"
        for letter, (text, _) in zip(LETTERS, question.choices, strict=False)
    ]
    by_text = f'Answer with `quiz("{number}", "a")`, or another letter.'
    asked = Card("note", f"{number} {question.text}", (*lines, by_text))
    shell = get_ipython()
    if shell is None or not hasattr(shell, "kernel"):
        asked.show()
        return
    show_form(_form(question), asked.html(), str(asked))


def _form(question):
    import ipywidgets as widgets

    choice = widgets.RadioButtons(
        options=[
            (f"({letter}) {text}", letter)
            for letter, (text, _) in zip(LETTERS, question.choices, strict=False)
        ],
        value=None,
        layout=widgets.Layout(width="max-content", max_width="100%"),
    )
    button = widgets.Button(description="Answer", button_style="primary")
    below = widgets.Output()

    def answer(_button):
        below.clear_output(wait=True)
        with below:
            _answer(question, choice.value or "")

    button.on_click(answer)
    title = (
        '<div style="max-width:46em;line-height:1.45">'
        f"<b>{question.number}</b> {inline_html(question.text)}</div>"
    )
    return widgets.VBox([widgets.HTML(title), choice, button, below])


def _answer(question, letter):
    number = question.number
    if len(letter) != 1 or letter not in LETTERS[: len(question.choices)]:
        known = ", ".join(LETTERS[: len(question.choices)])
        Card("note", f"{number} Choose one.", (f"The answers are {known}.",)).show()
        return
    chosen = LETTERS.index(letter)
    text, explanation = question.choices[chosen]
    is_right = chosen == question.right
    if "right" not in recorded("quizzes", number):
        record("quizzes", number, right=is_right)
    title = f"{number} ({letter}) {'Right.' if is_right else 'Not quite.'}"
    Card("correct" if is_right else "not yet", title, (explanation,)).show()


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
        f"There is no question {number}.",
        (f"There are: {', '.join(all_known)}.",),
    ).show()
    return None
