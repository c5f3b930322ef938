"""The judge's side of one child: a request goes out, what comes back is read within limits."""

import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bplib.grading.engine.answering import LARGEST
from bplib.grading.engine.frames import HELLO, Broken, Frame, Reader, encode, nonce
from bplib.grading.engine.types import EngineError, How
from bplib.grading.jail import remove_scratch

if TYPE_CHECKING:
    from bplib.grading.engine.engine import Engine

__all__ = ["Contact", "End"]

Take = Callable[[Frame], bool]
"""Gets the frames of a request; says whether that was the last."""

Stages = list[tuple[float, Callable[[], None] | None]]
"""How long to wait, and what to do then; after the last (None) there is no more to do."""

_HEADER = 3 << 20
_AHEAD = 64 << 10
"""Bytes sent ahead: well below what a socket holds, so that sending never waits for the child."""
_UNWATCHED = 0.02
"""Seconds until the zygote is told the limits of a request; `clock` lifts them."""
_START_SECONDS = 60.0
_PATIENCE = 8.0
"""Seconds after an interrupt, or for a message to be taken; the zygote kills sooner."""
_READ_SECONDS = 0.25
"""How long quick requests may go on before the child's CPU clock is read again."""
_PART = 1 << 16
"""Bytes read at a time; room for much more would cost more than the few that mostly come."""
_SIGXCPU = 24


@dataclass(frozen=True)
class End:
    """Return how a request ended: `how` is "" if it was carried out; `cpu` is the time it took."""

    how: How
    why: str = ""
    cpu: float = 0.0


class Contact:
    """Return the connection to a fresh, locked-in child. Raises `EngineError` if it cannot be."""

    def __init__(self, engine: "Engine", files: Path | None, file_bytes: int, seed: int) -> None:
        self._engine = engine
        self._socket, self._scratch = engine.fork(files, file_bytes, seed)
        self._socket.settimeout(_PATIENCE)
        self._reader = Reader(_HEADER, LARGEST + (1 << 20))
        self._cpu, self._read = 0.0, time.monotonic()
        self.alive = True
        self._ahead: deque[tuple[dict[str, Any], bytes]] = deque()
        self._reader.allow(_HEADER, 1)
        said: list[str] = []

        def take(frame: Frame) -> bool:
            said.append(str(frame.header.get("problem")))
            return True

        if not self._listen(HELLO, take, [(_START_SECONDS, None)]) or said[0]:
            ended = self.close()
            raise EngineError(f"a child could not be locked in: {''.join(said) or ended}")

    def request(
        self, header: dict[str, Any], payload: bytes, cpu: float, wall: float, take: Take,
        accept: tuple[int, int],
    ) -> End:  # fmt: skip
        """Return how the request ended; the child is alive only if it ended well.

        cpu, wall: its limits in seconds. accept: bytes and frames that may come back. The CPU time
        of a quick request is counted with that of a later one.
        """
        self._reader.allow(*accept)
        stages: Stages = [
            # Most are done by then, and need no watch.
            (_UNWATCHED, lambda: self._engine.arm(cpu, wall + 60)),
            # By the clock it is stopped from here, as long as this process is well.
            (wall, self._engine.interrupt),
            (_PATIENCE, None),
        ]
        began = time.monotonic()
        broken, complete = "", False
        try:
            mark = self._sent(header) or self.send(nonce(), header, payload)
            complete = self._listen(mark, take, stages)
        except Broken as problem:
            broken = str(problem)
        except (MemoryError, RecursionError):  # whatever it sent to make this process fail
            broken = "it sent a message that cannot be read"
        quick = complete and time.monotonic() < began + _UNWATCHED
        if quick and began < self._read + _READ_SECONDS:
            return End("")
        now = self._engine.clock()
        used = self._since(now["cpu"])
        if complete and not now["struck"]:
            if now["gone"]:
                self.close()
            return End("", "", used)
        ended = self.close()
        how, why = _explained(now["struck"] or ended.get("struck", ""), broken, ended, cpu)
        return End(how, why, used)

    def send(self, mark: bytes, header: dict[str, Any], payload: bytes = b"") -> bytes:
        """Return the mark after sending a frame. Raises `Broken` if the child does not take it."""
        try:
            self._socket.sendall(encode(mark, header, payload))
        except OSError:
            raise Broken("it stopped listening") from None
        return mark

    def send_ahead(self, requests: Iterable[tuple[dict[str, Any], bytes]]) -> None:
        """Return nothing; send the first few requests at once, as many as surely fit.

        `request` then only waits for their answers; it must be called with the same headers, in
        this order. Each has random bytes of its own. So the child need not wait for this process.
        """
        frames: list[bytes] = []
        for header, payload in requests:
            mark = nonce()
            frames.append(encode(mark, header, payload))
            if sum(map(len, frames)) > _AHEAD:
                frames.pop()
                break
            self._ahead.append((header, mark))
        with suppress(OSError):  # the request that waits for it learns that the child has ended
            self._socket.sendall(b"".join(frames))

    @property
    def waits(self) -> bool:
        """Return whether something was sent ahead that nobody has waited for."""
        return bool(self._ahead)

    def _sent(self, header: dict[str, Any]) -> bytes:
        """Return the mark under which this very request was sent ahead, or nothing."""
        if not self._ahead:
            return b""
        first, mark = self._ahead.popleft()
        if first is not header:
            raise EngineError("another request was sent ahead: ask for that one first")
        return mark

    def settle(self) -> float:
        """Return the CPU time that has not been counted yet."""
        return self._since(self._engine.clock()["cpu"]) if self.alive else 0.0

    def _since(self, cpu: float) -> float:
        used = max(0.0, cpu - self._cpu)
        self._cpu, self._read = cpu, time.monotonic()
        return used

    def _listen(self, mark: bytes, take: Take, stages: Stages) -> bool:
        """Return True when `take` has all, False when the child has ended first.

        Raises `Broken` when the time of the last stage is over.
        """
        waiting, ended = iter(stages), False
        seconds, then = next(waiting)
        end = time.monotonic() + seconds
        while True:
            for frame in self._reader.frames(mark):
                if take(frame):
                    return True  # what comes behind it is kept for the request that it answers
            left = end - time.monotonic()
            if left <= 0:
                if then is None:
                    raise Broken("it did not end when it was told to")
                then()
                left, then = next(waiting)
                end = time.monotonic() + left
            # What it had sent before its end still counts.
            readable, over = self._engine.wait(self._socket, 0.0 if ended else left)
            ended = ended or over
            if readable:
                try:
                    part = self._socket.recv(_PART)
                except OSError:
                    part = b""
                if not part:
                    return False
                self._reader.feed(part)
            elif ended:
                return False

    def close(self) -> dict[str, Any]:
        """Return how the child ended, after ending it and removing its folder."""
        if not self.alive:
            return {}
        self.alive = False
        self._socket.close()
        try:
            return self._engine.end()
        except EngineError:
            return {}  # the zygote has ended, and the child with it
        finally:
            remove_scratch(self._scratch)


def _explained(struck: str, broken: str, ended: dict[str, Any], cpu: float) -> tuple[How, str]:
    """Return how and why the child was ended, for people."""
    if struck == "cpu":
        return "timeout", f"stopped after {cpu:.3g} s of CPU time"
    if struck == "wall":
        return "timeout", "stopped by the clock: it waited, or the machine was busy"
    if struck:
        return "died", f"stopped: it had {struck}"
    if broken:
        return "died", f"stopped: {broken}"
    status = int(ended.get("status", 0))
    if status == -_SIGXCPU:
        return "timeout", "stopped: the process has used up its CPU time"
    if status < 0:
        return "died", f"it was ended by signal {-status}"
    return "died", f"it ended with exit status {status}"
