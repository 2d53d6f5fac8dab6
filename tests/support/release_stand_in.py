"""A git repository of the working tree, which stands in for the tagged release."""

import shutil
import subprocess

import pytest

FILES = ("pyproject.toml", "README.md", "LICENSE")
FOLDERS = ("helpers", "notebooks")


def make_release(project, folder):
    """Commit in `folder` what the wheel is made of, tag it, and return the folder."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed, and the release is installed from it")
    folder.mkdir()
    for name in FILES:
        shutil.copy(project.root / name, folder)
    ignored = shutil.ignore_patterns("__pycache__")
    for name in FOLDERS:
        shutil.copytree(project.root / name, folder / name, ignore=ignored)
    for command in (
        ["init", "--quiet"],
        ["add", "."],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "release"],
        ["tag", project.release],
    ):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder
