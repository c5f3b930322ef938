"""One pass forward and one back through a network, with everything kept for looking at."""

from __future__ import annotations

from dataclasses import dataclass

from bplib import nn
from bplib.nn.checks import Array


@dataclass(frozen=True)
class Pass:
    """All arrays of one pass; lists of layers 1 … L, but A from layer 0 on.

    Z, delta: (m, n_l)    A: L + 1 arrays, A[0] = X    gradients: (dW, db), as `params`
    """

    Z: list[Array]
    A: list[Array]
    delta: list[Array]
    gradients: nn.Gradients


def both_ways(net: nn.Network, X: Array, Y: Array) -> Pass:
    """Return Z, A, delta and the gradients of every layer: `Network.gradients`, with its deltas.

    X: (m, n_0)    Y: (m, n_L), both float64.  Raises ValueError for shapes that do not fit.
    Sources: 003 the algorithm, 001, 000.
    """
    X, Y = net.batch(X, Y)
    Z, A = net.forward(X)
    delta = [net.output.error(Z[-1], A[-1], Y)]  # BP1
    for layer, above, z in zip(net.layers[-2::-1], net.layers[:0:-1], Z[-2::-1], strict=True):
        delta.insert(0, layer.error(above, delta[0], z))  # BP2
    inputs = zip(net.layers, delta, A[:-1], strict=True)
    gradients = [layer.backward(d, a) for layer, d, a in inputs]  # BP4, BP3
    return Pass(Z, A, delta, gradients)
