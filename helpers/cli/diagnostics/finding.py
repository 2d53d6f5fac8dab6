"""The result of a diagnosis, and commands that several diagnoses suggest."""

import dataclasses
import importlib.util
import itertools
import json
import os
import shutil
import sys
from pathlib import Path

from helpers.cli.terminal import this_python
from helpers.files import export_command, shell_quote
from helpers.i18n import gettext

OK, NOTE, FIX = "ok", "note", "fix"

HELPERS = Path(__file__).resolve().parents[2]
ROOT = HELPERS.parent
DISTRIBUTION = "neural-recsys-course"
# The same package by another name: for processors without GPU, for older Macs.
OTHER_NAMES = {"tensorflow": ("tensorflow-cpu", "tensorflow-macos", "tensorflow-intel")}


@dataclasses.dataclass(frozen=True)
class Finding:
    """The result of a diagnosis.

    Attributes
    ----------
    state : str
        `OK`; `NOTE` for information; or `FIX` if lessons cannot run.
    found : str
    fix : str
        What to type or do; empty if nothing needs to be done.
    what : str
        The name of the diagnosis.
    """

    state: str
    found: str
    fix: str = ""
    what: str = ""

    def about(self, what):
        """Return this finding with the name of its diagnosis."""
        return dataclasses.replace(self, what=what)


def in_clone():
    """Tell whether these helpers are in a clone of the repository."""
    return (ROOT / "pyproject.toml").is_file()


def project():
    """Return the table `project` of the clone's pyproject.toml."""
    import tomllib  # Python 3.10, which the doctor says is too old, has none

    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def setup_command():
    """Return the command that installs the packages."""
    if not in_clone():
        return pip_command(f"install --upgrade {shell_quote(_release())}")
    own = ROOT / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if own.exists() and own.parent.resolve() != Path(sys.executable).parent.resolve():
        return gettext(
            "{python} -m helpers doctor  # this is the course's own Python",
            python=shell_quote(own),
        )
    if os.name == "nt" or os.environ.get("CONDA_PREFIX") == sys.prefix:
        return f"conda env update -f {shell_quote(ROOT / 'environment.yml')}"
    if shutil.which("make") is None:
        return f"cd {shell_quote(ROOT)} && sh authoring/setup.sh"
    # `make` skips the set-up if the stamp file exists.
    stamp = shell_quote(ROOT / ".venv/.complete")
    return f"rm -f {stamp}; make -C {shell_quote(ROOT)} setup"


def environment_command(python):
    """Return the commands that make an environment for the installed course."""
    own = r".venv\Scripts\python" if os.name == "nt" else ".venv/bin/python"
    return (
        f"{python} -m venv .venv; {own} -m pip install {shell_quote(_release())}; "
        f"{own} -m helpers doctor"
    )


def install_command(*packages):
    """Return the command that installs packages, or all if Keras is missing, too."""
    if importlib.util.find_spec("keras") is None:
        return setup_command()
    return pip_command(f"install {' '.join(map(shell_quote, packages))}")


def pip_command(command):
    """Return a pip command, also for an environment without pip."""
    python = this_python()
    if importlib.util.find_spec("pip"):
        return f"{python} -m pip {command}"
    if shutil.which("uv"):
        verb, _, packages = command.partition(" ")
        return f"uv pip {verb} --python {python} {packages}"
    return f"{python} -m ensurepip; {python} -m pip {command}"


def _release():
    """Return the requirement that the course was installed from."""
    from importlib import metadata

    try:
        origin = json.loads(
            metadata.distribution(DISTRIBUTION).read_text("direct_url.json")
        )
        revision = origin["vcs_info"]["requested_revision"]
    except (metadata.PackageNotFoundError, TypeError, KeyError):
        return DISTRIBUTION
    return f"{DISTRIBUTION} @ git+{origin['url']}@{revision}"


def unset_command(variable):
    """Return the command that unsets an environment variable."""
    return f"Remove-Item Env:{variable}" if os.name == "nt" else f"unset {variable}"


def other_folder_command(variable, name):
    """Return the command that sets a variable to another, writable folder."""
    from helpers.files import writable_folder

    folder = writable_folder(name)
    if folder is None:
        return gettext(
            "Nothing can be written on this computer: make room on its disk."
        )
    return with_jupyter_restart(export_command(variable, folder))


def with_jupyter_restart(command):
    """Add to a command that JupyterLab has to be restarted."""
    return gettext(
        "{command}  # then restart JupyterLab from this terminal", command=command
    )


def move_command(path, target=None):
    """Return the command that renames a file or folder without overwriting."""
    path = Path(path)
    free = (path.with_name(f"{path.name}.old{n or ''}") for n in itertools.count())
    target = target or next(one for one in free if not os.path.lexists(one))
    command = "move" if os.name == "nt" else "mv"
    return f"{command} {shell_quote(path)} {shell_quote(target)}"


def installed(name):
    """Return the version of an installed package, or None."""
    from importlib import metadata

    for known in (name, *OTHER_NAMES.get(name, ())):
        try:
            return metadata.version(known)
        except metadata.PackageNotFoundError:
            continue
    return None
