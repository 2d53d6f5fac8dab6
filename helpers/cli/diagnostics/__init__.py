"""What the doctor looks at, one function for each diagnosis.

A package may be missing or broken here, so each function imports what it needs. Keras
is started in a process of its own, as it may take minutes, or crash.

==========  ==========================================
`python`    Python, its packages, whether Keras starts
`jupyter`   JupyterLab and its kernel
`course`    helpers, ratings, progress, answers
`computer`  the working folder, memory, disk
`finding`   the result of a diagnosis
==========  ==========================================
"""

from helpers.cli.diagnostics import computer, course, jupyter, python
from helpers.cli.diagnostics.finding import FIX, NOTE, OK, Finding
from helpers.i18n import gettext_noop

__all__ = ["CHECKS", "FIX", "NOTE", "OK", "Finding"]

CHECKS = [
    ("Python", python.python),
    (gettext_noop("environment"), python.environment),
    (gettext_noop("packages"), python.packages),
    ("Keras", python.keras),
    (gettext_noop("bytecode"), python.bytecode),
    ("helpers", course.helpers),
    ("JupyterLab", jupyter.jupyterlab),
    (gettext_noop("kernel"), jupyter.kernel),
    (gettext_noop("ratings"), course.ratings),
    (gettext_noop("course home"), course.course_home),
    (gettext_noop("progress"), course.progress),
    (gettext_noop("answers"), course.answers),
    (gettext_noop("this folder"), computer.working_folder),
    (gettext_noop("file names"), computer.shadows),
    (gettext_noop("memory"), computer.memory),
    (gettext_noop("disk"), computer.disk),
]
