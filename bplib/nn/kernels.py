"""The activations once more, for the training loop: in place, without any new array.

Here φ overwrites its argument, and φ′ is computed from the activation A = φ(Z) instead of Z,
because Z is gone.  The definitions that a reader wants stand in `activations`; the tests hold
these to them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bplib.nn.activations import SLOPE
from bplib.nn.checks import Array


@dataclass(frozen=True)
class Kernel:
    """φ and φ′ in place; all arrays are (m, n) of one dtype, `work` may be overwritten.

    activate(Z, work): Z becomes φ(Z)    multiply(delta, A, work): delta becomes delta * φ′(Z)
    """

    activate: Callable[[Array, Array], None]
    multiply: Callable[[Array, Array, Array], None]


def _sigmoid(Z: Array, work: Array) -> None:
    # σ(z) = ½ + ½ tanh(z/2) is four passes shorter than the form that keeps the digits of the tail
    Z *= 0.5
    np.tanh(Z, out=Z)
    Z *= 0.5
    Z += 0.5


def _times_d_sigmoid(delta: Array, A: Array, work: Array) -> None:
    np.subtract(1, A, out=work)
    work *= A
    delta *= work


def _tanh(Z: Array, work: Array) -> None:
    np.tanh(Z, out=Z)


def _times_d_tanh(delta: Array, A: Array, work: Array) -> None:
    np.multiply(A, A, out=work)
    np.subtract(1, work, out=work)
    delta *= work


def _relu(Z: Array, work: Array) -> None:
    np.maximum(Z, 0, out=Z)


def _times_d_relu(delta: Array, A: Array, work: Array) -> None:
    np.greater(A, 0, out=work)  # 0 or 1
    delta *= work


def _leaky_relu(Z: Array, work: Array) -> None:
    np.multiply(Z, SLOPE, out=work)
    np.maximum(Z, work, out=Z)


def _times_d_leaky_relu(delta: Array, A: Array, work: Array) -> None:
    np.multiply(delta, SLOPE, out=delta, where=A <= 0)


def _elu(Z: Array, work: Array) -> None:
    np.minimum(Z, 0, out=work)
    np.expm1(work, out=work)
    np.maximum(Z, 0, out=Z)
    Z += work


def _times_d_elu(delta: Array, A: Array, work: Array) -> None:
    np.minimum(A, 0, out=work)  # on the negative side φ′ = exp(z) = A + 1
    work += 1
    delta *= work


def _linear(Z: Array, work: Array) -> None:
    pass


def _times_d_linear(delta: Array, A: Array, work: Array) -> None:
    pass


def _softmax(Z: Array, work: Array) -> None:
    Z -= np.maximum.reduce(Z, axis=1, keepdims=True)
    np.exp(Z, out=Z)
    Z /= np.add.reduce(Z, axis=1, keepdims=True)


def _no_slope(delta: Array, A: Array, work: Array) -> None:
    raise TypeError("softmax has no elementwise derivative; its cost takes care of it")


KERNELS: dict[str, Kernel] = {
    "sigmoid": Kernel(_sigmoid, _times_d_sigmoid),
    "tanh": Kernel(_tanh, _times_d_tanh),
    "relu": Kernel(_relu, _times_d_relu),
    "leaky_relu": Kernel(_leaky_relu, _times_d_leaky_relu),
    "elu": Kernel(_elu, _times_d_elu),
    "linear": Kernel(_linear, _times_d_linear),
}
SOFTMAX_KERNEL = Kernel(_softmax, _no_slope)
