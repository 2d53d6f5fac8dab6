"""The submissions that the grading benchmark grades."""

from benchmarks import grading
from grading.submissions import read_cells, recognise


def test_a_class_hands_in_one_lesson_and_no_two_the_same():
    handed_in = list(grading.submissions_of("03", 3))
    assert {recognise(read_cells(one)) for one in handed_in} == {"03"}
    assert len({one.content for one in handed_in}) == 3
