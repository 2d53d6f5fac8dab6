"""Lesson 06: checks, hints and questions."""

from helpers.checks.exercise import Lesson

lesson = Lesson()
