# Lesson 03. The form of this file is explained in tests/support/student_answers.py.


# %% 3.1 wrong · a new index
# says: should have the index of `ratings`
def take_apart(ratings, mean, user_bias, movie_bias):
    parts = pd.DataFrame(
        {
            "mean": mean,
            "user_bias": user_bias[ratings["user"]],
            "movie_bias": movie_bias[ratings["movie"]],
        }
    )
    parts["rest"] = ratings["rating"].to_numpy() - parts.sum(axis=1)
    return parts


# %% 3.1 wrong · the rest without the mean
# says: still holds the mean
def take_apart(ratings, mean, user_bias, movie_bias):
    parts = pd.DataFrame(index=ratings.index)
    parts["mean"] = mean
    parts["user_bias"] = user_bias[ratings["user"]]
    parts["movie_bias"] = movie_bias[ratings["movie"]]
    parts["rest"] = ratings["rating"] - parts["user_bias"] - parts["movie_bias"]
    return parts


# %% 3.1 wrong · the rest with the wrong sign
# says: the wrong sign
# base: wrong · the rest without the mean
# replace: ratings["rating"] - parts["user_bias"] - parts["movie_bias"] → parts.sum(axis=1) - ratings["rating"]


# %% 3.1 wrong · a mean of its own
# says: The baseline's `mean` is handed over
# base: wrong · the rest without the mean
# replace: parts["mean"] = mean → parts["mean"] = ratings["rating"].mean()
# replace: ["user_bias"] - parts["movie_bias"] → .sum(axis=1)


# %% 3.1 wrong · biases as a Series, placed by index
# says: the index label of each row was used
def take_apart(ratings, mean, user_bias, movie_bias):
    parts = pd.DataFrame(index=ratings.index)
    parts["mean"] = mean
    parts["user_bias"] = pd.Series(user_bias)
    parts["movie_bias"] = pd.Series(movie_bias)
    parts["rest"] = ratings["rating"] - parts.sum(axis=1)
    return parts


# %% 3.1 wrong · values in a new Series, placed by index
# says: stand in the wrong rows
def take_apart(ratings, mean, user_bias, movie_bias):
    parts = pd.DataFrame(index=ratings.index)
    parts["mean"] = mean
    parts["user_bias"] = pd.Series(user_bias[ratings["user"]])
    parts["movie_bias"] = pd.Series(movie_bias[ratings["movie"]])
    parts["rest"] = ratings["rating"] - parts.sum(axis=1)
    return parts


# %% 3.1 wrong · new columns in the caller's frame
# says: changes its argument `ratings`
def take_apart(ratings, mean, user_bias, movie_bias):
    ratings["mean"] = mean
    ratings["user_bias"] = user_bias[ratings["user"]]
    ratings["movie_bias"] = movie_bias[ratings["movie"]]
    ratings["rest"] = (
        ratings["rating"] - mean - ratings["user_bias"] - ratings["movie_bias"]
    )
    return ratings[["mean", "user_bias", "movie_bias", "rest"]]


# %% 3.1 wrong · the rating is still in it
# says: The four columns should be the parts
def take_apart(ratings, mean, user_bias, movie_bias):
    parts = ratings[["rating"]].assign(mean=mean)
    parts["user_bias"] = user_bias[ratings["user"]]
    parts["movie_bias"] = movie_bias[ratings["movie"]]
    parts["rest"] = 2 * parts["rating"] - parts.sum(axis=1)
    return parts


# %% 3.1 wrong · the bias of the row's place
# says: other biases than those
import numpy as np


def take_apart(ratings, mean, user_bias, movie_bias):
    parts = pd.DataFrame(index=ratings.index)
    parts["mean"] = mean
    parts["user_bias"] = np.resize(user_bias, len(ratings))
    parts["movie_bias"] = np.resize(movie_bias, len(ratings))
    parts["rest"] = ratings["rating"] - parts.sum(axis=1)
    return parts


# %% 3.1 wrong · an array
# says: should return a DataFrame
import numpy as np


def take_apart(ratings, mean, user_bias, movie_bias):
    of_user, of_movie = user_bias[ratings["user"]], movie_bias[ratings["movie"]]
    rest = ratings["rating"] - mean - of_user - of_movie
    return np.column_stack([np.full(len(rest), mean), of_user, of_movie, rest])


# %% 3.1 wrong · the movies' biases twice
# says: comes from the other array
# base: wrong · the rest without the mean
# replace: = user_bias → = movie_bias
# replace: ["user_bias"] - parts["movie_bias"] → .sum(axis=1)


# %% 3.1 right · in a loop over the rows
def take_apart(ratings, mean, user_bias, movie_bias):
    rows = []
    for row in ratings.itertuples():
        one, other = user_bias[row.user], movie_bias[row.movie]
        rows.append([mean, one, other, row.rating - mean - one - other])
    names = ["mean", "user_bias", "movie_bias", "rest"]
    return pd.DataFrame(rows, index=ratings.index, columns=names)


# %% 3.1 right · with map and assign
def take_apart(ratings, mean, user_bias, movie_bias):
    return (
        ratings.assign(
            mean=mean,
            user_bias=ratings["user"].map(pd.Series(user_bias)),
            movie_bias=ratings["movie"].map(pd.Series(movie_bias)),
        )
        .assign(rest=lambda f: f.rating - f["mean"] - f.user_bias - f.movie_bias)
        .loc[:, ["mean", "user_bias", "movie_bias", "rest"]]
    )


# %% 3.1 right · from a dictionary of arrays
import numpy as np


def take_apart(ratings, mean, user_bias, movie_bias):
    one = np.take(user_bias, ratings["user"].to_numpy())
    other = np.take(movie_bias, ratings["movie"].to_numpy())
    rest = ratings["rating"].to_numpy() - (mean + one + other)
    columns = {"mean": mean, "user_bias": one, "movie_bias": other, "rest": rest}
    return pd.DataFrame(columns, index=ratings.index)


# %% 3.2 wrong · no mean
# says: predicts 0 stars
def build_bias_model(n_users, n_movies, mean, l2=5e-5):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    penalty = keras.regularizers.L2(l2)
    one = layers.Embedding(n_users, 1, "zeros", penalty, name="user_bias")(user)
    other = layers.Embedding(n_movies, 1, "zeros", penalty, name="movie_bias")(movie)
    rating = layers.Add()([one, other])
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 3.2 wrong · the mean twice
# says: added twice
# base: wrong · no mean
# replace: Add()([one, other]) → Rescaling(1.0, offset=mean)(layers.Add()([one, other]) + mean)


# %% 3.2 wrong · the mean as a factor
# says: predicts 0 stars
# base: wrong · no mean
# replace: Add()([one, other]) → Rescaling(mean)(layers.Add()([one, other]))


# %% 3.2 wrong · the mean as a factor, too
# says: is a factor, and should be 1
# base: wrong · no mean
# replace: Add()([one, other]) → Rescaling(mean, offset=mean)(layers.Add()([one, other]))


# %% 3.2 wrong · MovieLens' mean typed in
# says: a number of your own
# base: wrong · no mean
# replace: Add()([one, other]) → Rescaling(1.0, offset=3.53)(layers.Add()([one, other]))


# %% 3.2 wrong · random start
# says: `user_bias` does not start at zero
# base: wrong · no mean
# replace: "zeros", penalty, name="user_bias" → name="user_bias"
# replace: Add()([one, other]) → Rescaling(1.0, offset=mean)(layers.Add()([one, other]))


# %% 3.2 wrong · no L2
# says: Still without any effect: `l2`.
def build_bias_model(n_users, n_movies, mean, l2=5e-5):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    one = layers.Embedding(n_users, 1, "zeros", name="user_bias")(user)
    other = layers.Embedding(n_movies, 1, "zeros", name="movie_bias")(movie)
    rating = layers.Rescaling(1.0, offset=mean)(layers.Add()([one, other]))
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 3.2 wrong · L2 on the users only
# says: `movie_bias` has no L2
def build_bias_model(n_users, n_movies, mean, l2=5e-5):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    penalty = keras.regularizers.L2(l2)
    one = layers.Embedding(n_users, 1, "zeros", penalty, name="user_bias")(user)
    other = layers.Embedding(n_movies, 1, "zeros", name="movie_bias")(movie)
    rating = layers.Rescaling(1.0, offset=mean)(layers.Add()([one, other]))
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 3.2 wrong · the default L2 typed in
# says: times the sum of all squares
# base: wrong · L2 on the users only
# replace: penalty = keras.regularizers.L2(l2) → penalty = keras.regularizers.L2(5e-5)
# replace: name="movie_bias" → penalty, name="movie_bias"


# %% 3.2 wrong · L1
# says: times the sum of all squares
# base: wrong · L2 on the users only
# replace: penalty = keras.regularizers.L2(l2) → penalty = keras.regularizers.L1(l2)
# replace: name="movie_bias" → penalty, name="movie_bias"


# %% 3.2 wrong · a table too small by one
# says: too small by one
def build_bias_model(n_users, n_movies, mean, l2=5e-5):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    penalty = keras.regularizers.L2(l2)
    one = layers.Embedding(n_users, 1, "zeros", penalty, name="user_bias")(user)
    other = layers.Embedding(n_movies - 1, 1, "zeros", penalty, name="movie_bias")(
        movie
    )
    rating = layers.Rescaling(1.0, offset=mean)(layers.Add()([one, other]))
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 3.2 wrong · a spare row
# says: a row too many
# base: wrong · no mean
# replace: n_users, 1 → n_users + 1, 1
# replace: Add()([one, other]) → Rescaling(1.0, offset=mean)(layers.Add()([one, other]))


# %% 3.2 wrong · both sized by the users
# says: as many rows as the other table
# base: wrong · L2 on the users only
# replace: n_movies, 1, "zeros" → n_users, 1, "zeros", penalty


# %% 3.2 wrong · inputs exchanged
# says: other table should have
def build_bias_model(n_users, n_movies, mean, l2=5e-5):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    penalty = keras.regularizers.L2(l2)
    one = layers.Embedding(n_movies, 1, "zeros", penalty, name="user_bias")(user)
    other = layers.Embedding(n_users, 1, "zeros", penalty, name="movie_bias")(movie)
    rating = layers.Rescaling(1.0, offset=mean)(layers.Add()([one, other]))
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 3.2 wrong · no names
# says: no layer called `user_bias`
def build_bias_model(n_users, n_movies, mean, l2=5e-5):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    penalty = keras.regularizers.L2(l2)
    one = layers.Embedding(n_users, 1, "zeros", penalty)(user)
    other = layers.Embedding(n_movies, 1, "zeros", penalty)(movie)
    rating = layers.Rescaling(1.0, offset=mean)(layers.Add()([one, other]))
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 3.2 wrong · 64 columns
# says: the wrong size
def build_bias_model(n_users, n_movies, mean, l2=5e-5):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    penalty = keras.regularizers.L2(l2)
    one = layers.Embedding(n_users, 64, "zeros", penalty, name="user_bias")(user)
    other = layers.Embedding(n_movies, 64, "zeros", penalty, name="movie_bias")(movie)
    rating = layers.Rescaling(1.0, offset=mean)(layers.Add()([one, other]))
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 3.2 wrong · multiplied
# says: The two biases are multiplied
# base: wrong · no mean
# replace: Add()([one, other]) → Rescaling(1.0, offset=mean)(layers.Multiply()([one, other]))


# %% 3.2 wrong · clipped to a scale
# says: Raise one bias by 0.5
# base: wrong · no mean
# replace: layers.Add()([one, other]) → keras.ops.clip(one + other + mean, 0.5, 5.0)


# %% 3.2 wrong · averaged
# says: averaged
# base: wrong · no mean
# replace: Add()([one, other]) → Rescaling(1.0, offset=mean)(layers.Average()([one, other]))


# %% 3.2 wrong · forgets the movies
# says: The movie bias is missing
# base: wrong · no mean
# replace: Add()([one, other]) → Rescaling(1.0, offset=mean)(one) + 0 * other


# %% 3.2 wrong · a dense layer with a mean that is learned
# says: more weights than it should
def build_bias_model(n_users, n_movies, mean, l2=5e-5):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    penalty = keras.regularizers.L2(l2)
    one = layers.Embedding(n_users, 1, "zeros", penalty, name="user_bias")(user)
    other = layers.Embedding(n_movies, 1, "zeros", penalty, name="movie_bias")(movie)
    start = keras.initializers.Constant(mean)
    rating = layers.Dense(1, kernel_initializer="ones", bias_initializer=start)(
        layers.Add()([one, other])
    )
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 3.2 wrong · a list of inputs
# says: ask a model for its inputs by name
# base: wrong · L2 on the users only
# replace: name="movie_bias" → penalty, name="movie_bias"
# replace: {"user": user, "movie": movie} → [user, movie]


# %% 3.2 wrong · flattened on the way
# says: should return shape (n, 1)
# base: wrong · no mean
# replace: layers.Add()([one, other]) → keras.ops.squeeze(one + other, axis=-1) + mean


# %% 3.2 wrong · shape (n,) meets (n, 1)
# says: every row is combined with every other
# base: wrong · no mean
# replace: layers.Add()([one, other]) → one + keras.ops.squeeze(other, axis=-1) + mean


# %% 3.2 wrong · the batch's mean taken off
# says: depends on the other pairs of its batch
def build_bias_model(n_users, n_movies, mean, l2=5e-5):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    penalty = keras.regularizers.L2(l2)
    one = layers.Embedding(n_users, 1, "zeros", penalty, name="user_bias")(user)
    other = layers.Embedding(n_movies, 1, "zeros", penalty, name="movie_bias")(movie)
    deviation = one + other
    rating = deviation - 0.1 * keras.ops.mean(deviation) + mean
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 3.2 wrong · forgets the return
# says: returned nothing
# base: wrong · L2 on the users only
# replace: name="movie_bias" → penalty, name="movie_bias"
# replace: return keras → keras


# %% 3.2 right · plain sums, movies first
def build_bias_model(n_users, n_movies, mean, l2=5e-5):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    penalty = keras.regularizers.L2(l2)
    other = layers.Embedding(n_movies, 1, "zeros", penalty, name="movie_bias")(movie)
    one = layers.Embedding(n_users, 1, "zeros", penalty, name="user_bias")(user)
    return keras.Model({"movie": movie, "user": user}, mean + other + one)


# %% 3.2 right · dense layers on one-hot inputs
def build_bias_model(n_users, n_movies, mean, l2=5e-5):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    penalty = keras.regularizers.L2(l2)
    one = layers.Dense(
        1,
        use_bias=False,
        kernel_initializer="zeros",
        kernel_regularizer=penalty,
        name="user_bias",
    )(keras.ops.one_hot(user, n_users))
    other = layers.Dense(
        1,
        use_bias=False,
        kernel_initializer="zeros",
        kernel_regularizer=penalty,
        name="movie_bias",
    )(keras.ops.one_hot(movie, n_movies))
    return keras.Model({"user": user, "movie": movie}, mean + one + other)


# %% 3.2 right · a subclass
def build_bias_model(n_users, n_movies, mean, l2=5e-5):
    class Biases(keras.Model):
        def __init__(self):
            super().__init__()
            self.one = layers.Embedding(
                n_users,
                1,
                embeddings_initializer="zeros",
                embeddings_regularizer=keras.regularizers.L2(l2),
                name="user_bias",
            )
            self.other = layers.Embedding(
                n_movies,
                1,
                embeddings_initializer="zeros",
                embeddings_regularizer=keras.regularizers.L2(l2),
                name="movie_bias",
            )

        def call(self, pairs):
            return mean + self.one(pairs["user"]) + self.other(pairs["movie"])

    return Biases()


# %% 3.2 right · concatenated and summed
def build_bias_model(n_users, n_movies, mean, l2=5e-5):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    penalty = keras.regularizers.L2(l2)
    one = layers.Embedding(n_users, 1, "zeros", penalty, name="user_bias")(user)
    other = layers.Embedding(n_movies, 1, "zeros", penalty, name="movie_bias")(movie)
    both = layers.Concatenate()([one, other])
    rating = keras.ops.sum(both, axis=-1, keepdims=True) + mean
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 3.3 wrong · what is taken away
# says: what is taken away
def share_that_stays(l2, n_ratings, n_train):
    return l2 * n_train / (n_ratings + l2 * n_train)


# %% 3.3 wrong · per cent
# says: in per cent
def share_that_stays(l2, n_ratings, n_train):
    return 100 * n_ratings / (n_ratings + l2 * n_train)


# %% 3.3 wrong · the L2 taken for ratings
# says: no number of ratings
def share_that_stays(l2, n_ratings, n_train):
    return n_ratings / (n_ratings + l2)


# %% 3.3 wrong · times the movie's own ratings
# says: no number of ratings
def share_that_stays(l2, n_ratings, n_train):
    return n_ratings / (n_ratings + l2 * n_ratings)


# %% 3.3 wrong · the example's training set
# says: 100,000 was the example's
def share_that_stays(l2, n_ratings, n_train):
    return n_ratings / (n_ratings + l2 * 100_000)


# %% 3.3 wrong · whole numbers
# says: All or nothing
def share_that_stays(l2, n_ratings, n_train):
    return n_ratings // (n_ratings + l2 * n_train)


# %% 3.3 wrong · two from the derivative
# says: A factor of 2 too much
def share_that_stays(l2, n_ratings, n_train):
    return n_ratings / (n_ratings + 2 * l2 * n_train)


# %% 3.3 wrong · only the imaginary ratings
# says: the number of imaginary ratings
def share_that_stays(l2, n_ratings, n_train):
    return l2 * n_train


# %% 3.3 wrong · lesson 01's doubt
# says: another share of the bias stays
def share_that_stays(l2, n_ratings, n_train):
    return n_ratings / (n_ratings + 5)


# %% 3.3 wrong · among all training ratings
# says: only its own n
def share_that_stays(l2, n_ratings, n_train):
    return n_ratings / (n_train + l2 * n_train)


# %% 3.3 right · divided by n
def share_that_stays(l2, n_ratings, n_train):
    return 1 / (1 + l2 * n_train / n_ratings)


# %% 3.3 right · one minus what goes
import numpy as np


def share_that_stays(l2, n_ratings, n_train):
    doubt = np.float64(l2) * n_train
    return 1 - doubt / (doubt + n_ratings)


# %% 3.4 wrong · tensordot over the batch, as published
# says: adds up over the batch
def build_dot_bias_model(
    n_users, n_movies, mean, n_factors=64, l2=1.5e-4, bias_l2=5e-5
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    a, b = keras.regularizers.L2(l2), keras.regularizers.L2(bias_l2)
    p = layers.Embedding(n_users, n_factors, "normal", a, name="user_factors")(user)
    q = layers.Embedding(n_movies, n_factors, "normal", a, name="movie_factors")(movie)
    one = layers.Embedding(n_users, 1, "zeros", b, name="user_bias")(user)
    other = layers.Embedding(n_movies, 1, "zeros", b, name="movie_bias")(movie)
    rating = keras.ops.tensordot(p, q, 2) + one + other + mean
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 3.4 wrong · no mean
# says: predicts 0 stars
# base: wrong · tensordot over the batch, as published
# replace: keras.ops.tensordot(p, q, 2) + one + other + mean → layers.Dot(axes=-1)([p, q]) + one + other


# %% 3.4 wrong · the mean twice
# says: added twice
# base: wrong · tensordot over the batch, as published
# replace: keras.ops.tensordot(p, q, 2) + one + other + → layers.Dot(axes=-1)([p, q]) + one + other + 2 *


# %% 3.4 wrong · the factors' L2 on the biases
# says: is penalized with `l2`; it should be `bias_l2`
def build_dot_bias_model(
    n_users, n_movies, mean, n_factors=64, l2=1.5e-4, bias_l2=5e-5
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    a, b = keras.regularizers.L2(l2), keras.regularizers.L2(bias_l2)
    p = layers.Embedding(n_users, n_factors, "normal", a, name="user_factors")(user)
    q = layers.Embedding(n_movies, n_factors, "normal", a, name="movie_factors")(movie)
    one = layers.Embedding(n_users, 1, "zeros", a, name="user_bias")(user)
    other = layers.Embedding(n_movies, 1, "zeros", a, name="movie_bias")(movie)
    rating = layers.Dot(axes=-1)([p, q]) + one + other + mean
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 3.4 wrong · the two L2 exchanged
# says: is penalized with
# base: wrong · tensordot over the batch, as published
# replace: l2), keras.regularizers.L2(bias_l2 → bias_l2), keras.regularizers.L2(l2
# replace: keras.ops.tensordot(p, q, 2) → layers.Dot(axes=-1)([p, q])


# %% 3.4 wrong · no L2 on the biases
# says: `user_bias` has no L2
def build_dot_bias_model(
    n_users, n_movies, mean, n_factors=64, l2=1.5e-4, bias_l2=5e-5
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    a, b = keras.regularizers.L2(l2), keras.regularizers.L2(bias_l2)
    p = layers.Embedding(n_users, n_factors, "normal", a, name="user_factors")(user)
    q = layers.Embedding(n_movies, n_factors, "normal", a, name="movie_factors")(movie)
    one = layers.Embedding(n_users, 1, "zeros", name="user_bias")(user)
    other = layers.Embedding(n_movies, 1, "zeros", name="movie_bias")(movie)
    rating = layers.Dot(axes=-1)([p, q]) + one + other + mean
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 3.4 wrong · L2 on one table of factors
# says: `movie_factors` has no L2
# base: wrong · tensordot over the batch, as published
# replace: a, name="movie_factors" → name="movie_factors"
# replace: keras.ops.tensordot(p, q, 2) → layers.Dot(axes=-1)([p, q])


# %% 3.4 wrong · no L2
# says: Still without any effect: `
def build_dot_bias_model(
    n_users, n_movies, mean, n_factors=64, l2=1.5e-4, bias_l2=5e-5
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    a, b = keras.regularizers.L2(l2), keras.regularizers.L2(bias_l2)
    p = layers.Embedding(n_users, n_factors, "normal", name="user_factors")(user)
    q = layers.Embedding(n_movies, n_factors, "normal", name="movie_factors")(movie)
    one = layers.Embedding(n_users, 1, "zeros", name="user_bias")(user)
    other = layers.Embedding(n_movies, 1, "zeros", name="movie_bias")(movie)
    rating = layers.Dot(axes=-1)([p, q]) + one + other + mean
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 3.4 wrong · biases start at random
# says: does not start at zero
def build_dot_bias_model(
    n_users, n_movies, mean, n_factors=64, l2=1.5e-4, bias_l2=5e-5
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    a, b = keras.regularizers.L2(l2), keras.regularizers.L2(bias_l2)
    p = layers.Embedding(n_users, n_factors, "normal", a, name="user_factors")(user)
    q = layers.Embedding(n_movies, n_factors, "normal", a, name="movie_factors")(movie)
    one = layers.Embedding(n_users, 1, "normal", b, name="user_bias")(user)
    other = layers.Embedding(n_movies, 1, "normal", b, name="movie_bias")(movie)
    rating = layers.Dot(axes=-1)([p, q]) + one + other + mean
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 3.4 wrong · factors start at zero
# says: so they never move
def build_dot_bias_model(
    n_users, n_movies, mean, n_factors=64, l2=1.5e-4, bias_l2=5e-5
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    a, b = keras.regularizers.L2(l2), keras.regularizers.L2(bias_l2)
    p = layers.Embedding(n_users, n_factors, "zeros", a, name="user_factors")(user)
    q = layers.Embedding(n_movies, n_factors, "zeros", a, name="movie_factors")(movie)
    one = layers.Embedding(n_users, 1, "zeros", b, name="user_bias")(user)
    other = layers.Embedding(n_movies, 1, "zeros", b, name="movie_bias")(movie)
    rating = layers.Dot(axes=-1)([p, q]) + one + other + mean
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 3.4 wrong · biases are not added
# says: Both biases are missing
# base: wrong · tensordot over the batch, as published
# replace: keras.ops.tensordot(p, q, 2) + one + other → layers.Dot(axes=-1)([p, q]) + 0 * (one + other)


# %% 3.4 wrong · the product is not added
# says: The dot product is missing
# base: wrong · tensordot over the batch, as published
# replace: keras.ops.tensordot(p, q, 2) → 0 * layers.Dot(axes=-1)([p, q])


# %% 3.4 wrong · a cosine
# says: the cosine of the vectors
# base: wrong · tensordot over the batch, as published
# replace: keras.ops.tensordot(p, q, 2) → layers.Dot(axes=-1, normalize=True)([p, q])


# %% 3.4 wrong · sizes of factors exchanged
# says: as many rows as the other table
def build_dot_bias_model(
    n_users, n_movies, mean, n_factors=64, l2=1.5e-4, bias_l2=5e-5
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    a, b = keras.regularizers.L2(l2), keras.regularizers.L2(bias_l2)
    p = layers.Embedding(n_movies, n_factors, "normal", a, name="user_factors")(user)
    q = layers.Embedding(n_users, n_factors, "normal", a, name="movie_factors")(movie)
    one = layers.Embedding(n_users, 1, "zeros", b, name="user_bias")(user)
    other = layers.Embedding(n_movies, 1, "zeros", b, name="movie_bias")(movie)
    rating = layers.Dot(axes=-1)([p, q]) + one + other + mean
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 3.4 wrong · movies' table too small by one
# says: too small by one
def build_dot_bias_model(
    n_users, n_movies, mean, n_factors=64, l2=1.5e-4, bias_l2=5e-5
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    a, b = keras.regularizers.L2(l2), keras.regularizers.L2(bias_l2)
    p = layers.Embedding(n_users, n_factors, "normal", a, name="user_factors")(user)
    q = layers.Embedding(n_movies - 1, n_factors, "normal", a, name="movie_factors")(
        movie
    )
    one = layers.Embedding(n_users, 1, "zeros", b, name="user_bias")(user)
    other = layers.Embedding(n_movies, 1, "zeros", b, name="movie_bias")(movie)
    rating = layers.Dot(axes=-1)([p, q]) + one + other + mean
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 3.4 wrong · 64 factors, always
# says: the wrong size
def build_dot_bias_model(
    n_users, n_movies, mean, n_factors=64, l2=1.5e-4, bias_l2=5e-5
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    a, b = keras.regularizers.L2(l2), keras.regularizers.L2(bias_l2)
    p = layers.Embedding(n_users, 64, "normal", a, name="user_factors")(user)
    q = layers.Embedding(n_movies, 64, "normal", a, name="movie_factors")(movie)
    one = layers.Embedding(n_users, 1, "zeros", b, name="user_bias")(user)
    other = layers.Embedding(n_movies, 1, "zeros", b, name="movie_bias")(movie)
    rating = layers.Dot(axes=-1)([p, q]) + one + other + mean
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 3.4 wrong · a column of factors as bias
# says: There is no layer called `user_bias`
def build_dot_bias_model(
    n_users, n_movies, mean, n_factors=64, l2=1.5e-4, bias_l2=5e-5
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    a, b = keras.regularizers.L2(l2), keras.regularizers.L2(bias_l2)
    p = layers.Embedding(n_users, n_factors, "normal", a, name="user_factors")(user)
    q = layers.Embedding(n_movies, n_factors, "normal", a, name="movie_factors")(movie)
    one, other = p[:, :1], q[:, :1]
    rating = layers.Dot(axes=-1)([p, q]) + one + other + mean
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 3.4 wrong · a product of shape (n,)
# says: every row is combined with every other
# base: wrong · tensordot over the batch, as published
# replace: tensordot(p, q, 2) → sum(p * q, axis=-1)


# %% 3.4 wrong · a dense layer at the end
# says: more weights than it should
def build_dot_bias_model(
    n_users, n_movies, mean, n_factors=64, l2=1.5e-4, bias_l2=5e-5
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    a, b = keras.regularizers.L2(l2), keras.regularizers.L2(bias_l2)
    p = layers.Embedding(n_users, n_factors, "normal", a, name="user_factors")(user)
    q = layers.Embedding(n_movies, n_factors, "normal", a, name="movie_factors")(movie)
    one = layers.Embedding(n_users, 1, "zeros", b, name="user_bias")(user)
    other = layers.Embedding(n_movies, 1, "zeros", b, name="movie_bias")(movie)
    rating = layers.Dot(axes=-1)([p, q]) + one + other + mean
    rating = layers.Dense(1, kernel_initializer="ones")(rating)
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 3.4 wrong · a sigmoid at the end
# says: sigmoid in it
def build_dot_bias_model(
    n_users, n_movies, mean, n_factors=64, l2=1.5e-4, bias_l2=5e-5
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    a, b = keras.regularizers.L2(l2), keras.regularizers.L2(bias_l2)
    p = layers.Embedding(n_users, n_factors, "normal", a, name="user_factors")(user)
    q = layers.Embedding(n_movies, n_factors, "normal", a, name="movie_factors")(movie)
    one = layers.Embedding(n_users, 1, "zeros", b, name="user_bias")(user)
    other = layers.Embedding(n_movies, 1, "zeros", b, name="movie_bias")(movie)
    deviation = layers.Dot(axes=-1)([p, q]) + one + other
    rating = keras.ops.sigmoid(deviation) + mean
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 3.4 wrong · a list of inputs
# says: ask a model for its inputs by name
def build_dot_bias_model(
    n_users, n_movies, mean, n_factors=64, l2=1.5e-4, bias_l2=5e-5
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    a, b = keras.regularizers.L2(l2), keras.regularizers.L2(bias_l2)
    p = layers.Embedding(n_users, n_factors, "normal", a, name="user_factors")(user)
    q = layers.Embedding(n_movies, n_factors, "normal", a, name="movie_factors")(movie)
    one = layers.Embedding(n_users, 1, "zeros", b, name="user_bias")(user)
    other = layers.Embedding(n_movies, 1, "zeros", b, name="movie_bias")(movie)
    rating = layers.Dot(axes=-1)([p, q]) + one + other + mean
    return keras.Model([user, movie], rating)


# %% 3.4 wrong · a subclass, which 3.7 cannot cut
# says: Here the model should be functional
def build_dot_bias_model(
    n_users, n_movies, mean, n_factors=64, l2=1.5e-4, bias_l2=5e-5
):
    a, b = keras.regularizers.L2(l2), keras.regularizers.L2(bias_l2)

    class DotBias(keras.Model):
        def __init__(self):
            super().__init__()
            self.p = layers.Embedding(
                n_users, n_factors, "normal", a, name="user_factors"
            )
            self.q = layers.Embedding(
                n_movies, n_factors, "normal", a, name="movie_factors"
            )
            self.one = layers.Embedding(n_users, 1, "zeros", b, name="user_bias")
            self.other = layers.Embedding(n_movies, 1, "zeros", b, name="movie_bias")

        def call(self, pairs):
            user, movie = pairs["user"], pairs["movie"]
            match = keras.ops.sum(self.p(user) * self.q(movie), axis=-1, keepdims=True)
            return mean + self.one(user) + self.other(movie) + match

    return DotBias()


# %% 3.4 right · ops.sum, 5 factors, biases first
def build_dot_bias_model(
    n_users, n_movies, mean, n_factors=64, l2=1.5e-4, bias_l2=5e-5
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    a, b = keras.regularizers.L2(l2), keras.regularizers.L2(bias_l2)
    other = layers.Embedding(n_movies, 1, "zeros", b, name="movie_bias")(movie)
    one = layers.Embedding(n_users, 1, "zeros", b, name="user_bias")(user)
    q = layers.Embedding(n_movies, n_factors, "normal", a, name="movie_factors")(movie)
    p = layers.Embedding(n_users, n_factors, "normal", a, name="user_factors")(user)
    rating = other + keras.ops.sum(p * q, axis=-1, keepdims=True) + (mean + one)
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 3.4 right · on top of the bias-only model
def build_dot_bias_model(
    n_users, n_movies, mean, n_factors=64, l2=1.5e-4, bias_l2=5e-5
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    tables = {}
    for name, n_rows, n_columns, start, strength, rows in [
        ("user_factors", n_users, n_factors, "uniform", l2, user),
        ("movie_factors", n_movies, n_factors, "uniform", l2, movie),
        ("user_bias", n_users, 1, "zeros", bias_l2, user),
        ("movie_bias", n_movies, 1, "zeros", bias_l2, movie),
    ]:
        tables[name] = layers.Embedding(
            n_rows,
            n_columns,
            embeddings_initializer=start,
            embeddings_regularizer=keras.regularizers.L2(strength),
            name=name,
        )(rows)
    match = layers.Dot(axes=1)([tables["movie_factors"], tables["user_factors"]])
    sums = layers.Add()([tables["user_bias"], match, tables["movie_bias"]])
    return keras.Model({"user": user, "movie": movie}, layers.Rescaling(1, mean)(sums))


# %% 3.4 right · biases as dense layers on one-hot inputs
def build_dot_bias_model(
    n_users, n_movies, mean, n_factors=64, l2=1.5e-4, bias_l2=5e-5
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    a, b = keras.regularizers.L2(l2), keras.regularizers.L2(bias_l2)
    p = layers.Embedding(n_users, n_factors, "normal", a, name="user_factors")(user)
    q = layers.Embedding(n_movies, n_factors, "normal", a, name="movie_factors")(movie)
    options = {
        "use_bias": False,
        "kernel_initializer": "zeros",
        "kernel_regularizer": b,
    }
    one = layers.Dense(1, name="user_bias", **options)(keras.ops.one_hot(user, n_users))
    other = layers.Dense(1, name="movie_bias", **options)(
        keras.ops.one_hot(movie, n_movies)
    )
    match = keras.ops.einsum("nk,nk->n", p, q)[:, None]
    return keras.Model({"user": user, "movie": movie}, mean + one + other + match)


# %% 3.5 wrong · best upwards
# says: it should go from the highest downwards
def extreme_movies(model, titles, n=8):
    (bias,) = model.get_layer("movie_bias").get_weights()
    by_bias = pd.Series(bias[:, 0], index=titles).sort_values()
    return by_bias.tail(n), by_bias.head(n)


# %% 3.5 wrong · worst downwards
# says: it should go from the lowest upwards
def extreme_movies(model, titles, n=8):
    (bias,) = model.get_layer("movie_bias").get_weights()
    by_bias = pd.Series(bias[:, 0], index=titles).sort_values(ascending=False)
    return by_bias.head(n), by_bias.tail(n)


# %% 3.5 wrong · exchanged
# says: exchanged
# base: wrong · best upwards
# replace: tail(n), by_bias.head(n) → head(n), by_bias.tail(n)[::-1]


# %% 3.5 wrong · not sorted
# says: Sort them before you cut
# base: wrong · worst downwards
# replace: .sort_values(ascending=False) →


# %% 3.5 wrong · the layer by its number
# says: Those are the *users'* biases
# base: wrong · best upwards
# replace: get_layer("movie_bias") → layers[6]
# replace: , by_bias → [::-1], by_bias


# %% 3.5 wrong · the layer by the public notebook's number
# says: Your code stopped with
# base: wrong · best upwards
# replace: get_layer("movie_bias") → layers[8]
# replace: , by_bias → [::-1], by_bias


# %% 3.5 wrong · by absolute size
# says: furthest from zero
def extreme_movies(model, titles, n=8):
    (bias,) = model.get_layer("movie_bias").get_weights()
    by_size = pd.Series(bias[:, 0], index=titles).sort_values(key=abs)
    return by_size.tail(n)[::-1], by_size.head(n)


# %% 3.5 wrong · a dictionary by title
# says: other biases than the
def extreme_movies(model, titles, n=8):
    (bias,) = model.get_layer("movie_bias").get_weights()
    by_bias = pd.Series(dict(zip(titles, bias[:, 0].tolist()))).sort_values()
    return by_bias.tail(n)[::-1], by_bias.head(n)


# %% 3.5 wrong · looked up by title
# says: share a title
def extreme_movies(model, titles, n=8):
    (bias,) = model.get_layer("movie_bias").get_weights()
    by_bias = pd.Series(bias[:, 0], index=titles)
    order = by_bias.sort_values().index
    return by_bias.loc[order[-n:][::-1]], by_bias.loc[order[:n]]


# %% 3.5 wrong · always eight
# says: should have
# base: wrong · best upwards
# replace: n), by_bias.head(n → 8)[::-1], by_bias.head(8


# %% 3.5 wrong · rows for titles
# says: row numbers instead of titles
# base: wrong · a dictionary by title
# replace: dict(zip(titles, bias[:, 0].tolist())) → bias[:, 0]


# %% 3.5 wrong · titles not sorted along
# says: Sort titles and biases together
import numpy as np


def extreme_movies(model, titles, n=8):
    (bias,) = model.get_layer("movie_bias").get_weights()
    values = np.sort(bias[:, 0])
    return (
        pd.Series(values[::-1][:n], index=titles[:n]),
        pd.Series(values[:n], index=titles[-n:]),
    )


# %% 3.5 wrong · titles only
# says: should be a pandas.Series
import numpy as np


def extreme_movies(model, titles, n=8):
    (bias,) = model.get_layer("movie_bias").get_weights()
    order = np.argsort(bias[:, 0])
    return titles[order[::-1][:n]], titles[order[:n]]


# %% 3.5 wrong · the list of arrays itself
# says: Your code stopped with
def extreme_movies(model, titles, n=8):
    bias = model.get_layer("movie_bias").get_weights()
    by_bias = pd.Series(bias, index=titles).sort_values()
    return by_bias.tail(n)[::-1], by_bias.head(n)


# %% 3.5 right · nlargest and nsmallest
def extreme_movies(model, titles, n=8):
    (bias,) = model.get_layer("movie_bias").get_weights()
    by_bias = pd.Series(bias.ravel(), index=titles, name="bias")
    return by_bias.nlargest(n), by_bias.nsmallest(n)


# %% 3.5 right · argsort
import numpy as np


def extreme_movies(model, titles, n=8):
    bias = model.get_layer("movie_bias").get_weights()[0].squeeze()
    order = np.argsort(bias)
    best, worst = order[::-1][:n], order[:n]
    return (
        pd.Series(bias[best], index=np.asarray(titles)[best]),
        pd.Series(bias[worst], index=np.asarray(titles)[worst]),
    )


# %% 3.5 right · a sorted list of pairs
def extreme_movies(model, titles, n=8):
    bias = keras.ops.convert_to_numpy(model.get_layer("movie_bias").embeddings)
    rows = sorted(zip(bias[:, 0].tolist(), [str(title) for title in titles]))

    def series(some):
        return pd.Series([b for b, _ in some], index=[t for _, t in some])

    return series(rows[-n:][::-1]), series(rows[:n])


# %% 3.6 wrong · highest mean
# says: the highest mean
def flattered_user(train, mean, user_bias):
    return int(train.groupby("user")["rating"].mean().idxmax())


# %% 3.6 wrong · lowest bias
# says: the lowest bias
import numpy as np


def flattered_user(train, mean, user_bias):
    return int(np.argmin(user_bias))


# %% 3.6 wrong · the other way round
# says: the opposite
def flattered_user(train, mean, user_bias):
    deviation = train.groupby("user")["rating"].mean() - mean
    return int((user_bias[deviation.index] - deviation).idxmax())


# %% 3.6 wrong · absolute size
# says: in either direction
# base: wrong · the other way round
# replace: user_bias[deviation.index] - deviation → deviation - user_bias).abs(


# %% 3.6 wrong · sums
# says: with the largest sums of deviations
def flattered_user(train, mean, user_bias):
    deviation = (train["rating"] - mean).groupby(train["user"]).sum()
    return int((deviation - user_bias[deviation.index]).idxmax())


# %% 3.6 wrong · a single rating
# says: a single rating far above the bias
def flattered_user(train, mean, user_bias):
    difference = train["rating"] - mean - user_bias[train["user"]]
    return int(train.loc[difference.idxmax(), "user"])


# %% 3.6 wrong · a row of the frame
# says: no user of this table
# base: wrong · a single rating
# replace: train.loc[difference.idxmax(), "user"] → difference.idxmax()


# %% 3.6 wrong · median
# says: right for the median
def flattered_user(train, mean, user_bias):
    deviation = train.groupby("user")["rating"].median() - mean
    return int((deviation - user_bias).idxmax())


# %% 3.6 wrong · how much
# says: how much, not who
def flattered_user(train, mean, user_bias):
    deviation = train.groupby("user")["rating"].mean() - mean
    return (deviation - user_bias).max()


# %% 3.6 wrong · biases in order of appearance
# says: does each mean meet the bias of the same user
import numpy as np


def flattered_user(train, mean, user_bias):
    deviation = train.groupby("user", sort=False)["rating"].mean() - mean
    return int(np.argmax(deviation.to_numpy() - user_bias[deviation.index]))


# %% 3.6 wrong · a new column in the caller's frame
# says: changes its argument `train`
def flattered_user(train, mean, user_bias):
    train["difference"] = train["rating"] - mean - user_bias[train["user"]]
    return int(train.groupby("user")["difference"].mean().idxmax())


# %% 3.6 wrong · all differences
# says: should return one number
# base: wrong · how much
# replace: return (deviation - user_bias).max() → return deviation - user_bias


# %% 3.6 right · bincount
import numpy as np


def flattered_user(train, mean, user_bias):
    n = np.bincount(train["user"], minlength=len(user_bias))
    total = np.bincount(train["user"], train["rating"], minlength=len(user_bias))
    return np.argmax(total / n - mean - user_bias)


# %% 3.6 right · a loop over users
import numpy as np


def flattered_user(train, mean, user_bias):
    best, most = None, -np.inf
    for user in train["user"].unique():
        own = train.loc[train["user"] == user, "rating"]
        difference = own.mean() - mean - user_bias[user]
        if difference > most:
            best, most = user, difference
    return best


# %% 3.6 right · rest by rest
def flattered_user(train, mean, user_bias):
    rest = train["rating"] - mean - user_bias[train["user"]]
    return int(rest.groupby(train["user"]).mean().sort_values().index[-1])


# %% 3.7 wrong · the whole model
# says: still wants to know the user
def movie_part(model, layer_name):
    return model


# %% 3.7 wrong · all inputs
# says: still wants to know the user
def movie_part(model, layer_name):
    return keras.Model(model.input, model.get_layer(layer_name).output)


# %% 3.7 wrong · the weights
# says: the weights themselves
def movie_part(model, layer_name):
    return model.get_layer(layer_name).get_weights()[0]


# %% 3.7 wrong · the layer
# says: the layer itself
def movie_part(model, layer_name):
    return model.get_layer(layer_name)


# %% 3.7 wrong · the tensor
# says: the tensor where the part ends
def movie_part(model, layer_name):
    return model.get_layer(layer_name).output


# %% 3.7 wrong · from the user
# says: Your code stopped with ValueError | still wants to know the user
def movie_part(model, layer_name):
    return keras.Model(model.input["user"], model.get_layer(layer_name).output)


# %% 3.7 wrong · the user's table
# says: still wants to know the user
def movie_part(model, layer_name):
    name = layer_name.replace("movie", "user")
    return keras.Model(model.input["user"], model.get_layer(name).output)


# %% 3.7 wrong · always the factors
# says: should return
def movie_part(model, layer_name):
    return keras.Model(model.input["movie"], model.get_layer("movie_factors").output)


# %% 3.7 wrong · by the layer's number
# says: Your code stopped with | Calling it raised
def movie_part(model, layer_name):
    number = {"movie_factors": 3, "movie_bias": 6}[layer_name]
    return keras.Model(model.input["movie"], model.layers[number].output)


# %% 3.7 wrong · a copy of the weights
# says: That part is a copy
def movie_part(model, layer_name):
    (table,) = model.get_layer(layer_name).get_weights()
    movie = keras.Input(shape=(), dtype="int32")
    copy = layers.Embedding(*table.shape)
    rows = copy(movie)
    copy.set_weights([table])
    return keras.Model(movie, rows)


# %% 3.7 right · a new input for the old layer
def movie_part(model, layer_name):
    movie = keras.Input(shape=(), dtype="int32", name="row")
    return keras.Model(movie, model.get_layer(layer_name)(movie))


# %% 3.7 right · a dictionary of one input
def movie_part(model, layer_name):
    movie = model.input["movie"]
    return keras.Model({"movie": movie}, model.get_layer(layer_name).output)


# %% 3.7 right · Sequential around the layer
def movie_part(model, layer_name):
    return keras.Sequential([model.get_layer(layer_name)])


# %% 3.7 right · the layer found in a loop
def movie_part(model, layer_name):
    for layer in model.layers:
        if layer.name == layer_name:
            return keras.Model(inputs=[model.input["movie"]], outputs=layer.output)


# %% 3.6 wrong · the smallest ratio
# says: with the smallest ratio of bias and deviation
def flattered_user(train, mean, user_bias):
    deviation = train.groupby("user")["rating"].mean() - mean
    bias = user_bias[deviation.index]
    return int((bias / deviation).idxmin())


# %% 3.6 wrong · the ratio the other way
# says: not always the one
# base: wrong · the smallest ratio
# replace: bias / deviation → deviation / bias


# %% 3.4 wrong · factors start at one number
# says: one and the same number
def build_dot_bias_model(
    n_users, n_movies, mean, n_factors=64, l2=1.5e-4, bias_l2=5e-5
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    a, b = keras.regularizers.L2(l2), keras.regularizers.L2(bias_l2)
    start = "ones"
    p = layers.Embedding(n_users, n_factors, start, a, name="user_factors")(user)
    q = layers.Embedding(n_movies, n_factors, start, a, name="movie_factors")(movie)
    one = layers.Embedding(n_users, 1, "zeros", b, name="user_bias")(user)
    other = layers.Embedding(n_movies, 1, "zeros", b, name="movie_bias")(movie)
    rating = layers.Dot(axes=-1)([p, q]) + one + other + mean
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 3.4 wrong · factors start huge
# says: starts with huge numbers
# base: wrong · factors start at one number
# replace: start = "ones" → start = keras.initializers.RandomNormal(stddev=50.0)


# %% 3.4 wrong · frozen
# says: Frozen (`trainable=False`?)
def build_dot_bias_model(
    n_users, n_movies, mean, n_factors=64, l2=1.5e-4, bias_l2=5e-5
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    a, b = keras.regularizers.L2(l2), keras.regularizers.L2(bias_l2)
    start = "normal"
    p = layers.Embedding(
        n_users, n_factors, start, a, name="user_factors", trainable=False
    )(user)
    q = layers.Embedding(n_movies, n_factors, start, a, name="movie_factors")(movie)
    one = layers.Embedding(n_users, 1, "zeros", b, name="user_bias")(user)
    other = layers.Embedding(n_movies, 1, "zeros", b, name="movie_bias")(movie)
    rating = layers.Dot(axes=-1)([p, q]) + one + other + mean
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 3.2 wrong · frozen
# says: Frozen (`trainable=False`?)
def build_bias_model(n_users, n_movies, mean, l2=5e-5):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    own = dict(embeddings_regularizer=keras.regularizers.L2(l2), trainable=False)
    other = layers.Embedding(n_movies, 1, "zeros", name="movie_bias", **own)(movie)
    one = layers.Embedding(n_users, 1, "zeros", name="user_bias", **own)(user)
    return keras.Model({"movie": movie, "user": user}, mean + other + one)


# %% 3.4 wrong · a dropout
# says: In training the model answers something else
def build_dot_bias_model(
    n_users, n_movies, mean, n_factors=64, l2=1.5e-4, bias_l2=5e-5
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    of_factors, of_biases = keras.regularizers.L2(l2), keras.regularizers.L2(bias_l2)

    def table(n_rows, n_columns, start, penalty, name):
        return layers.Embedding(
            n_rows, n_columns, start, embeddings_regularizer=penalty, name=name
        )

    one = table(n_users, n_factors, "uniform", of_factors, "user_factors")(user)
    other = table(n_movies, n_factors, "uniform", of_factors, "movie_factors")(movie)
    of_user = table(n_users, 1, "zeros", of_biases, "user_bias")(user)
    of_movie = table(n_movies, 1, "zeros", of_biases, "movie_bias")(movie)
    match = layers.Dot(axes=-1)([layers.Dropout(0.3)(one), other])
    deviation = layers.Add()([match, of_user, of_movie])
    rating = layers.Rescaling(1.0, offset=mean)(deviation)
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 3.1 wrong · shifts the biases it was given
# says: changes its argument `user_bias`
def take_apart(ratings, mean, user_bias, movie_bias):
    user_bias += mean
    parts = pd.DataFrame(index=ratings.index)
    parts["mean"] = mean
    parts["user_bias"] = user_bias[ratings["user"]] - mean
    parts["movie_bias"] = movie_bias[ratings["movie"]]
    parts["rest"] = ratings["rating"] - parts.sum(axis=1)
    return parts


# %% 3.1 wrong · sorts the ratings it was given
# says: changes its argument `ratings`
# base: wrong · shifts the biases it was given
# replace: user_bias += mean → ratings.sort_values("user", inplace=True)
# replace: [ratings["user"]] - mean → [ratings["user"]]


# %% 3.1 wrong · sorted by its index
# says: should have the index of `ratings`, in its order
# base: wrong · the rest without the mean
# replace: ["user_bias"] - parts["movie_bias"]\n    return parts → .sum(axis=1)\n    return parts.sort_index()


# %% 3.1 wrong · row numbers as bytes
# says: other biases than those
# base: wrong · the rest without the mean
# replace: ["user"] → ["user"].astype("uint8")
# replace: ["user_bias"] - parts["movie_bias"] → .sum(axis=1)


# %% 3.1 wrong · columns of objects
# says: dtype
# base: wrong · the rest without the mean
# replace: ["user_bias"] - parts["movie_bias"]\n    return parts → .sum(axis=1)\n    return parts.astype(object)


# %% 3.1 right · with insert and eval
def take_apart(ratings, mean, user_bias, movie_bias):
    parts = ratings[["rating"]].copy()
    parts["mean"] = float(mean)
    parts["user_bias"] = [user_bias[row] for row in ratings["user"]]
    parts["movie_bias"] = movie_bias[ratings["movie"].to_numpy()]
    parts["rest"] = parts.eval("rating - mean - user_bias - movie_bias")
    return parts.drop(columns="rating")


# %% 3.2 wrong · another L2 by default
# says: With the default arguments
# base: wrong · L2 on the users only
# replace: 5e-5 → 5e-4
# replace: name="movie_bias" → penalty, name="movie_bias"


# %% 3.2 wrong · the mean as a weight that is learned
# says: more weights than it should
# base: right · the mean as a constant weight
# replace: trainable=False, name → name


# %% 3.2 right · the mean as a constant weight
def build_bias_model(n_users, n_movies, mean, l2=5e-5):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    penalty = keras.regularizers.L2(l2)
    one = layers.Embedding(n_users, 1, "zeros", penalty, name="user_bias")(user)
    other = layers.Embedding(n_movies, 1, "zeros", penalty, name="movie_bias")(movie)
    start = keras.initializers.Constant(mean)
    level = layers.Embedding(1, 1, start, trainable=False, name="mean")(0 * user)
    return keras.Model({"user": user, "movie": movie}, one + other + level)


# %% 3.2 right · a layer of one's own that keeps the mean
class AddMean(layers.Layer):
    def __init__(self, mean):
        super().__init__()
        self.mean = self.add_weight(
            shape=(), initializer=keras.initializers.Constant(mean), trainable=False
        )

    def call(self, deviation):
        return deviation + self.mean


def build_bias_model(n_users, n_movies, mean, l2=5e-5):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    penalty = keras.regularizers.L2(l2)
    one = layers.Embedding(n_users, 1, "zeros", penalty, name="user_bias")(user)
    other = layers.Embedding(n_movies, 1, "zeros", penalty, name="movie_bias")(movie)
    return keras.Model({"user": user, "movie": movie}, AddMean(mean)(one + other))


# %% 3.2 right · a subclass with the mean as a constant weight
class Biases(keras.Model):
    def __init__(self, n_users, n_movies, mean, penalty):
        super().__init__()
        self.one = layers.Embedding(n_users, 1, "zeros", penalty, name="user_bias")
        self.other = layers.Embedding(n_movies, 1, "zeros", penalty, name="movie_bias")
        self.mean = keras.Variable(mean, trainable=False)

    def call(self, pairs):
        return self.mean + self.one(pairs["user"]) + self.other(pairs["movie"])


def build_bias_model(n_users, n_movies, mean, l2=5e-5):
    return Biases(n_users, n_movies, mean, keras.regularizers.L2(l2))


# %% 3.3 wrong · rounded to four digits
# says: but rounded
def share_that_stays(l2, n_ratings, n_train):
    return round(n_ratings / (n_ratings + l2 * n_train), 4)


# %% 3.3 wrong · rounded to two digits
# says: another share of the bias stays | but rounded
import numpy as np


def share_that_stays(l2, n_ratings, n_train):
    return np.round(n_ratings / (n_ratings + l2 * n_train), 2)


# %% 3.3 wrong · nothing
# says: All or nothing?
def share_that_stays(l2, n_ratings, n_train):
    return 0.0


# %% 3.3 wrong · an array of one share
# says: should return one number
import numpy as np


def share_that_stays(l2, n_ratings, n_train):
    return np.array([n_ratings / (n_ratings + l2 * n_train)])


# %% 3.3 right · by exponentials
import numpy as np


def share_that_stays(l2, n_ratings, n_train):
    return np.exp(
        np.log(n_ratings) - np.logaddexp(np.log(n_ratings), np.log(l2 * n_train))
    )


# %% 3.4 wrong · inputs of shape (1,)
# says: The inputs should have the shape `()`
def build_dot_bias_model(
    n_users, n_movies, mean, n_factors=64, l2=1.5e-4, bias_l2=5e-5
):
    user = keras.Input(shape=(1,), dtype="int32", name="user")
    movie = keras.Input(shape=(1,), dtype="int32", name="movie")
    a, b = keras.regularizers.L2(l2), keras.regularizers.L2(bias_l2)
    p = layers.Embedding(n_users, n_factors, "normal", a, name="user_factors")(user)
    q = layers.Embedding(n_movies, n_factors, "normal", a, name="movie_factors")(movie)
    one = layers.Embedding(n_users, 1, "zeros", b, name="user_bias")(user)
    other = layers.Embedding(n_movies, 1, "zeros", b, name="movie_bias")(movie)
    match = layers.Flatten()(layers.Dot(axes=-1)([p, q]))
    rating = match + layers.Flatten()(one) + layers.Flatten()(other) + mean
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 3.4 right · one layer used twice
def build_dot_bias_model(
    n_users, n_movies, mean, n_factors=64, l2=1.5e-4, bias_l2=5e-5
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    a, b = keras.regularizers.L2(l2), keras.regularizers.L2(bias_l2)
    p = layers.Embedding(n_users, n_factors, "normal", a, name="user_factors")(user)
    q = layers.Embedding(n_movies, n_factors, "normal", a, name="movie_factors")(movie)
    one = layers.Embedding(n_users, 1, "zeros", b, name="user_bias")(user)
    other = layers.Embedding(n_movies, 1, "zeros", b, name="movie_bias")(movie)
    flat = layers.Flatten()
    rating = layers.Dot(axes=-1)([flat(p), flat(q)]) + one + other + mean
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 3.4 wrong · the two L2 exchanged by default
# says: With the default arguments
# base: wrong · a list of inputs
# replace: 1.5e-4, bias_l2=5e-5 → 5e-5, bias_l2=1.5e-4
# replace: [user, movie] → {"user": user, "movie": movie}


# %% 3.4 right · one table of factors starts at zero, the mean is a constant weight
def build_dot_bias_model(
    n_users, n_movies, mean, n_factors=64, l2=1.5e-4, bias_l2=5e-5
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    a, b = keras.regularizers.L2(l2), keras.regularizers.L2(bias_l2)
    p = layers.Embedding(n_users, n_factors, "zeros", a, name="user_factors")(user)
    q = layers.Embedding(n_movies, n_factors, "normal", a, name="movie_factors")(movie)
    one = layers.Embedding(n_users, 1, "zeros", b, name="user_bias")(user)
    other = layers.Embedding(n_movies, 1, "zeros", b, name="movie_bias")(movie)
    level = layers.Embedding(
        1, 1, keras.initializers.Constant(mean), trainable=False, name="level"
    )(keras.ops.zeros_like(user))
    rating = layers.Add()([layers.Dot(axes=-1)([p, q]), one, other, level])
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 3.5 wrong · one movie too many
# says: should have
# base: wrong · best upwards
# replace: , by_bias.head(n) → [::-1], by_bias.head(n + 1)


# %% 3.5 wrong · ten by default
# says: should have 8 movies
# base: wrong · best upwards
# replace: n=8 → n=10
# replace: , by_bias → [::-1], by_bias


# %% 3.5 wrong · sorts the titles it was given
# says: changes its argument `titles`
import numpy as np


def extreme_movies(model, titles, n=8):
    (bias,) = model.get_layer("movie_bias").get_weights()
    order = np.argsort(bias[:, 0])
    titles[:] = titles[order]
    by_bias = pd.Series(bias[order, 0], index=titles.copy())
    return by_bias.tail(n)[::-1], by_bias.head(n)


# %% 3.5 wrong · as texts
# says: array of numbers | dtype
# base: wrong · best upwards
# replace: , by_bias.head(n) → [::-1].map("{:.2f}".format), by_bias.head(n).map(\n        "{:.2f}".format\n    )


# %% 3.5 right · a frame sorted twice
def extreme_movies(model, titles, n=8):
    bias = model.get_layer("movie_bias").get_weights()[0][:, 0]
    frame = pd.DataFrame({"title": titles, "bias": bias.astype("float64")})
    frame = frame.sort_values("bias", ascending=False).set_index("title")["bias"]
    return frame.iloc[:n], frame.iloc[::-1].iloc[:n]


# %% 3.6 wrong · shrunken means
# says: not always the one | with the lowest bias
def flattered_user(train, mean, user_bias):
    groups = (train["rating"] - mean).groupby(train["user"])
    return int((groups.sum() / (groups.size() + 5) - user_bias).idxmax())


# %% 3.6 wrong · whole stars
# says: not always the one
# base: wrong · median
# replace: .groupby("user")["rating"].median → ["rating"].astype(int).groupby(train["user"]).mean


# %% 3.6 wrong · whole differences
# says: not always the one
# base: wrong · how much
# replace: (deviation - user_bias).max() → int((10 * (deviation - user_bias)).astype(int).idxmax())


# %% 3.6 wrong · times the root of n
# says: not always the one
import numpy as np


def flattered_user(train, mean, user_bias):
    groups = train.groupby("user")["rating"]
    return int(((groups.mean() - mean - user_bias) * np.sqrt(groups.size())).idxmax())


# %% 3.6 wrong · sums of differences
# says: not always the one
# base: right · rest by rest
# replace: mean().sort_values().index[-1] → sum().idxmax()


# %% 3.6 wrong · rounded biases
# says: not always the one
# base: wrong · how much
# replace: (deviation - user_bias).max() → int((deviation.round(1) - user_bias.round(1)).idxmax())


# %% 3.6 wrong · users as bytes
# says: not always the one | no user | Your code stopped
def flattered_user(train, mean, user_bias):
    deviation = train["rating"].groupby(train["user"].astype("uint8")).mean() - mean
    return int((deviation - user_bias[deviation.index]).idxmax())


# %% 3.6 wrong · a float
# says: should return an int
# base: wrong · median
# replace: median() - mean\n    return int → mean() - mean\n    return float


# %% 3.6 wrong · shifts the biases it was given
# says: changes its argument `user_bias`
def flattered_user(train, mean, user_bias):
    user_bias += mean
    return int((train.groupby("user")["rating"].mean() - user_bias).idxmax())


# %% 3.6 wrong · a constant
# says: not always the one
def flattered_user(train, mean, user_bias):
    return 3


# %% 3.6 right · the mean does not matter
import numpy as np


def flattered_user(train, mean, user_bias):
    means = train.groupby("user")["rating"].mean().sort_index().to_numpy()
    return int(np.argmax(means - np.asarray(user_bias)))


# %% 3.6 right · a frame joined with the biases
def flattered_user(train, mean, user_bias):
    users = train.groupby("user", as_index=False)["rating"].mean()
    users = users.join(pd.Series(user_bias, name="bias"), on="user")
    users["flattery"] = users["rating"] - mean - users["bias"]
    return users.sort_values("flattery", ascending=False)["user"].iloc[0]


# %% 3.7 wrong · frozen
# says: changes its argument `model`
def movie_part(model, layer_name):
    part = keras.Model(model.input["movie"], model.get_layer(layer_name).output)
    part.trainable = False
    return part


# %% 3.7 wrong · a frozen layer
# says: changes its argument `model`
def movie_part(model, layer_name):
    layer = model.get_layer(layer_name)
    layer.trainable = False
    return keras.Model(model.input["movie"], layer.output)


# %% 3.7 wrong · a clone
# says: That part is a copy
def movie_part(model, layer_name):
    part = keras.Model(model.input["movie"], model.get_layer(layer_name).output)
    copy = keras.models.clone_model(part)
    copy.set_weights(part.get_weights())
    return copy


# %% 3.7 wrong · doubled
# says: Those are not the rows
def movie_part(model, layer_name):
    rows = model.get_layer(layer_name).output
    return keras.Model(model.input["movie"], 2 * rows)


# %% 3.7 right · a subclass that asks the layer
class Part(keras.Model):
    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def call(self, rows):
        return self.layer(rows)


def movie_part(model, layer_name):
    return Part(model.get_layer(layer_name))


# %% 3.2 wrong · hides row 0
# says: Row 0 is hidden from training
def build_bias_model(n_users, n_movies, mean, l2=5e-5):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    penalty = keras.regularizers.L2(l2)
    one = layers.Embedding(
        n_users, 1, "zeros", penalty, mask_zero=True, name="user_bias"
    )(user)
    other = layers.Embedding(
        n_movies, 1, "zeros", penalty, mask_zero=True, name="movie_bias"
    )(movie)
    rating = layers.Rescaling(1.0, offset=mean)(layers.Add()([one, other]))
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 3.2 wrong · no gradient for the movies
# says: do not reach `movie_bias`
# base: wrong · hides row 0
# replace: "zeros", penalty, mask_zero=True, name="user_bias" → "zeros", penalty, name="user_bias"
# replace: "zeros", penalty, mask_zero=True, name="movie_bias" → "zeros", penalty, name="movie_bias"
# replace: [one, other] → [one, keras.ops.stop_gradient(other)]


# %% 3.2 wrong · remembers its models
# says: Two calls gave one and the same model
# base: wrong · hides row 0
# replace: def build_bias_model → import functools\n\n\n@functools.cache\ndef build_bias_model
# replace: "zeros", penalty, mask_zero=True, name="user_bias" → "zeros", penalty, name="user_bias"
# replace: "zeros", penalty, mask_zero=True, name="movie_bias" → "zeros", penalty, name="movie_bias"


# %% 3.4 right · tables by a function of their own
def build_dot_bias_model(
    n_users, n_movies, mean, n_factors=64, l2=1.5e-4, bias_l2=5e-5
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    a, b = keras.regularizers.L2(l2), keras.regularizers.L2(bias_l2)

    def table(n_rows, n_columns, start, penalty, name, rows):
        return layers.Embedding(n_rows, n_columns, start, penalty, name=name)(rows)

    p = table(n_users, n_factors, "uniform", a, "user_factors", user)
    q = table(n_movies, n_factors, "uniform", a, "movie_factors", movie)
    one = table(n_users, 1, "zeros", b, "user_bias", user)
    other = table(n_movies, 1, "zeros", b, "movie_bias", movie)
    deviation = layers.Add()([one, other, layers.Dot(axes=-1)([p, q])])
    rating = layers.Rescaling(1.0, offset=mean)(deviation)
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 3.4 wrong · no gradient for the movie bias
# says: do not reach `movie_bias`
# base: right · tables by a function of their own
# replace: [one, other, → [one, keras.ops.stop_gradient(other),


# %% 3.4 wrong · a seed inside
# says: The function sets a seed
# base: right · tables by a function of their own
# replace: a, b = → keras.utils.set_random_seed(0)\n    a, b =


# %% 3.5 wrong · all that are as high as the last one
# says: also where several movies have the last one's bias
def extreme_movies(model, titles, n=8):
    (bias,) = model.get_layer("movie_bias").get_weights()
    by_bias = pd.Series(bias.ravel(), index=titles)
    return by_bias.nlargest(n, keep="all"), by_bias.nsmallest(n, keep="all")


# %% 3.5 wrong · drops biases that are there twice
# says: several movies have the
def extreme_movies(model, titles, n=8):
    (bias,) = model.get_layer("movie_bias").get_weights()
    by_bias = pd.Series(bias.ravel(), index=titles).drop_duplicates()
    return by_bias.nlargest(n), by_bias.nsmallest(n)


# %% 3.7 wrong · a clone of the part
# says: That part has new layers
def movie_part(model, layer_name):
    part = keras.Model(model.input["movie"], model.get_layer(layer_name).output)
    return keras.models.clone_model(part)


# %% 3.7 wrong · a function instead of a model
# says: a function
def movie_part(model, layer_name):
    layer = model.get_layer(layer_name)
    return lambda rows: layer(rows)


# %% 3.7 wrong · the layer, shown by its type
# says: an Embedding
def movie_part(model, layer_name):
    return model.get_layer(layer_name)
