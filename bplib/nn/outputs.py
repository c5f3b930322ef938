"""The ends of a network: which output activation goes with which cost, and their error (BP1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bplib.nn.activations import ACTIVATIONS, Activation
from bplib.nn.checks import Array, unknown_name
from bplib.nn.costs import (
    quadratic_cost,
    quadratic_grad,
    sigmoid_ce_cost,
    sigmoid_ce_error,
    softmax_ce_cost,
    softmax_ce_error,
)
from bplib.nn.equations import output_error
from bplib.nn.vector_activations import softmax


def _no_slope(Z: Array) -> Array:
    raise TypeError(
        "softmax has no elementwise derivative, since every score moves every probability; "
        "use softmax_ce_error(P, Y) with cross-entropy, or softmax_backward(P, grad_P)"
    )


SOFTMAX = Activation("softmax", softmax, _no_slope)


@dataclass(frozen=True)
class Output:
    """An output activation with its cost.

    activation: φ of layer L    cost_name: as in `Network.dense`
    cost(Z, A, Y): the number C    error(Z, A, Y): delta_L = ∂C/∂Z[L], (m, n_L), BP1
    Z, A, Y: weighted inputs and activations of layer L, and targets, all (m, n_L).
    """

    activation: Activation
    cost_name: str
    cost: Callable[[Array, Array, Array], Any]
    error: Callable[[Array, Array, Array], Array]


def _quadratic(phi: Activation) -> Output:
    return Output(
        phi,
        "quadratic",
        cost=lambda Z, A, Y: quadratic_cost(A, Y),
        error=lambda Z, A, Y: output_error(quadratic_grad(A, Y), phi.derivative(Z)),
    )


OUTPUTS: dict[tuple[str, str], Output] = {
    (output.activation.name, output.cost_name): output
    for output in (
        _quadratic(ACTIVATIONS["linear"]),
        _quadratic(ACTIVATIONS["sigmoid"]),
        Output(
            ACTIVATIONS["sigmoid"],
            "cross_entropy",
            cost=lambda Z, A, Y: sigmoid_ce_cost(Z, Y),
            error=lambda Z, A, Y: sigmoid_ce_error(A, Y),
        ),
        Output(
            SOFTMAX,
            "cross_entropy",
            cost=lambda Z, A, Y: softmax_ce_cost(Z, Y),
            error=lambda Z, A, Y: softmax_ce_error(A, Y),
        ),
    )
}


def output(activation: str, cost: str) -> Output:
    """Return the end of a network with that output activation and that cost.

    Raises ValueError, with the list of pairs, for any other pair.

    >>> output("softmax", "cross_entropy").activation.name
    'softmax'
    """
    try:
        return OUTPUTS[activation, cost]
    except (KeyError, TypeError):
        raise unknown_name("(output, cost) pair", (activation, cost), OUTPUTS) from None
