"""Numerical gradients with a bound of their own error, so that no tolerance has to be guessed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from bplib.numeric.kinks import has_kink
from bplib.numeric.probes import Array, Function, Probes, as_real_point, as_step
from bplib.numeric.slopes import (
    SAFETY,
    Rows,
    best_slopes,
    first_steps,
    rounding_noise,
    slopes,
)


@dataclass(frozen=True, eq=False)
class Estimate:
    """A numerical gradient and what it is worth.

    value: shape of x, float64; the slope (at a kink the mean of both slopes).
    error: shape of x, float64; a bound that the error of `value` should not exceed, made of
    truncation, rounding and half the jump of the slope at a kink.
    kinks: shape of x, bool; True where the slope jumps so near to x that no step avoids it.
    evaluations: number of values of f.
    """

    value: Array
    error: Array
    kinks: Array
    evaluations: int


def measure(probes: Probes, h: float | None) -> tuple[Rows, Array, Array]:
    """Return the slopes along all lines of a scalar f, which of them cross a kink, and f(x).

    h None: the best steps; else the central difference at exactly h.  A line is searched for a
    kink if its error exceeds eps^(2/5) of the largest slope.
    """
    f_x = probes.at_x()
    noise = rounding_noise(probes, f_x)
    if h is None:
        found = best_slopes(probes, f_x, noise)
        reach = first_steps(probes)
    else:
        reach = np.full(probes.lines, h)
        found = slopes(probes, np.arange(probes.lines), reach, f_x, noise, extrapolate=False)
    known = found.slope[np.isfinite(found.error)]
    visible = resolution_of(probes) * np.abs(known).max(initial=0.0)
    suspects = np.flatnonzero(found.error[:, 0] > visible)
    kinks = np.zeros(probes.lines, dtype=bool)
    if suspects.size:
        kinks[suspects] = has_kink(probes, suspects, reach[suspects], f_x, noise)
    return found, kinks, f_x


def resolution_of(probes: Probes) -> float:
    """Return eps^(2/5), half the digits of a fourth-order difference: 5e-7, float32 2e-3."""
    return float(probes.eps**0.4)


def estimate(f: Function, x: ArrayLike, batched: bool = False) -> Estimate:
    """Return the numerical gradient of a scalar f at x with a bound of its error and its kinks.

    f, x, batched, errors raised: as for `gradient`.

    >>> found = estimate(lambda x: np.maximum(x, 0).sum(), np.array([-1.0, 0.0, 2.0]))
    >>> found.kinks
    array([False,  True, False])
    """
    x = as_real_point(x)
    probes = Probes(f, x, batched=batched)
    found, kinks, _ = measure(probes, None)
    return Estimate(
        found.slope.reshape(x.shape),
        found.error.reshape(x.shape),
        kinks.reshape(x.shape),
        probes.evaluations,
    )


def gradient(f: Function, x: ArrayLike, batched: bool = False) -> Array:
    """Return the numerical gradient of a scalar f at x, shape and dtype of x: the best default.

    Central differences with Richardson's extrapolation; the step of each entry adapts where f
    bends sharply, changes slowly, or has a kink near by.  Relative accuracy 1e-9 or better for
    smooth f in float64 (1e-3 in float32).  At a kink: the mean of both slopes.
    f maps x's shape to one number, or (k, *x.shape) to (k,) with batched=True.
    Values of f: 6 per entry and 9, more where the step adapts.  x is never changed.

    Raises TypeError (x not float64 or float32, f not a real number) and ValueError (x empty or
    not finite, f not a scalar, f not finite at or beside x).

    >>> gradient(lambda x: np.sum(np.sin(x)), np.array([0.0, np.pi])).round(9)
    array([ 1., -1.])
    """
    x = as_real_point(x)
    probes = Probes(f, x, batched=batched)
    f_x = probes.at_x()
    return _finite(best_slopes(probes, f_x, rounding_noise(probes, f_x)), x)[:, 0].reshape(x.shape)


def jacobian(f: Function, x: ArrayLike, batched: bool = False) -> Array:
    """Return ∂f/∂x of an array-valued f, shape f(x).shape + x.shape, dtype of x.

    f maps x's shape to an array of a fixed shape, or (k, *x.shape) to (k, ...) with
    batched=True.  Method, accuracy, kinks and errors raised: as for `gradient`.

    >>> jacobian(lambda x: np.array([x[0] * x[1], x[0]]), np.array([2.0, 3.0])).round(9)
    array([[3., 2.],
           [1., 0.]])
    """
    x = as_real_point(x)
    probes = Probes(f, x, batched=batched, scalar=False)
    f_x = probes.at_x()
    if not f_x.size:
        raise ValueError(f"f(x) has shape {probes.output_shape}, no entries; return at least one")
    found = _finite(best_slopes(probes, f_x, rounding_noise(probes, f_x)), x)
    return found.T.reshape(*(probes.output_shape or ()), *x.shape)


def _finite(found: Rows, x: Array) -> Array:
    """Return the slopes (x.size, outputs) in x's dtype; ValueError where no step found any."""
    bad = np.flatnonzero(~np.isfinite(found.slope).all(axis=1))
    if bad.size:
        index = tuple(int(i) for i in np.unravel_index(bad[0], x.shape))
        raise ValueError(
            f"f is not finite beside x at entry {index}; "
            "move x away from the edge of the domain of f"
        )
    return found.slope.astype(x.dtype)


def difference_error(
    f: Function, x: ArrayLike, h: float, kind: str = "central", batched: bool = False
) -> Array:
    """Return a bound of the error of a difference with step h, for each entry (float64).

    The truncation is measured from the steps h, h/2 and h/4, the rounding is the measured
    noise of f divided by h.  kind: "central" or "forward".  This is the tolerance that
    a check with this difference deserves: plotted against h it is the V curve of unit 06.

    Raises ValueError for another kind, else as the differences; h/4 must still change x.

    >>> error = [difference_error(lambda x: np.exp(x).sum(), np.ones(1), h).item()
    ...          for h in (1e-1, 1e-5, 1e-12)]
    >>> error[0] > 1e-3, error[1] < 1e-9, error[2] > 1e-4
    (True, True, True)
    """
    x = as_real_point(x)
    if kind not in ("central", "forward"):
        raise ValueError(f'kind is {kind!r}; allowed are "central" and "forward"')
    steps = np.full(x.size, as_step(h, x, smallest=0.25))
    probes = Probes(f, x, batched=batched)
    f_x = probes.at_x()
    noise = rounding_noise(probes, f_x)
    rows = np.arange(x.size)
    if kind == "central":
        return slopes(probes, rows, steps, f_x, noise, False).error.reshape(x.shape)
    F = []
    for part in (1.0, 0.5, 0.25):
        ahead, made = probes.at(rows, part * steps)
        F.append((ahead - f_x)[:, 0] / made)
    coarse, fine = 2 * F[1] - F[0], 2 * F[2] - F[1]  # without the h term
    change = np.abs(F[0] - fine) + np.abs(fine - coarse)
    bound: Array = (change + 2 * SAFETY * noise[0] / steps).reshape(x.shape)
    return np.where(np.isfinite(bound), bound, np.inf)
