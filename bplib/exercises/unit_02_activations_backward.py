# mypy: allow-untyped-defs, allow-any-generics, no-check-untyped-defs
"""Unit 02, fourth part: Maxout, and how ReLU, leaky ReLU and Maxout hand an error down.

Sources: 001 the six activations, 000 activation functions and the dying unit.
"""

import numpy as np
from numpy.random import Generator

from bplib import nn
from bplib.answers import Array
from bplib.exercises.exercise import Case, Exercise
from bplib.exercises.families import Family
from bplib.exercises.unit_02_activation_slopes import (
    KINK_VISIBLE,
    NO_UPSTREAM,
    draw_branches,
    left_slope,
    nudge_maxout,
)

# --- code: ReLU, backward ------------------------------------------------------------------------

relu_backward = Exercise(
    id="02.relu_backward",
    title="An error meets a ReLU",
    call="relu_backward(grad_a, A_prev, Z)",
    returns={"delta": "(m, n)"},
    equation="δ through a ReLU",
    reference=lambda grad_a, A_prev, Z: nn.output_error(grad_a, nn.d_relu(Z)),
    points=2,
    visible=("ordinary", "equal-widths", "exact-zeros"),
    notice="The forward pass decides who passes the error on; the error itself has no say in it.",
)


@relu_backward.cases
def draw_relu_layer(rng: Generator, family: Family) -> Case:
    """What a ReLU layer kept from its forward pass, and the gradient that arrives at its output."""
    m, n_prev, n = family.sizes(rng, 2)
    return Case(
        inputs=dict(
            grad_a=family.upstream(rng, (m, n)),
            A_prev=rng.normal(size=(m, n_prev)),
            Z=family.weighted_inputs(rng, (m, n)),
        ),
        m=m,
    )


@relu_backward.numeric
def step_left_below_relu(grad_a: Array, A_prev: Array, Z: Array) -> Array:
    """Nudge each z down: the cost moves by grad_a per unit that the activation moves."""
    return left_slope(lambda Z: np.sum(grad_a * np.maximum(Z, 0)), Z)


@relu_backward.style("vectorized")
def _(grad_a, A_prev, Z):
    fired = Z > 0
    return np.where(fired, grad_a, 0)


@relu_backward.style("product")
def _(grad_a, A_prev, Z):
    return grad_a * (np.maximum(0, Z) > 0)


@relu_backward.style("in place")
def _(grad_a, A_prev, Z):
    grad_a[Z <= 0] = 0
    return grad_a


@relu_backward.style("loops")
def _(grad_a, A_prev, Z):
    delta = np.zeros(Z.shape)
    for i in range(Z.shape[0]):
        for k in range(Z.shape[1]):
            if Z[i, k] > 0:
                delta[i, k] = grad_a[i, k]
    return delta


@relu_backward.style("einsum")
def _(grad_a, A_prev, Z):
    return np.einsum("ij,ij->ij", grad_a, np.heaviside(Z, 0.0))


relu_backward.slip("relu-kink-one", ("Z > 0", "Z >= 0"))
relu_backward.slip("mask-from-upstream", ("Z > 0", "grad_a > 0"))
relu_backward.slip("mask-from-previous-layer", ("Z > 0", "A_prev > 0"))
relu_backward.slip(
    "relu-slope-is-activation", ("np.where(fired, grad_a, 0)", "grad_a * np.where(fired, Z, 0)")
)


# --- code: leaky ReLU, backward ------------------------------------------------------------------

leaky_relu_backward = Exercise(
    id="02.leaky_relu_backward",
    title="An error meets a leaky ReLU",
    call="leaky_relu_backward(grad_a, Z, slope)",
    returns={"delta": "(m, n)"},
    equation="δ through a leaky ReLU",
    reference=lambda grad_a, Z, slope: nn.output_error(grad_a, nn.d_leaky_relu(Z, slope)),
    points=2,
    visible=KINK_VISIBLE,
    notice="On the negative side the error shrinks, and keeps its sign.",
)


@leaky_relu_backward.cases
def draw_leaky_layer(rng: Generator, family: Family) -> Case:
    """The weighted inputs of a leaky ReLU layer, and the gradient that arrives at its output."""
    m, n = family.sizes(rng, 1)
    return Case(
        inputs=dict(
            grad_a=family.upstream(rng, (m, n)),
            Z=family.weighted_inputs(rng, (m, n)),
            slope=float(np.round(rng.uniform(0.05, 0.3), 2)),
        ),
        m=m,
    )


@leaky_relu_backward.numeric
def step_left_below_leaky(grad_a: Array, Z: Array, slope: float) -> Array:
    """Nudge each z down: the cost moves by grad_a per unit that the activation moves."""
    return left_slope(lambda Z: np.sum(grad_a * np.maximum(slope * Z, Z)), Z)


@leaky_relu_backward.style("vectorized")
def _(grad_a, Z, slope):
    fired = Z > 0
    return np.where(fired, grad_a, slope * grad_a)


@leaky_relu_backward.style("product")
def _(grad_a, Z, slope):
    return grad_a * np.where(Z > 0, 1, slope)


@leaky_relu_backward.style("in place")
def _(grad_a, Z, slope):
    grad_a[Z <= 0] *= slope
    return grad_a


@leaky_relu_backward.style("loops")
def _(grad_a, Z, slope):
    return [
        [g if z > 0 else slope * g for g, z in zip(errors, row)] for errors, row in zip(grad_a, Z)
    ]


@leaky_relu_backward.style("mask")
def _(grad_a, Z, slope):
    delta = grad_a * slope
    delta[Z > 0] = grad_a[Z > 0]
    return delta


leaky_relu_backward.slip("leaky-slope-dropped", ("slope * grad_a", "slope"))
leaky_relu_backward.slip("relu-kink-one", ("Z > 0", "Z >= 0"))
leaky_relu_backward.slip("mask-from-upstream", ("Z > 0", "grad_a > 0"))


# --- code: Maxout, forward and backward ----------------------------------------------------------

maxout = Exercise(
    id="02.maxout",
    title="Maxout",
    call="maxout(Z_1, Z_2)",
    returns={"A": "(m, n)"},
    equation="Maxout",
    reference=nn.maxout,
    points=1,
    families=NO_UPSTREAM,
    visible=KINK_VISIBLE,
    notice="Two sets of weights for each unit, and no curve at all: the bend is learned.",
)


@maxout.cases
def draw_two_branches(rng: Generator, family: Family) -> Case:
    """The two weighted inputs of each unit of a Maxout layer; with exact zeros there are ties."""
    m, n = family.sizes(rng, 1)
    Z_1, Z_2, _ = draw_branches(rng, family, (m, n))
    return Case(inputs=dict(Z_1=Z_1, Z_2=Z_2), m=m)


@maxout.numeric
def compare_by_hand(Z_1: Array, Z_2: Array) -> Array:
    """A value has no gradient to compare with: the larger number of each pair, in plain Python."""
    pairs = zip(Z_1.ravel().tolist(), Z_2.ravel().tolist(), strict=True)
    return np.array([max(pair) for pair in pairs]).reshape(Z_1.shape)


@maxout.style("vectorized")
def _(Z_1, Z_2):
    return np.maximum(Z_1, Z_2)


@maxout.style("where")
def _(Z_1, Z_2):
    return np.where(Z_1 >= Z_2, Z_1, Z_2)


@maxout.style("stack")
def _(Z_1, Z_2):
    return np.stack([Z_1, Z_2]).max(axis=0)


@maxout.style("loops")
def _(Z_1, Z_2):
    return [[max(one, two) for one, two in zip(*rows)] for rows in zip(Z_1, Z_2)]


@maxout.style("in place")
def _(Z_1, Z_2):
    behind = Z_2 > Z_1
    Z_1[behind] = Z_2[behind]
    return Z_1


maxout.slip("maxout-both-branches", ("np.maximum(Z_1, Z_2)", "Z_1 + Z_2"))


maxout_backward = Exercise(
    id="02.maxout_backward",
    title="An error meets a Maxout unit",
    call="maxout_backward(Z_1, Z_2, grad_A)",
    returns={"delta_1": "(m, n)", "delta_2": "(m, n)"},
    equation="δ through Maxout",
    reference=nn.maxout_backward,
    points=2,
    visible=KINK_VISIBLE,
    notice="With Z_1 = 0 this is ReLU, and the tie that branch 1 wins is ReLU′(0) = 0.",
)


@maxout_backward.cases
def draw_maxout_layer(rng: Generator, family: Family) -> Case:
    """The two weighted inputs of each unit, and the gradient that arrives at the output."""
    m, n = family.sizes(rng, 1)
    return Case(dict(zip(("Z_1", "Z_2", "grad_A"), draw_branches(rng, family, (m, n)))), m=m)


maxout_backward.numeric(nudge_maxout)


@maxout_backward.style("vectorized")
def _(Z_1, Z_2, grad_A):
    first_wins = Z_1 >= Z_2
    delta_1 = np.where(first_wins, grad_A, 0)
    delta_2 = np.where(first_wins, 0, grad_A)
    return delta_1, delta_2


@maxout_backward.style("products")
def _(Z_1, Z_2, grad_A):
    second_wins = (Z_2 > Z_1).astype(float)
    return (1 - second_wins) * grad_A, second_wins * grad_A


@maxout_backward.style("rest")
def _(Z_1, Z_2, grad_A):
    delta_1 = grad_A.copy()
    delta_1[Z_2 > Z_1] = 0
    return delta_1, grad_A - delta_1


@maxout_backward.style("loops")
def _(Z_1, Z_2, grad_A):
    delta_1, delta_2 = np.zeros(grad_A.shape), np.zeros(grad_A.shape)
    for i in range(len(grad_A)):
        for k in range(len(grad_A[i])):
            winner = delta_1 if Z_1[i, k] >= Z_2[i, k] else delta_2
            winner[i, k] = grad_A[i, k]
    return delta_1, delta_2


@maxout_backward.style("in place")
def _(Z_1, Z_2, grad_A):
    behind = Z_1 < Z_2
    delta_2 = np.zeros_like(grad_A)
    delta_2[behind] = grad_A[behind]
    grad_A[behind] = 0.0
    return [grad_A, delta_2]


maxout_backward.slip(
    "maxout-both-branches",
    ("delta_1 = np.where(first_wins, grad_A, 0)", "delta_1 = grad_A"),
    ("delta_2 = np.where(first_wins, 0, grad_A)", "delta_2 = grad_A"),
)
maxout_backward.slip("mask-from-upstream", ("Z_1 >= Z_2", "grad_A > 0"))
maxout_backward.slip("relu-kink-one", ("Z_1 >= Z_2", "Z_1 > Z_2"))
