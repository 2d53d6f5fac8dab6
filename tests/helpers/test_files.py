"""Files written whole, and paths as a shell reads them."""

import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from helpers.files import (
    expand_path,
    nearest_existing,
    read_json,
    writable_folder,
    write_bytes,
    write_json,
)
from helpers.scoreboard import read_scoreboard
from helpers.storage import course_home, save_warning, update

pytestmark = pytest.mark.usefixtures("own_home")


def test_write_json_is_all_or_nothing():
    path = course_home() / "some.json"
    write_json(path, {"a": 1})
    with pytest.raises(TypeError):
        write_json(path, {"a": object()})
    assert read_json(path, {}) == {"a": 1}
    assert [file.name for file in course_home().iterdir()] == ["some.json"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such rights")
def test_a_file_has_the_permissions_that_the_user_gives_new_files(tmp_path):
    before = os.umask(0o027)
    try:
        write_bytes(tmp_path / "some.bin", b"1")
        (tmp_path / "other.bin").touch()
    finally:
        os.umask(before)
    ours, other = (
        (tmp_path / f"{name}.bin").stat().st_mode for name in ("some", "other")
    )
    assert ours == other


def test_a_name_may_be_as_long_as_the_file_system_allows(tmp_path):
    path = tmp_path / ("n" * 255)
    assert write_bytes(path, b"1")
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_threads_may_write_the_same_file(tmp_path):
    path = tmp_path / "some.bin"
    contents = [bytes([number]) * 100_000 for number in range(8)]

    def write(content):
        for other in contents:
            write_bytes(path, other)
            write_bytes(path, content)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, contents))
    assert path.read_bytes() in contents
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_the_folder_that_is_proposed_can_be_written(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    there = tmp_path / "there"
    there.mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "file"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "file"))
    monkeypatch.chdir(there)
    assert writable_folder("a") == there / "a"
    (there / "a").write_text("a file has the name")
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    assert writable_folder("a") == tmp_path / "a"
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path / "file"))
    assert writable_folder("a") is None


def test_the_nearest_folder_that_exists_or_the_folder_on_a_drive_that_does_not(
    tmp_path, monkeypatch
):
    assert nearest_existing(tmp_path / "a" / "b") == tmp_path
    monkeypatch.setattr(os.path, "lexists", lambda path: False)
    assert nearest_existing(tmp_path / "a") == tmp_path / "a"


def test_an_account_without_a_home_gets_no_folder_named_tilde(monkeypatch, tmp_path):
    monkeypatch.delenv("COURSE_HOME")
    monkeypatch.setattr("pooch.os_cache", lambda name: f"~/.cache/{name}")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OSError, match="no home folder"):
        course_home()
    assert read_scoreboard().empty
    assert "no home folder" in save_warning()
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "repaired"))
    update("anything.json", [], lambda value: value)
    assert not save_warning()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("~/my work", "{home}/my work"),
        ("$HOME/my work", "{home}/my work"),
        ("${HOME}", "{home}"),
        ("'~/my work'", "{home}/my work"),
        ('"/a b"', "/a b"),
        (" /a ", "/a"),
        ("costs $5", "costs $5"),
        ("it's", "it's"),
        ("../class", "../class"),
        ("$NOWHERE/class", "$NOWHERE/class"),
        (r"C:\class\sent.zip", r"C:\class\sent.zip"),
        ("$HOME is where", "$HOME is where"),  # a folder of this name is there
    ],
)
def test_paths_are_read_as_a_shell_reads_them(tmp_path, monkeypatch, written, meant):
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path / "me"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "$HOME is where").mkdir()
    (tmp_path / "~").mkdir()
    assert expand_path(written) == Path(meant.format(home=tmp_path / "me"))
    assert expand_path(Path(written)) == expand_path(str(Path(written)))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no ~user")
def test_a_user_is_found_by_name(monkeypatch):
    import pwd

    me = pwd.getpwuid(os.getuid())
    assert expand_path(f"~{me.pw_name}/work") == Path(me.pw_dir, "work")
