"""Landlock: a process gives up, for good, the right to open files outside a list.

Landlock (Linux 5.13 and newer) needs no root and no extra program. It decides what may be *opened*,
listed, made or removed. It does not decide who may `stat` a path, change modes or times, or talk
to a network before Linux 6.7: those are the system call filter's work (`seccomp.py`).
Numbers: include/uapi/linux/landlock.h; man 7 landlock.
"""

import os
import stat
import struct
from collections.abc import Iterator

from bplib.grading.jail.kernel import PR_SET_NO_NEW_PRIVS, prctl, syscall
from bplib.grading.jail.policy import Policy

__all__ = ["Ruleset", "abi"]

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # system calls, the same numbers on every machine

WRITE_FILE, READ_FILE, READ_DIR = 1 << 1, 1 << 2, 1 << 3
REMOVE_DIR, REMOVE_FILE = 1 << 4, 1 << 5
MAKE_DIR, MAKE_REG = 1 << 7, 1 << 8
REFER, TRUNCATE = 1 << 13, 1 << 14
READ = READ_FILE | READ_DIR
# No links, sockets, pipes or devices may be made: whoever reads the scratch later meets files only.
OWN = READ | WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | REFER | TRUNCATE
_FILE_RIGHTS = WRITE_FILE | READ_FILE | TRUNCATE


def abi() -> int:
    """Return the version of Landlock that this kernel offers, 0 if it offers none."""
    try:
        return syscall(_CREATE, None, 0, 1)
    except OSError:
        return 0


def _handled(version: int) -> tuple[int, int, int]:
    """Return the rights (files, TCP, signals and abstract sockets) that this version can refuse."""
    files = (1 << 13) - 1
    for since, right in ((2, 1 << 13), (3, 1 << 14), (5, 1 << 15)):
        files |= right if version >= since else 0
    return files, 0b11 if version >= 4 else 0, 0b11 if version >= 6 else 0


def _grants(path: str, policy: Policy) -> Iterator[tuple[str, int]]:
    """Yield the paths and rights that open `path` up, except what is hidden in it."""
    if policy.is_hidden(path):
        return
    if not policy.holds_hidden(path):
        yield path, READ
        return
    # A rule covers all that is beneath it, so a folder with hidden parts is opened entry by entry.
    # Python must list it to import from it: *names* beneath it show, contents do not.
    yield path, READ_DIR
    with os.scandir(path) as entries:
        for entry in entries:
            if not entry.is_symlink():
                yield from _grants(entry.path, policy)


class Ruleset:
    """Return the readable paths of `policy`, opened once so that each child applies them fast."""

    def __init__(self, policy: Policy, version: int | None = None) -> None:
        self.version = abi() if version is None else version  # an older one can be tried out
        self._files = _handled(self.version)[0]
        self._rules: list[tuple[int, int]] = []
        if not self.version:
            return
        for root in policy.readable:
            if os.path.exists(root):
                for path, rights in _grants(os.path.realpath(root), policy):
                    self._open(path, rights)
        self._open("/dev/null", READ_FILE | WRITE_FILE)

    def _open(self, path: str, rights: int) -> None:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= _FILE_RIGHTS
        self._rules.append((descriptor, rights & self._files))

    def close(self) -> None:
        """Return nothing; close the opened paths."""
        for descriptor, _ in self._rules:
            os.close(descriptor)
        self._rules = []

    def restrict_self(self, scratch: str) -> None:
        """Return nothing; from now on this thread opens `policy.readable` and `scratch` only.

        Raises `OSError` where the kernel has no Landlock.
        """
        attributes = struct.pack("=QQQ", *_handled(self.version))
        size = 24 if self.version >= 6 else 16 if self.version >= 4 else 8
        ruleset = syscall(_CREATE, attributes, size, 0)
        own = os.open(scratch, os.O_PATH | os.O_CLOEXEC | os.O_DIRECTORY | os.O_NOFOLLOW)
        for descriptor, rights in (*self._rules, (own, OWN & self._files)):
            syscall(_ADD, ruleset, 1, struct.pack("=Qi", rights, descriptor), 0)
        prctl(PR_SET_NO_NEW_PRIVS, 1)
        syscall(_RESTRICT, ruleset, 0)
        os.close(own)
        os.close(ruleset)
