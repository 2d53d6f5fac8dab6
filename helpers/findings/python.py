"""Python, its packages, and whether Keras starts."""

import importlib.util
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from helpers.findings.finding import (
    DISTRIBUTION,
    MEND,
    NOTE,
    OK,
    ROOT,
    Finding,
    in_clone,
    install,
    installed,
    set_up,
    unset,
)
from helpers.language import say
from helpers.terminal import quoted, this_python

OLDEST, NEWEST = (3, 11), (3, 13)
KERAS_SECONDS = 600


def python():
    """Look whether this is a Python that the course is tested with."""
    version = ".".join(map(str, sys.version_info[:3]))
    found = f"{version}, {sys.executable}"
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return Finding(OK, found)
    oldest, newest = (".".join(map(str, pair)) for pair in (OLDEST, NEWEST))
    allowed = say("{oldest} to {newest}", oldest=oldest, newest=newest)
    mend = set_up()
    if "make" in mend:
        mend += " PYTHON=/path/to/python3.12"
    return Finding(
        MEND,
        say("{version}; the course needs {allowed}", version=found, allowed=allowed),
        mend,
    )


def environment():
    """Look whether this Python is the course's own, and disturbs nothing else."""
    if os.environ.get("CONDA_PREFIX") == sys.prefix:
        name = os.environ.get("CONDA_DEFAULT_ENV") or Path(sys.prefix).name
        return Finding(OK, say("conda's {name}", name=name))
    if sys.prefix != sys.base_prefix:
        return Finding(OK, sys.prefix)
    if importlib.util.find_spec("google") and os.environ.get("COLAB_RELEASE_TAG"):
        return Finding(OK, "Colab's")
    mend = set_up() if in_clone() else f"{this_python()} -m venv .venv"
    return Finding(NOTE, say("none: packages are shared with all of this Python"), mend)


def requirements():
    """List what the course declares to need, from its clone or its installation.

    Returns
    -------
    list of packaging.requirements.Requirement
    """
    from packaging.requirements import Requirement

    if in_clone():
        import tomllib

        project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
        lines = project["project"]["dependencies"]
    else:
        from importlib import metadata

        lines = metadata.requires(DISTRIBUTION) or []
    parsed = [Requirement(line) for line in lines]
    return [r for r in parsed if not r.marker or r.marker.evaluate({"extra": ""})]


def packages():
    """Look whether the declared packages are here, in versions inside their ranges."""
    try:
        wanted = requirements()
    except ImportError as error:
        return Finding(
            MEND, say("not installed in this Python ({error})", error=error), set_up()
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
        say(
            "{name} {version} (needs {specifier})",
            name=entry.name,
            version=version or say("is missing"),
            specifier=entry.specifier,
        )
        for entry, version in wrong.items()
    )
    return Finding(MEND, found, install(*(f"{e.name}{e.specifier}" for e in wrong)))


# Without the folder that you are in: `shadows` tells of the files there.
START_KERAS = """
import sys
sys.path[:] = filter(None, sys.path)
import json, keras
print()
print(json.dumps([keras.__version__, keras.backend.backend()]))
"""


def keras():
    """Start Keras, and look whether it takes TensorFlow."""
    began = time.monotonic()
    quiet = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, "-c", START_KERAS]
    try:
        done = subprocess.run(
            command,
            env=quiet,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=KERAS_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Finding(
            MEND,
            say("did not start within {n} minutes", n=KERAS_SECONDS // 60),
            say(
                "{command}  # and then try again",
                command=_compile_command(),
            ),
        )
    seconds = time.monotonic() - began
    chosen = os.environ.get("KERAS_BACKEND")
    if done.returncode == 0:
        version, backend = json.loads(done.stdout.splitlines()[-1])
        found = say(
            "{version} starts with {backend} in {seconds:.0f} seconds",
            version=version,
            backend=backend,
            seconds=seconds,
        )
        if backend == "tensorflow":
            return Finding(OK, found)
        if not chosen:
            home = Path(os.environ.get("KERAS_HOME") or "~/.keras")
            return Finding(
                MEND,
                say("{found}; the lessons need tensorflow", found=found),
                say(
                    'Write "backend": "tensorflow" into {file}',
                    file=home / "keras.json",
                ),
            )
    else:
        found = say("does not start: {why}", why=_why(done))
    if chosen and chosen != "tensorflow":
        found += say(
            "; KERAS_BACKEND is {chosen}, and the lessons need tensorflow",
            chosen=chosen,
        )
        return Finding(MEND, found, unset("KERAS_BACKEND"))
    return Finding(MEND, found, set_up())


def _why(done):
    """Tell in a few words why a process failed."""
    if done.returncode == -4:
        return say("this processor lacks instructions that TensorFlow needs (AVX)")
    if done.returncode == -9:
        return say("it was killed, probably for want of memory")
    if done.returncode < 0:
        return say("it crashed with signal {number}", number=-done.returncode)
    lines = done.stderr.strip().splitlines()
    return (
        lines[-1].strip()
        if lines
        else say("it ended with code {code}", code=done.returncode)
    )


def bytecode():
    """Look whether Keras is compiled, or each start of it must wait for that."""
    spec = importlib.util.find_spec("keras")
    if spec is None or not spec.origin:
        return Finding(NOTE, say("not known, as Keras is not installed"))
    if Path(importlib.util.cache_from_source(spec.origin)).is_file():
        return Finding(OK, say("compiled: Keras starts in seconds"))
    folder = Path(spec.origin).parent
    if not sys.dont_write_bytecode and os.access(folder, os.W_OK):
        return Finding(
            OK, say("the first start of Keras compiles it, and takes longer")
        )
    reason = say("you may not write into {folder}", folder=folder)
    if sys.dont_write_bytecode:
        reason = say("PYTHONDONTWRITEBYTECODE is set")
    found = say(
        "Keras is not compiled ({reason}): each start takes a minute or more",
        reason=reason,
    )
    return Finding(NOTE, found, _compile_command())


def _compile_command():
    names = [name for name in ("keras", "tensorflow") if importlib.util.find_spec(name)]
    folders = (Path(importlib.util.find_spec(name).origin).parent for name in names)
    paths = " ".join(map(quoted, folders))
    return f"{this_python()} -m compileall -q {paths}"
