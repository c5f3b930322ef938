"""The picture of gradient descent: the path over the landscape of C, and C by epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bplib.explore.live import LiveFigure, Panel
from bplib.explore.style import BLACK, BLUE, GRAY, VERMILLION, axes, count, legend, short
from bplib.nn.checks import Array

if TYPE_CHECKING:
    from bplib.explore.explorers.descent import Numbers

MOST_POINTS = 400  # of a path: more cannot be told apart, and take longer to draw


class Picture:
    """Left: the path of (w_1, w_2) over contours of C.  Right: C by epoch, on a fixed log axis."""

    def __init__(self, w_grid: Array, landscape: Array, bias: float) -> None:
        self.left, self.right = Panel(415, 290), Panel(415, 290)
        limit = float(w_grid[-1])
        ax = axes(self.left, f"Path over C (contours: b = {short(bias)})", "w_1", "w_2",
                  (-limit, limit), (-limit, limit))  # fmt: skip
        levels = np.geomspace(landscape.min() * 1.03, landscape.max(), 14)
        ax.contour(w_grid, w_grid, landscape, levels=levels, colors="0.65", linewidths=0.8)
        row, column = np.unravel_index(landscape.argmin(), landscape.shape)
        ax.plot(w_grid[column], w_grid[row], "+", color=BLACK, ms=9, label="lowest C")
        self.path = self.left.live(ax.plot([0], [0], "-", color=BLUE, lw=1, alpha=0.8)[0])
        self.epochs = self.left.live(ax.plot([0], [0], "o", color=BLUE, ms=3.5)[0])
        self.begin = self.left.live(ax.plot([0], [0], "s", color=BLACK, ms=7)[0])
        self.end = self.left.live(ax.plot([0], [0], "*", color=VERMILLION, ms=15, mec="w")[0])
        ax.plot([], [], "s", color=BLACK, label="start")
        ax.plot([], [], "*", color=VERMILLION, ms=10, label="kept")
        legend(ax, loc="upper right")
        right = axes(self.right, "Cost", "epoch", "C", (-0.5, 40.5), (0.1, 100), "y")
        self.costs, self.later = [], []
        for name, color, marker, dash in (
            ("training rows", BLUE, "o", "-"), ("held-out rows", VERMILLION, "s", "--"),
        ):  # fmt: skip
            same: dict[str, Any] = {"color": color, "ls": dash, "marker": marker}
            same |= {"ms": 3, "markevery": 2}
            right.plot([], [], label=name, **same)
            self.later.append(self.right.live(right.plot([0], [1], alpha=0.25, **same)[0]))
            self.costs.append(self.right.live(right.plot([0], [1], **same)[0]))
        legend(right, loc="upper right")
        self.stop = self.right.live(right.axvline(0, color=GRAY, ls=":"))
        self.best = self.right.live(right.plot([0], [1], "*", color=VERMILLION, ms=15, mec="w")[0])
        self.figure = LiveFigure([self.left, self.right])

    def show(self, n: Numbers) -> None:
        """Draw the path up to the stop; what would have come later is pale."""
        last = len(n.run.train) - 1 if n.stop is None else n.stop
        walked = n.run.path[: n.run.epoch_starts[last] + 1]
        every = max(1, len(walked) // MOST_POINTS)
        self.path.set_data(*walked[::every].T)
        by_epoch = n.run.path[n.run.epoch_starts[: last + 1]]
        self.epochs.set_data(*by_epoch.T)
        self.begin.set_data(*walked[:1].T)
        kept = n.run.path[n.run.epoch_starts[n.best]]
        self.end.set_data([kept[0]], [kept[1]])
        limit = self.left.figure.axes[0].get_xlim()[1]
        far = float(np.abs(walked).max())
        where = f"leaves the picture, up to {short(far)}" if far > limit else "one dot per epoch"
        self.left.caption = f"{count(len(walked) - 1, 'update')}; {where}"
        for i, costs in enumerate((n.run.train, n.run.held_out)):
            shown = np.clip(costs, 0.1, 100)
            self.costs[i].set_data(np.arange(last + 1), shown[: last + 1])
            self.later[i].set_data(np.arange(last, len(shown)), shown[last:])
        self.stop.set_xdata([last, last])
        self.stop.set_visible(n.stop is not None)
        stop = "runs to the end" if n.stop is None else f"stops at epoch {last}"
        self.right.caption = f"{stop}, keeps epoch {n.best} (star)"
        self.best.set_data([n.best], [np.clip(n.run.held_out[n.best], 0.1, 100)])
        self.left.alt = (
            f"Path of the two weights from ({short(walked[0, 0])}, {short(walked[0, 1])}) to "
            f"({short(walked[-1, 0])}, {short(walked[-1, 1])}) over contours of the cost."
        )
        self.right.alt = (
            f"Cost by epoch, log axis: training from {short(n.run.train[0])} to "
            f"{short(n.run.train[last])}, held out from {short(n.run.held_out[0])} to "
            f"{short(n.run.held_out[last])} at epoch {last}."
        )
