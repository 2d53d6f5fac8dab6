"""Which file counts, on which users, and what the rows say."""

import dataclasses

import numpy as np
import pytest

from competition.boards import boards
from competition.entries import File
from competition.making import BEST
from helpers.competition.scores import score
from helpers.competition.submissions import LISTS, RATINGS, Submission
from tests.support.competitions import small


def stars(values, team="ada", name="x.csv", counts=True):
    return File(team, name, Submission(RATINGS, values), (), counts)


def public_rows():
    made = small()
    return made.competition.rate["user_id"].isin(made.public).to_numpy()


def teams_of(board):
    return {row.scored.name: row for row in board.rows if not row.scored.is_model}


@pytest.fixture
def lucky():
    """A file that is good on the public third only, and one that is good elsewhere."""
    best = small().rows[RATINGS, BEST].values
    poor = small().rows[RATINGS, "mean"].values
    is_public = public_rows()
    return [
        stars(np.where(is_public, best, poor), name="public.csv"),
        stars(np.where(is_public, poor, best), name="hidden.csv"),
    ]


@pytest.mark.parametrize("reveal", [False, True])
def test_the_file_with_the_best_public_score_counts_and_is_scored_on(reveal, lucky):
    (board,) = boards(small(), lucky, reveal)
    row = teams_of(board)["ada"]
    assert row.scored.file.name == "public.csv"
    assert row.n_tries == 2
    shown = {r.scored.name: r.score for r in board.rows}
    assert row.score == pytest.approx(shown["mean" if reveal else BEST])
    assert row.scored.public < shown["mean"]


def test_public_and_hidden_scores_are_of_different_users_and_make_up_the_total():
    made, values = small(), small().rows[RATINGS, "biases"].values
    files = [stars(values)]
    public, hidden = (
        teams_of(boards(made, files, reveal)[0])["ada"].score for reveal in (0, 1)
    )
    share = public_rows().mean()
    total = score(Submission(RATINGS, values), made.competition, made.answers)
    assert share * public**2 + (1 - share) * hidden**2 == pytest.approx(total**2)


def test_the_distance_to_the_best_possible_is_that_of_the_shown_scores():
    (board,) = boards(small(), [stars(small().rows[RATINGS, "biases"].values)], True)
    shown = {row.scored.name: row for row in board.rows}
    expected = shown["ada"].score - shown[BEST].score
    assert shown["ada"].to_best == pytest.approx(expected)
    assert shown[BEST].to_best == 0


def test_without_a_best_possible_score_there_is_no_distance():
    made = small()
    rows = {key: row for key, row in made.rows.items() if key[1] != BEST}
    files = [stars(made.rows[RATINGS, "biases"].values)]
    (board,) = boards(dataclasses.replace(made, rows=rows), files, False)
    assert {row.to_best for row in board.rows} == {None}


def test_a_team_called_like_a_model_is_a_team():
    (board,) = boards(
        small(), [stars(small().rows[RATINGS, "mean"].values, BEST)], True
    )
    row = teams_of(board)[BEST]
    assert row.rank == 1
    assert row.to_best > 0.1


def test_only_files_that_count_are_scored_and_boards_without_any_are_left_out():
    values = small().rows[RATINGS, "mean"].values
    best = small().rows[RATINGS, BEST].values
    files = [stars(best, counts=False), stars(values), File("bob", "y.csv")]
    (board,) = boards(small(), files, False)
    assert board.kind == RATINGS
    assert teams_of(board).keys() == {"ada"}
    assert teams_of(board)["ada"].n_tries == 1


def test_lists_are_better_if_they_score_more():
    made = small()
    files = [
        File(name, "x.csv", Submission(LISTS, made.rows[LISTS, name].values), (), True)
        for name in ("EASE", "popularity", "biases")
    ]
    (board,) = boards(made, files, True)
    assert [row.scored.name for row in board.rows][0] == BEST
    ranks = {name: row.rank for name, row in teams_of(board).items()}
    assert ranks["EASE"] == 1 < ranks["biases"]
