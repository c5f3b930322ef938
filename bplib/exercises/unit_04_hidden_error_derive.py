# mypy: allow-untyped-defs, allow-any-generics, no-check-untyped-defs
"""Unit 04: the hidden error (BP2), derived: one path, all paths, and from columns to rows.

Sources: 001 step 2 (where the transpose comes from), 003 BP2, 004 (6), 000 step 2.
"""

import numpy as np
from numpy.random import Generator

from bplib import nn, numeric
from bplib.answers import Array
from bplib.exercises.exercise import Case, Exercise
from bplib.exercises.families import Family, on_its_branch
from bplib.exercises.unit_04_hidden_error import draw_example, draw_layer, nudge_z

# --- one path, then all paths --------------------------------------------------------------


def _one_path(dphi_z_k: Array, w_jk: Array, delta_j: Array) -> tuple[Array, Array, Array]:
    """BP2 between two layers of one unit each, at p points."""
    points = list(zip(w_jk, dphi_z_k, delta_j, strict=True))

    def unit(w: float, delta: float, slope: float) -> float:
        return float(
            nn.hidden_error(np.array([[w]]), np.array([[delta]]), np.array([[slope]]))[0, 0]
        )

    return (
        np.array([unit(1.0, 1.0, slope) for _, slope, _ in points]),
        np.array([unit(w, 1.0, slope) for w, slope, _ in points]),
        np.array([unit(w, delta, slope) for w, slope, delta in points]),
    )


one_path = Exercise(
    id="04.one_path",
    title="One path up to the cost",
    call="one_path(dphi_z_k, w_jk, delta_j)",
    returns={"da_dz": "(p,)", "dz_next_dz": "(p,)", "dC_dz": "(p,)"},
    equation="BP2, one path",
    reference=_one_path,
    points=3,
    by_line=True,
    visible=("ordinary", "one-example"),
    notice="Three factors, one for each thing that lies on the path: a slope, a weight, an error.",
)


@one_path.cases
def draw_one_path(rng: Generator, family: Family) -> Case:
    """Four pairs of units, one connection each: the formulas are tried at four points at once."""
    z = family.weighted_inputs(rng, (4,))
    phi = family.activation(rng)
    return Case(
        inputs=dict(
            dphi_z_k=phi.derivative(z),
            w_jk=rng.normal(size=4),
            delta_j=family.upstream(rng, (4,)),
        ),
        m=1,
        hidden=dict(phi=phi, z=z),
    )


@one_path.numeric
def nudge_one_path(
    dphi_z_k: Array, w_jk: Array, delta_j: Array, *, phi: nn.Activation, z: Array
) -> tuple[Array, ...]:
    """Nudge z_k, and watch a_k, then z_j, then the cost."""
    branch = on_its_branch(phi, z)
    return (
        np.diag(numeric.jacobian(branch, z, batched=True)),
        np.diag(numeric.jacobian(lambda z: w_jk * branch(z), z, batched=True)),
        np.diag(numeric.jacobian(lambda z: delta_j * (w_jk * branch(z)), z, batched=True)),
    )


@one_path.style("vectorized")
def _(dphi_z_k, w_jk, delta_j):
    da_dz = dphi_z_k
    dz_next_dz = w_jk * da_dz
    dC_dz = delta_j * dz_next_dz
    return da_dz, dz_next_dz, dC_dz


@one_path.style("direct")
def _(dphi_z_k, w_jk, delta_j):
    return dphi_z_k, dphi_z_k * w_jk, w_jk * dphi_z_k * delta_j


@one_path.style("loops")
def _(dphi_z_k, w_jk, delta_j):
    lines = [[], [], []]
    for slope, w, delta in zip(dphi_z_k, w_jk, delta_j):
        lines[0].append(slope)
        lines[1].append(slope * w)
        lines[2].append(slope * w * delta)
    return lines[0], lines[1], lines[2]


@one_path.style("in place")
def _(dphi_z_k, w_jk, delta_j):
    dz_next_dz = dphi_z_k.copy()
    dz_next_dz *= w_jk
    delta_j *= dz_next_dz
    return dphi_z_k, dz_next_dz, delta_j


@one_path.style("einsum")
def _(dphi_z_k, w_jk, delta_j):
    dz_next_dz = np.einsum("i,i->i", w_jk, dphi_z_k)
    return dphi_z_k, dz_next_dz, np.einsum("i,i->i", delta_j, dz_next_dz)


one_path.slip("hidden-slope-missing", ("dz_next_dz = w_jk * da_dz", "dz_next_dz = w_jk"))
one_path.slip(
    "slope-twice", ("dC_dz = delta_j * dz_next_dz", "dC_dz = delta_j * dz_next_dz * da_dz")
)
one_path.slip("absolute-weights", ("dz_next_dz = w_jk", "dz_next_dz = np.abs(w_jk)"))


all_paths = Exercise(
    id="04.all_paths",
    title="Every path counts",
    call="all_paths(W_next, delta_next, dphi_z)",
    returns={"paths": "(n_next, n)", "before_slope": "(n,)", "delta": "(n,)"},
    equation="BP2, one example",
    reference=lambda W_next, delta_next, dphi_z: (
        np.stack([nn.hidden_error(w[None], d[None], dphi_z) for w, d in zip(W_next, delta_next)]),
        nn.hidden_error(W_next, delta_next, np.ones_like(dphi_z)),
        nn.hidden_error(W_next, delta_next, dphi_z),
    ),
    points=3,
    by_line=True,
    visible=("ordinary", "equal-widths"),
    notice="A sum over paths turned into one matrix product: that is all the transpose is.",
)
all_paths.cases(draw_example)


@all_paths.numeric
def nudge_each_path(
    W_next: Array, delta_next: Array, dphi_z: Array, *, phi: nn.Activation, z: Array
) -> tuple[Array, ...]:
    """Nudge z and let only one unit above feel it; then nudge a; then nudge z for all of them."""
    branch = on_its_branch(phi, z)

    return (
        numeric.jacobian(lambda z: delta_next * (branch(z) @ W_next.T), z, batched=True),
        numeric.gradient(lambda a: a @ W_next.T @ delta_next, phi(z), batched=True),
        numeric.gradient(lambda z: branch(z) @ W_next.T @ delta_next, z, batched=True),
    )


@all_paths.style("vectorized")
def _(W_next, delta_next, dphi_z):
    paths = delta_next[:, np.newaxis] * W_next * dphi_z
    before_slope = W_next.T @ delta_next
    delta = before_slope * dphi_z
    return paths, before_slope, delta


@all_paths.style("loops")
def _(W_next, delta_next, dphi_z):
    n_next, n = W_next.shape
    paths = np.zeros((n_next, n))
    before_slope = np.zeros(n)
    for k in range(n):
        for j in range(n_next):
            paths[j, k] = delta_next[j] * W_next[j, k] * dphi_z[k]
            before_slope[k] += delta_next[j] * W_next[j, k]
    return paths, before_slope, paths.sum(axis=0)


@all_paths.style("einsum")
def _(W_next, delta_next, dphi_z):
    return (
        np.einsum("j,jk,k->jk", delta_next, W_next, dphi_z),
        np.einsum("jk,j->k", W_next, delta_next),
        np.einsum("jk,j,k->k", W_next, delta_next, dphi_z),
    )


@all_paths.style("row by row")
def _(W_next, delta_next, dphi_z):
    arriving = np.array([d * w for d, w in zip(delta_next, W_next)])
    return np.array([row * dphi_z for row in arriving]), sum(arriving), sum(arriving) * dphi_z


@all_paths.style("outer products")
def _(W_next, delta_next, dphi_z):
    paths = np.outer(delta_next, dphi_z) * W_next
    return paths, delta_next @ W_next, np.ones(len(delta_next)) @ paths


all_paths.slip(
    "unweighted-sum", ("W_next.T @ delta_next", "np.full_like(dphi_z, delta_next.sum())")
)
all_paths.slip("hidden-slope-missing", ("delta = before_slope * dphi_z", "delta = before_slope"))
all_paths.slip("weights-transposed", ("W_next.T @ delta_next", "W_next @ delta_next"))
all_paths.slip("absolute-weights", ("W_next.T @ delta_next", "np.abs(W_next).T @ delta_next"))


columns_to_rows = Exercise(
    id="04.columns_to_rows",
    title="Where the transpose goes",
    call="columns_to_rows(W_next, delta_next, dphi_z)",
    returns={"columns": "(n, m)", "rows": "(m, n)", "delta": "(m, n)"},
    equation="BP2, mini-batch",
    reference=lambda W_next, delta_next, dphi_z: (
        nn.hidden_error(W_next, delta_next, np.ones_like(dphi_z)).T,
        nn.hidden_error(W_next, delta_next, np.ones_like(dphi_z)),
        nn.hidden_error(W_next, delta_next, dphi_z),
    ),
    points=3,
    by_line=True,
    visible=("ordinary", "equal-widths"),
    notice="(A B)ᵀ = Bᵀ Aᵀ: written in rows, the two transposes have met and are gone.",
)
columns_to_rows.cases(draw_layer)


@columns_to_rows.numeric
def nudge_rows(
    W_next: Array, delta_next: Array, dphi_z: Array, *, phi: nn.Activation, Z: Array
) -> tuple[Array, ...]:
    """Nudge every a of every example; then every z."""
    by_a = numeric.gradient(
        lambda A: (delta_next * (A @ W_next.T)).sum(axis=(-2, -1)), phi(Z), batched=True
    )
    return by_a.T, by_a, nudge_z(W_next, delta_next, dphi_z, phi=phi, Z=Z)


@columns_to_rows.style("vectorized")
def _(W_next, delta_next, dphi_z):
    columns = W_next.T @ delta_next.T
    rows = delta_next @ W_next
    delta = rows * dphi_z
    return columns, rows, delta


@columns_to_rows.style("loops")
def _(W_next, delta_next, dphi_z):
    columns = np.stack([W_next.T @ row for row in delta_next], axis=1)
    return columns, columns.T, columns.T * dphi_z


@columns_to_rows.style("einsum")
def _(W_next, delta_next, dphi_z):
    rows = np.einsum("ij,jk->ik", delta_next, W_next)
    return rows.T, rows, np.einsum("ik,ik->ik", rows, dphi_z)


@columns_to_rows.style("row by row")
def _(W_next, delta_next, dphi_z):
    rows = np.array([row @ W_next for row in delta_next])
    delta = np.array([row * slope for row, slope in zip(rows, dphi_z)])
    return np.column_stack(list(rows)), rows, delta


@columns_to_rows.style("in place")
def _(W_next, delta_next, dphi_z):
    columns = np.dot(delta_next, W_next).T
    dphi_z *= columns.T
    return columns, columns.T.copy(), dphi_z


columns_to_rows.slip("weights-transposed", ("delta_next @ W_next", "delta_next @ W_next.T"))
columns_to_rows.slip("hidden-slope-missing", ("delta = rows * dphi_z", "delta = rows"))
