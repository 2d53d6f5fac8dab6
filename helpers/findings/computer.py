"""The computer: the folder that you are in, memory and disk."""

import importlib.util
import shutil
import sys
from pathlib import Path

from helpers.findings.finding import (
    MEND,
    OK,
    Finding,
    existing,
    try_to_write,
)
from helpers.language import say
from helpers.terminal import quoted, this_python

GIGABYTE = 1e9
LESSON_MEMORY = 1.5 * GIGABYTE
SETUP_DISK = 3 * GIGABYTE
LESSON_DISK = 0.3 * GIGABYTE


def working_folder():
    """Look whether a notebook can be saved here."""
    folder = Path.cwd()
    try:
        try_to_write(folder)
    except OSError as error:
        return Finding(
            MEND,
            say("{folder} cannot be written to ({error})", folder=folder, error=error),
            say(
                "{command}  # a folder of your own",
                command=f"{this_python()} -m helpers start ~/recsys",
            ),
        )
    return Finding(OK, say("{folder} can be written to", folder=folder))


def shadows():
    """Look for files here that Python would take for one of its modules."""
    known = {"keras", "tensorflow", "numpy", "pandas", "scipy", "sklearn", "plotly"}
    known |= {"matplotlib", "helpers", "rich", "IPython", "pooch", "tqdm", "umap"}
    known |= {"usearch", "cloudpickle"}
    known |= set(sys.stdlib_module_names)
    taken = sorted(path.name for path in Path.cwd().glob("*.py") if path.stem in known)
    if not taken:
        return Finding(OK, say("no file has a module's name"))
    names = ", ".join(taken)
    return Finding(
        MEND,
        say("{names}: Python takes it for the module of that name", names=names),
        f"mv {quoted(taken[0])} {quoted('my_' + taken[0])}",
    )


def memory():
    """Look whether a lesson has the memory that it needs."""
    import psutil

    free = psutil.virtual_memory().available
    # A container (JupyterHub, Binder) may be allowed less than the computer has.
    for name in ("memory.max", "memory/memory.limit_in_bytes"):
        try:
            free = min(free, int(Path("/sys/fs/cgroup", name).read_text()))
        except (OSError, ValueError):
            continue
    found = say("{size:.1f} GB free", size=free / GIGABYTE)
    if free >= LESSON_MEMORY:
        return Finding(OK, found)
    needed = say("{size:g} GB", size=LESSON_MEMORY / GIGABYTE)
    return Finding(
        MEND,
        say("{free}; a lesson needs up to {needed}", free=found, needed=needed),
        say(
            "Close other programs, and notebooks' kernels that you do not need "
            "(JupyterLab: Kernel, Shut Down All Kernels)"
        ),
    )


def disk():
    """Look whether there is room for the set-up, or, after it, for the lessons."""
    from helpers.sources import cache_folder

    folders = {Path.cwd(), existing(cache_folder())}
    needed = LESSON_DISK
    if importlib.util.find_spec("tensorflow") is None:
        folders.add(Path(sys.prefix))
        needed = SETUP_DISK
    free, folder = min((shutil.disk_usage(f).free, str(f)) for f in folders)
    found = say("{size:.1f} GB free for {folder}", size=free / GIGABYTE, folder=folder)
    if free >= needed:
        return Finding(OK, found)
    found += say("; {size:g} GB are needed", size=needed / GIGABYTE)
    return Finding(MEND, found, say("Make room, for example: pip cache purge"))
