"""What `make bench` measures: ``python -m benchmarks [NAME …]``.

====================  =========================================================
`benchmarks.grading`  submissions a minute; memory of a small and a large class
====================  =========================================================

Each has a `run`, which prints what it measures. Seconds depend on the computer:
compare them with others of the same run, or as the ratios that are printed.
"""
