"""Activation functions φ, each with its derivative φ′ beside it.

All work on arrays of any shape and on numbers, keep float32, never change their input, and give
no warning for any finite float.  For the complex step they also take complex arguments, where
the real part decides the side of a kink.  Convention at a kink: the derivative is that of the
negative side, so relu′(0) = 0 and leaky_relu′(0) = 0.1.  Input without numbers raises TypeError.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from bplib.nn.checks import Array, as_float, unknown_name

SLOPE = 0.1  # of leaky ReLU on the negative side, as in seed 001
Function = Callable[[Array], Array]


def sigmoid(z: ArrayLike) -> Array:
    """Return σ(z) = 1 / (1 + exp(−z)), any shape.  Seeds 001, 003.

    exp is only taken of numbers ≤ 0, so nothing overflows: for z < 0 the same fraction is
    written as exp(z) / (1 + exp(z)).

    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """
    z = as_float("z", z)
    negative = z.real < 0
    e = np.exp(np.where(negative, z, -z))
    share: Array = np.where(negative, e, 1) / (1 + e)
    return share


def d_sigmoid(z: ArrayLike) -> Array:
    """Return σ′(z) = σ(z) (1 − σ(z)), any shape.  Seeds 001, 003.

    1 − σ(z) is computed as σ(−z), which keeps its digits where σ(z) is close to 1.

    >>> d_sigmoid(0.0)
    np.float64(0.25)
    """
    z = as_float("z", z)
    return sigmoid(z) * sigmoid(-z)


def tanh(z: ArrayLike) -> Array:
    """Return tanh(z), any shape.  Seed 001."""
    return np.asarray(np.tanh(as_float("z", z)))[()]


def d_tanh(z: ArrayLike) -> Array:
    """Return tanh′(z) = 1 − tanh²(z), any shape.  Seed 001.

    >>> d_tanh(0.0)
    np.float64(1.0)
    """
    return 1 - tanh(z) ** 2


def relu(z: ArrayLike) -> Array:
    """Return max(0, z), any shape.  Seeds 000, 001.

    >>> relu(np.array([-2.0, 0.0, 3.0]))
    array([0., 0., 3.])
    """
    z = as_float("z", z)
    return np.where(z.real <= 0, 0, z)[()]


def d_relu(z: ArrayLike) -> Array:
    """Return 1 where z > 0, else 0, any shape.  Seeds 000, 001.  Kink: relu′(0) = 0.

    >>> d_relu(np.array([-2.0, 0.0, 3.0]))
    array([0., 0., 1.])
    """
    z = as_float("z", z)
    return (z.real > 0).astype(z.dtype)


def leaky_relu(z: ArrayLike, slope: float = SLOPE) -> Array:
    """Return max(slope·z, z) for 0 ≤ slope ≤ 1, any shape.  Seeds 000, 001.

    >>> leaky_relu(np.array([-2.0, 0.0, 3.0]))
    array([-0.2,  0. ,  3. ])
    """
    z = as_float("z", z)
    return np.where(z.real <= 0, slope * z, z)[()]


def d_leaky_relu(z: ArrayLike, slope: float = SLOPE) -> Array:
    """Return 1 where z > 0, else slope, any shape.  Seeds 000, 001.  Kink: at 0 it is `slope`.

    >>> d_leaky_relu(np.array([-2.0, 0.0, 3.0]))
    array([0.1, 0.1, 1. ])
    """
    z = as_float("z", z)
    return np.where(z.real <= 0, slope, np.ones_like(z))[()]


def elu(z: ArrayLike, alpha: float = 1.0) -> Array:
    """Return z where z > 0, else alpha (exp(z) − 1), any shape.  Seed 001.

    >>> elu(np.array([-1000.0, 0.0, 3.0]))
    array([-1.,  0.,  3.])
    """
    z = as_float("z", z)
    negative = z.real <= 0
    return np.where(negative, alpha * np.expm1(np.where(negative, z, 0)), z)[()]


def d_elu(z: ArrayLike, alpha: float = 1.0) -> Array:
    """Return 1 where z > 0, else alpha·exp(z), any shape.  Seed 001.  Kink: elu′(0) = alpha.

    >>> d_elu(np.array([-1000.0, 0.0, 3.0]), alpha=0.5)
    array([0. , 0.5, 1. ])
    """
    z = as_float("z", z)
    negative = z.real <= 0
    return np.where(negative, alpha * np.exp(np.where(negative, z, 0)), 1)[()]


def linear(z: ArrayLike) -> Array:
    """Return z itself (a copy), any shape: the output unit of a regression.  Seed 004."""
    return as_float("z", z).copy()[()]


def d_linear(z: ArrayLike) -> Array:
    """Return ones of the shape of z.  Seed 004."""
    return np.ones_like(as_float("z", z))[()]


@dataclass(frozen=True)
class Activation:
    """An elementwise activation: `phi(Z)` is φ, `phi.derivative(Z)` is φ′, of the shape of Z."""

    name: str
    function: Function
    derivative: Function

    def __call__(self, Z: Array) -> Array:
        """Return φ(Z), same shape and dtype as Z."""
        return self.function(Z)


ACTIVATIONS: dict[str, Activation] = {
    phi.name: phi
    for phi in (
        Activation("sigmoid", sigmoid, d_sigmoid),
        Activation("tanh", tanh, d_tanh),
        Activation("relu", relu, d_relu),
        Activation("leaky_relu", leaky_relu, d_leaky_relu),
        Activation("elu", elu, d_elu),
        Activation("linear", linear, d_linear),
    )
}


def activation(name: str) -> Activation:
    """Return the elementwise activation of that name.

    Raises ValueError, with the list of names, for any other name.

    >>> activation("relu").derivative(np.array([-1.0, 2.0]))
    array([0., 1.])
    """
    try:
        return ACTIVATIONS[name]
    except (KeyError, TypeError):
        raise unknown_name("activation", name, ACTIVATIONS) from None
