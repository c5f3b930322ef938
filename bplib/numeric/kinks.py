"""Where f has no slope: a search that a curve, however steep, does not fool."""

from __future__ import annotations

import numpy as np

from bplib.numeric.probes import Array, Probes


def has_kink(probes: Probes, rows: Array, h: Array, f_x: Array, noise: Array) -> Array:
    """Return, for each of the lines `rows`, whether a scalar f has a kink between x − h and x + h.

    The interval is halved again and again, always into the left, middle or right half whose
    midpoint lies farthest from the chord, so the search closes in on a kink.  Per width, the
    gap between midpoint and chord is the change of the slope.  A curve straightens: its change
    of slope halves with the width.  A kink keeps it.

    rows: (k,) line numbers; h: (k,) steps; f_x and noise: (1,), f at x and its rounding.
    Returns (k,) bool.  Where f is not finite the answer is False.  A jump of f itself counts.
    """
    eps = float(np.finfo(probes.x.dtype).eps)
    # The last width must leave the change of slope visible above the rounding of f and of x.
    room = float(np.min(h / probes.sizes[rows])) / eps**0.6
    halvings = int(np.clip(np.log2(room), 6, 14))
    center, width = np.zeros(len(rows)), h.astype(np.float64)
    left, right = probes.at(rows, -h)[0][:, 0], probes.at(rows, h)[0][:, 0]
    middle = np.full(len(rows), f_x[0])
    # x ± h is rounded too: the slope times a spacing of x counts as noise.
    with np.errstate(invalid="ignore", over="ignore"):
        spacing = eps * float(np.abs(probes.x).max())
        blur = noise[0] + spacing * np.abs(right - left) / (2 * h)
        largest = np.abs(left - 2 * middle + right) / width
    change = largest
    for _ in range(halvings):
        before = probes.at(rows, center - width / 2)[0][:, 0]
        after = probes.at(rows, center + width / 2)[0][:, 0]
        triples = np.array(
            [[left, before, middle], [before, middle, after], [middle, after, right]]
        )
        with np.errstate(invalid="ignore", over="ignore"):
            gaps = np.abs(triples[:, 0] - 2 * triples[:, 1] + triples[:, 2])
        gaps = np.where(np.isfinite(gaps), gaps, -1.0)
        choice = np.argmax(gaps, axis=0)
        center = center + (choice - 1) * width / 2
        width = width / 2
        left, middle, right = triples[choice, :, np.arange(len(rows))].T
        change = gaps.max(axis=0) / width
        largest = np.fmax(largest, change)
    # For a smooth f the change has fallen by 2^halvings; a factor 16 is left for its unevenness.
    kept: Array = (change > largest * 2.0 ** (4 - halvings)) & (change > 32 * blur / width)
    return kept
