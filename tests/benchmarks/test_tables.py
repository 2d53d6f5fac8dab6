"""Text tables."""

from benchmarks.tables import as_table


def test_a_table_has_columns_of_one_width():
    lines = as_table([("a", "1"), ("long", "22")], ["name", "n"]).splitlines()
    assert len({len(line) for line in lines}) == 1
    assert lines[0].split() == ["|", "name", "|", "n", "|"]
