"""Models that a check makes where the student's code is; `Function.make` names one.

Each function here is sent by its source, and brings its own imports: the grader needs
no Keras, and its sandbox nothing of this file. (What only has to answer, and not to be
trained, stays on the check's side: `helpers.checks.boundary.Lent`.)
"""


def dot_model(n_users, n_movies, n_factors):
    """Return an untrained dot model with embeddings of noticeable size."""
    import keras
    from keras import layers

    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    start = keras.initializers.RandomNormal(stddev=0.5)
    user_vector = layers.Embedding(n_users, n_factors, start, name="user_factors")(user)
    movie_vector = layers.Embedding(n_movies, n_factors, start, name="movie_factors")(
        movie
    )
    rating = layers.Dot(axes=-1)([user_vector, movie_vector])
    return keras.Model({"user": user, "movie": movie}, rating)


def dot_bias_model(n_users, n_movies, n_factors):
    """Return an untrained dot + bias model, its layers in an order of its own."""
    import keras
    from keras import layers

    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    start = keras.initializers.RandomNormal(stddev=0.5)
    of_movie = layers.Embedding(n_movies, 1, start, name="movie_bias")(movie)
    movie_vector = layers.Embedding(n_movies, n_factors, start, name="movie_factors")(
        movie
    )
    user_vector = layers.Embedding(n_users, n_factors, start, name="user_factors")(user)
    of_user = layers.Embedding(n_users, 1, start, name="user_bias")(user)
    match = layers.Dot(axes=-1, name="match")(
        [layers.Dropout(0.1)(user_vector), movie_vector]
    )
    deviation = layers.Add(name="deviation")([match, of_user, of_movie])
    rating = layers.Rescaling(1.0, offset=3.0, name="rating")(deviation)
    return keras.Model({"user": user, "movie": movie}, rating)


def history_model(history_vectors, rated, vectors):
    """Return a model that answers a pair with its history, as the hybrid uses it."""
    import keras

    class Histories(keras.Model):
        def call(self, pairs):
            return history_vectors(rated, vectors, pairs["user"], pairs["movie"])

    return Histories()


def moves_of_a_weight(schedule, steps):
    """Return how far an optimizer with this schedule moves a weight at each step.

    The gradient is 1, so that is the rate. Keras asks a schedule of its own for each
    step, and nothing else.

    Parameters
    ----------
    schedule : keras.optimizers.schedules.LearningRateSchedule
    steps : list of int

    Returns
    -------
    list of float
    """
    import keras
    from keras import ops

    weight = keras.Variable(0.0)
    optimizer = keras.optimizers.SGD(schedule)
    optimizer.build([weight])
    moves = []
    for step in steps:
        weight.assign(0.0)
        optimizer.iterations.assign(step)
        optimizer.apply([ops.ones(())], [weight])
        moves.append(-float(ops.convert_to_numpy(weight)))
    return moves
