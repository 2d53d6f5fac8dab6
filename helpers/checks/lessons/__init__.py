"""The checks, hints and questions, one module a lesson."""
