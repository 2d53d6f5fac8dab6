"""For tests that run one cell of a notebook after another."""

import re

# A busy machine is slow to hand over what a cell has shown; nbclient waits 4 seconds.
OUTPUT_SECONDS = 60


def text_of(cell):
    """Return what a cell shows as text."""
    return "\n".join(
        output.get("text", "") or output.get("data", {}).get("text/plain", "")
        for output in cell.outputs
    )


def without_umap(code):
    """Put PCA's map in the place of UMAP's, whose compiler takes half a minute."""
    shorter = re.sub("^import umap$", "", code, flags=re.M)
    shorter = re.sub(
        r"umap\.UMAP\(.*?\)\.fit_transform\(", "pca.transform(", shorter, flags=re.S
    )
    assert "umap" not in shorter and shorter.count("pca.transform(") == 2
    return shorter
