"""An instructor's own checks."""

import pytest

from grading.__main__ import load_private_checks
from grading.submissions import (
    Rejected,
)


def test_private_checks_have_to_be_there(tmp_path):
    assert load_private_checks(None) == ""
    with pytest.raises(Rejected, match="no checks"):
        load_private_checks(tmp_path)
