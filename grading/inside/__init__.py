"""What runs in the sandbox.

=============================  ================================================
`grading.inside.warm`          imports Keras once, forks for each submission
`grading.inside.walls`         a fork's own namespaces, limits, and no rights
`grading.inside.student`       answers what it is asked
`grading.inside.kernel`        runs a notebook's statements
`grading.inside.cells`         a cell's text → its statements
`grading.inside.outlines`      the exercises, without their checks
`grading.inside.plan`          which statements the exercises need
`grading.inside.threads`       threads in the place of processes
`grading.inside.wire`          plain values as JSON (also used outside)
=============================  ================================================

A submission shares its process with `student`, and can do with it what it
likes. So nothing here decides about points, and nothing here holds a secret.
"""
