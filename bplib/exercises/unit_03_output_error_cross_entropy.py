# mypy: allow-untyped-defs, allow-any-generics, no-check-untyped-defs
"""Unit 03, part 3: sigmoid and softmax outputs with cross-entropy.

Sources: 001 step 1 (its "one term survives" does not hold for softmax), 000 "avoid sigmoids" (not
at the output), 003 saturation.
"""

from typing import Any

import numpy as np
from numpy.random import Generator

from bplib import nn, numeric
from bplib.answers import Array
from bplib.exercises.exercise import Case, Exercise
from bplib.exercises.families import Family, one_hot

# --- derive: sigmoid and cross-entropy -----------------------------------------------------------

# Beyond that a sigmoid comes so close to 0 or 1 that ∂C/∂a is lost in rounding; see 03.softmax and
# 03.softmax_ce_error for scores as large as they come.
FAR = 12.0

sigmoid_ce = Exercise(
    id="03.sigmoid_ce",
    title="Sigmoid outputs with cross-entropy",
    call="sigmoid_ce(A, Y)",
    returns={"grad_a": "(m, n)", "da_dz": "(m, n)", "delta": "(m, n)"},
    equation="BP1, sigmoid and cross-entropy",
    reference=lambda A, Y: (
        nn.cross_entropy_grad(A, Y),
        nn.output_error(A, 1 - A),  # the slope from the activation alone
        nn.sigmoid_ce_error(A, Y),
    ),
    points=3,
    by_line=True,
    visible=("ordinary", "one-example"),
    notice="The flat slope met a gradient that is as steep: what is left is the plain difference.",
)


@sigmoid_ce.cases
def draw_sigmoid_outputs(rng: Generator, family: Family) -> Case:
    """Sigmoid outputs and targets of 0 or 1; with zero upstream the targets are the outputs."""
    m, n = family.sizes(rng, 1)
    Z = np.clip(family.weighted_inputs(rng, (m, n)), -FAR, FAR)
    A = nn.sigmoid(Z)
    Y = A.copy() if family.zero_upstream else rng.integers(2, size=(m, n)).astype(float)
    return Case(inputs=dict(A=A, Y=Y), m=m, hidden=dict(Z=Z))


@sigmoid_ce.numeric
def nudge_sigmoid_outputs(A: Array, Y: Array, *, Z: Array) -> tuple[Array, ...]:
    """Nudge each a, and watch the cost; nudge each z, and watch a, then the cost.

    The cost by a complex step: it works as close to a = 0 and a = 1 as one likes, and sees an
    error of exactly zero where a difference sees the rounding of the cost.
    """

    def cost(A: Array) -> Any:
        return -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / len(Y)

    return (
        numeric.complex_step(cost, A),
        numeric.gradient(lambda Z: nn.sigmoid(Z).sum(axis=(-2, -1)), Z, batched=True),
        numeric.complex_step(lambda Z: nn.sigmoid_ce_cost(Z, Y), Z),
    )


@sigmoid_ce.style("vectorized")
def _(A, Y):
    m = len(A)
    da_dz = A * (1 - A)
    grad_a = (A - Y) / (A * (1 - A)) / m
    delta = grad_a * da_dz
    return grad_a, da_dz, delta


@sigmoid_ce.style("two logarithms")
def _(A, Y):
    m = A.shape[0]
    return -1 / m * (Y / A - (1 - Y) / (1 - A)), A - A**2, (A - Y) / m


@sigmoid_ce.style("loops")
def _(A, Y):
    m, n = A.shape
    grad_a, da_dz, delta = np.zeros((m, n)), np.zeros((m, n)), np.zeros((m, n))
    for i in range(m):
        for j in range(n):
            a, y = A[i, j], Y[i, j]
            grad_a[i, j] = ((1 - y) / (1 - a) - y / a) / m
            da_dz[i, j] = a * (1 - a)
            delta[i, j] = (a - y) / m
    return grad_a, da_dz, delta


@sigmoid_ce.style("row by row")
def _(A, Y):
    m = len(Y)
    grad_a = np.array([((1 - y) / (1 - a) - y / a) / m for a, y in zip(A, Y)])
    return grad_a, np.array([a - a * a for a in A]), np.array([(a - y) / m for a, y in zip(A, Y)])


@sigmoid_ce.style("in place")
def _(A, Y):
    da_dz = A * (1 - A)
    A -= Y
    A /= len(A)
    return A / da_dz, da_dz, A


sigmoid_ce.slip("slope-not-cancelled", ("grad_a * da_dz", "(A - Y) / m * da_dz"))
sigmoid_ce.slip("output-slope-missing", ("grad_a * da_dz", "grad_a"))
sigmoid_ce.slip("sign-flipped", ("(A - Y)", "(Y - A)"))
sigmoid_ce.slip("batch-mean-missing", ("(1 - A)) / m", "(1 - A))"))
sigmoid_ce.slip("batch-mean-twice", ("grad_a * da_dz", "grad_a * da_dz / m"))
sigmoid_ce.slip("divides-by-units", ("m = len(A)", "m = A.size"))
sigmoid_ce.slip("error-is-prediction", ("grad_a * da_dz", "A / m"))


# --- code: softmax -------------------------------------------------------------------------------

softmax = Exercise(
    id="03.softmax",
    title="Softmax",
    call="softmax(Z)",
    returns={"P": "(m, n)"},
    equation="from scores to probabilities",
    reference=nn.softmax,
    points=3,
    # Softmax goes forward: there is no upstream that could be zero.
    families=("ordinary", "one-example", "equal-widths", "exact-zeros", "saturated", "linear"),
    visible=("ordinary", "one-example", "equal-widths", "saturated"),
    notice="Scores of ±1000 are no trouble: only their differences count.",
)


@softmax.cases
def draw_scores(rng: Generator, family: Family) -> Case:
    """Scores of n classes. The saturated ones reach ±1000: whole rows, and within a row."""
    m, n = family.sizes(rng, 1)
    Z = family.weighted_inputs(rng, (m, n))
    if family.regime == "saturated":
        Z[0] = rng.normal(size=n) + 1000
        Z[1] = rng.normal(size=n) - 1000
        Z[0, rng.integers(n)] = -1000
    return Case(inputs=dict(Z=Z), m=m)


@softmax.numeric
def nudge_scores(Z: Array) -> Array:
    """Softmax is the gradient of ln Σ exp(z), row by row: nudge that."""
    return numeric.gradient(
        lambda nudge: np.sum(np.logaddexp.reduce(Z + nudge, axis=1)), np.zeros_like(Z)
    )


@softmax.style("vectorized")
def _(Z):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


@softmax.style("loops")
def _(Z):
    P = np.zeros(Z.shape)
    for i, row in enumerate(Z):
        total = 0.0
        for j, score in enumerate(row):
            P[i, j] = np.exp(score - max(row))
            total += P[i, j]
        for j in range(len(row)):
            P[i, j] /= total
    return P


@softmax.style("einsum")
def _(Z):
    E = np.exp(Z - np.max(Z, axis=1)[:, np.newaxis])
    return np.einsum("ij,i->ij", E, 1 / np.einsum("ij->i", E))


@softmax.style("row by row")
def _(Z):
    rows = []
    for z in Z:
        e = np.exp(z - z.max())
        rows.append(e / e.sum())
    return np.array(rows)


@softmax.style("logarithms")
def _(Z):
    return np.exp(Z - np.logaddexp.reduce(Z, axis=1, keepdims=True))


@softmax.style("in place")
def _(Z):
    Z -= Z.max(axis=1, keepdims=True)
    np.exp(Z, out=Z)
    Z /= Z.sum(axis=1, keepdims=True)
    return Z


softmax.slip(
    "row-minus-column",
    ("Z.max(axis=1, keepdims=True)", "Z.max(axis=1)"),
    ("E.sum(axis=1, keepdims=True)", "E.sum(axis=1)"),
)


# --- derive: softmax and cross-entropy -----------------------------------------------------------

softmax_ce = Exercise(
    id="03.softmax_ce",
    title="Softmax with cross-entropy, where every term survives",
    call="softmax_ce(p, y)",
    returns={"jacobian": "(n, n)", "grad_p": "(n,)", "delta": "(n,)"},
    equation="BP1, softmax and cross-entropy",
    reference=lambda p, y: (
        nn.d_softmax(p),
        -y / p,  # nn never forms it: a probability may round to 0
        nn.softmax_ce_error(p, y),
    ),
    points=3,
    by_line=True,
    visible=("ordinary",),
    notice="A full matrix times a steep gradient, and what is left is a plain difference again.",
)


@softmax_ce.cases
def draw_probabilities(rng: Generator, family: Family) -> Case:
    """One example's probabilities and its target; with zero upstream the target is p itself."""
    _, n = family.sizes(rng, 1)
    z = np.clip(family.weighted_inputs(rng, (1, n))[0], -FAR, FAR)
    p = nn.softmax(z)
    y = p.copy() if family.zero_upstream else one_hot(rng, 1, n)[0]
    return Case(inputs=dict(p=p, y=y), m=1, hidden=dict(z=z))


@softmax_ce.numeric
def nudge_one_softmax(p: Array, y: Array, *, z: Array) -> tuple[Array, ...]:
    """Nudge each score, and watch all probabilities; nudge p, then z, and watch the cost.

    The cost by a complex step, as in `nudge_sigmoid_outputs`.
    """
    return (
        numeric.jacobian(nn.softmax, z, batched=True),
        numeric.complex_step(lambda p: -np.sum(y * np.log(p)), p),
        numeric.complex_step(lambda z: nn.softmax_ce_cost(z, y), z),
    )


@softmax_ce.style("vectorized")
def _(p, y):
    jacobian = np.diag(p) - np.outer(p, p)
    grad_p = -y / p
    delta = jacobian.T @ grad_p
    return jacobian, grad_p, delta


@softmax_ce.style("loops")
def _(p, y):
    n = len(p)
    jacobian = np.zeros((n, n))
    for k in range(n):
        for j in range(n):
            jacobian[k, j] = p[k] * (1 - p[k]) if k == j else -p[k] * p[j]
    grad_p = [-y[k] / p[k] for k in range(n)]
    delta = [sum(grad_p[k] * jacobian[k, j] for k in range(n)) for j in range(n)]
    return jacobian, grad_p, delta


@softmax_ce.style("einsum")
def _(p, y):
    jacobian = np.einsum("k,kj->kj", p, np.eye(len(p)) - p)
    return jacobian, -(y / p), p - y


@softmax_ce.style("row by row")
def _(p, y):
    jacobian = np.array([p_k * (one - p) for p_k, one in zip(p, np.eye(len(p)))])
    grad_p = np.divide(-y, p)
    return jacobian, grad_p, grad_p @ jacobian


@softmax_ce.style("in place")
def _(p, y):
    jacobian = -np.outer(p, p)
    jacobian[np.diag_indices(len(p))] += p
    grad_p = -1 * y / p
    p -= y
    return jacobian, grad_p, p


softmax_ce.slip("softmax-diagonal", (" - np.outer(p, p)", " - np.diag(p * p)"))
softmax_ce.slip("output-slope-missing", ("jacobian.T @ grad_p", "grad_p"))
softmax_ce.slip("slope-not-cancelled", ("jacobian.T @ grad_p", "(p - y) * p * (1 - p)"))
softmax_ce.slip("sign-flipped", ("-y / p", "y / p"))
softmax_ce.slip("error-is-prediction", ("jacobian.T @ grad_p", "p"))


# --- code: softmax and cross-entropy -------------------------------------------------------------

softmax_ce_error = Exercise(
    id="03.softmax_ce_error",
    title="The output error of a classifier",
    call="softmax_ce_error(P, Y)",
    returns={"delta": "(m, n)"},
    equation="BP1, softmax and cross-entropy",
    reference=nn.softmax_ce_error,
    points=3,
    notice="Confident and wrong is the largest error that there is: nothing flattens it.",
)


@softmax_ce_error.cases
def draw_classifier(rng: Generator, family: Family) -> Case:
    """Probabilities and one-hot targets; with zero upstream the classifier is sure, and right."""
    m, n = family.sizes(rng, 1)
    Y = one_hot(rng, m, n)
    Z = 1000 * Y if family.zero_upstream else family.weighted_inputs(rng, (m, n))
    return Case(inputs=dict(P=nn.softmax(Z), Y=Y), m=m, hidden=dict(Z=Z))


@softmax_ce_error.numeric
def nudge_classifier(P: Array, Y: Array, *, Z: Array) -> Array:
    """Nudge each score, and watch the cost, which is computed from the scores alone."""
    return numeric.complex_step(lambda Z: nn.softmax_ce_cost(Z, Y), Z)


@softmax_ce_error.style("vectorized")
def _(P, Y):
    return (P - Y) / len(P)


@softmax_ce_error.style("loops")
def _(P, Y):
    m, n = P.shape
    delta = np.zeros((m, n))
    for i in range(m):
        for k in range(n):
            delta[i, k] = (P[i, k] - Y[i, k]) / m
    return delta


@softmax_ce_error.style("indexing")
def _(P, Y):
    delta = P.copy()
    delta[np.arange(len(P)), Y.argmax(axis=1)] -= 1
    return delta / len(P)


@softmax_ce_error.style("row by row")
def _(P, Y):
    return np.stack([p - y for p, y in zip(P, Y)]) / P.shape[0]


@softmax_ce_error.style("in place")
def _(P, Y):
    P -= Y
    P /= len(Y)
    return P


softmax_ce_error.slip("slope-not-cancelled", ("(P - Y)", "(P - Y) * P * (1 - P)"))
softmax_ce_error.slip("sign-flipped", ("P - Y", "Y - P"))
softmax_ce_error.slip("factor-two", ("(P - Y)", "2 * (P - Y)"))
softmax_ce_error.slip("batch-mean-missing", (" / len(P)", ""))
softmax_ce_error.slip("batch-mean-twice", ("len(P)", "len(P) ** 2"))
softmax_ce_error.slip("divides-by-units", ("len(P)", "P.size"))
softmax_ce_error.slip("error-is-prediction", ("(P - Y)", "P"))
softmax_ce_error.slip("softmax-diagonal", ("(P - Y)", "-Y * (1 - P)"))


@softmax_ce_error.misconception("extra-output-activation")
def _(P, Y):
    E = np.exp(P)
    P = E / E.sum(axis=1, keepdims=True)
    return (P - Y) / len(P)
