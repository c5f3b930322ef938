"""Ways to draw the first weights and biases of a layer.

Each takes a NumPy `Generator` and the numbers of units above and below, and returns
(W, b): W (n_out, n_in) and b (n_out,), float64.  Equal rows of W would give equal gradients, so
two such units would stay equal for ever: the weights are random for that reason alone.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bplib.nn.checks import Array, unknown_name

Initializer = Callable[[np.random.Generator, int, int], tuple[Array, Array]]


def normal(rng: np.random.Generator, n_out: int, n_in: int) -> tuple[Array, Array]:
    """Return weights and biases drawn from N(0, 1): W (n_out, n_in), b (n_out,).

    The scale ignores n_in, so wide layers start saturated: the example that unit 09 improves.
    Source: 000 (initialize at random); Nielsen, *Neural Networks and Deep Learning*, chapter 1.
    """
    return rng.standard_normal((n_out, n_in)), rng.standard_normal(n_out)


def glorot(rng: np.random.Generator, n_out: int, n_in: int) -> tuple[Array, Array]:
    """Return weights from N(0, 2 / (n_in + n_out)) and zero biases: W (n_out, n_in), b (n_out,).

    Keeps the scale of signals both forward and backward, for units that are linear around 0
    (tanh, sigmoid, linear).  Source: 002; Glorot and Bengio 2010, in its normal form.
    """
    return np.sqrt(2 / (n_in + n_out)) * rng.standard_normal((n_out, n_in)), np.zeros(n_out)


def he(rng: np.random.Generator, n_out: int, n_in: int) -> tuple[Array, Array]:
    """Return weights from N(0, 2 / n_in) and zero biases: W (n_out, n_in), b (n_out,).

    The 2 makes up for the half of the signal that ReLU cuts off.  Source: 002; He et al. 2015.
    """
    return np.sqrt(2 / n_in) * rng.standard_normal((n_out, n_in)), np.zeros(n_out)


INITIALIZERS: dict[str, Initializer] = {"normal": normal, "glorot": glorot, "he": he}


def initializer(name: str) -> Initializer:
    """Return the initializer of that name.

    Raises ValueError, with the list of names, for any other name.

    >>> W, b = initializer("he")(np.random.default_rng(0), 3, 5)
    >>> W.shape, b.shape
    ((3, 5), (3,))
    """
    try:
        return INITIALIZERS[name]
    except (KeyError, TypeError):
        raise unknown_name("init", name, INITIALIZERS) from None
