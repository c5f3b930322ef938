"""The picture of saturation: curve, slope, histogram of z, and the error layer by layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from bplib.explore.live import LiveFigure, Panel
from bplib.explore.style import BLACK, BLUE, GRAY, VERMILLION, axes, mark, percent, short
from bplib.nn.checks import Array

if TYPE_CHECKING:
    from bplib.explore.explorers.saturation import Numbers, Side

Curve = Callable[[str, Array], Array]
Z_GRID = np.linspace(-12.0, 12.0, 401)
EDGES = np.linspace(-12.0, 12.0, 49)
SIDES = ((BLUE, "o", "-", "●"), (VERMILLION, "s", "--", "■"))
FLOOR = 1e-12


class Picture:
    """Four panels with fixed axes; each side has a color, a marker and a dash of its own."""

    def __init__(self, phi: Curve, slope: Curve) -> None:
        self.phi, self.slope = phi, slope
        # Four in a row beside the file browser of a laptop, two by two on a telephone.
        self.panels = [Panel(194, 176, lines=2) for _ in range(4)]
        one, two, three, four = self.panels
        z = "weighted input z"
        ax_1 = axes(one, "Activation φ(z)", z, "", (-12, 12), (-2.2, 6))
        ax_2 = axes(two, "φ′(z), in BP1 and BP2", z, "", (-12, 12), (-0.65, 1.15))
        ax_3 = axes(three, "Units; dark = flat", "z (edges: all beyond)", "",
                    (-12, 12), (-0.5, 0.5))  # fmt: skip
        ax_3.axhline(0, color=BLACK, lw=0.8)
        ax_3.set_yticks([-0.4, -0.2, 0, 0.2, 0.4], ["40 %", "20 %", "0", "20 %", "40 %"])
        for ax in (ax_1, ax_2, ax_3):
            ax.set_xticks([-10, 0, 10])
        ax_1.set_yticks([-2, 0, 2, 4, 6])
        ax_4 = axes(four, "Error left, by layer", "layer", "‖delta‖ / ‖∂C/∂A‖",
                    (0.6, 8.4), (FLOOR, 1e12), "y")  # fmt: skip
        ax_4.set_xticks(range(1, 9))
        ax_4.set_yticks([FLOOR, 1e-6, 1, 1e6, 1e12])
        quarter = 0.25 ** np.arange(8, 0, -1)
        ax_4.plot(np.arange(1, 9), quarter, ":", color=GRAY, label="¼ per layer")
        ax_4.legend(fontsize=8, loc="upper right")
        self.curves, self.points, self.slopes, self.dots, self.errors = [], [], [], [], []
        self.bars, self.dark = [], []
        for color, marker, dash, _ in SIDES:
            same: dict[str, Any] = {"color": color, "ls": dash}
            dot: dict[str, Any] = {"color": color, "marker": marker, "ls": "", "ms": 8}
            dot |= {"mec": "white", "clip_on": False}
            self.curves.append(one.live(ax_1.plot(Z_GRID, Z_GRID, **same)[0]))
            self.slopes.append(two.live(ax_2.plot(Z_GRID, Z_GRID, **same)[0]))
            self.points.append(one.live(ax_1.plot([0], [0], **dot)[0]))
            self.dots.append(two.live(ax_2.plot([0], [0], **dot)[0]))
            zero = np.zeros(len(EDGES) - 1)
            self.bars.append(three.live(ax_3.stairs(zero, EDGES, fill=True, fc=color, alpha=0.35)))
            self.dark.append(three.live(ax_3.stairs(zero, EDGES, fill=True, fc=color)))
            line = ax_4.plot(np.arange(1, 9), quarter, marker=marker, ms=6, **same)[0]
            self.errors.append(four.live(line))
        self.figure = LiveFigure(self.panels, together=2)

    def show(self, n: Numbers) -> None:
        """Move everything; values beyond the axes are drawn at their edge."""
        z = float(np.clip(n.z, -12, 12))
        columns = np.clip(n.Z, -11.9, 11.9)
        for i, side in enumerate(n.sides):
            sign = 1 - 2 * i
            self.curves[i].set_ydata(self.phi(side.name, Z_GRID))
            self.slopes[i].set_ydata(self.slope(side.name, Z_GRID))
            self.points[i].set_data([z], [np.clip(side.a, -2.2, 6)])
            self.dots[i].set_data([z], [side.slope])
            share = np.histogram(columns, EDGES)[0] / len(columns)
            flat = np.histogram(columns[side.is_flat], EDGES)[0] / len(columns)
            self.bars[i].set_data(sign * np.minimum(share, 0.5))
            self.dark[i].set_data(sign * np.minimum(flat, 0.5))
            self.errors[i].set_ydata(np.maximum(side.kept, FLOOR))
        a, b = n.sides
        at = f"at the marked z = {short(n.z)}"
        alts = (
            f"Curves of {a.name} and {b.name}; {at} they are {short(a.a)} and {short(b.a)}.",
            f"Slopes of {a.name} and {b.name}; {at} they are {short(a.slope)} and "
            f"{short(b.slope)}.",
            f"Histogram of z: mean {short(n.bias)}, spread {short(n.gain * n.spread)}. Saturated: "
            f"{percent(a.saturated)} of the {a.name} units above, {percent(b.saturated)} of the "
            f"{b.name} units below the line.",
            f"Error left at layers 1 to 8, log axis: {a.name} {short(a.kept[0])} at layer 1, "
            f"{b.name} {short(b.kept[0])}; dotted, a quarter per layer.",
        )
        captions = zip(*(_captions(i, side) for i, side in enumerate(n.sides)), strict=True)
        for panel, alt, caption in zip(self.panels, alts, captions, strict=True):
            panel.alt, panel.caption = alt, "<br>".join(caption)


def _captions(i: int, side: Side) -> tuple[str, str, str, str]:
    """Return what the four captions say of this side."""
    color, _, _, symbol = SIDES[i]
    said = f"{percent(side.saturated)} flat"
    values = (short(side.a), short(side.slope), said, short(side.kept[0]))
    first, second, third, fourth = (mark(f"{symbol} {side.name}", color, v) for v in values)
    return first, second, third, fourth
