"""`python -m helpers recommend`: lists from a table of one's own."""

import re

import pandas as pd
import pytest

from helpers.baselines import EASE_PENALTY
from helpers.cli import recommend
from helpers.cli.commands import main
from helpers.data import load_ratings, synthetic


@pytest.fixture
def table(tmp_path):
    ratings = synthetic(n_users=60, n_movies=50, n_ratings=1500).ratings
    ratings["user_id"] = "u" + ratings["user_id"].astype(str)
    path = tmp_path / "my.csv"
    ratings.to_csv(path, index=False)
    return path


def test_a_user_gets_ten_titles_and_a_file_has_all(table, tmp_path, capsys):
    out = tmp_path / "lists.csv"
    assert main(["recommend", str(table), "--for", "u7", "--all", str(out)]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].startswith("my: 60 users, 50 items, 1,500 ratings")
    assert printed[1].split() == ["rank", "title", "score"]
    lists = pd.read_csv(out)
    assert list(lists) == ["user", "rank", "item", "title", "score"]
    of_u7 = lists[lists["user"] == "u7"]
    assert [line.split()[1] for line in printed[2:12]] == of_u7["title"].astype(
        str
    ).tolist()
    assert of_u7["rank"].tolist() == list(range(1, 11))
    assert of_u7["score"].is_monotonic_decreasing
    rated = pd.read_csv(table).rename(columns={"user_id": "user", "movie_id": "item"})
    assert lists.merge(rated, on=["user", "item"]).empty
    has_all = rated["user"].value_counts().eq(50)
    assert has_all.sum() == 1 and lists["user"].nunique() == 59
    assert main(["recommend", str(table), "--for", has_all.idxmax()]) == 0
    assert "has rated all items" in capsys.readouterr().out


def test_a_user_whose_items_are_left_out_gets_the_popular_ones(table, monkeypatch):
    monkeypatch.setattr(recommend, "MOST_ITEMS", 12)
    ratings = pd.read_csv(table)
    rare = pd.DataFrame({"user_id": ["new", "new"], "movie_id": [998, 999]})
    ratings = pd.concat([ratings, rare.assign(rating=5, timestamp=1)])
    made = recommend.Recommender(load_ratings(ratings))
    counts = ratings["movie_id"].value_counts()
    best = made.lists(made.rows_of("new"), 3)["item"]
    assert counts[best].tolist() == counts.head(3).tolist()


def test_lists_for_an_edition_of_movielens_have_its_ids():
    movielens = synthetic(n_users=60, n_movies=50, n_ratings=1500)
    made = recommend.Recommender(movielens)
    lists = made.lists(made.rows_of(7), 3)
    assert lists["user"].tolist() == [7] * 3
    titles = movielens.movies.set_index("movie_id")["title"]
    assert lists["title"].tolist() == titles[lists["item"]].tolist()
    rated = movielens.ratings.query("user_id == 7")["movie_id"]
    assert not lists["item"].isin(rated).any()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--for", "u61"], "'u61' is none of the 60 users of my.csv. Take one of"),
        ([], "--for USER"),
        (["--for", "u1", "--columns", "user=reader"], "lacks a column reader"),
        (["--for", "u1", "--columns", "reader"], "Columns are named like"),
        (["--all", "/dev/null/lists.csv"], "Not a directory|Errno"),
    ],
)
def test_what_is_wrong_is_said(table, arguments, says, capsys):
    assert main(["recommend", str(table), *arguments]) == 2
    assert re.search(says, capsys.readouterr().err)


@pytest.mark.parametrize("penalty", ["0", "-5", "nan", "inf", "many"])
def test_a_penalty_is_above_0(table, capsys, penalty):
    with pytest.raises(SystemExit) as caught:
        main(["recommend", str(table), "--for", "u1", f"--penalty={penalty}"])
    assert caught.value.code == 2
    assert f"{penalty!r} is not a number above 0" in capsys.readouterr().err


def test_a_penalty_that_is_too_small_is_no_traceback(tmp_path, capsys):
    path = tmp_path / "alike.csv"
    path.write_text("user,item,rating\n1,7,1\n1,8,1\n2,7,1\n2,8,1\n")
    assert main(["recommend", str(path), "--for", "1", "--penalty", "1e-300"]) == 2
    assert "so small a --penalty" in capsys.readouterr().err


def test_the_command_takes_the_penalty_of_the_course(table, monkeypatch):
    asked = []
    monkeypatch.setattr(recommend, "run", lambda *_, penalty: asked.append(penalty))
    main(["recommend", str(table), "--for", "u1"])
    assert asked == [EASE_PENALTY]
