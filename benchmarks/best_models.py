"""The best models of the course's kinds, and what they are added to.

Every setting was chosen on a part of the *training* ratings; `benchmarks/TRIED.md`
lists what was tried.
"""

import helpers.quiet_tensorflow  # noqa: F401

# isort: split
import keras
import numpy as np
from keras import layers, ops
from scipy import sparse
from scipy.sparse.linalg import LinearOperator, cg
from sklearn.metrics.pairwise import cosine_similarity, rbf_kernel


class OrdinalModel(keras.Model):
    """Predict the probability of each rating, from ids, histories and metadata.

    This is lesson 04's hybrid with two changes. The metadata of a user is *added* to
    the user's vector (and the same for movies), so that it also takes part in the dot
    product. And the model is an ordinal regression with cumulative logits: the
    probability that a rating is at most k is the sigmoid of a threshold for k minus
    the score, with thresholds of its own for each user.

    Parameters
    ----------
    history_vectors : callable
        Lesson 04's answer to exercise 4.6.
    rated : array of float32, shape (n_users, n_movies)
        Training ratings as 0/1.
    user_features, movie_features : arrays of float32, one row for each index
    shares : array of float, shape (n_levels,)
        The share of each rating among the training ratings.
    n_factors, hidden : int
    """

    def __init__(
        self,
        history_vectors,
        rated,
        user_features,
        movie_features,
        shares,
        n_factors=32,
        hidden=64,
    ):
        super().__init__(name="ordinal")
        n_users, n_movies = rated.shape
        penalty = keras.regularizers.L2(2e-4)

        def table(n_rows, n_columns, name):
            start = keras.initializers.RandomNormal(stddev=0.05 if n_columns > 1 else 0)
            weights = layers.Embedding(n_rows, n_columns, start, penalty, name=name)
            weights.build()
            return weights

        def described(features, name):
            start = keras.initializers.RandomNormal(stddev=0.05)
            weights = layers.Dense(
                n_factors,
                use_bias=False,
                kernel_initializer=start,
                kernel_regularizer=penalty,
                name=name,
            )
            weights.build(features.shape)
            return weights

        self.history_vectors = history_vectors
        self.rated = ops.convert_to_tensor(rated)
        self.rated_by = ops.transpose(self.rated)
        self.user_features = ops.convert_to_tensor(user_features)
        self.movie_features = ops.convert_to_tensor(movie_features)
        self.user_bias = table(n_users, 1, "user_bias")
        self.movie_bias = table(n_movies, 1, "movie_bias")
        self.user_factors = table(n_users, n_factors, "user_factors")
        self.movie_factors = table(n_movies, n_factors, "movie_factors")
        self.when_rated = table(n_movies, n_factors, "movie_when_rated")
        self.when_rating = table(n_users, n_factors, "user_when_rating")
        self.user_described = described(user_features, "user_described")
        self.movie_described = described(movie_features, "movie_described")
        self.dropout = layers.Dropout(0.3)
        self.hidden = layers.Dense(hidden, activation="relu", name="hidden")
        self.output_layer = layers.Dense(1, name="output")
        below = np.cumsum(shares)[:-1]
        self.thresholds = self.add_weight(
            (len(below),),
            keras.initializers.Constant(np.log(below / (1 - below))),
            name="thresholds",
        )
        self.user_thresholds = layers.Embedding(
            n_users, len(below), "zeros", penalty, name="user_thresholds"
        )

    def call(self, pairs, training=False):
        """Return the probabilities, float32 of shape (n, n_levels)."""
        user, movie = pairs["user"], pairs["movie"]
        user_vector = (
            self.user_factors(user)
            + self.history_vectors(self.rated, self.when_rated.embeddings, user, movie)
            + ops.take(self.user_described(self.user_features), user, axis=0)
        )
        movie_vector = (
            self.movie_factors(movie)
            + self.history_vectors(
                self.rated_by, self.when_rating.embeddings, movie, user
            )
            + ops.take(self.movie_described(self.movie_features), movie, axis=0)
        )
        match = user_vector * movie_vector
        values = ops.concatenate([user_vector, movie_vector, match], axis=-1)
        values = self.dropout(values, training=training)
        values = self.dropout(self.hidden(values), training=training)
        score = (
            self.user_bias(user)
            + self.movie_bias(movie)
            + ops.sum(match, axis=-1, keepdims=True)
            + self.output_layer(values)
        )
        below = ops.sigmoid(self.thresholds + self.user_thresholds(user) - score)
        below = ops.pad(below, [[0, 0], [1, 0]], constant_values=0.0)
        below = ops.pad(below, [[0, 0], [0, 1]], constant_values=1.0)
        return below[:, 1:] - below[:, :-1]


def train_ordinal_model(model, levels, pairs, ratings, epochs, validation=None):
    """Fit a model with averaged weights; with `validation`, up to its best epoch.

    Parameters
    ----------
    model : OrdinalModel
    levels : array of float32, shape (n_levels,)
        The possible ratings, ascending.
    pairs : dict
        ``user`` and ``movie``, int32 arrays of shape (n,).
    ratings : array_like of float, shape (n,)
    epochs : int
    validation : tuple of (pairs, ratings), optional

    Returns
    -------
    int
        The best epoch; without `validation` the last.
    """

    def squared_error(label, probability):
        true = ops.take(levels, ops.cast(label, "int32"))
        return ops.square(true - ops.sum(probability * levels, axis=-1, keepdims=True))

    def labels(of):
        return np.searchsorted(levels, of).astype("int32")[:, None]

    callbacks = [keras.callbacks.SwapEMAWeights(swap_on_epoch=True)]
    if validation is not None:
        validation = validation[0], labels(validation[1])
        callbacks.append(
            keras.callbacks.EarlyStopping(
                monitor="val_squared_error",
                mode="min",
                patience=3,
                restore_best_weights=True,
            )
        )
    model.compile(
        optimizer=keras.optimizers.Adam(0.003, use_ema=True, ema_momentum=0.96),
        loss="sparse_categorical_crossentropy",
        metrics=[squared_error],
        steps_per_execution=20,
    )
    model({name: rows[:1] for name, rows in pairs.items()})  # build its layers
    model.optimizer.build(model.trainable_variables)
    history = model.fit(
        pairs,
        labels(ratings),
        validation_data=validation,
        batch_size=4096,
        validation_batch_size=8192,
        epochs=epochs,
        callbacks=callbacks,
        verbose=0,
    ).history
    if validation is None:
        return epochs
    return int(np.argmin(history["val_squared_error"])) + 1


def expected(probabilities, levels):
    """Mean of the predicted distribution: the least squared error.

    Parameters
    ----------
    probabilities : array of float, shape (n, n_levels)
    levels : array of float, shape (n_levels,)

    Returns
    -------
    numpy.ndarray of float32, shape (n,)
    """
    return (probabilities @ levels).astype("float32")


def median(probabilities, levels):
    """Return the median of the predicted distribution, which minimises the MAE.

    Parameters and returns as for `expected`.
    """
    reached = np.cumsum(probabilities, axis=1) >= 0.5
    reached[:, -1] = True  # in case rounding errors keep the sum below 0.5
    return levels[reached.argmax(axis=1)].astype("float32")


def similarities(rated, left_over, features, own, by_ratings, by_metadata):
    """Return prior correlations of users: who rated what, ratings, and metadata.

    For movies, pass the transposed tables.

    Parameters
    ----------
    rated : array of float32, shape (n_users, n_movies)
        Training ratings as 0/1.
    left_over : array of float32, same shape
        Training ratings minus biases; 0 for no rating.
    features : array of float32, one row for each user
    own, by_ratings, by_metadata : float
        Shares of being the same user, and of the similarities by ratings and by
        metadata; the rest is by who rated what.

    Returns
    -------
    numpy.ndarray of float32, shape (n_users, n_users)
    """
    rare = np.log(1 + len(rated) / np.maximum(rated.sum(axis=0), 1)) ** 0.5
    mixed = (1 - own - by_ratings - by_metadata) * cosine_similarity(rated * rare)
    mixed += by_ratings * cosine_similarity(left_over)
    mixed += by_metadata * rbf_kernel(features, gamma=0.3)
    mixed[np.diag_indices_from(mixed)] += own
    return mixed.astype("float32")


def fit_gaussian_process(of_users, of_movies, pairs, left_over, scale=1.5, noise=0.72):
    """Predict all ratings by Gaussian process regression (kriging).

    The prior covariance of the ratings of users u, v for movies i, j is the product of
    both similarities, times `scale`. Conjugate gradients solve for the training
    ratings, and never build the matrix of all pairs of ratings.

    Parameters
    ----------
    of_users, of_movies : arrays of float32, from `similarities`
    pairs : dict
        ``user`` and ``movie``, int32 arrays of shape (n,).
    left_over : array of float, shape (n,)
        Training ratings minus biases.
    scale, noise : float
        Variances of what is predicted, and of what is not.

    Returns
    -------
    numpy.ndarray of float32, shape (n_users, n_movies)
        To be added to the biases.
    """
    places = pairs["user"], pairs["movie"]
    shape = len(of_users), len(of_movies)

    def covariances(weights):
        table = sparse.csr_array((weights.astype("float32"), places), shape=shape)
        return scale * (of_users @ (table @ of_movies))

    n = len(left_over)
    system = LinearOperator(
        (n, n),
        lambda weights: covariances(weights)[places] + noise * weights,
        dtype="f",
    )
    weights, _ = cg(system, np.asarray(left_over, "float32"), rtol=3e-3, maxiter=150)
    return covariances(weights)


def build_autoencoder(n_users, start, hidden=400):
    """Build an autoencoder of users' ratings, to predict what they will watch.

    Parameters
    ----------
    n_users : int
        The L2 penalty is divided by it.
    start : array of float, shape (n_movies,)
        The share of each movie in the sum of all ratings, for the initial scores.
    hidden : int

    Returns
    -------
    keras.Model
        Takes rows of ratings / 5, float32 (n, n_movies), with 0 for no rating; returns
        scores, float32 (n, n_movies).
    """
    penalty = keras.regularizers.L2(3 / n_users)
    narrow = keras.initializers.RandomNormal(stddev=0.05)
    stars = keras.Input((len(start),), name="stars")
    values = layers.UnitNormalization(name="length_one")(stars)
    values = layers.Dropout(0.5)(values)
    values = layers.Dense(hidden, "tanh", True, narrow, kernel_regularizer=penalty)(
        values
    )
    scores = layers.Dense(
        len(start),
        kernel_initializer=narrow,
        bias_initializer=keras.initializers.Constant(np.log(start)),
        kernel_regularizer=penalty,
    )(values)
    return keras.Model(stars, scores, name="autoencoder")


def stars_sharing(stars, scores):
    """Return the cross-entropy of a user's ratings and the softmax of the scores.

    Parameters
    ----------
    stars, scores : tensors of float32, shape (n, n_movies)

    Returns
    -------
    tensor of float32, shape (n,)
    """
    return -ops.sum(stars * ops.log_softmax(scores), axis=-1)


def train_autoencoder(model, stars, epochs=16):
    """Fit the model to reconstruct its input, from which dropout removes ratings.

    Parameters
    ----------
    model : keras.Model
        From `build_autoencoder`.
    stars : array of float32, shape (n_users, n_movies)
    epochs : int
    """
    model.compile(keras.optimizers.Adam(0.002), stars_sharing)
    model.fit(stars, stars, batch_size=-(-len(stars) // 10), epochs=epochs, verbose=0)
