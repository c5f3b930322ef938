"""The picture of vanishing gradients: spread, gradient and loss, all on fixed log axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bplib.explore.live import LiveFigure, Panel
from bplib.explore.style import BLACK, BLUE, GRAY, PURPLE, VERMILLION, axes, legend, short

if TYPE_CHECKING:
    from bplib.explore.explorers.vanishing import Numbers

SPREADS, NORMS, LOSSES = (1e-9, 1e9), (1e-20, 1e20), (1e-2, 1e2)


class Picture:
    """Left: spread of the activations.  Middle: gradient norms and bound.  Right: the loss."""

    def __init__(self) -> None:
        self.panels = [Panel(), Panel(370), Panel()]
        one, two, three = self.panels
        span = (0.2, 30.8)
        ax = axes(one, "Spread of the activations", "layer", "standard deviation of A[l]",
                  span, SPREADS, "y")  # fmt: skip
        self.spread = one.live(ax.plot([1], [1], "o-", color=BLUE, ms=4.5, clip_on=False)[0])
        ax = axes(two, "Size of error and gradient", "layer", "norm", span, NORMS, "y")
        self.bound = two.live(ax.plot([1], [1], ":", color=BLACK, label="(1/4) per layer")[0])
        marks: dict[str, Any] = {"ms": 4.5, "clip_on": False}
        self.norms = two.live(ax.plot([1], [1], "^--", color=PURPLE, label="‖dW[l]‖", **marks)[0])
        line = ax.plot([1], [1], "s-", color=VERMILLION, label="‖delta[l]‖", **marks)[0]
        self.errors = two.live(line)
        legend(ax, loc="upper right")
        ax = axes(three, "Loss while training", "epoch", "C", (-0.5, 25.5), LOSSES, "y")
        ax.axhline(np.log(10), color=GRAY, ls=":", label="guessing, ln 10")
        legend(ax, loc="upper right")
        self.before = three.live(ax.plot([], [], "-", color=GRAY, alpha=0.6)[0])
        self.loss = three.live(ax.plot([], [], "D-", color=BLUE, ms=4.5, clip_on=False)[0])
        self.figure = LiveFigure(self.panels)

    def show(self, n: Numbers) -> None:
        """Set all lines; what lies beyond the axes is drawn at their edge."""
        layers = np.arange(1, n.depth + 1)
        self.spread.set_data(layers, np.clip(n.spread, *SPREADS))
        self.errors.set_data(layers, np.clip(n.errors, *NORMS))
        self.norms.set_data(layers, np.clip(n.norms, *NORMS))
        self.bound.set_data(layers, np.clip(n.bound, *NORMS))
        first, last = short(float(n.errors[0])), short(float(n.errors[-1]))
        self._loss(n)
        self.panels[
            0
        ].caption = (
            f"layer 1: {short(float(n.spread[0]))}, layer {n.depth}: {short(float(n.spread[-1]))}"
        )
        self.panels[1].caption = f"‖delta[1]‖ = {first}, ‖delta[{n.depth}]‖ = {last}"
        one, two, three = self.panels
        one.alt = (
            f"Standard deviation of the activations, log axis: {short(float(n.spread[0]))} in "
            f"layer 1 to {short(float(n.spread[-1]))} in layer {n.depth}."
        )
        two.alt = (
            f"Norms of delta, log axis: {first} in layer 1, {last} in layer {n.depth}, and of dW: "
            f"{short(float(n.norms[0]))} and {short(float(n.norms[-1]))}; the line "
            f"of a quarter per layer ends at {short(float(n.bound[0]))}."
        )
        three.alt = (
            "Loss: not trained with these settings."
            if n.losses is None
            else f"Loss by epoch, log axis: from {short(float(n.losses[0]))} to "
            f"{short(float(n.losses[-1]))}."
        )

    def _loss(self, n: Numbers) -> None:
        if n.losses is None:
            # The last loss stays, in gray, so that two settings can be compared.
            if len(self.loss.get_xdata()):
                self.before.set_data(*self.loss.get_data())
                self.loss.set_data([], [])
            gray = " (gray: the last one)" if len(self.before.get_xdata()) else ""
            self.panels[2].caption = f"press Train{gray}"
            return
        known = np.isfinite(n.losses)
        epochs = np.flatnonzero(known)
        self.loss.set_data(epochs, np.clip(n.losses[known], *LOSSES))
        end = float(n.losses[-1])
        self.panels[2].caption = f"C = {short(end)} at the end" if known.all() else "C overflows"
