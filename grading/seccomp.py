"""System calls that no notebook needs, as a filter for bubblewrap's ``--seccomp``.

They are parts of the kernel that namespaces do not divide (its keyrings), or in which
ways out of sandboxes were found; rights to most of them are gone anyway. Or they are
memory that stays when no process has it mapped, so that nobody can add it up: files
in memory, System V's shared memory and queues, anonymous memory that is shared.
"""

import errno
import platform
import struct

# Name: its number on x86_64, and on aarch64 (asm/unistd.h of Linux).
BLOCKED = {
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "ptrace": (101, 117),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "perf_event_open": (298, 241),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "bpf": (321, 280),
    "memfd_create": (319, 279),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "memfd_secret": (447, 447),
}
MMAP = (9, 222)
MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}

# Of linux/bpf_common.h and linux/seccomp.h.
LOAD, IS_EQUAL, IS_AT_LEAST, RETURN, AND = 0x20, 0x15, 0x35, 0x06, 0x54
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM
# Places in what a filter gets to see; the fourth argument's lower half.
NUMBER, ARCHITECTURE, FLAGS = 0, 4, 16 + 3 * 8
SHARED_ANONYMOUS = 0x01 | 0x20  # of mmap's flags; asm-generic/mman.h
OTHER_NUMBERING = 0x40000000  # x86_64's x32: the same calls under other numbers


def seccomp_filter(machine=None):
    """Return the filter as the kernel reads it.

    Parameters
    ----------
    machine : str, optional
        Of `platform.machine`; by default, this computer's.

    Returns
    -------
    bytes
        Empty where the calls' numbers are not known: TensorFlow has no wheels there.
    """
    if (machine or platform.machine()) not in MACHINES:
        return b""
    column, architecture = MACHINES[machine or platform.machine()]
    numbers = sorted(known[column] for known in BLOCKED.values())
    # Each step names how many steps to skip if it holds, and if not; the last one but
    # one allows, the last one refuses.
    refuse = len(numbers) + 9
    steps = [
        (LOAD, 0, 0, ARCHITECTURE),
        (IS_EQUAL, 0, refuse - 2, architecture),
        (LOAD, 0, 0, NUMBER),
        (IS_AT_LEAST, refuse - 4, 0, OTHER_NUMBERING),
    ]
    steps += [
        (IS_EQUAL, refuse - len(steps) - k - 1, 0, n) for k, n in enumerate(numbers)
    ]
    steps += [
        (IS_EQUAL, 0, 3, MMAP[column]),
        (LOAD, 0, 0, FLAGS),
        (AND, 0, 0, SHARED_ANONYMOUS),
        (IS_EQUAL, 1, 0, SHARED_ANONYMOUS),
        (RETURN, 0, 0, ALLOW),
        (RETURN, 0, 0, REFUSE),
    ]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)
