"""What a student meets: `check`, `hint`, `reveal`, `quiz` and `progress`."""

import re
import subprocess
import sys

import keras
import numpy as np
import pytest

import helpers.quiet_tensorflow  # noqa: F401
from helpers import check, display, hint, progress, quiz, reveal
from helpers.checks import api
from tests.support.exercise_2_5 import kept, right, stub, wrong
from tests.support.shown import lines_of, sanitized


def test_check_tells_its_three_states_and_counts_attempts(home, capsys):
    check("2.5", stub)
    assert "○ 2.5 Not attempted." in capsys.readouterr().out
    assert not (home / "progress.json").exists()
    check("2.5", wrong)
    said = capsys.readouterr().out
    assert "✗ 2.5 Not yet." in said
    assert "Found: " in said and "Expected: " in said
    assert 'hint("2.5")' in said
    check("2.5", right)
    assert "✓ 2.5 Correct." in capsys.readouterr().out
    entry = kept(home)["exercises"]["2.5"]
    assert entry["attempts"] == 2
    assert entry["done"] is True


def test_what_was_once_right_stays_done(home):
    check("2.5", right)
    check("2.5", wrong)
    assert kept(home)["exercises"]["2.5"]["done"] is True


def test_hints_step_up_and_stay_at_the_last(home, capsys):
    said = []
    for _ in range(4):
        hint("2.5")
        said.append(capsys.readouterr().out)
    assert ["Hint 1 of 3" in said[0], "Hint 2 of 3" in said[1]] == [True, True]
    assert said[2] == said[3]
    assert len(set(said)) == 3
    assert kept(home)["exercises"]["2.5"]["hints"] == 3


def test_after_the_last_hint_check_names_reveal(capsys):
    for _ in range(3):
        hint("2.5")
    check("2.5", wrong)
    assert 'count_weights = reveal("2.5")' in capsys.readouterr().out
    for _ in range(3):
        hint("2.1")
    check("2.1", right, right)
    assert 'look_up, multiply_one_hot = reveal("2.1")' in capsys.readouterr().out


def test_reveal_wants_an_attempt_first(capsys):
    assert reveal("2.5") is None
    assert "Try it first" in capsys.readouterr().out
    check("2.5", stub)
    assert reveal("2.5") is None
    assert reveal("2.1") == (None, None)
    check("2.5", wrong)
    assert reveal("2.5")(3, 4, 2) == 14


def test_reveal_by_force_shows_the_answer_and_marks_it(home, capsys):
    function = reveal("2.5", force=True)
    assert "(n_users + n_movies) * n_factors" in capsys.readouterr().out
    check("2.5", function)
    progress()
    assert "correct, after reveal" in capsys.readouterr().out


def test_a_student_who_solved_it_may_compare(home, capsys):
    check("2.5", right)
    reveal("2.5")
    assert "revealed" not in kept(home)["exercises"]["2.5"]
    progress()
    assert "after reveal" not in capsys.readouterr().out


@pytest.mark.parametrize("command", [check, hint, reveal, quiz])
@pytest.mark.parametrize("number", ["10.1", "2.99", "", "two", "2", 10.5, None])
def test_an_unknown_number_lists_the_known_ones(command, number, capsys):
    command(number)
    said = capsys.readouterr().out
    assert "There is no" in said
    assert "Traceback" not in said
    if str(number).startswith("10") and command is not quiz:
        assert "the lessons are 1 to 9" in said


def test_a_number_without_quotes_is_understood(home, capsys):
    check(2.5, right)
    assert "2.5 Correct" in capsys.readouterr().out
    assert list(kept(home)["exercises"]) == ["2.5"]


@pytest.mark.parametrize("command", [check, hint, reveal])
@pytest.mark.parametrize("number", [5.10, 5.1, np.float64(5.1)])
def test_a_number_that_stands_for_two_exercises_needs_quotes(
    command, number, home, capsys
):
    command(number)
    assert 'quotation marks: "5.1" or "5.10"' in capsys.readouterr().out
    assert not (home / "progress.json").exists()


def test_a_missing_object_is_requested(capsys):
    check("2.5")
    assert 'check("2.5", count_weights)' in capsys.readouterr().out
    check("2.5", right, right)
    assert "takes 1, and got 2" in capsys.readouterr().out


def test_commands_do_not_wait_for_tensorflow():
    code = "import sys, helpers; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_half_done_exercise_is_not_yet(capsys):
    def look_up(table, rows):
        return table[rows]

    check("2.1", look_up, ...)
    assert "Half done" in capsys.readouterr().out


def test_an_endless_loop_gets_a_card_and_counts(home, capsys, monkeypatch):
    monkeypatch.setattr(api, "SECONDS_PER_CALL", 0.2)

    def never_ends(n_users, n_movies, n_factors):
        while True:
            pass

    check("2.5", never_ends)
    said = capsys.readouterr().out
    assert "✗ 2.5 Not yet." in said and "more than 0.2 seconds" in said
    assert kept(home)["exercises"]["2.5"]["attempts"] == 1


def test_a_check_that_is_stopped_gets_a_card_and_counts(home, capsys):
    def interrupted(n_users, n_movies, n_factors):
        raise KeyboardInterrupt

    check("2.5", interrupted)
    assert "You stopped the check" in capsys.readouterr().out
    assert kept(home)["exercises"]["2.5"]["attempts"] == 1


def test_what_an_answer_prints_is_in_the_card(capsys):
    def chatty(n_users, n_movies, n_factors):
        print("1/1 ━━━━━━ 0s", "\n\n n_users is", n_users)
        for number in range(100):
            print("line", number)
        return right(n_users, n_movies, n_factors)

    check("2.5", chatty)
    said = capsys.readouterr().out
    assert "✓ 2.5 Correct." in said
    assert "n_users is" in said and "line 0\nline 1\n" in said
    assert "line 2" not in said and "━" not in said


@pytest.mark.parametrize("given", ["text", 12, keras.Sequential([])])
def test_what_is_no_function_is_no_attempt(home, capsys, given):
    check("2.5", given)
    said = capsys.readouterr().out
    assert "Give the check the function itself" in said
    assert not (home / "progress.json").exists()
    assert reveal("2.5") is None
    assert "Try it first" in capsys.readouterr().out


def test_the_last_hint_promises_what_reveal_keeps(capsys):
    for _ in range(3):
        hint("2.5")
    assert "When you have filled it in and checked it" in capsys.readouterr().out
    check("2.5", wrong)
    assert reveal("2.5")(3, 4, 2) == 14


@pytest.fixture
def shown(monkeypatch):
    """What is displayed, by MIME type, as in a notebook."""
    outputs = []
    monkeypatch.setattr(display, "get_ipython", object)
    monkeypatch.setattr(display, "display", lambda data, raw: outputs.append(data))
    return outputs


def all_cards(home):
    """Show a card of each kind."""
    hint("2.5")
    for answer in (stub, wrong, right):
        check("2.5", answer)
    check("2.5", lambda *sizes: print("<b>mine</b>") or 3)
    check("2.5")
    hint("2.5")
    hint("2.5")  # a skeleton
    reveal("2.1")
    reveal("2.5")
    quiz("2.a")
    quiz("2.a", "a")
    quiz("2.a", "z")


def test_where_styles_are_removed_cards_say_all_that_their_text_says(home, shown):
    all_cards(home)
    assert len(shown) == 13
    for card in shown:
        text = re.sub(r"`([^`\n]+)`", r"\1", card["text/plain"])
        text = re.sub(r"(?<!\w)\*(\w[^*\n]*)\*(?!\w)", r"\1", text)
        said = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
        left = sanitized(card["text/html"])
        assert "style" not in left and "class" not in left
        assert lines_of(left) == said
        assert said[0].split()[0] in {sign for sign, _ in display.SIGNS.values()}


def test_where_styles_are_removed_progress_is_a_table_with_all_that_is_known(
    home, shown
):
    check("2.5", wrong)
    quiz("2.a", "a")
    progress()
    html, text = shown[-1]["text/html"], shown[-1]["text/plain"]
    rows = lines_of(sanitized(html))[1:]  # without the header
    said = [" ".join(line.split()) for line in text.splitlines()]
    assert len(rows) == len(said)
    for row, line in zip(rows, said, strict=True):
        assert set(row.replace(",", "").split()) <= set(line.replace(",", "").split())
