"""One neuron: what its weight, bias and activation do (unit 01), in three notations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from bplib import nn
from bplib.explore.controls import choice, slider
from bplib.explore.live import LiveFigure, Panel
from bplib.explore.panel import Explorer, Parts, start_at
from bplib.explore.prediction import Prediction
from bplib.explore.style import BLUE, GRAY, VERMILLION, axes, short
from bplib.nn.checks import Array

Z_GRID = np.linspace(-8.0, 8.0, 321)
X_GRID = np.linspace(-4.0, 4.0, 321)
SYMBOLS = {"sigmoid": "σ", "tanh": "tanh", "relu": "relu",
           "leaky_relu": "leaky_relu", "elu": "elu", "linear": ""}  # fmt: skip
# notation: (weighted input, bias, activation)
NOTATIONS = {"Nielsen": ("z", "b", "a"), "Bishop": ("a", "w₀", "z"), "s–f": ("s", "b", "f")}
REMARKS = {
    "Nielsen": "The course writes as Nielsen does (001, 003).",
    "Bishop": "Bishop (004) calls the weighted input a and the activation z, the other way round; "
    "his bias is the weight w₀ of a dummy input that is always 1.",
    "s–f": "The s–f lesson (000) calls the weighted input s and the activation f.",
}


@dataclass(frozen=True)
class Numbers:
    """What is shown: the settings, z and a at x, φ over `Z_GRID` and over the inputs `X_GRID`."""

    w: float
    b: float
    x: float
    activation: str
    notation: str
    z: float
    a: float
    slope: float
    over_z: Array
    over_x: Array


def numbers(w: float, b: float, x: float, activation: str, notation: str) -> Numbers:
    """Return z = w x + b, a = φ(z) and φ′(z) of one neuron, and both curves."""
    phi = nn.activation(activation)
    W, bias = np.array([[w]]), np.array([b])
    z = nn.weighted_input(W, bias, np.array([x]))
    over_x = phi(nn.weighted_input_batch(W, bias, X_GRID[:, None])[:, 0])
    return Numbers(w, b, x, activation, notation, float(z[0]), float(phi(z)[0]),
                   float(phi.derivative(z)[0]), phi(Z_GRID), over_x)  # fmt: skip


class Picture:
    """Left: the activation and where this z stands on it.  Right: the neuron as a function of x."""

    def __init__(self) -> None:
        self.left, self.right = Panel(), Panel()
        ax = axes(self.left, "Activation", "weighted input", "", (-8, 8), (-2, 4))
        self.curve = self.left.live(ax.plot(Z_GRID, Z_GRID, color=BLUE)[0])
        self.drop = self.left.live(ax.plot([0, 0], [0, 0], color=GRAY, ls=":")[0])
        dot: dict[str, Any] = {"color": VERMILLION, "marker": "o", "ms": 9, "clip_on": False}
        self.point = self.left.live(ax.plot([0], [0], **dot)[0])
        ax = axes(self.right, "The neuron as a function of its input", "input x", "",
                  (-4, 4), (-2, 4))  # fmt: skip
        self.response = self.right.live(ax.plot(X_GRID, X_GRID, color=BLUE)[0])
        self.middle = self.right.live(ax.plot([0, 0], [-2, 4], color=GRAY, ls="--", lw=1)[0])
        self.here = self.right.live(ax.plot([0], [0], **dot)[0])
        self.figure = LiveFigure([self.left, self.right])

    def show(self, n: Numbers) -> None:
        """Move the points and both curves."""
        z, _, a = NOTATIONS[n.notation]
        inside = float(np.clip(n.z, -8, 8)), float(np.clip(n.a, -2, 4))
        self.curve.set_ydata(n.over_z)
        self.drop.set_data([inside[0]] * 2, [-2, inside[1]])
        self.point.set_data([inside[0]], [inside[1]])
        self.left.caption = f"weighted input {z} = {short(n.z)}, activation {a} = {short(n.a)}"
        self.response.set_ydata(n.over_x)
        self.here.set_data([n.x], [inside[1]])
        flip = -n.b / n.w if n.w else np.nan
        self.middle.set_xdata([flip, flip])
        where = f"{z} = 0 at x = {short(flip)}" if n.w else f"{z} does not depend on x"
        self.right.caption = where
        self.left.alt = (f"Curve of {n.activation}: at {z} = {short(n.z)} it has the value "
                         f"{a} = {short(n.a)}.")  # fmt: skip
        self.right.alt = (f"The neuron's activation against its input x; {where}; at x = "
                          f"{short(n.x)} it is {short(n.a)}.")  # fmt: skip


def formula(n: Numbers) -> str:
    """Return the two equations of the neuron, in the notation chosen, with the numbers."""
    z, b, a = NOTATIONS[n.notation]
    phi = SYMBOLS[n.activation]
    return (
        f"<b>{n.notation}:</b> <i>{z}</i> = w·x + {b} = {short(n.w)} · {_signed(n.x)} + "
        f"{_signed(n.b)} = <b>{short(n.z)}</b>,&ensp; <i>{a}</i> = {phi}({z}) = "
        f"<b>{short(n.a)}</b>. <small>{REMARKS[n.notation]}</small>"
    )


def _signed(value: float) -> str:
    """Return a number that follows a sign: a negative one in parentheses."""
    return f"({short(value)})" if value < 0 else short(value)


def sentence(n: Numbers) -> str:
    """Return in words how the neuron reacts to its input here."""
    if n.w == 0:
        return (
            f"With w = 0 the neuron does not see its input: it answers {short(n.a)} at "
            f"x = {short(n.x)} and everywhere else, as b = {short(n.b)} alone decides."
        )
    step = 0.1 * n.w * n.slope
    steep = f"has the slope {short(n.slope)} here"
    how = f"{steep}, it is saturated" if abs(n.slope) < 0.01 else steep
    return (
        f"Raising x = {short(n.x)} by 0.1 changes the activation {short(n.a)} by about "
        f"{short(step)}. φ {how}; "
        f"w = {short(n.w)} stretches the curve, and b moves it to x = −b/w = "
        f"{short(-n.b / n.w)}."
    )


def code(n: Numbers) -> str:
    """Return code that computes the activation with these settings."""
    return f"from bplib import nn\nnn.activation({n.activation!r})({n.w:g} * {n.x:g} + {n.b:g})"


PRESETS: dict[str, dict[str, Any]] = {
    "smooth": {"w": 1.0, "b": 0.0},
    "a step at x = 1": {"w": 5.0, "b": -5.0},
    "saturated": {"w": 4.0, "b": 4.0, "x": 1.0},
    "sees nothing": {"w": 0.0, "b": 1.0},
}
ASKED = Prediction(
    "a sigmoid neuron with w = 2, b = −2 crosses ½ at x = 1. Double both to w = 4, b = −4. "
    "Where does it cross ½?",
    ("further left", "at the same x, but steeper", "further right"),
    right=lambda n: 1 + int(np.sign(round(-n.b / n.w - 1.0, 9))),
    because=lambda n: (
        f"It crosses where w·x + b = 0, which is x = −b/w = {short(-n.b / n.w)}. "
        f"The slope there is w·σ′(0) = {short(n.w * float(nn.d_sigmoid(0.0)))} instead of "
        f"{short(2 * float(nn.d_sigmoid(0.0)))}."
    ),
    settings={"w": 4.0, "b": -4.0, "x": 1.0, "activation": "sigmoid"},
)


def neuron(
    w: float = 1.5,
    b: float = 0.5,
    x: float = 1.0,
    activation: str = "sigmoid",
    notation: str = "Nielsen",
) -> Explorer:
    """Return the explorer of one neuron, starting at these settings.

    w, b: −5 … 5    x: −4 … 4    activation: a name of `bplib.nn.ACTIVATIONS`
    notation: "Nielsen", "Bishop" or "s–f", for the formula line
    Raises ValueError for other values.  Sources: 001, 003, 004 (1) (2), 000.
    """
    controls = {
        "w": slider("weight w", 0, -5, 5, 0.1),
        "b": slider("bias b", 0, -5, 5, 0.1),
        "x": slider("input x", 0, -4, 4, 0.1),
        "activation": choice("activation", "sigmoid", SYMBOLS),
        "notation": choice("notation", "Nielsen", NOTATIONS),
    }
    given = {"w": w, "b": b, "x": x, "activation": activation, "notation": notation}
    start_at(controls, given)
    return Explorer(
        "neuron",
        "One neuron",
        controls,
        Parts(numbers, Picture(), sentence, code, formula),
        PRESETS,
        ASKED,
    )
