"""Derive the notebooks from the solutions, validate them, execute the course.

=========================  =================================================
`authoring.project`        paths; the repository and release to stamp
`authoring.lesson_format`  parse a lesson: exercises, headings, hidden lines
`authoring.check_texts`    read hints, notices and questions from a lesson
`authoring.setup_cell`     the badge and the set-up cell of every lesson
`authoring.derive`         solutions/NN.py -> its twin and the exercise
`authoring.validate`       what must hold of all derived files
`authoring.translation`    PO files, and notebooks in other languages
`authoring.execute`        execute one notebook; measure time and memory
`authoring.course`         execute the course, lesson by lesson
`authoring.pages`          executed lessons as self-contained HTML pages
`authoring.site`           the course's web site, built with Sphinx
`authoring.release`        the zip that students get
`authoring.instructor`     INSTRUCTOR.md
=========================  =================================================

It reads `solutions/` and `locale/`, and writes `notebooks/`, `solutions/es/`,
`helpers/locale/` and `build/`; a lesson never imports it.
"""
