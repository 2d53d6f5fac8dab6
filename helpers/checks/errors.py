"""Errors that the student's code raises: where they came up, and what they mean."""

import os
import re
import traceback

from helpers.checks.exercise import exercise_of
from helpers.i18n import gettext, gettext_noop

ADVICE = {
    re.compile(r"Only integers, slices"): gettext_noop(
        "Rows of a tensor are read by `ops.take(table, rows, axis=0)`."
    ),
    re.compile(r"Tensor' object does not support item assignment"): gettext_noop(
        "A tensor cannot be changed. Make a new one, for example by `ops.where`."
    ),
    re.compile(r"is not in \[0, |out of bounds for axis"): gettext_noop(
        "There is no such row or column. Do these numbers belong to this table?"
    ),
    re.compile(r"indexing arrays could not be broadcast"): gettext_noop(
        "Where one row number goes with several columns, the row numbers stand in a "
        "column: `rows[:, None]`."
    ),
    re.compile(r"matmul: Output operand"): gettext_noop(
        "`a @= b` writes into `a`, which keeps its shape. Write `a = a @ b`."
    ),
    re.compile(
        r"is different from \d|[Mm]atmul|Matrix size-incompatible"
    ): gettext_noop(
        "In a matrix product, (a, b) @ (b, c), the inner sizes are equal. Are the factors "
        "in the right order?"
    ),
    re.compile(
        r"could not be broadcast|[Ii]ncompatible shapes|broadcastable shapes"
    ): gettext_noop(
        "Element by element, two shapes fit if each axis, from the last one on, is equal or "
        "1. Has an axis got lost? (`keepdims=True` keeps it.)"
    ),
}
"""What to say of messages of NumPy and TensorFlow, by a pattern; the first that fits."""

SWAPPED = gettext_noop(
    "If `{function}` is right, look at what it is given: is each argument in its place, or "
    "are two of them swapped?"
)
# Those that a wrong array leads to; others have nothing to do with the arguments.
_OF_ARRAYS = ("ValueError", "IndexError", "InvalidArgumentError")


def describe_error(error):
    """Return the values of `CALL_PROBLEMS` for an error of the student's code.

    Parameters
    ----------
    error : Exception

    Returns
    -------
    dict of str to object
        ``error_type``, ``message`` and ``advice``. Where a cell of the notebook is in the
        traceback: ``line`` and ``text`` of the last line of the cell that the check has
        called, and ``inside``, which names what this line calls of another cell.
    """
    error_type = type(error).__name__
    message = error_message(error) or gettext("no message")
    rows = [text for pattern, text in ADVICE.items() if pattern.search(message)]
    advice = gettext(rows[0]) if rows else ""
    values = {"error_type": error_type, "message": message}
    steps = _steps_of_cells(error)
    if steps:
        cell = steps[0][1].filename
        last = max(n for n, (_, line) in enumerate(steps) if line.filename == cell)
        own, others = steps[last][1], steps[last + 1 :]
        values |= {"line": own.lineno, "text": own.line or "…", "inside": ""}
        if others:
            function = others[0][0].partition(".<locals>")[0]
            values["inside"] = _inside(function)
            if error_type in _OF_ARRAYS:
                advice = gettext(SWAPPED, function=function)
    if not advice:
        return values | {"advice": ""}
    end = "" if message.endswith((".", "!", "?", "…")) else "."
    return values | {"message": f"{message}{end}", "advice": f" {advice}"}


def _inside(function):
    number = exercise_of(function.partition(".")[0])
    if not number:
        return gettext(", inside `{function}`, which it calls", function=function)
    return gettext(
        ", inside `{function}` of exercise {number}, which it calls",
        function=function,
        number=number,
    )


def _steps_of_cells(error):
    """Return the steps of a traceback that stand in cells: functions' names, and lines.

    A cell's code is in no file. So is that of compiled modules, which are not the
    notebook's.
    """
    steps = traceback.walk_tb(error.__traceback__)
    lines = traceback.extract_tb(error.__traceback__)
    return [
        (frame.f_code.co_qualname, line)
        for (frame, _), line in zip(steps, lines, strict=True)
        if frame.f_globals.get("__name__", "__main__") == "__main__"
        and not os.path.isfile(line.filename)
    ]


# What Keras and TensorFlow wrap around the sentence that says what is wrong.
_WRAPPING = re.compile(
    r"Graph execution error|Detected at node|Exception encountered when calling|"
    r"Arguments received by|<stack traces|File \"|\[\[|\u2022"
)


def error_message(error):
    """Return the sentence of an error's message that says what is wrong."""
    text = re.sub(r"(\x1b|\\x1b)\[[0-9;]*m", "", str(error))
    text = re.sub(r"(?m)\{\{.*?\}\}|\[Op:.*?\]| name: *$", "", text)
    lines = [" ".join(line.split()) for line in text.splitlines()]
    lines = [line for line in lines if line]
    telling = [line for line in lines if not _WRAPPING.search(line)] or lines
    message = telling[0] if telling else ""
    if len(message) > 160:
        sentence = message[:160].rpartition(". ")[0]
        message = f"{sentence}." if sentence else f"{message[:159].strip()}…"
    return message
