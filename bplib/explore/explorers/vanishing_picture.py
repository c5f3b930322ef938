"""The picture of vanishing gradients: spread, gradient and loss, all on fixed log axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from bplib.explore.live import LiveFigure, Panel
from bplib.explore.style import BLACK, BLUE, GRAY, PURPLE, VERMILLION, axes, legend, mark, short
from bplib.nn.checks import Array

if TYPE_CHECKING:
    from bplib.explore.explorers.vanishing import Numbers

SPREADS, NORMS, LOSSES = (1e-9, 1e9), (1e-20, 1e20), (1e-2, 1e2)


WIDTH, HEIGHT = 276, 262  # three in a row beside the file browser of a laptop


class Picture:
    """Left: spread of the activations.  Middle: gradient norms and bound.  Right: the loss."""

    def __init__(self) -> None:
        self.panels = [Panel(WIDTH, HEIGHT, lines=2) for _ in range(3)]
        one, two, three = self.panels
        span = (0.2, 30.8)
        marks: dict[str, Any] = {"ms": 4.5, "clip_on": False}
        ax = axes(one, "Spread of the activations", "layer", "standard deviation of A[l]",
                  span, SPREADS, "y")  # fmt: skip
        self.spread = one.live(ax.plot([], [], "o-", color=BLUE, **marks)[0])
        # The outputs of softmax are probabilities, and not to be compared with hidden units.
        self.output = one.live(ax.plot([], [], "o", color=BLUE, mfc="w", **marks)[0])
        ax = axes(two, "Size of error and gradient", "layer", "norm", span, NORMS, "y")
        ax.set_yticks([1e-20, 1e-10, 1, 1e10, 1e20])
        self.bound = two.live(ax.plot([], [], ":", color=BLACK, label="¼ per layer")[0])
        self.norms = two.live(ax.plot([], [], "^--", color=PURPLE, **marks)[0])
        self.errors = two.live(ax.plot([], [], "s-", color=VERMILLION, **marks)[0])
        legend(ax, loc="lower right")
        ax = axes(three, "Loss while training", "epoch", "C", (-0.5, 25.5), LOSSES, "y")
        ax.axhline(np.log(10), color=GRAY, ls=":", label="guessing, ln 10")
        legend(ax, loc="upper right")
        self.before = three.live(ax.plot([], [], "-", color=GRAY, alpha=0.6)[0])
        self.loss = three.live(ax.plot([], [], "D-", color=BLUE, **marks)[0])
        self.figure = LiveFigure(self.panels)

    def show(self, n: Numbers) -> None:
        """Set all lines; what lies beyond the axes is drawn at their edge."""
        layers = np.arange(1, n.depth + 1)
        spread = np.clip(n.spread, *SPREADS)
        self.spread.set_data(layers[:-1], spread[:-1])
        self.output.set_data(layers[-1:], spread[-1:])
        self.errors.set_data(layers, np.clip(n.errors, *NORMS))
        self.norms.set_data(layers, np.clip(n.norms, *NORMS))
        self.bound.set_data(layers, np.clip(n.bound, *NORMS))
        self._loss(n)
        one, two, three = self.panels
        hidden = (
            f"{_ends(n.spread[:-1])} in the hidden layers" if n.depth > 1 else "no hidden layer"
        )
        one.caption = (
            f"{mark('● hidden', BLUE, _ends(n.spread[:-1]))} "
            f"{mark('○ output', BLUE, short(float(n.spread[-1])))}"
        )
        two.caption = (
            f"{mark('■ ‖delta‖', VERMILLION, _ends(n.errors))} "
            f"{mark('▲ ‖dW‖', PURPLE, _ends(n.norms))}"
        )
        one.alt = (
            f"Standard deviation of the activations, log axis: {hidden}, and "
            f"{short(float(n.spread[-1]))} at the outputs, layer {n.depth}."
        )
        two.alt = (
            f"Norms from layer 1 to layer {n.depth}, log axis: delta {_ends(n.errors)}, dW "
            f"{_ends(n.norms)}; the line of a quarter per layer {_ends(n.bound)}."
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


def _ends(values: Array) -> str:
    """Return the values of the first and the last layer."""
    if not len(values):
        return "none"
    first, last = short(float(values[0])), short(float(values[-1]))
    return f"{first} to {last}" if len(values) > 1 else first
