"""Execute a notebook with this Python, and measure its time and memory."""

import asyncio
import contextlib
import os
import signal
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from traitlets import default

from helpers.checks.progress import FILE as PROGRESS
from helpers.files import read_json, write_json
from helpers.i18n import gettext
from helpers.scoreboard import FILE as SCOREBOARD

CELL_TIMEOUT = 1200
_executing = set()  # the running tasks; one that was interrupted is not among them


class ThisPython(AsyncKernelManager):
    """Start kernels with the running Python.

    Otherwise a kernel ``python3`` that the user has installed would take precedence,
    with another Python and other packages.
    """

    @default("kernel_spec_manager")
    def _only_the_native_kernel(self):
        return KernelSpecManager(kernel_dirs=[])


@dataclass
class Failure:
    """The cell and the error at which a notebook stopped.

    Attributes
    ----------
    cell : int
        The index of the cell.
    error : str
        The last line of the traceback: ``ValueError: ...``.
    details : str
        The traceback; empty if there is none.
    """

    cell: int
    error: str
    details: str


@dataclass
class Execution:
    """The time and memory of an execution, and its failure.

    Attributes
    ----------
    seconds : float
    peak_memory : int
        The kernel's peak resident size, in bytes.
    failure : Failure or None
    """

    seconds: float
    peak_memory: int
    failure: Failure | None


def kernel_environment(data, home, language="en"):
    """Return the environment variables for executing a lesson.

    Parameters
    ----------
    data : str
        The edition of the ratings, ``"ml-100k"``.
    home : pathlib.Path
        The folder of the scoreboard.
    language : str
        The language of the messages of `helpers`.

    Returns
    -------
    dict of str to str
    """
    return os.environ | {
        "COURSE_LANG": language,
        "COURSE_DATA": data,
        "COURSE_HOME": str(home),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        # Store interactive figures as JSON only; `authoring.pages` renders them.
        "PLOTLY_RENDERER": "plotly_mimetype",
    }


def forget_from(home, lesson):
    """Delete the scores and the progress of a lesson and of those after it.

    Executed again, the lesson then shows the scoreboard of the lessons before it.

    Parameters
    ----------
    home : pathlib.Path
        The folder of the scoreboard.
    lesson : str
        The lesson's number, ``"02"``.
    """
    board, done = home / SCOREBOARD, home / PROGRESS
    if rows := read_json(board, []):
        write_json(board, [row for row in rows if row["lesson"] < lesson])
    if kinds := read_json(done, {}):
        for kind, entries in kinds.items():
            kinds[kind] = {
                number: entry
                for number, entry in entries.items()
                if int(number.partition(".")[0]) < int(lesson)
            }
        write_json(done, kinds)


def execute(notebook, folder, environment, on_cell=None):
    """Execute a notebook in place, as `execute_async` does, and wait for it."""
    return asyncio.run(execute_async(notebook, folder, environment, on_cell))


async def execute_async(notebook, folder, environment, on_cell=None):
    """Execute a notebook in place; several may be executed at a time.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        Gets the outputs, also those before a failure.
    folder : pathlib.Path
        The kernel's working directory.
    environment : dict of str to str
    on_cell : callable, optional
        Called with the index of each cell before it is executed.

    Returns
    -------
    Execution
    """
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    notebook.metadata.pop("widgets", None)

    current = 0
    memory = PeakMemory()
    task = asyncio.current_task()
    _executing.add(task)

    def begin(**_):
        memory.watch(client.km.provisioner.pid)

    def begin_cell(cell, cell_index):
        nonlocal current
        current = cell_index
        _on_interrupt()
        if on_cell:
            on_cell(cell_index)

    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT,
        startup_timeout=120,
        iopub_timeout=60,
        record_timing=False,
        kernel_name="python3",
        kernel_manager_class=ThisPython,
        extra_arguments=["--log-level=CRITICAL"],
        resources={"metadata": {"path": str(folder)}},
        # A regular shutdown of the kernel takes 3 s, and lessons do not need it.
        shutdown_kernel="immediate",
        on_notebook_start=begin,
        on_cell_start=begin_cell,
    )
    failure, start = None, time.perf_counter()
    try:
        await client.async_execute(env=environment)
    except CellExecutionError as error:
        failure = Failure(current, f"{error.ename}: {error.evalue}", error.traceback)
    except CellTimeoutError:
        failure = Failure(
            current,
            gettext("The cell took more than {seconds} s.", seconds=CELL_TIMEOUT),
            "",
        )
    except (DeadKernelError, asyncio.CancelledError):
        text = (
            gettext("Interrupted.")
            if task not in _executing
            else gettext(
                "The kernel died: most often there was not enough memory (it last held "
                "{size:,.0f} MB).",
                size=memory.peak / 1e6,
            )
        )
        failure = Failure(current, text, "")
    finally:
        memory.stop()
        _executing.discard(task)
    return Execution(time.perf_counter() - start, memory.peak, failure)


def _on_interrupt():
    """On Ctrl-C, cancel all running notebooks, which shuts their kernels down.

    nbclient's own handler shuts the kernel down while the cell is running, which raises
    an AssertionError. It removes any handler at the end of each notebook, so that this
    one is set anew with each cell.
    """

    def stop():
        while _executing:
            _executing.pop().cancel()

    # On Windows, event loops have no signal handlers, and Ctrl-C raises an exception.
    with contextlib.suppress(NotImplementedError, RuntimeError):
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, stop)


class PeakMemory:
    """Poll the peak resident size of a process.

    The kernel ends with its notebook, so its peak has to be read before.
    """

    def __init__(self):
        self.peak = 0
        self._over = threading.Event()
        self._thread = None

    def watch(self, pid):
        """Start to poll the process with this id."""
        self._thread = threading.Thread(target=self._poll, args=(pid,), daemon=True)
        self._thread.start()

    def stop(self):
        """Stop polling; `peak` is the result in bytes."""
        self._over.set()
        if self._thread:
            self._thread.join()

    def _poll(self, pid):
        # The kernel may end between two polls.
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(pid)
            while not self._over.wait(0.2):
                self.peak = max(self.peak, _high_water_mark(process))


def _high_water_mark(process):
    status = Path(f"/proc/{process.pid}/status")
    if status.is_file():
        with contextlib.suppress(OSError):
            for line in status.read_text().splitlines():
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
    memory = process.memory_info()
    return getattr(memory, "peak_wset", memory.rss)
