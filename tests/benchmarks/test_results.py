"""The records of the benchmarks."""

from benchmarks.results import Results, record


def test_a_model_that_was_left_out_or_ran_too_seldom_is_tried_again(tmp_path):
    results = Results(tmp_path / "results.json")
    key = ("peer", "SVD", "random80")
    results.put([record(*key, None, runs=0, note="not installed")])
    assert not results.has(*key, runs=1)
    results.put([record(*key, "rmse", 0.93, runs=1)])
    assert results.has(*key, runs=1) and not results.has(*key, runs=5)
    assert len(results.records) == 1
