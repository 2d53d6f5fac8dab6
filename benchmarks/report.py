"""Write `docs/benchmarks.md` and its two figures from `benchmarks/results.json`."""

import inspect
import re
from pathlib import Path

from benchmarks import peers, targets
from benchmarks.entries import CONFIRMING, RANKED, RATED, SEQUENCES
from benchmarks.growth import SIZES, STAGES
from benchmarks.tables import as_table
from benchmarks.targets import best_of, level
from helpers.files import write_text

DOCS = Path(__file__).parent.parent / "docs"
SPLIT_TITLES = {
    "random80": "ml-100k, random 80/20",
    "u1": "ml-100k, u1",
    "latest2016-80-12-8": "ml-latest-small 2016, random 80/12/8",
    "latest2018-80-20": "ml-latest-small 2018, random 80/20",
    "u1-filtered": "ml-100k, u1 filtered",
    "u1-filtered-all-users": "the same test set, all users of u1 train",
    "sequences": "ml-100k, each user's last movie",
    "random80-again": "ml-100k, random 80/20, drawn again",
    "u3": "ml-100k, u3",
}
COMPARISONS = {
    "dot to the same error": "a dot model to the same validation error",
    "five models and their lists": "five models with their lists",
    "scoring all users": "scoring all users × movies: the two tables multiplied",
    "scoring all users, any model": "scoring all users × movies: `score_all`, any model",
    "NDCG for all users": "NDCG of all users, scikit-learn's and the course's",
}
COLOURS = {"course": "#0072B2", "notebook": "#D55E00", "peer": "#7F7F7F"}
MARKERS = {"course": "o", "notebook": "s", "peer": "D"}
KIND_NAMES = {"course": "the course", "notebook": "public notebooks", "peer": "peers"}

OPENING = """\
# Benchmarks

`make bench` writes this page. It trains the course's models, those of public notebooks and those of
other libraries ("peers") on the same splits, in the same run, and keeps the results in
[benchmarks/results.json](../benchmarks/results.json). An interrupted run can be resumed.

{computer}

Each model runs in a process of its own, on one core. A score is the mean over the runs, each with
another random seed, and ± is their standard deviation; models without randomness run once.
The sampling error of this test set is about ±0.005 for an RMSE and ±0.011 for an NDCG@10: closer
scores are level. Settings of peers were chosen on a part of the training ratings
([benchmarks/settings.py](../benchmarks/settings.py)), never on the test set. *MAE, rounded* rounds
the predictions to the scale first, or takes a predicted median. That lowers the MAE, as ratings are whole or half stars: compare it with
other rounded ones only. Seconds are those of this computer; CPU seconds count all threads.

The public notebooks' models are named by what they do: *64 factors, MAE loss* trains on a random 80/20
split of ml-100k; *50 factors, Nadam* on u1, filtered to the users and movies of both parts; *50 factors,
L2* and *5 factors* on ml-latest-small of 2016.

{tutorials}
{missing}"""


def run(results, docs=DOCS):
    """Write the page and the figures.

    Parameters
    ----------
    results : benchmarks.results.Results
    docs : pathlib.Path
        The folder to write to.

    Returns
    -------
    pathlib.Path : the page
    """
    docs.mkdir(parents=True, exist_ok=True)
    _draw(results, docs / "benchmarks_stars.svg", RATED, "rmse", "test RMSE (stars)")
    lists = docs / "benchmarks_lists.svg"
    _draw(results, lists, (*RANKED, *SEQUENCES), "ndcg@10", "NDCG@10")
    page = docs / "benchmarks.md"
    write_text(page, page_of(results))
    return page


def _missing(results):
    """Name the parts and splits of the benchmark that have not run yet."""
    parts = [
        part for part in (*KIND_NAMES, "speed", "growth") if not results.find(kind=part)
    ]
    parts += [
        name for split, name in SPLIT_TITLES.items() if not results.find(split=split)
    ]
    if not parts:
        return ""
    return (
        f"\n**Not complete yet.** Still to be measured: {'; '.join(parts)}. "
        "`make bench` resumes.\n"
    )


def _tutorials():
    """Say what each recipe of KerasRS' tutorials was meant to show."""
    models = peers.RATERS | peers.RANKERS | peers.SEQUENCERS
    lines = [
        f"- *{name}*: {inspect.getdoc(train)}"
        for name, train in models.items()
        if "KerasRS" in name
    ]
    return "\n".join(
        [
            "Of the peers, the tutorials of KerasRS teach the library, and claim no low error. Their recipes, in code of our",
            "own ([benchmarks/keras_rs_tutorials.py](../benchmarks/keras_rs_tutorials.py)), are meant to do this:",
            "",
            *lines,
        ]
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
        computer=computer[0]["note"] if computer else "",
        tutorials=_tutorials(),
        missing=_missing(results),
    )
    parts = [
        opening,
        "## Targets\n",
        _targets(results, targets.ACCURACY, "best of the course"),
        _targets(results, targets.SPEED),
        _targets(results, targets.GROWTH),
        "Why the cost of a rating grows is explained under [Growth](#growth).\n",
        "## Predicting ratings\n",
        _figure(results, "benchmarks_stars.svg", RATED, "rmse", "Test RMSE", "lower"),
        *(_rated(results, split) for split in RATED),
        "## Confirmation\n",
        "No setting was chosen on these splits.\n",
        *(_rated(results, split) for split in CONFIRMING),
        "## Ranking\n",
        "NDCG with the test ratings as relevance and the training pairs left out. A public "
        "notebook filters u1 to the users and movies of both parts, which leaks information "
        "about the test set. So in the second table all users of u1 train, and the same "
        "movies are ranked for the same users.\n",
        _figure(
            results,
            "benchmarks_lists.svg",
            (*RANKED, *SEQUENCES),
            "ndcg@10",
            "NDCG@10",
            "higher",
        ),
        *(_ranked(results, split) for split in RANKED),
        "## The next movie\n",
        "Each user's last movie is hidden, and all movies that the user had not rated before "
        "are ranked, as in lesson 08, whose models these are. Settings were chosen on the "
        "next-to-last movies.\n",
        *(_ranked(results, split) for split in SEQUENCES),
        _speed(results),
        _growth(results),
    ]
    return "\n".join(part for part in parts if part)


def _targets(results, lines, model_column=None):
    rows = []
    for line in lines:
        model, value, verdict = line.verdict(results)
        sign = "≤" if line.at_most else "≥"
        row = [line.what, f"{sign} {line.bound:,}", _number(value)]
        rows.append((*row, *([model] if model_column else []), verdict))
    columns = ["measure", "target", "measured", *filter(None, [model_column])]
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
    if not any(lines[1:]):
        lines.append("Not measured yet.")
    return "\n".join(line for line in lines if line) + "\n"


def _in_words(results, split, metric, lowest):
    """Compare the best model of the course with the best peer."""
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
    for name, title in COMPARISONS.items():
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
    heads = ["task", "slow (s)", "fast (s)", "times faster", "turns", "equal in both"]
    text = (
        "## Speed\n\n"
        "The usual way, as in a public notebook or scikit-learn, and the course's way take "
        "turns on two cores. On another computer, only the ratios can be compared.\n\n"
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
    """Explain the table of steps with its own values."""
    small, large = measured.get("batch 64"), measured.get("batch 1,024")
    if not small or not large:
        return ""

    def times(variant, base):
        value = measured.get(variant)
        return f"{value / base:.1f}" if value else "–"

    return (
        f"- **Larger batches matter most.** A batch of 1,024 is 16 times the ratings in "
        f"{large / small:.1f} times the time: most of a step is overhead, not "
        "arithmetic.\n"
        "- **Returning to Python after each step** is what `steps_per_execution` saves. "
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
        "Synthetic ratings with as many users and movies as ml-100k, ml-1m and ml-10m. An "
        "epoch is one of dot + bias with 64 factors, in about a hundred batches; scoring and "
        "NDCG are for 1,000 users at a time, and their cost is per pair of user and movie. "
        "The time of a stage is the shortest of five turns, that of a wait the longest; "
        "memory is the largest.\n\n"
        f"{as_table(rows, ['stage', *SIZES, '10 million over 1 million'])}\n\n"
        f"{_growth_explained(results)}"
    )


def _growth_explained(results):
    """Explain each stage whose cost per rating grows."""

    def growth(stage):
        _, smaller, larger = _growth_of(results, stage, "µs") or [None] * 3
        return f"{larger / smaller:.1f} times" if smaller and larger else "–"

    return (
        "- **Loading** takes processor time in proportion to the ratings. Its wall-clock "
        "time varies by half between turns, because some turns get new pages from the "
        "system and others reuse those that the previous turn freed.\n"
        "- **Splitting** reads all ratings in random order, once, which is slow as soon as "
        "the ratings no longer fit the processor's cache. From 1 to 10 million ratings, "
        "drawing a permutation and reading a single column by it (*shuffle alone*) takes "
        f"{growth('shuffle alone')} as long per rating, a split {growth('split')}: the rest "
        "of it hardly grows. Its memory does not grow: in a separate run, `tracemalloc` "
        "measured 53, 62 and 48 bytes per rating. The table shows by how much the process "
        "grew, and small splits fit into memory that loading had freed.\n"
        "- **An epoch** in about a hundred batches takes "
        f"{growth('epoch')} as long per rating. With 10 million ratings, the embeddings and "
        "Adam's two slots take 62 MB, more than the processor's cache, and each step updates "
        "all of them. In a separate run, as many ratings with the users and movies of 1 "
        "million took 0.42 µs per rating instead of 0.62. With XLA (`jit_compile=True`), "
        f"which reads them less often, it is {growth('epoch with XLA')}, in about half the "
        "time. The lessons do not use it, because compiling takes longer than it saves "
        "(lesson 03's dot + bias: 3.1 s instead of 2.2).\n"
        "- **After an epoch** `fit` may sleep. `tf.data`'s autotuner wakes up 10 ms after "
        "the start, then after intervals that double. The end of an epoch waits for it if a "
        "wake-up was lost, in the worst case as long as the epoch took. This is a race "
        "condition in TensorFlow; `options.autotune.enabled = False` in a "
        "`tf.data.Dataset` avoids it (of twelve epochs of 0.7 and 7 million "
        "ratings none slept; with the autotuner, seven did). Fits on the course's "
        "72,000 ratings lose about a tenth of their time.\n"
        "- **An epoch in batches of 1,024** has to grow: Adam updates every row of the "
        "embeddings at each step, and there are more rows and more steps.\n"
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
    """Draw a panel for each split, with a row for each model, the best on top."""
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
