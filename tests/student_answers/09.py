# Lesson 09. The form of this file is explained in tests/support/student_answers.py.


# %% 9.1 wrong · in the file's order
# says: in the file's order
def plan_blocks(n_ratings, block_size, rng):
    starts = range(0, n_ratings, block_size)
    return [(s, min(s + block_size, n_ratings)) for s in starts]


# %% 9.1 wrong · the last block is dropped
# says: The last block is missing
def plan_blocks(n_ratings, block_size, rng):
    starts = rng.permutation(n_ratings // block_size) * block_size
    return [(int(s), int(s) + block_size) for s in starts]


# %% 9.1 wrong · beyond the end
# says: ends after the file does
def plan_blocks(n_ratings, block_size, rng):
    starts = rng.permutation(np.arange(0, n_ratings, block_size))
    return [(s, s + block_size) for s in starts]


# %% 9.1 wrong · last row included
# says: so the last row of each block is left out
# base: wrong · beyond the end
# replace: s + block_size → min(s + block_size, n_ratings) - 1


# %% 9.1 wrong · lengths
# says: not the block's length
# base: wrong · beyond the end
# replace: s + block_size → block_size


# %% 9.1 wrong · drawn with replacement
# says: Some ratings are in two blocks | not the blocks of
def plan_blocks(n_ratings, block_size, rng):
    starts = rng.choice(
        np.arange(0, n_ratings, block_size), -(-n_ratings // block_size)
    )
    return [(s, min(s + block_size, n_ratings)) for s in starts]


# %% 9.1 wrong · an empty block at the end
# says: One of the blocks is empty
# base: wrong · in the file's order
# replace: range(0, n_ratings, block_size) → rng.permutation(np.arange(0, n_ratings + 1, block_size))


# %% 9.1 wrong · NumPy's own dice
# says: The same `rng` gave two different plans
# base: wrong · in the file's order
# replace: range(0, n_ratings, block_size) → np.random.permutation(np.arange(0, n_ratings, block_size))


# %% 9.1 wrong · a seed of its own
# says: Different generators gave the same plan
def plan_blocks(n_ratings, block_size, rng):
    rng = np.random.default_rng(42)
    starts = rng.permutation(np.arange(0, n_ratings, block_size))
    return [(s, min(s + block_size, n_ratings)) for s in starts]


# %% 9.1 wrong · row numbers
# says: a list of pairs
def plan_blocks(n_ratings, block_size, rng):
    return rng.permutation(n_ratings).tolist()


# %% 9.1 wrong · slices
# says: each a tuple of two int
# base: wrong · beyond the end
# replace: (s, s + block_size) → slice(s, min(s + block_size, n_ratings))


# %% 9.1 wrong · equal blocks
# says: not the blocks of
def plan_blocks(n_ratings, block_size, rng):
    n_blocks = -(-n_ratings // block_size)
    parts = np.array_split(np.arange(n_ratings), n_blocks)
    blocks = [(int(part[0]), int(part[-1]) + 1) for part in parts]
    rng.shuffle(blocks)
    return blocks


# %% 9.1 wrong · turned around a random place
# says: Four blocks have 24 orders
def plan_blocks(n_ratings, block_size, rng):
    blocks = [
        (s, min(s + block_size, n_ratings)) for s in range(0, n_ratings, block_size)
    ]
    k = int(rng.integers(len(blocks)))
    return blocks[k:] + blocks[:k]


# %% 9.1 wrong · the last one always last
# says: The left-over block is always the last one
def plan_blocks(n_ratings, block_size, rng):
    blocks = [
        (s, min(s + block_size, n_ratings)) for s in range(0, n_ratings, block_size)
    ]
    whole = blocks[:-1]
    rng.shuffle(whole)
    return whole + blocks[-1:]


# %% 9.1 right · shuffled in place
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


# %% 9.1 wrong · an array
# says: a list of pairs
def plan_blocks(n_ratings, block_size, rng):
    edges = np.append(np.arange(0, n_ratings, block_size), n_ratings)
    return rng.permutation(np.stack([edges[:-1], edges[1:]], axis=1))


# %% 9.1 wrong · a list of arrays
# says: each a tuple of two int
def plan_blocks(n_ratings, block_size, rng):
    edges = np.append(np.arange(0, n_ratings, block_size), n_ratings)
    return list(rng.permutation(np.stack([edges[:-1], edges[1:]], axis=1)))


# %% 9.1 wrong · floats
# says: each a tuple of two int
def plan_blocks(n_ratings, block_size, rng):
    blocks = []
    for number in range(int(np.ceil(n_ratings / block_size))):
        start = number * float(block_size)
        blocks.append((start, min(start + block_size, n_ratings)))
    rng.shuffle(blocks)
    return blocks


# %% 9.1 wrong · one block, larger than any memory
# says: not the blocks of | A block | the file does | two blocks
def plan_blocks(n_ratings, block_size, rng):
    return [(0, 10**18)]


# %% 9.1 wrong · lengths, the last one's too
# says: not the block's length
# base: wrong · beyond the end
# replace: s + block_size → min(block_size, n_ratings - s)


# %% 9.1 wrong · the end first
# says: The first row of a block comes first
# base: wrong · beyond the end
# replace: s, s + block_size → min(s + block_size, n_ratings), s


# %% 9.1 wrong · ends at the wrong place
# says: ends before it begins
# base: wrong · beyond the end
# replace: s + block_size → n_ratings - s


# %% 9.1 wrong · row numbers of 16 bits
# says: stopped with OverflowError | not the blocks of | empty | before it begins | two blocks
def plan_blocks(n_ratings, block_size, rng):
    starts = np.arange(0, n_ratings, block_size).astype("uint16")
    starts = rng.permutation(starts).tolist()
    return [(s, min(s + block_size, n_ratings)) for s in starts]


# %% 9.1 wrong · two neighbours change places
# says: Four blocks have 24 orders
def plan_blocks(n_ratings, block_size, rng):
    blocks = [
        (s, min(s + block_size, n_ratings)) for s in range(0, n_ratings, block_size)
    ]
    k = int(rng.integers(len(blocks)))
    blocks[k - 1], blocks[k] = blocks[k], blocks[k - 1]
    return blocks


# %% 9.1 wrong · sorted by a draw of few values
# says: Four blocks have 24 orders
def plan_blocks(n_ratings, block_size, rng):
    blocks = [
        (s, min(s + block_size, n_ratings)) for s in range(0, n_ratings, block_size)
    ]
    first = rng.integers(2, size=len(blocks))
    return [blocks[i] for i in np.argsort(first, kind="stable")]


# %% 9.1 wrong · a plan of random pairs
# says: a list of pairs | before it begins | two blocks | empty
def plan_blocks(n_ratings, block_size, rng):
    return [tuple(pair) for pair in rng.integers(n_ratings, size=(9, 2)).tolist()]


# %% 9.1 right · zipped
def plan_blocks(n_ratings, block_size, rng):
    starts = np.arange(0, n_ratings, block_size)
    stops = np.minimum(starts + block_size, n_ratings)
    order = np.argsort(rng.random(len(starts)))
    return list(zip(starts[order], stops[order]))


# %% 9.2 wrong · the last of several
# says: only the last gradient counts
def lazy_adam_step(table, m, v, rows, gradients, t, rate=0.01):
    table, m, v = table.copy(), m.copy(), v.copy()
    m[rows] = 0.9 * m[rows] + 0.1 * gradients
    v[rows] = 0.999 * v[rows] + 0.001 * gradients**2
    step = (m[rows] / (1 - 0.9**t)) / (np.sqrt(v[rows] / (1 - 0.999**t)) + 1e-7)
    table[rows] -= rate * step
    return table, m, v


# %% 9.2 wrong · the mean of several
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


# %% 9.2 wrong · once for each time it is there
# says: updated once for each time
def lazy_adam_step(table, m, v, rows, gradients, t, rate=0.01):
    table, m, v = table.copy(), m.copy(), v.copy()
    for row, g in zip(rows, gradients):
        m[row] = 0.9 * m[row] + 0.1 * g
        v[row] = 0.999 * v[row] + 0.001 * g**2
        step = (m[row] / (1 - 0.9**t)) / (np.sqrt(v[row] / (1 - 0.999**t)) + 1e-7)
        table[row] -= rate * step
    return table, m, v


# %% 9.2 wrong · the dense Adam
# says: That is the dense Adam
def lazy_adam_step(table, m, v, rows, gradients, t, rate=0.01):
    g = np.zeros_like(table)
    np.add.at(g, rows, gradients)
    m = 0.9 * m + 0.1 * g
    v = 0.999 * v + 0.001 * g**2
    step = (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-7)
    return table - rate * step, m, v


# %% 9.2 wrong · without correcting the start
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


# %% 9.2 wrong · t counted up once more
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


# %% 9.2 wrong · uphill
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


# %% 9.2 wrong · the rate is fixed
# says: The rate of the call is not used
# base: wrong · uphill
# replace: table[r] += rate * step → table[r] -= 0.01 * step


# %% 9.2 wrong · the squares of the single gradients
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


# %% 9.2 wrong · the table alone
# says: should return three arrays
def lazy_adam_step(table, m, v, rows, gradients, t, rate=0.01):
    return table


# %% 9.2 wrong · the table stays
# says: the table has not moved
# base: wrong · uphill
# replace: table[r] += rate * step → table[r] - rate * step


# %% 9.2 wrong · the order
# says: The order is another one
# base: wrong · uphill
# replace: += rate * step\n    return table, m, v → -= rate * step\n    return m, v, table


# %% 9.2 wrong · no epsilon
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


# %% 9.2 wrong · the epsilon under the root
# says: not under it
# base: wrong · no epsilon
# replace: (1 - 0.999**t) → (1 - 0.999**t) + 1e-7


# %% 9.2 wrong · the root forgotten
# says: Divide by the *root* of v
# base: wrong · no epsilon
# replace: np.sqrt(v[r] / (1 - 0.999**t)) → v[r] / (1 - 0.999**t) + 1e-7


# %% 9.2 wrong · corrected slots kept
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


# %% 9.2 wrong · where the sum is not 0
# says: Go by `rows`
# base: wrong · uphill
# replace: r = np.unique(rows) → r = np.flatnonzero((np.abs(g) > 1e-12).any(axis=1))
# replace: table[r] += rate * step → table[r] -= rate * step


# %% 9.2 wrong · in place
# says: changes its argument `table`
def lazy_adam_step(table, m, v, rows, gradients, t, rate=0.01):
    g = np.zeros_like(table)
    np.add.at(g, rows, gradients)
    r = np.unique(rows)
    m[r] = 0.9 * m[r] + 0.1 * g[r]
    v[r] = 0.999 * v[r] + 0.001 * g[r] ** 2
    step = (m[r] / (1 - 0.9**t)) / (np.sqrt(v[r] / (1 - 0.999**t)) + 1e-7)
    table[r] -= rate * step
    return table, m, v


# %% 9.2 wrong · slots in place
# says: changes its argument `m`
# base: wrong · in place
# replace: g = np.zeros_like(table) → table = table.copy()\n    g = np.zeros_like(table)


# %% 9.2 wrong · as Keras computes it
# says: Keras adds it before dividing
# base: wrong · without correcting the start
# replace: table[r] -= rate → alpha = rate * np.sqrt(1 - 0.999**t) / (1 - 0.9**t)\n    table[r] -= alpha


# %% 9.2 wrong · PyTorch's epsilon
# says: the formula has 1e-7
# base: wrong · no epsilon
# replace: (v[r] / (1 - 0.999**t)) → (v[r] / (1 - 0.999**t)) + 1e-8


# %% 9.2 wrong · a large epsilon
# says: is wrong where a gradient is 3e-7
# base: wrong · no epsilon
# replace: (v[r] / (1 - 0.999**t)) → (v[r] / (1 - 0.999**t)) + 1e-6


# %% 9.2 wrong · another default
# says: a step without `rate`
# base: wrong · uphill
# replace: .01 → .001
# replace: table[r] += rate * step → table[r] -= rate * step


# %% 9.2 wrong · tensors
# says: should return an array of numbers
def lazy_adam_step(table, m, v, rows, gradients, t, rate=0.01):
    table, m, v = table.copy(), m.copy(), v.copy()
    g = np.zeros_like(table)
    np.add.at(g, rows, gradients)
    r = np.unique(rows)
    m[r] = 0.9 * m[r] + 0.1 * g[r]
    v[r] = 0.999 * v[r] + 0.001 * g[r] ** 2
    step = (m[r] / (1 - 0.9**t)) / (np.sqrt(v[r] / (1 - 0.999**t)) + 1e-7)
    table[r] -= rate * step
    return (
        ops.convert_to_tensor(table),
        ops.convert_to_tensor(m),
        ops.convert_to_tensor(v),
    )


# %% 9.2 wrong · other rows become smaller
# says: Rows that are not in `rows` have changed in `m`
def lazy_adam_step(table, m, v, rows, gradients, t, rate=0.01):
    table, m, v = table.copy(), m.copy(), v.copy()
    g = np.zeros_like(table)
    np.add.at(g, rows, gradients)
    r = np.unique(rows)
    m[r] = 0.9 * m[r] + 0.1 * g[r]
    v[r] = 0.999 * v[r] + 0.001 * g[r] ** 2
    step = (m[r] / (1 - 0.9**t)) / (np.sqrt(v[r] / (1 - 0.999**t)) + 1e-7)
    table[r] -= rate * step
    others = np.setdiff1d(np.arange(len(table)), rows)
    m[others] *= 0.5
    return table, m, v


# %% 9.2 wrong · a table as long as the largest row
# says: stopped with IndexError | stopped with ValueError
def lazy_adam_step(table, m, v, rows, gradients, t, rate=0.01):
    n = rows.max() + 1
    g = np.zeros((n, table.shape[1]))
    np.add.at(g, rows, gradients)
    touched = np.isin(np.arange(n), rows)[:, None]
    new_m, new_v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
    step = (new_m / (1 - 0.9**t)) / (np.sqrt(new_v / (1 - 0.999**t)) + 1e-7)
    return (
        np.where(touched, table - rate * step, table),
        np.where(touched, new_m, m),
        np.where(touched, new_v, v),
    )


# %% 9.2 wrong · NaN everywhere
# says: returned NaN
def lazy_adam_step(table, m, v, rows, gradients, t, rate=0.01):
    return table * np.nan, m, v


# %% 9.2 right · pandas adds up, a list comes back
def lazy_adam_step(table, m, v, rows, gradients, t, rate=0.01):
    import pandas as pd

    g = pd.DataFrame(gradients).groupby(rows).sum()
    r, g = g.index.to_numpy(), g.to_numpy()
    after = [one.copy() for one in (table, m, v)]
    after[1][r] += 0.1 * (g - m[r])
    after[2][r] += 0.001 * (g * g - v[r])
    root = np.sqrt(after[2][r] / (1 - 0.999**t))
    after[0][r] -= rate * after[1][r] / (1 - 0.9**t) / (root + 1e-7)
    return after


# %% 9.2 right · in float32
def lazy_adam_step(table, m, v, rows, gradients, t, rate=0.01):
    table, m, v = (one.astype("float32") for one in (table, m, v))
    r, place = np.unique(rows, return_inverse=True)
    g = np.zeros((len(r), table.shape[1]), "float32")
    np.add.at(g, place.ravel(), gradients.astype("float32"))
    m[r] = 0.9 * m[r] + 0.1 * g
    v[r] = 0.999 * v[r] + 0.001 * g**2
    step = (m[r] / (1 - 0.9**t)) / (np.sqrt(v[r] / (1 - 0.999**t)) + 1e-7)
    table[r] -= rate * step
    return table, m, v


# %% 9.2 right · a loop
def lazy_adam_step(table, m, v, rows, gradients, t, rate=0.01):
    table, m, v = (one.copy() for one in (table, m, v))
    for row in set(rows.tolist()):
        g = gradients[rows == row].sum(axis=0)
        m[row] = 0.9 * m[row] + 0.1 * g
        v[row] = 0.999 * v[row] + 0.001 * g * g
        m_hat, v_hat = m[row] / (1 - 0.9**t), v[row] / (1 - 0.999**t)
        table[row] -= rate * m_hat / (v_hat**0.5 + 1e-7)
    return table, m, v


# %% 9.2 right · a mask
def lazy_adam_step(table, m, v, rows, gradients, t, rate=0.01):
    g = np.eye(len(table))[rows].T @ gradients
    touched = np.isin(np.arange(len(table)), rows)[:, None]
    new_m = np.where(touched, 0.9 * m + 0.1 * g, m)
    new_v = np.where(touched, 0.999 * v + 0.001 * g**2, v)
    step = (new_m / (1 - 0.9**t)) / (np.sqrt(new_v / (1 - 0.999**t)) + 1e-7)
    return np.where(touched, table - rate * step, table), new_m, new_v


# %% 9.3 wrong · a column minus a row
# says: a table of n × n
def training_step(model, optimizer, batch, ratings):
    with tf.GradientTape() as tape:
        predicted = model(batch, training=True)
        loss = ops.mean(ops.square(predicted - ratings)) + sum(model.losses)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply(gradients, model.trainable_variables)
    return loss


# %% 9.3 wrong · a column minus a row, and no penalties
# says: (And `model.losses` is missing.)
def training_step(model, optimizer, batch, ratings):
    with tf.GradientTape() as tape:
        loss = ops.mean(ops.square(model(batch, training=True) - ratings))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply(gradients, model.trainable_variables)
    return loss


# %% 9.3 wrong · without the layers' losses
# says: What layers add to the loss is missing
def training_step(model, optimizer, batch, ratings):
    with tf.GradientTape() as tape:
        predicted = model(batch, training=True)[:, 0]
        loss = ops.mean(ops.square(predicted - ratings))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply(gradients, model.trainable_variables)
    return loss


# %% 9.3 wrong · not in training mode
# says: These are predictions outside training mode
# base: wrong · a column minus a row
# replace: (batch, training=True) → (batch, training=False)[:, 0]


# %% 9.3 wrong · neither
# says: (`training=True`), and what layers add
# base: wrong · a column minus a row, and no penalties
# replace: (batch, training=True) → (batch)[:, 0]


# %% 9.3 wrong · the sum
# says: the mean is asked for
# base: wrong · a column minus a row
# replace: )\n        loss = ops.mean( → )[:, 0]\n        loss = ops.sum(


# %% 9.3 wrong · does not apply
# says: the optimizer has made no step
# base: wrong · a column minus a row
# replace: (batch, training=True) → (batch, training=True)[:, 0]
# replace: optimizer.apply(gradients, model.trainable_variables)\n    return loss → return loss


# %% 9.3 wrong · uphill
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


# %% 9.3 wrong · the error after the step
# says: That is the loss *after* the step
def training_step(model, optimizer, batch, ratings):
    with tf.GradientTape() as tape:
        predicted = model(batch, training=True)[:, 0]
        loss = ops.mean(ops.square(predicted - ratings)) + sum(model.losses)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply(gradients, model.trainable_variables)
    predicted = model(batch, training=True)[:, 0]
    return ops.mean(ops.square(predicted - ratings)) + sum(model.losses)


# %% 9.3 wrong · nothing returned
# says: returned nothing
def training_step(model, optimizer, batch, ratings):
    with tf.GradientTape() as tape:
        predicted = model(batch, training=True)[:, 0]
        loss = ops.mean(ops.square(predicted - ratings)) + sum(model.losses)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply(gradients, model.trainable_variables)


# %% 9.3 wrong · outside the tape
# says: inside the `with` | Your code stopped with
def training_step(model, optimizer, batch, ratings):
    predicted = model(batch, training=True)[:, 0]
    with tf.GradientTape() as tape:
        loss = ops.mean(ops.square(predicted - ratings)) + sum(model.losses)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply(gradients, model.trainable_variables)
    return loss


# %% 9.3 wrong · the rate by hand
# says: the optimizer has made no step
def training_step(model, optimizer, batch, ratings):
    with tf.GradientTape() as tape:
        predicted = model(batch, training=True)[:, 0]
        loss = ops.mean(ops.square(predicted - ratings)) + sum(model.losses)
    for weight, gradient in zip(
        model.trainable_variables, tape.gradient(loss, model.trainable_variables)
    ):
        weight.assign_sub(0.001 * tf.convert_to_tensor(gradient))
    return loss


# %% 9.3 wrong · a list of losses, not their sum
# says: add them up with `sum`
# base: wrong · without the layers' losses
# replace: (ops.square(predicted - ratings)) → (ops.square(predicted - ratings)) + model.losses


# %% 9.3 wrong · the first of the losses
# says: add up *all* of `model.losses`
# base: wrong · without the layers' losses
# replace: (ops.square(predicted - ratings)) → (ops.square(predicted - ratings)) + model.losses[0]


# %% 9.3 wrong · the losses outside the tape
# says: the weights moved as if layers added nothing
def training_step(model, optimizer, batch, ratings):
    with tf.GradientTape() as tape:
        predicted = model(batch, training=True)[:, 0]
        loss = ops.mean(ops.square(predicted - ratings))
    total = loss + sum(model.losses)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply(gradients, model.trainable_variables)
    return total


# %% 9.3 wrong · the losses after the step
# says: was added up after it
# base: wrong · without the layers' losses
# replace: return loss → return loss + sum(model.losses)


# %% 9.3 wrong · the losses in the tape, and once more after the step
# says: was added up after it
# base: wrong · without the layers' losses
# replace: loss = ops.mean(ops.square(predicted - ratings)) → error = ops.mean(ops.square(predicted - ratings))\n        loss = error + sum(model.losses)
# replace: return loss → return error + sum(model.losses)


# %% 9.3 wrong · train_on_batch
# says: should return a tensor
def training_step(model, optimizer, batch, ratings):
    model.compile(optimizer, loss="mse")
    return model.train_on_batch(batch, ratings)


# %% 9.3 wrong · a Python number
# says: should return a tensor
# base: wrong · the losses outside the tape
# replace: )\n    total = loss + sum( → ) + sum(
# replace: return total → return float(loss)


# %% 9.3 wrong · a Python number, as a tensor
# says: not inside `tf.function`
# base: wrong · the losses outside the tape
# replace: )\n    total = loss + sum( → ) + sum(
# replace: return total → return ops.convert_to_tensor(float(loss))


# %% 9.3 wrong · the losses before the call
# says: after the call of the model
def training_step(model, optimizer, batch, ratings):
    with tf.GradientTape() as tape:
        penalty = sum(model.losses)
        predicted = model(batch, training=True)[:, 0]
        loss = ops.mean(ops.square(predicted - ratings)) + penalty
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply(gradients, model.trainable_variables)
    return loss


# %% 9.3 wrong · the optimizer's rate, by hand
# says: the optimizer has made no step
def training_step(model, optimizer, batch, ratings):
    with tf.GradientTape() as tape:
        predicted = model(batch, training=True)[:, 0]
        loss = ops.mean(ops.square(predicted - ratings)) + sum(model.losses)
    gradients = tape.gradient(loss, model.trainable_variables)
    for weight, gradient in zip(model.trainable_variables, gradients):
        weight.assign_sub(optimizer.learning_rate * tf.convert_to_tensor(gradient))
    return loss


# %% 9.3 wrong · by hand, and counted
# says: is not where one step of the optimizer takes it
# base: wrong · the optimizer's rate, by hand
# replace: return loss → optimizer.iterations.assign_add(1)\n    return loss


# %% 9.3 wrong · gradients without their weights
# says: stopped with ValueError
# base: wrong · nothing returned
# replace: (gradients, model.trainable_variables) → (gradients)\n    return loss


# %% 9.3 wrong · applied twice
# says: more than one step
# base: wrong · the losses outside the tape
# replace: )\n    total = loss + sum( → ) + sum(
# replace: return total → optimizer.apply(gradients, model.trainable_variables)\n    return loss


# %% 9.3 wrong · the first weights alone
# says: is not where one step of the optimizer takes it
def training_step(model, optimizer, batch, ratings):
    with tf.GradientTape() as tape:
        predicted = model(batch, training=True)[:, 0]
        loss = ops.mean(ops.square(predicted - ratings)) + sum(model.losses)
    weights = model.trainable_variables[:1]
    optimizer.apply(tape.gradient(loss, weights), weights)
    return loss


# %% 9.3 wrong · predict
# says: outside training mode | stopped with | not inside
# base: wrong · a column minus a row
# replace: (batch, training=True) → .predict(batch, verbose=0)[:, 0]


# %% 9.3 wrong · takes the batch apart
# says: changes its argument `batch`
def training_step(model, optimizer, batch, ratings):
    user, movie = batch.pop("user"), batch.pop("movie")
    with tf.GradientTape() as tape:
        predicted = model({"user": user, "movie": movie}, training=True)[:, 0]
        loss = ops.mean(ops.square(predicted - ratings)) + sum(model.losses)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply(gradients, model.trainable_variables)
    return loss


# %% 9.3 wrong · a batch of always one size
# says: stopped with | The loss is wrong
# base: wrong · the losses outside the tape
# replace: mean(ops.square(predicted - ratings))\n    total = loss → sum(ops.square(predicted - ratings)) / 1024
# replace: return total → return loss


# %% 9.3 right · the sum, divided by what came
def training_step(model, optimizer, batch, ratings):
    with tf.GradientTape(persistent=True) as tape:
        column = ops.reshape(model(batch, training=True), (-1,))
        errors = ops.power(column - ratings, 2)
        loss = ops.sum(errors) / ops.cast(ops.size(errors), "float32")
        loss = ops.sum(ops.stack([loss, *model.losses]))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply(gradients, model.trainable_variables)
    return loss


# %% 9.3 right · apply_gradients, and TensorFlow's words
def training_step(model, optimizer, batch, ratings):
    with tf.GradientTape() as tape:
        predicted = tf.squeeze(model(batch, training=True), axis=1)
        loss = tf.reduce_mean((predicted - ratings) ** 2)
        if model.losses:
            loss = loss + tf.add_n(model.losses)
    weights = model.trainable_weights
    optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))
    return loss


# %% 9.3 right · a loss of Keras, ratings as a column
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


# %% 9.4 wrong · the mean of the means
# says: That is the mean of the means
def average_gradients(gradients, sizes):
    return gradients.mean(axis=0)


# %% 9.4 wrong · the sum
# says: That is the sum of the means
def average_gradients(gradients, sizes):
    return gradients.sum(axis=0)


# %% 9.4 wrong · not divided
# says: That is the sum over all ratings
def average_gradients(gradients, sizes):
    return np.asarray(sizes) @ gradients


# %% 9.4 wrong · divided by the workers
# says: not by the number of workers
def average_gradients(gradients, sizes):
    return np.asarray(sizes) @ gradients / len(sizes)


# %% 9.4 wrong · NaN
# says: 0 · NaN is NaN
# replace: np.nan_to_num(gradients) → gradients


# %% 9.4 wrong · over the weights
# says: returned the wrong shape
def average_gradients(gradients, sizes):
    return gradients.sum(axis=1)


# %% 9.4 wrong · nanmean
# says: That is the mean of the means
def average_gradients(gradients, sizes):
    return np.nanmean(gradients, axis=0)


# %% 9.4 wrong · a tensor
# says: should return an array of numbers
def average_gradients(gradients, sizes):
    return ops.convert_to_tensor(
        np.average(np.nan_to_num(gradients), axis=0, weights=sizes)
    )


# %% 9.4 wrong · a list
# says: should return an array of numbers
def average_gradients(gradients, sizes):
    return np.average(np.nan_to_num(gradients), axis=0, weights=sizes).tolist()


# %% 9.4 wrong · divided by the workers that had something
# says: not by the number of workers | Wrong where a share is empty
def average_gradients(gradients, sizes):
    sizes = np.asarray(sizes)
    return sizes @ np.nan_to_num(gradients) / np.sum(sizes > 0)


# %% 9.4 wrong · one rating too many
# says: That is not the mean gradient of all ratings
def average_gradients(gradients, sizes):
    return np.asarray(sizes) @ np.nan_to_num(gradients) / (np.sum(sizes) + 1)


# %% 9.4 wrong · a share of one rating counts as empty
# says: That is not the mean gradient of all ratings
def average_gradients(gradients, sizes):
    sizes = np.asarray(sizes)
    counted = sizes > 1
    return sizes[counted] @ gradients[counted] / sizes.sum()


# %% 9.4 wrong · sizes of 8 bits
# says: That is not the mean gradient of all ratings
def average_gradients(gradients, sizes):
    sizes = np.asarray(sizes).astype("uint8")
    return sizes @ np.nan_to_num(gradients) / sizes.sum()


# %% 9.4 wrong · the empty ones are set to 0 where they lie
# says: changes its argument `gradients`
def average_gradients(gradients, sizes):
    gradients[np.isnan(gradients)] = 0
    return np.average(gradients, axis=0, weights=sizes)


# %% 9.4 right · nan_to_num
def average_gradients(gradients, sizes):
    return np.average(np.nan_to_num(gradients), axis=0, weights=sizes)


# %% 9.4 right · a loop
def average_gradients(gradients, sizes):
    total = 0.0
    for gradient, size in zip(gradients, sizes):
        if size:
            total = total + size * gradient
    return total / sum(sizes)


# %% 9.4 right · only finite rows, by einsum
def average_gradients(gradients, sizes):
    there = np.isfinite(gradients).all(axis=1)
    weights = np.array(sizes, dtype="float64")[there]
    return np.einsum("w,wi->i", weights / weights.sum(), gradients[there])


# %% 9.5 wrong · rounded down
# says: One too few
def shards_needed(n_bytes, bytes_per_shard):
    return n_bytes // bytes_per_shard


def locate_rows(rows, n_shards):
    return rows % n_shards, rows // n_shards


# %% 9.5 wrong · one more, always
# says: One too many
# base: wrong · rounded down
# replace: return n_bytes // bytes_per_shard → return n_bytes // bytes_per_shard + 1


# %% 9.5 wrong · a fraction of a shard
# says: should return an int
def shards_needed(n_bytes, bytes_per_shard):
    return (
        n_bytes / bytes_per_shard
        if n_bytes % bytes_per_shard
        else n_bytes // bytes_per_shard
    )


def locate_rows(rows, n_shards):
    return rows % n_shards, rows // n_shards


# %% 9.5 wrong · swapped
# says: The two are the wrong way round
def shards_needed(n_bytes, bytes_per_shard):
    return -(-n_bytes // bytes_per_shard)


def locate_rows(rows, n_shards):
    return rows // n_shards, rows % n_shards


# %% 9.5 wrong · the row keeps its number
# says: numbered from 0, without gaps
# base: wrong · swapped
# replace: return rows // n_shards, rows % n_shards → return rows % n_shards, rows


# %% 9.5 wrong · in pieces as long as what was asked for
# says: depends on which other rows
def shards_needed(n_bytes, bytes_per_shard):
    return -(-n_bytes // bytes_per_shard)


def locate_rows(rows, n_shards):
    order = np.argsort(np.argsort(rows))
    return order % n_shards, order // n_shards


# %% 9.5 wrong · at random
# says: Some shards hold more | depends on which other rows | without gaps
def shards_needed(n_bytes, bytes_per_shard):
    return -(-n_bytes // bytes_per_shard)


def locate_rows(rows, n_shards):
    shard = np.random.default_rng(0).integers(n_shards, size=len(rows))
    return shard, rows // n_shards + 1000 * np.arange(len(rows))


# %% 9.5 wrong · pieces of ten
# says: you used others | Neighbouring rows are on one shard
# base: wrong · swapped
# replace: return rows // n_shards, rows % n_shards → return rows // 10, rows % 10


# %% 9.5 wrong · one place for all
# says: Two rows of the table have one and the same place
# base: wrong · swapped
# replace: // n_shards, rows % n_shards → % n_shards, 0 * rows


# %% 9.5 wrong · the shard alone
# says: should return two arrays
# base: wrong · swapped
# replace: return rows // n_shards, rows % n_shards → return rows % n_shards


# %% 9.5 right · divmod
def shards_needed(n_bytes, bytes_per_shard):
    whole, rest = divmod(n_bytes, bytes_per_shard)
    return whole + (rest > 0)


def locate_rows(rows, n_shards):
    local_row, shard = np.divmod(rows, n_shards)
    return shard, local_row


# %% 9.5 wrong · lists
# says: should return an array of numbers
def shards_needed(n_bytes, bytes_per_shard):
    import math

    return math.ceil(n_bytes / bytes_per_shard)


def locate_rows(rows, n_shards):
    return [n_shards - 1 - row % n_shards for row in rows], [
        row // n_shards for row in rows
    ]


# %% 9.5 wrong · neighbours, by the largest row
# says: Neighbouring rows are on one shard
def shards_needed(n_bytes, bytes_per_shard):
    return -(-n_bytes // bytes_per_shard)


def locate_rows(rows, n_shards):
    size = rows.max() // n_shards + 1
    return rows // size, rows % size


# %% 9.5 wrong · neighbours, by the ceil of the largest row
# says: Neighbouring rows are on one shard
# base: wrong · neighbours, by the largest row
# replace: rows.max() // n_shards + 1 → int(np.ceil((rows.max() + 1) / n_shards))


# %% 9.5 wrong · neighbours, in equal pieces
# says: Neighbouring rows are on one shard
def shards_needed(n_bytes, bytes_per_shard):
    return -(-n_bytes // bytes_per_shard)


def locate_rows(rows, n_shards):
    shard = rows * n_shards // (rows.max() + 1)
    first = -(-shard * (rows.max() + 1) // n_shards)
    return shard, rows - first


# %% 9.5 wrong · a hash
# says: without gaps | Some shards hold more | one and the same place
# base: wrong · swapped
# replace: rows // n_shards, rows % → (rows * 2_654_435_761 >> 7) % n_shards, rows //


# %% 9.5 wrong · dealt to and fro, by the number of rows
# says: depends on which other rows
def shards_needed(n_bytes, bytes_per_shard):
    return -(-n_bytes // bytes_per_shard)


def locate_rows(rows, n_shards):
    turn = rows // n_shards
    return (rows + len(rows)) % n_shards, turn


# %% 9.5 wrong · row numbers of 16 bits
# says: Right at the beginning of a table, wrong further down
# base: wrong · swapped
# replace: return rows // n_shards, rows % → few = rows.astype("uint16")\n    return few % n_shards, few //


# %% 9.5 wrong · floats
# says: returned the wrong dtype
# base: wrong · swapped
# replace: // n_shards, rows % n_shards → % n_shards, np.floor(rows / n_shards)


# %% 9.5 wrong · 32 bits
# says: stopped with OverflowError
# base: wrong · rounded down
# replace: n_bytes // bytes_per_shard → int(np.ceil(np.int32(n_bytes) / np.int32(bytes_per_shard)))


# %% 9.5 wrong · ceil alone
# says: should return an int
# base: wrong · rounded down
# replace: return n_bytes // bytes_per_shard → return np.ceil(n_bytes / bytes_per_shard)


# %% 9.5 wrong · rows are changed
# says: changes its argument `rows`
def shards_needed(n_bytes, bytes_per_shard):
    return -(-n_bytes // bytes_per_shard)


def locate_rows(rows, n_shards):
    local_row = rows // n_shards
    rows %= n_shards
    return rows, local_row


# %% 9.5 right · dealt from the other side
def shards_needed(n_bytes, bytes_per_shard):
    import math

    return math.ceil(n_bytes / bytes_per_shard)


def locate_rows(rows, n_shards):
    return [n_shards - 1 - rows % n_shards, (rows // n_shards).astype("int32")]


# %% 9.5 right · to and fro, in one array
def shards_needed(n_bytes, bytes_per_shard):
    return -(-n_bytes // bytes_per_shard)


def locate_rows(rows, n_shards):
    turn, place = np.divmod(rows, n_shards)
    return np.array([np.where(turn % 2, n_shards - 1 - place, place), turn])
