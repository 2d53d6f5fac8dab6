# Lesson 01. The form of this file is explained in tests/support/student_answers.py.


# %% 1.1 wrong · the empty cells
# says: the share of cells that are *empty*
def density(ratings):
    n_cells = ratings["user_id"].nunique() * ratings["movie_id"].nunique()
    return 1 - len(ratings) / n_cells


# %% 1.1 wrong · the largest ids
# says: You took the largest ids
def density(ratings):
    return len(ratings) / (ratings["user_id"].max() * ratings["movie_id"].max())


# %% 1.1 wrong · the largest movie id
# says: the largest movie id
def density(ratings):
    return len(ratings) / (ratings["user_id"].nunique() * ratings["movie_id"].max())


# %% 1.1 wrong · in per cent
# says: in per cent
def density(ratings):
    n_cells = ratings["user_id"].nunique() * ratings["movie_id"].nunique()
    return 100 * len(ratings) / n_cells


# %% 1.1 wrong · rows counted as users
# says: You counted rows where users or movies
def density(ratings):
    return len(ratings) / (len(ratings["user_id"]) * len(ratings["movie_id"]))


# %% 1.1 wrong · upside down
# says: upside down
def density(ratings):
    return ratings["user_id"].nunique() * ratings["movie_id"].nunique() / len(ratings)


# %% 1.1 wrong · a sum instead of a product
# says: You added users and movies
def density(ratings):
    return len(ratings) / (
        len(ratings["user_id"].unique()) + len(ratings["movie_id"].unique())
    )


# %% 1.1 wrong · a bracket forgotten
# says: are brackets missing
def density(ratings):
    return len(ratings) / ratings["user_id"].nunique() * ratings["movie_id"].nunique()


# %% 1.1 wrong · MovieLens' sizes
# says: the sizes of MovieLens
def density(ratings):
    return len(ratings) / (943 * 1682)


# %% 1.1 wrong · the notebook's table
# says: That is not the share of filled cells
import pandas as pd

everything = pd.DataFrame({"user_id": [1, 1, 2, 3], "movie_id": [7, 8, 9, 7]})


def density(ratings):
    return len(everything) / (
        everything["user_id"].nunique() * everything["movie_id"].nunique()
    )


# %% 1.1 wrong · rounded
# says: but rounded
def density(ratings):
    return round(
        len(ratings) / (ratings["user_id"].nunique() * ratings["movie_id"].nunique()), 2
    )


# %% 1.1 wrong · a text
# says: should return one number
def density(ratings):
    share = len(ratings) / (
        ratings["user_id"].nunique() * ratings["movie_id"].nunique()
    )
    return f"{share:.6f}"


# %% 1.1 wrong · counts every column
# says: `density` should return one number
def density(ratings):
    return ratings.count() / (
        ratings["user_id"].nunique() * ratings["movie_id"].nunique()
    )


# %% 1.1 wrong · printed
# says: returned nothing
def density(ratings):
    print(len(ratings) / (ratings["user_id"].nunique() * ratings["movie_id"].nunique()))


# %% 1.1 wrong · all columns multiplied
# says: That is not the share of filled cells
def density(ratings):
    return len(ratings) / ratings.nunique().prod()


# %% 1.1 wrong · needs the stars
# says: The docstring promises those two only
def density(ratings):
    matrix = ratings.pivot(index="user_id", columns="movie_id", values="rating")
    return matrix.notna().to_numpy().mean()


# %% 1.1 right · ratings a user over the number of movies
def density(ratings):
    return ratings["user_id"].value_counts().mean() / len(set(ratings["movie_id"]))


# %% 1.1 right · sets and a loop
def density(ratings):
    users, movies, n = set(), set(), 0
    for user, movie in zip(ratings["user_id"], ratings["movie_id"]):
        users.add(user)
        movies.add(movie)
        n += 1
    return n / len(users) / len(movies)


# %% 1.1 right · the matrix itself
import pandas as pd


def density(ratings):
    return (pd.crosstab(ratings.user_id, ratings.movie_id) > 0).to_numpy().mean()


# %% 1.1 right · NumPy
def density(ratings):
    cells = np.unique(ratings["user_id"]).size * np.unique(ratings["movie_id"]).size
    return np.float32(ratings.shape[0] / cells)


# %% 1.2 wrong · more than the share
# says: *At least* this share is asked for
def head_size(ratings, share):
    cumulated = ratings["movie_id"].value_counts().cumsum()
    return int((cumulated <= share * len(ratings)).sum()) + 1


# %% 1.2 wrong · one movie too few
# says: One movie is missing
def head_size(ratings, share):
    cumulated = ratings["movie_id"].value_counts().cumsum()
    return int((cumulated < share * len(ratings)).sum())


# %% 1.2 wrong · from the bottom
# says: You started with the least popular movies
def head_size(ratings, share):
    cumulated = ratings["movie_id"].value_counts(ascending=True).cumsum()
    return int((cumulated < share * len(ratings)).sum()) + 1


# %% 1.2 wrong · in the order of the ids
# says: The movies are in the order of their ids
def head_size(ratings, share):
    cumulated = ratings.groupby("movie_id").size().cumsum()
    return int((cumulated < share * len(ratings)).sum()) + 1


# %% 1.2 wrong · in the order in which they come up
# says: in the order in which they come up
def head_size(ratings, share):
    cumulated = ratings.groupby("movie_id", sort=False).size().cumsum()
    return int((cumulated < share * len(ratings)).sum()) + 1


# %% 1.2 wrong · the share of the movies
# says: That is the share of the movies
def head_size(ratings, share):
    cumulated = ratings["movie_id"].value_counts().cumsum()
    n_head = int((cumulated < share * len(ratings)).sum()) + 1
    return n_head / len(cumulated)


# %% 1.2 wrong · that share of the movies
# says: the given share of the *movies*
def head_size(ratings, share):
    return int(share * ratings["movie_id"].nunique())


# %% 1.2 wrong · their ratings
# says: That is a number of ratings
def head_size(ratings, share):
    counts = ratings["movie_id"].value_counts()
    n_head = int((counts.cumsum() < share * len(ratings)).sum()) + 1
    return int(counts.iloc[:n_head].sum())


# %% 1.2 wrong · users
# says: Count the ratings of each *movie*
def head_size(ratings, share):
    cumulated = ratings["user_id"].value_counts().cumsum()
    return int((cumulated < share * len(ratings)).sum()) + 1


# %% 1.2 wrong · the tail
# says: the number of movies in the tail
def head_size(ratings, share):
    cumulated = ratings["movie_id"].value_counts().cumsum()
    return len(cumulated) - int((cumulated < share * len(ratings)).sum()) - 1


# %% 1.2 wrong · a float
# says: `head_size` should return an int
def head_size(ratings, share):
    cumulated = ratings["movie_id"].value_counts().cumsum()
    return np.ceil((cumulated < share * len(ratings)).sum() + 1.0)


# %% 1.2 wrong · the movies themselves
# says: `head_size` should return one number
def head_size(ratings, share):
    counts = ratings["movie_id"].value_counts()
    n_head = int((counts.cumsum() < share * len(ratings)).sum()) + 1
    return counts.index[:n_head]


# %% 1.2 wrong · counts another column
# says: The docstring promises that column only
def head_size(ratings, share):
    counts = ratings.groupby("movie_id")["rating"].count()
    cumulated = counts.sort_values(ascending=False).cumsum()
    return int((cumulated < share * len(ratings)).sum()) + 1


# %% 1.2 wrong · counts values, not rows
# says: It gives another number where `ratings` has no other column
def head_size(ratings, share):
    cumulated = ratings["movie_id"].value_counts().cumsum()
    return int((cumulated < share * ratings.size / 3).sum()) + 1


# %% 1.2 wrong · the stars added up
# says: You added up the stars | That is not the number of movies | a movie too many | One movie is missing | The docstring promises that column only
def head_size(ratings, share):
    stars = ratings.groupby("movie_id")["rating"].sum().sort_values(ascending=False)
    return int((stars.cumsum() < share * stars.sum()).sum()) + 1


# %% 1.2 wrong · stops where all are asked for
# says: Your code stops with IndexError | *At least* this share is asked for
def head_size(ratings, share):
    counts = ratings["movie_id"].value_counts().tolist()
    total, n_head = 0, 0
    while total <= share * len(ratings):
        total += counts[n_head]
        n_head += 1
    return n_head


# %% 1.2 wrong · the sizes of MovieLens
# says: That is the number of all movies
def head_size(ratings, share):
    cumulated = ratings["movie_id"].value_counts().cumsum()
    return min(int((cumulated < share * 100_000).sum()) + 1, len(cumulated))


# %% 1.2 wrong · a new column in what it was given
# says: changes its argument `ratings`
def head_size(ratings, share):
    ratings["n"] = ratings.groupby("movie_id")["movie_id"].transform("size")
    counts = ratings.drop_duplicates("movie_id")["n"].sort_values(ascending=False)
    return int((counts.cumsum() < share * len(ratings)).sum()) + 1


# %% 1.2 right · searchsorted
def head_size(ratings, share):
    _, counts = np.unique(ratings["movie_id"], return_counts=True)
    cumulated = np.cumsum(np.sort(counts)[::-1])
    return np.searchsorted(cumulated, share * len(ratings)) + 1


# %% 1.2 right · a loop
def head_size(ratings, share):
    counts = {}
    for movie in ratings["movie_id"]:
        counts[movie] = counts.get(movie, 0) + 1
    total, n_head = 0, 0
    for n in sorted(counts.values(), reverse=True):
        total += n
        n_head += 1
        if total >= share * len(ratings):
            break
    return n_head


# %% 1.2 right · shares, and the first place that is enough
def head_size(ratings, share):
    shares = ratings["movie_id"].value_counts(normalize=True)
    return int(np.argmax(shares.cumsum().to_numpy() >= share)) + 1


# %% 1.2 right · one more than those that are not enough
def head_size(ratings, share):
    counts = ratings.groupby("movie_id").size().sort_values(ascending=False)
    before = counts.cumsum() - counts
    return len(before[before < share * counts.sum()])


# %% 1.3 wrong · as published
# says: That is the published bug
def with_titles(ratings, movies):
    return ratings.join(movies[["title"]], on="movie_id")


# %% 1.3 wrong · movie_id - 1 as a label
# says: counted from 1
def with_titles(ratings, movies):
    return ratings.assign(title=movies.title[ratings.movie_id - 1].values)


# %% 1.3 wrong · movie_id - 1 as a place
# says: counted from 1
def with_titles(ratings, movies):
    titles = movies["title"].to_numpy()
    return ratings.assign(title=titles[ratings["movie_id"].to_numpy() - 1])


# %% 1.3 wrong · sorted, then movie_id - 1
# says: Ids have gaps: compare ids with ids
import pandas as pd


def with_titles(ratings, movies):
    titles = movies.sort_values("movie_id")["title"].tolist()
    if movies["movie_id"].duplicated().any():
        raise pd.errors.MergeError("a movie twice")
    return ratings.assign(
        title=[
            titles[one - 1] if one <= len(titles) else None
            for one in ratings["movie_id"]
        ]
    )


# %% 1.3 wrong · movies indexed by 1, 2, 3
# says: counted from 1
def with_titles(ratings, movies):
    numbered = movies[["title"]].set_index(np.arange(1, len(movies) + 1))
    return ratings.join(numbered, on="movie_id")


# %% 1.3 wrong · an inner merge
# says: An inner join keeps only what both tables have
def with_titles(ratings, movies):
    return ratings.merge(movies, on="movie_id", validate="many_to_one")


# %% 1.3 wrong · an outer merge
# says: exactly as many rows
def with_titles(ratings, movies):
    return ratings.merge(movies, on="movie_id", how="outer", validate="many_to_one")


# %% 1.3 wrong · the wrong table on the left
# says: in another order
def with_titles(ratings, movies):
    return movies.merge(ratings, on="movie_id", validate="one_to_many")


# %% 1.3 wrong · sorted by movie
# says: in another order
def with_titles(ratings, movies):
    merged = ratings.merge(movies, on="movie_id", how="left", validate="many_to_one")
    return merged.sort_values("movie_id")


# %% 1.3 wrong · back into the order of the labels
# says: in another order
def with_titles(ratings, movies):
    merged = ratings.reset_index().merge(
        movies, on="movie_id", how="left", validate="many_to_one"
    )
    return merged.sort_values("index").set_index("index")


# %% 1.3 wrong · no validate
# says: some ratings came back twice
def with_titles(ratings, movies):
    return ratings.merge(movies[["movie_id", "title"]], on="movie_id", how="left")


# %% 1.3 wrong · duplicates dropped in silence
# says: took one of the two in silence
def with_titles(ratings, movies):
    return ratings.merge(
        movies[["movie_id", "title"]].drop_duplicates("movie_id"),
        on="movie_id",
        how="left",
        validate="many_to_one",
    )


# %% 1.3 wrong · a dictionary, the last one wins
# says: took one of the two in silence
def with_titles(ratings, movies):
    titles = dict(zip(movies["movie_id"], movies["title"]))
    return ratings.assign(title=[titles.get(one) for one in ratings["movie_id"]])


# %% 1.3 wrong · only whole rows count as duplicates
# says: a movie with two titles
import pandas as pd


def with_titles(ratings, movies):
    if movies.duplicated().any():
        raise pd.errors.MergeError("a movie twice")
    return ratings.merge(movies, on="movie_id", how="left")


# %% 1.3 wrong · only different titles count as duplicates
# says: a movie twice, with the same title
import pandas as pd


def with_titles(ratings, movies):
    movies = movies[["movie_id", "title"]].drop_duplicates()
    return ratings.merge(movies, on="movie_id", how="left", validate="many_to_one")


# %% 1.3 wrong · only rated movies are looked at
# says: that nobody has rated yet
def with_titles(ratings, movies):
    rated = movies[movies["movie_id"].isin(ratings["movie_id"])]
    return ratings.merge(rated, on="movie_id", how="left", validate="many_to_one")


# %% 1.3 wrong · another error
# says: your code stopped with ValueError
def with_titles(ratings, movies):
    titles = movies.set_index("movie_id", verify_integrity=True)["title"]
    return ratings.assign(title=ratings["movie_id"].map(titles))


# %% 1.3 wrong · refuses a movie that is rated twice
# says: a movie may be *rated* many times
def with_titles(ratings, movies):
    return ratings.merge(movies, on="movie_id", how="left", validate="one_to_one")


# %% 1.3 wrong · refuses two movies of one name
# says: two movies may share a title
import pandas as pd


def with_titles(ratings, movies):
    if movies["title"].duplicated().any():
        raise pd.errors.MergeError("a title twice")
    return ratings.merge(movies, on="movie_id", how="left", validate="many_to_one")


# %% 1.3 wrong · a text for the unknown
# says: a text in its place looks like a title
# base: wrong · sorted by movie
# replace: sort_values("movie_id") → fillna({"title": "unknown"})


# %% 1.3 wrong · the nearest id
# says: It should be missing
import pandas as pd


def with_titles(ratings, movies):
    if movies["movie_id"].duplicated().any():
        raise pd.errors.MergeError("a movie twice")
    movies = movies.sort_values("movie_id")
    places = np.searchsorted(movies["movie_id"], ratings["movie_id"])
    places = places.clip(max=len(movies) - 1)
    return ratings.assign(title=movies["title"].to_numpy()[places])


# %% 1.3 wrong · lined up by index
# says: lined up by the two tables' *indexes*
def with_titles(ratings, movies):
    return ratings.assign(title=movies["title"])


# %% 1.3 wrong · the titles alone
# says: the table of ratings with a column more
def with_titles(ratings, movies):
    return ratings.merge(movies, on="movie_id", how="left", validate="m:1")["title"]


# %% 1.3 wrong · the id gone into the index
# says: The column `movie_id` of the ratings has got lost
def with_titles(ratings, movies):
    return ratings.set_index("movie_id").join(movies.set_index("movie_id")["title"])


# %% 1.3 wrong · the other columns lost
# says: The column `rating` of the ratings has got lost
def with_titles(ratings, movies):
    return ratings[["movie_id"]].merge(
        movies, on="movie_id", how="left", validate="m:1"
    )


# %% 1.3 wrong · in the table that was handed over
# says: changes its argument `ratings`
import pandas as pd


def with_titles(ratings, movies):
    if not movies["movie_id"].is_unique:
        raise pd.errors.MergeError("a movie twice")
    ratings["title"] = ratings["movie_id"].map(movies.set_index("movie_id")["title"])
    return ratings


# %% 1.3 wrong · the movies' index changed in place
# says: changes its argument `movies`
def with_titles(ratings, movies):
    movies.set_index("movie_id", inplace=True)
    return ratings.join(movies[["title"]], on="movie_id", validate="many_to_one")


# %% 1.3 wrong · the titles in another column
# says: one column called `title`
def with_titles(ratings, movies):
    titles = movies[["movie_id", "title"]].rename(columns={"title": "movie"})
    return ratings.merge(titles, on="movie_id", how="left", validate="m:1")


# %% 1.3 wrong · sorted and numbered anew, then joined
# says: You sorted the movies and then took the id for a row number
def with_titles(ratings, movies):
    by_row = movies.sort_values("movie_id", ignore_index=True)[["title"]]
    return ratings.join(by_row, on="movie_id", validate="many_to_one")


# %% 1.3 wrong · drops ratings that look alike
# says: exactly as many rows
import pandas as pd


def with_titles(ratings, movies):
    if movies["movie_id"].duplicated().any():
        raise pd.errors.MergeError("a movie twice")
    return ratings.merge(movies, on="movie_id", how="left").drop_duplicates()


# %% 1.3 wrong · needs the year
# says: no other columns than the docstring promises
def with_titles(ratings, movies):
    wanted = movies[["movie_id", "title", "year"]]
    return ratings.merge(wanted, on="movie_id", how="left", validate="m:1")


# %% 1.3 wrong · merge_asof, the next smaller id
# says: It should be missing
import pandas as pd


def with_titles(ratings, movies):
    if movies["movie_id"].duplicated().any():
        raise pd.errors.MergeError("a movie twice")
    merged = pd.merge_asof(
        ratings.reset_index(drop=True).reset_index().sort_values("movie_id"),
        movies.sort_values("movie_id"),
        on="movie_id",
    )
    return merged.sort_values("index").drop(columns="index")


# %% 1.3 wrong · always refuses
# says: refuses tables in which nothing is wrong
import pandas as pd


def with_titles(ratings, movies):
    raise pd.errors.MergeError("no")


# %% 1.3 wrong · the year of the movie instead of the rating
# says: with other values than they went in
def with_titles(ratings, movies):
    merged = ratings.merge(movies, on="movie_id", how="left", validate="m:1")
    return merged.assign(rating=merged["rating"].round())


# %% 1.3 right · join on an index of ids
def with_titles(ratings, movies):
    return ratings.join(
        movies.set_index("movie_id")[["title"]], on="movie_id", validate="many_to_one"
    )


# %% 1.3 right · map, and a test of one's own
import pandas as pd


def with_titles(ratings, movies):
    if movies["movie_id"].duplicated().any():
        raise pd.errors.MergeError("a movie is listed twice")
    by_id = movies.set_index("movie_id")["title"]
    return ratings.assign(title=ratings["movie_id"].map(by_id))


# %% 1.3 right · a loop
import pandas as pd


def with_titles(ratings, movies):
    titles = {}
    for movie_id, title in zip(movies["movie_id"], movies["title"]):
        if movie_id in titles:
            raise pd.errors.MergeError(f"movie {movie_id} is listed twice")
        titles[movie_id] = title
    result = ratings.copy()
    result["title"] = [titles.get(movie_id) for movie_id in ratings["movie_id"]]
    return result


# %% 1.3 right · all columns of the movies, title first
def with_titles(ratings, movies):
    merged = ratings.merge(movies, how="left", on="movie_id", validate="m:1")
    merged.insert(0, "title", merged.pop("title"))
    return merged


# %% 1.3 right · a right merge, the other way round
def with_titles(ratings, movies):
    return movies[["movie_id", "title"]].merge(
        ratings, how="right", on="movie_id", validate="one_to_many"
    )


# %% 1.4 wrong · minus one
# says: the ids minus 1
def ids_to_rows(ids):
    ids = np.asarray(ids)
    return ids - 1, np.unique(ids)


# %% 1.4 wrong · the ids themselves
# says: the ids themselves
def ids_to_rows(ids):
    ids = np.asarray(ids)
    return ids, np.unique(ids)


# %% 1.4 wrong · minus the smallest
# says: minus the smallest id
def ids_to_rows(ids):
    ids = np.asarray(ids)
    return ids - ids.min(), np.unique(ids)


# %% 1.4 wrong · a row for each number up to the largest id
# says: up to the largest id
def ids_to_rows(ids):
    ids = np.asarray(ids)
    return ids, np.arange(ids.max() + 1)


# %% 1.4 wrong · a row for each number up to the largest id, from 1
# says: up to the largest id
def ids_to_rows(ids):
    ids = np.asarray(ids)
    return ids, np.arange(1, ids.max() + 1)


# %% 1.4 wrong · a row for each number between
# says: between the smallest and the largest id
def ids_to_rows(ids):
    ids = np.asarray(ids)
    return ids - ids.min(), np.arange(ids.min(), ids.max() + 1)


# %% 1.4 wrong · in order of first appearance
# says: the order in which they first appear
import pandas as pd


def ids_to_rows(ids):
    rows, known_ids = pd.factorize(np.asarray(ids))
    return rows, known_ids


# %% 1.4 wrong · the two do not fit
# says: so the two do not fit
import pandas as pd


def ids_to_rows(ids):
    rows, known_ids = pd.factorize(np.asarray(ids))
    return rows, np.sort(known_ids)


# %% 1.4 wrong · by frequency
# says: numbered by how often they occur
import pandas as pd


def ids_to_rows(ids):
    known_ids = pd.Series(np.asarray(ids)).value_counts().index
    return known_ids.get_indexer(np.asarray(ids)), known_ids.to_numpy()


# %% 1.4 wrong · descending
# says: in descending order
def ids_to_rows(ids):
    known_ids = np.unique(ids)[::-1]
    return np.array([list(known_ids).index(one) for one in ids]), known_ids


# %% 1.4 wrong · counted from 1
# says: numbered from 1
def ids_to_rows(ids):
    known_ids, rows = np.unique(np.asarray(ids), return_inverse=True)
    return rows + 1, known_ids


# %% 1.4 wrong · the two swapped
# says: the wrong way round
def ids_to_rows(ids):
    return np.unique(np.asarray(ids), return_inverse=True)


# %% 1.4 wrong · the wrong option
# says: `return_index`
def ids_to_rows(ids):
    known_ids, rows = np.unique(np.asarray(ids), return_index=True)
    return rows, known_ids


# %% 1.4 wrong · a row for each different id
# says: one number for each *different* id
def ids_to_rows(ids):
    known_ids = np.unique(ids)
    return np.arange(len(known_ids)), known_ids


# %% 1.4 wrong · floats
# says: of another type than int
import pandas as pd


def ids_to_rows(ids):
    rows = pd.Series(np.asarray(ids)).rank(method="dense") - 1
    return rows.to_numpy(), np.unique(ids)


# %% 1.4 wrong · lists
# says: `rows` should be a NumPy array
def ids_to_rows(ids):
    known_ids = sorted(set(ids))
    return [known_ids.index(one) for one in ids], known_ids


# %% 1.4 wrong · the known ids as a set
# says: `known_ids` should be a NumPy array
def ids_to_rows(ids):
    return np.unique(np.asarray(ids), return_inverse=True)[1], set(ids)


# %% 1.4 wrong · the rows alone
# says: should return two arrays
def ids_to_rows(ids):
    return np.unique(np.asarray(ids), return_inverse=True)[1]


# %% 1.4 wrong · a dictionary
# says: should return two arrays
def ids_to_rows(ids):
    return {one: row for row, one in enumerate(sorted(set(ids)))}


# %% 1.4 wrong · arrays only
# says: when given a list of ids
def ids_to_rows(ids):
    known_ids = np.unique(ids)
    return (ids[:, None] == known_ids).argmax(axis=1), known_ids


# %% 1.4 wrong · stumbles over a column's labels
# says: a column of a table
def ids_to_rows(ids):
    known_ids = np.unique(ids)
    rows = [list(known_ids).index(ids[i]) for i in range(len(ids))]
    return np.array(rows), known_ids


# %% 1.4 wrong · knows the notebook's ids only
# says: `known_ids` each id that occurs once
known = np.arange(3, 1683, 7)


def ids_to_rows(ids):
    return np.searchsorted(known, ids), known


# %% 1.4 wrong · sorted as text
# says: in ascending order
def ids_to_rows(ids):
    known_ids = np.array(
        sorted({int(one) for one in ids}, key=lambda one: str(one)[::-1])
    )
    return np.array([list(known_ids).index(one) for one in ids]), known_ids


# %% 1.4 right · searchsorted
def ids_to_rows(ids):
    known_ids = np.array(sorted(set(np.asarray(ids).tolist())))
    return np.searchsorted(known_ids, ids), known_ids


# %% 1.4 right · a dictionary and a loop
def ids_to_rows(ids):
    known_ids = np.unique(np.array(ids))
    row_of = {one: row for row, one in enumerate(known_ids)}
    return np.array([row_of[one] for one in ids], dtype="int32"), known_ids


# %% 1.4 right · factorize, sorted
import pandas as pd


def ids_to_rows(ids):
    return pd.factorize(np.asarray(ids), sort=True)


# %% 1.4 right · scikit-learn
from sklearn.preprocessing import LabelEncoder


def ids_to_rows(ids):
    encoder = LabelEncoder().fit(np.asarray(ids))
    return encoder.transform(np.asarray(ids)), encoder.classes_


# %% 1.4 right · comparing all with all
def ids_to_rows(ids):
    ids = np.array(list(ids))
    known_ids = np.sort(np.array(list(dict.fromkeys(ids))))
    return np.sum(known_ids < ids[:, None], axis=1), known_ids


# %% 1.4 right · categories
import pandas as pd


def ids_to_rows(ids):
    categories = pd.Categorical(ids)
    return np.asarray(categories.codes), categories.categories.to_numpy()


# %% 1.5 wrong · as published
# says: Here is the leak
def keep_answerable(train, test):
    users = set(train["user_id"]) & set(test["user_id"])
    movies = set(train["movie_id"]) & set(test["movie_id"])
    train = train[train["user_id"].isin(users) & train["movie_id"].isin(movies)]
    test = test[test["user_id"].isin(users) & test["movie_id"].isin(movies)]
    return train, test


# %% 1.5 wrong · filters the training by movie only
# says: Here is the leak
def keep_answerable(train, test):
    known = test["user_id"].isin(train["user_id"]) & test["movie_id"].isin(
        train["movie_id"]
    )
    return train[train["movie_id"].isin(test["movie_id"])], test[known]


# %% 1.5 wrong · filters the training by what was kept
# says: Training ratings were left out
def keep_answerable(train, test):
    test = test[
        test["user_id"].isin(train["user_id"])
        & test["movie_id"].isin(train["movie_id"])
    ]
    train = train[
        train["user_id"].isin(test["user_id"])
        & train["movie_id"].isin(test["movie_id"].iloc[:1])
    ]
    return train, test


# %% 1.5 wrong · the pair
# says: It is not the *pair*
def keep_answerable(train, test):
    known = set(zip(train["user_id"], train["movie_id"]))
    return train, test[
        [pair in known for pair in zip(test["user_id"], test["movie_id"])]
    ]


# %% 1.5 wrong · a merge on the pair
# says: It is not the *pair*
def keep_answerable(train, test):
    pairs = train[["user_id", "movie_id"]].drop_duplicates()
    return train, test.merge(pairs, on=["user_id", "movie_id"])


# %% 1.5 wrong · the user only
# says: You looked at the user only
def keep_answerable(train, test):
    return train, test[test["user_id"].isin(train["user_id"])]


# %% 1.5 wrong · the movie only
# says: You looked at the movie only
def keep_answerable(train, test):
    return train, test[test["movie_id"].isin(train["movie_id"])]


# %% 1.5 wrong · or
# says: its user *or* its movie
def keep_answerable(train, test):
    known_user = test["user_id"].isin(train["user_id"])
    known_movie = test["movie_id"].isin(train["movie_id"])
    return train, test[known_user | known_movie]


# %% 1.5 wrong · the others
# says: what should go
# base: wrong · or
# replace: known_user | known_movie → ~(known_user & known_movie)


# %% 1.5 wrong · nothing
# says: are all still there
def keep_answerable(train, test):
    return train, test


# %% 1.5 wrong · asks the index
# says: in the *index* of `train`
def keep_answerable(train, test):
    known_user = [user in train["user_id"] for user in test["user_id"]]
    known_movie = [movie in train["movie_id"] for movie in test["movie_id"]]
    return train, test[np.array(known_user) & np.array(known_movie)]


# %% 1.5 wrong · the two swapped
# says: train comes first
# base: wrong · or
# replace: train, test[known_user | known_movie] → test[known_user & known_movie], train


# %% 1.5 wrong · the test only
# says: should return both tables
def keep_answerable(train, test):
    known_user = test["user_id"].isin(train["user_id"])
    return test[known_user & test["movie_id"].isin(train["movie_id"])]


# %% 1.5 wrong · merges that multiply
# says: came back more than once
def keep_answerable(train, test):
    test = test.merge(train[["user_id"]], on="user_id")
    return train, test.merge(train[["movie_id"]], on="movie_id")


# %% 1.5 wrong · loses the stars
# says: have lost columns
# base: wrong · or
# replace: [known_user | known_movie] → .loc[known_user & known_movie, ["user_id", "movie_id"]]


# %% 1.5 wrong · the old index as a column
# says: have got new columns
# base: wrong · or
# replace: [known_user | known_movie] → [known_user & known_movie].reset_index()


# %% 1.5 wrong · drops in place
# says: changes its argument `test`
def keep_answerable(train, test):
    known_user = test["user_id"].isin(train["user_id"])
    known_movie = test["movie_id"].isin(train["movie_id"])
    test.drop(test.index[~(known_user & known_movie)], inplace=True)
    return train, test


# %% 1.5 wrong · needs the stars
# says: no other columns
def keep_answerable(train, test):
    known_user = test["user_id"].isin(train["user_id"])
    known_movie = test["movie_id"].isin(train["movie_id"])
    columns = ["user_id", "movie_id", "rating", "timestamp"]
    return train[columns], test.loc[known_user & known_movie, columns]


# %% 1.5 wrong · one training rating a user
# says: All of them should stay
# base: wrong · or
# replace: , test[known_user | known_movie] → .drop_duplicates("user_id"), test[known_user & known_movie]


# %% 1.5 wrong · users among the movies
# says: users among the movies
def keep_answerable(train, test):
    known_user = test["user_id"].isin(train["movie_id"])
    known_movie = test["movie_id"].isin(train["user_id"])
    return train, test[known_user & known_movie]


# %% 1.5 wrong · the masks instead of the rows
# says: should be a table again
# base: wrong · or
# replace: test[known_user | known_movie] → known_user & known_movie


# %% 1.5 right · query
def keep_answerable(train, test):
    users, movies = train["user_id"].unique(), train["movie_id"].unique()
    return train, test.query("user_id in @users and movie_id in @movies")


# %% 1.5 right · a loop over sets
def keep_answerable(train, test):
    users, movies = set(train["user_id"]), set(train["movie_id"])
    keep = [
        user in users and movie in movies
        for user, movie in zip(test["user_id"], test["movie_id"])
    ]
    return train.copy(), test.loc[keep].reset_index(drop=True)


# %% 1.5 right · merges without repeats
def keep_answerable(train, test):
    for name in ("user_id", "movie_id"):
        test = test.merge(train[[name]].drop_duplicates(), on=name)
    return train, test


# %% 1.5 right · the published sets, the test only
def keep_answerable(train, test):
    users = set(train["user_id"]) & set(test["user_id"])
    movies = set(train["movie_id"]) & set(test["movie_id"])
    return train, test[test["user_id"].isin(users) & test["movie_id"].isin(movies)]


# %% 1.5 wrong · the first of the test's columns twice
# says: You looked at the movie only
def keep_answerable(train, test):
    known_user = test["movie_id"].isin(train["movie_id"])
    known_movie = test["movie_id"].isin(train["movie_id"])
    return train, test[known_user & known_movie]


# %% 1.5 wrong · the notebook's training set
# says: Those are not the test ratings
import pandas as pd

everything = pd.DataFrame({"user_id": [1, 2], "movie_id": [10, 11]})


def keep_answerable(train, test):
    known_user = test["user_id"].isin(everything["user_id"])
    known_movie = test["movie_id"].isin(train["movie_id"])
    return train, test[~known_user & ~known_movie]


# %% 1.5 right · row by row, sorted afterwards
def keep_answerable(train, test):
    users, movies = list(train["user_id"]), list(train["movie_id"])
    keep = test.apply(
        lambda row: row["user_id"] in users and row["movie_id"] in movies, axis=1
    )
    return train, test[keep].sort_values("movie_id")


# %% 1.5 right · NumPy
def keep_answerable(train, test):
    unknown_user = ~np.isin(test["user_id"], train["user_id"])
    unknown_movie = ~np.isin(test["movie_id"], train["movie_id"])
    return [train, test.drop(test.index[unknown_user | unknown_movie])]


# %% 1.6 wrong · broadcasts
# says: a table of all n × n differences
def mae_by_hand(true, predicted):
    return np.mean(np.abs(np.asarray(true) - np.asarray(predicted)))


def rmse_by_hand(true, predicted):
    return np.sqrt(np.mean((np.asarray(true) - np.asarray(predicted)) ** 2))


# %% 1.6 wrong · only the true ones made flat
# says: a table of all n × n differences
def mae_by_hand(true, predicted):
    return np.mean(np.abs(np.ravel(true) - np.asarray(predicted)))


def rmse_by_hand(true, predicted):
    return np.sqrt(np.mean((np.ravel(true) - np.asarray(predicted)) ** 2))


# %% 1.6 wrong · no root
# says: in squared stars
def mae_by_hand(true, predicted):
    return np.mean(np.abs(np.ravel(true) - np.ravel(predicted)))


def rmse_by_hand(true, predicted):
    return np.mean((np.ravel(true) - np.ravel(predicted)) ** 2)


# %% 1.6 wrong · the root before the mean
# says: it has to come after the mean
# base: wrong · no root
# replace: (np.ravel(true) - np.ravel(predicted)) ** 2 → np.sqrt((np.ravel(true) - np.ravel(predicted)) ** 2)


# %% 1.6 wrong · the root of the sum
# says: the root of the *sum*
# base: wrong · no root
# replace: mean((np.ravel(true) - np.ravel(predicted)) ** 2) → linalg.norm(np.ravel(true) - np.ravel(predicted))


# %% 1.6 wrong · n after the root
# says: divided by n after the root
def mae_by_hand(true, predicted):
    return np.mean(np.abs(np.ravel(true) - np.ravel(predicted)))


def rmse_by_hand(true, predicted):
    difference = np.ravel(true) - np.ravel(predicted)
    return np.sqrt(np.sum(difference**2)) / len(difference)


# %% 1.6 wrong · the standard deviation
# says: the standard deviation
# base: wrong · no root
# replace: mean((np.ravel(true) - np.ravel(predicted)) ** 2) → std(np.ravel(true) - np.ravel(predicted))


# %% 1.6 wrong · divided by n - 1
# says: You divided by n − 1
def mae_by_hand(true, predicted):
    return np.mean(np.abs(np.ravel(true) - np.ravel(predicted)))


def rmse_by_hand(true, predicted):
    difference = np.ravel(true) - np.ravel(predicted)
    return np.sqrt(np.sum(difference**2) / (len(difference) - 1))


# %% 1.6 wrong · no absolute value
# says: errors that cancel out
def mae_by_hand(true, predicted):
    return np.mean(np.ravel(true) - np.ravel(predicted))


def rmse_by_hand(true, predicted):
    return np.sqrt(np.mean((np.ravel(true) - np.ravel(predicted)) ** 2))


# %% 1.6 wrong · the absolute value of the mean
# says: of each error, before the mean
def mae_by_hand(true, predicted):
    return abs(np.mean(np.ravel(true)) - np.mean(np.ravel(predicted)))


def rmse_by_hand(true, predicted):
    return np.sqrt(np.mean((np.ravel(true) - np.ravel(predicted)) ** 2))


# %% 1.6 wrong · a sum
# says: You added the errors up
# base: wrong · no absolute value
# replace: mean(np.ravel(true) - np.ravel(predicted)) → sum(np.abs(np.ravel(true) - np.ravel(predicted)))


# %% 1.6 wrong · the two swapped
# says: That is the RMSE
def mae_by_hand(true, predicted):
    return np.sqrt(np.mean((np.ravel(true) - np.ravel(predicted)) ** 2))


def rmse_by_hand(true, predicted):
    return np.mean(np.abs(np.ravel(true) - np.ravel(predicted)))


# %% 1.6 wrong · columns only
# says: Your code stopped with IndexError
def mae_by_hand(true, predicted):
    return np.mean(np.abs(np.asarray(true) - np.asarray(predicted)[:, 0]))


def rmse_by_hand(true, predicted):
    return np.sqrt(np.mean((np.asarray(true) - np.asarray(predicted)[:, 0]) ** 2))


# %% 1.6 wrong · arrays only
# says: when given lists
def mae_by_hand(true, predicted):
    return np.mean(np.abs(true - predicted.reshape(-1)))


def rmse_by_hand(true, predicted):
    return np.sqrt(np.mean((true - predicted.reshape(-1)) ** 2))


# %% 1.6 wrong · stumbles over a column's labels
# says: when given a column of a table
def mae_by_hand(true, predicted):
    guesses = np.ravel(predicted)
    return sum(abs(true[i] - guesses[i]) for i in range(len(guesses))) / len(guesses)


def rmse_by_hand(true, predicted):
    return np.sqrt(np.mean((np.ravel(true) - np.ravel(predicted)) ** 2))


# %% 1.6 wrong · the first row of a column
# says: one and the same prediction
def mae_by_hand(true, predicted):
    return np.mean(np.abs(np.ravel(true) - np.atleast_2d(predicted)[0]))


def rmse_by_hand(true, predicted):
    return np.sqrt(np.mean((np.ravel(true) - np.atleast_2d(predicted)[0]) ** 2))


# %% 1.6 wrong · not averaged
# says: should return one number
def mae_by_hand(true, predicted):
    return np.abs(np.ravel(true) - np.ravel(predicted))


def rmse_by_hand(true, predicted):
    return np.sqrt((np.ravel(true) - np.ravel(predicted)) ** 2)


# %% 1.6 wrong · one half is missing
# says: Half done
def mae_by_hand(true, predicted):
    return np.mean(np.abs(np.ravel(true) - np.ravel(predicted)))


def rmse_by_hand(true, predicted):
    raise NotImplementedError("Exercise 1.6: errors by hand")


# %% 1.6 wrong · whole stars only
# says: does not return the error between the two
def mae_by_hand(true, predicted):
    return np.mean(np.abs(np.ravel(true).astype(int) - np.ravel(predicted)))


def rmse_by_hand(true, predicted):
    return np.sqrt(np.mean((np.ravel(true).astype(int) - np.ravel(predicted)) ** 2))


# %% 1.6 wrong · a text
# says: should return one number
def mae_by_hand(true, predicted):
    return f"{np.mean(np.abs(np.ravel(true) - np.ravel(predicted))):.9f}"


def rmse_by_hand(true, predicted):
    return f"{np.sqrt(np.mean((np.ravel(true) - np.ravel(predicted)) ** 2)):.9f}"


# %% 1.6 right · loops
def mae_by_hand(true, predicted):
    pairs = list(zip(true, np.asarray(predicted).flatten()))
    return sum(abs(r - guess) for r, guess in pairs) / len(pairs)


def rmse_by_hand(true, predicted):
    pairs = list(zip(true, np.asarray(predicted).flatten()))
    return (sum((r - guess) ** 2 for r, guess in pairs) / len(pairs)) ** 0.5


# %% 1.6 right · both as columns
def mae_by_hand(true, predicted):
    one, other = (np.reshape(values, (-1, 1)) for values in (true, predicted))
    return np.abs(one - other).mean()


def rmse_by_hand(true, predicted):
    one, other = (np.reshape(values, (-1, 1)) for values in (true, predicted))
    return np.linalg.norm(one - other) / np.sqrt(len(one))


# %% 1.6 right · squeezed
def mae_by_hand(true, predicted):
    return np.average(np.abs(np.asarray(true) - np.squeeze(predicted)))


def rmse_by_hand(true, predicted):
    return np.average((np.asarray(true) - np.squeeze(predicted)) ** 2) ** 0.5


# %% 1.6 right · in float32
def mae_by_hand(true, predicted):
    true = np.asarray(true, dtype="float32")
    predicted = np.asarray(predicted, dtype="float32").reshape(true.shape)
    return np.average(np.absolute(predicted - true))


def rmse_by_hand(true, predicted):
    true = np.asarray(true, dtype="float32")
    predicted = np.asarray(predicted, dtype="float32").reshape(true.shape)
    return np.sqrt(np.average(np.square(predicted - true)))


# %% 1.7 wrong · divided by n
# says: nobody's 0 ratings made 0 / 0
def shrunk_bias(deviation, group, n_groups, shrinkage):
    total = np.bincount(group, weights=deviation, minlength=n_groups)
    return total / np.bincount(group, minlength=n_groups)


# %% 1.7 wrong · divided by n, 0 where there is none
# says: Where is the shrinkage
def shrunk_bias(deviation, group, n_groups, shrinkage):
    total = np.bincount(group, weights=deviation, minlength=n_groups)
    size = np.bincount(group, minlength=n_groups)
    return np.nan_to_num(total / size)


# %% 1.7 wrong · divided by n - 1
# says: got no finite number
# base: wrong · divided by n
# replace: np.bincount(group, minlength=n_groups) → (np.bincount(group, minlength=n_groups) - 1)


# %% 1.7 wrong · divided by n - 1, 0 where that is 0
# says: The shrinkage is *added* to n
def shrunk_bias(deviation, group, n_groups, shrinkage):
    bias = np.zeros(n_groups)
    for k in range(n_groups):
        mine = np.asarray(deviation)[np.asarray(group) == k]
        if len(mine) > 1:
            bias[k] = mine.sum() / (len(mine) - 1)
    return bias


# %% 1.7 wrong · groupby, and no number where there is no rating
# says: A group without ratings should get 0
import pandas as pd


def shrunk_bias(deviation, group, n_groups, shrinkage):
    grouped = pd.Series(np.asarray(deviation)).groupby(np.asarray(group))
    bias = grouped.sum() / (grouped.size() + shrinkage)
    return bias.reindex(range(n_groups)).to_numpy()


# %% 1.7 wrong · groupby, and no place where there is no rating
# says: row k no longer belongs to group k
import pandas as pd


def shrunk_bias(deviation, group, n_groups, shrinkage):
    grouped = pd.Series(np.asarray(deviation)).groupby(np.asarray(group))
    return (grouped.sum() / (grouped.size() + shrinkage)).to_numpy()


# %% 1.7 wrong · minlength forgotten
# says: `minlength` makes room for them
def shrunk_bias(deviation, group, n_groups, shrinkage):
    return np.bincount(group, weights=deviation) / (np.bincount(group) + shrinkage)


# %% 1.7 wrong · minlength forgotten once
# says: Your code stopped with ValueError
# base: wrong · divided by n
# replace: np.bincount(group, minlength=n_groups) → (np.bincount(group) + shrinkage)


# %% 1.7 wrong · a group too many
# says: a group too many
def shrunk_bias(deviation, group, n_groups, shrinkage):
    total = np.bincount(group, weights=deviation, minlength=n_groups + 1)
    return total / (np.bincount(group, minlength=n_groups + 1) + shrinkage)


# %% 1.7 wrong · the sums
# says: Those are the sums
def shrunk_bias(deviation, group, n_groups, shrinkage):
    return np.bincount(group, weights=deviation, minlength=n_groups)


# %% 1.7 wrong · divided twice
# says: You divided twice
# base: wrong · divided by n, 0 where there is none
# replace: np.nan_to_num(total / size) → total / np.maximum(size, 1) / (size + shrinkage)


# %% 1.7 wrong · all ratings as the size
# says: the number of *all* ratings
# base: wrong · divided by n
# replace: np.bincount(group, minlength=n_groups) → (len(group) + shrinkage)


# %% 1.7 wrong · always 1
# says: That is a shrinkage of 1
# base: wrong · divided by n
# replace: np.bincount(group, minlength=n_groups) → (np.bincount(group, minlength=n_groups) + 1)


# %% 1.7 wrong · weights forgotten
# says: ones in place of the deviations
def shrunk_bias(deviation, group, n_groups, shrinkage):
    size = np.bincount(group, minlength=n_groups)
    return size / (size + shrinkage)


# %% 1.7 wrong · a bracket forgotten
# says: Brackets are missing
# base: wrong · divided by n
# replace: (group, minlength=n_groups) → (group, minlength=n_groups) + shrinkage


# %% 1.7 wrong · shrinks by a factor
# says: that shrinks everybody alike
# base: wrong · divided by n, 0 where there is none
# replace: np.nan_to_num(total / size) → total / np.maximum(size, 1) / (1 + shrinkage)


# %% 1.7 wrong · adds without repeats
# says: adds once for a repeated index
def shrunk_bias(deviation, group, n_groups, shrinkage):
    total, size = np.zeros(n_groups), np.zeros(n_groups)
    total[np.asarray(group)] += np.asarray(deviation)
    size[np.asarray(group)] += 1
    return total / (size + shrinkage)


# %% 1.7 wrong · one for each rating
# says: one number for each rating
def shrunk_bias(deviation, group, n_groups, shrinkage):
    total = np.bincount(group, weights=deviation, minlength=n_groups)
    return (total / (np.bincount(group, minlength=n_groups) + shrinkage))[group]


# %% 1.7 wrong · a list
# says: should return a NumPy array
# replace: np.zeros(n_groups), np.full(n_groups, float(shrinkage)) → [0.0] * n_groups, [0] * n_groups
# replace: total / size → [t / (n + shrinkage) for t, n in zip(total, size)]


# %% 1.7 wrong · arrays only
# says: when given lists
def shrunk_bias(deviation, group, n_groups, shrinkage):
    bias = np.zeros(n_groups)
    for k in range(n_groups):
        mine = deviation[group == k]
        bias[k] = mine.sum() / (mine.size + shrinkage)
    return bias


# %% 1.7 wrong · stumbles over a column's labels
# says: columns of a table
def shrunk_bias(deviation, group, n_groups, shrinkage):
    total, size = np.zeros(n_groups), np.zeros(n_groups)
    for i in range(len(group)):
        total[group[i]] += deviation[i]
        size[group[i]] += 1
    return total / (size + shrinkage)


# %% 1.7 wrong · lined up by labels
# says: when given columns of a table
# base: right · groupby
# replace: np.asarray(group) → pd.Series(group)


# %% 1.7 wrong · a pandas Series
# says: should return a NumPy array
import pandas as pd


def shrunk_bias(deviation, group, n_groups, shrinkage):
    total = np.bincount(group, weights=deviation, minlength=n_groups)
    size = np.bincount(group, minlength=n_groups)
    return pd.Series(total / (size + shrinkage))


# %% 1.7 wrong · one bias for all
# says: should return a NumPy array
def shrunk_bias(deviation, group, n_groups, shrinkage):
    return np.sum(deviation) / (len(deviation) + shrinkage)


# %% 1.7 wrong · no minus
# says: absolute values
def shrunk_bias(deviation, group, n_groups, shrinkage):
    total = np.bincount(group, weights=np.abs(deviation), minlength=n_groups)
    return total / (np.bincount(group, minlength=n_groups) + shrinkage)


# %% 1.7 right · a loop
def shrunk_bias(deviation, group, n_groups, shrinkage):
    total, size = np.zeros(n_groups), np.full(n_groups, float(shrinkage))
    for d, g in zip(deviation, group):
        total[g] += d
        size[g] += 1
    return total / size


# %% 1.7 right · add.at, in float32
def shrunk_bias(deviation, group, n_groups, shrinkage):
    total, size = np.zeros((2, n_groups), dtype="float32")
    np.add.at(total, np.asarray(group), np.asarray(deviation))
    np.add.at(size, np.asarray(group), 1)
    return total / (size + np.float32(shrinkage))


# %% 1.7 right · groupby
import pandas as pd


def shrunk_bias(deviation, group, n_groups, shrinkage):
    grouped = pd.Series(np.asarray(deviation)).groupby(np.asarray(group))
    total = grouped.sum().reindex(range(n_groups), fill_value=0)
    size = grouped.size().reindex(range(n_groups), fill_value=0)
    return (total / (size + shrinkage)).to_numpy()


# %% 1.7 right · one-hot vectors
def shrunk_bias(deviation, group, n_groups, shrinkage):
    one_hot = np.eye(n_groups)[np.asarray(group)]
    return np.asarray(deviation) @ one_hot / (one_hot.sum(axis=0) + shrinkage)


# %% 1.7 right · a mean with invented ratings
def shrunk_bias(deviation, group, n_groups, shrinkage):
    deviation, group = np.ravel(deviation), np.ravel(group)
    return np.array(
        [
            np.sum(deviation, where=group == k) / (np.sum(group == k) + shrinkage)
            for k in range(n_groups)
        ]
    )


# %% 1.5 wrong · repeated rows dropped
# says: Test ratings got lost
def keep_answerable(train, test):
    known_user = test["user_id"].isin(train["user_id"])
    known_movie = test["movie_id"].isin(train["movie_id"])
    kept = test[known_user & known_movie]
    return train, kept.drop_duplicates()


# %% 1.5 wrong · pairs of the training dropped
# says: Test ratings got lost
def keep_answerable(train, test):
    known_user = test["user_id"].isin(train["user_id"])
    known_movie = test["movie_id"].isin(train["movie_id"])
    kept = test[known_user & known_movie]
    pairs = set(zip(train["user_id"], train["movie_id"]))
    new = [p not in pairs for p in zip(kept["user_id"], kept["movie_id"])]
    return train, kept[new]


# %% 1.5 wrong · movies rated once dropped
# says: Test ratings got lost
def keep_answerable(train, test):
    known_user = test["user_id"].isin(train["user_id"])
    known_movie = test["movie_id"].isin(train["movie_id"])
    kept = test[known_user & known_movie]
    n = train["movie_id"].value_counts()
    return train, kept[kept["movie_id"].map(n) > 1]


# %% 1.5 wrong · the training sorted
# says: in another order
# base: wrong · repeated rows dropped
# replace: , kept.drop_duplicates() → .sort_values(["user_id", "movie_id"]), kept


# %% 1.5 wrong · the training's repeats dropped
# says: as they went in
# base: wrong · repeated rows dropped
# replace: return train, kept.drop_duplicates() → return train.drop_duplicates(), kept


# %% 1.3 wrong · the merged column, put back by index
# says: was then put into `ratings` by *index*
def with_titles(ratings, movies):
    merged = ratings.merge(
        movies[["movie_id", "title"]], on="movie_id", how="left", validate="many_to_one"
    )
    return ratings.assign(title=merged["title"])


# %% 1.3 wrong · no title is a text
# says: no title (NaN)
# base: wrong · the merged column, put back by index
# replace: ratings.assign(title=merged["title"]) → merged.fillna({"title": "unknown"})


# %% 1.7 wrong · adds at repeated indices
# says: adds once for a repeated index
def shrunk_bias(deviation, group, n_groups, shrinkage):
    deviation, group = np.asarray(deviation), np.asarray(group)
    bias, n = np.zeros(n_groups), np.bincount(group, minlength=n_groups)
    bias[group] += deviation
    return bias / (n + shrinkage)


# %% 1.7 wrong · counts at repeated indices
# says: as if it had a single rating
def shrunk_bias(deviation, group, n_groups, shrinkage):
    deviation, group = np.asarray(deviation), np.asarray(group)
    total, n = np.zeros(n_groups), np.zeros(n_groups)
    np.add.at(total, group, deviation)
    n[group] += 1
    return total / (n + shrinkage)


# %% 1.6 wrong · always a column against a row
# says: by broadcasting
def mae_by_hand(true, predicted):
    return float(np.mean(np.abs(np.reshape(true, (-1, 1)) - np.ravel(predicted))))


def rmse_by_hand(true, predicted):
    difference = np.reshape(true, (-1, 1)) - np.ravel(predicted)
    return float(np.sqrt(np.mean(difference**2)))


# %% 1.6 wrong · calls the course's own
# says: that one is closed
from helpers.metrics import mae, rmse

mae_by_hand, rmse_by_hand = mae, rmse


# %% 1.4 wrong · calls the course's own
# says: that one is closed
from helpers.ids import IdEncoding


def ids_to_rows(ids):
    encoding = IdEncoding(ids)
    return encoding.encode(ids), encoding.ids


# %% 1.1 wrong · rounded to four decimals
# says: That is right, but rounded
def density(ratings):
    n_cells = ratings["user_id"].nunique() * ratings["movie_id"].nunique()
    return round(len(ratings) / n_cells, 4)


# %% 1.1 wrong · every value counted
# says: You counted each value in the table
def density(ratings):
    return ratings.size / (ratings["user_id"].nunique() * ratings["movie_id"].nunique())


# %% 1.1 wrong · cut off
# says: That is 0
def density(ratings):
    return len(ratings) // (
        ratings["user_id"].nunique() * ratings["movie_id"].nunique()
    )


# %% 1.1 wrong · one movie too many
# says: is off by one
def density(ratings):
    n_movies = ratings["movie_id"].nunique() + 1
    return len(ratings) / (ratings["user_id"].nunique() * n_movies)


# %% 1.1 wrong · what MovieLens has
# says: the share in MovieLens
def density(ratings):
    return 100_000 / (943 * 1682)


# %% 1.1 wrong · an array of one element
# says: should return one number
# base: wrong · in per cent
# replace: 100 * len(ratings) / n_cells → np.array([len(ratings) / n_cells])


# %% 1.1 wrong · sorts what it was given
# says: changes its argument `ratings`
def density(ratings):
    n_ratings = len(ratings)
    ratings.sort_values("user_id", inplace=True, ignore_index=True)
    n_users = (ratings["user_id"].diff() != 0).sum()
    return n_ratings / (n_users * ratings["movie_id"].nunique())


# %% 1.1 right · a scalar of NumPy
def density(ratings):
    n_cells = np.prod(
        [ratings[c].drop_duplicates().size for c in ("user_id", "movie_id")]
    )
    return np.true_divide(ratings.shape[0], n_cells)


# %% 1.4 wrong · row numbers in 8 bits
# says: which are too few for
def ids_to_rows(ids):
    known_ids, rows = np.unique(np.asarray(ids), return_inverse=True)
    return rows.astype("uint8"), known_ids


# %% 1.4 wrong · sorted as texts
# says: The ids are sorted as texts
def ids_to_rows(ids):
    ids = np.asarray(ids)
    known_ids = np.array(sorted(set(ids.tolist()), key=str))
    return np.array([list(known_ids).index(one) for one in ids]), known_ids


# %% 1.4 wrong · a table of 20 million rows without columns
# says: `rows` should have one dimension
def ids_to_rows(ids):
    return np.empty((20_000_000, 0)), np.arange(3)


# %% 1.4 wrong · only the known ids wrong
# says: known_ids[0]
def ids_to_rows(ids):
    known_ids, rows = np.unique(np.asarray(ids), return_inverse=True)
    return rows, known_ids * 2


# %% 1.4 wrong · sorts what it was given
# says: changes its argument `ids`
def ids_to_rows(ids):
    before = np.array(ids)
    ids.sort()
    known_ids = np.unique(ids)
    return np.searchsorted(known_ids, before), known_ids


# %% 1.4 wrong · ids as floats
# says: `known_ids` is of another type than int
def ids_to_rows(ids):
    known_ids, rows = np.unique(np.asarray(ids, dtype=float), return_inverse=True)
    return rows, known_ids


# %% 1.4 wrong · a pandas Index
# says: `known_ids` should be a NumPy array
# base: right · categories
# replace: .to_numpy() →


# %% 1.5 wrong · the training set twice
# says: the test ratings | The test ratings
def keep_answerable(train, test):
    return train, train


# %% 1.6 wrong · with scikit-learn
# says: that one is closed
from sklearn.metrics import mean_absolute_error, root_mean_squared_error


def mae_by_hand(true, predicted):
    return mean_absolute_error(true, np.ravel(predicted))


def rmse_by_hand(true, predicted):
    return root_mean_squared_error(true, np.ravel(predicted))


# %% 1.6 wrong · the square root of scikit-learn's squares
# says: that one is closed
def mae_by_hand(true, predicted):
    return np.mean(np.abs(np.ravel(true) - np.ravel(predicted)))


def rmse_by_hand(true, predicted):
    import sklearn.metrics

    return (
        sklearn.metrics.mean_squared_error(np.ravel(true), np.ravel(predicted)) ** 0.5
    )


# %% 1.6 wrong · rounded
# says: That is right, but rounded
def mae_by_hand(true, predicted):
    return round(float(np.mean(np.abs(np.ravel(true) - np.ravel(predicted)))), 4)


def rmse_by_hand(true, predicted):
    return round(float(np.mean((np.ravel(true) - np.ravel(predicted)) ** 2) ** 0.5), 4)


# %% 1.6 wrong · turns the column into a row in place
# says: changes its argument `predicted`
def mae_by_hand(true, predicted):
    if isinstance(predicted, np.ndarray):
        np.ndarray.resize(predicted, predicted.size, refcheck=False)
    return np.mean(np.abs(np.ravel(true) - np.ravel(predicted)))


def rmse_by_hand(true, predicted):
    return np.sqrt(np.mean((np.ravel(true) - np.ravel(predicted)) ** 2))


# %% 1.6 wrong · subtracts in place
# says: changes its argument `predicted`
def mae_by_hand(true, predicted):
    difference = np.asarray(predicted)
    difference -= np.reshape(true, difference.shape)
    return np.mean(np.abs(difference))


def rmse_by_hand(true, predicted):
    return np.sqrt(np.mean((np.ravel(true) - np.ravel(predicted)) ** 2))


# %% 1.6 wrong · the first five pairs
# says: does not return the error between the two
def mae_by_hand(true, predicted):
    return np.sum(np.abs(np.ravel(true) - np.ravel(predicted))[:5]) / 5


def rmse_by_hand(true, predicted):
    return np.sqrt(np.mean((np.ravel(true) - np.ravel(predicted)) ** 2))


# %% 1.6 wrong · differences in the type of the true ratings
# says: but not when given whole numbers of stars
def mae_by_hand(true, predicted):
    difference = np.zeros_like(np.ravel(true))
    difference[:] = np.ravel(predicted) - np.ravel(true)
    return np.mean(np.abs(difference))


def rmse_by_hand(true, predicted):
    return np.sqrt(np.mean((np.ravel(true) - np.ravel(predicted)) ** 2))


# %% 1.6 wrong · a list of errors for a column
# says: should return one number
def mae_by_hand(true, predicted):
    errors = [abs(r - guess) for r, guess in zip(true, predicted)]
    return sum(errors) / len(errors)


def rmse_by_hand(true, predicted):
    return np.sqrt(np.mean((np.ravel(true) - np.ravel(predicted)) ** 2))


# %% 1.6 right · einsum, and a root of its own
def mae_by_hand(true, predicted):
    difference = np.asarray(true, dtype=float) - np.asarray(predicted, dtype=float).T
    return float(abs(difference.reshape(-1)).sum() / len(true))


def rmse_by_hand(true, predicted):
    difference = np.asarray(true, dtype=float) - np.asarray(predicted, dtype=float).T
    difference = difference.reshape(-1)
    return float((np.einsum("i,i->", difference, difference) / len(difference)) ** 0.5)


# %% 1.7 wrong · rounded
# says: That is right, but rounded
# base: wrong · one for each rating
# replace: [group] → .round(3)


# %% 1.7 wrong · rounded to four decimals
# says: That is right, but rounded
# base: wrong · one for each rating
# replace: [group] → .round(4)


# %% 1.7 wrong · sizes in 8 bits
# says: Those are not the sums of the deviations
def shrunk_bias(deviation, group, n_groups, shrinkage):
    total = np.bincount(group, weights=deviation, minlength=n_groups)
    size = np.bincount(group, minlength=n_groups).astype("uint8")
    return total / (size + np.float64(shrinkage))


# %% 1.7 wrong · divides what it was given
# says: changes its argument `deviation`
def shrunk_bias(deviation, group, n_groups, shrinkage):
    size = np.bincount(group, minlength=n_groups)
    if isinstance(deviation, np.ndarray):
        deviation /= size[group] + shrinkage
        return np.bincount(group, weights=deviation, minlength=n_groups)
    total = np.bincount(group, weights=deviation, minlength=n_groups)
    return total / (size + shrinkage)


# %% 1.7 wrong · the last group is always 0
# says: Those are not the sums of the deviations
def shrunk_bias(deviation, group, n_groups, shrinkage):
    total = np.bincount(group, weights=deviation, minlength=n_groups)
    bias = total / (np.bincount(group, minlength=n_groups) + shrinkage)
    bias[n_groups - 1] = 0
    return bias


# %% 1.5 wrong · asks the part of the training that the test users rated
# says: half of the leak
def keep_answerable(train, test):
    test = test[test["user_id"].isin(train["user_id"])]
    part = train[train["user_id"].isin(test["user_id"])]
    return train, test[test["movie_id"].isin(part["movie_id"])]


# %% 1.5 wrong · asks the part of the training of the test's movies
# says: half of the leak
def keep_answerable(train, test):
    part = train[train["movie_id"].isin(test["movie_id"])]
    known = test["user_id"].isin(part["user_id"])
    return train, test[known & test["movie_id"].isin(train["movie_id"])]


# %% 1.5 wrong · asks the part of the training that both parts have in common
# says: half of the leak
def keep_answerable(train, test):
    part = train[train["user_id"].isin(test["user_id"])]
    part = part[part["movie_id"].isin(test["movie_id"])]
    ok = test["user_id"].isin(part["user_id"]) & test["movie_id"].isin(part["movie_id"])
    return train, test[ok]


# %% 1.5 wrong · empties rows
# says: came back empty (NaN)
def keep_answerable(train, test):
    ok = test["user_id"].isin(train["user_id"])
    return train, test.where(ok & test["movie_id"].isin(train["movie_id"]))


# %% 1.5 right · the table itself where nothing is to be left out
def keep_answerable(train, test):
    ok = test["user_id"].isin(train["user_id"])
    ok &= test["movie_id"].isin(train["movie_id"])
    if ok.all():
        return train, test
    return train, test[ok]


# %% 1.6 wrong · the root by way of R²
# says: a ready-made function
from sklearn.metrics import r2_score


def mae_by_hand(true, predicted):
    return float(np.mean(np.abs(np.ravel(true) - np.ravel(predicted))))


def rmse_by_hand(true, predicted):
    unexplained = 1 - r2_score(np.ravel(true), np.ravel(predicted))
    return float(np.sqrt(unexplained * np.var(np.ravel(true))))


# %% 1.7 wrong · counts deviations that are not 0
# says: exactly at the mean
def shrunk_bias(deviation, group, n_groups, shrinkage):
    n = np.bincount(group, np.asarray(deviation) != 0, n_groups)
    return np.bincount(group, deviation, n_groups) / (n + shrinkage)
