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


def dot_model_with_a_level(n_users, n_movies, n_factors):
    """Return an untrained dot model that adds one and the same number to each score.

    All batches of an epoch move that number, even if no user and no movie is in two.
    """
    import keras
    from keras import layers, ops

    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    user_vector = layers.Embedding(n_users, n_factors, name="user_factors")(user)
    movie_vector = layers.Embedding(n_movies, n_factors, name="movie_factors")(movie)
    match = layers.Dot(axes=-1)([user_vector, movie_vector])
    level = layers.Dense(1, use_bias=False, kernel_initializer="zeros")
    rating = layers.Add()([match, level(ops.ones_like(match))])
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


def cut_apart(model, names, movies):
    """Return what the parts of a functional model say, each up to one of its layers.

    Parameters
    ----------
    model : keras.Model
    names : list of str
        Layers that depend on the movie alone.
    movies : numpy.ndarray of int

    Returns
    -------
    dict of str to tensor
    """
    import keras

    return {
        name: keras.Model(model.input["movie"], model.get_layer(name).output)(movies)
        for name in names
    }


def history_model(history_vectors, rated, vectors):
    """Return a model that answers a pair with its history, as the hybrid uses it."""
    import keras

    class Histories(keras.Model):
        def call(self, pairs):
            return history_vectors(rated, vectors, pairs["user"], pairs["movie"])

    return Histories()


def call_in_graph(function, arguments):
    """Call a function of tensors as `fit` does: compiled, for any number of rows.

    Parameters
    ----------
    function : callable
    arguments : list of numpy.ndarray

    Returns
    -------
    tensor
    """
    import tensorflow as tf
    from keras import ops

    tensors = [ops.convert_to_tensor(one) for one in arguments]
    signature = [
        tf.TensorSpec([None, *one.shape[1:]] if one.shape else [], one.dtype)
        for one in tensors
    ]
    # `fit` does not convert loops and conditions, either.
    compiled = tf.function(function, input_signature=signature, autograph=False)
    return compiled(*tensors)


def moves_of_a_weight(schedule, steps):
    """Return how far an optimizer with this schedule moves a weight at each step.

    The gradient is 1, so that is the rate. Keras asks a schedule of its own for each
    step, and nothing else. The step is compiled, as in `fit`.

    Parameters
    ----------
    schedule : keras.optimizers.schedules.LearningRateSchedule
    steps : list of int

    Returns
    -------
    list of float
    """
    import keras
    import tensorflow as tf
    from keras import ops

    weight = keras.Variable(0.0)
    optimizer = keras.optimizers.SGD(schedule)
    optimizer.build([weight])

    @tf.function(autograph=False)
    def move():
        optimizer.apply([ops.ones(())], [weight])

    moves = []
    for step in steps:
        weight.assign(0.0)
        optimizer.iterations.assign(step)
        move()
        moves.append(-float(ops.convert_to_numpy(weight)))
    return moves


def after_a_step(training_step, tables, pairs, ratings, rate, taxes):
    """Return the loss that a training step gives, and the tables after it.

    The model doubles its scores in training and has an L2 on each table, so that what a
    step leaves out shows. Then the step is compiled, on another such model.

    Returns
    -------
    dict : ``loss``, the tables by name, and ``in_a_graph``: what the compiler says, or
        nothing
    """
    import keras
    import tensorflow as tf
    from keras import layers, ops

    class DoubledInTraining(layers.Layer):
        def call(self, scores, training=False):
            return 2 * scores if training else scores

    def build():
        user = keras.Input(shape=(), dtype="int32", name="user")
        movie = keras.Input(shape=(), dtype="int32", name="movie")
        vectors = [
            layers.Embedding(
                *table.shape,
                embeddings_regularizer=keras.regularizers.L2(tax),
                name=name,
            )(index)
            for (name, table), tax, index in zip(
                tables.items(), taxes, (user, movie), strict=True
            )
        ]
        scores = DoubledInTraining()(layers.Dot(axes=-1)(vectors))
        model = keras.Model({"user": user, "movie": movie}, scores)
        for name, table in tables.items():
            model.get_layer(name).set_weights([table])
        optimizer = keras.optimizers.SGD(rate)
        optimizer.build(model.trainable_variables)
        return model, optimizer

    batch = {name: ops.convert_to_tensor(rows) for name, rows in pairs.items()}
    ratings = ops.convert_to_tensor(ratings)
    model, optimizer = build()
    loss = training_step(model, optimizer, batch, ratings)
    after = {
        name: ops.convert_to_numpy(model.get_layer(name).embeddings) for name in tables
    }
    in_a_graph, another = "", build()
    try:
        compiled = tf.function(lambda *data: training_step(*another, *data))
        compiled(batch, ratings)
    except Exception as error:
        in_a_graph = type(error).__name__
    return {"loss": loss, "in_a_graph": in_a_graph} | after


def slope_of(loss, user_vectors, movie_vectors, movie_share):
    """Return the gradient of a loss by the users' vectors, None where none flows."""
    import tensorflow as tf

    users = tf.constant(user_vectors)
    with tf.GradientTape() as tape:
        tape.watch(users)
        value = loss(users, tf.constant(movie_vectors), tf.constant(movie_share))
    if not tf.is_tensor(value):
        return {"slope": None}
    return {"slope": tape.gradient(value, users)}


def searched(build_index, search_index, movie_vectors, user_vectors, n, effort):
    """Build an index where the student's code is, search it, and return what came.

    Returns
    -------
    dict : ``found`` for all users, ``one`` for the first; ``type`` and ``size`` of the
        index, and ``efforts``, that of each search when it began
    """
    index = build_index(movie_vectors)
    came = {"type": type(index).__name__, "size": None}
    if came["type"] != "Index":
        return came
    came["size"] = len(index)
    efforts, search = [], index.search

    def noting_the_effort(*arguments, **keywords):
        efforts.append(index.expansion_search)
        return search(*arguments, **keywords)

    index.search = noting_the_effort
    index.expansion_search = effort + 1
    came["found"] = search_index(index, user_vectors, n, effort)
    index.expansion_search = effort + 1
    came["one"] = search_index(index, user_vectors[:1], n, effort)
    return came | {"efforts": efforts}
