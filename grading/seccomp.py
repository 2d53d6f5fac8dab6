"""Build a filter of system calls for bubblewrap's ``--seccomp``.

The filter refuses calls that no notebook needs: those to parts of the kernel that
namespaces do not separate (keyrings) or through which sandboxes were escaped, although
most of these also need rights that submissions lack. It also refuses memory that
belongs to no process, and so escapes the memory limit: files in memory, System V shared
memory and queues, shared anonymous mappings.
"""

import errno
import platform
import struct

# Name: number on x86_64, number on aarch64 (Linux, asm/unistd.h).
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

# From linux/bpf_common.h and linux/seccomp.h.
LOAD, IS_EQUAL, IS_AT_LEAST, RETURN, AND = 0x20, 0x15, 0x35, 0x06, 0x54
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM
# Offsets in struct seccomp_data; FLAGS is the lower half of the fourth argument.
NUMBER, ARCHITECTURE, FLAGS = 0, 4, 16 + 3 * 8
SHARED_ANONYMOUS = 0x01 | 0x20  # mmap flags, from asm-generic/mman.h
OTHER_NUMBERING = 0x40000000  # x32 on x86_64: the same calls under other numbers


def seccomp_filter(machine=None):
    """Return the filter as a BPF program.

    Parameters
    ----------
    machine : str, optional
        As `platform.machine` returns it; by default, this computer's.

    Returns
    -------
    bytes
        Empty on other machines, for which TensorFlow has no wheels either.
    """
    if (machine or platform.machine()) not in MACHINES:
        return b""
    column, architecture = MACHINES[machine or platform.machine()]
    numbers = sorted(known[column] for known in BLOCKED.values())
    # Each step says how many steps to skip if its test is true, and if it is false.
    # The last step but one allows the call, the last one refuses it.
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
