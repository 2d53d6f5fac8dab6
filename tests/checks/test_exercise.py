"""Exercises and their parts."""

import helpers.quiet_tensorflow  # noqa: F401
from helpers import hint, reveal
from helpers.checks.exercise import Lesson


def test_parts_get_only_what_they_ask_for():
    lesson = Lesson()
    exercise = lesson.exercise("1.1", "x", takes=("f", "g"), notice="", hints=())

    @exercise.part(points=3)
    def asks_for_one(g):
        assert g == 2

    exercise.parts[0].run({"f": 1, "g": 2}, rng=None)
    assert exercise.points == 3


def test_an_exercise_knows_its_call_and_takes_one_name_or_several():
    lesson = Lesson()
    one = lesson.exercise("1.1", "x", takes="f", notice="", hints=())
    two = lesson.exercise("1.2", "y", takes=("f", "g"), notice="", hints=["a"])
    assert one.call == 'check("1.1", f)'
    assert two.call == 'check("1.2", f, g)'
    assert (one.points, two.hints, list(lesson)) == (0, ("a",), ["1.1", "1.2"])
