"""The exercises without their checks: all that a notebook in the sandbox sees of them.

The files of the lessons' checks are not there. What a notebook imports from `helpers`
is, and may be called: `check` finds nothing to complain about, `hint` has nothing to
say, `reveal` is closed and hands back what the notebook has. Nobody reads it.
"""

import sys
import types

from helpers.checks.exercise import Exercise, Lesson


def install(exercises):
    """Put a module in the place of each lesson's checks.

    Parameters
    ----------
    exercises : dict of str to dict of str to list of str
        By lesson and exercise: the names of what it takes.
    """
    package = "helpers.checks.lessons"
    sys.modules[package] = types.ModuleType(package)
    for number, takes in exercises.items():
        module = types.ModuleType(f"{package}.lesson{number}")
        module.lesson = Lesson()
        for exercise, names in takes.items():
            module.lesson[exercise] = Exercise(exercise, "", names, ["", "", ""], "")
        sys.modules[module.__name__] = module
