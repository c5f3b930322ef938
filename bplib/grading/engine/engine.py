"""The engine: starts the zygote, and gives it its orders."""

import json
import select
import socket
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bplib.grading.engine.files import copy_files, copy_font_list, make_root, remove_root
from bplib.grading.engine.session import Session
from bplib.grading.engine.types import Budget, EngineError
from bplib.grading.jail import Backend, Policy, make_scratch

__all__ = ["Engine"]

PACKET = 64 << 10
START_SECONDS, REPLY_SECONDS = 120.0, 30.0


class Engine:
    """Return the engine: a context manager that holds one zygote.

    backend, policy: the jail (`bplib.grading.jail.choose()`, `Policy()`). One engine serves one
    session at a time; enter and use it in one and the same thread, because bubblewrap ends with the
    thread that started it. Raises `EngineError` if the zygote does not start.
    """

    def __init__(self, backend: Backend, policy: Policy | None = None) -> None:
        self.backend, self.policy = backend, policy or Policy(cpu_seconds=120)
        self._root: Path | None = None
        self._lock = -1
        self._zygote: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._events = 0
        self._poll: select.poll | None = None
        self._polled: socket.socket | None = None
        self._open: Session | None = None

    def __enter__(self) -> Self:
        self._root, self._lock = make_root()
        try:
            self.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._open:
            self._open.close()
        self._stop()
        if self._root:
            remove_root(self._root, self._lock)
            self._root = None

    def session(
        self, files: Path | None = None, budget: Budget | None = None, seed: int = 0
    ) -> Session:
        """Return a new session for one submission, a context manager.

        files: a folder whose regular files (no notebooks, no links) the cells find beside them;
        seed: of NumPy's and Python's global random numbers, so that grading again shows the same.
        """
        if self._open and not self._open.closed:
            raise EngineError("one session at a time: close the last one before the next")
        self._open = Session(self, files, budget or Budget(), seed)
        return self._open

    # --- for sessions --------------------------------------------------------------------------

    def start(self) -> None:
        """Return nothing; start the zygote, if it does not run. Raises `EngineError`."""
        if self._zygote and self._zygote.poll() is None:
            return
        self._stop()
        if self._root is None:
            raise EngineError("the engine is closed: use it as a context manager")
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        copy_font_list(self._root)
        argv = [sys.executable, "-m", "bplib.grading.engine.zygote", str(theirs.fileno())]
        self._control, self._events = ours, 0
        with theirs:
            self._zygote = self.backend.start(argv, self._root, self.policy, keep=[theirs.fileno()])
        settings = {"backend": self.backend.name, "policy": asdict(self.policy)}
        self._send(settings)
        self._reply(START_SECONDS)

    def fork(self, files: Path | None, file_bytes: int, seed: int) -> tuple[socket.socket, Path]:
        """Return the connection to a fresh child, and its scratch folder."""
        self.start()
        assert self._root is not None
        scratch = make_scratch(self._root)
        if files is not None:
            copy_files(files, scratch, file_bytes)
        ours, theirs = socket.socketpair()
        with theirs:
            order = {"do": "fork", "scratch": str(scratch), "seed": seed}
            self._send(order, theirs.fileno())
            self._reply(REPLY_SECONDS)
        self._events = 0  # what has been said before was about an earlier child
        return ours, scratch

    def arm(self, cpu: float, wall: float) -> None:
        """Return nothing; set the child's limits from now on: seconds of CPU time, by the clock."""
        self._send({"do": "arm", "cpu": cpu, "wall": wall})

    def clock(self) -> dict[str, Any]:
        """Return the child's CPU time so far (`cpu`), why it was `struck`, if it is `gone`.

        Lifts its limits.
        """
        return self._order({"do": "clock"})

    def interrupt(self) -> None:
        """Return nothing; interrupt the child, and kill it if it goes on for long."""
        self._send({"do": "interrupt"})

    def end(self) -> dict[str, Any]:
        """Return how the child ended; it is killed if it has not."""
        return self._order({"do": "end"})

    def _order(self, order: dict[str, Any]) -> dict[str, Any]:
        """Return the zygote's reply. Raises `EngineError` if the zygote has ended."""
        self._send(order)
        return self._reply(REPLY_SECONDS)

    def wait(self, connection: socket.socket, seconds: float) -> tuple[bool, bool]:
        """Return whether the child has sent something, and whether it has ended."""
        control = self._connected()
        seen = {fd for fd, _ in self._waiting(control, connection).poll(1e3 * seconds)}
        if control.fileno() in seen:
            self._take()
        ended, self._events = self._events > 0, 0
        return connection.fileno() in seen, ended

    def _waiting(self, control: socket.socket, connection: socket.socket) -> select.poll:
        if self._poll is None or self._polled is not connection:
            self._poll, self._polled = select.poll(), connection
            self._poll.register(connection, select.POLLIN)
            self._poll.register(control, select.POLLIN)
        return self._poll

    # --- the control connection ----------------------------------------------------------------

    def _connected(self) -> socket.socket:
        if self._control is None:
            raise EngineError("the engine is closed: use it as a context manager")
        return self._control

    def _send(self, message: dict[str, Any], *descriptors: int) -> None:
        text = json.dumps(message).encode()
        try:
            if descriptors:
                socket.send_fds(self._connected(), [text], list(descriptors))
            else:
                self._connected().send(text)
        except OSError:
            raise EngineError(self._cause()) from None

    def _take(self) -> dict[str, Any] | None:
        """Return the next message of the zygote, None if it was the child's end."""
        try:
            text = self._connected().recv(PACKET)
        except OSError:
            text = b""
        if not text:
            raise EngineError(self._cause())
        message: dict[str, Any] = json.loads(text)
        if "event" in message:
            self._events += 1
            return None
        return message

    def _reply(self, seconds: float) -> dict[str, Any]:
        while select.select([self._connected()], [], [], seconds)[0]:
            message = self._take()
            if message is not None:
                return message
        if self._zygote:
            self._zygote.kill()
        raise EngineError(f"the zygote has not answered for {seconds:g} s and was ended")

    def _cause(self) -> str:
        """Return one line about the zygote's end."""
        zygote = self._zygote
        if zygote is None:
            return "the zygote was not started"
        try:
            _, err = zygote.communicate(timeout=5)
        except subprocess.TimeoutExpired:
            return "the zygote has closed its connection"
        lines = err.decode(errors="replace").strip().splitlines() or ["it said nothing"]
        return f"the zygote ended with status {zygote.returncode}: {lines[-1]}"

    def _stop(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._zygote is not None:
            try:
                self._zygote.wait(timeout=10)  # it ends its child and itself
            except subprocess.TimeoutExpired:
                self._zygote.kill()
                self._zygote.wait()
            for pipe in (self._zygote.stdin, self._zygote.stdout, self._zygote.stderr):
                if pipe:
                    pipe.close()
            self._zygote = None
