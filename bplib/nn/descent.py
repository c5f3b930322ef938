"""Gradient descent in its parts, as unit 08 codes them: start, mini-batches, step, stop.

`training.fit` does the same in one fast loop; these are the equations, one function each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from bplib.nn.checks import Array, is_integer
from bplib.nn.equations import Gradients, Params


def init_normal(sizes: Sequence[int], scale: float, seed: int) -> list[tuple[Array, Array]]:
    """Return the first parameters (W, b) of layers 1 … L: W from N(0, scale²), b zero, float64.

    sizes: n_0 … n_L; W[l] is (n_l, n_{l-1}), b[l] is (n_l,).  The generator is
    `np.random.default_rng(seed)`, and W[1], W[2], …, W[L] are drawn from it in this order.

    Raises ValueError for fewer than two sizes, or one that is no positive integer.
    Source: 000 (initialize at random).

    >>> [(W.shape, b.shape) for W, b in init_normal([4, 3, 2], 0.1, seed=0)]
    [((3, 4), (3,)), ((2, 3), (2,))]
    """
    if len(sizes) < 2 or not all(is_integer(n, 1) for n in sizes):
        raise ValueError(f"sizes is {sizes}; it needs at least two positive integers n_0 … n_L")
    rng = np.random.default_rng(seed)
    return [
        (scale * rng.standard_normal((n_out, n_in)), np.zeros(n_out))
        for n_in, n_out in pairwise(sizes)
    ]


def batches(order: Array, batch_size: int) -> list[Array]:
    """Return the row numbers of `order`, batch_size at a time: each row once, none left out.

    order: (m,) integers.  The last batch has fewer rows if batch_size does not divide m.
    Raises ValueError if batch_size is no positive integer.  Source: 003.

    >>> [rows.tolist() for rows in batches(np.array([2, 0, 1]), 2)]
    [[2, 0], [1]]
    """
    if not is_integer(batch_size, 1):
        raise ValueError(f"batch_size is {batch_size}; it must be an integer ≥ 1")
    return [order[start : start + batch_size] for start in range(0, len(order), batch_size)]


def sgd_step(params: Params, grads: Gradients, learning_rate: float) -> list[tuple[Array, Array]]:
    """Return new parameters W − η dW and b − η db of layers 1 … L; the old ones stay as they are.

    params, grads: lists of (W, b) and (dW, db), W and dW (n_l, n_{l-1}), b and db (n_l,).
    Raises ValueError if the lists differ in length.  Source: 001, the update; 003.
    """
    return [
        (W - learning_rate * dW, b - learning_rate * db)
        for (W, b), (dW, db) in zip(params, grads, strict=True)
    ]


def should_stop(history: Sequence[float], patience: int) -> bool:
    """Return True if the last `patience` costs brought no new lowest cost: time to stop.

    history: the costs after each epoch so far, oldest first; an equal cost is no new lowest.
    False as long as there is no cost before the last `patience` ones.
    Raises ValueError if patience is no positive integer.  Source: 000, stopping criteria.

    >>> should_stop([0.9, 0.5, 0.7, 0.6], 2), should_stop([0.9, 0.5, 0.7, 0.4], 2)
    (True, False)
    """
    if not is_integer(patience, 1):
        raise ValueError(f"patience is {patience}; it must be an integer ≥ 1")
    if len(history) <= patience:
        return False
    return bool(min(history[-patience:]) >= min(history[:-patience]))


def descend(
    params: Params,
    training: tuple[Array, Array],
    validation: tuple[Array, Array],
    cost: Callable[..., float],
    gradients: Callable[..., Gradients],
    learning_rate: float,
    batch_size: int,
    patience: int,
    orders: Sequence[Array],
) -> tuple[list[tuple[Array, Array]], list[float]]:
    """Return the parameters with the lowest validation cost, and that cost after each epoch.

    training: X (m, n_0) and Y (m, n_L)    validation: the same for rows that are not learned from
    cost(X, Y, params): a number           gradients(X, Y, params): list of (dW, db)
    orders: one permutation of 0 … m − 1 per epoch, so the number of them is the most epochs.

    An epoch takes one step for each mini-batch; after it the validation cost is appended to the
    history, and `should_stop` decides.  `params` itself is not changed; among equal costs the
    first counts.  Raises ValueError as `batches`, `sgd_step` and `should_stop` do.
    Sources: 003 the mini-batch algorithm, 000 stopping criteria.
    """
    X, Y = training
    best = [(W.copy(), b.copy()) for W, b in params]
    history: list[float] = []
    for order in orders:
        for rows in batches(order, batch_size):
            params = sgd_step(params, gradients(X[rows], Y[rows], params), learning_rate)
        history.append(cost(*validation, params))
        if history[-1] == min(history) and history.index(history[-1]) == len(history) - 1:
            best = list(params)
        if should_stop(history, patience):
            break
    return best, history
