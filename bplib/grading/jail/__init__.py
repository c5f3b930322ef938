"""The jail: what a student's code may do while it is graded. One interface, two backends.

How grading uses it. A zygote (one thread, warm) is started by `Backend.start`; it makes
`walls = Backend.walls(policy)` once, forks a child per submission, and each child calls
`walls.restrict_self(scratch)` before it runs a line of a student's code (about 3 ms). The zygote is
our own code and must hold no secret: a child begins as its copy. It looks at `overrun` every 50 ms,
kills at an answer, and ends every child with `reap`; then `remove_scratch`.

Which barrier stops which attack:

| attack                                  | child step, both backends        | bubblewrap adds          |
|-----------------------------------------|----------------------------------|--------------------------|
| TCP, UDP, Unix and abstract sockets     | filter: no `socket`, `connect`   | network namespace        |
| reading course, home, others' work      | Landlock: a list of open paths   | they do not exist there  |
| `bplib.nn`, `.exercises`                | Landlock leaves them out         | masked                   |
| `bplib.grading`                         | Landlock leaves it out           | (the zygote needs it)    |
| writing outside, a neighbor's scratch   | Landlock: own folder only        | read-only world          |
| modes, times, attributes of any file    | filter: `chmod` etc. are refused | read-only world          |
| links, devices, pipes left in scratch   | Landlock and filter              |                          |
| /proc of others: environment, memory    | Landlock: /proc is not open      | process namespace        |
| signals, ptrace, `process_vm_*`         | filter: to itself only           | process namespace        |
| fork bomb, daemons, orphans, programs   | filter: no processes, no `exec`  | all die with the zygote  |
| namespaces, mount, bpf, io_uring, keys  | filter: not listed, refused      | capabilities dropped     |
| setuid programs, root                   | no new privileges; root becomes the owner of the scratch, a user id of its own |
| CPU time, memory, file size, open files | rlimits                          |                          |
| threads, bytes and files in scratch     | `overrun`, then SIGKILL; RLIMIT_NPROC stops a flood |       |

What is not promised. With `landlock` alone the *existence* and size of a path that is guessed can
be seen (`stat`), with both backends the names of hidden modules. Between two looks of `overrun` a
child writes what the disk takes in that time; deleted files that it holds open (at most
`open_files * file_bytes`) are not counted. Without Landlock in the kernel, `bubblewrap` keeps
neighbors' folders apart only if graded as root: run one child at a time. CPU caches, timing and
bugs of the kernel are out of reach; only Linux on x86_64 and aarch64 is supported.
"""

from bplib.grading.jail.backend import (
    BACKENDS,
    UNSAFE,
    Backend,
    JailUnavailable,
    available,
    choose,
    named,
    problem,
)
from bplib.grading.jail.policy import Policy
from bplib.grading.jail.reap import Ended, adopt_orphans, die_with_parent, reap
from bplib.grading.jail.scratch import make_scratch, overrun, remove_scratch

__all__ = [
    "BACKENDS",
    "UNSAFE",
    "Backend",
    "Ended",
    "JailUnavailable",
    "Policy",
    "adopt_orphans",
    "available",
    "choose",
    "die_with_parent",
    "make_scratch",
    "named",
    "overrun",
    "problem",
    "reap",
    "remove_scratch",
]
