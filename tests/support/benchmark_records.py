"""Records as the benchmarks save them, with made-up values."""

from benchmarks.results import Results, record


def some_results(path, **values):
    """Return results with one record a value: kind__split__metric=value."""
    results = Results(path)
    results.put([record("computer", "computer", "", "", note="Measured on paper.")])
    for name, value in values.items():
        kind, split, metric = name.split("__")
        results.put(
            [
                record(
                    *(kind, f"model of {kind}", split.replace("_", "-")),
                    *(one, value + place / 100),
                    spread=0.001,
                    runs=5,
                    fit_s=1.0,
                    cpu_s=1.0,
                    score_s=0.1,
                    peak_mb=500,
                )
                for place, one in enumerate(metrics_beside(metric))
            ]
        )
    return results


def metrics_beside(metric):
    if metric == "ndcg":
        return [f"ndcg@{k}" for k in (10, 20, 30, 100)]
    return ["rmse", "mae", "mae_rounded"] if metric == "rmse" else [metric]
