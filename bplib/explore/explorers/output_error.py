"""A saturated output unit: the quadratic cost against cross-entropy (unit 03)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from bplib import nn
from bplib.explore.controls import choice, log_slider, slider
from bplib.explore.live import LiveFigure, Panel
from bplib.explore.panel import Explorer, Parts, start_at
from bplib.explore.prediction import Prediction
from bplib.explore.style import BLUE, GRAY, VERMILLION, axes, count, legend, mark, short
from bplib.nn.checks import Array

T = TypeVar("T")
COSTS = ("quadratic", "cross_entropy")
NAMES = ("quadratic", "cross-entropy")
STYLES = ((VERMILLION, "s", "--"), (BLUE, "o", "-"))
STEPS = 200
Z_GRID = np.linspace(-10.0, 10.0, 201)


@dataclass(frozen=True)
class Numbers:
    """What is shown of one sigmoid output unit.

    a, slope: σ and σ′ at z    delta: ∂C/∂z at z for the quadratic cost and for cross-entropy
    over_z: the same two over `Z_GRID`    distance: |a − y| after 0 … 200 steps, for both
    """

    z: float
    target: int
    learning_rate: float
    a: float
    slope: float
    delta: tuple[float, float]
    over_z: tuple[Array, Array]
    distance: tuple[Array, Array]


def errors(cost: str, z: Array, target: int) -> Array:
    """Return delta = ∂C/∂z, shape of z, (k,), for k outputs each with a cost of its own (BP1)."""
    end = nn.output("sigmoid", cost)
    A = nn.sigmoid(z)
    # One example with k units: their costs are summed, so none gets a factor 1/m.
    return end.error(z, A, np.full_like(z, target))


def learning(cost: str, z: float, target: int, learning_rate: float) -> Array:
    """Return |a − y| after 0, 1, … 200 steps of gradient descent, (201,).

    One unit with one input x = 1, that starts with w = b = z/2.
    """
    end = nn.output("sigmoid", cost)
    start = nn.Dense(np.array([[z / 2]]), np.array([z / 2]), end.activation)
    net = nn.Network([start], end)
    step = nn.TrainingStep(net, 1)
    X, Y = np.ones((1, 1)), np.array([[float(target)]])
    A = np.empty(STEPS + 1)
    for i in range(STEPS + 1):
        step(X, Y, learning_rate)
        A[i] = step.As[-1][0, 0]  # from the forward pass, so before this step's update
    return np.abs(A - target)


def both(function: Callable[[str], T]) -> tuple[T, T]:
    """Return the values of a function for both costs."""
    return function(COSTS[0]), function(COSTS[1])


def numbers(z: float, target: int, learning_rate: float) -> Numbers:
    """Return the error of the output at z, and how learning goes from there, for both costs."""
    here = np.array([z])
    delta = both(lambda cost: float(errors(cost, here, target)[0]))
    over_z = both(lambda cost: errors(cost, Z_GRID, target))
    distance = both(lambda cost: learning(cost, z, target, learning_rate))
    a, slope = float(nn.sigmoid(z)), float(nn.d_sigmoid(z))
    return Numbers(z, target, learning_rate, a, slope, delta, over_z, distance)


def steps_to_half(distance: Array) -> int | None:
    """Return the first step at which |a − y| < ½, or None if that does not happen."""
    near = np.flatnonzero(distance < 0.5)
    return int(near[0]) if near.size else None


class Picture:
    """Left: delta against z.  Right: distance from the target while learning."""

    def __init__(self) -> None:
        self.left, self.right = Panel(), Panel()
        ax = axes(self.left, "Error of the output", "weighted input z", "delta = ∂C/∂z",
                  (-10, 10), (-1.15, 1.15))  # fmt: skip
        right = axes(self.right, "Learning from this start", "step", "distance |a − y|",
                     (0, STEPS), (0, 1.5))  # fmt: skip
        self.curves, self.points, self.learns = [], [], []
        for name, (color, marker, dash) in zip(NAMES, STYLES, strict=True):
            same: dict[str, Any] = {"color": color, "ls": dash}
            point: dict[str, Any] = {"color": color, "marker": marker, "ls": "", "ms": 8}
            point |= {"mec": "white", "clip_on": False}
            both: dict[str, Any] = same | {"marker": marker, "ms": 5}
            ax.plot([], [], label=name, **both)
            right.plot([], [], label=name, **both)
            self.curves.append(self.left.live(ax.plot(Z_GRID, Z_GRID, **same)[0]))
            self.points.append(self.left.live(ax.plot([0], [0], **point)[0]))
            steps = np.arange(STEPS + 1)
            line = right.plot(steps, steps, markevery=20, clip_on=False, **both)[0]
            self.learns.append(self.right.live(line))
        right.axhline(0.5, color=GRAY, lw=0.8, ls=":")
        ax.set_xticks([-10, -5, 0, 5, 10])
        legend(ax, loc="lower right")
        legend(right, loc="upper right")
        self.figure = LiveFigure([self.left, self.right])

    def show(self, n: Numbers) -> None:
        """Move the curves and the points."""
        for i in range(2):
            self.curves[i].set_ydata(n.over_z[i])
            self.points[i].set_data([n.z], [n.delta[i]])
            self.learns[i].set_ydata(n.distance[i])
        self.left.caption, self.right.caption = (
            ",&ensp;".join(
                mark(f"{symbol} {NAMES[i]}", STYLES[i][0], short(row[i]))
                for i, symbol in enumerate("■●")
            )
            for row in (n.delta, [float(distance[-1]) for distance in n.distance])
        )
        self.left.alt = (
            f"delta against z for target {n.target}; at z = {short(n.z)} it is "
            f"{short(n.delta[0])} with the quadratic cost and {short(n.delta[1])} with "
            "cross-entropy."
        )
        self.right.alt = (
            f"Distance from the target over {STEPS} steps: it ends at "
            f"{short(n.distance[0][-1])} with the quadratic cost and at "
            f"{short(n.distance[1][-1])} with cross-entropy."
        )


def sentence(n: Numbers) -> str:
    """Return in words which cost sees the mistake."""
    said = []
    for name, distance in zip(NAMES, n.distance, strict=True):
        reached = steps_to_half(distance)
        when = f"after {count(reached or 0, 'step')}"
        when = f"not within {STEPS} steps" if reached is None else when
        when = "from the start" if reached == 0 else when
        said.append(f"with <b>{name}</b> {when} (it ends {short(float(distance[-1]))} away)")
    return (
        f"The output is {short(n.a)}, the target {n.target}. delta is {short(n.delta[1])} with "
        f"cross-entropy and {short(n.delta[0])} with the quadratic cost: σ′(z) = "
        f"{short(n.slope)} times as much. The output is on the right side of ½ {said[0]}, and "
        f"{said[1]}."
    )


def code(n: Numbers) -> str:
    """Return code that computes delta of the quadratic cost at z."""
    return (
        "import numpy as np; from bplib import nn\n"
        f"z = np.array([{n.z:g}]); end = nn.output('sigmoid', 'quadratic')\n"
        f"end.error(z, nn.sigmoid(z), np.array([{n.target}.0]))[0]"
    )


PRESETS: dict[str, dict[str, Any]] = {
    "badly wrong": {"z": -6.0, "target": 1},
    "a little wrong": {"z": -1.0, "target": 1},
    "nearly right": {"z": 3.0, "target": 1},
    "wrong, other side": {"z": 6.0, "target": 0},
}
ASKED = Prediction(
    "the output is at z = −6 (a = 0.0025) and should be 1: as wrong as can be. How much larger "
    "is delta with cross-entropy than with the quadratic cost?",
    ("the same", "about 10 times", "about 400 times"),
    right=lambda n: int(np.searchsorted([2.0, 50.0], n.delta[1] / n.delta[0])),
    because=lambda n: (
        f"It is {short(n.delta[1] / n.delta[0])} times as large. BP1 multiplies the "
        f"quadratic cost's a − y by σ′(z) = {short(n.slope)}; with cross-entropy the slope cancels."
    ),
    settings={"z": -6.0, "target": 1},
)


def output_error(z: float = -4.0, target: int = 1, learning_rate: float = 0.3) -> Explorer:
    """Return the explorer of a saturated output, starting at these settings.

    z: the weighted input at the start, −10 … 10    target: 0 or 1    learning_rate: 0.01 … 10
    Raises ValueError for other values.  Sources: 003 BP1, 001 step 1, 000.
    """
    controls = {
        "z": slider("start z", 0, -10, 10, 0.25),
        "target": choice("target y", 1, (0, 1)),
        "learning_rate": log_slider("learning rate η", 1, -2, 1),
    }
    start_at(controls, {"z": z, "target": target, "learning_rate": learning_rate})
    parts = Parts(numbers, Picture(), sentence, code)
    return Explorer("output_error", "A saturated output", controls, parts, PRESETS, ASKED)
