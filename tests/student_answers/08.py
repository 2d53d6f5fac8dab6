# Lesson 08. The form of this file is explained in tests/support/student_answers.py.


# %% 8.1 right · user by user
def ndcg_of_next(scores, histories, held_out, k=10):
    values = np.zeros(len(scores))
    for user, (row, history, hidden) in enumerate(zip(scores, histories, held_out)):
        ranked = np.ones(len(row), dtype=bool)
        ranked[0] = False
        ranked[history] = False
        ranked[hidden] = False
        others = row[ranked]
        place = 1 + np.sum(others > row[hidden]) + np.sum(others == row[hidden]) / 2
        if place <= k:
            values[user] = 1 / np.log2(place + 1)
    return values


# %% 8.1 right · with a matrix of what is seen
def ndcg_of_next(scores, histories, held_out, k=10):
    seen = np.zeros(scores.shape, dtype=bool)
    seen[:, 0] = True
    rows = np.repeat(np.arange(len(scores)), [len(one) for one in histories])
    seen[rows, np.concatenate(histories)] = True
    own = np.take_along_axis(scores, held_out[:, None], axis=1)
    higher = np.sum((scores > own) & ~seen, axis=1)
    level = np.sum((scores == own) & ~seen, axis=1) - 1
    place = 1 + higher + 0.5 * level
    return (place <= k) / np.log2(place + 1)


# %% 8.1 right · with scipy's ranks
def ndcg_of_next(scores, histories, held_out, k=10):
    from scipy.stats import rankdata

    values = []
    for row, history, hidden in zip(scores, histories, held_out):
        left = np.setdiff1d(np.arange(1, len(row)), history)
        place = rankdata(-row[left])[list(left).index(hidden)]
        values.append(1 / np.log2(place + 1) if place <= k else 0.0)
    return np.array(values)


# %% 8.1 wrong · the history stays
# says: The movies of the history are still ranked
# replace:         ranked[history] = False\n →


# %% 8.1 wrong · column 0 stays
# says: Column 0 is ranked
# replace:         ranked[0] = False\n →


# %% 8.1 wrong · ties do not count
# says: count as behind
# replace:  + np.sum(others == row[hidden]) / 2 →


# %% 8.1 wrong · ties count whole
# says: count as in front
# replace: == row[hidden]) / 2 → == row[hidden])


# %% 8.1 wrong · from the lowest score
# says: from the wrong end
# replace: others > row[hidden] → others < row[hidden]


# %% 8.1 wrong · no end of the list
# says: All places count
# replace: if place <= k: → if True:


# %% 8.1 wrong · one place too few
# says: Place k does not count
# replace: place <= k → place < k


# %% 8.1 wrong · the reciprocal rank
# says: reciprocal rank
# replace: 1 / np.log2(place + 1) → 1 / place


# %% 8.1 wrong · the hit rate
# says: That is the hit rate
# replace: 1 / np.log2(place + 1) → 1


# %% 8.1 wrong · the natural logarithm
# says: natural logarithm
# replace: np.log2 → np.log


# %% 8.1 wrong · the mean
# says: should return an array
# replace: return values → return values.mean()


# %% 8.1 wrong · masks the caller's scores
# says: changes its argument
# base: right · with a matrix of what is seen
# replace:     higher = →     scores[seen] = -np.inf\n    higher =


# %% 8.1 wrong · five places by default
# says: Without `k`, ten places should count
# replace: k=10 → k=5


# %% 8.1 wrong · lets helpers do it
# says: ready-made function
def ndcg_of_next(scores, histories, held_out, k=10):
    from helpers.ranking import ndcg_at_k

    scores = np.array(scores)
    scores[:, 0] = -np.inf
    for row, history in zip(scores, histories):
        row[history] = -np.inf
    relevance = np.zeros(scores.shape)
    relevance[np.arange(len(scores)), held_out] = 1
    return ndcg_at_k(relevance, scores, k, per_user=True)


# %% 8.1 right · minus infinity in a copy, of the dtype that came
def ndcg_of_next(scores, histories, held_out, k=10):
    scores = scores.copy()
    scores[:, 0] = -np.inf
    for row, history in zip(scores, histories):
        row[history] = -np.inf
    own = scores[np.arange(len(scores)), held_out][:, None]
    place = 1 + (scores > own).sum(1) + ((scores == own).sum(1) - 1) / 2
    return np.where(place <= k, 1 / np.log2(place + 1), 0)


# %% 8.1 wrong · what is seen gets 0
# says: a score that hidden movies can be below
# base: right · minus infinity in a copy, of the dtype that came
# replace: scores[:, 0] = -np.inf → scores[:, 0] = 0
# replace: row[history] = -np.inf → row[history] = 0


# %% 8.1 wrong · what is seen gets −1
# says: a score that hidden movies can be below
# base: right · minus infinity in a copy, of the dtype that came
# replace: scores[:, 0] = -np.inf → scores[:, 0] = -1
# replace: row[history] = -np.inf → row[history] = -1


# %% 8.1 wrong · only the history gets 0
# says: a score that hidden movies can be below
# base: right · minus infinity in a copy, of the dtype that came
# replace: row[history] = -np.inf → row[history] = 0


# %% 8.1 wrong · only column 0 gets 0
# says: a score that hidden movies can be below
# base: right · minus infinity in a copy, of the dtype that came
# replace: scores[:, 0] = -np.inf → scores[:, 0] = 0


# %% 8.1 wrong · half the ties, rounded down
# says: is rounded
# base: right · minus infinity in a copy, of the dtype that came
# replace: - 1) / 2 → - 1) // 2


# %% 8.1 wrong · half the ties, itself among them, rounded down
# says: is rounded
# base: right · minus infinity in a copy, of the dtype that came
# replace: ((scores == own).sum(1) - 1) / 2 → (scores == own).sum(1) // 2


# %% 8.1 wrong · itself among the ties
# says: The hidden movie itself is counted
# base: right · minus infinity in a copy, of the dtype that came
# replace: ((scores == own).sum(1) - 1) / 2 → (scores == own).sum(1) / 2


# %% 8.2 right · two loops
def transition_probabilities(histories, n_rows, shrinkage=1.0):
    counts = np.zeros((n_rows, n_rows))
    for history in histories:
        for first, second in zip(history, history[1:]):
            counts[first, second] += 1
    q = counts.sum(axis=0) / counts.sum()
    return np.stack([(row + shrinkage * q) / (row.sum() + shrinkage) for row in counts])


# %% 8.2 right · history by history, where no pair comes twice
def transition_probabilities(histories, n_rows, shrinkage=1.0):
    counts = np.zeros((n_rows, n_rows))
    for history in histories:
        counts[history[:-1], history[1:]] += 1
    prior = shrinkage * counts.sum(axis=0) / counts.sum()
    return (counts + prior) / (counts + prior).sum(axis=1, keepdims=True)


# %% 8.2 right · with bincount
def transition_probabilities(histories, n_rows, shrinkage=1.0):
    first = np.concatenate([one[:-1] for one in histories])
    second = np.concatenate([one[1:] for one in histories])
    counts = np.bincount(first * n_rows + second, minlength=n_rows**2)
    counts = counts.reshape(n_rows, n_rows)
    share = np.bincount(second, minlength=n_rows) / len(second)
    return (counts + shrinkage * share) / (counts.sum(axis=1)[:, None] + shrinkage)


# %% 8.2 wrong · the other direction
# says: The direction is wrong
# replace: counts[first, second] += 1 → counts[second, first] += 1


# %% 8.2 wrong · everything that comes later
# says: all later movies
# replace: for first, second in zip(history, history[1:]): → for first, second in [(a, b) for n, a in enumerate(history) for b in history[n + 1 :]]:


# %% 8.2 wrong · from one user to the next
# says: are no pair
def transition_probabilities(histories, n_rows, shrinkage=1.0):
    together = np.concatenate(histories)
    counts = np.zeros((n_rows, n_rows))
    np.add.at(counts, (together[:-1], together[1:]), 1)
    q = counts.sum(axis=0) / counts.sum()
    return (counts + shrinkage * q) / (counts.sum(axis=1, keepdims=True) + shrinkage)


# %% 8.2 wrong · adds 1 with arrays of indices
# says: was counted once
def transition_probabilities(histories, n_rows, shrinkage=1.0):
    first = np.concatenate([one[:-1] for one in histories])
    second = np.concatenate([one[1:] for one in histories])
    counts = np.zeros((n_rows, n_rows))
    counts[first, second] += 1
    q = counts.sum(axis=0) / counts.sum()
    return (counts + shrinkage * q) / (counts.sum(axis=1, keepdims=True) + shrinkage)


# %% 8.2 wrong · no shrinkage
# says: The shrinkage is missing | There is NaN
# replace: (row + shrinkage * q) / (row.sum() + shrinkage) → row / max(row.sum(), 1)


# %% 8.2 wrong · equal shares
# says: pulls towards equal shares
# replace: shrinkage * q) → shrinkage / n_rows)


# %% 8.2 wrong · λ below the line only
# says: below the line only
# replace: (row + shrinkage * q) → row


# %% 8.2 wrong · λ left out above
# says: λ is not multiplied
# replace: shrinkage * q → q


# %% 8.2 wrong · the shares of the first movies
# says: add up over the rows
# replace: counts.sum(axis=0) → counts.sum(axis=1)


# %% 8.2 wrong · counts
# says: Those are not divided
# replace:  / (row.sum() + shrinkage) →


# %% 8.2 wrong · 0 through 0
# says: There is NaN
# replace: (row + shrinkage * q) / (row.sum() + shrinkage) → row / row.sum()


# %% 8.2 wrong · windows of two, also of a single movie
# says: stopped with ValueError
def transition_probabilities(histories, n_rows, shrinkage=1.0):
    counts = np.zeros((n_rows, n_rows))
    for history in histories:
        for first, second in np.lib.stride_tricks.sliding_window_view(history, 2):
            counts[first, second] += 1
    q = counts.sum(axis=0) / counts.sum()
    return (counts + shrinkage * q) / (counts.sum(axis=1, keepdims=True) + shrinkage)


# %% 8.2 wrong · counts of one byte
# says: numbers above 255
# base: right · two loops
# replace: np.zeros((n_rows, n_rows)) → np.zeros((n_rows, n_rows), dtype="uint8")


# %% 8.3 right · pads with np.pad
def inputs_and_targets(history, length):
    recent = history[-(length + 1) :]
    padded = np.pad(recent, (length + 1 - len(recent), 0))
    inputs = padded[:-1].copy()
    inputs[: length + 1 - len(recent)] = 0
    targets = padded[1:].copy()
    targets[: length + 1 - len(recent)] = 0
    return inputs, targets


# %% 8.3 right · lists
def inputs_and_targets(history, length):
    movies = [int(movie) for movie in history][-length - 1 :]
    zeros = [0] * (length + 1 - len(movies))
    return np.array(zeros + movies[:-1]), np.array(zeros + movies[1:])


# %% 8.3 right · from the end
def inputs_and_targets(history, length):
    n = min(len(history) - 1, length)
    inputs, targets = np.zeros(length, int), np.zeros(length, int)
    targets[-n:] = history[-n:]
    inputs[-n:] = history[-n - 1 : -1]
    return inputs, targets


# %% 8.3 wrong · zeros on the right
# says: The zeros are on the right
# base: right · lists
# replace: np.array(zeros + movies[:-1]), np.array(zeros + movies[1:]) → np.array(movies[:-1] + zeros), np.array(movies[1:] + zeros)


# %% 8.3 wrong · not shifted
# says: The targets are not shifted
# base: right · lists
# replace: zeros + movies[1:] → zeros + movies[:-1]


# %% 8.3 wrong · the first movies
# says: Those are the first movies
# base: right · lists
# replace: [-length - 1 :] → [: length + 1]


# %% 8.3 wrong · swapped
# says: have changed places
# base: right · lists
# replace: np.array(zeros + movies[:-1]), np.array(zeros + movies[1:]) → np.array(zeros + movies[1:]), np.array(zeros + movies[:-1])


# %% 8.3 wrong · no padding
# says: Fill up with zeros
# base: right · lists
# replace: [0] * (length + 1 - len(movies)) → []


# %% 8.3 wrong · the last movie as an input
# says: The last movie is among the inputs
# base: right · from the end
# replace: history[-n - 1 : -1] → history[-n:]


# %% 8.3 wrong · a movie too few
# says: There is a movie too few
def inputs_and_targets(history, length):
    recent = history[-length:]
    inputs, targets = np.zeros((2, length), dtype="int32")
    inputs[length + 1 - len(recent) :] = recent[:-1]
    targets[length + 1 - len(recent) :] = recent[1:]
    return inputs, targets


# %% 8.3 wrong · floats
# says: wrong dtype
# base: right · from the end
# replace: np.zeros(length, int), np.zeros(length, int) → np.zeros(length), np.zeros(length)


# %% 8.3 wrong · one array
# says: Return two arrays
# base: right · from the end
# replace: return inputs, targets → return inputs


# %% 8.3 wrong · the first movie as a target
# says: The first movie is a target there, with padding as its input
def inputs_and_targets(history, length):
    recent = history[-(length + 1) :]
    padded = np.pad(recent, (length + 1 - len(recent), 0))
    return padded[:-1], padded[1:]


# %% 8.3 wrong · the inputs rolled, with the last target in its place
# says: The first movie is a target there, with padding as its input
# base: right · from the end
# replace: targets[-n:] = history[-n:]\n    inputs → inputs
# replace: return inputs, targets → targets = np.roll(inputs, -1)\n    targets[-1] = history[-1]\n    return inputs, targets


# %% 8.3 wrong · the inputs rolled
# says: the most recent movie is missing
# base: right · from the end
# replace: targets[-n:] = history[-n:]\n    inputs → inputs
# replace: return inputs, targets → return inputs, np.roll(inputs, -1)


# %% 8.3 wrong · the padded history rolled
# says: brings what was in front to the end
# base: right · lists
# replace: return np.array(zeros + movies[:-1]), np.array(zeros + movies[1:]) → return np.array(zeros + movies[:-1]), np.roll((zeros + movies)[-length:], -1)


# %% 8.3 wrong · numbers of one byte
# says: does not hold movie numbers
# base: right · from the end
# replace: np.zeros(length, int), np.zeros(length, int) → np.zeros((2, length), "int8")


# %% 8.4 right · log-softmax and one-hot
def sequence_loss(targets, logits):
    one_hot = ops.one_hot(targets, logits.shape[-1])
    losses = -ops.sum(one_hot * ops.log_softmax(logits, axis=-1), axis=-1)
    mask = ops.cast(targets > 0, "float32")
    return ops.sum(losses * mask) / ops.sum(mask)


# %% 8.4 right · with where
def sequence_loss(targets, logits):
    losses = ops.sparse_categorical_crossentropy(targets, logits, from_logits=True)
    is_movie = ops.not_equal(targets, 0)
    n = ops.sum(ops.cast(is_movie, "float32"))
    return ops.sum(ops.where(is_movie, losses, 0.0)) / n


# %% 8.4 right · by the logarithm of the sum
def sequence_loss(targets, logits):
    own = ops.take_along_axis(logits, targets[..., None], axis=-1)[..., 0]
    losses = ops.logsumexp(logits, axis=-1) - own
    weights = ops.cast(ops.sign(targets), "float32")
    return ops.sum(weights * losses) / ops.sum(weights)


# %% 8.4 wrong · padding counts
# says: padding counts, too
# base: right · with where
# replace: return ops.sum(ops.where(is_movie, losses, 0.0)) / n → return ops.mean(losses)


# %% 8.4 wrong · divides by all positions
# says: but not of the number that you divide by
# base: right · with where
# replace: return ops.sum(ops.where(is_movie, losses, 0.0)) / n → return ops.mean(ops.where(is_movie, losses, 0.0))


# %% 8.4 wrong · the sum
# says: That is the sum. Divide
# base: right · with where
# replace: (ops.where(is_movie, losses, 0.0)) / n → (ops.where(is_movie, losses, 0.0))


# %% 8.4 wrong · the mean of means
# says: each sequence's mean
# base: right · log-softmax and one-hot
# replace: return ops.sum(losses * mask) / ops.sum(mask) → return ops.mean(ops.sum(losses * mask, axis=1) / ops.sum(mask, axis=1))


# %% 8.4 wrong · a loss for each position
# says: a loss for each position
# base: right · with where
# replace: return ops.sum(ops.where(is_movie, losses, 0.0)) / n → return ops.where(is_movie, losses, 0.0)


# %% 8.4 wrong · the mask the wrong way round
# says: the wrong way round
# base: right · with where
# replace: ops.not_equal → ops.equal


# %% 8.4 wrong · takes logits for probabilities
# says: Does the cross-entropy know that it gets logits?
# base: right · with where
# replace: , from_logits=True →


# %% 8.4 wrong · NumPy
# says: fit` compiles it
def sequence_loss(targets, logits):
    targets, logits = np.asarray(targets), np.asarray(logits)
    p = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    own = np.take_along_axis(p, targets[..., None], axis=-1)[..., 0]
    return -np.log(own)[targets != 0].mean()


# %% 8.4 right · ignore_class of Keras
def sequence_loss(targets, logits):
    from keras import losses

    mean = losses.SparseCategoricalCrossentropy(True, ignore_class=0)
    return mean(targets, logits)


# %% 8.4 right · probabilities, of which Keras remembers the logits
def sequence_loss(targets, logits):
    from keras import losses

    p = ops.softmax(logits)
    weights = ops.cast(targets != 0, "float32")
    each = losses.sparse_categorical_crossentropy(targets, p)
    return ops.sum(each * weights) / ops.sum(weights)


# %% 8.4 wrong · the logarithm of a ratio of exponentials
# says: the loss is not finite
def sequence_loss(targets, logits):
    weights = ops.cast(targets != 0, "float32")
    p = ops.exp(logits) / ops.sum(ops.exp(logits), axis=-1, keepdims=True)
    p = ops.take_along_axis(p, targets[..., None], axis=-1)[..., 0]
    return -ops.sum(ops.log(p) * weights) / ops.sum(weights)


# %% 8.4 wrong · the logarithm of a sum of exponentials
# says: the loss is not finite
# base: right · by the logarithm of the sum
# replace: ops.logsumexp(logits, axis=-1) → ops.log(ops.sum(ops.exp(logits), axis=-1))


# %% 8.4 wrong · clipped probabilities
# says: a probability was clipped
# base: right · with where
# replace: logits, from_logits=True → 1.0 * ops.softmax(logits)


# %% 8.4 wrong · the logarithm of a probability and a little more
# says: a probability was clipped
# base: right · log-softmax and one-hot
# replace: ops.log_softmax(logits, axis=-1) → ops.log(ops.softmax(logits, axis=-1) + 1e-9)


# %% 8.4 wrong · classes from 0
# says: The classes are off by one
# base: right · with where
# replace: crossentropy(targets, → crossentropy(ops.maximum(targets - 1, 0),


# %% 8.4 wrong · no column 0
# says: Column 0 is missing in the softmax
# base: right · with where
# replace: crossentropy(targets, logits, → crossentropy(ops.maximum(targets - 1, 0), logits[..., 1:],


# %% 8.5 right · with tril
def attention_mask(movies):
    length = movies.shape[1]
    past = np.tril(
        np.ones((length, length), dtype="bool")
    )  # Keras 3.8 compiles no tril
    return ops.logical_and(past, ops.expand_dims(movies > 0, 1))


# %% 8.5 right · by multiplication
def attention_mask(movies):
    place = ops.arange(movies.shape[-1])
    past = ops.cast(place[None, :] <= place[:, None], "int32")
    movie = ops.cast(ops.not_equal(movies, 0), "int32")
    return ops.cast(past[None] * movie[:, None], "bool")


# %% 8.5 right · the padding on both sides
def attention_mask(movies):
    position = ops.arange(movies.shape[1])
    movie = movies != 0
    past = (position[:, None] >= position)[None]
    return past & movie[:, None, :] & movie[:, :, None]


# %% 8.5 wrong · no causal mask
# says: The causal mask is missing
# base: right · the padding on both sides
# replace: return past & movie → return movie


# %% 8.5 wrong · no padding
# says: The padding is still visible
# base: right · by multiplication
# replace: ops.cast(ops.not_equal(movies, 0), "int32") → ops.ones_like(movies)


# %% 8.5 wrong · the future
# says: That allows the future
# base: right · by multiplication
# replace: place[None, :] <= place[:, None] → place[None, :] >= place[:, None]


# %% 8.5 wrong · not itself
# says: A position should see itself
# base: right · by multiplication
# replace: <= → <


# %% 8.5 wrong · the padding of the position that looks
# says: is applied to the position t
# base: right · with tril
# replace: ops.expand_dims(movies > 0, 1) → ops.expand_dims(movies > 0, 2)


# %% 8.5 wrong · one mask for all
# says: That is one mask for all sequences
# base: right · with tril
# replace: return ops.logical_and(past, ops.expand_dims(movies > 0, 1)) → return ops.convert_to_tensor(past)


# %% 8.5 wrong · numbers instead of bool
# says: wrong dtype
# base: right · by multiplication
# replace: return ops.cast(past[None] * movie[:, None], "bool") → return past[None] * movie[:, None]


# %% 8.5 wrong · upside down
# says: upside down
# base: right · the padding on both sides
# replace: return past & movie[:, None, :] & movie[:, :, None] → return ~(past & movie[:, None, :])


# %% 8.5 wrong · a NumPy array
# says: should return a tensor
def attention_mask(movies):
    movies = np.asarray(movies)
    past = np.tril(np.ones((movies.shape[1],) * 2, dtype=bool))
    return past & (movies != 0)[:, None, :]


# %% 8.6 right · with einsum
def attention(queries, keys, values, allowed):
    scores = ops.einsum("btd,bsd->bts", queries, keys) / np.sqrt(queries.shape[-1])
    scores = scores - 1e9 * (1 - ops.cast(allowed, "float32"))
    weights = ops.softmax(scores, axis=-1)
    return ops.einsum("bts,bsd->btd", weights, values), weights


# %% 8.6 right · exponentials by hand
def attention(queries, keys, values, allowed):
    d = queries.shape[2]
    match = queries @ ops.swapaxes(keys, 1, 2) * d**-0.5
    power = ops.exp(match - ops.max(match, axis=2, keepdims=True))
    power = power * ops.cast(allowed, power.dtype)
    total = ops.sum(power, axis=2, keepdims=True)
    weights = power / ops.maximum(total, 1e-12)
    return weights @ values, weights


# %% 8.6 right · scales the queries
def attention(queries, keys, values, allowed):
    queries = queries / float(queries.shape[-1]) ** 0.5
    match = ops.matmul(queries, ops.transpose(keys, [0, 2, 1]))
    weights = ops.softmax(ops.where(allowed, match, -1e30))
    return ops.matmul(weights, values), weights


# %% 8.6 wrong · not scaled
# says: are not divided by √d
# base: right · scales the queries
# replace:     queries = queries / float(queries.shape[-1]) ** 0.5\n →


# %% 8.6 wrong · divided by d
# says: are divided by d
# base: right · scales the queries
# replace:  ** 0.5 →


# %% 8.6 wrong · no mask
# says: The mask has no effect
# base: right · scales the queries
# replace: ops.where(allowed, match, -1e30) → match


# %% 8.6 wrong · the mask after the softmax
# says: works after the softmax
# base: right · scales the queries
# replace: ops.softmax(ops.where(allowed, match, -1e30)) → ops.softmax(match) * ops.cast(allowed, "float32")


# %% 8.6 wrong · forbidden matches are 0
# says: Forbidden matches were set to 0
# base: right · scales the queries
# replace: -1e30 → 0.0


# %% 8.6 wrong · minus infinity
# says: gets NaN
# base: right · scales the queries
# replace: -1e30 → -np.inf


# %% 8.6 wrong · the softmax over the wrong axis
# says: runs over the wrong axis
# base: right · scales the queries
# replace: ops.where(allowed, match, -1e30) → ops.where(allowed, match, -1e30), axis=1


# %% 8.6 wrong · averages the keys
# says: means of the keys
# base: right · scales the queries
# replace: ops.matmul(weights, values) → ops.matmul(weights, keys)


# %% 8.6 wrong · the outputs alone
# says: Return two tensors
# base: right · scales the queries
# replace: return ops.matmul(weights, values), weights → return ops.matmul(weights, values)


# %% 8.6 wrong · the mask the wrong way round
# says: The mask is the wrong way round
# base: right · scales the queries
# replace: allowed, match, -1e30 → allowed, -1e30, match


# %% 8.6 wrong · a causal mask of its own
# says: Positions look at the past only
# base: right · scales the queries
# replace: ops.where(allowed, → ops.where(ops.logical_and(allowed, np.tri(allowed.shape[1], dtype=bool)),


# %% 8.6 wrong · a causal mask instead
# says: Positions look at the past only
# base: right · scales the queries
# replace: ops.where(allowed, → ops.where(np.tri(allowed.shape[1], dtype=bool),


# %% 8.6 wrong · exponentials without their maximum
# says: do not add up to 1
# base: right · exponentials by hand
# replace: match - ops.max(match, axis=2, keepdims=True) → match


# %% 8.6 wrong · exponentials without their maximum, and a small number below
# says: do not add up to 1
# base: right · exponentials by hand
# replace: match - ops.max(match, axis=2, keepdims=True) → match
# replace: ops.maximum(total, 1e-12) → (total + 1e-9)


# %% 8.6 wrong · forbidden matches are −100
# says: A forbidden match gets a weight
# base: right · scales the queries
# replace: -1e30 → -100.0
