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
# base: wrong · beyond the end
# replace: s + block_size → min(s + block_size, n_ratings) - 1


# %% 7.2 wrong · lengths
# says: not the block's length
# base: wrong · beyond the end
# replace: s + block_size → block_size


# %% 7.2 wrong · drawn with replacement
# says: Some ratings are in two blocks | not the blocks of
def plan_blocks(n_ratings, block_size, rng):
    starts = rng.choice(
        np.arange(0, n_ratings, block_size), -(-n_ratings // block_size)
    )
    return [(s, min(s + block_size, n_ratings)) for s in starts]


# %% 7.2 wrong · an empty block at the end
# says: One of the blocks is empty
# base: wrong · in the file's order
# replace: range(0, n_ratings, block_size) → rng.permutation(np.arange(0, n_ratings + 1, block_size))


# %% 7.2 wrong · NumPy's own dice
# says: The same `rng` gave two different plans
# base: wrong · in the file's order
# replace: range(0, n_ratings, block_size) → np.random.permutation(np.arange(0, n_ratings, block_size))


# %% 7.2 wrong · a seed of its own
# says: Different generators gave the same plan
def plan_blocks(n_ratings, block_size, rng):
    rng = np.random.default_rng(42)
    starts = rng.permutation(np.arange(0, n_ratings, block_size))
    return [(s, min(s + block_size, n_ratings)) for s in starts]


# %% 7.2 wrong · row numbers
# says: a list of pairs
def plan_blocks(n_ratings, block_size, rng):
    return rng.permutation(n_ratings).tolist()


# %% 7.2 wrong · slices
# says: each a tuple of two int
# base: wrong · beyond the end
# replace: (s, s + block_size) → slice(s, min(s + block_size, n_ratings))


# %% 7.2 wrong · equal blocks
# says: not the blocks of
def plan_blocks(n_ratings, block_size, rng):
    n_blocks = -(-n_ratings // block_size)
    parts = np.array_split(np.arange(n_ratings), n_blocks)
    blocks = [(int(part[0]), int(part[-1]) + 1) for part in parts]
    rng.shuffle(blocks)
    return blocks


# %% 7.2 wrong · turned around a random place
# says: Four blocks have 24 orders
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


# %% 7.2 wrong · an array
# says: a list of pairs
def plan_blocks(n_ratings, block_size, rng):
    edges = np.append(np.arange(0, n_ratings, block_size), n_ratings)
    return rng.permutation(np.stack([edges[:-1], edges[1:]], axis=1))


# %% 7.2 wrong · a list of arrays
# says: each a tuple of two int
def plan_blocks(n_ratings, block_size, rng):
    edges = np.append(np.arange(0, n_ratings, block_size), n_ratings)
    return list(rng.permutation(np.stack([edges[:-1], edges[1:]], axis=1)))


# %% 7.2 wrong · floats
# says: each a tuple of two int
def plan_blocks(n_ratings, block_size, rng):
    blocks = []
    for number in range(int(np.ceil(n_ratings / block_size))):
        start = number * float(block_size)
        blocks.append((start, min(start + block_size, n_ratings)))
    rng.shuffle(blocks)
    return blocks


# %% 7.2 wrong · one block, larger than any memory
# says: not the blocks of | A block | the file does | two blocks
def plan_blocks(n_ratings, block_size, rng):
    return [(0, 10**18)]


# %% 7.2 wrong · lengths, the last one's too
# says: not the block's length
# base: wrong · beyond the end
# replace: s + block_size → min(block_size, n_ratings - s)


# %% 7.2 wrong · the end first
# says: The first row of a block comes first
# base: wrong · beyond the end
# replace: s, s + block_size → min(s + block_size, n_ratings), s


# %% 7.2 wrong · ends at the wrong place
# says: ends before it begins
# base: wrong · beyond the end
# replace: s + block_size → n_ratings - s


# %% 7.2 wrong · row numbers of 16 bits
# says: stopped with OverflowError | not the blocks of | empty | before it begins | two blocks
def plan_blocks(n_ratings, block_size, rng):
    starts = np.arange(0, n_ratings, block_size).astype("uint16")
    starts = rng.permutation(starts).tolist()
    return [(s, min(s + block_size, n_ratings)) for s in starts]


# %% 7.2 wrong · two neighbours change places
# says: Four blocks have 24 orders
def plan_blocks(n_ratings, block_size, rng):
    blocks = [
        (s, min(s + block_size, n_ratings)) for s in range(0, n_ratings, block_size)
    ]
    k = int(rng.integers(len(blocks)))
    blocks[k - 1], blocks[k] = blocks[k], blocks[k - 1]
    return blocks


# %% 7.2 wrong · sorted by a draw of few values
# says: Four blocks have 24 orders
def plan_blocks(n_ratings, block_size, rng):
    blocks = [
        (s, min(s + block_size, n_ratings)) for s in range(0, n_ratings, block_size)
    ]
    first = rng.integers(2, size=len(blocks))
    return [blocks[i] for i in np.argsort(first, kind="stable")]


# %% 7.2 wrong · a plan of random pairs
# says: a list of pairs | before it begins | two blocks | empty
def plan_blocks(n_ratings, block_size, rng):
    return [tuple(pair) for pair in rng.integers(n_ratings, size=(9, 2)).tolist()]


# %% 7.2 right · zipped
def plan_blocks(n_ratings, block_size, rng):
    starts = np.arange(0, n_ratings, block_size)
    stops = np.minimum(starts + block_size, n_ratings)
    order = np.argsort(rng.random(len(starts)))
    return list(zip(starts[order], stops[order]))


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
# base: wrong · uphill
# replace: table[r] += rate * step → table[r] -= 0.01 * step


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
# base: wrong · uphill
# replace: table[r] += rate * step → table[r] - rate * step


# %% 7.3 wrong · the order
# says: The order is another one
# base: wrong · uphill
# replace: += rate * step\n    return table, m, v → -= rate * step\n    return m, v, table


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
# base: wrong · no epsilon
# replace: (1 - 0.999**t) → (1 - 0.999**t) + 1e-7


# %% 7.3 wrong · the root forgotten
# says: Divide by the *root* of v
# base: wrong · no epsilon
# replace: np.sqrt(v[r] / (1 - 0.999**t)) → v[r] / (1 - 0.999**t) + 1e-7


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
# base: wrong · uphill
# replace: r = np.unique(rows) → r = np.flatnonzero((np.abs(g) > 1e-12).any(axis=1))
# replace: table[r] += rate * step → table[r] -= rate * step


# %% 7.3 wrong · in place
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


# %% 7.3 wrong · slots in place
# says: changes its argument `m`
# base: wrong · in place
# replace: g = np.zeros_like(table) → table = table.copy()\n    g = np.zeros_like(table)


# %% 7.3 wrong · as Keras computes it
# says: Keras adds it before dividing
# base: wrong · without correcting the start
# replace: table[r] -= rate → alpha = rate * np.sqrt(1 - 0.999**t) / (1 - 0.9**t)\n    table[r] -= alpha


# %% 7.3 wrong · PyTorch's epsilon
# says: the formula has 1e-7
# base: wrong · no epsilon
# replace: (v[r] / (1 - 0.999**t)) → (v[r] / (1 - 0.999**t)) + 1e-8


# %% 7.3 wrong · a large epsilon
# says: is wrong where a gradient is 3e-7
# base: wrong · no epsilon
# replace: (v[r] / (1 - 0.999**t)) → (v[r] / (1 - 0.999**t)) + 1e-6


# %% 7.3 wrong · another default
# says: a step without `rate`
# base: wrong · uphill
# replace: .01 → .001
# replace: table[r] += rate * step → table[r] -= rate * step


# %% 7.3 wrong · tensors
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


# %% 7.3 wrong · other rows become smaller
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


# %% 7.3 wrong · a table as long as the largest row
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


# %% 7.3 wrong · NaN everywhere
# says: returned NaN
def lazy_adam_step(table, m, v, rows, gradients, t, rate=0.01):
    return table * np.nan, m, v


# %% 7.3 right · pandas adds up, a list comes back
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


# %% 7.3 right · in float32
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
# says: These are predictions outside training mode
# base: wrong · a column minus a row
# replace: (batch, training=True) → (batch, training=False)[:, 0]


# %% 7.4 wrong · neither
# says: (`training=True`), and what layers add
# base: wrong · a column minus a row, and no penalties
# replace: (batch, training=True) → (batch)[:, 0]


# %% 7.4 wrong · the sum
# says: the mean is asked for
# base: wrong · a column minus a row
# replace: )\n        loss = ops.mean( → )[:, 0]\n        loss = ops.sum(


# %% 7.4 wrong · does not apply
# says: the optimizer has made no step
# base: wrong · a column minus a row
# replace: (batch, training=True) → (batch, training=True)[:, 0]
# replace: optimizer.apply(gradients, model.trainable_variables)\n    return loss → return loss


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


# %% 7.4 wrong · a list of losses, not their sum
# says: add them up with `sum`
# base: wrong · without the layers' losses
# replace: (ops.square(predicted - ratings)) → (ops.square(predicted - ratings)) + model.losses


# %% 7.4 wrong · the first of the losses
# says: add up *all* of `model.losses`
# base: wrong · without the layers' losses
# replace: (ops.square(predicted - ratings)) → (ops.square(predicted - ratings)) + model.losses[0]


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
# says: should return a tensor
def training_step(model, optimizer, batch, ratings):
    model.compile(optimizer, loss="mse")
    return model.train_on_batch(batch, ratings)


# %% 7.4 wrong · a Python number
# says: should return a tensor
# base: wrong · the losses outside the tape
# replace: )\n    total = loss + sum( → ) + sum(
# replace: return total → return float(loss)


# %% 7.4 wrong · a Python number, as a tensor
# says: not inside `tf.function`
# base: wrong · the losses outside the tape
# replace: )\n    total = loss + sum( → ) + sum(
# replace: return total → return ops.convert_to_tensor(float(loss))


# %% 7.4 wrong · the losses before the call
# says: after the call of the model
def training_step(model, optimizer, batch, ratings):
    with tf.GradientTape() as tape:
        penalty = sum(model.losses)
        predicted = model(batch, training=True)[:, 0]
        loss = ops.mean(ops.square(predicted - ratings)) + penalty
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply(gradients, model.trainable_variables)
    return loss


# %% 7.4 wrong · the optimizer's rate, by hand
# says: the optimizer has made no step
def training_step(model, optimizer, batch, ratings):
    with tf.GradientTape() as tape:
        predicted = model(batch, training=True)[:, 0]
        loss = ops.mean(ops.square(predicted - ratings)) + sum(model.losses)
    gradients = tape.gradient(loss, model.trainable_variables)
    for weight, gradient in zip(model.trainable_variables, gradients):
        weight.assign_sub(optimizer.learning_rate * tf.convert_to_tensor(gradient))
    return loss


# %% 7.4 wrong · by hand, and counted
# says: is not where one step of the optimizer takes it
# base: wrong · the optimizer's rate, by hand
# replace: return loss → optimizer.iterations.assign_add(1)\n    return loss


# %% 7.4 wrong · gradients without their weights
# says: stopped with ValueError
# base: wrong · nothing returned
# replace: (gradients, model.trainable_variables) → (gradients)\n    return loss


# %% 7.4 wrong · applied twice
# says: more than one step
# base: wrong · the losses outside the tape
# replace: )\n    total = loss + sum( → ) + sum(
# replace: return total → optimizer.apply(gradients, model.trainable_variables)\n    return loss


# %% 7.4 wrong · the first weights alone
# says: is not where one step of the optimizer takes it
def training_step(model, optimizer, batch, ratings):
    with tf.GradientTape() as tape:
        predicted = model(batch, training=True)[:, 0]
        loss = ops.mean(ops.square(predicted - ratings)) + sum(model.losses)
    weights = model.trainable_variables[:1]
    optimizer.apply(tape.gradient(loss, weights), weights)
    return loss


# %% 7.4 wrong · predict
# says: outside training mode | stopped with | not inside
# base: wrong · a column minus a row
# replace: (batch, training=True) → .predict(batch, verbose=0)[:, 0]


# %% 7.4 wrong · takes the batch apart
# says: changes its argument `batch`
def training_step(model, optimizer, batch, ratings):
    user, movie = batch.pop("user"), batch.pop("movie")
    with tf.GradientTape() as tape:
        predicted = model({"user": user, "movie": movie}, training=True)[:, 0]
        loss = ops.mean(ops.square(predicted - ratings)) + sum(model.losses)
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply(gradients, model.trainable_variables)
    return loss


# %% 7.4 wrong · a batch of always one size
# says: stopped with | The loss is wrong
# base: wrong · the losses outside the tape
# replace: mean(ops.square(predicted - ratings))\n    total = loss → sum(ops.square(predicted - ratings)) / 1024
# replace: return total → return loss


# %% 7.4 right · the sum, divided by what came
def training_step(model, optimizer, batch, ratings):
    with tf.GradientTape(persistent=True) as tape:
        column = ops.reshape(model(batch, training=True), (-1,))
        errors = ops.power(column - ratings, 2)
        loss = ops.sum(errors) / ops.cast(ops.size(errors), "float32")
        loss = ops.sum(ops.stack([loss, *model.losses]))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply(gradients, model.trainable_variables)
    return loss


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
# replace: np.nan_to_num(gradients) → gradients


# %% 7.5 wrong · over the weights
# says: returned the wrong shape
def combine(gradients, sizes):
    return gradients.sum(axis=1)


# %% 7.5 wrong · nanmean
# says: That is the mean of the means
def combine(gradients, sizes):
    return np.nanmean(gradients, axis=0)


# %% 7.5 wrong · a tensor
# says: should return an array of numbers
def combine(gradients, sizes):
    return ops.convert_to_tensor(
        np.average(np.nan_to_num(gradients), axis=0, weights=sizes)
    )


# %% 7.5 wrong · a list
# says: should return an array of numbers
def combine(gradients, sizes):
    return np.average(np.nan_to_num(gradients), axis=0, weights=sizes).tolist()


# %% 7.5 wrong · divided by the workers that had something
# says: not by the number of workers | Wrong where a share is empty
def combine(gradients, sizes):
    sizes = np.asarray(sizes)
    return sizes @ np.nan_to_num(gradients) / np.sum(sizes > 0)


# %% 7.5 wrong · one rating too many
# says: That is not the mean gradient of all ratings
def combine(gradients, sizes):
    return np.asarray(sizes) @ np.nan_to_num(gradients) / (np.sum(sizes) + 1)


# %% 7.5 wrong · a share of one rating counts as empty
# says: That is not the mean gradient of all ratings
def combine(gradients, sizes):
    sizes = np.asarray(sizes)
    counted = sizes > 1
    return sizes[counted] @ gradients[counted] / sizes.sum()


# %% 7.5 wrong · sizes of 8 bits
# says: That is not the mean gradient of all ratings
def combine(gradients, sizes):
    sizes = np.asarray(sizes).astype("uint8")
    return sizes @ np.nan_to_num(gradients) / sizes.sum()


# %% 7.5 wrong · the empty ones are set to 0 where they lie
# says: changes its argument `gradients`
def combine(gradients, sizes):
    gradients[np.isnan(gradients)] = 0
    return np.average(gradients, axis=0, weights=sizes)


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


# %% 7.5 right · only finite rows, by einsum
def combine(gradients, sizes):
    there = np.isfinite(gradients).all(axis=1)
    weights = np.array(sizes, dtype="float64")[there]
    return np.einsum("w,wi->i", weights / weights.sum(), gradients[there])


# %% 7.6 wrong · rounded down
# says: One too few
def machines_for(n_bytes, bytes_a_machine):
    return n_bytes // bytes_a_machine


def place_of(rows, n_machines):
    return rows % n_machines, rows // n_machines


# %% 7.6 wrong · one more, always
# says: One too many
# base: wrong · rounded down
# replace: return n_bytes // bytes_a_machine → return n_bytes // bytes_a_machine + 1


# %% 7.6 wrong · a fraction of a machine
# says: should return an int
def machines_for(n_bytes, bytes_a_machine):
    return (
        n_bytes / bytes_a_machine
        if n_bytes % bytes_a_machine
        else n_bytes // bytes_a_machine
    )


def place_of(rows, n_machines):
    return rows % n_machines, rows // n_machines


# %% 7.6 wrong · swapped
# says: The two are the wrong way round
def machines_for(n_bytes, bytes_a_machine):
    return -(-n_bytes // bytes_a_machine)


def place_of(rows, n_machines):
    return rows // n_machines, rows % n_machines


# %% 7.6 wrong · the row keeps its number
# says: numbered from 0, without gaps
# base: wrong · swapped
# replace: return rows // n_machines, rows % n_machines → return rows % n_machines, rows


# %% 7.6 wrong · in pieces as long as what was asked for
# says: depends on which other rows
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
# says: you used others | Neighbouring rows are on one machine
# base: wrong · swapped
# replace: return rows // n_machines, rows % n_machines → return rows // 10, rows % 10


# %% 7.6 wrong · one place for all
# says: Two rows of the table have one and the same place
# base: wrong · swapped
# replace: // n_machines, rows % n_machines → % n_machines, 0 * rows


# %% 7.6 wrong · the machine alone
# says: should return two arrays
# base: wrong · swapped
# replace: return rows // n_machines, rows % n_machines → return rows % n_machines


# %% 7.6 right · divmod
def machines_for(n_bytes, bytes_a_machine):
    whole, rest = divmod(n_bytes, bytes_a_machine)
    return whole + (rest > 0)


def place_of(rows, n_machines):
    local_row, machine = np.divmod(rows, n_machines)
    return machine, local_row


# %% 7.6 wrong · lists
# says: should return an array of numbers
def machines_for(n_bytes, bytes_a_machine):
    import math

    return math.ceil(n_bytes / bytes_a_machine)


def place_of(rows, n_machines):
    return [n_machines - 1 - row % n_machines for row in rows], [
        row // n_machines for row in rows
    ]


# %% 7.6 wrong · neighbours, by the largest row
# says: Neighbouring rows are on one machine
def machines_for(n_bytes, bytes_a_machine):
    return -(-n_bytes // bytes_a_machine)


def place_of(rows, n_machines):
    size = rows.max() // n_machines + 1
    return rows // size, rows % size


# %% 7.6 wrong · neighbours, by the ceil of the largest row
# says: Neighbouring rows are on one machine
# base: wrong · neighbours, by the largest row
# replace: rows.max() // n_machines + 1 → int(np.ceil((rows.max() + 1) / n_machines))


# %% 7.6 wrong · neighbours, in equal pieces
# says: Neighbouring rows are on one machine
def machines_for(n_bytes, bytes_a_machine):
    return -(-n_bytes // bytes_a_machine)


def place_of(rows, n_machines):
    machine = rows * n_machines // (rows.max() + 1)
    first = -(-machine * (rows.max() + 1) // n_machines)
    return machine, rows - first


# %% 7.6 wrong · a hash
# says: without gaps | Some machines hold more | one and the same place
# base: wrong · swapped
# replace: rows // n_machines, rows % → (rows * 2_654_435_761 >> 7) % n_machines, rows //


# %% 7.6 wrong · dealt to and fro, by the number of rows
# says: depends on which other rows
def machines_for(n_bytes, bytes_a_machine):
    return -(-n_bytes // bytes_a_machine)


def place_of(rows, n_machines):
    turn = rows // n_machines
    return (rows + len(rows)) % n_machines, turn


# %% 7.6 wrong · row numbers of 16 bits
# says: Right at the beginning of a table, wrong further down
# base: wrong · swapped
# replace: return rows // n_machines, rows % → few = rows.astype("uint16")\n    return few % n_machines, few //


# %% 7.6 wrong · floats
# says: returned the wrong dtype
# base: wrong · swapped
# replace: // n_machines, rows % n_machines → % n_machines, np.floor(rows / n_machines)


# %% 7.6 wrong · 32 bits
# says: stopped with OverflowError
# base: wrong · rounded down
# replace: n_bytes // bytes_a_machine → int(np.ceil(np.int32(n_bytes) / np.int32(bytes_a_machine)))


# %% 7.6 wrong · ceil alone
# says: should return an int
# base: wrong · rounded down
# replace: return n_bytes // bytes_a_machine → return np.ceil(n_bytes / bytes_a_machine)


# %% 7.6 wrong · rows are changed
# says: changes its argument `rows`
def machines_for(n_bytes, bytes_a_machine):
    return -(-n_bytes // bytes_a_machine)


def place_of(rows, n_machines):
    local_row = rows // n_machines
    rows %= n_machines
    return rows, local_row


# %% 7.6 right · dealt from the other side
def machines_for(n_bytes, bytes_a_machine):
    import math

    return math.ceil(n_bytes / bytes_a_machine)


def place_of(rows, n_machines):
    return [n_machines - 1 - rows % n_machines, (rows // n_machines).astype("int32")]


# %% 7.6 right · to and fro, in one array
def machines_for(n_bytes, bytes_a_machine):
    return -(-n_bytes // bytes_a_machine)


def place_of(rows, n_machines):
    turn, place = np.divmod(rows, n_machines)
    return np.array([np.where(turn % 2, n_machines - 1 - place, place), turn])


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
# base: wrong · subtracted from whole rows
# replace: - ops.log(movie_share)[:, None] → + ops.log(movie_share)


# %% 7.7 wrong · the share itself
# says: its logarithm is asked for
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors)) - movie_share
    return ops.mean(ops.logsumexp(scores, axis=1) - ops.diagonal(scores))


# %% 7.7 wrong · the sum
# says: That is the sum over the pairs
# base: wrong · subtracted from whole rows
# replace: [:, None]\n    return ops.mean → \n    return ops.sum


# %% 7.7 wrong · the sign
# says: The sign is the wrong way round
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    scores = scores - ops.log(movie_share)
    return ops.mean(ops.diagonal(scores) - ops.logsumexp(scores, axis=1))


# %% 7.7 wrong · a choice among users
# says: a choice among *users*
# base: wrong · the sign
# replace: diagonal(scores) - ops.logsumexp(scores, axis=1) → logsumexp(scores, axis=0) - ops.diagonal(scores)


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
# says: The table is transposed
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
# says: should return a tensor
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    u, m, q = map(np.asarray, (user_vectors, movie_vectors, movie_share))
    scores = u @ m.T - np.log(q)
    largest = scores.max(axis=1)
    total = np.log(np.exp(scores - largest[:, None]).sum(axis=1)) + largest
    return np.mean(total - np.diag(scores))


# %% 7.7 wrong · a Python number
# says: should return a tensor
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    scores = scores - ops.log(movie_share)
    return float(ops.mean(ops.logsumexp(scores, axis=1) - ops.diagonal(scores)))


# %% 7.7 wrong · the number of rows by its shape
# says: the number of rows is unknown then
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    scores = scores - ops.log(movie_share)
    right = ops.arange(scores.shape[0])
    from keras import losses

    return ops.mean(
        losses.sparse_categorical_crossentropy(right, scores, from_logits=True)
    )


# %% 7.7 wrong · len
# says: the number of rows is unknown then
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    scores = scores - ops.log(movie_share)
    total = ops.sum(ops.logsumexp(scores, axis=1) - ops.diagonal(scores))
    return total / len(scores)


# %% 7.7 wrong · a loop over the rows
# says: the number of rows is unknown then
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    scores = scores - ops.log(movie_share)
    losses = [ops.logsumexp(row) - row[i] for i, row in enumerate(scores)]
    return sum(losses) / len(losses)


# %% 7.7 wrong · NumPy, as a tensor
# says: the number of rows is unknown then
# base: wrong · NumPy
# replace: np.mean(total - np.diag(scores)) → ops.convert_to_tensor(np.mean(total - np.diag(scores)))


# %% 7.7 wrong · movies are not trained
# says: No gradient flows from this loss to `movie_vectors`
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    movie_vectors = ops.stop_gradient(movie_vectors)
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    scores = scores - ops.log(movie_share)
    return ops.mean(ops.logsumexp(scores, axis=1) - ops.diagonal(scores))


# %% 7.7 wrong · the sum of exponentials is not trained
# says: The gradient of the loss by `user_vectors`
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    scores = scores - ops.log(movie_share)
    total = ops.stop_gradient(ops.logsumexp(scores, axis=1))
    return ops.mean(total - ops.diagonal(scores))


# %% 7.7 wrong · one number in a row
# says: returned the wrong shape
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    scores = scores - ops.log(movie_share)
    losses = ops.logsumexp(scores, axis=1) - ops.diagonal(scores)
    return ops.mean(losses, keepdims=True)


# %% 7.7 right · the size by ops.shape, and a matrix of ones and zeros
def in_batch_loss(user_vectors, movie_vectors, movie_share):
    scores = ops.matmul(user_vectors, ops.transpose(movie_vectors))
    scores = scores - ops.log(movie_share)
    n = ops.shape(user_vectors)[0]
    chosen = ops.sum(scores * ops.eye(n), axis=1)
    highest = ops.max(scores, axis=1)
    total = ops.log(ops.sum(ops.exp(scores - highest[:, None]), axis=1)) + highest
    return ops.sum(total - chosen) / ops.cast(n, "float32")


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


# %% 7.8 wrong · the distance
# says: does not go by the inner product
# base: wrong · the cosine
# replace: dtype → metric="l2sq", dtype


# %% 7.8 wrong · the distances
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
# base: wrong · the cosine
# replace: dtype → metric="ip", dtype
# replace: index.expansion_search = effort\n    return np.reshape( → return np.reshape(


# %% 7.8 wrong · an empty index
# says: should hold all movies
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
# base: wrong · the cosine
# replace: dtype → metric="ip", dtype
# replace: [len(set(f) & set(e)) / len(e) for f, e in zip(found, exact)] → found == exact


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
# base: wrong · the cosine
# replace: dtype → metric="ip", dtype
# replace: f) & set(e → e) - set(f


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


# %% 7.8 wrong · lists
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


# %% 7.8 wrong · without dtype
# says: The index rounds the vectors
# base: wrong · worst first
# replace: , dtype="f32" →
# replace: [:, ::-1] →


# %% 7.8 wrong · half precision
# says: The index rounds the vectors
# base: wrong · worst first
# replace: "f32" → "f16"
# replace: [:, ::-1] →


# %% 7.8 wrong · keys in another order
# says: holds another vector
# base: wrong · worst first
# replace: , movie_vectors → [::-1], movie_vectors
# replace: [:, ::-1] →


# %% 7.8 wrong · vectors of length one
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


# %% 7.8 wrong · at least some effort
# says: did not use the effort of the call
# base: wrong · worst first
# replace: index.expansion_search = effort → index.expansion_search = max(effort, 64)
# replace: [:, ::-1] →


# %% 7.8 wrong · exact
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


# %% 7.8 wrong · scores all
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


# %% 7.8 wrong · floats
# says: returned the wrong dtype
# base: wrong · worst first
# replace: (int)[:, ::-1] → (float)


# %% 7.8 wrong · always the best five
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


# %% 7.8 wrong · in anybody's list
# says: in the *same* user's list
# base: wrong · exact
# replace: , exact=True →
# replace: mean([len(set(f) & set(e)) / len(e) for f, e in zip(found, exact)]) → isin(exact, found).mean()


# %% 7.8 wrong · found in anybody's exact list
# says: in the *same* user's list
# base: wrong · exact
# replace: , exact=True →
# replace: mean([len(set(f) & set(e)) / len(e) for f, e in zip(found, exact)]) → isin(found, exact).mean()


# %% 7.8 wrong · users with a hit
# says: users with at least one hit
# base: wrong · exact
# replace: , exact=True →
# replace: / len(e) → > 0


# %% 7.8 right · one user after the other, keys as they come
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
