# mypy: allow-untyped-defs, allow-any-generics, no-check-untyped-defs
"""Unit 09, third part, coded: standardized inputs, norms of gradients, and clipping.

Sources: 002 input scaling, vanishing and exploding; 000 vanishing gradient;
Pascanu, Mikolov and Bengio 2013 (clipping by the norm).
"""

import statistics
from typing import Any

import numpy as np
from numpy.random import Generator

from bplib import nn, numeric
from bplib.answers import Array
from bplib.exercises.exercise import Case, Exercise
from bplib.exercises.families import Family

# --- code: standardized inputs -------------------------------------------------------------------

standardize = Exercise(
    id="09.standardize",
    title="One scale for all inputs",
    call="standardize(train, test)",
    returns={"train": "(m, n)", "test": "(k, n)"},
    equation="input scaling",
    reference=nn.standardize,
    points=3,
    # Columns of numbers: no units that could have an error.
    families=("ordinary", "one-example", "equal-widths", "exact-zeros", "saturated"),
    sentences={
        "ordinary": "columns with different means and spreads",
        "one-example": "a single test example",
        "equal-widths": "as many examples as columns, in both sets",
        "exact-zeros": "some columns are constant in the training set",
        "saturated": "columns far from zero",
    },
    visible=("ordinary", "one-example", "exact-zeros"),
    notice="The test set gets neither mean 0 nor spread 1, and should not: it was not asked.",
)


@standardize.cases
def draw_columns(rng: Generator, family: Family) -> Case:
    """Two sets of examples with the same columns, which differ in mean and spread."""
    n = int(rng.choice((3, 4, 5)))
    m, k = (n, n) if family.equal_widths else (n + int(rng.integers(2, 5)), n - 1)
    k = 1 if family.one_example else k
    # Large spreads: who adds 1e-8 to a spread must lose no points where that changes nothing.
    center, spread = rng.normal(scale=500, size=n), rng.uniform(200, 2000, n)
    if family.regime == "saturated":
        center = 10_000 + 20_000 * rng.random(n)
    train = rng.normal(center, spread, (m, n))
    test = rng.normal(center + spread, spread, (k, n))
    if family.regime == "zeros":  # whole numbers: the mean of equal ones is exact, the spread is 0
        train[:, 0], train[:, int(rng.integers(1, n))] = int(rng.integers(1, 9)), 0.0
    return Case(inputs=dict(train=train, test=test), m=1 if family.one_example else m)


@standardize.numeric
def one_column_at_a_time(train: Array, test: Array) -> tuple[Array, Array]:
    """The statistics of the standard library, in exact fractions, column by column."""
    scaled, followed = np.empty(train.shape), np.empty(test.shape)
    for column, numbers in enumerate(train.T.tolist()):
        mean, spread = statistics.mean(numbers), statistics.pstdev(numbers) or 1.0
        scaled[:, column] = [(x - mean) / spread for x in numbers]
        followed[:, column] = [(x - mean) / spread for x in test[:, column].tolist()]
    return scaled, followed


@standardize.style("vectorized")
def _(train, test):
    mean = train.mean(axis=0)
    spread = train.std(axis=0)
    spread[spread == 0] = 1
    return (train - mean) / spread, (test - mean) / spread


@standardize.style("where")
def _(train, test):
    mean, spread = np.mean(train, axis=0), np.std(train, axis=0)
    divisor = np.where(spread > 1e-12, spread, 1.0)
    return tuple((part - mean) / divisor for part in (train, test))


@standardize.style("in place")
def _(train, test):
    mean = train.mean(axis=0)
    train -= mean
    test -= mean
    spread = np.sqrt((train**2).mean(axis=0))
    moves = spread > 0
    train[:, moves] /= spread[moves]
    test[:, moves] /= spread[moves]
    return [train, test]


@standardize.style("loops")
def _(train, test):
    m, n = train.shape
    scaled, followed = np.zeros(train.shape), np.zeros(test.shape)
    for k in range(n):
        mean = sum(train[:, k]) / m
        spread = (sum((x - mean) ** 2 for x in train[:, k]) / m) ** 0.5
        if spread == 0:
            spread = 1.0
        for i in range(m):
            scaled[i, k] = (train[i, k] - mean) / spread
        for i in range(len(test)):
            followed[i, k] = (test[i, k] - mean) / spread
    return scaled, followed


@standardize.style("columns")
def _(train, test):
    pairs = []
    for column, other in zip(train.T, test.T):
        spread = np.sqrt(np.mean((column - column.mean()) ** 2))
        spread = spread if column.max() > column.min() else 1.0
        pairs.append([(part - column.mean()) / spread for part in (column, other)])
    return np.column_stack([p[0] for p in pairs]), np.column_stack([p[1] for p in pairs])


@standardize.misconception("test-statistics")
def _(train, test):
    scaled = []
    for part in (train, test):
        spread = part.std(axis=0)
        scaled.append((part - part.mean(axis=0)) / np.where(spread == 0, 1, spread))
    return tuple(scaled)


standardize.slip(  # without any guard NaN comes back, and the verdict says that
    "constant-column",
    ("train.std(axis=0)", "train.std(axis=0) + 1e-8"),
    ("    spread[spread == 0] = 1\n", ""),
)
standardize.slip(
    "test-leaks",
    ("train.mean(axis=0)", "np.concatenate([train, test]).mean(axis=0)"),
    ("train.std(axis=0)", "np.concatenate([train, test]).std(axis=0)"),
)
standardize.slip("variance-for-spread", ("train.std(axis=0)", "train.var(axis=0)"))


@standardize.misconception("rows-for-columns")
def _(train, test):
    scaled = []
    for part in (train, test):
        spread = part.std(axis=1, keepdims=True)
        scaled.append((part - part.mean(axis=1, keepdims=True)) / np.where(spread == 0, 1, spread))
    return tuple(scaled)


# --- code: the norms of the gradients ------------------------------------------------------------


def draw_gradients(rng: Generator, family: Family) -> list[tuple[Array, Array]]:
    """Gradients of some layers; in the saturated family they fade on the way down."""
    _, *sizes = family.sizes(rng, 2 if family.one_example else 4)
    shapes = list(zip(sizes[1:], sizes))
    grads = [(family.upstream(rng, shape), family.upstream(rng, shape[:1])) for shape in shapes]
    if family.regime == "saturated":
        fading = 0.05 ** np.arange(len(grads))[::-1]
        grads = [(f * dW, f * db) for f, (dW, db) in zip(fading, grads)]
    if family.regime == "zeros":
        grads[0] = (0 * grads[0][0], 0 * grads[0][1])
    return grads


gradient_norms = Exercise(
    id="09.gradient_norms",
    title="How long is the gradient of each layer?",
    call="gradient_norms(grads)",
    returns={"norms": "(L,)"},
    equation="norm per layer",
    reference=nn.gradient_norms,
    points=2,
    # Gradients are given: no examples, no activations.
    families=("ordinary", "one-example", "equal-widths", "exact-zeros", "saturated"),
    sentences={
        "ordinary": "layers of different widths",
        "one-example": "a network of one layer",
        "equal-widths": "all layers have the same width",
        "exact-zeros": "the gradients of layer 1 are exactly zero",
        "saturated": "the gradients fade from layer to layer on the way down",
    },
    notice="Plot these on a logarithmic axis before you train anything that is deep.",
)


@gradient_norms.cases
def draw_layers_of_gradients(rng: Generator, family: Family) -> Case:
    """Gradients of all layers."""
    return Case(inputs=dict(grads=draw_gradients(rng, family)), m=1)


@gradient_norms.numeric
def steepness(grads: list) -> Array:
    """How fast a curved cost with these gradients rises, straight along them: that is ‖g‖²."""

    def along(g: Array) -> float:
        return float(numeric.gradient(lambda t: np.sum(g * np.sinh(t[0] * g)), np.zeros(1))[0])

    return np.sqrt([along(np.concatenate([dW.ravel(), db])) for dW, db in grads])


@gradient_norms.style("vectorized")
def _(grads):
    norms = []
    for dW, db in grads:
        squares = np.sum(dW**2) + np.sum(db**2)
        norms.append(np.sqrt(squares))
    return np.array(norms)


@gradient_norms.style("one vector")
def _(grads):
    return [np.linalg.norm(np.append(dW, db)) for dW, db in grads]


@gradient_norms.style("loops")
def _(grads):
    norms = []
    for dW, db in grads:
        total = 0.0
        for slope in list(dW.ravel()) + list(db):
            total += slope * slope
        norms.append(total**0.5)
    return norms


@gradient_norms.style("einsum")
def _(grads):
    return [np.sqrt(np.einsum("jk,jk->", dW, dW) + np.einsum("j,j->", db, db)) for dW, db in grads]


@gradient_norms.style("in place")
def _(grads):
    norms = np.zeros(len(grads))
    for l, (dW, db) in enumerate(grads):
        norms[l] += (dW * dW).sum()
        norms[l] += db @ db
    np.sqrt(norms, out=norms)
    return norms


gradient_norms.slip("biases-left-out", (" + np.sum(db**2)", ""))
gradient_norms.slip("norm-not-rooted", ("np.sqrt(squares)", "squares"))
gradient_norms.slip(
    "spreads-added",
    ("np.sum(dW**2) + np.sum(db**2)", "(np.linalg.norm(dW) + np.linalg.norm(db)) ** 2"),
)


# --- code: clipping ------------------------------------------------------------------------------

clip_by_norm = Exercise(
    id="09.clip_by_norm",
    title="A speed limit for the step",
    call="clip_by_norm(grads, limit)",
    returns={"grads": "a list of (dW, db) for layers 1 … L"},
    equation="clipping by the norm",
    reference=nn.clip_by_norm,
    points=4,
    # Gradients are given: no examples, no activations.
    families=("ordinary", "one-example", "equal-widths", "exact-zeros", "linear", "zero-upstream"),
    sentences={
        "ordinary": "a gradient that is too long",
        "one-example": "a network of one layer",
        "equal-widths": "all layers have the same width",
        "exact-zeros": "the gradients of layer 1 are exactly zero",
        "linear": "a gradient that is short enough",
        "zero-upstream": "the gradient is zero everywhere",
    },
    visible=("ordinary", "one-example", "linear"),
    labels=lambda grads: [
        (f"clipped_dW[{layer}]", f"clipped_db[{layer}]") for layer in range(1, len(grads) + 1)
    ],
    upward=True,
    notice="It cures exploding gradients alone: a gradient that has vanished stays as it is.",
)


@clip_by_norm.cases
def draw_gradients_and_limit(rng: Generator, family: Family) -> Case:
    """Gradients of all layers, and the longest step that is allowed.

    Some are far shorter than 1: a square may be below a limit where the number itself is not.
    """
    grads = draw_gradients(rng, family)
    norm = float(np.linalg.norm(nn.gradient_norms(grads))) or 1.0
    short = {"linear": 0.02, "equal-widths": 0.04}.get(family.name)
    if short:
        grads = [(dW * short / norm, db * short / norm) for dW, db in grads]
        norm = short
    factor = rng.uniform(1.5, 3.0) if family.regime == "linear" else rng.uniform(0.05, 0.3)
    return Case(inputs=dict(grads=grads, limit=round(float(factor * norm), 3)), m=1)


@clip_by_norm.numeric
def slope_of_a_bowl_with_straight_walls(grads: list, limit: float) -> list:
    """The slope at g of a bowl g²/2 whose walls go on straight outside of the limit (Huber)."""
    flat = np.concatenate([part.ravel() for pair in grads for part in pair])

    def bowl(g: Array) -> Any:
        length = np.sqrt(np.sum(g**2, axis=-1))
        return np.where(length <= limit, length**2 / 2, limit * length - limit**2 / 2)

    slope, clipped = numeric.gradient(bowl, flat, batched=True), []
    for dW, db in grads:
        clipped.append((slope[: dW.size].reshape(dW.shape), slope[dW.size :][: db.size]))
        slope = slope[dW.size + db.size :]
    return clipped


@clip_by_norm.style("vectorized")
def _(grads, limit):
    squares = sum(np.sum(dW**2) + np.sum(db**2) for dW, db in grads)
    norm = np.sqrt(squares)
    factor = limit / norm if norm > limit else 1.0
    return [(factor * dW, factor * db) for dW, db in grads]


@clip_by_norm.style("in place")
def _(grads, limit):
    norm = np.linalg.norm([np.linalg.norm(part) for pair in grads for part in pair])
    if norm > limit:
        for dW, db in grads:
            dW *= limit / norm
            db *= limit / norm
    return grads


@clip_by_norm.style("larger of the two")
def _(grads, limit):
    flat = np.concatenate([np.append(dW, db) for dW, db in grads])
    divisor = max(1.0, np.linalg.norm(flat) / limit)
    return [[dW / divisor, db / divisor] for dW, db in grads]


@clip_by_norm.style("loops")
def _(grads, limit):
    total = 0.0
    for dW, db in grads:
        for slope in list(dW.ravel()) + list(db):
            total += slope**2
    if total <= limit**2:
        return grads
    shorter = []
    for dW, db in grads:
        shorter.append((dW * limit / total**0.5, db * limit / total**0.5))
    return shorter


@clip_by_norm.style("einsum")
def _(grads, limit):
    squares = [np.einsum("jk,jk->", dW, dW) + np.einsum("j,j->", db, db) for dW, db in grads]
    norm = np.sqrt(np.sum(squares))
    if norm == 0:
        return grads
    return [(min(1, limit / norm) * dW, min(1, limit / norm) * db) for dW, db in grads]


@clip_by_norm.misconception("clipped-one-by-one")
def _(grads, limit):
    clipped = []
    for dW, db in grads:
        norm = np.sqrt(np.sum(dW**2) + np.sum(db**2))
        factor = limit / norm if norm > limit else 1.0
        clipped.append((factor * dW, factor * db))
    return clipped


@clip_by_norm.misconception("clipped-entries")
def _(grads, limit):
    return [(np.clip(dW, -limit, limit), np.clip(db, -limit, limit)) for dW, db in grads]


clip_by_norm.slip("short-made-long", (" if norm > limit else 1.0", ""))
clip_by_norm.slip("norm-not-rooted", ("norm = np.sqrt(squares)", "norm = squares"))
clip_by_norm.slip("biases-left-out", (" + np.sum(db**2)", ""))
