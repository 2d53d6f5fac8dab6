"""The benchmarks of `make bench`: ``python -m benchmarks [NAME …]``.

====================  ==============================================================
`benchmarks.models`   accuracy of the course's, the public notebooks' and peers' models
`benchmarks.speed`    two ways to do the same task, and the parts of a training step
`benchmarks.growth`   time and memory per rating, from 0.1 to 10 million ratings
`benchmarks.grading`  submissions per minute, and memory of a small and a large class
`benchmarks.report`   write `docs/benchmarks.md` from the results
====================  ==============================================================

Seconds depend on the computer, so compare only those of one run.
"""
