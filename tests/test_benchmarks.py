"""The benchmarks start; what they measure, `make bench` prints."""

import pytest

from benchmarks import __main__ as command
from benchmarks import grading
from benchmarks.tables import as_table
from grading.reader import read_cells, recognise


def test_an_unknown_benchmark_is_named(capsys):
    with pytest.raises(SystemExit):
        command.main(["gradign"])
    assert "no benchmark gradign; there are grading" in capsys.readouterr().err


def test_a_class_hands_in_one_lesson_and_no_two_the_same():
    handed_in = list(grading.handed_in("03", 3))
    assert {recognise(read_cells(one)) for one in handed_in} == {"03"}
    assert len({one.content for one in handed_in}) == 3


def test_a_table_has_columns_of_one_width():
    lines = as_table([("a", "1"), ("long", "22")], ["name", "n"]).splitlines()
    assert len({len(line) for line in lines}) == 1
    assert lines[0].split() == ["|", "name", "|", "n", "|"]
