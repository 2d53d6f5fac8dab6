"""`docs/benchmarks.md` and its two figures, from `benchmarks/results.json` alone."""

import re
from pathlib import Path

from benchmarks import targets
from benchmarks.growth import SIZES, STAGES
from benchmarks.tables import as_table
from benchmarks.targets import best_of, level
from helpers.files import write_text

DOCS = Path(__file__).parent.parent / "docs"
SPLIT_TITLES = {
    "random80": "ml-100k, random 80/20 (seed 003's)",
    "u1": "ml-100k, u1",
    "latest2016-80-12-8": "ml-latest-small 2016, random 80/12/8 (seed 004's)",
    "latest2018-80-20": "ml-latest-small 2018, random 80/20",
    "seed001": "ml-100k, u1 filtered (seed 001's)",
    "seed001-all-users": "the same test set, all users of u1 train",
}
RATED = ("random80", "u1", "latest2016-80-12-8", "latest2018-80-20")
RANKED = ("seed001", "seed001-all-users")
DUELS = {
    "dot to the same error": "seed 003's dot model to the same validation error",
    "five models and their lists": "seed 001's five models with their lists",
    "scoring all users": "scoring all users × movies: the two tables multiplied",
    "scoring all users, any model": "scoring all users × movies: `score_all`, any model",
    "NDCG for all users": "NDCG of all users, scikit-learn's and the course's",
}
COLOURS = {"course": "#0072B2", "seed": "#D55E00", "peer": "#7F7F7F"}
MARKERS = {"course": "o", "seed": "s", "peer": "D"}
KIND_NAMES = {"course": "the course", "seed": "seeds", "peer": "peers"}

OPENING = """\
# Benchmarks

`make bench` writes this page. It trains the course's models, those of the five public notebooks
("seeds") and those of other libraries ("peers") on the same splits, in the same run, and
keeps what it measured in [benchmarks/results.json](../benchmarks/results.json). An interrupted run goes on
where it was.

{computer}

Each model has a process and one core of its own. A figure is the mean over the runs, each with
another random seed, and ± is their standard deviation; what draws nothing at random runs once.
Another test set of this size would move an RMSE by about ±0.005 and an NDCG@10 by about ±0.011: closer
figures are level. Settings of peers were chosen on a part of the training ratings
([benchmarks/settings.py](../benchmarks/settings.py)), never on the test set. *MAE, rounded* rounds
the predictions to the scale first, or takes a predicted median. That flatters, as ratings are whole or half stars: compare it with its
own kind only. Seconds are those of this computer; CPU seconds count all threads.
{missing}"""


def run(results, docs=DOCS):
    """Write the page and the figures.

    Parameters
    ----------
    results : benchmarks.results.Results
    docs : pathlib.Path
        Folder for them.

    Returns
    -------
    pathlib.Path : the page
    """
    docs.mkdir(parents=True, exist_ok=True)
    _draw(results, docs / "benchmarks_stars.svg", RATED, "rmse", "test RMSE (stars)")
    _draw(results, docs / "benchmarks_lists.svg", RANKED, "ndcg@10", "NDCG@10")
    page = docs / "benchmarks.md"
    write_text(page, page_of(results))
    return page


def _missing(results):
    """Say so where parts of the bench have not run yet."""
    parts = [
        part for part in ("peer", "speed", "growth") if not results.find(kind=part)
    ]
    if not parts:
        return ""
    return (
        "\n**Not complete yet.** Of these nothing is measured so far: "
        f"{', '.join(parts)}. `make bench` goes on from here.\n"
    )


def page_of(results):
    """Return the page's Markdown.

    Parameters
    ----------
    results : benchmarks.results.Results

    Returns
    -------
    str
    """
    computer = results.find(kind="computer")
    opening = OPENING.format(
        computer=computer[0]["note"] if computer else "", missing=_missing(results)
    )
    parts = [
        opening,
        "## What was to be reached\n",
        _targets(results, targets.ACCURACY, "best of the course"),
        _targets(results, targets.SPEED),
        _targets(results, targets.GROWTH),
        "## Predicting stars\n",
        _figure(results, "benchmarks_stars.svg", RATED, "rmse", "Test RMSE", "lower"),
        *(_rated(results, split) for split in RATED),
        "## Making lists\n",
        "NDCG with the test ratings as relevance and the training pairs left out, as seed "
        "001 does it. "
        "Its filter keeps only users and movies that occur in the test set, too, which leaks; "
        "so the second table lets all users of u1 train, and ranks the same movies for "
        "the same users.\n",
        _figure(
            results, "benchmarks_lists.svg", RANKED, "ndcg@10", "NDCG@10", "higher"
        ),
        *(_ranked(results, split) for split in RANKED),
        _speed(results),
        _growth(results),
    ]
    return "\n".join(part for part in parts if part)


def _targets(results, lines, who_column=None):
    rows = []
    for line in lines:
        who, value, verdict = line.verdict(results)
        sign = "≤" if line.at_most else "≥"
        row = [line.what, f"{sign} {line.bound:,}", _number(value)]
        rows.append((*row, *([who] if who_column else []), verdict))
    columns = ["figure", "asked for", "measured", "", ""][: 3 + bool(who_column)]
    if who_column:
        columns[3] = who_column
    return as_table(rows, [*columns, "verdict"]) + "\n"


def _rated(results, split):
    return _table(
        results,
        split,
        sort_by="rmse",
        columns={"rmse": "RMSE", "mae": "MAE", "mae_rounded": "MAE, rounded"},
    )


def _ranked(results, split):
    names = {f"ndcg@{k}": f"NDCG@{k}" for k in (10, 20, 30, 100)}
    return _table(results, split, sort_by="ndcg@10", columns=names)


def _table(results, split, sort_by, columns):
    lines = [f"### {SPLIT_TITLES[split]}\n"]
    found = [
        one
        for one in results.find(split=split, metric=sort_by)
        if one["kind"] in KIND_NAMES and one["value"] is not None
    ]
    lowest = not sort_by.startswith("ndcg")
    found.sort(key=lambda one: one["value"] if lowest else -one["value"])
    ranked = {(one["kind"], one["model"]) for one in found}
    found += [
        one
        for one in results.find(split=split, metric="mae_rounded")
        if one["kind"] in KIND_NAMES and (one["kind"], one["model"]) not in ranked
    ]
    rows = []
    for one in found:
        key = one["kind"], one["model"], split
        figures = []
        for metric in columns:
            measured = results.find(
                kind=key[0], model=key[1], split=split, metric=metric
            )
            if not measured:
                figures.append("–")
                continue
            spread = f" ± {measured[0]['spread']:.3f}" if one["runs"] > 1 else ""
            figures.append(f"{measured[0]['value']:.3f}{spread}")
        times = [_seconds(one[name]) for name in ("fit_s", "cpu_s", "score_s")]
        peak = f"{one['peak_mb']:,}"
        rows.append(
            (one["model"], one["kind"], *figures, str(one["runs"]), *times, peak)
        )
    if rows:
        heads = ["model", "kind", *columns.values(), "runs"]
        lines.append(
            as_table(rows, [*heads, "fit (s)", "CPU (s)", "answer (s)", "peak (MB)"])
        )
        lines.append(f"\n{_in_words(results, split, sort_by, lowest)}")
    lines.append(_left_out(results, split))
    return "\n".join(line for line in lines if line) + "\n"


def _in_words(results, split, metric, lowest):
    """Say who is level with whom at the top."""
    course, peer = (
        best_of(results, kind, split, metric, lowest) for kind in ("course", "peer")
    )
    if not course or not peer:
        return ""
    if level(course[1], peer[1], metric):
        how = "level with"
    else:
        how = "ahead of" if (course[1] < peer[1]) == lowest else "behind"
    difference = abs(course[1] - peer[1])
    return (
        f"The best of the course, *{course[0]}*, is {how} the best peer, *{peer[0]}* "
        f"({difference:.3f} apart)."
    )


def _left_out(results, split):
    reasons = {}
    for one in results.find(split=split, value=None):
        if one["kind"] in KIND_NAMES:
            reasons.setdefault(one["note"], []).append(one["model"])
    return "\n".join(
        f"\nLeft out: {', '.join(models)}. {reason}"
        for reason, models in reasons.items()
    )


def _speed(results):
    rows = []
    for name, title in DUELS.items():
        found = {one["metric"]: one for one in results.find(kind="speed", model=name)}
        if "ratio" not in found:
            continue
        ratio = found["ratio"]
        rows.append(
            (
                title,
                _seconds(found["slow_s"]["value"]),
                _seconds(found["fast_s"]["value"]),
                f"{ratio['value']:,.1f} ± {ratio['spread']:,.1f}",
                str(ratio["runs"]),
                ratio["note"],
            )
        )
    if not rows:
        return ""
    heads = [
        "task",
        "one way (s)",
        "the other (s)",
        "times faster",
        "turns",
        "equal were",
    ]
    text = (
        "## Speed, one way and the other in turn\n\n"
        "On two cores. Only the ratios mean something on another computer.\n\n"
        f"{as_table(rows, heads)}\n"
    )
    return text + _steps(results)


def _steps(results):
    found = results.find(kind="speed", model="steps")
    measured = {one["metric"]: one["value"] for one in found if one["value"]}
    if not measured:
        return ""
    rows = []
    for variant, milliseconds in measured.items():
        batch = int(re.search(r"batch ([\d,]+)", variant)[1].replace(",", ""))
        a_rating = 1000 * milliseconds / batch
        rows.append((variant, f"{milliseconds:.2f}", f"{a_rating:.2f}"))
    return (
        "\n### Where a step spends its time\n\n"
        "The dot model with 64 factors, Adam, one thing changed at a time.\n\n"
        f"{as_table(rows, ['variant', 'a step (ms)', 'a rating (µs)'])}\n\n"
        f"{_learned(measured)}\n"
    )


def _learned(measured):
    """Read the table of steps: sentences with the run's own figures."""
    small, large = measured.get("batch 64"), measured.get("batch 1,024")
    if not small or not large:
        return ""

    def times(variant, base):
        value = measured.get(variant)
        return f"{value / base:.1f}" if value else "–"

    return (
        f"- **Larger batches matter most.** A batch of 1,024 is 16 times the ratings in "
        f"{large / small:.1f} times the time: a step is mostly the way to it, not the "
        "arithmetic.\n"
        "- **Going back to Python after each step** is what `steps_per_execution` saves. "
        f"With 20 of them a step of 64 takes {times('batch 64, 20 steps an execution', small)} "
        f"of its time, one of 1,024 {times('batch 1,024, 20 steps an execution', large)}.\n"
        "- **Adam touches every row of every table**, also of movies that are not in the "
        "batch: with 20 times the movies a step of 64 takes "
        f"{times('batch 64, 20 times the movies', small)} times as long; plain SGD, which "
        f"touches only the batch's rows, {times('batch 64, SGD', small)} of Adam's time "
        "on the small catalogue.\n"
        f"- **XLA** off: {times('batch 64, XLA off', small)}, on: "
        f"{times('batch 64, XLA on', small)} of Keras' own choice. **`tf.data`** instead of "
        f"arrays: {times('batch 64, tf.data', small)}."
    )


def _growth(results):
    stages = [stage for stage in STAGES if _growth_of(results, stage, "µs")]
    if not stages:
        return ""
    rows = []
    for unit, per in (("µs", "µs a rating"), ("bytes", "bytes a rating")):
        for stage in stages:
            values = _growth_of(results, stage, unit)
            if not values:
                continue
            unit_of = (
                per.replace("rating", "pair") if stage in ("score", "NDCG") else per
            )
            shown = [f"{one:,.3g}" if one is not None else "–" for one in values]
            ratio = values[2] / values[1] if values[1] and values[2] else None
            rows.append((f"{stage}, {unit_of}", *shown, _number(ratio)))
    peaks = [results.value("growth", size, "synthetic", "peak_mb") for size in SIZES]
    rows.append(("peak, MB", *(_number(one) for one in peaks), ""))
    return (
        "\n## Growth\n\n"
        "Made-up ratings with as many users and movies as ml-100k, ml-1m and ml-10m have. An "
        "epoch is one of dot + bias with 64 factors, in about a hundred batches; scoring and "
        "NDCG are for 1,000 users at a time, and their cost is that of a pair of user and "
        "movie. Of five turns a stage has the fastest, a wait the longest, memory the most."
        "\n\n"
        f"{as_table(rows, ['stage', *SIZES, '10 million over 1 million'])}\n\n"
        f"{_growth_explained(results)}"
    )


def _growth_explained(results):
    """Give the reason for each stage that does not stay flat."""

    def growth(stage):
        _, smaller, larger = _growth_of(results, stage, "µs") or [None] * 3
        return f"{larger / smaller:.1f} times" if smaller and larger else "–"

    return (
        "- **Loading** costs processor time in step with the ratings. By the clock its turns "
        "differ by half: some get fresh pages from the system, others those that the "
        "turn before gave back.\n"
        "- **Splitting** fetches all ratings in random order, once, and a random order is "
        "dear as soon as the ratings no longer fit the processor's cache. Drawing a "
        "permutation and fetching a single column by it (*shuffle alone*) becomes "
        f"{growth('shuffle alone')} as dear a rating from 1 to 10 million, a split "
        f"{growth('split')}: the rest of it hardly grows. (It once fetched twice, "
        "and sorted all ids to find the distinct ones: twice the time.) Its memory is flat: "
        "`tracemalloc`, in a run apart, saw 53, 62 and 48 bytes a rating. The table has by "
        "how much the process grew, and small splits fit into what loading left.\n"
        "- **An epoch** in about a hundred batches becomes "
        f"{growth('epoch')} as dear. The tables of 10 million ratings and Adam's two slots "
        "are 62 MB, more than the processor's cache, and each step goes through all of "
        "them: as many ratings of the users and movies of 1 million took, in a run apart, "
        "0.42 µs a rating instead of 0.62. XLA (`jit_compile=True`) goes through them less "
        f"often: {growth('epoch with XLA')}, in about half the time. The lessons do without: "
        "compiling takes longer than their fits would save (lesson 03's dot + bias 3.1 s "
        "instead of 2.2).\n"
        "- **After an epoch** `fit` may sleep: `tf.data`'s autotuner wakes up 10 ms after "
        "the beginning, and after twice, four times … that, and the end of an epoch waits for it where a "
        "wake-up got lost, at worst as long again as the epoch took. It is TensorFlow's "
        "race, not always lost; with `options.autotune.enabled = False` in a "
        "`tf.data.Dataset` of one's own it is gone (of twelve epochs of 0.7 and 7 million "
        "ratings none slept; with the autotuner seven of twelve did). Fits on the course's "
        "72,000 lose about a tenth of their time by it.\n"
        "- **An epoch in batches of 1,024** cannot stay flat: Adam touches every row of the "
        "tables at each step, and there are more rows and more steps.\n"
    )


def _growth_of(results, stage, unit):
    values = [
        results.value("growth", size, "synthetic", f"{stage}: {unit}") for size in SIZES
    ]
    return values if any(one is not None for one in values) else []


def _figure(results, file, splits, metric, what, better):
    said = []
    for split in splits:
        found = {
            KIND_NAMES[kind]: best_of(results, kind, split, metric, better == "lower")
            for kind in KIND_NAMES
        }
        figures = [f"{kind} {one[1]:.3f}" for kind, one in found.items() if one]
        if figures:
            said.append(f"{SPLIT_TITLES[split]}: best of {', '.join(figures)}")
    if not said:
        return ""
    alt = f"{what} of all models on each split, {better} is better. {'; '.join(said)}."
    return f"![{alt}]({file})\n"


def _draw(results, path, splits, metric, label):
    """Draw a panel a split, a row a model, best on top."""
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    panels = []
    for split in splits:
        found = [
            one
            for one in results.find(split=split, metric=metric)
            if one["kind"] in KIND_NAMES and one["value"] is not None
        ]
        if found:
            worst_first = {"rmse": 1, "ndcg@10": -1}[metric]
            found.sort(key=lambda one: -worst_first * one["value"])
            panels.append((split, found))
    if not panels:
        return
    settings = {"svg.hashsalt": "benchmarks", "svg.fonttype": "path", "font.size": 9}
    with plt.rc_context(settings):
        heights = [len(found) + 1.5 for _, found in panels]
        figure, axes = plt.subplots(
            len(panels),
            1,
            figsize=(8, 0.24 * sum(heights) + 0.5 * len(panels)),
            gridspec_kw={"height_ratios": heights},
            squeeze=False,
            layout="constrained",
        )
        for ax, (split, found) in zip(axes[:, 0], panels, strict=True):
            for row, one in enumerate(found):
                ax.errorbar(
                    one["value"],
                    row,
                    xerr=one["spread"] or 0,
                    fmt=MARKERS[one["kind"]],
                    color=COLOURS[one["kind"]],
                )
            ax.set_yticks(range(len(found)), [one["model"] for one in found])
            ax.set_xlabel(label)
            ax.set_title(SPLIT_TITLES[split], loc="left")
            ax.grid(axis="x", alpha=0.3)
            ax.spines[["top", "right"]].set_visible(False)
            ax.margins(y=0.05)
        handles = [
            plt.Line2D(
                [], [], ls="", marker=MARKERS[kind], color=COLOURS[kind], label=name
            )
            for kind, name in KIND_NAMES.items()
        ]
        figure.legend(
            handles=handles, loc="outside upper right", ncols=3, frameon=False
        )
        figure.savefig(path, metadata={"Date": None})
        plt.close(figure)


def _number(value):
    if value is None:
        return "–"
    return f"{value:.3f}" if abs(value) < 5 else f"{value:,.1f}"


def _seconds(value):
    if value is None:
        return "–"
    return f"{value:.3f}" if value < 0.1 else f"{value:,.1f}"
