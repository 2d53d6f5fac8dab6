"""Exercises that answer back: ``check``, ``hint``, ``reveal``, ``quiz``, ``progress``.

=============================  ================================================
`helpers.checks.commands`      what a notebook calls
`helpers.checks.lesson01`      … and so on: each lesson's checks and hints
`helpers.checks.quizzes`       the questions before a surprise
`helpers.checks.judge`         runs a check, in the notebook or in the grader
`helpers.checks.exercise`      what a check is written with
`helpers.checks.models`        what several checks ask of a model
`helpers.checks.boundary`      plain values between a check and your objects
`helpers.checks.surroundings`  time limit, prints and random states
`helpers.checks.given`         models that a check makes, and hands to your code
`helpers.checks.cards`         what you see
`helpers.checks.answers`       what `reveal` shows
`helpers.checks.progress`      what you have done so far
=============================  ================================================
"""

from helpers.checks.commands import check, hint, progress, reveal
from helpers.checks.quizzes import quiz

__all__ = ["check", "hint", "progress", "quiz", "reveal"]
