# mypy: allow-untyped-defs, allow-any-generics, no-check-untyped-defs
"""Unit 03, part 2: the output error (BP1), for one unit, one example, and a mini-batch.

Sources: 003 BP1 and the Hadamard product, 001 step 1, 000 step 1.
"""

import numpy as np
from numpy.random import Generator

from bplib import nn, numeric
from bplib.answers import Array
from bplib.exercises.exercise import Case, Exercise
from bplib.exercises.families import Family, on_its_branch

# --- derive: BP1 for one unit, and for a layer ---------------------------------------------------

one_output = Exercise(
    id="03.one_output",
    title="One output unit",
    call="one_output(a, y, dphi_z)",
    returns={"dC_da": "(p,)", "da_dz": "(p,)", "delta": "(p,)"},
    equation="BP1, one unit",
    reference=lambda a, y, dphi_z: (  # (p,) is one example for nn: no mean is taken
        nn.quadratic_grad(a, y),
        nn.output_error(np.ones_like(a), dphi_z),
        nn.output_error(nn.quadratic_grad(a, y), dphi_z),
    ),
    points=3,
    by_line=True,
    visible=("ordinary",),
    notice="How wrong, times how steep: an output on a flat part of φ has almost no error.",
)


@one_output.cases
def draw_one_output(rng: Generator, family: Family) -> Case:
    """Four output units with a target each: the formulas are tried at four points at once."""
    z = family.weighted_inputs(rng, (4,))
    phi = family.activation(rng)
    a = phi(z)
    y = a.copy() if family.zero_upstream else rng.normal(size=4)
    return Case(inputs=dict(a=a, y=y, dphi_z=phi.derivative(z)), m=1, hidden=dict(phi=phi, z=z))


@one_output.numeric
def nudge_one_output(
    a: Array, y: Array, dphi_z: Array, *, phi: nn.Activation, z: Array
) -> tuple[Array, ...]:
    """Nudge a, and watch the cost; nudge z, and watch a, then the cost."""
    branch = on_its_branch(phi, z)
    return (
        numeric.gradient(lambda a: nn.quadratic_cost(a, y), a),
        # Unit by unit: in a sum of ±1 the last digits would cancel, and the slopes are in them.
        np.diag(numeric.jacobian(branch, z, batched=True)),
        numeric.gradient(lambda z: nn.quadratic_cost(branch(z), y), z),
    )


@one_output.style("vectorized")
def _(a, y, dphi_z):
    dC_da = a - y
    da_dz = dphi_z
    delta = dC_da * da_dz
    return dC_da, da_dz, delta


@one_output.style("direct")
def _(a, y, dphi_z):
    return -(y - a), 1 * dphi_z, dphi_z * a - dphi_z * y


@one_output.style("loops")
def _(a, y, dphi_z):
    lines = [(a_i - y_i, slope, (a_i - y_i) * slope) for a_i, y_i, slope in zip(a, y, dphi_z)]
    return tuple(np.array(line) for line in zip(*lines))


@one_output.style("in place")
def _(a, y, dphi_z):
    dC_da = np.subtract(a, y)
    a -= y
    a *= dphi_z
    return dC_da, dphi_z, a


@one_output.style("einsum")
def _(a, y, dphi_z):
    dC_da = a + -1 * y
    return dC_da, dphi_z, np.einsum("i,i->i", dC_da, dphi_z)


one_output.slip("output-slope-missing", ("delta = dC_da * da_dz", "delta = dC_da"))
one_output.slip("sign-flipped", ("a - y", "y - a"))
one_output.slip("factor-two", ("a - y", "2 * (a - y)"))
one_output.slip("error-is-prediction", ("a - y", "a"))


def draw_output_layer(rng: Generator, family: Family) -> Case:
    """An output layer of n units, m examples, with the gradient of some cost by its activations."""
    m, n = family.sizes(rng, 1)
    phi = family.activation(rng)
    Z = family.weighted_inputs(rng, (m, n))
    return Case(
        inputs=dict(grad_a=family.upstream(rng, (m, n)), dphi_z=phi.derivative(Z)),
        m=m,
        hidden=dict(phi=phi, Z=Z),
    )


surviving_term = Exercise(
    id="03.surviving_term",
    title="Which term survives",
    call="surviving_term(grad_a, dphi_z)",
    returns={"jacobian": "(n, n)", "terms": "(n, n)", "delta": "(n,)"},
    equation="BP1, one example",
    reference=lambda grad_a, dphi_z: (
        np.stack([nn.output_error(unit, dphi_z) for unit in np.eye(len(grad_a))]),
        np.stack([nn.output_error(unit, dphi_z) for unit in np.diag(grad_a)]),
        nn.output_error(grad_a, dphi_z),
    ),
    points=3,
    by_line=True,
    visible=("ordinary",),
    notice="n² terms, and only the n on the diagonal live: that is why BP1 needs no matrix.",
)


@surviving_term.cases
def draw_one_example(rng: Generator, family: Family) -> Case:
    """The same layer, seen by the first example alone: vectors instead of rows."""
    case = draw_output_layer(rng, family)
    inputs = {name: array[0] for name, array in case.inputs.items()}
    return Case(inputs, 1, dict(phi=case.hidden["phi"], z=case.hidden["Z"][0]))


@surviving_term.numeric
def nudge_every_unit(
    grad_a: Array, dphi_z: Array, *, phi: nn.Activation, z: Array
) -> tuple[Array, ...]:
    """Nudge z_j, and watch every a_k; then each a_k's share of the cost; then the cost."""
    branch = on_its_branch(phi, z)
    return (
        numeric.jacobian(branch, z, batched=True),
        numeric.jacobian(lambda z: grad_a * branch(z), z, batched=True),
        numeric.gradient(lambda z: branch(z) @ grad_a, z, batched=True),
    )


@surviving_term.style("vectorized")
def _(grad_a, dphi_z):
    jacobian = np.diag(dphi_z)
    terms = grad_a[:, np.newaxis] * jacobian
    delta = terms.sum(axis=0)
    return jacobian, terms, delta


@surviving_term.style("loops")
def _(grad_a, dphi_z):
    n = len(grad_a)
    jacobian, terms, delta = np.zeros((n, n)), np.zeros((n, n)), np.zeros(n)
    for j in range(n):
        for k in range(n):
            if k == j:
                jacobian[k, j] = dphi_z[j]
            terms[k, j] = grad_a[k] * jacobian[k, j]
            delta[j] += terms[k, j]
    return jacobian, terms, delta


@surviving_term.style("einsum")
def _(grad_a, dphi_z):
    jacobian = np.einsum("kj,j->kj", np.eye(len(dphi_z)), dphi_z)
    return jacobian, np.einsum("k,kj->kj", grad_a, jacobian), grad_a * dphi_z


@surviving_term.style("outer products")
def _(grad_a, dphi_z):
    jacobian = np.eye(len(dphi_z)) * dphi_z
    return jacobian, np.diag(grad_a) @ jacobian, jacobian.T @ grad_a


@surviving_term.style("in place")
def _(grad_a, dphi_z):
    jacobian, terms = np.diag(dphi_z), np.diag(dphi_z).copy()
    for k in range(len(grad_a)):
        terms[k] *= grad_a[k]
    grad_a *= dphi_z
    return jacobian, terms, grad_a


surviving_term.slip("output-slope-missing", ("np.diag(dphi_z)", "np.eye(len(dphi_z))"))
surviving_term.slip("slope-twice", ("terms.sum(axis=0)", "terms.sum(axis=0) * dphi_z"))


# --- code: BP1 -----------------------------------------------------------------------------------

output_error = Exercise(
    id="03.output_error",
    title="The output error",
    call="output_error(grad_a, dphi_z)",
    returns={"delta": "(m, n)"},
    equation="BP1",
    reference=nn.output_error,
    points=3,
    notice="Saturated units get almost no error, however wrong they are: section 3.9 asks why.",
)
output_error.cases(draw_output_layer)


@output_error.numeric
def nudge_z(grad_a: Array, dphi_z: Array, *, phi: nn.Activation, Z: Array) -> Array:
    """Nudge each z: a move of its activation costs grad_a per unit."""
    branch = on_its_branch(phi, Z)
    return numeric.gradient(lambda Z: (grad_a * branch(Z)).sum(axis=(-2, -1)), Z, batched=True)


@output_error.style("vectorized")
def _(grad_a, dphi_z):
    return grad_a * dphi_z


@output_error.style("loops")
def _(grad_a, dphi_z):
    delta = np.zeros(grad_a.shape)
    for i in range(grad_a.shape[0]):
        for j in range(grad_a.shape[1]):
            delta[i, j] = grad_a[i, j] * dphi_z[i, j]
    return delta


@output_error.style("einsum")
def _(grad_a, dphi_z):
    return np.einsum("ij,ij->ij", grad_a, dphi_z)


@output_error.style("Jacobians")
def _(grad_a, dphi_z):
    return np.array([np.diag(slope).T @ row for row, slope in zip(grad_a, dphi_z)])


@output_error.style("in place")
def _(grad_a, dphi_z):
    grad_a *= dphi_z
    return grad_a


output_error.slip("output-slope-missing", (" * dphi_z", ""))
output_error.slip("slope-twice", (" * dphi_z", " * dphi_z * dphi_z"))
output_error.slip("batch-mean-twice", (" * dphi_z", " * dphi_z / len(grad_a)"))
