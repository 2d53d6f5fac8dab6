"""What runs in the sandbox.

==========================  =================================================
`grading.inside.zygote`     import Keras once, fork for each submission
`grading.inside.isolation`  namespaces, limits and rights of a forked process
`grading.inside.worker`     answer the runner's requests
`grading.inside.kernel`     execute a notebook's statements
`grading.inside.cells`      a cell's text -> its statements
`grading.inside.stubs`      the exercises, without their checks
`grading.inside.slicing`    select the statements that the exercises need
`grading.inside.threads`    use threads where the notebook asks for processes
`grading.inside.protocol`   plain values as JSON (also used outside)
==========================  =================================================

A submission shares its process with `worker`, and can change all of it. So nothing
here decides about points, and nothing here holds a secret.
"""
