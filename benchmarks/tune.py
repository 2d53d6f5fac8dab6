"""Choose the peers' settings: ``python -m benchmarks.tune [PEER …]``.

Train each setting of a small grid on a part of the *training* ratings, and validate it
on the rest; the test ratings are dropped first. The printed settings belong into
`benchmarks.settings`.
"""

import argparse
import sys
import time
from itertools import product

from benchmarks import peers
from benchmarks.entries import RANKED, SEQUENCES
from benchmarks.metrics import measured
from benchmarks.processes import run_apart
from benchmarks.splits import load_split, without_test

RATER_SPLITS = {"ml-100k": "random80", "ml-latest-small": "latest2018-80-20"}
RANKER_SPLITS = {name: name for name in RANKED}
SEQUENCER_SPLITS = {name: name for name in SEQUENCES}
VALIDATION = 0.1
"""The share of the training ratings on which raters are validated."""
HIDDEN = 0.2
"""The share for rankers, which is that of a test set."""

GRIDS = {
    "baseline_only": {"reg_u": (3, 5, 10, 15), "reg_i": (2, 3, 5, 10)},
    "svd": {
        "n_factors": (50, 200),
        "n_epochs": (20, 40, 60, 100),
        "reg_all": (0.05, 0.1, 0.15),
    },
    "svd_pp": {
        "n_factors": (20,),
        "n_epochs": (20, 40, 80),
        "reg_all": (0.05, 0.1, 0.15),
        "cache_ratings": (True,),
    },
    "lenskit_als": {
        "embedding_size": (20, 50, 100),
        "regularization": (0.1, 0.15, 0.2, 0.4),
    },
    "lenskit_knn": {"max_nbrs": (10, 20, 40, 80), "min_sim": (1e-6, 0.02, 0.1)},
    "cornac_mf": {
        "k": (50, 100, 200),
        "max_iter": (50, 100),
        "learning_rate": (0.005, 0.01),
        "lambda_reg": (0.05, 0.07, 0.1),
    },
    "myfm_plain": {"rank": (8, 16, 32), "n_iter": (300,)},
    "myfm_histories": {"rank": (8, 16, 32), "n_iter": (300,)},
    "ials": {
        "factors": (16, 32, 64, 128),
        "regularization": (0.01, 1.0, 10.0, 30.0),
        "scale": (0.5, 1.0, 2.0, 5.0, 10.0),
        "iterations": (15, 30),
    },
    "ease": {"l2": (200, 400, 800, 1600, 3200), "power": (0, 0.5, 1.0)},
    "item_knn": {"K": (10, 20, 50, 100, 200, 1700)},
    "keras_rs_ranking": {"epochs": (5,)},
    "keras_rs_retrieval": {"epochs": (50,), "learning_rate": (0.1,)},
    "keras_rs_deep_retrieval": {
        "epochs": (30,),
        "learning_rate": (0.05,),
        "layer_sizes": ((64, 32),),
    },
    "keras_rs_gru": {"epochs": (45,)},
    "keras_rs_sasrec": {"epochs": (60,)},
}


def main(arguments=None):
    """Search and print the settings; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tune")
    parser.add_argument("peers", nargs="*", metavar="PEER", help=", ".join(GRIDS))
    chosen = parser.parse_args(arguments).peers or list(GRIDS)
    if unknown := sorted(set(chosen) - set(GRIDS)):
        parser.error(f"no peer {', '.join(unknown)}; there are {', '.join(GRIDS)}")
    for name in chosen:
        peer = getattr(peers, name)
        splits, ranks = RATER_SPLITS, peer not in peers.RATERS.values()
        if ranks:
            in_order = peer in peers.SEQUENCERS.values()
            splits = SEQUENCER_SPLITS if in_order else RANKER_SPLITS
        for key, split in splits.items():
            tried = run_apart("benchmarks.tune.try_all", name, split, ranks)
            for figure, seconds, setting in tried:
                print(f"  {name} on {split}: {figure:.4f} {seconds:5.1f} s {setting}")
            _, _, best = (max if ranks else min)(tried, key=lambda row: row[0])
            print(f'("{name}", "{key}"): {best},', flush=True)
    return 0


def try_all(name, split_name, ranks):
    """Try all settings of a peer's grid, in a process of its own.

    Parameters
    ----------
    name : str
        A key of `GRIDS`.
    split_name : str
        A key of `benchmarks.splits.SPLITS`.
    ranks : bool
        Use NDCG@10; otherwise RMSE.

    Returns
    -------
    list of (float, float, dict) : score, seconds, setting
    """
    split = without_test(load_split(split_name), HIDDEN if ranks else VALIDATION)
    grid, peer = GRIDS[name], getattr(peers, name)
    metric, answers = ("ndcg@10", "scores") if ranks else ("rmse", "stars")
    tried = []
    for values in product(*grid.values()):
        setting = dict(zip(grid, values, strict=True))
        started = time.perf_counter()
        figures = measured(split, {answers: peer(split, seed=0, **setting)()})
        tried.append((figures[metric], time.perf_counter() - started, setting))
    return tried


if __name__ == "__main__":
    sys.exit(main())
