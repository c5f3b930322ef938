"""The backends of the jail, which of them work here, and the best of those."""

import functools
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bplib.grading.jail import bubblewrap
from bplib.grading.jail.child import NoWalls, Walls, environment
from bplib.grading.jail.landlock import abi
from bplib.grading.jail.policy import Policy

__all__ = [
    "BACKENDS",
    "UNSAFE",
    "Backend",
    "JailUnavailable",
    "available",
    "choose",
    "named",
    "problem",
]


class JailUnavailable(RuntimeError):
    """Return one line: why no backend works here and what to install."""


def _unwrapped(argv: Sequence[str], scratch: Path, policy: Policy) -> list[str]:
    return list(argv)


@dataclass(frozen=True)
class Backend:
    """Return a way to jail: `start` the process that forks, and its `walls` for each child."""

    name: str
    wrap: Callable[[Sequence[str], Path, Policy], list[str]]
    walls: Callable[[Policy], Walls | NoWalls]

    def command(self, argv: Sequence[str], scratch: Path, policy: Policy) -> list[str]:
        """Return `argv` as it must be started so that the outer walls of this backend stand."""
        return self.wrap(argv, scratch, policy)

    def start(
        self, argv: Sequence[str], scratch: Path, policy: Policy, keep: Sequence[int] = ()
    ) -> subprocess.Popen[bytes]:
        """Return the started process: pipes for its standard streams, `keep` passed to it.

        Its environment is `environment`'s and its folder `scratch`, the parent of the children's
        folders. With bubblewrap it dies with the *thread* that calls this.
        """
        return subprocess.Popen(
            self.command(argv, scratch, policy),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=environment(scratch, importing=True), cwd=scratch, pass_fds=keep,
            start_new_session=True,
        )  # fmt: skip


BACKENDS = (
    Backend("bubblewrap", bubblewrap.command, Walls),
    Backend("landlock", _unwrapped, Walls),
)
"""From the best to the weakest."""

UNSAFE = Backend("none", _unwrapped, NoWalls)
"""No jail at all."""


def named(name: str) -> Backend:
    """Return the backend called `name`; `ValueError` lists the names if there is none."""
    for backend in (*BACKENDS, UNSAFE):
        if backend.name == name:
            return backend
    raise ValueError(f"no jail is called {name!r}: there are bubblewrap, landlock, none")


@functools.cache
def problem(backend: Backend) -> str | None:
    """Return why `backend` does not work here, None if it does: a child is really locked in."""
    from bplib.grading.jail.trial import TrialError, run_trial  # it imports this module

    if sys.platform != "linux":
        return f"{backend.name} needs Linux (this is {sys.platform})"
    if backend.name == "bubblewrap" and shutil.which("bwrap") is None:
        return "bubblewrap is not installed (Debian and Ubuntu: apt-get install bubblewrap)"
    if not abi():
        return (
            f"{backend.name} needs Landlock, which is missing or shut off in this kernel "
            "(use Linux 5.13 or newer, with landlock among its security modules)"
        )
    try:
        trial = run_trial(backend, "won = True")
    except TrialError as error:
        return f"{backend.name} does not start here ({error})"
    return None if trial.won else f"{backend.name} fails here ({trial.error or trial.status})"


def _working() -> Iterator[Backend]:
    return (backend for backend in BACKENDS if problem(backend) is None)


def available() -> list[Backend]:
    """Return the backends that work here, best first, each tried; empty if this is not Linux."""
    return list(_working())


def choose(unsafe: bool = False) -> Backend:
    """Return the best backend that works here; `UNSAFE` if there is none and `unsafe` is true.

    Raises `JailUnavailable`, one line that says what to install.
    """
    for backend in _working():  # the next is tried only if this one fails
        return backend
    if unsafe:
        return UNSAFE
    reasons = "; ".join(str(problem(backend)) for backend in BACKENDS)
    raise JailUnavailable(
        f"no jail for students' code works here: {reasons}. "
        "Mend one of these, or grade without any protection: --unsafe"
    )
