"""The engine's folder, and the data files of a submission, copied into the child's."""

import fcntl
import os
import shutil
import stat
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from bplib.grading.jail import environment, remove_scratch

__all__ = ["copy_files", "copy_font_list", "make_root", "remove_root"]

_PREFIX = "bplib-engine-"
_LOCK = ".lock"
_NEW_SECONDS = 60.0

MOST_FILES = 500


def copy_files(files: Path, scratch: Path, room: int) -> None:
    """Return nothing; copy regular files as far as there is room, and give them to the child.

    Links, devices, pipes and notebooks are left out.
    """
    owner = os.stat(scratch)
    count = 0
    for base, folders, names in os.walk(files):
        folders[:] = sorted(name for name in folders if not os.path.islink(Path(base, name)))
        target = scratch / Path(base).relative_to(files)
        if target != scratch:
            target.mkdir()
            os.chown(target, owner.st_uid, owner.st_gid)
        for name in sorted(names):
            status = os.lstat(Path(base, name))
            if not stat.S_ISREG(status.st_mode) or name.endswith(".ipynb"):
                continue
            room, count = room - status.st_size, count + 1
            if room < 0 or count > MOST_FILES:
                return
            shutil.copyfile(Path(base, name), target / name, follow_symlinks=False)
            os.chown(target / name, owner.st_uid, owner.st_gid)


def copy_font_list(root: Path) -> None:
    """Return nothing; give a zygote the list of fonts that matplotlib keeps for this user, if any.

    Without it matplotlib looks through all fonts, each time a zygote starts.
    """
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    target = Path(environment(root)["MPLCONFIGDIR"])
    with suppress(OSError):  # unreadable, or just being written: then it looks
        target.mkdir(exist_ok=True)
        for file in Path(cache, "matplotlib").glob("fontlist-*.json"):
            shutil.copyfile(file, target / file.name)


def make_root() -> tuple[Path, int]:
    """Return a new folder for an engine, and its lock: held as long as this process lives.

    Folders of engines that were killed, which nobody else can remove, are taken away first.
    """
    for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        lock = _lock_of(left)
        if lock is not None:
            with suppress(FileNotFoundError):  # another engine was quicker
                remove_root(left, lock)
    root = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-")).resolve()
    lock = os.open(root / _LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    return root, lock


def remove_root(root: Path, lock: int) -> None:
    """Return nothing; remove an engine's folder and let go of its lock."""
    try:
        remove_scratch(root)
    finally:
        os.close(lock)


def _lock_of(folder: Path) -> int | None:
    """Return the lock of a folder, ours and not quite new, whose engine lives no more, else None.

    It is held while the folder is removed, as two engines that start at once both find it.
    """
    try:
        status = folder.lstat()
        new = time.time() - status.st_mtime < _NEW_SECONDS
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid() or new:
            return None
        lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:  # another process is just removing it, or it is none of ours
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return None
    return lock
