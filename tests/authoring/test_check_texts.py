"""Hints and questions, derived from a lesson for its checks."""

import json
import re

import pytest

from authoring.derive import derive
from authoring.project import AuthoringError
from tests.support.small_courses import FIRST_HINTS


def test_hints_and_questions_are_derived_for_the_checks_and_cut_out(derived):
    course, path = derived
    texts = json.loads((course.checks / "lesson01.json").read_text("utf-8"))
    assert list(texts["exercises"]) == ["1.1", "1.2", "1.3", "1.4", "1.5"]
    assert texts["exercises"]["1.1"] == {
        "title": "the mean",
        "takes": ["mean"],
        "hints": [
            "What is a mean?",
            "A sum over a count: `sum` and `len`.",
            "sum(...)  # all of them\n\nlen(...)",
        ],
        "notice": "It is 2.5, which is none of the numbers.",
    }
    assert texts["questions"] == {
        "1.a": {
            "text": "Which of these numbers is the mean of 1 and 4?",
            "choices": [
                ["2", "That is the number of numbers."],
                ["Two and a half", "Half of five, so it is between the two."],
            ],
            "right": 1,
        }
    }
    for name in ("01_small.ipynb", "01_small.py"):
        exercise = (course.notebooks / name).read_text("utf-8")
        assert "quiz(" in exercise and "check(" in exercise
        for gone in ("Hints", "sum(...)", "Which of these", "Half of five"):
            assert gone not in exercise
    twin = path.with_suffix(".ipynb").read_text("utf-8")
    assert "**Hints**" in twin and "Half of five" in twin


QUIZ = '# %%\nquiz("1.a")\n'
MALFORMED = {
    "one hint": (
        "# 2. A sum over a count: `sum` and `len`.\n",
        "",
        "two numbered hints",
    ),
    "no skeleton": (
        "# ```python\n# sum(...)  # all of them\n#\n# len(...)\n# ```\n",
        "",
        "a ```python block",
    ),
    "three items": (
        "# ```python\n# sum(",
        "# 3. It divides.\n#\n# ```python\n# sum(",
        "Found: .*item “It divides.…”",
    ),
    "no notice": (
        "# It is 2.5, which is none\n# of the numbers.\n",
        "",
        "what to notice",
    ),
    "hints in code": (
        FIRST_HINTS,
        FIRST_HINTS.replace(" [markdown]", ""),
        "a code cell",
    ),
    "hints too early": (
        "# %%\nimport numpy",
        FIRST_HINTS + "\n# %%\nimport numpy",
        "Exercise 2.3",
    ),
    "hints twice": (
        "# ### Exercise 1.2 — two gaps in one function (1 minute)",
        "# Two gaps in one function",
        "1.1 has a cell with this tag already",
    ),
    "nothing right": ("# - [x] Two", "# - [ ] Two", r"'- \[x\] 512'"),
    "all right": ("# - [ ] 2\n", "# - [x] 2\n", r"'- \[x\] 512'"),
    "no reply": ("#   - That is the number of numbers.\n", "", "what to say to it"),
    "no box": ("# - [ ] 2\n", "# - 2\n", "item “2…”"),
    "no text": (
        "# Which of these numbers\n# is the mean of 1 and 4?\n",
        "",
        "the question, then",
    ),
    "no quiz": (QUIZ, "", 'is quiz\\("2.a"\\)'),
}


@pytest.mark.parametrize("defect", MALFORMED)
def test_a_malformed_cell_of_hints_or_of_a_question_is_named(small_course, defect):
    path = small_course.sources()[0]
    derive(small_course, path)
    before = (small_course.checks / "lesson01.json").read_bytes()
    old, new, problem = MALFORMED[defect]
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(AuthoringError, match=problem) as caught:
        derive(small_course, path)
    line = int(re.match(r"solutions/01_small\.py:(\d+): ", str(caught.value))[1])
    marker = path.read_text("utf-8").splitlines()[line - 1]
    assert re.fullmatch(r'# %%.* tags=\["(hints|question)"\]', marker)
    assert (small_course.checks / "lesson01.json").read_bytes() == before
