# Lesson 07. The form of this file is explained in tests/student_answers.py.

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


# %% 7.1 wrong · the slots alone
# says: The weights themselves | Those are the weights alone
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


# %% 7.1 right · NumPy counts
def bytes_to_train(n_users, n_movies, n_factors, slots=2):
    table = np.zeros((n_users + n_movies, n_factors + 1), dtype="float32")
    return table.nbytes * (1 + slots)


# %% 7.2 wrong · in the file's order
# says: in the file's order
def plan_blocks(n_ratings, block_size, rng):
    starts = range(0, n_ratings, block_size)
    return [(s, min(s + block_size, n_ratings)) for s in starts]


# %% 7.2 wrong · the last block is dropped
# says: The last block is missing
def plan_blocks(n_ratings, block_size, rng):
    starts = rng.permutation(n_ratings // block_size) * block_size
    return [(int(s), int(s) + block_size) for s in starts]


# %% 7.2 wrong · beyond the end
# says: ends after the file does
def plan_blocks(n_ratings, block_size, rng):
    starts = rng.permutation(np.arange(0, n_ratings, block_size))
    return [(s, s + block_size) for s in starts]


# %% 7.2 wrong · last row included
# says: so the last row of each block is left out
def plan_blocks(n_ratings, block_size, rng):
    starts = rng.permutation(np.arange(0, n_ratings, block_size))
    return [(s, min(s + block_size, n_ratings) - 1) for s in starts]


# %% 7.2 wrong · lengths
# says: not the block's length
def plan_blocks(n_ratings, block_size, rng):
    starts = rng.permutation(np.arange(0, n_ratings, block_size))
    return [(s, block_size) for s in starts]


# %% 7.2 wrong · drawn with replacement
# says: Some ratings are in two blocks | not the blocks of
def plan_blocks(n_ratings, block_size, rng):
    starts = rng.choice(
        np.arange(0, n_ratings, block_size), -(-n_ratings // block_size)
    )
    return [(s, min(s + block_size, n_ratings)) for s in starts]


# %% 7.2 wrong · an empty block at the end
# says: One of the blocks is empty
def plan_blocks(n_ratings, block_size, rng):
    starts = rng.permutation(np.arange(0, n_ratings + 1, block_size))
    return [(s, min(s + block_size, n_ratings)) for s in starts]


# %% 7.2 wrong · NumPy's own dice
# says: The same `rng` gave two different plans
def plan_blocks(n_ratings, block_size, rng):
    starts = np.random.permutation(np.arange(0, n_ratings, block_size))
    return [(s, min(s + block_size, n_ratings)) for s in starts]


# %% 7.2 wrong · a seed of its own
# says: would have the same order
def plan_blocks(n_ratings, block_size, rng):
    rng = np.random.default_rng(42)
    starts = rng.permutation(np.arange(0, n_ratings, block_size))
    return [(s, min(s + block_size, n_ratings)) for s in starts]


# %% 7.2 wrong · row numbers
# says: a list of pairs
def plan_blocks(n_ratings, block_size, rng):
    return rng.permutation(n_ratings).tolist()


# %% 7.2 wrong · slices
# says: a list of pairs
def plan_blocks(n_ratings, block_size, rng):
    starts = rng.permutation(np.arange(0, n_ratings, block_size))
    return [slice(s, min(s + block_size, n_ratings)) for s in starts]


# %% 7.2 wrong · equal blocks
# says: not the blocks of
def plan_blocks(n_ratings, block_size, rng):
    n_blocks = -(-n_ratings // block_size)
    parts = np.array_split(np.arange(n_ratings), n_blocks)
    blocks = [(int(part[0]), int(part[-1]) + 1) for part in parts]
    rng.shuffle(blocks)
    return blocks


# %% 7.2 wrong · turned around a random place
# says: Most blocks still follow | in the file's order
def plan_blocks(n_ratings, block_size, rng):
    blocks = [
        (s, min(s + block_size, n_ratings)) for s in range(0, n_ratings, block_size)
    ]
    k = int(rng.integers(len(blocks)))
    return blocks[k:] + blocks[:k]


# %% 7.2 wrong · the last one always last
# says: The left-over block is always the last one
def plan_blocks(n_ratings, block_size, rng):
    blocks = [
        (s, min(s + block_size, n_ratings)) for s in range(0, n_ratings, block_size)
    ]
    whole = blocks[:-1]
    rng.shuffle(whole)
    return whole + blocks[-1:]


# %% 7.2 right · shuffled in place
def plan_blocks(n_ratings, block_size, rng):
    blocks = []
    start = 0
    while start < n_ratings:
        stop = start + block_size
        if stop > n_ratings:
            stop = n_ratings
        blocks.append((start, stop))
        start = stop
    rng.shuffle(blocks)
    return blocks


# %% 7.2 right · an array
def plan_blocks(n_ratings, block_size, rng):
    edges = np.append(np.arange(0, n_ratings, block_size), n_ratings)
    return rng.permutation(np.stack([edges[:-1], edges[1:]], axis=1))


# %% 7.3 wrong · the last of several
# says: only the last gradient counts
def lazy_adam_step(table, m, v, rows, gradients, t, rate=0.01):
    table, m, v = table.copy(), m.copy(), v.copy()
    m[rows] = 0.9 * m[rows] + 0.1 * gradients
    v[rows] = 0.999 * v[rows] + 0.001 * gradients**2
    step = (m[rows] / (1 - 0.9**t)) / (np.sqrt(v[rows] / (1 - 0.999**t)) + 1e-7)
    table[rows] -= rate * step
    return table, m, v


# %% 7.3 wrong · the mean of several
# says: not their mean
def lazy_adam_step(table, m, v, rows, gradients, t, rate=0.01):
    table, m, v = table.copy(), m.copy(), v.copy()
    for row in np.unique(rows):
        g = gradients[rows == row].mean(axis=0)
        m[row] = 0.9 * m[row] + 0.1 * g
        v[row] = 0.999 * v[row] + 0.001 * g**2
        step = (m[row] / (1 - 0.9**t)) / (np.sqrt(v[row] / (1 - 0.999**t)) + 1e-7)
        table[row] -= rate * step
    return table, m, v


# %% 7.3 wrong · once for each time it is there
# says: updated once for each time
def lazy_adam_step(table, m, v, rows, gradients, t, rate=0.01):
    table, m, v = table.copy(), m.copy(), v.copy()
    for row, g in zip(rows, gradients):
        m[row] = 0.9 * m[row] + 0.1 * g
        v[row] = 0.999 * v[row] + 0.001 * g**2
        step = (m[row] / (1 - 0.9**t)) / (np.sqrt(v[row] / (1 - 0.999**t)) + 1e-7)
        table[row] -= rate * step
    return table, m, v


# %% 7.3 wrong · the dense Adam
# says: That is the dense Adam
def lazy_adam_step(table, m, v, rows, gradients, t, rate=0.01):
    g = np.zeros_like(table)
    np.add.at(g, rows, gradients)
    m = 0.9 * m + 0.1 * g
    v = 0.999 * v + 0.001 * g**2
    step = (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-7)
    return table - rate * step, m, v


# %% 7.3 wrong · without correcting the start
# says: they started at 0
def lazy_adam_step(table, m, v, rows, gradients, t, rate=0.01):
    table, m, v = table.copy(), m.copy(), v.copy()
    g = np.zeros_like(table)
    np.add.at(g, rows, gradients)
    r = np.unique(rows)
    m[r] = 0.9 * m[r] + 0.1 * g[r]
    v[r] = 0.999 * v[r] + 0.001 * g[r] ** 2
    table[r] -= rate * m[r] / (np.sqrt(v[r]) + 1e-7)
    return table, m, v


# %% 7.3 wrong · t counted up once more
# says: you counted it up once more
def lazy_adam_step(table, m, v, rows, gradients, t, rate=0.01):
    t = t + 1
    table, m, v = table.copy(), m.copy(), v.copy()
    g = np.zeros_like(table)
    np.add.at(g, rows, gradients)
    r = np.unique(rows)
    m[r] = 0.9 * m[r] + 0.1 * g[r]
    v[r] = 0.999 * v[r] + 0.001 * g[r] ** 2
    step = (m[r] / (1 - 0.9**t)) / (np.sqrt(v[r] / (1 - 0.999**t)) + 1e-7)
    table[r] -= rate * step
    return table, m, v


# %% 7.3 wrong · uphill
# says: The weights went uphill
def lazy_adam_step(table, m, v, rows, gradients, t, rate=0.01):
    table, m, v = table.copy(), m.copy(), v.copy()
    g = np.zeros_like(table)
    np.add.at(g, rows, gradients)
    r = np.unique(rows)
    m[r] = 0.9 * m[r] + 0.1 * g[r]
    v[r] = 0.999 * v[r] + 0.001 * g[r] ** 2
    step = (m[r] / (1 - 0.9**t)) / (np.sqrt(v[r] / (1 - 0.999**t)) + 1e-7)
    table[r] += rate * step
    return table, m, v


# %% 7.3 wrong · the rate is fixed
# says: The rate of the call is not used
def lazy_adam_step(table, m, v, rows, gradients, t, rate=0.01):
    table, m, v = table.copy(), m.copy(), v.copy()
    g = np.zeros_like(table)
    np.add.at(g, rows, gradients)
    r = np.unique(rows)
    m[r] = 0.9 * m[r] + 0.1 * g[r]
    v[r] = 0.999 * v[r] + 0.001 * g[r] ** 2
    step = (m[r] / (1 - 0.9**t)) / (np.sqrt(v[r] / (1 - 0.999**t)) + 1e-7)
    table[r] -= 0.01 * step
    return table, m, v


# %% 7.3 wrong · the squares of the single gradients
# says: not the sum of their squares
def lazy_adam_step(table, m, v, rows, gradients, t, rate=0.01):
    table, m, v = table.copy(), m.copy(), v.copy()
    g, squares = np.zeros_like(table), np.zeros_like(table)
    np.add.at(g, rows, gradients)
    np.add.at(squares, rows, gradients**2)
    r = np.unique(rows)
    m[r] = 0.9 * m[r] + 0.1 * g[r]
    v[r] = 0.999 * v[r] + 0.001 * squares[r]
    step = (m[r] / (1 - 0.9**t)) / (np.sqrt(v[r] / (1 - 0.999**t)) + 1e-7)
    table[r] -= rate * step
    return table, m, v


# %% 7.3 wrong · the table alone
# says: should return three arrays
def lazy_adam_step(table, m, v, rows, gradients, t, rate=0.01):
    return table


# %% 7.3 wrong · the table stays
# says: the table has not moved
def lazy_adam_step(table, m, v, rows, gradients, t, rate=0.01):
    table, m, v = table.copy(), m.copy(), v.copy()
    g = np.zeros_like(table)
    np.add.at(g, rows, gradients)
    r = np.unique(rows)
    m[r] = 0.9 * m[r] + 0.1 * g[r]
    v[r] = 0.999 * v[r] + 0.001 * g[r] ** 2
    step = (m[r] / (1 - 0.9**t)) / (np.sqrt(v[r] / (1 - 0.999**t)) + 1e-7)
    table[r] - rate * step
    return table, m, v


# %% 7.3 wrong · the order
# says: The order is another one
def lazy_adam_step(table, m, v, rows, gradients, t, rate=0.01):
    table, m, v = table.copy(), m.copy(), v.copy()
    g = np.zeros_like(table)
    np.add.at(g, rows, gradients)
    r = np.unique(rows)
    m[r] = 0.9 * m[r] + 0.1 * g[r]
    v[r] = 0.999 * v[r] + 0.001 * g[r] ** 2
    step = (m[r] / (1 - 0.9**t)) / (np.sqrt(v[r] / (1 - 0.999**t)) + 1e-7)
    table[r] -= rate * step
    return m, v, table


# %% 7.3 wrong · no epsilon
# says: 0 / 0
def lazy_adam_step(table, m, v, rows, gradients, t, rate=0.01):
    table, m, v = table.copy(), m.copy(), v.copy()
    g = np.zeros_like(table)
    np.add.at(g, rows, gradients)
    r = np.unique(rows)
    m[r] = 0.9 * m[r] + 0.1 * g[r]
    v[r] = 0.999 * v[r] + 0.001 * g[r] ** 2
    step = (m[r] / (1 - 0.9**t)) / (np.sqrt(v[r] / (1 - 0.999**t)))
    table[r] -= rate * step
    return table, m, v


# %% 7.3 wrong · the epsilon under the root
# says: not under it
def lazy_adam_step(table, m, v, rows, gradients, t, rate=0.01):
    table, m, v = table.copy(), m.copy(), v.copy()
    g = np.zeros_like(table)
    np.add.at(g, rows, gradients)
    r = np.unique(rows)
    m[r] = 0.9 * m[r] + 0.1 * g[r]
    v[r] = 0.999 * v[r] + 0.001 * g[r] ** 2
    step = (m[r] / (1 - 0.9**t)) / (np.sqrt(v[r] / (1 - 0.999**t) + 1e-7))
    table[r] -= rate * step
    return table, m, v


# %% 7.3 wrong · the root forgotten
# says: Divide by the *root* of v
def lazy_adam_step(table, m, v, rows, gradients, t, rate=0.01):
    table, m, v = table.copy(), m.copy(), v.copy()
    g = np.zeros_like(table)
    np.add.at(g, rows, gradients)
    r = np.unique(rows)
    m[r] = 0.9 * m[r] + 0.1 * g[r]
    v[r] = 0.999 * v[r] + 0.001 * g[r] ** 2
    step = (m[r] / (1 - 0.9**t)) / (v[r] / (1 - 0.999**t) + 1e-7)
    table[r] -= rate * step
    return table, m, v


# %% 7.3 wrong · corrected slots kept
# says: for the step alone
def lazy_adam_step(table, m, v, rows, gradients, t, rate=0.01):
    table, m, v = table.copy(), m.copy(), v.copy()
    g = np.zeros_like(table)
    np.add.at(g, rows, gradients)
    r = np.unique(rows)
    m[r] = 0.9 * m[r] + 0.1 * g[r]
    v[r] = 0.999 * v[r] + 0.001 * g[r] ** 2
    m[r] /= 1 - 0.9**t
    v[r] /= 1 - 0.999**t
    table[r] -= rate * m[r] / (np.sqrt(v[r]) + 1e-7)
    return table, m, v


# %% 7.3 wrong · where the sum is not 0
# says: Go by `rows`
def lazy_adam_step(table, m, v, rows, gradients, t, rate=0.01):
    table, m, v = table.copy(), m.copy(), v.copy()
    g = np.zeros_like(table)
    np.add.at(g, rows, gradients)
    r = np.flatnonzero((np.abs(g) > 1e-12).any(axis=1))
    m[r] = 0.9 * m[r] + 0.1 * g[r]
    v[r] = 0.999 * v[r] + 0.001 * g[r] ** 2
    step = (m[r] / (1 - 0.9**t)) / (np.sqrt(v[r] / (1 - 0.999**t)) + 1e-7)
    table[r] -= rate * step
    return table, m, v


# %% 7.3 wrong · in place
# says: You changed the `table`
def lazy_adam_step(table, m, v, rows, gradients, t, rate=0.01):
    g = np.zeros_like(table)
    np.add.at(g, rows, gradients)
    r = np.unique(rows)
    m[r] = 0.9 * m[r] + 0.1 * g[r]
    v[r] = 0.999 * v[r] + 0.001 * g[r] ** 2
    step = (m[r] / (1 - 0.9**t)) / (np.sqrt(v[r] / (1 - 0.999**t)) + 1e-7)
    table[r] -= rate * step
    return table, m, v


# %% 7.3 wrong · slots in place
# says: You changed the `m`
def lazy_adam_step(table, m, v, rows, gradients, t, rate=0.01):
    table = table.copy()
    g = np.zeros_like(table)
    np.add.at(g, rows, gradients)
    r = np.unique(rows)
    m[r] = 0.9 * m[r] + 0.1 * g[r]
    v[r] = 0.999 * v[r] + 0.001 * g[r] ** 2
    step = (m[r] / (1 - 0.9**t)) / (np.sqrt(v[r] / (1 - 0.999**t)) + 1e-7)
    table[r] -= rate * step
    return table, m, v


# %% 7.3 right · a loop
def lazy_adam_step(table, m, v, rows, gradients, t, rate=0.01):
    table, m, v = (one.copy() for one in (table, m, v))
    for row in set(rows.tolist()):
        g = gradients[rows == row].sum(axis=0)
        m[row] = 0.9 * m[row] + 0.1 * g
        v[row] = 0.999 * v[row] + 0.001 * g * g
        m_hat, v_hat = m[row] / (1 - 0.9**t), v[row] / (1 - 0.999**t)
        table[row] -= rate * m_hat / (v_hat**0.5 + 1e-7)
    return table, m, v


# %% 7.3 right · a mask
def lazy_adam_step(table, m, v, rows, gradients, t, rate=0.01):
    g = np.eye(len(table))[rows].T @ gradients
    touched = np.isin(np.arange(len(table)), rows)[:, None]
    new_m = np.where(touched, 0.9 * m + 0.1 * g, m)
    new_v = np.where(touched, 0.999 * v + 0.001 * g**2, v)
    step = (new_m / (1 - 0.9**t)) / (np.sqrt(new_v / (1 - 0.999**t)) + 1e-7)
    return np.where(touched, table - rate * step, table), new_m, new_v


# %% 7.4 wrong · a column minus a row
# says: a table of n × n
def training_step(model, optimizer, batch, ratings):
    with tf.GradientTape() as tape:
        predicted = model(batch, training=True)
        loss = ops.mean(ops.square(predicted - ratings)) + sum(model.losses)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply(gradients, model.trainable_variables)
    return loss


# %% 7.4 wrong · a column minus a row, and no penalties
# says: (And `model.losses` is missing.)
def training_step(model, optimizer, batch, ratings):
    with tf.GradientTape() as tape:
        loss = ops.mean(ops.square(model(batch, training=True) - ratings))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply(gradients, model.trainable_variables)
    return loss


# %% 7.4 wrong · without the layers' losses
# says: What layers add to the loss is missing
def training_step(model, optimizer, batch, ratings):
    with tf.GradientTape() as tape:
        predicted = model(batch, training=True)[:, 0]
        loss = ops.mean(ops.square(predicted - ratings))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply(gradients, model.trainable_variables)
    return loss


# %% 7.4 wrong · not in training mode
# says: The model was not in training mode
def training_step(model, optimizer, batch, ratings):
    with tf.GradientTape() as tape:
        predicted = model(batch, training=False)[:, 0]
        loss = ops.mean(ops.square(predicted - ratings)) + sum(model.losses)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply(gradients, model.trainable_variables)
    return loss


# %% 7.4 wrong · neither
# says: (`training=True`), and what layers add
def training_step(model, optimizer, batch, ratings):
    with tf.GradientTape() as tape:
        loss = ops.mean(ops.square(model(batch)[:, 0] - ratings))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply(gradients, model.trainable_variables)
    return loss


# %% 7.4 wrong · the sum
# says: the mean is asked for
def training_step(model, optimizer, batch, ratings):
    with tf.GradientTape() as tape:
        predicted = model(batch, training=True)[:, 0]
        loss = ops.sum(ops.square(predicted - ratings)) + sum(model.losses)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply(gradients, model.trainable_variables)
    return loss


# %% 7.4 wrong · does not apply
# says: no weight has moved
def training_step(model, optimizer, batch, ratings):
    with tf.GradientTape() as tape:
        predicted = model(batch, training=True)[:, 0]
        loss = ops.mean(ops.square(predicted - ratings)) + sum(model.losses)
    gradients = tape.gradient(loss, model.trainable_variables)
    return loss


# %% 7.4 wrong · uphill
# says: The weights went uphill
def training_step(model, optimizer, batch, ratings):
    with tf.GradientTape() as tape:
        predicted = model(batch, training=True)[:, 0]
        loss = ops.mean(ops.square(predicted - ratings)) + sum(model.losses)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply(
        [-g for g in map(tf.convert_to_tensor, gradients)], model.trainable_variables
    )
    return loss


# %% 7.4 wrong · the error after the step
# says: That is the loss *after* the step
def training_step(model, optimizer, batch, ratings):
    with tf.GradientTape() as tape:
        predicted = model(batch, training=True)[:, 0]
        loss = ops.mean(ops.square(predicted - ratings)) + sum(model.losses)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply(gradients, model.trainable_variables)
    predicted = model(batch, training=True)[:, 0]
    return ops.mean(ops.square(predicted - ratings)) + sum(model.losses)


# %% 7.4 wrong · nothing returned
# says: returned nothing
def training_step(model, optimizer, batch, ratings):
    with tf.GradientTape() as tape:
        predicted = model(batch, training=True)[:, 0]
        loss = ops.mean(ops.square(predicted - ratings)) + sum(model.losses)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply(gradients, model.trainable_variables)


# %% 7.4 wrong · outside the tape
# says: inside the `with` | Your code stopped with
def training_step(model, optimizer, batch, ratings):
    predicted = model(batch, training=True)[:, 0]
    with tf.GradientTape() as tape:
        loss = ops.mean(ops.square(predicted - ratings)) + sum(model.losses)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply(gradients, model.trainable_variables)
    return loss


# %% 7.4 wrong · the rate by hand
# says: is not where one step of the optimizer takes it
def training_step(model, optimizer, batch, ratings):
    with tf.GradientTape() as tape:
        predicted = model(batch, training=True)[:, 0]
        loss = ops.mean(ops.square(predicted - ratings)) + sum(model.losses)
    for weight, gradient in zip(
        model.trainable_variables, tape.gradient(loss, model.trainable_variables)
    ):
        weight.assign_sub(0.001 * tf.convert_to_tensor(gradient))
    return loss


# %% 7.4 wrong · a list of losses, not their sum
# says: add them up with `sum`
def training_step(model, optimizer, batch, ratings):
    with tf.GradientTape() as tape:
        predicted = model(batch, training=True)[:, 0]
        loss = ops.mean(ops.square(predicted - ratings)) + model.losses
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply(gradients, model.trainable_variables)
    return loss


# %% 7.4 wrong · the first of the losses
# says: add up *all* of `model.losses`
def training_step(model, optimizer, batch, ratings):
    with tf.GradientTape() as tape:
        predicted = model(batch, training=True)[:, 0]
        loss = ops.mean(ops.square(predicted - ratings)) + model.losses[0]
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply(gradients, model.trainable_variables)
    return loss


# %% 7.4 wrong · the losses outside the tape
# says: inside the `with`
def training_step(model, optimizer, batch, ratings):
    with tf.GradientTape() as tape:
        predicted = model(batch, training=True)[:, 0]
        loss = ops.mean(ops.square(predicted - ratings))
    total = loss + sum(model.losses)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply(gradients, model.trainable_variables)
    return total


# %% 7.4 wrong · train_on_batch
# says: not inside `tf.function`
def training_step(model, optimizer, batch, ratings):
    model.compile(optimizer, loss="mse")
    return model.train_on_batch(batch, ratings)


# %% 7.4 wrong · a Python number
# says: not inside `tf.function`
def training_step(model, optimizer, batch, ratings):
    with tf.GradientTape() as tape:
        predicted = model(batch, training=True)[:, 0]
        loss = ops.mean(ops.square(predicted - ratings)) + sum(model.losses)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply(gradients, model.trainable_variables)
    return float(loss)


# %% 7.4 right · apply_gradients, and TensorFlow's words
def training_step(model, optimizer, batch, ratings):
    with tf.GradientTape() as tape:
        predicted = tf.squeeze(model(batch, training=True), axis=1)
        loss = tf.reduce_mean((predicted - ratings) ** 2)
        if model.losses:
            loss = loss + tf.add_n(model.losses)
    weights = model.trainable_weights
    optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))
    return loss


# %% 7.4 right · a loss of Keras, ratings as a column
def training_step(model, optimizer, batch, ratings):
    from keras import losses

    mse = losses.MeanSquaredError()
    with tf.GradientTape() as tape:
        loss = mse(ratings[:, None], model(batch, training=True))
        for penalty in model.losses:
            loss += penalty
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply(gradients, model.trainable_variables)
    return loss


# %% 7.5 wrong · the mean of the means
# says: That is the mean of the means
def combine(gradients, sizes):
    return gradients.mean(axis=0)


# %% 7.5 wrong · the sum
# says: That is the sum of the means
def combine(gradients, sizes):
    return gradients.sum(axis=0)


# %% 7.5 wrong · not divided
# says: That is the sum over all ratings
def combine(gradients, sizes):
    return np.asarray(sizes) @ gradients


# %% 7.5 wrong · divided by the workers
# says: not by the number of workers
def combine(gradients, sizes):
    return np.asarray(sizes) @ gradients / len(sizes)


# %% 7.5 wrong · NaN
# says: 0 · NaN is NaN
def combine(gradients, sizes):
    return np.average(gradients, axis=0, weights=sizes)


# %% 7.5 wrong · over the weights
# says: one number for each weight
def combine(gradients, sizes):
    return gradients.sum(axis=1)


# %% 7.5 wrong · nanmean
# says: That is the mean of the means
def combine(gradients, sizes):
    return np.nanmean(gradients, axis=0)


# %% 7.5 right · nan_to_num
def combine(gradients, sizes):
    return np.average(np.nan_to_num(gradients), axis=0, weights=sizes)


# %% 7.5 right · a loop
def combine(gradients, sizes):
    total = 0.0
    for gradient, size in zip(gradients, sizes):
        if size:
            total = total + size * gradient
    return total / sum(sizes)


# %% 7.6 wrong · rounded down
# says: One too few
def machines_for(n_bytes, bytes_a_machine):
    return n_bytes // bytes_a_machine


def place_of(rows, n_machines):
    return rows % n_machines, rows // n_machines


# %% 7.6 wrong · one more, always
# says: One too many
def machines_for(n_bytes, bytes_a_machine):
    return n_bytes // bytes_a_machine + 1


def place_of(rows, n_machines):
    return rows % n_machines, rows // n_machines


# %% 7.6 wrong · a fraction of a machine
# says: a whole number is asked for
def machines_for(n_bytes, bytes_a_machine):
    return (
        n_bytes / bytes_a_machine
        if n_bytes % bytes_a_machine
        else n_bytes // bytes_a_machine
    )


def place_of(rows, n_machines):
    return rows % n_machines, rows // n_machines


# %% 7.6 wrong · swapped
# says: Machine first
def machines_for(n_bytes, bytes_a_machine):
    return -(-n_bytes // bytes_a_machine)


def place_of(rows, n_machines):
    return rows // n_machines, rows % n_machines


# %% 7.6 wrong · the row keeps its number
# says: numbered from 0, without gaps
def machines_for(n_bytes, bytes_a_machine):
    return -(-n_bytes // bytes_a_machine)


def place_of(rows, n_machines):
    return rows % n_machines, rows


# %% 7.6 wrong · in pieces as long as what was asked for
# says: depends on which other rows | Some machines hold more
def machines_for(n_bytes, bytes_a_machine):
    return -(-n_bytes // bytes_a_machine)


def place_of(rows, n_machines):
    order = np.argsort(np.argsort(rows))
    return order % n_machines, order // n_machines


# %% 7.6 wrong · at random
# says: Some machines hold more | depends on which other rows | without gaps
def machines_for(n_bytes, bytes_a_machine):
    return -(-n_bytes // bytes_a_machine)


def place_of(rows, n_machines):
    machine = np.random.default_rng(0).integers(n_machines, size=len(rows))
    return machine, rows // n_machines + 1000 * np.arange(len(rows))


# %% 7.6 wrong · pieces of ten
# says: you used others | Some machines hold more
def machines_for(n_bytes, bytes_a_machine):
    return -(-n_bytes // bytes_a_machine)


def place_of(rows, n_machines):
    return rows // 10, rows % 10


# %% 7.6 wrong · one place for all
# says: Two rows of the table have one and the same place
def machines_for(n_bytes, bytes_a_machine):
    return -(-n_bytes // bytes_a_machine)


def place_of(rows, n_machines):
    return rows % n_machines, 0 * rows


# %% 7.6 wrong · the machine alone
# says: should return two arrays
def machines_for(n_bytes, bytes_a_machine):
    return -(-n_bytes // bytes_a_machine)


def place_of(rows, n_machines):
    return rows % n_machines


# %% 7.6 right · divmod
def machines_for(n_bytes, bytes_a_machine):
    whole, rest = divmod(n_bytes, bytes_a_machine)
    return whole + (rest > 0)


def place_of(rows, n_machines):
    local_row, machine = np.divmod(rows, n_machines)
    return machine, local_row


# %% 7.6 right · dealt from the other side
def machines_for(n_bytes, bytes_a_machine):
    import math

    return math.ceil(n_bytes / bytes_a_machine)


def place_of(rows, n_machines):
    return [n_machines - 1 - row % n_machines for row in rows], [
        row // n_machines for row in rows
    ]


# %% 7.7 wrong · no correction
# says: The correction has no effect
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    return ops.mean(ops.logsumexp(scores, axis=1) - ops.diagonal(scores))


# %% 7.7 wrong · subtracted from whole rows
# says: movies are the columns
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    scores = scores - ops.log(movie_share)[:, None]
    return ops.mean(ops.logsumexp(scores, axis=1) - ops.diagonal(scores))


# %% 7.7 wrong · added
# says: The logarithm was added
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    scores = scores + ops.log(movie_share)
    return ops.mean(ops.logsumexp(scores, axis=1) - ops.diagonal(scores))


# %% 7.7 wrong · the share itself
# says: its logarithm is asked for
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors)) - movie_share
    return ops.mean(ops.logsumexp(scores, axis=1) - ops.diagonal(scores))


# %% 7.7 wrong · the sum
# says: That is the sum over the pairs
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    scores = scores - ops.log(movie_share)
    return ops.sum(ops.logsumexp(scores, axis=1) - ops.diagonal(scores))


# %% 7.7 wrong · the sign
# says: The sign is the wrong way round
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    scores = scores - ops.log(movie_share)
    return ops.mean(ops.diagonal(scores) - ops.logsumexp(scores, axis=1))


# %% 7.7 wrong · a choice among users
# says: a choice among *users*
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    scores = scores - ops.log(movie_share)
    return ops.mean(ops.logsumexp(scores, axis=0) - ops.diagonal(scores))


# %% 7.7 wrong · the diagonal is not corrected
# says: has to be corrected, too
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    corrected = scores - ops.log(movie_share)
    return ops.mean(ops.logsumexp(corrected, axis=1) - ops.diagonal(scores))


# %% 7.7 wrong · one loss a pair
# says: should return one number
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    scores = scores - ops.log(movie_share)
    return ops.logsumexp(scores, axis=1) - ops.diagonal(scores)


# %% 7.7 wrong · exp and log by hand
# says: the loss is not finite
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    scores = scores - ops.log(movie_share)
    return ops.mean(ops.log(ops.sum(ops.exp(scores), axis=1)) - ops.diagonal(scores))


# %% 7.7 wrong · the table on its side
# says: lying on its side
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(movie_vectors, ops.transpose(user_vectors))
    scores = scores - ops.log(movie_share)
    return ops.mean(ops.logsumexp(scores, axis=1) - ops.diagonal(scores))


# %% 7.7 wrong · cosines
# says: Those are cosines
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    users, movies = ops.normalize(user_vectors), ops.normalize(movie_vectors)
    scores = ops.matmul(users, ops.transpose(movies)) - ops.log(movie_share)
    return ops.mean(ops.logsumexp(scores, axis=1) - ops.diagonal(scores))


# %% 7.7 wrong · the right one left out of the sum
# says: The right movie belongs into the sum
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    scores = scores - ops.log(movie_share)
    others = scores - 1e9 * ops.eye(ops.shape(scores)[0])
    return ops.mean(ops.logsumexp(others, axis=1) - ops.diagonal(scores))


# %% 7.7 wrong · NumPy
# says: No gradient flows
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    u, m, q = map(np.asarray, (user_vectors, movie_vectors, movie_share))
    scores = u @ m.T - np.log(q)
    largest = scores.max(axis=1)
    total = np.log(np.exp(scores - largest[:, None]).sum(axis=1)) + largest
    return np.mean(total - np.diag(scores))


# %% 7.7 wrong · a Python number
# says: No gradient flows
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    scores = scores - ops.log(movie_share)
    return float(ops.mean(ops.logsumexp(scores, axis=1) - ops.diagonal(scores)))


# %% 7.7 right · Keras' cross-entropy
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = user_vectors @ ops.transpose(movie_vectors) - ops.log(movie_share)[None, :]
    from keras import losses

    right = ops.arange(ops.shape(scores)[0])
    return ops.mean(
        losses.sparse_categorical_crossentropy(right, scores, from_logits=True)
    )


# %% 7.7 right · log_softmax, by TensorFlow
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = tf.matmul(user_vectors, movie_vectors, transpose_b=True)
    chances = tf.nn.log_softmax(scores - tf.math.log(movie_share), axis=-1)
    return -tf.reduce_mean(tf.linalg.diag_part(chances))


# %% 7.8 wrong · the cosine
# says: the largest *cosine*
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


# %% 7.8 wrong · the distance
# says: the nearest by distance
def build_index(movie_vectors):
    index = Index(ndim=movie_vectors.shape[1], metric="l2sq", dtype="f32")
    index.add(np.arange(len(movie_vectors)), movie_vectors)
    return index


def search_index(index, user_vectors, n, effort):
    index.expansion_search = effort
    return np.reshape(
        index.search(user_vectors, n).keys, (len(user_vectors), n)
    ).astype(int)


def recall_of(found, exact):
    return np.mean([len(set(f) & set(e)) / len(e) for f, e in zip(found, exact)])


# %% 7.8 wrong · the distances
# says: not its distances
def build_index(movie_vectors):
    index = Index(ndim=movie_vectors.shape[1], metric="ip", dtype="f32")
    index.add(np.arange(len(movie_vectors)), movie_vectors)
    return index


def search_index(index, user_vectors, n, effort):
    index.expansion_search = effort
    return np.reshape(index.search(user_vectors, n).distances, (len(user_vectors), n))


def recall_of(found, exact):
    return np.mean([len(set(f) & set(e)) / len(e) for f, e in zip(found, exact)])


# %% 7.8 wrong · a bare row for one user
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


# %% 7.8 wrong · the effort is not used
# says: did not use the effort of the call
def build_index(movie_vectors):
    index = Index(ndim=movie_vectors.shape[1], metric="ip", dtype="f32")
    index.add(np.arange(len(movie_vectors)), movie_vectors)
    return index


def search_index(index, user_vectors, n, effort):
    return np.reshape(
        index.search(user_vectors, n).keys, (len(user_vectors), n)
    ).astype(int)


def recall_of(found, exact):
    return np.mean([len(set(f) & set(e)) / len(e) for f, e in zip(found, exact)])


# %% 7.8 wrong · an empty index
# says: should hold all movies | should return a row for each user | stopped with
def build_index(movie_vectors):
    return Index(ndim=movie_vectors.shape[1], metric="ip", dtype="f32")


def search_index(index, user_vectors, n, effort):
    index.expansion_search = effort
    return index.search(user_vectors, n).keys


def recall_of(found, exact):
    return np.mean([len(set(f) & set(e)) / len(e) for f, e in zip(found, exact)])


# %% 7.8 wrong · no index at all
# says: should return the index of usearch
def build_index(movie_vectors):
    return movie_vectors


def search_index(index, user_vectors, n, effort):
    return np.argsort(-user_vectors @ index.T, axis=1)[:, :n]


def recall_of(found, exact):
    return np.mean([len(set(f) & set(e)) / len(e) for f, e in zip(found, exact)])


# %% 7.8 wrong · the effort after the search
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


# %% 7.8 wrong · keys from 1
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


# %% 7.8 wrong · no return
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


# %% 7.8 wrong · worst first
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


# %% 7.8 wrong · place by place
# says: You compared place by place
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
    return np.mean(found == exact)


# %% 7.8 wrong · the union
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


# %% 7.8 wrong · what was missed
# says: the share that was *missed*
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
    return np.mean([len(set(e) - set(f)) / len(e) for f, e in zip(found, exact)])


# %% 7.8 right · denser, and added at once
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


# %% 7.8 right · one user after the other
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
