"""The filter of system calls, run as the kernel would run it."""

import struct

import pytest

from grading import seccomp


def filtered(program, architecture, number, flags=0):
    """Run a seccomp filter, as the kernel would."""
    steps = list(struct.iter_unpack("=HBBI", program))
    place = loaded = 0
    while True:
        code, if_so, if_not, value = steps[place]
        if code == seccomp.RETURN:
            return value
        if code == seccomp.LOAD:
            loaded = {
                seccomp.NUMBER: number,
                seccomp.ARCHITECTURE: architecture,
                seccomp.FLAGS: flags,
            }[value]
            place += 1
        elif code == seccomp.AND:
            loaded &= value
            place += 1
        else:
            holds = {
                seccomp.IS_EQUAL: loaded == value,
                seccomp.IS_AT_LEAST: loaded >= value,
            }[code]
            place += 1 + (if_so if holds else if_not)


@pytest.mark.parametrize("machine", seccomp.MACHINES)
def test_the_filter_refuses_those_calls_and_no_others(machine):
    column, architecture = seccomp.MACHINES[machine]
    blocked = {numbers[column] for numbers in seccomp.BLOCKED.values()}
    program = seccomp.seccomp_filter(machine)
    for number in range(600):
        verdict = seccomp.REFUSE if number in blocked else seccomp.ALLOW
        assert filtered(program, architecture, number) == verdict
    x32 = seccomp.OTHER_NUMBERING + 1
    assert filtered(program, architecture, x32) == seccomp.REFUSE
    assert filtered(program, architecture + 1, 1) == seccomp.REFUSE
    assert seccomp.seccomp_filter("sparc") == b""


@pytest.mark.parametrize("machine", seccomp.MACHINES)
def test_the_filter_refuses_memory_that_nobody_can_add_up(machine):
    column, architecture = seccomp.MACHINES[machine]
    program = seccomp.seccomp_filter(machine)
    shared, private, validated, anonymous, fixed = 0x01, 0x02, 0x03, 0x20, 0x10
    for flags, verdict in (
        (shared, seccomp.ALLOW),
        (private, seccomp.ALLOW),
        (private | anonymous | fixed, seccomp.ALLOW),
        (validated, seccomp.ALLOW),
        (shared | anonymous, seccomp.REFUSE),
        (shared | anonymous | fixed, seccomp.REFUSE),
        (validated | anonymous, seccomp.REFUSE),
    ):
        number = seccomp.MMAP[column]
        assert filtered(program, architecture, number, flags) == verdict
        assert filtered(program, architecture, 1, flags) == seccomp.ALLOW
