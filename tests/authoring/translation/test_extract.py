"""The messages of all modules and lessons, and what is compiled from them."""

from authoring.derive import solution_notebook
from authoring.project import Project
from authoring.translation.catalogs import po_path, read_catalog
from authoring.translation.extract import (
    compile_translations,
    mo_path,
    modules,
    shared_messages,
)
from helpers.checks.runner import LESSONS
from tests.support.translations import spanish_of, translate

COURSE = Project.open()
SPEAK_TO_STUDENTS = (
    *("session", "grade", "proxies", "executors", "runner", "cluster"),
    *("submissions", "archives", "cells", "batch"),
)


def test_every_module_with_student_texts_is_searched():
    found = {path.relative_to(COURSE.root).as_posix() for path in modules(COURSE)}
    assert {f"helpers/checks/lessons/lesson{number}.py" for number in LESSONS} <= found
    assert {"helpers/movielens/sources.py", "authoring/course.py"} <= found
    assert {f"grading/{name}.py" for name in SPEAK_TO_STUDENTS} <= found
    assert "Not graded." in {text for text, *_ in shared_messages(COURSE)}


def test_hints_and_questions_are_translated_for_checks_and_in_the_solution(course):
    path = translate(
        course,
        **{
            "the mean": "la media",
            "What is a mean?": "¿Qué es una media?",
            "squares = ...": "cuadrados = ...",
            "It is 2.5, which is none of the numbers.": "Es 2.5.",
            "Two and a half": "Dos y medio",
            "That is the number of numbers.": "Cuántos son.",
        },
    )
    catalog = read_catalog(path, "es")
    assert catalog.get("2") is None  # a choice that reads the same in every language
    compile_translations(course)
    compiled = mo_path(course, "es").read_bytes()
    solution = spanish_of(course, solution_notebook)
    for said in ("¿Qué es una media?", "cuadrados = ...", "Es 2.5.", "Dos y medio"):
        assert said.encode() in compiled
        assert said in solution
        assert said not in spanish_of(course)
    assert b"la media" in compiled
    assert "- [ ] 2\n  - Cuántos son.\n- [x] Dos y medio\n" in solution


def test_what_helpers_says_is_compiled_the_same_each_time(course):
    po = po_path(course, "es", "helpers")
    text = po.read_text("utf-8")
    po.write_text(
        text.replace(
            'msgid "Open in Colab"\nmsgstr ""',
            'msgid "Open in Colab"\nmsgstr "Abrir en Colab"',
        ),
        "utf-8",
    )
    assert compile_translations(course) == [mo_path(course, "es")]
    assert compile_translations(course) == []
    content = mo_path(course, "es").read_bytes()
    assert b"Abrir en Colab" in content
    assert b"Babel" not in content
