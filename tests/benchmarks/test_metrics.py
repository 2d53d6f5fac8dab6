"""The metrics of the benchmarks."""

import numpy as np

from benchmarks.metrics import measured


def test_rounded_errors_stand_apart(tiny):
    stars = np.full(len(tiny.test), 3.4)
    figures = measured(tiny, {"stars": stars})
    rounded = measured(tiny, {"stars": np.full(len(tiny.test), 3.0)})
    assert figures["mae_rounded"] == rounded["mae"] != figures["mae"]
