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
from helpers.language import phrase

__all__ = ["EXAMINATIONS", "MEND", "NOTE", "OK", "Finding"]

EXAMINATIONS = [
    ("Python", python.python),
    (phrase("environment"), python.environment),
    (phrase("packages"), python.packages),
    ("Keras", python.keras),
    (phrase("bytecode"), python.bytecode),
    ("helpers", course.helpers),
    ("JupyterLab", jupyter.jupyterlab),
    (phrase("kernel"), jupyter.kernel),
    (phrase("ratings"), course.ratings),
    (phrase("course home"), course.course_home),
    (phrase("progress"), course.progress),
    (phrase("answers"), course.answers),
    (phrase("this folder"), computer.working_folder),
    (phrase("file names"), computer.shadows),
    (phrase("memory"), computer.memory),
    (phrase("disk"), computer.disk),
]
