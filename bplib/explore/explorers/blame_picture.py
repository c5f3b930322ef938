"""The picture of blame: the net with its flows, and the sum of BP2 for the chosen unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.collections import LineCollection

from bplib.explore.drawing import UNIT, draw_net, segments
from bplib.explore.glyphs import Label
from bplib.explore.live import LiveFigure, Panel
from bplib.explore.style import BLACK, BLUE, FONT, SIGNED, VERMILLION, axes, canvas, short

if TYPE_CHECKING:
    from bplib.explore.explorers.blame import Numbers

SIZES = [3, 4, 3, 2]
# Dashes are as long as the line is wide, so a line without width would have no end of them.
FINEST = 0.3
WIDEST = 12.0  # points, for a flow as large as the largest error of the outputs
NAMES = ("w·delta\nunit 1", "w·delta\nunit 2", "w·delta\nunit 3", "sum", "× slope\n= delta")
ROWS = len(NAMES)
RANGE = 1e-3  # the axis of the sum is linear within ±RANGE and logarithmic beyond


class Picture:
    """Left: the net; a line is as wide as the root of the blame on it.  Right: the terms of BP2."""

    def __init__(self) -> None:
        self.left, self.right = Panel(394, 290, lines=0), Panel(415, 290, lines=2)
        ax = canvas(self.left, "← blame flows from the outputs to the unit",
                    (-0.35, 3.35), (-1.3, 1.0))  # fmt: skip
        self.centers = draw_net(ax, SIZES, 0.14)
        empty = LineCollection([], linewidths=[], zorder=1)
        self.flows = self.left.live(ax.add_collection(empty))
        spots = np.concatenate(self.centers)
        style: dict[str, Any] = {"s": 44**2, "marker": UNIT, "edgecolors": BLACK, "zorder": 2}
        self.units = self.left.live(ax.scatter(*spots.T, **style))
        self.texts = [self.left.live(Label(ax, x, y, FONT)) for x, y in spots]
        ax.plot([], [], color=BLUE, ls="-", lw=3, label="positive")
        ax.plot([], [], color=VERMILLION, ls=(0, (1.5, 0.7)), lw=3, label="negative")
        ax.legend(fontsize=FONT - 1, loc="upper right", handlelength=3, frameon=False)
        right = axes(self.right, "BP2, term by term", "", "", (-2, 2), (-0.6, ROWS - 0.4))
        right.set_xscale("symlog", linthresh=RANGE)
        right.set_xticks([-1, -1e-2, 0, 1e-2, 1], ["−1", "−0.01", "0", "0.01", "1"])
        right.set_yticks(range(ROWS - 1, -1, -1), NAMES)
        right.axvline(0, color=BLACK, lw=0.8)
        self.bars = self.right.live(right.add_collection(LineCollection([], linewidths=14)))
        self.absent = self.right.live(Label(right, RANGE, ROWS - len(NAMES[:3]), FONT))
        self.figure = LiveFigure([self.left, self.right])

    def show(self, n: Numbers) -> None:
        """Set widths, colors and numbers."""
        lines, flows = [], []
        for layer, flow in n.flows.items():
            lines += list(segments(self.centers, layer))
            flows.append(flow.ravel())
        flow = np.concatenate(flows)
        scale = max(float(np.abs(n.delta[-1]).max()), 1e-12)
        self.flows.set_segments(lines)
        self.flows.set_linewidths(np.clip(WIDEST * (np.abs(flow) / scale) ** 0.5, FINEST, WIDEST))
        self.flows.set_color([BLUE if f >= 0 else VERMILLION for f in flow])
        self.flows.set_linestyle(["-" if f >= 0 else (0, (1.5, 0.7)) for f in flow])
        deltas = np.concatenate(n.delta)
        tint = 0.5 + 0.25 * np.sign(deltas) * np.minimum(1, np.abs(deltas) / scale) ** 0.5
        chosen = SIZES[0] + sum(SIZES[1 : n.layer]) + n.unit
        self.units.set_facecolor([(0.93, 0.93, 0.93, 1.0)] * SIZES[0] + list(SIGNED(tint)))
        self.units.set_linewidths([3.5 if i == chosen else 0.8 for i in range(sum(SIZES))])
        names = [f"x_{k + 1}" for k in range(SIZES[0])]
        names += [short(float(delta), 2) for delta in deltas]
        for label, name in zip(self.texts, names, strict=True):
            label.set_text(name)
        self._sum(n)
        size = short(n.blame)
        self.left.alt = (
            f"Network 3-4-3-2 with the paths from both outputs to unit {n.unit + 1} of layer "
            f"{n.layer}; the blame on them adds up to {size} in every layer."
        )
        terms = ", ".join(short(float(t)) for t in n.weights * n.above)
        self.right.alt = f"Terms w·delta: {terms}; times the slope {short(n.slope)} gives {size}."

    def _sum(self, n: Numbers) -> None:
        shares = [float(t) for t in n.weights * n.above]
        values = [*shares, *[0.0] * (ROWS - 2 - len(shares)), sum(shares), n.blame]
        rows = reversed(range(ROWS))
        self.absent.set_text("" if len(shares) == 3 else "(layer 3 has two units)")
        self.bars.set_segments([[(0, y), (v, y)] for y, v in zip(rows, values, strict=True)])
        self.bars.set_color([BLUE if v >= 0 else VERMILLION for v in values])
        terms = " + ".join(
            f"{_factor(float(w))}·{_factor(float(d))}"
            for w, d in zip(n.weights, n.above, strict=True)
        )
        self.right.caption = f"({terms}) × {short(n.slope)} = <b>{short(n.blame)}</b>"


def _factor(value: float) -> str:
    return short(value, 2) if value >= 0 else f"({short(value, 2)})"
