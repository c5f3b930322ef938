"""Functions that can be sent by name, as activations can: to differentiate, and to learn with.

NumPy only, and nothing else of bplib, so that it works wherever a student's code runs. The scalar
functions take x, (n,) for any n ≥ 1, float64 or complex128, and return one number of that type;
they are made of analytic operations, and where they have a kink the real part decides: at the kink
itself the left side, the course's convention.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Params = list[tuple[NDArray[np.float64], NDArray[np.float64]]]


@dataclass(frozen=True)
class NamedFunction:
    """A function of this module: call it like any other. Two are equal if their names are."""

    name: str
    rule: Callable[..., Any] = field(repr=False, compare=False)

    def __call__(self, *arguments: Any) -> Any:
        """Return what the function of that name returns."""
        return self.rule(*arguments)


def bowl(x: Array) -> Any:
    """Return Σ x²/2 + (Σ x)²/2: a quadratic, in which each entry feels all the others."""
    return np.sum(x**2) / 2 + np.sum(x) ** 2 / 2


def cubes(x: Array) -> Any:
    """Return Σ x³/3 + (Σ x)²/2: its third derivative is the same everywhere."""
    return np.sum(x**3) / 3 + np.sum(x) ** 2 / 2


def waves(x: Array) -> Any:
    """Return Σ sin x + exp(Σ x / 4)."""
    return np.sum(np.sin(x)) + np.exp(np.sum(x) / 4)


def hills(x: Array) -> Any:
    """Return log(1 + Σ exp x) + Σ x²/2: bent everywhere."""
    return np.log(1 + np.sum(np.exp(x))) + np.sum(x**2) / 2


def plane(x: Array) -> Any:
    """Return 20 + Σ √(k + ½)·x_k for k = 1 … n: the slope is the same everywhere."""
    return 20 + np.sum(np.sqrt(np.arange(1, len(x) + 1) + 0.5) * x)


def hinges(x: Array) -> Any:
    """Return Σ k·max(0, x_k) + (Σ x)²/2 for k = 1 … n: a kink wherever an entry is 0."""
    return np.sum(np.arange(1, len(x) + 1) * np.where(x.real > 0, x, 0)) + np.sum(x) ** 2 / 2


def folds(x: Array) -> Any:
    """Return Σ |x| + Σ x²/2 + (Σ x)²/2: a kink wherever an entry is 0, its mean slope there 0."""
    return np.sum(np.where(x.real > 0, x, -x)) + bowl(x)


def creases(x: Array) -> Any:
    """Return `bowl(x)` + Σ (−1)^k·|x_k| for k = 1 … n: kinks at 0, ridges and valleys in turn."""
    sides = np.where(x.real > 0, x, -x)
    return np.sum(sides[1::2]) - np.sum(sides[::2]) + bowl(x)


def constant(x: Array) -> Any:
    """Return 3, whatever x is."""
    return 3 + 0 * np.sum(x)


def faint_cubes(x: Array) -> Any:
    """Return `cubes(x)` divided by ten million."""
    return 1e-7 * cubes(x)


def loud_bowl(x: Array) -> Any:
    """Return `bowl(x)` times a billion."""
    return 1e9 * bowl(x)


def network_cost(X: Array, Y: Array, params: Params) -> float:
    """Return C, the mean over the rows of the cross-entropy of a network with parameters params.

    X: (m, n_0)    Y: (m, n_L), one-hot    params: list of (W, b) for layers 1 … L
    Hidden layers are tanh, the output is softmax. Source: unit 03, the cost of a mini-batch.
    """
    scores = _activations(X, params)[-1]
    scores = scores - scores.max(axis=1, keepdims=True)  # exp must not overflow
    each = np.log(np.exp(scores).sum(axis=1)) - np.sum(Y * scores, axis=1)
    return float(np.mean(each))


def network_gradients(X: Array, Y: Array, params: Params) -> Params:
    """Return the list of (dW, db) of `network_cost` for layers 1 … L (BP1 to BP4).

    X: (m, n_0)    Y: (m, n_L), one-hot    params: list of (W, b) for layers 1 … L
    The one factor 1/m sits in delta, so the number of rows may differ from call to call.
    """
    *As, scores = _activations(X, params)
    P = np.exp(scores - scores.max(axis=1, keepdims=True))
    P /= P.sum(axis=1, keepdims=True)
    delta = (P - Y) / len(X)
    grads: Params = []
    for (W, _), A_prev in zip(reversed(params), reversed(As), strict=True):
        grads.insert(0, (delta.T @ A_prev, delta.sum(axis=0)))
        delta = (delta @ W) * (1 - A_prev**2)  # tanh′ from tanh; unused below layer 1
    return grads


def network_output(X: Array, params: Params) -> Array:
    """Return the scores of the output layer, (m, n_L): the largest one is the answer."""
    return _activations(X, params)[-1]


def _activations(X: Array, params: Params) -> list[Array]:
    """Return A[0] = X, A[1] … A[L−1], and the scores Z[L]."""
    As = [X]
    for W, b in params[:-1]:
        As.append(np.tanh(As[-1] @ W.T + b))
    W, b = params[-1]
    return As + [As[-1] @ W.T + b]


SMOOTH = ("bowl", "cubes", "waves", "hills")
KINKED = ("hinges", "folds", "creases")

FUNCTIONS: dict[str, NamedFunction] = {
    rule.__name__: NamedFunction(rule.__name__, rule)
    for rule in (
        bowl,
        cubes,
        waves,
        hills,
        plane,
        hinges,
        folds,
        creases,
        constant,
        faint_cubes,
        loud_bowl,
        network_cost,
        network_gradients,
    )
}


def function(name: str) -> NamedFunction:
    """Return the function of that name. Raises ValueError that lists the names.

    >>> function("bowl")(np.array([1.0, -2.0])).item()
    3.0
    """
    if name not in FUNCTIONS:
        raise ValueError(f"no function {name!r}; the functions are: {', '.join(FUNCTIONS)}")
    return FUNCTIONS[name]
