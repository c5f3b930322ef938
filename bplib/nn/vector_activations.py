"""The two activations that are not elementwise: softmax and maxout, each with its backward pass."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from bplib.nn.checks import Array, as_float, require_fit, require_ndim, require_same_shape

# exp(−2 FAR) is 0 in float64 too: a score that far below the largest one has no share.
FAR = 400.0


def shifted_scores(Z: Array) -> Array:
    """Return Z minus the largest entry of its row, but not less than −2 FAR; shape of Z.

    Softmax does not change when a row is shifted, and exp of these numbers cannot overflow.
    The halves are subtracted, because 1e308 − (−1e308) would itself overflow.
    """
    largest = Z.real.max(axis=-1, keepdims=True)
    shifted: Array = 2 * np.maximum(Z / 2 - largest / 2, -FAR)
    return shifted


def softmax(Z: ArrayLike) -> Array:
    """Return P = exp(Z) / Σ exp(Z) along the last axis: positive, each row sums to 1.

    Z: scores, (n,) or (m, n), float32 or float64 (kept), or complex for the complex step.
    Stable for any finite scores.  Raises ValueError if Z has no axis or no entries.
    Source: the output layer that goes with cross-entropy (unit 03).

    >>> softmax(np.array([[0.0, 0.0], [1000.0, -1000.0]]))
    array([[0.5, 0.5],
           [1. , 0. ]])
    """
    Z = as_float("Z", Z)
    require_fit(Z.ndim > 0 and Z.shape[-1] > 0, "each row needs at least one score", Z=Z)
    E = np.exp(shifted_scores(Z))
    P: Array = E / E.sum(axis=-1, keepdims=True)
    return P


def d_softmax(p: ArrayLike) -> Array:
    """Return the Jacobian ∂p_j/∂z_k = p_j (1[j=k] − p_k) of softmax for one example, (n, n).

    p: the probabilities softmax(z), (n,).  Raises ValueError for another number of axes.
    Unlike φ′ of an elementwise activation it is a full matrix: every probability moves.

    >>> d_softmax(np.array([0.5, 0.5]))
    array([[ 0.25, -0.25],
           [-0.25,  0.25]])
    """
    p = as_float("p", p)
    require_ndim("p", p, (1,), "one example, (n,)")
    jacobian: Array = np.diag(p) - np.outer(p, p)
    return jacobian


def softmax_backward(P: ArrayLike, grad_P: ArrayLike) -> Array:
    """Return ∂C/∂Z = P (∂C/∂P − Σ_j ∂C/∂P_j P_j): the Jacobian of softmax times a vector, by rows.

    P: probabilities softmax(Z), (n,) or (m, n).  grad_P: ∂C/∂P, same shape.
    Raises ValueError if the shapes differ.

    >>> softmax_backward(np.array([0.5, 0.5]), np.array([1.0, 0.0]))
    array([ 0.25, -0.25])
    """
    P, grad_P = as_float("P", P), as_float("grad_P", grad_P)
    require_same_shape(P=P, grad_P=grad_P)
    grad_Z: Array = P * (grad_P - (grad_P * P).sum(axis=-1, keepdims=True))
    return grad_Z


def maxout(Z_1: ArrayLike, Z_2: ArrayLike) -> Array:
    """Return A = max(Z_1, Z_2), the larger of two weighted inputs of each unit.  Seed 001.

    Z_1, Z_2: Z_i = A_prev @ W_i.T + b_i, same shape (any).  Raises ValueError if shapes differ.
    With Z_1 = 0 it is ReLU.

    >>> maxout(np.array([1.0, -2.0]), np.array([0.0, 3.0]))
    array([1., 3.])
    """
    Z_1, Z_2 = as_float("Z_1", Z_1), as_float("Z_2", Z_2)
    require_same_shape(Z_1=Z_1, Z_2=Z_2)
    return np.where(Z_2.real <= Z_1.real, Z_1, Z_2)[()]


def maxout_backward(Z_1: ArrayLike, Z_2: ArrayLike, grad_A: ArrayLike) -> tuple[Array, Array]:
    """Return (∂C/∂Z_1, ∂C/∂Z_2): all of ∂C/∂A goes to the branch that won, nothing to the other.

    Z_1, Z_2, grad_A: same shape (any).  Raises ValueError if shapes differ.  Seed 001.
    Convention at a tie: the first branch wins, which is relu′(0) = 0 when Z_1 = 0.

    >>> maxout_backward(np.array([1.0, 3.0]), np.array([0.0, 3.0]), np.array([5.0, 7.0]))
    (array([5., 7.]), array([0., 0.]))
    """
    Z_1, Z_2, grad_A = as_float("Z_1", Z_1), as_float("Z_2", Z_2), as_float("grad_A", grad_A)
    require_same_shape(Z_1=Z_1, Z_2=Z_2, grad_A=grad_A)
    first = Z_2.real <= Z_1.real
    return np.where(first, grad_A, 0)[()], np.where(first, 0, grad_A)[()]
