"""Pictures that follow a slider: matplotlib without pyplot, blitted, shown as `<img alt=…>`.

What does not move (axes, grid, titles) is drawn once; an update restores those pixels and draws
the few live artists over them.  A re-plot takes some 500 ms, a full redraw 70 ms per panel, this
about 2 ms.  The picture stands in an `HTML` widget, because `widgets.Image` has no alt text.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence
from typing import Any, TypeVar

import ipywidgets
import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from bplib.explore.png import Pixels, png

A = TypeVar("A", bound=Artist)
DPI = 100
# An image may shrink on a narrow page.  decoding=sync: no empty frame while a new one is decoded.
STYLE = "display:block;max-width:100%;height:auto;background:#fff"
FIGURE = "margin:0;min-width:0"  # it may shrink, and its image with it
# The place of a caption is kept free, as nothing may jump; on a telephone a line may need two.
CAPTION = (
    "min-height:clamp({0} * 1.4em, (600px - 100vw) * 999, 2.8em);line-height:1.4;padding-left:8px"
)
ROW = "width:100%;display:flex;flex-wrap:wrap;gap:6px;justify-content:flex-start"
GROUP = "min-width:0;display:flex;flex-wrap:wrap;gap:6px"  # as wide as its panels, if there is room


class Panel:
    """One matplotlib figure of fixed size, with the artists that move registered by `live`.

    width, height: in pixels    lines: of the caption, 0 for none.
    `figure` is a plain `Figure`, unknown to pyplot, so nothing leaks.
    `alt` is the text for readers who do not see it, `caption` is HTML below the picture; set
    them before `LiveFigure.refresh`.  Numbers that change belong into the caption: a text drawn
    by matplotlib takes 1 to 2 ms, and does not grow with the reader's font.
    """

    def __init__(self, width: int = 350, height: int = 262, lines: int = 1) -> None:
        self.figure = Figure((width / DPI, height / DPI), DPI, layout="constrained")
        self.canvas: Any = FigureCanvasAgg(self.figure)
        self.lines, self.alt, self.caption = lines, "", ""
        self._live: list[Artist] = []
        self._background: Any = None
        self._drawn = False
        self._pixels: Pixels | None = None
        self._png = b""

    def live(self, artist: A) -> A:
        """Return the artist, which from now on is drawn anew at every update.

        The order of the calls is the order of drawing.
        """
        artist.set_animated(True)
        artist.set_in_layout(False)  # what moves, maybe out of the axes, must not shift the axes
        self._live.append(artist)
        return artist

    def rebase(self) -> None:
        """Draw all that does not move, and keep it; call it after changing limits or labels."""
        self.canvas.draw()
        self.figure.set_layout_engine("none")  # what was laid out once stays where it is
        self._drawn = False  # only the background is on the canvas now
        self._background = self.canvas.copy_from_bbox(self.figure.bbox)

    def pixels(self) -> Pixels:
        """Return the picture as it is now, (height, width, 4) uint8: a view, valid until the next.

        Draws the live artists over the kept background.
        """
        if self._background is None:
            self.rebase()
        if self._drawn and not any(artist.stale for artist in self._live):
            return np.asarray(self.canvas.buffer_rgba())
        self.canvas.restore_region(self._background)
        for artist in self._live:
            artist.axes.draw_artist(artist)  # type: ignore[union-attr]
        self._drawn = True
        return np.asarray(self.canvas.buffer_rgba())

    def png(self) -> bytes:
        """Return the PNG file of the picture as it is now; encoded only if a pixel changed."""
        pixels = self.pixels()
        if self._pixels is None or not np.array_equal(pixels, self._pixels):
            self._pixels, self._png = pixels.copy(), png(pixels)
        return self._png

    def html(self) -> str:
        """Return the HTML element `<figure>`: the picture with its alt text, and the caption."""
        width, height = self.canvas.get_width_height()
        data = base64.b64encode(self.png()).decode("ascii")
        style = CAPTION.format(self.lines)
        caption = f'<figcaption style="{style}">{self.caption}</figcaption>' if self.lines else ""
        return (
            f'<figure style="{FIGURE};flex:0 1 {width}px">'
            f'<img alt="{html.escape(self.alt)}" width="{width}" height="{height}" style="{STYLE}" '
            f'decoding="sync" src="data:image/png;base64,{data}">'
            f"{caption}</figure>"
        )


class LiveFigure:
    """Panels in a row that wraps on a narrow page, in one widget: `widget`, an `HTML`.

    together: so many panels wrap together: four in pairs stand 4, 2 and 2, or 1 by 1, never 3 and 1

    After changing the artists of the panels call `refresh`; after changing limits, labels or
    anything else that does not move, call `rebase`.
    One message carries all panels, so that they change in the same frame.  No backlog arises
    under a drag: a widget's front end holds back its next value until the kernel has answered
    the last one, and then sends only the newest.

    Raises ValueError if there is no panel.
    """

    def __init__(self, panels: Sequence[Panel], together: int = 1) -> None:
        if not panels:
            raise ValueError("panels is empty; a figure needs at least one Panel")
        self.panels, self.together = list(panels), together
        self.widget = ipywidgets.HTML()

    def rebase(self) -> None:
        """Draw all panels from scratch, and show them."""
        for panel in self.panels:
            panel.rebase()
        self.refresh()

    def refresh(self) -> None:
        """Show what the artists are now; sends nothing if neither pixels nor alt text changed."""
        images = [panel.html() for panel in self.panels]
        if (n := self.together) > 1:
            groups = ("".join(images[i : i + n]) for i in range(0, len(images), n))
            images = [f'<div style="{GROUP}">{group}</div>' for group in groups]
        self.widget.value = f'<div style="{ROW}">{"".join(images)}</div>'
