"""Verdicts: is a figure inside its band?"""

import pytest

from helpers.bands import verdict

pytestmark = pytest.mark.usefixtures("own_home")


@pytest.mark.parametrize(
    ("value", "band", "line"),
    [
        (0.93, {"inside": (0.90, 0.94)}, "RMSE inside 0.90–0.94 ✓"),
        (0.94, {"inside": (0.90, 0.94)}, "RMSE inside 0.90–0.94 ✓"),
        (0.9412, {"inside": (0.90, 0.94)}, "RMSE 0.9412, expected inside 0.90–0.94 ✗"),
        (0.2, {"inside": (0.905, 0.93)}, "RMSE 0.2000, expected inside 0.905–0.930 ✗"),
        (0.41, {"at_least": 0.4}, "RMSE at least 0.40 ✓"),
        (0.39, {"at_least": 0.4}, "RMSE 0.3900, expected at least 0.40 ✗"),
        (3, {"at_most": 5}, "RMSE at most 5 ✓"),
        (float("nan"), {"at_most": 5}, "RMSE nan, expected at most 5 ✗"),
    ],
)
def test_verdict_lines(value, band, line, capsys):
    verdict("RMSE", value, **band)
    assert capsys.readouterr().out == line + "\n"


def test_no_claim_on_other_editions(capsys, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", "synthetic")
    verdict("RMSE", 0.7, inside=(0.9, 0.94))
    assert capsys.readouterr().out == "RMSE 0.700 (on ml-100k: inside 0.90–0.94)\n"


def test_bands_are_not_for_your_data(capsys, monkeypatch):
    monkeypatch.setenv("COURSE_DATA", "/home/ada/books.csv.gz")
    verdict("RMSE", 0.7, inside=(0.9, 0.94))
    assert capsys.readouterr().out == (
        "RMSE 0.700 (inside 0.90–0.94: not for your data)\n"
    )


def test_verdict_needs_one_band():
    with pytest.raises(ValueError, match="exactly one"):
        verdict("RMSE", 1.0)
    with pytest.raises(ValueError, match="exactly one"):
        verdict("RMSE", 1.0, at_least=1, at_most=2)
