"""A stand-in for an instructor's machine, with everything an attack could be after."""

import hashlib
import os
import secrets
import select
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bplib.grading.jail.policy import package_folder
from bplib.grading.jail.scratch import remove_scratch

__all__ = ["Stage"]

_FILES = ("gradebook.db", "source/unit01/unit01.ipynb", "submitted/ada/unit01/unit01.ipynb")


class Stage:
    """Return a course folder, open sockets and a bystander process; `harm` tells what was done.

    Used as a context manager: on leaving, everything is taken away.
    """

    def __init__(self) -> None:
        self.secret = secrets.token_hex(8)
        self.root = Path(tempfile.mkdtemp(prefix="bplib-stage-")).resolve()
        # Open to all, so that not just its modes protect it. The scratch folders are elsewhere.
        self.root.chmod(0o755)
        for name in _FILES:
            file = self.root / "course" / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"the secret is {self.secret}\n")
        for path in (self.root / "course").rglob("*"):
            path.chmod(0o666 if path.is_file() else 0o777)
        (self.root / "course").chmod(0o777)
        self._tcp = self._bound(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0))
        self._udp = self._bound(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0))
        self._unix = self._bound(socket.AF_UNIX, socket.SOCK_STREAM, str(self.root / "socket"))
        self._datagram = self._bound(socket.AF_UNIX, socket.SOCK_DGRAM, str(self.root / "log"))
        self.abstract = f"bplib-{self.secret}"
        self._abstract = self._bound(socket.AF_UNIX, socket.SOCK_STREAM, "\0" + self.abstract)
        for name in ("socket", "log"):
            (self.root / name).chmod(0o666)
        self._bystander = subprocess.Popen(
            [sys.executable, "-c", "import time; time.sleep(600)"],
            env={"SECRET": self.secret}, stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        self._before = self._digest()

    @staticmethod
    def _bound(family: int, kind: int, address: Any) -> socket.socket:
        opened = socket.socket(family, kind)
        opened.bind(address)
        if kind == socket.SOCK_STREAM:
            opened.listen()
        return opened

    def _digest(self) -> str:
        seen = hashlib.sha256()
        for path in sorted((self.root / "course").rglob("*")):
            status = path.lstat()
            seen.update(f"{path} {status.st_mode} {status.st_mtime_ns} {status.st_uid}".encode())
            if path.is_file():
                seen.update(path.read_bytes())
        return seen.hexdigest()

    def context(self) -> dict[str, Any]:
        """Return the names that an attack is given."""
        return {
            "secret": self.secret,
            "course": str(self.root / "course"),
            "outside": str(self.root),
            "home": os.path.expanduser("~"),
            "package": str(package_folder()),
            "tcp": self._tcp.getsockname()[1],
            "udp": self._udp.getsockname()[1],
            "abstract": self.abstract,
            "bystander": self._bystander.pid,
        }

    def harm(self) -> str:
        """Return what an attack did out here, one line, empty if nothing."""
        done = []
        if self._digest() != self._before:
            done.append("the course was altered")
        if self._bystander.poll() is not None:
            done.append("another process was killed")
        sockets = (self._tcp, self._udp, self._unix, self._datagram, self._abstract)
        if select.select(sockets, [], [], 0)[0]:
            done.append("a message came out")
        return ", ".join(done)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._bystander.kill()
        self._bystander.wait()
        for opened in (self._tcp, self._udp, self._unix, self._datagram, self._abstract):
            opened.close()
        remove_scratch(self.root)
