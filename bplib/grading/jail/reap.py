"""What the process that forks the children does about their end."""

import os
import signal
from collections.abc import Collection
from dataclasses import dataclass

from bplib.grading.jail.kernel import PR_SET_CHILD_SUBREAPER, PR_SET_PDEATHSIG, prctl

__all__ = ["Ended", "adopt_orphans", "children", "die_with_parent", "reap"]


@dataclass(frozen=True)
class Ended:
    """Return how a child ended: exit status (negative: the signal), CPU time, orphans."""

    status: int
    cpu_seconds: float
    orphans: int


def adopt_orphans() -> None:
    """Return nothing; processes left by this process' children become its own children."""
    prctl(PR_SET_CHILD_SUBREAPER, 1)


def die_with_parent() -> None:
    """Return nothing; the kernel kills this process when the thread that started it ends."""
    parent = os.getppid()
    prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
    if os.getppid() != parent:  # it ended before the kernel knew
        os.kill(os.getpid(), signal.SIGKILL)


def children() -> set[int]:
    """Return the process ids of this process' children, adopted orphans included."""
    found: set[int] = set()
    for task in os.listdir("/proc/self/task"):
        with open(f"/proc/self/task/{task}/children") as listing:
            found |= {int(pid) for pid in listing.read().split()}
    return found


def reap(pid: int, keep: Collection[int] = ()) -> Ended:
    """Return how the child `pid` ended, after killing it and all that it left behind.

    Call `adopt_orphans` once before the first fork. In the jail a child cannot make processes, so
    there are no orphans; this is what cleans up without one. `keep` names the other children that
    are to live on. Raises `ChildProcessError` if `pid` is not (or no longer) a child.
    """
    if pid not in children():
        raise ChildProcessError(f"{pid} is not a child of this process: reap each child once")
    os.kill(pid, signal.SIGKILL)
    _, status, usage = os.wait4(pid, 0)
    orphans = 0
    while left := children().difference(keep):  # killing one can hand its own children to us
        for orphan in left:
            os.kill(orphan, signal.SIGKILL)
            os.waitpid(orphan, 0)
            orphans += 1
    return Ended(
        status=os.waitstatus_to_exitcode(status),
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        orphans=orphans,
    )
