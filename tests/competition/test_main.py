"""The two commands, as an instructor types them."""

import os
import subprocess

import pytest

from competition import making
from competition.__main__ import SECRET, main
from tests.support.competitions import small_folder
from tests.support.paths import ROOT


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["make"], "A competition needs a secret"),
        (["leaderboard", "x", "--tries", "0"], "'0' is not a number of files"),
        (["leaderboard"], "the following arguments are required: submissions"),
        (["leaderboard", "x", "--folder", "nowhere"], "no competition in nowhere"),
        (["leaderboard", "gone"], "There is no gone."),
        (["bake"], "invalid choice: 'bake'"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(command, says, capsys, monkeypatch):
    monkeypatch.delenv(SECRET, raising=False)
    if command == ["leaderboard", "gone"]:
        command = [*command, "--folder", str(small_folder())]
    try:
        code = main(command)
    except SystemExit as error:
        code = error.code
    found = capsys.readouterr().err
    assert code == 2
    assert says in found
    assert found.count("\n") == 1


def test_make_writes_both_folders_and_never_the_secret(tmp_path, monkeypatch, capsys):
    key = "a secret that no file contains"
    monkeypatch.setenv(SECRET, key)
    tiny = making.make
    monkeypatch.setattr(
        making,
        "make",
        lambda *args, **options: tiny(
            *args,
            shape={"n_users": 40, "n_movies": 60, "n_ratings": 1200},
            **options,
        ),
    )
    assert main(["make", "--folder", str(tmp_path), "--without-hybrid"]) == 0
    assert "Hand out" in capsys.readouterr().out
    names = {path.name for path in (tmp_path / "students").iterdir()}
    assert names == {
        *("train.csv", "movies.csv", "users.csv", "rate.csv", "rank.csv"),
        *("competition.json", "project.ipynb"),
    }
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in files if key.encode() in path.read_bytes()]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["competition", "SECRET=pa$word 'x'"], {"COMPETITION_SECRET": "pa$word 'x'"}),
        (["competition"], {"DATA_AS_TYPED": "synthetic"}),
        (["competition", "DATA=my $ratings.csv"], {"DATA_AS_TYPED": "my $ratings.csv"}),
        (["leaderboard", "SUBMISSIONS=my $files.zip"], {}),
    ],
)
def test_make_passes_values_on_as_they_were_typed(arguments, expected, tmp_path):
    """The secret is in the environment, never in a command line."""
    spy = tmp_path / "python"
    spy.write_text('#!/bin/sh\nenv; echo "$@" > "$0.arguments"\n')
    spy.chmod(0o755)
    ready = tmp_path / "ready"
    ready.write_text("")
    done = subprocess.run(
        ["make", *arguments, f"RUN={spy}", f"READY={ready}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        env={k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "SECRET")},
    )
    found = dict(line.partition("=")[::2] for line in done.stdout.splitlines())
    assert {name: found[name] for name in expected} == expected
    typed = (tmp_path / "python.arguments").read_text()
    assert "pa$word" not in typed
    if arguments[0] == "leaderboard":
        assert "my $files.zip" in typed
