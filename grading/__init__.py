"""Grade a folder of submissions: ``python -m grading SUBMISSIONS --out grades/``.

===========================  ========================================================
`grading.submissions`        a download -> who submitted what, and what of it counts
`grading.archives`           folders, zips and tars -> the files in them
`grading.layouts`            whose file it is: Moodle, Canvas, a folder per student …
`grading.cells`              one file -> the student's code, or a reason
`grading.sandbox`            bubblewrap: what submitted code can reach
`grading.seccomp`            the system calls that are closed to it
`grading.inside`             what runs in the sandbox; untrusted
`grading.session`            one submission's process; restarted when it dies
`grading.proxies`            the student's functions and models, over the pipe
`grading.grade`              one submission -> points, by the course's own checks
`grading.batch`              many submissions; resumes where it was interrupted
`grading.runner`             the process in which checks run, under limits
`grading.executors`          run submissions in threads on this computer
`grading.cluster`            run submissions on a Dask cluster
`grading.interrupts`         clean up after Ctrl-C and `kill`
`grading.instructor_checks`  an instructor's own checks
`grading.csv_reports`        grades.csv, and the gradebooks for Moodle and Canvas
`grading.html_reports`       a page for each student, and one for the class
`grading.files`              file names and texts that are safe to show
===========================  ========================================================
"""
