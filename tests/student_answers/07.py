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


# %% 7.2 wrong · no correction
# says: The correction has no effect
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    return ops.mean(ops.logsumexp(scores, axis=1) - ops.diagonal(scores))


# %% 7.2 wrong · subtracted from whole rows
# says: movies are the columns
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    scores = scores - ops.log(movie_share)[:, None]
    return ops.mean(ops.logsumexp(scores, axis=1) - ops.diagonal(scores))


# %% 7.2 wrong · added
# says: The logarithm was added
# base: wrong · subtracted from whole rows
# replace: - ops.log(movie_share)[:, None] → + ops.log(movie_share)


# %% 7.2 wrong · the share itself
# says: its logarithm is asked for
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors)) - movie_share
    return ops.mean(ops.logsumexp(scores, axis=1) - ops.diagonal(scores))


# %% 7.2 wrong · the sum
# says: That is the sum over the pairs
# base: wrong · subtracted from whole rows
# replace: [:, None]\n    return ops.mean → \n    return ops.sum


# %% 7.2 wrong · the sign
# says: The sign is the wrong way round
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    scores = scores - ops.log(movie_share)
    return ops.mean(ops.diagonal(scores) - ops.logsumexp(scores, axis=1))


# %% 7.2 wrong · a choice among users
# says: a choice among *users*
# base: wrong · the sign
# replace: diagonal(scores) - ops.logsumexp(scores, axis=1) → logsumexp(scores, axis=0) - ops.diagonal(scores)


# %% 7.2 wrong · the diagonal is not corrected
# says: has to be corrected, too
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    corrected = scores - ops.log(movie_share)
    return ops.mean(ops.logsumexp(corrected, axis=1) - ops.diagonal(scores))


# %% 7.2 wrong · one loss a pair
# says: should return one number
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    scores = scores - ops.log(movie_share)
    return ops.logsumexp(scores, axis=1) - ops.diagonal(scores)


# %% 7.2 wrong · exp and log by hand
# says: the loss is not finite
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    scores = scores - ops.log(movie_share)
    return ops.mean(ops.log(ops.sum(ops.exp(scores), axis=1)) - ops.diagonal(scores))


# %% 7.2 wrong · the table on its side
# says: The table is transposed
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(movie_vectors, ops.transpose(user_vectors))
    scores = scores - ops.log(movie_share)
    return ops.mean(ops.logsumexp(scores, axis=1) - ops.diagonal(scores))


# %% 7.2 wrong · cosines
# says: Those are cosines
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    users, movies = ops.normalize(user_vectors), ops.normalize(movie_vectors)
    scores = ops.matmul(users, ops.transpose(movies)) - ops.log(movie_share)
    return ops.mean(ops.logsumexp(scores, axis=1) - ops.diagonal(scores))


# %% 7.2 wrong · the right one left out of the sum
# says: The right movie belongs into the sum
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    scores = scores - ops.log(movie_share)
    others = scores - 1e9 * ops.eye(ops.shape(scores)[0])
    return ops.mean(ops.logsumexp(others, axis=1) - ops.diagonal(scores))


# %% 7.2 wrong · NumPy
# says: should return a tensor
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    u, m, q = map(np.asarray, (user_vectors, movie_vectors, movie_share))
    scores = u @ m.T - np.log(q)
    largest = scores.max(axis=1)
    total = np.log(np.exp(scores - largest[:, None]).sum(axis=1)) + largest
    return np.mean(total - np.diag(scores))


# %% 7.2 wrong · a Python number
# says: should return a tensor
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    scores = scores - ops.log(movie_share)
    return float(ops.mean(ops.logsumexp(scores, axis=1) - ops.diagonal(scores)))


# %% 7.2 wrong · the number of rows by its shape
# says: the number of rows is unknown then
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    scores = scores - ops.log(movie_share)
    right = ops.arange(scores.shape[0])
    from keras import losses

    return ops.mean(
        losses.sparse_categorical_crossentropy(right, scores, from_logits=True)
    )


# %% 7.2 wrong · len
# says: the number of rows is unknown then
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    scores = scores - ops.log(movie_share)
    total = ops.sum(ops.logsumexp(scores, axis=1) - ops.diagonal(scores))
    return total / len(scores)


# %% 7.2 wrong · a loop over the rows
# says: the number of rows is unknown then
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    scores = scores - ops.log(movie_share)
    losses = [ops.logsumexp(row) - row[i] for i, row in enumerate(scores)]
    return sum(losses) / len(losses)


# %% 7.2 wrong · NumPy, as a tensor
# says: the number of rows is unknown then
# base: wrong · NumPy
# replace: np.mean(total - np.diag(scores)) → ops.convert_to_tensor(np.mean(total - np.diag(scores)))


# %% 7.2 wrong · movies are not trained
# says: No gradient flows from this loss to `movie_vectors`
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    movie_vectors = ops.stop_gradient(movie_vectors)
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    scores = scores - ops.log(movie_share)
    return ops.mean(ops.logsumexp(scores, axis=1) - ops.diagonal(scores))


# %% 7.2 wrong · the sum of exponentials is not trained
# says: The gradient of the loss by `user_vectors`
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    scores = scores - ops.log(movie_share)
    total = ops.stop_gradient(ops.logsumexp(scores, axis=1))
    return ops.mean(total - ops.diagonal(scores))


# %% 7.2 wrong · one number in a row
# says: returned the wrong shape
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    scores = scores - ops.log(movie_share)
    losses = ops.logsumexp(scores, axis=1) - ops.diagonal(scores)
    return ops.mean(losses, keepdims=True)


# %% 7.2 right · the size by ops.shape, and a matrix of ones and zeros
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    scores = scores - ops.log(movie_share)
    n = ops.shape(user_vectors)[0]
    chosen = ops.sum(scores * ops.eye(n), axis=1)
    highest = ops.max(scores, axis=1)
    total = ops.log(ops.sum(ops.exp(scores - highest[:, None]), axis=1)) + highest
    return ops.sum(total - chosen) / ops.cast(n, "float32")


# %% 7.2 right · Keras' cross-entropy
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = user_vectors @ ops.transpose(movie_vectors) - ops.log(movie_share)[None, :]
    from keras import losses

    right = ops.arange(ops.shape(scores)[0])
    return ops.mean(
        losses.sparse_categorical_crossentropy(right, scores, from_logits=True)
    )


# %% 7.2 right · log_softmax, by TensorFlow
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = tf.matmul(user_vectors, movie_vectors, transpose_b=True)
    chances = tf.nn.log_softmax(scores - tf.math.log(movie_share), axis=-1)
    return -tf.reduce_mean(tf.linalg.diag_part(chances))


# %% 7.3 wrong · the cosine
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


# %% 7.3 wrong · the distance
# says: does not go by the inner product
# base: wrong · the cosine
# replace: dtype → metric="l2sq", dtype


# %% 7.3 wrong · the distances
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


# %% 7.3 wrong · a bare row for one user
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


# %% 7.3 wrong · the effort is not used
# says: did not use the effort of the call
# base: wrong · the cosine
# replace: dtype → metric="ip", dtype
# replace: index.expansion_search = effort\n    return np.reshape( → return np.reshape(


# %% 7.3 wrong · an empty index
# says: should hold all movies
def build_index(movie_vectors):
    return Index(ndim=movie_vectors.shape[1], metric="ip", dtype="f32")


def search_index(index, user_vectors, n, effort):
    index.expansion_search = effort
    return index.search(user_vectors, n).keys


def recall_of(found, exact):
    return np.mean([len(set(f) & set(e)) / len(e) for f, e in zip(found, exact)])


# %% 7.3 wrong · no index at all
# says: should return the index of usearch
def build_index(movie_vectors):
    return movie_vectors


def search_index(index, user_vectors, n, effort):
    return np.argsort(-user_vectors @ index.T, axis=1)[:, :n]


def recall_of(found, exact):
    return np.mean([len(set(f) & set(e)) / len(e) for f, e in zip(found, exact)])


# %% 7.3 wrong · the effort after the search
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


# %% 7.3 wrong · keys from 1
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


# %% 7.3 wrong · no return
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


# %% 7.3 wrong · worst first
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


# %% 7.3 wrong · place by place
# says: You compared place by place
# base: wrong · the cosine
# replace: dtype → metric="ip", dtype
# replace: [len(set(f) & set(e)) / len(e) for f, e in zip(found, exact)] → found == exact


# %% 7.3 wrong · the union
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


# %% 7.3 wrong · what was missed
# says: the share that was *missed*
# base: wrong · the cosine
# replace: dtype → metric="ip", dtype
# replace: f) & set(e → e) - set(f


# %% 7.3 right · denser, and added at once
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


# %% 7.3 wrong · lists
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


# %% 7.3 wrong · without dtype
# says: The index rounds the vectors
# base: wrong · worst first
# replace: , dtype="f32" →
# replace: [:, ::-1] →


# %% 7.3 wrong · half precision
# says: The index rounds the vectors
# base: wrong · worst first
# replace: "f32" → "f16"
# replace: [:, ::-1] →


# %% 7.3 wrong · keys in another order
# says: holds another vector
# base: wrong · worst first
# replace: , movie_vectors → [::-1], movie_vectors
# replace: [:, ::-1] →


# %% 7.3 wrong · vectors of length one
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


# %% 7.3 wrong · at least some effort
# says: did not use the effort of the call
# base: wrong · worst first
# replace: index.expansion_search = effort → index.expansion_search = max(effort, 64)
# replace: [:, ::-1] →


# %% 7.3 wrong · exact
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


# %% 7.3 wrong · scores all
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


# %% 7.3 wrong · floats
# says: returned the wrong dtype
# base: wrong · worst first
# replace: (int)[:, ::-1] → (float)


# %% 7.3 wrong · always the best five
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


# %% 7.3 wrong · in anybody's list
# says: in the *same* user's list
# base: wrong · exact
# replace: , exact=True →
# replace: mean([len(set(f) & set(e)) / len(e) for f, e in zip(found, exact)]) → isin(exact, found).mean()


# %% 7.3 wrong · found in anybody's exact list
# says: in the *same* user's list
# base: wrong · exact
# replace: , exact=True →
# replace: mean([len(set(f) & set(e)) / len(e) for f, e in zip(found, exact)]) → isin(found, exact).mean()


# %% 7.3 wrong · users with a hit
# says: users with at least one hit
# base: wrong · exact
# replace: , exact=True →
# replace: / len(e) → > 0


# %% 7.3 right · one user after the other, keys as they come
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
