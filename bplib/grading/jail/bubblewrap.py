"""The command line that starts a process inside bubblewrap's namespaces."""

import os
import stat
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from bplib.grading.jail.policy import Policy, package_folder

__all__ = ["command"]

# Root's zygote: become another user, end and look after a child that has become one. The child
# step gives them all up. Nobody else's zygote has any.
_ROOT_KEEPS = ("CAP_SETUID", "CAP_SETGID", "CAP_KILL", "CAP_DAC_READ_SEARCH")


def _starting() -> Iterator[str]:
    """Yield what Python needs to start: its programs, and the note where its libraries are."""
    for prefix in dict.fromkeys((sys.prefix, sys.base_prefix)):
        yield os.path.join(prefix, "bin")
        yield os.path.join(prefix, "pyvenv.cfg")
    yield os.path.dirname(os.path.realpath(sys.executable))


def _paths(policy: Policy, scratch: Path) -> Iterator[str]:
    virtual = ("/proc/", "/dev/")  # bubblewrap makes new ones
    wanted = {*policy.readable, *_starting()}
    shown = sorted(path for path in wanted if os.path.exists(path) and not path.startswith(virtual))
    # Left to itself, bubblewrap makes the folders on the way passable for root alone.
    for folder in sorted({up for path in (*shown, str(scratch)) for up in Path(path).parents}):
        yield from ("--dir", str(folder))
    for path in shown:  # sorted: parents before what is inside them
        yield from ("--ro-bind", path, path)
    for link in ("/lib", "/lib64", "/bin"):
        if os.path.islink(link):
            yield from ("--symlink", os.readlink(link), link)
    yield from ("--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev")


def _masks(policy: Policy) -> Iterator[str]:
    # The zygote's own code must stay readable for the zygote; the child step hides it.
    grading = str(package_folder() / "grading")
    for path in policy.hidden:
        visible = any(path.startswith(root + os.sep) for root in policy.readable)
        if not visible or path == grading or not os.path.exists(path):
            continue
        if stat.S_ISDIR(os.stat(path).st_mode):
            yield from ("--tmpfs", path, "--remount-ro", path)
        else:
            yield from ("--ro-bind", "/dev/null", path)


def command(argv: Sequence[str], scratch: Path, policy: Policy) -> list[str]:
    """Return `argv` wrapped so that it starts without network, alone in a small read-only world.

    It sees `policy.readable` (read-only, `policy.hidden` masked) and may write to `scratch`
    (absolute; the folder that holds the children's folders) alone. All its processes die with it,
    and it dies with the thread that started it.
    """
    rights = ["--unshare-user", "--cap-drop", "ALL"]
    if os.geteuid() == 0:
        rights = ["--cap-drop", "ALL"]
        for capability in _ROOT_KEEPS:
            rights += ["--cap-add", capability]
    return [
        "bwrap", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts",
        "--unshare-cgroup-try", "--hostname", "jail", "--die-with-parent", "--new-session",
        *rights, *_paths(policy, scratch), *_masks(policy),
        "--bind", str(scratch), str(scratch), "--remount-ro", "/", "--chdir", str(scratch),
        "--", os.path.abspath(argv[0]), *argv[1:],
    ]  # fmt: skip
