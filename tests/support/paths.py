"""Where the tests find the course and their own files."""

from pathlib import Path

TESTS = Path(__file__).parents[1]
ROOT = TESTS.parent
FIXTURES = TESTS / "support" / "fixtures"
STUDENT_ANSWERS = TESTS / "student_answers"
