"""Lesson 01, the data: checks."""

import numpy as np
import pandas as pd

from helpers.checks.asserts import (
    EXACT,
    are_distinguishable,
    array,
    close,
    close_at,
    diagnose,
    expect,
    expect_no_error,
    expect_pair,
    format_both,
    has_shape,
    is_array,
    kind,
    number,
    shape_of,
)
from helpers.checks.exercise import Lesson
from helpers.i18n import gettext, gettext_noop

lesson = Lesson.read("01")

IDS = ["user_id", "movie_id"]

# --- 1.1 ---------------------------------------------------------------------


@lesson["1.1"].part()
def is_the_share_of_cells(density, rng):
    few, many = int(rng.integers(6, 10)), int(rng.integers(11, 15))
    for n_users, n_movies in rng.permutation([(few, many), (20 * many, few)]).tolist():
        ratings, share, mistakes = _matrix(rng, n_users, n_movies)
        sizes = {"n": len(ratings), "n_users": n_users, "n_movies": n_movies}
        handed = gettext("{n} ratings by {n_users} users of {n_movies} movies", **sizes)
        found = number(density(ratings), "`density`")
        reason = "That is not the share of filled cells, for {handed}."
        close(found, share, reason, mistakes, **EXACT, handed=handed)
    bare = ratings[IDS]
    expect_no_error(
        density.error_of(bare),
        "It is right here, but stops with {error} where `ratings` has no other columns than "
        "`user_id` and `movie_id`. The docstring promises those two only.",
    )
    reason = (
        "It gives another share where `ratings` has no other columns than `user_id` and "
        "`movie_id`. The docstring promises those two only."
    )
    close(number(density(bare), "`density`"), share, reason, atol=1e-6)


def _matrix(rng, n_users, n_movies):
    """Draw ratings; return them, the share of filled cells, and wrong numbers."""
    while True:
        n = int(rng.integers(0.2 * n_users * n_movies, 0.5 * n_users * n_movies))
        ratings = _ratings(rng, n_users, n_movies, n)
        share = n / (n_users * n_movies)
        mistakes = _mistaken_shares(ratings, n_users, n_movies)
        if are_distinguishable(share, mistakes):
            return ratings, share, mistakes


def _mistaken_shares(ratings, n_users, n_movies):
    n, n_cells = len(ratings), n_users * n_movies
    share, empty, over = n / n_cells, 1 - n / n_cells, n_cells / n
    loose, added = n / n_users * n_movies, n / (n_users + n_movies)
    n_empty = n_cells - n
    most_users, most_movies = (int(ratings[name].max()) for name in IDS)
    largest = n / (most_users * most_movies)
    of_rows = 1 / n, 1 / n_users, 1 / n_movies
    around = ((1, 0), (0, 1), (1, 1), (-1, 0), (0, -1), (-1, -1))
    off_by_one = tuple(n / ((n_users + a) * (n_movies + b)) for a, b in around)
    values, stars = ratings.size / n_cells, ratings["rating"].sum() / n_cells
    of_movielens, by_movielens = 100_000 / 1_586_126, n / 1_586_126
    return {
        "That is the share of cells that are *empty*. The filled ones are asked for.": empty,
        "That is in per cent. A share from 0 to 1 is asked for.": 100 * share,
        "That is the share of *empty* cells, in per cent.": 100 * empty,
        "That is 0. (`//` and `int` leave out the decimals.)": 0,
        "You took the largest ids for the number of users and of movies. Ids have gaps: how "
        "many *different* ones are there?": largest,
        "You took the largest user id for the number of users. Ids have gaps: how many "
        "*different* ones are there?": n / (most_users * n_movies),
        "You took the largest movie id for the number of movies. Ids have gaps: how many "
        "*different* ones are there?": n / (n_users * most_movies),
        "You counted rows where users or movies should be counted. Each of them stands in "
        "many rows: how many *different* ones are there?": of_rows,
        "Your count of users or of movies is off by one.": off_by_one,
        "That is upside down: cells over ratings. A share cannot be above 1.": over,
        "A share cannot be above 1: are brackets missing? `a / b * c` is `(a / b) * c`.": loose,
        "You added users and movies. A table of 2 rows and 3 columns has 2 · 3 cells.": added,
        "That is the number of ratings a user; where are the movies?": n / n_users,
        "That is the number of ratings a movie; where are the users?": n / n_movies,
        "You took the number of users twice; where are the movies?": n / n_users**2,
        "You took the number of movies twice; where are the users?": n / n_movies**2,
        "That is the number of ratings. Its share of all cells is asked for.": n,
        "That is the number of cells. The share of filled ones is asked for.": n_cells,
        "That is the number of empty cells. The share of filled ones is asked for.": n_empty,
        "You counted each value in the table (`size`). A rating is a row.": values,
        "You added up the stars. A cell is filled, whatever the stars say.": stars,
        "You divided by 943 · 1,682, the sizes of MovieLens. Count the users and movies of "
        "what was handed over: {handed}.": by_movielens,
        "That is the share in MovieLens. {handed} were handed over.": of_movielens,
    }


def _ids(rng, n):
    """Draw n ids, ascending, from 12 on, with gaps."""
    return 11 + np.cumsum(rng.integers(2, 9, size=n) ** 2)


def _labels(rng, n):
    """Draw n different row labels that are neither sorted nor numbered from 0."""
    labels = rng.permutation(np.arange(n) * 3 + 200)
    while (np.diff(labels) > 0).all():
        labels = rng.permutation(labels)
    return labels


def _ratings(rng, n_users, n_movies, n_ratings):
    """Draw a table of ratings: each user and movie occurs, no pair twice."""
    users, movies = _ids(rng, n_users), _ids(rng, n_movies) + 1
    most = max(n_users, n_movies)
    cells = np.arange(most) % n_users * n_movies + np.arange(most) % n_movies
    others = np.setdiff1d(np.arange(n_users * n_movies), cells)
    cells = rng.permutation([*cells, *rng.permutation(others)[: n_ratings - most]])
    return _rated_at_random(rng, users[cells // n_movies], movies[cells % n_movies])


def _rated_at_random(rng, users, movies):
    """Make a table of these pairs with random ratings."""
    columns = {
        "user_id": users.astype("int32"),
        "movie_id": movies.astype("int32"),
        "rating": (rng.integers(2, 11, size=len(users)) / 2).astype("float32"),
    }
    return pd.DataFrame(columns, index=_labels(rng, len(users)))


# --- 1.2 ---------------------------------------------------------------------


@lesson["1.2"].part(points=2)
def counts_from_the_top(head_size, rng):
    for n, largest in ((int(rng.integers(40, 60)), 40), (300, 600)):
        ratings, share, right, mistakes = _head(rng, n, largest)
        bare = ratings[["movie_id"]]
        found = head_size(ratings, share)
        sizes = {"n": len(ratings), "n_movies": n, "share": f"{share:.3g}"}
        reason = (
            "{n} ratings of {n_movies} movies were handed over, with share = {share}. That is "
            "not the number of movies from the top that have this share."
        )
        value = number(found, "`head_size`")
        close(value, right, reason, mistakes, atol=0.1, rtol=0, **sizes)
        number(found, "`head_size`", whole=True)
        expect_no_error(
            head_size.error_of(bare, share),
            "It is right here, but stops with {error} where `ratings` has no other column than "
            "`movie_id`. The docstring promises that column only.",
        )
        found = number(head_size(bare, share), "`head_size`", whole=True)
        reason = (
            "It gives another number where `ratings` has no other column than `movie_id`. The "
            "docstring promises that column only."
        )
        close(found, right, reason, atol=0.1, rtol=0)


@lesson["1.2"].part()
def at_least_the_share(head_size, rng):
    # Powers of 2, so that all shares of ratings are exact in floats.
    sizes = [16, 8, 2, 2, 1, 1, 1, 1] if rng.integers(2) else [32, 16, 8, 4, 1, 1, 1, 1]
    ratings = _ratings_of(rng, rng.permutation(_ids(rng, len(sizes))), sizes)
    whole, half = len(sizes), len(ratings) // 2
    cases = [
        (0.5, 1),
        (0.75, 2),
        (0.5 + 1 / half / 4, 2),
        (0.01, 1),
        (1, whole),
        (1.0, whole),
    ]
    for place in rng.permutation(len(cases)):
        share, right = cases[place]
        reason = "Your code stops with {error} where share = {share}."
        expect_no_error(head_size.error_of(ratings, share), reason, share=share)
        found = number(head_size(ratings, share), "`head_size`", whole=True)
        mistakes = {
            "With share = {share}, some movies have exactly this share of all ratings. *At "
            "least* this share is asked for, so they are enough.": right + 1,
        }
        reason = (
            "With share = {share}, that is not the smallest number of movies that have at least "
            "this share."
        )
        close(found, right, reason, mistakes, atol=0.1, rtol=0, share=f"{share:.3g}")


def _head(rng, n, largest):
    """Draw ratings and a share; return them, the number of movies, and wrong numbers."""
    while True:
        tail = rng.integers(1, largest // 5, size=n - 4)
        sizes = np.append(largest - rng.integers(0, largest // 2, size=4), tail)
        ids = rng.permutation(_ids(rng, n))
        ratings = _ratings_of(rng, ids, sizes)
        share = float(rng.uniform(0.55, 0.9))
        right, mistakes = _heads(ratings, ids, sizes, share)
        values = [right, *(one for _, one in _flat(mistakes))]
        if len(set(values)) == len(values):
            return ratings, share, right, mistakes


def _flat(mistakes):
    return [
        (text, one)
        for text, values in mistakes.items()
        for one in (values if isinstance(values, tuple) else (values,))
    ]


def _heads(ratings, ids, sizes, share):
    n, target = len(sizes), share * len(ratings)
    top = np.sort(sizes)[::-1]

    def take(values, target):
        return int((np.cumsum(values) < target).sum()) + 1

    right = take(top, target)
    stars = np.sort(ratings.groupby("movie_id")["rating"].sum())[::-1]
    mistakes = {
        "You started with the least popular movies. Start with the most popular "
        "one.": take(top[::-1], target),
        "The movies are in the order of their ids. Start with the most popular "
        "one.": take(sizes[np.argsort(ids)], target),
        "The movies are in the order in which they come up. Start with the most popular "
        "one.": take(_as_they_come(ratings), target),
        "That is the share of the movies. Their number is asked for.": right / n,
        "One movie is missing: these have less than the share. (Are places counted from 0?)": right
        - 1,
        "That is a movie too many: one fewer has the share already.": right + 1,
        "That is the given share of the *movies*. The share is one of all ratings.": (
            int(share * n),
            int(np.ceil(share * n)),
        ),
        "That is a number of ratings. Count the ratings of each *movie*, and return the number "
        "of movies.": (
            int(top[:right].sum()),
            int(np.ceil(target)),
            len(ratings),
        ),
        "That is the number of all movies.": n,
        "That is the number of movies in the tail. How many are in the head?": n
        - right,
        "You added up the stars. Count the ratings, whatever their stars.": take(
            stars, share * stars.sum()
        ),
    }
    # Added up, stars may give the right number.
    return right, {t: v for t, v in mistakes.items() if "stars" not in t or v != right}


def _as_they_come(ratings):
    movies = ratings["movie_id"]
    return movies.value_counts().reindex(movies.unique()).to_numpy()


def _ratings_of(rng, ids, sizes):
    """Draw a table with so many ratings of each movie, each by a user of its own."""
    movies = rng.permutation(np.repeat(ids, sizes))
    users = 6 + 3 * rng.permutation(len(movies))
    return _rated_at_random(rng, users, movies)


# --- 1.3 ---------------------------------------------------------------------

TITLES = (
    *("Alien", "Brazil", "Casablanca", "Diva", "Evita", "Fargo", "Gandhi"),
    *("Heat", "Ikiru", "Jaws", "Kolya", "Laura", "M", "Network"),
)


@lesson["1.3"].part(points=2)
def gives_each_rating_its_title(with_titles, rng):
    # Ids that look like row numbers, and are not: nothing fails, all titles are wrong.
    ids = rng.permutation([1, 2, 3, 5, 6, 61, 87])
    rows = np.arange(7)
    while (ids == rows).any() or (ids == rows + 1).any():
        ids = rng.permutation(ids)
    movies = _movies(rng, ids)
    rated = rng.permutation([1, 2, 3, 5, 6])
    ratings = _rated(rng, [*rated, *rated[:3]])
    ratings.index = (ratings.index - 200) // 3  # 0 to 7 in no order, as rows of movies
    _check_titles(with_titles, ratings, movies)
    # Any index, gaps, two movies of one name, and movies that nobody knows.
    ids = rng.permutation(_ids(rng, 9))
    movies = _movies(rng, ids).set_axis(np.roll(ids, 2))
    movies.loc[movies["movie_id"].isin(ids[:2]), "title"] = TITLES[-1]
    unknown = [ids.min() + 1, ids.max() + 5]
    rated = rng.permutation([*ids[:6], *unknown])
    ratings = _rated(rng, [*rated, *rated[:4]])
    _check_titles(with_titles, ratings, movies)
    # Nothing but the promised columns, so that some rows are alike.
    bare = ratings[["movie_id"]], movies[["title", "movie_id"]]
    expect_no_error(
        with_titles.error_of(*bare),
        "It works here, but stops with {error} where the tables have no other columns than "
        "the docstring promises: `movie_id`, and `title` in `movies`.",
    )
    _check_titles(with_titles, *bare)


@lesson["1.3"].part()
def refuses_a_movie_listed_twice(with_titles, rng):
    cases = [
        (0, True, "a movie with two titles"),
        (1, False, "a movie twice, with the same title"),
        (-1, True, "a movie twice that nobody has rated yet"),
    ]
    # Between them, at places that nobody can count along with, tables in which nothing is
    # wrong: their sizes, indexes and titles are like those of the others.
    left = {True: iter(cases), False: iter(cases)}
    for is_wrong in rng.permutation([True, False] * len(cases)).tolist():
        place, has_own_title, which = next(left[is_wrong])
        ratings, movies = _listed_twice(rng, place, has_own_title, is_wrong)
        errors = with_titles.error_of(ratings, movies)
        if not is_wrong:
            reason = "`with_titles` stops on tables in which nothing is wrong."
            expect_no_error(errors, reason)
            continue
        found = ratings if errors else with_titles(ratings, movies)
        n, more = len(ratings), len(found) if isinstance(found, pd.DataFrame) else 0
        is_another = "MergeError" not in errors
        mistakes = {
            "`movies` listed {which}, and some ratings came back twice: {n} rows became "
            "{more}. Let the merge complain instead: look up `validate`.": more > n,
            "`movies` listed {which}, and your join took one of the two in silence. It should "
            "refuse: which one is right, only a person can say.": not errors,
            "`movies` listed {which}, and your code stopped with {error}. The docstring promises "
            "another error, so that the caller can catch it.": is_another,
        }
        error = errors[0] if errors else "no error"
        values = {"which": which, "n": n, "more": more, "error": error}
        diagnose(mistakes, error, "a pandas.errors.MergeError", **values)


def _listed_twice(rng, place, has_own_title, is_wrong):
    """Draw ratings and movies, one of which is listed twice where that is wrong."""
    ids = rng.permutation(_ids(rng, int(rng.integers(9, 12))))
    ratings = _rated(rng, [*ids[:5], *ids[:3]])
    movies = _movies(rng, ids)
    again = len(ids) - 2
    if has_own_title:
        movies.loc[again, "title"] = TITLES[-1]
    else:
        movies.loc[again, ["title", "year"]] = movies.loc[place, ["title", "year"]]
    if is_wrong:
        movies.loc[again, "movie_id"] = movies["movie_id"].iloc[place]
    movies = movies.set_axis(_labels(rng, len(ids)))
    return ratings, movies.iloc[rng.permutation(len(ids))]


def _movies(rng, ids):
    """Make a table of movies, each with a title of its own."""
    titles = rng.permutation(TITLES[:-1])[: len(ids)]
    years = rng.integers(1930, 1998, size=len(ids))
    return pd.DataFrame({"title": titles, "movie_id": ids, "year": years})


def _rated(rng, movie_ids):
    """Make ratings of these movies, each row with a number of its own."""
    n = len(movie_ids)
    columns = {
        "rating": rng.permutation(n) / 2 + 1,
        "movie_id": np.asarray(movie_ids),
        "user_id": rng.permutation(n) + 500,
    }
    return pd.DataFrame(columns, index=_labels(rng, n))


def _check_titles(with_titles, ratings, movies):
    expect(
        "MergeError" not in with_titles.error_of(ratings, movies),
        "Your join refuses tables in which nothing is wrong: a movie may be *rated* many times, "
        "and two movies may share a title. Only an id that `movies` lists twice is a reason to "
        "refuse.",
    )
    found = with_titles(ratings, movies)
    reason = "`with_titles` should return the table of ratings with a column more."
    expect(isinstance(found, pd.DataFrame), reason, kind(found), "a DataFrame")
    columns = list(found.columns)
    has_no_title = columns.count("title") != 1
    lost = [name for name in ratings.columns if columns.count(name) != 1]
    mistakes = {
        "The result should have one column called `title`.": has_no_title,
        "The column `{name}` of the ratings has got lost. All of them should stay.": lost,
    }
    both_columns = list(map(str, columns)), [*ratings.columns, "title"]
    shown = format_both("columns {columns}", columns=both_columns)
    diagnose(mistakes, *shown, name=lost[0] if lost else "")
    _keeps_the_ratings(found, ratings, movies)
    by_id = dict(zip(movies["movie_id"], movies["title"], strict=True))
    titles = _with_none(found["title"])
    right = [by_id.get(movie) for movie in ratings["movie_id"]]
    if titles != right:
        _explain_titles(titles, right, ratings, movies)


def _with_none(titles):
    return [None if pd.isna(title) else title for title in titles]


def _keeps_the_ratings(found, ratings, movies):
    """Check that each rating came back once, in the old order."""
    is_known = ratings["movie_id"].isin(movies["movie_id"])
    has_unknown = found["movie_id"].isin(ratings["movie_id"][~is_known]).any()
    is_inner = len(found) == is_known.sum() and not has_unknown
    mistakes = {
        "Ratings got lost: those of movies that `movies` does not know. (An inner join keeps "
        "only what both tables have.) They should stay, with a missing "
        "title.": is_inner and not is_known.all(),
        "There should be exactly as many rows as there were ratings. Which table's rows does "
        "your join keep?": len(found) != len(ratings),
    }
    diagnose(mistakes, *format_both("{n} rows", n=(len(found), len(ratings))))
    given = ratings.to_numpy(dtype="float64")
    kept = array(found[list(ratings.columns)].to_numpy(), what="`with_titles`")
    differs = (kept != given).any(axis=1)
    if differs.any():
        place = int(differs.argmax())
        mistakes = {
            "All ratings are there, but in another order. Other columns of the notebook are in "
            "the old order, and would no longer fit. Which table is the left one, and is "
            "anything sorted?": sorted(kept.tolist()) == sorted(given.tolist()),
            "The ratings' own columns came back with other values than they went in.": True,
        }
        diagnose(mistakes, kept[place], given[place])


def _explain_titles(titles, right, ratings, movies):
    """Name the mistake that gives these titles."""
    ids = ratings["movie_id"].to_numpy()
    by_row = movies["title"].reset_index(drop=True)
    in_order = movies.sort_values("movie_id")["title"].reset_index(drop=True)
    merged = ratings.merge(movies[["movie_id", "title"]], on="movie_id", how="left")
    others = {
        "The merge is right, but its column was then put into `ratings` by *index*: the "
        "merged table has a new one, 0, 1, 2, … Return the merged table itself, or assign "
        "an array (`.to_numpy()`).": merged["title"].reindex(ratings.index),
        "That is the published bug: `movie_id` was compared with the *index* of `movies`, "
        "which has nothing to do with ids. Compare it with the column "
        "`movie_id`.": movies["title"].reindex(ids),
        "You took the id for a row number counted from 1 (`movie_id - 1`). That needs a table "
        "sorted by id, without a gap; this one is neither.": by_row.reindex(ids - 1),
        "You took the id for a row number. That needs a table sorted by id, without a gap; "
        "this one is neither.": by_row.reindex(ids),
        "You sorted the movies and then took the id for a row number (`movie_id - 1`). "
        "Ids have gaps: compare ids with ids.": in_order.reindex(ids - 1),
        "You sorted the movies and then took the id for a row number. Ids have gaps: "
        "compare ids with ids.": in_order.reindex(ids),
        "The titles were lined up by the two tables' *indexes*. Neither index has anything "
        "to do with a movie's id: compare the columns "
        "`movie_id`.": movies["title"].reindex(ratings.index),
        "The titles were put beside the ratings in the order of `movies`, as if row 1 of "
        "the one belonged to row 1 of the other.": movies["title"][: len(titles)],
    }
    is_known = ratings["movie_id"].isin(movies["movie_id"])
    wrong = [title != its for title, its in zip(titles, right, strict=True)]
    place = wrong.index(True)

    def shown(title):
        title = gettext("no title (NaN)") if title is None else f"“{title}”"
        return gettext("movie {movie} is {title}", movie=ids[place], title=title)

    mistakes = {
        "No rating got a title. Which columns did you compare? (Or did you put a merged column "
        "into `ratings`, where pandas lines up the two indexes?)": not any(titles),
        **{text: titles == _with_none(other) for text, other in others.items()},
        "The known movies have their titles; a movie that `movies` does not know got one, too. "
        "It should be missing (NaN or None): a text in its place looks like a "
        "title.": not is_known[wrong].any(),
        "Some ratings got another movie's title.": True,
    }
    diagnose(mistakes, shown(titles[place]), shown(right[place]))


# --- 1.4 ---------------------------------------------------------------------

lesson["1.4"].forbidden.append("helpers.ids.IdEncoding.encode")


@lesson["1.4"].part(points=2)
def numbers_the_ids(ids_to_rows, rng):
    ids = _scrambled(rng, int(rng.integers(5, 9)))
    _compare_rows(ids_to_rows(ids), ids)
    # More ids than 8 bits can number.
    ids = _scrambled(rng, int(rng.integers(300, 400))).astype("int32")
    _compare_rows(ids_to_rows(ids), ids)
    # "array_like": a list, and a column with an index of its own.
    ids = _scrambled(rng, int(rng.integers(5, 9)))
    series = pd.Series(ids, index=_labels(rng, len(ids)), name="movie_id")
    for form, what in [
        (ids.tolist(), "a list of ids"),
        (series, "a column of a table, whose index is not 0, 1, 2, …"),
    ]:
        reason = (
            "It numbers an array rightly, but stops with {error} when given {what}. The "
            "docstring promises any array_like."
        )
        expect_no_error(ids_to_rows.error_of(form), reason, what=what)
        _compare_rows(ids_to_rows(form), ids)


def _scrambled(rng, n):
    """Draw n ids, some of them repeated, in an order that differs from all others."""
    while True:
        known = _ids(rng, n)
        ids = rng.permutation(known)
        # The largest is the most frequent, so an order by frequency is another one, too.
        ids = np.concatenate([ids, [known[-1], known[-1], ids[0]]])
        orders = {tuple(order) for order in (known, *_other_orders(ids, known))}
        if len(orders) == 5 and ids[0] != known[-1]:
            return ids


def _other_orders(ids, known):
    """Return the ids as they appear, descending, by frequency, and sorted as texts."""
    by_count = pd.Series(ids).value_counts().index.to_numpy()
    as_text = np.array(sorted(known.tolist(), key=str))
    return pd.unique(ids), known[::-1], by_count, as_text


def _compare_rows(found, ids):
    expect_pair(
        found, "`ids_to_rows` should return two arrays: `return rows, known_ids`."
    )
    found = dict(zip(("rows", "known_ids"), found, strict=True))
    for name, value in found.items():
        reason = "`{name}` should be a NumPy array, so that `known_ids[rows]` works."
        expect(is_array(value), reason, kind(value), "a numpy.ndarray", name=name)
        reason = "`{name}` should have one dimension."
        expect(value.ndim == 1, reason, shape_of(value), name=name)
    numbers = {name: array(part, what="`ids_to_rows`") for name, part in found.items()}
    known, rows = np.unique(ids, return_inverse=True)
    _explain_rows(numbers["rows"], numbers["known_ids"], ids, known, rows)
    right = {"rows": rows, "known_ids": known}
    for name, value in numbers.items():
        expect(
            value.shape == right[name].shape,
            "`rows` should have one number for each id that came in, and `known_ids` each id "
            "that occurs once.",
            gettext("{name} has shape {shape}", name=name, shape=value.shape),
            gettext("{name} has shape {shape}", name=name, shape=right[name].shape),
        )
    for name, reason in {
        "known_ids": "`known_ids` should be the ids that occur, in ascending order.",
        "rows": "The rows do not fit: `known_ids[rows]` should give back the ids that came in.",
    }.items():
        places = [f"{name}[{place}]" for place in range(len(right[name]))]
        close_at(numbers[name], right[name], reason, rows=places)
    for name, value in found.items():
        reason = (
            "The numbers are right, but `{name}` is of another type than int. Row numbers "
            "and ids are whole numbers."
        )
        shown = gettext("dtype {dtype}", dtype=value.dtype), "an integer dtype"
        expect(value.dtype.kind in "iu", reason, *shown, name=name)


def _explain_rows(found_rows, found_known, ids, known, rows):
    """Name the mistake that gives these two arrays."""
    n_known, least, most = len(found_known), int(ids.min()), int(ids.max())
    first = np.unique(ids, return_index=True)[1]
    as_they_come, descending, by_count, as_text = _other_orders(ids, known)

    def are(some_rows, some_known=found_known):
        is_known = np.array_equal(found_known, some_known)
        return is_known and np.array_equal(found_rows, some_rows)

    def is_order(some_known):
        order = pd.Index(some_known).get_indexer(ids)
        return not np.array_equal(some_known, known) and are(order, some_known)

    is_less, is_first, is_narrow = are(ids - 1), are(first, known), not are(rows)
    is_descending = is_order(descending)
    is_narrow &= are(rows.astype("int8")) or are(rows.astype("uint8"))
    mistakes = {
        "Those are the right two arrays, the wrong way round: the rows come first. "
        "(`np.unique` returns them in the other order.)": are(known, rows),
        "You made a row for every number up to the largest id. Then `known_ids[rows]` does "
        "fit, but most rows belong to nobody. Only ids that occur get a "
        "row.": are(ids) and n_known - most in (0, 1),
        "You made a row for every number between the smallest and the largest id. Only ids "
        "that occur get a row.": are(ids - least) and n_known - most + least in (0, 1),
        "`rows` are the ids themselves. A table with a row for each id that occurs has rows "
        "0 to {last} only.": are(ids),
        "`rows` are the ids minus 1. That makes row numbers only where ids run from 1 "
        "without a gap; these do not. How many rows would the table need?": is_less,
        "`rows` are the ids minus the smallest id. There are still gaps in them: "
        "{n} different ids should give the rows 0 to {last}.": are(ids - least),
        "The ids are numbered in the order in which they first appear. `known_ids[rows]` "
        "does fit, but the docstring asks for ascending ids: so the numbering does not "
        "depend on how the file happened to be sorted.": is_order(as_they_come),
        "The ids are numbered in descending order; ascending is asked for.": is_descending,
        "The ids are numbered by how often they occur (`value_counts` sorts that way). "
        "Ascending ids are asked for.": is_order(by_count),
        "The ids are sorted as texts, where 100 comes before 20. Ascending numbers are "
        "asked for.": is_order(as_text),
        "The rows are numbered from 1. Rows count from 0: `known_ids[rows]` would run out "
        "of the array.": are(rows + 1, known),
        "`rows` are the places at which each id *first appears* (`return_index`). For each "
        "id that came in, its place among the known ones is asked for.": is_first,
        "`rows` has one number for each *different* id. For each id that came in, repeated "
        "ones included, a row is asked for.": are(np.arange(len(known)), known),
        "`known_ids` ascend, but `rows` are numbered by first appearance, so the two do not "
        "fit: `known_ids[rows]` gives other ids back. (`pd.factorize` has an "
        "option.)": are(pd.factorize(ids)[0], known),
        "`known_ids` should hold each id once.": np.array_equal(found_known, ids),
        "The type of the row numbers has 8 bits, which are too few for {n} ids.": is_narrow,
    }
    diagnose(mistakes, last=len(known) - 1, n=len(known))


# --- 1.5 ---------------------------------------------------------------------


@lesson["1.5"].part(points=2)
def adapts_the_test_set_only(keep_answerable, rng):
    train, test = _train_and_test(rng)
    _compare_parts(*_two_tables(keep_answerable(train, test)), train, test)
    # The docstring promises two columns, and says nothing of the index.
    train, test = (part[IDS] for part in _train_and_test(rng))
    test = test.reset_index(drop=True)
    expect_no_error(
        keep_answerable.error_of(train, test),
        "It works here, but stops with {error} where the tables have no other columns than "
        "`user_id` and `movie_id`. The docstring promises those two only.",
    )
    _compare_parts(*_two_tables(keep_answerable(train, test)), train, test)
    _keeps_every_row(keep_answerable, rng)


def _keeps_every_row(keep_answerable, rng):
    """Check tables with ids that occur once, repeated rows, and a pair of both parts."""
    ids = rng.permutation(_ids(rng, 8))
    # User 3 and movies 2 and 4 have one training rating; 4 and 5, 3 and 5 have none. Movie 6
    # has only one by a user whom the test set does not hold, user 7 only one of such a movie.
    of_train = [(0, 0), (0, 0), (0, 1), (1, 0), (1, 2), (2, 0), (2, 4), (3, 1)]
    of_train += [(6, 6), (7, 7)]
    of_test = [
        *[(0, 2), (0, 2), (0, 4), (1, 4), (3, 0), (3, 2), (0, 0), (1, 1), (2, 1)],
        *[(4, 0), (4, 2), (5, 1), (0, 5), (1, 3), (4, 3), (0, 5), (0, 6), (7, 0)],
    ]
    train, test = (_of_pairs(rng, part, ids, ids[::-1]) for part in (of_train, of_test))
    found_train, found_test = _two_tables(keep_answerable(train, test))
    user, movie = (test[name].isin(train[name]) for name in IDS)
    of_user, of_movie = (train[train[name].isin(test[name])] for name in IDS)
    few_movies = movie & test["movie_id"].isin(of_user["movie_id"])
    few_users = user & test["user_id"].isin(of_movie["user_id"])
    halves = (user & few_movies, few_users & movie, few_users & few_movies)
    expect(
        not any(_same_rows(found_test, test[rows]) for rows in halves),
        "That is half of the leak: you looked for the ids in a *part* of `train`, the ratings "
        "whose user or movie the test set holds. A movie is known, too, if only other users "
        "rated it in `train`. Look for the ids in all of `train`.",
        gettext("{n} test ratings", n=len(found_test)),
        f"{(user & movie).sum()}",
    )
    expect(
        _same_rows(found_test, test[user & movie]),
        "Test ratings got lost, or too many stayed. Each whose user *and* movie occur in `train` "
        "stays: one training rating is enough, a row may be there twice, and a pair may be in "
        "both parts.",
        gettext("{n} test ratings", n=len(found_test)),
        f"{(user & movie).sum()}",
    )
    expect(
        _same_rows(found_train, train),
        "The training ratings should come back as they went in, rows that are there twice "
        "included.",
        gettext("{n} training ratings", n=len(found_train)),
        gettext("{n}, unchanged", n=len(train)),
    )
    expect(
        np.array_equal(found_train[list(train.columns)].to_numpy(), train.to_numpy()),
        "The training ratings came back in another order. They should go through untouched: "
        "other arrays of the notebook stand in the old order.",
        found_train["user_id"].to_numpy()[:4],
        train["user_id"].to_numpy()[:4],
    )


def _of_pairs(rng, pairs, users, movies):
    """Make a table of these pairs in any order; the rows of equal pairs are equal."""
    user, movie = rng.permutation(pairs).T
    columns = {
        "user_id": users[user],
        "movie_id": movies[movie],
        "rating": (user + movie) % 5 + 1.0,
        "timestamp": 880_000_000 + 10 * user + movie,
    }
    return pd.DataFrame(columns, index=_labels(rng, len(pairs)))


def _two_tables(answer):
    shown = kind(answer), "a tuple of 2"
    if isinstance(answer, pd.DataFrame):
        shown = "one DataFrame", "two of them"
    reason = "`keep_answerable` should return both tables: `return train, test`."
    expect(isinstance(answer, (tuple, list)) and len(answer) == 2, reason, *shown)
    for part, name in zip(answer, ("train", "test"), strict=True):
        reason = "The {name} ratings that you return should be a table again."
        shown = kind(part), "a DataFrame"
        expect(isinstance(part, pd.DataFrame), reason, *shown, name=name)
    return answer


def _train_and_test(rng):
    """Make two tables in which each way to filter keeps other rows.

    Users 0 to 3 occur in train, 4 and 5 only in test; movies likewise. User 2 and
    movie 3 occur in train only. No pair occurs twice.
    """
    # Users and movies have the same ids, as in the real table: who mixes them up,
    # finds something.
    users = rng.permutation(_ids(rng, 6))
    movies = np.roll(users, -3)
    of_train = [
        *[(0, 0), (0, 1), (0, 3), (1, 0), (1, 2), (2, 0), (2, 1), (2, 3)],
        *[(3, 1), (3, 2)],
    ]
    of_test = [
        *[(0, 2), (1, 1), (3, 0)],  # both are known
        *[(0, 4), (0, 5), (1, 4), (3, 5)],  # only the user is
        *[(4, 0), (5, 2), (4, 1), (5, 0), (4, 2)],  # only the movie is
        *[(4, 4), (5, 5)],
    ]
    train, test = (_of_pairs(rng, part, users, movies) for part in (of_train, of_test))
    # Some ids of users are also row labels of train, as in the real table.
    return train.set_axis([*users[[0, 3, 4]], *range(500, 507)]), test


def _compare_parts(found_train, found_test, train, test):
    reason = "You return the two tables the wrong way round: train comes first."
    expect(not _same_rows(found_test, train) or _same_rows(found_train, train), reason)
    columns = list(train.columns)
    for found, name in [(found_train, "train"), (found_test, "test")]:
        missing = [column for column in columns if column not in found.columns]
        reason = (
            "The {name} ratings have lost columns. A filter leaves out rows, and keeps every "
            "column of the rest."
        )
        shown = gettext("without {columns}", columns=", ".join(missing)), columns
        expect(not missing, reason, *shown, name=name)
        reason = (
            "The {name} ratings have got new columns. A filter leaves out rows, and changes "
            "nothing else."
        )
        shown = [str(column) for column in found.columns], columns
        expect(len(found.columns) == len(columns), reason, *shown, name=name)
    _train_is_untouched(found_train, train, test)
    _test_is_filtered(found_test, train, test)


def _train_is_untouched(found, train, test):
    user, movie = (train[name].isin(test[name]) for name in IDS)
    filtered = (train[of] for of in (user, movie, user & movie, user | movie))
    leaks = any(_same_rows(found, part) for part in filtered)
    is_shorter, is_right = len(found) < len(train), _same_rows(found, train)
    mistakes = {
        "Here is the leak: training ratings were left out because their user or movie is not "
        "in the test set. The model must not know what the test set holds; only the test set "
        "adapts.": is_shorter and leaks,
        "Training ratings were left out. All of them should stay: a model may learn from each, "
        "whatever the test set asks later.": is_shorter,
        "The training ratings should come back as they went in.": not is_right,
    }
    unchanged = gettext("{n}, unchanged", n=len(train))
    diagnose(mistakes, gettext("{n} training ratings", n=len(found)), unchanged)


def _test_is_filtered(found, train, test):
    user, movie = (test[name].isin(train[name]) for name in IDS)
    right, everything = user & movie, user | True
    if _same_rows(found, test[right]):
        return
    labels = test[IDS].isin(train.index.tolist()).all(axis=1)
    crossed = test["user_id"].isin(train["movie_id"])
    crossed &= test["movie_id"].isin(train["user_id"])
    is_emptied = bool(found[IDS].isna().any(axis=None))
    is_repeated = found.duplicated().any() or len(found) > len(test)
    others = {
        "You looked at the user only. A test rating of a movie that `train` has never seen "
        "cannot be answered, either.": user,
        "You looked at the movie only. A test rating by a user that `train` has never seen "
        "cannot be answered, either.": movie,
        "You kept a test rating when its user *or* its movie is known. A model needs "
        "both.": user | movie,
        "That is what should go: you kept the test ratings that nobody can answer.": ~right,
        "The test ratings are all still there, unanswerable ones included.": everything,
        "You asked whether the id is in the *index* of `train`: `x in column` looks at a "
        "column's row labels, not at its values. `.isin(…)` looks at the values.": labels,
        "No test rating is left. It is not the *pair* that has to be in the training set, "
        "but the user and the movie, each on its own.": ~everything,
        "You looked for users among the movies.": crossed,
    }
    mistakes = {
        **{text: _same_rows(found, test[rows]) for text, rows in others.items()},
        "Some test ratings came back empty (NaN) instead of being left out. (`where` keeps every "
        "row, and empties those that do not fit: `test[…]` leaves them out.)": is_emptied,
        "Some test ratings came back more than once. (A merge gives one row for each *match*; "
        "you only want to know whether there is one.)": is_repeated,
        "Those are not the test ratings whose user *and* movie occur in `train`.": True,
    }
    diagnose(mistakes, gettext("{n} test ratings", n=len(found)), f"{right.sum()}")


def _same_rows(found, expected):
    """Tell whether two tables hold the same rows, in any order and with any index."""
    columns = list(expected.columns)
    if not set(columns) <= set(found.columns) or len(found) != len(expected):
        return False
    try:
        found, expected = (part[columns].to_numpy(float) for part in (found, expected))
    except (TypeError, ValueError):
        return False
    return sorted(found.tolist()) == sorted(expected.tolist())


# --- 1.6 ---------------------------------------------------------------------

OF_SKLEARN = (
    *("mean_absolute_error", "mean_squared_error", "root_mean_squared_error"),
    "r2_score",  # 1 − MSE / variance
)
lesson["1.6"].forbidden.extend(["helpers.metrics.mae", "helpers.metrics.rmse"])
lesson["1.6"].forbidden.extend(f"sklearn.metrics.{name}" for name in OF_SKLEARN)


@lesson["1.6"].part()
def is_the_mean_absolute_error(mae_by_hand, rng):
    def measure(difference):
        return np.mean(np.abs(difference))

    def mistakes_of(difference):
        size, n = np.abs(difference), len(difference)
        total, squares, mean = np.sum(size), np.mean(size**2), np.mean(difference)
        cancelled, by_less = (mean, -mean), total / (n - 1)
        return {
            "That is the mean of errors that cancel out, too high against too low. The "
            "absolute value has to be taken of each error, before the mean.": cancelled,
            "That is the RMSE; the MAE squares nothing.": np.sqrt(squares),
            "That is the mean of the squares; the MAE squares nothing.": squares,
            "You added the errors up; the MAE is their mean.": total,
            "That is the median of the errors; the MAE is their mean.": np.median(size),
            "That is the largest error; the MAE is their mean.": np.max(size),
            "You divided by n − 1. The MAE divides by n, the number of pairs.": by_less,
        }

    _check_error(mae_by_hand, "mae_by_hand", measure, mistakes_of, rng)


@lesson["1.6"].part()
def is_the_root_mean_squared_error(rmse_by_hand, rng):
    def measure(difference):
        return np.sqrt(np.mean(difference**2))

    def mistakes_of(difference):
        squares, n = np.mean(difference**2), len(difference)
        size, mean = np.mean(np.abs(difference)), abs(np.mean(difference))
        root, root_of_size = np.sqrt(n * squares), np.sqrt(size)
        by_less = root / np.sqrt(n - 1)
        spread = np.std(difference), np.std(difference, ddof=1)
        return {
            "That is the mean of the squares, in squared stars. Where is the root?": squares,
            "That is the MAE. If you took the root: it has to come after the mean, not "
            "before it.": size,
            "That is the root of the *sum* of the squares. Divide by n before the root.": root,
            "You divided by n after the root. The mean comes first, then the "
            "root.": root / n,
            "You took the mean before the squares, so that too high and too low cancel out.": mean,
            "That is the standard deviation: it forgives a model that is always too "
            "high. Square the errors themselves.": spread,
            "You divided by n − 1. The RMSE divides by n, the number of pairs.": by_less,
            "You took the root of the MAE: the errors have to be squared.": root_of_size,
        }

    _check_error(rmse_by_hand, "rmse_by_hand", measure, mistakes_of, rng)


def _stars(rng, measure, mistakes_of):
    """Draw true ratings and guesses, some too high and some too low, until no mistake is right."""
    while True:
        n = int(rng.integers(6, 13))
        others = rng.integers(1, 11, size=n - 2) / 2
        true = rng.permutation([0.5, 5.0, *others])
        size = rng.uniform(0.15, 2.6, size=n)
        sign = rng.permutation(np.append([1, 1, -1], rng.choice([-1, 1], size=n - 3)))
        predicted = true + sign * size
        right, table = measure(true - predicted), measure(true[:, None] - predicted)
        mistakes = mistakes_of(true - predicted) | {
            "For two arrays of shape (n,) you made a table of all n × n differences, by "
            "broadcasting: one of the two was turned into a column, shape (n, 1). Both "
            "should have one dimension.": table,
        }
        whole = measure(np.floor(true) - predicted)
        if are_distinguishable(right, mistakes) and abs(whole - right) > 0.01:
            return true, predicted, right, mistakes


def _check_error(function, name, measure, mistakes_of, rng):
    true, predicted, right, mistakes = _stars(rng, measure, mistakes_of)
    found = number(function(true, predicted), f"`{name}`")
    reason = "`{name}` does not return the error between the two."
    close(found, right, reason, mistakes, **EXACT, name=name)
    true, predicted, right, _ = _stars(rng, measure, mistakes_of)
    _check_column(function, name, measure, true, predicted)
    # "array_like": lists, and a column of a table, with the index of its rows.
    true, predicted, _, _ = _stars(rng, measure, mistakes_of)
    labels = _labels(rng, len(true))
    series = pd.Series(true.astype("float32"), index=labels, name="rating")
    stars = rng.integers(1, 6, size=len(true))
    column = predicted[:, None]
    lists, whole, of_table = (
        "lists, as in the docstring",
        "whole numbers of stars, as in the docstring",
        "a column of a table as the true ratings",
    )
    for first, second, form in [
        (true.tolist(), predicted.tolist(), gettext_noop("lists")),
        (true.tolist(), column.tolist(), lists),
        (stars.tolist(), column.tolist(), whole),
        (stars, column, whole),
        (series, column, of_table),
        (series, predicted, of_table),
    ]:
        reason = (
            "`{name}` is right for arrays, but stops with {error} when given {form}. The "
            "docstring promises any array_like."
        )
        expect_no_error(function.error_of(first, second), reason, name=name, form=form)
        found = number(function(first, second), f"`{name}`")
        right = measure(np.ravel(first) - np.ravel(second))
        reason = "`{name}` is right for arrays of float, but not when given {form}."
        close(found, right, reason, atol=1e-5, name=name, form=form)


def _check_column(function, name, measure, true, predicted):
    """Check predictions in a column, as a Keras model answers."""
    n, column = len(true), predicted[:, None].astype("float32")
    reason = (
        "`{name}` is right for two arrays of shape (n,), and stops with {error} when the "
        "predictions come in a column, shape (n, 1). Make one dimension of it first."
    )
    expect_no_error(function.error_of(true, column), reason, name=name)
    answer = function(true, column)
    reason = (
        "With predictions of shape (n, 1) there is more than one number: broadcasting made a "
        "table of all differences."
    )
    expect(np.shape(answer) != (n, n), reason, kind(answer), "one number")
    with_one = measure(true - predicted[0]), measure(true - predicted[-1])
    found = number(answer, f"`{name}`")
    mistakes = {
        "With predictions in a column, shape (n, 1), NumPy broadcasts: `true - predicted` is a "
        "table of all n × n differences, and you took the mean of it. Which of the two has to "
        "change its shape?": measure(true[:, None] - predicted),
        "With predictions in a column, shape (n, 1), all ratings are compared with "
        "one and the same prediction.": with_one,
    }
    reason = (
        "`{name}` is right for shape (n,), and gives another number for the same predictions "
        "in a column, shape (n, 1)."
    )
    close(found, measure(true - predicted), reason, mistakes, atol=1e-5, name=name)


# --- 1.7 ---------------------------------------------------------------------

lesson["1.7"].forbidden.append("helpers.baselines._shrunk_mean")


@lesson["1.7"].part(points=2)
def shrinks_the_mean_of_each_group(shrunk_bias, rng):
    _compare_bias(shrunk_bias, *_deviations(rng))
    # The last group has ratings here, and the first has more than 8 bits can count.
    deviation, group, n_groups, shrinkage = _deviations(rng, after=0)
    many = int(rng.integers(260, 400))
    deviation = np.append(deviation, rng.uniform(-1, 2, size=many))
    group = np.append(group, np.zeros(many, dtype=int))
    order = rng.permutation(len(group))
    _compare_bias(shrunk_bias, deviation[order], group[order], n_groups, shrinkage)
    deviation, group, n_groups, shrinkage = _deviations(rng)
    labels = _labels(rng, len(group))
    of_table = "columns of a table, whose index is not 0, 1, 2, …"
    for wrap, form in [
        (np.ndarray.tolist, "lists, as in the docstring"),
        (lambda values: pd.Series(values, index=labels), of_table),
    ]:
        expect_no_error(
            shrunk_bias.error_of(wrap(deviation), wrap(group), n_groups, shrinkage),
            "It is right for arrays, but stops with {error} when given {form}. The docstring "
            "promises any array_like.",
            form=form,
        )
        _compare_bias(shrunk_bias, deviation, group, n_groups, shrinkage, wrap, form)


def _deviations(rng, after=None):
    """Draw deviations of groups of 1 to 5 ratings, two groups without any, and more after."""
    after = int(rng.integers(1, 3)) if after is None else after
    present = np.append(np.setdiff1d(np.arange(5), rng.permutation(5)[:2]), 5)
    sizes = rng.permutation([1, 2, 3, 5])
    group = np.repeat(present, sizes)
    deviation = rng.uniform(0.3, 2.0, size=11) * rng.choice([-1, 1], size=11)
    # One of the largest group's is exactly at the mean, and counts as well.
    deviation[np.repeat(sizes, sizes).argmax()] = 0.0
    # No whole number, which somebody may have written into the function.
    shrinkage = float(rng.integers(1, 6) + rng.uniform(0.2, 0.8))
    order = rng.permutation(11)
    return deviation[order], group[order], 6 + after, shrinkage


def _compare_bias(
    shrunk_bias, deviation, group, n_groups, shrinkage, wrap=np.asarray, form=""
):
    found = shrunk_bias(wrap(deviation), wrap(group), n_groups, shrinkage)
    total = np.bincount(group, weights=deviation, minlength=n_groups)
    size = np.bincount(group, minlength=n_groups)
    found = _biases(found, group, size)
    _are_numbers(found, total, size, shrinkage)
    reason = (
        "Those are not the sums of the deviations over (size + {shrinkage:.3g}) when "
        "given {form}."
        if form
        else "Those are not the sums of the deviations over (size + {shrinkage:.3g})."
    )
    reason = gettext(reason, shrinkage=shrinkage, form=gettext(form))
    mistakes = _mistaken_biases(deviation, group, total, size, shrinkage)
    close(found, total / (size + shrinkage), reason, mistakes, **EXACT)


def _biases(found, group, size):
    """Check that there is one number for each group; return them."""
    n_groups = len(size)
    expect(
        is_array(found),
        "`shrunk_bias` should return a NumPy array: further down, `movie_bias[rows]` looks up "
        "one bias for each rating.",
        kind(found),
        gettext("a numpy.ndarray of shape {shape}", shape=(n_groups,)),
    )
    found = array(found, what="`shrunk_bias`", nan=True)
    mistakes = {
        "Only groups with ratings have a bias in your answer, so row k no longer belongs to "
        "group k. Each of the n_groups gets one, 0 where there are no "
        "ratings.": (np.count_nonzero(size),),
        "Your answer ends at the last group that has a rating. Groups without ratings come "
        "after it: `minlength` makes room for them.": (group.max() + 1,),
        "There is one number for each rating. One for each group is asked for.": group.shape,
        "There is a group too many: groups count from 0, so the last is n_groups − "
        "1.": (n_groups + 1,),
    }
    reason = "There should be one bias for each of the `n_groups` groups."
    has_shape(found, (n_groups,), reason, mistakes)
    return found


def _are_numbers(found, total, size, shrinkage):
    """Check for NaN and infinity, and for the mistakes that make them."""
    has = size > 0
    mean = total[has] / size[has]
    is_mean = np.allclose(found[has], mean, rtol=1e-4, atol=1e-6)
    is_more = np.allclose(found[has], mean + shrinkage, rtol=1e-4, atol=1e-6)
    is_finite = np.isfinite(found)
    is_plain = is_mean and not is_finite[~has].any()
    mistakes = {
        "That is the plain mean: you divided by the number of ratings, and nobody's 0 ratings "
        "made 0 / 0. Add the shrinkage below the line.": is_plain,
        "Brackets are missing: `a / b + c` is `(a / b) + c`. The shrinkage is added to the size, "
        "below the line.": is_more,
        "A group without ratings should get 0; in your answer it is no finite "
        "number.": not is_finite[~has].all(),
        "Some groups that do have ratings got no finite number.": not is_finite.all(),
    }
    diagnose(mistakes, found, total / (size + shrinkage))


def _mistaken_biases(deviation, group, total, size, shrinkage):
    n, mean, has = size + shrinkage, total / np.maximum(size, 1), size > 0
    last = np.zeros(len(size))
    last[group] = deviation
    absolute = np.bincount(group, weights=np.abs(deviation), minlength=len(size))
    by_one_less = np.where(size > 1, total / np.maximum(size - 1, 1), 0)
    away = np.bincount(group, weights=deviation != 0, minlength=len(size))
    reason = "That is a shrinkage of {other}; {shrinkage:.3g} was handed over."
    with_others = {
        gettext(reason, other=other, shrinkage=shrinkage): total / (size + other)
        for other in (1, 3, 5, 10)
    }
    return with_others | {
        "That is the plain mean: you divided by the number of ratings. Where is the "
        "shrinkage?": mean,
        "Only the last rating of each group counts. (`b[group] += deviation` adds once for "
        "a repeated index, not once for each row.) `np.add.at` or `np.bincount` add up "
        "all of them.": (last / n, last / (has + shrinkage)),
        "Each group counts as if it had a single rating. (`n[group] += 1` adds once for a "
        "repeated index, not once for each row.) `np.bincount` counts all of "
        "them.": total / (has + shrinkage),
        "Those are the sums. They still have to be divided by size + shrinkage.": total,
        "A rating exactly at the mean (a deviation of 0) does not count in your group sizes. It "
        "is a rating, too.": total / (away + shrinkage),
        "You divided by n − 1. The shrinkage is *added* to n.": by_one_less,
        "You divided by n − 1 + λ. Divide by n + λ.": total / (n - 1),
        "You divided twice: first by n, then by n + λ. It is the *sum* of the "
        "deviations that is divided by n + λ.": mean / n,
        "You divided by λ alone. Divide by n + λ, so that many ratings outweigh the "
        "shrinkage.": total / shrinkage,
        "You divided the mean by λ: that shrinks everybody alike. Divide the sum by "
        "n + λ, so that many ratings outweigh the shrinkage.": mean / shrinkage,
        "You divided the mean by 1 + λ: that shrinks everybody alike. Divide the sum "
        "by n + λ, so that many ratings outweigh the shrinkage.": mean
        / (1 + shrinkage),
        "You divided by the number of *all* ratings + λ. Each group has a size of its "
        "own.": total / (len(group) + shrinkage),
        "You added up ones in place of the deviations: `weights=deviation`.": size / n,
        "You added λ above the line as well. The invented ratings are exactly at the "
        "mean: they add nothing to the sum.": (total + shrinkage) / n,
        "You took the absolute values of the deviations. Below the mean is "
        "negative.": absolute / n,
    }
