"""The page of the benchmarks."""

from pathlib import Path

import pytest

from benchmarks import report
from benchmarks import results as kept
from benchmarks.results import Results, record
from tests.support.benchmark_records import some_results


def test_the_page_is_written_from_the_records_alone(tmp_path):
    results = some_results(
        tmp_path / "r.json",
        course__random80__rmse=0.878,
        notebook__random80__rmse=0.955,
        peer__random80__rmse=0.874,
        course__u1_filtered__ndcg=0.452,
        peer__u1_filtered__ndcg=0.470,
    )
    results.put(
        [record("peer", "absent", "random80", None, runs=0, note="not installed: x")]
    )
    page = report.run(results, tmp_path / "docs")
    text = page.read_text("utf-8")
    assert "Measured on paper." in text
    assert "is level with the best peer" in text  # 0.004 apart
    assert "is behind the best peer" in text  # 0.018 apart, by NDCG
    assert "Left out: absent. not installed: x" in text
    for target in ("](benchmarks_stars.svg)", "](benchmarks_lists.svg)"):
        assert target in text
    assert "best of the course 0.878, public notebooks 0.955, peers 0.874" in text
    figure = (page.parent / "benchmarks_stars.svg").read_text("utf-8")
    report.run(Results(tmp_path / "r.json"), tmp_path / "again")
    assert page.read_text("utf-8") == (tmp_path / "again" / page.name).read_text(
        "utf-8"
    )
    assert figure == (tmp_path / "again" / "benchmarks_stars.svg").read_text("utf-8")


def test_a_committed_page_is_that_of_the_committed_records(tmp_path):
    if not kept.PATH.exists():
        pytest.skip("benchmarks/results.json is not there yet: make bench")
    page = report.run(Results(kept.PATH), tmp_path)
    committed = Path(report.DOCS, page.name)
    assert page.read_text("utf-8") == committed.read_text("utf-8")
