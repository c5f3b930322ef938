# mypy: allow-untyped-defs, allow-any-generics, no-check-untyped-defs
"""Unit 02, first part: the slopes derived, σ′ from σ, tanh′ from tanh, ELU′, and Maxout's switch.

Where a slope is to be written with the activation a alone, the case brings activations of its own,
which do not belong to its z: an answer that still needs z cannot be right there.
Sources: 001 the six activations with their formulas, 000 activation functions, 003 flat sigmoid.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.random import Generator

from bplib import nn, numeric
from bplib.answers import Array
from bplib.exercises.exercise import Case, Exercise
from bplib.exercises.families import FAMILIES, Family

# A slope does not ask what arrives from above, so the family of zero errors would ask nothing new.
NO_UPSTREAM = tuple(family.name for family in FAMILIES if not family.zero_upstream)
KINK_VISIBLE = ("ordinary", "one-example", "exact-zeros")
POINTS = (4,)
# Shorter than any distance that a family keeps from a kink: the difference stays on one side.
SIDE_STEP = 1e-4


def draw_weighted_inputs(rng: Generator, family: Family) -> Case:
    """The weighted inputs of a layer, whose kinks are hit exactly or kept clear of."""
    m, n = family.sizes(rng, 1)
    return Case(inputs=dict(z=family.weighted_inputs(rng, (m, n))), m=m)


def right_slope(f: Callable[[Array], float], x: Array) -> Array:
    """The slope of the right side at each entry of x, exact where f is made of straight pieces."""
    return numeric.forward_difference(f, x, SIDE_STEP)


def left_slope(f: Callable[[Array], float], x: Array) -> Array:
    """The slope of the left side: the course's convention at a kink."""
    return -numeric.forward_difference(lambda mirrored: f(-mirrored), -x, SIDE_STEP)


# --- derive: σ′ from σ ---------------------------------------------------------------------------

sigmoid_slope = Exercise(
    id="02.sigmoid_slope",
    title="The slope of the sigmoid, from the sigmoid",
    call="sigmoid_slope(z, a)",
    returns={"u": "(p,)", "da_du": "(p,)", "du_dz": "(p,)", "da_dz": "(p,)", "by_a": "(p,)"},
    equation="σ′ from σ",
    reference=lambda z, a: (
        1 / nn.sigmoid(z),
        -(nn.sigmoid(z) ** 2),
        1 - 1 / nn.sigmoid(z),
        nn.d_sigmoid(z),
        nn.d_sigmoid(np.log(a / (1 - a))),
    ),
    points=3,
    by_line=True,
    families=NO_UPSTREAM,
    visible=("ordinary",),
    notice="a (1 − a) is largest at a = ½: a sigmoid never passes on more than a quarter.",
)


@sigmoid_slope.cases
def draw_sigmoid_points(rng: Generator, family: Family) -> Case:
    """Four weighted inputs, and four activations that do not belong to them."""
    z = family.weighted_inputs(rng, POINTS)
    return Case(inputs=dict(z=z, a=rng.uniform(0.02, 0.98, size=POINTS)), m=1)


@sigmoid_slope.numeric
def nudge_sigmoid(z: Array, a: Array) -> tuple[Array, ...]:
    """Nudge u, z, and the z that has the activation a."""
    u = 1 + np.exp(-z)
    return (
        u,
        numeric.gradient(lambda u: np.sum(1 / u, axis=-1), u, batched=True),
        numeric.gradient(lambda z: np.sum(1 + np.exp(-z), axis=-1), z, batched=True),
        numeric.gradient(lambda z: np.sum(1 / (1 + np.exp(-z)), axis=-1), z, batched=True),
        numeric.gradient(
            lambda z: np.sum(1 / (1 + np.exp(-z)), axis=-1), np.log(a) - np.log1p(-a), batched=True
        ),
    )


@sigmoid_slope.style("vectorized")
def _(z, a):
    u = 1 + np.exp(-z)
    da_du = -1 / u**2
    du_dz = -np.exp(-z)
    da_dz = da_du * du_dz
    by_a = a * (1 - a)
    return u, da_du, du_dz, da_dz, by_a


@sigmoid_slope.style("direct")
def _(z, a):
    s = 1 / (1 + np.exp(-z))
    return 1 / s, -s * s, (s - 1) / s, s - s**2, a - a**2


@sigmoid_slope.style("loops")
def _(z, a):
    lines = []
    for z_k, a_k in zip(z, a):
        e = np.exp(-z_k)
        lines.append([1 + e, -((1 + e) ** -2), -e, e / (1 + e) ** 2, a_k * (1 - a_k)])
    return tuple(np.array(lines).T)


@sigmoid_slope.style("step by step")
def _(z, a):
    e = np.exp(-z)
    u = e + 1
    a_of_z = 1 / u
    return u, -(a_of_z**2), -e, a_of_z * a_of_z * e, a * (1.0 - a)


@sigmoid_slope.style("hyperbolic")
def _(z, a):
    u = 1 + np.exp(-z)
    return u, -np.power(u, -2.0), 1 - u, 0.25 / np.cosh(z / 2) ** 2, 0.25 - (a - 0.5) ** 2


sigmoid_slope.slip("sigmoid-slope-from-z", ("a * (1 - a)", "z * (1 - z)"))
sigmoid_slope.slip(
    "slope-at-activation",
    ("by_a = a * (1 - a)", "s = 1 / (1 + np.exp(-a))\n    by_a = s * (1 - s)"),
)


# --- derive: tanh′ from tanh ---------------------------------------------------------------------

tanh_slope = Exercise(
    id="02.tanh_slope",
    title="The slope of tanh, from tanh",
    call="tanh_slope(z, a)",
    returns={"dN_dz": "(p,)", "dD_dz": "(p,)", "da_dz": "(p,)", "by_a": "(p,)"},
    equation="tanh′ from tanh",
    reference=lambda z, a: (
        np.exp(z) + np.exp(-z),
        np.exp(z) - np.exp(-z),
        nn.d_tanh(z),
        nn.d_tanh(np.arctanh(a)),
    ),
    points=3,
    by_line=True,
    families=NO_UPSTREAM,
    visible=("ordinary",),
    notice="At its steepest, tanh has the slope 1: four times that of a sigmoid.",
)


@tanh_slope.cases
def draw_tanh_points(rng: Generator, family: Family) -> Case:
    """Four weighted inputs, and four activations that do not belong to them."""
    z = family.weighted_inputs(rng, POINTS)
    return Case(inputs=dict(z=z, a=rng.uniform(-0.95, 0.95, size=POINTS)), m=1)


@tanh_slope.numeric
def nudge_tanh(z: Array, a: Array) -> tuple[Array, ...]:
    """Nudge the numerator, the denominator, the quotient, and the z that has the activation a."""
    return (
        numeric.gradient(lambda z: np.sum(2 * np.sinh(z), axis=-1), z, batched=True),
        numeric.gradient(lambda z: np.sum(2 * np.cosh(z), axis=-1), z, batched=True),
        numeric.gradient(lambda z: np.sum(np.tanh(z), axis=-1), z, batched=True),
        numeric.gradient(
            lambda z: np.sum(np.tanh(z), axis=-1), (np.log1p(a) - np.log1p(-a)) / 2, batched=True
        ),
    )


@tanh_slope.style("vectorized")
def _(z, a):
    N, D = np.exp(z) - np.exp(-z), np.exp(z) + np.exp(-z)
    dN_dz = D
    dD_dz = N
    da_dz = (dN_dz * D - N * dD_dz) / D**2
    by_a = 1 - a**2
    return dN_dz, dD_dz, da_dz, by_a


@tanh_slope.style("hyperbolic")
def _(z, a):
    return 2 * np.cosh(z), 2 * np.sinh(z), 1 / np.cosh(z) ** 2, (1 - a) * (1 + a)


@tanh_slope.style("loops")
def _(z, a):
    lines = [[], [], [], []]
    for z_k, a_k in zip(z, a):
        lines[0].append(np.exp(z_k) + np.exp(-z_k))
        lines[1].append(np.exp(z_k) - np.exp(-z_k))
        lines[2].append(1 - np.tanh(z_k) ** 2)
        lines[3].append(1 - a_k * a_k)
    return lines


@tanh_slope.style("two exponentials")
def _(z, a):
    up, down = np.exp(z), np.exp(-z)
    total = up + down
    return total, up - down, 4 * up * down / total**2, 1 - np.square(a)


@tanh_slope.style("even")
def _(z, a):
    e = np.exp(-2 * np.abs(z))
    return 2 * np.cosh(z), 2 * np.sinh(z), 4 * e / (1 + e) ** 2, -(a**2) + 1


tanh_slope.slip("tanh-slope-linear", ("1 - a**2", "1 - a"))
tanh_slope.slip("sigmoid-slope-for-tanh", ("1 - a**2", "a * (1 - a)"))
tanh_slope.slip("slope-at-activation", ("1 - a**2", "1 - np.tanh(a) ** 2"))


# --- derive: ELU′ --------------------------------------------------------------------------------

elu_slope = Exercise(
    id="02.elu_slope",
    title="The slope of ELU on its bent side",
    call="elu_slope(z, a, alpha)",
    returns={"left": "(p,)", "by_a": "(p,)", "jump": "(p,)"},
    equation="ELU′",
    reference=lambda z, a, alpha: (
        nn.d_elu(z, 1.0) * alpha,
        nn.d_elu(np.log1p(a / alpha), 1.0) * alpha,
        nn.d_elu(np.ones_like(z), 1.0) - alpha * nn.d_elu(np.zeros_like(z), 1.0),
    ),
    points=3,
    by_line=True,
    families=NO_UPSTREAM,
    visible=("ordinary",),
    notice="The jump closes at α = 1, and the left side still flattens out: ELU saturates there.",
)


@elu_slope.cases
def draw_elu_points(rng: Generator, family: Family) -> Case:
    """Four z that are not positive, four a between −alpha and 0 of their own, an alpha for each."""
    z = -np.abs(family.weighted_inputs(rng, POINTS))
    alpha = np.round(rng.uniform(0.2, 0.8, size=POINTS) + rng.choice((0, 1), size=POINTS), 2)
    return Case(inputs=dict(z=z, a=-alpha * rng.uniform(0.05, 0.9, size=POINTS), alpha=alpha), m=1)


@elu_slope.numeric
def nudge_elu(z: Array, a: Array, alpha: Array) -> tuple[Array, ...]:
    """Nudge z on the bent side, then at the z that has the activation a, then on both sides of 0."""

    def elu(z: Array) -> Any:
        return np.sum(alpha * np.expm1(z))

    zero = np.zeros_like(z)
    return (
        numeric.gradient(elu, z),
        numeric.gradient(elu, np.log(a + alpha) - np.log(alpha)),
        right_slope(lambda z: np.sum(np.maximum(z, 0)), zero) - numeric.complex_step(elu, zero),
    )


@elu_slope.style("vectorized")
def _(z, a, alpha):
    left = alpha * np.exp(z)
    by_a = a + alpha
    jump = 1 - alpha
    return left, by_a, jump


@elu_slope.style("from the activation")
def _(z, a, alpha):
    a_of_z = alpha * (np.exp(z) - 1)
    return a_of_z + alpha, alpha + a, np.ones(len(alpha)) - alpha


@elu_slope.style("loops")
def _(z, a, alpha):
    lines = [(c * np.exp(z_k), a_k + c, 1.0 - c) for z_k, a_k, c in zip(z, a, alpha)]
    return [list(line) for line in zip(*lines)]


@elu_slope.style("in place")
def _(z, a, alpha):
    left = np.exp(z)
    left *= alpha
    a += alpha
    return left, a, 1 - alpha


@elu_slope.style("logarithms")
def _(z, a, alpha):
    return np.exp(z + np.log(alpha)), np.add(a, alpha), -(alpha - 1)


elu_slope.slip("elu-slope-constant", ("alpha * np.exp(z)", "alpha"))
elu_slope.slip("leaky-slope-dropped", ("alpha * np.exp(z)", "np.zeros(len(z))"))
elu_slope.slip("slope-at-activation", ("np.exp(z)", "np.exp(a)"))


# --- derive: Maxout's switch ---------------------------------------------------------------------


def draw_branches(rng: Generator, family: Family, shape: tuple[int, ...]) -> tuple[Array, ...]:
    """Two weighted inputs per unit and an error from above; with exact zeros there are ties."""
    Z_1, lead = rng.normal(size=shape), family.weighted_inputs(rng, shape)
    Z_1 = np.round(Z_1, 6)  # so that rounding the visible cases keeps every tie a tie
    return Z_1, Z_1 + lead, family.upstream(rng, shape)


maxout_switch = Exercise(
    id="02.maxout_switch",
    title="Maxout's switch",
    call="maxout_switch(z_1, z_2, grad_a)",
    returns={"first_wins": "(p,)", "dC_dz_1": "(p,)", "dC_dz_2": "(p,)"},
    equation="Maxout′",
    reference=lambda z_1, z_2, grad_a: (
        nn.maxout_backward(z_1, z_2, np.ones_like(grad_a))[0],
        *nn.maxout_backward(z_1, z_2, grad_a),
    ),
    points=3,
    by_line=True,
    visible=("ordinary", "exact-zeros"),
    notice="The switch is set by the forward pass; the backward pass only reads it.",
)


@maxout_switch.cases
def draw_pairs(rng: Generator, family: Family) -> Case:
    """Four units with two branches each: the switch is tried at four points at once."""
    return Case(dict(zip(("z_1", "z_2", "grad_a"), draw_branches(rng, family, POINTS))), m=1)


@maxout_switch.numeric
def nudge_branches(z_1: Array, z_2: Array, grad_a: Array) -> tuple[Array, ...]:
    """Nudge the first branch up, the second one down: at a tie, the first one has won."""
    up = right_slope(lambda z: np.sum(np.maximum(z, z_2)), z_1)
    return up, *nudge_maxout(z_1, z_2, grad_a)


def nudge_maxout(Z_1: Array, Z_2: Array, grad_A: Array) -> tuple[Array, Array]:
    """The same for the cost, to which each unit contributes grad_A times its activation."""
    return (
        right_slope(lambda Z: np.sum(grad_A * np.maximum(Z, Z_2)), Z_1),
        left_slope(lambda Z: np.sum(grad_A * np.maximum(Z_1, Z)), Z_2),
    )


@maxout_switch.style("vectorized")
def _(z_1, z_2, grad_a):
    first_wins = z_1 >= z_2
    dC_dz_1 = grad_a * first_wins
    dC_dz_2 = grad_a * (1 - first_wins)
    return first_wins, dC_dz_1, dC_dz_2


@maxout_switch.style("where")
def _(z_1, z_2, grad_a):
    first_wins = np.where(z_2 > z_1, 0.0, 1.0)
    return first_wins, np.where(z_2 > z_1, 0, grad_a), np.where(z_2 > z_1, grad_a, 0)


@maxout_switch.style("loops")
def _(z_1, z_2, grad_a):
    first_wins, to_1, to_2 = [], [], []
    for one, two, error in zip(z_1, z_2, grad_a):
        first_wins.append(one >= two)
        to_1.append(error if one >= two else 0.0)
        to_2.append(0.0 if one >= two else error)
    return first_wins, to_1, to_2


@maxout_switch.style("in place")
def _(z_1, z_2, grad_a):
    first_wins = ~(z_2 > z_1)
    dC_dz_2 = grad_a.copy()
    dC_dz_2[first_wins] = 0
    grad_a -= dC_dz_2
    return first_wins, grad_a, dC_dz_2


@maxout_switch.style("argmax")
def _(z_1, z_2, grad_a):
    winner = np.argmax([z_1, z_2], axis=0)
    shares = np.eye(2)[winner] * grad_a[:, np.newaxis]
    return winner == 0, shares[:, 0], shares[:, 1]


maxout_switch.slip(
    "maxout-both-branches",
    ("dC_dz_1 = grad_a * first_wins", "dC_dz_1 = grad_a"),
    ("dC_dz_2 = grad_a * (1 - first_wins)", "dC_dz_2 = grad_a"),
)
maxout_switch.slip("mask-from-upstream", ("z_1 >= z_2", "grad_a > 0"))
maxout_switch.slip("relu-kink-one", ("z_1 >= z_2", "z_1 > z_2"))
