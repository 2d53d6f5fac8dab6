"""Scoreboard, verdicts and own ratings: what outlives a lesson."""

import dataclasses
import errno
import json
import os
import re
import tempfile
from pathlib import Path

import pandas as pd
import pytest

from helpers.bands import verdict
from helpers.data import synthetic
from helpers.files import expand_path, read_json, writable_folder, write_json
from helpers.my_ratings import my_ratings, rate_movies, ten_movies
from helpers.scoreboard import add_to_scoreboard, read_scoreboard, show_scoreboard
from helpers.storage import course_home, keep, not_kept


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("COURSE_DATA", raising=False)


@pytest.fixture(scope="module")
def small():
    return synthetic(n_users=60, n_movies=80, n_ratings=2_000, seed=0)


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
        "helpers.my_ratings.show_form", lambda form, html, text: shown.append(form)
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


# Where nothing can be written.


@pytest.fixture
def nothing_can_be_written(tmp_path, monkeypatch):
    """A course home that not even root can make, and a way to repair it."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "file" / "home"))
    yield
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "repaired"))
    keep("anything.json", [], lambda value: value)
    assert not not_kept()


def test_the_scoreboard_lasts_for_the_session(nothing_can_be_written, capsys):
    add_to_scoreboard("dot", **PLACE, rmse=0.97)
    add_to_scoreboard("mean", **PLACE, rmse=1.12)
    add_to_scoreboard("dot", **PLACE, rmse=0.94)
    assert capsys.readouterr().out.count("is not kept") == 3
    assert read_scoreboard()["rmse"].tolist() == [1.12, 0.94]
    assert "0.940" in show_scoreboard("ml-100k", "random").to_html()


def test_own_ratings_last_for_the_session(
    small, nothing_can_be_written, monkeypatch, capsys
):
    shown = []
    monkeypatch.setattr(
        "helpers.my_ratings.show_form", lambda form, html, text: shown.append(form)
    )
    assert my_ratings(small).attrs["invented"]
    rate_movies(small)
    *rows, save, _answer = shown[0].children
    rows[0].children[1].value = 4
    save.click()
    assert "is not kept" in capsys.readouterr().out
    mine = my_ratings(small)
    assert mine["rating"].tolist() == [4]
    assert not mine.attrs["invented"]


def test_what_waits_is_added_to_what_is_there(
    nothing_can_be_written, tmp_path, monkeypatch
):
    """The folder that is named at last has rows of an earlier session."""
    add_to_scoreboard("dot", **PLACE, rmse=0.94)
    there = tmp_path / "repaired" / "scoreboard.json"
    there.parent.mkdir()
    there.write_text(json.dumps([{**PLACE, "model": "mean", "rmse": 1.12}]))
    monkeypatch.setenv("COURSE_HOME", str(there.parent))
    assert read_scoreboard()["model"].tolist() == ["mean", "dot"]
    assert len(json.loads(there.read_text())) == 1
    add_to_scoreboard("deep", **PLACE, rmse=0.92)
    assert len(json.loads(there.read_text())) == 3
    assert not not_kept()


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path, monkeypatch, capsys):
    add_to_scoreboard("mean", **PLACE, rmse=1.12)
    before = (course_home() / "scoreboard.json").read_bytes()

    def full(*_):
        raise OSError(errno.EDQUOT, "Disk quota exceeded")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        add_to_scoreboard("dot", **PLACE, rmse=0.94)
    assert "Disk quota exceeded" in capsys.readouterr().out
    assert (course_home() / "scoreboard.json").read_bytes() == before
    assert [path.name for path in course_home().iterdir()] == ["scoreboard.json"]
    assert len(read_scoreboard()) == 2
    add_to_scoreboard("deep", **PLACE, rmse=0.92)
    assert capsys.readouterr().out == ""
    assert len(read_scoreboard()) == 3


def test_the_folder_that_is_proposed_can_be_written(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    there = tmp_path / "there"
    there.mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "file"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "file"))
    monkeypatch.chdir(there)
    assert writable_folder("a") == there / "a"
    (there / "a").write_text("a file has the name")
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    assert writable_folder("a") == tmp_path / "a"
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path / "file"))
    assert writable_folder("a") is None


def test_an_account_without_a_home_gets_no_folder_named_tilde(monkeypatch, tmp_path):
    monkeypatch.delenv("COURSE_HOME")
    monkeypatch.setattr("pooch.os_cache", lambda name: f"~/.cache/{name}")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OSError, match="no home folder"):
        course_home()
    assert read_scoreboard().empty
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("~/my work", "{home}/my work"),
        ("$HOME/my work", "{home}/my work"),
        ("${HOME}", "{home}"),
        ("'~/my work'", "{home}/my work"),
        ('"/a b"', "/a b"),
        (" /a ", "/a"),
        ("costs $5", "costs $5"),
        ("it's", "it's"),
        ("$HOME is where", "$HOME is where"),  # a folder of this name is there
    ],
)
def test_paths_are_read_as_a_shell_reads_them(tmp_path, monkeypatch, written, meant):
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path / "me"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "$HOME is where").mkdir()
    (tmp_path / "~").mkdir()
    assert expand_path(written) == Path(meant.format(home=tmp_path / "me"))
    assert expand_path(Path(written)) == expand_path(str(Path(written)))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no ~user")
def test_a_user_is_found_by_name(monkeypatch):
    import pwd

    me = pwd.getpwuid(os.getuid())
    assert expand_path(f"~{me.pw_name}/work") == Path(me.pw_dir, "work")


def test_a_missing_figure_is_shown_as_nothing():
    add_to_scoreboard("a", **PLACE, rmse=1.0)
    add_to_scoreboard("b", **PLACE, mae=0.8)
    cells = re.findall("<td[^>]*>(.*?)</td>", show_scoreboard(*SHOWN).to_html())
    assert cells == ["02", "1.000", "", "02", "", "0.800"]


def test_a_year_that_is_not_known_is_shown_as_nothing(small):
    movies = small.movies.assign(year=pd.array([None] * 80, dtype="Int64"))
    nameless = dataclasses.replace(small, movies=movies)
    mine = my_ratings(nameless)
    assert mine["year"].tolist() == [""] * 10
    assert "NA" not in mine.to_html().upper().replace("NAME", "")
    assert my_ratings(small)["year"].tolist() == ten_movies(small)["year"].tolist()
