"""Translate the lessons, and what `helpers` and `grading` print.

================  ==================================================
`catalogs`        read, update and compile PO files
`extract`         collect the messages of each PO file
`sentences`       find the messages in a Python module
`code_strings`    find the texts in a lesson's code that readers see
`markdown_units`  split a Markdown cell into units to translate
`translate`       translate a derived notebook
`validate`        check the translations
================  ==================================================
"""
