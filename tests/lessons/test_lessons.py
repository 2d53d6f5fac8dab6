"""What nbval cannot see: the official split, other editions, and broken models.

nbval runs each solution on ml-100k (see solutions/conftest.py). Here lessons
run on other ratings, and with a bug put in: then a verdict has to say so.
"""

import os
import re
from unittest.mock import patch

import jupytext
import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient

from tests.support.movielens_files import real_data
from tests.support.paths import ROOT

SOLUTIONS = ROOT / "solutions"


def verdicts_of(name, tmp_path, stop_at=None, change=None, **environment):
    """Execute a lesson and return the lines that its verdict cells print.

    `change` is a (pattern, replacement) put into the lesson's code; it must
    fit exactly once. `stop_at` is a heading: what comes after it is not run.
    """
    notebook = jupytext.read(SOLUTIONS / f"{name}.py")
    if stop_at:
        [last] = [i for i, c in enumerate(notebook.cells) if stop_at in c.source]
        notebook.cells = notebook.cells[:last]
    if change:
        pattern, replacement = change
        found = 0
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.source, n = re.subn(pattern, replacement, cell.source)
                found += n
        assert found == 1, f"{pattern!r} fits {found} times in {name}"
    environment = os.environ | {"COURSE_HOME": str(tmp_path)} | environment
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute(
        env=environment, cwd=str(SOLUTIONS)
    )
    return [
        line
        for cell in notebook.cells
        if "nbval-check-output" in cell.metadata.get("tags", [])
        for output in cell.outputs
        if output.output_type == "stream" and output.name == "stdout"
        for line in output.text.splitlines()
    ]


def test_the_ranking_lesson_on_the_official_split(tmp_path):
    """The filtered u1 and its protocol: NDCG@10 at least 0.40 (iALS has 0.444)."""
    folder = real_data("ml-100k/u1.test").parent
    lines = verdicts_of("05_binary", tmp_path, MOVIELENS_SOURCE=str(folder))
    assert "NDCG@10 with sampled negatives at least 0.40 ✓" in lines
    assert not [line for line in lines if not line.endswith("✓")]
    assert '"split": "u1, filtered"' in (tmp_path / "scoreboard.json").read_text()


def test_made_up_ratings_make_no_claim(tmp_path):
    lines = verdicts_of("01_data", tmp_path, COURSE_DATA="synthetic")
    assert lines
    for line in lines:
        assert "(on ml-100k: " in line


def test_umap_draws_its_map_where_it_is_asked_for():
    lesson = jupytext.read(SOLUTIONS / "06_embeddings.py")
    [code] = [cell.source for cell in lesson.cells if "import umap" in cell.source]
    assert code.startswith("WITH_UMAP = False\n")
    vectors = np.random.default_rng(0).normal(size=(60, 8)).astype("float32")
    names = {"vectors": vectors, "maps": {}}
    exec(code, names)
    assert names["maps"] == {}
    with patch.dict(os.environ):  # what UMAP imports sets a variable
        exec(code.replace("False", "True", 1), names)
    assert names["maps"]["UMAP"].shape == (60, 2)
    assert np.isfinite(names["maps"]["UMAP"]).all()


BUGS = [
    # The movies of the training ratings are shuffled: nothing about movies is learned.
    (
        "03_bias",
        "Generous users",
        r"train_pairs, valid_pairs, test_pairs = pairs\(train\)",
        'train = train.assign(movie=train["movie"].sample(frac=1, random_state=0)'
        ".to_numpy())\ntrain_pairs, valid_pairs, test_pairs = pairs(train)",
        "test RMSE of dot + bias",
    ),
    # A common fault: the rows of one table read by another's numbers.
    (
        "01_data",
        "Now you",
        r'guesses = baselines\["user \+ movie bias"\]\.predict\(pairs\(test\)\)',
        'guesses = baselines["user + movie bias"].predict(\n'
        '    {"user": pairs(test)["user"], "movie": pairs(test)["movie"] - 1}\n)',
        "test RMSE of the biases",
    ),
    # Pairs are shuffled inside their block, and their stars are not.
    (
        "09_scaling",
        "Dense and sparse optimizer updates",
        r"stars\[start:stop\]\[order\]",
        "np.array(stars[start:stop])",
        "validation RMSE lost by the file's order",
    ),
]


@pytest.mark.parametrize(
    ("name", "stop_at", "pattern", "bug", "verdict"), BUGS, ids=[b[0] for b in BUGS]
)
def test_a_broken_model_falls_out_of_its_band(
    name, stop_at, pattern, bug, verdict, tmp_path
):
    lines = verdicts_of(name, tmp_path, stop_at=f"## {stop_at}", change=(pattern, bug))
    [line] = [line for line in lines if line.startswith(verdict)]
    assert line.endswith("✗")


def test_the_committed_lessons_are_inside_their_bands():
    for path in sorted(SOLUTIONS.glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        texts = "".join(
            output.text
            for cell in notebook.cells
            if cell.cell_type == "code"
            for output in cell.outputs
            if output.output_type == "stream"
        )
        assert "✓" in texts, f"{path.name} claims nothing"
        assert "✗" not in texts, f"{path.name} is outside one of its bands"
