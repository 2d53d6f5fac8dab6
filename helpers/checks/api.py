"""The commands of a notebook: ``check``, ``hint``, ``reveal``, ``progress``."""

from IPython import get_ipython

from helpers.checks import answer_key
from helpers.checks.asserts import truncate
from helpers.checks.execution import in_a_notebook
from helpers.checks.progress import all_recorded, record, recorded
from helpers.checks.runner import (
    CORRECT,
    LESSONS,
    NOT_ATTEMPTED,
    NOT_YET,
    CheckResult,
    find_exercise,
    lesson_exercises,
    run_check,
)
from helpers.display import Card, show
from helpers.i18n import gettext

SECONDS_PER_CALL = 10
"""Time limit for each call of the student's code."""

MOST_LINES = 3
"""Lines of the student's own output that the card shows."""


def check(number, *objects):
    """Check your answer to an exercise, and show what is right or wrong with it.

    Parameters
    ----------
    number : str
        The exercise: ``"2.3"``.
    *objects : object
        What you wrote, for example the function, in the order of the exercise.

    Returns
    -------
    None
        The result is shown as a card below the cell.
    """
    exercise = _find(number)
    if exercise is None:
        return
    number = exercise.number
    if len(objects) != len(exercise.takes):
        Card(
            "note",
            gettext(
                "{number} takes {n_takes}, and got {n_objects}.",
                number=exercise.number,
                n_takes=len(exercise.takes),
                n_objects=len(objects),
            ),
            (gettext("Write `{call}`.", call=exercise.call),),
        ).show()
        return
    with in_a_notebook(SECONDS_PER_CALL) as printed:
        result = _run_or_interrupt(exercise, objects)
    if result.state == NOT_ATTEMPTED:
        Card(
            "not attempted",
            gettext("{number} Not attempted.", number=number),
            (result.reason,),
        ).show()
        return
    is_right = result.state == CORRECT
    entry = recorded("exercises", number)
    if result.is_attempt:
        noted = {"done": True} if is_right else {}
        entry = record("exercises", number, is_attempt=True, **noted)
    prints = _first_lines(printed.getvalue())
    if is_right:
        title = gettext("{number} Correct.", number=number)
        lines = (result.reason, *_about_prints(prints))
        Card("correct", title, lines, prints).show()
        return
    lines = [result.reason]
    if result.found is not None:
        lines.append(gettext("Found: {value}", value=result.found))
    if result.expected is not None:
        lines.append(gettext("Expected: {value}", value=result.expected))
    if entry.get("hints", 0) < len(exercise.hints):
        lines.append(gettext('`hint("{number}")` says more.', number=number))
    else:
        names = ", ".join(exercise.takes)
        lines.append(
            gettext(
                'Stuck? `{names} = reveal("{number}")` shows an answer.',
                names=names,
                number=number,
            )
        )
    lines += _about_prints(prints)
    title = gettext("{number} Not yet.", number=number)
    Card("not yet", title, tuple(lines), prints).show()


def _run_or_interrupt(exercise, objects):
    """Run the check; an interrupt counts as an answer that takes too long."""
    try:
        return run_check(exercise, objects)
    except KeyboardInterrupt:
        return CheckResult(
            NOT_YET, gettext("You stopped the check while your code was still running.")
        )


def _first_lines(printed):
    """Return the first lines of what was printed, without progress bars."""
    lines = [
        line.rpartition("\r")[2] for line in printed.splitlines() if "━" not in line
    ]
    lines = [line for line in lines if line.isprintable() and line.strip()]
    return "\n".join(truncate(line, 100) for line in lines[:MOST_LINES])


def _about_prints(prints):
    return (gettext("Your code printed, to begin with:"),) if prints else ()


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
    text = gettext(exercise.hints[given - 1])
    lines, code = ((), text) if given == steps else ((text,), "")
    if given == steps:
        lines = (
            gettext(
                "The last one is a skeleton. When you have filled it in and checked it, "
                '`reveal("{number}")` shows an answer.',
                number=number,
            ),
        )
    Card(
        "note",
        gettext(
            "{number} Hint {given} of {steps}", number=number, given=given, steps=steps
        ),
        lines,
        code,
    ).show()


def reveal(number, force=False):
    """Show an answer, and return it: ``score_pairs = reveal("2.2")``.

    Parameters
    ----------
    number : str
        The exercise: ``"2.2"``.
    force : bool
        Also before your own first attempt.

    Returns
    -------
    The working object, or a tuple if the exercise has several. If the answer is not
    available, your own objects, unchanged.
    """
    exercise = _find(number)
    if exercise is None:
        return None
    number = exercise.number
    shell = get_ipython()
    notebook = shell.user_ns if shell else {}
    own = [notebook.get(name) for name in exercise.takes]
    own = own[0] if len(own) == 1 else tuple(own)
    if (closed := answer_key.closed()) is not None:
        Card("note", gettext("{number} is closed.", number=number), (closed,)).show()
        return own
    if not force and not recorded("exercises", number).get("attempts"):
        Card(
            "note",
            gettext("{number} Try it first.", number=number),
            (
                gettext(
                    'Write something, run `{call}`, and the answer opens. `hint("{number}")` '
                    'helps; `reveal("{number}", force=True)` opens it at once.',
                    call=exercise.call,
                    number=number,
                ),
            ),
        ).show()
        return own
    answer = answer_key.read(number)
    objects = answer_key.build(number, notebook)
    if not recorded("exercises", number).get("done"):
        record("exercises", number, revealed=True)
    names = ", ".join(exercise.takes)
    Card(
        "note",
        gettext("{number} An answer", number=number),
        (
            gettext(
                "One of many. Read it, close it, write it in your own way. To go on with "
                'this one: `{names} = reveal("{number}")`.',
                names=names,
                number=number,
            ),
        ),
        answer["shown"],
    ).show()
    return objects[0] if len(objects) == 1 else tuple(objects)


def progress():
    """Show the state, attempts and hints of each exercise, by lesson."""
    exercises, quizzes = all_recorded("exercises"), all_recorded("quizzes")
    text, rows = [], []
    for lesson in LESSONS:
        known = lesson_exercises(lesson)
        done = sum(bool(exercises.get(one, {}).get("done")) for one in known)
        together = gettext(
            "Lesson {lesson}: {done} of {n}", lesson=lesson, done=done, n=len(known)
        )
        text.append(together)
        rows.append(
            '<tr><th colspan="5" scope="rowgroup" style="text-align:left">'
            f"{together}</th></tr>"
        )
        for number, exercise in known.items():
            entry, title = exercises.get(number, {}), gettext(exercise.title)
            sign, state = _state(entry)
            attempts, hints = entry.get("attempts", 0), entry.get("hints", 0)
            text.append(
                gettext(
                    "  {sign} {number} {title:40} {state:21} attempts: {attempts}, hints: "
                    "{hints}",
                    sign=sign,
                    number=number,
                    title=title,
                    state=state,
                    attempts=attempts,
                    hints=hints,
                )
            )
            cells = (f"{sign} {state}", number, title, attempts, hints)
            rows.append("<tr>" + "".join(_cell(cell) for cell in cells) + "</tr>")
        asked = {
            one: quizzes.get(one, {}) for one in lesson_exercises(lesson).questions
        }
        right = sum(bool(entry.get("right")) for entry in asked.values())
        if asked:
            answered = gettext(
                "  questions: {right} of {n_asked} right at the first try",
                right=right,
                n_asked=len(asked),
            )
            text.append(answered)
            rows.append(f'<tr><td colspan="5">{answered.strip()}</td></tr>')
    html = (
        '<table style="border-collapse:collapse"><thead><tr>'
        + "".join(
            f'<th scope="col" style="text-align:left;padding:.1em .6em">{name}</th>'
            for name in (
                gettext("state"),
                gettext("exercise"),
                gettext("what"),
                gettext("attempts"),
                gettext("hints"),
            )
        )
        + f"</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )
    show(html, "\n".join(text))


def _find(number):
    try:
        return find_exercise(number)
    except ValueError as error:
        Card("note", gettext("Which exercise?"), (str(error),)).show()
        return None


def _state(entry):
    if entry.get("done"):
        revealed = entry.get("revealed")
        return "✓", gettext("correct, after reveal") if revealed else gettext("correct")
    if entry.get("attempts"):
        return "✗", gettext("not yet")
    return "○", gettext("not attempted")


def _cell(value):
    return f'<td style="text-align:left;padding:.1em .6em">{value}</td>'
