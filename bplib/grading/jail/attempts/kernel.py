"""Attacks: interfaces of the kernel that a notebook never needs and that have had holes."""

_CALLS = {
    "bpf": (321, 280, (0, None, 0)),
    "io_uring": (425, 425, (1, None)),
    "userfaultfd": (323, 282, (1,)),
    "keyring": (250, 219, (0, -3, 0)),
    "add a key": (248, 217, (b"user", b"bplib", b"x", 1, -2)),
    "performance counters": (298, 241, (None, 0, -1, -1, 0)),
    "ptrace": (101, 117, (16, 0, None, None)),
    "read memory of a process": (310, 270, (0, None, 0, None, 0, 0)),
    "process handle": (434, 434, (1, 0)),
    "file handle": (303, 264, (-100, b"/", None, None, 0)),
    "mount": (165, 40, (b"none", b"/none", b"tmpfs", 0, None)),
    "new mount interface": (430, 430, (b"tmpfs", 0)),
    "new root": (161, 51, (b"/none",)),
    "personality": (135, 92, (-1,)),
    "fanotify": (300, 262, (0, 0)),
    "kernel log": (103, 116, (10, None, 0)),
    "priority": (141, 140, (0, 0, 0)),
    "memory of another process": (311, 271, (0, None, 0, None, 0, 0)),
    "message queue": (240, 180, (b"bplib-none", 0, 0, None)),
    "second filter": (317, 277, (2, 0, b"\x00\x00\xff\x7f")),
    "numbers of x32": (0x40000027, 0x40000027, ()),
}

_NAMESPACES = {
    "user": 0x10000000, "mount": 0x00020000, "network": 0x40000000, "process": 0x20000000,
    "file table": 0x00000400,
}  # fmt: skip

_CALL = """
# %% {name} | needs: support by the kernel
import ctypes, errno, os, platform
libc = ctypes.CDLL(None, use_errno=True)
number = {{"x86_64": {x86_64}, "aarch64": {aarch64}}}[platform.machine()]
wide = [ctypes.c_long(a) if isinstance(a, int) else a for a in {arguments!r}]
result = libc.syscall(ctypes.c_long(number), *wide)
code = ctypes.get_errno()
# Any other complaint means that the kernel looked at the arguments: the call was let in.
won = result >= 0 or code not in (errno.EPERM, errno.ENOSYS, errno.EACCES)
said = "let in" if won else os.strerror(code)
"""

_UNSHARE = """
# %% new {name} namespace | needs: support by the kernel
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
won = libc.unshare({flag}) == 0
said = os.strerror(ctypes.get_errno())
"""

_OTHERS = """
# %% process in a new user namespace | needs: support by the kernel
import ctypes, os, platform
libc = ctypes.CDLL(None, use_errno=True)
number = {"x86_64": 56, "aarch64": 220}[platform.machine()]
child = libc.syscall(number, ctypes.c_long(0x10000011), None, None, None, None)
if child == 0:
    os._exit(0)
won = child > 0
said = os.strerror(ctypes.get_errno())

# %% out-of-band data | needs: support by the kernel
import socket
one, two = socket.socketpair()
one.send(b"x", socket.MSG_OOB)
won = True

# %% out-of-band data received | needs: support by the kernel
import errno, socket
one, two = socket.socketpair()
try:
    two.recv(1, socket.MSG_OOB)
except OSError as error:
    won = error.errno != errno.EPERM
    said = str(error)

# %% become root | needs: root
import os
os.setresuid(0, 0, 0)
won = os.getuid() == 0 and open("/proc/sys/kernel/hostname", "a") is not None
"""

TEXT = (
    "".join(
        _CALL.format(name=name, x86_64=one, aarch64=two, arguments=arguments)
        for name, (one, two, arguments) in _CALLS.items()
    )
    + "".join(_UNSHARE.format(name=name, flag=flag) for name, flag in _NAMESPACES.items())
    + _OTHERS
)
