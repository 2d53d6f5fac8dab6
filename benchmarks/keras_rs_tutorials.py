"""The recipes of KerasRS' tutorials, in code of our own.

Sizes, optimizers, rates, batches and losses are those of the examples
``basic_ranking``, ``basic_retrieval``, ``deep_recommender``, ``sequential_retrieval``
and ``sas_rec`` of https://github.com/keras-team/keras-rs, as of 2026. Each function
returns a function without arguments that predicts, like those of `benchmarks.peers`.

Three things differ. The last two tutorials train on ml-1m, where an epoch has several
times as many steps, so here the epochs are as many times more. They drop ratings of 1,
which are interactions here. And ``sas_rec`` keeps the *first* 200 movies
of a user, and predicts from the position that is the number of padded ones, less 1;
here the last 200 are kept, and the last movie's position predicts.
"""

import helpers.quiet_tensorflow  # noqa: F401

# isort: split
import keras
import keras_rs
import numpy as np
import pandas as pd
from keras import layers, ops

CONTEXT = 10
"""The movies that the GRU reads."""
LENGTH = 200
"""The movies that SASRec reads."""


def rate(split, seed, epochs):
    """Train a network on two embeddings to predict ratings.

    Parameters
    ----------
    split : benchmarks.splits.BenchSplit
    seed, epochs : int
    """
    keras.utils.set_random_seed(seed)
    user, movie = (keras.Input((), dtype="int32") for _ in range(2))
    vectors = [
        layers.Embedding(split.n_users, 32)(user),
        layers.Embedding(split.n_movies, 32)(movie),
    ]
    values = layers.Dense(256, activation="relu")(layers.Concatenate()(vectors))
    values = layers.Dense(64, activation="relu")(values)
    model = keras.Model([user, movie], layers.Dense(1)(values))
    model.compile(keras.optimizers.Adagrad(0.1), "mse")
    smallest, largest, _ = split.movielens.rating_scale
    inputs = [split.train["user"].to_numpy(), split.train["movie"].to_numpy()]
    model.fit(inputs, _scaled(split), batch_size=1000, epochs=epochs, verbose=0)

    def answer():
        asked = [split.test["user"].to_numpy(), split.test["movie"].to_numpy()]
        share = model.predict(asked, batch_size=1000, verbose=0)[:, 0]
        return smallest + share * (largest - smallest)

    return answer


def retrieve(split, seed, epochs, learning_rate, layer_sizes=(), described=False):
    """Train two towers whose dot product predicts the rating.

    Parameters
    ----------
    split : benchmarks.splits.BenchSplit
    seed, epochs : int
    learning_rate : float
    layer_sizes : sequence of int
        Of each tower's layers after its embeddings.
    described : bool
        Embed also users' metadata and movies' titles and genres.
    """
    keras.utils.set_random_seed(seed)
    users, movies = [np.arange(split.n_users)], [np.arange(split.n_movies)]
    if described:
        users += _of_users(split)
        movies += _of_movies(split)
    users, movies = ([_as_columns(one) for one in table] for table in (users, movies))
    user_tower, movie_tower = (_tower(table, layer_sizes) for table in (users, movies))
    vectors = [user_tower.output, movie_tower.output]
    model = keras.Model([user_tower.inputs, movie_tower.inputs], layers.Dot(1)(vectors))
    model.compile(keras.optimizers.Adagrad(learning_rate), "mse")
    inputs = [
        [column[split.train[index].to_numpy()] for column in table]
        for index, table in (("user", users), ("movie", movies))
    ]
    model.fit(inputs, _scaled(split), batch_size=1000, epochs=epochs, verbose=0)
    return lambda: _scores_of_all(
        user_tower.predict(users, verbose=0), movie_tower.predict(movies, verbose=0)
    )


def _scaled(split):
    """Return the training ratings, scaled to 0…1."""
    smallest, largest, _ = split.movielens.rating_scale
    stars = split.train["rating"].to_numpy("float32")
    return (stars - smallest) / (largest - smallest)


def _scores_of_all(queries, candidates):
    """Let KerasRS rank all candidates; return scores (n_queries, n_candidates)."""
    retrieval = keras_rs.layers.BruteForceRetrieval(candidates, k=len(candidates))
    scores, places = map(ops.convert_to_numpy, retrieval(queries))
    by_candidate = np.empty_like(scores)
    np.put_along_axis(by_candidate, places, scores, axis=1)
    return by_candidate


def _as_columns(numbers):
    return np.asarray(numbers, dtype="int32").reshape(len(numbers), -1)


def _tower(table, layer_sizes):
    """Build a tower: the mean embedding of each feature, then dense layers."""
    inputs = [keras.Input((feature.shape[1],), dtype="int32") for feature in table]
    vectors = []
    for given, feature in zip(inputs, table, strict=True):
        several = feature.shape[1] > 1  # numbers from 1, and 0 for none
        embed = layers.Embedding(int(feature.max()) + 1, 32, mask_zero=several)
        vectors.append(layers.GlobalAveragePooling1D()(embed(given)))
    values = layers.Concatenate()(vectors) if len(vectors) > 1 else vectors[0]
    for number, size in enumerate(layer_sizes, start=1):
        is_last = number == len(layer_sizes)
        values = layers.Dense(size, activation=None if is_last else "relu")(values)
    return keras.Model(inputs, values)


def _of_users(split):
    """Return gender, tenth of the ages, both crossed, and occupation, as numbers."""
    users = split.movielens.users
    if users is None:
        return []
    users = users.set_index("user_id").loc[split.users.ids]
    age = pd.qcut(users["age"], 10, labels=False, duplicates="drop").to_numpy()
    gender, occupation = (pd.factorize(users[c])[0] for c in ("gender", "occupation"))
    return [gender, age, 10 * gender + age, occupation]


def _of_movies(split):
    """Return the words of the titles, and the genres, as numbers from 1."""
    movies = split.movielens.movies.set_index("movie_id").loc[split.movies.ids]
    words = layers.TextVectorization(10_000, output_sequence_length=16)
    words.adapt(movies["title"].to_numpy(str))
    genres = movies["genres"].str.get_dummies().to_numpy()
    # The mean over no genres at all would be NaN.
    genres = np.hstack([genres, ~genres.any(axis=1, keepdims=True)])
    return [
        ops.convert_to_numpy(words(movies["title"].to_numpy(str))),
        genres * np.arange(1, genres.shape[1] + 1),
    ]


def retrieve_next_by_gru(split, seed, epochs):
    """Train a GRU over the last ten movies, with the batch's movies as negatives.

    Parameters
    ----------
    split : benchmarks.splits.BenchSplit
        With the training ratings in order of time.
    seed, epochs : int
    """
    keras.utils.set_random_seed(seed)
    histories = _histories(split)
    contexts, following = [], []
    for history in histories:
        for end in range(1, len(history)):
            contexts.append(history[max(0, end - CONTEXT) : end])
            following.append(history[end])
    movies = keras.Input((CONTEXT,), dtype="int32")
    movie = keras.Input((), dtype="int32")
    state = layers.GRU(32)(layers.Embedding(split.n_movies + 1, 32)(movies))
    read = keras.Model(movies, state)
    table = layers.Embedding(split.n_movies + 1, 32)
    scores = ops.matmul(state, ops.transpose(table(movie)))
    model = keras.Model([movies, movie], scores)

    def own_movie(_, scores):
        own = ops.arange(ops.shape(scores)[0])
        return ops.sparse_categorical_crossentropy(own, scores, from_logits=True)

    model.compile(keras.optimizers.AdamW(0.005), own_movie)
    following = np.array(following, dtype="int32")
    padded = _padded(contexts, CONTEXT)
    model.fit([padded, following], following, batch_size=4096, epochs=epochs, verbose=0)

    def answer():
        queries = read.predict(_padded(histories, CONTEXT), verbose=0)
        return _scores_of_all(queries, ops.convert_to_numpy(table.embeddings)[1:])

    return answer


def retrieve_next_by_attention(split, seed, epochs):
    """Train SASRec: each next movie against one at random, by binary cross-entropy.

    Padding follows the movies, so the causal mask hides it from them.

    Parameters
    ----------
    split : benchmarks.splits.BenchSplit
        With the training ratings in order of time.
    seed, epochs : int
    """
    keras.utils.set_random_seed(seed)
    histories, rng = _histories(split), np.random.default_rng(seed)
    others = np.arange(1, split.n_movies + 1)
    negatives = [
        rng.choice(np.setdiff1d(others, history), len(history)) for history in histories
    ]
    movies, following, negative = (
        _padded(part, LENGTH)
        for part in (
            [history[:-1] for history in histories],
            [history[1:] for history in histories],
            [drawn[1:] for drawn in negatives],
        )
    )
    table = layers.Embedding(
        split.n_movies + 1, 50, "glorot_uniform", keras.regularizers.L2(0.001)
    )
    read = _self_attention(table)
    others = [keras.Input((LENGTH,), dtype="int32") for _ in range(2)]
    logits = [ops.sum(read.output * table(one), axis=-1) for one in others]
    model = keras.Model([*read.inputs, *others], ops.stack(logits, axis=-1))

    def yes_and_no(is_movie, logits):
        loss = ops.softplus(-logits[..., 0]) + ops.softplus(logits[..., 1])
        return ops.sum(is_movie * loss) / (2 * ops.sum(is_movie))

    model.compile(keras.optimizers.Adam(0.001, beta_2=0.98), yes_and_no)
    is_movie = (following > 0).astype("float32")
    inputs = [movies, following, negative]
    model.fit(inputs, is_movie, batch_size=128, epochs=epochs, verbose=0)

    def answer():
        states = read.predict(_padded(histories, LENGTH), batch_size=128, verbose=0)
        last = [min(len(history), LENGTH) - 1 for history in histories]
        queries = states[np.arange(len(states)), last]
        return _scores_of_all(queries, ops.convert_to_numpy(table.embeddings)[1:])

    return answer


def _self_attention(table):
    """Build SASRec's two blocks, which return a state for each position."""
    movies = keras.Input((LENGTH,), dtype="int32")
    places = layers.Embedding(LENGTH, 50, "glorot_uniform")(ops.arange(LENGTH))
    values = layers.Dropout(0.2)(table(movies) + places)
    for _ in range(2):
        normed = layers.LayerNormalization(epsilon=1e-5)(values)
        attend = layers.MultiHeadAttention(1, 50, dropout=0.2)
        attended = attend(normed, normed, use_causal_mask=True)
        values = values + layers.Dropout(0.2)(attended)
        changed = layers.LayerNormalization(epsilon=1e-5)(values)
        changed = layers.Dense(50)(layers.Dense(50, activation="relu")(changed))
        values = values + layers.Dropout(0.2)(changed)
    return keras.Model(movies, layers.LayerNormalization(epsilon=1e-8)(values))


def _histories(split):
    """Return each user's movies in order of time, numbered from 1."""
    of_users = split.train.groupby("user")["movie"]
    return [movies.to_numpy() + 1 for _, movies in of_users]


def _padded(histories, length):
    """Return the last movies of each history, and zeros behind them."""
    return keras.utils.pad_sequences(
        histories, length, padding="post", truncating="pre", dtype="int32"
    )
