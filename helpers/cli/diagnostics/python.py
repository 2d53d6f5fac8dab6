"""Diagnoses of Python, its packages, and Keras."""

import contextlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from helpers.cli.diagnostics.finding import (
    DISTRIBUTION,
    FIX,
    NOTE,
    OK,
    Finding,
    environment_command,
    in_clone,
    install_command,
    installed,
    move_command,
    project,
    setup_command,
    unset_command,
    with_jupyter_restart,
)
from helpers.cli.terminal import this_python
from helpers.files import export_command, shell_quote
from helpers.i18n import gettext

OLDEST, NEWEST = (3, 11), (3, 13)
KERAS_SECONDS = 600


def python():
    """Check whether the course is tested with this version of Python."""
    version = ".".join(map(str, sys.version_info[:3]))
    found = f"{version}, {sys.executable}"
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return Finding(OK, found)
    oldest, newest = (".".join(map(str, pair)) for pair in (OLDEST, NEWEST))
    allowed = gettext("{oldest} to {newest}", oldest=oldest, newest=newest)
    return Finding(
        FIX,
        gettext(
            "{version}; the course needs {allowed}", version=found, allowed=allowed
        ),
        _other_python_command(),
    )


def _other_python_command():
    names = [f"python3.{minor}" for minor in range(NEWEST[1], OLDEST[1] - 1, -1)]
    python = next(filter(shutil.which, names), None)
    if python is None:
        return gettext(
            "Install Python {newest}, and call the doctor again", newest="3.13"
        )
    return setup_command() if in_clone() else environment_command(python)


def environment():
    """Check whether the packages are in an environment of their own."""
    if os.environ.get("CONDA_PREFIX") == sys.prefix:
        name = os.environ.get("CONDA_DEFAULT_ENV") or Path(sys.prefix).name
        return Finding(OK, gettext("conda's {name}", name=name))
    if sys.prefix != sys.base_prefix:
        return Finding(OK, sys.prefix)
    if importlib.util.find_spec("google") and os.environ.get("COLAB_RELEASE_TAG"):
        return Finding(OK, "Colab's")
    fix = setup_command() if in_clone() else environment_command(this_python())
    return Finding(
        NOTE, gettext("none: packages are shared with all of this Python"), fix
    )


def requirements():
    """Return the requirements of the course, from its clone or its installation.

    Returns
    -------
    list of packaging.requirements.Requirement
    """
    from packaging.requirements import Requirement

    if in_clone():
        lines = project()["dependencies"]
    else:
        from importlib import metadata

        lines = metadata.requires(DISTRIBUTION) or []
    parsed = [Requirement(line) for line in lines]
    return [r for r in parsed if not r.marker or r.marker.evaluate({"extra": ""})]


def packages():
    """Check whether the required packages are installed, in the required versions."""
    try:
        wanted = requirements()
    except ImportError as error:
        return Finding(
            FIX,
            gettext("not installed in this Python ({error})", error=error),
            setup_command(),
        )
    versions = {entry: installed(entry.name) for entry in wanted}
    wrong = {
        entry: version
        for entry, version in versions.items()
        if not version or not entry.specifier.contains(version, prereleases=True)
    }
    if not wrong:
        return Finding(OK, ", ".join(f"{e.name} {v}" for e, v in versions.items()))
    found = ", ".join(
        gettext(
            "{name} {version} (needs {specifier})",
            name=entry.name,
            version=version or gettext("is missing"),
            specifier=entry.specifier,
        )
        for entry, version in wrong.items()
    )
    return Finding(
        FIX, found, install_command(*(f"{e.name}{e.specifier}" for e in wrong))
    )


# Without the folder that you are in: `shadows` tells of the files there.
START_KERAS = """
import sys
sys.path[:] = filter(None, sys.path)
import json, keras
print()
print(json.dumps([keras.__version__, keras.backend.backend(), keras.backend.floatx()]))
"""
WANTED = ["tensorflow", "float32"]


def keras():
    """Import Keras, and check that TensorFlow is its backend."""
    began = time.monotonic()
    try:
        done, version, *settings = _start_keras(os.environ)
    except subprocess.TimeoutExpired:
        return Finding(
            FIX,
            gettext("did not start within {n} minutes", n=KERAS_SECONDS // 60),
            gettext(
                "{command}  # and then try again",
                command=_compile_command(),
            ),
        )
    if done.returncode:
        found = gettext("does not start: {why}", why=_why(done))
    else:
        found = gettext(
            "{version} starts with {backend} and {floatx} in {seconds:.0f} seconds",
            version=version,
            backend=settings[0],
            floatx=settings[1],
            seconds=time.monotonic() - began,
        )
    if settings == WANTED:
        return Finding(OK, found)
    fixes = []
    with contextlib.suppress(subprocess.TimeoutExpired):
        fixes = _settings_to_change()
    if not fixes and os.environ.get("KERAS_BACKEND", WANTED[0]) != WANTED[0]:
        return Finding(FIX, found, with_jupyter_restart(unset_command("KERAS_BACKEND")))
    if not fixes:
        return Finding(FIX, found, setup_command())
    found += gettext("; without your settings of Keras all is well")
    return Finding(FIX, found, with_jupyter_restart("; ".join(fixes)))


def _start_keras(environment):
    """Import Keras in a process; return it, and Keras' version, backend and floatx."""
    done = subprocess.run(
        [sys.executable, "-c", START_KERAS],
        env={**environment, "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        errors="replace",
        timeout=KERAS_SECONDS,
        check=False,
    )
    if done.returncode:
        return done, "", "", ""
    return done, *json.loads(done.stdout.splitlines()[-1])


def _settings_to_change():
    """Find the settings that break Keras; return commands that remove them."""
    home = os.environ.get("KERAS_HOME") or "~/.keras"
    file = Path(os.path.expanduser(home), "keras.json")
    set_here = sorted(name for name in os.environ if name.startswith("KERAS_"))
    without = {k: v for k, v in os.environ.items() if k not in set_here}
    no_file = [move_command(file)] if os.path.lexists(file) else []
    no_variables = [unset_command(name) for name in set_here]
    with tempfile.TemporaryDirectory() as empty:
        trials = [
            (no_file, {**os.environ, "KERAS_HOME": empty}),
            (no_variables, without),
            (no_file + no_variables, {**without, "KERAS_HOME": empty}),
        ]
        for fixes, environment in trials:
            if fixes and _start_keras(environment)[2:] == tuple(WANTED):
                return fixes
    return []


def _why(done):
    """Return the reason why a process failed, in a few words."""
    if done.returncode == -4:
        return gettext("this processor lacks instructions that TensorFlow needs (AVX)")
    if done.returncode == -9:
        return gettext("it was killed, probably for want of memory")
    if done.returncode < 0:
        return gettext("it crashed with signal {number}", number=-done.returncode)
    lines = done.stderr.strip().splitlines()
    return (
        lines[-1].strip()
        if lines
        else gettext("it ended with code {code}", code=done.returncode)
    )


def bytecode():
    """Check whether the bytecode of Keras is cached, as each start is slow without."""
    from helpers.files import check_writable, nearest_existing, writable_folder

    spec = importlib.util.find_spec("keras")
    if spec is None or not spec.origin:
        return Finding(NOTE, gettext("not known, as Keras is not installed"))
    if Path(importlib.util.cache_from_source(spec.origin)).is_file():
        return Finding(OK, gettext("compiled: Keras starts in seconds"))
    compiled = Path(importlib.util.cache_from_source(spec.origin))
    try:
        check_writable(nearest_existing(compiled.parent))
        if not sys.dont_write_bytecode:
            return Finding(
                OK, gettext("the first start of Keras compiles it, and takes longer")
            )
        reason = gettext("PYTHONDONTWRITEBYTECODE is set")
        fix = _compile_command()
    except OSError as error:
        reason = str(error)
        folder = writable_folder("python-bytecode")
        fix = export_command("PYTHONPYCACHEPREFIX", folder) + f"; {_compile_command()}"
        fix = with_jupyter_restart(fix) if folder else ""
    found = gettext(
        "Keras is not compiled ({reason}): each start takes a minute or more",
        reason=reason,
    )
    return Finding(NOTE, found, fix)


def _compile_command():
    names = [name for name in ("keras", "tensorflow") if importlib.util.find_spec(name)]
    folders = (Path(importlib.util.find_spec(name).origin).parent for name in names)
    paths = " ".join(map(shell_quote, folders))
    return f"{this_python()} -m compileall -q {paths}"
