# Lesson 07. The form of this file is explained in tests/support/student_answers.py.


# %% 7.1 wrong · without biases
# says: The biases are missing
def bytes_to_train(n_users, n_movies, n_factors, slots=2):
    return 4 * (n_users + n_movies) * n_factors * (1 + slots)


# %% 7.1 wrong · one bias in all
# says: There is a bias for *each* user
def bytes_to_train(n_users, n_movies, n_factors, slots=2):
    return 4 * ((n_users + n_movies) * n_factors + 1) * (1 + slots)


# %% 7.1 wrong · numbers, not bytes
# says: Each takes four bytes
def bytes_to_train(n_users, n_movies, n_factors, slots=2):
    return (n_users + n_movies) * (n_factors + 1) * (1 + slots)


# %% 7.1 wrong · float64
# says: eight are those of a float64
def bytes_to_train(n_users, n_movies, n_factors, slots=2):
    return 8 * (n_users + n_movies) * (n_factors + 1) * (1 + slots)


# %% 7.1 wrong · the slots, or else the weights
# says: Wrong for
def bytes_to_train(n_users, n_movies, n_factors, slots=2):
    return 4 * (n_users + n_movies) * (n_factors + 1) * max(slots, 1)


# %% 7.1 wrong · slots in all
# says: `slots` numbers for *each* weight
def bytes_to_train(n_users, n_movies, n_factors, slots=2):
    return 4 * ((n_users + n_movies) * (n_factors + 1) + slots)


# %% 7.1 wrong · a row for each pair
# says: users plus movies
def bytes_to_train(n_users, n_movies, n_factors, slots=2):
    return 4 * n_users * n_movies * (n_factors + 1) * (1 + slots)


# %% 7.1 wrong · always Adam
# says: That is right for Adam alone
def bytes_to_train(n_users, n_movies, n_factors, slots=2):
    return 12 * (n_users + n_movies) * (n_factors + 1)


# %% 7.1 wrong · slots of the factors alone
# says: they have slots, too
def bytes_to_train(n_users, n_movies, n_factors, slots=2):
    rows = n_users + n_movies
    return 4 * (rows * (n_factors + 1) + slots * rows * n_factors)


# %% 7.1 wrong · a rounded megabyte
# says: Wrong for
def bytes_to_train(n_users, n_movies, n_factors, slots=2):
    return round(4 * (n_users + n_movies) * (n_factors + 1) * (1 + slots), -4) + 1


# %% 7.1 right · table by table
def bytes_to_train(n_users, n_movies, n_factors, slots=2):
    total = 0
    for rows in (n_users, n_movies):
        for columns in (n_factors, 1):
            weights = rows * columns * 4
            total += weights + slots * weights
    return total


# %% 7.1 wrong · makes the tables
# says: It works for small tables, but not for
def bytes_to_train(n_users, n_movies, n_factors, slots=2):
    table = np.zeros((n_users + n_movies, n_factors + 1), dtype="float32")
    return table.nbytes * (1 + slots)


# %% 7.1 wrong · the slots alone
# says: Those are the slots alone
def bytes_to_train(n_users, n_movies, n_factors, slots=2):
    return 4 * (n_users + n_movies) * (n_factors + 1) * slots


# %% 7.1 wrong · the weights alone
# says: Those are the weights alone
def bytes_to_train(n_users, n_movies, n_factors, slots=2):
    return 4 * (n_users + n_movies) * (n_factors + 1)


# %% 7.1 wrong · one copy too many
# says: You counted `2 + slots`
def bytes_to_train(n_users, n_movies, n_factors, slots=2):
    return 4 * (n_users + n_movies) * (n_factors + 1) * (2 + slots)


# %% 7.1 wrong · numbers of 32 bits
# says: It works for small tables, but not for
def bytes_to_train(n_users, n_movies, n_factors, slots=2):
    rows = np.int32(n_users) + np.int32(n_movies)
    return int(4 * rows * (n_factors + 1) * (1 + slots))


# %% 7.1 wrong · cut to 32 bits
# says: Wrong for
def bytes_to_train(n_users, n_movies, n_factors, slots=2):
    n_bytes = 4 * (n_users + n_movies) * (n_factors + 1) * (1 + slots)
    return int(np.array([n_bytes]).astype("int32")[0])


# %% 7.1 wrong · another default
# says: where nothing is said of `slots`, there are 2
def bytes_to_train(n_users, n_movies, n_factors, slots=1):
    return 4 * (n_users + n_movies) * (n_factors + 1) * (1 + slots)


# %% 7.1 wrong · an array of one number
# says: should return one number
def bytes_to_train(n_users, n_movies, n_factors, slots=2):
    return np.array([4 * (n_users + n_movies) * (n_factors + 1) * (1 + slots)])


# %% 7.1 wrong · a float
# says: should return an int
def bytes_to_train(n_users, n_movies, n_factors, slots=2):
    return 32 / 8 * (n_users + n_movies) * (n_factors + 1) * (1 + slots)


# %% 7.1 right · NumPy counts
def bytes_to_train(n_users, n_movies, n_factors, slots=2):
    shapes = np.array([[n_users, n_factors], [n_users, 1], [n_movies, n_factors + 1]])
    itemsize = np.dtype("float32").itemsize
    return shapes.prod(axis=1).sum() * itemsize * (1 + slots)


# %% 7.1 right · floats on the way
def bytes_to_train(n_users, n_movies, n_factors, slots=2):
    weights = float(n_users + n_movies) * (1.0 + n_factors)
    return int(round(4.0 * weights * (1.0 + slots)))


# %% 7.2 wrong · not divided
# says: You added up and did not divide
def user_tower(history, vectors):
    return ops.matmul(history, vectors)


# %% 7.2 wrong · a weighted mean
# says: divide by its root
def user_tower(history, vectors):
    amount = ops.maximum(ops.sum(history, axis=1, keepdims=True), 1.0)
    return ops.matmul(history, vectors) / amount


# %% 7.2 wrong · by the number of movies
# says: the *number* of movies
def user_tower(history, vectors):
    watched = ops.cast(history > 0, "float32")
    amount = ops.maximum(ops.sum(watched, axis=1, keepdims=True), 1.0)
    return ops.matmul(history, vectors) / ops.sqrt(amount)


# %% 7.2 wrong · without the stars
# says: Each movie counts alike there
def user_tower(history, vectors):
    amount = ops.maximum(ops.sum(history, axis=1, keepdims=True), 1.0)
    return ops.matmul(ops.cast(history > 0, "float32"), vectors) / ops.sqrt(amount)


# %% 7.2 wrong · FISM, without the stars at all
# says: Each movie counts alike there
# base: wrong · by the number of movies
# replace: matmul(history → matmul(watched


# %% 7.2 wrong · one sum for all users
# says: each user has their own sum
def user_tower(history, vectors):
    amount = ops.maximum(ops.sum(history), 1.0)
    return ops.matmul(history, vectors) / ops.sqrt(amount)


# %% 7.2 wrong · no maximum
# says: A sum below 1 counts as 1
def user_tower(history, vectors):
    amount = ops.sum(history, axis=1, keepdims=True)
    return ops.matmul(history, vectors) / ops.sqrt(amount)


# %% 7.2 wrong · plus 1
# says: You added 1
def user_tower(history, vectors):
    amount = ops.sum(history, axis=1, keepdims=True) + 1.0
    return ops.matmul(history, vectors) / ops.sqrt(amount)


# %% 7.2 wrong · a tiny number against the division by 0
# says: A sum below 1 counts as 1
# base: wrong · plus 1
# replace: 1.0 → 1e-9


# %% 7.2 wrong · 0 where there is no rating, else the sum
# says: A sum below 1 counts as 1
def user_tower(history, vectors):
    amount = ops.sum(history, axis=1, keepdims=True)
    amount = ops.where(amount == 0, 1.0, amount)
    return ops.matmul(history, vectors) / ops.sqrt(amount)


# %% 7.2 wrong · length 1
# says: Those vectors have length 1
def user_tower(history, vectors):
    return ops.normalize(ops.matmul(history, vectors), axis=1)


# %% 7.2 wrong · a row instead of a column
# says: stopped with | one vector for each user
def user_tower(history, vectors):
    amount = ops.maximum(ops.sum(history, axis=1), 1.0)
    return ops.matmul(history, vectors) / ops.sqrt(amount)


# %% 7.2 wrong · transposed
# says: You added up over the users
def user_tower(history, vectors):
    amount = ops.maximum(ops.sum(history, axis=1), 1.0)
    return ops.transpose(ops.matmul(history, vectors)) / ops.sqrt(amount)


# %% 7.2 wrong · with the 1 of the bias
# says: The bias or a 1 is appended later
def user_tower(history, vectors):
    amount = ops.maximum(ops.sum(history, axis=1, keepdims=True), 1.0)
    vectors = ops.matmul(history, vectors) / ops.sqrt(amount)
    return ops.concatenate([vectors, ops.ones_like(amount)], axis=1)


# %% 7.2 wrong · NumPy
# says: should return a tensor
def user_tower(history, vectors):
    history, vectors = np.asarray(history), np.asarray(vectors)
    return history @ vectors / np.sqrt(np.maximum(history.sum(1, keepdims=True), 1))


# %% 7.2 wrong · NumPy, as a tensor
# says: the number of rows is unknown then
# base: wrong · NumPy
# replace: return history @ vectors / np.sqrt(np.maximum(history.sum(1, keepdims=True), 1)) → result = history @ vectors / np.sqrt(np.maximum(history.sum(1, keepdims=True), 1))\n    return ops.convert_to_tensor(result)


# %% 7.2 wrong · a loop over the users
# says: the number of rows is unknown then
def user_tower(history, vectors):
    rows = []
    for row in history:
        amount = ops.maximum(ops.sum(row), 1.0)
        rows.append(ops.sum(row[:, None] * vectors, axis=0) / ops.sqrt(amount))
    return ops.stack(rows)


# %% 7.2 right · divides the history
def user_tower(history, vectors):
    amount = ops.sqrt(ops.maximum(ops.sum(history, axis=1, keepdims=True), 1.0))
    return ops.matmul(history / amount, vectors)


# %% 7.2 right · einsum, and a power
def user_tower(history, vectors):
    total = ops.einsum("um,mf->uf", history, vectors)
    return total * ops.maximum(ops.sum(history, axis=-1), 1)[:, None] ** -0.5


# %% 7.2 right · where, and the root first
def user_tower(history, vectors):
    amount = ops.sum(history, axis=1, keepdims=True)
    root = ops.where(amount > 1, ops.sqrt(amount), 1.0)
    return (history @ vectors) / root


# %% 7.3 wrong · no correction
# says: The correction has no effect
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    return ops.mean(ops.logsumexp(scores, axis=1) - ops.diagonal(scores))


# %% 7.3 wrong · subtracted from whole rows
# says: movies are the columns
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    scores = scores - ops.log(movie_share)[:, None]
    return ops.mean(ops.logsumexp(scores, axis=1) - ops.diagonal(scores))


# %% 7.3 wrong · added
# says: The logarithm was added
# base: wrong · subtracted from whole rows
# replace: - ops.log(movie_share)[:, None] → + ops.log(movie_share)


# %% 7.3 wrong · the share itself
# says: its logarithm is asked for
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors)) - movie_share
    return ops.mean(ops.logsumexp(scores, axis=1) - ops.diagonal(scores))


# %% 7.3 wrong · the sum
# says: That is the sum over the pairs
# base: wrong · subtracted from whole rows
# replace: [:, None]\n    return ops.mean → \n    return ops.sum


# %% 7.3 wrong · the sign
# says: The sign is the wrong way round
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    scores = scores - ops.log(movie_share)
    return ops.mean(ops.diagonal(scores) - ops.logsumexp(scores, axis=1))


# %% 7.3 wrong · a choice among users
# says: a choice among *users*
# base: wrong · the sign
# replace: diagonal(scores) - ops.logsumexp(scores, axis=1) → logsumexp(scores, axis=0) - ops.diagonal(scores)


# %% 7.3 wrong · the diagonal is not corrected
# says: has to be corrected, too
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    corrected = scores - ops.log(movie_share)
    return ops.mean(ops.logsumexp(corrected, axis=1) - ops.diagonal(scores))


# %% 7.3 wrong · one loss a pair
# says: should return one number
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    scores = scores - ops.log(movie_share)
    return ops.logsumexp(scores, axis=1) - ops.diagonal(scores)


# %% 7.3 wrong · exp and log by hand
# says: the loss is not finite
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    scores = scores - ops.log(movie_share)
    return ops.mean(ops.log(ops.sum(ops.exp(scores), axis=1)) - ops.diagonal(scores))


# %% 7.3 wrong · the table on its side
# says: The matrix is transposed
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(movie_vectors, ops.transpose(user_vectors))
    scores = scores - ops.log(movie_share)
    return ops.mean(ops.logsumexp(scores, axis=1) - ops.diagonal(scores))


# %% 7.3 wrong · cosines
# says: Those are cosines
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    users, movies = ops.normalize(user_vectors), ops.normalize(movie_vectors)
    scores = ops.matmul(users, ops.transpose(movies)) - ops.log(movie_share)
    return ops.mean(ops.logsumexp(scores, axis=1) - ops.diagonal(scores))


# %% 7.3 wrong · the right one left out of the sum
# says: The right movie belongs into the sum
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    scores = scores - ops.log(movie_share)
    others = scores - 1e9 * ops.eye(ops.shape(scores)[0])
    return ops.mean(ops.logsumexp(others, axis=1) - ops.diagonal(scores))


# %% 7.3 wrong · NumPy
# says: should return a tensor
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    u, m, q = map(np.asarray, (user_vectors, movie_vectors, movie_share))
    scores = u @ m.T - np.log(q)
    largest = scores.max(axis=1)
    total = np.log(np.exp(scores - largest[:, None]).sum(axis=1)) + largest
    return np.mean(total - np.diag(scores))


# %% 7.3 wrong · a Python number
# says: should return a tensor
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    scores = scores - ops.log(movie_share)
    return float(ops.mean(ops.logsumexp(scores, axis=1) - ops.diagonal(scores)))


# %% 7.3 wrong · the number of rows by its shape
# says: the number of rows is unknown then
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    scores = scores - ops.log(movie_share)
    right = ops.arange(scores.shape[0])
    from keras import losses

    return ops.mean(
        losses.sparse_categorical_crossentropy(right, scores, from_logits=True)
    )


# %% 7.3 wrong · len
# says: the number of rows is unknown then
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    scores = scores - ops.log(movie_share)
    total = ops.sum(ops.logsumexp(scores, axis=1) - ops.diagonal(scores))
    return total / len(scores)


# %% 7.3 wrong · a loop over the rows
# says: the number of rows is unknown then
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    scores = scores - ops.log(movie_share)
    losses = [ops.logsumexp(row) - row[i] for i, row in enumerate(scores)]
    return sum(losses) / len(losses)


# %% 7.3 wrong · NumPy, as a tensor
# says: the number of rows is unknown then
# base: wrong · NumPy
# replace: np.mean(total - np.diag(scores)) → ops.convert_to_tensor(np.mean(total - np.diag(scores)))


# %% 7.3 wrong · movies are not trained
# says: No gradient flows from this loss to `movie_vectors`
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    movie_vectors = ops.stop_gradient(movie_vectors)
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    scores = scores - ops.log(movie_share)
    return ops.mean(ops.logsumexp(scores, axis=1) - ops.diagonal(scores))


# %% 7.3 wrong · the sum of exponentials is not trained
# says: The gradient of the loss by `user_vectors`
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    scores = scores - ops.log(movie_share)
    total = ops.stop_gradient(ops.logsumexp(scores, axis=1))
    return ops.mean(total - ops.diagonal(scores))


# %% 7.3 wrong · one number in a row
# says: returned the wrong shape
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    scores = scores - ops.log(movie_share)
    losses = ops.logsumexp(scores, axis=1) - ops.diagonal(scores)
    return ops.mean(losses, keepdims=True)


# %% 7.3 right · the size by ops.shape, and a matrix of ones and zeros
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    scores = scores - ops.log(movie_share)
    n = ops.shape(user_vectors)[0]
    chosen = ops.sum(scores * ops.eye(n), axis=1)
    highest = ops.max(scores, axis=1)
    total = ops.log(ops.sum(ops.exp(scores - highest[:, None]), axis=1)) + highest
    return ops.sum(total - chosen) / ops.cast(n, "float32")


# %% 7.3 right · KerasRS corrects
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    import keras_rs

    scores = keras_rs.layers.SamplingProbabilityCorrection()(scores, movie_share)
    return ops.mean(ops.logsumexp(scores, axis=1) - ops.diagonal(scores))


# %% 7.3 right · Keras' cross-entropy
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = user_vectors @ ops.transpose(movie_vectors) - ops.log(movie_share)[None, :]
    from keras import losses

    right = ops.arange(ops.shape(scores)[0])
    return ops.mean(
        losses.sparse_categorical_crossentropy(right, scores, from_logits=True)
    )


# %% 7.3 right · log_softmax, by TensorFlow
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    import tensorflow as tf

    scores = tf.matmul(user_vectors, movie_vectors, transpose_b=True)
    chances = tf.nn.log_softmax(scores - tf.math.log(movie_share), axis=-1)
    return -tf.reduce_mean(tf.linalg.diag_part(chances))


# %% 7.4 wrong · with the diagonal
# says: The diagonal has to stay
def mask_accidental_hits(scores, movie):
    same = ops.equal(movie[:, None], movie[None, :])
    return ops.where(same, -1e9, scores)


# %% 7.4 wrong · the diagonal alone
# says: The diagonal has to stay
def mask_accidental_hits(scores, movie):
    return ops.where(ops.eye(ops.shape(movie)[0], dtype="bool"), -1e9, scores)


# %% 7.4 wrong · the other movies
# says: You masked the *other* movies
def mask_accidental_hits(scores, movie):
    same = ops.equal(movie[:, None], movie[None, :])
    return ops.where(same, scores, -1e9)


# %% 7.4 wrong · zeros
# says: A 0 is an ordinary score
def mask_accidental_hits(scores, movie):
    same = ops.equal(movie[:, None], movie[None, :])
    diagonal = ops.eye(ops.shape(movie)[0], dtype="bool")
    hits = ops.logical_and(same, ops.logical_not(diagonal))
    return ops.where(hits, 0.0, scores)


# %% 7.4 wrong · a large positive score
# says: has to be negative
# base: wrong · zeros
# replace: 0.0, scores → 1e9, scores


# %% 7.4 wrong · the smallest positive number, as in KerasRS 0.4
# says: Nothing changed
# base: wrong · zeros
# replace: ops.where(hits, 0.0, scores) → scores + 1e-40 * ops.cast(hits, "float32")


# %% 7.4 wrong · KerasRS itself
# says: Nothing changed
def mask_accidental_hits(scores, movie):
    import keras_rs

    labels = ops.eye(ops.shape(movie)[0])
    return keras_rs.layers.RemoveAccidentalHits()(scores, labels, movie)


# %% 7.4 wrong · above the diagonal
# says: one half of the matrix only
def mask_accidental_hits(scores, movie):
    same = ops.cast(ops.equal(movie[:, None], movie[None, :]), "float32")
    return ops.where(ops.triu(same, k=1) > 0, -1e9, scores)


# %% 7.4 wrong · whole columns
# says: whole columns
def mask_accidental_hits(scores, movie):
    same = ops.cast(ops.equal(movie[:, None], movie[None, :]), "int32")
    twice = ops.sum(same, axis=0) > 1
    diagonal = ops.eye(ops.shape(movie)[0], dtype="bool")
    return ops.where(ops.logical_and(twice[None, :], ~diagonal), -1e9, scores)


# %% 7.4 wrong · −∞ by a product
# says: returned NaN
# base: wrong · zeros
# replace: ops.where(hits, 0.0, scores) → scores + ops.cast(hits, "float32") * float("-inf")


# %% 7.4 wrong · the scores of all others are changed, too
# says: all other entries as they were
# base: wrong · zeros
# replace: 0.0, scores → -1e9, scores / 2


# %% 7.4 wrong · NumPy
# says: should return a tensor
def mask_accidental_hits(scores, movie):
    scores, movie = np.array(scores), np.asarray(movie)
    hits = (movie[:, None] == movie) & ~np.eye(len(movie), dtype=bool)
    scores[hits] = -1e9
    return scores


# %% 7.4 wrong · NumPy, as a tensor
# says: the number of rows is unknown then
# base: wrong · NumPy
# replace: return scores → return ops.convert_to_tensor(scores)


# %% 7.4 wrong · the number of rows by its shape
# says: the number of rows is unknown then
def mask_accidental_hits(scores, movie):
    same = ops.equal(movie[:, None], movie[None, :])
    diagonal = ops.eye(scores.shape[0], dtype="bool")
    return ops.where(ops.logical_and(same, ops.logical_not(diagonal)), -1e9, scores)


# %% 7.4 wrong · nothing to learn from
# says: No gradient flows
# base: wrong · zeros
# replace: 0.0, scores → -1e9, ops.stop_gradient(scores)


# %% 7.4 wrong · multiplied
# says: were multiplied by a large number
# base: wrong · zeros
# replace: 0.0, scores → scores * -1e9, scores


# %% 7.4 wrong · multiplied by a positive number
# says: were multiplied by a large number
# base: wrong · zeros
# replace: 0.0, scores → scores * 1e9, scores


# %% 7.4 wrong · not low enough
# says: Accidental hits should be −1e9
# base: wrong · zeros
# replace: 0.0, scores → -1e5, scores


# %% 7.4 wrong · neighbours alone
# says: Only movies next to each other
def mask_accidental_hits(scores, movie):
    place = ops.arange(ops.shape(movie)[0])
    near = ops.equal(ops.abs(place[:, None] - place), 1)
    return ops.where(ops.logical_and(near, movie[:, None] == movie), -1e9, scores)


# %% 7.4 wrong · 0 divided by 0
# says: The hits of movie 0
def mask_accidental_hits(scores, movie):
    numbers = ops.cast(movie, "float32")
    same = ops.equal(numbers[:, None] / numbers[None, :], 1.0)
    diagonal = ops.eye(ops.shape(movie)[0], dtype="bool")
    return ops.where(ops.logical_and(same, ~diagonal), -1e9, scores)


# %% 7.4 wrong · numbers as float16
# says: whose numbers are next to each other
def mask_accidental_hits(scores, movie):
    numbers = ops.cast(movie, "float16")
    same = ops.equal(numbers[:, None], numbers[None, :])
    diagonal = ops.eye(ops.shape(movie)[0], dtype="bool")
    return ops.where(ops.logical_and(same, ~diagonal), -1e9, scores)


# %% 7.4 right · added
def mask_accidental_hits(scores, movie):
    same = ops.cast(movie[:, None] == movie[None, :], "float32")
    return scores - 1e9 * (same - ops.eye(ops.shape(scores)[0]))


# %% 7.4 right · −∞, by places
def mask_accidental_hits(scores, movie):
    place = ops.arange(ops.shape(movie)[0])
    other = ops.not_equal(place[:, None], place[None, :])
    same = ops.equal(ops.expand_dims(movie, 1), ops.expand_dims(movie, 0))
    return ops.where(ops.logical_and(same, other), float("-inf"), scores)


# %% 7.4 right · by TensorFlow
def mask_accidental_hits(scores, movie):
    import tensorflow as tf

    same = tf.cast(movie[:, None] == movie[None, :], tf.float32)
    return scores + tf.linalg.set_diag(same, tf.zeros_like(movie, tf.float32)) * -2e9


# %% 7.5 wrong · the cosine
# says: does not go by the inner product
def build_index(movie_vectors):
    index = Index(ndim=movie_vectors.shape[1], dtype="f32")
    index.add(np.arange(len(movie_vectors)), movie_vectors)
    return index


def search_index(index, user_vectors, n, effort):
    index.expansion_search = effort
    return np.reshape(
        index.search(user_vectors, n).keys, (len(user_vectors), n)
    ).astype(int)


def recall_of(found, exact):
    return np.mean([len(set(f) & set(e)) / len(e) for f, e in zip(found, exact)])


# %% 7.5 wrong · the distance
# says: does not go by the inner product
# base: wrong · the cosine
# replace: dtype → metric="l2sq", dtype


# %% 7.5 wrong · the distances
# says: Those are the distances
def build_index(movie_vectors):
    index = Index(ndim=movie_vectors.shape[1], metric="ip", dtype="f32")
    index.add(np.arange(len(movie_vectors)), movie_vectors)
    return index


def search_index(index, user_vectors, n, effort):
    index.expansion_search = effort
    return np.reshape(index.search(user_vectors, n).distances, (len(user_vectors), n))


def recall_of(found, exact):
    return np.mean([len(set(f) & set(e)) / len(e) for f, e in zip(found, exact)])


# %% 7.5 wrong · a bare row for one user
# says: a table with one row
def build_index(movie_vectors):
    index = Index(ndim=movie_vectors.shape[1], metric="ip", dtype="f32")
    index.add(np.arange(len(movie_vectors)), movie_vectors)
    return index


def search_index(index, user_vectors, n, effort):
    index.expansion_search = effort
    return index.search(user_vectors, n).keys.astype(int)


def recall_of(found, exact):
    return np.mean([len(set(f) & set(e)) / len(e) for f, e in zip(found, exact)])


# %% 7.5 wrong · the effort is not used
# says: did not use the effort of the call
# base: wrong · the cosine
# replace: dtype → metric="ip", dtype
# replace: index.expansion_search = effort\n    return np.reshape( → return np.reshape(


# %% 7.5 wrong · an empty index
# says: should hold all movies
def build_index(movie_vectors):
    return Index(ndim=movie_vectors.shape[1], metric="ip", dtype="f32")


def search_index(index, user_vectors, n, effort):
    index.expansion_search = effort
    return index.search(user_vectors, n).keys


def recall_of(found, exact):
    return np.mean([len(set(f) & set(e)) / len(e) for f, e in zip(found, exact)])


# %% 7.5 wrong · no index at all
# says: should return the index of usearch
def build_index(movie_vectors):
    return movie_vectors


def search_index(index, user_vectors, n, effort):
    return np.argsort(-user_vectors @ index.T, axis=1)[:, :n]


def recall_of(found, exact):
    return np.mean([len(set(f) & set(e)) / len(e) for f, e in zip(found, exact)])


# %% 7.5 wrong · the effort after the search
# says: *before* you search
def build_index(movie_vectors):
    index = Index(ndim=movie_vectors.shape[1], metric="ip", dtype="f32")
    index.add(np.arange(len(movie_vectors)), movie_vectors)
    return index


def search_index(index, user_vectors, n, effort):
    keys = np.reshape(index.search(user_vectors, n).keys, (len(user_vectors), n))
    index.expansion_search = effort
    return keys.astype(int)


def recall_of(found, exact):
    return np.mean([len(set(f) & set(e)) / len(e) for f, e in zip(found, exact)])


# %% 7.5 wrong · keys from 1
# says: row numbers, from 0
def build_index(movie_vectors):
    index = Index(ndim=movie_vectors.shape[1], metric="ip", dtype="f32")
    index.add(np.arange(1, len(movie_vectors) + 1), movie_vectors)
    return index


def search_index(index, user_vectors, n, effort):
    index.expansion_search = effort
    return np.reshape(
        index.search(user_vectors, n).keys, (len(user_vectors), n)
    ).astype(int)


def recall_of(found, exact):
    return np.mean([len(set(f) & set(e)) / len(e) for f, e in zip(found, exact)])


# %% 7.5 wrong · no return
# says: Is there a `return`?
def build_index(movie_vectors):
    index = Index(ndim=movie_vectors.shape[1], metric="ip", dtype="f32")
    index.add(np.arange(len(movie_vectors)), movie_vectors)


def search_index(index, user_vectors, n, effort):
    index.expansion_search = effort
    return np.reshape(
        index.search(user_vectors, n).keys, (len(user_vectors), n)
    ).astype(int)


def recall_of(found, exact):
    return np.mean([len(set(f) & set(e)) / len(e) for f, e in zip(found, exact)])


# %% 7.5 wrong · worst first
# says: should begin with the best
def build_index(movie_vectors):
    index = Index(ndim=movie_vectors.shape[1], metric="ip", dtype="f32")
    index.add(np.arange(len(movie_vectors)), movie_vectors)
    return index


def search_index(index, user_vectors, n, effort):
    index.expansion_search = effort
    keys = index.search(user_vectors, n).keys
    return np.reshape(keys, (len(user_vectors), n)).astype(int)[:, ::-1]


def recall_of(found, exact):
    return np.mean([len(set(f) & set(e)) / len(e) for f, e in zip(found, exact)])


# %% 7.5 wrong · place by place
# says: You compared place by place
# base: wrong · the cosine
# replace: dtype → metric="ip", dtype
# replace: [len(set(f) & set(e)) / len(e) for f, e in zip(found, exact)] → found == exact


# %% 7.5 wrong · the union
# says: Recall divides by the exact list alone
def build_index(movie_vectors):
    index = Index(ndim=movie_vectors.shape[1], metric="ip", dtype="f32")
    index.add(np.arange(len(movie_vectors)), movie_vectors)
    return index


def search_index(index, user_vectors, n, effort):
    index.expansion_search = effort
    return np.reshape(
        index.search(user_vectors, n).keys, (len(user_vectors), n)
    ).astype(int)


def recall_of(found, exact):
    return np.mean(
        [len(set(f) & set(e)) / len(set(f) | set(e)) for f, e in zip(found, exact)]
    )


# %% 7.5 wrong · what was missed
# says: the share that was *missed*
# base: wrong · the cosine
# replace: dtype → metric="ip", dtype
# replace: f) & set(e → e) - set(f


# %% 7.5 right · denser, and added at once
def build_index(movie_vectors):
    index = Index(
        ndim=movie_vectors.shape[1], metric="ip", dtype="f32", connectivity=32
    )
    index.add(None, movie_vectors)
    return index


def search_index(index, user_vectors, n, effort):
    index.expansion_search = effort
    found = index.search(user_vectors, n)
    return np.atleast_2d(found.keys).astype("int64")


def recall_of(found, exact):
    hits = (found[:, :, None] == exact[:, None, :]).any(axis=1)
    return hits.mean()


# %% 7.5 wrong · lists
# says: should return an array of numbers
def build_index(movie_vectors):
    index = Index(ndim=movie_vectors.shape[1], metric="ip", dtype="f32")
    for number, vector in enumerate(movie_vectors):
        index.add(number, vector)
    return index


def search_index(index, user_vectors, n, effort):
    index.expansion_search = effort
    return [[int(key) for key in index.search(one, n).keys] for one in user_vectors]


def recall_of(found, exact):
    hits = 0
    for f, e in zip(found, exact):
        hits += len(set(f.tolist()) & set(e.tolist()))
    return hits / exact.size


# %% 7.5 wrong · without dtype
# says: The index rounds the vectors
# base: wrong · worst first
# replace: , dtype="f32" →
# replace: [:, ::-1] →


# %% 7.5 wrong · half precision
# says: The index rounds the vectors
# base: wrong · worst first
# replace: "f32" → "f16"
# replace: [:, ::-1] →


# %% 7.5 wrong · keys in another order
# says: holds another vector
# base: wrong · worst first
# replace: , movie_vectors → [::-1], movie_vectors
# replace: [:, ::-1] →


# %% 7.5 wrong · vectors of length one
# says: changes its argument `movie_vectors` | holds another vector
def build_index(movie_vectors):
    index = Index(ndim=movie_vectors.shape[1], metric="ip", dtype="f32")
    movie_vectors /= np.linalg.norm(movie_vectors, axis=1, keepdims=True)
    index.add(np.arange(len(movie_vectors)), movie_vectors)
    return index


def search_index(index, user_vectors, n, effort):
    index.expansion_search = effort
    keys = index.search(user_vectors, n).keys
    return np.reshape(keys, (len(user_vectors), n)).astype(int)


def recall_of(found, exact):
    return np.mean([len(set(f) & set(e)) / len(e) for f, e in zip(found, exact)])


# %% 7.5 wrong · at least some effort
# says: did not use the effort of the call
# base: wrong · worst first
# replace: index.expansion_search = effort → index.expansion_search = max(effort, 64)
# replace: [:, ::-1] →


# %% 7.5 wrong · exact
# says: With `exact=True` the index is not used
def build_index(movie_vectors):
    index = Index(ndim=movie_vectors.shape[1], metric="ip", dtype="f32")
    index.add(np.arange(len(movie_vectors)), movie_vectors)
    return index


def search_index(index, user_vectors, n, effort):
    index.expansion_search = effort
    keys = index.search(user_vectors, n, exact=True).keys
    return np.reshape(keys, (len(user_vectors), n)).astype(int)


def recall_of(found, exact):
    return np.mean([len(set(f) & set(e)) / len(e) for f, e in zip(found, exact)])


# %% 7.5 wrong · scores all
# says: does not call `index.search`
def build_index(movie_vectors):
    index = Index(ndim=movie_vectors.shape[1], metric="ip", dtype="f32")
    index.add(np.arange(len(movie_vectors)), movie_vectors)
    return index


def search_index(index, user_vectors, n, effort):
    vectors = np.stack([index.get(key) for key in range(len(index))])
    return np.argsort(-user_vectors @ vectors.T, axis=1)[:, :n]


def recall_of(found, exact):
    return np.mean([len(set(f) & set(e)) / len(e) for f, e in zip(found, exact)])


# %% 7.5 wrong · floats
# says: returned the wrong dtype
# base: wrong · worst first
# replace: (int)[:, ::-1] → (float)


# %% 7.5 wrong · always the best five
# says: a row for each user, with n movies | stopped with
def build_index(movie_vectors):
    index = Index(ndim=movie_vectors.shape[1], metric="ip", dtype="f32")
    index.add(np.arange(len(movie_vectors)), movie_vectors)
    return index


def search_index(index, user_vectors, n, effort):
    index.expansion_search = effort
    keys = index.search(user_vectors, 2).keys
    return np.reshape(keys, (len(user_vectors), 2)).astype(int)


def recall_of(found, exact):
    return np.mean([len(set(f) & set(e)) / len(e) for f, e in zip(found, exact)])


# %% 7.5 wrong · at most ten
# says: a row for each user, with n movies
# base: wrong · exact
# replace: (user_vectors, n, exact=True).keys → (user_vectors, 10).keys
# replace: return np.reshape(keys, (len(user_vectors), n)).astype(int) → return np.reshape(keys, (len(user_vectors), 10)).astype(int)[:, :n]


# %% 7.5 wrong · in anybody's list
# says: in the *same* user's list
# base: wrong · exact
# replace: , exact=True →
# replace: mean([len(set(f) & set(e)) / len(e) for f, e in zip(found, exact)]) → isin(exact, found).mean()


# %% 7.5 wrong · found in anybody's exact list
# says: in the *same* user's list
# base: wrong · exact
# replace: , exact=True →
# replace: mean([len(set(f) & set(e)) / len(e) for f, e in zip(found, exact)]) → isin(found, exact).mean()


# %% 7.5 wrong · users with a hit
# says: users with at least one hit
# base: wrong · exact
# replace: , exact=True →
# replace: / len(e) → > 0


# %% 7.5 right · one user after the other, keys as they come
def build_index(movie_vectors):
    index = Index(ndim=movie_vectors.shape[1], metric="ip", dtype="f32")
    for number, vector in enumerate(movie_vectors):
        index.add(number, vector)
    return index


def search_index(index, user_vectors, n, effort):
    index.expansion_search = effort
    return np.stack([index.search(one, n).keys for one in user_vectors])


def recall_of(found, exact):
    hits = 0
    for f, e in zip(found, exact):
        hits += len(set(f.tolist()) & set(e.tolist()))
    return hits / exact.size


# %% 7.6 wrong · the users without a relevant movie count as 0
# says: you counted them as 0
def candidate_recall(candidates, relevance):
    is_relevant = relevance > 0
    found = np.take_along_axis(is_relevant, candidates, axis=1).sum(axis=1)
    return float(np.mean(found / np.maximum(is_relevant.sum(axis=1), 1)))


# %% 7.6 wrong · NaN
# says: no finite number
# base: wrong · the users without a relevant movie count as 0
# replace: np.maximum(is_relevant.sum(axis=1), 1) → is_relevant.sum(axis=1)


# %% 7.6 wrong · the precision
# says: That is the precision
# base: wrong · the users without a relevant movie count as 0
# replace: np.maximum(is_relevant.sum(axis=1), 1) → candidates.shape[1]


# %% 7.6 wrong · over all users together
# says: Compute it for each user
# base: wrong · the users without a relevant movie count as 0
# replace: np.mean(found / np.maximum(is_relevant.sum(axis=1), 1)) → found.sum() / is_relevant.sum()


# %% 7.6 wrong · the stars
# says: You added up the stars
def candidate_recall(candidates, relevance):
    found = np.take_along_axis(relevance, candidates, axis=1).sum(axis=1)
    total = relevance.sum(axis=1)
    counted = total > 0
    return float(np.mean(found[counted] / total[counted]))


# %% 7.6 wrong · liked movies
# says: above 0 is
def candidate_recall(candidates, relevance):
    is_relevant = relevance >= 4
    found = np.take_along_axis(is_relevant, candidates, axis=1).sum(axis=1)
    n_relevant = is_relevant.sum(axis=1)
    counted = n_relevant > 0
    return float(np.mean(found[counted] / n_relevant[counted]))


# %% 7.6 wrong · at least 1, as in KerasRS
# says: above 0 is
# base: wrong · liked movies
# replace: >= 4 → >= 1


# %% 7.6 wrong · a hit rate
# says: at least one hit
# base: wrong · liked movies
# replace: >= 4 → > 0
# replace: np.mean(found[counted] / n_relevant[counted]) → np.mean(found[counted] > 0)


# %% 7.6 wrong · what was missed
# says: the share that was missed
# base: wrong · liked movies
# replace: >= 4 → > 0
# replace: np.mean(found[counted] / n_relevant[counted]) → 1 - np.mean(found[counted] / n_relevant[counted])


# %% 7.6 wrong · the first user's candidates
# says: the first user's candidates
# base: wrong · liked movies
# replace: >= 4 → > 0
# replace: np.take_along_axis(is_relevant, candidates, axis=1) → is_relevant[:, candidates[0]]


# %% 7.6 wrong · one recall a user
# says: should return one number
# base: wrong · liked movies
# replace: >= 4 → > 0
# replace: float(np.mean(found[counted] / n_relevant[counted])) → found[counted] / n_relevant[counted]


# %% 7.6 wrong · at most as many as there are candidates
# says: Recall divides by *all*
# base: wrong · liked movies
# replace: >= 4 → > 0
# replace: n_relevant = is_relevant.sum(axis=1) → n_relevant = np.minimum(is_relevant.sum(axis=1), candidates.shape[1])


# %% 7.6 right · with sets
def candidate_recall(candidates, relevance):
    shares = []
    for row, gains in zip(candidates, relevance):
        wanted = set(np.flatnonzero(gains > 0).tolist())
        if wanted:
            shares.append(len(wanted & set(row.tolist())) / len(wanted))
    return sum(shares) / len(shares)


# %% 7.6 right · a mask and nanmean
def candidate_recall(candidates, relevance):
    chosen = np.zeros(relevance.shape, bool)
    chosen[np.arange(len(candidates))[:, None], candidates] = True
    wanted = relevance > 0
    with np.errstate(invalid="ignore"):
        return np.nanmean((chosen & wanted).sum(1) / wanted.sum(1))


# %% 7.6 right · fancy indices
def candidate_recall(candidates, relevance):
    has_any = (relevance != 0).any(axis=1)
    candidates, relevance = candidates[has_any], relevance[has_any]
    hits = relevance[np.arange(len(candidates))[:, None], candidates] != 0
    return np.average(hits.sum(1) / np.count_nonzero(relevance, axis=1))


# %% 7.7 wrong · without x at the end
# says: The x at the end is missing
def cross(x0, x, kernel, bias):
    return x0 * (ops.matmul(x, kernel) + bias)


# %% 7.7 wrong · x₀ at the end
# says: At the end you added x₀
def cross(x0, x, kernel, bias):
    return x0 * (ops.matmul(x, kernel) + bias) + x0


# %% 7.7 wrong · the other way round
# says: have changed places
def cross(x0, x, kernel, bias):
    return x * (ops.matmul(x0, kernel) + bias) + x0


# %% 7.7 wrong · transposed
# says: The kernel is transposed
def cross(x0, x, kernel, bias):
    return x0 * (ops.matmul(x, ops.transpose(kernel)) + bias) + x


# %% 7.7 wrong · the bias outside
# says: belongs into the parentheses
def cross(x0, x, kernel, bias):
    return x0 * ops.matmul(x, kernel) + bias + x


# %% 7.7 wrong · no bias
# says: The bias is missing
def cross(x0, x, kernel, bias):
    return x0 * ops.matmul(x, kernel) + x


# %% 7.7 wrong · a dense layer
# says: Multiply by x₀
def cross(x0, x, kernel, bias):
    return ops.matmul(x, kernel) + bias + x


# %% 7.7 wrong · added
# says: you added x₀ | You added x₀
def cross(x0, x, kernel, bias):
    return x0 + (ops.matmul(x, kernel) + bias) + x


# %% 7.7 wrong · x times
# says: You multiplied by x
def cross(x0, x, kernel, bias):
    return x * (ops.matmul(x, kernel) + bias) + x


# %% 7.7 wrong · with an activation
# says: no activation
def cross(x0, x, kernel, bias):
    return x0 * ops.relu(ops.matmul(x, kernel) + bias) + x


# %% 7.7 wrong · NumPy
# says: should return a tensor
def cross(x0, x, kernel, bias):
    x0, x, kernel, bias = map(np.asarray, (x0, x, kernel, bias))
    return x0 * (x @ kernel + bias) + x


# %% 7.7 wrong · for two axes only
# says: not for users × candidates × inputs | stopped with
def cross(x0, x, kernel, bias):
    by_columns = ops.matmul(ops.transpose(kernel), ops.transpose(x))
    return x0 * (ops.transpose(by_columns) + bias) + x


# %% 7.7 right · einsum
def cross(x0, x, kernel, bias):
    return x + x0 * (bias + ops.einsum("...i,ij->...j", x, kernel))


# %% 7.7 right · by TensorFlow
def cross(x0, x, kernel, bias):
    import tensorflow as tf

    return tf.multiply(x0, tf.tensordot(x, kernel, axes=1) + bias) + x


# %% 7.7 right · the layer of KerasRS, with these weights
def cross(x0, x, kernel, bias):
    import keras_rs

    layer = keras_rs.layers.FeatureCross()
    layer(x0, x)
    layer.set_weights([kernel, bias])
    return layer(x0, x)


# %% 7.8 wrong · places
# says: Those are places among the candidates
def rerank(candidates, scores, n):
    return np.argsort(-scores, axis=1)[:, :n]


# %% 7.8 wrong · the worst
# says: Those are the worst
def rerank(candidates, scores, n):
    order = np.argsort(scores, axis=1)[:, :n]
    return np.take_along_axis(candidates, order, axis=1)


# %% 7.8 wrong · the best, last
# says: The order is reversed
def rerank(candidates, scores, n):
    order = np.argsort(scores, axis=1)[:, -n:]
    return np.take_along_axis(candidates, order, axis=1)


# %% 7.8 wrong · the first stage's list
# says: the list of the first stage
def rerank(candidates, scores, n):
    return candidates[:, :n]


# %% 7.8 wrong · the first n, re-ranked
# says: sort all candidates
def rerank(candidates, scores, n):
    order = np.argsort(-scores[:, :n], axis=1)
    return np.take_along_axis(candidates[:, :n], order, axis=1)


# %% 7.8 wrong · the numbers of the movies
# says: You sorted by the numbers
def rerank(candidates, scores, n):
    return np.sort(candidates, axis=1)[:, :n]


# %% 7.8 wrong · the first user's order
# says: the order of the first user
def rerank(candidates, scores, n):
    return candidates[:, np.argsort(-scores[0])[:n]]


# %% 7.8 wrong · the first user's candidates
# says: from the first user's candidates
def rerank(candidates, scores, n):
    return candidates[0][np.argsort(-scores, axis=1)[:, :n]]


# %% 7.8 wrong · all of them
# says: you returned all candidates
def rerank(candidates, scores, n):
    return np.take_along_axis(candidates, np.argsort(-scores, axis=1), axis=1)


# %% 7.8 wrong · along the users
# says: along the users
def rerank(candidates, scores, n):
    order = np.argsort(-scores, axis=0)[:n]
    return np.take_along_axis(candidates, order, axis=0)


# %% 7.8 wrong · lists
# says: should return an array
def rerank(candidates, scores, n):
    return [
        [int(c) for _, c in sorted(zip(-s, row))[:n]]
        for s, row in zip(scores, candidates)
    ]


# %% 7.8 wrong · a partition
# says: not in order
def rerank(candidates, scores, n):
    best = np.argpartition(-scores, n - 1, axis=1)[:, :n]
    return np.take_along_axis(candidates, best, axis=1)


# %% 7.8 wrong · a partition at n
# says: but not for all of them
def rerank(candidates, scores, n):
    best = np.argpartition(-scores, n, axis=1)[:, :n]
    order = np.argsort(-np.take_along_axis(scores, best, axis=1), axis=1)
    best = np.take_along_axis(best, order, axis=1)
    return np.take_along_axis(candidates, best, axis=1)


# %% 7.8 wrong · a dictionary by scores
# says: a movie is in the list twice
def rerank(candidates, scores, n):
    lists = []
    for movies, row in zip(candidates, scores):
        movie_of = dict(zip(row, movies))
        lists.append([movie_of[score] for score in sorted(row, reverse=True)[:n]])
    return np.array(lists)


# %% 7.8 right · a partition at n - 1, and sorted
def rerank(candidates, scores, n):
    best = np.argpartition(-scores, n - 1, axis=1)[:, :n]
    order = np.argsort(-np.take_along_axis(scores, best, axis=1), axis=1)
    best = np.take_along_axis(best, order, axis=1)
    return np.take_along_axis(candidates, best, axis=1)


# %% 7.8 right · the helper's sort
def rerank(candidates, scores, n):
    from helpers.ranking import top_n

    return np.take_along_axis(candidates, top_n(scores, n), axis=1)


# %% 7.8 right · fancy indices
def rerank(candidates, scores, n):
    order = np.argsort(scores, axis=1)[:, ::-1][:, :n]
    return candidates[np.arange(len(candidates))[:, None], order]


# %% 7.8 right · user by user
def rerank(candidates, scores, n):
    rows = []
    for movies, their_scores in zip(candidates, scores):
        rows.append([m for _, m in sorted(zip(-their_scores, movies))][:n])
    return np.array(rows, dtype=int)
