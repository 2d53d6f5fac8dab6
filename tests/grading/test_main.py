"""The command, and `make grade`."""

import shutil
import subprocess

import pytest

from grading import __main__ as command
from tests.support.paths import ROOT


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--jobs", "0"], "--jobs must be more than 0."),
        (["--jobs", "-1"], "--jobs must be more than 0."),
        (["--seconds", "0"], "--seconds must be more than 0."),
        (["--seconds", "nan"], "--seconds must be more than 0."),
        (["--out", "a file"], "a file cannot be written to: "),
        (["--out", "a file/inside"], "a file/inside cannot be written to: "),
        (["--out", "/proc/x"], "/proc/x cannot be written to: "),
    ],
)
def test_what_cannot_work_is_said_on_one_line(
    tmp_path, monkeypatch, capsys, options, said
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a file").touch()
    assert command.main(["submissions", *options]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(said)


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_hands_over_what_was_typed(tmp_path):
    shutil.copy(ROOT / "Makefile", tmp_path)
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\nprintf "<%s>" "$@" $COURSE_LANG\n')
    python.chmod(0o755)
    (tmp_path / ".venv" / ".complete").touch()

    def make(*arguments):
        ready = ["make", "--silent", "--old-file=.venv/.complete", "grade", *arguments]
        done = subprocess.run(
            ready, cwd=tmp_path, capture_output=True, text=True, check=False
        )
        return done.stdout

    assert "Say what to grade" in make()
    begin = "<-m><grading><{}><--out><grades><--jobs><2>"
    for name in ("a b.zip", "~/a.zip", "$HOME/a's", '"a b"', "'a b'"):
        assert make(f"SUBMISSIONS={name}") == begin.format(name)
    more = ["LESSONS=05 06", "LAYOUT=flat", "CHECKS=$HOME/c", "WORKSHEET=~/my w.csv"]
    assert make("SUBMISSIONS=a", *more) == begin.format("a") + (
        "<--lesson><05><--lesson><06><--layout><flat>"
        "<--checks><$HOME/c><--worksheet><~/my w.csv>"
    )
    assert "<--out><~/g>" in make("SUBMISSIONS=a", "GRADES=~/g")
    assert make("SUBMISSIONS=a", "COURSE_LANG=es") == begin.format("a") + "<es>"
