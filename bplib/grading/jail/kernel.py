"""The few calls to the Linux kernel that Python's `os` does not offer.

Calls go through the C library that Python itself runs on (`ctypes.CDLL(None)`), so nothing has to
be compiled or installed. PyPI's `pyseccomp` was looked at and left out: it needs the system's
libseccomp; `landlock` has only a development release.
"""

import ctypes
import functools
import os

__all__ = ["prctl", "syscall"]

# prctl options (include/uapi/linux/prctl.h)
PR_SET_PDEATHSIG = 1
PR_SET_KEEPCAPS = 8
PR_SET_SECCOMP = 22
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _checked(what: str, result: int) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")
    return result


def _wide(value: object) -> object:
    # Variadic C functions take an int as 32 bits unless told otherwise; the kernel reads 64.
    return ctypes.c_long(value) if isinstance(value, int) else value


def syscall(number: int, *arguments: object) -> int:
    """Return what system call `number` returns; `OSError` if it fails."""
    return _checked(f"system call {number}", _libc().syscall(*map(_wide, (number, *arguments))))


def prctl(option: int, *arguments: object) -> int:
    """Return what `prctl(option, ...)` returns (man 2 prctl); `OSError` if it fails."""
    five = (*arguments, 0, 0, 0, 0)[:4]
    return _checked(f"prctl {option}", _libc().prctl(*map(_wide, (option, *five))))
