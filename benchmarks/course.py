"""The course's own models, as the lessons build them: a stand-in."""

import helpers.quiet_start  # noqa: F401, I001
import keras
import numpy as np
from keras import layers

from helpers.baselines import BiasBaseline, Popularity
from helpers.ranking import score_all
from helpers.splits import pairs


def rate_with_biases(split, seed):
    """Answer with the biases of lesson 01."""
    baseline = BiasBaseline().fit(split.train, split.n_users, split.n_movies)
    return baseline.predict(pairs(split.test)).astype("float32")


def rate_with_dot_bias(split, seed):
    """Answer with the dot + bias model of lesson 03."""
    keras.utils.set_random_seed(seed)
    user = keras.Input((), dtype="int32", name="user")
    movie = keras.Input((), dtype="int32", name="movie")

    def table(index, rows, columns, l2):
        start = "zeros" if columns == 1 else "uniform"
        return layers.Embedding(rows, columns, start, keras.regularizers.L2(l2))(index)

    match = layers.Dot(axes=-1)(
        [
            table(user, split.n_users, 64, 1.5e-4),
            table(movie, split.n_movies, 64, 1.5e-4),
        ]
    )
    deviation = layers.Add()(
        [
            match,
            table(user, split.n_users, 1, 5e-5),
            table(movie, split.n_movies, 1, 5e-5),
        ]
    )
    mean = float(split.train["rating"].mean())
    rating = layers.Rescaling(1.0, offset=mean)(deviation)
    model = keras.Model({"user": user, "movie": movie}, rating)
    model.compile(keras.optimizers.Adam(0.005), "mse", steps_per_execution=20)
    model.optimizer.build(model.trainable_variables)
    stars = split.train["rating"].to_numpy("float32")
    model.fit(pairs(split.train), stars, batch_size=1024, epochs=18, verbose=0)
    return model.predict(pairs(split.test), batch_size=8192, verbose=0)[:, 0]


def rank_by_popularity(split, seed):
    """Rank by the number of training ratings."""
    popularity = Popularity().fit(split.train, split.n_movies)
    return score_all(popularity, split.n_users, split.n_movies).astype(np.float32)


RATERS = {"user + movie bias": rate_with_biases, "dot + bias": rate_with_dot_bias}
RANKERS = {"popularity": rank_by_popularity}
