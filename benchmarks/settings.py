"""The peers' settings, chosen by ``python -m benchmarks.tune``.

They were trained on a part of the training ratings and validated on the rest: RMSE for
raters (10 % of the ratings, one setting for each edition), NDCG@10 for rankers (20 %,
one setting for each split), NDCG@10 of the next-to-last movies for sequences.
Test ratings were not used. The recipes of KerasRS' tutorials are as published; only the
epochs on sequences are more, to take as many steps as with the tutorials' ml-1m. Where
a peer has no setting for an edition, its first one is used.
"""

SETTINGS = {
    ("baseline_only", "ml-100k"): {"reg_u": 5, "reg_i": 2},
    ("baseline_only", "ml-latest-small"): {"reg_u": 3, "reg_i": 2},
    ("lenskit_als", "ml-100k"): {"embedding_size": 100, "regularization": 0.1},
    ("lenskit_knn", "ml-100k"): {"max_nbrs": 20, "min_sim": 1e-6},
    ("lenskit_knn", "ml-latest-small"): {"max_nbrs": 80, "min_sim": 1e-6},
    ("cornac_mf", "ml-100k"): {
        "k": 100,
        "max_iter": 100,
        "learning_rate": 0.005,
        "lambda_reg": 0.07,
    },
    ("svd", "ml-100k"): {"n_factors": 200, "n_epochs": 100, "reg_all": 0.1},
    ("svd_pp", "ml-100k"): {
        "n_factors": 20,
        "n_epochs": 40,
        "reg_all": 0.1,
        "cache_ratings": True,
    },
    ("svd_pp", "ml-latest-small"): {
        "n_factors": 20,
        "n_epochs": 80,
        "reg_all": 0.1,
        "cache_ratings": True,
    },
    ("myfm_plain", "ml-100k"): {"rank": 16, "n_iter": 300},
    ("myfm_histories", "ml-100k"): {"rank": 16, "n_iter": 300},
    ("ials", "u1-filtered"): {
        "factors": 16,
        "regularization": 30.0,
        "scale": 2.0,
        "iterations": 30,
    },
    ("ials", "u1-filtered-all-users"): {
        "factors": 64,
        "regularization": 30.0,
        "scale": 1.0,
        "iterations": 15,
    },
    ("ease", "u1-filtered"): {"l2": 1600, "power": 0.5},
    ("ease", "u1-filtered-all-users"): {"l2": 1600, "power": 0.5},
    ("item_knn", "sequences"): {"K": 10},
    ("keras_rs_ranking", "ml-100k"): {"epochs": 5},
    ("keras_rs_retrieval", "ml-100k"): {"epochs": 50, "learning_rate": 0.1},
    ("keras_rs_deep_retrieval", "ml-100k"): {
        "epochs": 30,
        "learning_rate": 0.05,
        "layer_sizes": (64, 32),
    },
    ("keras_rs_gru", "sequences"): {"epochs": 45},
    ("keras_rs_sasrec", "sequences"): {"epochs": 60},
}


def setting_of(peer, split):
    """Return a peer's setting for a split.

    Parameters
    ----------
    peer : str
        The name of its function in `benchmarks.peers`.
    split : benchmarks.splits.BenchSplit

    Returns
    -------
    dict : the setting for the split, else for its edition, else the first one
    """
    for chosen_for in (split.name, split.movielens.name):
        if (peer, chosen_for) in SETTINGS:
            return SETTINGS[peer, chosen_for]
    return next(setting for (name, _), setting in SETTINGS.items() if name == peer)
