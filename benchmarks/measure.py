"""Run what is measured, each in a process of its own, and make records of it."""

import statistics
import time

from benchmarks.entries import find_entry
from benchmarks.metrics import measured
from benchmarks.processes import TaskFailedError, peak_megabytes, run_apart
from benchmarks.results import record
from benchmarks.splits import SplitLeftOutError, load_split


def records_of(contestant, runs=None):
    """Run a contestant apart, with one core.

    Parameters
    ----------
    contestant : benchmarks.entries.Entry
    runs : int, optional
        Fewer than its own.

    Returns
    -------
    list of dict
        A record for each metric; or a single one without a value whose note says why it
        was left out.
    """
    wanted = min(runs or contestant.runs, contestant.runs)
    try:
        found = run_apart("benchmarks.measure.measure", *contestant.key, wanted)
    except TaskFailedError as error:
        found = {"left_out": str(error)}
    if reason := found.get("left_out"):
        return [record(*contestant.key, None, runs=0, note=reason)]
    figures = found.pop("figures")
    return [
        record(
            *contestant.key,
            metric,
            statistics.fmean(one[metric] for one in figures),
            spread=statistics.pstdev(one[metric] for one in figures),
            runs=len(figures),
            **found,
        )
        for metric in figures[0]
    ]


def measure_missing(kind, tasks, function, results, progress):
    """Run tasks apart, one after the other, that are not in the results yet.

    Parameters
    ----------
    kind : str
        Of their records.
    tasks : dict of str to str
        Name -> split.
    function : str
        ``"benchmarks.speed.measure"``: takes a name and a split, returns records.
    results : benchmarks.results.Results
    progress : rich.progress.Progress
    """
    shown = progress.add_task(kind, total=len(tasks))
    for name, split in tasks.items():
        if not results.has(kind, name, split):
            progress.console.print(f"{kind}: {name} …")
            try:
                rows = run_apart(function, name, split, threads=2)
            except TaskFailedError as error:
                rows = [record(kind, name, split, None, runs=0, note=str(error))]
            results.put(rows)
        progress.advance(shown)


def measure(kind, model, split, runs):
    """Train a model with several seeds; called in a process of its own.

    Parameters
    ----------
    kind, model, split : str
        As in `benchmarks.entries.Entry.key`.
    runs : int

    Returns
    -------
    dict
        ``figures``, a dictionary of metrics a run; fit_s and cpu_s, the medians;
        score_s of the first run; peak_mb. Or ``left_out``, a reason.
    """
    try:
        ratings = load_split(split)
        contestant = find_entry(kind, model, split)
        rounds = [_one_run(contestant, ratings, seed) for seed in range(runs)]
    except SplitLeftOutError as reason:
        return {"left_out": str(reason)}
    except ImportError as error:
        return {"left_out": f"not installed: {error}"}
    figures, fit, cpu, score = zip(*rounds, strict=True)
    return {
        "figures": figures,
        "fit_s": round(statistics.median(fit), 3),
        "cpu_s": round(statistics.median(cpu), 3),
        "score_s": round(score[0], 4),
        "peak_mb": round(peak_megabytes()),
    }


def _one_run(contestant, split, seed):
    started, cpu_started = time.perf_counter(), time.process_time()
    answer = contestant.train(split, seed)
    trained, cpu_trained = time.perf_counter(), time.process_time()
    answers = answer()
    answered = time.perf_counter()
    figures = measured(split, answers)
    return figures, trained - started, cpu_trained - cpu_started, answered - trained
