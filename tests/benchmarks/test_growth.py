"""The benchmark of growing data sets."""

import os

import pytest
from rich.progress import Progress

from benchmarks import growth
from benchmarks.results import Results


@pytest.mark.skipif(os.name == "nt", reason="Windows lacks `resource`: no peak memory")
def test_growth_measures_all_stages_once(tmp_path):
    results = Results(tmp_path / "results.json")
    with Progress(disable=True) as progress:
        growth.run(results, progress, quick=True)
        measured_once = list(results.records)
        growth.run(results, progress, quick=True)
    assert results.records == measured_once
    found = {one["metric"]: one["value"] for one in measured_once}
    for stage in growth.STAGES:
        assert found[f"{stage}: µs"] > 0
    assert found["peak_mb"] > 100
