"""The sentences of checks and of the grader that translators get."""

import subprocess
import sys

import pytest

from authoring.project import Project
from authoring.translation.sentences import escaping, messages
from authoring.translation.validate import COMPUTERS_TEXT

COURSE = Project.open()


def test_the_sentences_of_a_check_are_found():
    source = '''
"""A docstring of the module."""
def part(f, rng):
    """A docstring of no interest."""
    expect("in the text" not in str(f), "One reason, {n}.", "as found", n=1)
    close(1, 2, "Another reason.", mistakes=[(0, "a known mistake")], key="word")
'''
    assert messages(source, is_plain=True) == [
        *("One reason, {n}.", "as found", "Another reason.", "a known mistake"),
    ]
    assert escaping(source, is_plain=True) == []
    spoken = (
        'x = gettext("Kept {n}.", n=1) if gettext("yes") else gettext_noop("not seen")'
    )
    assert set(messages(spoken, is_plain=False)) == {"Kept {n}.", "yes", "not seen"}


@pytest.mark.parametrize(
    "source",
    [
        'expect(ok, f"`{name}` is off by one.")',
        'close(1, 2, "It is wrong.", mistakes=[(3, f"the mean of {n}")])',
        'raise NotYet("a reason", f"shape {found.shape}")',
        'expect(ok, "The same as " + OTHER)',
        'Card("note", f"{number} Not yet.")',
    ],
)
def test_a_sentence_that_no_translation_reaches_is_named(source):
    assert escaping(source, is_plain=True)


@pytest.mark.parametrize("name", ["gettext", "gettext_noop"])
def test_ruff_refuses_a_message_that_is_filled_too_early(name):
    source = f'{name}(f"Kept {{n}} ratings.")'
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--stdin-filename",
        "helpers/x.py",
    ]
    found = subprocess.run(
        [*command, "-"], input=source, cwd=COURSE.root, capture_output=True, text=True
    )
    assert "INT001" in found.stdout


@pytest.mark.parametrize("name", ["session", "grade", "proxies"])
def test_what_the_grader_says_to_a_student_can_be_translated(name):
    source = (COURSE.root / "grading" / f"{name}.py").read_text("utf-8")
    found = [text for _, text in escaping(source, is_plain=False)]
    assert [text for text in found if not COMPUTERS_TEXT.fullmatch(text)] == []
    assert len(messages(source, is_plain=False)) >= 3
