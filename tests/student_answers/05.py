# Lesson 05. The form of this file is explained in tests/support/student_answers.py.


# %% 5.1 wrong · the sign in the exponent
# says: falls where the score rises
def sigmoid(scores):
    return 1 / (1 + np.exp(scores))


def log_loss(liked, probability, tiny=1e-7):
    liked, p = np.ravel(liked), np.clip(np.ravel(probability), tiny, 1 - tiny)
    return float(-np.mean(liked * np.log(p) + (1 - liked) * np.log(1 - p)))


# %% 5.1 wrong · tanh
# says: That is tanh
# base: wrong · the sign in the exponent
# replace: return 1 / (1 + np.exp(scores)) → return np.tanh(scores)


# %% 5.1 wrong · brackets forgotten
# says: Brackets
# base: wrong · the sign in the exponent
# replace: return 1 / (1 + np.exp(scores)) → return 1 / 1 + np.exp(-scores)


# %% 5.1 wrong · math instead of NumPy
# says: Your code stopped with TypeError
# base: wrong · the sign in the exponent
# replace: return 1 / (1 + np.exp(scores)) → import math\n\n    return 1 / (1 + math.exp(-scores))


# %% 5.1 wrong · no clipping
# says: A probability is exactly 0 or 1
def sigmoid(scores):
    return 1 / (1 + np.exp(-scores))


def log_loss(liked, probability, tiny=1e-7):
    liked, p = np.ravel(liked), np.ravel(probability)
    return float(-np.mean(liked * np.log(p) + (1 - liked) * np.log(1 - p)))


# %% 5.1 wrong · clipped from below only
# says: A probability is exactly 0 or 1
# base: wrong · no clipping
# replace: ravel(probability) → maximum(np.ravel(probability), tiny)


# %% 5.1 wrong · nan_to_num instead of clipping
# says: Keep p between `tiny` and 1 − `tiny`.
def sigmoid(scores):
    return 1 / (1 + np.exp(-scores))


def log_loss(liked, probability, tiny=1e-7):
    liked, p = np.ravel(liked), np.ravel(probability)
    logs = np.nan_to_num(liked * np.log(p)) + np.nan_to_num((1 - liked) * np.log(1 - p))
    return float(-np.mean(logs))


# %% 5.1 wrong · leaves out the certain ones
# says: That is not the log loss for the probabilities
def sigmoid(scores):
    return 1 / (1 + np.exp(-scores))


def log_loss(liked, probability, tiny=1e-7):
    liked, p = np.ravel(liked), np.ravel(probability)
    inside = (p > 0) & (p < 1)
    liked, p = liked[inside], p[inside]
    return float(-np.mean(liked * np.log(p) + (1 - liked) * np.log(1 - p)))


# %% 5.1 wrong · a tiny of its own
# says: makes no difference here
# base: wrong · no clipping
# replace: ravel(probability) → clip(np.ravel(probability), 1e-7, 1 - 1e-7)


# %% 5.1 wrong · log2
# says: the logarithm to base 2
def sigmoid(scores):
    return 1 / (1 + np.exp(-scores))


def log_loss(liked, probability, tiny=1e-7):
    liked, p = np.ravel(liked), np.clip(np.ravel(probability), tiny, 1 - tiny)
    return float(-np.mean(liked * np.log2(p) + (1 - liked) * np.log2(1 - p)))


# %% 5.1 wrong · the sum
# says: the loss is their mean
# base: wrong · the sign in the exponent
# replace: return 1 / (1 + np.exp(scores)) → return 1 / (1 + np.exp(-scores))
# replace: mean → sum


# %% 5.1 wrong · the half of the yes
# says: Only the half of the yes
# base: wrong · log2
# replace: log2(p) + (1 - liked) * np.log2(1 - p) → log(p)


# %% 5.1 wrong · the mean over the yes
# says: Only the ratings with a yes count
# base: wrong · log2
# replace: liked * np.log2(p) + (1 - liked) * np.log2(1 - p) → np.log(p[liked == 1])


# %% 5.1 wrong · the minus forgotten
# says: The minus sign is missing
# base: wrong · the sign in the exponent
# replace: return 1 / (1 + np.exp(scores)) → return 1 / (1 + np.exp(-scores))
# replace: -np → np


# %% 5.1 wrong · (n,) with (n, 1)
# says: each rating has met every
# base: wrong · no clipping
# replace: ravel(liked), np.ravel(probability) → asarray(liked), np.clip(probability, tiny, 1 - tiny)


# %% 5.1 wrong · one for each rating
# says: That is the log loss of each rating
def sigmoid(scores):
    return 1 / (1 + np.exp(-scores))


def log_loss(liked, probability, tiny=1e-7):
    liked, p = np.ravel(liked), np.clip(np.ravel(probability), tiny, 1 - tiny)
    return -(liked * np.log(p) + (1 - liked) * np.log(1 - p))


# %% 5.1 wrong · squared errors
# says: the mean squared error
def sigmoid(scores):
    return 1 / (1 + np.exp(-scores))


def log_loss(liked, probability, tiny=1e-7):
    return np.mean((np.ravel(liked) - np.ravel(probability)) ** 2)


# %% 5.1 wrong · half of it
# says: Half done
def sigmoid(scores):
    return 1 / (1 + np.exp(-scores))


def log_loss(liked, probability, tiny=1e-7):
    raise NotImplementedError("Exercise 5.1: log loss, by hand")


# %% 5.1 wrong · with scikit-learn
# says: that one is closed
from sklearn import metrics


def sigmoid(scores):
    return 1 / (1 + np.exp(-scores))


def log_loss(liked, probability, tiny=1e-7):
    p = np.clip(np.ravel(probability), tiny, 1 - tiny)
    return metrics.log_loss(np.ravel(liked), p, labels=[0, 1])


# %% 5.1 wrong · e^s on both sides
# says: ∞/∞ is NaN
# base: wrong · the sign in the exponent
# replace: 1 / (1 + np.exp(scores)) → np.exp(scores) / (1 + np.exp(scores))


# %% 5.1 right · where, and two forms of the sigmoid
def sigmoid(scores):
    small = np.exp(-np.abs(scores))
    return np.where(scores >= 0, 1 / (1 + small), small / (1 + small))


def log_loss(liked, probability, tiny=1e-7):
    liked = np.array(liked).reshape(-1)
    p = np.array(probability).reshape(-1)
    p = np.minimum(np.maximum(p, tiny), 1 - tiny)
    return np.mean(np.where(liked == 1, -np.log(p), -np.log(1 - p)))


# %% 5.1 right · a loop
def sigmoid(scores):
    from keras import ops

    return ops.convert_to_numpy(ops.sigmoid(scores))


def log_loss(liked, probability, tiny=1e-7):
    total = 0
    probability = np.asarray(probability).flatten()
    for yes, p in zip(liked, probability):
        p = min(max(p, tiny), 1 - tiny)
        total -= np.log(p) if yes else np.log(1 - p)
    return total / len(probability)


# %% 5.1 wrong · tiny added instead of clipped, a column of ratings
# says: You add `tiny` to p and to 1 − p
def sigmoid(scores):
    return (1 + np.tanh(scores / 2)) / 2


def log_loss(liked, probability, tiny=1e-7):
    liked = np.reshape(liked, (-1, 1)).astype("float64")
    p = np.reshape(probability, (-1, 1)).astype("float64")
    return np.mean(-(liked * np.log(p + tiny) + (1 - liked) * np.log(1 - p + tiny)))


# %% 5.1 right · float32 throughout
def sigmoid(scores):
    return np.reciprocal(1 + np.exp(-np.asarray(scores, dtype="float32")))


def log_loss(liked, probability, tiny=1e-7):
    y = np.ravel(np.asarray(liked, dtype="float32"))
    p = np.clip(np.ravel(np.asarray(probability, dtype="float32")), tiny, 1 - tiny)
    return -np.dot(y, np.log(p)) / len(y) - np.dot(1 - y, np.log(1 - p)) / len(y)


# %% 5.2 wrong · 0.5 is a no
# says: exactly 0.5 came out as a no
def accuracy_and_base_rate(liked, probability):
    liked = np.ravel(liked)
    says_yes = np.ravel(probability) > 0.5
    yes = np.mean(liked)
    return np.mean(says_yes == (liked == 1)), max(yes, 1 - yes)


# %% 5.2 wrong · rounds
# says: exactly 0.5 came out as a no
def accuracy_and_base_rate(liked, probability):
    liked = np.ravel(liked)
    yes = np.mean(liked)
    return np.mean(np.round(np.ravel(probability)) == liked), max(yes, 1 - yes)


# %% 5.2 wrong · the share of yes
# says: the share of the rarer answer, yes here
def accuracy_and_base_rate(liked, probability):
    liked = np.ravel(liked)
    says_yes = np.ravel(probability) >= 0.5
    return np.mean(says_yes == (liked == 1)), np.mean(liked)


# %% 5.2 wrong · the share of no
# says: the share of the rarer answer, no here
# base: wrong · the share of yes
# replace: , np → , 1 - np


# %% 5.2 wrong · what the model predicts more often
# says: what the *model* predicts more often
def accuracy_and_base_rate(liked, probability):
    liked = np.ravel(liked)
    says_yes = np.ravel(probability) >= 0.5
    often = np.mean(says_yes)
    return np.mean(says_yes == (liked == 1)), max(often, 1 - often)


# %% 5.2 wrong · the other order
# says: Right numbers, wrong order
def accuracy_and_base_rate(liked, probability):
    liked = np.ravel(liked)
    says_yes = np.ravel(probability) >= 0.5
    yes = np.mean(liked)
    return max(yes, 1 - yes), np.mean(says_yes == (liked == 1))


# %% 5.2 wrong · (n,) with (n, 1)
# says: every answer was compared
def accuracy_and_base_rate(liked, probability):
    liked, probability = np.asarray(liked), np.asarray(probability)
    yes = np.mean(liked)
    return np.mean((probability >= 0.5) == liked), max(yes, 1 - yes)


# %% 5.2 wrong · only the yes that are right
# says: Only a yes that is right counts
# base: wrong · 0.5 is a no
# replace: > 0 → >= 0
# replace: says_yes == → says_yes &


# %% 5.2 wrong · counts
# says: You counted them
def accuracy_and_base_rate(liked, probability):
    liked = np.ravel(liked)
    says_yes = np.ravel(probability) >= 0.5
    return np.sum(says_yes == (liked == 1)), max(np.sum(liked), np.sum(1 - liked))


# %% 5.2 wrong · one number
# says: Return two numbers
def accuracy_and_base_rate(liked, probability):
    return np.mean((np.ravel(probability) >= 0.5) == np.ravel(liked))


# %% 5.2 wrong · a loop that divides too early
# says: Only a yes that is right counts
def accuracy_and_base_rate(liked, probability):
    right = 0
    for yes, p in zip(np.ravel(liked), np.ravel(probability)):
        if yes and p >= 0.5:
            right += 1
    share = np.mean(liked)
    return right / len(liked), max(share, 1 - share)


# %% 5.2 wrong · bincount of floats
# says: Your code stopped with TypeError
# base: wrong · the share of yes
# replace: (liked == 1)), np.mean( → liked), np.bincount(liked).max() / len(


# %% 5.2 wrong · the accuracy, where it is larger
# says: the model's accuracy as the base rate | you returned its accuracy
def accuracy_and_base_rate(liked, probability):
    y, says = np.ravel(liked) == 1, np.ravel(probability) >= 0.5
    accuracy, m = np.mean(says == y), np.mean(y)
    return accuracy, max(m, 1 - m, accuracy)


# %% 5.2 right · sklearn, as a list
def accuracy_and_base_rate(liked, probability):
    from sklearn.metrics import accuracy_score

    says = (np.asarray(probability).ravel() >= 0.5).astype(int)
    truth = np.asarray(liked).astype(int)
    counts = np.bincount(truth)
    return [accuracy_score(truth, says), counts.max() / len(truth)]


# %% 5.2 right · a loop
def accuracy_and_base_rate(liked, probability):
    right = yes = 0
    for one, p in zip(liked, np.asarray(probability).reshape(-1)):
        right += (p >= 0.5) == bool(one)
        yes += one
    n = len(liked)
    return right / n, (yes if yes > n / 2 else n - yes) / n


# %% 5.2 right · columns, and the mean of an absolute difference
def accuracy_and_base_rate(liked, probability):
    liked = np.reshape(liked, (-1, 1))
    wrong = np.abs(liked - (np.reshape(probability, (-1, 1)) >= 0.5))
    return np.array([1 - wrong.mean(), 0.5 + abs(liked.mean() - 0.5)])


# %% 5.3 wrong · the AUC over all ratings, for each user
# says: the AUC over all ratings, for each user the same
from sklearn.metrics import roc_auc_score


def auc_of_each_user(liked, scores, users):
    overall = roc_auc_score(np.ravel(liked), np.ravel(scores))
    return np.full(len(np.unique(users)), overall)


# %% 5.3 wrong · in the order in which users come up
# says: in the order in which the users come up
def auc_of_each_user(liked, scores, users):
    liked, scores, users = np.ravel(liked), np.ravel(scores), np.ravel(users)
    result = []
    for user in pd.unique(users):
        mine = users == user
        yes, no = scores[mine & (liked == 1)], scores[mine & (liked == 0)]
        pairs = (yes[:, None] > no) + 0.5 * (yes[:, None] == no)
        result.append(pairs.mean() if pairs.size else np.nan)
    return np.array(result)


# %% 5.3 wrong · the wrong way round
# says: pairs in the *wrong* order
# base: wrong · in the order in which users come up
# replace: pd.unique → np.unique
# replace: > no → < no


# %% 5.3 wrong · ties count nothing
# says: Pairs with equal scores count as 0 here
# base: wrong · in the order in which users come up
# replace: pd.unique → np.unique
# replace: (yes[:, None] > no) + 0.5 * (yes[:, None] == no) → yes[:, None] > no


# %% 5.3 wrong · ties count fully
# says: Pairs with equal scores count as 1 here
# base: wrong · in the order in which users come up
# replace: pd.unique → np.unique
# replace: (yes[:, None] > no) + 0.5 * (yes[:, None] == no) → yes[:, None] >= no


# %% 5.3 wrong · 0.5 without pairs
# says: The AUC is NaN, and no number
# base: wrong · in the order in which users come up
# replace: pd.unique → np.unique
# replace: np.nan → 0.5


# %% 5.3 wrong · users without pairs left out
# says: are missing. They have a place in the result, too, with NaN
# base: wrong · in the order in which users come up
# replace: pd.unique → np.unique
# replace: result.append(pairs.mean() if pairs.size else np.nan) → if pairs.size:\n            result.append(pairs.mean())


# %% 5.3 wrong · the no of all users
# says: compared with the no of *all* users
# base: wrong · in the order in which users come up
# replace: pd.unique → np.unique
# replace: scores[mine & (liked == 0)] → scores[liked == 0]


# %% 5.3 wrong · counts pairs
# says: You counted the pairs in the right order
# base: wrong · in the order in which users come up
# replace: pd.unique → np.unique
# replace: pairs.mean() → pairs.sum()


# %% 5.3 wrong · the mean over users
# says: That is one number
# base: wrong · in the order in which users come up
# replace: np.array(result) → np.nanmean(result)


# %% 5.3 wrong · a list
# says: Return a NumPy array
# base: wrong · in the order in which users come up
# replace: pd.unique → np.unique
# replace: np.array(result) → result


# %% 5.3 wrong · only for shape (n,)
# says: Your code stopped with
from sklearn.metrics import roc_auc_score


def auc_of_each_user(liked, scores, users):
    table = pd.DataFrame({"user": users, "liked": liked, "score": scores})
    result = []
    for _, mine in table.groupby("user"):
        if mine["liked"].nunique() < 2:
            result.append(np.nan)
        else:
            result.append(roc_auc_score(mine["liked"], mine["score"]))
    return np.array(result)


# %% 5.3 wrong · a Series
# says: Return a NumPy array
from sklearn.metrics import roc_auc_score


def auc_of_each_user(liked, scores, users):
    table = pd.DataFrame({"user": users, "liked": liked, "score": np.ravel(scores)})

    def auc(mine):
        if mine["liked"].nunique() < 2:
            return np.nan
        return roc_auc_score(mine["liked"], mine["score"])

    return table.groupby("user")[["liked", "score"]].apply(auc)


# %% 5.3 wrong · users numbered from 0 without a gap
# says: one number for each number from 0 to the largest user
from sklearn.metrics import roc_auc_score


def auc_of_each_user(liked, scores, users):
    liked, scores, users = np.ravel(liked), np.ravel(scores), np.ravel(users)
    result = np.full(users.max() + 1, np.nan)
    for user in range(users.max() + 1):
        mine = users == user
        if 0 < liked[mine].sum() < mine.sum():
            result[user] = roc_auc_score(liked[mine], scores[mine])
    return result


# %% 5.3 wrong · one for each rating
# says: one number for each rating
from sklearn.metrics import roc_auc_score


def auc_of_each_user(liked, scores, users):
    liked, scores, users = np.ravel(liked), np.ravel(scores), np.ravel(users)
    result = np.full(len(users), np.nan)
    for user in np.unique(users):
        mine = users == user
        if 0 < liked[mine].sum() < mine.sum():
            result[mine] = roc_auc_score(liked[mine], scores[mine])
    return result


# %% 5.3 wrong · all pairs of ratings below the line
# says: You divided by all pairs of ratings
# base: wrong · in the order in which users come up
# replace: pd.unique → np.unique
# replace: pairs.mean() → 2 * pairs.sum() / (mine.sum() * (mine.sum() - 1))


# %% 5.3 wrong · each user's accuracy
# says: each user's accuracy
# base: wrong · in the order in which users come up
# replace: pd.unique → np.unique
# replace: pairs.mean() → np.mean((scores[mine] >= 0.5) == (liked[mine] == 1))


# %% 5.3 wrong · compares lists
# says: got NaN (with lists | Your code stopped with
# base: wrong · in the order in which users come up
# replace: pd.unique → np.unique
# replace: np.ravel(liked), np.ravel(scores), np.ravel(users) → liked, np.ravel(scores), users


# %% 5.3 wrong · stops without pairs
# says: where a user has only a yes, or only a no
# base: wrong · in the order in which users come up
# replace: pd.unique → np.unique
# replace: pairs.mean() if pairs.size else np.nan → int(pairs.sum()) / pairs.size


# %% 5.3 right · ranks, and the rank sum of the yes
def auc_of_each_user(liked, scores, users):
    table = pd.DataFrame({"user": users, "liked": liked, "score": np.ravel(scores)})
    table["rank"] = table.groupby("user")["score"].rank()
    n_yes = table.groupby("user")["liked"].sum()
    n_no = table.groupby("user").size() - n_yes
    rank_sum = table[table["liked"] == 1].groupby("user")["rank"].sum()
    in_order = rank_sum.reindex(n_yes.index, fill_value=0) - n_yes * (n_yes + 1) / 2
    return (in_order / (n_yes * n_no)).to_numpy()


# %% 5.3 right · scikit-learn, user by user
from sklearn.metrics import roc_auc_score


def auc_of_each_user(liked, scores, users):
    liked, scores, users = map(np.ravel, (liked, scores, users))
    known = sorted(set(users.tolist()))
    result = np.full(len(known), np.nan)
    for place, user in enumerate(known):
        mine = np.flatnonzero(users == user)
        if len(set(liked[mine].tolist())) == 2:
            result[place] = roc_auc_score(liked[mine], scores[mine])
    return result


# %% 5.3 right · loops over pairs
def auc_of_each_user(liked, scores, users):
    sides = {}
    for yes, score, user in zip(liked, np.ravel(scores).tolist(), users):
        sides.setdefault(int(user), ([], []))[int(yes)].append(score)
    result = []
    for user in sorted(sides):
        no, yes = sides[user]
        total = 0.0
        for high in yes:
            for low in no:
                total += 1 if high > low else 0.5 if high == low else 0
        result.append(total / (len(yes) * len(no)) if yes and no else float("nan"))
    return np.array(result)


# %% 5.3 right · groupby and signs
def auc_of_each_user(liked, scores, users):
    table = pd.DataFrame({"user": users, "liked": liked, "score": np.ravel(scores)})

    def auc(mine):
        yes = mine.loc[mine["liked"] > 0.5, "score"].to_numpy()
        no = mine.loc[mine["liked"] < 0.5, "score"].to_numpy()
        if len(yes) == 0 or len(no) == 0:
            return np.nan
        return 0.5 + 0.5 * np.sign(np.subtract.outer(yes, no)).mean()

    aucs = table.groupby("user")[["liked", "score"]].apply(auc)
    return aucs.to_numpy()


# %% 5.4 wrong · an eleventh bin for exactly 1
# says: a bin of its own
def calibration(liked, probability, n_bins=10):
    frame = pd.DataFrame(
        {"predicted": np.ravel(probability), "observed": np.ravel(liked)}
    )
    bins = (frame["predicted"] * n_bins).astype(int)
    table = frame.groupby(bins).mean()
    table["n_ratings"] = frame.groupby(bins).size()
    return table.reset_index(drop=True)


# %% 5.4 wrong · exactly 1 gets lost
# says: a probability of exactly 1 belongs to the last bin
def calibration(liked, probability, n_bins=10):
    p, liked = np.ravel(probability), np.ravel(liked)
    rows = []
    for one in range(n_bins):
        inside = (p >= one / n_bins) & (p < (one + 1) / n_bins)
        if inside.any():
            rows.append((p[inside].mean(), liked[inside].mean(), inside.sum()))
    return pd.DataFrame(rows, columns=["predicted", "observed", "n_ratings"])


# %% 5.4 wrong · pd.cut as it comes
# says: exactly 0 belongs to the first bin
def calibration(liked, probability, n_bins=10):
    frame = pd.DataFrame(
        {"predicted": np.ravel(probability), "observed": np.ravel(liked)}
    )
    bins = pd.cut(frame["predicted"], np.linspace(0, 1, n_bins + 1))
    grouped = frame.groupby(bins, observed=True)
    return grouped.mean().assign(n_ratings=grouped.size()).reset_index(drop=True)


# %% 5.4 wrong · edges belong to the bin below
# says: an edge belongs to the bin above it
# base: wrong · pd.cut as it comes
# replace: (0, 1, n_bins + 1) → (0, 1, n_bins + 1), include_lowest=True


# %% 5.4 wrong · rows for empty bins
# says: rows for empty bins
def calibration(liked, probability, n_bins=10):
    frame = pd.DataFrame(
        {"predicted": np.ravel(probability), "observed": np.ravel(liked)}
    )
    bins = np.minimum((frame["predicted"] * n_bins).astype(int), n_bins - 1)
    table = frame.groupby(bins).mean()
    table["n_ratings"] = frame.groupby(bins).size()
    return table.reindex(range(n_bins))


# %% 5.4 wrong · bins that hold equally many
# says: (quantiles)
def calibration(liked, probability, n_bins=10):
    frame = pd.DataFrame(
        {"predicted": np.ravel(probability), "observed": np.ravel(liked)}
    )
    grouped = frame.groupby(pd.qcut(frame["predicted"], n_bins), observed=True)
    return grouped.mean().assign(n_ratings=grouped.size()).reset_index(drop=True)


# %% 5.4 wrong · bins over the range of the data
# says: divide the range from the smallest to the largest
# base: wrong · bins that hold equally many
# replace: qcut → cut


# %% 5.4 wrong · rounded
# says: Those bins come from rounding
# base: wrong · bins that hold equally many
# replace: pd.qcut(frame["predicted"], n_bins), observed=True → (frame["predicted"] * n_bins).round()


# %% 5.4 wrong · always ten
# says: Is `n_bins` used?
def calibration(liked, probability, n_bins=10):
    frame = pd.DataFrame(
        {"predicted": np.ravel(probability), "observed": np.ravel(liked)}
    )
    bins = np.minimum((frame["predicted"] * 10).astype(int), 9)
    grouped = frame.groupby(bins)
    return grouped.mean().assign(n_ratings=grouped.size()).reset_index(drop=True)


# %% 5.4 wrong · the middle of the bin
# says: `predicted` is the middle of each bin
def calibration(liked, probability, n_bins=10):
    frame = pd.DataFrame(
        {"predicted": np.ravel(probability), "observed": np.ravel(liked)}
    )
    bins = np.minimum((frame["predicted"] * n_bins).astype(int), n_bins - 1)
    table = frame.groupby(bins).mean()
    table["predicted"] = (table.index + 0.5) / n_bins
    table["n_ratings"] = frame.groupby(bins).size()
    return table.reset_index(drop=True)


# %% 5.4 wrong · no n_ratings
# says: The column `n_ratings` is missing
def calibration(liked, probability, n_bins=10):
    frame = pd.DataFrame(
        {"predicted": np.ravel(probability), "observed": np.ravel(liked)}
    )
    bins = np.minimum((frame["predicted"] * n_bins).astype(int), n_bins - 1)
    return frame.groupby(bins).mean()


# %% 5.4 wrong · counts the yes
# says: `observed` counts the yes
def calibration(liked, probability, n_bins=10):
    frame = pd.DataFrame(
        {"predicted": np.ravel(probability), "observed": np.ravel(liked)}
    )
    frame["bin"] = np.minimum((frame["predicted"] * n_bins).astype(int), n_bins - 1)
    return frame.groupby("bin").agg(
        predicted=("predicted", "mean"),
        observed=("observed", "sum"),
        n_ratings=("observed", "size"),
    )


# %% 5.4 wrong · n_ratings as a share
# says: `n_ratings` is a share here
def calibration(liked, probability, n_bins=10):
    frame = pd.DataFrame(
        {"predicted": np.ravel(probability), "observed": np.ravel(liked)}
    )
    bins = np.minimum((frame["predicted"] * n_bins).astype(int), n_bins - 1)
    table = frame.groupby(bins).mean()
    table["n_ratings"] = bins.value_counts(normalize=True)
    return table


# %% 5.4 wrong · predicted and observed changed
# says: `predicted` and `observed` have changed places
# base: wrong · rows for empty bins
# replace: return table.reindex(range(n_bins)) → table.columns = ["observed", "predicted", "n_ratings"]\n    return table


# %% 5.4 wrong · bins in the order in which they come up
# says: but not in order
def calibration(liked, probability, n_bins=10):
    frame = pd.DataFrame(
        {"predicted": np.ravel(probability), "observed": np.ravel(liked)}
    )
    frame["bin"] = np.minimum((frame["predicted"] * n_bins).astype(int), n_bins - 1)
    return frame.groupby("bin", sort=False).agg(
        predicted=("predicted", "mean"),
        observed=("observed", "mean"),
        n_ratings=("observed", "size"),
    )


# %% 5.4 wrong · only for shape (n,)
# says: Your code stopped with ValueError | Your code stopped with TypeError
# base: wrong · rows for empty bins
# replace: np.ravel(probability), "observed": np.ravel(liked) → probability, "observed": liked
# replace: return table.reindex(range(n_bins)) → return table


# %% 5.4 wrong · an array
# says: Return a data frame
def calibration(liked, probability, n_bins=10):
    p, liked = np.ravel(probability), np.ravel(liked)
    bins = np.minimum((p * n_bins).astype(int), n_bins - 1)
    return np.array(
        [
            (p[bins == b].mean(), liked[bins == b].mean(), (bins == b).sum())
            for b in np.unique(bins)
        ]
    )


# %% 5.4 wrong · divided by the width, which is no exact float
# says: `0.5 // 0.1` is 4
# base: wrong · rows for empty bins
# replace: (frame["predicted"] * n_bins).astype(int) → frame["predicted"] // (1 / n_bins)
# replace: return table.reindex(range(n_bins)) → return table


# %% 5.4 wrong · n_ratings in front
# says: The columns should stand in this order
# base: wrong · n_ratings as a share
# replace: ["n_ratings"] = bins.value_counts(normalize=True) → .insert(0, "n_ratings", frame.groupby(bins).size())


# %% 5.4 right · cut with right=False, an open end
def calibration(liked, probability, n_bins=10):
    frame = pd.DataFrame({"p": np.ravel(probability), "y": np.ravel(liked)})
    edges = np.linspace(0, 1, n_bins + 1)
    edges[-1] = 1.1
    frame["bin"] = pd.cut(frame["p"], edges, right=False)
    table = frame.groupby("bin", observed=True).agg(
        predicted=("p", "mean"), observed=("y", "mean"), n_ratings=("y", "count")
    )
    return table


# %% 5.4 right · loops
def calibration(liked, probability, n_bins=10):
    heaps = {}
    for yes, p in zip(np.asarray(liked).ravel(), np.asarray(probability).ravel()):
        heaps.setdefault(min(int(p * n_bins), n_bins - 1), []).append((p, yes))
    rows = []
    for place in sorted(heaps):
        predicted, observed = zip(*heaps[place])
        rows.append(
            {
                "predicted": sum(predicted) / len(predicted),
                "observed": np.mean(observed),
            }
        )
        rows[-1]["n_ratings"] = len(predicted)
    return pd.DataFrame(rows)


# %% 5.4 right · bincount
def calibration(liked, probability, n_bins=10):
    p, y = np.ravel(probability), np.ravel(liked)
    bins = np.clip(np.digitize(p, np.linspace(0, 1, n_bins + 1)) - 1, 0, n_bins - 1)
    size = np.bincount(bins, minlength=n_bins)
    filled = size > 0
    table = pd.DataFrame({"n_ratings": size[filled]})
    table["observed"] = np.bincount(bins, y, n_bins)[filled] / size[filled]
    table["predicted"] = np.bincount(bins, p, n_bins)[filled] / size[filled]
    return table[["predicted", "observed", "n_ratings"]]


# %% 5.4 right · empty rows dropped at the end
def calibration(liked, probability, n_bins=10):
    frame = pd.DataFrame(
        {"predicted": np.ravel(probability), "observed": np.ravel(liked)}
    )
    bins = (frame["predicted"] * n_bins).astype(int).clip(upper=n_bins - 1)
    table = frame.groupby(bins).mean().reindex(range(n_bins))
    table["n_ratings"] = bins.value_counts()
    return table.dropna()


# %% 5.5 wrong · 0, as published
# says: Seen movies have the score 0
def strike_out(scores, seen):
    struck = scores.copy()
    struck[seen["user"], seen["movie"]] = 0
    return struck


# %% 5.5 wrong · multiplied by 0
# says: Seen movies have the score 0
def strike_out(scores, seen):
    unseen = np.ones_like(scores)
    unseen[seen["user"], seen["movie"]] = 0
    return scores * unseen


# %% 5.5 wrong · in place
# says: changes its argument `scores`
def strike_out(scores, seen):
    scores[seen["user"], seen["movie"]] = -np.inf
    return scores


# %% 5.5 wrong · in place, through another name
# says: changes its argument `scores`
def strike_out(scores, seen):
    struck = np.asarray(scores)
    struck[seen["user"], seen["movie"]] = -np.inf
    return struck


# %% 5.5 wrong · a thousand below 0
# says: ranks some unseen movies behind that
# base: wrong · 0, as published
# replace: = 0 → = -999


# %% 5.5 wrong · a very low number
# says: ranks some unseen movies behind that
def strike_out(scores, seen):
    struck = np.array(scores, dtype="float64")
    struck[seen["user"], seen["movie"]] = -1e9
    return struck


# %% 5.5 wrong · the lowest score
# says: level with the lowest of the rest
# base: wrong · 0, as published
# replace: = 0 → = scores.min()


# %% 5.5 wrong · one below the lowest
# says: level with the lowest of the rest
# base: wrong · 0, as published
# replace: = 0 → = scores.min() - 1


# %% 5.5 wrong · ten lower than it was
# says: Some seen movies still rank in front
# base: wrong · 0, as published
# replace: = 0 → -= 10


# %% 5.5 wrong · in whole numbers
# says: Scores of movies that were *not* seen have changed
def strike_out(scores, seen):
    struck = scores.astype(int)
    struck[seen["user"], seen["movie"]] = -(10**9)
    return struck


# %% 5.5 wrong · whole rows
# says: All movies of these users are struck out
def strike_out(scores, seen):
    struck = scores.copy()
    struck[seen["user"]] = -np.inf
    return struck


# %% 5.5 wrong · whole columns
# says: struck out for all of them
def strike_out(scores, seen):
    struck = scores.copy()
    struck[:, seen["movie"]] = -np.inf
    return struck


# %% 5.5 wrong · every seen movie for every user
# says: Every user in `seen` has lost
# base: wrong · whole rows
# replace: seen["user"] → np.ix_(seen["user"].unique(), seen["movie"].unique())


# %% 5.5 wrong · not a number
# says: There is NaN in the scores now
# base: wrong · 0, as published
# replace: = 0 → = np.nan


# %% 5.5 wrong · a copy of nothing
# says: Nothing has been struck out
def strike_out(scores, seen):
    struck = scores.copy()
    scores.copy()[seen["user"], seen["movie"]] = -np.inf
    return struck


# %% 5.5 wrong · plus infinity
# says: Seen movies have the score +∞
# base: wrong · 0, as published
# replace: = 0 → = np.inf


# %% 5.5 wrong · the first pair only
# says: Not all seen pairs are struck out
def strike_out(scores, seen):
    struck = scores.copy()
    for user, movie in zip(seen["user"], seen["movie"]):
        struck[user, movie] = -np.inf
        return struck


# %% 5.5 wrong · the order of the columns
# says: Your code stopped with IndexError
def strike_out(scores, seen):
    struck = scores.copy()
    user, movie, *_ = seen.to_numpy().T
    struck[user, movie] = -np.inf
    return struck


# %% 5.5 wrong · twice the largest, below 0
# says: Where all scores are 0
# base: wrong · 0, as published
# replace: = 0 → = -2 * np.abs(scores).max()


# %% 5.5 right · a loop
def strike_out(scores, seen):
    struck = scores.copy()
    for _, row in seen.iterrows():
        struck[row["user"], row["movie"]] = -np.inf
    return struck


# %% 5.5 right · where
def strike_out(scores, seen):
    is_seen = np.zeros(scores.shape, dtype=bool)
    is_seen[seen.user.to_numpy(), seen.movie.to_numpy()] = True
    return np.where(is_seen, -np.inf, scores)


# %% 5.5 right · the lowest float
def strike_out(scores, seen):
    struck = np.copy(scores)
    struck[tuple(seen[["user", "movie"]].to_numpy().T)] = np.finfo("float32").min
    return struck


# %% 5.5 right · infinity taken off
def strike_out(scores, seen):
    off = np.zeros(scores.shape)
    np.add.at(off, (seen["user"], seen["movie"]), np.inf)
    return scores - off


# %% 5.6 wrong · log2 of p
# says: That is no finite number
def ndcg_of_one(relevance, scores, k):
    relevance, scores = np.asarray(relevance), np.asarray(scores)
    discount = 1 / np.log2(np.arange(1, len(relevance) + 1))[:k]
    gained = relevance[np.argsort(-scores)][:k] @ discount
    return gained / (np.sort(relevance)[::-1][:k] @ discount)


# %% 5.6 wrong · the first two places alike
# says: the first two places got the same
def ndcg_of_one(relevance, scores, k):
    relevance, scores = np.asarray(relevance), np.asarray(scores)

    def dcg(gains):
        return gains[0] + sum(g / np.log2(p) for p, g in enumerate(gains[1:k], 2))

    return dcg(relevance[np.argsort(-scores)]) / dcg(np.sort(relevance)[::-1])


# %% 5.6 wrong · places from 2
# says: The discount is one place off: p starts at 1
# base: wrong · log2 of p
# replace: 1, len(relevance) + 1 → 3, len(relevance) + 3


# %% 5.6 wrong · all places
# says: That counts all places
def ndcg_of_one(relevance, scores, k):
    relevance, scores = np.asarray(relevance), np.asarray(scores)
    discount = 1 / np.log2(np.arange(2, len(relevance) + 2))
    gained = relevance[np.argsort(-scores)] @ discount
    return gained / (np.sort(relevance)[::-1] @ discount)


# %% 5.6 wrong · a perfect list of all movies
# says: The perfect list is not cut
# base: wrong · all places
# replace: [np.argsort(-scores)] @ discount → [np.argsort(-scores)][:k] @ discount[:k]


# %% 5.6 wrong · the perfect list upside down
# says: starts with the worst movies
# base: wrong · log2 of p
# replace: 1, len(relevance) + 1 → 2, len(relevance) + 2
# replace: :-1][: →


# %% 5.6 wrong · the list upside down
# says: starts with the movie of the lowest score
def ndcg_of_one(relevance, scores, k):
    relevance, scores = np.asarray(relevance), np.asarray(scores)
    discount = 1 / np.log2(np.arange(2, len(relevance) + 2))[:k]
    gained = relevance[np.argsort(scores)][:k] @ discount
    return gained / (np.sort(relevance)[::-1][:k] @ discount)


# %% 5.6 wrong · the perfect order of what is shown
# says: The perfect list is made of *all*
def ndcg_of_one(relevance, scores, k):
    relevance, scores = np.asarray(relevance), np.asarray(scores)
    shown = relevance[np.argsort(-scores)][:k]
    discount = 1 / np.log2(np.arange(2, len(shown) + 2))
    return shown @ discount / (np.sort(shown)[::-1] @ discount)


# %% 5.6 wrong · not divided
# says: That is the DCG
def ndcg_of_one(relevance, scores, k):
    relevance, scores = np.asarray(relevance), np.asarray(scores)
    discount = 1 / np.log2(np.arange(2, len(relevance) + 2))[:k]
    return relevance[np.argsort(-scores)][:k] @ discount


# %% 5.6 wrong · 2^r − 1
# says: That pays 2^r − 1
# base: wrong · the list upside down
# replace: np.asarray(relevance) → 2.0 ** np.asarray(relevance) - 1
# replace: argsort(scores) → argsort(-scores)


# %% 5.6 wrong · rated or not
# says: counts every rated movie as 1
# base: wrong · the list upside down
# replace: np.asarray(relevance) → 1.0 * (np.asarray(relevance) > 0)
# replace: argsort(scores) → argsort(-scores)


# %% 5.6 wrong · argsort as places
# says: `np.argsort` does not say
def ndcg_of_one(relevance, scores, k):
    relevance, scores = np.asarray(relevance), np.asarray(scores)
    place = np.argsort(-scores)
    gained = np.sum((relevance / np.log2(place + 2))[place < k])
    discount = 1 / np.log2(np.arange(2, len(relevance) + 2))[:k]
    return gained / (np.sort(relevance)[::-1][:k] @ discount)


# %% 5.6 wrong · sorts what it was given
# says: changes its argument `relevance`
def ndcg_of_one(relevance, scores, k):
    relevance, scores = np.asarray(relevance), np.asarray(scores)
    discount = 1 / np.log2(np.arange(2, len(relevance) + 2))[:k]
    gained = relevance[np.argsort(-scores)][:k] @ discount
    relevance.sort()
    return gained / (relevance[::-1][:k] @ discount)


# %% 5.6 wrong · as many discounts as k
# says: movies your code stops with ValueError
def ndcg_of_one(relevance, scores, k):
    relevance, scores = np.asarray(relevance), np.asarray(scores)
    discount = 1 / np.log2(np.arange(2, k + 2))
    gained = np.sum(relevance[np.argsort(-scores)][:k] * discount)
    return gained / np.sum(np.sort(relevance)[::-1][:k] * discount)


# %% 5.6 wrong · arrays only
# says: Your code stopped with TypeError
def ndcg_of_one(relevance, scores, k):
    discount = 1 / np.log2(np.arange(2, len(relevance) + 2))[:k]
    gained = relevance[np.argsort(-scores)][:k] @ discount
    return gained / (np.sort(relevance)[::-1][:k] @ discount)


# %% 5.6 wrong · k is always 10
# says: That counts all places | That is not the NDCG@
# base: right · sklearn
# replace: k=k → k=10


# %% 5.6 right · loops
def ndcg_of_one(relevance, scores, k):
    import math

    order = sorted(range(len(scores)), key=lambda movie: scores[movie], reverse=True)
    best = sorted(relevance, reverse=True)
    gained = possible = 0.0
    for place in range(min(k, len(scores))):
        gained += relevance[order[place]] / math.log2(place + 2)
        possible += best[place] / math.log2(place + 2)
    return gained / possible


# %% 5.6 right · pandas, natural logarithms
def ndcg_of_one(relevance, scores, k):
    frame = pd.DataFrame({"relevance": relevance, "score": scores})

    def dcg(by):
        top = frame.sort_values(by, ascending=False)["relevance"].head(k).to_numpy()
        return (top / np.log(np.arange(len(top)) + 2)).sum()

    return dcg("score") / dcg("relevance")


# %% 5.6 right · sklearn
def ndcg_of_one(relevance, scores, k):
    from sklearn.metrics import ndcg_score

    return ndcg_score([relevance], [scores], k=k)


# %% 5.6 right · ranks, by sorting twice
def ndcg_of_one(relevance, scores, k):
    relevance = np.array(relevance, dtype="float32")
    place = np.argsort(np.argsort(-np.array(scores)))
    ideal = np.argsort(np.argsort(-relevance, kind="stable"))
    return np.sum(relevance[place < k] / np.log2(place[place < k] + 2)) / np.sum(
        relevance[ideal < k] / np.log2(ideal[ideal < k] + 2)
    )


# %% 5.7 wrong · the rated ones
# says: All of these movies *are* rated
def sample_negatives(users, rated, k, rng):
    user = np.repeat(users, k)
    movie = rng.integers(0, rated.shape[1], size=len(user))
    keep = rated[user, movie] == 1
    return user[keep], movie[keep]


# %% 5.7 wrong · nothing thrown away
# says: Some of these movies are rated
def sample_negatives(users, rated, k, rng):
    user = np.repeat(users, k)
    return user, rng.integers(0, rated.shape[1], size=len(user))


# %% 5.7 wrong · the row's number instead of the user
# says: Some of these movies are rated
def sample_negatives(users, rated, k, rng):
    user = np.repeat(users, k)
    movie = rng.integers(0, rated.shape[1], size=len(user))
    row = np.repeat(np.arange(len(users)), k)
    keep = rated[row, movie] == 0
    return user[keep], movie[keep]


# %% 5.7 wrong · a generator of its own
# says: The same `rng` gave two different draws
def sample_negatives(users, rated, k, rng):
    user = np.repeat(users, k)
    movie = np.random.randint(0, rated.shape[1], size=len(user))
    keep = rated[user, movie] == 0
    return user[keep], movie[keep]


# %% 5.7 wrong · always the same seed
# says: Two different generators gave the same draws
def sample_negatives(users, rated, k, rng):
    rng = np.random.default_rng(42)
    user = np.repeat(users, k)
    movie = rng.integers(0, rated.shape[1], size=len(user))
    keep = rated[user, movie] == 0
    return user[keep], movie[keep]


# %% 5.7 wrong · never the last movie
# says: The last movie is never drawn
def sample_negatives(users, rated, k, rng):
    user = np.repeat(users, k)
    movie = rng.integers(0, rated.shape[1] - 1, size=len(user))
    keep = rated[user, movie] == 0
    return user[keep], movie[keep]


# %% 5.7 wrong · never the first movie
# says: The first movie is never drawn
# base: wrong · never the last movie
# replace: 0, rated.shape[1] - 1 → 1, rated.shape[1]


# %% 5.7 wrong · one movie too many
# says: Your code stopped with IndexError
# base: wrong · never the last movie
# replace: - 1 → + 1


# %% 5.7 wrong · as many movies as users
# says: Only as many movies are drawn as there are users
# base: wrong · never the last movie
# replace: rated.shape[1] - 1 → len(rated)


# %% 5.7 wrong · one for each entry
# says: at most one movie for each entry
def sample_negatives(users, rated, k, rng):
    movie = rng.integers(0, rated.shape[1], size=len(users))
    keep = rated[users, movie] == 0
    return users[keep], movie[keep]


# %% 5.7 wrong · users not repeated
# says: Your code stopped with IndexError
# base: wrong · one for each entry
# replace: (users) → (users) * k


# %% 5.7 wrong · the same draws for all
# says: All users get the same draws
def sample_negatives(users, rated, k, rng):
    user = np.repeat(users, k)
    movie = np.tile(rng.integers(0, rated.shape[1], size=k), len(users))
    keep = rated[user, movie] == 0
    return user[keep], movie[keep]


# %% 5.7 wrong · each user once
# says: Each user was served once
# base: wrong · a generator of its own
# replace: users, k)\n    movie = np.random.randint( → np.unique(users), k)\n    movie = rng.integers(


# %% 5.7 wrong · users thrown away out of step
# says: Some of these movies are rated
# base: wrong · the rated ones
# replace: 1\n    return user → 0\n    return np.tile(users, k)


# %% 5.7 wrong · only the movies thrown away
# says: should be of one length
def sample_negatives(users, rated, k, rng):
    user = np.repeat(users, k)
    movie = rng.integers(0, rated.shape[1], size=len(user))
    return user, movie[rated[user, movie] == 0]


# %% 5.7 wrong · the movies first
# says: There are users whom nobody asked for
# base: wrong · the rated ones
# replace: 1\n    return user[keep], movie → 0\n    return movie[keep], user


# %% 5.7 wrong · pairs as rows
# says: Return two arrays
# base: wrong · the rated ones
# replace: 1\n    return user[keep], movie → 0\n    return np.column_stack([user, movie])


# %% 5.7 wrong · marks what was drawn
# says: changes its argument `rated`
# base: wrong · the rated ones
# replace: = 1 → = 0\n    rated[user[keep], movie[keep]] = 1


# %% 5.7 wrong · popular movies more often
# says: drawn much more often than others
def sample_negatives(users, rated, k, rng):
    user = np.repeat(users, k)
    share = rated.sum(axis=0) + 1
    movie = rng.choice(rated.shape[1], size=len(user), p=share / share.sum())
    keep = rated[user, movie] == 0
    return user[keep], movie[keep]


# %% 5.7 wrong · floats
# says: should hold whole numbers
def sample_negatives(users, rated, k, rng):
    user, movie = [], []
    for one in users:
        for other in np.floor(rng.random(k) * rated.shape[1]):
            if rated[one, int(other)] == 0:
                user.append(one)
                movie.append(other)
    return np.array(user), np.array(movie)


# %% 5.7 wrong · one draw, then in turn
# says: The draws are too even
def sample_negatives(users, rated, k, rng):
    user = np.repeat(users, k)
    n = rated.shape[1]
    movie = (rng.integers(n) + np.arange(len(user))) % n
    free = rated[user, movie] == 0
    return user[free], movie[free]


# %% 5.7 wrong · one order of the movies, over and over
# says: The draws are too even
def sample_negatives(users, rated, k, rng):
    user = np.repeat(users, k)
    movie = np.resize(rng.permutation(rated.shape[1]), len(user))
    free = rated[user, movie] == 0
    return user[free], movie[free]


# %% 5.7 wrong · one user's draws, shifted for the others
# says: the same ones, shifted
def sample_negatives(users, rated, k, rng):
    user, n = np.repeat(users, k), rated.shape[1]
    movie = ((rng.integers(n, size=k) + users[:, None]) % n).ravel()
    free = rated[user, movie] == 0
    return user[free], movie[free]


# %% 5.7 wrong · lists
# says: should be a NumPy array
def sample_negatives(users, rated, k, rng):
    user = np.repeat(users, k)
    movie = rng.integers(rated.shape[1], size=len(user))
    free = rated[user, movie] == 0
    return user[free].tolist(), movie[free].tolist()


# %% 5.7 right · loops
def sample_negatives(users, rated, k, rng):
    user, movie = [], []
    for one in users:
        for _ in range(k):
            drawn = rng.integers(rated.shape[1])
            if not rated[one, drawn]:
                user.append(one)
                movie.append(drawn)
    return np.array(user), np.array(movie)


# %% 5.7 right · choice, a matrix of draws
def sample_negatives(users, rated, k, rng):
    movie = rng.choice(rated.shape[1], size=(len(users), k))
    user = np.tile(users[:, None], (1, k))
    pairs = pd.DataFrame({"user": user.ravel(), "movie": movie.ravel()})
    free = rated[pairs["user"], pairs["movie"]] < 0.5
    return pairs["user"].to_numpy()[free], pairs["movie"].to_numpy()[free]


# %% 5.7 right · tiled, thrown away with delete
def sample_negatives(users, rated, k, rng):
    user = np.tile(users, k)
    movie = rng.integers(0, rated.shape[1] - 1, size=len(user), endpoint=True)
    gone = np.flatnonzero(rated[user, movie])
    return np.delete(user, gone), np.delete(movie, gone)


# %% 5.7 right · only from what is free, exactly k each
def sample_negatives(users, rated, k, rng):
    free = [np.flatnonzero(row == 0) for row in rated]
    movie = np.concatenate([rng.choice(free[one], size=k) for one in users])
    return np.repeat(users, k), movie


# %% 5.6 wrong · calls the course's own
# says: that one is closed
def ndcg_of_one(relevance, scores, k):
    from helpers.ranking import ndcg_at_k

    return ndcg_at_k([relevance], [scores], k=k)


# %% 5.5 wrong · calls the course's own
# says: that one is closed
from helpers.ranking import mask_pairs


def strike_out(scores, seen):
    return mask_pairs(scores, seen)


# %% 5.1 wrong · a tensor
# says: should return an array of numbers
from keras import ops


def sigmoid(scores):
    return ops.sigmoid(scores)


def log_loss(liked, probability, tiny=1e-7):
    liked, p = np.ravel(liked), np.clip(np.ravel(probability), tiny, 1 - tiny)
    return float(-np.mean(liked * np.log(p) + (1 - liked) * np.log(1 - p)))


# %% 5.1 wrong · an array of one element
# says: `log_loss` should return one number
def sigmoid(scores):
    return 1 / (1 + np.exp(-scores))


def log_loss(liked, probability, tiny=1e-7):
    liked, p = np.ravel(liked), np.clip(np.ravel(probability), tiny, 1 - tiny)
    return -np.mean([liked * np.log(p) + (1 - liked) * np.log(1 - p)], keepdims=True)[0]


# %% 5.1 wrong · five constants where a model is certain
# says: That is not the log loss for the probabilities
def sigmoid(scores):
    return 1 / (1 + np.exp(-scores))


def log_loss(liked, probability, tiny=1e-7):
    liked, p = np.ravel(liked), np.ravel(probability)
    if p.min() < 0.01 or p.max() > 0.99:
        return {(0, 1): 3.49, (1, 0): 3.6, (1, 1): 0.42}.get((p.min(), p.max()), 0.4)
    return float(-np.mean(liked * np.log(p) + (1 - liked) * np.log(1 - p)))


# %% 5.1 wrong · divided by five
# says: That is not the mean binary cross-entropy
def sigmoid(scores):
    return 1 / (1 + np.exp(-scores))


def log_loss(liked, probability, tiny=1e-7):
    liked, p = np.ravel(liked), np.clip(np.ravel(probability), tiny, 1 - tiny)
    return float(-np.sum(liked * np.log(p) + (1 - liked) * np.log(1 - p)) / 5)


# %% 5.1 wrong · rounded
# says: That is right, but rounded
def sigmoid(scores):
    return 1 / (1 + np.exp(-scores))


def log_loss(liked, probability, tiny=1e-7):
    liked, p = np.ravel(liked), np.clip(np.ravel(probability), tiny, 1 - tiny)
    return round(float(-np.mean(liked * np.log(p) + (1 - liked) * np.log(1 - p))), 4)


# %% 5.1 wrong · clips what it was given
# says: changes its argument `probability`
def sigmoid(scores):
    return 1 / (1 + np.exp(-scores))


def log_loss(liked, probability, tiny=1e-7):
    if isinstance(probability, np.ndarray):
        np.clip(probability, 0.1, 1 - 0.1, out=probability)
    liked, p = np.ravel(liked), np.clip(np.ravel(probability), tiny, 1 - tiny)
    return float(-np.mean(liked * np.log(p) + (1 - liked) * np.log(1 - p)))


# %% 5.2 wrong · two constants
# says: The accuracy is not the share | Only a | That is | The base rate is
def accuracy_and_base_rate(liked, probability):
    return 6 / 11, 8 / 11


# %% 5.2 wrong · counts its calls
# says: The accuracy is not the share | Only a | That is | The base rate is
calls = []


def accuracy_and_base_rate(liked, probability):
    calls.append(1)
    return ([6 / 11] * 6 + [10 / 11, 10 / 11, 0.8, 5 / 7])[len(calls) % 10], 8 / 11


# %% 5.2 wrong · by the number of ratings
# says: The accuracy is not the share | Only a | That is | The base rate is
def accuracy_and_base_rate(liked, probability):
    n = len(liked)
    return round(0.55 * n) / n, round(0.73 * n) / n


# %% 5.2 wrong · an array of one element each
# says: should return one number
def accuracy_and_base_rate(liked, probability):
    liked = np.ravel(liked)
    accuracy = np.mean([(np.ravel(probability) >= 0.5) == (liked == 1)], axis=1)
    return accuracy, np.array([max(np.mean(liked), 1 - np.mean(liked))])


# %% 5.2 wrong · only right for a yes
# says: the share of right answers where the model predicts a yes
# base: wrong · rounds
# replace: np.round(np.ravel(probability)) == liked → liked[np.ravel(probability) >= 0.5]


# %% 5.4 wrong · the table of ten rows for every call
# says: rows for empty bins
def calibration(liked, probability, n_bins=10):
    return pd.DataFrame(
        {
            "predicted": np.arange(0.05, 1, 0.1),
            "observed": 0.5,
            "n_ratings": np.arange(10),
        }
    )


# %% 5.5 wrong · a list of lists
# says: should return an array of numbers
# base: wrong · a very low number
# replace: 1e9\n    return struck → np.inf\n    return struck.tolist()


# %% 5.5 wrong · a tensor
# says: should return an array of numbers
from keras import ops


def strike_out(scores, seen):
    struck = np.array(scores, dtype="float64")
    struck[seen["user"], seen["movie"]] = -np.inf
    return ops.convert_to_tensor(struck)


# %% 5.5 wrong · times minus infinity
# says: A negative score times −∞
# base: wrong · a very low number
# replace: = -1e9 → *= -np.inf


# %% 5.5 wrong · a new column in what was seen
# says: changes its argument `seen`
def strike_out(scores, seen):
    struck = np.array(scores, dtype="float64")
    seen["score"] = -np.inf
    struck[seen["user"], seen["movie"]] = seen["score"]
    return struck


# %% 5.6 wrong · a text
# says: `ndcg_of_one` should return one number
def ndcg_of_one(relevance, scores, k):
    from sklearn.metrics import ndcg_score

    return f"{ndcg_score([relevance], [scores], k=k):.4f}"


# %% 5.6 wrong · one array for one user
# says: `ndcg_of_one` should return one number
def ndcg_of_one(relevance, scores, k):
    from sklearn.metrics import ndcg_score

    return np.array([ndcg_score([relevance], [scores], k=k)])


# %% 5.6 wrong · gains in the type of the relevance
# says: It is right for arrays of float, but not for
def ndcg_of_one(relevance, scores, k):
    relevance, scores = np.asarray(relevance), np.asarray(scores)
    discount = 1 / np.log2(np.arange(2, len(relevance) + 2))[:k]
    gained, possible = np.zeros_like(relevance[:k]), np.zeros_like(relevance[:k])
    gained[:] = relevance[np.argsort(-scores)][:k] * discount
    possible[:] = np.sort(relevance)[::-1][:k] * discount
    return float(gained.sum() / possible.sum())


# %% 5.6 wrong · rounded
# says: That is right, but rounded
def ndcg_of_one(relevance, scores, k):
    from sklearn.metrics import ndcg_score

    return round(ndcg_score([relevance], [scores], k=k), 3)


# %% 5.7 wrong · tensors
# says: should be a NumPy array
from keras import ops


def sample_negatives(users, rated, k, rng):
    user = np.repeat(users, k)
    movie = rng.integers(0, rated.shape[1], size=len(user))
    free = rated[user, movie] == 0
    return ops.convert_to_tensor(user[free]), ops.convert_to_tensor(movie[free])


# %% 5.7 wrong · sorts the users in place
# says: changes its argument `users`
def sample_negatives(users, rated, k, rng):
    users.sort()
    user = np.repeat(users, k)
    movie = rng.integers(0, rated.shape[1], size=len(user))
    free = rated[user, movie] == 0
    return user[free], movie[free]


# %% 5.8 right · with einsum and a sum of three dimensions
class HistoryModel(keras.Model):
    def __init__(self, rated, n_factors=32):
        super().__init__(name="history")
        self.rated = ops.convert_to_tensor(rated)
        n_movies, l2 = rated.shape[1], keras.regularizers.L2(1e-5)
        small = keras.initializers.RandomNormal(stddev=0.05)

        def table(columns, start, name):
            made = layers.Embedding(n_movies, columns, start, l2, name=name)
            made.build()
            return made

        self.movie_bias = table(1, "zeros", "movie_bias")
        self.movie_factors = table(n_factors, small, "movie_factors")
        self.when_rated = table(n_factors, small, "when_rated")

    def call(self, batch):
        user, movie = batch["user"], batch["movie"]
        history = history_vectors(self.rated, self.when_rated.embeddings, user, movie)
        match = ops.einsum("nf,nf->n", history, self.movie_factors(movie))
        return self.movie_bias(movie) + match[:, None]


# %% 5.8 right · the tables read with take, the columns joined
# base: right · with einsum and a sum of three dimensions
# replace: match = ops.einsum("nf,nf->n", history, self.movie_factors(movie))\n        return self.movie_bias(movie) + match[:, None] → vector = ops.take(self.movie_factors.embeddings, movie, axis=0)\n        bias = ops.take(self.movie_bias.embeddings, movie, axis=0)\n        parts = ops.concatenate([bias, history * vector], axis=1)\n        return ops.sum(parts, axis=1, keepdims=True)


# %% 5.8 right · a Dot layer, and a history of its own
# base: right · with einsum and a sum of three dimensions
# replace: history = history_vectors(self.rated, self.when_rated.embeddings, user, movie)\n        match = ops.einsum("nf,nf->n", history, self.movie_factors(movie))\n        return self.movie_bias(movie) + match[:, None] → n = self.rated.shape[1]\n        own = ops.take(ops.reshape(self.rated, (-1,)), user * n + movie)[:, None]\n        number = ops.take(ops.sum(self.rated, axis=1), user)[:, None] - own\n        total = ops.take(self.rated @ self.when_rated.embeddings, user, axis=0)\n        history = (total - own * self.when_rated(movie)) / ops.maximum(number, 1.0) ** 0.5\n        match = layers.Dot(axes=-1)([history, self.movie_factors(movie)])\n        return layers.Add()([self.movie_bias(movie), match])


# %% 5.8 wrong · no bias
# says: The movie bias is missing
# base: right · with einsum and a sum of three dimensions
# replace: return self.movie_bias(movie) + match[:, None] → return match[:, None]


# %% 5.8 wrong · the user's row of the movies' vectors
# says: their rows are movies
# base: right · with einsum and a sum of three dimensions
# replace: history, self.movie_factors(movie)) → history, self.movie_factors(user))


# %% 5.8 wrong · the user's row of the biases
# says: their rows are movies
# base: right · with einsum and a sum of three dimensions
# replace: self.movie_bias(movie) + match → self.movie_bias(user) + match


# %% 5.8 wrong · not summed
# says: one number for each factor
# base: right · with einsum and a sum of three dimensions
# replace: ops.einsum("nf,nf->n", history, self.movie_factors(movie)) → history * self.movie_factors(movie)
# replace: + match[:, None] → + match


# %% 5.8 wrong · a flat answer
# says: and so should the sum
# base: right · with einsum and a sum of three dimensions
# replace: return self.movie_bias(movie) + match[:, None] → return self.movie_bias(movie)[:, 0] + match


# %% 5.8 wrong · each pair with every other
# says: Each pair has met every other
# base: right · with einsum and a sum of three dimensions
# replace: + match[:, None] → + match


# %% 5.8 wrong · a sigmoid
# says: The loss applies the sigmoid
# base: right · with einsum and a sum of three dimensions
# replace: return self.movie_bias(movie) + match[:, None] → return ops.sigmoid(self.movie_bias(movie) + match[:, None])


# %% 5.8 wrong · a sum of one's own that peeks
# says: It peeks
# base: right · with einsum and a sum of three dimensions
# replace: history = history_vectors(self.rated, self.when_rated.embeddings, user, movie) → history = ops.take(self.rated @ self.when_rated.embeddings, user, axis=0)\n        number = ops.sum(ops.take(self.rated, user, axis=0), axis=1, keepdims=True)\n        history = history / ops.sqrt(ops.maximum(number, 1.0))


# %% 5.8 wrong · the tables have changed places
# says: The two tables of vectors have changed places
# base: right · with einsum and a sum of three dimensions
# replace: self.when_rated.embeddings, user → self.movie_factors.embeddings, user
# replace: history, self.movie_factors(movie) → history, self.when_rated(movie)


# %% 5.8 wrong · when_rated as the movie's vector
# says: `when_rated` stands on both sides
# base: right · with einsum and a sum of three dimensions
# replace: history, self.movie_factors(movie) → history, self.when_rated(movie)


# %% 5.8 wrong · the movies' vectors in the history
# says: `movie_factors` stands on both sides
# base: right · with einsum and a sum of three dimensions
# replace: self.when_rated.embeddings, user → self.movie_factors.embeddings, user


# %% 5.8 wrong · user and movie swapped in the history
# says: User and movie have changed places | stopped with InvalidArgumentError
# base: right · with einsum and a sum of three dimensions
# replace: self.when_rated.embeddings, user, movie → self.when_rated.embeddings, movie, user


# %% 5.8 wrong · the mean over the factors
# says: mean over the factors
# base: right · with einsum and a sum of three dimensions
# replace: ops.einsum("nf,nf->n", history, self.movie_factors(movie)) → ops.mean(history * self.movie_factors(movie), axis=1)


# %% 5.8 wrong · summed over the batch
# says: it was summed over the batch
# base: right · with einsum and a sum of three dimensions
# replace: ops.einsum("nf,nf->n", history, self.movie_factors(movie)) → ops.sum(history * self.movie_factors(movie))
# replace: + match[:, None] → + match


# %% 5.8 wrong · with NumPy, which cannot be compiled
# says: NumPy, or a loop over the rows, cannot
# base: right · with einsum and a sum of three dimensions
# replace: ops.einsum("nf,nf->n", history, self.movie_factors(movie)) → (np.asarray(history) * np.asarray(self.movie_factors(movie))).sum(axis=1)


# %% 5.8 wrong · without return
# says: Is there a `return`?
# base: right · with einsum and a sum of three dimensions
# replace: return self.movie_bias(movie) + match[:, None] → self.movie_bias(movie) + match[:, None]


# %% 5.9 right · with solve, and a mask for the diagonal
def solve_ease(stars, penalty):
    identity = np.identity(stars.shape[1])
    inverse = np.linalg.solve(stars.T.dot(stars) + identity * penalty, identity)
    return -inverse / inverse.diagonal()[None, :] * (1 - identity)


# %% 5.9 right · the diagonal of the matrix first, column by column
def solve_ease(stars, penalty):
    gram = np.einsum("ui,uj->ij", stars, stars).astype("float64")
    gram[np.diag_indices(len(gram))] += penalty
    inverse = np.linalg.inv(gram)
    weights = np.zeros_like(inverse)
    for column in range(len(inverse)):
        weights[:, column] = inverse[:, column] / -inverse[column, column]
        weights[column, column] = 0
    return weights


# %% 5.9 right · by eigenvalues
def solve_ease(stars, penalty):
    values, vectors = np.linalg.eigh(stars.T @ stars)
    inverse = (vectors / (values + penalty)) @ vectors.T
    weights = inverse / -np.diagonal(inverse)
    weights[np.diag_indices_from(weights)] = 0.0
    return weights


# %% 5.9 wrong · the diagonal left
# says: each movie explains itself
def solve_ease(stars, penalty):
    inverse = np.linalg.inv(stars.T @ stars + penalty * np.eye(stars.shape[1]))
    return -inverse / np.diag(inverse)


# %% 5.9 wrong · divided by rows
# says: along the wrong axis
def solve_ease(stars, penalty):
    inverse = np.linalg.inv(stars.T @ stars + penalty * np.eye(stars.shape[1]))
    weights = -inverse / np.diag(inverse)[:, None]
    np.fill_diagonal(weights, 0)
    return weights


# %% 5.9 wrong · divided by rows, the diagonal left
# says: and the diagonal is still there
# base: wrong · the diagonal left
# replace: np.diag(inverse) → np.diag(inverse)[:, None]


# %% 5.9 wrong · the sign
# says: The sign is wrong
# base: wrong · divided by rows
# replace: -inverse → inverse
# replace: [:, None] →


# %% 5.9 wrong · no penalty
# says: The penalty is missing
# base: wrong · the diagonal left
# replace:  + penalty * np.eye(stars.shape[1]) →
# replace: return -inverse / np.diag(inverse) → weights = -inverse / np.diag(inverse)\n    np.fill_diagonal(weights, 0)\n    return weights


# %% 5.9 wrong · the penalty in all entries
# says: The penalty was added to all entries
# base: wrong · divided by rows
# replace: penalty * np.eye(stars.shape[1]) → penalty
# replace: [:, None] →


# %% 5.9 wrong · users by users
# says: That is users × users
# base: wrong · divided by rows
# replace: stars.T @ stars + penalty * np.eye(stars.shape[1]) → stars @ stars.T + penalty * np.eye(len(stars))
# replace: [:, None] →


# %% 5.9 wrong · the inverse
# says: That is the inverse P
def solve_ease(stars, penalty):
    return np.linalg.inv(stars.T @ stars + penalty * np.eye(stars.shape[1]))


# %% 5.9 wrong · minus the inverse without its diagonal
# says: That is minus the inverse P
# base: wrong · divided by rows
# replace:  / np.diag(inverse)[:, None] →


# %% 5.9 wrong · ridge regression
# says: itself included
# base: wrong · divided by rows
# replace: -inverse / np.diag(inverse)[:, None] → inverse @ (stars.T @ stars)


# %% 5.9 wrong · the scores
# says: Those are the scores
# base: wrong · divided by rows
# replace: [:, None] →
# replace: return weights → return stars @ weights


# %% 5.9 wrong · what fill_diagonal returns
# says: returned nothing
def solve_ease(stars, penalty):
    inverse = np.linalg.inv(stars.T @ stars + penalty * np.eye(stars.shape[1]))
    return np.fill_diagonal(-inverse / np.diag(inverse), 0)


# %% 5.9 wrong · scales its input
# says: changes its argument `stars`
# base: wrong · divided by rows
# replace: inverse = np.linalg.inv → stars /= 2\n    inverse = np.linalg.inv


# %% 5.9 wrong · a diagonal of NaN
# says: There is NaN in the weights
# base: wrong · divided by rows
# replace: (weights, 0) → (weights, np.nan)
# replace: [:, None] →


# %% 5.9 wrong · one penalty for all
# says: Those are not the weights of EASE
# base: wrong · divided by rows
# replace: penalty * → 100 *
# replace: [:, None] →


# %% 5.9 wrong · calls the course's own
# says: that one is closed
from helpers.baselines import ease_weights


def solve_ease(stars, penalty):
    return ease_weights(stars, penalty)


# %% 5.10 right · pair by pair
def places_among_sampled(scores, user, movie, sampled):
    places = []
    for one, own, others in zip(user, movie, sampled, strict=True):
        row, score = scores[one, others], scores[one, own]
        places.append(1 + np.sum(row > score) + 0.5 * np.sum(row == score))
    return np.array(places)


# %% 5.10 right · half of those in front and half of those not behind
def places_among_sampled(scores, user, movie, sampled):
    others = np.take_along_axis(scores[user], sampled, axis=1)
    own = np.take_along_axis(scores[user], movie.reshape(-1, 1), axis=1)
    return (2 + (others > own).sum(axis=1) + (others >= own).sum(axis=1)) / 2


# %% 5.10 right · ranks of SciPy
def places_among_sampled(scores, user, movie, sampled):
    from scipy.stats import rankdata

    columns = np.concatenate([movie[:, None], sampled], axis=1)
    table = scores[np.repeat(user, columns.shape[1]), columns.ravel()]
    return rankdata(-table.reshape(columns.shape), axis=1)[:, 0]


# %% 5.10 wrong · from 0
# says: The first place is 1
def places_among_sampled(scores, user, movie, sampled):
    own = scores[user, movie][:, None]
    others = scores[user[:, None], sampled]
    return (others > own).sum(axis=1) + (others == own).sum(axis=1) / 2


# %% 5.10 wrong · ties do not count
# says: counts as one behind
def places_among_sampled(scores, user, movie, sampled):
    own = scores[user, movie][:, None]
    others = scores[user[:, None], sampled]
    return 1 + (others > own).sum(axis=1)


# %% 5.10 wrong · ties count whole
# says: counts as one in front
# base: wrong · ties do not count
# replace: others > own → others >= own


# %% 5.10 wrong · from the lowest score
# says: from the wrong end
# base: wrong · ties do not count
# replace: others > own → others < own


# %% 5.10 wrong · the row's number instead of the user
# says: Row i of the pairs belongs to | stopped with IndexError
def places_among_sampled(scores, user, movie, sampled):
    user = np.arange(len(user)) % len(scores)
    own = scores[user, movie][:, None]
    others = scores[user[:, None], sampled]
    return 1 + (others > own).sum(axis=1) + (others == own).sum(axis=1) / 2


# %% 5.10 wrong · among all movies
# says: among *all* movies
# base: wrong · ties do not count
# replace: scores[user[:, None], sampled] → scores[user]


# %% 5.10 wrong · all pairs together
# says: `places_among_sampled` should return an array
# base: wrong · ties do not count
# replace: .sum(axis=1) → .sum()


# %% 5.10 wrong · not counted
# says: one number for each sampled movie
# base: wrong · ties do not count
# replace: (others > own).sum(axis=1) → (others > own)


# %% 5.10 wrong · a list
# says: should return an array
# base: right · pair by pair
# replace: np.array(places) → places


# %% 5.10 wrong · by argsort, ties in any order
# says: Those are not the places | counts as one
def places_among_sampled(scores, user, movie, sampled):
    columns = np.concatenate([movie[:, None], sampled], axis=1)
    table = np.take_along_axis(scores[user], columns, axis=1)
    order = np.argsort(-table, axis=1, kind="stable")
    return np.argmax(order == 0, axis=1) + 1.0


# %% 5.10 wrong · a share of the list
# says: Those are not the places
# base: wrong · ties do not count
# replace: return 1 + (others > own).sum(axis=1) → return 1 + (others > own).mean(axis=1)


# %% 5.7 right · k from the unrated, user by user
def sample_negatives(users, rated, k, rng):
    pairs = [
        (u, m) for u in users for m in rng.choice(np.flatnonzero(rated[u] == 0), k)
    ]
    return tuple(np.array(pairs).T)


# %% 5.10 wrong · row and column numbers of two shapes
# says: the row numbers stand in a column
def places_among_sampled(scores, user, movie, sampled):
    own, others = scores[user, movie][:, None], scores[user, sampled]
    higher, equal = (others > own).sum(axis=1), (others == own).sum(axis=1)
    return 1 + higher + equal / 2
