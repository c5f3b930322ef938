"""Arrays as raw bytes with a type from a short list, an exact shape and an exact count of bytes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy import ascontiguousarray, empty, frombuffer
from numpy.typing import NDArray

from bplib.grading.engine.frames import Broken

__all__ = ["COMPLEX", "REAL", "Unpacker", "pack"]

REAL = frozenset(
    ["<f8", "<f4", "<f2", "<i8", "<i4", "<i2", "|i1", "<u8", "<u4", "<u2", "|u1", "|b1"]
)
COMPLEX = frozenset(("<c16", "<c8"))
"""Only for what a student asks of an activation or a cost, never for an answer."""

_SIZES = {name: np.dtype(name).itemsize for name in REAL | COMPLEX}
_LARGEST_AXIS = 1 << 40
_MOST_AXES = 16


def pack(values: NDArray[Any]) -> tuple[list[Any], bytes]:
    """Return the description [type, shape] of an array of numbers, and its bytes.

    Raises `TypeError` if it does not hold numbers.
    """
    if values.dtype.kind not in "fiubc":
        raise TypeError(f"expected numbers, got dtype {values.dtype}")
    if values.dtype.itemsize > 16 or values.dtype.char in "gG":  # longer than other machines know
        values = values.astype("c16" if values.dtype.kind == "c" else "f8")
    little = ascontiguousarray(values, dtype=values.dtype.newbyteorder("<"))
    return [little.dtype.str, list(values.shape)], little.tobytes()


class Unpacker:
    """Return what takes arrays out of raw bytes, one after the other, and trusts nothing."""

    def __init__(self, payload: bytes, allowed: frozenset[str]) -> None:
        self._payload, self._allowed, self._at = payload, allowed, 0

    def take(self, dtype: Any, shape: Any) -> NDArray[Any]:
        """Return the next array, writable and its own; raises `Broken` if it cannot be one."""
        if not isinstance(dtype, str) or dtype not in self._allowed:
            raise Broken("it sent an array of a type that is not accepted")
        shape = checked_shape(shape)
        count = 1
        for length in shape:
            count *= length
        size = count * _SIZES[dtype]
        if size > len(self._payload) - self._at:
            raise Broken("it sent an array with bytes missing")
        read = "|u1" if dtype == "|b1" else dtype  # a byte other than 0 and 1 is no truth value
        try:
            values = frombuffer(self._payload, read, count, self._at) if size else empty(0, read)
            values = values.reshape(shape)
        except ValueError:  # empty, and yet with axes too long for any array
            raise Broken("it sent an array of no possible shape") from None
        self._at += size
        return values != 0 if dtype == "|b1" else values.copy()

    def finish(self) -> None:
        """Return nothing; raises `Broken` if bytes are left over."""
        if self._at != len(self._payload):
            raise Broken("it sent more bytes than its arrays have")


def checked_shape(shape: Any) -> Sequence[int]:
    """Return a shape that is one: a short list of whole numbers; raises `Broken` otherwise."""
    fits = isinstance(shape, list) and len(shape) <= _MOST_AXES
    if not fits or not all(type(n) is int and 0 <= n <= _LARGEST_AXIS for n in shape):
        raise Broken("it sent an array of no possible shape")
    return tuple(shape)
