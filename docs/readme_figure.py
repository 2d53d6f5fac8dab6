"""Draw the README's figure from the scoreboard of the last `make course`.

COURSE_HOME=build/course/home .venv/bin/python docs/readme_figure.py
"""

from pathlib import Path

import matplotlib.pyplot as plt

from helpers import plots
from helpers.scoreboard import read_scoreboard

NAMES = {
    "mean": "mean",
    "user + movie bias": "user + movie bias",
    "dot": "matrix factorization",
    "dot + bias": "dot + bias",
    "deep on two vectors": "deep network",
    "ids + histories, no network (SVD++)": "SVD++ (histories, no network)",
    "hybrid: ids, metadata, histories": "hybrid network",
    "chance": "chance",
    "stars: deep": "deep, trained on stars",
    "stars: dot + bias": "dot + bias, trained on stars",
    "popularity": "most popular",
    "sampled negatives": "histories, sampled negatives",
    "EASE": "EASE",
}


def draw(axes, column, title, xlabel, best_is_low, limits):
    """Draw the models that have a score in `column`, the best one last."""
    board = read_scoreboard("ml-100k")
    board = board[board["model"].isin(NAMES) & board[column].notna()]
    board = board.sort_values(column, ascending=not best_is_low)
    labels = board["lesson"] + " · " + board["model"].map(NAMES)
    colors = [plots.BLUE] * (len(board) - 1) + [plots.ORANGE]
    axes.scatter(board[column], range(len(board)), color=colors, s=60, zorder=3)
    for place, value in enumerate(board[column]):
        axes.annotate(
            f"{value:.3f}", (value, place), xytext=(8, -4), textcoords="offset points"
        )
    axes.set_yticks(range(len(board)), labels)
    axes.invert_yaxis()
    axes.set_xlim(limits)
    axes.set_xlabel(xlabel)
    axes.set_title(title)


plots.use_course_style()
figure, (left, right) = plt.subplots(1, 2, figsize=(11, 3.2))
draw(
    left,
    "rmse",
    "How far off are the stars?",
    "test RMSE, lower is better",
    True,
    (0.85, 1.2),
)
draw(
    right,
    "ndcg@10",
    "How good are the lists?",
    "NDCG@10, higher is better",
    False,
    (0, 0.55),
)
figure.savefig(Path(__file__).with_name("scoreboard.png"), dpi=110)
