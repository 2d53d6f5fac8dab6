"""What a notebook calls: ``check``, ``hint``, ``reveal`` and ``progress``."""

from IPython import get_ipython

from helpers.checks import answers
from helpers.checks.cards import Card, show
from helpers.checks.judge import (
    CORRECT,
    LESSONS,
    NOT_ATTEMPTED,
    find_exercise,
    judge,
    lesson_exercises,
)
from helpers.checks.progress import record, recorded


def check(number, *objects):
    """Check your answer to an exercise, and say what is right or wrong with it.

    Parameters
    ----------
    number : str
        The exercise: ``"2.3"``.
    *objects : object
        What you wrote, for example the function, in the order of the exercise.

    Returns
    -------
    None
        The answer is a card below the cell.
    """
    exercise = _find(number)
    if exercise is None:
        return
    number = exercise.number
    if len(objects) != len(exercise.takes):
        Card(
            "note",
            f"{exercise.number} takes {len(exercise.takes)}, and got {len(objects)}.",
            (f"Write `{exercise.call}`.",),
        ).show()
        return
    verdict = judge(exercise, objects)
    if verdict.state == NOT_ATTEMPTED:
        Card("not attempted", f"{number} Not attempted.", (verdict.reason,)).show()
        return
    is_right = verdict.state == CORRECT
    noted = {"done": True} if is_right else {}
    entry = record("exercises", number, attempts="+1", **noted)
    if is_right:
        Card("correct", f"{number} Correct.", (verdict.reason,)).show()
        return
    lines = [verdict.reason]
    if verdict.found is not None:
        lines.append(f"Found: {verdict.found}")
    if verdict.expected is not None:
        lines.append(f"Expected: {verdict.expected}")
    if entry.get("hints", 0) < len(exercise.hints):
        lines.append(f'`hint("{number}")` says more.')
    else:
        names = ", ".join(exercise.takes)
        lines.append(f'Stuck? `{names} = reveal("{number}")` shows an answer.')
    Card("not yet", f"{number} Not yet.", tuple(lines)).show()


def hint(number):
    """Give the next hint for an exercise: a question, a pointer, a skeleton.

    Parameters
    ----------
    number : str
        The exercise: ``"2.3"``.
    """
    exercise = _find(number)
    if exercise is None:
        return
    number = exercise.number
    steps = len(exercise.hints)
    given = min(recorded("exercises", number).get("hints", 0) + 1, steps)
    record("exercises", number, hints=given)
    text = exercise.hints[given - 1]
    lines, code = ((), text) if given == steps else ((text,), "")
    if given == steps:
        lines = (f'That was the last one. `reveal("{number}")` shows an answer.',)
    Card("note", f"{number} Hint {given} of {steps}", lines, code).show()


def reveal(number, force=False):
    """Show an answer, and hand it back: ``score_pairs = reveal("2.2")``.

    Parameters
    ----------
    number : str
        The exercise: ``"2.2"``.
    force : bool
        Also before your own first attempt.

    Returns
    -------
    The working object, or a tuple where the exercise has several. Where the
    answer stays closed: your own, as it is, so that nothing gets lost.
    """
    exercise = _find(number)
    if exercise is None:
        return None
    number = exercise.number
    shell = get_ipython()
    notebook = shell.user_ns if shell else {}
    own = [notebook.get(name) for name in exercise.takes]
    own = own[0] if len(own) == 1 else tuple(own)
    if (closed := answers.closed()) is not None:
        Card("note", f"{number} is closed.", (closed,)).show()
        return own
    if not force and not recorded("exercises", number).get("attempts"):
        Card(
            "note",
            f"{number} Try it first.",
            (
                f"Write something, run `{exercise.call}`, and the answer opens. "
                f'`hint("{number}")` helps; `reveal("{number}", force=True)` opens it at once.',
            ),
        ).show()
        return own
    answer = answers.read(number)
    objects = answers.build(number, notebook)
    if not recorded("exercises", number).get("done"):
        record("exercises", number, revealed=True)
    names = ", ".join(exercise.takes)
    Card(
        "note",
        f"{number} An answer",
        (
            "One of many. Read it, close it, write it in your own way. To go on with "
            f'this one: `{names} = reveal("{number}")`.',
        ),
        answer["shown"],
    ).show()
    return objects[0] if len(objects) == 1 else tuple(objects)


def progress():
    """Show what you have done: each exercise, attempts and hints, by lesson."""
    text, rows = [], []
    for lesson in LESSONS:
        known = lesson_exercises(lesson)
        done = sum(bool(recorded("exercises", one).get("done")) for one in known)
        text.append(f"Lesson {lesson}: {done} of {len(known)}")
        rows.append(
            f'<tr><th colspan="5" scope="rowgroup" style="text-align:left">Lesson {lesson}: '
            f"{done} of {len(known)}</th></tr>"
        )
        for number, exercise in known.items():
            entry = recorded("exercises", number)
            sign, state = _state(entry)
            attempts, hints = entry.get("attempts", 0), entry.get("hints", 0)
            text.append(
                f"  {sign} {number} {exercise.title:40} {state:21} "
                f"attempts: {attempts}, hints: {hints}"
            )
            cells = (f"{sign} {state}", number, exercise.title, attempts, hints)
            rows.append("<tr>" + "".join(_cell(cell) for cell in cells) + "</tr>")
        asked = {
            one: recorded("quizzes", one) for one in lesson_exercises(lesson).questions
        }
        right = sum(bool(entry.get("right")) for entry in asked.values())
        if asked:
            text.append(f"  questions: {right} of {len(asked)} right at the first try")
    html = (
        '<table style="border-collapse:collapse"><thead><tr>'
        + "".join(
            f'<th scope="col" style="text-align:left;padding:.1em .6em">{name}</th>'
            for name in ("state", "exercise", "what", "attempts", "hints")
        )
        + f"</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )
    show(html, "\n".join(text))


def _find(number):
    try:
        return find_exercise(number)
    except ValueError as error:
        Card("note", "Which exercise?", (str(error),)).show()
        return None


def _state(entry):
    if entry.get("done"):
        return "✓", "correct, after reveal" if entry.get("revealed") else "correct"
    if entry.get("attempts"):
        return "✗", "not yet"
    return "○", "not attempted"


def _cell(value):
    return f'<td style="text-align:left;padding:.1em .6em">{value}</td>'
