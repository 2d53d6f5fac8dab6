"""Your own ten ratings: entered in lesson 01, and used by every later model."""

from html import escape

import numpy as np
import pandas as pd

from helpers.display import show_form
from helpers.i18n import gettext, gettext_noop
from helpers.movielens.formats import years_as_shown
from helpers.storage import load, save_warning, update

FILE = "my_ratings.json"
STARS = (1, 2, 3, 4, 5)
NOT_SEEN = gettext_noop("not seen")


def ten_movies(movielens):
    """Choose ten well-known movies of different genres, for a new user to rate.

    Movies are considered by their number of ratings, the largest first. A movie is
    taken if it has a genre that none before it had; the most rated of the others fill
    the list up to ten.

    Parameters
    ----------
    movielens : helpers.data.MovieLens

    Returns
    -------
    pandas.DataFrame
        Ten rows of ``movielens.movies``, the most rated first.
    """
    counts = movielens.ratings["movie_id"].value_counts()
    movies = movielens.movies.assign(
        ratings=movielens.movies["movie_id"].map(counts).fillna(0)
    ).sort_values(["ratings", "movie_id"], ascending=[False, True])
    known_genres, new, others = set(), [], []
    for row in movies.head(200).itertuples():
        genres = set(row.genres.split("|"))
        (others if genres <= known_genres else new).append(row.Index)
        known_genres |= genres
    chosen = (new + others)[:10]
    return movies.loc[movies.index.isin(chosen)].drop(columns="ratings")


def rate_movies(movielens):
    """Show a form with ten movies, and save your ratings on this computer.

    Parameters
    ----------
    movielens : helpers.data.MovieLens

    Returns
    -------
    None
        `my_ratings` reads what the form saved.
    """
    import ipywidgets as widgets

    saved = _saved()
    rows = []
    for movie in ten_movies(movielens).itertuples():
        name = _full_title(movie)
        choice = widgets.ToggleButtons(
            options=[(gettext(NOT_SEEN), 0), *((f"{star} ★", star) for star in STARS)],
            value=saved.get(name, 0),
            style={"button_width": "90px"},
            tooltips=[
                f"{name}: {gettext(NOT_SEEN)}",
                *(gettext("{name}: {n} of 5 stars", name=name, n=s) for s in STARS),
            ],
        )
        rows.append((name, choice))
    save = widgets.Button(
        description=gettext("Keep my ratings"),
        button_style="primary",
        layout={"margin": "10px 2px"},
    )
    answer = widgets.Output()

    def save_all(_button):
        given = [
            {"title": name, "rating": row.value} for name, row in rows if row.value
        ]
        update(FILE, [], lambda _: given)
        answer.clear_output(wait=True)
        message = gettext(
            "Kept {n} ratings. Run the next cell to see them.", n=len(given)
        )
        with answer:
            print(message)
            if line := save_warning():
                print(line)

    save.on_click(save_all)
    form = [
        widgets.VBox([widgets.HTML(f"<b>{escape(name)}</b>"), choice])
        for name, choice in rows
    ]
    names = [name for name, _ in rows]
    asked = gettext("Ten movies to rate, in a notebook where buttons work:")
    show_form(
        widgets.VBox([*form, save, answer]),
        f"<p>{asked}</p><ul>"
        + "".join(f"<li>{escape(name)}</li>" for name in names)
        + "</ul>",
        f"{asked}\n  " + "\n  ".join(names),
    )


def my_ratings(movielens):
    """Return your own ratings, or an invented student's if there are none.

    The invented student likes science fiction and adventure and dislikes romance, so
    that the effect on a model's recommendations is easy to see.

    Parameters
    ----------
    movielens : helpers.data.MovieLens
        Your ratings are kept by title, so they hold for every edition that
        knows the movie.

    Returns
    -------
    pandas.DataFrame
        movie_id, title, year (empty where it is not known), genres, rating (float32,
        on the scale of `movielens`); ``attrs["invented"]`` is True for the invented
        student.
    """
    movies = movielens.movies
    saved = _saved()
    known = movies[[_full_title(movie) in saved for movie in movies.itertuples()]]
    invented = known.empty
    if not invented:
        ratings = [saved[_full_title(movie)] for movie in known.itertuples()]
    else:
        known = ten_movies(movielens)
        ratings = _invented_taste(known["genres"])
    table = known[["movie_id", "title", "year", "genres"]].reset_index(drop=True)
    table["year"] = years_as_shown(table["year"])
    table["rating"] = np.array(ratings, dtype="float32")
    if movielens.own_ids is not None:  # 1 to 5 stars, on the scale of your own table
        low, high, _ = movielens.rating_scale
        table["rating"] = low + (table["rating"] - 1) * (high - low) / 4
    table.attrs["invented"] = invented
    return table


def _invented_taste(genres):
    liked = genres.str.contains("Sci-Fi|Adventure|Fantasy")
    disliked = genres.str.contains("Romance|Drama") & ~liked
    return np.select([liked, disliked], [5, 2], default=3)


def _full_title(movie):
    return movie.title if pd.isna(movie.year) else f"{movie.title} ({movie.year})"


def _saved():
    """Return your ratings by title; skip malformed entries."""
    return {
        entry["title"]: entry["rating"]
        for entry in load(FILE, [])
        if isinstance(entry, dict)
        and isinstance(entry.get("title"), str)
        and entry.get("rating") in STARS
    }
