"""System calls that no notebook needs, as a filter for bubblewrap's ``--seccomp``.

They are parts of the kernel that namespaces do not divide (its keyrings), or in which
ways out of sandboxes were found. Rights to most of them are gone anyway: this is a
second wall.
"""

import errno
import platform
import struct

# Name: its number on x86_64, and on aarch64 (asm/unistd.h of Linux).
BLOCKED = {
    "ptrace": (101, 117),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "perf_event_open": (298, 241),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
}
MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}

# Of linux/bpf_common.h and linux/seccomp.h.
LOAD, IS_EQUAL, IS_AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM
NUMBER, ARCHITECTURE = 0, 4  # places in what a filter gets to see
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
    last = len(numbers) + 4
    steps = [
        (LOAD, 0, 0, ARCHITECTURE),
        (IS_EQUAL, 0, last - 1, architecture),
        (LOAD, 0, 0, NUMBER),
        (IS_AT_LEAST, last - 3, 0, OTHER_NUMBERING),
    ]
    steps += [(IS_EQUAL, last - len(steps) - k, 0, n) for k, n in enumerate(numbers)]
    steps += [(RETURN, 0, 0, ALLOW), (RETURN, 0, 0, REFUSE)]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)
