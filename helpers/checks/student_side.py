"""Reference models that a check builds on the student's side of the proxies.

`FunctionProxy.make` sends a function's source, so each one brings its own imports: the
grader needs no Keras, and its sandbox does not contain this file. (A model that is only
called, and not trained, stays on the check's side: `helpers.checks.proxies.Callback`.)
"""


def dot_model(n_users, n_movies, n_factors):
    """Return an untrained dot-product model with large initial embeddings."""
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


def dot_model_with_offset(n_users, n_movies, n_factors):
    """Return an untrained dot-product model that adds one trained offset to all scores.

    Every batch changes the offset, even if no user and no movie is in two batches. The
    model always trains eagerly: compiling takes longer than a few small batches.
    """
    import keras
    from keras import layers, ops

    class EagerModel(keras.Model):
        run_eagerly = property(lambda self: True, lambda self, value: None)

    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    user_vector = layers.Embedding(n_users, n_factors, name="user_factors")(user)
    movie_vector = layers.Embedding(n_movies, n_factors, name="movie_factors")(movie)
    match = layers.Dot(axes=-1)([user_vector, movie_vector])
    level = layers.Dense(1, use_bias=False, kernel_initializer="zeros")
    rating = layers.Add()([match, level(ops.ones_like(match))])
    return EagerModel({"user": user, "movie": movie}, rating)


def dot_bias_model(n_users, n_movies, n_factors):
    """Return an untrained dot + bias model, with its layers in an unusual order."""
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


def split_outputs(model, names, movies):
    """Return the outputs of single layers of a functional model.

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


def gradient_of_histories(history_vectors, rated, vectors, pairs):
    """Return the gradient of the sum of all histories with respect to `vectors`.

    None if they are not connected.
    """
    import tensorflow as tf

    with tf.GradientTape() as tape:
        tape.watch(vectors)
        histories = history_vectors(rated, vectors, *pairs)
    gradient = tape.gradient(histories, vectors)
    return {"gradient": None if gradient is None else tf.convert_to_tensor(gradient)}


def gradients_of_ratings(model, pairs, stars=None):
    """Return the gradients of the sum of a model's ratings, by the name of a layer.

    Parameters
    ----------
    model : keras.Model
        Has been called.
    pairs : dict of numpy.ndarray
    stars : numpy.ndarray, optional
        True ratings: then the gradients are those of Keras' mean squared error.

    Returns
    -------
    dict of str to list of tensor
        One for each of the layer's weights; None where it is not connected.
    """
    import keras
    import tensorflow as tf

    with tf.GradientTape() as tape:
        ratings = model(pairs)
        if stars is not None:
            ratings = keras.losses.MeanSquaredError()(stars, ratings)
    weights = {
        layer.name: [one.value for one in layer.trainable_weights]
        for layer in model.layers
    }
    gradients = tape.gradient(ratings, weights)
    return {
        name: [g if g is None else tf.convert_to_tensor(g) for g in of_layer]
        for name, of_layer in gradients.items()
    }


def sets_a_seed(function, arguments):
    """Tell whether a function sets the random state of Python or NumPy when called."""
    import random

    import numpy as np

    def next_numbers(seed):
        random.seed(seed)
        np.random.seed(seed)
        function(*arguments)
        return random.random(), np.random.random()

    first, second = next_numbers(1), next_numbers(2)
    return any(one == other for one, other in zip(first, second, strict=True))


def call_in_graph(function, arguments, constants=()):
    """Call a function of tensors as `fit` does: compiled, for any number of rows.

    Parameters
    ----------
    function : callable
    arguments : list of numpy.ndarray, or of dictionaries of them
    constants : sequence of tensor
        Passed before the arguments, with their own fixed shapes.

    Returns
    -------
    tensor
    """
    import tensorflow as tf
    from keras import ops, tree

    def for_any_batch(tensor):
        shape = [None, *tensor.shape[1:]] if tensor.shape else []
        return tf.TensorSpec(shape, tensor.dtype)

    tensors = tree.map_structure(ops.convert_to_tensor, list(arguments))
    compiled = tf.function(
        lambda *batch: function(*constants, *batch),
        input_signature=tree.map_structure(for_any_batch, tensors),
        autograph=False,  # `fit` does not convert loops and conditions, either
    )
    return compiled(*tensors)


def learning_rates(schedule, steps):
    """Return by how much an optimizer with this schedule changes a weight at each step.

    The gradient is 1, so this is the learning rate. The step is compiled, as in `fit`.

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

    rates = []
    for step in steps:
        weight.assign(0.0)
        optimizer.iterations.assign(step)
        move()
        rates.append(-float(ops.convert_to_numpy(weight)))
    return rates


def run_steps(training_step, tables, batches, ratings, rate, momentum, penalties):
    """Return the results of a training step that is called once for each batch.

    The model doubles its scores in training and has an L2 penalty on each table; a
    layer adds the mean square of the scores to the loss at each call. So anything that
    a step leaves out changes the result. The optimizer is not built yet, and has a
    momentum. At the end the step is compiled.

    Parameters
    ----------
    training_step : callable
    tables : dict of str to numpy.ndarray
    batches : list of dict
    ratings : list of numpy.ndarray
    rate, momentum : float
        Of the optimizer, which is SGD.
    penalties : list of float
        Factors of the tables' L2 penalties, and of the loss that the layer adds.

    Returns
    -------
    dict
        For each batch ``losses``, ``tables`` and ``steps``, how many the optimizer has
        counted; ``changed``, whether a batch has been, and ``in_a_graph``: what the
        compiler says, or nothing
    """
    import keras
    import tensorflow as tf
    from keras import layers, ops

    class PenalisedScores(layers.Layer):
        def call(self, scores, training=False):
            self.add_loss(penalties[2] * ops.mean(ops.square(scores)))
            return 2 * scores if training else scores

    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    vectors = [
        layers.Embedding(
            *table.shape,
            embeddings_regularizer=keras.regularizers.L2(penalty),
            name=name,
        )(index)
        for (name, table), penalty, index in zip(
            tables.items(), penalties[:2], (user, movie), strict=True
        )
    ]
    scores = PenalisedScores()(layers.Dot(axes=-1)(vectors))
    model = keras.Model({"user": user, "movie": movie}, scores)
    for name, table in tables.items():
        model.get_layer(name).set_weights([table])
    optimizer = keras.optimizers.SGD(rate, momentum)
    came = {"losses": [], "tables": [], "steps": [], "changed": False}
    for pairs, stars in zip(batches, ratings, strict=True):
        batch = {name: ops.convert_to_tensor(rows) for name, rows in pairs.items()}
        before = dict(batch)
        loss = training_step(model, optimizer, batch, ops.convert_to_tensor(stars))
        came["losses"].append(loss)
        came["tables"].append(
            {name: model.get_layer(name).get_weights()[0] for name in tables}
        )
        came["steps"].append(int(optimizer.iterations))
        came["changed"] |= batch.keys() != before.keys() or any(
            batch[name] is not before[name] for name in batch
        )
    in_a_graph = ""
    try:
        compiled = tf.function(lambda *data: training_step(model, optimizer, *data))
        compiled(before, ops.convert_to_tensor(stars))
    except Exception as error:
        in_a_graph = type(error).__name__
    return came | {"in_a_graph": in_a_graph}


def gradients_of(loss, user_vectors, movie_vectors, movie_share):
    """Return the gradients of a loss with respect to the vectors; None if unconnected."""
    import tensorflow as tf

    vectors = tf.constant(user_vectors), tf.constant(movie_vectors)
    with tf.GradientTape() as tape:
        tape.watch(vectors)
        value = loss(*vectors, tf.constant(movie_share))
    if not tf.is_tensor(value):
        return [None, None]
    gradients = tape.gradient(value, vectors)
    return [g if g is None else tf.convert_to_tensor(g) for g in gradients]


def matrix_in_graph(function, matrix, vector):
    """Call a function of a square matrix and a vector, compiled for any size."""
    import tensorflow as tf

    signature = [
        tf.TensorSpec([None] * array.ndim, array.dtype) for array in (matrix, vector)
    ]
    compiled = tf.function(function, input_signature=signature, autograph=False)
    return compiled(tf.constant(matrix), tf.constant(vector))


def masked_softmax(function, matrix, vector):
    """Return the in-batch loss of a masked matrix, and its gradient or None."""
    import tensorflow as tf

    scores = tf.constant(matrix)
    with tf.GradientTape() as tape:
        tape.watch(scores)
        masked = function(scores, tf.constant(vector))
        value = tf.reduce_mean(
            tf.reduce_logsumexp(masked, axis=1) - tf.linalg.diag_part(masked)
        )
    gradient = tape.gradient(value, scores)
    return value, gradient if gradient is None else tf.convert_to_tensor(gradient)


def build_and_search(
    build_index, search_index, movie_vectors, user_vectors, n, efforts
):
    """Build an index with the student's code, search it, and return the results.

    Returns
    -------
    dict
        ``type``, ``is_index``, and where it is one: ``size``, ``metric`` and ``dtype``
        of the index; ``held``, the vectors by row number, None where there is none;
        ``found`` for all users with the first effort, ``one`` for the first user with
        the second; ``efforts`` and ``exact``, those of each search when it began;
        ``changed``, the argument that has been, or None
    """
    import numpy as np
    from usearch.index import Index

    given = movie_vectors.copy(), user_vectors.copy()
    index = build_index(movie_vectors)
    came = {"type": type(index).__name__, "is_index": isinstance(index, Index)}
    if not came["is_index"]:
        return came
    came["size"] = len(index)
    came["metric"], came["dtype"] = index.metric_kind.name, index.dtype.name
    # An older usearch returns a vector for a key that it does not have, too.
    rows = range(len(movie_vectors))
    came["held"] = [index.get(row) if row in index else None for row in rows]
    came["efforts"], came["exact"], search = [], [], index.search

    def noted_search(*arguments, **keywords):
        came["efforts"].append(int(index.expansion_search))
        came["exact"].append(bool(keywords.get("exact")))
        return search(*arguments, **keywords)

    index.search = noted_search
    index.expansion_search = sum(efforts)
    came["found"] = search_index(index, user_vectors, n, efforts[0])
    index.expansion_search = sum(efforts)
    came["one"] = search_index(index, user_vectors[:1], n, efforts[1])
    came["changed"] = None
    for name, before, after in zip(
        ("movie_vectors", "user_vectors"),
        given,
        (movie_vectors, user_vectors),
        strict=True,
    ):
        if not np.array_equal(before, after):
            came["changed"] = name
    return came
