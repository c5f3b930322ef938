# mypy: allow-untyped-defs, allow-any-generics, no-check-untyped-defs
"""Unit 05, derived: one weight and one bias, the factor 1/m, the sum over the examples.

Sources: 001 step 3, 003 BP3 and BP4, 004 (4) and its sum over examples.
"""

import numpy as np
from numpy.random import Generator

from bplib import nn
from bplib.answers import Array
from bplib.exercises.exercise import Case, Exercise
from bplib.exercises.families import Family
from bplib.exercises.unit_05_gradients import (
    draw_deltas,
    nudge_weights,
    nudged,
    weighted_inputs,
)

# --- derive: one weight, the 1/m, the sum over examples ------------------------------------------

one_weight = Exercise(
    id="05.one_weight",
    title="One weight, one bias",
    call="one_weight(a_k, delta_j)",
    returns={"dz_dw": "(p,)", "dC_dw": "(p,)", "dz_db": "(p,)", "dC_db": "(p,)"},
    equation="BP3 and BP4, one weight",
    reference=lambda a_k, delta_j: (
        nn.weight_gradient(np.ones((1, 1)), a_k[np.newaxis])[0],
        np.array([nn.weight_gradient(d[None], a[None])[0, 0] for d, a in zip(delta_j, a_k)]),
        np.ones_like(a_k),
        nn.bias_gradient(delta_j),
    ),
    points=3,
    by_line=True,
    visible=("ordinary",),
    notice="A weight learns as fast as its input is active; a bias does not ask who sends.",
)


@one_weight.cases
def draw_one_weight(rng: Generator, family: Family) -> Case:
    """Four connections, each with an input activation and an error: four points at once."""
    a_k = family.activation(rng)(family.weighted_inputs(rng, (4,)))
    return Case(inputs=dict(a_k=a_k, delta_j=family.upstream(rng, (4,))), m=1)


@one_weight.numeric
def nudge_one_weight(a_k: Array, delta_j: Array) -> tuple[Array, ...]:
    """Nudge w and b of z = w a + b, and watch z, then the cost."""
    wb = np.array([[0.3] * 4, [-0.2] * 4])

    def z(wb: Array) -> Array:
        """The weighted inputs of k nudged pairs, (k, 4)."""
        return wb[:, 0] * a_k + wb[:, 1]

    dz_dw, dz_db = nudged(lambda wb: np.sum(z(wb), axis=1), wb)
    dC_dw, dC_db = nudged(lambda wb: np.sum(delta_j * z(wb), axis=1), wb)
    return dz_dw, dC_dw, dz_db, dC_db


@one_weight.style("vectorized")
def _(a_k, delta_j):
    dz_dw = a_k
    dC_dw = delta_j * dz_dw
    dz_db = np.ones_like(a_k)
    dC_db = delta_j * dz_db
    return dz_dw, dC_dw, dz_db, dC_db


@one_weight.style("loops")
def _(a_k, delta_j):
    lines = [(a, delta * a, 1.0, delta) for a, delta in zip(a_k, delta_j)]
    return tuple(np.array(line) for line in zip(*lines))


@one_weight.style("direct")
def _(a_k, delta_j):
    return a_k, a_k * delta_j, 1 + 0 * delta_j, 1 * delta_j


@one_weight.style("in place")
def _(a_k, delta_j):
    dC_dw = a_k.copy()
    dC_dw *= delta_j
    return a_k, dC_dw, np.ones(len(a_k)), delta_j


@one_weight.style("einsum")
def _(a_k, delta_j):
    return a_k, np.einsum("i,i->i", a_k, delta_j), np.full(a_k.shape, 1.0), delta_j


one_weight.slip("bias-times-input", ("dz_db = np.ones_like(a_k)", "dz_db = a_k"))
one_weight.slip("bias-zero", ("dz_db = np.ones_like(a_k)", "dz_db = np.zeros_like(a_k)"))


where_is_m = Exercise(
    id="05.where_is_m",
    title="Where is the 1/m?",
    call="where_is_m(errors, A_prev)",
    returns={"delta": "(m, n)", "db": "(n,)", "dW": "(n, n_prev)"},
    equation="the one factor 1/m",
    reference=lambda errors, A_prev: (
        errors / len(errors),
        nn.bias_gradient(errors / len(errors)),
        nn.weight_gradient(errors / len(errors), A_prev),
    ),
    points=3,
    by_line=True,
    visible=("ordinary", "one-example"),
    notice="m occurs once in the cost, so it occurs once in each gradient.",
)


@where_is_m.cases
def draw_errors(rng: Generator, family: Family) -> Case:
    """The same, with each example's own error, before the mean is taken."""
    case = draw_deltas(rng, family)
    return Case(inputs=dict(errors=case.inputs["delta"], A_prev=case.inputs["A_prev"]), m=case.m)


@where_is_m.numeric
def nudge_mean_cost(errors: Array, A_prev: Array) -> tuple[Array, ...]:
    """The cost of example i is errors[i] · z_i; the cost is their mean."""
    W, b = np.full((errors.shape[1], A_prev.shape[1]), 0.3), np.full(errors.shape[1], -0.2)

    def cost(Z: Array) -> Array:
        """The mean costs of k nudged layers, (k,)."""
        each: Array = np.sum(errors * Z, axis=2).mean(axis=1)
        return each

    return (
        nudged(cost, A_prev @ W.T + b),
        nudged(lambda b: cost(A_prev @ W.T + b[:, np.newaxis]), b),
        nudged(lambda W: cost(weighted_inputs(W, A_prev) + b), W),
    )


@where_is_m.style("vectorized")
def _(errors, A_prev):
    m = len(errors)
    delta = errors / m
    db = delta.sum(axis=0)
    dW = delta.T @ A_prev
    return delta, db, dW


@where_is_m.style("means")
def _(errors, A_prev):
    each = errors[:, :, np.newaxis] * A_prev[:, np.newaxis, :]
    return errors / errors.shape[0], np.mean(errors, axis=0), np.mean(each, axis=0)


@where_is_m.style("loops")
def _(errors, A_prev):
    m, delta, db, dW = len(A_prev), [], 0, 0
    for row, a_prev in zip(errors, A_prev):
        delta.append(row / m)
        db = db + delta[-1]
        dW = dW + np.outer(delta[-1], a_prev)
    return np.array(delta), db, dW


@where_is_m.style("einsum")
def _(errors, A_prev):
    delta = np.einsum("ij->ij", errors) / len(errors)
    return delta, np.einsum("ij->j", delta), np.einsum("ij,ik->jk", delta, A_prev)


@where_is_m.style("in place")
def _(errors, A_prev):
    errors /= len(errors)
    return errors, np.ones(len(errors)) @ errors, np.dot(errors.T, A_prev)


where_is_m.slip("bias-averaged", ("delta.sum(axis=0)", "delta.mean(axis=0)"))
where_is_m.slip("batch-mean-missing", ("errors / m", "errors"))
where_is_m.slip("batch-mean-twice", ("delta.T @ A_prev", "delta.T @ A_prev / m"))


sum_over_examples = Exercise(
    id="05.sum_over_examples",
    title="From one example to a mini-batch",
    call="sum_over_examples(delta, A_prev)",
    returns={"each": "(m, n, n_prev)", "dW": "(n, n_prev)"},
    equation="BP4, mini-batch",
    reference=lambda delta, A_prev: (
        np.stack([nn.weight_gradient(d[None], a[None]) for d, a in zip(delta, A_prev)]),
        nn.weight_gradient(delta, A_prev),
    ),
    points=2,
    by_line=True,
    visible=("ordinary", "one-example"),
    notice="A matrix product is a sum of outer products, one for each example.",
)
sum_over_examples.cases(draw_deltas)


@sum_over_examples.numeric
def nudge_weights_by_example(delta: Array, A_prev: Array) -> tuple[Array, Array]:
    """Nudge W and look at the cost of each example; then at all of them together."""

    def costs(W: Array) -> Array:
        """The costs of every example in k nudged layers, (k, m)."""
        each: Array = np.sum(delta * weighted_inputs(W, A_prev), axis=2)
        return each

    W = np.full((delta.shape[1], A_prev.shape[1]), 0.3)
    return np.moveaxis(nudged(costs, W), 2, 0), nudge_weights(delta, A_prev)


@sum_over_examples.style("vectorized")
def _(delta, A_prev):
    each = delta[:, :, np.newaxis] * A_prev[:, np.newaxis, :]
    dW = delta.T @ A_prev
    return each, dW


@sum_over_examples.style("loops")
def _(delta, A_prev):
    each = [np.outer(d, a) for d, a in zip(delta, A_prev)]
    return np.array(each), sum(each)


@sum_over_examples.style("einsum")
def _(delta, A_prev):
    return np.einsum("ij,ik->ijk", delta, A_prev), np.einsum("ij,ik->jk", delta, A_prev)


@sum_over_examples.style("row by row")
def _(delta, A_prev):
    each = np.stack([d[:, np.newaxis] * a for d, a in zip(delta, A_prev)])
    return each, np.sum(each, axis=0)


@sum_over_examples.style("stacked products")
def _(delta, A_prev):
    each = delta[..., np.newaxis] @ A_prev[:, np.newaxis]
    return each, np.tensordot(delta, A_prev, axes=(0, 0))


sum_over_examples.slip("first-example-only", ("delta.T @ A_prev", "each[0]"))
sum_over_examples.slip("batch-mean-twice", ("delta.T @ A_prev", "each.mean(axis=0)"))
sum_over_examples.slip("gradient-transposed", ("delta.T @ A_prev", "A_prev.T @ delta"))
