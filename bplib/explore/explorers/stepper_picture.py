"""The picture of the stepper: the net with its numbers, and heat maps of the gradients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.colors import SymLogNorm

from bplib.explore.drawing import UNIT, draw_net
from bplib.explore.glyphs import Label
from bplib.explore.live import LiveFigure, Panel
from bplib.explore.style import BLACK, FONT, SIGNED, VERMILLION, canvas, short
from bplib.nn.checks import Array

if TYPE_CHECKING:
    from bplib.explore.explorers.stepper import Numbers

SIZES = [2, 3, 2]
# Known from which step on: Z, A and delta of layers 1 and 2, and their gradients.
Z_FROM, A_FROM, DELTA_FROM, GRADS_FROM = (1, 3), (2, 4), (8, 6), (9, 7)
AT = (0, 1, 1, 2, 2, 2, 2, 2, 1, 1)  # the layer in which each step works
RANGE = 1e-3  # colors are linear within ±RANGE and logarithmic up to ±1
NORM = SymLogNorm(RANGE, vmin=-1, vmax=1)


class Picture:
    """Left: z, a and delta in every unit, as far as known.  Right: dW and db of both layers."""

    def __init__(self) -> None:
        self.left, self.right = Panel(394, 300, lines=0), Panel(415, 300, lines=0)
        ax = canvas(self.left, "Numbers known so far", (-0.45, 2.45), (-1.35, 1.0))
        centers = draw_net(ax, SIZES, 0.2)
        for center in centers:
            ax.plot(*center.T, marker=UNIT, ms=64, mfc="white", mec=BLACK, ls="", clip_on=False)
        ring: dict[str, Any] = {"ms": 64, "mfc": "none", "mec": VERMILLION, "mew": 3, "ls": ""}
        self.centers = centers
        self.ring = self.left.live(ax.plot([], [], marker=UNIT, clip_on=False, **ring)[0])
        self.units = [
            [self.left.live(Label(ax, x, y, FONT)) for x, y in center] for center in centers
        ]
        self.verdict = self.left.live(Label(ax, 2.0, 0.9, FONT))
        self.maps, self.entries = [], []
        grid: Any = self.right.figure.subplots(2, 1, height_ratios=(3, 2))
        for layer, ax in zip((1, 2), grid, strict=True):
            rows, columns = SIZES[layer], SIZES[layer - 1] + 1
            ax.set_title(f"gradient of layer {layer}: dW[{layer}] and db[{layer}]",
                         fontsize=FONT + 1)  # fmt: skip
            names = [f"from {k + 1}" for k in range(columns - 1)] + ["db"]
            ax.set_xticks(range(columns), names, fontsize=FONT - 1)
            ax.set_yticks(range(rows), [f"to {j + 1}" for j in range(rows)], fontsize=FONT - 1)
            ax.set(xlim=(-0.5, columns - 0.5), ylim=(rows - 0.5, -0.5))
            # An `imshow` of a dozen cells takes ten times as long: it resamples every pixel.
            cells = PolyCollection([_square(k, j) for j in range(rows) for k in range(columns)])
            self.maps.append(self.right.live(ax.add_collection(cells)))
            self.right.live(ax.axvline(columns - 1.5, color=BLACK, lw=1))
            texts = [self.right.live(Label(ax, k, j, FONT))
                     for j in range(rows) for k in range(columns)]  # fmt: skip
            self.entries.append(texts)
        self.figure = LiveFigure([self.left, self.right])

    def show(self, n: Numbers) -> None:
        """Write the numbers that are known, and color the gradients that are."""
        for text, a in zip(self.units[0], n.A[0], strict=True):
            text.set_text(f"x {short(float(a), 2)}")
        for i in range(2):
            for j, text in enumerate(self.units[i + 1]):
                known = self._known(i, n)
                lines = [f"{name} {short(float(values[j]), 2)}" for name, values in known]
                text.set_text("\n".join(lines))
            self._map(i, n)
        self.ring.set_data(*self.centers[AT[n.known]].T)
        self.verdict.set_text(f"C = {short(n.cost)}" if n.known >= 5 else "")
        rows = [f"input {_row(n.A[0])}"]
        for i in range(2):
            rows += [f"{k} of layer {i + 1} {_row(values)}" for k, values in self._known(i, n)]
        rows += [f"C = {short(n.cost)}"] if n.known >= 5 else []
        self.left.alt = f"Network 2-3-2 after step {n.known}: {'; '.join(rows)}."
        layers = [str(i + 1) for i in (1, 0) if n.known >= GRADS_FROM[i]]
        largest = [short(float(np.abs(n.grads[i][0]).max())) for i in (1, 0)]
        self.right.alt = (
            "Heat maps of the gradients: none is known yet." if not layers else
            f"Heat maps of the gradients known so far, layer {' and '.join(layers)}; the largest "
            f"entries of dW are {', '.join(largest[: len(layers)])} in size."
        )  # fmt: skip

    def _known(self, i: int, n: Numbers) -> list[tuple[str, Array]]:
        """Return names and values, (n_l,), of what is known in the units of layer i + 1."""
        rows = ((Z_FROM, "z", n.Z[i]), (A_FROM, "a", n.A[i + 1]), (DELTA_FROM, "δ", n.delta[i]))
        return [(name, values) for start, name, values in rows if n.known >= start[i]]

    def _map(self, i: int, n: Numbers) -> None:
        dW, db = n.grads[i]
        values = np.column_stack([dW, db]).ravel()
        known = n.known >= GRADS_FROM[i]
        self.maps[i].set_facecolor(SIGNED(NORM(values if known else np.zeros_like(values))))
        # The largest colors are dark, so their numbers are white.
        for text, value in zip(self.entries[i], values, strict=True):
            text.set_text(short(float(value), 2) if known else "?")
            text.set_color("white" if known and abs(value) > 0.12 else BLACK)


def _square(x: float, y: float) -> list[tuple[float, float]]:
    return [(x + u, y + v) for u, v in ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5))]


def _row(values: Array) -> str:
    return ", ".join(short(float(v)) for v in values)
