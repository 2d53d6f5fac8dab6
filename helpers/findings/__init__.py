"""What the doctor looks at, one function each: what was found, and what mends it.

A package may be missing or broken here, so each function imports what it needs, and
Keras is started in a process of its own: it may take minutes, or crash.

============================  =================================================
`helpers.findings.python`     Python, its packages, whether Keras starts
`helpers.findings.jupyter`    JupyterLab and its kernel
`helpers.findings.course`     helpers, ratings, progress, answers
`helpers.findings.computer`   the folder that you are in, memory, disk
`helpers.findings.finding`    what a finding is
============================  =================================================
"""

from helpers.findings import computer, course, jupyter, python
from helpers.findings.finding import MEND, NOTE, OK, Finding

__all__ = ["EXAMINATIONS", "MEND", "NOTE", "OK", "Finding"]

EXAMINATIONS = [
    ("Python", python.python),
    ("environment", python.environment),
    ("packages", python.packages),
    ("Keras", python.keras),
    ("bytecode", python.bytecode),
    ("helpers", course.helpers),
    ("JupyterLab", jupyter.jupyterlab),
    ("kernel", jupyter.kernel),
    ("ratings", course.ratings),
    ("course home", course.course_home),
    ("progress", course.progress),
    ("answers", course.answers),
    ("this folder", computer.working_folder),
    ("file names", computer.shadows),
    ("memory", computer.memory),
    ("disk", computer.disk),
]
