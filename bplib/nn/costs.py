"""Cost functions C, each with its gradient beside it.

C is the mean over the rows (examples) of a sum over the output units.  The factor 1/m of that
mean is in every gradient here, once, and nowhere else in the backward pass (NOTATION: delta
carries it).  Arrays are (m, n) with one example per row, or (n,) for one example (m = 1); float32
is kept; complex scores and activations are taken for the complex step.  Errors: ValueError if the
two shapes differ, have other than one or two axes, or hold no example; TypeError if an array
holds no numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from bplib.nn.checks import (
    Array,
    as_float,
    require_fit,
    require_ndim,
    require_same_shape,
    unknown_name,
)
from bplib.nn.vector_activations import shifted_scores


def _pair(name: str, A: ArrayLike, Y: ArrayLike) -> tuple[Array, Array, int]:
    """Return A and Y as floating arrays, and the number m of examples."""
    A, Y = as_float(name, A), as_float("Y", Y)
    require_same_shape(**{name: A, "Y": Y})
    require_ndim(name, A, (1, 2), "(m, n), one example per row, or (n,) for one example")
    require_fit(A.size > 0, "there must be at least one example and one unit", **{name: A, "Y": Y})
    return A, Y, 1 if A.ndim == 1 else len(A)


def quadratic_cost(A: ArrayLike, Y: ArrayLike) -> Any:
    """Return C = 1/(2m) Σ (A − Y)², a number.  A: output activations, Y: targets, both (m, n).

    Sources: 003 and 004 (5), with the ½ that makes the gradient A − Y.

    >>> quadratic_cost([[1.0, 0.0], [0.0, 4.0]], [[0.0, 0.0], [0.0, 1.0]])
    np.float64(2.5)
    """
    A, Y, m = _pair("A", A, Y)
    return ((A - Y) ** 2).sum() / (2 * m)


def quadratic_grad(A: ArrayLike, Y: ArrayLike) -> Array:
    """Return ∂C/∂A = (A − Y)/m of the quadratic cost, (m, n).  Sources: 003, 004.

    >>> quadratic_grad([[1.0, 0.0], [0.0, 4.0]], [[0.0, 0.0], [0.0, 1.0]])
    array([[0.5, 0. ],
           [0. , 1.5]])
    """
    A, Y, m = _pair("A", A, Y)
    return (A - Y) / m


def cross_entropy_cost(A: ArrayLike, Y: ArrayLike) -> Any:
    """Return C = −1/m Σ [Y ln A + (1 − Y) ln(1 − A)], a number, from sigmoid activations A, (m, n).

    An activation that has rounded to exactly 0 or 1 counts as the float next to it, so C is
    finite; `sigmoid_ce_cost`, which starts from the scores, has no such limit.  Source: 001.

    >>> float(cross_entropy_cost([[0.5]], [[1.0]]).round(4))
    0.6931
    """
    A, Y, m = _pair("A", A, Y)
    A = _inside(A)
    return -(Y * np.log(A) + (1 - Y) * np.log1p(-A)).sum() / m


def cross_entropy_grad(A: ArrayLike, Y: ArrayLike) -> Array:
    """Return ∂C/∂A = (A − Y)/(A (1 − A))/m of the sigmoid cross-entropy, (m, n).

    An activation that has rounded to exactly 0 or 1 counts as the float next to it, so the
    gradient is finite; `sigmoid_ce_error` needs no such division.  Source: 001, unit 03.

    >>> cross_entropy_grad([[0.5]], [[1.0]])
    array([[-2.]])
    """
    A, Y, m = _pair("A", A, Y)
    inside = _inside(A)
    grad: Array = (A - Y) / (inside * (1 - inside)) / m
    return grad


def _inside(A: Array) -> Array:
    """Return A kept within the open interval (0, 1): at least the smallest normal float."""
    limits = np.finfo(A.dtype)
    return np.asarray(np.clip(A, limits.tiny, 1 - limits.epsneg))


def sigmoid_ce_cost(Z: ArrayLike, Y: ArrayLike) -> Any:
    """Return the cross-entropy of sigmoid(Z) against Y, a number, from the scores Z, (m, n).

    C = 1/m Σ [ln(1 + exp(Z)) − Y Z], with ln(1 + exp(z)) = max(z, 0) + ln(1 + exp(−|z|)): no
    overflow and no ln 0 for any score whose cost is itself a float.  Source: unit 03.

    >>> float(sigmoid_ce_cost([[-1000.0, 0.0]], [[1.0, 1.0]]).round(4))
    1000.6931
    """
    Z, Y, m = _pair("Z", Z, Y)
    negative = Z.real < 0
    softplus = np.where(negative, 0, Z) + np.log1p(np.exp(np.where(negative, Z, -Z)))
    return (softplus - Y * Z).sum() / m


def sigmoid_ce_error(A: ArrayLike, Y: ArrayLike) -> Array:
    """Return delta = ∂C/∂Z = (A − Y)/m, (m, n): BP1 for sigmoid outputs A with cross-entropy.

    The slope σ′(Z) has cancelled, so a saturated output still learns.  Sources: 000, unit 03.

    >>> sigmoid_ce_error([[1.0, 0.5]], [[0.0, 1.0]])
    array([[ 1. , -0.5]])
    """
    A, Y, m = _pair("A", A, Y)
    return (A - Y) / m


def softmax_ce_cost(Z: ArrayLike, Y: ArrayLike) -> Any:
    """Return C = −1/m Σ Y ln softmax(Z), a number, from the scores Z, (m, n).

    Computed as ln Σ exp(Z) − Z with the largest score of the row taken out first: stable for any
    score whose cost is itself a float; scores whose target is 0 only enter the sum.
    Y: targets; each row sums to 1 (one-hot, or probabilities).
    Source: unit 03.

    >>> float(softmax_ce_cost([[-1000.0, 0.0]], [[1.0, 0.0]]))
    1000.0
    """
    Z, Y, m = _pair("Z", Z, Y)
    largest = Z.real.max(axis=-1, keepdims=True)
    log_sum = np.log(np.exp(shifted_scores(Z)).sum(axis=-1, keepdims=True))
    behind = np.subtract(largest, Z, out=np.zeros_like(Z), where=Y != 0)
    return (Y * (behind + log_sum)).sum() / m


def softmax_ce_error(P: ArrayLike, Y: ArrayLike) -> Array:
    """Return delta = ∂C/∂Z = (P − Y)/m, (m, n): BP1 for softmax outputs P with cross-entropy.

    Every score moves every probability, and the sum over them all comes to this difference,
    provided that each row of Y sums to 1.  Source: unit 03.

    >>> softmax_ce_error([[0.75, 0.25]], [[1.0, 0.0]])
    array([[-0.25,  0.25]])
    """
    P, Y, m = _pair("P", P, Y)
    return (P - Y) / m


@dataclass(frozen=True)
class Cost:
    """A cost of output activations: `cost(A, Y)` is C, `cost.gradient(A, Y)` is ∂C/∂A, (m, n_L)."""

    name: str
    function: Callable[[Array, Array], Any]
    gradient: Callable[[Array, Array], Array]

    def __call__(self, A: Array, Y: Array) -> Any:
        """Return the number C for output activations A and targets Y, both (m, n_L)."""
        return self.function(A, Y)


COSTS: dict[str, Cost] = {
    "quadratic": Cost("quadratic", quadratic_cost, quadratic_grad),
    "cross_entropy": Cost("cross_entropy", cross_entropy_cost, cross_entropy_grad),
}


def cost(name: str) -> Cost:
    """Return the cost of that name: "quadratic", or "cross_entropy" (of sigmoid activations).

    Raises ValueError, with the list of names, for any other name.

    >>> cost("quadratic").gradient(np.array([[3.0]]), np.array([[1.0]]))
    array([[2.]])
    """
    try:
        return COSTS[name]
    except (KeyError, TypeError):
        raise unknown_name("cost", name, COSTS) from None
