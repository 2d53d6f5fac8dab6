# Lesson 06. The form of this file is explained in tests/support/student_answers.py.


# %% 6.1 wrong · the dot product
# says: That is the dot product
def cosine(a, b):
    return a @ b


# %% 6.1 wrong · squared lengths
# says: the *squares* of the lengths
def cosine(a, b):
    return (a @ b) / (np.sum(a**2) * np.sum(b**2))


# %% 6.1 wrong · one length
# says: by the length of `a` only
def cosine(a, b):
    return (a @ b) / np.linalg.norm(a)


# %% 6.1 wrong · brackets forgotten
# says: Brackets
def cosine(a, b):
    return (a @ b) / np.linalg.norm(a) * np.linalg.norm(b)


# %% 6.1 wrong · the distance
# says: That is the cosine *distance*
def cosine(a, b):
    return 1 - (a @ b) / (np.linalg.norm(a) * np.linalg.norm(b))


# %% 6.1 wrong · the correlation
# says: That is the correlation
def cosine(a, b):
    return np.corrcoef(a, b)[0, 1]


# %% 6.1 wrong · minus the size
# says: The sign is the wrong way round
def cosine(a, b):
    return -abs(a @ b) / (np.linalg.norm(a) * np.linalg.norm(b))


# %% 6.1 wrong · the size only
# says: The sign is lost
def cosine(a, b):
    return abs(a @ b) / (np.linalg.norm(a) * np.linalg.norm(b))


# %% 6.1 wrong · a small number below the line
# says: For long vectors that is right
def cosine(a, b):
    return (a @ b) / (np.linalg.norm(a) * np.linalg.norm(b) + 1e-8)


# %% 6.1 wrong · a small number on each length
# says: For long vectors that is right
def cosine(a, b):
    return (a @ b) / (np.linalg.norm(a) + 1e-12) / (np.linalg.norm(b) + 1e-12)


# %% 6.1 wrong · at least a small number
# says: For long vectors that is right
def cosine(a, b):
    return (a @ b) / max(np.linalg.norm(a) * np.linalg.norm(b), 1e-12)


# %% 6.1 wrong · Keras' normalisation
# says: For long vectors that is right | should return one number
def cosine(a, b):
    import keras

    a, b = keras.ops.normalize(a), keras.ops.normalize(b)
    return float(keras.ops.sum(a * b))


# %% 6.1 wrong · two decimals
# says: That is right, but rounded
def cosine(a, b):
    return round((a @ b) / (np.linalg.norm(a) * np.linalg.norm(b)), 2)


# %% 6.1 wrong · element by element
# says: should return one number
def cosine(a, b):
    return a * b / (np.linalg.norm(a) * np.linalg.norm(b))


# %% 6.1 wrong · in place
# says: changes its argument `a`
def cosine(a, b):
    a /= np.linalg.norm(a)
    b /= np.linalg.norm(b)
    return a @ b


# %% 6.1 right · a loop
def cosine(a, b):
    dot = sum(x * y for x, y in zip(a, b))
    return dot / (sum(x * x for x in a) ** 0.5 * sum(y * y for y in b) ** 0.5)


# %% 6.1 wrong · sklearn, shape (1, 1)
# says: should return one number
def cosine(a, b):
    from sklearn.metrics.pairwise import cosine_similarity

    return cosine_similarity([a], [b])


# %% 6.1 right · sklearn, its only number
def cosine(a, b):
    from sklearn.metrics.pairwise import cosine_similarity

    return cosine_similarity([a], [b])[0, 0]


# %% 6.1 right · float32 and unit vectors
def cosine(a, b):
    a, b = np.float32(a), np.float32(b)
    return float(np.dot(a / np.sqrt(a.dot(a)), b / np.sqrt(b.dot(b))))


# %% 6.2 wrong · dot products
# says: Those are dot products
def cosines_with(row, table):
    return table @ table[row]


# %% 6.2 wrong · the row keeps its length
# says: The length of the row itself
def cosines_with(row, table):
    unit = table / np.linalg.norm(table, axis=1, keepdims=True)
    return unit @ table[row]


# %% 6.2 wrong · the others keep their lengths
# says: but not by those of the others
def cosines_with(row, table):
    return table @ table[row] / np.linalg.norm(table[row])


# %% 6.2 wrong · along the wrong axis
# says: those of the *columns*
def cosines_with(row, table):
    unit = table / np.linalg.norm(table, axis=0)
    return unit @ unit[row]


# %% 6.2 wrong · one length for all
# says: Without `axis`
# base: wrong · along the wrong axis
# replace: , axis=0 →


# %% 6.2 wrong · all with all
# says: every row with every row
def cosines_with(row, table):
    unit = table / np.linalg.norm(table, axis=1, keepdims=True)
    return unit @ unit.T


# %% 6.2 wrong · the row left out
# says: One cosine is missing
# base: wrong · all with all
# replace: return unit @ unit.T → return np.delete(unit @ unit[row], row)


# %% 6.2 wrong · its own is 0
# says: All are right but the row's own
def cosines_with(row, table):
    unit = table / np.linalg.norm(table, axis=1, keepdims=True)
    found = unit @ unit[row]
    found[row] = 0
    return found


# %% 6.2 wrong · keepdims forgotten
# says: Your code stopped with ValueError
# base: wrong · along the wrong axis
# replace: axis=0 → axis=1


# %% 6.2 wrong · in place
# says: changes its argument `table`
def cosines_with(row, table):
    table /= np.linalg.norm(table, axis=1, keepdims=True)
    return table @ table[row]


# %% 6.2 wrong · a matrix of one row
# says: in a matrix of one row
# base: right · sklearn
# replace: (table)[row] → (table[row : row + 1], table)


# %% 6.2 wrong · a list
# says: should return an array of numbers
def cosines_with(row, table):
    return [cosine(table[row], other) for other in table]


# %% 6.2 wrong · a tensor
# says: should return an array of numbers
def cosines_with(row, table):
    import keras

    unit = table / np.linalg.norm(table, axis=1, keepdims=True)
    return keras.ops.convert_to_tensor(unit @ unit[row])


# %% 6.2 wrong · a small number below the line
# says: For long vectors that is right
def cosines_with(row, table):
    length = np.linalg.norm(table, axis=1)
    return table @ table[row] / (length * length[row] + 1e-8)


# %% 6.2 wrong · a small number on each length
# says: For long vectors that is right
def cosines_with(row, table):
    unit = table / (np.linalg.norm(table, axis=1, keepdims=True) + 1e-12)
    return unit @ unit[row]


# %% 6.2 wrong · two decimals
# says: That is right, but rounded
# base: wrong · all with all
# replace: return unit @ unit.T → return (unit @ unit[row]).round(2)


# %% 6.2 wrong · always the first row
# says: with each row of the table
# base: wrong · all with all
# replace: return unit @ unit.T → return unit @ unit[0]


# %% 6.2 right · a loop over the function before
def cosines_with(row, table):
    return np.array([cosine(table[row], other) for other in table])


# %% 6.2 right · sklearn
def cosines_with(row, table):
    from sklearn.metrics.pairwise import cosine_similarity

    return cosine_similarity(table)[row]


# %% 6.2 right · einsum, divided at the end
def cosines_with(row, table):
    length = np.sqrt((table**2).sum(axis=1))
    return np.einsum("ij,j->i", table, table[row]) / (length * length[row])


# %% 6.3 wrong · itself on the list
# says: The movie itself is on its own list
def most_similar(row, table, movies, n=8, min_ratings=0):
    found = movies.assign(cosine=cosines_with(row, table))
    found = found[found["ratings"] >= min_ratings]
    return found.sort_values("cosine", ascending=False).head(n)


# %% 6.3 wrong · more than min_ratings
# says: A movie with exactly `min_ratings`
def most_similar(row, table, movies, n=8, min_ratings=0):
    found = movies.assign(cosine=cosines_with(row, table)).drop(index=row)
    found = found[found["ratings"] > min_ratings]
    return found.sort_values("cosine", ascending=False).head(n)


# %% 6.3 wrong · min_ratings ignored
# says: Movies with fewer than `min_ratings` are still there
def most_similar(row, table, movies, n=8, min_ratings=0):
    found = movies.assign(cosine=cosines_with(row, table)).drop(index=row)
    return found.sort_values("cosine", ascending=False).head(n)


# %% 6.3 wrong · cut before leaving out
# says: you cut the list first
def most_similar(row, table, movies, n=8, min_ratings=0):
    found = movies.assign(cosine=cosines_with(row, table)).drop(index=row)
    found = found.sort_values("cosine", ascending=False).head(n)
    return found[found["ratings"] >= min_ratings]


# %% 6.3 wrong · upwards
# says: the *least* similar
def most_similar(row, table, movies, n=8, min_ratings=0):
    found = movies.assign(cosine=cosines_with(row, table)).drop(index=row)
    found = found[found["ratings"] >= min_ratings]
    return found.sort_values("cosine").head(n)


# %% 6.3 wrong · the last of an upward sort
# says: in another order
# base: wrong · upwards
# replace: head → tail


# %% 6.3 wrong · the first of the list is taken for the movie
# says: it was taken for the movie itself
def most_similar(row, table, movies, n=8, min_ratings=0):
    order = np.argsort(-cosines_with(row, table).round(6), kind="stable")[1:]
    found = movies.assign(cosine=cosines_with(row, table)).loc[order]
    found = found[(found["ratings"] >= min_ratings) & (found.index != row)]
    return found.head(n)


# %% 6.3 wrong · a cosine of 1 is taken for the movie
# says: it was taken for the movie itself
# base: wrong · itself on the list
# replace: found["ratings"] >= min_ratings → (found["ratings"] >= min_ratings) & (found["cosine"] < 0.9999)


# %% 6.3 wrong · taken out by title
# says: Another movie of the same title
# base: wrong · upwards
# replace: .drop(index=row) → \n    found = found[found["title"] != movies.title[row]]
# replace: "cosine" → "cosine", ascending=False


# %% 6.3 wrong · two columns
# says: should come back whole
# base: wrong · upwards
# replace: sort_values("cosine").head(n) → nlargest(n, "cosine")[["title", "cosine"]]


# %% 6.3 wrong · a new column in the frame that was given
# says: changes its argument `movies`
def most_similar(row, table, movies, n=8, min_ratings=0):
    movies["cosine"] = cosines_with(row, table)
    found = movies.drop(index=row)
    found = found[found["ratings"] >= min_ratings]
    return found.sort_values("cosine", ascending=False).head(n)


# %% 6.3 wrong · dropped after it is gone
# says: Your code stopped with KeyError
# base: wrong · itself on the list
# replace: sort_values → drop(index=row).sort_values


# %% 6.3 wrong · dot products
# says: Other movies are closer
# base: wrong · itself on the list
# replace: cosines_with(row, table) → table @ table[row]).drop(index=row


# %% 6.3 wrong · always eight
# says: The list should have n movies
# base: wrong · upwards
# replace: ).head(n → , ascending=False).head(8


# %% 6.3 wrong · drops the first of the sorted list
# says: The first of the sorted list may be either
def most_similar(row, table, movies, n=8, min_ratings=0):
    found = movies.assign(cosine=cosines_with(row, table))
    found = found.sort_values("cosine", ascending=False)[1:]
    return found[found["ratings"] >= min_ratings].head(n)


# %% 6.3 wrong · drops the last of an upward order
# says: The first of the sorted list may be either
def most_similar(row, table, movies, n=8, min_ratings=0):
    order = np.argsort(cosines_with(row, table))[::-1][1:]
    found = movies.assign(cosine=cosines_with(row, table)).loc[order]
    return found[found["ratings"] >= min_ratings].head(n)


# %% 6.3 wrong · drops the row in place
# says: changes its argument `movies`
def most_similar(row, table, movies, n=8, min_ratings=0):
    found = movies.assign(cosine=cosines_with(row, table)).drop(index=row)
    movies.drop(index=row, inplace=True)
    found = found[found["ratings"] >= min_ratings]
    return found.sort_values("cosine", ascending=False).head(n)


# %% 6.3 wrong · a new column in the caller's frame
# says: changes its argument `movies`
def most_similar(row, table, movies, n=8, min_ratings=0):
    movies["cosine"] = cosines_with(row, table)
    found = movies.drop(index=row)
    found = found[found["ratings"] >= min_ratings]
    return found.sort_values("cosine", ascending=False).head(n)


# %% 6.3 wrong · some columns only
# says: is missing
def most_similar(row, table, movies, n=8, min_ratings=0):
    found = movies.assign(cosine=cosines_with(row, table)).drop(index=row)
    found = found[found["ratings"] >= min_ratings]
    found = found.sort_values("cosine", ascending=False).head(n)
    return found[["movie_id", "title", "year", "ratings", "cosine"]]


# %% 6.3 wrong · rounded
# says: That is right, but rounded
# base: wrong · upwards
# replace: ).head(n → , ascending=False).head(n).round(2


# %% 6.3 wrong · cosines above 0 only
# says: Movies with a cosine below 0 are left out
# base: wrong · more than min_ratings
# replace: found["ratings"] > min_ratings → (found["ratings"] >= min_ratings) & (found["cosine"] > 0)


# %% 6.3 wrong · at least one rating
# says: it has none, and `min_ratings` is 0
# base: wrong · more than min_ratings
# replace: > min_ratings → >= max(min_ratings, 1)


# %% 6.3 right · NumPy, a new index
def most_similar(row, table, movies, n=8, min_ratings=0):
    cosines = cosines_with(row, table)
    may = (movies["ratings"].to_numpy() >= min_ratings) & (np.arange(len(table)) != row)
    rows = np.flatnonzero(may)
    rows = rows[np.argsort(-cosines[rows])][:n]
    found = movies.iloc[rows].reset_index(drop=True)
    found.insert(0, "cosine", cosines[rows])
    return found


# %% 6.3 right · nlargest and a query
def most_similar(row, table, movies, n=8, min_ratings=0):
    found = movies.copy()
    found["cosine"] = cosines_with(row, table)
    found = found.query("ratings >= @min_ratings and index != @row")
    return found.nlargest(n, "cosine")


# %% 6.3 right · a loop
def most_similar(row, table, movies, n=8, min_ratings=0):
    import pandas as pd

    rows = []
    for other in range(len(movies)):
        if other == row or movies["ratings"][other] < min_ratings:
            continue
        rows.append({**movies.loc[other], "cosine": cosine(table[row], table[other])})
    rows.sort(key=lambda one: one["cosine"], reverse=True)
    return pd.DataFrame(rows[:n])


# %% 6.4 wrong · tested on what was fitted
# says: asked about the movies that it had been fitted on
def probe(vectors, label):
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    model.fit(vectors, label)
    return roc_auc_score(label, model.predict_proba(vectors)[:, 1])


# %% 6.4 wrong · yes or no instead of probabilities
# says: the AUC of a bare yes or no
def probe(vectors, label):
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    return roc_auc_score(label, cross_val_predict(model, vectors, label, cv=5))


# %% 6.4 wrong · the column of False
# says: That is upside down
def probe(vectors, label):
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    p = cross_val_predict(model, vectors, label, cv=5, method="predict_proba")
    return roc_auc_score(label, p[:, 0])


# %% 6.4 wrong · accuracy
# says: That is the accuracy
def probe(vectors, label):
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    return np.mean(cross_val_predict(model, vectors, label, cv=5) == label)


# %% 6.4 wrong · not scaled
# says: gives all factors the same chance | does each True count the same
def probe(vectors, label):
    model = LogisticRegression(max_iter=1000)
    p = cross_val_predict(model, vectors, label, cv=5, method="predict_proba")
    return roc_auc_score(label, p[:, 1])


# %% 6.4 wrong · products of factors
# says: of a logistic regression | the model is not linear
def probe(vectors, label):
    # Products of factors bend the line.
    from sklearn.preprocessing import PolynomialFeatures

    model = make_pipeline(
        StandardScaler(), PolynomialFeatures(2), LogisticRegression(max_iter=1000)
    )
    p = cross_val_predict(model, vectors, label, cv=5, method="predict_proba")
    return roc_auc_score(label, p[:, 1])


# %% 6.4 wrong · both columns
# says: Your code stopped with
# base: wrong · the column of False
# replace: return roc_auc_score(label, p[:, 0]) → return roc_auc_score(label, p)


# %% 6.4 wrong · never below one half
# says: without `max` or `abs`
def probe(vectors, label):
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    p = cross_val_predict(model, vectors, label, cv=5, method="predict_proba")
    auc = roc_auc_score(label, p[:, 1])
    return max(auc, 1 - auc)


# %% 6.4 wrong · at least one half
# says: without `max` or `abs`
# base: wrong · never below one half
# replace: return max(auc, 1 - auc) → return max(auc, 0.5)


# %% 6.4 wrong · a forest
# says: of a logistic regression | That is not the AUC
def probe(vectors, label):
    from sklearn.ensemble import RandomForestClassifier

    model = RandomForestClassifier(n_estimators=5, max_depth=1, random_state=0)
    p = cross_val_predict(model, vectors, label, cv=5, method="predict_proba")
    return roc_auc_score(label, p[:, 1])


# %% 6.4 wrong · one split
# says: Is every movie predicted once | of a logistic regression | Your code stopped with
def probe(vectors, label):
    from sklearn.model_selection import train_test_split

    fit, rest, fit_label, rest_label = train_test_split(vectors, label, random_state=0)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    model.fit(fit, fit_label)
    return roc_auc_score(rest_label, model.predict_proba(rest)[:, 1])


# %% 6.4 wrong · one split, by label
# says: Is every movie predicted once | of a logistic regression
# base: wrong · one split
# replace: random_state=0 → stratify=label


# %% 6.4 wrong · four folds
# says: the AUC of 4 folds | of a logistic regression
def probe(vectors, label):
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    p = cross_val_predict(model, vectors, label, cv=4, method="predict_proba")
    return roc_auc_score(label, p[:, 1])


# %% 6.4 wrong · ten folds
# says: the AUC of 10 folds | of a logistic regression
# base: wrong · four folds
# replace: =4, → =10,


# %% 6.4 wrong · scaled before the folds
# says: is the scaling fitted on all movies?
def probe(vectors, label):
    scaled = StandardScaler().fit_transform(vectors)
    model = LogisticRegression(max_iter=1000)
    p = cross_val_predict(model, scaled, label, cv=5, method="predict_proba")
    return roc_auc_score(label, p[:, 1])


# %% 6.4 wrong · factors chosen with all labels
# says: before the folds? | of a logistic regression
def probe(vectors, label):
    from sklearn.feature_selection import SelectKBest

    k = min(20, vectors.shape[1])
    vectors = SelectKBest(k=k).fit_transform(vectors, label)
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    p = cross_val_predict(model, vectors, label, cv=5, method="predict_proba")
    return roc_auc_score(label, p[:, 1])


# %% 6.4 wrong · a constant
# says: of a logistic regression | Is every movie predicted once
def probe(vectors, label):
    return 0.8


# %% 6.4 wrong · a constant for each shape
# says: of a logistic regression | Is every movie predicted once
def probe(vectors, label):
    return {497: 0.77, 30: 0.85, 100: 0.5, 200: 0.9}[len(label)]


# %% 6.4 wrong · an array of one
# says: should return one number
# base: wrong · the column of False
# replace: roc_auc_score(label, p[:, 0]) → np.array([roc_auc_score(label, p[:, 1])])


# %% 6.4 right · folds in another order
def probe(vectors, label):
    from sklearn.model_selection import StratifiedKFold

    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    p = cross_val_predict(model, vectors, label, cv=folds, method="predict_proba")
    return roc_auc_score(label, p[:, 1])


# %% 6.4 right · folds drawn anew each time
def probe(vectors, label):
    from sklearn.model_selection import StratifiedKFold

    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    score = np.zeros(len(label))
    for fit, rest in StratifiedKFold(5, shuffle=True).split(vectors, label):
        model.fit(vectors[fit], label[fit])
        score[rest] = model.predict_proba(vectors[rest])[:, 1]
    return roc_auc_score(label, score)


# %% 6.4 right · the decision function
def probe(vectors, label):
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    score = cross_val_predict(model, vectors, label, cv=5, method="decision_function")
    return roc_auc_score(label, score)


# %% 6.4 right · folds by hand
def probe(vectors, label):
    from sklearn.model_selection import StratifiedKFold

    score = np.zeros(len(label))
    for fit, rest in StratifiedKFold(5).split(vectors, label):
        mean, spread = vectors[fit].mean(axis=0), vectors[fit].std(axis=0)
        line = LogisticRegression().fit((vectors[fit] - mean) / spread, label[fit])
        score[rest] = line.predict_proba((vectors[rest] - mean) / spread)[:, 1]
    return float(roc_auc_score(label, score))


# %% 6.4 right · the label as numbers
def probe(vectors, label):
    label = np.asarray(label).astype(int)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.5, max_iter=500))
    p = cross_val_predict(model, vectors, label, cv=5, method="predict_proba")
    return 1 - roc_auc_score(label, p.T[0])


# %% 6.5 wrong · no penalty for the bias
# says: The bias got no penalty
# base: wrong · the penalties exchanged
# replace: [bias_penalty] * → [vector_penalty] *
# replace: + [vector_penalty] → + [0]


# %% 6.5 wrong · the mean not taken off
# says: The mean is still in there
def fold_in(rows, ratings, vectors, movie_bias, mean, vector_penalty, bias_penalty):
    penalties = [vector_penalty] * vectors.shape[1] + [bias_penalty]
    q = np.column_stack([vectors[rows], np.ones(len(rows))])
    a = q.T @ q + np.diag(penalties)
    solution = np.linalg.solve(a, q.T @ (ratings - movie_bias[rows]))
    return solution[:-1], solution[-1]


# %% 6.5 wrong · the movies' biases not taken off
# says: The movies' biases are still in there
# base: wrong · the mean not taken off
# replace: movie_bias[rows] → mean


# %% 6.5 wrong · one penalty for both
# says: The bias got the penalty of the vector
def fold_in(rows, ratings, vectors, movie_bias, mean, vector_penalty, bias_penalty):
    q = np.column_stack([vectors[rows], np.ones(len(rows))])
    a = q.T @ q + vector_penalty * np.eye(q.shape[1])
    solution = np.linalg.solve(a, q.T @ (ratings - mean - movie_bias[rows]))
    return solution[:-1], solution[-1]


# %% 6.5 wrong · the other penalty for both
# says: The vector got the penalty of the bias
# base: wrong · one penalty for both
# replace: + vector_penalty → + bias_penalty


# %% 6.5 wrong · the penalties exchanged
# says: The two penalties are exchanged
def fold_in(rows, ratings, vectors, movie_bias, mean, vector_penalty, bias_penalty):
    penalties = [bias_penalty] * vectors.shape[1] + [vector_penalty]
    q = np.column_stack([vectors[rows], np.ones(len(rows))])
    a = q.T @ q + np.diag(penalties)
    solution = np.linalg.solve(a, q.T @ (ratings - mean - movie_bias[rows]))
    return solution[:-1], solution[-1]


# %% 6.5 wrong · the first movies
# says: You used the *first* movies
def fold_in(rows, ratings, vectors, movie_bias, mean, vector_penalty, bias_penalty):
    penalties = [vector_penalty] * vectors.shape[1] + [bias_penalty]
    n = len(rows)
    q = np.column_stack([vectors[:n], np.ones(n)])
    a = q.T @ q + np.diag(penalties)
    solution = np.linalg.solve(a, q.T @ (ratings - mean - movie_bias[:n]))
    return solution[:-1], solution[-1]


# %% 6.5 wrong · all vectors
# says: Your code stopped with ValueError
# base: wrong · the mean not taken off
# replace: [rows], np.ones(len(rows)) → , np.ones(len(vectors))
# replace: - movie_bias → - mean - movie_bias


# %% 6.5 wrong · a column
# says: The vector stands in a column
def fold_in(rows, ratings, vectors, movie_bias, mean, vector_penalty, bias_penalty):
    penalties = [vector_penalty] * vectors.shape[1] + [bias_penalty]
    q = np.column_stack([vectors[rows], np.ones(len(rows))])
    a = q.T @ q + np.diag(penalties)
    left_over = (ratings - mean - movie_bias[rows])[:, None]
    solution = np.linalg.solve(a, q.T @ left_over)
    return solution[:-1], solution[-1]


# %% 6.5 wrong · the bias first
# says: Right parts, wrong order
# base: wrong · the mean not taken off
# replace: - movie_bias → - mean - movie_bias
# replace: return solution[:-1], solution[-1] → return solution[-1], solution[:-1]


# %% 6.5 wrong · the 1 in front
# says: The 1 stands in front
# base: wrong · the mean not taken off
# replace: vectors[rows], np.ones(len(rows)) → np.ones(len(rows)), vectors[rows]
# replace: - movie_bias → - mean - movie_bias


# %% 6.5 wrong · the 1 in front, its penalty at the end
# says: both belong in the same place
# base: wrong · the mean not taken off
# replace: vectors[rows], np.ones(len(rows)) → np.ones(len(rows)), vectors[rows]
# replace: - movie_bias → - mean - movie_bias
# replace: solution[:-1], solution[-1] → solution[1:], solution[0]


# %% 6.5 wrong · least squares
# says: least squares without a penalty
def fold_in(rows, ratings, vectors, movie_bias, mean, vector_penalty, bias_penalty):
    q = np.column_stack([vectors[rows], np.ones(len(rows))])
    solution = np.linalg.lstsq(q, ratings - mean - movie_bias[rows])[0]
    return solution[:-1], solution[-1]


# %% 6.5 wrong · no bias at all
# says: There is no bias
def fold_in(rows, ratings, vectors, movie_bias, mean, vector_penalty, bias_penalty):
    q = vectors[rows]
    a = q.T @ q + vector_penalty * np.eye(q.shape[1])
    return np.linalg.solve(a, q.T @ (ratings - mean - movie_bias[rows])), 0.0


# %% 6.5 wrong · λ on the mean of the squares
# says: The penalties count 7 times
def fold_in(rows, ratings, vectors, movie_bias, mean, vector_penalty, bias_penalty):
    penalties = [vector_penalty] * vectors.shape[1] + [bias_penalty]
    n = len(rows)
    q = np.column_stack([vectors[rows], np.ones(n)])
    a = q.T @ q / n + np.diag(penalties)
    solution = np.linalg.solve(a, q.T @ (ratings - mean - movie_bias[rows]) / n)
    return solution[:-1], solution[-1]


# %% 6.5 wrong · all in one
# says: Return two things
# base: wrong · the penalties exchanged
# replace: solution[:-1], solution[-1] → solution


# %% 6.5 wrong · in place
# says: changes its argument `ratings`
def fold_in(rows, ratings, vectors, movie_bias, mean, vector_penalty, bias_penalty):
    penalties = [vector_penalty] * vectors.shape[1] + [bias_penalty]
    q = np.column_stack([vectors[rows], np.ones(len(rows))])
    ratings -= mean + movie_bias[rows]
    a = q.T @ q + np.diag(penalties)
    solution = np.linalg.solve(a, q.T @ ratings)
    return solution[:-1], solution[-1]


# %% 6.5 wrong · sklearn's own intercept
# says: The bias got no penalty
def fold_in(rows, ratings, vectors, movie_bias, mean, vector_penalty, bias_penalty):
    from sklearn.linear_model import Ridge

    ridge = Ridge(alpha=vector_penalty)
    ridge.fit(vectors[rows], ratings - mean - movie_bias[rows])
    return ridge.coef_, ridge.intercept_


# %% 6.5 wrong · λ without the identity
# says: added to more than the diagonal
def fold_in(rows, ratings, vectors, movie_bias, mean, vector_penalty, bias_penalty):
    penalties = [vector_penalty] * vectors.shape[1] + [bias_penalty]
    q = np.column_stack([vectors[rows], np.ones(len(rows))])
    y = ratings - mean - movie_bias[rows]
    solution = np.linalg.solve(q.T @ q + penalties, q.T @ y)
    return solution[:-1], solution[-1]


# %% 6.5 wrong · no column of 1s
# says: is there a column of 1s
def fold_in(rows, ratings, vectors, movie_bias, mean, vector_penalty, bias_penalty):
    q, y = vectors[rows], ratings - mean - movie_bias[rows]
    solution = np.linalg.solve(q.T @ q + vector_penalty * np.eye(q.shape[1]), q.T @ y)
    return solution[:-1], solution[-1]


# %% 6.5 wrong · the bias as an array of one
# says: should return one number
def fold_in(rows, ratings, vectors, movie_bias, mean, vector_penalty, bias_penalty):
    penalties = [vector_penalty] * vectors.shape[1] + [bias_penalty]
    q = np.column_stack([vectors[rows], np.ones(len(rows))])
    y = ratings - mean - movie_bias[rows]
    solution = np.linalg.solve(q.T @ q + np.diag(penalties), q.T @ y)
    return solution[:-1], solution[-1:]


# %% 6.5 right · sklearn, without its own intercept
def fold_in(rows, ratings, vectors, movie_bias, mean, vector_penalty, bias_penalty):
    from sklearn.linear_model import Ridge

    longer = (vector_penalty / bias_penalty) ** 0.5
    q = np.hstack([vectors[rows], np.full((len(rows), 1), longer)])
    ridge = Ridge(alpha=vector_penalty, fit_intercept=False)
    ridge.fit(q, ratings - mean - movie_bias[rows])
    return ridge.coef_[:-1], ridge.coef_[-1] * longer


# %% 6.5 right · gradient descent
def fold_in(rows, ratings, vectors, movie_bias, mean, vector_penalty, bias_penalty):
    known, left_over = vectors[rows], ratings - mean - movie_bias[rows]
    vector, bias = np.zeros(known.shape[1]), 0.0
    steepest = (known**2).sum() + len(rows) + vector_penalty + bias_penalty
    for _ in range(2000):
        error = known @ vector + bias - left_over
        slope = error @ known + vector_penalty * vector
        slope_of_bias = error.sum() + bias_penalty * bias
        if slope @ slope + slope_of_bias**2 < 1e-14:
            break
        vector -= slope / steepest
        bias -= slope_of_bias / steepest
    return vector, bias


# %% 6.5 right · the inverse, the 1 in front
def fold_in(rows, ratings, vectors, movie_bias, mean, vector_penalty, bias_penalty):
    q = np.insert(vectors[rows], 0, 1, axis=1)
    y = np.array([r - mean - movie_bias[i] for i, r in zip(rows, ratings)])
    penalties = np.identity(len(q.T)) * vector_penalty
    penalties[0, 0] = bias_penalty
    solution = np.linalg.inv(q.T @ q + penalties) @ q.T @ y
    return solution[1:], float(solution[0])


# %% 6.5 right · extra rows instead of a penalty
def fold_in(rows, ratings, vectors, movie_bias, mean, vector_penalty, bias_penalty):
    q = np.column_stack([vectors[rows], np.ones(len(rows))])
    more = np.sqrt(np.diag([*[vector_penalty] * len(vectors.T), bias_penalty]))
    y = np.append(ratings - mean - movie_bias[rows], np.zeros(q.shape[1]))
    solution = np.linalg.lstsq(np.vstack([q, more]), y, rcond=None)[0]
    return [solution[:-1], solution[-1]]


# %% 6.5 wrong · a list
# says: should return an array of numbers
# base: wrong · the bias as an array of one
# replace: , solution[-1:] → .tolist(), solution[-1]


# %% 6.5 wrong · a tensor
# says: should return an array of numbers
def fold_in(rows, ratings, vectors, movie_bias, mean, vector_penalty, bias_penalty):
    penalties = [vector_penalty] * vectors.shape[1] + [bias_penalty]
    import keras

    q = np.column_stack([vectors[rows], np.ones(len(rows))])
    y = ratings - mean - movie_bias[rows]
    solution = np.linalg.solve(q.T @ q + np.diag(penalties), q.T @ y)
    return keras.ops.convert_to_tensor(solution[:-1]), solution[-1]


# %% 6.5 wrong · two decimals
# says: That is right, but rounded | do not solve the equation
# base: wrong · the bias as an array of one
# replace: , solution[-1:] → .round(2), round(float(solution[-1]), 2)


# %% 6.6 wrong · the mean of the users' RMSEs
# says: You averaged the RMSEs of the users
def rmse_of_fold_in(
    multiples, users, vectors, movie_bias, mean, vector_l2, bias_l2, n_train
):
    found = []
    for multiple in multiples:
        penalties = multiple * vector_l2 * n_train, multiple * bias_l2 * n_train
        of_users = []
        for rows, ratings, others, held_out in users:
            vector, bias = fold_in(rows, ratings, vectors, movie_bias, mean, *penalties)
            predicted = mean + bias + movie_bias[others] + vectors[others] @ vector
            of_users.append(np.sqrt(np.mean((held_out - predicted) ** 2)))
        found.append(np.mean(of_users))
    return np.array(found)


# %% 6.6 wrong · N is the user's own
# says: not that of the user
def rmse_of_fold_in(
    multiples, users, vectors, movie_bias, mean, vector_l2, bias_l2, n_train
):
    found = []
    for multiple in multiples:
        errors = []
        for rows, ratings, others, held_out in users:
            penalties = multiple * vector_l2 * len(rows), multiple * bias_l2 * len(rows)
            vector, bias = fold_in(rows, ratings, vectors, movie_bias, mean, *penalties)
            predicted = mean + bias + movie_bias[others] + vectors[others] @ vector
            errors.extend(held_out - predicted)
        found.append(np.sqrt(np.mean(np.square(errors))))
    return np.array(found)


# %% 6.6 wrong · no N
# says: N is missing
# base: wrong · N is the user's own
# replace: multiple * vector_l2 * len(rows) → multiple * vector_l2
# replace: multiple * bias_l2 * len(rows) → multiple * bias_l2


# %% 6.6 wrong · one ℓ for both
# says: Each has its own
# base: wrong · N is the user's own
# replace: multiple * vector_l2 * len(rows) → multiple * vector_l2 * n_train
# replace: multiple * bias_l2 * len(rows) → multiple * vector_l2 * n_train


# %% 6.6 wrong · exchanged
# says: The two penalties are exchanged
# base: wrong · N is the user's own
# replace: multiple * vector_l2 * len(rows) → multiple * bias_l2 * n_train
# replace: , multiple * bias_l2 * len(rows) → , multiple * vector_l2 * n_train


# %% 6.6 wrong · only one is multiplied
# says: Multiply both
# base: wrong · N is the user's own
# replace: multiple * vector_l2 * len(rows) → multiple * vector_l2 * n_train
# replace: multiple * bias_l2 * len(rows) → bias_l2 * n_train


# %% 6.6 wrong · the multiples forgotten
# says: The multiples are not used
# base: wrong · N is the user's own
# replace: multiple * vector_l2 * len(rows) → vector_l2 * n_train
# replace: multiple * bias_l2 * len(rows) → bias_l2 * n_train


# %% 6.6 wrong · tested on what is known
# says: errors on the known ratings
# base: right · a list that is extended
# replace: mean + bias + movie_bias[others] + vectors[others] → mean + bias + movie_bias[rows] + vectors[rows]
# replace: extend(held_out → extend(ratings


# %% 6.6 wrong · the bias of the user forgotten
# says: The user's bias is missing
# base: right · a list that is extended
# replace: mean + bias + → mean +


# %% 6.6 wrong · the movies' biases forgotten
# says: The movies' biases are missing
# base: right · a list that is extended
# replace: movie_bias[others] + →


# %% 6.6 wrong · no root
# says: Take the root
# base: right · a list that is extended
# replace: np.sqrt(np.mean(np.square(errors))) → np.mean(np.square(errors))


# %% 6.6 wrong · absolute errors
# says: the mean absolute error
# base: right · a list that is extended
# replace: np.sqrt(np.mean(np.square(errors))) → np.mean(np.abs(errors))


# %% 6.6 wrong · each user counts the same
# says: Each held-out *rating* should
# base: wrong · the mean of the users' RMSEs
# replace: np.sqrt(np.mean((held_out - predicted) ** 2)) → np.mean((held_out - predicted) ** 2)
# replace: append(np.mean(of_users)) → append(np.sqrt(np.mean(of_users)))


# %% 6.6 wrong · the last user only
# says: the errors of one user only
# base: right · a list that is extended
# replace: errors.extend(held_out - predicted) → errors = held_out - predicted


# %% 6.6 wrong · one number
# says: should be one for each multiple
# base: right · a list that is extended
# replace: return np.array(found) → return np.array(found[0])


# %% 6.6 wrong · one for each multiple and user
# says: for each multiple and user
# base: wrong · the mean of the users' RMSEs
# replace: append(np.mean(of_users)) → append(of_users)


# %% 6.6 wrong · a list
# says: should return an array of numbers
# base: right · a list that is extended
# replace: np.array(found) → found


# %% 6.6 wrong · two decimals
# says: right, but rounded
# base: right · a list that is extended
# replace: np.array(found) → np.round(found, 2)


# %% 6.6 right · a list that is extended
def rmse_of_fold_in(
    multiples, users, vectors, movie_bias, mean, vector_l2, bias_l2, n_train
):
    found = []
    for multiple in multiples:
        penalties = multiple * vector_l2 * n_train, multiple * bias_l2 * n_train
        errors = []
        for rows, ratings, others, held_out in users:
            vector, bias = fold_in(rows, ratings, vectors, movie_bias, mean, *penalties)
            predicted = mean + bias + movie_bias[others] + vectors[others] @ vector
            errors.extend(held_out - predicted)
        found.append(np.sqrt(np.mean(np.square(errors))))
    return np.array(found)


# %% 6.6 right · sums, users outside
def rmse_of_fold_in(
    multiples, users, vectors, movie_bias, mean, vector_l2, bias_l2, n_train
):
    squares, n_held_out = np.zeros(len(multiples)), 0
    for rows, ratings, others, held_out in users:
        n_held_out += len(held_out)
        for place, multiple in enumerate(multiples):
            vector, bias = fold_in(
                rows,
                ratings,
                vectors,
                movie_bias,
                mean,
                vector_penalty=multiple * vector_l2 * n_train,
                bias_penalty=multiple * bias_l2 * n_train,
            )
            for movie, stars in zip(others, held_out):
                predicted = mean + bias + movie_bias[movie] + vectors[movie] @ vector
                squares[place] += (stars - predicted) ** 2
    return np.sqrt(squares / n_held_out)


# %% 6.6 right · without fold_in
def rmse_of_fold_in(
    multiples, users, vectors, movie_bias, mean, vector_l2, bias_l2, n_train
):
    q = np.column_stack([vectors, np.ones(len(vectors))])
    l2 = np.diag([vector_l2] * vectors.shape[1] + [bias_l2])

    def errors(multiple, user):
        rows, ratings, others, held_out = user
        a = q[rows].T @ q[rows] + multiple * n_train * l2
        y = ratings - mean - movie_bias[rows]
        return (
            held_out
            - mean
            - movie_bias[others]
            - q[others] @ np.linalg.solve(a, q[rows].T @ y)
        )

    return np.array(
        [
            np.mean(np.hstack([errors(m, u) for u in users]) ** 2) ** 0.5
            for m in multiples
        ]
    )


# %% 6.1 wrong · always 0
# says: That is not the cosine of
def cosine(a, b):
    return 0.0


# %% 6.2 wrong · only its own
# says: not the cosines of the row
def cosines_with(row, table):
    return np.where(np.arange(len(table)) == row, 1.0, 0.0)


# %% 6.1 wrong · four decimals
# says: right, but rounded
def cosine(a, b):
    return round(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)), 4)


# %% 6.2 wrong · lengths of the columns
# says: `axis=0` runs over the movies
def cosines_with(row, table):
    unit = table / np.linalg.norm(table, axis=0)
    return unit @ table[row] / np.linalg.norm(table[row])


# %% 6.4 wrong · the mean of five AUCs
# says: That is the mean of five AUCs
def probe(vectors, label):
    from sklearn.model_selection import cross_val_score

    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    return cross_val_score(model, vectors, label, cv=5, scoring="roc_auc").mean()


# %% 6.4 wrong · folds without a look at the label
# says: cut without a look at the label
def probe(vectors, label):
    from sklearn.model_selection import KFold

    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    p = cross_val_predict(model, vectors, label, cv=KFold(5), method="predict_proba")
    return roc_auc_score(label, p[:, 1])


# %% 6.6 wrong · predictions clipped
# says: Are the predictions clipped?
# replace: held_out - predicted → held_out - np.clip(predicted, 1, 5)


# %% 6.6 wrong · four decimals
# says: right, but rounded
# replace: return np.array(found) → return np.array(found).round(4)
