"""Short texts that change at every update, drawn from letters that were rendered once.

matplotlib lays out and renders every text anew, which takes 1 to 2 ms; a net with twenty numbers
would eat the time of an update.  A `Label` pastes finished letters into the pixels: 0.03 ms.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from numpy.typing import NDArray

Ink = NDArray[np.float32]  # (height, width): how much of the color each pixel takes, 0 to 1
SPACING = 1.25  # from line to line, in heights of a letter


@cache
def letter(char: str, size: float, dpi: float) -> Ink:
    """Return the ink of one character, (height, advance): black on white, by matplotlib itself."""
    figure = Figure((1, 1), dpi)
    canvas: Any = FigureCanvasAgg(figure)
    renderer = canvas.get_renderer()
    height = round(1.35 * size * dpi / 72)
    text = figure.text(0, 0, "0" + char + "0", fontsize=size)
    wide = text.get_window_extent(renderer).width
    text.set_text("00")
    advance = max(1, round(wide - text.get_window_extent(renderer).width))
    text.set_text(char)
    text.set_position((0.2, 0.5))  # clear of the edges, as a letter may hang over
    canvas.draw()
    page: Ink = 1 - np.asarray(canvas.buffer_rgba())[:, :, 0].astype(np.float32) / np.float32(255)
    top = round(page.shape[0] * 0.5) - round(0.78 * height)
    left = round(page.shape[1] * 0.2)
    return page[top : top + height, left : left + advance]


class Label(Artist):
    """A centered text at (x, y), in data coordinates; several lines are divided by newlines."""

    def __init__(self, ax: Axes, x: float, y: float, size: float) -> None:
        super().__init__()
        self.place, self.size = (x, y), size
        self.text, self.color = "", np.zeros(3, np.float32)
        self.set_in_layout(False)
        ax.add_artist(self)

    def set_text(self, text: str) -> None:
        """Change the text."""
        if text != self.text:
            self.text, self.stale = text, True

    def set_color(self, color: str) -> None:
        """Change the color, any of matplotlib's names."""
        rgb = 255 * np.array(to_rgb(color), np.float32)
        if not np.array_equal(rgb, self.color):
            self.color, self.stale = rgb, True

    def draw(self, renderer: Any) -> None:
        """Paste the letters into the pixels of an Agg renderer."""
        pixels = np.asarray(renderer.buffer_rgba())
        assert self.axes is not None
        x, y = self.axes.transData.transform(self.place)
        lines = self.text.split("\n") if self.text else []
        inks = [np.hstack([letter(c, self.size, renderer.dpi) for c in line]) for line in lines]
        middle = (len(inks) - 1) / 2
        for i, ink in enumerate(inks):
            step = SPACING * self.size * renderer.dpi / 72
            top = round(pixels.shape[0] - y + (i - middle) * step - ink.shape[0] / 2)
            left = round(x - ink.shape[1] / 2)
            self._paste(pixels, ink, max(top, 0), max(left, 0))
        self.stale = False

    def _paste(self, pixels: NDArray[np.uint8], ink: Ink, top: int, left: int) -> None:
        below = pixels[top : top + ink.shape[0], left : left + ink.shape[1], :3]
        share = ink[: below.shape[0], : below.shape[1], None]
        below[:] = np.rint(below + share * (self.color - below))
