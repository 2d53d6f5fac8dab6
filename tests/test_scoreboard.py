"""Scoreboard, verdicts and own ratings: what outlives a lesson."""

import json

import pytest

from helpers.course_home import course_home, read_json, write_json
from helpers.data import synthetic
from helpers.own_ratings import my_ratings, rate_movies, ten_movies
from helpers.scoreboard import add_to_scoreboard, read_scoreboard, show_scoreboard
from helpers.verdicts import verdict


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("COURSE_DATA", raising=False)


@pytest.fixture(scope="module")
def small():
    return synthetic(n_users=60, n_movies=80, n_ratings=2_000, seed=0)


PLACE = {"edition": "ml-100k", "split": "random", "lesson": "02"}


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


def test_write_json_is_all_or_nothing():
    path = course_home() / "some.json"
    write_json(path, {"a": 1})
    with pytest.raises(TypeError):
        write_json(path, {"a": object()})
    assert read_json(path, {}) == {"a": 1}
    assert [file.name for file in course_home().iterdir()] == ["some.json"]


@pytest.mark.parametrize(
    ("value", "band", "line"),
    [
        (0.93, {"inside": (0.90, 0.94)}, "RMSE inside 0.90–0.94 ✓"),
        (0.94, {"inside": (0.90, 0.94)}, "RMSE inside 0.90–0.94 ✓"),
        (0.9412, {"inside": (0.90, 0.94)}, "RMSE 0.9412, expected inside 0.90–0.94 ✗"),
        (0.2, {"inside": (0.905, 0.93)}, "RMSE 0.2000, expected inside 0.905–0.930 ✗"),
        (0.41, {"at_least": 0.4}, "RMSE at least 0.40 ✓"),
        (0.39, {"at_least": 0.4}, "RMSE 0.3900, expected at least 0.40 ✗"),
        (3, {"at_most": 5}, "RMSE at most 5 ✓"),
        (float("nan"), {"at_most": 5}, "RMSE nan, expected at most 5 ✗"),
    ],
)
def test_verdict_lines(value, band, line, capsys):
    verdict("RMSE", value, **band)
    assert capsys.readouterr().out == line + "\n"


def test_no_claim_on_other_editions(capsys, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", "synthetic")
    verdict("RMSE", 0.7, inside=(0.9, 0.94))
    assert capsys.readouterr().out == "RMSE 0.700 (on ml-100k: inside 0.90–0.94)\n"


def test_verdict_needs_one_band():
    with pytest.raises(ValueError, match="exactly one"):
        verdict("RMSE", 1.0)
    with pytest.raises(ValueError, match="exactly one"):
        verdict("RMSE", 1.0, at_least=1, at_most=2)


def test_ten_different_movies(small):
    ten = ten_movies(small)
    assert len(ten) == ten["movie_id"].nunique() == 10


def test_an_invented_student_stands_in(small):
    mine = my_ratings(small)
    assert mine.attrs["invented"]
    assert len(mine) == 10
    assert mine["rating"].between(1, 5).all()


def test_the_form_keeps_what_was_clicked(small, monkeypatch):
    shown = []
    monkeypatch.setattr(
        "helpers.own_ratings.show_form", lambda form, html, text: shown.append(form)
    )
    rate_movies(small)
    *rows, save, _answer = shown[0].children
    rows[0].children[1].value = 5
    rows[3].children[1].value = 1
    save.click()
    mine = my_ratings(small)
    assert not mine.attrs["invented"]
    assert sorted(mine["rating"]) == [1, 5]
    titles = [row.children[0].value for row in rows]
    assert all(any(title in shown for shown in titles) for title in mine["title"])

    rate_movies(small)
    assert shown[1].children[0].children[1].value == 5, "the form shows what was kept"


def test_damaged_own_ratings_are_not_fatal(small):
    (course_home() / "my_ratings.json").write_text(json.dumps({"not": "a list"}))
    assert my_ratings(small).attrs["invented"]
