"""For tests that run one cell of a notebook after another."""

# A busy machine is slow to hand over what a cell has shown; nbclient waits 4 seconds.
OUTPUT_SECONDS = 60


def text_of(cell):
    """Return what a cell shows as text."""
    return "\n".join(
        output.get("text", "") or output.get("data", {}).get("text/plain", "")
        for output in cell.outputs
    )
