"""Isolate a fork: its own namespaces and file system, limits, and no rights.

This works on Linux only. The sandbox around all forks has no network and only
read-only files; the isolation here separates one fork from the next.
"""

import contextlib
import ctypes
import os
import resource
import signal
import time
import traceback
from pathlib import Path

NEW_MOUNTS, NEW_USER, NEW_PIDS = 0x00020000, 0x10000000, 0x20000000
NEW_IPC, NEW_NET, NEW_NAMES = 0x08000000, 0x40000000, 0x04000000
NO_SUID_NO_DEVICES = 2 | 4
SET_DUMPABLE, DROP_FROM_BOUNDS, SET_SUBREAPER = 4, 24, 36
NOBODY = 65534

WRITABLE = ("/tmp", "/work", "/dev/shm")
"""The folders where a submission may write; their memory is freed with it."""

_libc = ctypes.CDLL(None, use_errno=True)


def _call(name, *arguments):
    if getattr(_libc, name)(*arguments) == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def hide_from_forks():
    """Protect this process's memory and descriptors from processes of the same user."""
    _call("prctl", SET_DUMPABLE, 0, 0, 0, 0)
    _call("prctl", SET_SUBREAPER, 1, 0, 0, 0)


def fork_isolated(run, limits):
    """Fork, and call a function in namespaces of its own.

    Parameters
    ----------
    run : callable
        When it returns, all processes that it has started are ended.
    limits : dict of str to int
        ``memory`` and ``disk`` in bytes, ``processes`` including threads.

    Returns
    -------
    int
        The process to kill, which ends all others in its namespaces.
    """
    read, write = os.pipe()
    middle = os.fork()
    if middle == 0:
        os.close(read)
        with contextlib.suppress(BaseException):
            _separate()
            first = os.fork()
            if first == 0:
                os.close(write)
                _run_as_init(run, limits)
            os.write(write, str(first).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        number = pipe.read()
    os.waitpid(middle, 0)
    if not number:
        raise OSError("no namespaces of its own for a submission")
    return int(number)


def fork_plainly(run, limits):
    """Fork without isolation; parameters and result as for `fork_isolated`."""
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            os.setsid()
            run()
        os._exit(0)
    return child


def _separate():
    """Unshare all namespaces, and map the user to nobody."""
    # Only a dumpable process owns its files in /proc.
    _call("prctl", SET_DUMPABLE, 1, 0, 0, 0)
    user, group = os.getuid(), os.getgid()
    _call("unshare", NEW_USER | NEW_MOUNTS | NEW_PIDS | NEW_IPC | NEW_NET | NEW_NAMES)
    for name, text in [
        ("setgroups", "deny"),
        ("uid_map", f"{NOBODY} {user} 1"),
        ("gid_map", f"{NOBODY} {group} 1"),
    ]:
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


def _run_as_init(run, limits):
    """Run as process 1 of the new namespace, whose end kills all other processes."""
    try:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        _mount(limits["disk"])
        _drop_rights()
        _limit(limits)
        # If the outer /proc could not be replaced, it also lists trusted processes.
        trusted = _processes()
        student = os.fork()
        if student == 0:
            _call("prctl", SET_DUMPABLE, 1, 0, 0, 0)
            run()
            os._exit(0)
        _call("prctl", SET_DUMPABLE, 0, 0, 0, 0)
        # Only the student's own process may keep the socket to the runner.
        os.closerange(0, 1024)
        _watch(student, limits, trusted)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(0)


def _mount(size):
    for folder in WRITABLE:
        options = f"size={size},mode=1777,nr_inodes=20000".encode()
        _call(
            "mount",
            b"tmpfs",
            folder.encode(),
            b"tmpfs",
            NO_SUID_NO_DEVICES,
            options,
        )
    # The kernel refuses this where the outer /proc is partly covered. Then the outer
    # one stays: it lists this sandbox's processes, which user namespaces protect.
    _libc.mount(b"proc", b"/proc", b"proc", NO_SUID_NO_DEVICES | 8, None)
    # A new user namespace would give rights again.
    with (
        contextlib.suppress(OSError),
        open("/proc/sys/user/max_user_namespaces", "w") as file,
    ):
        file.write("0")
    os.chdir("/work")


def _drop_rights():
    for right in range(64):
        _libc.prctl(DROP_FROM_BOUNDS, right, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    _call("capset", header, (ctypes.c_uint32 * 6)())


def _limit(limits):
    values = {
        resource.RLIMIT_NPROC: limits["processes"],
        resource.RLIMIT_DATA: limits["memory"],
        resource.RLIMIT_FSIZE: limits["disk"],
        resource.RLIMIT_NOFILE: 256,
        resource.RLIMIT_CORE: 0,
    }
    for kind, value in values.items():
        resource.setrlimit(kind, (value, value))
    # If the computer runs out of memory, kill this process first.
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")


def _watch(student, limits, trusted):
    """Wait for the student's process, or until its processes use too much.

    Half as many processes as may be are a fork bomb, which would leave no CPU time to
    the process that is to reach its time limit.
    """
    memory, most = limits["memory"], limits["processes"] // 2

    def are_too_many():
        return len(_processes() - trusted) > most

    while True:
        with contextlib.suppress(ChildProcessError):
            ended, _ = os.waitpid(-1, os.WNOHANG)
            if ended == student:
                return
            if ended:
                continue
        found = _processes() - trusted
        if len(found) > most or memory_of(found, memory, are_too_many) > memory:
            return
        time.sleep(0.05)


def _processes():
    return set(filter(str.isdigit, os.listdir("/proc")))


def memory_of(processes, enough, gives_up=lambda: False):
    """Add up the memory of processes, counting shared pages once.

    Parameters
    ----------
    processes : set of str
    enough : int
        If the sum is no larger than this even with shared pages counted for each
        process, which is quicker to find out, return that sum.
    gives_up : callable
        Asked before each of the slow steps; if it says so, return the sum so far.

    Returns
    -------
    int
    """
    sizes = {name: memory_of_one(name) for name in processes}
    total = sum(sizes.values())
    if total <= enough:
        return total
    total = 0
    for name, size in sizes.items():
        if gives_up():
            break
        total += min(size, fair_share(name, size))
    return total


def memory_of_one(name):
    """Return a process's memory from its status file, which every user may read."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        lines = Path(f"/proc/{name}/status").read_text(errors="replace").splitlines()
        counted = ("VmRSS:", "VmSwap:", "VmPTE:")
        return 1024 * sum(
            int(line.split()[1]) for line in lines if line.startswith(counted)
        )
    return 0


def fair_share(name, size):
    """Return a process's memory with its share of shared pages, or `size` if hidden."""
    fair = 0
    try:
        for line in Path(f"/proc/{name}/smaps_rollup").read_text().splitlines():
            if line.startswith(("Pss:", "SwapPss:")):
                fair += int(line.split()[1]) * 1024
    except ProcessLookupError:
        return 0
    except (OSError, ValueError, IndexError):
        return size
    return fair
