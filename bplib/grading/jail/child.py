"""The step that a freshly forked child takes before it runs a line of a student's code."""

import os
import signal
import sys
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path

from bplib.grading.jail import limits, seccomp
from bplib.grading.jail.kernel import PR_SET_PDEATHSIG, prctl
from bplib.grading.jail.landlock import Ruleset
from bplib.grading.jail.policy import Policy, package_folder

__all__ = ["NoWalls", "Walls", "environment"]


def environment(scratch: Path, importing: bool = False) -> dict[str, str]:
    """Return the whole environment of a jailed process; nothing of the caller's is in it.

    `importing` adds what lets a starting Python find `bplib` where it is not installed.
    """
    home = str(scratch)
    own = {
        "HOME": home, "TMPDIR": home, "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8",
        "IPYTHONDIR": f"{home}/.ipython", "MPLCONFIGDIR": f"{home}/.matplotlib",
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONSAFEPATH": "1",
        "PYTHONHASHSEED": "0", "NBGRADER_EXECUTION": "autograde",
    }  # fmt: skip
    return own | ({"PYTHONPATH": str(package_folder().parent)} if importing else {})


def _close_all_but(keep: Collection[int]) -> None:
    silent = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        if standard not in keep:
            os.dup2(silent, standard)
    start = 3
    for descriptor in sorted(keep):
        if descriptor >= 3:
            os.closerange(start, descriptor)
            start = descriptor + 1
    os.closerange(start, os.sysconf("SC_OPEN_MAX"))


def _hidden_packages(policy: Policy) -> tuple[str, ...]:
    """Return the modules and packages of bplib that `policy` hides, as "bplib.name."."""
    top = package_folder().parent
    inside = [Path(path) for path in policy.hidden if Path(path).is_relative_to(top)]
    return tuple(".".join((*path.relative_to(top).with_suffix("").parts, "")) for path in inside)


def _forget(packages: tuple[str, ...]) -> None:
    """Take the hidden packages out of the modules that the parent had imported."""
    own = [name for name in sys.modules if name.startswith("bplib.")]
    for name in [name for name in own if (name + ".").startswith(packages)]:
        parent, _, last = name.rpartition(".")
        del sys.modules[name]
        if parent in sys.modules:
            vars(sys.modules[parent]).pop(last, None)


class NoWalls:
    """Return a stand-in for `Walls` that protects from nothing (`--unsafe`)."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy

    def restrict_self(self, scratch: Path, keep: Collection[int] = ()) -> None:
        """Return nothing; go to `scratch`, in a session of its own, with a clean environment."""
        _move_in(scratch)
        _close_all_but(keep)


class Walls:
    """Return what the child step needs, made ready once by the very process that forks."""

    def __init__(self, policy: Policy) -> None:
        if not seccomp.supported():
            raise OSError(f"the jail knows no system calls of {os.uname().machine!r}")
        self.policy = policy
        self._maker = os.getpid()
        self._ruleset = Ruleset(policy)
        if not self._ruleset.version:
            # With namespaces alone a child could write to the zygote's memory through /proc.
            raise OSError("Landlock is missing or shut off in this kernel")
        self._filter = seccomp.Filter()
        self._packages = _hidden_packages(policy)
        self._tasks = limits.tasks_of_user()

    def restrict_self(self, scratch: Path, keep: Collection[int] = ()) -> None:
        """Return nothing; this process is locked into `scratch` (absolute) for good.

        Call it in a child just forked, before any code of a student: all file descriptors but
        those in `keep` are closed (0, 1 and 2 lead to /dev/null), the environment is replaced, and
        `bplib`'s hidden packages are no longer imported. Raises `RuntimeError` if other threads
        run (they would stay outside), `OSError` if a wall cannot be built: end the process then.
        """
        if os.stat("/proc/self/task").st_nlink != 3:
            raise RuntimeError("restrict_self needs a process with one thread: call it after fork")
        # Not simply `getppid()`: the parent may have ended, and another have taken its place.
        parent = os.getppid() if os.getpid() == self._maker else self._maker
        folder = str(scratch)
        _move_in(scratch)
        _forget(self._packages)
        limits.give_up_root(folder)
        # After the change of user, which clears it.
        prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
        if os.getppid() != parent:
            raise RuntimeError("the process that forked this one has ended")
        self._ruleset.restrict_self(folder)
        _close_all_but(keep)
        limits.apply(self.policy, self._tasks)
        self._filter.restrict_self()


def _move_in(scratch: Path) -> None:
    if not scratch.is_absolute():
        raise ValueError(f"the scratch {str(scratch)!r} is relative: give an absolute path")
    if os.getsid(0) != os.getpid():
        os.setsid()
    os.chdir(scratch)
    _replace_environment(environment(scratch))
    tempfile.tempdir = str(scratch)  # the parent may have asked already; the answer is kept


def _replace_environment(own: Mapping[str, str]) -> None:
    for name in os.environ.keys() - own.keys():
        del os.environ[name]
    os.environ.update(own.items() - os.environ.items())  # the zygote's is much the same
