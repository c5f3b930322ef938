"""The system calls that graded code may make. Everything that is not listed is refused.

`FREE` calls are let through whatever their arguments; `checked` calls only with the arguments
given. Each name has its number on x86_64 and on aarch64 (None where the machine has no such call);
a test compares the numbers with the C library's headers.

Not listed, on purpose: `execve` and every way to make a process; `socket`, `connect`, `bind`;
`ptrace`, `process_vm_*`, `pidfd_*`; `unshare`, `setns`, `mount`, `chroot`; `bpf`, `io_uring_*`,
`userfaultfd`, `keyctl`, `perf_event_open`; System V and POSIX queues and shared memory,
`memfd_create` (memory that no limit counts); `open_by_handle_at`; and those that Landlock cannot
judge and that would work on an instructor's own files: `chown`, `setxattr`, `truncate` by path.
`PRETENDED` calls are of that sort too, but honest libraries make them (IPython's profile,
`shutil.copy`): the kernel does nothing and says "done". `openat2` is missing because its flags lie
behind a pointer.
"""

import os

__all__ = ["ARCHITECTURES", "FREE", "LAST_KNOWN", "PRETENDED", "Check", "checked"]

Check = tuple[int, int, tuple[int, ...]]
"""(argument, mask, values): allowed when `argument & mask` is one of `values`."""

ARCHITECTURES = ("x86_64", "aarch64")
LAST_KNOWN = 500
"""Numbers above are calls newer than this list: "no such call", so libraries use the older one."""

# fmt: off
FREE: dict[str, tuple[int | None, int | None]] = {
    # files that are open already
    "read": (0, 63), "write": (1, 64), "pread64": (17, 67), "pwrite64": (18, 68),
    "readv": (19, 65), "writev": (20, 66), "preadv": (295, 69), "pwritev": (296, 70),
    "preadv2": (327, 286), "pwritev2": (328, 287), "lseek": (8, 62), "close": (3, 57),
    "close_range": (436, 436), "dup": (32, 23), "dup2": (33, None), "dup3": (292, 24),
    "fstat": (5, 80), "ftruncate": (77, 46), "fallocate": (285, 47), "fsync": (74, 82),
    "fdatasync": (75, 83), "fadvise64": (221, 223), "readahead": (187, 213), "flock": (73, 32),
    "getdents": (78, None), "getdents64": (217, 61), "sendfile": (40, 71),
    "copy_file_range": (326, 285), "pipe": (22, None), "pipe2": (293, 59),
    # paths (Landlock decides which; none of these can alter a file that it protects)
    "creat": (85, None), "newfstatat": (262, 79), "stat": (4, None), "lstat": (6, None),
    "statx": (332, 291), "statfs": (137, 43), "fstatfs": (138, 44), "access": (21, None),
    "faccessat": (269, 48), "faccessat2": (439, 439), "readlink": (89, None),
    "readlinkat": (267, 78), "getcwd": (79, 17), "chdir": (80, 49), "fchdir": (81, 50),
    "mkdir": (83, None), "mkdirat": (258, 34), "rmdir": (84, None), "unlink": (87, None),
    "unlinkat": (263, 35), "rename": (82, None), "renameat": (264, 38), "renameat2": (316, 276),
    "umask": (95, 166), "getxattr": (191, 8), "fgetxattr": (193, 10), "listxattr": (194, 11),
    "flistxattr": (196, 13),
    # memory
    "brk": (12, 214), "mmap": (9, 222), "munmap": (11, 215), "mremap": (25, 216),
    "mprotect": (10, 226), "madvise": (28, 233), "msync": (26, 227), "mincore": (27, 232),
    # waiting
    "poll": (7, None), "ppoll": (271, 73), "select": (23, None), "pselect6": (270, 72),
    "epoll_create": (213, None), "epoll_create1": (291, 20), "epoll_ctl": (233, 21),
    "epoll_wait": (232, None), "epoll_pwait": (281, 22), "epoll_pwait2": (441, 441),
    "eventfd": (284, None), "eventfd2": (290, 19), "timerfd_create": (283, 85),
    "timerfd_settime": (286, 86), "timerfd_gettime": (287, 87), "signalfd4": (289, 74),
    "nanosleep": (35, 101), "clock_nanosleep": (230, 115), "pause": (34, None),
    "sched_yield": (24, 124), "futex": (202, 98), "futex_waitv": (449, 449),
    "restart_syscall": (219, 128), "wait4": (61, 260), "waitid": (247, 95),
    # time
    "clock_gettime": (228, 113), "clock_getres": (229, 114), "gettimeofday": (96, 169),
    "time": (201, None), "times": (100, 153), "alarm": (37, None), "getitimer": (36, 102),
    "setitimer": (38, 103), "timer_create": (222, 107), "timer_settime": (223, 110),
    "timer_gettime": (224, 108), "timer_getoverrun": (225, 109), "timer_delete": (226, 111),
    # signals that it receives
    "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigpending": (127, 136),
    "rt_sigtimedwait": (128, 137), "rt_sigsuspend": (130, 133), "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    # itself
    "exit": (60, 93), "exit_group": (231, 94), "getpid": (39, 172), "gettid": (186, 178),
    "getppid": (110, 173), "getpgrp": (111, None), "getpgid": (121, 155), "getsid": (124, 156),
    "getuid": (102, 174), "geteuid": (107, 175), "getgid": (104, 176), "getegid": (108, 177),
    "getresuid": (118, 148), "getresgid": (120, 150), "getgroups": (115, 158),
    "capget": (125, 90), "getpriority": (140, 141), "getrlimit": (97, 163),
    "getrusage": (98, 165), "getcpu": (309, 168), "sched_getaffinity": (204, 123),
    "sched_getparam": (143, 121), "sched_getscheduler": (145, 120),
    "sched_get_priority_max": (146, 125), "sched_get_priority_min": (147, 126),
    "sysinfo": (99, 179), "uname": (63, 160), "getrandom": (318, 278),
    "set_robust_list": (273, 99), "get_robust_list": (274, 100), "set_tid_address": (218, 96),
    "rseq": (334, 293), "membarrier": (324, 283),
    # its own socket pair (see socketpair below)
    "shutdown": (48, 210), "getsockopt": (55, 209), "setsockopt": (54, 208),
    "getsockname": (51, 204), "getpeername": (52, 205),
}
# fmt: on

PRETENDED: dict[str, tuple[int | None, int | None]] = {
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "utimensat": (280, 88),
}

_ANY = 0xFFFFFFFF
_NEW_NAMESPACES = 0x7E020000  # CLONE_NEWNS, CGROUP, UTS, IPC, USER, PID, NET
_THREAD = 0x00010000  # CLONE_THREAD
_UNIX, _STREAM, _TYPE = 1, 1, 0xF
_OUT_OF_BAND = 1
_WRITING = os.O_TRUNC | os.O_ACCMODE
# Opening for reading with O_TRUNC empties the file, and Landlock before Linux 6.2 lets it pass.
_OPEN_FLAGS = (
    os.O_RDONLY,
    os.O_WRONLY,
    os.O_RDWR,
    os.O_TRUNC | os.O_WRONLY,
    os.O_TRUNC | os.O_RDWR,
)
_FCNTL = (0, 1, 2, 3, 4, 5, 6, 7, 36, 37, 38, 1030, 1032)  # duplicate, flags, locks; no signals
_IOCTL = (0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)  # is it a terminal, its size, FIO*
_PRCTL = (15, 16, 0x53564D41)  # a thread's name; names of memory areas


def checked(own_pid: int) -> dict[str, tuple[tuple[int | None, int | None], tuple[Check, ...]]]:
    """Return the calls that are allowed with certain arguments only, for the process `own_pid`."""
    itself: Check = (0, _ANY, (own_pid,))
    own_or_zero: Check = (0, _ANY, (0, own_pid))
    in_band: Check = (3, _OUT_OF_BAND, (0,))
    return {
        "open": ((2, None), ((1, _WRITING, _OPEN_FLAGS),)),
        "openat": ((257, 56), ((2, _WRITING, _OPEN_FLAGS),)),
        "clone": ((56, 220), ((0, _THREAD | _NEW_NAMESPACES, (_THREAD,)),)),
        "kill": ((62, 129), (itself,)),
        "tgkill": ((234, 131), (itself,)),
        "rt_sigqueueinfo": ((129, 138), (itself,)),
        "prctl": ((157, 167), ((0, _ANY, _PRCTL),)),
        "ioctl": ((16, 29), ((1, _ANY, _IOCTL),)),
        "fcntl": ((72, 25), ((1, _ANY, _FCNTL),)),
        "prlimit64": ((302, 261), (own_or_zero,)),
        "sched_setaffinity": ((203, 122), (own_or_zero,)),
        # A connected pair of streams reaches nobody else; datagrams could name an address.
        "socketpair": ((53, 199), ((0, _ANY, (_UNIX,)), (1, _TYPE, (_STREAM,)))),
        # Out-of-band data of such pairs has let processes into the kernel, and nobody uses it.
        "sendto": ((44, 206), (in_band,)),
        "recvfrom": ((45, 207), (in_band,)),
    }
