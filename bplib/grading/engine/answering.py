"""An answer on its way back: encoded by the child, read by the judge's side, who trusts nothing.

The child sends, for every array that was asked for, its type, shape and bytes, or what it has
instead. The judge's side makes of it something that `bplib.answers.call` reads like the answer of a
function of its own process: so an answer is judged, and worded, in one place only.
"""

import re
import warnings
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy import array

from bplib import answers
from bplib.answers import Outcome
from bplib.grading.engine.arrays import REAL, Unpacker, checked_shape, pack
from bplib.grading.engine.frames import Broken, Frame
from bplib.grading.engine.text import clean

__all__ = ["LARGEST", "MOST_NOTES", "encode", "outcome"]

LARGEST = 64 << 20
"""Bytes of all arrays of one answer; the largest right answer has a few megabytes."""

MOST_NOTES = 20
_NO_NUMBERS = re.compile(r"[<>|]([US]\d{1,5}|c(8|16))")
_NUMBERS = (np.ndarray, np.number, np.bool_, int, float, list, tuple)


# --- in the child --------------------------------------------------------------------------------


def encode(answer: Any, labels: Any, chunks: list[bytes]) -> list[Any]:
    """Return what came back as a JSON tree, its arrays in `chunks`. May raise what arrays raise."""
    if answer is None:
        return ["none"]
    if isinstance(labels, str):
        if type(answer) is tuple and len(answer) == 1:
            return ["one", encode(answer[0], labels, chunks)]
        return _leaf(answer, chunks)
    if type(answer) not in (list, tuple):
        return ["kind", type(answer).__name__]
    if len(answer) != len(labels):
        return ["count", len(answer)]
    return ["parts", [encode(p, label, chunks) for p, label in zip(answer, labels, strict=True)]]


def _leaf(leaf: Any, chunks: list[bytes]) -> list[Any]:
    if not issubclass(type(leaf), _NUMBERS):
        return ["kind", type(leaf).__name__]
    try:
        values = array(leaf, subok=False)
    except ValueError:
        return ["ragged"]
    if values.dtype.kind not in "fiub":
        return ["no numbers", values.dtype.str]
    if values.nbytes + sum(map(len, chunks)) > LARGEST:
        return ["large", list(values.shape)]
    description, raw = pack(values)
    chunks.append(raw)
    return ["array", *description]


# --- on the judge's side -------------------------------------------------------------------------


class _Large:
    """An array that was too large to send."""

    def __init__(self, shape: Any) -> None:
        self.shape = tuple(checked_shape(shape))


def outcome(frame: Frame, shapes: Any, labels: Any, lines: bool) -> Outcome:
    """Return the outcome that a reply amounts to. Raises `Broken` if it is none."""
    header = frame.header
    notes = [_problem(note, Warning) for note in _list(header.get("notes", []))]
    answer: Any = None
    error: Exception | None = None
    source = Unpacker(frame.payload, REAL)
    match header.get("how"):
        case "answer":
            answer = _decode(header.get("tree"), labels, source)
        case "raised":
            error = _problem([header.get("type"), header.get("text")], Exception)
        case "missing":
            return Outcome(message="there is no such function: its cell was not run, or it failed")
        case "kind":
            return answers.call(_instance(header.get("type")), {}, shapes, labels)
        case _:
            raise Broken("it sent a reply of no known form")
    source.finish()

    def stand_in() -> Any:
        for note in notes:
            warnings.warn(note, stacklevel=2)  # so that they, too, are worded in one place
        if error is not None:
            raise error
        return answer

    if notes or error is not None:
        found = answers.call(stand_in, {}, shapes, labels, lines=lines)
    else:
        found = answers.received(answer, shapes, labels, lines=lines)
    large = {n: part.shape for n, part in _matched(answer, labels) if isinstance(part, _Large)}
    if not large:
        return found
    faults = {name: answers.misfit(name, shapes[name], shape) for name, shape in large.items()}
    return replace(found, faults={**found.faults, **faults})


def _decode(node: Any, labels: Any, source: Unpacker) -> Any:
    # As deep as `labels` is nested and no deeper, whatever was sent.
    match node:
        case ["none"]:
            return None
        case ["kind", name]:
            return _instance(name)
        case ["count", int(count)] if not isinstance(labels, str) and count != len(labels):
            # Only the number of the parts matters; a million of them need not be made.
            return [None] * max(0, min(count, 1_000_000))
        case ["parts", list(parts)] if not isinstance(labels, str) and len(parts) == len(labels):
            return [_decode(p, label, source) for p, label in zip(parts, labels, strict=True)]
        case ["array", dtype, shape] if isinstance(labels, str):
            return source.take(dtype, shape)
        case ["large", shape] if isinstance(labels, str):
            return _Large(shape)
        case ["one", node] if isinstance(labels, str):
            return (_decode(node, labels, source),)
        case ["ragged"] if isinstance(labels, str):
            return [[0.0], [0.0, 0.0]]
        case ["no numbers", str(dtype)] if isinstance(labels, str):
            # Only its type is spoken of; nothing of it was sent.
            return np.zeros(0, dtype if _NO_NUMBERS.fullmatch(dtype) else object)
    raise Broken("it sent an answer of no known form")


def _matched(answer: Any, labels: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(labels, str):
        yield labels, answer
    elif isinstance(answer, list) and len(answer) == len(labels):
        for part, label in zip(answer, labels, strict=True):
            yield from _matched(part, label)


def _name(name: Any) -> str:
    return clean(name, 60).strip() or "nameless" if isinstance(name, str) else "nameless"


def _instance(name: Any) -> Any:
    """Return an object whose type has this name, which is all that a message says of it."""
    return type(_name(name), (), {})()


def _list(notes: Any) -> list[Any]:
    if not isinstance(notes, list) or len(notes) > MOST_NOTES:
        raise Broken("it sent warnings of no possible form")
    return notes


def _problem(pair: Any, kind: type[Exception]) -> Any:
    """Return an exception or warning of this name and text."""
    match pair:
        case [str(name), str(text)]:
            base = NotImplementedError if name == "NotImplementedError" else kind
            return type(_name(name), (base,), {})(clean(text, 500))
    raise Broken("it sent an exception of no possible form")
