"""What an author runs: derive the notebooks, check them, execute the course.

============================  =================================================
`authoring.project`           where things are; repository and release to stamp
`authoring.lessons`           reads a lesson: exercises, headings, secret lines
`authoring.stamps`            the badge and the set-up cell of every lesson
`authoring.derive`            solutions/NN.py -> its twin and the exercise
`authoring.gate`              what must hold of all of them, and what mends it
`authoring.markdown`          a cell's text in pieces for a translator
`authoring.strings`           the strings of a lesson's code that readers see
`authoring.sentences`         the sentences of `helpers` that readers see
`authoring.messages`          all that is to be translated, by PO file
`authoring.catalogs`          PO files: read, brought up to date, compiled
`authoring.translate`         a derived notebook -> the same in Spanish
`authoring.translation_gate`  what must hold of the translations
`authoring.kernel`            executes one notebook, with seconds and memory
`authoring.course`            executes the course, lesson by lesson
`authoring.pages`             executed lessons as pages that need no network
`authoring.site`              the course's web pages, with Sphinx
`authoring.release`           the zip that students get
`authoring.instructor`        INSTRUCTOR.md
============================  =================================================

It reads `solutions/` and `locale/`, and writes `notebooks/`, `solutions/es/`,
`helpers/locale/` and `build/`; a lesson never imports it.
"""
