"""A PNG encoder for pictures that live for a tenth of a second.

Pillow tries five filters on every row, which takes most of the time of an update; plots are
flat, and for them no filter at all packs as well.  Measured on a plot of 360×270 pixels:
Pillow 7 ms and 13 kB, this 1.2 ms and 16 kB.
"""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
SIGNATURE = b"\x89PNG\r\n\x1a\n"
RGB = 2  # the color type of the PNG standard for three bytes a pixel
LEVEL = 1  # of zlib: level 6 saves a quarter of the bytes and takes five times as long


def png(pixels: Pixels) -> bytes:
    """Return the PNG file of an image: pixels (height, width, 3 or 4) uint8, alpha is dropped.

    Raises ValueError for another shape, TypeError for another dtype.
    Source: the PNG standard (ISO/IEC 15948), chunks IHDR, IDAT and IEND, filter type 0.

    >>> png(np.zeros((2, 3, 3), np.uint8))[1:4]
    b'PNG'
    """
    if pixels.dtype != np.uint8:
        raise TypeError(f"pixels have dtype {pixels.dtype}; give uint8, 0 to 255")
    if pixels.ndim != 3 or pixels.shape[2] not in (3, 4) or 0 in pixels.shape:
        raise ValueError(f"pixels have shape {pixels.shape}; give (height, width, 3 or 4)")
    height, width = pixels.shape[:2]
    rows = np.zeros((height, 1 + 3 * width), np.uint8)  # a row starts with its filter type, 0
    rows[:, 1:] = pixels[:, :, :3].reshape(height, 3 * width)
    header = struct.pack(">IIBBBBB", width, height, 8, RGB, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows.data, LEVEL)), (b"IEND", b""))
    return SIGNATURE + b"".join(_chunk(kind, data) for kind, data in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
