"""Grades a folder of submissions: ``python -m grading SUBMISSIONS --out grades/``.

========================  =====================================================
`grading.reader`          a download → who handed in what, and what of it counts
`grading.archives`        folders, zips and tars → the files in them
`grading.layouts`         whose file it is: Moodle, Canvas, a folder per student …
`grading.cells`           one file → the student's code, or a reason
`grading.sandbox`         bubblewrap: what is within reach of submitted code
`grading.syscalls`        which parts of the kernel are closed to it
`grading.inside`          what runs in there; believed by nobody out here
`grading.session`         one submission's process, started again when it dies
`grading.remote`          the student's functions and models, over the pipe
`grading.marking`         one submission → points, by the course's own checks
`grading.batch`           many; goes on where it was interrupted
`grading.runner`          the process in which checks run, under limits
`grading.crew`            who grades: threads of this process, with runners
`grading.cluster`         who grades: workers of Dask, wherever they are
`grading.interrupts`      Ctrl-C and `kill` end a grading in good order
`grading.private`         an instructor's own checks, and how they travel
`grading.tables`          grades.csv, and what Moodle and Canvas import
`grading.pages`           a page for each student, and one for the class
========================  =====================================================
"""
