# mypy: allow-untyped-defs, allow-any-generics, no-check-untyped-defs
"""Unit 02, third part: ReLU and leaky ReLU, made of straight pieces, and their slopes, in code.

Sources: 001 the six activations with their formulas, 000 speed of ReLU, dying and leaky units.
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
    draw_weighted_inputs,
    left_slope,
)

# --- code: ReLU and its slope --------------------------------------------------------------------

relu = Exercise(
    id="02.relu",
    title="The rectified linear unit",
    call="relu(z)",
    returns={"a": "(m, n)"},
    equation="ReLU",
    reference=nn.relu,
    points=1,
    families=NO_UPSTREAM,
    visible=KINK_VISIBLE,
    notice="One comparison and no exp: that is where its speed comes from.",
)
relu.cases(draw_weighted_inputs)


@relu.numeric
def clip_by_hand(z: Array) -> Array:
    """A value has no gradient to compare with: the larger of z and 0, in plain Python."""
    return np.array([[max(float(number), 0.0) for number in row] for row in z])


@relu.style("vectorized")
def _(z):
    return np.maximum(0, z)


@relu.style("mask")
def _(z):
    return z * (z > 0)


@relu.style("in place")
def _(z):
    z[z < 0] = 0
    return z


@relu.style("loops")
def _(z):
    return [[z_k if z_k > 0 else 0.0 for z_k in row] for row in z]


@relu.style("half of the sum")
def _(z):
    return (z + np.abs(z)) / 2


relu.slip("relu-slope-is-activation", ("np.maximum(0, z)", "np.where(z > 0, 1.0, 0.0)"))


d_relu = Exercise(
    id="02.d_relu",
    title="The slope of ReLU",
    call="d_relu(z)",
    returns={"dphi_z": "(m, n)"},
    equation="ReLU′",
    reference=nn.d_relu,
    points=1,
    families=NO_UPSTREAM,
    visible=KINK_VISIBLE,
    notice="A switch and nothing else: it passes all of the error, or none of it.",
)
d_relu.cases(draw_weighted_inputs)


@d_relu.numeric
def step_left_of_relu(z: Array) -> Array:
    """Nudge z down, and watch ReLU: at the kink, our convention is the left side."""
    return left_slope(lambda z: np.sum(np.maximum(z, 0)), z)


@d_relu.style("vectorized")
def _(z):
    return np.where(z > 0, 1.0, 0.0)


@d_relu.style("comparison")
def _(z):
    return z > 0


@d_relu.style("step")
def _(z):
    return np.heaviside(z, 0.0)


@d_relu.style("loops")
def _(z):
    slope = np.zeros(z.shape)
    for i in range(z.shape[0]):
        for j in range(z.shape[1]):
            if z[i, j] > 0:
                slope[i, j] = 1
    return slope


@d_relu.style("in place")
def _(z):
    fired = z > 0
    z[...] = 0
    z[fired] = 1
    return z


d_relu.slip("relu-kink-one", ("z > 0", "z >= 0"))
d_relu.slip("relu-slope-is-activation", ("np.where(z > 0, 1.0, 0.0)", "np.maximum(0, z)"))


# --- code: the slope of the leaky ReLU -----------------------------------------------------------

d_leaky_relu = Exercise(
    id="02.d_leaky_relu",
    title="The slope of the leaky ReLU",
    call="d_leaky_relu(z, slope)",
    returns={"dphi_z": "(m, n)"},
    equation="leaky ReLU′",
    reference=nn.d_leaky_relu,
    points=1,
    families=NO_UPSTREAM,
    visible=KINK_VISIBLE,
    notice="A trickle is enough: a unit that still gets some error can find its way back.",
)


@d_leaky_relu.cases
def draw_leaky(rng: Generator, family: Family) -> Case:
    """Weighted inputs, and the slope of the negative side."""
    case = draw_weighted_inputs(rng, family)
    slope = float(np.round(rng.uniform(0.05, 0.3), 2))
    return Case(inputs=dict(**case.inputs, slope=slope), m=case.m)


@d_leaky_relu.numeric
def step_left_of_leaky(z: Array, slope: float) -> Array:
    """Nudge z down, and watch the larger of z and slope · z."""
    return left_slope(lambda z: np.sum(np.maximum(slope * z, z)), z)


@d_leaky_relu.style("vectorized")
def _(z, slope):
    return np.where(z > 0, 1.0, slope)


@d_leaky_relu.style("sum")
def _(z, slope):
    return slope + (1 - slope) * (z > 0)


@d_leaky_relu.style("in place")
def _(z, slope):
    up = z > 0
    z[up], z[~up] = 1, slope
    return z


@d_leaky_relu.style("loops")
def _(z, slope):
    return [[1 if z_k > 0 else slope for z_k in row] for row in z]


@d_leaky_relu.style("heaviside")
def _(z, slope):
    step = np.heaviside(z, 0.0)
    return step + slope * (1 - step)


d_leaky_relu.slip("leaky-slope-dropped", ("1.0, slope", "1.0, 0.0"))
d_leaky_relu.slip("relu-kink-one", ("z > 0", "z >= 0"))
d_leaky_relu.slip("relu-slope-is-activation", ("1.0, slope", "z, slope * z"))
