"""Every model of the course, side by side, from the mean to the hybrid."""

import pandas as pd
from pandas.io.formats.style import Styler

from helpers.i18n import gettext, gettext_noop
from helpers.storage import load, save_warning, update

FILE = "scoreboard.json"
# Saved in English and shown in the reader's language, so that a model has one row
# even if it was added from notebooks in two languages.
MODELS = (
    gettext_noop("mean"),
    gettext_noop("user + movie bias"),
    gettext_noop("dot"),
    gettext_noop("bias only (Keras)"),
    gettext_noop("dot + bias"),
    gettext_noop("deep, linear by mistake"),
    gettext_noop("deep on two vectors"),
    gettext_noop("ids, no network"),
    gettext_noop("ids + network"),
    gettext_noop("ids + histories, no network (SVD++)"),
    gettext_noop("ids + histories + network"),
    gettext_noop("hybrid: ids, metadata, histories"),
    gettext_noop("SVD++, half the L2"),
    gettext_noop("stars: dot + bias"),
    gettext_noop("stars: deep"),
    gettext_noop("yes/no: dot + bias"),
    gettext_noop("yes/no: deep"),
    gettext_noop("popularity"),
    gettext_noop("chance"),
    gettext_noop("sampled negatives"),
    gettext_noop("sampled negatives: dot + bias"),
)

COLUMNS = [
    "edition",
    "split",
    gettext_noop("lesson"),
    gettext_noop("model"),
    "rmse",
    "mae",
    "auc",
    "ndcg@10",
    gettext_noop("coverage@10"),
    gettext_noop("parameters"),
    gettext_noop("seconds"),
]


def add_to_scoreboard(model, *, edition, split, lesson, **scores):
    """Add a model's test scores to the scoreboard; a second run replaces them.

    Parameters
    ----------
    model : str
        The model's name, unique within an edition and a split.
    edition, split, lesson : str
    **scores : float
        Any of ``rmse``, ``mae`` (stars), ``auc``, ``ndcg@10``, ``coverage@10``
        (0 to 1), ``parameters`` (count), ``seconds`` (of training). A name with
        an ``@`` is passed as ``**{"ndcg@10": 0.41}``.

    Raises
    ------
    ValueError
        If a score is not one of these.
    """
    unknown = sorted(set(scores) - set(COLUMNS[4:]))
    if unknown:
        raise ValueError(
            gettext(
                "The scoreboard has no column {unknown}; it has {known}.",
                unknown=", ".join(unknown),
                known=", ".join(COLUMNS[4:]),
            )
        )
    model = next((name for name in MODELS if gettext(name) == model), model)
    new = {"edition": edition, "split": split, "lesson": lesson, "model": model}
    new |= {name: float(value) for name, value in scores.items()}

    def replace(rows):
        return [row for row in _well_formed(rows) if _key(row) != _key(new)] + [new]

    update(FILE, [], replace)
    if line := save_warning():
        print(line)


def read_scoreboard(edition=None, split=None):
    """Return the scoreboard as a frame, in the order of the lessons.

    Parameters
    ----------
    edition, split : str, optional
        Only the rows of this edition, this split.

    Returns
    -------
    pandas.DataFrame
        Columns as in `COLUMNS`; NaN where a score was not measured. The course's own
        models have their names in the reader's language. Empty before any lesson has
        run.
    """
    board = pd.DataFrame(_well_formed(load(FILE, [])), columns=COLUMNS)
    board["model"] = [
        gettext(name) if name in MODELS else name for name in board["model"]
    ]
    if edition is not None:
        board = board[board["edition"] == edition]
    if split is not None:
        board = board[board["split"] == split]
    return board.sort_values("lesson", kind="stable").reset_index(drop=True)


def show_scoreboard(edition, split, sort_by="rmse"):
    """Return a table of one split, best model first, for a cell's last line.

    Parameters
    ----------
    edition, split : str
    sort_by : str
        A column of scores. Errors are sorted ascending, all others descending.

    Returns
    -------
    pandas.io.formats.style.Styler
        With the best score of each column in bold.
    """
    board = read_scoreboard(edition, split)
    board = board.sort_values(sort_by, ascending=sort_by in ("rmse", "mae"))
    board = board.set_index("model").rename_axis(gettext("model"))
    measured = [name for name in COLUMNS[4:] if board[name].notna().any()]
    board = board[["lesson", *measured]]
    styler = _Table(board).format(
        {
            name: "{:,.0f}" if name in ("parameters", "seconds") else "{:.3f}"
            for name in board.columns
            if name != "lesson"
        },
        na_rep="",
    )
    for name in board.columns.intersection(["rmse", "mae"]):
        styler = styler.highlight_min(subset=name, props="font-weight: bold")
    for name in board.columns.intersection(["auc", "ndcg@10", "coverage@10"]):
        styler = styler.highlight_max(subset=name, props="font-weight: bold")
    styler = styler.format_index(gettext, axis="columns")
    return styler.set_caption(
        gettext(
            "{edition}, {split}: scores on the test set", edition=edition, split=split
        )
    )


class _Table(Styler):
    """A table that is readable as plain text, too."""

    def __repr__(self):
        board = self.data.copy()
        for name in board.columns.intersection(["parameters", "seconds"]):
            board[name] = [f"{n:,.0f}" if pd.notna(n) else "" for n in board[name]]
        text = board.rename(columns=gettext)
        text = text.to_string(float_format="{:.3f}".format, na_rep="")
        return f"{self.caption}\n{text}"


def _well_formed(rows):
    return [row for row in rows if isinstance(row, dict)]


def _key(row):
    return row.get("edition"), row.get("split"), row.get("model")
