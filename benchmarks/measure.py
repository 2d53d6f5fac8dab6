"""Run each measurement in a process of its own, and make records of the results."""

import statistics
import time

from benchmarks.entries import find_entry
from benchmarks.metrics import measured
from benchmarks.processes import TaskFailedError, peak_megabytes, run_apart
from benchmarks.results import record
from benchmarks.splits import SplitLeftOutError, load_split


def records_of(entry, runs=None):
    """Run an entry in a process of its own, on one core.

    Parameters
    ----------
    entry : benchmarks.entries.Entry
    runs : int, optional
        At most this many runs.

    Returns
    -------
    list of dict
        A record for each metric; or one record without a value whose note says why the
        entry was left out.
    """
    wanted = min(runs or entry.runs, entry.runs)
    try:
        found = run_apart("benchmarks.measure.measure", *entry.key, wanted)
    except TaskFailedError as error:
        found = {"left_out": str(error)}
    if reason := found.get("left_out"):
        return [record(*entry.key, None, runs=0, note=reason)]
    figures = found.pop("figures")
    return [
        record(
            *entry.key,
            metric,
            statistics.fmean(run[metric] for run in figures),
            spread=statistics.pstdev(run[metric] for run in figures),
            runs=len(figures),
            **found,
        )
        for metric in figures[0]
    ]


def measure_missing(kind, tasks, function, results, progress):
    """Run the tasks that are not in the results yet, one after the other.

    Parameters
    ----------
    kind : str
        The kind of their records.
    tasks : dict of str to str
        The split of each task, by name.
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
    """Train a model with several random seeds, in a process of its own.

    Parameters
    ----------
    kind, model, split : str
        As in `benchmarks.entries.Entry.key`.
    runs : int

    Returns
    -------
    dict
        ``figures``, a dictionary of metrics for each run; fit_s and cpu_s, medians;
        score_s of the first run; peak_mb. Or ``left_out``, the reason.
    """
    try:
        ratings = load_split(split)
        entry = find_entry(kind, model, split)
        rounds = [_one_run(entry, ratings, seed) for seed in range(runs)]
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


def _one_run(entry, split, seed):
    started, cpu_started = time.perf_counter(), time.process_time()
    answer = entry.train(split, seed)
    trained, cpu_trained = time.perf_counter(), time.process_time()
    answers = answer()
    answered = time.perf_counter()
    figures = measured(split, answers)
    return figures, trained - started, cpu_trained - cpu_started, answered - trained
