# mypy: allow-untyped-defs, allow-any-generics, no-check-untyped-defs
"""Unit 02, second part: the activations that take an exp, and their slopes, in code.

In the saturated cases some z are ±1000, and a warning of NumPy there costs the case. The
derivations stand in `unit_02_activation_slopes`, the activations made of straight pieces in
`unit_02_activations_straight`, and Maxout and the backward passes in `unit_02_activations_backward`.
Sources: 001 the six activations with their formulas, 000 activation functions, 003 flat sigmoid.
"""

from typing import Any

import numpy as np
from numpy.random import Generator

from bplib import nn, numeric
from bplib.answers import Array
from bplib.exercises.exercise import Case, Exercise
from bplib.exercises.families import Family
from bplib.exercises.unit_02_activation_slopes import NO_UPSTREAM, draw_weighted_inputs

FAR = 1000.0
FAR_VISIBLE = ("ordinary", "one-example", "saturated")


def draw_far_inputs(rng: Generator, family: Family) -> Case:
    """The same; in the saturated family some neighbors are as large as 1000 and −1000."""
    case = draw_weighted_inputs(rng, family)
    z = case.inputs["z"]
    if family.regime == "saturated":
        i, j = rng.integers(z.shape)
        z[i - 1, j] = z[i, j - 1] = -FAR
        z[i, j] = FAR
    return case


# --- code: the sigmoid and its slope -------------------------------------------------------------

sigmoid = Exercise(
    id="02.sigmoid",
    title="A sigmoid that keeps calm",
    call="sigmoid(z)",
    returns={"a": "(m, n)"},
    equation="σ",
    reference=nn.sigmoid,
    points=3,
    families=NO_UPSTREAM,
    visible=FAR_VISIBLE,
    forbid_warnings=True,
    notice="exp of a number that is not positive lies between 0 and 1: nothing can overflow.",
)
sigmoid.cases(draw_far_inputs)


@sigmoid.numeric
def nudge_softplus(z: Array) -> Array:
    """σ is itself a slope, that of softplus log(1 + exp(z)): nudge z, and watch softplus."""
    return numeric.gradient(lambda z: np.sum(np.logaddexp(0, z)), z)


@sigmoid.style("vectorized")
def _(z):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


@sigmoid.style("tanh")
def _(z):
    return (1 + np.tanh(z / 2)) / 2


@sigmoid.style("clipped")
def _(z):
    return 1 / (1 + np.exp(-np.clip(z, -500, 500)))


@sigmoid.style("loops")
def _(z):
    a = np.zeros(z.shape)
    for i in range(z.shape[0]):
        for j in range(z.shape[1]):
            if z[i, j] >= 0:
                a[i, j] = 1 / (1 + np.exp(-z[i, j]))
            else:
                e = np.exp(z[i, j])
                a[i, j] = e / (1 + e)
    return a


@sigmoid.style("masks")
def _(z):
    a = np.empty_like(z)
    up = z > 0
    a[up] = 1 / (1 + np.exp(-z[up]))
    a[~up] = np.exp(z[~up])
    a[~up] /= 1 + a[~up]
    return a


@sigmoid.misconception("exp-overflow")
def _(z):
    return 1 / (1 + np.exp(-z))


d_sigmoid = Exercise(
    id="02.d_sigmoid",
    title="The slope of the sigmoid",
    call="d_sigmoid(z)",
    returns={"dphi_z": "(m, n)"},
    equation="σ′",
    reference=nn.d_sigmoid,
    points=2,
    families=NO_UPSTREAM,
    visible=FAR_VISIBLE,
    forbid_warnings=True,
    notice="At |z| = 5 less than one percent is left: that unit has all but stopped learning.",
)
d_sigmoid.cases(draw_far_inputs)


@d_sigmoid.numeric
def nudge_sigmoid_input(z: Array) -> Array:
    """Nudge z, and watch σ(z), here written with tanh."""
    return numeric.gradient(lambda z: np.sum(np.tanh(z / 2)) / 2, z)


@d_sigmoid.style("vectorized")
def _(z):
    a = (1 + np.tanh(z / 2)) / 2
    return a * (1 - a)


@d_sigmoid.style("even")
def _(z):
    e = np.exp(-abs(z))
    return e / (1 + e) ** 2


@d_sigmoid.style("clipped")
def _(z):
    a = 1 / (1 + np.exp(-np.clip(z, -50, 50)))
    return a - a**2


@d_sigmoid.style("loops")
def _(z):
    rows = []
    for row in z:
        rows.append([])
        for z_k in row:
            a = 1 / (1 + np.exp(-z_k)) if z_k > 0 else np.exp(z_k) / (1 + np.exp(z_k))
            rows[-1].append(a * (1 - a))
    return rows


@d_sigmoid.style("hyperbolic")
def _(z):
    return 0.25 / np.cosh(np.clip(z, -700, 700) / 2) ** 2


d_sigmoid.slip("sigmoid-slope-from-z", ("a * (1 - a)", "z * (1 - z)"))
d_sigmoid.slip("slope-at-activation", ("return a", "a = (1 + np.tanh(a / 2)) / 2\n    return a"))
d_sigmoid.slip("exp-overflow", ("(1 + np.tanh(z / 2)) / 2", "1 / (1 + np.exp(-z))"))


# --- code: the slope of tanh ---------------------------------------------------------------------

d_tanh = Exercise(
    id="02.d_tanh",
    title="The slope of tanh",
    call="d_tanh(z)",
    returns={"dphi_z": "(m, n)"},
    equation="tanh′",
    reference=nn.d_tanh,
    points=2,
    families=NO_UPSTREAM,
    visible=FAR_VISIBLE,
    forbid_warnings=True,
    notice="Steep in the middle, flat in the tails: a sigmoid with other units on both axes.",
)
d_tanh.cases(draw_far_inputs)


@d_tanh.numeric
def nudge_tanh_input(z: Array) -> Array:
    """Nudge z, and watch tanh(z)."""
    return numeric.gradient(lambda z: np.sum(np.tanh(z)), z)


@d_tanh.style("vectorized")
def _(z):
    a = np.tanh(z)
    return 1 - a**2


@d_tanh.style("factors")
def _(z):
    return (1 - np.tanh(z)) * (1 + np.tanh(z))


@d_tanh.style("even")
def _(z):
    e = np.exp(-2 * np.abs(z))
    return 4 * e / (1 + e) ** 2


@d_tanh.style("loops")
def _(z):
    slope = z.copy()
    for i in range(len(z)):
        for j in range(len(z[i])):
            slope[i, j] = 1 - np.tanh(z[i, j]) ** 2
    return slope


@d_tanh.style("hyperbolic")
def _(z):
    return np.cosh(np.clip(z, -300, 300)) ** -2.0


d_tanh.slip("tanh-slope-linear", ("1 - a**2", "1 - a"))
d_tanh.slip(
    "sigmoid-slope-for-tanh",
    ("a = np.tanh(z)", "a = (1 + np.tanh(z / 2)) / 2"),
    ("1 - a**2", "a * (1 - a)"),
)
d_tanh.slip("slope-at-activation", ("1 - a**2", "1 - np.tanh(a) ** 2"))
d_tanh.slip("exp-overflow", ("np.tanh(z)", "1 - 2 / (1 + np.exp(2 * z))"))


# --- code: the slope of ELU ----------------------------------------------------------------------

d_elu = Exercise(
    id="02.d_elu",
    title="The slope of ELU",
    call="d_elu(z, alpha)",
    returns={"dphi_z": "(m, n)"},
    equation="ELU′",
    reference=nn.d_elu,
    points=2,
    families=NO_UPSTREAM,
    visible=("ordinary", "exact-zeros", "saturated"),
    forbid_warnings=True,
    notice="np.where computes both sides everywhere: exp must be safe where it is not used, too.",
)


@d_elu.cases
def draw_elu(rng: Generator, family: Family) -> Case:
    """Weighted inputs, a few of them far out, and an alpha that is not 1: ELU has a kink there."""
    case = draw_far_inputs(rng, family)
    alpha = float(np.round(rng.uniform(0.2, 0.8) + rng.choice((0, 1)), 2))
    return Case(inputs=dict(**case.inputs, alpha=alpha), m=case.m)


@d_elu.numeric
def step_into_the_imaginary(z: Array, alpha: float) -> Array:
    """A complex step, which leaves the real part, and so the side of the kink, where it is."""

    def total(z: Array) -> Any:
        bent = alpha * (np.exp(np.where(z.real > 0, 0, z)) - 1)
        return np.sum(np.where(z.real > 0, z, bent))

    return numeric.complex_step(total, z)


@d_elu.style("vectorized")
def _(z, alpha):
    left = np.minimum(z, 0)
    return np.where(z > 0, 1.0, alpha * np.exp(left))


@d_elu.style("mask")
def _(z, alpha):
    bent = z <= 0
    dphi_z = np.ones_like(z)
    dphi_z[bent] = alpha * np.exp(z[bent])
    return dphi_z


@d_elu.style("from the activation")
def _(z, alpha):
    a = alpha * np.expm1(-np.abs(z))
    return np.where(z > 0, 1, a + alpha)


@d_elu.style("loops")
def _(z, alpha):
    return np.array([[1.0 if z_k > 0 else alpha * np.exp(z_k) for z_k in row] for row in z])


@d_elu.style("in place")
def _(z, alpha):
    bent = z <= 0
    z[bent] = alpha * np.exp(z[bent])
    z[~bent] = 1
    return z


d_elu.slip("elu-slope-constant", ("alpha * np.exp(left)", "alpha"))
d_elu.slip("leaky-slope-dropped", ("alpha * np.exp(left)", "0.0"))
d_elu.slip("relu-kink-one", ("z > 0", "z >= 0"))
d_elu.slip("slope-at-activation", ("np.exp(left)", "np.exp(alpha * np.expm1(left))"))
d_elu.slip("exp-overflow", ("np.minimum(z, 0)", "z"))
