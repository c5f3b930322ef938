"""The outputs of a cell, put together from what the child says, within limits, safe types only.

Kept are printed text, `text/plain`, `image/png` and tracebacks. HTML, Markdown, LaTeX, SVG,
JavaScript, widgets and every other type are dropped, not cleaned: each honest display brings a
`text/plain` too, and what is not there cannot be active. The type of the judge's verdicts is among
the dropped ones, so nobody can forge a verdict.
"""

import base64
import binascii
import struct
from collections import deque
from typing import Any

from bplib.grading.engine.frames import Broken, Frame
from bplib.grading.engine.text import clean
from bplib.grading.engine.types import Budget

__all__ = ["PNG", "TEXT", "Outputs", "Page"]

TEXT, PNG = "text/plain", "image/png"
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_LONGEST_SIDE = 8192
_IDENTIFIERS = 1000
_PLACES = 20
"""Displays of one name that an update still reaches, the latest: each display is an update, too."""
_AROUND = 100
"""Characters that the notebook needs around an output, an empty one, too."""

Output = dict[str, Any]


class Page:
    """Return what the cells of one submission share: the room left, and displays with a name."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.left = budget.total_bytes
        self.named: dict[str, deque[Output]] = {}


class Outputs:
    """Return the outputs of one cell as they come in; `outputs` is the finished list."""

    def __init__(self, page: Page, count: int) -> None:
        self.outputs: list[Output] = []
        self._page, self._count = page, count
        self._left = page.budget.cell_bytes
        self._clear = False
        self._streams = {"stdout": page.budget.stream_bytes, "stderr": page.budget.stream_bytes}
        self._cut = False

    def add(self, frame: Frame) -> None:
        """Return nothing; take one message. Raises `Broken` for one of no known form."""
        header = frame.header
        match header:
            case {"kind": "stream", "name": ("stdout" | "stderr") as name, "text": str(text)}:
                self._stream(name, text)
            case {"kind": "display", "data": dict(data)}:
                self._display(data, header)
            case {"kind": "result", "data": dict(data)}:
                bundle = self._bundle(data, header)
                self._append({
                    "output_type": "execute_result", "execution_count": self._count, **bundle,
                })  # fmt: skip
            case {"kind": "update", "data": dict(data), "id": str(name)}:
                self._update(name, self._bundle(data, header))
            case {"kind": "clear", "wait": bool(wait)}:
                self._clear = True
                if not wait:
                    self._clear_now()
            case {"kind": "error", "name": str(name), "value": str(value), "lines": list(lines)}:
                self._append(self._error(name, value, lines))
            case {"kind": "full"}:
                self._say_cut()
            case _:
                raise Broken("it sent an output of no known form")

    def stop(self, name: str, why: str) -> None:
        """Return nothing; append the engine's own word on why the cell did not end well."""
        self._clear = False
        self.outputs.append(self._error(name, why, [f"{name}: {why}"]))

    def _error(self, name: str, value: str, lines: list[Any]) -> Output:
        limit, kept = self._page.budget.stream_bytes, []
        for line in lines[:200]:
            if not isinstance(line, str):
                raise Broken("it sent an output of no known form")
            kept.append(clean(line, limit))
            limit -= len(kept[-1])
        text = clean(value, self._page.budget.stream_bytes // 4)
        return {
            "output_type": "error", "ename": clean(name, 100), "evalue": text,
            "traceback": [line for line in kept if line],
        }  # fmt: skip

    def _display(self, data: dict[str, Any], header: dict[str, Any]) -> None:
        bundle, name = self._bundle(data, header), header.get("id")
        output = {"output_type": "display_data", **bundle}
        if isinstance(name, str):
            self._update(name, bundle)  # a name that is shown again changes where it was shown
        if self._append(output) and isinstance(name, str) and len(self._page.named) < _IDENTIFIERS:
            places = self._page.named.setdefault(clean(name, 200), deque(maxlen=_PLACES))
            places.append(output)

    def _room(self, size: int) -> bool:
        many = len(self.outputs) >= self._page.budget.outputs
        if many or size > min(self._left, self._page.left):
            self._say_cut()
            return False
        self._left -= size
        self._page.left -= size
        return True

    def _append(self, output: Output) -> bool:
        self._clear_now()
        fits = self._room(_size(output))
        if fits:
            self.outputs.append(output)
        return fits

    def _clear_now(self) -> None:
        if self._clear:
            freed = sum(map(_size, self.outputs))
            self._left += freed
            self._page.left += freed
            self.outputs.clear()
            self._streams = dict.fromkeys(self._streams, self._page.budget.stream_bytes)
            self._clear = self._cut = False

    def _stream(self, name: str, text: str) -> None:
        self._clear_now()
        whole, text = len(text), clean(text, self._streams[name])
        last = self.outputs[-1] if self.outputs else {}
        goes_on = last.get("output_type") == "stream" and last["name"] == name
        if text and self._room(len(text) + (0 if goes_on else _AROUND)):
            self._streams[name] -= len(text)
            if goes_on:
                last["text"] += text
            else:
                self.outputs.append({"output_type": "stream", "name": name, "text": text})
        if whole > len(text) and not self._streams[name]:
            self._say_cut()

    def _say_cut(self) -> None:
        if not self._cut:
            self._cut = True
            text = "[The rest of this cell's output was too long and is left out.]\n"
            self.outputs.append({"output_type": "stream", "name": "stderr", "text": text})

    def _update(self, name: str, bundle: Output) -> None:
        # As in a notebook, this can change a display of an earlier cell: a display, no result.
        for output in self._page.named.get(clean(name, 200), []):
            more = _size(bundle) - _size(output)
            if more <= min(self._page.left, self._left):
                self._page.left -= more
                self._left -= max(more, 0)
                output.update(bundle)

    def _bundle(self, data: dict[str, Any], header: dict[str, Any]) -> Output:
        kept: dict[str, str] = {}
        metadata: dict[str, Any] = {}
        if isinstance(image := data.get(PNG), str):
            problem = self._problem(image)
            if problem:
                kept[TEXT] = f"[An image is left out: {problem}.]"
            else:
                kept[PNG] = image
                metadata = _sides(header.get("metadata"))
        if isinstance(text := data.get(TEXT), str) and TEXT not in kept:
            kept[TEXT] = clean(text, self._page.budget.stream_bytes)
            if len(text) > self._page.budget.stream_bytes:
                kept[TEXT] += " […]"
        return {"data": kept or {TEXT: "[This type of output is not shown.]"}, "metadata": metadata}

    def _problem(self, image: str) -> str:
        if len(image) > self._page.budget.image_bytes:
            return f"it has {len(image) >> 10} kB, more than {self._page.budget.image_bytes >> 10}"
        try:
            # Nothing but base64, broken into lines perhaps: the text itself gets into pages.
            raw = base64.b64decode(image.replace("\n", ""), validate=True)
            width, height = struct.unpack(">II", raw[16:24])
        except (ValueError, binascii.Error, struct.error):
            return "it is no PNG"
        if not raw.startswith(_SIGNATURE) or raw[12:16] != b"IHDR":
            return "it is no PNG"
        if not 0 < max(width, height) <= _LONGEST_SIDE:
            return f"it has {width} × {height} pixels"
        return ""


def _sides(metadata: Any) -> dict[str, Any]:
    """Return the width and height at which an image is to be shown, if it says them."""
    sides = metadata.get(PNG) if isinstance(metadata, dict) else None
    if not isinstance(sides, dict):
        return {}
    kept = {k: sides[k] for k in ("width", "height") if _is_side(sides.get(k))}
    return {PNG: kept} if kept else {}


def _is_side(value: Any) -> bool:
    return type(value) in (int, float) and 0 < value <= _LONGEST_SIDE


def _size(output: Output) -> int:
    match output:
        case {"text": str(text)}:
            return _AROUND + len(text)
        case {"data": dict(data)}:
            return _AROUND + sum(map(len, data.values()))
        case {"traceback": list(lines), "evalue": value}:
            return _AROUND + sum(map(len, lines)) + len(value)
    return 0
