# Lesson 04. The form of this file is explained in tests/support/student_answers.py.


# %% 4.1 wrong · linear, as published
# says: linear layer
def build_deep_model(
    n_users, n_movies, mean, hidden=(64,), activation="relu", dropout=0.3, n_factors=32
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    p = layers.Embedding(n_users, n_factors, name="user_factors")(user)
    q = layers.Embedding(n_movies, n_factors, name="movie_factors")(movie)
    x = layers.Concatenate()([p, q])
    x = layers.Dropout(dropout)(x)
    for place, width in enumerate(hidden, start=1):
        x = layers.Dense(width, name=f"hidden_{place}")(x)
        x = layers.Dropout(dropout)(x)
    x = layers.Dense(1, name="output")(x)
    rating = layers.Rescaling(1.0, offset=mean)(x)
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 4.1 wrong · ReLU typed in
# says: bend by relu
# base: wrong · linear, as published
# replace: name=f"hidden_{place}" → "relu", name=f"hidden_{place}"


# %% 4.1 wrong · tanh typed in
# says: bend by tanh
# base: wrong · linear, as published
# replace: name=f"hidden_{place}" → "tanh", name=f"hidden_{place}"


# %% 4.1 wrong · an activation on the output
# says: `output` has an activation
# base: wrong · linear, as published
# replace: name=f"hidden_{place}" → activation, name=f"hidden_{place}"
# replace: name="output" → activation, name="output"


# %% 4.1 wrong · no activation on the last
# says: has no activation; every hidden layer
def build_deep_model(
    n_users, n_movies, mean, hidden=(64,), activation="relu", dropout=0.3, n_factors=32
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    p = layers.Embedding(n_users, n_factors, name="user_factors")(user)
    q = layers.Embedding(n_movies, n_factors, name="movie_factors")(movie)
    x = layers.Concatenate()([p, q])
    x = layers.Dropout(dropout)(x)
    for place, width in enumerate(hidden, start=1):
        x = layers.Dense(
            width, activation if place < len(hidden) else None, name=f"hidden_{place}"
        )(x)
        x = layers.Dropout(dropout)(x)
    x = layers.Dense(1, name="output")(x)
    rating = layers.Rescaling(1.0, offset=mean)(x)
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 4.1 wrong · the mean is missing
# says: predicts 0 stars
# base: wrong · linear, as published
# replace: name=f"hidden_{place}" → activation, name=f"hidden_{place}"
# replace: rating = layers.Rescaling(1.0, offset=mean)(x) → rating = x


# %% 4.1 wrong · the mean twice
# says: added twice
# base: wrong · linear, as published
# replace: name=f"hidden_{place}" → activation, name=f"hidden_{place}"
# replace: =mean → =2 * mean


# %% 4.1 wrong · this course's mean
# says: a number of your own
# base: wrong · linear, as published
# replace: name=f"hidden_{place}" → activation, name=f"hidden_{place}"
# replace: =mean → =3.53


# %% 4.1 wrong · the mean as the output's start
# says: predicts 0 stars
def build_deep_model(
    n_users, n_movies, mean, hidden=(64,), activation="relu", dropout=0.3, n_factors=32
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    p = layers.Embedding(n_users, n_factors, name="user_factors")(user)
    q = layers.Embedding(n_movies, n_factors, name="movie_factors")(movie)
    x = layers.Concatenate()([p, q])
    x = layers.Dropout(dropout)(x)
    for place, width in enumerate(hidden, start=1):
        x = layers.Dense(width, activation, name=f"hidden_{place}")(x)
        x = layers.Dropout(dropout)(x)
    x = layers.Dense(
        1, bias_initializer=keras.initializers.Constant(mean), name="output"
    )(x)
    rating = x
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 4.1 wrong · hidden is ignored
# says: widths that `hidden` says
def build_deep_model(
    n_users, n_movies, mean, hidden=(64,), activation="relu", dropout=0.3, n_factors=32
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    p = layers.Embedding(n_users, n_factors, name="user_factors")(user)
    q = layers.Embedding(n_movies, n_factors, name="movie_factors")(movie)
    x = layers.Concatenate()([p, q])
    x = layers.Dropout(dropout)(x)
    for place in (1, 2, 3):
        x = layers.Dense(64, activation, name=f"hidden_{place}")(x)
        x = layers.Dropout(dropout)(x)
    x = layers.Dense(1, name="output")(x)
    rating = layers.Rescaling(1.0, offset=mean)(x)
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 4.1 wrong · a single hidden layer
# says: no layer called `hidden_2`
def build_deep_model(
    n_users, n_movies, mean, hidden=(64,), activation="relu", dropout=0.3, n_factors=32
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    p = layers.Embedding(n_users, n_factors, name="user_factors")(user)
    q = layers.Embedding(n_movies, n_factors, name="movie_factors")(movie)
    x = layers.Concatenate()([p, q])
    x = layers.Dropout(dropout)(x)
    x = layers.Dense(hidden[0], activation, name="hidden_1")(x)
    x = layers.Dropout(dropout)(x)
    x = layers.Dense(1, name="output")(x)
    rating = layers.Rescaling(1.0, offset=mean)(x)
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 4.1 wrong · hidden backwards
# says: in the wrong order
def build_deep_model(
    n_users, n_movies, mean, hidden=(64,), activation="relu", dropout=0.3, n_factors=32
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    p = layers.Embedding(n_users, n_factors, name="user_factors")(user)
    q = layers.Embedding(n_movies, n_factors, name="movie_factors")(movie)
    x = layers.Concatenate()([p, q])
    x = layers.Dropout(dropout)(x)
    for place, width in enumerate(hidden[::-1], start=1):
        x = layers.Dense(width, activation, name=f"hidden_{place}")(x)
        x = layers.Dropout(dropout)(x)
    x = layers.Dense(1, name="output")(x)
    rating = layers.Rescaling(1.0, offset=mean)(x)
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 4.1 wrong · names counted from 0
# says: no layer called `hidden_3`
# base: wrong · hidden backwards
# replace: [::-1], start=1 →


# %% 4.1 wrong · output without a name
# says: no layer called `output`
# base: wrong · hidden backwards
# replace: [::-1] →
# replace: x = layers.Dense(1, name="output")(x) → x = layers.Dense(1)(x)


# %% 4.1 wrong · each layer from the vectors again
# says: no layer called `hidden_1`
def build_deep_model(
    n_users, n_movies, mean, hidden=(64,), activation="relu", dropout=0.3, n_factors=32
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    p = layers.Embedding(n_users, n_factors, name="user_factors")(user)
    q = layers.Embedding(n_movies, n_factors, name="movie_factors")(movie)
    x = layers.Concatenate()([p, q])
    x = layers.Dropout(dropout)(x)
    both = x
    for place, width in enumerate(hidden, start=1):
        x = layers.Dense(width, activation, name=f"hidden_{place}")(both)
        x = layers.Dropout(dropout)(x)
    x = layers.Dense(1, name="output")(x)
    rating = layers.Rescaling(1.0, offset=mean)(x)
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 4.1 wrong · the vectors once more at the end
# says: another number of inputs
def build_deep_model(
    n_users, n_movies, mean, hidden=(64,), activation="relu", dropout=0.3, n_factors=32
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    p = layers.Embedding(n_users, n_factors, name="user_factors")(user)
    q = layers.Embedding(n_movies, n_factors, name="movie_factors")(movie)
    x = layers.Concatenate()([p, q])
    x = layers.Dropout(dropout)(x)
    both = x
    for place, width in enumerate(hidden, start=1):
        x = layers.Dense(width, activation, name=f"hidden_{place}")(x)
        x = layers.Dropout(dropout)(x)
    x = layers.Concatenate()([x, both])
    x = layers.Dense(1, name="output")(x)
    rating = layers.Rescaling(1.0, offset=mean)(x)
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 4.1 wrong · the movie's vector first
# says: movie's vector comes first
# base: wrong · hidden backwards
# replace: x = layers.Concatenate()([p, q]) → x = layers.Concatenate()([q, p])
# replace: [::-1] →


# %% 4.1 wrong · multiplied, not side by side
# says: another number of inputs
# base: wrong · hidden backwards
# replace: x = layers.Concatenate()([p, q]) → x = p * q
# replace: [::-1] →


# %% 4.1 wrong · the user twice
# says: twice, the movie's not at all
# base: wrong · hidden backwards
# replace: , q → , p])\n    x = x + 0 * layers.Concatenate()([q, q
# replace: [::-1] →


# %% 4.1 wrong · no dropout
# says: drops nothing
def build_deep_model(
    n_users, n_movies, mean, hidden=(64,), activation="relu", dropout=0.3, n_factors=32
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    p = layers.Embedding(n_users, n_factors, name="user_factors")(user)
    q = layers.Embedding(n_movies, n_factors, name="movie_factors")(movie)
    x = layers.Concatenate()([p, q])
    for place, width in enumerate(hidden, start=1):
        x = layers.Dense(width, activation, name=f"hidden_{place}")(x)
    x = layers.Dense(1, name="output")(x)
    rating = layers.Rescaling(1.0, offset=mean)(x)
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 4.1 wrong · dropout whose result is not used
# says: drops nothing
# base: wrong · each layer from the vectors again
# replace: x = layers.Dropout(dropout)(x)\n    both = x → layers.Dropout(dropout)(x)
# replace: (both)\n        x = layers → (x)\n        layers


# %% 4.1 wrong · no dropout after the concatenation
# says: after the concatenation
def build_deep_model(
    n_users, n_movies, mean, hidden=(64,), activation="relu", dropout=0.3, n_factors=32
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    p = layers.Embedding(n_users, n_factors, name="user_factors")(user)
    q = layers.Embedding(n_movies, n_factors, name="movie_factors")(movie)
    x = layers.Concatenate()([p, q])
    for place, width in enumerate(hidden, start=1):
        x = layers.Dense(width, activation, name=f"hidden_{place}")(x)
        x = layers.Dropout(dropout)(x)
    x = layers.Dense(1, name="output")(x)
    rating = layers.Rescaling(1.0, offset=mean)(x)
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 4.1 wrong · dropout only after the concatenation
# says: dropout after `hidden_1`, and there is none
# base: wrong · linear, as published
# replace: name=f"hidden_{place}")(x)\n        x = layers.Dropout(dropout → activation, name=f"hidden_{place}"


# %% 4.1 wrong · dropout once behind the loop
# says: dropout after `hidden_1`, and there is none
# base: wrong · linear, as published
# replace: (width, name=f"hidden_{place}")(x)\n        x → (width, activation, name=f"hidden_{place}")(x)\n    x


# %% 4.1 wrong · dropout on the output
# says: dropout after the output
def build_deep_model(
    n_users, n_movies, mean, hidden=(64,), activation="relu", dropout=0.3, n_factors=32
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    p = layers.Embedding(n_users, n_factors, name="user_factors")(user)
    q = layers.Embedding(n_movies, n_factors, name="movie_factors")(movie)
    x = layers.Concatenate()([p, q])
    x = layers.Dropout(dropout)(x)
    for place, width in enumerate(hidden, start=1):
        x = layers.Dense(width, activation, name=f"hidden_{place}")(x)
        x = layers.Dropout(dropout)(x)
    x = layers.Dense(1, name="output")(x)
    x = layers.Dropout(dropout)(x)
    rating = layers.Rescaling(1.0, offset=mean)(x)
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 4.1 wrong · dropout of a share typed in
# says: `dropout` was 0
# base: wrong · the vectors once more at the end
# replace: x = layers.Dropout(dropout)(x)\n    both = x → x = layers.Dropout(0.3)(x)
# replace: dropout)(x)\n    x = layers.Concatenate()([x, both] → 0.3)(x


# %% 4.1 wrong · dropout while predicting
# says: dropout is on while predicting
# base: wrong · each layer from the vectors again
# replace: (x)\n    both = x → (x, training=True)
# replace: both → x


# %% 4.1 wrong · Gaussian dropout
# says: not dropout with the share `dropout`
# base: wrong · each layer from the vectors again
# replace: Dropout(dropout)(x)\n    both = x → GaussianDropout(dropout)(x)
# replace: both)\n        x = layers.Dropout( → x)\n        x = layers.GaussianDropout(


# %% 4.1 wrong · tables too small by one
# says: too small by one
# base: wrong · hidden backwards
# replace: n_users, n_factors → n_users - 1, n_factors
# replace: [::-1] →


# %% 4.1 wrong · a spare row
# says: a row too many
# base: wrong · hidden backwards
# replace: n_movies, n_factors → n_movies + 1, n_factors
# replace: [::-1] →


# %% 4.1 wrong · both sized by the users
# says: as many rows as the other table
# base: wrong · hidden backwards
# replace: n_movies, n_factors → n_users, n_factors
# replace: [::-1] →


# %% 4.1 wrong · 32 factors, always
# says: the wrong size
def build_deep_model(
    n_users, n_movies, mean, hidden=(64,), activation="relu", dropout=0.3, n_factors=32
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    p = layers.Embedding(n_users, 32, name="user_factors")(user)
    q = layers.Embedding(n_movies, 32, name="movie_factors")(movie)
    x = layers.Concatenate()([p, q])
    x = layers.Dropout(dropout)(x)
    for place, width in enumerate(hidden, start=1):
        x = layers.Dense(width, activation, name=f"hidden_{place}")(x)
        x = layers.Dropout(dropout)(x)
    x = layers.Dense(1, name="output")(x)
    rating = layers.Rescaling(1.0, offset=mean)(x)
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 4.1 wrong · batch normalisation in between
# says: more weights than it should
# base: wrong · the vectors once more at the end
# replace: x = layers.Dropout(dropout)(x)\n    both = x → x = layers.Dropout(dropout)(x)
# replace: Concatenate()([x, both]) → BatchNormalization(epsilon=1e-9)(x)


# %% 4.1 wrong · the layers in a Sequential
# says: no layer called `hidden_1`
def build_deep_model(
    n_users, n_movies, mean, hidden=(64,), activation="relu", dropout=0.3, n_factors=32
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    p = layers.Embedding(n_users, n_factors, name="user_factors")(user)
    q = layers.Embedding(n_movies, n_factors, name="movie_factors")(movie)
    x = layers.Concatenate()([p, q])
    x = layers.Dropout(dropout)(x)
    network = keras.Sequential()
    for place, width in enumerate(hidden, start=1):
        network.add(layers.Dense(width, activation, name=f"hidden_{place}"))
        network.add(layers.Dropout(dropout))
    x = network(x)
    x = layers.Dense(1, name="output")(x)
    rating = layers.Rescaling(1.0, offset=mean)(x)
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 4.1 wrong · shape (n,)
# says: should return shape (n, 1)
# base: wrong · hidden backwards
# replace: [::-1] →
# replace: layers.Rescaling(1.0, offset=mean)(x) → ops.squeeze(x, axis=-1) + mean


# %% 4.1 wrong · clipped to a scale
# says: something else of them
# base: wrong · hidden backwards
# replace: [::-1] →
# replace: layers.Rescaling(1.0, offset=mean)(x) → ops.clip(x + mean, 0.5, 5.0)


# %% 4.1 wrong · a sigmoid at the end
# says: a sigmoid in it
# base: wrong · dropout on the output
# replace: name="output")(x)\n    x = layers.Dropout(dropout → "sigmoid", name="output"


# %% 4.1 wrong · embeddings frozen
# says: Frozen (`trainable=False`?)
def build_deep_model(
    n_users, n_movies, mean, hidden=(64,), activation="relu", dropout=0.3, n_factors=32
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    p = layers.Embedding(n_users, n_factors, trainable=False, name="user_factors")(user)
    q = layers.Embedding(n_movies, n_factors, trainable=False, name="movie_factors")(
        movie
    )
    x = layers.Concatenate()([p, q])
    x = layers.Dropout(dropout)(x)
    for place, width in enumerate(hidden, start=1):
        x = layers.Dense(width, activation, name=f"hidden_{place}")(x)
        x = layers.Dropout(dropout)(x)
    x = layers.Dense(1, name="output")(x)
    rating = layers.Rescaling(1.0, offset=mean)(x)
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 4.1 wrong · embeddings start at zeros
# says: Both embeddings start with one and the same number
def build_deep_model(
    n_users, n_movies, mean, hidden=(64,), activation="relu", dropout=0.3, n_factors=32
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    p = layers.Embedding(n_users, n_factors, "zeros", name="user_factors")(user)
    q = layers.Embedding(n_movies, n_factors, "zeros", name="movie_factors")(movie)
    x = layers.Concatenate()([p, q])
    x = layers.Dropout(dropout)(x)
    for place, width in enumerate(hidden, start=1):
        x = layers.Dense(width, activation, name=f"hidden_{place}")(x)
        x = layers.Dropout(dropout)(x)
    x = layers.Dense(1, name="output")(x)
    rating = layers.Rescaling(1.0, offset=mean)(x)
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 4.1 wrong · kernels start at zeros
# says: All weights of `hidden_1` start at 0
def build_deep_model(
    n_users, n_movies, mean, hidden=(64,), activation="relu", dropout=0.3, n_factors=32
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    p = layers.Embedding(n_users, n_factors, name="user_factors")(user)
    q = layers.Embedding(n_movies, n_factors, name="movie_factors")(movie)
    x = layers.Concatenate()([p, q])
    x = layers.Dropout(dropout)(x)
    for place, width in enumerate(hidden, start=1):
        x = layers.Dense(
            width, activation, name=f"hidden_{place}", kernel_initializer="zeros"
        )(x)
        x = layers.Dropout(dropout)(x)
    x = layers.Dense(1, name="output")(x)
    rating = layers.Rescaling(1.0, offset=mean)(x)
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 4.1 wrong · kernels start at ones
# says: All weights of `hidden_1` start at 1
# base: wrong · kernels start at zeros
# replace: "zeros" → "ones"


# %% 4.1 wrong · hidden layers that nobody takes from
# says: made, but its output not used
def build_deep_model(
    n_users, n_movies, mean, hidden=(64,), activation="relu", dropout=0.3, n_factors=32
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    p = layers.Embedding(n_users, n_factors, name="user_factors")(user)
    q = layers.Embedding(n_movies, n_factors, name="movie_factors")(movie)
    x = layers.Concatenate()([p, q])
    x = layers.Dropout(dropout)(x)
    for place, width in enumerate(hidden, start=1):
        values = layers.Dense(width, activation, name=f"hidden_{place}")(x)
        layers.Dropout(dropout)(values)
    x = layers.Dense(1, name="output")(x)
    rating = layers.Rescaling(1.0, offset=mean)(x)
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 4.1 right · activations as layers, sums by hand
def build_deep_model(
    n_users, n_movies, mean, hidden=(64,), activation="relu", dropout=0.3, n_factors=32
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    p = layers.Embedding(n_users, n_factors, name="user_factors")(user)
    q = layers.Embedding(n_movies, n_factors, name="movie_factors")(movie)
    x = ops.concatenate([p, q], axis=-1)
    x = layers.Dropout(dropout)(x)
    place = 0
    while place < len(hidden):
        x = layers.Dense(hidden[place], name="hidden_" + str(place + 1))(x)
        x = layers.Dropout(dropout)(layers.Activation(activation)(x))
        place += 1
    return keras.Model(
        {"user": user, "movie": movie}, mean + layers.Dense(1, name="output")(x)
    )


# %% 4.1 right · a subclass
def build_deep_model(
    n_users, n_movies, mean, hidden=(64,), activation="relu", dropout=0.3, n_factors=32
):
    class Deep(keras.Model):
        def __init__(self):
            super().__init__()
            self.p = layers.Embedding(n_users, n_factors, name="user_factors")
            self.q = layers.Embedding(n_movies, n_factors, name="movie_factors")
            self.first = layers.Dropout(dropout)
            self.drops = [layers.Dropout(dropout) for _ in hidden]
            self.stack = [
                layers.Dense(width, activation=activation, name=f"hidden_{place + 1}")
                for place, width in enumerate(hidden)
            ]
            self.last = layers.Dense(1, name="output")

        def call(self, pairs, training=False):
            both = [self.p(pairs["user"]), self.q(pairs["movie"])]
            x = self.first(ops.concatenate(both, axis=-1), training=training)
            for dense, drop in zip(self.stack, self.drops):
                x = drop(dense(x), training=training)
            return self.last(x) + mean

    return Deep()


# %% 4.1 wrong · a layer's number looked up by its width
# says: is used 2 times
def build_deep_model(
    n_users, n_movies, mean, hidden=(64,), activation="relu", dropout=0.3, n_factors=32
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    p = layers.Embedding(n_users, n_factors, name="user_factors")(user)
    q = layers.Embedding(n_movies, n_factors, name="movie_factors")(movie)
    x = layers.Dropout(dropout)(layers.Concatenate()([p, q]))
    for width in hidden:
        number = list(hidden).index(width) + 1
        x = layers.Dense(width, activation, name=f"hidden_{number}")(x)
        x = layers.Dropout(dropout)(x)
    x = layers.Dense(1, name="output")(x)
    return keras.Model({"user": user, "movie": movie}, layers.Rescaling(1, mean)(x))


# %% 4.1 wrong · L2 on the embeddings
# says: a regularizer, such as L2
def build_deep_model(
    n_users, n_movies, mean, hidden=(64,), activation="relu", dropout=0.3, n_factors=32
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    l2 = keras.regularizers.L2(1e-5)
    p = layers.Embedding(
        n_users, n_factors, embeddings_regularizer=l2, name="user_factors"
    )(user)
    q = layers.Embedding(
        n_movies, n_factors, embeddings_regularizer=l2, name="movie_factors"
    )(movie)
    x = layers.Dropout(dropout)(layers.Concatenate()([p, q]))
    for place, width in enumerate(hidden, start=1):
        x = layers.Dense(width, activation, name=f"hidden_{place}")(x)
        x = layers.Dropout(dropout)(x)
    x = layers.Dense(1, name="output")(x)
    return keras.Model({"user": user, "movie": movie}, layers.Rescaling(1, mean)(x))


# %% 4.1 wrong · dropout before the activation
# says: Dropout comes before a hidden layer's activation
def build_deep_model(
    n_users, n_movies, mean, hidden=(64,), activation="relu", dropout=0.3, n_factors=32
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    p = layers.Embedding(n_users, n_factors, name="user_factors")(user)
    q = layers.Embedding(n_movies, n_factors, name="movie_factors")(movie)
    x = layers.Dropout(dropout)(layers.Concatenate()([p, q]))
    for place, width in enumerate(hidden, start=1):
        x = layers.Dense(width, name=f"hidden_{place}")(x)
        x = layers.Activation(activation)(layers.Dropout(dropout)(x))
    x = layers.Dense(1, name="output")(x)
    return keras.Model({"user": user, "movie": movie}, layers.Rescaling(1, mean)(x))


# %% 4.1 wrong · no dropout means the default
# says: `dropout` was 0
def build_deep_model(
    n_users, n_movies, mean, hidden=(64,), activation="relu", dropout=0.3, n_factors=32
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    p = layers.Embedding(n_users, n_factors, name="user_factors")(user)
    q = layers.Embedding(n_movies, n_factors, name="movie_factors")(movie)
    x = layers.Dropout(dropout or 0.3)(layers.Concatenate()([p, q]))
    for place, width in enumerate(hidden, start=1):
        x = layers.Dense(width, activation, name=f"hidden_{place}")(x)
        x = layers.Dropout(dropout or 0.3)(x)
    x = layers.Dense(1, name="output")(x)
    return keras.Model({"user": user, "movie": movie}, layers.Rescaling(1, mean)(x))


# %% 4.1 wrong · float64
# says: dtype float64
# base: wrong · no dropout after the concatenation
# replace: Concatenate()([p, q]) → Dropout(dropout)(layers.Concatenate()([p, q]))
# replace: =mean → =mean, dtype="float64"


# %% 4.1 wrong · a class that needs to know the number of rows
# says: the number of rows is unknown
def build_deep_model(
    n_users, n_movies, mean, hidden=(64,), activation="relu", dropout=0.3, n_factors=32
):
    class Deep(keras.Model):
        def __init__(self):
            super().__init__()
            self.p = layers.Embedding(n_users, n_factors, name="user_factors")
            self.q = layers.Embedding(n_movies, n_factors, name="movie_factors")
            self.drop = layers.Dropout(dropout)
            self.stack = [
                layers.Dense(width, activation=activation, name=f"hidden_{place + 1}")
                for place, width in enumerate(hidden)
            ]
            self.last = layers.Dense(1, name="output")

        def call(self, pairs, training=False):
            both = [self.p(pairs["user"]), self.q(pairs["movie"])]
            x = self.drop(ops.concatenate(both, axis=-1), training=training)
            for dense in self.stack:
                x = self.drop(dense(x), training=training)
            return self.last(x) + ops.full((len(pairs["user"]), 1), mean)

    return Deep()


# %% 4.1 right · dropout on both vectors before they are put together
def build_deep_model(
    n_users, n_movies, mean, hidden=(64,), activation="relu", dropout=0.3, n_factors=32
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    drop = layers.Dropout(dropout)
    p = layers.Embedding(n_users, n_factors, "uniform", name="user_factors")(user)
    q = layers.Embedding(n_movies, n_factors, "uniform", name="movie_factors")(movie)
    x = layers.Concatenate(axis=1)([drop(p), drop(q)])
    for number in range(1, len(hidden) + 1):
        dense = layers.Dense(hidden[number - 1], activation, name=f"hidden_{number}")
        x = drop(dense(x))
    x = layers.Dense(1, name="output")(x)
    return keras.Model({"user": user, "movie": movie}, layers.Rescaling(1, mean)(x))


# %% 4.1 wrong · another dropout in the def line
# says: With the default arguments of the exercise's `def` line: What training does
def build_deep_model(
    n_users, n_movies, mean, hidden=(64,), activation="relu", dropout=0.5, n_factors=32
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    p = layers.Embedding(n_users, n_factors, name="user_factors")(user)
    q = layers.Embedding(n_movies, n_factors, name="movie_factors")(movie)
    x = layers.Dropout(dropout)(layers.Concatenate()([p, q]))
    for place, width in enumerate(hidden, start=1):
        x = layers.Dense(width, activation, name=f"hidden_{place}")(x)
        x = layers.Dropout(dropout)(x)
    x = layers.Dense(1, name="output")(x)
    return keras.Model({"user": user, "movie": movie}, layers.Rescaling(1, mean)(x))


# %% 4.1 wrong · another width in the def line
# says: With the default arguments of the exercise's `def` line: The hidden layers
def build_deep_model(
    n_users, n_movies, mean, hidden=(128,), activation="relu", dropout=0.3, n_factors=32
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    p = layers.Embedding(n_users, n_factors, name="user_factors")(user)
    q = layers.Embedding(n_movies, n_factors, name="movie_factors")(movie)
    x = layers.Dropout(dropout)(layers.Concatenate()([p, q]))
    for place, width in enumerate(hidden, start=1):
        x = layers.Dense(width, activation, name=f"hidden_{place}")(x)
        x = layers.Dropout(dropout)(x)
    x = layers.Dense(1, name="output")(x)
    return keras.Model({"user": user, "movie": movie}, layers.Rescaling(1, mean)(x))


# %% 4.2 wrong · no bias
# says: the bias is lost
def collapse(layers_weights):
    kernel, bias = layers_weights[0]
    for next_kernel, next_bias in layers_weights[1:]:
        kernel = kernel @ next_kernel
    return kernel, np.zeros(kernel.shape[1])


# %% 4.2 wrong · the last bias only
# says: the last layer alone
def collapse(layers_weights):
    kernel, bias = layers_weights[0]
    for next_kernel, next_bias in layers_weights[1:]:
        kernel, bias = kernel @ next_kernel, next_bias
    return kernel, bias


# %% 4.2 wrong · the first bias only
# says: Only the first layer's bias
# base: wrong · the last bias only
# replace: @ next_kernel, next_bias → @ next_kernel, bias @ next_kernel


# %% 4.2 wrong · the first bias is missing
# says: The first layer's bias is missing
def collapse(layers_weights):
    kernel, bias = layers_weights[0]
    bias = bias * 0
    for next_kernel, next_bias in layers_weights[1:]:
        kernel, bias = kernel @ next_kernel, bias @ next_kernel + next_bias
    return kernel, bias


# %% 4.2 wrong · two layers only
# says: Are *all* layers in it?
def collapse(layers_weights):
    (k1, b1), (k2, b2) = layers_weights[:2]
    return k1 @ k2, b1 @ k2 + b2


# %% 4.2 wrong · biases added up
# says: Your code stopped with ValueError
# base: wrong · the last bias only
# replace: @ next_kernel, next_bias → @ next_kernel, bias + next_bias


# %% 4.2 wrong · last layer first
# says: Your code stopped with ValueError
def collapse(layers_weights):
    kernel, bias = layers_weights[-1]
    for next_kernel, next_bias in layers_weights[::-1][1:]:
        kernel, bias = kernel @ next_kernel, bias @ next_kernel + next_bias
    return kernel, bias


# %% 4.2 wrong · the kernel is new already when the bias is made
# says: Your code stopped with ValueError
def collapse(layers_weights):
    kernel, bias = layers_weights[0]
    for next_kernel, next_bias in layers_weights[1:]:
        kernel = kernel @ next_kernel
        bias = bias @ kernel + next_bias
    return kernel, bias


# %% 4.2 wrong · takes layers out of the caller's list
# says: changes its argument `layers_weights`
def collapse(layers_weights):
    kernel, bias = layers_weights.pop(0)
    while layers_weights:
        next_kernel, next_bias = layers_weights.pop(0)
        kernel, bias = kernel @ next_kernel, bias @ next_kernel + next_bias
    return kernel, bias


# %% 4.2 wrong · the kernel only
# says: two arrays, the kernel and the bias
def collapse(layers_weights):
    kernel = layers_weights[0][0]
    for next_kernel, _ in layers_weights[1:]:
        kernel = kernel @ next_kernel
    return kernel


# %% 4.2 wrong · never a single layer
# says: A stack of one layer
def collapse(layers_weights):
    kernel = np.linalg.multi_dot([kernel for kernel, _ in layers_weights])
    bias = np.zeros(len(layers_weights[0][0]))
    for next_kernel, next_bias in layers_weights:
        bias = bias @ next_kernel + next_bias
    return kernel, bias


# %% 4.2 wrong · a bias in a row of its own
# says: the bias has the wrong shape
# base: wrong · the last bias only
# replace: next_bias\n    return kernel, bias → bias @ next_kernel + next_bias\n    return kernel, bias[None]


# %% 4.2 wrong · adds to the first bias in place
# says: changes its argument `layers_weights`
def collapse(layers_weights):
    kernel, bias = layers_weights[0]
    for next_kernel, next_bias in layers_weights[1:]:
        kernel, moved = kernel @ next_kernel, bias @ next_kernel
        next_bias += moved
        bias = next_bias
    return kernel, bias


# %% 4.2 wrong · lists
# says: should return an array of numbers
def collapse(layers_weights):
    kernel, bias = layers_weights[0]
    for next_kernel, next_bias in layers_weights[1:]:
        kernel, bias = kernel @ next_kernel, bias @ next_kernel + next_bias
    return kernel.tolist(), bias.tolist()


# %% 4.2 wrong · tensors
# says: should return an array of numbers
def collapse(layers_weights):
    kernel, bias = layers_weights[0]
    for next_kernel, next_bias in layers_weights[1:]:
        kernel = ops.matmul(kernel, next_kernel)
        bias = ops.matmul(bias, next_kernel) + next_bias
    return ops.convert_to_tensor(kernel), ops.convert_to_tensor(bias)


# %% 4.2 wrong · turns a kernel that does not fit
# says: The kernels are multiplied in the wrong order
def collapse(layers_weights):
    kernel, bias = layers_weights[0]
    for next_kernel, next_bias in layers_weights[1:]:
        bias = bias @ next_kernel + next_bias
        fits = next_kernel.shape[1] == kernel.shape[0]
        kernel = next_kernel @ kernel if fits else kernel @ next_kernel
    return kernel, bias


# %% 4.2 wrong · the bias first
# says: first the kernel, then the bias
# base: wrong · lists
# replace: return kernel.tolist(), bias.tolist() → return bias, kernel


# %% 4.2 right · reads kernel and bias off the stack's answers
def collapse(layers_weights):
    def through(x):
        for kernel, bias in layers_weights:
            x = x @ kernel + bias
        return x

    n_in = len(layers_weights[0][0])
    bias = through(np.zeros(n_in))
    return through(np.eye(n_in)) - bias, bias


# %% 4.2 right · from behind, recursively
def collapse(layers_weights):
    if len(layers_weights) == 1:
        return layers_weights[0]
    kernel, bias = layers_weights[0]
    behind_kernel, behind_bias = collapse(layers_weights[1:])
    return [np.dot(kernel, behind_kernel), np.dot(bias, behind_kernel) + behind_bias]


# %% 4.2 right · one matrix with a row for the bias
def collapse(layers_weights):
    whole = np.eye(layers_weights[0][0].shape[0] + 1)
    for kernel, bias in layers_weights:
        step = np.zeros((len(kernel) + 1, len(bias) + 1))
        step[:-1, :-1], step[-1, :-1], step[-1, -1] = kernel, bias, 1
        whole = whole @ step
    return whole[:-1, :-1], whole[-1, :-1]


# %% 4.3 wrong · the sign
# says: the sign is not
def interaction(model, one_user, other_user, one_movie, other_movie):
    users = np.array([one_user, one_user, other_user, other_user], "int32")
    movies = np.array([one_movie, other_movie, one_movie, other_movie], "int32")
    a, b, c, d = np.ravel(model({"user": users, "movie": movies}))
    return float((c - d) - (a - b))


# %% 4.3 wrong · the size only
# says: the sign is not
# base: wrong · the sign
# replace: return float((c - d) - (a - b)) → return float(abs((a - b) - (c - d)))


# %% 4.3 wrong · one user's preference
# says: first user's preference
# base: wrong · the sign
# replace: return float((c - d) - (a - b)) → return float(a - b)


# %% 4.3 wrong · added
# says: The two preferences are added
# base: wrong · the sign
# replace: return float((c - d) - (a - b)) → return float((a - b) + (c - d))


# %% 4.3 wrong · a bracket is missing
# says: A bracket is missing
# base: wrong · the sign
# replace: return float((c - d) - (a - b)) → return float(a - b - c - d)


# %% 4.3 wrong · one movie only
# says: on one movie only
# base: wrong · the sign
# replace: return float((c - d) - (a - b)) → return float(a - c)


# %% 4.3 wrong · two pairs
# says: two of the four scores
def interaction(model, one_user, other_user, one_movie, other_movie):
    users = np.array([one_user, other_user], "int32")
    movies = np.array([one_movie, other_movie], "int32")
    a, d = np.ravel(model({"user": users, "movie": movies}))
    return float(a - d)


# %% 4.3 wrong · a model from outside
# says: Your code stopped with NameError
def interaction(model, one_user, other_user, one_movie, other_movie):
    users = np.array([one_user, one_user, other_user, other_user], "int32")
    movies = np.array([one_movie, other_movie, one_movie, other_movie], "int32")
    a, b, c, d = np.ravel(deep({"user": users, "movie": movies}))
    return float((a - b) - (c - d))


# %% 4.3 wrong · scalars for arrays
# says: should be an array of whole numbers
def interaction(model, one_user, other_user, one_movie, other_movie):
    def score(user, movie):
        return model({"user": user, "movie": movie})

    one = score(one_user, one_movie) - score(one_user, other_movie)
    other = score(other_user, one_movie) - score(other_user, other_movie)
    return float(one - other)


# %% 4.3 wrong · predict, which not every model has
# says: Your code stopped with AttributeError
# base: wrong · a model from outside
# replace: deep → model.predict


# %% 4.3 wrong · expects a column
# says: Your code stopped with IndexError
def interaction(model, one_user, other_user, one_movie, other_movie):
    users = np.array([one_user, one_user, other_user, other_user], "int32")
    movies = np.array([one_movie, other_movie, one_movie, other_movie], "int32")
    scores = (model({"user": users, "movie": movies}))[:, 0]
    a, b, c, d = np.asarray(scores)
    return float((a - b) - (c - d))


# %% 4.3 wrong · whole numbers
# says: That is right, but rounded
# base: wrong · the sign
# replace: return float((c - d) - (a - b)) → return round((a - b) - (c - d))


# %% 4.3 wrong · two decimals
# says: That is right, but rounded
# base: wrong · the sign
# replace: return float((c - d) - (a - b)) → return round(float((a - b) - (c - d)), 2)


# %% 4.3 wrong · three decimals
# says: That is right, but rounded
# base: wrong · the sign
# replace: return float((c - d) - (a - b)) → return round(float((a - b) - (c - d)), 3)


# %% 4.3 wrong · a narrow type of integers
# says: Your code stopped with
def interaction(model, one_user, other_user, one_movie, other_movie):
    users = np.array([one_user, one_user, other_user, other_user], "int16")
    movies = np.array([one_movie, other_movie, one_movie, other_movie], "int16")
    a, b, c, d = np.ravel(model({"user": users, "movie": movies}))
    return float((a - b) - (c - d))


# %% 4.3 wrong · an array of one
# says: should return one number
def interaction(model, one_user, other_user, one_movie, other_movie):
    users = np.array([one_user, one_user, other_user, other_user], "int32")
    movies = np.array([one_movie, other_movie, one_movie, other_movie], "int32")
    scores = np.reshape(model({"user": users, "movie": movies}), (4, 1))
    return scores[0] - scores[1] - scores[2] + scores[3]


# %% 4.3 wrong · four answers
# says: should return one number
# base: wrong · the sign
# replace: return float((c - d) - (a - b)) → return np.array([a, b, c, d])


# %% 4.3 right · four calls of one pair
def interaction(model, one_user, other_user, one_movie, other_movie):
    def score(user, movie):
        pair = {"user": np.array([user]), "movie": np.array([movie])}
        return float(np.asarray(model(pair)).item())

    one = score(one_user, one_movie) - score(one_user, other_movie)
    return one - (score(other_user, one_movie) - score(other_user, other_movie))


# %% 4.3 right · a two by two table
def interaction(model, one_user, other_user, one_movie, other_movie):
    user = np.repeat([one_user, other_user], 2).astype("int32")
    movie = np.tile([one_movie, other_movie], 2).astype("int32")
    scores = np.reshape(np.asarray(model({"user": user, "movie": movie})), (2, 2))
    return np.array([1, -1]) @ scores @ np.array([1, -1])


# %% 4.3 right · tensors
def interaction(model, one_user, other_user, one_movie, other_movie):
    user = ops.convert_to_tensor([one_user, other_user, one_user, other_user], "int32")
    movie = ops.convert_to_tensor([one_movie] * 2 + [other_movie] * 2, "int32")
    scores = ops.reshape(model({"user": user, "movie": movie}), (-1,))
    return scores[0] - scores[1] - scores[2] + scores[3]


# %% 4.4 wrong · whole numbers
# says: should be of type float32
def multi_hot(labels, separator="|"):
    return labels.str.get_dummies(separator)


# %% 4.4 wrong · float64
# says: should be of type float32
def multi_hot(labels, separator="|"):
    return labels.str.get_dummies(separator).astype(float)


# %% 4.4 wrong · always |
# says: taken apart
def multi_hot(labels, separator="|"):
    return labels.str.get_dummies().astype("float32")


# %% 4.4 wrong · dummies of whole texts
# says: taken apart
import pandas as pd


def multi_hot(labels, separator="|"):
    return pd.get_dummies(labels).astype("float32")


# %% 4.4 wrong · an empty label
# says: a column without a name
import pandas as pd


def multi_hot(labels, separator="|"):
    rows = [text.split(separator) for text in labels]
    columns = sorted({label for row in rows for label in row})
    table = [[float(label in row) for label in columns] for row in rows]
    return pd.DataFrame(table, labels.index, columns, "float32")


# %% 4.4 wrong · looks for labels in texts
# says: inside another one
import pandas as pd


def multi_hot(labels, separator="|"):
    columns = sorted(set(separator.join(labels).split(separator)) - {""})
    table = [[float(label in text) for label in columns] for text in labels]
    return pd.DataFrame(table, labels.index, columns, "float32")


# %% 4.4 wrong · single letters
# says: single letters
# base: wrong · looks for labels in texts
# replace: (separator.join(labels).split(separator)) - {""} → ("".join(labels)) - {separator}


# %% 4.4 wrong · columns as they come
# says: alphabetical order
import pandas as pd


def multi_hot(labels, separator="|"):
    columns = list(dict.fromkeys(separator.join(labels).split(separator)))
    columns = [label for label in reversed(sorted(columns)) if label]
    table = [[label in text.split(separator) for label in columns] for text in labels]
    return pd.DataFrame(table, labels.index, columns, "float32")


# %% 4.4 wrong · a new index
# says: the index of `labels`
def multi_hot(labels, separator="|"):
    table = labels.reset_index(drop=True).str.get_dummies(separator)
    return table.astype("float32")


# %% 4.4 wrong · sorted by the index
# says: the index of `labels`
import pandas as pd


def multi_hot(labels, separator="|"):
    parts = labels.str.split(separator).explode()
    table = pd.get_dummies(parts).groupby(level=0).max()
    return table.drop(columns="").astype("float32")


# %% 4.4 wrong · rows without labels are gone
# says: one row for each text
import pandas as pd


def multi_hot(labels, separator="|"):
    parts = labels[labels != ""].str.split(separator).explode()
    table = pd.get_dummies(parts).groupby(level=0, sort=False).max()
    return table.astype("float32")


# %% 4.4 wrong · an array
# says: should return a DataFrame
def multi_hot(labels, separator="|"):
    return labels.str.get_dummies(separator).to_numpy("float32")


# %% 4.4 wrong · counts
# says: counts twice
import pandas as pd


def multi_hot(labels, separator="|"):
    rows = [text.split(separator) for text in labels]
    columns = sorted({label for row in rows for label in row if label})
    table = [[row.count(label) for label in columns] for row in rows]
    return pd.DataFrame(table, labels.index, columns, "float32")


# %% 4.4 wrong · the separator as a regular expression
# says: the texts were split between any two of them
# base: wrong · an empty label
# replace: [text.split(separator) for text in labels] → labels.str.split(separator, regex=True)


# %% 4.4 wrong · the first label only
# says: row
# base: wrong · an empty label
# replace: for text → if text else [] for text
# replace: (label in row) → (label in row[:1])


# %% 4.4 right · lists of labels
import pandas as pd


def multi_hot(labels, separator="|"):
    rows = [text.split(separator) if text else [] for text in labels]
    columns = sorted(set().union(*rows))
    table = [[label in row for label in columns] for row in rows]
    return pd.DataFrame(table, index=labels.index, columns=columns).astype("float32")


# %% 4.4 wrong · capitals and small letters alike
# says: Capitals and small letters are sorted as one
def multi_hot(labels, separator="|"):
    table = labels.str.get_dummies(separator).astype("float32")
    return table[sorted(table, key=str.lower)]


# %% 4.4 wrong · filled by index label
# says: Rows with the same index value
import pandas as pd


def multi_hot(labels, separator="|"):
    table = pd.DataFrame(index=labels.index)
    for place, text in labels.items():
        for label in filter(None, text.split(separator)):
            if label not in table:
                table[label] = np.float32(0)
            table.loc[place, label] = 1
    return table.sort_index(axis=1).astype("float32")


# %% 4.4 wrong · exploded, and put together by index label
# says: Rows with the same index value | Your code stopped with
import pandas as pd


def multi_hot(labels, separator="|"):
    parts = labels.str.split(separator).explode()
    table = pd.get_dummies(parts, dtype="float32").groupby(level=0, sort=False).max()
    return (
        table.drop(columns="", errors="ignore")
        .loc[labels.index.unique()]
        .reindex(labels.index)
    )


# %% 4.4 right · exploded, and put together by place
import pandas as pd


def multi_hot(labels, separator="|"):
    parts = labels.reset_index(drop=True).str.split(separator).explode()
    table = pd.get_dummies(parts, dtype="float32").groupby(level=0).max()
    return table.drop(columns="", errors="ignore").set_axis(labels.index)


# %% 4.4 right · scikit-learn
import pandas as pd


def multi_hot(labels, separator="|"):
    from sklearn.preprocessing import MultiLabelBinarizer

    binarizer = MultiLabelBinarizer()
    rows = [[one for one in text.split(separator) if one] for text in labels]
    table = binarizer.fit_transform(rows).astype("float32")
    return pd.DataFrame(table, index=labels.index, columns=binarizer.classes_)


# %% 4.5 wrong · pandas' deviation
# says: divides by n - 1
import pandas as pd


def standardise(values):
    values = pd.Series(np.asarray(values, dtype="float64"))
    z = ((values - values.mean()) / values.std()).fillna(0)
    return np.column_stack([z, values.isna()]).astype("float32")


# %% 4.5 wrong · NaN in the mean
# says: A whole column is NaN
def standardise(values):
    values = np.asarray(values, dtype="float64")
    missing = np.isnan(values)
    z = (values - values.mean()) / values.std()
    return np.column_stack([z, missing]).astype("float32")


# %% 4.5 wrong · NaN stay
# says: there is still NaN
# base: wrong · NaN in the mean
# replace: values.mean()) / values.std( → np.nanmean(values)) / np.nanstd(values


# %% 4.5 wrong · NaN as 0 from the start
# says: taken for 0 in mean
# base: wrong · NaN in the mean
# replace: missing = np.isnan(values) → missing = np.isnan(values)\n    values = np.nan_to_num(values)


# %% 4.5 wrong · NaN as 0 before the mean is taken off
# says: very special
def standardise(values):
    values = np.asarray(values, dtype="float64")
    missing = np.isnan(values)
    z = (np.nan_to_num(values) - np.nanmean(values)) / np.nanstd(values)
    return np.column_stack([z, missing]).astype("float32")


# %% 4.5 wrong · NaN as the mean before the deviation
# says: came out too small
def standardise(values):
    values = np.asarray(values, dtype="float64")
    missing = np.isnan(values)
    values = np.where(missing, np.nanmean(values), values)
    z = (values - values.mean()) / values.std()
    return np.column_stack([z, missing]).astype("float32")


# %% 4.5 wrong · 1 for those that are there
# says: the wrong way round
def standardise(values):
    values = np.asarray(values, dtype="float64")
    missing = np.isnan(values)
    z = (values - np.nanmean(values)) / np.nanstd(values)
    return np.column_stack([np.where(missing, 0, z), ~missing]).astype("float32")


# %% 4.5 wrong · columns exchanged
# says: columns are exchanged
def standardise(values):
    values = np.asarray(values, dtype="float64")
    missing = np.isnan(values)
    z = np.nan_to_num((values - np.nanmean(values)) / np.nanstd(values))
    return np.column_stack([missing, z]).astype("float32")


# %% 4.5 wrong · on its side
# says: lie on their side
# base: wrong · columns exchanged
# replace: column_stack([missing, z]).astype("float32") → array([z, missing], dtype="float32")


# %% 4.5 wrong · one column
# says: rows of two numbers
# base: wrong · columns exchanged
# replace: np.column_stack([missing, z]) → z


# %% 4.5 wrong · the variance
# says: the deviation is its root
def standardise(values):
    values = np.asarray(values, dtype="float64")
    missing = np.isnan(values)
    z = np.nan_to_num((values - np.nanmean(values)) / np.nanvar(values))
    return np.column_stack([z, missing]).astype("float32")


# %% 4.5 wrong · from 0 to 1
# says: from 0 to 1
def standardise(values):
    values = np.asarray(values, dtype="float64")
    missing = np.isnan(values)
    low, high = np.nanmin(values), np.nanmax(values)
    z = np.nan_to_num((values - low) / (high - low))
    return np.column_stack([z, missing]).astype("float32")


# %% 4.5 wrong · not divided
# says: nothing is divided
# base: wrong · the variance
# replace: (values - np.nanmean(values)) / np.nanvar → values - np.nanmean


# %% 4.5 wrong · float64
# says: dtype float64
# base: wrong · columns exchanged
# replace: [missing, z]).astype("float32" → [z, missing]


# %% 4.5 wrong · fills the caller's array
# says: changes its argument `values`
def standardise(values):
    values = np.asarray(values, dtype="float64")
    missing = np.isnan(values)
    z = (values - np.nanmean(values)) / np.nanstd(values)
    values[missing] = 0
    z[missing] = 0
    return np.column_stack([z, missing]).astype("float32")


# %% 4.5 wrong · Series by label
# says: Your code stopped with KeyError
def standardise(values):
    numbers = [values[i] for i in range(len(values))]
    numbers = np.array(numbers, dtype="float64")
    missing = np.isnan(numbers)
    z = np.nan_to_num((numbers - np.nanmean(numbers)) / np.nanstd(numbers))
    return np.column_stack([z, missing]).astype("float32")


# %% 4.5 wrong · a column only where something is missing
# says: rows of two numbers
def standardise(values):
    values = np.asarray(values, dtype="float64")
    missing = np.isnan(values)
    z = np.nan_to_num((values - np.nanmean(values)) / np.nanstd(values))
    columns = [z, missing] if missing.any() else [z]
    return np.column_stack(columns).astype("float32")


# %% 4.5 wrong · a frame
# says: should return a NumPy array
import pandas as pd


def standardise(values):
    values = np.asarray(values, dtype="float64")
    missing = np.isnan(values)
    z = np.nan_to_num((values - np.nanmean(values)) / np.nanstd(values))
    return pd.DataFrame({"z": z, "missing": missing}).astype("float32")


# %% 4.5 wrong · the mean taken for missing
# says: exactly the mean
def standardise(values):
    values = np.asarray(values, dtype="float64")
    z = np.nan_to_num((values - np.nanmean(values)) / np.nanstd(values))
    return np.column_stack([z, z == 0]).astype("float32")


# %% 4.5 wrong · 0 taken for missing
# says: A value of 0 was taken for a missing one
import pandas as pd


def standardise(values):
    values = pd.Series(np.asarray(values, dtype="float64")).fillna(0)
    there = values[values != 0]
    z = (values - there.mean()) / there.std(ddof=0)
    missing = values == 0
    return np.column_stack([z.where(~missing, 0), missing]).astype("float32")


# %% 4.5 wrong · only what is above 0 is there
# says: Values of 0 and below were taken for missing ones
def standardise(values):
    values = np.asarray(values, dtype="float64")
    there = values > 0
    z = (values - values[there].mean()) / values[there].std()
    return np.column_stack([np.where(there, z, 0), ~there]).astype("float32")


# %% 4.5 wrong · two decimals
# says: That is right, but rounded
def standardise(values):
    values = np.asarray(values, dtype="float64")
    z = np.nan_to_num((values - np.nanmean(values)) / np.nanstd(values)).round(2)
    return np.column_stack([z, np.isnan(values)]).astype("float32")


# %% 4.5 wrong · a tensor
# says: should return a NumPy array
def standardise(values):
    values = np.asarray(values, dtype="float64")
    z = np.nan_to_num((values - np.nanmean(values)) / np.nanstd(values))
    table = np.column_stack([z, np.isnan(values)]).astype("float32")
    return ops.convert_to_tensor(table)


# %% 4.5 wrong · cut off at 3
# says: cut off at 3 deviations
def standardise(values):
    values = np.asarray(values, dtype="float64")
    z = (values - np.nanmean(values)) / np.nanstd(values)
    z = np.clip(np.nan_to_num(z), -3, 3)
    return np.column_stack([z, np.isnan(values)]).astype("float32")


# %% 4.5 wrong · cut off at 2.6
# says: cut off at 2.6 deviations
# base: wrong · cut off at 3
# replace: 3, 3 → 2.6, 2.6


# %% 4.5 right · pandas, told to divide by n
import pandas as pd


def standardise(values):
    values = pd.Series(values, dtype="float64").reset_index(drop=True)
    z = ((values - values.mean()) / values.std(ddof=0)).fillna(0.0)
    return np.stack([z, values.isna()], axis=1).astype("float32")


# %% 4.5 right · only those that are there, in a loop
def standardise(values):
    there = [value for value in values if value == value]
    mean = sum(there) / len(there)
    deviation = (sum((value - mean) ** 2 for value in there) / len(there)) ** 0.5
    rows = [
        ((value - mean) / deviation, 0.0) if value == value else (0.0, 1.0)
        for value in values
    ]
    return np.array(rows, dtype=np.float32)


# %% 4.5 right · a mask
def standardise(values):
    values = np.array(values, dtype="float32")
    result = np.zeros((len(values), 2), "float32")
    result[:, 1] = np.isnan(values)
    there = result[:, 1] == 0
    result[there, 0] = (values[there] - values[there].mean()) / values[there].std()
    return result


# %% 4.6 wrong · peeks
# says: It peeks
def history_vectors(rated, vectors, who, what):
    own = ops.take(ops.reshape(rated, (-1,)), who * rated.shape[1] + what)[:, None]
    total = ops.take(ops.matmul(rated, vectors), who, axis=0)
    number = ops.take(ops.sum(rated, axis=1, keepdims=True), who, axis=0)
    return total / ops.sqrt(ops.maximum(number, 1.0))


# %% 4.6 wrong · own movie still counted
# says: still counted in the number
# base: wrong · peeks
# replace: return total → rest = total - own * ops.take(vectors, what, axis=0)\n    return rest


# %% 4.6 wrong · own movie off the number only
# says: but not off the sum
# base: wrong · peeks
# replace: number, → number - own,


# %% 4.6 wrong · own movie always taken off
# says: taken off always
def history_vectors(rated, vectors, who, what):
    own = ops.take(ops.reshape(rated, (-1,)), who * rated.shape[1] + what)[:, None]
    total = ops.take(ops.matmul(rated, vectors), who, axis=0)
    number = ops.take(ops.sum(rated, axis=1, keepdims=True), who, axis=0)
    rest = total - ops.take(vectors, what, axis=0)
    return rest / ops.sqrt(ops.maximum(number - 1.0, 1.0))


# %% 4.6 wrong · own vector always taken off
# says: taken off always
# base: wrong · own movie always taken off
# replace: 1.0, → own,


# %% 4.6 wrong · number always down by one
# says: should go down by `own`
# base: wrong · own movie always taken off
# replace: - ops → - own * ops


# %% 4.6 wrong · the mean
# says: That is the mean
def history_vectors(rated, vectors, who, what):
    own = ops.take(ops.reshape(rated, (-1,)), who * rated.shape[1] + what)[:, None]
    total = ops.take(ops.matmul(rated, vectors), who, axis=0)
    number = ops.take(ops.sum(rated, axis=1, keepdims=True), who, axis=0)
    rest = total - own * ops.take(vectors, what, axis=0)
    return rest / ops.maximum(number - own, 1.0)


# %% 4.6 wrong · only the sum
# says: Divide it by the square root
# base: wrong · the mean
# replace: return rest / ops.maximum(number - own, 1.0) → return rest


# %% 4.6 wrong · 0 / 0
# says: 0 / 0
# base: wrong · the mean
# replace: maximum(number - own, 1.0) → sqrt(number - own)


# %% 4.6 wrong · at least 1 too early
# says: 0 / 0
# base: wrong · the mean
# replace: maximum(number - own, 1.0) → sqrt(ops.maximum(number, 1.0) - own)


# %% 4.6 wrong · one more instead of at least one
# says: the larger of the two
# base: wrong · the mean
# replace: maximum(number - own, 1.0) → sqrt(number - own + 1.0)


# %% 4.6 wrong · all users
# says: Your code stopped with
def history_vectors(rated, vectors, who, what):
    own = ops.take(ops.reshape(rated, (-1,)), who * rated.shape[1] + what)[:, None]
    total = ops.matmul(rated, vectors)
    number = ops.sum(rated, axis=1, keepdims=True)
    rest = total - own * ops.take(vectors, what, axis=0)
    return rest / ops.sqrt(ops.maximum(number - own, 1.0))


# %% 4.6 wrong · one row for each user
# says: one row for each user
def history_vectors(rated, vectors, who, what):
    own = ops.take(ops.reshape(rated, (-1,)), who * rated.shape[1] + what)[:, None]
    number = ops.sum(rated, axis=1, keepdims=True)
    return ops.matmul(rated, vectors) / ops.sqrt(ops.maximum(number, 1.0))


# %% 4.6 wrong · the count without its axis
# says: (number of pairs, number of factors)
def history_vectors(rated, vectors, who, what):
    own = ops.take(ops.reshape(rated, (-1,)), who * rated.shape[1] + what)[:, None]
    total = ops.take(ops.matmul(rated, vectors), who, axis=0)
    number = ops.take(ops.sum(rated, axis=1), who, axis=0)
    rest = total - own * ops.take(vectors, what, axis=0)
    return rest[:, None] / ops.sqrt(ops.maximum(number - own, 1.0))[:, :, None]


# %% 4.6 wrong · NumPy, which no model can use
# says: should return a tensor
def history_vectors(rated, vectors, who, what):
    own = ops.take(ops.reshape(rated, (-1,)), who * rated.shape[1] + what)[:, None]
    rated, vectors = np.asarray(rated), np.asarray(vectors)
    who, what = np.asarray(who), np.asarray(what)
    history = rated[who]
    history[np.arange(len(who)), what] = 0
    number = history.sum(axis=1, keepdims=True)
    return history @ vectors / np.sqrt(np.maximum(number, 1))


# %% 4.6 wrong · a loop over the pairs, which no model can use
# says: the number of rows is unknown
def history_vectors(rated, vectors, who, what):
    own = ops.take(ops.reshape(rated, (-1,)), who * rated.shape[1] + what)[:, None]
    rows = []
    for u, m in zip(who, what):
        terms = [
            vectors[i]
            for i in range(rated.shape[1])
            if float(rated[int(u), i]) and i != int(m)
        ]
        rows.append(sum(terms, ops.zeros(vectors.shape[1])) / max(len(terms), 1) ** 0.5)
    return ops.stack(rows)


# %% 4.6 wrong · NumPy, made a tensor at the end
# says: the number of rows is unknown
def history_vectors(rated, vectors, who, what):
    rated, vectors = np.asarray(rated), np.asarray(vectors)
    who, what = np.asarray(who), np.asarray(what)
    history = rated[who]
    history[np.arange(len(who)), what] = 0
    number = history.sum(axis=1, keepdims=True)
    return ops.convert_to_tensor(history @ vectors / np.sqrt(np.maximum(number, 1)))


# %% 4.6 wrong · needs to know the number of rows
# says: the number of rows is unknown
def history_vectors(rated, vectors, who, what):
    history = ops.take(rated, who, axis=0)
    places = ops.stack([ops.arange(who.shape[0]), what], axis=1)
    history = ops.scatter_update(history, places, ops.zeros(who.shape[0]))
    number = ops.sum(history, axis=1, keepdims=True)
    return ops.matmul(history, vectors) / ops.sqrt(ops.maximum(number, 1.0))


# %% 4.6 wrong · one by one, joined
# says: the number of rows is unknown
def history_vectors(rated, vectors, who, what):
    own = ops.take(ops.reshape(rated, (-1,)), who * rated.shape[1] + what)[:, None]
    rest, number = [], []
    for place in range(len(who)):
        history = rated[who[place]]
        rest.append(ops.matmul(history, vectors) - own[place] * vectors[what[place]])
        number.append(ops.maximum(ops.sum(history) - own[place], 1.0))
    return ops.stack(rest) / ops.sqrt(ops.stack(number))


# %% 4.6 wrong · 0 / 0 replaced afterwards
# says: their gradient is NaN
def history_vectors(rated, vectors, who, what):
    own = ops.take(ops.reshape(rated, (-1,)), who * rated.shape[1] + what)[:, None]
    total = ops.take(ops.matmul(rated, vectors), who, axis=0)
    left = ops.take(ops.sum(rated, axis=1, keepdims=True), who, axis=0) - own
    rest = total - own * ops.take(vectors, what, axis=0)
    return ops.where(left > 0, rest / ops.sqrt(left), 0.0)


# %% 4.6 wrong · no gradient
# says: No gradient comes back to `vectors`
def history_vectors(rated, vectors, who, what):
    own = ops.take(ops.reshape(rated, (-1,)), who * rated.shape[1] + what)[:, None]
    vectors = ops.stop_gradient(vectors)
    total = ops.take(ops.matmul(rated, vectors), who, axis=0)
    number = ops.take(ops.sum(rated, axis=1, keepdims=True), who, axis=0)
    rest = total - own * ops.take(vectors, what, axis=0)
    return rest / ops.sqrt(ops.maximum(number - own, 1.0))


# %% 4.6 wrong · float64
# says: dtype float64
def history_vectors(rated, vectors, who, what):
    own = ops.take(ops.reshape(rated, (-1,)), who * rated.shape[1] + what)[:, None]
    total = ops.take(ops.matmul(rated, vectors), who, axis=0)
    number = ops.take(ops.sum(rated, axis=1, keepdims=True), who, axis=0)
    rest = total - own * ops.take(vectors, what, axis=0)
    return ops.cast(rest / ops.sqrt(ops.maximum(number - own, 1.0)), "float64")


# %% 4.6 wrong · a single pair loses its row
# says: (number of pairs, number of factors)
def history_vectors(rated, vectors, who, what):
    own = ops.take(ops.reshape(rated, (-1,)), who * rated.shape[1] + what)[:, None]
    total = ops.take(ops.matmul(rated, vectors), who, axis=0)
    number = ops.take(ops.sum(rated, axis=1, keepdims=True), who, axis=0)
    rest = total - own * ops.take(vectors, what, axis=0)
    found = rest / ops.sqrt(ops.maximum(number - own, 1.0))
    return ops.squeeze(found) if who.shape[0] == 1 else found


# %% 4.6 right · the number of rows asked of the tensor itself
def history_vectors(rated, vectors, who, what):
    n = ops.shape(who)[0]
    history = ops.take(rated, who, axis=0)
    places = ops.stack([ops.arange(n, dtype="int32"), what], axis=1)
    history = ops.scatter_update(history, places, ops.zeros((n,)))
    number = ops.sum(history, axis=1, keepdims=True)
    return ops.matmul(history, vectors) / ops.sqrt(ops.maximum(number, 1.0))


# %% 4.6 right · each pair's row of the matrix, its own entry set to 0
def history_vectors(rated, vectors, who, what):
    others = 1.0 - ops.one_hot(what, rated.shape[1])
    history = ops.take(rated, who, axis=0) * others
    number = ops.sum(history, axis=-1, keepdims=True)
    return ops.matmul(history, vectors) / ops.sqrt(ops.maximum(number, 1.0))


# %% 4.6 right · where instead of own
def history_vectors(rated, vectors, who, what):
    own = ops.take(ops.reshape(rated, (-1,)), who * rated.shape[1] + what)[:, None]
    total = ops.take(ops.matmul(rated, vectors), who, axis=0)
    number = ops.take(ops.sum(rated, axis=1, keepdims=True), who, axis=0)
    seen = own > 0.5
    rest = ops.where(seen, total - ops.take(vectors, what, axis=0), total)
    left = ops.where(seen, number - 1, number)
    return rest * ops.rsqrt(ops.where(left < 1, 1.0, left))


# %% 4.6 right · flat counts, a new axis at the end
def history_vectors(rated, vectors, who, what):
    own = ops.take(ops.reshape(rated, (-1,)), who * rated.shape[1] + what)[:, None]
    number = ops.take(ops.sum(rated, axis=1), who)
    left = ops.maximum(number - ops.squeeze(own, axis=1), 1)
    own_vectors = own * ops.take(vectors, what, axis=0)
    rest = ops.take(rated @ vectors, who, axis=0) - own_vectors
    return rest / ops.expand_dims(ops.sqrt(left), -1)


# %% 4.3 wrong · reads the table out of the function
# says: Your code stopped with
def interaction(model, one_user, other_user, one_movie, other_movie):
    cells = [cell.cell_contents for cell in model.__closure__]
    (table,) = [one for one in cells if isinstance(one, np.ndarray)]
    a, b = table[one_user, one_movie], table[one_user, other_movie]
    return a - b - table[other_user, one_movie] + table[other_user, other_movie]


# %% 4.7 right · the network last, in one return
class HybridModel(keras.Model):
    def __init__(
        self,
        mean,
        rated,
        user_features,
        movie_features,
        n_factors=32,
        hidden=64,
        l2=2e-4,
    ):
        super().__init__(name="hybrid")
        n_users, n_movies = len(user_features), len(movie_features)

        def table(n_rows, n_columns, name):
            start = keras.initializers.RandomNormal(stddev=0.05 if n_columns > 1 else 0)
            weights = layers.Embedding(
                n_rows, n_columns, start, keras.regularizers.L2(l2), name=name
            )
            weights.build()
            return weights

        self.mean = mean
        self.user_bias = table(n_users, 1, "user_bias")
        self.movie_bias = table(n_movies, 1, "movie_bias")
        self.user_factors = table(n_users, n_factors, "user_factors")
        self.movie_factors = table(n_movies, n_factors, "movie_factors")
        self.user_features = ops.convert_to_tensor(user_features)
        self.movie_features = ops.convert_to_tensor(movie_features)
        self.rated = None if rated is None else ops.convert_to_tensor(rated)
        if rated is not None:
            self.rated_by = ops.transpose(self.rated)
            self.when_rated = table(n_movies, n_factors, "movie_when_rated")
            self.when_rating = table(n_users, n_factors, "user_when_rating")
        self.has_network = hidden > 0
        if self.has_network:
            self.dropout = layers.Dropout(0.3)
            self.hidden = layers.Dense(hidden, activation="relu", name="hidden")
            self.output_layer = layers.Dense(1, name="output")

    def call(self, pairs, training=False):
        user, movie = pairs["user"], pairs["movie"]
        p, q = self.user_factors(user), self.movie_factors(movie)
        if self.rated is not None:
            p = p + history_vectors(self.rated, self.when_rated.embeddings, user, movie)
            q = q + history_vectors(
                self.rated_by, self.when_rating.embeddings, movie, user
            )
        rating = ops.sum(p * q, axis=1)[:, None] + self.user_bias(user)
        rating = rating + self.movie_bias(movie) + self.mean
        if self.has_network:
            features = [
                ops.take(self.user_features, user, axis=0),
                ops.take(self.movie_features, movie, axis=0),
            ]
            x = ops.concatenate([p, q, p * q, *features], axis=1)
            x = self.hidden(self.dropout(x, training=training))
            x = self.dropout(x, training=training)
            rating = rating + self.output_layer(x)
        return rating


# %% 4.7 right · layers of Keras, and dropout that finds out about training
class HybridModel(keras.Model):
    def __init__(
        self,
        mean,
        rated,
        user_features,
        movie_features,
        n_factors=32,
        hidden=64,
        l2=2e-4,
    ):
        super().__init__(name="hybrid")
        n_users, n_movies = len(user_features), len(movie_features)

        def table(n_rows, n_columns, name):
            start = keras.initializers.RandomNormal(stddev=0.05 if n_columns > 1 else 0)
            weights = layers.Embedding(
                n_rows, n_columns, start, keras.regularizers.L2(l2), name=name
            )
            weights.build()
            return weights

        self.mean = mean
        self.user_bias = table(n_users, 1, "user_bias")
        self.movie_bias = table(n_movies, 1, "movie_bias")
        self.user_factors = table(n_users, n_factors, "user_factors")
        self.movie_factors = table(n_movies, n_factors, "movie_factors")
        self.user_features = ops.convert_to_tensor(user_features)
        self.movie_features = ops.convert_to_tensor(movie_features)
        self.rated = None if rated is None else ops.convert_to_tensor(rated)
        if rated is not None:
            self.rated_by = ops.transpose(self.rated)
            self.when_rated = table(n_movies, n_factors, "movie_when_rated")
            self.when_rating = table(n_users, n_factors, "user_when_rating")
        self.has_network = hidden > 0
        if self.has_network:
            self.dropout = layers.Dropout(0.3)
            self.hidden = layers.Dense(hidden, activation="relu", name="hidden")
            self.output_layer = layers.Dense(1, name="output")

    def call(self, pairs, training=False):
        user, movie = pairs["user"], pairs["movie"]
        user_vector = ops.take(self.user_factors.embeddings, user, axis=0)
        movie_vector = ops.take(self.movie_factors.embeddings, movie, axis=0)
        if self.rated is not None:
            user_vector = ops.add(
                user_vector,
                history_vectors(self.rated, self.when_rated.embeddings, user, movie),
            )
            movie_vector = ops.add(
                movie_vector,
                history_vectors(
                    self.rated_by, self.when_rating.embeddings, movie, user
                ),
            )
        terms = [
            self.user_bias(user),
            self.movie_bias(movie),
            layers.Dot(axes=-1)([user_vector, movie_vector]),
        ]
        if self.has_network:
            inputs = [user_vector, movie_vector, user_vector * movie_vector]
            inputs.append(ops.take(self.user_features, user, axis=0))
            inputs.append(ops.take(self.movie_features, movie, axis=0))
            dropped = self.dropout(layers.Concatenate()(inputs))
            terms.append(self.output_layer(self.dropout(self.hidden(dropped))))
        return layers.Add()(terms) + self.mean


# %% 4.7 right · einsum, TensorFlow, and each input dropped before the concatenation
import tensorflow as tf


class HybridModel(keras.Model):
    def __init__(
        self,
        mean,
        rated,
        user_features,
        movie_features,
        n_factors=32,
        hidden=64,
        l2=2e-4,
    ):
        super().__init__(name="hybrid")
        n_users, n_movies = len(user_features), len(movie_features)

        def table(n_rows, n_columns, name):
            start = keras.initializers.RandomNormal(stddev=0.05 if n_columns > 1 else 0)
            weights = layers.Embedding(
                n_rows, n_columns, start, keras.regularizers.L2(l2), name=name
            )
            weights.build()
            return weights

        self.mean = mean
        self.user_bias = table(n_users, 1, "user_bias")
        self.movie_bias = table(n_movies, 1, "movie_bias")
        self.user_factors = table(n_users, n_factors, "user_factors")
        self.movie_factors = table(n_movies, n_factors, "movie_factors")
        self.user_features = ops.convert_to_tensor(user_features)
        self.movie_features = ops.convert_to_tensor(movie_features)
        self.rated = None if rated is None else ops.convert_to_tensor(rated)
        if rated is not None:
            self.rated_by = ops.transpose(self.rated)
            self.when_rated = table(n_movies, n_factors, "movie_when_rated")
            self.when_rating = table(n_users, n_factors, "user_when_rating")
        self.has_network = hidden > 0
        if self.has_network:
            self.dropout = layers.Dropout(0.3)
            self.hidden = layers.Dense(hidden, activation="relu", name="hidden")
            self.output_layer = layers.Dense(1, name="output")

    def call(self, pairs, training=False):
        user, movie = pairs["user"], pairs["movie"]
        vectors = [self.user_factors(user), self.movie_factors(movie)]
        if self.rated is not None:
            vectors[0] += history_vectors(
                self.rated, self.when_rated.embeddings, who=user, what=movie
            )
            vectors[1] += history_vectors(
                ops.transpose(self.rated), self.when_rating.embeddings, movie, user
            )
        match = ops.multiply(*vectors)
        rating = self.mean + self.user_bias(user) + self.movie_bias(movie)
        rating += ops.einsum("nf,nf->n", *vectors)[:, None]
        if not self.has_network:
            return rating
        parts = [*vectors, match]
        parts += [tf.gather(self.user_features, user)]
        parts += [tf.gather(self.movie_features, movie)]
        dropped = [self.dropout(part, training=training) for part in parts]
        values = self.hidden(tf.concat(dropped, axis=1))
        return rating + self.output_layer(self.dropout(values, training=training))


# %% 4.7 wrong · no histories
# says: The histories are not added
# base: right · the network last, in one return
# replace: if self.rated is not None → if False


# %% 4.7 wrong · the user's history only
# says: The movie's history is not added
# base: right · the network last, in one return
# replace: q = q + history → history


# %% 4.7 wrong · the movie's history only
# says: The user's history is not added
# base: right · the network last, in one return
# replace: p = p + history → history


# %% 4.7 wrong · each history added to the wrong vector
# says: wrong vector
# base: right · the network last, in one return
# replace: p = p + history → p, q = p, q + history
# replace:             q = q + history →             p = p + history


# %% 4.7 wrong · the model peeks
# says: It peeks
# base: right · the network last, in one return
# replace: p = p + history_vectors(self.rated, self.when_rated.embeddings, user, movie → n = ops.maximum(ops.sum(self.rated, axis=1, keepdims=True), 1.0)\n            p = p + ops.take(\n                self.rated @ self.when_rated.embeddings / ops.sqrt(n), user, axis=0
# replace: q = q + history_vectors(\n                self.rated_by, self.when_rating.embeddings, movie, user → n = ops.maximum(ops.sum(self.rated_by, axis=1, keepdims=True), 1.0)\n            q = q + ops.take(\n                self.rated_by @ self.when_rating.embeddings / ops.sqrt(n), movie, axis=0


# %% 4.7 wrong · histories in the network only
# says: The histories are missing in the dot product
# base: right · the network last, in one return
# replace: if self.rated is not None → bare = p * q\n        if self.rated is not None
# replace: rating = ops.sum(p * q, → rating = ops.sum(bare if self.has_network else p * q,


# %% 4.7 wrong · histories in the dot product only
# says: The histories are missing in the network's inputs
# base: right · the network last, in one return
# replace: if self.rated is not None → bare = [p, q, p * q]\n        if self.rated is not None
# replace: [p, q, p * q, *features] → [*bare, *features]


# %% 4.7 wrong · no mean
# says: The mean is missing
# base: right · the network last, in one return
# replace:  + self.mean →


# %% 4.7 wrong · no biases
# says: Both biases are missing
# base: right · the network last, in one return
# replace:  + self.user_bias(user) →
# replace: rating + self.movie_bias(movie) + → rating +


# %% 4.7 wrong · no bias of the movie
# says: The movie's bias is missing
# base: right · the network last, in one return
# replace: rating + self.movie_bias(movie) + → rating +


# %% 4.7 wrong · no dot product
# says: The dot product of the two vectors is missing
# base: right · the network last, in one return
# replace: ops.sum(p * q, axis=1)[:, None] → 0.0


# %% 4.7 wrong · a flat dot product
# says: table of all pairs with each other
# base: right · the network last, in one return
# replace: axis=1)[:, None] → axis=1)


# %% 4.7 wrong · flat at the end
# says: should return shape (n, 1)
# base: right · the network last, in one return
# replace: return rating → return rating[:, 0]


# %% 4.7 wrong · the product is missing in the network
# says: One of the vectors or their product is missing
# base: right · the network last, in one return
# replace: p * q, *features → *features


# %% 4.7 wrong · a sum for the product
# says: should be the *product*
# base: right · the network last, in one return
# replace: [p, q, p * q → [p, q, p + q


# %% 4.7 wrong · no features
# says: features of user and movie are missing
# base: right · the network last, in one return
# replace: , *features →


# %% 4.7 wrong · no features of the user
# says: The user's features are missing
# base: right · the network last, in one return
# replace: *features → features[1]


# %% 4.7 wrong · features first
# says: in another order
# base: right · the network last, in one return
# replace: [p, q, p * q, *features] → [*features, p, q, p * q]


# %% 4.7 wrong · the network's output alone
# says: the network's output alone
# base: right · the network last, in one return
# replace: rating = rating + self.output → rating = self.output


# %% 4.7 wrong · the network is not used
# says: does not use its hidden layer
# base: right · the network last, in one return
# replace: if self.has_network:\n            features → if False:\n            features


# %% 4.7 wrong · a network where there is none
# says: no attribute 'hidden' | no attribute 'dropout'
# base: right · the network last, in one return
# replace: if self.has_network:\n            features → if True:\n            features


# %% 4.7 wrong · dropout while predicting
# says: dropout is on while predicting
# base: right · the network last, in one return
# replace: x = self.dropout(x, training=training) → x = self.dropout(x, training=True)


# %% 4.7 wrong · dropout without an end
# says: dropout is on while predicting
# base: right · the network last, in one return
# replace: self.hidden(self.dropout(x, training=training)) → self.hidden(self.dropout(x, training=True))


# %% 4.7 wrong · no dropout after the hidden layer
# says: nothing is dropped after the hidden layer
# base: right · the network last, in one return
# replace:             x = self.dropout(x, training=training)\n →


# %% 4.7 wrong · no dropout before the hidden layer
# says: before the hidden layer. Dropout follows
# base: right · the network last, in one return
# replace: self.hidden(self.dropout(x, training=training)) → self.hidden(x)


# %% 4.7 wrong · dropout never
# says: nothing is dropped after the hidden layer
# base: right · the network last, in one return
# replace: self.hidden(self.dropout(x, training=training)) → self.hidden(self.dropout(x, training=False))
# replace: x = self.dropout(x, training=training) → x = self.dropout(x, training=False)


# %% 4.7 wrong · the vectors only are dropped
# says: nothing of the product is dropped
# base: right · the network last, in one return
# replace: [p, q, p * q, *features] → [self.dropout(one, training=training) for one in (p, q)] + [p * q, *features]
# replace: self.hidden(self.dropout(x, training=training)) → self.hidden(x)


# %% 4.7 wrong · dropout of the vectors before the dot product
# says: In training more is dropped
# base: right · the network last, in one return
# replace: rating = ops.sum(p → p = self.dropout(p, training=training) if self.has_network else p\n        rating = ops.sum(p


# %% 4.7 wrong · dropout of the output
# says: In training more is dropped
# base: right · the network last, in one return
# replace: self.output_layer(x) → self.dropout(self.output_layer(x), training=training)


# %% 4.7 wrong · no gradient to the histories
# says: No gradient reaches
# base: right · the network last, in one return
# replace: self.rated, self.when_rated.embeddings → self.rated, ops.stop_gradient(self.when_rated.embeddings)


# %% 4.7 wrong · the network's vectors cut off
# says: not their gradient by
# base: right · the network last, in one return
# replace: [p, q, p * q, *features] → [ops.stop_gradient(p), q, p * q, *features]


# %% 4.7 wrong · a history in NumPy
# says: the number of rows is unknown
# base: right · the network last, in one return
# replace: rating = rating + self.output → rating = rating + 0 * np.asarray(rating) + self.output


# %% 4.6 wrong · the function of helpers
# says: calls a ready-made function
def history_vectors(rated, vectors, who, what):
    from helpers.histories import history_vectors as known

    return known(rated, vectors, who, what)


# %% 4.7 wrong · a function
# says: should be a class
def HybridModel(mean, rated, user_features, movie_features, n_factors=32, hidden=64):
    return keras.Sequential([layers.Dense(1)])


# %% 4.1 wrong · the mean as the start of a bias
# says: A weight that starts at the mean is learned
def build_deep_model(
    n_users, n_movies, mean, hidden=(64,), activation="relu", dropout=0.3, n_factors=32
):
    user = keras.Input(shape=(), dtype="int32", name="user")
    movie = keras.Input(shape=(), dtype="int32", name="movie")
    values = layers.Concatenate()(
        [
            layers.Embedding(n_users, n_factors, name="user_factors")(user),
            layers.Embedding(n_movies, n_factors, name="movie_factors")(movie),
        ]
    )
    values = layers.Dropout(dropout)(values)
    for number, width in enumerate(hidden, start=1):
        values = layers.Dense(width, activation, name=f"hidden_{number}")(values)
        values = layers.Dropout(dropout)(values)
    start = keras.initializers.Constant(mean)
    rating = layers.Dense(1, name="output", bias_initializer=start)(values)
    return keras.Model({"user": user, "movie": movie}, rating)


# %% 4.2 wrong · the next kernel on the left
# says: Are the factors in the right order?
def collapse(layers_weights):
    (k, c), *rest = layers_weights
    for W, b in rest:
        k, c = W @ k, c @ W + b
    return k, c


# %% 4.2 wrong · the product in place
# says: Write `a = a @ b`
def collapse(layers_weights):
    (k, c), *rest = layers_weights
    for W, b in rest:
        k @= W
        c = c @ W + b
    return k, c


# %% 4.6 wrong · a tiny divisor where nothing is left
# says: Do you divide by a tiny number there?
def history_vectors(rated, vectors, who, what):
    own = ops.take(ops.reshape(rated, (-1,)), who * rated.shape[1] + what)[:, None]
    rows = ops.take(rated, who, axis=0)
    s = ops.matmul(rows, vectors) - own * ops.take(vectors, what, axis=0)
    n = ops.sum(rows, axis=1, keepdims=True) - own
    return s / (ops.sqrt(n) + 1e-9)


# %% 4.6 wrong · rows of a tensor, as in NumPy
# says: Rows of a tensor are read by `ops.take
def history_vectors(rated, vectors, who, what):
    own = ops.take(ops.reshape(rated, (-1,)), who * rated.shape[1] + what)[:, None]
    s = ops.matmul(rated, vectors)[who] - own * vectors[what]
    n = ops.sum(rated, axis=1, keepdims=True)[who] - own
    return s / ops.sqrt(ops.maximum(n, 1.0))


# %% 4.7 wrong · user and movie not exchanged for the movie's history
# says: In a movie's history, movie and user change places
# replace: self.rated_by, self.when_rating.embeddings, movie, user → self.rated_by, self.when_rating.embeddings, user, movie


# %% 4.7 wrong · the movie's history of the vectors of movies
# says: The movie's history gets other things than it should
# replace: self.rated_by, self.when_rating.embeddings, movie, user → self.rated_by, self.when_rated.embeddings, movie, user


# %% 4.7 wrong · the movie's history from the rows of users
# says: The movie's history gets other things than it should
# replace: self.rated_by, self.when_rating.embeddings, movie, user → self.rated, self.when_rating.embeddings, movie, user


# %% 4.7 wrong · the user's history from the rows of movies
# says: The user's history gets other things than it should
# replace: history_vectors(self.rated, self.when_rated.embeddings, user, movie) → history_vectors(self.rated_by, self.when_rated.embeddings, user, movie)


# %% 4.7 wrong · features in place of the matrix
# says: inside `history_vectors` of exercise 4.6, which it calls
# replace: history_vectors(self.rated, self.when_rated.embeddings, user, movie) → history_vectors(self.user_features, self.when_rated.embeddings, user, movie)


# %% 4.7 wrong · rows of the features, as in NumPy
# says: Rows of a tensor are read by `ops.take
# replace: ops.take(self.user_features, user, axis=0) → self.user_features[user]


# %% 4.1 wrong · a seed inside
# says: The function sets a seed
# base: right · activations as layers, sums by hand
# replace: place = 0 → place = 0\n    keras.utils.set_random_seed(0)


# %% 4.1 wrong · keeps its models
# says: Two calls gave one and the same model
# base: right · activations as layers, sums by hand
# replace: def build_deep_model( → known = {}\n\n\ndef build_deep_model(
# replace: place = 0 → place = 0\n    key = n_users, n_movies, mean, tuple(hidden), activation, dropout, n_factors\n    if key in known:\n        return known[key]
# replace: return keras.Model( → return known.setdefault(key, keras.Model(
# replace: layers.Dense(1, name="output")(x)\n    ) → layers.Dense(1, name="output")(x)\n    ))
