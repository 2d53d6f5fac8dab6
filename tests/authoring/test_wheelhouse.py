"""The packages for computers without a network."""

import re
import subprocess
import zipfile

import pytest

from authoring import release, wheelhouse
from authoring.__main__ import main
from authoring.derive import derive
from authoring.project import AuthoringError
from tests.support.paths import ROOT
from tests.support.small_courses import PYPROJECT

NAMES = """
[project]
name = "some-course"
version = "1"
dependencies = ["six>=1"]
[project.optional-dependencies]
lab = ["MarkupSafe>=2"]
grade = ["pytest"]
"""


@pytest.fixture
def course(small_course):
    """The small course, derived, that needs two small packages."""
    (small_course.root / "pyproject.toml").write_text(NAMES + PYPROJECT)
    (small_course.root / "requirements.lock").write_text(lock_of("six", "markupsafe"))
    derive(small_course, small_course.sources()[0])
    return small_course


def lock_of(*names):
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    entries = re.split(r"(?m)^(?=[a-z0-9._-]+==)", lock)
    return "".join(entry for entry in entries if entry.split("==")[0] in names)


def test_a_release_for_a_room_without_a_network_has_the_locked_packages(
    course, tmp_path, capsys
):
    left = course.root / "build" / "wheels" / "six-0.1-py3-none-any.whl"
    left.parent.mkdir(parents=True)
    left.touch()  # of an earlier lock
    code = main(["--root", str(course.root), "release", "--offline"])
    said = capsys.readouterr()
    if "No solution found" in said.err or "onnect" in said.err:
        pytest.skip("no package registry is reached")
    assert code == 0, said.err
    assert f"packages for {wheelhouse.system()}" in said.out
    (path,) = (course.root / "build" / "release").iterdir()
    assert path.name == "some-course-v9.9.9-offline.zip"
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path / "unpacked")
    folder = tmp_path / "unpacked" / "some-course-v9.9.9"
    names = sorted(file.name for file in (folder / "offline").iterdir())
    locked = dict(re.findall(r"(?m)^([a-z]+)==(\S+)", lock_of("six", "markupsafe")))
    assert [name.rsplit("-", 3)[0] for name in names] == [
        f"markupsafe-{locked['markupsafe']}",
        "requirements.txt",
        f"six-{locked['six']}",
    ]
    requirements = (folder / "offline" / "requirements.txt").read_text()
    assert requirements.startswith(f"# For {wheelhouse.system()}\n")
    assert requirements.count("--hash=sha256:") > 2 and "://" not in requirements
    assert "--find-links offline" in (folder / "START.txt").read_text()


def test_what_cannot_be_downloaded_is_said_and_no_release_is_written(
    course, tmp_path, monkeypatch
):
    def fail(command, **_):
        return subprocess.CompletedProcess(command, 1, "", "nothing fits tensorflow\n")

    monkeypatch.setattr(wheelhouse.subprocess, "run", fail)
    with pytest.raises(AuthoringError, match="(?s)nothing fits.*Is the network there"):
        release.pack(course, tmp_path / "out", offline=True)
    assert not (tmp_path / "out").exists()
