"""Diagnoses of the working folder, memory and disk."""

import contextlib
import importlib.util
import itertools
import os
import re
import shutil
import sys
from pathlib import Path

from helpers.cli.diagnostics.finding import (
    FIX,
    OK,
    ROOT,
    Finding,
    in_clone,
    move_command,
    pip_command,
)
from helpers.cli.terminal import this_python
from helpers.files import shell_quote
from helpers.i18n import gettext

GIGABYTE = 1e9
LESSON_MEMORY = 1.5 * GIGABYTE
SETUP_DISK = 3 * GIGABYTE
LESSON_DISK = 0.3 * GIGABYTE
# Files of Linux' control groups, versions 2 and 1: the memory limit, the memory in use,
# and the statistics, with the name of the file cache that can be freed.
CONTAINERS = (
    ("memory.max", "memory.current", "memory.stat", "inactive_file"),
    (
        "memory/memory.limit_in_bytes",
        "memory/memory.usage_in_bytes",
        "memory/memory.stat",
        "total_inactive_file",
    ),
)


def working_folder():
    """Check whether a notebook can be saved here."""
    from helpers.files import check_writable, writable_folder

    folder = Path.cwd()
    try:
        check_writable(folder)
    except OSError as error:
        own = shell_quote(writable_folder("recsys") or "recsys")
        return Finding(
            FIX,
            gettext(
                "{folder} cannot be written to ({error})", folder=folder, error=error
            ),
            gettext(
                "{command}  # a folder of your own",
                command=f"{this_python()} -m helpers start {own}; cd {own}",
            ),
        )
    return Finding(OK, gettext("{folder} can be written to", folder=folder))


def shadows():
    """Look for files here that shadow a module."""
    known = {"keras", "tensorflow", "numpy", "pandas", "scipy", "sklearn", "plotly"}
    known |= {"matplotlib", "helpers", "rich", "IPython", "pooch", "tqdm", "umap"}
    known |= {"usearch", "cloudpickle", "keras_rs"}
    known |= set(sys.stdlib_module_names)
    here = Path.cwd()
    modules = [*here.glob("*.py"), *(one.parent for one in here.glob("*/__init__.py"))]
    taken = sorted(one.name for one in modules if one.stem in known)
    if in_clone() and here.resolve() == ROOT and "helpers" in taken:
        taken.remove("helpers")
    if not taken:
        return Finding(OK, gettext("no file has a module's name"))
    names = ", ".join(taken)
    return Finding(
        FIX,
        gettext("{names}: Python takes it for the module of that name", names=names),
        "; ".join(_rename_command(name) for name in taken),
    )


def _rename_command(name):
    free = (f"my_{n or ''}{name}" for n in itertools.count())
    return move_command(name, next(one for one in free if not os.path.lexists(one)))


def memory():
    """Check whether there is enough memory for a lesson."""
    import psutil

    # A container (JupyterHub, Binder) may be allowed less than the computer has.
    free = min([psutil.virtual_memory().available, *_free_in_container()])
    found = gettext("{size:.1f} GB free", size=free / GIGABYTE)
    if free >= LESSON_MEMORY:
        return Finding(OK, found)
    needed = gettext("{size:g} GB", size=LESSON_MEMORY / GIGABYTE)
    return Finding(
        FIX,
        gettext("{free}; a lesson needs up to {needed}", free=found, needed=needed),
        gettext(
            "Close other programs, and notebooks' kernels that you do not need "
            "(JupyterLab: Kernel, Shut Down All Kernels)"
        ),
    )


def _free_in_container():
    """Yield how much memory the container of this process may still take."""
    for limit, used, statistics, files in CONTAINERS:
        with contextlib.suppress(OSError, ValueError):  # no container, or no limit
            texts = [
                Path("/sys/fs/cgroup", name).read_text()
                for name in (limit, used, statistics)
            ]
            can_be_freed = re.search(rf"(?m)^{files} (\d+)$", texts[2])
            in_use = int(texts[1]) - (int(can_be_freed[1]) if can_be_freed else 0)
            yield max(0, int(texts[0]) - in_use)


def disk():
    """Check whether there is enough disk for the set-up, or the lessons."""
    from helpers.files import nearest_existing
    from helpers.movielens.sources import cache_folder

    folders = {Path.cwd()}
    with contextlib.suppress(OSError):
        cache = nearest_existing(cache_folder().absolute())
        folders |= {cache} if cache.exists() else set()
    needed = LESSON_DISK
    if importlib.util.find_spec("tensorflow") is None:
        folders.add(Path(sys.prefix))
        needed = SETUP_DISK
    free, folder = min((shutil.disk_usage(f).free, str(f)) for f in folders)
    found = gettext(
        "{size:.1f} GB free for {folder}", size=free / GIGABYTE, folder=folder
    )
    if free >= needed:
        return Finding(OK, found)
    found += gettext("; {size:g} GB are needed", size=needed / GIGABYTE)
    if importlib.util.find_spec("pip") is None:
        return Finding(FIX, found, gettext("Make room there"))
    command = pip_command("cache purge")
    return Finding(
        FIX,
        found,
        gettext("{command}  # or make room there otherwise", command=command),
    )
