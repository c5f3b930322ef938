"""How blame reaches a hidden unit: along every path, weight by weight (unit 04, BP2)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from bplib import nn
from bplib.explore.controls import buttons, log_slider, slider, whole
from bplib.explore.explorers.blame_picture import SIZES, Picture
from bplib.explore.panel import Explorer, Parts, start_at
from bplib.explore.passes import both_ways
from bplib.explore.prediction import Prediction
from bplib.explore.style import short
from bplib.nn.checks import Array

L = len(SIZES) - 1
UNITS = [f"{layer}.{j + 1}" for layer in range(1, L) for j in range(SIZES[layer])]
EXAMPLES = 5
TARGET = np.array([[1.0, 0.0]])


@dataclass(frozen=True)
class Numbers:
    """What is shown: the net of layers 1 … L with one hidden unit chosen.

    layer, unit: which (unit counts from 0)    delta: of every layer, (n_l,), by layer − 1
    flows: for the layers above the unit, by number, shaped like W: the share of the unit's blame
    that passes over each weight; the shares of one layer add up to the unit's delta
    weights, above: w_kj and delta_k of the units k above    slope: φ′(z_j)
    """

    layer: int
    unit: int
    gain: float
    push: float
    example: int
    z: float
    slope: float
    delta: list[Array]
    flows: dict[int, Array]
    weights: Array
    above: Array

    @property
    def blame(self) -> float:
        """delta of the chosen unit."""
        return float(self.delta[self.layer - 1][self.unit])


@cache
def _inputs() -> Array:
    return np.random.default_rng(4).standard_normal((EXAMPLES, SIZES[0]))


def network(unit: str, push: float, gain: float) -> nn.Network:
    """Return the net: fixed weights times `gain`, and `push` added to the bias of the unit."""
    net = nn.Network.dense(SIZES, "sigmoid", "sigmoid", "quadratic", seed=3)
    layer, j = (int(part) for part in unit.split("."))
    params = [(2 * gain * W, b) for W, b in net.params]
    params[layer - 1][1][j - 1] += push
    net.params = params
    return net


def numbers(unit: str, push: float, gain: float, example: int) -> Numbers:
    """Return all errors of one example, and how those above make up the blame of one unit.

    With s the effect of the unit's z on the z of every unit above (by the chain rule, forward),
    a weight from unit i to unit k carries delta_k · w_ki · φ′(z_i) · s_i of the blame.
    """
    net = network(unit, push, gain)
    layer, j = (int(part) for part in unit.split("."))
    X = _inputs()[example - 1 : example]
    made = both_ways(net, X, TARGET)
    Zs, delta = made.Z, made.delta
    slopes = [lay.activation.derivative(Z)[0] for lay, Z in zip(net.layers, Zs, strict=True)]
    effect = np.zeros(SIZES[layer])
    effect[j - 1] = 1.0
    flows = {}
    for p in range(layer, L):  # from layer p up to layer p + 1
        W = net.layers[p].W
        paths = W * (slopes[p - 1] * effect)
        flows[p + 1] = delta[p][0][:, None] * paths
        effect = paths.sum(axis=1)
    return Numbers(
        layer, j - 1, gain, push, example, float(Zs[layer - 1][0, j - 1]),
        float(slopes[layer - 1][j - 1]), [d[0] for d in delta], flows,
        net.layers[layer].W[:, j - 1], delta[layer][0],
    )  # fmt: skip


def sentence(n: Numbers) -> str:
    """Return in words where the unit's blame comes from, and what its slope lets through."""
    shares = n.weights * n.above
    most = int(np.argmax(np.abs(shares)))
    flat = " The unit is saturated, so hardly any blame gets in, and it learns slowly."
    return (
        f"Unit {n.unit + 1} of layer {n.layer}: the units above send Σ w·delta = "
        f"{short(float(shares.sum()))}; the largest share, {short(float(shares[most]))}, comes "
        f"from unit {most + 1} of layer {n.layer + 1}. "
        f"Its own slope φ′(z) = {short(n.slope)} at z = {short(n.z)} lets "
        f"delta = <b>{short(n.blame)}</b> through.{flat if n.slope < 0.01 else ''}"
    )


def code(n: Numbers) -> str:
    """Return code that computes this unit's delta by BP2."""
    return (
        "from bplib import nn\n"
        f"nn.hidden_error([[w] for w in {[round(float(w), 6) for w in n.weights]}], "
        f"{[round(float(d), 8) for d in n.above]}, nn.d_sigmoid([{n.z:.6f}]))[0]"
    )


@cache
def _unpushed() -> Numbers:
    return numbers("1.2", 0.0, 1.0, 1)


PRESETS: dict[str, dict[str, Any]] = {
    "first layer": {"unit": "1.2"},
    "second layer": {"unit": "2.1"},
    "saturated unit": {"unit": "1.2", "push": 7.0},
    "large weights": {"gain": 4.0},
}
ASKED = Prediction(
    "unit 2 of layer 1 gets 7 added to its bias, so that it saturates. What happens to its blame?",
    ("it grows: the unit is more active", "it stays about the same", "it almost vanishes"),
    right=lambda n: 2 - int(np.searchsorted([0.1, 1.5], abs(n.blame) / abs(_unpushed().blame))),
    because=lambda n: (
        f"|delta| goes from {short(abs(_unpushed().blame))} to "
        f"{short(abs(n.blame))}: the units above still send blame, but BP2 multiplies by its "
        f"own slope, which is now {short(n.slope)}."
    ),
    settings={"unit": "1.2", "push": 7.0, "gain": 1.0, "example": 1},
)


def blame(unit: str = "1.2", push: float = 0.0, gain: float = 1.0, example: int = 1) -> Explorer:
    """Return the explorer of blame, starting at these settings.

    unit: "layer.unit", 1.1 … 1.4 and 2.1 … 2.3    push: added to the unit's bias, −8 … 8
    gain: scale of all weights, 0.2 … 5    example: 1 … 5
    Raises ValueError for other values.  Sources: 003 BP2, 001 step 2, 004 (6), 000 step 2.
    """
    controls = {
        "unit": buttons("unit", "1.2", UNITS, "layer.unit"),
        "push": slider("added to its bias", 0, -8, 8, 0.25),
        "gain": log_slider("gain of weights", 1, -0.7, 0.7),
        "example": whole("example", 1, 1, EXAMPLES),
    }
    start_at(controls, {"unit": unit, "push": push, "gain": gain, "example": example})
    parts = Parts(numbers, Picture(), sentence, code)
    return Explorer("blame", "Where blame comes from", controls, parts, PRESETS, ASKED)
