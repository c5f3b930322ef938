"""Colors, axes and numbers, the same in all explorers.

The colors are those of Okabe and Ito, "Color universal design", 2008, which people with any of
the usual kinds of color blindness can tell apart; a marker or a dash always says the same again.
"""

from __future__ import annotations

import math
from typing import Any

from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from bplib.explore.live import Panel

BLACK, GRAY = "#000000", "#666666"
BLUE, VERMILLION, GREEN = "#0072B2", "#D55E00", "#009E73"
ORANGE, SKY, PURPLE = "#E69F00", "#56B4E9", "#CC79A7"
FONT = 9  # points: 12 pixels
# Negative is vermillion, positive is blue, zero is white.
SIGNED = LinearSegmentedColormap.from_list("signed", [VERMILLION, "#FFFFFF", BLUE])


def axes(
    panel: Panel,
    title: str,
    x: str,
    y: str,
    xlim: tuple[float, float],
    ylim: tuple[float, float],
    log: str = "",
) -> Any:
    """Return the fixed axes of a panel; log: "", "x", "y" or "xy", the axes with a log scale.

    It is a matplotlib `Axes`; called Any, because its stubs reject keyword dictionaries.
    """
    ax = panel.figure.add_subplot()
    ax.set_xscale("log" if "x" in log else "linear")
    ax.set_yscale("log" if "y" in log else "linear")
    ax.set(xlim=xlim, ylim=ylim)
    ax.set_title(title, fontsize=FONT + 1)
    ax.set_xlabel(x, fontsize=FONT)
    ax.set_ylabel(y, fontsize=FONT)
    ax.tick_params(labelsize=FONT - 1)
    ax.grid(True, color="0.9", linewidth=0.7)
    ax.set_axisbelow(True)
    return ax


def canvas(panel: Panel, title: str, xlim: tuple[float, float], ylim: tuple[float, float]) -> Any:
    """Return axes without ticks, for a drawing."""
    ax = panel.figure.add_subplot()
    ax.set(xlim=xlim, ylim=ylim)
    ax.set_title(title, fontsize=FONT + 1)
    ax.axis("off")
    return ax


def mark(text: str, color: str, value: str = "") -> str:
    """Return text in this color and bold, and its value, for a caption; it stays on one line."""
    return f'<span style="white-space:nowrap"><b style="color:{color}">{text}</b> {value}</span>'


def percent(share: float) -> str:
    """Return a share in percent for a sentence: 0 and 100 only where it is exactly none or all.

    >>> percent(0.0), percent(0.001), percent(0.26), percent(0.999), percent(1.0)
    ('0%', 'under 1%', '26%', 'over 99%', '100%')
    """
    if 0 < share < 0.01:
        return "under 1%"
    return "over 99%" if 0.99 < share < 1 else f"{share:.0%}"


def count(number: int, thing: str) -> str:
    """Return a number of things.

    >>> count(1, "step"), count(1200, "step")
    ('1 step', '1,200 steps')
    """
    return f"{number:,} {thing}" + ("" if number == 1 else "s")


def legend(ax: Axes, **how: Any) -> None:
    """Draw the legend of the axes, compact."""
    ax.legend(**({"fontsize": FONT - 1, "handlelength": 2.2, "borderpad": 0.3} | how))


def short(value: float, digits: int = 3) -> str:
    """Return a number for a sentence: three digits, with an exponent if very small or large.

    >>> short(0.25), short(3.1e-6), short(-1234567.0), short(-0.0), short(12345.0)
    ('0.25', '3.1e-6', '−1.23e6', '0', '12300')
    """
    value += 0.0  # there is no "−0" in a sentence
    if not math.isfinite(value):
        return "not a number" if math.isnan(value) else ("∞" if value > 0 else "−∞")
    if value != 0 and not 1e-3 <= abs(value) < 1e5:
        mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
        mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
        text = f"{mantissa}e{int(exponent)}"
    else:
        places = digits - 1 - (math.floor(math.log10(abs(value))) if value else 0)
        rounded = round(value, places)
        text = f"{rounded:.{max(places, 0)}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace("-", "−", 1) if text.startswith("-") else text
