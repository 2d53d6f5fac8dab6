"""The course's models, the seeds' and the peers', on the same splits in one run."""

from concurrent.futures import ThreadPoolExecutor, as_completed

from benchmarks.entries import KINDS, all_entries
from benchmarks.measure import records_of


def run(results, progress, quick=False, kinds=KINDS, splits=None, jobs=2):
    """Measure all who are not in the results yet.

    Parameters
    ----------
    results : benchmarks.results.Results
        Filled as each contestant ends.
    progress : rich.progress.Progress
    quick : bool
        One run each, and only of the quick ones.
    kinds, splits : sequence of str, optional
        Only these.
    jobs : int
        Contestants at a time; each has one core.
    """
    contestants = [
        one
        for one in all_entries(kinds)
        if (splits is None or one.split in splits) and not (quick and one.is_slow)
    ]
    runs = 1 if quick else None
    waiting = [
        one for one in contestants if not results.has(*one.key, runs=runs or one.runs)
    ]
    task = progress.add_task("models", total=len(contestants))
    progress.advance(task, len(contestants) - len(waiting))
    with ThreadPoolExecutor(jobs) as pool:
        futures = {pool.submit(records_of, one, runs): one for one in waiting}
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
    """Say in a line what was measured.

    Returns
    -------
    str
    """
    one = records[0]
    name = f"{one['split']}: {one['model']}"
    if one["value"] is None:
        return f"{name} is left out: {one['note']}"
    figures = ", ".join(f"{r['metric']} {r['value']:.3f}" for r in records[:2])
    return f"{name}: {figures} ({one['runs']} runs, fit {one['fit_s']:.1f} s)"
