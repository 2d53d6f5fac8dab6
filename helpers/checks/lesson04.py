"""Lesson 04: checks, hints and questions."""

from helpers.checks.exercise import Lesson

lesson = Lesson()
