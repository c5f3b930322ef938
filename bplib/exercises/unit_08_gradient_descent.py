# mypy: allow-untyped-defs, allow-any-generics, no-check-untyped-defs
"""Unit 08, first part: why the step goes against the gradient, why a mini-batch is enough, the start.

The rest stands in `unit_08_gradient_descent_loop` and `unit_08_gradient_descent_train`.
Sources: 001 update of w and b, 002 W* = argmin, 003 mini-batches, 000 initialize, 004 sum over n.
"""

import itertools

import numpy as np
from numpy.random import Generator

from bplib import nn, numeric
from bplib.answers import Array
from bplib.exercises.exercise import Case, Exercise
from bplib.exercises.families import Family

# --- derive: the update from a first-order expansion ---------------------------------------------


def _first_order(g: Array, D: Array, radius: float, learning_rate: float) -> tuple[Array, ...]:
    """What a straight-line forecast says of some steps, of the best one, and of ours."""
    W, b = np.zeros((1, len(g))), np.zeros(1)
    (step, _), *_ = nn.sgd_step([(W, b)], [(g[None], b)], learning_rate)
    changes = nn.weighted_input_batch(g[None], b, D)[:, 0]
    return changes, -radius * g / np.linalg.norm(g), step[0], nn.weighted_input(step, b, g)[0]


first_order = Exercise(
    id="08.first_order",
    title="Which way is down?",
    call="first_order(g, D, radius, learning_rate)",
    returns={"changes": "(k,)", "steepest": "(n,)", "step": "(n,)", "change": "()"},
    equation="first-order expansion",
    reference=_first_order,
    points=4,
    by_line=True,
    # No units appear in it; and where the gradient is zero, no direction is the steepest.
    families=("ordinary", "one-example"),
    sentences={
        "ordinary": "a cost of several parameters",
        "one-example": "a cost of a single parameter",
    },
    visible=("ordinary",),
    notice="The last line is never positive: a small enough step against the gradient cannot fail.",
)


@first_order.cases
def draw_slope(rng: Generator, family: Family) -> Case:
    """A gradient, a few small steps to compare, a length, and a learning rate."""
    n = 1 if family.one_example else int(rng.choice((2, 3, 5)))
    return Case(
        inputs=dict(
            g=rng.choice([-1, 1], n) * rng.uniform(0.2, 2.0, n),
            D=0.1 * rng.normal(size=(4, n)),
            radius=float(rng.integers(2, 30)) / 100,
            learning_rate=float(rng.integers(1, 90)) / 100,
        ),
        m=1,
    )


@first_order.numeric
def nudge_along_the_steps(
    g: Array, D: Array, radius: float, learning_rate: float
) -> tuple[Array, ...]:
    """Differentiate a curved cost with the gradient g along each step.

    The lowest forecast within a length is −radius·|g|; its slope in g is the step that reaches it.
    Our own step is the slope of −learning_rate·C.
    """

    def C(w: Array) -> float:
        return float(np.sum(g * np.sinh(w)))

    start = np.zeros(len(g))
    step = numeric.gradient(lambda w: -learning_rate * C(w), start)
    return (
        numeric.jacobian(lambda t: g @ np.sinh(t * D.T), np.zeros(1))[:, 0],
        numeric.gradient(lambda v: -radius * np.sqrt(np.sum(v**2)), g),
        step,
        numeric.gradient(lambda t: C(t * step), np.zeros(1))[0],
    )


@first_order.style("vectorized")
def _(g, D, radius, learning_rate):
    changes = D @ g
    steepest = -radius * g / np.sqrt(g @ g)
    step = -learning_rate * g
    change = g @ step
    return changes, steepest, step, change


@first_order.style("loops")
def _(g, D, radius, learning_rate):
    changes = [sum(p * q for p, q in zip(g, d)) for d in D]
    length = sum(p**2 for p in g) ** 0.5
    return (
        changes,
        [-p * radius / length for p in g],
        [-learning_rate * p for p in g],
        -learning_rate * length**2,
    )


@first_order.style("norms")
def _(g, D, radius, learning_rate):
    length = np.linalg.norm(g)
    return (
        np.einsum("ij,j->i", D, g),
        g * (-radius / length),
        g * -learning_rate,
        -learning_rate * length**2,
    )


@first_order.style("einsum")
def _(g, D, radius, learning_rate):
    steepest = g * -radius * np.einsum("j,j->", g, g) ** -0.5
    step = -learning_rate * g
    return np.einsum("kj,j->k", D, g), steepest, step, np.einsum("j,j->", g, step)


@first_order.style("in place")
def _(g, D, radius, learning_rate):
    changes, length = np.dot(D, g), np.sqrt(np.sum(np.square(g)))
    steepest = g / length
    steepest *= -radius
    g *= -learning_rate
    return changes, steepest, g, -(g @ g) / learning_rate


first_order.slip("ascent", ("step = -learning_rate", "step = learning_rate"))
first_order.slip("uphill", ("steepest = -radius", "steepest = radius"))


# --- derive: a mini-batch is a fair sample -------------------------------------------------------


def _unbiased(grads: Array, size: int) -> tuple[Array, ...]:
    """The gradient of the mean cost, and what mini-batches say of it on average."""
    mean = nn.bias_gradient(grads) / len(grads)
    return mean, np.array(size / len(grads)), mean, size * mean


unbiased = Exercise(
    id="08.unbiased",
    title="A mini-batch is a fair sample",
    call="unbiased(grads, size)",
    returns={"full": "(n,)", "share": "()", "average": "(n,)", "average_sum": "(n,)"},
    equation="the mean over all mini-batches",
    reference=_unbiased,
    points=4,
    by_line=True,
    # Gradients are given, so there are no units that could saturate or sit at a kink.
    families=("ordinary", "one-example", "equal-widths"),
    sentences={"ordinary": "more examples than a mini-batch has room for"},
    visible=("ordinary",),
    notice="Right on average, noisy each time; and the noise shrinks as the mini-batch grows.",
)


@unbiased.cases
def draw_each_gradient(rng: Generator, family: Family) -> Case:
    """The gradient of each example's own cost, one per row, and the size of a mini-batch."""
    m, n = family.sizes(rng, 1)
    if not (family.one_example or family.equal_widths):
        m = int(rng.choice((4, 5, 6, 7)))
    size = 1 if m == 1 else int(rng.integers(1 if m == 2 else 2, m))
    return Case(inputs=dict(grads=rng.normal(size=(m, n)), size=size), m=m)


@unbiased.numeric
def draw_every_batch(grads: Array, size: int) -> tuple[Array, ...]:
    """Go through all mini-batches that there are, each equally likely."""
    every = list(itertools.combinations(range(len(grads)), size))
    sums = np.array([np.sum([grads[i] for i in rows], axis=0) for rows in every])
    first = sum(0 in rows for rows in every) / len(every)
    w = np.zeros(grads.shape[1])
    full = numeric.gradient(lambda w: np.mean(grads @ np.tanh(w)), w)
    return full, np.array(first), (sums / size).mean(axis=0), sums.mean(axis=0)


@unbiased.style("vectorized")
def _(grads, size):
    m = len(grads)
    full = grads.mean(axis=0)
    share = size / m
    average = share * grads.sum(axis=0) / size
    average_sum = size * full
    return full, share, average, average_sum


@unbiased.style("loops")
def _(grads, size):
    m, total = grads.shape[0], 0
    for row in grads:
        total = total + row
    return total / m, size / m, total / m, total * (size / m)


@unbiased.style("einsum")
def _(grads, size):
    chance = size / len(grads)
    full = np.einsum("ij->j", grads) / len(grads)
    return full, chance, full, chance * np.sum(grads, axis=0)


@unbiased.style("in place")
def _(grads, size):
    average_sum = grads.sum(axis=0)
    average_sum *= size / len(grads)
    full = average_sum / size
    return full, size / len(grads), full, average_sum


@unbiased.style("ones")
def _(grads, size):
    m = len(grads)
    chances = np.full(m, size / m)
    return np.full(m, 1 / m) @ grads, chances[0], chances / size @ grads, chances @ grads


unbiased.slip("batch-mean-missing", ("grads.mean(axis=0)", "grads.sum(axis=0)"))
unbiased.slip("short-batch", ("grads.sum(axis=0) / size", "grads.sum(axis=0) / m"))


# --- code: the start -----------------------------------------------------------------------------


def layer_labels(params: list) -> list:
    """Names for the parameters of all layers."""
    return [(f"W[{layer}]", f"b[{layer}]") for layer in range(1, len(params) + 1)]


init_normal = Exercise(
    id="08.init_normal",
    title="Where to start",
    call="init_normal(sizes, scale, seed)",
    returns={"params": "a list of (W, b) for layers 1 … L, (n_l, n_prev) and (n_l,)"},
    equation="random start",
    reference=nn.init_normal,
    points=2,
    # Only the sizes of the layers matter: no examples, no activations, no errors.
    families=("ordinary", "one-example", "equal-widths"),
    sentences={
        "ordinary": "layers of different widths",
        "one-example": "a network of one layer",
        "equal-widths": "all layers have the same width",
    },
    labels=layer_labels,
    upward=True,
    notice="No two units of a layer start alike, so no two of them must stay alike.",
)


@init_normal.cases
def draw_sizes(rng: Generator, family: Family) -> Case:
    """The widths n_0 … n_L, the standard deviation of the weights, and a seed."""
    _, *sizes = family.sizes(rng, 2 if family.one_example else 4)
    return Case(
        inputs=dict(
            sizes=sizes, scale=float(rng.integers(5, 200)) / 100, seed=int(rng.integers(10**6))
        ),
        m=1,
    )


@init_normal.numeric
def draw_one_by_one(sizes: list, scale: float, seed: int) -> list:
    """The same stream of random numbers, drawn one at a time and laid down row by row."""
    rng, params = np.random.default_rng(seed), []
    for layer in range(1, len(sizes)):
        numbers = [scale * rng.normal() for _ in range(sizes[layer] * sizes[layer - 1])]
        rows = [numbers[i * sizes[layer - 1] :][: sizes[layer - 1]] for i in range(sizes[layer])]
        params.append((np.array(rows), np.zeros(sizes[layer])))
    return params


@init_normal.style("vectorized")
def _(sizes, scale, seed):
    rng = np.random.default_rng(seed)
    params = []
    for n_prev, n in zip(sizes[:-1], sizes[1:]):
        W = scale * rng.standard_normal((n, n_prev))
        params.append((W, np.zeros(n)))
    return params


@init_normal.style("by index")
def _(sizes, scale, seed):
    rng = np.random.default_rng(seed)
    return [
        (rng.normal(0.0, scale, (sizes[l], sizes[l - 1])), np.zeros(sizes[l]))
        for l in range(1, len(sizes))
    ]


@init_normal.style("loops")
def _(sizes, scale, seed):
    rng = np.random.default_rng(seed)
    params = []
    for l in range(1, len(sizes)):
        W = np.empty((sizes[l], sizes[l - 1]))
        for j in range(sizes[l]):
            for k in range(sizes[l - 1]):
                W[j, k] = rng.normal(scale=scale)
        params.append([W, np.zeros(sizes[l])])
    return params


@init_normal.style("one list of numbers")
def _(sizes, scale, seed):
    rng = np.random.default_rng(seed)
    counts = [n * n_prev for n_prev, n in zip(sizes, sizes[1:])]
    numbers = scale * rng.standard_normal(sum(counts))
    parts = np.split(numbers, np.cumsum(counts)[:-1])
    return [
        (part.reshape(n, n_prev), np.zeros(n)) for part, n_prev, n in zip(parts, sizes, sizes[1:])
    ]


@init_normal.style("in place")
def _(sizes, scale, seed):
    rng = np.random.default_rng(seed)
    params = [[np.empty((n, n_prev)), np.zeros(n)] for n_prev, n in zip(sizes, sizes[1:])]
    for W, _ in params:
        rng.standard_normal(out=W)
        W *= scale
    return params


init_normal.slip(
    "symmetric-init",
    (
        "scale * rng.standard_normal((n, n_prev))",
        "scale * np.tile(rng.standard_normal(n_prev), (n, 1))",
    ),
)
init_normal.slip(
    "weights-transposed", ("standard_normal((n, n_prev))", "standard_normal((n_prev, n))")
)
