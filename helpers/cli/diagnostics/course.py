"""Diagnoses of the helpers, the ratings, and saved progress."""

import json
import os
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from helpers.cli.diagnostics.finding import (
    DISTRIBUTION,
    FIX,
    HELPERS,
    NOTE,
    OK,
    ROOT,
    Finding,
    in_clone,
    install_command,
    installed,
    move_command,
    other_folder_command,
    project,
    unset_command,
    with_jupyter_restart,
)
from helpers.files import shell_quote
from helpers.i18n import gettext


def helpers():
    """Check which `helpers` the lessons import, here and in another folder."""
    version = _version_here()
    elsewhere = _helpers_elsewhere()
    if elsewhere == HELPERS:
        return Finding(OK, f"{version}, {HELPERS}")
    found = gettext(
        "{version}, {folder}; in another folder ", version=version, folder=HELPERS
    )
    found += str(
        elsewhere or gettext("none: a notebook there would install it from GitHub")
    )
    return Finding(NOTE, found, _make_known_command(elsewhere) if in_clone() else "")


def _make_known_command(elsewhere):
    """Return the command after which other folders import these helpers."""
    path = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    if elsewhere and any(
        Path(one).resolve() == elsewhere.parent for one in path if one
    ):
        return with_jupyter_restart(unset_command("PYTHONPATH"))
    if elsewhere:
        return install_command("--no-deps", "-e", ROOT)
    site = Path(sysconfig.get_path("purelib"), f"{DISTRIBUTION}.pth")
    return f"echo {shell_quote(ROOT)} > {shell_quote(site)}"  # as `make setup` does


def _version_here():
    if in_clone():
        return project()["version"]
    return installed(DISTRIBUTION) or gettext("unknown version")


def _helpers_elsewhere():
    """Return the folder of the `helpers` that is imported in another folder."""
    code = "import helpers.storage; print(helpers.__path__[0])"
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
    """Check which editions are cached, and whether their files are complete."""
    from helpers.data import NAMES, is_own
    from helpers.files import check_writable, expand_path, nearest_existing
    from helpers.movielens import sources

    chosen = os.environ.get("COURSE_DATA")
    if chosen and is_own(chosen):
        if expand_path(chosen).is_file():
            return Finding(OK, gettext("your own, {own}", own=chosen))
        found = gettext("there is no {own}, which COURSE_DATA names", own=chosen)
        return Finding(FIX, found, with_jupyter_restart(unset_command("COURSE_DATA")))
    if chosen and chosen not in NAMES:
        known = ", ".join(NAMES)
        found = gettext(
            "COURSE_DATA is {chosen}, and there is no such edition ({known})",
            chosen=chosen,
            known=known,
        )
        return Finding(FIX, found, with_jupyter_restart(unset_command("COURSE_DATA")))
    own = os.environ.get("MOVIELENS_SOURCE")
    if own:
        if expand_path(own).exists():
            return Finding(OK, gettext("your own, {own}", own=own))
        found = gettext("there is no {own}, which MOVIELENS_SOURCE names", own=own)
        return Finding(
            FIX, found, with_jupyter_restart(unset_command("MOVIELENS_SOURCE"))
        )

    try:
        folder = sources.cache_folder().absolute()
        whole, damaged = _cached()
    except OSError as error:
        return Finding(
            FIX, str(error), other_folder_command("MOVIELENS_HOME", "movielens")
        )
    if damaged:
        found = gettext(
            "damaged, or not fully downloaded: {damaged}",
            damaged=", ".join(map(str, damaged)),
        )
        try:
            check_writable(folder)
        except OSError:
            fix = other_folder_command("MOVIELENS_HOME", "movielens")
            return Finding(FIX, found, fix)
        delete = "Remove-Item -Recurse" if os.name == "nt" else "rm -r"
        fix = f"{delete} {' '.join(map(shell_quote, damaged))}"
        return Finding(
            FIX,
            found,
            gettext("{fix}  # the next lesson downloads it again", fix=fix),
        )
    if whole:
        return Finding(
            OK,
            gettext(
                "{names}, whole, in {folder}",
                names=", ".join(dict.fromkeys(whole)),
                folder=folder,
            ),
        )
    try:
        check_writable(nearest_existing(folder))
    except OSError as error:
        return Finding(
            FIX,
            gettext(
                "{folder} cannot be written to ({error})", folder=folder, error=error
            ),
            other_folder_command("MOVIELENS_HOME", "movielens"),
        )
    return Finding(
        OK,
        gettext("none yet; a lesson downloads them to {folder} (5 MB)", folder=folder),
    )


def _cached():
    """Return the editions with complete files, and the paths of damaged files."""
    from helpers.movielens import sources
    from helpers.movielens.errors import CorruptDataError

    whole, damaged = [], []
    for name, path, sha256 in sources.cached_files():
        try:
            sources.check_hash(path, sha256, "")
            whole.append(name)
        except (CorruptDataError, OSError):  # the latter: a folder has its name
            damaged.append(path)
    return whole, damaged


def course_home():
    """Check whether scoreboard, own ratings and progress can be saved."""
    from helpers.files import check_writable
    from helpers.storage import course_home

    try:
        folder = course_home()
        check_writable(folder)
    except OSError as error:
        return Finding(
            FIX,
            gettext("cannot be written to ({error})", error=error),
            other_folder_command("COURSE_HOME", "recsys-course"),
        )
    return Finding(OK, str(folder))


def progress():
    """Check whether the saved progress can be read."""
    from helpers.storage import course_home

    try:
        path = course_home() / "progress.json"
    except OSError:
        return Finding(NOTE, gettext("there is no course home to keep it in"))
    if not os.path.lexists(path):
        return Finding(OK, gettext("nothing done yet"))
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(kept, dict):
            raise ValueError(gettext("it should start with {"))
    except ValueError as error:
        return Finding(
            NOTE,
            gettext(
                "{path} is damaged ({error}); the next check begins a new one",
                path=path,
                error=error,
            ),
            move_command(path, path.with_suffix(".damaged")),
        )
    except PermissionError as error:
        return Finding(FIX, str(error), f"chmod u+rw {shell_quote(path)}")
    except OSError as error:
        return Finding(FIX, str(error), move_command(path))
    return Finding(
        OK,
        gettext(
            "{n} exercises tried, {path}",
            n=len(kept.get("exercises", ())),
            path=path,
        ),
    )


def answers():
    """Check whether `reveal` can show answers."""
    from helpers.checks import answer_key

    reason = answer_key.closed()
    return Finding(NOTE, reason) if reason else Finding(OK, gettext("open, for reveal"))
