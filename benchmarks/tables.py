"""Format tables in Markdown."""


def as_table(rows, columns):
    """Format rows as an aligned Markdown table.

    Parameters
    ----------
    rows : list of tuple of str
    columns : list of str

    Returns
    -------
    str
    """
    widths = [max(map(len, column)) for column in zip(columns, *rows, strict=True)]
    lines = [columns, ["-" * width for width in widths], *rows]
    return "\n".join(
        "| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in lines
    )
