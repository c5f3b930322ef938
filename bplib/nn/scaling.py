"""Keeping numbers in scale: standardized inputs, the norms of gradients, and clipping (unit 09).

What keeps the scale *inside* a network, the first weights, stands in `initializers`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from bplib.nn.checks import Array, as_float, require_fit, require_ndim
from bplib.nn.equations import Gradients


def standardize(train: ArrayLike, test: ArrayLike) -> tuple[Array, Array]:
    """Return (train, test) with every column shifted and divided by what `train` says of it.

    train: (m, n)    test: (k, n), rows are examples; float32 is kept, integers become float64.
    Subtracted is the column's mean over the rows of `train`, divided is by its standard deviation
    over the same m rows (m in the denominator); a column that is constant in `train` is divided
    by 1.  `test` has no say: a test example alone must come out as it does among others.

    Raises ValueError unless both are (rows, n) with the same n and `train` has a row; TypeError
    for arrays without numbers.  Source: 002 (input scaling).

    >>> train, test = standardize([[1.0, 7.0], [3.0, 7.0]], [[4.0, 9.0]])
    >>> train.tolist(), test.tolist()
    ([[-1.0, 0.0], [1.0, 0.0]], [[2.0, 2.0]])
    """
    train, test = as_float("train", train), as_float("test", test)
    for name, array in (("train", train), ("test", test)):
        require_ndim(name, array, (2,), "(rows, n), one example per row")
    fits = train.shape[1] == test.shape[1] and len(train) > 0
    require_fit(fits, "both need the same n columns, and train a row", train=train, test=test)
    mean = train.mean(axis=0)
    # Exact comparison: the spread of equal numbers is rounding noise, not always 0.
    constant = (train == train[0]).all(axis=0)
    mean = np.where(constant, train[0], mean)
    spread = np.where(constant, 1, train.std(axis=0)).astype(train.dtype)
    return (train - mean) / spread, (test - mean) / spread


def gradient_norms(grads: Gradients) -> Array:
    """Return ‖(dW, db)‖ of each layer, (L,): the length of all its gradients as one vector.

    grads: list of (dW, db) for layers 1 … L, dW (n_l, n_{l-1}), db (n_l,).
    Raises TypeError for arrays without numbers.  Sources: 000 and 002 (vanishing, exploding).

    >>> gradient_norms([([[3.0]], [4.0]), ([[0.0]], [2.0])]).tolist()
    [5.0, 2.0]
    """
    return np.array(
        [
            np.hypot(np.linalg.norm(as_float("dW", dW)), np.linalg.norm(as_float("db", db)))
            for dW, db in grads
        ]
    )


def clip_by_norm(grads: Gradients, limit: float) -> list[tuple[Array, Array]]:
    """Return the gradients of all layers, shortened together so that their norm is ≤ limit.

    grads: list of (dW, db) for layers 1 … L.  All arrays are multiplied by one number,
    limit / ‖grads‖, if the norm of them all, as one vector, is above the limit, and else by 1:
    the direction stays, and nothing is made longer.  At the limit itself both are the same.

    Raises ValueError unless limit is a positive number, or if the gradients are not finite.
    Source: 002 (exploding gradients); Pascanu, Mikolov and Bengio 2013.

    >>> clip_by_norm([([[3.0]], [4.0])], 1.0)
    [(array([[0.6]]), array([0.8]))]
    """
    if not 0 < limit < np.inf:
        raise ValueError(f"limit is {limit}; it must be a positive number")
    norm = float(np.linalg.norm(gradient_norms(grads)))
    if not np.isfinite(norm):
        raise ValueError("the gradients hold NaN or infinite entries; no factor can shorten these")
    factor = limit / norm if norm > limit else 1.0
    return [(factor * as_float("dW", dW), factor * as_float("db", db)) for dW, db in grads]
