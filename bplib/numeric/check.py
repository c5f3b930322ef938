"""The gradient check: is this the gradient of that function?  Yes, no, or cannot be told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from bplib.numeric.estimation import measure, resolution_of
from bplib.numeric.probes import Array, Function, Probes, as_real_point, as_step
from bplib.numeric.slopes import SAFETY

Index = tuple[int, ...]


@dataclass(frozen=True)
class GradientCheck:
    """The result of `gradient_check`; true in a condition if the gradient passed.

    ok: the gradient agrees wherever it can be compared, and the comparison is sharp enough.
    error: the difference at `worst`, relative to the largest entry of both gradients.
    tolerance: the error that the numerical gradient itself may have there, on the same scale.
    worst: index of the entry (or number of the direction) with the largest error/tolerance.
    kinks: indices of the entries whose slope jumps between the two probes; not compared.
    evaluations: number of values of f.
    compared: number of entries or directions compared.
    reason: "" if ok, else what is wrong, in words.
    """

    ok: bool
    error: float
    tolerance: float
    worst: Index
    kinks: tuple[Index, ...]
    evaluations: int
    compared: int
    reason: str

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        verdict = "gradient check passed" if self.ok else f"gradient check failed: {self.reason}"
        facts = [
            f"{self.compared} compared",
            f"relative error {self.error:.1e} (tolerance {self.tolerance:.1e}) at {self.worst}",
        ]
        if self.kinks:
            first = ", ".join(map(str, self.kinks[:3])) + (" …" if len(self.kinks) > 3 else "")
            facts.append(f"{len(self.kinks)} at a kink, not compared: {first}")
        return f"{verdict}; {'; '.join(facts)}; {self.evaluations} values of f"


def gradient_check(
    f: Function,
    grad: ArrayLike | Callable[[Any], ArrayLike],
    x: ArrayLike,
    *,
    h: float | None = None,
    directions: int | None = None,
    resolution: float | None = None,
    pattern: Callable[[Any], ArrayLike] | None = None,
    batched: bool = False,
    seed: int = 0,
) -> GradientCheck:
    """Return whether `grad` is the gradient of the scalar f at x, as a `GradientCheck`.

    f: maps x's shape to one number; with batched=True points (k, *x.shape) to (k,).
    grad: array of x's shape, or a function of x that returns it.  x: float64 or float32.
    h: None lets each entry find its step; a number asks for the central difference at this h.
    directions: None checks every entry (6 values of f each, more where the step adapts); k
    checks the slope along k random directions only (6k + 9 values): one number sees an error
    in any entry, but does not tell in which.  seed fixes the directions.
    resolution: the smallest relative error that the check has to be able to see; if the
    tolerance is larger, it answers "step unsuitable", not "passed".  None: eps^(2/5), that is
    5e-7 in float64 and 2e-3 in float32.
    pattern: a function from x to a bool array, which units are active; entries where it differs
    between the two probes count as kinks.  Without it kinks are found from the values of f.

    Tolerance: truncation (how the difference changes with h), plus the measured rounding of f
    divided by h, plus the rounding of grad.  Kinks are reported, not failed; if nothing but
    kinks is left, grad must lie between the slopes of both sides.

    Raises TypeError (x not floating, f or grad not real numbers) and ValueError (grad's shape
    is not x's, f not a scalar or not finite at x, h ≤ 0, x + h/4 == x, a step for float64 with
    float32, directions < 1, resolution not above 0).  What is wrong with grad's values is never
    raised, but reported.

    Seeds 001, 002; Moré and Wild (2011) for the rounding.

    >>> x = np.array([1.0, -2.0])
    >>> bool(gradient_check(lambda x: np.sum(x**3), 3 * x**2, x))
    True
    >>> print(gradient_check(lambda x: np.sum(x**3), lambda x: 3 * x, x).reason)
    the gradient is wrong
    """
    x = as_real_point(x)
    if h is not None:
        h = as_step(h, x, smallest=0.25)
    claimed = _claimed_gradient(grad, x)
    lines = None if directions is None else _random_directions(directions, x.size, seed)
    probes = Probes(f, x, batched=batched, directions=lines)
    found, kinks, f_x = measure(probes, h)
    sharpness = resolution_of(probes) if resolution is None else _positive(resolution)
    value, tolerance = found.slope[:, 0], found.error[:, 0]
    grain = SAFETY * float(np.finfo(claimed.dtype).eps)
    flat = claimed.ravel().astype(np.float64)
    if lines is None:
        rounding, shape = grain * np.abs(flat), x.shape
    else:
        # The largest sum of |v_i g_i| is what rounding in each entry can do to the projection.
        with np.errstate(invalid="ignore", over="ignore"):
            rounding, flat = grain * (np.abs(lines) @ np.abs(flat)), lines @ flat
        shape = (len(lines),)
    if pattern is not None:
        kinks = kinks | _switches(pattern, probes, found.step)
    with np.errstate(invalid="ignore"):
        error = np.where(np.isfinite(flat), np.abs(flat - value), np.inf)
        tolerance = tolerance + np.where(np.isfinite(rounding), rounding, 0.0)
    only_kinks = bool(kinks.all())
    compared = np.flatnonzero(~kinks | ~np.isfinite(flat) | only_kinks)
    return _verdict(
        flat,
        value,
        error,
        tolerance,
        compared,
        kinks,
        shape,
        probes,
        sharpness,
        float(np.abs(f_x[0]) / probes.sizes.max()),
        only_kinks,
    )


def _verdict(
    flat: Array,
    value: Array,
    error: Array,
    tolerance: Array,
    compared: Array,
    kinks: Array,
    shape: Index,
    probes: Probes,
    sharpness: float,
    natural: float,
    only_kinks: bool,
) -> GradientCheck:
    """Return the result: wrong if an error exceeds its tolerance, unsuitable if that is large."""

    def index(i: Any) -> Index:
        return tuple(int(k) for k in np.unravel_index(i, shape))

    known = np.concatenate([np.abs(value[compared]), np.abs(flat[compared])])
    scale = float(known[np.isfinite(known)].max(initial=0.0))
    blur = float(tolerance[compared].max(initial=0.0))
    # Both gradients zero to within the tolerance: measure it against f itself instead.
    reference = natural if scale <= blur else scale
    with np.errstate(divide="ignore", invalid="ignore"):
        excess = np.where(error[compared] == 0, 0.0, error[compared] / tolerance[compared])
    excess = np.where(np.isnan(excess), np.inf, excess)
    worst = int(compared[np.argmax(excess)])
    unit = reference if reference > 0 else 1.0
    reason = ""
    if not np.all(np.isfinite(flat)):
        reason = "the gradient holds NaN or infinity"
    elif not np.isfinite(blur):
        reason = "f is not finite beside x: move x, or give a smaller h"
    elif reference == 0 and not error[compared].any():
        reason = ""  # f is zero all around x, and so is the gradient: there is no scale to ask for
    elif not only_kinks and blur > sharpness * reference:
        reason = (
            f"step unsuitable: the difference itself is uncertain by {blur / unit:.0e} of "
            f"the gradient, more than the {sharpness:.0e} that the check has to see. "
            "Leave out h, or plot the error against h"
        )
    elif excess.max() > 1.0:
        reason = "the gradient is wrong"
    return GradientCheck(
        ok=not reason,
        error=float(error[worst] / unit),
        tolerance=float(tolerance[worst] / unit),
        worst=index(worst),
        kinks=tuple(index(i) for i in np.flatnonzero(kinks)),
        evaluations=probes.evaluations,
        compared=0 if only_kinks else len(compared),
        reason=reason,
    )


def _claimed_gradient(grad: ArrayLike | Callable[[Any], ArrayLike], x: Array) -> Array:
    """Return the gradient to be checked as a floating array of x's shape."""
    claimed = np.asarray(grad(x.copy()) if callable(grad) else grad)
    if claimed.dtype.kind in "iub":
        claimed = claimed.astype(np.float64)
    if claimed.dtype.kind != "f":
        raise TypeError(f"grad has dtype {claimed.dtype}; give real numbers")
    if claimed.shape != x.shape:
        raise ValueError(f"grad has shape {claimed.shape}; a gradient has x's shape, {x.shape}")
    return claimed


def _random_directions(k: int, size: int, seed: int) -> Array:
    """Return k random unit vectors, (k, size)."""
    if isinstance(k, bool) or not isinstance(k, int | np.integer) or k < 1:
        raise ValueError(f"directions is {k!r}; give a whole number ≥ 1, or None for every entry")
    vectors = np.random.default_rng(seed).normal(size=(int(k), size))
    unit: Array = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit


def _positive(resolution: float) -> float:
    """Return resolution if it is a number above 0."""
    if isinstance(resolution, bool) or not isinstance(resolution, Real):
        raise TypeError(f"resolution is {resolution!r}; give a number above 0, such as 1e-6")
    if not 0.0 < resolution < np.inf:
        raise ValueError(f"resolution is {resolution!r}; give a number above 0, such as 1e-6")
    return float(resolution)


def _switches(pattern: Callable[[Any], ArrayLike], probes: Probes, h: Array) -> Array:
    """Return (lines,) bool: does any unit switch between x − h and x + h?"""
    switched = np.zeros(probes.lines, dtype=bool)
    for i in range(probes.lines):
        line = np.zeros(probes.x.size) if probes.directions is None else probes.directions[i]
        if probes.directions is None:
            line[i] = 1.0
        shift = (h[i] * line).reshape(probes.x.shape)
        above = np.asarray(pattern((probes.x + shift).astype(probes.x.dtype)))
        below = np.asarray(pattern((probes.x - shift).astype(probes.x.dtype)))
        if above.dtype != bool or above.shape != below.shape:
            raise TypeError(
                f"pattern must return a bool array of one shape; it returned "
                f"{above.dtype} {above.shape} and {below.dtype} {below.shape}"
            )
        switched[i] = bool(np.any(above != below))
    return switched
