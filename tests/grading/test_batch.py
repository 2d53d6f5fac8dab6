"""Many submissions: seeds, records, and who is next."""

from grading.batch import choose_seed, note_seed
from grading.grade import hidden_seed


def test_an_interrupted_grading_keeps_its_seed(tmp_path):
    seed = choose_seed(tmp_path)
    assert choose_seed(tmp_path) == seed
    assert choose_seed(tmp_path, 9) == 9
    note_seed(tmp_path, 9, finished=True)
    assert len({choose_seed(tmp_path / str(n)) for n in range(5)}) > 1
    assert hidden_seed(1, "2.1") != hidden_seed(1, "2.2") != hidden_seed(2, "2.2")
