"""A task in a Python process of its own, with one core, watched from outside.

The task is a function of this package that returns what JSON can hold. A process of its
own has its own memory, imports nothing it does not need, and takes nobody along when
its library fails.
"""

import importlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
# Each library has its own word for "one thread".
THREADS = (
    *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"),
    *("RAYON_NUM_THREADS", "NUMBA_NUM_THREADS", "LK_NUM_THREADS"),
    *("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"),
)


class TaskFailedError(Exception):
    """A task's process ended with an error; the message is the error's last line."""


def run_apart(function, *arguments, threads=1):
    """Call a function in a new process, and wait for what it returns.

    Parameters
    ----------
    function : str
        ``"benchmarks.measure.measure"``: module and name.
    *arguments
        What JSON can hold.
    threads : int
        Threads that its libraries may use.

    Returns
    -------
    object : as JSON holds it

    Raises
    ------
    TaskFailedError
        If the process fails.
    """
    environment = os.environ | dict.fromkeys(THREADS, str(threads))
    environment |= {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    with tempfile.TemporaryDirectory() as folder:
        answer, errors = Path(folder, "answer.json"), Path(folder, "errors.txt")
        command = [sys.executable, "-m", __spec__.name, str(answer), function]
        with errors.open("wb") as file:
            done = subprocess.run(
                [*command, json.dumps(arguments)],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=file,
            )
        if done.returncode:
            raise TaskFailedError(_last_line(errors, done.returncode))
        return json.loads(answer.read_text("utf-8"))


def peak_megabytes():
    """Tell the largest resident size that this process has had, in MB."""
    status = Path("/proc/self/status")
    if status.exists():  # `getrusage` would count the parent in, on Linux
        for line in status.read_text("ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # bytes, on macOS


def _last_line(errors, code):
    lines = errors.read_text("utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else f"its process ended with code {code}"


if __name__ == "__main__":
    path, name, given = sys.argv[1:]
    module, _, called = name.rpartition(".")
    result = getattr(importlib.import_module(module), called)(*json.loads(given))
    Path(path).write_text(json.dumps(result), encoding="utf-8")
