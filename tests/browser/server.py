"""A real ``make lab`` on a folder of its own, for a browser to open."""

import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager

from tests.support.paths import ROOT

TOKEN = "of-a-test"

# The server ends with the process that started it, however that ended: its standard
# input is a pipe from there, and is then at its end.
CONFIG = """
import os, signal, sys, threading, time

def end_with_the_test():
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(15)  # while it starts, it overhears that
    os._exit(1)

threading.Thread(target=end_with_the_test, daemon=True).start()

c.ServerApp.open_browser = False
c.ServerApp.allow_root = True
c.ServerApp.port = 0  # any that is free
c.ServerApp.terminals_enabled = False
c.LabApp.expose_app_in_browser = True
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
"""

SETTINGS = {
    # No question about news over the notebook, when it is opened for the first time.
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "apputils-extension/themes": {"theme": "JupyterLab Light"},
}

# A student does not have them.
AUTHORS_EXTENSIONS = {"@jupyter/nbgrader": True}


class Lab:
    """A running server: where it listens, and which folders are its own."""

    def __init__(self, folder, environment):
        self.folder, self.environment = folder, environment
        self.work = folder / "my_work"
        self.course_home = folder / "course"
        self.log = folder / "server.log"
        self.url = self.server = None

    def start(self):
        """Start the server; wait until it listens."""
        for path in self.folder.glob("runtime/jpserver-*.json"):
            path.unlink()  # of one that has ended
        with self.log.open("wb") as output:
            self.server = subprocess.Popen(
                _command(self.work),
                cwd=ROOT,
                env=_environment(self.folder) | self.environment,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # a Ctrl-C is ours: the pipe ends the server
            )
        self.url = self._wait_for_url()

    def end(self):
        """End the server, wherever it is."""
        if self.server is None:  # it could not be started, and an error says why
            return
        self.server.stdin.close()
        try:
            self.server.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.server.kill()
            self.server.wait()

    def has_ended(self):
        """Whether it is no longer there; its log may say why."""
        return self.server.poll() is not None

    def last_words(self, n_lines=40):
        """Return how it ended, and the end of its log."""
        lines = self.log.read_text(errors="replace").splitlines()[-n_lines:]
        return "\n".join([f"exit code {self.server.returncode}", *lines])

    def _wait_for_url(self, seconds=120):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for path in (self.folder / "runtime").glob("jpserver-*.json"):
                try:
                    return json.loads(path.read_text())["url"]
                except ValueError:  # not wholly written yet
                    pass
            if self.has_ended():
                break
            time.sleep(0.1)
        raise RuntimeError(f"JupyterLab did not start:\n{self.log.read_text()}")

    def set(self, plugin, **values):
        """Set what Settings sets, for pages that are opened from now on.

        Parameters
        ----------
        plugin : str
            Of JupyterLab's: ``"apputils-extension/themes"``.
        **values : object
        """
        settings = self.folder / "config/lab/user-settings/@jupyterlab"
        path = settings / f"{plugin}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))

    def page(self, notebook):
        """Return the address that opens a notebook, alone in a new workspace."""
        return f"{self.url}lab/workspaces/auto-t/tree/{notebook}?token={TOKEN}&reset"


@contextmanager
def running_lab(folder, **environment):
    """Start ``make lab WORK=…`` and end it.

    Parameters
    ----------
    folder : pathlib.Path
        An empty one; all that JupyterLab and the course write goes there.
    **environment : str
        Further environment variables of the server and its kernels.

    Yields
    ------
    Lab
    """
    lab = Lab(folder, environment)
    for plugin, values in SETTINGS.items():
        lab.set(plugin, **values)
    (folder / "config/jupyter_server_config.py").write_text(CONFIG)
    switched_off = folder / "config/labconfig/page_config.json"
    switched_off.parent.mkdir()
    switched_off.write_text(json.dumps({"disabledExtensions": AUTHORS_EXTENSIONS}))
    try:
        lab.start()
        yield lab
    finally:
        lab.end()


def _command(work):
    if os.name == "nt" or shutil.which("make") is None:
        return [sys.executable, "-m", "helpers", "start", "--lab", str(work)]
    ready = "--old-file=.venv/.complete"  # the environment is the one of this test
    return ["make", ready, f"RUN={sys.executable}", f"WORK={work}", "lab"]


def _environment(folder):
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("JUPYTER", "IPYTHON", "PYTEST", "MAKE", "COURSE"))
    }
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return kept | {
        "HOME": str(folder),
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "JUPYTER_TOKEN": TOKEN,
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "config/lab/user-settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "config/lab/workspaces"),
        "COURSE_HOME": str(folder / "course"),
        "COURSE_DATA": "synthetic",
        "PYTHONPATH": os.pathsep.join(paths),
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
