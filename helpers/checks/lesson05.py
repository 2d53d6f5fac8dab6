"""Lesson 05: checks, hints and questions."""

from helpers.checks.exercise import Lesson

lesson = Lesson()
