"""Recommenders of other libraries, on the same splits.

A peer is a function of a split and a random seed. It trains a model, and returns a
function without arguments that predicts: ratings of the test pairs, or scores of all
users and movies. So training and prediction can be timed separately. A peer imports
its library itself, so that only that peer is left out if the library is missing.

The settings are in `benchmarks.settings`.
"""

import numpy as np
import pandas as pd
from scipy import sparse

from helpers.baselines import BiasBaseline


def baseline_only(split, seed, **settings):
    """User and movie biases, by alternating least squares (Surprise)."""
    from surprise import BaselineOnly

    return _surprise(split, BaselineOnly({"method": "als", **settings}, verbose=False))


def svd(split, seed, **settings):
    """Matrix factorisation with biases, by gradient descent (Surprise)."""
    from surprise import SVD

    return _surprise(split, SVD(random_state=seed, **settings))


def svd_pp(split, seed, **settings):
    """SVD with histories (Surprise)."""
    from surprise import SVDpp

    return _surprise(split, SVDpp(random_state=seed, **settings))


def _surprise(split, algorithm):
    from surprise import Dataset, Reader

    scale = Reader(rating_scale=split.movielens.rating_scale[:2])
    frame = split.train[["user", "movie", "rating"]]
    algorithm.fit(Dataset.load_from_df(frame, scale).build_full_trainset())

    def answer():
        pairs = zip(split.test["user"], split.test["movie"], strict=True)
        return np.array([algorithm.predict(*pair).est for pair in pairs])

    return answer


def lenskit_als(split, seed, **settings):
    """Matrix factorisation with biases, by alternating least squares (LensKit)."""
    from lenskit.als import BiasedMFScorer

    return _lenskit(split, seed, BiasedMFScorer(user_embeddings="prefer", **settings))


def lenskit_knn(split, seed, **settings):
    """Average over the user's ratings of the most similar movies (LensKit)."""
    from lenskit.knn import ItemKNNScorer

    return _lenskit(split, seed, ItemKNNScorer(feedback="explicit", **settings))


def _lenskit(split, seed, scorer):
    from lenskit.data import ItemList, RecQuery, from_interactions_df
    from lenskit.training import TrainingOptions

    frame = split.train[["user", "movie", "rating"]]
    frame = frame.rename(columns={"user": "user_id", "movie": "item_id"})
    data = from_interactions_df(frame.astype({"user_id": "int64", "item_id": "int64"}))
    scorer.train(data, TrainingOptions(rng=seed))

    def answer():
        stars = pd.Series(np.nan, index=np.arange(len(split.test)))
        for user, rows in split.test.reset_index(drop=True).groupby("user"):
            history = data.user_row(user)
            if history is not None:
                asked = ItemList(item_ids=rows["movie"].to_numpy("int64"))
                query = RecQuery(user_id=user, history_items=history)
                stars[rows.index] = scorer(query, asked).scores()
        return _filled(stars.to_numpy(), split)

    return answer


def cornac_mf(split, seed, **settings):
    """Matrix factorisation with biases, by gradient descent (cornac)."""
    from cornac.data import Dataset
    from cornac.models import MF

    rows = split.train[["user", "movie", "rating"]].itertuples(index=False, name=None)
    data = Dataset.build(rows, seed=seed)
    model = MF(use_bias=True, seed=seed, **settings).fit(data)

    def answer():
        user, movie = (
            np.array([known.get(one, -1) for one in split.test[column]])
            for column, known in (("user", data.uid_map), ("movie", data.iid_map))
        )
        stars = model.global_mean + model.u_biases[user] + model.i_biases[movie]
        stars += (model.u_factors[user] * model.i_factors[movie]).sum(axis=1)
        return _filled(np.where((user < 0) | (movie < 0), np.nan, stars), split)

    return answer


def myfm_plain(split, seed, **settings):
    """Bayesian factorisation machine over users and movies (myFM)."""
    blocks = [sparse.eye_array(split.n_users), sparse.eye_array(split.n_movies)]
    return _myfm(split, seed, [[block] for block in blocks], **settings)


def myfm_histories(split, seed, **settings):
    """Bayesian factorisation machine with histories and side information (myFM)."""
    user, movie = split.train["user"], split.train["movie"]
    rated = sparse.csr_array(
        (np.ones(len(user)), (user, movie)), shape=(split.n_users, split.n_movies)
    )
    of_users = [sparse.eye_array(split.n_users), _by_root_of_length(rated)]
    of_movies = [sparse.eye_array(split.n_movies), _by_root_of_length(rated.T.tocsr())]
    movies = split.movielens.movies.set_index("movie_id").loc[split.movies.ids]
    of_movies.append(_columns(movies["genres"].str.get_dummies()))
    if split.movielens.users is not None:
        users = split.movielens.users.set_index("user_id").loc[split.users.ids]
        for told in (users["age"] // 10, users["occupation"], users["gender"]):
            of_users.append(_columns(pd.get_dummies(told)))
    return _myfm(split, seed, [of_users, of_movies], **settings)


def _columns(frame):
    return sparse.csr_array(frame.to_numpy("float64"))


def _by_root_of_length(rated):
    length = np.maximum(rated.sum(axis=1), 1)
    return sparse.diags_array(1 / np.sqrt(length)) @ rated


def _myfm(split, seed, groups, rank, n_iter):
    from myfm import MyFMRegressor, RelationBlock

    tables = [sparse.csr_matrix(sparse.hstack(group)) for group in groups]
    widths = [table.shape[1] for group in groups for table in group]

    def relations(part):
        rows = (part["user"], part["movie"])
        return [
            RelationBlock(index.to_numpy("int64"), table)
            for index, table in zip(rows, tables, strict=True)
        ]

    model = MyFMRegressor(rank=rank, random_seed=seed)
    model.fit(
        None,
        split.train["rating"].to_numpy("float64"),
        X_rel=relations(split.train),
        group_shapes=widths,
        n_iter=n_iter,
    )
    return lambda: model.predict(None, relations(split.test))


def ials(split, seed, scale, **settings):
    """Implicit alternating least squares, a rating as the confidence (implicit)."""
    from implicit.als import AlternatingLeastSquares

    model = AlternatingLeastSquares(random_state=seed, num_threads=1, **settings)
    model.fit(_matrix(split, scale * split.train["rating"]), show_progress=False)
    return lambda: model.user_factors @ model.item_factors.T


def ease(split, seed, l2, power):
    """Steck's linear autoencoder, in closed form (NumPy)."""
    watched = _matrix(split, split.train["rating"] ** power).toarray()
    gram = watched.T @ watched
    gram[np.diag_indices_from(gram)] += l2
    inverse = np.linalg.inv(gram)
    weights = inverse / -np.diag(inverse)
    np.fill_diagonal(weights, 0)
    return lambda: watched @ weights


def item_knn(split, seed, **settings):
    """Add the cosines of each movie with the user's movies (implicit)."""
    from implicit.nearest_neighbours import CosineRecommender

    watched = _matrix(split, split.train["rating"] ** 0)
    model = CosineRecommender(num_threads=1, **settings)
    model.fit(watched, show_progress=False)
    return lambda: (watched @ model.similarity).toarray()


def keras_rs_ranking(split, seed, **settings):
    """Show a ranking stage: a network on two embeddings predicts stars (KerasRS)."""
    from benchmarks import keras_rs_tutorials

    return keras_rs_tutorials.rate(split, seed, **settings)


def keras_rs_retrieval(split, seed, **settings):
    """Show a retrieval layer, on a dot product that is fitted to stars (KerasRS)."""
    from benchmarks import keras_rs_tutorials

    return keras_rs_tutorials.retrieve(split, seed, **settings)


def keras_rs_deep_retrieval(split, seed, **settings):
    """Show how to build features, and that deeper towers are no better (KerasRS)."""
    return keras_rs_retrieval(split, seed, described=True, **settings)


def keras_rs_gru(split, seed, **settings):
    """Show a sequence model: a GRU with in-batch negatives, on ml-1m (KerasRS)."""
    from benchmarks import keras_rs_tutorials

    return keras_rs_tutorials.retrieve_next_by_gru(split, seed, **settings)


def keras_rs_sasrec(split, seed, **settings):
    """Show a transformer: SASRec with the paper's settings, on ml-1m (KerasRS)."""
    from benchmarks import keras_rs_tutorials

    return keras_rs_tutorials.retrieve_next_by_attention(split, seed, **settings)


def _matrix(split, values):
    place = (split.train["user"], split.train["movie"])
    shape = (split.n_users, split.n_movies)
    return sparse.csr_matrix((values.to_numpy("float32"), place), shape=shape)


def _filled(stars, split):
    """Replace missing predictions, for movies without training ratings, by biases."""
    baseline = BiasBaseline().fit(split.train, split.n_users, split.n_movies)
    return np.where(np.isnan(stars), baseline.predict(split.test), stars)


RATERS = {
    "user + movie bias (Surprise)": baseline_only,
    "SVD (Surprise)": svd,
    "SVD++ (Surprise)": svd_pp,
    "ALS (LensKit)": lenskit_als,
    "item-kNN (LensKit)": lenskit_knn,
    "MF (cornac)": cornac_mf,
    "FM (myFM)": myfm_plain,
    "FM with histories (myFM)": myfm_histories,
    "ranking (KerasRS tutorial)": keras_rs_ranking,
}
RANKERS = {
    "iALS (implicit)": ials,
    "EASE (NumPy)": ease,
    "retrieval (KerasRS tutorial)": keras_rs_retrieval,
    "deep retrieval (KerasRS tutorial)": keras_rs_deep_retrieval,
}
SEQUENCERS = {
    "item-kNN (implicit)": item_knn,
    "GRU (KerasRS tutorial)": keras_rs_gru,
    "SASRec (KerasRS tutorial)": keras_rs_sasrec,
}
