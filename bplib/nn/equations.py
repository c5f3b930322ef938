"""The equations of the course: forward, BP1, BP2, BP3, BP4, and the algorithm that they make.

Each is one line, for a mini-batch of rows, as in NOTATION.  BP1 to BP4 also take one
example, (n,) in place of (m, n).  Arrays are float64 or float32 (kept), inputs are never changed,
shapes that do not fit raise ValueError, and input without numbers raises TypeError.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from bplib.nn.activations import Activation
from bplib.nn.checks import Array, as_float, require_fit, require_ndim, require_same_shape
from bplib.nn.costs import Cost

Params = Sequence[tuple[Array, Array]]
Gradients = list[tuple[Array, Array]]


def weighted_input(W: ArrayLike, b: ArrayLike, a_prev: ArrayLike) -> Array:
    """Return z = W @ a_prev + b for one example, (n_out,).  Forward; sources 001, 003, 004 (1).

    W: (n_out, n_in)    b: (n_out,)    a_prev: (n_in,)

    >>> weighted_input([[1.0, 2.0], [3.0, 4.0]], [0.5, 0.0], [1.0, 1.0])
    array([3.5, 7. ])
    """
    W, b, a_prev = as_float("W", W), as_float("b", b), as_float("a_prev", a_prev)
    fits = W.ndim == 2 and b.shape == W.shape[:1] and a_prev.shape == W.shape[1:]
    rule = "W must be (n_out, n_in), b (n_out,), a_prev (n_in,)"
    require_fit(fits, rule, W=W, b=b, a_prev=a_prev)
    return W @ a_prev + b


def weighted_input_batch(W: ArrayLike, b: ArrayLike, A_prev: ArrayLike) -> Array:
    """Return Z = A_prev @ W.T + b for m examples, (m, n_out).  Forward; sources 001, 003.

    W: (n_out, n_in)    b: (n_out,)    A_prev: (m, n_in)

    >>> weighted_input_batch([[1.0, 2.0], [3.0, 4.0]], [0.5, 0.0], [[1.0, 1.0]])
    array([[3.5, 7. ]])
    """
    W, b, A_prev = as_float("W", W), as_float("b", b), as_float("A_prev", A_prev)
    fits = W.ndim == 2 and b.shape == W.shape[:1] and A_prev.shape[1:] == W.shape[1:]
    rule = "W must be (n_out, n_in), b (n_out,), A_prev (m, n_in)"
    require_fit(fits, rule, W=W, b=b, A_prev=A_prev)
    return A_prev @ W.T + b


def forward(
    X: ArrayLike, params: Params, phi: Callable[[Array], Array]
) -> tuple[list[Array], list[Array]]:
    """Return (Zs, As): Z[1] … Z[L], and A[0] = X, A[1] … A[L] with A[l] = phi(Z[l]).

    X: (m, n_0)    params: (W, b) of layers 1 … L    phi: the activation of every layer
    Zs has L entries, As has L + 1; entry of layer l: (m, n_l).  Sources 001, 003.
    Also raises ValueError if params is empty.
    """
    if len(params) == 0:
        raise ValueError("params is empty; it needs (W, b) for at least one layer")
    As, Zs = [as_float("X", X)], []
    for W, b in params:
        Zs.append(weighted_input_batch(W, b, As[-1]))
        As.append(phi(Zs[-1]))
    return Zs, As


def output_error(grad_a: ArrayLike, dphi_z: ArrayLike) -> Array:
    """Return delta_L = grad_a * dphi_z, the error of the output layer, (m, n_L).  BP1.

    grad_a: ∂C/∂A[L], (m, n_L)    dphi_z: φ′(Z[L]), (m, n_L)
    Only for an elementwise activation: softmax mixes the units (see `softmax_ce_error`).
    Sources: 003 BP1, 001 step 1, 000 step 1.

    >>> output_error([[2.0, -1.0]], [[0.25, 0.0]])
    array([[ 0.5, -0. ]])
    """
    grad_a, dphi_z = as_float("grad_a", grad_a), as_float("dphi_z", dphi_z)
    require_same_shape(grad_a=grad_a, dphi_z=dphi_z)
    return grad_a * dphi_z


def hidden_error(W_next: ArrayLike, delta_next: ArrayLike, dphi_z: ArrayLike) -> Array:
    """Return delta = (delta_next @ W_next) * dphi_z, the error of a hidden layer, (m, n).  BP2.

    W_next: (n_next, n)    delta_next: (m, n_next)    dphi_z: φ′(Z), (m, n)
    For one example this is (W_next.T @ delta_next) * dphi_z, (n,).
    Sources: 003 BP2, 001 step 2, 004 (6), 000 step 2.

    >>> hidden_error([[1.0, 2.0], [3.0, 4.0]], [[1.0, -1.0]], [[1.0, 0.5]])
    array([[-2., -1.]])
    """
    W_next, delta_next = as_float("W_next", W_next), as_float("delta_next", delta_next)
    dphi_z = as_float("dphi_z", dphi_z)
    rows = delta_next.shape[:-1]  # (m,), or () for one example
    fits = W_next.ndim == 2 and len(rows) < 2 and delta_next.shape == rows + W_next.shape[:1]
    rule = "W_next must be (n_next, n), delta_next (m, n_next), dphi_z (m, n)"
    require_fit(
        fits and dphi_z.shape == rows + W_next.shape[1:],
        rule,
        W_next=W_next,
        delta_next=delta_next,
        dphi_z=dphi_z,
    )
    return (delta_next @ W_next) * dphi_z


def bias_gradient(delta: ArrayLike) -> Array:
    """Return db = delta.sum(axis=0) = ∂C/∂b, (n,).  BP3.

    delta: (m, n), which carries the one factor 1/m; so this is a sum and no mean.
    For one example, (n,), this is delta itself (a copy).
    Sources: 003 BP3, 001 step 3, 000 step 3.

    >>> bias_gradient([[1.0, 2.0], [3.0, 4.0]])
    array([4., 6.])
    """
    delta = as_float("delta", delta)
    require_ndim("delta", delta, (1, 2), "(m, n), one example per row, or (n,) for one example")
    db: Array = np.atleast_2d(delta).sum(axis=0)
    return db


def weight_gradient(delta: ArrayLike, A_prev: ArrayLike) -> Array:
    """Return dW = delta.T @ A_prev = ∂C/∂W, (n_out, n_in), the shape of W.  BP4.

    delta: (m, n_out)    A_prev: (m, n_in), the activations that entered the layer
    For one example this is np.outer(delta, a_prev).
    Sources: 003 BP4, 001 step 3, 004 (4), 000 step 3.

    >>> weight_gradient([[1.0, -1.0]], [[2.0, 3.0, 4.0]])
    array([[ 2.,  3.,  4.],
           [-2., -3., -4.]])
    """
    delta, A_prev = as_float("delta", delta), as_float("A_prev", A_prev)
    fits = delta.ndim in (1, 2) and A_prev.ndim > 0 and delta.shape[:-1] == A_prev.shape[:-1]
    rule = "delta must be (m, n_out) and A_prev (m, n_in), with the same m"
    require_fit(fits, rule, delta=delta, A_prev=A_prev)
    dW: Array = np.atleast_2d(delta).T @ np.atleast_2d(A_prev)
    return dW


def backprop(X: ArrayLike, Y: ArrayLike, params: Params, phi: Activation, cost: Cost) -> Gradients:
    """Return the gradients (dW, db) of layers 1 … L: the five steps of the algorithm.

    X: (m, n_0)    Y: (m, n_L)    params: (W, b) of layers 1 … L, (n_l, n_{l-1}) and (n_l,)
    phi: the activation of every layer, the output layer too    cost: a `Cost`, C(A[L], Y)
    Sources: 003 the algorithm, 001 the algorithm, 004 summary, 000 the algorithm.
    """
    Zs, As = forward(X, params, phi)  # 1. input, 2. feedforward
    delta = output_error(cost.gradient(As[-1], as_float("Y", Y)), phi.derivative(Zs[-1]))  # 3. BP1
    deltas = [delta]
    for (W_next, _), Z in zip(params[:0:-1], Zs[-2::-1], strict=True):  # 4. layers L-1 … 1
        deltas.insert(0, hidden_error(W_next, deltas[0], phi.derivative(Z)))  # BP2
    return [  # 5. BP4 and BP3; zip ends before A[L], which enters no layer
        (weight_gradient(delta, A_prev), bias_gradient(delta))
        for delta, A_prev in zip(deltas, As[:-1], strict=True)
    ]
