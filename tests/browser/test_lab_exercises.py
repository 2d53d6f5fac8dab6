"""A student in JupyterLab: exercises, questions and the form, by mouse and by keys."""

import json
import re

from lab_page import SCREENSHOTS
from playwright.sync_api import expect

WRONG = """def score_pairs(user_vectors, movie_vectors):
    return ops.tensordot(user_vectors, movie_vectors, 2)
"""
RIGHT = """def score_pairs(user_vectors, movie_vectors):
    return ops.sum(user_vectors * movie_vectors, axis=-1, keepdims=True)
"""


def test_an_exercise_answers_back(notebook):
    notebook.open("02_dot_model.ipynb")
    notebook.wait_for_kernel()
    notebook.look("02_opened")
    for text in ("finds the course's helpers", "import helpers.quiet_start"):
        notebook.run(notebook.find(text), seconds=120)

    gap, check = notebook.find("def score_pairs("), notebook.find('check("2.2"')
    notebook.run(gap)
    card = notebook.run(check)
    expect(card).to_contain_text("○ 2.2 Not attempted.")
    notebook.look("02_not_attempted", card)

    notebook.write(gap, WRONG)
    notebook.run(gap)
    card = notebook.run(check)
    expect(card).to_contain_text("✗ 2.2 Not yet.")
    expect(card).to_contain_text("you added up over the batch")
    notebook.look("02_not_yet", card)

    asked = notebook.new_cell(check, 'hint("2.2")')
    card = notebook.run(asked)
    expect(card).to_contain_text("→ 2.2 Hint 1 of 3")
    notebook.look("02_hint", card)
    for _ in range(2):
        card = notebook.run(asked)
    expect(card).to_contain_text("Hint 3 of 3")
    notebook.look("02_hint_with_code", card)

    notebook.write(gap, RIGHT)
    notebook.run(gap)
    card = notebook.run(check)
    expect(card).to_contain_text("✓ 2.2 Correct.")
    notebook.look("02_correct", card)

    quiz = notebook.run(notebook.find('quiz("2.a")'))
    notebook.look("02_quiz", quiz)
    quiz.get_by_role("button", name="Answer").click()
    expect(quiz).to_contain_text("2.a Choose one.")
    quiz.get_by_role("radio").first.click()
    quiz.get_by_role("button", name="Answer").click()
    expect(quiz).to_contain_text(re.compile(r"[✓✗] 2\.a \(a\) (Right|Not quite)\."))
    notebook.look("02_quiz_answered", quiz)

    notebook.write(asked, "from helpers import progress\n\nprogress()")
    table = notebook.run(asked)
    expect(table.get_by_role("row", name="✓ correct 2.2")).to_contain_text("13")
    notebook.look("02_progress", table)


def test_ten_films(notebook):
    notebook.open("01_data.ipynb")
    notebook.wait_for_kernel()
    for text in ("finds the course's helpers", "from helpers.data", "movielens = load"):
        notebook.run(notebook.find(text))
    place = notebook.find("rate_movies(movielens)")
    form = notebook.run(place)
    notebook.look("01_form", form)
