"""Download the packages that students need, for computers without a network.

Wheels fit one system and one version of Python: those of the computer that downloads
them.
"""

import platform
import subprocess
import sys
import sysconfig

from authoring.project import AuthoringError

REQUIREMENTS = "requirements.txt"


def system():
    """Return what the wheels are for: ``linux-x86_64, Python 3.12``."""
    version = ".".join(platform.python_version_tuple()[:2])
    return f"{sysconfig.get_platform()}, Python {version}"


def download_wheels(project, folder):
    """Download the wheels of the course's dependencies, and of JupyterLab.

    The versions are those of ``requirements.lock``. Wheels that are there already are
    kept.

    Parameters
    ----------
    project : authoring.project.Project
    folder : pathlib.Path
        It gets `REQUIREMENTS`, too, with the hashes of all packages.

    Returns
    -------
    list of pathlib.Path : the wheels, and the requirements

    Raises
    ------
    AuthoringError
        If a package cannot be downloaded, or not as a wheel.
    """
    folder.mkdir(parents=True, exist_ok=True)
    requirements = folder / REQUIREMENTS
    compile_lock = [
        *("uv", "pip", "compile", "--quiet", "--extra", "lab", "--generate-hashes"),
        *("--no-annotate", "--no-header", "--no-emit-index-url"),
        *("--python", sys.executable, "--constraint", "requirements.lock"),
        *("--output-file", str(requirements), "pyproject.toml"),
    ]
    download = [
        *("pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"),
        *("--only-binary", ":all:", "--require-hashes", "--dest", str(folder)),
        *("--requirement", str(requirements)),
    ]
    requirements.unlink(missing_ok=True)  # what uv finds there, it keeps
    for command in (compile_lock, download):
        done = subprocess.run(
            [sys.executable, "-m", *command],
            cwd=project.root,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise AuthoringError(
                f"The packages for OFFLINE=1 could not be downloaded:\n"
                f"{done.stderr.strip()}\nIs the network there? Then run the same "
                "command again: what has been downloaded is kept."
            )
    text = requirements.read_text("utf-8")
    requirements.write_text(f"# For {system()}\n{text}", "utf-8")
    needed = _wheels_of(text)
    return [requirements] + [
        wheel
        for wheel in sorted(folder.glob("*.whl"))
        if tuple(wheel.name.lower().split("-")[:2]) in needed
    ]


def _wheels_of(requirements):
    """Return names and versions as wheels have them: ``("umap_learn", "0.5.7")``."""
    pins = [
        line.split()[0].split("==")
        for line in requirements.splitlines()
        if "==" in line and not line.startswith((" ", "#"))
    ]
    return {(name.replace("-", "_").replace(".", "_"), pin) for name, pin in pins}
