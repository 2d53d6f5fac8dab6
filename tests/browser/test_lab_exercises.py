"""A student in JupyterLab: exercises, questions and the form, by mouse and by keys."""

import json
import re

from playwright.sync_api import expect

from tests.browser.lab_page import SCREENSHOTS, accessibility_faults

WRONG = """def score_pairs(user_vectors, movie_vectors):
    return ops.tensordot(user_vectors, movie_vectors, 2)
"""
RIGHT = """def score_pairs(user_vectors, movie_vectors):
    return ops.sum(user_vectors * movie_vectors, axis=-1, keepdims=True)
"""
STARS = [5, 4, 3, 2, 1, 5, 4, 3, 2]  # the tenth film: not seen


def test_an_exercise_answers_back(notebook):
    notebook.open("02_dot_model.ipynb")
    notebook.look("02_opened")
    for text in ("finds the course's helpers", "import helpers.quiet_tensorflow"):
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
    notebook.use_theme("light")
    card.get_by_role("status").screenshot(path=SCREENSHOTS / "card.png")

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
    quiz.get_by_role("radio", name="(a)").click()
    quiz.get_by_role("button", name="Answer").click()
    expect(quiz).to_contain_text("✗ 2.a (a) Not quite.")
    quiz.get_by_role("radio", name="(c)").click()
    quiz.get_by_role("button", name="Answer").click()
    expect(quiz).to_contain_text("✓ 2.a (c) Right.")
    notebook.look("02_quiz_answered", quiz)

    notebook.write(asked, "from helpers import progress\n\nprogress()")
    table = notebook.run(asked)
    row = table.get_by_role("row", name="✓ correct 2.2")
    expect(row.get_by_role("cell")).to_have_text(
        ["✓ correct", "2.2", "score a batch of pairs", "2", "3"]
    )
    notebook.look("02_progress", table)


def test_ten_films_are_rated_and_kept(notebook):
    notebook.open("01_data.ipynb")
    for text in ("finds the course's helpers", "from helpers.data", "movielens = load"):
        notebook.run(notebook.find(text))
    place = notebook.find("rate_movies(movielens)")
    form = notebook.run(place)
    notebook.look("01_form", form)
    films = form.locator(".widget-toggle-buttons")
    expect(films).to_have_count(10)
    for film, stars in zip(films.all(), STARS, strict=False):
        button = film.get_by_role("button", name=f"{stars} ★")
        button.click()
        expect(button).to_have_class(re.compile("mod-active"))
    form.get_by_role("button", name="Keep my ratings").click()
    expect(form).to_contain_text("Kept 9 ratings.")
    notebook.look("01_form_kept", form)

    kept = json.loads((notebook.lab.course_home / "my_ratings.json").read_text())
    assert [entry["rating"] for entry in kept] == STARS
    shown = notebook.run(notebook.find("mine = my_ratings(movielens)"))
    expect(shown).to_contain_text("your ratings")
    expect(shown.get_by_role("row")).to_have_count(10)  # the headings, and nine

    notebook.run(place)
    expect(form.locator("button.mod-active")).to_have_text(
        [f"{stars} ★" for stars in STARS] + ["not seen"]
    )


def test_by_keyboard_alone(notebook):
    notebook.open("01_data.ipynb")
    keys, gap = notebook.page.keyboard, notebook.find("def density(")
    for place in range(gap):
        notebook.run_by_key(place)
    keys.press("Enter")
    keys.press("Control+A")
    for line in (
        "def density(ratings):",
        "users, movies = ratings.user_id.nunique(), ratings.movie_id.nunique()",
        "return len(ratings) / (users * movies)",
    ):
        keys.type(line)
        keys.press("Enter")  # the editor indents the next line
    keys.press("Escape")
    quiz = notebook.find('quiz("1.a")')
    for place in range(gap, quiz + 1):
        notebook.run_by_key(place)
    expect(notebook.cell(notebook.find('check("1.1"'))).to_contain_text(
        "✓ 1.1 Correct."
    )

    # Up again, and into the form that the question is.
    keys.press("ArrowUp")
    form = notebook.cell(quiz).locator(".jp-OutputArea").first
    notebook.tab_to(form.get_by_role("radio", name="(b)"))
    keys.press("Space")
    expect(form.get_by_role("radio", name="(b)")).to_be_checked()
    notebook.tab_to(form.get_by_role("button", name="Answer"))
    notebook.page.screenshot(path=SCREENSHOTS / "01_keyboard_quiz.png")
    keys.press("Enter")
    expect(form).to_contain_text("✗ 1.a (b) Not quite.")

    keys.press("Escape")
    rate = notebook.find("rate_movies(movielens)")
    notebook.arrow_down_to(rate)
    notebook.run_by_key(rate)
    keys.press("ArrowUp")
    form = notebook.cell(rate).locator(".jp-OutputArea").first
    films = form.locator(".widget-toggle-buttons")
    for film in films.all():
        button = film.get_by_role("button", name="4 ★")
        notebook.tab_to(button)
        keys.press("Space")
        expect(button).to_have_class(re.compile("mod-active"))
    notebook.tab_to(form.get_by_role("button", name="Keep my ratings"))
    notebook.page.screenshot(path=SCREENSHOTS / "01_keyboard_form.png")
    keys.press("Enter")
    expect(form).to_contain_text("Kept 10 ratings.")


def test_faults_are_found(notebook):
    notebook.page.set_content(
        '<div id="card"><p style="color:#999;background:#fff">faint</p>'
        "<button></button></div>"
    )
    faults = accessibility_faults(notebook.page, notebook.page.locator("#card"))
    assert {fault.partition(":")[0] for fault in faults} >= {
        "color-contrast",
        "button-name",
    }
