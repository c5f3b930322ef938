"""The jail: what a student's code may do while it is graded. One interface, two backends.

How grading uses it. A zygote (one thread, warm) is started by `Backend.start`; it makes
`walls = Backend.walls(policy)` once, forks a child per submission, and each child calls
`walls.restrict_self(scratch)` before it runs a line of a student's code (about 3 ms). The zygote is
our own code and must hold no secret: a child begins as its copy. It looks at `overrun` every 50 ms,
kills at an answer, and ends every child with `reap`; then `remove_scratch`. Children should answer
through pipes, and a course kept inside a Python environment belongs in `Policy.hidden`.

Which barrier stops which attack:

| attack                              | child step, both backends        | bubblewrap adds         |
|-------------------------------------|----------------------------------|-------------------------|
| TCP, UDP, Unix and abstract sockets | filter: no socket, no connect    | network namespace       |
| course, home, others' submissions   | Landlock: a list of open paths   | not in its world        |
| `bplib.nn`, `bplib.exercises`       | Landlock leaves them out         | masked                  |
| `bplib.grading`                     | Landlock leaves it out           | (the zygote needs it)   |
| writing outside, at a neighbor's    | Landlock: own folder only        | read-only world         |
| modes, times, attributes of files   | filter: refused or pretended     | read-only world         |
| links, devices, pipes in scratch    | Landlock and filter              |                         |
| /proc of others (environment …)     | Landlock: /proc is closed        | process namespace       |
| signals, ptrace, `process_vm_*`     | filter: to itself only           | process namespace       |
| fork bomb, daemons, programs        | filter: no new process, no exec  | all die with the zygote |
| namespaces, mount, bpf, io_uring    | filter: not listed, refused      | capabilities dropped    |
| setuid programs, rights of root     | no new privileges; own user id   |                         |
| CPU time, memory, one file's size   | rlimits                          |                         |
| threads, size of scratch            | `overrun`, SIGKILL; RLIMIT_NPROC |                         |

As root a child becomes the owner of its scratch folder, a user id that no account has.

What is not promised. With `landlock` alone the *existence* and size of a path that is guessed can
be seen (`stat`), with both backends the names of hidden modules. Between two looks of `overrun` a
child writes what the disk takes in that time; deleted files that it holds open (at most
`open_files * file_bytes`) are not counted. CPU caches, timing and bugs of the kernel are out of
reach. Only Linux 5.13 or newer on x86_64 and aarch64 is supported: namespaces alone do not do,
because in them a child could read and alter the zygote's memory.
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
from bplib.grading.jail.child import environment
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
    "environment",
    "make_scratch",
    "named",
    "overrun",
    "problem",
    "reap",
    "remove_scratch",
]
