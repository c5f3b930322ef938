"""A drawing of a small network: columns of units, every weight a line."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from bplib.explore.style import FONT
from bplib.nn.checks import Array

# The marker of a unit: wider than high, as numbers are; its size is its width.
UNIT = Path.unit_circle().transformed(Affine2D().scale(1, 0.8))


def places(sizes: Sequence[int]) -> list[Array]:
    """Return the centers of the units, one array (n_l, 2) per layer: x = l, y between −1 and 1.

    sizes: n_0 … n_L.  Unit 1 is on top.
    """
    tallest = max(sizes)
    return [
        np.column_stack([np.full(n, float(layer)), (n - 1 - 2.0 * np.arange(n)) / tallest])
        for layer, n in enumerate(sizes)
    ]


def segments(centers: Sequence[Array], layer: int) -> Array:
    """Return the lines of W[layer], ((n_l · n_{l-1}), 2, 2), in the order of W.ravel()."""
    above, below = centers[layer], centers[layer - 1]
    return np.array([[below[k], above[j]] for j in range(len(above)) for k in range(len(below))])


def draw_net(ax: Axes, sizes: Sequence[int], radius: float) -> list[Array]:
    """Draw all weights as thin gray lines, and the names of the layers; return `places`."""
    centers = places(sizes)
    lines = np.concatenate([segments(centers, layer) for layer in range(1, len(sizes))])
    ax.add_collection(LineCollection(list(lines), colors="0.85", linewidths=1, zorder=0))
    last = len(sizes) - 1
    for layer in range(len(sizes)):
        name = "input" if layer == 0 else f"layer {layer}" + (" = L" if layer == last else "")
        ax.text(layer, -1 - radius, name, ha="center", va="top", fontsize=FONT)
    return centers
