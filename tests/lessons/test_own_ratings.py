"""Lessons on a table of one's own: no ratings, another scale, no years and genres."""

import jupytext
import pytest
from nbclient import NotebookClient

from authoring.execute import kernel_environment
from helpers.data import synthetic
from tests.support.paths import ROOT

SHORT_TRAINING = ROOT / "tests" / "support" / "short_training.py"
NO_STARS = "This part needs ratings on a scale, and my has none: continue below."
NO_YEARS = "This part needs the year of each movie, and my has none: continue below."


@pytest.fixture(scope="module")
def ratings():
    return synthetic(n_users=200, n_movies=150, n_ratings=8000).ratings


def said_by(name, table, tmp_path):
    """Execute a lesson on a table, with short training; return what it prints."""
    path = tmp_path / "my.csv"
    table.to_csv(path, index=False)
    notebook = jupytext.read(ROOT / "solutions" / f"{name}.py")
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    cells[0].source += f"\n\n{SHORT_TRAINING.read_text()}\n\nshorten_training()\n"
    environment = kernel_environment(str(path), tmp_path / "home", "en")
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute(
        env=environment, cwd=str(ROOT / "solutions")
    )
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return "".join(output.get("text", "") for output in outputs)


@pytest.mark.parametrize("name", ["05_binary", "06_embeddings", "08_sequences"])
def test_implicit_feedback_needs_no_stars(name, ratings, tmp_path):
    said = said_by(name, ratings.drop(columns="rating"), tmp_path)
    assert (NO_STARS in said) == (name != "08_sequences")
    assert (NO_YEARS in said) == (name == "06_embeddings")
    assert "not for your data" in said and "✗" not in said
    if name == "06_embeddings":
        lists = (tmp_path / "home" / "lists.csv").read_text().splitlines()
        assert lists[0] == "user,rank,item,title,score" and len(lists) > 1000


@pytest.mark.parametrize("name", ["04_dl_model", "05_binary"])
def test_a_scale_from_minus_ten_to_ten(name, ratings, tmp_path):
    table = ratings.assign(rating=5 * ratings["rating"] - 15)
    said = said_by(name, table.drop(columns="timestamp"), tmp_path)
    assert NO_STARS not in said
    assert (NO_YEARS in said) == (name == "04_dl_model")
    board = (tmp_path / "home" / "scoreboard.json").read_text()
    assert '"edition": "my"' in board
    assert ('"EASE"' in board) == (name == "05_binary")
