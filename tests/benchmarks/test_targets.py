"""The targets of accuracy and speed."""

import pytest

from benchmarks import targets
from benchmarks.results import Results, record
from tests.support.benchmark_records import some_results


@pytest.mark.parametrize(("value", "is_reached"), [(0.879, True), (0.881, False)])
def test_a_target_flips_when_the_value_is_worse(tmp_path, value, is_reached):
    results = some_results(tmp_path / "r.json", course__random80__rmse=value)
    (line, *_) = targets.ACCURACY
    assert line.verdict(results)[2].startswith("reached") == is_reached
    assert targets.ACCURACY[-1].verdict(results)[2] == "not measured"


def test_a_speed_target_is_read_from_its_ratio(tmp_path):
    results = Results(tmp_path / "r.json")
    key = ("speed", "NDCG for all users", "u1-filtered")
    results.put([record(*key, "ratio", 4.0, spread=0.1, runs=3)])
    assert targets.SPEED[-1].verdict(results)[2] == "**not reached**, 1.0 short"
