"""Backpropagation one step at a time, with all numbers (unit 05)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ipywidgets
import numpy as np

from bplib import nn
from bplib.explore.controls import choice, log_slider, slider, whole
from bplib.explore.explorers.stepper_picture import SIZES, Picture
from bplib.explore.panel import Explorer, Parts, start_at
from bplib.explore.passes import both_ways
from bplib.explore.prediction import Prediction
from bplib.explore.style import percent, short
from bplib.nn.checks import Array

# What is known after each step; `Numbers.known` counts up to here.
STEPS = (
    "input", "forward: Z[1]", "forward: A[1]", "forward: Z[2]", "forward: A[2]", "cost C",
    "BP1: delta[2]", "BP3, BP4: layer 2", "BP2: delta[1]", "BP3, BP4: layer 1",
)  # fmt: skip
LAST = len(STEPS) - 1


@dataclass(frozen=True)
class Numbers:
    """What is shown: one example (m = 1) through a net 2-3-2 of sigmoid units, quadratic cost.

    known: the number of the step reached    A: A[0], A[1], A[2]    Z, delta: of layers 1, 2
    grads: (dW, db) of layers 1, 2    W: of layers 1, 2    phi_slope: σ′(Z) of layers 1, 2
    """

    known: int
    gain: float
    Y: Array
    W: list[Array]
    Z: list[Array]
    A: list[Array]
    cost: float
    slope: list[Array]
    delta: list[Array]
    grads: nn.Gradients


def network(gain: float) -> nn.Network:
    """Return the net with round, fixed weights times `gain`."""
    net = nn.Network.dense(SIZES, "sigmoid", "sigmoid", "quadratic", seed=6)
    net.params = [(gain * W.round(1), b) for W, b in net.params]
    return net


def numbers(step: int, x_1: float, x_2: float, target: int, gain: float) -> Numbers:
    """Return everything that the five steps of the algorithm compute, and how far we are."""
    net = network(gain)
    X, Y = np.array([[x_1, x_2]]), np.eye(2)[target - 1 : target]
    made = both_ways(net, X, Y)
    C = net.output.cost(made.Z[-1], made.A[-1], Y)
    return Numbers(
        step, gain, Y[0], [W for W, _ in net.params], [Z[0] for Z in made.Z],
        [A[0] for A in made.A], float(C), [nn.d_sigmoid(Z)[0] for Z in made.Z],
        [d[0] for d in made.delta], made.gradients,
    )  # fmt: skip


def _row(values: Array) -> str:
    return "[" + ", ".join(short(float(v)) for v in values) + "]"


def formula(n: Numbers) -> str:
    """Return the equation of this step with its numbers."""
    dW_1, dW_2 = (dW for dW, _ in n.grads)
    lines = (
        f"A[0] = X = {_row(n.A[0])}, the target is Y = {_row(n.Y)}",
        f"Z[1] = A[0] @ W[1].T + b[1] = {_row(n.Z[0])}",
        f"A[1] = σ(Z[1]) = {_row(n.A[1])}",
        f"Z[2] = A[1] @ W[2].T + b[2] = {_row(n.Z[1])}",
        f"A[2] = σ(Z[2]) = {_row(n.A[2])}",
        f"C = ½ Σ (A[2] − Y)² = {short(n.cost)}",
        f"delta[2] = (A[2] − Y) * σ′(Z[2]) = {_row(n.A[2] - n.Y)} * {_row(n.slope[1])} = "
        f"{_row(n.delta[1])}",
        f"db[2] = delta[2], dW[2] = delta[2].T @ A[1]; its first row is "
        f"{short(float(n.delta[1][0]))} · {_row(n.A[1])} = {_row(dW_2[0])}",
        f"delta[1] = (delta[2] @ W[2]) * σ′(Z[1]) = {_row(n.delta[1] @ n.W[1])} * "
        f"{_row(n.slope[0])} = {_row(n.delta[0])}",
        f"db[1] = delta[1], dW[1] = delta[1].T @ A[0]; its first row is "
        f"{short(float(n.delta[0][0]))} · {_row(n.A[0])} = {_row(dW_1[0])}",
    )
    return f"<b>Step {n.known} of {LAST}, {STEPS[n.known]}:</b> {lines[n.known]}"


def sentence(n: Numbers) -> str:
    """Return in words what this step has found, with the numbers that stand out."""
    return (_start, _weighted, _squashed, _weighted, _squashed, _cost,
            _output_error, _top_gradients, _hidden_error, _end)[n.known](n)  # fmt: skip


def _largest(values: Array) -> tuple[int, float]:
    """Return the number of the unit, from 1, and the value that is largest in size."""
    i = int(np.abs(values).argmax())
    return i + 1, float(values[i])


def _start(n: Numbers) -> str:
    weight = max(abs(_largest(W.ravel())[1]) for W in n.W)
    return (
        f"All that is given: the inputs {short(float(n.A[0][0]))} and {short(float(n.A[0][1]))}, "
        f"the target that output {_largest(n.Y)[0]} be on, and weights of up to {short(weight)} "
        "in size."
    )


def _weighted(n: Numbers) -> str:
    layer = 1 + n.known // 3
    unit, z = _largest(n.Z[layer - 1])
    return (
        f"Forward: layer {layer} needs only A[{layer - 1}]. Unit {unit} has the largest weighted "
        f"input in size, z = {short(z)}. The target plays no part yet."
    )


def _squashed(n: Numbers) -> str:
    layer = n.known // 2
    unit, z = _largest(n.Z[layer - 1])
    return (
        f"σ squashes unit {unit}'s z = {short(z)} to a = {short(float(n.A[layer][unit - 1]))}, "
        f"where its slope is {short(float(n.slope[layer - 1][unit - 1]))}, the smallest of the "
        "layer. Z and A are kept for the way back; the target plays no part yet."
    )


def _cost(n: Numbers) -> str:
    unit, off = _largest(n.A[2] - n.Y)
    share = 0.5 * off**2 / n.cost if n.cost else 0.0
    return (
        f"The forward pass ends in one number, C = {short(n.cost)}; output {unit}, which is off "
        f"by {short(off)}, makes {percent(share)} of it. Now back."
    )


def _output_error(n: Numbers) -> str:
    unit, delta = _largest(n.delta[1])
    off, slope = (float(v[unit - 1]) for v in (n.A[2] - n.Y, n.slope[1]))
    return (
        f"Backward: output {unit} gets the largest error. It is off by {short(off)}, and its "
        f"slope {short(slope)} lets delta = {short(delta)} through."
    )


def _top_gradients(n: Numbers) -> str:
    to, delta = _largest(n.delta[1])
    unit, a = _largest(n.A[1])
    return (
        f"Only products, no new slopes: the largest gradient of layer 2 in size, "
        f"{short(delta * a)}, is that of the weight from unit {unit}, the most active one with "
        f"a = {short(a)}, to output {to}, which has the largest error, {short(delta)}."
    )


def _hidden_error(n: Numbers) -> str:
    unit, delta = _largest(n.delta[0])
    sent, slope = (float(v[unit - 1]) for v in (n.delta[1] @ n.W[1], n.slope[0]))
    return (
        f"Unit {unit} of layer 1 gets the most blame: the outputs send {short(sent)}, and its "
        f"slope {short(slope)} lets delta = {short(delta)} through."
    )


def _end(n: Numbers) -> str:
    first, second = (float(np.linalg.norm(dW)) for dW, _ in n.grads)
    if not first:
        why = "an input of 0 teaches its weights nothing."
    elif first >= second:
        why = "large weights or inputs have made up for one more slope of at most ¼."
    elif n.slope[0].max() < 0.01:
        why = "the hidden units are saturated, so hardly any blame gets in."
    else:
        why = "one more layer, one more slope of at most ¼."
    return (
        f"All {sum(dW.size + db.size for dW, db in n.grads)} gradients came from one pass back. "
        f"‖dW[1]‖ is {short(first)}, {short(first / second)} times ‖dW[2]‖ = {short(second)}: {why}"
    )


def code(n: Numbers) -> str:
    """Return code that computes all gradients with these settings."""
    W = [np.round(weights, 6).tolist() for weights in n.W]
    return (
        "import numpy as np; from bplib import nn\n"
        f"params = [(np.array({W[0]}), np.zeros(3)), (np.array({W[1]}), np.zeros(2))]\n"
        f"nn.backprop(np.array([{n.A[0].tolist()}]), np.array([{n.Y.tolist()}]), params, "
        "nn.activation('sigmoid'), nn.cost('quadratic'))"
    )


PRESETS: dict[str, dict[str, Any]] = {
    "forward done": {"step": 5},
    "all done": {"step": LAST},
    "x_1 = 0": {"step": LAST, "x_1": 0.0},
    "saturated": {"step": LAST, "gain": 8.0},
}
ASKED = Prediction(
    "the input x_1 is exactly 0. Which gradients are then exactly 0?",
    ("none", "one column of dW[1]", "one row of dW[1]", "all of dW[1]"),
    right=lambda n: _zeros(n.grads[0][0]),
    because=lambda n: (
        "BP4: dW[1][j, 1] = delta[1][j] · x_1, so a weight learns nothing from an "
        f"input of 0. The first column of dW[1] is {_row(n.grads[0][0][:, 0])}, and the second is "
        f"{_row(n.grads[0][0][:, 1])}."
    ),
    settings={"step": LAST, "x_1": 0.0},
)


def _zeros(dW: Array) -> int:
    zero = dW == 0
    return 3 if zero.all() else 1 if zero.all(axis=0).any() else 2 if zero.all(axis=1).any() else 0


def backprop_stepper(
    step: int = 0, x_1: float = 1.0, x_2: float = -0.5, target: int = 1, gain: float = 1.0
) -> Explorer:
    """Return the explorer that steps through forward and backward pass, starting here.

    step: 0 … 9    x_1, x_2: the input, −2 … 2    target: the unit, 1 or 2, that should be 1
    gain: scale of the weights, 0.2 … 10
    Raises ValueError for other values.  Sources: 003 the algorithm, 001, 000 steps 1–3, 004.
    """
    controls = {
        "step": whole("step", 0, 0, LAST),
        "x_1": slider("input x_1", 0, -2, 2, 0.1),
        "x_2": slider("input x_2", 0, -2, 2, 0.1),
        "target": choice("target", 1, [("unit 1 on", 1), ("unit 2 on", 2)]),
        "gain": log_slider("gain of weights", 1, -0.7, 1),
    }
    given = {"step": step, "x_1": x_1, "x_2": x_2, "target": target, "gain": gain}
    start_at(controls, given)
    small = ipywidgets.Layout(width="auto")
    back = ipywidgets.Button(description="Back", icon="arrow-left", layout=small)
    forth = ipywidgets.Button(description="Next", icon="arrow-right", layout=small)
    slide = controls["step"]
    back.on_click(lambda _: setattr(slide, "value", max(0, slide.value - 1)))
    forth.on_click(lambda _: setattr(slide, "value", min(LAST, slide.value + 1)))
    parts = Parts(numbers, Picture(), sentence, code, formula)
    title = "Backpropagation, step by step"
    both = ipywidgets.HBox([back, forth])  # on one line, however wide the page
    return Explorer("backprop_stepper", title, controls, parts, PRESETS, ASKED, extra=(both,))
