"""Forward passes to nudge: what a student's gradient is the gradient of, by exercise.

There is no backward formula here. Each function takes the inputs of a visible case, replaces those
that hide what they came from (a slope φ′(z) does not tell z) by fresh ones, and says which number
depends on which array.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from bplib import nn
from bplib.answers import Array

Inputs = Mapping[str, Any]
Scalar = Callable[[Array], Any]


@dataclass(frozen=True)
class Nudge:
    """What to call the student's function with, and what it should return the gradient of.

    costs: by array of the answer, (f, x): the array should be ∂f/∂x, with the shape of x.
    """

    inputs: Inputs
    costs: Mapping[str, tuple[Scalar, Array]]


def _slope(phi: Callable[..., Array], inputs: Inputs) -> Nudge:
    """Each entry of φ(z) depends on its own z alone, so their sum has the slopes as gradient."""
    z, *rest = inputs.values()
    return Nudge(inputs, {"dphi_z": (lambda z: np.sum(phi(z, *rest)), z)})


def _below(phi: Callable[..., Array], inputs: Inputs) -> Nudge:
    """The cost moves by grad_a per unit that the activation moves."""
    grad_a, Z, rest = inputs["grad_a"], inputs["Z"], {**inputs}
    extra = [rest["slope"]] if "slope" in rest else []
    return Nudge(inputs, {"delta": (lambda Z: np.sum(grad_a * phi(Z, *extra)), Z)})


def _maxout(inputs: Inputs) -> Nudge:
    Z_1, Z_2, grad_A = inputs.values()

    def cost(one: Array, other: Array) -> Any:
        return np.sum(grad_A * np.maximum(one, other))

    return Nudge(
        inputs,
        {
            "delta_1": (lambda Z: cost(Z, Z_2), Z_1),
            "delta_2": (lambda Z: cost(Z_1, Z), Z_2),
        },
    )


def _quadratic(inputs: Inputs) -> Nudge:
    return Nudge(inputs, {"grad_a": (lambda A: nn.quadratic_cost(A, inputs["Y"]), inputs["A"])})


def _fresh(shape: tuple[int, ...]) -> Array:
    """Weighted inputs clear of zero: shape."""
    Z = np.random.default_rng(7).normal(size=shape)
    return np.where(np.abs(Z) < 0.1, Z + np.copysign(0.1, Z), Z)


def _output_error(inputs: Inputs) -> Nudge:
    grad_a, Z = inputs["grad_a"], _fresh(inputs["dphi_z"].shape)
    slopes = {**inputs, "dphi_z": nn.ACTIVATIONS["tanh"].derivative(Z)}
    return Nudge(slopes, {"delta": (lambda Z: np.sum(grad_a * np.tanh(Z)), Z)})


def _softmax(inputs: Inputs) -> Nudge:
    Y, Z = inputs["Y"], _fresh(inputs["P"].shape)
    probabilities = {**inputs, "P": nn.softmax(Z)}
    return Nudge(probabilities, {"delta": (lambda Z: nn.softmax_ce_cost(Z, Y), Z)})


def _hidden_error(inputs: Inputs) -> Nudge:
    """A move of z_next costs delta_next per unit."""
    W_next, delta_next, Z = inputs["W_next"], inputs["delta_next"], _fresh(inputs["dphi_z"].shape)
    slopes = {**inputs, "dphi_z": nn.ACTIVATIONS["tanh"].derivative(Z)}
    return Nudge(slopes, {"delta": (lambda Z: np.sum(delta_next * (np.tanh(Z) @ W_next.T)), Z)})


def _hidden_errors(inputs: Inputs) -> Nudge:
    """Run the layers above the nudged one; a move of the top z costs delta_L per unit."""
    params, phi, delta_L = inputs["params"], nn.ACTIVATIONS["tanh"], inputs["delta_L"]
    Z = _fresh(inputs["Zs"][0].shape)
    Zs = [Z]
    for W, b in params[1:]:
        Zs.append(phi(Zs[-1]) @ W.T + b)

    def cost(layer: int, Z: Array) -> Any:
        for W, b in params[layer + 1 :]:
            Z = phi(Z) @ W.T + b
        return np.sum(delta_L * Z)

    costs = {f"delta[{i + 1}]": (partial(cost, i), Z) for i, Z in enumerate(Zs)}
    return Nudge({**inputs, "Zs": Zs, "phi": phi}, costs)


def _layer(inputs: Inputs) -> Nudge:
    """A move of z costs delta per unit; a penalty on the weights, where there is one, on top."""
    delta = inputs["delta"]
    A_prev = inputs.get("A_prev", np.zeros((len(delta), 1)))
    start_W, start_b = np.full((delta.shape[1], A_prev.shape[1]), 0.1), np.full(delta.shape[1], 0.1)
    W, b = inputs.get("W", start_W), inputs.get("b", start_b)

    def cost(W: Array, b: Array) -> Any:
        penalty = inputs.get("strength", 0.0) / 2 * np.sum(W**2)
        return np.sum(delta * (A_prev @ W.T + b)) + penalty

    return Nudge(inputs, {"dW": (lambda W: cost(W, b), W), "db": (lambda b: cost(W, b), b)})


def _network(inputs: Inputs) -> Nudge:
    """Run the whole network with one weight matrix, or one bias, moved."""
    X, Y, params, phi, cost = inputs.values()

    def total(layer: int, which: int, moved: Array) -> Any:
        A = X
        for index, pair in enumerate(params):
            W, b = (moved if (index, i) == (layer, which) else part for i, part in enumerate(pair))
            A = phi(A @ W.T + b)
        return cost(A, Y)

    costs: dict[str, tuple[Scalar, Array]] = {}
    for index, (W, b) in reversed(list(enumerate(params))):
        costs[f"dW[{index + 1}]"] = (partial(total, index, 0), W)
        costs[f"db[{index + 1}]"] = (partial(total, index, 1), b)
    return Nudge(inputs, costs)


NUDGES: dict[str, Callable[[Inputs], Nudge]] = {
    "02.d_sigmoid": partial(_slope, nn.sigmoid),
    "02.d_tanh": partial(_slope, nn.tanh),
    "02.d_relu": partial(_slope, nn.relu),
    "02.d_leaky_relu": partial(_slope, nn.leaky_relu),
    "02.d_elu": partial(_slope, nn.elu),
    "02.relu_backward": partial(_below, nn.relu),
    "02.leaky_relu_backward": partial(_below, nn.leaky_relu),
    "02.maxout_backward": _maxout,
    "03.quadratic_grad": _quadratic,
    "03.output_error": _output_error,
    "03.softmax_ce_error": _softmax,
    "04.hidden_error_one": _hidden_error,
    "04.hidden_error": _hidden_error,
    "04.hidden_errors": _hidden_errors,
    "05.bias_gradient": _layer,
    "05.weight_gradient": _layer,
    "05.penalized_gradients": _layer,
    "05.backprop": _network,
}
