"""Tables and commands for a terminal.

Only the standard library is imported here, as the doctor has to run where packages
are missing.
"""

import shutil
import sys
from pathlib import Path

from helpers.files import shell_quote


def this_python():
    """Return the command that starts this interpreter.

    Returns
    -------
    str
    """
    own = Path(sys.executable)
    found = shutil.which("python")
    # Not the files themselves: in an environment both are links to a Python elsewhere.
    if found and Path(found).parent.resolve() == own.parent.resolve():
        return "python"
    try:
        return shell_quote(own.relative_to(Path.cwd()))
    except (ValueError, OSError):  # elsewhere, or in a folder that was deleted
        return shell_quote(own)


def lab_command(folder):
    """Return the command that opens a folder in JupyterLab.

    Parameters
    ----------
    folder : str or path

    Returns
    -------
    str
    """
    start = (
        "jupyter lab" if this_python() == "python" else f"{this_python()} -m jupyterlab"
    )
    return f"{start} {shell_quote(folder)}"


def show_table(rows, columns):
    """Print rows: as a table on a terminal, as plain lines into a pipe or a file.

    Parameters
    ----------
    rows : list of tuple of str
    columns : list of str
        A heading for each column.
    """
    if sys.stdout.isatty():
        try:
            _rich_table(rows, columns)
            return
        except ImportError:
            pass
    widths = [max(len(row[n]) for row in rows) for n in range(len(columns) - 1)]
    for row in rows:
        cells = [row[n].ljust(width) for n, width in enumerate(widths)]
        print("  ".join([*cells, row[-1]]).rstrip())


def _rich_table(rows, columns):
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns, box=box.SIMPLE_HEAD)
    for row in rows:
        # Text, as a file's name may hold [brackets] or :colons:, rich's own signs.
        table.add_row(*(Text(cell, COLOURS.get(cell[:1], "")) for cell in row))
    Console().print(table)


# A sign and a word beside each colour.
COLOURS = {"✓": "green", "→": "yellow", "✗": "red"}
