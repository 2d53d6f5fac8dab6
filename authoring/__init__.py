"""What an author runs: derive the notebooks, check them, execute the course.

=======================  ======================================================
`authoring.project`      where things are; the repository and release to stamp
`authoring.lessons`      reads a lesson: its exercises, headings, secret lines
`authoring.stamps`       the badge and the set-up cell that every lesson gets
`authoring.derive`       solutions/NN.py -> its twin and the exercise notebook
`authoring.gate`         what must hold of all of them, and what mends it
`authoring.kernel`       executes one notebook, with its seconds and its memory
`authoring.course`       executes the course, lesson by lesson
`authoring.pages`        the executed lessons as web pages that need no network
=======================  ======================================================

It reads `solutions/` and writes `notebooks/` and `build/`; a lesson never
imports it.
"""
