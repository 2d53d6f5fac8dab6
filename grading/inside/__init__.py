"""The code that runs in the sandbox.

==========================  =================================================
`grading.inside.zygote`     import Keras once, and fork for each submission
`grading.inside.isolation`  set a fork's namespaces, limits and rights
`grading.inside.worker`     answer the runner's requests
`grading.inside.kernel`     execute a notebook's statements
`grading.inside.cells`      split a cell into statements
`grading.inside.stubs`      define the exercises without their checks
`grading.inside.slicing`    select the statements that the exercises need
`grading.inside.threads`    use threads where the notebook asks for processes
`grading.inside.protocol`   send plain values as JSON (also used outside)
==========================  =================================================

A submission shares its process with `worker`, and can change all of it. So this code
must neither decide about points nor hold secrets.
"""
