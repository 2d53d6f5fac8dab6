"""A student's own ratings, and the form that asks for them."""

import dataclasses
import json

import pandas as pd
import pytest

from helpers.data import load_ratings, synthetic
from helpers.my_ratings import my_ratings, rate_movies, ten_movies
from helpers.storage import course_home

pytestmark = pytest.mark.usefixtures("own_home")


@pytest.fixture(scope="module")
def small():
    return synthetic(n_users=60, n_movies=80, n_ratings=2_000, seed=0)


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


def test_stars_are_brought_to_the_scale_of_your_own_table(small):
    ratings = small.ratings.assign(rating=5 * small.ratings["rating"] - 15)  # −10…10
    own = load_ratings(ratings)
    assert own.rating_scale[:2] == (5, 25), "0 stands for no rating"
    assert set(my_ratings(own)["rating"]) <= {5, 10, 15, 20, 25}
    assert my_ratings(own)["rating"].max() > 5
    implicit = load_ratings(ratings, rating="")
    assert my_ratings(implicit)["rating"].tolist() == [1] * 10


@pytest.mark.parametrize(
    "saved",
    [
        {"not": "a list"},
        [7, {}, {"title": "no rating"}, {"rating": 3}],
        [{"title": ["a list"], "rating": 3}, {"title": "a", "rating": [3]}],
    ],
)
def test_damaged_own_ratings_are_not_fatal(small, saved):
    (course_home() / "my_ratings.json").write_text(json.dumps(saved))
    assert my_ratings(small).attrs["invented"]


def test_a_title_in_the_form_is_no_html(small, monkeypatch):
    shown = []
    monkeypatch.setattr(
        "helpers.my_ratings.show_form",
        lambda form, html, text: shown.extend(
            [form.children[0].children[0].value, html]
        ),
    )
    movies = small.movies.assign(title="Tom & <i>Jerry</i>")
    rate_movies(dataclasses.replace(small, movies=movies))
    assert len(shown) == 2
    for html in shown:
        assert "Tom &amp; &lt;i&gt;Jerry&lt;/i&gt;" in html
        assert "<i>" not in html


# Where nothing can be written.
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


def test_a_year_that_is_not_known_is_shown_as_nothing(small):
    movies = small.movies.assign(year=pd.array([None] * 80, dtype="Int64"))
    nameless = dataclasses.replace(small, movies=movies)
    mine = my_ratings(nameless)
    assert mine["year"].tolist() == [""] * 10
    assert "NA" not in mine.to_html().upper().replace("NAME", "")
    assert my_ratings(small)["year"].tolist() == ten_movies(small)["year"].tolist()
