# mypy: allow-untyped-defs, allow-any-generics, no-check-untyped-defs
"""Unit 04: the hidden error (BP2), coded for one example, a mini-batch, and all layers.

Sources: 001 step 2 (where the transpose comes from), 003 BP2, 004 (6), 000 step 2.
"""

from typing import Any

import numpy as np
from numpy.random import Generator

from bplib import nn, numeric
from bplib.answers import Array
from bplib.exercises.exercise import Case, Exercise
from bplib.exercises.families import Family, on_its_branch


def draw_layer(rng: Generator, family: Family) -> Case:
    """A layer of n units below a layer of n_next units, m examples."""
    m, n, n_next = family.sizes(rng, 2)
    phi = family.activation(rng)
    Z = family.weighted_inputs(rng, (m, n))
    return Case(
        inputs=dict(
            W_next=rng.normal(size=(n_next, n)),
            delta_next=family.upstream(rng, (m, n_next)),
            dphi_z=phi.derivative(Z),
        ),
        m=m,
        hidden=dict(phi=phi, Z=Z),
    )


def draw_example(rng: Generator, family: Family) -> Case:
    """The same layers, seen by the first example alone: vectors instead of rows."""
    case = draw_layer(rng, family)
    inputs = dict(case.inputs)
    inputs["delta_next"], inputs["dphi_z"] = inputs["delta_next"][0], inputs["dphi_z"][0]
    return Case(inputs, 1, dict(phi=case.hidden["phi"], z=case.hidden["Z"][0]))


# --- code: BP2 for one example, then for a mini-batch ----------------------------------------------

hidden_error_one = Exercise(
    id="04.hidden_error_one",
    title="Follow the blame back, one example",
    call="hidden_error_one(W_next, delta_next, dphi_z)",
    returns={"delta": "(n,)"},
    equation="BP2, one example",
    reference=nn.hidden_error,
    points=3,
    notice="Saturated units get almost no error, however loudly the units above complain.",
)
hidden_error_one.cases(draw_example)


@hidden_error_one.numeric
def nudge_z_one(
    W_next: Array, delta_next: Array, dphi_z: Array, *, phi: nn.Activation, z: Array
) -> Array:
    """Nudge each z of the one example: a move of z_next costs delta_next per unit."""
    branch = on_its_branch(phi, z)
    return numeric.gradient(lambda z: branch(z) @ W_next.T @ delta_next, z, batched=True)


@hidden_error_one.style("vectorized")
def _(W_next, delta_next, dphi_z):
    return (W_next.T @ delta_next) * dphi_z


@hidden_error_one.style("loops")
def _(W_next, delta_next, dphi_z):
    delta = np.zeros(len(dphi_z))
    for k in range(len(dphi_z)):
        for j in range(len(delta_next)):
            delta[k] += W_next[j, k] * delta_next[j]
        delta[k] *= dphi_z[k]
    return delta


@hidden_error_one.style("einsum")
def _(W_next, delta_next, dphi_z):
    return np.einsum("jk,j,k->k", W_next, delta_next, dphi_z)


@hidden_error_one.style("row by row")
def _(W_next, delta_next, dphi_z):
    blame = sum(d * w for d, w in zip(delta_next, W_next))
    return blame * dphi_z


@hidden_error_one.style("in place")
def _(W_next, delta_next, dphi_z):
    dphi_z *= np.dot(delta_next, W_next)
    return dphi_z


hidden_error = Exercise(
    id="04.hidden_error",
    title="Follow the blame back, a mini-batch of rows",
    call="hidden_error(W_next, delta_next, dphi_z)",
    returns={"delta": "(m, n)"},
    equation="BP2",
    reference=nn.hidden_error,
    points=4,
    notice="Saturated units get almost no error: a unit on the flat part of φ learns slowly.",
)
hidden_error.cases(draw_layer)


@hidden_error.numeric
def nudge_z(
    W_next: Array, delta_next: Array, dphi_z: Array, *, phi: nn.Activation, Z: Array
) -> Array:
    """Nudge each z: the layer above turns a change of a into a change of cost, delta_next · dz_next."""
    branch = on_its_branch(phi, Z)
    return numeric.gradient(
        lambda Z: (delta_next * (branch(Z) @ W_next.T)).sum(axis=(-2, -1)), Z, batched=True
    )


@hidden_error.style("vectorized")
def _(W_next, delta_next, dphi_z):
    return (delta_next @ W_next) * dphi_z


@hidden_error.style("loops")
def _(W_next, delta_next, dphi_z):
    m, n = dphi_z.shape
    delta = np.zeros((m, n))
    for i in range(m):
        for k in range(n):
            blame = 0.0
            for j in range(W_next.shape[0]):
                blame += W_next[j, k] * delta_next[i, j]
            delta[i, k] = blame * dphi_z[i, k]
    return delta


@hidden_error.style("einsum")
def _(W_next, delta_next, dphi_z):
    return np.einsum("ij,jk,ik->ik", delta_next, W_next, dphi_z)


@hidden_error.style("row by row")
def _(W_next, delta_next, dphi_z):
    return np.array([(W_next.T @ row) * slope for row, slope in zip(delta_next, dphi_z)])


@hidden_error.style("in place")
def _(W_next, delta_next, dphi_z):
    dphi_z *= delta_next @ W_next
    return dphi_z


for _exercise, _product in (
    (hidden_error_one, "W_next.T @ delta_next"),
    (hidden_error, "delta_next @ W_next"),
):
    _rows = _exercise is hidden_error
    _exercise.slip("hidden-slope-missing", (" * dphi_z", ""))
    _exercise.slip("slope-twice", (" * dphi_z", " * dphi_z * dphi_z"))
    _exercise.slip("absolute-weights", (_product, _product.replace("W_next", "np.abs(W_next)")))
    _exercise.slip(
        "weights-transposed",
        (_product, "delta_next @ W_next.T" if _rows else "W_next @ delta_next"),
    )
    _exercise.slip(
        "unweighted-sum",
        (_product, "delta_next.sum(axis=1, keepdims=True)" if _rows else "delta_next.sum()"),
    )
    _exercise.slip(
        "elementwise-for-matmul",
        (_product, "delta_next * W_next" if _rows else "(W_next * delta_next).sum(axis=0)"),
    )
hidden_error.slip("mean-per-layer", (" * dphi_z", " * dphi_z / len(dphi_z)"))


# --- code: all layers ------------------------------------------------------------------------------


def _all_errors(params: list, Zs: list, delta_L: Array, phi: nn.Activation) -> list[Array]:
    deltas = [delta_L]
    for (W_next, _), Z in zip(params[:0:-1], Zs[-2::-1], strict=True):
        deltas.insert(0, nn.hidden_error(W_next, deltas[0], phi.derivative(Z)))
    return deltas


hidden_errors = Exercise(
    id="04.hidden_errors",
    title="All the way down",
    call="hidden_errors(params, Zs, delta_L, phi)",
    returns={"deltas": "a list of (m, n_l) for layers 1 … L"},
    equation="BP2, layer by layer",
    reference=_all_errors,
    points=4,
    labels=lambda deltas: [f"delta[{layer}]" for layer in range(1, len(deltas) + 1)],
    notice="Only the order of the loop makes this fast: each layer is visited once.",
)


@hidden_errors.cases
def draw_stack(rng: Generator, family: Family) -> Case:
    """A network of three layers with its weighted inputs, and the error of its output layer."""
    m, *widths = family.sizes(rng, 4)
    phi = family.activation(rng)
    params = [
        (rng.normal(size=(n, n_prev)) / np.sqrt(n_prev), rng.normal(size=n))
        for n_prev, n in zip(widths, widths[1:])
    ]
    Zs = [family.weighted_inputs(rng, (m, n)) for n in widths[1:]]
    return Case(
        inputs=dict(params=params, Zs=Zs, delta_L=family.upstream(rng, Zs[-1].shape), phi=phi), m=m
    )


@hidden_errors.numeric
def nudge_layers(params: list, Zs: list, delta_L: Array, phi: nn.Activation) -> list[Array]:
    """Nudge the z of one layer; carry the nudge up, to first order, along the given slopes.

    Zs need not come from a forward pass, so each layer is expanded around its own Z.
    """
    deltas = []
    for layer, Z in enumerate(Zs):
        above = list(zip(params[layer + 1 :], Zs[layer + 1 :], strict=True))

        def cost(moved: Array, Z: Array = Z, above: list = above) -> Any:
            branch = on_its_branch(phi, Z)
            dA = branch(moved) - branch(Z)
            for index, ((W, _), Z_above) in enumerate(above):
                dZ = dA @ W.T
                last = index == len(above) - 1
                dA = dZ if last else phi.derivative(Z_above) * dZ
            return (delta_L * (dA if above else moved)).sum(axis=(-2, -1))

        deltas.append(numeric.gradient(cost, Z, batched=True))
    return deltas


@hidden_errors.style("vectorized")
def _(params, Zs, delta_L, phi):
    deltas = [delta_L]
    for l in range(len(params) - 1, 0, -1):
        W_next = params[l][0]
        slope = phi.derivative(Zs[l - 1])
        delta = (deltas[0] @ W_next) * slope
        deltas.insert(0, delta)
    return deltas


@hidden_errors.style("einsum")
def _(params, Zs, delta_L, phi):
    deltas = [None] * len(params)
    deltas[-1] = delta_L
    for l in reversed(range(len(params) - 1)):
        W_next, _ = params[l + 1]
        deltas[l] = np.einsum("ij,jk,ik->ik", deltas[l + 1], W_next, phi.derivative(Zs[l]))
    return deltas


@hidden_errors.style("loops")
def _(params, Zs, delta_L, phi):
    delta = delta_L
    backwards = [delta]
    for (W_next, b_next), Z in list(zip(params[1:], Zs[:-1]))[::-1]:
        slope = phi.derivative(Z)
        below = np.zeros(Z.shape)
        for i in range(Z.shape[0]):
            for k in range(Z.shape[1]):
                below[i, k] = sum(delta[i, j] * W_next[j, k] for j in range(len(b_next)))
        delta = below * slope
        backwards.append(delta)
    return backwards[::-1]


@hidden_errors.style("recursive")
def _(params, Zs, delta_L, phi):
    if len(params) == 1:
        return [delta_L]
    above = hidden_errors(params[1:], Zs[1:], delta_L, phi)
    return [(above[0] @ params[1][0]) * phi.derivative(Zs[0])] + above


@hidden_errors.style("row by row")
def _(params, Zs, delta_L, phi):
    deltas = [delta_L]
    for (W_next, _), Z in zip(params[:0:-1], Zs[-2::-1]):
        slopes = phi.derivative(Z)
        rows = [(W_next.T @ row) * slope for row, slope in zip(deltas[-1], slopes)]
        deltas.append(np.array(rows))
    deltas.reverse()
    return deltas


hidden_errors.slip("hidden-slope-missing", (" * slope", ""))
hidden_errors.slip("slope-twice", (" * slope", " * slope * slope"))
hidden_errors.slip("next-layer-slope", ("Zs[l - 1]", "Zs[l]"))
hidden_errors.slip("own-weights", ("params[l][0]", "params[l - 1][0]"))
hidden_errors.slip("output-error-everywhere", ("(deltas[0] @", "(delta_L @"))
hidden_errors.slip("mean-per-layer", (" * slope", " * slope / len(slope)"))
hidden_errors.slip("weights-transposed", ("@ W_next", "@ W_next.T"))
hidden_errors.slip("absolute-weights", ("@ W_next", "@ np.abs(W_next)"))
