"""The child's way out: messages of the present request, printed text in small portions."""

import io
import socket
import threading
from collections.abc import Callable
from time import monotonic
from typing import Any

from bplib.grading.engine.frames import encode

__all__ = ["OUTLET", "VALUE_BYTES", "Stream"]

WIRE_BYTES = 6 << 20
"""What one cell may send; more is dropped here. An animation sends many figures and keeps one."""
VALUE_BYTES = 1 << 20
"""One text or image; a larger image goes unseen, its text/plain does not."""
_FLUSH_BYTES, _FLUSH_SECONDS = 8192, 0.05


class Outlet:
    """Return the way out: messages of the present request, and printed text in small portions."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # threads of a notebook print, too
        self._sendall: Callable[[bytes], None] | None = None
        self._mark = b""
        self._showing = False
        self._room = 0
        self._stream, self._parts, self._length, self._flushed = "", [""], 0, 0.0

    def connect(self, connection: socket.socket) -> None:
        """Return nothing; from now on messages go there."""
        self._sendall = connection.sendall

    def begin(self, mark: bytes, showing: bool) -> None:
        """Return nothing; a new request: whether its outputs are wanted."""
        with self._lock:
            self._mark, self._showing, self._room = mark, showing, WIRE_BYTES
            self._parts, self._length = [], 0

    def send(self, header: dict[str, Any], payload: bytes = b"") -> None:
        """Return nothing; send a message of the present request."""
        with self._lock:
            if self._sendall is not None:
                self._sendall(encode(self._mark, header, payload))

    def show(self, header: dict[str, Any], size: int) -> None:
        """Return nothing; send an output of about `size` bytes if there is room for it."""
        with self._lock:
            if not self._showing:
                return
            self.flush()
            self._room -= size
            if self._room < 0:
                self._showing = False
                header = {"kind": "full"}
            self.send(header)

    def write(self, name: str, text: str) -> None:
        """Return nothing; print `text` to the stream `name`."""
        with self._lock:
            if not self._showing:
                return
            if name != self._stream:
                self.flush()
                self._stream = name
            text = text[:VALUE_BYTES]
            self._parts.append(text)
            self._length += len(text)
            if self._length > _FLUSH_BYTES or monotonic() > self._flushed + _FLUSH_SECONDS:
                self.flush()

    def flush(self) -> None:
        """Return nothing; send the text that has been collected."""
        with self._lock:
            text, self._parts, self._length = "".join(self._parts), [], 0
            self._flushed = monotonic()
            if text:
                self.show({"kind": "stream", "name": self._stream, "text": text}, len(text))


OUTLET = Outlet()


class Stream(io.TextIOBase):
    """Return a stand-in for `sys.stdout` or `sys.stderr`."""

    def __init__(self, name: str) -> None:
        self.name = f"<{name}>"
        self._name = name

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """Return the encoding that a notebook's streams name."""
        return "UTF-8"

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, text: str) -> int:
        """Return the number of characters; print them into the notebook."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        OUTLET.write(self._name, str(text))
        return len(text)

    def flush(self) -> None:
        """Return nothing; the text goes out at the latest when the cell ends."""
