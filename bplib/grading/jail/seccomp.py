"""A filter on system calls: what is not on the list fails with "operation not permitted".

The kernel runs a little program (classic BPF) before each call of the process, and of every thread
it starts; the process cannot take it off. It sees the call's number and the numbers among its
arguments, never what a pointer points to. `man 2 seccomp`; include/uapi/linux/seccomp.h.
"""

import ctypes
import errno
import os
import platform
import struct
import sys

from bplib.grading.jail.kernel import PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, prctl
from bplib.grading.jail.syscalls import ARCHITECTURES, FREE, LAST_KNOWN, PRETENDED, Check, checked

__all__ = ["Filter", "program", "supported"]

_LOAD, _AND, _RETURN = 0x20, 0x54, 0x06
_EQUAL, _GREATER = 0x15, 0x25
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16  # where struct seccomp_data holds them
_AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32 = 0x40000000  # x86_64's second table of numbers
_SECCOMP_MODE_FILTER = 2
_SOME_PID = 0x7FFFFFFF  # no process has it
_REFUSE = _ERRNO | errno.EPERM

Line = tuple[int, int, int, int]
"""(operation, lines to skip when true, lines to skip when false, operand)."""


def supported() -> bool:
    """Return whether the filter knows this machine's system calls."""
    return platform.machine() in ARCHITECTURES and sys.byteorder == "little" and sys.maxsize > 2**32


def _check(argument: int, mask: int, values: tuple[int, ...]) -> list[Line]:
    """Return lines that go on behind themselves if the argument is right, and refuse if not."""
    lines: list[Line] = [(_LOAD, 0, 0, _ARGUMENTS + 8 * argument), (_AND, 0, 0, mask)]
    for left, value in zip(range(len(values), 0, -1), values, strict=True):
        lines.append((_EQUAL, left, 0, value))
    return [*lines, (_RETURN, 0, 0, _REFUSE)]


def _block(number: int, checks: tuple[Check, ...]) -> list[Line]:
    """Return lines that decide on call `number` and skip themselves for any other."""
    body = [line for check in checks for line in _check(*check)] + [(_RETURN, 0, 0, _ALLOW)]
    return [(_EQUAL, 0, len(body), number), *body]


def program(machine: str, own_pid: int) -> list[Line]:
    """Return the filter for `machine` (of `ARCHITECTURES`) and the process `own_pid`.

    Raises `ValueError` for any other machine.
    """
    if machine not in ARCHITECTURES:
        raise ValueError(f"no filter for {machine!r}: known are {', '.join(ARCHITECTURES)}")
    column = ARCHITECTURES.index(machine)
    lines: list[Line] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, _AUDIT[machine]),
        (_RETURN, 0, 0, _KILL),  # a 32-bit call would carry other numbers
        (_LOAD, 0, 0, _NUMBER),
    ]
    for numbers, checks in [(pair, ()) for pair in FREE.values()] + list(checked(own_pid).values()):
        number = numbers[column]
        if number is not None:
            lines += _block(number, checks)
    for numbers in PRETENDED.values():
        if (number := numbers[column]) is not None:
            lines += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ERRNO)]  # error 0: success
    # `clone3` hides its flags behind a pointer: "no such call" makes the C library use `clone`.
    lines += [
        (_EQUAL, 3, 0, 435),
        (_GREATER, 0, 1, _X32 - 1),
        (_RETURN, 0, 0, _REFUSE),
        (_GREATER, 0, 1, LAST_KNOWN),
        (_RETURN, 0, 0, _ERRNO | errno.ENOSYS),
        (_RETURN, 0, 0, _REFUSE),
    ]
    return lines


class Filter:
    """Return the filter for this machine, ready but for the pid of the process that it is for.

    Made once, by the process that forks: for each child it would take a tenth of all the time that
    locking in takes. Raises `ValueError` on an unknown machine.
    """

    def __init__(self) -> None:
        lines = program(platform.machine(), _SOME_PID)
        self._code = b"".join(struct.pack("=HBBI", *line) for line in lines)
        self._lines = len(lines)
        self._own_pid = [8 * i + 4 for i, line in enumerate(lines) if line[3] == _SOME_PID]

    def code(self, own_pid: int) -> bytearray:
        """Return the filter for the process `own_pid`: `struct sock_filter`, 8 bytes a line."""
        code = bytearray(self._code)
        for place in self._own_pid:
            struct.pack_into("=I", code, place, own_pid)
        return code

    def restrict_self(self) -> None:
        """Return nothing; from now on this thread makes only the listed system calls.

        Raises `OSError` if the kernel refuses the filter.
        """
        code = self.code(os.getpid())
        memory = (ctypes.c_char * len(code)).from_buffer(code)
        header = struct.pack("@HP", self._lines, ctypes.addressof(memory))
        prctl(PR_SET_NO_NEW_PRIVS, 1)
        prctl(PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, header)
