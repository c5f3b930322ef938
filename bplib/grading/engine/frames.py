"""Frames on the socket pair between the judge's side and the child.

A frame is the 16 random bytes of the request that it belongs to, the lengths of two parts, a JSON
object, and raw bytes (numbers of arrays). Nothing is unpickled or evaluated. A frame with other
random bytes than those of the present request is dropped: an answer made before its question was
put, or kept from an earlier one, cannot be passed off.
"""

import secrets
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from json import dumps, loads
from typing import Any

__all__ = ["HELLO", "Broken", "Frame", "Reader", "encode", "nonce", "receive"]

_HEAD = struct.Struct("!16sII")
_PART = 1 << 20
HELLO = bytes(16)
"""In place of random bytes: the child's first frame, sent before a student's code runs."""


class Broken(Exception):
    """Return one line: what came is no frame, or too much of it."""


@dataclass(frozen=True)
class Frame:
    """Return one frame: its request's random bytes, its JSON object, its raw bytes."""

    nonce: bytes
    header: dict[str, Any]
    payload: bytes


def nonce() -> bytes:
    """Return 16 fresh random bytes, which nobody can foresee."""
    return secrets.token_bytes(16)


def encode(mark: bytes, header: dict[str, Any], payload: bytes = b"") -> bytes:
    """Return the bytes of a frame."""
    text = dumps(header).encode()
    return b"".join((_HEAD.pack(mark, len(text), len(payload)), text, payload))


def receive(read: Callable[[int], bytes]) -> Frame:
    """Return the next frame; for the child, who trusts the other side.

    read: `recv` of a blocking socket. Raises `EOFError` when the other side has closed it.
    """
    mark, header, payload = _HEAD.unpack(_exactly(read, _HEAD.size))
    return Frame(mark, loads(_exactly(read, header)), _exactly(read, payload))


def _exactly(read: Callable[[int], bytes], count: int) -> bytes:
    parts = bytearray()
    while len(parts) < count:
        part = read(min(count - len(parts), _PART))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)


class Reader:
    """Return what reads frames from bytes that nobody vouches for, within limits.

    header, payload: the largest parts of a frame that are accepted; `allow` sets how many bytes
    and frames may come in all until it is called again.
    """

    def __init__(self, header: int, payload: int) -> None:
        self._header, self._payload = header, payload
        self._buffer = bytearray()
        self._bytes = self._frames = 0

    def allow(self, total_bytes: int, frames: int) -> None:
        """Return nothing; begin to count anew, for the next request."""
        self._bytes, self._frames = total_bytes, frames

    def feed(self, part: bytes) -> None:
        """Return nothing; take what has come. Raises `Broken` if it is more than allowed."""
        self._bytes -= len(part)
        if self._bytes < 0:
            raise Broken("it sent more than is accepted")
        self._buffer += part

    def frames(self, expected: bytes) -> Iterator[Frame]:
        """Yield the complete frames of the request `expected`; raises `Broken` for nonsense."""
        while len(self._buffer) >= _HEAD.size:
            mark, header, payload = _HEAD.unpack_from(self._buffer)
            if header > self._header or payload > self._payload:
                raise Broken("it sent a message that is too large")
            end = _HEAD.size + header + payload
            if len(self._buffer) < end:
                return
            text = bytes(self._buffer[_HEAD.size : _HEAD.size + header])
            raw = bytes(self._buffer[_HEAD.size + header : end])
            del self._buffer[:end]
            self._frames -= 1
            if self._frames < 0:
                raise Broken("it sent too many messages")
            if secrets.compare_digest(mark, expected):
                yield Frame(mark, _object(text), raw)


def _object(text: bytes) -> dict[str, Any]:
    try:
        header = loads(text.decode())
    except (ValueError, RecursionError):  # no JSON, no UTF-8, or nested to crash the reader
        raise Broken("it sent a message that cannot be read") from None
    if not isinstance(header, dict) or not isinstance(header.get("kind"), str):
        raise Broken("it sent a message of no known kind")
    return header
