"""Exercises and their parts."""

import helpers.quiet_tensorflow  # noqa: F401
from helpers import hint, reveal
from helpers.checks.exercise import Exercise


def test_parts_get_only_the_arguments_that_they_name():
    exercise = Exercise("1.1", "x", ["f", "g"], hints=[], notice="")

    @exercise.part(points=3)
    def asks_for_one(g):
        assert g == 2

    exercise.parts[0].run({"f": 1, "g": 2}, rng=None)
    assert exercise.points == 3


def test_an_exercise_stores_its_call():
    first = Exercise("1.1", "x", ["f"], hints=[], notice="")
    second = Exercise("1.2", "y", ["f", "g"], hints=[], notice="")
    assert first.call == 'check("1.1", f)'
    assert second.call == 'check("1.2", f, g)'
