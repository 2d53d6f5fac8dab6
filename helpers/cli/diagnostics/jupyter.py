"""Diagnoses of JupyterLab and its kernel."""

import importlib.util
import os
import sys
from pathlib import Path

from helpers.cli.diagnostics.finding import (
    FIX,
    NOTE,
    OK,
    Finding,
    install_command,
    installed,
)
from helpers.cli.terminal import this_python
from helpers.i18n import gettext


def jupyterlab():
    """Check whether JupyterLab is installed."""
    version = installed("jupyterlab")
    if version:
        return Finding(OK, version)
    if (
        os.environ.get("COLAB_RELEASE_TAG")
        or os.environ.get("TERM_PROGRAM") == "vscode"
    ):
        return Finding(
            NOTE,
            gettext("not installed; Colab and VS Code do without"),
            install_command("jupyterlab"),
        )
    return Finding(FIX, gettext("not installed"), install_command("jupyterlab"))


def kernel():
    """Check whether the kernel `python3` runs this Python."""
    if importlib.util.find_spec("ipykernel") is None:
        return Finding(
            FIX, gettext("ipykernel is not installed"), install_command("ipykernel")
        )
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    renew = f"{this_python()} -m ipykernel install --sys-prefix --name python3"
    remove = f"{this_python()} -m jupyter_client.kernelspecapp remove -f python3"
    manager = KernelSpecManager()
    try:
        spec = manager.get_kernel_spec("python3")
        program = Path(spec.argv[0])
    except NoSuchKernel:
        return Finding(FIX, gettext("there is no kernel python3"), renew)
    except Exception as error:  # whatever a damaged kernel.json may raise
        folder = manager.find_kernel_specs()["python3"]
        found = gettext("{folder} is damaged ({error})", folder=folder, error=error)
        return Finding(FIX, found, f"{remove}; {renew}")
    # A bare "python" is the one that runs JupyterLab. Folders are compared, not
    # files: in an environment python is a link to a Python elsewhere.
    own = Path(sys.executable).parent.resolve()
    is_bare = program.name == str(program)
    if is_bare or (program.parent.resolve() == own and program.exists()):
        return Finding(
            OK,
            gettext(
                "python3 runs this Python, with ipykernel {version}",
                version=installed("ipykernel"),
            ),
        )
    folder = spec.resource_dir
    return Finding(
        FIX,
        gettext(
            "python3 runs another Python, {program} (said in {folder})",
            program=program,
            folder=folder,
        ),
        f"{remove}; {renew}",
    )
