"""The scratch folder of one submission: made, looked at, and taken away.

It is filled by an adversary, so nothing here follows a link or trusts a name, a depth or a mode.
"""

import os
import secrets
import stat
import tempfile
from pathlib import Path

from bplib.grading.jail.policy import Policy

__all__ = ["make_scratch", "overrun", "remove_scratch"]

_PRIVATE_USERS = range(61184, 65520)  # the range that systemd, too, takes for passing users


def make_scratch(root: Path) -> Path:
    """Return a new empty folder inside `root` (absolute), open to one user only.

    As root it is given to a user id that nobody has, and the child becomes that user; different
    submissions get different ids. Otherwise it belongs to the user who runs this.
    """
    folder = Path(tempfile.mkdtemp(prefix="s", dir=root))
    if os.geteuid() == 0:
        user = secrets.choice(_PRIVATE_USERS)
        os.chown(folder, user, user)
        os.chmod(root, 0o711)  # may be passed through, not listed
    return folder


def _too_much(scratch: str, policy: Policy) -> str | None:
    size = entries = 0
    waiting = [scratch]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as listing:
                for entry in listing:
                    entries += 1
                    if entries > policy.scratch_files:
                        return f"more than {policy.scratch_files} files in its folder"
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    else:
                        size += entry.stat(follow_symlinks=False).st_blocks * 512
        except FileNotFoundError:  # removed between the listing and this look
            continue
        except OSError as error:  # a mode or a depth that keeps us from counting
            return f"a folder that cannot be looked into ({error.strerror})"
    if size > policy.scratch_bytes:
        return f"more than {policy.scratch_bytes >> 20} MiB in its folder"
    return None


def overrun(pid: int, scratch: Path, policy: Policy) -> str | None:
    """Return what the child `pid` has too much of (threads, files, bytes on disk), None if nothing.

    Whoever forked the child looks every 50 ms or so and kills it at an answer. Between two looks
    it can write as much as the disk takes in that time; files that it has deleted but holds open
    are not seen: at most `open_files * file_bytes`, gone with the process.
    """
    try:
        threads = os.stat(f"/proc/{pid}/task").st_nlink - 2
    except FileNotFoundError:
        threads = 0  # it has ended
    if threads > policy.threads:
        return f"more than {policy.threads} threads"
    return _too_much(str(scratch), policy)


def remove_scratch(folder: Path) -> None:
    """Return nothing; delete `folder` with all that is in it. Only after the child is dead.

    Folders may be nested deeper than a path may be long or than Python may recurse, and may have
    any mode. So nothing is entered twice: what is inside a subfolder moves up one level.
    """
    top, count = str(folder), 0
    os.chmod(top, 0o700)
    while inside := sorted(os.listdir(top)):
        for name in inside:
            path = os.path.join(top, name)
            if not stat.S_ISDIR(os.lstat(path).st_mode):
                os.unlink(path)
                continue
            os.chmod(path, 0o700)
            for child in os.listdir(path):
                below = os.path.join(path, child)
                if stat.S_ISDIR(os.lstat(below).st_mode):
                    os.chmod(below, 0o700)  # a folder must be writable to be moved
                    while os.path.lexists(os.path.join(top, f".{count}")):
                        count += 1
                    os.rename(below, os.path.join(top, f".{count}"))
                else:
                    os.unlink(below)
            os.rmdir(path)
    os.rmdir(top)
