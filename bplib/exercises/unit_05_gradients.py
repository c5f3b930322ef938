# mypy: allow-untyped-defs, allow-any-generics, no-check-untyped-defs
"""Unit 05: the gradients of one layer (BP3, BP4), and with a penalty on the weights.

Sources: 001 step 3, 003 BP3 and BP4, 004 (4), 000 step 3 and regularization.
"""

from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from bplib import nn
from bplib.answers import Array
from bplib.exercises.exercise import Case, Exercise
from bplib.exercises.families import Family


def draw_deltas(rng: Generator, family: Family) -> Case:
    """The errors of a layer, and the activations that entered it."""
    m, n_prev, n = family.sizes(rng, 2)
    A_prev = family.activation(rng)(family.weighted_inputs(rng, (m, n_prev)))
    return Case(inputs=dict(delta=family.upstream(rng, (m, n)), A_prev=A_prev), m=m)


def nudged(cost: Callable[[Array], Array], x: Array, h: float = 0.5) -> Array:
    """The gradient of costs of degree two or less: then a central difference of any step is exact.

    cost maps k nudged arrays, (k, *x.shape), to their costs, (k,), or (k, m), one per example; the
    gradient has x's shape, or (*x.shape, m).
    """
    steps = h * np.eye(x.size).reshape(-1, *x.shape)
    slopes = (cost(x + steps) - cost(x - steps)) / (2 * h)
    return slopes.reshape(x.shape + slopes.shape[1:])


def weighted_inputs(W: Array, A_prev: Array) -> Array:
    """A_prev Wᵀ for k nudged W, (k, n, n_prev), as one large product: (k, m, n)."""
    return np.tensordot(W, A_prev, axes=(2, 1)).swapaxes(1, 2)


# --- code: BP3 and BP4 ---------------------------------------------------------------------------

bias_gradient = Exercise(
    id="05.bias_gradient",
    title="The gradient of the biases",
    call="bias_gradient(delta)",
    returns={"db": "(n,)"},
    equation="BP3",
    reference=nn.bias_gradient,
    points=2,
    notice="All examples share a bias, so their errors add up.",
)


@bias_gradient.cases
def draw_delta(rng: Generator, family: Family) -> Case:
    """The errors of a layer alone."""
    case = draw_deltas(rng, family)
    return Case(inputs=dict(delta=case.inputs["delta"]), m=case.m)


@bias_gradient.numeric
def nudge_biases(delta: Array) -> Array:
    """Nudge each bias: it moves z of every example by as much."""
    Z = np.zeros_like(delta)
    b = np.full(delta.shape[1], 0.1)
    return nudged(lambda b: np.sum(delta * (Z + b[:, np.newaxis]), axis=(1, 2)), b)


@bias_gradient.style("vectorized")
def _(delta):
    return delta.sum(axis=0)


@bias_gradient.style("loops")
def _(delta):
    m, n = delta.shape
    db = [0.0] * n
    for i in range(m):
        for j in range(n):
            db[j] += delta[i, j]
    return db


@bias_gradient.style("einsum")
def _(delta):
    return np.einsum("ij->j", delta)


@bias_gradient.style("ones")
def _(delta):
    return np.ones(len(delta)) @ delta


@bias_gradient.style("row by row")
def _(delta):
    db = np.zeros(delta.shape[1])
    for row in delta:
        db += row
    return db


bias_gradient.slip("bias-not-summed", ("delta.sum(axis=0)", "delta"))
bias_gradient.slip("bias-summed-over-units", ("delta.sum(axis=0)", "delta.sum()"))
bias_gradient.slip("bias-averaged", ("delta.sum(axis=0)", "delta.mean(axis=0)"))
bias_gradient.slip("bias-zero", ("delta.sum(axis=0)", "np.zeros(delta.shape[1])"))
bias_gradient.slip("first-example-only", ("delta.sum(axis=0)", "delta[0]"))


weight_gradient = Exercise(
    id="05.weight_gradient",
    title="The gradient of the weights",
    call="weight_gradient(delta, A_prev)",
    returns={"dW": "(n, n_prev)"},
    equation="BP4",
    reference=nn.weight_gradient,
    points=3,
    notice="Where the input was silent, its column of dW is zero: nothing to learn there.",
)
weight_gradient.cases(draw_deltas)


@weight_gradient.numeric
def nudge_weights(delta: Array, A_prev: Array) -> Array:
    """Nudge each weight: z of every example moves by the activation that enters there."""
    W = np.full((delta.shape[1], A_prev.shape[1]), 0.3)
    return nudged(lambda W: np.sum(delta * weighted_inputs(W, A_prev), axis=(1, 2)), W)


@weight_gradient.style("vectorized")
def _(delta, A_prev):
    return delta.T @ A_prev


@weight_gradient.style("loops")
def _(delta, A_prev):
    m, n = delta.shape
    dW = np.zeros((n, A_prev.shape[1]))
    for i in range(m):
        for j in range(n):
            for k in range(A_prev.shape[1]):
                dW[j, k] += delta[i, j] * A_prev[i, k]
    return dW


@weight_gradient.style("einsum")
def _(delta, A_prev):
    return np.einsum("ij,ik->jk", delta, A_prev)


@weight_gradient.style("outer products")
def _(delta, A_prev):
    return sum(np.outer(d, a) for d, a in zip(delta, A_prev))


@weight_gradient.style("unit by unit")
def _(delta, A_prev):
    return np.array([errors @ A_prev for errors in delta.T])


weight_gradient.slip("gradient-transposed", ("delta.T @ A_prev", "A_prev.T @ delta"))
weight_gradient.slip("batch-mean-twice", ("delta.T @ A_prev", "delta.T @ A_prev / len(delta)"))
weight_gradient.slip("first-example-only", ("delta.T @ A_prev", "np.outer(delta[0], A_prev[0])"))


# --- code: a penalty rides along -----------------------------------------------------------------

penalized_gradients = Exercise(
    id="05.penalized_gradients",
    title="A penalty rides along",
    call="penalized_gradients(delta, A_prev, W, b, strength)",
    returns={"dW": "(n, n_prev)", "db": "(n,)"},
    equation="BP3 and BP4 with a penalty",
    reference=lambda delta, A_prev, W, b, strength: (
        nn.weight_gradient(delta, A_prev) + strength * W,
        nn.bias_gradient(delta),
    ),
    points=3,
    notice="Even where no error arrives, the penalty pulls every weight a little toward zero.",
)


@penalized_gradients.cases
def draw_penalized(rng: Generator, family: Family) -> Case:
    """A layer's errors and inputs, its weights, and the strength of the penalty on them."""
    case = draw_deltas(rng, family)
    n, n_prev = case.inputs["delta"].shape[1], case.inputs["A_prev"].shape[1]
    return Case(
        inputs=dict(
            **case.inputs,
            W=rng.normal(size=(n, n_prev)),
            b=rng.normal(size=n),
            strength=float(np.round(rng.uniform(0.2, 0.8), 2)),
        ),
        m=case.m,
    )


@penalized_gradients.numeric
def nudge_penalized(
    delta: Array, A_prev: Array, W: Array, b: Array, strength: float
) -> tuple[Array, Array]:
    """Nudge weights and biases: the data cost moves by delta · dz, and so does the penalty."""

    def cost(Z: Array, W: Array) -> Array:
        """The costs of k nudged layers, (k,)."""
        data: Array = np.sum(delta * Z, axis=(1, 2))
        penalty: Array = strength / 2 * np.sum(W**2, axis=(-2, -1))
        return data + penalty

    return (
        nudged(lambda W: cost(weighted_inputs(W, A_prev) + b, W), W),
        nudged(lambda b: cost(A_prev @ W.T + b[:, np.newaxis], W), b),
    )


@penalized_gradients.style("vectorized")
def _(delta, A_prev, W, b, strength):
    dW = delta.T @ A_prev + strength * W
    db = delta.sum(axis=0)
    return dW, db


@penalized_gradients.style("loops")
def _(delta, A_prev, W, b, strength):
    dW, db = np.zeros(W.shape), np.zeros(b.shape)
    for j in range(W.shape[0]):
        db[j] = sum(delta[:, j])
        for k in range(W.shape[1]):
            dW[j, k] = delta[:, j] @ A_prev[:, k] + strength * W[j, k]
    return dW, db


@penalized_gradients.style("einsum")
def _(delta, A_prev, W, b, strength):
    dW = np.einsum("ij,ik->jk", delta, A_prev)
    dW += strength * W
    return dW, np.einsum("ij->j", delta)


@penalized_gradients.style("outer products")
def _(delta, A_prev, W, b, strength):
    dW = sum(np.outer(d, a_prev) for d, a_prev in zip(delta, A_prev))
    return dW + W * strength, np.ones(len(delta)) @ delta


@penalized_gradients.style("in place")
def _(delta, A_prev, W, b, strength):
    W *= strength
    W += np.dot(delta.T, A_prev)
    return W, sum(delta)


penalized_gradients.slip("penalty-missing", (" + strength * W", ""))
penalized_gradients.slip("penalty-factor", ("strength * W", "2 * strength * W"))
penalized_gradients.slip("penalty-wrong-shape", ("strength * W", "strength * np.sum(W)"))
penalized_gradients.slip(
    "bias-penalised", ("delta.sum(axis=0)", "delta.sum(axis=0) + strength * b")
)
penalized_gradients.slip("penalty-scale", ("strength * W", "strength / len(delta) * W"))
penalized_gradients.slip("penalty-sign", ("+ strength * W", "- strength * W"))
