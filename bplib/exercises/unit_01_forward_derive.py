# mypy: allow-untyped-defs, allow-any-generics, no-check-untyped-defs
"""Unit 01, first half: the forward pass derived, from one unit to a layer to a mini-batch.

Sources: 001 a = σ(wa + b) and the matrix product, 003 warm-up, 004 (1) (2) and the dummy input.
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.random import Generator

from bplib import nn
from bplib.answers import Array
from bplib.exercises.exercise import Case, Exercise
from bplib.exercises.families import FAMILIES, Family

# A forward pass meets no error from above, so the family of zero errors would ask nothing new.
FORWARD = tuple(family.name for family in FAMILIES if not family.zero_upstream)

BY_HAND: dict[str, Callable[[float], float]] = {
    "sigmoid": lambda z: 1 / (1 + math.exp(-z)),
    "tanh": math.tanh,
    "relu": lambda z: max(0.0, z),
    "leaky_relu": lambda z: max(0.1 * z, z),
    "elu": lambda z: z if z > 0 else math.expm1(z),
    "linear": lambda z: z,
}


def by_hand(phi: nn.Activation, z: float) -> float:
    """φ(z) for one number, in plain Python: the second opinion on `bplib.nn`."""
    return BY_HAND[phi.name](float(z))


def draw_layer(rng: Generator, family: Family) -> Case:
    """A layer of n units, and the activations of m examples that enter it."""
    m, n_prev, n = family.sizes(rng, 2)
    A_prev = family.activation(rng)(family.weighted_inputs(rng, (m, n_prev)))
    return Case(
        inputs=dict(W=rng.normal(size=(n, n_prev)), b=rng.normal(size=n), A_prev=A_prev), m=m
    )


def draw_layer_of_one_example(rng: Generator, family: Family) -> Case:
    """The same layer, seen by the first example alone: vectors instead of rows."""
    W, b, A_prev = draw_layer(rng, family).inputs.values()
    return Case(inputs=dict(W=W, b=b, a_prev=A_prev[0]), m=1)


# --- derive: one unit, then a layer --------------------------------------------------------------


def _one_unit(w: Array, b: float, a_prev: Array, phi: nn.Activation) -> tuple[Array, ...]:
    """The layer of nn with a single unit; its messages are those of a layer that adds nothing."""
    z = nn.weighted_input(w[np.newaxis], [b], a_prev)[0]
    return nn.weighted_input(np.diag(w), np.zeros_like(w), a_prev), z, phi(z)


one_unit = Exercise(
    id="01.one_unit",
    title="One unit",
    call="one_unit(w, b, a_prev, phi)",
    returns={"messages": "(n_prev,)", "z": "()", "a": "()"},
    equation="forward, one unit",
    reference=_one_unit,
    points=2,
    by_line=True,
    families=FORWARD,
    visible=("ordinary",),
    notice="Weigh, add, bend: a unit does nothing else, however large the network is.",
)


@one_unit.cases
def draw_one_unit(rng: Generator, family: Family) -> Case:
    """The first unit of a layer, with the activations that it hears and its activation function."""
    W, b, a_prev = draw_layer_of_one_example(rng, family).inputs.values()
    return Case(inputs=dict(w=W[0], b=float(b[0]), a_prev=a_prev, phi=family.activation(rng)), m=1)


@one_unit.numeric
def listen_by_hand(w: Array, b: float, a_prev: Array, phi: nn.Activation) -> tuple:
    """Plain Python, one message after the other; a value has no gradient to compare with."""
    messages = [float(weight) * float(a) for weight, a in zip(w, a_prev, strict=True)]
    z = math.fsum([*messages, b])
    return messages, z, by_hand(phi, z)


@one_unit.style("vectorized")
def _(w, b, a_prev, phi):
    messages = w * a_prev
    z = messages.sum() + b
    a = phi(z)
    return messages, z, a


@one_unit.style("dot")
def _(w, b, a_prev, phi):
    z = np.dot(w, a_prev) + b
    return [a_k * w_k for w_k, a_k in zip(w, a_prev)], z, phi(z)


@one_unit.style("loops")
def _(w, b, a_prev, phi):
    messages, z = [], b
    for k in range(len(w)):
        messages.append(w[k] * a_prev[k])
        z = z + messages[k]
    return messages, z, phi(np.array(z))


@one_unit.style("einsum")
def _(w, b, a_prev, phi):
    messages = np.einsum("k,k->k", w, a_prev)
    z = np.einsum("k->", messages) + b
    return messages, z, phi(z)


@one_unit.style("dummy input")
def _(w, b, a_prev, phi):
    messages = np.multiply(a_prev, w)
    z = np.append(w, b) @ np.append(a_prev, 1)
    return messages, z, phi(z)


one_unit.slip("bias-per-example", ("messages.sum() + b", "(messages + b).sum()"))
one_unit.slip("bias-forgotten", ("messages.sum() + b", "messages.sum()"))
one_unit.slip("overwrites-z", ("a = phi(z)", "z = phi(z)\n    a = z"))


one_layer = Exercise(
    id="01.one_layer",
    title="From one unit to a layer",
    call="one_layer(W, b, a_prev)",
    returns={"messages": "(n, n_prev)", "sums": "(n,)", "z": "(n,)"},
    equation="forward, one example",
    reference=lambda W, b, a_prev: (
        np.stack([nn.weighted_input(np.diag(w), np.zeros_like(w), a_prev) for w in W]),
        nn.weighted_input(W, np.zeros_like(b), a_prev),
        nn.weighted_input(W, b, a_prev),
    ),
    points=3,
    by_line=True,
    families=FORWARD,
    visible=("ordinary", "equal-widths"),
    notice="A matrix product is nothing but this: every unit adds up what it hears.",
)
one_layer.cases(draw_layer_of_one_example)


@one_layer.numeric
def listen_unit_by_unit(W: Array, b: Array, a_prev: Array) -> tuple[Array, Array, Array]:
    """Plain Python for each unit in turn."""
    linear = nn.ACTIVATIONS["linear"]
    units = [listen_by_hand(w, 0.0, a_prev, linear) for w in W]
    sums = np.array([z for _, z, _ in units])
    return np.array([messages for messages, _, _ in units]), sums, sums + b


@one_layer.style("vectorized")
def _(W, b, a_prev):
    messages = W * a_prev
    sums = W @ a_prev
    z = sums + b
    return messages, sums, z


@one_layer.style("loops")
def _(W, b, a_prev):
    n, n_prev = W.shape
    messages, sums = np.zeros((n, n_prev)), np.zeros(n)
    for j in range(n):
        for k in range(n_prev):
            messages[j, k] = W[j, k] * a_prev[k]
            sums[j] += messages[j, k]
    return messages, sums, sums + b


@one_layer.style("einsum")
def _(W, b, a_prev):
    messages = np.einsum("jk,k->jk", W, a_prev)
    return messages, np.einsum("jk,k->j", W, a_prev), messages.sum(axis=1) + b


@one_layer.style("unit by unit")
def _(W, b, a_prev):
    messages = np.array([w * a_prev for w in W])
    sums = [np.dot(w, a_prev) for w in W]
    return messages, sums, [s + bias for s, bias in zip(sums, b)]


@one_layer.style("columns")
def _(W, b, a_prev):
    messages = np.column_stack([a * column for a, column in zip(a_prev, W.T)])
    sums = sum(messages.T)
    return messages, sums, b + sums


one_layer.slip("weights-transposed", ("W @ a_prev", "W.T @ a_prev"))
one_layer.slip("bias-per-example", ("sums + b", "(messages + b[:, np.newaxis]).sum(axis=1)"))
one_layer.slip("bias-forgotten", ("sums + b", "sums"))


# --- derive: a mini-batch, and where the transpose goes ------------------------------------------

batch_of_rows = Exercise(
    id="01.batch_of_rows",
    title="From one example to a mini-batch",
    call="batch_of_rows(W, b, A_prev)",
    returns={"columns": "(n, m)", "rows": "(m, n)", "Z": "(m, n)"},
    equation="forward",
    reference=lambda W, b, A_prev: (
        nn.weighted_input_batch(W, np.zeros_like(b), A_prev).T,
        nn.weighted_input_batch(W, np.zeros_like(b), A_prev),
        nn.weighted_input_batch(W, b, A_prev),
    ),
    points=3,
    by_line=True,
    families=FORWARD,
    visible=("ordinary", "equal-widths"),
    notice="The transpose marks the turn from columns to rows; the numbers are the same.",
)
batch_of_rows.cases(draw_layer)


@batch_of_rows.numeric
def one_example_after_another(W: Array, b: Array, A_prev: Array) -> tuple[Array, Array, Array]:
    """Each example by itself, in plain Python, laid down as a column and as a row."""
    examples = [listen_unit_by_unit(W, b, a_prev)[1:] for a_prev in A_prev]
    rows = np.array([sums for sums, _ in examples])
    return np.stack([sums for sums, _ in examples], axis=1), rows, rows + b


@batch_of_rows.style("vectorized")
def _(W, b, A_prev):
    columns = W @ A_prev.T
    rows = A_prev @ W.T
    Z = rows + b
    return columns, rows, Z


@batch_of_rows.style("loops")
def _(W, b, A_prev):
    rows = np.array([[np.sum(w * a_prev) for w in W] for a_prev in A_prev])
    return rows.T, rows, [row + b for row in rows]


@batch_of_rows.style("einsum")
def _(W, b, A_prev):
    columns = np.einsum("jk,ik->ji", W, A_prev)
    return columns, np.einsum("ik,jk->ij", A_prev, W), (columns + b[:, np.newaxis]).T


@batch_of_rows.style("row by row")
def _(W, b, A_prev):
    rows = np.stack([W @ a_prev for a_prev in A_prev])
    return np.transpose(rows), rows, np.stack([row + b for row in rows])


@batch_of_rows.style("in place")
def _(W, b, A_prev):
    columns = np.matmul(W, A_prev.T)
    Z = columns.T.copy()
    Z += b
    return columns, columns.T, Z


batch_of_rows.slip("weights-transposed", ("A_prev @ W.T", "A_prev @ W"))
batch_of_rows.slip("bias-per-example", ("rows + b", "rows + b[:, np.newaxis]"))
# Up to the end of the line: so no pair makes both mistakes with the one bias.
batch_of_rows.slip("bias-forgotten", ("rows + b\n", "rows\n"))


# --- derive: the bias as the weight of a dummy input ---------------------------------------------


def _with_dummy(A_prev: Array) -> Array:
    """A layer of nn that copies its input, in front of it a unit without weights whose bias is 1."""
    copy = np.eye(A_prev.shape[1] + 1)
    return nn.weighted_input_batch(copy[:, 1:], copy[0], A_prev)


dummy_input = Exercise(
    id="01.dummy_input",
    title="The bias as a weight",
    call="dummy_input(W, b, A_prev)",
    returns={"A_ext": "(m, n_prev + 1)", "W_ext": "(n, n_prev + 1)", "Z": "(m, n)"},
    equation="the dummy input of 004",
    reference=lambda W, b, A_prev: (
        _with_dummy(A_prev),
        np.concatenate([b[:, np.newaxis], W], axis=1),
        nn.weighted_input_batch(W, b, A_prev),
    ),
    points=3,
    by_line=True,
    families=FORWARD,
    visible=("ordinary", "equal-widths"),
    notice="A bias is a weight whose sender always says 1: remember it when BP3 falls out of BP4.",
)
dummy_input.cases(draw_layer)


@dummy_input.numeric
def write_tables(W: Array, b: Array, A_prev: Array) -> tuple[list, list, list]:
    """The two extended tables as lists, and the sums over them in plain Python."""
    A_ext = [[1.0, *map(float, row)] for row in A_prev]
    W_ext = [[float(bias), *map(float, row)] for bias, row in zip(b, W, strict=True)]
    Z = [[math.fsum(w * a for w, a in zip(ws, row)) for ws in W_ext] for row in A_ext]
    return A_ext, W_ext, Z


@dummy_input.style("vectorized")
def _(W, b, A_prev):
    dummy = np.ones(len(A_prev))
    A_ext = np.column_stack([dummy, A_prev])
    W_ext = np.column_stack([b, W])
    Z = A_ext @ W_ext.T
    return A_ext, W_ext, Z


@dummy_input.style("fill")
def _(W, b, A_prev):
    A_ext = np.ones((A_prev.shape[0], A_prev.shape[1] + 1))
    A_ext[:, 1:] = A_prev
    W_ext = np.empty((W.shape[0], W.shape[1] + 1))
    W_ext[:, 0], W_ext[:, 1:] = b, W
    return A_ext, W_ext, np.einsum("ik,jk->ij", A_ext, W_ext)


@dummy_input.style("insert")
def _(W, b, A_prev):
    return np.insert(A_prev, 0, 1, axis=1), np.c_[b, W], A_prev @ W.T + b


@dummy_input.style("loops")
def _(W, b, A_prev):
    A_ext = [[1.0] + list(row) for row in A_prev]
    W_ext = [[b[j]] + list(W[j]) for j in range(len(b))]
    Z = [[sum(w * a for w, a in zip(ws, row)) for ws in W_ext] for row in A_ext]
    return A_ext, W_ext, Z


@dummy_input.style("row by row")
def _(W, b, A_prev):
    A_ext = np.array([np.append(1, row) for row in A_prev])
    W_ext = np.vstack([b, W.T]).T
    return A_ext, W_ext, np.array([W_ext @ row for row in A_ext])


dummy_input.slip("bias-times-input", ("np.ones(len(A_prev))", "A_prev[:, 0]"))
dummy_input.slip("weights-transposed", ("np.column_stack([b, W])", "np.column_stack([b, W.T])"))


# --- derive: what a layer costs ------------------------------------------------------------------


def _count(m: float, n_prev: float, n: float) -> float:
    """With all weights and activations 1, each multiply-add of nn adds exactly 1 to the sum of Z."""
    W, A_prev = np.ones((int(n), int(n_prev))), np.ones((int(m), int(n_prev)))
    return float(nn.weighted_input_batch(W, np.zeros(int(n)), A_prev).sum())


def _counts(m: Array, n_prev: Array, n: Array) -> tuple[Array, ...]:
    layers = list(zip(m, n_prev, n, strict=True))
    return (
        np.array([_count(1, inputs, 1) for _, inputs, _ in layers]),
        np.array([_count(1, inputs, units) for _, inputs, units in layers]),
        np.array([_count(rows, inputs, units) for rows, inputs, units in layers]),
        np.array([_count(1, inputs + 1, units) for _, inputs, units in layers]),
    )


multiply_adds = Exercise(
    id="01.multiply_adds",
    title="What a layer costs",
    call="multiply_adds(m, n_prev, n)",
    returns={
        "per_unit": "(p,)",
        "per_example": "(p,)",
        "per_batch": "(p,)",
        "parameters": "(p,)",
    },
    equation="multiply-adds of a layer",
    reference=_counts,
    points=2,
    by_line=True,
    # Only sizes appear in it: nothing can saturate, be zero, or arrive from above.
    families=("ordinary", "one-example", "equal-widths"),
    visible=("ordinary",),
    notice="Examples multiply the work and not the parameters: that is what sharing weights means.",
)


@multiply_adds.cases
def draw_sizes(rng: Generator, family: Family) -> Case:
    """The sizes of four layers: the formulas are tried on all of them at once.

    The numbers of examples differ, or a formula with 2 in the place of m might pass.
    """
    m, n_prev, n = np.array([family.sizes(rng, 2) for _ in range(4)], dtype=float).T
    if not family.one_example:
        m = rng.choice((2.0, 3.0, 4.0, 5.0, 7.0), size=4, replace=False)
    return Case(inputs=dict(m=m, n_prev=n_prev, n=n), m=1)


@multiply_adds.numeric
def count_one_by_one(m: Array, n_prev: Array, n: Array) -> tuple[list[int], ...]:
    """Name every weight, use it, and count."""
    counts: tuple[list[int], ...] = ([], [], [], [])
    for rows, inputs, units in zip(m.astype(int), n_prev.astype(int), n.astype(int), strict=True):
        weights = [(j, k) for j in range(units) for k in range(inputs)]
        biases = [(j,) for j in range(units)]
        counts[0].append(sum(1 for j, _ in weights if j == 0))
        counts[1].append(len(weights))
        counts[2].append(len([(i, weight) for i in range(rows) for weight in weights]))
        counts[3].append(len({*weights, *biases}))
    return counts


@multiply_adds.style("vectorized")
def _(m, n_prev, n):
    per_unit = n_prev
    per_example = n * per_unit
    per_batch = m * per_example
    parameters = n * n_prev + n
    return per_unit, per_example, per_batch, parameters


@multiply_adds.style("loops")
def _(m, n_prev, n):
    layers = list(zip(m, n_prev, n))
    return (
        [inputs for _, inputs, _ in layers],
        [inputs * units for _, inputs, units in layers],
        [examples * inputs * units for examples, inputs, units in layers],
        [(inputs + 1) * units for _, inputs, units in layers],
    )


@multiply_adds.style("direct")
def _(m, n_prev, n):
    return n_prev, n_prev * n, m * n * n_prev, (1 + n_prev) * n


@multiply_adds.style("tables")
def _(m, n_prev, n):
    weights = [np.ones((int(j), int(k))) for j, k in zip(n, n_prev)]
    per_example = np.array([float(W.size) for W in weights])
    return [float(W.shape[1]) for W in weights], per_example, per_example * m, per_example + n


@multiply_adds.style("in place")
def _(m, n_prev, n):
    per_example = n_prev.copy()
    per_example *= n
    return 1 * n_prev, per_example, np.multiply(per_example, m), np.add(per_example, n)


multiply_adds.slip("bias-per-example", ("n * n_prev + n", "n * n_prev + m * n"))
multiply_adds.slip("bias-forgotten", ("n * n_prev + n", "n * n_prev"))
multiply_adds.slip("first-example-only", ("m * per_example", "per_example"))
