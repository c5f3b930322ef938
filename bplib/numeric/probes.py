"""Values of f at points beside x, many at a time where f allows it; and what is no valid input."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]
Function = Callable[[Any], Any]

CHUNK_BYTES = 2**24  # the points of one batched call take at most this much memory


class Probes:
    """Evaluates f along straight lines through x, and counts how often.

    Line i is x + t·e_i for each entry of x, or x + t·directions[i] if directions (k, x.size)
    are given.  f gets a fresh array at every call, so x keeps its values whatever f does to
    its argument, also if f raises.  With batched=True, f gets points (k, *x.shape) and returns
    one result for each.  Results are real (float64) or complex, laid out as (k, outputs).
    """

    def __init__(
        self,
        f: Function,
        x: ArrayLike,
        *,
        batched: bool = False,
        directions: Array | None = None,
        scalar: bool = True,
    ) -> None:
        self.f, self.batched, self.directions, self.scalar = f, batched, directions, scalar
        require_function(f)
        self.x = as_point(x)
        self.evaluations = 0
        self.eps = float(np.finfo(self.x.dtype).eps)  # of x, or of f if that is coarser
        self.output_shape: tuple[int, ...] | None = () if scalar else None

    @property
    def lines(self) -> int:
        """Return the number of lines: the entries of x, or the number of directions."""
        return self.x.size if self.directions is None else len(self.directions)

    @property
    def sizes(self) -> Array:
        """Return max(1, |x|) for each line (float64): the yardstick of its steps."""
        entries = np.maximum(1.0, np.abs(self.x.ravel().astype(np.float64)))
        return entries if self.directions is None else np.full(self.lines, entries.max())

    def at(self, rows: Array, t: Array) -> tuple[Array, Array]:
        """Return f at step t[i] along line rows[i], as (k, outputs), and the steps really made.

        x + t is rounded to the nearest number of x's type; dividing by the step that was really
        made, (x + t) − x, instead of by t removes that part of the rounding error.
        """
        start = self.x.ravel()
        wide = np.result_type(start, np.float64)
        made = t
        if self.directions is None:
            moved = start[rows] + t.astype(start.dtype)
            made = moved.astype(wide) - start[rows].astype(wide)
        chunk = max(1, CHUNK_BYTES // self.x.nbytes)
        values = []
        for first in range(0, len(rows), chunk):
            part = slice(first, first + chunk)
            points = np.repeat(start[None, :], len(rows[part]), axis=0)
            if self.directions is None:
                points[np.arange(len(points)), rows[part]] = moved[part]
            else:
                shift = t[part, None] * self.directions[rows[part]]
                points = (points + shift).astype(start.dtype)
            values.append(self.evaluate(points))
        return np.concatenate(values), made

    def at_x(self) -> Array:
        """Return f(x) as (outputs,); raises ValueError if it is not finite."""
        value: Array = self.evaluate(self.x.reshape(1, -1).copy())[0]
        if not np.all(np.isfinite(value)):
            raise ValueError("f(x) is not finite; choose an x inside the domain of f")
        return value

    def evaluate(self, points: Array) -> Array:
        """Return f of each of the points (k, x.size), as (k, outputs)."""
        k = len(points)
        self.evaluations += k
        points = points.reshape(k, *self.x.shape)
        # A probe may leave the domain of f (a logarithm near zero): that shows as a value which
        # is not finite, and every caller looks for it, so NumPy need not warn as well.
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            if self.batched:
                results = self._numbers(self.f(points))
                shape = results.shape[1:] if results.ndim else ()
                if results.ndim == 0 or len(results) != k or (self.scalar and shape):
                    want = f"({k},)" if self.scalar else f"({k}, ...)"
                    raise ValueError(
                        f"with batched=True f must return {want} for points of "
                        f"shape {points.shape}; it returned {results.shape}"
                    )
            else:
                each = [self._numbers(self.f(point)) for point in points]
                shape = each[0].shape
                if self.scalar and shape:
                    raise ValueError(
                        f"f must return one number, shape (); it returned {shape}. "
                        "Sum over it, or use jacobian"
                    )
                if any(result.shape != shape for result in each):
                    raise ValueError("f returns arrays of different shapes for the same shape of x")
                results = np.stack(each)
        self.output_shape = shape
        self.eps = max(self.eps, float(np.finfo(results.dtype).eps))
        wide = np.complex128 if results.dtype.kind == "c" else np.float64
        return results.astype(wide).reshape(k, -1)

    def _numbers(self, result: Any) -> Array:
        """Return what f returned as a floating array (complex is allowed at complex points)."""
        array = np.asarray(result)
        if array.dtype.kind in "iub":
            array = array.astype(np.float64)
        allowed = "fc" if self.x.dtype.kind == "c" else "f"
        if array.dtype.kind not in allowed:
            raise TypeError(
                f"f must return real numbers; it returned {type(result).__name__} "
                f"with dtype {array.dtype}"
            )
        return array


def require_function(f: Any) -> None:
    """Raise TypeError unless f can be called."""
    if not callable(f):
        raise TypeError(f"f is {type(f).__name__}; give a function of an array of x's shape")


def as_point(x: ArrayLike) -> Array:
    """Return x as an array if differences can be taken there.

    Raises TypeError unless x is float32 or float64 (complex is for the complex step's own use),
    ValueError if it is empty or not finite.
    """
    array = np.asarray(x)
    if array.dtype not in (np.float32, np.float64, np.complex128):
        raise TypeError(
            f"x has dtype {array.dtype}; a step of any size needs float64 or float32: "
            "give x.astype(float)"
        )
    if array.size == 0:
        raise ValueError(f"x has shape {array.shape}, no entries; give at least one")
    if not np.all(np.isfinite(array)):
        raise ValueError("x holds NaN or infinity; give finite numbers")
    return array


def as_real_point(x: ArrayLike) -> Array:
    """Return x as a float32 or float64 array; errors as `as_point`, and TypeError for complex."""
    array = as_point(x)
    if array.dtype.kind == "c":
        raise TypeError(f"x has dtype {array.dtype}; give real numbers, float64 or float32")
    return array


def as_step(h: Any, x: Array, smallest: float = 1.0) -> float:
    """Return h as a float if it is a step that can be made from every entry of x.

    smallest: the smallest multiple of h that will be used.
    Raises TypeError if h is no number; ValueError if h ≤ 0, if x + smallest·h == x for an
    entry, or if x is float32 and h is a step for float64 (h < eps^(2/3)·max(1, |x|) = 2e-5:
    two of the seven digits or fewer would survive the subtraction).
    """
    if isinstance(h, bool) or not isinstance(h, Real):
        raise TypeError(f"h is {h!r}; give one positive number, or None for the default")
    step = float(h)
    if not (0.0 < step < np.inf):
        raise ValueError(f"h is {h!r}; give a finite number above 0, or None for the default")
    largest = float(np.abs(x).max())
    if x.dtype == np.float64 and step * smallest > 2 * np.spacing(largest):
        return step  # the usual case, told by one number
    with np.errstate(over="ignore", invalid="ignore"):
        nudge = np.asarray(step * smallest).astype(x.dtype)
        moved = np.minimum(np.abs(x + nudge - x), np.abs(x - nudge - x))
    if np.any(moved == 0):
        index = tuple(int(i) for i in np.unravel_index(np.argmin(moved), x.shape))
        raise ValueError(
            f"h = {step:g} is too small: x ± {step * smallest:g} == x at entry {index}, where "
            f"neighboring {x.dtype} numbers are {float(np.spacing(np.abs(x[index]))):.1e} apart. "
            "Give a larger h, or None for the default"
        )
    floor = float(np.finfo(np.float32).eps) ** (2 / 3) * max(1.0, largest)
    if x.dtype == np.float32 and step * smallest < floor:
        raise ValueError(
            f"h = {step:g} suits float64, but x is float32; give h of at least "
            f"{floor / smallest:.1e}, None for the default, or x.astype(float)"
        )
    return step
