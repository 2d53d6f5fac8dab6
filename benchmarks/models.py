"""Measure the models of the course, the public notebooks and the peers in one run."""

from concurrent.futures import ThreadPoolExecutor, as_completed

from benchmarks.entries import KINDS, all_entries
from benchmarks.measure import records_of


def run(results, progress, quick=False, kinds=KINDS, splits=None, jobs=2):
    """Measure the entries that are not in the results yet.

    Parameters
    ----------
    results : benchmarks.results.Results
        Updated as soon as an entry has finished.
    progress : rich.progress.Progress
    quick : bool
        Run only the quick entries, once each.
    kinds, splits : sequence of str, optional
        Run only the entries of these.
    jobs : int
        The number of entries at a time; each has one core.
    """
    entries = [
        entry
        for entry in all_entries(kinds)
        if (splits is None or entry.split in splits) and not (quick and entry.is_slow)
    ]
    runs = 1 if quick else None
    waiting = [
        entry
        for entry in entries
        if not results.has(*entry.key, runs=runs or entry.runs)
    ]
    task = progress.add_task("models", total=len(entries))
    progress.advance(task, len(entries) - len(waiting))
    with ThreadPoolExecutor(jobs) as pool:
        futures = [pool.submit(records_of, entry, runs) for entry in waiting]
        try:
            for future in as_completed(futures):
                records = future.result()
                results.put(records)
                progress.console.print(line_of(records))
                progress.advance(task)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def line_of(records):
    """Describe in one line what was measured.

    Returns
    -------
    str
    """
    first = records[0]
    name = f"{first['split']}: {first['model']}"
    if first["value"] is None:
        return f"{name} is left out: {first['note']}"
    values = ", ".join(f"{row['metric']} {row['value']:.3f}" for row in records[:2])
    return f"{name}: {values} ({first['runs']} runs, fit {first['fit_s']:.1f} s)"
