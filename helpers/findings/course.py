"""The course: its helpers, its ratings, and what it keeps."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from helpers.findings.finding import (
    DISTRIBUTION,
    HELPERS,
    MEND,
    NOTE,
    OK,
    ROOT,
    Finding,
    existing,
    in_clone,
    install,
    installed,
    try_to_write,
    unset,
)
from helpers.language import say
from helpers.terminal import quoted


def helpers():
    """Look which `helpers` the lessons get, here and in another folder."""
    version = _version_here()
    elsewhere = _helpers_elsewhere()
    if elsewhere == HELPERS:
        return Finding(OK, f"{version}, {HELPERS}")
    found = say(
        "{version}, {folder}; in another folder ", version=version, folder=HELPERS
    )
    found += str(
        elsewhere or say("none: a notebook there would install it from GitHub")
    )
    return Finding(NOTE, found, install("--no-deps", "-e", ROOT) if in_clone() else "")


def _version_here():
    if in_clone():
        import tomllib

        project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
        return project["project"]["version"]
    return installed(DISTRIBUTION) or say("unknown version")


def _helpers_elsewhere():
    """Return the folder of the `helpers` that a notebook in another folder gets."""
    code = "import helpers.course_home; print(helpers.__path__[0])"
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    return Path(done.stdout.strip()).resolve() if done.returncode == 0 else None


def ratings():
    """Look which editions are on this computer, and whether their files are whole."""
    from helpers import sources
    from helpers.data import NAMES
    from helpers.errors import CorruptDataError

    chosen = os.environ.get("COURSE_DATA")
    if chosen and chosen not in NAMES:
        known = ", ".join(NAMES)
        found = say(
            "COURSE_DATA is {chosen}, and there is no such edition ({known})",
            chosen=chosen,
            known=known,
        )
        return Finding(MEND, found, unset("COURSE_DATA"))
    own = os.environ.get("MOVIELENS_SOURCE")
    if own:
        if Path(own).expanduser().exists():
            return Finding(OK, say("your own, {own}", own=own))
        found = say("there is no {own}, which MOVIELENS_SOURCE names", own=own)
        return Finding(MEND, found, unset("MOVIELENS_SOURCE"))

    folder, whole, damaged = sources.cache_folder(), [], []
    for name, path, sha256 in sources.cached_files():
        try:
            sources.check_hash(path, sha256, "")
            whole.append(name)
        except CorruptDataError:
            damaged.append(path)
    if damaged:
        found = say(
            "damaged, or not fully downloaded: {damaged}",
            damaged=", ".join(map(str, damaged)),
        )
        delete = "del" if os.name == "nt" else "rm"
        mend = f"{delete} {' '.join(map(quoted, damaged))}"
        return Finding(
            MEND, found, say("{mend}  # the next lesson downloads it again", mend=mend)
        )
    if whole:
        return Finding(
            OK,
            say(
                "{names}, whole, in {folder}",
                names=", ".join(dict.fromkeys(whole)),
                folder=folder,
            ),
        )
    try:
        try_to_write(existing(folder))
    except OSError as error:
        command = "export MOVIELENS_HOME=~/movielens"
        mend = say("{command}  # and start JupyterLab anew", command=command)
        if os.environ.get("MOVIELENS_HOME"):
            mend = unset("MOVIELENS_HOME")
        return Finding(
            MEND,
            say("{folder} cannot be written to ({error})", folder=folder, error=error),
            mend,
        )
    return Finding(
        OK, say("none yet; a lesson downloads them to {folder} (5 MB)", folder=folder)
    )


def course_home():
    """Look whether scoreboard, own ratings and progress can be kept."""
    from helpers.course_home import course_home

    try:
        folder = course_home()
        try_to_write(folder)
    except OSError as error:
        command = "export COURSE_HOME=~/recsys-course"
        mend = say("{command}  # and start JupyterLab anew", command=command)
        if os.environ.get("COURSE_HOME"):
            mend = unset("COURSE_HOME")
        return Finding(MEND, say("cannot be written to ({error})", error=error), mend)
    return Finding(OK, str(folder))


def progress():
    """Look whether what has been done so far can be read."""
    from helpers.course_home import course_home

    path = course_home() / "progress.json"
    if not path.exists():
        return Finding(OK, say("nothing done yet"))
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(kept, dict):
            raise ValueError(say("it should start with {"))
    except ValueError as error:
        aside = path.with_suffix(".damaged")
        return Finding(
            NOTE,
            say(
                "{path} is damaged ({error}); the next check begins a new one",
                path=path,
                error=error,
            ),
            f"mv {quoted(path)} {quoted(aside)}",
        )
    except OSError as error:
        return Finding(MEND, str(error), f"chmod u+rw {quoted(path)}")
    return Finding(
        OK,
        say(
            "{n} exercises tried, {path}",
            n=len(kept.get("exercises", ())),
            path=path,
        ),
    )


def answers():
    """Look whether `reveal` may show its answers."""
    from helpers.checks import answers

    reason = answers.closed()
    return Finding(NOTE, reason) if reason else Finding(OK, say("open, for reveal"))
