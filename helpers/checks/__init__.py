"""Exercises and their checks: ``check``, ``hint``, ``reveal``, ``quiz``, ``progress``.

==============================  ===================================================
`helpers.checks.api`            what a notebook calls
`helpers.checks.lessons`        each lesson's checks, hints and questions
`helpers.checks.quizzes`        multiple-choice questions
`helpers.checks.runner`         run a check, in the notebook or in the grader
`helpers.checks.exercise`       exercises, their parts and questions
`helpers.checks.model_asserts`  assertions about Keras models
`helpers.checks.proxies`        the student's functions and models, as plain values
`helpers.checks.errors`         errors of the student's code, in words
`helpers.checks.execution`      time limit, captured prints, random states
`helpers.checks.student_side`   reference models, built on the student's side
`helpers.checks.asserts`         assertions about values
`helpers.checks.answer_key`      the answers that `reveal` shows
`helpers.checks.progress`       what has been solved so far
==============================  ===================================================
"""

from helpers.checks.api import check, hint, progress, reveal
from helpers.checks.quizzes import quiz

__all__ = ["check", "hint", "progress", "quiz", "reveal"]
