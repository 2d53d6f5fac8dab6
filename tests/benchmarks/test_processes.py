"""Functions that run in a process of their own."""

import pytest

from benchmarks.processes import TaskFailedError, run_apart


def test_a_separate_process_returns_or_reports_its_error():
    assert run_apart("operator.add", 2, 3) == 5
    with pytest.raises(TaskFailedError, match="ZeroDivisionError"):
        run_apart("operator.truediv", 1, 0)
