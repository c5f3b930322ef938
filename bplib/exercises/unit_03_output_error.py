# mypy: allow-untyped-defs, allow-any-generics, no-check-untyped-defs
"""Unit 03, part 1: the mean over the examples, and the quadratic cost.

Part 2, the output error, stands in `unit_03_output_error_bp1`; part 3, cross-entropy and softmax,
in `unit_03_output_error_cross_entropy`: the order of their names is that of the notebook.
Sources: 003 the two assumptions on the cost, 004 E = Σ E_n and (5).
"""

import math

import numpy as np
from numpy.random import Generator

from bplib import nn, numeric
from bplib.answers import Array
from bplib.exercises.exercise import Case, Exercise
from bplib.exercises.families import Family

# --- derive: the gradient of a mean --------------------------------------------------------------

mean_gradient = Exercise(
    id="03.mean_gradient",
    title="The gradient of a mean",
    call="mean_gradient(grads)",
    returns={"shares": "(m, n)", "grad_C": "(n,)", "grad_E": "(n,)"},
    equation="C as a mean over the examples",
    reference=lambda grads: (
        nn.quadratic_grad(grads, np.zeros_like(grads)),  # d/dG of the mean of |G|²/2 is G/m
        nn.bias_gradient(nn.quadratic_grad(grads, np.zeros_like(grads))),
        nn.bias_gradient(grads),
    ),
    points=3,
    by_line=True,
    # No units appear in it, so there is nothing that could saturate, stay linear or hit a kink.
    families=("ordinary", "one-example", "equal-widths", "zero-upstream"),
    visible=("ordinary", "one-example"),
    notice="A mean changes the gradient by 1/m, once: the examples never mix.",
)


@mean_gradient.cases
def draw_gradients(rng: Generator, family: Family) -> Case:
    """The gradient of each example's cost by the same n parameters, one example per row."""
    m, n = family.sizes(rng, 1)
    return Case(inputs=dict(grads=family.upstream(rng, (m, n))), m=m)


@mean_gradient.numeric
def nudge_parameters_of_costs(grads: Array) -> tuple[Array, ...]:
    """Example i costs grads[i] · tanh(w), whose gradient at w = 0 is grads[i]; nudge w."""
    w = np.zeros(grads.shape[1])

    def costs(w: Array) -> Array:
        return np.tanh(w) @ grads.T

    return (
        numeric.jacobian(lambda w: costs(w) / len(grads), w, batched=True),
        numeric.gradient(lambda w: np.mean(costs(w), axis=-1), w, batched=True),
        numeric.gradient(lambda w: np.sum(costs(w), axis=-1), w, batched=True),
    )


@mean_gradient.style("vectorized")
def _(grads):
    m = len(grads)
    shares = grads / m
    grad_C = shares.sum(axis=0)
    grad_E = grads.sum(axis=0)
    return shares, grad_C, grad_E


@mean_gradient.style("means")
def _(grads):
    m = grads.shape[0]
    grad_C = np.mean(grads, axis=0)
    return grads / m, grad_C, m * grad_C


@mean_gradient.style("loops")
def _(grads):
    shares = [row / len(grads) for row in grads]
    grad_C, grad_E = 0, 0
    for share, row in zip(shares, grads):
        grad_C = grad_C + share
        grad_E = grad_E + row
    return shares, grad_C, grad_E


@mean_gradient.style("einsum")
def _(grads):
    m = float(len(grads))
    return grads / m, np.einsum("ij->j", grads) / m, np.einsum("ij->j", grads)


@mean_gradient.style("in place")
def _(grads):
    grad_E = np.ones(len(grads)) @ grads
    grads /= len(grads)
    return grads, grads.sum(axis=0), grad_E


mean_gradient.slip("batch-mean-missing", ("grads / m", "grads"))
mean_gradient.slip("batch-mean-twice", ("shares.sum(axis=0)", "shares.mean(axis=0)"))
mean_gradient.slip("divides-by-units", ("grads / m", "grads / grads.size"))


# --- code: the quadratic cost and its gradient ---------------------------------------------------

quadratic_cost = Exercise(
    id="03.quadratic_cost",
    title="The quadratic cost",
    call="quadratic_cost(A, Y)",
    returns={"C": "()"},
    equation="the cost C",
    reference=nn.quadratic_cost,
    points=2,
    notice="Sum over the units, mean over the examples, and the ½ that the derivative will eat.",
)


@quadratic_cost.cases
def draw_outputs(rng: Generator, family: Family) -> Case:
    """The activations of an output layer, and targets; with zero upstream the outputs are right."""
    m, n = family.sizes(rng, 1)
    A = family.activation(rng)(family.weighted_inputs(rng, (m, n)))
    Y = A.copy() if family.zero_upstream else rng.normal(size=(m, n))
    return Case(inputs=dict(A=A, Y=Y), m=m)


@quadratic_cost.numeric
def add_number_by_number(A: Array, Y: Array) -> float:
    """A value has no gradient to compare with: the same cost in plain Python, exactly summed."""
    each = [
        math.fsum((float(a) - float(y)) ** 2 / 2 for a, y in zip(row, target, strict=True))
        for row, target in zip(A, Y, strict=True)
    ]
    return math.fsum(each) / len(each)


@quadratic_cost.style("vectorized")
def _(A, Y):
    difference = A - Y
    return np.sum(difference**2) / (2 * len(A))


@quadratic_cost.style("loops")
def _(A, Y):
    m, n = A.shape
    C = 0.0
    for i in range(m):
        for j in range(n):
            C += (A[i, j] - Y[i, j]) ** 2
    return C / (2 * m)


@quadratic_cost.style("einsum")
def _(A, Y):
    return 0.5 * np.einsum("ij,ij->", A - Y, A - Y) / A.shape[0]


@quadratic_cost.style("lengths")
def _(A, Y):
    return np.mean([0.5 * np.linalg.norm(a - y) ** 2 for a, y in zip(A, Y)])


@quadratic_cost.style("in place")
def _(A, Y):
    A -= Y
    A *= A
    return float(A.sum(axis=1).mean() / 2)


quadratic_cost.slip("factor-two", ("(2 * len(A))", "len(A)"))
quadratic_cost.slip("batch-mean-missing", ("(2 * len(A))", "2"))
quadratic_cost.slip("batch-mean-twice", ("(2 * len(A))", "(2 * len(A) ** 2)"))
quadratic_cost.slip("divides-by-units", ("(2 * len(A))", "(2 * A.size)"))
quadratic_cost.slip("row-minus-column", ("A - Y", "A.reshape(-1, 1) - Y.ravel()"))


quadratic_grad = Exercise(
    id="03.quadratic_grad",
    title="The gradient of the quadratic cost",
    call="quadratic_grad(A, Y)",
    returns={"grad_a": "(m, n)"},
    equation="∂C/∂A[L]",
    reference=nn.quadratic_grad,
    points=2,
    notice="Here the one factor 1/m enters the backward pass. It will ride along to every weight.",
)
quadratic_grad.cases(draw_outputs)


@quadratic_grad.numeric
def nudge_outputs(A: Array, Y: Array) -> Array:
    """Nudge each output, and watch the cost."""
    return numeric.complex_step(lambda A: nn.quadratic_cost(A, Y), A)


@quadratic_grad.style("vectorized")
def _(A, Y):
    return (A - Y) / len(A)


@quadratic_grad.style("loops")
def _(A, Y):
    grad_a = np.zeros(A.shape)
    for i in range(A.shape[0]):
        for j in range(A.shape[1]):
            grad_a[i, j] = (A[i, j] - Y[i, j]) / A.shape[0]
    return grad_a


@quadratic_grad.style("einsum")
def _(A, Y):
    weights = np.full(len(A), 1 / len(A))
    return np.einsum("i,ij->ij", weights, A - Y)


@quadratic_grad.style("row by row")
def _(A, Y):
    return [(a - y) / len(A) for a, y in zip(A, Y)]


@quadratic_grad.style("in place")
def _(A, Y):
    A -= Y
    A /= len(A)
    return A


quadratic_grad.slip("sign-flipped", ("A - Y", "Y - A"))
quadratic_grad.slip("factor-two", ("(A - Y)", "2 * (A - Y)"))
quadratic_grad.slip("batch-mean-missing", (" / len(A)", ""))
quadratic_grad.slip("batch-mean-twice", ("len(A)", "len(A) ** 2"))
quadratic_grad.slip("divides-by-units", ("len(A)", "A.size"))
quadratic_grad.slip("error-is-prediction", ("(A - Y)", "A"))
quadratic_grad.slip("row-minus-column", ("A - Y", "A.reshape(-1, 1) - Y.ravel()"))
