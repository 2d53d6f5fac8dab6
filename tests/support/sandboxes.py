"""What the tests of the real sandbox need."""

import subprocess

import pytest

from grading.sandbox import SandboxError, find_bubblewrap


def bubblewrap_or_skip():
    """Skip where bubblewrap cannot run; where it can, our sandbox has to."""
    try:
        probe = [find_bubblewrap(), "--unshare-all", "--ro-bind", "/", "/", "true"]
        done = subprocess.run(probe, capture_output=True, text=True, check=False)
    except (SandboxError, OSError) as error:
        pytest.skip(f"bubblewrap is not here: {error}")
    if done.returncode:
        pytest.skip(f"bubblewrap cannot run here: {done.stderr}")
