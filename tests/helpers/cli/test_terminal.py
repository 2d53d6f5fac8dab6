"""Commands that can be typed, and tables for a terminal or a pipe."""

import sys

from helpers.cli import terminal

ROWS = [("✓ fine", "one"), ("✗ in the way", "a [bold] name")]


def test_a_python_that_is_first_on_the_path_is_called_so(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "python3"))
    monkeypatch.setattr("shutil.which", lambda _: str(tmp_path / "bin" / "python"))
    assert terminal.this_python() == "python"
    assert terminal.lab_command("my work") == "jupyter lab 'my work'"


def test_another_python_is_named_from_here(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("shutil.which", lambda _: "/elsewhere/python")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "my env" / "python"))
    assert terminal.this_python() == "'my env/python'"
    assert terminal.lab_command("work") == "'my env/python' -m jupyterlab work"
    monkeypatch.chdir("/")
    monkeypatch.setattr(sys, "executable", "/no/such place/python")
    assert terminal.this_python() == "'no/such place/python'"


def test_lines_into_a_pipe_are_as_wide_as_they_must_be(capsys):
    terminal.show_table(ROWS, ["what", "found"])
    assert capsys.readouterr().out == (
        "✓ fine        one\n✗ in the way  a [bold] name\n"
    )


def test_a_table_on_a_terminal_has_headings_and_takes_names_as_they_are(
    capsys, monkeypatch
):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    terminal.show_table(ROWS, ["what", "found"])
    shown = capsys.readouterr().out
    assert "what" in shown and "found" in shown
    assert "a [bold] name" in shown
