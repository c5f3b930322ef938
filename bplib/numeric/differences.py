"""Three numerical derivatives, as unit 06 derives them, and the error of one array against another.

All return the gradient as an array of x's shape and dtype.  f maps an array of x's shape to one
number; with batched=True it maps points (k, *x.shape) to (k,), and all probes go into as few
calls as memory allows.  x is float32 or float64 and is never changed, also if f raises.

Cost: each needs one or two values of f per entry of x, where a backward pass needs one in all
(seeds 001: "slow", 003: a million weights, a million passes).
"""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from bplib.numeric.probes import (
    Array,
    Function,
    Probes,
    as_real_point,
    as_step,
    require_function,
)


def default_step(x: ArrayLike, order: int) -> Array:
    """Return the step for each entry of x, eps^(1/(order+1))·max(1, |x|), float64, shape of x.

    A difference of this order has a truncation error of about h^order and a rounding error of
    about eps/h (eps: the spacing of the numbers of x's dtype around 1).  Their sum is smallest
    near h = eps^(1/(order+1)): eps^(1/2) = 1.5e-8 for the forward difference (order 1) and
    eps^(1/3) = 6e-6 for the central one (order 2) in float64; 3e-4 and 5e-3 in float32.

    Raises ValueError for an order below 1; TypeError and ValueError for an x without steps.

    >>> default_step(np.array([0.0, 1000.0]), order=2).round(8)
    array([6.06000e-06, 6.05545e-03])
    """
    if order < 1:
        raise ValueError(f"order is {order}; allowed are 1 (forward), 2 (central) and above")
    x = as_real_point(x)
    eps = float(np.finfo(x.dtype).eps)
    step: Array = eps ** (1 / (order + 1)) * np.maximum(1.0, np.abs(x.astype(np.float64)))
    return step


def _steps(x: Array, h: float | None, order: int) -> Array:
    """Return one step per entry, flat: h for all of them, or the default ones."""
    if h is None:
        return default_step(x, order).ravel()
    return np.full(x.size, as_step(h, x))


def _finish(slopes: Array, x: Array) -> Array:
    """Return the slopes in x's shape and dtype; raises ValueError if one is not finite."""
    if not np.all(np.isfinite(slopes)):
        index = tuple(int(i) for i in np.argwhere(~np.isfinite(slopes.reshape(x.shape)))[0])
        raise ValueError(
            f"f is not finite beside x at entry {index}; "
            "move x away from the edge of the domain, or give a smaller h"
        )
    return slopes.reshape(x.shape).astype(x.dtype)


def forward_difference(
    f: Function, x: ArrayLike, h: float | None = None, batched: bool = False
) -> Array:
    """Return (f(x + h) − f(x)) / h for each entry of x; the error shrinks like h (one-sided).

    h: one positive number for all entries, or None for `default_step(x, 1)`.
    At a kink it gives the slope of the positive side.  Values of f: x.size + 1.
    Raises TypeError (integer x, f not a real number) and ValueError (f not a scalar, h ≤ 0, h so
    small that x + h == x, a step for float64 with float32, f not finite).  Seed 001.

    >>> forward_difference(lambda x: np.sum(x**2), np.array([1.0, -2.0]), h=0.5)
    array([ 2.5, -3.5])
    """
    x = as_real_point(x)
    steps, probes = _steps(x, h, 1), Probes(f, x, batched=batched)
    values, made = probes.at(np.arange(x.size), steps)
    return _finish((values[:, 0] - probes.at_x()[0]) / made, x)


def central_difference(
    f: Function, x: ArrayLike, h: float | None = None, batched: bool = False
) -> Array:
    """Return (f(x + h) − f(x − h)) / 2h for each entry of x; the error shrinks like h².

    h: one positive number for all entries, or None for `default_step(x, 2)`.
    At a kink it gives the mean of both slopes.  Values of f: 2·x.size.
    Raises TypeError (integer x, f not a real number) and ValueError (f not a scalar, h ≤ 0, h so
    small that x + h == x, a step for float64 with float32, f not finite).  Seeds 002, 004.

    >>> central_difference(lambda x: np.sum(x**2), np.array([1.0, -2.0]), h=0.5)
    array([ 2., -4.])
    """
    x = as_real_point(x)
    steps, probes = _steps(x, h, 2), Probes(f, x, batched=batched)
    rows = np.arange(x.size)
    values, made = probes.at(np.concatenate([rows, rows]), np.concatenate([steps, -steps]))
    n = x.size  # first x + h of every entry, then x - h
    return _finish((values[:n, 0] - values[n:, 0]) / (made[:n] - made[n:]), x)


def complex_step(f: Function, x: ArrayLike, h: float = 1e-30, batched: bool = False) -> Array:
    """Return Im f(x + ih) / h for each entry of x: exact to rounding, as nothing is subtracted.

    The error is of order h², so h may be as small as 1e-30.  f must be made of analytic
    operations that take complex numbers: + − · / @ exp, log, tanh and so on.  abs, a
    conjugation, `.real` or a comparison of complex numbers break it silently or loudly.
    At a kink f decides, usually by the real part.  f is given complex128 for either dtype of x.
    Values of f: x.size.

    Raises TypeError (integer x; f that returns a real number, so lost the imaginary part), and
    ValueError (f not a scalar, h ≤ 0 or above 1e-8, f not finite).
    Source: Squire and Trapp, "Using complex variables to estimate derivatives", 1998.

    >>> complex_step(lambda x: np.sum(np.exp(x)), np.array([0.0, 1.0])) - np.exp([0.0, 1.0])
    array([0., 0.])
    """
    x = as_real_point(x)
    if isinstance(h, bool) or not isinstance(h, Real):
        raise TypeError(f"h is {h!r}; give a number above 0 and up to 1e-8, such as 1e-30")
    if not 0.0 < float(h) <= 1e-8:
        raise ValueError(f"h is {h!r}; allowed are numbers above 0 and up to 1e-8, such as 1e-30")

    require_function(f)

    def keeps_imaginary_part(point: Any) -> Any:
        result = f(point)
        if not np.iscomplexobj(result):
            raise TypeError(
                "f returned real numbers for complex x, so the derivative is lost. "
                "Write f without abs, .real or float(), or use central_difference"
            )
        return result

    probes = Probes(keeps_imaginary_part, x.astype(np.complex128), batched=batched)
    values, _ = probes.at(np.arange(x.size), np.full(x.size, 1j * float(h)))
    return _finish(values[:, 0].imag / float(h), x)


def relative_error(a: ArrayLike, b: ArrayLike) -> float:
    """Return ‖a − b‖ / max(‖a‖, ‖b‖), Euclidean norms over all entries; 0 if both are zero.

    It lies between 0 and 2, does not change if both are scaled, and counts an entry by its
    share of the whole, so that a tiny entry with a large error of its own cannot raise an alarm
    (and cannot be seen: compare entry by entry for that).  NaN or infinity anywhere gives inf.
    A constant factor c gives |c − 1| / max(1, |c|).  Norms are taken after scaling, so nothing
    overflows.

    Raises ValueError if the shapes differ (nothing broadcasts), TypeError for no numbers.

    >>> relative_error(np.array([3.0, 4.0]), np.array([3.0, 4.5])).__round__(3)
    0.092
    >>> relative_error([0.0], [0.0])
    0.0
    """
    one, other = np.asarray(a), np.asarray(b)
    for name, array in (("a", one), ("b", other)):
        if array.dtype.kind not in "fciub":
            raise TypeError(f"{name} has dtype {array.dtype}; give numbers")
    if one.shape != other.shape:
        raise ValueError(
            f"a has shape {one.shape} and b has shape {other.shape}; "
            "give two arrays of the same shape"
        )
    wide = np.complex128 if "c" in (one.dtype.kind, other.dtype.kind) else np.float64
    one, other = one.astype(wide).ravel(), other.astype(wide).ravel()
    if not (np.all(np.isfinite(one)) and np.all(np.isfinite(other))):
        return float("inf")
    largest = max(np.abs(one).max(initial=0.0), np.abs(other).max(initial=0.0))
    if largest == 0:
        return 0.0
    one, other = one / largest, other / largest
    return float(np.linalg.norm(one - other) / max(np.linalg.norm(one), np.linalg.norm(other)))
