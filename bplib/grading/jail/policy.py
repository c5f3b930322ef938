"""What graded code may use: limits, and the paths that it may read."""

import os
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Policy", "package_folder", "runtime_folders"]

MIB = 1 << 20

# Never all of /usr: nbgrader's default exchange, with everybody's submissions, is in /usr/local.
_SYSTEM = (
    "/usr/lib", "/usr/lib64", "/usr/share/zoneinfo", "/usr/share/fonts",
    "/lib", "/lib64", "/etc/ld.so.cache", "/etc/localtime",
    "/sys/devices/system/cpu", "/proc/cpuinfo", "/proc/meminfo",
    "/dev/urandom", "/dev/random",
)  # fmt: skip

_PACKAGE_FOLDERS = ("site-packages", "dist-packages")


def package_folder() -> Path:
    """Return the folder of the package `bplib` that is running."""
    return Path(__file__).resolve().parents[2]


def _existing(paths: Iterable[str]) -> tuple[str, ...]:
    real = dict.fromkeys(os.path.realpath(path) for path in paths)
    return tuple(path for path in real if os.path.exists(path))


def runtime_folders() -> tuple[str, ...]:
    """Return the folders with the libraries of this Python (of its environment, and beneath it)."""
    prefixes = (sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix)
    folders = [os.path.join(prefix, lib) for prefix in prefixes for lib in ("lib", "lib64")]
    # What is installed elsewhere: for this user only, or named by PYTHONPATH.
    folders += [path for path in sys.path if os.path.basename(path) in _PACKAGE_FOLDERS]
    return _existing(folders)


def _readable() -> tuple[str, ...]:
    return _existing((*_SYSTEM, *runtime_folders(), str(package_folder())))


def _hidden() -> tuple[str, ...]:
    return _existing(str(package_folder() / name) for name in ("nn", "exercises", "grading"))


@dataclass(frozen=True)
class Policy:
    """Return the rules for one submission. Hidden paths win over readable ones.

    New processes are never allowed: every limit below is counted per process by the kernel, so one
    `fork` would double each of them, and a process that cannot fork leaves none behind.
    """

    cpu_seconds: int = 60
    """CPU time of the whole process, all threads together (RLIMIT_CPU)."""
    memory_bytes: int = 2048 * MIB
    """Address space, what the warm interpreter has mapped included (RLIMIT_AS)."""
    threads: int = 32
    """Threads, the first one included (watched; RLIMIT_NPROC stops a flood between two looks)."""
    file_bytes: int = 32 * MIB
    """Size of any one file (RLIMIT_FSIZE)."""
    scratch_bytes: int = 128 * MIB
    """Size of everything in the scratch folder (watched)."""
    scratch_files: int = 1000
    """Files and folders in the scratch folder (watched)."""
    open_files: int = 64
    """Open files and pipes at one time (RLIMIT_NOFILE)."""
    readable: tuple[str, ...] = field(default_factory=_readable)
    """Files, and folders with all that is in them, that may be read."""
    hidden: tuple[str, ...] = field(default_factory=_hidden)
    """What may not be read although it is inside a readable folder."""

    def __post_init__(self) -> None:
        for name in ("cpu_seconds", "memory_bytes", "threads", "file_bytes", "scratch_bytes",
                     "scratch_files", "open_files"):  # fmt: skip
            value = getattr(self, name)
            if not isinstance(value, int) or value < 1:
                raise ValueError(f"Policy.{name} is {value!r}: give a whole number of at least 1")
        for path in (*self.readable, *self.hidden):
            if not os.path.isabs(path):
                raise ValueError(f"Policy: path {path!r} is relative: give an absolute path")
        if wide := {"/", tempfile.gettempdir()} & set(self.readable):
            raise ValueError(f"Policy: {wide.pop()!r} cannot be readable: name folders inside it")

    def is_hidden(self, path: str) -> bool:
        """Return whether `path` (absolute, links resolved) is a hidden path or inside one."""
        return any(path == hidden or path.startswith(hidden + os.sep) for hidden in self.hidden)

    def holds_hidden(self, folder: str) -> bool:
        """Return whether a hidden path lies inside `folder` (absolute, links resolved)."""
        return any(hidden.startswith(folder + os.sep) for hidden in self.hidden)
