"""What a cell of a notebook shows, for tests that run one cell after another."""

# A busy machine is slow to hand over what a cell has shown; nbclient waits 4 seconds.
OUTPUT_SECONDS = 60


def text_of(cell):
    return "\n".join(
        output.get("text", "") or output.get("data", {}).get("text/plain", "")
        for output in cell.outputs
    )
