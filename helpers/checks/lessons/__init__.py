"""The checks, one module a lesson; their texts are derived from the lessons."""
