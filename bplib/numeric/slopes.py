"""Central differences at three step sizes, and what these tell about their own error.

Steps h, h/2, h/4 show what a single one hides:
- how the central difference D(h) = slope + c·h² + … still changes: its truncation error;
- how far the two one-sided slopes stay apart, extrapolated to h = 0: the jump of a kink;
- and a few values very close to x show how f itself is rounded, an error that D divides by h.
Richardson's extrapolation R(h) = (4 D(h/2) − D(h)) / 3 removes the h² term.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bplib.numeric.probes import Array, Probes

SAFETY = 8.0  # rounding is known by its spread: of thousands of values, none lies 8 spreads away
SHRINK = (2.0**-5, 2.0**-10, 2.0**-15, 2.0**-20)  # f bends sharply, or a kink is near: go closer
GROW = (4.0, 16.0)  # f changes so little that its rounding shows: go farther


def first_steps(probes: Probes) -> Array:
    """Return h = 4·eps^(1/5)·max(1, |x|) for each line: h/4 suits a rule of fourth order."""
    steps: Array = 4 * float(np.finfo(probes.x.dtype).eps) ** 0.2 * probes.sizes
    return steps


@dataclass(eq=False)
class Rows:
    """Slopes along some lines, (k, outputs), with the two parts of their error, and steps (k,)."""

    slope: Array
    truncation: Array
    rounding: Array
    step: Array

    @property
    def error(self) -> Array:
        """Return the bound of the error, (k, outputs); infinite where f was not finite."""
        total: Array = self.truncation + self.rounding
        return np.where(np.isfinite(total) & np.isfinite(self.slope), total, np.inf)

    def replace_where_better(self, rows: Array, other: Rows) -> None:
        """Take the slopes of `other`, which belong to these rows, where its error is smaller."""
        better = other.error < self.error[rows]
        for name in ("slope", "truncation", "rounding"):
            mine, its = getattr(self, name), getattr(other, name)
            mine[rows] = np.where(better, its, mine[rows])
        self.step[rows] = np.where(better.any(axis=1), other.step, self.step[rows])


def rounding_noise(probes: Probes, f_x: Array) -> Array:
    """Return the spread of the rounding errors in values of f near x, (outputs,).

    Nine values on a line, 2^10 spacings apart: their fourth differences contain nothing of a
    smooth f, only its rounding, enlarged by a known factor (the root of the binomial
    coefficients' squares, 70).  Never less than eps·|f| / 2.
    Source: Hamming's difference table; Moré and Wild, "Estimating computational noise", 2011.
    """
    x = probes.x
    spacing = 2.0**10 * float(np.finfo(x.dtype).eps)
    signs = np.random.default_rng(0).choice([-1.0, 1.0], x.shape)
    shift = signs * spacing * 2.0 ** np.ceil(np.log2(np.maximum(1.0, np.abs(x))))
    points = np.stack([(x + j * shift).astype(x.dtype).ravel() for j in range(-4, 5) if j])
    values = probes.evaluate(points)
    fourth = np.diff(np.insert(values, 4, f_x, axis=0), n=4, axis=0)
    measured = np.sqrt(np.mean(fourth**2, axis=0) / 70.0)
    floor = 0.5 * probes.eps * np.abs(f_x)
    return np.where(np.isfinite(measured), np.maximum(measured, floor), floor)


def slopes(
    probes: Probes, rows: Array, h: Array, f_x: Array, noise: Array, extrapolate: bool
) -> Rows:
    """Return the slopes along the lines `rows` with steps h: D(h), or extrapolated R(h/2)."""
    D, jump = [], []
    for part in (1.0, 0.5, 0.25):
        above, up = probes.at(rows, part * h)
        below, down = probes.at(rows, -part * h)
        up, down = up[:, None], down[:, None]
        with np.errstate(invalid="ignore", over="ignore"):
            D.append((above - below) / (up - down))
            jump.append((above - f_x) / up - (f_x - below) / -down)  # f″h + f⁗h³/12 + …
    with np.errstate(invalid="ignore", over="ignore"):
        # The jump of the slope at x itself: extrapolate its h and h³ terms away.
        first, second = 2 * jump[1] - jump[0], 2 * jump[2] - jump[1]
        half_jump = np.abs(8 * second - first) / 14
        coarse, fine = (4 * D[1] - D[0]) / 3, (4 * D[2] - D[1]) / 3
        if extrapolate:
            slope, change, factor = fine, 2 * np.abs(fine - coarse), 4.0
        else:
            slope, change, factor = D[0], np.abs(D[0] - fine) + np.abs(fine - coarse), 1.0
    if probes.directions is not None:
        # All entries of x + t·v are rounded, and no single step can make up for that.
        entries = np.sqrt(probes.x.size) * float(np.abs(probes.x).max())
        noise = noise + float(np.finfo(probes.x.dtype).eps) * entries * np.abs(slope)
    rounding = SAFETY * factor * noise / h[:, None]
    return Rows(slope, change + half_jump, rounding, h.copy())


def best_slopes(probes: Probes, f_x: Array, noise: Array) -> Rows:
    """Return the slope along every line, each with the step that suits it best.

    Where the error of the first steps stays above eps^(1/2) of the largest slope, smaller or
    larger ones are tried, and the one with the smallest error is kept.
    """
    first = first_steps(probes)
    rows = np.arange(probes.lines)
    best = slopes(probes, rows, first, f_x, noise, extrapolate=True)
    finest = 64 * float(np.finfo(probes.x.dtype).eps) * probes.sizes
    for factors, towards_smaller in ((SHRINK, True), (GROW, False)):
        for factor in factors:
            known = best.slope[np.isfinite(best.error)]
            goal = float(np.sqrt(probes.eps)) * np.abs(known).max(initial=0.0)
            bends = ~(best.truncation <= best.rounding)  # also where f was not finite
            untried = (best.step == first) | towards_smaller
            wanted = (best.error > goal) & (bends == towards_smaller) & untried[:, None]
            retry = np.flatnonzero(wanted.any(axis=1) & (first * factor > finest))
            if not retry.size:
                break
            h = first[retry] * factor
            other = slopes(probes, retry, h, f_x, noise, extrapolate=True)
            best.replace_where_better(retry, other)
    return best
