"""Run a function of this package in a Python process of its own.

The process has its own memory, imports only what it needs, and can fail without
stopping the benchmark. Arguments and results are sent as JSON.
"""

import importlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
# The environment variables by which libraries limit their threads.
THREADS = (
    *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"),
    *("RAYON_NUM_THREADS", "NUMBA_NUM_THREADS", "LK_NUM_THREADS"),
    *("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"),
)


class TaskFailedError(Exception):
    """A process ended with an error; the message is the last line of its output."""


def run_apart(function, *arguments, threads=1):
    """Call a function in a new process, and return its result.

    Parameters
    ----------
    function : str
        The module and the name: ``"benchmarks.measure.measure"``.
    *arguments
        Values that JSON can hold.
    threads : int
        The number of threads that libraries may use.

    Returns
    -------
    object : as read from JSON

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
    """Return the largest resident size that this process has had, in MB."""
    status = Path("/proc/self/status")
    if status.exists():  # on Linux, `getrusage` includes the parent's memory
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
