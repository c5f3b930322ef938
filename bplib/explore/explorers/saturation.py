"""Saturation: where activations go flat, and what that does to BP1 and BP2 (unit 02)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from bplib import nn
from bplib.explore.controls import choice, log_slider, slider
from bplib.explore.explorers.saturation_picture import Picture
from bplib.explore.panel import Explorer, Parts, start_at
from bplib.explore.prediction import Prediction
from bplib.explore.style import percent, short
from bplib.nn.checks import Array

SIX = ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "maxout")  # in the order of seed 001
UNITS, ROWS, LAYERS = 48, 16, 8
FLAT = 0.01
MAXOUT_SECOND = -0.5  # the second weighted input of a maxout unit, as a multiple of the first


def phi(name: str, z: Array) -> Array:
    """Return φ(z), shape of z.  Maxout is shown with z_2 = −z/2: max(z, −z/2)."""
    if name == "maxout":
        return np.asarray(nn.maxout(z, MAXOUT_SECOND * z))
    return nn.activation(name)(z)


def slope(name: str, z: Array) -> Array:
    """Return φ′(z), shape of z; for maxout by its backward pass: 1 or −½, by which branch won."""
    if name == "maxout":
        first, second = nn.maxout_backward(z, MAXOUT_SECOND * z, np.ones_like(z))
        return np.asarray(first + MAXOUT_SECOND * second)
    return nn.activation(name).derivative(z)


@dataclass(frozen=True)
class Side:
    """What is shown of one activation.

    name    z: the weighted input of the marked unit, and a, slope: φ and φ′ there
    saturated: share of units with |φ′| < 0.01    kept: ‖delta[l]‖ / ‖∂C/∂A[L]‖, layers 1 … 8
    """

    name: str
    a: float
    slope: float
    saturated: float
    is_flat: Array
    kept: Array


@dataclass(frozen=True)
class Numbers:
    """What is shown: the settings, all weighted inputs Z of the units, and both activations."""

    gain: float
    bias: float
    spread: float
    z: float
    Z: Array
    sides: tuple[Side, Side]


@cache
def _drawn() -> tuple[Array, Array, Array]:
    """Return weights (layers, units, units) of scale 1/√units, inputs (layers, rows, units), grad.

    The same for ever: seed 0.
    """
    rng = np.random.default_rng(0)
    W = rng.standard_normal((LAYERS, UNITS, UNITS)) / np.sqrt(UNITS)
    X = rng.standard_normal((LAYERS, ROWS, UNITS))
    return W, X, rng.standard_normal((ROWS, UNITS)) / ROWS


def _side(name: str, Zs: list[Array], gain: float, z: float) -> Side:
    W, _, grad_a = _drawn()
    slopes = [slope(name, Z) for Z in Zs]
    delta = nn.output_error(grad_a, slopes[-1])  # BP1
    norms = [float(np.linalg.norm(delta))]
    for layer in range(LAYERS - 1, 0, -1):
        delta = nn.hidden_error(gain * W[layer], delta, slopes[layer - 1])  # BP2
        norms.insert(0, float(np.linalg.norm(delta)))
    is_flat = np.abs(np.concatenate(slopes)).ravel() < FLAT
    one = np.array([z])
    return Side(name, float(phi(name, one)[0]), float(slope(name, one)[0]), float(is_flat.mean()),
                is_flat, np.array(norms) / float(np.linalg.norm(grad_a)))  # fmt: skip


def numbers(gain: float, bias: float, spread: float, first: str, second: str) -> Numbers:
    """Return what gain, bias and input spread do to two activations.

    A layer's weights are `gain` times fixed random ones with ‖column‖ ≈ 1, its inputs are
    `spread` times fixed standard normal ones, so the weighted inputs of its units have the
    standard deviation gain·spread around `bias`.  Eight such layers are chained by BP1 and BP2.
    """
    W, X, _ = _drawn()
    b = np.full(UNITS, bias)
    Zs = [nn.weighted_input_batch(gain * W[layer], b, spread * X[layer]) for layer in range(LAYERS)]
    z = gain * spread + bias
    sides = _side(first, Zs, gain, z), _side(second, Zs, gain, z)
    return Numbers(gain, bias, spread, z, np.concatenate(Zs).ravel(), sides)


def sentence(n: Numbers) -> str:
    """Return in words how many units are flat, and what is left of the error."""
    said = [
        f"<b>{side.name}</b>: {percent(side.saturated)} of the units are saturated "
        f"(|φ′| &lt; {FLAT}); the error is {short(side.kept[-1])} times ∂C/∂A after BP1 at layer "
        f"8, and {short(side.kept[0])} times after BP2 down to layer 1"
        for side in n.sides
    ]
    made_up = any(s.saturated > 0.1 and s.kept[0] > s.kept[-1] for s in n.sides)
    why = " BP2 multiplies by the weights too: a large gain makes up for many flat slopes."
    maxout = " Maxout is shown as max(z, −z/2)." if "maxout" in [s.name for s in n.sides] else ""
    return (
        f"The weighted inputs spread by about {short(n.gain * n.spread)} around "
        f"{short(n.bias)}; the points mark one spread above, z = {short(n.z)}. "
        + ". ".join(said)
        + f".{why if made_up else ''}{maxout}"
    )


def code(n: Numbers) -> str:
    """Return code that computes the saturated share of the first activation from normal z."""
    name = n.sides[0].name
    z = f"{n.gain:.4g} * {n.spread:.4g} * np.random.default_rng(0).standard_normal(10000)"
    if name == "maxout":
        slopes = f"sum(nn.maxout_backward(z, {MAXOUT_SECOND} * z, np.ones_like(z)))"
    else:
        slopes = f"nn.activation({name!r}).derivative(z)"
    return (
        f"import numpy as np; from bplib import nn\nz = {z} + {n.bias:.4g}\n"
        f"(np.abs({slopes}) < {FLAT}).mean()"
    )


PRESETS: dict[str, dict[str, Any]] = {
    "calm": {"gain": 1.0, "bias": 0.0, "spread": 1.0},
    "raw pixels": {"gain": 1.0, "bias": 0.0, "spread": 16.0},
    "big weights": {"gain": 10.0, "bias": 0.0},
    "dead ReLU": {"bias": -6.0, "first": "relu", "second": "leaky_relu"},
    "ReLU and maxout": {"first": "relu", "second": "maxout"},
}
CHOICES = ("about a third of it", "about a hundredth", "less than a ten-thousandth")
ASKED = Prediction(
    "eight sigmoid layers, gain 1, spread 1: hardly a unit is saturated. How much of the error "
    "is left in layer 1?",
    CHOICES,
    right=lambda n: int(np.searchsorted([-1e-1, -1e-4], -n.sides[0].kept[0])),
    because=lambda n: (
        f"{percent(n.sides[0].saturated)} of the units are saturated, but even the "
        f"steepest slope of a sigmoid is ¼, and BP1/BP2 multiply eight of them: "
        f"{short(n.sides[0].kept[0])} is left. Not saturated is not yet healthy."
    ),
    settings={"gain": 1.0, "bias": 0.0, "spread": 1.0, "first": "sigmoid", "second": "relu"},
)


def saturation(
    gain: float = 2.0,
    bias: float = 0.0,
    spread: float = 1.5,
    first: str = "sigmoid",
    second: str = "relu",
) -> Explorer:
    """Return the explorer of saturation, starting at these settings.

    gain: scale of the weights, 0.1 … 31    spread: scale of the inputs, 0.1 … 31
    bias: −10 … 10    first, second: two of the six activations of seed 001: sigmoid, tanh, relu,
    leaky_relu, elu, maxout
    Raises ValueError for other values.  Sources: 001 (six activations), 000, 003 (flat sigmoid).
    """
    controls = {
        "gain": log_slider("gain of weights", 1, -1, 1.5),
        "bias": slider("bias", 0, -10, 10, 0.25),
        "spread": log_slider("input spread", 1, -1, 1.5),
        "first": choice("● first", "sigmoid", SIX),
        "second": choice("■ second", "relu", SIX),
    }
    given = {"gain": gain, "bias": bias, "spread": spread, "first": first, "second": second}
    start_at(controls, given)
    parts = Parts(numbers, Picture(phi, slope), sentence, code)
    return Explorer("saturation", "Saturation", controls, parts, PRESETS, ASKED)
