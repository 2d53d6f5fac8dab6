"""Derive the notebooks from the solutions, validate them, execute the course.

=========================  =================================================
`authoring.project`        the project's paths and settings
`authoring.lesson_format`  parse a lesson: exercises, headings, hidden lines
`authoring.check_texts`    read hints, notices and questions from a lesson
`authoring.links`          links that open notebooks elsewhere, also for a copy
`authoring.setup_cell`     write the badges and the set-up cell of every lesson
`authoring.derive`         derive the twin and the exercise of solutions/NN.py
`authoring.validate`       validate the lessons and all derived files
`authoring.translation`    PO files, and notebooks in other languages
`authoring.execute`        execute a notebook; measure time and memory
`authoring.course`         execute the course, lesson by lesson
`authoring.pages`          write executed lessons as self-contained HTML pages
`authoring.site`           build the course's web site with Sphinx
`authoring.release`        pack the zip for students
`authoring.wheelhouse`     download what students need without a network
`authoring.instructor`     write INSTRUCTOR.md, and in other languages
=========================  =================================================

The package reads `solutions/` and `locale/`, and writes `notebooks/`, `solutions/es/`,
`helpers/locale/` and `build/`. Lessons never import it.
"""
