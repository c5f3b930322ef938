"""The picture of numerical gradients: V curves, and the number of passes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bplib.explore.live import LiveFigure, Panel
from bplib.explore.style import BLUE, GRAY, GREEN, VERMILLION, axes, legend, mark, short

if TYPE_CHECKING:
    from bplib.explore.explorers.checking import Numbers

RULES = ("forward", "central", "complex")
STYLES = ((VERMILLION, "s", "--"), (BLUE, "o", "-"), (GREEN, "^", "-."))
H = 10.0 ** np.linspace(-15, 0, 61)
WEIGHTS = 10.0 ** np.linspace(0, 8, 9)
FLOOR = 1e-18
UNSEEN = "refused (h too small)"


def word(error: float) -> str:
    """Return an error in words; NaN stands for a step that was refused."""
    return UNSEEN if np.isnan(error) else "exact" if error == 0 else short(error)


class Picture:
    """Left: V curves.  Right: evaluations of f against the number of weights."""

    def __init__(self) -> None:
        self.left, self.right = Panel(415, 280), Panel(415, 280)
        ax = axes(self.left, "Error of one slope", "step h", "relative error",
                  (5e-16, 2), (FLOOR / 2, 1e6), "xy")  # fmt: skip
        right = axes(self.right, "Passes for one gradient", "number of weights", "passes",
                     (1, 1e8), (0.5, 3e8), "xy")  # fmt: skip
        self.curves, self.points, self.dots = [], [], []
        counts = (WEIGHTS + 1, 2 * WEIGHTS, WEIGHTS)
        for name, (color, marker, dash), count in zip(RULES, STYLES, counts, strict=True):
            same: dict[str, Any] = {"color": color, "ls": dash, "marker": marker, "ms": 4}
            dot: dict[str, Any] = {"color": color, "marker": marker, "ls": "", "ms": 9}
            dot |= {"mec": "white", "clip_on": False}
            ax.plot([], [], label=name, **same)
            right.plot(WEIGHTS, count, label=name, **same)
            self.curves.append(self.left.live(ax.plot(H, H, markevery=4, **same)[0]))
            self.points.append(self.left.live(ax.plot([1], [1], **dot)[0]))
            self.dots.append(self.right.live(right.plot([1], [1], **dot)[0]))
        right.axhline(3, color=GRAY, lw=2, label="backpropagation")
        diamond = right.plot([1], [3], "D", color=GRAY, ms=8, mec="w", clip_on=False)[0]
        self.ours = self.right.live(diamond)
        legend(ax, loc="upper right", ncols=3, columnspacing=1)
        legend(right, loc="upper left")
        self.at = self.left.live(ax.axvline(1, color=GRAY, lw=1, ls=":"))
        self.figure = LiveFigure([self.left, self.right])

    def show(self, n: Numbers) -> None:
        """Move curves and points; an error of exactly 0 is drawn on the floor of the axes."""
        for i in range(3):
            self.curves[i].set_ydata(np.clip(n.over_h[i], FLOOR, None))
            self.points[i].set_data([n.h], [max(n.error[i], FLOOR)])
            self.dots[i].set_data([n.weights], [n.evaluations[i]])
        self.ours.set_xdata([n.weights])
        self.at.set_xdata([n.h, n.h])
        said = ", ".join(f"{name} {word(e)}" for name, e in zip(RULES, n.error, strict=True))
        self.left.caption, self.right.caption = (
            ",&ensp;".join(
                mark(f"{symbol} {RULES[i]}", STYLES[i][0], row[i]) for i, symbol in enumerate("■●▲")
            )
            for row in ([word(e) for e in n.error], [f"{e:,.0f}" for e in n.evaluations])
        )
        self.left.alt = (
            f"Relative error against h, log axes, {n.dtype}. At h = {short(n.h)}: {said}."
        )
        self.right.alt = (
            f"Passes against number of weights, log axes. For {n.weights:,.0f} weights: forward "
            f"{n.evaluations[0]:,.0f}, central {n.evaluations[1]:,.0f}, complex "
            f"{n.evaluations[2]:,.0f}, backpropagation {n.backward:g}."
        )
