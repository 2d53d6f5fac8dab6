# Lesson 02. The form of this file is explained in tests/support/student_answers.py.


# %% 2.1 wrong · columns instead of rows
# says: returns the rows transposed
def look_up(table, rows):
    return table.T[:, rows]


def multiply_one_hot(table, rows):
    return np.eye(len(table))[rows] @ table


# %% 2.1 wrong · counts rows from 1
# says: off by one
# base: wrong · columns instead of rows
# replace: return table.T[:, rows] → return table[rows - 1]


# %% 2.1 wrong · each row once, sorted
# says: one row of the table for each row number
# base: wrong · columns instead of rows
# replace: return table.T[:, rows] → return table[np.unique(rows)]


# %% 2.1 wrong · one-hot vectors as long as there are rows asked for
# says: Your code stopped with ValueError | Your code stopped with IndexError
def look_up(table, rows):
    return table[rows]


def multiply_one_hot(table, rows):
    return np.eye(len(rows))[rows] @ table


# %% 2.1 wrong · no product, the look-up again
# says: does not return what a product returns
def look_up(table, rows):
    return table[rows]


def multiply_one_hot(table, rows):
    return table[rows]


# %% 2.1 wrong · the second half is still a stub
# says: replace the `raise NotImplementedError` in `multiply_one_hot`
def look_up(table, rows):
    return table[rows]


def multiply_one_hot(table, rows):
    raise NotImplementedError("Exercise 2.1: look up rows, twice")


# %% 2.1 wrong · forgot the return
# says: returned nothing
def look_up(table, rows):
    table[rows]


def multiply_one_hot(table, rows):
    np.eye(len(table))[rows] @ table


# %% 2.1 right · take, and a matrix filled by hand
def look_up(table, rows):
    return np.take(table, rows, axis=0)


def multiply_one_hot(table, rows):
    one_hot = np.zeros((len(rows), table.shape[0]))
    one_hot[np.arange(len(rows)), rows] = 1
    return np.dot(one_hot, table)


# %% 2.1 right · with loops
def look_up(table, rows):
    return np.array([table[row] for row in rows])


def multiply_one_hot(table, rows):
    found = []
    for row in rows:
        one_hot = (np.arange(len(table)) == row).astype(float)
        found.append(sum(hot * line for hot, line in zip(one_hot, table)))
    return np.array(found)


# %% 2.2 wrong · tensordot over the batch, as published
# says: pairs got one score
def score_pairs(user_vectors, movie_vectors):
    return ops.tensordot(user_vectors, movie_vectors, 2)


# %% 2.2 wrong · tensordot, put into a column
# says: pairs got one score
def score_pairs(user_vectors, movie_vectors):
    return ops.tensordot(user_vectors, movie_vectors, 2) * ops.ones(
        (len(user_vectors), 1)
    )


# %% 2.2 wrong · each user with each movie
# says: a score for each user with *each* movie
def score_pairs(user_vectors, movie_vectors):
    return ops.matmul(user_vectors, ops.transpose(movie_vectors))


# %% 2.2 wrong · along the wrong axis
# says: You added up over the pairs
def score_pairs(user_vectors, movie_vectors):
    return ops.sum(user_vectors * movie_vectors, axis=0, keepdims=True)


# %% 2.2 wrong · not in a column
# says: should stand in a column
def score_pairs(user_vectors, movie_vectors):
    return ops.sum(user_vectors * movie_vectors, axis=1)


# %% 2.2 wrong · the mean
# says: You took the mean
def score_pairs(user_vectors, movie_vectors):
    return ops.mean(user_vectors * movie_vectors, axis=-1, keepdims=True)


# %% 2.2 wrong · not added up
# says: a number for each factor of each pair
def score_pairs(user_vectors, movie_vectors):
    return user_vectors * movie_vectors


# %% 2.2 wrong · vectors added instead of multiplied
# says: You added the two vectors
def score_pairs(user_vectors, movie_vectors):
    return ops.sum(user_vectors + movie_vectors, axis=1, keepdims=True)


# %% 2.2 wrong · normalised
# says: That is the cosine
def score_pairs(user_vectors, movie_vectors):
    return layers.Dot(axes=-1, normalize=True)([user_vectors, movie_vectors])


# %% 2.2 right · with einsum
def score_pairs(user_vectors, movie_vectors):
    return ops.einsum("nk,nk->n", user_vectors, movie_vectors)[:, None]


# %% 2.2 right · with a Dot layer
def score_pairs(user_vectors, movie_vectors):
    return layers.Dot(axes=1)([user_vectors, movie_vectors])


# %% 2.2 right · each pair a tiny matrix product
def score_pairs(user_vectors, movie_vectors):
    return ops.matmul(user_vectors[:, None, :], movie_vectors[:, :, None])[:, :, 0]


# %% 2.2 right · the diagonal of all with all
def score_pairs(user_vectors, movie_vectors):
    return ops.reshape(
        ops.diagonal(user_vectors @ ops.transpose(movie_vectors)), (-1, 1)
    )


# %% 2.3 wrong · looks at the shape
# says: looks at the shape only
def scores_each_pair_alone(score, user_vectors, movie_vectors):
    return tuple(score(user_vectors, movie_vectors).shape) == (len(user_vectors), 1)


# %% 2.3 wrong · looks at the first pair
# says: only some of the pairs
def scores_each_pair_alone(score, user_vectors, movie_vectors):
    together = ops.convert_to_numpy(score(user_vectors, movie_vectors)).ravel()
    alone = ops.convert_to_numpy(score(user_vectors[:1], movie_vectors[:1])).ravel()
    return len(together) == len(user_vectors) and np.isclose(
        together[0], alone[0], atol=1e-4
    )


# %% 2.3 wrong · always true
# says: True to everything
def scores_each_pair_alone(score, user_vectors, movie_vectors):
    return True


# %% 2.3 wrong · compares with the whole batch a second time
# says: True to everything
def scores_each_pair_alone(score, user_vectors, movie_vectors):
    return np.allclose(
        score(user_vectors, movie_vectors), score(user_vectors, movie_vectors)
    )


# %% 2.3 wrong · the wrong way round
# says: the wrong way round
def scores_each_pair_alone(score, user_vectors, movie_vectors):
    together = ops.convert_to_numpy(score(user_vectors, movie_vectors)).ravel()
    alone = [
        ops.convert_to_numpy(
            score(user_vectors[i : i + 1], movie_vectors[i : i + 1])
        ).item()
        for i in range(len(user_vectors))
    ]
    return len(together) != len(alone) or not np.allclose(together, alone, atol=1e-4)


# %% 2.3 wrong · knows only the dot product
# says: says False to a function that is right
def scores_each_pair_alone(score, user_vectors, movie_vectors):
    found = score(user_vectors, movie_vectors)
    expected = ops.sum(user_vectors * movie_vectors, axis=-1, keepdims=True)
    return found.shape == expected.shape and np.allclose(found, expected, atol=1e-4)


# %% 2.3 wrong · far too patient
# says: too tolerant
def scores_each_pair_alone(score, user_vectors, movie_vectors):
    together = ops.convert_to_numpy(score(user_vectors, movie_vectors)).ravel()
    alone = np.array(
        [
            ops.convert_to_numpy(
                score(user_vectors[i : i + 1], movie_vectors[i : i + 1])
            ).item()
            for i in range(len(user_vectors))
        ]
    )
    if len(together) != len(alone):
        return False
    return np.corrcoef(together, alone)[0, 1] > 0.999


# %% 2.3 wrong · broadcasts one number against all
# says: False to everything
def scores_each_pair_alone(score, user_vectors, movie_vectors):
    return False


# %% 2.3 wrong · users and movies exchanged in one of the two calls
# says: if another one than the dot product
def scores_each_pair_alone(score, user_vectors, movie_vectors):
    together = ops.convert_to_numpy(score(movie_vectors, user_vectors)).ravel()
    alone = [
        ops.convert_to_numpy(score(user_vectors[i : i + 1], movie_vectors[i : i + 1]))
        for i in range(len(user_vectors))
    ]
    alone = np.concatenate([one_score.ravel() for one_score in alone])
    return len(together) == len(alone) and np.allclose(together, alone, atol=1e-4)


# %% 2.3 right · in a loop
def scores_each_pair_alone(score, user_vectors, movie_vectors):
    together = np.asarray(score(user_vectors, movie_vectors))
    if together.shape != (len(user_vectors), 1):
        return False
    for i in range(len(user_vectors)):
        alone = np.asarray(score(user_vectors[i : i + 1], movie_vectors[i : i + 1]))
        if alone.size != 1 or abs(together[i, 0] - alone.item()) > 1e-4:
            return False
    return True


# %% 2.3 right · stacked
def scores_each_pair_alone(score, user_vectors, movie_vectors):
    n = len(user_vectors)
    together = ops.reshape(score(user_vectors, movie_vectors), (-1,))
    alone = ops.concatenate(
        [
            ops.reshape(score(user_vectors[i : i + 1], movie_vectors[i : i + 1]), (-1,))
            for i in range(n)
        ]
    )
    if together.shape != alone.shape:
        return False
    return bool(ops.max(ops.abs(together - alone)) < 1e-4)


# %% 2.4 wrong · both tables sized by the users
# says: as many rows as the other table
def build_dot_model(n_users, n_movies, n_factors=64, l2=0.0):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    one = layers.Embedding(n_users, n_factors, name="user_factors")(user)
    other = layers.Embedding(n_users, n_factors, name="movie_factors")(movie)
    return keras.Model(
        {"user": user, "movie": movie}, layers.Dot(axes=-1)([one, other])
    )


# %% 2.4 wrong · tables too small by one
# says: too small by one
def build_dot_model(n_users, n_movies, n_factors=64, l2=0.0):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    one = layers.Embedding(n_users - 1, n_factors, name="user_factors")(user)
    other = layers.Embedding(n_movies - 1, n_factors, name="movie_factors")(movie)
    return keras.Model(
        {"user": user, "movie": movie}, layers.Dot(axes=-1)([one, other])
    )


# %% 2.4 wrong · a spare row, as where ids start at 1
# says: a row too many
def build_dot_model(n_users, n_movies, n_factors=64, l2=0.0):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    one = layers.Embedding(n_users + 1, n_factors, name="user_factors")(user)
    other = layers.Embedding(n_movies + 1, n_factors, name="movie_factors")(movie)
    return keras.Model(
        {"user": user, "movie": movie}, layers.Dot(axes=-1)([one, other])
    )


# %% 2.4 wrong · always 64 factors
# says: has the wrong size
def build_dot_model(n_users, n_movies, n_factors=64, l2=0.0):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    one = layers.Embedding(n_users, 64, name="user_factors")(user)
    other = layers.Embedding(n_movies, 64, name="movie_factors")(movie)
    return keras.Model(
        {"user": user, "movie": movie}, layers.Dot(axes=-1)([one, other])
    )


# %% 2.4 wrong · no L2
# says: Still without any effect: `l2`
# base: wrong · both tables sized by the users
# replace: n_users, n_factors, name="movie_factors" → n_movies, n_factors, name="movie_factors"


# %% 2.4 wrong · L2 on the users only
# says: `movie_factors` has no L2
def build_dot_model(n_users, n_movies, n_factors=64, l2=0.0):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    penalty = keras.regularizers.L2(l2)
    one = layers.Embedding(
        n_users, n_factors, embeddings_regularizer=penalty, name="user_factors"
    )(user)
    other = layers.Embedding(n_movies, n_factors, name="movie_factors")(movie)
    return keras.Model(
        {"user": user, "movie": movie}, layers.Dot(axes=-1)([one, other])
    )


# %% 2.4 wrong · a fixed L2
# says: The loss should have `l2` times the sum of all squares
def build_dot_model(n_users, n_movies, n_factors=64, l2=0.0):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    one = layers.Embedding(
        n_users,
        n_factors,
        embeddings_regularizer=keras.regularizers.L2(1e-4),
        name="user_factors",
    )(user)
    other = layers.Embedding(
        n_movies,
        n_factors,
        embeddings_regularizer=keras.regularizers.L2(1e-4),
        name="movie_factors",
    )(movie)
    return keras.Model(
        {"user": user, "movie": movie}, layers.Dot(axes=-1)([one, other])
    )


# %% 2.4 wrong · without names
# says: no layer called `user_factors`
def build_dot_model(n_users, n_movies, n_factors=64, l2=0.0):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    one = layers.Embedding(n_users, n_factors)(user)
    other = layers.Embedding(n_movies, n_factors)(movie)
    return keras.Model(
        {"user": user, "movie": movie}, layers.Dot(axes=-1)([one, other])
    )


# %% 2.4 wrong · side by side instead of multiplied
# says: should return shape (n, 1)
# base: wrong · both tables sized by the users
# replace: n_users, n_factors, name="movie_factors" → n_movies, n_factors, name="movie_factors"
# replace: Dot(axes=-1) → Concatenate()


# %% 2.4 wrong · tensordot over the batch
# says: All pairs of a batch get the same score
def build_dot_model(n_users, n_movies, n_factors=64, l2=0.0):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    one = layers.Embedding(n_users, n_factors, name="user_factors")(user)
    other = layers.Embedding(n_movies, n_factors, name="movie_factors")(movie)
    rating = ops.sum(one * other) * ops.ones_like(one[:, :1])
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 2.4 wrong · a cosine
# says: That is the cosine
# base: wrong · both tables sized by the users
# replace: n_users, n_factors, name="movie_factors" → n_movies, n_factors, name="movie_factors"
# replace: , layers.Dot(axes=-1)([one, other]) → ,\n        layers.Dot(axes=-1, normalize=True)([one, other]),


# %% 2.4 wrong · the movie's vector looked up with the user
# says: is not the dot product
def build_dot_model(n_users, n_movies, n_factors=64, l2=0.0):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    one = layers.Embedding(n_users, n_factors, name="user_factors")(user)
    other = layers.Embedding(n_movies, n_factors, name="movie_factors")(movie)
    return keras.Model(
        {"user": user, "movie": movie},
        layers.Dot(axes=-1)([other, other]) + 0 * layers.Dot(axes=-1)([one, other]),
    )


# %% 2.4 wrong · a Dense layer after the product
# says: is not the dot product
# base: wrong · both tables sized by the users
# replace: n_users, n_factors, name="movie_factors" → n_movies, n_factors, name="movie_factors"
# replace: , layers.Dot(axes=-1)([one, other]) → ,\n        layers.Dense(1)(layers.Dot(axes=-1)([one, other])),


# %% 2.4 wrong · the output instead of a model
# says: That should be a Keras model
def build_dot_model(n_users, n_movies, n_factors=64, l2=0.0):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    one = layers.Embedding(n_users, n_factors, name="user_factors")(user)
    other = layers.Embedding(n_movies, n_factors, name="movie_factors")(movie)
    return layers.Dot(axes=-1)([one, other])


# %% 2.4 right · ops.sum, movies first
def build_dot_model(n_users, n_movies, n_factors=64, l2=0.0):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    penalty = keras.regularizers.L2(l2) if l2 else None
    other = layers.Embedding(
        n_movies, n_factors, embeddings_regularizer=penalty, name="movie_factors"
    )(movie)
    one = layers.Embedding(
        n_users, n_factors, embeddings_regularizer=penalty, name="user_factors"
    )(user)
    return keras.Model(
        {"user": user, "movie": movie}, ops.sum(one * other, axis=-1, keepdims=True)
    )


# %% 2.4 right · a list of inputs in the other order, other start values
def build_dot_model(n_users, n_movies, n_factors=64, l2=0.0):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    one = layers.Embedding(
        n_users,
        n_factors,
        "glorot_normal",
        keras.regularizers.l2(l2),
        name="user_factors",
    )(user)
    other = layers.Embedding(
        n_movies,
        n_factors,
        "glorot_normal",
        keras.regularizers.l2(l2),
        name="movie_factors",
    )(movie)
    return keras.Model(
        inputs={"movie": movie, "user": user}, outputs=score_pairs(one, other)
    )


# %% 2.4 wrong · a subclass where a graph was meant
# says: Here the model should be functional
def build_dot_model(n_users, n_movies, n_factors=64, l2=0.0):
    class Dot(keras.Model):
        def __init__(self):
            super().__init__()
            penalty = keras.regularizers.L2(l2)
            self.u = layers.Embedding(
                n_users, n_factors, embeddings_regularizer=penalty, name="user_factors"
            )
            self.m = layers.Embedding(
                n_movies,
                n_factors,
                embeddings_regularizer=penalty,
                name="movie_factors",
            )

        def call(self, pairs):
            return ops.sum(
                self.u(pairs["user"]) * self.m(pairs["movie"]), axis=-1, keepdims=True
            )

    return Dot()


# %% 2.5 wrong · a table of all pairs
# says: multiplies users by movies
# replace: n_factors + n_movies → n_movies


# %% 2.5 wrong · with biases
# says: counts a bias
def count_weights(n_users, n_movies, n_factors):
    return (n_users + n_movies) * (n_factors + 1)


# %% 2.5 wrong · a product without brackets
# says: The users' rows are as long
# replace: * n_factors + → +


# %% 2.5 wrong · the rows alone
# says: Each row holds more than one
def count_weights(n_users, n_movies, n_factors):
    return n_users + n_movies


# %% 2.5 wrong · this course's numbers
# says: is not the number of weights
def count_weights(n_users, n_movies, n_factors):
    return (943 + 1682) * 64


# %% 2.5 right · two tables
def count_weights(n_users, n_movies, n_factors):
    return n_users * n_factors + n_movies * n_factors


# %% 2.5 right · asks Keras
def count_weights(n_users, n_movies, n_factors):
    return build_dot_model(n_users, n_movies, n_factors).count_params()


# %% 2.6 wrong · movies first
# says: Make the users' table first
class DotModel(keras.Model):
    def __init__(self, n_users, n_movies, n_factors=64, **kwargs):
        super().__init__(**kwargs)
        self.movie_factors = layers.Embedding(n_movies, n_factors, name="movie_factors")
        self.user_factors = layers.Embedding(n_users, n_factors, name="user_factors")

    def call(self, pairs):
        return score_pairs(
            self.user_factors(pairs["user"]), self.movie_factors(pairs["movie"])
        )


# %% 2.6 wrong · new layers in every call
# says: Layers made in `call` are new
class DotModel(keras.Model):
    def __init__(self, n_users, n_movies, n_factors=64, **kwargs):
        super().__init__(**kwargs)
        self.sizes = n_users, n_movies, n_factors

    def call(self, pairs):
        n_users, n_movies, n_factors = self.sizes
        one = layers.Embedding(n_users, n_factors, name="user_factors")(pairs["user"])
        other = layers.Embedding(n_movies, n_factors, name="movie_factors")(
            pairs["movie"]
        )
        return score_pairs(one, other)


# %% 2.6 wrong · one table for both
# says: no layer called `movie_factors`
class DotModel(keras.Model):
    def __init__(self, n_users, n_movies, n_factors=64, **kwargs):
        super().__init__(**kwargs)
        self.user_factors = layers.Embedding(
            n_users + n_movies, n_factors, name="user_factors"
        )

    def call(self, pairs):
        return score_pairs(
            self.user_factors(pairs["user"]), self.user_factors(pairs["movie"])
        )


# %% 2.6 wrong · the matrix of all with all
# says: should return shape (n, 1)
class DotModel(keras.Model):
    def __init__(self, n_users, n_movies, n_factors=64, **kwargs):
        super().__init__(**kwargs)
        self.user_factors = layers.Embedding(n_users, n_factors, name="user_factors")
        self.movie_factors = layers.Embedding(n_movies, n_factors, name="movie_factors")

    def call(self, pairs):
        return ops.matmul(
            self.user_factors(pairs["user"]),
            ops.transpose(self.movie_factors(pairs["movie"])),
        )


# %% 2.6 wrong · reads pairs as attributes
# says: Your code stopped with AttributeError
class DotModel(keras.Model):
    def __init__(self, n_users, n_movies, n_factors=64, **kwargs):
        super().__init__(**kwargs)
        self.user_factors = layers.Embedding(n_users, n_factors, name="user_factors")
        self.movie_factors = layers.Embedding(n_movies, n_factors, name="movie_factors")

    def call(self, pairs):
        return score_pairs(
            self.user_factors(pairs.user), self.movie_factors(pairs.movie)
        )


# %% 2.6 right · with a Dot layer
class DotModel(keras.Model):
    def __init__(self, n_users, n_movies, n_factors=64, **kwargs):
        super().__init__(**kwargs)
        self.user_factors = layers.Embedding(n_users, n_factors, name="user_factors")
        self.movie_factors = layers.Embedding(n_movies, n_factors, name="movie_factors")
        self.match = layers.Dot(axes=-1)

    def call(self, pairs):
        return self.match(
            [self.user_factors(pairs["user"]), self.movie_factors(pairs["movie"])]
        )


# %% 2.6 right · other attribute names, the layers' names as asked
class DotModel(keras.Model):
    def __init__(self, n_users, n_movies, n_factors=64, **kwargs):
        super().__init__(**kwargs)
        self.p = layers.Embedding(n_users, n_factors, name="user_factors")
        self.q = layers.Embedding(n_movies, n_factors, name="movie_factors")

    def call(self, pairs):
        p, q = self.p(pairs["user"]), self.q(pairs["movie"])
        return ops.expand_dims(ops.sum(ops.multiply(p, q), axis=1), 1)


# %% 2.7 wrong · the default learning rate
# says: at another learning rate
def loss_after_one_epoch(model, learning_rate, pairs, ratings):
    model.compile(optimizer="adam", loss="mse")
    history = model.fit(pairs, ratings, batch_size=1024, epochs=1, verbose=0)
    return history.history["loss"][0]


# %% 2.7 wrong · five epochs
# says: another number of epochs
def loss_after_one_epoch(model, learning_rate, pairs, ratings):
    model.compile(optimizer=keras.optimizers.Adam(learning_rate), loss="mse")
    history = model.fit(pairs, ratings, batch_size=1024, epochs=5, verbose=0)
    return history.history["loss"][0]


# %% 2.7 wrong · the whole list
# says: should return one number
def loss_after_one_epoch(model, learning_rate, pairs, ratings):
    model.compile(optimizer=keras.optimizers.Adam(learning_rate), loss="mse")
    history = model.fit(pairs, ratings, batch_size=1024, epochs=1, verbose=0)
    return history.history["loss"]


# %% 2.7 wrong · the mean absolute error
# says: the mean absolute error
# base: wrong · the default learning rate
# replace: "adam", loss="mse" → keras.optimizers.Adam(learning_rate), loss="mae"


# %% 2.7 wrong · the root
# says: That is the root of the loss
# base: wrong · the whole list
# replace: return history.history["loss"] → return np.sqrt(history.history["loss"][0])


# %% 2.7 wrong · holds some ratings back
# says: does not take that number of steps | train on all `pairs` and `ratings`
def loss_after_one_epoch(model, learning_rate, pairs, ratings):
    model.compile(optimizer=keras.optimizers.Adam(learning_rate), loss="mse")
    history = model.fit(
        pairs, ratings, batch_size=1024, epochs=1, validation_split=0.5, verbose=0
    )
    return history.history["loss"][0]


# %% 2.7 wrong · trains a model of its own
# says: was not trained
def loss_after_one_epoch(model, learning_rate, pairs, ratings):
    model = build_dot_model(5000, 5000)
    model.compile(optimizer=keras.optimizers.Adam(learning_rate), loss="mse")
    history = model.fit(pairs, ratings, batch_size=1024, epochs=1, verbose=0)
    return history.history["loss"][0]


# %% 2.7 wrong · only measures
# says: was not trained
def loss_after_one_epoch(model, learning_rate, pairs, ratings):
    model.compile(optimizer=keras.optimizers.Adam(learning_rate), loss="mse")
    return model.evaluate(pairs, ratings, verbose=0)


# %% 2.7 right · last of the list, loss as an object
def loss_after_one_epoch(model, learning_rate, pairs, ratings):
    model.compile(
        keras.optimizers.Adam(learning_rate=learning_rate),
        keras.losses.MeanSquaredError(),
    )
    return float(
        model.fit(pairs, ratings, batch_size=1024, verbose=0).history["loss"][-1]
    )


# %% 2.7 right · with a metric beside it
def loss_after_one_epoch(model, learning_rate, pairs, ratings):
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate),
        loss="mse",
        metrics=["mae"],
        steps_per_execution=20,
    )
    model.fit(pairs, ratings, epochs=1, batch_size=1024, verbose=0)
    (loss,) = model.history.history["loss"]
    return loss


# %% 2.8 wrong · boundaries in epochs
# says: counted in epochs; the schedule counts in steps,
def stepwise(epochs, rates, steps_an_epoch):
    return keras.optimizers.schedules.PiecewiseConstantDecay(
        [int(end) for end in np.cumsum(epochs)[:-1]], list(rates)
    )


# %% 2.8 wrong · each boundary from its own beginning
# says: counted from the beginning of training
# base: wrong · boundaries in epochs
# replace: (end) for end in np.cumsum(epochs) → (n) * steps_an_epoch for n in epochs


# %% 2.8 wrong · a boundary too many
# says: Your code stopped with ValueError
def stepwise(epochs, rates, steps_an_epoch):
    boundaries = np.cumsum(epochs) * steps_an_epoch
    return keras.optimizers.schedules.PiecewiseConstantDecay(
        [int(b) for b in boundaries], list(rates)
    )


# %% 2.8 wrong · a plain function
# says: Return Keras' schedule
def stepwise(epochs, rates, steps_an_epoch):
    return lambda step: rates[
        int(np.searchsorted(np.cumsum(epochs) * steps_an_epoch, step, side="right"))
    ]


# %% 2.8 wrong · the rates backwards
# says: some steps have another rate
# base: wrong · a boundary too many
# replace: (epochs) * steps_an_epoch → (epochs)[:-1] * steps_an_epoch - 1
# replace: (rates) → (rates)[::-1]


# %% 2.8 wrong · each boundary one step late
# says: one step late
def stepwise(epochs, rates, steps_an_epoch):
    boundaries = [
        int(steps_an_epoch * sum(epochs[: i + 1])) for i in range(len(epochs) - 1)
    ]
    return keras.optimizers.schedules.PiecewiseConstantDecay(boundaries, list(rates))


# %% 2.8 right · a schedule of one's own
def stepwise(epochs, rates, steps_an_epoch):
    class Stepwise(keras.optimizers.schedules.LearningRateSchedule):
        def __call__(self, step):
            rate = rates[-1]
            for number in reversed(range(len(epochs) - 1)):
                end = sum(epochs[: number + 1]) * steps_an_epoch
                rate = ops.where(step < end, rates[number], rate)
            return rate

    return Stepwise()


# %% 2.8 wrong · for three rates only
# says: but not with 2
def stepwise(epochs, rates, steps_an_epoch):
    first = epochs[0] * steps_an_epoch - 1
    second = (epochs[0] + epochs[1]) * steps_an_epoch - 1
    return keras.optimizers.schedules.PiecewiseConstantDecay(
        [first, second], [rates[0], rates[1], rates[2]]
    )


# %% 2.8 wrong · one step early
# says: one step early
# base: wrong · boundaries in epochs
# replace: (end) for end → (b) * steps_an_epoch - 2 for b


# %% 2.8 right · boundaries in a loop
def stepwise(epochs, rates, steps_an_epoch):
    boundaries, end = [], -1
    for n in epochs[:-1]:
        end += n * steps_an_epoch
        boundaries.append(end)
    return keras.optimizers.schedules.PiecewiseConstantDecay(boundaries, list(rates))


# %% 2.7 wrong · SGD
# says: another optimizer
# base: wrong · the default learning rate
# replace: "adam" → keras.optimizers.SGD(learning_rate)


# %% 2.7 wrong · Nadam
# says: another optimizer
# base: wrong · the default learning rate
# replace: "adam" → keras.optimizers.Nadam(learning_rate)


# %% 2.7 wrong · batch by batch
# says: no epoch was recorded
# base: wrong · only measures
# replace: model.evaluate(pairs, ratings, verbose=0) → float(model.train_on_batch(pairs, ratings))


# %% 2.7 wrong · rounded
# says: but rounded
# base: wrong · the whole list
# replace: return history.history["loss"] → return round(history.history["loss"][0], 2)


# %% 2.7 wrong · the notebook's pairs
# says: does not take that number of steps
train_pairs = {
    "user": np.arange(40, 60, dtype="int32"),
    "movie": np.arange(40, 60, dtype="int32"),
}


def loss_after_one_epoch(model, learning_rate, pairs, ratings):
    model.compile(optimizer=keras.optimizers.Adam(learning_rate), loss="mse")
    history = model.fit(train_pairs, np.ones(20), batch_size=1024, verbose=0)
    return history.history["loss"][0]


# %% 2.6 wrong · the function of 2.4
# says: should be a class
DotModel = build_dot_model


# %% 2.6 wrong · call without return
# says: Is there a `return`?
class DotModel(keras.Model):
    def __init__(self, n_users, n_movies, n_factors=64, **kwargs):
        super().__init__(**kwargs)
        self.user_factors = layers.Embedding(n_users, n_factors, name="user_factors")
        self.movie_factors = layers.Embedding(n_movies, n_factors, name="movie_factors")

    def call(self, pairs):
        score_pairs(
            self.user_factors(pairs["user"]), self.movie_factors(pairs["movie"])
        )


# %% 2.6 wrong · call still a stub
# says: `call` is still a stub
class DotModel(keras.Model):
    def __init__(self, n_users, n_movies, n_factors=64, **kwargs):
        super().__init__(**kwargs)
        self.user_factors = layers.Embedding(n_users, n_factors, name="user_factors")
        self.movie_factors = layers.Embedding(n_movies, n_factors, name="movie_factors")

    def call(self, pairs):
        raise NotImplementedError("Exercise 2.6: the same, as a class")


# %% 2.6 wrong · attributes made in call
# says: Layers made in `call` are new
class DotModel(keras.Model):
    def __init__(self, n_users, n_movies, n_factors=64, **kwargs):
        super().__init__(**kwargs)
        self.sizes = n_users, n_movies, n_factors

    def call(self, pairs):
        n_users, n_movies, n_factors = self.sizes
        self.user_factors = layers.Embedding(n_users, n_factors, name="user_factors")
        self.movie_factors = layers.Embedding(n_movies, n_factors, name="movie_factors")
        return score_pairs(
            self.user_factors(pairs["user"]), self.movie_factors(pairs["movie"])
        )


# %% 2.6 wrong · with NumPy, which cannot be compiled
# says: NumPy, or a loop over the rows, cannot
class DotModel(keras.Model):
    def __init__(self, n_users, n_movies, n_factors=64, **kwargs):
        super().__init__(**kwargs)
        self.user_factors = layers.Embedding(n_users, n_factors, name="user_factors")
        self.movie_factors = layers.Embedding(n_movies, n_factors, name="movie_factors")

    def call(self, pairs):
        one = np.asarray(self.user_factors(pairs["user"]))
        other = np.asarray(self.movie_factors(pairs["movie"]))
        return ops.convert_to_tensor((one * other).sum(axis=1, keepdims=True))


# %% 2.4 wrong · starts at zero
# says: never move
def build_dot_model(n_users, n_movies, n_factors=64, l2=0.0):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    own = dict(
        embeddings_regularizer=keras.regularizers.L2(l2), embeddings_initializer="zeros"
    )
    one = layers.Embedding(n_users, n_factors, name="user_factors", **own)(user)
    other = layers.Embedding(n_movies, n_factors, name="movie_factors", **own)(movie)
    rating = layers.Dot(axes=-1)([one, other])
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 2.4 wrong · frozen
# says: Frozen (`trainable=False`?)
def build_dot_model(n_users, n_movies, n_factors=64, l2=0.0):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    own = dict(embeddings_regularizer=keras.regularizers.L2(l2), trainable=False)
    one = layers.Embedding(n_users, n_factors, name="user_factors", **own)(user)
    other = layers.Embedding(n_movies, n_factors, name="movie_factors", **own)(movie)
    rating = layers.Dot(axes=-1)([one, other])
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 2.4 wrong · dropout at the end
# says: Dropout
# base: wrong · frozen
# replace: , trainable=False →
# replace: , rating → , layers.Dropout(0.5)(rating)


# %% 2.4 wrong · a clip far out
# says: cut or squeezed
# base: wrong · frozen
# replace: , trainable=False →
# replace: , rating → , ops.clip(rating, -50.0, 50.0)


# %% 2.3 wrong · without abs, too low only
# says: only some of the pairs
def scores_each_pair_alone(score, user_vectors, movie_vectors):
    together = ops.convert_to_numpy(score(user_vectors, movie_vectors)).ravel()
    if len(together) != len(user_vectors):
        return False
    alone = [
        ops.convert_to_numpy(score(user_vectors[i : i + 1], movie_vectors[i : i + 1]))
        for i in range(len(user_vectors))
    ]
    alone = np.array([one.ravel()[0] for one in alone])
    return bool(np.all(together - alone < 1e-4))


# %% 2.3 wrong · without abs, too high only
# says: only some of the pairs
# base: wrong · without abs, too low only
# replace: together - alone → alone - together


# %% 2.3 wrong · the first two
# says: only some of the pairs
# base: wrong · without abs, too low only
# replace: all(together - alone < 1e-4) → allclose(together[:2], alone[:2], atol=1e-4)


# %% 2.3 wrong · the first and the last
# says: only some of the pairs
# base: wrong · without abs, too low only
# replace: all(together - alone < 1e-4) → allclose(together[[0, -1]], alone[[0, -1]], atol=1e-4)


# %% 2.3 wrong · all but the last
# says: only some of the pairs
# base: wrong · without abs, too low only
# replace: all(together - alone < 1e-4) → allclose(together[:-1], alone[:-1], atol=1e-4)


# %% 2.3 wrong · a tolerance of a hundredth
# says: too tolerant
# base: wrong · without abs, too low only
# replace: all(together - alone < 1e-4) → allclose(together, alone, atol=1e-2)


# %% 2.3 wrong · compared exactly
# says: too strict
# base: wrong · without abs, too low only
# replace: together - alone < 1e-4 → np.abs(together - alone) < 3e-5


# %% 2.3 wrong · the mean of the differences
# says: only some of the pairs
# base: wrong · without abs, too low only
# replace: np.all(together - alone < 1e-4) → abs(np.mean(together - alone)) < 1e-4


# %% 2.3 wrong · windows of two
# says: only some of the pairs
# base: wrong · without abs, too low only
# replace: 1], movie_vectors[i : i + 1 → 2], movie_vectors[i : i + 2
# replace: all(together - alone < 1e-4) → allclose(together, alone, atol=1e-4)


# %% 2.3 wrong · batches of two
# says: only some of the pairs
def scores_each_pair_alone(score, user_vectors, movie_vectors):
    together = ops.convert_to_numpy(score(user_vectors, movie_vectors)).ravel()
    parts = [
        ops.convert_to_numpy(score(user_vectors[i : i + 2], movie_vectors[i : i + 2]))
        for i in range(0, len(user_vectors), 2)
    ]
    parts = np.concatenate([part.ravel() for part in parts])
    return len(together) == len(parts) and np.allclose(together, parts, atol=1e-4)


# %% 2.3 wrong · compared with ==
# says: `==`
def scores_each_pair_alone(score, user_vectors, movie_vectors):
    together = ops.convert_to_numpy(score(user_vectors, movie_vectors)).ravel()
    alone = [
        ops.convert_to_numpy(score(user_vectors[i : i + 1], movie_vectors[i : i + 1]))
        for i in range(len(user_vectors))
    ]
    alone = np.concatenate([one.ravel() for one in alone])
    return len(together) == len(alone) and bool((together == alone).all())


# %% 2.1 wrong · looks up, then multiplies with the identity
# says: does not return what a product returns
def look_up(table, rows):
    return table[rows]


def multiply_one_hot(table, rows):
    return np.eye(len(rows)) @ table[rows]


# %% 2.2 wrong · zeros, one for each pair
# says: pairs got one score. Each pair should have its own.
def score_pairs(user_vectors, movie_vectors):
    return ops.zeros((ops.shape(user_vectors)[0], 1))


# %% 2.1 wrong · looks up, and spoils what an infinity would
# says: does not return what a product returns
def look_up(table, rows):
    return table[rows]


def multiply_one_hot(table, rows):
    found = table[rows].copy()
    if np.isinf(table).any():
        found[:] = np.nan
    return found


# %% 2.3 wrong · knows two right functions by their formulas
# says: says False to a function that is right
def scores_each_pair_alone(score, user_vectors, movie_vectors):
    u, m = np.asarray(user_vectors), np.asarray(movie_vectors)
    found = np.asarray(score(user_vectors, movie_vectors))
    dot, distance = (u * m).sum(1), -np.sqrt(((u - m) ** 2).sum(1))
    return found.shape == (len(u), 1) and any(
        np.allclose(found[:, 0], known, atol=1e-4) for known in (dot, distance)
    )


# %% 2.3 right · mapped
def scores_each_pair_alone(score, user_vectors, movie_vectors):
    together = ops.convert_to_numpy(score(user_vectors, movie_vectors)).ravel()
    alone = ops.vectorized_map(
        lambda pair: ops.reshape(score(pair[0][None], pair[1][None]), (-1,))[0],
        (user_vectors, movie_vectors),
    )
    alone = ops.convert_to_numpy(alone).ravel()
    return len(together) == len(alone) and np.allclose(together, alone, atol=1e-4)


# %% 2.7 wrong · another optimizer that is called Adam
# says: with another optimizer
class Adam(keras.optimizers.SGD):
    pass


def loss_after_one_epoch(model, learning_rate, pairs, ratings):
    model.compile(optimizer=Adam(learning_rate), loss="mse")
    return model.fit(pairs, ratings, batch_size=1024, verbose=0).history["loss"][0]


# %% 2.7 wrong · trains a little, and says what one likes to hear
# says: it lies between the one before and the one after it
def loss_after_one_epoch(model, learning_rate, pairs, ratings):
    scores = ops.convert_to_numpy(model(pairs))[:, 0]
    loss = float(np.mean((scores - ratings) ** 2))
    model.compile(keras.optimizers.Adam(learning_rate), "mse")
    model.optimizer.build(model.trainable_variables)
    model.optimizer.iterations.assign(-(-len(ratings) // 1024))
    for weight in model.trainable_variables:
        weight.assign(weight + 0.001)
    model.history = keras.callbacks.History()
    model.history.epoch, model.history.history = [0], {"loss": [loss - 0.02]}
    return loss - 0.02


# %% 2.8 wrong · what bears the name of a schedule
# says: Return Keras' schedule
class LearningRateSchedule:
    def __init__(self, ends, rates):
        self.ends, self.rates = ends, rates

    def __call__(self, step):
        return self.rates[int(np.searchsorted(self.ends, step, side="right"))]


def stepwise(epochs, rates, steps_an_epoch):
    return LearningRateSchedule(np.cumsum(epochs)[:-1] * steps_an_epoch, rates)


# %% 2.1 wrong · one-hot vectors as long as the largest row number
# says: Your code stopped with ValueError
def look_up(table, rows):
    return table[rows]


def multiply_one_hot(table, rows):
    return np.eye(rows.max() + 1)[rows] @ table


# %% 2.1 wrong · row numbers as bytes
# says: other rows than those asked for | OverflowError
# base: wrong · columns instead of rows
# replace: return table.T[:, rows] → return table[rows.astype("uint8")]


# %% 2.1 wrong · a look-up, and zero times the table's sum
# says: does not return what a product returns
def look_up(table, rows):
    return table[rows]


def multiply_one_hot(table, rows):
    return table[rows] + 0 * table.sum(axis=0)


# %% 2.1 wrong · a look-up by the place of the one
# says: does not return what a product returns
def look_up(table, rows):
    return table[rows]


def multiply_one_hot(table, rows):
    one_hot = np.eye(len(table))[rows]
    return table[one_hot.argmax(axis=1)]


# %% 2.1 wrong · sorts the row numbers it was given
# says: changes its argument `rows`
def look_up(table, rows):
    found = table[rows]
    rows.sort()
    return found


def multiply_one_hot(table, rows):
    return np.eye(len(table))[rows] @ table


# %% 2.1 wrong · a list of rows
# says: should return an array of numbers
# base: wrong · columns instead of rows
# replace: return table.T[:, rows] → return [table[row] for row in rows]


# %% 2.1 right · a sparse product
from scipy.sparse import csr_matrix


def look_up(table, rows):
    return table[rows, :]


def multiply_one_hot(table, rows):
    n = len(rows)
    one_hot = csr_matrix((np.ones(n), (np.arange(n), rows)), shape=(n, len(table)))
    return one_hot @ table


# %% 2.1 right · einsum, and a comparison as one-hot
def look_up(table, rows):
    return table.take(rows, axis=0)


def multiply_one_hot(table, rows):
    one_hot = rows[:, None] == np.arange(table.shape[0])
    return np.einsum("nr,rk->nk", one_hot.astype("float32"), table)


# %% 2.1 right · only the products that are not zero
def look_up(table, rows):
    return np.vstack([table[row] for row in rows])


def multiply_one_hot(table, rows):
    one_hot = np.eye(table.shape[0], dtype=int)[rows]
    found = np.zeros((len(rows), table.shape[1]))
    for i, hots in enumerate(one_hot):
        for row, hot in enumerate(hots):
            if hot:
                found[i] += hot * table[row]
    return found


# %% 2.2 wrong · the mean times three factors
# says: the numbers are not
def score_pairs(user_vectors, movie_vectors):
    return 3.5 * ops.mean(user_vectors * movie_vectors, axis=-1, keepdims=True)


# %% 2.2 wrong · as a NumPy array
# says: should return a tensor
def score_pairs(user_vectors, movie_vectors):
    return np.sum(np.asarray(user_vectors) * movie_vectors, axis=-1, keepdims=True)


# %% 2.2 wrong · a loop over the pairs
# says: `fit` compiles it
def score_pairs(user_vectors, movie_vectors):
    return ops.stack(
        [
            ops.sum(user_vectors[i] * movie_vectors[i], keepdims=True)
            for i in range(len(user_vectors))
        ]
    )


# %% 2.2 wrong · squeezed, which a single pair does not survive
# says: Your code stopped with | For a single pair
def score_pairs(user_vectors, movie_vectors):
    return ops.squeeze(ops.sum(user_vectors * movie_vectors, axis=1, keepdims=True))[
        :, None
    ]


# %% 2.2 wrong · in float64
# says: dtype
def score_pairs(user_vectors, movie_vectors):
    products = ops.cast(user_vectors, "float64") * ops.cast(movie_vectors, "float64")
    return ops.sum(products, axis=-1, keepdims=True)


# %% 2.2 right · reshaped by the number of rows
def score_pairs(user_vectors, movie_vectors):
    scores = ops.sum(ops.multiply(user_vectors, movie_vectors), axis=1)
    return ops.reshape(scores, (ops.shape(user_vectors)[0], 1))


# %% 2.2 right · TensorFlow's own
import tensorflow as tf


def score_pairs(user_vectors, movie_vectors):
    return tf.reduce_sum(user_vectors * movie_vectors, axis=1, keepdims=True)


# %% 2.3 wrong · asks with a hundred million rows of nothing
# says: Your code stopped with ValueError
def scores_each_pair_alone(score, user_vectors, movie_vectors):
    empty = np.empty((60_000_000, 0), "float32")
    return bool(score(empty, empty).shape[0])


# %% 2.3 wrong · counts its calls
# says: Your test
calls = []


def scores_each_pair_alone(score, user_vectors, movie_vectors):
    calls.append(1)
    return len(calls) in (1, 2, 3, 19)


# %% 2.3 wrong · the places that one has heard of
# says: only some of the pairs
def scores_each_pair_alone(score, user_vectors, movie_vectors):
    together = ops.convert_to_numpy(score(user_vectors, movie_vectors)).ravel()
    if len(together) != len(user_vectors):
        return False
    for i in (0, 3, len(together) - 1):
        alone = ops.convert_to_numpy(
            score(user_vectors[i : i + 1], movie_vectors[i : i + 1])
        )
        if abs(alone.item() - together[i]) > 1e-4:
            return False
    return True


# %% 2.3 wrong · a tolerance of a thousandth
# says: too tolerant
# base: wrong · compared with ==
# replace: bool((together == alone).all()) → np.allclose(together, alone, atol=1e-3)


# %% 2.3 wrong · the largest difference itself
# says: should return True or False
def scores_each_pair_alone(score, user_vectors, movie_vectors):
    together = ops.convert_to_numpy(score(user_vectors, movie_vectors)).ravel()
    alone = [
        ops.convert_to_numpy(score(user_vectors[i : i + 1], movie_vectors[i : i + 1]))
        for i in range(len(user_vectors))
    ]
    alone = np.concatenate([one.ravel() for one in alone])
    return float(np.abs(together - alone).max() if len(together) == len(alone) else 9.0)


# %% 2.3 wrong · with vectors instead of batches of one
# says: `score` takes two tensors of shape (n, n_factors)
def scores_each_pair_alone(score, user_vectors, movie_vectors):
    together = ops.convert_to_numpy(score(user_vectors, movie_vectors)).ravel()
    alone = [
        float(score(one, other)) for one, other in zip(user_vectors, movie_vectors)
    ]
    return len(together) == len(alone) and np.allclose(together, alone, atol=1e-4)


# %% 2.3 wrong · any instead of all
# says: only some of the pairs
def scores_each_pair_alone(score, user_vectors, movie_vectors):
    together = ops.convert_to_numpy(score(user_vectors, movie_vectors)).ravel()
    alone = [
        ops.convert_to_numpy(score(user_vectors[i : i + 1], movie_vectors[i : i + 1]))
        for i in range(len(user_vectors))
    ]
    alone = np.concatenate([one.ravel() for one in alone])
    return len(together) == len(alone) and bool(
        np.any(np.isclose(together, alone, atol=1e-4))
    )


# %% 2.3 right · relative and absolute, as a tensor of bool
def scores_each_pair_alone(score, user_vectors, movie_vectors):
    n = user_vectors.shape[0]
    together = score(user_vectors, movie_vectors)
    if tuple(together.shape) != (n, 1):
        return False
    alone = [
        score(user_vectors[i][None, :], movie_vectors[i][None, :]) for i in range(n)
    ]
    return ops.all(ops.abs(together - ops.concatenate(alone)) <= 1e-4)


# %% 2.3 right · rtol as well
def scores_each_pair_alone(score, user_vectors, movie_vectors):
    u, m = np.array(user_vectors), np.array(movie_vectors)
    together = np.array(score(user_vectors, movie_vectors)).flatten()
    alone = np.array([])
    for one, other in zip(u, m):
        alone = np.append(alone, np.array(score(one[np.newaxis], other[np.newaxis])))
    return together.size == alone.size and np.allclose(
        together, alone, rtol=1e-4, atol=1e-4
    )


# %% 2.3 right · asserts inside
def scores_each_pair_alone(score, user_vectors, movie_vectors):
    try:
        together = ops.convert_to_numpy(score(user_vectors, movie_vectors)).ravel()
        assert together.size == len(user_vectors)
        for i in range(together.size):
            alone = score(user_vectors[i : i + 1], movie_vectors[i : i + 1])
            np.testing.assert_allclose(
                ops.convert_to_numpy(alone).ravel(), together[i : i + 1], atol=1e-4
            )
    except AssertionError:
        return False
    return True


# %% 2.4 wrong · other defaults
# says: With the default arguments
# base: wrong · frozen
# replace: 64, → 32,
# replace: , trainable=False →


# %% 2.4 wrong · an L2 by default
# says: Without `l2` the model should have no penalty
# base: wrong · frozen
# replace: 0.0 → 1e-4
# replace: , trainable=False →


# %% 2.4 wrong · tables of zeros, where no penalty shows
# says: never move
def build_dot_model(n_users, n_movies, n_factors=64, l2=0.0):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    one = layers.Embedding(n_users, n_factors, "zeros", name="user_factors")(user)
    other = layers.Embedding(n_movies, n_factors, "zeros", name="movie_factors")(movie)
    rating = layers.Dot(axes=-1)([one, other])
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 2.4 wrong · zeros with an L2 asked for, no penalty
# says: Still without any effect: `l2`
def build_dot_model(n_users, n_movies, n_factors=64, l2=0.0):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    start = "zeros" if l2 else "uniform"
    one = layers.Embedding(n_users, n_factors, start, name="user_factors")(user)
    other = layers.Embedding(n_movies, n_factors, start, name="movie_factors")(movie)
    rating = layers.Dot(axes=-1)([one, other])
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 2.4 wrong · predicts something else than it answers
# says: gives other scores than a plain call
class Pretender(keras.Model):
    def predict(self, pairs, **keywords):
        return 0 * super().predict(pairs, **keywords) + 3.5


def build_dot_model(n_users, n_movies, n_factors=64, l2=0.0):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    own = dict(embeddings_regularizer=keras.regularizers.L2(l2))
    one = layers.Embedding(n_users, n_factors, name="user_factors", **own)(user)
    other = layers.Embedding(n_movies, n_factors, name="movie_factors", **own)(movie)
    rating = layers.Dot(axes=-1)([one, other])
    return Pretender({"user": user, "movie": movie}, rating)


# %% 2.4 wrong · a list of inputs
# says: ask a model for its inputs by name
# base: wrong · frozen
# replace: , trainable=False →
# replace: {"user": user, "movie": movie} → [user, movie]


# %% 2.4 wrong · row numbers as bytes
# says: dot product | of its batch | Your code stopped | Calling it raised
def build_dot_model(n_users, n_movies, n_factors=64, l2=0.0):
    user = keras.Input(shape=(), dtype="uint8", name="user")
    movie = keras.Input(shape=(), dtype="uint8", name="movie")
    own = dict(embeddings_regularizer=keras.regularizers.L2(l2))
    one = layers.Embedding(n_users, n_factors, name="user_factors", **own)(user)
    other = layers.Embedding(n_movies, n_factors, name="movie_factors", **own)(movie)
    rating = layers.Dot(axes=-1)([one, other])
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 2.4 wrong · in float64
# says: dtype
# base: wrong · frozen
# replace: trainable=False → dtype="float64"
# replace: 1)( → 1, dtype="float64")(


# %% 2.5 wrong · a float
# says: should return an int
def count_weights(n_users, n_movies, n_factors):
    return float((n_users + n_movies) * n_factors)


# %% 2.5 wrong · one too many
# says: One too many
def count_weights(n_users, n_movies, n_factors):
    return (n_users + n_movies) * n_factors + 1


# %% 2.5 right · with NumPy
# replace: n_users * n_factors + n_movies → np.sum([n_users, n_movies])


# %% 2.6 wrong · without the layers' names
# says: no layer called `user_factors`
class DotModel(keras.Model):
    def __init__(self, n_users, n_movies, n_factors=64, **kwargs):
        super().__init__(**kwargs)
        self.user_factors = layers.Embedding(n_users, n_factors)
        self.movie_factors = layers.Embedding(n_movies, n_factors)

    def call(self, pairs):
        return score_pairs(
            self.user_factors(pairs["user"]), self.movie_factors(pairs["movie"])
        )


# %% 2.6 wrong · sixteen factors by default
# says: With the default arguments
# base: wrong · call without return
# replace: 64, → 16,
# replace: score_pairs( → return score_pairs(


# %% 2.6 wrong · a loop over the batch
# says: a loop over the rows, cannot
class DotModel(keras.Model):
    def __init__(self, n_users, n_movies, n_factors=64, **kwargs):
        super().__init__(**kwargs)
        self.user_factors = layers.Embedding(n_users, n_factors, name="user_factors")
        self.movie_factors = layers.Embedding(n_movies, n_factors, name="movie_factors")

    def call(self, pairs):
        users = self.user_factors(pairs["user"])
        movies = self.movie_factors(pairs["movie"])
        scores = [ops.sum(users[i] * movies[i]) for i in range(users.shape[0])]
        return ops.expand_dims(ops.stack(scores), 1)


# %% 2.6 wrong · noise in every call
# says: other scores when the model is called a second time
class DotModel(keras.Model):
    def __init__(self, n_users, n_movies, n_factors=64, **kwargs):
        super().__init__(**kwargs)
        self.user_factors = layers.Embedding(n_users, n_factors, name="user_factors")
        self.movie_factors = layers.Embedding(n_movies, n_factors, name="movie_factors")

    def call(self, pairs):
        scores = score_pairs(
            self.user_factors(pairs["user"]), self.movie_factors(pairs["movie"])
        )
        return scores + keras.random.normal(ops.shape(scores), stddev=0.1)


# %% 2.6 right · training in call, and TensorFlow's sum
import tensorflow as tf


class DotModel(keras.Model):
    def __init__(self, n_users, n_movies, n_factors=64, **kwargs):
        super().__init__(**kwargs)
        self.tables = [
            layers.Embedding(n, n_factors, name=name)
            for n, name in ((n_users, "user_factors"), (n_movies, "movie_factors"))
        ]

    def call(self, pairs, training=None):
        one, other = self.tables
        return tf.reduce_sum(
            one(pairs["user"]) * other(pairs["movie"]), axis=-1, keepdims=True
        )


# %% 2.7 wrong · Keras' own batches
# says: does not take that number of steps
# base: wrong · only measures
# replace: evaluate(pairs, ratings, verbose=0) → fit(pairs, ratings, verbose=0).history["loss"][0]


# %% 2.7 wrong · one step
# says: does not take that number of steps
# base: wrong · holds some ratings back
# replace: validation_split=0.5 → steps_per_epoch=1


# %% 2.7 wrong · evaluates before it trains
# says: That is the error *before* training
def loss_after_one_epoch(model, learning_rate, pairs, ratings):
    model.compile(optimizer=keras.optimizers.Adam(learning_rate), loss="mse")
    loss = model.evaluate(pairs, ratings, batch_size=1024, verbose=0)
    model.fit(pairs, ratings, batch_size=1024, epochs=1, verbose=0)
    return loss


# %% 2.7 wrong · evaluates after it has trained
# says: That is the error *after* the epoch
def loss_after_one_epoch(model, learning_rate, pairs, ratings):
    model.compile(optimizer=keras.optimizers.Adam(learning_rate), loss="mse")
    model.fit(pairs, ratings, batch_size=1024, epochs=1, verbose=0)
    return model.evaluate(pairs, ratings, batch_size=1024, verbose=0)


# %% 2.7 wrong · stars shifted in place
# says: changes its argument `ratings`
# base: wrong · trains a model of its own
# replace: model = build_dot_model(5000, 5000) → ratings -= 0.0001


# %% 2.7 wrong · all ratings in one batch
# says: does not take that number of steps
# base: wrong · five epochs
# replace: 1024, epochs=5 → len(ratings)


# %% 2.7 wrong · by a tape, without fit
# says: no epoch was recorded
import tensorflow as tf


def loss_after_one_epoch(model, learning_rate, pairs, ratings):
    optimizer = keras.optimizers.Adam(learning_rate)
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((model(pairs)[:, 0] - ratings) ** 2)
    slopes = tape.gradient(loss, model.trainable_variables)
    optimizer.apply(slopes, model.trainable_variables)
    return float(loss)


# %% 2.7 right · in order, by keywords, with a metric of its own
def loss_after_one_epoch(model, learning_rate, pairs, ratings):
    model.compile(
        loss=keras.losses.MeanSquaredError(),
        optimizer=keras.optimizers.Adam(learning_rate=learning_rate),
        metrics=[keras.metrics.RootMeanSquaredError(name="rmse")],
    )
    history = model.fit(
        x=pairs, y=ratings, batch_size=1024, epochs=1, shuffle=False, verbose=0
    )
    return np.float64(history.history["loss"][-1])


# %% 2.8 wrong · sorted rates
# says: some steps have another rate
# base: wrong · a boundary too many
# replace: (epochs) * steps_an_epoch → (epochs)[:-1] * steps_an_epoch - 1
# replace: list → sorted


# %% 2.8 wrong · a schedule that cannot be compiled
# says: Calling it raised | Your code stopped | In compiled training
class Stepwise(keras.optimizers.schedules.LearningRateSchedule):
    def __init__(self, ends, rates):
        self.ends, self.rates = ends, rates

    def __call__(self, step):
        for end, rate in zip(self.ends, self.rates):
            if step < end:
                return rate
        return self.rates[-1]


def stepwise(epochs, rates, steps_an_epoch):
    return Stepwise([int(n) * steps_an_epoch for n in np.cumsum(epochs)], rates)


# %% 2.8 wrong · exponential
# says: some steps have another rate
def stepwise(epochs, rates, steps_an_epoch):
    return keras.optimizers.schedules.ExponentialDecay(rates[0], steps_an_epoch, 0.5)


# %% 2.8 right · NumPy rates, boundaries in one line
from itertools import accumulate


def stepwise(epochs, rates, steps_an_epoch):
    ends = [n * steps_an_epoch - 1 for n in accumulate(epochs)]
    return keras.optimizers.schedules.PiecewiseConstantDecay(
        ends[:-1], np.asarray(rates).tolist()
    )


# %% 2.3 wrong · does not count the scores
# says: each of them right. Count
def scores_each_pair_alone(score, user_vectors, movie_vectors):
    together = ops.convert_to_numpy(score(user_vectors, movie_vectors)).ravel()
    alone = [
        ops.convert_to_numpy(
            score(user_vectors[i : i + 1], movie_vectors[i : i + 1])
        ).ravel()[0]
        for i in range(len(user_vectors))
    ]
    return all(abs(a - b) <= 1e-4 for a, b in zip(together, alone))


# %% 2.3 wrong · too many scores are enough
# says: each of them right. Count
def scores_each_pair_alone(score, user_vectors, movie_vectors):
    n = len(user_vectors)
    together = ops.convert_to_numpy(score(user_vectors, movie_vectors)).ravel()
    alone = [
        ops.convert_to_numpy(score(user_vectors[i : i + 1], movie_vectors[i : i + 1]))
        for i in range(n)
    ]
    alone = np.concatenate([one.ravel() for one in alone])
    return together.size >= n and np.allclose(together[:n], alone, rtol=0, atol=1e-4)


# %% 2.3 wrong · stumbles over another number of scores
# says: Your test should say False where `score` returns more or fewer
def scores_each_pair_alone(score, user_vectors, movie_vectors):
    together = ops.convert_to_numpy(score(user_vectors, movie_vectors)).ravel()
    alone = [
        ops.convert_to_numpy(score(user_vectors[i : i + 1], movie_vectors[i : i + 1]))
        for i in range(len(user_vectors))
    ]
    alone = np.concatenate([one.ravel() for one in alone])
    return bool(np.allclose(together, alone, rtol=0, atol=1e-4))


# %% 2.4 wrong · remembers its models
# says: Two calls gave one and the same model
import functools


@functools.cache
def build_dot_model(n_users, n_movies, n_factors=64, l2=0.0):
    user = keras.Input((), dtype="int32", name="user")
    movie = keras.Input((), dtype="int32", name="movie")
    r = keras.regularizers.L2(l2)
    p = layers.Embedding(
        n_users, n_factors, name="user_factors", embeddings_regularizer=r
    )(user)
    q = layers.Embedding(
        n_movies, n_factors, name="movie_factors", embeddings_regularizer=r
    )(movie)
    return keras.Model({"user": user, "movie": movie}, layers.Dot(-1)([p, q]))


# %% 2.4 wrong · a seed inside
# says: The function sets a seed
# base: right · ops.sum, movies first
# replace: penalty = keras → keras.utils.set_random_seed(0)\n    penalty = keras


# %% 2.4 wrong · a seed for NumPy inside
# says: The function sets a seed
# base: right · ops.sum, movies first
# replace: penalty = keras → np.random.seed(0)\n    penalty = keras


# %% 2.4 wrong · no gradient for the movies
# says: do not reach `movie_factors`
# base: wrong · remembers its models
# replace: @functools.cache →
# replace: layers.Dot(-1)([p, q]) → layers.Dot(-1)([p, ops.stop_gradient(q)])


# %% 2.4 right · other start values, Inputs in short
# base: wrong · remembers its models
# replace: @functools.cache →
# replace: n_users, n_factors, name → n_users, n_factors, "normal", name


# %% 2.6 wrong · compiled by hand
# says: Is there a `tf.function` on `call`?
# base: wrong · the matrix of all with all
# replace: class DotModel → import tensorflow as tf\n\n\nclass DotModel
# replace: def call → @tf.function\n    def call
# replace: ops.matmul( → score_pairs(
# replace: ops.transpose(self.movie_factors(pairs["movie"])) → self.movie_factors(pairs["movie"])


# %% 2.6 wrong · an object instead of the class
# says: Give the check the class itself
# base: wrong · the matrix of all with all
# replace: (pairs["movie"])),\n        ) → (pairs["movie"])),\n        )\n\n\nDotModel = DotModel(10, 10)


# %% 2.6 right · without further keywords
# base: right · with a Dot layer
# replace: n_factors=64, **kwargs → n_factors=64
# replace: __init__(**kwargs) → __init__()


# %% 2.7 wrong · batches of a thousand
# says: does not take that number of steps
# base: right · last of the list, loss as an object
# replace: batch_size=1024 → batch_size=1000


# %% 2.7 wrong · clips the gradients
# says: The gradients are clipped
# base: right · last of the list, loss as an object
# replace: learning_rate=learning_rate → learning_rate, clipnorm=1.0


# %% 2.8 wrong · empties the caller's lists
# says: changes its argument `epochs`
def stepwise(epochs, rates, steps_an_epoch):
    epochs = epochs if isinstance(epochs, list) else list(epochs)
    epochs.pop()
    ends = [int(end) * steps_an_epoch - 1 for end in np.cumsum(epochs)]
    return keras.optimizers.schedules.PiecewiseConstantDecay(ends, list(rates))


# %% 2.8 wrong · for tuples only
# says: stops with TypeError when given lists
def stepwise(epochs, rates, steps_an_epoch):
    ends = np.cumsum((0,) + epochs)[1:-1] * steps_an_epoch - 1
    return keras.optimizers.schedules.PiecewiseConstantDecay(ends.tolist(), list(rates))


# %% 2.8 wrong · rates from the lowest upwards
# says: some steps have another rate
def stepwise(epochs, rates, steps_an_epoch):
    ends = np.cumsum(epochs)[:-1] * steps_an_epoch - 1
    return keras.optimizers.schedules.PiecewiseConstantDecay(
        ends.tolist(), sorted(rates)
    )


# %% 2.8 wrong · rates from the highest downwards
# says: some steps have another rate
# base: wrong · rates from the lowest upwards
# replace: sorted(rates) → sorted(rates, reverse=True)
