"""Every model trains, answers and is measured, on a few made-up ratings."""

import statistics

import pytest
from rich.progress import Progress

from benchmarks import course, entries, measure, public_notebooks
from benchmarks.results import KEYS, Results


@pytest.mark.parametrize(
    ("kind", "model"),
    [
        *(
            ("notebook", name)
            for group in public_notebooks.MODELS.values()
            for name in group
        ),
        *(
            ("course", name)
            for name in course.RATERS | course.RANKERS | course.SEQUENCERS
        ),
    ],
)
def test_each_model_trains_and_answers(on_tiny, briefly, kind, model):
    one = next(c for c in entries.all_entries([kind]) if c.model == model)
    records = measure.records_of(one, runs=1)
    assert {tuple(row) for row in records} == {KEYS}
    for row in records:
        assert row["note"] is None, row["note"]
        assert 0 < row["value"] < 6 and row["runs"] == 1
        assert row["fit_s"] >= 0 and row["peak_mb"] > 50


def test_a_peer_that_is_not_installed_is_left_out_with_its_reason(on_tiny, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "surprise", None)
    one = next(c for c in entries.all_entries(["peer"]) if "SVD" in c.model)
    (row,) = measure.records_of(one)
    assert row["value"] is None and row["runs"] == 0
    assert "not installed" in row["note"] and "surprise" in row["note"]


def test_a_task_that_fails_is_left_out_with_its_reason(tmp_path):
    results = Results(tmp_path / "results.json")
    with Progress(disable=True) as progress:
        measure.measure_missing(
            "growth", {"any": "synthetic"}, "operator.truediv", results, progress
        )
    (only,) = results.records
    assert only["value"] is None and "unsupported operand" in only["note"]


def test_means_and_spreads_are_those_of_the_runs(on_tiny, briefly):
    one = next(c for c in entries.all_entries(["course"]) if c.model == "dot")
    rows = measure.records_of(one, runs=2)
    found = measure.measure(*one.key, 2)["figures"]
    for row in rows:
        values = [run[row["metric"]] for run in found]
        assert row["value"] == pytest.approx(statistics.fmean(values), abs=1e-4)
        assert row["runs"] == 2
