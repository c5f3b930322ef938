"""Limits that the kernel counts per process, and giving up the rights of root."""

import ctypes
import os
import stat
import struct
import sys

from bplib.grading.jail.kernel import PR_SET_KEEPCAPS, prctl, syscall
from bplib.grading.jail.policy import Policy

if sys.platform != "win32":  # where the jail must be importable to say that it is missing
    import resource

__all__ = ["apply", "give_up_root", "tasks_of_user"]

_CAPABILITY_VERSION = 0x20080522
_CAPSET = {"x86_64": 126, "aarch64": 91}
_CAPGET = {"x86_64": 125, "aarch64": 90}
_DAC_READ_SEARCH = 1 << 2
_SPARE_TASKS = 1024  # room for the instructor's own programs, which count too if not root


def tasks_of_user() -> int:
    """Return how many threads this user has now, in the `/proc` that this process sees."""
    total = 0
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.stat(f"/proc/{name}").st_uid == os.getuid():
                total += os.stat(f"/proc/{name}/task").st_nlink - 2
        except FileNotFoundError:  # it ended meanwhile
            continue
    return total


def apply(policy: Policy, tasks: int) -> None:
    """Return nothing; set the limits of `policy`. `tasks` is what `tasks_of_user` counted before.

    Soft and hard limit are equal, except for CPU time: the soft limit's signal lets the cause show,
    one second later the hard limit kills whoever ignores it.
    """
    fixed = {
        resource.RLIMIT_AS: policy.memory_bytes,
        resource.RLIMIT_FSIZE: policy.file_bytes,
        resource.RLIMIT_NOFILE: policy.open_files,
        resource.RLIMIT_NPROC: tasks + policy.threads + _SPARE_TASKS,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
    }
    for which, value in fixed.items():
        hard = resource.getrlimit(which)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (value, value))
    resource.setrlimit(resource.RLIMIT_CPU, (policy.cpu_seconds, policy.cpu_seconds + 1))


def _set_capabilities(keep: int) -> None:
    machine = os.uname().machine
    header, data = struct.pack("=Ii", _CAPABILITY_VERSION, 0), ctypes.create_string_buffer(24)
    syscall(_CAPGET[machine], header, data)
    permitted = struct.unpack("=6I", data)[1] & keep
    wanted = struct.pack("=6I", permitted, permitted, 0, 0, 0, 0)
    syscall(_CAPSET[machine], header, wanted)


def give_up_root(scratch: str) -> None:
    """Return nothing; as root become the owner of `scratch`, and lose all capabilities.

    One capability stays, as Landlock decides what may be opened: to read files whatever their mode,
    because root's own Python may lie in a folder that nobody else may enter. Raises
    `PermissionError` if this is root and the scratch folder belongs to root.
    """
    owner = os.stat(scratch)
    if not stat.S_ISDIR(owner.st_mode):
        raise NotADirectoryError(f"the scratch {scratch!r} is not a folder")
    if os.geteuid() == 0:
        if owner.st_uid == 0:
            raise PermissionError(f"{scratch!r} belongs to root: make it with `make_scratch`")
        prctl(PR_SET_KEEPCAPS, 1)
        os.setgroups([])
        os.setresgid(owner.st_uid, owner.st_uid, owner.st_uid)
        os.setresuid(owner.st_uid, owner.st_uid, owner.st_uid)
    _set_capabilities(_DAC_READ_SEARCH)
