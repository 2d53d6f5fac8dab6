"""Grade a folder of submissions: ``python -m grading SUBMISSIONS --out grades/``.

===========================  ========================================================
`grading.submissions`        find who submitted what, and which files count
`grading.archives`           list the files in folders, zips and tars
`grading.layouts`            match files to students: Moodle, Canvas, folders …
`grading.cells`              read the code cells of one file, or say why not
`grading.sandbox`            start bubblewrap, which limits what submissions reach
`grading.seccomp`            block system calls
`grading.inside`             the untrusted code that runs in the sandbox
`grading.session`            one submission's process, restarted when it dies
`grading.proxies`            the student's functions and models, over the pipe
`grading.grade`              grade one submission by the course's checks
`grading.batch`              grade many submissions, and resume after a stop
`grading.runner`             the process that runs checks, under limits
`grading.executors`          run submissions in threads on this computer
`grading.cluster`            run submissions on a Dask cluster
`grading.interrupts`         clean up after Ctrl-C and `kill`
`grading.instructor_checks`  load an instructor's own checks
`grading.csv_reports`        write grades.csv, and gradebooks for Moodle and Canvas
`grading.html_reports`       write a page for each student, and one for the class
`grading.files`              file names and text that are safe to show
===========================  ========================================================
"""
