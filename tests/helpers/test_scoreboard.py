"""Scoreboard, verdicts and own ratings: what outlives a lesson."""

import re

import pytest

from helpers.scoreboard import add_to_scoreboard, read_scoreboard, show_scoreboard
from helpers.storage import course_home
from tests.support.shown import lines_of, sanitized

pytestmark = pytest.mark.usefixtures("own_home")


PLACE = {"edition": "ml-100k", "split": "random", "lesson": "02"}


SHOWN = (PLACE["edition"], PLACE["split"])


def test_a_second_run_replaces_its_row():
    add_to_scoreboard("dot", **PLACE, rmse=0.97)
    add_to_scoreboard("mean", **{**PLACE, "lesson": "01"}, rmse=1.12)
    add_to_scoreboard("dot", **PLACE, rmse=0.94, mae=0.73)
    board = read_scoreboard()
    assert board["model"].tolist() == ["mean", "dot"]
    assert board["rmse"].tolist() == [1.12, 0.94]
    assert board["mae"].isna().tolist() == [True, False]


def test_splits_and_editions_stand_apart():
    add_to_scoreboard("dot", **PLACE, rmse=0.9)
    add_to_scoreboard("dot", **{**PLACE, "split": "time"}, rmse=1.0)
    assert len(read_scoreboard(split="time")) == 1
    assert read_scoreboard(edition="ml-1m").empty


def test_show_sorts_errors_up_and_scores_down():
    add_to_scoreboard("worse", **PLACE, rmse=1.0, **{"ndcg@10": 0.1})
    add_to_scoreboard("better", **PLACE, rmse=0.9, **{"ndcg@10": 0.4})
    assert show_scoreboard("ml-100k", "random").data.index[0] == "better"
    by_ndcg = show_scoreboard("ml-100k", "random", sort_by="ndcg@10")
    assert by_ndcg.data.index[0] == "better"
    assert "0.900" in by_ndcg.to_html()


def test_an_empty_scoreboard_can_be_shown():
    assert "ml-100k, random" in show_scoreboard("ml-100k", "random").to_html()


def test_a_scoreboard_is_readable_as_plain_text():
    add_to_scoreboard("dot", **PLACE, rmse=0.9412, parameters=168_000, seconds=1.6)
    add_to_scoreboard("mean", **{**PLACE, "lesson": "01"}, rmse=1.1262)
    caption, first, *rows = repr(show_scoreboard(*SHOWN)).splitlines()
    assert caption == "ml-100k, random: scores on the test set"
    assert first.split() == ["lesson", "rmse", "parameters", "seconds"]
    assert [row.split()[:3] for row in rows[1:]] == [
        ["dot", "02", "0.941"],
        ["mean", "01", "1.126"],
    ]
    assert rows[1].split()[3:] == ["168,000", "2"]
    assert rows[2].split() == ["mean", "01", "1.126"]


def test_where_styles_are_removed_its_text_says_the_same_in_the_same_order():
    add_to_scoreboard("dot", **PLACE, rmse=0.9412, parameters=168_000, seconds=1.6)
    add_to_scoreboard("mean", **{**PLACE, "lesson": "01"}, rmse=1.1262)
    board = show_scoreboard(*SHOWN)
    rows = [line.split() for line in lines_of(sanitized(board.to_html()))]
    said = [line.split() for line in repr(board).splitlines() if line.strip()]
    assert rows == said  # the best is first, and not only in bold


def test_an_unknown_figure_is_an_error():
    with pytest.raises(ValueError, match="no column rsme; it has rmse"):
        add_to_scoreboard("dot", **PLACE, rsme=0.9)


def test_a_damaged_scoreboard_is_set_aside(capsys):
    path = course_home() / "scoreboard.json"
    path.write_text('[{"edition":')
    assert read_scoreboard().empty
    assert "could not be read" in capsys.readouterr().out
    assert path.with_suffix(".damaged").exists()
    add_to_scoreboard("dot", **PLACE, rmse=0.9)
    assert len(read_scoreboard()) == 1


# Where nothing can be written.
def test_the_scoreboard_lasts_for_the_session(nothing_can_be_written, capsys):
    add_to_scoreboard("dot", **PLACE, rmse=0.97)
    add_to_scoreboard("mean", **PLACE, rmse=1.12)
    add_to_scoreboard("dot", **PLACE, rmse=0.94)
    assert capsys.readouterr().out.count("is not kept") == 3
    assert read_scoreboard()["rmse"].tolist() == [1.12, 0.94]
    assert "0.940" in show_scoreboard("ml-100k", "random").to_html()


def test_a_missing_figure_is_shown_as_nothing():
    add_to_scoreboard("a", **PLACE, rmse=1.0)
    add_to_scoreboard("b", **PLACE, mae=0.8)
    cells = re.findall("<td[^>]*>(.*?)</td>", show_scoreboard(*SHOWN).to_html())
    assert cells == ["02", "1.000", "", "02", "", "0.800"]
