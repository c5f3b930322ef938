"""Activations and costs of a question: stand-ins in the child, real ones on the judge's side."""

import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

import numpy as np
from numpy import asarray
from numpy.typing import NDArray

from bplib.grading.engine.arrays import COMPLEX, REAL, Unpacker, pack
from bplib.grading.engine.frames import Broken, Frame
from bplib.grading.engine.text import clean

__all__ = ["Activation", "Cost", "Helpers", "stand_in"]

MOST_CALLS = 50_000
"""Calls per question: finite differences on small cases need some thousands."""
MOST_BYTES = 32 << 20
"""Numbers in the arguments of one call, as the float64 or complex128 that they are computed in."""

MOST_SLOPES = 64
"""Slopes that a stand-in keeps until they are asked for."""

Remote = Callable[[int, str, tuple[Any, ...]], list[Any]]


# --- in the child --------------------------------------------------------------------------------


class _StandIn:
    """Return an object that the judge holds; its methods are carried out there."""

    def __init__(self, index: int, name: str, remote: Remote) -> None:
        self._index, self.name, self._remote = index, name, remote

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"


class Activation(_StandIn):
    """Return φ: `phi(Z)`, and its slopes `phi.derivative(Z)`, of the shape of Z.

    The answer to the first brings the second along, as mostly that is asked for next.
    """

    def __init__(self, index: int, name: str, remote: Remote) -> None:
        super().__init__(index, name, remote)
        self._slopes: dict[tuple[Any, ...], Any] = {}

    def __call__(self, Z: Any) -> Any:
        """Return φ(Z)."""
        value, *slopes = self._remote(self._index, "call", (Z,))
        if len(self._slopes) >= MOST_SLOPES:
            self._slopes.clear()
        self._slopes.update((_content(Z), slope) for slope in slopes)
        return value

    def derivative(self, Z: Any) -> Any:
        """Return φ′(Z)."""
        slope = self._slopes.get(_content(Z))
        return self._remote(self._index, "derivative", (Z,))[0] if slope is None else slope.copy()


class Cost(_StandIn):
    """Return a cost: `cost(A, Y)` is C, `cost.gradient(A, Y)` is ∂C/∂A, (m, n)."""

    def __call__(self, A: Any, Y: Any) -> Any:
        """Return the number C."""
        return self._remote(self._index, "call", (A, Y))[0]

    def gradient(self, A: Any, Y: Any) -> Any:
        """Return ∂C/∂A."""
        return self._remote(self._index, "gradient", (A, Y))[0]


def _content(Z: Any) -> tuple[Any, ...]:
    values = asarray(Z)
    return values.dtype.str, values.shape, values.tobytes()


def stand_in(kind: str, index: int, name: str, remote: Remote) -> Activation | Cost:
    """Return the stand-in for the judge's object number `index`."""
    return (Activation if kind == "activation" else Cost)(index, name, remote)


def arguments(values: Sequence[Any]) -> tuple[list[Any], bytes]:
    """Return the arguments of a call, described, and their bytes; `TypeError` if no numbers."""
    arrays = [asarray(value) for value in values]
    if sum(map(_bytes, arrays)) > MOST_BYTES:
        raise ValueError(f"the arrays hold more than {MOST_BYTES >> 20} MB")
    packed = [pack(each) for each in arrays]
    return [description for description, _ in packed], b"".join(raw for _, raw in packed)


def _bytes(values: NDArray[Any]) -> int:
    return values.size * (16 if values.dtype.kind == "c" else 8)


def returned(frame: Frame) -> list[Any]:
    """Return what the judge answered to a call, or raise the exception that it met."""
    header = frame.header
    if header["kind"] == "raised":
        _raise(header["type"], header["text"])
    source = Unpacker(frame.payload, REAL | COMPLEX)
    return [source.take(*described)[()] for described in header["values"]]


def _raise(name: str, text: str) -> NoReturn:
    raise {"TypeError": TypeError, "RuntimeError": RuntimeError}.get(name, ValueError)(text)


# --- on the judge's side -------------------------------------------------------------------------


class Helpers:
    """Return what answers the calls of one question, within limits of number, size and time.

    outside: the question's activations and costs; seconds: CPU time that answering may take. Use
    it inside of `quiet`.
    """

    def __init__(self, outside: Sequence[Any], seconds: float) -> None:
        self._outside, self._seconds, self._calls = outside, seconds, MOST_CALLS

    def answer(self, frame: Frame) -> tuple[dict[str, Any], bytes]:
        """Return the header and the bytes of the reply. Raises `Broken` for nonsense."""
        methods = self._methods(frame.header.get("object"), frame.header.get("method"))
        described = frame.header.get("arguments")
        if not isinstance(described, list) or len(described) > 2:
            raise Broken("it called an activation or a cost in no possible way")
        source = Unpacker(frame.payload, REAL | COMPLEX)
        arrays = []
        for pair in described:
            if not isinstance(pair, list) or len(pair) != 2:
                raise Broken("it called an activation or a cost with no arrays")
            arrays.append(source.take(*pair))
        source.finish()
        if sum(map(_bytes, arrays)) > MOST_BYTES:
            raise Broken("it called an activation or a cost with too large arrays")
        self._calls -= 1
        if self._calls < 0 or self._seconds < 0:
            return _raised("RuntimeError", "phi and cost were called too often in one question")
        began = time.thread_time()
        reply = _computed(methods, [each[()] for each in arrays])
        self._seconds -= time.thread_time() - began
        return reply

    def _methods(self, index: Any, name: Any) -> list[Callable[..., Any]]:
        """Return the method that was called; behind φ itself comes φ′."""
        if type(index) is not int or not 0 <= index < len(self._outside):
            raise Broken("it called an object that it was not given")
        kept = self._outside[index]
        slope, gradient = (getattr(kept, part, None) for part in ("derivative", "gradient"))
        known = {"call": [kept, slope], "derivative": [slope], "gradient": [gradient]}
        methods = known.get(name, []) if isinstance(name, str) else []
        if not any(methods):
            raise Broken("it called a method that there is not")
        return [method for method in methods if method]


@contextmanager
def quiet() -> Iterator[None]:
    """Keep NumPy and others from warning, while helpers answer, about numbers that are not ours."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _computed(
    methods: Sequence[Callable[..., Any]], values: Sequence[Any]
) -> tuple[dict[str, Any], bytes]:
    packed = []
    for method in methods:
        try:
            packed.append(pack(np.asarray(method(*values))))
        # Whatever numbers it was given, they are a student's: what it met is the student's to see.
        except Exception as error:
            if not packed:
                return _raised(type(error).__name__, str(error))
            break  # nobody has asked for the slopes yet
    descriptions, chunks = zip(*packed, strict=True)
    return {"kind": "values", "values": descriptions}, b"".join(chunks)


def _raised(name: str, text: str) -> tuple[dict[str, Any], bytes]:
    return {"kind": "raised", "type": name, "text": clean(text, 300)}, b""
