"""What a lesson finds of an earlier run when it is executed again."""

import json

from authoring.execute import forget_from


def test_a_lesson_finds_only_what_the_lessons_before_it_left(tmp_path):
    board, progress = tmp_path / "scoreboard.json", tmp_path / "progress.json"
    rows = [{"lesson": number, "model": "m"} for number in ("01", "02", "03")]
    board.write_text(json.dumps(rows))
    kept = {
        "exercises": {"1.1": {"done": True}, "2.1": {}, "10.1": {}},
        "quizzes": {"3.a": {}},
    }
    progress.write_text(json.dumps(kept))
    forget_from(tmp_path, "02")
    assert json.loads(board.read_text()) == rows[:1]
    assert json.loads(progress.read_text()) == {
        "exercises": {"1.1": {"done": True}},
        "quizzes": {},
    }


def test_an_empty_folder_stays_empty(tmp_path):
    forget_from(tmp_path, "01")
    assert list(tmp_path.iterdir()) == []
